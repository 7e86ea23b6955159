package channeltest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Request is what reached the stub.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
}

// Stub is a provider on loopback. It keeps every request before it answers.
type Stub struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Request
	answer   func(http.ResponseWriter, *http.Request)
}

// NewStub starts a stub; it ends with the test.
func NewStub(t testing.TB, answer func(http.ResponseWriter, *http.Request)) *Stub {
	t.Helper()
	s := &Stub{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Close ends the stub; requests that hang are cut off.
func (s *Stub) Close() {
	s.CloseClientConnections()
	s.Server.Close()
}

func (s *Stub) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body})
	answer := s.answer
	s.mu.Unlock()
	answer(w, r)
}

// Requests gives what has reached the stub.
func (s *Stub) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Answer writes a JSON answer.
func Answer(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// reset cuts the connection with RST after the given words were written.
func reset(words string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, words)
		if words == "" {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
	}
}

// errNotLocal is the error of a request that would leave the machine.
var errNotLocal = errors.New("channeltest: a request tried to leave the machine")

// LocalOnly is a transport that reaches loopback alone; any other address fails
// the test. dial, if not nil, comes first and may refuse.
func LocalOnly(t testing.TB, dial func() error) *http.Transport {
	t.Helper()
	var dialer net.Dialer
	tr := &http.Transport{
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(address)
			if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
				t.Errorf("a request tried to reach %s", host)
				return nil, errNotLocal
			}
			if dial != nil {
				if err := dial(); err != nil {
					return nil, err
				}
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}
