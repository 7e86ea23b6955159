package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// desks is how many conversations agents serve while people write elsewhere.
const desks = 12

// told is what an agent was answered to one command. The command is asked for again, under the same client_ref, until there is
// an answer.
type told struct {
	ref     string
	kind    string
	ticket  int64
	status  int // of the answer; 0: there was none
	command int64
}

// workOnTickets lets two agents open, accept, put off, hand on, close and reopen tickets, often at the same moment, for as long
// as people write. Their conversations have no messages, so that no flow answers there.
func workOnTickets(ctx context.Context, c *campaign) error {
	agents, err := c.signInAgents(ctx)
	if err != nil {
		return err
	}
	conversations, err := c.silentConversations(ctx, desks)
	if err != nil {
		return err
	}
	until := time.Now().Add(c.length())
	var group sync.WaitGroup
	for i, conversation := range conversations {
		group.Go(func() {
			d := &deskWork{c: c, agents: agents, conversation: conversation, rnd: rand.New(rand.NewPCG(c.seed, uint64(100+i)))}
			d.leaveToClose(ctx)
			for time.Now().Before(until) && !over(ctx) {
				d.episode(ctx)
			}
		})
	}
	group.Wait()
	return nil
}

// signInAgents makes two agents and signs them in.
func (c *campaign) signInAgents(ctx context.Context) ([]*agent, error) {
	file := filepath.Join(c.data, "agents.yaml")
	emails := []string{"bia@bench.example", "caio@bench.example"}
	text := `{"account":{"slug":"bench","name":"Bench"},"users":[{"name":"Bia","email":"` + emails[0] + `","role":"admin"},{"name":"Caio","email":"` + emails[1] + `","role":"supervisor"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	var agents []*agent
	for _, email := range emails {
		var a *agent
		err := errors.New("not tried")
		for limit := time.Now().Add(time.Minute); err != nil && time.Now().Before(limit) && !over(ctx); pause(ctx, 500*time.Millisecond) {
			a, err = c.signInAs(ctx, file, email) // what it needs may have been killed
		}
		if err != nil {
			return nil, fmt.Errorf("sign %s in: %w", email, err)
		}
		agents = append(agents, a)
	}
	return agents, nil
}

func (c *campaign) signInAs(ctx context.Context, file, email string) (*agent, error) {
	if _, err := c.Perene(ctx, "apply", "-f", file); err != nil {
		return nil, err
	}
	out, err := c.Perene(ctx, "login-link", "--json", "--email", email)
	if err != nil {
		return nil, err
	}
	var made struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(out, &made); err != nil {
		return nil, fmt.Errorf("read a sign-in link: %w", err)
	}
	u, err := url.Parse(made.URL)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	a := &agent{base: c.URLs.Base, client: &http.Client{Jar: jar, Timeout: 15 * time.Second}}
	status, _, err := a.call(ctx, http.MethodPost, "/v1/sign-in/link", map[string]any{"token": strings.TrimPrefix(u.Fragment, "t=")})
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("signing in was answered with %d", status)
	}
	return a, err
}

// silentConversations makes conversations in which nobody has written.
func (c *campaign) silentConversations(ctx context.Context, n int) (ids []int64, err error) {
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit) && !over(ctx); pause(ctx, 500*time.Millisecond) {
		err = c.db.QueryRow(ctx, `
			WITH k AS (
				SELECT id, account_id
				FROM connections
				WHERE key = @key
			), base AS (
				INSERT INTO account_counters (account_id, name, value)
				SELECT account_id, 'conversation', @value::bigint
				FROM k
				ON CONFLICT (account_id, name) DO UPDATE
				SET value = account_counters.value + @value::bigint
				RETURNING value - @value::bigint AS before
			), people AS (
				INSERT INTO contacts (account_id, name, phone)
				SELECT k.account_id, 'Calado ' || i, '+55119007' || lpad(i::text, 5, '0')
				FROM k, generate_series(1, @value::bigint) i
				RETURNING id, account_id, substr(phone, 2) AS phone
			), talks AS (
				INSERT INTO conversations (account_id, number, connection_id, contact_id, address)
				SELECT p.account_id, base.before + row_number() OVER (ORDER BY p.id), k.id, p.id, p.phone
				FROM people p, k, base
				RETURNING id
			)
			SELECT array_agg(id ORDER BY id)
			FROM talks`,
			pgx.NamedArgs{"key": c.account.Connections[0].Key, "value": n}).Scan(&ids)
		if err == nil {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("make silent conversations: %w", err)
}

// deskWork is what happens to the tickets of one conversation.
type deskWork struct {
	c            *campaign
	agents       []*agent
	conversation int64
	rnd          *rand.Rand
}

// leaveToClose opens a ticket and leaves it to a scheduled closure, so that some come due on a slow machine too, where agents get
// few commands done.
func (d *deskWork) leaveToClose(ctx context.Context) {
	ticket := d.open(ctx)
	if ticket == 0 {
		return
	}
	due := time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339)
	d.ask(ctx, d.agents[0], ticket, "schedule_closing", "/closing", map[string]any{"due_at": due, "replace": true, "text": d.c.canary()})
	pause(ctx, 8*time.Second)
}

// episode opens a ticket, lets both agents do things to it, and closes it.
func (d *deskWork) episode(ctx context.Context) {
	ticket := d.open(ctx)
	if ticket == 0 {
		return
	}
	for range 2 + d.rnd.IntN(4) {
		d.act(ctx, ticket)
		pause(ctx, time.Duration(d.rnd.IntN(1500))*time.Millisecond)
	}
	d.both(ctx, ticket, "close", "/close", map[string]any{})
	if d.rnd.IntN(3) == 0 {
		d.both(ctx, ticket, "reopen", "/reopen", map[string]any{})
		d.act(ctx, ticket)
		d.ask(ctx, d.agents[0], ticket, "close", "/close", map[string]any{})
	}
	pause(ctx, time.Duration(d.rnd.IntN(1500))*time.Millisecond)
}

func (d *deskWork) act(ctx context.Context, ticket int64) {
	one := d.agents[d.rnd.IntN(len(d.agents))]
	switch d.rnd.IntN(7) {
	case 0, 1:
		d.both(ctx, ticket, "accept", "/accept", map[string]any{})
	case 2:
		until := time.Now().Add(time.Duration(1+d.rnd.IntN(3)) * time.Second).UTC().Format(time.RFC3339)
		d.ask(ctx, one, ticket, "snooze", "/snooze", map[string]any{"until": until, "reason": d.c.canary()})
	case 3:
		d.ask(ctx, one, ticket, "wake", "/wake", map[string]any{})
	case 4:
		d.both(ctx, ticket, "prioritize", "/priority", map[string]any{"priority": "high"})
	case 5:
		d.ask(ctx, one, ticket, "hand_back", "/hand-back", map[string]any{}) // no flow waits: it is refused
	case 6:
		due := time.Now().Add(time.Duration(1+d.rnd.IntN(3)) * time.Second).UTC().Format(time.RFC3339)
		d.ask(ctx, one, ticket, "schedule_closing", "/closing", map[string]any{"due_at": due, "replace": true, "text": d.c.canary()})
	}
}

// both lets the two agents ask for the same at the same moment.
func (d *deskWork) both(ctx context.Context, ticket int64, kind, path string, body map[string]any) {
	var group sync.WaitGroup
	for _, a := range d.agents {
		mine := maps.Clone(body)
		group.Go(func() { d.ask(ctx, a, ticket, kind, path, mine) })
	}
	group.Wait()
}

// open opens a ticket for nobody's queue but the agent's own, and gives its id.
func (d *deskWork) open(ctx context.Context) int64 {
	var c struct {
		Ticket struct {
			ID int64 `json:"id"`
		} `json:"ticket"`
	}
	path := fmt.Sprintf("/v1/conversations/%d/ticket", d.conversation)
	status, text := d.until(ctx, d.agents[d.rnd.IntN(len(d.agents))], path, map[string]any{})
	if status != http.StatusCreated && status != http.StatusOK || json.Unmarshal(text, &c) != nil {
		return 0
	}
	return c.Ticket.ID
}

// ask asks for one command until there is an answer, and keeps what was told.
func (d *deskWork) ask(ctx context.Context, a *agent, ticket int64, kind, path string, body map[string]any) {
	d.c.sentMu.Lock()
	d.c.asked++
	t := told{ref: fmt.Sprintf("desk-%d-%d", d.conversation, d.c.asked), kind: kind, ticket: ticket}
	d.c.sentMu.Unlock()
	body["client_ref"] = t.ref
	status, text := d.until(ctx, a, fmt.Sprintf("/v1/tickets/%d%s", ticket, path), body)
	var answer struct {
		Command struct {
			ID int64 `json:"id"`
		} `json:"command"`
	}
	_ = json.Unmarshal(text, &answer) // a refusal has no command
	t.status, t.command = status, answer.Command.ID
	d.c.sentMu.Lock()
	d.c.told = append(d.c.told, t)
	d.c.sentMu.Unlock()
}

// until repeats a request while nobody answers it, for at most a minute.
func (d *deskWork) until(ctx context.Context, a *agent, path string, body map[string]any) (status int, text []byte) {
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit) && !over(ctx); pause(ctx, 200*time.Millisecond) {
		var err error
		status, text, err = a.call(ctx, http.MethodPost, path, body)
		if err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
			return status, text
		}
	}
	return 0, nil
}

// ticketTruth is what Postgres says of tickets.
type ticketTruth struct {
	commands []commandRow
	tickets  []ticketRow
	events   []ticketEventRow // oldest first
	closures []closureRow
}

type closureRow struct {
	ID, Ticket int64
	State      string
	Overdue    bool // its instant is over by the database's clock, and it waits
}

type commandRow struct {
	ID, Ticket       int64
	Kind, State, Ref string
}

type ticketRow struct {
	ID, Conversation, Agent int64
	State                   string
	Overdue                 bool // a snooze that is over by the database's clock, and not ended
	// Shown is the ticket that the conversation has for open, ShownState and ShownAgent are its copy of it.
	Shown, ShownAgent int64
	ShownState        string
}

type ticketEventRow struct {
	Ticket           int64
	Kind             string
	Agent, FromAgent int64
}

func (c *campaign) readTickets(ctx context.Context) (*ticketTruth, error) {
	t := &ticketTruth{}
	for _, q := range []struct {
		sql  string
		take func(rows pgx.Rows) error
	}{
		{`SELECT id, ticket_id, kind, state, coalesce(client_ref, '') FROM ticket_commands ORDER BY id`, func(rows pgx.Rows) (err error) {
			t.commands, err = pgx.CollectRows(rows, pgx.RowToStructByPos[commandRow])
			return err
		}},
		{`SELECT t.id, t.conversation_id, coalesce(t.agent_id, 0), t.state, coalesce(t.snoozed_until < now() - interval '5 seconds', false),
				coalesce(v.ticket_id, 0), coalesce(v.agent_id, 0), coalesce(v.ticket_state, '')
			FROM tickets t JOIN conversations v ON v.id = t.conversation_id ORDER BY t.id`, func(rows pgx.Rows) (err error) {
			t.tickets, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ticketRow])
			return err
		}},
		{`SELECT id, ticket_id, state, state = 'waiting' AND due_at < now() - interval '5 seconds' FROM scheduled_closures ORDER BY id`, func(rows pgx.Rows) (err error) {
			t.closures, err = pgx.CollectRows(rows, pgx.RowToStructByPos[closureRow])
			return err
		}},
		{`SELECT ticket_id, kind, coalesce(agent_id, 0), coalesce(from_agent_id, 0) FROM ticket_events ORDER BY id`, func(rows pgx.Rows) (err error) {
			t.events, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ticketEventRow])
			return err
		}},
	} {
		rows, err := c.db.Query(ctx, q.sql)
		if err != nil {
			return nil, err
		}
		if err := q.take(rows); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// ticketsWhole is I8 of tickets: what agents were told is so, and each ticket has one owner, one end and one workflow.
func ticketsWhole(ctx context.Context, c *campaign) error {
	t, err := c.readTickets(ctx)
	if err != nil {
		return err
	}
	for _, what := range ticketFaults(c.told, t) {
		c.violate("I8", what)
	}
	by := map[int]int{}
	for _, told := range c.told {
		by[told.status]++
	}
	ended := map[string]int{}
	for _, row := range t.closures {
		ended[row.State]++
	}
	fmt.Fprintf(c.out, "  I8: %d commands of agents to %d tickets, answered %v (0: not at all)\n  I9: scheduled closures %v\n", len(t.commands), len(t.tickets), by, ended)
	if ended["done"] == 0 {
		c.violate("I9", "no scheduled closure came due: nothing was proved")
	}
	if by[http.StatusOK] < desks || by[http.StatusConflict] == 0 {
		c.violate("I8", fmt.Sprintf("agents were answered %v: too little was proved", by))
	}
	return workflowsMatch(ctx, c)
}

// ticketFaults tells what is wrong with tickets and with what agents were told of their commands.
func ticketFaults(told []told, t *ticketTruth) []string {
	found := commandFaults(told, t.commands)
	open := map[int64]int64{}
	for _, row := range t.tickets {
		if row.State == "closed" {
			continue
		}
		if other := open[row.Conversation]; other != 0 {
			found = append(found, fmt.Sprintf("conversation %d has the open tickets %d and %d", row.Conversation, other, row.ID))
		}
		open[row.Conversation] = row.ID
		if row.Overdue {
			found = append(found, fmt.Sprintf("the snooze of ticket %d is over, and it was not woken", row.ID))
		}
		if row.Shown != row.ID || row.ShownAgent != row.Agent || row.ShownState != row.State {
			found = append(found, fmt.Sprintf("conversation %d shows ticket %d, agent %d, %q, and its ticket %d has agent %d and is %q",
				row.Conversation, row.Shown, row.ShownAgent, row.ShownState, row.ID, row.Agent, row.State))
		}
	}
	for _, row := range t.closures {
		if row.Overdue {
			found = append(found, fmt.Sprintf("closure %d of ticket %d is overdue, and it was not closed", row.ID, row.Ticket))
		}
	}
	return append(found, historyFaults(t)...)
}

// commandFaults: each command is stored once and answered once, and so as its agent was told.
func commandFaults(told []told, rows []commandRow) (found []string) {
	byRef := map[string][]commandRow{}
	for _, row := range rows {
		byRef[row.Ref] = append(byRef[row.Ref], row)
		if row.State == "waiting" {
			found = append(found, fmt.Sprintf("command %d (%s of ticket %d) has no answer", row.ID, row.Kind, row.Ticket))
		}
	}
	want := map[int]string{http.StatusOK: "done", http.StatusConflict: "refused"}
	for _, a := range told {
		stored := byRef[a.ref]
		switch {
		case len(stored) > 1:
			found = append(found, fmt.Sprintf("%s is stored %d times", a.ref, len(stored)))
		case len(stored) == 0 && a.status != 0:
			found = append(found, fmt.Sprintf("%s (%s) was answered with %d and is not stored", a.ref, a.kind, a.status))
		case len(stored) == 1 && want[a.status] != "" && stored[0].State != want[a.status]:
			found = append(found, fmt.Sprintf("command %d (%s) was answered with %d and is %s", stored[0].ID, a.kind, a.status, stored[0].State))
		case len(stored) == 1 && a.command != 0 && a.command != stored[0].ID:
			found = append(found, fmt.Sprintf("%s was answered as command %d and is command %d", a.ref, a.command, stored[0].ID))
		}
	}
	return found
}

// history is what the facts of one ticket add up to.
type history struct {
	agent         int64
	closed        bool
	closes, opens int // and opened again
}

// historyFaults: facts follow each other without a gap. No ticket has two owners or is closed twice, and each command that was
// done closed or reopened it once.
func historyFaults(t *ticketTruth) (found []string) {
	by := map[int64]*history{}
	for _, e := range t.events {
		h := by[e.Ticket]
		if h == nil {
			h = &history{}
			by[e.Ticket] = h
		}
		first := e.Kind == "opened" || e.Kind == "queued"
		if !first && e.FromAgent != h.agent {
			found = append(found, fmt.Sprintf("ticket %d: %s found agent %d, and the fact before it left agent %d", e.Ticket, e.Kind, e.FromAgent, h.agent))
		}
		if e.Kind == "accepted" && h.agent != 0 && h.agent != e.Agent {
			found = append(found, fmt.Sprintf("ticket %d was accepted by %d while it was of %d", e.Ticket, e.Agent, h.agent))
		}
		switch e.Kind {
		case "closed":
			if h.closes++; h.closed {
				found = append(found, fmt.Sprintf("ticket %d was closed twice", e.Ticket))
			}
			h.closed = true
		case "reopened":
			h.opens++
			h.closed = false
		}
		if !first {
			h.agent = e.Agent
		}
	}
	done := map[int64]map[string]int{}
	for _, row := range t.commands {
		if row.State == "done" {
			if done[row.Ticket] == nil {
				done[row.Ticket] = map[string]int{}
			}
			done[row.Ticket][row.Kind]++
		}
	}
	fired := map[int64]int{} // each one closed its ticket once
	for _, row := range t.closures {
		if row.State == "done" {
			fired[row.Ticket]++
		}
	}
	for _, row := range t.tickets {
		h := by[row.ID]
		if h == nil {
			found = append(found, fmt.Sprintf("ticket %d has no history", row.ID))
			continue
		}
		d := done[row.ID]
		if ends := d["close"] + d["send_to_flow"] + d["hand_back"] + fired[row.ID]; ends != h.closes || d["reopen"] != h.opens {
			found = append(found, fmt.Sprintf("ticket %d: %d ends and %d reopenings were done, and its history has %d and %d", row.ID, ends, d["reopen"], h.closes, h.opens))
		}
		if h.closed != (row.State == "closed") || h.agent != row.Agent {
			found = append(found, fmt.Sprintf("ticket %d is %s with agent %d, and its history ends closed %t with agent %d", row.ID, row.State, row.Agent, h.closed, h.agent))
		}
	}
	slices.Sort(found)
	return found
}
