package models_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/models"
)

// Rules 203, 259 and 040: the question offers the grades by list, as numbered text where the number is the grade, or by a link.
func TestWhatASurveyAsks(t *testing.T) {
	t.Parallel()
	s := models.Survey{Question: "Avalie esta conversa", Scale: models.ScaleFaces}
	c := s.Content(7, "pt-BR")
	if choices := c.Choices(); len(choices) != 5 || choices[4].Title != "😍 Ótimo" || choices[4].ID != "survey:7:5" {
		t.Errorf("faces: %+v", choices)
	}
	text, ok := c.Degrade(&models.Capabilities{Kinds: []models.ContentKind{models.ContentKindText},
		Fallbacks: map[models.ContentKind]models.Fallback{models.ContentKindList: models.FallbackNumberedText}})
	if !ok || !strings.Contains(text.Text, "1. 😡 Muito ruim\n2. 🙁 Ruim") || !strings.Contains(text.Text, "5. 😍 Ótimo") {
		t.Errorf("as text: %+v", text)
	}
	s.Scale = models.ScaleFive
	if c := s.Content(7, "en"); c.Choices()[0].Title != "★ Very bad" || c.List.Button != "Rate" {
		t.Errorf("1 to 5: %+v", c)
	}
	s.Scale = models.ScaleNPS
	if c := s.Content(7, "pt-BR"); c.Kind != models.ContentKindText || !strings.Contains(c.Text, "0 (pior) a 10 (melhor)") {
		t.Errorf("NPS: %+v", c)
	}
	s.ExternalURL = "https://example.com/nota"
	if c := s.Content(7, "pt-BR"); c.Kind != models.ContentKindCTAURL || c.CTA.URL != s.ExternalURL {
		t.Errorf("a page outside: %+v", c)
	}
}

// A tap names the survey that was sent; anything else is none.
func TestSurveyTaps(t *testing.T) {
	t.Parallel()
	if id, grade, ok := models.ParseSurveyTap(models.SurveyAnswerID(12).TapID(3)); !ok || id != 12 || grade != 3 {
		t.Errorf("%d %d %v", id, grade, ok)
	}
	for _, s := range []string{"", "survey:", "survey:1", "survey:x:1", "survey:1:x", "f~1~2~3~4"} {
		if _, _, ok := models.ParseSurveyTap(s); ok {
			t.Errorf("%q is read as a tap", s)
		}
	}
}
