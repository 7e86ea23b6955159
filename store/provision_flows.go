package store

import (
	"context"
	"encoding/json"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Connections lists and locks the account's connections, removed ones too.
func (p *Provisioning) Connections(ctx context.Context) ([]models.Connection, error) {
	return list[models.Connection](ctx, p.tx, "connection", `SELECT id, account_id, key, name, channel, is_default, provider_ref,
		portfolio_ref, display_phone, config, credentials, rate_per_second, state, hold_scope,
		initial_flow_id, initial_queue_id, settings, proven_at FROM connections WHERE account_id = $1 ORDER BY id FOR UPDATE`, p.account)
}

// CreateConnection makes an empty connection, so that it has an id to seal secrets for. CodeConflict when another one, of
// any account, has its key.
func (p *Provisioning) CreateConnection(ctx context.Context, c *models.Connection) error {
	err := p.tx.QueryRow(ctx, `INSERT INTO connections (account_id, key, name, channel, created_at, updated_at)
		SELECT $1, $2, $3, $4, $5, $5 WHERE NOT EXISTS (SELECT 1 FROM connections WHERE key = $2) RETURNING id`,
		p.account, c.Key, c.Name, c.Channel, p.now).Scan(&c.ID)
	if err = asError(err, "connection"); isNotFound(err) {
		return &models.Error{Code: models.CodeConflict, Key: "connection.key_taken", Message: "another connection has this key: choose another"}
	}
	c.AccountID, c.State = p.account, models.ConnectionActive
	return err
}

// SaveConnection writes everything a file may say about a connection, wakes its workflow and tells the console. CodeConflict
// when another connection has its key, or one of the account's its provider's name.
func (p *Provisioning) SaveConnection(ctx context.Context, c *models.Connection) error {
	var taken string
	err := p.tx.QueryRow(ctx, `SELECT CASE WHEN key = $2 THEN 'key' ELSE 'provider_ref' END FROM connections
		WHERE id <> $1 AND (key = $2 OR (account_id = $5 AND channel = $4 AND provider_ref = $3 AND state <> 'removed')) LIMIT 1`, c.ID, c.Key, c.ProviderRef, c.Channel, p.account).Scan(&taken)
	if err = asError(err, "connection"); err == nil {
		if f, ok := models.ChannelOf(c.Channel).FieldIn(models.PartProvider); ok && taken != "key" {
			taken = f.Name
		}
		return &models.Error{Code: models.CodeConflict, Key: "connection." + taken + "_taken", Message: "another connection has this " + taken}
	} else if !isNotFound(err) {
		return err
	}
	if c.IsDefault { // rule 008: exactly one
		if _, err := exec(ctx, p.tx, "connection", `UPDATE connections SET is_default = false WHERE account_id = $1 AND id <> $2 AND is_default`, p.account, c.ID); err != nil {
			return err
		}
	}
	if _, err := exec(ctx, p.tx, "connection", `UPDATE connections SET key = $3, name = $4, is_default = $5, provider_ref = $6, portfolio_ref = $7,
			display_phone = $8, config = $9, credentials = $10, rate_per_second = $11, initial_flow_id = $12, initial_queue_id = $13,
			settings = $14, state = $15, updated_at = $16, proven_at = $17
		WHERE account_id = $1 AND id = $2`, p.account, c.ID, c.Key, c.Name, c.IsDefault, c.ProviderRef, c.PortfolioRef,
		c.DisplayPhone, notNil(c.Config), notNil(c.Credentials), c.RatePerSecond, c.InitialFlowID, c.InitialQueueID, c.Settings,
		c.State, p.now, c.ProvenAt); err != nil {
		return err
	}
	if err := insertEvent(ctx, p.tx, p.account, models.EventConnectionUpdated, nil, int64(c.ID)); err != nil {
		return err
	}
	bell, err := insertDoorbell(ctx, p.tx, contract.ConnectionStart{AccountID: p.account, ConnectionID: c.ID}.Doorbell())
	if err != nil {
		return err
	}
	p.bells = append(p.bells, bell)
	return nil
}

// ProvisionedFlow is a flow with what is published of it.
type ProvisionedFlow struct {
	models.Flow
	PublishedGraph  json.RawMessage
	PublishedNumber *int
}

// Flows lists the account's flows, archived ones too.
func (p *Provisioning) Flows(ctx context.Context) ([]ProvisionedFlow, error) {
	return list[ProvisionedFlow](ctx, p.tx, "flow", `SELECT f.id, f.account_id, f.name, f.category, f.draft, f.draft_revision, f.published_version_id,
		f.archived_at, f.created_at, f.updated_at, v.graph AS published_graph, v.number AS published_number
		FROM flows f LEFT JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id WHERE f.account_id = $1 ORDER BY f.id`, p.account)
}

// CreateFlow makes a flow with a draft.
func (p *Provisioning) CreateFlow(ctx context.Context, f *models.Flow) error {
	f.DraftRevision = 1
	return asError(p.tx.QueryRow(ctx, `INSERT INTO flows (account_id, name, category, draft, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id`,
		p.account, f.Name, f.Category, f.Draft, p.now).Scan(&f.ID), "flow")
}

// SaveDraft writes a flow's draft and category, and takes the flow out of the archive.
func (p *Provisioning) SaveDraft(ctx context.Context, f *models.Flow) error {
	if _, err := exec(ctx, p.tx, "flow", `UPDATE flows SET category = $3, draft = $4, draft_revision = draft_revision + 1, archived_at = NULL, updated_at = $5
		WHERE account_id = $1 AND id = $2`, p.account, f.ID, f.Category, f.Draft, p.now); err != nil {
		return err
	}
	return insertEvent(ctx, p.tx, p.account, models.EventFlowUpdated, nil, int64(f.ID))
}

// Publish makes an immutable version of a graph, which new runs start on, and gives its number.
func (p *Provisioning) Publish(ctx context.Context, flow models.FlowID, graph json.RawMessage, note string) (int, error) {
	var number int
	err := p.tx.QueryRow(ctx, `
		WITH v AS (
			INSERT INTO flow_versions (account_id, flow_id, number, graph, note, created_at)
			SELECT $1, $2, 1 + coalesce((SELECT max(number) FROM flow_versions WHERE flow_id = $2), 0), $3, $4, $5 RETURNING id, number
		), f AS (
			UPDATE flows SET published_version_id = (SELECT id FROM v), updated_at = $5 WHERE account_id = $1 AND id = $2 RETURNING id
		)
		SELECT v.number FROM v, f`, p.account, flow, graph, note, p.now).Scan(&number)
	if err != nil {
		return 0, asError(err, "flow")
	}
	return number, insertEvent(ctx, p.tx, p.account, models.EventFlowUpdated, nil, int64(flow))
}

// ArchiveFlow keeps new runs of a flow from starting; runs under way go on.
func (p *Provisioning) ArchiveFlow(ctx context.Context, flow models.FlowID) error {
	if _, err := exec(ctx, p.tx, "flow", `UPDATE flows SET archived_at = $3, updated_at = $3 WHERE account_id = $1 AND id = $2`, p.account, flow, p.now); err != nil {
		return err
	}
	return insertEvent(ctx, p.tx, p.account, models.EventFlowUpdated, nil, int64(flow))
}
