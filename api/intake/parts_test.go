package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// manyTexts is one delivery of n messages of some people.
func manyTexts(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"object":"whatsapp_business_account","entry":[{"id":"20own","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
	"metadata":{"display_phone_number":"551140000001","phone_number_id":"10own"},"messages":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"from":"5581988%06d","id":"wamid.many.%d","timestamp":"1763650800","type":"text","text":{"body":"%d: %s"}}`, i%50, i, i, strings.Repeat("a", 60))
	}
	b.WriteString(`]}}]}]}`)
	return []byte(b.String())
}

// partStore keeps what it is given, and fails when it is told to.
type partStore struct {
	*store.Store
	parts   []int
	ids     []string
	ctxs    []context.Context
	failing int // the part that fails; 0 means none
}

func (p *partStore) Receive(ctx context.Context, conn *models.Connection, d contract.InboundDelivery, choose contract.FlowChooser) (contract.Wake, error) {
	if len(p.parts)+1 == p.failing {
		p.failing = 0
		return contract.Wake{}, errors.New("cut off")
	}
	p.parts, p.ctxs = append(p.parts, len(d.Elements)), append(p.ctxs, ctx)
	for _, e := range d.Elements {
		p.ids = append(p.ids, e.Message.ProviderID)
	}
	if p.Store == nil {
		return contract.Wake{Stored: len(d.Elements)}, nil
	}
	return p.Store.Receive(ctx, conn, d, choose)
}

// TestTheLargestDeliveryIsStoredInParts: F9. 3 MB with 14,400 messages become transactions of 200 at most, in order, each
// with a time of its own, and go on when the provider hangs up.
func TestTheLargestDeliveryIsStoredInParts(t *testing.T) {
	t.Parallel()
	f, a, _, w := setUp(t)
	const n = 14_400
	body := manyTexts(n)
	if len(body) < 2<<20 || len(body) > 4<<20 {
		t.Fatalf("the delivery has %d bytes", len(body))
	}
	parts := &partStore{}
	in := intake.New(parts, map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, nil, w, nil)
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if err := in.Receive(gone, f.Connection, a.Parse(body), body); err != nil {
		t.Fatal(err)
	}
	if len(parts.parts) != n/200 || len(parts.ids) != n || len(w.all) != n/200 {
		t.Fatalf("%d messages in %d parts, %d times woken", len(parts.ids), len(parts.parts), len(w.all))
	}
	for i, ctx := range parts.ctxs {
		if _, limited := ctx.Deadline(); !limited || parts.parts[i] > 200 {
			t.Errorf("part %d has %d elements, limited %v", i, parts.parts[i], limited)
		}
	}
	for i, id := range parts.ids {
		if want := fmt.Sprintf("wamid.many.%d", i); id != want {
			t.Fatalf("element %d is %s, want %s", i, id, want)
		}
	}
}

// TestADeliveryThatBrokeOffGoesOn: what was stored stays, and the next delivery stores the rest, each message once.
func TestADeliveryThatBrokeOffGoesOn(t *testing.T) {
	t.Parallel()
	f, a, _, w := setUp(t)
	const n = 450
	body := manyTexts(n)
	parts := &partStore{Store: f.Store, failing: 2}
	in := intake.New(parts, map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, nil, w, nil)
	count := func() (n int) {
		if err := f.Pool().QueryRow(t.Context(), `SELECT count(*) FROM messages`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := in.Receive(t.Context(), f.Connection, a.Parse(body), body); err == nil {
		t.Fatal("the second part failed and nobody was told")
	}
	if got := count(); got != 200 {
		t.Errorf("%d messages after the first part, want 200", got)
	}
	for range 2 {
		if err := in.Receive(t.Context(), f.Connection, a.Parse(body), body); err != nil {
			t.Fatal(err)
		}
		if got := count(); got != n {
			t.Errorf("%d messages, want %d", got, n)
		}
	}
	stored, repeated := 0, 0
	for _, k := range w.all {
		stored, repeated = stored+k.Stored, repeated+k.Repeated
	}
	if stored != n || repeated != 200+n {
		t.Errorf("%d stored and %d repeated, want %d and %d", stored, repeated, n, 200+n)
	}
}
