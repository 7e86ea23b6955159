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
	Permissions []Permission `json:"permissions" doc:"What this session or token may do."`
	Links       Links        `json:"links"`
	ExpiresAt   *time.Time   `json:"expires_at,omitempty" doc:"When the session ends at the latest; absent for tokens."`
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

type createSessionIn struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type createSessionFromLinkIn struct {
	Body struct {
		Token string `json:"token" minLength:"20" maxLength:"100" doc:"The t of the one-time link /entrar?t=…"`
	}
}

type sessionOut struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

type endSessionOut struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *app) sessionOperations() {
	handle(a, operation{
		id: "create-session", method: http.MethodPost, path: "/v1/session", tag: "session", status: http.StatusCreated,
		summary: "Sign in with e-mail and password", doc: "Sets the session cookie. After five failures each try has to wait longer (429 with Retry-After).",
	}, a.createSession)
	handle(a, operation{
		id: "create-session-from-link", method: http.MethodPost, path: "/v1/session/link", tag: "session", status: http.StatusCreated,
		summary: "Sign in with a one-time link", doc: "A link works once and for a short time.",
	}, a.createSessionFromLink)
	handle(a, operation{
		id: "read-session", method: http.MethodGet, path: "/v1/session", tag: "session", summary: "Who is signed in",
	}, a.readSession)
	handle(a, operation{
		id: "end-session", method: http.MethodDelete, path: "/v1/session", tag: "session", status: http.StatusNoContent, summary: "Sign out",
	}, a.endSession)
}

// Throttling of sign-ins (reliability.md 4.6, S8): after freeFailures the wait doubles from a second to maxWait. An address
// that is tried from many networks is slowed down as a whole, but not for networks its owner has signed in from.
const (
	freeFailures        = 5
	freeNetworkFailures = 50
	maxWait             = 5 * time.Minute
	failureSpan         = time.Hour
	hashWait            = 3 * time.Second
)

func (a *app) createSession(ctx context.Context, in *createSessionIn) (*sessionOut, error) {
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
			a.auditFor(ctx, user, "session.refused", "user/"+user.ID.String())
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

func (a *app) createSessionFromLink(ctx context.Context, in *createSessionFromLinkIn) (*sessionOut, error) {
	account, user, err := a.Store.UseLoginLink(ctx, token.Hash(in.Body.Token))
	if err != nil {
		return nil, err
	}
	return a.signIn(ctx, account, user, "link")
}

// signIn gives the browser a new session: never one it brought along.
func (a *app) signIn(ctx context.Context, account models.AccountID, user models.UserID, how string) (*sessionOut, error) {
	value, err := token.New(a.Random, "")
	if err != nil {
		return nil, err
	}
	info := requestInfoOf(ctx)
	hash := token.Hash(value)
	session, err := a.Store.CreateSession(ctx, account, user, models.Session{TokenHash: hash, UserAgent: info.userAgent, IP: network(info.ip)})
	if err != nil {
		return nil, err
	}
	found, err := a.Store.PrincipalBySession(ctx, hash)
	if err != nil {
		return nil, err
	}
	p := newPrincipal(found)
	info.principal = p
	a.audit(ctx, p, "session.created", "user/"+user.String(), map[string]any{"how": how})
	return &sessionOut{SetCookie: a.cookie(value, int(session.ExpiresAt.Sub(a.Now()).Seconds())), Body: a.me(p)}, nil
}

// cookie writes the session's cookie; a negative life takes it away.
func (a *app) cookie(value string, life int) string {
	c := http.Cookie{Name: a.cookieName(), Value: value, Path: "/", MaxAge: life, HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode} //nolint:gosec // Secure over https; loopback in development has none
	return c.String()
}

func (a *app) readSession(ctx context.Context, _ *struct{}) (*one[Me], error) {
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
	if p.Session != nil {
		me.ExpiresAt = &p.Session.ExpiresAt
	}
	return me
}

func (a *app) endSession(ctx context.Context, _ *struct{}) (*endSessionOut, error) {
	p := who(ctx)
	if p.Session == nil {
		return nil, models.Errorf(models.CodeForbidden, "a token has no session to end: revoke it instead")
	}
	if err := a.Store.EndSession(ctx, p.account(), p.Session.TokenHash); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "session.ended", "user/"+p.User.ID.String(), nil)
	return &endSessionOut{SetCookie: a.cookie("", -1)}, nil
}

// auditFor writes an audit line about a user who is not signed in.
func (a *app) auditFor(ctx context.Context, u *models.User, action, object string) {
	a.audit(ctx, &principal{Principal: store.Principal{User: *u, Account: models.Account{ID: u.AccountID}}}, action, object, nil)
}
