package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const tokenColumns = `id, account_id, user_id, name, prefix, token_hash, scopes, expires_at, last_used_at, revoked_at, created_at`

// CreateToken stores an API token by the SHA-256 of its value.
func (s *Store) CreateToken(ctx context.Context, account models.AccountID, in models.APIToken) (*models.APIToken, error) {
	return one[models.APIToken](ctx, s.pool, "api_token", `
		INSERT INTO api_tokens (account_id, user_id, name, prefix, token_hash, scopes, expires_at, created_at)
		SELECT @account, u.id, @name, @prefix, @token_hash, @scopes, @expires_at, @now
		FROM users u
		WHERE u.account_id = @account AND u.id = @user
		RETURNING `+tokenColumns,
		pgx.NamedArgs{
			"account": account, "user": in.UserID, "name": in.Name, "prefix": in.Prefix,
			"token_hash": in.TokenHash, "scopes": orEmpty(in.Scopes), "expires_at": in.ExpiresAt, "now": s.Now(),
		})
}

// Tokens lists an account's tokens, newest first, before the given one (0: from the newest).
func (s *Store) Tokens(ctx context.Context, account models.AccountID, before models.APITokenID, limit int) ([]models.APIToken, error) {
	return list[models.APIToken](ctx, s.pool, "api_token", `
		SELECT `+tokenColumns+`
		FROM api_tokens
		WHERE account_id = @account AND (@before::bigint = 0 OR id < @before)
		ORDER BY id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"account": account, "before": before, "limit": limit})
}

// RevokeToken makes a token useless for ever.
func (s *Store) RevokeToken(ctx context.Context, account models.AccountID, id models.APITokenID) error {
	n, err := exec(ctx, s.pool, "api_token", `
		UPDATE api_tokens
		SET revoked_at = coalesce(revoked_at, @now)
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id, "now": s.Now()})
	if err == nil && n == 0 {
		err = models.NotFound("api_token")
	}
	return err
}

// PrincipalByToken finds as whom a token acts; CodeUnauthenticated when it is revoked, has run out, or the user is disabled.
func (s *Store) PrincipalByToken(ctx context.Context, hash []byte) (*Principal, error) {
	now := s.Now()
	p, t := &Principal{}, &models.APIToken{TokenHash: hash}
	err := s.scanPrincipal(ctx, p, `
		SELECT `+principalColumns+`, x.id, x.name, x.prefix, x.scopes, x.expires_at, x.last_used_at, x.created_at
		FROM api_tokens x
		JOIN users u ON u.id = x.user_id AND u.account_id = x.account_id
		JOIN accounts a ON a.id = u.account_id
		WHERE x.token_hash = @hash AND x.revoked_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > @now)
			AND u.disabled_at IS NULL`,
		pgx.NamedArgs{"hash": hash, "now": now}, &t.ID, &t.Name, &t.Prefix, &t.Scopes, &t.ExpiresAt, &t.LastUsedAt, &t.CreatedAt)
	if err != nil {
		return nil, err
	}
	t.AccountID, t.UserID = p.Account.ID, p.User.ID
	p.Token = t
	if t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= touchEvery {
		if _, err := exec(ctx, s.pool, "api_token", `UPDATE api_tokens SET last_used_at = @now WHERE id = @id`,
			pgx.NamedArgs{"id": t.ID, "now": now}); err != nil {
			return nil, err
		}
	}
	return p, nil
}
