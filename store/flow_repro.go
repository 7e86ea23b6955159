package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// FlowRunRecord is a run with all it took up and all it sent: what is needed to play it again. It holds customers' words.
type FlowRunRecord struct {
	Run      models.FlowRun
	FlowName string
	Version  int
	Graph    json.RawMessage
	// Contact is as it is now; Labels are the contact's now.
	Contact models.Contact
	Labels  []string
	// WroteBefore tells that the contact had written before the run's first message.
	WroteBefore bool
	// Inbound are the contact's messages since the run began, Sent the run's own, Events what else it took up; each in order.
	Inbound []models.Message
	Sent    []models.Message
	Events  []FlowRunEvent
}

// FlowRunEvent is an entry of a run's mailbox.
type FlowRunEvent struct {
	ID        int64
	Kind      string
	Data      json.RawMessage
	TakenStep *int64
	Refused   *string
	CreatedAt time.Time
}

// FlowRunAccount tells whose a run is; for tools that run beside the database and name a run alone.
func (s *Store) FlowRunAccount(ctx context.Context, id models.FlowRunID) (models.AccountID, error) {
	var account models.AccountID
	err := s.pool.QueryRow(ctx, `SELECT account_id FROM flow_runs WHERE id = @id`,
		pgx.NamedArgs{"id": id}).Scan(&account)
	return account, asError(err, "flow_run")
}

// FlowRunRecord reads a run with everything it took up and sent. The message that started it is stored in the same
// transaction as the run, so it is not older than the run; one that an ended run handed on is, and its number tells.
func (s *Store) FlowRunRecord(ctx context.Context, account models.AccountID, id models.FlowRunID) (*FlowRunRecord, error) {
	rec := &FlowRunRecord{}
	r, c := &rec.Run, &rec.Contact
	err := s.pool.QueryRow(ctx, `
		SELECT r.id, r.account_id, r.flow_id, r.flow_version_id, r.conversation_id, r.contact_id,
			r.connection_id, r.trigger, r.status, r.step,
			r.state, r.node, r.wait_kind, r.wait_since, r.wait_until, r.outcome, r.end_reason, r.started_at,
			r.ended_at, f.name, v.number, v.graph,
			c.id, c.account_id, c.name, c.phone, c.email, c.language, c.fields, c.default_agent_id,
			coalesce((SELECT array_agg(l.name ORDER BY l.name) FROM contact_labels cl JOIN labels l ON l.id = cl.label_id AND l.account_id = cl.account_id WHERE cl.contact_id = c.id), '{}')
		FROM flow_runs r
		JOIN flows f ON f.id = r.flow_id AND f.account_id = r.account_id
		JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id
		JOIN conversations o ON o.id = r.conversation_id AND o.account_id = r.account_id
		JOIN contacts c ON c.id = o.contact_id AND c.account_id = o.account_id
		WHERE r.account_id = @account AND r.id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(
		&r.ID, &r.AccountID, &r.FlowID, &r.FlowVersionID, &r.ConversationID, &r.ContactID, &r.ConnectionID, &r.Trigger, &r.Status, &r.Step,
		&r.State, &r.Node, &r.WaitKind, &r.WaitSince, &r.WaitUntil, &r.Outcome, &r.EndReason, &r.StartedAt, &r.EndedAt, &rec.FlowName, &rec.Version, &rec.Graph,
		&c.ID, &c.AccountID, &c.Name, &c.Phone, &c.Email, &c.Language, &c.Fields, &c.DefaultAgentID, &rec.Labels)
	if err != nil {
		return nil, asError(err, "flow_run")
	}
	messages := func(query string) ([]models.Message, error) {
		rows, err := s.pool.Query(ctx, `
			SELECT `+messageColumns+`
			FROM messages m
			WHERE m.account_id = @account AND m.conversation_id = @conversation `+query+`
			ORDER BY m.id`,
			pgx.NamedArgs{
				"account": account, "conversation": r.ConversationID, "run": r.ID, "started": r.StartedAt, "ended": r.EndedAt,
			})
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Message, error) {
			m, err := scanMessage(row)
			if err != nil {
				return models.Message{}, err
			}
			return *m, nil
		})
	}
	// A run that a message started begins with the newest message that is not younger than the run itself.
	rec.Inbound, err = messages(`AND m.arrival IN ('live', 'late')
				AND (@ended::timestamptz IS NULL OR m.created_at <= @ended)
				AND (m.created_at > @started OR m.seq = (SELECT max(n.seq) FROM messages n
					WHERE n.conversation_id = @conversation AND n.arrival IN ('live', 'late') AND n.created_at <= @started))`)
	if err != nil {
		return nil, asError(err, "message")
	}
	rec.Sent, err = messages(`AND m.direction = 'out' AND m.flow_run_id = @run`)
	if err != nil {
		return nil, asError(err, "message")
	}
	if len(rec.Inbound) > 0 && rec.Inbound[0].Seq != nil {
		rec.WroteBefore = *rec.Inbound[0].Seq > 1
	}
	rec.Events, err = list[FlowRunEvent](ctx, s.pool, "flow_run", `
		SELECT id, kind, data, taken_step, refused, created_at
		FROM flow_run_events
		WHERE account_id = @account AND flow_run_id = @flow_run
		ORDER BY id`,
		pgx.NamedArgs{"account": account, "flow_run": id})
	return rec, err
}
