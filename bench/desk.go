package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// deskSQL fills a migrated database with one large account.
//
//go:embed desk.sql
var deskSQL string

// Ids of desk.sql.
const (
	deskAccount models.AccountID = 77
	deskAdmin   models.UserID    = 77001
	deskNarrow  models.UserID    = 77002 // sees one small queue
	deskWide    models.UserID    = 77050 // sees three queues
)

// deskRepeats is how often each question is asked.
const deskRepeats = 7

// desk measures lists, counts and search on one large account.
func (b *bench) desk(ctx context.Context) error {
	address := b.deskURL
	if address == "" {
		address = b.DatabaseURL
	}
	s, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := b.fillDesk(ctx, s.Pool()); err != nil {
		return err
	}
	viewers := map[string]store.Viewer{"admin": {User: deskAdmin, Everything: true}, "narrow": {User: deskNarrow}, "wide": {User: deskWide}}
	for _, name := range []string{"admin", "narrow", "wide"} {
		if err := b.deskLists(ctx, s, name, viewers[name]); err != nil {
			return err
		}
		if err := b.deskSearch(ctx, s, name, viewers[name]); err != nil {
			return err
		}
	}
	return nil
}

// deskSearch searches the whole history for words of every frequency.
func (b *bench) deskSearch(ctx context.Context, s *store.Store, who string, viewer store.Viewer) error {
	var all []time.Duration
	words, err := deskWords(ctx, s.Pool())
	if err != nil {
		return err
	}
	queries := map[string]string{"a name, common": "maria", "a name, rare": "camila domes silbosa", "a phone": "900123456", "a number": "4711", "in every message": "pedido",
		"a common word": words[0], "two common words": words[0] + " " + words[1], "a rare word": words[2], "once": "pedido 777777", "nowhere": "zzyzx"}
	for name, query := range queries {
		took, err := repeated(func() error {
			_, err := s.Conversations(ctx, deskAccount, viewer, store.ConversationFilter{Query: query}, store.ConversationPage{Limit: 51})
			return err
		})
		if err != nil {
			return err
		}
		all = append(all, took...)
		b.slow("search", who+", "+name, took, 300*time.Millisecond)
	}
	b.record("desk", who+" search", quantiles(all))
	return nil
}

// deskWords gives two words that are common in the messages and one that is rare.
func deskWords(ctx context.Context, pool *pgxpool.Pool) (words []string, err error) {
	err = pool.QueryRow(ctx, `
		WITH w AS (
			SELECT word, count(*) AS n
			FROM (SELECT content ->> 'text' AS text FROM messages ORDER BY id DESC LIMIT 20000) m, regexp_split_to_table(m.text, ' ') word
			WHERE length(word) > 5 AND word !~ '[0-9]' AND word <> 'pedido' GROUP BY word)
		SELECT ARRAY[(SELECT word FROM w ORDER BY n DESC LIMIT 1), (SELECT word FROM w ORDER BY n DESC OFFSET 1 LIMIT 1), (SELECT word FROM w ORDER BY n LIMIT 1)]`).Scan(&words)
	return words, err
}

// fillDesk makes the account, unless the database has it already.
func (b *bench) fillDesk(ctx context.Context, pool *pgxpool.Pool) error {
	var there bool
	if err := pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM accounts WHERE id = @account)`,
		pgx.NamedArgs{"account": deskAccount}).Scan(&there); err != nil || there {
		return err
	}
	began := time.Now()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	settings := fmt.Sprintf(`SET statement_timeout = 0; SET bench.conversations = %d; SET bench.messages = %d;`, b.deskConversations, b.deskMessages)
	if _, err := conn.Conn().PgConn().Exec(ctx, settings+deskSQL).ReadAll(); err != nil {
		return fmt.Errorf("fill the desk: %w", err)
	}
	for _, sql := range []string{`VACUUM (ANALYZE)`, `CHECKPOINT`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			fmt.Fprintln(os.Stderr, "  "+sql+":", err)
		}
	}
	b.record("desk", "filled", map[string]float64{"conversations": float64(b.deskConversations), "messages": float64(b.deskMessages), "s": time.Since(began).Seconds()})
	return nil
}

// deskFilters are the six filters of rule 072, and none.
var deskFilters = map[string]store.ConversationFilter{
	"none": {}, "label, common": {LabelID: 7701}, "label, rare": {LabelID: 7740}, "queue": {QueueID: 7705}, "agent": {AgentID: 77050}, "campaign": {FlowID: 7705},
	"channel, large": {ConnectionID: 771}, "channel, small": {ConnectionID: 780}, "unread": {Unread: true},
}

// deskLists asks for every view with every filter in every order, and for the counts of every filter.
func (b *bench) deskLists(ctx context.Context, s *store.Store, who string, viewer store.Viewer) error {
	var all, counts []time.Duration
	for name, f := range deskFilters {
		for _, view := range models.Views {
			for _, order := range models.ListOrders {
				f.View = view
				took, err := repeated(func() error {
					_, err := s.Conversations(ctx, deskAccount, viewer, f, store.ConversationPage{Order: order, Limit: 51})
					return err
				})
				if err != nil {
					return err
				}
				all = append(all, took...)
				b.slow("list", fmt.Sprintf("%s, %s, %s, %s", who, view, name, order), took, 50*time.Millisecond)
			}
		}
		took, err := repeated(func() error {
			_, err := s.ConversationCounts(ctx, deskAccount, viewer, f)
			return err
		})
		if err != nil {
			return err
		}
		counts = append(counts, took...)
		b.slow("counts", who+", "+name, took, 300*time.Millisecond)
	}
	b.record("desk", who+" lists", quantiles(all))
	b.record("desk", who+" counts", quantiles(counts))
	return nil
}

// slow keeps what is slower than promised, by its 95th percentile.
func (b *bench) slow(what, with string, took []time.Duration, promised time.Duration) {
	if q := quantiles(took); q["p95_ms"] > float64(promised.Milliseconds()) {
		b.record("desk, slow "+what, with, q)
		b.missed = append(b.missed, fmt.Sprintf("%s (%s): p95 %.0f ms, promised %d ms", what, with, q["p95_ms"], promised.Milliseconds()))
	}
}

// repeated asks once for the caches and then deskRepeats times.
func repeated(ask func() error) ([]time.Duration, error) {
	if err := ask(); err != nil {
		return nil, err
	}
	took := make([]time.Duration, deskRepeats)
	for i := range took {
		began := time.Now()
		if err := ask(); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	return took, nil
}

func quantiles(took []time.Duration) map[string]float64 {
	slices.Sort(took)
	at := func(q float64) float64 {
		return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000
	}
	return map[string]float64{"p50_ms": at(0.5), "p95_ms": at(0.95), "max_ms": at(1), "n": float64(len(took))}
}
