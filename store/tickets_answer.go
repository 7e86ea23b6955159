package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// answers tells whether a message is an agent's word to the contact, which decides who serves the conversation: reactions are
// none (rule 111), and a program's are only where they are sent as a person (Z35).
func (o *Outbound) answers() bool {
	if o.AuthorID == nil || o.Content.Kind == models.ContentKindReaction {
		return false
	}
	return o.Origin == models.OriginAgent || o.Origin == models.OriginAPI && o.Assign
}

func (o *Outbound) actor() models.Actor {
	a := models.Actor{Kind: models.ActorUser, ID: int64(*o.AuthorID), Rule: models.RuleAnswered}
	if o.Origin == models.OriginAPI {
		a.Kind = models.ActorAPI
	}
	return a
}

// takeToAnswer lets an agent's message decide who serves the conversation, before it is stored. Without a ticket it opens one for
// the writer and a flow that runs is suspended (rules 136, 074, Z33). A ticket without agent becomes the writer's and stays in its
// queue (rule 139). One with an agent stays as it is (rules 137, 140), and where its queue says so others may not write. The
// conversation's row is locked. The result is nil for a message that decides nothing.
func (s *Store) takeToAnswer(ctx context.Context, tx pgx.Tx, p *sendPlace, out *Outbound, wake *contract.Wake) (*desk, error) {
	if !out.answers() {
		return nil, nil //nolint:nilnil // the message decides nothing
	}
	d, err := s.deskAt(ctx, tx, &p.row, wake)
	if err != nil {
		return nil, err
	}
	by := out.actor()
	t := d.ticket
	switch {
	case t == nil && out.OpensNone:
		return d, nil
	case t == nil:
		return d, d.openToAnswer(ctx, p, out)
	case t.AgentID == nil:
		if err := d.take(ctx, by, nil); err != nil {
			return nil, err
		}
		return d, d.ring(ctx)
	case !t.isOf(by) && t.WriteLock:
		return nil, models.TicketRefusal(models.KeyTicketWriteLocked, map[string]string{"agent": derefText(t.AgentName)})
	case t.SnoozedAt != nil:
		if err := d.wakeUp(ctx, by); err != nil {
			return nil, err
		}
		return d, d.ring(ctx)
	}
	return d, nil
}

// openToAnswer opens a ticket for a message. We began where the contact has no open session and the message is a template (rule 162).
func (d *desk) openToAnswer(ctx context.Context, p *sendPlace, out *Outbound) error {
	t := &contract.TicketOpening{Mode: "agent", AgentID: out.AuthorID, Actor: out.actor(), Origin: models.OriginReceptive}
	if out.Content.Kind == models.ContentKindTemplate && !p.windowOpenAt(out.Origin, d.now) {
		t.Origin = models.OriginActive
	}
	if o := out.Opening; o != nil {
		t.QueueID, t.AgentID = o.QueueID, o.AgentID
		if t.QueueID == nil && t.AgentID == nil {
			t.AgentID = out.AuthorID // rule 147
		}
		if t.AgentID == nil {
			t.Mode = "queue"
		}
	}
	_, err := d.open(ctx, t)
	return err
}

// answered notes what an agent's message that was stored means for the ticket: the first reply, and another term for its agent.
func (d *desk) answered(ctx context.Context, out *Outbound, m *models.Message) error {
	t, by := d.ticket, out.actor()
	if t.isOf(by) && t.AcceptedAt == nil {
		t.AcceptedAt = &d.now
		t.renew(d.now)
		if err := d.record(ctx, fact{kind: models.TicketWasAccepted, actor: by, from: t.place()}); err != nil {
			return err
		}
	}
	if t.FirstReplyAt == nil && m.State == models.MessageQueued {
		t.FirstReplyAt = &d.now
		d.acted(by)
		return d.record(ctx, fact{kind: models.TicketWasAnswered, actor: by, from: t.place(), data: map[string]any{"message_id": m.ID}})
	}
	if !t.isOf(by) || t.LeaseMinutes == nil {
		return nil
	}
	had := t.LeaseUntil != nil
	t.renew(d.now)
	if _, err := d.tx.Exec(ctx, `
		UPDATE tickets
		SET lease_until = @lease_until
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": t.AccountID, "id": t.ID, "lease_until": t.LeaseUntil}); err != nil {
		return fmt.Errorf("renew an assignment: %w", err)
	}
	if had {
		return nil // its workflow looks again when the old term ends
	}
	return d.ring(ctx)
}
