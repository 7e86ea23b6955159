package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// run is one step in progress: what a kind may read and do. It works on a copy of the state and copies what it changes.
type run struct {
	g    *Graph // the graph of the innermost frame
	root *Graph
	env  *Env
	ev   *Event
	lim  Limits
	now  time.Time
	zone *time.Location

	s       State
	contact Contact // the snapshot with this step's own changes
	fx      []Effect
	visits  int // nodes entered in this step
	sends   int // messages of this step
	worked  int // see work
	owned   uint64
	fields  bool // contact.Fields is ours
	over    Reason
	why     []string   // what the text about a refused answer is filled with
	typed   *typedText // what the contact wrote, while a text about it is written

	choice offering // what the contact can choose from, see offer

	meter *Meter // the caller's, may be nil
	texts textWriter
	first [256]byte // where the first texts are written
}

// doing says what happens after a kind has run.
type doing int

const (
	doLeave doing = iota // take an output
	doStay               // wait
	doEnd                // the run, or the sub-flow, is over
	doStuck              // wait for an operator
	doGoto               // enter a node of the same flow
	doPush               // enter a sub-flow
)

// next is a kind's verdict.
type next struct {
	do      doing
	out     string // the output to take
	alt     string // taken instead when out has no edge
	node    string
	wait    Wait
	outcome Outcome
	reason  Reason
	frame   Frame
	graph   *Graph
	closing *Closing // how the end closes the service; nil: it does not
}

func leave(out string) next            { return next{do: doLeave, out: out} }
func leaveOr(out, alt string) next     { return next{do: doLeave, out: out, alt: alt} }
func stay(w Wait) next                 { return next{do: doStay, wait: w} }
func stuck(reason Reason) next         { return next{do: doStuck, reason: reason} }
func finish(o Outcome, rs Reason) next { return next{do: doEnd, outcome: o, reason: rs} }

// inputKind says what ended a wait.
type inputKind int

const (
	inReply inputKind = iota
	inAlarm
	inInterrupt // a message came that only ends the wait; it stays in the inbox
	inCall
	inSend
	inTicket
)

// input is what a waiting kind is resumed with.
type input struct {
	kind inputKind
	msg  Inbound
	// kept is set when the message came before the wait began: if it does not fit it costs the contact nothing.
	kept bool
	call *CallResult
	send *SendResult
}

func (r *run) frame() *Frame { return &r.s.Frames[len(r.s.Frames)-1] }

// current is the node the run is at, nil when the graph no longer has it.
func (r *run) current() *node { return r.g.nodes[r.frame().Node] }

func (r *run) behaviour() behaviour {
	n := r.current()
	if n == nil {
		return nil
	}
	return n.in(r.s.Language)
}

// key makes the key of the next effect of this visit: run/visit/item.
func (r *run) key() string {
	f := r.frame()
	b := make([]byte, 0, len(r.s.Run)+16)
	b = append(b, r.s.Run...)
	b = append(b, '/')
	b = strconv.AppendInt(b, f.Visit, 10)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(f.Effects), 10)
	f.Effects++
	return string(b)
}

// effect adds an effect of the current node and returns its key.
func (r *run) effect(e Effect) string {
	e.Key, e.Node = r.key(), r.frame().Node
	r.fx = append(r.fx, e)
	return e.Key
}

// note adds a line to the trace: a code, never a word of the contact.
func (r *run) note(code string) {
	r.trace(Trace{Note: code})
}

func (r *run) trace(t Trace) {
	f := r.frame()
	t.Visit, t.Node = f.Visit, f.Node
	if len(r.s.Frames) > 1 {
		t.Flow = f.Flow
	}
	if n := r.g.nodes[f.Node]; n != nil {
		t.Kind = n.kind.Name
	}
	r.fx = append(r.fx, Effect{Kind: EffectTrace, Node: f.Node, Trace: &t})
}

// windowOpen reports whether free-form messages may be sent now.
func (r *run) windowOpen() bool {
	if !r.env.Channel.Window {
		return true
	}
	until := r.ev.Conversation.WindowUntil
	return until != nil && r.now.Before(*until)
}

// send asks for one message, made fit for the channel. It returns the effect's key, and false when the window is closed:
// then nothing was asked for and the kind takes "window_closed".
func (r *run) send(c Content) (key string, ok bool) {
	if c.Kind != ContentTemplate {
		if !r.windowOpen() {
			return "", false
		}
		given := c.HeaderMedia
		c = Adapt(r.fill(c), r.env.Channel, r.s.Language)
		if given != nil && c.HeaderMedia == nil { // a list or a text has no file above it
			if file := Adapt(Content{Kind: given.Kind, Media: given.Media}, r.env.Channel, r.s.Language); file.Media != nil || file.Text != "" {
				r.put(file)
			}
		}
		if c.Kind == ContentText && strings.TrimSpace(c.Text) == "" { // nothing of it can be shown on this channel
			r.note("cannot_show")
			return "", true
		}
	}
	if c.Kind == ContentText {
		parts := splitText(c.Text, r.env.Channel.textLimit())
		for _, p := range parts[:len(parts)-1] {
			r.put(Content{Kind: ContentText, Text: p})
		}
		c.Text = parts[len(parts)-1]
	}
	return r.put(c), true
}

// fill puts the engine's own words where variables left nothing of a text that WhatsApp wants: the body above buttons,
// rows or a link, the request for a place, the title of a link. A run must not fail because a name is not known yet.
func (r *run) fill(c Content) Content {
	if strings.TrimSpace(c.Header) == "" {
		c.Header = ""
	}
	if strings.TrimSpace(c.Footer) == "" {
		c.Footer = ""
	}
	key := ""
	switch c.Kind {
	case ContentButtons, ContentList:
		key = "choose"
	case ContentCTAURL:
		key = "open_link"
		if strings.TrimSpace(c.CTA.Title) == "" {
			c.CTA = &CTA{Title: say(r.s.Language, "open"), URL: c.CTA.URL}
		}
	case ContentLocationRequest:
		key = "invalid_location"
	case ContentCarousel, ContentCatalog:
		key = "have_a_look"
	case ContentProductList:
		key = "have_a_look"
		if c.Header == "" {
			c.Header = say(r.s.Language, "products")
		}
	}
	if key == "" || strings.TrimSpace(c.Text) != "" {
		return c
	}
	r.note("body_empty")
	if c.Kind != ContentProductList { // which cannot be without its header
		c.Text, c.Header = c.Header, ""
	}
	if c.Text == "" {
		c.Text = say(r.s.Language, key)
	}
	return c
}

// put adds the effect of one message that fits the channel, within the limits.
func (r *run) put(c Content) (key string) {
	if r.sends >= r.lim.StepSends || r.s.Sends >= r.lim.Sends {
		r.over = ReasonSendLimit
		return ""
	}
	set := &r.g.doc.Settings
	var delay Duration
	if r.sends > 0 {
		delay = set.Pace
	}
	if set.Typing && r.env.Channel.Typing {
		r.effect(Effect{Kind: EffectTyping, Typing: &Typing{For: typingTime(c.Text)}})
	}
	r.sends++
	r.s.Sends++
	return r.effect(Effect{Kind: EffectSend, Send: &Send{Content: c, Delay: delay}})
}

// say sends a text, if there is one.
func (r *run) say(text string) bool {
	if text == "" {
		return true
	}
	_, ok := r.send(Content{Kind: ContentText, Text: text})
	return ok
}

// typingTime is how long a person would type a text, between one and five seconds.
func typingTime(text string) Duration {
	d := time.Duration(len(text)) * 25 * time.Millisecond
	return Duration(min(max(d, time.Second), 5*time.Second))
}

// vars are the innermost flow's variables, safe to change.
func (r *run) vars() map[string]any {
	f := r.frame()
	bit := uint64(1) << (uint(len(r.s.Frames)-1) & 63)
	if r.owned&bit == 0 {
		r.owned |= bit
		f.Vars = maps.Clone(f.Vars)
		f.Answers = maps.Clone(f.Answers)
		f.Loops = maps.Clone(f.Loops)
	}
	if f.Vars == nil {
		f.Vars = map[string]any{}
	}
	return f.Vars
}

// set gives a variable a value; nil clears it.
func (r *run) set(name string, v any) {
	if name == "" {
		return
	}
	v = normalize(v)
	if sizeOf(v) > r.lim.Value {
		r.over = ReasonStateLimit
		return
	}
	vars := r.vars()
	if v == nil {
		delete(vars, name)
		return
	}
	vars[name] = v
	// The sum is looked at only when something large was added: small values cannot pass the limit unnoticed for long,
	// because a step ends with a check of its own.
}

// remember keeps the answer to the current node.
func (r *run) remember(a answer) {
	r.vars()
	f := r.frame()
	if f.Answers == nil {
		f.Answers = map[string]any{}
	}
	v := normalize(a.value)
	if sizeOf(v) > r.lim.Value {
		r.over = ReasonStateLimit
		return
	}
	f.Answers[f.Node] = v
	f.Last = f.Node
}

// setField stores a value on the contact and lets the rest of the step see it. Agents are told when the account's
// definition of a custom field refuses the value.
func (r *run) setField(field string, v any) {
	v = normalize(v)
	if text, ok := r.systemValue(field, format(v, r.zone)); !ok {
		r.line((&FieldError{Field: field, why: fieldFormats[field]}).line())
		return
	} else if r.contact.Set(field, text) {
		if field == "language" && text != "" {
			r.s.Language = text
		}
		if v != nil {
			v = text // system fields are texts
		}
		r.effect(Effect{Kind: EffectSetField, Field: &SetField{Field: field, Value: v}})
		return
	}
	v, err := r.fieldValue(field, v)
	if err != nil {
		r.line(err.line())
		return
	}
	if !r.fields {
		r.contact.Fields, r.fields = maps.Clone(r.contact.Fields), true
	}
	r.contact.SetCustom(field, v)
	r.effect(Effect{Kind: EffectSetField, Field: &SetField{Field: field, Custom: true, Value: v}})
}

// fieldFormats say what is wrong with a value that a system field refuses, as custom fields do.
var fieldFormats = map[string]string{"birth_date": "date", "email": "text", "phone": "text", "cpf": "text"}

// systemValue is a value as a system field of the contact takes it: a birth date is a date, a phone a phone. Empty clears.
func (r *run) systemValue(field, text string) (string, bool) {
	if strings.TrimSpace(text) == "" {
		return text, true
	}
	switch field {
	case "birth_date":
		today := r.now.In(orUTC(r.zone))
		return parseDate(text, today, r.s.Language, dateBounds{latest: today.Format(time.DateOnly)})
	case "email":
		return findIn(text, ParseEmail)
	case "phone":
		return findIn(text, ParsePhone)
	case "cpf":
		return findIn(text, ParseCPF)
	}
	return text, true
}

func (r *run) addLabel(name string) {
	if !slices.Contains(r.contact.Labels, name) {
		r.contact.Labels = append(slices.Clip(r.contact.Labels), name)
	}
	r.effect(Effect{Kind: EffectAddLabel, Label: name})
}

func (r *run) removeLabel(name string) {
	r.contact.Labels = slices.DeleteFunc(slices.Clone(r.contact.Labels), func(l string) bool { return l == name })
	r.effect(Effect{Kind: EffectRemoveLabel, Label: name})
}

// line shows agents a system line.
func (r *run) line(l SystemLine) { r.effect(Effect{Kind: EffectSystemLine, Line: &l}) }

// alert tells agents in red what went wrong at the node where the run stands.
func (r *run) alert(reason Reason) {
	r.line(SystemLine{Code: LineCode(reason), Values: map[string]string{"node": r.g.NodeName(r.frame().Node)}, Alert: true})
}

// alertOnce tells agents of a mistake in the flow, once in a step.
func (r *run) alertOnce(reason Reason) {
	for i := range r.fx {
		if l := r.fx[i].Line; l != nil && l.Code == LineCode(reason) && r.fx[i].Node == r.frame().Node {
			return
		}
	}
	r.alert(reason)
}

// until is the instant d from now.
func (r *run) until(d Duration) *time.Time {
	t := r.now.Add(d.Std())
	return &t
}

// firstName is the contact's first name, taken from the name when the snapshot has none.
func (c *Contact) firstName() string {
	if c.FirstName != "" {
		return c.FirstName
	}
	return firstWord(c.Name)
}
