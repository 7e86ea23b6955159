package flow

import (
	"encoding/json"
	"strings"
)

// ParseTemplate reads what a flow needs to know of a template out of the provider's words: its status, the format of its
// parameters ("named" or "positional") and its components as JSON, as the Graph API gives them.
func ParseTemplate(name, language, category, status, format string, components []byte) Template {
	out := Template{Name: name, Language: language, Category: strings.ToLower(category), Named: strings.EqualFold(format, "named")}
	switch strings.ToUpper(status) {
	case "APPROVED":
		out.Status = TemplateApproved
	case "PAUSED":
		out.Status = TemplatePaused
	case "PENDING", "IN_APPEAL":
		out.Status = TemplatePending
	case "REJECTED", "DISABLED":
		out.Status = TemplateRejected
	default:
		out.Status = TemplateMissing
	}
	var parts []struct {
		Type          string `json:"type"`
		Format        string `json:"format"`
		Text          string `json:"text"`
		HasExpiration bool   `json:"has_expiration"`
		Offer         struct {
			HasExpiration bool `json:"has_expiration"`
		} `json:"limited_time_offer"`
		Buttons []struct {
			Type string `json:"type"`
			Text string `json:"text"`
			URL  string `json:"url"`
		} `json:"buttons"`
	}
	if json.Unmarshal(components, &parts) != nil {
		return out
	}
	for _, c := range parts {
		switch strings.ToUpper(c.Type) {
		case "BODY":
			out.Text, out.Body = c.Text, placeholders(c.Text)
		case "HEADER":
			out.Header = strings.ToLower(c.Format)
			out.HeaderParam = out.Header == "text" && strings.Contains(c.Text, "{{")
			if out.Header == "product" {
				out.Beyond = append(out.Beyond, "product")
			}
		case "CAROUSEL":
			out.Beyond = append(out.Beyond, "carousel")
		case "LIMITED_TIME_OFFER":
			if c.Offer.HasExpiration || c.HasExpiration {
				out.Beyond = append(out.Beyond, "limited_time_offer")
			}
		case "BUTTONS":
			for _, b := range c.Buttons {
				kind := map[string]string{"QUICK_REPLY": "quick_reply", "URL": "url", "PHONE_NUMBER": "phone", "COPY_CODE": "copy_code", "OTP": "url"}[strings.ToUpper(b.Type)]
				if beyond := beyondButtons[strings.ToUpper(b.Type)]; beyond != "" {
					out.Beyond = append(out.Beyond, beyond)
				}
				out.Buttons = append(out.Buttons, TemplateButton{Kind: kind, Title: b.Text, Dynamic: kind == "copy_code" || strings.EqualFold(b.Type, "OTP") || strings.Contains(b.URL, "{{")})
			}
		}
	}
	return out
}

// beyondButtons are the buttons, by the provider's word, that need a value which no flow has.
var beyondButtons = map[string]string{"FLOW": "form", "MPM": "products"}

// placeholders lists the names of {{name}} or {{1}} in a template's text, in order.
func placeholders(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "{{")
		if !ok {
			return out
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return out
		}
		out = append(out, strings.TrimSpace(name))
		text = after
	}
}
