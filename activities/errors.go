package activities

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/sdk/temporal"

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
