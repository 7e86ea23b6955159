package flow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A custom field takes the values of its kind and no others (rules 201, 202).
func TestACustomFieldTakesTheValuesOfItsKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field Field
		value any
		want  string // part of the refusal; empty: taken
	}{
		{Field{Type: "text"}, "Ouro", ""},
		{Field{Type: "text"}, "", ""},
		{Field{Type: "text"}, nil, ""},
		{Field{Type: "text"}, 5.0, "want a text"},
		{Field{Type: "text"}, strings.Repeat("ã", 4096), ""},
		{Field{Type: "text"}, strings.Repeat("ã", 4097), "longer than 4096 characters"},
		{Field{Type: "text", MaxLength: 3}, "açã", ""},
		{Field{Type: "text", MaxLength: 3}, "ação", "longer than 3 characters"},
		{Field{Type: "text", Required: true}, "x", ""},
		{Field{Type: "text", Required: true}, "", "required"},
		{Field{Type: "text", Required: true}, nil, "required"},
		{Field{Type: "list", Required: true}, []any{}, "required"},
		{Field{Type: "number", Required: true}, 0.0, ""},
		{Field{Type: "boolean", Required: true}, false, ""},
		{Field{Type: "number"}, 12.5, ""},
		{Field{Type: "number"}, "12.5", "want a number"},
		{Field{Type: "boolean"}, true, ""},
		{Field{Type: "boolean"}, "true", "want true or false"},
		{Field{Type: "date"}, "2026-12-25", ""},
		{Field{Type: "date"}, "2026-02-30", "want a date"},
		{Field{Type: "date"}, 20261225.0, "want a date"},
		{Field{Type: "time"}, "14:30", ""},
		{Field{Type: "time"}, "14:30:15", ""},
		{Field{Type: "time"}, "25:00", "want a time of day"},
		{Field{Type: "instant"}, "2026-12-25T14:30:00-03:00", ""},
		{Field{Type: "instant"}, "2026-12-25 14:30", "want an instant"},
		{Field{Type: "list", Options: []string{"A", "B"}}, "A", ""},
		{Field{Type: "list", Options: []string{"A", "B"}}, []any{"B", "A"}, ""},
		{Field{Type: "list", Options: []string{"A", "B"}}, "a", "one of the field's options"},
		{Field{Type: "list", Options: []string{"A", "B"}}, []any{"A", "C"}, "one of the field's options"},
		{Field{Type: "list", Options: []string{"A", "B"}}, []any{"A", "A"}, "twice"},
		{Field{Type: "list"}, "anything", ""},
		{Field{Type: "list"}, []any{map[string]any{}}, "want a text or a list of texts"},
		{Field{Type: "link"}, "https://loja.example/p?x=1", ""},
		{Field{Type: "link"}, "javascript:alert(1)", "want a web address"},
		{Field{Type: "link"}, "loja.example", "want a web address"},
		{Field{Type: "image"}, "981", ""},
		{Field{Type: "image"}, "https://loja.example/p.png", ""},
		{Field{Type: "image"}, "p.png", "want the id of an uploaded file"},
	} {
		err := c.field.Check(c.value)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v refuses %v: %v", c.field, c.value, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v with %v: got %v, want a refusal with %q", c.field, c.value, err, c.want)
		}
	}
}

func TestEveryKindOfCustomFieldHasWordsForItsRefusal(t *testing.T) {
	t.Parallel()
	for _, kind := range FieldKinds {
		f := Field{Key: "k", Type: kind}
		err := f.Check(map[string]any{})
		if err == nil || err.Error() == "" || !slices.Contains(LineCodes(), err.line().Code) {
			t.Errorf("kind %s refuses an object with %v, want a sentence for the API and a line for agents", kind, err)
		}
	}
}

// A flow's values are read as the field's kind. A value that does not fit is not saved, agents see why, and the run goes on.
func TestAFlowFillsCustomFieldsAsTheyAreDefined(t *testing.T) {
	t.Parallel()
	g, err := Load([]byte(`{"spec_version":1,"name":"Campos","category":"manual","start":"a","nodes":[
		{"id":"a","kind":"action","settings":{"actions":[
			{"do":"set_field","field":"pontos","value":"1.234,5"},
			{"do":"set_field","field":"vip","value":"sim"},
			{"do":"set_field","field":"desde","value":"25/12/2026"},
			{"do":"set_field","field":"plano","value":"Ouro"},
			{"do":"set_field","field":"plano","value":"Lata"},
			{"do":"set_field","field":"pontos","value":"muitos"},
			{"do":"set_field","field":"nada","value":"x"},
			{"do":"clear_field","field":"plano"},
			{"do":"clear_field","field":"antigo"},
			{"do":"set_field","field":"cpf","value":"12345678909"},
			{"do":"note","text":"{{contact.fields.pontos}} {{contact.fields.plano}} {{contact.cpf}}"}
		]},"outputs":{"ok":"b"}},
		{"id":"b","kind":"end"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	env := &Env{Account: Account{Locale: "en"}, Fields: []Field{{Key: "pontos", Label: "Pontos", Type: TypeNumber}, {Key: "vip", Type: TypeBoolean},
		{Key: "desde", Type: TypeDate}, {Key: "plano", Label: "Plano", Type: TypeList, Options: []string{"Ouro", "Prata"}, Required: true}}}
	ev := Event{Kind: EventStart, Now: time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC), Contact: Contact{Fields: map[string]any{"antigo": "x"}}, Start: &Start{Run: "42"}}
	_, effects, err := Step(g, State{}, ev, env)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case EffectSetField:
			got = append(got, e.Field.Field+" = "+format(e.Field.Value, nil))
		case EffectSystemLine:
			if !e.Line.Alert {
				t.Errorf("line %+v, want an alert", e.Line)
			}
			got = append(got, e.Line.String())
		case EffectNote:
			got = append(got, e.Note.Text)
		}
	}
	want := []string{
		"pontos = 1234.5", "vip = true", "desde = 2026-12-25", "plano = Ouro",
		`field_option field="Plano"`, `field_number field="Pontos"`, `field_unknown field="nada"`, `field_required field="Plano"`,
		"antigo = ", "cpf = 12345678909", "1234.5 Ouro 12345678909",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields and lines (-want +got):\n%s", d)
	}
}
