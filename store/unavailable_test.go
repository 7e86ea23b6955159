package store_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/store"
)

func TestWhatPassesIsUnavailable(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "read", Net: "unix", Err: syscall.ECONNRESET}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a connection that broke":        {fmt.Errorf("failed to deallocate cached statement(s): %w", broken), true},
		"a connection that ended":        {fmt.Errorf("receive: %w", io.ErrUnexpectedEOF), true},
		"no room on the disk":            {&pgconn.PgError{Code: "53100"}, true},
		"a disk that fails":              {&pgconn.PgError{Code: "58030"}, true},
		"a restart":                      {&pgconn.PgError{Code: "57P01"}, true},
		"a server that became a standby": {&pgconn.PgError{Code: "25006"}, true},
		"a transaction that stood idle":  {&pgconn.PgError{Code: "25P03"}, true},
		"a value that does not fit":      {&pgconn.PgError{Code: "22001"}, false},
		"a row that exists":              {&pgconn.PgError{Code: "23505"}, false},
		"an aborted transaction":         {&pgconn.PgError{Code: "25P02"}, false},
		"anything else":                  {errors.New("no"), false},
		"nothing":                        {nil, false},
	} {
		if got := store.IsUnavailable(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
