package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// way is how far a message had come when it was stored.
type way struct {
	state                                           models.MessageState
	accepted, sent, delivered, read, played, failed *time.Time
}

// wayOf gives the state and the times of a message that comes in. A message of ours from the history keeps how far it had
// come; the provider gives no times for it, so each is the time it was written.
func wayOf(m *models.InboundMessage, at time.Time) way {
	if !m.FromMe {
		return way{state: models.MessageReceived}
	}
	w := way{state: models.MessageAccepted, accepted: &at, sent: &at}
	switch m.Reached {
	case models.ReachedPending:
		w.sent = nil
	case models.ReachedFailed:
		w.state, w.sent, w.failed = models.MessageFailed, nil, &at
	case models.ReachedPlayed:
		w.delivered, w.read, w.played = &at, &at, &at
	case models.ReachedRead:
		w.delivered, w.read = &at, &at
	case models.ReachedDelivered:
		w.delivered = &at
	case models.ReachedSent:
	}
	return w
}

// receiveNamedByID takes in a message that names nobody: a file that an earlier part of the history announced under the same id.
func (s *Store) receiveNamedByID(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, wake *contract.Wake) error {
	there, err := stored(ctx, tx, conn, e.Message.ProviderID)()
	if err != nil {
		return err
	}
	if there {
		return s.cameAgain(ctx, tx, conn, e.Message, wake)
	}
	one := *e
	one.Code, one.Reason = models.QuarantineNobody, "the message names nobody, and nothing announced it"
	return s.quarantine(ctx, tx, conn, &one, wake)
}

// cameAgain takes in a message whose id is stored already. A file completes the message that only announced it; anything else
// is a repeat that changes nothing.
func (s *Store) cameAgain(ctx context.Context, tx pgx.Tx, conn *models.Connection, m *models.InboundMessage, wake *contract.Wake) error {
	if m.Media == nil {
		wake.Repeated++
		return nil
	}
	content, err := json.Marshal(m.Content)
	if err != nil {
		return fmt.Errorf("write the content: %w", err)
	}
	var id models.MessageID
	err = tx.QueryRow(ctx, `
		WITH m AS (
			UPDATE messages
			SET kind = @kind, content = @content, raw = NULL
			WHERE connection_id = @connection AND provider_message_id = @provider_id AND kind IN ('media_placeholder', 'unsupported')
			RETURNING id, account_id, conversation_id
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT account_id, @changed::text, conversation_id, id FROM m
			UNION ALL SELECT account_id, @moved::text, conversation_id, conversation_id FROM m
		)
		SELECT id FROM m`,
		pgx.NamedArgs{"kind": m.Content.Kind, "content": content, "connection": conn.ID, "provider_id": storedID(m.ProviderID),
			"changed": models.EventMessageUpdated, "moved": models.EventConversationUpdated}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		wake.Repeated++
		return nil
	}
	if err != nil {
		return fmt.Errorf("complete a message: %w", err)
	}
	wake.Stored++
	media, err := insertInboundMedia(ctx, tx, conn, id, m.Media)
	if err != nil {
		return err
	}
	bell, err := insertDoorbell(ctx, tx, contract.MediaFetchStart{AccountID: conn.AccountID, MediaID: media, ConnectionID: conn.ID}.Doorbell())
	if err == nil {
		wake.Doorbells = append(wake.Doorbells, bell)
	}
	return err
}
