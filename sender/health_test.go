package sender

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Case P4: a provider that takes connections and answers nothing gets a message at a time, after growing pauses, and then
// none: a text has two tries and a template one, and what is written meanwhile keeps them.
func TestSilentProviderOpensTheCircuit(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"time-outs": 30 * time.Second, "an empty 502 at once": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSendingWorld(t, Tuning{Linger: 10 * time.Minute})
				defer w.bus.Close()
				w.stub.latency = takes
				w.stub.answer = func(int, *channels.Outbound) error { return answerLost() }
				for i := range 20 {
					w.store.add(models.ConversationID(i+1), bot, "x")
				}
				time.AfterFunc(takes+100*time.Millisecond, func() { // the first of them are known to be unknown
					for i := range 300 {
						w.store.add(models.ConversationID(100+i), bot, "later")
					}
					w.bus.Nudge(3)
				})
				begun := time.Now()
				rest := w.run()
				if rest.State != models.ConnectionHeld || len(w.store.held) != 1 || w.store.held[0].Scope != models.HoldAll {
					t.Fatalf("%+v, held %v", rest, w.store.held)
				}
				if took := time.Since(begun); took > 5*time.Minute {
					t.Errorf("the circuit opened after %v", took)
				}
				later := 0
				for _, s := range w.stub.sent() {
					if s.text == "later" {
						later++
					}
				}
				if later > unreachableRounds {
					t.Errorf("%d messages were spent on a provider that answered nothing", later)
				}
			})
		})
	}
}

// A provider that answers some messages and loses the answers of others is not silent: nothing waits for long.
func TestLostAnswersDoNotOpenTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = 50 * time.Millisecond
		w.stub.answer = func(n int, _ *channels.Outbound) error {
			if n%3 == 0 {
				return answerLost()
			}
			return nil
		}
		for i := range 300 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		begun := time.Now()
		if rest := w.run(); len(w.store.held) != 0 || len(w.stub.sent()) != 300 {
			t.Fatalf("%+v, held %v, %d sends", rest, w.store.held, len(w.stub.sent()))
		}
		sends := w.stub.sent()
		if took := sends[len(sends)-1].at.Sub(begun); took > 8*time.Second {
			t.Errorf("300 messages took %v", took)
		}
	})
}

// What we refuse ourselves tells nothing about the provider.
func TestOwnRefusalsDoNotEndASilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		ss := &session{Sender: w.sender, paces: &paces{number: newNumberPace(80, now), pairs: &pairPace{}}, health: health{unreachable: 3}, queue: queue{inFlight: 1}}
		ss.finished(contract.SendOutcome{Send: &contract.ClaimedSend{}, Verdict: models.Verdict{Kind: models.VerdictCancel}, Failure: models.SendFailure{Code: models.NoProviderCode}})
		if ss.unreachable != 3 {
			t.Errorf("a blocked contact ended the silence: %d rounds", ss.unreachable)
		}
	})
}
