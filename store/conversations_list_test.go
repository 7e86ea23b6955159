package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// listed is what the test knows of a conversation.
type listed struct {
	id, ticket                       int64
	queue, agent, defaultAgent       int64
	label                            bool
	state                            models.TicketState
	snoozed, robotOff, unread, other bool // other: of the second connection
	inCharge                         models.InCharge
	at                               time.Time
}

// listWorld is an account with two queues, of which user 1 is in the first and user 2 in none, and user 3 sees everything.
type listWorld struct {
	*storetest.Fixture
	queues, users     []int64
	label, connection int64
	flow              models.PublishedFlow
	rows              []listed
}

// TestListsCountsAndRowsAgree: with random rows, for every viewer, view, filter and order, the pages hold each conversation of
// the view once, in order, as many as are counted, and those whose own list of views names it (rules 061 to 075, Z1, Z2, Z32).
func TestListsCountsAndRowsAgree(t *testing.T) {
	t.Parallel()
	s := storetest.New(t, store.Options{})
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		w := drawList(t, r, s, fmt.Sprint("l", n))
		who := rapid.IntRange(0, 2).Draw(r, "viewer")
		viewer := store.Viewer{User: models.UserID(w.users[who]), Everything: who == 2}
		order := rapid.SampledFrom(models.ListOrders).Draw(r, "order")
		filter, passes := w.drawFilter(r)
		counts, err := s.ConversationCounts(t.Context(), w.Account, viewer, filter)
		if err != nil {
			r.Fatal(err)
		}
		for _, view := range models.Views {
			var want []listed
			for _, row := range w.rows {
				if w.sees(who, &row) && w.in(who, view, &row) && passes(&row) {
					want = append(want, row)
				}
			}
			slices.SortFunc(want, func(a, b listed) int { return before(order, &a, &b) })
			filter.View = view
			got := w.pages(r, viewer, filter, order)
			if fmt.Sprint(got) != fmt.Sprint(listedIDs(want)) {
				r.Fatalf("%s by %s lists %v, want %v", view, order, got, listedIDs(want))
			}
			unread := int64(0)
			for _, row := range want {
				if row.unread {
					unread++
				}
			}
			if counts[view] != (store.ViewCount{Total: int64(len(want)), Unread: unread}) {
				r.Fatalf("%s counts %v, lists %d of which %d unread", view, counts[view], len(want), unread)
			}
		}
		w.checkRows(r, who, viewer)
	})
}

// checkRows reads each conversation alone: it names the views that list it, and who must not see it does not. What is read once
// for everybody says the same.
func (w *listWorld) checkRows(r *rapid.T, who int, viewer store.Viewer) {
	var ids []models.ConversationID
	for _, row := range w.rows {
		ids = append(ids, models.ConversationID(row.id))
	}
	scene, err := w.Scene(r.Context(), w.Account, ids, nil)
	if err != nil {
		r.Fatal(err)
	}
	for _, row := range w.rows {
		v, err := w.Conversation(r.Context(), w.Account, viewer, models.ConversationID(row.id))
		if scene.Sees(viewer, models.ConversationID(row.id)) != w.sees(who, &row) {
			r.Fatalf("the scene shows %+v: %v", row, !w.sees(who, &row))
		}
		if !w.sees(who, &row) {
			if models.CodeOf(err) != models.CodeNotFound {
				r.Fatalf("a hidden conversation is read: %v", err)
			}
			continue
		}
		if err != nil {
			r.Fatal(err)
		}
		var want []models.View
		for _, view := range models.Views {
			if w.in(who, view, &row) {
				want = append(want, view)
			}
		}
		if !slices.Equal(v.Lists, want) {
			r.Fatalf("%+v is in %v, want %v", row, v.Lists, want)
		}
		if diff := gocmp.Diff(v, scene.View(scene.Own(viewer, v.ID))); diff != "" {
			r.Fatalf("the scene and the viewer's own read differ (-read +scene):\n%s", diff)
		}
	}
}

// sees is the rule of sight in Go.
func (w *listWorld) sees(who int, row *listed) bool {
	return who == 2 || row.agent == w.users[who] || row.defaultAgent == w.users[who] || row.queue == 0 && row.agent == 0 ||
		who == 0 && row.queue == w.queues[0]
}

// in is the rule of the views in Go.
func (w *listWorld) in(who int, view models.View, row *listed) bool {
	served := row.state != "" && !row.snoozed
	switch view {
	case models.ViewOpen:
		mine := row.queue != 0 && (who == 2 || who == 0 && row.queue == w.queues[0])
		return served && (row.agent == 0 && row.queue == 0 || mine) || row.robotOff && row.state == "" && row.inCharge != models.InChargeFlow
	case models.ViewMine:
		return served && row.agent == w.users[who]
	case models.ViewAttended:
		return served && row.agent != 0
	case models.ViewSnoozed:
		return row.snoozed
	case models.ViewAll:
	}
	return true
}

func before(order models.ListOrder, a, b *listed) int {
	byActivity := cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	switch order {
	case models.OrderRecent:
		return -byActivity
	case models.OrderOldest:
		return byActivity
	case models.OrderOpenedRecent, models.OrderOpenedOldest:
	}
	sign := 1
	if order == models.OrderOpenedRecent {
		sign = -1
	}
	switch {
	case a.ticket != 0 && b.ticket != 0:
		return sign * cmp.Compare(a.ticket, b.ticket)
	case a.ticket != 0:
		return -1
	case b.ticket != 0:
		return 1
	}
	return sign * byActivity
}

func listedIDs(rows []listed) []int64 {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].id
	}
	return ids
}

// pages reads a list to its end.
func (w *listWorld) pages(r *rapid.T, viewer store.Viewer, f store.ConversationFilter, order models.ListOrder) []int64 {
	limit := rapid.IntRange(3, 9).Draw(r, "page")
	p := store.ConversationPage{Order: order, Limit: limit}
	ids := []int64{}
	for {
		page, err := w.Conversations(r.Context(), w.Account, viewer, f, p)
		if err != nil {
			r.Fatal(err)
		}
		for i := range page {
			ids = append(ids, int64(page[i].ID))
		}
		if len(page) < limit {
			return ids
		}
		last := page[len(page)-1].PlaceIn(order)
		p.After = &last
	}
}

func (w *listWorld) drawFilter(r *rapid.T) (store.ConversationFilter, func(*listed) bool) {
	switch rapid.IntRange(0, 7).Draw(r, "filter") {
	case 1:
		return store.ConversationFilter{Unread: true}, func(l *listed) bool { return l.unread }
	case 2:
		return store.ConversationFilter{ConnectionID: models.ConnectionID(w.connection)}, func(l *listed) bool { return l.other }
	case 3:
		return store.ConversationFilter{QueueID: models.QueueID(w.queues[0])}, func(l *listed) bool { return l.state != "" && l.queue == w.queues[0] }
	case 4:
		return store.ConversationFilter{AgentID: models.UserID(w.users[1])}, func(l *listed) bool { return l.state != "" && l.agent == w.users[1] }
	case 5:
		return store.ConversationFilter{LabelID: models.LabelID(w.label)}, func(l *listed) bool { return l.label }
	case 7:
		return store.ConversationFilter{FlowID: w.flow.FlowID}, func(l *listed) bool { return l.inCharge == models.InChargeFlow }
	case 6:
		return store.ConversationFilter{InCharge: models.InChargeFlow}, func(l *listed) bool { return l.inCharge == models.InChargeFlow }
	}
	return store.ConversationFilter{}, func(*listed) bool { return true }
}

// drawList fills an account with conversations.
func drawList(t *testing.T, r *rapid.T, s *store.Store, key string) *listWorld {
	t.Helper()
	w := &listWorld{Fixture: storetest.NewFixture(t, s, key)}
	read := func(sql string, args ...any) (id int64) {
		t.Helper()
		if err := s.Pool().QueryRow(t.Context(), sql, args...).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, name := range []string{"a", "b", "c"} {
		w.users = append(w.users, read(`INSERT INTO users (account_id, email, name, role) VALUES ($1, $2, $3, 'user') RETURNING id`, w.Account, key+name+"@x.example", name))
	}
	for _, name := range []string{"um", "dois"} {
		w.queues = append(w.queues, read(`INSERT INTO queues (account_id, name) VALUES ($1, $2) RETURNING id`, w.Account, name))
	}
	read(`INSERT INTO queue_members (account_id, queue_id, user_id) VALUES ($1, $2, $3) RETURNING queue_id`, w.Account, w.queues[0], w.users[0])
	if rapid.Bool().Draw(r, "write lock") {
		read(`UPDATE queues SET write_lock = true WHERE id = $1 RETURNING id`, w.queues[0])
	}
	w.label = read(`INSERT INTO labels (account_id, name) VALUES ($1, 'VIP') RETURNING id`, w.Account)
	w.connection = read(`INSERT INTO connections (account_id, key, name, channel, provider_ref, portfolio_ref)
		VALUES ($1, $2, 'Outra', 'whatsapp_cloud', $2, $2) RETURNING id`, w.Account, key+"-2")
	w.flow = w.Publish(t, "Robô", `{}`)
	begun := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	for i := range rapid.IntRange(5, 40).Draw(r, "conversations") {
		w.rows = append(w.rows, w.drawRow(t, r, i, begun, read))
	}
	return w
}

func (w *listWorld) drawRow(t *testing.T, r *rapid.T, i int, begun time.Time, read func(string, ...any) int64) listed {
	t.Helper()
	maybe := func(ids []int64, what string) int64 {
		return rapid.SampledFrom(append([]int64{0}, ids...)).Draw(r, what)
	}
	flag := func(what string) bool { return rapid.IntRange(0, 3).Draw(r, what) == 0 }
	l := listed{defaultAgent: 0, label: flag("label"), robotOff: flag("robot off"), other: flag("other connection"), inCharge: models.InChargeIdle}
	if flag("default agent") {
		l.defaultAgent = maybe(w.users, "default agent")
	}
	state := rapid.SampledFrom([]models.TicketState{"", models.TicketClosed, models.TicketWaiting, models.TicketOpen}).Draw(r, "ticket")
	if state != "" {
		l.queue = maybe(w.queues, "queue")
		if state != models.TicketWaiting {
			l.agent = maybe(w.users, "agent")
		}
		if state == models.TicketOpen && l.agent == 0 {
			l.agent = w.users[0]
		}
	}
	if state == models.TicketWaiting || state == models.TicketOpen {
		l.state, l.snoozed, l.inCharge = state, flag("snoozed"), models.InChargeTicket
	} else if flag("flow") {
		l.inCharge = models.InChargeFlow
	}
	created := begun.Add(time.Duration(rapid.IntRange(0, 5).Draw(r, "begun")) * time.Minute)
	l.at = created
	var message *time.Time
	if !flag("silent") {
		at := begun.Add(time.Duration(rapid.IntRange(0, 9).Draw(r, "message")) * time.Minute)
		message, l.at = &at, at
	}
	count, marked := 0, flag("marked unread")
	if flag("unread") {
		count = 2
	}
	l.unread = count > 0 || marked
	nullable := func(id int64) *int64 {
		if id == 0 {
			return nil
		}
		return &id
	}
	contact := read(`INSERT INTO contacts (account_id, name, default_agent_id) VALUES ($1, $2, $3) RETURNING id`, w.Account, fmt.Sprint("Pessoa ", i), nullable(l.defaultAgent))
	if l.label {
		read(`INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($1, $2, $3) RETURNING label_id`, w.Account, contact, w.label)
	}
	connection := int64(w.Fixture.Connection.ID)
	if l.other {
		connection = w.connection
	}
	l.id = read(`INSERT INTO conversations (account_id, number, connection_id, contact_id, in_charge, snoozed, unread_count, marked_unread, chatbot_disabled,
			last_message_at, created_at, queue_id, agent_id, ticket_state)
		VALUES (@account, @number, @connection, @contact, @in_charge, @snoozed, @unread, @marked, @robot_off, @at, @created, @queue, @agent, nullif(@state, ''))
		RETURNING id`, pgx.NamedArgs{"account": w.Account, "number": i + 1, "connection": connection, "contact": contact, "in_charge": l.inCharge,
		"snoozed": l.snoozed, "unread": count, "marked": marked, "robot_off": l.robotOff, "at": message, "created": created,
		"queue": nullable(l.queue), "agent": nullable(l.agent), "state": l.state})
	if state != "" {
		l.ticket = read(`WITH t AS (
				INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state, queue_id, agent_id)
				VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id)
			UPDATE conversations c SET last_ticket_id = t.id, ticket_id = CASE WHEN $5 <> 'closed' THEN t.id END FROM t WHERE c.id = $2 RETURNING t.id`,
			w.Account, l.id, contact, fmt.Sprint("20261101", i), state, nullable(l.queue), nullable(l.agent))
	}
	if flag("followed") {
		read(`INSERT INTO conversation_followers (account_id, conversation_id, user_id) VALUES ($1, $2, $3) RETURNING user_id`,
			w.Account, l.id, rapid.SampledFrom(w.users).Draw(r, "follower"))
	}
	if l.inCharge == models.InChargeFlow {
		read(`WITH r AS (
				INSERT INTO flow_runs (account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, trigger, status, step, state, started_at)
				VALUES ($1, $2, $3, $4, $5, $6, '{}', 'waiting', 1, '{}', now()) RETURNING id)
			UPDATE conversations c SET flow_run_id = r.id FROM r WHERE c.id = $4 RETURNING r.id`, w.Account, w.flow.FlowID, w.flow.VersionID, l.id, contact, connection)
	}
	return l
}
