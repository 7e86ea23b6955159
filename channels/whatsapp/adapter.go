package whatsapp

import (
	"context"
	"net/http"
	"net/url"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// Adapter speaks WhatsApp's Cloud API. One serves all connections.
type Adapter struct{ client *meta.Client }

var (
	_ channels.WebhookAdapter = (*Adapter)(nil)
	_ channels.TemplateLister = (*Adapter)(nil)
	_ channels.HealthReader   = (*Adapter)(nil)
	_ channels.ElementReader  = (*Adapter)(nil)
)

// New makes an adapter over a Graph client.
func New(client *meta.Client) *Adapter { return &Adapter{client: client} }

// Capabilities implements channels.Adapter.
func (a *Adapter) Capabilities() *channels.Capabilities { return &capabilities }

// Policies implements channels.Adapter.
func (a *Adapter) Policies() *channels.PolicyTable { return meta.Policies() }

// VerifySignature implements channels.WebhookAdapter.
func (a *Adapter) VerifySignature(header http.Header, body []byte, secrets ...channels.Secret) bool {
	return meta.VerifySignature(header.Get(meta.SignatureHeader), body, secrets...)
}

// VerifyChallenge implements channels.WebhookAdapter.
func (a *Adapter) VerifyChallenge(query url.Values, token channels.Secret) (string, bool) {
	return meta.VerifyChallenge(query, token)
}

// sendAnswer is Meta's answer to an accepted send.
type sendAnswer struct {
	Contacts []struct {
		WaID   string `json:"wa_id"`
		UserID string `json:"user_id"`
	} `json:"contacts"`
	Messages []struct {
		ID     string `json:"id"`
		Status string `json:"message_status"`
	} `json:"messages"`
}

// attemptMax is how long an attempt id may be, in bytes: every app subscribed
// to the account reads it, and Meta's stated limits differ by source.
const attemptMax = 64

// Send implements channels.Adapter. What the capabilities rule out is refused
// here, before anything leaves, as code 100 with the problems listed.
func (a *Adapter) Send(ctx context.Context, cred channels.Credentials, out *channels.Outbound) (channels.Receipt, error) {
	if problems := checkOutbound(out); len(problems) > 0 {
		return channels.Receipt{}, &channels.SendError{Outcome: channels.OutcomeNotSent, Op: "send", Code: codeInvalid,
			Details: problems[0].Field + ": " + problems[0].Message, Problems: problems}
	}
	body, err := EncodeSend(out)
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Outcome: channels.OutcomeNotSent, Op: "send", Code: codeInvalid,
			Details: "the message could not be encoded", Cause: err}
	}
	endpoint := "/messages"
	if out.Route != channels.RouteMessages {
		endpoint = "/marketing_messages"
	}
	answer, err := a.client.Do(ctx, cred, meta.Call{Op: "send", Method: http.MethodPost,
		Path: url.PathEscape(cred.ProviderRef) + endpoint, Body: body, Private: func() []string { return privateWords(out) }})
	if err != nil {
		return channels.Receipt{}, err
	}
	var sent sendAnswer
	if err := meta.DecodeAnswer("send", answer, &sent); err != nil {
		return channels.Receipt{}, err
	}
	if len(sent.Messages) == 0 || sent.Messages[0].ID == "" {
		return channels.Receipt{}, &channels.SendError{Outcome: channels.OutcomeUnknown, Op: "send", Code: channels.CodeNone,
			HTTPStatus: answer.Status, Details: "the answer names no message"}
	}
	receipt := channels.Receipt{ProviderMessageID: sent.Messages[0].ID, Status: sent.Messages[0].Status}
	if len(sent.Contacts) > 0 && isPhone(out.To) {
		receipt.Address = sent.Contacts[0].WaID
		receipt.Person.UserID = opaque(meta.String(sent.Contacts[0].UserID))
		place(&receipt.Person, sent.Contacts[0].WaID)
	}
	return receipt, nil
}

// codeInvalid is Meta's code for a parameter it cannot accept; our own checks
// use it too, so that one policy serves both.
const codeInvalid = 100

func checkOutbound(out *channels.Outbound) []channels.Problem {
	if out.Content == nil {
		return []channels.Problem{{Field: "kind", Code: models.ProblemRequired, Message: "give the message a content"}}
	}
	problems := out.Content.Validate(&capabilities)
	if out.To == "" {
		problems = append(problems, channels.Problem{Field: "to", Code: models.ProblemRequired, Message: "give a phone number, a user id or a group"})
	}
	if len(out.AttemptID) > attemptMax {
		problems = append(problems, channels.Problem{Field: "attempt_id", Code: models.ProblemTooLong, Message: "use at most 64 bytes"})
	}
	if out.Route != channels.RouteMessages && out.Content.Kind != models.ContentKindTemplate {
		problems = append(problems, channels.Problem{Field: "route", Code: models.ProblemNotSupported, Message: "only templates go by the marketing endpoint"})
	}
	if out.Content.Kind == models.ContentKindReaction && out.Content.Reaction.Target.ProviderMessageID == "" {
		problems = append(problems, channels.Problem{Field: "reaction.target", Code: models.ProblemRequired, Message: "the message to react to has no id at WhatsApp yet"})
	}
	return append(problems, unresolvedMedia(out.Content)...)
}

// unresolvedMedia finds files that are only ours: they must be uploaded first.
func unresolvedMedia(c *models.Content) []channels.Problem {
	var problems []channels.Problem
	check := func(field string, m *models.ContentMedia) {
		if m != nil && m.ProviderMediaID == "" && m.URL == "" && m.MediaID != 0 {
			problems = append(problems, channels.Problem{Field: field, Code: models.ProblemRequired, Message: "the file has not been uploaded to WhatsApp yet"})
		}
	}
	if c.Kind.IsMedia() {
		check("media", c.Media)
	}
	if c.Header != nil && c.Kind != models.ContentKindTemplate {
		check("header.media", c.Header.Media)
	}
	for _, card := range c.Carousel {
		if card.Header != nil {
			check("carousel.header.media", card.Header.Media)
		}
	}
	if c.Template != nil {
		if c.Template.Header != nil {
			check("template.header.media", c.Template.Header.Media)
		}
		for _, card := range c.Template.Cards {
			if card.Header != nil {
				check("template.cards.header.media", card.Header.Media)
			}
		}
	}
	return problems
}

// markReadBody is the body of a read receipt, with or without typing.
type markReadBody struct {
	MessagingProduct string      `json:"messaging_product"`
	Status           string      `json:"status"`
	MessageID        string      `json:"message_id"`
	Typing           *typingBody `json:"typing_indicator,omitempty"`
}

type typingBody struct {
	Type string `json:"type"`
}

// MarkRead implements channels.Adapter. Typing ends with our next message or
// after 25 seconds.
func (a *Adapter) MarkRead(ctx context.Context, cred channels.Credentials, mark channels.ReadMark) error {
	b := markReadBody{MessagingProduct: "whatsapp", Status: "read", MessageID: mark.ProviderMessageID}
	if mark.Typing {
		b.Typing = &typingBody{Type: "text"}
	}
	_, err := a.client.Do(ctx, cred, meta.Call{Op: "mark read", Method: http.MethodPost,
		Path: url.PathEscape(cred.ProviderRef) + "/messages", Body: mustJSON(b)})
	return err
}
