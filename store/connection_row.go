package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// connectionByID reads what receiving and stepping need of a connection.
func connectionByID(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConnectionID) (*models.Connection, error) {
	c := &models.Connection{}
	err := tx.QueryRow(ctx, `
		SELECT id, account_id, key, name, channel, state, initial_flow_id, initial_queue_id, settings
		FROM connections
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).
		Scan(&c.ID, &c.AccountID, &c.Key, &c.Name, &c.Channel, &c.State, &c.InitialFlowID, &c.InitialQueueID, &c.Settings)
	if err != nil {
		return nil, asError(err, "connection")
	}
	return c, nil
}
