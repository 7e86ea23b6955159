package whatsapp

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// inContent is the part of a message that says something. type names the
// object that is set.
type inContent struct {
	Type        meta.String    `json:"type"`
	Context     *inContext     `json:"context"`
	Referral    *inReferral    `json:"referral"`
	Errors      []inError      `json:"errors"`
	Text        *inText        `json:"text"`
	Image       *inMedia       `json:"image"`
	Video       *inMedia       `json:"video"`
	Audio       *inMedia       `json:"audio"`
	Voice       *inMedia       `json:"voice"`
	Document    *inMedia       `json:"document"`
	Sticker     *inMedia       `json:"sticker"`
	Location    *inLocation    `json:"location"`
	Contacts    []inCard       `json:"contacts"`
	Reaction    *inReaction    `json:"reaction"`
	Button      *inButton      `json:"button"`
	Interactive *inInteractive `json:"interactive"`
	Order       *inOrder       `json:"order"`
	Edit        *inEdit        `json:"edit"`
	Revoke      *inEdit        `json:"revoke"`
	Unsupported *struct {
		Type meta.String `json:"type"`
	} `json:"unsupported"`
}

type inText struct {
	Body meta.String `json:"body"`
}

type inContext struct {
	From                meta.String `json:"from"`
	ID                  meta.String `json:"id"`
	Forwarded           meta.Bool   `json:"forwarded"`
	FrequentlyForwarded meta.Bool   `json:"frequently_forwarded"`
	Product             *struct {
		CatalogID meta.String `json:"catalog_id"`
		ProductID meta.String `json:"product_retailer_id"`
	} `json:"referred_product"`
}

type inReferral struct {
	SourceURL    meta.String `json:"source_url"`
	SourceID     meta.String `json:"source_id"`
	SourceType   meta.String `json:"source_type"`
	Headline     meta.String `json:"headline"`
	Body         meta.String `json:"body"`
	MediaType    meta.String `json:"media_type"`
	ImageURL     meta.String `json:"image_url"`
	VideoURL     meta.String `json:"video_url"`
	ThumbnailURL meta.String `json:"thumbnail_url"`
	ClickID      meta.String `json:"ctwa_clid"`
	Welcome      struct {
		Text meta.String `json:"text"`
	} `json:"welcome_message"`
}

type inError struct {
	Code    *meta.Int   `json:"code"`
	Title   meta.String `json:"title"`
	Message meta.String `json:"message"`
	Details meta.String `json:"details"` // where older versions had it
	Data    struct {
		Details meta.String `json:"details"`
	} `json:"error_data"`
}

// text is the most telling explanation of an error.
func (e *inError) text() string {
	for _, s := range []meta.String{e.Data.Details, e.Details, e.Message, e.Title} {
		if s != "" {
			return meta.Safe(string(s))
		}
	}
	return ""
}

type inMedia struct {
	ID       meta.String `json:"id"`
	URL      meta.String `json:"url"`
	MimeType meta.String `json:"mime_type"`
	SHA256   meta.String `json:"sha256"`
	Caption  meta.String `json:"caption"`
	Filename meta.String `json:"filename"`
	Voice    meta.Bool   `json:"voice"`
	Animated meta.Bool   `json:"animated"`
}

type inLocation struct {
	Latitude  meta.Float  `json:"latitude"`
	Longitude meta.Float  `json:"longitude"`
	Name      meta.String `json:"name"`
	Address   meta.String `json:"address"`
	URL       meta.String `json:"url"`
}

type inReaction struct {
	MessageID meta.String `json:"message_id"`
	Emoji     meta.String `json:"emoji"`
}

type inButton struct {
	Payload meta.String `json:"payload"`
	Text    meta.String `json:"text"`
}

type inEdit struct {
	OriginalID meta.String `json:"original_message_id"`
	Message    *inContent  `json:"message"`
}

// nestedMax is how many edits may stand inside each other.
const nestedMax = 1

// content turns a message into our words. It never fails: what it does not
// know is "unsupported", with the provider's word for it.
func (m *inContent) content(nested int) models.Content {
	c, known := m.substance(nested)
	if !known {
		c = m.changeWithoutWords(m.unsupported())
	}
	if x := m.Context; x != nil {
		if x.ID != "" {
			c.ReplyTo = &models.MessageRef{ProviderMessageID: string(x.ID), From: string(x.From)}
		}
		c.Forwarded, c.FrequentlyForwarded = bool(x.Forwarded || x.FrequentlyForwarded), bool(x.FrequentlyForwarded)
		if x.Product != nil {
			c.ReferredProduct = &models.ContentProduct{CatalogID: string(x.Product.CatalogID), ProductID: string(x.Product.ProductID)}
		}
	}
	if r := m.Referral; r != nil {
		c.Referral = &models.ContentReferral{SourceURL: string(r.SourceURL), SourceID: string(r.SourceID), SourceType: string(r.SourceType),
			Headline: string(r.Headline), Body: string(r.Body), MediaType: string(r.MediaType), ImageURL: string(r.ImageURL),
			VideoURL: string(r.VideoURL), ThumbnailURL: string(r.ThumbnailURL), ClickID: string(r.ClickID), WelcomeText: string(r.Welcome.Text)}
	}
	return c
}

// substance reads the object that type names; known is false if type is new or
// the object is missing.
func (m *inContent) substance(nested int) (c models.Content, known bool) {
	switch m.Type {
	case "text":
		if m.Text != nil {
			return models.Content{Kind: models.ContentKindText, Text: string(m.Text.Body)}, true
		}
	case "image":
		return m.Image.content(models.ContentKindImage)
	case "video":
		return m.Video.content(models.ContentKindVideo)
	case "audio":
		if m.Audio != nil && m.Audio.Voice {
			return m.Audio.content(models.ContentKindVoice)
		}
		return m.Audio.content(models.ContentKindAudio)
	case "voice":
		return m.Voice.content(models.ContentKindVoice)
	case "document":
		return m.Document.content(models.ContentKindDocument)
	case "sticker":
		return m.Sticker.content(models.ContentKindSticker)
	case "location":
		if l := m.Location; l != nil {
			return models.Content{Kind: models.ContentKindLocation, Location: &models.ContentLocation{Latitude: float64(l.Latitude),
				Longitude: float64(l.Longitude), Name: string(l.Name), Address: string(l.Address), URL: string(l.URL)}}, true
		}
	case "contacts":
		if len(m.Contacts) > 0 {
			return models.Content{Kind: models.ContentKindContacts, Contacts: readCards(m.Contacts)}, true
		}
	case "reaction":
		if r := m.Reaction; r != nil {
			return models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{
				Target: models.MessageRef{ProviderMessageID: string(r.MessageID)}, Emoji: string(r.Emoji)}}, true
		}
	case "button":
		if b := m.Button; b != nil {
			return tap(models.TapTemplateQuickReply, b.Payload, b.Text, ""), true
		}
	case "interactive":
		return m.Interactive.content()
	case "order":
		return m.Order.content()
	case "edit":
		return m.edited(nested)
	case "revoke":
		if m.Revoke != nil && m.Revoke.OriginalID != "" {
			return models.Content{Kind: models.ContentKindDeleted, Deleted: &models.MessageRef{ProviderMessageID: string(m.Revoke.OriginalID)}}, true
		}
	case "media_placeholder":
		return models.Content{Kind: models.ContentKindMediaPlaceholder}, true
	}
	return models.Content{}, false
}

func (m *inContent) edited(nested int) (models.Content, bool) {
	if m.Edit == nil || m.Edit.OriginalID == "" || nested >= nestedMax {
		return models.Content{}, false
	}
	edit := &models.ContentEdit{Target: models.MessageRef{ProviderMessageID: string(m.Edit.OriginalID)}}
	if m.Edit.Message != nil {
		now := m.Edit.Message.content(nested + 1)
		edit.Content = &now
	}
	return models.Content{Kind: models.ContentKindEdit, Edit: edit}, true
}

// unsupported keeps Meta's word for the type and its explanation.
func (m *inContent) unsupported() models.Content {
	u := &models.ContentUnsupported{Type: string(m.Type)}
	if m.Type == "unsupported" {
		u.Type = ""
		if m.Unsupported != nil {
			u.Type = string(m.Unsupported.Type)
		}
	}
	if m.Type == "interactive" && m.Interactive != nil {
		u.Type = "interactive." + string(m.Interactive.Type)
	}
	if len(m.Errors) > 0 {
		u.Code, u.Reason = int(meta.Deref(m.Errors[0].Code)), m.Errors[0].text()
	}
	return models.Content{Kind: models.ContentKindUnsupported, Unsupported: u}
}

// changeWithoutWords gives the kind of a change to an earlier message that Meta names without saying what the change is: an
// edit or a deletion says nothing new, so it must not count as an answer. Any other content comes back as it is.
func (m *inContent) changeWithoutWords(c models.Content) models.Content {
	switch strings.ToLower(c.Unsupported.Type) {
	case "edit", "edited", "message_edit", "edit_message":
		c.Kind, c.Edit = models.ContentKindEdit, &models.ContentEdit{Target: m.changed(m.Edit)}
	case "revoke", "revoked", "message_revoke", "revoke_message", "delete", "deleted":
		target := m.changed(m.Revoke)
		c.Kind, c.Deleted = models.ContentKindDeleted, &target
	case "reaction", "message_reaction":
		c.Kind, c.Reaction = models.ContentKindReaction, &models.ContentReaction{Target: m.changed(nil)}
	}
	return c
}

// changed names the message that a change is about, if anything does.
func (m *inContent) changed(named *inEdit) models.MessageRef {
	switch {
	case named != nil && named.OriginalID != "":
		return models.MessageRef{ProviderMessageID: string(named.OriginalID)}
	case m.Context != nil:
		return models.MessageRef{ProviderMessageID: string(m.Context.ID)}
	}
	return models.MessageRef{}
}

// content reads a file; one without id and link (too large, say) is not known.
func (m *inMedia) content(kind models.ContentKind) (models.Content, bool) {
	if m == nil || m.ID == "" && m.URL == "" {
		return models.Content{}, false
	}
	return models.Content{Kind: kind, Media: &models.ContentMedia{ProviderMediaID: string(m.ID), URL: string(m.URL),
		MimeType: string(m.MimeType), SHA256: string(m.SHA256), Caption: string(m.Caption), Filename: string(m.Filename),
		Voice: kind == models.ContentKindVoice, Animated: bool(m.Animated)}}, true
}

func tap(source models.TapSource, id, title, description meta.String) models.Content {
	return models.Content{Kind: models.ContentKindTap, Tap: &models.ContentTap{Source: source, ID: string(id),
		Title: string(title), Description: string(description)}}
}

// pointer gives nil for the zero time.
func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// rawObject makes the JSON a form answered with fit to be stored; what is no
// JSON is kept as a string.
func rawObject(text string) json.RawMessage {
	raw := meta.Scrub([]byte(text))
	if json.Valid(raw) && meta.Depth(raw) <= meta.DepthMax {
		return raw
	}
	return mustJSON(text)
}
