package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFiguresAreNotTheWorlds: F7. No address of the API has figures, whoever asks and by whatever way.
func TestFiguresAreNotTheWorlds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, peer := range []string{"127.0.0.1:5", "10.0.0.1:5", "203.0.113.9:5"} {
		for _, as := range []string{"", "203.0.113.9", "127.0.0.1"} {
			rec := w.forwarded(peer, as, "/metrics")
			if rec.Code != http.StatusNotFound || strings.Contains(rec.Body.String(), "perene_") {
				t.Errorf("from %s as %q: %d", peer, as, rec.Code)
			}
		}
	}
}

// forwarded asks as a peer that forwards for somebody.
func (w *world) forwarded(peer, as, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = peer
	if as != "" {
		r.Header.Set("X-Forwarded-For", as)
	}
	rec := httptest.NewRecorder()
	w.app.engine.ServeHTTP(rec, r)
	return rec
}

// TestAnUntrustedProxyIsTold: in the log once, with its address if it is a private one, and by /healthz each time.
func TestAnUntrustedProxyIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.TrustedProxies = []string{"10.0.0.1", "172.30.83.0/24"} })
	for peer, trusted := range map[string]bool{"10.0.0.1:5": true, "172.30.83.7:5": true, "203.0.113.9:5": false, "10.0.0.2:5": false, "172.30.84.1:5": false, "[::ffff:10.0.0.1]:5": true} {
		if got := w.forwarded(peer, "", "/healthz").Header().Get(UntrustedProxy); got != "" {
			t.Errorf("%s forwards nothing: %q", peer, got)
		}
		if got := w.forwarded(peer, "198.51.100.1", "/healthz").Header().Get(UntrustedProxy); (got == "") != trusted {
			t.Errorf("%s forwards: %q", peer, got)
		}
	}
	w.forwarded("10.0.0.2:5", "198.51.100.1", "/healthz")
	log := w.log.String()
	if n := strings.Count(log, "PERENE_TRUSTED_PROXIES"); n != 1 || strings.Contains(log, "203.0.113.9") || strings.Contains(log, "198.51.100.1") {
		t.Errorf("told %d times: %s", n, log)
	}
}
