package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// Entry is a line of the simulator's ledger, as far as it is read here.
type Entry struct {
	Seq        uint64    `json:"seq"`
	At         time.Time `json:"at"`
	Kind       string    `json:"kind"`
	Path       string    `json:"path"`
	Number     string    `json:"number"`
	To         string    `json:"to"`
	Person     string    `json:"person"`
	Type       string    `json:"type"`
	Opaque     string    `json:"biz_opaque_callback_data"`
	Outcome    string    `json:"outcome"`
	HTTP       int       `json:"http"`
	Code       int       `json:"code"`
	Fault      string    `json:"fault"`
	Wamid      string    `json:"wamid"`
	WindowOpen *bool     `json:"window_open"`
	Updates    []string  `json:"updates"`
	Acked      bool      `json:"acked"`
	Delivery   string    `json:"delivery"`
	Attempt    int       `json:"attempt"`
}

// Sent tells whether the line is a message that the simulator took.
func (e *Entry) Sent() bool {
	return e.Kind == "request" && (e.Outcome == "accepted" || e.Outcome == "answer_lost")
}

// Simulator calls the simulator's control API; path begins behind /control.
func (s *Stack) Simulator(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.URLs.SimControl+path, body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the simulator: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("hear from the simulator: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator refused %s %s: %s", method, path, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// SimSettings sets the simulator up for load: limits off, statuses at once or not at all, and a latency.
func (s *Stack) SimSettings(ctx context.Context, latency time.Duration, statuses bool) error {
	mode := "off"
	if statuses {
		mode = "normal"
	}
	return s.Simulator(ctx, "PUT", "/settings?preset=bench", map[string]any{
		"latency":  map[string]any{"fixed_ms": latency.Milliseconds()},
		"statuses": map[string]any{"mode": mode, "read_ms": -1},
	}, nil)
}

// Follow calls seen with every line that the simulator writes from now on, until ctx ends. It returns when it listens.
func (s *Stack) Follow(ctx context.Context, query string, seen func(*Entry)) (<-chan error, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URLs.SimControl+"/ledger/stream?"+query, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{}}
	res, err := client.Do(req) //nolint:bodyclose // the caller reads on and closes it
	if err != nil {
		return nil, fmt.Errorf("follow the simulator's ledger: %w", err)
	}
	done := make(chan error, 1)
	go func() {
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e Entry
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				done <- err
				return
			}
			seen(&e)
		}
		done <- lines.Err()
	}()
	return done, nil
}

// OpenWindows lets people write through the simulator, so that it takes their windows for open, while the deliveries of that
// go nowhere: what Perene hears of them is up to the caller.
func (s *Stack) OpenWindows(ctx context.Context, c Connection, phones []string) error {
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer sink.Close()
	to := func(url string) error {
		return s.Simulator(ctx, "POST", "/numbers/"+c.Number+"/webhook", map[string]any{"url": url, "verify": false}, nil)
	}
	if err := to(sink.URL); err != nil {
		return err
	}
	var messages []any
	for _, phone := range phones {
		messages = append(messages, map[string]any{"number": c.Number, "person": phone, "text": "oi"})
	}
	if err := s.Simulator(ctx, "POST", "/inbound", map[string]any{"messages": messages}, nil); err != nil {
		return err
	}
	for range 200 {
		var stats struct {
			Queued   int `json:"queued"`
			Waiting  int `json:"waiting"`
			InFlight int `json:"in_flight"`
		}
		if err := s.Simulator(ctx, "GET", "/stats", nil, &stats); err != nil {
			return err
		}
		if stats.Queued+stats.Waiting+stats.InFlight == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return to(s.URLs.Base + "/webhooks/meta/" + c.Key)
}
