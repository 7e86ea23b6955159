package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ticketTurns is how many turns one history takes before it is continued as new. A turn is about seven events, and one run may
// take 2,000 updates.
const ticketTurns = 200

// ticketEvents is how many events a history has before it is continued as new, however few turns it took.
const ticketEvents = 1500

// ticketAgain is after how long a command is tried again that could not be done.
const ticketAgain = 5 * time.Minute

// ticketTick is the least time between two looks at a row whose instant has come. It bounds the looks while the clock of the
// database is behind Temporal's.
const ticketTick = time.Second

var ticketType = define(definition[contract.TicketStart]{
	run:      Ticket,
	versions: []string{"initial"},
	summary: func(s contract.TicketStart) string {
		return fmt.Sprintf("ticket %d · conversation %d · connection %d · account %d", s.TicketID, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "One ticket while it is not closed: takes the commands of agents, ends snoozes, lets assignments lapse.",
	links:   func(s contract.TicketStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.TicketStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID, state: string(models.TicketWaiting)}
	},
})

// Ticket lives while a ticket is not closed. It does one thing at a time, each in one local activity, which is one Postgres
// transaction: a look at the row when it is rung or an instant has come, or one command of the mailbox. It ends when the
// ticket is closed and no command waits. A ticket that is opened again starts the same id.
func Ticket(ctx workflow.Context, in contract.TicketInput) (contract.TicketView, error) {
	t := newTicket(in)
	if err := t.register(ctx); err != nil {
		return contract.TicketView{}, err
	}
	return t.run(ctx)
}

// ticket is the state of a Ticket. What survives continue-as-new is in TicketCarried.
type ticket struct {
	in     contract.TicketInput
	at     contract.TicketView
	rung   bool           // it was rung since the last look at the row
	asked  []*askedTicket // commands for whose answer an update waits
	stuck  []models.TicketCommandID
	again  time.Time // when the stuck commands are tried again
	looked time.Time // when the row was last looked at
	shown  string    // the state that the workflow is found by
	turns  int       // since the run of this history began
	lately []string  // what the last turns did, for operators
	alarm  alarm
}

// askedTicket is a command for whose answer an update waits.
type askedTicket struct {
	id   models.TicketCommandID
	kind models.TicketCommandKind
	done bool
	err  error
}

func newTicket(in contract.TicketInput) *ticket {
	t := &ticket{in: in, rung: true, shown: string(models.TicketWaiting)} // what started us is the first ring
	if c := in.Carried; c != nil {
		t.at, t.shown, t.rung = c.View, c.Shown, c.Rung
	}
	return t
}

func (t *ticket) register(ctx workflow.Context) error {
	return listen(ctx, func() { t.rung = true }, func() contract.TicketView { return t.at }, func() error {
		for _, kind := range contract.TicketUpdates {
			err := workflow.SetUpdateHandler(ctx, string(kind), func(ctx workflow.Context, id models.TicketCommandID) (contract.TicketView, error) {
				return t.ask(ctx, kind, id)
			})
			if err != nil {
				return fmt.Errorf("register %s: %w", kind, err)
			}
		}
		return nil
	})
}

// ask waits until a command has its answer, and returns how the ticket stands then.
func (t *ticket) ask(ctx workflow.Context, kind models.TicketCommandKind, id models.TicketCommandID) (contract.TicketView, error) {
	mine := &askedTicket{id: id, kind: kind}
	t.asked = append(t.asked, mine)
	if err := workflow.Await(ctx, func() bool { return mine.done }); err != nil {
		return contract.TicketView{}, err
	}
	return t.at, mine.err
}

func (t *ticket) run(ctx workflow.Context) (contract.TicketView, error) {
	for {
		command, look := t.next(), t.rung || t.due(workflow.Now(ctx))
		over := t.over() && command == 0 && !look && !signalled(ctx)
		switch {
		case over && t.left(ctx):
			t.describe(ctx)
			return t.at, nil
		case !over && t.full(ctx) && t.left(ctx):
			return t.at, t.continueAsNew(ctx)
		case look:
			if err := t.look(ctx); err != nil {
				return contract.TicketView{}, t.fail(ctx, err)
			}
		case command != 0:
			t.command(ctx, command)
		default:
			t.describe(ctx)
			if err := t.wait(ctx); err != nil {
				return contract.TicketView{}, err
			}
		}
		if err := t.tell(ctx); err != nil {
			return contract.TicketView{}, err
		}
	}
}

// next is the oldest command without an answer. Zero: there is none.
func (t *ticket) next() models.TicketCommandID {
	var first models.TicketCommandID
	older := func(id models.TicketCommandID) {
		if first == 0 || id < first {
			first = id
		}
	}
	for _, a := range t.asked {
		older(a.id)
	}
	for _, id := range t.at.Waiting {
		if !slices.Contains(t.stuck, id) {
			older(id)
		}
	}
	return first
}

// over reports whether the ticket is closed and no command waits.
func (t *ticket) over() bool { return t.at.State == models.TicketClosed && len(t.stuck) == 0 }

// signalled reports whether a ring is there that the workflow has not received yet.
func signalled(ctx workflow.Context) bool {
	return workflow.GetSignalChannel(ctx, contract.SignalRing).Len() > 0
}

// left reports whether every caller has an answer, so that this history may end.
func (t *ticket) left(ctx workflow.Context) bool {
	return len(t.asked) == 0 && workflow.AllHandlersFinished(ctx)
}

// full reports whether the history is long enough to be continued as new.
func (t *ticket) full(ctx workflow.Context) bool {
	limit := t.in.ContinueAfter
	if limit <= 0 {
		limit = ticketTurns
	}
	info := workflow.GetInfo(ctx)
	return t.turns > 0 && (t.turns >= limit || info.GetCurrentHistoryLength() >= ticketEvents || info.GetContinueAsNewSuggested())
}

// wake is the next instant at which the row must be looked at, and what is due then. Zero: there is none.
func (t *ticket) wake() (at time.Time, what string) {
	sooner := func(instant time.Time, why string) {
		if !instant.IsZero() && (at.IsZero() || instant.Before(at)) {
			at, what = instant, why
		}
	}
	if t.at.State != models.TicketClosed {
		sooner(t.at.LeaseUntil, "the assignment lapses")
		if t.at.Snoozed {
			sooner(t.at.SnoozedUntil, "the snooze ends")
		}
	}
	if len(t.stuck) > 0 {
		sooner(t.again, "commands are tried again")
	}
	if soonest := t.looked.Add(ticketTick); !at.IsZero() && at.Before(soonest) {
		at = soonest
	}
	return at, what
}

func (t *ticket) due(now time.Time) bool {
	at, _ := t.wake()
	return !at.IsZero() && !now.Before(at)
}

// look takes in how the row stands. It ends a snooze and an assignment whose instant has come.
func (t *ticket) look(ctx workflow.Context) error {
	why := "rung"
	if _, what := t.wake(); !t.rung {
		why = what
	}
	t.rung, t.stuck = false, nil
	t.turns++
	actx := transaction(ctx, calmly, "look · "+why)
	var view contract.TicketView
	if err := workflow.ExecuteLocalActivity(actx, contract.ActivityTicketTurn, contract.TicketTurnInput{Ticket: t.in.TicketStart}).Get(ctx, &view); err != nil {
		return err
	}
	t.at, t.looked = view, workflow.Now(ctx)
	t.remember(t.looked, why)
	return nil
}

// command does one command. One that cannot be done leaves the others their turn, and is tried again later.
func (t *ticket) command(ctx workflow.Context, id models.TicketCommandID) {
	what := fmt.Sprintf("command %d", id)
	for _, a := range t.asked {
		if a.id == id {
			what = fmt.Sprintf("%s · command %d", a.kind, id)
		}
	}
	t.turns++
	t.stuck = slices.DeleteFunc(t.stuck, func(s models.TicketCommandID) bool { return s == id })
	again := soon
	again.MaximumAttempts = 8
	actx := transaction(ctx, again, what)
	var view contract.TicketView
	err := workflow.ExecuteLocalActivity(actx, contract.ActivityRunTicketCommand, contract.TicketCommandInput{Ticket: t.in.TicketStart, CommandID: id}).Get(ctx, &view)
	now := workflow.Now(ctx)
	if err == nil {
		t.at = view
	} else {
		what += " · not done"
		t.stuck, t.again = append(t.stuck, id), now.Add(ticketAgain)
		workflow.GetLogger(ctx).Error("a ticket's command is not done", "command_id", int64(id), "error", err)
	}
	t.remember(now, what)
	t.answer(id, err)
}

// answer lets the updates return that wait for a command.
func (t *ticket) answer(id models.TicketCommandID, err error) {
	t.asked = slices.DeleteFunc(t.asked, func(a *askedTicket) bool {
		if a.id == id {
			a.done, a.err = true, err
		}
		return a.done
	})
}

// fail lets every update return before the workflow ends with an error.
func (t *ticket) fail(ctx workflow.Context, why error) error {
	for len(t.asked) > 0 {
		t.answer(t.asked[0].id, why)
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return why
}

// tell makes the ticket findable in Temporal Web by how it stands. A closed one is found by having ended.
func (t *ticket) tell(ctx workflow.Context) error {
	state := string(t.at.State)
	if t.at.Snoozed {
		state = StateSnoozed
	}
	if state == t.shown || state == "" || t.at.State == models.TicketClosed {
		return nil
	}
	t.shown = state
	return workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(state))
}

// wait sleeps until an instant, a ring or a command.
func (t *ticket) wait(ctx workflow.Context) error {
	at, what := t.wake()
	leaving := t.over() || t.full(ctx)
	return t.alarm.await(ctx, at, what, func() bool { return t.rung || len(t.asked) > 0 || (leaving && t.left(ctx) && !signalled(ctx)) })
}

func (t *ticket) continueAsNew(ctx workflow.Context) error {
	next := contract.TicketInput{TicketStart: t.in.TicketStart, ContinueAfter: t.in.ContinueAfter, Carried: &contract.TicketCarried{
		View: t.at, Shown: t.shown, Rung: t.rung || len(t.stuck) > 0 || signalled(ctx)}}
	return workflow.NewContinueAsNewError(ctx, Ticket, next)
}

// rememberedTurns is how many of the last turns the current details list. The console has the whole history.
const rememberedTurns = 5

// remember notes what a turn did.
func (t *ticket) remember(now time.Time, what string) {
	if len(t.lately) == rememberedTurns {
		t.lately = slices.Delete(t.lately, 0, 1)
	}
	t.lately = append(t.lately, fmt.Sprintf("%s %s: %s", now.UTC().Format("15:04:05"), what, t.stands()))
}

// stands says in words how the ticket stands.
func (t *ticket) stands() string {
	switch {
	case t.at.State == models.TicketClosed:
		return "closed"
	case t.at.Snoozed:
		return "snoozed"
	case t.at.State == models.TicketOpen:
		return "with an agent"
	case t.at.State == models.TicketWaiting:
		return "waiting for an agent"
	}
	return "not read"
}

// describe writes what an operator reads in Temporal Web.
func (t *ticket) describe(ctx workflow.Context) {
	var b strings.Builder
	fmt.Fprintf(&b, "**Ticket %d: %s**", t.in.TicketID, t.stands())
	if t.at.QueueID != 0 {
		fmt.Fprintf(&b, " · queue %d", t.at.QueueID)
	}
	if t.at.AgentID != 0 {
		fmt.Fprintf(&b, " · user %d", t.at.AgentID)
	}
	fmt.Fprintf(&b, "\n\n- since %s", stamp(t.at.Since))
	switch at, what := t.wake(); {
	case t.over():
		b.WriteString("\n- it begins again when the ticket is opened again")
	case !at.IsZero():
		fmt.Fprintf(&b, "\n- waits for an act of people, until %s: %s", stamp(at), what)
	case t.at.Snoozed:
		b.WriteString("\n- waits for a message of the contact or an act of people; no time-out")
	default:
		b.WriteString("\n- waits for an act of people; no time-out")
	}
	for _, id := range t.stuck {
		fmt.Fprintf(&b, "\n- command %d could not be done and is tried again %s", id, stamp(t.again))
	}
	if len(t.lately) > 0 {
		b.WriteString("\n\nLast turns (UTC):\n")
		for _, line := range t.lately {
			b.WriteString("\n- " + line)
		}
	}
	fmt.Fprintf(&b, "\n\naccount %d · connection %d · conversation %d", t.in.AccountID, t.in.ConnectionID, t.in.ConversationID)
	workflow.SetCurrentDetails(ctx, b.String()+linksHere(ctx, conversationLink(t.in.ConversationID)))
}
