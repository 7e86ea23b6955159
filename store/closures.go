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

// closingAhead is how far in the future a closure may be scheduled.
const closingAhead = 366 * 24 * time.Hour

// scheduleClosing lets the ticket close at an instant (rules 151, 152). Reason and fields are checked now (Z26). Where one waits
// already, it is replaced only on demand (Z30).
func (d *desk) scheduleClosing(ctx context.Context, by models.Actor, how *models.TicketScheduling) error {
	if !how.DueAt.After(d.now) || how.DueAt.After(d.now.Add(closingAhead)) {
		return models.TicketRefusal(models.KeyTicketClosingPast, nil)
	}
	if _, err := d.reason(ctx, how.ReasonID); err != nil {
		return err
	}
	if _, err := d.closingValues(ctx, by, &how.TicketClosing, false); err != nil {
		return err
	}
	if _, err := d.surveyToAsk(ctx, how.SurveyID); err != nil {
		return err
	}
	if err := d.replaceClosing(ctx, how.Replace); err != nil {
		return err
	}
	closing, err := json.Marshal(how.TicketClosing)
	if err != nil {
		return fmt.Errorf("write a closing: %w", err)
	}
	start := d.closureStart(0)
	err = d.tx.QueryRow(ctx, `
		INSERT INTO scheduled_closures (account_id, ticket_id, due_at, cancel_on_reply, closing, by_kind, by_id, created_at)
		VALUES (@account, @ticket, @due, @cancel, @closing, @kind, @by, @now)
		RETURNING id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID, "due": how.DueAt, "cancel": how.CancelOnReply, "closing": closing,
			"kind": by.Kind, "by": by.ID, "now": d.now}).Scan(&start.ClosureID)
	if err != nil {
		return fmt.Errorf("schedule a closure: %w", err)
	}
	bell, err := insertDoorbell(ctx, d.tx, start.Doorbell())
	if err != nil {
		return err
	}
	d.wake.Doorbells = append(d.wake.Doorbells, bell)
	if err := d.tellClosing(ctx); err != nil {
		return err
	}
	data := map[string]any{"due_at": how.DueAt, "cancel_on_reply": how.CancelOnReply}
	if err := d.record(ctx, fact{kind: models.TicketWillClose, actor: by, from: d.ticket.place(), data: data}); err != nil {
		return err
	}
	values := map[string]string{"at": how.DueAt.UTC().Format(time.RFC3339)}
	if how.CancelOnReply {
		values["reply"] = strconv.FormatBool(true)
	}
	if values["by"], err = d.nameOf(ctx, by); err != nil {
		return err
	}
	return d.say(ctx, models.NoteClosingScheduled, values)
}

// replaceClosing makes room for another closure, or refuses it and says which one waits.
func (d *desk) replaceClosing(ctx context.Context, replace bool) error {
	if replace {
		_, err := d.endClosing(ctx, models.ClosureReplaced)
		return err
	}
	c, err := d.closing(ctx)
	if err != nil || c == nil {
		return err
	}
	by, err := d.nameOf(ctx, c.By())
	if err != nil {
		return err
	}
	return models.TicketRefusal(models.KeyTicketClosingWaits, map[string]string{"by": by, "at": c.DueAt.UTC().Format(time.RFC3339)})
}

const closureColumns = `c.id, c.account_id, c.ticket_id, c.due_at, c.cancel_on_reply, c.closing, c.by_kind, c.by_id, c.state, c.created_at, c.ended_at`

// closing is the closure of the ticket that waits; nil where there is none.
func (d *desk) closing(ctx context.Context) (*models.ScheduledClosure, error) {
	c, err := one[models.ScheduledClosure](ctx, d.tx, "scheduled_closure", `
		SELECT `+closureColumns+`
		FROM scheduled_closures c
		WHERE c.account_id = @account AND c.ticket_id = @ticket AND c.state = 'waiting'`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID})
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // there is none
	}
	return c, err
}

// endClosing ends the closure of the ticket that waits, and tells whether there was one. Its workflow is rung and ends.
func (d *desk) endClosing(ctx context.Context, as models.ClosureState) (bool, error) {
	rows, err := d.tx.Query(ctx, `
		UPDATE scheduled_closures
		SET state = @state, ended_at = @now
		WHERE account_id = @account AND ticket_id = @ticket AND state = 'waiting'
		RETURNING id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID, "state": as, "now": d.now})
	if err != nil {
		return false, fmt.Errorf("end a scheduled closure: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[models.ClosureID])
	if err != nil || len(ids) == 0 {
		return false, err
	}
	for _, id := range ids {
		bell, err := insertDoorbell(ctx, d.tx, d.closureStart(id).Doorbell())
		if err != nil {
			return false, err
		}
		d.wake.Doorbells = append(d.wake.Doorbells, bell)
	}
	return true, d.tellClosing(ctx)
}

// tellClosing lets the conversation's row say whether an answer cancels the closure that waits, and tells who looks at it.
func (d *desk) tellClosing(ctx context.Context) error {
	_, err := d.tx.Exec(ctx, `
		WITH v AS (
			UPDATE conversations
			SET updated_at = @now, closing_on_reply = EXISTS (
				SELECT FROM scheduled_closures c
				WHERE c.account_id = @account AND c.ticket_id = @ticket AND c.state = 'waiting' AND c.cancel_on_reply)
			WHERE account_id = @account AND id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES (@account, @event, @conversation, @conversation)`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "ticket": d.ticket.ID, "now": d.now, "event": models.EventConversationUpdated})
	if err != nil {
		return fmt.Errorf("tell of a scheduled closure: %w", err)
	}
	return nil
}

// cancelClosing takes back the closure that waits (rule 153).
func (d *desk) cancelClosing(ctx context.Context, by models.Actor) error {
	was, err := d.endClosing(ctx, models.ClosureCancelled)
	if err != nil {
		return err
	}
	if !was {
		return models.TicketRefusal(models.KeyTicketNoClosing, nil)
	}
	if err := d.record(ctx, fact{kind: models.TicketWillNotClose, actor: by, from: d.ticket.place()}); err != nil {
		return err
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	return d.say(ctx, models.NoteClosingCancelled, map[string]string{"by": name})
}

// closingReplied takes back the closure that an answer of the contact cancels (rule 152, Z17).
func (s *Store) closingReplied(ctx context.Context, tx pgx.Tx, conv *conversationRow, wake *contract.Wake) error {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil || d.ticket == nil {
		return err
	}
	if was, err := d.endClosing(ctx, models.ClosureReplied); err != nil || !was {
		return err
	}
	by := models.Actor{Kind: models.ActorContact, ID: int64(conv.ContactID)}
	if err := d.record(ctx, fact{kind: models.TicketWillNotClose, actor: by, from: d.ticket.place()}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteClosingCancelled, map[string]string{"reply": strconv.FormatBool(true)})
}

func (d *desk) closureStart(id models.ClosureID) contract.ScheduledClosureStart {
	return contract.ScheduledClosureStart{AccountID: d.conv.AccountID, ClosureID: id, TicketID: d.ticket.ID, ConversationID: d.conv.ID,
		ConnectionID: d.conv.ConnectionID}
}

// Closure says how a scheduled closure stands.
func (s *Store) Closure(ctx context.Context, start contract.ScheduledClosureStart) (contract.ClosureView, error) {
	return closureView(ctx, s.pool, start)
}

func closureView(ctx context.Context, q querier, start contract.ScheduledClosureStart) (contract.ClosureView, error) {
	c, err := one[models.ScheduledClosure](ctx, q, "scheduled_closure", `
		SELECT c.state, c.due_at, c.cancel_on_reply
		FROM scheduled_closures c
		WHERE c.account_id = @account AND c.id = @id`, pgx.NamedArgs{"account": start.AccountID, "id": start.ClosureID})
	if err != nil {
		return contract.ClosureView{}, err
	}
	return contract.ClosureView{State: c.State, DueAt: c.DueAt, CancelOnReply: c.CancelOnReply}, nil
}

// CloseDue closes the ticket of a scheduled closure whose instant has come, in one transaction under the conversation's lock. One
// that was cancelled, or is not due by this clock, is left as it is. After COMMIT the caller rings what wake names.
func (s *Store) CloseDue(ctx context.Context, start contract.ScheduledClosureStart) (contract.ClosureView, contract.Wake, error) {
	var view contract.ClosureView
	wake, err := s.atDesk(ctx, start.AccountID, start.TicketID, func(d *desk) error {
		c, err := d.closing(ctx)
		if err != nil {
			return err
		}
		if c != nil && c.ID == start.ClosureID && !d.now.Before(c.DueAt) {
			if err := d.closeDue(ctx, c); err != nil {
				return err
			}
		}
		view, err = closureView(ctx, d.tx, start)
		return err
	})
	return view, wake, asError(err, "scheduled_closure")
}

// closeDue closes the ticket as it was scheduled. What the account changed since does not keep it open: a reason or a field that
// is gone is left out, and a text that cannot be sent is not (Z27).
func (d *desk) closeDue(ctx context.Context, c *models.ScheduledClosure) error {
	var how models.TicketClosing
	if err := json.Unmarshal(c.Closing, &how); err != nil {
		return fmt.Errorf("read a closing: %w", err)
	}
	by := c.By()
	if _, err := d.endClosing(ctx, models.ClosureDone); err != nil {
		return err
	}
	with := closed{reasonID: how.ReasonID}
	refused, err := d.try(ctx, func() (err error) {
		with.reason, err = d.reason(ctx, how.ReasonID)
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		with.reasonID = 0
	}
	refused, err = d.try(ctx, func() (err error) {
		with.values, err = d.closingValues(ctx, by, &how, true)
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		if with.values, err = keptValues(&how); err != nil {
			return err
		}
	}
	if _, err = d.try(ctx, func() (err error) {
		with.survey, err = d.surveyToAsk(ctx, how.SurveyID)
		return err
	}); err != nil {
		return err
	}
	if how.Text != "" {
		if refused, err = d.try(ctx, func() error { return d.sendClosingText(ctx, by, how.Text) }); err != nil {
			return err
		}
		if refused != nil {
			if err := d.say(ctx, models.NoteClosingTextUnsent, nil); err != nil {
				return err
			}
		}
	} else if !how.Silent {
		if err := d.farewell(ctx, by); err != nil {
			return err
		}
	}
	if err := d.finish(ctx, by, with); err != nil {
		return err
	}
	return d.ring(ctx)
}
