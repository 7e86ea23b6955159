package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWebhookSignatureCoversTheEscapedBytes(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: "ana", Type: "text", Content: map[string]any{"body": "é 😀 a/b <>&"}}); err != nil {
		t.Fatal(err)
	}
	h := r.hook()
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write(h.raw)
	if got, want := h.header.Get("X-Hub-Signature-256"), "sha256="+hex.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
	if want := `\u00e9 \ud83d\ude00 a\/b `; !strings.Contains(string(h.raw), want) {
		t.Errorf("body %s has no %s", h.raw, want)
	}
	for _, b := range h.raw {
		if b >= 0x80 {
			t.Fatalf("body has the byte %x: Meta escapes everything beyond ASCII", b)
		}
	}
	v := h.value(t)
	msg := v["messages"].([]any)[0].(map[string]any)
	if got := msg["text"].(map[string]any)["body"]; got != "é 😀 a/b <>&" {
		t.Errorf("decoded text %q", got)
	}
	if msg["from"] != "558188880002" || msg["from_user_id"] != "BR.200" {
		t.Errorf("from %v, from_user_id %v", msg["from"], msg["from_user_id"])
	}
	contact := v["contacts"].([]any)[0].(map[string]any)
	if contact["wa_id"] != "558188880002" || contact["profile"].(map[string]any)["name"] != "Ana É" {
		t.Errorf("contact %v", contact)
	}
}

func TestHiddenPhoneIsShownOnlyAfterTheBusinessUsedIt(t *testing.T) {
	r := newRig(t, nil)
	write := func() map[string]any {
		if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: "bia", Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
			t.Fatal(err)
		}
		return r.hook().value(t)
	}
	v := write()
	msg, c := v["messages"].([]any)[0].(map[string]any), v["contacts"].([]any)[0].(map[string]any)
	if msg["from"] != nil || c["wa_id"] != nil || msg["from_user_id"] != "BR.300" {
		t.Errorf("a hidden phone was shown: %v %v", msg, c)
	}
	if c["profile"].(map[string]any)["username"] != "bia.rocha" {
		t.Errorf("username is missing: %v", c)
	}
	byID := textTo("")
	delete(byID, "to")
	byID["recipient"] = "BR.300"
	status, m := r.send(byID)
	if status != 200 {
		t.Fatalf("send to a user id: %d %v", status, m)
	}
	ac := m["contacts"].([]any)[0].(map[string]any)
	if ac["input"] != "BR.300" || ac["user_id"] != "BR.300" || ac["wa_id"] != nil {
		t.Errorf("answer contact %v", ac)
	}
	st := r.hook().statuses(t)[0]
	if st["recipient_id"] != nil || st["recipient_user_id"] != "BR.300" {
		t.Errorf("status names the phone: %v", st)
	}
	if status, m := r.send(textTo("5521988880003")); status != 200 {
		t.Fatalf("send by phone: %d %v", status, m)
	}
	r.nextStatuses(3) // delivered of the first, sent and delivered of the second
	if v := write(); v["messages"].([]any)[0].(map[string]any)["from"] != "5521988880003" {
		t.Errorf("the phone is known now but not shown: %v", v)
	}
}

func TestRefusedWebhooksAreRedeliveredWithGrowingPauses(t *testing.T) {
	r := newRig(t, nil)
	r.answer = func(hook) int { return 503 }
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
		t.Fatal(err)
	}
	first := r.hook()
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		r.waitFor(func() bool { _, waiting, _ := r.s.hooks.pending(); return waiting == 1 })
		r.clock.advance(pause - time.Millisecond)
		if _, waiting, _ := r.s.hooks.pending(); waiting != 1 {
			t.Fatalf("redelivered before %v were over", pause)
		}
		r.clock.advance(time.Millisecond)
		if again := r.hook(); string(again.raw) != string(first.raw) {
			t.Errorf("the body changed between attempts")
		}
	}
	r.mu.Lock()
	r.answer = func(hook) int { return 200 }
	r.mu.Unlock()
	r.waitFor(func() bool { _, waiting, _ := r.s.hooks.pending(); return waiting == 1 })
	r.clock.advance(16 * time.Second)
	r.hook()
	r.waitFor(func() bool { q, w, f := r.s.hooks.pending(); return q+w+f == 0 })
	acked, attempts := 0, 0
	for _, e := range r.ledger() {
		if e.Kind == "webhook" {
			attempts++
			if e.Acked {
				acked++
			}
		}
	}
	if attempts != 6 || acked != 1 {
		t.Errorf("ledger has %d attempts and %d acknowledgements, want 6 and 1", attempts, acked)
	}
}

// waitFor waits for something another goroutine is about to do.
func (r *rig) waitFor(ok func() bool) {
	r.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			r.t.Fatal("it did not happen")
		case <-tick.C:
		}
	}
}

func TestRedeliveryEndsAfterSevenDays(t *testing.T) {
	r := newRig(t, nil)
	r.answer = func(hook) int { return 500 }
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
		t.Fatal(err)
	}
	r.hook()
	r.waitFor(func() bool { _, waiting, _ := r.s.hooks.pending(); return waiting == 1 })
	r.clock.mu.Lock()
	r.clock.now = r.clock.now.Add(7*24*time.Hour + time.Second)
	r.clock.mu.Unlock()
	r.clock.advance(0)
	r.hook()
	r.waitFor(func() bool { return r.s.counts.dropped.Load() == 1 })
}

func TestBatchesShareAChange(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) { s.Webhooks.BatchMax, s.Webhooks.BatchMS = 3, 1000 })
	for range 4 {
		if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
			t.Fatal(err)
		}
	}
	v := r.hook().value(t)
	if n, c := len(v["messages"].([]any)), len(v["contacts"].([]any)); n != 3 || c != 1 {
		t.Errorf("batch has %d messages and %d contacts, want 3 and 1", n, c)
	}
	r.clock.advance(time.Second)
	if n := len(r.hook().value(t)["messages"].([]any)); n != 1 {
		t.Errorf("the rest has %d messages, want 1", n)
	}
}

func TestDuplicatesAndLostAcknowledgements(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) { s.Webhooks.Duplicates, s.Webhooks.Concurrent = 1, 1 })
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
		t.Fatal(err)
	}
	if a, b := r.hook(), r.hook(); string(a.raw) != string(b.raw) {
		t.Error("a duplicate differs from its original")
	}
	s := r.s.Settings()
	s.Webhooks.Duplicates, s.Webhooks.LostAcks = 0, 1
	r.s.SetSettings(s)
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
		t.Fatal(err)
	}
	a := r.hook()
	r.waitFor(func() bool { _, waiting, _ := r.s.hooks.pending(); return waiting == 1 })
	r.clock.advance(time.Second)
	if b := r.hook(); string(a.raw) != string(b.raw) {
		t.Error("what was acknowledged and forgotten came back changed")
	}
}

// TestWaitingWebhooksSurviveARestart restarts the simulator with the business at a new address.
func TestWaitingWebhooksSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(c *Config, _ *Settings) { c.DataDir = dir })
	r.answer = func(hook) int { return 503 }
	if _, err := r.s.Inbound(Inbound{Number: testNumber, Person: alice, Type: "text", Content: map[string]any{"body": "oi"}}); err != nil {
		t.Fatal(err)
	}
	first := r.hook()
	r.waitFor(func() bool { _, waiting, _ := r.s.hooks.pending(); return waiting == 1 })
	if err := r.s.Close(); err != nil {
		t.Fatal(err)
	}
	r.answer = func(hook) int { return 200 }
	moved := httptest.NewServer(r.business.Config.Handler)
	defer moved.Close()
	seed := testSeed(moved.URL)
	next, err := New(Config{DataDir: dir, Clock: r.clock, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	next.Start()
	if again := r.hook(); string(again.raw) != string(first.raw) {
		t.Error("the webhook changed over the restart")
	}
	if p := next.numbers[testNumber].pairs["p"+alice]; p == nil || p.LastInbound.IsZero() {
		t.Error("the window did not survive the restart")
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	r.s = next
}

func TestEveryFieldCanBeSent(t *testing.T) {
	r := newRig(t, nil)
	status, _ := r.call(http.MethodPost, "/control/events", map[string]any{"waba": testWABA, "field": "account_update", "value": map[string]any{"event": "DISABLED_UPDATE"}})
	if status != 200 {
		t.Fatalf("control answered %d", status)
	}
	h := r.hook()
	if got := h.body.Entry[0].Changes[0].Field; got != "account_update" {
		t.Errorf("field %q", got)
	}
	if status, _ := r.call(http.MethodPost, "/control/templates/1001/status", map[string]any{"event": "PAUSED", "title": "FIRST_PAUSE"}); status != 200 {
		t.Fatalf("pause answered %d", status)
	}
	v := r.hook().value(t)
	if v["event"] != "PAUSED" || v["message_template_id"] != json.Number("1001") && v["message_template_id"] != 1001.0 {
		t.Errorf("template event %v", v)
	}
	tpl := map[string]any{"messaging_product": "whatsapp", "to": alice, "type": "template", "template": map[string]any{
		"name": "ola", "language": map[string]any{"code": "pt_BR"},
		"components": []any{map[string]any{"type": "body", "parameters": []any{map[string]any{"type": "text", "text": "Ana"}}}}}}
	if _, m := r.send(tpl); code(m) != 132015 {
		t.Errorf("a paused template answered %v, want 132015", m)
	}
	if status, _ := r.call(http.MethodPost, "/control/people/ana/preferences", map[string]any{"number": testNumber, "value": "stop"}); status != 200 {
		t.Fatal("preference was refused")
	}
	pref := r.hook().value(t)["user_preferences"].([]any)[0].(map[string]any)
	if pref["value"] != "stop" || pref["wa_id"] != "558188880002" {
		t.Errorf("preference %v", pref)
	}
}
