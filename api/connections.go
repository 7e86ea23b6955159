package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Connection is one account at a provider through which we speak.
type Connection struct {
	ID             models.ConnectionID       `json:"id"`
	Key            string                    `json:"key" doc:"Opaque name in the webhook's address."`
	Name           string                    `json:"name"`
	Channel        string                    `json:"channel" example:"whatsapp_cloud"`
	IsDefault      bool                      `json:"is_default" doc:"Used when a send chooses no connection; exactly one is."`
	State          models.ConnectionState    `json:"state" enum:"active,held,paused,removed"`
	Hold           *ConnectionHold           `json:"hold,omitempty" doc:"Why messages wait, while state is held."`
	DisplayPhone   *string                   `json:"display_phone,omitempty" doc:"The provider's once it is known, and until then the admin's."`
	Secrets        ConnectionSecrets         `json:"secrets"`
	RatePerSecond  int                       `json:"rate_per_second" doc:"Messages a second; 0 means the channel's default."`
	InitialFlowID  *models.FlowID            `json:"initial_flow_id,omitempty"`
	InitialQueueID *models.QueueID           `json:"initial_queue_id,omitempty"`
	SurveyID       *models.SurveyID          `json:"survey_id,omitempty" doc:"The survey that closing offers first, where the queue has none."`
	Settings       models.ConnectionSettings `json:"settings"`
	Health         json.RawMessage           `json:"health" doc:"What the provider tells: verified name, quality, limits, coexistence. Nobody sets it."`
	HealthAt       *time.Time                `json:"health_at,omitempty"`
	Queued         int64                     `json:"queued" doc:"Messages that wait to leave."`
	WebhookURL     string                    `json:"webhook_url" doc:"What to enter at the provider."`
	TemporalURL    string                    `json:"temporal_url,omitempty" doc:"Its workflow in Temporal Web."`
	Capabilities   *models.Capabilities      `json:"capabilities,omitempty" doc:"What the channel can do; only when one connection is read."`
	CreatedAt      time.Time                 `json:"created_at"`
	UpdatedAt      time.Time                 `json:"updated_at"`
	fields         map[string]string         // the channel's that are no secrets, among the others
}

// ConnectionHold is an open circuit breaker.
type ConnectionHold struct {
	Scope   models.HoldScope `json:"scope" enum:"all,templates"`
	Reason  string           `json:"reason"`
	Code    *int             `json:"code,omitempty" doc:"The provider's error code."`
	Since   *time.Time       `json:"since,omitempty"`
	ProbeAt *time.Time       `json:"probe_at,omitempty" doc:"The next try to close it."`
}

// ConnectionRef names a connection where people work with it.
type ConnectionRef struct {
	ID      models.ConnectionID    `json:"id"`
	Name    string                 `json:"name"`
	Channel string                 `json:"channel"`
	State   models.ConnectionState `json:"state" enum:"active,held,paused,removed"`
}

type createConnectionIn struct {
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"100"`
		Key     string `json:"key,omitempty" minLength:"8" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"Unique name in the webhook's address; a random one if absent."`
		Channel string `json:"channel,omitempty" enum:"whatsapp_cloud" default:"whatsapp_cloud"`
	}
}

type updateConnectionIn struct {
	ID   models.ConnectionID `path:"id" minimum:"1"`
	Body updateConnectionInBody
}

type updateConnectionInBody struct {
	Name           *string                    `json:"name,omitempty" minLength:"1" maxLength:"100"`
	IsDefault      *bool                      `json:"is_default,omitempty" doc:"true makes it the default in place of the present one."`
	DisplayPhone   *string                    `json:"display_phone,omitempty" maxLength:"30" doc:"Shown until the provider tells its own."`
	RatePerSecond  *int                       `json:"rate_per_second,omitempty" minimum:"0" maximum:"1000"`
	InitialFlowID  *models.FlowID             `json:"initial_flow_id,omitempty" minimum:"0" doc:"0 takes it away."`
	InitialQueueID *models.QueueID            `json:"initial_queue_id,omitempty" minimum:"0" doc:"0 takes it away."`
	SurveyID       *models.SurveyID           `json:"survey_id,omitempty" minimum:"0" doc:"0 takes it away."`
	Settings       *models.ConnectionSettings `json:"settings,omitempty" doc:"What admins set; replaced as a whole. What the provider tells is in health."`
	fields         map[string]string          // the channel's
	forget         bool                       // the secrets before
}

type connectionIDIn struct {
	ID models.ConnectionID `path:"id" minimum:"1"`
}

type listConnectionsIn struct {
	Paging
	Removed bool `query:"removed" doc:"Removed ones as well."`
}

func (a *app) connectionOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/connections" + path, tag: "connections", summary: summary}
	}
	handle(a, op("list-connections", http.MethodGet, "", "List connections"), a.listConnections)
	o := op("create-connection", http.MethodPost, "", "Create a connection")
	o.status, o.idempotent, o.doc = http.StatusCreated, true, "Everything else is set afterwards. The first connection of an account is its default."
	handle(a, o, a.createConnection)
	handle(a, op("read-connection", http.MethodGet, "/{id}", "Read a connection"), a.readConnection)
	handle(a, op("update-connection", http.MethodPatch, "/{id}", "Change a connection"), a.updateConnection)
	o = op("remove-connection", http.MethodDelete, "/{id}", "Remove a connection")
	o.doc = "Its history stays; its secrets are forgotten and its webhooks are refused."
	handle(a, o, a.removeConnection)
	o = op("pause-connection", http.MethodPost, "/{id}/pause", "Stop sending")
	o.doc = "Messages wait in order; receiving goes on."
	handle(a, o, a.pauseConnection)
	o = op("resume-connection", http.MethodPost, "/{id}/resume", "Send again")
	o.doc = "Also closes the circuit breaker of a held connection at once."
	handle(a, o, a.resumeConnection)
	o = op("sync-connection", http.MethodPost, "/{id}/sync", "Read templates, health and quality from the provider now")
	o.status = http.StatusAccepted
	handle(a, o, a.syncConnection)
}

func (a *app) connectionOf(v *store.ConnectionView) Connection {
	c := &v.Connection
	out := Connection{
		ID: c.ID, Key: c.Key, Name: c.Name, Channel: c.Channel, IsDefault: c.IsDefault, State: c.State,
		DisplayPhone: c.ShownPhone(), Secrets: secretsOf(c), fields: shownFields(c),
		RatePerSecond: c.RatePerSecond, InitialFlowID: c.InitialFlowID, InitialQueueID: c.InitialQueueID, SurveyID: c.SurveyID, Settings: c.Settings,
		Health: c.Health, HealthAt: c.HealthAt, Queued: v.Queued, WebhookURL: a.webhookURL(c), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		TemporalURL: a.workflowURL(contract.ConnectionStart{AccountID: c.AccountID, ConnectionID: c.ID}.Doorbell().WorkflowID),
	}
	if c.State == models.ConnectionHeld {
		out.Hold = &ConnectionHold{Scope: c.HoldScope, Code: c.HoldCode, Since: c.HeldAt, ProbeAt: c.ProbeAt}
		if c.HoldReason != nil {
			out.Hold.Reason = *c.HoldReason
		}
	}
	return out
}

func (a *app) webhookURL(c *models.Connection) string {
	return strings.TrimSuffix(a.publicURL.String(), "/") + webhookPath(c.Key)
}

func (a *app) listConnections(ctx context.Context, in *listConnectionsIn) (*page[Connection], error) {
	after, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Connections(ctx, who(ctx).account(), in.Removed, models.ConnectionID(after), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(c store.ConnectionView) Connection { return a.connectionOf(&c) },
		func(c store.ConnectionView) string { return idCursor(c.ID) })
}

func (a *app) connectionNow(ctx context.Context, id models.ConnectionID) (*one[Connection], error) {
	c, err := a.Store.Connection(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	out := a.connectionOf(c)
	if adapter := a.Channels[c.Channel]; adapter != nil {
		out.Capabilities = adapter.Capabilities()
	}
	return &one[Connection]{Body: out}, nil
}

func (a *app) readConnection(ctx context.Context, in *connectionIDIn) (*one[Connection], error) {
	return a.connectionNow(ctx, in.ID)
}

func (a *app) createConnection(ctx context.Context, in *createConnectionIn) (*one[Connection], error) {
	p := who(ctx)
	key := in.Body.Key
	if key == "" {
		var err error
		if key, err = token.New(a.Random, ""); err != nil {
			return nil, err
		}
		key = key[:22] // 132 bits
	}
	c, err := a.Store.CreateConnection(ctx, p.account(), in.Body.Name, key, in.Body.Channel)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "connection.created", "connection/"+c.ID.String(), nil)
	return a.connectionNow(ctx, c.ID)
}

func (a *app) updateConnection(ctx context.Context, in *updateConnectionIn) (*one[Connection], error) {
	p, b := who(ctx), &in.Body
	c, err := a.Store.Connection(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	if err := checkChannelFields(c.Channel, b.fields, a.ProviderHosts); err != nil {
		return nil, err
	}
	changed, err := a.Store.UpdateConnection(ctx, p.account(), in.ID, store.ConnectionPatch{
		Name: b.Name, DisplayPhone: b.DisplayPhone, IsDefault: b.IsDefault, Fields: b.fields, ForgetPreviousSecrets: b.forget,
		RatePerSecond: b.RatePerSecond, InitialFlowID: b.InitialFlowID, InitialQueueID: b.InitialQueueID, SurveyID: b.SurveyID, Settings: b.Settings,
	}, a.Key)
	if err != nil {
		return nil, err
	}
	if len(changed) > 0 {
		a.connectionChanged(ctx, p, in.ID)
		a.audit(ctx, p, "connection.updated", "connection/"+in.ID.String(), map[string]any{"fields": changed})
	} else {
		changedNothing(ctx)
	}
	after, err := a.Store.Connection(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	if speaksAnew(&after.Connection, changed) {
		if err := a.ringConnection(ctx, p.account(), in.ID); err != nil {
			return nil, err
		}
	}
	return a.connectionNow(ctx, in.ID)
}

// speaksAnew tells whether a connection can speak, and by something that has changed.
func speaksAnew(c *models.Connection, changed []string) bool {
	if !c.HasSecrets(models.NeedSending) {
		return false
	}
	for _, f := range models.ChannelOf(c.Channel).Fields {
		speaks := f.Need == models.NeedSending || f.Part == models.PartPortfolio
		if speaks && slices.Contains(changed, f.Name) {
			return true
		}
	}
	return false
}

// connectionChanged forgets what is remembered of a connection.
func (a *app) connectionChanged(_ context.Context, _ *principal, id models.ConnectionID) {
	a.hooks.forget(id)
}

// ringConnection lets the connection's workflow look at it; the first ring starts the workflow.
func (a *app) ringConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) error {
	start := contract.ConnectionStart{AccountID: account, ConnectionID: id}
	bell, err := a.Store.RingDoorbell(ctx, account, contract.WorkflowConnection, start.Doorbell().WorkflowID, start)
	if err != nil {
		return err
	}
	a.Waker.Wake(account, contract.Wake{Doorbells: []contract.Doorbell{bell}, Connections: []models.ConnectionID{id}})
	return nil
}

func (a *app) removeConnection(ctx context.Context, in *connectionIDIn) (*one[Connection], error) {
	p := who(ctx)
	if err := a.Store.RemoveConnection(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	a.connectionChanged(ctx, p, in.ID)
	a.audit(ctx, p, "connection.removed", "connection/"+in.ID.String(), nil)
	if err := a.ringConnection(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	return a.connectionNow(ctx, in.ID)
}

func (a *app) pauseConnection(ctx context.Context, in *connectionIDIn) (*one[Connection], error) {
	return a.switchConnection(ctx, in.ID, "connection.paused", a.Store.PauseConnection)
}

func (a *app) resumeConnection(ctx context.Context, in *connectionIDIn) (*one[Connection], error) {
	return a.switchConnection(ctx, in.ID, "connection.resumed", a.Store.ResumeConnection)
}

func (a *app) switchConnection(ctx context.Context, id models.ConnectionID, action string, change func(context.Context, models.AccountID, models.ConnectionID) (contract.SenderRest, error)) (*one[Connection], error) {
	p := who(ctx)
	rest, err := change(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	if rest.State == models.ConnectionRemoved {
		return nil, &models.Error{Code: models.CodeConnectionState, Key: "connection.removed", Message: "the connection was removed"}
	}
	a.connectionChanged(ctx, p, id)
	a.audit(ctx, p, action, "connection/"+id.String(), nil)
	if err := a.ringConnection(ctx, p.account(), id); err != nil {
		return nil, err
	}
	return a.connectionNow(ctx, id)
}

func (a *app) syncConnection(ctx context.Context, in *connectionIDIn) (*one[Connection], error) {
	p := who(ctx)
	c, err := a.Store.Connection(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	if c.State == models.ConnectionRemoved {
		return nil, &models.Error{Code: models.CodeConnectionState, Key: "connection.removed", Message: "the connection was removed"}
	}
	if !c.HasSecrets(models.NeedSending) {
		return nil, models.Errorf(models.CodeConflict, "set %s first", strings.Join(c.Lacks(models.NeedSending), ", "))
	}
	if err := a.Workflows.SyncConnection(ctx, contract.ConnectionStart{AccountID: p.account(), ConnectionID: in.ID}); err != nil {
		return nil, err
	}
	return a.connectionNow(ctx, in.ID)
}
