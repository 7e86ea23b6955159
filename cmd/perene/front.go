package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/perene/perene/api"
	"github.com/perene/perene/models"
)

// front answers for a process from its first moment: that it lives, that it is not ready yet and what it waits for; and 503
// to everything else, so that a provider delivers again. When the process is ready its own handler takes over.
type front struct {
	address string
	handler atomic.Pointer[http.Handler]
	stop    context.CancelFunc
	ended   chan error

	mu     sync.Mutex
	checks map[string]string
}

// openFront listens on address at once. Whoever opened it calls close.
func openFront(ctx context.Context, address string, log *slog.Logger, setting string) (*front, error) {
	l, err := listen(ctx, address, setting)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	f := &front{address: l.Addr().String(), stop: stop, ended: make(chan error, 1), checks: map[string]string{}}
	go func() { f.ended <- serveOn(ctx, l, f, log) }()
	return f, nil
}

// tell keeps what /readyz shows until the process is ready.
func (f *front) tell(what string, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checks[what] = "does not answer"
	if there {
		f.checks[what] = "ok"
	}
}

// ready hands over to the process's own handler.
func (f *front) ready(h http.Handler) { f.handler.Store(&h) }

// serve returns when ctx has ended and requests under way have ended too.
func (f *front) serve() error {
	err := <-f.ended
	f.ended <- err
	return err
}

// close ends it, if it has not ended yet.
func (f *front) close() {
	f.stop()
	_ = f.serve()
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := f.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case "/healthz":
		_, _ = w.Write([]byte("ok\n"))
	case "/readyz":
		f.mu.Lock()
		defer f.mu.Unlock()
		writeReadiness(w, api.Readiness{Checks: f.checks})
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(api.Problem{Type: "about:blank", Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable,
			Code: string(models.CodeUnavailable), Detail: "Perene is starting: try again in a moment."})
	}
}

// writeReadiness answers /readyz.
func writeReadiness(w http.ResponseWriter, r api.Readiness) {
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(r)
}
