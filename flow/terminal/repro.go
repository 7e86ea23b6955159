package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/flow"
)

// Record is a real run: its flow, what surrounds it, and everything it took up, in order.
type Record struct {
	// Name says whose run it is: "Boas-vindas v3, run 4711".
	Name string
	// Flow is the version the run was on; Flows are others that may come into it, by id.
	Flow  json.RawMessage
	Flows map[string]json.RawMessage
	World World
	// Start is how the run began; FromMessage tells that the first event is the message that began it.
	Start       flow.Start
	FromMessage bool
	StartedAt   time.Time
	Events      []RecordEvent
	// Sent are the texts the contact really got, to be compared with those of the replay.
	Sent []string
}

// RecordEvent is one thing that happened to the run.
type RecordEvent struct {
	At time.Time
	// Event has one of Inbound, Call, Send, MoveTo, Set and Stop; its kind says which.
	Event flow.Event
}

// Repro is a run as a test, with the files it needs.
type Repro struct {
	Flow  json.RawMessage
	Flows map[string]json.RawMessage // file name → document
	World []byte
	Test  []byte
	// Saved is the same conversation as a document keeps it.
	Saved Test
	// Notes tell where the replay and what really happened differ.
	Notes []string
}

// MakeRepro plays a run again and writes down what comes of it as a test. With masked, the person's words and data are
// replaced by others of the same shape before anything is played.
func MakeRepro(r Record, masked bool) (*Repro, error) {
	files, graphs, names, err := reproFlows(&r)
	if err != nil {
		return nil, err
	}
	m := &masker{on: masked, doc: r.Flow, graph: graphs[0]}
	m.learn(&r)
	world := m.world(r.World)
	world.Now = r.StartedAt.Format(time.RFC3339)
	p, err := NewPlayer(graphs, world)
	if err != nil {
		return nil, err
	}
	rep := &replay{p: p, m: m, r: &r, key: map[string]flow.SendOutcome{}}
	if err := rep.play(); err != nil {
		return nil, err
	}
	test := Test{Name: r.Name, Flow: "../flow.json", Flows: names, Steps: rep.steps}
	// Played once more the way the test will be: what is expected is what that gives.
	again, err := NewPlayer(graphs, world)
	if err != nil {
		return nil, err
	}
	seen, err := test.play(again)
	if err != nil {
		return nil, err
	}
	for i := range seen {
		seen[i].Vars = nil
		test.Steps[i].Expect = &seen[i]
	}
	rep.compare(seen)
	out := &Repro{Flow: indent(r.Flow), Flows: files, Notes: rep.notes, Saved: Test{Name: r.Name, Steps: test.Steps}}
	if out.Saved.World, err = savedWorld(&world); err != nil {
		return nil, err
	}
	if out.World, err = yamlOf(world, nil); err != nil {
		return nil, err
	}
	header := []string{"Made of a real run by perene flow repro."}
	if masked {
		header = append(header, "Names, numbers and words were replaced by others of the same shape; read it before you share it.")
	} else {
		header = append(header, "It holds the words and data of a person: do not share it.")
	}
	out.Test, err = yamlOf(test, append(header, rep.notes...))
	return out, err
}

// savedWorld is what a document's test keeps of a world: the instant and the person. The rest is the account's.
func savedWorld(w *World) (map[string]any, error) {
	raw, err := json.Marshal(World{Now: w.Now, Contact: w.Contact, FirstContact: w.FirstContact, WindowClosed: w.WindowClosed})
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(raw, &out)
}

func indent(raw json.RawMessage) json.RawMessage {
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return raw
	}
	out, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return raw
	}
	return append(out, '\n')
}

// reproFlows loads the run's flow and the others that it names, and says in which files they are kept.
func reproFlows(r *Record) (files map[string]json.RawMessage, graphs []*flow.Graph, names []string, err error) {
	g, err := flow.Load(r.Flow)
	if err != nil {
		return nil, nil, nil, err
	}
	graphs = []*flow.Graph{g}
	files = map[string]json.RawMessage{}
	text := string(r.Flow)
	ids := make([]string, 0, len(r.Flows))
	for id := range r.Flows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		other, err := flow.Load(r.Flows[id])
		if err != nil {
			continue // one that cannot run comes into no run
		}
		if !strings.Contains(text, `"`+id+`"`) && !strings.Contains(text, `:`+id) && !strings.Contains(text, other.Name()) {
			continue
		}
		doc := r.Flows[id]
		var tree map[string]any
		if json.Unmarshal(doc, &tree) == nil { // the id by which the flow is named
			tree["id"] = id
			if raw, err := json.Marshal(tree); err == nil {
				doc = raw
			}
		}
		name := "flow-" + id + ".json"
		files[name] = indent(doc)
		names = append(names, "../flows/"+name)
		graphs = append(graphs, other.WithIdentity(id, "1"))
	}
	return files, graphs, names, nil
}

// replay plays a record and writes the steps down.
type replay struct {
	p     *Player
	m     *masker
	r     *Record
	steps []Step
	key   map[string]flow.SendOutcome // visit/item of a message → what became of it
	notes []string
}

func (rp *replay) play() error {
	for _, e := range rp.r.Events { // the fate of messages is known beforehand, as a test writes it
		if s := e.Event.Send; s != nil && s.Outcome != flow.SendAccepted {
			rp.key[tail(s.Key)] = s.Outcome
		}
	}
	rp.p.fate = func(key string) flow.SendOutcome { return rp.key[tail(key)] }
	events := rp.r.Events
	switch {
	case rp.r.FromMessage && len(events) > 0 && events[0].Event.Inbound != nil:
	case rp.r.FromMessage:
		return errors.New("the message that started the run is gone")
	default:
		inputs, _ := rp.m.value(rp.r.Start.Inputs).(map[string]any)
		if err := rp.step(Step{Start: &StartStep{By: string(rp.r.Start.By.Kind), Inputs: inputs, Node: rp.r.Start.Node}}); err != nil {
			return err
		}
	}
	for _, e := range events {
		if err := rp.pass(e.At); err != nil {
			return err
		}
		if err := rp.event(&e.Event); err != nil {
			return err
		}
	}
	return nil
}

// tail is a key without its run: visit/item.
func tail(key string) string {
	_, rest, _ := strings.Cut(key, "/")
	return rest
}

// pass lets the time until the next event go by; less than a second is nothing.
func (rp *replay) pass(at time.Time) error {
	gap := at.Sub(rp.p.now)
	if gap < time.Second || len(rp.steps) == 0 {
		return nil
	}
	return rp.step(Step{Wait: flow.Duration(gap.Truncate(time.Second)).String()})
}

func (rp *replay) event(e *flow.Event) error {
	switch {
	case e.Inbound != nil:
		return rp.inbound(e.Inbound)
	case e.Call != nil:
		return rp.answer(e.Call)
	case e.MoveTo != nil:
		return rp.step(Step{MoveTo: e.MoveTo.Node})
	case e.Set != nil:
		return rp.step(Step{Set: map[string]any{e.Set.Name: rp.m.value(e.Set.Value)}})
	case e.Kind == flow.EventStop:
		return rp.step(Step{Stop: true})
	case e.Kind == flow.EventTicketClosed:
		return rp.step(Step{TicketClosed: true})
	}
	return nil
}

func (rp *replay) inbound(in *flow.Inbound) error {
	m := rp.m.inbound(*in, rp.p)
	switch {
	case m.Kind == flow.InboundText:
		return rp.step(Step{Say: m.Text})
	case m.Kind == flow.InboundTap:
		option := m.Payload
		if strings.HasPrefix(option, "f~") {
			option = option[strings.LastIndex(option, "~")+1:]
		}
		return rp.step(Step{Tap: option})
	}
	m.Seq, m.ID, m.At = 0, "", time.Time{}
	return rp.step(Step{Send: &m})
}

// answer gives the run what another system answered, as part of the step that asked.
func (rp *replay) answer(res *flow.CallResult) error {
	if !rp.p.waitsForCall() {
		rp.notes = append(rp.notes, fmt.Sprintf("after step %d an answer came that the replay does not wait for", len(rp.steps)))
		return nil
	}
	a := Answer{Status: res.Status, Error: res.Error}
	var tree any
	if json.Unmarshal([]byte(res.Body), &tree) == nil {
		a.JSON = rp.m.value(tree)
	} else {
		a.Body = rp.m.words(res.Body)
	}
	out, err := a.result()
	if err != nil {
		return err
	}
	if _, err := rp.p.Answer(out); err != nil {
		return err
	}
	last := &rp.steps[len(rp.steps)-1]
	last.HTTP = append(last.HTTP, a)
	return nil
}

func (rp *replay) step(s Step) error {
	if _, err := rp.p.perform(&s); err != nil {
		// What a person did may come too late for the replay: the run has ended there.
		rp.notes = append(rp.notes, fmt.Sprintf("after step %d: %s: %v", len(rp.steps), s.title(), err))
		return nil
	}
	s.Delivery = rp.p.fated
	rp.steps = append(rp.steps, s)
	return nil
}

// compare tells where the replay sends something else than was really sent. With masked words only the number counts.
func (rp *replay) compare(seen []Expectation) {
	var got []string
	for i := range seen {
		got = append(got, seen[i].Messages...)
	}
	if len(got) != len(rp.r.Sent) {
		rp.notes = append(rp.notes, fmt.Sprintf("the replay sends %d messages, the run sent %d", len(got), len(rp.r.Sent)))
	}
	if rp.m.on {
		return
	}
	for i, text := range rp.r.Sent {
		if i < len(got) && !strings.Contains(got[i], strings.TrimSpace(text)) {
			rp.notes = append(rp.notes, fmt.Sprintf("message %d was another one", i+1))
			return
		}
	}
}
