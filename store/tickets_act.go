package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// accept gives the ticket to who asks for it, if nobody has it. Of two who accept at once the first wins.
func (d *desk) accept(ctx context.Context, by models.Actor) error {
	t := d.ticket
	if t.isOf(by) {
		return nil
	}
	if t.AgentID != nil {
		return d.taken(ctx)
	}
	greets, err := d.greetsAsAgent(ctx)
	if err != nil {
		return err
	}
	if err := d.take(ctx, by, map[string]any{"greets": true}); err != nil || !greets {
		return err
	}
	return d.autoText(ctx, models.TextAgentGreeting, "")
}

// take gives a ticket without agent to a person, and leaves its queue (rules 136, 139).
func (d *desk) take(ctx context.Context, by models.Actor, data map[string]any) error {
	t, me := d.ticket, models.UserID(by.ID)
	name, err := d.worker(ctx, me)
	if err != nil {
		return err
	}
	from := t.place()
	t.setAgent(&me, name)
	t.AcceptedAt = &d.now
	t.unsnooze()
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: models.TicketWasAccepted, actor: by, from: from, data: data}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteTicketAccepted, map[string]string{"agent": name})
}

// taken refuses a ticket that another agent has, and says who and since when.
func (d *desk) taken(ctx context.Context) error {
	t := d.ticket
	var since *time.Time
	err := d.tx.QueryRow(ctx, `
		SELECT max(at)
		FROM ticket_events
		WHERE ticket_id = @ticket AND agent_id = @agent AND kind IN ('assigned', 'accepted', 'transferred', 'reopened')`,
		pgx.NamedArgs{"ticket": t.ID, "agent": t.AgentID}).Scan(&since)
	if err != nil {
		return fmt.Errorf("read since when an agent has a ticket: %w", err)
	}
	args := map[string]string{"agent": derefText(t.AgentName), "agent_id": t.AgentID.String()}
	if since != nil {
		args["at"] = since.UTC().Format(time.RFC3339)
	}
	return models.TicketRefusal(models.KeyTicketTaken, args)
}

// giveTo gives the ticket to an agent. Its queue goes (rule 138), and so does a snooze.
func (d *desk) giveTo(ctx context.Context, by models.Actor, to *models.TicketToUser, kind models.TicketEventKind) error {
	t := d.ticket
	if to.UserID == 0 {
		return d.giveUp(ctx, by)
	}
	name, err := d.worker(ctx, to.UserID)
	if err != nil {
		return err
	}
	if t.AgentID != nil && *t.AgentID == to.UserID && t.QueueID == nil && t.SnoozedAt == nil {
		return d.handOverNote(ctx, by, to.Note)
	}
	from := t.place()
	line := models.NoteTicketTransferred
	if from.agent == nil && from.queue == nil {
		kind = models.TicketWasAssigned
	}
	if kind == models.TicketWasAssigned {
		line = models.NoteTicketAssigned
	}
	t.give(nil, &to.UserID, name)
	t.unsnooze()
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: kind, actor: by, from: from}); err != nil {
		return err
	}
	return d.moved(ctx, by, from, line, map[string]string{"agent": name}, to.Note)
}

// giveUp takes the ticket from its agent, who asks for it. It waits again, in its queue if it has one. Another agent's is refused.
func (d *desk) giveUp(ctx context.Context, by models.Actor) error {
	t := d.ticket
	switch {
	case t.AgentID == nil:
		return nil
	case !t.isOf(by):
		return d.taken(ctx)
	}
	from, agent := t.place(), derefText(t.AgentName)
	t.setAgent(nil, "")
	if t.FirstReplyAt == nil {
		t.AcceptedAt = nil
	}
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: models.TicketWasUnassigned, actor: by, from: from}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteTicketGivenUp, map[string]string{"agent": agent})
}

// giveToQueue gives the ticket to a queue. Its agent goes, and so does a snooze. The contact's default agent has no say: people
// forward it (rule 144 d).
func (d *desk) giveToQueue(ctx context.Context, by models.Actor, to *models.TicketToQueue) error {
	t := d.ticket
	q, err := d.queue(ctx, to.QueueID)
	if err != nil {
		return err
	}
	if t.QueueID != nil && *t.QueueID == q.ID && t.AgentID == nil && t.SnoozedAt == nil {
		return d.handOverNote(ctx, by, to.Note)
	}
	from := t.place()
	kind, line := models.TicketWasTransferred, models.NoteTicketTransferred
	if from.agent == nil && from.queue == nil {
		kind, line = models.TicketWasQueued, models.NoteTicketQueued
	}
	t.give(q, nil, "")
	t.unsnooze()
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: kind, actor: by, from: from}); err != nil {
		return err
	}
	return d.moved(ctx, by, from, line, map[string]string{"queue": q.Name}, to.Note)
}

// moved writes the line about where a ticket went, and sends the text of a transfer where it stood somewhere before (rules 018, 048).
func (d *desk) moved(ctx context.Context, by models.Actor, from place, line models.NoteCode, values map[string]string, note string) error {
	if err := d.tellGiven(ctx, by, line, values, note); err != nil || from.queue == nil && from.agent == nil {
		return err
	}
	return d.autoText(ctx, models.TextTransfer, "")
}

// tellGiven writes the line about where a ticket went (rule 036), and the note for who takes over.
func (d *desk) tellGiven(ctx context.Context, by models.Actor, line models.NoteCode, values map[string]string, note string) error {
	var err error
	if values["by"], err = d.nameOf(ctx, by); err != nil {
		return err
	}
	if err := d.say(ctx, line, values); err != nil {
		return err
	}
	return d.handOverNote(ctx, by, note)
}

// prioritize sets the conversation's priority.
func (d *desk) prioritize(ctx context.Context, by models.Actor, p models.Priority) error {
	if !p.Known() {
		return models.TicketRefusal(models.KeyTicketCommandUnusable, nil)
	}
	var was models.Priority
	err := d.tx.QueryRow(ctx, `
		SELECT priority
		FROM conversations
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID}).Scan(&was)
	if err != nil {
		return fmt.Errorf("read a priority: %w", err)
	}
	if was == p {
		return nil
	}
	if _, err := d.tx.Exec(ctx, `
		UPDATE conversations
		SET priority = @priority
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "priority": p}); err != nil {
		return fmt.Errorf("set a priority: %w", err)
	}
	d.acted(by)
	return d.record(ctx, fact{kind: models.TicketWasPrioritized, actor: by, from: d.ticket.place(), data: map[string]any{"from": was, "to": p}})
}

// acted renews the assignment where its agent did something.
func (d *desk) acted(by models.Actor) {
	if d.ticket.isOf(by) {
		d.ticket.renew(d.now)
	}
}

// longestSnooze is how far ahead a ticket may be put off.
const longestSnooze = 366 * 24 * time.Hour

// snooze hides the ticket until an instant or until the contact writes.
func (d *desk) snooze(ctx context.Context, by models.Actor, z *models.TicketSnoozing) error {
	if z.Until == nil && !z.UntilReply || z.Until != nil && (!z.Until.After(d.now) || z.Until.After(d.now.Add(longestSnooze))) {
		return models.TicketRefusal(models.KeyTicketSnoozePast, nil)
	}
	t := d.ticket
	t.SnoozedAt, t.SnoozedUntil, t.SnoozeUntilReply, t.SnoozeReason = &d.now, z.Until, z.UntilReply, nil
	data, values := map[string]any{"until_reply": z.UntilReply}, map[string]string{"reason": z.Reason}
	if z.Reason != "" {
		t.SnoozeReason, data["reason"] = &z.Reason, z.Reason
	}
	if z.Until != nil {
		data["until"], values["until"] = z.Until, z.Until.UTC().Format(time.RFC3339)
	}
	if z.UntilReply {
		values["reply"] = strconv.FormatBool(true)
	}
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: models.TicketWasSnoozed, actor: by, from: t.place(), data: data}); err != nil {
		return err
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	values["by"] = name
	return d.say(ctx, models.NoteTicketSnoozed, values)
}

// wakeUp ends a snooze. Its line brings the row to the top and says why it was put off.
func (d *desk) wakeUp(ctx context.Context, by models.Actor) error {
	t := d.ticket
	reason := derefText(t.SnoozeReason)
	if !t.unsnooze() {
		return nil
	}
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: models.TicketWoke, actor: by, from: t.place()}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteSnoozeOver, map[string]string{"reason": reason})
}

// lapse takes the ticket from an agent who did nothing for as long as the queue allows. It waits in the queue again.
func (d *desk) lapse(ctx context.Context) error {
	t := d.ticket
	from, agent := t.place(), derefText(t.AgentName)
	t.setAgent(nil, "")
	t.renew(d.now)
	if err := d.record(ctx, fact{kind: models.TicketLapsed, actor: models.Actor{Kind: models.ActorRule, Rule: models.RuleLease}, from: from}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteLeaseLapsed, map[string]string{"agent": agent, "queue": derefText(t.QueueName)})
}

// reopen opens the latest ticket of its conversation again, for who asks for it.
func (d *desk) reopen(ctx context.Context, by models.Actor) error {
	t := d.ticket
	switch {
	case d.conv.InCharge == models.InChargeTicket:
		return models.TicketRefusal(models.KeyTicketOpenExists, nil)
	case d.conv.Superseded || d.conv.LastTicketID == nil || *d.conv.LastTicketID != t.ID:
		return models.TicketRefusal(models.KeyTicketNotLatest, nil)
	}
	me := models.UserID(by.ID)
	name, err := d.worker(ctx, me)
	if err != nil {
		return err
	}
	from := t.place()
	t.setAgent(&me, name)
	t.AcceptedAt = &d.now
	t.ClosedAt, t.ClosedByKind, t.ClosedByID, t.ClosingReasonID = nil, nil, nil, nil
	t.FlowRunID = nil
	if d.conv.InCharge == models.InChargeFlow {
		t.FlowRunID = d.conv.FlowRunID
	}
	t.renew(d.now)
	if err := d.charge(ctx); err != nil {
		return err
	}
	if err := d.record(ctx, fact{kind: models.TicketWasReopened, actor: by, from: from}); err != nil {
		return err
	}
	return d.say(ctx, models.NoteTicketReopened, map[string]string{"by": name})
}
