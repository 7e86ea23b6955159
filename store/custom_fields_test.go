package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// beforeCustomValues is the version of the schema in which custom values stood under contacts.fields.
const beforeCustomValues = 19

// fieldsOf reads contacts by name: their system fields and their custom values, where those have a column.
func fieldsOf(t *testing.T, f *storetest.Fixture, columns string) map[string]string {
	t.Helper()
	rows, err := f.Pool().Query(t.Context(), `SELECT name, concat_ws(' ', `+columns+`) FROM contacts`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for rows.Next() {
		var name, fields string
		if err := rows.Scan(&name, &fields); err != nil {
			t.Fatal(err)
		}
		out[name] = fields
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCustomValuesMoveToAColumnOfTheirOwnAndBack(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "move")
	if err := f.MigrateDownTo(t.Context(), beforeCustomValues); err != nil {
		t.Fatal(err)
	}
	for name, fields := range map[string]string{
		"none":    `{}`,
		"both":    `{"cpf": "1", "custom": {"plano": "Ouro", "pontos": 5}}`,
		"number":  `{"client_code": 77, "rg": null}`,
		"beside":  `{"plano": "Prata", "custom": {"plano": "Ouro"}}`, // what a request put at the top; the flow's value is newer
		"request": `{"plano": "Prata"}`,
		"broken":  `{"custom": 5, "cpf": ""}`,
	} {
		f.Exec(t, `INSERT INTO contacts (account_id, name, fields) VALUES ($1, $2, $3)`, f.Account, name, fields)
	}
	if _, err := f.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"none":    `{} {}`,
		"both":    `{"cpf": "1"} {"plano": "Ouro", "pontos": 5}`,
		"number":  `{"client_code": "77"} {}`,
		"beside":  `{} {"plano": "Ouro"}`,
		"request": `{} {"plano": "Prata"}`,
		"broken":  `{} {}`,
	}
	if d := cmp.Diff(want, fieldsOf(t, f, "fields, custom_values")); d != "" {
		t.Errorf("after the way up (-want +got):\n%s", d)
	}
	if err := f.MigrateDownTo(t.Context(), beforeCustomValues); err != nil {
		t.Fatal(err)
	}
	want = map[string]string{
		"none":    `{}`,
		"both":    `{"cpf": "1", "custom": {"plano": "Ouro", "pontos": 5}}`,
		"number":  `{"client_code": "77"}`,
		"beside":  `{"custom": {"plano": "Ouro"}}`,
		"request": `{"custom": {"plano": "Prata"}}`,
		"broken":  `{}`,
	}
	if d := cmp.Diff(want, fieldsOf(t, f, "fields")); d != "" {
		t.Errorf("after the way down (-want +got):\n%s", d)
	}
}

// A step of a flow sets and clears single fields: system fields and custom values stay apart, and the others stay.
func TestAStepChangesSingleFields(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	conv := w.conversation(time.Hour)
	w.exec(`UPDATE contacts SET fields = '{"rg": "1", "cpf": "2"}', custom_values = '{"rg": "mine", "plano": "Prata", "pontos": 5}'
		WHERE id = (SELECT contact_id FROM conversations WHERE id = $1)`, conv)
	fields := []contract.StepField{
		{Field: "cpf"}, {Field: "client_code", Value: "c7"},
		{Field: "plano", Custom: true, Value: []any{"Ouro", "Prata"}}, {Field: "pontos", Custom: true},
	}
	var seen models.Contact
	_, _, err := w.s.StepFlow(w.ctx, contract.FlowRunStart{AccountID: w.account, RunID: w.flowRun(conv, "fields"), ConversationID: conv, ConnectionID: w.conn.ID}, 1,
		func(snap *contract.StepSnapshot) (*contract.StepDecision, error) {
			seen = snap.Contact
			return &contract.StepDecision{State: []byte(`{}`), Fields: fields}, nil
		}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if seen.Fields != (models.ContactFields{RG: "1", CPF: "2"}) || fmt.Sprint(seen.CustomValues) != "map[plano:Prata pontos:5 rg:mine]" {
		t.Errorf("the step saw the fields %+v and the custom values %v", seen.Fields, seen.CustomValues)
	}
	for column, want := range map[string]string{
		"fields":        `{"rg": "1", "client_code": "c7"}`,
		"custom_values": `{"rg": "mine", "plano": ["Ouro", "Prata"]}`,
	} {
		if n := w.count(`SELECT count(*) FROM conversations c JOIN contacts k ON k.id = c.contact_id WHERE c.id = $1 AND k.`+column+` = $2`, conv, want); n != 1 {
			t.Errorf("%s is not %s after the step", column, want)
		}
	}
}

// Two contacts that turn out to be one person keep the custom values of both. Where both have one, the older contact's stays.
func TestAMergeKeepsTheCustomValuesOfBoth(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "merge")
	for i, p := range []models.PersonHint{
		storetest.Person("", "BR.2"), storetest.Person("5581977770002", ""),
		storetest.Person("5581977770002", "BR.2"),
	} {
		e := storetest.Text(fmt.Sprint("m", i), "x", "oi", noon)
		e.Message.Person = p
		if _, err := f.Receive(t.Context(), f.Connection, delivery(e), nil); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			f.Exec(t, `UPDATE contacts SET custom_values = '{"plano": "Ouro", "a": 1}'`)
		case 1:
			f.Exec(t, `UPDATE contacts SET custom_values = '{"plano": "Prata", "b": 2}' WHERE custom_values = '{}'`)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL AND custom_values = '{"plano": "Ouro", "a": 1, "b": 2}'`); n != 1 {
		t.Errorf("%d contacts have the values of both, want 1", n)
	}
}
