package flow

import (
	"fmt"
	"strconv"
	"strings"
)

// ChoiceOption is one fixed option of a menu, a choice question or a content node's buttons.
type ChoiceOption struct {
	// ID names the option's output and its answer.
	ID    string `json:"id" required:"true" doc:"Names the output and the answer"`
	Title Text   `json:"title" required:"true" len:"120" doc:"What the contact sees"`
	// Description is the second line of a list row.
	Description Text `json:"description,omitzero" len:"200" doc:"Second line of a list row"`
	// Synonyms are other words that mean this option.
	Synonyms []string `json:"synonyms,omitempty" len:"30" doc:"Other words that mean this option"`
	// Value is what the answer variable gets; the title by default.
	Value any `json:"value,omitempty" doc:"What the variable gets; the title by default"`
	// Payload comes back when the option is tapped, and can start flows weeks later; the engine makes one by default.
	Payload string `json:"payload,omitempty" doc:"Comes back on a tap, also weeks later"`
	// Section groups the rows of a list.
	Section string `json:"section,omitempty" doc:"Title of the list section"`
}

// ListSource makes options of a list in a variable.
type ListSource struct {
	// From is the variable that holds the list: of texts, or of objects.
	From string `json:"from" required:"true" doc:"Variable that holds the list"`
	// Title, Description and ID name the keys of an object; by default "title" or "name", "description", and "id".
	Title       string `json:"title,omitempty" doc:"Key of the title"`
	Description string `json:"description,omitempty" doc:"Key of the description"`
	ID          string `json:"id,omitempty" doc:"Key of the id"`
	// Max is how many items are shown at a time; with more of them the last row leads to the next page.
	Max int `json:"max,omitempty" min:"1" max:"50" default:"10" doc:"How many items are shown at a time; more of them are on further pages"`
}

// reservedOutputs may not be ids of options, because outputs share one set of names.
var reservedOutputs = map[string]bool{
	OutOK: true, OutInvalid: true, OutTimeout: true, OutFailed: true, OutOther: true, OutWindowClosed: true, OutCancelled: true,
}

func checkOptions(c *compiler, options []ChoiceOption, at string) {
	seen := map[string]bool{}
	for i, o := range options {
		to := fmt.Sprintf("%s/%d/id", at, i)
		switch {
		case o.ID == "": // told already: it has to be filled in
		case !idPattern.MatchString(o.ID):
			c.problem("option_id", to, o.ID)
		case reservedOutputs[o.ID]:
			c.problem("option_reserved", to, o.ID)
		case seen[o.ID]:
			c.problem("option_duplicate", to, o.ID)
		}
		seen[o.ID] = true
	}
}

func optionOutputs(options []ChoiceOption) []Output {
	out := make([]Output, 0, len(options)+5)
	for _, o := range options {
		out = append(out, Output{Name: o.ID, Label: o.Title.source})
	}
	return out
}

// fixed renders the fixed options.
func (r *run) fixed(options []ChoiceOption) []Option {
	out := make([]Option, len(options))
	for i := range options {
		o := &options[i]
		out[i] = Option{ID: o.ID, Title: r.text(o.Title), Description: r.text(o.Description), Value: o.Value, Payload: o.Payload}
		if strings.TrimSpace(out[i].Title) == "" { // a variable that is empty; a button without a title cannot be sent
			out[i].Title = o.ID
		}
		if out[i].Payload == "" {
			out[i].Payload = r.payload(o.ID)
		}
	}
	return out
}

// payload is what a tap on an option brings back: f~run~visit~node~option. It names the question, so that a tap on an
// older message is never taken for an answer to another one.
func (r *run) payload(option string) string {
	f := r.frame()
	var buf [128]byte
	b := append(append(buf[:0], payloadMark...), r.s.Run...)
	b = strconv.AppendInt(append(b, '~'), f.Visit, 10)
	b = append(append(append(b, '~'), f.Node...), '~')
	return string(append(b, option...))
}

const payloadMark = "f~"

// tap is a payload the engine made.
type tap struct{ run, visit, node, option string }

func parsePayload(s string) (t tap, ok bool) {
	rest, ok := strings.CutPrefix(s, payloadMark)
	if !ok {
		return t, false
	}
	p := strings.SplitN(rest, "~", 4)
	if len(p) != 4 {
		return t, false
	}
	return tap{p[0], p[1], p[2], p[3]}, true
}

// mostListed is how many items of a list can be chosen from, on all pages together.
const mostListed = 100

// listed makes options of a list variable.
func (r *run) listed(src *ListSource) []Option {
	items, _ := r.lookup(strings.Split(src.From, ".")).([]any)
	if len(items) > mostListed {
		r.note("list_cut")
		items = items[:mostListed]
	}
	out := make([]Option, 0, len(items))
	for i, item := range items {
		o := Option{ID: fmt.Sprint(i + 1), Value: item}
		if m, ok := item.(map[string]any); ok {
			o.Title = format(first(m, src.Title, "title", "name", "titulo", "nome"), r.zone)
			o.Description = format(first(m, src.Description, "description", "descricao"), r.zone)
			if id := format(first(m, src.ID, "id"), r.zone); id != "" {
				o.ID = id
			}
		} else {
			o.Title = format(item, r.zone)
		}
		if strings.TrimSpace(o.Title) == "" {
			continue
		}
		o.Title = shorten(o.Title, 120)
		o.Payload = r.payload(fmt.Sprint(i + 1))
		out = append(out, o)
	}
	return out
}

func first(m map[string]any, keys ...string) any {
	for _, k := range keys {
		if v, ok := m[k]; ok && k != "" && v != nil {
			return v
		}
	}
	return nil
}

// choices is the message that offers options. Text style is numbered text; otherwise it is buttons where they fit, a list
// where they do not, and whatever Adapt makes of it on this channel.
func choices(c Content, options []Option, sections []string, button string, style MenuStyle, caps Capabilities, lang string) Content {
	rows := make([]Choice, len(options))
	described := false
	for i, o := range options {
		rows[i] = Choice{ID: o.Payload, Title: o.Title, Description: o.Description}
		described = described || o.Description != "" || (i < len(sections) && sections[i] != "")
	}
	c.Kind, c.Buttons = ContentButtons, rows
	if button == "" {
		button = say(lang, "options")
	}
	if style == MenuText {
		return numbered(c, lang, false)
	}
	if !described && fitsButtons(c, caps.Buttons) {
		return c
	}
	c.Kind, c.Buttons = ContentList, nil
	c.List = &List{Button: button, Sections: group(rows, sections)}
	return c
}

// sectionsOf are the sections of options; nil where there are none.
func sectionsOf(options []ChoiceOption) (sections []string) {
	for i := range options {
		if options[i].Section != "" && sections == nil {
			sections = make([]string, len(options))
		}
		if sections != nil {
			sections[i] = options[i].Section
		}
	}
	return sections
}

// group puts rows into sections, in the order in which sections first appear.
func group(rows []Choice, sections []string) []Section {
	var out []Section
	for i, row := range rows {
		title := ""
		if i < len(sections) {
			title = sections[i]
		}
		if n := len(out); n == 0 || out[n-1].Title != title {
			out = append(out, Section{Title: title})
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, row)
	}
	return out
}

// value is what an option stores.
func (o *Option) value() any {
	if o.Value != nil {
		return o.Value
	}
	return o.Title
}
