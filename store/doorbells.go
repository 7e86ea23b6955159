package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// insertDoorbell writes a doorbell in the caller's transaction and returns it with its id, to be rung after COMMIT.
func insertDoorbell(ctx context.Context, tx pgx.Tx, d contract.Doorbell) (contract.Doorbell, error) {
	err := tx.QueryRow(ctx, `
		INSERT INTO doorbells (account_id, workflow_type, workflow_id, input, up_to_seq)
		VALUES (@account, @workflow_type, @workflow, @input, @up_to_seq)
		RETURNING id, created_at`,
		pgx.NamedArgs{
			"account": d.AccountID, "workflow_type": d.WorkflowType, "workflow": d.WorkflowID,
			"input": storedInput(d), "up_to_seq": d.UpToSeq,
		}).Scan(&d.ID, &d.CreatedAt)
	d.Trace = trace.Mark(ctx)
	if err != nil {
		return d, fmt.Errorf("write a doorbell: %w", err)
	}
	return d, nil
}

// storedInput is what a doorbell's row holds of what starts its workflow. What starts a flow run is in the run's own row, where
// DueDoorbells reads it: every message of a conversation with a bot has such a doorbell.
func storedInput(d contract.Doorbell) json.RawMessage {
	if d.Input == nil || d.WorkflowType == contract.WorkflowFlowRun {
		return json.RawMessage("{}")
	}
	return d.Input
}

// DoorbellsAnswered removes doorbells whose workflows have answered.
func (s *Store) DoorbellsAnswered(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := s.pool.Exec(ctx, `DELETE FROM doorbells WHERE id = ANY(@ids)`,
		pgx.NamedArgs{"ids": ids}); err != nil {
		return asError(err, "doorbell")
	}
	return nil
}

// DueDoorbells takes up to limit doorbells that a crash or a silent workflow left behind: it moves their next ring so
// that another dispatcher leaves them alone meanwhile, and returns them, oldest first. A doorbell is rung again after 1 s,
// doubling to a minute.
func (s *Store) DueDoorbells(ctx context.Context, limit int) ([]contract.Doorbell, error) {
	rows, err := s.pool.Query(ctx, `
		WITH due AS (
			SELECT id, CASE workflow_type
				WHEN '`+contract.WorkflowFlowRun+`' THEN split_part(workflow_id, '/', 2)::bigint END AS run_id
			FROM doorbells
			WHERE ring_after <= now()
			ORDER BY id
			LIMIT @limit
			FOR UPDATE SKIP LOCKED
		)
		UPDATE doorbells d
		SET attempts = attempts + 1,
			ring_after = now() + least(60, 5 * power(2, least(attempts, 4))) * interval '1 second'
		FROM due
		LEFT JOIN flow_runs r ON r.id = due.run_id
		LEFT JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id
		WHERE d.id = due.id
		RETURNING d.id, d.account_id, d.workflow_type, d.workflow_id, CASE WHEN r.id IS NULL THEN d.input
			ELSE json_build_object('account_id', r.account_id, 'run_id', r.id, 'conversation_id',
			r.conversation_id, 'connection_id', r.connection_id,
				'flow_id', r.flow_id, 'version_id', r.flow_version_id, 'version', v.number) END,
			d.up_to_seq, d.attempts, d.created_at`,
		pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, asError(err, "doorbell")
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (contract.Doorbell, error) {
		var d contract.Doorbell
		err := row.Scan(&d.ID, &d.AccountID, &d.WorkflowType, &d.WorkflowID, &d.Input, &d.UpToSeq, &d.Attempts, &d.CreatedAt)
		return d, err
	})
	if err != nil {
		return nil, asError(err, "doorbell")
	}
	return out, nil
}

// PostponeDoorbells asks dispatchers to leave doorbells alone for contract.DoorbellPatience more: whoever wrote them is about
// to ring.
func (s *Store) PostponeDoorbells(ctx context.Context, ids []int64) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE doorbells
		SET ring_after = now() + @seconds * interval '1 second'
		WHERE id = ANY(@ids) AND attempts = 0`,
		pgx.NamedArgs{"ids": ids, "seconds": contract.DoorbellPatience.Seconds()})
	return asError(err, "doorbell")
}

// DoorbellBacklog tells how many doorbells wait and since when the oldest does; for metrics and alerts.
func (s *Store) DoorbellBacklog(ctx context.Context) (count int64, oldest time.Duration, err error) {
	var seconds float64
	err = s.pool.QueryRow(ctx, `SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM doorbells`).Scan(&count, &seconds)
	if err != nil {
		return 0, 0, asError(err, "doorbell")
	}
	return count, time.Duration(seconds * float64(time.Second)), nil
}

// RingDoorbell writes a doorbell on its own, for a change that is in the database already.
func (s *Store) RingDoorbell(ctx context.Context, account models.AccountID, workflowType, workflowID string, input any) (contract.Doorbell, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return contract.Doorbell{}, fmt.Errorf("write a doorbell: %w", err)
	}
	d := contract.Doorbell{AccountID: account, WorkflowType: workflowType, WorkflowID: workflowID, Input: body}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		d, err = insertDoorbell(ctx, tx, d)
		return err
	})
	return d, asError(err, "doorbell")
}
