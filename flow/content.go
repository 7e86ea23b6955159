package flow

// ContentKind names what can be sent.
type ContentKind string

// What can be sent. The words are those of the node settings, the message rows and the channel port.
const (
	ContentText            ContentKind = "text"
	ContentImage           ContentKind = "image"
	ContentVideo           ContentKind = "video"
	ContentAudio           ContentKind = "audio"
	ContentVoice           ContentKind = "voice"
	ContentDocument        ContentKind = "document"
	ContentSticker         ContentKind = "sticker"
	ContentLocation        ContentKind = "location"
	ContentContacts        ContentKind = "contacts"
	ContentButtons         ContentKind = "buttons"
	ContentList            ContentKind = "list"
	ContentCTAURL          ContentKind = "cta_url"
	ContentLocationRequest ContentKind = "location_request"
	ContentCarousel        ContentKind = "carousel"
	ContentProduct         ContentKind = "product"
	ContentProductList     ContentKind = "product_list"
	ContentCatalog         ContentKind = "catalog"
	ContentTemplate        ContentKind = "template"
)

// Content is one message, rendered in full and already fit for the channel: where a channel lacks buttons, for
// example, it is the numbered text that stands for them.
type Content struct {
	Kind ContentKind `json:"kind"`
	// Text is the body, or the caption of media.
	Text string `json:"text,omitempty"`
	// Header is a line above the body of buttons, a list or a link button; Footer the small line below.
	Header string `json:"header,omitempty"`
	Footer string `json:"footer,omitempty"`
	// HeaderMedia is a file above the body of buttons or a link button, in place of Header.
	HeaderMedia *HeaderMedia `json:"header_media,omitempty"`
	// PreviewURL asks for a preview of the first link in a text.
	PreviewURL bool          `json:"preview_url,omitempty"`
	Media      *Media        `json:"media,omitempty"`
	Location   *Location     `json:"location,omitempty"`
	Contacts   []ContactCard `json:"contacts,omitempty"`
	Buttons    []Choice      `json:"buttons,omitempty"`
	List       *List         `json:"list,omitempty"`
	CTA        *CTA          `json:"cta,omitempty"`
	// Cards are those of a carousel. Product, Products and Catalog show items of the account's catalogue.
	Cards    []Card        `json:"cards,omitempty"`
	Product  *Product      `json:"product,omitempty"`
	Products *ProductList  `json:"products,omitempty"`
	Catalog  *Catalog      `json:"catalog,omitempty"`
	Template *TemplateSend `json:"template,omitempty"`
}

// Media points at a file: one of ours by ID, or one the provider fetches by URL.
type Media struct {
	ID       string `json:"id,omitempty"`
	URL      string `json:"url,omitempty"`
	MIME     string `json:"mime,omitempty"`
	Size     int64  `json:"size,omitempty"` // bytes
	Filename string `json:"filename,omitempty"`
}

// HeaderMedia is a file in a header; Kind is image, video or document.
type HeaderMedia struct {
	Kind  ContentKind `json:"kind"`
	Media *Media      `json:"media"`
}

// Card is one card of a carousel: a picture or video, perhaps a text, and a link.
type Card struct {
	Header *HeaderMedia `json:"header"`
	Text   string       `json:"text,omitempty"`
	CTA    CTA          `json:"cta"`
}

// ProductList is a choice of items of a catalogue, by the ids that the catalogue gives them.
type ProductList struct {
	CatalogID string           `json:"catalog_id"`
	Sections  []ProductSection `json:"sections"`
}

// ProductSection is a titled group of items.
type ProductSection struct {
	Title string   `json:"title,omitempty"`
	IDs   []string `json:"ids"`
}

// Catalog opens the whole catalogue. Thumbnail is the item whose picture is shown.
type Catalog struct {
	Thumbnail string `json:"thumbnail,omitempty"`
}

// Location is a place.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// ContactCard is a person's card.
type ContactCard struct {
	Name   string   `json:"name"`
	Phones []string `json:"phones,omitempty"`
	Emails []string `json:"emails,omitempty"`
	Org    string   `json:"org,omitempty"`
	// Addresses are postal addresses, URLs web addresses. Birthday is YYYY-MM-DD.
	Addresses []CardAddress `json:"addresses,omitempty"`
	URLs      []string      `json:"urls,omitempty"`
	Birthday  string        `json:"birthday,omitempty"`
}

// CardAddress is a postal address on a card.
type CardAddress struct {
	Street  string `json:"street,omitempty"`
	City    string `json:"city,omitempty"`
	State   string `json:"state,omitempty"`
	Zip     string `json:"zip,omitempty"`
	Country string `json:"country,omitempty"`
}

// Choice is one button or one row of a list. ID comes back as the payload when it is tapped.
type Choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// List is a list message: Button opens it, sections hold the rows.
type List struct {
	Button   string    `json:"button"`
	Sections []Section `json:"sections"`
}

// Section is a titled group of rows.
type Section struct {
	Title string   `json:"title,omitempty"`
	Rows  []Choice `json:"rows"`
}

// CTA is a button that opens a link.
type CTA struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// TemplateSend is a template with its parameters filled in.
type TemplateSend struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	// Body are the body's parameters: in order for a positional template, with a name for a named one.
	Body []Param `json:"body,omitempty"`
	// HeaderText is the header's parameter, HeaderMedia its file, HeaderLocation its place.
	HeaderText     string    `json:"header_text,omitempty"`
	HeaderMedia    *Media    `json:"header_media,omitempty"`
	HeaderKind     string    `json:"header_kind,omitempty"` // text, image, video, document, location
	HeaderLocation *Location `json:"header_location,omitempty"`
	// Buttons are the parameters of the template's dynamic buttons, by index.
	Buttons []ButtonParam `json:"buttons,omitempty"`
}

// Param is one parameter of a template. Name is empty in a positional template.
type Param struct {
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
}

// ButtonParam fills one dynamic button of a template.
type ButtonParam struct {
	Index int `json:"index"`
	// Kind is "quick_reply" (Text is the payload), "url" (Text is the suffix) or "copy_code" (Text is the code).
	Kind string `json:"kind"`
	Text string `json:"text"`
}
