package graph

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// endless is an answer that notes the deadlines its request was given.
type endless struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (e *endless) SetReadDeadline(at time.Time) error  { e.read = append(e.read, at); return nil }
func (e *endless) SetWriteDeadline(at time.Time) error { e.write = append(e.write, at); return nil }

// A reader of the ledger listens for as long as it likes: a server's deadlines would end the stream in the middle of a run,
// and all that follows would look lost.
func TestTheLedgersStreamHasNoDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the reader goes as soon as the first lines are there
	w := &endless{ResponseRecorder: httptest.NewRecorder()}
	newRig(t, nil).s.Control().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/control/ledger/stream", http.NoBody))
	if len(w.read) != 1 || !w.read[0].IsZero() || len(w.write) != 1 || !w.write[0].IsZero() {
		t.Errorf("the stream has the deadlines %v for reading and %v for writing, want none", w.read, w.write)
	}
	if w.Code != http.StatusOK || !w.Flushed {
		t.Errorf("the stream answers %d, flushed %t", w.Code, w.Flushed)
	}
}
