package meta_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/channeltest"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

func cred(base string) channels.Credentials {
	return channels.Credentials{ProviderRef: "1", Config: map[string]string{models.ConfigGraphBaseURL: base, models.ConfigGraphVersion: "v25.0"},
		Secrets: map[string]channels.Secret{models.SecretAccessToken: channels.NewSecret("token")}}
}

var send = meta.Call{Op: "send", Method: http.MethodPost, Path: "1/messages", Body: []byte(`{}`)}

// The signature of a body with Meta's escapes, made by another program
// (openssl dgst -sha256 -hmac app-secret).
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":"a\u00e7\u00e3o"}`)
	const header = "sha256=9b4134ab58799a0aaa42b86ae7790ad3788ce4bee38031e992c3e04cb8792e3a"
	if !meta.VerifySignature(header, body, channels.NewSecret("app-secret")) {
		t.Error("the vector is refused")
	}
	if meta.VerifySignature(header, []byte(`{"a":"ação"}`), channels.NewSecret("app-secret")) {
		t.Error("the body written anew passes with the old signature")
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	token := channels.NewSecret("verify-me")
	query := func(mode, given, challenge string) url.Values {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {given}, "hub.challenge": {challenge}}
	}
	if got, ok := meta.VerifyChallenge(query("subscribe", "verify-me", "1158201444"), token); !ok || got != "1158201444" {
		t.Errorf("a good challenge gives %q, %v", got, ok)
	}
	for name, q := range map[string]url.Values{
		"wrong token": query("subscribe", "verify-m", "1"), "no token": query("subscribe", "", "1"), "other mode": query("unsubscribe", "verify-me", "1"),
		"markup in the challenge": query("subscribe", "verify-me", "<script>"), "no challenge": query("subscribe", "verify-me", ""),
		"endless challenge": query("subscribe", "verify-me", strings.Repeat("1", 65)),
	} {
		if got, ok := meta.VerifyChallenge(q, token); ok {
			t.Errorf("%s: answered %q", name, got)
		}
	}
	if _, ok := meta.VerifyChallenge(query("subscribe", "", "1"), channels.Secret{}); ok {
		t.Error("without a verify token the empty one passes")
	}
}

func TestPrivateAddressesAreRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{}`))
	guarded := meta.NewClient(meta.Options{RetryWait: time.Millisecond})
	_, err := guarded.Do(context.Background(), cred(stub.URL), send)
	if e := channels.AsSendError(err); e == nil || e.Outcome != channels.OutcomeNotSent || !strings.Contains(e.Details, "not allowed") {
		t.Errorf("loopback is reached: %v", err)
	}
	if n := len(stub.Requests()); n != 0 {
		t.Fatalf("%d requests reached a private address", n)
	}
	open := meta.NewClient(meta.Options{AllowPrivate: true})
	if _, err := open.Do(context.Background(), cred(stub.URL), send); err != nil {
		t.Errorf("with AllowPrivate: %v", err)
	}
}

// S12: a token travels to no host that the operator has not named, also by an address that was stored before.
func TestTokensTravelToNamedHostsOnly(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{}`))
	u, err := url.Parse(stub.URL)
	if err != nil {
		t.Fatal(err)
	}
	named := meta.NewClient(meta.Options{AllowPrivate: true, Hosts: config.Hosts{u.Host}})
	if _, err := named.Do(context.Background(), cred(stub.URL), send); err != nil {
		t.Errorf("a named host: %v", err)
	}
	other := meta.NewClient(meta.Options{AllowPrivate: true, Hosts: config.Hosts{"graph.facebook.com"}, RetryWait: time.Millisecond})
	_, err = other.Do(context.Background(), cred(stub.URL), send)
	if e := channels.AsSendError(err); e == nil || e.Outcome != channels.OutcomeNotSent {
		t.Errorf("another host: %v, want not_sent", err)
	}
	if n := len(stub.Requests()); n != 1 {
		t.Errorf("%d requests arrived, want one", n)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	client := meta.NewClient(meta.Options{AllowPrivate: true, RetryWait: time.Millisecond})
	for _, base := range []string{"graph.example", "file:///etc", "http://a b", "https://[::1"} {
		_, err := client.Do(context.Background(), cred(base), send)
		if e := channels.AsSendError(err); e == nil || e.Outcome != channels.OutcomeNotSent {
			t.Errorf("%s: %v, want not_sent", base, err)
		}
	}
}

// A failed request must not cost the others their connections.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var fail atomic.Bool
	stub := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		if fail.Load() {
			channeltest.Answer(500, `{"error":{"code":131000}}`)(w, r)
			return
		}
		channeltest.Answer(200, `{}`)(w, r)
	})
	var dials atomic.Int32
	transport := channeltest.LocalOnly(t, func() error { dials.Add(1); return nil })
	client := meta.NewClient(meta.Options{Transport: transport, RetryWait: time.Millisecond})
	for i := range 20 {
		fail.Store(i%2 == 1)
		_, err := client.Do(context.Background(), cred(stub.URL), send)
		if (err != nil) != fail.Load() {
			t.Fatal(err)
		}
	}
	// A cancelled request ends in an error of the transport.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client.Do(ctx, cred(stub.URL), send); err == nil {
		t.Fatal("a cancelled request succeeds")
	}
	fail.Store(false)
	if _, err := client.Do(context.Background(), cred(stub.URL), send); err != nil {
		t.Fatal(err)
	}
	if n := dials.Load(); n != 1 {
		t.Errorf("%d dials for one connection's worth of requests, want 1", n)
	}
}

// A kept connection that the server closes while it lies idle: whether the
// close or the next request comes first is chance, so the outcome may be
// success, not_sent or unknown. What is claimed must be true, and nothing
// arrives twice.
func TestClosedIdleConnectionNeverLies(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{}`))
	client := meta.NewClient(meta.Options{Transport: channeltest.LocalOnly(t, nil), RetryWait: time.Millisecond})
	for i := range 100 {
		before := len(stub.Requests())
		_, err := client.Do(context.Background(), cred(stub.URL), send)
		arrived := len(stub.Requests()) - before
		switch e := channels.AsSendError(err); {
		case arrived > 1:
			t.Fatalf("request %d arrived %d times", i, arrived)
		case e == nil && arrived != 1:
			t.Fatalf("request %d succeeded and did not arrive", i)
		case e != nil && e.Outcome == channels.OutcomeNotSent && arrived != 0:
			t.Fatalf("request %d arrived and is said not to have been sent", i)
		case e != nil && e.Outcome == channels.OutcomeRejected:
			t.Fatalf("request %d: nobody rejected it: %v", i, e)
		}
		stub.CloseClientConnections()
	}
}

func TestStreamIsSentOnceAndWithItsLength(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{}`))
	client := meta.NewClient(meta.Options{Transport: channeltest.LocalOnly(t, nil), RetryWait: time.Millisecond})
	call := meta.Call{Op: "upload", Method: http.MethodPost, Path: "1/media", Type: "text/plain", Size: 5, Stream: strings.NewReader("hello")}
	if _, err := client.Do(context.Background(), cred(stub.URL), call); err != nil {
		t.Fatal(err)
	}
	r := stub.Requests()[0]
	if string(r.Body) != "hello" || r.Header.Get("Content-Length") != "5" || r.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("sent %q with %v", r.Body, r.Header)
	}
	var dials atomic.Int32
	refusing := meta.NewClient(meta.Options{RetryWait: time.Millisecond, Transport: channeltest.LocalOnly(t, func() error {
		dials.Add(1)
		return &net.OpError{Op: "dial", Err: errors.New("refused")}
	})})
	call.Stream = strings.NewReader("hello")
	if e := channels.AsSendError(errOf(refusing.Do(context.Background(), cred(stub.URL), call))); e == nil || e.Outcome != channels.OutcomeNotSent {
		t.Errorf("refused: %v, want not_sent", e)
	}
	if dials.Load() != 1 {
		t.Errorf("a stream was dialled %d times; it can be read once", dials.Load())
	}
}

func errOf(_ meta.Answer, err error) error { return err }

func TestUsageHeaderSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Business-Use-Case-Usage", `{"330":[{"type":"whatsapp","estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":7}]}`)
		channeltest.Answer(400, `{"error":{"code":80007,"is_transient":true,"fbtrace_id":"T1","error_data":"odd"}}`)(w, r)
	})
	client := meta.NewClient(meta.Options{Transport: channeltest.LocalOnly(t, nil)})
	e := channels.AsSendError(errOf(client.Do(context.Background(), cred(stub.URL), send)))
	if e == nil || e.RetryAfter != 7*time.Minute || e.Code != 80007 {
		t.Errorf("%+v, want code 80007 and a wait of 7 minutes", e)
	}
}

func TestDefaultsAreMetas(t *testing.T) {
	t.Parallel()
	var got string
	client := meta.NewClient(meta.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.URL.String()
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}}, nil
	})})
	if _, err := client.Do(context.Background(), channels.Credentials{Secrets: map[string]channels.Secret{models.SecretAccessToken: channels.NewSecret("t")}}, send); err != nil {
		t.Fatal(err)
	}
	if got != "https://graph.facebook.com/v25.0/1/messages" {
		t.Errorf("the address is %s", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// BenchmarkSend is one send after another over loopback: what the client itself
// costs in time and allocations.
func BenchmarkSend(b *testing.B) {
	stub := quietServer(b, 0)
	client := meta.NewClient(meta.Options{AllowPrivate: true})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Do(context.Background(), cred(stub), send); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSendAt50ms is 64 sends at a time to a server that answers after 50
// ms, as the sender does for one busy number; it reports sends a second.
func BenchmarkSendAt50ms(b *testing.B) {
	stub := quietServer(b, 50*time.Millisecond)
	client := meta.NewClient(meta.Options{AllowPrivate: true})
	b.ReportAllocs()
	b.SetParallelism(32) // times GOMAXPROCS
	start := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.Do(context.Background(), cred(stub), send); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "sends/s")
}

// quietServer answers on loopback without keeping anything.
func quietServer(b *testing.B, latency time.Duration) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if latency > 0 {
			select {
			case <-time.After(latency):
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, `{"messages":[{"id":"wamid.X"}]}`)
	})}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(listener) })
	b.Cleanup(func() { _ = server.Close(); done.Wait() })
	return "http://" + listener.Addr().String()
}
