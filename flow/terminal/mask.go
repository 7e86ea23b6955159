package terminal

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/perene/perene/flow"
)

// masker replaces a person's words and data by others that a flow treats alike: a valid CPF by a valid CPF, a number of an
// option by itself, a free text by one of the same shape. Masked twice the same word gives the same word.
type masker struct {
	on    bool
	doc   json.RawMessage // the flow: words that stand in it are the designer's, not the person's
	graph *flow.Graph
	// asked are the nodes of the flow by id, with what they ask.
	asked map[string]asked
	// own are fields of the contact that the run itself filled: they were empty when it began.
	own map[string]bool
	// keyword is what started the run.
	keyword string
}

// asked is what a node waits for.
type asked struct {
	kind    string
	answer  string
	choices bool
	words   []string
}

// What stands for a person. The numbers are valid in form and belong to nobody.
const (
	maskName  = "Maria Souza"
	maskCPF   = "52998224725"
	maskCNPJ  = "11222333000181"
	maskCEP   = "01310100"
	maskPhone = "+5511912345678"
	maskEmail = "pessoa@example.com"
)

// learn looks at what nodes ask and at what the run filled.
func (m *masker) learn(r *Record) {
	m.asked, m.own, m.keyword = map[string]asked{}, map[string]bool{}, r.Start.By.Keyword
	for _, n := range m.graph.Document().Nodes {
		var s struct {
			Type    string `json:"type"`
			Field   string `json:"field"`
			Mode    string `json:"mode"`
			Options []struct {
				Title    string   `json:"title"`
				Synonyms []string `json:"synonyms"`
			} `json:"options"`
			Source string `json:"source"`
			Items  []struct {
				Kind string `json:"kind"`
				Save *struct {
					Type  string `json:"type"`
					Field string `json:"field"`
				} `json:"save"`
			} `json:"items"`
		}
		_ = json.Unmarshal(n.Settings, &s) // what it has no use for may differ
		a := asked{kind: n.Kind, answer: s.Type, choices: len(s.Options) > 0 || s.Source != ""}
		for _, o := range s.Options {
			a.words = append(append(a.words, o.Title), o.Synonyms...)
		}
		fields := []string{s.Field}
		for _, it := range s.Items {
			if it.Save != nil {
				a.answer = it.Save.Type
				fields = append(fields, it.Save.Field)
			}
			a.choices = a.choices || it.Kind == "buttons" || it.Kind == "list"
		}
		m.asked[n.ID] = a
		for _, f := range fields {
			if f != "" {
				m.own[f] = true
			}
		}
	}
}

// world is the run's surroundings when it began: the fields the run itself filled are empty again.
func (m *masker) world(w World) World {
	c := &w.Contact
	c.FirstName = "" // the first word of the name
	for field, value := range map[string]*string{"name": &c.Name, "email": &c.Email, "birth_date": &c.BirthDate, "cpf": &c.CPF, "rg": &c.RG, "client_code": &c.ClientCode} {
		if m.own[field] {
			*value = ""
		}
	}
	fields := map[string]any{}
	for k, v := range c.Fields {
		if !m.own[k] {
			fields[k] = m.value(v)
		}
	}
	c.Fields = fields
	if !m.on {
		return w
	}
	c.ID = "1"
	replace := func(to *string, with string) {
		if *to != "" {
			*to = with
		}
	}
	replace(&c.Name, maskName)
	replace(&c.Phone, maskPhone)
	replace(&c.Email, maskEmail)
	replace(&c.CPF, maskCPF)
	replace(&c.RG, "12.345.678-9")
	replace(&c.ClientCode, "C-1")
	if len(c.BirthDate) >= 4 {
		c.BirthDate = c.BirthDate[:4] + "-01-01"
	}
	return w
}

// inbound replaces a message, as far as what the run waits for allows.
func (m *masker) inbound(in flow.Inbound, p *Player) flow.Inbound {
	in.Referral = nil
	if !m.on {
		return in
	}
	if in.Media != nil {
		in.Media = &flow.Media{ID: "1", MIME: in.Media.MIME, Size: in.Media.Size}
	}
	if in.Location != nil {
		in.Location = &flow.Location{Latitude: -23.5614, Longitude: -46.6559}
	}
	if len(in.Contacts) > 0 {
		in.Contacts = []flow.ContactCard{{Name: maskName, Phones: []string{maskPhone}}}
	}
	if in.Kind == flow.InboundTap { // titles and payloads are the designer's words
		return in
	}
	in.Text = m.text(in.Text, p)
	return in
}

func (m *masker) text(s string, p *Player) string {
	if s == "" || m.designers(s) {
		return s
	}
	if !p.Running() {
		if m.keyword != "" {
			return m.keyword
		}
		return shape(s)
	}
	a := asked{}
	if w := p.state.Wait; w != nil && w.For == flow.WaitReply {
		a = m.asked[w.Node]
	}
	if a.choices && (len(s) <= 3 || slices.ContainsFunc(a.words, func(w string) bool { return strings.EqualFold(w, s) })) {
		return s
	}
	return maskAnswer(a.answer, s)
}

// maskAnswer replaces an answer of a type: a good one by a good one, a bad one by a bad one.
func maskAnswer(kind, s string) string {
	switch kind {
	case "number", "rating", "yes_no", "time", "choice", "multiple_choice":
		// Only what is such an answer may stay: people write their names where a number was asked.
		if _, ok := flow.ParseYesNo(s); ok || isShortNumber(s) {
			return s
		}
	case "date":
		if day := isoDate.FindString(s); day != "" {
			return day[:4] + "-01-01"
		}
		return s
	case "cpf":
		if _, ok := flow.ParseCPF(s); ok {
			return maskCPF
		}
	case "cnpj":
		if _, ok := flow.ParseCNPJ(s); ok {
			return maskCNPJ
		}
	case "cep":
		if _, ok := flow.ParseCEP(s); ok {
			return maskCEP
		}
	case "phone":
		if _, ok := flow.ParsePhone(s); ok {
			return maskPhone
		}
	case "email":
		if _, ok := flow.ParseEmail(s); ok {
			return maskEmail
		}
	}
	return shape(s)
}

// isShortNumber tells whether s holds no letters and too few digits to be somebody's number.
func isShortNumber(s string) bool {
	digits := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			return false
		}
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits <= 6
}

// shape keeps lengths, spaces and punctuation; letters become x, digits 1.
func shape(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsUpper(r):
			return 'X'
		case unicode.IsLetter(r):
			return 'x'
		case unicode.IsDigit(r):
			return '1'
		}
		return r
	}, s)
}

// designers reports whether a word stands in the flow itself: an option, a command, a value that a condition looks for.
func (m *masker) designers(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 100 {
		return false
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return false
	}
	return strings.Contains(strings.ToLower(string(m.doc)), strings.ToLower(string(raw)))
}

var (
	isoDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)
	webHost = regexp.MustCompile(`^(https?://)[^\s]*$`)
)

// words replaces a text that is no answer of the contact.
func (m *masker) words(s string) string {
	switch {
	case !m.on || m.designers(s) || isoDate.MatchString(s):
		return s
	case webHost.MatchString(s):
		return "https://example.com/1"
	}
	if _, ok := flow.ParseCPF(s); ok {
		return maskCPF
	}
	if _, ok := flow.ParseEmail(s); ok {
		return maskEmail
	}
	return shape(s)
}

// value replaces the texts and the long numbers of a JSON value; its form stays.
func (m *masker) value(v any) any {
	if !m.on {
		return v
	}
	switch v := v.(type) {
	case string:
		return m.words(v)
	case float64:
		if v >= 1e8 || v <= -1e8 { // an id, a document, a phone number
			return float64(111111111)
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = m.value(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = m.value(e)
		}
		return out
	}
	return v
}
