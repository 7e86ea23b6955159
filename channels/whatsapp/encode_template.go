package whatsapp

import (
	"encoding/json"
	"strconv"

	"github.com/perene/perene/models"
)

type templateBody struct {
	Name       string          `json:"name"`
	Language   languageBody    `json:"language"`
	Components []componentBody `json:"components,omitempty"`
}

type languageBody struct {
	Code string `json:"code"`
}

type componentBody struct {
	Type       string             `json:"type"`
	SubType    string             `json:"sub_type,omitempty"`
	Index      string             `json:"index,omitempty"`
	Parameters []parameterBody    `json:"parameters,omitempty"`
	Cards      []templateCardBody `json:"cards,omitempty"`
}

type templateCardBody struct {
	Index      int             `json:"card_index"`
	Components []componentBody `json:"components"`
}

type parameterBody struct {
	Type          string        `json:"type"`
	ParameterName string        `json:"parameter_name,omitempty"`
	Text          string        `json:"text,omitempty"`
	Payload       string        `json:"payload,omitempty"`
	CouponCode    string        `json:"coupon_code,omitempty"`
	GroupID       string        `json:"group_id,omitempty"`
	Currency      *currencyBody `json:"currency,omitempty"`
	DateTime      *dateTimeBody `json:"date_time,omitempty"`
	Image         *mediaBody    `json:"image,omitempty"`
	Video         *mediaBody    `json:"video,omitempty"`
	Document      *mediaBody    `json:"document,omitempty"`
	Location      *locationBody `json:"location,omitempty"`
	Product       *productBody  `json:"product,omitempty"`
	Action        *buttonAction `json:"action,omitempty"`
	Offer         *offerBody    `json:"limited_time_offer,omitempty"`
	TTLMinutes    int           `json:"ttl_minutes,omitempty"`
}

type currencyBody struct {
	Fallback   string `json:"fallback_value"`
	Code       string `json:"code"`
	Amount1000 int64  `json:"amount_1000"`
}

type dateTimeBody struct {
	Fallback string `json:"fallback_value"`
}

type productBody struct {
	ProductRetailerID string `json:"product_retailer_id"`
	CatalogID         string `json:"catalog_id"`
}

type buttonAction struct {
	FlowToken string          `json:"flow_token,omitempty"`
	FlowData  json.RawMessage `json:"flow_action_data,omitempty"`
	Thumbnail string          `json:"thumbnail_product_retailer_id,omitempty"`
	Sections  []sectionBody   `json:"sections,omitempty"`
}

type offerBody struct {
	ExpirationMS int64 `json:"expiration_time_ms"`
}

// encodeTemplate writes header, offer, body, cards and buttons, in the order in
// which Meta shows them.
func encodeTemplate(t *models.ContentTemplate) *templateBody {
	b := &templateBody{Name: t.Name, Language: languageBody{Code: t.Language}}
	b.Components = appendHeaderAndBody(b.Components, t.Header, nil)
	if t.OfferExpiresAt != nil {
		b.Components = append(b.Components, componentBody{Type: "limited_time_offer", Parameters: []parameterBody{
			{Type: "limited_time_offer", Offer: &offerBody{ExpirationMS: t.OfferExpiresAt.UnixMilli()}}}})
	}
	b.Components = appendHeaderAndBody(b.Components, nil, t.Body)
	if len(t.Cards) > 0 {
		carousel := componentBody{Type: "carousel"}
		for i, card := range t.Cards {
			components := appendHeaderAndBody(nil, card.Header, card.Body)
			carousel.Cards = append(carousel.Cards, templateCardBody{Index: i, Components: appendButtons(components, card.Buttons)})
		}
		b.Components = append(b.Components, carousel)
	}
	b.Components = appendButtons(b.Components, t.Buttons)
	return b
}

func appendHeaderAndBody(components []componentBody, header *models.TemplateParam, body []models.TemplateParam) []componentBody {
	if header != nil {
		components = append(components, componentBody{Type: "header", Parameters: []parameterBody{encodeParam(header)}})
	}
	if len(body) > 0 {
		c := componentBody{Type: "body", Parameters: make([]parameterBody, len(body))}
		for i := range body {
			c.Parameters[i] = encodeParam(&body[i])
		}
		components = append(components, c)
	}
	return components
}

func encodeParam(p *models.TemplateParam) parameterBody {
	b := parameterBody{Type: string(p.Kind), ParameterName: p.Name}
	switch p.Kind {
	case "", models.TemplateParamText:
		b.Type, b.Text = "text", p.Text
	case models.TemplateParamCurrency:
		b.Currency = &currencyBody{Fallback: p.Text, Code: p.Currency, Amount1000: p.Amount1000}
	case models.TemplateParamDateTime:
		b.DateTime = &dateTimeBody{Fallback: p.Text}
	case models.TemplateParamGroup:
		b.Type, b.GroupID = "group_id", p.Text
	case models.TemplateParamImage:
		b.Image = headerMedia(p.Media)
	case models.TemplateParamVideo:
		b.Video = headerMedia(p.Media)
	case models.TemplateParamDocument:
		b.Document = headerMedia(p.Media)
		b.Document.Filename = p.Media.Filename
	case models.TemplateParamLocation:
		b.Location = encodeLocation(p.Location)
	case models.TemplateParamProduct:
		b.Product = &productBody{ProductRetailerID: p.Product.ProductID, CatalogID: p.Product.CatalogID}
	}
	return b
}

func headerMedia(m *models.ContentMedia) *mediaBody {
	b := encodeMedia(m)
	b.Caption = ""
	return b
}

// subTypes are Meta's words for our kinds of template buttons.
var subTypes = map[models.TemplateButtonKind]string{
	models.TemplateButtonQuickReply: "quick_reply",
	models.TemplateButtonURL:        "url",
	models.TemplateButtonCopyCode:   "copy_code",
	models.TemplateButtonForm:       "flow",
	models.TemplateButtonCatalog:    "catalog",
	models.TemplateButtonProducts:   "mpm",
	models.TemplateButtonVoiceCall:  "voice_call",
}

func appendButtons(components []componentBody, buttons []models.TemplateButton) []componentBody {
	for _, button := range buttons {
		c := componentBody{Type: "button", SubType: subTypes[button.Kind], Index: strconv.Itoa(button.Index)}
		if p, ok := encodeButton(&button); ok {
			c.Parameters = []parameterBody{p}
		}
		components = append(components, c)
	}
	return components
}

func encodeButton(b *models.TemplateButton) (parameterBody, bool) {
	switch b.Kind {
	case models.TemplateButtonQuickReply:
		return parameterBody{Type: "payload", Payload: b.ID}, true
	case models.TemplateButtonURL:
		return parameterBody{Type: "text", Text: b.Text}, true
	case models.TemplateButtonCopyCode:
		return parameterBody{Type: "coupon_code", CouponCode: b.Text}, true
	case models.TemplateButtonForm:
		return parameterBody{Type: "action", Action: &buttonAction{FlowToken: b.FormToken, FlowData: b.FormData}}, true
	case models.TemplateButtonCatalog:
		return parameterBody{Type: "action", Action: &buttonAction{Thumbnail: b.ThumbnailProductID}}, true
	case models.TemplateButtonProducts:
		return parameterBody{Type: "action", Action: &buttonAction{Thumbnail: b.ThumbnailProductID, Sections: encodeProducts(b.Sections)}}, true
	case models.TemplateButtonVoiceCall:
		if b.TTLMinutes > 0 {
			return parameterBody{Type: "ttl_minutes", TTLMinutes: b.TTLMinutes}, true
		}
		if b.ID != "" {
			return parameterBody{Type: "payload", Payload: b.ID}, true
		}
	}
	return parameterBody{}, false
}
