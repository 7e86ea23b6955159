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

// openedTicket is the ticket that is open in a conversation after openTicket.
type openedTicket struct {
	ID       models.TicketID
	Protocol string
	// WasOpen says that it was open before: nothing changed and no protocol number was taken.
	WasOpen bool
}

// openTicket opens a ticket and puts people in charge. The caller holds the conversation's row. The protocol number is the day
// and a counter of that day (rule 074). A suspended run keeps its place and goes on when the ticket closes. A queue or an agent
// that the account does not have is CodeInvalid, and then nothing has changed.
func openTicket(ctx context.Context, tx pgx.Tx, conv *models.Conversation, t *contract.TicketOpening, now time.Time) (openedTicket, error) {
	var open openedTicket
	var day string
	var queueKnown, agentKnown bool
	err := tx.QueryRow(ctx, `
		SELECT coalesce(t.id, 0), coalesce(t.protocol, ''), t.id IS NOT NULL, to_char(@now::timestamptz AT TIME ZONE a.timezone, 'YYYYMMDD'),
			@queue::bigint IS NULL OR EXISTS (SELECT 1 FROM queues q WHERE q.account_id = a.id AND q.id = @queue),
			@agent::bigint IS NULL OR EXISTS (SELECT 1 FROM users u WHERE u.account_id = a.id AND u.id = @agent AND `+mayGetTickets+`)
		FROM accounts a LEFT JOIN tickets t ON t.conversation_id = @conversation AND t.state <> 'closed'
		WHERE a.id = @account`,
		pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID, "queue": t.QueueID, "agent": t.AgentID, "now": now}).
		Scan(&open.ID, &open.Protocol, &open.WasOpen, &day, &queueKnown, &agentKnown)
	switch {
	case err != nil:
		return open, fmt.Errorf("open a ticket: %w", err)
	case open.WasOpen:
		return open, nil
	case !queueKnown:
		return open, refusedTicket("queue_id", "no such queue")
	case !agentKnown:
		return open, refusedTicket("agent_id", "nobody of this account who works has this id")
	}
	number, err := nextNumber(ctx, tx, conv.AccountID, "protocol/"+day)
	if err != nil {
		return open, err
	}
	opening, err := json.Marshal(map[string]bool{"online_only": t.OnlineOnly, "default_agent": t.DefaultAgent})
	if err != nil {
		return open, fmt.Errorf("open a ticket: %w", err)
	}
	open.Protocol = fmt.Sprintf("%s%05d", day, number)
	err = tx.QueryRow(ctx, `
		WITH t AS (
			INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, opening_mode, opening, queue_id, agent_id, flow_run_id, opened_at)
			VALUES (@account, @conversation, @contact, @protocol, @mode, @opening, @queue, @agent, @run, @now)
			RETURNING id
		), c AS (
			UPDATE conversations
			SET in_charge = 'ticket', ticket_id = t.id, flow_run_id = CASE WHEN @suspended THEN flow_run_id END
			FROM t WHERE conversations.id = @conversation
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id) SELECT @account, @event, @conversation, t.id FROM t
		)
		SELECT id FROM t`,
		pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID, "contact": conv.ContactID, "protocol": open.Protocol, "mode": t.Mode,
			"opening": opening, "queue": t.QueueID, "agent": t.AgentID, "run": t.FlowRunID, "now": now, "suspended": t.Suspended,
			"event": models.EventTicketOpened}).Scan(&open.ID)
	if err != nil {
		return open, fmt.Errorf("open a ticket: %w", err)
	}
	return open, nil
}

func refusedTicket(field, why string) error {
	return &models.Error{Code: models.CodeInvalid, Key: models.KeyTicketRefused, Message: "the ticket cannot be opened: " + why,
		Fields: []models.Field{{Path: field, Message: why}}}
}

// OpenTicket opens a ticket in a conversation. A ticket that is open already is given as it is, with was true. A queue or an
// agent that the account does not have is CodeInvalid.
func (s *Store) OpenTicket(ctx context.Context, account models.AccountID, conversation models.ConversationID, t contract.TicketOpening) (id models.TicketID, was bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		conv, err := lockConversationByID(ctx, tx, account, conversation)
		if err != nil {
			return err
		}
		open, err := openTicket(ctx, tx, &conv.Conversation, &t, s.Now())
		id, was = open.ID, open.WasOpen
		return err
	})
	return id, was, asError(err, "ticket")
}
