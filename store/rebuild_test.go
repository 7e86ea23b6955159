package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// After a restore without Temporal's databases, rows say which workflows must run: those that live and no others.
func TestRebuildDoorbellsRingsWhatLives(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.exec(`INSERT INTO connections (account_id, key, name, channel, provider_ref, state) VALUES ($1, 'gone', 'Gone', 'whatsapp_cloud', '742', 'removed')`, w.account)
	open, closed := w.conversation(time.Hour), w.conversation(0)
	run, ended := w.flowRun(open, "reply"), w.flowRun(closed, "reply")
	w.exec(`UPDATE flow_runs SET status = 'ended', ended_at = now() WHERE id = $1`, ended)
	again, sent := w.enqueue(open, models.OriginAgent, text("again")), w.enqueue(open, models.OriginAgent, text("sent"))
	w.exec(`UPDATE messages SET state = 'retry' WHERE id = $1`, again.ID)
	w.exec(`UPDATE messages SET state = 'accepted' WHERE id = $1`, sent.ID)
	var file models.MediaID
	w.row(&file, `INSERT INTO media (account_id, connection_id, kind, state, provider_media_id) VALUES ($1, $2, 'image', 'pending', '777') RETURNING id`, w.account, w.conn.ID)
	w.exec(`INSERT INTO media (account_id, connection_id, kind, state) VALUES ($1, $2, 'image', 'stored')`, w.account, w.conn.ID)
	ticket := func(protocol, state string) (id models.TicketID) {
		w.row(&id, `INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state, opening_mode, opened_at)
			SELECT account_id, id, contact_id, $2, $3, 'unassigned', now() FROM conversations WHERE id = $1 RETURNING id`, closed, protocol, state)
		return id
	}
	over, asked, waiting := ticket("1", "closed"), ticket("2", "closed"), ticket("3", "waiting")
	w.exec(`INSERT INTO users (account_id, name, email, role) VALUES ($1, 'Ana', 'ana@loja.example', 'user')`, w.account)
	for id, state := range map[models.TicketID]string{asked: "waiting", over: "refused"} {
		w.exec(`INSERT INTO ticket_commands (account_id, ticket_id, kind, actor_kind, actor_id, state, created_at)
			SELECT $1, $2, 'reopen', 'user', id, $3, now() FROM users WHERE account_id = $1`, w.account, id, state)
	}
	var closure models.ClosureID
	var job models.BulkJobID
	for _, state := range []string{"cancelled", "waiting"} {
		w.row(&closure, `INSERT INTO scheduled_closures (account_id, ticket_id, due_at, cancel_on_reply, closing, by_kind, by_id, state, created_at, ended_at)
			SELECT $1, $2, now(), false, '{}', 'user', id, $3, now(), CASE WHEN $3 <> 'waiting' THEN now() END FROM users WHERE account_id = $1 RETURNING id`, w.account, waiting, state)
	}
	var send models.ScheduledSendID
	for _, state := range []string{"sent", "held"} {
		w.row(&send, `INSERT INTO scheduled_sends (account_id, conversation_id, kind, due_at, timezone, first_at, by_kind, by_id, state, created_at, updated_at, ended_at)
			SELECT $1, $2, 'message', now(), 'UTC', now(), 'user', id, $3, now(), now(), CASE WHEN $3 <> 'held' THEN now() END
			FROM users WHERE account_id = $1 RETURNING id`, w.account, closed, state)
	}
	var survey models.SurveyAnswerID
	w.exec(`INSERT INTO surveys (id, account_id, name, question, scale) VALUES (1, $1, 'Nota', 'Avalie', 'nps')`, w.account)
	for _, state := range []string{"expired", "waiting"} {
		w.row(&survey, `INSERT INTO survey_answers (account_id, survey_id, ticket_id, connection_id, scale, state, sent_at, due_at, ended_at)
			VALUES ($1, 1, $2, $3, 'nps', $4, now(), now(), CASE WHEN $4 = 'expired' THEN now() END) RETURNING id`, w.account, waiting, w.conn.ID, state)
	}
	for _, state := range []string{"done", "undoing"} {
		w.row(&job, `INSERT INTO bulk_jobs (account_id, user_id, actor_kind, action, state, created_at)
			SELECT $1, id, 'user', 'mark_read', $2, now() FROM users WHERE account_id = $1 RETURNING id`, w.account, state)
	}
	var broadcast models.BroadcastID
	for _, state := range []string{"draft", "done", "running"} {
		w.row(&broadcast, `INSERT INTO broadcasts (account_id, connection_id, name, content, audience, per_minute, timezone, by_id, state, created_at, updated_at, ended_at)
			SELECT $1, $2, 'Oferta', '{}', '{}', 60, 'UTC', id, $3, now(), now(), CASE WHEN $3 = 'done' THEN now() END FROM users WHERE account_id = $1 RETURNING id`,
			w.account, w.conn.ID, state)
	}
	for _, state := range []string{"done", "running"} {
		w.exec(`INSERT INTO flow_moves (account_id, flow_id, flow_version_id, state, created_at, finished_at)
			SELECT account_id, flow_id, flow_version_id, $2, now(), CASE WHEN $2 = 'done' THEN now() END FROM flow_runs WHERE id = $1`, run, state)
	}
	var webhook models.WebhookID
	w.row(&webhook, `INSERT INTO webhook_endpoints (account_id, name, url, kind, events) VALUES ($1, 'ERP', 'https://erp.example', 'standard', '{}') RETURNING id`, w.account)
	w.exec(`DELETE FROM doorbells`)

	for range 2 { // a second time does no harm
		for _, kind := range workflows.Table() {
			want := int64(1)
			if kind.Name == contract.WorkflowTicket { // one is not closed, one is and has a command without an answer
				want = 2
			}
			if n, err := w.s.RebuildDoorbells(w.ctx, kind.Name); err != nil || n != want {
				t.Errorf("%s: %d doorbells, %v, want %d", kind.Name, n, err, want)
			}
		}
	}
	var flow, version int64
	w.row(&flow, `SELECT flow_id FROM flow_runs WHERE id = $1`, run)
	w.row(&version, `SELECT flow_version_id FROM flow_runs WHERE id = $1`, run)
	want := map[string]contract.Doorbell{}
	for _, s := range []contract.Start{
		contract.ConnectionStart{AccountID: w.account, ConnectionID: w.conn.ID},
		contract.FlowRunStart{AccountID: w.account, RunID: run, ConversationID: open, ConnectionID: w.conn.ID, FlowID: models.FlowID(flow),
			VersionID: models.FlowVersionID(version), Version: 1},
		contract.SessionWindowStart{AccountID: w.account, ConversationID: open, ConnectionID: w.conn.ID},
		contract.DeliveryRetryStart{AccountID: w.account, MessageID: again.ID, ConversationID: open, ConnectionID: w.conn.ID},
		contract.MediaFetchStart{AccountID: w.account, MediaID: file, ConnectionID: w.conn.ID},
		contract.TicketStart{AccountID: w.account, TicketID: waiting, ConversationID: closed, ConnectionID: w.conn.ID},
		contract.TicketStart{AccountID: w.account, TicketID: asked, ConversationID: closed, ConnectionID: w.conn.ID},
		contract.ScheduledClosureStart{AccountID: w.account, ClosureID: closure, TicketID: waiting, ConversationID: closed, ConnectionID: w.conn.ID},
		contract.ScheduledSendStart{AccountID: w.account, SendID: send, ConversationID: closed, ConnectionID: w.conn.ID},
		contract.SurveyStart{AccountID: w.account, AnswerID: survey, TicketID: waiting, ConversationID: closed, ConnectionID: w.conn.ID},
		contract.BulkJobStart{AccountID: w.account, JobID: job},
		contract.BroadcastStart{AccountID: w.account, BroadcastID: broadcast, ConnectionID: w.conn.ID},
		contract.FlowReleaseStart{AccountID: w.account, FlowID: models.FlowID(flow)},
		contract.WebhookDeliveryStart{AccountID: w.account, EndpointID: webhook},
		contract.HousekeepingStart{},
	} {
		d := s.Doorbell()
		want[d.WorkflowID] = contract.Doorbell{AccountID: d.AccountID, WorkflowType: d.WorkflowType, WorkflowID: d.WorkflowID, Input: compact(t, d.Input)}
	}
	w.exec(`UPDATE doorbells SET ring_after = now() - interval '1 second'`)
	due, err := w.s.DueDoorbells(w.ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]contract.Doorbell{}
	for _, d := range due {
		got[d.WorkflowID] = contract.Doorbell{AccountID: d.AccountID, WorkflowType: d.WorkflowType, WorkflowID: d.WorkflowID, Input: compact(t, d.Input)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("doorbells (-want +got):\n%s", diff)
	}
	if _, err := w.s.RebuildDoorbells(w.ctx, "NobodyKnows"); err == nil {
		t.Error("a type that nobody knows is rebuilt")
	}
}

// compact writes JSON with its fields in order, so that two objects compare.
func compact(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
