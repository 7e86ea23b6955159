package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Survey asks the contact for a grade after the service.
type Survey struct {
	ID               models.SurveyID    `json:"id"`
	Name             string             `json:"name"`
	Question         string             `json:"question"`
	Scale            models.SurveyScale `json:"scale" enum:"faces,five,nps" doc:"Five faces, 1 to 5, or 0 to 10. It never changes."`
	Thanks           string             `json:"thanks" doc:"Sent after the answer; empty: nothing."`
	CommentQuestion  string             `json:"comment_question" doc:"Asked after the grade; empty: the grade alone is asked."`
	ReminderMinutes  int                `json:"reminder_minutes" doc:"0: no reminder."`
	ExpiryHours      int                `json:"expiry_hours"`
	ExternalURL      string             `json:"external_url" doc:"Sent in place of the grades; the answer is given there."`
	TemplateName     string             `json:"template_name" doc:"Asks while the window is closed. Without it nothing is asked then."`
	TemplateLanguage string             `json:"template_language"`
	ArchivedAt       *time.Time         `json:"archived_at,omitempty"`
}

func surveyOf(s *models.Survey) Survey {
	return Survey{ID: s.ID, Name: s.Name, Question: s.Question, Scale: s.Scale, Thanks: s.Thanks, CommentQuestion: s.CommentQuestion,
		ReminderMinutes: s.ReminderMinutes, ExpiryHours: s.ExpiryHours, ExternalURL: s.ExternalURL, TemplateName: s.TemplateName,
		TemplateLanguage: s.TemplateLanguage, ArchivedAt: s.ArchivedAt}
}

// SurveyFields are what a survey has besides its name, its question and its scale.
type SurveyFields struct {
	Thanks           *string `json:"thanks,omitempty" maxLength:"1000"`
	CommentQuestion  *string `json:"comment_question,omitempty" maxLength:"1000"`
	ReminderMinutes  *int    `json:"reminder_minutes,omitempty" minimum:"0" maximum:"10080"`
	ExpiryHours      *int    `json:"expiry_hours,omitempty" minimum:"1" maximum:"720"`
	ExternalURL      *string `json:"external_url,omitempty" maxLength:"2000" doc:"Empty takes it away."`
	TemplateName     *string `json:"template_name,omitempty" maxLength:"512" doc:"Empty takes it away."`
	TemplateLanguage *string `json:"template_language,omitempty" maxLength:"20"`
}

func (f *SurveyFields) patch(name, question *string) store.SurveyPatch {
	return store.SurveyPatch{Name: name, Question: question, Thanks: f.Thanks, CommentQuestion: f.CommentQuestion, ReminderMinutes: f.ReminderMinutes,
		ExpiryHours: f.ExpiryHours, ExternalURL: f.ExternalURL, TemplateName: f.TemplateName, TemplateLanguage: f.TemplateLanguage}
}

type createSurveyIn struct {
	Body struct {
		Name     string             `json:"name" minLength:"1" maxLength:"100"`
		Question string             `json:"question" minLength:"1" maxLength:"900"`
		Scale    models.SurveyScale `json:"scale" enum:"faces,five,nps"`
		SurveyFields
	}
}

type updateSurveyIn struct {
	ID   models.SurveyID `path:"id" minimum:"1"`
	Body struct {
		Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Question *string `json:"question,omitempty" minLength:"1" maxLength:"900"`
		SurveyFields
	}
}

// SurveyRule is what closing does about surveys.
type SurveyRule struct {
	OnClosing models.SurveyOnClosing `json:"on_closing" enum:"off,optional,mandatory" doc:"Whether closing offers a survey, or is done only with one."`
}

type surveyRuleIn struct {
	Body SurveyRule
}

type sendSurveyIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		SurveyID models.SurveyID `json:"survey_id" minimum:"1"`
	}
}

// SurveyAnswer is the answer of a contact to a survey.
type SurveyAnswer struct {
	ID                 models.SurveyAnswerID `json:"id"`
	SurveyID           models.SurveyID       `json:"survey_id"`
	Survey             string                `json:"survey" doc:"Its name."`
	Scale              models.SurveyScale    `json:"scale" enum:"faces,five,nps"`
	Grade              int                   `json:"grade"`
	Comment            string                `json:"comment,omitempty"`
	TicketID           models.TicketID       `json:"ticket_id"`
	Protocol           string                `json:"protocol"`
	ConversationID     models.ConversationID `json:"conversation_id"`
	ConversationNumber int64                 `json:"conversation_number"`
	Contact            string                `json:"contact" doc:"The contact's name."`
	AgentID            *models.UserID        `json:"agent_id,omitempty"`
	Agent              string                `json:"agent,omitempty"`
	QueueID            *models.QueueID       `json:"queue_id,omitempty"`
	Queue              string                `json:"queue,omitempty"`
	SentAt             time.Time             `json:"sent_at"`
	AnsweredAt         time.Time             `json:"answered_at"`
}

// SurveyGrade is how often a grade was given.
type SurveyGrade struct {
	Grade int     `json:"grade"`
	Count int     `json:"count"`
	Share float64 `json:"share" doc:"Of the answers, 0 to 100."`
}

// SurveyScore is how the surveys of one scale went.
type SurveyScore struct {
	Scale    models.SurveyScale `json:"scale" enum:"faces,five,nps"`
	Sent     int                `json:"sent"`
	Answers  int                `json:"answers"`
	Answered float64            `json:"answered" doc:"Answers of those that were sent, 0 to 100."`
	Positive float64            `json:"positive" doc:"Positive answers, 0 to 100: 4 and 5, or 9 and 10 of ten."`
	Grades   []SurveyGrade      `json:"grades" doc:"Each grade of the scale, the lowest first."`
}

// SurveyReport are the answers of a period, with what they come to.
type SurveyReport struct {
	Scores []SurveyScore `json:"scores" doc:"One for each scale that was sent."`
}

// SurveyFilterIn chooses surveys that were sent.
type SurveyFilterIn struct {
	From     time.Time       `query:"from" doc:"The first instant of sending; seven days ago by default."`
	To       time.Time       `query:"to" doc:"The end, which is not part of it; now by default."`
	AgentID  []int64         `query:"agent_id,explode" maxItems:"100" doc:"Those whom the surveys are about."`
	QueueID  models.QueueID  `query:"queue_id" minimum:"0"`
	SurveyID models.SurveyID `query:"survey_id" minimum:"0"`
}

type listSurveyAnswersIn struct {
	Paging
	SurveyFilterIn
}

// filter is the last seven days where nothing else is asked (rule 204).
func (in *SurveyFilterIn) filter(now time.Time) store.SurveyFilter {
	f := store.SurveyFilter{From: in.From, To: in.To, QueueID: in.QueueID, SurveyID: in.SurveyID}
	for _, id := range in.AgentID {
		f.Agents = append(f.Agents, models.UserID(id))
	}
	if f.To.IsZero() {
		f.To = now.Add(time.Second)
	}
	if f.From.IsZero() {
		f.From = f.To.AddDate(0, 0, -7)
	}
	return f
}

func (a *app) surveyOperations() {
	k := settings[models.Survey, Survey]{kind: store.SettingSurveys, noun: "survey", nouns: "surveys", list: a.Store.Surveys, as: surveyOf,
		listed: "In their order.",
		read: func(ctx context.Context, account models.AccountID, id int64) (*models.Survey, error) {
			return a.Store.Survey(ctx, account, models.SurveyID(id))
		}}
	k.operations(a)
	create := k.operation("create", http.MethodPost, "", "Create a survey", "")
	create.status, create.idempotent = http.StatusCreated, true
	handle(a, create, func(ctx context.Context, in *createSurveyIn) (*one[Survey], error) {
		p, patch := who(ctx), in.Body.patch(&in.Body.Name, &in.Body.Question)
		patch.Scale = in.Body.Scale
		id, err := a.Store.ChangeSurvey(ctx, p.account(), 0, patch, auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	handle(a, k.operation("update", http.MethodPatch, "/{id}", "Change a survey", ""), func(ctx context.Context, in *updateSurveyIn) (*one[Survey], error) {
		p := who(ctx)
		id, err := a.Store.ChangeSurvey(ctx, p.account(), in.ID, in.Body.patch(in.Body.Name, in.Body.Question), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/surveys" + path, tag: "surveys", summary: summary}
	}
	handle(a, op("read-survey-rule", http.MethodGet, "/rule", "Read what closing does about surveys"), a.readSurveyRule)
	handle(a, op("set-survey-rule", http.MethodPut, "/rule", "Say what closing does about surveys"), a.setSurveyRule)
	handle(a, op("list-survey-answers", http.MethodGet, "/answers", "List answers to surveys, newest first"), a.listSurveyAnswers)
	handle(a, op("read-survey-report", http.MethodGet, "/report", "Count the answers to surveys"), a.readSurveyReport)
	o := operation{id: "send-survey", method: http.MethodPost, path: "/v1/tickets/{id}/survey", tag: "surveys", summary: "Send a survey about a closed ticket"}
	o.doc = "The latest ticket of its conversation, which nobody serves. Where nothing can be sent a system line says why."
	handle(a, o, a.sendSurvey)
}

func (a *app) readSurveyRule(ctx context.Context, _ *struct{}) (*one[SurveyRule], error) {
	how, err := a.Store.SurveyOnClosing(ctx, who(ctx).account())
	return &one[SurveyRule]{Body: SurveyRule{how}}, err
}

func (a *app) setSurveyRule(ctx context.Context, in *surveyRuleIn) (*one[SurveyRule], error) {
	p := who(ctx)
	if err := a.Store.SetSurveyOnClosing(ctx, p.account(), in.Body.OnClosing, auditorOf(ctx, p)); err != nil {
		return nil, err
	}
	return &one[SurveyRule]{Body: in.Body}, nil
}

func (a *app) listSurveyAnswers(ctx context.Context, in *listSurveyAnswersIn) (*page[SurveyAnswer], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	p := who(ctx)
	rows, err := a.Store.SurveyAnswers(ctx, p.account(), p.viewer, in.filter(a.Store.Now()), models.SurveyAnswerID(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, surveyAnswerOf, func(r store.SurveyAnswerView) string { return idCursor(r.ID) })
}

func surveyAnswerOf(r store.SurveyAnswerView) SurveyAnswer {
	out := SurveyAnswer{ID: r.ID, SurveyID: r.SurveyID, Survey: r.Survey, Scale: r.Scale, Comment: r.Comment, TicketID: r.TicketID, Protocol: r.Protocol,
		ConversationID: r.ConversationID, ConversationNumber: r.ConversationNumber, Contact: r.Contact, AgentID: r.AgentID, Agent: deref(r.Agent),
		QueueID: r.QueueID, Queue: deref(r.Queue), SentAt: r.SentAt}
	if r.Grade != nil && r.GradedAt != nil {
		out.Grade, out.AnsweredAt = *r.Grade, *r.GradedAt
	}
	return out
}

func (a *app) readSurveyReport(ctx context.Context, in *SurveyFilterIn) (*one[SurveyReport], error) {
	p := who(ctx)
	rows, err := a.Store.SurveyTotals(ctx, p.account(), p.viewer, in.filter(a.Store.Now()))
	if err != nil {
		return nil, err
	}
	out := SurveyReport{Scores: make([]SurveyScore, 0, len(rows))}
	for _, r := range rows {
		out.Scores = append(out.Scores, scoreOf(r))
	}
	return &one[SurveyReport]{Body: out}, nil
}

// scoreOf are the figures of rules 205 to 208.
func scoreOf(r store.SurveyTotals) SurveyScore {
	var counts map[string]int
	if json.Unmarshal(r.Grades, &counts) != nil {
		counts = nil
	}
	lowest, highest := r.Scale.Bounds()
	out := SurveyScore{Scale: r.Scale, Sent: r.Sent}
	positive := 0
	for grade := lowest; grade <= highest; grade++ {
		n := counts[strconv.Itoa(grade)]
		out.Grades = append(out.Grades, SurveyGrade{Grade: grade, Count: n})
		out.Answers += n
		if grade >= r.Scale.Positive() {
			positive += n
		}
	}
	for i := range out.Grades {
		out.Grades[i].Share = share(out.Grades[i].Count, out.Answers)
	}
	out.Answered, out.Positive = share(out.Answers, out.Sent), share(positive, out.Answers)
	return out
}

// share is a part of a whole, 0 to 100.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func (a *app) sendSurvey(ctx context.Context, in *sendSurveyIn) (*one[Conversation], error) {
	p := who(ctx)
	conversation, wake, err := a.Store.SendSurvey(ctx, p.account(), p.viewer, p.actor(), in.ID, in.Body.SurveyID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return a.conversationNow(ctx, conversation)
}
