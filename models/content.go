package models

import (
	"encoding/json"
	"time"
)

// ContentKind names what a message is. The same word stands in Go, in
// messages.content, in the API and in the console.
type ContentKind string

// The kinds of content, inbound and outbound. The comment says which part of
// Content carries the substance and which directions exist (in, out).
const (
	ContentKindText                  ContentKind = "text"                    // Text · in, out
	ContentKindImage                 ContentKind = "image"                   // Media · in, out
	ContentKindVideo                 ContentKind = "video"                   // Media · in, out
	ContentKindAudio                 ContentKind = "audio"                   // Media · in, out
	ContentKindVoice                 ContentKind = "voice"                   // Media, a voice note · in, out
	ContentKindDocument              ContentKind = "document"                // Media · in, out
	ContentKindSticker               ContentKind = "sticker"                 // Media · in, out
	ContentKindLocation              ContentKind = "location"                // Location · in, out
	ContentKindContacts              ContentKind = "contacts"                // Contacts · in, out
	ContentKindButtons               ContentKind = "buttons"                 // Header, Text, Footer, Buttons · out
	ContentKindList                  ContentKind = "list"                    // Header, Text, Footer, List · out
	ContentKindCTAURL                ContentKind = "cta_url"                 // Header, Text, Footer, CTA · out
	ContentKindLocationRequest       ContentKind = "location_request"        // Text · out
	ContentKindContactRequest        ContentKind = "contact_request"         // Text · out
	ContentKindTemplate              ContentKind = "template"                // Template, and Text as the person reads it · out
	ContentKindReaction              ContentKind = "reaction"                // Reaction · in, out
	ContentKindTap                   ContentKind = "tap"                     // Tap · in
	ContentKindForm                  ContentKind = "form"                    // Header, Text, Footer, Form · out
	ContentKindFormReply             ContentKind = "form_reply"              // FormReply · in
	ContentKindOrder                 ContentKind = "order"                   // Order · in
	ContentKindCarousel              ContentKind = "carousel"                // Text, Carousel · out
	ContentKindProduct               ContentKind = "product"                 // Text, Footer, Product · out
	ContentKindProductList           ContentKind = "product_list"            // Header, Text, Footer, ProductList · out
	ContentKindCatalog               ContentKind = "catalog"                 // Text, Footer, Catalog · out
	ContentKindCallPermissionRequest ContentKind = "call_permission_request" // Text · out
	ContentKindCallPermissionReply   ContentKind = "call_permission_reply"   // CallPermissionReply · in
	ContentKindCall                  ContentKind = "call"                    // Call · in
	ContentKindEdit                  ContentKind = "edit"                    // Edit · in
	ContentKindDeleted               ContentKind = "deleted"                 // Deleted · in
	ContentKindSystemNote            ContentKind = "system_note"             // SystemNote · neither: a line the system writes
	ContentKindMediaPlaceholder      ContentKind = "media_placeholder"       // nothing: imported history whose file comes later or never
	ContentKindUnsupported           ContentKind = "unsupported"             // Unsupported · in
)

// ContentKinds lists every kind, in the order of the table above.
func ContentKinds() []ContentKind {
	return []ContentKind{
		ContentKindText, ContentKindImage, ContentKindVideo, ContentKindAudio, ContentKindVoice, ContentKindDocument, ContentKindSticker,
		ContentKindLocation, ContentKindContacts, ContentKindButtons, ContentKindList, ContentKindCTAURL, ContentKindLocationRequest,
		ContentKindContactRequest, ContentKindTemplate, ContentKindReaction, ContentKindTap, ContentKindForm,
		ContentKindFormReply, ContentKindOrder, ContentKindCarousel, ContentKindProduct,
		ContentKindProductList, ContentKindCatalog, ContentKindCallPermissionRequest,
		ContentKindCallPermissionReply, ContentKindCall, ContentKindEdit, ContentKindDeleted, ContentKindSystemNote,
		ContentKindMediaPlaceholder, ContentKindUnsupported,
	}
}

// IsMedia reports whether the kind's substance is a file in Content.Media.
func (k ContentKind) IsMedia() bool {
	switch k {
	case ContentKindImage, ContentKindVideo, ContentKindAudio, ContentKindVoice, ContentKindDocument, ContentKindSticker:
		return true
	}
	return false
}

// Content is what a message says. It is stored as jsonb in messages.content
// and is the one vocabulary that adapters, flows, the API and the console
// share. Kind says which part is meaningful; the other parts are absent.
type Content struct {
	Kind ContentKind `json:"kind"`

	// Text is the body of a text and of every interactive kind. A template
	// carries here the body with its parameters filled in, so that lists,
	// search and the console need not know the template.
	Text string `json:"text,omitempty"`
	// PreviewURL asks the channel to show a preview of the first link in Text.
	PreviewURL bool           `json:"preview_url,omitempty"`
	Header     *ContentHeader `json:"header,omitempty"`
	Footer     string         `json:"footer,omitempty"`

	Media               *ContentMedia               `json:"media,omitempty"`
	Location            *ContentLocation            `json:"location,omitempty"`
	Contacts            []ContactCard               `json:"contacts,omitempty"`
	Buttons             []ContentButton             `json:"buttons,omitempty"`
	List                *ContentList                `json:"list,omitempty"`
	CTA                 *ContentCTA                 `json:"cta,omitempty"`
	Template            *ContentTemplate            `json:"template,omitempty"`
	Reaction            *ContentReaction            `json:"reaction,omitempty"`
	Tap                 *ContentTap                 `json:"tap,omitempty"`
	Form                *ContentForm                `json:"form,omitempty"`
	FormReply           *ContentFormReply           `json:"form_reply,omitempty"`
	Order               *ContentOrder               `json:"order,omitempty"`
	Carousel            []ContentCard               `json:"carousel,omitempty"`
	Product             *ContentProduct             `json:"product,omitempty"`
	ProductList         *ContentProductList         `json:"product_list,omitempty"`
	Catalog             *ContentCatalog             `json:"catalog,omitempty"`
	CallPermissionReply *ContentCallPermissionReply `json:"call_permission_reply,omitempty"`
	Call                *ContentCall                `json:"call,omitempty"`
	Edit                *ContentEdit                `json:"edit,omitempty"`
	Deleted             *MessageRef                 `json:"deleted,omitempty"`
	SystemNote          *ContentSystemNote          `json:"system_note,omitempty"`
	Unsupported         *ContentUnsupported         `json:"unsupported,omitempty"`

	// ReplyTo is the message this one quotes or answers (a tap names the
	// message that showed the button).
	ReplyTo *MessageRef `json:"reply_to,omitempty"`
	// Referral says which ad or post brought the person here.
	Referral *ContentReferral `json:"referral,omitempty"`
	// ReferredProduct is the catalogue item the person asks about.
	ReferredProduct *ContentProduct `json:"referred_product,omitempty"`
	Forwarded       bool            `json:"forwarded,omitempty"`
	// FrequentlyForwarded means forwarded more than five times.
	FrequentlyForwarded bool `json:"frequently_forwarded,omitempty"`
}

// MessageRef points at another message: by our id, by the provider's, or both.
// Inbound references carry the provider's id until the store resolves them;
// the sender resolves outbound ones before the adapter sees them.
type MessageRef struct {
	MessageID         MessageID `json:"message_id,omitempty"`
	ProviderMessageID string    `json:"provider_message_id,omitempty"`
	// From is the provider's name of the quoted message's author, if given.
	From string `json:"from,omitempty"`
}

// ContentMedia is a file: ours once it is stored (MediaID), the provider's
// before that (ProviderMediaID or URL).
type ContentMedia struct {
	MediaID         MediaID `json:"media_id,omitempty"`
	ProviderMediaID string  `json:"provider_media_id,omitempty"`
	// URL is where the file can be fetched. For an outbound message it is a
	// public link the provider fetches; for an inbound one it is the provider's
	// link, which lives minutes and needs the connection's token.
	URL string `json:"url,omitempty"`
	// MimeType may carry parameters: "audio/ogg; codecs=opus".
	MimeType string `json:"mime_type,omitempty"`
	// SHA256 is base64 as the provider gives it, hex once the file is ours.
	SHA256   string `json:"sha256,omitempty"`
	Size     int64  `json:"size,omitempty"` // bytes
	Filename string `json:"filename,omitempty"`
	Caption  string `json:"caption,omitempty"`
	// Voice marks audio recorded as a voice note.
	Voice bool `json:"voice,omitempty"`
	// Animated marks a moving sticker.
	Animated bool `json:"animated,omitempty"`
	// DurationMS is the length of audio or video in milliseconds, if known.
	DurationMS int64 `json:"duration_ms,omitempty"`
	Width      int   `json:"width,omitempty"`
	Height     int   `json:"height,omitempty"`
}

// ContentLocation is a point on the map, in decimal degrees.
type ContentLocation struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
	URL       string  `json:"url,omitempty"`
}

// ContactCard is one person's card. Name fields may all be empty when a person
// shares only the own number (Origin "contact_request").
type ContactCard struct {
	Name      ContactName      `json:"name"`
	Phones    []ContactPhone   `json:"phones,omitempty"`
	Emails    []ContactEmail   `json:"emails,omitempty"`
	Addresses []ContactAddress `json:"addresses,omitempty"`
	URLs      []ContactURL     `json:"urls,omitempty"`
	Org       *ContactOrg      `json:"org,omitempty"`
	// Birthday is YYYY-MM-DD.
	Birthday string `json:"birthday,omitempty"`
	// Origin is "contact_request" when the person answered our request for the
	// phone number, "other" otherwise, empty when the channel does not say.
	Origin string `json:"origin,omitempty"`
	VCard  string `json:"vcard,omitempty"`
}

// ContactName is the name on a card; Formatted is what people read.
type ContactName struct {
	Formatted string `json:"formatted,omitempty"`
	First     string `json:"first,omitempty"`
	Middle    string `json:"middle,omitempty"`
	Last      string `json:"last,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
	Suffix    string `json:"suffix,omitempty"`
}

// ContactPhone is a phone number on a card. WaID is the WhatsApp id behind it.
type ContactPhone struct {
	Phone string `json:"phone,omitempty"`
	Type  string `json:"type,omitempty"`
	WaID  string `json:"wa_id,omitempty"`
}

// ContactEmail is an e-mail address on a card.
type ContactEmail struct {
	Email string `json:"email,omitempty"`
	Type  string `json:"type,omitempty"`
}

// ContactURL is a web address on a card.
type ContactURL struct {
	URL  string `json:"url,omitempty"`
	Type string `json:"type,omitempty"`
}

// ContactOrg is the company on a card.
type ContactOrg struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}

// ContactAddress is a postal address on a card.
type ContactAddress struct {
	Street      string `json:"street,omitempty"`
	City        string `json:"city,omitempty"`
	State       string `json:"state,omitempty"`
	Zip         string `json:"zip,omitempty"`
	Country     string `json:"country,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
	Type        string `json:"type,omitempty"`
}

// ContentHeader stands above the body of an interactive message: text, or a
// file of kind image, video or document.
type ContentHeader struct {
	Kind  ContentKind   `json:"kind"`
	Text  string        `json:"text,omitempty"`
	Media *ContentMedia `json:"media,omitempty"`
}

// ContentButton is a reply button. ID comes back in the tap.
type ContentButton struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// ContentList is a menu that opens with Button and shows rows in sections.
type ContentList struct {
	Button   string               `json:"button"`
	Sections []ContentListSection `json:"sections"`
}

// ContentListSection is a titled group of rows.
type ContentListSection struct {
	Title string           `json:"title,omitempty"`
	Rows  []ContentListRow `json:"rows"`
}

// ContentListRow is one choice of a list. ID comes back in the tap.
type ContentListRow struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// ContentCTA is a button that opens a web page.
type ContentCTA struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// ContentReaction is an emoji on another message; an empty Emoji takes the
// reaction back.
type ContentReaction struct {
	Target MessageRef `json:"target"`
	Emoji  string     `json:"emoji"`
}

// TapSource says what kind of button was tapped.
type TapSource string

// Sources of a tap.
const (
	TapButtonReply        TapSource = "button_reply"
	TapListReply          TapSource = "list_reply"
	TapTemplateQuickReply TapSource = "template_quick_reply"
)

// ContentTap is a button or row the person tapped. It may name a message sent
// weeks ago: Content.ReplyTo says which.
type ContentTap struct {
	Source      TapSource `json:"source"`
	ID          string    `json:"id"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
}

// ContentForm opens a form built at the provider (a WhatsApp Flow). Exactly one
// of FormID and Name is set.
type ContentForm struct {
	FormID string `json:"form_id,omitempty"`
	Name   string `json:"name,omitempty"`
	// Button is the text of the button that opens the form.
	Button string `json:"button"`
	// Token comes back with the answer.
	Token string `json:"token,omitempty"`
	// Action is "navigate" (default) or "data_exchange".
	Action string `json:"action,omitempty"`
	// Screen is the first screen; Data its input. Only for "navigate".
	Screen string          `json:"screen,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
	// Draft opens the unpublished version.
	Draft bool `json:"draft,omitempty"`
}

// ContentFormReply is a filled-in form. Response is the JSON object the form
// returned; Token is its flow_token, if present.
type ContentFormReply struct {
	Name     string          `json:"name,omitempty"`
	Text     string          `json:"text,omitempty"`
	Token    string          `json:"token,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
}

// ContentOrder is a basket the person sent.
type ContentOrder struct {
	CatalogID string             `json:"catalog_id,omitempty"`
	Text      string             `json:"text,omitempty"`
	Items     []ContentOrderItem `json:"items"`
}

// ContentOrderItem is a line of an order. Price is per piece, a decimal number
// in Currency, kept as the channel wrote it.
type ContentOrderItem struct {
	ProductID string      `json:"product_id"`
	Quantity  json.Number `json:"quantity"`
	Price     json.Number `json:"price,omitempty"`
	Currency  string      `json:"currency,omitempty"`
}

// ContentCard is a card of a carousel.
type ContentCard struct {
	Header *ContentHeader `json:"header,omitempty"`
	Text   string         `json:"text,omitempty"`
	CTA    *ContentCTA    `json:"cta,omitempty"`
}

// ContentProduct is one item of a catalogue.
type ContentProduct struct {
	CatalogID string `json:"catalog_id,omitempty"`
	ProductID string `json:"product_id"`
}

// ContentProductList is a choice of catalogue items in sections.
type ContentProductList struct {
	CatalogID string                  `json:"catalog_id"`
	Sections  []ContentProductSection `json:"sections"`
}

// ContentProductSection is a titled group of catalogue items.
type ContentProductSection struct {
	Title      string   `json:"title,omitempty"`
	ProductIDs []string `json:"product_ids"`
}

// ContentCatalog opens the whole catalogue; ThumbnailProductID is the item
// whose picture is shown.
type ContentCatalog struct {
	ThumbnailProductID string `json:"thumbnail_product_id,omitempty"`
}

// ContentCallPermissionReply is the answer to a request to call.
type ContentCallPermissionReply struct {
	// Response is "accept" or "reject".
	Response  string     `json:"response"`
	Permanent bool       `json:"permanent,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Source    string     `json:"source,omitempty"`
}

// ContentCall is a step of a call.
type ContentCall struct {
	CallID string `json:"call_id"`
	// Event is "connect", "terminate" or the channel's own word.
	Event string `json:"event"`
	// Direction is "inbound" (the person calls) or "outbound".
	Direction string     `json:"direction,omitempty"`
	Status    string     `json:"status,omitempty"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	// DurationSeconds is how long people spoke.
	DurationSeconds int64 `json:"duration_seconds,omitempty"`
}

// ContentEdit replaces what an earlier message said.
type ContentEdit struct {
	Target  MessageRef `json:"target"`
	Content *Content   `json:"content,omitempty"`
}

// ContentUnsupported is a message we cannot show. Type is the channel's word for
// it, Reason the channel's explanation, Code its number.
type ContentUnsupported struct {
	Type   string `json:"type,omitempty"`
	Reason string `json:"reason,omitempty"`
	Code   int    `json:"code,omitempty"`
}

// ContentReferral is the ad or post that brought the person.
type ContentReferral struct {
	SourceURL string `json:"source_url,omitempty"`
	SourceID  string `json:"source_id,omitempty"`
	// SourceType is "ad" or "post".
	SourceType   string `json:"source_type,omitempty"`
	Headline     string `json:"headline,omitempty"`
	Body         string `json:"body,omitempty"`
	MediaType    string `json:"media_type,omitempty"`
	ImageURL     string `json:"image_url,omitempty"`
	VideoURL     string `json:"video_url,omitempty"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
	// ClickID is the click-to-WhatsApp id (ctwa_clid); ads in Status have none.
	ClickID     string `json:"click_id,omitempty"`
	WelcomeText string `json:"welcome_text,omitempty"`
}
