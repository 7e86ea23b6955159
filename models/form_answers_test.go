package models_test

import (
	"encoding/json"
	"testing"

	"github.com/perene/perene/models"
)

// The answers of a form in words, in their order: a flow that asks gets them and not the word that came with them.
func TestTheAnswersOfAForm(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		`{"flow_token":"t","tela_0_Nota_0":"0_Excelente","screen_1_Comentario_1":"Muito bom","itens":["a","1_B_c"],"ok":true,"n":4}`: "Nota: Excelente\nComentario: Muito bom\nitens: a, B c\nok: true\nn: 4",
		`{"values":{"city":"Recife"},"flow_token":"t"}`: "city: Recife",
		`"não é JSON"`: "não é JSON",
		`""`:           "Sent",
		`{}`:           "Sent",
		``:             "Sent",
		`[1]`:          "Sent",
	} {
		f := models.ContentFormReply{Text: "Sent", Response: json.RawMessage(response)}
		if got := f.Words(); got != want {
			t.Errorf("%s: %q, want %q", response, got, want)
		}
	}
	f := models.ContentFormReply{Response: json.RawMessage(`{"flow_token":"t","nota":"5"}`)}
	if values := f.Values(); len(values) != 1 || values["nota"] != "5" {
		t.Errorf("values %v", values)
	}
}
