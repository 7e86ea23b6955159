package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// Outbound is one message to be sent in a conversation.
type Outbound struct {
	ConversationID models.ConversationID
	Origin         models.Origin
	Content        models.Content
	AuthorID       *models.UserID
	// ClientRef makes the call safe to repeat: the same ref gives the same message. Empty means none.
	ClientRef string
	// ReadyAt is when the message may leave; zero means at once. What is queued behind it in the conversation waits too.
	ReadyAt time.Time
	// HoldIfClosed lets free-form content wait for the contact's reply while the window is closed (rule 100). Agents'
	// messages always wait.
	HoldIfClosed bool
	// Assign lets a program's message count as the answer of its author (Z35).
	Assign bool
	// OpensNone keeps an agent's message from opening a ticket where none is open (rule 160).
	OpensNone bool
	// Opening says where the ticket goes that the message opens; nil: to its author.
	Opening *TicketPlace
}

// TicketPlace is where a new ticket goes; both nil: to who opens it.
type TicketPlace struct {
	QueueID *models.QueueID
	AgentID *models.UserID
}

// EnqueueOutbound stores an outbound message and its place in the connection's queue in one transaction under the
// conversation's row lock: queued, or held while the window is closed and the rules say to wait. After COMMIT the caller
// wakes the sender of Wake.Connections. It refuses a blocked contact (rule 191), a removed connection, a closed window
// (rules 094, 099), a template that is not approved and marketing to a person who stopped it (131050). An agent's message also
// decides who serves the conversation, see takeToAnswer: it may be refused because another agent's ticket is write-locked.
func (s *Store) EnqueueOutbound(ctx context.Context, account models.AccountID, out Outbound) (*models.Message, contract.Wake, error) {
	var m *models.Message
	var wake contract.Wake
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		place, err := lockPlace(ctx, tx, account, out.ConversationID)
		if err != nil {
			return err
		}
		m, err = s.enqueueOnce(ctx, tx, place, &out, nil, &wake)
		return err
	})
	if err != nil {
		return nil, contract.Wake{}, asError(err, "message")
	}
	return m, wake, nil
}

// enqueueOnce inserts a message under the lock of its conversation, or gives the one that its client_ref made before. may,
// if given, refuses a new one.
func (s *Store) enqueueOnce(ctx context.Context, tx pgx.Tx, place *sendPlace, out *Outbound, may func() error, wake *contract.Wake) (*models.Message, error) {
	if out.ClientRef != "" {
		if m, err := repeatedRef(ctx, tx, place.account, out); m != nil || err != nil {
			wake.Repeated = 1
			return m, err
		}
	}
	if may != nil {
		if err := may(); err != nil {
			return nil, err
		}
	}
	d, err := s.takeToAnswer(ctx, tx, place, out, wake)
	if err != nil {
		return nil, err
	}
	m, err := s.insertOutbound(ctx, tx, place, out)
	if err != nil {
		return nil, err
	}
	if m.State == models.MessageQueued {
		wake.Connections = append(wake.Connections, m.ConnectionID)
	}
	if d != nil && d.ticket != nil {
		err = d.answered(ctx, out, m)
	}
	return m, err
}

// sendPlace is what sending needs to know of a conversation; the conversation's row is locked.
type sendPlace struct {
	account          models.AccountID
	conversation     models.ConversationID
	connection       models.ConnectionID
	contact          models.ContactID
	windowExpiresAt  *time.Time
	connectionState  models.ConnectionState
	blocked          bool
	window           models.Window // none for a group
	marketingStopped bool
	settings         models.AccountSettings
	group            bool
	locale           string          // of the account
	row              conversationRow // as far as the desk needs it
}

func lockPlace(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConversationID) (*sendPlace, error) {
	p := &sendPlace{account: account, conversation: id}
	var settings []byte
	var channel string
	v := &p.row.Conversation
	err := tx.QueryRow(ctx, `
		SELECT v.connection_id, v.contact_id, v.window_expires_at, c.state, c.channel, k.blocked_at IS NOT NULL,
			k.kind = 'group',
			k.marketing_stopped_at IS NOT NULL, a.settings, a.locale, v.in_charge, v.flow_run_id, v.ticket_id,
			v.ticket_state, v.snoozed, v.queue_id, v.agent_id,
			v.last_ticket_id, v.chatbot_disabled, v.survey_waits, v.superseded_by_id IS NOT NULL
		FROM conversations v
		JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
		JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
		JOIN accounts a ON a.id = v.account_id
		WHERE v.account_id = @account AND v.id = @id
		FOR UPDATE OF v`,
		pgx.NamedArgs{"account": account, "id": id}).
		Scan(&p.connection, &p.contact, &p.windowExpiresAt, &p.connectionState, &channel, &p.blocked, &p.group, &p.marketingStopped, &settings, &p.locale,
			&v.InCharge, &v.FlowRunID, &v.TicketID, &v.TicketState, &v.Snoozed, &v.QueueID, &v.AgentID, &v.LastTicketID, &v.ChatbotDisabled, &v.SurveyWaits, &p.row.Superseded)
	if err != nil {
		return nil, asError(err, "conversation")
	}
	if err := json.Unmarshal(settings, &p.settings); err != nil {
		return nil, fmt.Errorf("read the account's settings: %w", err)
	}
	v.ID, v.AccountID, v.ConnectionID, v.ContactID = id, account, p.connection, p.contact
	if !p.group {
		p.window = models.ChannelOf(channel).Window
	}
	return p, nil
}

// windowOpenAt tells whether free-form content of an origin may leave at t.
func (p *sendPlace) windowOpenAt(origin models.Origin, t time.Time) bool {
	return p.window.OpenAt(p.windowExpiresAt, origin, t)
}

// repeatedRef finds the message that was made with the same client ref.
func repeatedRef(ctx context.Context, tx pgx.Tx, account models.AccountID, out *Outbound) (*models.Message, error) {
	m, err := scanMessage(tx.QueryRow(ctx, `
		SELECT `+messageColumns+`
		FROM messages m
		WHERE m.account_id = @account AND m.client_ref = @client_ref`,
		pgx.NamedArgs{"account": account, "client_ref": out.ClientRef}))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no message carries this ref: the caller makes one
	}
	if err != nil {
		return nil, fmt.Errorf("look for a repeated message: %w", err)
	}
	if m.ConversationID != out.ConversationID || m.Direction != models.DirectionOut || m.Kind != string(out.Content.Kind) {
		return nil, refUsed()
	}
	return m, nil
}

// insertOutbound checks the rules of sending and stores the message, its place in the queue and its events. The caller
// holds the conversation's row.
func (s *Store) insertOutbound(ctx context.Context, tx pgx.Tx, p *sendPlace, out *Outbound) (*models.Message, error) {
	template, err := templateOf(ctx, tx, p.connection, &out.Content)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	rule := models.Outgoing{Content: &out.Content, Template: template, Origin: out.Origin, HoldIfClosed: out.HoldIfClosed, Window: p.window,
		ContactBlocked: p.blocked, MarketingStopped: p.marketingStopped, Connection: p.connectionState, WindowExpiresAt: p.windowExpiresAt}
	state, err := rule.State(now)
	if err != nil {
		return nil, err
	}
	if err := resolveRefs(ctx, tx, p, &out.Content); err != nil {
		return nil, err
	}
	content, err := json.Marshal(out.Content)
	if err != nil {
		return nil, fmt.Errorf("write the content: %w", err)
	}
	ready := now
	if out.ReadyAt.After(now) {
		ready = out.ReadyAt
	}
	var replyTo string
	if out.Content.ReplyTo != nil {
		replyTo = out.Content.ReplyTo.ProviderMessageID
	}
	var media *models.MediaID
	if out.Content.Media != nil && out.Content.Media.MediaID != 0 {
		media = &out.Content.Media.MediaID
	}
	// Z5: an agent or a bot that answers clears the no-reply counter, reactions and held messages do not. A broadcast answers nobody,
	// and leaves the conversation where it stands in the inbox.
	clears := state == models.MessageQueued && out.Content.Kind != models.ContentKindReaction &&
		out.Origin != models.OriginSystem && out.Origin != models.OriginBroadcast && (out.Origin == models.OriginAgent || out.Origin == models.OriginAPI || !p.settings.BotReplyKeepsCounter)
	files := out.Content.Files()
	m, err := scanMessage(tx.QueryRow(ctx, `
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content,
				state, reply_to_provider_id, author_id, media_id, client_ref, created_at, trace)
			VALUES (@account, @conversation, @connection, @contact, 'out', @origin, @kind, @content,
				@state, nullif(@reply_to, ''), @author, @media, nullif(@client_ref, ''), `+timelineNow+`, @trace)
			RETURNING *
		), q AS (
			INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at, created_at)
			SELECT m.id, @account, @connection, @conversation, @priority, @ready, @now
			FROM m
			WHERE m.state = 'queued'
		), c AS (
			UPDATE conversations
			SET last_message_id = CASE WHEN @moves THEN m.id ELSE last_message_id END,
				last_message_at = CASE WHEN @moves THEN m.created_at ELSE last_message_at END,
				updated_at = @now,
				held_count = held_count + CASE WHEN m.state = 'held' THEN 1 ELSE 0 END,
				first_unanswered_at = CASE WHEN @clears THEN NULL ELSE first_unanswered_at END
			FROM m
			WHERE conversations.id = @conversation
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @message_created, @conversation, m.id
			FROM m
		)`+usesFiles(files)+`
		SELECT `+messageColumns+`
		FROM m`,
		pgx.NamedArgs{
			"account": p.account, "conversation": p.conversation, "connection": p.connection, "contact": p.contact,
			"origin": out.Origin, "kind": out.Content.Kind, "content": content, "state": state, "reply_to": replyTo,
			"author": out.AuthorID, "media": media, "client_ref": out.ClientRef, "now": now,
			"priority": out.Origin.Priority(), "ready": ready, "clears": clears, "moves": out.Origin != models.OriginBroadcast, "trace": trace.Mark(ctx),
			"files": files, "message_created": models.EventMessageCreated,
		}))
	if err != nil {
		return nil, fmt.Errorf("queue a message: %w", err)
	}
	return m, nil
}

// templateOf reads the template that content names; nil if the connection has none of that name and language. The content
// learns the template's id and category, and the words that the person reads.
func templateOf(ctx context.Context, tx pgx.Tx, connection models.ConnectionID, c *models.Content) (*models.Template, error) {
	if c.Kind != models.ContentKindTemplate || c.Template == nil {
		return nil, nil //nolint:nilnil // there is none to read
	}
	var t models.Template
	err := tx.QueryRow(ctx, `
		SELECT id, status, category, components
		FROM templates
		WHERE connection_id = @connection AND name = @name AND language = @language AND deleted_at IS NULL`,
		pgx.NamedArgs{"connection": connection, "name": c.Template.Name, "language": c.Template.Language}).Scan(&t.ID, &t.Status, &t.Category, &t.Components)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // that is what the rule asks
	}
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	c.Template.TemplateID, c.Template.Category = t.ID, strings.ToLower(t.Category)
	t.Fill(c)
	return &t, nil
}

// resolveRefs gives quotes and reactions the provider's id of the message they name, which must be in the same conversation.
// A message of ours that has not left yet is resolved again when the sender takes it.
func resolveRefs(ctx context.Context, tx pgx.Tx, p *sendPlace, c *models.Content) error {
	resolve := func(ref *models.MessageRef, field string) error {
		if ref == nil || ref.MessageID == 0 {
			return nil
		}
		var provider *string
		err := tx.QueryRow(ctx, `
			SELECT provider_message_id
			FROM messages
			WHERE conversation_id = @conversation AND id = @message AND direction IN ('in', 'out')`,
			pgx.NamedArgs{"conversation": p.conversation, "message": ref.MessageID}).Scan(&provider)
		if errors.Is(err, pgx.ErrNoRows) {
			return models.Invalid(field, "no such message in this conversation")
		}
		if err != nil {
			return fmt.Errorf("read the message that is named: %w", err)
		}
		if provider != nil {
			ref.ProviderMessageID = *provider
		}
		return nil
	}
	if err := resolve(c.ReplyTo, "content.reply_to"); err != nil {
		return err
	}
	if c.Reaction != nil {
		return resolve(&c.Reaction.Target, "content.reaction.target")
	}
	return nil
}

// ProviderMessageID gives the provider's id of a message; empty while it has none.
func (s *Store) ProviderMessageID(ctx context.Context, account models.AccountID, id models.MessageID) (string, error) {
	var provider *string
	err := s.pool.QueryRow(ctx, `
		SELECT provider_message_id
		FROM messages
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&provider)
	if err != nil || provider == nil {
		return "", asError(err, "message")
	}
	return *provider, nil
}

// releaseHeld queues what waited for the contact's reply, in order (rule 100), which answers the contact (rule 105). The
// caller holds the conversation's row and wakes the connection's sender after COMMIT.
func releaseHeld(ctx context.Context, tx pgx.Tx, account models.AccountID, conversation models.ConversationID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET state = 'queued'
			WHERE conversation_id = @conversation AND account_id = @account AND state = 'held'
			RETURNING id, connection_id, origin
		), q AS (
			INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at,
				created_at)
			SELECT id, @account, connection_id, @conversation,
				CASE origin WHEN 'bot' THEN 1 WHEN 'broadcast' THEN 2 ELSE 0 END, @now, @now
			FROM m
			ORDER BY id
		), c AS (
			UPDATE conversations
			SET held_count = 0, first_unanswered_at = CASE WHEN EXISTS (
				SELECT 1 FROM m JOIN accounts a ON a.id = @account WHERE m.origin IN ('agent', 'api')
					OR NOT `+keepsCounter+`) THEN NULL ELSE first_unanswered_at END
			WHERE id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, @message_updated, @conversation, id
		FROM m
		ORDER BY id`,
		pgx.NamedArgs{
			"account": account, "conversation": conversation, "message_updated": models.EventMessageUpdated,
			"now": now,
		})
	if err != nil {
		return fmt.Errorf("release held messages: %w", err)
	}
	return nil
}

// CancelOutbound takes back a message that has not left: queued but not claimed, or held. A message on its way cannot be
// taken back.
func (s *Store) CancelOutbound(ctx context.Context, account models.AccountID, id models.MessageID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		m, err := lockMessage(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if m.State != models.MessageQueued && m.State != models.MessageHeld {
			return &models.Error{Code: models.CodeConflict, Key: "message.left", Message: "the message has left or was given up: it cannot be taken back"}
		}
		if m.State == models.MessageQueued {
			tag, err := tx.Exec(ctx, `DELETE FROM send_queue WHERE message_id = @message AND state = 'ready'`,
				pgx.NamedArgs{"message": id})
			if err != nil {
				return fmt.Errorf("take a message back: %w", err)
			}
			if tag.RowsAffected() == 0 {
				return &models.Error{Code: models.CodeConflict, Key: "message.left", Message: "the message is on its way: it cannot be taken back"}
			}
		}
		_, err = tx.Exec(ctx, `
			WITH m AS (
				UPDATE messages
				SET state = 'cancelled'
				WHERE id = @id
				RETURNING conversation_id
			), c AS (
				UPDATE conversations
				SET held_count = greatest(0, held_count - CASE WHEN @held THEN 1 ELSE 0 END)
				FROM m
				WHERE conversations.id = m.conversation_id
			)
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @message_updated, conversation_id, @id
			FROM m`,
			pgx.NamedArgs{
				"id": id, "account": account, "held": m.State == models.MessageHeld,
				"message_updated": models.EventMessageUpdated,
			})
		if err != nil {
			return fmt.Errorf("take a message back: %w", err)
		}
		if err := previewBefore(ctx, tx, m); err != nil {
			return err
		}
		return restoreCounter(ctx, tx, m)
	})
	return asError(err, "message")
}

// previewBefore shows in the list what was said before a message that was taken back, where the list shows that message.
func previewBefore(ctx context.Context, tx pgx.Tx, m *models.Message) error {
	_, err := exec(ctx, tx, "conversation", `
		UPDATE conversations v SET
			(last_message_id, last_message_at) = (
				SELECT p.id, p.created_at
				FROM messages p
				WHERE p.conversation_id = v.id AND p.account_id = v.account_id AND p.state IS DISTINCT FROM 'cancelled' AND p.direction <> 'system'
				ORDER BY p.created_at DESC, p.id DESC
				LIMIT 1)
		WHERE v.account_id = @account AND v.id = @conversation AND v.last_message_id = @message`,
		pgx.NamedArgs{"account": m.AccountID, "conversation": m.ConversationID, "message": m.ID})
	return err
}
