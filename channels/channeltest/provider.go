package channeltest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/perene/perene/channels"
)

// Provider is the other side of an adapter that holds sockets or polls: on
// loopback, or in memory.
type Provider interface {
	Credentials() channels.Credentials
	// Bring lets a person send a text. It comes again, by each new socket or by
	// each poll of the same cursor, until it is acknowledged.
	Bring(text string)
	// Acknowledged gives the texts that the adapter acknowledged. It holds what
	// nobody reads.
	Acknowledged() <-chan string
	// Sent are the texts that the adapter sent.
	Sent() []string
}

// errNotStored is what a sink says that could not store.
var errNotStored = errors.New("channeltest: not stored")

// within waits for something that must come.
func within[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
	}
	return v
}

// nothingAcknowledged fails if the provider was told that something is stored.
func nothingAcknowledged(t testing.TB, p Provider) {
	t.Helper()
	select {
	case text := <-p.Acknowledged():
		t.Errorf("%q is acknowledged and was not stored", text)
	default:
	}
}

// messages demands what holds for every delivery, and gives its messages. raw
// must become the same delivery again, for that is what quarantine keeps.
func messages(t testing.TB, a channels.Adapter, d channels.Delivery, raw []byte) []*channels.InboundMessage {
	t.Helper()
	checkDelivery(t, d)
	if again := encode(t, a.Parse(raw)); !bytes.Equal(again, encode(t, d)) {
		t.Errorf("the raw bytes become another delivery: %s", again)
	}
	var out []*channels.InboundMessage
	for i := range d.Elements {
		if m := d.Elements[i].Message; m != nil {
			out = append(out, m)
		}
	}
	return out
}
