package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// secureCookie is the sign-in's cookie over https; plainCookie over http on loopback, where __Host- is refused.
const (
	secureCookie = "__Host-perene"
	plainCookie  = "perene"
)

// tokenPrefix begins every API token, so that scanners of repositories find a leaked one.
const tokenPrefix = "pk_live_"

// principal is who acts in a request.
type principal struct {
	store.Principal
	permissions []Permission // sorted
	viewer      store.Viewer
}

func newPrincipal(p *store.Principal) *principal {
	out := &principal{Principal: *p, permissions: RolePermissions(p.User.Role), viewer: store.ViewerOf(&p.User)}
	if p.Token != nil {
		out.permissions = slices.DeleteFunc(out.permissions, func(have Permission) bool { return !slices.Contains(p.Token.Scopes, string(have)) })
	}
	return out
}

func (p *principal) may(permission Permission) bool {
	return permission == SignedIn || slices.Contains(p.permissions, permission)
}

// account is the tenant of everything the request touches.
func (p *principal) account() models.AccountID { return p.Account.ID }

type contextKey int

const (
	principalKey contextKey = iota
	requestKey
)

// who is the principal of a request that passed the guards.
func who(ctx context.Context) *principal {
	p, ok := ctx.Value(principalKey).(*principal)
	if !ok { // only operations that are public come here without one, and they do not ask
		panic("api: an operation without a principal asked for it")
	}
	return p
}

// guards stand before every operation: who is it, may they, not too often, JSON only, and not twice.
func (a *app) guards(o operation, permission Permission) huma.Middlewares {
	return huma.Middlewares{
		func(ctx huma.Context, next func(huma.Context)) {
			c := humagin.Unwrap(ctx)
			if permission == Public {
				if !a.limits.allow(c, a.limits.network, "network", network(c.ClientIP())) {
					return
				}
				next(ctx)
				return
			}
			p, err := a.authenticate(c)
			if err != nil {
				a.refuseUnknown(c, err)
				return
			}
			info := requestInfoOf(c.Request.Context())
			info.principal = p
			if !a.limits.allow(c, a.limits.principal, "principal", p.limitKey()) ||
				!a.limits.allow(c, a.limits.account, "account", p.account().String()) {
				return
			}
			if !p.may(permission) {
				a.denied(c.Request.Context(), p, o.id)
				writeProblem(c, newProblem(models.CodeForbidden, "This needs the permission "+string(permission)+"."))
				return
			}
			a.traceOperation(huma.WithValue(ctx, principalKey, p), o, p, next)
		},
		func(ctx huma.Context, next func(huma.Context)) {
			c := humagin.Unwrap(ctx)
			if problem := checkContentType(c.Request, o); problem != nil {
				writeProblem(c, problem)
				return
			}
			var body []byte
			if !o.files {
				var problem *Problem
				if body, problem = takeBody(c); problem != nil {
					writeProblem(c, problem)
					return
				}
			}
			if key := c.GetHeader("Idempotency-Key"); key != "" && o.idempotent {
				a.once(ctx, c, o, key, body, next)
				return
			}
			next(ctx)
		},
	}
}

func (p *principal) limitKey() string {
	if p.Token != nil {
		return "token/" + p.Account.ID.String() + "/" + p.Token.Prefix + "/" + p.User.ID.String()
	}
	return "user/" + p.User.ID.String()
}

// authenticate finds who sends a request: by an API token, else by the sign-in's cookie. What has not their shape is
// refused at once. What this process has not seen yet is looked up only while its network may still be wrong.
func (a *app) authenticate(c *gin.Context) (*principal, error) {
	if header := c.GetHeader("Authorization"); header != "" {
		scheme, value, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || !token.Shaped(value, tokenPrefix) {
			return nil, models.Errorf(models.CodeUnauthenticated, "give an API token: Authorization: Bearer %s…", tokenPrefix)
		}
		return a.lookUp(c, token.Hash(value), a.Store.PrincipalByToken)
	}
	value, err := c.Cookie(a.cookieName())
	if err != nil || !token.Shaped(value, "") {
		return nil, models.Errorf(models.CodeUnauthenticated, "sign in first, or give an API token")
	}
	return a.lookUp(c, token.Hash(value), a.Store.PrincipalBySignIn)
}

func (a *app) lookUp(c *gin.Context, hash []byte, find func(context.Context, []byte) (*store.Principal, error)) (*principal, error) {
	key := string(hash)
	if _, seen := a.limits.seen.Get(key); !seen && !a.limits.network.open(network(c.ClientIP())) {
		p := newProblem(models.CodeTooMany, "Too many wrong cookies and tokens came from this network: try again.")
		p.retryAfter = time.Second
		return nil, p
	}
	p, err := find(c.Request.Context(), hash)
	if err != nil {
		return nil, err
	}
	a.limits.seen.Put(key, struct{}{}, 1)
	return newPrincipal(p), nil
}

// refuseUnknown answers a request whose sender is not known, and counts it against the network.
func (a *app) refuseUnknown(c *gin.Context, err error) {
	if models.CodeOf(err) == models.CodeUnauthenticated && !a.limits.allow(c, a.limits.network, "network", network(c.ClientIP())) {
		return
	}
	problem := problemOf(err)
	if problem.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	if problem.Status >= http.StatusInternalServerError {
		a.logFailure(c.Request.Context(), "authenticate", err)
	}
	writeProblem(c, problem)
}

// checkContentType lets JSON alone through, and a form where an operation takes files: what a foreign page can send
// without asking first is neither.
func checkContentType(r *http.Request, o operation) *Problem {
	if r.ContentLength == 0 && len(r.TransferEncoding) == 0 {
		return nil
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	want := "application/json"
	if o.files {
		want = "multipart/form-data"
	}
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != want {
		return newProblem(codeUnsupportedMedia, "Send the body as "+want+".")
	}
	return nil
}

// failed turns an operation's error into what is shown, and logs what is ours to mend.
func (a *app) failed(ctx context.Context, id, _ string, err error) error {
	var with huma.HeadersError
	if errors.As(err, &with) {
		if _, ok := err.(*Problem); !ok { //nolint:errorlint // only a bare problem is rewritten
			return err
		}
	}
	problem := problemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		a.logFailure(ctx, id, err)
	}
	return problem.at(ctx, requestInfoOf(ctx).path)
}

func (a *app) logFailure(ctx context.Context, operation string, err error) {
	info := requestInfoOf(ctx)
	if ctx.Err() != nil {
		a.Log.DebugContext(ctx, "operation given up", "operation", operation, "request_id", info.id, "error", err)
		return
	}
	a.Log.ErrorContext(ctx, "operation failed", "operation", operation, "request_id", info.id, "error", err)
}

// audit writes a line of the audit log about what the principal did. What was done stands even if the line cannot be
// written; then the log has it.
func (a *app) audit(ctx context.Context, p *principal, action, object string, data map[string]any) {
	info := requestInfoOf(ctx)
	e := auditorOf(ctx, p)
	e.Action, e.Object, e.Data = action, object, data
	if err := a.Store.Audit(context.WithoutCancel(ctx), p.account(), e); err != nil {
		a.Log.ErrorContext(ctx, "audit line lost", "action", action, "object", object, "account_id", p.account(), "user_id", p.User.ID, "request_id", info.id, "error", err)
	}
}

// auditorOf begins a line of the audit log: who asks, and from where. The caller writes it.
func auditorOf(ctx context.Context, p *principal) store.AuditEntry {
	info := requestInfoOf(ctx)
	info.audited = true
	e := store.AuditEntry{UserID: &p.User.ID, IP: info.ip, RequestID: info.id}
	if p.Token != nil {
		e.TokenID = &p.Token.ID
	}
	return e
}

func (a *app) denied(ctx context.Context, p *principal, operation string) {
	a.audit(ctx, p, "access.denied", operation, nil)
}
