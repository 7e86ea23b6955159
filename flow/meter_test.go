package flow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNoRanges: a range is refused however it is written, in an output, a filter's argument, a condition or a loop. What the
// tree does not have costs nothing.
func TestNoRanges(t *testing.T) {
	for _, source := range []string{
		"{{ (1..3) }}", "{{ (-1..30000000) | join }}", "{{ (-1..2000000000) | join }}", "a{% for i in (-1..20000000) %}{% endfor %}b",
		"{{ (a[0]..N) | size }}", "{% for i in (a[0]..N) %}{% endfor %}", "{{ ( -1 .. n ) }}", "{{ ((1)..(2)) }}", "{{ (a.b..c.d) | last }}",
		"{{ n | default: (1..9) }}", "{% if l contains (1..9) %}{% endif %}", "{% assign x = (1..9) %}", "{% case x %}{% when (1..9) %}{% endcase %}",
		"{% for i in l limit: (1..9) %}{% endfor %}", "{{- (\n1..9) -}}", "{{ l[(1..9)] }}", "{{ (1.5..9) }}", "{{ (n..'9') }}", "{{ 1..9 }}", "{{ a...b }}",
	} {
		var own *textError
		if _, err := compileText(source, true); !errors.As(err, &own) || own.code != "text_range" {
			t.Errorf("%s: error %v, want text_range", source, err)
		}
	}
	if _, err := compileText("{{ '(1..9)' }} (1..9) {% if s == '1..2' %}{% endif %}", false); err != nil {
		t.Errorf("two dots in a text are no range: %v", err)
	}
}

// TestLoopsAreCountedWhereTheyAre: comments, text and tags that only look like loops change nothing.
func TestLoopsAreCountedWhereTheyAre(t *testing.T) {
	open, closed := "{% for a in l %}", "{% endfor %}"
	for _, between := range []string{
		"", "{% comment %}{% endfor %}{% endcomment %}", "{% comment %}" + strings.Repeat(closed, 9) + "{% endcomment %}", "{%- comment -%}{%endfor%}{%- endcomment -%}",
		"{% if x %}{% else %}", "{% unless x %}", "{% case x %}{% when 1 %}", "{{ '{% endfor %' }}",
	} {
		end := map[string]string{"{% if x %}{% else %}": "{% endif %}", "{% unless x %}": "{% endunless %}", "{% case x %}{% when 1 %}": "{% endcase %}"}[between]
		source := open + between + open + between + open + closed + end + closed + end + closed
		var own *textError
		if _, err := compileText(source, false); !errors.As(err, &own) || own.code != "text_loops_deep" {
			t.Errorf("%s: error %v, want text_loops_deep", source, err)
		}
	}
	if _, err := compileText(strings.Repeat(open+open+closed+closed, 50), false); err != nil {
		t.Errorf("loops beside each other: %v", err)
	}
	if _, err := compileText("{% for a in l %}{% endfor %}{% endfor %}", false); err == nil {
		t.Error("a loop may be closed twice")
	}
}

// TestOneBudget: whatever a step does counts from one budget, and the count is what the work is, not a guess beforehand.
func TestOneBudget(t *testing.T) {
	list := make([]any, 100)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	long := strings.Repeat("x", 10<<10)
	for _, c := range []struct {
		source      string
		least, most int
	}{
		{"só texto", 0, 0},
		{"{{ n }}", 1, 1},
		{"{% for a in l %}{% endfor %}", 100, 110},
		{"{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}", 10_000, 10_500},
		{"{% for a in l %}{{ a }}{% endfor %}", 200, 210},
		{"{% for a in l limit: 3 %}{{ a | upcase }}{% endfor %}", 9, 20},
		{"{{ s }}", 11, 12},
		{"{{ s | upcase }}", 21, 24},
		{"{% if s == s %}{% endif %}", 22, 26},
		{"{% if false %}{{ s | upcase }}{% endif %}", 1, 3},
		{"{% case s %}{% when s %}{% endcase %}", 22, 26},
	} {
		r := testRun(t, map[string]any{"l": list, "s": long, "n": 1.0})
		renderIn(t, r, c.source)
		if r.worked < c.least || r.worked > c.most || r.over != "" {
			t.Errorf("%s works %d (%s), want %d to %d", c.source, r.worked, r.over, c.least, c.most)
		}
	}
	r := testRun(t, map[string]any{"l": list})
	r.lim.StepWork = 250
	renderIn(t, r, "{% for a in l %}{% endfor %}")
	e, err := compileExpression(&compiler{}, "any(l, # == 'y')", newScope(map[string]VariableSpec{"l": {Name: "l", Type: TypeList}}), true)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		r.holds(e)
	}
	if r.over != ReasonStepLimit {
		t.Errorf("a text and expressions together work %d of %d without an end", r.worked, r.lim.StepWork)
	}
	if got := renderIn(t, r, "a{{ l }}b"); got != "" {
		t.Errorf("a step that is over writes %q", got)
	}
}

// TestLoopsAreShort: a loop takes so many turns, however long the list is and whatever it is. Filters see a list whole.
func TestLoopsAreShort(t *testing.T) {
	long, object := make([]any, 5000), map[string]any{}
	for i := range long {
		long[i] = "x"
		object[fmt.Sprint(i)] = 1.0
	}
	r := testRun(t, map[string]any{"l": long, "o": object})
	for source, want := range map[string]string{
		"{% for a in l %}{{ a }}{% endfor %}":                                              strings.Repeat("x", 500),
		"{% for a in l limit: 999 offset: 4990 %}{{ a }}{% endfor %}":                      strings.Repeat("x", 10),
		"{% for a in l %}{% for b in l %}{% endfor %}{{ a }}{% endfor %}":                  strings.Repeat("x", 100),
		"{% for a in o %}{% if forloop.last %}{{ forloop.length }}{% endif %}{% endfor %}": "500",
		"{{ l | join: '' }}": strings.Repeat("x", 5000), "{{ l | size }}": "5000",
		"{% for a in 'texto' %}x{% endfor %}{% for a in 7 %}x{% endfor %}": "",
	} {
		if got := renderIn(t, r, source); got != want {
			t.Errorf("%s writes %q, want %q", source, got, want)
		}
	}
}

// TestStepIsStopped: a caller that stops a step gets the state it had, and an error; nothing has happened.
func TestStepIsStopped(t *testing.T) {
	doc := `{"spec_version":1,"id":"1","name":"T","category":"manual","start":"a","variables":[{"name":"l","type":"list","default":[` +
		strings.TrimSuffix(strings.Repeat("1,", 100), ",") + `]}],"nodes":[
		{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}"}]},"outputs":{"ok":"b"}},
		{"id":"b","kind":"question","settings":{"text":"?"}}]}`
	g, err := Load([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	start := Event{Kind: EventStart, Now: time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC), Start: &Start{Run: "1"}}
	asked := 0
	start.Meter = NewMeter(func() bool { asked++; return asked > 3 })
	state, fx, err := Step(g, State{}, start, nil)
	if !errors.Is(err, ErrHalted) || len(state.Frames) > 0 || len(fx) > 0 {
		t.Errorf("a stopped step gives %+v, %d effects and %v", state, len(fx), err)
	}
	if asked != 4 || start.Meter.Spent() > 5*askEvery {
		t.Errorf("asked %d times in %d of work", asked, start.Meter.Spent())
	}
	start.Meter = NewMeter(func() bool { return false })
	if state, _, err = Step(g, State{}, start, nil); err != nil || state.Wait == nil {
		t.Errorf("a step nobody stops gives %+v and %v", state, err)
	}
	if spent := start.Meter.Spent(); spent < 10_000 || spent > 10_500 {
		t.Errorf("the step worked %d", spent)
	}
}
