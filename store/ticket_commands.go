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

const ticketCommandColumns = `c.id, c.account_id, c.ticket_id, c.kind, c.actor_kind, c.actor_id, c.data, c.client_ref, c.state, c.code, c.args,
	c.created_at, c.answered_at`

// AddTicketCommand puts a command in a ticket's mailbox, where it is safe, and gives the doorbell of the ticket's workflow. A
// client_ref that was used before gives the command that it made then. CodeNotFound where the account has no such ticket.
func (s *Store) AddTicketCommand(ctx context.Context, account models.AccountID, c models.TicketCommand) (*models.TicketCommand, contract.Doorbell, error) {
	var made *models.TicketCommand
	var bell contract.Doorbell
	if len(c.Data) == 0 {
		c.Data = json.RawMessage("{}")
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		start := contract.TicketStart{AccountID: account, TicketID: c.TicketID}
		err := tx.QueryRow(ctx, `
			SELECT t.conversation_id, v.connection_id
			FROM tickets t
			JOIN conversations v ON v.id = t.conversation_id AND v.account_id = t.account_id
			WHERE t.account_id = @account AND t.id = @ticket`,
			pgx.NamedArgs{"account": account, "ticket": c.TicketID}).Scan(&start.ConversationID, &start.ConnectionID)
		if err != nil {
			return err
		}
		made, err = one[models.TicketCommand](ctx, tx, "ticket_command", `
			INSERT INTO ticket_commands AS c (account_id, ticket_id, kind, actor_kind, actor_id, data, client_ref, created_at)
			VALUES (@account, @ticket, @kind, @actor_kind, @actor, @data, @ref, @now)
			ON CONFLICT (account_id, client_ref) WHERE client_ref IS NOT NULL DO NOTHING
			RETURNING `+ticketCommandColumns,
			pgx.NamedArgs{"account": account, "ticket": c.TicketID, "kind": c.Kind, "actor_kind": c.ActorKind, "actor": c.ActorID, "data": c.Data,
				"ref": c.ClientRef, "now": s.Now()})
		if isNotFound(err) {
			made, err = repeatedCommand(ctx, tx, account, &c)
		}
		if err != nil {
			return err
		}
		bell, err = insertDoorbell(ctx, tx, start.Doorbell())
		return err
	})
	return made, bell, asError(err, "ticket")
}

// repeatedCommand is the command that a client_ref made before.
func repeatedCommand(ctx context.Context, tx pgx.Tx, account models.AccountID, c *models.TicketCommand) (*models.TicketCommand, error) {
	old, err := one[models.TicketCommand](ctx, tx, "ticket_command", `
		SELECT `+ticketCommandColumns+`
		FROM ticket_commands c
		WHERE c.account_id = @account AND c.client_ref = @ref`, pgx.NamedArgs{"account": account, "ref": c.ClientRef})
	if err != nil {
		return nil, err
	}
	if old.TicketID != c.TicketID || old.Kind != c.Kind || old.ActorID != c.ActorID {
		return nil, &models.Error{Code: models.CodeConflict, Key: "ticket.client_ref_used",
			Message: "this client_ref belongs to another command: use a new one for each command"}
	}
	return old, nil
}

// TicketCommand reads a command with its answer.
func (s *Store) TicketCommand(ctx context.Context, account models.AccountID, id models.TicketCommandID) (*models.TicketCommand, error) {
	return one[models.TicketCommand](ctx, s.pool, "ticket_command", `
		SELECT `+ticketCommandColumns+`
		FROM ticket_commands c
		WHERE c.account_id = @account AND c.id = @id`, pgx.NamedArgs{"account": account, "id": id})
}

// RunTicketCommand does a command or refuses it, in one transaction under the lock of the ticket's conversation, and stores the
// answer. A command that was answered before is left as it is. After COMMIT the caller rings what wake names.
func (s *Store) RunTicketCommand(ctx context.Context, start contract.TicketStart, id models.TicketCommandID, _ contract.FlowChooser) (contract.TicketView, contract.Wake, error) {
	var view contract.TicketView
	wake, err := s.atDesk(ctx, start.AccountID, start.TicketID, func(d *desk) (err error) {
		c, err := one[models.TicketCommand](ctx, d.tx, "ticket_command", `
			SELECT `+ticketCommandColumns+`
			FROM ticket_commands c
			WHERE c.account_id = @account AND c.ticket_id = @ticket AND c.id = @id`,
			pgx.NamedArgs{"account": start.AccountID, "ticket": start.TicketID, "id": id})
		if err != nil {
			return err
		}
		if c.State == models.TicketCommandWaiting {
			if err := d.answer(ctx, c); err != nil {
				return err
			}
		}
		view, err = ticketView(ctx, d.tx, start)
		return err
	})
	return view, wake, asError(err, "ticket")
}

// try does something in a savepoint, so that a refusal leaves nothing behind. err is what another try may mend.
func (d *desk) try(ctx context.Context, do func() error) (refusal *models.Error, err error) {
	inner, err := d.tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	outer, before := d.tx, *d.wake
	d.tx = inner
	err = do()
	d.tx = outer
	if err == nil {
		if err := inner.Commit(ctx); err != nil {
			return nil, fmt.Errorf("keep a savepoint: %w", err)
		}
		return nil, nil
	}
	if refusal = refusalOf(err); refusal == nil {
		return nil, err
	}
	*d.wake = before
	if err := inner.Rollback(ctx); err != nil {
		return nil, fmt.Errorf("roll back to a savepoint: %w", err)
	}
	return refusal, nil
}

// answer does a command and stores how it ended.
func (d *desk) answer(ctx context.Context, c *models.TicketCommand) error {
	refusal, err := d.try(ctx, func() error { return d.do(ctx, c) })
	if err != nil {
		return err
	}
	state, key, args := models.TicketCommandDone, "", map[string]string{}
	if refusal != nil {
		state, key = models.TicketCommandRefused, refusal.Key
		if refusal.Args != nil {
			args = refusal.Args
		}
		if key == "" {
			key = models.KeyTicketCommandUnusable
		}
	}
	_, err = d.tx.Exec(ctx, `
		UPDATE ticket_commands
		SET state = @state, code = nullif(@code, ''), args = @args, answered_at = @now
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": c.AccountID, "id": c.ID, "state": state, "code": key, "args": args, "now": d.now})
	if err != nil {
		return fmt.Errorf("store the answer to a command: %w", err)
	}
	return nil
}

// refusalOf is what a command is refused with; nil for what another try may mend.
func refusalOf(err error) *models.Error {
	if isCircle(err) || IsUnavailable(err) {
		return nil
	}
	var e *models.Error
	if !errors.As(asError(err, "ticket"), &e) || e.Code == models.CodeInternal || e.Code == models.CodeUnavailable {
		return nil
	}
	return e
}

// do does one command.
func (d *desk) do(ctx context.Context, c *models.TicketCommand) error {
	by := c.Actor()
	if c.Kind == models.TicketReopen {
		return d.reopen(ctx, by)
	}
	if d.ticket.State == models.TicketClosed {
		return d.closedAlready(ctx)
	}
	switch c.Kind {
	case models.TicketAccept:
		return d.accept(ctx, by)
	case models.TicketAssign:
		return with(c, func(to *models.TicketToUser) error { return d.giveTo(ctx, by, to, models.TicketWasAssigned) })
	case models.TicketTransferToUser:
		return with(c, func(to *models.TicketToUser) error { return d.giveTo(ctx, by, to, models.TicketWasTransferred) })
	case models.TicketTransferToQueue:
		return with(c, func(to *models.TicketToQueue) error { return d.giveToQueue(ctx, by, to) })
	case models.TicketSendToFlow:
		return with(c, func(to *models.TicketToFlow) error { return d.sendToFlow(ctx, by, to) })
	case models.TicketHandBack:
		return d.handBack(ctx, by)
	case models.TicketSnooze:
		return with(c, func(z *models.TicketSnoozing) error { return d.snooze(ctx, by, z) })
	case models.TicketWake:
		return d.wakeUp(ctx, by)
	case models.TicketPrioritize:
		return with(c, func(p *models.TicketPriority) error { return d.prioritize(ctx, by, p.Priority) })
	case models.TicketScheduleClosing:
		return with(c, func(how *models.TicketScheduling) error { return d.scheduleClosing(ctx, by, how) })
	case models.TicketCancelClosing:
		return d.cancelClosing(ctx, by)
	case models.TicketClose:
		return with(c, func(how *models.TicketClosing) error { return d.closeTicket(ctx, by, how) })
	case models.TicketReopen:
	}
	return models.TicketRefusal(models.KeyTicketCommandUnusable, nil)
}

// with reads what a command says.
func with[T any](c *models.TicketCommand, do func(*T) error) error {
	var data T
	if err := json.Unmarshal(c.Data, &data); err != nil {
		return models.TicketRefusal(models.KeyTicketCommandUnusable, nil)
	}
	return do(&data)
}

// TicketTurn ends a snooze whose time has come, lets an assignment lapse whose time is over, and says how the ticket stands.
func (s *Store) TicketTurn(ctx context.Context, start contract.TicketStart) (contract.TicketView, contract.Wake, error) {
	var view contract.TicketView
	wake, err := s.atDesk(ctx, start.AccountID, start.TicketID, func(d *desk) (err error) {
		if t := d.ticket; t.State != models.TicketClosed {
			if t.SnoozedUntil != nil && !d.now.Before(*t.SnoozedUntil) {
				if err := d.wakeUp(ctx, models.Actor{Kind: models.ActorRule, Rule: models.RuleSnooze}); err != nil {
					return err
				}
			}
			if t.LeaseUntil != nil && t.AgentID != nil && !d.now.Before(*t.LeaseUntil) {
				if err := d.lapse(ctx); err != nil {
					return err
				}
			}
		}
		view, err = ticketView(ctx, d.tx, start)
		return err
	})
	return view, wake, asError(err, "ticket")
}

// ticketView says how a ticket stands.
func ticketView(ctx context.Context, tx pgx.Tx, start contract.TicketStart) (contract.TicketView, error) {
	type row struct {
		models.Ticket
		Since   *time.Time
		Waiting []models.TicketCommandID
	}
	t, err := one[row](ctx, tx, "ticket", `
		SELECT t.state, t.snoozed_at, t.snoozed_until, t.lease_until, t.queue_id, t.agent_id, t.opened_at,
			(SELECT e.at FROM ticket_events e WHERE e.ticket_id = t.id ORDER BY e.id DESC LIMIT 1) AS since,
			ARRAY(SELECT c.id FROM ticket_commands c WHERE c.ticket_id = t.id AND c.state = 'waiting' ORDER BY c.id) AS waiting
		FROM tickets t
		WHERE t.account_id = @account AND t.id = @ticket`, pgx.NamedArgs{"account": start.AccountID, "ticket": start.TicketID})
	if err != nil {
		return contract.TicketView{}, err
	}
	view := contract.TicketView{State: t.State, Snoozed: t.SnoozedAt != nil, Since: t.OpenedAt, Waiting: t.Waiting}
	if t.Since != nil {
		view.Since = *t.Since
	}
	if t.SnoozedUntil != nil {
		view.SnoozedUntil = *t.SnoozedUntil
	}
	if t.LeaseUntil != nil {
		view.LeaseUntil = *t.LeaseUntil
	}
	if t.QueueID != nil {
		view.QueueID = *t.QueueID
	}
	if t.AgentID != nil {
		view.AgentID = *t.AgentID
	}
	return view, nil
}
