package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

var ticket17 = contract.TicketStart{AccountID: 1, TicketID: 17, ConversationID: 7, ConnectionID: 3}

// fakeTicket plays Postgres for one ticket and its mailbox.
type fakeTicket struct {
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	begun time.Time
	row   contract.TicketView
	late  time.Duration // how far the clock of the database is behind
	// acts are what commands do to the row. A command that is not here changes nothing: it is refused.
	acts   map[models.TicketCommandID]func(*contract.TicketView)
	errs   map[models.TicketCommandID]error
	lookup error
	// during runs inside the activity of a command, before it answers.
	during map[models.TicketCommandID]func()
	did    []string
	ran    map[models.TicketCommandID]int
}

func newFakeTicket(t *testing.T) *fakeTicket {
	f := &fakeTicket{t: t, acts: map[models.TicketCommandID]func(*contract.TicketView){}, errs: map[models.TicketCommandID]error{},
		during: map[models.TicketCommandID]func(){}, ran: map[models.TicketCommandID]int{}}
	f.environment(time.Time{})
	f.begun = f.env.Now()
	f.row = contract.TicketView{State: models.TicketWaiting, QueueID: 4, Since: f.begun}
	return f
}

// environment is where the next run of the workflow happens, at an instant.
func (f *fakeTicket) environment(now time.Time) *testsuite.TestWorkflowEnvironment {
	f.env = newEnv()
	if !now.IsZero() {
		f.env.SetStartTime(now)
	}
	f.env.RegisterWorkflowWithOptions(workflows.Ticket, workflow.RegisterOptions{Name: contract.WorkflowTicket})
	f.env.RegisterActivityWithOptions(f.turn, activity.RegisterOptions{Name: contract.ActivityTicketTurn})
	f.env.RegisterActivityWithOptions(f.command, activity.RegisterOptions{Name: contract.ActivityRunTicketCommand})
	return f.env
}

func (f *fakeTicket) note(what string) {
	f.did = append(f.did, fmt.Sprintf("%v %s", f.env.Now().Sub(f.begun).Round(time.Second), what))
}

func (f *fakeTicket) turn(_ context.Context, in contract.TicketTurnInput) (contract.TicketView, error) {
	if in.Ticket != ticket17 {
		return contract.TicketView{}, errors.New("another ticket")
	}
	if f.lookup != nil {
		return contract.TicketView{}, f.lookup
	}
	now, what := f.env.Now().Add(-f.late), "look"
	if f.row.Snoozed && !f.row.SnoozedUntil.IsZero() && !now.Before(f.row.SnoozedUntil) {
		f.row.Snoozed, f.row.SnoozedUntil, what = false, time.Time{}, "woken"
	}
	if !f.row.LeaseUntil.IsZero() && !now.Before(f.row.LeaseUntil) {
		f.row.AgentID, f.row.LeaseUntil, f.row.State, what = 0, time.Time{}, models.TicketWaiting, "lapsed"
	}
	f.note(what)
	return f.view(), nil
}

func (f *fakeTicket) command(_ context.Context, in contract.TicketCommandInput) (contract.TicketView, error) {
	if run := f.during[in.CommandID]; run != nil {
		delete(f.during, in.CommandID)
		run()
	}
	if err := f.errs[in.CommandID]; err != nil {
		f.note(fmt.Sprintf("failed %d", in.CommandID))
		return contract.TicketView{}, err
	}
	f.note(fmt.Sprintf("command %d", in.CommandID))
	f.ran[in.CommandID]++
	f.row.Waiting = slices.DeleteFunc(f.row.Waiting, func(id models.TicketCommandID) bool { return id == in.CommandID })
	if act := f.acts[in.CommandID]; act != nil {
		act(&f.row)
	}
	return f.view(), nil
}

// view is a copy of the row, as an activity's answer is.
func (f *fakeTicket) view() contract.TicketView {
	v := f.row
	v.Waiting = slices.Clone(v.Waiting)
	return v
}

// ask puts a command in the mailbox at an instant and updates the workflow, as the API does. The error is what it hears.
func (f *fakeTicket) ask(at time.Duration, kind models.TicketCommandKind, id models.TicketCommandID, act func(*contract.TicketView)) *error {
	heard := errNoAnswer
	f.acts[id] = act
	f.env.RegisterDelayedCallback(func() {
		f.row.Waiting = append(f.row.Waiting, id)
		f.env.UpdateWorkflow(string(kind), fmt.Sprintf("c/%d", id), heardBack{&heard}, id)
	}, at)
	return &heard
}

var errNoAnswer = errors.New("no answer")

// mail puts a command in the mailbox while no program updates the workflow.
func (f *fakeTicket) mail(id models.TicketCommandID, act func(*contract.TicketView)) {
	f.acts[id] = act
	f.row.Waiting = append(f.row.Waiting, id)
}

func (f *fakeTicket) happens(at time.Duration, change func(*contract.TicketView)) {
	f.env.RegisterDelayedCallback(func() {
		change(&f.row)
		f.env.UpdateWorkflow(contract.UpdateRing, "", silent{f.t})
	}, at)
}

func (f *fakeTicket) run() contract.TicketView {
	f.t.Helper()
	f.env.ExecuteWorkflow(contract.WorkflowTicket, contract.TicketInput{TicketStart: ticket17})
	if err := f.env.GetWorkflowError(); err != nil {
		f.t.Fatal(err)
	}
	var out contract.TicketView
	if err := f.env.GetWorkflowResult(&out); err != nil {
		f.t.Fatal(err)
	}
	return out
}

func (f *fakeTicket) want(did ...string) {
	f.t.Helper()
	if diff := cmp.Diff(did, f.did); diff != "" {
		f.t.Error(diff)
	}
}

func closeIt(r *contract.TicketView) {
	*r = contract.TicketView{State: models.TicketClosed, QueueID: r.QueueID, AgentID: r.AgentID, Since: r.Since, Waiting: r.Waiting}
}

func giveTo(agent models.UserID) func(*contract.TicketView) {
	return func(r *contract.TicketView) { r.State, r.AgentID, r.Snoozed = models.TicketOpen, agent, false }
}

// Rule 245, ADR 69: every command is one update with the command's id, and the ticket ends when it is closed.
func TestTicketTakesEveryCommandInOrder(t *testing.T) {
	f := newFakeTicket(t)
	var heard []*error
	acts := map[models.TicketCommandKind]func(*contract.TicketView){
		models.TicketAccept: giveTo(5),
		models.TicketSnooze: func(r *contract.TicketView) { r.Snoozed = true },
		models.TicketWake:   func(r *contract.TicketView) { r.Snoozed = false },
		models.TicketTransferToQueue: func(r *contract.TicketView) {
			r.State, r.QueueID, r.AgentID = models.TicketWaiting, 9, 0
		},
		models.TicketClose: closeIt,
	}
	want := []string{"0s look"}
	for i, kind := range contract.TicketUpdates {
		at, id := time.Duration(i+1)*time.Minute, models.TicketCommandID(i+1)
		heard = append(heard, f.ask(at, kind, id, acts[kind]))
		want = append(want, fmt.Sprintf("%v command %d", at, id))
	}
	out := f.run()
	f.want(want...)
	for i, err := range heard {
		if *err != nil {
			t.Errorf("%s: %v", contract.TicketUpdates[i], *err)
		}
	}
	if out.State != models.TicketClosed || len(out.Waiting) != 0 {
		t.Errorf("ended with %+v", out)
	}
}

// What was put into the mailbox while no worker was there is done in order by whatever rings.
func TestTicketTakesWaitingCommandsWhenItIsRung(t *testing.T) {
	f := newFakeTicket(t)
	f.mail(3, giveTo(5))
	f.mail(4, nil)
	f.happens(time.Hour, func(*contract.TicketView) {
		f.mail(8, giveTo(6))
		f.mail(9, closeIt)
	})
	f.run()
	f.want("0s look", "0s command 3", "0s command 4", "1h0m0s look", "1h0m0s command 8", "1h0m0s command 9")
}

// A command that is updated runs after what waits before it, once, even where the ring tells of it too.
func TestTicketRunsACommandOnceHoweverItHearsOfIt(t *testing.T) {
	f := newFakeTicket(t)
	f.env.RegisterDelayedCallback(func() { f.mail(1, giveTo(5)) }, time.Minute) // its update never came
	heard := f.ask(2*time.Minute, models.TicketPrioritize, 2, nil)
	f.happens(2*time.Minute, func(*contract.TicketView) {})
	again := f.ask(3*time.Minute, models.TicketClose, 3, closeIt)
	f.env.RegisterDelayedCallback(func() {
		f.env.UpdateWorkflow(string(models.TicketClose), "another name", silent{t}, models.TicketCommandID(3))
	}, 3*time.Minute)
	f.run()
	if *heard != nil || *again != nil || f.ran[1] != 1 || f.ran[2] != 1 {
		t.Errorf("heard %v and %v, ran %v", *heard, *again, f.ran)
	}
}

// Two agents accept at the same instant: one command after the other, and both hear.
func TestTwoCommandsOfOneInstant(t *testing.T) {
	f := newFakeTicket(t)
	first := f.ask(time.Minute, models.TicketAccept, 1, giveTo(5))
	second := f.ask(time.Minute, models.TicketAccept, 2, func(r *contract.TicketView) {
		if r.AgentID != 5 {
			t.Errorf("the second found agent %d", r.AgentID)
		}
	})
	f.ask(time.Hour, models.TicketClose, 3, closeIt)
	if out := f.run(); out.AgentID != 5 || *first != nil || *second != nil {
		t.Errorf("%+v, heard %v and %v", out, *first, *second)
	}
	f.want("0s look", "1m0s command 1", "1m0s command 2", "1h0m0s command 3")
}

// A snooze ends at its instant, and an assignment lapses at its own. A lease that was renewed in the row costs one look.
func TestTicketTimers(t *testing.T) {
	f := newFakeTicket(t)
	f.row.State, f.row.AgentID, f.row.LeaseUntil = models.TicketOpen, 5, f.begun.Add(30*time.Minute)
	f.env.RegisterDelayedCallback(func() { f.row.LeaseUntil = f.begun.Add(50 * time.Minute) }, 20*time.Minute) // the agent wrote: no ring
	f.ask(time.Hour, models.TicketSnooze, 1, func(r *contract.TicketView) { r.Snoozed, r.SnoozedUntil = true, f.begun.Add(72*time.Hour) })
	f.ask(80*time.Hour, models.TicketClose, 2, closeIt)
	f.run()
	f.want("0s look", "30m0s look", "50m0s lapsed", "1h0m0s command 1", "72h0m0s woken", "80h0m0s command 2")
}

// A snooze without an instant waits for the contact.
func TestTicketSnoozedUntilAReply(t *testing.T) {
	f := newFakeTicket(t)
	f.ask(time.Minute, models.TicketSnooze, 1, func(r *contract.TicketView) { r.Snoozed = true })
	f.happens(400*time.Hour, func(r *contract.TicketView) { r.Snoozed = false })
	f.ask(401*time.Hour, models.TicketClose, 2, closeIt)
	f.run()
	f.want("0s look", "1m0s command 1", "400h0m0s look", "401h0m0s command 2")
}

// The clock of the database is behind Temporal's: the row is looked at once a second until its instant has come there too.
func TestTicketWhoseDatabaseIsLate(t *testing.T) {
	f := newFakeTicket(t)
	f.late = 3 * time.Second
	f.row.Snoozed, f.row.SnoozedUntil = true, f.begun.Add(time.Hour)
	f.ask(2*time.Hour, models.TicketClose, 1, closeIt)
	f.run()
	f.want("0s look", "1h0m0s look", "1h0m1s look", "1h0m2s look", "1h0m3s woken", "2h0m0s command 1")
}

// A command at the instant of a timer: both happen, each once.
func TestACommandWhileATimerFires(t *testing.T) {
	f := newFakeTicket(t)
	f.row.State, f.row.AgentID, f.row.LeaseUntil = models.TicketOpen, 5, f.begun.Add(time.Hour)
	heard := f.ask(time.Hour, models.TicketAccept, 1, func(r *contract.TicketView) {
		r.State, r.AgentID, r.LeaseUntil = models.TicketOpen, 6, f.begun.Add(3*time.Hour)
	})
	f.ask(2*time.Hour, models.TicketClose, 2, closeIt)
	out := f.run()
	if *heard != nil || out.AgentID != 6 || f.ran[1] != 1 {
		t.Errorf("%+v, heard %v, ran %v", out, *heard, f.ran)
	}
	if lapses := strings.Count(strings.Join(f.did, "\n"), "lapsed"); lapses != 1 {
		t.Errorf("lapsed %d times: %v", lapses, f.did)
	}
}

// A command that comes while the last one closes the ticket has its answer, and may open the ticket again.
func TestACommandWhileTheTicketCloses(t *testing.T) {
	f := newFakeTicket(t)
	heard := errNoAnswer
	f.acts[2] = giveTo(6)
	f.during[1] = func() {
		f.row.Waiting = append(f.row.Waiting, 2)
		f.env.UpdateWorkflow(string(models.TicketReopen), "c/2", heardBack{&heard}, models.TicketCommandID(2))
	}
	f.ask(time.Minute, models.TicketClose, 1, closeIt)
	f.ask(time.Hour, models.TicketClose, 3, closeIt)
	if out := f.run(); heard != nil || out.State != models.TicketClosed {
		t.Errorf("heard %v, ended with %+v", heard, out)
	}
	f.want("0s look", "1m0s command 1", "1m0s command 2", "1h0m0s command 3")
}

// The doorbell of a reopening starts the same id again. A command for a closed ticket has its answer, and the workflow ends.
func TestTicketBeginsAgain(t *testing.T) {
	f := newFakeTicket(t)
	f.row.State = models.TicketClosed
	f.mail(21, giveTo(5))
	f.ask(time.Hour, models.TicketClose, 22, closeIt)
	f.run()
	f.want("0s look", "0s command 21", "1h0m0s command 22")

	f = newFakeTicket(t)
	f.row.State = models.TicketClosed
	f.mail(30, nil) // refused: it is closed
	if out := f.run(); out.State != models.TicketClosed || f.ran[30] != 1 {
		t.Errorf("%+v, ran %v", out, f.ran)
	}
	if took := f.env.Now().Sub(f.begun); took > time.Minute {
		t.Errorf("it took %v to end", took)
	}
}

// A command that cannot be done tells its caller, leaves the others their turn, and is tried again later.
func TestACommandThatCannotBeDone(t *testing.T) {
	f := newFakeTicket(t)
	f.errs[1] = temporal.NewNonRetryableApplicationError("a defect", "defect", nil)
	heard := f.ask(time.Minute, models.TicketAssign, 1, giveTo(5))
	other := f.ask(2*time.Minute, models.TicketPrioritize, 2, nil)
	f.env.RegisterDelayedCallback(func() { delete(f.errs, 1) }, 3*time.Minute)
	f.ask(time.Hour, models.TicketClose, 3, closeIt)
	f.run()
	f.want("0s look", "1m0s failed 1", "2m0s command 2", "6m0s look", "6m0s command 1", "1h0m0s command 3")
	if *heard == nil || errors.Is(*heard, errNoAnswer) || *other != nil {
		t.Errorf("heard %v and %v", *heard, *other)
	}
}

// A closed ticket does not end while a command waits that could not be done.
func TestAClosedTicketWaitsForItsLastCommand(t *testing.T) {
	f := newFakeTicket(t)
	f.row.State = models.TicketClosed
	f.mail(1, nil)
	f.errs[1] = temporal.NewNonRetryableApplicationError("a defect", "defect", nil)
	f.env.RegisterDelayedCallback(func() { delete(f.errs, 1) }, time.Minute)
	if out := f.run(); f.ran[1] != 1 || len(out.Waiting) != 0 {
		t.Errorf("ran %v, ended with %+v", f.ran, out)
	}
	f.want("0s look", "0s failed 1", "5m0s look", "5m0s command 1")
}

// A ticket that is no longer in the database ends with an error, after its callers have theirs.
func TestATicketThatIsGone(t *testing.T) {
	f := newFakeTicket(t)
	f.ask(time.Minute, models.TicketAccept, 1, giveTo(5))
	var heard = errNoAnswer
	f.env.RegisterDelayedCallback(func() {
		f.lookup = temporal.NewNonRetryableApplicationError("no such ticket", "not_found", nil)
		f.env.UpdateWorkflow(contract.UpdateRing, "", silent{t})
		f.env.UpdateWorkflow(string(models.TicketWake), "c/2", heardBack{&heard}, models.TicketCommandID(2))
	}, time.Hour)
	f.env.ExecuteWorkflow(contract.WorkflowTicket, contract.TicketInput{TicketStart: ticket17})
	if err := f.env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "no such ticket") {
		t.Errorf("it ended with %v", err)
	}
	if heard == nil || errors.Is(heard, errNoAnswer) {
		t.Errorf("the caller heard %v", heard)
	}
}

// A history that is continued as new every other turn loses no ring, no command, no timer, and no answer.
func TestTicketContinuesAsNew(t *testing.T) {
	f := newFakeTicket(t)
	type asking struct {
		at    time.Duration
		kind  models.TicketCommandKind
		act   func(*contract.TicketView)
		heard *error
	}
	asks := map[models.TicketCommandID]*asking{}
	for i := range 40 {
		asks[models.TicketCommandID(i+1)] = &asking{at: time.Duration(i*i)*time.Minute + time.Duration(i%3)*700*time.Millisecond, kind: models.TicketPrioritize}
	}
	asks[10].kind, asks[10].act = models.TicketSnooze, func(r *contract.TicketView) { r.Snoozed, r.SnoozedUntil = true, f.begun.Add(10*time.Hour) }
	asks[40].kind, asks[40].act = models.TicketClose, closeIt
	in := contract.TicketInput{TicketStart: ticket17, ContinueAfter: 2}
	var now time.Time
	for runs := 0; ; runs++ {
		if runs > 100 {
			t.Fatal("it never ends")
		}
		if runs > 0 {
			f.environment(now)
		}
		since := f.env.Now().Sub(f.begun)
		for id, a := range asks {
			if a.heard == nil || errors.Is(*a.heard, errNoAnswer) {
				a.heard = f.ask(max(a.at-since, 0), a.kind, id, a.act)
			}
		}
		f.env.ExecuteWorkflow(contract.WorkflowTicket, in)
		now = f.env.Now()
		err := f.env.GetWorkflowError()
		if err == nil {
			break
		}
		var next *workflow.ContinueAsNewError
		if !errors.As(err, &next) {
			t.Fatal(err)
		}
		in = contract.TicketInput{}
		decode(t, next, &in)
		if in.Carried == nil || in.ContinueAfter != 2 || in.TicketStart != ticket17 {
			t.Fatalf("carried %+v", in)
		}
	}
	for id, a := range asks {
		if *a.heard != nil || f.ran[id] != 1 {
			t.Errorf("command %d ran %d times and heard %v", id, f.ran[id], *a.heard)
		}
	}
	if !strings.Contains(strings.Join(f.did, "\n"), "10h0m0s woken") {
		t.Errorf("the snooze was forgotten:\n%s", strings.Join(f.did, "\n"))
	}
}

// A ring that comes with the hand-over is carried.
func TestTicketCarriesARing(t *testing.T) {
	f := newFakeTicket(t)
	f.acts[1] = nil
	f.during[1] = func() { f.env.SignalWorkflow(contract.SignalRing, nil) }
	f.row.Waiting = []models.TicketCommandID{1}
	f.env.ExecuteWorkflow(contract.WorkflowTicket, contract.TicketInput{TicketStart: ticket17, ContinueAfter: 2})
	var next *workflow.ContinueAsNewError
	if err := f.env.GetWorkflowError(); !errors.As(err, &next) {
		t.Fatal(err)
	}
	var in contract.TicketInput
	decode(t, next, &in)
	if in.Carried == nil || !in.Carried.Rung {
		t.Errorf("carried %+v", in.Carried)
	}
}

// Temporal Web finds a ticket by how it stands. What does not change writes nothing.
func TestTicketIsFoundByItsState(t *testing.T) {
	f := newFakeTicket(t)
	f.ask(time.Minute, models.TicketAccept, 1, giveTo(5))
	f.ask(2*time.Minute, models.TicketPrioritize, 2, nil)
	f.ask(3*time.Minute, models.TicketSnooze, 3, func(r *contract.TicketView) { r.Snoozed = true })
	f.ask(4*time.Minute, models.TicketClose, 4, closeIt)
	upserts(t, f.env, map[string]int{string(models.TicketOpen): 1, workflows.StateSnoozed: 1})
	f.run()
}
