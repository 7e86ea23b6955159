package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// closeService closes the service for a run that ends: the open ticket, or else one that records what the flow did (ADR 91). It
// keeps queue and agent of the last ticket, so that the same people see the conversation. left tells that the contact has said
// something that the run did not take up: it stays unread. The answer tells whether the closing flow has started.
func (s *Store) closeService(ctx context.Context, tx pgx.Tx, conv *conversationRow, run models.FlowRunID, c *contract.StepClosing, left bool, wake *contract.Wake) (started bool, err error) {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil {
		return false, err
	}
	if d.ticket == nil {
		if err := d.openRecorded(ctx, run); err != nil {
			return false, err
		}
	}
	by := models.Actor{Kind: models.ActorFlow, ID: int64(run)}
	id, reason, err := d.reasonNamed(ctx, c.Reason)
	if err != nil {
		return false, err
	}
	if id != 0 {
		d.ticket.ClosingReasonID = &id
	}
	if err := d.closeRow(ctx, by); err != nil {
		return false, err
	}
	if err := d.idle(ctx, left); err != nil {
		return false, err
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return false, err
	}
	if err := d.say(ctx, models.NoteTicketClosed, map[string]string{"by": name, "reason": reason}); err != nil {
		return false, err
	}
	if !c.Flow || conv.ChatbotDisabled {
		return false, nil
	}
	err = d.startClosingFlow(ctx)
	return conv.InCharge == models.InChargeFlow, err
}

// idle writes that nobody is in charge. What the run did not take up stays unread.
func (d *desk) idle(ctx context.Context, left bool) error {
	_, err := d.tx.Exec(ctx, `
		UPDATE conversations
		SET in_charge = 'idle', flow_run_id = NULL, ticket_id = NULL, ticket_state = NULL, snoozed = false,
			unread_count = CASE WHEN @left THEN unread_count ELSE 0 END, marked_unread = false, updated_at = @now
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "left": left, "now": d.now})
	if err != nil {
		return fmt.Errorf("leave a conversation to nobody: %w", err)
	}
	d.conv.InCharge, d.conv.FlowRunID, d.conv.TicketID, d.conv.TicketState, d.conv.Snoozed = models.InChargeIdle, nil, nil, nil, false
	return nil
}

// openRecorded opens a ticket that is closed in the same transaction. A queue that is archived and an agent who has left are
// not kept.
func (d *desk) openRecorded(ctx context.Context, run models.FlowRunID) error {
	opening := contract.TicketOpening{Mode: "unassigned", FlowRunID: &run, Recorded: true, QueueID: d.conv.QueueID, AgentID: d.conv.AgentID}
	_, err := d.open(ctx, &opening)
	if models.KeyOf(err) == models.KeyTicketRefused && opening.AgentID != nil {
		opening.AgentID = nil
		_, err = d.open(ctx, &opening)
	}
	if models.KeyOf(err) == models.KeyTicketRefused {
		opening.QueueID = nil
		_, err = d.open(ctx, &opening)
	}
	return err
}

// reasonNamed finds a closing reason by its id or its name. One that the account does not have any more is none.
func (d *desk) reasonNamed(ctx context.Context, ref string) (id models.ClosingReasonID, name string, err error) {
	if ref == "" {
		return 0, "", nil
	}
	err = d.tx.QueryRow(ctx, `
		SELECT id, name
		FROM closing_reasons
		WHERE account_id = @account AND archived_at IS NULL AND (id::text = @ref OR lower(name) = lower(@ref))
		ORDER BY id::text = @ref DESC, id
		LIMIT 1`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ref": ref}).Scan(&id, &name)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("read a closing reason: %w", err)
	}
	return id, name, nil
}
