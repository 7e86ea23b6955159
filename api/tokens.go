package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
)

// APIToken lets a program act as a user within scopes.
type APIToken struct {
	ID         models.APITokenID `json:"id"`
	Name       string            `json:"name"`
	Prefix     string            `json:"prefix" doc:"The token's beginning, to recognise it." example:"pk_live_8Qx1"`
	UserID     models.UserID     `json:"user_id" doc:"As whom it acts."`
	Scopes     []Permission      `json:"scopes"`
	ExpiresAt  *time.Time        `json:"expires_at,omitempty"`
	LastUsedAt *time.Time        `json:"last_used_at,omitempty" doc:"To the minute."`
	RevokedAt  *time.Time        `json:"revoked_at,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
}

// NewAPIToken is a token as it is shown once.
type NewAPIToken struct {
	APIToken
	Token string `json:"token" doc:"Shown only now; keep it safe." example:"pk_live_…"`
}

type createTokenIn struct {
	Body struct {
		Name      string       `json:"name" minLength:"1" maxLength:"100"`
		Scopes    []Permission `json:"scopes" minItems:"1" maxItems:"50" doc:"Permissions; at most those of the user who creates it."`
		ExpiresAt *time.Time   `json:"expires_at,omitempty"`
	}
}

type tokenIDIn struct {
	ID models.APITokenID `path:"id" minimum:"1"`
}

func (a *app) tokenOperations() {
	handle(a, operation{
		id: "list-api-tokens", method: http.MethodGet, path: "/v1/api-tokens", tag: "sign-in", summary: "List API tokens",
	}, a.listTokens)
	handle(a, operation{
		id: "create-api-token", method: http.MethodPost, path: "/v1/api-tokens", tag: "sign-in", status: http.StatusCreated,
		summary: "Create an API token", doc: "The token is shown once. It acts as the user who creates it, within its scopes. Only a browser's sign-in may create one.",
	}, a.createToken)
	handle(a, operation{
		id: "revoke-api-token", method: http.MethodDelete, path: "/v1/api-tokens/{id}", tag: "sign-in", status: http.StatusNoContent, summary: "Revoke an API token",
	}, a.revokeToken)
}

func (a *app) listTokens(ctx context.Context, in *Paging) (*page[APIToken], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Tokens(ctx, who(ctx).account(), models.APITokenID(before), in.Limit+1)
	return pageOf(ctx, in, rows, err, func(t models.APIToken) APIToken { return tokenOf(&t) }, func(t models.APIToken) string { return idCursor(t.ID) })
}

func tokenOf(t *models.APIToken) APIToken {
	scopes := make([]Permission, 0, len(t.Scopes))
	for _, s := range t.Scopes {
		scopes = append(scopes, Permission(s))
	}
	return APIToken{ID: t.ID, Name: t.Name, Prefix: t.Prefix, UserID: t.UserID, Scopes: scopes, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt,
		RevokedAt: t.RevokedAt, CreatedAt: t.CreatedAt}
}

// createToken makes a token for the user who asks. A token cannot make another one, so that a leaked one ends with itself.
func (a *app) createToken(ctx context.Context, in *createTokenIn) (*one[NewAPIToken], error) {
	p := who(ctx)
	if p.SignIn == nil {
		return nil, models.Errorf(models.CodeForbidden, "a token cannot create tokens: sign in with a browser")
	}
	for i, scope := range in.Body.Scopes {
		if !p.may(scope) || !slices.Contains(grantable(), scope) {
			return nil, models.Invalid("body.scopes["+strconv.Itoa(i)+"]", "a permission that you do not have yourself")
		}
		if slices.Contains(in.Body.Scopes[:i], scope) { // uniqueItems panics on what is no text
			return nil, models.Invalid("body.scopes["+strconv.Itoa(i)+"]", "names a permission again")
		}
	}
	if in.Body.ExpiresAt != nil && !in.Body.ExpiresAt.After(a.Now()) {
		return nil, models.Invalid("body.expires_at", "must be in the future")
	}
	value, err := token.New(a.Random, tokenPrefix)
	if err != nil {
		return nil, err
	}
	scopes := make([]string, 0, len(in.Body.Scopes))
	for _, s := range in.Body.Scopes {
		scopes = append(scopes, string(s))
	}
	t, err := a.Store.CreateToken(ctx, p.account(), models.APIToken{UserID: p.User.ID, Name: in.Body.Name, Prefix: value[:len(tokenPrefix)+4],
		TokenHash: token.Hash(value), Scopes: scopes, ExpiresAt: in.Body.ExpiresAt})
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "api_token.created", "api_token/"+strconv.FormatInt(int64(t.ID), 10), map[string]any{"scopes": scopes})
	return &one[NewAPIToken]{Body: NewAPIToken{APIToken: tokenOf(t), Token: value}}, nil
}

func (a *app) revokeToken(ctx context.Context, in *tokenIDIn) (*nothing, error) {
	p := who(ctx)
	if err := a.Store.RevokeToken(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "api_token.revoked", "api_token/"+strconv.FormatInt(int64(in.ID), 10), nil)
	return &nothing{}, nil
}
