package sender

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// session is one sender's time with a connection: a loop that claims, lets goroutines send, and records what finished
// together in one transaction. Everything here belongs to the loop's goroutine, except where it says otherwise.
type session struct {
	*Sender
	*paces
	lease
	health
	queue
	outcomes
	ctx     context.Context      // ends with the activity
	view    *contract.SenderView // replaced as a whole: goroutines keep the one they began with
	adapter channels.Adapter
	cred    channels.Credentials
	results chan contract.SendOutcome

	begun, lastWork time.Time
	sent            int
	more            bool
	spans           spans
}

// outcomes are what finished and is not recorded yet.
type outcomes struct {
	accepted   []contract.SendOutcome // to be recorded together
	failed     []contract.SendOutcome // to be recorded one by one
	gatherTill time.Time              // until when accepted ones wait for others

	dbPauseTill time.Time // the database did not answer: wait before asking again
	dbFails     int
}

// queue is what a session knows of its connection's queue, and what of it is under way.
type queue struct {
	dirty     bool // there may be something to claim
	saturated bool // the last claim got all it asked for
	lastPoll  time.Time

	inFlight   int
	broadcasts int // of those in flight
}

// unreachableRounds is after how many fruitless rounds, some two minutes, the circuit opens.
const unreachableRounds = 7

func (s *Sender) newSession(ctx context.Context, view contract.SenderView, leasedAt time.Time) (*session, error) {
	a, cred, err := channels.Open(s.Adapters, s.Opener, &view.Connection)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	return &session{Sender: s, paces: s.paceOf(&view, a.Capabilities()),
		lease:  lease{leased: newLeaseClock(leasedAt, s.Lease), renewAt: now.Add(s.Lease / 3), unknownAt: now},
		health: health{trial: view.Connection.HoldProbes > 0},
		queue:  queue{dirty: true},
		ctx:    ctx, view: &view, adapter: a, cred: cred, results: make(chan contract.SendOutcome, s.InFlight),
		begun: now, lastWork: now, spans: spans{tracer: s.Traces}}, nil
}

// numberLimit is how many messages a second a number may send: what an admin set, what the provider reports, or the
// channel's default.
func numberLimit(conn *models.Connection, caps *models.Capabilities) int {
	told := conn.Facts()
	limit := caps.Pace.PerSecond
	switch {
	case conn.RatePerSecond > 0:
		limit = conn.RatePerSecond
	case told.Coexistence:
		limit = caps.Pace.CoexistencePerSecond
	case told.PerSecond > 0:
		limit = told.PerSecond
	}
	if caps.Pace.MaxPerSecond > 0 {
		limit = min(limit, caps.Pace.MaxPerSecond)
	}
	return max(limit, 1)
}

// recordAtMost is how long a session that has to end goes on trying to record what it knows.
const recordAtMost = time.Minute

// run loops until there is nothing left to do.
func (ss *session) run(stopping <-chan struct{}) error {
	nudged, leave := ss.Bus.join(ss.view.Fence.ConnectionID)
	defer func() { leave() }()
	var ended error       // why the session has to end: another sender, or no database
	var stopped time.Time // since when it has to end
	var left bool         // the lease is given up, and the queue was looked at since
	for {
		now := ss.Now()
		stop := ended != nil || ss.ctx.Err() != nil || closed(stopping)
		if !stop {
			if ended = ss.upkeep(now); ended != nil {
				continue
			}
		} else if stopped.IsZero() {
			stopped = now
		}
		ss.more = ss.more || now.Sub(ss.begun) >= ss.Turn
		closing := stop || ss.more || ss.held
		if ss.turn(now, closing) {
			ss.lastWork = ss.Now()
			if left { // there was something after all
				leave()
				nudged, leave = ss.Bus.join(ss.view.Fence.ConnectionID)
				left, ss.renewAt = false, now
			}
			continue
		}
		if closing || now.Sub(ss.lastWork) >= ss.Linger {
			switch idle := ss.inFlight == 0 && len(ss.accepted)+len(ss.failed) == 0; {
			case idle && closing, stop && now.Sub(stopped) > recordAtMost:
				ss.more = ss.more || (stop && ended == nil)
				return ss.end(ended)
			case idle && left:
				return nil
			case idle:
				// Nobody queued anything for a while. Give the lease up, then look once more: whoever queued before has told
				// us or sees now that nobody is there.
				leave()
				if err := ss.Store.CloseSender(ss.ctx, ss.view.Fence); err != nil {
					return err
				}
				left, ss.dirty, ss.saturated = true, true, false
				continue
			}
		}
		ss.sleep(nudged, stopping, ss.nextEvent(now, closing))
	}
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// end gives the lease up, if it still is ours.
func (ss *session) end(why error) error {
	switch {
	case errors.Is(why, models.ErrFenced):
		return nil // another sender is at work: there is nothing to repeat
	case why != nil:
		return why
	}
	return ss.Store.CloseSender(context.WithoutCancel(ss.ctx), ss.view.Fence)
}

// upkeep renews the lease and looks at unknown sends when it is time. An error ends the session.
func (ss *session) upkeep(now time.Time) error {
	if now.Before(ss.dbPauseTill) {
		return nil
	}
	if !now.Before(ss.renewAt) {
		begun := ss.Now()
		view, bells, err := ss.Store.RenewSender(ss.ctx, ss.view.Fence, ss.Lease)
		ss.wake(bells)
		switch {
		case errors.Is(err, models.ErrFenced):
			ss.leased.lose()
			return err
		case err != nil:
			return ss.databaseFailed(err)
		}
		ss.dbFails = 0
		ss.leased.renewed(begun)
		ss.renewAt = begun.Add(ss.Lease / 3)
		if err := ss.refresh(&view); err != nil {
			return err
		}
	}
	if !now.Before(ss.unknownAt) {
		ss.unknownAt = now.Add(time.Second)
		again, bells, err := ss.Store.ResolveUnknown(ss.ctx, ss.view.Fence)
		ss.wake(bells)
		if err != nil {
			return ss.databaseFailed(err)
		}
		ss.dirty = ss.dirty || again > 0
	}
	return nil
}

// databaseFailed waits a little longer each time; a session that cannot reach Postgres for long ends with the error.
func (ss *session) databaseFailed(err error) error {
	ss.dbFails++
	if ss.dbFails > 20 {
		return err
	}
	ss.dbPauseTill = ss.Now().Add(min(100*time.Millisecond<<min(ss.dbFails, 5), 2*time.Second))
	ss.Log.Warn("a sender waits for the database", "connection_id", ss.view.Fence.ConnectionID, "account_id", ss.view.Fence.AccountID, "error", err)
	return nil
}

// refresh takes in what changed about the connection: an admin's pause, a new token, another pace.
func (ss *session) refresh(view *contract.SenderView) error {
	changed := !view.Connection.UpdatedAt.Equal(ss.view.Connection.UpdatedAt)
	ss.view = view
	rest := contract.SenderRest{State: view.Connection.State, Scope: view.Connection.HoldScope}
	ss.held = rest.Blocked()
	if !changed {
		return nil
	}
	a, cred, err := channels.Open(ss.Adapters, ss.Opener, &view.Connection)
	if err != nil {
		return err
	}
	ss.adapter, ss.cred = a, cred
	ss.number.setLimit(numberLimit(&view.Connection, a.Capabilities()))
	return nil
}

// turn does what can be done now: records what finished and claims what may leave, in one transaction. It tells whether
// anything moved.
func (ss *session) turn(now time.Time, closing bool) bool {
	ss.collect()
	if now.Before(ss.dbPauseTill) {
		return false
	}
	moved := ss.recordFailures()
	n, maxPriority := 0, models.PriorityBroadcast
	if !closing {
		n, maxPriority = ss.claimable(now)
	}
	due := len(ss.accepted) > 0 && (closing || (n > 0 && ss.dirty) || len(ss.accepted) >= ss.Batch || !now.Before(ss.gatherTill))
	claims := n > 0 && (ss.dirty || due)
	if !due && !claims {
		return moved
	}
	if !claims {
		n = 0
	}
	accepted := ss.accepted
	ss.spans.round()
	claimed, left, err := ss.Store.ClaimAndRecord(context.WithoutCancel(ss.ctx), ss.view.Fence, accepted, ss.want(n, maxPriority, now))
	if err != nil {
		if errFatal := ss.databaseFailed(err); errFatal != nil {
			ss.more = true
		}
		return false
	}
	ss.dbFails = 0
	ss.spans.recorded(ss.ctx, accepted, left)
	ss.accepted = nil
	ss.failed = append(ss.failed, left...)
	if claims {
		ss.lastPoll = now
		ss.saturated = len(claimed) == n
		ss.dirty = ss.saturated
		ss.start(claimed, now)
	} else {
		ss.dirty = true // what was recorded may have made room for what follows it
	}
	ss.recordFailures()
	return moved || len(accepted) > 0 || len(claimed) > 0
}

// claimable is how many messages may be claimed now, and up to which priority: free slots, the number's pace, the lease, a
// trial after a hold. Broadcasts never take the last quarter of the slots, so that a slow provider leaves room for people.
func (ss *session) claimable(now time.Time) (n, maxPriority int) {
	maxPriority = models.PriorityBroadcast
	if ss.broadcasts >= ss.InFlight*3/4 {
		maxPriority = models.PriorityBot
	}
	tokens := ss.number.available(now)
	if tokens < ss.wanted() || now.Before(ss.silentTill) || !ss.leased.fresh(ss.Now()) {
		return 0, maxPriority
	}
	return max(min(ss.free(), ss.Batch, tokens), 0), maxPriority
}

// free is how many more sends may be under way.
func (ss *session) free() int {
	if ss.trial || ss.unreachable > 0 {
		return 1 - ss.inFlight
	}
	return ss.InFlight - ss.inFlight
}

// wanted is how many tokens a claim waits for: while more waits than may leave, some 50 ms' worth, so that claims are few.
func (ss *session) wanted() int {
	if !ss.saturated {
		return 1
	}
	return min(max(int(ss.number.rate()/20), 1), ss.Batch)
}

// want says what to claim. As long as an earlier sender's messages may matter for the pair's pace, they are asked for too.
func (ss *session) want(n, maxPriority int, now time.Time) contract.SendClaim {
	w := contract.SendClaim{N: n, MaxPriority: maxPriority, AttemptIDs: make([]uuid.UUID, n), RecentMost: ss.pairs.burst}
	for i := range w.AttemptIDs {
		w.AttemptIDs[i] = ss.NewID()
	}
	if !ss.pairs.knowsAll(now) {
		w.RecentSince = now.Add(-ss.pairs.span())
	}
	return w
}

// start lets goroutines send what was claimed, after the pair's pace had its say.
func (ss *session) start(claimed []contract.ClaimedSend, now time.Time) {
	if len(claimed) == 0 {
		return
	}
	ss.number.take(len(claimed))
	var early []contract.ClaimedSend
	var at time.Time
	for i := range claimed {
		c := &claimed[i]
		if !ss.pairs.knows(c.ConversationID, now) {
			ss.pairs.learn(c.ConversationID, c.Recent)
		}
		ok, first := ss.pairs.take(c.ConversationID, now)
		if !ok {
			ss.number.take(-1)
			if err := ss.Store.GiveBack(context.WithoutCancel(ss.ctx), claimed[i:i+1], first); err != nil {
				early, at = append(early, *c), first
			}
			continue
		}
		ss.inFlight++
		if c.Priority >= models.PriorityBroadcast {
			ss.broadcasts++
		}
		go ss.attempt(ss.spans.begin(ss.ctx, c, ss.view.Fence.ConnectionID), c, ss.adapter, ss.cred, ss.view, ss.unreachable+1)
	}
	if len(early) > 0 { // the database went away just now: they are given back as soon as it is there again
		for i := range early {
			ss.failed = append(ss.failed, notTried(&early[i], at.Sub(now), now))
		}
	}
}

// collect takes what finished, without waiting.
func (ss *session) collect() {
	for {
		select {
		case out := <-ss.results:
			ss.finished(out)
		default:
			return
		}
	}
}

// finished takes in one outcome.
func (ss *session) finished(out contract.SendOutcome) {
	now := ss.Now()
	ss.inFlight--
	if out.Send.Priority >= models.PriorityBroadcast {
		ss.broadcasts--
	}
	if out.Accepted != nil {
		ss.sent++
		ss.answered(now)
		if ss.trial {
			ss.trial = false
			if err := ss.Store.ConnectionWorks(context.WithoutCancel(ss.ctx), ss.view.Fence.AccountID, ss.view.Fence.ConnectionID); err != nil {
				ss.trial = true
			}
		}
		if out.Send.Awaited {
			ss.failed = append(ss.failed, out) // a run waits to hear of it: settled in a transaction of its own
			return
		}
		till := now.Add(ss.Settle)
		if out.Send.Behind {
			till = now.Add(ss.Gather)
		}
		if len(ss.accepted) == 0 || till.Before(ss.gatherTill) {
			ss.gatherTill = till
		}
		ss.accepted = append(ss.accepted, out)
		return
	}
	switch out.Verdict.Kind {
	case models.VerdictUnreachable:
		ss.pairs.giveBack(out.Send.ConversationID)
		if !now.Before(ss.number.paused) {
			ss.unreachable++
			ss.number.pause(max(out.Verdict.Wait, time.Second), now)
		}
		if ss.unreachable >= unreachableRounds || ss.trial {
			ss.openCircuit()
		}
	case models.VerdictUnknown:
		ss.unanswered(&out, now)
	case models.VerdictSlowNumber:
		ss.pairs.giveBack(out.Send.ConversationID)
		ss.number.slow(out.Verdict.Wait, now)
		ss.answered(now)
	case models.VerdictHold:
		ss.pairs.giveBack(out.Send.ConversationID)
		ss.held = ss.held || out.Verdict.Scope == models.HoldAll
		ss.answered(now)
	default:
		if out.Failure.HTTPStatus > 0 { // what we refused ourselves says nothing of the provider
			ss.answered(now)
		}
	}
	ss.failed = append(ss.failed, out)
}

// openCircuit holds the connection because its provider cannot be reached.
func (ss *session) openCircuit() {
	v := models.Verdict{Kind: models.VerdictHold, Scope: models.HoldAll, Wait: 30 * time.Second, Reason: "provider unreachable"}
	if err := ss.Store.HoldConnection(context.WithoutCancel(ss.ctx), ss.view.Fence.AccountID, ss.view.Fence.ConnectionID, v, models.NoProviderCode); err == nil {
		ss.held = true
	}
}

// recordFailures settles outcomes one by one: each in its own transaction, so that none can take others down.
func (ss *session) recordFailures() bool {
	moved := false
	for len(ss.failed) > 0 && !ss.Now().Before(ss.dbPauseTill) {
		out := ss.failed[0]
		ss.spans.round()
		bells, err := ss.Store.RecordOutcome(context.WithoutCancel(ss.ctx), out)
		ss.wake(bells)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			if ss.databaseFailed(err) != nil {
				// Not the database as a whole but this outcome: it stays claimed, and the next sender calls it unknown.
				ss.Log.Error("an outcome could not be recorded", "message_id", out.Send.MessageID, "connection_id", ss.view.Fence.ConnectionID, "error", err)
				ss.failed, ss.more = ss.failed[1:], true
			}
			return moved
		}
		ss.spans.recorded(ss.ctx, ss.failed[:1], nil)
		ss.failed = ss.failed[1:]
		ss.dirty, moved = true, true
	}
	return moved
}

// nextEvent is when the loop has something to do without being told.
func (ss *session) nextEvent(now time.Time, closing bool) time.Time {
	at := ss.lastPoll.Add(ss.Poll) // whatever wakes us in between: what is due later is found within one poll
	sooner := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	if ss.dbPauseTill.After(now) {
		return ss.dbPauseTill
	}
	if len(ss.accepted) > 0 {
		sooner(ss.gatherTill)
	}
	if closing {
		return at
	}
	sooner(ss.renewAt)
	if ss.dirty && ss.free() > 0 && ss.number.available(now) < ss.wanted() {
		sooner(ss.number.next(ss.wanted(), now))
	}
	return at
}

// sleep waits for an outcome, a nudge, the worker's end or an instant.
func (ss *session) sleep(nudged, stopping <-chan struct{}, until time.Time) {
	wait := until.Sub(ss.Now())
	if wait <= 0 {
		wait = time.Microsecond
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	if closed(stopping) {
		stopping = nil
	}
	done := ss.ctx.Done()
	if ss.ctx.Err() != nil {
		done = nil
	}
	select {
	case out := <-ss.results:
		ss.finished(out)
	case <-nudged:
		ss.dirty, ss.saturated = true, false
	case <-timer.C:
		if now := ss.Now(); now.Sub(ss.lastPoll) >= ss.Poll {
			ss.dirty, ss.lastPoll = true, now
		}
	case <-stopping:
	case <-done:
	}
}
