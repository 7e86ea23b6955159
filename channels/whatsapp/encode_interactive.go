package whatsapp

import (
	"encoding/json"

	"github.com/perene/perene/models"
)

type interactiveBody struct {
	Type   string      `json:"type"`
	Header *headerBody `json:"header,omitempty"`
	Body   *plainText  `json:"body,omitempty"`
	Footer *plainText  `json:"footer,omitempty"`
	Action actionBody  `json:"action"`
}

type plainText struct {
	Text string `json:"text"`
}

type headerBody struct {
	Type     string     `json:"type,omitempty"`
	Text     string     `json:"text,omitempty"`
	Image    *mediaBody `json:"image,omitempty"`
	Video    *mediaBody `json:"video,omitempty"`
	Document *mediaBody `json:"document,omitempty"`
}

// actionBody is the union of the actions of all interactive types.
type actionBody struct {
	Name              string        `json:"name,omitempty"`
	Button            string        `json:"button,omitempty"`
	Buttons           []replyButton `json:"buttons,omitempty"`
	CatalogID         string        `json:"catalog_id,omitempty"`
	ProductRetailerID string        `json:"product_retailer_id,omitempty"`
	Sections          []sectionBody `json:"sections,omitempty"`
	Cards             []cardBody    `json:"cards,omitempty"`
	Parameters        any           `json:"parameters,omitempty"`
}

type replyButton struct {
	Type  string               `json:"type"`
	Reply models.ContentButton `json:"reply"`
}

type sectionBody struct {
	Title        string                  `json:"title,omitempty"`
	Rows         []models.ContentListRow `json:"rows,omitempty"`
	ProductItems []productItem           `json:"product_items,omitempty"`
}

type productItem struct {
	ProductRetailerID string `json:"product_retailer_id"`
}

type cardBody struct {
	Index  int         `json:"card_index"`
	Type   string      `json:"type"`
	Header *headerBody `json:"header,omitempty"`
	Body   *plainText  `json:"body,omitempty"`
	Action actionBody  `json:"action"`
}

type ctaParameters struct {
	DisplayText string `json:"display_text"`
	URL         string `json:"url"`
}

type formParameters struct {
	Version string       `json:"flow_message_version"`
	Token   string       `json:"flow_token,omitempty"`
	ID      string       `json:"flow_id,omitempty"`
	Name    string       `json:"flow_name,omitempty"`
	CTA     string       `json:"flow_cta"`
	Action  string       `json:"flow_action"`
	Payload *formPayload `json:"flow_action_payload,omitempty"`
	Mode    string       `json:"mode,omitempty"`
}

type formPayload struct {
	Screen string          `json:"screen"`
	Data   json.RawMessage `json:"data,omitempty"`
}

type catalogParameters struct {
	Thumbnail string `json:"thumbnail_product_retailer_id"`
}

// encodeInteractive writes the kinds that are type "interactive" at Meta.
func encodeInteractive(c *models.Content) (*interactiveBody, error) {
	b := &interactiveBody{Header: encodeHeader(c.Header), Body: encodePlain(c.Text), Footer: encodePlain(c.Footer)}
	switch c.Kind {
	case models.ContentKindButtons:
		b.Type = "button"
		for _, button := range c.Buttons {
			b.Action.Buttons = append(b.Action.Buttons, replyButton{Type: "reply", Reply: button})
		}
	case models.ContentKindList:
		b.Type = "list"
		b.Action.Button = c.List.Button
		for _, s := range c.List.Sections {
			b.Action.Sections = append(b.Action.Sections, sectionBody{Title: s.Title, Rows: s.Rows})
		}
	case models.ContentKindCTAURL:
		b.Type = "cta_url"
		b.Action = encodeCTA(c.CTA)
	case models.ContentKindLocationRequest:
		b.Type, b.Action.Name = "location_request_message", "send_location"
	case models.ContentKindContactRequest:
		b.Type, b.Action.Name = "request_contact_info", "request_contact_info"
	case models.ContentKindCallPermissionRequest:
		b.Type, b.Action.Name = "call_permission_request", "call_permission_request"
	case models.ContentKindForm:
		b.Type, b.Action.Name, b.Action.Parameters = "flow", "flow", encodeForm(c.Form)
	case models.ContentKindCarousel:
		b.Type = "carousel"
		for i, card := range c.Carousel {
			b.Action.Cards = append(b.Action.Cards, cardBody{Index: i, Type: "cta_url",
				Header: encodeHeader(card.Header), Body: encodePlain(card.Text), Action: encodeCTA(card.CTA)})
		}
	case models.ContentKindProduct:
		b.Type = "product"
		b.Action.CatalogID, b.Action.ProductRetailerID = c.Product.CatalogID, c.Product.ProductID
	case models.ContentKindProductList:
		b.Type = "product_list"
		b.Action.CatalogID, b.Action.Sections = c.ProductList.CatalogID, encodeProducts(c.ProductList.Sections)
	case models.ContentKindCatalog:
		b.Type, b.Action.Name = "catalog_message", "catalog_message"
		if c.Catalog != nil && c.Catalog.ThumbnailProductID != "" {
			b.Action.Parameters = catalogParameters{Thumbnail: c.Catalog.ThumbnailProductID}
		}
	default:
		return nil, errNoBody
	}
	return b, nil
}

func encodePlain(text string) *plainText {
	if text == "" {
		return nil
	}
	return &plainText{Text: text}
}

// encodeHeader leaves captions out: a header has none. The cards of a carousel
// take their header without a type name in Meta's older examples and with it in
// the present ones; it is always written.
func encodeHeader(h *models.ContentHeader) *headerBody {
	if h == nil {
		return nil
	}
	b := &headerBody{Type: string(h.Kind)}
	if h.Kind == models.ContentKindText {
		b.Text = h.Text
		return b
	}
	m := encodeMedia(h.Media)
	m.Caption = ""
	switch h.Kind {
	case models.ContentKindImage:
		b.Image = m
	case models.ContentKindVideo:
		b.Video = m
	case models.ContentKindDocument:
		m.Filename = h.Media.Filename
		b.Document = m
	}
	return b
}

func encodeCTA(cta *models.ContentCTA) actionBody {
	return actionBody{Name: "cta_url", Parameters: ctaParameters{DisplayText: cta.Text, URL: cta.URL}}
}

func encodeForm(f *models.ContentForm) formParameters {
	p := formParameters{Version: "3", Token: f.Token, ID: f.FormID, Name: f.Name, CTA: f.Button, Action: f.Action}
	if p.Action == "" {
		p.Action = "navigate"
	}
	if p.Action == "navigate" && f.Screen != "" {
		p.Payload = &formPayload{Screen: f.Screen, Data: f.Data}
	}
	if f.Draft {
		p.Mode = "draft"
	}
	return p
}

func encodeProducts(sections []models.ContentProductSection) []sectionBody {
	bodies := make([]sectionBody, len(sections))
	for i, s := range sections {
		bodies[i].Title = s.Title
		for _, id := range s.ProductIDs {
			bodies[i].ProductItems = append(bodies[i].ProductItems, productItem{ProductRetailerID: id})
		}
	}
	return bodies
}
