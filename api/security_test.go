package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/store"
)

func (w *world) signIn(email, password string) answer {
	return w.do(request{method: "POST", path: "/v1/sign-in", body: obj{"email": email, "password": password}})
}

// TestCookies: __Host- over https, a plain name over http; HttpOnly, Lax, the whole host; a new value at each sign-in (no
// fixation), kept as a hash alone.
func TestCookies(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]http.Cookie{
		"https://chat.example.com": {Name: "__Host-perene", Secure: true},
		"http://127.0.0.1:8080":    {Name: "perene"},
	} {
		w := newWorld(t, func(d *Deps) { d.PublicURL = public })
		got := w.expect(http.StatusCreated, request{method: "POST", path: "/v1/sign-in", body: obj{"email": "ADMIN@loja1.example ", "password": testPassword},
			headers: map[string]string{"Cookie": want.Name + "=fixed-by-an-attacker"}})
		cookies := (&http.Response{Header: got.headers}).Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: cookies %v", public, cookies)
		}
		c := cookies[0]
		if c.Name != want.Name || c.Secure != want.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 43 {
			t.Errorf("%s: cookie %+v", public, c)
		}
		if n := w.value(`SELECT count(*) FROM sessions WHERE token_hash = $1`, token.Hash(c.Value)); n != int64(1) {
			t.Error("the sign-in is not kept by the cookie's hash")
		}
		if hsts := got.headers.Get("Strict-Transport-Security"); (hsts != "") != want.Secure {
			t.Errorf("%s: HSTS %q", public, hsts)
		}
	}
}

// TestSessionLife: idle after 8 hours, over after 7 days, gone at once on sign-out, disabling and another role (S9).
func TestSessionLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alive := func(role string, want int) {
		t.Helper()
		w.expect(want, request{as: role, method: "GET", path: "/v1/sign-in"})
	}
	w.advance(store.SignInIdle - time.Minute)
	alive("admin", 200) // this counts as activity
	w.advance(2 * time.Minute)
	alive("admin", 200)
	alive("user", 401) // idle for 8 hours and a minute
	for range 21 {
		w.advance(store.SignInIdle - time.Minute)
		w.do(request{as: "admin", method: "GET", path: "/v1/sign-in"})
	}
	alive("admin", 401) // seven days, however busy
	sup := w.signInAs("supervisor")
	if got := w.do(request{method: "GET", path: "/v1/sign-in", headers: sup}); got.status != 200 {
		t.Fatalf("%d", got.status)
	}
	if _, err := w.store.Provision(t.Context(), "loja-1", func(p *store.Provisioning) error {
		if _, err := p.Account(t.Context(), "loja-1"); err != nil {
			return err
		}
		return p.EndSignIns(t.Context(), 1002)
	}); err != nil {
		t.Fatal(err)
	}
	if got := w.do(request{method: "GET", path: "/v1/sign-in", headers: sup}); got.status != 401 {
		t.Errorf("after the sign-ins were ended: %d", got.status)
	}
	w.exec(`UPDATE users SET disabled_at = now() WHERE id = 1003`)
	if got := w.signIn("admin@loja1.example", testPassword); got.status != 401 {
		t.Errorf("a disabled user signed in: %d", got.status)
	}
	if got := w.do(request{as: "token", method: "GET", path: "/v1/conversations"}); got.status != 401 {
		t.Errorf("a disabled user's token works: %d", got.status)
	}
}

// signInAs signs in and gives the header that carries the sign-in.
func (w *world) signInAs(role string) map[string]string {
	w.t.Helper()
	got := w.signIn(role+"@loja1.example", testPassword)
	if got.status != http.StatusCreated {
		w.t.Fatalf("sign in: %d %s", got.status, got.body)
	}
	c := (&http.Response{Header: got.headers}).Cookies()[0]
	return map[string]string{"Cookie": c.Name + "=" + c.Value}
}

func TestLoginLinkWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.store.CreateLoginLink(t.Context(), 1, 1003, token.Hash("a-link-of-some-length"), time.Minute); err != nil {
		t.Fatal(err)
	}
	use := func() int {
		return w.do(request{method: "POST", path: "/v1/sign-in/link", body: obj{"token": "a-link-of-some-length"}}).status
	}
	var wg sync.WaitGroup
	count := [600]int{}
	var mu sync.Mutex
	for range 8 {
		wg.Go(func() {
			s := use()
			mu.Lock()
			count[s]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if count[http.StatusCreated] != 1 || count[http.StatusGone] != 7 {
		t.Errorf("%d sign-ins and %d refusals of 8", count[http.StatusCreated], count[http.StatusGone])
	}
	if err := w.store.CreateLoginLink(t.Context(), 1, 1003, token.Hash("a-link-of-some-length-2"), time.Minute); err != nil {
		t.Fatal(err)
	}
	w.advance(2 * time.Minute)
	if got := w.do(request{method: "POST", path: "/v1/sign-in/link", body: obj{"token": "a-link-of-some-length-2"}}); got.status != http.StatusGone {
		t.Errorf("a link that has run out: %d", got.status)
	}
}

// TestBruteForce: S8. Guesses from many networks against one account for an hour: at most 100 are evaluated; the owner, from
// a network that is known, still signs in; unknown and known addresses answer alike.
func TestBruteForce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.TrustedProxies = []string{"127.0.0.1"} })
	from := func(ip, email, password string) answer {
		return w.do(request{method: "POST", path: "/v1/sign-in", body: obj{"email": email, "password": password}, headers: map[string]string{"X-Forwarded-For": ip}})
	}
	if got := from("203.0.113.7", "admin@loja1.example", testPassword); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	evaluated, throttled := 0, 0
	for i := range 400 { // every 9 seconds from one of 200 networks
		switch got := from(fmt.Sprintf("198.51.%d.1", i%200), "admin@loja1.example", "guess"); got.status {
		case http.StatusUnauthorized:
			evaluated++
		case http.StatusTooManyRequests:
			throttled++
			if got.headers.Get("Retry-After") == "" {
				t.Fatal("429 without Retry-After")
			}
		default:
			t.Fatalf("guess %d: %d", i, got.status)
		}
		w.advance(9 * time.Second)
	}
	if evaluated > 100 || throttled == 0 {
		t.Errorf("%d guesses evaluated, %d throttled", evaluated, throttled)
	}
	if got := from("203.0.113.9", "admin@loja1.example", testPassword); got.status != http.StatusCreated {
		t.Errorf("the owner, from the network used before: %d", got.status)
	}
	known, unknown := from("192.0.2.1", "user@loja1.example", "wrong"), from("192.0.2.1", "nobody@loja1.example", "wrong")
	if known.status != unknown.status || known.json(t)["detail"] != unknown.json(t)["detail"] {
		t.Errorf("an unknown address answers %s, a known one %s", unknown.body, known.body)
	}
}

// TestForeignPagesDoNothing: S10. A page of another origin, with the browser's cookie, changes nothing; nor does a form.
func TestForeignPagesDoNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint(1)
	for name, headers := range map[string]map[string]string{
		"fetch":       {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		"subdomain":   {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.localhost"},
		"old browser": {"Origin": "https://evil.example"},
		"null origin": {"Origin": "null"},
	} {
		if got := w.do(request{as: "admin", method: "POST", path: "/v1/contacts/1001/block", headers: headers}); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "", "text/json"} {
		got := w.do(request{as: "admin", method: "PATCH", path: "/v1/contacts/1001", body: obj{"name": "X"}, headers: map[string]string{"Content-Type": contentType}})
		if got.status != http.StatusUnsupportedMediaType {
			t.Errorf("content type %q: %d", contentType, got.status)
		}
	}
	if w.fingerprint(1) != before {
		t.Error("a foreign page changed something")
	}
	got := w.do(request{as: "admin", method: "POST", path: "/v1/contacts/1001/block", headers: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}})
	if got.status != http.StatusOK {
		t.Errorf("our own page: %d %s", got.status, got.body)
	}
	if cors := got.headers.Get("Access-Control-Allow-Origin"); cors != "" {
		t.Errorf("CORS is open: %q", cors)
	}
}

// TestUnknownFieldsAreRefused: S7, mass assignment.
func TestUnknownFieldsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint(1)
	for path, body := range map[string]obj{
		"/v1/contacts/1001":    {"name": "X", "account_id": 2},
		"/v1/connections/1001": {"name": "X", "state": "removed"},
		"/v1/flows/1001":       {"name": "X", "published_version_id": 2001},
	} {
		if got := w.do(request{as: "admin", method: "PATCH", path: path, body: body}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := w.do(request{as: "admin", method: "GET", path: "/v1/conversations?acount_id=2"}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown query parameter: %d", got.status)
	}
	if w.fingerprint(1) != before {
		t.Error("something changed")
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	send := func(key, text string) answer {
		return w.do(request{as: "user", method: "POST", path: "/v1/conversations/1001/messages", body: say(obj{"kind": "text", "text": text}), headers: map[string]string{"Idempotency-Key": key}})
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	byStatus := map[int]int{}
	for range 6 {
		wg.Go(func() {
			got := send("k1", "uma vez")
			mu.Lock()
			byStatus[got.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if byStatus[http.StatusCreated]+byStatus[http.StatusConflict] != 6 || byStatus[http.StatusCreated] == 0 {
		t.Errorf("answers %v", byStatus)
	}
	if n := w.value(`SELECT count(*) FROM messages WHERE content->>'text' = 'uma vez'`); n != int64(1) {
		t.Fatalf("%d messages, want 1", n)
	}
	first, again := send("k1", "uma vez"), send("k1", "uma vez")
	if first.status != http.StatusCreated || !bytes.Equal(first.body, again.body) || again.headers.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a repeat: %d %s", again.status, again.body)
	}
	if got := send("k1", "outra coisa"); got.status != http.StatusUnprocessableEntity || got.json(t)["key"] != "idempotency.reused" {
		t.Errorf("the key with another body: %d %s", got.status, got.body)
	}
	other := w.do(request{as: "user", method: "POST", path: "/v1/conversations/1003/messages", body: say(obj{"kind": "text", "text": "uma vez"}), headers: map[string]string{"Idempotency-Key": "k1"}})
	if other.status != http.StatusUnprocessableEntity {
		t.Errorf("the key at another address: %d", other.status)
	}
	w.advance(store.IdempotencyLife + time.Minute)
	if got := w.do(request{as: "token", method: "POST", path: "/v1/conversations/1003/messages", body: say(obj{"kind": "text", "text": "no dia seguinte"}), headers: map[string]string{"Idempotency-Key": "k1"}}); got.status != http.StatusConflict || got.json(t)["code"] != "window_closed" {
		t.Errorf("the next day the key is free again; the window is closed: %d %s", got.status, got.body)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.PerPrincipal = Rate{PerSecond: 1, Burst: 5} })
	for i := range 5 {
		got := w.do(request{as: "user", method: "GET", path: "/v1/account"})
		if got.status != 200 || got.headers.Get("RateLimit") != fmt.Sprintf(`"principal";r=%d;t=%d`, 4-i, i+1) || got.headers.Get("RateLimit-Policy") != `"principal";q=5;w=5` {
			t.Errorf("request %d: %d %q", i, got.status, got.headers.Get("RateLimit"))
		}
	}
	got := w.do(request{as: "user", method: "GET", path: "/v1/account"})
	if got.status != http.StatusTooManyRequests || got.headers.Get("Retry-After") != "1" || got.json(t)["code"] != "too_many" {
		t.Errorf("the sixth: %d %s", got.status, got.body)
	}
	if got := w.do(request{as: "admin", method: "GET", path: "/v1/account"}); got.status != 200 {
		t.Errorf("somebody else: %d", got.status)
	}
	w.advance(2 * time.Second)
	if got := w.do(request{as: "user", method: "GET", path: "/v1/account"}); got.status != 200 {
		t.Errorf("two seconds later: %d", got.status)
	}
}

// TestPanicsAreAnswered: a defect gives 500 with a request id and nothing of what was said.
func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.engine.GET("/panics", func(*gin.Context) { panic("secret words of a customer") })
	got := w.do(request{method: "GET", path: "/panics?q=words", headers: map[string]string{"X-Request-Id": "my-request-1"}})
	if p := got.json(t); got.status != 500 || p["request_id"] != "my-request-1" || got.headers.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, word := range []string{"secret words", "q=words"} {
		if strings.Contains(w.log.String(), word) || bytes.Contains(got.body, []byte(word)) {
			t.Errorf("%q came out", word)
		}
	}
}

// TestNoSecretsOrWordsComeOut: S11. Canaries go in by every way; the log, the answers of others, the metrics and the stored
// rows do not have them in plain.
func TestNoSecretsOrWordsComeOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secrets := []string{"CANARY-access-token", "CANARY-app-secret", "CANARY-verify-token", "CANARY-password"}
	words := "CANARY-words"
	got := w.expect(200, request{as: "admin", method: "PATCH", path: "/v1/connections/1001", body: obj{"access_token": secrets[0], "app_secret": secrets[1], "verify_token": secrets[2]}})
	if bytes.Contains(got.body, []byte("CANARY")) {
		t.Errorf("an answer shows a secret: %s", got.body)
	}
	w.signIn("admin@loja1.example", secrets[3])
	w.do(request{as: "user", method: "POST", path: "/v1/conversations/1001/messages", body: say(obj{"kind": "text", "text": words})})
	w.do(request{as: "user", method: "POST", path: "/v1/conversations/1001/messages", body: say(obj{"kind": words})})
	w.do(request{as: "user", method: "GET", path: "/v1/contacts?q=" + words})
	w.do(request{as: "user", method: "PATCH", path: "/v1/contacts/1001", body: obj{"email": strings.Repeat(words, 40)}})
	metrics := httptest.NewRecorder()
	Figures(w.registry).ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if !strings.Contains(metrics.Body.String(), "perene_http_requests_total") {
		t.Errorf("no figures: %d %s", metrics.Code, metrics.Body)
	}
	for _, where := range []string{w.log.String(), metrics.Body.String()} {
		if strings.Contains(where, "CANARY") {
			t.Errorf("a canary is in the log or the metrics: %s", where[max(0, strings.Index(where, "CANARY")-200):])
		}
	}
	for _, secret := range secrets {
		for _, table := range []string{"connections", "audit_log", "login_failures", "events", "doorbells", "idempotency_keys"} {
			if n := w.value(fmt.Sprintf(`SELECT count(*) FROM %s t WHERE position(convert_to($1, 'UTF8') IN convert_to(t::text, 'UTF8')) > 0 OR t::text LIKE '%%' || encode(convert_to($1, 'UTF8'), 'hex') || '%%'`, table), secret); n != int64(0) {
				t.Errorf("%s holds %s in plain", table, secret)
			}
		}
	}
}

// TestHeaders: S15.
func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) {
		d.PublicURL = "https://chat.example.com"
		d.Console = fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "assets/app-1a2b.js": {Data: []byte("1")}, "assets/f.woff2": {Data: []byte("x")}}
	})
	get := func(path string) answer { return w.do(request{method: "GET", path: path}) }
	api, page, file := get("/v1/sign-in"), get("/conversas/12"), get("/assets/app-1a2b.js")
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"Strict-Transport-Security": "max-age=31536000", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"} {
		if got := api.headers.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	csp := page.headers.Get("Content-Security-Policy")
	if page.status != 200 || string(page.body) != "<!doctype html>" || page.headers.Get("Cache-Control") != "no-cache" {
		t.Errorf("the console's screen: %d %s", page.status, page.body)
	}
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self' wss://chat.example.com", "frame-ancestors 'none'",
		"base-uri 'none'", "object-src 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the console's policy lacks %q: %s", part, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the console's policy is unsafe: %s", csp)
	}
	if !strings.Contains(file.headers.Get("Cache-Control"), "immutable") || !strings.Contains(file.headers.Get("Content-Type"), "javascript") {
		t.Errorf("a file of the console: %v", file.headers)
	}
	for _, path := range []string{"/assets/none.js", "/v1/none", "/webhooks/none", "/../../etc/passwd", "/assets/"} {
		if got := get(path); got.status == http.StatusOK && string(got.body) != "<!doctype html>" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := get("/v1/none"); got.status != 404 || got.json(t)["code"] != "not_found" {
		t.Errorf("an unknown address of the API: %d %s", got.status, got.body)
	}
	if got := w.do(request{method: "PUT", path: "/v1/sign-in"}); got.status != http.StatusMethodNotAllowed {
		t.Errorf("a method it does not take: %d", got.status)
	}
}

// TestReadiness: without Postgres 503; without Temporal still ready, because webhooks are stored.
func TestReadiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.TemporalReady = func(context.Context) error { return io.EOF }
	got := w.expect(200, request{method: "GET", path: "/readyz"})
	if checks := got.json(t)["checks"].(map[string]any); checks["temporal"] != "does not answer" || checks["database"] != "ok" {
		t.Errorf("%s", got.body)
	}
	// While processes are replaced one by one, the old ones go on with the newer schema.
	w.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, true)`)
	w.advance(readyLife)
	w.expect(200, request{method: "GET", path: "/readyz"})
	w.exec(`DELETE FROM goose_db_version WHERE version_id = 999999`)
	w.exec(`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	w.advance(readyLife)
	if got := w.do(request{method: "GET", path: "/readyz"}); got.status != 503 || !strings.Contains(string(got.body), "perene migrate") {
		t.Errorf("an older schema: %d %s", got.status, got.body)
	}
	w.cutDatabase()
	w.advance(readyLife)
	w.expect(503, request{method: "GET", path: "/readyz"})
	w.expect(200, request{method: "GET", path: "/healthz"})
	got = w.expect(503, request{as: "admin", method: "GET", path: "/v1/account"})
	if got.headers.Get("Retry-After") == "" || got.json(t)["code"] != "unavailable" {
		t.Errorf("without Postgres: %s", got.body)
	}
}

// TestANewAddressForgetsTheToken: S12. Whoever may change a connection cannot have its sealed token sent to an own server.
func TestANewAddressForgetsTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.ProviderHosts = config.Hosts{"graph.facebook.com", "graph.partner.example"} })
	change := func(status int, body obj) map[string]any {
		t.Helper()
		got := w.expect(status, request{as: "admin", method: "PATCH", path: "/v1/connections/1001", body: body})
		return got.json(t)
	}
	has := func(c map[string]any) bool { return c["secrets"].(map[string]any)["access_token"].(bool) }
	if c := change(200, obj{"graph_base_url": "https://graph.facebook.com", "access_token": "first", "app_secret": "kept"}); !has(c) {
		t.Fatalf("no token after it was set: %v", c)
	}
	if c := change(200, obj{"graph_base_url": "https://graph.facebook.com/proxy"}); !has(c) {
		t.Error("a path at the same host forgets the token")
	}
	change(422, obj{"graph_base_url": "https://evil.example"})
	c := change(200, obj{"graph_base_url": "https://graph.partner.example"})
	if has(c) || !c["secrets"].(map[string]any)["app_secret"].(bool) {
		t.Errorf("after a new address: %v, want only the token forgotten", c["secrets"])
	}
	if n := w.value(`SELECT count(*) FROM audit_log WHERE action = 'connection.updated' AND data -> 'fields' ? 'access_token' AND data -> 'fields' ? 'graph_base_url'`); n != int64(1) {
		t.Errorf("%v audit rows say that the token went, want one", n)
	}
	if c := change(200, obj{"graph_base_url": "https://graph.facebook.com", "access_token": "second"}); !has(c) {
		t.Error("a token that comes with its address is not kept")
	}
}
