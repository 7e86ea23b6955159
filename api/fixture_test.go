package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/password"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// fixedNow is what the clock shows where a test sets nothing else.
var fixedNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// testPassword is the password of every user of the fixture.
const testPassword = "correct horse"

const testAppSecret = "0123456789abcdef0123456789abcdef"

// world is an API on a database of its own with two accounts in it. Ids of account N are N001, N002, …
type world struct {
	t         testing.TB
	app       *app
	server    *httptest.Server
	store     *store.Store
	workflows *fakeWorkflows
	waker     *fakeWaker
	inbound   *fakeInbound
	log       *lockedLog
	registry  *prometheus.Registry

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

var passwordHash = sync.OnceValues(func() (string, error) { return password.Hash(context.Background(), testPassword) })

func newWorld(t testing.TB, change ...func(*Deps)) *world {
	t.Helper()
	w := &world{t: t, now: fixedNow, workflows: &fakeWorkflows{}, waker: &fakeWaker{}, inbound: &fakeInbound{}, log: &lockedLog{}, registry: prometheus.NewRegistry()}
	w.store = storetest.New(t, store.Options{Now: w.clock})
	w.workflows.store = w.store
	key, err := seal.ParseKey("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	plenty := Rate{PerSecond: 1e6, Burst: 1e6}
	d := Deps{
		Store: w.store, Key: key, Files: &blobs.Memory{}, Workflows: w.workflows, Waker: w.waker, Inbound: w.inbound,
		Channels:  map[string]channels.Adapter{models.ChannelWhatsAppCloud: whatsapp.New(nil)},
		PublicURL: "http://localhost:8080",
		Links:     Links{TemporalUI: "http://localhost:8233", TemporalNamespace: "perene"},
		Log:       slog.New(slog.NewJSONHandler(w.log, nil)), Registry: w.registry,
		Version: Version{Version: "test", Go: "go"},
		Limits:  Limits{PerPrincipal: plenty, PerIP: plenty, PerAccount: plenty, Webhook: plenty, EventsPoll: 5 * time.Millisecond},
		Now:     w.clock, Random: &counter{},
	}
	for _, c := range change {
		c(&d)
	}
	if w.app, err = newApp(d); err != nil {
		t.Fatal(err)
	}
	w.fill(d.Files)
	w.server = httptest.NewServer(w.app.engine)
	t.Cleanup(w.server.Close)
	return w
}

// lockedLog lets many goroutines log, and one look at it meanwhile.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// counter is randomness that tests can foresee: each read begins with a number that grows.
type counter struct {
	mu sync.Mutex
	n  byte
}

func (c *counter) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	for i := range p {
		p[i] = c.n
	}
	return len(p), nil
}

type fakeWorkflows struct {
	mu    sync.Mutex
	calls []string
	err   error
	do    func(name string, event int64)
	// store does commands of tickets, as a worker does.
	store *store.Store
}

func (f *fakeWorkflows) call(name string, event int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if f.err == nil && f.do != nil {
		f.do(name, event)
	}
	return f.err
}

func (f *fakeWorkflows) CommandRun(_ context.Context, run models.FlowRunID, name string, event int64) error {
	return f.call(fmt.Sprintf("%s flow-run/%d", name, run), event)
}
func (f *fakeWorkflows) RetryNow(_ context.Context, m models.MessageID) error {
	return f.call(fmt.Sprintf("retry_now retry/%d", m), 0)
}
func (f *fakeWorkflows) CancelRetry(_ context.Context, m models.MessageID) error {
	return f.call(fmt.Sprintf("cancel retry/%d", m), 0)
}
func (f *fakeWorkflows) CommandTicket(ctx context.Context, t contract.TicketStart, kind models.TicketCommandKind, id models.TicketCommandID) error {
	if err := f.call(fmt.Sprintf("%s ticket/%d", kind, t.TicketID), int64(id)); err != nil {
		return err
	}
	_, _, err := f.store.RunTicketCommand(ctx, t, id, nil)
	return err
}
func (f *fakeWorkflows) SyncConnection(_ context.Context, s contract.ConnectionStart) error {
	return f.call(fmt.Sprintf("sync connection/%d", s.ConnectionID), 0)
}

type fakeWaker struct {
	mu    sync.Mutex
	wakes []contract.Wake
}

func (f *fakeWaker) Wake(_ models.AccountID, w contract.Wake) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wakes = append(f.wakes, w)
}

type fakeInbound struct {
	mu         sync.Mutex
	deliveries []channels.Delivery
	conns      []*models.Connection
	err        error
	replay     error
}

func (f *fakeInbound) Receive(_ context.Context, conn *models.Connection, d channels.Delivery, _ []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.deliveries, f.conns = append(f.deliveries, d), append(f.conns, conn)
	}
	return f.err
}

func (f *fakeInbound) Replay(context.Context, models.AccountID, models.QuarantineID) error {
	return f.replay
}

// exec runs SQL and stops the test when it fails.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.store.Pool().Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// value reads one value.
func (w *world) value(sql string, args ...any) any {
	w.t.Helper()
	var v any
	if err := w.store.Pool().QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// fill makes two accounts that are alike. In each: users 1 (user), 2 (supervisor), 3 (admin); queue 1 with user 1, queue 2
// without; connection 1 with its secrets; contact 1 with conversation 1 (window open, flow run 1 in charge) and messages 1
// (inbound), 2 (queued), 3 (unconfirmed), 4 (to be retried), 5 (inbound with file 1); contact 2 with conversation 2 (a ticket
// in queue 2, which user 1 must not see) and message 6 with file 2; contact 3 with conversation 3 (idle, window closed); file 3
// uploaded; flow 1 published and drafted anew, flow 2 without a version; template 1; quarantine 1; token 1; canned response 1 with file 7, which user 2 uploaded; library
// file 1 with file 8, a sticker; notes 1 and 2 of contacts 1 and 2.
func (w *world) fill(files blobs.Store) {
	w.t.Helper()
	hash, err := passwordHash()
	if err != nil {
		w.t.Fatal(err)
	}
	fixture, err := os.ReadFile("testdata/fixture.sql")
	if err != nil {
		w.t.Fatal(err)
	}
	for account := 1; account <= 2; account++ {
		n := fmt.Sprint(account)
		sql := strings.NewReplacer("$NOW", fixedNow.Format(time.RFC3339), "$N", n, "$PASSWORD", hash).Replace(string(fixture))
		w.exec(sql)
		id := models.ConnectionID(account*1000 + 1)
		for field, value := range map[string]string{models.SecretAppSecret: testAppSecret, models.SecretVerifyToken: "verify-" + n, models.SecretAccessToken: "access-" + n} {
			sealed, err := w.app.Key.Seal(models.ConnectionSecretPlace(id, field), []byte(value))
			if err != nil {
				w.t.Fatal(err)
			}
			w.exec(`UPDATE connections SET credentials = credentials || jsonb_build_object($2::text, $3::text) WHERE id = $1`, id, field,
				base64.StdEncoding.EncodeToString(sealed))
		}
		for user, role := range []string{"user", "supervisor", "admin"} {
			w.exec(`INSERT INTO sessions (token_hash, account_id, user_id, ip, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, '', $4, $4, $5)`,
				token.Hash(cookieOf(role, account)), account, account*1000+user+1, fixedNow, fixedNow.Add(store.SignInLife))
		}
		w.exec(`INSERT INTO api_tokens (id, account_id, user_id, name, prefix, token_hash, scopes, created_at) VALUES ($1, $2, $3, 'CRM', 'pk_live_test', $4, $5, $6)`,
			account*1000+1, account, account*1000+3, token.Hash(tokenOfAccount(account)), []string{"conversations:read", "messages:send"}, fixedNow)
		for file, content := range map[int]string{1: "\x89PNG\r\n\x1a\nfirst", 2: "<svg onload=alert(1)>", 3: "%PDF-1.7 third"} {
			if err := files.Put(context.Background(), fmt.Sprintf("%d/file-%d", account, file), "", strings.NewReader(content)); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	for _, table := range []string{"accounts", "users", "queues", "connections", "contacts", "conversations", "messages", "media", "flows", "flow_versions",
		"flow_runs", "templates", "tickets", "quarantine", "api_tokens", "labels", "canned_responses", "library_files", "contact_notes", "custom_fields", "closing_reasons"} {
		w.exec(`SELECT setval(pg_get_serial_sequence($1, 'id'), 9000)`, table)
	}
}

func cookieOf(role string, account int) string {
	return shaped(fmt.Sprintf("cookie-%s-%d", role, account))
}

// shaped makes a name as long as a token.
func shaped(name string) string { return name + strings.Repeat("A", 43-len(name)) }

func tokenOfAccount(account int) string {
	return tokenPrefix + shaped(fmt.Sprintf("token-of-account-%d", account))
}

// cutDatabase makes Postgres refuse this test's database, as when it is away.
func (w *world) cutDatabase() {
	w.t.Helper()
	name := w.value(`SELECT current_database()`)
	conn, err := pgx.Connect(context.Background(), os.Getenv(storetest.EnvURL))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{`UPDATE pg_database SET datallowconn = false WHERE datname = $1`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`} {
		if _, err := conn.Exec(context.Background(), sql, name); err != nil {
			w.t.Fatal(err)
		}
	}
}

// request is one call.
type request struct {
	as      string // user, supervisor, admin, token, or nobody
	method  string
	path    string
	body    any // marshalled, unless it is []byte, string or a reader
	headers map[string]string
}

// answer is what came back.
type answer struct {
	status  int
	headers http.Header
	body    []byte
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return m
}

func (w *world) do(r request) answer {
	w.t.Helper()
	var body io.Reader
	switch b := r.body.(type) {
	case nil:
	case io.Reader:
		body = b
	case []byte:
		body = bytes.NewReader(b)
	case string:
		body = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), r.method, w.server.URL+r.path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	switch r.as {
	case "", "nobody":
	case "token":
		req.Header.Set("Authorization", "Bearer "+tokenOfAccount(1))
	default:
		req.AddCookie(&http.Cookie{Name: plainCookie, Value: cookieOf(r.as, 1)})
	}
	for name, value := range r.headers {
		req.Header.Set(name, value)
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		w.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, out}
}

// expect calls and demands a status.
func (w *world) expect(status int, r request) answer {
	w.t.Helper()
	got := w.do(r)
	if got.status != status {
		w.t.Fatalf("%s %s as %s: status %d, want %d: %s\n%s", r.method, r.path, r.as, got.status, status, got.body, lastLines(w.log.String(), 3))
	}
	return got
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
