package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func (r *rig) fault(f map[string]any) {
	r.t.Helper()
	if status, m := r.call(http.MethodPost, "/control/faults", f); status != 200 {
		r.t.Fatalf("add fault: %d %v", status, m)
	}
}

func (r *rig) lastRequest() Entry {
	all := r.ledger()
	for _, a := range slices.Backward(all) {
		if a.Kind == "request" {
			return a
		}
	}
	return Entry{}
}

// TestEveryCodeByAnswerAndByStatus sends every documented code both ways.
func TestEveryCodeByAnswerAndByStatus(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) { s.Throttle = Throttle{} })
	r.open(alice)
	for _, want := range sortedCodes() {
		f := map[string]any{"times": 1, "action": map[string]any{"kind": "error", "code": want, "status": known[want].http}}
		r.fault(f)
		status, m := r.send(textTo(alice))
		if status != known[want].http || code(m) != want || details(m) == "" {
			t.Errorf("code %d: HTTP %d %v", want, status, m)
		}
		if e := r.lastRequest(); e.Outcome != "refused" || e.Code != want || e.Wamid != "" {
			t.Errorf("code %d: ledger %+v", want, e)
		}
		if want == 0 {
			continue
		}
		r.fault(map[string]any{"times": 1, "action": map[string]any{"kind": "status", "code": want}})
		status, m = r.send(textTo(alice))
		if status != 200 {
			t.Fatalf("code %d by status: HTTP %d %v", want, status, m)
		}
		st := r.hook().statuses(t)[0]
		if st["status"] != "failed" || st["id"] != messageID(m) || st["errors"].([]any)[0].(map[string]any)["code"] != float64(want) {
			t.Errorf("code %d by status: %v", want, st)
		}
	}
}

func sortedCodes() []int {
	var out []int
	for c := range known {
		out = append(out, c)
	}
	return out
}

func TestBareAnswers(t *testing.T) {
	r := newRig(t, nil)
	for _, kind := range []string{"empty", "json", "html", "garbage"} {
		for _, want := range []int{429, 500, 502, 503} {
			r.fault(map[string]any{"times": 1, "action": map[string]any{"kind": "http", "status": want, "body": kind, "retry_after": 7}})
			req, _ := http.NewRequest(http.MethodPost, r.api.URL+messagesPath, strings.NewReader(`{"to":"5511988887777","type":"text"}`))
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != want || res.Header.Get("Retry-After") != "7" {
				t.Errorf("%s %d: got %d, Retry-After %q", kind, want, res.StatusCode, res.Header.Get("Retry-After"))
			}
		}
	}
}

func TestConnectionFaults(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	cases := []struct {
		name     string
		action   map[string]any
		accepted bool
	}{
		{"reset", map[string]any{"kind": "reset"}, false},
		{"answer lost by reset", map[string]any{"kind": "lost_answer"}, true},
		{"answer cut", map[string]any{"kind": "lost_answer", "how": "truncate"}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r.fault(map[string]any{"times": 1, "match": map[string]any{"to": alice}, "action": c.action})
			req, _ := http.NewRequest(http.MethodPost, r.api.URL+messagesPath, strings.NewReader(body("text", `{"body":"oi"}`)))
			req.Header.Set("Authorization", "Bearer "+testToken)
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			res, err := client.Do(req)
			if err == nil {
				buf := make([]byte, 4096)
				for err == nil {
					_, err = res.Body.Read(buf)
				}
				_ = res.Body.Close()
				if err.Error() == "EOF" {
					t.Fatal("the answer arrived whole")
				}
			}
			e := r.lastRequest()
			if accepted := e.Outcome == "answer_lost"; accepted != c.accepted || (e.Wamid != "") != c.accepted {
				t.Errorf("ledger %+v", e)
			}
			if c.accepted {
				r.nextStatuses(2) // sent and delivered, in whatever order
			}
		})
	}
}

func TestHangLastsUntilTheCallerGivesUp(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	for _, action := range []map[string]any{{"kind": "hang"}, {"kind": "lost_answer", "how": "hang"}} {
		r.fault(map[string]any{"times": 1, "action": action})
		ctx, giveUp := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, r.api.URL+messagesPath, strings.NewReader(body("text", `{"body":"oi"}`)))
		req.Header.Set("Authorization", "Bearer "+testToken)
		answered := make(chan error, 1)
		go func() {
			res, err := http.DefaultClient.Do(req)
			if err == nil {
				_ = res.Body.Close()
			}
			answered <- err
		}()
		want := map[bool]string{true: "unanswered", false: "answer_lost"}[action["kind"] == "hang"]
		r.waitFor(func() bool { return len(answered) > 0 || r.lastRequest().Outcome == want })
		giveUp()
		if err := <-answered; !errors.Is(err, context.Canceled) {
			t.Errorf("%v: the caller did not have to give up: %v", action, err)
		}
		if e := r.lastRequest(); e.Outcome != want {
			t.Errorf("%v: ledger says %s, want %s", action, e.Outcome, want)
		}
	}
}

func TestDelayKeepsTheAnswerBack(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	r.fault(map[string]any{"action": map[string]any{"kind": "delay", "delay_ms": 3000}})
	done := make(chan int, 1)
	go func() {
		status, _, _ := r.try(http.MethodPost, messagesPath, textTo(alice))
		done <- status
	}()
	r.waitFor(func() bool { return r.lastRequest().Outcome == "accepted" })
	select {
	case <-done:
		t.Fatal("answered before its time")
	default:
	}
	r.waitFor(func() bool {
		r.clock.advance(time.Second)
		return len(done) == 1
	})
	if status := <-done; status != 200 {
		t.Errorf("HTTP %d", status)
	}
}

func TestFaultsChooseTheirRequests(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) { s.Throttle = Throttle{} })
	r.fault(map[string]any{"id": "skip", "skip": 1, "times": 2, "match": map[string]any{"to": "+55 11 98888-7777", "type": "text"}, "action": map[string]any{"kind": "error", "code": 131000}})
	var got []int
	for range 5 {
		_, m := r.send(textTo(alice))
		got = append(got, code(m))
	}
	if fmt.Sprint(got) != "[0 131000 131000 0 0]" {
		t.Errorf("codes %v", got)
	}
	if _, m := r.send(textTo("5511900001111")); code(m) != 0 {
		t.Error("another recipient was hit")
	}
	if status, _ := r.call(http.MethodDelete, "/control/faults/skip", nil); status != 200 {
		t.Error("remove")
	}
	if status, _ := r.call(http.MethodDelete, "/control/faults/skip", nil); status != 404 {
		t.Error("removing twice must say so")
	}
	if status, m := r.call(http.MethodPost, "/control/faults", map[string]any{"action": map[string]any{"kind": "explode"}}); status != 400 || !strings.Contains(m["error"].(string), "lost_answer") {
		t.Errorf("unknown kind: %d %v", status, m)
	}
	hits := func(seed int) string {
		r.call(http.MethodDelete, "/control/faults", nil)
		r.fault(map[string]any{"match": map[string]any{"probability": 0.3, "seed": seed}, "action": map[string]any{"kind": "error", "code": 131000}})
		var b strings.Builder
		for i := range 200 {
			_, m := r.send(textTo(fmt.Sprintf("55119%08d", i)))
			if code(m) != 0 {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	a, b, c := hits(7), hits(7), hits(8)
	if a != b || a == c {
		t.Error("the seed does not decide who is hit")
	}
	if n := strings.Count(a, "x"); n < 35 || n > 85 {
		t.Errorf("%d of 200 were hit at 0.3", n)
	}
}

func TestScriptedStatuses(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	r.fault(map[string]any{"times": 1, "action": map[string]any{"kind": "statuses", "statuses": []any{
		map[string]any{"status": "read"}, map[string]any{"status": "sent"}, map[string]any{"status": "delivered", "delay_ms": 100}, map[string]any{"status": "sent"}}}})
	r.send(textTo(alice))
	got := r.nextStatuses(2)
	r.clock.advance(100 * time.Millisecond)
	got = append(got, r.nextStatuses(2)...)
	count := map[string]int{}
	for _, st := range got {
		count[st]++
	}
	if count["sent"] != 2 || count["read"] != 1 || count["delivered"] != 1 {
		t.Errorf("statuses %v", got)
	}
}

// TestStatusPermutations plays all orders of four statuses, with up to three repeats of each and any number
// of them before the answer, and finds them delivered exactly so.
func TestStatusPermutations(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) { s.Webhooks.Concurrency, s.Throttle = 1, Throttle{} })
	r.open(alice)
	for i, order := range permutations([]string{"sent", "delivered", "read", "failed"}) {
		for repeats := range 4 {
			var want []string
			var steps []any
			before := (i + repeats) % 5
			for j, st := range order {
				for range 1 + (repeats+j)%4*min(repeats, 1) {
					want = append(want, st)
					steps = append(steps, map[string]any{"status": st, "code": 131049, "before_answer": len(steps) < before})
				}
			}
			r.fault(map[string]any{"times": 1, "action": map[string]any{"kind": "statuses", "statuses": steps}})
			_, m := r.send(textTo(alice))
			if got := len(r.hooks); got < before {
				t.Fatalf("%d statuses came before the answer, want %d", got, before)
			}
			for _, st := range want {
				if got := r.hook().statuses(t)[0]; got["status"] != st || got["id"] != messageID(m) {
					t.Fatalf("order %v: got %v, want %s", want, got, st)
				}
			}
		}
	}
}

func permutations(list []string) [][]string {
	if len(list) == 1 {
		return [][]string{{list[0]}}
	}
	var out [][]string
	for i := range list {
		rest := append(append([]string{}, list[:i]...), list[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]string{list[i]}, p...))
		}
	}
	return out
}

func TestStatusBeforeTheAnswer(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	r.fault(map[string]any{"times": 1, "action": map[string]any{"kind": "statuses", "statuses": []any{map[string]any{"status": "sent", "before_answer": true}}}})
	r.send(textTo(alice))
	select {
	case h := <-r.hooks:
		if h.statuses(t)[0]["status"] != "sent" {
			t.Errorf("webhook %s", h.raw)
		}
	default:
		t.Error("the answer came before the status")
	}
}

// TestLedgerIsWrittenBeforeTheAnswer reads the ledger's file at the moment the answer is there.
func TestLedgerIsWrittenBeforeTheAnswer(t *testing.T) {
	for _, mode := range []LedgerMode{LedgerWrite, LedgerFsync} {
		dir := t.TempDir()
		r := newRig(t, func(c *Config, _ *Settings) { c.DataDir, c.LedgerMode = dir, mode })
		r.open(alice)
		msg := textTo(alice)
		msg["biz_opaque_callback_data"] = "attempt-77"
		_, m := r.send(msg)
		lines := readLedger(t, dir+"/ledger.jsonl")
		found := false
		for _, e := range lines {
			if e.Wamid == messageID(m) && e.Kind == "request" {
				found = e.Opaque == "attempt-77" && e.Outcome == "accepted" && e.BodySHA != "" && e.WindowOpen != nil && *e.WindowOpen
			}
			if strings.Contains(fmt.Sprintf("%+v", e), "olá") {
				t.Error("the ledger holds words of a message")
			}
		}
		if !found {
			t.Errorf("%s: the answer was there before its line (%d lines)", mode, len(lines))
		}
	}
}
