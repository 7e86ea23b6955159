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
	n, err := exec(ctx, s.pool, "sign_in", `
		INSERT INTO sessions (token_hash, account_id, user_id, user_agent, ip, created_at, last_seen_at, expires_at)
		SELECT @token_hash, @account, u.id, @user_agent, @ip, @now, @now, @expires_at
		FROM users u
		WHERE u.account_id = @account AND u.id = @user AND u.disabled_at IS NULL`,
		pgx.NamedArgs{
			"token_hash": in.TokenHash, "account": account, "user": user, "user_agent": in.UserAgent,
			"ip": in.IP, "now": now, "expires_at": in.ExpiresAt,
		})
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
		if _, err := exec(ctx, s.pool, "sign_in", `
			UPDATE sessions
			SET last_seen_at = @now
			WHERE token_hash = @hash AND last_seen_at < @now`,
			pgx.NamedArgs{"hash": hash, "now": now}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// SignInAlive is PrincipalBySignIn without counting as the user's activity.
func (s *Store) SignInAlive(ctx context.Context, hash []byte) (*Principal, error) {
	alive, err := s.SignInsAlive(ctx, [][]byte{hash})
	if err != nil {
		return nil, err
	}
	if p := alive[string(hash)]; p != nil {
		return p, nil
	}
	return nil, errNotSignedIn
}

// SignInsAlive finds who the sign-ins belong to that have not ended, by the SHA-256 of their cookies as a string of bytes.
func (s *Store) SignInsAlive(ctx context.Context, hashes [][]byte) (map[string]*Principal, error) {
	now := s.Now()
	rows, err := s.pool.Query(ctx, `
		SELECT `+principalColumns+`, x.token_hash, x.user_agent, x.ip, x.created_at, x.last_seen_at, x.expires_at
		FROM sessions x
		JOIN users u ON u.id = x.user_id AND u.account_id = x.account_id
		JOIN accounts a ON a.id = u.account_id
		WHERE x.token_hash = ANY(@hashes) AND x.expires_at > @now AND x.last_seen_at > @idle AND u.disabled_at IS NULL`,
		pgx.NamedArgs{"hashes": hashes, "now": now, "idle": now.Add(-SignInIdle)})
	if err != nil {
		return nil, asError(err, "sign_in")
	}
	alive := map[string]*Principal{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		p, ss := &Principal{}, &models.SignIn{}
		err := row.Scan(p.columns(&ss.TokenHash, &ss.UserAgent, &ss.IP, &ss.CreatedAt, &ss.LastSeenAt, &ss.ExpiresAt)...)
		ss.AccountID, ss.UserID = p.Account.ID, p.User.ID
		p.SignIn = ss
		alive[string(ss.TokenHash)] = p
		return struct{}{}, err
	})
	return alive, asError(err, "sign_in")
}

// EndSignIn ends one sign-in. The row stays for a while: it tells a known network from a foreign one.
func (s *Store) EndSignIn(ctx context.Context, account models.AccountID, hash []byte) error {
	_, err := exec(ctx, s.pool, "sign_in", `
		UPDATE sessions
		SET expires_at = least(expires_at, @now)
		WHERE account_id = @account AND token_hash = @hash`,
		pgx.NamedArgs{"account": account, "hash": hash, "now": s.Now()})
	return err
}

// CreateLoginLink stores a one-time sign-in link by the SHA-256 of its token.
func (s *Store) CreateLoginLink(ctx context.Context, account models.AccountID, user models.UserID, hash []byte, life time.Duration) error {
	now := s.Now()
	n, err := exec(ctx, s.pool, "login_link", `
		INSERT INTO login_links (token_hash, account_id, user_id, created_at, expires_at)
		SELECT @hash, @account, u.id, @now, @expires_at
		FROM users u
		WHERE u.account_id = @account AND u.id = @user AND u.disabled_at IS NULL`,
		pgx.NamedArgs{"hash": hash, "account": account, "user": user, "now": now, "expires_at": now.Add(life)})
	if err == nil && n == 0 {
		err = models.NotFound("user")
	}
	return err
}

// UseLoginLink takes a link, once, and gives its user; CodeGone when it was used, has run out or never was.
func (s *Store) UseLoginLink(ctx context.Context, hash []byte) (models.AccountID, models.UserID, error) {
	var account models.AccountID
	var user models.UserID
	err := s.pool.QueryRow(ctx, `
		UPDATE login_links
		SET used_at = @now
		WHERE token_hash = @hash AND used_at IS NULL AND expires_at > @now
		RETURNING account_id, user_id`,
		pgx.NamedArgs{"hash": hash, "now": s.Now()}).Scan(&account, &user)
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
		SELECT count(*) FILTER (WHERE email_hash = @email_hash AND network = @network),
			coalesce(max(failed_at) FILTER (WHERE email_hash = @email_hash AND network = @network), 'epoch'),
			count(*) FILTER (WHERE email_hash = @email_hash),
			coalesce(max(failed_at) FILTER (WHERE email_hash = @email_hash), 'epoch'),
			count(*) FILTER (WHERE network = @network),
			coalesce(max(failed_at) FILTER (WHERE network = @network), 'epoch'),
			EXISTS (SELECT 1 FROM sessions x JOIN users u ON u.id = x.user_id
			AND u.account_id = x.account_id WHERE lower(u.email) = lower(@email) AND x.ip = @network)
		FROM login_failures
		WHERE (email_hash = @email_hash OR network = @network) AND failed_at > @since`,
		pgx.NamedArgs{"email_hash": emailHash, "network": network, "since": since, "email": email}).
		Scan(&f.Here, &f.HereLast, &f.Email, &f.EmailLast, &f.Network, &f.NetworkLast, &f.Known)
	return f, asError(err, "login_failure")
}

// AddLoginFailure notes a failed sign-in, and forgets those older than a day.
func (s *Store) AddLoginFailure(ctx context.Context, emailHash []byte, network string) error {
	now := s.Now()
	_, err := exec(ctx, s.pool, "login_failure", `
		WITH old AS (
			DELETE FROM login_failures
			WHERE id IN (SELECT id FROM login_failures WHERE failed_at < @failed_at ORDER BY id LIMIT 100)
		)
		INSERT INTO login_failures (email_hash, network, failed_at)
		VALUES (@email_hash, @network, @now)`,
		pgx.NamedArgs{
			"email_hash": emailHash, "network": network, "now": now, "failed_at": now.Add(-24 * time.Hour),
		})
	return err
}

// ForgetLoginFailures clears the failures of an address from a network after a success.
func (s *Store) ForgetLoginFailures(ctx context.Context, emailHash []byte, network string) error {
	_, err := exec(ctx, s.pool, "login_failure", `
		DELETE FROM login_failures
		WHERE email_hash = @email_hash AND network = @network`,
		pgx.NamedArgs{"email_hash": emailHash, "network": network})
	return err
}

const principalColumns = `u.id, u.account_id, u.email, u.name, u.role, u.locale, a.id, a.slug, a.name, a.timezone, a.locale`

// columns are where principalColumns and what follows them are read into.
func (p *Principal) columns(more ...any) []any {
	return append([]any{&p.User.ID, &p.User.AccountID, &p.User.Email, &p.User.Name, &p.User.Role, &p.User.Locale,
		&p.Account.ID, &p.Account.Slug, &p.Account.Name, &p.Account.Timezone, &p.Account.Locale}, more...)
}

// scanPrincipal reads one row of principalColumns and what follows them.
func (s *Store) scanPrincipal(ctx context.Context, p *Principal, sql string, args pgx.NamedArgs, more ...any) error {
	err := s.pool.QueryRow(ctx, sql, args).Scan(p.columns(more...)...)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare
		return errNotSignedIn
	}
	return asError(err, "sign_in")
}
