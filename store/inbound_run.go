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

// handled is up to where a conversation's inbound messages were taken up: by number and, for the index, by message id.
type handled struct {
	seq int64
	id  models.MessageID
}

// insertFlowRun puts a new run in charge of a conversation whose row the caller holds. Inbound messages after upTo are the
// run's to read.
func insertFlowRun(ctx context.Context, tx pgx.Tx, conv *conversationRow, f models.PublishedFlow, trigger json.RawMessage, upTo handled, byItself bool, now time.Time) (contract.FlowRunStart, error) {
	start := contract.FlowRunStart{AccountID: conv.AccountID, ConversationID: conv.ID, ConnectionID: conv.ConnectionID,
		FlowID: f.FlowID, VersionID: f.VersionID, Version: f.Number}
	if trigger == nil {
		trigger = json.RawMessage("{}")
	}
	var auto *time.Time
	if byItself {
		auto = &now
	}
	err := tx.QueryRow(ctx, `
		WITH r AS (
			INSERT INTO flow_runs (account_id, flow_id, flow_version_id, conversation_id, contact_id,
				connection_id, trigger, started_at, wait_since)
			VALUES (@account, @flow, @version, @conversation, @contact, @connection, @trigger, @now, @now)
			RETURNING id
		), c AS (
			UPDATE conversations
			SET in_charge = 'flow', flow_run_id = r.id, ticket_id = NULL, handled_seq = @seq,
				handled_message_id = @id,
				last_flow_started_at = coalesce(@auto, last_flow_started_at)
			FROM r
			WHERE conversations.id = @conversation
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @flow_run_updated, @conversation, r.id
			FROM r
		)
		SELECT id
		FROM r`,
		pgx.NamedArgs{
			"account": conv.AccountID, "flow": f.FlowID, "version": f.VersionID, "conversation": conv.ID,
			"contact": conv.ContactID, "connection": conv.ConnectionID, "trigger": trigger, "now": now,
			"seq": upTo.seq, "auto": auto, "flow_run_updated": models.EventFlowRunUpdated, "id": upTo.id,
		}).Scan(&start.RunID)
	if err != nil {
		return start, fmt.Errorf("start a flow run: %w", err)
	}
	return start, nil
}

// publishedFlows lists the flows of an account that can start, oldest first.
func publishedFlows(ctx context.Context, tx pgx.Tx, account models.AccountID) ([]models.PublishedFlow, error) {
	rows, err := tx.Query(ctx, `
		SELECT f.id, v.id, v.number, f.name
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account AND f.archived_at IS NULL
		ORDER BY f.id`,
		pgx.NamedArgs{"account": account})
	if err != nil {
		return nil, fmt.Errorf("list published flows: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.PublishedFlow, error) {
		var f models.PublishedFlow
		err := row.Scan(&f.FlowID, &f.VersionID, &f.Number, &f.Name)
		return f, err
	})
}
