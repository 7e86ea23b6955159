package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// What is promised under load (docs/reliability.md, goals R7 to R9). All take long and are measured only when -only names them.
const (
	// normalRate is the load at which normalP50 and normalP99 bound an acknowledgement (R7).
	normalRate   = 100.0
	normalLength = 10 * time.Minute
	normalP50    = 20 * time.Millisecond
	normalP99    = 250 * time.Millisecond

	// peakRate is three statuses of each message of a number that sends 80 a second.
	peakRate   = 240.0
	peakLength = time.Minute
	// peakLate is how long an acknowledgement may take, and peakShare how many may take longer.
	peakLate  = time.Second
	peakShare = .01

	steadyRate = 20.0
	// steadyP95 bounds a turn: from the person's message to the reply's arrival.
	steadyP95 = time.Second
)

// normal posts 100 texts a second for ten minutes to a connection without flows, whatever becomes of those before.
func (b *bench) normal(ctx context.Context) error {
	text, err := b.texts(ctx)
	if err != nil {
		return err
	}
	n, v, err := b.pacedDeliveries(ctx, normalRate, normalLength, b.account.Quiet, text)
	if err != nil {
		return err
	}
	b.record("normal", fmt.Sprintf("texts, %.0f/s for %s", normalRate, normalLength), v)
	within := func(name string, most time.Duration) bool { return v[name] <= float64(most)/float64(time.Millisecond) }
	if v["failed"] > 0 || !within("ack_p50_ms", normalP50) || !within("ack_p99_ms", normalP99) {
		b.missed = append(b.missed, fmt.Sprintf("normal load: of %d deliveries %.0f failed; acknowledged after p50 %.1f ms, p99 %.1f ms", n, v["failed"], v["ack_p50_ms"], v["ack_p99_ms"]))
	}
	return nil
}

// texts makes people known to a connection without flows, and gives the next text of one after the other of them.
func (b *bench) texts(ctx context.Context) (func(i int) []byte, error) {
	b.groups++
	group, conn := b.groups, b.account.Quiet
	text := func(i int) []byte {
		id := nextID()
		return rig.Body(conn.Number, rig.Message{ID: id, Phone: rig.Phone(group, i%contacts), Name: "Cliente", Text: "mensagem " + id, At: time.Now()})
	}
	_, err := b.hammer(ctx, 16, 0, contacts, func(i int) error { return b.accepted(ctx, conn, text(i)) })
	return text, err
}

// peak posts 240 deliveries a second for a minute, whatever becomes of those before: texts to a connection without flows,
// then the statuses of sends.
func (b *bench) peak(ctx context.Context) error {
	text, err := b.texts(ctx)
	if err != nil {
		return err
	}
	if err := b.peakOf(ctx, "texts", b.account.Quiet, text); err != nil {
		return err
	}
	sending := b.account.Connections[2]
	n := int(peakRate * peakLength.Seconds())
	all, err := b.sentMessages(ctx, sending, (n+2)/3)
	if err != nil {
		return err
	}
	states := []string{"sent", "delivered", "read"}
	return b.peakOf(ctx, "statuses", sending, func(i int) []byte {
		s := all[i/3%len(all)]
		return rig.StatusBody(sending.Number, rig.Status{ProviderID: s.id, State: states[i%3], Recipient: s.to, At: time.Now()})
	})
}

func (b *bench) accepted(ctx context.Context, conn rig.Connection, body []byte) error {
	status, err := b.hooks.Post(ctx, conn.Key, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the delivery was answered with %d", status)
	}
	return err
}

func (b *bench) peakOf(ctx context.Context, what string, conn rig.Connection, body func(i int) []byte) error {
	n, v, err := b.pacedDeliveries(ctx, peakRate, peakLength, conn, body)
	if err != nil {
		return err
	}
	b.record("peak", fmt.Sprintf("%s, %.0f/s for %s", what, peakRate, peakLength), v)
	if v["failed"] > 0 || v["over_1s_percent"] > 100*peakShare {
		b.missed = append(b.missed, fmt.Sprintf("peak of %s: of %d deliveries %.0f failed and %.2f %% took longer than %s", what, n, v["failed"], v["over_1s_percent"], peakLate))
	}
	return nil
}

// pacedDeliveries posts at a rate whatever becomes of those before; it gives how many there were and what was measured.
func (b *bench) pacedDeliveries(ctx context.Context, rate float64, length time.Duration, conn rig.Connection, body func(i int) []byte) (int, map[string]float64, error) {
	m, err := b.startMeter(ctx)
	if err != nil {
		return 0, nil, err
	}
	acks, late, failed := &times{}, atomic.Int64{}, atomic.Int64{}
	n := paced(ctx, rate, length, func(i int) {
		begun := time.Now()
		if b.accepted(ctx, conn, body(i)) != nil {
			failed.Add(1)
		}
		took := time.Since(begun)
		if took > peakLate {
			late.Add(1)
		}
		acks.add(took)
	})
	v := map[string]float64{"failed": float64(failed.Load()), "over_1s_percent": 100 * float64(late.Load()) / float64(n)}
	percentiles(v, "ack", acks.all)
	return n, v, m.stop(ctx, v, n, false)
}

// sentMessage is one of ours as a status names it.
type sentMessage struct{ id, to string }

// sentMessages lets people write until a connection has sent them so many replies, and gives those.
func (b *bench) sentMessages(ctx context.Context, conn rig.Connection, n int) ([]sentMessage, error) {
	for have := 0; have < n; have += contacts {
		c, err := b.newCrowd(ctx, conn, contacts)
		if err != nil {
			return nil, err
		}
		if err := c.meet(ctx, 32); err != nil {
			return nil, err
		}
	}
	rows, err := b.db.Query(ctx, `
		SELECT m.provider_message_id, v.address
		FROM messages m
		JOIN conversations v ON v.id = m.conversation_id
		JOIN connections k ON k.id = m.connection_id
		WHERE k.key = @key AND m.direction = 'out' AND m.provider_message_id IS NOT NULL
		ORDER BY m.id DESC
		LIMIT @n`,
		pgx.NamedArgs{"key": conn.Key, "n": n})
	if err != nil {
		return nil, err
	}
	var all []sentMessage
	for rows.Next() {
		var s sentMessage
		if err := rows.Scan(&s.id, &s.to); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing was sent by %s", conn.Name)
	}
	return all, nil
}

// steady lets people write 20 messages a second for -steady and measures every turn, statuses on.
func (b *bench) steady(ctx context.Context) error {
	c, err := b.newCrowd(ctx, b.account.Connections[3], contacts)
	if err != nil {
		return err
	}
	if err := c.meet(ctx, 32); err != nil {
		return err
	}
	if err := b.SimSettings(ctx, 0, true); err != nil {
		return err
	}
	c.reset()
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	n := c.open(ctx, steadyRate, b.steadyFor)
	v := c.figures()
	if err := m.stop(ctx, v, n, false); err != nil {
		return err
	}
	b.memory(ctx, v)
	b.record("steady", fmt.Sprintf("%.0f/s for %s, sent and delivered follow", steadyRate, b.steadyFor), v)
	if p95 := time.Duration(v["turn_p95_ms"] * float64(time.Millisecond)); p95 > steadyP95 || v["lost"]+v["refused"] > 0 {
		b.missed = append(b.missed, fmt.Sprintf("steady: p95 %s, %.0f replies lost, %.0f deliveries refused", p95, v["lost"], v["refused"]))
	}
	return b.SimSettings(ctx, 0, false)
}
