package api

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

const hookPath = "/webhooks/meta/hook-key-1"

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func inboundBody(at time.Time, text string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"200001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"5511900000001","phone_number_id":"100001"},"contacts":[{"profile":{"name":"Zoé"},"wa_id":"551199990000"}],`+
		`"messages":[{"from":"551199990000","id":"wamid.X","timestamp":"%d","type":"text","text":{"body":%q}}]}}]}]}`, at.Unix(), text)
}

// deliver posts a body without a network in between.
func (w *world) deliver(path, signature string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if signature != "" {
		r.Header.Set("X-Hub-Signature-256", signature)
	}
	rec := httptest.NewRecorder()
	w.app.engine.ServeHTTP(rec, r)
	return rec
}

// TestWebhookSignature: S1. Ten thousand forgeries of every kind: none is taken in, all get the same answer, and no answer
// or log holds a signature; real deliveries with accents and emoji are all taken in.
func TestWebhookSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := inboundBody(fixedNow, "Olá, ação! 👋🏽 \\u00e7")
	good := sign(testAppSecret, body)
	random := rand.New(rand.NewPCG(1, 2))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(body)
	_ = z.Close()
	forge := []func() (string, []byte){
		func() (string, []byte) { return sign("another secret", body), body },
		func() (string, []byte) { return "", body },
		func() (string, []byte) { return good[:len(good)-1-random.IntN(60)], body },
		func() (string, []byte) { return strings.Replace(good, "sha256=", "sha1=", 1), body },
		func() (string, []byte) { return strings.TrimPrefix(good, "sha256="), body },
		func() (string, []byte) { return "SHA256=" + strings.TrimPrefix(good, "sha256="), body },
		func() (string, []byte) { return good + "00", body },
		func() (string, []byte) { return "sha256=" + strings.Repeat("0", 64), body },
		func() (string, []byte) {
			flipped := bytes.Clone(body)
			flipped[random.IntN(len(flipped))] ^= 1 << random.IntN(8)
			return good, flipped
		},
		func() (string, []byte) { return good, bytes.ReplaceAll(body, []byte(":"), []byte(": ")) }, // re-serialised
		func() (string, []byte) { return good, zipped.Bytes() },
		func() (string, []byte) { return sign("", body), body },
		func() (string, []byte) { return sign("verify-1", body), body },
	}
	var first string
	for i := range 10_000 {
		signature, forged := forge[i%len(forge)]()
		rec := w.deliver(hookPath, signature, forged)
		if first == "" {
			first = rec.Body.String()
		}
		if rec.Code != http.StatusUnauthorized || rec.Body.String() != first {
			t.Fatalf("forgery %d (kind %d): %d %s", i, i%len(forge), rec.Code, rec.Body)
		}
	}
	if rec := w.deliver("/webhooks/meta/no-such-key", good, body); rec.Code != http.StatusUnauthorized || rec.Body.String() != first {
		t.Errorf("an unknown connection: %d %s: it must look like a wrong signature", rec.Code, rec.Body)
	}
	if len(w.inbound.deliveries) != 0 {
		t.Fatalf("%d forgeries were taken in", len(w.inbound.deliveries))
	}
	if secrets := []string{testAppSecret, strings.TrimPrefix(good, "sha256=")}; strings.Contains(w.log.String(), secrets[0]) || strings.Contains(w.log.String(), secrets[1]) {
		t.Error("the log holds a secret or a signature")
	}
	for i, text := range []string{"Olá", "ação 👋🏽", "日本語", "\\ud83d\\ude00 \\/", "a\\\"b"} {
		body := inboundBody(fixedNow, text)
		if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != http.StatusOK {
			t.Errorf("real delivery %d: %d %s", i, rec.Code, rec.Body)
		}
	}
	if len(w.inbound.deliveries) != 5 || w.inbound.conns[0].ID != 1001 {
		t.Errorf("taken in: %d", len(w.inbound.deliveries))
	}
}

// TestWebhookSecretRotation: the present and the previous app secret are accepted, until the previous one is forgotten.
func TestWebhookSecretRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := inboundBody(fixedNow, "Oi")
	patch := func(b obj) {
		t.Helper()
		w.expect(http.StatusOK, request{as: "admin", method: "PATCH", path: "/v1/connections/1001", body: b})
	}
	check := func(secret string, want int) {
		t.Helper()
		if rec := w.deliver(hookPath, sign(secret, body), body); rec.Code != want {
			t.Errorf("signed with %s: %d, want %d", secret, rec.Code, want)
		}
	}
	check(testAppSecret, http.StatusOK)
	patch(obj{"app_secret": "the new app secret"})
	check(testAppSecret, http.StatusOK)
	check("the new app secret", http.StatusOK)
	patch(obj{"forget_previous_app_secret": true})
	check(testAppSecret, http.StatusUnauthorized)
	check("the new app secret", http.StatusOK)
	w.expect(http.StatusOK, request{as: "admin", method: "DELETE", path: "/v1/connections/1001"})
	check("the new app secret", http.StatusUnauthorized)
}

// TestWebhookOutages: 503 with Retry-After while Postgres is away, 500 for what is ours, 413 for what is too large; never a
// 200 that was not earned.
func TestWebhookOutages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := inboundBody(fixedNow, "Oi")
	signature := sign(testAppSecret, body)
	if rec := w.deliver(hookPath, signature, body); rec.Code != http.StatusOK {
		t.Fatalf("%d", rec.Code)
	}
	w.inbound.err = &pgconn.PgError{Code: "57P01", Message: "terminating connection"}
	if rec := w.deliver(hookPath, signature, body); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("Postgres away: %d, Retry-After %q", rec.Code, rec.Header().Get("Retry-After"))
	}
	w.inbound.err = models.Errorf(models.CodeInternal, "a defect")
	if rec := w.deliver(hookPath, signature, body); rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "defect") {
		t.Errorf("a defect: %d %s", rec.Code, rec.Body)
	}
	w.inbound.err = nil
	large := bytes.Repeat([]byte("x"), 4<<20+1)
	if rec := w.deliver(hookPath, sign(testAppSecret, large), large); rec.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("4 MiB and a byte: %d, want 413", rec.Code)
	}
	unknownLength := httptest.NewRequest(http.MethodPost, hookPath, &slowReader{bytes.NewReader(large)})
	unknownLength.ContentLength = -1
	rec := httptest.NewRecorder()
	w.app.engine.ServeHTTP(rec, unknownLength)
	if rec.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("the same without a length: %d, want 413", rec.Code)
	}
	// Postgres goes away: what is remembered of the connection stays good, so that the delivery itself decides.
	w.cutDatabase()
	w.advance(hookLife + time.Second)
	if rec := w.deliver(hookPath, signature, body); rec.Code != http.StatusOK {
		t.Errorf("a remembered connection without Postgres: %d", rec.Code)
	}
	if rec := w.deliver("/webhooks/meta/never-seen", signature, body); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("an unknown connection without Postgres: %d, want 503: it may be a new one", rec.Code)
	}
}

type slowReader struct{ *bytes.Reader }

// TestWebhookReplayOfOldBodies: a body older than any redelivery is acknowledged and not taken in (S2).
func TestWebhookReplayOfOldBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for age, want := range map[time.Duration]int{7 * 24 * time.Hour: 1, 8*24*time.Hour + time.Minute: 0} {
		body := inboundBody(fixedNow.Add(-age), "Oi")
		w.inbound.deliveries = nil
		if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != http.StatusOK || len(w.inbound.deliveries) != want {
			t.Errorf("%s old: %d, taken in %d, want %d", age, rec.Code, len(w.inbound.deliveries), want)
		}
	}
}

// deafChannel takes no webhooks.
type deafChannel struct{ channels.Adapter }

// TestWebhookOfAChannelWithoutWebhooks: S1. The address of a connection whose channel takes no webhooks answers as an address
// that nobody has, even to a true signature.
func TestWebhookOfAChannelWithoutWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Channels = map[string]channels.Adapter{models.ChannelWhatsAppCloud: deafChannel{}} })
	body := inboundBody(fixedNow, "Oi")
	unknown := w.deliver("/webhooks/meta/nobody", sign(testAppSecret, body), body)
	deaf := w.deliver(hookPath, sign(testAppSecret, body), body)
	if unknown.Code != http.StatusUnauthorized || deaf.Code != unknown.Code || deaf.Body.String() != unknown.Body.String() {
		t.Errorf("%d %s, want %d %s", deaf.Code, deaf.Body, unknown.Code, unknown.Body)
	}
}

func TestWebhookVerification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(path string) answer { return w.do(request{method: "GET", path: path}) }
	got := ask(hookPath + "?hub.mode=subscribe&hub.verify_token=verify-1&hub.challenge=1158201444")
	if got.status != http.StatusOK || string(got.body) != "1158201444" || got.headers.Get("Content-Type") != "text/plain; charset=utf-8" || got.headers.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %s %s", got.status, got.body, got.headers)
	}
	for _, path := range []string{hookPath + "?hub.mode=subscribe&hub.verify_token=verify-2&hub.challenge=1158201444", hookPath,
		"/webhooks/meta/no-such-key?hub.mode=subscribe&hub.verify_token=verify-1&hub.challenge=1158201444"} {
		if got := ask(path); got.status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", path, got.status)
		}
	}
}

// TestWebhookFloodOfForgeriesIsThrottled: wrong signatures of one network are limited; rightly signed deliveries are not.
func TestWebhookFloodOfForgeriesIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.Webhook = Rate{PerSecond: 1, Burst: 10} })
	body := inboundBody(fixedNow, "Oi")
	count := map[int]int{}
	for range 30 {
		count[w.deliver(hookPath, "sha256=00", body).Code]++
	}
	if count[http.StatusUnauthorized] != 10 || count[http.StatusTooManyRequests] != 20 {
		t.Errorf("answers %v, want 10 × 401 and 20 × 429", count)
	}
	for range 30 {
		if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != http.StatusOK {
			t.Fatalf("a real delivery after a flood: %d", rec.Code)
		}
	}
}

// TestWebhookCostsNoQuery: a delivery of a known connection asks Postgres for nothing before it is stored.
func TestWebhookCostsNoQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := inboundBody(fixedNow, "Oi")
	signature := sign(testAppSecret, body)
	w.deliver(hookPath, signature, body)
	before := w.store.Pool().Stat().AcquireCount()
	for range 100 {
		w.deliver(hookPath, signature, body)
	}
	if n := w.store.Pool().Stat().AcquireCount() - before; n != 0 {
		t.Errorf("100 deliveries took %d connections", n)
	}
}

// BenchmarkWebhook measures the HTTP side of a delivery: signature, parsing, headers, metrics, log.
func BenchmarkWebhook(b *testing.B) {
	w := newWorld(b)
	body := inboundBody(fixedNow, "Olá, tudo bem?")
	signature := sign(testAppSecret, body)
	for b.Loop() {
		if rec := w.deliver(hookPath, signature, body); rec.Code != http.StatusOK {
			b.Fatal(rec.Code)
		}
	}
}

func TestGraphBaseURLNeedsEncryption(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://graph.facebook.com": true, "http://127.0.0.1:8090/graph": true, "http://graph.example.com": false, "https://user:pw@graph.example.com": false,
		"ftp://graph.example.com": false, "https://": false, "https://graph.example.com?x=1": false,
	} {
		if err := checkChannelFields(models.ChannelWhatsAppCloud, map[string]string{models.ConfigGraphBaseURL: url}, nil); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
	if !config.IsPrivateHost("127.0.0.1") {
		t.Error("loopback is private")
	}
}

func (w *world) countOf(sql string, args ...any) (n int64) {
	w.t.Helper()
	if err := w.store.Pool().QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// quiet wakes nobody.
type quiet struct{}

func (quiet) Wake(contract.Wake) {}

// TestADeliveryGoesToTheNumberThatItNames: W11. Meta has one address for an app. What comes there for another number of the
// account is that number's, if its own secret signed it too, also when one delivery holds both.
func TestADeliveryGoesToTheNumberThatItNames(t *testing.T) {
	t.Parallel()
	both := func(at time.Time) []byte {
		one := func(number, id string) string {
			return fmt.Sprintf(`{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"5511900000001","phone_number_id":%q},
				"messages":[{"from":"551199990000","id":%q,"timestamp":"%d","type":"text","text":{"body":"oi"}}]}}`, number, id, at.Unix())
		}
		return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"200001","changes":[` + one("100001", "wamid.one") + `,` + one("100002", "wamid.two") + `]}]}`)
	}
	for name, c := range map[string]struct {
		secret     string
		two, apart int64
		second     bool
	}{
		"the same app":         {testAppSecret, 1, 0, true},
		"an app of its own":    {"another secret", 0, 1, true},
		"no connection has it": {testAppSecret, 0, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(d *Deps) { d.Inbound = intake.New(d.Store, d.Channels, nil, quiet{}, nil) })
			if c.second {
				sealed, err := w.app.Key.Seal(models.ConnectionSecretPlace(1002, models.SecretAppSecret), []byte(c.secret))
				if err != nil {
					t.Fatal(err)
				}
				w.exec(`INSERT INTO connections (id, account_id, key, name, channel, provider_ref, portfolio_ref, credentials)
					VALUES (1002, 1, 'hook-key-1-2', 'Dois', 'whatsapp_cloud', '100002', '200001', jsonb_build_object($1::text, $2::text))`,
					models.SecretAppSecret, base64.StdEncoding.EncodeToString(sealed))
			}
			body := both(fixedNow)
			for range 2 {
				if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != http.StatusOK {
					t.Fatal(rec.Code, rec.Body)
				}
			}
			for id, want := range map[string]int64{"wamid.one 1001": 1, "wamid.two 1002": c.two, "wamid.two 1001": 0, "wamid.two 2001": 0} {
				if n := w.countOf(`SELECT count(*) FROM messages WHERE provider_message_id || ' ' || connection_id = $1`, id); n != want {
					t.Errorf("%d messages %s, want %d", n, id, want)
				}
			}
			if n := w.countOf(`SELECT count(*) FROM quarantine WHERE connection_id = 1001 AND code = 'other_number' AND position('wamid.two'::bytea IN body) > 0`); n != c.apart {
				t.Errorf("%d kept apart, want %d", n, c.apart)
			}
		})
	}
}
