package channeltest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// patience is how long a call may take that is to succeed: no test of it may fail on a machine that is busy.
const patience = time.Minute

// personal are the words of the suite's message; no error may repeat them.
var personal = []string{"Rosa Lima deve R$ 59,90", "5581988004422", "558188004422", token}

func message() *channels.Outbound {
	return &channels.Outbound{AttemptID: "0199b0d2-7c1a-7def-8000-000000000001", To: "5581988004422",
		Content: &models.Content{Kind: models.ContentKindText, Text: "Rosa Lima deve R$ 59,90"}}
}

// fault is something that goes wrong on the way or at the provider.
type fault struct {
	name    string
	answer  func(http.ResponseWriter, *http.Request)
	dial    func() error // nil: dials succeed
	timeout time.Duration
	cancel  bool
	tls     bool // speak TLS to a stub that does not
	outcome channels.Outcome
	class   channels.Class
	// requests is how many reach the provider.
	requests int
	status   int
	retry    time.Duration
}

func (s Suite) faultList() []fault {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	html := func(status int) func(http.ResponseWriter, *http.Request) {
		return Answer(status, "<html>proxy of Rosa Lima deve R$ 59,90</html>")
	}
	dns := func() error { return &net.DNSError{Err: "no such host", Name: "graph.example", IsNotFound: true} }
	refused := func() error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	slow := func() error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
	}
	later := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "17")
		Answer(429, s.ErrorBody(130429, "slow down"))(w, r)
	}
	ok := Answer(200, s.Accepted)
	return []fault{
		{name: "host unknown", dial: dns, answer: ok, outcome: channels.OutcomeNotSent, class: channels.ClassRetryFast},
		{name: "connection refused", dial: refused, answer: ok, outcome: channels.OutcomeNotSent, class: channels.ClassRetryFast},
		{name: "dial timed out", dial: slow, answer: ok, outcome: channels.OutcomeNotSent, class: channels.ClassRetryFast},
		{name: "no TLS there", tls: true, answer: ok, outcome: channels.OutcomeNotSent, class: channels.ClassRetryFast},
		{name: "cancelled before", cancel: true, answer: ok, outcome: channels.OutcomeNotSent, class: channels.ClassRetryFast},
		{name: "reset before the answer", answer: reset(""), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1},
		{name: "closed before the answer", answer: reset("HTTP/1.1 "), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1},
		{name: "answer cut off", answer: reset("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1, status: 200},
		{name: "no answer in time", answer: hang, timeout: time.Second, outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1},
		{name: "accepted with garbage", answer: html(200), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1, status: 200},
		{name: "accepted without an id", answer: Answer(200, "{}"), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1, status: 200},
		{name: "502 of a proxy", answer: html(502), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1, status: 502},
		{name: "503 without a body", answer: Answer(503, ""), outcome: channels.OutcomeUnknown, class: channels.ClassUnknown, requests: 1, status: 503},
		{name: "429 of a proxy", answer: html(429), outcome: channels.OutcomeRejected, class: channels.ClassThrottleNumber, requests: 1, status: 429},
		{name: "401 of a proxy", answer: html(401), outcome: channels.OutcomeRejected, class: channels.ClassFixAuth, requests: 1, status: 401},
		{name: "404 of a proxy", answer: html(404), outcome: channels.OutcomeRejected, class: channels.ClassFixRequest, requests: 1, status: 404},
		{name: "redirected", answer: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
			outcome: channels.OutcomeRejected, class: channels.ClassFixRequest, requests: 1, status: 302},
		{name: "told to wait", answer: later, outcome: channels.OutcomeRejected, class: channels.ClassThrottleNumber, requests: 1, status: 429, retry: 17 * time.Second},
		{name: "unlisted code with 500", answer: Answer(500, s.ErrorBody(987654, "odd")), outcome: channels.OutcomeRejected, class: channels.ClassRetryFast, requests: 1, status: 500},
		{name: "unlisted code with 400", answer: Answer(400, s.ErrorBody(987654, "odd")), outcome: channels.OutcomeRejected, class: channels.ClassFixRequest, requests: 1, status: 400},
	}
}

// faults plays every fault and demands that the adapter says truthfully what is
// known, asks the provider no more than once and keeps personal words out.
func (s Suite) faults(t *testing.T) {
	for _, f := range s.faultList() {
		t.Run(f.name, func(t *testing.T) { s.fault(t, f) })
	}
	t.Run("refused twice and then taken", s.thirdDial)
	t.Run("no token", s.noToken)
}

func (s Suite) fault(t *testing.T, f fault) {
	stub := NewStub(t, f.answer)
	if f.timeout == 0 {
		f.timeout = patience
	}
	transport := LocalOnly(t, f.dial)
	base := stub.URL
	if f.tls {
		base = strings.Replace(base, "http://", "https://", 1)
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	adapter := s.New(transport, f.timeout)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if f.cancel {
		cancel()
	}
	_, err := adapter.Send(ctx, credentials(base), message())
	e := channels.AsSendError(err)
	if e == nil {
		t.Fatal("the send succeeded")
	}
	if e.Outcome != f.outcome || e.HTTPStatus != f.status || e.RetryAfter != f.retry {
		t.Errorf("outcome %s, HTTP %d, wait %s; want %s, %d, %s (%v)", e.Outcome, e.HTTPStatus, e.RetryAfter, f.outcome, f.status, f.retry, e)
	}
	if got := adapter.Policies().Lookup(e.Failure()); got.Class != f.class {
		t.Errorf("class %s, want %s", got.Class, f.class)
	}
	if n := len(stub.Requests()); n != f.requests {
		t.Errorf("%d requests reached the provider, want %d", n, f.requests)
	}
	checkSafe(t, e)
	if f.cancel && !errors.Is(err, context.Canceled) {
		t.Error("the error does not say that it was cancelled")
	}
}

// checkSafe demands that an error, however printed, holds nothing personal.
func checkSafe(t testing.TB, e *channels.SendError) {
	t.Helper()
	for _, text := range []string{e.Error(), e.Details, fmt.Sprintf("%v %+v %s", e, e, e)} {
		for _, word := range personal {
			if strings.Contains(text, word) {
				t.Errorf("the error repeats personal words or the token: %q", word)
			}
		}
	}
	if errors.Unwrap(e) != nil {
		t.Error("the error unwraps to its cause, whose text is not safe")
	}
}

// thirdDial demands that what certainly did not leave is tried again, and that
// the message arrives once.
func (s Suite) thirdDial(t *testing.T) {
	stub := NewStub(t, Answer(200, s.Accepted))
	var dials atomic.Int32
	transport := LocalOnly(t, func() error {
		if dials.Add(1) < 3 {
			return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		return nil
	})
	adapter := s.New(transport, patience)
	if _, err := adapter.Send(context.Background(), credentials(stub.URL), message()); err != nil {
		t.Fatalf("send: %v", err)
	}
	if n := len(stub.Requests()); n != 1 || dials.Load() != 3 {
		t.Errorf("%d requests after %d dials, want 1 after 3", n, dials.Load())
	}
}

func (s Suite) noToken(t *testing.T) {
	stub := NewStub(t, Answer(200, s.Accepted))
	adapter := s.New(LocalOnly(t, nil), time.Second)
	for name, secret := range map[string]string{"empty": "", "with a line break": "abc\r\nX-Evil: 1"} {
		cred := credentials(stub.URL)
		cred.Secrets = map[string]channels.Secret{models.SecretAccessToken: channels.NewSecret(secret)}
		_, err := adapter.Send(context.Background(), cred, message())
		e := channels.AsSendError(err)
		if e == nil || e.Outcome != channels.OutcomeNotSent || adapter.Policies().Lookup(e.Failure()).Class != channels.ClassFixAuth {
			t.Errorf("token %s: %v, want not_sent and FIX_AUTH", name, err)
		}
	}
	if n := len(stub.Requests()); n != 0 {
		t.Errorf("%d requests left, want none", n)
	}
}

// codes plays every code of the policy table as an answer to a send and demands
// that a status with the same code gets the same policy.
func (s Suite) codes(t *testing.T) {
	var code atomic.Int64
	stub := NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		Answer(400, s.ErrorBody(int(code.Load()), "about Rosa Lima deve R$ 59,90 at +55 81 98800-4422"))(w, r)
	})
	adapter := s.New(LocalOnly(t, nil), patience)
	table := adapter.Policies()
	for _, c := range table.Codes() {
		code.Store(int64(c))
		_, err := adapter.Send(context.Background(), credentials(stub.URL), message())
		e := channels.AsSendError(err)
		if e == nil || e.Outcome != channels.OutcomeRejected || e.Code != c {
			t.Fatalf("code %d: %v, want rejected with the code", c, err)
		}
		checkSafe(t, e)
		byAnswer, byStatus := table.Lookup(e.Failure()), table.Lookup(channels.ProviderError{Code: c}.Failure())
		if byAnswer.Key != byStatus.Key {
			t.Errorf("code %d: policy %s by answer, %s by status", c, byAnswer.Key, byStatus.Key)
		}
	}
	if n := len(stub.Requests()); n != len(table.Codes()) {
		t.Errorf("%d requests for %d codes: something was sent twice", n, len(table.Codes()))
	}
}
