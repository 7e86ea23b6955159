package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const broadcastColumns = `b.id, b.account_id, b.connection_id, b.name, b.content, b.audience, b.on_reply, b.queue_id, b.flow_id, b.opt_out_words, b.opt_out_text,
	b.per_minute, b.starts_at, b.timezone, b.quiet, b.canary, b.state, b.reason, b.next_at, b.canary_at, b.canary_over, b.prepared, b.total, b.by_id,
	b.created_at, b.updated_at, b.started_at, b.ended_at`

// ListedPerson is a row of a broadcast's list: a person as the channel knows them, and the row's values by column.
type ListedPerson struct {
	Person models.PersonHint
	Values models.BroadcastValues
}

// CreateBroadcast stores a draft with the rows of its list. A client_ref that was used before gives the broadcast that it made then.
// CodeInvalid says what is wrong with it, CodeNotFound that the connection, a queue or a flow is not the account's.
func (s *Store) CreateBroadcast(ctx context.Context, b models.Broadcast, clientRef string, rows []ListedPerson) (*models.Broadcast, error) {
	b.Audience.Listed = len(rows)
	if err := b.Check(); err != nil {
		return nil, err
	}
	var made *models.Broadcast
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if clientRef != "" {
			var err error
			made, err = one[models.Broadcast](ctx, tx, "broadcast", `
				SELECT `+broadcastColumns+`
				FROM broadcasts b
				WHERE b.account_id = @account AND b.by_id = @by AND b.client_ref = @ref`, pgx.NamedArgs{"account": b.AccountID, "by": b.ByID, "ref": clientRef})
			if err == nil || !isNotFound(err) {
				return err
			}
		}
		if err := s.broadcastFits(ctx, tx, &b); err != nil {
			return err
		}
		args := broadcastArgs(&b)
		args["ref"], args["now"] = clientRef, s.Now()
		err := tx.QueryRow(ctx, `
			INSERT INTO broadcasts (account_id, connection_id, name, content, audience, on_reply, queue_id, flow_id, opt_out_words, opt_out_text, per_minute,
				starts_at, timezone, quiet, canary, client_ref, by_id, total, created_at, updated_at)
			VALUES (@account, @connection, @name, @content, @audience, @on_reply, @queue, @flow, @words, @text, @per_minute,
				@starts, @zone, @quiet, @canary, nullif(@ref, ''), @by, @total, @now, @now)
			RETURNING id`, args).Scan(&b.ID)
		if err != nil {
			return fmt.Errorf("store a broadcast: %w", err)
		}
		if err := storeListed(ctx, tx, &b, rows); err != nil {
			return err
		}
		if made, err = broadcastIn(ctx, tx, b.AccountID, b.ID, ``); err != nil {
			return err
		}
		return tellBroadcast(ctx, tx, b.AccountID, b.ID)
	})
	return made, asError(err, "broadcast")
}

func broadcastArgs(b *models.Broadcast) pgx.NamedArgs {
	words := b.OptOutWords
	if words == nil {
		words = []string{}
	}
	return pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "connection": b.ConnectionID, "name": b.Name, "content": asJSON(b.Content), "audience": asJSON(b.Audience),
		"on_reply": b.OnReply, "queue": b.QueueID, "flow": b.FlowID, "words": asJSON(words), "text": b.OptOutText, "per_minute": b.PerMinute,
		"starts": b.StartsAt, "zone": b.Timezone, "quiet": asJSONOrNull(b.Quiet), "canary": asJSON(b.Canary), "by": b.ByID, "total": b.Audience.Listed}
}

// asJSON writes a value that every JSON writer takes.
func asJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return raw
}

func asJSONOrNull[T any](v *T) []byte {
	if v == nil {
		return nil
	}
	return asJSON(v)
}

// storeListed stores the rows of a list as recipients.
func storeListed(ctx context.Context, tx pgx.Tx, b *models.Broadcast, rows []ListedPerson) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"broadcast_recipients"}, []string{"account_id", "broadcast_id", "place", "person", "row_values"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			return []any{int64(b.AccountID), int64(b.ID), i + 1, string(asJSON(rows[i].Person)), string(asJSON(rows[i].Values))}, nil
		}))
	if err != nil {
		return fmt.Errorf("store the rows of a list: %w", err)
	}
	return nil
}

// broadcastFits refuses a broadcast that names what the account has not, or a template that cannot be sent.
func (s *Store) broadcastFits(ctx context.Context, tx pgx.Tx, b *models.Broadcast) error {
	conn, err := connectionByID(ctx, tx, b.AccountID, b.ConnectionID)
	if err != nil {
		return err
	}
	if conn.State == models.ConnectionRemoved {
		return models.NotFound("connection")
	}
	var queue, flow, after bool
	err = tx.QueryRow(ctx, `
		SELECT @queue::bigint IS NULL OR EXISTS (SELECT FROM queues WHERE account_id = @account AND id = @queue AND archived_at IS NULL),
			@flow::bigint IS NULL OR EXISTS (SELECT FROM flows WHERE account_id = @account AND id = @flow AND archived_at IS NULL),
			@after::bigint = 0 OR EXISTS (SELECT FROM broadcasts WHERE account_id = @account AND id = @after)`,
		pgx.NamedArgs{"account": b.AccountID, "queue": b.QueueID, "flow": b.FlowID, "after": b.Audience.After}).Scan(&queue, &flow, &after)
	switch {
	case err != nil:
		return fmt.Errorf("look for what a broadcast names: %w", err)
	case !queue:
		return models.NotFound("queue")
	case !flow:
		return models.NotFound("flow")
	case !after:
		return models.NotFound("broadcast")
	}
	if _, err := templateOf(ctx, tx, b.ConnectionID, &b.Content); err != nil { // it learns its words
		return err
	}
	labels := append(append([]models.LabelID{}, b.Audience.Labels...), b.Audience.Without...)
	var known int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM labels WHERE account_id = @account AND id = ANY(@labels::bigint[])`,
		pgx.NamedArgs{"account": b.AccountID, "labels": labels}).Scan(&known); err != nil {
		return fmt.Errorf("look for the labels of a broadcast: %w", err)
	}
	if known < distinct(labels) {
		return models.NotFound("label")
	}
	return nil
}

func distinct[T comparable](all []T) int {
	seen := map[T]bool{}
	for _, v := range all {
		seen[v] = true
	}
	return len(seen)
}

func broadcastIn(ctx context.Context, q querier, account models.AccountID, id models.BroadcastID, lock string) (*models.Broadcast, error) {
	return one[models.Broadcast](ctx, q, "broadcast", `
		SELECT `+broadcastColumns+`
		FROM broadcasts b
		WHERE b.account_id = @account AND b.id = @id `+lock, pgx.NamedArgs{"account": account, "id": id})
}

// tellBroadcast tells everybody who may see broadcasts that one changed.
func tellBroadcast(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.BroadcastID) error {
	return insertEvent(ctx, tx, account, models.EventBroadcastUpdated, nil, int64(id))
}

// Broadcasts lists the broadcasts of an account before an id, the latest first. Zero means the newest.
func (s *Store) Broadcasts(ctx context.Context, account models.AccountID, before models.BroadcastID, limit int) ([]models.Broadcast, error) {
	return list[models.Broadcast](ctx, s.pool, "broadcast", `
		SELECT `+broadcastColumns+`
		FROM broadcasts b
		WHERE b.account_id = @account AND (@before::bigint = 0 OR b.id < @before)
		ORDER BY b.id DESC
		LIMIT @limit`, pgx.NamedArgs{"account": account, "before": before, "limit": limit})
}

// Broadcast reads one broadcast.
func (s *Store) Broadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) (*models.Broadcast, error) {
	return broadcastIn(ctx, s.pool, account, id, ``)
}

// changeBroadcast changes a broadcast under its lock and rings its workflow where it has one. may tells whether its state allows it.
func (s *Store) changeBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID, may func(models.BroadcastState) bool,
	do func(tx pgx.Tx, b *models.Broadcast) error) (*models.Broadcast, contract.Wake, error) {
	var out *models.Broadcast
	var wake contract.Wake
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		b, err := broadcastIn(ctx, tx, account, id, `FOR UPDATE OF b`)
		if err != nil {
			return err
		}
		if !may(b.State) {
			return &models.Error{Code: models.CodeConflict, Key: models.KeyBroadcastState, Args: map[string]string{"state": string(b.State)},
				Message: "this broadcast is " + string(b.State) + ": that is not possible now"}
		}
		if err := do(tx, b); err != nil {
			return err
		}
		if out, err = broadcastIn(ctx, tx, account, id, ``); isNotFound(err) {
			return nil // a draft that was deleted
		}
		if err != nil {
			return err
		}
		if out.State != models.BroadcastDraft {
			bell, err := insertDoorbell(ctx, tx, contract.BroadcastStart{AccountID: account, BroadcastID: id, ConnectionID: out.ConnectionID}.Doorbell())
			if err != nil {
				return err
			}
			wake.Doorbells = append(wake.Doorbells, bell)
		}
		return tellBroadcast(ctx, tx, account, id)
	})
	return out, wake, asError(err, "broadcast")
}

func isDraft(s models.BroadcastState) bool { return s == models.BroadcastDraft }

// ChangeBroadcast changes a draft in everything. rows replaces its list; nil keeps it. CodeConflict for one that was sent.
func (s *Store) ChangeBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID, change func(*models.Broadcast) error, rows []ListedPerson) (*models.Broadcast, error) {
	b, _, err := s.changeBroadcast(ctx, account, id, isDraft, func(tx pgx.Tx, b *models.Broadcast) error {
		if err := change(b); err != nil {
			return err
		}
		if rows != nil {
			b.Audience.Listed = len(rows)
		}
		if err := b.Check(); err != nil {
			return err
		}
		if err := s.broadcastFits(ctx, tx, b); err != nil {
			return err
		}
		if rows != nil || b.Audience.Listed == 0 {
			if _, err := tx.Exec(ctx, `DELETE FROM broadcast_recipients WHERE account_id = @account AND broadcast_id = @id`,
				pgx.NamedArgs{"account": account, "id": id}); err != nil {
				return fmt.Errorf("replace the rows of a list: %w", err)
			}
			if err := storeListed(ctx, tx, b, rows); err != nil {
				return err
			}
		}
		args := broadcastArgs(b)
		args["now"] = s.Now()
		_, err := tx.Exec(ctx, `
			UPDATE broadcasts
			SET connection_id = @connection, name = @name, content = @content, audience = @audience, on_reply = @on_reply, queue_id = @queue, flow_id = @flow,
				opt_out_words = @words, opt_out_text = @text, per_minute = @per_minute, starts_at = @starts, timezone = @zone, quiet = @quiet, canary = @canary,
				total = @total, updated_at = @now
			WHERE account_id = @account AND id = @id`, args)
		return err
	})
	return b, err
}

// DeleteBroadcast removes a draft with its list. CodeConflict for one that was sent: its figures stay.
func (s *Store) DeleteBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) error {
	_, _, err := s.changeBroadcast(ctx, account, id, isDraft, func(tx pgx.Tx, _ *models.Broadcast) error {
		if err := tellBroadcast(ctx, tx, account, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM broadcasts WHERE account_id = @account AND id = @id`, pgx.NamedArgs{"account": account, "id": id})
		return err
	})
	return err
}

// SendBroadcast begins a draft: at its start, or at once where it names none or one that has passed. CodeConflict while too many
// are under way or the template cannot be sent.
func (s *Store) SendBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) (*models.Broadcast, contract.Wake, error) {
	return s.changeBroadcast(ctx, account, id, isDraft, func(tx pgx.Tx, b *models.Broadcast) error {
		content := b.Content
		template, err := templateOf(ctx, tx, b.ConnectionID, &content)
		if err != nil {
			return err
		}
		if template == nil || template.Status != models.TemplateApproved {
			return &models.Error{Code: models.CodeConflict, Key: models.KeyBroadcastTemplate, Message: "the template is not approved: choose another one"}
		}
		now := s.Now()
		starts := now
		if b.StartsAt != nil && b.StartsAt.After(now) {
			starts = *b.StartsAt
		}
		n, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts
			SET state = 'scheduled', next_at = @starts, updated_at = @now
			WHERE account_id = @account AND id = @id AND quota_of(@account, 'broadcasts_at_once') > (
				SELECT count(*)
				FROM broadcasts
				WHERE account_id = @account AND state IN ('scheduled', 'preparing', 'running', 'paused'))`,
			pgx.NamedArgs{"account": account, "id": id, "starts": starts, "now": now})
		if err == nil && n == 0 {
			return &models.Error{Code: models.CodeConflict, Key: models.KeyBroadcastTooMany, Message: "too many broadcasts are under way: wait until one has ended"}
		}
		return err
	})
}

// PauseBroadcast holds a broadcast until somebody lets it go on. What is in the connection's queue already, two seconds at most,
// still leaves.
func (s *Store) PauseBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) (*models.Broadcast, contract.Wake, error) {
	may := func(st models.BroadcastState) bool {
		return st == models.BroadcastScheduled || st == models.BroadcastPreparing || st == models.BroadcastRunning
	}
	return s.changeBroadcast(ctx, account, id, may, func(tx pgx.Tx, b *models.Broadcast) error {
		return s.pause(ctx, tx, b, models.PausedByUser)
	})
}

func (s *Store) pause(ctx context.Context, tx pgx.Tx, b *models.Broadcast, why models.BroadcastReason) error {
	_, err := exec(ctx, tx, "broadcast", `
		UPDATE broadcasts
		SET state = 'paused', paused_in = state, reason = @why, updated_at = @now
		WHERE account_id = @account AND id = @id`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "why": why, "now": s.Now()})
	return err
}

// ResumeBroadcast lets a paused broadcast go on where it stood. One that its canary stopped goes on without asking it again.
func (s *Store) ResumeBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) (*models.Broadcast, contract.Wake, error) {
	may := func(st models.BroadcastState) bool { return st == models.BroadcastPaused }
	return s.changeBroadcast(ctx, account, id, may, func(tx pgx.Tx, b *models.Broadcast) error {
		_, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts
			SET state = paused_in, paused_in = NULL, reason = NULL, updated_at = @now,
				canary_over = canary_over OR reason IN ('failures', 'opt_outs'),
				next_at = CASE WHEN paused_in = 'scheduled' THEN greatest(next_at, @now) ELSE @now END
			WHERE account_id = @account AND id = @id`, pgx.NamedArgs{"account": account, "id": b.ID, "now": s.Now()})
		return err
	})
}

// CancelBroadcast ends a broadcast for good. Who has no message yet gets none.
func (s *Store) CancelBroadcast(ctx context.Context, account models.AccountID, id models.BroadcastID) (*models.Broadcast, contract.Wake, error) {
	may := func(st models.BroadcastState) bool { return !st.Over() && st != models.BroadcastDraft }
	return s.changeBroadcast(ctx, account, id, may, func(tx pgx.Tx, b *models.Broadcast) error {
		args := pgx.NamedArgs{"account": account, "id": b.ID, "now": s.Now()}
		if _, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcast_recipients
			SET state = 'left_out', left_out = 'cancelled'
			WHERE account_id = @account AND broadcast_id = @id AND state = 'waiting'`, args); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts
			SET state = 'cancelled', reason = NULL, paused_in = NULL, next_at = NULL, ended_at = @now, updated_at = @now
			WHERE account_id = @account AND id = @id`, args)
		return err
	})
}

// SetBroadcastSpeed changes how many messages a minute leave, also while it runs.
func (s *Store) SetBroadcastSpeed(ctx context.Context, account models.AccountID, id models.BroadcastID, perMinute int) (*models.Broadcast, contract.Wake, error) {
	may := func(st models.BroadcastState) bool { return !st.Over() }
	return s.changeBroadcast(ctx, account, id, may, func(tx pgx.Tx, b *models.Broadcast) error {
		b.PerMinute = perMinute
		if err := b.Check(); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "broadcast", `UPDATE broadcasts SET per_minute = @n, updated_at = @now WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "n": perMinute, "now": s.Now()})
		return err
	})
}

// BroadcastCounts says what became of a broadcast's recipients. Waiting, left out, queued, sent, delivered, read and failed are apart
// and add up to the total. Replied and opted out are of those that were sent.
type BroadcastCounts struct {
	Waiting, LeftOut, Queued, Sent, Delivered, Read, Failed int
	Replied, OptedOut, Billable                             int
}

// broadcastPart is one part's condition on recipients r with their messages m.
var broadcastPart = map[models.BroadcastPart]string{
	models.PartWaiting:   `r.state = 'waiting'`,
	models.PartLeftOut:   `r.state = 'left_out'`,
	models.PartFailed:    `r.state = 'sent' AND ` + broadcastFailed,
	models.PartQueued:    `r.state = 'sent' AND NOT ` + broadcastFailed + ` AND m.accepted_at IS NULL`,
	models.PartSent:      `r.state = 'sent' AND NOT ` + broadcastFailed + ` AND m.accepted_at IS NOT NULL AND m.delivered_at IS NULL AND m.read_at IS NULL`,
	models.PartDelivered: `r.state = 'sent' AND NOT ` + broadcastFailed + ` AND m.accepted_at IS NOT NULL AND m.delivered_at IS NOT NULL AND m.read_at IS NULL`,
	models.PartRead:      `r.state = 'sent' AND NOT ` + broadcastFailed + ` AND m.accepted_at IS NOT NULL AND m.read_at IS NOT NULL`,
	models.PartReplied:   `r.replied_at IS NOT NULL`,
	models.PartOptedOut:  `r.opted_out_at IS NOT NULL`,
	models.PartSilent:    `r.state = 'sent' AND NOT ` + broadcastFailed + ` AND m.accepted_at IS NOT NULL AND r.replied_at IS NULL`,
}

const broadcastFailed = `(m.failed_at IS NOT NULL OR m.state IN ('failed', 'cancelled'))`

const broadcastMessages = `broadcast_recipients r LEFT JOIN messages m ON m.id = r.message_id AND m.account_id = r.account_id`

// BroadcastCounts counts the recipients of a broadcast.
func (s *Store) BroadcastCounts(ctx context.Context, account models.AccountID, id models.BroadcastID) (*BroadcastCounts, error) {
	of := func(p models.BroadcastPart) string { return `count(*) FILTER (WHERE ` + broadcastPart[p] + `)` }
	return one[BroadcastCounts](ctx, s.pool, "broadcast", `
		SELECT `+of(models.PartWaiting)+` AS waiting, `+of(models.PartLeftOut)+` AS left_out, `+of(models.PartQueued)+` AS queued, `+of(models.PartSent)+` AS sent,
			`+of(models.PartDelivered)+` AS delivered, `+of(models.PartRead)+` AS read, `+of(models.PartFailed)+` AS failed, `+of(models.PartReplied)+` AS replied,
			`+of(models.PartOptedOut)+` AS opted_out, count(*) FILTER (WHERE m.pricing->'billable' = 'true') AS billable
		FROM `+broadcastMessages+`
		WHERE r.account_id = @account AND r.broadcast_id = @id`, pgx.NamedArgs{"account": account, "id": id})
}

// BroadcastReasons counts the recipients who were left out, by why.
func (s *Store) BroadcastReasons(ctx context.Context, account models.AccountID, id models.BroadcastID) (map[models.LeftOut]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT left_out, count(*)
		FROM broadcast_recipients
		WHERE account_id = @account AND broadcast_id = @id AND state = 'left_out'
		GROUP BY left_out`, pgx.NamedArgs{"account": account, "id": id})
	if err != nil {
		return nil, asError(err, "broadcast")
	}
	out := map[models.LeftOut]int{}
	var why models.LeftOut
	var n int
	_, err = pgx.ForEachRow(rows, []any{&why, &n}, func() error {
		out[why] = n
		return nil
	})
	return out, asError(err, "broadcast")
}

// BroadcastRecipient is one recipient with what became of the message. A row of a list has no contact before its message is made.
type BroadcastRecipient struct {
	Place          int
	State          models.RecipientState
	LeftOut        *models.LeftOut
	Detail         string
	ContactID      *models.ContactID
	ContactName    *string
	Phone          *string
	ConversationID *models.ConversationID
	Number         *int64
	MessageID      *models.MessageID
	MessageState   *models.MessageState
	ErrorCode      *int
	SentAt         *time.Time
	AcceptedAt     *time.Time
	DeliveredAt    *time.Time
	ReadAt         *time.Time
	FailedAt       *time.Time
	RepliedAt      *time.Time
	OptedOutAt     *time.Time
}

// BroadcastRecipients lists recipients behind a place, of one part or all. A part that nobody knows gives all.
func (s *Store) BroadcastRecipients(ctx context.Context, account models.AccountID, id models.BroadcastID, part models.BroadcastPart, after, limit int) ([]BroadcastRecipient, error) {
	where, known := broadcastPart[part]
	if !known {
		where = `true`
	}
	return list[BroadcastRecipient](ctx, s.pool, "broadcast", `
		SELECT r.place, r.state, r.left_out, r.detail, r.contact_id, k.name AS contact_name, coalesce(k.phone, '+' || (r.person->>'phone')) AS phone,
			m.conversation_id, v.number, r.message_id, m.state AS message_state, m.error_code, r.sent_at, m.accepted_at, m.delivered_at, m.read_at,
			m.failed_at, r.replied_at, r.opted_out_at
		FROM `+broadcastMessages+`
		LEFT JOIN contacts k ON k.id = r.contact_id AND k.account_id = r.account_id
		LEFT JOIN conversations v ON v.id = m.conversation_id AND v.account_id = m.account_id
		WHERE r.account_id = @account AND r.broadcast_id = @id AND r.place > @after AND `+where+`
		ORDER BY r.place
		LIMIT @limit`, pgx.NamedArgs{"account": account, "id": id, "after": after, "limit": limit})
}

func broadcastNoteValues(b *models.Broadcast) map[string]string {
	return map[string]string{"name": b.Name, "broadcast": strconv.FormatInt(int64(b.ID), 10)}
}

// Part is what became of the recipient's message, or that there is none.
func (r *BroadcastRecipient) Part() models.BroadcastPart {
	switch {
	case r.State == models.RecipientWaiting:
		return models.PartWaiting
	case r.State == models.RecipientLeftOut:
		return models.PartLeftOut
	case r.FailedAt != nil || r.MessageState != nil && (*r.MessageState == models.MessageFailed || *r.MessageState == models.MessageCancelled):
		return models.PartFailed
	case r.AcceptedAt == nil:
		return models.PartQueued
	case r.ReadAt != nil:
		return models.PartRead
	case r.DeliveredAt != nil:
		return models.PartDelivered
	}
	return models.PartSent
}

// BroadcastNames are the names of what broadcasts name by id.
type BroadcastNames struct {
	Connections map[models.ConnectionID]string
	Queues      map[models.QueueID]string
	Flows       map[models.FlowID]string
	Users       map[models.UserID]string
}

// BroadcastNames reads the names of connections, queues, flows and authors of broadcasts.
func (s *Store) BroadcastNames(ctx context.Context, account models.AccountID, rows []models.Broadcast) (*BroadcastNames, error) {
	n := &BroadcastNames{Connections: map[models.ConnectionID]string{}, Queues: map[models.QueueID]string{}, Flows: map[models.FlowID]string{}, Users: map[models.UserID]string{}}
	args := pgx.NamedArgs{"account": account, "connections": []models.ConnectionID{}, "queues": []models.QueueID{}, "flows": []models.FlowID{}, "users": []models.UserID{}}
	var connections []models.ConnectionID
	var queues []models.QueueID
	var flows []models.FlowID
	var users []models.UserID
	for i := range rows {
		connections, users = append(connections, rows[i].ConnectionID), append(users, rows[i].ByID)
		if rows[i].QueueID != nil {
			queues = append(queues, *rows[i].QueueID)
		}
		if rows[i].FlowID != nil {
			flows = append(flows, *rows[i].FlowID)
		}
	}
	args["connections"], args["queues"], args["flows"], args["users"] = orEmpty(connections), orEmpty(queues), orEmpty(flows), orEmpty(users)
	found, err := s.pool.Query(ctx, `
		SELECT 'c', id, name FROM connections WHERE account_id = @account AND id = ANY(@connections::bigint[])
		UNION ALL SELECT 'q', id, name FROM queues WHERE account_id = @account AND id = ANY(@queues::bigint[])
		UNION ALL SELECT 'f', id, name FROM flows WHERE account_id = @account AND id = ANY(@flows::bigint[])
		UNION ALL SELECT 'u', id, name FROM users WHERE account_id = @account AND id = ANY(@users::bigint[])`, args)
	if err != nil {
		return nil, asError(err, "broadcast")
	}
	var kind, name string
	var id int64
	_, err = pgx.ForEachRow(found, []any{&kind, &id, &name}, func() error {
		switch kind {
		case "c":
			n.Connections[models.ConnectionID(id)] = name
		case "q":
			n.Queues[models.QueueID(id)] = name
		case "f":
			n.Flows[models.FlowID(id)] = name
		default:
			n.Users[models.UserID(id)] = name
		}
		return nil
	})
	return n, asError(err, "broadcast")
}
