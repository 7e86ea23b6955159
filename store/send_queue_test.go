package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

func TestEnqueueRules(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	open, closed := w.conversation(time.Hour), w.conversation(0)
	w.template("aviso", "utility", "APPROVED")
	w.template("oferta", "marketing", "APPROVED")
	w.template("parado", "utility", "PAUSED")

	if m := w.enqueue(open, models.OriginAgent, text("oi")); m.State != models.MessageQueued {
		t.Errorf("open window: state %s", m.State)
	}
	if m := w.enqueue(closed, models.OriginAgent, text("oi")); m.State != models.MessageHeld || w.message(m.ID).queued {
		t.Errorf("rule 100: an agent's message waits for the reply, got %s", m.State)
	}
	template := models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "aviso", Language: "pt_BR"}}
	if m := w.enqueue(closed, models.OriginAgent, template); m.State != models.MessageQueued || m.Content.Template.Category != "utility" {
		t.Errorf("rule 099: a template needs no window, got %s, category %q", m.State, m.Content.Template.Category)
	}
	if n := w.count(`SELECT held_count FROM conversations WHERE id = $1`, closed); n != 1 {
		t.Errorf("held_count = %d", n)
	}

	stopped := w.conversation(time.Hour)
	w.exec(`UPDATE contacts SET marketing_stopped_at = now() WHERE id = (SELECT contact_id FROM conversations WHERE id = $1)`, stopped)
	blocked := w.conversation(time.Hour)
	w.exec(`UPDATE contacts SET blocked_at = now() WHERE id = (SELECT contact_id FROM conversations WHERE id = $1)`, blocked)
	for _, c := range []struct {
		name string
		out  store.Outbound
		key  string
	}{
		{"rule 191: blocked", store.Outbound{ConversationID: blocked, Origin: models.OriginAgent, Content: text("oi")}, "contact.blocked"},
		{"rule 094: closed for a bot", store.Outbound{ConversationID: closed, Origin: models.OriginBot, Content: text("oi")}, "window.closed"},
		{"template not approved", store.Outbound{ConversationID: open, Origin: models.OriginAgent, Content: marketing("parado")}, "template.not_approved"},
		{"no such template", store.Outbound{ConversationID: open, Origin: models.OriginAgent, Content: marketing("nada")}, "template.not_found"},
		{"131050: marketing stopped", store.Outbound{ConversationID: stopped, Origin: models.OriginBroadcast, Content: marketing("oferta")}, "contact.marketing_stopped"},
		{"another account", store.Outbound{ConversationID: open + 1000, Origin: models.OriginAgent, Content: text("oi")}, "conversation.not_found"},
		{"a quote from elsewhere", store.Outbound{ConversationID: open, Origin: models.OriginAgent, Content: models.Content{Kind: models.ContentKindText, Text: "a",
			ReplyTo: &models.MessageRef{MessageID: 999}}}, ""},
	} {
		_, _, err := w.s.EnqueueOutbound(w.ctx, w.account, c.out)
		var coded *models.Error
		if !errors.As(err, &coded) || coded.Key != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	w.exec(`UPDATE connections SET state = 'removed'`)
	_, _, err := w.s.EnqueueOutbound(w.ctx, w.account, store.Outbound{ConversationID: open, Origin: models.OriginAgent, Content: text("oi")})
	if models.CodeOf(err) != models.CodeConnectionState {
		t.Errorf("removed connection: %v", err)
	}
}

func TestClientRefIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	a, b := w.conversation(time.Hour), w.conversation(time.Hour)
	out := store.Outbound{ConversationID: a, Origin: models.OriginAPI, Content: text("oi"), ClientRef: "order-1"}
	first, wake, err := w.s.EnqueueOutbound(w.ctx, w.account, out)
	if err != nil || len(wake.Connections) != 1 {
		t.Fatal(first, wake, err)
	}
	again, wake, err := w.s.EnqueueOutbound(w.ctx, w.account, out)
	if err != nil || again.ID != first.ID || wake.Repeated != 1 || len(wake.Connections) != 0 {
		t.Fatalf("a repeat made %v, %+v, %v", again, wake, err)
	}
	out.ConversationID = b
	if _, _, err := w.s.EnqueueOutbound(w.ctx, w.account, out); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("the same ref for another conversation: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM messages`); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestHeldMessagesLeaveInOrderWhenTheContactWrites(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t) // rule 100
	conv := w.conversation(0)
	a := w.enqueue(conv, models.OriginAgent, text("1"))
	b := w.enqueue(conv, models.OriginAgent, text("2"))
	w.exec(`INSERT INTO contact_identities (account_id, kind, value, contact_id, address) SELECT $1, 'phone', '5581999990000', contact_id, '5581999990000' FROM conversations WHERE id = $2`, w.account, conv)
	wake, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "message", Message: &models.InboundMessage{
		ProviderID: "wamid.in", Person: storetest.Person("5581999990000", ""), Content: text("oi"), At: w.now(), Arrival: models.ArrivalLive}}}}, nil)
	if err != nil || len(wake.Connections) != 1 {
		t.Fatal(wake, err)
	}
	f := w.open()
	first := w.claim(f, 10)
	if len(first) != 1 || first[0].MessageID != a.ID {
		t.Fatalf("claimed %v, want only the head %d", idsOf(first), a.ID)
	}
	w.accept(f, first...)
	if second := w.claim(f, 10); len(second) != 1 || second[0].MessageID != b.ID {
		t.Fatalf("claimed %v, want %d", idsOf(second), b.ID)
	}
	if n := w.count(`SELECT held_count FROM conversations WHERE id = $1`, conv); n != 0 {
		t.Errorf("held_count = %d", n)
	}
}

func TestClaimOrderAndHeads(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	a, b, c := w.conversation(time.Hour), w.conversation(time.Hour), w.conversation(time.Hour)
	broadcast := w.enqueue(a, models.OriginBroadcast, marketing("oferta"))
	live := w.enqueue(a, models.OriginAgent, text("depois da oferta"))
	bot := w.enqueue(b, models.OriginBot, text("bot"))
	agent := w.enqueue(c, models.OriginAgent, text("agente"))
	agent2 := w.enqueue(c, models.OriginAgent, text("agente 2"))
	f := w.open()
	got := w.claim(f, 10)
	if want := agent.ID.String() + " " + bot.ID.String() + " " + broadcast.ID.String(); idsOf(got) != want {
		t.Fatalf("claimed %s, want %s: live before bot before broadcast, heads only", idsOf(got), want)
	}
	if more := w.claim(f, 10); len(more) != 0 {
		t.Fatalf("claimed %s behind messages in flight", idsOf(more))
	}
	w.accept(f, got...)
	if want, rest := live.ID.String()+" "+agent2.ID.String(), w.claim(f, 10); idsOf(rest) != want {
		t.Fatalf("claimed %s, want %s", idsOf(rest), want)
	}
	m := w.message(agent.ID)
	if m.State != models.MessageAccepted || *m.ProviderMessageID != wamid(agent.ID) || m.Attempts != 1 || m.AcceptedAt == nil || m.queued {
		t.Errorf("accepted message: %+v", m)
	}
}

func TestBroadcastsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
	live := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("x"))
	claimed, _, err := w.s.ClaimAndRecord(w.ctx, w.open(), nil, want(10, models.PriorityBot))
	if err != nil || idsOf(claimed) != live.ID.String() {
		t.Fatal(idsOf(claimed), err)
	}
}

func TestDelayedMessagesWaitAndBlockWhatFollows(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	m, _, err := w.s.EnqueueOutbound(w.ctx, w.account, store.Outbound{ConversationID: conv, Origin: models.OriginAgent, Content: text("1"), ReadyAt: w.now().Add(3 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	w.enqueue(conv, models.OriginAgent, text("2"))
	f := w.open()
	if got := w.claim(f, 10); len(got) != 0 {
		t.Fatalf("claimed %s too early", idsOf(got))
	}
	rest, err := w.s.ConnectionRest(w.ctx, w.account, w.conn.ID)
	if err != nil || !rest.WakeAt.Equal(w.now().Add(3*time.Second)) {
		t.Fatalf("wakes at %v, %v", rest.WakeAt, err)
	}
	w.pass(3 * time.Second)
	if got := w.claim(f, 10); idsOf(got) != m.ID.String() {
		t.Fatalf("claimed %s", idsOf(got))
	}
}

// TestFence is case P15: a sender that was frozen may neither claim nor, by a late answer, undo what happened since.
func TestFence(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(10 * time.Hour)
	agent := w.enqueue(conv, models.OriginAgent, text("agente"))
	conv2 := w.conversation(10 * time.Hour)
	bot := w.bot(conv2, 0, text("bot"))
	behind := w.bot(conv2, 0, text("bot 2"))
	old := w.open()
	claimed := w.claim(old, 10)
	if len(claimed) != 2 {
		t.Fatal(idsOf(claimed))
	}
	next := w.open()
	if next.Epoch <= old.Epoch {
		t.Fatal("the epoch must grow")
	}
	if got := w.claim(old, 10); len(got) != 0 {
		t.Fatalf("a fenced sender claimed %s", idsOf(got))
	}
	if _, _, err := w.s.RenewSender(w.ctx, old, time.Second); !errors.Is(err, models.ErrFenced) {
		t.Fatalf("a fenced sender renewed its lease: %v", err)
	}
	if m := w.message(agent.ID); m.State != models.MessageUnknown || m.queued || m.Status() != models.StatusUnconfirmed {
		t.Errorf("an agent's message whose sender died shows as unconfirmed at once: %+v", m)
	}
	if m := w.message(bot); m.State != models.MessageUnknown || !m.queued {
		t.Errorf("a bot's message waits for a status in its place: %+v", m)
	}
	if got := w.claim(next, 10); len(got) != 0 {
		t.Fatalf("claimed %s behind an unknown", idsOf(got))
	}
	// The frozen sender had got its answer after all: the attempt is still the message's.
	w.accept(old, claimed...)
	if m := w.message(agent.ID); m.State != models.MessageAccepted {
		t.Errorf("late answer, same attempt: %s", m.State)
	}
	if m := w.message(bot); m.State != models.MessageAccepted || m.queued {
		t.Errorf("late answer, same attempt: %+v", m)
	}
	if got := w.claim(next, 10); idsOf(got) != behind.String() {
		t.Fatalf("claimed %s", idsOf(got))
	}
}

func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	lost := models.SendFailure{Outcome: "unknown", Code: models.NoProviderCode}
	t.Run("a bot's text is sent once more, and only once", func(t *testing.T) {
		t.Parallel()
		w := newSendWorld(t)
		id := w.bot(w.conversation(10*time.Hour), 0, text("oi"))
		f := w.open()
		first := w.claim(f, 1)
		w.failWith(first[0], lost)
		if again, _, _ := w.s.ResolveUnknown(w.ctx, f); again != 0 {
			t.Fatal("resent before the wait was over")
		}
		w.pass(models.UnknownOutcomeWait)
		if again, _, err := w.s.ResolveUnknown(w.ctx, f); again != 1 || err != nil {
			t.Fatal(again, err)
		}
		second := w.claim(f, 1)
		if len(second) != 1 || second[0].AttemptID == first[0].AttemptID {
			t.Fatal("the second try needs an attempt of its own")
		}
		w.failWith(second[0], lost)
		w.pass(models.UnknownOutcomeWait)
		if again, _, _ := w.s.ResolveUnknown(w.ctx, f); again != 0 {
			t.Fatal("resent twice")
		}
		if m := w.message(id); m.Status() != models.StatusUnconfirmed || m.queued {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a late status of the first try stops the second", func(t *testing.T) {
		t.Parallel()
		w := newSendWorld(t)
		id := w.bot(w.conversation(10*time.Hour), 0, text("oi"))
		f := w.open()
		first := w.claim(f, 1)
		w.failWith(first[0], lost)
		w.pass(models.UnknownOutcomeWait)
		if again, _, _ := w.s.ResolveUnknown(w.ctx, f); again != 1 {
			t.Fatal("not ready again")
		}
		w.status(models.StatusUpdate{ProviderID: wamid(id), AttemptID: first[0].CallbackData(), Status: "sent", At: w.now()})
		if m := w.message(id); m.State != models.MessageAccepted || m.queued {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a closed window, a template and a broadcast are never sent again", func(t *testing.T) {
		t.Parallel()
		w := newSendWorld(t)
		w.template("oferta", "marketing", "APPROVED")
		soon := w.conversation(90 * time.Second)
		run := w.flowRun(soon, "delivery")
		closed := w.bot(soon, run, text("a janela fecha"))
		template := w.bot(w.conversation(time.Hour), 0, marketing("oferta"))
		broadcast := w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
		f := w.open()
		for _, c := range w.claim(f, 10) {
			w.failWith(c, lost)
		}
		w.pass(models.UnknownOutcomeWait)
		again, bells, err := w.s.ResolveUnknown(w.ctx, f)
		if again != 0 || err != nil {
			t.Fatal(again, err)
		}
		for _, id := range []models.MessageID{closed, template, broadcast.ID} {
			if m := w.message(id); m.Status() != models.StatusUnconfirmed || m.queued {
				t.Errorf("%+v", m)
			}
		}
		if len(bells) != 1 || bells[0].WorkflowID != "flow-run/"+run.String() {
			t.Errorf("the run that waits for it hears of it: %v", bells)
		}
	})
	t.Run("a status confirms, and the sender is woken for what waited behind", func(t *testing.T) {
		t.Parallel()
		w := newSendWorld(t)
		conv := w.conversation(time.Hour)
		id := w.bot(conv, 0, text("oi"))
		next := w.bot(conv, 0, text("2"))
		f := w.open()
		c := w.claim(f, 1)
		w.failWith(c[0], lost)
		wake := w.status(models.StatusUpdate{ProviderID: "wamid.x", AttemptID: c[0].CallbackData(), Status: "delivered", At: w.now()})
		if len(wake.Connections) != 1 {
			t.Errorf("wake %+v", wake)
		}
		if m := w.message(id); m.State != models.MessageAccepted || *m.ProviderMessageID != "wamid.x" || m.Status() != models.StatusDelivered {
			t.Errorf("%+v", m)
		}
		if got := w.claim(f, 5); idsOf(got) != next.String() {
			t.Errorf("claimed %s", idsOf(got))
		}
	})
	t.Run("one click sends an agent's message again, after the wait", func(t *testing.T) {
		t.Parallel()
		w := newSendWorld(t)
		m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
		f := w.open()
		w.failWith(w.claim(f, 1)[0], lost)
		if _, err := w.s.ResendUnconfirmed(w.ctx, w.account, m.ID); models.CodeOf(err) != models.CodeConflict {
			t.Fatalf("a status may still come: %v", err)
		}
		w.pass(models.UnknownOutcomeWait)
		if _, err := w.s.ResendUnconfirmed(w.ctx, w.account, m.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.claim(f, 1); idsOf(got) != m.ID.String() {
			t.Error("not queued again")
		}
	})
}

func TestGiveBackBurnsNoTry(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	f := w.open()
	for range 3 {
		got := w.claim(f, 1)
		if len(got) != 1 || got[0].Attempts != 1 {
			t.Fatalf("%+v", got)
		}
		if err := w.s.GiveBack(w.ctx, got, w.now()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSweepFindsWhatACrashLeftBehind(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	w.enqueue(conv, models.OriginAgent, text("oi"))
	ready := func() int {
		refs, err := w.s.ConnectionsWithReadyMessages(w.ctx, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return len(refs)
	}
	if ready() != 0 {
		t.Error("the ring gets its chance first")
	}
	w.pass(2 * time.Second)
	if ready() != 1 {
		t.Error("nobody sends and a message is ready")
	}
	f := w.open()
	if ready() != 0 {
		t.Error("somebody sends")
	}
	if asleep, err := w.s.NotifySenders(w.ctx, []models.ConnectionID{w.conn.ID}); err != nil || len(asleep) != 0 {
		t.Error(asleep, err)
	}
	if err := w.s.CloseSender(w.ctx, f); err != nil {
		t.Fatal(err)
	}
	if asleep, err := w.s.NotifySenders(w.ctx, []models.ConnectionID{w.conn.ID}); err != nil || len(asleep) != 1 {
		t.Error(asleep, err)
	}
	w.exec(`UPDATE connections SET state = 'paused'`)
	if ready() != 0 {
		t.Error("a paused connection is left alone")
	}
}

func TestCancelOutbound(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	queued := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	held := w.enqueue(w.conversation(0), models.OriginAgent, text("oi"))
	for _, id := range []models.MessageID{queued.ID, held.ID} {
		if err := w.s.CancelOutbound(w.ctx, w.account, id); err != nil {
			t.Fatal(err)
		}
		if m := w.message(id); m.State != models.MessageCancelled || m.queued {
			t.Errorf("%+v", m)
		}
	}
	said := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("fica"))
	w.pass(time.Second)
	back := w.enqueue(said.ConversationID, models.OriginAgent, text("volta"))
	if err := w.s.CancelOutbound(w.ctx, w.account, back.ID); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM conversations WHERE id = $1 AND last_message_id = $2 AND last_message_at = $3`, said.ConversationID, said.ID, said.CreatedAt); n != 1 {
		t.Error("the list does not show what was said before the message that was taken back")
	}
	w.exec(`DELETE FROM send_queue`)
	gone := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	w.claim(w.open(), 1)
	if err := w.s.CancelOutbound(w.ctx, w.account, gone.ID); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a message on its way was taken back: %v", err)
	}
}

func TestTemplatesSync(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	list := []models.Template{
		{ProviderTemplateID: "1", Name: "a", Language: "pt_BR", Category: "UTILITY", Status: "APPROVED", Components: json.RawMessage(`[{"type":"BODY"}]`)},
		{ProviderTemplateID: "2", Name: "b", Language: "pt_BR", Category: "MARKETING", Status: "APPROVED"},
	}
	sync := func(list []models.Template) int {
		w.pass(time.Minute)
		n, err := w.s.SaveTemplates(w.ctx, w.account, w.conn.ID, list, w.now())
		if err == nil {
			var named []string
			for i := range list {
				named = append(named, list[i].Key())
			}
			var gone int
			gone, err = w.s.DropTemplates(w.ctx, w.account, w.conn.ID, named, w.now())
			n += gone
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := sync(list); n != 2 {
		t.Errorf("%d changed", n)
	}
	if n := sync(list); n != 0 {
		t.Errorf("%d changed with nothing new", n)
	}
	list[0].Status = "PAUSED"
	if n := sync(list[:1]); n != 2 {
		t.Errorf("%d changed: one paused, one gone", n)
	}
	var states string
	w.row(&states, `SELECT string_agg(name || '=' || status || CASE WHEN deleted_at IS NULL THEN '' ELSE '!' END, ' ' ORDER BY name) FROM templates`)
	if states != "a=PAUSED b=DELETED!" {
		t.Error(states)
	}
	if n := sync(list); n != 1 {
		t.Errorf("%d changed: one came back", n)
	}
	if !strings.Contains(states, "PAUSED") || w.count(`SELECT count(*) FROM events WHERE kind = 'template.updated'`) != 5 {
		t.Error("one event a change")
	}
}

// However many messages wait behind one another, exactly the first is a head, whoever queues and settles at the same time.
func TestHeadsUnderConcurrency(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	f := w.open()
	done := make(chan error, 2)
	go func() {
		for range 150 {
			if _, _, err := w.s.EnqueueOutbound(w.ctx, w.account, store.Outbound{ConversationID: conv, Origin: models.OriginAgent, Content: text("x")}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	go func() {
		for sent := 0; sent < 150; {
			claimed, _, err := w.s.ClaimAndRecord(w.ctx, f, nil, want(4, models.PriorityBroadcast))
			if err != nil || len(claimed) > 1 {
				done <- fmt.Errorf("claimed %s: %w", idsOf(claimed), err)
				return
			}
			if len(claimed) == 1 {
				sent++
				out := contract.SendOutcome{Send: &claimed[0], Accepted: &contract.Acceptance{ProviderMessageID: wamid(claimed[0].MessageID), At: w.now()}}
				if _, _, err := w.s.ClaimAndRecord(w.ctx, f, []contract.SendOutcome{out}, contract.SendClaim{}); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(`SELECT count(*) FROM send_queue`); n != 0 {
		t.Errorf("%d messages are stuck", n)
	}
}

// A new sender learns with its claim what was sent to the same people lately.
func TestClaimTellsRecentSends(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	f := w.open()
	var sent []time.Time
	for range 4 {
		w.enqueue(conv, models.OriginAgent, text("x"))
		w.accept(f, w.claim(f, 1)...)
		sent = append(sent, w.now())
		w.pass(time.Minute)
	}
	w.enqueue(conv, models.OriginAgent, text("x"))
	c := want(1, models.PriorityBroadcast)
	c.RecentSince, c.RecentMost = sent[0], 2
	got, _, err := w.s.ClaimAndRecord(w.ctx, f, nil, c)
	if err != nil || len(got) != 1 || len(got[0].Recent) != 2 || !got[0].Recent[0].Equal(sent[3]) || !got[0].Recent[1].Equal(sent[2]) {
		t.Fatalf("%+v, %v", got, err)
	}
}
