package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// StartedConversation is a conversation that was begun, with its first message.
type StartedConversation struct {
	Conversation Conversation `json:"conversation"`
	Message      Message      `json:"message"`
}

type startConversationIn struct {
	Body struct {
		ConnectionID models.ConnectionID `json:"connection_id,omitempty" minimum:"1" doc:"The user's default connection if absent, else the account's."`
		ContactID    models.ContactID    `json:"contact_id,omitempty" minimum:"1" doc:"A contact of the account. Give this, phone or user_id."`
		Phone        string              `json:"phone,omitempty" maxLength:"40" doc:"In any usual writing; without a country code it is of the account's country." example:"+55 81 98800-4422"`
		UserID       string              `json:"user_id,omitempty" maxLength:"256" pattern:"^[A-Z]{2}\\.[A-Za-z0-9.]+$" doc:"The provider's id of somebody whose number is not known."`
		Name         string              `json:"name,omitempty" maxLength:"200" doc:"What a contact without a name is called."`
		Content      models.Content      `json:"content" doc:"Usually a template; anything else only while the window is open."`
		ClientRef    string              `json:"client_ref,omitempty" maxLength:"100" doc:"The client's own id: the same one gives the same message, for ever."`
		Open         bool                `json:"open,omitempty" doc:"Open a ticket as well. It is yours, or goes where queue_id and agent_id say. A ticket that is open already stays as it is."`
		QueueID      models.QueueID      `json:"queue_id,omitempty" minimum:"1" doc:"With open."`
		AgentID      models.UserID       `json:"agent_id,omitempty" minimum:"1" doc:"With open."`
	}
}

func (a *app) startOperations() {
	o := operation{id: "start-conversation", method: http.MethodPost, path: "/v1/conversations", tag: "conversations", summary: "Write to somebody first",
		status: http.StatusCreated, idempotent: true,
		doc: "Finds the contact by every writing of the number, or makes it, and queues the message. Who has not written within 24 hours gets a template: " +
			"anything else is refused with the code window_closed. The window opens when the person answers."}
	handle(a, o, a.startConversation)
}

// startConversation is rules 099, 147 and 160 to 162.
func (a *app) startConversation(ctx context.Context, in *startConversationIn) (*one[StartedConversation], error) {
	p, b := who(ctx), &in.Body
	to, err := a.personOf(ctx, p, in)
	if err != nil {
		return nil, err
	}
	conn, err := a.Store.SendingConnection(ctx, p.account(), p.User.ID, b.ConnectionID)
	if err != nil {
		if models.CodeOf(err) == models.CodeNotFound {
			return nil, models.Invalid("body.connection_id", "no such connection")
		}
		return nil, err
	}
	content := b.Content
	if _, err := a.sendable(ctx, p, conn.ID, conn.Channel, &content); err != nil {
		return nil, err
	}
	place, err := a.ticketPlaceOf(ctx, p, in)
	if err != nil {
		return nil, err
	}
	m, wake, err := a.Store.StartConversation(ctx, p.account(), p.viewer, conn.ID, store.FirstMessage{ContactID: b.ContactID, Person: channels.Hint(a.Channels[conn.Channel], conn, to),
		Open: b.Open, Place: place, Message: store.Outbound{Origin: p.origin(), Content: content, AuthorID: &p.User.ID, ClientRef: b.ClientRef, Assign: b.Open}})
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	conversation, err := a.conversationBegun(ctx, m.ConversationID)
	if err != nil {
		return nil, err
	}
	message, err := a.Store.Message(ctx, p.account(), begun(p), m.ID)
	if err != nil {
		return nil, err
	}
	return &one[StartedConversation]{Body: StartedConversation{Conversation: *conversation, Message: a.messageOf(message)}}, nil
}

// ticketPlaceOf reads where the ticket goes that a conversation begins with.
func (a *app) ticketPlaceOf(ctx context.Context, p *principal, in *startConversationIn) (store.TicketPlace, error) {
	var place store.TicketPlace
	b := &in.Body
	if (b.QueueID != 0 || b.AgentID != 0) && !b.Open {
		return place, models.Invalid("body.open", "queue_id and agent_id go with open")
	}
	if b.QueueID != 0 {
		if err := a.mustHaveQueue(ctx, p, b.QueueID); err != nil {
			return place, err
		}
		place.QueueID = &b.QueueID
	}
	if b.AgentID != 0 {
		if err := a.mustHaveUser(ctx, p, "body.agent_id", b.AgentID); err != nil {
			return place, err
		}
		place.AgentID = &b.AgentID
	}
	return place, nil
}

// personOf reads to whom the message goes: exactly one of contact, phone and user id.
func (a *app) personOf(ctx context.Context, p *principal, in *startConversationIn) (channels.Person, error) {
	b := &in.Body
	person := channels.Person{Name: b.Name, UserID: b.UserID}
	given := 0
	for _, is := range []bool{b.ContactID != 0, b.Phone != "", b.UserID != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		return person, models.Invalid("body", "say to whom by one of contact_id, phone and user_id")
	}
	if b.Phone == "" {
		return person, nil
	}
	return a.personAt(ctx, p, b.Phone, person)
}

// personAt gives a person the phone that was written.
func (a *app) personAt(ctx context.Context, p *principal, written string, person channels.Person) (channels.Person, error) {
	account, err := a.Store.Account(ctx, p.account())
	if err != nil {
		return person, err
	}
	number, err := phone.Parse(written, account.Settings.DefaultCountry)
	if err != nil {
		return person, models.Invalid("body.phone", "%s", err.Error())
	}
	person.Phone = number
	return person, nil
}
