package channeltest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// sendCase is a file of send/: a message and the request it must become, which
// is the provider's documented example and not made by the adapter.
type sendCase struct {
	AttemptID string          `json:"attempt_id"`
	To        string          `json:"to"` // an address
	KeyHash   string          `json:"key_hash"`
	ReplyTo   string          `json:"reply_to"`
	Route     channels.Route  `json:"route"`
	Content   models.Content  `json:"content"`
	Path      string          `json:"path"` // if it is not Suite.SendPath
	Body      json.RawMessage `json:"body"`
	// Receipt is what the adapter makes of the answer, if it is not Suite.Receipt.
	Receipt *channels.Receipt `json:"receipt"`
}

func (c *sendCase) outbound() *channels.Outbound {
	return &channels.Outbound{AttemptID: c.AttemptID, ReplyTo: c.ReplyTo, Route: c.Route, Content: &c.Content, To: c.To, KeyHash: c.KeyHash}
}

func (s Suite) sendCases(t testing.TB) map[string]*sendCase {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Dir, "send", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no sends in %s/send", s.Dir)
	}
	cases := map[string]*sendCase{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := &sendCase{}
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cases[strings.TrimSuffix(filepath.Base(name), ".json")] = c
	}
	return cases
}

// sends every case and compares the request; every kind the capabilities
// promise must have a case.
func (s Suite) sends(t *testing.T) {
	sent := map[models.ContentKind]bool{}
	for name, c := range s.sendCases(t) {
		sent[c.Content.Kind] = true
		t.Run(name, func(t *testing.T) { s.send(t, c) })
	}
	adapter := s.New(LocalOnly(t, nil), time.Second)
	for _, kind := range adapter.Capabilities().Kinds {
		if !sent[kind] {
			t.Errorf("no case sends %q, which the capabilities promise", kind)
		}
	}
}

func (s Suite) send(t *testing.T, c *sendCase) {
	stub := NewStub(t, Answer(200, s.Accepted))
	adapter := s.New(LocalOnly(t, nil), patience)
	receipt, err := adapter.Send(context.Background(), credentials(stub.URL), c.outbound())
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	want := s.Receipt
	if c.Receipt != nil {
		want = *c.Receipt
	}
	if diff := cmp.Diff(want, receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	requests := stub.Requests()
	if len(requests) != 1 {
		t.Fatalf("%d requests reached the provider, want 1", len(requests))
	}
	r := requests[0]
	path := s.SendPath
	if c.Path != "" {
		path = c.Path
	}
	if r.Method != "POST" || r.Path != path || r.Query != "" {
		t.Errorf("the request is %s %s?%s, want POST %s", r.Method, r.Path, r.Query, path)
	}
	if r.Header.Get("Idempotency-Key") != "" {
		t.Error("an Idempotency-Key promises what the provider does not keep")
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		t.Error("the token is missing")
	}
	if diff := cmp.Diff(decode(t, c.Body), decode(t, r.Body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func decode(t testing.TB, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("decode %.80q: %v", raw, err)
	}
	return v
}

// limits demands that what the capabilities rule out is refused before anything
// leaves, with the problems named.
func (s Suite) limits(t *testing.T) {
	stub := NewStub(t, Answer(200, s.Accepted))
	adapter := s.New(LocalOnly(t, nil), time.Second)
	caps := adapter.Capabilities()
	refused := map[string]*models.Content{
		"no text":       {Kind: models.ContentKindText, Text: " \n"},
		"inbound kind":  {Kind: models.ContentKindTap, Tap: &models.ContentTap{ID: "1"}},
		"unknown kind":  {Kind: "hologram"},
		"no file":       {Kind: models.ContentKindImage},
		"no coordinate": {Kind: models.ContentKindLocation},
	}
	if caps.TextMax > 0 {
		refused["long text"] = &models.Content{Kind: models.ContentKindText, Text: strings.Repeat("á", caps.TextMax+1)}
	}
	if n := caps.Buttons.Max; n > 0 {
		buttons := make([]models.ContentButton, n+1)
		for i := range buttons {
			buttons[i] = models.ContentButton{ID: string(rune('a' + i)), Title: string(rune('A' + i))}
		}
		refused["many buttons"] = &models.Content{Kind: models.ContentKindButtons, Text: "?", Buttons: buttons}
	}
	for name, content := range refused {
		_, err := adapter.Send(context.Background(), credentials(stub.URL), &channels.Outbound{AttemptID: "a", To: "5581988004422", Content: content})
		e := channels.AsSendError(err)
		if e == nil || e.Outcome != channels.OutcomeNotSent || len(e.Problems) == 0 {
			t.Errorf("%s: %v, want not_sent with problems", name, err)
			continue
		}
		if p := adapter.Policies().Lookup(e.Failure()); p.Class != channels.ClassFixRequest {
			t.Errorf("%s: class %s, want FIX_REQUEST", name, p.Class)
		}
	}
	_, err := adapter.Send(context.Background(), credentials(stub.URL), &channels.Outbound{Content: &models.Content{Kind: models.ContentKindText, Text: "oi"}})
	if e := channels.AsSendError(err); e == nil || e.Outcome != channels.OutcomeNotSent {
		t.Errorf("a message to nobody: %v, want not_sent", err)
	}
	if n := len(stub.Requests()); n != 0 {
		t.Errorf("%d requests left, want none", n)
	}
}
