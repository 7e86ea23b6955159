package flow

import (
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
	AnswerDocument       AnswerType = "cpf_cnpj" // either of them
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
	Type AnswerType `json:"type,omitempty" enum:"text,number,email,phone,cpf,cnpj,cpf_cnpj,cep,date,time,yes_no,choice,multiple_choice,rating,file,image,audio,video,location,any" default:"text" doc:"What is expected"`
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
	// Several takes more than one file, an album for instance: the answer is a list of files.
	Several bool `json:"several,omitempty" doc:"Take several files (an album); the answer is a list; with debounce 5s where none is set"`

	pattern *pattern
	// birth bounds a date by today, because it goes into the contact's birth date.
	birth bool
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
	s.birth = s.Field == "birth_date"
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
	if s.Several && t.stores() == TypeMedia {
		return s.stored(TypeList)
	}
	return s.stored(t.stores())
}

// debounce collects the files of an album where several are taken.
func (s *questionSettings) debounce(*run) Duration {
	if s.Debounce == 0 && s.Several && s.Type.stores() == TypeMedia {
		return albumPause
	}
	return s.Debounce
}

// albumPause is how long the next file of an album may take.
const albumPause = Duration(5 * time.Second)

func (s *questionSettings) enter(r *run) next {
	if s.SkipIfSet {
		if v := s.known(r); !isEmpty(v) {
			return s.out(v)
		}
	}
	return s.ask(r)
}

// ask sends the question.
func (s *questionSettings) ask(r *run) next {
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
			r.alert(ReasonListEmpty)
			return leave(OutInvalid)
		}
		if s.Dynamic != nil {
			r.frame().Options = options
		}
		o := s.offering(r, options)
		c = choices(c, o.rows(), sections, r.text(s.Button), o.style, r.env.Channel, r.s.Language)
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
	sections = sectionsOf(s.Options)
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
	switch key {
	case "":
	case keyMore:
		r.frame().Page++
		return s.ask(r)
	default:
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
	i, more, ok := r.chosen(m, s.offering(r, options))
	switch {
	case more:
		return answer{}, keyMore
	case ok:
		return answer{value: options[i].value(), option: options[i].ID}, ""
	case s.Type != AnswerYesNo:
		return answer{}, "invalid_option"
	}
	if yes, ok := s.yesNo(r, m); ok {
		return answer{value: yes}, ""
	}
	return answer{}, "invalid_yes_no"
}

// keyMore is no text to say: the contact asks for the next page.
const keyMore = "more"

// yesNo reads yes or no, also where the contact repeats the verb of the question.
func (s *questionSettings) yesNo(r *run, m *Inbound) (yes, ok bool) {
	if m.Kind != InboundText {
		return false, false
	}
	if yes, ok = ParseYesNo(m.Text); ok {
		return yes, ok
	}
	return echoes(r.text(s.Text), m.Text)
}

// offering is what can be chosen from, the page that is due.
func (s *questionSettings) offering(r *run, options []Option) *offering {
	style := s.style(r)
	if s.Type == AnswerMultipleChoice {
		return &offering{all: options, synonyms: s.fixedOptions(), style: MenuText}
	}
	return r.offer(options, s.fixedOptions(), s.Dynamic, style)
}

// fixedOptions are the options that stand in the flow; a list takes their place.
func (s *questionSettings) fixedOptions() []ChoiceOption {
	if s.Dynamic != nil {
		return nil
	}
	return s.Options
}

// readMultiple reads what was chosen of several: "1, 3", "1 e 3", "1/3", titles one after the other, "todas".
func (s *questionSettings) readMultiple(r *run, m *Inbound, options []Option) (answer, string) {
	const bad = "invalid_options"
	if m.Text == "" || len(m.Text) > 1000 {
		return answer{}, bad
	}
	o := s.offering(r, options)
	taken, ok := o.several(m.Text, &r.env.Channel)
	if i, _, one := r.chosen(m, o); !ok && one {
		taken, ok = []int{i}, true
	}
	if !ok || len(taken) < max(s.AtLeast, 1) || (s.AtMost > 0 && len(taken) > s.AtMost) {
		return answer{}, bad
	}
	values := make([]any, len(taken))
	for i, at := range taken {
		values[i] = options[at].value()
	}
	return answer{value: values}, ""
}
