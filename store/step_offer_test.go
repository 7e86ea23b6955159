package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// step takes the first step of a run that sends texts, with the place a sender offers.
func (w *sendWorld) step(conv models.ConversationID, run models.FlowRunID, o *models.SendOffer, texts ...string) store.Wake {
	w.t.Helper()
	d := &models.StepDecision{State: json.RawMessage(`{}`), Offer: o}
	for _, s := range texts {
		d.Sends = append(d.Sends, models.StepSend{Key: s, Content: text(s)})
	}
	_, wake, err := w.s.StepFlow(w.ctx, models.FlowRunStart{AccountID: w.account, RunID: run, ConversationID: conv, ConnectionID: w.conn.ID}, 1,
		func(*models.StepSnapshot) (*models.StepDecision, error) { return d, nil }, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return wake
}

// awaitLock returns once somebody waits for a lock in this test's database.
func (w *sendWorld) awaitLock() {
	w.t.Helper()
	for w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		if err := w.ctx.Err(); err != nil {
			w.t.Fatal(err)
		}
	}
}

func offer(f models.SenderFence) *models.SendOffer {
	return &models.SendOffer{Fence: f, AttemptID: uuid.Must(uuid.NewV7())}
}

// ADR 53: what a step queues in a sender's place is what that sender would have claimed.
func TestAStepQueuesItsFirstMessageClaimed(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	f := w.open()
	conv := w.conversation(time.Hour)
	w.exec(`UPDATE conversations SET address = 'BR.1' WHERE id = $1`, conv)
	o := offer(f)
	o.RecentSince, o.RecentMost = w.now().Add(-time.Minute), 3
	wake := w.step(conv, w.flowRun(conv, "reply"), o, "1", "2")
	if wake.Claimed == nil || len(wake.Connections) != 0 {
		t.Fatalf("%+v", wake)
	}
	handed := *wake.Claimed
	if n := w.count(`SELECT count(*) FROM send_queue WHERE head = (message_id = $1)`, handed.MessageID); n != 2 {
		t.Errorf("the first message is the head, and the second is not: so with %d of 2", n)
	}
	if more := w.claim(f, 10); len(more) != 0 {
		t.Fatalf("claimed %v beside the first", idsOf(more))
	}

	if err := w.s.TakeBack(w.ctx, conv, o.AttemptID); err != nil {
		t.Fatal(err)
	}
	again := want(10, store.PriorityBroadcast)
	again.AttemptIDs[0], again.RecentSince, again.RecentMost = o.AttemptID, o.RecentSince, o.RecentMost
	claimed, _, err := w.s.ClaimAndRecord(w.ctx, f, nil, again)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	claimed[0].QueuedAt = claimed[0].QueuedAt.UTC()
	*claimed[0].WindowExpiresAt = claimed[0].WindowExpiresAt.UTC()
	*handed.WindowExpiresAt = handed.WindowExpiresAt.UTC()
	if d := cmp.Diff(claimed[0], handed); d != "" {
		t.Error("claimed -, handed +\n", d)
	}
	w.accept(f, handed)
	if next := w.claim(f, 10); len(next) != 1 || next[0].Content.Text != "2" {
		t.Errorf("behind it: %+v", next)
	}
}

// A place is taken only where its sender could have claimed the message at that moment; else the message waits like any other.
func TestAStepQueuesWithoutAPlace(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *sendWorld, conv models.ConversationID, o *models.SendOffer){
		"another sender has taken over": func(w *sendWorld, _ models.ConversationID, _ *models.SendOffer) { w.open() },
		"the connection is held": func(w *sendWorld, _ models.ConversationID, _ *models.SendOffer) {
			w.exec(`UPDATE connections SET state = 'held'`)
		},
		"the connection is paused": func(w *sendWorld, _ models.ConversationID, _ *models.SendOffer) {
			w.exec(`UPDATE connections SET state = 'paused'`)
		},
		"something waits before it": func(w *sendWorld, conv models.ConversationID, _ *models.SendOffer) {
			w.enqueue(conv, models.OriginAgent, text("before"))
		},
		"an epoch that never was": func(_ *sendWorld, _ models.ConversationID, o *models.SendOffer) { o.Fence.Epoch = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSendWorld(t)
			conv := w.conversation(time.Hour)
			o := offer(w.open())
			spoil(w, conv, o)
			wake := w.step(conv, w.flowRun(conv, "reply"), o, "bot")
			if wake.Claimed != nil || len(wake.Connections) != 1 {
				t.Fatalf("%+v", wake)
			}
			if n := w.count(`SELECT count(*) FROM send_queue WHERE head`); n != 1 {
				t.Errorf("%d heads in one conversation", n)
			}
			w.exec(`UPDATE connections SET state = 'active'`)
			f := w.open()
			var said []string
			for c := w.claim(f, 1); len(c) == 1; c = w.claim(f, 1) {
				said = append(said, c[0].Content.Text)
				if c[0].Attempts != 1 {
					t.Errorf("%s is at try %d", c[0].Content.Text, c[0].Attempts)
				}
				w.accept(f, c...)
			}
			if said[len(said)-1] != "bot" {
				t.Errorf("left in the order %q", said)
			}
		})
	}
}

// Rule 191: nothing goes to a blocked contact, also not through a place.
func TestABlockedContactTakesNoPlace(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	w.exec(`UPDATE contacts SET blocked_at = now()`)
	if wake := w.step(conv, w.flowRun(conv, "reply"), offer(w.open()), "oi"); wake.Claimed != nil || len(wake.Connections) != 0 {
		t.Errorf("%+v", wake)
	}
	if n := w.count(`SELECT count(*) FROM send_queue`); n != 0 {
		t.Errorf("%d messages in the queue", n)
	}
}

// What a process that died had queued claimed is unknown, as what it had claimed; what nobody tried is taken back unspent.
func TestAPlaceOfADeadSender(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	f := w.open()
	lost, back := w.conversation(time.Hour), w.conversation(time.Hour)
	a, b := offer(f), offer(f)
	w.step(lost, w.flowRun(lost, "reply"), a, "lost")
	w.step(back, w.flowRun(back, "reply"), b, "back")
	for range 2 { // to say it twice does no harm, nor does what was never stored
		if err := w.s.TakeBack(w.ctx, back, b.AttemptID); err != nil {
			t.Fatal(err)
		}
		if err := w.s.TakeBack(w.ctx, back, uuid.Must(uuid.NewV7())); err != nil {
			t.Fatal(err)
		}
	}
	claimed := w.claim(w.open(), 10)
	if len(claimed) != 1 || claimed[0].Content.Text != "back" || claimed[0].Attempts != 1 {
		t.Fatalf("%+v", claimed)
	}
	var state string
	w.row(&state, `SELECT state FROM messages WHERE conversation_id = $1`, lost)
	if state != string(models.MessageUnknown) {
		t.Errorf("the message of a dead sender is %s", state)
	}
}

// A step whose COMMIT was not answered may still be at it: taking back waits for it.
func TestTakeBackWaitsForTheStep(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	run, o := w.flowRun(conv, "reply"), offer(w.open())
	taken := make(chan error, 1)
	_, wake, err := w.s.StepFlow(w.ctx, models.FlowRunStart{AccountID: w.account, RunID: run, ConversationID: conv, ConnectionID: w.conn.ID}, 1,
		func(*models.StepSnapshot) (*models.StepDecision, error) {
			go func() { taken <- w.s.TakeBack(w.ctx, conv, o.AttemptID) }()
			w.awaitLock()
			return &models.StepDecision{State: json.RawMessage(`{}`), Offer: o, Sends: []models.StepSend{{Key: "a", Content: text("a")}}}, nil
		}, nil)
	if err != nil || wake.Claimed == nil {
		t.Fatal(wake, err)
	}
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM send_queue WHERE state = 'ready' AND attempt_id IS NULL AND attempts = 0`); n != 1 {
		t.Errorf("%d messages are back", n)
	}
}
