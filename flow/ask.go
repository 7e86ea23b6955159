package flow

import (
	"strings"
	"time"
)

// Asking are the settings of everything that waits for a reply: questions, menus, choices in content, wait nodes.
type Asking struct {
	// Attempts is how many wrong answers are taken before the output "invalid".
	Attempts int `json:"attempts,omitempty" min:"1" max:"10" default:"3" doc:"Wrong answers before the output invalid"`
	// InvalidText is said after a wrong answer; each type of answer has a text of its own by default. It may name what the
	// contact wrote ({{ typed }}) and how many tries are left ({{ attempts_left }}).
	InvalidText Text `json:"invalid_text,omitzero" len:"1024" doc:"Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words"`
	// HelpText is said when the contact asks for help ("ajuda", "help", "?"); it costs no attempt.
	HelpText Text `json:"help_text,omitzero" len:"1024" doc:"Said when the contact asks for help"`
	// Timeout is how long the contact has; the flow's reply_timeout, else 24 hours, by default.
	Timeout Duration `json:"timeout,omitempty" most:"30d" doc:"How long the contact has to reply"`
	// Reminders are said while the contact has not replied yet.
	Reminders []Reminder `json:"reminders,omitempty" len:"10" doc:"Nudges while the contact has not replied"`
	// Debounce collects messages that follow each other within this pause and reads them as one answer.
	Debounce Duration `json:"debounce,omitempty" most:"1m" doc:"Pause that ends a burst of messages read as one answer"`
	// SaveTo is the variable that gets the answer.
	SaveTo string `json:"save_to,omitempty" doc:"Variable that gets the answer"`
	// Field is the contact's field that gets the answer: a system field or the key of a custom field (rules 176, 185).
	Field string `json:"field,omitempty" doc:"Contact field that gets the answer"`
}

// Reminder is said when the contact has not replied for so long since the question.
type Reminder struct {
	After Duration `json:"after" required:"true" most:"30d" doc:"Time since the question"`
	Text  Text     `json:"text" required:"true" len:"4096" doc:"What is said"`
}

const (
	defaultAttempts     = 3
	defaultReplyTimeout = Duration(24 * time.Hour)
)

// answer is what a reply was understood as.
type answer struct {
	value  any    // what is stored
	option string // the id of the option chosen, if the answer is one
}

// debounce makes every kind that embeds Asking collect bursts.
func (a *Asking) debounce(*run) Duration { return a.Debounce }

// askingOutputs are the outputs that waiting for a reply brings.
func (a *Asking) askingOutputs() []Output {
	return []Output{{Name: OutInvalid}, {Name: OutTimeout}, {Name: OutWindowClosed}}
}

func (a *Asking) stored(t VariableType) []VariableSpec {
	if a.SaveTo == "" {
		return nil
	}
	return []VariableSpec{{Name: a.SaveTo, Type: t}}
}

// begin opens the wait for a reply.
func (a *Asking) begin(r *run) next {
	f := r.frame()
	f.Reminded = 0
	return stay(a.waiting(r, r.now.Add(a.timeout(r).Std())))
}

func (a *Asking) timeout(r *run) Duration {
	switch {
	case a.Timeout > 0:
		return a.Timeout
	case r.g.doc.Settings.ReplyTimeout > 0:
		return r.g.doc.Settings.ReplyTimeout
	}
	return defaultReplyTimeout
}

// waiting is the wait that ends at the deadline or at the next reminder before it.
func (a *Asking) waiting(r *run, deadline time.Time) Wait {
	w := Wait{For: WaitReply, Until: &deadline}
	if i := r.frame().Reminded; i < len(a.Reminders) {
		asked := deadline.Add(-a.timeout(r).Std())
		if at := r.root.awake(asked.Add(a.Reminders[i].After.Std()), r.zone); at.Before(deadline) {
			w.Until, w.Deadline = &at, &deadline
		}
	}
	return w
}

// alarm is the time-out, or a reminder on the way to it.
func (a *Asking) alarm(r *run) next {
	w := r.s.Wait
	if w.Deadline == nil || !r.now.Before(*w.Deadline) {
		return leave(OutTimeout)
	}
	if at := r.root.awake(r.now, r.zone); at.After(r.now) { // it was put off into the night, by people in charge
		wait := *w
		if wait.Until = &at; at.After(*w.Deadline) {
			wait.Until, wait.Deadline = w.Deadline, nil
		}
		return stay(wait)
	}
	f := r.frame()
	if f.Reminded < len(a.Reminders) {
		asked := w.Deadline.Add(-a.timeout(r).Std())
		for f.Reminded+1 < len(a.Reminders) && len(r.root.quiet) > 0 && !asked.Add(a.Reminders[f.Reminded+1].After.Std()).After(r.now) {
			f.Reminded++ // of those that the night held back the last one is said
		}
		text := r.text(a.Reminders[f.Reminded].Text)
		f.Reminded++
		// A reminder that the closed window forbids is passed over: the wait for the reply goes on.
		r.say(text)
	}
	return stay(a.waiting(r, *w.Deadline))
}

// again goes on waiting as before, for instance after a kept message that was no answer.
func (a *Asking) again(r *run) next {
	w := *r.s.Wait
	if w.Quiet && w.Deadline != nil {
		w = a.waiting(r, *w.Deadline)
	}
	return stay(w)
}

// helped answers a call for help, where there is help; it costs no attempt.
func (a *Asking) helped(r *run, in input) (n next, ok bool) {
	if in.kept || a.HelpText.Empty() || in.msg.Kind != InboundText || !helpWords[fold(in.msg.Text)] {
		return next{}, false
	}
	if !r.say(r.text(a.HelpText)) {
		return leave(OutWindowClosed), true
	}
	return a.begin(r), true
}

// reject handles a reply that is no answer. A message kept from before the question costs nothing, nor does one that
// nobody would call an answer: a greeting, the rest of an album, a kind of message that shows nothing.
func (a *Asking) reject(r *run, in input, key string) next {
	if in.kept {
		r.trace(Trace{Note: "passed_over", Seq: in.msg.Seq})
		return a.again(r)
	}
	f := r.frame()
	free, silent := r.forgiven(&in.msg, key)
	switch {
	case free:
		f.Free++
		r.trace(Trace{Note: "no_answer", Seq: in.msg.Seq})
		if silent {
			return a.again(r)
		}
	default:
		f.Attempt++
	}
	limit := a.attempts()
	if f.Attempt >= limit {
		return leave(OutInvalid)
	}
	if !r.say(a.refusal(r, &in.msg, key, limit-f.Attempt)) {
		return leave(OutWindowClosed)
	}
	return a.begin(r)
}

func (a *Asking) attempts() int {
	if a.Attempts == 0 {
		return defaultAttempts
	}
	return a.Attempts
}

// refusal is what is said after a wrong answer.
func (a *Asking) refusal(r *run, m *Inbound, key string, left int) string {
	own := fill(say(r.s.Language, key), r.why)
	if a.InvalidText.Empty() {
		return own
	}
	typed := answered(m.Text)
	r.typed = &typedText{text: typed, reason: own, left: left}
	defer func() { r.typed = nil }()
	if text := r.text(a.InvalidText); text != "" {
		return text
	}
	return own
}

// typedText is a wrong answer, while a text about it is written.
type typedText struct {
	text, reason string
	left         int
}

// How much a visit forgives, so that two machines that greet each other come to an end.
const (
	mostGreetings = 5
	mostOfAlbum   = 30
)

// justAsked is how long after a question the contact sees it still.
const justAsked = time.Minute

// forgiven reports whether a reply costs no attempt, and whether nothing need be said: the contact has the question before
// him.
func (r *run) forgiven(m *Inbound, key string) (free, silent bool) {
	f := r.frame()
	recent := m.At.Sub(r.s.Wait.Since) < justAsked
	switch {
	case m.Media != nil && m.Text == "" && recent && f.Attempt == 0 && r.lastWasFile():
		return f.Free < mostOfAlbum, true
	case m.Kind == InboundUnsupported && m.Text == "" && key == "invalid":
		return f.Free < mostGreetings, true
	case m.Kind == InboundText && isGreeting(m.Text):
		return f.Free < mostGreetings, recent && f.Attempt == 0
	}
	return false, false
}

// lastWasFile reports whether the latest answer was a file: then another file is the rest of the same album.
func (r *run) lastWasFile() bool {
	f := r.frame()
	v := f.Answers[f.Last]
	if l, ok := v.([]any); ok && len(l) > 0 {
		v = l[0]
	}
	m, ok := v.(map[string]any)
	return ok && m["mime"] != nil
}

var helpWords = map[string]bool{"ajuda": true, "help": true, "?": true, "socorro": true}

// accept stores an answer in the variable and the field, before the edge is taken (nodes 5.8, semantics 4).
func (a *Asking) accept(r *run, ans answer) {
	r.remember(ans)
	r.set(a.SaveTo, ans.value)
	if a.Field != "" {
		v := ans.value
		switch t := v.(type) {
		case map[string]any:
			if t["id"] != nil {
				v = t["id"] // a file is stored by its id
			}
		case string:
			v = strings.Join(strings.Fields(t), " ") // a burst of messages is several lines; a field is one
		}
		r.setField(a.Field, v)
	}
}
