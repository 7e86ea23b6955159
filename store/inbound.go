package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// Receive stores one delivery of a connection, or a part of one, in one transaction: contact and identity, conversation,
// message, statuses, window, events, doorbells. If an element cannot be stored all are stored again, each in a savepoint of
// its own: that element goes to quarantine with its bytes and never takes the others down. After COMMIT the caller rings what
// Wake names. Safe to repeat: a message is stored once (UNIQUE connection_id, provider_message_id) and statuses set their
// times once.
func (s *Store) Receive(ctx context.Context, conn *models.Connection, d contract.InboundDelivery, choose contract.FlowChooser) (contract.Wake, error) {
	var wake contract.Wake
	if len(d.Elements) == 1 {
		err := s.inPipedTxAgain(ctx, func(tx *pipedTx) error {
			wake = contract.Wake{}
			if err := s.storeElement(ctx, tx, conn, &d.Elements[0], choose, &wake); err != nil || tx.committed {
				return err
			}
			return beforeCommit(ctx, tx, &wake)
		})
		return s.received(ctx, conn, d, wake, err)
	}
	store := func(savepoints bool) error {
		return s.inTxAgain(ctx, func(tx pgx.Tx) error {
			wake = contract.Wake{}
			for i := range d.Elements {
				e := &d.Elements[i]
				one, err := s.receiveElement(ctx, tx, conn, e, choose, savepoints)
				if err != nil {
					return err
				}
				wake.Add(one)
			}
			return beforeCommit(ctx, tx, &wake)
		})
	}
	err := store(false)
	if err != nil && !d.Replay && !IsUnavailable(err) {
		err = store(true)
	}
	return s.received(ctx, conn, d, wake, err)
}

// received turns the outcome of a delivery's transaction into what the caller hears.
func (s *Store) received(ctx context.Context, conn *models.Connection, d contract.InboundDelivery, wake contract.Wake, err error) (contract.Wake, error) {
	if err == nil {
		return wake, nil
	}
	if IsUnavailable(err) || len(d.Elements) != 1 || d.Replay {
		return contract.Wake{}, asError(err, "delivery")
	}
	// A single element has no savepoint: its failure ended the transaction, so it goes to quarantine in one of its own.
	wake = contract.Wake{}
	reason := err
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		return s.quarantine(ctx, tx, conn, refused(&d.Elements[0], reason), &wake)
	})
	return wake, asError(err, "delivery")
}

// receiveElement stores one element; with others beside it, in a savepoint.
func (s *Store) receiveElement(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, choose contract.FlowChooser, savepoint bool) (contract.Wake, error) {
	var wake contract.Wake
	if !savepoint {
		err := s.storeElement(ctx, tx, conn, e, choose, &wake)
		return wake, err
	}
	inner, err := tx.Begin(ctx)
	if err != nil {
		return wake, fmt.Errorf("set a savepoint: %w", err)
	}
	err = s.storeElement(ctx, inner, conn, e, choose, &wake)
	if err == nil {
		return wake, inner.Commit(ctx)
	}
	if rbErr := inner.Rollback(ctx); rbErr != nil {
		return wake, fmt.Errorf("roll back to a savepoint: %w", rbErr)
	}
	if IsUnavailable(err) || isCircle(err) {
		return wake, err
	}
	wake = contract.Wake{}
	return wake, s.quarantine(ctx, tx, conn, refused(e, err), &wake)
}

func (s *Store) storeElement(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, choose contract.FlowChooser, wake *contract.Wake) error {
	switch {
	case e.Reason != "":
		return s.quarantine(ctx, tx, conn, e, wake)
	case e.Message != nil:
		return s.receiveMessage(ctx, tx, conn, e, choose, wake)
	case e.Status != nil:
		return s.applyStatus(ctx, tx, conn, e.Status, wake)
	}
	return s.applyNews(ctx, tx, conn, e, wake)
}

// quarantine keeps an element nobody could take in, with its bytes and its reason: once, however often it comes (S2).
func (s *Store) quarantine(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, wake *contract.Wake) error {
	body := e.Raw
	if body == nil {
		body = []byte{}
	}
	tag, err := tx.Exec(ctx, `
		WITH q AS (
			INSERT INTO quarantine (account_id, connection_id, code, reason, element, body)
			VALUES (@account, @connection, @code, @reason, @kind, @body)
			ON CONFLICT (connection_id, sha256(body)) DO NOTHING
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @quarantine_added, id
		FROM q`,
		pgx.NamedArgs{
			"account": conn.AccountID, "connection": conn.ID, "code": e.Code, "reason": e.Reason, "kind": e.Kind,
			"body": body, "quarantine_added": models.EventQuarantineAdded,
		})
	if err != nil {
		return fmt.Errorf("quarantine an element: %w", err)
	}
	if tag.RowsAffected() == 0 {
		wake.Repeated++
		return nil
	}
	wake.Quarantined++
	return nil
}

// QuarantinedDelivery reads what is in quarantine, and the connection it came by.
func (s *Store) QuarantinedDelivery(ctx context.Context, account models.AccountID, id models.QuarantineID) (*models.Connection, []byte, error) {
	c := &models.Connection{AccountID: account}
	var body []byte
	err := s.pool.QueryRow(ctx, `
		SELECT q.body, c.id, c.key, c.name, c.channel, c.state, c.provider_ref, c.portfolio_ref,
			c.initial_flow_id, c.initial_queue_id, c.settings
		FROM quarantine q
		JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
		WHERE q.account_id = @account AND q.id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).
		Scan(&body, &c.ID, &c.Key, &c.Name, &c.Channel, &c.State, &c.ProviderRef, &c.PortfolioRef, &c.InitialFlowID, &c.InitialQueueID, &c.Settings)
	if err != nil {
		return nil, nil, asError(err, "quarantine")
	}
	return c, body, nil
}

// refused gives an element the reason why it was not stored, without the words that caused it.
func refused(e *contract.InboundElement, err error) *contract.InboundElement {
	out := *e
	out.Code, out.Reason = models.QuarantineNotStored, "it could not be stored ("+string(models.CodeOf(err))+")"
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		out.Code, out.Reason = models.QuarantineDatabaseRefused, "the database refused it ("+pg.Code+" "+pg.ConstraintName+")"
	}
	return &out
}

// conversationRow is what receiving and stepping read of a conversation under its lock.
type conversationRow struct {
	models.Conversation
	Superseded     bool // it was merged, and goes on in another one
	ContactBlocked bool
	ContactName    string
	ProfileName    string
	// Of the run in charge, so that its doorbell can start it in full.
	FlowID        models.FlowID
	FlowVersionID models.FlowVersionID
	FlowVersion   int
}

const conversationColumns = `c.id, c.account_id, c.number, c.connection_id, c.contact_id, c.address, c.in_charge,
	c.flow_run_id, c.ticket_id, c.inbound_seq, c.handled_seq, c.handled_message_id, c.window_expires_at, c.window_state, c.held_count,
	c.retrying_count, c.last_inbound_at, c.last_flow_started_at, c.chatbot_disabled, c.queue_id, c.agent_id, c.ticket_state, c.snoozed,
	c.last_ticket_id, c.no_flow_until, c.closing_on_reply, c.scheduled_count, c.sends_on_reply, c.survey_waits, c.service_until, c.broadcast_id, c.superseded_by_id IS NOT NULL, ct.blocked_at IS NOT NULL, ct.name, ct.profile_name,
	coalesce(v.flow_id, 0), coalesce(v.id, 0), coalesce(v.number, 0)`

// conversationTables are the tables of conversationColumns; the caller adds WHERE and FOR UPDATE OF c.
const conversationTables = `conversations c JOIN contacts ct ON ct.id = c.contact_id AND ct.account_id = c.account_id
	LEFT JOIN flow_runs r ON r.id = c.flow_run_id AND r.account_id = c.account_id LEFT JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id`

func (c *conversationRow) scan(row pgx.Row) error {
	return row.Scan(&c.ID, &c.AccountID, &c.Number, &c.ConnectionID, &c.ContactID, &c.Address, &c.InCharge,
		&c.FlowRunID, &c.TicketID, &c.InboundSeq, &c.HandledSeq, &c.HandledMessageID, &c.WindowExpiresAt, &c.WindowState, &c.HeldCount,
		&c.RetryingCount, &c.LastInboundAt, &c.LastFlowStartedAt, &c.ChatbotDisabled, &c.QueueID, &c.AgentID, &c.TicketState, &c.Snoozed,
		&c.LastTicketID, &c.NoFlowUntil, &c.ClosingOnReply, &c.ScheduledCount, &c.SendsOnReply, &c.SurveyWaits, &c.ServiceUntil, &c.BroadcastID, &c.Superseded, &c.ContactBlocked, &c.ContactName, &c.ProfileName,
		&c.FlowID, &c.FlowVersionID, &c.FlowVersion)
}

// stored tells, and remembers, whether a message with this id is there already.
func stored(ctx context.Context, tx pgx.Tx, conn *models.Connection, providerID string) func() (bool, error) {
	return sync.OnceValues(func() (bool, error) {
		var there bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT 1 FROM messages WHERE connection_id = @connection
				AND provider_message_id = @provider_id)`,
			pgx.NamedArgs{"connection": conn.ID, "provider_id": storedID(providerID)}).Scan(&there)
		if err != nil {
			return false, fmt.Errorf("look for a repeated message: %w", err)
		}
		return there, nil
	})
}

func (s *Store) receiveMessage(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, choose contract.FlowChooser, wake *contract.Wake) error {
	m := e.Message
	if len(m.Person.Identities) == 0 {
		return s.receiveNamedByID(ctx, tx, conn, e, wake)
	}
	conv, err := s.lockConversation(ctx, tx, conn, m.Person, stored(ctx, tx, conn, m.ProviderID))
	if errors.Is(err, errRepeated) {
		return s.cameAgain(ctx, tx, conn, m, wake)
	}
	if err != nil {
		return err
	}
	var sender *models.ContactID
	if m.Sender != nil {
		id, err := s.contactOf(ctx, tx, conn.AccountID, *m.Sender, stored(ctx, tx, conn, m.ProviderID))
		if errors.Is(err, errRepeated) {
			return s.cameAgain(ctx, tx, conn, m, wake)
		}
		if err != nil {
			return err
		}
		sender = &id
	}
	now := s.Now()
	in := inboundPlan{models.PlanInbound(conn, &conv.Conversation, conv.ContactBlocked, m, now), sender}

	var bell *contract.Doorbell
	if in.WakesRun {
		d := contract.FlowRunStart{AccountID: conn.AccountID, RunID: *conv.FlowRunID, ConversationID: conv.ID, ConnectionID: conn.ID,
			FlowID: conv.FlowID, VersionID: conv.FlowVersionID, Version: conv.FlowVersion}.Doorbell()
		d.UpToSeq = in.Seq
		bell = &d
	}
	last := in.isLast(conv, m) && !ringsBeforeCommit
	id, bellID, err := insertInbound(ctx, tx, conn, conv, e, in, bell, last)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.cameAgain(ctx, tx, conn, m, wake)
	}
	if err != nil {
		return err
	}
	wake.Stored++
	if bell != nil {
		bell.ID, bell.CreatedAt, bell.Trace = bellID, now, trace.Mark(ctx)
		wake.Doorbells = append(wake.Doorbells, *bell)
	}
	if last {
		return nil
	}
	return s.afterInbound(ctx, tx, conn, conv, m, in, id, choose, wake)
}

// isLast tells that a message needs nothing of afterInbound: the statement that stores it is the last of its delivery.
func (in *inboundPlan) isLast(conv *conversationRow, m *models.InboundMessage) bool {
	return m.Media == nil && !in.StartsWindow && !in.OpensService && !in.MayStartFlow && !in.MayOpenTicket && !in.MayTellClosed && !in.WakesTicket && !in.CancelsClosing && !in.HoldsSends && !in.AnswersSurvey && !in.NotifiesAgent && !in.AnswersBroadcast && conv.HeldCount == 0 &&
		conv.RetryingCount == 0
}

// inboundPlan is a plan, and who wrote a group's message.
type inboundPlan struct {
	models.InboundPlan
	sender *models.ContactID
}

// insertInboundSQL stores a message, what it changes in its conversation, its event and a doorbell. History comes at its own
// instant: it moves the conversation in the inbox only if nothing newer is there.
var insertInboundSQL = `
	WITH m AS (
		INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, sender_id, direction, origin, arrival, kind, content,
			seq, state, provider_message_id, provider_at, reply_to_provider_id, accepted_at, sent_at,
			delivered_at, read_at, played_at, failed_at, raw, trace, created_at, stored_at)
		VALUES (@account, @conversation, @connection, @contact, @sender, @direction, @origin, @arrival, @kind, @content,
			@seq, @state, @provider_id, @at, nullif(@reply_to, ''), @accepted_at, @sent_at,
			@delivered_at, @read_at, @played_at, @failed_at, @raw, @trace,
			CASE WHEN @arrival::text = 'history' THEN least(@at::timestamptz, @now::timestamptz) ELSE ` + timelineNow + ` END,
			CASE WHEN @arrival::text = 'history' THEN @now::timestamptz END)
		ON CONFLICT (connection_id, provider_message_id) WHERE provider_message_id IS NOT NULL DO NOTHING
		RETURNING id, created_at
	), c AS (
		UPDATE conversations v
		SET inbound_seq = @inbound_seq,
			window_expires_at = @expires,
			window_state = @window_state,
			unread_count = unread_count + @wakes::boolean::integer,
			last_inbound_at = CASE WHEN @direction::text = 'in' AND @says::boolean THEN greatest(last_inbound_at, @at::timestamptz) ELSE last_inbound_at END,
			last_inbound_provider_id = CASE WHEN @arrival::text IN ('live', 'late') THEN @provider_id ELSE last_inbound_provider_id END,
			first_unanswered_at = CASE WHEN @wakes::boolean THEN coalesce(first_unanswered_at, @at)
				WHEN @answers::boolean THEN NULL ELSE first_unanswered_at END,
			last_message_id = CASE WHEN m.created_at >= coalesce(v.last_message_at, '-infinity') THEN m.id ELSE v.last_message_id END,
			last_message_at = greatest(v.last_message_at, m.created_at),
			updated_at = @now
		FROM m WHERE v.id = @conversation
	), e AS (
		INSERT INTO events (account_id, kind, conversation_id, entity_id) SELECT @account, @event, @conversation, m.id FROM m
	), d AS (
		INSERT INTO doorbells (account_id, workflow_type, workflow_id, input, up_to_seq)
		SELECT @account, @bell_type::text, @bell_id::text, @bell_input::jsonb, @inbound_seq FROM m WHERE @bell_type::text IS NOT NULL
		RETURNING id
	)
	SELECT m.id, (SELECT id FROM d) FROM m`

// insertInbound stores message, event, conversation and doorbell in one statement; pgx.ErrNoRows means the message was there
// already and nothing changed. In a delivery of its own, the last statement commits in the same round trip.
func insertInbound(ctx context.Context, tx pgx.Tx, conn *models.Connection, conv *conversationRow, e *contract.InboundElement, in inboundPlan, bell *contract.Doorbell, last bool) (models.MessageID, int64, error) {
	m := e.Message
	content, err := json.Marshal(m.Content)
	if err != nil {
		return 0, 0, fmt.Errorf("write the content: %w", err)
	}
	var raw []byte
	if m.Content.Kind == models.ContentKindUnsupported && json.Valid(e.Raw) {
		raw = e.Raw
	}
	var bellType, bellID, bellInput any
	if bell != nil {
		bellType, bellID, bellInput = bell.WorkflowType, bell.WorkflowID, storedInput(*bell)
	}
	way := wayOf(m, in.At)
	var seq *int64
	if !m.FromMe {
		seq = &in.Seq
	}
	var id models.MessageID
	var doorbell *int64
	batch := &pgx.Batch{}
	var scanned error
	batch.Queue(insertInboundSQL, pgx.NamedArgs{
		"account": conn.AccountID, "conversation": conv.ID, "connection": conn.ID, "contact": conv.ContactID, "sender": in.sender,
		"direction": in.Direction, "origin": in.Origin, "arrival": in.Arrival, "kind": m.Content.Kind, "content": content,
		"seq": seq, "state": way.state, "provider_id": storedID(m.ProviderID), "at": in.At, "reply_to": m.ReplyTo,
		"accepted_at": way.accepted, "sent_at": way.sent, "delivered_at": way.delivered, "read_at": way.read, "played_at": way.played,
		"failed_at": way.failed, "says": m.Content.Kind.Says(),
		"raw": raw, "trace": trace.Mark(ctx), "now": in.Now,
		"inbound_seq": in.Seq, "expires": in.WindowExpiresAt, "window_state": in.WindowState, "wakes": in.Wakes, "answers": in.Answers,
		"event": models.EventMessageCreated, "bell_type": bellType, "bell_id": bellID, "bell_input": bellInput,
	}).QueryRow(func(row pgx.Row) error {
		scanned = row.Scan(&id, &doorbell)
		if errors.Is(scanned, pgx.ErrNoRows) {
			return nil
		}
		return scanned
	})
	if piped, ok := tx.(*pipedTx); ok && last {
		err = piped.sendLast(ctx, batch)
	} else {
		err = tx.SendBatch(ctx, batch).Close()
	}
	if err == nil {
		err = scanned
	}
	if err != nil {
		return 0, 0, err
	}
	if doorbell == nil {
		return id, 0, nil
	}
	return id, *doorbell, nil
}

// afterInbound does what only some messages need: a file to fetch, a window to watch, held messages to release, retries to
// stop, a flow to start.
func (s *Store) afterInbound(ctx context.Context, tx pgx.Tx, conn *models.Connection, conv *conversationRow, m *models.InboundMessage, in inboundPlan, id models.MessageID, choose contract.FlowChooser, wake *contract.Wake) error {
	ring := func(d contract.Doorbell) error {
		d, err := insertDoorbell(ctx, tx, d)
		if err == nil {
			wake.Doorbells = append(wake.Doorbells, d)
		}
		return err
	}
	if m.Media != nil {
		mediaID, err := insertInboundMedia(ctx, tx, conn, id, m.Media)
		if err != nil {
			return err
		}
		if err := ring(contract.MediaFetchStart{AccountID: conn.AccountID, MediaID: mediaID, ConnectionID: conn.ID}.Doorbell()); err != nil {
			return err
		}
	}
	if !in.Arrival.Counts() {
		return nil
	}
	if in.StartsWindow {
		if err := ring(contract.SessionWindowStart{AccountID: conn.AccountID, ConversationID: conv.ID, ConnectionID: conn.ID}.Doorbell()); err != nil {
			return err
		}
	}
	if in.OpensService {
		if err := openService(ctx, tx, conn.AccountID, conv.ID, in.At); err != nil {
			return err
		}
	}
	if conv.HeldCount > 0 && in.WindowState == models.WindowOpen {
		if err := releaseHeld(ctx, tx, conn.AccountID, conv.ID, in.Now); err != nil { // rule 100
			return err
		}
		wake.Connections = append(wake.Connections, conn.ID)
	}
	if conv.RetryingCount > 0 && in.Wakes {
		starts, err := retryingMessages(ctx, tx, conn.AccountID, conv.ID, conn.ID)
		if err != nil {
			return err
		}
		for _, start := range starts {
			if err := ring(start.Doorbell()); err != nil {
				return err
			}
		}
	}
	if in.HoldsSends {
		if err := s.holdSends(ctx, tx, conv, wake); err != nil {
			return err
		}
	}
	if in.CancelsClosing {
		if err := s.closingReplied(ctx, tx, conv, wake); err != nil {
			return err
		}
	}
	if in.NotifiesAgent {
		if err := notifyOfMessage(ctx, tx, &conv.Conversation, id, in.Now); err != nil {
			return err
		}
	}
	if in.WakesTicket {
		if err := s.wakeByContact(ctx, tx, conv, wake); err != nil {
			return err
		}
	}
	if in.AnswersBroadcast {
		if took, err := s.broadcastHears(ctx, tx, conv, m, in, id, wake); err != nil || took {
			return err
		}
	}
	if in.AnswersSurvey {
		if took, err := s.surveyHears(ctx, tx, conv, m, in, id, wake); err != nil || took {
			return err
		}
	}
	if in.MayStartFlow && choose != nil {
		start, err := s.startFlowFor(ctx, tx, conn, conv, m, in, id, choose)
		if err != nil {
			return err
		}
		if start != nil {
			return ring(start.Doorbell())
		}
	}
	return s.serveInbound(ctx, tx, conn, conv, in, wake)
}

// serveInbound lets people serve what no flow does: outside the opening hours an automatic text answers, and a ticket opens in the
// connection's initial queue, outside the hours only where the account says so (rules 019, 028, Z9).
func (s *Store) serveInbound(ctx context.Context, tx pgx.Tx, conn *models.Connection, conv *conversationRow, in inboundPlan, wake *contract.Wake) error {
	var opens func() error
	if in.MayOpenTicket {
		opens = func() error { return s.openInInitialQueue(ctx, tx, conn, conv, wake) }
	}
	if in.MayTellClosed {
		d, err := s.deskAt(ctx, tx, conv, wake)
		if err != nil {
			return err
		}
		if closed, err := d.tellClosed(ctx, opens); err != nil || closed {
			return err
		}
	}
	if opens == nil {
		return nil
	}
	return opens()
}

// startFlowFor asks which flow the message starts and, if one does, puts it in charge.
func (s *Store) startFlowFor(ctx context.Context, tx pgx.Tx, conn *models.Connection, conv *conversationRow, m *models.InboundMessage, in inboundPlan, id models.MessageID, choose contract.FlowChooser) (*contract.FlowRunStart, error) {
	published, err := publishedFlows(ctx, tx, conn.AccountID)
	if err != nil {
		return nil, err
	}
	if len(published) == 0 {
		return nil, nil
	}
	answer, err := choose(ctx, contract.StartQuestion{
		AccountID: conn.AccountID, Connection: conn, Message: m, Now: in.Now, FirstContact: in.FirstContact,
		LastInboundAt: in.LastInboundAt, LastFlowAt: conv.LastFlowStartedAt, PublishedFlows: published,
	})
	if err != nil || answer == nil {
		return nil, err
	}
	// The message that starts a run is its first inbound: what came before it stays unhandled by it.
	start, err := insertFlowRun(ctx, tx, conv, answer.Flow, answer.Trigger, handled{in.Seq - 1, id - 1}, true, in.Now)
	if err != nil {
		return nil, err
	}
	return &start, nil
}

func insertInboundMedia(ctx context.Context, tx pgx.Tx, conn *models.Connection, message models.MessageID, m *models.InboundMedia) (models.MediaID, error) {
	var id models.MediaID
	err := tx.QueryRow(ctx, `
		WITH f AS (
			INSERT INTO media (account_id, connection_id, message_id, provider_media_id, kind, mime_type,
				filename, size)
			VALUES (@account, @connection, @message, @provider_media, @kind,
				coalesce(nullif(@mime_type, ''), 'application/octet-stream'), @filename, nullif(@size::bigint, 0))
			RETURNING id
		), m AS (
			UPDATE messages
			SET media_id = f.id
			FROM f
			WHERE messages.id = @message
		), uses AS (
			INSERT INTO media_uses (account_id, media_id, message_id)
			SELECT @account, f.id, @message
			FROM f
		)
		SELECT id
		FROM f`,
		pgx.NamedArgs{
			"account": conn.AccountID, "connection": conn.ID, "message": message,
			"provider_media": m.ProviderMediaID, "kind": m.Kind, "mime_type": m.MimeType, "filename": m.Filename,
			"size": m.Size,
		}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("note a file to fetch: %w", err)
	}
	return id, nil
}

// retryingMessages lists what waits for a later try in a conversation.
func retryingMessages(ctx context.Context, tx pgx.Tx, account models.AccountID, conversation models.ConversationID, connection models.ConnectionID) ([]contract.DeliveryRetryStart, error) {
	rows, err := tx.Query(ctx, `
		SELECT id
		FROM messages
		WHERE conversation_id = @conversation AND state = 'retry'
		ORDER BY id`,
		pgx.NamedArgs{"conversation": conversation})
	if err != nil {
		return nil, fmt.Errorf("list messages that are retried: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[models.MessageID])
	if err != nil {
		return nil, fmt.Errorf("list messages that are retried: %w", err)
	}
	out := make([]contract.DeliveryRetryStart, 0, len(ids))
	for _, id := range ids {
		out = append(out, contract.DeliveryRetryStart{AccountID: account, MessageID: id, ConversationID: conversation, ConnectionID: connection})
	}
	return out, nil
}

// uniqueContacts keeps the order and drops repeats.
func uniqueContacts(ids []models.ContactID) []models.ContactID {
	var out []models.ContactID
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
