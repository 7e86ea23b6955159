package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// step takes the first step of a run that sends texts.
func (w *sendWorld) step(conv models.ConversationID, run models.FlowRunID, texts ...string) contract.Wake {
	w.t.Helper()
	w.exec(`UPDATE conversations SET in_charge = 'flow', flow_run_id = $2 WHERE id = $1`, conv, run)
	d := &contract.StepDecision{State: json.RawMessage(`{}`)}
	for _, s := range texts {
		d.Sends = append(d.Sends, contract.StepSend{Key: s, Content: text(s)})
	}
	_, wake, err := w.s.StepFlow(w.ctx, contract.FlowRunStart{AccountID: w.account, RunID: run, ConversationID: conv, ConnectionID: w.conn.ID}, 1,
		func(*contract.StepSnapshot) (*contract.StepDecision, error) { return d, nil }, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return wake
}

// A step's messages wait in the queue and leave one after the other, each at its first try.
func TestAStepsMessagesLeaveInOrder(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	f := w.open()
	conv := w.conversation(time.Hour)
	w.exec(`UPDATE conversations SET address = 'user:BR.1' WHERE id = $1`, conv)
	run := w.flowRun(conv, "reply")
	if wake := w.step(conv, run, "1", "2"); !slices.Equal(wake.Connections, []models.ConnectionID{w.conn.ID}) {
		t.Fatalf("woke %v, want the connection", wake.Connections)
	}
	first := w.claim(f, 10)
	if len(first) != 1 {
		t.Fatalf("claimed %v, want only the head", idsOf(first))
	}
	if n := w.count(`SELECT count(*) FROM send_queue WHERE head = (message_id = $1)`, first[0].MessageID); n != 2 {
		t.Errorf("the first message is the head, and the second is not: so with %d of 2", n)
	}
	c := first[0]
	if c.Content.Text != "1" || c.Attempts != 1 || c.Origin != models.OriginBot || c.Address != "user:BR.1" || !c.Behind || c.FlowRunID == nil || *c.FlowRunID != run {
		t.Errorf("claimed %+v", c)
	}
	w.accept(f, first...)
	if next := w.claim(f, 10); len(next) != 1 || next[0].Content.Text != "2" {
		t.Errorf("behind it: %+v", next)
	}
}

// A step's message leaves last of what its conversation has queued, whatever the connection did meanwhile.
func TestAStepQueuesBehindWhatWaits(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *sendWorld, conv models.ConversationID){
		"another sender has taken over": func(w *sendWorld, _ models.ConversationID) { w.open() },
		"the connection is held":        func(w *sendWorld, _ models.ConversationID) { w.exec(`UPDATE connections SET state = 'held'`) },
		"the connection is paused":      func(w *sendWorld, _ models.ConversationID) { w.exec(`UPDATE connections SET state = 'paused'`) },
		"something waits before it": func(w *sendWorld, conv models.ConversationID) {
			w.enqueue(conv, models.OriginAgent, text("before"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSendWorld(t)
			conv := w.conversation(time.Hour)
			w.open()
			spoil(w, conv)
			if wake := w.step(conv, w.flowRun(conv, "reply"), "bot"); len(wake.Connections) != 1 {
				t.Fatalf("woke %v, want the connection", wake.Connections)
			}
			if n := w.count(`SELECT count(*) FROM send_queue WHERE head`); n != 1 {
				t.Errorf("%d heads in one conversation, want 1", n)
			}
			w.exec(`UPDATE connections SET state = 'active'`)
			f := w.open()
			var said []string
			for c := w.claim(f, 1); len(c) == 1; c = w.claim(f, 1) {
				said = append(said, c[0].Content.Text)
				if c[0].Attempts != 1 {
					t.Errorf("%s is at try %d, want 1", c[0].Content.Text, c[0].Attempts)
				}
				w.accept(f, c...)
			}
			if len(said) == 0 || said[len(said)-1] != "bot" {
				t.Errorf("left in the order %q, want the step's last", said)
			}
		})
	}
}

// Rule 191: a step queues nothing for a blocked contact and wakes nobody.
func TestABlockedContactGetsNothingFromAStep(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	w.exec(`UPDATE contacts SET blocked_at = now()`)
	if wake := w.step(conv, w.flowRun(conv, "reply"), "oi"); len(wake.Connections) != 0 {
		t.Errorf("woke %v, want nobody", wake.Connections)
	}
	if n := w.count(`SELECT count(*) FROM send_queue`); n != 0 {
		t.Errorf("%d messages in the queue, want none", n)
	}
}

// A step's message that a dead sender had claimed is unknown. One that was given back is claimed again, unspent.
func TestAStepsMessageOfADeadSender(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	lost, back := w.conversation(time.Hour), w.conversation(time.Hour)
	f := w.open()
	w.step(lost, w.flowRun(lost, "reply"), "lost")
	w.step(back, w.flowRun(back, "reply"), "back")
	for _, c := range w.claim(f, 10) {
		if c.Content.Text == "back" {
			if err := w.s.GiveBack(w.ctx, []contract.ClaimedSend{c}, w.now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	claimed := w.claim(w.open(), 10)
	if len(claimed) != 1 || claimed[0].Content.Text != "back" || claimed[0].Attempts != 1 {
		t.Fatalf("claimed %+v, want the one given back, at try 1", claimed)
	}
	var state string
	w.row(&state, `SELECT state FROM messages WHERE conversation_id = $1`, lost)
	if state != string(models.MessageUnknown) {
		t.Errorf("the message of a dead sender is %s, want unknown", state)
	}
}
