package sender

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// readAdapter notes what people are told.
type readAdapter struct {
	*stubAdapter
	mu    sync.Mutex
	said  []string
	stuck chan struct{}
}

func (a *readAdapter) MarkRead(_ context.Context, _ channels.Credentials, mark channels.ReadMark) error {
	if a.stuck != nil {
		<-a.stuck
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, fmt.Sprintf("%s %s %t", mark.To, mark.ProviderMessageID, mark.Typing))
	return nil
}

type oneConnection struct{ conn models.Connection }

func (o *oneConnection) ConnectionForSending(context.Context, models.AccountID, models.ConnectionID) (*models.Connection, error) {
	c := o.conn
	return &c, nil
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		settings models.ConnectionSettings
		state    models.ConnectionState
		offered  contract.ReadReceipt
		said     []string
	}{
		{"rule 009: off by default", models.ConnectionSettings{}, models.ConnectionActive, contract.ReadReceipt{}, nil},
		{"rule 009: on", models.ConnectionSettings{SendReadReceipts: true}, models.ConnectionActive, contract.ReadReceipt{}, []string{"5581988004422 wamid.1 false"}},
		{"a flow's node wants it", models.ConnectionSettings{}, models.ConnectionActive, contract.ReadReceipt{Wanted: true}, []string{"5581988004422 wamid.1 false"}},
		{"a flow's node shows typing", models.ConnectionSettings{}, models.ConnectionActive, contract.ReadReceipt{Typing: true}, []string{"5581988004422 wamid.1 true"}},
		{"typing while a call is made", models.ConnectionSettings{ShowTyping: true}, models.ConnectionActive, contract.ReadReceipt{Working: true}, []string{"5581988004422 wamid.1 true"}},
		{"a call without the setting", models.ConnectionSettings{}, models.ConnectionActive, contract.ReadReceipt{Working: true}, nil},
		{"a held connection says nothing", models.ConnectionSettings{SendReadReceipts: true}, models.ConnectionHeld, contract.ReadReceipt{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &readAdapter{stubAdapter: newStub(models.Pace{})}
				a.caps.Typing, a.caps.ReadReceipts = true, true
				r := NewReceipts(&oneConnection{models.Connection{ID: 3, Channel: models.ChannelWhatsAppCloud, Settings: c.settings, State: c.state}},
					map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, openKey{}, slog.New(slog.DiscardHandler), time.Now)
				defer r.Close()
				c.offered.ConversationID, c.offered.Address, c.offered.ProviderMessageID = 7, "5581988004422", "wamid.1"
				r.Offer(c.offered)
				synctest.Wait()
				if !c.offered.Typing && !c.offered.Working {
					r.Offer(c.offered) // a step asked for twice says it once
					synctest.Wait()
				}
				if !slices.Equal(a.said, c.said) {
					t.Errorf("said %v, want %v", a.said, c.said)
				}
			})
		})
	}
}

// A provider that does not answer costs receipts, and never the one who offers them.
func TestReceiptsNeverBlock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &readAdapter{stubAdapter: newStub(models.Pace{}), stuck: make(chan struct{})}
		a.caps.ReadReceipts = true
		r := NewReceipts(&oneConnection{models.Connection{ID: 3, Channel: models.ChannelWhatsAppCloud, State: models.ConnectionActive}},
			map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, openKey{}, slog.New(slog.DiscardHandler), time.Now)
		for i := range 5000 {
			r.Offer(contract.ReadReceipt{ConversationID: models.ConversationID(i), ProviderMessageID: "x", Wanted: true})
		}
		close(a.stuck)
		synctest.Wait()
		r.Close()
		if n := len(a.said); n == 0 || n > receiptBacklog+receiptWorkers {
			t.Errorf("%d receipts were given", n)
		}
	})
}
