// Package sender sends what connections have queued. A Sender runs one Session per connection at a time: it claims messages
// under a lease, keeps the provider's pace, sends, and records what became of each. The bus wakes sessions, and receipts tell
// people that their messages were read. Postgres and adapters arrive as interfaces; Temporal is not known here.
package sender

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// Waker is told after COMMIT what to wake: doorbells, and connections whose queue got something.
type Waker interface {
	Wake(w contract.Wake)
}

// Store is what sending needs of Postgres.
type Store interface {
	OpenSender(ctx context.Context, account models.AccountID, id models.ConnectionID, lease time.Duration) (contract.SenderView, []contract.Doorbell, error)
	RenewSender(ctx context.Context, fence contract.SenderFence, lease time.Duration) (contract.SenderView, []contract.Doorbell, error)
	CloseSender(ctx context.Context, fence contract.SenderFence) error
	ClaimAndRecord(ctx context.Context, fence contract.SenderFence, accepted []contract.SendOutcome, want contract.SendClaim) (claimed []contract.ClaimedSend, left []contract.SendOutcome, err error)
	RecordOutcome(ctx context.Context, out contract.SendOutcome) ([]contract.Doorbell, error)
	ResolveUnknown(ctx context.Context, fence contract.SenderFence) (again int, bells []contract.Doorbell, err error)
	GiveBack(ctx context.Context, sends []contract.ClaimedSend, ready time.Time) error
	ProviderMessageID(ctx context.Context, account models.AccountID, id models.MessageID) (string, error)
	ConnectionRest(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	ConnectionWorks(ctx context.Context, account models.AccountID, id models.ConnectionID) error
	HoldConnection(ctx context.Context, account models.AccountID, id models.ConnectionID, v models.Verdict, code int) error
	LearnAddress(ctx context.Context, account models.AccountID, id models.ConversationID, address string, p models.PersonHint) error
}

// Deps are what a Sender works with.
type Deps struct {
	Store    Store
	Adapters map[string]channels.Adapter // by channel
	Judge    models.Judge
	Opener   channels.Opener
	// Media gives files of ours a provider's id before they are sent.
	Media MediaResolver
	Bus   *Bus
	Waker Waker
	Log   *slog.Logger
	Now   func() time.Time
	NewID func() uuid.UUID // of attempts, growing with time
	// Observe is told of every outcome, for metrics; may be nil. kind is accepted or a verdict, waited the time from the
	// queue to the call, took the call's.
	Observe func(connection models.ConnectionID, kind string, code int, waited, took time.Duration)
	// Traces makes spans of the sends of messages that are traced; may be nil.
	Traces *trace.Tracer
	Tuning
}

// Tuning are the numbers of a sender. Zero values take the defaults.
type Tuning struct {
	Linger   time.Duration // how long a sender waits for more before it rests: 5 s
	Turn     time.Duration // how long one activity lasts at most: 10 minutes
	Lease    time.Duration // how long others believe that somebody sends: 10 s
	InFlight int           // sends of one connection at once: 256
	Batch    int           // messages of one claim: 64
	Gather   time.Duration // how long an answer waits for others, to be recorded with them: 3 ms
	Settle   time.Duration // the same where nothing waits behind the message, so that it goes with the next claim: 40 ms
	Poll     time.Duration // how often the queue is looked at without a nudge: 250 ms
}

func (t Tuning) filled() Tuning {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&t.Linger, 5*time.Second)
	set(&t.Turn, 10*time.Minute)
	set(&t.Lease, 10*time.Second)
	set(&t.Gather, 3*time.Millisecond)
	set(&t.Settle, 40*time.Millisecond)
	set(&t.Poll, 250*time.Millisecond)
	if t.InFlight <= 0 {
		t.InFlight = 256
	}
	if t.Batch <= 0 {
		t.Batch = 64
	}
	return t
}

// MediaResolver makes content ready for a provider: files of ours get a provider's id. It changes a copy.
type MediaResolver interface {
	Resolve(ctx context.Context, conn *models.Connection, a channels.Adapter, cred channels.Credentials, c *models.Content) (*models.Content, error)
	// Forget drops what is known of a content's files at the provider, which could not use them.
	Forget(ctx context.Context, conn *models.Connection, c *models.Content) error
}

// Sender sends what connections have queued. Safe for concurrent use: one session per connection.
type Sender struct {
	Deps
	mu    sync.Mutex
	paces map[models.ConnectionID]*paces
}

// paces are what a session knows of a connection's pace. The next session of the same process goes on with them if no
// other sender was there in between.
type paces struct {
	epoch  int64
	number *numberPace
	pairs  *pairPace
}

// New makes a Sender.
func New(d Deps) *Sender {
	d.Tuning = d.Tuning.filled()
	if d.Observe == nil {
		d.Observe = func(models.ConnectionID, string, int, time.Duration, time.Duration) {}
	}
	return &Sender{Deps: d, paces: map[models.ConnectionID]*paces{}}
}

// Run drains a connection's queue in order, at the pace the provider allows, waits a little for more, and returns when there
// is nothing left, when ctx ends or when stopping is closed. One sender at a time may claim: an epoch in Postgres is the fence.
func (s *Sender) Run(ctx context.Context, stopping <-chan struct{}, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
	rest, err := s.Store.ConnectionRest(ctx, account, id)
	if err != nil || rest.Blocked() {
		return rest, err
	}
	begun := s.Now()
	view, bells, err := s.Store.OpenSender(ctx, account, id, s.Lease)
	s.wake(bells)
	if err != nil {
		return contract.SenderRest{}, err
	}
	ss, err := s.newSession(ctx, view, begun)
	if err != nil {
		return contract.SenderRest{}, err
	}
	err = ss.run(stopping)
	ss.spans.abandon()
	s.keep(id, ss)
	if err != nil {
		return contract.SenderRest{}, err
	}
	rest, err = s.Store.ConnectionRest(context.WithoutCancel(ctx), account, id)
	rest.Sent, rest.More = ss.sent, ss.more
	return rest, err
}

func (s *Sender) wake(bells []contract.Doorbell) {
	if len(bells) > 0 {
		s.Waker.Wake(contract.Wake{Doorbells: bells})
	}
}

// paceOf gives the paces a session goes on with: those of the session before, if nobody else sent in between.
func (s *Sender) paceOf(view *contract.SenderView, caps *models.Capabilities) *paces {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	limit := numberLimit(&view.Connection, caps)
	p := s.paces[view.Fence.ConnectionID]
	if p == nil || p.epoch != view.Fence.Epoch-1 {
		p = &paces{number: newNumberPace(limit, now), pairs: newPairPace(caps.Pace, now)}
	}
	p.epoch = view.Fence.Epoch
	p.number.setLimit(limit)
	delete(s.paces, view.Fence.ConnectionID)
	return p
}

func (s *Sender) keep(id models.ConnectionID, ss *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paces[id] = ss.paces
}
