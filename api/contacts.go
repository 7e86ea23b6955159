package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Contact is a person.
type Contact struct {
	ID                 models.ContactID     `json:"id"`
	Name               string               `json:"name" doc:"What {{nome}} gives in texts."`
	ProfileName        string               `json:"profile_name" doc:"As the person wrote it on the channel."`
	Phone              *string              `json:"phone,omitempty"`
	Email              *string              `json:"email,omitempty"`
	Language           *string              `json:"language,omitempty"`
	Fields             models.ContactFields `json:"fields" doc:"The fields that every contact may have."`
	CustomValues       map[string]any       `json:"custom_values" doc:"Values of the account's custom fields, by key."`
	Labels             []LabelRef           `json:"labels"`
	DefaultAgentID     *models.UserID       `json:"default_agent_id,omitempty"`
	BroadcastEnabled   bool                 `json:"broadcast_enabled"`
	MarketingStoppedAt *time.Time           `json:"marketing_stopped_at,omitempty" doc:"Since when the person wants no marketing."`
	BlockedAt          *time.Time           `json:"blocked_at,omitempty"`
	CreatedAt          time.Time            `json:"created_at"`
	UpdatedAt          time.Time            `json:"updated_at"`
}

// ContactDetail is a contact with how providers know it.
type ContactDetail struct {
	Contact
	Identities    []Identity        `json:"identities"`
	Conversations []ConversationRef `json:"conversations"`
}

// Identity is how a provider knows a contact.
type Identity struct {
	Kind    models.IdentityKind `json:"kind" example:"phone"`
	Value   string              `json:"value"`
	Address string              `json:"address" doc:"What we send to."`
}

// ConversationRef names a conversation.
type ConversationRef struct {
	ID         models.ConversationID `json:"id"`
	Number     int64                 `json:"number"`
	Connection ConnectionRef         `json:"connection"`
}

// LabelRef is a label on a contact.
type LabelRef struct {
	ID    models.LabelID `json:"id"`
	Name  string         `json:"name"`
	Color string         `json:"color"`
}

type listContactsIn struct {
	Paging
	Query   string `query:"q" maxLength:"100" doc:"Part of the name, the phone or the e-mail."`
	Blocked string `query:"blocked" enum:"true,false"`
}

type contactIDIn struct {
	ID models.ContactID `path:"id" minimum:"1"`
}

type createContactIn struct {
	Body struct {
		Name         string             `json:"name" minLength:"1" maxLength:"200"`
		Phone        string             `json:"phone,omitempty" maxLength:"40" doc:"In any usual writing; without a country code it is of the account's country." example:"+55 81 98800-4422"`
		Email        *string            `json:"email,omitempty" maxLength:"254"`
		Language     *string            `json:"language,omitempty" maxLength:"20" doc:"BCP 47 tag."`
		Fields       contactFieldsPatch `json:"fields,omitempty"`
		CustomValues map[string]any     `json:"custom_values,omitempty" maxProperties:"200" doc:"Values of the account's custom fields, by key."`
	}
}

type updateContactIn struct {
	ID   models.ContactID `path:"id" minimum:"1"`
	Body struct {
		Name             *string            `json:"name,omitempty" maxLength:"200"`
		Email            *string            `json:"email,omitempty" maxLength:"254" doc:"Empty clears it."`
		Language         *string            `json:"language,omitempty" maxLength:"20" doc:"BCP 47 tag; empty clears it."`
		Fields           contactFieldsPatch `json:"fields,omitempty"`
		CustomValues     map[string]any     `json:"custom_values,omitempty" maxProperties:"200" doc:"Values of the account's custom fields, by key. What is left out stays, null clears one. A value that its field refuses is an error."`
		DefaultAgentID   *models.UserID     `json:"default_agent_id,omitempty" minimum:"0" doc:"0 takes it away."`
		BroadcastEnabled *bool              `json:"broadcast_enabled,omitempty"`
	}
}

// contactFieldsPatch changes the system's fields of a contact. Null and an empty text clear one.
type contactFieldsPatch map[string]*string

// Schema implements huma.SchemaProvider: a map, so that null differs from what is left out.
func (contactFieldsPatch) Schema(huma.Registry) *huma.Schema {
	text := func(longest int, pattern string) *huma.Schema {
		f := &huma.Schema{Type: huma.TypeString, Nullable: true, MaxLength: &longest, Pattern: pattern}
		f.PrecomputeMessages()
		return f
	}
	s := &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: false, Description: "What is left out stays, null and an empty text clear. CPF, CNPJ (numeric and alphanumeric) and the birth date are checked, and written in one way.",
		Properties: map[string]*huma.Schema{
			"birth_date":   text(10, "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"),
			"cpf":          text(40, ""),
			"rg":           text(40, ""),
			"client_code":  text(100, ""),
			"cnpj":         text(40, ""),
			"company_name": text(200, ""),
		},
	}
	s.PrecomputeMessages()
	return s
}

func (a *app) contactOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/contacts" + path, tag: "contacts", summary: summary}
	}
	handle(a, op("list-contacts", http.MethodGet, "", "List or search contacts, newest first"), a.listContacts)
	o := op("create-contact", http.MethodPost, "", "Create a contact")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "409 with the key contact.exists says that the number is a contact's already: args.contact_id names it, where one sees it."
	handle(a, o, a.createContact)
	handle(a, op("read-contact", http.MethodGet, "/{id}", "Read a contact"), a.readContact)
	handle(a, op("update-contact", http.MethodPatch, "/{id}", "Change a contact"), a.updateContact)
	o = op("block-contact", http.MethodPost, "/{id}/block", "Block a contact")
	o.doc = "Nothing is sent to or received from a blocked contact."
	handle(a, o, a.blockContact)
	handle(a, op("unblock-contact", http.MethodPost, "/{id}/unblock", "Unblock a contact"), a.unblockContact)
}

func contactOf(v *store.ContactView) Contact {
	c := &v.Contact
	out := Contact{ID: c.ID, Name: c.Name, ProfileName: c.ProfileName, Phone: c.Phone, Email: c.Email, Language: c.Language, Fields: c.Fields, CustomValues: c.CustomValues,
		Labels: make([]LabelRef, 0, len(v.Labels)), DefaultAgentID: c.DefaultAgentID, BroadcastEnabled: c.BroadcastEnabled,
		MarketingStoppedAt: c.MarketingStoppedAt, BlockedAt: c.BlockedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	for _, l := range v.Labels {
		out.Labels = append(out.Labels, LabelRef{ID: l.ID, Name: l.Name, Color: l.Color})
	}
	return out
}

func (a *app) listContacts(ctx context.Context, in *listContactsIn) (*page[Contact], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	f := store.ContactFilter{Query: in.Query, Before: models.ContactID(before), Limit: in.Limit + 1}
	if in.Blocked != "" {
		f.Blocked = ptr(in.Blocked == "true")
	}
	rows, err := a.Store.Contacts(ctx, who(ctx).account(), who(ctx).viewer, f)
	return pageOf(ctx, &in.Paging, rows, err, func(c store.ContactView) Contact { return contactOf(&c) }, func(c store.ContactView) string { return idCursor(c.ID) })
}

func (a *app) contactNow(ctx context.Context, id models.ContactID) (*one[ContactDetail], error) {
	p := who(ctx)
	c, err := a.Store.Contact(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	identities, err := a.Store.ContactIdentities(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	conversations, err := a.Store.Conversations(ctx, p.account(), p.viewer, store.ConversationFilter{ContactID: id}, store.ConversationPage{Limit: 100})
	if err != nil {
		return nil, err
	}
	out := ContactDetail{Contact: contactOf(c), Identities: make([]Identity, 0, len(identities)), Conversations: make([]ConversationRef, 0, len(conversations))}
	for _, i := range identities {
		out.Identities = append(out.Identities, Identity{Kind: i.Kind, Value: i.Value, Address: i.Address})
	}
	for _, v := range conversations {
		out.Conversations = append(out.Conversations, ConversationRef{ID: v.ID, Number: v.Number, Connection: connectionRef(&v)})
	}
	return &one[ContactDetail]{Body: out}, nil
}

func (a *app) readContact(ctx context.Context, in *contactIDIn) (*one[ContactDetail], error) {
	return a.contactNow(ctx, in.ID)
}

func (a *app) createContact(ctx context.Context, in *createContactIn) (*one[ContactDetail], error) {
	p, b := who(ctx), &in.Body
	number := ""
	if strings.TrimSpace(b.Phone) != "" {
		parsed, err := phone.Parse(b.Phone, p.Account.Settings.DefaultCountry)
		if err != nil {
			return nil, models.Invalid("body.phone", "%s", err.Error())
		}
		number = parsed
	}
	id, err := a.Store.CreateContact(ctx, p.account(), number, store.ContactPatch{Viewer: p.viewer, Name: &b.Name, Email: b.Email, Language: b.Language,
		Fields: b.Fields, CustomValues: b.CustomValues})
	if err != nil {
		return nil, err
	}
	return a.contactNow(ctx, id)
}

func (a *app) updateContact(ctx context.Context, in *updateContactIn) (*one[ContactDetail], error) {
	p, b := who(ctx), &in.Body
	err := a.Store.UpdateContact(ctx, p.account(), in.ID, store.ContactPatch{Viewer: p.viewer, Name: b.Name, Email: b.Email, Language: b.Language,
		Fields: b.Fields, CustomValues: b.CustomValues,
		DefaultAgentID: b.DefaultAgentID, BroadcastEnabled: b.BroadcastEnabled})
	if err != nil {
		return nil, err
	}
	return a.contactNow(ctx, in.ID)
}

func (a *app) blockContact(ctx context.Context, in *contactIDIn) (*one[ContactDetail], error) {
	return a.setBlocked(ctx, in.ID, true, "contact.blocked")
}

func (a *app) unblockContact(ctx context.Context, in *contactIDIn) (*one[ContactDetail], error) {
	return a.setBlocked(ctx, in.ID, false, "contact.unblocked")
}

func (a *app) setBlocked(ctx context.Context, id models.ContactID, blocked bool, action string) (*one[ContactDetail], error) {
	p := who(ctx)
	changed, err := a.Store.BlockContact(ctx, p.account(), p.viewer, id, blocked)
	if err != nil {
		return nil, err
	}
	if changed {
		a.audit(ctx, p, action, "contact/"+idCursor(id), nil)
	}
	return a.contactNow(ctx, id)
}
