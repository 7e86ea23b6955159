package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// patience waits at start-up for what is away: the database and Temporal of a stack start and restart in any order, and a
// process that ended meanwhile would only come back later.
type patience struct {
	log *slog.Logger
	// tell hears what does not answer yet, and what does.
	tell func(what string, there bool)
	// first and Longest bound the pauses between two tries, which double.
	first, longest time.Duration
	// after is time.After; tests hand in their own.
	after func(time.Duration) <-chan time.Time
}

func newPatience(log *slog.Logger, tell func(string, bool)) patience {
	return patience{log: log, tell: tell, first: 100 * time.Millisecond, longest: 2 * time.Second, after: time.After}
}

// until tries again and again while away says that what (database, temporal) cannot be reached now; every other error, and
// the end of ctx, end it. The wait is logged once, and so is its end.
func (p patience) until(ctx context.Context, what string, away func(error) bool, try func(context.Context) error) error {
	pause, begun, waits := p.first, time.Now(), false
	for {
		err := try(ctx)
		switch {
		case err == nil:
			if waits {
				p.log.Info("it answers", "waited_for", what, "seconds", time.Since(begun).Seconds())
			}
			p.tell(what, true)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !away(err):
			return err
		}
		if !waits {
			waits = true
			p.log.Warn("waiting until it answers", "waited_for", what, "error", err)
			p.tell(what, false)
		}
		select {
		case <-p.after(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, p.longest)
	}
}

// awaitStore opens the store as soon as Postgres answers. A wrong password, a missing database or an old schema end it at once.
func awaitStore(ctx context.Context, p patience, db config.Database, env string, opts store.Options) (*store.Store, error) {
	var s *store.Store
	err := p.until(ctx, "database", databaseAway, func(ctx context.Context) (err error) {
		s, err = openStore(ctx, db, env, opts)
		return err
	})
	if err != nil && tlsTrouble(err) {
		return nil, models.Errorf(models.CodeInvalid, "the TLS settings in DATABASE_URL do not fit the server: check sslmode and sslrootcert")
	}
	return s, err
}

// databaseAway tells whether err will pass when Postgres is there: it starts, restarts, has no free connection, or cannot be
// reached. What Postgres refuses by name (a password, a right, a database) does not pass.
func databaseAway(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return len(pg.Code) == 5 && slices.Contains([]string{"08", "53", "57", "58"}, pg.Code[:2])
	}
	return !tlsTrouble(err) && store.IsUnavailable(err)
}

// tlsTrouble tells whether two sides do not agree about TLS, which waiting does not mend.
func tlsTrouble(err error) bool {
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &unknown) {
		return true
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) && strings.Contains(connect.Error(), "server refused TLS connection") // it has no type
}

// awaitTemporal returns when the namespace answers, which is when workers can start.
func awaitTemporal(ctx context.Context, p patience, c client.Client, t config.Temporal) error {
	err := p.until(ctx, "temporal", temporalAway, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: t.Namespace})
		return err
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	switch serviceerror.ToStatus(err).Code() {
	case codes.NotFound:
		return fmt.Errorf("there is no namespace %q at %s: create it (`perene doctor` says how), or correct TEMPORAL_NAMESPACE", t.Namespace, t.Address)
	case codes.PermissionDenied, codes.Unauthenticated:
		return fmt.Errorf("Temporal at %s refuses us: check TEMPORAL_API_KEY, or TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE", t.Address) //nolint:staticcheck // a name
	case codes.Unavailable:
		return fmt.Errorf("the TLS settings do not fit Temporal at %s: check TEMPORAL_TLS, TEMPORAL_TLS_CA_FILE and TEMPORAL_TLS_SERVER_NAME", t.Address)
	}
	return fmt.Errorf("%s does not answer as Temporal does: check TEMPORAL_ADDRESS (%w)", t.Address, err)
}

// temporalAway tells whether err will pass when Temporal is there.
func temporalAway(err error) bool {
	s := serviceerror.ToStatus(err)
	switch s.Code() {
	case codes.Unavailable:
		// gRPC tells a certificate that does not fit in words only.
		return !strings.Contains(s.Message(), "authentication handshake failed: x509:") && !strings.Contains(s.Message(), "authentication handshake failed: tls:")
	case codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted, codes.Aborted, codes.Internal:
		return true
	}
	return false
}

// untilAsked makes the end that was asked for while waiting no error.
func untilAsked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the end was asked for
	}
	return err
}
