package activities

import (
	"context"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TicketStore is what tickets need of Postgres.
type TicketStore interface {
	TicketTurn(ctx context.Context, ticket contract.TicketStart) (contract.TicketView, contract.Wake, error)
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

// answer wakes after COMMIT what a transaction asks for.
func (t *Tickets) answer(view contract.TicketView, wake contract.Wake, err error) (contract.TicketView, error) {
	if err != nil {
		return contract.TicketView{}, asActivityError(err)
	}
	t.waker.Wake(wake)
	return view, nil
}
