package api

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Rules 205 to 208: answers, share answered, share positive and the share of each grade.
func TestScoresOfSurveys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scale  models.SurveyScale
		sent   int
		grades string
		want   string
	}{
		{models.ScaleFaces, 8, `{"5": 2, "4": 1, "2": 1}`, "8 sent, 4 answers, 50 answered, 75 positive, [1:0 2:25 3:0 4:25 5:50]"},
		{models.ScaleNPS, 2, `{"8": 1, "9": 1}`, "2 sent, 2 answers, 100 answered, 50 positive, [0:0 1:0 2:0 3:0 4:0 5:0 6:0 7:0 8:50 9:50 10:0]"},
		{models.ScaleFive, 3, `{}`, "3 sent, 0 answers, 0 answered, 0 positive, [1:0 2:0 3:0 4:0 5:0]"},
	} {
		s := scoreOf(store.SurveyTotals{Scale: c.scale, Sent: c.sent, Grades: json.RawMessage(c.grades)})
		shares := []string{}
		for _, g := range s.Grades {
			shares = append(shares, fmt.Sprintf("%d:%g", g.Grade, g.Share))
		}
		if got := fmt.Sprintf("%d sent, %d answers, %g answered, %g positive, %v", s.Sent, s.Answers, s.Answered, s.Positive, shares); got != c.want {
			t.Errorf("%s: %s, want %s", c.scale, got, c.want)
		}
	}
}
