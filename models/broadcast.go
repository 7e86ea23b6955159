package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// BroadcastState says how a broadcast stands.
type BroadcastState string

// The states of a broadcast. A draft may be changed in everything. One that is cancelled or done is over.
const (
	BroadcastDraft     BroadcastState = "draft"
	BroadcastScheduled BroadcastState = "scheduled" // waits for starts_at
	BroadcastPreparing BroadcastState = "preparing" // its recipients are chosen
	BroadcastRunning   BroadcastState = "running"
	BroadcastPaused    BroadcastState = "paused" // Reason says why
	BroadcastDone      BroadcastState = "done"
	BroadcastCancelled BroadcastState = "cancelled"
)

// BroadcastStates are all of them.
var BroadcastStates = []BroadcastState{BroadcastDraft, BroadcastScheduled, BroadcastPreparing, BroadcastRunning, BroadcastPaused, BroadcastDone,
	BroadcastCancelled}

// Over reports whether nothing more will come of it.
func (s BroadcastState) Over() bool { return s == BroadcastDone || s == BroadcastCancelled }

// BroadcastReason says why a broadcast is paused.
type BroadcastReason string

// Why broadcasts are paused.
const (
	PausedByUser   BroadcastReason = "user"
	PausedFailures BroadcastReason = "failures" // more of the canary failed than is allowed
	PausedOptOuts  BroadcastReason = "opt_outs" // more of the canary opted out than is allowed
	PausedTemplate BroadcastReason = "template" // the template is not approved any more
)

// BroadcastReasons are all of them.
var BroadcastReasons = []BroadcastReason{PausedByUser, PausedFailures, PausedOptOuts, PausedTemplate}

// BroadcastReply says what an answer to a broadcast does.
type BroadcastReply string

// What answers do.
const (
	ReplyRules BroadcastReply = "rules" // what any message of the contact does
	ReplyQueue BroadcastReply = "queue" // it opens a ticket in a queue
	ReplyFlow  BroadcastReply = "flow"  // it starts a flow
)

// BroadcastReplies are all of them.
var BroadcastReplies = []BroadcastReply{ReplyRules, ReplyQueue, ReplyFlow}

// BroadcastReplyTime is for how long an answer belongs to the broadcast before it.
const BroadcastReplyTime = 7 * 24 * time.Hour

// RecipientState says what became of a recipient.
type RecipientState string

// The states of a recipient. What happens to the message after that is the message's.
const (
	RecipientWaiting RecipientState = "waiting"
	RecipientSent    RecipientState = "sent"     // the message is in the connection's queue, or left it
	RecipientLeftOut RecipientState = "left_out" // LeftOut says why
)

// LeftOut says why somebody gets no message of a broadcast.
type LeftOut string

// Why people are left out.
const (
	LeftOutOptedOut    LeftOut = "opted_out"     // rule 187, or the person stopped marketing (131050)
	LeftOutBlocked     LeftOut = "blocked"       // rule 191
	LeftOutUnreachable LeftOut = "unreachable"   // no number or identity that this connection reaches
	LeftOutCapped      LeftOut = "capped"        // got another broadcast a short time ago
	LeftOutServed      LeftOut = "served"        // a ticket is open, or a flow waits for the contact
	LeftOutMissing     LeftOut = "missing_value" // a value of the template is empty
	LeftOutTwice       LeftOut = "twice"         // two rows of the list are one contact
	LeftOutRefused     LeftOut = "refused"       // sending refused the message; Detail has the key
	LeftOutCancelled   LeftOut = "cancelled"     // the broadcast was cancelled before
)

// LeftOuts are all of them.
var LeftOuts = []LeftOut{LeftOutOptedOut, LeftOutBlocked, LeftOutUnreachable, LeftOutCapped, LeftOutServed, LeftOutMissing, LeftOutTwice, LeftOutRefused,
	LeftOutCancelled}

// Bounds of a broadcast.
const (
	// BroadcastFastest is the highest speed in messages a minute: 80 a second, what Meta allows a number at first.
	BroadcastFastest = 4_800
	// BroadcastListed is how many rows one list may have.
	BroadcastListed = 100_000
	// BroadcastColumns is how many columns a list may have beside phone and name.
	BroadcastColumns = 30
	// BroadcastNameLength and BroadcastWordLength are in characters.
	BroadcastNameLength = 100
	BroadcastWordLength = 40
	// BroadcastQueued is for how long the connection's queue holds messages of one broadcast ahead of sending them.
	BroadcastQueued = 2 * time.Second
)

// BroadcastAudience says who gets a broadcast: all contacts with one of Labels and none of Without, the rows of a list, or a part
// of the recipients of an earlier broadcast.
type BroadcastAudience struct {
	Everybody bool      `json:"everybody,omitempty"`
	Labels    []LabelID `json:"labels,omitempty"`  // at least one of them
	Without   []LabelID `json:"without,omitempty"` // none of them
	// Listed is how many rows the list has. Its rows are recipients from the beginning.
	Listed int `json:"listed,omitempty"`
	// After is an earlier broadcast, and Part which of its recipients.
	After BroadcastID   `json:"after,omitempty"`
	Part  BroadcastPart `json:"part,omitempty"`
	// Served lets people be written to while they are served by a ticket or a flow.
	Served bool `json:"served,omitempty"`
	// CapHours leaves out who got another broadcast in so many hours; 0: nobody.
	CapHours int `json:"cap_hours,omitempty"`
}

// BroadcastPart is a part of the recipients of a broadcast by what became of their messages.
type BroadcastPart string

// The parts of a broadcast's recipients. The first three are about the message, and each holds the next one's people no more.
const (
	PartWaiting   BroadcastPart = "waiting"
	PartQueued    BroadcastPart = "queued"
	PartSent      BroadcastPart = "sent"
	PartDelivered BroadcastPart = "delivered"
	PartRead      BroadcastPart = "read"
	PartFailed    BroadcastPart = "failed"
	PartReplied   BroadcastPart = "replied"
	PartOptedOut  BroadcastPart = "opted_out"
	PartLeftOut   BroadcastPart = "left_out"
	PartSilent    BroadcastPart = "silent" // sent and without an answer
)

// BroadcastParts are all of them.
var BroadcastParts = []BroadcastPart{PartWaiting, PartQueued, PartSent, PartDelivered, PartRead, PartFailed, PartReplied, PartOptedOut, PartLeftOut, PartSilent}

// QuietHours say when a broadcast does not send, in its zone.
type QuietHours struct {
	// From and To are minutes after midnight. From after To is a night. Equal: there is none.
	From int `json:"from"`
	To   int `json:"to"`
	// Days are the weekdays on which it sends, 0 is Sunday. Empty: every day.
	Days []int `json:"days,omitempty"`
}

const dayMinutes = 24 * 60

// Check says what is wrong with quiet hours; empty: nothing.
func (q *QuietHours) Check() string {
	switch {
	case q.From < 0 || q.From >= dayMinutes || q.To < 0 || q.To >= dayMinutes:
		return "a time is between 0 and 1439 minutes after midnight"
	case len(q.Days) > 7 || slices.ContainsFunc(q.Days, func(d int) bool { return d < 0 || d > 6 }):
		return "a weekday is a number from 0, Sunday, to 6"
	}
	return ""
}

// Next is the first instant at t or after it at which the broadcast may send.
func (q *QuietHours) Next(t time.Time, zone *time.Location) time.Time {
	if q == nil {
		return t
	}
	at := t.In(zone)
	for range 16 { // at most a week of days, each with a quiet time before and after midnight
		day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
		if len(q.Days) > 0 && !slices.Contains(q.Days, int(at.Weekday())) {
			at = day.AddDate(0, 0, 1)
			continue
		}
		minute := at.Hour()*60 + at.Minute()
		night := q.From > q.To
		quiet := q.From != q.To && (!night && minute >= q.From && minute < q.To || night && (minute >= q.From || minute < q.To))
		if !quiet {
			break
		}
		end := time.Date(at.Year(), at.Month(), at.Day(), 0, q.To, 0, 0, zone)
		if !end.After(at) {
			end = time.Date(at.Year(), at.Month(), at.Day()+1, 0, q.To, 0, 0, zone)
		}
		at = end
	}
	if at.Before(t) {
		return t
	}
	return at
}

// Canary sends to a few first, waits, and goes on only where few of them failed or opted out.
type Canary struct {
	Size    int `json:"size"`    // people; 0: there is none
	Minutes int `json:"minutes"` // how long it waits after the last of them
	// MostFailed and MostOptOuts are in percent of those that were sent.
	MostFailed  int `json:"most_failed"`
	MostOptOuts int `json:"most_opt_outs"`
}

// Verdict says why the canary stops its broadcast; empty: it goes on.
func (c *Canary) Verdict(sent, failed, optOuts int) BroadcastReason {
	switch {
	case sent == 0:
		return ""
	case failed*100 > c.MostFailed*sent:
		return PausedFailures
	case optOuts*100 > c.MostOptOuts*sent:
		return PausedOptOuts
	}
	return ""
}

// Broadcast sends one template to many contacts of a connection, once to each.
type Broadcast struct {
	ID           BroadcastID       `json:"id"`
	AccountID    AccountID         `json:"account_id"`
	ConnectionID ConnectionID      `json:"connection_id"`
	Name         string            `json:"name"`
	Content      Content           `json:"content"` // a template, whose texts may have names of values
	Audience     BroadcastAudience `json:"audience"`
	OnReply      BroadcastReply    `json:"on_reply"`
	QueueID      *QueueID          `json:"queue_id,omitempty"`
	FlowID       *FlowID           `json:"flow_id,omitempty"`
	// OptOutWords stop broadcasts for who answers with one of them, and OptOutText is what they are told; empty: nothing.
	OptOutWords []string       `json:"opt_out_words"`
	OptOutText  string         `json:"opt_out_text"`
	PerMinute   int            `json:"per_minute"`
	StartsAt    *time.Time     `json:"starts_at,omitempty"`
	Timezone    string         `json:"timezone"`
	Quiet       *QuietHours    `json:"quiet,omitempty"`
	Canary      Canary         `json:"canary"`
	State       BroadcastState `json:"state"`
	// Reason says why it is paused.
	Reason *BroadcastReason `json:"reason,omitempty"`
	// NextAt is the one deadline of what it waits for: its start, the next messages, the end of quiet hours, or the canary's verdict.
	NextAt *time.Time `json:"next_at,omitempty"`
	// CanaryAt is when the canary's verdict is due; CanaryOver, that it was given.
	CanaryAt   *time.Time `json:"canary_at,omitempty"`
	CanaryOver bool       `json:"canary_over"`
	// Prepared is up to which contact the recipients are chosen.
	Prepared  ContactID  `json:"-"`
	Total     int        `json:"total"` // recipients
	ByID      UserID     `json:"by_id"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// Step is how many messages go out at once, and how long after them the next ones.
func (b *Broadcast) Step() (messages int, pause time.Duration) {
	if b.PerMinute >= 60 {
		return b.PerMinute / 60, time.Second
	}
	return 1, time.Minute / time.Duration(max(b.PerMinute, 1))
}

// Forecast is how long so many messages take, without quiet hours.
func (b *Broadcast) Forecast(people int) time.Duration {
	took := time.Duration(people) * time.Minute / time.Duration(max(b.PerMinute, 1))
	if b.Canary.Size > 0 && people > b.Canary.Size {
		took += time.Duration(b.Canary.Minutes) * time.Minute
	}
	return took
}

// OptsOut tells whether an answer asks for no more broadcasts: one of the words and nothing else, without regard to case,
// accents and marks around it.
func (b *Broadcast) OptsOut(answer string) bool {
	said := plainWord(answer)
	return said != "" && slices.ContainsFunc(b.OptOutWords, func(w string) bool { return plainWord(w) == said })
}

func plainWord(s string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Trim(bare, " \t\r\n.!,;:\"'*_~")
}

// BroadcastValues are the values of a list's row, by column.
type BroadcastValues map[string]string

// Fill writes values into the texts of a template, each rendered. The content is a copy, and stays as it is. A text that comes out
// empty is named by missing.
func (b *Broadcast) Fill(render func(source string) (text string, missing []string, err error)) (c Content, missing []string, err error) {
	raw, err := json.Marshal(b.Content)
	if err != nil {
		return c, nil, fmt.Errorf("copy a template: %w", err)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, nil, fmt.Errorf("copy a template: %w", err)
	}
	fill := func(at string, p *TemplateParam) error {
		if p == nil || !strings.ContainsAny(p.Text, "{") {
			return nil
		}
		text, unknown, err := render(p.Text)
		if err != nil {
			return err
		}
		p.Text = strings.TrimSpace(strings.Join(strings.Fields(text), " ")) // Meta refuses line breaks and runs of spaces in values
		switch {
		case len(unknown) > 0:
			missing = append(missing, unknown...)
		case p.Text == "":
			missing = append(missing, at)
		}
		return nil
	}
	t := c.Template
	if t == nil {
		return c, nil, nil
	}
	each := func(header *TemplateParam, body []TemplateParam, buttons []TemplateButton) error {
		if err := fill("header", header); err != nil {
			return err
		}
		for i := range body {
			if err := fill("body", &body[i]); err != nil {
				return err
			}
		}
		for i := range buttons {
			p := TemplateParam{Text: buttons[i].Text}
			if err := fill("button", &p); err != nil {
				return err
			}
			buttons[i].Text = p.Text
		}
		return nil
	}
	if err := each(t.Header, t.Body, t.Buttons); err != nil {
		return c, nil, err
	}
	for i := range t.Cards {
		if err := each(t.Cards[i].Header, t.Cards[i].Body, t.Cards[i].Buttons); err != nil {
			return c, nil, err
		}
	}
	return c, missing, nil
}

// Check says what is wrong with a broadcast, by field; nil: nothing.
func (b *Broadcast) Check() error {
	switch {
	case strings.TrimSpace(b.Name) == "" || utf8.RuneCountInString(b.Name) > BroadcastNameLength:
		return Invalid("name", "a broadcast has a name of at most %d characters", BroadcastNameLength)
	case b.Content.Kind != ContentKindTemplate || b.Content.Template == nil:
		return Invalid("template", "a broadcast sends a template")
	case b.PerMinute < 1 || b.PerMinute > BroadcastFastest:
		return Invalid("per_minute", "between 1 and %d messages a minute", BroadcastFastest)
	case b.Audience.sources() != 1:
		return Invalid("audience", "say who gets it: everybody, labels, a list, or a part of an earlier broadcast")
	case b.Audience.CapHours < 0 || b.Audience.CapHours > 24*90:
		return Invalid("audience.cap_hours", "between 0 and 2160 hours")
	case b.OnReply == ReplyQueue && b.QueueID == nil:
		return Invalid("queue_id", "say in which queue an answer opens a ticket")
	case b.OnReply == ReplyFlow && b.FlowID == nil:
		return Invalid("flow_id", "say which flow an answer starts")
	case b.Canary.Size < 0 || b.Canary.Size > BroadcastListed || b.Canary.Minutes < 0 || b.Canary.Minutes > 24*60:
		return Invalid("canary", "a canary has a size, and waits for at most a day")
	case b.Canary.MostFailed < 0 || b.Canary.MostFailed > 100 || b.Canary.MostOptOuts < 0 || b.Canary.MostOptOuts > 100:
		return Invalid("canary", "percentages are between 0 and 100")
	case len(b.OptOutWords) > 20 || slices.ContainsFunc(b.OptOutWords, func(w string) bool {
		return plainWord(w) == "" || utf8.RuneCountInString(w) > BroadcastWordLength
	}):
		return Invalid("opt_out_words", "at most 20 words of at most %d characters", BroadcastWordLength)
	case utf8.RuneCountInString(b.OptOutText) > LongestAutoText:
		return Invalid("opt_out_text", "at most %d characters", LongestAutoText)
	}
	if b.Quiet != nil {
		if why := b.Quiet.Check(); why != "" {
			return Invalid("quiet", "%s", why)
		}
	}
	if _, err := time.LoadLocation(b.Timezone); err != nil || b.Timezone == "" {
		return Invalid("timezone", "there is no zone of this name, use one such as America/Sao_Paulo")
	}
	return nil
}

// sources counts the ways in which the audience is said.
func (a *BroadcastAudience) sources() int {
	n := 0
	for _, said := range []bool{a.Everybody, len(a.Labels) > 0, a.Listed > 0, a.After != 0} {
		if said {
			n++
		}
	}
	return n
}

// Zone is the broadcast's time zone; UTC for a name that nobody knows any more.
func (b *Broadcast) Zone() *time.Location {
	zone, err := time.LoadLocation(b.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// ClientRef names the message of a recipient, so that it is sent once.
func (b *Broadcast) ClientRef(place int) string {
	return "broadcast/" + b.ID.String() + "/" + strconv.Itoa(place)
}

// The keys of refusals of broadcasts.
const (
	KeyBroadcastState     = "broadcast.state" // state
	KeyBroadcastNobody    = "broadcast.nobody"
	KeyBroadcastTemplate  = "broadcast.template"
	KeyBroadcastPast      = "broadcast.past"
	KeyBroadcastTooMany   = "broadcast.too_many" // most
	KeyBroadcastOtherName = "broadcast.unknown_name"
)
