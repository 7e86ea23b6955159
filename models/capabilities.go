package models

import (
	"slices"
	"time"
)

// Capabilities is what a channel can do, as data. The sender, the flow linter
// and the composer read the same value, so that what the designer sees is what
// is sent. Lengths are in runes, sizes in bytes; 0 means "no limit known".
type Capabilities struct {
	// Provider names the adapter: "whatsapp".
	Provider string `json:"provider"`
	// Kinds are the kinds that can be sent as they are.
	Kinds []ContentKind `json:"kinds"`
	// Fallbacks says what becomes of a kind that is not in Kinds. A kind in
	// neither is refused.
	Fallbacks map[ContentKind]Fallback `json:"fallbacks,omitempty"`
	// Media limits files by kind.
	Media map[ContentKind]MediaLimit `json:"media,omitempty"`

	TextMax    int `json:"text_max,omitempty"`
	CaptionMax int `json:"caption_max,omitempty"`
	// BodyMax limits the body of interactive kinds; BodyMaxOf overrides it.
	BodyMax   int                 `json:"body_max,omitempty"`
	BodyMaxOf map[ContentKind]int `json:"body_max_of,omitempty"`
	HeaderMax int                 `json:"header_max,omitempty"`
	FooterMax int                 `json:"footer_max,omitempty"`
	// HeaderKinds are the headers each interactive kind takes.
	HeaderKinds map[ContentKind][]ContentKind `json:"header_kinds,omitempty"`

	Buttons   ButtonLimit   `json:"buttons"`
	List      ListLimit     `json:"list"`
	CTATitle  int           `json:"cta_title_max,omitempty"`
	URLMax    int           `json:"url_max,omitempty"`
	FormTitle int           `json:"form_title_max,omitempty"`
	Carousel  CarouselLimit `json:"carousel"`
	Products  ProductLimit  `json:"products"`
	// ContactsMax is how many cards a contacts message may carry.
	ContactsMax int           `json:"contacts_max,omitempty"`
	Templates   TemplateLimit `json:"templates"`

	// WindowSeconds is how long after the person's last message free-form
	// content may be sent; 0 means always.
	WindowSeconds int64 `json:"window_seconds,omitempty"`
	// PeopleWindowSeconds is the same for what people write themselves, where
	// it is longer.
	PeopleWindowSeconds int64 `json:"people_window_seconds,omitempty"`
	// Replies, Reactions … say whether the channel has the feature at all.
	Replies      bool `json:"replies,omitempty"`
	Reactions    bool `json:"reactions,omitempty"`
	Edits        bool `json:"edits,omitempty"`
	Deletes      bool `json:"deletes,omitempty"`
	Typing       bool `json:"typing,omitempty"`
	ReadReceipts bool `json:"read_receipts,omitempty"`
	Groups       bool `json:"groups,omitempty"`
	// MediaLinks means the provider fetches files from a public URL.
	MediaLinks bool `json:"media_links,omitempty"`
	// CallbackDataMax is how many bytes of ours come back in every status; 0
	// means the channel has no such echo.
	CallbackDataMax int `json:"callback_data_max,omitempty"`

	Pace Pace `json:"pace"`
}

// Pace is how fast a connection may send. The connection's own figures (quality
// and throughput as the provider reports them) override it.
type Pace struct {
	// PerSecond is the number's pace, CoexistencePerSecond the pace of a number
	// that is on the phone app too, MaxPerSecond the highest a number can get.
	PerSecond            int `json:"per_second,omitempty"`
	CoexistencePerSecond int `json:"coexistence_per_second,omitempty"`
	MaxPerSecond         int `json:"max_per_second,omitempty"`
	// PairIntervalMS is the time between two messages to the same person,
	// PairBurst how many may be borrowed from the time to come.
	PairIntervalMS int64 `json:"pair_interval_ms,omitempty"`
	PairBurst      int   `json:"pair_burst,omitempty"`
}

// Fallback names what is sent in place of a kind the channel lacks.
type Fallback string

// Fallbacks.
const (
	// FallbackNumberedText writes buttons and rows as "1. Sim".
	FallbackNumberedText Fallback = "numbered_text"
	// FallbackText keeps only the words (and links) of the message.
	FallbackText Fallback = "text"
	// FallbackDocument sends the file as a document.
	FallbackDocument Fallback = "document"
	// FallbackAudio sends a voice note as an ordinary audio file.
	FallbackAudio Fallback = "audio"
)

// MediaLimit limits the files of one kind.
type MediaLimit struct {
	MimeTypes []string `json:"mime_types"`
	MaxBytes  int64    `json:"max_bytes"`
	// AnimatedMaxBytes is the limit of an animated sticker, if it differs.
	AnimatedMaxBytes int64 `json:"animated_max_bytes,omitempty"`
	// Caption says whether the kind takes a caption.
	Caption bool `json:"caption,omitempty"`
}

// ButtonLimit limits reply buttons.
type ButtonLimit struct {
	Max      int `json:"max,omitempty"`
	TitleMax int `json:"title_max,omitempty"`
	IDMax    int `json:"id_max,omitempty"`
}

// ListLimit limits a list. RowsMax counts the rows of all sections together.
type ListLimit struct {
	ButtonMax       int `json:"button_max,omitempty"`
	SectionsMax     int `json:"sections_max,omitempty"`
	SectionTitleMax int `json:"section_title_max,omitempty"`
	RowsMax         int `json:"rows_max,omitempty"`
	RowIDMax        int `json:"row_id_max,omitempty"`
	RowTitleMax     int `json:"row_title_max,omitempty"`
	RowTextMax      int `json:"row_text_max,omitempty"`
}

// CarouselLimit limits a carousel.
type CarouselLimit struct {
	Min           int `json:"min,omitempty"`
	Max           int `json:"max,omitempty"`
	BodyMax       int `json:"body_max,omitempty"`
	LineBreaksMax int `json:"line_breaks_max,omitempty"`
}

// ProductLimit limits a choice of catalogue items.
type ProductLimit struct {
	SectionsMax int `json:"sections_max,omitempty"`
	ItemsMax    int `json:"items_max,omitempty"`
}

// TemplateLimit limits a template and its values.
type TemplateLimit struct {
	NameMax     int `json:"name_max,omitempty"`
	BodyMax     int `json:"body_max,omitempty"`
	ReplyIDMax  int `json:"reply_id_max,omitempty"`
	CopyCodeMax int `json:"copy_code_max,omitempty"`
	CardsMax    int `json:"cards_max,omitempty"`
}

// Sends reports whether the kind can be sent as it is.
func (c *Capabilities) Sends(kind ContentKind) bool {
	return slices.Contains(c.Kinds, kind)
}

// Window says how long free-form content may be sent.
func (c *Capabilities) Window() Window {
	return Window{Anybody: time.Duration(c.WindowSeconds) * time.Second, People: time.Duration(c.PeopleWindowSeconds) * time.Second}
}

// bodyMax is the limit of an interactive kind's body.
func (c *Capabilities) bodyMax(kind ContentKind) int {
	if n, ok := c.BodyMaxOf[kind]; ok {
		return n
	}
	return c.BodyMax
}
