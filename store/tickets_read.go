package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TicketDetails are a ticket, open or closed, with whom it is about.
type TicketDetails struct {
	ConversationID models.ConversationID
	ConnectionID   models.ConnectionID
	ContactID      models.ContactID
	ContactName    string
	ContactPhone   *string
	ContactBlocked bool
	ClosingValues  json.RawMessage
	Ticket         *TicketBrief
}

// Start is what the ticket's workflow is started with.
func (t *TicketDetails) Start(account models.AccountID) contract.TicketStart {
	return contract.TicketStart{AccountID: account, TicketID: t.Ticket.ID, ConversationID: t.ConversationID, ConnectionID: t.ConnectionID}
}

var ticketDetailsSQL = `
	SELECT v.id AS conversation_id, v.connection_id, v.contact_id,
		k.name AS contact_name, k.phone AS contact_phone, k.blocked_at IS NOT NULL AS contact_blocked,
		y.closing_values, ` + ticketBrief + `t.id = y.id) AS ticket
	FROM tickets y
	JOIN conversations v ON v.id = y.conversation_id AND v.account_id = y.account_id
	JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
	WHERE y.account_id = @account
		AND ` + visible

// Ticket reads a ticket of a conversation that the viewer may see. CodeNotFound otherwise.
func (s *Store) Ticket(ctx context.Context, account models.AccountID, w Viewer, id models.TicketID) (*TicketDetails, error) {
	return one[TicketDetails](ctx, s.pool, "ticket", ticketDetailsSQL+` AND y.id = @id`, w.args(account, pgx.NamedArgs{"id": id}))
}

// Tickets lists the tickets of a conversation, newest first, before the given one. Zero: from the newest. CodeNotFound where the
// viewer may not see the conversation.
func (s *Store) Tickets(ctx context.Context, account models.AccountID, w Viewer, conversation models.ConversationID, before models.TicketID, limit int) ([]TicketDetails, error) {
	seen, err := s.VisibleConversation(ctx, account, w, conversation)
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, models.NotFound("conversation")
	}
	return list[TicketDetails](ctx, s.pool, "ticket", ticketDetailsSQL+`
			AND y.conversation_id = @conversation
			AND (@before::bigint = 0 OR y.id < @before)
		ORDER BY y.id DESC
		LIMIT @limit`, w.args(account, pgx.NamedArgs{"conversation": conversation, "before": before, "limit": limit}))
}

// TicketEventView is an entry of a ticket's history with the names that people know.
type TicketEventView struct {
	ID        int64
	Kind      models.TicketEventKind
	ActorKind models.ActorKind
	ActorID   *int64
	ActorName *string
	Rule      *models.TicketRule
	Queue     *models.Queue
	Agent     *models.User
	FromQueue *models.Queue
	FromAgent *models.User
	Data      json.RawMessage
	At        time.Time
}

// maxTicketEvents bounds the history that one answer has.
const maxTicketEvents = 500

// queueNamed and agentNamed are a queue and a user of ticket event t as JSON.
func queueNamed(id string) string {
	return `(SELECT jsonb_build_object('id', q.id, 'name', q.name, 'color', q.color) FROM queues q WHERE q.account_id = t.account_id AND q.id = ` + id + `)`
}

func agentNamed(id string) string {
	return `(SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM users u WHERE u.account_id = t.account_id AND u.id = ` + id + `)`
}

// TicketEvents gives the end of a ticket's history, oldest first. The caller has looked whether its viewer sees the ticket.
func (s *Store) TicketEvents(ctx context.Context, account models.AccountID, id models.TicketID) ([]TicketEventView, error) {
	return list[TicketEventView](ctx, s.pool, "ticket", `
		SELECT id, kind, actor_kind, actor_id, actor_name, rule, queue, agent, from_queue, from_agent, data, at
		FROM (
			SELECT t.id, t.kind, t.actor_kind, t.actor_id, t.rule, t.data, t.at,
				coalesce(`+nameOfActor("t.actor_kind", "t.actor_id")+`,
					CASE WHEN t.actor_kind = 'contact' THEN (SELECT k.name FROM contacts k WHERE k.account_id = t.account_id AND k.id = t.actor_id) END) AS actor_name,
				`+queueNamed("t.queue_id")+` AS queue, `+agentNamed("t.agent_id")+` AS agent,
				`+queueNamed("t.from_queue_id")+` AS from_queue, `+agentNamed("t.from_agent_id")+` AS from_agent
			FROM ticket_events t
			WHERE t.account_id = @account
				AND t.ticket_id = @ticket
			ORDER BY t.id DESC
			LIMIT @limit
		) t
		ORDER BY t.id`, pgx.NamedArgs{"account": account, "ticket": id, "limit": maxTicketEvents})
}
