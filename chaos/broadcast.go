package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// numberRate is what the number of P5 may send in a second.
const numberRate = 60

// liveInCampaign is P5: a campaign keeps a number's queue full for minutes, while people write to the same number, a flow
// answers them, and an agent writes to them too. There is no campaign in the product yet; its sends are put where they would
// be, with the origin and the priority that the queue has for them.
var liveInCampaign = plan{what: "a campaign of 20,000 recipients at a number's 60 a second, and 50 replies of an agent a minute on the same number",
	messages: 292, perSecond: 50. / 60, people: 50, rate: numberRate, recipients: 20_000, templates: true, statuses: true, unknown: "20s", lostOK: true, onlyStatus: []int{200},
	during: replyMeanwhile, after: repliesInTime}

// replyWithin is the goal R14: how long the slowest twentieth of the replies may have waited.
const replyWithin = 1500 * time.Millisecond

// replyMeanwhile queues the campaign once people have written, and lets an agent reply until people have stopped writing.
func replyMeanwhile(ctx context.Context, c *campaign) error {
	number := c.account.Connections[0]
	if err := c.Simulator(ctx, "POST", "/numbers/"+number.Number+"/state", map[string]any{"messages_per_second": numberRate}, nil); err != nil {
		return err
	}
	who, _, err := c.signIn(ctx)
	if err != nil {
		return err
	}
	until := time.Now().Add(c.length())
	var open []int64
	for len(open) < 3 { // somebody has to be there to be replied to
		if pause(ctx, time.Second); over(ctx) {
			return nil
		}
		if open, err = c.openConversations(ctx, number.Key); err != nil {
			return err
		}
	}
	if err := c.queueBroadcast(ctx, number.Key); err != nil {
		return err
	}
	c.broke = time.Now()
	for i := 0; time.Now().Before(until) && !over(ctx); i++ {
		begun := time.Now()
		if open, err = c.openConversations(ctx, number.Key); err != nil {
			return err
		}
		path := fmt.Sprintf("/v1/conversations/%d/messages", open[i%len(open)])
		status, text, err := who.call(ctx, http.MethodPost, path, map[string]any{"content": map[string]any{"kind": "text", "text": fmt.Sprintf("resposta %d %s", i, c.canary())}})
		if over(ctx) {
			return nil
		}
		if err != nil || status != http.StatusCreated {
			return fmt.Errorf("an agent's reply was answered with %d (%w): %s", status, err, text)
		}
		pause(ctx, max(time.Until(begun.Add(time.Minute/50)), 0))
	}
	return nil
}

// openConversations are where a person wrote to the number.
func (c *campaign) openConversations(ctx context.Context, key string) ([]int64, error) {
	var ids []int64
	err := c.db.QueryRow(ctx, `
		SELECT coalesce(array_agg(v.id ORDER BY v.id), '{}')
		FROM conversations v
		JOIN connections k ON k.id = v.connection_id
		WHERE k.key = @key AND v.window_expires_at > now()`,
		pgx.NamedArgs{"key": key}).Scan(&ids)
	return ids, err
}

// queueBroadcast writes the rows of a campaign: people, conversations, messages and their places in the queue, and rings the
// connection.
func (c *campaign) queueBroadcast(ctx context.Context, key string) error {
	begun := time.Now()
	content, err := json.Marshal(map[string]any{"kind": "template", "text": "Aviso sobre isto, de quem atende você.",
		"template": map[string]any{"name": marketingTemplate, "language": "pt_BR", "category": "marketing", "body": []any{map[string]any{"kind": "text", "text": "isto"}}}})
	if err != nil {
		return err
	}
	tx, err := c.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	tag, err := tx.Exec(ctx, `
		WITH k AS (
			SELECT id, account_id
			FROM connections
			WHERE key = @key
		), base AS (
			INSERT INTO account_counters (account_id, name, value)
			SELECT account_id, 'conversation', @recipients::bigint
			FROM k
			ON CONFLICT (account_id, name) DO UPDATE
			SET value = account_counters.value + @recipients::bigint
			RETURNING value - @recipients::bigint AS before
		), people AS (
			INSERT INTO contacts (account_id, name, phone)
			SELECT k.account_id, 'Destino ' || i, '+55119005' || lpad(i::text, 5, '0')
			FROM k, generate_series(0, @recipients::bigint - 1) i
			RETURNING id, account_id, substr(phone, 2) AS phone
		), known AS (
			INSERT INTO contact_identities (account_id, kind, value, contact_id, address)
			SELECT account_id, 'phone', phone, id, phone
			FROM people
		), talks AS (
			INSERT INTO conversations (account_id, number, connection_id, contact_id, address)
			SELECT p.account_id, base.before + row_number() OVER (ORDER BY p.id), k.id, p.id, p.phone
			FROM people p, k, base
			RETURNING id, account_id, connection_id, contact_id
		), m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin,
				kind, content, state)
			SELECT account_id, id, connection_id, contact_id, 'out', 'broadcast', 'template', @content::jsonb,
				'queued'
			FROM talks
			RETURNING id, account_id, connection_id, conversation_id
		), bell AS (
			INSERT INTO doorbells (account_id, workflow_type, workflow_id, input)
			SELECT account_id, 'Connection', 'connection/' || id,
				jsonb_build_object('account_id', account_id, 'connection_id', id)
			FROM k
		)
		INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority)
		SELECT id, account_id, connection_id, conversation_id, 2
		FROM m`,
		pgx.NamedArgs{"key": key, "recipients": c.recipients, "content": content})
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		return fmt.Errorf("queue the campaign: %w", err)
	}
	c.tell(fmt.Sprintf("a campaign to %d recipients is queued", tag.RowsAffected()), nil)
	fmt.Fprintf(c.out, "  P5: a campaign to %d recipients queued in %s\n", tag.RowsAffected(), time.Since(begun).Round(10*time.Millisecond))
	return nil
}

// queued is how long messages of one origin waited from being made until the simulator had them.
func (t *truth) queued(origin string, arrived map[int64]time.Time, from, to time.Time) (list []time.Duration) {
	for _, m := range t.messages {
		if at := arrived[m.id]; m.origin == origin && !at.IsZero() && m.made.After(from) && m.made.Before(to) {
			list = append(list, at.Sub(m.made))
		}
	}
	slices.Sort(list)
	return list
}

// repliesInTime is R14, and that the campaign left whole and never too fast.
func repliesInTime(ctx context.Context, c *campaign) error {
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	arrived := t.arrived()
	var first, last time.Time
	left := 0
	for _, m := range t.messages {
		if at := arrived[m.id]; m.origin == "broadcast" && !at.IsZero() {
			left++
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
	}
	if left != c.recipients {
		c.violate("P5", fmt.Sprintf("%d of %d sends of the campaign arrived", left, c.recipients))
	}
	if seconds, busiest := tooFast(t.sim, c.account.Connections[0].Number, numberRate); seconds > 0 {
		c.violate("R15", fmt.Sprintf("in %d seconds more than %d sends arrived, %d in the busiest", seconds, numberRate, busiest))
	}
	took := last.Sub(first)
	fmt.Fprintf(c.out, "  P5: the campaign's %d sends arrived within %s, %.1f a second\n", left, took.Round(100*time.Millisecond), float64(left)/max(took.Seconds(), 1))
	c.checkReplies(t.queued("agent", arrived, c.broke, last), t.queued("bot", arrived, c.broke, last))
	return nil
}

// checkReplies tells how long replies waited while the campaign was under way.
func (c *campaign) checkReplies(agents, flows []time.Duration) {
	at := func(list []time.Duration, percent int) time.Duration {
		if len(list) == 0 {
			return 0
		}
		return list[min(len(list)-1, len(list)*percent/100)].Round(time.Millisecond)
	}
	fmt.Fprintf(c.out, "  R14: meanwhile %d replies of the agent left after p50 %s, p95 %s, at most %s, and %d of the flow after p50 %s, p95 %s, at most %s\n",
		len(agents), at(agents, 50), at(agents, 95), at(agents, 100), len(flows), at(flows, 50), at(flows, 95), at(flows, 100))
	if len(agents) < 30 {
		c.violate("P5", fmt.Sprintf("only %d replies left while the campaign was under way: too little was proved", len(agents)))
	}
	if p95 := at(agents, 95); p95 > replyWithin {
		c.violate("R14", fmt.Sprintf("a twentieth of the agent's replies left after %s or more, not %s", p95, replyWithin))
	}
}

// arrived is when the simulator had each message first.
func (t *truth) arrived() map[int64]time.Time {
	out := map[int64]time.Time{}
	for i := range t.sim {
		if id, ok := messageID(&t.sim[i]); ok && out[id].IsZero() {
			out[id] = t.sim[i].At
		}
	}
	return out
}

// tooFast tells in how many seconds of the clock a number sent more than it may.
func tooFast(entries []rig.Entry, number string, most int) (seconds, busiest int) {
	counts := map[int64]int{}
	for i := range entries {
		if e := &entries[i]; e.Path == "messages" && e.Sent() && e.Number == number {
			counts[e.At.Unix()]++
		}
	}
	for _, n := range counts {
		busiest = max(busiest, n)
		if n > most {
			seconds++
		}
	}
	return seconds, busiest
}
