package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// ScheduledSend says how a scheduled send stands.
func (s *Store) ScheduledSend(ctx context.Context, start contract.ScheduledSendStart) (contract.ScheduledSendView, error) {
	c, err := one[models.ScheduledSend](ctx, s.pool, "scheduled_send", `
		SELECT `+scheduledColumns+`
		FROM scheduled_sends c
		WHERE c.account_id = @account AND c.id = @id`, pgx.NamedArgs{"account": start.AccountID, "id": start.SendID})
	if err != nil {
		return contract.ScheduledSendView{}, err
	}
	return scheduledView(c), nil
}

func scheduledView(c *models.ScheduledSend) contract.ScheduledSendView {
	return contract.ScheduledSendView{State: c.State, DueAt: c.DueAt, Occurrence: c.Occurrence, Again: c.Recurrence != "", HoldOnReply: c.HoldOnReply}
}

// SendDue sends what is scheduled and whose instant has come, in one transaction under the conversation's lock. What cannot be sent
// is skipped, and its line says why. One that is held or over, or is not due by this clock, is left as it is. After COMMIT the
// caller rings what wake names.
func (s *Store) SendDue(ctx context.Context, start contract.ScheduledSendStart) (contract.ScheduledSendView, contract.Wake, error) {
	var view contract.ScheduledSendView
	wake, err := s.atScheduled(ctx, start.AccountID, start.SendID, func(d *desk, c *models.ScheduledSend) error {
		if c.State == models.ScheduledWaiting && !d.now.Before(c.DueAt) {
			refused, err := d.try(ctx, func() error { return d.deliver(ctx, c) })
			if err != nil {
				return err
			}
			if err := d.occurred(ctx, c, refused); err != nil {
				return err
			}
		}
		view = scheduledView(c)
		return nil
	})
	return view, wake, asError(err, "scheduled_send")
}

// SendScheduledNow sends the next occurrence at once, also of one that is held. What cannot be sent is refused and stays as it is.
// CodeConflict for one that is over, CodeNotFound out of the viewer's sight.
func (s *Store) SendScheduledNow(ctx context.Context, account models.AccountID, w Viewer, id models.ScheduledSendID) (contract.Wake, error) {
	wake, err := s.atScheduled(ctx, account, id, func(d *desk, c *models.ScheduledSend) error {
		if err := mustBeVisible(ctx, d.tx, account, w, c.ConversationID); err != nil {
			return err
		}
		if err := mustWait(c); err != nil {
			return err
		}
		if err := d.deliver(ctx, c); err != nil {
			return err
		}
		return d.occurred(ctx, c, nil)
	})
	return wake, asError(err, "scheduled_send")
}

// occurred ends an occurrence. Of those that were missed while everything was down none comes after it: the next one lies ahead.
func (d *desk) occurred(ctx context.Context, c *models.ScheduledSend, refused *models.Error) error {
	c.Reason, c.LastAt = nil, &d.now
	code, values := models.NoteScheduledSent, map[string]string{}
	c.State = models.ScheduledSent
	if refused != nil {
		why := refused.Key
		if why == "" {
			why = string(refused.Code)
		}
		code, values["why"], c.Reason = models.NoteScheduledSkipped, why, &why
		c.State = models.ScheduledSkipped
	}
	ended := &d.now
	if next := nextScheduled(c, d.now); !next.IsZero() {
		c.State, c.DueAt, ended = models.ScheduledWaiting, next, nil
	}
	c.Occurrence++
	_, err := d.tx.Exec(ctx, `
		UPDATE scheduled_sends
		SET state = @state, due_at = @due, occurrence = @occurrence, last_at = @now, reason = @reason, held_at = NULL, ended_at = @ended, updated_at = @now
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "id": c.ID, "state": c.State, "due": c.DueAt, "occurrence": c.Occurrence, "reason": c.Reason,
			"ended": ended, "now": d.now})
	if err != nil {
		return fmt.Errorf("end an occurrence: %w", err)
	}
	return d.tellScheduled(ctx, c, code, values)
}

// deliver sends one occurrence, or starts its flow. It changes nothing where it refuses.
func (d *desk) deliver(ctx context.Context, c *models.ScheduledSend) error {
	if d.conv.ContactBlocked { // rule 171
		return &models.Error{Code: models.CodeContactBlocked, Key: "contact.blocked", Message: "the contact is blocked: nothing can be sent or received"}
	}
	if c.Kind == models.ScheduledFlow {
		return d.startScheduled(ctx, c)
	}
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil {
		return err
	}
	if t := d.ticket; t != nil && t.AgentID != nil && t.WriteLock && !t.isOf(c.By()) {
		return models.TicketRefusal(models.KeyTicketWriteLocked, map[string]string{"agent": derefText(t.AgentName)})
	}
	opened := place.windowOpenAt(c.Origin(), d.now)
	for i := range c.Contents {
		if c.Contents[i].Kind != models.ContentKindTemplate && !opened {
			return &models.Error{Code: models.CodeWindowClosed, Key: "window.closed",
				Message: "the 24-hour window is closed: send a template, or wait for the contact to write"}
		}
	}
	if c.Opens && d.ticket == nil {
		if err := d.openScheduled(ctx, c, opened); err != nil {
			return err
		}
	}
	author := c.ByID
	for i := range c.Contents {
		out := Outbound{ConversationID: d.conv.ID, Origin: c.Origin(), AuthorID: &author, Content: c.Contents[i],
			ClientRef: fmt.Sprintf("%s/%d/%d", contract.ScheduledSendID(c.ID), c.Occurrence, i)}
		m, err := d.s.insertOutbound(ctx, d.tx, place, &out)
		if err != nil {
			return err
		}
		d.wake.Connections = append(d.wake.Connections, m.ConnectionID)
	}
	return nil
}

// openScheduled opens the ticket that was asked for (rule 167). A queue or an agent that gets no tickets any more leaves it
// without one, so that the contact is not lost.
func (d *desk) openScheduled(ctx context.Context, c *models.ScheduledSend, receptive bool) error {
	t := &contract.TicketOpening{Mode: "unassigned", QueueID: c.QueueID, AgentID: c.AgentID, Actor: c.By(), Origin: models.OriginReceptive}
	switch {
	case c.AgentID != nil:
		t.Mode = "agent"
	case c.QueueID != nil:
		t.Mode = "queue"
	}
	if c.Kind == models.ScheduledTemplate && !receptive {
		t.Origin = models.OriginActive
	}
	_, err := d.open(ctx, t)
	if models.KeyOf(err) == models.KeyTicketRefused && t.Mode != "unassigned" {
		t.Mode, t.QueueID, t.AgentID = "unassigned", nil, nil
		_, err = d.open(ctx, t)
	}
	return err
}

// startScheduled starts a flow (rule 169). People who are in charge stay so: the flow does not start then.
func (d *desk) startScheduled(ctx context.Context, c *models.ScheduledSend) error {
	switch {
	case d.conv.ChatbotDisabled:
		return &models.Error{Code: models.CodeConflict, Key: models.KeyScheduledBotOff, Message: "the chatbot is switched off in this conversation"}
	case d.conv.Superseded:
		return models.NotFound("conversation")
	}
	trigger, err := json.Marshal(flow.RunTrigger{By: flow.Started{Kind: flow.StartScheduled, By: c.ByID.String()}})
	if err != nil {
		return fmt.Errorf("write a trigger: %w", err)
	}
	start, err := takeOver(ctx, d.tx, d.conv, *c.FlowID, trigger, d.now)
	if isNotFound(asError(err, "flow")) {
		return models.TicketRefusal(models.KeyTicketFlowUnavailable, nil)
	}
	if err != nil {
		return err
	}
	return ringRun(ctx, d.tx, start, d.wake)
}

// holdSends holds back what a message of the contact holds back: the author decides. Under the conversation's lock a send that
// comes due at the same moment has one result.
func (s *Store) holdSends(ctx context.Context, tx pgx.Tx, conv *conversationRow, wake *contract.Wake) error {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil {
		return err
	}
	held, err := list[models.ScheduledSend](ctx, tx, "scheduled_send", `
		UPDATE scheduled_sends c
		SET state = 'held', held_at = @now, updated_at = @now
		WHERE c.account_id = @account AND c.conversation_id = @conversation AND c.state = 'waiting' AND c.hold_on_reply
		RETURNING `+scheduledColumns, pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID, "now": d.now})
	if err != nil {
		return err
	}
	for i := range held {
		if err := d.tellScheduled(ctx, &held[i], models.NoteScheduledHeld, nil); err != nil {
			return err
		}
	}
	return nil
}

// nextScheduled is the first occurrence after now and after the one that is over; zero when none is left.
func nextScheduled(c *models.ScheduledSend, now time.Time) time.Time {
	if c.Recurrence == "" {
		return time.Time{}
	}
	rule, err := ruleOf(c.Recurrence, c.FirstAt, c.Timezone)
	if err != nil {
		return time.Time{} // it was read when it was stored
	}
	after := c.DueAt
	if now.After(after) {
		after = now
	}
	return rule.After(after)
}
