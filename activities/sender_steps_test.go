package activities

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
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
		r, err := w.sender.send(w.t.Context(), w.stop, 1, 3)
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
		w := newSendingWorld(t, SenderTuning{})
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
		w := newSendingWorld(t, SenderTuning{})
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

// meta-api.md 4: the pair's pace holds for what steps queue one by one, and costs no try.
func TestStepsKeepThePairsPace(t *testing.T) {
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
		w := newSendingWorld(t, SenderTuning{InFlight: 2})
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
			t.Errorf("sent %q, want both in order", got)
		}
		end()
	})
}

// nudging hands what a step wakes to the bus, as the program does.
type nudging struct{ bus *SendBus }

func (n nudging) Wake(w contract.Wake) { n.bus.Nudge(w.Connections...) }

// With everything in its place: a person's message, a step, its reply, and the next step's. Only the steps' nudges wake the sender.
func TestAStepsReplyGoesOutOnce(t *testing.T) {
	t.Parallel()
	s := storetest.New(t, store.Options{})
	f := storetest.NewFixture(t, s, "steps")
	f.Exec(t, `UPDATE connections SET access_token = '\x01'`)
	f.Publish(t, "Loop", `{"spec_version":1,"name":"Loop","category":"initial","start":"ask","triggers":[{"id":"any","kind":"inbound"}],"variables":[{"name":"said","type":"text"}],
 "nodes":[{"id":"ask","kind":"question","settings":{"text":"E agora?","type":"text","save_to":"said","timeout":"1h"},"outputs":{"ok":"ask","timeout":"end","invalid":"end"}},{"id":"end","kind":"end"}]}`)
	log := slog.New(slog.DiscardHandler)
	bus := NewSendBus(deafBus{}, nil, log)
	t.Cleanup(bus.Close)
	flows := NewFlows(s, nudging{bus}, log, time.Now, func() string { return "seed" })
	stub := newStub(models.Pace{PerSecond: 1000, MaxPerSecond: 1000})
	heard := make(chan string, 10)
	stub.answer = func(_ int, out *channels.Outbound) error { heard <- out.Content.Text; return nil }
	sender := NewSender(SenderDeps{Store: s, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Opener: openKey{}, Media: plainFiles{},
		Judge: channels.NewJudges(nil, nil), Bus: bus, Waker: nobody{}, Log: log, Now: time.Now, NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		SenderTuning: SenderTuning{Poll: time.Hour, Lease: time.Hour, Linger: time.Hour}}) // nothing but steps wakes it
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { _, err := sender.send(t.Context(), stop, f.Account, f.Connection.ID); ended <- err }()

	for n := range int64(3) {
		e := storetest.Text(fmt.Sprintf("wamid.%d", n), "5581988880001", "oi", time.Now())
		if _, err := s.Receive(t.Context(), f.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, flows.Choose); err != nil {
			t.Fatal(err)
		}
		run := contract.FlowRunInput{FlowRunStart: contract.FlowRunStart{AccountID: f.Account, ConnectionID: f.Connection.ID,
			RunID: models.FlowRunID(f.Count(t, `SELECT id FROM flow_runs`)), ConversationID: models.ConversationID(f.Count(t, `SELECT id FROM conversations`))}}
		if _, err := flows.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: n + 1}); err != nil {
			t.Fatal(err)
		}
		if text := <-heard; text != "E agora?" {
			t.Fatalf("sent %q, want the flow's question", text)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out' AND state = 'accepted' AND attempts = 1`); n != 3 {
		t.Errorf("%d replies were accepted at the first try, want 3", n)
	}
}
