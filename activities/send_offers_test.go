package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
	"github.com/perene/perene/workflows"
)

// step queues a message as a step does: claimed in a sender's place where one is offered, else with a nudge. It tells whether
// there was a place.
func (w *sendingWorld) step(conv models.ConversationID, text string) (models.MessageID, bool) {
	place := w.bus.offer(3)
	id := w.store.add(conv, bot, text)
	if place.SendOffer == nil {
		w.bus.Nudge(3)
		return id, false
	}
	place.settle(conv, w.store.queueClaimed(id, place.SendOffer), nil)
	return id, true
}

// queueClaimed is what package store does with an offer.
func (f *fakeStore) queueClaimed(id models.MessageID, o *models.SendOffer) *models.ClaimedSend {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.messages[id]
	r.state, r.AttemptID, r.Attempts, r.ClaimedAt = "sending", o.AttemptID, 1, time.Now()
	c := r.ClaimedSend
	return &c
}

func (f *fakeStore) rounds() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.claims
}

// running starts the sender and lets it find that there is nothing, until the number's pace has credit; end stops it and gives
// how it came to rest.
func (w *sendingWorld) running() (end func() models.SenderRest) {
	rest := make(chan models.SenderRest, 1)
	go func() {
		r, err := w.sender.send(w.t.Context(), w.stop, 1, 3)
		if err != nil {
			w.t.Error(err)
		}
		rest <- r
	}()
	time.Sleep(time.Second)
	return func() models.SenderRest { close(w.stop); return <-rest }
}

func (w *sendingWorld) texts() []string {
	var all []string
	for _, s := range w.stub.sent() {
		all = append(all, s.text)
	}
	return all
}

// ADR 53: what steps queue while nothing waits goes out without a claim, each once.
func TestStepsHandTheirMessagesOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{})
		defer w.bus.Close()
		w.stub.latency = 50 * time.Millisecond
		end := w.running()
		claims, want := w.store.rounds(), []string(nil)
		for i := range 90 {
			time.Sleep(33 * time.Millisecond) // virtual
			if _, handed := w.step(models.ConversationID(i%9+1), fmt.Sprint(i)); !handed {
				t.Errorf("message %d found no place", i)
			}
			want = append(want, fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		for id := range w.store.messages {
			if r := w.store.row(id); r.state != "accepted" {
				t.Errorf("message %d is %s", id, r.state)
			}
		}
		if rounds := w.store.rounds() - claims; rounds > 90 {
			t.Errorf("%d round trips for 90 messages in 3 s", rounds)
		}
		if rest := end(); rest.Sent != 90 || !slices.Equal(w.texts(), want) {
			t.Errorf("%+v, sent %q", rest, w.texts())
		}
	})
}

// Invariant I11 holds for what goes out by both ways: places are part of the number's pace.
func TestPlacesKeepTheNumbersPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{})
		defer w.bus.Close()
		w.stub.latency = 20 * time.Millisecond
		end := w.running()
		handed := 0
		for i := range 400 {
			if i%10 == 0 {
				time.Sleep(30 * time.Millisecond) // ten at once, 330 a second where 80 are allowed
			}
			if _, ok := w.step(models.ConversationID(i+1), "x"); ok {
				handed++
			}
			if i%7 == 0 {
				w.store.add(models.ConversationID(1000+i), broadcast, "x")
				w.bus.Nudge(3)
			}
		}
		time.Sleep(10 * time.Second)
		if rest := end(); rest.Sent != 458 || handed == 0 {
			t.Errorf("%+v, %d without a claim", rest, handed)
		}
		if most := longestSecond(w.stub.sent()); most > 80 {
			t.Errorf("%d in one second", most)
		}
	})
}

// D04: the pair's pace holds for what steps hand over, too, and costs no try.
func TestPlacesKeepThePairsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{Linger: 7 * time.Second})
		defer w.bus.Close()
		end := w.running()
		for i := range 47 {
			time.Sleep(20 * time.Millisecond)
			w.step(1, fmt.Sprint(i))
		}
		time.Sleep(time.Minute)
		sends := w.stub.sent()
		if len(sends) != 47 {
			t.Fatalf("%d sends", len(sends))
		}
		if gap := sends[46].at.Sub(sends[45].at); gap < 6*time.Second-time.Millisecond {
			t.Errorf("the 47th came %v after the 46th", gap)
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.Attempts != 1 {
				t.Errorf("message %d took %d tries", id, r.Attempts)
			}
		}
		end()
	})
}

// While something waits, steps queue behind it: an agent's message does not wait for a flow's that came later.
func TestNoPlaceWhileSomethingWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{InFlight: 2})
		defer w.bus.Close()
		w.stub.latency = 100 * time.Millisecond
		end := w.running()
		for i := range 4 {
			w.store.add(models.ConversationID(i+1), live, "agent")
		}
		w.bus.Nudge(3)
		time.Sleep(50 * time.Millisecond)
		if _, handed := w.step(9, "bot"); handed {
			t.Error("it went before two agents' messages")
		}
		time.Sleep(time.Second)
		end()
		if got := w.texts(); !slices.Equal(got, []string{"agent", "agent", "agent", "agent", "bot"}) {
			t.Errorf("sent %q", got)
		}
	})
}

// What is queued behind a message that a step handed over leaves once that is recorded.
func TestWhatFollowsAPlaceIsClaimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{Poll: time.Hour})
		defer w.bus.Close()
		w.stub.latency = 100 * time.Millisecond
		end := w.running()
		w.step(1, "bot")
		time.Sleep(20 * time.Millisecond)
		w.store.add(1, live, "agent")
		w.bus.Nudge(3)
		time.Sleep(time.Second)
		if got := w.texts(); !slices.Equal(got, []string{"bot", "agent"}) {
			t.Errorf("sent %q", got)
		}
		end()
	})
}

// A held connection and one on trial offer no places.
func TestNoPlaceOnTrialOrHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{})
		defer w.bus.Close()
		w.store.conn.HoldProbes = 1
		end := w.running()
		if _, handed := w.step(1, "trial"); handed {
			t.Error("a connection on trial offers a place")
		}
		time.Sleep(time.Second)
		if _, handed := w.step(2, "works"); !handed {
			t.Error("a connection that works offers none")
		}
		time.Sleep(time.Second)
		end()
		if place := w.bus.offer(3); place.SendOffer != nil {
			t.Error("nobody sends and a place is offered")
		}
	})
}

// A step that cannot tell whether it was stored: its message is taken back, as soon as the database is there, and sent once.
func TestAPlaceNobodyHeardOf(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newSendingWorld(t, SenderTuning{})
			defer w.bus.Close()
			end := w.running()
			place := w.bus.offer(3)
			if stored {
				w.store.queueClaimed(w.store.add(1, bot, "oi"), place.SendOffer)
			}
			w.store.setDown(true)
			place.settle(1, nil, errors.New("the connection broke at COMMIT"))
			time.Sleep(time.Second)
			w.store.setDown(false)
			time.Sleep(3 * time.Second)
			rest, want := end(), 0
			if stored {
				want = 1
			}
			if rest.Sent != want || len(w.stub.sent()) != want {
				t.Errorf("stored %t: %+v", stored, rest)
			}
		})
	}
}

// A sender that has to go waits for the steps that hold its places.
func TestASenderWaitsForItsPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, SenderTuning{})
		defer w.bus.Close()
		end := w.running()
		place := w.bus.offer(3)
		done := make(chan models.SenderRest, 1)
		go func() { done <- end() }()
		time.Sleep(time.Second)
		if other := w.bus.offer(3); other.SendOffer != nil {
			t.Error("a sender that goes offers places")
		}
		id := w.store.add(1, bot, "oi")
		place.settle(1, w.store.queueClaimed(id, place.SendOffer), nil)
		if rest := <-done; rest.Sent != 1 || w.store.row(id).state != "accepted" {
			t.Errorf("%+v, the message is %s", rest, w.store.row(id).state)
		}
	})
}

// offers tells whether there is a place with the sender of a connection.
func (b *SendBus) offers(id models.ConnectionID) bool {
	b.mu.Lock()
	o := b.senders[id].offers
	b.mu.Unlock()
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.free > 0
}

// countedClaims counts what is claimed.
type countedClaims struct {
	SendStore
	claimed atomic.Int64
}

func (c *countedClaims) ClaimAndRecord(ctx context.Context, f models.SenderFence, accepted []models.SendOutcome, want models.SendClaim) ([]models.ClaimedSend, []models.SendOutcome, error) {
	claimed, left, err := c.SendStore.ClaimAndRecord(ctx, f, accepted, want)
	c.claimed.Add(int64(len(claimed)))
	return claimed, left, err
}

// With everything in its place: a person's message, a step, its reply in a sender's place, and the next step's.
func TestAStepsReplyGoesOutWithoutAClaim(t *testing.T) {
	t.Parallel()
	s := storetest.New(t, store.Options{})
	f := storetest.NewFixture(t, s, "offers")
	f.Exec(t, `UPDATE connections SET access_token = '\x01'`)
	f.Publish(t, "Loop", `{"spec_version":1,"name":"Loop","category":"initial","start":"ask","triggers":[{"id":"any","kind":"inbound"}],"variables":[{"name":"said","type":"text"}],
 "nodes":[{"id":"ask","kind":"question","settings":{"text":"E agora?","type":"text","save_to":"said","timeout":"1h"},"outputs":{"ok":"ask","timeout":"end","invalid":"end"}},{"id":"end","kind":"end"}]}`)
	log := slog.New(slog.DiscardHandler)
	bus := NewSendBus(deafBus{}, nil, log)
	t.Cleanup(bus.Close)
	flows := NewFlows(s, nobody{}, log, time.Now, func() string { return "seed" })
	flows.HandTo(bus)
	stub := newStub(models.Pace{PerSecond: 1000, MaxPerSecond: 1000})
	heard := make(chan string, 10)
	stub.answer = func(_ int, out *channels.Outbound) error { heard <- out.Content.Text; return nil }
	counted := &countedClaims{SendStore: s}
	sender := NewSender(SenderDeps{Store: counted, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Opener: openKey{}, Media: plainFiles{},
		Judge: channels.NewJudges(nil, nil), Bus: bus, Waker: nobody{}, Log: log, Now: time.Now, NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		SenderTuning: SenderTuning{Poll: time.Hour, Lease: time.Hour, Linger: time.Hour}}) // nothing but steps wakes it
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { _, err := sender.send(t.Context(), stop, f.Account, f.Connection.ID); ended <- err }()

	for n := range int64(3) {
		e := storetest.Text(fmt.Sprintf("wamid.%d", n), "5581988880001", "oi", time.Now())
		if _, err := s.Receive(t.Context(), f.Connection, models.InboundDelivery{Elements: []models.InboundElement{e}}, flows.Choose); err != nil {
			t.Fatal(err)
		}
		run := workflows.FlowRunInput{FlowRunStart: models.FlowRunStart{AccountID: f.Account, ConnectionID: f.Connection.ID,
			RunID: models.FlowRunID(f.Count(t, `SELECT id FROM flow_runs`)), ConversationID: models.ConversationID(f.Count(t, `SELECT id FROM conversations`))}}
		// until the sender is there and rests, and the reply before is recorded
		for !bus.offers(f.Connection.ID) || f.Count(t, `SELECT count(*) FROM send_queue`) > 0 {
			if t.Context().Err() != nil {
				t.Fatal("no place")
			}
		}
		if _, err := flows.StepFlow(t.Context(), workflows.StepFlowInput{Run: run, Step: n + 1}); err != nil {
			t.Fatal(err)
		}
		if text := <-heard; text != "E agora?" {
			t.Fatal(text)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := counted.claimed.Load(); n != 0 {
		t.Errorf("%d messages were claimed", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out' AND state = 'accepted' AND attempts = 1`); n != 3 {
		t.Errorf("%d replies were accepted", n)
	}
}
