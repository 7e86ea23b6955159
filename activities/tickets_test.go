package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ticketRows plays Postgres for tickets.
type ticketRows struct {
	err  error
	wake contract.Wake
	did  []string
}

func (r *ticketRows) TicketTurn(context.Context, contract.TicketStart) (contract.TicketView, contract.Wake, error) {
	r.did = append(r.did, "turn")
	return contract.TicketView{State: models.TicketOpen}, r.wake, r.err
}

func (r *ticketRows) RunTicketCommand(_ context.Context, _ contract.TicketStart, id models.TicketCommandID, _ contract.FlowChooser) (contract.TicketView, contract.Wake, error) {
	r.did = append(r.did, "command "+id.String())
	return contract.TicketView{State: models.TicketClosed}, r.wake, r.err
}

func (r *ticketRows) Closure(context.Context, contract.ScheduledClosureStart) (contract.ClosureView, error) {
	r.did = append(r.did, "closure")
	return contract.ClosureView{State: models.ClosureWaiting}, r.err
}

func (r *ticketRows) SurveyTurn(context.Context, contract.SurveyStart) (contract.SurveyView, contract.Wake, error) {
	r.did = append(r.did, "survey")
	return contract.SurveyView{State: models.SurveyExpired}, r.wake, r.err
}

func (r *ticketRows) CloseDue(context.Context, contract.ScheduledClosureStart) (contract.ClosureView, contract.Wake, error) {
	r.did = append(r.did, "close due")
	return contract.ClosureView{State: models.ClosureDone}, r.wake, r.err
}

func (r *ticketRows) ScheduledSend(context.Context, contract.ScheduledSendStart) (contract.ScheduledSendView, error) {
	r.did = append(r.did, "scheduled")
	return contract.ScheduledSendView{State: models.ScheduledWaiting}, r.err
}

func (r *ticketRows) SendDue(context.Context, contract.ScheduledSendStart) (contract.ScheduledSendView, contract.Wake, error) {
	r.did = append(r.did, "send due")
	return contract.ScheduledSendView{State: models.ScheduledSent}, r.wake, r.err
}

type wakes []contract.Wake

// Wake implements activities.Waker.
func (w *wakes) Wake(wake contract.Wake) { *w = append(*w, wake) }

// House rule 7: after COMMIT what a transaction asks for is woken. An error is a code without anybody's words, and wakes nothing.
func TestTicketActivities(t *testing.T) {
	t.Parallel()
	rows, woken := &ticketRows{wake: contract.Wake{Connections: []models.ConnectionID{3}}}, &wakes{}
	a := activities.NewTickets(rows, woken, nil)
	view, err := a.TicketTurn(t.Context(), contract.TicketTurnInput{})
	if err != nil || view.State != models.TicketOpen {
		t.Errorf("%+v, %v", view, err)
	}
	view, err = a.RunTicketCommand(t.Context(), contract.TicketCommandInput{CommandID: 36})
	if err != nil || view.State != models.TicketClosed {
		t.Errorf("%+v, %v", view, err)
	}
	closure, err := a.ReadClosure(t.Context(), contract.ClosureInput{})
	if err != nil || closure.State != models.ClosureWaiting || len(*woken) != 2 {
		t.Errorf("%+v, %v, woke %d times", closure, err, len(*woken))
	}
	if closure, err = a.CloseDue(t.Context(), contract.ClosureInput{}); err != nil || closure.State != models.ClosureDone {
		t.Errorf("%+v, %v", closure, err)
	}
	send, err := a.ReadScheduled(t.Context(), contract.ScheduledInput{})
	if err != nil || send.State != models.ScheduledWaiting || len(*woken) != 3 {
		t.Errorf("%+v, %v, woke %d times", send, err, len(*woken))
	}
	if send, err = a.SendDue(t.Context(), contract.ScheduledInput{}); err != nil || send.State != models.ScheduledSent {
		t.Errorf("%+v, %v", send, err)
	}
	if view, err := a.SurveyTurn(t.Context(), contract.SurveyStart{}); err != nil || view.State != models.SurveyExpired {
		t.Errorf("%+v, %v", view, err)
	}
	if strings.Join(rows.did, ", ") != "turn, command 36, closure, close due, scheduled, send due, survey" || len(*woken) != 5 || (*woken)[2].Connections[0] != 3 {
		t.Errorf("did %v, woke %+v", rows.did, *woken)
	}
	rows.err = &models.Error{Code: models.CodeNotFound, Message: "no such ticket", Err: errors.New("Maria Souza")}
	_, err = a.RunTicketCommand(t.Context(), contract.TicketCommandInput{CommandID: 37})
	var failed *temporal.ApplicationError
	if !errors.As(err, &failed) || !failed.NonRetryable() || strings.Contains(err.Error(), "Maria") || len(*woken) != 5 {
		t.Errorf("%v, woke %d times", err, len(*woken))
	}
}
