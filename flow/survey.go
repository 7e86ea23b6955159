package flow

import "strings"

// SurveyAsk is what a survey waits for: a grade from Lowest to Highest, or words where the grade is known.
type SurveyAsk struct {
	Lowest, Highest int
	Commenting      bool
	Language        string
}

// SurveyHeard is a message of the contact while a survey waits.
type SurveyHeard struct {
	// Tapped says that it is a tap on one of this survey's grades, and Grade which.
	Tapped bool
	Grade  int
	// OtherTap says that it is a tap on something else.
	OtherTap bool
	Text     string
}

// SurveyTurn is what a message is to a survey.
type SurveyTurn string

// What a message may be.
const (
	SurveyGrade   SurveyTurn = "grade"
	SurveyComment SurveyTurn = "comment"
	SurveyLetGo   SurveyTurn = "let_go" // it is about something else: the survey ends, and the message is handled as usual
)

// Hears decides what a message is to the survey. A grade may be tapped, typed as a digit or a word, or be a face. After it
// the next message is the comment, unless it greets or taps something else; a tap on another grade corrects the first.
func (a SurveyAsk) Hears(h SurveyHeard) (SurveyTurn, int) {
	if h.Tapped && h.Grade >= a.Lowest && h.Grade <= a.Highest {
		return SurveyGrade, h.Grade
	}
	if a.Commenting {
		if h.Tapped || h.OtherTap || isGreeting(said(h.Text)) {
			return SurveyLetGo, 0
		}
		return SurveyComment, 0
	}
	if grade, ok := a.read(h.Text); ok {
		return SurveyGrade, grade
	}
	return SurveyLetGo, 0
}

func (a SurveyAsk) read(text string) (int, bool) {
	return readEach(text, func(s string) (int, bool) {
		if a.Highest == 5 {
			if grade, ok := faceOf(s); ok {
				return grade, true
			}
			if grade, ok := gradeWords[uncourteous(s)]; ok {
				return grade, true
			}
		}
		head, unit, two := strings.Cut(uncourteous(s), " ")
		if _, number := wholeNumber(head); two && number && !strings.Contains(unit, " ") && !gradeUnits[unit] {
			return 0, false // "2 pessoas" is no grade
		}
		f, ok := rating(s, float64(a.Highest), a.Language)
		grade := int(f)
		return grade, ok && float64(grade) == f && grade >= a.Lowest && grade <= a.Highest
	})
}

// uncourteous is what a person typed without words of courtesy around it.
func uncourteous(s string) string {
	w := said(s)
	for range 6 {
		less, ok := lessCourteous(w)
		if !ok {
			break
		}
		w = less
	}
	return w
}

// faceOf is the grade of a text of faces alone, all of one grade.
func faceOf(s string) (grade int, ok bool) {
	for _, r := range fold(s) {
		g := faces[r]
		if r == ' ' {
			continue
		}
		if g == 0 || grade != 0 && g != grade {
			return 0, false
		}
		grade = g
	}
	return grade, grade != 0
}

var faces = func() map[rune]int {
	m := map[rune]int{}
	for i, row := range []string{"😡🤬😠😤", "🙁☹😞😟😢😕👎", "😐😶", "🙂😊☺👍😃😄", "😍🤩😁🥰❤👏"} {
		for _, r := range row {
			m[r] = i + 1
		}
	}
	return m
}()

var gradeUnits = phraseSet("estrela, estrelas, ponto, pontos, star, stars, point, points, estrella, estrellas")

var gradeWords = func() map[string]int {
	m := map[string]int{}
	for i, words := range []string{
		"muito ruim, pessimo, pessima, horrivel, very bad, terrible, awful, muy malo, muy mala",
		"ruim, mau, ma, bad, poor, malo, mala",
		"regular, mais ou menos, normal, ok, okay, so so", //nolint:dupword // two words of English
		"bom, boa, bem, good, bueno, buena, bien",
		"otimo, otima, excelente, muito bom, muito boa, perfeito, perfeita, maravilhoso, great, excellent, perfect, very good, muy bueno, muy buena",
	} {
		for w := range phraseSet(words) {
			m[w] = i + 1
		}
	}
	return m
}()
