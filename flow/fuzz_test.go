package flow

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// bounded fails a test whose work takes too long or too much memory for what a document may cost.
func bounded(t testing.TB, limit time.Duration, bytes uint64, work func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	work()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > limit {
		t.Errorf("took %s, want at most %s", took, limit)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > bytes {
		t.Errorf("made %d MiB, want at most %d MiB", made>>20, bytes>>20)
	}
}

// TestHostileDocuments loads and runs documents made to hurt: each is refused or bounded, none panics or hangs.
func TestHostileDocuments(t *testing.T) {
	head := `{"spec_version":1,"name":"x","category":"manual","start":"n0","nodes":[`
	node := func(i int, settings string) string {
		return fmt.Sprintf(`{"id":"n%d","kind":"content","settings":%s,"outputs":{"ok":"n%d"}}`, i, settings, i+1)
	}
	text := func(s string) string {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return `{"items":[{"kind":"text","text":` + string(raw) + `}]}`
	}
	var million strings.Builder
	million.WriteString(head)
	for i := range 1_000_000 {
		if i > 0 {
			million.WriteByte(',')
		}
		million.WriteString("{}")
	}
	million.WriteString("]}")
	var nodes strings.Builder
	for i := range MaxNodes + 1 {
		if i > 0 {
			nodes.WriteByte(',')
		}
		nodes.WriteString(node(i, text("oi")))
	}
	for name, doc := range map[string]string{
		"a million nodes":         million.String(),
		"a million small nodes":   head + strings.Repeat("{},", 900_000) + "{}]}",
		"one node too many":       head + nodes.String() + "]}",
		"deep nesting":            strings.Repeat("[", 1_000_000),
		"deep objects":            strings.Repeat(`{"a":`, 500_000) + "1" + strings.Repeat("}", 500_000),
		"deep settings":           head + node(0, strings.Repeat("[", 60)+strings.Repeat("]", 60)) + "]}",
		"a huge text":             head + node(0, text(strings.Repeat("a", 3<<20))) + "]}",
		"many outputs of Liquid":  head + node(0, text(strings.Repeat("{{ a | upcase }}", 2000))) + "]}",
		"deep Liquid":             head + node(0, text(strings.Repeat("{% if a %}", 3000)+strings.Repeat("{% endif %}", 3000))) + "]}",
		"open tags":               head + node(0, text(strings.Repeat("{% if a %}", 3000))) + "]}",
		"braces":                  head + node(0, text(strings.Repeat("{", 30_000))) + "]}",
		"quotes in Liquid":        head + node(0, text("{{ '"+strings.Repeat("a'|", 8000)+" }}")) + "]}",
		"pipes":                   head + node(0, text("{{ a "+strings.Repeat("| upcase ", 3000)+"}}")) + "]}",
		"a deep expression":       head + `{"id":"n0","kind":"condition","settings":{"rules":[{"expression":"` + strings.Repeat("(", 3000) + `1"}]}}]}`,
		"deep rules":              head + `{"id":"n0","kind":"condition","settings":` + strings.Repeat(`{"rules":[{"group":`, 25) + `{}` + strings.Repeat(`}]}`, 25) + `}]}`,
		"a pattern that explodes": head + `{"id":"n0","kind":"question","settings":{"text":"?","pattern":"((a{0,1000}){0,1000}){0,1000}"}}]}`,
		"numbers":                 `{"spec_version":1e999,"name":1}`,
		"a huge number":           `{"spec_version":` + strings.Repeat("9", 100_000) + `}`,
		"repeated keys":           `{` + strings.Repeat(`"name":"x",`, 300_000) + `"name":"x"}`,
		"nothing":                 ``, "null": `null`, "a list": `[]`, "a text": `"x"`, "two values": `{} {}`, "half": `{"name":`, "binary": "\x00\xff\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			bounded(t, 20*time.Second, 1<<30, func() {
				g, problems := compile([]byte(doc))
				if len(problems) == 0 && g == nil {
					t.Error("neither a graph nor a problem")
				}
				Lint([]byte(doc), nil)
				if loaded, err := Load([]byte(doc)); err == nil {
					now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
					if _, _, err := Step(loaded, State{}, Event{Kind: EventStart, Now: now, Start: &Start{Run: "1"}}, nil); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/kinds/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(raw, &g); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(g.Doc))
	}
	f.Add([]byte(`{"nodes":{"a":{"type":"end","next":"a"}},"name":"x","start":"a"}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		Lint(doc, nil)
		g, err := Load(doc)
		if err != nil {
			return
		}
		// What loads runs: a start, an answer, a time-out, all within bounds and with a state that survives.
		now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
		env := &Env{Channel: WhatsAppCloud(), Limits: Limits{StepVisits: 50, StepWork: 500}}
		s, _, err := Step(g, State{}, Event{Kind: EventStart, Now: now, Start: &Start{Run: "1"}}, env)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range []Event{
			{Kind: EventInbound, Inbound: &Inbound{Seq: 1, Kind: InboundText, Text: "1", At: now}}, {Kind: EventTimer},
			{Kind: EventInbound, Inbound: &Inbound{Seq: 2, Kind: InboundText, Text: "sim", At: now}},
		} {
			e.Now = now.Add(time.Duration(i) * 48 * time.Hour)
			if s, _, err = Step(g, s, e, env); err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			var again State
			if err := json.Unmarshal(raw, &again); err != nil {
				t.Fatal(err)
			}
			if again, _ := json.Marshal(again); string(again) != string(raw) {
				t.Fatalf("the state does not survive:\n%s\n%s", raw, again)
			}
			if (s.Wait == nil) == (s.End == nil) {
				t.Fatalf("the run neither waits nor has ended: %s", raw)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range append(someTexts, "{{ a.b['c'] | replace: 'a', 'b' | split: '' | join: a }}", "{% assign a = a | append: a %}{% for x in l %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
		"{{ a | date: '%Y%-d%%%' }}", "{{ n | divided_by: 0 }}", "{{ 'x' | mask: '####' }}{{ l | sort | where: 'a', 1 | json }}") {
		f.Add(s, "valor")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		tpl, err := compileText(source, true)
		if err != nil {
			return
		}
		r := testRun(t, map[string]any{"a": clean(value), "l": []any{1.0, "x", map[string]any{"a": 1.0}}, "n": 7.0})
		if got := r.text(Text{source: source, tpl: tpl}); len(got) > r.lim.Text+len(source) {
			t.Fatalf("%d bytes of text", len(got))
		}
		r.request(RequestText{source: source, tpl: tpl}, escapeJSON)
		r.value(Text{source: source, tpl: tpl})
	})
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"n > 1", "any(l, # > 1)", "a matches '^x+$'", "sum(map(l, 1)) ?? 2", "1..100000", "l[n]", "a[0:3] + a", "contact.fields['x']", "fold(a) in l", "sort(l)", "add_days(a, n)", "{'a': 1}.a", "join(l, a)"} {
		f.Add(s, "valor")
	}
	names := newScope(map[string]VariableSpec{"a": {Name: "a", Type: TypeText}, "n": {Name: "n", Type: TypeNumber}, "l": {Name: "l", Type: TypeList}})
	f.Fuzz(func(t *testing.T, source, value string) {
		e, err := compileExpression(&compiler{}, source, names, false)
		if err != nil {
			return
		}
		r := testRun(t, map[string]any{"a": clean(value), "n": 3.0, "l": []any{1.0, 2.0, "x"}})
		v, _ := r.eval(e)
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s yields %v: %v", source, v, err)
		}
		if len(raw) > 8*r.lim.Value {
			t.Fatalf("%s yields %d bytes", source, len(raw))
		}
	})
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{"25/12/2026", "529.982.247-25", "1.234,56", "14h30", "(11) 91234-5678", "a@b.co", "1, 2 e 3", "⭐⭐"} {
		f.Add(s)
	}
	today := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := ParseDate(s, today); ok {
			if _, err := time.Parse(time.DateOnly, d); err != nil {
				t.Fatalf("%q gives the date %q", s, d)
			}
			if again, ok := ParseDate(d, today); !ok || again != d {
				t.Fatalf("%q gives %q, which gives %q", s, d, again)
			}
		}
		if tm, ok := ParseTime(s); ok {
			if again, ok := ParseTime(tm); !ok || again != tm {
				t.Fatalf("%q gives %q, which gives %q", s, tm, again)
			}
		}
		for name, parse := range map[string]func(string) (string, bool){"cpf": ParseCPF, "cnpj": ParseCNPJ, "cep": ParseCEP, "phone": ParsePhone, "email": ParseEmail} {
			if v, ok := parse(s); ok {
				if again, ok := parse(v); !ok || again != v {
					t.Fatalf("%s: %q gives %q, which gives %q", name, s, v, again)
				}
			}
		}
		if v, ok := parseNumber(s, ""); ok {
			if again, ok := parseNumber(formatNumber(v), ""); ok && again != v && formatNumber(v) != fmt.Sprint(v) && again*1000 != v && v*1000 != again {
				t.Fatalf("%q gives %v, which gives %v", s, v, again)
			}
		}
		ParseYesNo(s)
		fold(s)
		if _, err := ParseDuration(s); err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
	})
}

// TestTextsThatWorkForNothing: loops and filters are paid for, and a step that cannot pay ends the run.
func TestTextsThatWorkForNothing(t *testing.T) {
	list := make([]any, 500)
	for i := range list {
		list[i] = float64(i)
	}
	vars := map[string]any{"l": list, "s": strings.Repeat("aé", 8000)}
	for _, source := range []string{
		"{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}",
		"{% for a in l %}{% for b in l %}{% assign x = s | upcase | downcase | title %}{% endfor %}{% endfor %}",
		"{% for a in l %}{% assign s = s | append: s %}{% endfor %}{{ s | size }}",
		"{% for a in l %}{{ l | sort | reverse | json | upcase }}{% endfor %}",
		strings.Repeat("{{ s | upcase | truncate: 0, '' }}", 900),
	} {
		bounded(t, 3*time.Second, 512<<20, func() {
			r := testRun(t, vars)
			for range 100 {
				if got := renderIn(t, r, source); len(got) > r.lim.Text {
					t.Errorf("%d bytes of text", len(got))
				}
				if r.over != "" {
					return
				}
			}
			t.Errorf("%.60s a hundred times is free", source)
		})
	}
}
