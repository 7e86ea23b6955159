package meta

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/outward"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

const (
	// DefaultBaseURL is Meta's Graph API.
	DefaultBaseURL = "https://graph.facebook.com"
	// DefaultVersion is the Graph version used where a connection names none.
	DefaultVersion = "v25.0"

	userAgent = "Perene/1 (+https://github.com/perene/perene)"
	// answerMax is how much of an answer is read, in bytes; a page of templates
	// is the largest.
	answerMax = 8 << 20
)

// Options tune a Client. The zero value is right for production.
type Options struct {
	// Transport replaces the tuned one, for tests.
	Transport http.RoundTripper
	// Timeout is how long one call may take; 30 s if 0. Uploads and downloads
	// are bounded by their context alone.
	Timeout time.Duration
	// RetryWait is the pause before a second dial; 200 ms if 0, doubled once.
	RetryWait time.Duration
	// Dials is how often a connection is tried in one call; 3 if 0.
	Dials int
	// ConnsPerHost is how many connections to a host stay open; 256 if 0,
	// which carries 800 sends a second at an answer time of 300 ms.
	ConnsPerHost int
	// AllowPrivate lets connections go to loopback and private addresses: for
	// development, tests and Graph-compatible servers in one's own network.
	// Without it they are refused at every dial, so that neither a connection's
	// address nor a file's link reaches what stands behind the firewall.
	AllowPrivate bool
	// Hosts are where tokens may travel to by a connection's address. Nil: anywhere.
	Hosts config.Hosts
}

// Client speaks with the Graph API. It is safe for use by many goroutines, and
// one serves all connections of a process.
type Client struct {
	http    *retryablehttp.Client
	timeout time.Duration
	hosts   config.Hosts
}

// NewClient makes a client.
func NewClient(o Options) *Client {
	transport := o.Transport
	if transport == nil {
		transport = NewTransport(o.ConnsPerHost, o.AllowPrivate)
	}
	wait := o.RetryWait
	if wait <= 0 {
		wait = 200 * time.Millisecond
	}
	dials := o.Dials
	if dials <= 0 {
		dials = 3
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = 30 * time.Second
	}
	return &Client{
		timeout: timeout,
		hosts:   o.Hosts,
		http: &retryablehttp.Client{
			HTTPClient: &http.Client{
				Transport: noIdleClose{transport},
				// A redirected POST would become a GET: an answer is an answer.
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
			RetryWaitMin: wait,
			RetryWaitMax: 2 * wait,
			RetryMax:     dials - 1,
			CheckRetry:   retryOnlyNotSent,
			Backoff:      retryablehttp.DefaultBackoff,
			ErrorHandler: retryablehttp.PassthroughErrorHandler,
		},
	}
}

// NewTransport makes a transport for one busy host: HTTP/1.1, so that the loss
// of one TCP connection leaves one send unknown and not a hundred; idle
// connections are dropped before Meta's side does.
func NewTransport(connsPerHost int, allowPrivate bool) *http.Transport {
	if connsPerHost <= 0 {
		connsPerHost = 256
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	if !allowPrivate {
		dialer.Control = outward.Guard(true)
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:           dialer.DialContext,
		Protocols:             &protocols,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(64)},
		TLSHandshakeTimeout:   5 * time.Second,
		MaxIdleConns:          4 * connsPerHost,
		MaxIdleConnsPerHost:   connsPerHost,
		MaxConnsPerHost:       connsPerHost,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       4 << 10,
		ReadBufferSize:        4 << 10,
	}
}

// noIdleClose hides CloseIdleConnections: retryablehttp calls it after every
// failed request, which would make one lost answer cost all other sends their
// connections.
type noIdleClose struct{ http.RoundTripper }

// progress says how far the current try of a request has come. It is reset by
// each try, and a second try follows only if the first wrote nothing.
type progress struct {
	wrote atomic.Bool
	once  bool // the body cannot be read a second time
}

type progressKey struct{}

// watch attaches a trace to ctx. From the moment a try has a connection, bytes
// may be on the wire, so an error from then on leaves the outcome unknown.
func watch(ctx context.Context) (context.Context, *progress) {
	p := &progress{}
	ctx = context.WithValue(ctx, progressKey{}, p)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { p.wrote.Store(false) },
		GotConn:      func(httptrace.GotConnInfo) { p.wrote.Store(true) },
		WroteHeaders: func() { p.wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { p.wrote.Store(true) },
	}), p
}

// retryOnlyNotSent lets a request be tried again only if no byte of it left
// and the cause is the way there: DNS, dial or TLS.
func retryOnlyNotSent(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil || ctx.Err() != nil {
		return false, nil //nolint:nilerr // the library gives err itself to its caller
	}
	if p, ok := ctx.Value(progressKey{}).(*progress); !ok || p.once || p.wrote.Load() {
		return false, nil
	}
	return onTheWay(err), nil
}

// onTheWay reports whether the error happened before there was a connection,
// in a way that another try may mend.
func onTheWay(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert), errors.Is(err, ssrf.ErrProhibitedIP):
		return false
	case errors.As(err, &dns):
		return true
	case errors.As(err, &op):
		return true
	}
	// A handshake that was cut or timed out has no type of its own.
	text := err.Error()
	return strings.Contains(text, "TLS handshake") || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Call is one request to the Graph API.
type Call struct {
	Op     string // "send": what the error text begins with
	Method string
	// Path follows base URL and version: "741200335509921/messages".
	Path  string
	Query url.Values
	// Body is sent as JSON; nil for none.
	Body []byte
	// Stream is sent in place of Body, with Type and Size; it cannot be dialled
	// twice.
	Stream io.Reader
	Type   string
	Size   int64
	// Private gives words that must not come back in an error's text; it is asked only when there is one. It may be nil.
	Private func() []string
}

// Answer is what the Graph API said, with a 2xx status.
type Answer struct {
	Status int
	Body   []byte
}

// Do makes a call. Its errors are *channels.SendError and say truthfully
// whether the request left the machine.
func (c *Client) Do(ctx context.Context, cred channels.Credentials, call Call) (answer Answer, err error) {
	if trace.On(ctx) {
		traced, end := begin(ctx, cred, call)
		ctx = traced
		defer func() { end(answer, err) }()
	}
	address, err := graphURL(cred, call.Path, call.Query)
	if err != nil {
		return Answer{}, notSent(call.Op, channels.CodeNone, err.Error(), nil)
	}
	if !c.mayTravel(address) {
		return Answer{}, notSent(call.Op, channels.CodeNone, "the connection's address is at a host that the operator has not named", nil)
	}
	if !usableToken(token(cred)) {
		return Answer{}, notSent(call.Op, 190, "the connection has no usable access token; reconnect it", nil)
	}
	if call.Stream == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	ctx, progress := watch(ctx)
	progress.once = call.Stream != nil
	req, err := newRequest(ctx, call, address)
	if err != nil {
		return Answer{}, notSent(call.Op, channels.CodeNone, "the request could not be built", err)
	}
	req.Header.Set("Authorization", "Bearer "+token(cred).Reveal())
	req.Header.Set("User-Agent", userAgent)
	res, err := c.http.Do(req) //nolint:bodyclose // closeBody drains and closes it
	if err != nil {
		return Answer{}, transportError(call.Op, err, progress.wrote.Load())
	}
	defer closeBody(res.Body)
	return c.read(call, res)
}

// Open starts the download of a file at an address the API gave. The caller
// closes the body. ctx bounds the whole download.
func (c *Client) Open(ctx context.Context, cred channels.Credentials, op, address string) (*http.Response, error) {
	if !usableToken(token(cred)) {
		return nil, notSent(op, 190, "the connection has no usable access token; reconnect it", nil)
	}
	ctx, progress := watch(ctx)
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, notSent(op, channels.CodeNone, "the file's address cannot be used", err)
	}
	req.Header.Set("Authorization", "Bearer "+token(cred).Reveal())
	req.Header.Set("User-Agent", userAgent)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, transportError(op, err, progress.wrote.Load())
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer closeBody(res.Body)
	_, err = c.read(Call{Op: op}, res)
	if err == nil {
		err = &channels.SendError{Outcome: channels.OutcomeRejected, Op: op, Code: channels.CodeNone, HTTPStatus: res.StatusCode,
			Details: "the server gave no file"}
	}
	return nil, err
}

func newRequest(ctx context.Context, call Call, address string) (*retryablehttp.Request, error) {
	if call.Stream != nil {
		// retryablehttp would buffer a reader whole, so the stream goes in as
		// the plain body.
		std, err := http.NewRequestWithContext(ctx, call.Method, address, call.Stream)
		if err != nil {
			return nil, err
		}
		std.ContentLength = call.Size
		std.Header.Set("Content-Type", call.Type)
		return &retryablehttp.Request{Request: std}, nil
	}
	var body any
	if call.Body != nil {
		body = call.Body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, call.Method, address, body)
	if err != nil {
		return nil, err
	}
	if call.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// read turns a response into an answer or an error.
func (c *Client) read(call Call, res *http.Response) (Answer, error) {
	body, readErr := readAll(res)
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		if readErr != nil {
			return Answer{}, &channels.SendError{Outcome: channels.OutcomeUnknown, Op: call.Op, Code: channels.CodeNone,
				HTTPStatus: res.StatusCode, Details: "the answer was cut off", Cause: readErr}
		}
		return Answer{Status: res.StatusCode, Body: body}, nil
	}
	e := &channels.SendError{Op: call.Op, Code: channels.CodeNone, HTTPStatus: res.StatusCode, RetryAfter: retryAfter(res.Header)}
	graph, ok := parseGraphError(body)
	switch {
	case ok:
		e.Outcome = channels.OutcomeRejected
		e.Code, e.Transient, e.TraceID = graph.Code, graph.IsTransient, graph.TraceID
		var private []string
		if call.Private != nil {
			private = call.Private()
		}
		e.Details = Safe(graph.text(), private...)
	case res.StatusCode >= 500:
		// Something between us and the API answered; the message may be out.
		e.Outcome, e.Details = channels.OutcomeUnknown, "the server answered without an explanation"
	default:
		e.Outcome, e.Details = channels.OutcomeRejected, "the server refused without an explanation"
	}
	return Answer{}, e
}

func readAll(res *http.Response) ([]byte, error) {
	var buf bytes.Buffer
	if n := res.ContentLength; n > 0 && n <= answerMax {
		buf.Grow(int(n) + 1) // one more byte, so that ReadFrom sees EOF without growing
	}
	n, err := buf.ReadFrom(io.LimitReader(res.Body, answerMax+1))
	if err == nil && n > answerMax {
		err = errors.New("the answer is too large")
	}
	return buf.Bytes(), err
}

// closeBody drains a little, so that the connection can be used again.
func closeBody(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 16<<10)
	_ = body.Close()
}

// usableToken reports whether the token can stand in a header.
func usableToken(s channels.Secret) bool {
	if s.IsZero() {
		return false
	}
	for _, r := range s.Reveal() {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}

// BaseURL is the address of the Graph API by which to speak, without the version.
func BaseURL(cred channels.Credentials) string {
	if base := cred.Config[models.ConfigGraphBaseURL]; base != "" {
		return base
	}
	return DefaultBaseURL
}

func token(cred channels.Credentials) channels.Secret { return cred.Secrets[models.SecretAccessToken] }

// mayTravel tells whether the operator lets tokens travel to an address (S12).
func (c *Client) mayTravel(address string) bool {
	u, err := url.Parse(address)
	return err == nil && c.hosts.Allow(u)
}

// graphURL builds base/version/path?query.
func graphURL(cred channels.Credentials, path string, query url.Values) (string, error) {
	base, version := BaseURL(cred), cred.Config[models.ConfigGraphVersion]
	if version == "" {
		version = DefaultVersion
	}
	if !strings.HasPrefix(base, "https://") && !strings.HasPrefix(base, "http://") {
		return "", errors.New("the connection's Graph address must start with https://")
	}
	address := strings.TrimRight(base, "/") + "/" + url.PathEscape(version) + "/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address, nil
}

// DecodeAnswer reads an answer's JSON. A 2xx answer that cannot be read leaves
// the outcome unknown.
func DecodeAnswer(op string, a Answer, into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return &channels.SendError{Outcome: channels.OutcomeUnknown, Op: op, Code: channels.CodeNone, HTTPStatus: a.Status,
			Details: "the answer could not be read"}
	}
	return nil
}
