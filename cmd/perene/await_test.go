package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"github.com/perene/perene/api"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// impatience never sleeps: it notes each pause and calls during at each, with its number from 1.
func impatience(log io.Writer, during func(n int)) (patience, *[]time.Duration) {
	var pauses []time.Duration
	p := newPatience(slog.New(slog.NewTextHandler(log, nil)), func(string, bool) {})
	p.after = func(d time.Duration) <-chan time.Time {
		if pauses = append(pauses, d); len(pauses) > 30 {
			panic("it waits for ever")
		}
		during(len(pauses))
		c := make(chan time.Time, 1)
		c <- time.Time{}
		return c
	}
	return p, &pauses
}

// TestPatienceGrowsAndIsLoggedOnce: what is away is asked for with growing pauses and one line in the log.
func TestPatienceGrowsAndIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	p, pauses := impatience(&log, func(int) {})
	type told struct {
		What  string
		There bool
	}
	var heard []told
	p.tell = func(what string, there bool) { heard = append(heard, told{what, there}) }
	tries := 0
	err := p.until(t.Context(), "database", func(error) bool { return true }, func(context.Context) error {
		if tries++; tries < 9 {
			return errors.New("away")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ms := time.Millisecond
	if d := cmp.Diff([]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 2000 * ms, 2000 * ms, 2000 * ms}, *pauses); d != "" {
		t.Errorf("pauses (-want +got):\n%s", d)
	}
	if n := strings.Count(log.String(), "waiting until it answers"); n != 1 {
		t.Errorf("the wait was logged %d times:\n%s", n, log.String())
	}
	if d := cmp.Diff([]told{{"database", false}, {"database", true}}, heard); d != "" {
		t.Errorf("readiness heard (-want +got):\n%s", d)
	}
}

// TestPatienceEnds: what waiting does not mend ends it at once, and so does a stop.
func TestPatienceEnds(t *testing.T) {
	wrong := errors.New("wrong")
	p, pauses := impatience(io.Discard, func(int) {})
	if err := p.until(t.Context(), "database", func(err error) bool { return !errors.Is(err, wrong) }, func(context.Context) error { return wrong }); !errors.Is(err, wrong) || len(*pauses) > 0 {
		t.Errorf("%v after %d pauses", err, len(*pauses))
	}
	ctx, stop := context.WithCancel(t.Context())
	p, pauses = impatience(io.Discard, func(n int) {
		if n == 3 {
			stop()
		}
	})
	err := p.until(ctx, "database", func(error) bool { return true }, func(context.Context) error { return errors.New("away") })
	if !errors.Is(err, context.Canceled) || len(*pauses) > 4 {
		t.Errorf("%v after %d pauses", err, len(*pauses))
	}
	if untilAsked(ctx, err) != nil {
		t.Error("a stop while waiting is told as an error")
	}
}

// TestStoreIsAwaited: a process that starts before Postgres works as soon as it answers.
func TestStoreIsAwaited(t *testing.T) {
	u, err := url.Parse(storetest.NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = closed.Addr().String()
	_ = closed.Close()
	p, pauses := impatience(io.Discard, func(n int) {
		if n == 3 {
			passOn(t, u.Host, server)
		}
	})
	s, err := awaitStore(t.Context(), p, config.Database{URL: u.String(), MaxConns: 2}, config.Development, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(*pauses) != 3 {
		t.Errorf("%d pauses before Postgres was there, want 3", len(*pauses))
	}
}

// passOn lets whoever connects to from talk to to.
func passOn(t *testing.T, from, to string) {
	l, err := net.Listen("tcp", from)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
}

// TestStoreIsNotAwaitedForEver: what Postgres refuses by name ends the start with one sentence that says what to do.
func TestStoreIsNotAwaitedForEver(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*url.URL)
		want   string
	}{
		"a wrong password":              {func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "not-the-password") }, "refuses the user or the password in DATABASE_URL"},
		"a missing database":            {func(u *url.URL) { u.Path = "/nobody_made_this" }, "create it, then run `perene migrate`"},
		"an old schema":                 {func(u *url.URL) { u.Path = "/postgres" }, "run `perene migrate`"},
		"TLS asked of a server without": {func(u *url.URL) { u.RawQuery = "sslmode=require" }, "check sslmode"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(os.Getenv(storetest.EnvURL))
			if err != nil || u.Host == "" {
				t.Fatalf("%s is not set: run `make test`, or `make testdb` once and export what it prints", storetest.EnvURL)
			}
			c.change(u)
			p, pauses := impatience(io.Discard, func(int) {})
			_, err = awaitStore(t.Context(), p, config.Database{URL: u.String(), MaxConns: 2}, config.Development, store.Options{})
			err = sentence(err)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "not-the-password") || len(*pauses) > 0 {
				t.Errorf("after %d pauses: %v", len(*pauses), err)
			}
		})
	}
}

// fakeFrontend answers DescribeNamespace with the next of its errors.
type fakeFrontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	errs []error
}

func (f *fakeFrontend) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	if len(f.errs) == 0 {
		return &workflowservice.DescribeNamespaceResponse{}, nil
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	return nil, serviceerror.ToStatus(err).Err()
}

// TestTemporalIsAwaited: a worker waits while Temporal is away and ends at once with a sentence for what waiting does not mend.
func TestTemporalIsAwaited(t *testing.T) {
	away := serviceerror.NewUnavailable("not yet")
	for name, c := range map[string]struct {
		answers []error
		pauses  int
		want    string
	}{
		"it comes":            {answers: []error{away, away}, pauses: 2},
		"no such namespace":   {answers: []error{away, serviceerror.NewNamespaceNotFound("perene")}, pauses: 1, want: "TEMPORAL_NAMESPACE"},
		"a key that is wrong": {answers: []error{serviceerror.NewPermissionDenied("no", "")}, want: "TEMPORAL_API_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := grpc.NewServer()
			workflowservice.RegisterWorkflowServiceServer(server, &fakeFrontend{errs: slices.Clone(c.answers)})
			go func() { _ = server.Serve(l) }()
			t.Cleanup(server.Stop)
			pauses, err := awaitTemporalAt(t, config.Temporal{Address: l.Addr().String(), Namespace: "perene"})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("it ended with %v", err)
			}
			if pauses != c.pauses {
				t.Errorf("%d pauses, want %d", pauses, c.pauses)
			}
		})
	}
	t.Run("a certificate that does not fit", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{NextProtos: []string{"h2"}}
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
		server.StartTLS()
		defer server.Close()
		pauses, err := awaitTemporalAt(t, config.Temporal{Address: server.Listener.Addr().String(), Namespace: "perene", TLS: true})
		if err == nil || !strings.Contains(err.Error(), "TEMPORAL_TLS_CA_FILE") || pauses > 0 {
			t.Errorf("after %d pauses: %v", pauses, err)
		}
	})
}

func awaitTemporalAt(t *testing.T, cfg config.Temporal) (int, error) {
	c, err := dialTemporal(cfg, slog.New(slog.DiscardHandler), newRegistry())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p, pauses := impatience(io.Discard, func(int) {})
	err = awaitTemporal(t.Context(), p, c, cfg)
	return len(*pauses), err
}

// TestFrontAnswersBeforeAllIsThere: while a process waits it lives, is not ready, says for what it waits, and sends
// deliveries away to come again.
func TestFrontAnswersBeforeAllIsThere(t *testing.T) {
	f, err := openFront(t.Context(), "127.0.0.1:0", slog.New(slog.DiscardHandler), "PERENE_LISTEN")
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	get := func(path string) (int, http.Header, string) {
		res, err := http.Post("http://"+f.address+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header, string(body)
	}
	f.tell("database", false)
	if code, _, _ := get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz answers %d", code)
	}
	code, _, body := get("/readyz")
	var r api.Readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil || code != http.StatusServiceUnavailable || r.Ready || r.Checks["database"] != "does not answer" {
		t.Errorf("/readyz answers %d %s", code, body)
	}
	code, header, body := get("/webhooks/meta/demo")
	if code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("a delivery is answered %d %s", code, body)
	}
	f.ready(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	if code, _, _ := get("/webhooks/meta/demo"); code != http.StatusTeapot {
		t.Errorf("when all is there: %d", code)
	}
	if _, err := openFront(t.Context(), f.address, slog.New(slog.DiscardHandler), "PERENE_LISTEN"); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("a port in use: %v", err)
	}
}
