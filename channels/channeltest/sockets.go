package channeltest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// SocketSuite says how to test what an adapter that holds sockets has more than
// others.
type SocketSuite struct {
	// New makes an adapter and the provider that it speaks with.
	New func(t testing.TB) (channels.SocketAdapter, Provider)
}

// Run runs the whole suite.
func (s SocketSuite) Run(t *testing.T) {
	t.Run("arrivals", s.arrivals)
	t.Run("not stored", s.notStored)
	t.Run("one owner", s.oneOwner)
	t.Run("sends", s.sends)
}

// arrival is what reached a sink.
type arrival struct {
	delivery channels.Delivery
	raw      []byte
}

// heldSocket is a socket that an adapter holds.
type heldSocket struct {
	adapter channels.SocketAdapter
	arrived chan arrival
	ended   chan error
	stop    context.CancelFunc
}

// hold runs the adapter as the owner of an epoch. stored is what its sink answers.
func hold(t testing.TB, a channels.SocketAdapter, p Provider, epoch int64, stored error) *heldSocket {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	h := &heldSocket{adapter: a, arrived: make(chan arrival, 16), ended: make(chan error, 1), stop: stop}
	sink := func(ctx context.Context, d channels.Delivery, raw []byte) error {
		select {
		case h.arrived <- arrival{d, bytes.Clone(raw)}:
		case <-ctx.Done():
		}
		return stored
	}
	go func() {
		h.ended <- a.Run(ctx, p.Credentials(), channels.Owner{AccountID: 1, ConnectionID: 3, Epoch: epoch}, sink)
	}()
	return h
}

// message waits for the next message.
func (h *heldSocket) message(t testing.TB, text string) *channels.InboundMessage {
	t.Helper()
	for {
		got := within(t, text, h.arrived)
		for _, m := range messages(t, h.adapter, got.delivery, got.raw) {
			if m.Content.Text == text {
				return m
			}
			t.Fatalf("%q came, want %q", m.Content.Text, text)
		}
	}
}

// end lets the lease go.
func (h *heldSocket) end(t testing.TB) {
	t.Helper()
	h.stop()
	if err := within(t, "the end of Run", h.ended); err != nil {
		t.Errorf("Run ends with %v when its lease is lost, want nil", err)
	}
}

// arrivals demands that what a person writes reaches the sink and is
// acknowledged, and that Run ends with its context.
func (s SocketSuite) arrivals(t *testing.T) {
	a, p := s.New(t)
	if a.TaskQueue() == "" {
		t.Error("the adapter names no task queue: where does its sender run?")
	}
	h := hold(t, a, p, 1, nil)
	for _, text := range []string{"Olá, ação 😀", "de novo"} {
		p.Bring(text)
		h.message(t, text)
		if got := within(t, "an acknowledgement", p.Acknowledged()); got != text {
			t.Errorf("%q is acknowledged, want %q", got, text)
		}
	}
	h.end(t)
}

// notStored demands that nothing is acknowledged before it is stored, and that
// the next owner gets it.
func (s SocketSuite) notStored(t *testing.T) {
	a, p := s.New(t)
	p.Bring("Olá")
	failing := hold(t, a, p, 1, errNotStored)
	first := failing.message(t, "Olá")
	failing.end(t)
	nothingAcknowledged(t, p)
	h := hold(t, a, p, 2, nil)
	if again := h.message(t, "Olá"); again.ProviderID != first.ProviderID {
		t.Errorf("the message comes again as %s and was %s", again.ProviderID, first.ProviderID)
	}
	within(t, "an acknowledgement", p.Acknowledged())
	h.end(t)
}

// oneOwner demands that a newer epoch ends an older one, and that an older one
// never begins beside it.
func (s SocketSuite) oneOwner(t *testing.T) {
	a, p := s.New(t)
	older := hold(t, a, p, 7, nil)
	p.Bring("ao primeiro")
	older.message(t, "ao primeiro")
	within(t, "an acknowledgement", p.Acknowledged())
	newer := hold(t, a, p, 8, nil)
	if err := within(t, "the end of the older owner", older.ended); !errors.Is(err, channels.ErrNotOwner) {
		t.Errorf("the older owner ends with %v, want ErrNotOwner", err)
	}
	p.Bring("ao segundo")
	newer.message(t, "ao segundo")
	late := hold(t, a, p, 7, nil)
	if err := within(t, "the end of the late owner", late.ended); !errors.Is(err, channels.ErrNotOwner) {
		t.Errorf("the late owner ends with %v, want ErrNotOwner", err)
	}
	p.Bring("ainda ao segundo")
	newer.message(t, "ainda ao segundo")
	newer.end(t)
}

// sends demands that a send goes by the socket, to the address that Identify
// gives, and that without a socket it certainly does not leave.
func (s SocketSuite) sends(t *testing.T) {
	a, p := s.New(t)
	out := &channels.Outbound{AttemptID: "a", To: "nobody yet", Content: &models.Content{Kind: models.ContentKindText, Text: "Resposta"}}
	notSent := func(when string) {
		t.Helper()
		if _, err := a.Send(context.Background(), p.Credentials(), out); err == nil || channels.AsSendError(err).Outcome != channels.OutcomeNotSent {
			t.Errorf("%s a send gives %v, want not_sent", when, err)
		}
	}
	notSent("before there is a socket")
	h := hold(t, a, p, 1, nil)
	p.Bring("Olá")
	out.To = a.Identify(h.message(t, "Olá").Person).Address
	receipt, err := a.Send(context.Background(), p.Credentials(), out)
	if err != nil || receipt.ProviderMessageID == "" {
		t.Errorf("a send by the socket gives %+v, %v", receipt, err)
	}
	h.end(t)
	notSent("after the socket is gone")
	if sent := p.Sent(); !slices.Equal(sent, []string{"Resposta"}) {
		t.Errorf("the provider got %q", sent)
	}
}
