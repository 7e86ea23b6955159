package flow

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestHoursAsPeopleWriteThem: over midnight, to 23:59, through a holiday's night, on days with hours of their own.
func TestHoursAsPeopleWriteThem(t *testing.T) {
	spans := func(s string) []Span {
		out, err := ParseSpans(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	holiday := func(s string) Holiday {
		h, err := ParseHoliday(s)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for _, tc := range []struct {
		name, at string
		week     map[time.Weekday]string
		holidays []string
		want     OpenState
	}{
		{"before midnight", "2026-11-20T23:00", map[time.Weekday]string{5: "18:00-02:00"}, nil, Open},
		{"after midnight", "2026-11-21T01:59", map[time.Weekday]string{5: "18:00-02:00"}, nil, Open},
		{"after its end", "2026-11-21T02:00", map[time.Weekday]string{5: "18:00-02:00"}, nil, Closed},
		{"the day that has none", "2026-11-20T01:00", map[time.Weekday]string{5: "18:00-02:00"}, nil, Closed},
		{"to 23:59", "2026-11-20T23:59", map[time.Weekday]string{5: "08:00-23:59"}, nil, Open},
		{"to 24:00", "2026-11-20T23:59", map[time.Weekday]string{5: "08:00-24:00"}, nil, Open},
		{"a night into a holiday", "2026-11-21T01:00", map[time.Weekday]string{5: "18:00-02:00", 6: "18:00-02:00"}, []string{"2026-11-21"}, Open},
		{"in two parts", "2026-11-21T01:00", map[time.Weekday]string{5: "18:00-24:00", 6: "00:00-02:00"}, []string{"2026-11-21"}, Open},
		{"a holiday's night is not", "2026-11-21T20:00", map[time.Weekday]string{5: "18:00-02:00", 6: "18:00-02:00"}, []string{"2026-11-21"}, ClosedHoliday},
		{"the night after a holiday", "2026-11-22T01:00", map[time.Weekday]string{6: "18:00-02:00"}, []string{"2026-11-21"}, Closed},
		{"reduced", "2026-12-24T10:00", map[time.Weekday]string{4: "08:00-18:00"}, []string{"2026-12-24 08:00-12:00 Véspera"}, Open},
		{"reduced, later", "2026-12-24T13:00", map[time.Weekday]string{4: "08:00-18:00"}, []string{"12-24 08:00-12:00"}, Closed},
	} {
		c := &Calendar{}
		for day, s := range tc.week {
			c.Week[day] = spans(s)
		}
		for _, h := range tc.holidays {
			c.Holidays = append(c.Holidays, holiday(h))
		}
		at, err := time.Parse("2006-01-02T15:04", tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.At(at, nil); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if h := holiday("2026-12-24 08:00-12:00 Véspera de Natal"); h.Name != "Véspera de Natal" || len(h.Spans) != 1 {
		t.Errorf("the holiday is %+v", h)
	}
	for _, bad := range []string{"08:00", "8h-9h", "08:00-08:00", "25:00-26:00"} {
		if _, err := ParseSpans(bad); err == nil {
			t.Errorf("%q is taken for hours", bad)
		}
	}
	for _, bad := range []string{"Natal", "2026-13-01", "25/12/2026"} {
		if _, err := ParseHoliday(bad); err == nil {
			t.Errorf("%q is taken for a holiday", bad)
		}
	}
}

// TestClocksThatAreSkipped: a time of day that does not exist comes as long after the gap as it stands in it.
func TestClocksThatAreSkipped(t *testing.T) {
	for _, tc := range []struct {
		zone, day string
		minute    int
		want      string
	}{
		{"America/New_York", "2026-03-08", 150, "2026-03-08T03:30:00-04:00"}, {"America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T01:00:00-02:00"},
		{"America/Sao_Paulo", "2026-11-20", 150, "2026-11-20T02:30:00-03:00"}, {"America/New_York", "2026-11-01", 90, "2026-11-01T01:30:00-04:00"},
	} {
		loc, err := time.LoadLocation(tc.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, _ := time.Parse(time.DateOnly, tc.day)
		if got := wallTime(day.Year(), day.Month(), day.Day(), tc.minute, loc).Format(time.RFC3339); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.zone, tc.day, got, tc.want)
		}
	}
}

// TestOneClock: the account's zone is that of now, of parts of dates, of days between, of dates made of instants. Midnight in UTC
// is a day where only the day counts.
func TestOneClock(t *testing.T) {
	zone := time.FixedZone("-03", -3*3600)
	r := testRun(t, map[string]any{"z": "2026-11-21T01:30:00Z", "due": "2026-11-25T00:00:00.000Z", "real": "2026-11-26T01:00:00Z"})
	r.zone = zone
	for source, want := range map[string]string{
		"{{ z | date: '%d/%m %H:%M' }}": "20/11 22:30", "{{ due | date: '%d/%m/%Y' }}": "25/11/2026", "{{ due | date }}": "25/11/2026", "{{ real | date }}": "25/11/2026", "{{ due | date: 'time' }}": "21:00",
	} {
		if got := renderIn(t, r, source); got != want {
			t.Errorf("%s writes %q, want %q", source, got, want)
		}
	}
	for source, want := range map[string]any{
		"hour(z)": 22.0, "day(z)": 20.0, "weekday(z)": 5.0, "day(due)": 25.0, "days_between(z, due)": 5.0, "add_days(z, 1)": "2026-11-21", "days_between('2026-11-20', real)": 5.0,
	} {
		e, err := compileExpression(&compiler{}, source, scope{"z": TypeText.exprType(), "due": TypeText.exprType(), "real": TypeText.exprType()}, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := r.eval(e); got != want {
			t.Errorf("%s is %v, want %v", source, got, want)
		}
	}
	for in, want := range map[string]any{"2026-11-25T00:00:00Z": "2026-11-25", "2026-11-26T01:00:00Z": "2026-11-25", "25.12.2026": "2026-12-25"} {
		if got := convert(in, TypeDate, zone); got != want {
			t.Errorf("%s is the date %v, want %v", in, got, want)
		}
	}
}

const askHTTP = `{"id":"h","kind":"http","settings":{"url":"https://x.example.com","timeout":"5s","save":[%SAVE%]},"outputs":{"ok":"ok","client_error":"c4","server_error":"c5","timeout":"late","failed":"bad"%MORE%}}`

// TestAnswersOfOtherSystems: what is no JSON, lacks what was asked for or leads elsewhere is no empty list.
func TestAnswersOfOtherSystems(t *testing.T) {
	ends := []string{`{"id":"ok","kind":"end","settings":{"outcome":"ok"}}`, `{"id":"c4","kind":"end","settings":{"outcome":"c4"}}`, `{"id":"c5","kind":"end","settings":{"outcome":"c5"}}`,
		`{"id":"late","kind":"end","settings":{"outcome":"late"}}`, `{"id":"bad","kind":"end","settings":{"outcome":"bad"}}`, `{"id":"own","kind":"end","settings":{"outcome":"own"}}`}
	list, text, optional := `{"to":"l","path":"$.l","type":"list"}`, `{"to":"x","path":"$.x"}`, `{"to":"x","path":"$.x","required":false}`
	for _, tc := range []struct {
		name, save, more string
		res              CallResult
		want             string
	}{
		{"a list", list, "", CallResult{Status: 200, Body: `{"l":[1]}`}, "ok"},
		{"null is an empty list", list, "", CallResult{Status: 200, Body: `{"l":null}`}, "ok"},
		{"HTML", list, "", CallResult{Status: 200, Body: `<html></html>`}, "bad"},
		{"HTML for a text", text, "", CallResult{Status: 200, Body: `<html></html>`}, "bad"},
		{"HTML by its own way", list, `,"not_json":"own"`, CallResult{Status: 200, Body: `<html></html>`}, "own"},
		{"an error in the body", list, "", CallResult{Status: 200, Body: `{"erro":"token"}`}, "bad"},
		{"an error in the body, for a text", text, "", CallResult{Status: 200, Body: `{"erro":"token"}`}, "bad"},
		{"missing by its own way", list, `,"missing":"own"`, CallResult{Status: 200, Body: `{"erro":"token"}`}, "own"},
		{"one of two is there", text + `,{"to":"y","path":"$.y"}`, "", CallResult{Status: 200, Body: `{"y":1}`}, "ok"},
		{"optional", optional, "", CallResult{Status: 200, Body: `{"y":1}`}, "ok"},
		{"one of none found", `{"to":"x","path":"$[0].x"}`, "", CallResult{Status: 200, Body: `[]`}, "ok"},
		{"no content", list, "", CallResult{Status: 204}, "ok"},
		{"no content by its own way", list, `,"no_content":"own"`, CallResult{Status: 204}, "own"},
		{"an empty 200", list, "", CallResult{Status: 200}, "bad"},
		{"a redirect", list, "", CallResult{Status: 302}, "bad"},
		{"a redirect by its own way", list, `,"redirect":"own"`, CallResult{Status: 302}, "own"},
		{"an error", list, "", CallResult{Status: 404, Body: `{}`}, "c4"},
		{"nothing asked for", "", "", CallResult{Status: 200, Body: `OK`}, "ok"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			node := replaced(askHTTP, "%SAVE%", tc.save, "%MORE%", tc.more)
			p := play(t, `{}`, append([]string{node}, ends...)...)
			p.start()
			res := tc.res
			p.play(&goldenStep{Call: &res})
			if p.state.End == nil || string(p.state.End.Outcome) != tc.want {
				t.Fatalf("ended %+v, want %s", p.state.End, tc.want)
			}
		})
	}
}

// TestEveryDigitIsKept: an identifier is longer than a float64 is exact, and a coordinate has no thousands.
func TestEveryDigitIsKept(t *testing.T) {
	node := replaced(askHTTP, "%SAVE%", `{"to":"id","path":"$.id"},{"to":"lat","path":"$.lat"},{"to":"p","path":"$.p","type":"number"}`, "%MORE%", "")
	again := `{"id":"ok","kind":"http","settings":{"method":"POST","url":"https://x.example.com/{{ id }}","body_kind":"json","json":{"id":"{{ id }}","t":"n {{ id }}"},"timeout":"5s"},"outputs":{"ok":"place","client_error":"c4","server_error":"c4","timeout":"c4","failed":"c4"}}`
	p := play(t, `{"defaults":{"*":"c4"}}`, node, again, `{"id":"place","kind":"content","settings":{"items":[{"kind":"location","location":{"latitude":"{{ lat }}","longitude":"-46,633"}},{"kind":"text","text":"{{ p | currency }}"}]},"outputs":{"ok":"c4"}}`,
		`{"id":"c4","kind":"end"}`, `{"id":"c5","kind":"end"}`, `{"id":"late","kind":"end"}`, `{"id":"bad","kind":"end"}`)
	p.start()
	fx := p.play(&goldenStep{Call: &CallResult{Status: 200, Body: `{"id":20261120000012345,"lat":"-23.550","p":"1.500"}`}})
	raw, err := json.Marshal(p.state)
	if err != nil {
		t.Fatal(err)
	}
	p.state = State{}
	if err := json.Unmarshal(raw, &p.state); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(fx, func(f Effect) bool { return f.Call != nil })
	if i < 0 || fx[i].Call.Body.Redacted() != `{"id":20261120000012345,"t":"n 20261120000012345"}` || fx[i].Call.URL.Redacted() != "https://x.example.com/20261120000012345" {
		t.Fatalf("the next request is %+v", fx)
	}
	if id := p.state.Frames[0].Vars["id"]; id != json.Number("20261120000012345") {
		t.Fatalf("the state has %v", id)
	}
	fx = p.play(&goldenStep{Call: &CallResult{Status: 200}})
	i = slices.IndexFunc(fx, func(f Effect) bool { return f.Send != nil && f.Send.Content.Location != nil })
	if i < 0 || fx[i].Send.Content.Location.Latitude != -23.55 || fx[i].Send.Content.Location.Longitude != -46.633 {
		t.Fatalf("the place is %+v", fx)
	}
	has(t, fx[i+1:], "R$ 1,50")
}

// TestWaitThatCannotBeComputedDoesNotFire, and hours of a queue are found by its name.
func TestWaitThatCannotBeComputedDoesNotFire(t *testing.T) {
	p := play(t, `{}`, `{"id":"w","kind":"wait","settings":{"mode":"until","until":"{{ quando }}"},"outputs":{"ok":"late"}}`, nodeLate, nodeAsk2, nodeThx, nodeEnd)
	has(t, p.start())
	if w := p.state.Wait; w == nil || w.For != WaitOperator {
		t.Fatalf("the run went on: %+v", w)
	}
	env := &Env{Queues: []Queue{{ID: "7", Name: "Financeiro"}}, Hours: func(o HoursOwner, id string) (*Calendar, bool) { return &Calendar{}, o == HoursQueue && id == "7" }}
	for _, ref := range []string{"7", "Financeiro", "financeiro"} {
		if env.hours(HoursQueue, ref, "") == nil {
			t.Errorf("the hours of the queue %q are not found", ref)
		}
	}
}

// TestWhatIsEmptyIsNotPromised: agents hear of a file that is not there, of a list without items, of a template that lacks a part.
func TestWhatIsEmptyIsNotPromised(t *testing.T) {
	lines := func(fx []Effect) (codes []LineCode) {
		for _, f := range fx {
			if f.Line != nil {
				codes = append(codes, f.Line.Code)
			}
		}
		return codes
	}
	for node, want := range map[string]Reason{
		`{"id":"c","kind":"content","settings":{"items":[{"kind":"document","media":{"variable":"nada"}}]},"outputs":{"ok":"end"}}`:                         ReasonContentMissing,
		`{"id":"c","kind":"content","settings":{"items":[{"kind":"cta_url","text":"x","button":"Abrir","url":"{{ nada }}"}]},"outputs":{"ok":"end"}}`:       ReasonContentMissing,
		`{"id":"c","kind":"menu","settings":{"text":"?","source":"list","dynamic":{"from":"nada"}},"outputs":{"ok":"end","invalid":"end","timeout":"end"}}`: ReasonListEmpty,
		`{"id":"c","kind":"content","settings":{"items":[{"kind":"text","text":"a {{ 1 | divided_by: 0 }}"}]},"outputs":{"ok":"end"}}`:                      ReasonTextFailed,
		`{"id":"c","kind":"condition","settings":{"rules":[{"expression":"number('dezoito x') > 1"}]},"outputs":{"true":"end","false":"end"}}`:              ReasonExpressionFailed,
	} {
		p := play(t, `{}`, node, nodeEnd)
		if got := lines(p.start()); !slices.Contains(got, LineCode(want)) {
			t.Errorf("%s tells %v, want %s", node, got, want)
		}
	}
	tpl := &Template{Header: "document", Buttons: []TemplateButton{{Kind: "url", Dynamic: true}}}
	for _, sent := range []*TemplateSend{{}, {HeaderMedia: &Media{ID: "1"}}, {HeaderMedia: &Media{ID: "1"}, Buttons: []ButtonParam{{Kind: "url"}}}} {
		if !lacks(sent, tpl) {
			t.Errorf("%+v is sent", sent)
		}
	}
	if lacks(&TemplateSend{HeaderMedia: &Media{ID: "1"}, Buttons: []ButtonParam{{Kind: "url", Text: "x"}}}, tpl) {
		t.Error("a whole template is not sent")
	}
}

// TestFiltersForNamesAndDocuments: hyphens, apostrophes, words in the place of numbers.
func TestFiltersForNamesAndDocuments(t *testing.T) {
	r := testRun(t, map[string]any{})
	for source, want := range map[string]string{
		`{{ "ANA D'ÁVILA" | title }}`: "Ana D'Ávila", `{{ "ANA-MARIA DE SÁ-CARNEIRO" | title }}`: "Ana-Maria de Sá-Carneiro", `{{ "JOSÉ DOS SANTOS" | title }}`: "José dos Santos", `{{ "O’NEILL" | title }}`: "O’Neill",
		`{{ "RUA XV DE NOVEMBRO, 10-B" | title }}`: "Rua Xv de Novembro, 10-B", `{{ '(não informou)' | cpf }}`: "(não informou)", `{{ 'notebook' | cep }}`: "notebook", `{{ 'sem telefone' | phone }}`: "sem telefone",
		`{{ '12abc34501de35' | cnpj }}`: "12.ABC.345/01DE-35", `{{ 'quatorzeletras' | cnpj }}`: "quatorzeletras", `{{ '11144477735' | cpf }}`: "111.444.777-35", `{{ '1.500' | currency }}`: "R$ 1,50", `{{ '1.500,00' | currency }}`: "R$ 1.500,00",
	} {
		if got := renderIn(t, r, source); got != want {
			t.Errorf("%s writes %q, want %q", source, got, want)
		}
	}
}
