package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/hours"
	"github.com/perene/perene/models"
)

// service is what a conversation's account, connection and queue set about service.
type service struct {
	Account      models.AccountSettings
	AccountName  string
	Timezone     string
	Locale       string
	Connection   models.ConnectionSettings
	QueueHours   *models.WeekHours
	ToldClosedAt *time.Time
	AgentAt      *time.Time // the last message of an agent
}

// service reads what counts for the conversation. Without a ticket its queue is the connection's initial one.
func (d *desk) service(ctx context.Context) (*service, error) {
	return one[service](ctx, d.tx, "conversation", `
		SELECT a.settings AS account, a.name AS account_name, a.timezone, a.locale, c.settings AS connection, q.hours AS queue_hours, v.told_closed_at,
			(SELECT max(m.created_at)
				FROM messages m
				WHERE m.conversation_id = v.id
					AND m.direction = 'out'
					AND m.origin IN ('agent', 'phone')
					AND m.created_at > @lately) AS agent_at
		FROM conversations v
		JOIN accounts a ON a.id = v.account_id
		JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
		LEFT JOIN queues q ON q.account_id = v.account_id
			AND q.id = CASE WHEN v.in_charge = 'ticket' THEN v.queue_id ELSE c.initial_queue_id END
		WHERE v.account_id = @account
			AND v.id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "lately": d.now.Add(-2 * time.Hour)})
}

func (v *service) zone() *time.Location {
	zone, err := time.LoadLocation(v.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// calendar is the one that counts for the conversation (Z6); nil is always open.
func (v *service) calendar() *flow.Calendar {
	return hours.Counting(&v.Account, v.zone(), v.Connection.Hours, v.QueueHours)
}

// autoText sends the automatic text of what just happened, if there is one. own is the user's. It leaves now or not at all: not to
// a blocked contact, a group, a closed window or a removed connection. It opens no ticket and counts as no answer.
func (d *desk) autoText(ctx context.Context, kind models.AutoText, own string) error {
	v, err := d.service(ctx)
	if err != nil {
		return err
	}
	if kind == models.TextGreeting && v.calendar().At(d.now, v.zone()) != flow.Open {
		return nil // who is told that it is closed is not greeted, and where a flow opened the ticket it has spoken
	}
	_, err = d.sendAutoText(ctx, v, kind, own)
	return err
}

func (d *desk) sendAutoText(ctx context.Context, v *service, kind models.AutoText, own string) (bool, error) {
	source, _ := kind.Choose(own, v.Connection.Texts, v.Account.Texts)
	if strings.TrimSpace(source) == "" {
		return false, nil
	}
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil {
		return false, err
	}
	text, err := d.rendered(ctx, v, source)
	if err != nil || text == "" || place.group || place.blocked || place.connectionState == models.ConnectionRemoved || !place.windowOpenAt(models.OriginSystem, d.now) {
		return false, err
	}
	m, err := d.s.insertOutbound(ctx, d.tx, place, &Outbound{ConversationID: d.conv.ID, Origin: models.OriginSystem,
		Content: models.Content{Kind: models.ContentKindText, Text: text}})
	if err != nil {
		return false, fmt.Errorf("send an automatic text: %w", err)
	}
	d.wake.Connections = append(d.wake.Connections, m.ConnectionID)
	return true, nil
}

// longestText is the longest text that every channel takes, in characters.
const longestText = 4096

// rendered is a text with the conversation's values. A name without a value is left out, because the contact reads it.
func (d *desk) rendered(ctx context.Context, v *service, source string) (string, error) {
	facts, err := textFacts(ctx, d.tx, "true", pgx.NamedArgs{"account": d.conv.AccountID, "id": d.conv.ID})
	if err != nil {
		return "", err
	}
	event := &flow.Event{Now: d.now, Contact: facts.Contact, Conversation: facts.Conversation, Meter: flow.NewMeter(func() bool { return ctx.Err() != nil })}
	text, missing, err := flow.RenderPlain(source, event, &flow.Env{Account: flow.Account{Name: v.AccountName, Zone: v.zone(), Locale: v.Locale}})
	if errors.Is(err, flow.ErrHalted) {
		return "", ctx.Err()
	}
	if err != nil {
		text, missing = source, nil // it was checked when it was set: what cannot be rendered any more is sent as it stands
	}
	for _, name := range missing {
		text = strings.ReplaceAll(strings.ReplaceAll(text, " {"+name+"}", ""), "{"+name+"}", "")
	}
	if runes := []rune(text); len(runes) > longestText {
		text = string(runes[:longestText])
	}
	return strings.TrimSpace(text), nil
}

// tellClosed answers a contact who writes while the calendar is closed, and reports whether it is closed. The text goes out as often as
// ClosedHours says. opens puts a new ticket into the initial queue, if the account wants one then (Z9).
func (d *desk) tellClosed(ctx context.Context, opens func() error) (closed bool, err error) {
	v, err := d.service(ctx)
	if err != nil {
		return false, err
	}
	cal, zone := v.calendar(), v.zone()
	if cal.At(d.now, zone) == flow.Open {
		return false, nil
	}
	if opens != nil && v.Account.OutOfHoursOpensTickets {
		if err := opens(); err != nil {
			return true, err
		}
	}
	told := models.ClosedHours{Now: d.now, ToldAt: v.ToldClosedAt, AgentAt: v.AgentAt}
	if v.ToldClosedAt != nil {
		opened, ok := cal.NextOpen(*v.ToldClosedAt, zone)
		told.OpenedSince = ok && !opened.After(d.now)
	}
	if !told.Tells() {
		return true, nil
	}
	sent, err := d.sendAutoText(ctx, v, models.TextOutOfHours, "")
	if err != nil || !sent {
		return true, err
	}
	_, err = exec(ctx, d.tx, "conversation", `
		UPDATE conversations
		SET told_closed_at = @now
		WHERE account_id = @account
			AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "now": d.now})
	return true, err
}

// Farewell is the source of the text that closing sends where its agent writes none (Z8); empty for none. The viewer must see the
// conversation.
func (s *Store) Farewell(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID) (string, error) {
	type owners struct {
		Own        string
		Connection models.ConnectionSettings
		Account    models.AccountSettings
	}
	o, err := one[owners](ctx, s.pool, "conversation", `
		SELECT coalesce(u.closing_text, '') AS own, c.settings AS connection, a.settings AS account
		FROM conversations v
		JOIN accounts a ON a.id = v.account_id
		JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
		JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
		LEFT JOIN users u ON u.id = @viewer AND u.account_id = v.account_id
		WHERE v.account_id = @account
			AND v.id = @id
			AND `+visible,
		w.args(account, pgx.NamedArgs{"id": id}))
	if err != nil {
		return "", err
	}
	text, _ := models.TextFarewell.Choose(o.Own, o.Connection.Texts, o.Account.Texts)
	return text, nil
}

// farewell sends the text of closing where the agent wrote none: the agent's own, else the connection's, else the account's (Z8).
func (d *desk) farewell(ctx context.Context, by models.Actor) error {
	var own string
	err := d.tx.QueryRow(ctx, `
		SELECT coalesce((SELECT closing_text FROM users WHERE account_id = @account AND id = @user), '')`,
		pgx.NamedArgs{"account": d.conv.AccountID, "user": by.ID}).Scan(&own)
	if err != nil {
		return fmt.Errorf("read a user's farewell: %w", err)
	}
	return d.autoText(ctx, models.TextFarewell, own)
}

// greetsAsAgent sends the agent's greeting, once for each ticket (rule 047, Z7). It is called before the acceptance is recorded.
func (d *desk) greetsAsAgent(ctx context.Context) (bool, error) {
	var greeted bool
	err := d.tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM ticket_events
			WHERE account_id = @account
				AND ticket_id = @ticket
				AND kind = 'accepted'
				AND data ? 'greets')`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID}).Scan(&greeted)
	if err != nil {
		return false, fmt.Errorf("read whether an agent greeted: %w", err)
	}
	return !greeted, nil
}
