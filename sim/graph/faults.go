package graph

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// FaultKind says what a fault does to the request it meets.
type FaultKind string

// The kinds of faults. All but the last five stop the message before it is accepted.
const (
	FaultError      FaultKind = "error"       // Graph error answer of Code
	FaultHTTP       FaultKind = "http"        // bare HTTP Status with Body "json", "html", "empty" or "garbage"
	FaultReset      FaultKind = "reset"       // connection reset
	FaultHang       FaultKind = "hang"        // no answer until the caller gives up
	FaultDelay      FaultKind = "delay"       // accepted, answered after DelayMS
	FaultLostAnswer FaultKind = "lost_answer" // accepted, but the answer is lost (How: reset, hang, truncate)
	FaultStatus     FaultKind = "status"      // accepted, then a failed status with Code
	FaultStatuses   FaultKind = "statuses"    // accepted, then exactly the statuses in Statuses
	FaultSilence    FaultKind = "silence"     // accepted, and no status ever comes
)

// Match chooses requests; an empty field matches all.
type Match struct {
	Path        string  `json:"path,omitempty"` // messages, marketing_messages, media, message_templates, …
	Number      string  `json:"number,omitempty"`
	To          string  `json:"to,omitempty"`
	Person      string  `json:"person,omitempty"` // person id, by whatever phone or user id the message names them
	Type        string  `json:"type,omitempty"`
	Template    string  `json:"template,omitempty"`
	Opaque      string  `json:"biz_opaque_callback_data,omitempty"`
	Probability float64 `json:"probability,omitempty"` // 0 means always
	// RandSeed makes the choice depend only on the seed and the request (recipient, opaque data, body),
	// so that the same run meets the same faults in whatever order the requests come.
	RandSeed uint64 `json:"seed,omitempty"`
}

// Action is what happens to a matched request.
type Action struct {
	Kind       FaultKind    `json:"kind"`
	Code       int          `json:"code,omitempty"`
	Status     int          `json:"status,omitempty"` // HTTP
	Body       string       `json:"body,omitempty"`
	Details    string       `json:"details,omitempty"`
	Transient  bool         `json:"is_transient,omitempty"`
	RetryAfter int          `json:"retry_after,omitempty"` // seconds, as HTTP header
	DelayMS    int          `json:"delay_ms,omitempty"`    // before the answer; goes with every kind
	How        string       `json:"how,omitempty"`
	AfterSent  bool         `json:"after_sent,omitempty"` // status: send "sent" first
	Statuses   []StatusStep `json:"statuses,omitempty"`
}

// StatusStep is one status of a scripted sequence.
type StatusStep struct {
	Status       string `json:"status"` // sent, delivered, read, played, failed
	DelayMS      int    `json:"delay_ms,omitempty"`
	BeforeAnswer bool   `json:"before_answer,omitempty"`
	Code         int    `json:"code,omitempty"`
}

// Fault is a script: which requests, how often, and what happens to them.
type Fault struct {
	ID     string `json:"id,omitempty"`
	Match  Match  `json:"match"`
	Times  int    `json:"times,omitempty"` // how many requests it hits; 0: until it is removed
	Skip   int    `json:"skip,omitempty"`  // how many matching requests pass first
	Action Action `json:"action"`
	Hits   int    `json:"hits"`
	seen   int
}

type faultBook struct {
	mu   sync.Mutex
	list []*Fault
	next int
}

func (f *Fault) validate() error {
	a := f.Action
	switch a.Kind {
	case FaultError:
		if a.Code == 0 && a.Details == "" && a.Status == 0 {
			return fmt.Errorf("action error needs a code (0 needs a status too)")
		}
	case FaultHTTP:
		if a.Status < 200 || a.Status > 599 {
			return fmt.Errorf("action http needs a status between 200 and 599")
		}
	case FaultStatus:
		if a.Code == 0 {
			return fmt.Errorf("action status needs a code")
		}
	case FaultStatuses:
		for _, st := range a.Statuses {
			if !slices.Contains([]string{"sent", "delivered", "read", "played", "failed"}, st.Status) {
				return fmt.Errorf("unknown status %q: use sent, delivered, read, played or failed", st.Status)
			}
		}
	case FaultReset, FaultHang, FaultDelay, FaultLostAnswer, FaultSilence:
	default:
		return fmt.Errorf("unknown action kind %q: use error, http, reset, hang, delay, lost_answer, status, statuses or silence", a.Kind)
	}
	if f.Match.Probability < 0 || f.Match.Probability > 1 {
		return fmt.Errorf("probability must be between 0 and 1")
	}
	return nil
}

// AddFault adds a script and returns it with its id.
func (s *Server) AddFault(f Fault) (Fault, error) {
	if err := f.validate(); err != nil {
		return f, err
	}
	b := &s.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.ID == "" {
		b.next++
		f.ID = "fault-" + itoa(b.next)
	}
	b.list = slices.DeleteFunc(b.list, func(o *Fault) bool { return o.ID == f.ID })
	f.Hits, f.seen = 0, 0
	b.list = append(b.list, &f)
	return f, nil
}

// Faults returns the scripts in force.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := make([]Fault, 0, len(s.faults.list))
	for _, f := range s.faults.list {
		out = append(out, *f)
	}
	return out
}

// RemoveFault removes one script, or all of them for an empty id; it tells how many went.
func (s *Server) RemoveFault(id string) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *Fault) bool { return id == "" || f.ID == id })
	return before - len(s.faults.list)
}

// take returns the first script that wants this request, counted as a hit.
func (b *faultBook) take(s *Server, e *Entry) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if !f.Match.fits(s, e) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip || (f.Times > 0 && f.Hits >= f.Times) {
			continue
		}
		f.Hits++
		hit := *f
		return &hit
	}
	return nil
}

func (m Match) fits(s *Server, e *Entry) bool {
	path := m.Path
	if path == "" {
		path = "messages"
	}
	if path != "*" && path != e.Path || e.Type == "read" && m.Type != "read" {
		return false
	}
	for _, c := range [...][2]string{{m.Number, e.Number}, {m.Type, e.Type}, {m.Template, e.Template}, {m.Opaque, e.Opaque}} {
		if c[0] != "" && c[0] != c[1] {
			return false
		}
	}
	if m.To != "" && m.To != e.To {
		want, _ := digits(m.To)
		got, _ := digits(e.To)
		if want == "" || waID(want) != waID(got) {
			return false
		}
	}
	if m.Person != "" && m.Person != s.personOf(e.Number, e.To) {
		return false
	}
	if m.Probability == 0 {
		return true
	}
	if m.RandSeed == 0 {
		return s.chance(m.Probability)
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, m.RandSeed, "|", e.To, "|", e.Opaque, "|", e.BodySHA)
	return float64(mix(h.Sum64())>>11)/(1<<53) < m.Probability
}

// personOf returns the id of the person a request is addressed to.
func (s *Server) personOf(number, to string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[number]
	if n == nil {
		return ""
	}
	if p := s.findPerson(n, to); p != nil {
		return p.ID
	}
	return ""
}

// mix spreads the bits of a weak hash over the whole word.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// breaks carries out the faults that stop a request before anything is accepted; false means go on.
func (s *Server) breaks(w http.ResponseWriter, r *http.Request, e Entry, f *Fault) bool {
	a := f.Action
	switch a.Kind {
	case FaultError:
		err := newError(a.Code, a.Details)
		err.Transient = a.Transient
		if a.Status != 0 {
			err.HTTP = a.Status
		}
		e.Outcome, e.HTTP, e.Code = "refused", err.HTTP, a.Code
		s.ledger.add(e)
		s.pause(r, s.latency(f))
		if a.RetryAfter > 0 {
			w.Header().Set("Retry-After", itoa(a.RetryAfter))
		}
		writeBytes(w, err.HTTP, err.body())
	case FaultHTTP:
		e.Outcome, e.HTTP = "refused", a.Status
		s.ledger.add(e)
		s.pause(r, s.latency(f))
		if a.RetryAfter > 0 {
			w.Header().Set("Retry-After", itoa(a.RetryAfter))
		}
		bareAnswer(w, a)
	case FaultReset:
		e.Outcome = "unanswered"
		s.ledger.add(e)
		s.pause(r, s.latency(f))
		resetConn(w, nil)
	case FaultHang:
		e.Outcome = "unanswered"
		s.ledger.add(e)
		<-r.Context().Done()
	default:
		return false
	}
	return true
}

func bareAnswer(w http.ResponseWriter, a Action) {
	switch a.Body {
	case "", "empty":
		w.WriteHeader(a.Status)
	case "html":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(a.Status)
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"))
	case "garbage":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.Status)
		_, _ = w.Write([]byte(`{"error":{"message":"An unk`))
	default:
		e := &apiError{HTTP: a.Status, Code: 2, Plain: true, Title: "An unexpected error has occurred. Please retry your request later.", Transient: a.Transient}
		if a.Status < 500 {
			e.Code = 1
		}
		writeBytes(w, a.Status, e.body())
	}
}

// plan returns the statuses that will follow a message.
func (s *Server) plan(n *Number, p *Person, msg *send, tpl *Template, open bool, f *Fault) []step {
	if f != nil {
		switch f.Action.Kind {
		case FaultSilence:
			return []step{}
		case FaultStatus:
			plan := []step{{status: "failed", code: f.Action.Code, delay: s.settings.Load().Statuses.sent()}}
			if f.Action.AfterSent {
				plan = append([]step{{status: "sent", delay: plan[0].delay}}, plan...)
			}
			return plan
		case FaultStatuses:
			plan := []step{}
			for _, st := range f.Action.Statuses {
				plan = append(plan, step{status: st.Status, code: st.Code, before: st.BeforeAnswer, delay: time.Duration(st.DelayMS) * time.Millisecond})
			}
			return plan
		}
	}
	failed := func(code int) []step {
		return []step{{status: "failed", code: code, delay: s.settings.Load().Statuses.sent()}}
	}
	switch {
	case p.Unknown:
		return failed(131026)
	case n.waba.PaymentProblem == "status":
		return failed(131042)
	case tpl == nil && !open:
		return failed(131047)
	case tpl != nil && tpl.Category == "MARKETING" && n.OptOut[p.ID]:
		return failed(131050)
	}
	if msg.kind == "reaction" {
		return []step{{status: "sent", delay: s.settings.Load().Statuses.sent()}}
	}
	if s.handset != nil && s.handset.Has(p.ID) {
		return nil // the handset decides what comes after sent
	}
	return s.habitual(msg)
}

func itoa(n int) string { return strconv.Itoa(n) }
