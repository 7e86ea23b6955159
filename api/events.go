package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"

	"github.com/perene/perene/api/live"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// EventsPass opens one WebSocket.
type EventsPass struct {
	Pass      string    `json:"pass" doc:"Works once, as the second protocol of the WebSocket: new WebSocket(url, ['perene.v1', pass])."`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *app) eventOperations() {
	handle(a, operation{
		id: "create-events-pass", method: http.MethodPost, path: "/v1/events/pass", tag: "events", status: http.StatusCreated,
		summary: "Get a pass for the WebSocket /v1/events",
		doc: "For clients whose WebSocket sends no cookie or header. GET /v1/events upgrades to a WebSocket. The client may first say " +
			"{\"after\":\"<seq>\"} and gets everything since, else it starts now. The server says {\"type\":\"ready\",\"seq\"}, then " +
			"{\"type\":\"event\",\"seq\",\"kind\",\"conversation_id\",\"entity_id\"} for each change, {\"type\":\"ping\",\"seq\"} while nothing happens, and " +
			"{\"type\":\"reset\",\"seq\"} when the place is too old: then read everything anew. Keep the last seq and give it when connecting again. " +
			"With {\"rows\":true} in the first message a changed conversation comes as {\"type\":\"row\",\"seq\",\"row\"}, as read-conversation answers it, " +
			"ahead of the last event that changed it: nobody need read it. {\"type\":\"gone\",\"seq\",\"conversation_id\"} says that it is out of your sight.",
	}, a.createEventsPass)
}

// eventsProtocol is the WebSocket's protocol; a pass may follow it.
const eventsProtocol = "perene.v1"

// passLife is how long a pass may wait to be used.
const passLife = 30 * time.Second

// passPlace is what passes are sealed for. No other sealed value opens as one.
const passPlace = "events/pass"

// pass names who may open one WebSocket. It is sealed: any process can open it, and the database uses it up.
type pass struct {
	Account models.AccountID `json:"a"`
	SignIn  []byte           `json:"s,omitempty"` // SHA-256 of the cookie
	Token   []byte           `json:"t,omitempty"` // SHA-256 of the API token
	Expires time.Time        `json:"e"`
	Nonce   string           `json:"n"`
}

func (a *app) createEventsPass(ctx context.Context, _ *struct{}) (*one[EventsPass], error) {
	p := who(ctx)
	nonce, err := token.New(a.Random, "")
	if err != nil {
		return nil, err
	}
	t := pass{Account: p.account(), Expires: a.Now().Add(passLife).UTC().Truncate(time.Second), Nonce: nonce}
	if p.SignIn != nil {
		t.SignIn = p.SignIn.TokenHash
	} else {
		t.Token = p.Token.TokenHash
	}
	plain, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	sealed, err := a.Key.Seal(passPlace, plain)
	if err != nil {
		return nil, err
	}
	return &one[EventsPass]{Body: EventsPass{Pass: base64.RawURLEncoding.EncodeToString(sealed), ExpiresAt: t.Expires}}, nil
}

// usePass takes a pass, once, and finds whose it is.
func (a *app) usePass(ctx context.Context, value string) (*principal, error) {
	refused := models.Errorf(models.CodeUnauthenticated, "the pass was used or has run out: get a new one")
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil, refused
	}
	plain, err := a.Key.Open(passPlace, sealed)
	if err != nil {
		return nil, refused
	}
	var t pass
	if err := json.Unmarshal(plain, &t); err != nil || a.Now().After(t.Expires) {
		return nil, refused
	}
	hash := token.Hash(t.Nonce)
	answer, err := a.Store.BeginIdempotent(ctx, t.Account, "events-pass/"+hex.EncodeToString(hash), "events-pass", hash)
	if err != nil || answer != nil {
		if store.IsUnavailable(err) {
			return nil, err
		}
		return nil, refused
	}
	if err := a.Store.EndIdempotent(ctx, t.Account, "events-pass/"+hex.EncodeToString(hash), http.StatusSwitchingProtocols, nil); err != nil {
		return nil, err
	}
	return a.listener(ctx, t.SignIn, t.Token)
}

// listener finds who listens, without counting that as the user's activity.
func (a *app) listener(ctx context.Context, signIn, apiToken []byte) (*principal, error) {
	var p *store.Principal
	var err error
	if len(signIn) > 0 {
		p, err = a.signIns.check(ctx, signIn)
	} else {
		p, err = a.Store.PrincipalByToken(ctx, apiToken)
	}
	if err != nil {
		return nil, err
	}
	return newPrincipal(p), nil
}

// eventPermissions says who may learn of events of a kind; every other kind is for conversations' readers, and carries no
// more than ids.
var eventPermissions = map[string]Permission{
	models.EventFlowRunUpdated:   FlowRunsRead,
	models.EventFlowUpdated:      FlowsRead,
	models.EventContactUpdated:   ContactsRead,
	models.EventTemplateUpdated:  TemplatesRead,
	models.EventQuarantineAdded:  QuarantineRead,
	models.EventDraftUpdated:     MessagesSend, // and to its user alone
	models.EventBulkJobUpdated:   TicketsWrite, // and to its user alone
	models.EventBroadcastUpdated: BroadcastsRead,
}

func liveClient(p *principal) live.Client {
	return live.Client{Account: p.account(), Viewer: p.viewer, Locale: p.User.Locale, May: func(kind string) bool {
		permission, ok := eventPermissions[kind]
		if !ok {
			permission = ConversationsRead
		}
		return p.may(permission)
	}}
}

// listen upgrades GET /v1/events to a WebSocket: by the sign-in's cookie (from our own pages alone), an API
// token, or a pass as the second protocol.
func (a *app) listen(c *gin.Context) {
	ctx := c.Request.Context()
	var p *principal
	var err error
	if value := passOf(c.Request); value != "" {
		p, err = a.usePass(ctx, value)
	} else {
		p, err = a.authenticate(c)
	}
	if err != nil {
		a.refuseUnknown(c, err)
		return
	}
	requestInfoOf(ctx).principal = p
	if !a.limits.allow(c, a.limits.principal, "principal", p.limitKey()) {
		return
	}
	var after *models.Cursor
	if value := c.Query("after"); value != "" {
		place, err := models.ParseCursor(value)
		if err != nil {
			writeProblem(c, problemOf(models.Invalid("query.after", "give the seq of an event, unchanged")))
			return
		}
		after = &place
	}
	release, ok := a.takeSocket(c, p)
	if !ok {
		return
	}
	defer release()
	conn, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{
		Subprotocols: []string{eventsProtocol}, OriginPatterns: []string{a.publicURL.Scheme + "://" + a.publicURL.Host}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	a.metrics.sockets.Inc()
	defer a.metrics.sockets.Dec()
	var signIn, apiToken []byte
	if p.SignIn != nil {
		signIn = p.SignIn.TokenHash
	} else {
		apiToken = p.Token.TokenHash
	}
	check := func(ctx context.Context) (live.Client, error) {
		now, err := a.listener(ctx, signIn, apiToken)
		if models.CodeOf(err) == models.CodeUnauthenticated && err != nil {
			return live.Client{}, live.ErrSignedOut
		}
		if err != nil { // Postgres is away: nobody can have been signed out
			return liveClient(p), nil //nolint:nilerr // said above
		}
		p = now
		return liveClient(p), nil
	}
	a.hub.Serve(ctx, conn, liveClient(p), after, check, a.Limits.SignInCheck)
}

// passOf finds a pass among a WebSocket's protocols.
func passOf(r *http.Request) string {
	protocols := strings.Split(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",")
	if len(protocols) == 2 && strings.TrimSpace(protocols[0]) == eventsProtocol {
		return strings.TrimSpace(protocols[1])
	}
	return ""
}
