package models

import "time"

// Outgoing is what decides whether a new message may be sent: the message, and its conversation under its lock.
type Outgoing struct {
	Content          *Content
	Template         *Template // as the connection has it; nil: it has none of that name and language
	Origin           Origin
	HoldIfClosed     bool   // it may wait for the contact's reply, also where it is no agent's
	Window           Window // the channel's; a group has none
	ContactBlocked   bool
	MarketingStopped bool
	Connection       ConnectionState
	WindowExpiresAt  *time.Time
}

// State says in which state the message begins at t, or why it is refused (rules 094, 099, 100, 191).
func (o *Outgoing) State(t time.Time) (MessageState, error) {
	if o.ContactBlocked {
		return "", &Error{Code: CodeContactBlocked, Key: "contact.blocked", Message: "the contact is blocked: nothing can be sent or received"}
	}
	if o.Connection == ConnectionRemoved {
		return "", &Error{Code: CodeConnectionState, Key: "connection.removed", Message: "the connection was removed: choose another one"}
	}
	if o.Content.Kind == ContentKindTemplate {
		return MessageQueued, o.checkTemplate()
	}
	if o.Window.OpenAt(o.WindowExpiresAt, o.Origin, t) {
		return MessageQueued, nil
	}
	if o.Content.Kind == ContentKindReaction {
		return "", &Error{Code: CodeWindowClosed, Key: "window.closed", Message: "the 24-hour window is closed: a reaction can be sent only while it is open"}
	}
	if o.Origin == OriginAgent || o.HoldIfClosed {
		return MessageHeld, nil // rule 100
	}
	return "", &Error{Code: CodeWindowClosed, Key: "window.closed",
		Message: "the 24-hour window is closed: send a template, or let the message wait for the contact's reply"}
}

// checkTemplate refuses a template that Meta would refuse, and marketing to a person who stopped it.
func (o *Outgoing) checkTemplate() error {
	switch {
	case o.Content.Template == nil:
		return Invalid("content.template", "name the template to send")
	case o.Template == nil:
		return &Error{Code: CodeInvalid, Key: "template.not_found",
			Message: "this connection has no such template in this language: synchronise the templates or choose another",
			Fields:  []Field{{Path: "content.template.name", Message: "no such template in this language"}}}
	case o.Template.Status != TemplateApproved:
		return &Error{Code: CodeConflict, Key: "template.not_approved",
			Message: "the template is " + o.Template.Status + ": only approved templates can be sent"}
	case o.MarketingStopped && o.Content.Category() == "marketing":
		return &Error{Code: CodeConflict, Key: "contact.marketing_stopped",
			Message: "the person stopped marketing messages: send a utility template or wait for a message"}
	}
	return nil
}
