package graph

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Meta still sends the old header besides the new one.
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// sender delivers webhooks: one queue per app and address, a number of deliveries in flight in each,
// and Meta's patience with those that are refused.
type sender struct {
	s      *Server
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	lanes  map[string]*lane
	closed bool
	nextID uint64
}

// lane is the queue of one address.
type lane struct {
	dest    destination
	queue   []*delivery
	flying  int
	waiting map[*delivery]func() bool // deliveries that wait for their next attempt
	batch   []update
}

// delivery is one body on its way; it is the same body at every attempt.
type delivery struct {
	ID       string    `json:"id"`
	App      string    `json:"app"`
	URL      string    `json:"url"`
	Body     []byte    `json:"body"`
	Labels   []string  `json:"updates"`
	Acks     []ackRef  `json:"acks,omitempty"`
	Attempts int       `json:"attempts"`
	First    time.Time `json:"first"`
	done     []chan struct{}
	secret   string
	copyOf   string
}

func newSender(s *Server) *sender {
	h := &sender{s: s, client: s.cfg.HTTPClient, lanes: map[string]*lane{}}
	if h.client == nil {
		h.client = &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second, DisableCompression: true},
		}
	}
	client := *h.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	h.client = &client
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

func (h *sender) lane(d destination) *lane {
	key := d.App + "|" + d.URL
	l := h.lanes[key]
	if l == nil {
		l = &lane{waiting: map[*delivery]func() bool{}}
		h.lanes[key] = l
	}
	l.dest = d
	return l
}

// send takes an update for every destination.
func (h *sender) send(dests []destination, u update) {
	h.s.counts.updates.Add(1)
	if len(dests) == 0 {
		if u.done != nil {
			close(u.done)
		}
		return
	}
	w := h.s.settings.Load().Webhooks
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	for i, d := range dests {
		l := h.lane(d)
		if i > 0 {
			u.done, u.ack = nil, nil
		}
		if w.BatchMax <= 1 || u.done != nil {
			h.enqueue(l, []update{u})
			continue
		}
		l.batch = append(l.batch, u)
		if len(l.batch) >= w.BatchMax {
			h.flush(l)
		} else if len(l.batch) == 1 {
			h.s.clock.AfterFunc(time.Duration(w.BatchMS)*time.Millisecond, func() {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.flush(l)
			})
		}
	}
}

func (h *sender) flush(l *lane) {
	if len(l.batch) == 0 {
		return
	}
	updates := l.batch
	l.batch = nil
	h.enqueue(l, updates)
}

// enqueue makes a delivery of updates and starts it; the caller holds h.mu.
func (h *sender) enqueue(l *lane, updates []update) {
	w := h.s.settings.Load().Webhooks
	body := assemble(updates, h.s.Now())
	if !w.PlainUnicode {
		body = escape(body)
	}
	h.nextID++
	d := &delivery{ID: fmt.Sprintf("d%d", h.nextID), App: l.dest.App, URL: l.dest.URL, Body: body, First: h.s.Now(), secret: l.dest.secret}
	for _, u := range updates {
		d.Labels = append(d.Labels, u.label)
		if u.ack != nil {
			d.Acks = append(d.Acks, *u.ack)
		}
		if u.done != nil {
			d.done = append(d.done, u.done)
		}
	}
	h.s.counts.deliveries.Add(1)
	if d.done == nil && h.s.chance(w.Reorder) {
		h.wait(l, d, time.Duration(1+h.s.intn(max(1, w.ReorderMS)))*time.Millisecond)
	} else {
		h.queue(l, d)
	}
	if h.s.chance(w.Duplicates) {
		twin := *d
		twin.ID, twin.copyOf, twin.done, twin.Acks = d.ID+"-again", d.ID, nil, nil
		if h.s.chance(w.Concurrent) {
			h.queue(l, &twin)
		} else {
			h.wait(l, &twin, time.Duration(1+h.s.intn(max(1, w.ReorderMS)))*time.Millisecond)
		}
	}
	h.pump(l)
}

func (h *sender) queue(l *lane, d *delivery) {
	w := h.s.settings.Load().Webhooks
	if w.MaxPending > 0 && len(l.queue)+len(l.waiting) >= w.MaxPending && len(l.queue) > 0 {
		h.s.counts.dropped.Add(1)
		h.s.ledger.add(Entry{At: h.s.Now(), Kind: "webhook", Delivery: l.queue[0].ID, Updates: l.queue[0].Labels, Error: "dropped: too many are waiting"})
		l.queue = l.queue[1:]
	}
	l.queue = append(l.queue, d)
}

// wait puts a delivery aside for a while; the caller holds h.mu.
func (h *sender) wait(l *lane, d *delivery, pause time.Duration) {
	l.waiting[d] = h.s.clock.AfterFunc(pause, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := l.waiting[d]; !ok {
			return
		}
		delete(l.waiting, d)
		l.queue = append(l.queue, d)
		h.pump(l)
	})
}

// pump starts as many deliveries as may be in flight; the caller holds h.mu.
func (h *sender) pump(l *lane) {
	w := h.s.settings.Load().Webhooks
	for !h.closed && !w.Paused && len(l.queue) > 0 && l.flying < max(1, w.Concurrency) {
		d := l.queue[0]
		l.queue[0] = nil
		l.queue = l.queue[1:]
		l.flying++
		h.wg.Add(1)
		go h.attempt(l, d)
	}
}

// kick lets changed settings take effect.
func (h *sender) kick() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lanes {
		h.pump(l)
	}
}

// hurry makes every waiting delivery start now.
func (h *sender) hurry() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, l := range h.lanes {
		for d, stop := range l.waiting {
			stop()
			delete(l.waiting, d)
			l.queue = append(l.queue, d)
			n++
		}
		h.pump(l)
	}
	return n
}

func (h *sender) attempt(l *lane, d *delivery) {
	defer h.wg.Done()
	w := h.s.settings.Load().Webhooks
	d.Attempts++
	e := Entry{At: h.s.Now(), Kind: "webhook", Delivery: d.ID, Attempt: d.Attempts, Updates: d.Labels}
	h.s.counts.attempts.Add(1)
	status, err := h.post(d, w)
	e.HTTP, e.TookMS = status, float64(h.s.Now().Sub(e.At).Microseconds())/1000
	e.Acked = err == nil && status >= 200 && status < 300
	if err != nil {
		e.Error = shortError(err)
	}
	if e.Acked && h.s.chance(w.LostAcks) {
		e.Acked, e.Error = false, "acknowledgement lost"
	}
	h.s.ledger.add(e)
	for _, done := range d.done {
		close(done)
	}
	d.done = nil
	h.mu.Lock()
	l.flying--
	if !e.Acked {
		h.again(l, d, w)
	}
	h.pump(l)
	h.mu.Unlock()
	if !e.Acked {
		h.s.counts.failed.Add(1)
		return
	}
	h.s.counts.acked.Add(1)
	if h.s.handset != nil {
		for _, a := range d.Acks {
			h.s.handset.Acked(a.Number, a.Person, a.Wamid)
		}
	}
}

// again schedules the next attempt of a refused delivery, or gives it up; the caller holds h.mu.
func (h *sender) again(l *lane, d *delivery, w WebhookSettings) {
	if d.copyOf != "" {
		return // the original is redelivered by itself
	}
	if h.s.Now().Sub(d.First) > time.Duration(w.RetryForMS)*time.Millisecond {
		h.s.counts.dropped.Add(1)
		h.s.ledger.add(Entry{At: h.s.Now(), Kind: "webhook", Delivery: d.ID, Updates: d.Labels, Error: "dropped: too old"})
		return
	}
	if h.closed {
		l.queue = append(l.queue, d)
		return
	}
	pause := time.Duration(w.RetryBaseMS) * time.Millisecond << min(d.Attempts-1, 20)
	pause = min(pause, time.Duration(w.RetryCapMS)*time.Millisecond)
	h.wait(l, d, time.Duration(float64(pause)*w.TimeFactor))
}

func (h *sender) post(d *delivery, w WebhookSettings) (int, error) {
	ctx, cancel := context.WithTimeout(h.ctx, time.Duration(max(1, w.TimeoutMS))*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	secret := d.secret
	if w.WrongSecret {
		secret += "-wrong"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "facebookexternalua")
	req.Header.Set("X-Hub-Signature-256", "sha256="+sign(secret, d.Body))
	old := hmac.New(sha1.New, []byte(secret))
	old.Write(d.Body)
	req.Header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(old.Sum(nil)))
	res, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	return res.StatusCode, res.Body.Close()
}

// sign returns the hex HMAC-SHA256 of a body.
func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// shortError names a transport error without the address.
func shortError(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return strings.TrimSpace(err.Error())
}

// pending counts what has not been acknowledged.
func (h *sender) pending() (queued, waiting, flying int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lanes {
		queued += len(l.queue) + len(l.batch)
		waiting += len(l.waiting)
		flying += l.flying
	}
	return queued, waiting, flying
}

func (h *sender) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lanes {
		for d, stop := range l.waiting {
			stop()
			delete(l.waiting, d)
		}
		l.queue, l.batch = nil, nil
	}
}

func (h *sender) file() string { return filepath.Join(h.s.cfg.DataDir, "pending-webhooks.json") }

// close ends all attempts and keeps on disk what was not acknowledged.
func (h *sender) close() error {
	h.mu.Lock()
	for _, l := range h.lanes {
		h.flush(l)
	}
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.wg.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	var left []*delivery
	for _, l := range h.lanes {
		left = append(left, l.queue...)
		for d, stop := range l.waiting {
			stop()
			left = append(left, d)
		}
	}
	if h.s.cfg.DataDir == "" {
		return nil
	}
	b, err := json.Marshal(left)
	if err != nil {
		return fmt.Errorf("encode waiting webhooks: %w", err)
	}
	return writeFile(h.file(), b)
}

// known tells whether anything still sends webhooks to an address.
func (s *Server) known(url string) bool {
	for _, a := range s.apps {
		if a.WebhookURL == url {
			return true
		}
	}
	for _, w := range s.wabas {
		for _, sub := range w.Subscriptions {
			if sub.CallbackURL == url {
				return true
			}
		}
	}
	for _, n := range s.numbers {
		if n.CallbackURL == url {
			return true
		}
	}
	return false
}

// restore takes up what an earlier run left; it is delivered when the server is started.
func (h *sender) restore() error {
	if h.s.cfg.DataDir == "" {
		return nil
	}
	b, err := os.ReadFile(h.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var left []*delivery
	if err == nil {
		err = json.Unmarshal(b, &left)
	}
	if err != nil {
		return fmt.Errorf("read waiting webhooks: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, d := range left {
		app := h.s.apps[d.App]
		if app == nil {
			continue
		}
		if app.WebhookURL != "" && !h.s.known(d.URL) {
			d.URL = app.WebhookURL // the business has moved meanwhile
		}
		d.secret = app.Secret
		d.ID = fmt.Sprintf("r%d-%s", i, d.ID)
		l := h.lane(destination{App: d.App, URL: d.URL, secret: app.Secret})
		l.queue = append(l.queue, d)
	}
	return nil
}
