package activities

import (
	"context"
	"encoding/json"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/sender"
)

// ConnectionStore is what looking after connections and later tries needs of Postgres.
type ConnectionStore interface {
	ConnectionRest(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	ConnectionForSending(ctx context.Context, account models.AccountID, id models.ConnectionID) (*models.Connection, error)
	ProbeFailed(ctx context.Context, account models.AccountID, id models.ConnectionID, reason string, code int) (contract.SenderRest, error)
	ProbeSucceeded(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	PauseConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	ResumeConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	SaveHealth(ctx context.Context, account models.AccountID, id models.ConnectionID, health json.RawMessage) error
	SaveTemplates(ctx context.Context, account models.AccountID, connection models.ConnectionID, listed []models.Template, listedAt time.Time) (int, error)
	DropTemplates(ctx context.Context, account models.AccountID, connection models.ConnectionID, named []string, listedAt time.Time) (int, error)
	RetryState(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, error)
	RequeueRetry(ctx context.Context, account models.AccountID, id models.MessageID, retries int) (contract.RetryView, contract.Wake, error)
	StopRetry(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, contract.Wake, error)
}

// Connections looks after connections: it runs their senders, probes and synchronises them, and makes later tries. Safe for
// concurrent use.
type Connections struct {
	store    ConnectionStore
	sender   *sender.Sender
	adapters map[string]channels.Adapter
	opener   channels.Opener
	waker    Waker
	now      func() time.Time
}

// NewConnections makes a Connections that sends by a Sender and shares what that works with.
func NewConnections(s ConnectionStore, by *sender.Sender) *Connections {
	return &Connections{store: s, sender: by, adapters: by.Adapters, opener: by.Opener, waker: by.Waker, now: by.Now}
}

// canSendBlocked is how the provider says that a number may not send at all.
const canSendBlocked = "BLOCKED"

// ProbeConnection asks the provider whether a held connection may send again. Yes closes the circuit half-way: the sender
// tries one message. So does a channel whose provider cannot be asked. No plans the next probe, later each time.
func (c *Connections) ProbeConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	account, id := in.Connection.AccountID, in.Connection.ConnectionID
	rest, err := c.store.ConnectionRest(ctx, account, id)
	if err != nil || rest.State != models.ConnectionHeld {
		return rest, asActivityError(err)
	}
	conn, err := c.store.ConnectionForSending(ctx, account, id)
	if err != nil {
		return rest, asActivityError(err)
	}
	a, cred, err := channels.Open(c.adapters, c.opener, conn)
	if err != nil {
		return rest, asActivityError(err)
	}
	reader, ok := a.(channels.HealthReader)
	if !ok { // nobody to ask: one message tells
		rest, err = c.store.ProbeSucceeded(ctx, account, id)
		return rest, asActivityError(err)
	}
	health, err := reader.NumberHealth(ctx, cred)
	switch {
	case err != nil:
		e := channels.AsSendError(err)
		rest, err = c.store.ProbeFailed(ctx, account, id, "", e.Code)
	case health.CanSend == canSendBlocked:
		reason, code := whyBlocked(&health)
		rest, err = c.store.ProbeFailed(ctx, account, id, reason, code)
	default:
		if err := c.saveHealth(ctx, account, id, &health); err != nil {
			return rest, asActivityError(err)
		}
		rest, err = c.store.ProbeSucceeded(ctx, account, id)
	}
	return rest, asActivityError(err)
}

// whyBlocked finds the first error that the provider names for a number that may not send.
func whyBlocked(h *channels.NumberHealth) (reason string, code int) {
	for _, e := range h.Entities {
		for _, problem := range e.Errors {
			return problem.Details, problem.Code
		}
	}
	return "", models.NoProviderCode
}

func (c *Connections) saveHealth(ctx context.Context, account models.AccountID, id models.ConnectionID, h *channels.NumberHealth) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return c.store.SaveHealth(ctx, account, id, body)
}

// Bounds of what a provider lists: Meta allows 6,000 templates, 100 a page. What is over a bound is left out.
const (
	maxTemplatePages = 100
	maxTemplateBytes = 256 << 10 // of one template
	maxListingBytes  = 16 << 20  // of all of a connection
)

// SyncConnection reads templates and the number's health from the provider and stores them. What the channel does not have it
// names, and leaves alone what is stored of it.
func (c *Connections) SyncConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SyncConnectionResult, error) {
	account, id := in.Connection.AccountID, in.Connection.ConnectionID
	var out contract.SyncConnectionResult
	conn, err := c.store.ConnectionForSending(ctx, account, id)
	if err != nil {
		return out, asActivityError(err)
	}
	a, cred, err := channels.Open(c.adapters, c.opener, conn)
	if err != nil {
		return out, asActivityError(err)
	}
	switch lister, ok := a.(channels.TemplateLister); {
	case !ok:
		out.Without = append(out.Without, contract.WithoutTemplates)
	case cred.PortfolioRef != "":
		if err := c.syncTemplates(ctx, lister, cred, &in, &out); err != nil {
			return out, asActivityError(err)
		}
	}
	reader, ok := a.(channels.HealthReader)
	if !ok {
		out.Without = append(out.Without, contract.WithoutHealth)
		return out, nil
	}
	health, err := reader.NumberHealth(ctx, cred)
	if err != nil {
		return out, asActivityError(err)
	}
	out.Quality, out.Limit, out.CanSend = health.Quality, health.Limit, health.CanSend
	return out, asActivityError(c.saveHealth(ctx, account, id, &health))
}

// syncTemplates stores what the provider lists, page by page, within the bounds of a listing.
func (c *Connections) syncTemplates(ctx context.Context, a channels.TemplateLister, cred channels.Credentials, in *contract.ConnectionCheckInput, out *contract.SyncConnectionResult) error {
	account, id := in.Connection.AccountID, in.Connection.ConnectionID
	begun := c.now().UTC().Truncate(time.Microsecond)
	named := []string{} // never nil: an empty listing drops all
	left, cursor := maxListingBytes, ""
	for range maxTemplatePages {
		page, err := a.ListTemplates(ctx, cred, cursor)
		if err != nil {
			return err
		}
		fit := make([]models.Template, 0, len(page.Templates))
		for i := range page.Templates {
			t := &page.Templates[i]
			size := templateBytes(t)
			if size > maxTemplateBytes || size > left {
				out.LeftOut++
				continue
			}
			left -= size
			m := models.Template{
				ProviderTemplateID: t.ID, Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category,
				ParameterFormat: t.ParameterFormat, Components: t.Components, Quality: t.Quality,
			}
			if t.RejectedReason != "" {
				m.RejectedReason = &t.RejectedReason
			}
			fit = append(fit, m)
			named = append(named, m.Key())
		}
		changed, err := c.store.SaveTemplates(ctx, account, id, fit, begun)
		if err != nil {
			return err
		}
		out.Templates, out.Changed = out.Templates+len(fit), out.Changed+changed
		if cursor = page.Next; cursor == "" || left < maxTemplateBytes && len(fit) == 0 {
			break
		}
	}
	gone, err := c.store.DropTemplates(ctx, account, id, named, begun)
	out.Changed += gone
	return err
}

// templateBytes is about how much of Postgres a template takes.
func templateBytes(t *channels.ProviderTemplate) int {
	return len(t.ID) + len(t.Name) + len(t.Language) + len(t.Status) + len(t.Category) + len(t.ParameterFormat) + len(t.Components) + len(t.Quality) +
		len(t.RejectedReason)
}

// ReadConnection tells how the connection stands, without asking the provider.
func (c *Connections) ReadConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := c.store.ConnectionRest(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// PauseConnection stops sending at an admin's word; messages wait in order.
func (c *Connections) PauseConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := c.store.PauseConnection(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// ResumeConnection lets a paused or held connection send again at an admin's word.
func (c *Connections) ResumeConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := c.store.ResumeConnection(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}
