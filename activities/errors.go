package activities

import (
	"context"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// asActivityError is the only place that decides whether an activity's error is worth another try, and the only text of it
// that a history sees: codes, never values, which may be customers' words.
func asActivityError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return temporal.NewApplicationError("the database refused it: "+pg.Code+" "+pg.ConstraintName, "database")
	}
	var send *channels.SendError
	if errors.As(err, &send) {
		return asProviderError(send)
	}
	if errors.Is(err, flow.ErrHalted) {
		return temporal.NewApplicationError("the step took too long", "took_too_long") // tried again, then parked: think
	}
	var already *temporal.ApplicationError
	if errors.As(err, &already) {
		return already
	}
	var coded *models.Error
	if !errors.As(err, &coded) {
		return temporal.NewApplicationError(err.Error(), "defect")
	}
	switch coded.Code {
	case models.CodeUnavailable:
		return temporal.NewApplicationError("the database does not answer now", string(coded.Code))
	case models.CodeNotFound, models.CodeGone, models.CodeInvalid, models.CodeForbidden, models.CodeConflict:
		return temporal.NewNonRetryableApplicationError(coded.Message, string(coded.Code), nil)
	default:
		return temporal.NewApplicationError(coded.Message, string(coded.Code))
	}
}

// asFetchError is asActivityError for the fetching of a file: a refusal is tried again as well, until the activity gives up.
func asFetchError(err error) error {
	var send *channels.SendError
	if !errors.As(err, &send) {
		return asActivityError(err)
	}
	return temporal.NewApplicationErrorWithOptions(send.Error(), "provider_"+string(send.Outcome),
		temporal.ApplicationErrorOptions{NextRetryDelay: send.RetryAfter})
}

// asProviderError is asActivityError for what a provider said, or did not say: what time may mend is tried again, when the
// provider likes; a refusal is not.
func asProviderError(e *channels.SendError) error {
	again := e.Outcome != channels.OutcomeRejected || e.Transient || e.HTTPStatus >= 500 || e.HTTPStatus == http.StatusTooManyRequests ||
		e.HTTPStatus == http.StatusUnauthorized || e.HTTPStatus == http.StatusForbidden // an admin may mend the token
	return temporal.NewApplicationErrorWithOptions(e.Error(), "provider_"+string(e.Outcome),
		temporal.ApplicationErrorOptions{NonRetryable: !again, NextRetryDelay: e.RetryAfter})
}
