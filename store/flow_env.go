package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// ReadFlowEnv reads the surroundings of the flows of an account on a connection.
func (s *Store) ReadFlowEnv(ctx context.Context, account models.AccountID, connection models.ConnectionID) (*contract.FlowEnv, error) {
	env := &contract.FlowEnv{}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT id, slug, name, timezone, locale, settings FROM accounts WHERE id = $1`, account).QueryRow(func(row pgx.Row) error {
		a := &env.Account
		return row.Scan(&a.ID, &a.Slug, &a.Name, &a.Timezone, &a.Locale, &a.Settings)
	})
	batch.Queue(`SELECT id, account_id, name, channel, state, initial_flow_id, settings FROM connections WHERE account_id = $1 AND id = $2`, account, connection).
		QueryRow(func(row pgx.Row) error {
			c := &env.Connection
			return row.Scan(&c.ID, &c.AccountID, &c.Name, &c.Channel, &c.State, &c.InitialFlowID, &c.Settings)
		})
	batch.Queue(`SELECT id, name, bot_order, hours FROM queues WHERE account_id = $1 AND archived_at IS NULL ORDER BY bot_order, id`, account).Query(func(rows pgx.Rows) error {
		var err error
		env.Queues, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Queue, error) {
			q := models.Queue{AccountID: account}
			err := row.Scan(&q.ID, &q.Name, &q.BotOrder, &q.Hours)
			return q, err
		})
		return err
	})
	batch.Queue(`SELECT u.id FROM users u WHERE u.account_id = $1 AND `+mayGetTickets, account).Query(func(rows pgx.Rows) error {
		var err error
		env.Agents, err = pgx.CollectRows(rows, pgx.RowTo[models.UserID])
		return err
	})
	batch.Queue(customFieldsSQL, account).Query(func(rows pgx.Rows) error {
		var err error
		env.Fields, err = pgx.CollectRows(rows, pgx.RowToStructByName[models.CustomField])
		return err
	})
	batch.Queue(`SELECT id, name, language, category, status, parameter_format, components FROM templates
		WHERE account_id = $1 AND connection_id = $2 AND deleted_at IS NULL ORDER BY id`, account, connection).Query(func(rows pgx.Rows) error {
		var err error
		env.Templates, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Template, error) {
			var t models.Template
			err := row.Scan(&t.ID, &t.Name, &t.Language, &t.Category, &t.Status, &t.ParameterFormat, &t.Components)
			return t, err
		})
		return err
	})
	batch.Queue(`SELECT f.id, v.id, v.number, f.name FROM flows f JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = $1 AND f.archived_at IS NULL ORDER BY f.id`, account).Query(func(rows pgx.Rows) error {
		var err error
		env.Published, err = pgx.CollectRows(rows, pgx.RowToStructByPos[models.PublishedFlow])
		return err
	})
	if err := s.side.SendBatch(ctx, batch).Close(); err != nil {
		return nil, asError(err, "account")
	}
	return env, nil
}

// FlowGraph reads the graph of a published version, as JSON; versions never change. It may be called inside a transaction.
func (s *Store) FlowGraph(ctx context.Context, account models.AccountID, version models.FlowVersionID) (graph json.RawMessage, flow models.FlowID, err error) {
	err = s.side.QueryRow(ctx, `SELECT graph, flow_id FROM flow_versions WHERE account_id = $1 AND id = $2`, account, version).Scan(&graph, &flow)
	if err != nil {
		return nil, 0, asError(err, "flow_version")
	}
	return graph, flow, nil
}

// FlowCall reads what a run asked to call.
func (s *Store) FlowCall(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) (request json.RawMessage, done bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT request, state = 'done' FROM flow_calls WHERE account_id = $1 AND flow_run_id = $2 AND call_id = $3`, account, run, call).
		Scan(&request, &done)
	if err != nil {
		return nil, false, asError(err, "flow_call")
	}
	return request, done, nil
}

// FlowCallTrace gives the mark of the step that asked for a call; nil where it is not traced.
func (s *Store) FlowCallTrace(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) (mark []byte, err error) {
	err = s.pool.QueryRow(ctx, `SELECT trace FROM flow_calls WHERE account_id = $1 AND flow_run_id = $2 AND call_id = $3`, account, run, call).Scan(&mark)
	return mark, asError(err, "flow_call")
}

// FlowCallDone stores a call's result and puts it in the run's mailbox, once.
func (s *Store) FlowCallDone(ctx context.Context, account models.AccountID, run models.FlowRunID, call string, attempts int, result json.RawMessage) error {
	_, err := s.pool.Exec(ctx, `
		WITH c AS (
			UPDATE flow_calls SET state = 'done', response = $5, attempts = $4, done_at = $6
			WHERE account_id = $1 AND flow_run_id = $2 AND call_id = $3 AND state = 'pending' RETURNING 1
		)
		INSERT INTO flow_run_events (account_id, flow_run_id, kind, data, trace) SELECT $1, $2, 'call_result', $5, $7 FROM c`,
		account, run, call, attempts, result, s.Now(), trace.Mark(ctx))
	return asError(err, "flow_call")
}

// AccountSecrets reads the sealed secrets of an account that flows may name, by name.
func (s *Store) AccountSecrets(ctx context.Context, account models.AccountID, names []string) (map[string]models.AccountSecret, error) {
	rows, err := list[models.AccountSecret](ctx, s.pool, "secret", `SELECT name, sealed, hosts FROM account_secrets WHERE account_id = $1 AND name = ANY($2)`, account, names)
	return secretsByName(rows), err
}

// MailFlowRun puts an operator's command in a run's mailbox and returns its id and the run. A CodeGone error says that the
// run has ended.
func (s *Store) MailFlowRun(ctx context.Context, account models.AccountID, run models.FlowRunID, kind string, data any) (int64, contract.FlowRunStart, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return 0, contract.FlowRunStart{}, models.Invalid("body", "not JSON")
	}
	start := contract.FlowRunStart{AccountID: account, RunID: run}
	var id int64
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		var status models.FlowRunStatus
		if err := tx.QueryRow(ctx, `SELECT r.conversation_id, r.connection_id, r.flow_id, r.flow_version_id, v.number, r.status
			FROM flow_runs r JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id WHERE r.account_id = $1 AND r.id = $2`, account, run).
			Scan(&start.ConversationID, &start.ConnectionID, &start.FlowID, &start.VersionID, &start.Version, &status); err != nil {
			return err
		}
		if status == models.FlowRunEnded {
			return &models.Error{Code: models.CodeGone, Key: "flow_run.ended", Message: "this run has ended"}
		}
		return tx.QueryRow(ctx, `INSERT INTO flow_run_events (account_id, flow_run_id, kind, data, trace) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
			account, run, kind, body, trace.Mark(ctx)).Scan(&id)
	})
	return id, start, asError(err, "flow_run")
}

// FlowRunMailRefusal tells why the engine refused a command; empty when it took it.
func (s *Store) FlowRunMailRefusal(ctx context.Context, account models.AccountID, id int64) (string, error) {
	var refused *string
	err := s.pool.QueryRow(ctx, `SELECT refused FROM flow_run_events WHERE account_id = $1 AND id = $2`, account, id).Scan(&refused)
	if err != nil {
		return "", asError(err, "flow_run_event")
	}
	if refused == nil {
		return "", nil
	}
	return *refused, nil
}

// StartFlowRun starts a published flow in a conversation by hand or by the API (rules 148, 179): it takes over from a
// running flow; a conversation with an open ticket refuses unless the ticket is closed first.
func (s *Store) StartFlowRun(ctx context.Context, account models.AccountID, conversation models.ConversationID, flow models.FlowID, trigger json.RawMessage) (contract.FlowRunStart, contract.Doorbell, error) {
	var start contract.FlowRunStart
	var bell contract.Doorbell
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		conv, err := lockConversationByID(ctx, tx, account, conversation)
		if err != nil {
			return err
		}
		if conv.InCharge == models.InChargeTicket {
			return &models.Error{Code: models.CodeConflict, Key: "conversation.has_ticket", Message: "a ticket is open in this conversation: close it first"}
		}
		var f models.PublishedFlow
		if err := tx.QueryRow(ctx, `SELECT f.id, v.id, v.number FROM flows f JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
			WHERE f.account_id = $1 AND f.id = $2 AND f.archived_at IS NULL`, account, flow).Scan(&f.FlowID, &f.VersionID, &f.Number); err != nil {
			return asError(err, "flow")
		}
		if conv.InCharge == models.InChargeFlow && conv.FlowRunID != nil {
			// The run that is in charge hears that it was stopped and ends by its own step.
			old := contract.FlowRunStart{AccountID: account, RunID: *conv.FlowRunID, ConversationID: conv.ID, ConnectionID: conv.ConnectionID}
			if _, err := tx.Exec(ctx, `INSERT INTO flow_run_events (account_id, flow_run_id, kind, data) VALUES ($1, $2, 'stop', '{"reason":"stopped"}')`,
				account, old.RunID); err != nil {
				return err
			}
			if _, err := insertDoorbell(ctx, tx, old.Doorbell()); err != nil {
				return err
			}
		}
		var last *models.MessageID
		if err := tx.QueryRow(ctx, `SELECT last_message_id FROM conversations WHERE id = $1`, conv.ID).Scan(&last); err != nil {
			return err
		}
		upTo := handled{seq: conv.InboundSeq}
		if last != nil {
			upTo.id = *last
		}
		if start, err = insertFlowRun(ctx, tx, conv, f, trigger, upTo, false, s.Now()); err != nil {
			return err
		}
		bell, err = insertDoorbell(ctx, tx, start.Doorbell())
		return err
	})
	return start, bell, asError(err, "conversation")
}
