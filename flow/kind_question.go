package flow

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// AnswerType is what a question expects.
type AnswerType string

// What a question can expect.
const (
	AnswerText           AnswerType = "text"
	AnswerNumber         AnswerType = "number"
	AnswerEmail          AnswerType = "email"
	AnswerPhone          AnswerType = "phone"
	AnswerCPF            AnswerType = "cpf"
	AnswerCNPJ           AnswerType = "cnpj"
	AnswerCEP            AnswerType = "cep"
	AnswerDate           AnswerType = "date"
	AnswerTime           AnswerType = "time"
	AnswerYesNo          AnswerType = "yes_no"
	AnswerChoice         AnswerType = "choice"
	AnswerMultipleChoice AnswerType = "multiple_choice"
	AnswerRating         AnswerType = "rating"
	AnswerFile           AnswerType = "file"
	AnswerImage          AnswerType = "image"
	AnswerAudio          AnswerType = "audio"
	AnswerVideo          AnswerType = "video"
	AnswerLocation       AnswerType = "location"
	AnswerAny            AnswerType = "any"
)

// stores is the type of variable an answer makes.
func (t AnswerType) stores() VariableType {
	switch t {
	case AnswerNumber, AnswerRating:
		return TypeNumber
	case AnswerYesNo:
		return TypeBoolean
	case AnswerDate:
		return TypeDate
	case AnswerTime:
		return TypeTime
	case AnswerMultipleChoice:
		return TypeList
	case AnswerFile, AnswerImage, AnswerAudio, AnswerVideo:
		return TypeMedia
	case AnswerLocation:
		return TypeObject
	case AnswerChoice, AnswerAny:
		return TypeAny
	}
	return TypeText
}

// QuestionRules say which replies are answers.
type QuestionRules struct {
	// Type is what is expected.
	Type AnswerType `json:"type,omitempty" enum:"text,number,email,phone,cpf,cnpj,cep,date,time,yes_no,choice,multiple_choice,rating,file,image,audio,video,location,any" default:"text" doc:"What is expected"`
	// MinLength and MaxLength bound a text, in characters. Pattern is a regular expression (RE2) a text must match.
	MinLength int    `json:"min_length,omitempty" min:"0" max:"4096" doc:"Shortest text"`
	MaxLength int    `json:"max_length,omitempty" min:"0" max:"4096" doc:"Longest text"`
	Pattern   string `json:"pattern,omitempty" doc:"Regular expression (RE2) a text must match"`
	// Min and Max bound a number or a rating; Whole refuses fractions.
	Min   *float64 `json:"min,omitempty" doc:"Smallest number"`
	Max   *float64 `json:"max,omitempty" doc:"Largest number"`
	Whole bool     `json:"whole,omitempty" doc:"Whole numbers only"`
	// Earliest and Latest bound a date or a time: "today", a date, a time or a variable.
	Earliest Text `json:"earliest,omitzero" doc:"First date or time allowed"`
	Latest   Text `json:"latest,omitzero" doc:"Last date or time allowed"`
	// AtLeast and AtMost bound how many options of a multiple choice are taken.
	AtLeast int `json:"at_least,omitempty" min:"0" max:"50" doc:"Fewest options"`
	AtMost  int `json:"at_most,omitempty" min:"0" max:"50" doc:"Most options"`
	// MIME are the types of files taken ("application/pdf", "image/*"); MaxBytes is the largest size.
	MIME     []string `json:"mime,omitempty" len:"30" doc:"Types of files taken"`
	MaxBytes int64    `json:"max_bytes,omitempty" doc:"Largest file"`

	pattern *pattern
}

// questionSettings ask for one typed answer, check it and store it.
type questionSettings struct {
	Asking
	QuestionRules
	// Text is the question. Media goes out before it.
	Text  Text         `json:"text" required:"true" len:"4096" doc:"The question"`
	Media *MediaSource `json:"media,omitempty" doc:"File sent before the question"`
	// Options are the choices; Dynamic makes them of a list variable.
	Options []ChoiceOption `json:"options,omitempty" len:"50" doc:"The choices"`
	Dynamic *ListSource    `json:"dynamic,omitempty" doc:"Choices made of a list variable"`
	// Style says how choices are shown (rule 045).
	Style MenuStyle `json:"style,omitempty" enum:"text,list" doc:"How choices are shown"`
	// Button opens the list of choices.
	Button Text `json:"button,omitzero" len:"20" doc:"Word that opens the list"`
	// SkipIfSet goes on by "ok" without asking when the variable or field has a value already.
	SkipIfSet bool `json:"skip_if_set,omitempty" doc:"Do not ask when the value is known"`
}

func questionKind() *Kind {
	return &Kind{
		Name: "question", Family: FamilyAsk,
		Label: label("Pergunta", "Question"),
		Doc: label("Pergunta, confere a resposta (CPF, CNPJ, CEP, data, número…), repete se preciso e guarda.",
			"Asks, checks the answer (CPF, CNPJ, CEP, date, number…), asks again if need be, and stores it."),
		Needs: []Need{
			{"buttons", label("Opções viram lista ou texto numerado.", "Choices become a list or numbered text.")},
			{"location_request", label("O pedido de localização vira texto.", "The request for a place becomes text.")},
			{"window", label("Com a janela fechada sai por window_closed.", "With the window closed the output is window_closed.")},
		},
		make: func() behaviour { return &questionSettings{} },
	}
}

func (s *questionSettings) check(c *compiler) {
	if s.Type == "" {
		s.Type = AnswerText
	}
	s.QuestionRules.compile(c, c.at)
	checkOptions(c, s.Options, c.at+"/options")
	if (s.Type == AnswerChoice || s.Type == AnswerMultipleChoice) && len(s.Options) == 0 && s.Dynamic == nil {
		c.problem("setting_missing", c.at+"/options", "options")
	}
}

func (q *QuestionRules) compile(c *compiler, at string) {
	if q.Pattern != "" {
		q.pattern = c.pattern(q.Pattern, "", at+"/pattern")
	}
}

func (s *questionSettings) outputs() []Output {
	out := []Output{{Name: OutOK}}
	if s.Type == AnswerYesNo {
		out = []Output{{Name: OutOK, Quiet: true}, {Name: "yes", Quiet: true}, {Name: "no", Quiet: true}}
	}
	return append(out, s.askingOutputs()...)
}

func (s *questionSettings) stores() []VariableSpec {
	t := s.Type
	if t == "" {
		t = AnswerText
	}
	return s.stored(t.stores())
}

func (s *questionSettings) enter(r *run) next {
	if s.SkipIfSet {
		if v := s.known(r); !isEmpty(v) {
			return s.out(v)
		}
	}
	if m := r.media(s.Media); m != nil {
		kind := ContentDocument
		for _, k := range []ContentKind{ContentImage, ContentVideo, ContentAudio} {
			if strings.HasPrefix(m.MIME, string(k)+"/") {
				kind = k
			}
		}
		if _, ok := r.send(Content{Kind: kind, Media: m}); !ok {
			return leave(OutWindowClosed)
		}
	}
	c := Content{Kind: ContentText, Text: r.text(s.Text)}
	switch s.Type {
	case AnswerLocation:
		c.Kind = ContentLocationRequest
	case AnswerYesNo, AnswerChoice, AnswerMultipleChoice:
		options, sections := s.choicesOf(r)
		if len(options) == 0 {
			r.note("no_options")
			return leave(OutInvalid)
		}
		if s.Dynamic != nil {
			r.frame().Options = options
		}
		style := s.style(r)
		if s.Type == AnswerMultipleChoice {
			style = MenuText
		}
		c = choices(c, options, sections, r.text(s.Button), style, r.env.Channel, r.s.Language)
	}
	if _, ok := r.send(c); !ok {
		return leave(OutWindowClosed)
	}
	return s.begin(r)
}

func (s *questionSettings) style(r *run) MenuStyle {
	if s.Style != "" {
		return s.Style
	}
	return r.env.Account.MenuStyle
}

func (s *questionSettings) known(r *run) any {
	if s.SaveTo != "" {
		if v := r.frame().Vars[s.SaveTo]; !isEmpty(v) {
			return v
		}
	}
	if s.Field != "" {
		return r.lookupContact([]string{s.Field})
	}
	return nil
}

func (s *questionSettings) out(v any) next {
	if s.Type != AnswerYesNo {
		return leave(OutOK)
	}
	if v == true {
		return leaveOr("yes", OutOK)
	}
	return leaveOr("no", OutOK)
}

func (s *questionSettings) choicesOf(r *run) (options []Option, sections []string) {
	switch {
	case s.Type == AnswerYesNo && len(s.Options) == 0:
		return []Option{
			{ID: "yes", Title: say(r.s.Language, "yes"), Value: true, Payload: r.payload("yes")},
			{ID: "no", Title: say(r.s.Language, "no"), Value: false, Payload: r.payload("no")},
		}, nil
	case s.Dynamic != nil:
		return r.listed(s.Dynamic), nil
	}
	for i := range s.Options {
		sections = append(sections, s.Options[i].Section)
	}
	return r.fixed(s.Options), sections
}

func (s *questionSettings) resume(r *run, in input) next {
	if in.kind == inAlarm {
		return s.alarm(r)
	}
	if n, ok := s.helped(r, in); ok {
		return n
	}
	var ans answer
	var key string
	switch s.Type {
	case AnswerYesNo, AnswerChoice, AnswerMultipleChoice:
		ans, key = s.readChoice(r, &in.msg)
	default:
		ans, key = s.read(r, &in.msg)
	}
	if key != "" {
		return s.reject(r, in, key)
	}
	s.accept(r, ans)
	return s.out(ans.value)
}

func (s *questionSettings) readChoice(r *run, m *Inbound) (answer, string) {
	options := r.frame().Options
	if options == nil {
		options, _ = s.choicesOf(r)
	}
	if s.Type == AnswerMultipleChoice {
		return s.readMultiple(r, m, options)
	}
	if i, ok := r.chosen(m, options, s.Options); ok {
		return answer{value: options[i].value(), option: options[i].ID}, ""
	}
	if s.Type == AnswerYesNo && m.Kind == InboundText {
		if yes, ok := ParseYesNo(m.Text); ok {
			return answer{value: yes}, ""
		}
		return answer{}, "invalid_yes_no"
	}
	return answer{}, "invalid_option"
}

// readMultiple reads "1, 3" or "1 e 3" or titles separated by commas.
func (s *questionSettings) readMultiple(r *run, m *Inbound, options []Option) (answer, string) {
	const bad = "invalid_options"
	if m.Kind != InboundText && m.Kind != InboundTap {
		return answer{}, bad
	}
	text := strings.NewReplacer(";", ",", "\n", ",", " e ", ",", " and ", ",").Replace(m.Text)
	parts := strings.Split(text, ",")
	if len(parts) == 1 {
		if fields := strings.Fields(text); len(fields) > 1 && digits(text) != "" && len(digits(text))+strings.Count(text, " ") == len(text) {
			parts = fields
		}
	}
	taken := map[int]bool{}
	var values []any
	for _, p := range parts {
		if strings.TrimSpace(p) == "" {
			continue
		}
		one := *m
		one.Text = p
		i, ok := r.chosen(&one, options, s.Options)
		if !ok {
			return answer{}, bad
		}
		if !taken[i] {
			taken[i] = true
			values = append(values, options[i].value())
		}
	}
	least := max(s.AtLeast, 1)
	if len(values) < least || (s.AtMost > 0 && len(values) > s.AtMost) {
		return answer{}, bad
	}
	return answer{value: values}, ""
}

// read understands a reply; key names the text to say when it is no answer.
func (q *QuestionRules) read(r *run, m *Inbound) (ans answer, key string) {
	switch q.Type {
	case AnswerFile, AnswerImage, AnswerAudio, AnswerVideo:
		return q.readMedia(m)
	case AnswerLocation:
		if m.Location == nil {
			return answer{}, "invalid_location"
		}
		l := m.Location
		return answer{value: map[string]any{"latitude": l.Latitude, "longitude": l.Longitude, "name": l.Name, "address": l.Address}}, ""
	case AnswerAny:
		return answer{value: anyAnswer(m)}, ""
	}
	if m.Kind != InboundText && (m.Kind != InboundTap || strings.HasPrefix(m.Payload, payloadMark)) {
		return answer{}, "invalid_text"
	}
	return q.readText(r, strings.TrimSpace(m.Text))
}

func anyAnswer(m *Inbound) any {
	switch {
	case m.Media != nil:
		v := mediaValue(m.Media)
		if m.Text != "" {
			v["caption"] = m.Text
		}
		return v
	case m.Location != nil:
		return map[string]any{"latitude": m.Location.Latitude, "longitude": m.Location.Longitude}
	}
	return m.Text
}

func mediaValue(m *Media) map[string]any {
	v := map[string]any{"id": m.ID, "mime": m.MIME, "size": float64(m.Size)}
	if m.Filename != "" {
		v["filename"] = m.Filename
	}
	if m.URL != "" {
		v["url"] = m.URL
	}
	return v
}

func (q *QuestionRules) readText(r *run, text string) (answer, string) {
	value, ok := any(text), true
	switch q.Type {
	case AnswerNumber, AnswerRating:
		return q.readNumber(text)
	case AnswerEmail:
		value, ok = ParseEmail(text)
	case AnswerPhone:
		value, ok = ParsePhone(text)
	case AnswerCPF:
		value, ok = ParseCPF(text)
	case AnswerCNPJ:
		value, ok = ParseCNPJ(text)
	case AnswerCEP:
		value, ok = ParseCEP(text)
	case AnswerDate:
		today := r.now.In(orUTC(r.zone))
		value, ok = ParseDate(text, today)
		ok = ok && q.within(r, value.(string), today)
	case AnswerTime:
		value, ok = ParseTime(text)
		ok = ok && q.within(r, value.(string), r.now.In(orUTC(r.zone)))
	case AnswerYesNo:
		value, ok = ParseYesNo(text)
	default:
		n := runes(text)
		switch {
		case n == 0:
			return answer{}, "invalid"
		case n < q.MinLength, q.MaxLength > 0 && n > q.MaxLength:
			return answer{}, "invalid_length"
		case q.pattern != nil && !r.matches(q.pattern, text):
			return answer{}, "invalid"
		}
	}
	if !ok {
		return answer{}, "invalid_" + string(q.Type)
	}
	return answer{value: value}, ""
}

func (q *QuestionRules) readNumber(text string) (answer, string) {
	bad := "invalid_" + string(q.Type)
	f, ok := parseNumber(text)
	lo, hi := q.Min, q.Max
	if q.Type == AnswerRating {
		one, five := 1.0, 5.0
		if lo == nil {
			lo = &one
		}
		if hi == nil {
			hi = &five
		}
		if n, isNumber := optionNumber(fold(text)); isNumber {
			f, ok = float64(n), true
		} else if stars := strings.Count(text, "⭐"); stars > 0 {
			f, ok = float64(stars), true
		}
	}
	switch {
	case !ok, lo != nil && f < *lo, hi != nil && f > *hi, (q.Whole || q.Type == AnswerRating) && f != math.Trunc(f):
		return answer{}, bad
	}
	return answer{value: f}, ""
}

// within checks a date or a time of day against the bounds; both are texts that sort by time.
func (q *QuestionRules) within(r *run, value string, today time.Time) bool {
	bound := func(t Text) string {
		s := strings.TrimSpace(r.text(t))
		if d, ok := ParseDate(s, today); ok && q.Type == AnswerDate {
			return d
		}
		if tm, ok := ParseTime(s); ok && q.Type == AnswerTime {
			return tm
		}
		return ""
	}
	lo, hi := bound(q.Earliest), bound(q.Latest)
	return (lo == "" || value >= lo) && (hi == "" || value <= hi)
}

func (q *QuestionRules) readMedia(m *Inbound) (answer, string) {
	key := fmt.Sprintf("invalid_%s", q.Type)
	if m.Media == nil {
		return answer{}, key
	}
	switch {
	case q.Type == AnswerImage && m.Kind != InboundImage && !strings.HasPrefix(m.Media.MIME, "image/"),
		q.Type == AnswerAudio && m.Kind != InboundAudio && !strings.HasPrefix(m.Media.MIME, "audio/"),
		q.Type == AnswerVideo && m.Kind != InboundVideo && !strings.HasPrefix(m.Media.MIME, "video/"),
		q.MaxBytes > 0 && m.Media.Size > q.MaxBytes,
		len(q.MIME) > 0 && !mimeAllowed(m.Media.MIME, q.MIME):
		return answer{}, key
	}
	return answer{value: mediaValue(m.Media)}, ""
}

func mimeAllowed(mime string, allowed []string) bool {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	for _, a := range allowed {
		a = strings.ToLower(a)
		if a == mime || (strings.HasSuffix(a, "/*") && strings.HasPrefix(mime, strings.TrimSuffix(a, "*"))) {
			return true
		}
	}
	return false
}
