package graph

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// handClock is moved by the test; timers run in the test's goroutine when their time has come.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*handTimer
}

type handTimer struct {
	at   time.Time
	f    func()
	dead bool
}

func newHandClock() *handClock {
	return &handClock{now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &handTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		was := !t.dead
		t.dead = true
		return was
	}
}

// advance moves time and runs what is due, in order of time.
func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	until := c.now.Add(d)
	for {
		var next *handTimer
		for _, t := range c.timers {
			if !t.dead && !t.at.After(until) && (next == nil || t.at.Before(next.at)) {
				next = t
			}
		}
		if next == nil {
			break
		}
		next.dead = true
		if next.at.After(c.now) {
			c.now = next.at
		}
		c.mu.Unlock()
		next.f()
		c.mu.Lock()
	}
	c.now = until
	c.mu.Unlock()
}

// hook is one webhook as the business's server got it.
type hook struct {
	header http.Header
	raw    []byte
	body   struct {
		Entry []struct {
			ID      string `json:"id"`
			Changes []struct {
				Field string          `json:"field"`
				Value json.RawMessage `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
}

func (h hook) value(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(h.body.Entry[0].Changes[0].Value, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (h hook) statuses(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, e := range h.body.Entry {
		for _, c := range e.Changes {
			var v struct {
				Statuses []map[string]any `json:"statuses"`
			}
			if err := json.Unmarshal(c.Value, &v); err != nil {
				t.Fatal(err)
			}
			out = append(out, v.Statuses...)
		}
	}
	return out
}

const (
	testNumber = "106540352242922"
	testWABA   = "102290129340398"
	testSecret = "app-secret-for-tests-0123456789"
	testToken  = "token-for-tests"
	alice      = "5511988887777"
)

type rig struct {
	t        *testing.T
	s        *Server
	clock    *handClock
	api      *httptest.Server
	business *httptest.Server
	hooks    chan hook
	mu       sync.Mutex
	answer   func(hook) int // status the business's server gives
	lines    []Entry
}

func testSeed(hookURL string) *Seed {
	return &Seed{
		Apps: []*App{{ID: "900", Name: "app", Secret: testSecret, WebhookURL: hookURL, Tokens: []Token{{Token: testToken, WABAs: []string{testWABA}}}}},
		WABAs: []*WABA{{
			ID: testWABA, Name: "Loja", BusinessID: "555", Subscriptions: []Subscription{{AppID: "900"}},
			Numbers: []*Number{{ID: testNumber, Display: "+55 11 4000-0001", Name: "Loja"}},
			Templates: []*Template{
				{ID: "1001", Name: "ola", Language: "pt_BR", Category: "UTILITY", Format: "POSITIONAL", Components: json.RawMessage(`[{"type":"BODY","text":"Oi {{1}}, tudo certo?"}]`)},
				{ID: "1002", Name: "nomeado", Language: "pt_BR", Category: "UTILITY", Format: "NAMED", Components: json.RawMessage(`[{"type":"BODY","text":"Oi {{nome}}, tudo certo?"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sim"},{"type":"URL","text":"Ver","url":"https://loja.example/{{1}}"}]}]`)},
				{ID: "1003", Name: "promo", Language: "pt_BR", Category: "MARKETING", Components: json.RawMessage(`[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Só hoje."}]`)},
				{ID: "1004", Name: "codigo", Language: "pt_BR", Category: "AUTHENTICATION", Components: json.RawMessage(`[{"type":"BODY","add_security_recommendation":true},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE"}]}]`)},
			},
		}},
		People: []*Person{
			{ID: "bia", Name: "Bia", Username: "bia.rocha", Phone: "5521988880003", HidePhone: true, UserID: "BR.300"},
			{ID: "ana", Name: "Ana É", Phone: "5581988880002", UserID: "BR.200"},
		},
	}
}

// newRig starts a simulator with a business's server behind it.
func newRig(t *testing.T, change func(*Config, *Settings)) *rig {
	t.Helper()
	r := &rig{t: t, clock: newHandClock(), hooks: make(chan hook, 4096), answer: func(hook) int { return 200 }}
	business := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet {
			_, _ = io.WriteString(w, req.URL.Query().Get("hub.challenge"))
			return
		}
		b, _ := io.ReadAll(req.Body)
		h := hook{header: req.Header.Clone(), raw: b}
		if err := json.Unmarshal(b, &h.body); err != nil {
			t.Errorf("webhook is not JSON: %v", err)
		}
		r.mu.Lock()
		status := r.answer(h)
		r.mu.Unlock()
		w.WriteHeader(status)
		r.hooks <- h
	}))
	t.Cleanup(business.Close)
	r.business = business
	settings := DefaultSettings()
	settings.Statuses.SentMS, settings.Statuses.DeliveredMS = 0, 0
	cfg := Config{Seed: testSeed(business.URL), Clock: r.clock, Settings: &settings, Observe: func(e Entry) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lines = append(r.lines, e)
	}}
	if change != nil {
		change(&cfg, &settings)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.s = s
	mux := http.NewServeMux()
	mux.Handle("/control/", s.Control())
	mux.Handle("/graph/", http.StripPrefix("/graph", s))
	mux.Handle("/", s)
	r.api = httptest.NewServer(mux)
	t.Cleanup(func() {
		r.api.CloseClientConnections()
		r.api.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) ledger() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Entry(nil), r.lines...)
}

func (r *rig) hook() hook {
	r.t.Helper()
	select {
	case h := <-r.hooks:
		return h
	case <-time.After(time.Minute):
		r.t.Fatal("no webhook came")
		return hook{}
	}
}

// nextStatuses reads webhooks until n statuses came and returns their names in order of arrival.
func (r *rig) nextStatuses(n int) []string {
	r.t.Helper()
	var out []string
	for len(out) < n {
		for _, st := range r.hook().statuses(r.t) {
			out = append(out, st["status"].(string))
		}
	}
	return out
}

// call makes a Graph call with the test token and returns status and decoded body.
func (r *rig) call(method, path string, body any) (int, map[string]any) {
	r.t.Helper()
	status, m, err := r.try(method, path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return status, m
}

func (r *rig) try(method, path string, body any) (int, map[string]any, error) {
	var rd io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		rd = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return 0, nil, err
		}
		rd = bytes.NewReader(raw)
	}
	url := path
	if !strings.HasPrefix(path, "http") {
		url = r.api.URL + path
	}
	req, err := http.NewRequest(method, url, rd)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, nil, err
	}
	var m map[string]any
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &m)
	}
	return res.StatusCode, m, nil
}

const messagesPath = "/graph/v25.0/" + testNumber + "/messages"

func (r *rig) send(body any) (int, map[string]any) {
	r.t.Helper()
	return r.call(http.MethodPost, messagesPath, body)
}

func textTo(to string) map[string]any {
	return map[string]any{"messaging_product": "whatsapp", "to": to, "type": "text", "text": map[string]any{"body": "olá"}}
}

// open lets a person write, so that the window is open, and swallows the webhook.
func (r *rig) open(person string) string {
	r.t.Helper()
	id, err := r.s.Inbound(Inbound{Number: testNumber, Person: person, Type: "text", Content: map[string]any{"body": "oi"}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.hook()
	return id
}

func code(m map[string]any) int {
	e, _ := m["error"].(map[string]any)
	c, _ := e["code"].(float64)
	return int(c)
}

func details(m map[string]any) string {
	e, _ := m["error"].(map[string]any)
	d, _ := e["error_data"].(map[string]any)
	s, _ := d["details"].(string)
	if s == "" {
		s, _ = e["message"].(string)
	}
	return s
}

func messageID(m map[string]any) string {
	list, _ := m["messages"].([]any)
	if len(list) == 0 {
		return ""
	}
	s, _ := list[0].(map[string]any)["id"].(string)
	return s
}
