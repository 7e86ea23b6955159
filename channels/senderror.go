package channels

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/perene/perene/models"
)

// Outcome says how much is known about a send that did not succeed.
type Outcome string

// Outcomes of a failed send.
const (
	// OutcomeNotSent: not one byte of the request left the machine.
	OutcomeNotSent Outcome = "not_sent"
	// OutcomeRejected: the provider answered that it refused.
	OutcomeRejected Outcome = "rejected"
	// OutcomeUnknown: the request left and the answer was lost. The message may
	// have gone out; only a status can tell. Never resend blindly.
	OutcomeUnknown Outcome = "unknown"
)

// CodeNone is the Code of a failure to which the provider gave none (0 is a
// code of Meta's).
const CodeNone = models.NoProviderCode

// SendError is the error of every call of an Adapter. Its text is safe to log
// and to show: no words of customers, numbers or tokens.
type SendError struct {
	Outcome Outcome
	// Op is what was tried: "send", "upload media".
	Op string
	// Code is the provider's error code, or CodeNone.
	Code int
	// Details is the provider's explanation made safe, or ours.
	Details    string
	HTTPStatus int // 0 if there was no answer
	// RetryAfter is what the provider asks to wait; 0 if it says nothing.
	RetryAfter time.Duration
	// Transient is the provider's word that a retry may help.
	Transient bool
	// TraceID helps the provider's support find the request.
	TraceID string
	// Problems say what is wrong with the content, when it was refused before
	// anything was sent.
	Problems []Problem
	// Cause is for errors.Is only. It is neither printed nor unwrapped: the
	// texts of transport errors hold addresses, and those of files hold tokens.
	Cause error `json:"-"`
}

// Error implements error.
func (e *SendError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	b.WriteString(string(e.Outcome))
	if e.Code != CodeNone {
		fmt.Fprintf(&b, ", code %d", e.Code)
	}
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&b, ", HTTP %d", e.HTTPStatus)
	}
	if e.Details != "" {
		b.WriteString(": ")
		b.WriteString(e.Details)
	}
	return b.String()
}

// Is reports whether the cause is target.
func (e *SendError) Is(target error) bool { return errors.Is(e.Cause, target) }

// Failure gives the error to a policy table.
func (e *SendError) Failure() Failure {
	return Failure{Code: e.Code, HTTPStatus: e.HTTPStatus, Transient: e.Transient, Outcome: e.Outcome, RetryAfter: e.RetryAfter}
}

// AsSendError finds the SendError in err. An error of another kind means that
// something broke half-way, so it counts as unknown.
func AsSendError(err error) *SendError {
	if err == nil {
		return nil
	}
	var e *SendError
	if errors.As(err, &e) {
		return e
	}
	return &SendError{Outcome: OutcomeUnknown, Op: "send", Code: CodeNone, Details: "internal error", Cause: err}
}
