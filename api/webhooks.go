package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/lru"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// webhookPath is where a provider delivers for a connection.
func webhookPath(key string) string { return "/webhooks/meta/" + key }

// unauthorized is the answer to every wrong signature, unknown connection and missing header, forbidden to every wrong verify
// token: always the same bytes.
var (
	unauthorized = []byte(`{"error":"unauthorized"}` + "\n")
	forbidden    = []byte(`{"error":"forbidden"}` + "\n")
)

func (a *app) webhookRoutes() {
	a.setBounds(http.MethodPost, "/webhooks/meta/:key", bounds{body: a.Limits.WebhookBytes, tooLarge: func(*gin.Context) { a.countWebhook("too_large") }})
	a.engine.POST("/webhooks/meta/:key", a.receiveWebhook)
	a.engine.GET("/webhooks/meta/:key", a.verifyWebhook)
}

// turnTimeout bounds how long a delivery waits for its turn: after it the provider is told to come again.
const turnTimeout = 10 * time.Second

// receiveWebhook takes a delivery in: signature over the raw bytes, its turn, then Postgres, then 200. Postgres away: 503 at
// once, and the provider delivers again. An element that nobody can read is kept apart and never refused.
func (a *app) receiveWebhook(c *gin.Context) {
	begun := time.Now()
	hook, status := a.findHook(c)
	var body []byte
	var err error
	if status == 0 {
		body, err = readBody(c.Request)
	} else { // what nobody knows is answered no sooner and not otherwise than a wrong signature
		_, err = io.Copy(io.Discard, c.Request.Body)
	}
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			a.countWebhook("too_large")
			c.Header("Connection", "close")
			c.Data(http.StatusRequestEntityTooLarge, "application/json", []byte(`{"error":"too large"}`+"\n"))
			return
		}
		a.countWebhook("cut_short")
		c.Status(http.StatusBadRequest)
		return
	}
	if status != 0 {
		a.refuseWebhook(c, status)
		return
	}
	if !hook.adapter.VerifySignature(c.Request.Header, body, hook.secrets...) {
		a.refuseWebhook(c, http.StatusUnauthorized)
		return
	}
	waiting, cancel := context.WithTimeout(c.Request.Context(), turnTimeout)
	defer cancel()
	leave, ok := a.deliveries.enter(waiting, hook.conn.ID, len(body) > largeDelivery)
	if !ok {
		a.comeAgain(c, "busy")
		return
	}
	defer leave()
	delivery := hook.adapter.Parse(body)
	if !delivery.NewestAt.IsZero() && a.Now().Sub(delivery.NewestAt) > a.Limits.WebhookMaxAge {
		a.countWebhook("replayed") // older than any redelivery: somebody repeats what was captured
		c.String(http.StatusOK, "ok\n")
		return
	}
	if _, _, ok := a.limits.elements.takeN(hook.conn.ID.String(), len(delivery.Elements)); !ok {
		a.comeAgain(c, "busy")
		return
	}
	ctx, span := a.traceDelivery(c.Request.Context(), hook.conn, &delivery, begun)
	defer endRequest(c, span)
	if err := a.receiveParts(ctx, c.Request.Header, hook, delivery, body); err != nil {
		ctx := c.Request.Context()
		info := requestInfoOf(ctx)
		if store.IsUnavailable(err) {
			a.comeAgain(c, "unavailable")
			return
		}
		c.Header("Retry-After", "5")
		a.countWebhook("failed")
		a.Log.ErrorContext(ctx, "delivery not stored", "connection_id", hook.conn.ID, "account_id", hook.conn.AccountID, "request_id", info.id, "error", err)
		c.Data(http.StatusInternalServerError, "application/json", []byte(`{"error":"internal"}`+"\n"))
		return
	}
	a.countWebhook("stored")
	c.String(http.StatusOK, "ok\n")
}

// receiveParts stores a delivery, each part with the connection that it names. Meta has one address for an app, so what comes
// there may be of another number of the account: it is that one's if its own secret made the signature too (S3). What is of
// no connection here stays with the one it came by, which keeps it apart.
func (a *app) receiveParts(ctx context.Context, header http.Header, came *hook, d channels.Delivery, body []byte) error {
	parts := map[*hook]*channels.Delivery{}
	order := []*hook{}
	for i := range d.Elements {
		owner := came
		if number, business := intake.Foreign(came.conn, &d.Elements[i]); number != "" || business != "" {
			other, err := a.hooks.named(ctx, came.conn, number, business, a.Now(), a.Channels)
			if err != nil {
				return err
			}
			if other != nil && other.adapter != nil && other.adapter.VerifySignature(header, body, other.secrets...) {
				owner = other
			}
		}
		part := parts[owner]
		if part == nil {
			part = &channels.Delivery{NewestAt: d.NewestAt}
			parts[owner], order = part, append(order, owner)
		}
		part.Elements = append(part.Elements, d.Elements[i])
	}
	switch len(order) {
	case 0:
		return a.Inbound.Receive(ctx, came.conn, d, body)
	case 1:
		return a.Inbound.Receive(ctx, order[0].conn, d, body)
	}
	for _, owner := range order {
		if err := a.Inbound.Receive(ctx, owner.conn, *parts[owner], nil); err != nil {
			return err
		}
	}
	return nil
}

// verifyWebhook answers the provider's check of a new webhook address.
func (a *app) verifyWebhook(c *gin.Context) {
	hook, status := a.findHook(c)
	if status != 0 {
		a.refuseWebhook(c, status)
		return
	}
	challenge, ok := hook.adapter.VerifyChallenge(c.Request.URL.Query(), hook.verify)
	if !ok {
		a.refuseWebhook(c, http.StatusUnauthorized)
		return
	}
	a.countWebhook("verified")
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(challenge))
}

// comeAgain tells the provider to deliver once more, in a while.
func (a *app) comeAgain(c *gin.Context, why string) {
	a.countWebhook(why)
	c.Header("Retry-After", "5")
	c.Data(http.StatusServiceUnavailable, "application/json", []byte(`{"error":"unavailable"}`+"\n"))
}

func (a *app) countWebhook(result string) { a.metrics.webhooks.WithLabelValues(result).Inc() }

// refuseWebhook answers what is not signed rightly, and counts it against the network that sent it: a delivery with 401, the
// question whether we are who a provider was told with 403, as Meta documents it.
func (a *app) refuseWebhook(c *gin.Context, status int) {
	if status == http.StatusServiceUnavailable {
		a.comeAgain(c, "unavailable")
		return
	}
	if _, wait, ok := a.limits.webhook.take(network(c.ClientIP())); !ok {
		a.countWebhook("throttled")
		p := newProblem(models.CodeTooMany, "Too many wrong signatures.")
		p.retryAfter = max(wait, time.Second)
		writeProblem(c, p)
		return
	}
	a.countWebhook("unauthorized")
	if c.Request.Method == http.MethodGet {
		c.Data(http.StatusForbidden, "application/json", forbidden)
		return
	}
	c.Data(http.StatusUnauthorized, "application/json", unauthorized)
}

// hook is what receiving needs of a connection, with its secrets open.
type hook struct {
	conn    *models.Connection
	adapter channels.WebhookAdapter // nil: nothing here takes webhooks of the channel
	secrets []channels.Secret
	verify  channels.Secret
	until   time.Time
}

// hooks remembers connections by key for a few seconds, so that a delivery costs no query. A change made by this process is
// seen at once, one made by another after hookLife. While Postgres is away what is remembered stays good.
type hooks struct {
	store *store.Store
	key   seal.Key
	// Keys that nobody has are remembered apart, so that they never drive a connection out.
	known   *lru.Cache[string, *hook]
	unknown *lru.Cache[string, time.Time] // until when
	// Connections by the number or business account that deliveries to another one named; a hook without one means none.
	others *lru.Cache[string, *hook]
}

// hookLife is how long a connection is remembered; hookStale how long while Postgres does not answer.
const (
	hookLife    = 5 * time.Second
	hookStale   = 10 * time.Minute
	hooksWeight = 32 << 20 // bytes of connections, about
	hooksLost   = 1000     // keys that nobody has
)

func newHooks(s *store.Store, key seal.Key) *hooks {
	return &hooks{store: s, key: key, known: lru.New[string, *hook](hooksWeight), unknown: lru.New[string, time.Time](hooksLost),
		others: lru.New[string, *hook](hooksLost)}
}

// hookKeyPattern is the shape of a key in a webhook's address, as the contract and account files have it.
var hookKeyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// findHook finds the connection a webhook names, or the status to refuse it with. A key that this process does not know is
// looked up only while its network may still be wrong.
func (a *app) findHook(c *gin.Context) (*hook, int) {
	key := c.Param("key")
	if !hookKeyPattern.MatchString(key) {
		return nil, http.StatusUnauthorized
	}
	mayAsk := func() bool { return a.limits.webhook.open(network(c.ClientIP())) }
	h, err := a.hooks.find(c.Request.Context(), key, a.Now(), a.Channels, mayAsk)
	if err != nil {
		if !store.IsUnavailable(err) {
			a.logFailure(c.Request.Context(), "webhook", err)
		}
		return nil, http.StatusServiceUnavailable
	}
	if h == nil || h.adapter == nil {
		return nil, http.StatusUnauthorized
	}
	return h, 0
}

func (h *hooks) find(ctx context.Context, key string, now time.Time, adapters map[string]channels.Adapter, mayAsk func() bool) (*hook, error) {
	have, ok := h.known.Get(key)
	if ok && now.Before(have.until) {
		return have, nil
	}
	if until, lost := h.unknown.Get(key); lost && now.Before(until) || !ok && !mayAsk() {
		return nil, nil
	}
	conn, err := h.store.ConnectionByKey(ctx, key)
	switch {
	case err != nil && models.CodeOf(err) == models.CodeNotFound:
		h.known.Forget(func(k string, _ *hook) bool { return k == key })
		h.unknown.Put(key, now.Add(hookLife), 1)
		return nil, nil
	case err != nil:
		if have != nil && now.Before(have.until.Add(hookStale)) {
			return have, nil
		}
		return nil, err
	}
	fresh, err := h.open(conn, adapters)
	if err != nil {
		return nil, err
	}
	fresh.until = now.Add(hookLife)
	h.known.Put(key, fresh, fresh.weight())
	return fresh, nil
}

// named finds the other connection of an account that a part of a delivery names; nil when there is none.
func (h *hooks) named(ctx context.Context, came *models.Connection, number, business string, now time.Time, adapters map[string]channels.Adapter) (*hook, error) {
	key := strings.Join([]string{came.AccountID.String(), came.Channel, number, business}, "/")
	have, ok := h.others.Get(key)
	if ok && now.Before(have.until) {
		return have.ifAny(), nil
	}
	conn, err := h.store.ConnectionOf(ctx, came.AccountID, came.Channel, number, business)
	fresh := &hook{}
	switch {
	case err != nil && models.CodeOf(err) == models.CodeNotFound:
	case err != nil && ok && now.Before(have.until.Add(hookStale)):
		return have.ifAny(), nil
	case err != nil:
		return nil, err
	default:
		if fresh, err = h.open(conn, adapters); err != nil {
			return nil, err
		}
	}
	fresh.until = now.Add(hookLife)
	h.others.Put(key, fresh, 1)
	return fresh.ifAny(), nil
}

// ifAny is nil for a hook that stands for no connection.
func (h *hook) ifAny() *hook {
	if h.conn == nil {
		return nil
	}
	return h
}

// weight is about how many bytes a connection takes.
func (h *hook) weight() int64 {
	settings, err := json.Marshal(h.conn)
	if err != nil { // it came out of JSON
		return hooksWeight + 1 // not remembered
	}
	return 1024 + int64(len(settings))
}

func (h *hooks) open(conn *models.Connection, adapters map[string]channels.Adapter) (*hook, error) {
	out := &hook{conn: conn}
	out.adapter, _ = adapters[conn.Channel].(channels.WebhookAdapter)
	for _, f := range models.ChannelOf(conn.Channel).Fields {
		if f.Need != models.NeedHearing && f.Need != models.NeedChallenge {
			continue
		}
		for _, name := range f.SecretNames() {
			plain, err := h.key.Open(models.ConnectionSecretPlace(conn.ID, name), conn.Credentials[name])
			switch secret := channels.NewSecret(string(plain)); {
			case err != nil:
				return nil, err
			case f.Need == models.NeedChallenge:
				out.verify = secret
			case !secret.IsZero():
				out.secrets = append(out.secrets, secret)
			}
		}
	}
	return out, nil
}

// forget drops what is remembered of a connection.
func (h *hooks) forget(id models.ConnectionID) {
	h.known.Forget(func(_ string, known *hook) bool { return known.conn.ID == id })
	h.unknown.Forget(func(string, time.Time) bool { return true })
	h.others.Forget(func(string, *hook) bool { return true })
}

// forgetAccount forgets the connections of an account, whose settings changed.
func (h *hooks) forgetAccount(account models.AccountID) {
	h.known.Forget(func(_ string, known *hook) bool { return known.conn.AccountID == account })
	h.others.Forget(func(string, *hook) bool { return true })
}
