package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrate brings the schema to the newest version and returns it. Several processes may call it at once: an advisory lock
// lets one work.
func (s *Store) Migrate(ctx context.Context) (int64, error) {
	p, err := migrations(s.patient())
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.Close() }()
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate up: %w", err)
	}
	return p.GetDBVersion(ctx)
}

// MigrateDownTo takes the schema back to a version; 0 empties it. For tests and for a roll-back by an operator.
func (s *Store) MigrateDownTo(ctx context.Context, version int64) error {
	p, err := migrations(s.patient())
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	if _, err := p.DownTo(ctx, version); err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return nil
}

// SchemaVersions gives the version the database has and the one this program needs.
func (s *Store) SchemaVersions(ctx context.Context) (have, need int64, err error) {
	p, err := migrations(stdlib.OpenDBFromPool(s.pool))
	if err != nil {
		return 0, 0, err
	}
	for _, src := range p.ListSources() {
		need = max(need, src.Version)
	}
	have, err = p.GetDBVersion(ctx)
	return have, need, err
}

// migrations are what goose knows of the schema, over the connections given.
func migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}
