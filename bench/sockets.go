package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/internal/token"
)

// What the scenario sockets opens: consoles of so many people, of whom each twentieth sees everything and each other one is in
// one of the queues.
const (
	sockets       = 1000
	socketsQueues = 20
	socketsRate   = 20 // messages a second
)

// listening is what the consoles heard.
type listening struct {
	mu     sync.Mutex
	took   []time.Duration // from the instant of an event in Postgres until it was read from a socket
	frames int
	rows   int
	bytes  int
	ended  []error
}

// sockets measures how soon and at what cost the consoles of a thousand people hear of what people write.
func (b *bench) sockets(ctx context.Context) error {
	conn := b.account.Connections[0]
	c, err := b.newCrowd(ctx, conn, 500)
	if err != nil {
		return err
	}
	c.open(ctx, 100, 6*time.Second) // everybody has a conversation now
	cookies, err := b.consoles(ctx)
	if err != nil {
		return err
	}
	l := &listening{}
	listenCtx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	began := time.Now()
	for _, cookie := range cookies {
		socket, err := b.openSocket(ctx, cookie)
		if err != nil {
			return fmt.Errorf("open a socket: %w", err)
		}
		all.Go(func() { l.listen(listenCtx, socket) })
	}
	opened := time.Since(began)
	c.open(ctx, socketsRate, time.Second) // warm
	c.reset()
	l.forget()
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	n := c.open(ctx, socketsRate, b.seconds)
	values := c.figures()
	if err := m.stop(ctx, values, n, false); err != nil {
		return err
	}
	l.figures(values, n)
	values["sockets"], values["opened_s"] = sockets, opened.Seconds()
	b.memory(ctx, values)
	stop()
	all.Wait()
	b.record("sockets", fmt.Sprintf("%d/s", socketsRate), values)
	if values["heard_p95_ms"] > 300 {
		b.missed = append(b.missed, fmt.Sprintf("a change is heard after p95 %.0f ms, promised 300 ms", values["heard_p95_ms"]))
	}
	return nil
}

// consoles makes the people with a sign-in each, and spreads the conversations over queues. It gives the cookies.
func (b *bench) consoles(ctx context.Context) ([]string, error) {
	cookies, hashes := make([]string, sockets), make([][]byte, sockets)
	for i := range cookies {
		var err error
		if cookies[i], err = token.New(rand.Reader, ""); err != nil {
			return nil, err
		}
		hashes[i] = token.Hash(cookies[i])
	}
	_, err := b.db.Exec(ctx, `
		WITH a AS (
			SELECT account_id AS id
			FROM connections
			WHERE key = @key
		), q AS (
			INSERT INTO queues (account_id, name)
			SELECT a.id, 'Fila ' || g
			FROM a, generate_series(0, @sockets_queues - 1) g
			RETURNING id, account_id
		), qs AS (
			SELECT id, account_id, row_number() OVER (ORDER BY id) - 1 AS n
			FROM q
		), p AS (
			INSERT INTO users (account_id, email, name, role)
			SELECT a.id, 'console' || n || '@bench.example', 'Console ' || n,
				CASE WHEN n % 20 = 1 THEN 'supervisor' ELSE 'user' END
			FROM a, generate_series(1, @sockets) n
			RETURNING id, account_id
		), ps AS (
			SELECT id, account_id, row_number() OVER (ORDER BY id) AS n
			FROM p
		), members AS (
			INSERT INTO queue_members (account_id, queue_id, user_id)
			SELECT ps.account_id, qs.id, ps.id
			FROM ps
			JOIN qs ON qs.n = ps.n % @sockets_queues
		), places AS (
			UPDATE conversations v
			SET queue_id = qs.id
			FROM qs
			WHERE v.account_id = qs.account_id AND qs.n = v.id % @sockets_queues
		)
		INSERT INTO sessions (token_hash, account_id, user_id, created_at, last_seen_at, expires_at)
		SELECT h.hash, ps.account_id, ps.id, now(), t.now, t.now + interval '1 day'
		FROM (SELECT now() AS now) t, ps
		JOIN unnest(@hashes::bytea[])
		WITH ORDINALITY h(hash, n) ON h.n = ps.n`,
		pgx.NamedArgs{
			"key": b.account.Connections[0].Key, "sockets_queues": socketsQueues, "sockets": sockets,
			"hashes": hashes,
		})
	if err != nil {
		return nil, fmt.Errorf("make the people: %w", err)
	}
	return cookies, nil
}

func (b *bench) openSocket(ctx context.Context, cookie string) (*websocket.Conn, error) {
	address := "ws" + strings.TrimPrefix(b.URLs.Base, "http") + "/v1/events"
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {"perene=" + cookie}}}) //nolint:bodyclose // the library closes it
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	return conn, conn.Write(ctx, websocket.MessageText, []byte(`{"rows":true}`))
}

func (l *listening) listen(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.CloseNow() }()
	for {
		_, body, err := conn.Read(ctx)
		if err != nil {
			if ctx.Err() == nil {
				l.mu.Lock()
				l.ended = append(l.ended, err)
				l.mu.Unlock()
			}
			return
		}
		l.hear(body, time.Now())
	}
}

func (l *listening) hear(body []byte, now time.Time) {
	var f struct {
		Type string    `json:"type"`
		At   time.Time `json:"at"`
	}
	err := json.Unmarshal(body, &f)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames++
	l.bytes += len(body)
	switch {
	case err != nil:
		l.ended = append(l.ended, err)
	case f.Type == "row":
		l.rows++
	case f.Type == "event":
		l.took = append(l.took, now.Sub(f.At))
	}
}

func (l *listening) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took, l.frames, l.rows, l.bytes = nil, 0, 0, 0
}

// figures adds what was heard of n messages.
func (l *listening) figures(values map[string]float64, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	values["sockets_lost"] = float64(len(l.ended))
	values["frames"], values["rows"], values["kb"] = float64(l.frames)/float64(n), float64(l.rows)/float64(n), float64(l.bytes)/float64(n)/1000
	percentiles(values, "heard", l.took)
}
