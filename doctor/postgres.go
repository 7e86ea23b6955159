package doctor

import (
	"context"
	"errors"
	"net"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/store"
)

const (
	oldestPostgres = 140000
	// A clock that is off by more than the first is worth a look; by more than the second, windows and retries go wrong.
	clockWarn = time.Second
	clockFail = 5 * time.Second
	// staleDoorbell is an age at which a doorbell tells that no worker answers.
	staleDoorbell = time.Minute
)

func (e *examination) postgres(ctx context.Context) {
	const name = "postgres"
	if _, err := pgx.ParseConfig(e.Database.URL); err != nil || e.Database.URL == "" {
		return // said under configuration
	}
	where := databaseHost(e.Database.URL)
	// Once without the store, whose error is a sentence already: here the kind of trouble decides about the remedy.
	conn, err := pgx.Connect(ctx, e.Database.URL)
	if err != nil {
		what, mend := postgresTrouble(err)
		e.fail(name, mend, "%s: %s", where, what)
		return
	}
	_ = conn.Close(ctx)
	s, err := store.Open(ctx, e.Database.URL, store.Options{MaxConns: 2, Now: e.Now})
	if err != nil {
		e.fail(name, "look at the server's log; check host, port and sslmode in DATABASE_URL", "%s: does not answer", where)
		return
	}
	var version int
	var fsync, commit string
	before := e.Now()
	var there time.Time
	err = s.Pool().QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('fsync'), current_setting('synchronous_commit'), clock_timestamp()`).
		Scan(&version, &fsync, &commit, &there)
	after := e.Now()
	if err != nil {
		s.Close()
		what, mend := postgresTrouble(err)
		e.fail(name, mend, "%s: %s", where, what)
		return
	}
	e.store = s
	if version < oldestPostgres {
		e.fail(name, "move to Postgres 14 or newer", "%s runs version %d.%d", where, version/10000, version%10000)
	} else {
		e.ok(name, "%d.%d at %s", version/10000, version%10000, where)
	}
	e.clock(there, before, after)
	if fsync != "on" || commit == "off" {
		const mend = "set fsync = on and synchronous_commit = on in postgresql.conf"
		if e.Runtime.Env == "development" {
			e.warn("durability", mend, "fsync is %s and synchronous_commit is %s: a crash may lose messages", fsync, commit)
		} else {
			e.fail("durability", mend, "fsync is %s and synchronous_commit is %s: a crash loses messages that were answered with 200", fsync, commit)
		}
	}
	e.migrations(ctx)
}

// auditedLines is how many of the last lines of each audit log are looked at. perene audit looks at all.
const auditedLines = 1000

// audits follows the end of each account's audit log.
func (e *examination) audits(ctx context.Context) {
	const name = "audit log"
	if e.store == nil {
		return
	}
	accounts, err := e.store.Accounts(ctx)
	if err != nil {
		return // said under schema
	}
	lines := int64(0)
	for _, a := range accounts {
		chain, err := e.store.CheckAudit(ctx, a.ID, auditedLines)
		switch {
		case err != nil:
			e.warn(name, "look at the database's log", "of account %d cannot be read", a.ID)
			return
		case chain.Broken != "":
			e.fail(name, "somebody changed the table by hand: compare it with a backup, and run perene audit", "of account %d: %s", a.ID, chain.Broken)
			return
		}
		lines += chain.Lines
	}
	e.ok(name, "the last %d lines are as they were written", lines)
}

// databaseHost names the server without user and password.
func databaseHost(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "Postgres"
	}
	return u.Host
}

func postgresTrouble(err error) (what, mend string) {
	var pg *pgconn.PgError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &pg) && (pg.Code == "28P01" || pg.Code == "28000"):
		return "refuses the user or the password", "correct user and password in DATABASE_URL, or pg_hba.conf on the server"
	case errors.As(err, &pg) && pg.Code == "3D000":
		return "has no such database", "create it (createdb NAME) or correct the name in DATABASE_URL"
	case errors.As(err, &pg) && pg.Code == "53300":
		return "has no connection left", "raise max_connections, or lower PERENE_DATABASE_MAX_CONNS of the processes"
	case errors.As(err, &dns):
		return "there is no host of this name", "correct the host in DATABASE_URL"
	case errors.As(err, &op):
		return "nothing answers there", "start Postgres, or correct host and port in DATABASE_URL"
	}
	return "does not answer", "look at the server's log; check host, port and sslmode in DATABASE_URL"
}

// clock compares ours with the database's, at the middle of the query.
func (e *examination) clock(there, before, after time.Time) {
	skew := there.Sub(before.Add(after.Sub(before) / 2)).Abs()
	const mend = "keep the clocks of all machines with NTP (systemctl enable --now systemd-timesyncd, or chrony)"
	shown := skew.Round(time.Millisecond)
	switch {
	case skew > clockFail:
		e.fail("clock", mend, "differs by %s from the database's: windows, retries and signatures go wrong", shown)
	case skew > clockWarn:
		e.warn("clock", mend, "differs by %s from the database's", shown)
	default:
		e.ok("clock", "within %s of the database's", max(shown, time.Millisecond))
	}
}

func (e *examination) migrations(ctx context.Context) {
	have, need, err := e.store.SchemaVersions(ctx)
	switch {
	case err != nil:
		e.fail("schema", "let the user of DATABASE_URL read and write its own database", "cannot be read")
		return
	case have < need:
		e.fail("schema", "run: perene migrate", "version %d, this program needs %d", have, need)
		return
	case have > need:
		e.warn("schema", "run the newest program everywhere, or take the schema back before taking the program back", "version %d is newer than this program's %d", have, need)
	default:
		e.ok("schema", "version %d", have)
	}
	count, oldest, err := e.store.DoorbellBacklog(ctx)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err != nil:
		e.warn("doorbells", "look at the database's log", "cannot be counted")
	case oldest > staleDoorbell:
		e.warn("doorbells", "start a worker (perene worker) and look whether Temporal answers; nothing is lost meanwhile", "%d wait, the oldest for %s", count, oldest.Round(time.Second))
	default:
		e.ok("doorbells", "%d wait", count)
	}
}
