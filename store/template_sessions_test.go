package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// sessionsOf reads the sessions of a conversation as the API does, with when each began.
func (w *sendWorld) sessionsOf(conv models.ConversationID) []string {
	w.t.Helper()
	v, err := w.s.Conversation(w.ctx, w.account, store.Viewer{User: 1, Everything: true}, conv)
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, s := range v.Sessions {
		if d := s.EndsAt.Sub(s.OpenedAt); d != models.TemplateSession {
			w.t.Errorf("a session of %s", d)
		}
		out = append(out, fmt.Sprintf("%s %s", s.Category, s.OpenedAt.UTC().Format("02 15:04")))
	}
	return out
}

func (w *sendWorld) wantSessions(conv models.ConversationID, what string, want ...string) {
	w.t.Helper()
	if got := w.sessionsOf(conv); !slices.Equal(got, want) {
		w.t.Errorf("%s: sessions %q, want %q", what, got, want)
	}
}

// sendTemplate sends a template and lets the provider take it.
func (w *sendWorld) sendTemplate(f contract.SenderFence, conv models.ConversationID, name string) *models.Message {
	w.t.Helper()
	m := w.enqueue(conv, models.OriginAgent, models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: name, Language: "pt_BR"}})
	w.accept(f, w.claim(f, 1)...)
	return m
}

// writes lets a contact write who is known by a phone of conv's contact.
func (w *sendWorld) writes(conv models.ConversationID, id string) {
	w.t.Helper()
	phone := fmt.Sprintf("55819999%05d", conv)
	w.exec(`INSERT INTO contact_identities (account_id, kind, value, contact_id, address)
		SELECT $1, 'phone', $3, contact_id, $3 FROM conversations WHERE id = $2 ON CONFLICT DO NOTHING`, w.account, conv, phone)
	if _, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "message", Message: &models.InboundMessage{
		ProviderID: id, Person: storetest.Person(phone, ""), Content: text("oi"), At: w.now(), Arrival: models.ArrivalLive}}}}, nil); err != nil {
		w.t.Fatal(err)
	}
}

// Rules 090 to 092: a template opens a session of its category for 24 hours, each category has its own, and a second template
// of a category opens none. No session lets anybody write freely.
func TestTemplatesOpenSessionsOfTheirCategory(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("aviso", "UTILITY", "APPROVED")
	w.template("oferta", "MARKETING", "APPROVED")
	w.template("codigo", "AUTHENTICATION", "APPROVED")
	f := w.open()
	conv := w.conversation(0)

	w.enqueue(conv, models.OriginAgent, marketing("oferta"))
	w.wantSessions(conv, "queued")
	w.accept(f, w.claim(f, 1)...)
	w.wantSessions(conv, "rule 090: one", "marketing 21 12:00")
	if m := w.enqueue(conv, models.OriginAgent, text("oi")); m.State != models.MessageHeld {
		t.Errorf("rule 090: free-form is %s in a session of a template", m.State)
	}
	w.pass(time.Hour)
	w.sendTemplate(f, conv, "aviso")
	w.sendTemplate(f, conv, "codigo")
	w.wantSessions(conv, "rule 091: side by side", "authentication 21 13:00", "utility 21 13:00", "marketing 21 12:00")
	w.pass(22 * time.Hour)
	w.sendTemplate(f, conv, "oferta")
	w.wantSessions(conv, "rule 092: a second one", "authentication 21 13:00", "utility 21 13:00", "marketing 21 12:00")
	w.pass(time.Hour)
	w.sendTemplate(f, conv, "oferta")
	w.wantSessions(conv, "after its end", "marketing 22 12:00", "authentication 21 13:00", "utility 21 13:00")
	w.pass(48 * time.Hour)
	w.wantSessions(conv, "a day after their ends")
}

// Rule 093: a session of service opens with the contact's message, unless a session of marketing or utility is open. The window
// opens all the same (Z14).
func TestServiceOpensNotBesideATemplatesSession(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("aviso", "UTILITY", "APPROVED")
	w.template("codigo", "AUTHENTICATION", "APPROVED")
	f := w.open()

	alone := w.conversation(0)
	w.writes(alone, "in.1")
	w.wantSessions(alone, "by the contact", "service 21 12:00")
	w.pass(time.Hour)
	w.writes(alone, "in.2")
	w.sendTemplate(f, alone, "aviso")
	w.wantSessions(alone, "no second one, and a template beside it", "utility 21 13:00", "service 21 12:00")

	beside := w.conversation(0)
	w.sendTemplate(f, beside, "aviso")
	w.writes(beside, "in.3")
	w.wantSessions(beside, "beside utility", "utility 21 13:00")
	if m := w.enqueue(beside, models.OriginAgent, text("oi")); m.State != models.MessageQueued {
		t.Errorf("Z14: the window is closed, the text is %s", m.State)
	}
	w.accept(f, w.claim(f, 1)...)
	w.pass(25 * time.Hour)
	w.writes(beside, "in.4")
	w.wantSessions(beside, "once that has ended", "service 22 14:00", "utility 21 13:00")

	code := w.conversation(0)
	w.sendTemplate(f, code, "codigo")
	w.writes(code, "in.5")
	w.wantSessions(code, "beside authentication", "authentication 22 14:00", "service 22 14:00")
}

// A template that never arrived leaves no session: a later one of its category has opened it.
func TestAFailedTemplateOpensNoSession(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "MARKETING", "APPROVED")
	f := w.open()
	fails := func(m *models.Message) {
		t.Helper()
		var id string
		w.row(&id, `SELECT provider_message_id FROM messages WHERE id = $1`, m.ID)
		if _, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "status", Status: &models.StatusUpdate{
			ProviderID: id, Status: "failed", At: w.now(), ErrorCode: 131026}}}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	conv := w.conversation(0)
	first := w.sendTemplate(f, conv, "oferta")
	w.pass(time.Hour)
	second := w.sendTemplate(f, conv, "oferta")
	fails(first)
	w.wantSessions(conv, "the second one opened it", "marketing 21 13:00")
	fails(second)
	w.wantSessions(conv, "none arrived")
}

// 0118: what is open goes on after the change, and back.
func TestBeforeTemplateSessions(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 118)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, window_expires_at, last_message_at)
		VALUES (1, 1, 1, 1, 1, now() + interval '1 hour', now())`)
	f.Exec(t, `INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, accepted_at, created_at)
		SELECT 1, 1, 1, 1, 'out', 'agent', 'template', jsonb_build_object('template', jsonb_build_object('category', c)), s, now() - h * interval '1 hour', now() - h * interval '1 hour'
		FROM (VALUES ('utility', 'accepted', 3), ('utility', 'accepted', 2), ('marketing', 'failed', 2), ('marketing', 'accepted', 30)) AS v (c, s, h)`)
	for range 2 {
		migrate(t, f, 0)
		if n := f.Count(t, `SELECT count(*) FROM template_sessions s, conversations v WHERE s.category = 'utility'
			AND s.opened_at < now() - interval '2 hours 59 minutes' AND s.ends_at = s.opened_at + interval '24 hours' AND v.service_until = v.window_expires_at`); n != 1 {
			t.Errorf("%d sessions of utility", n)
		}
		if n := f.Count(t, `SELECT count(*) FROM template_sessions`); n != 1 {
			t.Errorf("%d sessions in all", n)
		}
		migrate(t, f, 118)
	}
}
