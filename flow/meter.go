package flow

import "errors"

// Meter counts what steps cost and lets a caller stop one. The count alone decides what a run may do, so that a run goes
// the same way on any machine; to be stopped is for when the machine is slower than anybody thought.
//
// One unit of work is about what a filter does with a KiB of text: some microseconds, some twenty at worst.
type Meter struct {
	spent   int
	stopped func() bool
	halted  bool
}

// NewMeter is a Meter for one or more steps. stopped is asked now and then; nil never stops.
func NewMeter(stopped func() bool) *Meter { return &Meter{stopped: stopped} }

// Spent is the work of all steps so far.
func (m *Meter) Spent() int {
	if m == nil {
		return 0
	}
	return m.spent
}

// askEvery is how much work lies between two questions whether to stop.
const askEvery = 256

// add counts work and reports whether the caller has stopped the step.
func (m *Meter) add(n int) (goOn bool) {
	before := m.spent
	m.spent += n
	if m.stopped != nil && before/askEvery != m.spent/askEvery && m.stopped() {
		m.halted = true
	}
	return !m.halted
}

// ErrHalted is the error of a step that its caller has stopped. Nothing has happened then.
var ErrHalted = errors.New("flow: the step was stopped because it took too long")

var errTooMuchWork = errors.New("the step does too much")

// work counts what a step does: turns of loops, filters, outputs, expressions, regular expressions, bytes written. It is
// one budget for all of them. A step that needs more ends the run, so that no document can keep a worker busy.
func (r *run) work(n int) bool {
	if r.over != "" {
		return false
	}
	r.worked += n
	if r.meter != nil && !r.meter.add(n) || r.worked > r.lim.StepWork {
		r.over = ReasonStepLimit
		return false
	}
	return true
}
