package graph

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// templateShape is what a template's definition demands of a message that uses it.
type templateShape struct {
	named      bool
	Header     string // "", TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION
	HeaderText string
	headerVars []string
	Body       string
	bodyVars   []string
	Footer     string
	Buttons    []templateButton
	cards      int
}

type templateButton struct {
	Type  string // QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, OTP, FLOW, CATALOG, MPM, VOICE_CALL
	Text  string
	URL   string
	Phone string
	vars  []string
}

func variables(s string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			out = append(out, m[1])
		}
	}
	return out
}

// readShape reads the components of a template definition.
func readShape(components json.RawMessage, format string) (*templateShape, error) {
	var list []struct {
		Type           string            `json:"type"`
		Format         string            `json:"format"`
		Text           string            `json:"text"`
		CodeExpiration int               `json:"code_expiration_minutes"`
		AddSecurity    bool              `json:"add_security_recommendation"`
		Cards          []json.RawMessage `json:"cards"`
		Buttons        []struct {
			Type    string `json:"type"`
			Text    string `json:"text"`
			URL     string `json:"url"`
			Phone   string `json:"phone_number"`
			OTPType string `json:"otp_type"`
		} `json:"buttons"`
	}
	if len(components) == 0 {
		return nil, fmt.Errorf("has no components")
	}
	if err := json.Unmarshal(components, &list); err != nil {
		return nil, fmt.Errorf("read components: %w", err)
	}
	t := &templateShape{named: strings.EqualFold(format, "named")}
	for _, c := range list {
		switch strings.ToUpper(c.Type) {
		case "HEADER":
			t.Header, t.HeaderText = strings.ToUpper(c.Format), c.Text
			t.headerVars = variables(c.Text)
		case "BODY":
			t.Body, t.bodyVars = c.Text, variables(c.Text)
			if c.Text == "" { // authentication: Meta writes the text
				t.Body, t.bodyVars = "*{{1}}* é seu código de verificação.", []string{"1"}
				if c.AddSecurity {
					t.Body += " Para sua segurança, não o compartilhe."
				}
			}
		case "FOOTER":
			t.Footer = c.Text
			if c.CodeExpiration > 0 {
				t.Footer = fmt.Sprintf("Este código expira em %d minutos.", c.CodeExpiration)
			}
		case "BUTTONS":
			for _, b := range c.Buttons {
				tb := templateButton{Type: strings.ToUpper(b.Type), Text: b.Text, URL: b.URL, Phone: b.Phone, vars: variables(b.URL)}
				if tb.Type == "OTP" {
					tb.vars = []string{"1"}
					if tb.Text == "" {
						tb.Text = "Copiar código"
					}
				}
				t.Buttons = append(t.Buttons, tb)
			}
		case "CAROUSEL":
			t.cards = len(c.Cards)
		}
	}
	return t, nil
}

// checkTemplate checks the form of a template message; fit checks it against the definition.
func checkTemplate(s *send, o object) {
	o.only("name", "language", "components", "namespace")
	s.template = o.need("name", 512)
	s.language = o.needChild("language").only("code", "policy").need("code", 0)
	for _, c := range o.list("components") {
		c.only("type", "sub_type", "index", "parameters", "cards")
		kind := strings.ToLower(c.oneOf("type", "header", "body", "button", "footer", "carousel", "limited_time_offer", "HEADER", "BODY", "BUTTON"))
		if kind == "button" {
			c.oneOf("sub_type", "quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "voice_call", "order_details")
			if !c.has("index") {
				c.missing("index")
			}
		}
		for _, p := range c.list("parameters") {
			checkParameter(s, p)
		}
	}
}

func checkParameter(s *send, p object) {
	switch kind := p.need("type", 0); kind {
	case "text":
		if p.need("text", 0); strings.ContainsAny(p.text("text", 0), "\n\t") || strings.Contains(p.text("text", 0), "     ") {
			p.c.fail(newError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"))
		}
	case "image", "video", "document":
		if m := p.needChild(kind); p.c.err == nil {
			s.addMedia(kind, m.only("id", "link", "filename", "caption", "provider"))
		}
	case "location":
		loc := p.needChild("location")
		for _, axis := range [...]string{"latitude", "longitude"} {
			if _, ok := loc.number(axis); !ok {
				loc.missing(axis)
			}
		}
	case "payload":
		p.need("payload", 256)
	case "coupon_code":
		p.need("coupon_code", 15)
	case "currency", "date_time", "action", "limited_time_offer", "product", "group_id", "":
	default:
		p.c.fail(newError(132012, "Parameter type "+kind+" is not known."))
	}
}

// fit checks the parameters of a message against the template's definition: 132000 and 132012.
func (t *templateShape) fit(s *send) *apiError {
	c := &check{}
	o := object{c: c, path: "template", m: s.body}
	given := map[string]object{}
	buttons := map[string]object{}
	for _, comp := range o.list("components") {
		kind := strings.ToLower(comp.text("type", 0))
		if kind == "button" {
			buttons[fmt.Sprint(comp.m["index"])] = comp
			continue
		}
		given[kind] = comp
	}
	t.fitHeader(c, given["header"])
	t.fitTexts(c, "body", given["body"], t.bodyVars)
	for i, b := range t.Buttons {
		comp, ok := buttons[fmt.Sprint(i)]
		delete(buttons, fmt.Sprint(i))
		switch {
		case len(b.vars) == 0 && b.Type != "COPY_CODE":
			continue
		case !ok && b.Type == "COPY_CODE":
			c.fail(newError(131008, "Parameter of copy_code button is missing."))
		case !ok:
			c.fail(newError(131008, fmt.Sprintf("Button at index %d of type Url requires a parameter", i)))
		case len(comp.list("parameters")) != max(1, len(b.vars)):
			c.fail(newError(132000, fmt.Sprintf("Button at index %d: number of params (%d) does not match the expected number of params (%d)", i, len(comp.list("parameters")), max(1, len(b.vars)))))
		}
	}
	for index := range buttons {
		c.fail(newError(132000, "Template has no button at index "+index+"."))
	}
	if c.err == nil && utf8.RuneCountInString(t.fill(t.Body, given["body"])) > 1024 {
		c.fail(newError(132005, ""))
	}
	return c.err
}

func (t *templateShape) fitHeader(c *check, h object) {
	params := h.list("parameters")
	switch t.Header {
	case "", "TEXT":
		t.fitTexts(c, "header", h, t.headerVars)
	default:
		if len(params) != 1 {
			c.fail(newError(132012, fmt.Sprintf("header: Format mismatch, expected %s, received UNKNOWN", t.Header)))
			return
		}
		if got := strings.ToUpper(params[0].text("type", 0)); got != t.Header {
			c.fail(newError(132012, fmt.Sprintf("header: Format mismatch, expected %s, received %s", t.Header, got)))
		}
	}
}

func (t *templateShape) fitTexts(c *check, where string, o object, vars []string) {
	params := o.list("parameters")
	if len(params) != len(vars) {
		c.fail(newError(132000, fmt.Sprintf("%s: number of localizable_params (%d) does not match the expected number of params (%d)", where, len(params), len(vars))))
		return
	}
	seen := map[string]bool{}
	for _, p := range params {
		if kind := p.text("type", 0); kind != "text" && kind != "currency" && kind != "date_time" && kind != "group_id" {
			c.fail(newError(132012, where+": parameter format does not match, expected TEXT, received "+strings.ToUpper(kind)))
		}
		if !t.named {
			continue
		}
		name := p.text("parameter_name", 0)
		if name == "" {
			c.fail(errMissing("Parameter name is missing or empty"))
		}
		seen[name] = true
	}
	for _, v := range vars {
		if t.named && !seen[v] {
			c.fail(newError(132000, where+": parameter "+v+" is missing"))
		}
	}
}

// fill puts the values of a component into a text of the definition.
func (t *templateShape) fill(text string, o object) string {
	params := o.list("parameters")
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := placeholder.FindStringSubmatch(m)[1]
		for i, p := range params {
			if (t.named && p.m["parameter_name"] == name) || (!t.named && fmt.Sprint(i+1) == name) {
				return parameterText(p)
			}
		}
		return m
	})
}

func parameterText(p object) string {
	for _, key := range [...]string{"currency", "date_time"} {
		if p.has(key) {
			return p.child(key).text("fallback_value", 0)
		}
	}
	for _, key := range [...]string{"text", "payload", "coupon_code", "group_id"} {
		if s, ok := p.m[key].(string); ok {
			return s
		}
	}
	return ""
}
