package activities

import (
	"context"
	"encoding/json"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// connectionStore is what looking after connections needs of Postgres.
type connectionStore interface {
	ConnectionForSending(ctx context.Context, account models.AccountID, id models.ConnectionID) (*models.Connection, error)
	ProbeFailed(ctx context.Context, account models.AccountID, id models.ConnectionID, reason string, code int) (contract.SenderRest, error)
	ProbeSucceeded(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	PauseConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	ResumeConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error)
	SaveHealth(ctx context.Context, account models.AccountID, id models.ConnectionID, health json.RawMessage) error
	SyncTemplates(ctx context.Context, account models.AccountID, connection models.ConnectionID, listed []models.Template, listedAt time.Time) (int, error)
}

// canSendBlocked is how the provider says that a number may not send at all.
const canSendBlocked = "BLOCKED"

// ProbeConnection asks the provider whether a held connection may send again. Yes closes the circuit half-way: the sender
// tries one message. No plans the next probe, later each time.
func (s *Sender) ProbeConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	account, id := in.Connection.AccountID, in.Connection.ConnectionID
	rest, err := s.Store.ConnectionRest(ctx, account, id)
	if err != nil || rest.State != models.ConnectionHeld {
		return rest, asActivityError(err)
	}
	conn, err := s.Store.ConnectionForSending(ctx, account, id)
	if err != nil {
		return rest, asActivityError(err)
	}
	a, cred, err := s.credentials(conn)
	if err != nil {
		return rest, err
	}
	health, err := a.NumberHealth(ctx, cred)
	switch {
	case err != nil:
		e := channels.AsSendError(err)
		rest, err = s.Store.ProbeFailed(ctx, account, id, "", e.Code)
	case health.CanSend == canSendBlocked:
		reason, code := whyBlocked(&health)
		rest, err = s.Store.ProbeFailed(ctx, account, id, reason, code)
	default:
		if err := s.saveHealth(ctx, account, id, &health); err != nil {
			return rest, asActivityError(err)
		}
		rest, err = s.Store.ProbeSucceeded(ctx, account, id)
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

func (s *Sender) saveHealth(ctx context.Context, account models.AccountID, id models.ConnectionID, h *channels.NumberHealth) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return s.Store.SaveHealth(ctx, account, id, body)
}

// maxTemplatePages bounds a listing: Meta allows 6,000 templates, 100 a page.
const maxTemplatePages = 100

// SyncConnection reads templates and the number's health from the provider and stores them.
func (s *Sender) SyncConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SyncConnectionResult, error) {
	account, id := in.Connection.AccountID, in.Connection.ConnectionID
	var out contract.SyncConnectionResult
	conn, err := s.Store.ConnectionForSending(ctx, account, id)
	if err != nil {
		return out, asActivityError(err)
	}
	a, cred, err := s.credentials(conn)
	if err != nil {
		return out, err
	}
	if cred.BusinessID != "" {
		begun := s.Now().UTC().Truncate(time.Microsecond)
		listed, err := listTemplates(ctx, a, cred)
		if err != nil {
			return out, asActivityError(err)
		}
		out.Templates = len(listed)
		if out.Changed, err = s.Store.SyncTemplates(ctx, account, id, listed, begun); err != nil {
			return out, asActivityError(err)
		}
	}
	health, err := a.NumberHealth(ctx, cred)
	if err != nil {
		return out, asActivityError(err)
	}
	out.Quality, out.Limit, out.CanSend = health.Quality, health.Limit, health.CanSend
	return out, asActivityError(s.saveHealth(ctx, account, id, &health))
}

func listTemplates(ctx context.Context, a channels.Adapter, cred channels.Credentials) ([]models.Template, error) {
	var out []models.Template
	cursor := ""
	for range maxTemplatePages {
		page, err := a.ListTemplates(ctx, cred, cursor)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Templates {
			m := models.Template{ProviderTemplateID: t.ID, Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category,
				ParameterFormat: t.ParameterFormat, Components: t.Components, Quality: t.Quality}
			if t.RejectedReason != "" {
				m.RejectedReason = &t.RejectedReason
			}
			out = append(out, m)
		}
		if page.Next == "" {
			break
		}
		cursor = page.Next
	}
	return out, nil
}

// ReadConnection tells how the connection stands, without asking the provider.
func (s *Sender) ReadConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := s.Store.ConnectionRest(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// PauseConnection stops sending at an admin's word; messages wait in order.
func (s *Sender) PauseConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := s.Store.PauseConnection(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// ResumeConnection lets a paused or held connection send again at an admin's word.
func (s *Sender) ResumeConnection(ctx context.Context, in contract.ConnectionCheckInput) (contract.SenderRest, error) {
	rest, err := s.Store.ResumeConnection(ctx, in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}
