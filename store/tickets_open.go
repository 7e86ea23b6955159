package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// openedTicket is the ticket that is open in a conversation after open.
type openedTicket struct {
	ID       models.TicketID
	Protocol string
	// WasOpen says that it was open before: nothing changed and no protocol number was taken.
	WasOpen bool
}

// OpenTicket opens a ticket in a conversation. A ticket that is open already is given as it is, with was true. A queue or an
// agent that the account does not have, or that gets no tickets, is CodeInvalid. After COMMIT the caller rings what wake names.
func (s *Store) OpenTicket(ctx context.Context, account models.AccountID, conversation models.ConversationID, t contract.TicketOpening) (id models.TicketID, was bool, wake contract.Wake, err error) {
	err = s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		conv, err := lockConversationByID(ctx, tx, account, conversation)
		if err != nil {
			return err
		}
		d, err := s.deskAt(ctx, tx, conv, &wake)
		if err != nil {
			return err
		}
		open, err := d.open(ctx, &t)
		id, was = open.ID, open.WasOpen
		return err
	})
	return id, was, wake, asError(err, "ticket")
}

// newTicket is what opening needs to know besides what it is told.
type newTicket struct {
	day       string
	queue     *models.Queue // nil: none
	agent     *models.UserID
	agentName string
	byDefault bool // the contact's default agent took the queue's place (rule 142)
}

// open opens a ticket and puts people in charge. The protocol number is the day and a counter of that day (rule 074). A
// run that is in charge and did not ask for it is suspended (Z33): it keeps its place and goes on when people hand back. A queue
// or an agent that the account does not have is CodeInvalid, and then nothing has changed.
func (d *desk) open(ctx context.Context, t *contract.TicketOpening) (openedTicket, error) {
	var open openedTicket
	if d.conv.Superseded {
		return open, refusedTicket("conversation_id", "this conversation was merged and goes on in another one")
	}
	n, err := d.prepare(ctx, t, &open)
	if err != nil || open.WasOpen {
		return open, err
	}
	number, err := nextNumber(ctx, d.tx, d.conv.AccountID, "protocol/"+n.day)
	if err != nil {
		return open, err
	}
	open.Protocol = fmt.Sprintf("%s%05d", n.day, number)
	running := d.conv.FlowRunID
	takesOver := d.conv.InCharge == models.InChargeFlow && running != nil && (t.FlowRunID == nil || *t.FlowRunID != *running)
	run := t.FlowRunID
	if takesOver {
		run = running
	}
	if open.ID, err = d.insertTicket(ctx, t, n, open.Protocol, run, takesOver || t.Suspended); err != nil {
		return open, err
	}
	if !takesOver && !t.Suspended {
		d.conv.FlowRunID = nil
	}
	d.conv.InCharge, d.conv.TicketID, d.conv.LastTicketID = models.InChargeTicket, &open.ID, &open.ID
	if err := d.read(ctx, open.ID); err != nil {
		return open, err
	}
	d.conv.QueueID, d.conv.AgentID, d.conv.TicketState, d.conv.Snoozed = d.ticket.QueueID, d.ticket.AgentID, &d.ticket.State, false
	if d.conv.SurveyWaits || openingActor(t).Kind == models.ActorFlow { // a step does not know whether one waits
		if err := d.endSurveys(ctx, models.SurveyCancelled); err != nil {
			return open, err
		}
	}
	if err := d.tellOpened(ctx, t, n); err != nil {
		return open, err
	}
	if err := d.notifyPlace(ctx, place{}, openingActor(t)); err != nil {
		return open, err
	}
	by := openingActor(t).Kind
	if t.Recorded {
		return open, nil
	}
	if d.ticket.AgentID == nil && (by == models.ActorRule || by == models.ActorFlow) {
		if err := d.autoText(ctx, models.TextGreeting, ""); err != nil {
			return open, err
		}
	}
	if takesOver || by == models.ActorUser || by == models.ActorAPI {
		// Also what a flow said that has ended: a person speaks now.
		if err := d.silence(ctx); err != nil {
			return open, err
		}
	}
	return open, d.ring(ctx)
}

// prepare looks up queue, agent and default agent of a ticket to be opened. The default agent takes the place of the queue
// where the opening asks for it and the agent belongs to the queue (rules 142, 144 b).
func (d *desk) prepare(ctx context.Context, t *contract.TicketOpening, open *openedTicket) (newTicket, error) {
	var n newTicket
	var queue models.Queue
	var queueKnown, agentKnown bool
	var usual *models.UserID
	var usualName string
	err := d.tx.QueryRow(ctx, `
		SELECT coalesce(t.id, 0), coalesce(t.protocol, ''), t.id IS NOT NULL, to_char(@now::timestamptz AT TIME ZONE a.timezone, 'YYYYMMDD'),
			q.id IS NOT NULL, coalesce(q.id, 0), coalesce(q.name, ''), coalesce(q.write_lock, false), q.lease_minutes,
			u.id IS NOT NULL, coalesce(u.name, ''), m.id, coalesce(m.name, '')
		FROM accounts a
		LEFT JOIN tickets t ON t.conversation_id = @conversation AND t.state <> 'closed'
		LEFT JOIN queues q ON q.account_id = a.id AND q.id = @queue AND q.archived_at IS NULL
		LEFT JOIN users u ON u.account_id = a.id AND u.id = @agent AND `+mayGetTickets+`
		LEFT JOIN contacts k ON @usual AND k.account_id = a.id AND k.id = @contact
		LEFT JOIN users m ON m.id = k.default_agent_id AND m.account_id = k.account_id AND m.disabled_at IS NULL
			AND EXISTS (SELECT 1 FROM queue_members qm WHERE qm.account_id = a.id AND qm.queue_id = q.id AND qm.user_id = m.id)
		WHERE a.id = @account`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "contact": d.conv.ContactID, "queue": t.QueueID, "agent": t.AgentID,
			"usual": t.DefaultAgent && t.AgentID == nil && t.QueueID != nil, "now": d.now}).
		Scan(&open.ID, &open.Protocol, &open.WasOpen, &n.day, &queueKnown, &queue.ID, &queue.Name, &queue.WriteLock, &queue.LeaseMinutes,
			&agentKnown, &n.agentName, &usual, &usualName)
	switch {
	case err != nil:
		return n, fmt.Errorf("open a ticket: %w", err)
	case open.WasOpen:
		return n, nil
	case t.QueueID != nil && !queueKnown:
		return n, refusedTicket("queue_id", "no such queue")
	case t.AgentID != nil && !agentKnown:
		return n, refusedTicket("agent_id", "nobody of this account who works has this id")
	}
	n.agent = t.AgentID
	if queueKnown {
		n.queue = &queue
	}
	if usual != nil {
		n.agent, n.agentName, n.byDefault = usual, usualName, true
	}
	return n, nil
}

func refusedTicket(field, why string) error {
	return &models.Error{Code: models.CodeInvalid, Key: models.KeyTicketRefused, Message: "the ticket cannot be opened: " + why,
		Fields: []models.Field{{Path: field, Message: why}}}
}

// insertTicket stores a new ticket, the conversation's copy of it, what happened and the event.
func (d *desk) insertTicket(ctx context.Context, t *contract.TicketOpening, n newTicket, protocol string, run *models.FlowRunID, keepRun bool) (models.TicketID, error) {
	opening, err := json.Marshal(map[string]bool{"online_only": t.OnlineOnly, "default_agent": t.DefaultAgent})
	if err != nil {
		return 0, fmt.Errorf("open a ticket: %w", err)
	}
	actor := openingActor(t)
	made := deskTicket{}
	if n.byDefault {
		made.give(nil, n.agent, n.agentName) // only the agent is shown, not the queue
	} else {
		made.give(n.queue, n.agent, n.agentName)
	}
	made.renew(d.now)
	state := models.TicketWaiting
	if made.AgentID != nil {
		state = models.TicketOpen
	}
	origin := t.Origin
	if origin == "" {
		origin = models.OriginReceptive
	}
	kinds, rules := openingFacts(t, n)
	if made.isOf(actor) {
		made.AcceptedAt = &d.now
	}
	var asked *models.QueueID
	if n.queue != nil {
		asked = &n.queue.ID
	}
	var id models.TicketID
	err = d.tx.QueryRow(ctx, `
		WITH t AS (
			INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state, origin, opening_mode, opening, queue_id, agent_id,
				flow_run_id, opened_by_kind, opened_by_id, opened_at, accepted_at, lease_until)
			VALUES (@account, @conversation, @contact, @protocol, @state, @origin, @mode, @opening, @queue, @agent,
				@run, @actor, nullif(@actor_id::bigint, 0), @now, @accepted, @lease)
			RETURNING id
		), c AS (
			UPDATE conversations
			SET in_charge = 'ticket', ticket_id = t.id, flow_run_id = CASE WHEN @keep_run THEN flow_run_id END,
				queue_id = @queue, agent_id = @agent, ticket_state = @state, snoozed = false,
				last_ticket_id = t.id, protocol = @protocol, opened_at = @now, updated_at = @now
			FROM t WHERE conversations.id = @conversation
		), f AS (
			INSERT INTO ticket_events (account_id, ticket_id, conversation_id, kind, actor_kind, actor_id, rule, queue_id, agent_id, from_queue_id, at)
			SELECT @account, t.id, @conversation, k.kind, @actor, nullif(@actor_id::bigint, 0), nullif(k.rule, ''),
				CASE WHEN k.gives THEN @queue::bigint ELSE @asked::bigint END,
				CASE WHEN k.gives THEN @agent::bigint END,
				CASE WHEN k.gives AND @asked::bigint IS DISTINCT FROM @queue::bigint THEN @asked::bigint END, @now
			FROM t, (
				SELECT kind, rule, place, kind IN ('assigned', 'accepted') AS gives
				FROM unnest(@kinds::text[], @rules::text[]) WITH ORDINALITY AS u (kind, rule, place)
			) k
			ORDER BY k.place
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
			SELECT @account, @event, @conversation, t.id, @moved FROM t
		)
		SELECT id FROM t`,
		pgx.NamedArgs{
			"account": d.conv.AccountID, "conversation": d.conv.ID, "contact": d.conv.ContactID, "protocol": protocol, "state": state,
			"origin": origin, "mode": t.Mode, "opening": opening, "queue": made.QueueID, "agent": made.AgentID, "run": run,
			"actor": actor.Kind, "actor_id": actor.ID, "now": d.now, "accepted": made.AcceptedAt, "lease": made.LeaseUntil, "keep_run": keepRun,
			"asked": asked, "kinds": kinds, "rules": rules, "event": models.EventTicketOpened, "moved": movedFrom(place{d.conv.QueueID, d.conv.AgentID}),
		}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("open a ticket: %w", err)
	}
	return id, nil
}

// movedFrom is the data of an event about a ticket: where it stood before.
func movedFrom(p place) json.RawMessage {
	b, err := json.Marshal(map[string]any{"from_queue_id": p.queue, "from_agent_id": p.agent})
	if err != nil { // two numbers marshal
		panic(err)
	}
	return b
}

// openingActor is who opens a ticket: who is named, else the run.
func openingActor(t *contract.TicketOpening) models.Actor {
	switch {
	case t.Actor.Kind != "":
		return t.Actor
	case t.FlowRunID != nil:
		return models.Actor{Kind: models.ActorFlow, ID: int64(*t.FlowRunID)}
	}
	return models.Actor{Kind: models.ActorSystem}
}

// openingFacts are the kinds of the facts of an opening, and the rule that decided each.
func openingFacts(t *contract.TicketOpening, n newTicket) (kinds []models.TicketEventKind, rules []models.TicketRule) {
	actor := openingActor(t)
	add := func(kind models.TicketEventKind, rule models.TicketRule) {
		kinds, rules = append(kinds, kind), append(rules, rule)
	}
	add(models.TicketWasOpened, actor.Rule)
	if t.Recorded {
		return kinds, rules
	}
	if n.queue != nil {
		add(models.TicketWasQueued, actor.Rule)
	}
	switch {
	case n.byDefault:
		add(models.TicketWasAssigned, models.RuleDefaultAgent)
	case n.agent != nil && openedForOneself(actor, n):
		add(models.TicketWasAccepted, actor.Rule)
	case n.agent != nil:
		add(models.TicketWasAssigned, actor.Rule)
	}
	return kinds, rules
}

func openedForOneself(actor models.Actor, n newTicket) bool {
	return n.agent != nil && int64(*n.agent) == actor.ID && (actor.Kind == models.ActorUser || actor.Kind == models.ActorAPI)
}

// tellOpened writes the lines about a new ticket: its number, and where it went.
func (d *desk) tellOpened(ctx context.Context, t *contract.TicketOpening, n newTicket) error {
	if err := d.say(ctx, models.NoteTicketOpened, map[string]string{"protocol": d.ticket.Protocol}); err != nil {
		return err
	}
	actor := openingActor(t)
	if t.Recorded {
		return nil
	}
	if n.agent != nil && openedForOneself(actor, n) {
		return d.say(ctx, models.NoteTicketAccepted, map[string]string{"agent": n.agentName})
	}
	if n.agent == nil && n.queue == nil {
		return nil
	}
	by, err := d.nameOf(ctx, actor)
	if err != nil {
		return err
	}
	if n.agent != nil {
		return d.say(ctx, models.NoteTicketAssigned, map[string]string{"agent": n.agentName, "by": by})
	}
	return d.say(ctx, models.NoteTicketQueued, map[string]string{"queue": n.queue.Name, "by": by})
}

// number tells the run that opened a ticket its number, where it went, and its place among the tickets that wait there.
func (d *desk) number(ctx context.Context, open openedTicket, tell func(contract.OpenedTicket) error) error {
	out := contract.OpenedTicket{Protocol: open.Protocol}
	if t := d.ticket; t != nil {
		out.Queue, out.Agent = derefText(t.QueueName), derefText(t.AgentName)
		if t.AgentID == nil && t.QueueID != nil {
			err := d.tx.QueryRow(ctx, `
				SELECT count(*)
				FROM conversations
				WHERE account_id = @account AND queue_id = @queue AND ticket_state IS NOT NULL
					AND desk = 'waiting' AND ticket_id <= @ticket`,
				pgx.NamedArgs{"account": t.AccountID, "queue": t.QueueID, "ticket": t.ID}).Scan(&out.Position)
			if err != nil {
				return fmt.Errorf("count the tickets before one: %w", err)
			}
		}
	}
	return tell(out)
}
