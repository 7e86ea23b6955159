package store

import (
	"database/sql"

	"github.com/jackc/pgx/v5/stdlib"
)

// How long Postgres lets a statement of ours run, and a transaction of ours stand idle, in milliseconds: whatever happens to
// this program, no lock is held for longer. Every statement and every pause between two is far shorter. An operator may set
// others in DATABASE_URL.
var timeouts = map[string]string{"statement_timeout": "30000", "idle_in_transaction_session_timeout": "20000"}

// idleTooLong is Postgres's code for a transaction that stood idle for too long.
const idleTooLong = "25P03"

// hasten adds the time-outs that a connection's parameters do not set.
func hasten(params map[string]string) {
	for name, value := range timeouts {
		if _, ok := params[name]; !ok {
			params[name] = value
		}
	}
}

// patient opens connections without time-outs, for migrations: a large table takes as long as it takes. The caller closes them.
func (s *Store) patient() *sql.DB {
	cfg := s.pool.Config().ConnConfig
	wait(cfg.RuntimeParams)
	return stdlib.OpenDB(*cfg)
}

// wait takes the time-outs away.
func wait(params map[string]string) {
	for name := range timeouts {
		params[name] = "0"
	}
}
