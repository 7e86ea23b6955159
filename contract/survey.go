package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowSurvey is the workflow type of a survey that was sent.
const WorkflowSurvey = "Survey"

// SurveyWorkflowID is the workflow id of a survey that was sent: survey/88.
func SurveyWorkflowID(id models.SurveyAnswerID) string { return "survey/" + id.String() }

// SurveyStart starts a Survey workflow: one from sending until the answer, the expiry or the end of its waiting (rules 203 and 259).
type SurveyStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	AnswerID       models.SurveyAnswerID `json:"answer_id"`
	TicketID       models.TicketID       `json:"ticket_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
}

// Doorbell makes the doorbell of a survey that was sent.
func (s SurveyStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowSurvey, SurveyWorkflowID(s.AnswerID), s)
}

// SurveyInput starts a Survey.
type SurveyInput struct {
	SurveyStart
}

// ActivitySurveyTurn reminds or expires a survey whose instant has come, in one transaction, and says how it stands. It is safe
// to repeat.
const ActivitySurveyTurn = "SurveyTurn"

// SurveyView says how a survey that was sent stands. The state query and the workflow answer with it.
type SurveyView struct {
	State models.SurveyState `json:"state"`
	// NextAt is when there is something to do: the reminder, or the end.
	NextAt time.Time `json:"next_at"`
	DueAt  time.Time `json:"due_at"`
}
