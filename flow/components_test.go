package flow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTemplate(t *testing.T) {
	got := ParseTemplate("lembrete", "pt_BR", "UTILITY", "APPROVED", "positional", []byte(`[
		{"type":"HEADER","format":"TEXT","text":"Olá {{1}}"},{"type":"BODY","text":"{{1}}, até {{ 2 }}. {{x"},
		{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Ok"},{"type":"URL","text":"Ver","url":"https://a.example/{{1}}"},{"type":"COPY_CODE","text":"Copiar"}]}]`))
	want := Template{
		Name: "lembrete", Language: "pt_BR", Category: "utility", Status: TemplateApproved, Header: "text", HeaderParam: true, Body: []string{"1", "2"},
		Text:    "{{1}}, até {{ 2 }}. {{x",
		Buttons: []TemplateButton{{Kind: "quick_reply", Title: "Ok"}, {Kind: "url", Title: "Ver", Dynamic: true}, {Kind: "copy_code", Title: "Copiar", Dynamic: true}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for status, want := range map[string]TemplateStatus{
		"paused": TemplatePaused, "PENDING": TemplatePending, "IN_APPEAL": TemplatePending, "REJECTED": TemplateRejected, "DISABLED": TemplateRejected, "DELETED": TemplateMissing, "": TemplateMissing,
	} {
		if got := ParseTemplate("t", "pt_BR", "", status, "NAMED", []byte(`{`)); got.Status != want || !got.Named {
			t.Errorf("%q gives %+v", status, got)
		}
	}
}
