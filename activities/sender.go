package activities

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// SendStore is what sending needs of Postgres.
type SendStore interface {
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
	UpdateAddress(ctx context.Context, account models.AccountID, id models.ConversationID, phone string) error
	connectionStore
	retryStore
}

// SenderDeps are what a Sender works with.
type SenderDeps struct {
	Store    SendStore
	Adapters map[string]channels.Adapter // by channel
	Judge    models.Judge
	Opener   Opener
	// Media gives files of ours a provider's id before they are sent.
	Media MediaResolver
	Bus   *SendBus
	Waker Waker
	Log   *slog.Logger
	Now   func() time.Time
	NewID func() uuid.UUID // of attempts, growing with time
	// Observe is told of every outcome, for metrics; may be nil. kind is accepted or a verdict, waited the time from the
	// queue to the call, took the call's.
	Observe func(connection models.ConnectionID, kind string, code int, waited, took time.Duration)
	// Traces makes spans of the sends of messages that are traced; may be nil.
	Traces *trace.Tracer
	SenderTuning
}

// SenderTuning are the numbers of a sender. Zero values take the defaults.
type SenderTuning struct {
	Linger   time.Duration // how long a sender waits for more before it rests: 5 s
	Turn     time.Duration // how long one activity lasts at most: 10 minutes
	Lease    time.Duration // how long others believe that somebody sends: 10 s
	InFlight int           // sends of one connection at once: 256
	Batch    int           // messages of one claim: 64
	Gather   time.Duration // how long an answer waits for others, to be recorded with them: 3 ms
	Settle   time.Duration // the same where nothing waits behind the message, so that it goes with the next claim: 40 ms
	Poll     time.Duration // how often the queue is looked at without a nudge: 250 ms
}

func (t SenderTuning) filled() SenderTuning {
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

// Sender sends what connections have queued and looks after them. Safe for concurrent use: one session per connection.
type Sender struct {
	SenderDeps
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

// NewSender makes a Sender.
func NewSender(d SenderDeps) *Sender {
	d.SenderTuning = d.SenderTuning.filled()
	if d.Observe == nil {
		d.Observe = func(models.ConnectionID, string, int, time.Duration, time.Duration) {}
	}
	return &Sender{SenderDeps: d, paces: map[models.ConnectionID]*paces{}}
}

// heartbeatEvery is how often a sender tells Temporal that it lives; the workflow's time-out is several times that.
const heartbeatEvery = 2 * time.Second

// SendPending drains a connection's queue in order, at the pace the provider allows, waits a little for more, and returns
// when there is nothing left. One sender at a time may claim: an epoch in Postgres is the fence.
func (s *Sender) SendPending(ctx context.Context, in contract.SendPendingInput) (contract.SenderRest, error) {
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(heartbeatEvery)
		defer tick.Stop()
		for {
			select {
			case <-beating.Done():
				return
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	rest, err := s.send(ctx, activity.GetWorkerStopChannel(ctx), in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// send is SendPending without Temporal: it ends when ctx does, or when stopping is closed, or by itself.
func (s *Sender) send(ctx context.Context, stopping <-chan struct{}, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
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

// credentials opens what a connection speaks with.
func (s *Sender) credentials(conn *models.Connection) (channels.Adapter, channels.Credentials, error) {
	return credentialsOf(s.Adapters, s.Opener, conn)
}

// credentialsOf finds a connection's adapter and opens its token.
func credentialsOf(adapters map[string]channels.Adapter, opener Opener, conn *models.Connection) (channels.Adapter, channels.Credentials, error) {
	a := adapters[conn.Channel]
	if a == nil {
		return nil, channels.Credentials{}, temporal.NewNonRetryableApplicationError("this program has no adapter for channel "+conn.Channel, "defect", nil)
	}
	token, err := opener.Open(models.ConnectionSecretPlace(conn.ID, models.SecretAccessToken), conn.AccessToken)
	if err != nil {
		return nil, channels.Credentials{}, temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("the token of connection %d cannot be opened: is PERENE_MASTER_KEY the one it was sealed with?", conn.ID), "secret", nil)
	}
	cred := channels.Credentials{BaseURL: conn.GraphBaseURL, Version: conn.GraphVersion, Token: channels.NewSecret(string(token))}
	if conn.PhoneNumberID != nil {
		cred.PhoneNumberID = *conn.PhoneNumberID
	}
	if conn.WABAID != nil {
		cred.BusinessID = *conn.WABAID
	}
	return a, cred, nil
}
