package flow

import (
	"fmt"
	"slices"
	"strings"
)

// LineCode names a system line: the Reason that agents read of, or the refusal of a custom field. The engine knows no words
// for agents. The console has them in each language.
type LineCode string

// silentReasons are those that no line tells of: the run went as it should, or something else shows it.
var silentReasons = []Reason{
	ReasonEndNode, ReasonServiceClosed, ReasonTicketOpened, ReasonTicketWasOpen, ReasonTransferred, ReasonStopped, ReasonExpired, ReasonOperatorTimeout,
}

// LineCodes are the codes that the engine's lines may have.
func LineCodes() []LineCode {
	var codes []LineCode
	for _, reason := range Reasons {
		if !slices.Contains(silentReasons, reason) {
			codes = append(codes, LineCode(reason))
		}
	}
	for _, why := range sortedKeys(fieldWords) {
		codes = append(codes, fieldLine(why))
	}
	return codes
}

// fieldLine is the code of the line about a refused value.
func fieldLine(why string) LineCode { return LineCode("field_" + why) }

// String is the line as a terminal and a test show it: its code and its values.
func (l *SystemLine) String() string {
	var b strings.Builder
	b.WriteString(string(l.Code))
	for _, name := range sortedKeys(l.Values) {
		fmt.Fprintf(&b, " %s=%q", name, l.Values[name])
	}
	return b.String()
}
