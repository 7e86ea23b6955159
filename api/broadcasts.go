package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

const broadcastBody = 4 << 20

func (a *app) broadcastOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/broadcasts" + path, tag: "broadcasts", summary: summary}
	}
	handle(a, op("list-broadcasts", http.MethodGet, "", "List broadcasts, the latest first"), a.listBroadcasts)
	o := op("create-broadcast", http.MethodPost, "", "Make a draft of a broadcast")
	o.status, o.idempotent, o.maxBody = http.StatusCreated, true, broadcastBody
	o.doc = "It sends nothing. You hear broadcast.updated when one changes."
	handle(a, o, a.createBroadcast)
	o = op("preview-broadcast", http.MethodPost, "/preview", "Say who would get a broadcast, and as what")
	o.maxBody, o.doc = broadcastBody, "It sends and stores nothing."
	handle(a, o, a.previewBroadcast)
	handle(a, op("read-broadcast", http.MethodGet, "/{id}", "Read a broadcast with its figures"), a.readBroadcast)
	o = op("update-broadcast", http.MethodPatch, "/{id}", "Change a draft, or the speed of one that was sent")
	o.maxBody = broadcastBody
	handle(a, o, a.updateBroadcast)
	o = op("delete-broadcast", http.MethodDelete, "/{id}", "Delete a draft")
	o.status = http.StatusNoContent
	handle(a, o, a.deleteBroadcast)
	o = op("send-broadcast", http.MethodPost, "/{id}/send", "Send a broadcast, or schedule it")
	o.doc = "The recipients are chosen at its start. Each gets one message, whatever crashes. Live conversations go before it."
	handle(a, o, a.sendBroadcast)
	o = op("test-broadcast", http.MethodPost, "/{id}/test", "Send the message to oneself")
	o.doc = "It counts nowhere in the broadcast."
	handle(a, o, a.testBroadcast)
	o = op("pause-broadcast", http.MethodPost, "/{id}/pause", "Pause a broadcast")
	o.doc = "What is in the connection's queue already, two seconds of messages at most, still leaves."
	handle(a, o, a.pauseBroadcast)
	handle(a, op("resume-broadcast", http.MethodPost, "/{id}/resume", "Let a paused broadcast go on"), a.resumeBroadcast)
	o = op("cancel-broadcast", http.MethodPost, "/{id}/cancel", "Cancel a broadcast for good")
	o.doc = "Who has no message yet gets none."
	handle(a, o, a.cancelBroadcast)
	handle(a, op("list-broadcast-recipients", http.MethodGet, "/{id}/recipients", "List the recipients of a broadcast"), a.listRecipients)
}

// names are what a broadcast's row names by id.
func (a *app) broadcastNames(ctx context.Context, rows []models.Broadcast) (*store.BroadcastNames, error) {
	return a.Store.BroadcastNames(ctx, who(ctx).account(), rows)
}

func broadcastOf(b *models.Broadcast, n *store.BroadcastNames) Broadcast {
	out := Broadcast{ID: b.ID, Name: b.Name, State: b.State, Connection: ConnectionNamed{ID: b.ConnectionID, Name: n.Connections[b.ConnectionID]}, Content: b.Content,
		Audience: BroadcastAudience{Everybody: b.Audience.Everybody, Labels: b.Audience.Labels, Without: b.Audience.Without, Listed: b.Audience.Listed,
			After: b.Audience.After, Part: b.Audience.Part, Served: b.Audience.Served, CapHours: b.Audience.CapHours},
		OnReply: b.OnReply, OptOut: BroadcastOptOut{Words: b.OptOutWords, Text: b.OptOutText}, PerMinute: b.PerMinute, StartsAt: b.StartsAt, Timezone: b.Timezone,
		Quiet: b.Quiet, Canary: b.Canary, CanaryAt: b.CanaryAt, CanaryOver: b.CanaryOver, NextAt: b.NextAt, Total: b.Total,
		Author: PersonRef{ID: b.ByID, Name: n.Users[b.ByID]}, CreatedAt: b.CreatedAt, StartedAt: b.StartedAt, EndedAt: b.EndedAt}
	if b.Reason != nil {
		out.Reason = *b.Reason
	}
	if out.OptOut.Words == nil {
		out.OptOut.Words = []string{}
	}
	if b.QueueID != nil {
		out.Queue = &QueueNamed{ID: *b.QueueID, Name: n.Queues[*b.QueueID]}
	}
	if b.FlowID != nil {
		out.Flow = &FlowNamed{ID: *b.FlowID, Name: n.Flows[*b.FlowID]}
	}
	return out
}

func (a *app) listBroadcasts(ctx context.Context, in *listBroadcastsIn) (*page[Broadcast], error) {
	before, err := in.placeOf()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Broadcasts(ctx, who(ctx).account(), models.BroadcastID(before), in.Limit+1)
	if err != nil {
		return nil, err
	}
	names, err := a.broadcastNames(ctx, rows)
	if err != nil {
		return nil, err
	}
	return pageOf(ctx, &in.Paging, rows, nil, func(b models.Broadcast) Broadcast { return broadcastOf(&b, names) },
		func(b models.Broadcast) string { return b.ID.String() })
}

// placeOf reads a cursor that is a number; 0 where there is none.
func (p *Paging) placeOf() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	place, err := decodeCursor(p.Cursor)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(place, 10, 64)
	if err != nil || n < 0 {
		return 0, errCursor
	}
	return n, nil
}

// broadcastNow reads a broadcast with its figures.
func (a *app) broadcastNow(ctx context.Context, id models.BroadcastID) (*one[Broadcast], error) {
	p := who(ctx)
	b, err := a.Store.Broadcast(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	names, err := a.broadcastNames(ctx, []models.Broadcast{*b})
	if err != nil {
		return nil, err
	}
	out := broadcastOf(b, names)
	counts, err := a.Store.BroadcastCounts(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	out.Counts = ptr(BroadcastCounts(*counts))
	reasons, err := a.Store.BroadcastReasons(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	out.LeftOut = whysOf(reasons)
	if b.State != models.BroadcastDraft {
		out.TemporalURL = a.workflowURL(contract.BroadcastID(id))
	}
	return &one[Broadcast]{Body: out}, nil
}

func whysOf(counts map[models.LeftOut]int) []BroadcastWhy {
	out := []BroadcastWhy{}
	for _, why := range models.LeftOuts {
		if n := counts[why]; n > 0 {
			out = append(out, BroadcastWhy{Why: why, People: n})
		}
	}
	slices.SortStableFunc(out, func(x, y BroadcastWhy) int { return y.People - x.People })
	return out
}

func (a *app) readBroadcast(ctx context.Context, in *broadcastIDIn) (*one[Broadcast], error) {
	return a.broadcastNow(ctx, in.ID)
}

// put writes the fields that are given into a broadcast.
func (f *BroadcastFields) put(b *models.Broadcast) {
	set(&b.Name, f.Name)
	set(&b.ConnectionID, f.ConnectionID)
	if f.Template != nil {
		b.Content = models.Content{Kind: models.ContentKindTemplate, Template: f.Template}
	}
	set(&b.OnReply, f.OnReply)
	set(&b.PerMinute, f.PerMinute)
	set(&b.Timezone, f.Timezone)
	set(&b.Canary, f.Canary)
	if a := f.Audience; a != nil {
		listed := b.Audience.Listed
		b.Audience = models.BroadcastAudience{Everybody: a.Everybody, Labels: a.Labels, Without: a.Without, After: a.After, Part: a.Part, Served: a.Served,
			CapHours: a.CapHours}
		if !a.Everybody && len(a.Labels) == 0 && a.After == 0 {
			b.Audience.Listed = listed
		}
	}
	if f.OptOut != nil {
		b.OptOutWords, b.OptOutText = f.OptOut.Words, f.OptOut.Text
	}
	if f.QueueID != nil {
		b.QueueID = f.QueueID
	}
	if f.FlowID != nil {
		b.FlowID = f.FlowID
	}
	if f.StartsAt != nil {
		b.StartsAt = f.StartsAt
	}
	if f.StartsNow {
		b.StartsAt = nil
	}
	if f.Quiet != nil {
		b.Quiet = f.Quiet
		if f.Quiet.From == f.Quiet.To && len(f.Quiet.Days) == 0 {
			b.Quiet = nil
		}
	}
	switch b.OnReply {
	case models.ReplyRules:
		b.QueueID, b.FlowID = nil, nil
	case models.ReplyQueue:
		b.FlowID = nil
	case models.ReplyFlow:
		b.QueueID = nil
	}
}

func set[T any](into, v *T) {
	if v != nil {
		*into = *v
	}
}

// usualBroadcast is a broadcast with what a new one has.
func (a *app) usualBroadcast(ctx context.Context, f *BroadcastFields) (models.Broadcast, error) {
	p := who(ctx)
	b := models.Broadcast{AccountID: p.account(), OnReply: models.ReplyRules, PerMinute: usualPerMinute, Timezone: p.Account.Timezone, ByID: p.User.ID,
		OptOutWords: []string{"Sair", "Parar", "Stop", "Parar promoções"}}
	var named models.ConnectionID
	if f.ConnectionID != nil {
		named = *f.ConnectionID
	}
	conn, err := a.Store.SendingConnection(ctx, p.account(), p.User.ID, named)
	if models.CodeOf(err) == models.CodeNotFound {
		return b, models.Invalid("body.connection_id", "no such connection")
	}
	if err != nil {
		return b, err
	}
	b.ConnectionID = conn.ID
	f.put(&b)
	b.ConnectionID = conn.ID
	return b, nil
}

// usualPerMinute is the speed of a new broadcast: ten a second.
const usualPerMinute = 600

// broadcastRows reads the rows of a list; nil where none is given. A phone that is none is refused with its row.
func (a *app) broadcastRows(ctx context.Context, connection models.ConnectionID, list []BroadcastRow) ([]store.ListedPerson, error) {
	if list == nil {
		return nil, nil
	}
	p := who(ctx)
	account, err := a.Store.Account(ctx, p.account())
	if err != nil {
		return nil, err
	}
	conn, err := a.Store.SendingConnection(ctx, p.account(), p.User.ID, connection)
	if err != nil {
		return nil, err
	}
	adapter := a.Channels[conn.Channel]
	if adapter == nil {
		return nil, models.Errorf(models.CodeConnectionState, "this program has no channel %s", conn.Channel)
	}
	refused := &models.Error{Code: models.CodeInvalid, Key: "broadcast.list", Message: "rows of the list cannot be used"}
	rows := make([]store.ListedPerson, 0, len(list))
	for i := range list {
		at := "body.list[" + strconv.Itoa(i) + "]"
		number, err := phone.Parse(list[i].Phone, account.Settings.DefaultCountry)
		switch {
		case err != nil:
			refused.Fields = append(refused.Fields, models.Field{Path: at + ".phone", Message: err.Error()})
		case len(list[i].Values) > models.BroadcastColumns:
			refused.Fields = append(refused.Fields, models.Field{Path: at + ".values", Message: "at most " + strconv.Itoa(models.BroadcastColumns) + " columns"})
		}
		if len(refused.Fields) == 100 {
			break
		}
		rows = append(rows, store.ListedPerson{Person: channels.Hint(adapter, conn, channels.Person{Phone: number, Name: list[i].Name}), Values: list[i].Values})
	}
	if len(refused.Fields) > 0 {
		return nil, refused
	}
	return rows, nil
}

// broadcastSendable checks the template of a broadcast, with the names that its texts may have.
func (a *app) broadcastSendable(ctx context.Context, b *models.Broadcast, rows []store.ListedPerson) error {
	p := who(ctx)
	if b.Content.Kind != models.ContentKindTemplate || b.Content.Template == nil {
		return models.Invalid("body.template", "a broadcast sends a template")
	}
	conn, err := a.Store.SendingConnection(ctx, p.account(), p.User.ID, b.ConnectionID)
	if err != nil {
		return err
	}
	if _, err := a.sendable(ctx, p, conn.ID, conn.Channel, &b.Content); err != nil {
		return err
	}
	env, err := a.Store.LintEnv(ctx, p.account(), a.FlowChannels)
	if err != nil {
		return err
	}
	fields := slices.Clone(env.Fields)
	for i := range rows {
		for column := range rows[i].Values {
			if !slices.ContainsFunc(fields, func(f flow.Field) bool { return f.Key == column }) {
				fields = append(fields, flow.Field{Key: column})
			}
		}
	}
	_, _, err = b.Fill(func(source string) (string, []string, error) {
		if err := flow.CheckPlain(source); err != nil {
			return "", nil, models.Invalid("body.template", "%s", err.Error())
		}
		unknown := flow.LintPlain(source, fields)
		if len(unknown) > 0 && b.Audience.Listed == 0 {
			return "", nil, &models.Error{Code: models.CodeInvalid, Key: models.KeyBroadcastOtherName, Message: unknown[0].In(p.Account.Locale),
				Fields: []models.Field{{Path: "body.template", Message: unknown[0].In(p.Account.Locale)}}}
		}
		return source, nil, nil
	})
	return err
}

func (a *app) createBroadcast(ctx context.Context, in *createBroadcastIn) (*one[Broadcast], error) {
	b, err := a.usualBroadcast(ctx, &in.Body.BroadcastFields)
	if err != nil {
		return nil, err
	}
	rows, err := a.broadcastRows(ctx, b.ConnectionID, in.Body.List)
	if err != nil {
		return nil, err
	}
	b.Audience.Listed = len(rows)
	if err := a.broadcastSendable(ctx, &b, rows); err != nil {
		return nil, err
	}
	made, err := a.Store.CreateBroadcast(ctx, b, in.Body.ClientRef, rows)
	if err != nil {
		return nil, inBody(err)
	}
	return a.broadcastNow(ctx, made.ID)
}

// inBody lets the fields of an error name places in the body.
func inBody(err error) error { return fieldsUnder(err, "", "body.") }

// fieldsUnder lets the fields of an error that begin with one prefix begin with another.
func fieldsUnder(err error, from, to string) error {
	var was *models.Error
	if !errors.As(err, &was) || len(was.Fields) == 0 {
		return err
	}
	e := *was
	e.Fields = slices.Clone(e.Fields)
	for i := range e.Fields {
		if rest, ok := strings.CutPrefix(e.Fields[i].Path, from); ok && !strings.HasPrefix(e.Fields[i].Path, to) {
			e.Fields[i].Path = to + rest
		}
	}
	return &e
}

func (a *app) previewBroadcast(ctx context.Context, in *previewBroadcastIn) (*one[BroadcastPreview], error) {
	b, err := a.usualBroadcast(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	rows, err := a.broadcastRows(ctx, b.ConnectionID, in.Body.List)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		b.Audience.Listed = len(rows)
	}
	if strings.TrimSpace(b.Name) == "" {
		b.Name = "-"
	}
	if err := a.broadcastSendable(ctx, &b, rows); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, inBody(err)
	}
	preview, err := a.Store.PreviewBroadcast(ctx, b, rows)
	if err != nil {
		return nil, inBody(err)
	}
	out := BroadcastPreview{People: preview.People, LeftOut: whysOf(preview.LeftOut), Samples: []BroadcastSample{},
		Forecast: int(b.Forecast(preview.People) / time.Second)}
	for _, s := range preview.Samples {
		if s.Missing == nil {
			s.Missing = []string{}
		}
		out.Samples = append(out.Samples, BroadcastSample(s))
	}
	return &one[BroadcastPreview]{Body: out}, nil
}

func (a *app) updateBroadcast(ctx context.Context, in *updateBroadcastIn) (*one[Broadcast], error) {
	p := who(ctx)
	b, err := a.Store.Broadcast(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	f := &in.Body
	if b.State != models.BroadcastDraft {
		if f.PerMinute == nil {
			return nil, &models.Error{Code: models.CodeConflict, Key: models.KeyBroadcastState, Args: map[string]string{"state": string(b.State)},
				Message: "after sending only the speed can be changed"}
		}
		_, wake, err := a.Store.SetBroadcastSpeed(ctx, p.account(), in.ID, *f.PerMinute)
		return a.broadcastDone(ctx, in.ID, wake, err)
	}
	next := *b
	f.put(&next)
	rows, err := a.broadcastRows(ctx, next.ConnectionID, f.List)
	if err != nil {
		return nil, err
	}
	if rows != nil {
		next.Audience.Listed = len(rows)
	}
	if err := a.broadcastSendable(ctx, &next, rows); err != nil {
		return nil, err
	}
	_, err = a.Store.ChangeBroadcast(ctx, p.account(), in.ID, func(b *models.Broadcast) error {
		f.put(b)
		b.Content = next.Content
		return nil
	}, rows)
	if err != nil {
		return nil, inBody(err)
	}
	return a.broadcastNow(ctx, in.ID)
}

func (a *app) deleteBroadcast(ctx context.Context, in *broadcastIDIn) (*struct{}, error) {
	return nil, a.Store.DeleteBroadcast(ctx, who(ctx).account(), in.ID)
}

// broadcastDone rings for what was done, and answers with the broadcast.
func (a *app) broadcastDone(ctx context.Context, id models.BroadcastID, wake contract.Wake, err error) (*one[Broadcast], error) {
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(who(ctx).account(), wake)
	return a.broadcastNow(ctx, id)
}

func (a *app) sendBroadcast(ctx context.Context, in *broadcastIDIn) (*one[Broadcast], error) {
	_, wake, err := a.Store.SendBroadcast(ctx, who(ctx).account(), in.ID)
	return a.broadcastDone(ctx, in.ID, wake, err)
}

func (a *app) pauseBroadcast(ctx context.Context, in *broadcastIDIn) (*one[Broadcast], error) {
	_, wake, err := a.Store.PauseBroadcast(ctx, who(ctx).account(), in.ID)
	return a.broadcastDone(ctx, in.ID, wake, err)
}

func (a *app) resumeBroadcast(ctx context.Context, in *broadcastIDIn) (*one[Broadcast], error) {
	_, wake, err := a.Store.ResumeBroadcast(ctx, who(ctx).account(), in.ID)
	return a.broadcastDone(ctx, in.ID, wake, err)
}

func (a *app) cancelBroadcast(ctx context.Context, in *broadcastIDIn) (*one[Broadcast], error) {
	_, wake, err := a.Store.CancelBroadcast(ctx, who(ctx).account(), in.ID)
	return a.broadcastDone(ctx, in.ID, wake, err)
}

func (a *app) testBroadcast(ctx context.Context, in *testBroadcastIn) (*one[BroadcastSample], error) {
	p := who(ctx)
	b, err := a.Store.Broadcast(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := a.broadcastRows(ctx, b.ConnectionID, []BroadcastRow{{Phone: in.Body.Phone, Values: in.Body.Values}})
	if err != nil {
		return nil, fieldsUnder(err, "body.list[0].", "body.")
	}
	sample, err := a.Store.FilledBroadcast(ctx, b, rows[0].Person, rows[0].Values)
	if err != nil {
		return nil, inBody(err)
	}
	if len(sample.Missing) > 0 {
		return nil, models.Invalid("body.phone", "this person has no value for %s", strings.Join(sample.Missing, ", "))
	}
	_, wake, err := a.Store.StartConversation(ctx, p.account(), p.viewer, b.ConnectionID, store.FirstMessage{Person: rows[0].Person,
		Message: store.Outbound{Origin: p.origin(), Content: sample.Content, AuthorID: &p.User.ID}})
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	sample.Missing = []string{}
	return &one[BroadcastSample]{Body: BroadcastSample(*sample)}, nil
}

func (a *app) listRecipients(ctx context.Context, in *listRecipientsIn) (*page[BroadcastRecipient], error) {
	p := who(ctx)
	after, err := in.placeOf()
	if err != nil {
		return nil, err
	}
	if _, err := a.Store.Broadcast(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	rows, err := a.Store.BroadcastRecipients(ctx, p.account(), in.ID, in.Part, int(after), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, recipientOf, func(r store.BroadcastRecipient) string { return strconv.Itoa(r.Place) })
}

func recipientOf(r store.BroadcastRecipient) BroadcastRecipient {
	out := BroadcastRecipient{Place: r.Place, Part: r.Part(), Detail: r.Detail, Name: deref(r.ContactName), Phone: deref(r.Phone), ContactID: deref(r.ContactID),
		MessageID: deref(r.MessageID), MessageState: deref(r.MessageState), ErrorCode: deref(r.ErrorCode), Why: deref(r.LeftOut), SentAt: r.AcceptedAt,
		DeliveredAt: r.DeliveredAt, ReadAt: r.ReadAt, FailedAt: r.FailedAt, RepliedAt: r.RepliedAt, OptedOutAt: r.OptedOutAt}
	if r.ConversationID != nil {
		out.Conversation = &ConversationNamed{ID: *r.ConversationID, Number: deref(r.Number)}
	}
	return out
}
