package ring

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/perene/perene/contract"
)

// Dispatcher rings what a crash or a silent workflow left behind. Any number may run; they share the table by SKIP LOCKED.
type Dispatcher struct {
	Starter Starter
	Rows    Rows
	Log     *slog.Logger
	// Every is the pause when nothing is due; 0 means a second.
	Every time.Duration
	// Sweep, if given, is called with each round: it returns doorbells that follow from other rows (connections with
	// messages ready that nobody sends).
	Sweep func(ctx context.Context) ([]contract.Doorbell, error)
	// Observe is told how many doorbells were rung; may be nil.
	Observe func(rung, failed int)
}

const (
	// batch is how many rows one round takes.
	batch = 500
	// abreast is how many of a round's signals are under way at once: where the machine is busy, one takes half a second, and
	// what a crash left behind would wait for minutes if they went one by one.
	abreast = 16
	// failedMost ends a round: Temporal is away, and the rows come round again.
	failedMost = 5
)

// Run dispatches until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) {
	every := d.Every
	if every == 0 {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			n, err := d.Round(ctx)
			if err != nil {
				if ctx.Err() == nil {
					d.Log.Warn("doorbells wait", "error", err)
				}
				break
			}
			if n < batch {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round rings what is due once and returns how many rows it took. Rows of one workflow are one signal.
func (d *Dispatcher) Round(ctx context.Context) (int, error) {
	swept := d.sweep(ctx)
	due, err := d.Rows.DueDoorbells(ctx, batch)
	if err != nil || len(due) == 0 {
		return 0, errors.Join(err, swept)
	}
	byWorkflow := map[string][]int64{}
	var order []contract.Doorbell
	for _, b := range due {
		if _, seen := byWorkflow[b.WorkflowID]; !seen {
			order = append(order, b)
		}
		byWorkflow[b.WorkflowID] = append(byWorkflow[b.WorkflowID], b.ID)
	}
	rung, failed, last := d.signal(ctx, order, byWorkflow)
	if d.Observe != nil {
		d.Observe(len(rung), failed)
	}
	if err := d.Rows.DoorbellsAnswered(ctx, rung); err != nil {
		return len(due), err
	}
	return len(due), errors.Join(last, swept)
}

// signal rings workflows, some abreast, until all are rung or failedMost could not be; it returns the rows that were answered.
func (d *Dispatcher) signal(ctx context.Context, order []contract.Doorbell, byWorkflow map[string][]int64) (rung []int64, failed int, last error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	next := 0
	for range min(abreast, len(order)) {
		group.Go(func() {
			for {
				mu.Lock()
				if next == len(order) || failed >= failedMost || ctx.Err() != nil {
					mu.Unlock()
					return
				}
				b := order[next]
				next++
				mu.Unlock()
				err := d.Starter.Signal(ctx, b)
				mu.Lock()
				if err != nil {
					failed++
					last = err
				} else {
					rung = append(rung, byWorkflow[b.WorkflowID]...)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return rung, failed, last
}

// sweep rings what follows from other rows.
func (d *Dispatcher) sweep(ctx context.Context) error {
	if d.Sweep == nil {
		return nil
	}
	bells, err := d.Sweep(ctx)
	for _, b := range bells {
		if err != nil {
			break
		}
		err = d.Starter.Signal(ctx, b)
	}
	return err
}
