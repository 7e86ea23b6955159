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

// filterSQL turns the tree of a saved view into one condition on conversations v. Every value is a named argument of its own. No
// word of a person is ever part of the statement.
type filterSQL struct {
	args pgx.NamedArgs
	now  time.Time
	next int
}

// value names an argument that no other condition has.
func (c *filterSQL) value(v any) string {
	name := "tree_" + strconv.Itoa(c.next)
	c.next++
	c.args[name] = v
	return "@" + name
}

// of compiles a part of the tree, which was checked, or its opposite. The opposite of a group is a group of opposites, so that
// Postgres finds indexes for its parts.
func (c *filterSQL) of(f *models.Filter, opposite bool) string {
	and, or := ` AND `, ` OR `
	if opposite {
		and, or = or, and
	}
	switch {
	case f.Not != nil:
		return c.of(f.Not, !opposite)
	case f.Field == models.FilterState:
		return states(f.Words(), opposite != (f.Op == models.FilterNotIn))
	case f.Field != "" && opposite:
		return `(` + c.leaf(f) + `) IS NOT TRUE`
	case f.Field != "":
		return c.leaf(f)
	case f.Or != nil:
		return c.join(f.Or, or, opposite)
	}
	return c.join(f.And, and, opposite)
}

func (c *filterSQL) join(parts []models.Filter, by string, opposite bool) string {
	if len(parts) == 0 {
		return strconv.FormatBool(!opposite)
	}
	conditions := make([]string, len(parts))
	for i := range parts {
		conditions[i] = c.of(&parts[i], opposite)
	}
	return `(` + strings.Join(conditions, by) + `)`
}

// leaf compiles one condition.
func (c *filterSQL) leaf(f *models.Filter) string {
	switch f.Op {
	case models.FilterNotIn:
		return `(` + c.among(f) + `) IS NOT TRUE`
	case models.FilterIsNot:
		return `(` + c.contactIs(f) + `) IS NOT TRUE`
	case models.FilterEmpty:
		return `(` + c.present(f) + `) IS NOT TRUE`
	case models.FilterPresent:
		return c.present(f)
	case models.FilterContains:
		return c.contact(f, ` ILIKE `+c.value(containing(f.Text())))
	case models.FilterOlderThan:
		return instants[f.Field] + ` < ` + c.ago(f)
	case models.FilterNewerThan:
		return instants[f.Field] + ` >= ` + c.ago(f)
	case models.FilterIs, models.FilterIn:
	}
	if f.Field == models.FilterContact {
		return c.contactIs(f)
	}
	if flag, ok := flagsSQL[f.Field]; ok {
		if f.Flag() {
			return flag
		}
		return `NOT ` + flag
	}
	return c.among(f)
}

// instants are the instants of a conversation v that conditions compare.
var instants = map[models.FilterField]string{
	models.FilterOpenedAt:    `v.opened_at`,
	models.FilterLastMessage: `v.last_message_at`,
	models.FilterWaiting:     `v.first_unanswered_at`,
}

// flagsSQL are what is true or false of a conversation v.
var flagsSQL = map[models.FilterField]string{
	models.FilterUnread:     isUnread,
	models.FilterChatbotOff: `v.chatbot_disabled`,
	models.FilterFollowed: `EXISTS (SELECT 1 FROM conversation_followers cf
		WHERE cf.account_id = @account AND cf.conversation_id = v.id AND cf.user_id = @viewer)`,
}

func (c *filterSQL) ago(f *models.Filter) string {
	return c.value(c.now.Add(-time.Duration(f.Minutes()) * time.Minute))
}

const (
	hasTicket   = `v.ticket_state IS NOT NULL`
	runUnderWay = `v.id IN (SELECT r.conversation_id FROM flow_runs r WHERE r.account_id = @account AND r.status <> 'ended'`
	hasLabels   = `v.contact_id IN (SELECT cl.contact_id FROM contact_labels cl WHERE cl.account_id = @account`
)

// among is the condition that a field has one of the values.
func (c *filterSQL) among(f *models.Filter) string {
	switch f.Field {
	case models.FilterQueue:
		return hasTicket + ` AND v.queue_id = ANY(` + c.value(f.IDs()) + `::bigint[])`
	case models.FilterAgent:
		ids, me := f.Agents()
		if me && len(ids) == 0 {
			return hasTicket + ` AND v.agent_id = @viewer`
		}
		if me {
			return hasTicket + ` AND v.agent_id = ANY(array_append(` + c.value(ids) + `::bigint[], @viewer::bigint))`
		}
		return hasTicket + ` AND v.agent_id = ANY(` + c.value(ids) + `::bigint[])`
	case models.FilterConnection:
		return `v.connection_id = ANY(` + c.value(f.IDs()) + `::bigint[])`
	case models.FilterLabel:
		return hasLabels + ` AND cl.label_id = ANY(` + c.value(f.IDs()) + `::bigint[]))`
	case models.FilterFlow:
		return runUnderWay + ` AND r.flow_id = ANY(` + c.value(f.IDs()) + `::bigint[]))`
	case models.FilterPriority:
		return `v.priority = ANY(` + c.value(f.Words()) + `::text[])`
	case models.FilterWindow:
		return `v.window_state = ANY(` + c.value(f.Words()) + `::text[])`
	case models.FilterInCharge:
		return `v.in_charge = ANY(` + c.value(f.Words()) + `::text[])`
	case models.FilterState, models.FilterUnread, models.FilterFollowed, models.FilterChatbotOff, models.FilterOpenedAt, models.FilterLastMessage,
		models.FilterWaiting, models.FilterContact:
	}
	return `false`
}

// states is the condition that a conversation v is in one of the states, or in one of the others. The desk has three of them as
// its own values, which its indexes know.
func states(words []string, others bool) string {
	var conditions []string
	for _, state := range []string{"waiting", "open", "snoozed"} {
		if slices.Contains(words, state) != others {
			conditions = append(conditions, `v.desk = '`+state+`'`)
		}
	}
	if slices.Contains(words, "none") != others {
		conditions = append(conditions, `v.desk IS NULL OR v.desk = 'robot_off'`)
	}
	if conditions == nil {
		return `false`
	}
	return `(` + strings.Join(conditions, ` OR `) + `)`
}

// present is the condition that a field has any value.
func (c *filterSQL) present(f *models.Filter) string {
	switch f.Field {
	case models.FilterQueue:
		return hasTicket + ` AND v.queue_id IS NOT NULL`
	case models.FilterAgent:
		return hasTicket + ` AND v.agent_id IS NOT NULL`
	case models.FilterLabel:
		return hasLabels + `)`
	case models.FilterFlow:
		return runUnderWay + `)`
	case models.FilterContact:
		return c.contact(f, ` <> ''`)
	case models.FilterOpenedAt, models.FilterLastMessage, models.FilterWaiting:
		return instants[f.Field] + ` IS NOT NULL`
	case models.FilterConnection, models.FilterState, models.FilterPriority, models.FilterWindow, models.FilterInCharge, models.FilterUnread,
		models.FilterFollowed, models.FilterChatbotOff:
	}
	return `true`
}

// contact compares the value of a custom field of the contact, as text.
func (c *filterSQL) contact(f *models.Filter, comparison string) string {
	return `EXISTS (SELECT 1 FROM contacts fk WHERE fk.account_id = @account AND fk.id = v.contact_id AND fk.custom_values->>` +
		c.value(f.Key) + `::text` + comparison + `)`
}

// contactIs is the condition that a custom field of the contact has a value, alone or among the choices of a list.
func (c *filterSQL) contactIs(f *models.Filter) string {
	key, text := c.value(f.Key), c.value(f.Text())
	return `EXISTS (SELECT 1 FROM contacts fk WHERE fk.account_id = @account AND fk.id = v.contact_id
		AND (fk.custom_values->>` + key + `::text = ` + text + `::text OR fk.custom_values->` + key + `::text @> to_jsonb(` + text + `::text)))`
}

// containing is the pattern of texts that have a text in them.
func containing(text string) string {
	return `%` + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + `%`
}

// required gives the labels and flows of which a tree asks for one, where it asks so of every conversation.
func required(f *models.Filter) *models.Filter {
	if f == nil {
		return nil
	}
	if (f.Field == models.FilterLabel || f.Field == models.FilterFlow) && f.Op == models.FilterIn {
		return f
	}
	for i := range f.And {
		if found := required(&f.And[i]); found != nil {
			return found
		}
	}
	if len(f.Or) == 1 {
		return required(&f.Or[0])
	}
	return nil
}

// fewOfTree gives the conversations with the labels or flows that a tree requires, where they are few.
func (s *Store) fewOfTree(ctx context.Context, f *models.Filter, args pgx.NamedArgs) ([]models.ConversationID, error) {
	leaf := required(f)
	if leaf == nil {
		return nil, nil
	}
	args["few_ids"] = leaf.IDs()
	sql := `SELECT DISTINCT r.conversation_id FROM flow_runs r
		WHERE r.account_id = @account AND r.flow_id = ANY(@few_ids) AND r.status <> 'ended' LIMIT @few_rows`
	if leaf.Field == models.FilterLabel {
		const labelled = `SELECT cl.contact_id FROM contact_labels cl WHERE cl.account_id = @account AND cl.label_id = ANY(@few_ids) LIMIT @few_rows`
		var n int
		if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM (`+labelled+`) l`, args).Scan(&n); err != nil || n >= fewRows {
			return nil, asError(err, "conversation")
		}
		sql = `SELECT DISTINCT v.id FROM (` + labelled + `) l JOIN conversations v ON v.contact_id = l.contact_id AND v.account_id = @account`
	}
	return s.conversationIDs(ctx, sql, args)
}

// conversationIDs reads ids of conversations. nil: they are many.
func (s *Store) conversationIDs(ctx context.Context, sql string, args pgx.NamedArgs) ([]models.ConversationID, error) {
	rows, err := s.pool.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, asError(err, "conversation")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[models.ConversationID])
	if err != nil || len(ids) >= fewRows {
		return nil, asError(err, "conversation")
	}
	return orEmpty(ids), nil
}
