package provision

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// LinkLife is how long a one-time sign-in link works when nothing else is asked for.
const LinkLife = 15 * time.Minute

// LinkOptions say whom a sign-in link is for.
type LinkOptions struct {
	// Account is the slug; it may be empty while there is one account.
	Account string
	// Email is the user's; empty means the account's oldest administrator.
	Email string
	// PublicURL is how browsers reach the console.
	PublicURL string
	// Life is how long the link works; 0 means LinkLife.
	Life time.Duration
	// Random makes the token; nil means crypto/rand.
	Random io.Reader
}

// Link is a one-time sign-in link. Its URL is a secret until it is used.
type Link struct {
	URL       string    `json:"url"`
	Email     string    `json:"email"`
	Account   string    `json:"account"`
	ExpiresAt time.Time `json:"expires_at"`
}

// LoginLink makes a link that signs a user in once. Only the token's hash is kept.
func LoginLink(ctx context.Context, s *store.Store, opts LinkOptions) (*Link, error) {
	if opts.Life <= 0 {
		opts.Life = LinkLife
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	base, err := url.Parse(opts.PublicURL)
	if err != nil || base.Host == "" {
		return nil, models.Invalid("public_url", "PERENE_PUBLIC_URL is not set or no web address: write https://chat.example.com")
	}
	account, err := linkAccount(ctx, s, opts.Account)
	if err != nil {
		return nil, err
	}
	user, err := linkUser(ctx, s, account, opts.Email)
	if err != nil {
		return nil, err
	}
	secret, err := token.New(opts.Random, "")
	if err != nil {
		return nil, err
	}
	if err := s.CreateLoginLink(ctx, account.ID, user.ID, token.Hash(secret), opts.Life); err != nil {
		return nil, err
	}
	// In the fragment: browsers send it to nobody, so that no proxy writes it down.
	base.Path, base.RawQuery, base.Fragment = "/entrar", "", url.Values{"t": {secret}}.Encode()
	return &Link{URL: base.String(), Email: user.Email, Account: account.Slug, ExpiresAt: s.Now().Add(opts.Life)}, nil
}

func linkAccount(ctx context.Context, s *store.Store, slug string) (*models.Account, error) {
	if slug != "" {
		return s.AccountBySlug(ctx, slug)
	}
	all, err := s.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	switch len(all) {
	case 0:
		return nil, models.Errorf(models.CodeNotFound, "there is no account yet: make one with perene apply -f FILE")
	case 1:
		return &all[0], nil
	}
	slugs := make([]string, len(all))
	for i := range all {
		slugs[i] = all[i].Slug
	}
	return nil, models.Errorf(models.CodeInvalid, "there is more than one account, choose one: %s", strings.Join(slugs, ", "))
}

func linkUser(ctx context.Context, s *store.Store, account *models.Account, email string) (*models.User, error) {
	const page = 500
	for after := models.UserID(0); ; {
		users, err := s.Users(ctx, account.ID, after, page)
		if err != nil {
			return nil, err
		}
		for i := range users {
			u := &users[i]
			if u.DisabledAt == nil && ((email == "" && u.Role == models.RoleAdmin) || (email != "" && strings.EqualFold(u.Email, email))) {
				return u, nil
			}
		}
		if len(users) < page {
			break
		}
		after = users[page-1].ID
	}
	if email == "" {
		return nil, models.Errorf(models.CodeNotFound, "account %s has no administrator who may sign in", account.Slug)
	}
	return nil, fmt.Errorf("account %s: %w", account.Slug, models.NotFound("user"))
}
