package sender

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// BenchmarkSender sends one message to each of b.N people on one connection of 1,000 messages a second, through the real
// store, to a provider that takes 50 ms. It reports sends a second, and what a message costs Postgres: commits and WAL.
func BenchmarkSender(b *testing.B) {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		b.Run(fmt.Sprintf("latency=%v", latency), func(b *testing.B) {
			tables := map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}
			judges := channels.NewJudges(tables, nil)
			s := storetest.New(b, store.Options{Judge: judges})
			f := storetest.NewFixture(b, s, "bench")
			f.Exec(b, `UPDATE connections SET rate_per_second = 1000`)
			f.Exec(b, `INSERT INTO contacts (id, account_id, name) SELECT n, $1, 'x' FROM generate_series(1, $2::int) n`, f.Account, b.N)
			f.Exec(b, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, address, window_expires_at)
				SELECT n, $1, n, $2, n, '55819' || n, now() + interval '1 day' FROM generate_series(1, $3::int) n`, f.Account, f.Connection.ID, b.N)
			f.Exec(b, `INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state)
				SELECT n, $1, n, $2, n, 'out', 'bot', 'text', '{"kind":"text","text":"Olá, tudo bem? Como posso ajudar?"}', 'queued' FROM generate_series(1, $3::int) n`, f.Account, f.Connection.ID, b.N)
			f.Exec(b, `INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority) SELECT id, account_id, connection_id, conversation_id, 1 FROM messages`)
			f.Exec(b, `ANALYZE`)
			f.Exec(b, `CHECKPOINT`)
			stub := newStub(models.Pace{PerSecond: 80, MaxPerSecond: 1000, PairIntervalMS: 6000, PairBurst: 45})
			stub.latency = latency
			bus := NewBus(s, nil, slog.New(slog.DiscardHandler))
			defer bus.Close()
			sender := New(Deps{Store: s, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Judge: judges, Opener: openKey{},
				Media: plainFiles{}, Bus: bus, Waker: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
				NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, Tuning: Tuning{Linger: time.Millisecond}})
			var wal, commits [2]int64
			measure := func(i int) {
				commits[i] = f.Count(b, `SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`)
				wal[i] = f.Count(b, `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn`)
			}
			f.Exec(b, `SELECT pg_stat_force_next_flush()`)
			measure(0)
			b.ResetTimer()
			rest, err := sender.Run(b.Context(), make(chan struct{}), f.Account, f.Connection.ID)
			b.StopTimer()
			if err != nil || rest.Sent != b.N || len(stub.sent()) != b.N {
				b.Fatalf("sent %d of %d: %v", rest.Sent, b.N, err)
			}
			f.Exec(b, `SELECT pg_stat_force_next_flush()`)
			measure(1)
			n := float64(b.N)
			b.ReportMetric(n/b.Elapsed().Seconds(), "sends/s")
			b.ReportMetric(float64(commits[1]-commits[0])/n, "xacts/msg")
			b.ReportMetric(float64(wal[1]-wal[0])/n, "WAL_bytes/msg")
		})
	}
}

// BenchmarkTrickle sends 30 messages a second, open loop, through the real store to a provider that takes 50 ms: what a
// message costs Postgres where nothing but time brings answers and claims together.
func BenchmarkTrickle(b *testing.B) {
	for _, settle := range []time.Duration{3 * time.Millisecond, 40 * time.Millisecond} {
		b.Run(fmt.Sprintf("settle=%v", settle), func(b *testing.B) {
			tables := map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}
			judges := channels.NewJudges(tables, nil)
			s := storetest.New(b, store.Options{Judge: judges})
			f := storetest.NewFixture(b, s, "trickle")
			f.Exec(b, `INSERT INTO contacts (id, account_id, name) SELECT n, $1, 'x' FROM generate_series(1, $2::int) n`, f.Account, b.N)
			f.Exec(b, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, address, window_expires_at)
				SELECT n, $1, n, $2, n, '55819' || n, now() + interval '1 day' FROM generate_series(1, $3::int) n`, f.Account, f.Connection.ID, b.N)
			stub := newStub(models.Pace{PerSecond: 80, MaxPerSecond: 1000, PairIntervalMS: 6000, PairBurst: 45})
			stub.latency = 50 * time.Millisecond
			bus := NewBus(s, nil, slog.New(slog.DiscardHandler))
			defer bus.Close()
			sender := New(Deps{Store: s, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Judge: judges, Opener: openKey{},
				Media: plainFiles{}, Bus: bus, Waker: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
				NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, Tuning: Tuning{Linger: time.Second, Settle: settle}})
			writes := func() int64 {
				f.Exec(b, `SELECT pg_stat_force_next_flush()`)
				return f.Count(b, `SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`)
			}
			ended := make(chan error, 1)
			before := writes()
			b.ResetTimer()
			go func() {
				_, err := sender.Run(b.Context(), make(chan struct{}), f.Account, f.Connection.ID)
				ended <- err
			}()
			tick := time.NewTicker(time.Second / 30)
			defer tick.Stop()
			for i := range b.N {
				<-tick.C
				if _, _, err := s.EnqueueOutbound(b.Context(), f.Account, store.Outbound{ConversationID: models.ConversationID(i + 1), Origin: models.OriginBot,
					Content: models.Content{Kind: models.ContentKindText, Text: "Olá"}}); err != nil {
					b.Fatal(err)
				}
				bus.Nudge(f.Connection.ID)
			}
			if err := <-ended; err != nil || len(stub.sent()) != b.N {
				b.Fatalf("sent %d of %d: %v", len(stub.sent()), b.N, err)
			}
			b.StopTimer()
			b.ReportMetric(float64(writes()-before)/float64(b.N)-1, "xacts/msg") // without the one that queues it
		})
	}
}
