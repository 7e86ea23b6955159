package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm/clause"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Connections lists and locks the account's connections, removed ones too. Rows that are locked are saved whole.
func (p *Provisioning) Connections() ([]models.Connection, error) {
	var connections []models.Connection
	err := p.rows().Clauses(clause.Locking{Strength: "UPDATE"}).Order("id").Find(&connections).Error
	return connections, asError(err, "connection")
}

// CreateConnection makes an empty connection, so that it has an id to seal secrets for. CodeConflict when another one, of
// any account, has its key.
func (p *Provisioning) CreateConnection(c *models.Connection) error {
	var taken int64
	if err := p.gorm.Model(&models.Connection{}).Where("key = ?", c.Key).Count(&taken).Error; err != nil {
		return asError(err, "connection")
	}
	if taken > 0 {
		return &models.Error{Code: models.CodeConflict, Key: "connection.key_taken", Message: "another connection has this key: choose another"}
	}
	c.AccountID, c.State, c.HoldScope = p.account, models.ConnectionActive, models.HoldAll
	c.Config, c.Credentials, c.Health = notNil(c.Config), notNil(c.Credentials), json.RawMessage("{}")
	return p.save(0, "connection", c)
}

// SaveConnection writes a connection that Connections or CreateConnection gave, wakes its workflow and tells the console.
// CodeConflict when another connection has its key, or one of the account's its provider's name.
func (p *Provisioning) SaveConnection(ctx context.Context, c *models.Connection) error {
	var taken string
	err := p.tx.QueryRow(ctx, `
		SELECT CASE WHEN key = @key THEN 'key' ELSE 'provider_ref' END
		FROM connections
		WHERE id <> @id
			AND (key = @key
			OR (account_id = @account AND channel = @channel AND provider_ref = @provider_ref AND state <> 'removed'))
		LIMIT 1`,
		pgx.NamedArgs{
			"id": c.ID, "key": c.Key, "provider_ref": c.ProviderRef, "channel": c.Channel, "account": p.account,
		}).Scan(&taken)
	if err = asError(err, "connection"); err == nil {
		if f, ok := models.ChannelOf(c.Channel).FieldIn(models.PartProvider); ok && taken != "key" {
			taken = f.Name
		}
		return &models.Error{Code: models.CodeConflict, Key: "connection." + taken + "_taken", Message: "another connection has this " + taken}
	} else if !isNotFound(err) {
		return err
	}
	if c.IsDefault { // rule 008: exactly one
		if _, err := exec(ctx, p.tx, "connection", `
			UPDATE connections
			SET is_default = false
			WHERE account_id = @account AND id <> @id AND is_default`,
			pgx.NamedArgs{"account": p.account, "id": c.ID}); err != nil {
			return err
		}
	}
	c.AccountID, c.Config, c.Credentials = p.account, notNil(c.Config), notNil(c.Credentials)
	if err := p.save(int64(c.ID), "connection", c); err != nil {
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
	return list[ProvisionedFlow](ctx, p.tx, "flow", `
		SELECT f.id, f.account_id, f.name, f.category, f.draft, f.draft_revision, f.published_version_id,
			f.archived_at, f.created_at, f.updated_at, v.graph AS published_graph, v.number AS published_number
		FROM flows f
		LEFT JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account
		ORDER BY f.id`,
		pgx.NamedArgs{"account": p.account})
}

// CreateFlow makes a flow with a draft.
func (p *Provisioning) CreateFlow(f *models.Flow) error {
	f.AccountID, f.DraftRevision = p.account, 1
	return p.save(0, "flow", f)
}

// SaveDraft writes a flow's draft and category, and takes the flow out of the archive.
func (p *Provisioning) SaveDraft(ctx context.Context, f *models.Flow) error {
	return p.changeFlow(ctx, f.ID, func(row *models.Flow) error {
		row.Category, row.Draft, row.ArchivedAt = f.Category, f.Draft, nil
		row.DraftRevision++
		return nil
	})
}

// Publish makes an immutable version of a graph, which new runs start on, and gives its number.
func (p *Provisioning) Publish(ctx context.Context, flow models.FlowID, graph json.RawMessage, note string) (int, error) {
	version := models.FlowVersion{AccountID: p.account, FlowID: flow, Graph: graph, Note: note}
	err := p.changeFlow(ctx, flow, func(row *models.Flow) error {
		last := p.rows().Model(&version).Where("flow_id = ?", flow).Select("coalesce(max(number), 0)")
		if err := last.Scan(&version.Number).Error; err != nil {
			return asError(err, "flow")
		}
		version.Number++
		if err := p.save(0, "flow", &version); err != nil {
			return err
		}
		row.PublishedVersionID = &version.ID
		return nil
	})
	return version.Number, err
}

// ArchiveFlow keeps new runs of a flow from starting; runs under way go on.
func (p *Provisioning) ArchiveFlow(ctx context.Context, flow models.FlowID) error {
	return p.changeFlow(ctx, flow, func(row *models.Flow) error {
		row.ArchivedAt = &p.now
		return nil
	})
}

// changeFlow reads and locks a flow, writes it whole as fn leaves it, and tells the console. The lock lets runs start.
// A draft that a designer saves at the same time is stored before or after, and has a revision of its own.
func (p *Provisioning) changeFlow(ctx context.Context, id models.FlowID, fn func(*models.Flow) error) error {
	row := &models.Flow{}
	if err := p.rows().Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).First(row, id).Error; err != nil {
		return asError(err, "flow")
	}
	if err := fn(row); err != nil {
		return err
	}
	if err := p.save(int64(id), "flow", row); err != nil {
		return err
	}
	return insertEvent(ctx, p.tx, p.account, models.EventFlowUpdated, nil, int64(id))
}
