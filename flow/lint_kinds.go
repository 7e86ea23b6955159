package flow

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (s *contentSettings) lint(l *linter) {
	for i := range s.Items {
		it := &s.Items[i]
		at := l.at + "/items/" + strconv.Itoa(i)
		l.options(it.Options, at+"/options")
		l.openHost(it.URL.source, at+"/url")
		l.file(it.Media, at+"/media")
		l.header(it.HeaderMedia, &it.Header, at)
		for j := range it.Cards {
			card := at + "/cards/" + strconv.Itoa(j)
			l.file(&it.Cards[j].Media, card+"/media")
			l.openHost(it.Cards[j].URL.source, card+"/url")
		}
		if it.Save != nil {
			l.contactField(it.Save.Field, at+"/save/field")
		}
	}
	l.asking(&s.Asking)
}

func (s *questionSettings) lint(l *linter) {
	l.options(s.Options, l.at+"/options")
	l.asking(&s.Asking)
	l.file(s.Media, l.at+"/media")
	if s.Type == AnswerYesNo && l.g.target(l.n, OutOK) == "" {
		for _, out := range []string{"yes", "no"} {
			if l.g.target(l.n, out) == "" {
				l.problem("output_no_edge", pointer(place(l.n)+"/outputs", out), out)
			}
		}
	}
	if s.MinLength > 0 && s.MaxLength > 0 && s.MinLength > s.MaxLength {
		l.problem("range_empty", l.at+"/min_length", strconv.Itoa(s.MinLength), strconv.Itoa(s.MaxLength))
	}
	if s.Min != nil && s.Max != nil && *s.Min > *s.Max {
		l.problem("range_empty", l.at+"/min", format(*s.Min, nil), format(*s.Max, nil))
	}
	if s.AtMost > 0 && s.AtLeast > s.AtMost {
		l.problem("range_empty", l.at+"/at_least", strconv.Itoa(s.AtLeast), strconv.Itoa(s.AtMost))
	}
	if want := map[string]AnswerType{"birth_date": AnswerDate, "email": AnswerEmail, "cpf": AnswerCPF, "phone": AnswerPhone}[s.Field]; want != "" && (s.Type == AnswerText || s.Type == AnswerAny) {
		l.problem("field_format", l.at+"/type", s.Field, string(want))
	}
	if s.SkipIfSet && s.SaveTo == "" && s.Field == "" {
		l.problem("skip_without_store", l.at+"/skip_if_set")
	}
}

// header checks a file above a body; a line above it is not shown then.
func (l *linter) header(h *HeaderSource, text *Text, at string) {
	if h == nil {
		return
	}
	l.file(&h.Media, at+"/header_media/media")
	if !text.Empty() {
		l.problem("setting_ignored", at+"/header", "header_media")
	}
}

func (s *menuSettings) lint(l *linter) {
	l.header(s.HeaderMedia, &s.Header, l.at)
	l.options(s.Options, l.at+"/options")
	l.asking(&s.Asking)
}

// asking checks what every wait for a reply has.
func (l *linter) asking(a *Asking) {
	l.contactField(a.Field, l.at+"/field")
	l.reminders(a, l.at)
}

func (s *templateSettings) lint(l *linter) {
	l.asking(&s.Asking)
	l.file(s.HeaderMedia, l.at+"/header_media")
	for i := range s.Replies {
		if _, ok := s.Replies[i].Title.literal(); !ok {
			l.problem("reply_untitled", l.at+"/replies/"+strconv.Itoa(i), s.Replies[i].ID)
		}
	}
	if l.env.Template == nil {
		return
	}
	language := s.Language
	if language == "" {
		language = "pt_BR"
	}
	t, ok := l.env.Template(s.Name, language)
	if !ok || t.Status == TemplateMissing {
		l.problem("template_unknown", l.at+"/name", s.Name, language)
		return
	}
	if t.Status != TemplateApproved {
		l.problem("template_not_approved", l.at+"/name", s.Name, string(t.Status))
	}
	for _, part := range t.Beyond {
		l.problem("template_beyond", l.at+"/name", s.Name, part)
	}
	for _, name := range t.Body {
		if p := s.Params[name]; p.Empty() {
			l.problem("template_param_missing", l.at+"/params", name)
		}
	}
	for _, name := range sortedKeys(s.Params) {
		if !slices.Contains(t.Body, name) {
			l.problem("template_param_unknown", pointer(l.at+"/params", name), name)
		}
	}
	switch {
	case t.HeaderParam && s.HeaderText.Empty():
		l.problem("template_param_missing", l.at+"/header_text", "header")
	case slices.Contains([]string{"image", "video", "document"}, t.Header) && s.HeaderMedia == nil:
		l.problem("template_param_missing", l.at+"/header_media", "header")
	case t.Header == "location" && s.HeaderLocation == nil:
		l.problem("template_param_missing", l.at+"/header_location", "header")
	}
	for i, b := range t.Buttons {
		if p := s.Buttons[strconv.Itoa(i)]; b.Dynamic && p.Empty() {
			l.problem("template_param_missing", l.at+"/buttons", b.Title)
		}
	}
	for i := range s.Replies {
		if n := s.Replies[i].Index; n >= len(t.Buttons) || t.Buttons[n].Kind != "quick_reply" {
			l.problem("template_reply_unknown", l.at+"/replies/"+strconv.Itoa(i)+"/index", strconv.Itoa(n))
		}
	}
}

func (s *switchSettings) lint(l *linter) {
	seen := map[string]bool{}
	for i := range s.Cases {
		k := &s.Cases[i]
		if k.Op != OpEqual && k.Op != "" {
			continue
		}
		for j := range k.Values {
			v, ok := k.Values[j].literal()
			if !ok {
				continue
			}
			if key := fold(v); seen[key] && !k.Exact {
				l.problem("case_duplicate", l.at+"/cases/"+strconv.Itoa(i)+"/values/"+strconv.Itoa(j), v)
			} else if !k.Exact {
				seen[key] = true
			}
		}
	}
}

func (s *conditionSettings) lint(l *linter) { l.rules(&s.RuleGroup, l.at) }

func (l *linter) rules(g *RuleGroup, at string) {
	for i := range g.Rules {
		u, to := &g.Rules[i], at+"/rules/"+strconv.Itoa(i)
		switch {
		case u.Group != nil:
			l.rules(u.Group, to+"/group")
			if u.Op != "" || !u.Expression.Empty() {
				l.problem("setting_ignored", to, "group")
			}
		case !u.Expression.Empty() && u.Op != "":
			l.problem("setting_ignored", to+"/op", "expression")
		case u.Op.Takes() == 0 && !u.Value.Empty():
			l.problem("setting_ignored", to+"/value", string(u.Op))
		}
	}
}

func (s *setVariableSettings) lint(l *linter) {
	for i := range s.Assignments {
		a, at := &s.Assignments[i], l.at+"/assignments/"+strconv.Itoa(i)
		takesValue := slices.Contains([]string{"", "value", "append", "increment"}, a.Op)
		switch {
		case !takesValue && !a.Value.Empty():
			l.problem("setting_ignored", at+"/value", a.Op)
		case (a.Op == "" || a.Op == "value") && looksComputed(&a.Value, l.g.vars):
			l.problem("value_is_text", at+"/value", a.Value.source)
		case a.Op != "expression" && !a.Expression.Empty():
			l.problem("setting_ignored", at+"/expression", orWord(a.Op, "value"))
		}
	}
}

// looksComputed reports whether a value looks like a sum that nobody works out: "idade + 1", "{{ a }} * 2".
func looksComputed(t *Text, vars map[string]VariableSpec) bool {
	words := strings.Fields(strings.NewReplacer("{{", " ", "}}", " ").Replace(t.source))
	if len(words) != 3 || len(words[1]) != 1 || !strings.ContainsAny(words[1], "+-*/%") {
		return false
	}
	operand := func(w string) bool {
		_, isVar := vars[w]
		_, isNumber := machineNumber(w)
		return isVar || isNumber
	}
	return operand(words[0]) && operand(words[2])
}

func (s *loopSettings) lint(l *linter) {
	if v, ok := l.g.vars[s.List]; ok && v.Type != TypeList && v.Type != TypeAny {
		l.problem("loop_not_list", l.at+"/list", s.List, string(v.Type))
	}
}

func (s *endSettings) lint(l *linter) {
	if o := Outcome(s.Outcome); o != OutcomeCompleted && slices.Contains(Outcomes, o) {
		l.problem("outcome_reserved", l.at+"/outcome", s.Outcome)
	}
}

func (s *hoursSettings) lint(l *linter) { l.hoursOf(s.Of, s.ID) }

func (s *waitSettings) lint(l *linter) {
	if s.Mode == "hours" {
		l.hoursOf(s.Of, s.ID)
	}
	if text, ok := s.Until.literal(); ok && s.Mode == "until" {
		if _, is := toInstant(text, nil); !is {
			l.problem("until_fixed", l.at+"/until", text)
		}
	}
	if s.Mode == "reply" {
		l.asking(&s.Asking)
	}
}

func (l *linter) hoursOf(of HoursOwner, id Ref) {
	switch {
	case id == "":
	case of == HoursQueue:
		l.queue(string(id), l.at+"/id")
	case of == HoursConnection && l.env.Connections != nil && !l.env.Connections[string(id)]:
		l.problem("connection_unknown", l.at+"/id", string(id))
	}
}

func (s *splitSettings) lint(l *linter) {
	for i, b := range s.Branches {
		if b.Weight == 0 {
			l.problem("weight_zero", l.at+"/branches/"+strconv.Itoa(i)+"/weight", b.ID)
		}
	}
}

func (s *jumpSettings) lint(l *linter) {
	if s.Flow == "" || l.env.Flow == nil {
		return
	}
	g, ok := l.flow(s.Flow)
	if !ok {
		l.problem("flow_unknown", l.at+"/flow", string(s.Flow))
		return
	}
	if s.Node != "" && !g.Has(s.Node) {
		l.problem("flow_node_unknown", l.at+"/node", s.Node, g.Name())
	}
	l.inputs(g, s.Inputs)
}

func (s *subflowSettings) lint(l *linter) {
	if l.env.Flow == nil {
		return
	}
	g, ok := l.flow(s.Flow)
	if !ok {
		l.problem("flow_unknown", l.at+"/flow", string(s.Flow))
		return
	}
	l.inputs(g, s.Inputs)
	for _, name := range sortedKeys(s.Outputs) {
		if v, ok := g.vars[name]; !ok || !v.Output {
			l.problem("flow_output_unknown", pointer(l.at+"/outputs", name), name, g.Name())
		}
	}
	for i, o := range s.Outcomes {
		if !g.ends(o) {
			l.problem("flow_outcome_unknown", l.at+"/outcomes/"+strconv.Itoa(i), o, g.Name())
		}
	}
}

// ends reports whether an end node of the graph has an outcome.
func (g *Graph) ends(outcome string) bool {
	for _, n := range g.nodes {
		if e, ok := n.settings.(*endSettings); ok && (e.Outcome == outcome || (e.Outcome == "" && outcome == string(OutcomeCompleted))) {
			return true
		}
	}
	return false
}

// inputs compares what is handed to another flow with what it takes.
func (l *linter) inputs(g *Graph, given map[string]Text) {
	for _, name := range sortedKeys(given) {
		if v, ok := g.vars[name]; !ok || !v.Input {
			l.problem("flow_input_unknown", pointer(l.at+"/inputs", name), name, g.Name())
		}
	}
	for _, name := range sortedKeys(g.vars) {
		if v := g.vars[name]; v.Input && v.Required && v.Default == nil {
			if t := given[name]; t.Empty() {
				l.problem("flow_input_missing", l.at+"/inputs", name, g.Name())
			}
		}
	}
}

func (s *actionSettings) lint(l *linter) {
	for i := range s.Actions {
		a := &s.Actions[i]
		at := l.at + "/actions/" + strconv.Itoa(i)
		switch a.Do {
		case "add_label", "remove_label":
			if v, ok := a.Label.literal(); ok && l.env.Labels != nil && !knows(l.env.Labels, v) {
				l.problem("label_unknown", at+"/label", v)
			}
		case "set_field", "clear_field":
			l.contactField(a.Field, at+"/field")
		case "note":
			l.agent(&a.Agent, at+"/agent")
		case "open_ticket":
			l.agent(&a.Agent, at+"/agent")
			if q, ok := a.Queue.literal(); ok {
				l.queue(q, at+"/queue")
			}
			if q, ok := a.FallbackQueue.literal(); ok {
				l.queue(q, at+"/fallback_queue")
			}
			if a.Mode == OpenLastAgent && a.FallbackQueue.Empty() {
				l.problem("last_agent_no_fallback", at+"/fallback_queue")
			}
		}
	}
}

// knows looks a name up without regard to case.
func knows(names map[string]bool, name string) bool {
	if names[name] {
		return true
	}
	for n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (l *linter) agent(t *Text, at string) {
	if v, ok := t.literal(); ok && l.env.Agents != nil && !knows(l.env.Agents, v) {
		l.problem("agent_unknown", at, v)
	}
}

// file checks a file that the document names by its id.
func (l *linter) file(src *MediaSource, at string) {
	if src != nil && src.ID != "" && l.env.Files != nil && !l.env.Files[src.ID] {
		l.problem("file_unknown", at+"/id", src.ID)
	}
}

func (l *linter) queue(id, at string) {
	if l.env.Queues == nil {
		return
	}
	switch i := slices.IndexFunc(l.env.Queues, func(q Queue) bool { return q.ID == id || strings.EqualFold(q.Name, id) }); {
	case i < 0:
		l.problem("queue_unknown", at, id)
	case l.env.Queues[i].Archived:
		l.problem("queue_archived", at, l.env.Queues[i].Name)
	}
}

// contactField checks the name of a field that a node fills: a system field or one of the account's (rules 176, 185).
func (l *linter) contactField(name, at string) {
	if name == "" || l.env.Fields == nil || slices.Contains(SystemFields, name) {
		return
	}
	if !slices.ContainsFunc(l.env.Fields, func(f Field) bool { return f.Key == name }) {
		l.problem("field_unknown", at, name)
	}
}

func (s *httpSettings) lint(l *linter) {
	l.address(s.URL.source, l.at+"/url")
	if s.guessed {
		l.problem("body_kind_missing", l.at+"/body_kind", s.BodyKind)
	}
	if raw := strings.TrimSpace(s.Raw.source); s.BodyKind == "raw" && s.ContentType == "" && strings.HasPrefix(raw, "{") && !strings.HasPrefix(raw, "{{") {
		l.problem("raw_json_type", l.at+"/content_type")
	}
	if s.Timeout == 0 {
		l.problem("http_no_timeout", l.at+"/timeout", defaultCallTimeout.String())
	}
	unsafe := (s.Method == "POST" || s.Method == "PATCH") && !s.keyed()
	if unsafe && s.Retry != nil && s.Retry.Attempts > 1 {
		l.problem("http_retry_unsafe", l.at+"/retry/attempts", s.Method)
	}
}

func (s *webhookSettings) lint(l *linter) {
	if !s.URL.Empty() {
		l.address(s.URL.source, l.at+"/url")
	}
}

// address looks at the fixed beginning of an address: calls to private networks are refused when they are made.
func (l *linter) address(source, at string) {
	if strings.HasPrefix(source, "http://") {
		l.problem("url_not_https", at)
	}
	l.openHost(source, at)
	fixed, _, _ := strings.Cut(source, "{")
	u, err := url.Parse(fixed)
	if err != nil || u.Host == "" {
		return
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	private := err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
	if private || host == "localhost" || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || (err != nil && !strings.Contains(host, ".")) {
		l.problem("url_private", at, host)
	}
}

// openHost looks for a value at the end of an address's host: ".example.net" would lead elsewhere.
func (l *linter) openHost(source, at string) {
	_, rest, ok := strings.Cut(source, "://")
	if !ok || strings.HasPrefix(source, "{") {
		return
	}
	open := false
	for rest != "" && !strings.ContainsRune("/?#", rune(rest[0])) {
		if open = rest[0] == '{'; !open {
			rest = rest[1:]
			continue
		}
		end := "}"
		switch {
		case strings.HasPrefix(rest, "{{"):
			end = "}}"
		case strings.HasPrefix(rest, "{%"):
			end = "%}"
		}
		_, rest, _ = strings.Cut(rest, end)
	}
	if open {
		l.problem("url_host_open", at)
	}
}
