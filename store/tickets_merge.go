package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// mergeCharges leaves nobody in charge of the conversations of a contact that go no further. Their open ticket goes on in the
// conversation that goes on, where no other is open. Their run stops: the person has one conversation now. Doorbells that this
// writes are rung by the dispatcher.
func (s *Store) mergeCharges(ctx context.Context, tx pgx.Tx, account models.AccountID, contact models.ContactID) error {
	rows, err := tx.Query(ctx, `
		SELECT id, superseded_by_id
		FROM conversations
		WHERE account_id = @account AND contact_id = @contact AND superseded_by_id IS NOT NULL AND in_charge <> 'idle'
		ORDER BY id`, pgx.NamedArgs{"account": account, "contact": contact})
	if err != nil {
		return fmt.Errorf("look for merged conversations: %w", err)
	}
	type pair struct{ Old, New models.ConversationID }
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pair])
	if err != nil {
		return fmt.Errorf("look for merged conversations: %w", err)
	}
	for _, p := range pairs {
		var wake contract.Wake
		var desks [2]*desk
		for i, id := range []models.ConversationID{p.Old, p.New} {
			conv, err := lockConversationByID(ctx, tx, account, id)
			if err != nil {
				return err
			}
			if desks[i], err = s.deskAt(ctx, tx, conv, &wake); err != nil {
				return err
			}
		}
		if err := desks[0].mergeInto(ctx, desks[1]); err != nil {
			return err
		}
	}
	return nil
}

// mergeInto gives what the conversation has under way to the one that goes on.
func (d *desk) mergeInto(ctx context.Context, on *desk) error {
	if run := d.conv.FlowRunID; run != nil {
		if _, err := d.mailRun(ctx, *run, "stop", map[string]string{"reason": string(flow.ReasonStopped)}); err != nil {
			return err
		}
		if d.conv.InCharge == models.InChargeFlow {
			if err := d.silence(ctx); err != nil {
				return err
			}
		}
	}
	t := d.ticket
	if t != nil && on.ticket != nil {
		if err := d.closeRow(ctx, models.Actor{Kind: models.ActorSystem}); err != nil {
			return err
		}
		if err := d.say(ctx, models.NoteTicketClosed, nil); err != nil {
			return err
		}
		if err := d.ring(ctx); err != nil {
			return err
		}
	}
	if err := d.leave(ctx, models.InChargeIdle, nil); err != nil || t == nil || on.ticket != nil {
		return err
	}
	if err := d.moveTicket(ctx, on.conv.ID); err != nil {
		return err
	}
	t.ConversationID, t.FlowRunID, on.ticket = on.conv.ID, nil, t
	if on.conv.InCharge == models.InChargeFlow {
		t.FlowRunID = on.conv.FlowRunID
	}
	if err := on.charge(ctx); err != nil {
		return err
	}
	if err := on.copyTicket(ctx); err != nil {
		return err
	}
	return on.tellClosing(ctx)
}

// moveTicket gives the ticket and its history to another conversation. This one remembers the ticket before it.
func (d *desk) moveTicket(ctx context.Context, to models.ConversationID) error {
	args := pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID, "to": to, "from": d.conv.ID}
	for _, sql := range []string{
		`UPDATE conversations v
			SET last_ticket_id = b.id, protocol = b.protocol, opened_at = b.opened_at
			FROM (SELECT 1) AS one
			LEFT JOIN LATERAL (
				SELECT id, protocol, opened_at
				FROM tickets
				WHERE conversation_id = @from AND id <> @ticket
				ORDER BY id DESC
				LIMIT 1
			) b ON true
			WHERE v.account_id = @account AND v.id = @from`,
		`UPDATE tickets SET conversation_id = @to WHERE account_id = @account AND id = @ticket`,
		`UPDATE ticket_events SET conversation_id = @to WHERE account_id = @account AND ticket_id = @ticket`,
	} {
		if _, err := d.tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("move a ticket: %w", err)
		}
	}
	return nil
}

// copyTicket writes the conversation's copy of a ticket that came from elsewhere, and the run that it suspends.
func (d *desk) copyTicket(ctx context.Context) error {
	t := &d.ticket.Ticket
	_, err := d.tx.Exec(ctx, `
		WITH t AS (
			UPDATE tickets SET flow_run_id = @run WHERE account_id = @account AND id = @ticket
		), v AS (
			UPDATE conversations
			SET queue_id = @queue, agent_id = @agent, ticket_state = @state, snoozed = @snoozed, updated_at = @now
			WHERE account_id = @account AND id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
		VALUES (@account, @event, @conversation, @ticket, @moved)`,
		pgx.NamedArgs{"account": t.AccountID, "ticket": t.ID, "conversation": d.conv.ID, "run": t.FlowRunID, "queue": t.QueueID, "agent": t.AgentID,
			"state": t.State, "snoozed": t.SnoozedAt != nil, "now": d.now, "event": models.EventTicketUpdated,
			"moved": movedFrom(place{d.conv.QueueID, d.conv.AgentID})})
	if err != nil {
		return fmt.Errorf("move a ticket: %w", err)
	}
	return nil
}
