package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// SendChannel is the LISTEN channel on which senders hear of new messages; the payload is the connection's id.
const SendChannel = "perene_send"

// OpenSender makes the caller the connection's only sender: a new epoch, a lease, and no attempt left over from the one
// before: what that one had claimed and not recorded is unknown now, unless a status told already. It returns doorbells
// to ring.
func (s *Store) OpenSender(ctx context.Context, account models.AccountID, id models.ConnectionID, lease time.Duration) (contract.SenderView, []contract.Doorbell, error) {
	if _, err := s.ConnectionRest(ctx, account, id); err != nil {
		return contract.SenderView{}, nil, err
	}
	fence := contract.SenderFence{AccountID: account, ConnectionID: id}
	err := s.pool.QueryRow(ctx, `
		INSERT INTO senders (connection_id, account_id, epoch, until)
		VALUES (@connection, @account, 1, @until)
		ON CONFLICT (connection_id) DO UPDATE
		SET epoch = senders.epoch + 1, until = excluded.until
		RETURNING epoch`,
		pgx.NamedArgs{"connection": id, "account": account, "until": s.Now().Add(lease)}).Scan(&fence.Epoch)
	if err != nil {
		return contract.SenderView{}, nil, asError(err, "sender")
	}
	view, err := s.senderView(ctx, fence)
	if err != nil {
		return view, nil, err
	}
	bells, err := s.takeOver(ctx, fence, view.UnknownWait)
	return view, bells, err
}

// RenewSender renews the lease and reads the connection again. models.ErrFenced means that another sender has taken over. What an
// older sender claimed at the last moment becomes unknown.
func (s *Store) RenewSender(ctx context.Context, fence contract.SenderFence, lease time.Duration) (contract.SenderView, []contract.Doorbell, error) {
	tag, err := s.pool.Exec(ctx, `
		UPDATE senders
		SET until = @until
		WHERE connection_id = @connection AND epoch = @epoch`,
		pgx.NamedArgs{"connection": fence.ConnectionID, "epoch": fence.Epoch, "until": s.Now().Add(lease)})
	if err != nil {
		return contract.SenderView{}, nil, asError(err, "sender")
	}
	if tag.RowsAffected() == 0 {
		return contract.SenderView{}, nil, models.ErrFenced
	}
	view, err := s.senderView(ctx, fence)
	if err != nil {
		return view, nil, err
	}
	bells, err := s.takeOver(ctx, fence, view.UnknownWait)
	return view, bells, err
}

// CloseSender gives the lease up, so that whoever queues a message from now on rings the workflow. The caller looks at the
// queue once more afterwards.
func (s *Store) CloseSender(ctx context.Context, fence contract.SenderFence) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE senders
		SET until = NULL
		WHERE connection_id = @connection AND epoch = @epoch`,
		pgx.NamedArgs{"connection": fence.ConnectionID, "epoch": fence.Epoch})
	return asError(err, "sender")
}

func (s *Store) senderView(ctx context.Context, fence contract.SenderFence) (contract.SenderView, error) {
	view := contract.SenderView{Fence: fence, UnknownWait: models.UnknownOutcomeWait}
	conn, err := s.ConnectionForSending(ctx, fence.AccountID, fence.ConnectionID)
	if err != nil {
		return view, err
	}
	view.Connection = *conn
	var settings models.AccountSettings
	var raw []byte
	err = s.pool.QueryRow(ctx, `SELECT settings, error_policies FROM accounts WHERE id = @account`,
		pgx.NamedArgs{"account": fence.AccountID}).Scan(&raw, &view.ErrorPolicies)
	if err != nil {
		return view, asError(err, "account")
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return view, fmt.Errorf("read the account's settings: %w", err)
	}
	if settings.UnknownOutcomeWait > 0 {
		view.UnknownWait = settings.UnknownOutcomeWait
	}
	return view, nil
}

// takeOver settles attempts that an older sender claimed and never recorded.
func (s *Store) takeOver(ctx context.Context, fence contract.SenderFence, wait time.Duration) ([]contract.Doorbell, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT message_id, attempt_id
		FROM send_queue
		WHERE connection_id = @connection AND head AND state = 'sending' AND epoch < @epoch
		ORDER BY message_id`,
		pgx.NamedArgs{"connection": fence.ConnectionID, "epoch": fence.Epoch})
	if err != nil {
		return nil, asError(err, "sender")
	}
	type orphan struct {
		message models.MessageID
		attempt uuid.UUID
	}
	orphans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (orphan, error) {
		var o orphan
		return o, row.Scan(&o.message, &o.attempt)
	})
	if err != nil {
		return nil, asError(err, "sender")
	}
	var bells []contract.Doorbell
	for _, o := range orphans {
		now := s.Now()
		more, err := s.RecordOutcome(ctx, contract.SendOutcome{
			Send:      &contract.ClaimedSend{AccountID: fence.AccountID, MessageID: o.message, AttemptID: o.attempt},
			Failure:   models.SendFailure{Outcome: "unknown", Code: models.NoProviderCode, Details: "the sender stopped before it heard the answer"},
			Verdict:   models.Verdict{Kind: models.VerdictUnknown, Wait: wait},
			StartedAt: now, FinishedAt: now,
		})
		if err != nil {
			return bells, err
		}
		bells = append(bells, more...)
	}
	return bells, nil
}

// claimSQL takes the heads of conversations, in order of priority and message: one attempt each, recorded before the first
// byte leaves. Only the holder of the present epoch gets any, and none while the connection is held or paused.
const claimSQL = `
	WITH ok AS (
		SELECT c.state = 'held' AS replies_only
		FROM senders s
		JOIN connections c ON c.id = s.connection_id AND c.account_id = s.account_id
		WHERE s.connection_id = @connection AND s.epoch = @epoch AND (c.state = 'active' OR (c.state = 'held' AND c.hold_scope = 'templates'))
	), heads AS (
		SELECT q.message_id
		FROM ok, send_queue q
		WHERE q.connection_id = @connection AND q.head AND q.state = 'ready' AND q.ready_at <= @now AND q.priority <= @priority
			AND (NOT ok.replies_only OR (q.priority < 2 AND NOT EXISTS (SELECT 1 FROM messages t WHERE t.id = q.message_id AND t.kind = 'template')))
			AND NOT EXISTS (SELECT 1 FROM send_queue e WHERE e.conversation_id = q.conversation_id AND e.message_id < q.message_id)
		ORDER BY q.priority, q.message_id
		LIMIT @most
		FOR NO KEY UPDATE OF q SKIP LOCKED
	), numbered AS (
		SELECT message_id, row_number() OVER () AS i
		FROM heads
	), u AS (
		UPDATE send_queue q
		SET state = 'sending', epoch = @epoch, attempt_id = (@attempts::uuid[])[n.i], attempts = q.attempts + 1,
			claimed_at = @now
		FROM numbered n
		WHERE q.message_id = n.message_id
		RETURNING q.message_id, q.account_id, q.conversation_id, q.priority, q.attempt_id, q.attempts, q.throttles,
			greatest(q.created_at, q.ready_at) AS queued_at
	)
	SELECT u.account_id, u.message_id, u.conversation_id, m.contact_id, u.attempt_id, u.attempts, u.throttles, m.retries, m.origin, u.priority,
		m.flow_run_id, coalesce(r.wait_kind = 'delivery' AND r.status <> 'ended', false), m.content, coalesce(v.address, ''), k.kind = 'group',
		v.window_expires_at, k.blocked_at IS NOT NULL, k.marketing_stopped_at IS NOT NULL, u.queued_at,
		EXISTS (SELECT 1 FROM send_queue b WHERE b.conversation_id = u.conversation_id AND b.message_id > u.message_id),
		CASE WHEN @since::timestamptz IS NOT NULL THEN ARRAY(
			SELECT y.accepted_at
			FROM (
				SELECT accepted_at, created_at, id
				FROM messages
				WHERE conversation_id = u.conversation_id
				ORDER BY created_at DESC, id DESC
				LIMIT 2 * @recent::integer
			) y
			WHERE y.accepted_at > @since
			ORDER BY y.created_at DESC, y.id DESC
			LIMIT @recent) END,
		m.trace
	FROM u
	JOIN messages m ON m.id = u.message_id AND m.account_id = u.account_id
	JOIN conversations v ON v.id = u.conversation_id AND v.account_id = u.account_id
	JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
	LEFT JOIN flow_runs r ON r.id = m.flow_run_id AND r.account_id = m.account_id
	ORDER BY u.priority, u.message_id`

// acceptSQL records sends the provider took, all at once. An attempt that is no longer the message's, or for which a status
// is parked, is left out, and RecordOutcome settles it alone.
const acceptSQL = `
	WITH o AS (
		SELECT message_id, attempt_id, provider_id, at
		FROM unnest(@messages::bigint[], @attempts::uuid[], @providers::text[], @at::timestamptz[])
			AS t (message_id, attempt_id, provider_id, at)
	), gone AS (
		DELETE FROM send_queue q
		USING o
		WHERE q.message_id = o.message_id AND q.attempt_id = o.attempt_id AND q.state IN ('sending', 'unknown')
			AND NOT EXISTS (SELECT 1 FROM parked_statuses p WHERE p.connection_id = q.connection_id AND p.provider_message_id = o.provider_id)
		RETURNING q.message_id, q.attempt_id, q.attempts, o.provider_id, o.at
	), m AS (
		UPDATE messages
		SET state = 'accepted', provider_message_id = gone.provider_id, attempt_id = gone.attempt_id,
			attempts = gone.attempts, accepted_at = least(accepted_at, gone.at), error_code = CASE WHEN failed_at IS NOT NULL THEN error_code END,
			error_detail = CASE WHEN failed_at IS NOT NULL THEN error_detail END
		FROM gone
		WHERE messages.id = gone.message_id
		RETURNING messages.id, messages.account_id, messages.conversation_id, gone.at,
			CASE WHEN messages.kind = 'template' THEN messages.content->'template'->>'category' END AS category
	)` + openSessionsSQL + `
	INSERT INTO events (account_id, kind, conversation_id, entity_id)
	SELECT account_id, @message_updated, conversation_id, id
	FROM m
	RETURNING entity_id`

// ClaimAndRecord records accepted sends and claims messages, in one transaction and one round trip. Outcomes that it could
// not record are returned as left: RecordOutcome settles them one by one. Failed outcomes do not belong here.
func (s *Store) ClaimAndRecord(ctx context.Context, fence contract.SenderFence, accepted []contract.SendOutcome, want contract.SendClaim) (claimed []contract.ClaimedSend, left []contract.SendOutcome, err error) {
	for try := 1; ; try++ {
		claimed, left, err = s.claimAndRecord(ctx, fence, accepted, want)
		if err == nil || try == 5 || !isCircle(err) { // a delivery with several statuses may hold their messages in another order
			return claimed, left, asError(err, "send")
		}
	}
}

func (s *Store) claimAndRecord(ctx context.Context, fence contract.SenderFence, accepted []contract.SendOutcome, want contract.SendClaim) (claimed []contract.ClaimedSend, left []contract.SendOutcome, err error) {
	batch := &pgx.Batch{}
	recorded := make(map[models.MessageID]bool, len(accepted))
	if len(accepted) > 0 {
		messages, attempts := make([]int64, len(accepted)), make([]uuid.UUID, len(accepted))
		providers, at, locks := make([]string, len(accepted)), make([]time.Time, len(accepted)), make([]int64, len(accepted))
		for i, o := range accepted {
			messages[i], attempts[i] = int64(o.Send.MessageID), o.Send.AttemptID
			providers[i], at[i] = o.Accepted.ProviderMessageID, o.Accepted.At
			locks[i] = statusLock(fence.ConnectionID, providers[i])
		}
		slices.Sort(locks)
		// A status for these ids that is being parked this moment is waited for, and one that comes later finds the message.
		batch.Queue(`SELECT pg_advisory_xact_lock(h) FROM unnest(@locks::bigint[]) AS h`,
			pgx.NamedArgs{"locks": locks})
		batch.Queue(acceptSQL, pgx.NamedArgs{
			"messages": messages, "attempts": attempts, "providers": providers, "at": at,
			"message_updated": models.EventMessageUpdated, "conversation_updated": models.EventConversationUpdated,
			"session": models.TemplateSession,
		}).Query(func(rows pgx.Rows) error {
			done, err := pgx.CollectRows(rows, pgx.RowTo[models.MessageID])
			for _, id := range done {
				recorded[id] = true
			}
			return err
		})
	}
	if want.N > 0 {
		now := s.Now()
		var since *time.Time
		if !want.RecentSince.IsZero() {
			since = &want.RecentSince
		}
		batch.Queue(claimSQL, pgx.NamedArgs{
			"connection": fence.ConnectionID, "epoch": fence.Epoch, "now": now, "most": want.N, "attempts": want.AttemptIDs,
			"priority": want.MaxPriority, "since": since, "recent": want.RecentMost,
		}).Query(func(rows pgx.Rows) error {
			var err error
			claimed, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (contract.ClaimedSend, error) {
				c := contract.ClaimedSend{ClaimedAt: now}
				var content []byte
				if err := row.Scan(&c.AccountID, &c.MessageID, &c.ConversationID, &c.ContactID, &c.AttemptID, &c.Attempts, &c.Throttles, &c.Retries,
					&c.Origin, &c.Priority, &c.FlowRunID, &c.Awaited, &content, &c.Address, &c.ToGroup, &c.WindowExpiresAt,
					&c.ContactBlocked, &c.MarketingStopped, &c.QueuedAt, &c.Behind, &c.Recent, &c.Trace); err != nil {
					return c, err
				}
				return c, json.Unmarshal(content, &c.Content)
			})
			return err
		})
	}
	if batch.Len() == 0 {
		return nil, nil, nil
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, err
	}
	for _, o := range accepted {
		if !recorded[o.Send.MessageID] {
			left = append(left, o)
		}
	}
	return claimed, left, nil
}

// statusLock is the advisory lock on a provider's message id: who parks a status and who records the answer take turns.
func statusLock(connection models.ConnectionID, providerID string) int64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d/%s", connection, providerID)
	return int64(h.Sum64()) //nolint:gosec // a hash, wrapped on purpose
}

// GiveBack returns messages that were claimed and certainly not sent: no try is burnt.
func (s *Store) GiveBack(ctx context.Context, sends []contract.ClaimedSend, ready time.Time) error {
	messages, attempts := make([]int64, len(sends)), make([]uuid.UUID, len(sends))
	for i, c := range sends {
		messages[i], attempts[i] = int64(c.MessageID), c.AttemptID
	}
	_, err := s.pool.Exec(ctx, `
		UPDATE send_queue q
		SET state = 'ready', epoch = NULL, attempt_id = NULL, attempts = q.attempts - 1,
			ready_at = greatest(q.ready_at, @ready)
		FROM unnest(@messages::bigint[], @attempts::uuid[]) AS t (message_id, attempt_id)
		WHERE q.message_id = t.message_id AND q.attempt_id = t.attempt_id AND q.state = 'sending'`,
		pgx.NamedArgs{"messages": messages, "attempts": attempts, "ready": ready})
	return asError(err, "send")
}

// NotifySenders tells the senders of some connections that there is something new, in whatever process they run, and
// returns the connections nobody sends for. Called after COMMIT.
func (s *Store) NotifySenders(ctx context.Context, ids []models.ConnectionID) (asleep []contract.ConnectionStart, err error) {
	rows, err := s.pool.Query(ctx, `
		SELECT c.account_id, c.id, s.until IS NOT NULL AND s.until > @now,
			CASE WHEN s.until > @now THEN pg_notify(@send_channel, c.id::text)::text END
		FROM connections c
		LEFT JOIN senders s ON s.connection_id = c.id
		WHERE c.id = ANY(@ids)`,
		pgx.NamedArgs{"ids": ids, "now": s.Now(), "send_channel": SendChannel})
	if err != nil {
		return nil, asError(err, "sender")
	}
	var ref contract.ConnectionStart
	var awake bool
	var none *string
	_, err = pgx.ForEachRow(rows, []any{&ref.AccountID, &ref.ConnectionID, &awake, &none}, func() error {
		if !awake {
			asleep = append(asleep, ref)
		}
		return nil
	})
	return asleep, asError(err, "sender")
}

// ListenSends calls heard with the connection of every NotifySenders of any process until ctx ends or the database goes
// away.
func (s *Store) ListenSends(ctx context.Context, heard func(models.ConnectionID)) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return asError(err, "sender")
	}
	// The connection listens for good, so it does not go back to the pool.
	raw := conn.Hijack()
	defer func() { _ = raw.Close(context.WithoutCancel(ctx)) }()
	if _, err := raw.Exec(ctx, "LISTEN "+SendChannel); err != nil {
		return asError(err, "sender")
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return asError(err, "sender")
		}
		if id, err := strconv.ParseInt(n.Payload, 10, 64); err == nil {
			heard(models.ConnectionID(id))
		}
	}
}

// ConnectionsWithReadyMessages lists connections that have had something to send for a while with nobody sending: what a
// crash between COMMIT and ring left behind.
func (s *Store) ConnectionsWithReadyMessages(ctx context.Context, overdue time.Duration) ([]contract.ConnectionStart, error) {
	now := s.Now()
	rows, err := s.pool.Query(ctx, `
		SELECT c.account_id, c.id
		FROM connections c
		WHERE (c.state = 'active' OR (c.state = 'held' AND c.hold_scope = 'templates'))
			AND EXISTS (SELECT 1 FROM send_queue q WHERE q.connection_id = c.id AND q.head AND q.ready_at <= @ready_at
				AND NOT EXISTS (SELECT 1 FROM send_queue e WHERE e.conversation_id = q.conversation_id
				AND e.message_id < q.message_id)
				AND (c.state = 'active'
				OR (q.priority < 2
				AND NOT EXISTS (SELECT 1 FROM messages t WHERE t.id = q.message_id AND t.kind = 'template'))))
			AND NOT EXISTS (SELECT 1 FROM senders s WHERE s.connection_id = c.id AND s.until > @now)
		ORDER BY c.id`,
		pgx.NamedArgs{"ready_at": now.Add(-overdue), "now": now})
	if err != nil {
		return nil, asError(err, "connection")
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[contract.ConnectionStart])
	return out, asError(err, "connection")
}

// queueRow is a message's place in the queue, locked.
type queueRow struct {
	state     string
	attempt   *uuid.UUID
	attempts  int
	throttles int
}

func lockQueueRow(ctx context.Context, tx pgx.Tx, id models.MessageID) (*queueRow, error) {
	var q queueRow
	err := tx.QueryRow(ctx, `
		SELECT state, attempt_id, attempts, throttles
		FROM send_queue
		WHERE message_id = @message
		FOR UPDATE`,
		pgx.NamedArgs{"message": id}).
		Scan(&q.state, &q.attempt, &q.attempts, &q.throttles)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // the message is not in the queue
	}
	if err != nil {
		return nil, fmt.Errorf("lock a place in the queue: %w", err)
	}
	return &q, nil
}
