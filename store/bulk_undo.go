package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// undo takes a row back that still is as the job left it. Any other one is left alone, with the reason. What its user does not see
// any more, because the job gave it away, is taken back too.
func (r *bulkRow) undo(ctx context.Context, place int, was json.RawMessage) error {
	if len(was) == 0 {
		return r.answer(ctx, place, "done", "undone", "", nil, nil)
	}
	var before bulkBefore
	if err := json.Unmarshal(was, &before); err != nil {
		return fmt.Errorf("read how a row was: %w", err)
	}
	r.viewer = Viewer{User: r.job.UserID, Everything: true}
	refusal, err := r.within(ctx, func() error {
		err := r.back(ctx, &before)
		if errors.Is(err, errChanged) {
			return &models.Error{Code: models.CodeConflict, Key: models.KeyBulkChanged, Message: "somebody changed it since"}
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return r.answer(ctx, place, "done", "kept", refusalKey(refusal), refusal.Args, nil)
	}
	return r.answer(ctx, place, "done", "undone", "", nil, nil)
}

// back does the reverse of what the job did.
func (r *bulkRow) back(ctx context.Context, before *bulkBefore) error {
	d, err := r.desk(ctx)
	if err != nil {
		return err
	}
	switch r.job.Action {
	case models.BulkLabelAdd, models.BulkLabelRemove:
		before.Contact = d.conv.ContactID // a merge may have moved it
		did, err := r.setLabel(ctx, before, r.job.Action == models.BulkLabelRemove)
		if err == nil && !did {
			return errChanged
		}
		return err
	case models.BulkMarkRead, models.BulkMarkUnread:
		return r.unmark(ctx, before)
	case models.BulkPrioritize:
		now, err := r.priority(ctx)
		if err != nil {
			return err
		}
		if now != r.data.Priority {
			return errChanged
		}
		return r.setPriority(ctx, d, before.Priority)
	case models.BulkAccept, models.BulkAssign, models.BulkTransfer, models.BulkClose, models.BulkSnooze:
	}
	if err := r.asLeft(ctx, d, before); err != nil {
		return err
	}
	return d.restore(ctx, r.job, before)
}

// unmark gives the mark of unread back. Messages that were read are no longer counted, so that a mark stands for them.
func (r *bulkRow) unmark(ctx context.Context, before *bulkBefore) error {
	var unread, marked bool
	if err := r.tx.QueryRow(ctx, `
		SELECT `+isUnread+`, v.marked_unread
		FROM conversations v
		WHERE v.account_id = @account AND v.id = @conversation`,
		pgx.NamedArgs{"account": r.job.AccountID, "conversation": r.conversation}).Scan(&unread, &marked); err != nil {
		return fmt.Errorf("read whether a conversation is unread: %w", err)
	}
	toUnread := r.job.Action == models.BulkMarkRead
	if before.Unread == nil || toUnread && unread || !toUnread && !marked {
		return errChanged
	}
	return r.setMarked(ctx, toUnread)
}

// asLeft reads the ticket, which must still be as the job left it: nothing happened to it, and no agent wrote.
func (r *bulkRow) asLeft(ctx context.Context, d *desk, before *bulkBefore) error {
	if err := d.read(ctx, before.Ticket); err != nil {
		return err
	}
	fact, err := d.lastFact(ctx)
	if err != nil {
		return err
	}
	var answered bool
	err = d.tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM messages m
			WHERE m.account_id = @account AND m.conversation_id = @conversation AND m.id > @message AND m.origin = 'agent')`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "message": before.Message}).Scan(&answered)
	if err != nil {
		return fmt.Errorf("look for what agents wrote: %w", err)
	}
	if fact != before.Event || answered {
		return errChanged
	}
	return nil
}

// restore gives a ticket back its queue, its agent and its snooze, and opens one that the job closed.
func (d *desk) restore(ctx context.Context, job *models.BulkJob, before *bulkBefore) error {
	t, by := d.ticket, job.Actor()
	from, closed := t.place(), t.ClosedAt != nil
	if closed {
		switch {
		case d.conv.InCharge == models.InChargeTicket:
			return models.TicketRefusal(models.KeyTicketOpenExists, nil)
		case d.conv.Superseded || d.conv.LastTicketID == nil || *d.conv.LastTicketID != t.ID:
			return models.TicketRefusal(models.KeyTicketNotLatest, nil)
		}
	}
	var queue *models.Queue
	var agent string
	var err error
	if before.Queue != nil {
		if queue, err = d.queue(ctx, *before.Queue); err != nil {
			return err
		}
	}
	if before.Agent != nil {
		if agent, err = d.worker(ctx, *before.Agent); err != nil {
			return err
		}
	}
	t.give(queue, before.Agent, agent)
	t.AcceptedAt = before.Accepted
	t.SnoozedAt, t.SnoozedUntil, t.SnoozeUntilReply, t.SnoozeReason = before.Snoozed, before.Until, before.ByReply, before.Reason
	if t.SnoozedUntil != nil && !t.SnoozedUntil.After(d.now) {
		t.unsnooze()
	}
	t.renew(d.now)
	kind := models.TicketWasUnassigned
	switch {
	case closed:
		kind = models.TicketWasReopened
		t.ClosedAt, t.ClosedByKind, t.ClosedByID, t.ClosingReasonID, t.FlowRunID = nil, nil, nil, nil, nil
		if d.conv.InCharge == models.InChargeFlow {
			t.FlowRunID = d.conv.FlowRunID
		}
		if err := d.charge(ctx); err != nil {
			return err
		}
	case before.Agent != nil || before.Queue != nil:
		kind = models.TicketWasTransferred
	}
	if err := d.record(ctx, fact{kind: kind, actor: by, from: from, data: map[string]any{"undo": job.ID}}); err != nil {
		return err
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	if err := d.say(ctx, models.NoteBulkUndone, map[string]string{"by": name}); err != nil {
		return err
	}
	return d.ring(ctx)
}
