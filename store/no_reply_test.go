package store_test

import (
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store/storetest"
)

// unanswered gives since when a conversation's contact waits for an answer; zero when nobody waits.
func (w *sendWorld) unanswered(conv models.ConversationID) time.Time {
	w.t.Helper()
	var since *time.Time
	w.row(&since, `SELECT first_unanswered_at FROM conversations WHERE id = $1`, conv)
	if since == nil {
		return time.Time{}
	}
	return since.UTC()
}

// hears lets a person write, or react, and gives the conversation and when that was.
func (w *sendWorld) hears(id string, kind models.ContentKind) (models.ConversationID, time.Time) {
	w.t.Helper()
	w.pass(time.Minute)
	e := storetest.Text(id, "5581999991234", "oi", w.now())
	if kind == models.ContentKindReaction {
		e.Message.Content = models.Content{Kind: kind, Reaction: &models.ContentReaction{Emoji: "👍", Target: models.MessageRef{ProviderMessageID: "wamid.x"}}}
	}
	wake, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, nil)
	if err != nil || wake.Stored != 1 {
		w.t.Fatal(wake, err)
	}
	var conv models.ConversationID
	w.row(&conv, `SELECT conversation_id FROM messages WHERE provider_message_id = $1`, id)
	return conv, w.now()
}

// The no-reply counter (rules 103 to 110, Z4, Z5): it counts from the first message nobody answered, an answer that goes
// out ends it, and one that does not go out never did.
func TestNoReplyCounter(t *testing.T) {
	t.Parallel()
	reaction := models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍", Target: models.MessageRef{ProviderMessageID: "wamid.1"}}}
	newWorld := func(t *testing.T) (*sendWorld, contract.SenderFence) {
		w := newSendWorld(t)
		w.exec(`UPDATE connections SET created_at = $2 WHERE id = $1`, w.conn.ID, w.now())
		w.pass(time.Hour)
		return w, w.open()
	}

	t.Run("rules 104, 105: later messages do not restart it, an answer ends it", func(t *testing.T) {
		t.Parallel()
		w, _ := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		w.hears("2", models.ContentKindText)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want the first message's %s", got, first)
		}
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		if got := w.unanswered(conv); !got.IsZero() {
			t.Errorf("counts from %s after an answer", got)
		}
	})
	t.Run("Z5: a failed send never cleared it, and what was written meanwhile counts on", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.hears("2", models.ContentKindText)
		w.fail(w.claim(fence, 1)[0], 131026)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s", got, first)
		}
		if n := w.count(`SELECT count(*) FROM events WHERE kind = $1 AND entity_id = $2`, models.EventConversationUpdated, conv); n == 0 {
			t.Error("nobody is told that the counter is back")
		}
	})
	t.Run("Z5: one that fails after another answer went out restores nothing", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		conv, _ := w.hears("1", models.ContentKindText)
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.accept(fence, w.claim(fence, 1)...)
		w.enqueue(conv, models.OriginAgent, text("tudo bem?"))
		w.fail(w.claim(fence, 1)[0], 131026)
		if got := w.unanswered(conv); !got.IsZero() {
			t.Errorf("counts from %s although the contact has an answer", got)
		}
	})
	t.Run("Z5: a failure that comes as a status counts the same", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		m := w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.accept(fence, w.claim(fence, 1)...)
		w.status(models.StatusUpdate{ProviderID: wamid(m.ID), Status: "failed", At: w.now(), ErrorCode: 131026})
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s", got, first)
		}
	})
	t.Run("a message that is taken back was no answer", func(t *testing.T) {
		t.Parallel()
		w, _ := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		m := w.enqueue(conv, models.OriginAgent, text("engano"))
		if err := w.s.CancelOutbound(w.ctx, w.account, m.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s", got, first)
		}
	})
	t.Run("rule 100: what is held answers when it leaves", func(t *testing.T) {
		t.Parallel()
		w, _ := newWorld(t)
		w.template("volta", "UTILITY", "APPROVED")
		conv, _ := w.hears("1", models.ContentKindText)
		w.pass(25 * time.Hour)
		template := marketing("volta")
		w.enqueue(conv, models.OriginAgent, template)
		held := w.enqueue(conv, models.OriginAgent, text("assim que responder"))
		if held.State != models.MessageHeld {
			t.Fatalf("the text is %s", held.State)
		}
		w.hears("2", models.ContentKindText)
		if got := w.unanswered(conv); !got.IsZero() {
			t.Errorf("counts from %s although held text left with the reply", got)
		}
	})
	t.Run("rules 110, Z5: reactions neither start nor end it", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		m := w.enqueue(conv, models.OriginAgent, reaction)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("our reaction: counts from %s, want %s", got, first)
		}
		w.accept(fence, w.claim(fence, 1)...)
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.accept(fence, w.claim(fence, 1)...)
		w.hears("2", models.ContentKindReaction)
		if got := w.unanswered(conv); !got.IsZero() {
			t.Errorf("the contact's reaction to %d: counts from %s", m.ID, got)
		}
	})
	t.Run("Z5: a bot's reply ends it, unless the account says no", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		conv, first := w.hears("1", models.ContentKindText)
		w.exec(`UPDATE accounts SET settings = '{"bot_reply_keeps_counter": true}' WHERE id = $1`, w.account)
		w.enqueue(conv, models.OriginBot, text("já vai"))
		w.accept(fence, w.claim(fence, 1)...)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s: the account lets bots keep it", got, first)
		}
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.fail(w.claim(fence, 1)[0], 131026)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s: the bot's reply is no answer here", got, first)
		}
		w.exec(`UPDATE accounts SET settings = '{}' WHERE id = $1`, w.account)
		w.enqueue(conv, models.OriginBot, text("já vai"))
		if got := w.unanswered(conv); !got.IsZero() {
			t.Errorf("counts from %s after a bot's reply", got)
		}
	})
	t.Run("what was imported waits for nobody", func(t *testing.T) {
		t.Parallel()
		w, fence := newWorld(t)
		old := storetest.Text("old", "5581999991234", "oi", w.now().Add(-48*time.Hour))
		old.Message.Arrival = models.ArrivalHistory
		if _, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{old}}, nil); err != nil {
			t.Fatal(err)
		}
		conv, first := w.hears("1", models.ContentKindText)
		w.enqueue(conv, models.OriginAgent, text("bom dia"))
		w.fail(w.claim(fence, 1)[0], 131026)
		if got := w.unanswered(conv); !got.Equal(first) {
			t.Errorf("counts from %s, want %s", got, first)
		}
	})
}
