package store_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

var updateWebhookBodies = flag.Bool("update-webhooks", false, "write the golden bodies of webhooks")

// unsealed seals nothing, so that a test reads what was sealed.
type unsealed struct{}

func (unsealed) Seal(place string, plaintext []byte) ([]byte, error) {
	return append([]byte(place+" "), plaintext...), nil
}

// webhook gives the desk a webhook for events.
func (w *deskWorld) webhook(events ...models.WebhookEventName) contract.WebhookDeliveryStart {
	w.t.Helper()
	id, err := w.CreateWebhook(w.t.Context(), w.Account, models.Webhook{Name: "ERP", URL: "https://erp.example/hook", Kind: models.WebhookStandard, Events: events},
		"whsec_c2VjcmV0", unsealed{}, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return contract.WebhookDeliveryStart{AccountID: w.Account, EndpointID: id}
}

// Ids and instants differ from run to run; everything else of a body is fixed.
var (
	someID   = regexp.MustCompile(`"(id|message_id|conversation_id|inbox_id|contact_id|account_id|media_id|assignee_id|team_id)": [0-9]+`)
	someTime = regexp.MustCompile(`"(created_at|updated_at|timestamp|contact_last_seen_at)": [1-9][0-9]+`)
	someName = regexp.MustCompile(`"name": "desk[^"]*"`)
)

// Rules 221 to 226 and Z28: the bodies of a conversation's life are exactly these.
func TestWebhookBodies(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.webhook(models.WebhookEventNames...)
	w.writes(models.Content{Kind: models.ContentKindText, Text: "Oi, tudo bem?"})
	id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	w.Exec(t, `UPDATE conversations SET priority = 'high', fields = '{"pedido": "42"}'`)
	w.Exec(t, `UPDATE messages SET content = jsonb_set(content, '{text}', '"Oi!"') WHERE direction = 'in'`)
	if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Text: "Até logo"}); got != "done" {
		t.Fatalf("closing is %s", got)
	}
	var bodies []string
	for _, body := range texts(t, w.Fixture, `SELECT body FROM webhook_events ORDER BY id`) {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		pretty, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text := someTime.ReplaceAllString(someID.ReplaceAllString(string(pretty), `"$1": 1`), `"$1": 1764547200`)
		bodies = append(bodies, someName.ReplaceAllString(text, `"name": "Loja"`))
	}
	got := "[\n" + strings.Join(bodies, ",\n") + "\n]\n"
	path := filepath.Join("testdata", "webhooks", "life.json")
	if *updateWebhookBodies {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("bodies (-want +got), written by -update-webhooks:\n%s", diff)
	}
}

// An account without a webhook for an event writes nothing for it, and neither does one whose webhook is off or another's.
func TestNoWebhookNoRow(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	start := w.webhook(models.WebhookConversationCreated)
	other := store.WebhookPatch{Off: ptr(true)}
	if _, err := w.UpdateWebhook(t.Context(), w.Account, start.EndpointID, other, false); err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (999, 'outra', 'outra')`)
	w.Exec(t, `INSERT INTO webhook_endpoints (account_id, name, url, kind, events) VALUES (999, 'x', 'https://x.example', 'standard', '{message_created}')`)
	w.writes(models.Content{Kind: models.ContentKindText, Text: "Oi"})
	if n := w.Count(t, `SELECT (SELECT count(*) FROM webhook_events) + (SELECT count(*) FROM webhook_deliveries)`); n != 0 {
		t.Errorf("%d rows for nobody", n)
	}
}

// System lines and imported history are no events.
func TestWhatIsNoWebhookEvent(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.webhook(models.WebhookMessageCreated)
	w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	w.Exec(t, `INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, arrival)
		SELECT account_id, id, connection_id, contact_id, 'in', 'contact', 'text', '{"kind": "text", "text": "velha"}', 'received', 'history' FROM conversations`)
	if n := w.Count(t, `SELECT count(*) FROM webhook_events e WHERE e.body LIKE '%velha%' OR e.body LIKE '%system_note%'`); n != 0 {
		t.Errorf("%d events of system lines and of history", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'system'`); n == 0 {
		t.Error("the desk wrote no system line: this test shows nothing")
	}
}

// The status of a body is what the console shows, for every message there can be. Accepted counts as sent.
func TestWebhookStatusOfAMessage(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for _, state := range []models.MessageState{models.MessageQueued, models.MessageHeld, models.MessageAccepted, models.MessageUnknown, models.MessageRetry,
		models.MessageFailed, models.MessageCancelled} {
		for mask := range 64 {
			m := models.Message{Direction: models.DirectionOut, State: state}
			var times []any
			for i, field := range []**time.Time{&m.AcceptedAt, &m.SentAt, &m.DeliveredAt, &m.ReadAt, &m.PlayedAt, &m.FailedAt} {
				if mask&(1<<i) != 0 {
					*field = &at
				}
				times = append(times, *field)
			}
			want := string(m.Status())
			if want == string(models.StatusAccepted) {
				want = string(models.StatusSent)
			}
			got := texts(t, w.Fixture, `SELECT webhook_message_status(jsonb_populate_record(NULL::messages, jsonb_build_object('direction', 'out', 'state', $1::text,
				'accepted_at', $2::timestamptz, 'sent_at', $3::timestamptz, 'delivered_at', $4::timestamptz, 'read_at', $5::timestamptz,
				'played_at', $6::timestamptz, 'failed_at', $7::timestamptz)))`, append([]any{state}, times...)...)
			if got[0] != want {
				t.Errorf("%s with %06b: %s, want %s", state, mask, got[0], want)
			}
		}
	}
}

// say stores that many events, of conversations in turn.
func (w *deskWorld) happens(start contract.WebhookDeliveryStart, conversations ...int) {
	w.t.Helper()
	for _, of := range conversations {
		w.Exec(w.t, `INSERT INTO contacts (id, account_id) VALUES ($2, $1) ON CONFLICT DO NOTHING`, w.Account, 5000+of)
		w.Exec(w.t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES ($2, $1, $2, $3, $2) ON CONFLICT DO NOTHING`, w.Account, 5000+of, w.Connection.ID)
		w.Exec(w.t, `WITH e AS (INSERT INTO webhook_events (account_id, event, conversation_id, body) VALUES ($1, 'message_created', $2, '{}') RETURNING id)
			INSERT INTO webhook_deliveries (account_id, endpoint_id, event_id, conversation_id, next_at) SELECT $1, $3, id, $2, $4 FROM e`,
			w.Account, 5000+of, start.EndpointID, w.now())
	}
}

// Rule 220: each conversation's events go in order, a failure waits in growing steps and keeps its conversation back alone,
// a delivery is given up after days, and a person sends it again.
func TestWebhookOrderAndSteps(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	start := w.webhook(models.WebhookMessageCreated)
	w.happens(start, 1, 1, 2)
	turn := func() *models.Webhook {
		t.Helper()
		e, err := w.BeginWebhookTurn(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	due := func(e *models.Webhook) []models.WebhookDelivery {
		t.Helper()
		rows, err := w.DueDeliveries(t.Context(), e, 10)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	record := func(e *models.Webhook, status int, why string, rows ...models.WebhookDelivery) *models.Webhook {
		t.Helper()
		var out []contract.WebhookOutcome
		for _, d := range rows {
			out = append(out, contract.WebhookOutcome{Delivery: d.ID, At: w.now(), Status: status, Error: why})
		}
		at, err := w.RecordDeliveries(t.Context(), e, out)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	e := turn()
	rows := due(e)
	if len(rows) != 2 || *rows[0].ConversationID != 5001 || *rows[1].ConversationID != 5002 {
		t.Fatalf("due at first: %+v", rows)
	}
	record(e, 200, "", rows[1])
	// The other conversation goes on while this one waits; each success between keeps the webhook out of quarantine.
	first := rows[0].ID
	for i, pause := range []string{"5s", "5m0s", "30m0s", "2h0m0s", "5h0m0s", "10h0m0s", "14h0m0s", "20h0m0s", "24h0m0s"} {
		record(e, 500, "status", models.WebhookDelivery{ID: first})
		view, err := w.WebhookRest(t.Context(), start)
		if err != nil || view.NextAt.Sub(w.now()).String() != pause {
			t.Fatalf("attempt %d: next in %s, %v, want %s", i+1, view.NextAt.Sub(w.now()), err, pause)
		}
		w.happens(start, 2)
		if rows := due(e); len(rows) != 1 || *rows[0].ConversationID != 5002 {
			t.Fatalf("while one waits: %+v", rows)
		}
		record(e, 200, "", due(e)...)
		w.pass(view.NextAt.Sub(w.now()))
	}
	record(e, 500, "status", models.WebhookDelivery{ID: first})
	if rows := due(e); len(rows) != 1 || rows[0].ID == first || *rows[0].ConversationID != 5001 {
		t.Fatalf("after one was given up: %+v", rows)
	}
	if _, _, err := w.ResendDelivery(t.Context(), w.Account, first); err != nil {
		t.Fatal(err)
	}
	if rows := due(e); len(rows) != 1 || rows[0].ID != first {
		t.Errorf("after one was sent again: %+v", rows)
	}
	// Another turn replaces this one: its notes change nothing.
	turn()
	if rows := due(e); len(rows) != 0 {
		t.Errorf("a replaced turn gets %+v", rows)
	}
	record(e, 200, "", models.WebhookDelivery{ID: first})
	if n := w.Count(t, `SELECT count(*) FROM webhook_deliveries WHERE id = $1 AND state = 'waiting'`, first); n != 1 {
		t.Error("a replaced turn notes what it did")
	}
}

// Rule 220: failures in a row quarantine a webhook. It is probed with the oldest event, gives up nothing, and goes on in order
// by itself. A test probes at once, a gone one is off, and a period is replayed.
func TestWebhookQuarantine(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	start := w.webhook(models.WebhookMessageCreated)
	w.happens(start, 1, 2, 3, 4, 5, 6)
	e, err := w.BeginWebhookTurn(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	step := func(status int, why string, most int) string {
		t.Helper()
		rows, err := w.DueDeliveries(t.Context(), e, most)
		if err != nil {
			t.Fatal(err)
		}
		var out []contract.WebhookOutcome
		for _, d := range rows {
			out = append(out, contract.WebhookOutcome{Delivery: d.ID, At: w.now(), Status: status, Error: why})
		}
		at, err := w.RecordDeliveries(t.Context(), e, out)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d tried: %s", len(rows), at.State)
	}
	rest := func() string {
		t.Helper()
		view, err := w.WebhookRest(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s, next in %s", view.State, view.NextAt.Sub(w.now()))
	}
	if got := step(0, "timeout", 5); got != "5 tried: quarantined" || rest() != "quarantined, next in 1m0s" {
		t.Fatalf("after five failures: %s, %s", got, rest())
	}
	for _, next := range []string{"5m0s", "15m0s", "30m0s", "1h0m0s", "1h0m0s"} {
		if got := step(0, "timeout", 5); got != "0 tried: quarantined" {
			t.Fatalf("before its probe: %s", got)
		}
		view, _ := w.WebhookRest(t.Context(), start)
		w.pass(view.NextAt.Sub(w.now()))
		if got := step(0, "timeout", 5); got != "1 tried: quarantined" || rest() != "quarantined, next in "+next {
			t.Fatalf("a probe: %s, %s, want next in %s", got, rest(), next)
		}
	}
	if _, err := w.TestWebhook(t.Context(), w.Account, start.EndpointID); err != nil {
		t.Fatal(err)
	}
	if got := step(200, "", 5); got != "1 tried: active" {
		t.Fatalf("a probe that is answered: %s", got)
	}
	if got := step(200, "", 9); got != "6 tried: active" { // five events and the test
		t.Fatalf("after the quarantine: %s", got)
	}
	n, _, err := w.ReplayWebhook(t.Context(), w.Account, start.EndpointID, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), false)
	if err != nil || n != 7 {
		t.Fatalf("%d replayed, %v", n, err)
	}
	if got := step(410, "status", 1); got != "1 tried: off" || rest() != "off, next in "+(time.Time{}).Sub(w.now()).String() {
		t.Fatalf("a receiver that is gone: %s, %s", got, rest())
	}
	if _, err := w.TestWebhook(t.Context(), w.Account, start.EndpointID); models.KeyOf(err) != "webhook.off" {
		t.Errorf("a test of one that is off: %v", err)
	}
}

// A secret is exchanged without a gap: the one before stands sealed for its place until its end.
func TestWebhookSecretIsExchanged(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	start := w.webhook(models.WebhookMessageCreated)
	if err := w.RotateWebhookSecret(t.Context(), w.Account, start.EndpointID, "whsec_bm92bw==", unsealed{}); err != nil {
		t.Fatal(err)
	}
	e, err := w.BeginWebhookTurn(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	place := models.WebhookSecretPlace(start.EndpointID)
	want := map[string][]byte{"secret": []byte(place + " whsec_bm92bw=="), "previous": []byte(place + " whsec_c2VjcmV0")}
	if diff := cmp.Diff(want, e.Secrets); diff != "" || e.PreviousUntil == nil || !e.PreviousUntil.Equal(w.now().Add(24*time.Hour)) {
		t.Errorf("until %v: %s", e.PreviousUntil, diff)
	}
	if _, err := w.RemoveWebhook(t.Context(), w.Account, start.EndpointID); err != nil {
		t.Fatal(err)
	}
	if view, err := w.WebhookRest(t.Context(), start); err != nil || !view.Removed {
		t.Errorf("a removed one: %+v, %v", view, err)
	}
}
