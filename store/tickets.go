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

// mayGetTickets is true of a user u to whom a ticket may be given.
const mayGetTickets = `u.disabled_at IS NULL`

// desk is the room where it is decided who serves a conversation (ADR 68). The caller holds the conversation's row. Inbound
// messages, steps of flows, agents' messages, commands and timers all come here. Each change writes the ticket, the
// conversation's copy of it, the fact, the line for agents and the event, in the caller's transaction.
type desk struct {
	s    *Store
	tx   pgx.Tx
	conv *conversationRow
	// ticket is the open one, or the one that a command names. It is nil where there is none.
	ticket *deskTicket
	now    time.Time
	wake   *contract.Wake
}

// deskTicket is a ticket with what its queue and its agent say about it.
type deskTicket struct {
	models.Ticket
	AgentName    *string
	QueueName    *string
	WriteLock    bool // of its queue
	LeaseMinutes *int // of its queue
}

const deskTicketSQL = `
	SELECT t.id, t.account_id, t.conversation_id, t.contact_id, t.protocol, t.state, t.origin, t.opening_mode, t.queue_id, t.agent_id,
		t.flow_run_id, t.opened_by_kind, t.opened_by_id, t.opened_at, t.accepted_at, t.first_reply_at, t.snoozed_at, t.snoozed_until,
		t.snooze_reason, t.snooze_until_reply, t.lease_until, t.closed_at, t.closed_by_kind, t.closed_by_id, t.closing_reason_id,
		t.closing_values, u.name AS agent_name, q.name AS queue_name, coalesce(q.write_lock, false) AS write_lock, q.lease_minutes
	FROM tickets t
	LEFT JOIN users u ON u.id = t.agent_id AND u.account_id = t.account_id
	LEFT JOIN queues q ON q.id = t.queue_id AND q.account_id = t.account_id
	WHERE t.account_id = @account AND t.id = @ticket`

// deskAt is the desk of a conversation whose row the caller holds, with its open ticket.
func (s *Store) deskAt(ctx context.Context, tx pgx.Tx, conv *conversationRow, wake *contract.Wake) (*desk, error) {
	d := &desk{s: s, tx: tx, conv: conv, now: s.Now(), wake: wake}
	if conv.InCharge != models.InChargeTicket || conv.TicketID == nil {
		return d, nil
	}
	return d, d.read(ctx, *conv.TicketID)
}

// deskOf locks the conversation of a ticket; CodeNotFound where the account has no such ticket.
func (s *Store) deskOf(ctx context.Context, tx pgx.Tx, account models.AccountID, ticket models.TicketID, wake *contract.Wake) (*desk, error) {
	var conversation models.ConversationID
	err := tx.QueryRow(ctx, `
		SELECT conversation_id
		FROM tickets
		WHERE account_id = @account AND id = @ticket`,
		pgx.NamedArgs{"account": account, "ticket": ticket}).Scan(&conversation)
	if err != nil {
		return nil, asError(err, "ticket")
	}
	conv, err := lockConversationByID(ctx, tx, account, conversation)
	if err != nil {
		return nil, err
	}
	d := &desk{s: s, tx: tx, conv: conv, now: s.Now(), wake: wake}
	return d, d.read(ctx, ticket)
}

// atDesk does something at the desk of a ticket, in one transaction under the conversation's lock. It is done again where two
// transactions were in each other's way. After COMMIT the caller rings what wake names.
func (s *Store) atDesk(ctx context.Context, account models.AccountID, ticket models.TicketID, do func(*desk) error) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		d, err := s.deskOf(ctx, tx, account, ticket, &wake)
		if err != nil {
			return err
		}
		return do(d)
	})
	return wake, err
}

// read reads a ticket as it is now. A merge may have moved it while the caller waited for the conversation.
func (d *desk) read(ctx context.Context, id models.TicketID) error {
	t, err := one[deskTicket](ctx, d.tx, "ticket", deskTicketSQL, pgx.NamedArgs{"account": d.conv.AccountID, "ticket": id})
	if err != nil {
		return err
	}
	if t.ConversationID != d.conv.ID {
		if d.conv, err = lockConversationByID(ctx, d.tx, d.conv.AccountID, t.ConversationID); err != nil {
			return err
		}
	}
	d.ticket = t
	return nil
}

// place is where a ticket stands: who sees it.
type place struct {
	queue *models.QueueID
	agent *models.UserID
}

func (t *deskTicket) place() place { return place{t.QueueID, t.AgentID} }

// fact is one thing that happened to the ticket.
type fact struct {
	kind  models.TicketEventKind
	actor models.Actor
	from  place
	data  map[string]any
}

// record stores how the ticket stands, the conversation's copy of it and what happened. The event says where it stood, so
// that those who no longer see it are told.
func (d *desk) record(ctx context.Context, f fact) error {
	t := &d.ticket.Ticket
	t.State = models.TicketWaiting
	if t.AgentID != nil {
		t.State = models.TicketOpen
	}
	shown := &t.State
	if t.ClosedAt != nil {
		t.State, shown = models.TicketClosed, nil
	}
	facts, err := json.Marshal(orEmptyMap(f.data))
	if err != nil {
		return fmt.Errorf("write a fact: %w", err)
	}
	_, err = d.tx.Exec(ctx, `
		WITH t AS (
			UPDATE tickets
			SET state = @state, queue_id = @queue, agent_id = @agent, flow_run_id = @run, accepted_at = @accepted, first_reply_at = @first_reply,
				snoozed_at = @snoozed_at, snoozed_until = @snoozed_until, snooze_reason = @snooze_reason, snooze_until_reply = @until_reply,
				lease_until = @lease, closed_at = @closed_at, closed_by_kind = @closed_by, closed_by_id = @closed_by_id,
				closing_reason_id = @reason, closing_values = coalesce(@values::jsonb, closing_values)
			WHERE account_id = @account AND id = @ticket
		), v AS (
			UPDATE conversations
			SET queue_id = @queue, agent_id = @agent, ticket_state = @shown, snoozed = @snoozed_at::timestamptz IS NOT NULL, updated_at = @now
			WHERE account_id = @account AND id = @conversation
		), f AS (
			INSERT INTO ticket_events (account_id, ticket_id, conversation_id, kind, actor_kind, actor_id, rule, queue_id, agent_id,
				from_queue_id, from_agent_id, data, at)
			VALUES (@account, @ticket, @conversation, @kind, @actor, nullif(@actor_id::bigint, 0), nullif(@rule, ''), @queue, @agent,
				@from_queue, @from_agent, @data, @now)
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
		VALUES (@account, @event, @conversation, @ticket, @moved)`,
		pgx.NamedArgs{
			"account": t.AccountID, "ticket": t.ID, "conversation": d.conv.ID, "now": d.now,
			"state": t.State, "shown": shown, "queue": t.QueueID, "agent": t.AgentID, "run": t.FlowRunID,
			"accepted": t.AcceptedAt, "first_reply": t.FirstReplyAt, "snoozed_at": t.SnoozedAt, "snoozed_until": t.SnoozedUntil,
			"snooze_reason": t.SnoozeReason, "until_reply": t.SnoozeUntilReply, "lease": t.LeaseUntil,
			"closed_at": t.ClosedAt, "closed_by": t.ClosedByKind, "closed_by_id": t.ClosedByID, "reason": t.ClosingReasonID,
			"values": nullJSON(t.ClosingValues), "kind": f.kind, "actor": f.actor.Kind, "actor_id": f.actor.ID, "rule": f.actor.Rule,
			"from_queue": f.from.queue, "from_agent": f.from.agent, "data": facts, "event": models.EventTicketUpdated, "moved": movedFrom(f.from),
		})
	if err != nil {
		return fmt.Errorf("record what happened to a ticket: %w", err)
	}
	d.conv.QueueID, d.conv.AgentID, d.conv.TicketState, d.conv.Snoozed = t.QueueID, t.AgentID, shown, t.SnoozedAt != nil
	return d.notifyPlace(ctx, f.from, f.actor)
}

func orEmptyMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// nullJSON is what is stored for a document that there may not be.
func nullJSON(b json.RawMessage) any {
	if len(b) == 0 {
		return nil
	}
	return []byte(b)
}

// say writes a line for agents. Values that are empty are left out.
func (d *desk) say(ctx context.Context, code models.NoteCode, values map[string]string) error {
	for name, v := range values {
		if v == "" {
			delete(values, name)
		}
	}
	return insertSystemLine(ctx, d.tx, &d.conv.Conversation, &contract.StepLine{Code: code, Values: values}, nil, d.now)
}

// ring wakes the ticket's workflow, which looks at the row.
func (d *desk) ring(ctx context.Context) error {
	bell, err := insertDoorbell(ctx, d.tx, d.start().Doorbell())
	if err == nil {
		d.wake.Doorbells = append(d.wake.Doorbells, bell)
	}
	return err
}

func (d *desk) start() contract.TicketStart {
	return contract.TicketStart{AccountID: d.conv.AccountID, TicketID: d.ticket.ID, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
}

// nameOf is the name by which a line speaks of an actor; empty for rules and the system.
func (d *desk) nameOf(ctx context.Context, a models.Actor) (string, error) {
	var name string
	var sql string
	switch a.Kind {
	case models.ActorUser, models.ActorAPI:
		sql = `SELECT coalesce((SELECT name FROM users WHERE account_id = @account AND id = @id), '')`
	case models.ActorFlow:
		sql = `SELECT coalesce((SELECT f.name FROM flow_runs r JOIN flows f ON f.id = r.flow_id AND f.account_id = r.account_id
			WHERE r.account_id = @account AND r.id = @id), '')`
	case models.ActorContact, models.ActorRule, models.ActorSystem:
		return "", nil
	}
	if err := d.tx.QueryRow(ctx, sql, pgx.NamedArgs{"account": d.conv.AccountID, "id": a.ID}).Scan(&name); err != nil {
		return "", fmt.Errorf("read a name: %w", err)
	}
	return name, nil
}

// worker is the name of a user who may get tickets. Anybody else is refused.
func (d *desk) worker(ctx context.Context, id models.UserID) (string, error) {
	u, err := one[models.User](ctx, d.tx, "user", `
		SELECT u.name
		FROM users u
		WHERE u.account_id = @account AND u.id = @id AND `+mayGetTickets,
		pgx.NamedArgs{"account": d.conv.AccountID, "id": id})
	if isNotFound(err) {
		return "", models.TicketRefusal(models.KeyTicketAgentUnavailable, nil)
	}
	if err != nil {
		return "", err
	}
	return u.Name, nil
}

// queue reads a queue that may get tickets. Any other one is refused.
func (d *desk) queue(ctx context.Context, id models.QueueID) (*models.Queue, error) {
	q, err := one[models.Queue](ctx, d.tx, "queue", `
		SELECT id, name, write_lock, lease_minutes
		FROM queues
		WHERE account_id = @account AND id = @queue AND archived_at IS NULL`,
		pgx.NamedArgs{"account": d.conv.AccountID, "queue": id})
	if isNotFound(err) {
		return nil, models.TicketRefusal(models.KeyTicketQueueArchived, nil)
	}
	return q, err
}

// renew lets the assignment last as long as the queue says from now on. A snoozed ticket has no lease.
func (t *deskTicket) renew(now time.Time) {
	t.LeaseUntil = nil
	if t.AgentID != nil && t.LeaseMinutes != nil && t.SnoozedAt == nil {
		until := now.Add(time.Duration(*t.LeaseMinutes) * time.Minute)
		t.LeaseUntil = &until
	}
}

// unsnooze ends a snooze and tells whether there was one.
func (t *deskTicket) unsnooze() bool {
	was := t.SnoozedAt != nil
	t.SnoozedAt, t.SnoozedUntil, t.SnoozeReason, t.SnoozeUntilReply = nil, nil, nil, false
	return was
}

// give changes where a ticket stands.
func (t *deskTicket) give(queue *models.Queue, agent *models.UserID, agentName string) {
	t.QueueID, t.QueueName, t.WriteLock, t.LeaseMinutes = nil, nil, false, nil
	if queue != nil {
		t.QueueID, t.QueueName, t.WriteLock, t.LeaseMinutes = &queue.ID, &queue.Name, queue.WriteLock, queue.LeaseMinutes
	}
	t.setAgent(agent, agentName)
}

func (t *deskTicket) setAgent(agent *models.UserID, name string) {
	if agent == nil || t.AgentID == nil || *agent != *t.AgentID {
		t.AcceptedAt = nil
	}
	t.AgentID, t.AgentName = agent, nil
	if agent != nil {
		t.AgentName = &name
	}
}

// isOf tells whether a ticket's agent is the actor.
func (t *deskTicket) isOf(a models.Actor) bool {
	return t.AgentID != nil && int64(*t.AgentID) == a.ID && (a.Kind == models.ActorUser || a.Kind == models.ActorAPI)
}
