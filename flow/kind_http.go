package flow

import (
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"
)

// httpSettings ask another system over HTTP and store what it answers. The call is made by the caller of the engine, which
// refuses private addresses, keeps to the timeout and the retry policy, and resolves secrets; the run waits for its result.
type httpSettings struct {
	// Method and URL say where; values of variables in the URL are escaped.
	Method string      `json:"method,omitempty" enum:"GET,POST,PUT,PATCH,DELETE,HEAD" default:"GET" doc:"Method"`
	URL    RequestText `json:"url" required:"true" doc:"Address, https"`
	// Query and Headers are added to the request.
	Query   []NamedText `json:"query,omitempty" len:"50" doc:"Added to the address"`
	Headers []NamedText `json:"headers,omitempty" len:"30" doc:"Added to the request"`
	// BodyKind says which of JSON, Form and Raw is sent; the one that is filled in by default.
	BodyKind string      `json:"body_kind,omitempty" enum:"none,json,form,raw" doc:"Kind of body; the one that is filled in by default"`
	JSON     JSONBody    `json:"json,omitzero" doc:"JSON body; its texts may hold variables"`
	Form     []NamedText `json:"form,omitempty" len:"50" doc:"Form fields"`
	Raw      RequestText `json:"raw,omitzero" doc:"Body as text"`
	// ContentType is the type of a raw body; text/plain by default.
	ContentType string `json:"content_type,omitempty" doc:"Type of a raw body"`
	// Timeout is for one attempt.
	Timeout Duration `json:"timeout,omitempty" default:"10s" most:"2m" doc:"For one attempt"`
	// Retry says how the call is repeated; GET, HEAD, PUT and DELETE are by default tried three times, others once unless
	// an idempotency key goes along.
	Retry *RetrySettings `json:"retry,omitempty" doc:"How the call is repeated"`
	// IdempotencyKey sends the call's own id in the header Idempotency-Key; on by default for POST and PATCH.
	IdempotencyKey *bool `json:"idempotency_key,omitempty" doc:"Send an Idempotency-Key header"`
	// FollowRedirects follows redirects within the address's own origin. Without it the flow gets the redirect's status.
	FollowRedirects bool `json:"follow_redirects,omitempty" doc:"Follow redirects within the address's own origin"`
	// Save stores parts of the answer in variables.
	Save []Mapping `json:"save,omitempty" len:"50" doc:"Store parts of the answer"`
	// SaveStatus and SaveBody are variables for the whole answer.
	SaveStatus string `json:"save_status,omitempty" doc:"Variable that gets the status"`
	SaveBody   string `json:"save_body,omitempty" doc:"Variable that gets the whole body"`

	guessed bool // the kind of the body is not named
}

// NamedText is a name with a text: a header, a query parameter, a form field.
type NamedText struct {
	Name  string      `json:"name" required:"true" doc:"The name"`
	Value RequestText `json:"value" doc:"The value"`
}

// RetrySettings say how a call is repeated.
type RetrySettings struct {
	// Attempts counts the first one.
	Attempts int `json:"attempts,omitempty" min:"1" max:"10" default:"3" doc:"Tries, the first included"`
	// First is the pause before the second try; each further one is twice as long, up to Max.
	First Duration `json:"first,omitempty" default:"1s" most:"10m" doc:"Pause before the second try"`
	Max   Duration `json:"max,omitempty" default:"30s" most:"1h" doc:"Longest pause"`
	// Statuses are worth another try; 429, 502, 503 and 504 by default.
	Statuses []int `json:"statuses,omitempty" len:"20" doc:"Statuses worth another try"`
}

// Mapping stores one part of an answer in a variable, by a path or an expression.
type Mapping struct {
	// To is the variable.
	To string `json:"to" required:"true" doc:"The variable"`
	// Path is a JSONPath into the body: $.itens[0].preco.
	Path string `json:"path,omitempty" doc:"JSONPath into the body"`
	// Expression computes the value; it sees body, status and headers besides everything else.
	Expression Expression `json:"expression,omitzero" names:"answer" doc:"An expression; it sees body, status and headers"`
	// Type converts the value. A text is read as programs write: with a dot as the decimal mark.
	Type VariableType `json:"type,omitempty" enum:"text,number,boolean,date,list" doc:"Converts the value"`
	// Required says that an answer without the path is none: the node leaves by "missing", else by "failed". It is on by default
	// for lists. A path that holds null is there.
	Required *bool `json:"required,omitempty" doc:"An answer without this path leaves by missing, else by failed; on by default for a list"`

	path jsonPath
}

// The outputs of an HTTP request that did not succeed.
const (
	OutClientError = "client_error"
	OutServerError = "server_error"
)

// Outputs that may stay without an edge: "redirect", "not_json" and "missing" go by "failed" then, "no_content" by "ok".
const (
	OutRedirect  = "redirect"
	OutNotJSON   = "not_json"
	OutNoContent = "no_content"
)

const (
	defaultCallTimeout = Duration(10 * time.Second)
	callMargin         = 30 * time.Second // the run gives the caller this long beyond its own tries
)

func httpKind() *Kind {
	return &Kind{
		Name: "http", Family: FamilyData,
		Label: label("Requisição HTTP", "HTTP request"),
		Doc: label("Consulta outro sistema e guarda a resposta, com novas tentativas e chave de idempotência. "+
			"Os fluxos da conta fazem a um mesmo host 10 pedidos por segundo, depois de 20 de uma vez; os outros esperam a vez.",
			"Asks another system and stores the answer, with retries and an idempotency key. "+
				"The flows of an account ask one host 10 times a second, after 20 at once; others wait for their turn."),
		make: func() behaviour { return &httpSettings{} },
	}
}

func (s *httpSettings) check(c *compiler) {
	if s.Method == "" {
		s.Method = "GET"
	}
	s.bodyKind(c)
	if !s.URL.Empty() && !strings.HasPrefix(s.URL.source, "https://") && !strings.HasPrefix(s.URL.source, "http://") &&
		!strings.HasPrefix(s.URL.source, "{") {
		c.problem("url_scheme", c.at+"/url")
	}
	s.JSON.compile(c, c.at+"/json")
	for i := range s.Save {
		m := &s.Save[i]
		at := fmt.Sprintf("%s/save/%d", c.at, i)
		if m.Path == "" && m.Expression.Empty() {
			c.problem("setting_missing", at+"/path", "path")
		}
		if m.Path != "" {
			p, err := parseJSONPath(m.Path)
			if err != nil {
				c.problem("json_path", at+"/path", err.Error())
			}
			m.path = p
		}
	}
	for i, h := range s.Headers {
		if !headerName(h.Name) {
			c.problem("header_name", fmt.Sprintf("%s/headers/%d/name", c.at, i), h.Name)
		}
	}
}

// bodyKind takes the kind of the body that is filled in, where none is named. Two bodies without a kind are a mistake.
func (s *httpSettings) bodyKind(c *compiler) {
	if s.BodyKind != "" {
		return
	}
	var filled []string
	for _, b := range []struct {
		kind string
		is   bool
	}{{"json", !s.JSON.IsZero()}, {"form", len(s.Form) > 0}, {"raw", !s.Raw.Empty()}} {
		if b.is {
			filled = append(filled, b.kind)
		}
	}
	switch len(filled) {
	case 0:
	case 1:
		s.BodyKind, s.guessed = filled[0], true
	default:
		c.problem("body_kind_open", c.at+"/body_kind", strings.Join(filled, ", "))
	}
}

// headerName refuses names that could break a request in two, and those the caller sets itself.
func headerName(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "host", "content-length", "transfer-encoding", "connection", "idempotency-key":
		return false
	}
	return true
}

func (s *httpSettings) outputs() []Output {
	out := []Output{{Name: OutOK}, {Name: OutClientError}, {Name: OutServerError}, {Name: OutTimeout}, {Name: OutFailed}}
	for _, quiet := range []string{OutRedirect, OutNotJSON, OutMissing, OutNoContent} {
		out = append(out, Output{Name: quiet, Quiet: true})
	}
	return out
}

func (s *httpSettings) stores() []VariableSpec {
	out := []VariableSpec{{Name: s.SaveStatus, Type: TypeNumber}, {Name: s.SaveBody, Type: TypeAny}}
	for _, m := range s.Save {
		t := m.Type
		if t == "" {
			t = TypeAny
		}
		out = append(out, VariableSpec{Name: m.To, Type: t})
	}
	return out
}

func (s *httpSettings) enter(r *run) next {
	c := &Call{Kind: "http", Method: s.Method, URL: s.address(r), Timeout: s.Timeout, Retry: s.retry(), FollowRedirects: s.FollowRedirects}
	if c.Timeout == 0 {
		c.Timeout = defaultCallTimeout
	}
	for _, h := range s.Headers {
		c.Headers = append(c.Headers, Header{Name: h.Name, Value: r.request(h.Value, escapeHeader)})
	}
	kind := ""
	switch s.BodyKind {
	case "json":
		c.Body, kind = r.jsonBody(&s.JSON), "application/json"
	case "form":
		c.Body, kind = r.pairs(s.Form), "application/x-www-form-urlencoded"
	case "raw":
		if c.Body, kind = r.request(s.Raw, s.rawEscaping()), s.ContentType; kind == "" {
			kind = "text/plain; charset=utf-8"
		}
	}
	if kind != "" {
		c.Headers = append(c.Headers, Header{Name: "Content-Type", Value: PlainText(kind)})
	}
	return r.call(c, s.keyed())
}

// rawEscaping is how values stand in a body that is written as text.
func (s *httpSettings) rawEscaping() escaping {
	kind, _, err := mime.ParseMediaType(s.ContentType)
	if err == nil && (kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json")) {
		return escapeRawJSON
	}
	return escapeNone
}

// call asks for an outside call and waits for its result.
func (r *run) call(c *Call, keyed bool) next {
	c.ID = r.key()
	if keyed {
		c.IdempotencyKey = c.ID
	}
	until := r.now.Add(c.longest())
	c.Until = until
	r.fx = append(r.fx, Effect{Kind: EffectCall, Key: c.ID, Node: r.frame().Node, Call: c})
	if c.FireAndForget {
		return leave(OutOK)
	}
	return stay(Wait{For: WaitCall, Call: c.ID, Until: &until})
}

// longest is how long all tries of a call can take.
func (c *Call) longest() time.Duration {
	total, pause := time.Duration(0), c.Retry.First.Std()
	for i := range c.Retry.Attempts {
		total += c.Timeout.Std()
		if i > 0 {
			total += pause
			pause = min(pause*2, max(c.Retry.Max.Std(), pause))
		}
	}
	return total + callMargin
}

func (s *httpSettings) keyed() bool {
	if s.IdempotencyKey != nil {
		return *s.IdempotencyKey
	}
	return s.Method == "POST" || s.Method == "PATCH"
}

func (s *httpSettings) retry() Retry {
	out := Retry{Attempts: 3, First: Duration(time.Second), Max: Duration(30 * time.Second), Statuses: []int{429, 502, 503, 504}}
	if (s.Method == "POST" || s.Method == "PATCH") && !s.keyed() {
		out.Attempts = 1
	}
	if t := s.Retry; t != nil {
		if t.Attempts > 0 {
			out.Attempts = t.Attempts
		}
		if t.First > 0 {
			out.First = t.First
		}
		if t.Max > 0 {
			out.Max = t.Max
		}
		if len(t.Statuses) > 0 {
			out.Statuses = t.Statuses
		}
	}
	return out
}

func (s *httpSettings) address(r *run) SecretText {
	t := r.request(s.URL, escapeQuery)
	if len(s.Query) == 0 {
		return t
	}
	w := &secretWriter{}
	w.parts(t)
	sep := "?"
	if slices.ContainsFunc(t, func(p Part) bool { return strings.Contains(p.Text, "?") }) { // the designer's: values have none
		sep = "&"
	}
	w.text(sep)
	w.parts(r.pairs(s.Query))
	w.flush()
	return w.out
}

// pairs writes names and values the way forms and queries do.
func (r *run) pairs(list []NamedText) SecretText {
	w := &secretWriter{}
	for i, f := range list {
		if i > 0 {
			w.text("&")
		}
		w.text(escapeForm.apply(f.Name) + "=")
		w.parts(r.request(f.Value, escapeForm))
	}
	w.flush()
	return w.out
}

func (s *httpSettings) resume(r *run, in input) next {
	if in.kind == inAlarm || in.call == nil {
		return leave(OutTimeout)
	}
	res := in.call
	r.set(s.SaveStatus, float64(res.Status))
	switch {
	case res.Error == "timeout":
		return leave(OutTimeout)
	case res.Error != "" || res.Status == 0:
		r.note("call_" + orWord(res.Error, "failed"))
		return leave(OutFailed)
	}
	body := parseBody(res.Body)
	if s.SaveBody != "" && !r.keepAnswer(s.SaveBody, body) {
		return leave(OutFailed)
	}
	switch {
	case res.Status >= 500:
		return leave(OutServerError)
	case res.Status >= 400:
		return leave(OutClientError)
	case res.Status >= 300:
		return r.leaveNamed(OutRedirect, OutFailed)
	}
	if out := s.unfit(res, body); out != "" {
		r.note("answer_" + out)
		return r.leaveNamed(out, OutFailed)
	}
	out := OutOK
	if strings.TrimSpace(res.Body) == "" || body == nil {
		out = OutNoContent
	}
	for i := range s.Save {
		m := &s.Save[i]
		v := m.path.find(body)
		if !m.Expression.Empty() {
			v, _ = r.evalWith(m.Expression, map[string]any{"body": body, "status": float64(res.Status), "headers": normalize(stringMap(res.Headers))})
		}
		if !r.keepAnswer(m.To, convertAnswer(v, m.Type, r.zone)) {
			return leave(OutFailed)
		}
	}
	return r.leaveNamed(out, OutOK)
}

// leaveNamed leaves by an output that the designer has drawn, or set a default for by its name; else by another one.
func (r *run) leaveNamed(out, otherwise string) next {
	if r.current().edges[out] != "" || r.g.doc.Settings.Defaults[out] != "" {
		return leave(out)
	}
	return leave(otherwise)
}

// unfit names the output for an answer that was asked for JSON and is none, or lacks what has to be there. A page of a proxy
// with status 200 is no empty list.
func (s *httpSettings) unfit(res *CallResult, body any) string {
	text, isText := body.(string)
	absent, found, paths := false, false, 0
	for i := range s.Save {
		m := &s.Save[i]
		if m.Path == "" || len(m.path) == 0 {
			continue
		}
		paths++
		there := m.path.there(body)
		found = found || there
		if m.required() {
			absent = absent || !there
		}
	}
	switch {
	case paths == 0, strings.TrimSpace(res.Body) == "" && (res.Status == 204 || res.Status == 205):
		return ""
	case isText && (strings.TrimSpace(text) == "" || !strings.HasPrefix(strings.TrimSpace(res.Body), `"`)):
		return OutNotJSON
	case absent, !found && !s.allOptional():
		return OutMissing
	}
	return ""
}

func (m *Mapping) required() bool {
	if m.Required != nil {
		return *m.Required
	}
	return m.Type == TypeList && m.Path != ""
}

// allOptional reports whether every path may be absent, because the designer said so.
func (s *httpSettings) allOptional() bool {
	return !slices.ContainsFunc(s.Save, func(m Mapping) bool { return m.Path != "" && (m.Required == nil || *m.Required) })
}

// convertAnswer gives a part of an answer the type asked for. Its texts were written by a program.
func convertAnswer(v any, t VariableType, zone *time.Location) any {
	if s, isText := v.(string); isText && t == TypeNumber {
		if f, ok := machineNumber(s); ok {
			return f
		}
	}
	return convert(v, t, zone)
}

// keepAnswer stores a part of an answer; it returns false when the part is larger than a variable may be, which is the
// other system's doing and no reason to end the run.
func (r *run) keepAnswer(name string, v any) bool {
	if sizeOf(v) > r.lim.Value {
		r.note("answer_too_large")
		return false
	}
	r.set(name, v)
	return true
}

func orWord(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

func stringMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// parseBody reads JSON; a body that is none stays a text.
func parseBody(s string) any {
	if checkJSON([]byte(s)) != nil {
		return clean(s)
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return clean(s)
	}
	return normalize(v)
}
