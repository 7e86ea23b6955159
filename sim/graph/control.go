package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Control returns the handler of the control API, to be mounted at /control/. It has no password: it is
// for tests and development on one's own machine, and refuses calls from other web sites.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := f(r)
			var missing *notFound
			switch {
			case errors.As(err, &missing):
				writeJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
			case err != nil:
				writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			case answer == nil:
				writeJSON(w, http.StatusOK, success())
			default:
				writeJSON(w, http.StatusOK, answer)
			}
		})
	}
	on("GET /control/stats", func(*http.Request) (any, error) { return s.Stats(), nil })
	on("GET /control/state", func(*http.Request) (any, error) { return s.stateCopy() })
	on("POST /control/reset", s.controlReset)
	on("GET /control/settings", func(*http.Request) (any, error) { return s.Settings(), nil })
	on("PATCH /control/settings", s.controlSettings)
	on("PUT /control/settings", s.controlSettings)
	on("POST /control/clock", s.controlClock)
	on("GET /control/faults", func(*http.Request) (any, error) { return map[string]any{"faults": s.Faults()}, nil })
	on("POST /control/faults", s.controlAddFaults)
	on("DELETE /control/faults", func(*http.Request) (any, error) { return map[string]int{"removed": s.RemoveFault("")}, nil })
	on("DELETE /control/faults/{id}", func(r *http.Request) (any, error) {
		if s.RemoveFault(r.PathValue("id")) == 0 {
			return nil, &notFound{"fault", r.PathValue("id")}
		}
		return nil, nil
	})
	on("GET /control/ledger", s.controlLedger)
	mux.HandleFunc("GET /control/ledger/stream", s.controlLedgerStream)
	on("POST /control/apps", func(r *http.Request) (any, error) {
		return register(s, r, func(a *App) error { return s.addApp(a) })
	})
	on("POST /control/wabas", func(r *http.Request) (any, error) {
		return register(s, r, func(w *WABA) error { return s.addWABA(w) })
	})
	on("POST /control/wabas/{id}/numbers", func(r *http.Request) (any, error) {
		return register(s, r, func(n *Number) error { return s.withWABA(r, func(w *WABA) error { return s.addNumber(w, n) }) })
	})
	on("POST /control/wabas/{id}/templates", func(r *http.Request) (any, error) {
		return register(s, r, func(t *Template) error { return s.withWABA(r, func(w *WABA) error { return s.addTemplate(w, t) }) })
	})
	on("POST /control/wabas/{id}/account", s.controlAccount)
	on("POST /control/people", func(r *http.Request) (any, error) {
		var p Person
		if err := readControl(r, &p); err != nil {
			return nil, err
		}
		return s.AddPerson(p)
	})
	on("POST /control/people/{id}/identity", s.controlIdentity)
	on("POST /control/people/{id}/preferences", s.controlPreference)
	on("POST /control/tokens", s.controlToken)
	on("POST /control/tokens/revoke", func(r *http.Request) (any, error) { return nil, s.revoke(r, true) })
	on("POST /control/tokens/restore", func(r *http.Request) (any, error) { return nil, s.revoke(r, false) })
	on("POST /control/numbers/{id}/webhook", s.controlNumberWebhook)
	on("POST /control/numbers/{id}/quality", s.controlQuality)
	on("POST /control/numbers/{id}/state", s.controlNumberState)
	on("POST /control/templates/{id}/status", s.controlTemplateStatus)
	on("POST /control/templates/{id}/category", s.controlTemplateCategory)
	on("POST /control/templates/{id}/quality", s.controlTemplateQuality)
	on("POST /control/inbound", s.controlInbound)
	on("POST /control/events", s.controlEvent)
	on("POST /control/webhooks/retry", func(*http.Request) (any, error) { return map[string]int{"retrying": s.hooks.hurry()}, nil })
	on("DELETE /control/webhooks", func(*http.Request) (any, error) { s.hooks.clear(); return nil, nil })
	return http.NewCrossOriginProtection().Handler(mux)
}

type notFound struct{ what, id string }

func (e *notFound) Error() string { return fmt.Sprintf("no %s %q", e.what, e.id) }

func readControl(r *http.Request, v any) error {
	b, err := readBody(r, 8<<20)
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	return nil
}

func register[T any](s *Server, r *http.Request, add func(*T) error) (any, error) {
	v := new(T)
	if err := readControl(r, v); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := add(v); err != nil {
		return nil, err
	}
	s.changed()
	b, err := json.Marshal(v)
	return json.RawMessage(b), err
}

func (s *Server) withWABA(r *http.Request, f func(*WABA) error) error {
	w := s.wabas[r.PathValue("id")]
	if w == nil {
		return &notFound{"waba", r.PathValue("id")}
	}
	return f(w)
}

func (s *Server) stateCopy() (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.encode()
	return json.RawMessage(b), err
}

// Stats are the counters and what is waiting.
func (s *Server) Stats() map[string]any {
	queued, waiting, flying := s.hooks.pending()
	c := &s.counts
	s.mu.Lock()
	people, pairs := len(s.people), 0
	for _, n := range s.numbers {
		pairs += len(n.pairs)
	}
	s.mu.Unlock()
	return map[string]any{
		"requests": c.requests.Load(), "accepted": c.accepted.Load(), "refused": c.refused.Load(), "faulted": c.faulted.Load(),
		"answers_lost": c.lost.Load(), "reads": c.reads.Load(), "inbound": c.inbound.Load(), "statuses": c.statuses.Load(),
		"updates": c.updates.Load(), "deliveries": c.deliveries.Load(), "attempts": c.attempts.Load(), "acked": c.acked.Load(),
		"failed_attempts": c.failed.Load(), "dropped": c.dropped.Load(),
		"queued": queued, "waiting": waiting, "in_flight": flying, "people": people, "pairs": pairs, "now": s.Now(),
	}
}

// controlReset forgets faults, waiting webhooks, windows, blocks and rates; objects stay.
func (s *Server) controlReset(*http.Request) (any, error) {
	s.RemoveFault("")
	s.hooks.clear()
	s.offset.Store(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.numbers {
		n.pairs, n.Blocked, n.OptOut = map[string]*pair{}, map[string]bool{}, map[string]bool{}
		n.bucket, n.Restricted, n.ServiceCount = bucket{}, 0, 0
	}
	for _, w := range s.wabas {
		w.PaymentProblem, w.Locked = "", 0
	}
	for _, g := range s.tokens {
		g.token.Revoked = false
	}
	s.changed()
	return nil, nil
}

func (s *Server) controlSettings(r *http.Request) (any, error) {
	v := s.Settings()
	if r.Method == http.MethodPut {
		v = DefaultSettings()
	}
	switch r.URL.Query().Get("preset") {
	case "bench":
		v = BenchSettings()
	case "default":
		v = DefaultSettings()
	}
	if err := readControl(r, &v); err != nil {
		return nil, err
	}
	s.SetSettings(v)
	return v, nil
}

func (s *Server) controlClock(r *http.Request) (any, error) {
	var in struct {
		OffsetSeconds  *int64 `json:"offset_seconds"`
		AdvanceSeconds int64  `json:"advance_seconds"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	if in.OffsetSeconds != nil {
		s.offset.Store(*in.OffsetSeconds * int64(time.Second))
	}
	s.offset.Add(in.AdvanceSeconds * int64(time.Second))
	return map[string]any{"now": s.Now(), "offset_seconds": s.offset.Load() / int64(time.Second)}, nil
}

func (s *Server) controlAddFaults(r *http.Request) (any, error) {
	var in struct {
		Fault
		Faults []Fault `json:"faults"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	list := in.Faults
	if in.Action.Kind != "" {
		list = append(list, in.Fault)
	}
	if len(list) == 0 {
		return nil, errors.New("give a fault (match, times, action) or a list of them in faults")
	}
	out := []Fault{}
	for _, f := range list {
		added, err := s.AddFault(f)
		if err != nil {
			return nil, err
		}
		out = append(out, added)
	}
	return map[string]any{"faults": out}, nil
}

func ledgerFilter(r *http.Request) (after uint64, limit int, want func(*Entry) bool, err error) {
	q := r.URL.Query()
	limit = 100
	if v := q.Get("after"); v != "" {
		if after, err = strconv.ParseUint(v, 10, 64); err != nil {
			return 0, 0, nil, errors.New("after must be a sequence number")
		}
	}
	if v := q.Get("limit"); v != "" {
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 {
			return 0, 0, nil, errors.New("limit must be a number above zero")
		}
	}
	want = func(e *Entry) bool {
		for _, c := range [...][2]string{{q.Get("kind"), e.Kind}, {q.Get("number"), e.Number}, {q.Get("to"), e.To}, {q.Get("type"), e.Type},
			{q.Get("outcome"), e.Outcome}, {q.Get("wamid"), e.Wamid}, {q.Get("biz_opaque_callback_data"), e.Opaque}, {q.Get("path"), e.Path}} {
			if c[0] != "" && c[0] != c[1] {
				return false
			}
		}
		return true
	}
	return after, limit, want, nil
}

// controlLedger lists remembered lines: those after a sequence number, or else the newest.
func (s *Server) controlLedger(r *http.Request) (any, error) {
	after, limit, want, err := ledgerFilter(r)
	if err != nil {
		return nil, err
	}
	var lines []Entry
	if r.URL.Query().Has("after") {
		lines, _ = s.ledger.since(after, limit, want)
	} else {
		lines, _ = s.ledger.since(0, ledgerTail, want)
		lines = lines[max(0, len(lines)-limit):]
	}
	if lines == nil {
		lines = []Entry{}
	}
	return map[string]any{"entries": lines}, nil
}

// controlLedgerStream sends lines as they are written, one JSON object per line.
func (s *Server) controlLedgerStream(w http.ResponseWriter, r *http.Request) {
	after, _, want, err := ledgerFilter(r)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if !r.URL.Query().Has("after") {
		s.ledger.mu.Lock()
		after = s.ledger.seq
		s.ledger.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	rc := http.NewResponseController(w)
	// The server gives each request a minute. This one lasts as long as its reader listens.
	if err := errors.Join(rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})); err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	enc := json.NewEncoder(w)
	for {
		lines, more := s.ledger.since(after, 1000, nil)
		for i := range lines {
			after = lines[i].Seq
			if want(&lines[i]) {
				if enc.Encode(&lines[i]) != nil {
					return
				}
			}
		}
		if rc.Flush() != nil {
			return
		}
		if len(lines) > 0 {
			continue
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}
