// Package ring wakes workflows. A doorbell is a row written with the change it tells of (ADR 2); the Ringer rings
// it right after COMMIT by Update-with-start, which writes nothing in Temporal until the turn completes, and the Dispatcher
// rings by SignalWithStart what nobody answered. A doorbell's row goes when the workflow has answered.
package ring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/workflows"
)

// Rows is what ringing needs of the store.
type Rows interface {
	DoorbellsAnswered(ctx context.Context, ids []int64) error
	DueDoorbells(ctx context.Context, limit int) ([]contract.Doorbell, error)
	PostponeDoorbells(ctx context.Context, ids []int64) error
}

// Ringer rings doorbells in process, one ring at a time per workflow: doorbells that come while a ring is under way are
// answered by one more ring. It never blocks its callers, and what it drops the dispatcher finds.
type Ringer struct {
	update func(ctx context.Context, b contract.Doorbell) error
	rows   Rows
	log    *slog.Logger

	mu       sync.Mutex
	pending  map[string]*pending // by workflow id
	lately   time.Time           // when a workflow last answered
	work     chan *pending
	answered chan int64
	group    sync.WaitGroup
	cancel   context.CancelFunc
	observe  func(workflowType, how string, took time.Duration)
}

// pending is a workflow to be rung, with the rows that the ring answers.
type pending struct {
	bell  contract.Doorbell
	ids   []int64
	again bool // more came while the ring was under way
	next  []int64
	trace []byte    // mark of what came meanwhile
	since time.Time // since when it waits to be rung; zero while the ring is under way
}

// Limits of a Ringer.
const (
	// ringers is how many rings are under way in one process. It is less than the workers' pollers (worker.Tuning): a task
	// that finds a poller waiting is handed over in memory, while one that does not is written to the task queue's table.
	ringers       = 24
	backlog       = 4096             // workflows waiting to be rung; more are left to the dispatcher
	answerTimeout = 10 * time.Second // a ring nobody answered in this time is left to the dispatcher
	ackEvery      = 100 * time.Millisecond
	ackAtMost     = 512
	keepEvery     = 500 * time.Millisecond
)

// NewRinger starts a Ringer. observe is told of each ring's outcome ("answered", "silent", "failed"); it may be nil.
func NewRinger(starter Starter, rows Rows, log *slog.Logger, observe func(workflowType, how string, took time.Duration)) *Ringer {
	u := updater{start: starter.Update, client: starter.Client, running: map[string]string{}}
	return newRinger(traced(u.ring, starter.Traces), rows, log, observe)
}

// updater rings workflows that it knows to run by a plain Update, which costs Temporal and us less than Update-with-start.
type updater struct {
	start  func(ctx context.Context, b contract.Doorbell) (runID string, err error)
	client client.Client

	mu sync.Mutex
	// running holds, by workflow id, the run that answered a ring of ours; it may have ended since. With the run's id
	// Temporal need not ask its database which run is the present one.
	running map[string]string
}

// runningMost bounds what an updater remembers; then it begins anew.
const runningMost = 50_000

func (u *updater) ring(ctx context.Context, b contract.Doorbell) error {
	u.mu.Lock()
	runID, known := u.running[b.WorkflowID]
	u.mu.Unlock()
	if known {
		err := plainUpdate(ctx, u.client, b, runID)
		if err == nil || outcomeOf(err) == "silent" || ctx.Err() != nil {
			return err
		}
		u.mu.Lock()
		delete(u.running, b.WorkflowID) // it has ended, or is about to: start it anew
		u.mu.Unlock()
	}
	runID, err := u.start(ctx, b)
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.running) >= runningMost {
		clear(u.running)
	}
	u.running[b.WorkflowID] = runID
	return nil
}

// updateID names a ring in Temporal by its doorbell's row; empty lets the client draw a UUID. Histories hold the name four
// times a turn, and what Temporal keeps of a workflow between turns holds the names of all its rings: 36 characters where
// six do. A ring repeated under one name is answered with what was answered to the first, so each ring has a name of its own.
func updateID(b contract.Doorbell) string {
	if b.ID == 0 {
		return ""
	}
	return strconv.FormatInt(b.ID, 36)
}

// plainUpdate rings a workflow that runs.
func plainUpdate(ctx context.Context, c client.Client, b contract.Doorbell, runID string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{UpdateID: updateID(b), WorkflowID: b.WorkflowID, RunID: runID,
		UpdateName: contract.UpdateRing, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		return err
	}
	return handle.Get(ctx, nil)
}

func newRinger(update func(context.Context, contract.Doorbell) error, rows Rows, log *slog.Logger, observe func(string, string, time.Duration)) *Ringer {
	ctx, cancel := context.WithCancel(context.Background())
	if observe == nil {
		observe = func(string, string, time.Duration) {}
	}
	r := &Ringer{update: update, rows: rows, log: log, pending: map[string]*pending{}, work: make(chan *pending, backlog),
		answered: make(chan int64, backlog), cancel: cancel, observe: observe}
	for range ringers {
		r.group.Go(func() { r.ringLoop(ctx) })
	}
	r.group.Go(func() { r.ackLoop(ctx) })
	r.group.Go(func() { r.keepLoop(ctx) })
	return r
}

// Close stops ringing. What was not answered stays in the table for a dispatcher.
func (r *Ringer) Close() {
	r.cancel()
	r.group.Wait()
}

// Ring rings a doorbell whose row, if it has one, is committed.
func (r *Ringer) Ring(bells ...contract.Doorbell) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range bells {
		p, under := r.pending[b.WorkflowID]
		if under && !p.since.IsZero() { // the ring has not begun: what it wakes will read this change too
			if b.ID != 0 {
				p.ids = append(p.ids, b.ID)
			}
			if p.bell.Trace == nil {
				p.bell.Trace = b.Trace
			}
			continue
		}
		if under {
			p.again = true
			if b.ID != 0 {
				p.next = append(p.next, b.ID)
			}
			if b.Trace != nil {
				p.trace = b.Trace
			}
			continue
		}
		p = &pending{bell: b, since: time.Now()}
		if b.ID != 0 {
			p.ids = []int64{b.ID}
		}
		select {
		case r.work <- p:
			r.pending[b.WorkflowID] = p
		default: // the dispatcher finds the row
		}
	}
}

func (r *Ringer) ringLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-r.work:
			r.mu.Lock()
			p.since = time.Time{}
			r.mu.Unlock()
			r.ringUntilQuiet(ctx, p)
		}
	}
}

// ringUntilQuiet rings a workflow, and again for what came meanwhile: a ring under way may have read Postgres before.
func (r *Ringer) ringUntilQuiet(ctx context.Context, p *pending) {
	for {
		begun := time.Now()
		err := r.update(ctx, p.bell)
		how := "answered"
		if err != nil {
			how = outcomeOf(err)
		}
		r.observe(p.bell.WorkflowType, how, time.Since(begun))
		if err == nil {
			for _, id := range p.ids {
				select {
				case r.answered <- id:
				default: // rung again later: harmless
				}
			}
		}
		r.mu.Lock()
		if err == nil {
			r.lately = time.Now()
		}
		if err != nil || !p.again || ctx.Err() != nil {
			delete(r.pending, p.bell.WorkflowID)
			r.mu.Unlock()
			if err != nil && ctx.Err() == nil && how == "failed" {
				r.log.Debug("ring failed, the dispatcher will ring", "workflow_id", p.bell.WorkflowID, "error", err)
			}
			return
		}
		p.ids, p.next, p.again = p.next, nil, false
		p.bell.Trace, p.trace = p.trace, nil
		p.bell.ID = 0 // another ring, another name: see updateID
		if n := len(p.ids); n > 0 {
			p.bell.ID = p.ids[n-1]
		}
		if r.yield(p) {
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
	}
}

// yield puts a workflow that has to be rung again behind those that wait already: whoever writes at once what the reply asked
// for would otherwise keep a ring for himself, and others wait until he stops. False: nobody waits. r.mu is held.
func (r *Ringer) yield(p *pending) bool {
	if len(r.work) == 0 {
		return false
	}
	select {
	case r.work <- p:
		p.since = time.Now()
		return true
	default:
		return false
	}
}

// ackLoop removes answered doorbells in batches, so that a turn does not pay a commit for it.
func (r *Ringer) ackLoop(ctx context.Context) {
	tick := time.NewTicker(ackEvery)
	defer tick.Stop()
	var ids []int64
	flush := func() {
		if len(ids) == 0 {
			return
		}
		if err := r.rows.DoorbellsAnswered(ctx, ids); err != nil && ctx.Err() == nil {
			r.log.Warn("answered doorbells stay and will be rung again", "count", len(ids), "error", err)
		}
		ids = ids[:0]
	}
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-r.answered:
			if ids = append(ids, id); len(ids) >= ackAtMost {
				flush()
			}
		case <-tick.C:
			flush()
		}
	}
}

// keepLoop asks the dispatcher for patience while more waits here than can be rung at once: its signals would come on top
// and make every turn dearer. It does so only as long as workflows answer: where nobody does, the dispatcher's signals are
// what waits in Temporal until workers are back.
func (r *Ringer) keepLoop(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			ids := r.waiting(now)
			if len(ids) == 0 {
				continue
			}
			if err := r.rows.PostponeDoorbells(ctx, ids); err != nil && ctx.Err() == nil {
				r.log.Warn("the dispatcher will ring what waits here too", "count", len(ids), "error", err)
			}
		}
	}
}

// waiting are the rows of rings that have not begun although they are due for some time.
func (r *Ringer) waiting(now time.Time) []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.lately) > contract.DoorbellPatience {
		return nil
	}
	var ids []int64
	for _, p := range r.pending {
		if !p.since.IsZero() && now.Sub(p.since) > keepEvery/2 {
			ids = append(ids, p.ids...)
		}
		ids = append(ids, p.next...)
	}
	return ids
}

// outcomeOf tells a workflow that did not answer in time from a Temporal that could not be asked.
func outcomeOf(err error) string {
	var timeout *serviceerror.DeadlineExceeded
	var lost *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if errors.As(err, &timeout) || errors.As(err, &lost) || errors.Is(err, context.DeadlineExceeded) {
		return "silent"
	}
	return "failed"
}

// Starter rings workflows and starts those that do not run.
type Starter struct {
	Client client.Client
	// ContinueAfter, if set, makes the workflows it starts continue as new after so many steps: tests under load force it.
	ContinueAfter int
	// Console is where browsers find the console, for links in what workflows say of themselves; may be empty.
	Console string
	// Traces makes spans of rings whose doorbells are traced; may be nil.
	Traces *trace.Tracer
}

// Update rings by Update-with-start and returns, when the workflow has answered, the id of the run that did.
func (s Starter) Update(ctx context.Context, b contract.Doorbell) (runID string, err error) {
	return s.command(ctx, b, contract.UpdateRing, updateID(b))
}

// command updates the workflow of a doorbell, and starts it if it does not run. It returns, when the workflow has answered, the
// id of the run that did. A command that is repeated under one id in one run has the answer that it had.
func (s Starter) command(ctx context.Context, b contract.Doorbell, name, id string, args ...any) (runID string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	start := s.Client.NewWithStartWorkflowOperation(s.options(b, enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING), b.WorkflowType, s.input(b))
	handle, err := s.Client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: id, WorkflowID: b.WorkflowID, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return "", err
	}
	return handle.RunID(), handle.Get(ctx, nil)
}

// Signal rings by SignalWithStart: it returns when Temporal has the signal, whether or not a worker is there.
func (s Starter) Signal(ctx context.Context, b contract.Doorbell) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	_, err := s.Client.SignalWithStartWorkflow(ctx, b.WorkflowID, contract.SignalRing, nil,
		s.options(b, enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED), b.WorkflowType, s.input(b))
	return err
}

// input is what a workflow is started with.
func (s Starter) input(b contract.Doorbell) json.RawMessage {
	after := s.ContinueAfter
	if after <= 0 {
		after = workflows.Named(b.WorkflowType).ContinueAfter
	}
	if after <= 0 || len(b.Input) < 2 {
		return b.Input
	}
	comma := ","
	if len(b.Input) == len("{}") {
		comma = ""
	}
	return slices.Concat(b.Input[:len(b.Input)-1], fmt.Appendf(nil, `%s"continue_after":%d}`, comma, after))
}

func (s Starter) options(b contract.Doorbell, conflict enumspb.WorkflowIdConflictPolicy) client.StartWorkflowOptions {
	kind := workflows.Named(b.WorkflowType)
	return client.StartWorkflowOptions{
		ID: b.WorkflowID, TaskQueue: kind.Queue, WorkflowIDConflictPolicy: conflict,
		WorkflowTaskTimeout:   workflows.TaskTimeout,
		StaticSummary:         kind.Summary(b),
		StaticDetails:         kind.Details(b, s.Console),
		TypedSearchAttributes: kind.SearchAttributes(b),
	}
}
