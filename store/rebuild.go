package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// living finds the starts of one type of workflow that rows say must run.
type living struct {
	sql  string // gives one JSON object a row, with the start's fields
	bell func(start json.RawMessage) (contract.Doorbell, error)
}

// livingAs makes a living whose rows have the columns of the start S.
func livingAs[S contract.Start](columns string) living {
	return living{sql: `SELECT to_jsonb(x) FROM (` + columns + `) x`, bell: func(start json.RawMessage) (contract.Doorbell, error) {
		var s S
		if err := json.Unmarshal(start, &s); err != nil {
			return contract.Doorbell{}, fmt.Errorf("read a start: %w", err)
		}
		return s.Doorbell(), nil
	}}
}

// livingWorkflows has each type of workflow, by its name.
var livingWorkflows = map[string]living{
	contract.WorkflowConnection: livingAs[contract.ConnectionStart](`
		SELECT account_id, id AS connection_id
		FROM connections
		WHERE state <> 'removed'`),
	contract.WorkflowFlowRun: livingAs[contract.FlowRunStart](`
		SELECT r.account_id, r.id AS run_id, r.conversation_id, r.connection_id, r.flow_id, v.id AS version_id, v.number AS version
		FROM flow_runs r
		JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id
		WHERE r.status <> 'ended'`),
	contract.WorkflowSessionWindow: livingAs[contract.SessionWindowStart](`
		SELECT account_id, id AS conversation_id, connection_id
		FROM conversations
		WHERE window_state IN ('open', 'expiring')`),
	contract.WorkflowDeliveryRetry: livingAs[contract.DeliveryRetryStart](`
		SELECT account_id, id AS message_id, conversation_id, connection_id
		FROM messages
		WHERE state = 'retry'`),
	contract.WorkflowTicket: livingAs[contract.TicketStart](`
		SELECT t.account_id, t.id AS ticket_id, t.conversation_id, v.connection_id
		FROM tickets t
		JOIN conversations v ON v.id = t.conversation_id AND v.account_id = t.account_id
		WHERE t.state <> 'closed'
			OR EXISTS (SELECT FROM ticket_commands c WHERE c.ticket_id = t.id AND c.state = 'waiting')`),
	contract.WorkflowBulkJob: livingAs[contract.BulkJobStart](`
		SELECT account_id, id AS job_id
		FROM bulk_jobs
		WHERE state IN ('running', 'undoing')`),
	contract.WorkflowBroadcast: livingAs[contract.BroadcastStart](`
		SELECT account_id, id AS broadcast_id, connection_id
		FROM broadcasts
		WHERE state IN ('scheduled', 'preparing', 'running', 'paused')`),
	contract.WorkflowFlowRelease: livingAs[contract.FlowReleaseStart](`
		SELECT DISTINCT account_id, flow_id
		FROM flow_moves
		WHERE state = 'running'`),
	contract.WorkflowScheduledClosure: livingAs[contract.ScheduledClosureStart](`
		SELECT c.account_id, c.id AS closure_id, c.ticket_id, t.conversation_id, v.connection_id
		FROM scheduled_closures c
		JOIN tickets t ON t.id = c.ticket_id AND t.account_id = c.account_id
		JOIN conversations v ON v.id = t.conversation_id AND v.account_id = t.account_id
		WHERE c.state = 'waiting'`),
	contract.WorkflowScheduledSend: livingAs[contract.ScheduledSendStart](`
		SELECT c.account_id, c.id AS send_id, c.conversation_id, v.connection_id
		FROM scheduled_sends c
		JOIN conversations v ON v.id = c.conversation_id AND v.account_id = c.account_id
		WHERE c.state IN ('waiting', 'held')`),
	contract.WorkflowSurvey: livingAs[contract.SurveyStart](`
		SELECT a.account_id, a.id AS answer_id, a.ticket_id, t.conversation_id, v.connection_id
		FROM survey_answers a
		JOIN tickets t ON t.id = a.ticket_id AND t.account_id = a.account_id
		JOIN conversations v ON v.id = t.conversation_id AND v.account_id = t.account_id
		WHERE a.ended_at IS NULL`),
	contract.WorkflowWebhookDelivery: livingAs[contract.WebhookDeliveryStart](`
		SELECT account_id, id AS endpoint_id
		FROM webhook_endpoints`),
	contract.WorkflowMediaFetch: livingAs[contract.MediaFetchStart](`
		SELECT account_id, id AS media_id, connection_id
		FROM media
		WHERE state = 'pending' AND provider_media_id IS NOT NULL`),
	contract.WorkflowHousekeeping: livingAs[contract.HousekeepingStart](`SELECT 1`),
}

// RebuildDoorbells writes a doorbell for every workflow of a type that rows say must run, and returns how many. It is for a
// restore that lost Temporal's databases. Ringing a workflow that runs is harmless.
func (s *Store) RebuildDoorbells(ctx context.Context, workflowType string) (int64, error) {
	l, known := livingWorkflows[workflowType]
	if !known {
		return 0, models.Errorf(models.CodeInternal, "nothing says which workflows of type %s must run", workflowType)
	}
	var written int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, l.sql)
		if err != nil {
			return err
		}
		starts, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
		if err != nil {
			return err
		}
		columns := []string{"account_id", "workflow_type", "workflow_id", "input"}
		written, err = tx.CopyFrom(ctx, pgx.Identifier{"doorbells"}, columns, pgx.CopyFromSlice(len(starts), func(i int) ([]any, error) {
			d, err := l.bell(starts[i])
			return []any{d.AccountID, d.WorkflowType, d.WorkflowID, storedInput(d)}, err
		}))
		return err
	})
	return written, asError(err, "doorbell")
}
