package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// syncEvery is how often templates, quality and limits are read from the provider.
const syncEvery = 6 * time.Hour

// connectionTurns is how many turns one history takes before it is continued as new: a turn is some dozen events, and one
// run may take 2,000 updates.
const connectionTurns = 250

// connectionEvents is how many events a history has before it is continued as new, however few turns it took: rings while no
// worker is there come as one signal each. No history may grow beyond 4,096 events (goal R19).
const connectionEvents = 1500

// senderHeartbeat is after how long without a sign of life a sender counts as dead.
const senderHeartbeat = 10 * time.Second

// VersionRereadWhenRung is the behaviour of a Connection that reads its row when it is rung while it rests, and that continues
// as new also for the length of its history. Before it, an admin's resume took effect only at the next probe.
const VersionRereadWhenRung = "reread-when-rung"

var connectionType = define(definition[contract.ConnectionStart]{
	run:      Connection,
	versions: []string{"initial", VersionRereadWhenRung},
	summary: func(s contract.ConnectionStart) string {
		return fmt.Sprintf("connection %d · account %d", s.ConnectionID, s.AccountID)
	},
	details: "Sends what a connection has queued, and looks after it.",
	links:   func(contract.ConnectionStart) []string { return []string{connectionsLink} },
	found: func(s contract.ConnectionStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, state: string(models.ConnectionActive)}
	},
})

// Connection lives as long as its connection. It runs the sender when there is something to send, probes the provider while
// the circuit is open, and reads templates and quality now and then. One sender at a time: the activity below; a fence in
// Postgres makes sure of it.
func Connection(ctx workflow.Context, in contract.ConnectionInput) error {
	c := newConnection(ctx, in)
	if err := c.register(ctx); err != nil {
		return err
	}
	return c.run(ctx)
}

// connection is the state of a Connection; what survives continue-as-new is in ConnectionCarried.
type connection struct {
	in         contract.ConnectionInput
	rest       contract.SenderRest
	since      time.Time // since when it stands like that
	nextSyncAt time.Time
	rung       bool
	syncNow    int // syncs that are asked for
	synced     int // syncs done, also failed ones
	syncErr    error
	trouble    string // why the sender could not even begin
	lastSync   contract.SyncConnectionResult
	sending    bool
	busy       int // activities under way besides the sender
	turns      int
	alarm      alarm
	rereads    bool // a ring while the connection rests makes it read the row
}

func newConnection(ctx workflow.Context, in contract.ConnectionInput) *connection {
	c := &connection{in: in, rung: true, since: workflow.Now(ctx), nextSyncAt: workflow.Now(ctx)} // whatever started us is the first ring
	c.rereads = workflow.GetVersion(ctx, VersionRereadWhenRung, workflow.DefaultVersion, 1) >= 1
	c.rest.State = models.ConnectionActive
	if in.Carried != nil {
		c.rest, c.since, c.nextSyncAt, c.rung = in.Carried.Rest, in.Carried.Since, in.Carried.NextSyncAt, in.Carried.Rung
	}
	return c
}

func (c *connection) register(ctx workflow.Context) error {
	state := func() contract.ConnectionState {
		return contract.ConnectionState{SenderRest: c.rest, Sending: c.sending, Since: c.since, NextSyncAt: c.nextSyncAt}
	}
	return listen(ctx, func() { c.rung = true }, state, func() error { return c.commands(ctx) })
}

// commands registers what admins may ask for.
func (c *connection) commands(ctx workflow.Context) error {
	for _, command := range []struct{ update, activity string }{{contract.UpdatePause, contract.ActivityPauseConnection}, {contract.UpdateResume, contract.ActivityResumeConnection}} {
		err := workflow.SetUpdateHandler(ctx, command.update, func(ctx workflow.Context) (contract.SenderRest, error) {
			err := c.check(ctx, command.activity)
			c.rung = c.rung || !c.rest.Blocked()
			return c.rest, err
		})
		if err != nil {
			return fmt.Errorf("register %s: %w", command.update, err)
		}
	}
	err := workflow.SetUpdateHandler(ctx, contract.UpdateSync, func(ctx workflow.Context) (contract.SyncConnectionResult, error) {
		c.syncNow++
		mine := c.synced + 1
		if err := workflow.Await(ctx, func() bool { return c.synced >= mine }); err != nil {
			return contract.SyncConnectionResult{}, err
		}
		return c.lastSync, c.syncErr
	})
	if err != nil {
		return fmt.Errorf("register %s: %w", contract.UpdateSync, err)
	}
	return nil
}

// run starts whatever is due and waits for the next instant, ring or command. Sending, probing and synchronising go on
// beside each other; a history that is full is continued as new between them, once everybody who asked has an answer.
func (c *connection) run(ctx workflow.Context) error {
	for {
		now := workflow.Now(ctx)
		removed := c.rest.State == models.ConnectionRemoved
		long := c.rereads && workflow.GetInfo(ctx).GetCurrentHistoryLength() >= connectionEvents
		leaving := removed || long || c.turns >= c.limit() || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
		switch {
		case leaving && c.quiet(ctx) && removed:
			return nil
		case leaving && c.quiet(ctx):
			return c.continueAsNew(ctx)
		case !leaving && c.sendDue(now):
			c.send(ctx)
			continue
		case !leaving && c.rereads && c.busy == 0 && c.rung && c.rest.Blocked() && !c.sending:
			c.reread(ctx)
			continue
		case !leaving && c.busy == 0 && c.probeDue(now):
			c.beside(ctx, func(ctx workflow.Context) error { return c.check(ctx, contract.ActivityProbeConnection) })
			continue
		case c.busy == 0 && (c.syncNow > 0 || (!leaving && !now.Before(c.nextSyncAt))):
			c.sync(ctx, now)
			continue
		}
		c.describe(ctx)
		if err := c.wait(ctx, leaving); err != nil {
			return err
		}
	}
}

// quiet tells that nothing is under way and nobody waits for an answer.
func (c *connection) quiet(ctx workflow.Context) bool {
	return !c.sending && c.busy == 0 && c.syncNow == 0 && workflow.AllHandlersFinished(ctx)
}

// sendDue tells whether the sender is to be started: somebody rang or a delayed message is ready, and the circuit is closed.
func (c *connection) sendDue(now time.Time) bool {
	return !c.sending && !c.rest.Blocked() && (c.rung || (!c.rest.WakeAt.IsZero() && !now.Before(c.rest.WakeAt)))
}

func (c *connection) probeDue(now time.Time) bool {
	return c.rest.State == models.ConnectionHeld && !c.rest.ProbeAt.IsZero() && !now.Before(c.rest.ProbeAt)
}

// send runs the sender. A dead one is replaced after its heartbeat's time-out; what it had claimed and not recorded is then
// unknown, and never simply sent again.
func (c *connection) send(ctx workflow.Context) {
	c.rung, c.sending = false, true
	c.turns++
	workflow.Go(ctx, func(ctx workflow.Context) {
		actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			TaskQueue:           contract.SenderTaskQueue,
			StartToCloseTimeout: 30 * time.Minute,
			HeartbeatTimeout:    senderHeartbeat,
			RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
			Summary:             "send what is queued",
		})
		var rest contract.SenderRest
		err := workflow.ExecuteActivity(actx, contract.ActivitySendPending, contract.SendPendingInput{Connection: c.in.ConnectionStart}).Get(ctx, &rest)
		c.sending = false
		if err != nil {
			// Not to be mended by trying again (no adapter, a token that cannot be opened): wait for the next ring.
			c.rest.WakeAt, c.trouble = time.Time{}, err.Error()
			return
		}
		c.trouble = ""
		c.stand(ctx, rest)
		c.rung = c.rung || rest.More
	})
}

// stand takes in how the connection stands now.
func (c *connection) stand(ctx workflow.Context, rest contract.SenderRest) {
	if rest.State != c.rest.State || rest.Code != c.rest.Code {
		c.since = workflow.Now(ctx)
	}
	if rest.State != c.rest.State && rest.State != models.ConnectionRemoved {
		if err := workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(string(rest.State))); err != nil {
			workflow.GetLogger(ctx).Error("the state is not to be found in Temporal Web", "error", err)
		}
	}
	c.rest = rest
}

// beside runs something in a coroutine of its own.
func (c *connection) beside(ctx workflow.Context, f func(workflow.Context) error) {
	c.busy++
	c.turns++
	workflow.Go(ctx, func(ctx workflow.Context) {
		_ = f(ctx) // what failed is tried again when it is due again
		c.busy--
	})
}

// check asks the provider or the store about the connection and takes in how it stands then.
func (c *connection) check(ctx workflow.Context, name string) error {
	before := c.rest
	ctx = askProvider(ctx, time.Minute, temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 30 * time.Second, MaximumAttempts: 10}, name)
	var rest contract.SenderRest
	if err := workflow.ExecuteActivity(ctx, name, contract.ConnectionCheckInput{Connection: c.in.ConnectionStart}).Get(ctx, &rest); err != nil {
		if name == contract.ActivityProbeConnection {
			c.rest.ProbeAt = workflow.Now(ctx).Add(15 * time.Minute)
		}
		return err
	}
	c.stand(ctx, rest)
	if before.Blocked() && !rest.Blocked() {
		c.rung = true // what waited may go
	}
	return nil
}

// reread takes in how the row stands: a ring while the connection rests may be the admin who resumed it.
func (c *connection) reread(ctx workflow.Context) {
	c.rung = false
	c.beside(ctx, func(ctx workflow.Context) error {
		ctx = transaction(ctx, soon, "how the connection stands")
		var rest contract.SenderRest
		if err := workflow.ExecuteLocalActivity(ctx, contract.ActivityReadConnection, contract.ConnectionCheckInput{Connection: c.in.ConnectionStart}).Get(ctx, &rest); err != nil {
			return err
		}
		c.stand(ctx, rest)
		c.rung = c.rung || !rest.Blocked()
		return nil
	})
}

// sync reads templates, quality and limits; a failure waits for the next time or for somebody who asks.
func (c *connection) sync(ctx workflow.Context, now time.Time) {
	c.syncNow, c.nextSyncAt = 0, now.Add(syncEvery)
	c.beside(ctx, func(ctx workflow.Context) error {
		actx := askProvider(ctx, 2*time.Minute, temporal.RetryPolicy{InitialInterval: 2 * time.Second, MaximumInterval: time.Minute, MaximumAttempts: 5},
			"templates, quality and limits")
		c.lastSync = contract.SyncConnectionResult{}
		c.syncErr = workflow.ExecuteActivity(actx, contract.ActivitySyncConnection, contract.ConnectionCheckInput{Connection: c.in.ConnectionStart}).Get(ctx, &c.lastSync)
		c.synced++
		return c.syncErr
	})
}

// wait sleeps until the next absolute instant, a ring, a command, or the end of something under way.
func (c *connection) wait(ctx workflow.Context, leaving bool) error {
	sending, busy, rest := c.sending, c.busy, c.rest
	woken := func() bool {
		return c.sending != sending || c.busy != busy || c.rest != rest || (c.syncNow > 0 && c.busy == 0) ||
			(!leaving && c.rung && !c.sending && (!c.rest.Blocked() || (c.rereads && c.busy == 0))) || (leaving && c.quiet(ctx))
	}
	if leaving {
		return workflow.Await(ctx, woken)
	}
	at, why := c.nextSyncAt, "synchronise"
	if c.busy > 0 {
		at = time.Time{} // whatever is under way wakes us
	}
	sooner := func(t time.Time, what string) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at, why = t, what
		}
	}
	if c.rest.State == models.ConnectionHeld && c.busy == 0 {
		sooner(c.rest.ProbeAt, "probe the provider")
	}
	if !c.sending && !c.rest.Blocked() {
		sooner(c.rest.WakeAt, "a delayed message is ready")
	}
	return c.alarm.await(ctx, at, why, woken)
}

func (c *connection) continueAsNew(ctx workflow.Context) error {
	next := contract.ConnectionInput{ConnectionStart: c.in.ConnectionStart, ContinueAfter: c.in.ContinueAfter, Carried: &contract.ConnectionCarried{
		Rest: c.rest, Since: c.since, NextSyncAt: c.nextSyncAt, Rung: c.rung || workflow.GetSignalChannel(ctx, contract.SignalRing).Len() > 0}}
	return workflow.NewContinueAsNewError(ctx, Connection, next)
}

func (c *connection) limit() int {
	if c.in.ContinueAfter > 0 {
		return c.in.ContinueAfter
	}
	return connectionTurns
}

// describe writes what an operator reads in Temporal Web.
func (c *connection) describe(ctx workflow.Context) {
	var b strings.Builder
	switch {
	case c.rest.State == models.ConnectionHeld:
		fmt.Fprintf(&b, "**Held: %s** · %s\n\n- since %s\n- next probe %s\n- %s wait in order and leave by themselves when the cause is gone\n- what to do: docs/runbooks/connection-held.md",
			holdCause(c.rest.Code), holdCode(c.rest.Code), stamp(c.since), stamp(c.rest.ProbeAt), heldMessages(c.rest.Scope))
	case c.rest.State == models.ConnectionPaused:
		fmt.Fprintf(&b, "**Paused by an admin**\n\n- since %s\n- queued messages wait in order", stamp(c.since))
	case c.sending:
		fmt.Fprintf(&b, "**Sending**\n")
	default:
		fmt.Fprintf(&b, "**Nothing to send**\n")
		if !c.rest.WakeAt.IsZero() {
			fmt.Fprintf(&b, "\n- the next delayed message is ready %s", stamp(c.rest.WakeAt))
		}
	}
	if c.trouble != "" {
		fmt.Fprintf(&b, "\n- the sender could not begin: %s", c.trouble)
	}
	fmt.Fprintf(&b, "\n- templates and quality are read again %s", stamp(c.nextSyncAt))
	if c.lastSync.Quality != "" {
		fmt.Fprintf(&b, "\n- quality %s, limit %s, may send: %s, %d templates", c.lastSync.Quality, c.lastSync.Limit, c.lastSync.CanSend, c.lastSync.Templates)
	}
	if len(c.lastSync.Without) > 0 {
		fmt.Fprintf(&b, "\n- its channel has no %s", strings.Join(c.lastSync.Without, " and no "))
	}
	fmt.Fprintf(&b, "\n\naccount %d · connection %d", c.in.AccountID, c.in.ConnectionID)
	workflow.SetCurrentDetails(ctx, b.String()+linksHere(ctx, connectionsLink))
}

// holdCause says in words why a circuit is open, by the provider's code; 0 is no code.
func holdCause(code int) string {
	switch {
	case code == 0:
		return "the provider cannot be reached or does not know us"
	case code == 3 || code == 10 || code == 190 || code == 131005 || (code >= 200 && code <= 299):
		return "the access token is not accepted"
	case code == 131042:
		return "payment problem at the provider"
	case code == 131031 || code == 368:
		return "the provider has locked the account"
	case code == 131048 || code == 131064:
		return "the provider limits what was reported as spam"
	}
	return "the provider refuses the number"
}

func holdCode(code int) string {
	if code == 0 {
		return "no code"
	}
	return fmt.Sprintf("error %d", code)
}

func heldMessages(scope models.HoldScope) string {
	if scope == models.HoldTemplates {
		return "templates and broadcasts"
	}
	return "all messages"
}
