package activities

import (
	"context"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TicketStore is what tickets need of Postgres.
type TicketStore interface {
	TicketTurn(ctx context.Context, ticket contract.TicketStart) (contract.TicketView, contract.Wake, error)
	Closure(ctx context.Context, closure contract.ScheduledClosureStart) (contract.ClosureView, error)
	CloseDue(ctx context.Context, closure contract.ScheduledClosureStart) (contract.ClosureView, contract.Wake, error)
	ScheduledSend(ctx context.Context, send contract.ScheduledSendStart) (contract.ScheduledSendView, error)
	SendDue(ctx context.Context, send contract.ScheduledSendStart) (contract.ScheduledSendView, contract.Wake, error)
	SurveyTurn(ctx context.Context, survey contract.SurveyStart) (contract.SurveyView, contract.Wake, error)
	RunTicketCommand(ctx context.Context, ticket contract.TicketStart, command models.TicketCommandID, choose contract.FlowChooser) (contract.TicketView, contract.Wake, error)
}

// Tickets does what agents ask of tickets. Safe for concurrent use.
type Tickets struct {
	store  TicketStore
	waker  Waker
	choose contract.FlowChooser
}

// NewTickets makes a Tickets. choose picks the flow that a message starts.
func NewTickets(s TicketStore, w Waker, choose contract.FlowChooser) *Tickets {
	return &Tickets{store: s, waker: w, choose: choose}
}

// TicketTurn looks at a ticket: a snooze whose end has come ends, and an assignment whose time is over lapses.
func (t *Tickets) TicketTurn(ctx context.Context, in contract.TicketTurnInput) (contract.TicketView, error) {
	return t.answer(t.store.TicketTurn(ctx, in.Ticket))
}

// RunTicketCommand does one command of a ticket's mailbox, or refuses it. Idempotent by command.
func (t *Tickets) RunTicketCommand(ctx context.Context, in contract.TicketCommandInput) (contract.TicketView, error) {
	return t.answer(t.store.RunTicketCommand(ctx, in.Ticket, in.CommandID, t.choose))
}

// ReadClosure reads how a scheduled closure stands.
func (t *Tickets) ReadClosure(ctx context.Context, in contract.ClosureInput) (contract.ClosureView, error) {
	view, err := t.store.Closure(ctx, in.Closure)
	return view, asActivityError(err)
}

// CloseDue closes a ticket whose scheduled closure has come due. Idempotent: a closure ends once.
func (t *Tickets) CloseDue(ctx context.Context, in contract.ClosureInput) (contract.ClosureView, error) {
	view, wake, err := t.store.CloseDue(ctx, in.Closure)
	if err != nil {
		return contract.ClosureView{}, asActivityError(err)
	}
	t.waker.Wake(wake)
	return view, nil
}

// ReadScheduled reads how a scheduled send stands.
func (t *Tickets) ReadScheduled(ctx context.Context, in contract.ScheduledInput) (contract.ScheduledSendView, error) {
	view, err := t.store.ScheduledSend(ctx, in.Send)
	return view, asActivityError(err)
}

// SendDue sends what is scheduled and has come due. Idempotent: an occurrence is over once.
func (t *Tickets) SendDue(ctx context.Context, in contract.ScheduledInput) (contract.ScheduledSendView, error) {
	view, wake, err := t.store.SendDue(ctx, in.Send)
	if err != nil {
		return contract.ScheduledSendView{}, asActivityError(err)
	}
	t.waker.Wake(wake)
	return view, nil
}

// answer wakes after COMMIT what a transaction asks for.
func (t *Tickets) answer(view contract.TicketView, wake contract.Wake, err error) (contract.TicketView, error) {
	if err != nil {
		return contract.TicketView{}, asActivityError(err)
	}
	t.waker.Wake(wake)
	return view, nil
}
