package api

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// webhookSecretBytes is how long a new secret is (Standard Webhooks: 24 to 64).
const webhookSecretBytes = 32

// Webhook is an address of a program that hears of events.
type Webhook struct {
	ID            models.WebhookID          `json:"id"`
	Name          string                    `json:"name"`
	URL           string                    `json:"url"`
	Kind          models.WebhookKind        `json:"kind" doc:"A compatible one has the X-Chatwoot headers besides."`
	Events        []models.WebhookEventName `json:"events"`
	State         models.WebhookState       `json:"state" doc:"Events of a quarantined one wait in order while it is probed; one that is off gets none."`
	OffReason     string                    `json:"off_reason,omitempty" enum:"person,gone" doc:"Gone: the receiver answered 410."`
	Failures      int                       `json:"failures" doc:"In a row."`
	FailingSince  *time.Time                `json:"failing_since,omitempty"`
	ProbeAt       *time.Time                `json:"probe_at,omitempty" doc:"When a quarantined one is tried again."`
	PreviousUntil *time.Time                `json:"previous_until,omitempty" doc:"Until when the secret before signs as well."`
	Waiting       int                       `json:"waiting" doc:"Deliveries that wait, 10000 at most."`
	CreatedAt     time.Time                 `json:"created_at"`
}

func webhookOf(w store.WebhookView) Webhook {
	return Webhook{ID: w.ID, Name: w.Name, URL: w.URL, Kind: w.Kind, Events: w.Events, State: w.State, OffReason: w.OffReason, Failures: w.Failures,
		FailingSince: w.FailingSince, ProbeAt: w.ProbeAt, PreviousUntil: w.PreviousUntil, Waiting: w.Waiting, CreatedAt: w.CreatedAt}
}

// NewWebhook is a webhook with its secret, which is shown once.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"Signs every delivery. It is shown once." example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

// WebhookDelivery is one event for one webhook.
type WebhookDelivery struct {
	ID             models.DeliveryID      `json:"id"`
	EventID        uuid.UUID              `json:"event_id" doc:"The header webhook-id of every attempt."`
	Event          string                 `json:"event" example:"message_created"`
	ConversationID *models.ConversationID `json:"conversation_id,omitempty"`
	State          models.DeliveryState   `json:"state" doc:"Failed: given up after days; it can be sent again."`
	Attempts       int                    `json:"attempts"`
	NextAt         *time.Time             `json:"next_at,omitempty" doc:"When one that failed is tried again."`
	LastAt         *time.Time             `json:"last_at,omitempty"`
	LastStatus     *int                   `json:"last_status,omitempty" doc:"The HTTP status of the last answer."`
	LastError      string                 `json:"last_error,omitempty" enum:"private_address,timeout,unreachable,status,cut,defect"`
	LastAnswer     string                 `json:"last_answer,omitempty" doc:"The beginning of the last answer."`
	LastTookMS     *int                   `json:"last_took_ms,omitempty"`
	Body           string                 `json:"body" doc:"What is sent, byte for byte."`
	CreatedAt      time.Time              `json:"created_at"`
}

func deliveryOf(d models.WebhookDelivery) WebhookDelivery {
	out := WebhookDelivery{ID: d.ID, EventID: d.UID, Event: d.Event, ConversationID: d.ConversationID, State: d.State, Attempts: d.Attempts,
		LastAt: d.LastAt, LastStatus: d.LastStatus, LastError: d.LastError, LastAnswer: d.LastAnswer, LastTookMS: d.LastTookMS, Body: d.Body,
		CreatedAt: d.CreatedAt}
	if d.State == models.DeliveryWaiting && d.Attempts > 0 {
		out.NextAt = &d.NextAt
	}
	return out
}

type createWebhookIn struct {
	Body struct {
		Name   string                    `json:"name" minLength:"1" maxLength:"100"`
		URL    string                    `json:"url" minLength:"8" maxLength:"2000" example:"https://example.com/webhook"`
		Kind   models.WebhookKind        `json:"kind"`
		Events []models.WebhookEventName `json:"events" minItems:"1" maxItems:"20"`
		Secret string                    `json:"secret,omitempty" maxLength:"200" doc:"One of your own, of 24 characters or more; without it one is made."`
	}
}

type updateWebhookIn struct {
	ID   models.WebhookID `path:"id" minimum:"1"`
	Body struct {
		Name   *string                   `json:"name,omitempty" minLength:"1" maxLength:"100"`
		URL    *string                   `json:"url,omitempty" minLength:"8" maxLength:"2000"`
		Kind   *models.WebhookKind       `json:"kind,omitempty"`
		Events []models.WebhookEventName `json:"events,omitempty" minItems:"1" maxItems:"20"`
		Off    *bool                     `json:"off,omitempty" doc:"Off: no event is kept for it. On again: what waits goes at once."`
	}
}

type webhookIn struct {
	ID models.WebhookID `path:"id" minimum:"1"`
}

type replayWebhookIn struct {
	ID   models.WebhookID `path:"id" minimum:"1"`
	Body struct {
		From   time.Time `json:"from" doc:"The first instant of the events."`
		To     time.Time `json:"to" doc:"The end, which is not part of it."`
		Failed bool      `json:"failed,omitempty" doc:"Only what was given up."`
	}
}

// Replayed says how many deliveries go again.
type Replayed struct {
	Count int64 `json:"count"`
}

type listDeliveriesIn struct {
	Paging
	ID    models.WebhookID     `path:"id" minimum:"1"`
	State models.DeliveryState `query:"state"`
}

type deliveryIn struct {
	ID models.DeliveryID `path:"id" minimum:"1"`
}

func (a *app) webhookOperations() {
	op := func(id, method, path, summary, doc string) operation {
		return operation{id: id, method: method, path: path, tag: "webhooks", summary: summary, doc: doc}
	}
	handle(a, op("list-webhooks", http.MethodGet, "/v1/webhooks", "List webhooks", "Oldest first."), a.listWebhooks)
	handle(a, op("read-webhook", http.MethodGet, "/v1/webhooks/{id}", "Read a webhook", ""), a.readWebhook)
	create := op("create-webhook", http.MethodPost, "/v1/webhooks", "Create a webhook", "Its secret is shown once.")
	create.status = http.StatusCreated
	handle(a, create, a.createWebhook)
	handle(a, op("update-webhook", http.MethodPatch, "/v1/webhooks/{id}", "Change a webhook", ""), a.updateWebhook)
	remove := op("remove-webhook", http.MethodDelete, "/v1/webhooks/{id}", "Remove a webhook", "With what waits for it.")
	remove.status = http.StatusNoContent
	handle(a, remove, a.removeWebhook)
	handle(a, op("rotate-webhook-secret", http.MethodPost, "/v1/webhooks/{id}/secret", "Exchange a webhook's secret",
		"The one before signs as well for 24 hours. The new one is shown once."), a.rotateWebhookSecret)
	handle(a, op("test-webhook", http.MethodPost, "/v1/webhooks/{id}/test", "Send a test to a webhook",
		"Its deliveries say what became of it. A quarantined one is tried at once with what waits longest."), a.testWebhook)
	handle(a, op("replay-webhook", http.MethodPost, "/v1/webhooks/{id}/replay", "Send a period's events again", "In order, with the ids they had."), a.replayWebhook)
	handle(a, op("list-webhook-deliveries", http.MethodGet, "/v1/webhooks/{id}/deliveries", "List a webhook's deliveries", "Newest first, of 30 days."),
		a.listWebhookDeliveries)
	handle(a, op("resend-webhook-delivery", http.MethodPost, "/v1/webhook-deliveries/{id}/resend", "Send an event again", "With the id it had."),
		a.resendWebhookDelivery)
}

func (a *app) listWebhooks(ctx context.Context, in *Paging) (*page[Webhook], error) {
	if in.Cursor != "" {
		return nil, errCursor
	}
	rows, err := a.Store.Webhooks(ctx, who(ctx).account())
	in.Limit = max(in.Limit, len(rows)) // an account has few: all in one page
	return pageOf(ctx, in, rows, err, webhookOf, func(w store.WebhookView) string { return idCursor(w.ID) })
}

func (a *app) webhookNow(ctx context.Context, id models.WebhookID) (*one[Webhook], error) {
	w, err := a.Store.Webhook(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	return &one[Webhook]{Body: webhookOf(*w)}, nil
}

func (a *app) readWebhook(ctx context.Context, in *webhookIn) (*one[Webhook], error) {
	return a.webhookNow(ctx, in.ID)
}

// newSecret makes a secret by Standard Webhooks.
func (a *app) newSecret() (string, error) {
	raw := make([]byte, webhookSecretBytes)
	if _, err := io.ReadFull(a.Random, raw); err != nil {
		return "", err
	}
	return models.WebhookSecretPrefix + base64.StdEncoding.EncodeToString(raw), nil
}

func (a *app) createWebhook(ctx context.Context, in *createWebhookIn) (*one[NewWebhook], error) {
	secret, err := in.Body.Secret, error(nil)
	switch {
	case secret == "":
		secret, err = a.newSecret()
	case len(secret) < 24 || strings.TrimSpace(secret) != secret:
		err = models.Invalid("body.secret", "a secret has at least 24 characters, and no blanks at its ends")
	}
	if err != nil {
		return nil, err
	}
	w := models.Webhook{Name: strings.TrimSpace(in.Body.Name), URL: in.Body.URL, Kind: in.Body.Kind, Events: in.Body.Events}
	id, err := a.Store.CreateWebhook(ctx, who(ctx).account(), w, secret, a.Key, a.AllowPrivate)
	if err != nil {
		return nil, err
	}
	now, err := a.webhookNow(ctx, id)
	if err != nil {
		return nil, err
	}
	return &one[NewWebhook]{Body: NewWebhook{Webhook: now.Body, Secret: secret}}, nil
}

func (a *app) updateWebhook(ctx context.Context, in *updateWebhookIn) (*one[Webhook], error) {
	b := &in.Body
	wake, err := a.Store.UpdateWebhook(ctx, who(ctx).account(), in.ID,
		store.WebhookPatch{Name: b.Name, URL: b.URL, Kind: b.Kind, Events: b.Events, Off: b.Off}, a.AllowPrivate)
	return a.wokenWebhook(ctx, in.ID, wake, err)
}

// wokenWebhook rings a webhook that changed, and answers with it.
func (a *app) wokenWebhook(ctx context.Context, id models.WebhookID, wake contract.Wake, err error) (*one[Webhook], error) {
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(who(ctx).account(), wake)
	return a.webhookNow(ctx, id)
}

func (a *app) removeWebhook(ctx context.Context, in *webhookIn) (*struct{}, error) {
	wake, err := a.Store.RemoveWebhook(ctx, who(ctx).account(), in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(who(ctx).account(), wake)
	return &struct{}{}, nil
}

func (a *app) rotateWebhookSecret(ctx context.Context, in *webhookIn) (*one[NewWebhook], error) {
	secret, err := a.newSecret()
	if err != nil {
		return nil, err
	}
	if err := a.Store.RotateWebhookSecret(ctx, who(ctx).account(), in.ID, secret, a.Key); err != nil {
		return nil, err
	}
	now, err := a.webhookNow(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &one[NewWebhook]{Body: NewWebhook{Webhook: now.Body, Secret: secret}}, nil
}

func (a *app) testWebhook(ctx context.Context, in *webhookIn) (*one[Webhook], error) {
	wake, err := a.Store.TestWebhook(ctx, who(ctx).account(), in.ID)
	return a.wokenWebhook(ctx, in.ID, wake, err)
}

func (a *app) replayWebhook(ctx context.Context, in *replayWebhookIn) (*one[Replayed], error) {
	if !in.Body.From.Before(in.Body.To) {
		return nil, models.Invalid("body.to", "the end is after the beginning")
	}
	n, wake, err := a.Store.ReplayWebhook(ctx, who(ctx).account(), in.ID, in.Body.From, in.Body.To, in.Body.Failed)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(who(ctx).account(), wake)
	return &one[Replayed]{Body: Replayed{Count: n}}, nil
}

func (a *app) listWebhookDeliveries(ctx context.Context, in *listDeliveriesIn) (*page[WebhookDelivery], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.WebhookDeliveries(ctx, who(ctx).account(), in.ID,
		store.DeliveryFilter{State: in.State, Before: models.DeliveryID(before), Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, deliveryOf, func(d models.WebhookDelivery) string { return idCursor(d.ID) })
}

func (a *app) resendWebhookDelivery(ctx context.Context, in *deliveryIn) (*one[WebhookDelivery], error) {
	d, wake, err := a.Store.ResendDelivery(ctx, who(ctx).account(), in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(who(ctx).account(), wake)
	return &one[WebhookDelivery]{Body: deliveryOf(*d)}, nil
}
