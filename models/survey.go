package models

import (
	"strconv"
	"strings"
	"time"
)

// SurveyScale is what a survey's grades are.
type SurveyScale string

// The scales (rules 203, 259).
const (
	ScaleFaces SurveyScale = "faces" // five faces
	ScaleFive  SurveyScale = "five"  // 1 to 5
	ScaleNPS   SurveyScale = "nps"   // 0 to 10
)

// Bounds are the lowest and the highest grade.
func (s SurveyScale) Bounds() (lowest, highest int) {
	if s == ScaleNPS {
		return 0, 10
	}
	return 1, 5
}

// Positive is the lowest grade that counts as positive (rule 206).
func (s SurveyScale) Positive() int {
	if s == ScaleNPS {
		return 9
	}
	return 4
}

// SurveyOnClosing says whether closing offers a survey.
type SurveyOnClosing string

// What closing does about surveys (rules 038, 039). Empty means off.
const (
	SurveyOff       SurveyOnClosing = "off"
	SurveyOptional  SurveyOnClosing = "optional"
	SurveyMandatory SurveyOnClosing = "mandatory"
)

// Survey asks the contact for a grade after the service.
type Survey struct {
	ID               SurveyID    `json:"id"`
	AccountID        AccountID   `json:"account_id"`
	Name             string      `json:"name"`
	Question         string      `json:"question"`
	Scale            SurveyScale `json:"scale"` // never changes: the answers follow it
	Thanks           string      `json:"thanks"`
	CommentQuestion  string      `json:"comment_question"` // empty: the grade alone is asked
	ReminderMinutes  int         `json:"reminder_minutes"` // 0: no reminder
	ExpiryHours      int         `json:"expiry_hours"`
	ExternalURL      string      `json:"external_url"`  // sent in place of the question (rule 040)
	TemplateName     string      `json:"template_name"` // asks while the window is closed; empty: nothing asks then
	TemplateLanguage string      `json:"template_language"`
	Position         int         `json:"position"`
	ArchivedAt       *time.Time  `json:"archived_at,omitempty"`
	CreatedAt        time.Time   `json:"created_at"`
	UpdatedAt        time.Time   `json:"updated_at"`
}

// SurveyState says how a survey that was sent stands.
type SurveyState string

// The states of a survey that was sent. The first two wait for the contact.
const (
	SurveyWaiting    SurveyState = "waiting"    // for the grade
	SurveyCommenting SurveyState = "commenting" // it has the grade and waits for the words
	SurveyAnswered   SurveyState = "answered"
	SurveyExpired    SurveyState = "expired"   // no grade came in time, or the contact wrote of something else
	SurveyCancelled  SurveyState = "cancelled" // the service goes on
	SurveyExternal   SurveyState = "external"  // it is answered on a page of its own (rule 040)
)

// Waits tells whether it waits for the contact.
func (s SurveyState) Waits() bool { return s == SurveyWaiting || s == SurveyCommenting }

// SurveyAnswer is a survey that was sent, and its answer.
type SurveyAnswer struct {
	ID           SurveyAnswerID `json:"id"`
	AccountID    AccountID      `json:"account_id"`
	SurveyID     SurveyID       `json:"survey_id"`
	TicketID     TicketID       `json:"ticket_id"`
	ConnectionID ConnectionID   `json:"connection_id"`
	QueueID      *QueueID       `json:"queue_id,omitempty"`
	AgentID      *UserID        `json:"agent_id,omitempty"`
	Scale        SurveyScale    `json:"scale"`
	State        SurveyState    `json:"state"`
	Grade        *int           `json:"grade,omitempty"`
	Comment      string         `json:"comment"`
	SentAt       time.Time      `json:"sent_at"`
	RemindAt     *time.Time     `json:"remind_at,omitempty"` // nil: it was reminded, or it is not to be
	DueAt        time.Time      `json:"due_at"`
	GradedAt     *time.Time     `json:"graded_at,omitempty"`
	EndedAt      *time.Time     `json:"ended_at,omitempty"`
}

const surveyTap = "survey:"

// TapID is what a tap on a grade brings back. It names the survey that was sent, so that an older one is no answer to it.
func (id SurveyAnswerID) TapID(grade int) string {
	return surveyTap + strconv.FormatInt(int64(id), 10) + ":" + strconv.Itoa(grade)
}

// ParseSurveyTap reads what a tap on a grade brought back.
func ParseSurveyTap(s string) (id SurveyAnswerID, grade int, ok bool) {
	rest, ok := strings.CutPrefix(s, surveyTap)
	if !ok {
		return 0, 0, false
	}
	first, second, ok := strings.Cut(rest, ":")
	if !ok {
		return 0, 0, false
	}
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, 0, false
	}
	grade, err = strconv.Atoi(second)
	return SurveyAnswerID(n), grade, err == nil
}

// tapsSurvey tells whether content is a tap on a grade of a survey.
func (c *Content) tapsSurvey() bool {
	if c.Tap == nil {
		return false
	}
	_, _, ok := ParseSurveyTap(c.Tap.ID)
	return ok
}

// surveyTitles are the grades 1 to 5 as the contact reads them, by scale, in Portuguese and in English.
var surveyTitles = map[SurveyScale][2][]string{
	ScaleFaces: {
		{"😡 Muito ruim", "🙁 Ruim", "😐 Regular", "🙂 Bom", "😍 Ótimo"},
		{"😡 Very bad", "🙁 Bad", "😐 Okay", "🙂 Good", "😍 Great"},
	},
	ScaleFive: {
		{"★ Muito ruim", "★★ Ruim", "★★★ Regular", "★★★★ Bom", "★★★★★ Ótimo"},
		{"★ Very bad", "★★ Bad", "★★★ Okay", "★★★★ Good", "★★★★★ Great"},
	},
}

// Content is the message that asks, in the account's language: the page outside, or the grades as a list. A channel without lists
// shows them as numbered text, where the number is the grade. Eleven grades fit no list: they are typed.
func (s *Survey) Content(id SurveyAnswerID, locale string) Content {
	english := strings.HasPrefix(strings.ToLower(locale), "en")
	word := func(portuguese, inEnglish string) string {
		if english {
			return inEnglish
		}
		return portuguese
	}
	if s.ExternalURL != "" {
		return Content{Kind: ContentKindCTAURL, Text: s.Question, CTA: &ContentCTA{Text: word("Avaliar", "Rate"), URL: s.ExternalURL}}
	}
	titles := surveyTitles[s.Scale]
	if titles[0] == nil {
		return Content{Kind: ContentKindText, Text: s.Question + "\n\n" + word("Responda com um número de 0 (pior) a 10 (melhor).", "Reply with a number from 0 (worst) to 10 (best).")}
	}
	said := titles[0]
	if english {
		said = titles[1]
	}
	rows := make([]ContentListRow, len(said))
	for i, title := range said {
		rows[i] = ContentListRow{ID: id.TapID(i + 1), Title: title}
	}
	return Content{Kind: ContentKindList, Text: s.Question, List: &ContentList{Button: word("Avaliar", "Rate"), Sections: []ContentListSection{{Rows: rows}}}}
}
