package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/recurrence"
	"github.com/perene/perene/models"
)

// countSends lets conversations v say how many scheduled sends wait or are held, and whether a message of the contact holds one back.
const countSends = `
	scheduled_count = (SELECT count(*) FROM scheduled_sends c WHERE c.conversation_id = v.id AND c.state IN ('waiting', 'held')),
	sends_on_reply = EXISTS (SELECT FROM scheduled_sends c WHERE c.conversation_id = v.id AND c.state = 'waiting' AND c.hold_on_reply)`

const scheduledColumns = `c.id, c.account_id, c.conversation_id, c.kind, c.contents, c.flow_id, c.due_at, c.timezone, c.recurrence, c.first_at,
	c.hold_on_reply, c.opens, c.queue_id, c.agent_id, c.by_kind, c.by_id, c.state, c.occurrence, c.last_at, c.reason, c.created_at, c.updated_at,
	c.held_at, c.ended_at`

// Scheduling is what is to be scheduled. Of Send the kind, what it sends, when, and who schedules count.
type Scheduling struct {
	Send models.ScheduledSend
	// ClientRef makes scheduling safe to repeat: the same one gives the same sends.
	ClientRef string
	// In are conversations that exist, and To people on a connection, whose conversation is found or made (rule 174).
	In         []models.ConversationID
	Connection models.ConnectionID
	To         []FirstMessage
}

// ScheduleSends schedules the same for each conversation or person, all or none, and gives one id for each. CodeNotFound for a conversation out
// of the viewer's sight. After COMMIT the caller rings what wake names.
func (s *Store) ScheduleSends(ctx context.Context, account models.AccountID, w Viewer, in Scheduling) ([]models.ScheduledSendID, contract.Wake, error) {
	var ids []models.ScheduledSendID
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		ids, wake = nil, contract.Wake{}
		conversations := slices.Clone(in.In)
		if len(in.To) > 0 {
			conn, err := connectionByID(ctx, tx, account, in.Connection)
			if err != nil {
				return err
			}
			for i := range in.To {
				id, err := s.conversationWith(ctx, tx, conn, &in.To[i])
				if err != nil {
					return notReached(err, in.To[i].ContactID)
				}
				conversations = append(conversations, id)
			}
		}
		for _, conversation := range conversations {
			if err := mustBeVisible(ctx, tx, account, w, conversation); err != nil {
				return err
			}
			conv, err := lockConversationByID(ctx, tx, account, conversation)
			if err != nil {
				return err
			}
			d, err := s.deskAt(ctx, tx, conv, &wake)
			if err != nil {
				return err
			}
			id, err := d.schedule(ctx, in.Send, in.ClientRef)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids, wake, asError(err, "scheduled_send")
}

// notReached says which of several contacts the account does not have, or has no way to reach.
func notReached(err error, contact models.ContactID) error {
	if code := models.CodeOf(err); contact == 0 || code != models.CodeInvalid && code != models.CodeNotFound {
		return err
	}
	return &models.Error{Code: models.CodeInvalid, Key: models.KeyScheduledUnreachable, Args: map[string]string{"contact_id": contact.String()},
		Message: "one of the contacts cannot be reached on this connection", Fields: []models.Field{{Path: "body.contact_ids",
			Message: "contact " + contact.String() + " cannot be reached on this connection"}}}
}

// schedule stores one send of the conversation, or gives the one that its client_ref made before.
func (d *desk) schedule(ctx context.Context, c models.ScheduledSend, ref string) (models.ScheduledSendID, error) {
	var id models.ScheduledSendID
	if ref != "" {
		known, err := list[models.ScheduledSend](ctx, d.tx, "scheduled_send", `
			SELECT c.id
			FROM scheduled_sends c
			WHERE c.account_id = @account AND c.conversation_id = @conversation AND c.client_ref = @ref`,
			pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "ref": ref})
		if err != nil || len(known) > 0 {
			if len(known) > 0 {
				id = known[0].ID
			}
			return id, err
		}
	}
	if d.conv.ScheduledCount >= models.ScheduledAtOnce {
		return 0, &models.Error{Code: models.CodeConflict, Key: models.KeyScheduledTooMany, Args: map[string]string{"most": strconv.Itoa(models.ScheduledAtOnce)},
			Message: fmt.Sprintf("at most %d may be scheduled in one conversation: cancel some first", models.ScheduledAtOnce)}
	}
	if d.conv.ContactBlocked {
		return 0, &models.Error{Code: models.CodeContactBlocked, Key: "contact.blocked", Message: "the contact is blocked: nothing can be sent or received"}
	}
	if err := checkWhen(&c, d.now); err != nil {
		return 0, err
	}
	if err := d.quotesHere(ctx, c.Contents); err != nil {
		return 0, err
	}
	c.FirstAt = c.DueAt
	args, err := d.scheduledArgs(&c)
	if err != nil {
		return 0, err
	}
	args["ref"] = ref
	err = d.tx.QueryRow(ctx, `
		INSERT INTO scheduled_sends (account_id, conversation_id, kind, contents, flow_id, due_at, timezone, recurrence, first_at, hold_on_reply,
			opens, queue_id, agent_id, by_kind, by_id, client_ref, created_at, updated_at)
		VALUES (@account, @conversation, @kind, @contents, @flow, @due, @zone, @recurrence, @first, @hold,
			@opens, @queue, @agent, @by_kind, @by, nullif(@ref, ''), @now, @now)
		RETURNING id`, args).Scan(&c.ID)
	if err != nil {
		return 0, fmt.Errorf("schedule: %w", err)
	}
	d.conv.ScheduledCount++
	c.AccountID, c.ConversationID = d.conv.AccountID, d.conv.ID
	if err := d.usesScheduled(ctx, &c); err != nil {
		return 0, err
	}
	return c.ID, d.tellScheduled(ctx, &c, models.NoteScheduledCreated, nil)
}

// quotesHere refuses contents that quote a message of another conversation.
func (d *desk) quotesHere(ctx context.Context, contents []models.Content) error {
	for i := range contents {
		ref := contents[i].ReplyTo
		if ref == nil || ref.MessageID == 0 {
			continue
		}
		n, err := exec(ctx, d.tx, "message", `
			SELECT FROM messages m
			WHERE m.account_id = @account AND m.conversation_id = @conversation AND m.id = @id AND m.direction IN ('in', 'out')`,
			pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "id": ref.MessageID})
		if err != nil {
			return err
		}
		if n == 0 {
			return models.Invalid(fmt.Sprintf("body.contents[%d].reply_to", i), "no such message in this conversation")
		}
	}
	return nil
}

// checkWhen refuses the past (Z29), and a recurrence that does not end.
func checkWhen(c *models.ScheduledSend, now time.Time) error {
	if !c.DueAt.After(now) || c.DueAt.After(now.Add(models.ScheduledAhead)) {
		return &models.Error{Code: models.CodeInvalid, Key: models.KeyScheduledPast, Message: "choose an instant in the future, at most a year ahead",
			Fields: []models.Field{{Path: "body.due_at", Message: "in the future, at most a year ahead"}}}
	}
	if c.Recurrence == "" {
		return nil
	}
	if _, err := ruleOf(c.Recurrence, c.DueAt, c.Timezone); err != nil {
		return err
	}
	return nil
}

// ruleOf reads a recurrence.
func ruleOf(text string, first time.Time, zone string) (*recurrence.Rule, error) {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return nil, models.Invalid("body.timezone", "no such time zone")
	}
	rule, err := recurrence.Parse(text, first, at)
	if err != nil {
		return nil, &models.Error{Code: models.CodeInvalid, Key: models.KeyScheduledRecurrence, Message: "this recurrence cannot be: " + err.Error(),
			Fields: []models.Field{{Path: "body.recurrence", Message: err.Error()}}}
	}
	return rule, nil
}

// NextScheduled are the next instants of a recurrence after t, at most n; CodeInvalid for one that cannot be.
func NextScheduled(text string, first time.Time, zone string, after time.Time, n int) ([]time.Time, error) {
	rule, err := ruleOf(text, first, zone)
	if err != nil {
		return nil, err
	}
	next := rule.Next(after, n)
	for i := range next {
		next[i] = next[i].UTC()
	}
	return next, nil
}

func (d *desk) scheduledArgs(c *models.ScheduledSend) (pgx.NamedArgs, error) {
	contents, err := json.Marshal(orEmpty(c.Contents))
	if err != nil {
		return nil, fmt.Errorf("write what is scheduled: %w", err)
	}
	return pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "id": c.ID, "kind": c.Kind, "contents": contents, "flow": c.FlowID,
		"due": c.DueAt, "zone": c.Timezone, "recurrence": c.Recurrence, "first": c.FirstAt, "hold": c.HoldOnReply, "opens": c.Opens, "queue": c.QueueID,
		"agent": c.AgentID, "by_kind": c.ByKind, "by": c.ByID, "now": d.now}, nil
}

// usesScheduled notes which files a send uses, so that they stay and who sees the conversation sees them.
func (d *desk) usesScheduled(ctx context.Context, c *models.ScheduledSend) error {
	files := []models.MediaID{}
	for i := range c.Contents {
		files = append(files, c.Contents[i].Files()...)
	}
	args := pgx.NamedArgs{"account": c.AccountID, "id": c.ID, "files": files}
	for _, sql := range []string{
		`DELETE FROM media_uses WHERE account_id = @account AND scheduled_send_id = @id AND media_id <> ALL (@files::bigint[])`,
		`INSERT INTO media_uses (account_id, media_id, scheduled_send_id)
			SELECT f.account_id, f.id, @id
			FROM media f
			WHERE f.account_id = @account AND f.id = ANY (@files::bigint[])
			ON CONFLICT DO NOTHING`,
	} {
		if _, err := d.tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("note the files of what is scheduled: %w", err)
		}
	}
	return nil
}

// tellScheduled writes the line about a send, counts again, tells who looks at it, and rings its workflow.
func (d *desk) tellScheduled(ctx context.Context, c *models.ScheduledSend, code models.NoteCode, values map[string]string) error {
	values, err := d.scheduledValues(ctx, c, values)
	if err != nil {
		return err
	}
	switch code {
	case models.NoteScheduledCreated, models.NoteScheduledChanged:
		values["at"] = c.DueAt.UTC().Format(time.RFC3339)
		if c.Recurrence != "" {
			values["again"] = strconv.FormatBool(true)
		}
	case models.NoteScheduledCancelled, models.NoteScheduledHeld:
		values["at"] = c.DueAt.UTC().Format(time.RFC3339)
	}
	if err := d.say(ctx, code, values); err != nil {
		return err
	}
	_, err = d.tx.Exec(ctx, `
		WITH v AS (
			UPDATE conversations v
			SET updated_at = @now, `+countSends+`
			WHERE v.account_id = @account AND v.id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @changed, @conversation, @conversation), (@account, @event, @conversation, @id)`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "id": c.ID, "now": d.now, "changed": models.EventConversationUpdated,
			"event": models.EventScheduledUpdated})
	if err != nil {
		return fmt.Errorf("tell of what is scheduled: %w", err)
	}
	start := contract.ScheduledSendStart{AccountID: d.conv.AccountID, SendID: c.ID, ConversationID: d.conv.ID, ConnectionID: d.conv.ConnectionID}
	bell, err := insertDoorbell(ctx, d.tx, start.Doorbell())
	if err != nil {
		return err
	}
	d.wake.Doorbells = append(d.wake.Doorbells, bell)
	return nil
}

// scheduledValues are what each line about a send says: what it is, by its name, and whose it is.
func (d *desk) scheduledValues(ctx context.Context, c *models.ScheduledSend, values map[string]string) (map[string]string, error) {
	if values == nil {
		values = map[string]string{}
	}
	values["what"], values["name"] = string(c.Kind), c.Named()
	if c.FlowID != nil {
		var name string
		if err := d.tx.QueryRow(ctx, `SELECT name FROM flows WHERE account_id = @account AND id = @flow`,
			pgx.NamedArgs{"account": d.conv.AccountID, "flow": *c.FlowID}).Scan(&name); err != nil {
			return nil, fmt.Errorf("read a flow's name: %w", err)
		}
		values["name"] = name
	}
	if _, named := values["by"]; !named {
		var err error
		if values["by"], err = d.nameOf(ctx, c.By()); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// atScheduled does something with a scheduled send, in one transaction under its conversation's lock. A merge may have moved it
// while the caller waited. After COMMIT the caller rings what wake names.
func (s *Store) atScheduled(ctx context.Context, account models.AccountID, id models.ScheduledSendID, do func(*desk, *models.ScheduledSend) error) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		read := func() (*models.ScheduledSend, error) {
			return one[models.ScheduledSend](ctx, tx, "scheduled_send", `
				SELECT `+scheduledColumns+`
				FROM scheduled_sends c
				WHERE c.account_id = @account AND c.id = @id`, pgx.NamedArgs{"account": account, "id": id})
		}
		c, err := read()
		if err != nil {
			return err
		}
		for {
			conv, err := lockConversationByID(ctx, tx, account, c.ConversationID)
			if err != nil {
				return err
			}
			if c, err = read(); err != nil {
				return err
			}
			if c.ConversationID != conv.ID {
				continue
			}
			d, err := s.deskAt(ctx, tx, conv, &wake)
			if err != nil {
				return err
			}
			return do(d, c)
		}
	})
	return wake, err
}

// mustWait refuses to change a send that is over.
func mustWait(c *models.ScheduledSend) error {
	if !c.State.Over() {
		return nil
	}
	return &models.Error{Code: models.CodeConflict, Key: models.KeyScheduledOver, Args: map[string]string{"state": string(c.State)},
		Message: "this was " + string(c.State) + " already: schedule another one"}
}

// ScheduledChange is what changes of a scheduled send; nil keeps it. A message or a template keeps its kind as long as its contents say so.
type ScheduledChange struct {
	Kind        models.ScheduledKind
	Contents    []models.Content
	FlowID      *models.FlowID
	DueAt       *time.Time
	Timezone    *string
	Recurrence  *string
	HoldOnReply *bool
	Opens       *bool
	QueueID     *models.QueueID // with Opens
	AgentID     *models.UserID  // with Opens
}

// ChangeScheduledSend changes what is scheduled and is not over. With an instant a held one waits again. Changed words are the
// words of who changed them. CodeConflict for one that is over, CodeNotFound out of the viewer's sight.
func (s *Store) ChangeScheduledSend(ctx context.Context, account models.AccountID, w Viewer, by models.Actor, id models.ScheduledSendID, change ScheduledChange) (contract.Wake, error) {
	wake, err := s.atScheduled(ctx, account, id, func(d *desk, c *models.ScheduledSend) error {
		if err := mustBeVisible(ctx, d.tx, account, w, c.ConversationID); err != nil {
			return err
		}
		if err := mustWait(c); err != nil {
			return err
		}
		if err := change.apply(c, by, d.now); err != nil {
			return err
		}
		if err := d.quotesHere(ctx, change.Contents); err != nil {
			return err
		}
		args, err := d.scheduledArgs(c)
		if err != nil {
			return err
		}
		args["state"] = c.State
		_, err = d.tx.Exec(ctx, `
			UPDATE scheduled_sends
			SET kind = @kind, contents = @contents, flow_id = @flow, due_at = @due, timezone = @zone, recurrence = @recurrence, first_at = @first,
				hold_on_reply = @hold, opens = @opens, queue_id = @queue, agent_id = @agent, by_kind = @by_kind, by_id = @by, state = @state,
				held_at = CASE WHEN @state = 'held' THEN held_at END, updated_at = @now
			WHERE account_id = @account AND id = @id`, args)
		if err != nil {
			return fmt.Errorf("change what is scheduled: %w", err)
		}
		if err := d.usesScheduled(ctx, c); err != nil {
			return err
		}
		name, err := d.nameOf(ctx, by)
		if err != nil {
			return err
		}
		return d.tellScheduled(ctx, c, models.NoteScheduledChanged, map[string]string{"by": name})
	})
	return wake, asError(err, "scheduled_send")
}

func (g *ScheduledChange) apply(c *models.ScheduledSend, by models.Actor, now time.Time) error {
	if g.Contents != nil || g.FlowID != nil {
		c.Kind, c.Contents, c.FlowID = g.Kind, g.Contents, g.FlowID
		c.ByKind, c.ByID = by.Kind, models.UserID(by.ID)
	}
	if g.Timezone != nil {
		c.Timezone = *g.Timezone
	}
	if g.HoldOnReply != nil {
		c.HoldOnReply = *g.HoldOnReply
	}
	if g.Opens != nil {
		c.Opens, c.QueueID, c.AgentID = *g.Opens, g.QueueID, g.AgentID
	}
	if c.Kind == models.ScheduledFlow {
		c.Opens, c.QueueID, c.AgentID = false, nil, nil
	}
	if g.Recurrence != nil {
		c.Recurrence, c.FirstAt = *g.Recurrence, c.DueAt
	}
	if g.DueAt != nil {
		c.DueAt, c.FirstAt, c.State = *g.DueAt, *g.DueAt, models.ScheduledWaiting
	}
	if g.DueAt == nil && g.Recurrence == nil {
		return nil
	}
	return checkWhen(c, now)
}

// CancelScheduledSend cancels what is scheduled and is not over (rules 169, 256). CodeConflict for one that is over, CodeNotFound
// out of the viewer's sight.
func (s *Store) CancelScheduledSend(ctx context.Context, account models.AccountID, w Viewer, by models.Actor, id models.ScheduledSendID) (contract.Wake, error) {
	wake, err := s.atScheduled(ctx, account, id, func(d *desk, c *models.ScheduledSend) error {
		if err := mustBeVisible(ctx, d.tx, account, w, c.ConversationID); err != nil {
			return err
		}
		if err := mustWait(c); err != nil {
			return err
		}
		return d.cancelScheduled(ctx, c, by)
	})
	return wake, asError(err, "scheduled_send")
}

func (d *desk) cancelScheduled(ctx context.Context, c *models.ScheduledSend, by models.Actor) error {
	c.State = models.ScheduledCancelled
	_, err := d.tx.Exec(ctx, `
		UPDATE scheduled_sends SET state = 'cancelled', held_at = NULL, ended_at = @now, updated_at = @now WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": d.conv.AccountID, "id": c.ID, "now": d.now})
	if err != nil {
		return fmt.Errorf("cancel what is scheduled: %w", err)
	}
	name, err := d.nameOf(ctx, by)
	if err != nil {
		return err
	}
	return d.tellScheduled(ctx, c, models.NoteScheduledCancelled, map[string]string{"by": name})
}

// CancelScheduledSends cancels everything of a conversation or of a contact that is scheduled and that the viewer sees, of one
// kind or of all (rules 169, 256), and returns how many. Closures of tickets are not among them.
func (s *Store) CancelScheduledSends(ctx context.Context, account models.AccountID, w Viewer, by models.Actor, f ScheduledFilter) (int, contract.Wake, error) {
	var wake contract.Wake
	f.States, f.Limit = []models.ScheduledState{models.ScheduledWaiting, models.ScheduledHeld}, models.ScheduledAtOnce
	rows, err := s.ScheduledItems(ctx, account, w, f)
	if err != nil {
		return 0, wake, err
	}
	n := 0
	for i := range rows {
		if rows[i].Kind == models.ScheduledClosing {
			continue
		}
		one, err := s.CancelScheduledSend(ctx, account, w, by, rows[i].ID)
		if code := models.CodeOf(err); code == models.CodeConflict || code == models.CodeNotFound {
			continue // it is over since
		}
		if err != nil {
			return n, wake, err
		}
		n++
		wake.Doorbells = append(wake.Doorbells, one.Doorbells...)
	}
	return n, wake, nil
}
