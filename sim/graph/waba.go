package graph

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) onWABA(r *http.Request, g *grant, w *WABA, edge string, body map[string]any) (any, *apiError) {
	switch r.Method + " " + edge {
	case "GET ":
		all := map[string]any{"id": w.ID, "name": w.Name, "currency": w.Currency, "timezone_id": "25", "message_template_namespace": "ns_" + w.ID,
			"account_review_status": "APPROVED", "business_verification_status": "verified", "ownership_type": "SELF",
			"owner_business_info": map[string]string{"id": w.BusinessID, "name": w.Name}}
		if len(w.Numbers) > 0 {
			all["health_status"] = s.health(w.Numbers[0])
		}
		return chosen(r, all, "name,currency,timezone_id,message_template_namespace"), nil
	case "GET phone_numbers":
		var all []map[string]any
		for _, n := range w.Numbers {
			all = append(all, chosen(r, s.numberFields(n), "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput"))
		}
		return paged(r, s.baseURL(r), all)
	case "GET subscribed_apps":
		data := []any{}
		for _, sub := range w.Subscriptions {
			m := map[string]any{"whatsapp_business_api_data": map[string]string{"id": sub.AppID, "name": s.appName(sub.AppID), "link": "https://www.facebook.com/games/?app_id=" + sub.AppID}}
			if sub.CallbackURL != "" {
				m["override_callback_uri"] = sub.CallbackURL
			}
			data = append(data, m)
		}
		return map[string]any{"data": data}, nil
	case "POST subscribed_apps":
		o := object{c: &check{}, m: body}
		sub := Subscription{AppID: g.app.ID, CallbackURL: o.text("override_callback_uri", 200), VerifyToken: o.text("verify_token", 0)}
		if o.c.err != nil {
			return nil, o.c.err
		}
		if refusal := s.verifyCallback(sub.CallbackURL, sub.VerifyToken); refusal != nil {
			return nil, refusal
		}
		w.Subscriptions = slices.DeleteFunc(w.Subscriptions, func(x Subscription) bool { return x.AppID == g.app.ID })
		w.Subscriptions = append(w.Subscriptions, sub)
		s.changed()
		return success(), nil
	case "DELETE subscribed_apps":
		w.Subscriptions = slices.DeleteFunc(w.Subscriptions, func(x Subscription) bool { return x.AppID == g.app.ID })
		s.changed()
		return success(), nil
	case "GET message_templates":
		return s.listTemplates(r, w)
	case "POST message_templates":
		return s.createTemplate(w, body)
	case "DELETE message_templates":
		return s.deleteTemplates(r, w)
	}
	return nil, unsupported(r, w.ID)
}

func (s *Server) appName(id string) string {
	if a := s.apps[id]; a != nil {
		return a.Name
	}
	return ""
}

// verifyCallback makes Meta's GET handshake with a new webhook address. The caller holds s.mu, which is
// released meanwhile, because the address may call Graph before it answers.
func (s *Server) verifyCallback(address, token string) *apiError {
	if address == "" {
		return nil
	}
	s.mu.Unlock()
	defer s.mu.Lock()
	return s.handshake(address, token)
}

func (s *Server) handshake(address, token string) *apiError {
	fail := func(why string) *apiError {
		return &apiError{HTTP: 400, Code: 2200, Title: "Callback verification failed with the following errors: " + why}
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fail("Invalid URL")
	}
	challenge := numericID(10)
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", challenge)
	q.Set("hub.verify_token", token)
	u.RawQuery = q.Encode()
	ctx, cancel := context.WithTimeout(s.hooks.ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fail("Invalid URL")
	}
	req.Header.Set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)")
	res, err := s.hooks.client.Do(req)
	if err != nil {
		return fail("Curl Error Code = 7; Couldn't connect to server")
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 1024))
	if res.StatusCode != http.StatusOK {
		return fail("HTTP Status Code = " + itoa(res.StatusCode) + "; HTTP Message = " + http.StatusText(res.StatusCode))
	}
	if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(string(b))), []byte(challenge)) != 1 {
		return fail("The challenge was not returned")
	}
	return nil
}

// paged cuts a list into Meta's pages: after and before are opaque cursors, next is a whole address.
func paged(r *http.Request, base string, all []map[string]any) (any, *apiError) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 {
		limit = 25
	}
	start := 0
	if after := q.Get("after"); after != "" {
		b, err := base64.RawURLEncoding.DecodeString(after)
		if err == nil {
			start, err = strconv.Atoi(strings.TrimPrefix(string(b), "c"))
		}
		if err != nil || start < 0 {
			return nil, newError(131059, "")
		}
	}
	start = min(start, len(all))
	end := min(start+limit, len(all))
	page := all[start:end]
	if page == nil {
		page = []map[string]any{}
	}
	cursor := func(i int) string { return base64.RawURLEncoding.EncodeToString([]byte("c" + itoa(i))) }
	paging := map[string]any{"cursors": map[string]string{"before": cursor(start), "after": cursor(end)}}
	if end < len(all) {
		q.Set("after", cursor(end))
		q.Set("limit", itoa(limit))
		prefix := ""
		if i := strings.Index(r.RequestURI, r.URL.Path); i > 0 {
			prefix = r.RequestURI[:i] // what a mount in front of us has cut off
		}
		paging["next"] = base + prefix + r.URL.Path + "?" + q.Encode()
	}
	return map[string]any{"data": page, "paging": paging}, nil
}
