package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// batcher is a pool or a transaction that can be asked several things at once.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// LintEnv reads what an account has, so that a flow that names something else is found before it runs: queues, fields,
// labels, people, secrets, connections, templates, and the published flows with their keywords. Other flows are read when the
// linter asks for one, within ctx. channels are what flows can do by channel (models.Connection.Channel); a flow must run on
// those of the account's connections.
func (s *Store) LintEnv(ctx context.Context, account models.AccountID, channels map[string]flow.Capabilities) (*flow.LintEnv, error) {
	return lintEnv(ctx, s.pool, account, channels)
}

// LintEnv is Store.LintEnv with what this transaction has made so far.
func (p *Provisioning) LintEnv(ctx context.Context, channels map[string]flow.Capabilities) (*flow.LintEnv, error) {
	return lintEnv(ctx, p.tx, p.account, channels)
}

func lintEnv(ctx context.Context, db batcher, account models.AccountID, channels map[string]flow.Capabilities) (*flow.LintEnv, error) {
	env := &flow.LintEnv{Queues: []flow.Queue{}, Labels: map[string]bool{}, Agents: map[string]bool{}, Secrets: map[string]bool{}, Reasons: map[string]bool{}, Connections: map[string]bool{}, Keywords: map[string]string{}}
	batch, own := &pgx.Batch{}, pgx.NamedArgs{"account": account}
	each := func(sql string, take func(pgx.Rows) error) {
		batch.Queue(sql, own).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := take(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	names := func(into map[string]bool, sql string) {
		each(sql, func(rows pgx.Rows) error {
			var name string
			err := rows.Scan(&name)
			into[name] = true
			return err
		})
	}
	each(`
		SELECT id::text, name, bot_order, archived_at IS NOT NULL
		FROM queues
		WHERE account_id = @account
		ORDER BY id`, func(rows pgx.Rows) error {
		var q flow.Queue
		err := rows.Scan(&q.ID, &q.Name, &q.BotOrder, &q.Archived)
		env.Queues = append(env.Queues, q)
		return err
	})
	batch.Queue(customFieldsSQL, own).Query(func(rows pgx.Rows) error {
		defined, err := pgx.CollectRows(rows, pgx.RowToStructByName[models.CustomField])
		env.Fields = contactFields(defined)
		return err
	})
	names(env.Labels, `SELECT name FROM labels WHERE account_id = @account`)
	names(env.Reasons, `SELECT unnest(ARRAY[id::text, name]) FROM closing_reasons WHERE account_id = @account AND archived_at IS NULL`)
	names(env.Agents, `SELECT id::text FROM users WHERE account_id = @account AND disabled_at IS NULL`)
	names(env.Secrets, `SELECT name FROM account_secrets WHERE account_id = @account`)
	names(env.Connections, `SELECT id::text FROM connections WHERE account_id = @account`)
	each(`
		SELECT DISTINCT channel
		FROM connections
		WHERE account_id = @account AND state <> 'removed'`, func(rows pgx.Rows) error {
		var channel string
		err := rows.Scan(&channel)
		if caps, ok := channels[channel]; ok && err == nil {
			if env.Channels == nil {
				env.Channels = map[string]flow.Capabilities{}
			}
			env.Channels[models.ChannelOf(channel).Name] = caps
		}
		return err
	})
	templates := map[string]flow.Template{}
	each(`
		SELECT name, language, category, status, parameter_format, components
		FROM templates
		WHERE account_id = @account AND deleted_at IS NULL
		ORDER BY id`,
		func(rows pgx.Rows) error {
			var t models.Template
			if err := rows.Scan(&t.Name, &t.Language, &t.Category, &t.Status, &t.ParameterFormat, &t.Components); err != nil {
				return err
			}
			key := t.Name + "\x00" + t.Language
			found := flow.ParseTemplate(t.Name, t.Language, t.Category, t.Status, t.ParameterFormat, t.Components)
			if templates[key].Status != flow.TemplateApproved { // of several connections, one that can send it
				templates[key] = found
			}
			return nil
		})
	versions := map[string]models.FlowVersionID{}
	each(`
		SELECT f.id, f.name, v.id, coalesce(v.graph->'triggers', '[]')
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account AND f.archived_at IS NULL
		ORDER BY f.id`, func(rows pgx.Rows) error {
		var id models.FlowID
		var version models.FlowVersionID
		var name string
		var triggers []byte
		if err := rows.Scan(&id, &name, &version, &triggers); err != nil {
			return err
		}
		versions[id.String()], versions[strings.ToLower(name)] = version, version
		for _, w := range flow.KeywordsOf(triggers) {
			env.Keywords[w] = name
		}
		return nil
	})
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, asError(err, "account")
	}
	if len(templates) > 0 {
		env.Template = func(name, language string) (flow.Template, bool) {
			t, ok := templates[name+"\x00"+language]
			return t, ok
		}
	}
	env.Flow = func(id string) (*flow.Graph, bool) {
		version, ok := versions[id]
		if !ok {
			version, ok = versions[strings.ToLower(id)]
		}
		if !ok {
			return nil, false
		}
		return publishedGraph(ctx, db, account, version)
	}
	return env, nil
}

func publishedGraph(ctx context.Context, db batcher, account models.AccountID, version models.FlowVersionID) (*flow.Graph, bool) {
	var doc []byte
	var id models.FlowID
	if err := db.QueryRow(ctx, `
		SELECT graph, flow_id
		FROM flow_versions
		WHERE account_id = @account AND id = @version`,
		pgx.NamedArgs{"account": account, "version": version}).Scan(&doc, &id); err != nil {
		return nil, false
	}
	g, err := flow.Load(doc)
	if err != nil {
		return nil, false
	}
	return g.WithIdentity(id.String(), strconv.FormatInt(int64(version), 10)), true
}
