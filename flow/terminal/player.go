package terminal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/flow"
)

// Player is one conversation with its flows: it does to the contact what the engine asks for, and keeps the clock.
type Player struct {
	flows []*flow.Graph // the first is the one that is played
	world World
	env   *flow.Env

	moment
	back []moment
	// deliver is what becomes of the next messages whose fate the run waits for.
	deliver flow.SendOutcome
	// fate, where it is set, knows what became of a message by its key; fated is what it last said that was no success.
	fate  func(key string) flow.SendOutcome
	fated flow.SendOutcome
	// others finds published flows that are not in flows; pins answer calls by the node that asks; stop ends a conversation
	// that takes too long, and meter counts what its steps cost. Each may be nil.
	others func(id string) (*flow.Graph, bool)
	pins   map[string]Answer
	stop   func() bool
	meter  *flow.Meter
	// hops counts the transfers of one happening, so that two flows that hand over to each other end.
	hops int
}

// moment is all that changes while a conversation goes on.
type moment struct {
	now     time.Time
	graph   *flow.Graph // of the present run
	state   flow.State
	contact flow.Contact
	conv    flow.Conversation
	runs    int
	seq     int64
	wrote   time.Time // when the contact wrote last
	started time.Time // when a message last started a flow
	ticket  bool      // a ticket is open
	tickets int       // how many were opened
	offered []offer
	calls   []flow.Call // asked for and not answered, the one waited for last
	trail   []string    // the nodes so far, with the outputs they were left by
}

// offer is a button or row that was shown.
type offer struct {
	id, title, payload string
}

// NewPlayer begins a conversation about the first flow; the others are found by jumps, sub-flows and triggers.
func NewPlayer(flows []*flow.Graph, world World) (*Player, error) {
	if len(flows) == 0 {
		return nil, errors.New("name a flow")
	}
	p := &Player{flows: flows, world: world, deliver: flow.SendAccepted}
	var err error
	if p.env, err = world.env(p.lookup); err != nil {
		return nil, err
	}
	begin := world.Now
	if begin == "" {
		begin = defaultNow
	}
	if p.now, err = parseTime(begin, p.env.Account.Zone); err != nil {
		return nil, err
	}
	p.contact = world.Contact
	if p.contact.Name == "" {
		p.contact.Name = "Maria Souza"
	}
	if p.contact.ID == "" {
		p.contact.ID = "1"
	}
	if p.contact.Phone == "" {
		p.contact.Phone = "+5511912345678"
	}
	p.conv = flow.Conversation{ID: "1", Number: "1001", ConnectionID: "1", ConnectionName: "WhatsApp", Provider: "whatsapp", LastAgent: world.LastAgent, Protocol: world.Protocol}
	if c := world.Connection; c.ID != "" {
		p.conv.ConnectionID, p.conv.ConnectionName = c.ID, c.Name
	}
	if !world.WindowClosed {
		until := p.now.Add(24 * time.Hour)
		p.conv.WindowUntil = &until
	}
	if world.FirstContact != nil && !*world.FirstContact {
		p.wrote = p.now.Add(-48 * time.Hour)
	}
	return p, nil
}

func (p *Player) lookup(id, _ string) (*flow.Graph, bool) {
	if g, ok := find(p.flows, id); ok || p.others == nil {
		return g, ok
	}
	return p.others(id)
}

// save keeps the present moment, so that Back can return to it.
func (p *Player) save() {
	p.hops = 0
	m := p.moment
	m.contact.Fields, m.contact.Labels = maps.Clone(m.contact.Fields), slices.Clone(m.contact.Labels)
	m.offered, m.calls = slices.Clone(m.offered), slices.Clone(m.calls)
	const most = 1000
	if len(p.back) == most {
		p.back = p.back[1:]
	}
	p.back = append(p.back, m)
}

// Back returns to the moment before the latest happening; false when there is none.
func (p *Player) Back() bool {
	if len(p.back) == 0 {
		return false
	}
	p.moment = p.back[len(p.back)-1]
	p.back = p.back[:len(p.back)-1]
	return true
}

// Running reports whether a run has begun and has not ended.
func (p *Player) Running() bool { return len(p.state.Frames) > 0 && !p.state.Ended() }

// errNoRun is said when something is asked of a run and there is none.
var errNoRun = errors.New("no flow is running: write a message, or start it by hand")

// happen gives the engine one event and carries out what it asks for.
func (p *Player) happen(e flow.Event, seen *Happening) error {
	if p.stop != nil && p.stop() {
		return flow.ErrHalted
	}
	e.Now, e.Contact, e.Conversation, e.Seed, e.Meter = p.now, p.contact, p.conv, "seed", p.meter
	next, effects, err := flow.Step(p.graph, p.state, e, p.env)
	if err != nil {
		return err
	}
	p.state = next
	if w := next.Wait; w == nil || w.For != flow.WaitCall {
		p.calls = nil
	}
	var transfer *flow.Transfer
	opens := false
	for _, f := range effects {
		p.carry(f, seen)
		opens = opens || f.OpenTicket != nil
		if f.Transfer != nil {
			transfer = f.Transfer
		}
	}
	if w := p.state.Wait; w != nil && w.For == flow.WaitDelivery {
		outcome := p.deliver
		if p.fate != nil {
			if o := p.fate(w.Call); o != "" {
				outcome, p.fated = o, o
			}
		}
		return p.happen(flow.Event{Kind: flow.EventSendResult, Send: &flow.SendResult{Key: w.Call, Outcome: outcome}}, seen)
	}
	if opens && p.Running() {
		return p.happen(flow.Event{Kind: flow.EventTicketOpened, Opened: p.number(effects)}, seen)
	}
	if transfer != nil {
		return p.transfer(transfer, seen)
	}
	return p.pinned(seen)
}

// mostHops bounds the transfers of one happening.
const mostHops = 20

func (p *Player) transfer(t *flow.Transfer, seen *Happening) error {
	g, ok := p.lookup(t.Flow, "")
	if !ok {
		seen.Lines = append(seen.Lines, "(flow "+t.Flow+" is not here)")
		return nil
	}
	if p.hops++; p.hops > mostHops {
		seen.Lines = append(seen.Lines, "(flows hand over to each other without end)")
		return nil
	}
	return p.begin(g, flow.Start{By: flow.Started{Kind: flow.StartFlow}, Node: t.Node, Inputs: t.Inputs}, seen)
}

// number gives the ticket that a step opens its number, as the desk does, and the place of the only one who waits.
func (p *Player) number(effects []flow.Effect) *flow.TicketOpened {
	t := flow.TicketOpened{}
	for _, f := range effects {
		if f.OpenTicket == nil {
			continue
		}
		p.tickets++
		t.Protocol = fmt.Sprintf("%s%05d", p.now.In(p.env.Account.Zone).Format("20060102"), p.tickets)
		for _, q := range p.env.Queues {
			if q.ID == f.OpenTicket.Queue || strings.EqualFold(q.Name, f.OpenTicket.Queue) {
				t.Queue = q.Name
			}
		}
		if t.Agent = f.OpenTicket.Agent; t.Agent == "" {
			t.Position = 1
		}
	}
	return &t
}

// begin starts a run.
func (p *Player) begin(g *flow.Graph, st flow.Start, seen *Happening) error {
	p.runs++
	st.Run = strconv.Itoa(p.runs)
	p.graph, p.state = g, flow.State{}
	return p.happen(flow.Event{Kind: flow.EventStart, Start: &st}, seen)
}

// Start begins a run by hand, with inputs and at a node where these are given.
func (p *Player) Start(by string, inputs map[string]any, node string) (Happening, error) {
	p.save()
	var seen Happening
	if by == "" {
		by = "manual"
	}
	err := p.begin(p.flows[0], flow.Start{By: flow.Started{Kind: flow.StartKind(by)}, Inputs: inputs, Node: node}, &seen)
	return seen, err
}

// Receive takes a message of the contact: for the run, for a new run that it starts, or for the people behind an open ticket.
func (p *Player) Receive(m flow.Inbound) (Happening, error) {
	p.save()
	var seen Happening
	p.seq++
	m.Seq, m.ID, m.At = p.seq, "m"+strconv.FormatInt(p.seq, 10), p.now
	until := p.now.Add(24 * time.Hour)
	first := p.wrote.IsZero()
	last := p.wrote
	p.conv.WindowUntil, p.wrote = &until, p.now
	if p.Running() {
		return seen, p.happen(flow.Event{Kind: flow.EventInbound, Inbound: &m}, &seen)
	}
	if p.ticket {
		seen.Lines = append(seen.Lines, "(for the agent: a ticket is open)")
		return seen, nil
	}
	var candidates []flow.Candidate
	for _, g := range p.flows {
		candidates = append(candidates, flow.Candidate{Graph: g, LastStarted: p.started})
	}
	facts := flow.Facts{Now: p.now, FirstContact: first, LastInbound: last, ConnectionID: p.conv.ConnectionID}
	match, ok := flow.FindTrigger(candidates, m, facts, p.env)
	switch {
	case ok:
	case p.flows[0].StartsOnMessages(): // as in production: what no trigger fits starts nothing
		seen.Lines = append(seen.Lines, "(no trigger fits: nothing starts)")
		return seen, nil
	default: // as a connection's initial flow
		match = flow.Match{Graph: p.flows[0], By: flow.Started{Kind: flow.StartInbound, Text: m.Text, Referral: m.Referral}}
	}
	p.started = p.now
	return seen, p.begin(match.Graph, flow.Start{By: match.By, Node: match.Node, Inbound: &m}, &seen)
}

// Tap taps an option: by its id or title among those that were shown, the latest first, or by its payload.
func (p *Player) Tap(option string) (Happening, error) {
	m := flow.Inbound{Kind: flow.InboundTap, Payload: option, Text: option}
	for _, o := range slices.Backward(p.offered) {
		if o.id == option || strings.EqualFold(o.title, option) || o.payload == option {
			m.Payload, m.Text = o.payload, o.title
			break
		}
	}
	return p.Receive(m)
}

// Answer answers the call that the run waits for.
func (p *Player) Answer(res flow.CallResult) (Happening, error) {
	if !p.waitsForCall() {
		return Happening{}, errNoCall
	}
	p.save()
	var seen Happening
	res.ID = p.state.Wait.Call
	return seen, p.happen(flow.Event{Kind: flow.EventCallResult, Call: &res}, &seen)
}

func (p *Player) waitsForCall() bool {
	return p.Running() && p.state.Wait != nil && p.state.Wait.For == flow.WaitCall
}

// maxTimers bounds the timers of one journey through time.
const maxTimers = 10_000

// Until lets time pass; every timer that is due on the way fires at its instant.
func (p *Player) Until(t time.Time) (Happening, error) {
	if t.Before(p.now) {
		return Happening{}, fmt.Errorf("%w: %s is over: it is %s; go back with :back", errPast, p.local(t), p.local(p.now))
	}
	p.save()
	var seen Happening
	for range maxTimers {
		w := p.state.Wait
		if !p.Running() || w == nil || w.Until == nil || w.Until.After(t) {
			p.now = t
			return seen, nil
		}
		if w.Until.After(p.now) {
			p.now = *w.Until
		}
		if err := p.happen(flow.Event{Kind: flow.EventTimer}, &seen); err != nil {
			return seen, err
		}
	}
	return seen, fmt.Errorf("more than %d timers fired", maxTimers)
}

// Skip lets so much time pass.
func (p *Player) Skip(d time.Duration) (Happening, error) { return p.Until(p.now.Add(d)) }

// CloseTicket closes the open ticket, as an agent would.
func (p *Player) CloseTicket() (Happening, error) {
	if !p.ticket {
		return Happening{}, errNoTicket
	}
	p.save()
	var seen Happening
	p.ticket = false
	if !p.Running() {
		return seen, nil
	}
	return seen, p.happen(flow.Event{Kind: flow.EventTicketClosed}, &seen)
}

// command gives a run what operators and agents may.
func (p *Player) command(e flow.Event) (Happening, error) {
	if !p.Running() {
		return Happening{}, errNoRun
	}
	p.save()
	var seen Happening
	return seen, p.happen(e, &seen)
}

// SetVariable sets a variable of the run.
func (p *Player) SetVariable(name string, value any) (Happening, error) {
	return p.command(flow.Event{Kind: flow.EventSetVariable, Set: &flow.SetVariable{Name: name, Value: value}})
}

// MoveTo moves the run to a node.
func (p *Player) MoveTo(node string) (Happening, error) {
	return p.command(flow.Event{Kind: flow.EventMoveTo, MoveTo: &flow.MoveTo{Node: node}})
}

// Stop ends the run from outside.
func (p *Player) Stop() (Happening, error) { return p.command(flow.Event{Kind: flow.EventStop}) }

// local shows an instant the way the account's people read it.
func (p *Player) local(t time.Time) string {
	return t.In(p.env.Account.Zone).Format("2006-01-02T15:04")
}

// carry does one effect.
func (p *Player) carry(f flow.Effect, seen *Happening) {
	switch f.Kind {
	case flow.EffectSend:
		p.remember(&f.Send.Content)
		seen.Messages = append(seen.Messages, Show(&f.Send.Content))
		seen.Sent = append(seen.Sent, Sent{At: p.now, Node: f.Node, Content: f.Send.Content})
	case flow.EffectSetField:
		p.field(f.Field)
		seen.field(f.Field)
	case flow.EffectAddLabel:
		if !slices.Contains(p.contact.Labels, f.Label) {
			p.contact.Labels = append(slices.Clip(p.contact.Labels), f.Label)
		}
		seen.Labels = append(seen.Labels, "+"+f.Label)
	case flow.EffectRemoveLabel:
		p.contact.Labels = slices.DeleteFunc(slices.Clone(p.contact.Labels), func(l string) bool { return l == f.Label })
		seen.Labels = append(seen.Labels, "-"+f.Label)
	case flow.EffectNote:
		seen.Notes = append(seen.Notes, f.Note.Text)
	case flow.EffectInternalNote:
		seen.Notes = append(seen.Notes, f.Internal.Text)
	case flow.EffectPriority:
		p.conv.Priority = f.Priority
		seen.Priority = f.Priority
	case flow.EffectOpenTicket:
		p.ticket = true
		seen.Ticket = showTicket(f.OpenTicket)
	case flow.EffectSystemLine:
		seen.Lines = append(seen.Lines, f.Line.String())
	case flow.EffectCall:
		seen.Calls = append(seen.Calls, showCall(f.Call))
		seen.Asked = append(seen.Asked, Asked{Node: f.Node, Text: showCall(f.Call), id: f.Call.ID, Waits: !f.Call.FireAndForget})
		if !f.Call.FireAndForget {
			p.calls = append(slices.Clip(p.calls), *f.Call)
		}
	case flow.EffectTrace:
		p.trail = append(slices.Clip(p.trail), traceLine(f.Trace))
		seen.way(f.Trace, p.elsewhere())
	case flow.EffectEnded:
		p.ticket = p.ticket && f.Ended.Closing == nil
		if c := f.Ended.Closing; c != nil {
			seen.Ticket = strings.TrimSpace("closed " + c.Reason)
		}
		seen.End = string(f.Ended.Outcome)
		if f.Ended.Reason != flow.ReasonEndNode && string(f.Ended.Reason) != seen.End {
			seen.End += " (" + string(f.Ended.Reason) + ")"
		}
	}
}

// remember keeps the options of a message, so that they can be tapped, also later.
func (p *Player) remember(c *flow.Content) {
	add := func(id, title string) {
		p.offered = append(slices.Clip(p.offered), offer{id[strings.LastIndex(id, "~")+1:], title, id})
	}
	for _, b := range c.Buttons {
		add(b.ID, b.Title)
	}
	if c.List != nil {
		for _, s := range c.List.Sections {
			for _, row := range s.Rows {
				add(row.ID, row.Title)
			}
		}
	}
	if t := c.Template; t != nil {
		known, _ := p.env.Template(t.Name, t.Language)
		for _, b := range t.Buttons {
			if b.Kind == "quick_reply" {
				title := b.Text
				if b.Index < len(known.Buttons) {
					title = known.Buttons[b.Index].Title
				}
				add(b.Text, title)
			}
		}
	}
}

func (p *Player) field(f *flow.SetField) {
	if f.Custom {
		p.contact.Fields = maps.Clone(p.contact.Fields)
		p.contact.SetCustom(f.Field, f.Value)
		return
	}
	text, _ := f.Value.(string)
	p.contact.Set(f.Field, text)
}
