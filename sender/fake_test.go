package sender

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// fakeStore is a queue in memory with the rules of the real one, for tests in virtual time. What Postgres does is proved in
// package store.
type fakeStore struct {
	Store // what is not below is not called

	mu       sync.Mutex
	epoch    int64
	conn     models.Connection
	queue    []*fakeRow
	messages map[models.MessageID]*fakeRow
	recent   map[models.ConversationID][]time.Time
	down     bool // the database does not answer
	frozen   bool // renewing the lease fails
	closing  func()
	claims   int
	works    int
	held     []models.Verdict
}

type fakeRow struct {
	contract.ClaimedSend
	state   string // ready, sending, unknown, accepted, failed
	ready   time.Time
	verdict models.Verdict
	at      time.Time
}

func newFakeStore() *fakeStore {
	open := time.Now().Add(24 * time.Hour)
	_ = open
	return &fakeStore{messages: map[models.MessageID]*fakeRow{}, recent: map[models.ConversationID][]time.Time{},
		conn: models.Connection{ID: 3, AccountID: 1, Channel: models.ChannelWhatsAppCloud, State: models.ConnectionActive, HoldScope: models.HoldAll}}
}

var errDown = &models.Error{Code: models.CodeUnavailable, Message: "the database does not answer now"}

// add queues a message and gives its id.
func (f *fakeStore) add(conv models.ConversationID, priority int, text string) models.MessageID {
	f.mu.Lock()
	defer f.mu.Unlock()
	open := time.Now().Add(24 * time.Hour)
	r := &fakeRow{state: "ready", ready: time.Now()}
	r.ClaimedSend = contract.ClaimedSend{AccountID: 1, MessageID: models.MessageID(len(f.messages) + 1), ConversationID: conv, Priority: priority, Origin: models.OriginBot,
		Content: models.Content{Kind: models.ContentKindText, Text: text}, Address: conv.String(), WindowExpiresAt: &open}
	f.queue = append(f.queue, r)
	f.messages[r.MessageID] = r
	return r.MessageID
}

func (f *fakeStore) row(id models.MessageID) fakeRow {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *f.messages[id]
}

func (f *fakeStore) ConnectionRest(context.Context, models.AccountID, models.ConnectionID) (contract.SenderRest, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := contract.SenderRest{State: f.conn.State, Scope: f.conn.HoldScope}
	for _, r := range f.queue {
		if r.ready.After(time.Now()) && (rest.WakeAt.IsZero() || r.ready.Before(rest.WakeAt)) {
			rest.WakeAt = r.ready
		}
	}
	return rest, nil
}

func (f *fakeStore) view() contract.SenderView {
	return contract.SenderView{Fence: contract.SenderFence{AccountID: 1, ConnectionID: 3, Epoch: f.epoch}, Connection: f.conn, ErrorPolicies: json.RawMessage("{}"),
		UnknownWait: models.UnknownOutcomeWait}
}

func (f *fakeStore) OpenSender(context.Context, models.AccountID, models.ConnectionID, time.Duration) (contract.SenderView, []contract.Doorbell, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epoch++
	return f.view(), nil, nil
}

func (f *fakeStore) RenewSender(_ context.Context, fence contract.SenderFence, _ time.Duration) (contract.SenderView, []contract.Doorbell, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down || f.frozen {
		return contract.SenderView{}, nil, errDown
	}
	if fence.Epoch != f.epoch {
		return contract.SenderView{}, nil, models.ErrFenced
	}
	return f.view(), nil, nil
}

func (f *fakeStore) CloseSender(context.Context, contract.SenderFence) error {
	if f.closing != nil {
		f.closing()
	}
	return nil
}

func (f *fakeStore) ClaimAndRecord(_ context.Context, fence contract.SenderFence, accepted []contract.SendOutcome, want contract.SendClaim) ([]contract.ClaimedSend, []contract.SendOutcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claims++
	if f.down {
		return nil, nil, errDown
	}
	for _, o := range accepted {
		f.settle(o, "accepted")
	}
	if fence.Epoch != f.epoch || f.conn.State != models.ConnectionActive {
		return nil, nil, nil
	}
	busy := map[models.ConversationID]bool{}
	var heads []*fakeRow
	for _, r := range f.queue { // in order of message ids
		if !busy[r.ConversationID] && r.state == "ready" && !r.ready.After(time.Now()) && r.Priority <= want.MaxPriority {
			heads = append(heads, r)
		}
		busy[r.ConversationID] = true
	}
	slices.SortStableFunc(heads, func(a, b *fakeRow) int { return a.Priority - b.Priority })
	var out []contract.ClaimedSend
	for i, r := range heads[:min(want.N, len(heads))] {
		r.state, r.AttemptID, r.ClaimedAt = "sending", want.AttemptIDs[i], time.Now()
		r.Attempts++
		r.Behind = slices.ContainsFunc(f.queue, func(q *fakeRow) bool { return q.ConversationID == r.ConversationID && q.MessageID > r.MessageID })
		r.Recent = nil
		for _, at := range f.recent[r.ConversationID] {
			if !want.RecentSince.IsZero() && at.After(want.RecentSince) && len(r.Recent) < want.RecentMost {
				r.Recent = append(r.Recent, at)
			}
		}
		out = append(out, r.ClaimedSend)
	}
	return out, nil, nil
}

// settle takes a message out of the queue.
func (f *fakeStore) settle(o contract.SendOutcome, state string) {
	r := f.messages[o.Send.MessageID]
	r.state, r.at, r.verdict = state, time.Now(), o.Verdict
	f.queue = slices.DeleteFunc(f.queue, func(q *fakeRow) bool { return q == r })
}

func (f *fakeStore) RecordOutcome(_ context.Context, o contract.SendOutcome) ([]contract.Doorbell, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	r := f.messages[o.Send.MessageID]
	r.verdict = o.Verdict
	switch {
	case o.Accepted != nil:
		f.settle(o, "accepted")
	case o.Verdict.Kind == models.VerdictUnknown:
		r.state = "unknown"
		r.ready = time.Now().Add(o.Verdict.Wait)
	case o.Verdict.Kind == models.VerdictAgain, o.Verdict.Kind == models.VerdictSlowPair:
		r.state, r.ready = "ready", time.Now().Add(o.Verdict.Wait)
	case o.Verdict.Kind == models.VerdictUnreachable, o.Verdict.Kind == models.VerdictSlowNumber, o.Verdict.Kind == models.VerdictHold:
		r.state = "ready"
		r.Attempts--
		if o.Verdict.Kind == models.VerdictHold {
			f.conn.State, f.conn.HoldScope = models.ConnectionHeld, o.Verdict.Scope
		}
	default:
		f.settle(o, "failed")
	}
	return nil, nil
}

func (f *fakeStore) ResolveUnknown(context.Context, contract.SenderFence) (int, []contract.Doorbell, error) {
	return 0, nil, nil
}

func (f *fakeStore) GiveBack(_ context.Context, sends []contract.ClaimedSend, ready time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range sends {
		r := f.messages[c.MessageID]
		r.state, r.ready = "ready", ready
		r.Attempts--
	}
	return nil
}

func (f *fakeStore) ConnectionWorks(context.Context, models.AccountID, models.ConnectionID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.works++
	f.conn.HoldProbes = 0
	return nil
}

func (f *fakeStore) HoldConnection(_ context.Context, _ models.AccountID, _ models.ConnectionID, v models.Verdict, _ int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = append(f.held, v)
	f.conn.State = models.ConnectionHeld
	return nil
}

func (f *fakeStore) LearnAddress(context.Context, models.AccountID, models.ConversationID, string, models.PersonHint) error {
	return errors.New("the provider's form of the number is the same")
}

// sendingWorld is a sender with a queue and a provider in memory.
type sendingWorld struct {
	t      *testing.T
	store  *fakeStore
	stub   *stubAdapter
	bus    *Bus
	sender *Sender
	stop   chan struct{}
}

// newSendingWorld is to be called in a synctest bubble: its time is virtual.
func newSendingWorld(t *testing.T, tuning Tuning) *sendingWorld {
	t.Helper()
	w := &sendingWorld{t: t, store: newFakeStore(), stub: newStub(models.Pace{PerSecond: 80, CoexistencePerSecond: 20, MaxPerSecond: 1000, PairIntervalMS: 6000, PairBurst: 45}),
		bus: NewBus(deafBus{}, nil, slog.New(slog.DiscardHandler)), stop: make(chan struct{})}
	w.sender = w.newSender(tuning)
	return w
}

func (w *sendingWorld) newSender(tuning Tuning) *Sender {
	n := uint64(0)
	return New(Deps{Store: w.store, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: w.stub},
		Judge:  channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, func() float64 { return 0 }),
		Opener: openKey{}, Media: plainFiles{}, Bus: w.bus, Waker: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		NewID:  func() uuid.UUID { n++; return uuid.UUID{15: byte(n), 14: byte(n >> 8), 13: byte(n >> 16)} },
		Tuning: tuning})
}

// run drains the queue and returns how the sender came to rest.
func (w *sendingWorld) run() contract.SenderRest {
	w.t.Helper()
	rest, err := w.sender.Run(context.Background(), w.stop, 1, 3)
	if err != nil {
		w.t.Fatal(err)
	}
	return rest
}

// longestSecond is how many sends the busiest second holds, wherever it begins.
func longestSecond(sends []stubSend) int {
	most, from := 0, 0
	for to := range sends {
		for sends[to].at.Sub(sends[from].at) >= time.Second {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}
