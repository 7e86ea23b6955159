package activities

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/hours"
	"github.com/perene/perene/models"
)

// decide lets the engine think about everything a run has not taken up: its start, the contact's messages in order, its
// mailbox, a due instant. It is pure: the snapshot, the graph and the seed give the same decision on any machine.
func decide(g *flow.Graph, env *flow.Env, snap *contract.StepSnapshot, seed string, meter *flow.Meter) (*contract.StepDecision, error) {
	d, err := newDecision(g, env, snap)
	if err != nil {
		return nil, err
	}
	d.seed, d.meter = seed, meter
	if err := d.takeAll(); err != nil {
		return nil, err
	}
	return d.finish()
}

// park is the decision about a run that cannot take a step: it waits for an operator. What it has not taken up stays so, and
// of what waits in its mailbox only a stop is taken. g is nil where its version cannot be read.
func park(g *flow.Graph, env *flow.Env, snap *contract.StepSnapshot, reason flow.Reason) (*contract.StepDecision, error) {
	if g == nil {
		g = (&flow.Graph{}).WithIdentity(snap.Run.FlowID.String(), snap.Run.FlowVersionID.String())
	}
	d, err := newDecision(g, env, snap)
	if err != nil {
		return nil, err
	}
	start, err := d.begin()
	if err != nil {
		return nil, err
	}
	ev := flow.Event{Now: snap.Now, Start: &start, Contact: d.contact, Conversation: d.conversation}
	var effects []flow.Effect
	d.state, effects = flow.Park(g, d.state, ev, env, reason)
	if err := d.apply(effects); err != nil {
		return nil, err
	}
	for _, mail := range snap.Mail {
		if mail.Kind != string(flow.EventStop) {
			d.out.Refused[mail.ID] = string(reason)
		} else if err := d.mail(mail); err != nil {
			return nil, err
		}
	}
	return d.finish()
}

func newDecision(g *flow.Graph, env *flow.Env, snap *contract.StepSnapshot) (*decision, error) {
	d := &decision{g: g, env: env, snap: snap, out: &contract.StepDecision{HandledSeq: snap.Conversation.HandledSeq,
		Refused: map[int64]string{}, Left: map[int64]bool{}}}
	if len(snap.Run.State) > 0 && string(snap.Run.State) != "{}" {
		if err := json.Unmarshal(snap.Run.State, &d.state); err != nil {
			return nil, fmt.Errorf("read the state of run %d: %w", snap.Run.ID, err)
		}
	}
	if len(d.state.Frames) > 0 {
		d.state.Frames[0].Version = snap.Run.FlowVersionID.String() // a run may have been moved to another version
	}
	d.contact, d.conversation = snapshots(snap)
	return d, nil
}

type decision struct {
	g    *flow.Graph
	env  *flow.Env
	snap *contract.StepSnapshot
	// contact and conversation are what the engine sees of them, with what this step has changed of the contact.
	contact      flow.Contact
	conversation flow.Conversation
	seed         string
	meter        *flow.Meter
	state        flow.State
	out          *contract.StepDecision
	path         []string
	took         int64
	// fromMessage tells that the run's first unhandled message is the one that started it.
	fromMessage bool
}

func (d *decision) takeAll() error {
	switch c := &d.snap.Conversation; {
	case c.FlowRunID == nil || *c.FlowRunID != d.snap.Run.ID:
		return d.giveUp()
	case c.InCharge == models.InChargeTicket:
		return d.takeHeld()
	}
	if err := d.takeBack(); err != nil {
		return err
	}
	inbound := d.snap.Inbound
	if len(d.state.Frames) == 0 && !d.state.Ended() {
		used, err := d.start(inbound)
		if err != nil {
			return err
		}
		inbound = inbound[used:]
	}
	for i := range inbound {
		m := &inbound[i]
		if d.state.Ended() {
			break // left to whoever comes next
		}
		if d.meter.Spent() > stepShare {
			d.out.Result.More = true
			d.leave(d.snap.Mail)
			return nil
		}
		if m.Content.Kind.Answers() {
			in := inboundToFlow(m)
			if err := d.step(flow.Event{Kind: flow.EventInbound, Inbound: &in}); err != nil {
				return err
			}
		}
		d.out.HandledSeq = max(d.out.HandledSeq, *m.Seq)
	}
	for i, mail := range d.snap.Mail {
		if mail.Kind == string(flow.EventTicketClosed) {
			continue // taken before
		}
		if d.meter.Spent() > stepShare {
			d.out.Result.More = true
			d.leave(d.snap.Mail[i:])
			return nil
		}
		if err := d.mail(mail); err != nil {
			return err
		}
	}
	if w := d.state.Wait; w != nil && w.Until != nil && !d.snap.Now.Before(*w.Until) {
		return d.step(flow.Event{Kind: flow.EventTimer})
	}
	return nil
}

// stepShare is how much one transaction may think before it leaves what else there is to the next one: each message has the
// engine's whole budget, and there may be fifty.
const stepShare = 20_000

// begin is what the run starts with, without the message.
func (d *decision) begin() (flow.Start, error) {
	var t flow.RunTrigger
	if err := json.Unmarshal(d.snap.Run.Trigger, &t); err != nil {
		return flow.Start{}, fmt.Errorf("read the trigger of run %d: %w", d.snap.Run.ID, err)
	}
	d.fromMessage = t.FromMessage
	return flow.Start{Run: d.snap.Run.ID.String(), By: t.By, Inputs: t.Inputs, Files: t.Files, Node: t.Node}, nil
}

// start begins the run and tells how many inbound messages it used up.
func (d *decision) start(inbound []models.Message) (int, error) {
	start, err := d.begin()
	if err != nil {
		return 0, err
	}
	used := 0
	if d.fromMessage && len(inbound) > 0 {
		in := inboundToFlow(&inbound[0])
		start.Inbound = &in
		used = 1
		d.out.HandledSeq = max(d.out.HandledSeq, *inbound[0].Seq)
	}
	return used, d.step(flow.Event{Kind: flow.EventStart, Start: &start})
}

// mail takes one entry of the mailbox. A command the engine refuses is noted as refused; a result that is no longer waited
// for is simply taken.
func (d *decision) mail(m contract.RunMail) error {
	if d.state.Ended() {
		d.out.Refused[m.ID] = "the run has ended"
		return nil
	}
	ev, err := MailToFlow(m.Kind, m.Data)
	if err != nil {
		d.out.Refused[m.ID] = "not readable"
		return nil //nolint:nilerr // a broken entry is refused and must not stop the run
	}
	before := d.state
	if err := d.step(ev); errors.Is(err, flow.ErrHalted) {
		return err
	} else if err != nil {
		d.state = before
		d.out.Refused[m.ID] = err.Error()
	}
	return nil
}

// step gives one event to the engine and gathers its effects.
func (d *decision) step(ev flow.Event) error {
	ev.Now = d.snap.Now
	ev.Seed = d.seed
	ev.Meter = d.meter
	ev.Contact, ev.Conversation = d.contact, d.conversation
	next, effects, err := flow.Step(d.g, d.state, ev, d.env)
	if err != nil {
		return err
	}
	d.state = next
	if ev.Inbound != nil {
		d.took = ev.Inbound.Seq
	}
	return d.apply(effects)
}

// apply gathers effects.
func (d *decision) apply(effects []flow.Effect) error {
	for i := range effects {
		if err := d.effect(&effects[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *decision) effect(e *flow.Effect) error {
	o := d.out
	switch e.Kind {
	case flow.EffectSend:
		o.Sends = append(o.Sends, contract.StepSend{Key: e.Key, Content: contentFromFlow(&e.Send.Content), Delay: e.Send.Delay.Std()})
	case flow.EffectTyping:
		o.Typing = true
	case flow.EffectMarkRead:
		o.MarkRead = true
	case flow.EffectSetField:
		o.Fields = append(o.Fields, contract.StepField{Field: e.Field.Field, Custom: e.Field.Custom, Value: e.Field.Value})
		d.remember(e.Field)
	case flow.EffectAddLabel:
		o.AddLabels = append(o.AddLabels, e.Label)
		d.contact.Labels = append(slices.Clip(d.contact.Labels), e.Label)
	case flow.EffectRemoveLabel:
		o.DropLabels = append(o.DropLabels, e.Label)
		d.contact.Labels = slices.DeleteFunc(slices.Clone(d.contact.Labels), func(l string) bool { return l == e.Label })
	case flow.EffectNote:
		o.Notes = append(o.Notes, contract.StepNote{Text: e.Note.Text, Due: e.Note.Due, AgentID: userID(e.Note.Agent)})
	case flow.EffectInternalNote:
		o.Internal = append(o.Internal, contract.StepInternalNote{Key: e.Key, Text: e.Internal.Text, UserID: userID(e.Internal.Agent),
			QueueID: queueID(e.Internal.Queue, d.env.Queues)})
	case flow.EffectPriority:
		o.Priority = priorityFromFlow(e.Priority)
	case flow.EffectOpenTicket:
		o.Ticket = ticketFromFlow(e.OpenTicket, d.env.Queues)
		o.Ticket.FlowRunID = &d.snap.Run.ID
		if e.OpenTicket.Priority != "" {
			o.Priority = priorityFromFlow(e.OpenTicket.Priority)
		}
		o.Opened = d.opened
	case flow.EffectSystemLine:
		o.Lines = append(o.Lines, contract.StepLine{Code: models.NoteCode(e.Line.Code), Values: e.Line.Values, Alert: e.Line.Alert})
	case flow.EffectCall:
		request, err := json.Marshal(e.Call)
		if err != nil {
			return fmt.Errorf("write a call: %w", err)
		}
		o.Calls = append(o.Calls, contract.StepCall{ID: e.Call.ID, Node: e.Node, Request: request})
		if e.Call.FireAndForget {
			o.Result.Calls = append(o.Result.Calls, e.Call.ID)
		}
	case flow.EffectCancelCall:
		o.CancelCall = append(o.CancelCall, e.CancelCall)
	case flow.EffectTransfer:
		return d.transfer(e.Transfer)
	case flow.EffectTrace:
		d.trace(e.Trace)
	case flow.EffectEnded:
		if c := e.Ended.Closing; c != nil {
			o.Closing = &contract.StepClosing{Reason: c.Reason, Flow: c.Flow}
		}
		// The state says how it ended; unhandled messages follow from HandledSeq.
		for _, seq := range e.Ended.Unhandled {
			o.HandledSeq = min(o.HandledSeq, seq-1)
		}
	}
	return nil
}

// remember keeps a changed field in the contact, so that later events of the same step see it. A phone that is known stays.
func (d *decision) remember(f *flow.SetField) {
	if f.Custom {
		d.contact.Fields = maps.Clone(d.contact.Fields)
		d.contact.SetCustom(f.Field, f.Value)
		return
	}
	if f.Field == "phone" && d.contact.Phone != "" {
		return
	}
	text, _ := f.Value.(string)
	d.contact.Set(f.Field, text)
}

func (d *decision) transfer(t *flow.Transfer) error {
	g, ok := d.env.Flow(t.Flow, "")
	if !ok {
		d.out.Lines = append(d.out.Lines, contract.StepLine{Code: models.NoteFlowGone, Alert: true})
		return nil
	}
	trigger, err := json.Marshal(flow.RunTrigger{By: flow.Started{Kind: flow.StartFlow}, Node: t.Node, Inputs: t.Inputs, Files: t.Files})
	if err != nil {
		return fmt.Errorf("write a trigger: %w", err)
	}
	id, version := g.ID(), g.Version()
	flowID, errID := strconv.ParseInt(id, 10, 64)
	versionID, errVersion := strconv.ParseInt(version, 10, 64)
	if err := errors.Join(errID, errVersion); err != nil {
		return fmt.Errorf("transfer to flow %q: %w", id, err)
	}
	d.out.Transfer = &contract.StepTransfer{Flow: models.PublishedFlow{FlowID: models.FlowID(flowID), VersionID: models.FlowVersionID(versionID)}, Trigger: trigger}
	d.out.Result.Transfer = true
	return nil
}

// trace writes what happened, by ids, for an operator to read in the history.
func (d *decision) trace(t *flow.Trace) {
	const most = 12
	line := t.Node
	if t.Output != "" {
		line += " → " + t.Output
	}
	if t.Note != "" {
		line += " (" + t.Note + ")"
	}
	if len(d.path) == most {
		d.path = append(d.path[1:most-1], "…")
	}
	d.path = append(d.path, line)
}

func (d *decision) finish() (*contract.StepDecision, error) {
	state, err := json.Marshal(d.state)
	if err != nil {
		return nil, fmt.Errorf("write the state of run %d: %w", d.snap.Run.ID, err)
	}
	d.out.State = state
	r := &d.out.Result
	r.Node, r.Path, r.TookSeq, r.Sent = d.state.Node(), d.path, d.took, len(d.out.Sends)
	switch {
	case d.state.End != nil:
		r.Ended, r.Outcome, r.Reason, r.Node = true, string(d.state.End.Outcome), string(d.state.End.Reason), d.state.End.Node
	case d.snap.Held(): // no instant and no call wakes it: people decide when it goes on
		r.Wait, r.Since = string(flow.WaitTicket), d.snap.Now
		if w := d.state.Wait; w != nil {
			r.Wait, r.Since, r.Reason, r.Node = string(w.For), w.Since, string(w.Reason), w.Node
		}
	case d.state.Wait != nil:
		w := d.state.Wait
		r.Wait, r.Since, r.Call, r.Reason, r.Node = string(w.For), w.Since, w.Call, string(w.Reason), w.Node
		if w.Until != nil {
			r.Until = *w.Until
		}
	default:
		return nil, fmt.Errorf("run %d neither waits nor has ended", d.snap.Run.ID)
	}
	r.NodeName = d.g.NodeName(r.Node)
	return d.out, nil
}

// ticketFromFlow names queue and agent by our ids; a flow may name a queue by its name.
func ticketFromFlow(t *flow.OpenTicket, queues []flow.Queue) *contract.TicketOpening {
	out := &contract.TicketOpening{Mode: string(t.Mode), Suspended: t.Suspended, OnlineOnly: t.OnlineOnly,
		DefaultAgent: t.DefaultAgent, AgentID: userID(t.Agent)}
	queue := t.Queue
	if t.Mode == flow.OpenLastAgent && t.Agent == "" {
		queue = t.FallbackQueue // rule 066
	}
	out.QueueID = queueID(queue, queues)
	return out
}

// queueID finds a queue by its id or its name; nil for none.
func queueID(queue string, queues []flow.Queue) *models.QueueID {
	for _, q := range queues {
		if queue != "" && (q.ID == queue || strings.EqualFold(q.Name, queue)) {
			if id, err := strconv.ParseInt(q.ID, 10, 64); err == nil {
				found := models.QueueID(id)
				return &found
			}
			return nil
		}
	}
	return nil
}

// priorityFromFlow names a priority as people see it.
func priorityFromFlow(p string) string {
	if p == "normal" {
		return string(models.PriorityMedium)
	}
	return p
}

// userID reads a user's id as the engine writes it; nil for none.
func userID(s string) *models.UserID {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil
	}
	id := models.UserID(n)
	return &id
}

// snapshots shows contact and conversation to the engine.
func snapshots(s *contract.StepSnapshot) (flow.Contact, flow.Conversation) {
	ct := flow.Contact{ID: s.Contact.ID.String(), Name: s.Contact.Name, Labels: s.Labels}
	ct.FirstName, _, _ = strings.Cut(s.Contact.Name, " ")
	if s.Contact.Phone != nil {
		ct.Phone = *s.Contact.Phone
	}
	if s.Contact.Email != nil {
		ct.Email = *s.Contact.Email
	}
	if s.Contact.Language != nil {
		ct.Language = *s.Contact.Language
	}
	if s.Contact.DefaultAgentID != nil {
		ct.DefaultAgent = s.Contact.DefaultAgentID.String()
	}
	f := &s.Contact.Fields
	ct.BirthDate, ct.CPF, ct.RG, ct.ClientCode, ct.Fields = f.BirthDate, f.CPF, f.RG, f.ClientCode, s.Contact.CustomValues

	c := flow.Conversation{ID: s.Conversation.ID.String(), Number: strconv.FormatInt(s.Conversation.Number, 10), ConnectionID: s.Conversation.ConnectionID.String(),
		ConnectionName: s.Connection, Priority: string(s.Conversation.Priority), TicketOpen: s.Conversation.InCharge == models.InChargeTicket}
	if t := s.LastTicket; t != nil {
		c.Protocol = t.Protocol
		if t.QueueID != nil {
			c.Queue = t.QueueID.String()
		}
		if t.AgentID != nil {
			c.LastAgent = t.AgentID.String()
		}
	}
	if until := s.Conversation.WindowExpiresAt; until != nil {
		safe := until.Add(-models.WindowSafety)
		c.WindowUntil = &safe
	}
	return ct, c
}

// engineEnv shows the account's surroundings to the engine, with what the connection's channel can do.
func engineEnv(e *contract.FlowEnv, can flow.Capabilities, sub func(id, version string) (*flow.Graph, bool)) *flow.Env {
	zone, err := time.LoadLocation(e.Account.Timezone)
	if err != nil {
		zone = time.UTC
	}
	env := &flow.Env{
		Account: flow.Account{Name: e.Account.Name, Zone: zone, Locale: e.Account.Locale, MenuStyle: flow.MenuStyle(e.Account.Settings.BotMenu)},
		Channel: can,
		Flow:    sub,
	}
	env.Connections = []flow.Connection{{ID: e.Connection.ID.String(), Name: e.Connection.Name}}
	env.Queues = make([]flow.Queue, 0, len(e.Queues)) // never nil: all queues are known
	env.Agent = func(id string) bool {
		user := userID(id)
		return user != nil && slices.Contains(e.Agents, *user)
	}
	for _, q := range e.Queues {
		env.Queues = append(env.Queues, flow.Queue{ID: q.ID.String(), Name: q.Name, BotOrder: q.BotOrder})
	}
	env.Fields = []flow.Field{} // known, and perhaps none
	for _, f := range e.Fields {
		if f.Entity == models.FieldOfContact {
			env.Fields = append(env.Fields, flow.Field{Key: f.Key, Label: f.Name, Type: flow.VariableType(f.Kind), Options: f.Options,
				Required: f.Required, MaxLength: f.MaxLength})
		}
	}
	templates, defined := map[string]flow.Template{}, map[string]*models.Template{}
	for i := range e.Templates {
		t := templateToFlow(&e.Templates[i])
		templates[t.Name+"\x00"+t.Language], defined[t.Name+"\x00"+t.Language] = t, &e.Templates[i]
	}
	env.Misfits = func(t *flow.TemplateSend) []flow.Misfit { return misfits(defined[t.Name+"\x00"+t.Language], t) }
	env.Template = func(name, language string) (flow.Template, bool) {
		t, ok := templates[name+"\x00"+language]
		return t, ok
	}
	calendars := calendarsOf(e, zone)
	env.Hours = func(owner flow.HoursOwner, id string) (*flow.Calendar, bool) {
		c, ok := calendars[string(owner)+"/"+id]
		return c, ok
	}
	return env
}

func calendarsOf(e *contract.FlowEnv, zone *time.Location) map[string]*flow.Calendar {
	out := map[string]*flow.Calendar{}
	add := func(owner flow.HoursOwner, id string, h *models.WeekHours) {
		if h != nil {
			out[string(owner)+"/"+id] = hours.Of(&e.Account.Settings, zone, h)
		}
	}
	add(flow.HoursAccount, "", e.Account.Settings.Hours)
	add(flow.HoursConnection, e.Connection.ID.String(), e.Connection.Settings.Hours)
	for _, q := range e.Queues {
		add(flow.HoursQueue, q.ID.String(), q.Hours)
	}
	return out
}

// templateToFlow shows a synced template to the engine.
func templateToFlow(t *models.Template) flow.Template {
	return flow.ParseTemplate(t.Name, t.Language, t.Category, t.Status, t.ParameterFormat, t.Components)
}

// misfits are what the provider would refuse of a template's values, as the API checks them.
func misfits(t *models.Template, sent *flow.TemplateSend) []flow.Misfit {
	if t == nil {
		return nil
	}
	var out []flow.Misfit
	for _, p := range t.Fit(templateFromFlow(sent)) {
		out = append(out, flow.Misfit{Field: p.Field, Why: p.Message})
	}
	return out
}
