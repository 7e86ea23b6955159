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

// ReadFlowEnv reads the surroundings of the flows of an account on a connection. Without a connection it reads those of the
// account alone.
func (s *Store) ReadFlowEnv(ctx context.Context, account models.AccountID, connection models.ConnectionID) (*contract.FlowEnv, error) {
	env := &contract.FlowEnv{}
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT id, slug, name, timezone, locale, settings
		FROM accounts
		WHERE id = @account`,
		pgx.NamedArgs{"account": account}).QueryRow(func(row pgx.Row) error {
		a := &env.Account
		return row.Scan(&a.ID, &a.Slug, &a.Name, &a.Timezone, &a.Locale, &a.Settings)
	})
	if connection != 0 {
		batch.Queue(`
			SELECT id, account_id, name, channel, state, initial_flow_id, settings
			FROM connections
			WHERE account_id = @account AND id = @connection`,
			pgx.NamedArgs{"account": account, "connection": connection}).
			QueryRow(func(row pgx.Row) error {
				c := &env.Connection
				return row.Scan(&c.ID, &c.AccountID, &c.Name, &c.Channel, &c.State, &c.InitialFlowID, &c.Settings)
			})
	}
	batch.Queue(`
		SELECT id, name, bot_order, hours
		FROM queues
		WHERE account_id = @account AND archived_at IS NULL
		ORDER BY bot_order, id`,
		pgx.NamedArgs{"account": account}).Query(func(rows pgx.Rows) error {
		var err error
		env.Queues, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Queue, error) {
			q := models.Queue{AccountID: account}
			err := row.Scan(&q.ID, &q.Name, &q.BotOrder, &q.Hours)
			return q, err
		})
		return err
	})
	batch.Queue(`
		SELECT u.id
		FROM users u
		WHERE u.account_id = @account AND `+mayGetTickets,
		pgx.NamedArgs{"account": account}).Query(func(rows pgx.Rows) error {
		var err error
		env.Agents, err = pgx.CollectRows(rows, pgx.RowTo[models.UserID])
		return err
	})
	batch.Queue(customFieldsSQL, pgx.NamedArgs{"account": account}).Query(func(rows pgx.Rows) error {
		var err error
		env.Fields, err = pgx.CollectRows(rows, pgx.RowToStructByName[models.CustomField])
		return err
	})
	batch.Queue(`
		SELECT id, name, language, category, status, parameter_format, components
		FROM templates
		WHERE account_id = @account AND connection_id = @connection AND deleted_at IS NULL
		ORDER BY id`,
		pgx.NamedArgs{"account": account, "connection": connection}).Query(func(rows pgx.Rows) error {
		var err error
		env.Templates, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Template, error) {
			var t models.Template
			err := row.Scan(&t.ID, &t.Name, &t.Language, &t.Category, &t.Status, &t.ParameterFormat, &t.Components)
			return t, err
		})
		return err
	})
	batch.Queue(`
		SELECT f.id, v.id, v.number, f.name
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account AND f.archived_at IS NULL
		ORDER BY f.id`,
		pgx.NamedArgs{"account": account}).Query(func(rows pgx.Rows) error {
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
	err = s.side.QueryRow(ctx, `
		SELECT graph, flow_id
		FROM flow_versions
		WHERE account_id = @account AND id = @version`,
		pgx.NamedArgs{"account": account, "version": version}).Scan(&graph, &flow)
	if err != nil {
		return nil, 0, asError(err, "flow_version")
	}
	return graph, flow, nil
}

// FlowCall reads what a run asked to call, and how often it was tried. A call that was tried before is done when its run has
// ended, unless the run never waited for it.
func (s *Store) FlowCall(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) (request json.RawMessage, tried int, done bool, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT c.request, c.attempts,
			c.state = 'done' OR c.attempts > 0 AND r.status = @ended AND coalesce(c.request ->> 'fire_and_forget', '') <> 'true'
		FROM flow_calls c
		JOIN flow_runs r ON r.id = c.flow_run_id AND r.account_id = c.account_id
		WHERE c.account_id = @account AND c.flow_run_id = @run AND c.call_id = @call`,
		pgx.NamedArgs{"account": account, "run": run, "call": call, "ended": models.FlowRunEnded}).Scan(&request, &tried, &done)
	if err != nil {
		return nil, 0, false, asError(err, "flow_call")
	}
	return request, tried, done, nil
}

// FlowCallTried notes how often a call was tried that is tried again later.
func (s *Store) FlowCallTried(ctx context.Context, account models.AccountID, run models.FlowRunID, call string, attempts int) error {
	_, err := exec(ctx, s.pool, "flow_call", `
		UPDATE flow_calls SET attempts = greatest(attempts, @attempts)
		WHERE account_id = @account AND flow_run_id = @run AND call_id = @call AND state = 'pending'`,
		pgx.NamedArgs{"account": account, "run": run, "call": call, "attempts": attempts})
	return err
}

// FlowCallTrace gives the mark of the step that asked for a call; nil where it is not traced.
func (s *Store) FlowCallTrace(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) (mark []byte, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT trace
		FROM flow_calls
		WHERE account_id = @account AND flow_run_id = @run AND call_id = @call`,
		pgx.NamedArgs{"account": account, "run": run, "call": call}).Scan(&mark)
	return mark, asError(err, "flow_call")
}

// FlowCallDone stores a call's result and puts it in the run's mailbox, once.
func (s *Store) FlowCallDone(ctx context.Context, account models.AccountID, run models.FlowRunID, call string, attempts int, result json.RawMessage) error {
	_, err := s.pool.Exec(ctx, `
		WITH c AS (
			UPDATE flow_calls
			SET state = 'done', response = @result, attempts = @attempts, done_at = @now
			WHERE account_id = @account AND flow_run_id = @run AND call_id = @call AND state = 'pending'
			RETURNING 1
		)
		INSERT INTO flow_run_events (account_id, flow_run_id, kind, data, trace)
		SELECT @account, @run, 'call_result', @result, @trace
		FROM c`,
		pgx.NamedArgs{
			"account": account, "run": run, "call": call, "attempts": attempts, "result": result, "now": s.Now(),
			"trace": trace.Mark(ctx),
		})
	return asError(err, "flow_call")
}

// AccountSecrets reads the sealed secrets of an account that flows may name, by name.
func (s *Store) AccountSecrets(ctx context.Context, account models.AccountID, names []string) (map[string]models.AccountSecret, error) {
	rows, err := list[models.AccountSecret](ctx, s.pool, "secret", `
		SELECT name, sealed, hosts
		FROM account_secrets
		WHERE account_id = @account AND name = ANY(@names)`,
		pgx.NamedArgs{"account": account, "names": names})
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
		if err := tx.QueryRow(ctx, `
			SELECT r.conversation_id, r.connection_id, r.flow_id, r.flow_version_id, v.number, r.status
			FROM flow_runs r
			JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id
			WHERE r.account_id = @account AND r.id = @run`,
			pgx.NamedArgs{"account": account, "run": run}).
			Scan(&start.ConversationID, &start.ConnectionID, &start.FlowID, &start.VersionID, &start.Version, &status); err != nil {
			return err
		}
		if status == models.FlowRunEnded {
			return &models.Error{Code: models.CodeGone, Key: "flow_run.ended", Message: "this run has ended"}
		}
		return tx.QueryRow(ctx, `
			INSERT INTO flow_run_events (account_id, flow_run_id, kind, data, trace)
			VALUES (@account, @run, @kind, @body, @trace)
			RETURNING id`,
			pgx.NamedArgs{"account": account, "run": run, "kind": kind, "body": body, "trace": trace.Mark(ctx)}).Scan(&id)
	})
	return id, start, asError(err, "flow_run")
}

// FlowRunMailRefusal tells why the engine refused a command; empty when it took it.
func (s *Store) FlowRunMailRefusal(ctx context.Context, account models.AccountID, id int64) (string, error) {
	var refused *string
	err := s.pool.QueryRow(ctx, `
		SELECT refused
		FROM flow_run_events
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&refused)
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
		if start, err = takeOver(ctx, tx, conv, flow, trigger, s.Now()); err != nil {
			return err
		}
		bell, err = insertDoorbell(ctx, tx, start.Doorbell())
		return err
	})
	return start, bell, asError(err, "conversation")
}

// takeOver puts a new run of a published flow in charge of a conversation whose row the caller holds. A run that is in charge
// stops. It reads nothing of what came before. CodeNotFound for a flow that cannot start.
func takeOver(ctx context.Context, tx pgx.Tx, conv *conversationRow, flow models.FlowID, trigger json.RawMessage, now time.Time) (contract.FlowRunStart, error) {
	if conv.InCharge == models.InChargeTicket {
		return contract.FlowRunStart{}, &models.Error{Code: models.CodeConflict, Key: models.KeyScheduledHasTicket,
			Message: "a ticket is open in this conversation: close it first"}
	}
	var f models.PublishedFlow
	err := tx.QueryRow(ctx, `
		SELECT f.id, v.id, v.number
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account AND f.id = @flow AND f.archived_at IS NULL`,
		pgx.NamedArgs{"account": conv.AccountID, "flow": flow}).Scan(&f.FlowID, &f.VersionID, &f.Number)
	if err != nil {
		return contract.FlowRunStart{}, asError(err, "flow")
	}
	if conv.InCharge == models.InChargeFlow && conv.FlowRunID != nil {
		// The run that is in charge hears that it was stopped and ends by its own step.
		old := contract.FlowRunStart{AccountID: conv.AccountID, RunID: *conv.FlowRunID, ConversationID: conv.ID, ConnectionID: conv.ConnectionID}
		if _, err := tx.Exec(ctx, `
			INSERT INTO flow_run_events (account_id, flow_run_id, kind, data)
			VALUES (@account, @run, 'stop', '{"reason":"stopped"}')`,
			pgx.NamedArgs{"account": conv.AccountID, "run": old.RunID}); err != nil {
			return contract.FlowRunStart{}, fmt.Errorf("stop a run: %w", err)
		}
		if _, err := insertDoorbell(ctx, tx, old.Doorbell()); err != nil {
			return contract.FlowRunStart{}, err
		}
	}
	var last *models.MessageID
	if err := tx.QueryRow(ctx, `
		SELECT last_message_id
		FROM conversations
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID}).Scan(&last); err != nil {
		return contract.FlowRunStart{}, fmt.Errorf("read a conversation: %w", err)
	}
	upTo := handled{seq: conv.InboundSeq}
	if last != nil {
		upTo.id = *last
	}
	return insertFlowRun(ctx, tx, conv, f, trigger, upTo, false, now)
}
