package whatsapp

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// sendBody is the body of POST /{number}/messages. Fields stand in the order
// of Meta's examples; type names the object that is set.
type sendBody struct {
	MessagingProduct string           `json:"messaging_product"`
	RecipientType    string           `json:"recipient_type"`
	To               string           `json:"to,omitempty"`
	Recipient        string           `json:"recipient,omitempty"`
	KeyHash          string           `json:"recipient_identity_key_hash,omitempty"`
	Type             string           `json:"type"`
	Context          *contextBody     `json:"context,omitempty"`
	Text             *textBody        `json:"text,omitempty"`
	Image            *mediaBody       `json:"image,omitempty"`
	Video            *mediaBody       `json:"video,omitempty"`
	Audio            *mediaBody       `json:"audio,omitempty"`
	Document         *mediaBody       `json:"document,omitempty"`
	Sticker          *mediaBody       `json:"sticker,omitempty"`
	Location         *locationBody    `json:"location,omitempty"`
	Contacts         []contactBody    `json:"contacts,omitempty"`
	Reaction         *reactionBody    `json:"reaction,omitempty"`
	Interactive      *interactiveBody `json:"interactive,omitempty"`
	Template         *templateBody    `json:"template,omitempty"`
	// ProductPolicy belongs to the marketing endpoint alone.
	ProductPolicy string `json:"product_policy,omitempty"`
	CallbackData  string `json:"biz_opaque_callback_data,omitempty"`
}

type contextBody struct {
	MessageID string `json:"message_id"`
}

type textBody struct {
	PreviewURL bool   `json:"preview_url,omitempty"`
	Body       string `json:"body"`
}

type mediaBody struct {
	ID       string `json:"id,omitempty"`
	Link     string `json:"link,omitempty"`
	Caption  string `json:"caption,omitempty"`
	Filename string `json:"filename,omitempty"`
	Voice    bool   `json:"voice,omitempty"`
}

type locationBody struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

type reactionBody struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

type contactBody struct {
	Name      contactNameBody      `json:"name"`
	Phones    []contactPhoneBody   `json:"phones,omitempty"`
	Emails    []contactEmailBody   `json:"emails,omitempty"`
	Addresses []contactAddressBody `json:"addresses,omitempty"`
	URLs      []contactURLBody     `json:"urls,omitempty"`
	Org       *contactOrgBody      `json:"org,omitempty"`
	Birthday  string               `json:"birthday,omitempty"`
}

type contactNameBody struct {
	Formatted string `json:"formatted_name"`
	First     string `json:"first_name,omitempty"`
	Middle    string `json:"middle_name,omitempty"`
	Last      string `json:"last_name,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
	Suffix    string `json:"suffix,omitempty"`
}

type contactPhoneBody struct {
	Phone string `json:"phone,omitempty"`
	Type  string `json:"type,omitempty"`
	WaID  string `json:"wa_id,omitempty"`
}

type contactEmailBody struct {
	Email string `json:"email,omitempty"`
	Type  string `json:"type,omitempty"`
}

type contactURLBody struct {
	URL  string `json:"url,omitempty"`
	Type string `json:"type,omitempty"`
}

type contactOrgBody struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}

type contactAddressBody struct {
	Street      string `json:"street,omitempty"`
	City        string `json:"city,omitempty"`
	State       string `json:"state,omitempty"`
	Zip         string `json:"zip,omitempty"`
	Country     string `json:"country,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
	Type        string `json:"type,omitempty"`
}

// errNoBody means that an encoder forgot a kind the capabilities promise; the
// tests send every kind.
var errNoBody = errors.New("this kind has no body")

// EncodeSend writes the body of a send. The content must have passed Validate.
func EncodeSend(out *channels.Outbound) ([]byte, error) {
	b := sendBody{MessagingProduct: "whatsapp", RecipientType: "individual", CallbackData: out.AttemptID, KeyHash: out.KeyHash}
	b.addressed(out.To)
	c := out.Content
	// Meta shows no quote with a reaction or a template.
	if reply := replyTo(out); reply != "" && c.Kind != models.ContentKindReaction && c.Kind != models.ContentKindTemplate {
		b.Context = &contextBody{MessageID: reply}
	}
	switch out.Route {
	case channels.RouteMarketing:
		b.ProductPolicy = "CLOUD_API_FALLBACK"
	case channels.RouteMarketingStrict:
		b.ProductPolicy = "STRICT"
	}
	if err := b.setContent(c); err != nil {
		return nil, err
	}
	return json.Marshal(&b)
}

func replyTo(out *channels.Outbound) string {
	if out.ReplyTo == "" && out.Content.ReplyTo != nil {
		return out.Content.ReplyTo.ProviderMessageID
	}
	return out.ReplyTo
}

func (b *sendBody) setContent(c *models.Content) error {
	switch c.Kind {
	case models.ContentKindText:
		b.Type, b.Text = "text", &textBody{PreviewURL: c.PreviewURL, Body: c.Text}
	case models.ContentKindImage:
		b.Type, b.Image = "image", encodeMedia(c.Media)
	case models.ContentKindVideo:
		b.Type, b.Video = "video", encodeMedia(c.Media)
	case models.ContentKindAudio, models.ContentKindVoice:
		m := encodeMedia(c.Media)
		m.Voice, m.Caption = c.Kind == models.ContentKindVoice, ""
		b.Type, b.Audio = "audio", m
	case models.ContentKindDocument:
		m := encodeMedia(c.Media)
		m.Filename = c.Media.Filename
		b.Type, b.Document = "document", m
	case models.ContentKindSticker:
		m := encodeMedia(c.Media)
		m.Caption = ""
		b.Type, b.Sticker = "sticker", m
	case models.ContentKindLocation:
		b.Type, b.Location = "location", encodeLocation(c.Location)
	case models.ContentKindContacts:
		b.Type, b.Contacts = "contacts", encodeContacts(c.Contacts)
	case models.ContentKindReaction:
		b.Type, b.Reaction = "reaction", &reactionBody{MessageID: c.Reaction.Target.ProviderMessageID, Emoji: c.Reaction.Emoji}
	case models.ContentKindTemplate:
		b.Type, b.Template = "template", encodeTemplate(c.Template)
	default:
		interactive, err := encodeInteractive(c)
		if err != nil {
			return err
		}
		b.Type, b.Interactive = "interactive", interactive
	}
	return nil
}

// encodeMedia names a file by the provider's id, else by link.
func encodeMedia(m *models.ContentMedia) *mediaBody {
	if m.ProviderMediaID != "" {
		return &mediaBody{ID: m.ProviderMediaID, Caption: m.Caption}
	}
	return &mediaBody{Link: m.URL, Caption: m.Caption}
}

func encodeLocation(l *models.ContentLocation) *locationBody {
	return &locationBody{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Address: l.Address}
}

func encodeContacts(cards []models.ContactCard) []contactBody {
	bodies := make([]contactBody, len(cards))
	for i, c := range cards {
		b := contactBody{Name: contactNameBody(c.Name), Birthday: c.Birthday}
		for _, p := range c.Phones {
			b.Phones = append(b.Phones, contactPhoneBody(p))
		}
		for _, e := range c.Emails {
			b.Emails = append(b.Emails, contactEmailBody(e))
		}
		for _, a := range c.Addresses {
			b.Addresses = append(b.Addresses, contactAddressBody(a))
		}
		for _, u := range c.URLs {
			b.URLs = append(b.URLs, contactURLBody(u))
		}
		if c.Org != nil {
			org := contactOrgBody(*c.Org)
			b.Org = &org
		}
		bodies[i] = b
	}
	return bodies
}

// privateWords are the words of a send that must not come back in an error: whom it goes to, and every text of its content,
// since templates and flows put names, numbers and addresses anywhere.
func privateWords(out *channels.Outbound) []string {
	c := out.Content
	words := []string{out.To, strings.TrimPrefix(strings.TrimPrefix(out.To, groupAddress), "+"), c.Text, c.Footer}
	add := func(more ...string) { words = append(words, more...) }
	media := func(m *models.ContentMedia) {
		if m != nil {
			add(m.Caption, m.Filename)
		}
	}
	header := func(h *models.ContentHeader) {
		if h != nil {
			add(h.Text)
			media(h.Media)
		}
	}
	place := func(l *models.ContentLocation) {
		if l != nil {
			add(l.Name, l.Address, strconv.FormatFloat(l.Latitude, 'f', -1, 64), strconv.FormatFloat(l.Longitude, 'f', -1, 64))
		}
	}
	params := func(head *models.TemplateParam, body []models.TemplateParam, buttons []models.TemplateButton) {
		if head != nil {
			body = append([]models.TemplateParam{*head}, body...)
		}
		for _, p := range body {
			add(p.Text)
			media(p.Media)
			place(p.Location)
		}
		for _, b := range buttons {
			add(b.Text, b.ID, b.FormToken)
		}
	}
	media(c.Media)
	header(c.Header)
	place(c.Location)
	for _, card := range c.Contacts {
		n := card.Name
		add(n.Formatted, n.First, n.Middle, n.Last, card.Birthday)
		for _, p := range card.Phones {
			add(p.Phone, p.WaID)
		}
		for _, e := range card.Emails {
			add(e.Email)
		}
		for _, a := range card.Addresses {
			add(a.Street, a.Zip)
		}
	}
	for _, b := range c.Buttons {
		add(b.Title, b.ID)
	}
	if c.List != nil {
		for _, s := range c.List.Sections {
			for _, r := range s.Rows {
				add(r.Title, r.Description, r.ID)
			}
		}
	}
	if c.CTA != nil {
		add(c.CTA.URL)
	}
	for _, card := range c.Carousel {
		header(card.Header)
		add(card.Text)
		if card.CTA != nil {
			add(card.CTA.URL)
		}
	}
	if c.Form != nil {
		add(c.Form.Token)
	}
	if t := c.Template; t != nil {
		params(t.Header, t.Body, t.Buttons)
		for _, card := range t.Cards {
			params(card.Header, card.Body, card.Buttons)
		}
	}
	return words
}
