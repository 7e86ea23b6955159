package activities

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// plainAdapter has only what every channel has.
type plainAdapter struct{ channels.Adapter }

// healthyAdapter tells the state of its number and keeps no templates.
type healthyAdapter struct{ plainAdapter }

func (healthyAdapter) NumberHealth(context.Context, channels.Credentials) (channels.NumberHealth, error) {
	return channels.NumberHealth{Quality: "GREEN", CanSend: "AVAILABLE"}, nil
}

// heldConnection is the store of one held connection. It notes what it is told.
type heldConnection struct {
	ConnectionStore
	conn models.Connection
	told []string
}

func (h *heldConnection) ConnectionForSending(context.Context, models.AccountID, models.ConnectionID) (*models.Connection, error) {
	c := h.conn
	return &c, nil
}

func (h *heldConnection) ConnectionRest(context.Context, models.AccountID, models.ConnectionID) (contract.SenderRest, error) {
	return contract.SenderRest{State: models.ConnectionHeld}, nil
}

func (h *heldConnection) ProbeSucceeded(context.Context, models.AccountID, models.ConnectionID) (contract.SenderRest, error) {
	h.told = append(h.told, "may try")
	return contract.SenderRest{State: models.ConnectionActive}, nil
}

func (h *heldConnection) SaveHealth(context.Context, models.AccountID, models.ConnectionID, json.RawMessage) error {
	h.told = append(h.told, "health")
	return nil
}

// A channel without templates or health is told so by name, and nothing stored of them is touched. A held connection whose
// provider cannot be asked tries one message.
func TestAChannelSaysWhatItHasNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		adapter channels.Adapter
		without []string
		told    []string // by the synchronisation and then by the probe
	}{
		"neither":      {plainAdapter{}, []string{contract.WithoutTemplates, contract.WithoutHealth}, []string{"may try"}},
		"no templates": {healthyAdapter{}, []string{contract.WithoutTemplates}, []string{"health", "health", "may try"}},
	} {
		kept := &heldConnection{conn: models.Connection{ID: 3, Channel: "plain"}}
		c := &Connections{store: kept, adapters: map[string]channels.Adapter{"plain": test.adapter}, opener: openKey{}}
		in := contract.ConnectionCheckInput{Connection: contract.ConnectionStart{AccountID: 1, ConnectionID: 3}}
		out, err := c.SyncConnection(t.Context(), in)
		if err != nil || !slices.Equal(out.Without, test.without) {
			t.Errorf("%s: synchronised to %+v, %v, want without %v", name, out, err, test.without)
		}
		if rest, err := c.ProbeConnection(t.Context(), in); err != nil || rest.State != models.ConnectionActive {
			t.Errorf("%s: probed to %+v, %v", name, rest, err)
		}
		if !slices.Equal(kept.told, test.told) {
			t.Errorf("%s: the store was told %v, want %v", name, kept.told, test.told)
		}
	}
}
