package flow

import (
	"strings"
	"time"
)

// Asking are the settings of everything that waits for a reply: questions, menus, choices in content, wait nodes.
type Asking struct {
	// Attempts is how many wrong answers are taken before the output "invalid".
	Attempts int `json:"attempts,omitempty" min:"1" max:"10" default:"3" doc:"Wrong answers before the output invalid"`
	// InvalidText is said after a wrong answer; each type of answer has a text of its own by default.
	InvalidText Text `json:"invalid_text,omitzero" len:"1024" doc:"Said after a wrong answer"`
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
		if at := asked.Add(a.Reminders[i].After.Std()); at.Before(deadline) {
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
	f := r.frame()
	if f.Reminded < len(a.Reminders) {
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

// reject handles a reply that is no answer. A message kept from before the question costs nothing.
func (a *Asking) reject(r *run, in input, key string) next {
	if in.kept {
		r.trace(Trace{Note: "passed_over", Seq: in.msg.Seq})
		return a.again(r)
	}
	f := r.frame()
	f.Attempt++
	limit := a.Attempts
	if limit == 0 {
		limit = defaultAttempts
	}
	if f.Attempt >= limit {
		return leave(OutInvalid)
	}
	text := r.text(a.InvalidText)
	if text == "" {
		text = say(r.s.Language, key)
	}
	if !r.say(text) {
		return leave(OutWindowClosed)
	}
	return a.begin(r)
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
