package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// commentTime is how long a survey that has its grade waits for words.
const commentTime = time.Hour

const surveyColumns = `s.id, s.account_id, s.name, s.question, s.scale, s.thanks, s.comment_question, s.reminder_minutes, s.expiry_hours,
	s.external_url, s.template_name, s.template_language, s.position, s.archived_at, s.created_at, s.updated_at`

// surveyInUse reads a survey that is not archived.
func surveyInUse(ctx context.Context, q querier, account models.AccountID, id models.SurveyID) (*models.Survey, error) {
	return one[models.Survey](ctx, q, "survey", `
		SELECT `+surveyColumns+`
		FROM surveys s
		WHERE s.account_id = @account AND s.id = @id AND s.archived_at IS NULL`, pgx.NamedArgs{"account": account, "id": id})
}

// surveyToAsk is the survey that closing sends: the one that was chosen, or where the account demands one that of the queue, or else
// that of the connection (rules 038, 039). nil: none. Where the account has none in use, it demands none.
func (d *desk) surveyToAsk(ctx context.Context, id models.SurveyID) (*models.Survey, error) {
	if id == 0 {
		type rule struct {
			Demanded bool
			Usual    *models.SurveyID
		}
		r, err := one[rule](ctx, d.tx, "survey", `
			SELECT coalesce(a.settings->>'survey_on_closing', '') = 'mandatory'
					AND EXISTS (SELECT FROM surveys s WHERE s.account_id = a.id AND s.archived_at IS NULL) AS demanded,
				coalesce(
					(SELECT s.id FROM queues q JOIN surveys s ON s.id = q.survey_id AND s.account_id = q.account_id AND s.archived_at IS NULL
						WHERE q.account_id = a.id AND q.id = @queue),
					(SELECT s.id FROM connections c JOIN surveys s ON s.id = c.survey_id AND s.account_id = c.account_id AND s.archived_at IS NULL
						WHERE c.account_id = a.id AND c.id = @connection)) AS usual
			FROM accounts a
			WHERE a.id = @account`,
			pgx.NamedArgs{"account": d.conv.AccountID, "queue": d.ticket.QueueID, "connection": d.conv.ConnectionID})
		switch {
		case err != nil:
			return nil, err
		case !r.Demanded:
			return nil, nil //nolint:nilnil // none is asked
		case r.Usual == nil:
			return nil, models.TicketRefusal(models.KeyTicketSurveyRequired, nil)
		}
		id = *r.Usual
	}
	s, err := surveyInUse(ctx, d.tx, d.conv.AccountID, id)
	if isNotFound(err) {
		return nil, models.TicketRefusal(models.KeyTicketSurvey, nil)
	}
	return s, err
}

// askSurvey sends a survey about the desk's ticket, which is closed, and tells whether it waits for an answer. Where nothing can be
// sent a line says why: nothing free-form leaves outside the window, and nothing at all goes to a blocked contact. A group is not asked.
func (d *desk) askSurvey(ctx context.Context, by models.Actor, s *models.Survey) (waits bool, err error) {
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil || place.group {
		return false, err
	}
	if err := d.endSurveys(ctx, models.SurveyCancelled); err != nil {
		return false, err
	}
	refused, err := d.try(ctx, func() error { return d.sendSurvey(ctx, place, s) })
	if err != nil {
		return false, err
	}
	if refused != nil {
		why := "template"
		switch refused.Code { //nolint:exhaustive // all others are of the template
		case models.CodeWindowClosed:
			why = "window"
		case models.CodeContactBlocked:
			why = "blocked"
		}
		return false, d.say(ctx, models.NoteSurveyUnsent, map[string]string{"survey": s.Name, "reason": why})
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return false, err
	}
	return s.ExternalURL == "", d.say(ctx, models.NoteSurveySent, map[string]string{"survey": s.Name, "by": name})
}

// sendSurvey stores that a survey is sent, queues its message and starts what waits for the answer.
func (d *desk) sendSurvey(ctx context.Context, place *sendPlace, s *models.Survey) error {
	due := d.now.Add(time.Duration(s.ExpiryHours) * time.Hour)
	remind := d.now.Add(time.Duration(s.ReminderMinutes) * time.Minute)
	args := pgx.NamedArgs{"account": d.conv.AccountID, "survey": s.ID, "ticket": d.ticket.ID, "connection": d.conv.ConnectionID,
		"queue": d.ticket.QueueID, "agent": d.ticket.AgentID, "scale": s.Scale, "state": models.SurveyWaiting, "now": d.now, "due": due,
		"remind": nil, "ended": nil}
	if s.ReminderMinutes > 0 && remind.Before(due) {
		args["remind"] = remind
	}
	if s.ExternalURL != "" {
		args["state"], args["remind"], args["ended"] = models.SurveyExternal, nil, d.now
	}
	start := d.surveyStart(0)
	err := d.tx.QueryRow(ctx, `
		INSERT INTO survey_answers (account_id, survey_id, ticket_id, connection_id, queue_id, agent_id, scale, state, sent_at, remind_at, due_at, ended_at)
		VALUES (@account, @survey, @ticket, @connection, @queue, @agent, @scale, @state, @now, @remind, @due, @ended)
		RETURNING id`, args).Scan(&start.AnswerID)
	if err != nil {
		return fmt.Errorf("store a survey: %w", err)
	}
	if err := d.sendAsBot(ctx, place, d.surveyContent(place, s, start.AnswerID)); err != nil || s.ExternalURL != "" {
		return err
	}
	if err := d.ringSurvey(ctx, start); err != nil {
		return err
	}
	return d.tellSurvey(ctx)
}

// surveyContent is what asks: the question, or the template while nothing else may leave.
func (d *desk) surveyContent(place *sendPlace, s *models.Survey, id models.SurveyAnswerID) models.Content {
	if s.TemplateName != "" && !place.windowOpenAt(models.OriginBot, d.now) {
		return models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: s.TemplateName, Language: s.TemplateLanguage}}
	}
	return s.Content(id, place.locale)
}

// sendAsBot queues a message of the account itself.
func (d *desk) sendAsBot(ctx context.Context, place *sendPlace, c models.Content) error {
	m, err := d.s.insertOutbound(ctx, d.tx, place, &Outbound{ConversationID: d.conv.ID, Origin: models.OriginBot, Content: c})
	if err != nil {
		return err
	}
	d.wake.Connections = append(d.wake.Connections, m.ConnectionID)
	return nil
}

func (d *desk) surveyStart(id models.SurveyAnswerID) contract.SurveyStart {
	return contract.SurveyStart{AccountID: d.conv.AccountID, AnswerID: id, TicketID: d.ticket.ID, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
}

func (d *desk) ringSurvey(ctx context.Context, start contract.SurveyStart) error {
	bell, err := insertDoorbell(ctx, d.tx, start.Doorbell())
	if err == nil {
		d.wake.Doorbells = append(d.wake.Doorbells, bell)
	}
	return err
}

// endSurveys ends what waits for the contact in the conversation. Their workflows are rung and end.
func (d *desk) endSurveys(ctx context.Context, as models.SurveyState) error {
	rows, err := d.tx.Query(ctx, `
		UPDATE survey_answers a
		SET state = CASE WHEN a.state = 'commenting' THEN 'answered' ELSE @state END, ended_at = @now
		FROM tickets t
		WHERE t.account_id = @account AND t.conversation_id = @conversation
			AND a.ticket_id = t.id AND a.account_id = t.account_id AND a.ended_at IS NULL
		RETURNING a.id, a.ticket_id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "state": as, "now": d.now})
	if err != nil {
		return fmt.Errorf("end surveys: %w", err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID     models.SurveyAnswerID
		Ticket models.TicketID
	}])
	if err != nil || len(ended) == 0 {
		return err
	}
	for _, a := range ended {
		start := contract.SurveyStart{AccountID: d.conv.AccountID, AnswerID: a.ID, TicketID: a.Ticket, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
		if err := d.ringSurvey(ctx, start); err != nil {
			return err
		}
	}
	return d.tellSurvey(ctx)
}

// tellSurvey lets the conversation's row say whether a survey waits in it, and tells who looks at it.
func (d *desk) tellSurvey(ctx context.Context) error {
	err := d.tx.QueryRow(ctx, `
		WITH v AS (
			UPDATE conversations
			SET updated_at = @now, survey_waits = EXISTS (
				SELECT FROM survey_answers a
				JOIN tickets t ON t.id = a.ticket_id AND t.account_id = a.account_id
				WHERE t.account_id = @account AND t.conversation_id = @conversation AND a.ended_at IS NULL)
			WHERE account_id = @account AND id = @conversation
			RETURNING survey_waits
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES (@account, @event, @conversation, @conversation)
		)
		SELECT survey_waits FROM v`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "now": d.now, "event": models.EventConversationUpdated}).Scan(&d.conv.SurveyWaits)
	if err != nil {
		return fmt.Errorf("tell of a survey: %w", err)
	}
	return nil
}

// askedSurvey is a survey that was sent, as it stands.
type askedSurvey struct {
	models.SurveyAnswer
	Survey models.Survey
	Locale string
}

const askedSurveySQL = `
	SELECT a.id, a.account_id, a.survey_id, a.ticket_id, a.connection_id, a.scale, a.state, a.grade, a.sent_at, a.remind_at, a.due_at,
		to_jsonb(s) AS survey, ac.locale
	FROM survey_answers a
	JOIN tickets t ON t.id = a.ticket_id AND t.account_id = a.account_id
	JOIN surveys s ON s.id = a.survey_id AND s.account_id = a.account_id
	JOIN accounts ac ON ac.id = a.account_id
	WHERE a.account_id = @account AND `

// surveyHears lets a survey that waits take a message of the contact, and tells whether it took it: then the message opens no
// ticket and starts no flow. One about something else ends the survey. The caller holds the conversation's row.
func (s *Store) surveyHears(ctx context.Context, tx pgx.Tx, conv *conversationRow, m *models.InboundMessage, in inboundPlan, id models.MessageID, wake *contract.Wake) (bool, error) {
	d := &desk{s: s, tx: tx, conv: conv, now: s.Now(), wake: wake}
	a, err := one[askedSurvey](ctx, tx, "survey_answer", askedSurveySQL+`t.conversation_id = @conversation AND a.ended_at IS NULL
		ORDER BY a.id DESC
		LIMIT 1`, pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID})
	if isNotFound(err) {
		return false, d.tellSurvey(ctx)
	}
	if err != nil {
		return false, err
	}
	lowest, highest := a.Scale.Bounds()
	ask := flow.SurveyAsk{Lowest: lowest, Highest: highest, Commenting: a.State == models.SurveyCommenting, Language: a.Locale}
	heard := flow.SurveyHeard{Text: m.Content.Text}
	if file := m.Content.Media; file != nil {
		heard.Text = file.Caption
	}
	if tap := m.Content.Tap; tap != nil {
		of, grade, known := models.ParseSurveyTap(tap.ID)
		heard.Tapped, heard.Grade = known && of == a.ID, grade
		heard.OtherTap, heard.Text = !heard.Tapped, tap.Title
	}
	turn, grade := ask.Hears(heard)
	if !d.now.Before(a.DueAt) {
		turn = flow.SurveyLetGo
	}
	switch turn {
	case flow.SurveyGrade:
		err = d.takeGrade(ctx, a, grade)
	case flow.SurveyComment:
		err = d.takeComment(ctx, a, heard.Text)
	case flow.SurveyLetGo:
		return false, d.letSurveyGo(ctx, a)
	}
	if err != nil {
		return false, err
	}
	return true, d.surveyTook(ctx, in.Seq, id)
}

// surveyTook marks a message as handled: it is nobody's to read, and nobody is waited for.
func (d *desk) surveyTook(ctx context.Context, seq int64, id models.MessageID) error {
	_, err := d.tx.Exec(ctx, `
		UPDATE conversations
		SET unread_count = greatest(0, unread_count - 1), first_unanswered_at = CASE WHEN unread_count <= 1 THEN NULL ELSE first_unanswered_at END,
			handled_message_id = CASE WHEN in_charge <> 'flow' OR handled_seq = @seq - 1 THEN @message ELSE handled_message_id END,
			handled_seq = CASE WHEN in_charge <> 'flow' OR handled_seq = @seq - 1 THEN @seq ELSE handled_seq END
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "seq": seq, "message": id})
	if err != nil {
		return fmt.Errorf("take an answer to a survey: %w", err)
	}
	return nil
}

// takeGrade stores a grade, or another one in its place, and asks for words or thanks. A flow that is in charge is not interrupted
// by the question for words.
func (d *desk) takeGrade(ctx context.Context, a *askedSurvey, grade int) error {
	state, due, says := models.SurveyAnswered, a.DueAt, a.Survey.Thanks
	switch {
	case a.State == models.SurveyCommenting:
		state, says = a.State, "" // it was asked for words already
	case a.Survey.CommentQuestion != "" && d.conv.InCharge == models.InChargeIdle:
		state, due, says = models.SurveyCommenting, d.now.Add(commentTime), a.Survey.CommentQuestion
	}
	_, err := d.tx.Exec(ctx, `
		UPDATE survey_answers
		SET state = @state, grade = @grade, graded_at = @now, remind_at = NULL, due_at = @due, ended_at = CASE WHEN @state::text = 'answered' THEN @now::timestamptz END
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": a.AccountID, "id": a.ID, "state": state, "grade": grade, "due": due, "now": d.now})
	if err != nil {
		return fmt.Errorf("store a grade: %w", err)
	}
	_, highest := a.Scale.Bounds()
	values := map[string]string{"survey": a.Survey.Name, "grade": strconv.Itoa(grade), "most": strconv.Itoa(highest)}
	if err := d.say(ctx, models.NoteSurveyAnswered, values); err != nil {
		return err
	}
	return d.surveyMoved(ctx, a, says)
}

// takeComment stores the words behind a grade, and thanks.
func (d *desk) takeComment(ctx context.Context, a *askedSurvey, text string) error {
	_, err := d.tx.Exec(ctx, `
		UPDATE survey_answers
		SET state = 'answered', comment = @comment, ended_at = @now
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": a.AccountID, "id": a.ID, "comment": text, "now": d.now})
	if err != nil {
		return fmt.Errorf("store a comment: %w", err)
	}
	return d.surveyMoved(ctx, a, a.Survey.Thanks)
}

// letSurveyGo ends a survey without another answer. One that has its grade is answered.
func (d *desk) letSurveyGo(ctx context.Context, a *askedSurvey) error {
	if err := d.endSurveys(ctx, models.SurveyExpired); err != nil || a.State == models.SurveyCommenting {
		return err
	}
	return d.say(ctx, models.NoteSurveyExpired, map[string]string{"survey": a.Survey.Name})
}

// surveyMoved says something to the contact, wakes the survey's workflow and tells who looks.
func (d *desk) surveyMoved(ctx context.Context, a *askedSurvey, says string) error {
	if says != "" {
		place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
		if err != nil {
			return err
		}
		// What cannot be sent is not: the answer counts all the same.
		if err := d.sendAsBot(ctx, place, models.Content{Kind: models.ContentKindText, Text: says}); err != nil && refusalOf(err) == nil {
			return err
		}
	}
	start := contract.SurveyStart{AccountID: a.AccountID, AnswerID: a.ID, TicketID: a.TicketID, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
	if err := d.ringSurvey(ctx, start); err != nil {
		return err
	}
	return d.tellSurvey(ctx)
}

// SurveyTurn reminds or ends a survey whose instant has come, in one transaction under the conversation's lock, and says how it
// stands. One that is not due by this clock is left as it is. After COMMIT the caller rings what wake names.
func (s *Store) SurveyTurn(ctx context.Context, start contract.SurveyStart) (contract.SurveyView, contract.Wake, error) {
	var view contract.SurveyView
	wake, err := s.atDesk(ctx, start.AccountID, start.TicketID, func(d *desk) error {
		a, err := d.asked(ctx, start.AnswerID)
		if err != nil {
			return err
		}
		if a.State.Waits() && !d.now.Before(a.DueAt) {
			err = d.letSurveyGo(ctx, a)
		} else if a.State == models.SurveyWaiting && a.RemindAt != nil && !d.now.Before(*a.RemindAt) {
			err = d.remind(ctx, a)
		}
		if err != nil {
			return err
		}
		if a, err = d.asked(ctx, start.AnswerID); err != nil {
			return err
		}
		view = contract.SurveyView{State: a.State, NextAt: a.DueAt, DueAt: a.DueAt}
		if a.RemindAt != nil {
			view.NextAt = *a.RemindAt
		}
		return nil
	})
	return view, wake, asError(err, "survey_answer")
}

func (d *desk) asked(ctx context.Context, id models.SurveyAnswerID) (*askedSurvey, error) {
	return one[askedSurvey](ctx, d.tx, "survey_answer", askedSurveySQL+`a.id = @id`, pgx.NamedArgs{"account": d.conv.AccountID, "id": id})
}

// remind asks once more, where nobody serves the contact and the window is open. Nothing is sent in its place.
func (d *desk) remind(ctx context.Context, a *askedSurvey) error {
	_, err := d.tx.Exec(ctx, `
		UPDATE survey_answers
		SET remind_at = NULL
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": a.AccountID, "id": a.ID})
	if err != nil {
		return fmt.Errorf("remind of a survey: %w", err)
	}
	if d.conv.InCharge != models.InChargeIdle {
		return nil
	}
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil {
		return err
	}
	if err := d.sendAsBot(ctx, place, a.Survey.Content(a.ID, a.Locale)); err != nil && refusalOf(err) == nil {
		return err
	}
	return nil
}

// SendSurvey sends a survey about a closed ticket by hand. The viewer must see the conversation, the ticket must be its latest, and
// nobody may serve it. After COMMIT the caller rings what wake names.
func (s *Store) SendSurvey(ctx context.Context, account models.AccountID, w Viewer, by models.Actor, ticket models.TicketID, survey models.SurveyID) (models.ConversationID, contract.Wake, error) {
	var conversation models.ConversationID
	wake, err := s.atDesk(ctx, account, ticket, func(d *desk) error {
		conversation = d.conv.ID
		if err := mustBeVisible(ctx, d.tx, account, w, d.conv.ID); err != nil {
			return err
		}
		switch {
		case d.conv.Superseded || d.conv.LastTicketID == nil || *d.conv.LastTicketID != ticket:
			return models.TicketRefusal(models.KeyTicketNotLatest, nil)
		case d.conv.InCharge != models.InChargeIdle:
			return models.TicketRefusal(models.KeyTicketSurveyOpen, nil)
		}
		q, err := surveyInUse(ctx, d.tx, account, survey)
		if isNotFound(err) {
			return models.TicketRefusal(models.KeyTicketSurvey, nil)
		}
		if err != nil {
			return err
		}
		_, err = d.askSurvey(ctx, by, q)
		return err
	})
	return conversation, wake, asError(err, "ticket")
}
