package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// claimedSQL queues a message under an attempt of the sender that offers its place, if that is still the connection's only
// sender, the connection is active and nothing of the conversation waits: then it would claim this message next. The
// conversation's row is locked, so that nobody queues something in between.
const claimedSQL = `
	WITH ok AS (
		SELECT s.epoch FROM senders s JOIN connections c ON c.id = s.connection_id
		WHERE s.connection_id = $3 AND s.epoch = $11 AND c.state = 'active' AND NOT EXISTS (SELECT 1 FROM send_queue WHERE conversation_id = $2)
	), m AS (
		INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, flow_run_id, flow_key, created_at, trace)
		VALUES ($1, $2, $3, $4, 'out', 'bot', $5, $6, 'queued', $7, $8, $9, $10) RETURNING id
	), q AS (
		INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at, created_at, epoch, state, attempt_id, attempts, claimed_at)
		SELECT m.id, $1, $3, $2, $13, $9, $9, ok.epoch, CASE WHEN ok.epoch IS NULL THEN 'ready' ELSE 'sending' END,
			CASE WHEN ok.epoch IS NOT NULL THEN $12::uuid END, (ok.epoch IS NOT NULL)::integer, CASE WHEN ok.epoch IS NOT NULL THEN $9 END
		FROM m LEFT JOIN ok ON true
		RETURNING message_id, epoch
	), e AS (
		INSERT INTO events (account_id, kind, conversation_id, entity_id) SELECT $1, $14, $2, m.id FROM m
	)
	SELECT message_id, epoch IS NOT NULL, CASE WHEN $15::timestamptz IS NOT NULL THEN ARRAY(SELECT y.accepted_at FROM (
			SELECT accepted_at, created_at, id FROM messages WHERE conversation_id = $2 ORDER BY created_at DESC, id DESC LIMIT 2 * $16::integer
		) y WHERE y.accepted_at > $15 ORDER BY y.created_at DESC, y.id DESC LIMIT $16) END
	FROM q`

// sendClaimed queues the first message in the place that a sender offers; wake tells whether it got it.
func (w *stepWriter) sendClaimed(m *StepSend, content []byte, wake *Wake) {
	c, o, run := &w.snap.Conversation, w.d.Offer, w.snap.Run.ID
	var since *time.Time
	if !o.RecentSince.IsZero() {
		since = &o.RecentSince
	}
	w.batch.Queue(claimedSQL, c.AccountID, c.ID, c.ConnectionID, c.ContactID, m.Content.Kind, content, run, m.Key, w.now, w.d.Trace,
		o.Fence.Epoch, o.AttemptID, PriorityBot, models.EventMessageCreated, since, o.RecentMost).QueryRow(func(row pgx.Row) error {
		claimed := models.ClaimedSend{AccountID: c.AccountID, ConversationID: c.ID, ContactID: c.ContactID, AttemptID: o.AttemptID, Attempts: 1,
			Origin: models.OriginBot, Priority: PriorityBot, FlowRunID: &run, Awaited: w.d.Result.Wait == "delivery" && !w.d.Result.Ended,
			Behind: len(w.d.Sends) > 1, Content: m.Content, WindowExpiresAt: c.WindowExpiresAt, MarketingStopped: w.snap.Contact.MarketingStoppedAt != nil,
			QueuedAt: w.now, ClaimedAt: w.now, Trace: w.d.Trace}
		if c.Address != nil {
			claimed.Address = *c.Address
		}
		var got bool
		if err := row.Scan(&claimed.MessageID, &got, &claimed.Recent); err != nil || !got {
			return err
		}
		wake.Claimed = &claimed
		return nil
	})
}

// TakeBack returns the message of an offer to the queue, unspent, if a step queued it claimed and could not tell whether that
// was stored. The step's transaction is waited for where it still lives: it holds the conversation's row.
func (s *Store) TakeBack(ctx context.Context, conversation models.ConversationID, attempt uuid.UUID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE`, conversation); err != nil {
			return fmt.Errorf("wait for a step: %w", err)
		}
		_, err := tx.Exec(ctx, `UPDATE send_queue SET state = 'ready', epoch = NULL, attempt_id = NULL, attempts = attempts - 1
			WHERE conversation_id = $1 AND attempt_id = $2 AND state = 'sending'`, conversation, attempt)
		return err
	})
	return asError(err, "send")
}
