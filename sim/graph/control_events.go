package graph

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// controlAccount sets what is wrong with an account: payment and locks.
func (s *Server) controlAccount(r *http.Request) (any, error) {
	var in struct {
		PaymentProblem *string `json:"payment_problem"` // "", http, status
		Locked         *int    `json:"locked"`          // 0, 131031, 368
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.withWABA(r, func(w *WABA) error {
		if in.PaymentProblem != nil {
			if v := *in.PaymentProblem; v != "" && v != "http" && v != "status" {
				return errors.New("payment_problem must be empty, http or status")
			}
			w.PaymentProblem = *in.PaymentProblem
		}
		if in.Locked != nil {
			w.Locked = *in.Locked
		}
		s.changed()
		return nil
	})
}

func (s *Server) controlIdentity(r *http.Request) (any, error) {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return nil, s.ChangeIdentity(r.PathValue("id"), in.Phone)
}

func (s *Server) controlPreference(r *http.Request) (any, error) {
	var in struct {
		Number string `json:"number"`
		Value  string `json:"value"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	if in.Value != "stop" && in.Value != "resume" {
		return nil, errors.New("value must be stop or resume")
	}
	return nil, s.SetPreference(in.Number, r.PathValue("id"), in.Value == "stop")
}

func (s *Server) controlToken(r *http.Request) (any, error) {
	var in struct {
		App string `json:"app"`
		Token
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.apps[in.App]
	if app == nil {
		return nil, &notFound{"app", in.App}
	}
	if in.Token.Token == "" {
		return nil, errors.New("token must not be empty")
	}
	app.Tokens = append(app.Tokens, in.Token)
	s.changed()
	return nil, s.addApp(app)
}

func (s *Server) revoke(r *http.Request, revoked bool) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.tokens[in.Token]
	if g == nil {
		return errors.New("no such token")
	}
	g.token.Revoked = revoked
	s.changed()
	return nil
}

// controlNumberWebhook sets where a number's app sends webhooks, with or without Meta's handshake.
func (s *Server) controlNumberWebhook(r *http.Request) (any, error) {
	var in struct {
		URL         string `json:"url"`
		VerifyToken string `json:"verify_token"`
		Verify      bool   `json:"verify"`
		AppSecret   string `json:"app_secret"` // also replace the secret the app signs with
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	if in.Verify {
		if e := s.handshake(in.URL, in.VerifyToken); e != nil {
			return nil, errors.New(e.Title)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[r.PathValue("id")]
	if n == nil {
		return nil, &notFound{"number", r.PathValue("id")}
	}
	n.CallbackURL, n.VerifyToken = in.URL, in.VerifyToken
	for _, sub := range n.waba.Subscriptions {
		if app := s.apps[sub.AppID]; app != nil && in.AppSecret != "" {
			app.Secret = in.AppSecret
		}
	}
	s.changed()
	return nil, nil
}

// controlQuality changes a number's quality and limit and sends the webhooks that go with it.
func (s *Server) controlQuality(r *http.Request) (any, error) {
	var in struct {
		Quality    string `json:"quality_rating"`
		Event      string `json:"event"` // UPGRADE, DOWNGRADE, ONBOARDING, THROUGHPUT_UPGRADE, FLAGGED …
		Tier       string `json:"current_limit"`
		Throughput string `json:"throughput"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	n := s.numbers[r.PathValue("id")]
	if n == nil {
		s.mu.Unlock()
		return nil, &notFound{"number", r.PathValue("id")}
	}
	old := n.Tier
	if in.Quality != "" {
		n.Quality = in.Quality
	}
	if in.Tier != "" {
		n.Tier = in.Tier
	}
	if in.Throughput != "" {
		n.Throughput = in.Throughput
	}
	v := map[string]any{"display_phone_number": n.digits(), "event": in.Event, "current_limit": n.Tier, "old_limit": old, "max_daily_conversations_per_business": n.Tier}
	w := n.waba
	s.changed()
	s.mu.Unlock()
	if in.Event != "" {
		s.event(w, "phone_number_quality_update", v)
	}
	return nil, nil
}

// controlNumberState sets registration, restriction, rate and test recipients of a number.
func (s *Server) controlNumberState(r *http.Request) (any, error) {
	var in struct {
		Unregistered   *bool     `json:"unregistered"`
		Restricted     *int      `json:"restricted"`
		MPS            *int      `json:"messages_per_second"`
		TestRecipients *[]string `json:"test_recipients"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[r.PathValue("id")]
	if n == nil {
		return nil, &notFound{"number", r.PathValue("id")}
	}
	if in.Unregistered != nil {
		n.Unregistered = *in.Unregistered
	}
	if in.Restricted != nil {
		n.Restricted = *in.Restricted
	}
	if in.MPS != nil {
		n.MPS, n.bucket = *in.MPS, bucket{}
	}
	if in.TestRecipients != nil {
		n.TestRecipients = *in.TestRecipients
	}
	s.changed()
	return nil, nil
}

func (s *Server) controlTemplateStatus(r *http.Request) (any, error) {
	var in struct {
		Event  string `json:"event"`
		Reason string `json:"reason"`
		Title  string `json:"title"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	if in.Event == "" {
		return nil, errors.New("event must be named: APPROVED, PAUSED, REJECTED, DISABLED, FLAGGED, DELETED …")
	}
	return nil, s.SetTemplateStatus(r.PathValue("id"), in.Event, in.Reason, in.Title)
}

func (s *Server) templateEvent(r *http.Request, field string, change func(*Template, map[string]any)) error {
	s.mu.Lock()
	t := s.templates[r.PathValue("id")]
	if t == nil {
		s.mu.Unlock()
		return &notFound{"template", r.PathValue("id")}
	}
	num, _ := strconv.ParseInt(t.ID, 10, 64)
	v := map[string]any{"message_template_id": num, "message_template_name": t.Name, "message_template_language": t.Language}
	change(t, v)
	w := t.waba
	s.changed()
	s.mu.Unlock()
	s.event(w, field, v)
	return nil
}

// controlTemplateCategory recategorises a template, or announces it for the next day.
func (s *Server) controlTemplateCategory(r *http.Request) (any, error) {
	var in struct {
		Category string `json:"category"`
		Announce bool   `json:"announce"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return nil, s.templateEvent(r, "template_category_update", func(t *Template, v map[string]any) {
		if in.Announce {
			v["correct_category"], v["new_category"] = in.Category, t.Category
			v["category_update_timestamp"] = s.Now().Add(24 * time.Hour).Unix()
			return
		}
		v["previous_category"], v["new_category"] = t.Category, in.Category
		t.Category = in.Category
	})
}

func (s *Server) controlTemplateQuality(r *http.Request) (any, error) {
	var in struct {
		Quality string `json:"quality_score"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return nil, s.templateEvent(r, "message_template_quality_update", func(t *Template, v map[string]any) {
		before := t.Quality
		if before == "" {
			before = "UNKNOWN"
		}
		v["previous_quality_score"], v["new_quality_score"] = before, in.Quality
		t.Quality = in.Quality
	})
}

// controlInbound makes a person write, as the phone page does: {"number","person","type","content"} or a
// list of those in "messages". A plain "text" is short for a text message.
func (s *Server) controlInbound(r *http.Request) (any, error) {
	type one struct {
		Inbound
		Text string `json:"text"`
	}
	var in struct {
		one
		Messages []one `json:"messages"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	list := in.Messages
	if len(list) == 0 {
		list = []one{in.one}
	}
	ids := []string{}
	for _, m := range list {
		if m.Text != "" {
			m.Type, m.Content = "text", map[string]any{"body": m.Text}
		}
		if m.Type == "" || m.Content == nil {
			return nil, errors.New("give text, or type and content")
		}
		id, err := s.Inbound(m.Inbound)
		if err != nil && !errors.Is(err, ErrBlocked) {
			return nil, err
		}
		ids = append(ids, id)
	}
	return map[string]any{"ids": ids}, nil
}

// controlEvent sends any signed webhook: {"waba" or "number", "field", "value"}.
func (s *Server) controlEvent(r *http.Request) (any, error) {
	var in struct {
		WABA   string          `json:"waba"`
		Number string          `json:"number"`
		Field  string          `json:"field"`
		Value  json.RawMessage `json:"value"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return nil, s.Event(in.WABA, in.Number, in.Field, in.Value)
}
