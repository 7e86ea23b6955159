package flow

// Capabilities say what a channel can do. They are data: the engine, the linter, the sender and the composer all read
// the same ones. The zero value is a channel that takes plain text only.
type Capabilities struct {
	// Text is the longest text in characters; 0 means 4,096.
	Text int `json:"text,omitempty"`
	// Caption is the longest caption of media; 0 means media take none.
	Caption int `json:"caption,omitempty"`
	// Media are the kinds of files it takes, by content kind, with their limits.
	Media map[ContentKind]MediaLimit `json:"media,omitempty"`
	// Buttons are reply buttons; nil means there are none.
	Buttons *ButtonLimit `json:"buttons,omitempty"`
	// List is the list message; nil means there is none.
	List *ListLimit `json:"list,omitempty"`
	// CTA is the button that opens a link; nil means there is none.
	CTA *CTALimit `json:"cta,omitempty"`
	// Carousel is the row of cards; nil means there is none.
	Carousel *CarouselLimit `json:"carousel,omitempty"`
	// Products is the choice of catalogue items; nil means there is none.
	Products *ProductLimit `json:"products,omitempty"`
	// Product and Catalog say whether it shows one item, and the way to the whole catalogue.
	Product bool `json:"product,omitempty"`
	Catalog bool `json:"catalog,omitempty"`
	// Location, Contacts and LocationRequest say which of these messages it takes.
	Location        bool `json:"location,omitempty"`
	Contacts        bool `json:"contacts,omitempty"`
	LocationRequest bool `json:"location_request,omitempty"`
	// Templates says that it has approved templates.
	Templates bool `json:"templates,omitempty"`
	// Window says that free-form messages need an open window.
	Window bool `json:"window,omitempty"`
	// Typing and Read say whether "typing" and read marks can be shown to the contact.
	Typing bool `json:"typing,omitempty"`
	Read   bool `json:"read,omitempty"`
	// Edits, Reactions and Groups are for the console; flows do not need them.
	Edits     bool `json:"edits,omitempty"`
	Reactions bool `json:"reactions,omitempty"`
	Groups    bool `json:"groups,omitempty"`
}

// MediaLimit bounds one kind of file.
type MediaLimit struct {
	// MIME are the types accepted; empty means any.
	MIME []string `json:"mime,omitempty"`
	// Bytes is the largest size; 0 means no limit.
	Bytes int64 `json:"bytes,omitempty"`
	// NoCaption says that this kind takes no caption (audio, voice, stickers).
	NoCaption bool `json:"no_caption,omitempty"`
}

// ButtonLimit bounds reply buttons; lengths are in characters.
type ButtonLimit struct {
	Max    int `json:"max"`
	Title  int `json:"title"`
	Body   int `json:"body"`
	Header int `json:"header,omitempty"`
	Footer int `json:"footer,omitempty"`
	ID     int `json:"id,omitempty"`
	// Headers are the kinds of files that may stand above the body.
	Headers []ContentKind `json:"headers,omitempty"`
}

// ListLimit bounds a list message; lengths are in characters.
type ListLimit struct {
	Rows         int `json:"rows"` // in all sections together
	Sections     int `json:"sections"`
	Title        int `json:"title"`
	Description  int `json:"description"`
	Button       int `json:"button"`
	SectionTitle int `json:"section_title"`
	Body         int `json:"body"`
	Header       int `json:"header,omitempty"`
	Footer       int `json:"footer,omitempty"`
	ID           int `json:"id,omitempty"`
}

// CTALimit bounds the button that opens a link.
type CTALimit struct {
	Title int `json:"title"`
	Body  int `json:"body"`
	// Headers are the kinds of files that may stand above the body.
	Headers []ContentKind `json:"headers,omitempty"`
}

// CarouselLimit bounds a carousel; lengths are in characters.
type CarouselLimit struct {
	Min   int `json:"min"`
	Max   int `json:"max"`
	Body  int `json:"body"` // of the text above the cards
	Text  int `json:"text"` // of a card
	Lines int `json:"lines"`
	Title int `json:"title"`
}

// ProductLimit bounds a choice of catalogue items; lengths are in characters.
type ProductLimit struct {
	Sections     int `json:"sections"`
	Items        int `json:"items"` // in all sections together
	SectionTitle int `json:"section_title"`
	Body         int `json:"body"`
	Header       int `json:"header"`
	Footer       int `json:"footer"`
}

// WhatsAppCloud returns the capabilities of WhatsApp's Cloud API, from Meta's limits for messages and media. They are
// those of the adapter that sends: a test of the program compares the two.
func WhatsAppCloud() Capabilities {
	return Capabilities{
		Text: 4096, Caption: 1024,
		Media: map[ContentKind]MediaLimit{
			ContentImage: {MIME: []string{"image/jpeg", "image/png"}, Bytes: 5 << 20},
			ContentVideo: {MIME: []string{"video/mp4", "video/3gpp"}, Bytes: 16 << 20},
			ContentAudio: {MIME: []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, Bytes: 16 << 20, NoCaption: true},
			ContentVoice: {MIME: []string{"audio/ogg"}, Bytes: 16 << 20, NoCaption: true},
			ContentDocument: {MIME: []string{
				"application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
				"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
				"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
				"application/vnd.openxmlformats-officedocument.presentationml.presentation",
			}, Bytes: 100 << 20},
			ContentSticker: {MIME: []string{"image/webp"}, Bytes: 500 << 10, NoCaption: true},
		},
		Buttons:  &ButtonLimit{Max: 3, Title: 20, Body: 1024, Header: 60, Footer: 60, ID: 256, Headers: fileHeaders()},
		List:     &ListLimit{Rows: 10, Sections: 10, Title: 24, Description: 72, Button: 20, SectionTitle: 24, Body: 4096, Header: 60, Footer: 60, ID: 200},
		CTA:      &CTALimit{Title: 20, Body: 1024, Headers: fileHeaders()},
		Carousel: &CarouselLimit{Min: 2, Max: 10, Body: 1024, Text: 160, Lines: 3, Title: 20},
		Products: &ProductLimit{Sections: 10, Items: 30, SectionTitle: 24, Body: 1024, Header: 60, Footer: 60},
		Product:  true, Catalog: true,
		Location: true, Contacts: true, LocationRequest: true, Templates: true, Window: true, Typing: true, Read: true, Reactions: true, Groups: true,
	}
}

func fileHeaders() []ContentKind { return []ContentKind{ContentImage, ContentVideo, ContentDocument} }
