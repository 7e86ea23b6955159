package channeltest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels"
)

// PollingSuite says how to test what an adapter that polls has more than others.
type PollingSuite struct {
	// New makes an adapter and the provider that it asks.
	New func(t testing.TB) (channels.PollingAdapter, Provider)
}

// Run runs the whole suite.
func (s PollingSuite) Run(t *testing.T) {
	t.Run("arrivals", s.arrivals)
	t.Run("not stored", s.notStored)
	t.Run("given up", s.givenUp)
}

// pollsMost is how many polls a handful of messages may take.
const pollsMost = 100

// pollAll polls until the adapter says that no more is there, and gives the texts.
func pollAll(t testing.TB, a channels.PollingAdapter, p Provider, cursor string) (texts []string, next string) {
	t.Helper()
	for range pollsMost {
		got, err := a.Poll(context.Background(), p.Credentials(), cursor)
		if err != nil {
			t.Fatalf("poll from %q: %v", cursor, err)
		}
		for _, m := range messages(t, a, got.Delivery, got.Raw) {
			texts = append(texts, m.Content.Text)
		}
		if cursor = got.Cursor; got.Wait > 0 {
			return texts, cursor
		}
	}
	t.Fatalf("after %d polls there is still more", pollsMost)
	return nil, ""
}

// arrivals demands that every message comes once, in order, and that the cursor
// goes on from there.
func (s PollingSuite) arrivals(t *testing.T) {
	a, p := s.New(t)
	cursor := ""
	for _, want := range [][]string{nil, {"Olá, ação 😀", "dois", "três", "quatro", "cinco"}, nil, {"seis"}} {
		for _, text := range want {
			p.Bring(text)
		}
		var got []string
		if got, cursor = pollAll(t, a, p, cursor); !slices.Equal(got, want) {
			t.Errorf("%q came, want %q", got, want)
		}
	}
}

// notStored demands that a poll acknowledges nothing that it brings: the same
// cursor brings the same again.
func (s PollingSuite) notStored(t *testing.T) {
	a, p := s.New(t)
	p.Bring("Olá")
	first, err := a.Poll(context.Background(), p.Credentials(), "")
	if err != nil {
		t.Fatal(err)
	}
	nothingAcknowledged(t, p)
	again, err := a.Poll(context.Background(), p.Credentials(), "")
	if err != nil {
		t.Fatal(err)
	}
	nothingAcknowledged(t, p)
	if diff := cmp.Diff(encode(t, first.Delivery), encode(t, again.Delivery)); diff != "" || len(again.Delivery.Elements) == 0 {
		t.Errorf("the same cursor brings something else (-first +again):\n%s", diff)
	}
}

// givenUp demands that a poll ends with its context, by an error of the port.
func (s PollingSuite) givenUp(t *testing.T) {
	a, p := s.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := a.Poll(ctx, p.Credentials(), "")
	var e *channels.SendError
	if !errors.As(err, &e) {
		t.Errorf("a poll that is given up gives %v, want a SendError", err)
	}
}
