package models

import (
	"encoding/json"
	"time"
)

// ContentTemplate is an approved template with the values for this message.
// Content.Text, Footer and Header hold what the person reads, for the console;
// only the fields here are sent.
type ContentTemplate struct {
	// TemplateID is our row, if the template is synced.
	TemplateID TemplateID `json:"template_id,omitempty"`
	Name       string     `json:"name"`
	// Language is the provider's code: pt_BR, en_US.
	Language string `json:"language"`
	// Category is what the template was when the message was made: marketing,
	// utility or authentication. Retry rules and prices depend on it.
	Category string `json:"category,omitempty"`
	// Header fills a header with a variable or a file: kind text, image, video,
	// document, location or product.
	Header *TemplateParam `json:"header,omitempty"`
	// Body fills the body's variables: by Name if the template is named, else
	// in order.
	Body []TemplateParam `json:"body,omitempty"`
	// Buttons fills the buttons that have something to fill, by their index.
	Buttons []TemplateButton `json:"buttons,omitempty"`
	// OfferExpiresAt ends a limited-time offer.
	OfferExpiresAt *time.Time `json:"offer_expires_at,omitempty"`
	// Cards fills a carousel template.
	Cards []TemplateCard `json:"cards,omitempty"`
}

// TemplateParamKind names the kind of value a template variable takes.
type TemplateParamKind string

// Kinds of template parameters.
const (
	TemplateParamText     TemplateParamKind = "text"
	TemplateParamCurrency TemplateParamKind = "currency"
	TemplateParamDateTime TemplateParamKind = "date_time"
	TemplateParamImage    TemplateParamKind = "image"
	TemplateParamVideo    TemplateParamKind = "video"
	TemplateParamDocument TemplateParamKind = "document"
	TemplateParamLocation TemplateParamKind = "location"
	TemplateParamProduct  TemplateParamKind = "product"
	TemplateParamGroup    TemplateParamKind = "group"
)

// TemplateParam is the value of one variable. An empty Kind means text.
type TemplateParam struct {
	Kind TemplateParamKind `json:"kind,omitempty"`
	// Name is the variable's name in a named template.
	Name string `json:"name,omitempty"`
	// Text is the value of a text; the fallback shown for currency and
	// date_time; the group's id for group.
	Text string `json:"text,omitempty"`
	// Currency is ISO 4217; Amount1000 the amount in thousandths.
	Currency   string           `json:"currency,omitempty"`
	Amount1000 int64            `json:"amount_1000,omitempty"`
	Media      *ContentMedia    `json:"media,omitempty"`
	Location   *ContentLocation `json:"location,omitempty"`
	Product    *ContentProduct  `json:"product,omitempty"`
}

// TemplateButtonKind names a template's button that takes a value.
type TemplateButtonKind string

// Kinds of template buttons.
const (
	TemplateButtonQuickReply TemplateButtonKind = "quick_reply"
	TemplateButtonURL        TemplateButtonKind = "url"
	TemplateButtonCopyCode   TemplateButtonKind = "copy_code"
	TemplateButtonForm       TemplateButtonKind = "form"
	TemplateButtonCatalog    TemplateButtonKind = "catalog"
	TemplateButtonProducts   TemplateButtonKind = "products"
	TemplateButtonVoiceCall  TemplateButtonKind = "voice_call"
)

// TemplateButton is the value of one button; Index counts the template's
// buttons from 0.
type TemplateButton struct {
	Index int                `json:"index"`
	Kind  TemplateButtonKind `json:"kind"`
	// ID comes back when a quick reply is tapped.
	ID string `json:"id,omitempty"`
	// Text is the end of a URL, or the code of a copy-code button.
	Text string `json:"text,omitempty"`
	// FormToken and FormData open a form (a WhatsApp Flow).
	FormToken string          `json:"form_token,omitempty"`
	FormData  json.RawMessage `json:"form_data,omitempty"`
	// ThumbnailProductID and Sections open a catalogue or a choice of products.
	ThumbnailProductID string                  `json:"thumbnail_product_id,omitempty"`
	Sections           []ContentProductSection `json:"sections,omitempty"`
	// TTLMinutes is how long a call button stays active.
	TTLMinutes int `json:"ttl_minutes,omitempty"`
}

// TemplateCard fills one card of a carousel template.
type TemplateCard struct {
	Header  *TemplateParam   `json:"header,omitempty"`
	Body    []TemplateParam  `json:"body,omitempty"`
	Buttons []TemplateButton `json:"buttons,omitempty"`
}
