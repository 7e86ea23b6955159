// Package worker registers workflows and activities with Temporal and tunes the workers that run them.
package worker

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/workflows"
)

// Activities are the verbs a worker runs.
type Activities struct {
	Flows       *activities.Flows
	Calls       *activities.Calls
	Connections *activities.Connections
	Tickets     *activities.Tickets
	Bulk        *activities.Bulk
	Broadcasts  *activities.Broadcasts
	Webhooks    *activities.Webhooks
	Media       *activities.Media
	House       *activities.House
	Releases    *activities.Releases
}

// Tuning are the numbers that were measured (docs/performance.md), and what belongs to the installation. Zero values take the defaults.
type Tuning struct {
	WorkflowTasks   int // workflow tasks at once
	LocalActivities int // flow steps at once; each holds a database connection
	Pollers         int // pollers of workflow tasks
	StickyCache     int // workflows kept in memory, some 45 kB each; others are replayed when they are woken
	// Console is where browsers find the console, for links in what workflows say of themselves; may be empty.
	Console string
	// Build names the program in every history. Empty takes the SDK's name, the digest of the whole program: 32 characters
	// that say nothing, four times a turn.
	Build string
}

// stopTimeout lets a send that is under way end before the process does.
const stopTimeout = 35 * time.Second

func (t Tuning) filled() Tuning {
	pick := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	pick(&t.WorkflowTasks, 64)
	pick(&t.LocalActivities, 32)
	pick(&t.Pollers, 32)
	pick(&t.StickyCache, 1_500) // the oldest go first, and those are windows and runs that wait for hours
	return t
}

// Workers are the workers of one process: flows and their steps, senders, files.
type Workers struct {
	all []sdk.Worker
}

// New registers everything on the task queues of the contract.
func New(c client.Client, a Activities, t Tuning) *Workers {
	t = t.filled()
	sdk.SetStickyWorkflowCacheSize(t.StickyCache)

	if t.Build != "" {
		sdk.SetBinaryChecksum(t.Build)
	}
	flows := sdk.New(c, contract.TaskQueue, sdk.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  t.WorkflowTasks,
		MaxConcurrentLocalActivityExecutionSize: t.LocalActivities,
		MaxConcurrentActivityExecutionSize:      64,
		MaxConcurrentWorkflowTaskPollers:        t.Pollers,
		MaxConcurrentActivityTaskPollers:        2,
		WorkerStopTimeout:                       stopTimeout,
		Interceptors:                            []interceptor.WorkerInterceptor{&consoleLinks{address: t.Console}},
	})
	RegisterWorkflows(flows)
	registerFlows(flows, a)

	senders := sdk.New(c, contract.SenderTaskQueue, sdk.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: 200, // one a connection
		// Left to itself the SDK passes on a sign of life every 8 of the 10 seconds a sender has: too close on a busy machine.
		MaxHeartbeatThrottleInterval:     3 * time.Second,
		MaxConcurrentActivityTaskPollers: 2,
		WorkerStopTimeout:                stopTimeout,
	})
	registerSenders(senders, a)

	media := sdk.New(c, contract.MediaTaskQueue, sdk.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: 8,
		MaxConcurrentActivityTaskPollers:   2,
		WorkerStopTimeout:                  stopTimeout,
	})
	registerMedia(media, a)
	return &Workers{all: []sdk.Worker{flows, senders, media}}
}

// Start starts all workers; on an error those that run are stopped.
func (w *Workers) Start() error {
	for i, one := range w.all {
		if err := one.Start(); err != nil {
			for _, started := range w.all[:i] {
				started.Stop()
			}
			return err
		}
	}
	return nil
}

// Stop stops taking tasks and waits for those under way.
func (w *Workers) Stop() {
	done := make(chan struct{}, len(w.all))
	for _, one := range w.all {
		go func() { one.Stop(); done <- struct{}{} }()
	}
	for range w.all {
		<-done
	}
}

// WorkflowRegistry is what workflows are registered with: a worker, a replayer or a test environment.
type WorkflowRegistry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// RegisterWorkflows registers every workflow under the name that doorbells write.
func RegisterWorkflows(r WorkflowRegistry) {
	for _, t := range workflows.Table() {
		r.RegisterWorkflowWithOptions(t.Run, workflow.RegisterOptions{Name: t.Name})
	}
}
