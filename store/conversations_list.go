package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// ConversationPlace is the place of a conversation in one of the orders.
type ConversationPlace struct {
	Ticket models.TicketID       // of the latest ticket, in the orders of opening; 0: it never had one, and comes after those
	At     time.Time             // of its newest message, or its own beginning
	ID     models.ConversationID // decides between equals
	// Message is the hit of a search in messages, which come after everything that is found by names and numbers.
	Message models.MessageID
}

// PlaceIn is the place of a conversation in an order.
func (v *ConversationView) PlaceIn(order models.ListOrder) ConversationPlace {
	p := ConversationPlace{ID: v.ID, At: v.CreatedAt}
	if v.LastMessageAt != nil {
		p.At = *v.LastMessageAt
	}
	if v.Hit != nil {
		p.Message = v.Hit.ID
	}
	if byOpening(order) && v.LastTicketID != nil {
		p.Ticket = *v.LastTicketID
	}
	return p
}

func byOpening(o models.ListOrder) bool {
	return o == models.OrderOpenedRecent || o == models.OrderOpenedOldest
}

func ascending(o models.ListOrder) bool {
	return o == models.OrderOldest || o == models.OrderOpenedOldest
}

// ConversationFilter narrows a list of conversations. What is zero narrows nothing.
type ConversationFilter struct {
	View         models.View
	Query        string // the number, an open ticket's protocol, part of the contact's name, phone or e-mail, or words of messages
	Number       int64  // exactly this one
	InCharge     models.InCharge
	Window       models.WindowState
	ConnectionID models.ConnectionID
	ContactID    models.ContactID
	LabelID      models.LabelID
	QueueID      models.QueueID // of the open ticket
	AgentID      models.UserID  // of the open ticket
	FlowID       models.FlowID  // of the run under way
	Unread       bool
	Tree         []*models.Filter // of a saved view, of one that is being built; all of them hold
}

// ConversationPage says which part of a list is read.
type ConversationPage struct {
	Order models.ListOrder
	After *ConversationPlace
	Limit int
}

// isUnread is true of a conversation v that has unread messages or was marked as unread (rule 081).
const isUnread = `(v.unread_count > 0 OR v.marked_unread)`

// activeAt is when a conversation v was active: the instant of its newest message, or its beginning.
const activeAt = `coalesce(v.last_message_at, v.created_at)`

// queryMatches is the condition on conversations v that a query names one: by its number, by the protocol of its open ticket (rule
// 076), or by the contact's names, phone or e-mail.
const queryMatches = `(v.number = @number
	OR v.ticket_state IS NOT NULL AND v.protocol = @query
	OR v.contact_id IN (SELECT k.id FROM contacts k WHERE k.account_id = @account AND ` + contactMatches + `))`

// numberOf reads a query as the number that people use; 0: it is none.
func numberOf(query string) int64 {
	number, err := strconv.ParseInt(strings.TrimPrefix(query, "#"), 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// conversationConditions says which conversations v a filter lets through at an instant, seen or not, and what its words take.
func conversationConditions(account models.AccountID, w Viewer, f *ConversationFilter, now time.Time) ([]string, pgx.NamedArgs) {
	query := strings.TrimSpace(f.Query)
	args := searchArgs(query, w.args(account, pgx.NamedArgs{
		"in_charge": f.InCharge, "window": f.Window, "connection": f.ConnectionID, "contact": f.ContactID, "label": f.LabelID,
		"filter_queue": f.QueueID, "filter_agent": f.AgentID, "flow": f.FlowID, "number": numberOf(query), "exact": f.Number,
	}))
	// Conditions that are not asked for are left out, so that Postgres chooses an index by those that are.
	where := []string{`v.account_id = @account`}
	add := func(on bool, sql string) {
		if on {
			where = append(where, sql)
		}
	}
	add(f.View != "" && f.View != models.ViewAll, viewConditions[f.View])
	add(f.Number != 0, `v.number = @exact`)
	add(f.InCharge != "", `v.in_charge = @in_charge`)
	add(f.Window != "", `v.window_state = @window`)
	add(f.ConnectionID != 0, `v.connection_id = @connection`)
	add(f.ContactID != 0, `v.contact_id = @contact`)
	add(f.LabelID != 0, `v.contact_id IN (SELECT cl.contact_id FROM contact_labels cl WHERE cl.account_id = @account AND cl.label_id = @label)`)
	add(f.QueueID != 0, `v.ticket_state IS NOT NULL AND v.queue_id = @filter_queue`)
	add(f.AgentID != 0, `v.ticket_state IS NOT NULL AND v.agent_id = @filter_agent`)
	add(f.FlowID != 0, `v.id IN (SELECT r.conversation_id FROM flow_runs r WHERE r.account_id = @account AND r.flow_id = @flow AND r.status <> 'ended')`)
	add(f.Unread, isUnread)
	tree := filterSQL{args: args, now: now}
	for _, t := range f.Tree {
		where = append(where, tree.of(t, false))
	}
	return where, args
}

// fewRows is up to how many conversations are gathered and sorted. Of more, enough are found soon in the order of the list.
const fewRows = 5000

// fewOf gives the conversations of a query, a flow or a label, where they are few: then they are gathered, because a walk through
// the order of the list might not meet them for long. nil: they are many, or the filter asks for none of these.
func (s *Store) fewOf(ctx context.Context, f *ConversationFilter, args pgx.NamedArgs) ([]models.ConversationID, error) {
	args["few_rows"] = fewRows
	var sql string
	switch {
	case strings.TrimSpace(f.Query) != "":
		rows, err := s.pool.Query(ctx, `SELECT k.id FROM contacts k WHERE k.account_id = @account AND `+contactMatches+` LIMIT @few_rows`,
			pgx.QueryExecModeCacheDescribe, args)
		if err != nil {
			return nil, asError(err, "contact")
		}
		contacts, err := pgx.CollectRows(rows, pgx.RowTo[models.ContactID])
		if err != nil || len(contacts) >= fewRows {
			return nil, asError(err, "contact")
		}
		args["named"] = orEmpty(contacts)
		sql = `SELECT v.id FROM conversations v WHERE v.account_id = @account AND v.contact_id = ANY(@named)
			UNION SELECT v.id FROM conversations v WHERE v.account_id = @account AND v.number = @number
			UNION SELECT t.conversation_id FROM tickets t WHERE t.account_id = @account AND t.protocol = @query AND t.state <> 'closed'`
	case f.FlowID != 0:
		sql = `SELECT r.conversation_id FROM flow_runs r WHERE r.account_id = @account AND r.flow_id = @flow AND r.status <> 'ended' LIMIT @few_rows`
	case f.LabelID != 0:
		const labelled = `SELECT cl.contact_id FROM contact_labels cl WHERE cl.account_id = @account AND cl.label_id = @label LIMIT @few_rows`
		var n int
		if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM (`+labelled+`) l`, args).Scan(&n); err != nil || n >= fewRows {
			return nil, asError(err, "conversation")
		}
		sql = `SELECT v.id FROM (` + labelled + `) l JOIN conversations v ON v.contact_id = l.contact_id AND v.account_id = @account`
	default:
		for _, t := range f.Tree {
			if few, err := s.fewOfTree(ctx, t, args); err != nil || few != nil {
				return few, err
			}
		}
		return nil, nil
	}
	return s.conversationIDs(ctx, sql, args)
}

// Conversations lists the conversations that a viewer may see, in one of the orders. With a query those that it names come first,
// and then those with its words in a message, the newest message first.
func (s *Store) Conversations(ctx context.Context, account models.AccountID, w Viewer, f ConversationFilter, p ConversationPage) ([]ConversationView, error) {
	if p.Order == "" {
		p.Order = models.OrderRecent
	}
	at, err := s.sightOf(ctx, account, w)
	if err != nil {
		return nil, err
	}
	where, args := conversationConditions(account, w, &f, s.Now())
	where = append(where, at.condition(f.View))
	at.arguments(args)
	args["now"] = s.Now()
	few, err := s.fewOf(ctx, &f, args)
	if err != nil {
		return nil, err
	}
	searched := strings.TrimSpace(f.Query) != ""
	named, others := queryMatches, `NOT `+queryMatches
	if few != nil {
		args["few"] = few
		named, others = `true`, `v.id <> ALL(@few)`
	}
	var rows []ConversationView
	if p.After == nil || p.After.Message == 0 {
		conditions := where
		if searched {
			conditions = append(slices.Clip(where), named)
		}
		if rows, err = s.namedConversations(ctx, few != nil, conditions, args, p); err != nil || len(rows) >= p.Limit {
			return rows, err
		}
		p.Limit, p.After = p.Limit-len(rows), nil
	}
	if !searched {
		return rows, nil
	}
	found, err := s.byMessages(ctx, account, f.Query, strings.Join(append(where, others), " AND "), args, p)
	return append(rows, found...), err
}

// namedConversations lists the conversations of conditions, in the order of the page: of few those that were gathered.
func (s *Store) namedConversations(ctx context.Context, few bool, where []string, args pgx.NamedArgs, p ConversationPage) ([]ConversationView, error) {
	from := `conversations v`
	if few {
		from = `(SELECT * FROM conversations WHERE account_id = @account AND id = ANY(@few) OFFSET 0) v` //nolint:unqueryvet // these rows stand for the table
	}
	if !byOpening(p.Order) {
		return s.conversationsBy(ctx, from, activeAt, where, args, p)
	}
	var rows []ConversationView
	if p.After == nil || p.After.Ticket != 0 {
		ticketed, err := s.conversationsBy(ctx, from, `v.last_ticket_id`, append(slices.Clip(where), `v.last_ticket_id IS NOT NULL`), args, p)
		if err != nil || len(ticketed) >= p.Limit {
			return ticketed, err
		}
		rows, p.After = ticketed, nil
	}
	// Those that never had a ticket come last, in the order of their messages.
	p.Limit -= len(rows)
	others, err := s.conversationsBy(ctx, from, activeAt, append(slices.Clip(where), `v.last_ticket_id IS NULL`), args, p)
	return append(rows, others...), err
}

// conversationsBy reads a page in the order of a key. The key of a ticket is one conversation's alone.
func (s *Store) conversationsBy(ctx context.Context, from, key string, where []string, args pgx.NamedArgs, p ConversationPage) ([]ConversationView, error) {
	sign, way := "<", " DESC"
	if ascending(p.Order) {
		sign, way = ">", ""
	}
	order := key + way + `, v.id` + way
	if a := p.After; a != nil {
		if a.Ticket != 0 {
			where = append(where, `v.last_ticket_id `+sign+` @after_ticket`)
		} else {
			where = append(where, `(`+key+`, v.id) `+sign+` (@after_at, @after_id)`)
		}
		args["after_ticket"], args["after_at"], args["after_id"] = a.Ticket, a.At, a.ID
	}
	args["limit"] = p.Limit
	return list[ConversationView](ctx, s.pool, "conversation", `
		WITH page AS MATERIALIZED (
			SELECT v.id FROM `+from+` WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+` LIMIT @limit
		) `+conversationViewSQL+`WHERE v.account_id = @account AND v.id IN (SELECT id FROM page) ORDER BY `+order, pgx.QueryExecModeCacheDescribe, args)
}
