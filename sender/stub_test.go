package sender

import (
	"context"
	"sync"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// stubAdapter is a provider in memory: it keeps what it was sent and fails as it is told.
type stubAdapter struct {
	channels.Adapter // what is not below is not called

	caps    models.Capabilities
	latency time.Duration
	// answer decides about one send; nil accepts everything.
	answer func(n int, out *channels.Outbound) error
	health func() (channels.NumberHealth, error)

	mu    sync.Mutex
	sends []stubSend
}

type stubSend struct {
	to, text, attempt, replyTo string
	at                         time.Time
	media                      string
}

func newStub(pace models.Pace) *stubAdapter {
	return &stubAdapter{caps: models.Capabilities{WindowSeconds: 24 * 3600, Pace: pace}}
}

func (a *stubAdapter) Capabilities() *channels.Capabilities { return &a.caps }

func (a *stubAdapter) Send(_ context.Context, _ channels.Credentials, out *channels.Outbound) (channels.Receipt, error) {
	a.mu.Lock()
	n := len(a.sends)
	s := stubSend{to: out.To, text: out.Content.Text, attempt: out.AttemptID, replyTo: out.ReplyTo, at: time.Now()}
	if out.Content.Media != nil {
		s.media = out.Content.Media.ProviderMediaID
	}
	a.sends = append(a.sends, s)
	a.mu.Unlock()
	if a.latency > 0 {
		time.Sleep(a.latency)
	}
	if a.answer != nil {
		if err := a.answer(n, out); err != nil {
			return channels.Receipt{}, err
		}
	}
	return channels.Receipt{ProviderMessageID: "wamid." + out.AttemptID, Address: out.To}, nil
}

func (a *stubAdapter) NumberHealth(context.Context, channels.Credentials) (channels.NumberHealth, error) {
	return a.health()
}

func (a *stubAdapter) sent() []stubSend {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]stubSend(nil), a.sends...)
}

func rejected(code int) error {
	return &channels.SendError{Op: "send", Outcome: channels.OutcomeRejected, Code: code, HTTPStatus: 400}
}

func answerLost() error {
	return &channels.SendError{Op: "send", Outcome: channels.OutcomeUnknown, Code: channels.CodeNone}
}

func notSent() error {
	return &channels.SendError{Op: "send", Outcome: channels.OutcomeNotSent, Code: channels.CodeNone}
}

// plainFiles resolves nothing.
type plainFiles struct{}

func (plainFiles) Resolve(_ context.Context, _ *models.Connection, _ channels.Adapter, _ channels.Credentials, c *models.Content) (*models.Content, error) {
	return c, nil
}
func (plainFiles) Forget(context.Context, *models.Connection, *models.Content) error { return nil }

// openKey opens everything to a token.
type openKey struct{}

func (openKey) Open(string, []byte) ([]byte, error) { return []byte("token"), nil }

// deafBus is the store of a bus with nobody elsewhere.
type deafBus struct{}

func (deafBus) NotifySenders(context.Context, []models.ConnectionID) ([]contract.ConnectionStart, error) {
	return nil, nil
}
func (deafBus) ListenSends(ctx context.Context, _ func(models.ConnectionID)) error {
	<-ctx.Done()
	return ctx.Err()
}

// nobody is woken.
type nobody struct{}

func (nobody) Wake(contract.Wake) {}
