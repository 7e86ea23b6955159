package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// App is a Meta app: its secret signs webhooks, its tokens open the accounts they name.
type App struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Secret      string  `json:"secret"`
	VerifyToken string  `json:"verify_token,omitempty"`
	WebhookURL  string  `json:"webhook_url,omitempty"`
	Tokens      []Token `json:"tokens,omitempty"`
}

// Token is a bearer token and the WhatsApp business accounts it may act for (none named: all).
type Token struct {
	Token   string   `json:"token"`
	WABAs   []string `json:"wabas,omitempty"`
	Revoked bool     `json:"revoked,omitempty"`
}

// WABA is a WhatsApp business account.
type WABA struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	BusinessID     string         `json:"business_id"` // the portfolio, which scopes user ids
	Currency       string         `json:"currency,omitempty"`
	Subscriptions  []Subscription `json:"subscribed_apps,omitempty"`
	Numbers        []*Number      `json:"numbers,omitempty"`
	Templates      []*Template    `json:"templates,omitempty"`
	PaymentProblem string         `json:"payment_problem,omitempty"` // "" none, "http" refuse, "status" fail later (131042)
	Locked         int            `json:"locked,omitempty"`          // 0, or the code every send is refused with (131031, 368)
}

// Subscription is an app that gets the account's webhooks, with its optional own address.
type Subscription struct {
	AppID       string `json:"app_id"`
	CallbackURL string `json:"override_callback_uri,omitempty"`
	VerifyToken string `json:"verify_token,omitempty"`
}

// Number is a business phone number.
type Number struct {
	ID             string            `json:"id"`
	Display        string            `json:"display_phone_number"`
	Name           string            `json:"verified_name"`
	Quality        string            `json:"quality_rating,omitempty"`
	Tier           string            `json:"messaging_limit,omitempty"`
	Throughput     string            `json:"throughput,omitempty"`          // STANDARD (80/s) or HIGH (1,000/s)
	MPS            int               `json:"messages_per_second,omitempty"` // overrides Throughput when above zero
	Unregistered   bool              `json:"unregistered,omitempty"`
	OnBizApp       bool              `json:"is_on_biz_app,omitempty"`
	CallbackURL    string            `json:"webhook_url,omitempty"` // per-number override
	VerifyToken    string            `json:"verify_token,omitempty"`
	TestRecipients []string          `json:"test_recipients,omitempty"` // a test number may send only to these
	Restricted     int               `json:"restricted,omitempty"`      // 0, or the code template sends are refused with (131048)
	Profile        map[string]any    `json:"profile,omitempty"`
	Blocked        map[string]bool   `json:"blocked,omitempty"` // by person id
	Contacts       map[string]int64  `json:"-"`
	ServiceMonth   string            `json:"service_month,omitempty"`
	ServiceCount   int               `json:"service_count,omitempty"`
	Settings       map[string]any    `json:"settings,omitempty"`
	OptOut         map[string]bool   `json:"marketing_opt_out,omitempty"` // by person id
	waba           *WABA             `json:"-"`
	bucket         bucket            `json:"-"`
	pairs          map[string]*pair  `json:"-"`
	Windows        map[string]window `json:"windows,omitempty"` // by person id; the stored form of pairs
}

// window is what is kept about a number and a person.
type window struct {
	LastInbound  time.Time `json:"last_inbound,omitzero"`
	PhoneKnownAt time.Time `json:"phone_known_at,omitzero"`
	ReferralAt   time.Time `json:"referral_at,omitzero"`
	FreeUntil    time.Time `json:"free_until,omitzero"`
}

type pair struct {
	window
	bucket bucket
}

// Template is a message template in one language.
type Template struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Category   string          `json:"category"`
	Status     string          `json:"status"`
	Format     string          `json:"parameter_format,omitempty"` // POSITIONAL or NAMED
	Components json.RawMessage `json:"components"`
	Quality    string          `json:"quality_score,omitempty"`
	Reason     string          `json:"rejected_reason,omitempty"`
	TTL        int             `json:"message_send_ttl_seconds,omitempty"` // seconds
	DeletedAt  time.Time       `json:"deleted_at,omitzero"`
	EditedAt   time.Time       `json:"edited_at,omitzero"`
	waba       *WABA
	shape      *templateShape
}

// Person is somebody with WhatsApp on a phone.
type Person struct {
	ID        string            `json:"id"`
	Phone     string            `json:"phone,omitempty"` // digits
	WaID      string            `json:"wa_id,omitempty"`
	UserID    string            `json:"user_id"` // in the first portfolio that meets the person
	UserIDs   map[string]string `json:"user_ids,omitempty"`
	Name      string            `json:"name"`
	Username  string            `json:"username,omitempty"`
	HidePhone bool              `json:"hide_phone,omitempty"` // webhooks carry no phone number unless the business knew it
	Unknown   bool              `json:"unknown,omitempty"`    // not a WhatsApp user: sends end with 131026
	Implicit  bool              `json:"implicit,omitempty"`   // nobody registered this person, a phone number did; has no handset
	order     int               // of registration
}

func (p *Person) peer() string {
	if p.WaID != "" {
		return p.WaID
	}
	return p.UserID
}

// Seed is the state a simulator starts with, and the form in which it keeps its state.
type Seed struct {
	Settings *Settings `json:"settings,omitempty"`
	Apps     []*App    `json:"apps"`
	WABAs    []*WABA   `json:"wabas"`
	People   []*Person `json:"people"`
}

// ReadSeed reads a seed file.
func ReadSeed(file string) (*Seed, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read simulator seed: %w", err)
	}
	return ParseSeed(b)
}

// ParseSeed reads a seed from JSON.
func ParseSeed(b []byte) (*Seed, error) {
	s := &Seed{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("parse simulator seed: %w", err)
	}
	return s, nil
}

func (n *Number) digits() string {
	d, _ := digits(n.Display)
	return d
}

func (n *Number) pair(person string) *pair {
	p := n.pairs[person]
	if p == nil {
		p = &pair{}
		n.pairs[person] = p
	}
	return p
}

func (n *Number) rate() float64 {
	switch {
	case n.MPS > 0:
		return float64(n.MPS)
	case n.OnBizApp:
		return 20
	case n.Throughput == "HIGH":
		return 1000
	}
	return 80
}

// The add functions take objects into the indexes; the caller holds s.mu.

func (s *Server) addApp(a *App) error {
	if a.ID == "" || a.Secret == "" {
		return errors.New("an app needs id and secret")
	}
	if old := s.apps[a.ID]; old != nil {
		for _, t := range old.Tokens {
			delete(s.tokens, t.Token)
		}
	}
	s.apps[a.ID] = a
	for i := range a.Tokens {
		s.tokens[a.Tokens[i].Token] = &grant{app: a, token: &a.Tokens[i]}
	}
	return nil
}

func (s *Server) addWABA(w *WABA) error {
	if w.ID == "" {
		return errors.New("a waba needs an id")
	}
	if old := s.wabas[w.ID]; old != nil {
		if w.Numbers == nil {
			w.Numbers = old.Numbers
		}
		if w.Templates == nil {
			w.Templates = old.Templates
		}
	}
	if w.BusinessID == "" {
		w.BusinessID = "business-" + w.ID
	}
	s.wabas[w.ID] = w
	numbers, templates := w.Numbers, w.Templates
	w.Numbers, w.Templates = nil, nil
	for _, n := range numbers {
		if err := s.addNumber(w, n); err != nil {
			return err
		}
	}
	for _, t := range templates {
		if err := s.addTemplate(w, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) addNumber(w *WABA, n *Number) error {
	if n.ID == "" || n.digits() == "" {
		return errors.New("a number needs id and display_phone_number")
	}
	if n.Quality == "" {
		n.Quality = "GREEN"
	}
	if n.Tier == "" {
		n.Tier = "TIER_2K"
	}
	if n.Throughput == "" {
		n.Throughput = "STANDARD"
	}
	if n.Blocked == nil {
		n.Blocked = map[string]bool{}
	}
	if n.OptOut == nil {
		n.OptOut = map[string]bool{}
	}
	if n.Profile == nil {
		n.Profile = map[string]any{"messaging_product": "whatsapp", "vertical": "UNDEFINED"}
	}
	n.waba, n.pairs = w, map[string]*pair{}
	if old := s.numbers[n.ID]; old != nil && old.pairs != nil {
		n.pairs = old.pairs
	}
	for person, win := range n.Windows {
		n.pairs[person] = &pair{window: win}
	}
	n.Windows = nil
	w.Numbers = slices.DeleteFunc(w.Numbers, func(o *Number) bool { return o.ID == n.ID })
	w.Numbers = append(w.Numbers, n)
	s.numbers[n.ID] = n
	return nil
}

func (s *Server) addTemplate(w *WABA, t *Template) error {
	shape, err := readShape(t.Components, t.Format)
	if err != nil {
		return fmt.Errorf("template %s: %w", t.Name, err)
	}
	if t.ID == "" {
		t.ID = numericID(12)
	}
	if t.Status == "" {
		t.Status = "APPROVED"
	}
	if t.Format == "" {
		t.Format = "POSITIONAL"
	}
	t.waba, t.shape = w, shape
	w.Templates = slices.DeleteFunc(w.Templates, func(o *Template) bool { return o.ID == t.ID })
	w.Templates = append(w.Templates, t)
	s.templates[t.ID] = t
	return nil
}

func (s *Server) addPerson(p *Person) error {
	if p.Phone != "" {
		d, ok := digits(p.Phone)
		if !ok {
			return errors.New("a person's phone needs 7 to 15 digits with country code")
		}
		p.Phone = d
		if p.WaID == "" {
			p.WaID = waID(d)
		}
	}
	if p.Phone == "" && p.UserID == "" {
		return errors.New("a person needs phone or user_id")
	}
	if p.ID == "" {
		p.ID = "person-" + numericID(8)
	}
	if p.UserID == "" {
		p.UserID = deriveUserID("", country(p.WaID), p.ID)
	}
	s.lastPerson++
	p.order = s.lastPerson
	if old := s.people[p.ID]; old != nil {
		delete(s.byWaID, old.WaID)
		s.forgetUserIDs(old)
		p.order = old.order
	}
	s.people[p.ID] = p
	if p.WaID != "" {
		s.byWaID[p.WaID] = p
	}
	for portfolio, id := range p.UserIDs {
		s.byUserID[portfolio+"|"+id] = p
	}
	for _, w := range s.wabas {
		s.userID(w.BusinessID, p)
	}
	return nil
}

func (s *Server) forgetUserIDs(p *Person) {
	for portfolio, id := range p.UserIDs {
		delete(s.byUserID, portfolio+"|"+id)
	}
}

// userID returns the business-scoped id a portfolio knows a person by, giving one at first sight.
func (s *Server) userID(portfolio string, p *Person) string {
	if id, ok := p.UserIDs[portfolio]; ok {
		return id
	}
	id := p.UserID
	if len(p.UserIDs) > 0 {
		id = deriveUserID(portfolio, country(p.WaID), p.ID)
	}
	if p.UserIDs == nil {
		p.UserIDs = map[string]string{}
	}
	p.UserIDs[portfolio] = id
	s.byUserID[portfolio+"|"+id] = p
	return id
}

// personByPhone finds the person behind a phone number. Any number that nobody registered belongs to
// somebody with WhatsApp, whose ids follow from the number.
func (s *Server) personByPhone(d string) *Person {
	wa := waID(d)
	if p := s.byWaID[wa]; p != nil {
		return p
	}
	p := &Person{ID: "p" + wa, Phone: d, WaID: wa, Name: "Cliente " + wa[max(0, len(wa)-4):], Implicit: true}
	p.UserID = deriveUserID("", country(wa), p.ID)
	s.people[p.ID], s.byWaID[wa] = p, p
	return p
}

// snapshot returns the state to be kept; the caller holds s.mu.
func (s *Server) snapshot() *Seed {
	out := &Seed{Settings: s.settings.Load()}
	for _, id := range sortedKeys(s.apps) {
		out.Apps = append(out.Apps, s.apps[id])
	}
	for _, id := range sortedKeys(s.wabas) {
		w := s.wabas[id]
		for _, n := range w.Numbers {
			n.Windows = make(map[string]window, len(n.pairs))
			for person, p := range n.pairs {
				n.Windows[person] = p.window
			}
		}
		out.WABAs = append(out.WABAs, w)
	}
	out.People = s.peopleInOrder()
	return out
}

// peopleInOrder lists everybody in the order of registration.
func (s *Server) peopleInOrder() []*Person {
	out := make([]*Person, 0, len(s.people))
	for _, p := range s.people {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Person) int {
		if a.order != b.order {
			return a.order - b.order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// changed asks for the state to be saved soon; the caller holds s.mu.
func (s *Server) changed() {
	if s.cfg.DataDir == "" || s.saving || s.closed {
		return
	}
	s.saving = true
	s.clock.AfterFunc(time.Second, func() {
		s.mu.Lock()
		s.saving = false
		s.mu.Unlock()
		if err := s.save(); err != nil {
			s.log.Error("The simulator's state was not saved.", "error", err)
		}
	})
}

// encode writes the state as JSON; the caller holds s.mu.
func (s *Server) encode() ([]byte, error) {
	b, err := json.Marshal(s.snapshot())
	for _, n := range s.numbers {
		n.Windows = nil
	}
	if err != nil {
		return nil, fmt.Errorf("encode simulator state: %w", err)
	}
	return b, nil
}

func (s *Server) save() error {
	if s.cfg.DataDir == "" {
		return nil
	}
	s.mu.Lock()
	b, err := s.encode()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.cfg.DataDir, "graph.json"), b)
}

// writeFile replaces a file in one step.
func writeFile(file string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(file), err)
	}
	_, err = tmp.Write(b)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", filepath.Base(file), err)
	}
	return nil
}
