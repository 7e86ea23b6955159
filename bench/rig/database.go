package rig

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB reads the stack's databases.
type DB struct {
	*pgxpool.Pool               // Perene's own
	Temporal      *pgxpool.Pool // Temporal's histories
	data          string        // PGDATA
	names         map[uint32]string
	address       string // of Perene's database
	temporalName  string
	visibility    string
}

// OpenDB connects to a stack's databases.
func (s *Stack) OpenDB(ctx context.Context) (*DB, error) {
	db := &DB{data: s.PostgresData, address: s.DatabaseURL, names: map[uint32]string{}, temporalName: s.TemporalDatabase, visibility: s.VisibilityDatabase}
	var err error
	if db.Pool, err = openPool(ctx, s.DatabaseURL); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	u.Path = "/" + s.TemporalDatabase
	if db.Temporal, err = openPool(ctx, u.String()); err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT oid, datname FROM pg_database`)
	if err != nil {
		return nil, fmt.Errorf("list databases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var oid uint32
		var name string
		if err := rows.Scan(&oid, &name); err != nil {
			return nil, err
		}
		db.names[oid] = name
	}
	return db, rows.Err()
}

func openPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	cfg.MaxConns = 4
	cfg.ConnConfig.RuntimeParams["application_name"] = "rig"
	return pgxpool.NewWithConfig(ctx, cfg)
}

// Close closes all sessions.
func (db *DB) Close() {
	db.Pool.Close()
	db.Temporal.Close()
}

// Counters are what the databases have counted so far.
type Counters struct {
	At       time.Time
	Commits  map[string]int64 // by database: perene, temporal, visibility
	WALBytes int64            // of all databases
	LSN      string
	Events   int64 // Temporal history events of all runs that are kept
}

// Database names in reports.
const (
	Perene     = "perene"
	Visibility = "visibility"
)

func (db *DB) label(name string) string {
	switch name {
	case db.temporalName:
		return Temporal
	case db.visibility:
		return Visibility
	}
	return name
}

// Count reads the counters. Sessions tell Postgres's statistics what they did within a second, so it waits for that first.
func (db *DB) Count(ctx context.Context) (Counters, error) {
	time.Sleep(1200 * time.Millisecond)
	c := Counters{At: time.Now(), Commits: map[string]int64{}}
	rows, err := db.Query(ctx, `SELECT datname, xact_commit FROM pg_stat_database WHERE datname IS NOT NULL`)
	if err != nil {
		return c, fmt.Errorf("count commits: %w", err)
	}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return c, err
		}
		c.Commits[db.label(name)] += n
	}
	if err := rows.Err(); err != nil {
		return c, err
	}
	if err := db.QueryRow(ctx, `SELECT pg_current_wal_lsn()::text, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint`).Scan(&c.LSN, &c.WALBytes); err != nil {
		return c, fmt.Errorf("read the WAL's end: %w", err)
	}
	err = db.Temporal.QueryRow(ctx, `SELECT coalesce(sum(next_event_id - 1), 0)::bigint FROM executions`).Scan(&c.Events)
	if err != nil {
		return c, fmt.Errorf("count history events: %w", err)
	}
	return c, nil
}

// tidyWithin bounds Tidied: Temporal writes down how far its queues have come, and deletes what is behind, every 30 s or so.
const tidyWithin = 2 * time.Minute

// Tidied waits until Temporal has deleted the tasks it is done with, and vacuums what was deleted. Each new workflow leaves
// tasks, which are deleted half a minute later or so and vacuumed a minute after that: what is measured meanwhile would be
// charged for them. It returns how many are left after two minutes.
func (db *DB) Tidied(ctx context.Context) (left int64, err error) {
	for until := time.Now().Add(tidyWithin); ; {
		err := db.Temporal.QueryRow(ctx, `SELECT (SELECT count(*) FROM transfer_tasks) + (SELECT count(*) FROM visibility_tasks)
			+ (SELECT count(*) FROM timer_tasks WHERE visibility_timestamp < now())`).Scan(&left)
		if err != nil {
			return 0, fmt.Errorf("count Temporal's tasks: %w", err)
		}
		if left == 0 || time.Now().After(until) {
			return left, db.vacuum(ctx)
		}
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// vacuum vacuums and analyses every database of the stack, as Postgres would by itself a minute later.
func (db *DB) vacuum(ctx context.Context) error {
	u, err := url.Parse(db.address)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	for _, name := range []string{u.Path, "/" + db.temporalName, "/" + db.visibility} {
		u.Path = name
		conn, err := pgx.Connect(ctx, u.String())
		if err != nil {
			return fmt.Errorf("vacuum %s: %w", name, err)
		}
		_, err = conn.Exec(ctx, `VACUUM (ANALYZE)`)
		_ = conn.Close(ctx)
		if err != nil {
			return fmt.Errorf("vacuum %s: %w", name, err)
		}
	}
	return nil
}

// WAL is what one database wrote: bytes of records, of them whole pages (after a checkpoint), and commits that had to reach
// the disk.
type WAL struct {
	Bytes, PageBytes, Commits int64
}

var (
	walLine = regexp.MustCompile(`^rmgr: (\S+)\s+len \(rec/tot\):\s*(\d+)/\s*(\d+), tx:\s*(\d+),.*desc: (\S+)`)
	walRel  = regexp.MustCompile(`rel \d+/(\d+)/\d+`)
	walPage = regexp.MustCompile(`FPW`)
)

// PostgresProgram finds one of the programs of the Postgres that made a data directory.
func PostgresProgram(data, name string) (string, error) {
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return "", fmt.Errorf("read the version of Postgres: %w", err)
	}
	path := filepath.Join("/usr/lib/postgresql", strings.TrimSpace(string(version)), "bin", name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return exec.LookPath(name)
}

// WALByDatabase reads the log between two places with pg_waldump and adds it up by database; "" is what belongs to none.
func (db *DB) WALByDatabase(ctx context.Context, from, to string) (map[string]*WAL, error) {
	tool, err := PostgresProgram(db.data, "pg_waldump")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, tool, "--path", filepath.Join(db.data, "pg_wal"), "--start", from, "--end", to)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run pg_waldump: %w", err)
	}
	out := map[string]*WAL{}
	byTx := map[string]string{}
	at := func(name string) *WAL {
		if out[name] == nil {
			out[name] = &WAL{}
		}
		return out[name]
	}
	lines := bufio.NewScanner(pipe)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m := walLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		rec, _ := strconv.ParseInt(m[2], 10, 64)
		total, _ := strconv.ParseInt(m[3], 10, 64)
		name := byTx[m[4]]
		if rel := walRel.FindStringSubmatch(lines.Text()); rel != nil {
			oid, _ := strconv.ParseUint(rel[1], 10, 32)
			if oid != 0 {
				name = db.label(db.names[uint32(oid)])
				if m[4] != "0" {
					byTx[m[4]] = name
				}
			}
		}
		w := at(name)
		w.Bytes += (total + 7) &^ 7 // records are aligned
		if walPage.MatchString(lines.Text()) {
			w.PageBytes += total - rec
		}
		if m[1] == "Transaction" && strings.HasPrefix(m[5], "COMMIT") {
			w.Commits++
			delete(byTx, m[4])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return out, cmd.Wait()
}
