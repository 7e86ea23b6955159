package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// broadcastHears notes the first answer to a conversation's latest broadcast, and does what the broadcast wants of it. took says
// that nothing else happens with the message: the contact asked for no more broadcasts, or a flow or a queue took it.
func (s *Store) broadcastHears(ctx context.Context, tx pgx.Tx, conv *conversationRow, m *models.InboundMessage, in inboundPlan, id models.MessageID, wake *contract.Wake) (bool, error) {
	d, err := s.deskAt(ctx, tx, conv, wake)
	if err != nil {
		return false, err
	}
	b, err := broadcastIn(ctx, tx, conv.AccountID, *conv.BroadcastID, ``)
	if err != nil {
		return false, err
	}
	opts := b.OptsOut(answerWords(&m.Content))
	var sentAt *time.Time
	err = tx.QueryRow(ctx, `
		WITH v AS (
			UPDATE conversations SET broadcast_id = NULL WHERE account_id = @account AND id = @conversation
		), r AS (
			UPDATE broadcast_recipients
			SET replied_at = coalesce(replied_at, @now), opted_out_at = CASE WHEN @opts THEN coalesce(opted_out_at, @now) ELSE opted_out_at END
			WHERE account_id = @account AND broadcast_id = @broadcast AND contact_id = @contact AND sent_at > @since
			RETURNING sent_at
		)
		SELECT (SELECT sent_at FROM r)`,
		pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID, "contact": conv.ContactID, "broadcast": b.ID, "opts": opts, "now": d.now,
			"since": d.now.Add(-models.BroadcastReplyTime)}).Scan(&sentAt)
	conv.BroadcastID = nil
	if err != nil {
		return false, fmt.Errorf("note an answer to a broadcast: %w", err)
	}
	if sentAt == nil {
		return false, nil // the answer came too late to be one
	}
	if opts {
		return true, d.stopBroadcasts(ctx, b, in, id)
	}
	if conv.InCharge != models.InChargeIdle || conv.SurveyWaits {
		return false, nil
	}
	switch {
	case b.OnReply == models.ReplyFlow && b.FlowID != nil && in.MayStartFlow:
		return s.flowOfBroadcast(ctx, tx, conv, b, in, id, wake)
	case b.OnReply == models.ReplyQueue && b.QueueID != nil:
		return true, d.openOfBroadcast(ctx, b)
	}
	return false, nil
}

// answerWords is what a message says in words: its text, the caption of a file, or the title of a button.
func answerWords(c *models.Content) string {
	switch {
	case c.Tap != nil:
		return c.Tap.Title
	case c.Media != nil:
		return c.Media.Caption
	}
	return c.Text
}

// stopBroadcasts leaves the contact out of every broadcast from now on (rule 187), says so in the conversation, and answers with
// the broadcast's text.
func (d *desk) stopBroadcasts(ctx context.Context, b *models.Broadcast, in inboundPlan, id models.MessageID) error {
	_, err := d.tx.Exec(ctx, `
		WITH k AS (
			UPDATE contacts
			SET broadcast_enabled = false, updated_at = @now
			WHERE account_id = @account AND id = @contact
		)
		INSERT INTO events (account_id, kind, entity_id)
		VALUES (@account, @changed, @contact)`,
		pgx.NamedArgs{"account": d.conv.AccountID, "contact": d.conv.ContactID, "now": d.now, "changed": models.EventContactUpdated})
	if err != nil {
		return fmt.Errorf("leave a contact out of broadcasts: %w", err)
	}
	if err := d.say(ctx, models.NoteBroadcastsStopped, broadcastNoteValues(b)); err != nil {
		return err
	}
	if b.OptOutText == "" || d.conv.ContactBlocked {
		return d.tookInbound(ctx, in, id)
	}
	place, err := lockPlace(ctx, d.tx, d.conv.AccountID, d.conv.ID)
	if err != nil {
		return err
	}
	if place.connectionState != models.ConnectionRemoved && place.windowOpenAt(models.OriginSystem, d.now) {
		m, err := d.s.insertOutbound(ctx, d.tx, place, &Outbound{ConversationID: d.conv.ID, Origin: models.OriginSystem,
			Content: models.Content{Kind: models.ContentKindText, Text: b.OptOutText}})
		if err != nil {
			return fmt.Errorf("answer who wants no broadcasts: %w", err)
		}
		d.wake.Connections = append(d.wake.Connections, m.ConnectionID)
	}
	return d.tookInbound(ctx, in, id)
}

// tookInbound says that a message was taken up where nobody is in charge: no run reads it later, and nobody waits for an answer.
func (d *desk) tookInbound(ctx context.Context, in inboundPlan, id models.MessageID) error {
	if d.conv.InCharge != models.InChargeIdle {
		return nil
	}
	return d.surveyTook(ctx, in.Seq, id)
}

// flowOfBroadcast starts the flow that the broadcast wants for answers. Where it cannot start, the connection's rules decide.
func (s *Store) flowOfBroadcast(ctx context.Context, tx pgx.Tx, conv *conversationRow, b *models.Broadcast, in inboundPlan, id models.MessageID, wake *contract.Wake) (bool, error) {
	published, err := publishedFlows(ctx, tx, conv.AccountID)
	if err != nil {
		return false, err
	}
	for i := range published {
		if published[i].FlowID != *b.FlowID {
			continue
		}
		trigger, err := json.Marshal(flow.RunTrigger{By: flow.Started{Kind: flow.StartInbound, By: contract.BroadcastID(b.ID)}, FromMessage: true})
		if err != nil {
			return false, fmt.Errorf("write a trigger: %w", err)
		}
		start, err := insertFlowRun(ctx, tx, conv, published[i], trigger, handled{in.Seq - 1, id - 1}, true, in.Now)
		if err != nil {
			return false, err
		}
		return true, ringRun(ctx, tx, start, wake)
	}
	return false, nil
}

// openOfBroadcast opens a ticket in the broadcast's queue. A queue that gets no tickets any more leaves it without one, so that the
// contact is not lost.
func (d *desk) openOfBroadcast(ctx context.Context, b *models.Broadcast) error {
	t := &contract.TicketOpening{Mode: "queue", QueueID: b.QueueID, DefaultAgent: true, Actor: models.Actor{Kind: models.ActorRule, Rule: models.RuleBroadcast}}
	_, err := d.open(ctx, t)
	if models.KeyOf(err) == models.KeyTicketRefused {
		t.Mode, t.QueueID, t.DefaultAgent = "unassigned", nil, false
		_, err = d.open(ctx, t)
	}
	return err
}
