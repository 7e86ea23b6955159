package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// writeStep stores what a step decided and commits: one batch, one round trip.
func (s *Store) writeStep(ctx context.Context, tx *pipedTx, snap *contract.StepSnapshot, d *contract.StepDecision, choose contract.FlowChooser, wake *contract.Wake) error {
	w := &stepWriter{snap: snap, d: d, batch: &pgx.Batch{}, now: snap.Now}
	if d.Closing != nil { // what it says comes before the line that it is closed
		if err := w.sendNow(ctx, tx); err != nil {
			return err
		}
	}
	next, err := s.writeEnding(ctx, tx, snap, d, choose, wake)
	if err != nil {
		return err
	}
	if next != 0 {
		d.Result.NextRunID = int64(next)
	}
	if d.Closing == nil {
		if err := w.sends(ctx, tx); err != nil {
			return err
		}
	}
	if err := w.internal(); err != nil {
		return err
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

// sends queues the step's messages.
func (w *stepWriter) sends(ctx context.Context, tx pgx.Tx) error {
	for i := range w.d.Sends {
		if _, err := templateOf(ctx, tx, w.snap.Conversation.ConnectionID, &w.d.Sends[i].Content); err != nil {
			return err
		}
		if err := w.send(&w.d.Sends[i]); err != nil {
			return err
		}
	}
	return nil
}

// sendNow stores the step's messages before what follows in the same transaction.
func (w *stepWriter) sendNow(ctx context.Context, tx pgx.Tx) error {
	if err := w.sends(ctx, tx); err != nil || w.batch.Len() == 0 {
		return err
	}
	first := w.batch
	w.batch = &pgx.Batch{}
	if err := tx.SendBatch(ctx, first).Close(); err != nil {
		return fmt.Errorf("store the last messages: %w", err)
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
	w.batch.Queue(`
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind,
				content, state, flow_run_id, flow_key, created_at, trace)
			VALUES (@account, @conversation, @connection, @contact, 'out', 'bot', @kind,
				@content, @state, @run, @key, `+timelineNow+`, @trace)
			RETURNING id
		), q AS (
			INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at, created_at)
			SELECT m.id, @account, @connection, @conversation, @priority, @ready, @now
			FROM m
			WHERE @state = 'queued'
		)`+usesFiles(files)+`
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, @message_created, @conversation, m.id
		FROM m`,
		pgx.NamedArgs{
			"account": c.AccountID, "conversation": c.ID, "connection": c.ConnectionID, "contact": c.ContactID,
			"kind": m.Content.Kind, "content": content, "state": state, "run": w.snap.Run.ID, "key": m.Key,
			"now": w.now, "priority": models.PriorityBot, "ready": w.now.Add(w.delay), "trace": w.d.Trace,
			"files": files, "message_created": models.EventMessageCreated,
		})
	return nil
}

// contact writes what the step changed about the person.
func (w *stepWriter) contact() {
	account, contact := w.snap.Run.AccountID, w.snap.Contact.ID
	for _, f := range w.d.Fields {
		w.field(f)
	}
	for _, name := range w.d.AddLabels {
		w.batch.Queue(`
			WITH l AS (
				INSERT INTO labels (account_id, name)
				SELECT @account, @name
				WHERE EXISTS (SELECT 1 FROM labels WHERE account_id = @account AND name = @name)
					OR (SELECT count(*) FROM labels WHERE account_id = @account) < quota_of(@account, 'labels')
				ON CONFLICT (account_id, name) DO UPDATE
				SET name = excluded.name
				RETURNING id
			)
			INSERT INTO contact_labels (account_id, contact_id, label_id)
			SELECT @account, @contact, id
			FROM l
			ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{"account": account, "name": name, "contact": contact})
	}
	for _, name := range w.d.DropLabels {
		w.batch.Queue(`
			DELETE FROM contact_labels cl
			USING labels l
			WHERE cl.label_id = l.id AND cl.contact_id = @contact AND l.account_id = @account AND l.name = @name`,
			pgx.NamedArgs{"account": account, "contact": contact, "name": name})
	}
	for _, n := range w.d.Notes {
		w.batch.Queue(`
			INSERT INTO contact_notes (account_id, contact_id, flow_run_id, text, due_at, agent_id, created_at)
			VALUES (@account, @contact, @run, @text, @due,
				(SELECT id FROM users WHERE account_id = @account AND id = @agent), @now)`,
			pgx.NamedArgs{
				"account": account, "contact": contact, "run": w.snap.Run.ID, "text": n.Text, "due": n.Due,
				"agent": n.AgentID, "now": w.now,
			})
	}
	if len(w.d.Fields)+len(w.d.AddLabels)+len(w.d.DropLabels)+len(w.d.Notes) > 0 {
		w.batch.Queue(`
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			VALUES (@account, @contact_updated, @conversation, @contact)`,
			pgx.NamedArgs{
				"account": account, "contact_updated": models.EventContactUpdated,
				"conversation": w.snap.Conversation.ID, "contact": contact,
			})
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
			w.batch.Queue(`UPDATE contacts SET name = @text, updated_at = @now WHERE id = @contact`,
				pgx.NamedArgs{"contact": contact, "text": text, "now": w.now})
			return
		case "email", "language":
			w.batch.Queue(`
				UPDATE contacts
				SET `+f.Field+` = nullif(@text, ''), updated_at = @now
				WHERE id = @contact`,
				pgx.NamedArgs{"contact": contact, "text": text, "now": w.now})
			return
		case "phone":
			w.batch.Queue(`
				UPDATE contacts
				SET phone = coalesce(phone, nullif(@text, '')), updated_at = @now
				WHERE id = @contact`,
				pgx.NamedArgs{"contact": contact, "text": text, "now": w.now})
			return
		}
	}
	column := "fields"
	if f.Custom {
		column = "custom_values"
	}
	if f.Value == nil {
		w.batch.Queue(`
			UPDATE contacts
			SET `+column+` = `+column+` - @field::text, updated_at = @now
			WHERE id = @contact`,
			pgx.NamedArgs{"contact": contact, "field": f.Field, "now": w.now})
		return
	}
	value, err := json.Marshal(f.Value)
	if err != nil { // the engine's values are JSON values
		value = []byte("null")
	}
	w.batch.Queue(`
		UPDATE contacts
		SET `+column+` = `+column+` || jsonb_build_object(@field::text, @value::jsonb), updated_at = @now
		WHERE id = @contact`,
		pgx.NamedArgs{"contact": contact, "field": f.Field, "value": value, "now": w.now})
	w.fieldFile(f)
}

// fieldFile notes that the contact uses a file that a field for images took. The engine took care that the contact sent it.
func (w *stepWriter) fieldFile(f contract.StepField) {
	text, _ := f.Value.(string)
	id, err := strconv.ParseInt(text, 10, 64)
	if !f.Custom || err != nil {
		return
	}
	w.batch.Queue(`
		INSERT INTO media_uses (account_id, media_id, contact_id)
		SELECT f.account_id, f.id, @contact
		FROM custom_fields x
		JOIN media f ON f.account_id = x.account_id AND f.id = @id
		WHERE x.account_id = @account AND x.entity = 'contact' AND x.key = @key AND x.kind = 'image'
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"account": w.snap.Run.AccountID, "contact": w.snap.Contact.ID, "id": id, "key": f.Field})
}

// calls notes calls to be made and mail that was taken.
func (w *stepWriter) calls() {
	for _, c := range w.d.Calls {
		w.batch.Queue(`
			INSERT INTO flow_calls (flow_run_id, call_id, account_id, node, request, created_at, trace)
			VALUES (@run, @call, @account, @node, @request, @now, @trace)
			ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{
				"run": w.snap.Run.ID, "call": c.ID, "account": w.snap.Run.AccountID, "node": c.Node,
				"request": c.Request, "now": w.now, "trace": w.d.Trace,
			})
	}
	for _, m := range w.snap.Mail {
		if w.d.Left[m.ID] {
			continue
		}
		w.batch.Queue(`
			UPDATE flow_run_events
			SET taken_step = @step, refused = nullif(@refused, '')
			WHERE id = @id`,
			pgx.NamedArgs{"id": m.ID, "step": w.d.Result.Step, "refused": w.d.Refused[m.ID]})
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
			UPDATE flow_runs
			SET step = @step, state = @state, result = @result, status = @status, node = @node,
				wait_kind = @wait, wait_since = @since, wait_until = @until,
				outcome = @outcome, end_reason = @reason, ended_at = @ended
			WHERE id = @run
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			VALUES (@account, @flow_run_updated, @conversation, @run)
		)
		UPDATE conversations
		SET handled_seq = greatest(handled_seq, @seq),
			handled_message_id = greatest(handled_message_id, @handled),
			last_message_at = CASE
				WHEN @sent AND (last_message_at IS NULL OR last_message_at < @now::timestamptz - interval '1 second')
				THEN @now ELSE last_message_at END,
			first_unanswered_at = CASE
				WHEN @sent AND NOT (SELECT `+keepsCounter+` FROM accounts a WHERE a.id = conversations.account_id)
				THEN NULL ELSE first_unanswered_at END,
			last_message_id = CASE
				WHEN @queued THEN (SELECT m.id FROM messages m WHERE m.conversation_id = @conversation
					ORDER BY m.created_at DESC, m.id DESC LIMIT 1)
				ELSE last_message_id END,
			priority = coalesce(nullif(@priority, ''), priority), updated_at = @now
		WHERE id = @conversation`,
		pgx.NamedArgs{
			"run": w.snap.Run.ID, "step": r.Step, "state": w.d.State, "result": result, "status": status,
			"node": r.Node, "wait": r.Wait, "since": since, "until": until, "outcome": r.Outcome,
			"reason": r.Reason, "ended": ended, "account": w.snap.Run.AccountID,
			"flow_run_updated": models.EventFlowRunUpdated, "conversation": c.ID, "seq": upTo.seq, "handled": upTo.id,
			"sent": sent, "now": w.now, "queued": len(w.d.Sends) > 0, "priority": w.d.Priority,
		})
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
		open, err := desk.open(ctx, &opening)
		if err != nil || d.Opened == nil {
			return 0, err
		}
		return 0, desk.number(ctx, open, d.Opened)
	}
	if !d.Result.Ended || !mine {
		return 0, nil
	}
	if d.Closing != nil {
		left, err := firstLeft(ctx, tx, snap, d.HandledSeq)
		if err != nil {
			return 0, err
		}
		upTo := handledAt(snap, d.HandledSeq)
		conv.HandledSeq, conv.HandledMessageID = upTo.seq, upTo.id
		started, err := s.closeService(ctx, tx, conv, snap.Run.ID, d.Closing, left != nil, wake)
		if err != nil || started {
			return 0, err
		}
		return s.handOver(ctx, tx, snap, conv, d, choose, wake)
	}
	if conv.InCharge == models.InChargeTicket {
		// The run waited for its ticket, and people stay in charge until that closes.
		if _, err := tx.Exec(ctx, `UPDATE conversations SET flow_run_id = NULL WHERE id = @conversation`,
			pgx.NamedArgs{"conversation": conv.ID}); err != nil {
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
	if _, err := tx.Exec(ctx, `
		UPDATE conversations
		SET in_charge = 'idle', flow_run_id = NULL
		WHERE id = @conversation`,
		pgx.NamedArgs{"conversation": conv.ID}); err != nil {
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
		rows, err := tx.Query(ctx, `
			SELECT id, seq, content, created_at
			FROM messages
			WHERE conversation_id = @conversation AND arrival IN ('live', 'late') AND id > @after
			ORDER BY id
			LIMIT @limit`,
			pgx.NamedArgs{"conversation": snap.Conversation.ID, "after": after, "limit": stepInbound})
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
