// Package temporal is one Temporal server (frontend, history, matching, worker)
// with its web interface, on Postgres, in one process.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/iancoleman/strcase"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql/driver"
	v12 "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

// withDatabase is dsn with another database; dsn is a URL or a list of key=value.
func withDatabase(dsn, database string) string {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		u.Path = "/" + database
		return u.String()
	}
	return dsn + " dbname=" + database
}

// datastore configures one of the two databases. The connection is made here,
// because Temporal's own settings know no Unix sockets, service files or
// several hosts, all of which a DATABASE_URL may have.
func datastore(dsn, database string, connections int) *config.SQL {
	return &config.SQL{
		PluginName:   postgresql.PluginNamePGX,
		DatabaseName: database,
		// Not used beside Connect, but checked to be there.
		ConnectAddr: "database-url", ConnectProtocol: "tcp",
		MaxConns: connections, MaxIdleConns: connections, MaxConnLifetime: time.Hour,
		Connect: func(cfg *config.SQL) (*sqlx.DB, error) {
			db, err := new(driver.PGXDriver).CreateConnection(withDatabase(dsn, cfg.DatabaseName))
			if err != nil {
				return nil, err
			}
			db.SetMaxOpenConns(cfg.MaxConns)
			db.SetMaxIdleConns(cfg.MaxIdleConns)
			db.SetConnMaxLifetime(cfg.MaxConnLifetime)
			db.MapperFunc(strcase.ToSnake)
			return db, nil
		},
	}
}

// setUpSchemas brings both databases to the schema of this server version.
func setUpSchemas(ctx context.Context, opts Options, logger log.Logger) error {
	both := []struct{ database, name, version string }{
		{opts.Database, "postgresql/v12/temporal", v12.Version},
		{opts.VisibilityDatabase, "postgresql/v12/visibility", v12.VisibilityVersion},
	}
	done := make(chan error, len(both))
	for _, s := range both {
		go func() { done <- setUpSchema(ctx, opts.DatabaseURL, s.database, s.name, s.version, logger) }()
	}
	return errors.Join(<-done, <-done)
}

func setUpSchema(ctx context.Context, dsn, database, name, version string, logger log.Logger) error {
	there, err := schemaVersion(ctx, withDatabase(dsn, database), database)
	if err != nil {
		return fmt.Errorf("read the schema version of %s: %w", database, err)
	}
	if there == version {
		return nil
	}
	db, err := sqltool.NewConnection(datastore(dsn, database, 1), logger)
	if err != nil {
		return fmt.Errorf("open %s: %w", database, err)
	}
	defer db.Close()
	if there == "" {
		// Whatever is there without a version was left by a set-up that was
		// interrupted, so it is written over.
		err = schema.NewSetupSchemaTask(db, &schema.SetupConfig{
			SchemaName: name, InitialVersion: version, Overwrite: true,
		}, logger).Run()
	} else {
		err = schema.NewUpdateSchemaTask(db, &schema.UpdateConfig{DBName: database, SchemaName: name}, logger).Run()
	}
	if err != nil {
		return fmt.Errorf("set up the schema of %s: %w", database, err)
	}
	return nil
}

// schemaVersion is the version that a set-up which came to its end has
// recorded, empty where there is none.
func schemaVersion(ctx context.Context, dsn, database string) (string, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	var version string
	err = conn.QueryRow(ctx, "SELECT curr_version FROM schema_version WHERE version_partition = 0 AND db_name = $1", database).Scan(&version)
	var pg *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) || (errors.As(err, &pg) && pg.Code == "42P01") {
		return "", nil
	}
	return strings.TrimSpace(version), err
}
