package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// sendWorld is an account with a connection and contacts, and a clock that the test turns.
type sendWorld struct {
	t       testing.TB
	ctx     context.Context
	s       *store.Store
	mu      sync.Mutex
	clock   time.Time
	account models.AccountID
	conn    models.Connection
}

func newSendWorld(t testing.TB) *sendWorld {
	w := &sendWorld{t: t, ctx: t.Context(), clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	judges := channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, func() float64 { return 0 })
	w.s = storetest.New(t, store.Options{Now: w.now, Judge: judges})
	w.row(&w.account, `INSERT INTO accounts (slug, name) VALUES ('a', 'A') RETURNING id`)
	w.conn = models.Connection{AccountID: w.account, Channel: models.ChannelWhatsAppCloud}
	w.row(&w.conn.ID, `INSERT INTO connections (account_id, key, name, channel, provider_ref) VALUES ($1, 'key', 'Loja', 'whatsapp_cloud', '741') RETURNING id`, w.account)
	return w
}

func (w *sendWorld) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *sendWorld) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *sendWorld) row(dest any, sql string, args ...any) {
	w.t.Helper()
	if err := w.s.Pool().QueryRow(w.ctx, sql, args...).Scan(dest); err != nil {
		w.t.Fatal(err)
	}
}

func (w *sendWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.s.Pool().Exec(w.ctx, sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// conversation makes a contact with a conversation whose window is open for that long; 0 means never opened.
func (w *sendWorld) conversation(open time.Duration) models.ConversationID {
	w.t.Helper()
	var contact models.ContactID
	w.row(&contact, `INSERT INTO contacts (account_id, name) VALUES ($1, 'Ana') RETURNING id`, w.account)
	var until *time.Time
	if open > 0 {
		t := w.now().Add(open)
		until = &t
	}
	var id models.ConversationID
	w.row(&id, `INSERT INTO conversations (account_id, number, connection_id, contact_id, address, window_expires_at, window_state)
		VALUES ($1, $2, $3, $2, '5581999990000', $4, CASE WHEN $4::timestamptz IS NULL THEN 'none' ELSE 'open' END) RETURNING id`, w.account, contact, w.conn.ID, until)
	return id
}

func text(s string) models.Content { return models.Content{Kind: models.ContentKindText, Text: s} }

func marketing(name string) models.Content {
	return models.Content{Kind: models.ContentKindTemplate, Text: "Oferta", Template: &models.ContentTemplate{Name: name, Language: "pt_BR", Category: "marketing"}}
}

// enqueue queues a message and fails the test if it is refused.
func (w *sendWorld) enqueue(conv models.ConversationID, origin models.Origin, c models.Content) *models.Message {
	w.t.Helper()
	m, _, err := w.s.EnqueueOutbound(w.ctx, w.account, store.Outbound{ConversationID: conv, Origin: origin, Content: c})
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// bot queues a message of a flow run, as a step does.
func (w *sendWorld) bot(conv models.ConversationID, run models.FlowRunID, c models.Content) models.MessageID {
	w.t.Helper()
	m := w.enqueue(conv, models.OriginBot, c)
	if run != 0 {
		w.exec(`UPDATE messages SET flow_run_id = $2, flow_key = $3 WHERE id = $1`, m.ID, run, fmt.Sprintf("%d/1/0", run))
	}
	return m.ID
}

// flowRun makes a run that waits.
func (w *sendWorld) flowRun(conv models.ConversationID, wait string) models.FlowRunID {
	w.t.Helper()
	var flow, version, run int64
	w.row(&flow, `INSERT INTO flows (account_id, name, draft) VALUES ($1, $2, '{}') RETURNING id`, w.account, uuid.NewString())
	w.row(&version, `INSERT INTO flow_versions (account_id, flow_id, number, graph) VALUES ($1, $2, 1, '{}') RETURNING id`, w.account, flow)
	w.row(&run, `INSERT INTO flow_runs (account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, wait_kind)
		SELECT $1, $2, $3, id, contact_id, connection_id, $5 FROM conversations WHERE id = $4 RETURNING id`, w.account, flow, version, conv, wait)
	return models.FlowRunID(run)
}

func (w *sendWorld) template(name, category, status string) {
	w.exec(`INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status) VALUES ($1, $2, $3, $3, 'pt_BR', $4, $5)`,
		w.account, w.conn.ID, name, category, status)
}

func (w *sendWorld) open() contract.SenderFence {
	w.t.Helper()
	view, _, err := w.s.OpenSender(w.ctx, w.account, w.conn.ID, 8*time.Second)
	if err != nil {
		w.t.Fatal(err)
	}
	return view.Fence
}

// want asks for n messages of at most a priority.
func want(n, maxPriority int) contract.SendClaim {
	c := contract.SendClaim{N: n, MaxPriority: maxPriority, AttemptIDs: make([]uuid.UUID, n)}
	for i := range c.AttemptIDs {
		c.AttemptIDs[i] = uuid.Must(uuid.NewV7())
	}
	return c
}

// claim claims up to n messages and returns them in order.
func (w *sendWorld) claim(f contract.SenderFence, n int) []contract.ClaimedSend {
	w.t.Helper()
	claimed, _, err := w.s.ClaimAndRecord(w.ctx, f, nil, want(n, models.PriorityBroadcast))
	if err != nil {
		w.t.Fatal(err)
	}
	return claimed
}

// accept records that the provider took sends and claims n more.
func (w *sendWorld) accept(f contract.SenderFence, sends ...contract.ClaimedSend) {
	w.t.Helper()
	var outs []contract.SendOutcome
	for i := range sends {
		outs = append(outs, contract.SendOutcome{Send: &sends[i], Accepted: &contract.Acceptance{ProviderMessageID: wamid(sends[i].MessageID), At: w.now()}, StartedAt: w.now(), FinishedAt: w.now()})
	}
	_, left, err := w.s.ClaimAndRecord(w.ctx, f, outs, contract.SendClaim{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range left {
		if _, err := w.s.RecordOutcome(w.ctx, o); err != nil {
			w.t.Fatal(err)
		}
	}
}

func wamid(id models.MessageID) string { return fmt.Sprintf("wamid.%d", id) }

// fail records that the provider refused a send with a code, judged by the table.
func (w *sendWorld) fail(send contract.ClaimedSend, code int) models.Verdict {
	w.t.Helper()
	f := models.SendFailure{Outcome: "rejected", Code: code, HTTPStatus: 400, Category: send.Content.Category()}
	return w.failWith(send, f)
}

func (w *sendWorld) failWith(send contract.ClaimedSend, f models.SendFailure) models.Verdict {
	w.t.Helper()
	judges := channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, func() float64 { return 0 })
	v := judges.Judge(models.ChannelWhatsAppCloud, nil, f, models.SendCounts{Attempts: send.Attempts, Retries: send.Retries, Throttles: send.Throttles + 1})
	if v.Kind == models.VerdictUnknown {
		v.Wait = models.UnknownOutcomeWait
	}
	if _, err := w.s.RecordOutcome(w.ctx, contract.SendOutcome{Send: &send, Failure: f, Verdict: v, StartedAt: w.now(), FinishedAt: w.now()}); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *sendWorld) status(st models.StatusUpdate) contract.Wake {
	w.t.Helper()
	wake, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "status", Status: &st}}}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if wake.Quarantined != 0 {
		var reason string
		w.row(&reason, `SELECT reason FROM quarantine ORDER BY id DESC LIMIT 1`)
		w.t.Fatalf("a status went to quarantine: %s", reason)
	}
	return wake
}

type messageRow struct {
	models.Message
	queued bool
}

func (w *sendWorld) message(id models.MessageID) messageRow {
	w.t.Helper()
	var m messageRow
	err := w.s.Pool().QueryRow(w.ctx, `SELECT direction, state, provider_message_id, attempts, accepted_at, sent_at, delivered_at, read_at, played_at, failed_at, error_code, retry_at, retries,
		EXISTS (SELECT 1 FROM send_queue q WHERE q.message_id = m.id) FROM messages m WHERE id = $1`, id).
		Scan(&m.Direction, &m.State, &m.ProviderMessageID, &m.Attempts, &m.AcceptedAt, &m.SentAt, &m.DeliveredAt, &m.ReadAt, &m.PlayedAt, &m.FailedAt, &m.ErrorCode, &m.RetryAt, &m.Retries, &m.queued)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *sendWorld) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.row(&n, sql, args...)
	return n
}

func (w *sendWorld) bells(kind string) []string {
	w.t.Helper()
	rows, err := w.s.Pool().Query(w.ctx, `SELECT workflow_id FROM doorbells WHERE workflow_type = $1 ORDER BY id`, kind)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, id)
	}
	return out
}

func idsOf(sends []contract.ClaimedSend) string {
	var out []string
	for _, c := range sends {
		out = append(out, c.MessageID.String())
	}
	return strings.Join(out, " ")
}
