package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// BulkJob is one act for many conversations, with its progress.
type BulkJob struct {
	ID         models.BulkJobID    `json:"id"`
	Action     models.BulkAction   `json:"action"`
	State      models.BulkJobState `json:"state"`
	Total      int                 `json:"total"`
	Done       int                 `json:"done" doc:"Also those that were so already."`
	Refused    int                 `json:"refused"`
	Undone     int                 `json:"undone"`
	Kept       int                 `json:"kept" doc:"Undo left these alone, because they changed since."`
	UserID     models.UserID       `json:"user_id,omitempty" doc:"To whom it gives."`
	QueueID    models.QueueID      `json:"queue_id,omitempty" doc:"To which queue it gives."`
	LabelID    models.LabelID      `json:"label_id,omitempty"`
	Priority   models.Priority     `json:"priority,omitempty"`
	CreatedAt  time.Time           `json:"created_at"`
	FinishedAt *time.Time          `json:"finished_at,omitempty"`
	UndoUntil  *time.Time          `json:"undo_until,omitempty" doc:"It can be undone until then."`
}

// BulkJobRefusal is a conversation that was refused, or that undo left alone.
type BulkJobRefusal struct {
	ConversationID models.ConversationID `json:"conversation_id"`
	Number         int64                 `json:"number,omitempty" doc:"Absent where you do not see it any more."`
	Contact        string                `json:"contact,omitempty"`
	Undo           bool                  `json:"undo" doc:"It was done, and undo left it alone."`
	Key            string                `json:"key" doc:"As the refusals of single commands have it."`
	Args           map[string]string     `json:"args,omitempty"`
}

// BulkFilter chooses conversations as a list does.
type BulkFilter struct {
	View         models.View         `json:"view,omitempty" enum:"all,open,mine,attended,snoozed"`
	Query        string              `json:"q,omitempty" maxLength:"100" doc:"Those that it names; hits in messages are left out."`
	InCharge     string              `json:"in_charge,omitempty" enum:"idle,flow,ticket"`
	Window       string              `json:"window,omitempty" enum:"none,open,expiring,expired"`
	ConnectionID models.ConnectionID `json:"connection_id,omitempty" minimum:"1"`
	ContactID    models.ContactID    `json:"contact_id,omitempty" minimum:"1"`
	LabelID      models.LabelID      `json:"label_id,omitempty" minimum:"1"`
	QueueID      models.QueueID      `json:"queue_id,omitempty" minimum:"1"`
	AgentID      models.UserID       `json:"agent_id,omitempty" minimum:"1"`
	FlowID       models.FlowID       `json:"flow_id,omitempty" minimum:"1"`
	Unread       bool                `json:"unread,omitempty"`
	ViewID       models.SavedViewID  `json:"view_id,omitempty" minimum:"1"`
	Filter       string              `json:"filter,omitempty" maxLength:"8192"`
}

type startBulkJobIn struct {
	Body struct {
		CommandRef
		Action          models.BulkAction       `json:"action"`
		ConversationIDs []models.ConversationID `json:"conversation_ids,omitempty" maxItems:"1000" doc:"Give these or a filter."`
		Filter          *BulkFilter             `json:"filter,omitempty" doc:"What matches now. What changes later neither escapes nor enters."`
		UserID          models.UserID           `json:"user_id,omitempty" minimum:"1"`
		QueueID         models.QueueID          `json:"queue_id,omitempty" minimum:"1"`
		Note            string                  `json:"note,omitempty" maxLength:"4096"`
		LabelID         models.LabelID          `json:"label_id,omitempty" minimum:"1"`
		ReasonID        models.ClosingReasonID  `json:"reason_id,omitempty" minimum:"1"`
		Text            string                  `json:"text,omitempty" maxLength:"4096" doc:"Sent to each contact before its ticket closes."`
		Priority        models.Priority         `json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
		Until           *time.Time              `json:"until,omitempty"`
		UntilReply      bool                    `json:"until_reply,omitempty"`
		Reason          string                  `json:"reason,omitempty" maxLength:"500"`
	}
}

type bulkJobIDIn struct {
	ID models.BulkJobID `path:"id" minimum:"1"`
}

type listBulkRefusalsIn struct {
	ID models.BulkJobID `path:"id" minimum:"1"`
	Paging
}

func (a *app) bulkJobOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/bulk-jobs" + path, tag: "bulk-jobs", summary: summary}
	}
	o := op("start-bulk-job", http.MethodPost, "", "Do one thing with many conversations")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "The conversations are chosen now, and done one by one as single commands are: each is done once or refused with its reason. " +
		"You hear bulk_job.updated as it goes on."
	handle(a, o, a.startBulkJob)
	handle(a, op("list-bulk-jobs", http.MethodGet, "", "List your latest bulk jobs"), a.listBulkJobs)
	handle(a, op("read-bulk-job", http.MethodGet, "/{id}", "Read a bulk job"), a.readBulkJob)
	handle(a, op("list-bulk-job-refusals", http.MethodGet, "/{id}/refusals", "List what a bulk job did not do, and why"), a.listBulkRefusals)
	o = op("cancel-bulk-job", http.MethodPost, "/{id}/cancel", "Cancel a bulk job")
	o.doc = "What was done stays done."
	handle(a, o, a.cancelBulkJob)
	o = op("undo-bulk-job", http.MethodPost, "/{id}/undo", "Undo a bulk job")
	o.doc = "Takes back what still is as the job left it, within an hour of its end. Texts that were sent stay sent."
	handle(a, o, a.undoBulkJob)
}

func bulkJobOf(j *models.BulkJob) BulkJob {
	out := BulkJob{ID: j.ID, Action: j.Action, State: j.State, Total: j.Total, Done: j.DoneCount, Refused: j.RefusedCount, Undone: j.UndoneCount,
		Kept: j.KeptCount, CreatedAt: j.CreatedAt, FinishedAt: j.FinishedAt, UndoUntil: j.UndoUntil}
	var d models.BulkJobData
	if json.Unmarshal(j.Data, &d) == nil {
		out.UserID, out.QueueID, out.LabelID, out.Priority = d.UserID, d.QueueID, d.LabelID, d.Priority
	}
	return out
}

// filters are those of a list.
func (f *BulkFilter) filters() *ConversationFilters {
	return &ConversationFilters{View: f.View, Query: f.Query, InCharge: f.InCharge, Window: f.Window, ConnectionID: f.ConnectionID, ContactID: f.ContactID,
		LabelID: f.LabelID, QueueID: f.QueueID, AgentID: f.AgentID, FlowID: f.FlowID, Unread: f.Unread, ViewID: f.ViewID, Filter: f.Filter}
}

func (a *app) startBulkJob(ctx context.Context, in *startBulkJobIn) (*one[BulkJob], error) {
	p, b := who(ctx), &in.Body
	if (b.Filter == nil) == (len(b.ConversationIDs) == 0) {
		return nil, models.Invalid("body", "say which conversations by one of conversation_ids and filter")
	}
	data := models.BulkJobData{UserID: b.UserID, QueueID: b.QueueID, Note: b.Note, LabelID: b.LabelID, ReasonID: b.ReasonID, Text: b.Text,
		Priority: b.Priority, Until: b.Until, UntilReply: b.UntilReply, Reason: b.Reason}
	if err := a.checkBulk(ctx, p, b.Action, &data); err != nil {
		return nil, err
	}
	slices.Sort(b.ConversationIDs)
	sel := store.BulkSelection{IDs: slices.Compact(b.ConversationIDs)} // uniqueItems panics on what is no number
	if b.Filter != nil {
		filter, err := a.filterOf(ctx, b.Filter.filters())
		if err != nil {
			return nil, err
		}
		sel.Filter = &filter
	}
	body, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("write a bulk job: %w", err)
	}
	job := models.BulkJob{AccountID: p.account(), UserID: p.User.ID, ActorKind: p.actor().Kind, Action: b.Action, Data: body}
	if b.ClientRef != "" {
		job.ClientRef = &b.ClientRef
	}
	made, bell, err := a.Store.StartBulkJob(ctx, p.viewer, job, sel)
	if err != nil {
		return nil, err
	}
	if bell.ID != 0 {
		a.audit(ctx, p, "bulk."+string(made.Action), "bulk/"+made.ID.String(), map[string]any{"total": made.Total})
		a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{bell}})
	}
	return &one[BulkJob]{Body: bulkJobOf(made)}, nil
}

// checkBulk refuses an action that lacks what belongs to it, or that its user may not do with one conversation either.
func (a *app) checkBulk(ctx context.Context, p *principal, action models.BulkAction, d *models.BulkJobData) error {
	switch action {
	case models.BulkLabelAdd, models.BulkLabelRemove:
		if !p.may(ContactsWrite) {
			return models.Errorf(models.CodeForbidden, "this needs the permission %s", ContactsWrite)
		}
		return a.mustHaveLabel(ctx, p, d.LabelID)
	case models.BulkAssign:
		return a.mustHaveUser(ctx, p, "body.user_id", d.UserID)
	case models.BulkTransfer:
		switch {
		case (d.QueueID == 0) == (d.UserID == 0):
			return models.Invalid("body", "say to whom by one of queue_id and user_id")
		case d.QueueID != 0:
			return a.mustHaveQueue(ctx, p, d.QueueID)
		}
		return a.mustHaveUser(ctx, p, "body.user_id", d.UserID)
	case models.BulkClose:
		return a.mustHaveReason(ctx, p, d.ReasonID)
	case models.BulkPrioritize:
		if !d.Priority.Known() {
			return models.Invalid("body.priority", "say which priority")
		}
	case models.BulkSnooze:
		if d.Until == nil && !d.UntilReply {
			return models.Invalid("body", "say until when by until, until_reply or both")
		}
	case models.BulkAccept, models.BulkMarkRead, models.BulkMarkUnread:
	}
	return nil
}

func (a *app) listBulkJobs(ctx context.Context, _ *struct{}) (*page[BulkJob], error) {
	p := who(ctx)
	rows, err := a.Store.BulkJobs(ctx, p.account(), p.User.ID)
	if err != nil {
		return nil, err
	}
	jobs := make([]BulkJob, len(rows))
	for i := range rows {
		jobs[i] = bulkJobOf(&rows[i])
	}
	return pageAll(jobs), nil
}

func (a *app) bulkJobNow(ctx context.Context, id models.BulkJobID) (*one[BulkJob], error) {
	p := who(ctx)
	j, err := a.Store.BulkJob(ctx, p.account(), p.User.ID, id)
	if err != nil {
		return nil, err
	}
	return &one[BulkJob]{Body: bulkJobOf(j)}, nil
}

func (a *app) readBulkJob(ctx context.Context, in *bulkJobIDIn) (*one[BulkJob], error) {
	return a.bulkJobNow(ctx, in.ID)
}

func (a *app) listBulkRefusals(ctx context.Context, in *listBulkRefusalsIn) (*page[BulkJobRefusal], error) {
	p := who(ctx)
	after, err := in.id()
	if err != nil {
		return nil, err
	}
	if _, err := a.Store.BulkJob(ctx, p.account(), p.User.ID, in.ID); err != nil {
		return nil, err
	}
	rows, err := a.Store.BulkRefusals(ctx, p.account(), p.viewer, in.ID, int(after), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(r store.BulkRefusal) BulkJobRefusal {
		out := BulkJobRefusal{ConversationID: r.ConversationID, Contact: deref(r.ContactName), Undo: r.State == "kept", Key: r.Code, Args: r.Args}
		if r.Number != nil {
			out.Number = *r.Number
		}
		return out
	}, func(r store.BulkRefusal) string { return strconv.Itoa(r.Place) })
}

func (a *app) cancelBulkJob(ctx context.Context, in *bulkJobIDIn) (*one[BulkJob], error) {
	return a.turnBulkJob(ctx, in.ID, "bulk.cancelled", a.Store.CancelBulkJob)
}

func (a *app) undoBulkJob(ctx context.Context, in *bulkJobIDIn) (*one[BulkJob], error) {
	return a.turnBulkJob(ctx, in.ID, "bulk.undone", a.Store.UndoBulkJob)
}

func (a *app) turnBulkJob(ctx context.Context, id models.BulkJobID, action string,
	turn func(context.Context, models.AccountID, models.UserID, models.BulkJobID) (contract.Doorbell, error),
) (*one[BulkJob], error) {
	p := who(ctx)
	if _, err := a.bulkJobNow(ctx, id); err != nil {
		return nil, err
	}
	bell, err := turn(ctx, p.account(), p.User.ID, id)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, action, "bulk/"+id.String(), nil)
	a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{bell}})
	return a.bulkJobNow(ctx, id)
}

// mustHaveLabel refuses a label that the account does not have.
func (a *app) mustHaveLabel(ctx context.Context, p *principal, id models.LabelID) error {
	_, err := a.Store.Label(ctx, p.account(), id)
	if err == nil || models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	return models.Invalid("body.label_id", "no such label")
}

// mustHaveReason refuses a closing reason that the account does not have. None is no error.
func (a *app) mustHaveReason(ctx context.Context, p *principal, id models.ClosingReasonID) error {
	if id == 0 {
		return nil
	}
	_, err := a.Store.ClosingReason(ctx, p.account(), id)
	if err == nil || models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	return models.Invalid("body.reason_id", "no such closing reason")
}
