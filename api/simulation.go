package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/hours"
	"github.com/perene/perene/models"
)

// SimulationWorld is what surrounds a simulated conversation. What is absent is as the account has it.
type SimulationWorld struct {
	Now          string              `json:"now,omitempty" maxLength:"40" doc:"When the conversation begins: 2026-12-24T09:00, in the account's zone; now if absent."`
	Display      string              `json:"display,omitempty" enum:"whatsapp,text" doc:"What can be shown; text takes plain texts alone. The connection's channel if absent."`
	ConnectionID models.ConnectionID `json:"connection_id,omitempty" minimum:"1" doc:"The first one of the account if absent."`
	FirstContact *bool               `json:"first_contact,omitempty" doc:"The contact never wrote before; true if absent."`
	WindowClosed bool                `json:"window_closed,omitempty" doc:"Begin with a contact who has not written for a day."`
	ContactID    models.ContactID    `json:"contact_id,omitempty" minimum:"1" doc:"Play with the fields of this contact. Nothing reaches the person."`
	Contact      *SimulationContact  `json:"contact,omitempty" doc:"Who writes; a made-up Maria Souza if absent."`
}

// SimulationContact is who writes in a simulated conversation.
type SimulationContact struct {
	Name       string         `json:"name,omitempty" maxLength:"200"`
	Phone      string         `json:"phone,omitempty" maxLength:"20"`
	Email      string         `json:"email,omitempty" maxLength:"200"`
	BirthDate  string         `json:"birth_date,omitempty" maxLength:"10"`
	CPF        string         `json:"cpf,omitempty" maxLength:"14"`
	RG         string         `json:"rg,omitempty" maxLength:"20"`
	ClientCode string         `json:"client_code,omitempty" maxLength:"60"`
	Language   string         `json:"language,omitempty" maxLength:"20"`
	Fields     map[string]any `json:"fields,omitempty" doc:"Values of custom fields, by key."`
	Labels     []string       `json:"labels,omitempty" maxItems:"100"`
}

// SimulationStep is one thing that happens in a simulated conversation: exactly one of its members besides http and delivery.
type SimulationStep struct {
	Start        *SimulationStart   `json:"start,omitempty" doc:"Start by hand, at a node where it is given."`
	Say          string             `json:"say,omitempty" maxLength:"4096" doc:"A text of the contact."`
	Tap          string             `json:"tap,omitempty" maxLength:"300" doc:"A tap on a button or row, by its id or title."`
	Send         *SimulationInbound `json:"send,omitempty" doc:"Another message of the contact."`
	Wait         string             `json:"wait,omitempty" maxLength:"40" example:"1h" doc:"Let time pass; timers fire on the way."`
	Until        string             `json:"until,omitempty" maxLength:"40" doc:"Let time pass until an instant."`
	TicketClosed bool               `json:"ticket_closed,omitempty" doc:"Close the open ticket."`
	Set          map[string]any     `json:"set,omitempty" doc:"Set variables."`
	MoveTo       string             `json:"move_to,omitempty" maxLength:"64" doc:"Move to a node."`
	Stop         bool               `json:"stop,omitempty"`
	HTTP         []SimulationAnswer `json:"http,omitempty" maxItems:"50" doc:"What other systems answer, in the order they are asked. It may stand alone."`
	Delivery     string             `json:"delivery,omitempty" enum:"accepted,window_closed,template_missing,template_paused,template_rejected,failed" doc:"What becomes of templates that are sent in this step."`
}

// SimulationStart starts a flow by hand.
type SimulationStart struct {
	By     string         `json:"by,omitempty" maxLength:"20"`
	Node   string         `json:"node,omitempty" maxLength:"64"`
	Inputs map[string]any `json:"inputs,omitempty"`
}

// SimulationInbound is a message of the contact that is no text and no tap.
type SimulationInbound struct {
	Kind     string              `json:"kind" enum:"image,video,audio,document,sticker,location,contacts"`
	Text     string              `json:"text,omitempty" maxLength:"1024"`
	Media    *SimulationFile     `json:"media,omitempty"`
	Location *SimulationLocation `json:"location,omitempty"`
}

// SimulationFile is a file of a simulated message.
type SimulationFile struct {
	ID       string `json:"id,omitempty" maxLength:"40"`
	URL      string `json:"url,omitempty" maxLength:"2048"`
	MIME     string `json:"mime,omitempty" maxLength:"100"`
	Size     int64  `json:"size,omitempty" minimum:"0" doc:"Bytes."`
	Filename string `json:"filename,omitempty" maxLength:"240"`
}

// SimulationLocation is a place in a simulated message.
type SimulationLocation struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty" maxLength:"200"`
	Address   string  `json:"address,omitempty" maxLength:"400"`
}

// SimulationAnswer is what another system answers: a status with a body, or an error.
type SimulationAnswer struct {
	Status int    `json:"status,omitempty" minimum:"100" maximum:"599" doc:"200 if absent."`
	JSON   any    `json:"json,omitempty" doc:"The body as JSON."`
	Body   string `json:"body,omitempty" maxLength:"65536" doc:"The body as text."`
	Error  string `json:"error,omitempty" enum:"timeout,refused,blocked,too_large,secret_missing,secret_elsewhere,failed"`
}

type simulateFlowIn struct {
	ID   models.FlowID `path:"id" minimum:"1"`
	Body struct {
		Document json.RawMessage  `json:"document" doc:"The draft as it is drawn now. Its ui.pins are the pinned answers."`
		World    SimulationWorld  `json:"world,omitzero" required:"false"`
		Steps    []SimulationStep `json:"steps" maxItems:"200" doc:"The whole conversation so far."`
	}
}

// Simulation is a conversation with a draft.
type Simulation struct {
	Steps      []SimulatedStep `json:"steps" doc:"What came of each step, in their order."`
	Now        time.Time       `json:"now" doc:"The conversation's clock."`
	Running    bool            `json:"running"`
	TicketOpen bool            `json:"ticket_open" doc:"People are in charge."`
	Node       string          `json:"node,omitempty" doc:"Where the run stands, or stood last."`
	Elsewhere  string          `json:"elsewhere,omitempty" doc:"The id of another flow that the run is in."`
	Wait       *SimulatedWait  `json:"wait,omitempty"`
	Outcome    string          `json:"outcome,omitempty" doc:"How the run ended."`
	Reason     flow.Reason     `json:"reason,omitempty"`
	Variables  map[string]any  `json:"variables"`
	Answers    map[string]any  `json:"answers"`
	Fields     map[string]any  `json:"fields" doc:"The contact's custom fields now."`
	Labels     []string        `json:"labels" doc:"The contact's labels now."`
}

// SimulatedStep is what came of one step.
type SimulatedStep struct {
	At       time.Time          `json:"at"`
	Messages []SimulatedMessage `json:"messages" doc:"What the contact would have got."`
	Calls    []SimulatedCall    `json:"calls" doc:"What other systems would have been asked."`
	Way      []SimulatedVisit   `json:"way" doc:"The nodes that were passed, by which output."`
	Fields   map[string]any     `json:"fields,omitempty" doc:"The contact's fields that changed."`
	Labels   []string           `json:"labels,omitempty" doc:"+added, -removed."`
	Notes    []string           `json:"notes,omitempty"`
	Lines    []string           `json:"lines,omitempty" doc:"What agents alone read."`
	Priority string             `json:"priority,omitempty"`
	Ticket   string             `json:"ticket,omitempty" doc:"How a ticket was opened."`
	End      string             `json:"end,omitempty" doc:"How the run ended in this step."`
	Refused  terminal.Refusal   `json:"refused,omitempty" doc:"Why the step could not happen. The steps after it happened all the same."`
	Node     string             `json:"node,omitempty" doc:"Where the run stood after the step."`
}

// SimulatedMessage is a message that a draft would have sent.
type SimulatedMessage struct {
	At       time.Time         `json:"at"`
	Node     string            `json:"node"`
	Kind     string            `json:"kind" example:"text"`
	Header   string            `json:"header,omitempty"`
	Text     string            `json:"text,omitempty"`
	Footer   string            `json:"footer,omitempty"`
	File     string            `json:"file,omitempty" doc:"The file's name."`
	About    string            `json:"about,omitempty" doc:"The place, the card's name, or the template's name."`
	Buttons  []SimulatedChoice `json:"buttons,omitempty"`
	List     string            `json:"list,omitempty" doc:"The word that opens the rows."`
	Rows     []SimulatedChoice `json:"rows,omitempty"`
	Link     string            `json:"link,omitempty"`
	LinkText string            `json:"link_text,omitempty"`
	Cards    []SimulatedCard   `json:"cards,omitempty" doc:"The cards of a carousel."`
	Items    []string          `json:"items,omitempty" doc:"The items of a catalogue, by their ids."`
}

// SimulatedCard is a card of a carousel.
type SimulatedCard struct {
	File     string `json:"file" doc:"The file's name."`
	Text     string `json:"text,omitempty"`
	Link     string `json:"link"`
	LinkText string `json:"link_text"`
}

// SimulatedChoice is a button or a row.
type SimulatedChoice struct {
	ID          string `json:"id" doc:"What a tap says."`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Section     string `json:"section,omitempty"`
}

// SimulatedCall is a request that no other system got.
type SimulatedCall struct {
	Node   string            `json:"node"`
	Text   string            `json:"text" doc:"Method, address and body; secrets are names."`
	Waits  bool              `json:"waits" doc:"The run stands still until an answer comes."`
	Pinned bool              `json:"pinned" doc:"The node's pinned answer answered it."`
	Answer *SimulationAnswer `json:"answer,omitempty"`
}

// SimulatedVisit is a node that was passed.
type SimulatedVisit struct {
	Node   string `json:"node"`
	Output string `json:"output"`
	Flow   string `json:"flow,omitempty" doc:"Set for a node of another flow."`
}

// SimulatedWait is what the run stands still for.
type SimulatedWait struct {
	For      flow.WaitKind `json:"for"`
	Node     string        `json:"node"`
	Since    time.Time     `json:"since"`
	Until    *time.Time    `json:"until,omitempty" doc:"When something happens by itself next."`
	Deadline *time.Time    `json:"deadline,omitempty" doc:"When the wait ends, where a reminder comes before."`
	Reason   flow.Reason   `json:"reason,omitempty"`
}

func (a *app) simulationOperations(op func(id, method, path, summary string) operation) {
	o := op("simulate-flow", http.MethodPost, "/{id}/simulate", "Try a draft")
	o.maxBody = flow.MaxDocumentBytes
	o.doc = "Plays a conversation with the engine of production, from its beginning each time, and stores nothing. Nothing reaches a person or " +
		"another system: calls are answered by what the designer pinned or says. At most two seconds of work."
	handle(a, o, a.simulateFlow)
}

// simulationTime is the most a simulation may take.
const simulationTime = 2 * time.Second

func (a *app) simulateFlow(ctx context.Context, in *simulateFlowIn) (*one[Simulation], error) {
	if _, err := a.Store.Flow(ctx, who(ctx).account(), in.ID); err != nil {
		return nil, err
	}
	g, err := loadDraft(in.ID, in.Body.Document)
	if err != nil {
		return nil, err
	}
	s, err := a.simulation(ctx, in.Body.World, in.Body.Steps)
	if err != nil {
		return nil, err
	}
	s.Pins = terminal.PinsOf(in.Body.Document)
	out, err := a.played(ctx, s, g)
	if err != nil {
		return nil, err
	}
	return &one[Simulation]{Body: simulationOf(out)}, nil
}

// loadDraft makes a graph of a draft, under the flow's own id.
func loadDraft(id models.FlowID, doc json.RawMessage) (*flow.Graph, error) {
	g, err := flow.Load(doc)
	if err != nil {
		return nil, &models.Error{Code: models.CodeInvalid, Key: "flow.has_errors", Message: "the flow has errors: mend them before trying it"}
	}
	return g.WithIdentity(id.String(), "draft"), nil
}

// simulation is a conversation in the account's surroundings.
func (a *app) simulation(ctx context.Context, w SimulationWorld, steps []SimulationStep) (*terminal.Simulation, error) {
	s := &terminal.Simulation{}
	if err := a.surround(ctx, s, &w); err != nil {
		return nil, err
	}
	if err := recast(steps, &s.Steps); err != nil {
		return nil, err
	}
	for i := range s.Steps {
		if err := s.Steps[i].Check(); err != nil {
			return nil, models.Invalid("body.steps", "step %d: %s", i+1, err.Error())
		}
	}
	env, err := a.Store.LintEnv(ctx, who(ctx).account(), a.FlowChannels)
	if err != nil {
		return nil, err
	}
	s.Others = env.Flow
	return s, nil
}

// recast makes one shape of another by the JSON that both share.
func recast(from, to any) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, to)
}

// surround lays what a designer chose over what the account has.
func (a *app) surround(ctx context.Context, s *terminal.Simulation, w *SimulationWorld) error {
	p := who(ctx)
	connection := w.ConnectionID
	if connection == 0 {
		first, err := a.Store.Connections(ctx, p.account(), false, 0, 1)
		if err != nil {
			return err
		}
		if len(first) > 0 {
			connection = first[0].ID
		}
	}
	env, err := a.Store.ReadFlowEnv(ctx, p.account(), connection)
	if err != nil {
		return err
	}
	world := (&terminal.Surroundings{Account: env.Account, Connection: env.Connection, Queues: env.Queues, Fields: env.Fields, Templates: env.Templates}).World()
	s.Hours = hoursOf(env)
	world.Now = w.Now
	if world.Now == "" {
		world.Now = a.Now().UTC().Format(time.RFC3339)
	}
	if w.Display != "" {
		world.Channel = w.Display
	}
	world.FirstContact, world.WindowClosed = w.FirstContact, w.WindowClosed
	if w.ContactID != 0 {
		if world.Contact, err = a.simulatedContact(ctx, p, w.ContactID); err != nil {
			return err
		}
	}
	if w.Contact != nil {
		if err := recast(w.Contact, &world.Contact); err != nil {
			return err
		}
	}
	s.World = world
	return nil
}

// hoursOf finds the opening hours of an account, of the connection and of queues.
func hoursOf(env *contract.FlowEnv) func(owner flow.HoursOwner, id string) (*flow.Calendar, bool) {
	zone, err := time.LoadLocation(env.Account.Timezone)
	if err != nil {
		zone = time.UTC
	}
	of := map[string]*models.WeekHours{
		string(flow.HoursAccount) + "/":                                 env.Account.Settings.Hours,
		string(flow.HoursConnection) + "/" + env.Connection.ID.String(): env.Connection.Settings.Hours,
	}
	for _, q := range env.Queues {
		of[string(flow.HoursQueue)+"/"+q.ID.String()] = q.Hours
	}
	return func(owner flow.HoursOwner, id string) (*flow.Calendar, bool) {
		h := of[string(owner)+"/"+id]
		if h == nil {
			return nil, false
		}
		return hours.Of(&env.Account.Settings, zone, h), true
	}
}

// simulatedContact shows a contact that the viewer may see to the engine.
func (a *app) simulatedContact(ctx context.Context, p *principal, id models.ContactID) (flow.Contact, error) {
	if !p.may(ContactsRead) {
		return flow.Contact{}, models.NotFound("contact")
	}
	k, err := a.Store.Contact(ctx, p.account(), p.viewer, id)
	if err != nil {
		return flow.Contact{}, err
	}
	f := &k.Fields
	c := flow.Contact{ID: k.ID.String(), Name: k.Name, BirthDate: f.BirthDate, CPF: f.CPF, RG: f.RG, ClientCode: f.ClientCode, Fields: k.CustomValues}
	for to, from := range map[*string]*string{&c.Phone: k.Phone, &c.Email: k.Email, &c.Language: k.Language} {
		if from != nil {
			*to = *from
		}
	}
	if k.DefaultAgentID != nil {
		c.DefaultAgent = k.DefaultAgentID.String()
	}
	for _, l := range k.Labels {
		c.Labels = append(c.Labels, l.Name)
	}
	return c, nil
}

// played plays a conversation for as long as a simulation may take.
func (a *app) played(ctx context.Context, s *terminal.Simulation, g *flow.Graph) (*terminal.Outcome, error) {
	limited, cancel := context.WithTimeout(ctx, simulationTime)
	defer cancel()
	s.Stop = func() bool { return limited.Err() != nil }
	out, err := s.Simulate(g)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, flow.ErrHalted) || errors.Is(err, terminal.ErrTooLong):
		return nil, &models.Error{Code: models.CodeInvalid, Key: "simulation.too_long", Message: "this conversation does too much to be simulated: begin a shorter one"}
	case err != nil:
		return nil, models.Invalid("body.world", "%s", err.Error())
	}
	return out, nil
}

func simulationOf(o *terminal.Outcome) Simulation {
	out := Simulation{Steps: make([]SimulatedStep, 0, len(o.Steps)), Now: o.Now, Running: o.Running, TicketOpen: o.TicketOpen, Elsewhere: o.Elsewhere,
		Variables: o.View.Variables, Answers: o.View.Answers, Fields: o.Contact.Fields, Labels: o.Contact.Labels}
	if out.Fields == nil {
		out.Fields = map[string]any{}
	}
	if out.Labels == nil {
		out.Labels = []string{}
	}
	for i := range o.Steps {
		out.Steps = append(out.Steps, simulatedStep(&o.Steps[i]))
	}
	if n := len(o.Steps); n > 0 {
		out.Node = o.Steps[n-1].Node
		if w := o.Steps[n-1].Wait; w != nil {
			out.Wait = &SimulatedWait{For: w.For, Node: w.Node, Since: w.Since, Until: w.Until, Deadline: w.Deadline, Reason: w.Reason}
		}
	}
	if e := o.End; e != nil {
		out.Outcome, out.Reason = string(e.Outcome), e.Reason
	}
	return out
}

func simulatedStep(s *terminal.Played) SimulatedStep {
	out := SimulatedStep{At: s.At, Messages: []SimulatedMessage{}, Calls: []SimulatedCall{}, Way: []SimulatedVisit{}, Fields: s.Fields, Labels: s.Labels, Notes: s.Notes,
		Lines: s.Lines, Priority: s.Priority, Ticket: s.Ticket, End: s.End, Refused: s.Refused, Node: s.Node}
	for i := range s.Sent {
		out.Messages = append(out.Messages, simulatedMessage(&s.Sent[i]))
	}
	for i := range s.Asked {
		c := &s.Asked[i]
		call := SimulatedCall{Node: c.Node, Text: c.Text, Waits: c.Waits, Pinned: c.Pinned}
		if r := c.Answer; r != nil {
			call.Answer = &SimulationAnswer{Status: r.Status, JSON: r.JSON, Body: r.Body, Error: r.Error}
		}
		out.Calls = append(out.Calls, call)
	}
	for _, v := range s.Way {
		out.Way = append(out.Way, SimulatedVisit{Node: v.Node, Output: v.Output, Flow: v.Flow})
	}
	return out
}

// optionOf is the designer's id of a button or row: the end of what a tap brings back. It stays the same when the draft changes.
func optionOf(payload string) string { return payload[strings.LastIndex(payload, "~")+1:] }

func fileName(f *flow.Media) string {
	if f.Filename != "" {
		return f.Filename
	}
	return f.URL[strings.LastIndex(f.URL, "/")+1:]
}

// simulatedShop fills in cards and items of a catalogue.
func simulatedShop(m *SimulatedMessage, c *flow.Content) {
	for _, card := range c.Cards {
		m.Cards = append(m.Cards, SimulatedCard{File: fileName(card.Header.Media), Text: card.Text, Link: card.CTA.URL, LinkText: card.CTA.Title})
	}
	switch {
	case c.Product != nil:
		m.Items = []string{c.Product.ID}
	case c.Products != nil:
		for _, s := range c.Products.Sections {
			m.Items = append(m.Items, s.IDs...)
		}
	case c.Catalog != nil && c.Catalog.Thumbnail != "":
		m.Items = []string{c.Catalog.Thumbnail}
	}
}

func simulatedMessage(s *terminal.Sent) SimulatedMessage {
	c := &s.Content
	m := SimulatedMessage{At: s.At, Node: s.Node, Kind: string(c.Kind), Header: c.Header, Text: c.Text, Footer: c.Footer}
	switch {
	case c.Media != nil:
		m.File = fileName(c.Media)
	case c.HeaderMedia != nil:
		m.File = fileName(c.HeaderMedia.Media)
	}
	simulatedShop(&m, c)
	switch {
	case c.Location != nil:
		m.About = strings.TrimSpace(c.Location.Name + " " + c.Location.Address)
	case len(c.Contacts) > 0:
		names := make([]string, 0, len(c.Contacts))
		for _, card := range c.Contacts {
			names = append(names, card.Name)
		}
		m.About = strings.Join(names, ", ")
	case c.Template != nil:
		m.About, m.Text = c.Template.Name, terminal.Show(c)
	}
	for _, b := range c.Buttons {
		m.Buttons = append(m.Buttons, SimulatedChoice{ID: optionOf(b.ID), Title: b.Title})
	}
	if c.List != nil {
		m.List = c.List.Button
		for _, section := range c.List.Sections {
			for _, row := range section.Rows {
				m.Rows = append(m.Rows, SimulatedChoice{ID: optionOf(row.ID), Title: row.Title, Description: row.Description, Section: section.Title})
			}
		}
	}
	if c.CTA != nil {
		m.Link, m.LinkText = c.CTA.URL, c.CTA.Title
	}
	return m
}
