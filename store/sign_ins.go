package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Life of a browser's sign-in.
const (
	SignInIdle = 8 * time.Hour
	SignInLife = 7 * 24 * time.Hour
)

// touchEvery is how exactly last_seen_at and last_used_at are kept, so that reading does not mean writing.
const touchEvery = time.Minute

// Principal is who acts: a user by a sign-in or by a token.
type Principal struct {
	User    models.User
	Account models.Account
	SignIn  *models.SignIn
	Token   *models.APIToken
}

// CreateSignIn stores a sign-in of a user; TokenHash, UserAgent and IP are the caller's.
func (s *Store) CreateSignIn(ctx context.Context, account models.AccountID, user models.UserID, in models.SignIn) (*models.SignIn, error) {
	now := s.Now()
	in.AccountID, in.UserID, in.CreatedAt, in.LastSeenAt, in.ExpiresAt = account, user, now, now, now.Add(SignInLife)
	n, err := exec(ctx, s.pool, "sign_in", `INSERT INTO sessions (token_hash, account_id, user_id, user_agent, ip, created_at, last_seen_at, expires_at)
		SELECT $1, $2, u.id, $4, $5, $6, $6, $7 FROM users u WHERE u.account_id = $2 AND u.id = $3 AND u.disabled_at IS NULL`,
		in.TokenHash, account, user, in.UserAgent, in.IP, now, in.ExpiresAt)
	if err == nil && n == 0 {
		err = errNotSignedIn
	}
	return &in, err
}

var errNotSignedIn = models.Errorf(models.CodeUnauthenticated, "sign in first")

// PrincipalBySignIn finds who a sign-in belongs to; CodeUnauthenticated when it has ended, idled out, or the user is
// disabled.
func (s *Store) PrincipalBySignIn(ctx context.Context, hash []byte) (*Principal, error) {
	p, err := s.SignInAlive(ctx, hash)
	if err != nil {
		return nil, err
	}
	if now := s.Now(); now.Sub(p.SignIn.LastSeenAt) >= touchEvery {
		if _, err := exec(ctx, s.pool, "sign_in", `UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2`, hash, now); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// SignInAlive is PrincipalBySignIn without counting as the user's activity.
func (s *Store) SignInAlive(ctx context.Context, hash []byte) (*Principal, error) {
	now := s.Now()
	p, ss := &Principal{}, &models.SignIn{TokenHash: hash}
	err := s.scanPrincipal(ctx, p, `SELECT `+principalColumns+`, x.user_agent, x.ip, x.created_at, x.last_seen_at, x.expires_at
		FROM sessions x JOIN users u ON u.id = x.user_id AND u.account_id = x.account_id JOIN accounts a ON a.id = u.account_id
		WHERE x.token_hash = $1 AND x.expires_at > $2 AND x.last_seen_at > $3 AND u.disabled_at IS NULL`,
		[]any{hash, now, now.Add(-SignInIdle)}, &ss.UserAgent, &ss.IP, &ss.CreatedAt, &ss.LastSeenAt, &ss.ExpiresAt)
	if err != nil {
		return nil, err
	}
	ss.AccountID, ss.UserID = p.Account.ID, p.User.ID
	p.SignIn = ss
	return p, nil
}

// EndSignIn ends one sign-in. The row stays for a while: it tells a known network from a foreign one.
func (s *Store) EndSignIn(ctx context.Context, account models.AccountID, hash []byte) error {
	_, err := exec(ctx, s.pool, "sign_in", `UPDATE sessions SET expires_at = least(expires_at, $3) WHERE account_id = $1 AND token_hash = $2`, account, hash, s.Now())
	return err
}

// CreateLoginLink stores a one-time sign-in link by the SHA-256 of its token.
func (s *Store) CreateLoginLink(ctx context.Context, account models.AccountID, user models.UserID, hash []byte, life time.Duration) error {
	now := s.Now()
	n, err := exec(ctx, s.pool, "login_link", `INSERT INTO login_links (token_hash, account_id, user_id, created_at, expires_at)
		SELECT $1, $2, u.id, $4, $5 FROM users u WHERE u.account_id = $2 AND u.id = $3 AND u.disabled_at IS NULL`, hash, account, user, now, now.Add(life))
	if err == nil && n == 0 {
		err = models.NotFound("user")
	}
	return err
}

// UseLoginLink takes a link, once, and gives its user; CodeGone when it was used, has run out or never was.
func (s *Store) UseLoginLink(ctx context.Context, hash []byte) (models.AccountID, models.UserID, error) {
	var account models.AccountID
	var user models.UserID
	err := s.pool.QueryRow(ctx, `UPDATE login_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
		RETURNING account_id, user_id`, hash, s.Now()).Scan(&account, &user)
	if err = asError(err, "login_link"); isNotFound(err) {
		return 0, 0, &models.Error{Code: models.CodeGone, Key: "login_link.used", Message: "this link was used or has run out: ask for a new one"}
	}
	return account, user, err
}

// LoginFailures is how often signing in failed lately, and when last.
type LoginFailures struct {
	Here        int // for this address from this network
	HereLast    time.Time
	Email       int // for this address from anywhere
	EmailLast   time.Time
	Network     int // for any address from this network
	NetworkLast time.Time
	Known       bool // the user has signed in from this network before
}

// LoginFailuresSince counts failures for an address (by its SHA-256) and a network.
func (s *Store) LoginFailuresSince(ctx context.Context, emailHash []byte, email, network string, since time.Time) (LoginFailures, error) {
	var f LoginFailures
	err := s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE email_hash = $1 AND network = $2), coalesce(max(failed_at) FILTER (WHERE email_hash = $1 AND network = $2), 'epoch'),
			count(*) FILTER (WHERE email_hash = $1), coalesce(max(failed_at) FILTER (WHERE email_hash = $1), 'epoch'),
			count(*) FILTER (WHERE network = $2), coalesce(max(failed_at) FILTER (WHERE network = $2), 'epoch'),
			EXISTS (SELECT 1 FROM sessions x JOIN users u ON u.id = x.user_id AND u.account_id = x.account_id WHERE lower(u.email) = lower($4) AND x.ip = $2)
		FROM login_failures WHERE (email_hash = $1 OR network = $2) AND failed_at > $3`, emailHash, network, since, email).
		Scan(&f.Here, &f.HereLast, &f.Email, &f.EmailLast, &f.Network, &f.NetworkLast, &f.Known)
	return f, asError(err, "login_failure")
}

// AddLoginFailure notes a failed sign-in, and forgets those older than a day.
func (s *Store) AddLoginFailure(ctx context.Context, emailHash []byte, network string) error {
	now := s.Now()
	_, err := exec(ctx, s.pool, "login_failure", `WITH old AS (
			DELETE FROM login_failures WHERE id IN (SELECT id FROM login_failures WHERE failed_at < $4 ORDER BY id LIMIT 100)
		) INSERT INTO login_failures (email_hash, network, failed_at) VALUES ($1, $2, $3)`, emailHash, network, now, now.Add(-24*time.Hour))
	return err
}

// ForgetLoginFailures clears the failures of an address from a network after a success.
func (s *Store) ForgetLoginFailures(ctx context.Context, emailHash []byte, network string) error {
	_, err := exec(ctx, s.pool, "login_failure", `DELETE FROM login_failures WHERE email_hash = $1 AND network = $2`, emailHash, network)
	return err
}

const principalColumns = `u.id, u.account_id, u.email, u.name, u.role, u.locale, a.id, a.slug, a.name, a.timezone, a.locale`

// scanPrincipal reads one row of principalColumns and what follows them.
func (s *Store) scanPrincipal(ctx context.Context, p *Principal, sql string, args []any, more ...any) error {
	dest := append([]any{&p.User.ID, &p.User.AccountID, &p.User.Email, &p.User.Name, &p.User.Role, &p.User.Locale,
		&p.Account.ID, &p.Account.Slug, &p.Account.Name, &p.Account.Timezone, &p.Account.Locale}, more...)
	err := s.pool.QueryRow(ctx, sql, args...).Scan(dest...)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare
		return errNotSignedIn
	}
	return asError(err, "sign_in")
}
