package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// bulkBefore is what a row was before a bulk job changed it, and how it was left.
type bulkBefore struct {
	Ticket   models.TicketID  `json:"ticket,omitempty"`
	Event    int64            `json:"event,omitempty"`   // the last fact of the ticket as it was left
	Message  models.MessageID `json:"message,omitempty"` // the last message as it was left
	Queue    *models.QueueID  `json:"queue,omitempty"`
	Agent    *models.UserID   `json:"agent,omitempty"`
	Accepted *time.Time       `json:"accepted,omitempty"`
	Snoozed  *time.Time       `json:"snoozed,omitempty"`
	Until    *time.Time       `json:"until,omitempty"`
	ByReply  bool             `json:"by_reply,omitempty"`
	Reason   *string          `json:"reason,omitempty"`
	Priority models.Priority  `json:"priority,omitempty"`
	Unread   *bool            `json:"unread,omitempty"` // whether it was unread
	Contact  models.ContactID `json:"contact,omitempty"`
	ByHand   bool             `json:"by_hand,omitempty"`
}

// bulkRow is one row of a job in work. The caller's transaction holds it.
type bulkRow struct {
	s            *Store
	tx           pgx.Tx
	job          *models.BulkJob
	data         models.BulkJobData
	conversation models.ConversationID
	viewer       Viewer
	wake         *contract.Wake
}

// RunBulkRow does a row of a job, or undoes it, in one transaction under the conversation's lock. A row that has its answer is left
// as it is. After COMMIT the caller rings what wake names.
func (s *Store) RunBulkRow(ctx context.Context, start contract.BulkJobStart, place int) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		args := pgx.NamedArgs{"account": start.AccountID, "job": start.JobID, "place": place}
		var conversation models.ConversationID
		var state string
		var before json.RawMessage
		err := tx.QueryRow(ctx, `
			SELECT conversation_id, state, before
			FROM bulk_job_rows
			WHERE account_id = @account AND job_id = @job AND place = @place
			FOR UPDATE`, args).Scan(&conversation, &state, &before)
		if err != nil {
			return err
		}
		job, err := bulkJobIn(ctx, tx, start.AccountID, start.JobID)
		if err != nil {
			return err
		}
		running := job.State == models.BulkRunning && state == "waiting"
		if !running && (job.State != models.BulkUndoing || state != "done") {
			return nil
		}
		r := &bulkRow{s: s, tx: tx, job: job, conversation: conversation, wake: &wake}
		if err := json.Unmarshal(job.Data, &r.data); err != nil {
			return fmt.Errorf("read a bulk job: %w", err)
		}
		if running {
			return r.run(ctx, place)
		}
		return r.undo(ctx, place, before)
	})
	return wake, asError(err, "bulk_job")
}

// RefuseBulkRow refuses a row that cannot be done for a reason that is not known.
func (s *Store) RefuseBulkRow(ctx context.Context, start contract.BulkJobStart, place int) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		job, err := bulkJobIn(ctx, tx, start.AccountID, start.JobID)
		if err != nil {
			return err
		}
		r := &bulkRow{s: s, tx: tx, job: job}
		if job.State == models.BulkUndoing {
			return r.answer(ctx, place, "done", "kept", models.KeyBulkFailed, nil, nil)
		}
		return r.answer(ctx, place, "waiting", "refused", models.KeyBulkFailed, nil, nil)
	})
	return asError(err, "bulk_job")
}

// run does the row in a savepoint, so that a refusal leaves nothing behind, and stores the answer.
func (r *bulkRow) run(ctx context.Context, place int) error {
	var before *bulkBefore
	refusal, err := r.within(ctx, func() (err error) {
		if err := r.actor(ctx); err != nil {
			return err
		}
		before, err = r.act(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return r.answer(ctx, place, "waiting", "refused", refusalKey(refusal), refusal.Args, nil)
	}
	return r.answer(ctx, place, "waiting", "done", "", nil, before)
}

func refusalKey(e *models.Error) string {
	switch {
	case e.Code == models.CodeNotFound:
		return models.KeyBulkHidden
	case e.Key == "":
		return models.KeyBulkFailed
	}
	return e.Key
}

// within does something in a savepoint. What is refused is rolled back and no error.
func (r *bulkRow) within(ctx context.Context, do func() error) (*models.Error, error) {
	inner, err := r.tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	outer, kept := r.tx, *r.wake
	r.tx = inner
	err = do()
	r.tx = outer
	if err == nil {
		return nil, asError(inner.Commit(ctx), "bulk_job")
	}
	refusal := refusalOf(err)
	if refusal == nil {
		return nil, err
	}
	*r.wake = kept
	return refusal, asError(inner.Rollback(ctx), "bulk_job")
}

// answer stores what became of a row, and counts it.
func (r *bulkRow) answer(ctx context.Context, place int, from, to, code string, values map[string]string, before *bulkBefore) error {
	if values == nil {
		values = map[string]string{}
	}
	var was any
	if before != nil {
		body, err := json.Marshal(before)
		if err != nil {
			return fmt.Errorf("write how a row was: %w", err)
		}
		was = body
	}
	args := pgx.NamedArgs{"account": r.job.AccountID, "job": r.job.ID, "place": place, "from": from, "state": to, "code": code, "values": values, "before": was}
	n, err := exec(ctx, r.tx, "bulk_job", `
		UPDATE bulk_job_rows
		SET state = @state, code = nullif(@code, ''), args = @values, before = coalesce(@before::jsonb, before)
		WHERE account_id = @account AND job_id = @job AND place = @place AND state = @from`, args)
	if err != nil || n == 0 {
		return err
	}
	_, err = exec(ctx, r.tx, "bulk_job", `
		UPDATE bulk_jobs
		SET done_count = done_count + (@state = 'done')::integer, refused_count = refused_count + (@state = 'refused')::integer,
			undone_count = undone_count + (@state = 'undone')::integer, kept_count = kept_count + (@state = 'kept')::integer
		WHERE account_id = @account AND id = @job`, args)
	return err
}

// actor reads who asked: what the user sees now decides about every row.
func (r *bulkRow) actor(ctx context.Context) error {
	u, err := one[models.User](ctx, r.tx, "user", `
		SELECT u.id, u.role
		FROM users u
		WHERE u.account_id = @account AND u.id = @user AND `+mayGetTickets,
		pgx.NamedArgs{"account": r.job.AccountID, "user": r.job.UserID})
	if isNotFound(err) {
		return &models.Error{Code: models.CodeConflict, Key: models.KeyBulkActorGone, Message: "the user who asked does not work here any more"}
	}
	if err != nil {
		return err
	}
	r.viewer = ViewerOf(u)
	return nil
}

// act does what the job asks for. Nil: the row was so already.
func (r *bulkRow) act(ctx context.Context) (*bulkBefore, error) {
	switch r.job.Action {
	case models.BulkLabelAdd, models.BulkLabelRemove:
		return r.label(ctx)
	case models.BulkMarkRead, models.BulkMarkUnread:
		return r.mark(ctx)
	case models.BulkPrioritize:
		return r.prioritize(ctx)
	case models.BulkAccept, models.BulkAssign, models.BulkTransfer, models.BulkClose, models.BulkSnooze:
		return r.command(ctx)
	}
	return nil, models.TicketRefusal(models.KeyTicketCommandUnusable, nil)
}

// desk locks the conversation and gives its desk.
func (r *bulkRow) desk(ctx context.Context) (*desk, error) {
	conv, err := lockConversationByID(ctx, r.tx, r.job.AccountID, r.conversation)
	if err != nil {
		return nil, asError(err, "conversation")
	}
	if err := mustBeVisible(ctx, r.tx, r.job.AccountID, r.viewer, r.conversation); err != nil {
		return nil, err
	}
	return r.s.deskAt(ctx, r.tx, conv, r.wake)
}

// command gives the ticket a command as its mailbox has them, named by job and conversation, so that it can never be given twice.
func (r *bulkRow) command(ctx context.Context) (*bulkBefore, error) {
	d, err := r.desk(ctx)
	if err != nil {
		return nil, err
	}
	if d.ticket == nil {
		return nil, models.TicketRefusal(models.KeyTicketNone, nil)
	}
	kind, data := r.asked()
	body, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("write a command: %w", err)
	}
	t := d.ticket
	before := &bulkBefore{Ticket: t.ID, Queue: t.QueueID, Agent: t.AgentID, Accepted: t.AcceptedAt, Snoozed: t.SnoozedAt, Until: t.SnoozedUntil,
		ByReply: t.SnoozeUntilReply, Reason: t.SnoozeReason}
	was, err := d.lastFact(ctx)
	if err != nil {
		return nil, err
	}
	c, err := one[models.TicketCommand](ctx, r.tx, "ticket_command", `
		INSERT INTO ticket_commands AS c (account_id, ticket_id, kind, actor_kind, actor_id, data, client_ref, state, created_at, answered_at)
		VALUES (@account, @ticket, @kind, @actor_kind, @actor, @data, @ref, 'done', @now, @now)
		RETURNING `+ticketCommandColumns,
		pgx.NamedArgs{"account": r.job.AccountID, "ticket": t.ID, "kind": kind, "actor_kind": r.job.ActorKind, "actor": r.job.UserID, "data": body,
			"ref": fmt.Sprintf("bulk/%d/%d", r.job.ID, r.conversation), "now": d.now})
	if err != nil {
		return nil, err
	}
	if err := d.do(ctx, c); err != nil {
		return nil, err
	}
	if before.Event, err = d.lastFact(ctx); err != nil {
		return nil, err
	}
	if before.Event == was {
		return nil, nil //nolint:nilnil // nothing changed
	}
	if err := d.ring(ctx); err != nil {
		return nil, err
	}
	before.Message, err = lastMessageOf(ctx, r.tx, d.conv.ID)
	return before, err
}

// asked is the command that the job's action is.
func (r *bulkRow) asked() (models.TicketCommandKind, any) {
	d := &r.data
	switch r.job.Action {
	case models.BulkAssign:
		return models.TicketAssign, models.TicketToUser{UserID: d.UserID, Note: d.Note}
	case models.BulkTransfer:
		if d.QueueID != 0 {
			return models.TicketTransferToQueue, models.TicketToQueue{QueueID: d.QueueID, Note: d.Note}
		}
		return models.TicketTransferToUser, models.TicketToUser{UserID: d.UserID, Note: d.Note}
	case models.BulkClose:
		return models.TicketClose, models.TicketClosing{ReasonID: d.ReasonID, Text: d.Text, Silent: true}
	case models.BulkSnooze:
		return models.TicketSnooze, models.TicketSnoozing{Until: d.Until, UntilReply: d.UntilReply, Reason: d.Reason}
	case models.BulkAccept, models.BulkLabelAdd, models.BulkLabelRemove, models.BulkMarkRead, models.BulkMarkUnread, models.BulkPrioritize:
	}
	return models.TicketAccept, struct{}{}
}

// lastFact is the newest entry of the ticket's history.
func (d *desk) lastFact(ctx context.Context) (int64, error) {
	var id int64
	err := d.tx.QueryRow(ctx, `
		SELECT coalesce(max(id), 0)
		FROM ticket_events
		WHERE account_id = @account AND ticket_id = @ticket`,
		pgx.NamedArgs{"account": d.conv.AccountID, "ticket": d.ticket.ID}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("read the history of a ticket: %w", err)
	}
	return id, nil
}

func lastMessageOf(ctx context.Context, tx pgx.Tx, id models.ConversationID) (models.MessageID, error) {
	var last models.MessageID
	err := tx.QueryRow(ctx, `
		SELECT coalesce(max(id), 0)
		FROM messages
		WHERE conversation_id = @conversation`,
		pgx.NamedArgs{"conversation": id}).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("read the last message: %w", err)
	}
	return last, nil
}

// label puts the label on the contact, or takes it off.
func (r *bulkRow) label(ctx context.Context) (*bulkBefore, error) {
	d, err := r.desk(ctx)
	if err != nil {
		return nil, err
	}
	before := &bulkBefore{Contact: d.conv.ContactID, ByHand: r.job.ActorKind == models.ActorUser}
	did, err := r.setLabel(ctx, before, r.job.Action == models.BulkLabelAdd)
	if err != nil || !did {
		return nil, err
	}
	return before, nil
}

func (r *bulkRow) setLabel(ctx context.Context, b *bulkBefore, on bool) (bool, error) {
	change := r.s.takeLabel(ctx, r.job.AccountID, b.Contact, r.data.LabelID)
	if on {
		change = r.s.putLabel(ctx, r.job.AccountID, b.Contact, r.data.LabelID, b.ByHand)
	}
	return changeLabelsIn(ctx, r.tx, r.job.AccountID, r.viewer, b.Contact, change)
}

// mark marks the conversation as read or unread.
func (r *bulkRow) mark(ctx context.Context) (*bulkBefore, error) {
	d, err := r.desk(ctx)
	if err != nil {
		return nil, err
	}
	var unread, marked bool
	if err := r.tx.QueryRow(ctx, `
		SELECT `+isUnread+`, v.marked_unread
		FROM conversations v
		WHERE v.account_id = @account AND v.id = @conversation`,
		pgx.NamedArgs{"account": r.job.AccountID, "conversation": d.conv.ID}).Scan(&unread, &marked); err != nil {
		return nil, fmt.Errorf("read whether a conversation is unread: %w", err)
	}
	if r.job.Action == models.BulkMarkUnread {
		if marked {
			return nil, nil //nolint:nilnil // nothing changed
		}
		return &bulkBefore{Unread: &unread}, r.setMarked(ctx, true)
	}
	if !unread {
		return nil, nil //nolint:nilnil // nothing changed
	}
	last, err := lastMessageOf(ctx, r.tx, d.conv.ID)
	if err != nil {
		return nil, err
	}
	return &bulkBefore{Unread: &unread}, r.s.markReadIn(ctx, r.tx, r.job.AccountID, r.viewer, d.conv.ID, last, r.wake)
}

func (r *bulkRow) setMarked(ctx context.Context, on bool) error {
	_, err := r.tx.Exec(ctx, `
		UPDATE conversations
		SET marked_unread = @marked_unread, updated_at = @now
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{
			"account": r.job.AccountID, "conversation": r.conversation, "marked_unread": on, "now": r.s.Now(),
		})
	if err != nil {
		return fmt.Errorf("mark a conversation: %w", err)
	}
	return insertEvent(ctx, r.tx, r.job.AccountID, models.EventConversationUpdated, &r.conversation, int64(r.conversation))
}

// prioritize sets the priority, with or without an open ticket.
func (r *bulkRow) prioritize(ctx context.Context) (*bulkBefore, error) {
	d, err := r.desk(ctx)
	if err != nil {
		return nil, err
	}
	was, err := r.priority(ctx)
	if err != nil || was == r.data.Priority {
		return nil, err
	}
	return &bulkBefore{Priority: was}, r.setPriority(ctx, d, r.data.Priority)
}

func (r *bulkRow) setPriority(ctx context.Context, d *desk, p models.Priority) error {
	if err := d.setPriority(ctx, r.job.Actor(), p); err != nil {
		return err
	}
	return insertEvent(ctx, r.tx, r.job.AccountID, models.EventConversationUpdated, &r.conversation, int64(r.conversation))
}

func (r *bulkRow) priority(ctx context.Context) (models.Priority, error) {
	var p models.Priority
	err := r.tx.QueryRow(ctx, `
		SELECT priority
		FROM conversations
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": r.job.AccountID, "conversation": r.conversation}).Scan(&p)
	if err != nil {
		return "", fmt.Errorf("read a priority: %w", err)
	}
	return p, nil
}

// errChanged says that a row is not as the job left it.
var errChanged = errors.New("changed since")
