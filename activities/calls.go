package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// CallStore is what calls to the outside need of Postgres.
type CallStore interface {
	FlowCall(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) (request json.RawMessage, tried int, done bool, err error)
	FlowCallTried(ctx context.Context, account models.AccountID, run models.FlowRunID, call string, attempts int) error
	FlowCallDone(ctx context.Context, account models.AccountID, run models.FlowRunID, call string, attempts int, result json.RawMessage) error
	AccountSecrets(ctx context.Context, account models.AccountID, names []string) (map[string]models.AccountSecret, error)
}

// Opener opens what is sealed at rest.
type Opener interface {
	Open(place string, sealed []byte) ([]byte, error)
}

// Calls makes the HTTP requests that flows ask for. Requests and answers stay in Postgres; the history sees codes.
type Calls struct {
	store  CallStore
	opener Opener
	client *http.Client
	slots  *slots
	paces  *paces
	log    *slog.Logger
	now    func() time.Time
	sleep  func(ctx context.Context, d time.Duration) error
	beat   func(ctx context.Context) // tells Temporal that a call goes on
	tracer *trace.Tracer             // nil: nothing is traced
	marks  CallTraces
}

// maxCallBody is the longest answer kept, in bytes (flow.Limits.CallBody).
const maxCallBody = 256 << 10

// maxCallTimeout is the longest time-out of one try that a node may ask for.
const maxCallTimeout = 2 * time.Minute

// NewCalls makes a Calls. With allowPrivate, flows may call this machine and private networks. That is for development
// only (S4).
func NewCalls(s CallStore, o Opener, log *slog.Logger, now func() time.Time, allowPrivate bool) *Calls {
	return &Calls{store: s, opener: o, log: log, now: now, sleep: sleepContext, beat: beatActivity, slots: newSlots(callsPerAccount), paces: newPaces(now),
		client: &http.Client{Transport: newCallTransport(allowPrivate), CheckRedirect: checkRedirect}}
}

func sleepContext(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// CallHTTP makes one try of a run's call, and puts the result in the run's mailbox. Between tries it fails with the delay of
// the next one: Temporal keeps that delay, whatever it is and whatever crashes, and no worker waits. After a crash the try is
// made again with the same idempotency key.
func (c *Calls) CallHTTP(ctx context.Context, in contract.CallHTTPInput) (contract.CallHTTPResult, error) {
	run := in.Run.FlowRunStart
	free, ok := c.slots.take(run.AccountID)
	if !ok {
		return contract.CallHTTPResult{}, errNoSlot()
	}
	defer free()
	raw, tried, done, err := c.store.FlowCall(ctx, run.AccountID, run.RunID, in.CallID)
	if err != nil {
		return contract.CallHTTPResult{}, asActivityError(err)
	}
	if done {
		return contract.CallHTTPResult{}, nil
	}
	var call flow.Call
	if err := json.Unmarshal(raw, &call); err != nil {
		return contract.CallHTTPResult{}, fmt.Errorf("read call %s: %w", in.CallID, err)
	}
	if wait := c.paces.wait(run.AccountID, hostOf(&call), run.RunID, in.CallID); wait > 0 {
		return contract.CallHTTPResult{}, errHostBusy(wait)
	}
	ctx, span := c.begin(ctx, run, in.CallID)
	defer span.End()
	defer c.keepBeating(ctx)()
	result, pause := c.try(ctx, run.AccountID, &call, tried)
	describeCall(span, &result)
	if ctx.Err() != nil {
		return contract.CallHTTPResult{}, asActivityError(ctx.Err())
	}
	if pause > 0 {
		if err := c.store.FlowCallTried(ctx, run.AccountID, run.RunID, in.CallID, result.Attempts); err != nil {
			return contract.CallHTTPResult{}, asActivityError(err)
		}
		return contract.CallHTTPResult{}, errTryAgain(pause)
	}
	body, err := json.Marshal(result)
	if err != nil {
		return contract.CallHTTPResult{}, fmt.Errorf("write the result of %s: %w", in.CallID, err)
	}
	if err := c.store.FlowCallDone(ctx, run.AccountID, run.RunID, in.CallID, result.Attempts, body); err != nil {
		return contract.CallHTTPResult{}, asActivityError(err)
	}
	return contract.CallHTTPResult{Status: result.Status, Error: result.Error, Attempts: result.Attempts}, nil
}

// beatEvery is how often a call that goes on says so. It is well below the activity's heartbeat time-out.
const beatEvery = 4 * time.Second

func beatActivity(ctx context.Context) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx)
	}
}

// keepBeating beats the activity's heart until the returned function is called: a slow answer must not look like a lost
// worker, for then the call would be made again.
func (c *Calls) keepBeating(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.beat(ctx)
		for c.sleep(ctx, beatEvery) == nil {
			c.beat(ctx)
		}
	}()
	return func() { cancel(); <-done }
}

// try makes one try of a call that was tried before so often. A pause above zero says when the next one is due.
func (c *Calls) try(ctx context.Context, account models.AccountID, call *flow.Call, tried int) (flow.CallResult, time.Duration) {
	result := flow.CallResult{ID: call.ID, Attempts: tried}
	secrets, err := c.secrets(ctx, account, call)
	if err != nil {
		result.Error = "secret_missing"
		return result, 0
	}
	result, again := c.once(ctx, call, secrets)
	result.Attempts = tried + 1
	if !again || result.Attempts >= call.Retry.Attempts || ctx.Err() != nil {
		return result, 0
	}
	pause := pauseAfter(&call.Retry, result.Attempts)
	if asked := askedPause(result.Headers["retry-after"], c.now()); asked > pause {
		pause = asked
	}
	if !call.Until.IsZero() && c.now().Add(pause).After(call.Until) {
		return result, 0
	}
	return result, pause
}

// pauseAfter is the pause behind a try, counted from 1: each is twice as long as the one before, up to the node's longest.
func pauseAfter(r *flow.Retry, try int) time.Duration {
	most := max(r.Max.Std(), time.Second)
	pause := max(r.First.Std(), minPause)
	for range try - 1 {
		if pause = max(2*pause, time.Second); pause >= most {
			return most
		}
	}
	return pause
}

// minPause is the shortest pause between two tries, and maxAskedPause the longest one that an answer may ask for.
const (
	minPause      = 50 * time.Millisecond
	maxAskedPause = 24 * time.Hour
)

// askedPause reads a Retry-After header: seconds, or a date. It is 0 without one.
func askedPause(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return min(max(time.Duration(seconds)*time.Second, 0), maxAskedPause)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), maxAskedPause)
	}
	return 0
}

// callSecrets are the opened secrets that a call names.
type callSecrets struct {
	values map[string]string
	hosts  []config.Hosts // of each of them
}

func (s *callSecrets) look(name string) (string, bool) {
	v, ok := s.values[name]
	return v, ok
}

// mayTravel tells whether every secret of the call may be sent to an address (S12).
func (s *callSecrets) mayTravel(u *url.URL) bool {
	return !slices.ContainsFunc(s.hosts, func(h config.Hosts) bool { return !h.Allow(u) })
}

// secrets opens the secrets a call names.
func (c *Calls) secrets(ctx context.Context, account models.AccountID, call *flow.Call) (*callSecrets, error) {
	var names []string
	gather := func(t flow.SecretText) {
		for _, p := range t {
			if p.Secret != "" && !slices.Contains(names, p.Secret) {
				names = append(names, p.Secret)
			}
		}
	}
	gather(call.URL)
	gather(call.Body)
	for _, h := range call.Headers {
		gather(h.Value)
	}
	out := &callSecrets{values: map[string]string{}}
	if len(names) > 0 {
		sealed, err := c.store.AccountSecrets(ctx, account, names)
		if err != nil {
			return nil, err
		}
		for name, s := range sealed {
			plain, err := c.opener.Open(models.AccountSecretPlace(account, name), s.Sealed)
			if err != nil {
				return nil, err
			}
			out.values[name] = string(plain)
			out.hosts = append(out.hosts, append(config.Hosts{}, s.Hosts...))
		}
	}
	return out, nil
}

// once makes one try and tells whether another may help.
func (c *Calls) once(ctx context.Context, call *flow.Call, secrets *callSecrets) (flow.CallResult, bool) {
	result := flow.CallResult{ID: call.ID}
	req, wrote, problem := c.request(ctx, call, secrets)
	if problem != "" {
		result.Error = problem
		return result, false
	}
	timeout := call.Timeout.Std()
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	timeout = min(timeout, maxCallTimeout)
	if call.FollowRedirects {
		req = req.WithContext(follows(req.Context()))
	}
	tctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	resp, err := c.client.Do(req.WithContext(tctx))
	if err != nil {
		result.Error = callError(err, *wrote)
		return result, result.Error == "refused" || slices.Contains(call.Retry.Statuses, 0)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxCallBody+1))
	switch {
	case err != nil:
		result.Error = callError(err, true)
		return result, false
	case len(body) > maxCallBody:
		result.Error = "too_large"
		return result, false
	}
	result.Status, result.Body = resp.StatusCode, strings.ToValidUTF8(string(body), "\uFFFD")
	result.Headers = map[string]string{}
	for name, values := range resp.Header {
		if len(result.Headers) < 50 && len(values) > 0 {
			result.Headers[strings.ToLower(name)] = values[0]
		}
	}
	return result, slices.Contains(call.Retry.Statuses, resp.StatusCode)
}

func (c *Calls) request(ctx context.Context, call *flow.Call, secrets *callSecrets) (*http.Request, *bool, string) {
	address, missing := call.URL.Resolve(secrets.look)
	body, missingBody := call.Body.Resolve(secrets.look)
	if len(missing)+len(missingBody) > 0 {
		return nil, nil, "secret_missing"
	}
	wrote := new(bool)
	trace := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { *wrote = true }})
	req, err := http.NewRequestWithContext(trace, call.Method, address, bytes.NewReader([]byte(body)))
	if err != nil || (req.URL.Scheme != "http" && req.URL.Scheme != "https") || req.URL.User != nil {
		return nil, nil, "blocked"
	}
	if !secrets.mayTravel(req.URL) {
		return nil, nil, "secret_elsewhere"
	}
	for _, h := range call.Headers {
		value, missing := h.Value.Resolve(secrets.look)
		if len(missing) > 0 {
			return nil, nil, "secret_missing"
		}
		req.Header.Set(h.Name, value)
	}
	if call.IdempotencyKey != "" && req.Header.Get("Idempotency-Key") == "" {
		req.Header.Set("Idempotency-Key", call.IdempotencyKey)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "Perene")
	}
	return req, wrote, ""
}

// callError says in one word what went wrong; the words of the network stay out.
func callError(err error, wrote bool) string {
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return "blocked"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case !wrote:
		return "refused"
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timeout"
	}
	return "failed"
}
