package provision_test

import (
	"strings"
	"testing"
)

// A flow of a file is checked against what the account has and against the file's other flows, wherever they stand in it.
func TestFlowsOfAFileAreCheckedTogether(t *testing.T) {
	t.Parallel()
	file := func(publish, word string) string {
		return head + `secrets: {ERP: "${ERP}"}
secret_hosts: {ERP: [erp.example]}
labels: [{name: cliente}]
flows:
  - name: Pai
    document:
      {spec_version: 1, category: manual, start: s, triggers: [{id: k, kind: keyword, settings: {words: [boleto]}}],
       nodes: [{id: s, kind: subflow, settings: {flow: "flow:Filho"}, outputs: {ok: f, failed: f}}, {id: f, kind: end}]}
  - name: Filho
    publish: ` + publish + `
    document:
      {spec_version: 1, category: manual, start: a, triggers: [{id: k, kind: keyword, settings: {words: [` + word + `]}}],
       nodes: [{id: a, kind: action, settings: {actions: [{do: add_label, label: cliente}]}, outputs: {ok: f}}, {id: f, kind: end}]}
`
	}
	w := newWorld(t)
	w.env["ERP"] = "a-secret-of-the-stock-system"
	if _, err := w.try(file("false", "segunda via"), w.options()); err == nil || !strings.Contains(err.Error(), "flow_unknown") {
		t.Errorf("a sub-flow without a version: %v", err)
	}
	r, err := w.try(file("true", "boleto"), w.options())
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(r.Warnings, "\n"); !strings.Contains(said, "keyword_taken") {
		t.Errorf("two flows start on one keyword: %q", said)
	}
	// The keyword moves: the file is the truth, not what was published before it.
	if r, err = w.try(file("true", "segunda via"), w.options()); err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(r.Warnings, "\n"); strings.Contains(said, "keyword_taken") {
		t.Errorf("a keyword that moved is still taken: %q", said)
	}
	if _, err := w.try(strings.Replace(file("true", "segunda via"), "label: cliente}", "label: nenhuma}", 1), w.options()); err != nil {
		t.Errorf("a label that a flow makes itself: %v", err)
	}
}
