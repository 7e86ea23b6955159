package flow

import (
	"fmt"
	"testing"
)

// Rules 203 and 259: what a message is to a survey that waits. What is no grade lets the survey go.
func TestWhatAMessageIsToASurvey(t *testing.T) {
	t.Parallel()
	five := SurveyAsk{Lowest: 1, Highest: 5, Language: "pt-BR"}
	nps := SurveyAsk{Lowest: 0, Highest: 10, Language: "pt-BR"}
	comment := SurveyAsk{Lowest: 1, Highest: 5, Commenting: true, Language: "pt-BR"}
	text := func(s string) SurveyHeard { return SurveyHeard{Text: s} }
	for _, c := range []struct {
		ask   SurveyAsk
		heard SurveyHeard
		want  string
	}{
		{five, SurveyHeard{Tapped: true, Grade: 4}, "grade 4"},
		{five, SurveyHeard{Tapped: true, Grade: 9}, "let_go 0"},
		{five, SurveyHeard{OtherTap: true, Text: "Ótimo"}, "grade 5"}, // a template's quick reply
		{five, SurveyHeard{OtherTap: true, Text: "Falar com vendas"}, "let_go 0"},
		{five, text("5"), "grade 5"}, {five, text(" 3️⃣ "), "grade 3"}, {five, text("nota 4"), "grade 4"}, {five, text("cinco"), "grade 5"},
		{five, text("5, obrigado!"), "grade 5"}, {five, text("5/5"), "grade 5"}, {five, text("4 estrelas"), "grade 4"}, {five, text("⭐⭐⭐"), "grade 3"},
		{five, text("😍"), "grade 5"}, {five, text("👍🏽👍🏽"), "grade 4"}, {five, text("😡 😍"), "let_go 0"}, {five, text("Muito ruim"), "grade 1"},
		{five, text("ÓTIMO!!"), "grade 5"}, {five, text("😍 Ótimo"), "grade 5"}, {five, text("bom dia"), "let_go 0"},
		{five, text("0"), "let_go 0"}, {five, text("6"), "let_go 0"}, {five, text("4,5"), "let_go 0"}, {five, text("2 pessoas"), "let_go 0"},
		{five, text("3 dias"), "let_go 0"}, {five, text("preciso trocar o pedido 4"), "let_go 0"}, {five, text(""), "let_go 0"},
		{nps, text("10"), "grade 10"}, {nps, text("0"), "grade 0"}, {nps, text("dez"), "grade 10"}, {nps, text("9/10"), "grade 9"}, {nps, text("11"), "let_go 0"},
		{nps, text("ótimo"), "let_go 0"},
		{comment, text("Ana foi muito atenciosa"), "comment 0"}, {comment, text("4"), "comment 0"}, {comment, text(""), "comment 0"},
		{comment, text("Bom dia"), "let_go 0"}, {comment, SurveyHeard{Tapped: true, Grade: 2}, "grade 2"}, {comment, SurveyHeard{OtherTap: true, Text: "5"}, "let_go 0"},
	} {
		turn, grade := c.ask.Hears(c.heard)
		if got := fmt.Sprint(turn, " ", grade); got != c.want {
			t.Errorf("%+v hears %+v: %s, want %s", c.ask, c.heard, got, c.want)
		}
	}
}
