package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Rendered is a template message as a handset shows it.
type Rendered struct {
	Name    string           `json:"name"`
	Header  map[string]any   `json:"header,omitempty"` // like an interactive header: type and its object
	Body    string           `json:"body"`
	Footer  string           `json:"footer,omitempty"`
	Buttons []RenderedButton `json:"buttons,omitempty"`
}

// RenderedButton is a button under a template message.
type RenderedButton struct {
	Type    string `json:"type"` // quick_reply, url, phone_number, copy_code, …
	Text    string `json:"text"`
	Payload string `json:"payload,omitempty"`
	URL     string `json:"url,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Code    string `json:"code,omitempty"`
}

func (w *WABA) template(name, language string) *Template {
	for _, t := range w.Templates {
		if t.Name == name && t.Language == language && t.DeletedAt.IsZero() {
			return t
		}
	}
	return nil
}

// usable finds the template of a message and refuses what may not be sent.
func (w *WABA) usable(msg *send) (*Template, *apiError) {
	t := w.template(msg.template, msg.language)
	if t == nil {
		return nil, newError(132001, fmt.Sprintf("template name (%s) does not exist in %s", msg.template, msg.language))
	}
	switch t.Status {
	case "APPROVED":
	case "PAUSED":
		return nil, newError(132015, "")
	case "DISABLED":
		return nil, newError(132016, "")
	default:
		return nil, newError(132001, fmt.Sprintf("template name (%s) does not exist in %s", msg.template, msg.language))
	}
	return t, t.shape.fit(msg)
}

func (t *templateShape) render(msg *send) *Rendered {
	c := &check{}
	o := object{c: c, m: msg.body}
	var header, body object
	buttons := map[string]object{}
	for _, comp := range o.list("components") {
		switch strings.ToLower(comp.text("type", 0)) {
		case "header":
			header = comp
		case "body":
			body = comp
		case "button":
			buttons[fmt.Sprint(comp.m["index"])] = comp
		}
	}
	r := &Rendered{Name: msg.template, Body: t.fill(t.Body, body), Footer: t.Footer}
	switch {
	case t.Header == "TEXT":
		r.Header = map[string]any{"type": "text", "text": t.fill(t.HeaderText, header)}
	case t.Header != "":
		if p := header.list("parameters"); len(p) == 1 {
			r.Header = p[0].m
		}
	}
	for i, b := range t.Buttons {
		rb := RenderedButton{Type: strings.ToLower(b.Type), Text: b.Text, URL: b.URL, Phone: b.Phone, Payload: b.Text}
		var v string
		if p := buttons[strconv.Itoa(i)].list("parameters"); len(p) > 0 {
			v = parameterText(p[0])
		}
		switch {
		case v == "":
		case b.Type == "QUICK_REPLY":
			rb.Payload = v
		case b.Type == "URL":
			rb.URL = placeholder.ReplaceAllLiteralString(b.URL, v)
		default:
			rb.Code = v
		}
		r.Buttons = append(r.Buttons, rb)
	}
	return r
}

func (t *Template) fields() map[string]any {
	quality := t.Quality
	if quality == "" {
		quality = "UNKNOWN"
	}
	reason := t.Reason
	if reason == "" {
		reason = "NONE"
	}
	m := map[string]any{"id": t.ID, "name": t.Name, "language": t.Language, "status": t.Status, "category": t.Category,
		"parameter_format": t.Format, "components": t.Components, "quality_score": map[string]any{"score": quality}, "rejected_reason": reason}
	if t.TTL != 0 {
		m["message_send_ttl_seconds"] = t.TTL
	}
	return m
}

func (s *Server) listTemplates(r *http.Request, w *WABA) (any, *apiError) {
	q := r.URL.Query()
	var all []map[string]any
	for _, t := range w.Templates {
		if !t.DeletedAt.IsZero() || skipField(q.Get("status"), t.Status) || skipField(q.Get("category"), t.Category) ||
			skipField(q.Get("language"), t.Language) || (q.Get("name") != "" && !strings.Contains(t.Name, q.Get("name"))) {
			continue
		}
		all = append(all, chosen(r, t.fields(), "name,parameter_format,components,language,status,category"))
	}
	return paged(r, s.baseURL(r), all)
}

func skipField(want, have string) bool { return want != "" && !strings.EqualFold(want, have) }

var templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

func (s *Server) createTemplate(w *WABA, body map[string]any) (any, *apiError) {
	c := &check{}
	o := object{c: c, m: body}
	o.only("name", "language", "category", "parameter_format", "components", "message_send_ttl_seconds", "allow_category_change",
		"cta_url_link_tracking_opted_out", "creative_features_spec", "degrees_of_freedom_spec", "bid_spec", "sub_category", "library_template_name")
	t := &Template{Name: o.need("name", 512), Language: o.need("language", 0), Category: o.oneOf("category", "MARKETING", "UTILITY", "AUTHENTICATION"),
		Status: "PENDING", Format: strings.ToUpper(o.text("parameter_format", 0))}
	if !templateName.MatchString(t.Name) {
		c.fail(errInvalid("Param name may only have lower case letters, digits and underscores."))
	}
	if ttl, ok := o.number("message_send_ttl_seconds"); ok {
		t.TTL = int(ttl)
	}
	t.Components, _ = json.Marshal(body["components"])
	if !o.has("components") {
		o.missing("components")
	}
	if c.err != nil {
		return nil, c.err
	}
	if refusal := t.check(); refusal != nil {
		return nil, refusal
	}
	live := 0
	for _, x := range w.Templates {
		if x.Name != t.Name || x.Language != t.Language {
			if x.DeletedAt.IsZero() {
				live++
			}
			continue
		}
		if x.DeletedAt.IsZero() {
			return nil, &apiError{HTTP: 400, Code: 100, Subcode: 2388024, Title: "Invalid parameter", UserTitle: "Content in This Language Already Exists", UserMsg: "There is already content for this template in this language. You can create a new template and try again."}
		}
		if s.Now().Sub(x.DeletedAt) < 30*24*time.Hour {
			return nil, &apiError{HTTP: 400, Code: 100, Subcode: 2388023, Title: "Invalid parameter", UserTitle: "Message Template Language Is Being Deleted", UserMsg: "New content can't be added while the existing content is being deleted. Try again in 4 weeks or create a new message template."}
		}
	}
	if live >= 250 {
		return nil, subcoded(2388019)
	}
	if err := s.addTemplate(w, t); err != nil {
		return nil, errInvalid(err.Error())
	}
	s.review(t)
	s.changed()
	return map[string]any{"id": t.ID, "status": t.Status, "category": t.Category}, nil
}

// subcoded is how template faults arrive: code 100 with the fault as sub-code.
func subcoded(sub int) *apiError {
	_, title, about := lookupCode(sub)
	return &apiError{HTTP: 400, Code: 100, Subcode: sub, Title: "Invalid parameter", UserTitle: title, UserMsg: about}
}

// review approves a template after Meta's review time.
func (s *Server) review(t *Template) {
	wait := s.settings.Load().TemplateReviewMS
	if wait < 0 {
		return
	}
	id := t.ID
	s.clock.AfterFunc(time.Duration(wait)*time.Millisecond, func() {
		s.mu.Lock()
		pending := s.templates[id] != nil && s.templates[id].Status == "PENDING"
		s.mu.Unlock()
		if pending {
			_ = s.SetTemplateStatus(id, "APPROVED", "", "")
		}
	})
}

// check applies the limits of template texts.
func (t *Template) check() *apiError {
	shape, err := readShape(t.Components, t.Format)
	if err != nil {
		return errInvalid(err.Error())
	}
	longer := func(s string, n int) bool { return utf8.RuneCountInString(s) > n }
	quick, kinds := 0, map[string]int{}
	for _, b := range shape.Buttons {
		kinds[b.Type]++
		if longer(b.Text, 25) || longer(b.URL, 2000) || longer(b.Phone, 20) {
			return subcoded(2388040)
		}
	}
	for i, b := range shape.Buttons {
		if b.Type != "QUICK_REPLY" {
			continue
		}
		if quick++; quick > 1 && shape.Buttons[i-1].Type != "QUICK_REPLY" {
			return errInvalid("Quick replies must be grouped together.")
		}
	}
	body := strings.TrimSpace(shape.Body)
	switch words := len(strings.Fields(placeholder.ReplaceAllString(body, " "))); {
	case body == "" && shape.cards == 0:
		return subcoded(2388072)
	case longer(shape.HeaderText, 60) || len(shape.headerVars) > 1:
		return subcoded(2388047)
	case longer(shape.Footer, 60) || len(variables(shape.Footer)) > 0:
		return subcoded(2388073)
	case longer(body, 1024):
		return subcoded(2388040)
	case len(shape.Buttons) > 10 || kinds["URL"] > 2 || kinds["PHONE_NUMBER"] > 1 || kinds["COPY_CODE"] > 1:
		return errInvalid("Too many buttons.")
	case t.Category == "AUTHENTICATION":
		return nil
	case edgeVariable(body):
		return subcoded(2388299)
	case len(shape.bodyVars) > 0 && words < 2*len(shape.bodyVars)+1:
		return subcoded(2388293)
	}
	for i, v := range shape.bodyVars {
		if !shape.named && v != strconv.Itoa(i+1) {
			return subcoded(2388072)
		}
	}
	return nil
}

// edgeVariable tells whether a text begins or ends with a variable.
func edgeVariable(s string) bool {
	all := placeholder.FindAllStringIndex(s, -1)
	if len(all) == 0 {
		return false
	}
	return all[0][0] == 0 || all[len(all)-1][1] == len(s)
}

func (s *Server) deleteTemplates(r *http.Request, w *WABA) (any, *apiError) {
	q := r.URL.Query()
	name, id := q.Get("name"), q.Get("hsm_id")
	n := 0
	for _, t := range slices.Clone(w.Templates) {
		if !t.DeletedAt.IsZero() || (name != "" && t.Name != name) || (id != "" && t.ID != id) || (name == "" && id == "") {
			continue
		}
		if t.Status == "DISABLED" {
			return nil, errInvalid("A disabled template cannot be deleted.")
		}
		t.Status, t.DeletedAt = "DELETED", s.Now()
		n++
	}
	if n == 0 {
		return nil, &apiError{HTTP: 400, Code: 100, Subcode: 2593002, Title: "Invalid parameter", UserTitle: "Message Template Not Found", UserMsg: "The template doesn't exist."}
	}
	s.changed()
	return success(), nil
}

func (s *Server) onTemplate(r *http.Request, t *Template, edge string, body map[string]any) (any, *apiError) {
	switch r.Method + " " + edge {
	case "GET ":
		all := t.fields()
		all["health_status"] = map[string]any{"can_send_message": map[bool]string{true: "AVAILABLE", false: "BLOCKED"}[t.Status == "APPROVED"]}
		return chosen(r, all, "name,parameter_format,components,language,status,category"), nil
	case "POST ":
		return s.editTemplate(t, body)
	case "POST unpause":
		if t.Status == "PAUSED" {
			t.Status = "APPROVED"
			s.changed()
		}
		return success(), nil
	}
	return nil, unsupported(r, t.ID)
}

func (s *Server) editTemplate(t *Template, body map[string]any) (any, *apiError) {
	if !slices.Contains([]string{"APPROVED", "REJECTED", "PAUSED"}, t.Status) {
		return nil, errInvalid("A template can be edited only when it is approved, rejected or paused.")
	}
	if t.Status == "APPROVED" && s.Now().Sub(t.EditedAt) < 24*time.Hour {
		return nil, errInvalid("An approved template can be edited once in 24 hours.")
	}
	next := *t
	if v, ok := body["components"]; ok {
		next.Components, _ = json.Marshal(v)
	}
	if v, ok := body["category"].(string); ok {
		if t.Status == "APPROVED" && v != t.Category {
			return nil, errInvalid("The category of an approved template cannot be changed.")
		}
		next.Category = v
	}
	if refusal := next.check(); refusal != nil {
		return nil, refusal
	}
	shape, err := readShape(next.Components, next.Format)
	if err != nil {
		return nil, errInvalid(err.Error())
	}
	t.Components, t.Category, t.shape, t.EditedAt, t.Status = next.Components, next.Category, shape, s.Now(), "PENDING"
	s.review(t)
	s.changed()
	return success(), nil
}

// SetTemplateStatus moves a template and tells the business: PAUSED, APPROVED, REJECTED, DISABLED,
// PENDING_DELETION, DELETED, …
func (s *Server) SetTemplateStatus(id, event, reason, title string) error {
	s.mu.Lock()
	t := s.templates[id]
	if t == nil {
		s.mu.Unlock()
		return fmt.Errorf("no template %q", id)
	}
	status := event
	if event == "REINSTATED" {
		status = "APPROVED"
	}
	t.Status, t.Reason = status, reason
	if event == "DELETED" {
		t.DeletedAt = s.Now()
	}
	if reason == "" {
		reason = "NONE"
	}
	num, _ := strconv.ParseInt(t.ID, 10, 64)
	v := map[string]any{"event": event, "message_template_id": num, "message_template_name": t.Name,
		"message_template_language": t.Language, "message_template_category": t.Category, "reason": reason}
	if event == "REJECTED" {
		v["rejection_info"] = map[string]string{"reason": reason, "recommendation": "Change the text and submit it again."}
	}
	if title != "" {
		v["other_info"] = map[string]string{"title": title, "description": title}
	}
	w := t.waba
	s.changed()
	s.mu.Unlock()
	s.event(w, "message_template_status_update", v)
	return nil
}
