package activities

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// S25: the vector of Standard Webhooks, and the trio of compatible webhooks over the same bytes.
func TestStandardWebhooksVector(t *testing.T) {
	t.Parallel()
	const key, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`
	if got, want := StandardSignature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	one := &models.WebhookDelivery{UID: uuid.MustParse("0b5a1c2d-0000-4000-8000-000000000001"), Body: body}
	at := time.Unix(1614265330, 0)
	h := http.Header{}
	setWebhookHeaders(h, models.WebhookStandard, []string{key, "whsec_c2VjcmV0"}, one, at)
	if signs := strings.Fields(h.Get("webhook-signature")); len(signs) != 2 || signs[0] == signs[1] || h.Get("X-Chatwoot-Signature") != "" {
		t.Errorf("while a secret is exchanged: %v", h)
	}
	setWebhookHeaders(h, models.WebhookCompatible, []string{key}, one, at)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("1614265330." + body))
	if h.Get("X-Chatwoot-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) || h.Get("X-Chatwoot-Delivery") != h.Get("webhook-id") ||
		h.Get("X-Chatwoot-Timestamp") != h.Get("webhook-timestamp") {
		t.Errorf("a compatible webhook: %v", h)
	}
}

// openAll opens what was never sealed.
type openAll struct{}

func (openAll) Open(_ string, sealed []byte) ([]byte, error)    { return sealed, nil }
func (openAll) Seal(_ string, plaintext []byte) ([]byte, error) { return plaintext, nil }

// receiver is a program that hears of events, and lies: it takes an event and answers 500, cuts its answer, answers late, or
// takes nothing.
type receiver struct {
	mu     sync.Mutex
	rng    *rand.Rand
	honest bool
	taken  map[string][]string // bodies taken by conversation, without repetitions by id
	ids    map[string]bool
	bad    []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	id := req.Header.Get("webhook-id")
	lie := r.rng.IntN(6)
	if r.honest {
		lie = 5
	}
	if want := StandardSignature("whsec_c2VjcmV0", id, req.Header.Get("webhook-timestamp"), string(body)); req.Header.Get("webhook-signature") != want {
		r.bad = append(r.bad, id)
	}
	if lie != 0 && !r.ids[id] { // 0 takes nothing
		r.ids[id] = true
		of, _, _ := strings.Cut(string(body), " ")
		r.taken[of] = append(r.taken[of], string(body))
	}
	r.mu.Unlock()
	switch lie {
	case 0, 1:
		w.WriteHeader(http.StatusInternalServerError)
	case 2:
		panic(http.ErrAbortHandler)
	case 3: // an answer that is cut
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("o"))
	case 4: // late: a kill falls in between
		select {
		case <-req.Context().Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Rule 220 under chaos: turns are killed at any point while the receiver lies. Every event arrives at least once, the first
// arrivals of a conversation are in order, and what comes twice has one id.
func TestWebhooksUnderKills(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	clock := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: now}), "w")
	heard := &receiver{rng: rand.New(rand.NewPCG(seed, 2)), taken: map[string][]string{}, ids: map[string]bool{}}
	server := httptest.NewServer(heard)
	t.Cleanup(server.Close)
	id, err := f.CreateWebhook(t.Context(), f.Account, models.Webhook{Name: "ERP", URL: server.URL, Kind: models.WebhookStandard,
		Events: []models.WebhookEventName{models.WebhookMessageCreated}}, "whsec_c2VjcmV0", openAll{}, true)
	if err != nil {
		t.Fatal(err)
	}
	start := contract.WebhookDeliveryStart{AccountID: f.Account, EndpointID: id}
	want := map[string][]string{}
	for of := range 4 {
		f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES ($2, $1)`, f.Account, 100+of)
		f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES ($2, $1, $2, $3, $2)`, f.Account, 100+of, f.Connection.ID)
	}
	for n := range 60 {
		of := rng.IntN(4)
		body := fmt.Sprintf("%d %d", of, n)
		want[fmt.Sprint(of)] = append(want[fmt.Sprint(of)], body)
		f.Exec(t, `WITH e AS (INSERT INTO webhook_events (account_id, event, conversation_id, body) VALUES ($1, 'message_created', $2, $3) RETURNING id)
			INSERT INTO webhook_deliveries (account_id, endpoint_id, event_id, conversation_id) SELECT $1, $4, id, $2 FROM e`, f.Account, 100+of, body, id)
	}
	hooks := NewWebhooks(f.Store, openAll{}, now, true)
	hooks.beat = func(context.Context) {}
	hooks.stop = func(context.Context) <-chan struct{} { return nil }
	for turn := 0; ; turn++ {
		if turn == 400 {
			t.Fatal("events wait after 400 turns")
		}
		ctx, kill := context.WithCancel(t.Context())
		if turn < 200 {
			timer := time.AfterFunc(time.Duration(rng.IntN(20_000))*time.Microsecond, kill)
			defer timer.Stop()
		} else {
			heard.mu.Lock()
			heard.honest = true
			heard.mu.Unlock()
		}
		view, err := hooks.DeliverWebhooks(ctx, start)
		killed := ctx.Err() != nil
		kill()
		var failed *temporal.ApplicationError
		later := errors.As(err, &failed) && failed.Type() == string(models.CodeUnavailable) // Temporal does it again, as after a kill
		if err != nil && !killed && !later {
			t.Fatal(err)
		}
		if err == nil && view.NextAt.IsZero() {
			break
		}
		mu.Lock()
		clock = clock.Add(25 * time.Hour)
		mu.Unlock()
	}
	heard.mu.Lock()
	defer heard.mu.Unlock()
	given := f.Count(t, `SELECT count(*) FROM webhook_deliveries WHERE state = 'failed'`)
	for of, bodies := range want {
		got := heard.taken[of]
		if given == 0 && !slices.Equal(got, bodies) {
			t.Errorf("seed %d: conversation %s took %v, want %v", seed, of, got, bodies)
		}
		if !slices.IsSortedFunc(got, func(a, b string) int { return slices.Index(bodies, a) - slices.Index(bodies, b) }) {
			t.Errorf("seed %d: conversation %s took %v out of order", seed, of, got)
		}
	}
	if len(heard.bad) > 0 {
		t.Errorf("signatures that do not fit: %v", heard.bad)
	}
}

// S4: an address inside is refused when it is dialled, a redirect is not followed, and the log says why in a word.
func TestWebhooksStayOutside(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an address inside was reached") }))
	t.Cleanup(inside.Close)
	redirect := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirect.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + silent.Addr().String()
	_ = silent.Close()
	for _, c := range []struct {
		url     string
		private bool
		want    string
	}{{inside.URL, false, "private_address"}, {redirect.URL, true, "status"}, {address, true, "unreachable"}} {
		hooks := NewWebhooks(nil, openAll{}, time.Now, c.private)
		out := hooks.send(t.Context(), &models.Webhook{URL: c.url}, []string{"whsec_c2VjcmV0"}, &models.WebhookDelivery{Body: "{}"})
		if out.Error != c.want {
			t.Errorf("%s: %+v, want %s", c.url, out, c.want)
		}
	}
}
