package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

const (
	// broadcastChoice is how many contacts one step chooses: each step is one transaction.
	broadcastChoice = 5_000
	// broadcastCatchUp is how many steps a late one makes up for, so that a worker that was away floods nobody.
	broadcastCatchUp = 3
	// broadcastBehind is when a broadcast looks again whose messages still wait in the connection's queue.
	broadcastBehind = time.Second
)

// StepBroadcast does what is due of a broadcast: it begins, chooses recipients, hands the next messages to the connection's queue,
// gives the canary's verdict, or ends. progress is called after each recipient. It may be repeated at any point.
func (s *Store) StepBroadcast(ctx context.Context, start contract.BroadcastStart, progress func()) (contract.BroadcastView, contract.Wake, error) {
	var wake contract.Wake
	b, err := s.Broadcast(ctx, start.AccountID, start.BroadcastID)
	if err != nil {
		return contract.BroadcastView{}, wake, err
	}
	due := b.NextAt == nil || !s.Now().Before(*b.NextAt)
	switch {
	case b.State == models.BroadcastScheduled && due:
		err = s.beginBroadcast(ctx, b)
	case b.State == models.BroadcastPreparing:
		err = s.chooseRecipients(ctx, b)
	case b.State == models.BroadcastRunning && due:
		wake, err = s.handBroadcast(ctx, b, progress)
	}
	if err != nil {
		return contract.BroadcastView{}, wake, asError(err, "broadcast")
	}
	view, err := s.broadcastView(ctx, start)
	return view, wake, err
}

func (s *Store) broadcastView(ctx context.Context, start contract.BroadcastStart) (contract.BroadcastView, error) {
	b, err := s.Broadcast(ctx, start.AccountID, start.BroadcastID)
	if err != nil {
		return contract.BroadcastView{}, err
	}
	v := contract.BroadcastView{State: b.State, Total: b.Total}
	if b.Reason != nil {
		v.Reason = *b.Reason
	}
	switch b.State {
	case models.BroadcastScheduled, models.BroadcastRunning:
		if v.NextAt = s.Now(); b.NextAt != nil {
			v.NextAt = *b.NextAt
		}
	case models.BroadcastPreparing:
		v.NextAt = s.Now()
	}
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'left_out')
		FROM broadcast_recipients
		WHERE account_id = @account AND broadcast_id = @id`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID}).Scan(&v.Sent, &v.LeftOut)
	return v, asError(err, "broadcast")
}

// atBroadcast does something with a broadcast under its lock while it is in a state; in any other nothing happens.
func (s *Store) atBroadcast(ctx context.Context, b *models.Broadcast, in models.BroadcastState, do func(tx pgx.Tx, b *models.Broadcast) error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		now, err := broadcastIn(ctx, tx, b.AccountID, b.ID, `FOR UPDATE OF b`)
		if err != nil || now.State != in {
			return err
		}
		if err := do(tx, now); err != nil {
			return err
		}
		return tellBroadcast(ctx, tx, b.AccountID, b.ID)
	})
}

// beginBroadcast begins to choose recipients. Of a list they are chosen already.
func (s *Store) beginBroadcast(ctx context.Context, b *models.Broadcast) error {
	return s.atBroadcast(ctx, b, models.BroadcastScheduled, func(tx pgx.Tx, b *models.Broadcast) error {
		state := models.BroadcastPreparing
		if b.Audience.Listed > 0 {
			state = models.BroadcastRunning
		}
		_, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts
			SET state = @state, started_at = coalesce(started_at, @now), next_at = @now, updated_at = @now
			WHERE account_id = @account AND id = @id`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "state": state, "now": s.Now()})
		return err
	})
}

// broadcastAudience is the condition on contacts k who belong to the audience.
func broadcastAudience(a *models.BroadcastAudience, args pgx.NamedArgs) string {
	where := []string{`k.kind = 'person'`, `k.merged_into_id IS NULL`}
	hasLabel := func(name string) string {
		return `EXISTS (SELECT FROM contact_labels cl WHERE cl.account_id = k.account_id AND cl.contact_id = k.id AND cl.label_id = ANY(@` + name + `::bigint[]))`
	}
	if len(a.Labels) > 0 {
		where, args["labels"] = append(where, hasLabel("labels")), a.Labels
	}
	if len(a.Without) > 0 {
		where, args["without"] = append(where, `NOT `+hasLabel("without")), a.Without
	}
	if a.After != 0 {
		part, known := broadcastPart[a.Part]
		if !known {
			part = `true`
		}
		where, args["after"] = append(where, `EXISTS (
			SELECT FROM `+broadcastMessages+`
			WHERE r.account_id = k.account_id AND r.contact_id = k.id AND r.broadcast_id = @after AND `+part+`)`), a.After
	}
	return strings.Join(where, ` AND `)
}

// chooseRecipients makes recipients of the next contacts of the audience, in the order of their ids.
func (s *Store) chooseRecipients(ctx context.Context, b *models.Broadcast) error {
	return s.atBroadcast(ctx, b, models.BroadcastPreparing, func(tx pgx.Tx, b *models.Broadcast) error {
		args := pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "prepared": b.Prepared, "limit": broadcastChoice, "total": b.Total, "now": s.Now()}
		var chosen int
		var last *models.ContactID
		err := tx.QueryRow(ctx, `
			WITH next AS (
				SELECT k.id
				FROM contacts k
				WHERE k.account_id = @account AND k.id > @prepared AND `+broadcastAudience(&b.Audience, args)+`
				ORDER BY k.id
				LIMIT least(@limit, greatest(0, quota_of(@account, 'recipients_of_a_broadcast') - @total))
			), made AS (
				INSERT INTO broadcast_recipients (account_id, broadcast_id, place, contact_id)
				SELECT @account, @id, @total + row_number() OVER (ORDER BY id), id
				FROM next
			)
			SELECT count(*), max(id)
			FROM next`, pgx.QueryExecModeCacheDescribe, args).Scan(&chosen, &last)
		if err != nil {
			return fmt.Errorf("choose recipients: %w", err)
		}
		state := models.BroadcastPreparing
		if chosen < broadcastChoice {
			state = models.BroadcastRunning
		}
		args["state"], args["chosen"], args["last"] = state, chosen, last
		_, err = exec(ctx, tx, "broadcast", `
			UPDATE broadcasts
			SET state = @state, total = total + @chosen, prepared = coalesce(@last, prepared), next_at = @now, updated_at = @now
			WHERE account_id = @account AND id = @id`, args)
		return err
	})
}

// handBroadcast hands the next messages to the connection's queue.
func (s *Store) handBroadcast(ctx context.Context, b *models.Broadcast, progress func()) (contract.Wake, error) {
	var wake contract.Wake
	now := s.Now()
	if opens := b.Quiet.Next(now, b.Zone()); opens.After(now) {
		return wake, s.endStep(ctx, b, opens)
	}
	n, pause := b.Step()
	steps := 1
	if b.NextAt != nil && b.PerMinute >= 60 {
		steps = min(broadcastCatchUp, 1+int(now.Sub(*b.NextAt)/pause))
	}
	ahead, most, err := s.broadcastQueue(ctx, b, n)
	if err != nil {
		return wake, err
	}
	if n = min(n*steps, most-ahead); n <= 0 {
		return wake, s.endStep(ctx, b, now.Add(broadcastBehind))
	}
	if b.Canary.Size > 0 && !b.CanaryOver {
		left, err := s.canaryLeft(ctx, b)
		if err != nil {
			return wake, err
		}
		if left <= 0 {
			return wake, s.judgeCanary(ctx, b)
		}
		n = min(n, left)
	}
	places, err := s.waitingPlaces(ctx, b, n)
	if err != nil {
		return wake, err
	}
	h := &broadcastHand{s: s, start: b, accountZone: b.Zone()}
	for _, place := range places {
		over, err := h.recipient(ctx, place, &wake)
		if err != nil || over {
			return wake, err
		}
		progress()
	}
	next := now.Add(pause)
	if b.NextAt != nil && b.NextAt.Add(pause*time.Duration(steps)).After(now) {
		next = b.NextAt.Add(pause * time.Duration(steps))
	}
	return wake, s.endStep(ctx, b, next)
}

// broadcastQueue says how many broadcast messages wait in the connection's queue, and how many may. So a pause is felt at once, and
// a slow provider lets no queue grow.
func (s *Store) broadcastQueue(ctx context.Context, b *models.Broadcast, step int) (ahead, most int, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT count(*)
		FROM send_queue
		WHERE connection_id = @connection AND priority = @priority AND account_id = @account`,
		pgx.NamedArgs{"account": b.AccountID, "connection": b.ConnectionID, "priority": models.PriorityBroadcast}).Scan(&ahead)
	return ahead, max(1, step*int(models.BroadcastQueued/time.Second)), asError(err, "broadcast")
}

func (s *Store) waitingPlaces(ctx context.Context, b *models.Broadcast, n int) ([]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT place
		FROM broadcast_recipients
		WHERE account_id = @account AND broadcast_id = @id AND state = 'waiting'
		ORDER BY place
		LIMIT @n`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "n": n})
	if err != nil {
		return nil, asError(err, "broadcast")
	}
	places, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return places, asError(err, "broadcast")
}

// endStep says when the next step is due, or ends a broadcast in which nobody waits any more.
func (s *Store) endStep(ctx context.Context, b *models.Broadcast, next time.Time) error {
	return s.atBroadcast(ctx, b, models.BroadcastRunning, func(tx pgx.Tx, b *models.Broadcast) error {
		_, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts b
			SET (state, next_at, ended_at) = (
					SELECT CASE WHEN w.some THEN 'running' ELSE 'done' END, CASE WHEN w.some THEN @next::timestamptz END, CASE WHEN NOT w.some THEN @now::timestamptz END
					FROM (SELECT EXISTS (
						SELECT FROM broadcast_recipients r
						WHERE r.account_id = b.account_id AND r.broadcast_id = b.id AND r.state = 'waiting') AS some) w),
				updated_at = @now
			WHERE b.account_id = @account AND b.id = @id`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "next": next, "now": s.Now()})
		return err
	})
}

// canaryLeft is how many of the canary have no message yet.
func (s *Store) canaryLeft(ctx context.Context, b *models.Broadcast) (int, error) {
	var sent int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM broadcast_recipients WHERE account_id = @account AND broadcast_id = @id AND state = 'sent'`,
		pgx.NamedArgs{"account": b.AccountID, "id": b.ID}).Scan(&sent)
	return b.Canary.Size - sent, asError(err, "broadcast")
}

// judgeCanary waits for the canary's time, and then lets the broadcast go on or pauses it. Where nobody is left it ends.
func (s *Store) judgeCanary(ctx context.Context, b *models.Broadcast) error {
	counts, err := s.BroadcastCounts(ctx, b.AccountID, b.ID)
	if err != nil {
		return err
	}
	return s.atBroadcast(ctx, b, models.BroadcastRunning, func(tx pgx.Tx, b *models.Broadcast) error {
		now := s.Now()
		args := pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "now": now, "at": now.Add(time.Duration(b.Canary.Minutes) * time.Minute)}
		if b.CanaryAt == nil && counts.Waiting > 0 {
			_, err := exec(ctx, tx, "broadcast", `
				UPDATE broadcasts SET canary_at = @at, next_at = @at, updated_at = @now WHERE account_id = @account AND id = @id`, args)
			return err
		}
		sent := counts.Queued + counts.Sent + counts.Delivered + counts.Read + counts.Failed
		if why := b.Canary.Verdict(sent, counts.Failed, counts.OptedOut); why != "" && counts.Waiting > 0 {
			return s.pause(ctx, tx, b, why)
		}
		_, err := exec(ctx, tx, "broadcast", `
			UPDATE broadcasts SET canary_over = true, next_at = @now, updated_at = @now WHERE account_id = @account AND id = @id`, args)
		return err
	})
}

// broadcastHand hands messages of one broadcast to the queue.
type broadcastHand struct {
	s           *Store
	start       *models.Broadcast
	accountZone *time.Location
	conn        *models.Connection
	accountName string
}

// broadcastPlace is a recipient under its lock.
type broadcastPlace struct {
	ContactID *models.ContactID
	Person    json.RawMessage
	RowValues json.RawMessage
}

// recipient makes the message of one recipient, or says why there is none, in one transaction. over says that the broadcast does
// not run any more.
func (h *broadcastHand) recipient(ctx context.Context, place int, wake *contract.Wake) (over bool, err error) {
	var woken []models.ConnectionID
	err = h.s.inTxAgain(ctx, func(tx pgx.Tx) error {
		woken, over = nil, false
		b, err := broadcastIn(ctx, tx, h.start.AccountID, h.start.ID, `FOR SHARE OF b`)
		if err != nil {
			return err
		}
		if b.State != models.BroadcastRunning {
			over = true
			return nil
		}
		if h.conn == nil {
			if h.conn, err = connectionByID(ctx, tx, b.AccountID, b.ConnectionID); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `SELECT name FROM accounts WHERE id = @account`, pgx.NamedArgs{"account": b.AccountID}).Scan(&h.accountName); err != nil {
				return fmt.Errorf("read the account's name: %w", err)
			}
		}
		r, err := one[broadcastPlace](ctx, tx, "broadcast", `
			SELECT contact_id, person, row_values
			FROM broadcast_recipients
			WHERE account_id = @account AND broadcast_id = @id AND place = @place AND state = 'waiting'
			FOR UPDATE`, pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "place": place})
		if isNotFound(err) {
			return nil // another worker was faster
		}
		if err != nil {
			return err
		}
		m, out, err := h.try(ctx, tx, b, r, place)
		if err != nil {
			return err
		}
		if out.pauses {
			over = true
			return h.pauseForTemplate(ctx, tx, b)
		}
		if m != nil {
			woken = append(woken, m.ConnectionID)
		}
		return h.record(ctx, tx, b, place, m, out)
	})
	wake.Connections = append(wake.Connections, woken...)
	return over, err
}

// pauseForTemplate pauses a broadcast whose template the provider takes no more. The share of the lock becomes the whole of it.
func (h *broadcastHand) pauseForTemplate(ctx context.Context, tx pgx.Tx, b *models.Broadcast) error {
	if err := h.s.pause(ctx, tx, b, models.PausedTemplate); err != nil {
		return err
	}
	return tellBroadcast(ctx, tx, b.AccountID, b.ID)
}

// leftOut says why a recipient gets no message, or that nobody will.
type leftOut struct {
	why    models.LeftOut
	detail string
	pauses bool
	// contact is who a row of a list turned out to be.
	contact models.ContactID
}

// try makes the message in a savepoint: of what is refused nothing stays.
func (h *broadcastHand) try(ctx context.Context, tx pgx.Tx, b *models.Broadcast, r *broadcastPlace, place int) (*models.Message, leftOut, error) {
	var out leftOut
	inner, err := tx.Begin(ctx)
	if err != nil {
		return nil, out, fmt.Errorf("set a savepoint: %w", err)
	}
	m, err := h.message(ctx, inner, b, r, place, &out)
	if err == nil && m != nil {
		if err := inner.Commit(ctx); err != nil {
			return nil, out, fmt.Errorf("keep a savepoint: %w", err)
		}
		return m, out, nil
	}
	if err != nil {
		refusal := refusalOf(asError(err, "contact"))
		if refusal == nil {
			return nil, out, err
		}
		out = leftOutBy(refusal, out)
	}
	if err := inner.Rollback(ctx); err != nil {
		return nil, out, fmt.Errorf("roll back to a savepoint: %w", err)
	}
	return nil, out, nil
}

// leftOutBy says why somebody is left out whose message was refused.
func leftOutBy(refusal *models.Error, so leftOut) leftOut {
	so.why, so.detail = models.LeftOutRefused, refusal.Key
	if so.detail == "" {
		so.detail = string(refusal.Code)
	}
	switch {
	case refusal.Code == models.CodeContactBlocked:
		so.why, so.detail = models.LeftOutBlocked, ""
	case refusal.Key == "contact.marketing_stopped":
		so.why, so.detail = models.LeftOutOptedOut, ""
	case refusal.Code == models.CodeNotFound || strings.HasPrefix(refusal.Key, "contact."):
		so.why = models.LeftOutUnreachable
	case refusal.Key == "template.not_found" || refusal.Key == "template.not_approved":
		so.pauses = true
	}
	return so
}

// message finds or makes the conversation, and makes the message; nil where the person is left out.
func (h *broadcastHand) message(ctx context.Context, tx pgx.Tx, b *models.Broadcast, r *broadcastPlace, place int, out *leftOut) (*models.Message, error) {
	var first FirstMessage
	values := models.BroadcastValues{}
	if r.ContactID != nil {
		first.ContactID = *r.ContactID
	} else if err := json.Unmarshal(r.Person, &first.Person); err != nil {
		return nil, fmt.Errorf("read a person of a list: %w", err)
	}
	if len(r.RowValues) > 0 {
		if err := json.Unmarshal(r.RowValues, &values); err != nil {
			return nil, fmt.Errorf("read the values of a list: %w", err)
		}
	}
	conversation, err := h.s.conversationWith(ctx, tx, h.conn, &first)
	if refusal := refusalOf(asError(err, "contact")); refusal != nil {
		out.why, out.detail = models.LeftOutUnreachable, refusal.Key
		return nil, nil //nolint:nilnil,nilerr // left out, as out says
	}
	if err != nil {
		return nil, err
	}
	p, err := lockPlace(ctx, tx, b.AccountID, conversation)
	if err != nil {
		return nil, err
	}
	out.contact = p.contact
	if err := h.mayGet(ctx, tx, b, r, p, out); err != nil || out.why != "" {
		return nil, err
	}
	facts, err := textFacts(ctx, tx, "true", pgx.NamedArgs{"account": b.AccountID, "id": conversation})
	if err != nil {
		return nil, err
	}
	content, missing, err := b.Fill(h.render(ctx, p, facts, values))
	if errors.Is(err, flow.ErrHalted) {
		return nil, ctx.Err()
	}
	if err != nil || len(missing) > 0 {
		out.why, out.detail = models.LeftOutMissing, strings.Join(missing, ", ")
		return nil, nil //nolint:nilnil,nilerr // left out, as out says
	}
	m, err := h.s.insertOutbound(ctx, tx, p, &Outbound{ConversationID: conversation, Origin: models.OriginBroadcast, AuthorID: &b.ByID, Content: content,
		ClientRef: b.ClientRef(place)})
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE conversations SET broadcast_id = @broadcast WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": b.AccountID, "conversation": conversation, "broadcast": b.ID})
	return m, err
}

// mayGet leaves out who wants no broadcasts, is served, got another one lately, or is there twice.
func (h *broadcastHand) mayGet(ctx context.Context, tx pgx.Tx, b *models.Broadcast, r *broadcastPlace, p *sendPlace, out *leftOut) error {
	var wants, capped, twice bool
	err := tx.QueryRow(ctx, `
		SELECT k.broadcast_enabled,
			@cap::bigint > 0 AND EXISTS (
				SELECT FROM broadcast_recipients o
				WHERE o.account_id = @account AND o.contact_id = k.id AND o.broadcast_id <> @id AND o.sent_at > @since),
			@listed::boolean AND EXISTS (SELECT FROM broadcast_recipients o WHERE o.broadcast_id = @id AND o.contact_id = k.id)
		FROM contacts k
		WHERE k.account_id = @account AND k.id = @contact`,
		pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "contact": p.contact, "cap": b.Audience.CapHours, "listed": r.ContactID == nil,
			"since": h.s.Now().Add(-time.Duration(b.Audience.CapHours) * time.Hour)}).Scan(&wants, &capped, &twice)
	switch {
	case err != nil:
		return fmt.Errorf("look whether a contact gets a broadcast: %w", err)
	case twice:
		out.why, out.contact = models.LeftOutTwice, 0
	case p.blocked:
		out.why = models.LeftOutBlocked
	case !wants || p.marketingStopped && strings.EqualFold(b.Content.Category(), "marketing"):
		out.why = models.LeftOutOptedOut
	case !b.Audience.Served && p.row.InCharge != models.InChargeIdle:
		out.why = models.LeftOutServed
	case capped:
		out.why = models.LeftOutCapped
	}
	return nil
}

// render fills a text with the contact's values; a column of the list goes before a field of the same key.
func (h *broadcastHand) render(ctx context.Context, p *sendPlace, facts *TextFacts, values models.BroadcastValues) func(string) (string, []string, error) {
	contact := facts.Contact
	if len(values) > 0 {
		fields := make(map[string]any, len(contact.Fields)+len(values))
		maps.Copy(fields, contact.Fields)
		for key, v := range values {
			fields[key] = v
		}
		contact.Fields = fields
	}
	event := &flow.Event{Now: h.s.Now(), Contact: contact, Conversation: facts.Conversation, Meter: flow.NewMeter(func() bool { return ctx.Err() != nil })}
	env := &flow.Env{Account: flow.Account{Name: h.accountName, Zone: h.accountZone, Locale: p.locale}}
	return func(source string) (string, []string, error) { return flow.RenderPlain(source, event, env) }
}

// record writes what became of a recipient.
func (h *broadcastHand) record(ctx context.Context, tx pgx.Tx, b *models.Broadcast, place int, m *models.Message, out leftOut) error {
	args := pgx.NamedArgs{"account": b.AccountID, "id": b.ID, "place": place, "state": models.RecipientSent, "why": nil, "detail": "", "message": nil, "now": nil,
		"contact": nil}
	if m != nil {
		args["message"], args["now"], args["contact"] = m.ID, h.s.Now(), m.ContactID
	} else {
		args["state"], args["why"], args["detail"] = models.RecipientLeftOut, out.why, out.detail
	}
	_, err := exec(ctx, tx, "broadcast", `
		UPDATE broadcast_recipients
		SET state = @state, left_out = @why, detail = @detail, message_id = @message, sent_at = @now, contact_id = coalesce(contact_id, @contact)
		WHERE account_id = @account AND broadcast_id = @id AND place = @place`, args)
	return err
}
