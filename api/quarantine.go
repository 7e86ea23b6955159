package api

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Quarantined is a part of a delivery that nobody could take in.
type Quarantined struct {
	ID             models.QuarantineID   `json:"id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
	ConnectionName string                `json:"connection_name"`
	Element        channels.ElementKind  `json:"element" doc:"What kind of part it is." example:"message"`
	Code           models.QuarantineCode `json:"code" doc:"Why, in one word; the console has words for each."`
	Reason         string                `json:"reason" doc:"Why, in English, with the particulars."`
	Size           int                   `json:"size" doc:"Bytes."`
	Replays        int                   `json:"replays" doc:"How often it was tried again."`
	LastCode       models.QuarantineCode `json:"last_code,omitempty" doc:"Why the last try failed, in one word."`
	LastError      string                `json:"last_error,omitempty" doc:"The same in English."`
	ReceivedAt     time.Time             `json:"received_at"`
	ResolvedAt     *time.Time            `json:"resolved_at,omitempty"`
	Resolution     string                `json:"resolution,omitempty" doc:"replayed, or what was written when it was resolved."`
}

// QuarantinedDetail is a quarantined part with its bytes.
type QuarantinedDetail struct {
	Quarantined
	Body     string `json:"body" doc:"As it came; base64 when encoding says so."`
	Encoding string `json:"encoding" enum:"text,base64"`
}

type listQuarantineIn struct {
	Paging
	ConnectionID models.ConnectionID `query:"connection_id" minimum:"1"`
	Resolved     bool                `query:"resolved" doc:"Resolved ones instead."`
}

type quarantineIDIn struct {
	ID models.QuarantineID `path:"id" minimum:"1"`
}

type resolveIn struct {
	ID   models.QuarantineID `path:"id" minimum:"1"`
	Body struct {
		Resolution string `json:"resolution" minLength:"1" maxLength:"500" doc:"Why it needs no replay."`
	}
}

func (a *app) quarantineOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/quarantine" + path, tag: "quarantine", summary: summary}
	}
	handle(a, op("list-quarantine", http.MethodGet, "", "List what could not be taken in, newest first"), a.listQuarantine)
	handle(a, op("read-quarantined", http.MethodGet, "/{id}", "Read one with its bytes"), a.readQuarantined)
	o := op("replay-quarantined", http.MethodPost, "/{id}/replay", "Take it in again")
	o.doc = "Resolved when it works; otherwise last_error says what is still wrong."
	handle(a, o, a.replayQuarantined)
	handle(a, op("resolve-quarantined", http.MethodPost, "/{id}/resolve", "Close it without taking it in"), a.resolveQuarantined)
}

func quarantinedOf(v *store.QuarantineView) Quarantined {
	return Quarantined{ID: v.ID, ConnectionID: v.ConnectionID, ConnectionName: v.ConnectionName, Element: channels.ElementKind(v.Element), Code: v.Code, Reason: v.Reason, Size: v.Bytes,
		Replays: v.Replays, LastCode: v.LastCode, LastError: v.LastError, ReceivedAt: v.ReceivedAt, ResolvedAt: v.ResolvedAt, Resolution: v.Resolution}
}

func (a *app) listQuarantine(ctx context.Context, in *listQuarantineIn) (*page[Quarantined], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Quarantine(ctx, who(ctx).account(), store.QuarantineFilter{ConnectionID: in.ConnectionID, Resolved: in.Resolved,
		Before: models.QuarantineID(before), Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, func(q store.QuarantineView) Quarantined { return quarantinedOf(&q) }, func(q store.QuarantineView) string { return idCursor(q.ID) })
}

func (a *app) quarantinedNow(ctx context.Context, id models.QuarantineID) (*one[QuarantinedDetail], error) {
	v, err := a.Store.Quarantined(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	out := QuarantinedDetail{Quarantined: quarantinedOf(v), Body: string(v.Body), Encoding: "text"}
	if !utf8.Valid(v.Body) {
		out.Body, out.Encoding = base64.StdEncoding.EncodeToString(v.Body), "base64"
	}
	return &one[QuarantinedDetail]{Body: out}, nil
}

func (a *app) readQuarantined(ctx context.Context, in *quarantineIDIn) (*one[QuarantinedDetail], error) {
	return a.quarantinedNow(ctx, in.ID)
}

// replayQuarantined takes a part in again. That it still fails is an answer, not an error.
func (a *app) replayQuarantined(ctx context.Context, in *quarantineIDIn) (*one[QuarantinedDetail], error) {
	p := who(ctx)
	v, err := a.Store.Quarantined(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	if v.ResolvedAt != nil {
		return nil, &models.Error{Code: models.CodeConflict, Key: "quarantine.resolved", Message: "this part was resolved already"}
	}
	problem, code := "", models.QuarantineCode("")
	if err := a.Inbound.Replay(ctx, p.account(), in.ID); err != nil {
		var coded *models.Error
		if !errors.As(err, &coded) || store.IsUnavailable(err) {
			return nil, err
		}
		problem, code = coded.Message, models.QuarantineCodeOf(err)
	}
	if err := a.Store.QuarantineReplayed(ctx, p.account(), in.ID, code, problem); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "quarantine.replayed", "quarantine/"+idCursor(in.ID), map[string]any{"ok": problem == ""})
	return a.quarantinedNow(ctx, in.ID)
}

func (a *app) resolveQuarantined(ctx context.Context, in *resolveIn) (*one[QuarantinedDetail], error) {
	p := who(ctx)
	if err := a.Store.ResolveQuarantined(ctx, p.account(), in.ID, in.Body.Resolution); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "quarantine.resolved", "quarantine/"+idCursor(in.ID), nil)
	return a.quarantinedNow(ctx, in.ID)
}
