package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// ticketWorld is an account whose contact has a running flow, beside another account.
type ticketWorld struct {
	*storetest.Fixture
	t     *testing.T
	start contract.FlowRunStart
	other *storetest.Fixture
}

func newTicketWorld(t *testing.T) *ticketWorld {
	t.Helper()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "desk")
	w := &ticketWorld{Fixture: f, t: t, other: storetest.NewFixture(t, f.Store, "other")}
	for id, account := range map[int]models.AccountID{1: f.Account, 2: w.other.Account} {
		f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES ($1, $2, $1::bigint || '@example.com', 'Ana', 'user')`, id, account)
		f.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES ($1, $2, 'Suporte')`, id, account)
	}
	f.Publish(t, "Boas-vindas", `{}`)
	wake, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("one", "5581988880001", "oi", noon)), first)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range wake.Doorbells {
		if d.WorkflowType == contract.WorkflowFlowRun {
			if err := json.Unmarshal(d.Input, &w.start); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// step takes a step of the run that decides d.
func (w *ticketWorld) step(n int64, d contract.StepDecision) error {
	w.t.Helper()
	_, _, err := w.StepFlow(w.t.Context(), w.start, n, func(*contract.StepSnapshot) (*contract.StepDecision, error) {
		d.State = json.RawMessage(`{}`)
		return &d, nil
	}, first)
	return err
}

// charge says who is in charge, of which run, and how many tickets and protocol numbers there are.
func (w *ticketWorld) charge() string {
	w.t.Helper()
	all := texts(w.t, w.Fixture, `SELECT in_charge || ' run ' || (flow_run_id IS NOT NULL) || ' tickets ' || (SELECT count(*) FROM tickets)
		|| ' numbers ' || (SELECT coalesce(max(value), 0) FROM account_counters WHERE name LIKE 'protocol/%') FROM conversations`)
	return all[0]
}

func ptr[T any](v T) *T { return &v }

// Agents and queues are the account's own, and a refusal changes nothing.
func TestATicketIsOpenedForOwnAgentsAndQueues(t *testing.T) {
	t.Parallel()
	w := newTicketWorld(t)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role, disabled_at) VALUES (3, $1, 'left@example.com', 'Bia', 'user', now())`, w.Account)
	before := w.charge()
	run := &w.start.RunID
	for name, o := range map[string]contract.TicketOpening{
		"another account's agent": {Mode: "agent", AgentID: ptr(models.UserID(2)), FlowRunID: run},
		"nobody's id":             {Mode: "agent", AgentID: ptr(models.UserID(99)), FlowRunID: run},
		"an agent who left":       {Mode: "agent", AgentID: ptr(models.UserID(3)), FlowRunID: run},
		"another account's queue": {Mode: "queue", QueueID: ptr(models.QueueID(2)), FlowRunID: run},
	} {
		if err := w.step(1, contract.StepDecision{Ticket: &o, Result: contract.StepResult{Ended: true}}); models.KeyOf(err) != models.KeyTicketRefused {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
		if diff := cmp.Diff(before, w.charge()); diff != "" {
			t.Errorf("%s changed something (-want +got):\n%s", name, diff)
		}
	}
	own := contract.TicketOpening{Mode: "agent", AgentID: ptr(models.UserID(1)), QueueID: ptr(models.QueueID(1)), FlowRunID: run}
	if err := w.step(1, contract.StepDecision{Ticket: &own, Result: contract.StepResult{Ended: true}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("ticket run false tickets 1 numbers 1", w.charge()); diff != "" {
		t.Errorf("own agent and queue (-want +got):\n%s", diff)
	}
}

// A ticket that is open is told as such: it stays as it is and takes no protocol number.
func TestAnOpenTicketStaysAsItIs(t *testing.T) {
	t.Parallel()
	w := newTicketWorld(t)
	id, was, _, err := w.OpenTicket(t.Context(), w.Account, w.start.ConversationID, contract.TicketOpening{Mode: "queue", QueueID: ptr(models.QueueID(1))})
	if err != nil || was {
		t.Fatalf("ticket %d, was open %v, %v", id, was, err)
	}
	again, was, _, err := w.OpenTicket(t.Context(), w.Account, w.start.ConversationID, contract.TicketOpening{Mode: "agent", AgentID: ptr(models.UserID(1))})
	if err != nil || !was || again != id {
		t.Errorf("again: ticket %d, was open %v, %v; want %d as it is", again, was, err, id)
	}
	if diff := cmp.Diff([]string{"queue 1 "}, texts(t, w.Fixture, `SELECT opening_mode || ' ' || queue_id || ' ' || coalesce(agent_id::text, '') FROM tickets`)); diff != "" {
		t.Errorf("the ticket (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("ticket run true tickets 1 numbers 1", w.charge()); diff != "" { // the run is suspended (Z33)
		t.Error(diff)
	}
	if _, _, _, err := w.OpenTicket(t.Context(), w.other.Account, w.start.ConversationID, contract.TicketOpening{Mode: "unassigned"}); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another account's conversation: %v", err)
	}
}

// A run that waits for its ticket and is stopped leaves people in charge; what the contact writes then starts no flow (159).
func TestAStoppedRunLeavesItsTicketInCharge(t *testing.T) {
	t.Parallel()
	w := newTicketWorld(t)
	open := contract.TicketOpening{Mode: "unassigned", FlowRunID: &w.start.RunID, Suspended: true}
	if err := w.step(1, contract.StepDecision{Ticket: &open, HandledSeq: 1, Result: contract.StepResult{Wait: "ticket"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("ticket run true tickets 1 numbers 1", w.charge()); diff != "" {
		t.Fatalf("suspended (-want +got):\n%s", diff)
	}
	if _, err := w.Receive(t.Context(), w.Connection, delivery(storetest.Text("to the agent", "5581988880001", "oi", noon.Add(time.Minute))), first); err != nil {
		t.Fatal(err)
	}
	if err := w.step(2, contract.StepDecision{HandledSeq: 1, Result: contract.StepResult{Ended: true, Outcome: "stopped"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("ticket run false tickets 1 numbers 1", w.charge()); diff != "" {
		t.Errorf("stopped (-want +got):\n%s", diff)
	}
	if _, err := w.Receive(t.Context(), w.Connection, delivery(storetest.Text("again", "5581988880001", "oi", noon.Add(2*time.Minute))), first); err != nil {
		t.Fatal(err)
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 1 {
		t.Errorf("%d runs: a message to the agent started one", n)
	}
}
