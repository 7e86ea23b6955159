package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// wakeByContact ends a snooze that the contact's message ends: one that waits for it, or that has no other end. It rings the
// ticket's workflow, whose instant is over.
func (s *Store) wakeByContact(ctx context.Context, tx pgx.Tx, conv *conversationRow, wake *contract.Wake) error {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil || d.ticket == nil {
		return err
	}
	if d.ticket.SnoozedUntil != nil && !d.ticket.SnoozeUntilReply {
		return nil
	}
	by := models.Actor{Kind: models.ActorContact, ID: int64(conv.ContactID), Rule: models.RuleSnooze}
	if err := d.wakeUp(ctx, by); err != nil {
		return err
	}
	return d.ring(ctx)
}

// openInInitialQueue opens a ticket in the queue that the connection gives to what comes in (rule 028). The contact's default
// agent takes it where they belong to that queue (rule 142). A queue that was archived since leaves the ticket without one, so
// that the contact is not lost.
func (s *Store) openInInitialQueue(ctx context.Context, tx pgx.Tx, conn *models.Connection, conv *conversationRow, wake *contract.Wake) error {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil {
		return err
	}
	t := &contract.TicketOpening{Mode: "queue", QueueID: conn.InitialQueueID, DefaultAgent: true,
		Actor: models.Actor{Kind: models.ActorRule, Rule: models.RuleInitialQueue}}
	_, err = d.open(ctx, t)
	if models.KeyOf(err) == models.KeyTicketRefused {
		t.Mode, t.QueueID, t.DefaultAgent = "unassigned", nil, false
		_, err = d.open(ctx, t)
	}
	return err
}

// handOverNote writes a note for who takes a ticket over.
func (d *desk) handOverNote(ctx context.Context, by models.Actor, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	_, err := d.s.insertNote(ctx, d.tx, &d.conv.Conversation, &AgentNote{ConversationID: d.conv.ID, AuthorID: models.UserID(by.ID), Text: text})
	return err
}
