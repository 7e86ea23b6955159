package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// closeTicket closes the ticket for a person (rules 150, 154, 157, 158, 141): the text leaves first, the fields are stored, and in
// the same transaction the suspended run goes on or nobody is in charge. The closing flow starts where no run goes on (rule 156).
func (d *desk) closeTicket(ctx context.Context, by models.Actor, c *models.TicketClosing) error {
	reason, err := d.reason(ctx, c.ReasonID)
	if err != nil {
		return err
	}
	survey, err := d.surveyToAsk(ctx, c.SurveyID)
	if err != nil {
		return err
	}
	values, err := d.closingValues(ctx, by, c, true)
	if err != nil {
		return err
	}
	switch {
	case c.Text != "":
		err = d.sendClosingText(ctx, by, c.Text)
	case !c.Silent:
		err = d.farewell(ctx, by)
	}
	if err != nil {
		return err
	}
	return d.finish(ctx, by, closed{c.ReasonID, reason, values, survey})
}

// closed is with what a ticket closes.
type closed struct {
	reasonID models.ClosingReasonID
	reason   string
	values   json.RawMessage
	survey   *models.Survey // asked after the closing; nil: none
}

// finish ends the ticket. The closing flow starts where no run goes on (rule 156) and no survey waits.
func (d *desk) finish(ctx context.Context, by models.Actor, with closed) error {
	if with.reasonID != 0 {
		d.ticket.ClosingReasonID = &with.reasonID
	}
	d.ticket.ClosingValues = with.values
	resumes, err := d.end(ctx, by)
	if err != nil {
		return err
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	if err := d.say(ctx, models.NoteTicketClosed, map[string]string{"by": name, "reason": with.reason}); err != nil {
		return err
	}
	if with.survey != nil {
		if waits, err := d.askSurvey(ctx, by, with.survey); err != nil || waits {
			return err
		}
	}
	if resumes || d.conv.ChatbotDisabled {
		return nil
	}
	return d.startClosingFlow(ctx)
}

// end closes the ticket and lets the suspended run go on, if there is one. Queue and agent stay in the row: they decide who sees
// the conversation (Z32).
func (d *desk) end(ctx context.Context, by models.Actor) (resumes bool, err error) {
	if err := d.closeRow(ctx, by); err != nil {
		return false, err
	}
	if resumes, err = d.release(ctx); err != nil {
		return false, err
	}
	return resumes, d.keepFlowsAway(ctx)
}

// closeRow records that the ticket is closed.
func (d *desk) closeRow(ctx context.Context, by models.Actor) error {
	t := d.ticket
	kind := by.Kind
	t.ClosedAt, t.ClosedByKind, t.ClosedByID, t.LeaseUntil = &d.now, &kind, nil, nil
	if _, err := d.endClosing(ctx, models.ClosureOvertaken); err != nil {
		return err
	}
	if by.ID != 0 {
		t.ClosedByID = &by.ID
	}
	t.unsnooze()
	return d.record(ctx, fact{kind: models.TicketWasClosed, actor: by, from: t.place()})
}

// reason is the name of a closing reason; empty for none.
func (d *desk) reason(ctx context.Context, id models.ClosingReasonID) (string, error) {
	if id == 0 {
		return "", nil
	}
	r, err := one[models.ClosingReason](ctx, d.tx, "closing_reason", `
		SELECT name
		FROM closing_reasons
		WHERE account_id = @account AND id = @id AND archived_at IS NULL`, pgx.NamedArgs{"account": d.conv.AccountID, "id": id})
	if isNotFound(err) {
		return "", models.TicketRefusal(models.KeyTicketReason, nil)
	}
	if err != nil {
		return "", err
	}
	return r.Name, nil
}

// closingValues checks the fields given at closing and gives all as the ticket keeps them. Where it stores, those of the contact
// are stored, and what is to be cleared is deleted. A required field without a value is refused (rule 157).
func (d *desk) closingValues(ctx context.Context, by models.Actor, c *models.TicketClosing, stores bool) (json.RawMessage, error) {
	defined, err := list[closingField](ctx, d.tx, "custom_field", `
		SELECT entity, key, name, kind, options, required, max_length, on_closing
		FROM custom_fields
		WHERE account_id = @account AND entity IN ('contact', 'ticket') AND on_closing <> 'no' AND archived_at IS NULL
		ORDER BY position, id`, pgx.NamedArgs{"account": d.conv.AccountID})
	if err != nil {
		return nil, err
	}
	patch, refused := sortClosingValues(defined, c)
	if refused != nil {
		return nil, refused
	}
	w, err := viewerOf(ctx, d.tx, d.conv.AccountID, models.UserID(by.ID))
	if err != nil {
		return nil, err
	}
	checked, err := checkCustom(ctx, d.tx, d.conv.AccountID, w, patch)
	if err != nil {
		return nil, err
	}
	if stores && len(patch) > 0 {
		if err := d.storeContactValues(ctx, checked); err != nil {
			return nil, err
		}
	}
	return keptValues(c)
}

// keptValues are the fields of a closing as the ticket keeps them.
func keptValues(c *models.TicketClosing) (json.RawMessage, error) {
	kept := map[string]any{}
	for key, value := range c.Values {
		if value != nil {
			kept[key] = value
		}
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write closing values: %w", err)
	}
	return body, nil
}

// closingField is a field that closing asks for.
type closingField struct {
	models.CustomField
	OnClosing string
}

// sortClosingValues gives what changes on the contact: values that are given, and those to be cleared. It refuses fields that are
// missing, unknown or wrong.
func sortClosingValues(defined []closingField, c *models.TicketClosing) (map[string]any, error) {
	patch := map[string]any{}
	var missing []string
	wrong := []models.Field{}
	known := map[string]bool{}
	for _, f := range defined {
		known[f.Key] = true
		value := c.Values[f.Key]
		clears := slices.Contains(c.Clear, f.Key)
		switch {
		case value == nil && f.OnClosing == "required":
			missing = append(missing, f.Key)
		case value == nil && clears && f.Entity == models.FieldOfContact:
			patch[f.Key] = nil
		case value == nil:
		case f.Entity == models.FieldOfContact:
			patch[f.Key] = value
		default:
			field := flow.Field{Key: f.Key, Label: f.Name, Type: flow.VariableType(f.Kind), Options: f.Options, MaxLength: f.MaxLength}
			if why := field.Check(value); why != nil {
				wrong = append(wrong, models.Field{Path: customPath(f.Key), Message: why.Error()})
			}
		}
	}
	for key := range c.Values {
		if !known[key] {
			wrong = append(wrong, models.Field{Path: customPath(key), Message: "closing does not ask for this field"})
		}
	}
	if len(missing) > 0 {
		e := models.TicketRefusal(models.KeyTicketFieldsMissing, map[string]string{"fields": strings.Join(missing, ",")})
		for _, key := range missing {
			e.Fields = append(e.Fields, models.Field{Path: "body.values." + key, Message: "closing needs a value"})
		}
		return nil, e
	}
	if len(wrong) > 0 {
		return nil, &models.Error{Code: models.CodeInvalid, Key: "contact.custom_values", Fields: wrong,
			Message: "the account's custom fields refuse some of the values"}
	}
	return patch, nil
}

// storeContactValues stores custom values of the contact, and the files that they name.
func (d *desk) storeContactValues(ctx context.Context, p customPatch) error {
	_, err := d.tx.Exec(ctx, `
		WITH k AS (
			UPDATE contacts SET custom_values = (custom_values || @set::jsonb) - @cleared::text[], updated_at = @now
			WHERE account_id = @account AND id = @contact
		), u AS (
			INSERT INTO media_uses (account_id, media_id, contact_id)
			SELECT @account, f, @contact FROM unnest(@files::bigint[]) AS f
			ON CONFLICT DO NOTHING
		)
		INSERT INTO events (account_id, kind, entity_id) VALUES (@account, @event, @contact)`,
		pgx.NamedArgs{"account": d.conv.AccountID, "contact": d.conv.ContactID, "set": p.set, "cleared": p.clear, "files": orEmpty(p.files),
			"now": d.now, "event": models.EventContactUpdated})
	if err != nil {
		return fmt.Errorf("store closing values: %w", err)
	}
	return nil
}

// sendClosingText queues the text of closing. It leaves now or not at all: a text that waited would reopen what it closes.
func (d *desk) sendClosingText(ctx context.Context, by models.Actor, text string) error {
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil {
		return err
	}
	author := models.UserID(by.ID)
	out := Outbound{ConversationID: d.conv.ID, Origin: models.OriginAgent, AuthorID: &author, Content: models.Content{Kind: models.ContentKindText, Text: text}}
	if !place.blocked && !place.windowOpenAt(out.Origin, d.now) {
		return models.TicketRefusal(models.KeyTicketWindowClosed, nil)
	}
	m, err := d.s.insertOutbound(ctx, d.tx, place, &out)
	if err != nil {
		return err
	}
	d.wake.Connections = append(d.wake.Connections, m.ConnectionID)
	if d.ticket.FirstReplyAt != nil {
		return nil
	}
	d.ticket.FirstReplyAt = &d.now
	return d.record(ctx, fact{kind: models.TicketWasAnswered, actor: by, from: d.ticket.place(), data: map[string]any{"message_id": m.ID}})
}

// keepFlowsAway keeps flows from starting until the session of our template has ended, where we began the service (Z31).
func (d *desk) keepFlowsAway(ctx context.Context) error {
	if d.ticket.Origin != models.OriginActive {
		return nil
	}
	_, err := d.tx.Exec(ctx, `
		UPDATE conversations v
		SET no_flow_until = l.until
		FROM (
			SELECT created_at + @session::interval AS until
			FROM messages
			WHERE conversation_id = @conversation AND direction = 'out' AND kind = 'template' AND state NOT IN ('failed', 'cancelled')
			ORDER BY created_at DESC, id DESC
			LIMIT 1
		) l
		WHERE v.account_id = @account AND v.id = @conversation AND l.until > @now`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "session": models.TemplateSession, "now": d.now})
	if err != nil {
		return fmt.Errorf("keep flows away: %w", err)
	}
	return nil
}

// handBack closes the ticket and gives the conversation to the run that waits behind it, at the node where it stands.
func (d *desk) handBack(ctx context.Context, by models.Actor) error {
	if d.conv.FlowRunID == nil || d.conv.ChatbotDisabled {
		return models.TicketRefusal(models.KeyTicketNoRun, nil)
	}
	if err := d.record(ctx, fact{kind: models.TicketWasHandedBack, actor: by, from: d.ticket.place()}); err != nil {
		return err
	}
	resumes, err := d.end(ctx, by)
	if err != nil {
		return err
	}
	if !resumes {
		return models.TicketRefusal(models.KeyTicketNoRun, nil)
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	return d.say(ctx, models.NoteHandedBack, map[string]string{"by": name})
}

// sendToFlow closes the ticket, without text, fields or closing flow (Z25), and starts a flow (rule 148).
func (d *desk) sendToFlow(ctx context.Context, by models.Actor, to *models.TicketToFlow) error {
	f, name, err := d.published(ctx, to.FlowID)
	if err != nil {
		return err
	}
	data := map[string]any{"flow_id": f.FlowID, "flow": name}
	if err := d.record(ctx, fact{kind: models.TicketWasSentToFlow, actor: by, from: d.ticket.place(), data: data}); err != nil {
		return err
	}
	if err := d.closeRow(ctx, by); err != nil {
		return err
	}
	if run := d.conv.FlowRunID; run != nil {
		if _, err := d.mailRun(ctx, *run, "stop", map[string]string{"reason": string(flow.ReasonStopped)}); err != nil {
			return err
		}
	}
	if err := d.leave(ctx, models.InChargeIdle, nil); err != nil {
		return err
	}
	who, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	if err := d.say(ctx, models.NoteSentToFlow, map[string]string{"flow": name, "by": who}); err != nil {
		return err
	}
	started := flow.Started{Kind: flow.StartManual, By: models.UserID(by.ID).String()}
	if by.Kind == models.ActorAPI {
		started.Kind = flow.StartAPI
	}
	return d.startFlow(ctx, f, started)
}

// published is the version of a flow that starts, and the flow's name.
func (d *desk) published(ctx context.Context, id models.FlowID) (models.PublishedFlow, string, error) {
	var f models.PublishedFlow
	err := d.tx.QueryRow(ctx, `
		SELECT f.id, v.id, v.number, f.name
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		WHERE f.account_id = @account AND f.id = @flow AND f.archived_at IS NULL`,
		pgx.NamedArgs{"account": d.conv.AccountID, "flow": id}).Scan(&f.FlowID, &f.VersionID, &f.Number, &f.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, "", models.TicketRefusal(models.KeyTicketFlowUnavailable, nil)
	}
	if err != nil {
		return f, "", fmt.Errorf("read a flow: %w", err)
	}
	return f, f.Name, nil
}

// startFlow puts a new run in charge, which reads nothing of what came before.
func (d *desk) startFlow(ctx context.Context, f models.PublishedFlow, by flow.Started) error {
	trigger, err := json.Marshal(flow.RunTrigger{By: by})
	if err != nil {
		return fmt.Errorf("write a trigger: %w", err)
	}
	start, err := insertFlowRun(ctx, d.tx, d.conv, f, trigger, handled{d.conv.HandledSeq, d.conv.HandledMessageID}, false, d.now)
	if err != nil {
		return err
	}
	d.conv.InCharge, d.conv.FlowRunID = models.InChargeFlow, &start.RunID
	return ringRun(ctx, d.tx, start, d.wake)
}

// startClosingFlow starts the oldest published flow that has a trigger of closing (rule 156).
func (d *desk) startClosingFlow(ctx context.Context) error {
	var f models.PublishedFlow
	var trigger string
	err := d.tx.QueryRow(ctx, `
		SELECT f.id, v.id, v.number, f.name, t.value->>'id'
		FROM flows f
		JOIN flow_versions v ON v.id = f.published_version_id AND v.account_id = f.account_id
		CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(v.graph->'triggers') WHEN 'array' THEN v.graph->'triggers' ELSE '[]' END) t
		WHERE f.account_id = @account AND f.archived_at IS NULL AND t.value->>'kind' = @kind
		ORDER BY f.id
		LIMIT 1`,
		pgx.NamedArgs{"account": d.conv.AccountID, "kind": flow.StartClosing}).Scan(&f.FlowID, &f.VersionID, &f.Number, &f.Name, &trigger)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a closing flow: %w", err)
	}
	return d.startFlow(ctx, f, flow.Started{Kind: flow.StartClosing, Trigger: trigger})
}

// closedAlready refuses a command to a closed ticket, and says who closed it and when.
func (d *desk) closedAlready(ctx context.Context) error {
	t := d.ticket
	args := map[string]string{}
	if t.ClosedAt != nil {
		args["at"] = t.ClosedAt.UTC().Format(time.RFC3339)
	}
	if t.ClosedByKind != nil && t.ClosedByID != nil {
		by, err := d.nameOf(ctx, models.Actor{Kind: *t.ClosedByKind, ID: *t.ClosedByID})
		if err != nil {
			return err
		}
		args["by"] = by
	}
	return models.TicketRefusal(models.KeyTicketClosed, args)
}

// SwitchChatbot turns a conversation's bot on or off (rule 149). Turning it off stops the run that is in charge or waits behind
// a ticket: nothing of it is sent any more. The viewer must see the conversation. After COMMIT the caller rings what wake names.
func (s *Store) SwitchChatbot(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID, disabled bool) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		conv, err := lockConversationByID(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if err := mustBeVisible(ctx, tx, account, w, id); err != nil {
			return err
		}
		if conv.ChatbotDisabled == disabled {
			return nil
		}
		d, err := s.deskAt(ctx, tx, conv, &wake)
		if err != nil {
			return err
		}
		return d.switchChatbot(ctx, disabled)
	})
	return wake, asError(err, "conversation")
}

func (d *desk) switchChatbot(ctx context.Context, disabled bool) error {
	run := d.conv.FlowRunID
	_, err := d.tx.Exec(ctx, `
		WITH v AS (
			UPDATE conversations
			SET chatbot_disabled = @disabled, updated_at = @now,
				in_charge = CASE WHEN @disabled AND in_charge = 'flow' THEN 'idle' ELSE in_charge END,
				flow_run_id = CASE WHEN NOT @disabled THEN flow_run_id END
			WHERE account_id = @account AND id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id) VALUES (@account, @event, @conversation, @conversation)`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "disabled": disabled, "now": d.now, "event": models.EventConversationUpdated})
	if err != nil {
		return fmt.Errorf("switch the chatbot: %w", err)
	}
	if !disabled || run == nil {
		return nil
	}
	if _, err := d.mailRun(ctx, *run, "stop", map[string]string{"reason": string(flow.ReasonStopped)}); err != nil {
		return err
	}
	return d.silence(ctx)
}
