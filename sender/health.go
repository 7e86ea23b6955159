package sender

import (
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// silenceMost is the longest pause between two tries while the provider answers nothing.
const silenceMost = 30 * time.Second

// health is what a session knows of its provider.
type health struct {
	held        bool      // the circuit opened during this session
	trial       bool      // after a hold: one message at a time until one succeeds
	unreachable int       // rounds in a row in which nothing left the machine, or nothing was answered
	heardAt     time.Time // when the provider last answered
	silentTill  time.Time // nothing is tried before, because the provider answers nothing
}

// answered notes that the provider answered.
func (ss *session) answered(now time.Time) {
	ss.unreachable, ss.heardAt, ss.silentTill = 0, now, time.Time{}
}

// unanswered takes in an outcome that nobody knows. Single answers get lost; but where nothing at all has been answered since
// the message left, every further message would spend the only try of a template, or one of the two of a text, on a provider
// that is silent. Then one message is tried at a time, after growing pauses, and at last the circuit opens: what is written
// meanwhile waits in order, as it does where the provider cannot be reached.
func (ss *session) unanswered(out *contract.SendOutcome, now time.Time) {
	switch {
	case out.Failure.Code != models.NoProviderCode: // an answer, if not a clear one
		ss.answered(now)
		return
	case out.StartedAt.Before(ss.heardAt):
		return
	}
	if !now.Before(ss.silentTill) { // else it belongs to a round that was counted
		ss.unreachable++
		if ss.unreachable > 1 {
			ss.silentTill = now.Add(min(time.Second<<(ss.unreachable-2), silenceMost))
		}
	}
	if !ss.held && (ss.unreachable >= unreachableRounds || ss.trial) {
		ss.openCircuit()
	}
}
