package terminal

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/flow"
)

const bill = "../../examples/flows/second-copy-of-bill/flow.json"

func chatWith(t *testing.T, file, language, input string) string {
	t.Helper()
	flows, err := LoadFlows([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	world, err := ReadWorld(file, "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c, err := NewChat(func() (*Player, error) { return NewPlayer(flows, world) }, strings.NewReader(input), &out, language, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestChat plays a whole session: words, an answer of another system, a step back in time, a journey forward.
func TestChat(t *testing.T) {
	got := chatWith(t, bill, "pt-BR", strings.Join([]string{
		"boleto", "529.982.247-25", ":back", ":back", "fatura", "52998224725",
		`:http 200 {"boletos":[{"id":"B1","descricao":"Novembro","valor":10,"vencimento":"2026-11-25","pdf":"https://a.example/1.pdf","linha_digitavel":"123"}]}`,
		":vars", ":trail", ":contact-data", ":state", ":tap person", "oi?", ":close", ":nada", ":http x", ":set x", ":start y", ":deliver z", ":until ontem", ":quit", "nunca",
	}, "\n"))
	for _, want := range []string{
		"🤖 Claro!", "🌐 GET https://erp.example.com.br/api/boletos?cpf=52998224725&situacao=aberto", "✏️  cpf = \"52998224725\"",
		"responda com :http", "🤖 📄 Novembro\n   Valor: R$ 10,00\n   Vencimento: 25/11/2026", `"quantos": 1`, "any_open → one", `"cpf": "52998224725"`,
		`"frames"`, "🎧 queue queue=Financeiro", "fim: ticket_opened, atendimento aberto", "a ticket is open", "não existe o comando :nada", "escreva :http", "escreva :set",
		`"y": escreva NOME=VALOR`, "escolha um de", `time "ontem"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the chat does not show %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "nunca") {
		t.Error(":quit did not end the chat")
	}
	if n := strings.Count(got, "🤖 Claro!"); n != 2 {
		t.Errorf("the question was asked %d times: :back did not go back to before the start", n)
	}
}

// TestChatInEnglish: every command is in the help, in both languages, and answers in English where asked to.
func TestChatInEnglish(t *testing.T) {
	got := chatWith(t, bill, "en", ":help\n:nothing\n:back\n:stop\n")
	for _, want := range []string{"What you type is a message", "there is no command :nothing", "there is nothing before", "no flow is running"} {
		if !strings.Contains(got, want) {
			t.Errorf("the chat does not say %q:\n%s", want, got)
		}
	}
	c := &Chat{Player: &Player{}}
	for name := range c.commands() {
		for i, h := range help {
			if name != "help" && !strings.Contains(h, ":"+name) {
				t.Errorf("help %d does not name :%s", i, name)
			}
		}
	}
}

// TestTimeTravel: timers fire on the way at their own instants, in order, and the clock ends where it was sent.
func TestTimeTravel(t *testing.T) {
	flows, err := LoadFlows([]string{"../../examples/flows/welcome-menu/flow.json"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlayer(flows, World{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Receive(flow.Inbound{Kind: flow.InboundText, Text: "oi"}); err != nil {
		t.Fatal(err)
	}
	h, err := p.Skip(72 * time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Messages) != 1 || !strings.Contains(h.Messages[0], "Ainda está por aí?") || h.End != "atendido_pelo_bot" {
		t.Errorf("three days brought %+v", h)
	}
	if got := p.state.End.At; !got.Equal(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("the run ended at %s, not at its deadline", got)
	}
	if got := p.Now().Format(time.RFC3339); got != "2026-11-23T10:00:00-03:00" {
		t.Errorf("the clock shows %s", got)
	}
	if _, err := p.Until(p.now.Add(-time.Hour)); err == nil {
		t.Error("time went backwards")
	}
}

// writeTest puts a flow and a conversation into a folder.
func writeTest(t *testing.T, conversation string) string {
	t.Helper()
	dir := t.TempDir()
	doc := `{"spec_version":1,"name":"T","category":"initial","start":"a","nodes":[
		{"id":"a","kind":"question","settings":{"text":"Qual é o seu e-mail?","type":"email","field":"email"},"outputs":{"ok":"b","invalid":"b","timeout":"b"}},
		{"id":"b","kind":"end"}]}`
	if err := os.WriteFile(filepath.Join(dir, "flow.json"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "tests", "x.yaml")
	if err := os.WriteFile(file, []byte(conversation), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDiff: a difference reads as what was expected and what happened; what is not written does not count.
func TestDiff(t *testing.T) {
	file := writeTest(t, `
steps:
  - say: oi
    expect:
      messages: ["Qual é o seu nome?"]
      wait: ""
  - say: a@b.co
    expect: {fields: {email: x@y.z}, end: completed}
`)
	r := RunTest(file, false)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := `step 1, say "oi":
  messages:
    - • Qual é o seu nome?
    + • Qual é o seu e-mail?
  wait:
    + reply at a until 2026-11-21T10:00
step 2, say "a@b.co":
  fields.email:
    - "x@y.z"
    + "a@b.co"
`
	if r.Diff != want {
		t.Errorf("the difference reads\n%s\nwant\n%s", r.Diff, want)
	}
	var out bytes.Buffer
	if n := WriteResults(&out, []Result{r}, "en", false); n != 1 || !strings.Contains(out.String(), "0 passed, 1 failed") {
		t.Errorf("%d failed:\n%s", n, out.String())
	}
}

// TestUpdate: what is written anew passes, keeps comments, and does not change again.
func TestUpdate(t *testing.T) {
	file := writeTest(t, "# why this matters\nsteps:\n  - say: oi 👋 # a greeting\n  - say: a@b.co\n")
	if r := RunTest(file, true); r.Err != nil || !r.Updated {
		t.Fatalf("%+v", r)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# why this matters", "# a greeting", "oi 👋", "Qual é o seu e-mail?", "email: a@b.co", "end: completed"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the file lacks %q:\n%s", want, raw)
		}
	}
	if r := RunTest(file, false); !r.OK() {
		t.Errorf("%+v", r)
	}
	if r := RunTest(file, true); r.Err != nil || r.Updated {
		t.Errorf("it was written anew although nothing changed: %+v", r)
	}
}

// TestBadConversations: what is wrong is said with its place.
func TestBadConversations(t *testing.T) {
	for text, want := range map[string]string{
		"steps: []":                                               "no steps",
		"steps: [{say: oi, tap: x}]":                              "step 1: write exactly one",
		"steps: [{}]":                                             "step 1: write exactly one",
		"steps: [{shout: oi}]":                                    `unknown field "shout"`,
		"steps: [{say: oi}, {http: [{}]}]":                        "step 2: http 1: the flow does not wait",
		"steps: [{wait: soon}]":                                   "step 1: duration",
		"steps: [{until: noon}]":                                  "step 1: time",
		"steps: [{ticket_closed: true}]":                          "no ticket is open",
		"steps: [{stop: true}]":                                   "no flow is running",
		"world: {channel: fax}\nsteps: [{say: oi}]":               `channel "fax"`,
		"world: {zone: Mars}\nsteps: [{say: oi}]":                 "zone",
		"world: {hours: {account: {mon: x}}}\nsteps: [{say: oi}]": "hours of account",
		"world: {hours: {account: {someday: 08:00-09:00}}}\nsteps: [{say: oi}]": `day "someday"`,
		"flow: ../nowhere.json\nsteps: [{say: oi}]":                             "nowhere.json",
		"steps: [": "yaml",
	} {
		r := RunTest(writeTest(t, text), false)
		if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
			t.Errorf("%q gives %v, want %q", text, r.Err, want)
		}
	}
	if _, err := RunTests(t.TempDir(), false); err == nil {
		t.Error("a folder without tests passes")
	}
}

// TestLintFiles: the JSON is what POST /v1/flows/lint answers, per file; the text names place, severity and code.
func TestLintFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, doc string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := write("a.json", `{"spec_version":1,"name":"A","category":"manual","start":"a","triggers":[{"id":"t","kind":"keyword","settings":{"words":["Boleto"]}}],
		"nodes":[{"id":"a","kind":"jump","settings":{"flow":"B","node":"z"}}]}`)
	second := write("b.json", `{"spec_version":1,"name":"B","category":"manual","start":"a","triggers":[{"id":"t","kind":"keyword","settings":{"words":["boleto"]}}],
		"nodes":[{"id":"a","kind":"end"}]}`)
	results, err := LintFiles([]string{first, second}, "")
	if err != nil {
		t.Fatal(err)
	}
	if results[0].OK || results[0].Problems[0].Code != "flow_node_unknown" || !results[1].OK || results[1].Problems[0].Code != "keyword_taken" {
		t.Errorf("%+v", results)
	}
	if Worst(results, false) != 1 || Worst(results, true) != 2 {
		t.Error("the worst are counted wrong")
	}
	var out bytes.Buffer
	if err := WriteLint(&out, results, "en", false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "a.json: /nodes/0/settings/node: error: There is no node") || !strings.Contains(out.String(), "2 file(s): 1 error(s), 1 warning(s)") {
		t.Error(out.String())
	}
	out.Reset()
	if err := WriteLintJSON(&out, results); err != nil {
		t.Fatal(err)
	}
	var one LintResult
	if err := json.NewDecoder(&out).Decode(&one); err != nil || one.OK || one.Problems[0].Pointer != "/nodes/0/settings/node" {
		t.Errorf("%+v %v", one, err)
	}
}

// TestShow: every kind of message reads as something.
func TestShow(t *testing.T) {
	media := &flow.Media{Filename: "a.pdf"}
	for _, c := range []struct {
		content flow.Content
		want    string
	}{
		{flow.Content{Kind: flow.ContentText, Text: "Oi"}, "Oi"},
		{flow.Content{Kind: flow.ContentImage, Media: media, Text: "Veja"}, "(image a.pdf)\nVeja"},
		{flow.Content{Kind: flow.ContentLocation, Location: &flow.Location{Latitude: 1.5, Longitude: -2, Name: "Loja"}}, "(location 1.5,-2 Loja)"},
		{flow.Content{Kind: flow.ContentContacts, Contacts: []flow.ContactCard{{Name: "Ana", Phones: []string{"+55"}}}}, "(contact Ana +55)"},
		{flow.Content{Kind: flow.ContentButtons, Text: "Oi", Buttons: []flow.Choice{{Title: "A"}, {Title: "B"}}}, "Oi\n[A] [B]"},
		{flow.Content{Kind: flow.ContentList, Text: "Oi", List: &flow.List{Button: "Ver", Sections: []flow.Section{{Title: "S", Rows: []flow.Choice{{Title: "A", Description: "d"}}}}}}, "Oi\n[Ver ▾]\nS\n- A: d"},
		{flow.Content{Kind: flow.ContentCTAURL, Text: "Oi", CTA: &flow.CTA{Title: "Ver", URL: "https://a"}}, "Oi\n[Ver → https://a]"},
		{flow.Content{Kind: flow.ContentLocationRequest, Text: "Onde?"}, "Onde?\n[📍]"},
		{flow.Content{Kind: flow.ContentTemplate, Text: "Oi Ana", Template: &flow.TemplateSend{Name: "t", Language: "pt_BR", Body: []flow.Param{{Text: "Ana"}}}}, "(template t pt_BR: Ana)\nOi Ana"},
	} {
		if got := Show(&c.content); got != c.want {
			t.Errorf("%s reads %q, want %q", c.content.Kind, got, c.want)
		}
	}
}
