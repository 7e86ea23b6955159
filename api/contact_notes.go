package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// ContactNote is what people and flows note of a contact.
type ContactNote struct {
	ID        models.NoteID     `json:"id"`
	ContactID models.ContactID  `json:"contact_id"`
	Text      string            `json:"text" doc:"With bold, italics and lists as people write them: **bold**, *italics*, lines with - or 1."`
	Author    *PersonRef        `json:"author,omitempty"`
	FlowRunID *models.FlowRunID `json:"flow_run_id,omitempty" doc:"The run that wrote it."`
	DueAt     *time.Time        `json:"due_at,omitempty" doc:"When it is due."`
	Agent     *PersonRef        `json:"agent,omitempty" doc:"Who has to do it."`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt *time.Time        `json:"updated_at,omitempty" doc:"When it was changed."`
}

type listContactNotesIn struct {
	ID models.ContactID `path:"id" minimum:"1"`
	Paging
}

type contactNoteBody struct {
	Text    string        `json:"text" minLength:"1" maxLength:"10000"`
	DueAt   *time.Time    `json:"due_at,omitempty"`
	AgentID models.UserID `json:"agent_id,omitempty" minimum:"0" doc:"A user who works here; 0: none."`
}

type createContactNoteIn struct {
	ID   models.ContactID `path:"id" minimum:"1"`
	Body contactNoteBody
}

type updateContactNoteIn struct {
	ID   models.NoteID `path:"id" minimum:"1"`
	Body contactNoteBody
}

type contactNoteIDIn struct {
	ID models.NoteID `path:"id" minimum:"1"`
}

type contactLabelIn struct {
	ID      models.ContactID `path:"id" minimum:"1"`
	LabelID models.LabelID   `path:"label_id" minimum:"1"`
}

func (a *app) contactNoteOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "contacts", summary: summary}
	}
	o := op("add-contact-label", http.MethodPut, "/v1/contacts/{id}/labels/{label_id}", "Put a label on a contact")
	o.doc = "A label that is for automation only is refused with the key label.automation_only, except by an API token."
	handle(a, o, a.addContactLabel)
	handle(a, op("remove-contact-label", http.MethodDelete, "/v1/contacts/{id}/labels/{label_id}", "Take a label off a contact"), a.removeContactLabel)
	handle(a, op("list-contact-notes", http.MethodGet, "/v1/contacts/{id}/notes", "List a contact's notes, newest first"), a.listContactNotes)
	o = op("create-contact-note", http.MethodPost, "/v1/contacts/{id}/notes", "Write a note of a contact")
	o.status, o.idempotent = http.StatusCreated, true
	handle(a, o, a.createContactNote)
	o = op("update-contact-note", http.MethodPatch, "/v1/contact-notes/{id}", "Change a note of a contact")
	o.doc = "What the note says is replaced: without due_at and agent_id it has none."
	handle(a, o, a.updateContactNote)
	o = op("delete-contact-note", http.MethodDelete, "/v1/contact-notes/{id}", "Delete a note of a contact")
	o.status = http.StatusNoContent
	handle(a, o, a.deleteContactNote)
}

func contactNoteOf(v *store.ContactNoteView) ContactNote {
	return ContactNote{ID: v.ID, ContactID: v.ContactID, Text: v.Text, Author: personRef(v.AuthorID, v.AuthorName), FlowRunID: v.FlowRunID, DueAt: v.DueAt,
		Agent: personRef(v.AgentID, v.AgentName), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt}
}

// said reads what a note says.
func (b *contactNoteBody) said() (store.NoteText, error) {
	if strings.TrimSpace(b.Text) == "" {
		return store.NoteText{}, models.Invalid("body.text", "write a text")
	}
	return store.NoteText{Text: b.Text, DueAt: b.DueAt, AgentID: b.AgentID}, nil
}

func (a *app) listContactNotes(ctx context.Context, in *listContactNotesIn) (*page[ContactNote], error) {
	p := who(ctx)
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.ContactNotes(ctx, p.account(), p.viewer, in.ID, models.NoteID(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(v store.ContactNoteView) ContactNote { return contactNoteOf(&v) },
		func(v store.ContactNoteView) string { return idCursor(v.ID) })
}

func (a *app) contactNoteNow(ctx context.Context, id models.NoteID) (*one[ContactNote], error) {
	p := who(ctx)
	v, err := a.Store.ContactNote(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	return &one[ContactNote]{Body: contactNoteOf(v)}, nil
}

func (a *app) createContactNote(ctx context.Context, in *createContactNoteIn) (*one[ContactNote], error) {
	p := who(ctx)
	said, err := in.Body.said()
	if err != nil {
		return nil, err
	}
	id, err := a.Store.WriteContactNote(ctx, p.account(), p.viewer, in.ID, said)
	if err != nil {
		return nil, err
	}
	return a.contactNoteNow(ctx, id)
}

func (a *app) updateContactNote(ctx context.Context, in *updateContactNoteIn) (*one[ContactNote], error) {
	p := who(ctx)
	said, err := in.Body.said()
	if err != nil {
		return nil, err
	}
	if err := a.Store.ChangeContactNote(ctx, p.account(), p.viewer, in.ID, said); err != nil {
		return nil, err
	}
	return a.contactNoteNow(ctx, in.ID)
}

func (a *app) deleteContactNote(ctx context.Context, in *contactNoteIDIn) (*nothing, error) {
	p := who(ctx)
	return &nothing{}, a.Store.DeleteContactNote(ctx, p.account(), p.viewer, in.ID)
}

func (a *app) addContactLabel(ctx context.Context, in *contactLabelIn) (*one[ContactDetail], error) {
	p := who(ctx)
	if err := a.Store.AddContactLabel(ctx, p.account(), p.viewer, in.ID, in.LabelID, p.Token == nil); err != nil {
		return nil, err
	}
	return a.contactNow(ctx, in.ID)
}

func (a *app) removeContactLabel(ctx context.Context, in *contactLabelIn) (*one[ContactDetail], error) {
	p := who(ctx)
	if err := a.Store.RemoveContactLabel(ctx, p.account(), p.viewer, in.ID, in.LabelID); err != nil {
		return nil, err
	}
	return a.contactNow(ctx, in.ID)
}
