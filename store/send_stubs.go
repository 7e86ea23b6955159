package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

func (s *Store) applyStatus(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *StatusUpdate, wake *Wake) error {
	return nil
}
func (s *Store) applyTemplateChange(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *TemplateChange) error {
	return nil
}
func (s *Store) mergeHealth(ctx context.Context, tx pgx.Tx, conn *models.Connection, data json.RawMessage) error {
	return nil
}
