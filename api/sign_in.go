package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/perene/perene/internal/password"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Me is who is signed in and what they may do.
type Me struct {
	User        MeUser       `json:"user"`
	Account     Account      `json:"account"`
	Permissions []Permission `json:"permissions" doc:"What this sign-in or token may do."`
	Links       Links        `json:"links"`
	ExpiresAt   *time.Time   `json:"expires_at,omitempty" doc:"When the sign-in ends at the latest; absent for tokens."`
	Version     string       `json:"version" doc:"The program's version."`
}

// MeUser is the user who is signed in.
type MeUser struct {
	ID     models.UserID `json:"id"`
	Name   string        `json:"name"`
	Email  string        `json:"email"`
	Role   models.Role   `json:"role" enum:"user,supervisor,admin"`
	Locale string        `json:"locale" example:"pt-BR"`
}

type createSignInIn struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type createSignInFromLinkIn struct {
	Body struct {
		Token string `json:"token" minLength:"20" maxLength:"100" doc:"The t of the one-time link /entrar#t=…"`
	}
}

type signInOut struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

type endSignInOut struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *app) signInOperations() {
	handle(a, operation{
		id: "create-sign-in", method: http.MethodPost, path: "/v1/sign-in", tag: "sign-in", status: http.StatusCreated,
		summary: "Sign in with e-mail and password", doc: "Sets the cookie of the sign-in. After five failures each try has to wait longer (429 with Retry-After).",
	}, a.createSignIn)
	handle(a, operation{
		id: "create-sign-in-from-link", method: http.MethodPost, path: "/v1/sign-in/link", tag: "sign-in", status: http.StatusCreated,
		summary: "Sign in with a one-time link", doc: "A link works once and for a short time.",
	}, a.createSignInFromLink)
	handle(a, operation{
		id: "read-sign-in", method: http.MethodGet, path: "/v1/sign-in", tag: "sign-in", summary: "Who is signed in",
	}, a.readSignIn)
	handle(a, operation{
		id: "end-sign-in", method: http.MethodDelete, path: "/v1/sign-in", tag: "sign-in", status: http.StatusNoContent, summary: "Sign out",
	}, a.endSignIn)
}

// Throttling of sign-ins (S8): after freeFailures the wait doubles from a second to maxWait. An address
// that is tried from many networks is slowed down as a whole, but not for networks its owner has signed in from.
const (
	freeFailures        = 5
	freeNetworkFailures = 50
	maxWait             = 5 * time.Minute
	failureSpan         = time.Hour
	hashWait            = 3 * time.Second
)

func (a *app) createSignIn(ctx context.Context, in *createSignInIn) (*signInOut, error) {
	email := strings.ToLower(strings.TrimSpace(in.Body.Email))
	hash, from := token.Hash(email), network(requestInfoOf(ctx).ip)
	failures, err := a.Store.LoginFailuresSince(ctx, hash, email, from, a.Now().Add(-failureSpan))
	if err != nil {
		return nil, err
	}
	if wait := loginWait(failures, a.Now()); wait > 0 {
		p := newProblem(models.CodeTooMany, "Too many failed sign-ins: wait before the next try.")
		p.retryAfter = wait
		return nil, p
	}
	user, err := a.Store.UserByEmail(ctx, email)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	var stored string
	if user != nil && user.DisabledAt == nil && user.PasswordHash != nil {
		stored = *user.PasswordHash
	}
	turn, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	ok, err := password.Verify(turn, in.Body.Password, stored)
	if err != nil {
		p := newProblem(models.CodeUnavailable, "Many people sign in just now: try again.")
		p.retryAfter = hashWait
		return nil, p
	}
	if !ok {
		if err := a.Store.AddLoginFailure(ctx, hash, from); err != nil {
			return nil, err
		}
		if user != nil {
			a.auditFor(ctx, user, "sign_in.refused", "user/"+user.ID.String())
		}
		return nil, models.Errorf(models.CodeUnauthenticated, "the e-mail address or the password is wrong")
	}
	if err := a.Store.ForgetLoginFailures(ctx, hash, from); err != nil {
		return nil, err
	}
	return a.signIn(ctx, user.AccountID, user.ID, "password")
}

// loginWait is how long the next try has to wait.
func loginWait(f store.LoginFailures, now time.Time) time.Duration {
	left := func(count, free int, last time.Time) time.Duration {
		if count < free {
			return 0
		}
		return last.Add(min(maxWait, time.Second<<min(count-free, 16))).Sub(now)
	}
	wait := max(left(f.Here, freeFailures, f.HereLast), left(f.Network, freeNetworkFailures, f.NetworkLast))
	if !f.Known {
		wait = max(wait, left(f.Email, 2*freeFailures, f.EmailLast))
	}
	return max(0, wait)
}

func (a *app) createSignInFromLink(ctx context.Context, in *createSignInFromLinkIn) (*signInOut, error) {
	account, user, err := a.Store.UseLoginLink(ctx, token.Hash(in.Body.Token))
	if err != nil {
		return nil, err
	}
	return a.signIn(ctx, account, user, "link")
}

// signIn gives the browser a new sign-in, never one that it brought along.
func (a *app) signIn(ctx context.Context, account models.AccountID, user models.UserID, how string) (*signInOut, error) {
	value, err := token.New(a.Random, "")
	if err != nil {
		return nil, err
	}
	info := requestInfoOf(ctx)
	hash := token.Hash(value)
	made, err := a.Store.CreateSignIn(ctx, account, user, models.SignIn{TokenHash: hash, UserAgent: info.userAgent, IP: network(info.ip)})
	if err != nil {
		return nil, err
	}
	found, err := a.Store.PrincipalBySignIn(ctx, hash)
	if err != nil {
		return nil, err
	}
	p := newPrincipal(found)
	info.principal = p
	a.audit(ctx, p, "sign_in.created", "user/"+user.String(), map[string]any{"how": how})
	return &signInOut{SetCookie: a.cookie(value, int(made.ExpiresAt.Sub(a.Now()).Seconds())), Body: a.me(p)}, nil
}

// cookie writes the sign-in's cookie; a negative life takes it away.
func (a *app) cookie(value string, life int) string {
	c := http.Cookie{Name: a.cookieName(), Value: value, Path: "/", MaxAge: life, HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode} //nolint:gosec // Secure over https; loopback in development has none
	return c.String()
}

func (a *app) readSignIn(ctx context.Context, _ *struct{}) (*one[Me], error) {
	return &one[Me]{Body: a.me(who(ctx))}, nil
}

func (a *app) me(p *principal) Me {
	me := Me{
		User:    MeUser{ID: p.User.ID, Name: p.User.Name, Email: p.User.Email, Role: p.User.Role, Locale: p.User.Locale},
		Account: accountOf(&p.Account), Permissions: p.permissions, Links: a.Links, Version: a.Version.Version,
	}
	if !p.may(FlowRunsRead) { // Temporal Web is for those who may see runs
		me.Links.TemporalUI, me.Links.TemporalNamespace = "", ""
	}
	if p.SignIn != nil {
		me.ExpiresAt = &p.SignIn.ExpiresAt
	}
	return me
}

func (a *app) endSignIn(ctx context.Context, _ *struct{}) (*endSignInOut, error) {
	p := who(ctx)
	if p.SignIn == nil {
		return nil, models.Errorf(models.CodeForbidden, "a token has no sign-in to end: revoke it instead")
	}
	if err := a.Store.EndSignIn(ctx, p.account(), p.SignIn.TokenHash); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "sign_in.ended", "user/"+p.User.ID.String(), nil)
	return &endSignInOut{SetCookie: a.cookie("", -1)}, nil
}

// auditFor writes an audit line about a user who is not signed in.
func (a *app) auditFor(ctx context.Context, u *models.User, action, object string) {
	a.audit(ctx, &principal{Principal: store.Principal{User: *u, Account: models.Account{ID: u.AccountID}}}, action, object, nil)
}
