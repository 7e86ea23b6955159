package api

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Draft is what one is writing in a conversation.
type Draft struct {
	ConversationID models.ConversationID `json:"conversation_id"`
	Mode           models.DraftMode      `json:"mode" enum:"reply,note"`
	Body           DraftBody             `json:"body"`
	Revision       int64                 `json:"revision" doc:"Give it when you save the next change."`
	UpdatedAt      time.Time             `json:"updated_at"`
}

// DraftBody is the text of a draft with what belongs to it.
type DraftBody struct {
	Text     string           `json:"text,omitempty" maxLength:"8192"`
	MediaIDs []models.MediaID `json:"media_ids,omitempty" maxItems:"30" doc:"Uploaded files."`
	ReplyTo  models.MessageID `json:"reply_to,omitempty" minimum:"0" doc:"The message that is quoted."`
	Template *DraftTemplate   `json:"template,omitempty"`
}

// DraftTemplate is a template that is being filled in.
type DraftTemplate struct {
	Name     string            `json:"name" maxLength:"512"`
	Language string            `json:"language" maxLength:"20"`
	Values   map[string]string `json:"values,omitempty" maxProperties:"100" doc:"What was filled in, by names that the client chooses."`
}

// DraftRef says that there is a draft, for lists.
type DraftRef struct {
	ConversationID models.ConversationID `json:"conversation_id"`
	Mode           models.DraftMode      `json:"mode" enum:"reply,note"`
	Preview        string                `json:"preview" doc:"The beginning of its text, in one line."`
	Revision       int64                 `json:"revision"`
	UpdatedAt      time.Time             `json:"updated_at"`
}

// DraftPath names a draft. It is exported because Huma fills exported embedded structs alone.
type DraftPath struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Mode models.DraftMode      `path:"mode" enum:"reply,note"`
}

type writeDraftIn struct {
	DraftPath
	Body struct {
		Body     DraftBody `json:"body"`
		Revision int64     `json:"revision" minimum:"0" maximum:"9007199254740000" doc:"The revision that was changed; 0 where there was none."`
	}
}

type forgetDraftIn struct {
	DraftPath
	Revision int64 `query:"revision" minimum:"0" maximum:"9007199254740000" doc:"Remove this revision or an older one, and no newer one."`
}

func (a *app) draftOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "drafts", summary: summary}
	}
	o := op("list-drafts", http.MethodGet, "/v1/drafts", "List one's own drafts, the latest first")
	o.doc = "In one page: the 500 latest. Drafts in conversations that one does not see any more are left out."
	handle(a, o, a.listDrafts)
	handle(a, op("read-draft", http.MethodGet, "/v1/conversations/{id}/drafts/{mode}", "Read one's own draft"), a.readDraft)
	o = op("save-draft", http.MethodPut, "/v1/conversations/{id}/drafts/{mode}", "Save one's own draft")
	o.doc = "409 with the key draft.newer says that another device has changed it since: the answer's draft is the newer one. Other devices of the " +
		"user hear draft.updated, with the mode and the revision in data; revision 0 says that the draft is gone."
	handle(a, o, a.writeDraft)
	o = op("remove-draft", http.MethodDelete, "/v1/conversations/{id}/drafts/{mode}", "Forget one's own draft")
	o.status = http.StatusNoContent
	handle(a, o, a.forgetDraft)
}

func draftOf(d *models.Draft) Draft {
	out := Draft{ConversationID: d.ConversationID, Mode: d.Mode, Revision: d.Revision, UpdatedAt: d.UpdatedAt,
		Body: DraftBody{Text: d.Body.Text, MediaIDs: d.Body.MediaIDs, ReplyTo: d.Body.ReplyTo}}
	if t := d.Body.Template; t != nil {
		out.Body.Template = &DraftTemplate{Name: t.Name, Language: t.Language, Values: t.Values}
	}
	return out
}

// listDrafts gives all of one's drafts in one page.
func (a *app) listDrafts(ctx context.Context, in *Paging) (*page[DraftRef], error) {
	if in.Cursor != "" {
		return nil, errCursor
	}
	p := who(ctx)
	rows, err := a.Store.Drafts(ctx, p.account(), p.viewer)
	in.Limit = max(in.Limit, len(rows))
	return pageOf(ctx, in, rows, err, func(d models.Draft) DraftRef {
		c := models.Content{Kind: models.ContentKindText, Text: d.Body.Text}
		return DraftRef{ConversationID: d.ConversationID, Mode: d.Mode, Preview: c.Preview(""), Revision: d.Revision, UpdatedAt: d.UpdatedAt}
	}, func(d models.Draft) string { return idCursor(d.ConversationID) })
}

func (a *app) readDraft(ctx context.Context, in *DraftPath) (*one[Draft], error) {
	p := who(ctx)
	d, err := a.Store.Draft(ctx, p.account(), p.viewer, in.ID, in.Mode)
	if err != nil {
		return nil, err
	}
	return &one[Draft]{Body: draftOf(d)}, nil
}

func (a *app) writeDraft(ctx context.Context, in *writeDraftIn) (*one[Draft], error) {
	p, b := who(ctx), &in.Body
	body := models.DraftBody{Text: b.Body.Text, MediaIDs: b.Body.MediaIDs, ReplyTo: b.Body.ReplyTo}
	if t := b.Body.Template; t != nil {
		if err := t.check(); err != nil {
			return nil, err
		}
		body.Template = &models.DraftTemplate{Name: t.Name, Language: t.Language, Values: t.Values}
	}
	d, err := a.Store.WriteDraft(ctx, p.account(), p.viewer, models.Draft{ConversationID: in.ID, Mode: in.Mode, Body: body, Revision: b.Revision})
	if err != nil {
		return nil, withNewer(err, d)
	}
	return &one[Draft]{Body: draftOf(d)}, nil
}

func (a *app) forgetDraft(ctx context.Context, in *forgetDraftIn) (*nothing, error) {
	p := who(ctx)
	newer, err := a.Store.ForgetDraft(ctx, p.account(), p.viewer, in.ID, in.Mode, in.Revision)
	return &nothing{}, withNewer(err, newer)
}

// Longest name and value of a template's place in a draft, in characters.
const (
	draftNameMax  = 100
	draftValueMax = 2048
)

// check bounds what the contract cannot: the names and values of a map.
func (t *DraftTemplate) check() error {
	for name, value := range t.Values {
		if utf8.RuneCountInString(name) > draftNameMax || utf8.RuneCountInString(value) > draftValueMax {
			return models.Invalid("body.body.template.values", "a name has at most %d characters and a value %d", draftNameMax, draftValueMax)
		}
	}
	return nil
}

// withNewer adds the newer draft to the refusal of an older one.
func withNewer(err error, newer *models.Draft) error {
	if err == nil || newer == nil || models.KeyOf(err) != store.KeyDraftNewer {
		return err
	}
	p := problemOf(err)
	p.Draft = ptr(draftOf(newer))
	return p
}
