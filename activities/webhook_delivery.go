package activities

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const (
	// webhookBatch is how many events are under way to one webhook at once, each of another conversation.
	webhookBatch = 16
	// webhookTimeout bounds one attempt.
	webhookTimeout = 10 * time.Second
	// webhookTurn is for how long one turn goes on while there is more to do.
	webhookTurn = 10 * time.Minute
	// webhookAnswer is how much of an answer is kept, in bytes. webhookReads is how much of it is read.
	webhookAnswer = 500
	webhookReads  = 64 << 10
)

// Why an attempt failed, as the log of deliveries says it.
const (
	webhookRefusedAddress = "private_address"
	webhookTimedOut       = "timeout"
	webhookUnreachable    = "unreachable"
	webhookBadStatus      = "status"
	webhookCut            = "cut"
	webhookDefect         = "defect"
)

// WebhookStore is what deliveries to webhooks need of Postgres.
type WebhookStore interface {
	BeginWebhookTurn(ctx context.Context, start contract.WebhookDeliveryStart) (*models.Webhook, error)
	DueDeliveries(ctx context.Context, w *models.Webhook, limit int) ([]models.WebhookDelivery, error)
	RecordDeliveries(ctx context.Context, w *models.Webhook, outcomes []contract.WebhookOutcome) (*models.Webhook, error)
	WebhookRest(ctx context.Context, start contract.WebhookDeliveryStart) (contract.WebhookDeliveryView, error)
}

// Webhooks sends events to the addresses that accounts name. Safe for concurrent use.
type Webhooks struct {
	store  WebhookStore
	opener Opener
	client *http.Client
	now    func() time.Time
	beat   func(ctx context.Context) // tells Temporal that a turn goes on, until its context ends
	stop   func(ctx context.Context) <-chan struct{}
}

// NewWebhooks makes a Webhooks. With allowPrivate, events may go to this machine and to private networks: for development only.
func NewWebhooks(s WebhookStore, o Opener, now func() time.Time, allowPrivate bool) *Webhooks {
	return &Webhooks{store: s, opener: o, now: now, beat: beat, stop: activity.GetWorkerStopChannel,
		client: &http.Client{Transport: newCallTransport(allowPrivate), Timeout: webhookTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// DeliverWebhooks sends what is due to one webhook until nothing is, and says how the webhook stands then.
func (d *Webhooks) DeliverWebhooks(ctx context.Context, in contract.WebhookDeliveryStart) (contract.WebhookDeliveryView, error) {
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go d.beat(beating)
	sent, more, err := d.deliver(ctx, in)
	if err != nil {
		return contract.WebhookDeliveryView{}, asActivityError(err)
	}
	view, err := d.store.WebhookRest(ctx, in)
	view.Sent, view.More = sent, more && !view.Removed
	return view, asActivityError(err)
}

// deliver sends batch after batch. more: the turn was long, or the worker stops.
func (d *Webhooks) deliver(ctx context.Context, in contract.WebhookDeliveryStart) (sent int, more bool, err error) {
	w, err := d.store.BeginWebhookTurn(ctx, in)
	if models.CodeOf(err) == models.CodeNotFound {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	keys, err := d.secrets(w)
	if err != nil {
		return 0, false, err
	}
	ends := d.now().Add(webhookTurn)
	for {
		due, err := d.store.DueDeliveries(ctx, w, webhookBatch)
		if err != nil || len(due) == 0 {
			return sent, false, err
		}
		outcomes := make([]contract.WebhookOutcome, len(due))
		var group sync.WaitGroup
		for i := range due {
			group.Go(func() { outcomes[i] = d.send(ctx, w, keys, &due[i]) })
		}
		group.Wait()
		if ctx.Err() != nil {
			return sent, false, ctx.Err()
		}
		at, err := d.store.RecordDeliveries(ctx, w, outcomes)
		if models.CodeOf(err) == models.CodeNotFound {
			return sent, false, nil // somebody removed it
		}
		if err != nil {
			return sent, false, err
		}
		sent += len(due)
		if at.URL != w.URL || at.Kind != w.Kind || !at.UpdatedAt.Equal(w.UpdatedAt) {
			return sent, true, nil // somebody changed it: the next turn reads it again
		}
		select {
		case <-d.stop(ctx):
			return sent, true, nil
		default:
		}
		if d.now().After(ends) {
			return sent, true, nil
		}
	}
}

// secrets opens what signs: the secret, and the one before while that still does.
func (d *Webhooks) secrets(w *models.Webhook) ([]string, error) {
	names := []string{models.WebhookSecret}
	if w.PreviousUntil != nil && d.now().Before(*w.PreviousUntil) {
		names = append(names, models.WebhookPreviousSecret)
	}
	var keys []string
	for _, name := range names {
		plain, err := d.opener.Open(models.WebhookSecretPlace(w.ID), w.Secrets[name])
		if err != nil {
			return nil, fmt.Errorf("open the secret of webhook %d: %w", w.ID, err)
		}
		keys = append(keys, string(plain))
	}
	return keys, nil
}

// send makes one attempt.
func (d *Webhooks) send(ctx context.Context, w *models.Webhook, keys []string, one *models.WebhookDelivery) contract.WebhookOutcome {
	begun := d.now()
	out := contract.WebhookOutcome{Delivery: one.ID, At: begun}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, strings.NewReader(one.Body))
	if err != nil {
		out.Error = webhookDefect
		return out
	}
	setWebhookHeaders(req.Header, w.Kind, keys, one, begun)
	res, err := d.client.Do(req)
	out.Took = d.now().Sub(begun)
	if err != nil {
		out.Error = whyUnsent(err)
		return out
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, webhookReads))
	out.Took, out.Status = d.now().Sub(begun), res.StatusCode
	out.Answer = strings.ToValidUTF8(string(bytes.ReplaceAll(answer[:min(len(answer), webhookAnswer)], []byte{0}, nil)), "")
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		out.Error = webhookBadStatus
	case err != nil: // the answer was cut: whether it was taken is unknown, so it goes again
		out.Error = webhookCut
	}
	return out
}

// whyUnsent is a word of ours: what the network says may hold the address.
func whyUnsent(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return webhookRefusedAddress
	case errors.As(err, &timeout) && timeout.Timeout():
		return webhookTimedOut
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return webhookCut
	default:
		return webhookUnreachable
	}
}

// setWebhookHeaders signs a delivery: by Standard Webhooks with each key, and for compatible webhooks as Chatwoot does besides.
func setWebhookHeaders(h http.Header, kind models.WebhookKind, keys []string, one *models.WebhookDelivery, at time.Time) {
	stamp, id := strconv.FormatInt(at.Unix(), 10), one.UID.String()
	signatures := make([]string, 0, len(keys))
	for _, key := range keys {
		signatures = append(signatures, StandardSignature(key, id, stamp, one.Body))
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("User-Agent", "Perene-Webhooks/1")
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", strings.Join(signatures, " "))
	if kind == models.WebhookCompatible {
		mac := hmac.New(sha256.New, []byte(keys[0]))
		mac.Write([]byte(stamp + "." + one.Body))
		h.Set("X-Chatwoot-Delivery", id)
		h.Set("X-Chatwoot-Timestamp", stamp)
		h.Set("X-Chatwoot-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
}

// StandardSignature signs a body by Standard Webhooks. The key is base64 behind whsec_; another key signs with its own bytes.
func StandardSignature(key, id, stamp, body string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, models.WebhookSecretPrefix))
	if err != nil {
		raw = []byte(key)
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(id + "." + stamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
