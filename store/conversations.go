package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ConversationView is a conversation with the names that a list shows.
type ConversationView struct {
	models.Conversation
	ContactName       string
	ContactPhone      *string
	ContactBlocked    bool
	ContactIsGroup    bool // it has no window
	ConnectionName    string
	ConnectionChannel string
	ConnectionState   models.ConnectionState
	RunFlowID         *models.FlowID
	RunFlowName       *string
	RunWaitKind       *string
	TicketProtocol    *string
	TicketState       *string
	TicketOpenedAt    *time.Time
	QueueID           *models.QueueID
	QueueName         *string
	QueueColor        *string
	AgentID           *models.UserID
	AgentName         *string
	MayHold           bool
	Last              *LastMessage
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

const conversationViewSQL = `SELECT v.id, v.account_id, v.number, v.connection_id, v.contact_id, v.address, v.in_charge,
		v.flow_run_id, v.ticket_id, v.inbound_seq, v.handled_seq, v.handled_message_id, v.window_expires_at, v.window_state, v.held_count, v.retrying_count,
		v.unread_count, v.first_unanswered_at, v.last_inbound_at, v.last_inbound_provider_id, v.last_flow_started_at, v.last_message_id,
		v.last_message_at, v.chatbot_disabled, v.priority, v.created_at, v.updated_at,
		k.name AS contact_name, k.kind = 'group' AS contact_is_group, k.phone AS contact_phone, k.blocked_at IS NOT NULL AS contact_blocked,
		c.name AS connection_name, c.channel AS connection_channel, c.state AS connection_state,
		fr.flow_id AS run_flow_id, f.name AS run_flow_name, fr.wait_kind AS run_wait_kind,
		t.protocol AS ticket_protocol, t.state AS ticket_state, t.opened_at AS ticket_opened_at,
		q.id AS queue_id, q.name AS queue_name, q.color AS queue_color, u.id AS agent_id, u.name AS agent_name,
		CASE WHEN v.window_expires_at > @now THEN false ELSE ` + templateAwaits + ` END AS may_hold,
		(SELECT jsonb_build_object('id', m.id, 'direction', m.direction, 'origin', m.origin, 'kind', m.kind, 'content', m.content, 'state', m.state,
			'accepted_at', m.accepted_at, 'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at, 'played_at', m.played_at,
			'failed_at', m.failed_at) FROM messages m WHERE m.id = v.last_message_id) AS last
	FROM conversations v
	JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
	JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
	LEFT JOIN flow_runs fr ON v.in_charge = 'flow' AND fr.id = v.flow_run_id AND fr.account_id = v.account_id
	LEFT JOIN flows f ON f.id = fr.flow_id AND f.account_id = fr.account_id
	LEFT JOIN tickets t ON v.in_charge = 'ticket' AND t.id = v.ticket_id AND t.account_id = v.account_id
	LEFT JOIN queues q ON q.id = t.queue_id AND q.account_id = t.account_id
	LEFT JOIN users u ON u.id = t.agent_id AND u.account_id = t.account_id `

// ConversationPlace is a place in the list of conversations: newest message first, then the higher id.
type ConversationPlace struct {
	At time.Time // zero: a conversation without messages
	ID models.ConversationID
}

// ConversationFilter narrows a list of conversations.
type ConversationFilter struct {
	Query        string // the number, or part of the contact's name, phone or e-mail
	Number       int64  // exactly this one; 0: any
	InCharge     models.InCharge
	Window       models.WindowState
	ConnectionID models.ConnectionID
	ContactID    models.ContactID
	QueueID      models.QueueID
	Unread       bool
	After        *ConversationPlace
	Limit        int
}

// Conversations lists the conversations a viewer may see.
func (s *Store) Conversations(ctx context.Context, account models.AccountID, w Viewer, f ConversationFilter) ([]ConversationView, error) {
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(f.Query), "#"), 10, 64)
	if err != nil {
		number = 0
	}
	after, afterAt := f.After != nil, time.Time{}
	var afterID models.ConversationID
	if after {
		afterAt, afterID = f.After.At, f.After.ID
	}
	args := w.args(account, pgx.NamedArgs{
		"in_charge": f.InCharge, "window": f.Window, "connection": f.ConnectionID, "contact": f.ContactID, "queue": f.QueueID, "unread": f.Unread,
		"number": number, "exact": f.Number, "after": after, "after_at": afterAt, "after_id": afterID, "limit": f.Limit, "now": s.Now(),
	})
	// Conditions that are not asked for are left out, so that the newest conversations are read from their index.
	where := []string{`v.account_id = @account`, visible}
	add := func(on bool, sql string) {
		if on {
			where = append(where, sql)
		}
	}
	add(f.Number != 0, `v.number = @exact`)
	add(f.InCharge != "", `v.in_charge = @in_charge`)
	add(f.Window != "", `v.window_state = @window`)
	add(f.ConnectionID != 0, `v.connection_id = @connection`)
	add(f.ContactID != 0, `v.contact_id = @contact`)
	add(f.QueueID != 0, `t.queue_id = @queue`)
	add(f.Unread, `v.unread_count > 0`)
	add(strings.TrimSpace(f.Query) != "", `(v.number = @number OR `+contactMatches+`)`)
	add(after && !afterAt.IsZero(), `(v.last_message_at < @after_at OR (v.last_message_at = @after_at AND v.id < @after_id) OR v.last_message_at IS NULL)`)
	add(after && afterAt.IsZero(), `v.last_message_at IS NULL AND v.id < @after_id`)
	return list[ConversationView](ctx, s.pool, "conversation", conversationViewSQL+`WHERE `+strings.Join(where, " AND ")+`
		ORDER BY v.last_message_at DESC NULLS LAST, v.id DESC LIMIT @limit`, searchArgs(f.Query, args))
}

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
		var unread, newer int
		receipt := contract.ReadReceipt{AccountID: account, ConversationID: id}
		if err := tx.QueryRow(ctx, `SELECT v.unread_count, v.connection_id, coalesce(v.address, '') FROM conversations v WHERE v.account_id = @account AND v.id = @id AND `+visible+` FOR UPDATE OF v`,
			w.args(account, pgx.NamedArgs{"id": id})).Scan(&unread, &receipt.ConnectionID, &receipt.Address); err != nil {
			return asError(err, "conversation")
		}
		err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.conversation_id = $1 AND m.id > $2 AND `+counting+` LIMIT 1000) n),
			coalesce((SELECT provider_message_id FROM messages WHERE conversation_id = $1 AND id <= $2 AND arrival IN ('live', 'late')
				AND provider_message_id IS NOT NULL AND kind NOT IN ('edit', 'deleted', 'call') ORDER BY id DESC LIMIT 1), '')`, id, upTo).Scan(&newer, &receipt.ProviderMessageID)
		if err != nil {
			return fmt.Errorf("look for what is unread: %w", err)
		}
		if newer >= unread {
			return nil
		}
		if receipt.ProviderMessageID != "" {
			wake.Receipts = append(wake.Receipts, receipt)
		}
		if _, err := tx.Exec(ctx, `UPDATE conversations SET unread_count = $2, updated_at = $3 WHERE id = $1`, id, newer, s.Now()); err != nil {
			return fmt.Errorf("mark messages as read: %w", err)
		}
		return insertEvent(ctx, tx, account, models.EventConversationUpdated, &id, int64(id))
	})
	return wake, asError(err, "conversation")
}

// TemplateAwaitsReply tells whether a template was sent that the contact has not answered yet, so that text may be held
// until the answer opens the window (rule 100).
func (s *Store) TemplateAwaitsReply(ctx context.Context, account models.AccountID, id models.ConversationID) (bool, error) {
	var awaits bool
	err := s.pool.QueryRow(ctx, `SELECT `+templateAwaits+` FROM conversations v WHERE v.account_id = $1 AND v.id = $2`, account, id).Scan(&awaits)
	return awaits, asError(err, "conversation")
}
