package sender

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// mortalStore is a sender's way to Postgres that ends when the process is killed.
type mortalStore struct {
	Store
	dead  atomic.Bool
	lives atomic.Int64 // calls until it dies; below 0 it lives on
}

func (m *mortalStore) call() error {
	if m.dead.Load() {
		return errDown
	}
	if m.lives.Add(-1) == 0 {
		m.dead.Store(true)
		return errDown
	}
	return nil
}

func (m *mortalStore) ClaimAndRecord(ctx context.Context, f contract.SenderFence, accepted []contract.SendOutcome, want contract.SendClaim) ([]contract.ClaimedSend, []contract.SendOutcome, error) {
	if err := m.call(); err != nil {
		return nil, nil, err
	}
	claimed, left, err := m.Store.ClaimAndRecord(ctx, f, accepted, want)
	if m.dead.Load() { // killed between COMMIT and the next line
		return nil, nil, errDown
	}
	return claimed, left, err
}

func (m *mortalStore) RecordOutcome(ctx context.Context, o contract.SendOutcome) ([]contract.Doorbell, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Store.RecordOutcome(ctx, o)
}

func (m *mortalStore) RenewSender(ctx context.Context, f contract.SenderFence, d time.Duration) (contract.SenderView, []contract.Doorbell, error) {
	if m.dead.Load() {
		return contract.SenderView{}, nil, errDown
	}
	return m.Store.RenewSender(ctx, f, d)
}

func (m *mortalStore) CloseSender(ctx context.Context, f contract.SenderFence) error {
	if m.dead.Load() {
		return errDown
	}
	return m.Store.CloseSender(ctx, f)
}

// TestNothingIsLostOrDoubled is case P2 in small: senders die again and again between COMMIT, call and record, answers get
// lost, connections fail; statuses come, sometimes before the answer. No message is taken twice or out of
// order, and none is silently missing (I3, I4, I5).
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	seed, err := strconv.ParseUint(os.Getenv("RAPID_SEED"), 10, 64) // the seed of all random tests: see the Makefile
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: again with RAPID_SEED=%d", seed, seed)
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // chance, not secrecy
	judges := channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, func() float64 { return 0 })
	s := storetest.New(t, store.Options{Judge: judges})
	f := storetest.NewFixture(t, s, "crash")
	const conversations, each = 60, 4
	f.Exec(t, `UPDATE connections SET rate_per_second = 1000`)
	f.Exec(t, `UPDATE accounts SET settings = '{"unknown_outcome_wait": 400000000}'`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, name) SELECT n, $1, 'x' FROM generate_series(1, $2::int) n`, f.Account, conversations)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, address, window_expires_at)
		SELECT n, $1, n, $2, n, '55819' || n, now() + interval '1 day' FROM generate_series(1, $3::int) n`, f.Account, f.Connection.ID, conversations)
	f.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status) VALUES ($1, $2, '1', 'aviso', 'pt_BR', 'UTILITY', 'APPROVED')`, f.Account, f.Connection.ID)
	for i := range conversations * each {
		out := store.Outbound{ConversationID: models.ConversationID(i%conversations + 1), Origin: models.OriginBot, Content: models.Content{Kind: models.ContentKindText, Text: fmt.Sprint(i / conversations)}}
		switch i % 3 {
		case 1:
			out.Origin = models.OriginAgent
		case 2:
			out.Content = models.Content{Kind: models.ContentKindTemplate, Text: fmt.Sprint(i / conversations), Template: &models.ContentTemplate{Name: "aviso", Language: "pt_BR"}}
		}
		if _, _, err := s.EnqueueOutbound(t.Context(), f.Account, out); err != nil {
			t.Fatal(err)
		}
	}

	var mu sync.Mutex
	var telling sync.WaitGroup
	taken := map[models.MessageID]int{}
	said := map[string][]string{} // by person, in the order the provider took them
	tell := func(out *channels.Outbound, status string) {
		st := models.StatusUpdate{ProviderID: "wamid." + out.AttemptID, AttemptID: out.AttemptID, Status: status, At: time.Now()}
		if _, err := s.Receive(context.Background(), f.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "status", Status: &st}}}, nil); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	}
	stub := newStub(models.Pace{PerSecond: 80, MaxPerSecond: 1000})
	stub.answer = func(_ int, out *channels.Outbound) error {
		mu.Lock()
		chance, early, late := random.IntN(100), random.IntN(2) == 0, random.IntN(2) == 0
		if chance < 5 {
			mu.Unlock()
			return notSent()
		}
		id, _, _ := models.ParseCallbackData(out.AttemptID)
		taken[id]++
		said[out.To] = append(said[out.To], out.Content.Text)
		mu.Unlock()
		if early {
			tell(out, "delivered")
		} else {
			telling.Go(func() { tell(out, "sent") })
		}
		if late {
			telling.Go(func() { tell(out, "read") })
		}
		if chance < 15 {
			return answerLost()
		}
		return nil
	}

	deaths := 0
	for f.Count(t, `SELECT count(*) FROM send_queue`) > 0 {
		if deaths > 500 {
			t.Fatal("it never ends")
		}
		mortal := &mortalStore{Store: s}
		mu.Lock()
		mortal.lives.Store(int64(1 + random.IntN(6)))
		mu.Unlock()
		bus := NewBus(deafBus{}, nil, slog.New(slog.DiscardHandler))
		sender := New(Deps{Store: mortal, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Judge: unhurried{judges}, Opener: openKey{},
			Media: plainFiles{}, Bus: bus, Waker: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
			NewID:  func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
			Tuning: Tuning{Linger: 20 * time.Millisecond, Poll: 5 * time.Millisecond}})
		ctx, kill := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); _, _ = sender.Run(ctx, nil, f.Account, f.Connection.ID) }()
		tick := time.NewTicker(2 * time.Millisecond)
		for alive := true; alive; {
			select {
			case <-ended:
				alive = false
			case <-tick.C:
				if mortal.dead.Load() {
					deaths++
					alive = false // what it knew is gone with it
				}
			}
		}
		tick.Stop()
		kill()
		bus.Close()
	}
	telling.Wait()
	t.Logf("%d senders died", deaths)
	for id, n := range taken {
		if n != 1 {
			t.Errorf("message %d was taken %d times", id, n)
		}
	}
	for person, texts := range said {
		if !slices.IsSorted(texts) {
			t.Errorf("%s read %v", person, texts)
		}
	}
	// What was never taken is what a sender claimed and died with: a flow's text went out by another sender, unless that one
	// died with it too; everything else shows as unconfirmed, and nothing is silently missing.
	unconfirmed := f.Count(t, `SELECT count(*) FROM messages m WHERE direction = 'out' AND state = 'unknown' AND sent_at IS NULL AND (origin <> 'bot' OR kind = 'template'
		OR (SELECT count(*) FROM send_attempts a WHERE a.message_id = m.id AND a.outcome = 'unknown') > 1)`)
	accepted := f.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out' AND state = 'accepted'`)
	t.Logf("%d accepted, %d unconfirmed", accepted, unconfirmed)
	if int(accepted) != len(taken) || accepted+unconfirmed != conversations*each {
		t.Errorf("%d accepted and %d unconfirmed of %d messages, of which the provider took %d", accepted, unconfirmed, conversations*each, len(taken))
		var odd string
		_ = s.Pool().QueryRow(t.Context(), `SELECT string_agg((to_jsonb(m) - 'content' || jsonb_build_object('attempts_on_record', (SELECT jsonb_agg(to_jsonb(a)) FROM send_attempts a WHERE a.message_id = m.id)))::text, E'\n')
			FROM messages m WHERE direction = 'out' AND state <> 'accepted'`).Scan(&odd)
		t.Log(odd)
	}
}

// unhurried is a judge for tests in real time: what it lets wait waits a millisecond.
type unhurried struct{ table models.Judge }

func (u unhurried) Judge(channel string, overrides json.RawMessage, f models.SendFailure, n models.SendCounts) models.Verdict {
	v := u.table.Judge(channel, overrides, f, n)
	v.Wait = min(v.Wait, time.Millisecond)
	return v
}
