package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// captured gives bodies as Meta sends them: those of the adapter's tests, and texts with the statuses of answers up to n.
func captured(t *testing.T, n int) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../../channels/whatsapp/testdata/webhooks/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for _, file := range files {
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if len(bodies) < 90 {
		t.Fatalf("only %d kinds of bodies", len(bodies))
	}
	for i := len(bodies); i < n; i++ {
		head := `{"object":"whatsapp_business_account","entry":[{"id":"330214458896701","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
			"metadata":{"display_phone_number":"551140000001","phone_number_id":"741200335509921"},`
		person := fmt.Sprintf("55119%08d", 10_000_000+i%40)
		body := fmt.Sprintf(`%s"contacts":[{"profile":{"name":"P"},"wa_id":%q}],"messages":[{"from":%[2]q,"id":"wamid.captured%d","timestamp":"1763650800","type":"text","text":{"body":"Olá %[3]d"}}]}}]}]}`, head, person, i)
		if i%4 == 0 {
			body = fmt.Sprintf(`%s"statuses":[{"id":"wamid.captured%d","status":%q,"timestamp":"1763650801","recipient_id":%q}]}}]}]}`,
				head, i, []string{"sent", "delivered", "read", "failed"}[i/4%4], person)
		}
		bodies = append(bodies, []byte(body))
	}
	return bodies
}

// takeIn delivers bodies in a random order, several at once, and again whatever two at once made impossible, as Meta does.
func takeIn(t *testing.T, in *intake.Intake, a *whatsapp.Adapter, conn *models.Connection, bodies [][]byte, random *rand.Rand) {
	t.Helper()
	order := random.Perm(len(bodies))
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(8)
	for _, i := range order {
		g.Go(func() error {
			var err error
			for range 5 {
				if err = in.Receive(ctx, conn, a.Parse(bodies[i]), bodies[i]); err == nil {
					return nil
				}
			}
			return fmt.Errorf("body %d: %w", i, err)
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// state sums up everything that a delivery may change.
func state(t *testing.T, f *storetest.Fixture) string {
	t.Helper()
	tables := []string{"contacts", "contact_identities", "conversations", "messages", "media", "send_queue", "send_attempts", "flow_runs", "flow_run_events", "tickets",
		"doorbells", "events", "quarantine", "templates", "connections", "parked_statuses"}
	var b strings.Builder
	for _, table := range tables {
		var exists bool
		if err := f.Pool().QueryRow(t.Context(), `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&exists); err != nil {
			t.Fatal(err)
		}
		if !exists {
			continue
		}
		var sum string
		if err := f.Pool().QueryRow(t.Context(), `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM `+table+` t`).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, table, sum)
	}
	return b.String()
}

// TestCapturedBodiesChangeNothing: S2. A thousand captured bodies of every kind, ten times more and in any order: no new
// row, no send, no change of state, and nobody is woken.
func TestCapturedBodiesChangeNothing(t *testing.T) {
	t.Parallel()
	now := time.Unix(1763650800, 0).Add(time.Minute)
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: func() time.Time { return now }}), "own")
	number, waba := "741200335509921", "330214458896701"
	f.Exec(t, `UPDATE connections SET provider_ref = $1, portfolio_ref = $2`, number, waba)
	f.Connection.ProviderRef, f.Connection.PortfolioRef = &number, &waba
	p := f.Publish(t, "Boas-vindas", `{"spec_version":1,"name":"Boas-vindas","category":"initial","start":"a","nodes":[{"id":"a","kind":"end"}]}`)
	choose := func(context.Context, *models.Connection, *contract.InboundDelivery) contract.FlowChooser {
		return func(context.Context, contract.StartQuestion) (*contract.StartAnswer, error) {
			return &contract.StartAnswer{Flow: p, Trigger: []byte(`{}`)}, nil
		}
	}
	a, w := whatsapp.New(meta.NewClient(meta.Options{})), &countedWakes{}
	in := intake.New(f.Store, map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, choose, w, nil)
	bodies, random := captured(t, 1000), rand.New(rand.NewPCG(1, 2))

	takeIn(t, in, a, f.Connection, bodies, random)
	takeIn(t, in, a, f.Connection, bodies, random) // what named a message before it was there is settled now
	if n := f.Count(t, `SELECT count(*) FROM messages`); n < 600 {
		t.Fatalf("only %d messages were taken in", n)
	}
	before := state(t, f)
	w.reset()
	for range 9 {
		takeIn(t, in, a, f.Connection, bodies, random)
	}
	if after := state(t, f); after != before {
		t.Errorf("replays changed something; before:\n%s\nafter:\n%s", before, after)
	}
	if n := w.rung(); n != 0 {
		t.Errorf("replays rang or woke %d times", n)
	}
}

// TestEveryBodyOfAnotherConnectionIsQuarantined: S3. Bodies of every kind that name a number and a business account of
// another tenant, rightly signed by this one's app: nothing of them is stored but in quarantine.
func TestEveryBodyOfAnotherConnectionIsQuarantined(t *testing.T) {
	t.Parallel()
	f, a, in, _ := setUp(t)
	other := storetest.NewFixture(t, f.Store, "other")
	before := state(t, other)
	var named int
	for _, body := range captured(t, 300) {
		body = bytes.ReplaceAll(body, []byte("741200335509921"), []byte(*other.Connection.ProviderRef))
		body = bytes.ReplaceAll(body, []byte("330214458896701"), []byte(*other.Connection.PortfolioRef))
		if bytes.Contains(body, []byte(*other.Connection.ProviderRef)) || bytes.Contains(body, []byte(*other.Connection.PortfolioRef)) {
			named++
		}
		if err := in.Receive(t.Context(), f.Connection, a.Parse(body), body); err != nil {
			t.Fatal(err)
		}
	}
	after := strings.Split(state(t, other), "\n")
	for i, line := range strings.Split(before, "\n") {
		if table, _, _ := strings.Cut(line, " "); table != "quarantine" && table != "events" && line != after[i] {
			t.Errorf("a foreign body changed %s: %s, before %s", table, after[i], line)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM events WHERE kind <> $1`, models.EventQuarantineAdded); n != 0 {
		t.Errorf("%d events of foreign bodies", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM quarantine`); named < 250 || n < int64(named) {
		t.Errorf("%d bodies named another's number, %d parts are in quarantine", named, n)
	}
}

// countedWakes counts what deliveries wake.
type countedWakes struct {
	mu sync.Mutex
	n  int
}

func (c *countedWakes) Wake(k contract.Wake) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += len(k.Doorbells) + len(k.Connections) + len(k.Receipts)
}

func (c *countedWakes) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = 0
}

func (c *countedWakes) rung() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
