// Package store is Postgres, one file per aggregate: SQL through pgx, and GORM where whole rows are read or saved off a
// message's path. Every function takes the context first and the account second. A change of state, its events and its
// doorbells are one transaction.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/perene/perene/models"
)

// Store is the way to Postgres. Safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	// side serves reads that are made while the caller holds a connection of pool in a transaction: were they to take
	// another one there, as many transactions as the pool has connections would wait for each other for ever.
	side  *pgxpool.Pool
	gorm  *gorm.DB
	now   func() time.Time
	judge models.Judge
}

// Options tune a Store.
type Options struct {
	// MaxConns bounds the pool; 0 means four for each core of this machine and at least ten. Each costs Postgres some 4 MB.
	MaxConns int32
	// Now is the clock; nil means time.Now. Tests hand in their own.
	Now func() time.Time
	// Judge decides about failed sends (channels.NewJudges); nil gives every failed message up.
	Judge models.Judge
}

// sideConns bounds the connections for reads beside transactions; what they read is kept in memory.
const sideConns = 3

// giveUpAll is the judge of a store that was given none.
type giveUpAll struct{}

func (giveUpAll) Judge(string, json.RawMessage, models.SendFailure, models.SendCounts) models.Verdict {
	return models.Verdict{Kind: models.VerdictFail}
}

// Open connects to Postgres. The error of a wrong or unreachable URL is a sentence without the password.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL is not a Postgres URL: write postgres://user:password@host:5432/database?sslmode=…")
	}
	cfg.MaxConns = int32(max(10, min(4*runtime.NumCPU(), 100)))
	if opts.MaxConns > 0 {
		cfg.MaxConns = opts.MaxConns
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "perene"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	hasten(cfg.ConnConfig.RuntimeParams)
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		mapTypes(c.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres at %s:%d: %w", cfg.ConnConfig.Host, cfg.ConnConfig.Port, err)
	}
	beside := cfg.Copy()
	beside.MaxConns, beside.MinConns = sideConns, 0
	side, err := pgxpool.NewWithConfig(ctx, beside) // connects when it is needed
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to Postgres at %s:%d: %w", cfg.ConnConfig.Host, cfg.ConnConfig.Port, err)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Judge == nil {
		opts.Judge = giveUpAll{}
	}
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(pool)}), &gorm.Config{
		Logger:                 logger.Discard, // statements carry words of customers
		SkipDefaultTransaction: true,
		TranslateError:         true,
		NowFunc:                opts.Now,
		NamingStrategy:         schema.NamingStrategy{},
	})
	if err != nil {
		pool.Close()
		side.Close()
		return nil, openError(cfg.ConnConfig.Host, cfg.ConnConfig.Port, err)
	}
	return &Store{pool: pool, side: side, gorm: g, now: opts.Now, judge: opts.Judge}, nil
}

// mapTypes lets times come out of Postgres in UTC, wherever the machine stands: pgx gives them in its zone, and so would the API.
// UUIDs go in as the 16 bytes they are: pgx by itself takes them for text, fails, and reads that text again.
func mapTypes(types *pgtype.Map) {
	pgxuuid.Register(types)
	types.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
}

// openError says in a sentence why Postgres cannot be used; never with the password.
func openError(host string, port uint16, err error) error {
	var pg *pgconn.PgError
	code := ""
	if errors.As(err, &pg) {
		code = pg.Code
	}
	switch code {
	case "28P01", "28000":
		return models.Errorf(models.CodeInvalid, "Postgres at %s:%d refuses the user or the password in DATABASE_URL: check both", host, port)
	case "3D000":
		return models.Errorf(models.CodeInvalid, "the database that DATABASE_URL names does not exist at %s:%d: create it, then run `perene migrate`", host, port)
	}
	return &models.Error{Code: models.CodeUnavailable, Err: err,
		Message: fmt.Sprintf("Postgres does not answer at %s:%d: check that it runs and that DATABASE_URL is right", host, port)}
}

// Close waits for running statements and closes all connections.
func (s *Store) Close() {
	s.pool.Close()
	s.side.Close()
}

// Pool gives the pgx pool, for LISTEN and for plumbing without domain words.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping tells whether Postgres answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// Now is the store's clock in UTC, cut to microseconds as Postgres keeps them.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// inTx runs fn in one transaction: commit when it returns nil, roll back otherwise.
func (s *Store) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, fn)
}

// db gives GORM bound to ctx.
func (s *Store) db(ctx context.Context) *gorm.DB { return s.gorm.WithContext(ctx) }

// asError turns a driver's error into one with a code: not found, conflict, unavailable. Others pass through.
func asError(err error, what string) error {
	if err == nil {
		return nil
	}
	var coded *models.Error
	if errors.As(err, &coded) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) || errors.Is(err, gorm.ErrRecordNotFound) {
		return models.NotFound(what)
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return &models.Error{Code: models.CodeConflict, Key: what + ".exists", Message: "a " + what + " with this name exists already", Err: err}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == quotaReached:
			return quotaError(pg.TableName, pg.Detail)
		case pg.Code == "23505":
			return &models.Error{Code: models.CodeConflict, Key: what + ".exists", Message: "a " + what + " with these values exists already", Err: err}
		case pg.Code == "23503":
			return &models.Error{Code: models.CodeInvalid, Key: what + ".reference", Message: "the " + what + " names something that does not exist", Err: err}
		case passes(pg.Code):
			return &models.Error{Code: models.CodeUnavailable, Message: "the database does not answer now", Err: err}
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	if IsUnavailable(err) {
		return &models.Error{Code: models.CodeUnavailable, Message: "the database does not answer now", Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// IsUnavailable tells whether err means that Postgres cannot be reached now, so that trying again makes sense.
func IsUnavailable(err error) bool {
	if err == nil {
		return false
	}
	if models.CodeOf(err) == models.CodeUnavailable {
		return true
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return passes(pg.Code)
	}
	var network net.Error // a connection that broke while it was used
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}

// passes tells whether what an SQLSTATE says is Postgres's trouble and not the statement's: the connection (08), no room or
// no memory (53), a restart (57), the disk (58), or a server that became a standby (25006).
func passes(code string) bool {
	return code == "25006" || code == idleTooLong || len(code) == 5 && slices.Contains([]string{"08", "53", "57", "58"}, code[:2])
}
