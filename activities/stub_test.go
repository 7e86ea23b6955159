package activities

import (
	"context"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// stubAdapter is a provider in memory. It accepts every send that answer does not refuse.
type stubAdapter struct {
	channels.Adapter // what is not below is not called

	caps   models.Capabilities
	answer func(out *channels.Outbound) error // nil accepts everything
}

func newStub(pace models.Pace) *stubAdapter {
	return &stubAdapter{caps: models.Capabilities{WindowSeconds: 24 * 3600, Pace: pace}}
}

func (a *stubAdapter) Capabilities() *channels.Capabilities { return &a.caps }

func (a *stubAdapter) Send(_ context.Context, _ channels.Credentials, out *channels.Outbound) (channels.Receipt, error) {
	if a.answer != nil {
		if err := a.answer(out); err != nil {
			return channels.Receipt{}, err
		}
	}
	return channels.Receipt{ProviderMessageID: "wamid." + out.AttemptID}, nil
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
