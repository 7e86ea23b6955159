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

// charge puts people in charge for the ticket. A run that is in charge is suspended.
func (d *desk) charge(ctx context.Context) error {
	if err := d.endSurveys(ctx, models.SurveyCancelled); err != nil {
		return err
	}
	_, err := d.tx.Exec(ctx, `
		UPDATE conversations
		SET in_charge = 'ticket', ticket_id = @ticket, last_ticket_id = @ticket, protocol = @protocol, opened_at = @opened
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "ticket": d.ticket.ID,
			"protocol": d.ticket.Protocol, "opened": d.ticket.OpenedAt})
	if err != nil {
		return fmt.Errorf("put people in charge: %w", err)
	}
	suspends := d.conv.InCharge == models.InChargeFlow
	d.conv.InCharge, d.conv.TicketID, d.conv.LastTicketID = models.InChargeTicket, &d.ticket.ID, &d.ticket.ID
	if suspends {
		return d.silence(ctx)
	}
	return nil
}

// silence takes back what a suspended run has said and what has not left: messages in the queue that no sender holds, held ones,
// and those that wait for a later try (Z33).
func (d *desk) silence(ctx context.Context) error {
	var taken int
	err := d.tx.QueryRow(ctx, `
		WITH queued AS (
			DELETE FROM send_queue q USING messages m
			WHERE q.account_id = @account AND q.conversation_id = @conversation AND q.state = 'ready'
				AND m.id = q.message_id AND m.origin = 'bot'
			RETURNING q.message_id AS id, 'queued' AS was
		), waiting AS (
			SELECT id, state AS was
			FROM messages
			WHERE account_id = @account AND conversation_id = @conversation AND state IN ('held', 'retry') AND origin = 'bot'
		), gone AS (
			SELECT id, was FROM queued
			UNION ALL
			SELECT id, was FROM waiting
		), m AS (
			UPDATE messages SET state = 'cancelled', retry_at = NULL
			FROM gone WHERE messages.id = gone.id
			RETURNING messages.id
		), c AS (
			UPDATE conversations
			SET held_count = greatest(0, held_count - (SELECT count(*) FROM waiting WHERE was = 'held')),
				retrying_count = greatest(0, retrying_count - (SELECT count(*) FROM waiting WHERE was = 'retry'))
			WHERE id = @conversation AND EXISTS (SELECT 1 FROM waiting)
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @event, @conversation, id FROM m ORDER BY id
		)
		SELECT count(*) FROM gone`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "event": models.EventMessageUpdated}).Scan(&taken)
	if err != nil {
		return fmt.Errorf("take back what a flow has queued: %w", err)
	}
	if taken == 0 {
		return nil
	}
	return restoreCounter(ctx, d.tx, &models.Message{AccountID: d.conv.AccountID, ConversationID: d.conv.ID})
}

// mayLeave tells whether a message that failed may be tried again by itself. What a flow said before people took over may not.
// What a flow said when it opened the ticket itself may. The caller holds the conversation's row.
func mayLeave(ctx context.Context, tx pgx.Tx, m *models.Message) (bool, error) {
	if m.Origin != models.OriginBot {
		return true, nil
	}
	var over bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM conversations v
			JOIN tickets t ON t.id = v.ticket_id AND t.account_id = v.account_id
			WHERE v.account_id = @account AND v.id = @conversation AND v.in_charge = 'ticket'
				AND NOT (t.opened_by_kind = 'flow' AND t.opened_by_id IS NOT DISTINCT FROM @run::bigint))`,
		pgx.NamedArgs{"account": m.AccountID, "conversation": m.ConversationID, "run": m.FlowRunID}).Scan(&over)
	if err != nil {
		return false, fmt.Errorf("ask who is in charge: %w", err)
	}
	return !over, nil
}

// mailRun puts an entry into the mailbox of the conversation's run and rings it. A run that has ended hears nothing, and then
// the answer is false.
func (d *desk) mailRun(ctx context.Context, run models.FlowRunID, kind string, data any) (bool, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return false, fmt.Errorf("write to a flow run: %w", err)
	}
	start := contract.FlowRunStart{AccountID: d.conv.AccountID, RunID: run, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
	err = d.tx.QueryRow(ctx, `
		WITH e AS (
			INSERT INTO flow_run_events (account_id, flow_run_id, kind, data)
			SELECT r.account_id, r.id, @kind, @data
			FROM flow_runs r
			WHERE r.account_id = @account AND r.id = @run AND r.status <> 'ended'
			RETURNING account_id, flow_run_id
		)
		SELECT r.flow_id, r.flow_version_id, v.number
		FROM e
		JOIN flow_runs r ON r.id = e.flow_run_id AND r.account_id = e.account_id
		JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "run": run, "kind": kind, "data": body}).
		Scan(&start.FlowID, &start.VersionID, &start.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write to a flow run: %w", err)
	}
	return true, ringRun(ctx, d.tx, start, d.wake)
}

// suspension is what a suspended run hears when it goes on: how long people were in charge (Z34).
type suspension struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// release takes people out of charge: what the contact wrote is handled, nothing is unread, and the suspended run goes on where
// it stands, or nobody is in charge. It tells whether a run goes on.
func (d *desk) release(ctx context.Context) (bool, error) {
	run, since := d.conv.FlowRunID, d.ticket.OpenedAt
	err := d.tx.QueryRow(ctx, `
		SELECT coalesce(max(at), @opened)
		FROM ticket_events
		WHERE ticket_id = @ticket AND kind = 'reopened'`,
		pgx.NamedArgs{"ticket": d.ticket.ID, "opened": d.ticket.OpenedAt}).Scan(&since)
	if err != nil {
		return false, fmt.Errorf("read since when people are in charge: %w", err)
	}
	resumes := false
	if run != nil && !d.conv.ChatbotDisabled {
		if resumes, err = d.mailRun(ctx, *run, "ticket_closed", suspension{since, d.now}); err != nil {
			return false, err
		}
	}
	charge := models.InChargeIdle
	if resumes {
		charge = models.InChargeFlow
	} else {
		run = nil
	}
	if err := d.leave(ctx, charge, run); err != nil {
		return false, err
	}
	return resumes, nil
}

// leave writes that no ticket is open, with everything up to the last message handled.
func (d *desk) leave(ctx context.Context, charge models.InCharge, run *models.FlowRunID) error {
	err := d.tx.QueryRow(ctx, `
		UPDATE conversations
		SET in_charge = @charge, flow_run_id = @run, ticket_id = NULL, ticket_state = NULL, snoozed = false,
			handled_seq = greatest(handled_seq, inbound_seq),
			handled_message_id = greatest(handled_message_id, (SELECT max(id) FROM messages WHERE conversation_id = @conversation)),
			unread_count = 0, marked_unread = false, updated_at = @now
		WHERE account_id = @account AND id = @conversation
		RETURNING handled_seq, handled_message_id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "charge": charge, "run": run, "now": d.now}).
		Scan(&d.conv.HandledSeq, &d.conv.HandledMessageID)
	if err != nil {
		return fmt.Errorf("take people out of charge: %w", err)
	}
	d.conv.InCharge, d.conv.FlowRunID, d.conv.TicketID, d.conv.TicketState, d.conv.Snoozed = charge, run, nil, nil, false
	return nil
}
