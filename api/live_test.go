package api

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/api/live"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
)

// listener is a test's WebSocket.
type listener struct {
	t    testing.TB
	conn *websocket.Conn
}

// eventWait bounds a read of an event that has to come. It is long because tests of other databases hold transactions open
// in the same server, and no event may pass an older one.
const eventWait = 3 * time.Minute

type liveFrame struct {
	Type           string
	Seq            string
	Kind           string
	ConversationID *int64 `json:"conversation_id"`
	EntityID       *int64 `json:"entity_id"`
	Row            json.RawMessage
	Rows           bool
}

func (w *world) dial(ctx context.Context, as, query string, headers map[string]string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{}
	switch as {
	case "":
	case "token":
		h.Set("Authorization", "Bearer "+tokenOfAccount(1))
	default:
		h.Set("Cookie", plainCookie+"="+cookieOf(as, 1))
	}
	for k, v := range headers {
		h.Set(k, v)
	}
	return websocket.Dial(ctx, "ws"+strings.TrimPrefix(w.server.URL, "http")+"/v1/events"+query, &websocket.DialOptions{HTTPHeader: h, Subprotocols: protocols}) //nolint:bodyclose // the library closes it
}

func (w *world) listen(as, query string) *listener {
	w.t.Helper()
	conn, _, err := w.dial(w.t.Context(), as, query, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	l := &listener{w.t, conn}
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	return l
}

// next reads the next frame; pings, which come where a test takes long, are none.
func (l *listener) next() liveFrame {
	l.t.Helper()
	for {
		f, err := l.read(eventWait)
		if err != nil {
			l.t.Fatal(err)
		}
		if f.Type != "ping" {
			return f
		}
	}
}

func (l *listener) read(wait time.Duration) (liveFrame, error) {
	ctx, cancel := context.WithTimeout(l.t.Context(), wait)
	defer cancel()
	_, body, err := l.conn.Read(ctx)
	if err != nil {
		return liveFrame{}, err
	}
	var f liveFrame
	return f, json.Unmarshal(body, &f)
}

func (w *world) emit(account int, kind string, conversation any, entity int) {
	w.t.Helper()
	w.exec(`INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES ($1, $2, $3, $4)`, account, kind, conversation, entity)
}

func TestEventsReachThoseWhoMaySee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, user := w.listen("admin", ""), w.listen("user", "")
	hello(t, admin.conn, "")
	hello(t, user.conn, "")
	if f := admin.next(); f.Type != "ready" || f.Seq == "" {
		t.Fatalf("first frame %+v", f)
	}
	user.next()
	w.emit(2, models.EventMessageCreated, 2001, 1) // another account's
	w.emit(1, models.EventMessageCreated, 1002, 2) // another queue's (rule 033)
	w.emit(1, models.EventQuarantineAdded, nil, 3) // needs a permission
	w.emit(1, models.EventMessageCreated, 1001, 4)
	for _, want := range []int64{2, 3, 4} {
		if f := admin.next(); f.Type != "event" || *f.EntityID != want {
			t.Fatalf("admin got %+v, want entity %d", f, want)
		}
	}
	if f := user.next(); f.Type != "event" || *f.EntityID != 4 || f.Kind != models.EventMessageCreated || *f.ConversationID != 1001 {
		t.Fatalf("user got %+v, want entity 4 alone", f)
	}
}

func hello(t testing.TB, conn *websocket.Conn, after string) {
	t.Helper()
	body := `{}`
	if after != "" {
		body = `{"after":"` + after + `"}`
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(body)); err != nil {
		t.Fatal(err)
	}
}

// TestEventsWithoutGapOrDouble: concurrent writers whose transactions end out of order, while the listener is cut off again
// and again and comes back with the last seq it saw (R26): every event arrives once, in the same order for everybody.
func TestEventsWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const writers, each = 8, 60
	first := w.listen("admin", "")
	hello(t, first.conn, "")
	start := first.next().Seq

	want := 0
	for i := range each {
		if i%7 != 3 {
			want += writers
		}
	}
	heard, heardAll := []string{}, make(chan error, 1) // by one who never goes away
	go func() {
		var err error
		for err == nil && len(heard) < want {
			var f liveFrame
			if f, err = first.read(eventWait); f.Type == "event" {
				heard = append(heard, f.Seq)
			}
		}
		heardAll <- err
	}()

	var done sync.WaitGroup
	defer done.Wait()
	for n := range writers {
		done.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			for i := range each {
				err := pgx.BeginFunc(context.Background(), w.store.Pool(), func(tx pgx.Tx) error {
					ctx := context.Background()
					entity := n*1000 + i
					// The event is written early or late in a transaction that others overtake.
					if _, err := tx.Exec(ctx, `INSERT INTO events (account_id, kind, entity_id) VALUES (1, 'contact.updated', $1)`, entity); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, `SELECT pg_sleep($1)`, random.Float64()/50)
					if err == nil && i%7 == 3 {
						return errRollback
					}
					return err
				})
				if err != nil && err != errRollback { //nolint:errorlint // our own value
					t.Error(err)
				}
			}
		})
	}
	cut := rand.New(rand.NewPCG(7, 7))
	var got []string
	last := start
	seen := map[int64]int{}
	for len(got) < want {
		l := w.listen("admin", "")
		hello(t, l.conn, last)
		if f := l.next(); f.Type != "ready" || f.Seq != last {
			t.Fatalf("came back with %s and got %+v", last, f)
		}
		for range 1 + cut.IntN(40) {
			f, err := l.read(eventWait)
			if err != nil {
				t.Fatalf("after %d of %d events: %v", len(got), want, err)
			}
			if f.Type == "event" {
				seen[*f.EntityID]++
				got = append(got, f.Seq)
			}
			last = f.Seq
			if len(got) == want {
				break
			}
		}
		_ = l.conn.CloseNow()
	}
	done.Wait()
	for entity, n := range seen {
		if n != 1 {
			t.Errorf("event %d came %d times", entity, n)
		}
	}
	if len(seen) != want {
		t.Errorf("%d different events, want %d", len(seen), want)
	}
	// One who reads everything from the start gets the same in the same order, and so does one who never went away.
	if err := <-heardAll; err != nil || !slices.Equal(heard, got) {
		t.Errorf("one who never went away heard %v (%v), others %v", heard, err, got)
	}
	late := w.listen("admin", "?after="+start)
	late.next()
	for i, seq := range got {
		if f := late.next(); f.Seq != seq {
			t.Fatalf("from the start: event %d has seq %s, others saw %s", i, f.Seq, seq)
		}
	}
}

var errRollback = fmt.Errorf("rolled back on purpose")

// TestEventsWaitForOlderTransactions: an event that is committed while an older transaction goes on is told only after that
// one has ended, so that nothing ever appears behind a place a client has passed.
func TestEventsWaitForOlderTransactions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("admin", "")
	hello(t, l.conn, "")
	start := l.next().Seq
	ctx := context.Background()
	older, err := w.store.Pool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Rollback(ctx) //nolint:errcheck // after a commit it has nothing to do
	if _, err := older.Exec(ctx, `INSERT INTO events (account_id, kind, entity_id) VALUES (1, 'contact.updated', 1)`); err != nil {
		t.Fatal(err)
	}
	w.emit(1, models.EventContactUpdated, nil, 2)
	if f, err := l.read(300 * time.Millisecond); err == nil && f.Type != "ping" {
		t.Fatalf("told %+v while an older transaction was open", f)
	}
	// The read above gave the socket up (its context ended); another one sees both, the older first.
	if err := older.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	again := w.listen("admin", "?after="+start)
	again.next()
	for _, want := range []int64{1, 2} {
		if f := again.next(); *f.EntityID != want {
			t.Fatalf("got %+v, want entity %d", f, want)
		}
	}
}

func TestEventsResetWhenPruned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("admin", "")
	hello(t, l.conn, "")
	start := l.next().Seq
	for i := range 3 {
		w.emit(1, models.EventContactUpdated, nil, i)
		l.next()
	}
	if n, err := w.store.PruneEvents(t.Context(), time.Now().Add(time.Hour), 100); err != nil || n != 3 {
		t.Fatalf("pruned %d, %v", n, err)
	}
	if f := w.listen("admin", "?after="+start).next(); f.Type != "reset" {
		t.Errorf("a place that was pruned gives %+v, want reset", f)
	}
	if got := w.do(request{as: "admin", method: "GET", path: "/v1/events?after=nonsense"}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a made-up place: %d", got.status)
	}
}

// The outbox is empty after Postgres was killed (ADR 47): who listens is sent away, and who comes back with an old place reads
// everything anew and then hears what comes.
func TestEventsResetWhenPostgresWasKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("admin", "")
	hello(t, l.conn, "")
	l.next()
	w.emit(1, models.EventContactUpdated, nil, 1)
	last := l.next().Seq
	// This is what Postgres does with unlogged tables and their sequences when it starts after a crash.
	if _, err := w.store.Pool().Exec(t.Context(), `TRUNCATE events, events_since RESTART IDENTITY`); err != nil {
		t.Fatal(err)
	}
	if f, err := l.read(10 * time.Second); websocket.CloseStatus(err) != websocket.StatusServiceRestart {
		t.Fatalf("told %+v, %v; want to be sent away", f, err)
	}
	again := w.listen("admin", "?after="+last)
	if f := again.next(); f.Type != "reset" {
		t.Fatalf("a place from before gives %+v, want reset", f)
	}
	w.emit(1, models.EventContactUpdated, nil, 2)
	if f := again.next(); f.Type != "event" || *f.EntityID != 2 {
		t.Errorf("then %+v, want the new event", f)
	}
}

func TestEventsPassWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	value := w.expect(http.StatusCreated, request{as: "token", method: "POST", path: "/v1/events/pass"}).json(t)["pass"].(string)
	conn, _, err := w.dial(t.Context(), "", "", nil, eventsProtocol, value)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if conn.Subprotocol() != eventsProtocol {
		t.Errorf("protocol %q: the pass must not come back", conn.Subprotocol())
	}
	if _, resp, err := w.dial(t.Context(), "", "", nil, eventsProtocol, value); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Error("a pass worked twice")
	}
	late := w.expect(http.StatusCreated, request{as: "admin", method: "POST", path: "/v1/events/pass"}).json(t)["pass"].(string)
	w.advance(passLife + time.Second)
	if _, resp, err := w.dial(t.Context(), "", "", nil, eventsProtocol, late); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Error("a pass that has run out worked")
	}
}

// TestSocketFromForeignPageIsRefused: S10, cross-site WebSocket hijacking.
func TestSocketFromForeignPageIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, resp, err := w.dial(t.Context(), "admin", "", map[string]string{"Origin": "https://evil.example"}); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Error("a foreign page opened a WebSocket with the browser's cookie")
	}
	conn, _, err := w.dial(t.Context(), "admin", "", map[string]string{"Origin": "http://localhost:8080"})
	if err != nil {
		t.Fatalf("our own page: %v", err)
	}
	_ = conn.CloseNow()
	if _, resp, err := w.dial(t.Context(), "", "", nil); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Error("nobody opened a WebSocket")
	}
}

// TestSocketEndsWithTheSession: S9.
func TestSocketEndsWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.SignInCheck = 20 * time.Millisecond })
	l := w.listen("user", "")
	hello(t, l.conn, "")
	l.next()
	w.expect(http.StatusNoContent, request{as: "user", method: "DELETE", path: "/v1/sign-in"})
	if _, err := l.read(5 * time.Second); websocket.CloseStatus(err) != live.CloseSignedOut { // S9: within 5 s
		t.Errorf("the socket ended with %v, want code %d", err, live.CloseSignedOut)
	}
	if err := w.store.EndSignIn(t.Context(), 1, token.Hash(cookieOf("admin", 1))); err != nil {
		t.Fatal(err)
	}
	w.expect(http.StatusUnauthorized, request{as: "admin", method: "GET", path: "/v1/sign-in"})
}

// S16: a sign-in holds five sockets, and one that closes makes room.
func TestASignInHoldsFewSockets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var held []*listener
	for range socketsOfOne {
		held = append(held, w.listen("admin", ""))
	}
	if _, res, err := w.dial(t.Context(), "admin", "", nil); err == nil || res == nil || res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one socket too many: %v, %v", res, err)
	}
	_ = w.listen("user", "").conn.CloseNow()
	_ = held[0].conn.CloseNow()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for { // the server hears of the end a moment later
		conn, _, err := w.dial(ctx, "admin", "", nil)
		if err == nil {
			_ = conn.CloseNow()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the place of a closed socket stays taken: %v", err)
		}
	}
}
