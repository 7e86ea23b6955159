package sender

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

const (
	live      = models.PriorityLive
	bot       = models.PriorityBot
	broadcast = models.PriorityBroadcast
)

// Invariant I11: no second holds more sends than the number may send, however long they take, also right after a start.
func TestNumberPaceIsNeverExceeded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		perSecond int
		coexists  bool
		rate      int
		latency   time.Duration
	}{{80, false, 0, 0}, {80, false, 0, 200 * time.Millisecond}, {20, true, 0, 50 * time.Millisecond}, {1000, false, 1000, 50 * time.Millisecond}} {
		t.Run(fmt.Sprint(c.perSecond, " a second, answers in ", c.latency), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSendingWorld(t, Tuning{})
				defer w.bus.Close()
				w.stub.latency, w.store.conn.RatePerSecond = c.latency, c.rate
				w.store.conn.Health = fmt.Appendf(nil, `{"per_second": 80, "coexistence": %t}`, c.coexists)
				n := 5 * c.perSecond
				for i := range n {
					w.store.add(models.ConversationID(i+1), broadcast, "x")
				}
				begun := time.Now()
				if rest := w.run(); rest.Sent != n || rest.More {
					t.Fatalf("%+v", rest)
				}
				sends := w.stub.sent()
				if got := longestSecond(sends); got > c.perSecond {
					t.Errorf("%d in one second, %d are allowed", got, c.perSecond)
				}
				took := sends[len(sends)-1].at.Sub(begun)
				if took > 6*time.Second {
					t.Errorf("%d messages took %v: slower than the number allows", n, took)
				}
				if perMessage := float64(w.store.claims) / float64(n); perMessage > 1.5 || (c.perSecond > 100 && perMessage > 0.15) {
					t.Errorf("%.2f transactions a message: claims and answers are to go together", perMessage)
				}
			})
		})
	}
}

// D04: 45 at once to the same person, then one every 6 seconds; in order, and without holding others up.
func TestPairPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{Linger: 7 * time.Second})
		defer w.bus.Close()
		for i := range 50 {
			w.store.add(1, bot, fmt.Sprint(i))
		}
		w.store.add(2, bot, "other")
		w.run()
		sends := w.stub.sent()
		if len(sends) != 51 {
			t.Fatalf("%d sends", len(sends))
		}
		var mine []stubSend
		for _, s := range sends {
			if s.to == "1" {
				mine = append(mine, s)
			} else if s.at.Sub(sends[0].at) > time.Second {
				t.Errorf("another person waited %v", s.at.Sub(sends[0].at))
			}
		}
		for i, s := range mine {
			if s.text != fmt.Sprint(i) {
				t.Fatalf("message %s went %d.", s.text, i+1)
			}
		}
		if burst := mine[44].at.Sub(mine[0].at); burst > 2*time.Second {
			t.Errorf("the burst took %v", burst)
		}
		for i := 46; i < 50; i++ {
			if gap := mine[i].at.Sub(mine[i-1].at); gap < 6*time.Second-time.Millisecond || gap > 6300*time.Millisecond {
				t.Errorf("message %d came %v after the one before", i+1, gap)
			}
		}
	})
}

// A new sender, after a crash or in another process, knows what was sent to the same person before it.
func TestPairPaceSurvivesTheSender(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		for i := range 45 {
			w.store.recent[1] = append(w.store.recent[1], time.Now().Add(-time.Duration(i)*time.Millisecond))
		}
		id := w.store.add(1, bot, "46th")
		if rest := w.run(); rest.Sent != 0 || time.Until(rest.WakeAt) > 6*time.Second {
			t.Fatalf("%+v", rest)
		}
		if w.store.row(id).Attempts != 0 {
			t.Error("waiting for the pair's pace burns no try")
		}
	})
}

// Case P5, R14: people go before broadcasts, and bots in between.
func TestPrioritiesUnderABroadcast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = 300 * time.Millisecond
		for i := range 2000 {
			w.store.add(models.ConversationID(1000+i), broadcast, "x")
		}
		go func() {
			for i := range 20 {
				time.Sleep(777 * time.Millisecond)
				w.store.add(models.ConversationID(1+i), live, time.Now().Format(time.RFC3339Nano))
				w.bus.Nudge(3)
			}
		}()
		w.run()
		for _, s := range w.stub.sent() {
			if s.text == "x" {
				continue
			}
			queued, err := time.Parse(time.RFC3339Nano, s.text)
			if err != nil {
				t.Fatal(err)
			}
			if waited := s.at.Sub(queued); waited > 100*time.Millisecond {
				t.Errorf("a person's answer waited %v behind a broadcast", waited)
			}
		}
	})
}

// A slow provider never has all slots full of broadcasts.
func TestBroadcastsLeaveSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{InFlight: 8})
		defer w.bus.Close()
		w.stub.latency = 35 * time.Second
		for i := range 8 {
			w.store.add(models.ConversationID(1000+i), broadcast, "x")
		}
		time.AfterFunc(5*time.Second, func() { w.store.add(1, live, "live"); w.bus.Nudge(3) })
		begun := time.Now()
		w.run()
		for _, s := range w.stub.sent() {
			if s.text == "live" && s.at.Sub(begun) > 6*time.Second {
				t.Errorf("a person's answer waited for a slot until %v", s.at.Sub(begun))
			}
		}
	})
}

func TestThrottledNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		var throttledAt time.Time
		w.stub.answer = func(n int, _ *channels.Outbound) error {
			if n == 200 { // 130429 once, in the middle
				throttledAt = time.Now()
				return rejected(130429)
			}
			return nil
		}
		var ids []models.MessageID
		for i := range 1000 {
			ids = append(ids, w.store.add(models.ConversationID(i+1), bot, "x"))
		}
		if rest := w.run(); rest.Sent != 1000 {
			t.Fatalf("%+v", rest)
		}
		perSecond := map[int]int{}
		for _, s := range w.stub.sent() {
			if d := s.at.Sub(throttledAt); d > 0 {
				perSecond[int(d/time.Second)]++
			}
		}
		if perSecond[0] > 2 {
			t.Errorf("%d sends in the second after 130429: the number pauses", perSecond[0])
		}
		if perSecond[1] > 45 || perSecond[1] < 25 {
			t.Errorf("%d sends in the next: the rate is halved", perSecond[1])
		}
		if perSecond[8] <= perSecond[1] || perSecond[8] > 80 {
			t.Errorf("%d sends later: the rate recovers", perSecond[8])
		}
		for _, id := range ids {
			if r := w.store.row(id); r.Attempts != 1 || r.state != "accepted" {
				t.Fatalf("message %d: %s after %d tries: a throttle burns none", id, r.state, r.Attempts)
			}
		}
	})
}

func TestUnreachableProviderOpensTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{Linger: 5 * time.Minute})
		defer w.bus.Close()
		w.stub.answer = func(int, *channels.Outbound) error { return notSent() }
		for i := range 30 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		begun := time.Now()
		rest := w.run()
		if rest.State != models.ConnectionHeld || len(w.store.held) != 1 || w.store.held[0].Scope != models.HoldAll {
			t.Fatalf("%+v, held %v", rest, w.store.held)
		}
		if took := time.Since(begun); took < 30*time.Second || took > 3*time.Minute {
			t.Errorf("the circuit opened after %v", took)
		}
		if n := len(w.stub.sent()); n > 45 {
			t.Errorf("%d tries while nothing leaves the machine", n)
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.Attempts != 0 || r.state != "ready" {
				t.Fatalf("message %d: %s after %d tries", id, r.state, r.Attempts)
			}
		}
	})
}

// After a hold one message is tried at a time, until one goes out.
func TestTrialAfterAHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.store.conn.HoldProbes = 2
		w.stub.latency = 100 * time.Millisecond
		for i := range 20 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		w.run()
		sends := w.stub.sent()
		if sends[1].at.Sub(sends[0].at) < 100*time.Millisecond {
			t.Error("a second message was tried before the first was through")
		}
		if len(sends) != 20 || w.store.works != 1 {
			t.Errorf("%d sends, closed %d times", len(sends), w.store.works)
		}

		w.store.conn.HoldProbes = 3
		w.stub.answer = func(int, *channels.Outbound) error { return rejected(131042) }
		for i := range 20 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		if rest := w.run(); rest.State != models.ConnectionHeld || len(w.stub.sent()) != 21 {
			t.Errorf("%+v after %d sends: a relapse costs one message", rest, len(w.stub.sent())-20)
		}
	})
}

// A lost answer is never followed by a blind resend.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.answer = func(n int, _ *channels.Outbound) error {
			if n%4 == 0 {
				return answerLost()
			}
			return nil
		}
		for i := range 40 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		w.run()
		unknown := 0
		for id := range w.store.messages {
			if w.store.row(id).state == "unknown" {
				unknown++
			}
		}
		if n := len(w.stub.sent()); n != 40 || unknown != 10 {
			t.Errorf("%d sends, %d unknown", n, unknown)
		}
	})
}

// Case P15: a sender that cannot renew its lease stops before others believe that nobody sends; what it knows is recorded
// when the database is there again.
func TestNothingIsSentWithoutALease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.store.conn.RatePerSecond = 20
		w.stub.latency = 2 * time.Second
		for i := range 1000 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		var downAt time.Time
		time.AfterFunc(9*time.Second, func() {
			downAt = time.Now()
			w.store.mu.Lock()
			w.store.frozen = true
			w.store.mu.Unlock()
		})
		time.AfterFunc(30*time.Second, func() {
			w.store.mu.Lock()
			w.store.frozen = false
			w.store.mu.Unlock()
		})
		w.run()
		for _, s := range w.stub.sent() {
			if d := s.at.Sub(downAt); d > 10*time.Second && d < 20*time.Second {
				t.Fatalf("a byte left %v after the lease could last be renewed", d)
			}
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.state != "accepted" {
				t.Fatalf("message %d: %s", id, r.state)
			}
		}
	})
}

func TestOutcomesSurviveADatabaseThatGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = 500 * time.Millisecond
		w.stub.answer = func(n int, _ *channels.Outbound) error {
			if n == 3 {
				return rejected(131026)
			}
			return nil
		}
		for i := range 10 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		down := func(d bool) func() {
			return func() {
				w.store.mu.Lock()
				w.store.down = d
				w.store.mu.Unlock()
			}
		}
		time.AfterFunc(300*time.Millisecond, down(true))
		time.AfterFunc(5*time.Second, down(false))
		w.run()
		if n := len(w.stub.sent()); n != 10 {
			t.Errorf("%d sends for 10 messages", n)
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.state != "accepted" && r.state != "failed" {
				t.Errorf("message %d: %s", id, r.state)
			}
		}
	})
}

// A worker that stops lets what is on its way finish, records it, and hands the rest over at once.
func TestStoppingWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.stub.latency = time.Second
		for i := range 500 {
			w.store.add(models.ConversationID(i+1), bot, "x")
		}
		begun := time.Now()
		time.AfterFunc(2*time.Second, func() { close(w.stop) })
		rest := w.run()
		if took := time.Since(begun); !rest.More || took > 3200*time.Millisecond {
			t.Errorf("%+v after %v", rest, took)
		}
		for id := range w.store.messages {
			if r := w.store.row(id); r.state == "sending" {
				t.Fatalf("message %d was left behind", id)
			}
		}
		if rest.Sent != len(w.stub.sent()) {
			t.Errorf("%d recorded of %d", rest.Sent, len(w.stub.sent()))
		}
	})
}

func TestTakenOverSenderEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{Linger: time.Hour})
		defer w.bus.Close()
		w.store.add(1, bot, "x")
		time.AfterFunc(5*time.Second, func() {
			w.store.mu.Lock()
			w.store.epoch++
			w.store.mu.Unlock()
		})
		begun := time.Now()
		if rest := w.run(); rest.More || time.Since(begun) > 10*time.Second {
			t.Errorf("%+v after %v: the other sender goes on", rest, time.Since(begun))
		}
	})
}

// A nudge is heard while the sender lingers; one that comes while it is leaving is not lost.
func TestNudges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		w.store.add(1, bot, "first")
		begun := time.Now()
		time.AfterFunc(4*time.Second, func() { w.store.add(2, bot, "second"); w.bus.Nudge(3) })
		looked := false
		w.store.closing = func() {
			if !looked {
				looked = true
				w.store.add(3, bot, "at the last moment")
			}
		}
		w.run()
		sends := w.stub.sent()
		if len(sends) != 3 {
			t.Fatalf("%d sends", len(sends))
		}
		if at := sends[1].at.Sub(begun); at > 4*time.Second+10*time.Millisecond {
			t.Errorf("the nudge was heard after %v", at-4*time.Second)
		}
		if at := sends[2].at.Sub(begun); at > 9500*time.Millisecond {
			t.Errorf("the last look came after %v", at)
		}
		if took := time.Since(begun); took < 13*time.Second || took > 15*time.Second {
			t.Errorf("it lingered until %v", took)
		}
	})
}

// I6, rule 191, 131050: what must not leave is settled without a call.
func TestNothingForbiddenLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		closed, blocked, stopped := w.store.add(1, bot, "closed"), w.store.add(2, bot, "blocked"), w.store.add(3, bot, "stopped")
		soon := time.Now().Add(30 * time.Second) // within the safety margin
		w.store.messages[closed].WindowExpiresAt = &soon
		w.store.messages[blocked].ContactBlocked = true
		w.store.messages[stopped].MarketingStopped = true
		w.store.messages[stopped].Content = models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "oferta", Category: "MARKETING"}}
		w.run()
		if n := len(w.stub.sent()); n != 0 {
			t.Fatalf("%d left", n)
		}
		for id, kind := range map[models.MessageID]models.VerdictKind{closed: models.VerdictNeedTemplate, blocked: models.VerdictCancel, stopped: models.VerdictOptOut} {
			if r := w.store.row(id); r.verdict.Kind != kind {
				t.Errorf("%s: %s, want %s", r.Content.Text, r.verdict.Kind, kind)
			}
		}
	})
}

// The attempt's id travels with the message, at most 64 bytes.
func TestCallbackData(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSendingWorld(t, Tuning{})
		defer w.bus.Close()
		id := w.store.add(1, bot, "x")
		w.run()
		got, attempt, ok := models.ParseCallbackData(w.stub.sent()[0].attempt)
		if !ok || got != id || attempt != w.store.row(id).AttemptID || len(w.stub.sent()[0].attempt) > 64 {
			t.Errorf("%q", w.stub.sent()[0].attempt)
		}
	})
}
