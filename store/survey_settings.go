package store

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const surveysSQL = `
	SELECT ` + surveyColumns + `
	FROM surveys s
	WHERE account_id = @account
		AND (@id::bigint = 0 AND (archived_at IS NOT NULL) = @archived OR id = @id)
	ORDER BY position, id`

// Surveys lists an account's surveys that are in use, or those that are archived, in their order.
func (s *Store) Surveys(ctx context.Context, account models.AccountID, archived bool) ([]models.Survey, error) {
	return list[models.Survey](ctx, s.pool, "survey", surveysSQL, which(account, 0, archived))
}

// Survey reads a survey, archived or not.
func (s *Store) Survey(ctx context.Context, account models.AccountID, id models.SurveyID) (*models.Survey, error) {
	return one[models.Survey](ctx, s.pool, "survey", surveysSQL, which(account, int64(id), false))
}

// SurveyPatch changes a survey. What is nil stays. Only a new survey takes Scale: answers follow it.
type SurveyPatch struct {
	Scale                                       models.SurveyScale
	Name, Question, Thanks, CommentQuestion     *string
	ReminderMinutes, ExpiryHours                *int
	ExternalURL, TemplateName, TemplateLanguage *string
}

// ChangeSurvey changes a survey, or makes one when id is 0. A new one comes behind the others.
func (s *Store) ChangeSurvey(ctx context.Context, account models.AccountID, id models.SurveyID, patch SurveyPatch, by AuditEntry) (models.SurveyID, error) {
	err := s.changeSettings(ctx, account, by, SettingSurveys, func(p *Provisioning) (settingDone, error) {
		v, err := settingRow[models.Survey](p, SettingSurveys, int64(id))
		if err != nil {
			return settingDone{}, err
		}
		created := id == 0
		if created {
			v.Scale, v.ExpiryHours = patch.Scale, 24
			if v.Position, err = p.nextPlace(ctx, SettingSurveys, "position"); err != nil {
				return settingDone{}, err
			}
		}
		var fields []string
		if err := p.patchedName(ctx, SettingSurveys, int64(id), &fields, &v.Name, patch.Name); err != nil {
			return settingDone{}, err
		}
		patched(&fields, "question", &v.Question, patch.Question)
		patched(&fields, "thanks", &v.Thanks, patch.Thanks)
		patched(&fields, "comment_question", &v.CommentQuestion, patch.CommentQuestion)
		patched(&fields, "reminder_minutes", &v.ReminderMinutes, patch.ReminderMinutes)
		patched(&fields, "expiry_hours", &v.ExpiryHours, patch.ExpiryHours)
		patched(&fields, "external_url", &v.ExternalURL, patch.ExternalURL)
		patched(&fields, "template_name", &v.TemplateName, patch.TemplateName)
		patched(&fields, "template_language", &v.TemplateLanguage, patch.TemplateLanguage)
		if err := wrongSurvey(v); err != nil {
			return settingDone{}, err
		}
		if created || len(fields) > 0 {
			err = p.SaveSurvey(v)
		}
		id = v.ID
		return saved(created, int64(id), fields), err
	})
	return id, err
}

func wrongSurvey(v *models.Survey) error {
	if strings.TrimSpace(v.Question) == "" {
		return models.Invalid("body.question", "give the question")
	}
	if (v.TemplateName == "") != (v.TemplateLanguage == "") {
		return models.Invalid("body.template_language", "a template has a name and a language")
	}
	if v.ExternalURL == "" {
		return nil
	}
	if u, err := url.Parse(v.ExternalURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return models.Invalid("body.external_url", "give a whole address that begins with https://")
	}
	return nil
}

// SaveSurvey writes a survey; one without id is created.
func (p *Provisioning) SaveSurvey(v *models.Survey) error {
	v.AccountID = p.account
	return p.save(int64(v.ID), "survey", v)
}

// SetSurveyOnClosing says whether closing offers or demands a survey (rules 038, 039).
func (s *Store) SetSurveyOnClosing(ctx context.Context, account models.AccountID, how models.SurveyOnClosing, by AuditEntry) error {
	return s.changeSettings(ctx, account, by, SettingSurveys, func(p *Provisioning) (settingDone, error) {
		n, err := exec(ctx, p.tx, "account", `
			UPDATE accounts
			SET settings = settings || jsonb_build_object('survey_on_closing', @how::text), updated_at = @now
			WHERE id = @account AND coalesce(settings->>'survey_on_closing', 'off') <> @how`,
			pgx.NamedArgs{"account": account, "how": how, "now": p.now})
		if err != nil || n == 0 {
			return settingDone{}, err
		}
		return settingDone{int64(account), "on_closing", []string{string(how)}}, nil
	})
}

// SurveyOnClosing reads whether closing offers or demands a survey.
func (s *Store) SurveyOnClosing(ctx context.Context, account models.AccountID) (models.SurveyOnClosing, error) {
	var how models.SurveyOnClosing
	err := s.pool.QueryRow(ctx, `
		SELECT coalesce(settings->>'survey_on_closing', 'off')
		FROM accounts
		WHERE id = @account`,
		pgx.NamedArgs{"account": account}).Scan(&how)
	return how, asError(err, "account")
}

// SurveyFilter chooses surveys that were sent, by the instant of sending.
type SurveyFilter struct {
	From, To time.Time // To is not part of it
	Agents   []models.UserID
	QueueID  models.QueueID
	SurveyID models.SurveyID
}

func (f *SurveyFilter) args(account models.AccountID, w Viewer, more pgx.NamedArgs) pgx.NamedArgs {
	more["from"], more["to"], more["agents"], more["queue"], more["survey"] = f.From, f.To, orEmpty(f.Agents), f.QueueID, f.SurveyID
	return w.args(account, more)
}

// surveysSent are the surveys a that a viewer may see and a filter chooses. An external one has no answer here.
const surveysSent = `
	FROM survey_answers a
	JOIN tickets t ON t.id = a.ticket_id AND t.account_id = a.account_id
	JOIN conversations v ON v.id = t.conversation_id AND v.account_id = t.account_id
	WHERE a.account_id = @account
		AND a.sent_at >= @from AND a.sent_at < @to
		AND a.state <> 'external'
		AND (cardinality(@agents::bigint[]) = 0 OR a.agent_id = ANY(@agents))
		AND (@queue::bigint = 0 OR a.queue_id = @queue)
		AND (@survey::bigint = 0 OR a.survey_id = @survey)
		AND ` + visible

// SurveyAnswerView is an answer with the names that people know.
type SurveyAnswerView struct {
	models.SurveyAnswer
	Survey             string
	ConversationID     models.ConversationID
	ConversationNumber int64
	Protocol           string
	Contact            string
	Agent              *string
	Queue              *string
}

var surveyAnswersSQL = `
	SELECT a.id, a.account_id, a.survey_id, a.ticket_id, a.connection_id, a.queue_id, a.agent_id, a.scale, a.state, a.grade, a.comment,
		a.sent_at, a.due_at, a.graded_at, a.ended_at, v.id AS conversation_id, v.number AS conversation_number, t.protocol,
		(SELECT s.name FROM surveys s WHERE s.account_id = a.account_id AND s.id = a.survey_id) AS survey,
		(SELECT k.name FROM contacts k WHERE k.account_id = v.account_id AND k.id = v.contact_id) AS contact,
		(SELECT u.name FROM users u WHERE u.account_id = a.account_id AND u.id = a.agent_id) AS agent,
		(SELECT q.name FROM queues q WHERE q.account_id = a.account_id AND q.id = a.queue_id) AS queue`

// SurveyAnswers lists answers that a viewer may see, newest first, before the given one (rule 209).
func (s *Store) SurveyAnswers(ctx context.Context, account models.AccountID, w Viewer, f SurveyFilter, before models.SurveyAnswerID, limit int) ([]SurveyAnswerView, error) {
	return list[SurveyAnswerView](ctx, s.pool, "survey_answer", surveyAnswersSQL+surveysSent+`
		AND a.grade IS NOT NULL
		AND (@before::bigint = 0 OR a.id < @before)
	ORDER BY a.id DESC
	LIMIT @limit`, f.args(account, w, pgx.NamedArgs{"before": before, "limit": limit}))
}

// SurveyTotals are the surveys of one scale that were sent: how many, and how many answered with which grade.
type SurveyTotals struct {
	Scale  models.SurveyScale
	Sent   int
	Grades json.RawMessage // how many answers, by grade
}

// SurveyTotals counts surveys that a viewer may see, by scale (rules 205 to 208).
func (s *Store) SurveyTotals(ctx context.Context, account models.AccountID, w Viewer, f SurveyFilter) ([]SurveyTotals, error) {
	return list[SurveyTotals](ctx, s.pool, "survey_answer", `
		WITH g AS (
			SELECT a.scale, a.grade, count(*) AS n
			`+surveysSent+`
			GROUP BY a.scale, a.grade
		)
		SELECT scale, sum(n)::bigint AS sent, coalesce(jsonb_object_agg(grade, n) FILTER (WHERE grade IS NOT NULL), '{}') AS grades
		FROM g
		GROUP BY scale
		ORDER BY scale`, f.args(account, w, pgx.NamedArgs{}))
}

// patchedSurvey gives a queue the survey that closing offers first.
func (p *Provisioning) patchedSurvey(ctx context.Context, fields *[]string, q *models.Queue, want *models.SurveyID) error {
	if want == nil || q.SurveyID != nil && *q.SurveyID == *want || q.SurveyID == nil && *want == 0 {
		return nil
	}
	q.SurveyID = nil
	if *want != 0 {
		if _, err := surveyInUse(ctx, p.tx, p.account, *want); err != nil {
			return referenceError(err, "body.survey_id", "no such survey")
		}
		q.SurveyID = want
	}
	*fields = append(*fields, "survey_id")
	return nil
}
