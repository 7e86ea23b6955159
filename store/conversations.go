package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ConversationView is a conversation with the names that a list shows, as one viewer sees it.
type ConversationView struct {
	models.Conversation
	ContactName       string
	ContactPhone      *string
	ContactBlocked    bool
	ContactIsGroup    bool // it has no window
	DefaultAgentID    *models.UserID
	DefaultAgentName  *string
	ConnectionName    string
	ConnectionChannel string
	ConnectionState   models.ConnectionState
	RunFlowID         *models.FlowID
	RunFlowName       *string
	RunWaitKind       *string
	Ticket            *TicketBrief // the open one
	LastTicket        *TicketBrief // the latest one, where none is open
	Labels            []models.Label
	Followed          bool
	Lists             []models.View // the viewer's views in which it is
	MayHold           bool
	Sessions          []models.Session // open, or ended within a day; the longest first
	Last              *LastMessage
	Hit               *SearchHit // of a search in messages
}

// TicketBrief is what a list shows of a ticket.
type TicketBrief struct {
	models.Ticket
	Queue       *models.Queue         `json:"queue"`
	Agent       *models.User          `json:"agent"`
	OpenedBy    *string               `json:"opened_by"` // a name, of a user or a flow
	ClosedBy    *string               `json:"closed_by"`
	Reason      *models.ClosingReason `json:"reason"`
	Closure     *ClosureBrief         `json:"closure"`
	WriteLocked bool                  `json:"write_locked"` // others than the agent may not write, and the viewer is another
}

// ClosureBrief is the scheduled closure of a ticket, with who scheduled it.
type ClosureBrief struct {
	DueAt         time.Time        `json:"due_at"`
	CancelOnReply bool             `json:"cancel_on_reply"`
	ByKind        models.ActorKind `json:"by_kind"`
	ByID          int64            `json:"by_id"`
	By            string           `json:"by"`
}

// LastMessage is what a list shows of a conversation's newest message.
type LastMessage struct {
	ID        models.MessageID    `json:"id"`
	Direction models.Direction    `json:"direction"`
	Origin    models.Origin       `json:"origin"`
	Kind      models.ContentKind  `json:"kind"`
	Content   models.Content      `json:"content"`
	State     models.MessageState `json:"state"`

	AcceptedAt  *time.Time `json:"accepted_at"`
	SentAt      *time.Time `json:"sent_at"`
	DeliveredAt *time.Time `json:"delivered_at"`
	ReadAt      *time.Time `json:"read_at"`
	PlayedAt    *time.Time `json:"played_at"`
	FailedAt    *time.Time `json:"failed_at"`
}

// Status derives what is shown; see models.Message.Status.
func (m *LastMessage) Status() models.Status {
	full := models.Message{Direction: m.Direction, State: m.State, AcceptedAt: m.AcceptedAt, SentAt: m.SentAt, DeliveredAt: m.DeliveredAt,
		ReadAt: m.ReadAt, PlayedAt: m.PlayedAt, FailedAt: m.FailedAt}
	return full.Status()
}

// templateAwaits is true of conversation v when a template was sent after the contact's last message and was not given up:
// the contact's answer to it will open the window (rules 099, 100).
const templateAwaits = `EXISTS (SELECT 1 FROM messages t WHERE t.conversation_id = v.id AND t.direction = 'out' AND t.kind = 'template'
	AND t.state IN ('queued', 'accepted', 'unknown', 'retry') AND t.created_at > coalesce(v.last_inbound_at, 'epoch'))`

// nameOfActor is the name of who a kind and an id of ticket t name: a user, or the flow of a run.
func nameOfActor(kind, id string) string {
	return `CASE
		WHEN ` + kind + ` IN ('user', 'api') THEN (SELECT a.name FROM users a WHERE a.account_id = t.account_id AND a.id = ` + id + `)
		WHEN ` + kind + ` = 'flow' THEN (
			SELECT f.name FROM flow_runs r JOIN flows f ON f.id = r.flow_id AND f.account_id = r.account_id
			WHERE r.account_id = t.account_id AND r.id = ` + id + `)
	END`
}

// ticketBrief is a ticket of conversation v as JSON: the open one, or else the latest.
var ticketBrief = `(
	SELECT jsonb_build_object(
		'id', t.id, 'protocol', t.protocol, 'state', t.state, 'origin', t.origin,
		'queue_id', t.queue_id, 'agent_id', t.agent_id,
		'opened_at', t.opened_at, 'accepted_at', t.accepted_at, 'first_reply_at', t.first_reply_at,
		'snoozed_at', t.snoozed_at, 'snoozed_until', t.snoozed_until, 'snooze_reason', t.snooze_reason,
		'snooze_until_reply', t.snooze_until_reply, 'lease_until', t.lease_until,
		'closure', CASE WHEN t.closed_at IS NULL THEN (
			SELECT jsonb_build_object('due_at', sc.due_at, 'cancel_on_reply', sc.cancel_on_reply, 'by_id', sc.by_id, 'by_kind', sc.by_kind,
				'by', (SELECT u.name FROM users u WHERE u.account_id = sc.account_id AND u.id = sc.by_id))
			FROM scheduled_closures sc WHERE sc.account_id = t.account_id AND sc.ticket_id = t.id AND sc.state = 'waiting') END,
		'closed_at', t.closed_at, 'closed_by_kind', t.closed_by_kind, 'closed_by_id', t.closed_by_id,
		'opened_by_kind', t.opened_by_kind, 'opened_by_id', t.opened_by_id,
		'opened_by', ` + nameOfActor("t.opened_by_kind", "t.opened_by_id") + `,
		'closed_by', ` + nameOfActor("t.closed_by_kind", "t.closed_by_id") + `,
		'queue', (
			SELECT jsonb_build_object('id', q.id, 'name', q.name, 'color', q.color)
			FROM queues q WHERE q.account_id = t.account_id AND q.id = t.queue_id),
		'agent', (
			SELECT jsonb_build_object('id', u.id, 'name', u.name)
			FROM users u WHERE u.account_id = t.account_id AND u.id = t.agent_id),
		'reason', (
			SELECT jsonb_build_object('id', r.id, 'name', r.name)
			FROM closing_reasons r WHERE r.account_id = t.account_id AND r.id = t.closing_reason_id),
		'write_locked', t.state <> 'closed' AND t.agent_id IS NOT NULL AND t.agent_id <> @viewer AND EXISTS (
			SELECT 1 FROM queues q WHERE q.account_id = t.account_id AND q.id = t.queue_id AND q.write_lock))
	FROM tickets t
	WHERE t.account_id = v.account_id AND `

var conversationViewSQL = `SELECT v.id, v.account_id, v.number, v.connection_id, v.contact_id, v.address, v.in_charge,
		v.flow_run_id, v.ticket_id, v.inbound_seq, v.handled_seq, v.handled_message_id, v.window_expires_at, v.window_state, v.held_count, v.retrying_count,
		v.unread_count, v.first_unanswered_at, v.last_inbound_at, v.last_inbound_provider_id, v.last_flow_started_at, v.last_message_id,
		v.last_message_at, v.chatbot_disabled, v.scheduled_count, v.priority, v.queue_id, v.agent_id, v.ticket_state, v.snoozed, v.last_ticket_id, v.protocol, v.opened_at,
		v.marked_unread, v.no_flow_until, v.created_at, v.updated_at,
		k.name AS contact_name, k.kind = 'group' AS contact_is_group, k.phone AS contact_phone, k.blocked_at IS NOT NULL AS contact_blocked,
		k.default_agent_id, (SELECT u.name FROM users u WHERE u.account_id = k.account_id AND u.id = k.default_agent_id) AS default_agent_name,
		c.name AS connection_name, c.channel AS connection_channel, c.state AS connection_state,
		fr.flow_id AS run_flow_id, f.name AS run_flow_name, fr.wait_kind AS run_wait_kind,
		CASE WHEN v.ticket_id IS NOT NULL THEN ` + ticketBrief + `t.id = v.ticket_id AND t.state <> 'closed') END AS ticket,
		CASE WHEN v.last_ticket_id IS NOT NULL THEN ` + ticketBrief + `t.id = v.last_ticket_id AND t.state = 'closed') END AS last_ticket,
		` + labelsOfContact + `,
		EXISTS (SELECT 1 FROM conversation_followers cf WHERE cf.conversation_id = v.id AND cf.user_id = @viewer) AS followed,
		` + listsSQL + ` AS lists,
		CASE WHEN v.window_expires_at > @now THEN false ELSE ` + templateAwaits + ` END AS may_hold,
		` + sessionsSQL + ` AS sessions,
		(SELECT jsonb_build_object('id', m.id, 'direction', m.direction, 'origin', m.origin, 'kind', m.kind, 'content', m.content, 'state', m.state,
			'accepted_at', m.accepted_at, 'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at, 'played_at', m.played_at,
			'failed_at', m.failed_at) FROM messages m WHERE m.id = v.last_message_id) AS last
	FROM conversations v
	JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
	JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
	LEFT JOIN flow_runs fr ON v.in_charge <> 'idle' AND fr.id = v.flow_run_id AND fr.account_id = v.account_id AND fr.status <> 'ended'
	LEFT JOIN flows f ON f.id = fr.flow_id AND f.account_id = fr.account_id `

// Conversation reads one conversation that the viewer may see; CodeNotFound otherwise.
func (s *Store) Conversation(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID) (*ConversationView, error) {
	return one[ConversationView](ctx, s.pool, "conversation", conversationViewSQL+`WHERE v.account_id = @account AND v.id = @id AND `+visible,
		w.args(account, pgx.NamedArgs{"id": id, "now": s.Now()}))
}

// MarkRead takes the unread mark off a conversation up to a message; what came after it stays unread. After COMMIT the caller
// gives the read receipts of the Wake, which are for the newest of the contact's messages that were seen (rule 009); there
// are none where nothing changed.
func (s *Store) MarkRead(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID, upTo models.MessageID) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		return s.markReadIn(ctx, tx, account, w, id, upTo, &wake)
	})
	return wake, asError(err, "conversation")
}

// markReadIn is MarkRead in the caller's transaction.
func (s *Store) markReadIn(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id models.ConversationID, upTo models.MessageID, wake *contract.Wake) error {
	var unread, newer int
	var marked bool
	receipt := contract.ReadReceipt{AccountID: account, ConversationID: id}
	if err := tx.QueryRow(ctx, `SELECT v.unread_count, v.marked_unread, v.connection_id, coalesce(v.address, '') FROM conversations v WHERE v.account_id = @account AND v.id = @id AND `+visible+` FOR UPDATE OF v`,
		w.args(account, pgx.NamedArgs{"id": id})).Scan(&unread, &marked, &receipt.ConnectionID, &receipt.Address); err != nil {
		return asError(err, "conversation")
	}
	err := tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.conversation_id = @conversation
			AND m.id > @up_to AND `+counting+` LIMIT 1000) n),
			coalesce((SELECT provider_message_id FROM messages WHERE conversation_id = @conversation
			AND id <= @up_to AND arrival IN ('live', 'late')
				AND provider_message_id IS NOT NULL
				AND kind NOT IN ('edit', 'deleted', 'call') ORDER BY id DESC LIMIT 1), '')`,
		pgx.NamedArgs{"conversation": id, "up_to": upTo}).Scan(&newer, &receipt.ProviderMessageID)
	if err != nil {
		return fmt.Errorf("look for what is unread: %w", err)
	}
	if newer >= unread && !marked {
		return nil
	}
	if receipt.ProviderMessageID != "" && newer < unread {
		wake.Receipts = append(wake.Receipts, receipt)
	}
	if _, err := tx.Exec(ctx, `
		UPDATE conversations
		SET unread_count = @unread_count, marked_unread = false, updated_at = @now
		WHERE id = @id`,
		pgx.NamedArgs{"id": id, "unread_count": min(newer, unread), "now": s.Now()}); err != nil {
		return fmt.Errorf("mark messages as read: %w", err)
	}
	return insertEvent(ctx, tx, account, models.EventConversationUpdated, &id, int64(id))
}

// TemplateAwaitsReply tells whether a template was sent that the contact has not answered yet, so that text may be held
// until the answer opens the window (rule 100).
func (s *Store) TemplateAwaitsReply(ctx context.Context, account models.AccountID, id models.ConversationID) (bool, error) {
	var awaits bool
	err := s.pool.QueryRow(ctx, `
		SELECT `+templateAwaits+`
		FROM conversations v
		WHERE v.account_id = @account AND v.id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&awaits)
	return awaits, asError(err, "conversation")
}
