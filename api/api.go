package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/perene/perene/api/live"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Workflows gives commands to workflows that run. An error with models.CodeUnavailable means that Temporal cannot be
// reached now, models.CodeNotFound that the workflow does not run.
type Workflows interface {
	// CommandRun lets a flow run take up a command from its mailbox; name is one of contract.UpdateMoveTo,
	// UpdateSetVariable and UpdateStop. It returns when the run has taken it.
	CommandRun(ctx context.Context, run models.FlowRunID, name string, event int64) error
	// RetryNow makes the next try of a failed message now, CancelRetry gives the later tries up.
	RetryNow(ctx context.Context, message models.MessageID) error
	CancelRetry(ctx context.Context, message models.MessageID) error
	// CommandTicket lets a ticket's workflow take a command of its mailbox, and returns when the command has its answer.
	CommandTicket(ctx context.Context, ticket contract.TicketStart, kind models.TicketCommandKind, command models.TicketCommandID) error
	// SyncConnection reads templates, health and quality from the provider now.
	SyncConnection(ctx context.Context, start contract.ConnectionStart) error
}

// Waker rings and wakes after COMMIT what a change asks for. It must not block.
type Waker interface {
	Wake(account models.AccountID, w contract.Wake)
}

// Inbound stores a delivery in one transaction and wakes what it concerns. Its error decides the answer to the provider:
// store.IsUnavailable gives 503, so that it is delivered again.
type Inbound interface {
	Receive(ctx context.Context, conn *models.Connection, delivery channels.Delivery, raw []byte) error
	// Replay takes in again what is in quarantine, after a correction of ours. It returns what is wrong with it still.
	Replay(ctx context.Context, account models.AccountID, id models.QuarantineID) error
}

// Version says which program answers.
type Version struct {
	Version string `json:"version" doc:"Release, or \"dev\"." example:"0.1.0"`
	Commit  string `json:"commit,omitempty" doc:"The commit it was built from."`
	Go      string `json:"go" doc:"The Go release it was built with."`
}

// Deps is what the API needs. Store, Key, Files, Workflows, Waker, Inbound, Channels and PublicURL are required; the rest
// has defaults.
type Deps struct {
	Store     *store.Store
	Key       seal.Key
	Files     blobs.Store
	Workflows Workflows
	Waker     Waker
	Inbound   Inbound
	// ProviderHosts are where connections' tokens may travel to. Nil: anywhere.
	ProviderHosts config.Hosts
	// AllowPrivate lets webhooks go to this machine and to private networks: for development only.
	AllowPrivate bool
	// Channels are the adapters by models.Connection.Channel.
	Channels map[string]channels.Adapter
	// FlowChannels are what flows can do, by the same names; the linter checks documents against those of the account's
	// connections, and against WhatsApp where there is none.
	FlowChannels map[string]flow.Capabilities
	// RunRecord reads a run with all that it took up, as it is played again. Nil makes no tests of real conversations.
	RunRecord func(ctx context.Context, account models.AccountID, id models.FlowRunID) (*terminal.Record, error)

	// PublicURL is how browsers reach us; its scheme decides about Secure cookies and its origin is trusted.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []string
	// Console holds the built console (web/dist); nil serves none.
	Console fs.FS
	Links   Links

	// TemporalReady tells /readyz whether Temporal answers; nil means not asked.
	TemporalReady func(ctx context.Context) error
	Log           *slog.Logger
	Registry      *prometheus.Registry
	Version       Version
	Limits        Limits
	// Traces begins the traces of deliveries and of operations that change something; nil begins none.
	Traces *trace.Tracer
	// Now and Random are the clock and the source of tokens.
	Now    func() time.Time
	Random io.Reader
}

// Links are addresses outside the API that the console shows.
type Links struct {
	TemporalUI        string `json:"temporal_ui_url,omitempty" doc:"Temporal Web; empty when there is none." example:"http://localhost:8233"`
	TemporalNamespace string `json:"temporal_namespace,omitempty" example:"perene"`
	Phone             string `json:"phone_url,omitempty" doc:"The simulated customer's phone; only in development."`
	Docs              string `json:"docs_url" example:"/docs"`
}

// Limits bound what one client may ask for. Zero fields mean the defaults.
type Limits struct {
	PerPrincipal  Rate // each user or token; default 50/s, burst 200
	PerIP         Rate // requests of one network that are not signed in; default 10/s, burst 40
	PerAccount    Rate // all users and tokens of an account together; default 300/s, burst 1000
	Webhook       Rate // wrongly signed webhooks of one network; default 5/s, burst 50
	Elements      Rate // elements of rightly signed webhooks of one connection; default 5,000/s, burst 50,000
	MediaBytes    int64
	WebhookBytes  int64         // default 4 MiB; Meta's deliveries have at most 3
	WebhookMaxAge time.Duration // default 8 days; Meta redelivers for 7
	// EventsPoll is how often the outbox is read while somebody listens; default 100 ms.
	EventsPoll time.Duration
	// SignInCheck is how often an open WebSocket's sign-in is looked at again; default 60 s is cut to 5 s by S9.
	SignInCheck time.Duration
}

// Rate is a token bucket.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (l Limits) filled() Limits {
	rate := func(r *Rate, perSecond float64, burst int) {
		if r.PerSecond == 0 {
			*r = Rate{perSecond, burst}
		}
	}
	rate(&l.PerPrincipal, 50, 200)
	rate(&l.PerIP, 10, 40)
	rate(&l.PerAccount, 300, 1000)
	rate(&l.Webhook, 5, 50)
	rate(&l.Elements, 5_000, 50_000)
	if l.MediaBytes == 0 {
		l.MediaBytes = 100 << 20
	}
	if l.WebhookBytes == 0 {
		l.WebhookBytes = 4 << 20
	}
	if l.WebhookMaxAge == 0 {
		l.WebhookMaxAge = 8 * 24 * time.Hour
	}
	if l.EventsPoll == 0 {
		l.EventsPoll = 100 * time.Millisecond
	}
	if l.SignInCheck == 0 {
		l.SignInCheck = 5 * time.Second
	}
	return l
}

// app is the API's state.
type app struct {
	Deps
	huma          huma.API
	engine        *gin.Engine
	publicURL     *url.URL
	crossOrigin   *http.CrossOriginProtection
	consolePolicy string
	limits        *limits
	bounds        map[string]bounds // by method and route
	metrics       *metrics
	hooks         *hooks
	proxies       *proxies
	deliveries    *deliveries
	uploads       uploads
	hub           *live.Hub
	signIns       signInChecks
	sockets       sockets
}

// New makes the whole HTTP side: API, webhooks, WebSocket, docs and console.
func New(d Deps) (http.Handler, error) {
	a, err := newApp(d)
	if err != nil {
		return nil, err
	}
	return a.engine, nil
}

func newApp(d Deps) (*app, error) {
	if d.Store == nil || d.Files == nil || d.Workflows == nil || d.Waker == nil || d.Inbound == nil {
		return nil, errors.New("make the API: a dependency is missing")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Registry == nil {
		d.Registry = prometheus.NewRegistry()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Random == nil {
		d.Random = rand.Reader
	}
	if d.Links.Docs == "" {
		d.Links.Docs = "/docs"
	}
	d.Limits = d.Limits.filled()
	public, err := url.Parse(d.PublicURL)
	if err != nil || public.Host == "" {
		return nil, errors.New("make the API: the public URL is not a web address")
	}
	a := &app{Deps: d, publicURL: public}
	gin.SetMode(gin.ReleaseMode)
	a.engine = gin.New()
	a.engine.HandleMethodNotAllowed = true
	if err := a.engine.SetTrustedProxies(d.TrustedProxies); err != nil {
		return nil, fmt.Errorf("make the API: the trusted proxies are not addresses or networks: %w", err)
	}
	if a.proxies, err = newProxies(d.TrustedProxies); err != nil {
		return nil, fmt.Errorf("make the API: %w", err)
	}
	a.crossOrigin = http.NewCrossOriginProtection()
	if err := a.crossOrigin.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("make the API: %w", err)
	}
	socket := "ws://" + public.Host
	if a.secure() {
		socket = "wss://" + public.Host
	}
	a.consolePolicy = fmt.Sprintf(consolePolicy, socket)
	a.limits = newLimits(d.Limits, d.Now)
	if a.metrics, err = newMetrics(d.Registry); err != nil {
		return nil, err
	}
	a.deliveries = newDeliveries(int(d.Store.Pool().Config().MaxConns))
	a.hooks = newHooks(d.Store, d.Key)
	a.signIns.alive = d.Store.SignInsAlive
	a.hub = live.NewHub(d.Store, func(v *store.ConversationView, locale string) any { return a.conversationOf(v, locale) }, d.Limits.EventsPoll, d.Log)
	a.engine.Use(a.enter, a.protect, a.bound)
	a.huma = humagin.New(a.engine, contractConfig())
	a.operations()
	if err := checkOperations(a.huma.OpenAPI(), operationPermissions); err != nil {
		return nil, err
	}
	a.docsRoutes()
	a.webhookRoutes()
	a.engine.GET("/v1/events", a.listen)
	a.systemRoutes()
	return a, nil
}

// operations registers the contract.
func (a *app) operations() {
	a.signInOperations()
	a.tokenOperations()
	a.accountOperations()
	a.settingsOperations()
	a.quotaOperations()
	a.connectionOperations()
	a.templateOperations()
	a.flowOperations()
	a.flowRunOperations()
	a.contactOperations()
	a.contactNoteOperations()
	a.conversationOperations()
	a.savedViewOperations()
	a.notificationOperations()
	a.presenceOperations()
	a.messageOperations()
	a.noteOperations()
	a.cannedResponseOperations()
	a.renderOperations()
	a.libraryOperations()
	a.draftOperations()
	a.profileOperations()
	a.sendingOperations()
	a.startOperations()
	a.conversationChangeOperations()
	a.ticketOperations()
	a.bulkJobOperations()
	a.scheduledOperations()
	a.broadcastOperations()
	a.mediaOperations()
	a.quarantineOperations()
	a.eventOperations()
}

// OpenAPI gives the contract as it is checked in: indented JSON that ends with a line feed.
func OpenAPI() ([]byte, error) {
	spec := contractAlone()
	if err := checkOperations(spec, operationPermissions); err != nil {
		return nil, err
	}
	return marshalSpec(spec)
}

// contractAlone makes the contract without anything behind it.
func contractAlone() *huma.OpenAPI {
	gin.SetMode(gin.ReleaseMode)
	a := &app{engine: gin.New()}
	a.huma = humagin.New(a.engine, contractConfig())
	a.operations()
	return a.huma.OpenAPI()
}
