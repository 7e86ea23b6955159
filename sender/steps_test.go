package sender

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// step queues a message as a step does, and nudges the sender.
func (w *sendingWorld) step(conv models.ConversationID, text string) {
	w.store.add(conv, bot, text)
	w.bus.Nudge(3)
}

func (f *fakeStore) rounds() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.claims
}

// running starts the sender and waits a virtual second, so that it rests and the number's pace has credit. end stops it and
// returns how it came to rest.
func (w *sendingWorld) running() (end func() contract.SenderRest) {
	rest := make(chan contract.SenderRest, 1)
	go func() {
		r, err := w.sender.Run(w.t.Context(), w.stop, 1, 3)
		if err != nil {
			w.t.Error(err)
		}
		rest <- r
	}()
	time.Sleep(time.Second)
	return func() contract.SenderRest { close(w.stop); return <-rest }
}

func (w *sendingWorld) texts() []string {
	var all []string
	for _, s := range w.stub.sent() {
		all = append(all, s.text)
	}
	return all
}

// What steps queue one by one goes out once each, in order, with few round trips.
func TestStepsAreSentAsTheyCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = 50 * time.Millisecond
		end := w.running()
		claims, want := w.store.rounds(), []string(nil)
		for i := range 90 {
			time.Sleep(33 * time.Millisecond) // virtual
			w.step(models.ConversationID(i%9+1), fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		for id := range w.store.messages {
			if r := w.store.row(id); r.state != "accepted" {
				t.Errorf("message %d is %s, want accepted", id, r.state)
			}
		}
		if rounds := w.store.rounds() - claims; rounds > 190 {
			t.Errorf("%d round trips for 90 messages in 3 s, want a claim and a record for each at most", rounds)
		}
		if rest := end(); rest.Sent != 90 || !slices.Equal(w.texts(), want) {
			t.Errorf("%+v, sent %q, want 90 in order", rest, w.texts())
		}
	})
}

// Invariant I11 holds while steps and broadcasts queue more than the number may send.
func TestStepsAndBroadcastsShareTheNumbersPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = 20 * time.Millisecond
		end := w.running()
		for i := range 400 {
			if i%10 == 0 {
				time.Sleep(30 * time.Millisecond) // ten at once, 330 a second where 80 are allowed
			}
			w.step(models.ConversationID(i+1), "x")
			if i%7 == 0 {
				w.store.add(models.ConversationID(1000+i), broadcast, "x")
				w.bus.Nudge(3)
			}
		}
		time.Sleep(10 * time.Second)
		if rest := end(); rest.Sent != 458 {
			t.Errorf("%+v, want 458 sent", rest)
		}
		if most := longestSecond(w.stub.sent()); most > 80 {
			t.Errorf("%d in one second, want 80 at most", most)
		}
	})
}

// Meta's pair limit: the pair's pace holds for what steps queue one by one, and costs no try.
func TestStepsKeepThePairsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{Linger: 7 * time.Second})
		defer w.bus.Close()
		end := w.running()
		for i := range 47 {
			time.Sleep(20 * time.Millisecond)
			w.step(1, fmt.Sprint(i))
		}
		time.Sleep(time.Minute)
		sends := w.stub.sent()
		if len(sends) != 47 {
			t.Fatalf("%d sends, want 47", len(sends))
		}
		if gap := sends[46].at.Sub(sends[45].at); gap < 6*time.Second-time.Millisecond {
			t.Errorf("the 47th came %v after the 46th, want 6 s", gap)
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.Attempts != 1 {
				t.Errorf("message %d took %d tries, want 1", id, r.Attempts)
			}
		}
		end()
	})
}

// A step's message queues behind agents' messages that wait.
func TestStepsWaitBehindAgents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{InFlight: 2})
		defer w.bus.Close()
		w.stub.latency = 100 * time.Millisecond
		end := w.running()
		for i := range 4 {
			w.store.add(models.ConversationID(i+1), live, "agent")
		}
		w.bus.Nudge(3)
		time.Sleep(50 * time.Millisecond)
		w.step(9, "bot")
		time.Sleep(time.Second)
		end()
		if got := w.texts(); !slices.Equal(got, []string{"agent", "agent", "agent", "agent", "bot"}) {
			t.Errorf("sent %q, want the agents' first", got)
		}
	})
}

// What is queued behind a step's message leaves once that is recorded, without a poll.
func TestWhatFollowsAStepIsClaimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{Poll: time.Hour})
		defer w.bus.Close()
		w.stub.latency = 100 * time.Millisecond
		end := w.running()
		w.step(1, "bot")
		time.Sleep(20 * time.Millisecond)
		w.store.add(1, live, "agent")
		w.bus.Nudge(3)
		time.Sleep(time.Second)
		if got := w.texts(); !slices.Equal(got, []string{"bot", "agent"}) {
			t.Errorf("sent %q, want both in order", got)
		}
		end()
	})
}
