package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// writeStep stores what a step decided and commits: one batch, one round trip.
func (s *Store) writeStep(ctx context.Context, tx *pipedTx, snap *contract.StepSnapshot, d *contract.StepDecision, choose contract.FlowChooser, wake *contract.Wake) error {
	w := &stepWriter{snap: snap, d: d, batch: &pgx.Batch{}, now: snap.Now}
	next, err := s.writeEnding(ctx, tx, snap, d, choose, wake)
	if err != nil {
		return err
	}
	if next != 0 {
		d.Result.NextRunID = int64(next)
	}
	for i := range d.Sends {
		if err := w.send(&d.Sends[i]); err != nil {
			return err
		}
	}
	for _, l := range d.Lines {
		if err := insertSystemLine(ctx, tx, &snap.Conversation, &l, &snap.Run.ID, w.now); err != nil {
			return err
		}
	}
	w.contact()
	w.calls()
	if err := w.moveOn(); err != nil {
		return err
	}
	if err := tx.sendLast(ctx, w.batch); err != nil {
		return fmt.Errorf("store a step: %w", err)
	}
	if len(d.Sends) > 0 && snap.Contact.BlockedAt == nil {
		wake.Connections = append(wake.Connections, snap.Conversation.ConnectionID)
	}
	if last := snap.Conversation.LastInboundProviderID; last != nil && (len(snap.Inbound) > 0 || d.MarkRead || d.Typing) {
		wake.Receipts = append(wake.Receipts, contract.ReadReceipt{AccountID: snap.Run.AccountID, ConnectionID: snap.Conversation.ConnectionID,
			ConversationID: snap.Conversation.ID, Address: derefText(snap.Conversation.Address), ProviderMessageID: *last, Wanted: d.MarkRead, Typing: d.Typing, Working: d.Result.Wait == "call"})
	}
	return nil
}

// stepWriter gathers the statements of one step.
type stepWriter struct {
	snap  *contract.StepSnapshot
	d     *contract.StepDecision
	batch *pgx.Batch
	now   time.Time
	delay time.Duration
}

// send queues one message: row, place in the queue, event. A blocked contact gets nothing (rule 191): the message stays on
// the timeline as cancelled.
func (w *stepWriter) send(m *contract.StepSend) error {
	content, err := json.Marshal(m.Content)
	if err != nil {
		return fmt.Errorf("write the content: %w", err)
	}
	w.delay += m.Delay
	c, state := &w.snap.Conversation, models.MessageQueued
	if w.snap.Contact.BlockedAt != nil {
		state = models.MessageCancelled
	}
	files := m.Content.Files()
	args := []any{
		c.AccountID, c.ID, c.ConnectionID, c.ContactID, m.Content.Kind, content, state, w.snap.Run.ID, m.Key, w.now,
		models.PriorityBot, w.now.Add(w.delay), models.EventMessageCreated, w.d.Trace,
	}
	if len(files) > 0 {
		args = append(args, files)
	}
	w.batch.Queue(`
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, flow_run_id, flow_key, created_at, trace)
			VALUES ($1, $2, $3, $4, 'out', 'bot', $5, $6, $7, $8, $9, `+timelineAt("$10", "$2")+`, $14) RETURNING id
		), q AS (
			INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at, created_at)
			SELECT m.id, $1, $3, $2, $11, $12, $10 FROM m WHERE $7 = 'queued'
		)`+usesFiles(files, "$1", "$15")+`
		INSERT INTO events (account_id, kind, conversation_id, entity_id) SELECT $1, $13, $2, m.id FROM m`, args...)
	return nil
}

// contact writes what the step changed about the person.
func (w *stepWriter) contact() {
	account, contact := w.snap.Run.AccountID, w.snap.Contact.ID
	for _, f := range w.d.Fields {
		w.field(f)
	}
	for _, name := range w.d.AddLabels {
		w.batch.Queue(`WITH l AS (
				INSERT INTO labels (account_id, name)
				SELECT $1, $2
				WHERE EXISTS (SELECT 1 FROM labels WHERE account_id = $1 AND name = $2)
					OR (SELECT count(*) FROM labels WHERE account_id = $1) < quota_of($1, 'labels')
				ON CONFLICT (account_id, name) DO UPDATE SET name = excluded.name
				RETURNING id
			) INSERT INTO contact_labels (account_id, contact_id, label_id) SELECT $1, $3, id FROM l ON CONFLICT DO NOTHING`, account, name, contact)
	}
	for _, name := range w.d.DropLabels {
		w.batch.Queue(`DELETE FROM contact_labels cl USING labels l WHERE cl.label_id = l.id AND cl.contact_id = $2 AND l.account_id = $1 AND l.name = $3`,
			account, contact, name)
	}
	for _, n := range w.d.Notes {
		w.batch.Queue(`INSERT INTO contact_notes (account_id, contact_id, flow_run_id, text, due_at, agent_id, created_at) VALUES ($1, $2, $3, $4, $5,
			(SELECT id FROM users WHERE account_id = $1 AND id = $6), $7)`, account, contact, w.snap.Run.ID, n.Text, n.Due, n.AgentID, w.now)
	}
	if len(w.d.Fields)+len(w.d.AddLabels)+len(w.d.DropLabels)+len(w.d.Notes) > 0 {
		w.batch.Queue(`INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES ($1, $2, $3, $4)`,
			account, models.EventContactUpdated, w.snap.Conversation.ID, contact)
	}
}

// field stores one field. Name, e-mail, language and phone are columns. The other system fields (rule 185) are in
// contacts.fields, and the values of custom fields (rule 202) in contacts.custom_values.
func (w *stepWriter) field(f contract.StepField) {
	contact := w.snap.Contact.ID
	if !f.Custom {
		text, _ := f.Value.(string)
		switch f.Field {
		case "name":
			w.batch.Queue(`UPDATE contacts SET name = $2, updated_at = $3 WHERE id = $1`, contact, text, w.now)
			return
		case "email", "language":
			w.batch.Queue(`UPDATE contacts SET `+f.Field+` = nullif($2, ''), updated_at = $3 WHERE id = $1`, contact, text, w.now)
			return
		case "phone":
			w.batch.Queue(`UPDATE contacts SET phone = coalesce(phone, nullif($2, '')), updated_at = $3 WHERE id = $1`, contact, text, w.now)
			return
		}
	}
	column := "fields"
	if f.Custom {
		column = "custom_values"
	}
	if f.Value == nil {
		w.batch.Queue(`UPDATE contacts SET `+column+` = `+column+` - $2::text, updated_at = $3 WHERE id = $1`, contact, f.Field, w.now)
		return
	}
	value, err := json.Marshal(f.Value)
	if err != nil { // the engine's values are JSON values
		value = []byte("null")
	}
	w.batch.Queue(`UPDATE contacts SET `+column+` = `+column+` || jsonb_build_object($2::text, $3::jsonb), updated_at = $4 WHERE id = $1`,
		contact, f.Field, value, w.now)
}

// calls notes calls to be made and mail that was taken.
func (w *stepWriter) calls() {
	for _, c := range w.d.Calls {
		w.batch.Queue(`INSERT INTO flow_calls (flow_run_id, call_id, account_id, node, request, created_at, trace) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			w.snap.Run.ID, c.ID, w.snap.Run.AccountID, c.Node, c.Request, w.now, w.d.Trace)
	}
	for _, m := range w.snap.Mail {
		if w.d.Left[m.ID] {
			continue
		}
		w.batch.Queue(`UPDATE flow_run_events SET taken_step = $2, refused = nullif($3, '') WHERE id = $1`, m.ID, w.d.Result.Step, w.d.Refused[m.ID])
	}
}

// moveOn stores the run's state and the answer to this step, and moves the conversation on: what was handled, the no-reply counter
// (rule 105, Z5), priority. A reply within a second of the message it answers does not move the conversation in the inbox, where
// the message has put it at the top already: an update that touches no index costs a quarter.
func (w *stepWriter) moveOn() error {
	r, c := &w.d.Result, &w.snap.Conversation
	result, err := resultBesides(*r)
	if err != nil {
		return fmt.Errorf("write a step's result: %w", err)
	}
	status := models.FlowRunWaiting
	var ended, since, until *time.Time
	switch {
	case r.Ended:
		status, ended = models.FlowRunEnded, &w.now
	case r.Wait == "call":
		status = models.FlowRunCalling
	}
	if !r.Since.IsZero() {
		since = &r.Since
	}
	if !r.Until.IsZero() {
		until = &r.Until
	}
	upTo := handledAt(w.snap, w.d.HandledSeq)
	sent := len(w.d.Sends) > 0 && w.snap.Contact.BlockedAt == nil
	w.batch.Queue(`
		WITH r AS (
			UPDATE flow_runs SET step = $2, state = $3, result = $4, status = $5, node = $6, wait_kind = $7, wait_since = $8, wait_until = $9,
				outcome = $10, end_reason = $11, ended_at = $12 WHERE id = $1
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES ($13, $14, $15, $1)
		)
		UPDATE conversations SET handled_seq = greatest(handled_seq, $16), handled_message_id = greatest(handled_message_id, $17),
			last_message_at = CASE WHEN $18 AND (last_message_at IS NULL OR last_message_at < $19::timestamptz - interval '1 second') THEN $19 ELSE last_message_at END,
			first_unanswered_at = CASE WHEN $18 AND NOT (SELECT `+keepsCounter+` FROM accounts a WHERE a.id = conversations.account_id)
				THEN NULL ELSE first_unanswered_at END,
			last_message_id = CASE WHEN $20 THEN (SELECT m.id FROM messages m WHERE m.conversation_id = $15 ORDER BY m.created_at DESC, m.id DESC LIMIT 1) ELSE last_message_id END,
			priority = coalesce(nullif($21, ''), priority), updated_at = $19
		WHERE id = $15`,
		w.snap.Run.ID, r.Step, w.d.State, result, status, r.Node, r.Wait, since, until, r.Outcome, r.Reason, ended,
		w.snap.Run.AccountID, models.EventFlowRunUpdated, c.ID, upTo.seq, upTo.id, sent, w.now, len(w.d.Sends) > 0, w.d.Priority)
	return nil
}

// writeEnding hands the conversation over when the run ends, opens a ticket or transfers: under the same lock, so nothing
// said meanwhile can fall between two chairs. It returns the next run, if one takes over.
func (s *Store) writeEnding(ctx context.Context, tx pgx.Tx, snap *contract.StepSnapshot, d *contract.StepDecision, choose contract.FlowChooser, wake *contract.Wake) (models.FlowRunID, error) {
	conv := &conversationRow{Conversation: snap.Conversation}
	mine := conv.FlowRunID != nil && *conv.FlowRunID == snap.Run.ID
	if d.Ticket != nil {
		desk, err := s.deskAt(ctx, tx, conv, wake)
		if err != nil {
			return 0, err
		}
		opening := *d.Ticket
		opening.Suspended = opening.Suspended && !d.Result.Ended // it was stopped in the same step
		_, err = desk.open(ctx, &opening)
		return 0, err
	}
	if !d.Result.Ended || !mine {
		return 0, nil
	}
	if conv.InCharge == models.InChargeTicket {
		// The run waited for its ticket, and people stay in charge until that closes.
		if _, err := tx.Exec(ctx, `UPDATE conversations SET flow_run_id = NULL WHERE id = $1`, conv.ID); err != nil {
			return 0, fmt.Errorf("end a flow run: %w", err)
		}
		return 0, nil
	}
	if d.Transfer != nil {
		start, err := insertFlowRun(ctx, tx, conv, d.Transfer.Flow, d.Transfer.Trigger, handledAt(snap, d.HandledSeq), false, snap.Now)
		if err != nil {
			return 0, err
		}
		return start.RunID, ringRun(ctx, tx, start, wake)
	}
	if _, err := tx.Exec(ctx, `UPDATE conversations SET in_charge = 'idle', flow_run_id = NULL WHERE id = $1`, conv.ID); err != nil {
		return 0, fmt.Errorf("end a flow run: %w", err)
	}
	conv.InCharge, conv.FlowRunID = models.InChargeIdle, nil
	return s.handOver(ctx, tx, snap, conv, d, choose, wake)
}

// handOver lets the first message that the ended run did not take up choose the next flow, as if it came now.
func (s *Store) handOver(ctx context.Context, tx pgx.Tx, snap *contract.StepSnapshot, conv *conversationRow, d *contract.StepDecision, choose contract.FlowChooser, wake *contract.Wake) (models.FlowRunID, error) {
	if choose == nil {
		return 0, nil
	}
	m, err := firstLeft(ctx, tx, snap, d.HandledSeq)
	if err != nil || m == nil {
		return 0, err
	}
	conn, err := connectionByID(ctx, tx, conv.AccountID, conv.ConnectionID)
	if err != nil {
		return 0, err
	}
	in := inboundPlan{InboundPlan: models.InboundPlan{Seq: *m.Seq, Now: snap.Now, LastInboundAt: conv.LastInboundAt}}
	msg := &models.InboundMessage{Content: m.Content, At: m.CreatedAt, Arrival: models.ArrivalLive}
	if conv.FlowsMayStart(snap.Now) {
		start, err := s.startFlowFor(ctx, tx, conn, conv, msg, in, m.ID, choose)
		if err != nil {
			return 0, err
		}
		if start != nil {
			return start.RunID, ringRun(ctx, tx, *start, wake)
		}
	}
	if conn.InitialQueueID == nil {
		return 0, nil
	}
	return 0, s.openInInitialQueue(ctx, tx, conn, conv, wake)
}

// firstLeft is the first message after handled that asks for an answer, also behind those that this step read; nil is none.
func firstLeft(ctx context.Context, tx pgx.Tx, snap *contract.StepSnapshot, handled int64) (*models.Message, error) {
	for i := range snap.Inbound {
		if m := &snap.Inbound[i]; m.Seq != nil && *m.Seq > handled && m.Content.Kind.Answers() {
			return m, nil
		}
	}
	if !snap.More {
		return nil, nil
	}
	for more, after := true, snap.Inbound[len(snap.Inbound)-1].ID; more; {
		rows, err := tx.Query(ctx, `SELECT id, seq, content, created_at FROM messages WHERE conversation_id = $1 AND arrival IN ('live', 'late') AND id > $2 ORDER BY id LIMIT $3`,
			snap.Conversation.ID, after, stepInbound)
		if err != nil {
			return nil, fmt.Errorf("read what an ended run left: %w", err)
		}
		behind, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m models.Message, err error) {
			return m, row.Scan(&m.ID, &m.Seq, &m.Content, &m.CreatedAt)
		})
		if err != nil {
			return nil, fmt.Errorf("read what an ended run left: %w", err)
		}
		for i := range behind {
			if m := &behind[i]; m.Seq != nil && m.Content.Kind.Answers() {
				return m, nil
			}
			after = behind[i].ID
		}
		more = len(behind) == stepInbound
	}
	return nil, nil
}

// ringRun writes the doorbell of a run that takes over.
func ringRun(ctx context.Context, tx pgx.Tx, start contract.FlowRunStart, wake *contract.Wake) error {
	bell, err := insertDoorbell(ctx, tx, start.Doorbell())
	if err == nil {
		wake.Doorbells = append(wake.Doorbells, bell)
	}
	return err
}

// handledAt is where a conversation stands once everything up to seq was handled.
func handledAt(snap *contract.StepSnapshot, seq int64) handled {
	h := handled{max(seq, snap.Conversation.HandledSeq), snap.Conversation.HandledMessageID}
	for _, m := range snap.Inbound {
		if m.Seq != nil && *m.Seq <= seq {
			h.id = m.ID
		}
	}
	return h
}
