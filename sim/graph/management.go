package graph

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// management answers every Graph call but sending: phone numbers, accounts, templates, media.
func (s *Server) management(w http.ResponseWriter, r *http.Request, id, edge string) {
	s.counts.requests.Add(1)
	e := Entry{At: s.Now(), Kind: "request", Method: r.Method, Path: edge, Number: id}
	if edge == "" {
		e.Path = "object"
	}
	if f := s.faults.take(s, &e); f != nil {
		e.Fault = f.ID
		if s.breaks(w, r, e, f) {
			return
		}
	}
	answer, refusal := s.manage(r, id, edge)
	s.pause(r, s.latency(nil))
	if refusal != nil {
		s.answerError(w, e, refusal)
		return
	}
	e.Outcome, e.HTTP = "ok", http.StatusOK
	s.ledger.add(e)
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) manage(r *http.Request, id, edge string) (any, *apiError) {
	s.mu.Lock()
	g, refusal := s.authorise(r)
	s.mu.Unlock()
	if refusal == nil {
		// The book-keeping of the caller's objects happens under the lock; reading an upload does not.
		if edge == "media" && r.Method == http.MethodPost {
			s.mu.Lock()
			n := s.numbers[id]
			s.mu.Unlock()
			if n == nil || !g.may(n.waba) {
				return nil, errNoObject("post", id)
			}
			return s.uploadMedia(r, n)
		}
		if id == "debug_token" || strings.HasPrefix(id, "upload:") || edge == "uploads" {
			return s.resumable(r, g, id, edge)
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	body := map[string]any{}
	if r.Method == http.MethodPost || r.Method == http.MethodDelete {
		raw, err := readBody(r, 1<<20)
		if err != nil {
			return nil, errInvalid("The request body could not be read.")
		}
		if len(raw) > 0 && json.Unmarshal(raw, &body) != nil {
			return nil, &apiError{HTTP: 400, Code: 100, Title: "Invalid parameter", Details: "The request body is not a JSON object."}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.numbers[id]; n != nil && g.may(n.waba) {
		return s.onNumber(r, n, edge, body)
	}
	if wa := s.wabas[id]; wa != nil && g.may(wa) {
		return s.onWABA(r, g, wa, edge, body)
	}
	if t := s.templates[id]; t != nil && g.may(t.waba) {
		return s.onTemplate(r, t, edge, body)
	}
	if md, ok := s.media.get(id, s.Now()); ok && edge == "" {
		if only := r.URL.Query().Get("phone_number_id"); only != "" && !s.media.usable(id, only, s.Now()) {
			return nil, errNoObject(strings.ToLower(r.Method), id)
		}
		switch r.Method {
		case http.MethodGet:
			return s.mediaInfo(r, md), nil
		case http.MethodDelete:
			s.media.remove(id)
			return success(), nil
		}
	}
	return nil, errNoObject(strings.ToLower(r.Method), id)
}

func success() map[string]any { return map[string]any{"success": true} }

func unsupported(r *http.Request, id string) *apiError {
	return errNoObject(strings.ToLower(r.Method), id)
}

// chosen keeps the asked fields of an object; id always stays.
func chosen(r *http.Request, all map[string]any, defaults string) map[string]any {
	fields := r.URL.Query().Get("fields")
	if fields == "" {
		fields = defaults
	}
	out := map[string]any{"id": all["id"]}
	for _, f := range splitFields(fields) {
		if v, ok := all[f]; ok {
			out[f] = v
		}
	}
	return out
}

// splitFields splits at commas outside of braces and parentheses and drops what is inside them.
func splitFields(s string) []string {
	var out []string
	depth, cur := 0, strings.Builder{}
	for _, r := range s + "," {
		switch {
		case r == '{' || r == '(':
			depth++
		case r == '}' || r == ')':
			depth--
		case r == ',' && depth == 0:
			name, _, _ := strings.Cut(strings.TrimSpace(cur.String()), ".")
			if name != "" {
				out = append(out, name)
			}
			cur.Reset()
		case depth == 0:
			cur.WriteRune(r)
		}
	}
	return out
}

func (s *Server) numberFields(n *Number) map[string]any {
	status, registered := "CONNECTED", "VERIFIED"
	if n.Unregistered {
		status = "DISCONNECTED"
	}
	configured := map[string]string{}
	for _, d := range s.destinations(n.waba, nil, "") {
		configured["application"] = d.URL
	}
	if n.CallbackURL != "" {
		configured["phone_number"] = n.CallbackURL
	}
	return map[string]any{
		"id": n.ID, "display_phone_number": n.Display, "verified_name": n.Name, "quality_rating": n.Quality,
		"code_verification_status": registered, "platform_type": "CLOUD_API", "status": status, "name_status": "APPROVED",
		"throughput": map[string]any{"level": n.Throughput}, "is_on_biz_app": n.OnBizApp,
		"whatsapp_business_manager_messaging_limit": n.Tier, "messaging_limit_tier": n.Tier, "is_official_business_account": false,
		"account_mode": "LIVE", "last_onboarded_time": "2026-01-05T12:00:00+0000",
		"webhook_configuration": configured, "health_status": s.health(n),
	}
}

// health is Meta's health_status: each part with its own verdict, and the worst of them on top.
func (s *Server) health(n *Number) map[string]any {
	entity := func(kind, id string, code int, hint string) map[string]any {
		m := map[string]any{"entity_type": kind, "id": id, "can_send_message": "AVAILABLE"}
		if code != 0 {
			_, title, _ := lookupCode(code)
			m["can_send_message"] = "BLOCKED"
			if code == 131048 {
				m["can_send_message"] = "LIMITED"
			}
			m["errors"] = []any{map[string]any{"error_code": code, "error_description": title, "possible_solution": hint}}
		}
		return m
	}
	numberCode := n.Restricted
	if n.Unregistered {
		numberCode = 133010
	}
	wabaCode := n.waba.Locked
	if n.waba.PaymentProblem != "" {
		wabaCode = 131042
	}
	parts := []map[string]any{
		entity("PHONE_NUMBER", n.ID, numberCode, "Check the phone number in WhatsApp Manager."),
		entity("WABA", n.waba.ID, wabaCode, "Check the account's payment method and status."),
		entity("BUSINESS", n.waba.BusinessID, 0, ""),
	}
	for _, sub := range n.waba.Subscriptions {
		parts = append(parts, entity("APP", sub.AppID, 0, ""))
	}
	worst := "AVAILABLE"
	for _, p := range parts {
		if v := p["can_send_message"]; v == "BLOCKED" || (v == "LIMITED" && worst == "AVAILABLE") {
			worst = v.(string)
		}
	}
	return map[string]any{"can_send_message": worst, "entities": parts}
}

func (s *Server) onNumber(r *http.Request, n *Number, edge string, body map[string]any) (any, *apiError) {
	switch r.Method + " " + edge {
	case "GET ":
		return chosen(r, s.numberFields(n), "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput,last_onboarded_time"), nil
	case "POST ":
		return s.configureNumber(n, body)
	case "GET whatsapp_business_profile":
		return map[string]any{"data": []any{chosenProfile(r, n.Profile)}}, nil
	case "POST whatsapp_business_profile":
		return s.setProfile(n, body)
	case "GET block_users", "POST block_users", "DELETE block_users":
		return s.blockUsers(r.Method, n, body)
	case "POST register":
		if pin, _ := body["pin"].(string); len(pin) != 6 {
			return nil, errInvalid("Param pin must be 6 digits.")
		}
		n.Unregistered = false
		s.changed()
		return success(), nil
	case "POST deregister":
		n.Unregistered = true
		s.changed()
		return success(), nil
	case "POST request_code", "POST verify_code", "POST smb_app_data":
		return success(), nil
	case "GET settings":
		return maps.Clone(n.Settings), nil
	case "POST settings":
		if n.Settings == nil {
			n.Settings = map[string]any{}
		}
		maps.Copy(n.Settings, body)
		s.changed()
		return success(), nil
	}
	return nil, unsupported(r, n.ID)
}

func chosenProfile(r *http.Request, p map[string]any) map[string]any {
	fields := splitFields(r.URL.Query().Get("fields"))
	if len(fields) == 0 {
		return maps.Clone(p)
	}
	out := map[string]any{"messaging_product": "whatsapp"}
	for _, f := range fields {
		if v, ok := p[f]; ok {
			out[f] = v
		}
	}
	return out
}

func (s *Server) setProfile(n *Number, body map[string]any) (any, *apiError) {
	c := &check{}
	o := object{c: c, m: body}
	if body["messaging_product"] != "whatsapp" {
		c.fail(errRequired("messaging_product"))
	}
	o.only("messaging_product", "about", "address", "description", "email", "websites", "vertical", "profile_picture_handle")
	for key, longest := range map[string]int{"about": 139, "address": 256, "description": 512, "email": 128} {
		o.text(key, longest)
	}
	if sites, _ := body["websites"].([]any); len(sites) > 2 {
		c.fail(errInvalid("Param websites must have at most 2 entries."))
	}
	if c.err != nil {
		return nil, c.err
	}
	maps.Copy(n.Profile, body)
	s.changed()
	return success(), nil
}

// configureNumber sets the webhook override (verified first, as Meta does) or the PIN.
func (s *Server) configureNumber(n *Number, body map[string]any) (any, *apiError) {
	o := object{c: &check{}, m: body}
	if o.has("webhook_configuration") {
		c := o.child("webhook_configuration")
		url, token := c.text("override_callback_uri", 200), c.text("verify_token", 0)
		if o.c.err != nil {
			return nil, o.c.err
		}
		if refusal := s.verifyCallback(url, token); refusal != nil {
			return nil, refusal
		}
		n.CallbackURL, n.VerifyToken = url, token
		s.changed()
		return success(), nil
	}
	if o.has("pin") {
		if len(o.text("pin", 0)) != 6 {
			return nil, errInvalid("Param pin must be 6 digits.")
		}
		return success(), nil
	}
	return nil, errInvalid("No parameter to change was given.")
}

func (s *Server) blockUsers(method string, n *Number, body map[string]any) (any, *apiError) {
	if method == http.MethodGet {
		var list []any
		for _, id := range sortedKeys(n.Blocked) {
			if p := s.people[id]; p != nil {
				list = append(list, map[string]any{"messaging_product": "whatsapp", "wa_id": p.WaID})
			}
		}
		return map[string]any{"data": []any{map[string]any{"block_users": list}}, "paging": map[string]any{"cursors": map[string]string{"after": "", "before": ""}}}, nil
	}
	o := object{c: &check{}, m: body}
	users := o.list("block_users")
	if body["messaging_product"] != "whatsapp" {
		return nil, errRequired("messaging_product")
	}
	if o.c.err != nil {
		return nil, o.c.err
	}
	if len(users) == 0 {
		return nil, errRequired("block_users")
	}
	done, failed := []any{}, []any{}
	for _, u := range users {
		given := u.text("user", 0)
		if given == "" {
			given = u.text("user_id", 0)
		}
		p := s.findPerson(n, given)
		fail := func(code int, why string) {
			failed = append(failed, map[string]any{"input": given, "errors": []any{map[string]any{"message": "Failed to block/unblock users", "code": code, "error_data": map[string]string{"details": why}}}})
		}
		switch {
		case p == nil:
			fail(131021, "The user is unknown.")
			continue
		case method == http.MethodPost:
			if pr := n.pairs[p.ID]; pr == nil || s.Now().Sub(pr.LastInbound) > customerWindow {
				fail(139100, "The user has not messaged this number in the last 24 hours.")
				continue
			}
			n.Blocked[p.ID] = true
		default:
			delete(n.Blocked, p.ID)
		}
		done = append(done, map[string]string{"input": given, "wa_id": p.WaID})
	}
	s.changed()
	if len(failed) > 0 {
		e := newError(139100, "Some users could not be blocked or unblocked.")
		return nil, e
	}
	key := "added_users"
	if method == http.MethodDelete {
		key = "removed_users"
	}
	return map[string]any{"messaging_product": "whatsapp", "block_users": map[string]any{key: done}}, nil
}

// upload is a resumable upload of a template's sample file.
type upload struct{ kind string }

// resumable serves the upload of template samples: session, bytes, handle. It takes s.mu itself.
func (s *Server) resumable(r *http.Request, g *grant, id, edge string) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case id == "debug_token":
		return map[string]any{"data": map[string]any{"app_id": g.app.ID, "application": g.app.Name, "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0,
			"scopes": []string{"whatsapp_business_management", "whatsapp_business_messaging"}}}, nil
	case edge == "uploads" && r.Method == http.MethodPost && (id == g.app.ID || id == "app"):
		q := r.URL.Query()
		if q.Get("file_length") == "" || q.Get("file_type") == "" {
			return nil, errRequired("file_length")
		}
		session := "upload:" + base64.RawURLEncoding.EncodeToString([]byte(numericID(18)))
		s.uploads[session] = &upload{kind: q.Get("file_type")}
		return map[string]any{"id": session}, nil
	case s.uploads[id] != nil && r.Method == http.MethodPost:
		delete(s.uploads, id)
		return map[string]any{"h": "4:" + base64.RawURLEncoding.EncodeToString([]byte(numericID(18))) + ":" + traceID()}, nil
	case s.uploads[id] != nil && r.Method == http.MethodGet:
		return map[string]any{"id": id, "file_offset": 0}, nil
	}
	return nil, unsupported(r, id)
}
