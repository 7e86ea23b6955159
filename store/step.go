package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// stepInbound is how many inbound messages one step takes; more come with the next one.
const stepInbound = 50

// StepFlow runs one step of a flow run in one transaction: lock the conversation, read what is not handled yet, let decide
// think, store state and effects. It is idempotent by step: a step that was taken already returns what it returned then.
// decide is called under the lock and must not touch the outside; choose decides which flow takes over messages that an ended run left. The returned Wake is rung after COMMIT.
func (s *Store) StepFlow(ctx context.Context, start contract.FlowRunStart, step int64, decide func(*contract.StepSnapshot) (*contract.StepDecision, error), choose contract.FlowChooser) (contract.StepResult, contract.Wake, error) {
	var result contract.StepResult
	var wake contract.Wake
	err := s.inPipedTx(ctx, func(tx *pipedTx) error {
		wake = contract.Wake{}
		snap, err := s.readStep(ctx, tx, start)
		if err != nil {
			return err
		}
		switch {
		case snap.Run.Step >= step || snap.Run.Status == models.FlowRunEnded:
			// Asked again: the task that asked first was lost after COMMIT.
			if result, err = storedResult(&snap.Run); err != nil {
				return err
			}
			result.More = !result.Ended && (snap.More || len(snap.Inbound) > 0 || len(snap.Mail) > 0)
			return nil
		case snap.Run.Step != step-1:
			return models.Errorf(models.CodeInternal, "step %d asked of a run at step %d", step, snap.Run.Step)
		}
		d, err := decide(snap)
		if err != nil {
			return err
		}
		d.Result.Step = step
		d.Result.More = d.Result.More || snap.More
		if snap.Held() { // nothing is taken up, and nothing is said
			d.Result.More, d.Sends = false, nil
		}
		err = s.writeStep(ctx, tx, snap, d, choose, &wake)
		result = d.Result
		return err
	})
	if err != nil {
		return contract.StepResult{}, contract.Wake{}, asError(err, "flow_run")
	}
	return result, wake, nil
}

// resultBesides is what a run's row keeps of a step's result besides the columns that say the same.
func resultBesides(r contract.StepResult) ([]byte, error) {
	r.Step, r.Node, r.Wait, r.Since, r.Until, r.Outcome, r.Reason, r.Ended = 0, "", "", time.Time{}, time.Time{}, "", "", false
	return json.Marshal(r)
}

// storedResult is what the last step of a run returned.
func storedResult(run *models.FlowRun) (contract.StepResult, error) {
	var r contract.StepResult
	if err := json.Unmarshal(run.Result, &r); err != nil {
		return r, fmt.Errorf("read the result of step %d: %w", run.Step, err)
	}
	r.Step, r.Node, r.Wait, r.Outcome, r.Reason, r.Ended = run.Step, run.Node, run.WaitKind, run.Outcome, run.EndReason, run.Status == models.FlowRunEnded
	if run.WaitSince != nil {
		r.Since = run.WaitSince.UTC()
	}
	if run.WaitUntil != nil {
		r.Until = run.WaitUntil.UTC()
	}
	return r, nil
}

func (s *Store) readStep(ctx context.Context, tx pgx.Tx, start contract.FlowRunStart) (*contract.StepSnapshot, error) {
	snap := &contract.StepSnapshot{Now: s.Now()}
	r, c, ct := &snap.Run, &snap.Conversation, &snap.Contact
	var protocol *string
	ticket := &models.Ticket{}
	batch := &pgx.Batch{}
	// Conversation and run are both locked, so that both are read as they are now and not as they were when we began to wait.
	batch.Queue(`
		SELECT r.id, r.account_id, r.flow_id, r.flow_version_id, r.conversation_id, r.contact_id,
			r.connection_id, r.trigger, r.status, r.step,
			r.state, r.result, r.node, r.wait_kind, r.wait_since, r.wait_until, r.outcome, r.end_reason, r.started_at,
			c.id, c.number, c.connection_id, c.contact_id, c.in_charge, c.flow_run_id, c.ticket_id,
			c.inbound_seq, c.handled_seq, c.handled_message_id,
			c.window_expires_at, c.window_state, c.priority, c.last_inbound_provider_id, c.address,
			c.chatbot_disabled, c.queue_id, c.agent_id, c.ticket_state, c.last_ticket_id, c.no_flow_until,
			ct.id, ct.name, ct.phone, ct.email, ct.language, ct.fields, ct.custom_values, ct.default_agent_id,
			ct.blocked_at,
			coalesce((SELECT array_agg(l.name ORDER BY l.name) FROM contact_labels cl JOIN labels l ON l.id = cl.label_id AND l.account_id = cl.account_id WHERE cl.contact_id = ct.id), '{}'),
			(SELECT name FROM connections WHERE id = c.connection_id),
			t.protocol, t.queue_id, t.agent_id
		FROM flow_runs r
		JOIN conversations c ON c.id = r.conversation_id AND c.account_id = r.account_id
		JOIN contacts ct ON ct.id = c.contact_id AND ct.account_id = c.account_id
		LEFT JOIN LATERAL (SELECT protocol, queue_id,
			agent_id FROM tickets WHERE conversation_id = c.id ORDER BY id DESC LIMIT 1) t ON true
		WHERE r.account_id = @account AND r.id = @run
		FOR UPDATE OF c, r`,
		pgx.NamedArgs{"account": start.AccountID, "run": start.RunID}).
		QueryRow(func(row pgx.Row) error {
			return row.Scan(&r.ID, &r.AccountID, &r.FlowID, &r.FlowVersionID, &r.ConversationID, &r.ContactID, &r.ConnectionID, &r.Trigger, &r.Status, &r.Step,
				&r.State, &r.Result, &r.Node, &r.WaitKind, &r.WaitSince, &r.WaitUntil, &r.Outcome, &r.EndReason, &r.StartedAt,
				&c.ID, &c.Number, &c.ConnectionID, &c.ContactID, &c.InCharge, &c.FlowRunID, &c.TicketID, &c.InboundSeq, &c.HandledSeq, &c.HandledMessageID,
				&c.WindowExpiresAt, &c.WindowState, &c.Priority, &c.LastInboundProviderID, &c.Address,
				&c.ChatbotDisabled, &c.QueueID, &c.AgentID, &c.TicketState, &c.LastTicketID, &c.NoFlowUntil,
				&ct.ID, &ct.Name, &ct.Phone, &ct.Email, &ct.Language, &ct.Fields, &ct.CustomValues, &ct.DefaultAgentID, &ct.BlockedAt,
				&snap.Labels, &snap.Connection, &protocol, &ticket.QueueID, &ticket.AgentID)
		})
	batch.Queue(`
		SELECT m.id, m.seq, m.kind, m.content, m.provider_at, m.provider_message_id, m.media_id, m.created_at, m.trace
		FROM messages m
		JOIN conversations c ON c.id = m.conversation_id AND c.account_id = m.account_id
		WHERE m.conversation_id = @conversation AND m.id > c.handled_message_id AND m.arrival IN ('live', 'late')
		ORDER BY m.id
		LIMIT @limit`,
		pgx.NamedArgs{"conversation": start.ConversationID, "limit": stepInbound + 1}).
		Query(func(rows pgx.Rows) error {
			var err error
			snap.Inbound, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Message, error) {
				m := models.Message{Direction: models.DirectionIn, ConversationID: start.ConversationID, AccountID: start.AccountID}
				var content []byte
				if err := row.Scan(&m.ID, &m.Seq, &m.Kind, &content, &m.ProviderAt, &m.ProviderMessageID, &m.MediaID, &m.CreatedAt, &m.Trace); err != nil {
					return m, err
				}
				return m, json.Unmarshal(content, &m.Content)
			})
			return err
		})
	batch.Queue(`
		SELECT id, kind, data, trace
		FROM flow_run_events
		WHERE flow_run_id = @run AND taken_step IS NULL
		ORDER BY kind <> 'ticket_closed', id
		LIMIT 50`,
		pgx.NamedArgs{"run": start.RunID}).
		Query(func(rows pgx.Rows) error {
			var err error
			snap.Mail, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (contract.RunMail, error) {
				var m contract.RunMail
				err := row.Scan(&m.ID, &m.Kind, &m.Data, &m.Trace)
				return m, err
			})
			return err
		})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, models.NotFound("flow_run")
		}
		return nil, fmt.Errorf("read a step: %w", err)
	}
	c.AccountID, ct.AccountID = start.AccountID, start.AccountID
	if protocol != nil {
		ticket.Protocol, snap.LastTicket = *protocol, ticket
	}
	if r.ConversationID != start.ConversationID {
		return nil, models.NotFound("flow_run")
	}
	if snap.More = len(snap.Inbound) > stepInbound; snap.More {
		snap.Inbound = snap.Inbound[:stepInbound]
	}
	return snap, nil
}
