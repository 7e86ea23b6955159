package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

type flowReproCommand struct {
	config.Runtime
	config.Database
	RunID models.FlowRunID `arg:"" name:"run-id" help:"The run, as the console and Temporal Web show it."`
	Mask  bool             `default:"true" negatable:"" help:"Replace names, numbers and words of the person by others of the same shape."`
	Out   string           `placeholder:"DIR" type:"path" help:"Where the flow and its test are written; repro-RUN_ID by default."`
}

// Run writes the run as a flow with one saved conversation, and plays it once.
func (c *flowReproCommand) Run(ctx context.Context) error {
	s, err := openStore(ctx, c.Database, c.Env, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	account, err := s.FlowRunAccount(ctx, c.RunID)
	if err != nil {
		return err
	}
	rec, err := readRecord(ctx, s, account, c.RunID)
	if err != nil {
		return err
	}
	repro, err := terminal.MakeRepro(*rec, c.Mask)
	if err != nil {
		return err
	}
	dir := c.Out
	if dir == "" {
		dir = "repro-" + c.RunID.String()
	}
	file, err := writeRepro(dir, c.RunID, repro)
	if err != nil {
		return err
	}
	for _, n := range repro.Notes {
		fmt.Fprintln(os.Stderr, "note:", n)
	}
	fmt.Println(file)
	return nil
}

// writeRepro writes the files and returns the test's.
func writeRepro(dir string, id models.FlowRunID, r *terminal.Repro) (string, error) {
	file := filepath.Join(dir, "tests", "run-"+id.String()+".yaml")
	files := map[string][]byte{filepath.Join(dir, "flow.json"): r.Flow, filepath.Join(dir, terminal.WorldFile): r.World, file: r.Test}
	for name, doc := range r.Flows {
		files[filepath.Join(dir, "flows", name)] = doc
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, text, 0o600); err != nil { // it may hold a person's words
			return "", err
		}
	}
	return file, nil
}

// recordsOf reads runs of a store as they are played again.
func recordsOf(s *store.Store) func(context.Context, models.AccountID, models.FlowRunID) (*terminal.Record, error) {
	return func(ctx context.Context, account models.AccountID, id models.FlowRunID) (*terminal.Record, error) {
		return readRecord(ctx, s, account, id)
	}
}

// readRecord shows a run to the engine the way its steps did.
func readRecord(ctx context.Context, s *store.Store, account models.AccountID, id models.FlowRunID) (*terminal.Record, error) {
	row, err := s.FlowRunRecord(ctx, account, id)
	if err != nil {
		return nil, err
	}
	env, err := s.ReadFlowEnv(ctx, account, row.Run.ConnectionID)
	if err != nil {
		return nil, err
	}
	start, fromMessage, err := activities.StartOf(&row.Run)
	if err != nil {
		return nil, err
	}
	rec := &terminal.Record{
		Name: fmt.Sprintf("%s v%d, run %s", row.FlowName, row.Version, id), Flow: row.Graph, Flows: map[string]json.RawMessage{},
		World: worldOf(env, row), Start: start, FromMessage: fromMessage, StartedAt: row.Run.StartedAt, Events: eventsOf(row, fromMessage),
	}
	for _, p := range env.Published {
		if p.FlowID == row.Run.FlowID {
			continue
		}
		if rec.Flows[p.FlowID.String()], _, err = s.FlowGraph(ctx, account, p.VersionID); err != nil {
			return nil, err
		}
	}
	for i := range row.Sent {
		text := row.Sent[i].Content.Text
		if m := row.Sent[i].Content.Media; m != nil {
			text = m.Caption
		}
		rec.Sent = append(rec.Sent, text)
	}
	return rec, nil
}

// eventsOf puts messages and mailbox into the order in which they came.
func eventsOf(row *store.FlowRunRecord, fromMessage bool) []terminal.RecordEvent {
	var out []terminal.RecordEvent
	for i := range row.Inbound {
		m := &row.Inbound[i]
		if !m.Content.Kind.Answers() || (!fromMessage && !m.CreatedAt.After(row.Run.StartedAt)) {
			continue
		}
		in := activities.InboundToFlow(m)
		out = append(out, terminal.RecordEvent{At: m.CreatedAt, Event: flow.Event{Kind: flow.EventInbound, Inbound: &in}})
	}
	for _, e := range row.Events {
		ev, err := activities.MailToFlow(e.Kind, e.Data)
		if e.Refused != nil || err != nil {
			continue // it did nothing then, and does nothing now
		}
		out = append(out, terminal.RecordEvent{At: e.CreatedAt, Event: ev})
	}
	slices.SortStableFunc(out, func(a, b terminal.RecordEvent) int { return a.At.Compare(b.At) })
	return out
}

// worldOf is what surrounded the run, as far as it is still known: templates, hours and the contact are those of now.
func worldOf(env *contract.FlowEnv, row *store.FlowRunRecord) terminal.World {
	w := (&terminal.Surroundings{Account: env.Account, Connection: env.Connection, Queues: env.Queues, Fields: env.Fields, Templates: env.Templates}).World()
	w.Contact = activities.ContactToFlow(row.Contact, row.Labels)
	first := !row.WroteBefore
	w.FirstContact = &first
	return w
}
