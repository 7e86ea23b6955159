package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// violation is a promise that was not kept.
type violation struct {
	invariant, what, timeline string
}

func (c *campaign) violate(invariant, what string) {
	c.violations = append(c.violations, violation{invariant: invariant, what: what})
}

// violateAbout adds the timeline of a message.
func (c *campaign) violateAbout(invariant, what, text, wamid string) {
	c.violations = append(c.violations, violation{invariant: invariant, what: what, timeline: c.timeline(text, wamid)})
}

// stored is a message as Postgres has it.
type stored struct {
	id, conversation   int64
	direction, kind    string
	origin             string
	made               time.Time
	text               string
	provider, state    string
	sent, delivered    bool
	read               bool
	unknowns, attempts int
}

// truth is everything that is compared.
type truth struct {
	messages []stored
	byWamid  map[string]*stored
	byID     map[int64]*stored
	sim      []rig.Entry
}

func (c *campaign) readTruth(ctx context.Context) (*truth, error) {
	t := &truth{byWamid: map[string]*stored{}, byID: map[int64]*stored{}}
	rows, err := c.db.Query(ctx, `SELECT m.id, m.conversation_id, m.direction, m.kind, m.origin, m.created_at, coalesce(m.content->>'text', ''), coalesce(m.provider_message_id, ''), m.state,
			m.sent_at IS NOT NULL, m.delivered_at IS NOT NULL, m.read_at IS NOT NULL, m.attempts,
			(SELECT count(*) FROM send_attempts a WHERE a.message_id = m.id AND a.outcome = 'unknown')
		FROM messages m JOIN connections k ON k.id = m.connection_id WHERE k.key LIKE 'bench-c%' ORDER BY m.conversation_id, m.id`)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	for rows.Next() {
		var m stored
		if err := rows.Scan(&m.id, &m.conversation, &m.direction, &m.kind, &m.origin, &m.made, &m.text, &m.provider, &m.state, &m.sent, &m.delivered, &m.read, &m.attempts, &m.unknowns); err != nil {
			return nil, err
		}
		t.messages = append(t.messages, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range t.messages {
		m := &t.messages[i]
		t.byID[m.id] = m
		if m.provider != "" {
			t.byWamid[m.provider] = m
		}
	}
	t.sim, err = readLedger(filepath.Join(c.data, "sim-ledger.jsonl"))
	t.sim = slices.DeleteFunc(t.sim, func(e rig.Entry) bool {
		// What a delivery told may have been committed a moment after it was made.
		return c.restored.forgot(e.At) || (e.Kind == "webhook" && c.restored.forgot(e.At.Add(2*time.Second)))
	})
	return t, err
}

func readLedger(path string) ([]rig.Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []rig.Entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var e rig.Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, lines.Err()
}

// reconcile compares what was sent, what is stored and what arrived.
func (c *campaign) reconcile(ctx context.Context, rested time.Duration) error {
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	if rested < 0 {
		c.notAtRest(ctx)
	} else {
		fmt.Fprintf(c.out, "  at rest %s after the last acknowledgement\n", rested.Round(100*time.Millisecond))
	}
	c.checkStored(t)
	if !c.orderOff {
		c.checkOrder(t)
	}
	c.checkSends(t)
	c.checkStatuses(t)
	return c.checkLeftovers(ctx)
}

// notAtRest tells what still moves.
func (c *campaign) notAtRest(ctx context.Context) {
	for what, sql := range map[string]string{
		"doorbells": `SELECT count(*) FROM doorbells`, "messages in the send queue": `SELECT count(*) FROM send_queue`,
		"conversations with unhandled messages": `SELECT count(*) FROM conversations WHERE in_charge = 'flow' AND handled_seq < inbound_seq`,
	} {
		var n int
		if err := c.db.QueryRow(ctx, sql).Scan(&n); err == nil && n > 0 {
			c.violate("I10", fmt.Sprintf("after %s there are still %d %s", c.settle, n, what))
		}
	}
}

// checkStored: I1, everything acknowledged is stored once; I2, nothing else is.
func (c *campaign) checkStored(t *truth) {
	byID, byText := map[string]int{}, map[string]int{}
	for _, m := range t.messages {
		if m.direction == "in" {
			byID[m.provider]++
			byText[m.text]++
		}
	}
	known := map[string]bool{}
	acked := 0
	for _, m := range c.sent {
		known[m.ID] = true
		if byText[m.Text] > 1 {
			c.violateAbout("I1", fmt.Sprintf("%s is stored %d times", m.ID, byText[m.Text]), m.Text, "")
		}
		if m.acked.IsZero() {
			continue
		}
		acked++
		if byID[m.ID] == 0 {
			c.violateAbout("I1", m.ID+" was acknowledged and is not stored", m.Text, "")
		}
	}
	for _, m := range t.messages {
		if m.direction == "in" && !known[m.provider] && c.perSecond > 0 {
			c.violateAbout("I2", fmt.Sprintf("message %d was stored as %s, which nobody sent", m.id, m.provider), m.text, "")
		}
	}
	fmt.Fprintf(c.out, "  I1, I2: %d acknowledged, %d stored\n", acked, len(byID))
}

// checkOrder: I3, every reply of a conversation answers the next message, in the order of arrival, and no message is passed
// over or answered twice. The first message starts the flow; each later one is repeated in the reply to it, and where the
// flow sends templates in one of them too.
func (c *campaign) checkOrder(t *truth) {
	in, out, templates := map[int64][]string{}, map[int64][]string{}, map[int64][]string{}
	for _, m := range t.messages {
		switch {
		case m.direction == "in":
			in[m.conversation] = append(in[m.conversation], m.text)
		case m.origin == "agent" || m.origin == "broadcast": // answers nothing
		case m.direction == "out" && m.kind == "template":
			answer, _ := strings.CutPrefix(m.text, "Aviso sobre ")
			answer, _ = strings.CutSuffix(answer, ", de quem atende você.")
			templates[m.conversation] = append(templates[m.conversation], answer)
		case m.direction == "out":
			answer, _ := strings.CutPrefix(m.text, "Anotado: ")
			answer, _ = strings.CutSuffix(answer, ". O que mais?")
			out[m.conversation] = append(out[m.conversation], answer)
		}
	}
	checked := 0
	for conversation, messages := range in {
		checked += c.compareReplies(conversation, "reply", append([]string{"-"}, messages[1:]...), out[conversation])
		if c.flow != nil {
			checked += c.compareReplies(conversation, "template", messages[1:], templates[conversation])
		}
	}
	fmt.Fprintf(c.out, "  I3: %d replies in %d conversations\n", checked, len(in))
}

// compareReplies tells the first difference and gives how many were compared.
func (c *campaign) compareReplies(conversation int64, what string, want, replies []string) int {
	n := max(len(want), len(replies))
	for i := range n {
		switch {
		case i >= len(replies):
			c.violateAbout("I3", fmt.Sprintf("conversation %d: %q has no %s", conversation, want[i], what), want[i], "")
		case i >= len(want) || replies[i] != want[i]:
			c.violateAbout("I3", fmt.Sprintf("conversation %d: %s %d answers %q, not %q", conversation, what, i+1, replies[i], at(want, i)), replies[i], "")
		default:
			continue
		}
		return i
	}
	return n
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// messageID is the message that an arrival at the simulator belongs to; false for what is none.
func messageID(e *rig.Entry) (int64, bool) {
	if e.Path != "messages" || !e.Sent() {
		return 0, false
	}
	number, _, _ := strings.Cut(e.Opaque, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, err == nil
}

// checkSends: I4, every intent ended; I6, nothing free-form outside the window; I11, the provider never had to slow us down.
func (c *campaign) checkSends(t *truth) {
	var second, throttled, lostAnswers int
	perSecond := map[string]int{}
	for i := range t.sim {
		e := &t.sim[i]
		if e.Kind != "request" || e.Path != "messages" {
			continue
		}
		if e.Code == 130429 || e.Code == 131056 {
			throttled++
		}
		if !e.Sent() {
			continue
		}
		if e.Outcome == "answer_lost" {
			lostAnswers++
		}
		if e.WindowOpen != nil && !*e.WindowOpen && e.Type != "template" && !c.strangers {
			c.violateAbout("I6", e.Wamid+" left outside the 24-hour window", "", e.Wamid)
		}
		if _, ok := messageID(e); !ok {
			c.violate("I5", "a send carries no attempt: "+e.Wamid)
		}
		at := e.Number + e.At.Format(time.TimeOnly)
		perSecond[at]++
		second = max(second, perSecond[at])
	}
	if throttled > 0 {
		c.violate("I11", fmt.Sprintf("the simulator refused %d sends as too fast", throttled))
	}
	arrivals, doubled := c.checkArrivals(t)
	out, unconfirmed, unsettled := 0, 0, 0
	for _, m := range t.messages {
		if m.direction != "out" {
			continue
		}
		out++
		switch m.state {
		case "accepted", "failed", "cancelled":
		case "unknown":
			unconfirmed++
			// What arrived is settled by its status. A template that never left stays unconfirmed: its sender died after it had
			// claimed it, nobody can know that it did not go out, and no status will ever tell.
			if len(arrivals[m.id]) > 0 || m.kind != "template" {
				unsettled++
			}
			if !c.lostOK {
				c.violateAbout("I4", fmt.Sprintf("message %d stays unconfirmed and no answer was to be lost", m.id), m.text, m.provider)
			}
		case "retry", "held":
		default:
			c.violateAbout("I4", fmt.Sprintf("message %d is still %s", m.id, m.state), m.text, m.provider)
		}
		if m.state == "accepted" && len(arrivals[m.id]) == 0 {
			c.violateAbout("I4", fmt.Sprintf("message %d is accepted and never arrived", m.id), m.text, m.provider)
		}
	}
	if c.unconfirmed > 0 && float64(unsettled) > c.unconfirmed*float64(out) {
		c.violate("I4", fmt.Sprintf("%d of %d sends stay unconfirmed though they arrived or are texts, and statuses should have settled all but %.1f %%", unsettled, out, 100*c.unconfirmed))
	}
	fmt.Fprintf(c.out, "  I4, I5, I6, I11: %d sends, %d arrived, %d answers lost, %d arrived twice after an unknown outcome, %d unconfirmed (%d of them arrived or are texts); busiest second of a number %d\n",
		out, len(arrivals), lostAnswers, doubled, unconfirmed, unsettled, second)
}

// checkArrivals: I5, at most one arrival of each message, except that a text of unknown outcome may be sent once more. It is
// certain at any moment, not only at rest.
func (c *campaign) checkArrivals(t *truth) (arrivals map[int64][]*rig.Entry, doubled int) {
	arrivals = map[int64][]*rig.Entry{}
	for i := range t.sim {
		if id, ok := messageID(&t.sim[i]); ok {
			arrivals[id] = append(arrivals[id], &t.sim[i])
		}
	}
	for id, got := range arrivals {
		m := t.byID[id]
		if len(got) < 2 || m == nil {
			continue
		}
		late := 0 // failed statuses that asked for a later try are attempts of their own
		for _, e := range got[:len(got)-1] {
			if e.Fault != "" && m.kind == "template" && c.policies != nil {
				late++
			}
		}
		if len(got)-late < 2 {
			continue
		}
		doubled++
		// A flow's text of unknown outcome is sent once more where no status came in time, a template never (ADR 33).
		if m.kind == "template" || m.unknowns == 0 || len(got) > 2 || (c.statuses && got[1].At.Sub(got[0].At) < c.unknownWait()) {
			c.violateAbout("I5", fmt.Sprintf("message %d (%s) arrived %d times", m.id, m.kind, len(got)), m.text, got[0].Wamid)
		}
	}
	return arrivals, doubled
}

func (c *campaign) unknownWait() time.Duration {
	d, err := time.ParseDuration(c.unknown)
	if err != nil {
		return 2 * time.Minute
	}
	return d
}

// checkStatuses: I7, what a message shows follows from the set of statuses that were acknowledged, whatever their order.
func (c *campaign) checkStatuses(t *truth) {
	checked := 0
	for _, e := range t.sim {
		if e.Kind != "webhook" || !e.Acked {
			continue
		}
		for _, u := range e.Updates {
			rest, ok := strings.CutPrefix(u, "status:")
			if !ok {
				continue
			}
			state, wamid, _ := strings.Cut(rest, ":")
			m := t.byWamid[wamid]
			if m == nil {
				continue // of an arrival that was followed by another one, whose id the message keeps
			}
			checked++
			missing := (state == "sent" && !m.sent) || (state == "delivered" && !m.delivered) || (state == "read" && !m.read)
			if missing {
				c.violateAbout("I7", fmt.Sprintf("message %d does not show that it was %s", m.id, state), m.text, wamid)
			}
		}
	}
	fmt.Fprintf(c.out, "  I7: %d statuses\n", checked)
}

// mostEvents is what no history may exceed, whatever is killed (R19).
const mostEvents = 4096

// checkLeftovers: I10, only what was broken on purpose is in quarantine; I12, no words of customers in logs or histories.
func (c *campaign) checkLeftovers(ctx context.Context) error {
	var quarantined int64
	if err := c.db.QueryRow(ctx, `SELECT count(*) FROM quarantine`).Scan(&quarantined); err != nil {
		return err
	}
	if quarantined > 0 && c.instead == nil {
		var reasons string
		_ = c.db.QueryRow(ctx, `SELECT string_agg(DISTINCT reason, '; ') FROM quarantine`).Scan(&reasons)
		c.violate("I10", fmt.Sprintf("%d elements are in quarantine, and none was broken: %s", quarantined, reasons))
	}
	var runs, workflows, longest int
	if err := c.db.Temporal.QueryRow(ctx, `SELECT count(*), count(DISTINCT workflow_id), coalesce(max(next_event_id) - 1, 0) FROM executions`).Scan(&runs, &workflows, &longest); err != nil {
		return err
	}
	if longest > mostEvents {
		c.violate("R19", fmt.Sprintf("a history has %d events", longest))
	}
	fmt.Fprintf(c.out, "  R19: %d runs of %d workflows, the longest history has %d events\n", runs, workflows, longest)
	words := []string{c.canary(), rig.Phone(1, 0)[:9]}
	logs, _ := filepath.Glob(filepath.Join(c.Logs, "*.log"))
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range words {
			if n := strings.Count(string(text), w); n > 0 {
				c.violate("I12", fmt.Sprintf("%s holds words of customers or phone numbers, %d times", filepath.Base(path), n))
			}
		}
	}
	for _, w := range words {
		var n int
		if err := c.db.Temporal.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM history_node WHERE position(@word::bytea IN data) > 0)
				+ (SELECT count(*) FROM executions WHERE position(@word::bytea IN data) > 0
				OR position(@word::bytea IN state) > 0)`,
			pgx.NamedArgs{"word": []byte(w)}).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			c.violate("I12", fmt.Sprintf("%d rows of Temporal's histories hold words of customers or phone numbers", n))
		}
	}
	return nil
}

// timeline is what is known of one message: deliveries, rows, arrivals, and what the nemesis did around it.
func (c *campaign) timeline(text, wamid string) string {
	if c.quietly || len(c.violations) >= 20 {
		return "" // enough has been told
	}
	var b strings.Builder
	var from, to time.Time
	id := ""
	for _, m := range c.sent {
		if m.Text == text && text != "" {
			id, from, to = m.ID, m.began.Add(-2*time.Second), m.began.Add(15*time.Second)
		}
	}
	c.ledger.mu.Lock()
	for _, l := range c.ledger.lines {
		switch {
		case id != "" && l.ID == id:
			fmt.Fprintf(&b, "    %s %s copy %d try %d status %d %s\n", l.At.UTC().Format("15:04:05.000"), l.Kind, l.Copy, l.Try, l.Status, l.What)
		case l.Kind == "nemesis" && l.At.After(from) && l.At.Before(to):
			fmt.Fprintf(&b, "    %s nemesis: %s\n", l.At.UTC().Format("15:04:05.000"), l.What)
		}
	}
	c.ledger.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	rows, err := c.db.Query(ctx, `
		SELECT created_at,
			format('message %s of conversation %s: %s %s, seq %s, attempts %s', id, conversation_id, direction,
			state, coalesce(seq::text, '-'), attempts)
		FROM messages
		WHERE (@text <> '' AND content->>'text' LIKE '%' || @text || '%')
			OR (@wamid <> '' AND provider_message_id = @wamid)
		ORDER BY id
		LIMIT 6`,
		pgx.NamedArgs{"text": text, "wamid": wamid})
	if err != nil {
		return b.String()
	}
	defer rows.Close()
	for rows.Next() {
		var at time.Time
		var what string
		if rows.Scan(&at, &what) == nil {
			fmt.Fprintf(&b, "    %s %s\n", at.UTC().Format("15:04:05.000"), what)
		}
	}
	return b.String()
}
