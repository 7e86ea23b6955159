package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// ScheduledItem is something that is scheduled, with the names that a list shows. Of a closure of a ticket HoldOnReply says that an
// answer of the contact cancels it.
type ScheduledItem struct {
	models.ScheduledSend
	TicketID           *models.TicketID
	ConversationNumber int64
	ConnectionID       models.ConnectionID
	ConnectionChannel  string
	ContactID          models.ContactID
	ContactName        string
	ContactPhone       *string
	ContactBlocked     bool
	ByName             string
	FlowName           *string
	QueueName          *string
	AgentName          *string
	WindowExpiresAt    *time.Time
	ContactIsGroup     bool
}

// ScheduledFilter narrows what is scheduled.
type ScheduledFilter struct {
	ConversationID models.ConversationID
	ContactID      models.ContactID
	AuthorID       models.UserID
	Kind           models.ScheduledKind
	States         []models.ScheduledState // none: all
	From, To       *time.Time              // due in between; To is left out
	After          *ScheduledPlace         // nil: from the first
	Limit          int
}

// ScheduledPlace is a place in a list of what is scheduled.
type ScheduledPlace struct {
	DueAt   time.Time
	Closing bool
	ID      models.ScheduledSendID
}

//nolint:unqueryvet,dupword // both halves inside name their columns, and SQL repeats NULL
const scheduledItemSQL = `
	SELECT c.*, v.number AS conversation_number, v.connection_id, cn.channel AS connection_channel, v.contact_id, k.name AS contact_name,
		k.phone AS contact_phone, k.blocked_at IS NOT NULL AS contact_blocked, k.kind = 'group' AS contact_is_group, u.name AS by_name,
		f.name AS flow_name, q.name AS queue_name, a.name AS agent_name, v.window_expires_at
	FROM (
		SELECT ` + scheduledColumns + `, NULL::bigint AS ticket_id
		FROM scheduled_sends c
		WHERE c.account_id = @account
		UNION ALL
		SELECT s.id, s.account_id, t.conversation_id, 'closing',
			CASE WHEN s.closing ->> 'text' <> '' THEN jsonb_build_array(jsonb_build_object('kind', 'text', 'text', s.closing ->> 'text')) ELSE '[]' END,
			NULL, s.due_at, '', '', s.due_at, s.cancel_on_reply, false, NULL, NULL, s.by_kind, s.by_id,
			CASE s.state WHEN 'waiting' THEN 'waiting' WHEN 'done' THEN 'sent' ELSE 'cancelled' END,
			0, NULL, NULL, s.created_at, s.created_at, NULL, s.ended_at, s.ticket_id
		FROM scheduled_closures s
		JOIN tickets t ON t.id = s.ticket_id AND t.account_id = s.account_id
		WHERE s.account_id = @account
	) c
	JOIN conversations v ON v.id = c.conversation_id AND v.account_id = c.account_id
	JOIN connections cn ON cn.id = v.connection_id AND cn.account_id = v.account_id
	JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
	LEFT JOIN users u ON u.id = c.by_id AND u.account_id = c.account_id
	LEFT JOIN flows f ON f.id = c.flow_id AND f.account_id = c.account_id
	LEFT JOIN queues q ON q.id = c.queue_id AND q.account_id = c.account_id
	LEFT JOIN users a ON a.id = c.agent_id AND a.account_id = c.account_id
	WHERE `

// ScheduledItems lists what is scheduled in conversations that the viewer sees, closures of tickets too, the next one first.
func (s *Store) ScheduledItems(ctx context.Context, account models.AccountID, w Viewer, f ScheduledFilter) ([]ScheduledItem, error) {
	where := []string{visible}
	args := pgx.NamedArgs{"limit": f.Limit}
	add := func(on bool, sql, name string, value any) {
		if on {
			where = append(where, sql)
			args[name] = value
		}
	}
	add(f.ConversationID != 0, `c.conversation_id = @conversation`, "conversation", f.ConversationID)
	add(f.ContactID != 0, `v.contact_id = @contact`, "contact", f.ContactID)
	add(f.AuthorID != 0, `c.by_id = @author`, "author", f.AuthorID)
	add(f.Kind != "", `c.kind = @kind`, "kind", f.Kind)
	add(len(f.States) > 0, `c.state = ANY (@states)`, "states", f.States)
	add(f.From != nil, `c.due_at >= @from`, "from", f.From)
	add(f.To != nil, `c.due_at < @to`, "to", f.To)
	if p := f.After; p != nil {
		where = append(where, `(c.due_at, c.kind = 'closing', c.id) > (@due::timestamptz, @closing::boolean, @id::bigint)`)
		args["due"], args["closing"], args["id"] = p.DueAt, p.Closing, p.ID
	}
	return list[ScheduledItem](ctx, s.pool, "scheduled_send", scheduledItemSQL+strings.Join(where, " AND ")+`
		ORDER BY c.due_at, c.kind = 'closing', c.id
		LIMIT @limit`, w.args(account, args))
}

// ScheduledItem reads one scheduled send; CodeNotFound out of the viewer's sight.
func (s *Store) ScheduledItem(ctx context.Context, account models.AccountID, w Viewer, id models.ScheduledSendID) (*ScheduledItem, error) {
	return one[ScheduledItem](ctx, s.pool, "scheduled_send", scheduledItemSQL+visible+` AND c.id = @id AND c.kind <> 'closing'`,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// ScheduledItemsOf reads the sends of some ids that the viewer sees, the next one first.
func (s *Store) ScheduledItemsOf(ctx context.Context, account models.AccountID, w Viewer, ids []models.ScheduledSendID) ([]ScheduledItem, error) {
	return list[ScheduledItem](ctx, s.pool, "scheduled_send", scheduledItemSQL+visible+` AND c.id = ANY (@ids::bigint[]) AND c.kind <> 'closing'
		ORDER BY c.due_at, c.id`, w.args(account, pgx.NamedArgs{"ids": ids}))
}
