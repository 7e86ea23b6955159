package activities_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// orders is one contact's story in a random order of everything that may happen at the desk.
type orders struct {
	*world
	rt   *rapid.T
	n    int   // tells the stories of one database apart
	from int64 // the newest conversation of the stories before
	said int
}

const waitingFlow = `{"spec_version":1,"name":"Boas-vindas","category":"initial","start":"menu","triggers":[{"id":"any","kind":"inbound"}],
 "nodes":[
  {"id":"menu","kind":"menu","settings":{"text":"Olá","options":[{"id":"fala","title":"Fala"},{"id":"gente","title":"Gente"},{"id":"fica","title":"Fica"}],"attempts":9,"timeout":"2h"},
   "outputs":{"fala":"fala","gente":"gente","fica":"fica","invalid":"fim","timeout":"fala"}},
  {"id":"fala","kind":"content","settings":{"items":[{"kind":"text","text":"Pois não"}]},"outputs":{"ok":"menu"}},
  {"id":"gente","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"Suporte Técnico"}]},"outputs":{"failed":"fim"}},
  {"id":"fica","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"unassigned","suspend":true}]},"outputs":{"closed":"menu","failed":"fim"}},
  {"id":"fim","kind":"end"}]}`

// wrong finds what must never be: the parts of a conversation and its ticket that do not agree, two tickets
// or two runs that serve at once, a run without its place, a message of the bot that waits to leave after people took over, and a
// command without one answer. Runs are looked at once nothing is left to be stepped.
const wrong = `
	SELECT 'conversation ' || v.id || ' (' || v.in_charge || '): ' || w.what
	FROM conversations v
	LEFT JOIN tickets t ON t.id = v.last_ticket_id
	LEFT JOIN flow_runs r ON r.id = v.flow_run_id
	CROSS JOIN LATERAL (VALUES
		('charge and ticket', (v.in_charge = 'ticket') <> (v.ticket_id IS NOT NULL)),
		('charge and ticket_state', (v.in_charge = 'ticket') <> (v.ticket_state IS NOT NULL)),
		('charge and run', v.in_charge = 'flow' AND v.flow_run_id IS NULL OR v.in_charge = 'idle' AND v.flow_run_id IS NOT NULL),
		('a run that has ended', r.status = 'ended'),
		('a run of another conversation', r.conversation_id <> v.id),
		('open tickets', (SELECT count(*) FROM tickets o WHERE o.conversation_id = v.id AND o.state <> 'closed') <> (v.in_charge = 'ticket')::int),
		('runs', (SELECT count(*) FROM flow_runs o WHERE o.conversation_id = v.id AND o.status <> 'ended') <> (v.flow_run_id IS NOT NULL)::int),
		('ticket of another conversation', t.conversation_id <> v.id),
		('open ticket is not the last one', v.ticket_id <> v.last_ticket_id),
		('ticket_state', v.ticket_state IS DISTINCT FROM nullif(t.state, 'closed')),
		('state and agent', t.state = 'open' AND t.agent_id IS NULL OR t.state = 'waiting' AND t.agent_id IS NOT NULL),
		('queue and agent', v.superseded_by_id IS NULL AND t.id IS NOT NULL AND (v.queue_id, v.agent_id) IS DISTINCT FROM (t.queue_id, t.agent_id)),
		('snoozed', v.snoozed IS DISTINCT FROM coalesce(t.snoozed_at IS NOT NULL, false)),
		('protocol', v.protocol IS DISTINCT FROM t.protocol),
		('one that was merged is served', v.superseded_by_id IS NOT NULL AND v.in_charge <> 'idle'),
		('the bot speaks between people and the contact', v.in_charge = 'ticket' AND t.opened_by_kind IN ('user', 'api') AND EXISTS (
			SELECT 1 FROM send_queue q JOIN messages m ON m.id = q.message_id WHERE q.conversation_id = v.id AND m.origin = 'bot')),
		('closed more often than opened', t.id IS NOT NULL AND (SELECT count(*) FILTER (WHERE kind = 'closed') - count(*) FILTER (WHERE kind = 'reopened')
			FROM ticket_events e WHERE e.ticket_id = t.id) <> (t.state = 'closed')::int)
	) w (what, found)
	WHERE w.found AND v.id > $1
	UNION ALL
	SELECT 'command ' || id || ' is ' || state FROM ticket_commands WHERE (state = 'waiting') OR (answered_at IS NULL) OR (state = 'refused') <> (code IS NOT NULL)`

func (o *orders) check(after string) {
	var found []string
	rows, err := o.Pool().Query(o.t.Context(), wrong, o.from)
	if err != nil {
		o.rt.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			o.rt.Fatal(err)
		}
		found = append(found, s)
	}
	if err := rows.Err(); err != nil || len(found) > 0 {
		o.rt.Fatalf("after %s: %q %v", after, found, err)
	}
}

// hear lets the contact write, by the phone, by the user id, or by both, which makes one person of two.
func (o *orders) hear(phone, user bool, text string) {
	o.said++
	e := storetest.Text(fmt.Sprintf("order.%d.%d", o.n, o.said), "", text, o.now)
	var number, id string
	if phone {
		number = fmt.Sprintf("55819%08d", 10_000_000+o.n)
	}
	if user {
		id = fmt.Sprintf("BR.%d", o.n)
	}
	e.Message.Person = storetest.Person(number, id)
	wake, err := o.Receive(o.t.Context(), o.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, o.flows.Choose)
	if err != nil {
		o.rt.Fatal(err)
	}
	o.Wake(wake)
}

// latest is the newest row of this story, 0 where there is none yet.
func (o *orders) latest(table string) int64 {
	return o.Count(o.t, `SELECT coalesce(max(x.id), 0) FROM `+table+` x JOIN contacts k ON k.id = x.contact_id AND k.merged_into_id IS NULL
		JOIN contact_identities i ON i.contact_id = k.id WHERE i.value IN ($1, $2)`, storetest.Person(fmt.Sprintf("55819%08d", 10_000_000+o.n), "").Phone, fmt.Sprintf("BR.%d", o.n))
}

func (o *orders) command(kind models.TicketCommandKind, data any) {
	id := o.latest("tickets")
	if id == 0 {
		return
	}
	body, err := json.Marshal(data)
	if err != nil {
		o.rt.Fatal(err)
	}
	agent := models.UserID(rapid.IntRange(7, 8).Draw(o.rt, "agent"))
	c, bell, err := o.AddTicketCommand(o.t.Context(), o.Account, models.TicketCommand{TicketID: models.TicketID(id), Kind: kind, ActorKind: models.ActorUser, ActorID: agent, Data: body})
	if err != nil {
		o.rt.Fatal(err)
	}
	var start contract.TicketStart
	if err := json.Unmarshal(bell.Input, &start); err != nil {
		o.rt.Fatal(err)
	}
	for range rapid.IntRange(1, 2).Draw(o.rt, "tries") {
		_, wake, err := o.RunTicketCommand(o.t.Context(), start, c.ID, o.flows.Choose)
		if err != nil {
			o.rt.Fatal(err)
		}
		o.Wake(wake)
	}
}

func (o *orders) mail(kind string, data any) {
	run := models.FlowRunID(o.latest("flow_runs"))
	if run == 0 {
		return
	}
	_, start, err := o.MailFlowRun(o.t.Context(), o.Account, run, kind, data)
	if models.CodeOf(err) == models.CodeGone {
		return
	}
	if err != nil {
		o.rt.Fatal(err)
	}
	o.woken = append(o.woken, start.Doorbell())
}

// acts are what may happen, by name.
func (o *orders) acts() map[string]func() {
	write := func(how func(*store.Outbound)) {
		conversation := models.ConversationID(o.Count(o.t, `SELECT coalesce(max(v.id), 0) FROM conversations v WHERE v.superseded_by_id IS NULL AND v.id = $1`, o.latest("conversations")))
		if conversation == 0 {
			return
		}
		author := models.UserID(rapid.IntRange(7, 8).Draw(o.rt, "author"))
		out := store.Outbound{ConversationID: conversation, Origin: models.OriginAgent, AuthorID: &author, Content: models.Content{Kind: models.ContentKindText, Text: "olá"}}
		how(&out)
		_, wake, err := o.EnqueueOutbound(o.t.Context(), o.Account, out)
		if err != nil {
			o.rt.Fatal(err)
		}
		o.Wake(wake)
	}
	until := o.now.Add(time.Hour)
	return map[string]func(){
		"phone writes":     func() { o.hear(true, false, "oi") },
		"phone says talk":  func() { o.hear(true, false, "Fala") },
		"phone asks":       func() { o.hear(true, false, "Gente") },
		"phone stays":      func() { o.hear(true, false, "Fica") },
		"user id writes":   func() { o.hear(false, true, "oi") },
		"both write":       func() { o.hear(true, true, "oi") },
		"agent writes":     func() { write(func(*store.Outbound) {}) },
		"program writes":   func() { write(func(out *store.Outbound) { out.Origin = models.OriginAPI }) },
		"accept":           func() { o.command(models.TicketAccept, nil) },
		"to a user":        func() { o.command(models.TicketTransferToUser, models.TicketToUser{UserID: 8}) },
		"to a queue":       func() { o.command(models.TicketTransferToQueue, models.TicketToQueue{QueueID: 1}) },
		"snooze":           func() { o.command(models.TicketSnooze, models.TicketSnoozing{Until: &until, UntilReply: true}) },
		"wake":             func() { o.command(models.TicketWake, nil) },
		"close":            func() { o.command(models.TicketClose, models.TicketClosing{}) },
		"reopen":           func() { o.command(models.TicketReopen, nil) },
		"hand back":        func() { o.command(models.TicketHandBack, nil) },
		"to a flow":        func() { o.command(models.TicketSendToFlow, models.TicketToFlow{FlowID: 1}) },
		"stop":             func() { o.mail("stop", map[string]string{}) },
		"move":             func() { o.mail("move_to", map[string]string{"node": "fala"}) },
		"time passes":      func() { o.now = o.now.Add(3 * time.Hour) },
		"switch the robot": func() { o.switchChatbot(rapid.Bool().Draw(o.rt, "off")) },
	}
}

func (o *orders) switchChatbot(off bool) {
	if id := models.ConversationID(o.latest("conversations")); id != 0 {
		wake, err := o.SwitchChatbot(o.t.Context(), o.Account, store.Viewer{Everything: true}, id, off)
		if err != nil {
			o.rt.Fatal(err)
		}
		o.Wake(wake)
	}
}

// stepAll steps every run that was rung or whose instant has come.
func (o *orders) stepAll() {
	o.settle()
	rows, err := o.Pool().Query(o.t.Context(), `SELECT account_id, id, conversation_id, connection_id, flow_id, flow_version_id FROM flow_runs WHERE status <> 'ended'
		AND (wait_until <= $1 OR EXISTS (SELECT 1 FROM flow_run_events e WHERE e.flow_run_id = flow_runs.id AND e.taken_step IS NULL))`, o.now)
	if err != nil {
		o.rt.Fatal(err)
	}
	var due []contract.FlowRunStart
	for rows.Next() {
		var s contract.FlowRunStart
		if err := rows.Scan(&s.AccountID, &s.RunID, &s.ConversationID, &s.ConnectionID, &s.FlowID, &s.VersionID); err != nil {
			o.rt.Fatal(err)
		}
		due = append(due, s)
	}
	rows.Close()
	for _, s := range due {
		o.step(s.Doorbell())
	}
	o.settle()
}

// Trap 3, and I8: whatever order messages, steps, commands, stops, moves and merges come in, one is in charge, and every copy of that
// agrees. Nothing of a flow leaves once people took over, and each command has one answer.
func TestWhateverTheOrderOneIsInCharge(t *testing.T) {
	w := newWorld(t)
	for id, name := range map[int]string{7: "Ana", 8: "Bia"} {
		w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES ($1::bigint, $2, $3 || '@example.com', $3, 'user')`, id, w.Account, name)
	}
	w.Publish(t, "Boas-vindas", waitingFlow)
	stories := 0
	rapid.Check(t, func(rt *rapid.T) {
		stories++
		o := &orders{world: w, rt: rt, n: stories, from: w.Count(t, `SELECT coalesce(max(id), 0) FROM conversations`)}
		o.woken = nil
		acts := o.acts()
		names := make([]string, 0, len(acts))
		for name := range acts {
			names = append(names, name)
		}
		slices.Sort(names)
		for range rapid.IntRange(4, 14).Draw(rt, "length") {
			name := rapid.SampledFrom(names).Draw(rt, "act")
			acts[name]()
			if rapid.IntRange(0, 3).Draw(rt, "behind") > 0 { // workers may be behind
				o.stepAll()
				o.check(name)
			}
		}
		o.stepAll()
		o.check("the end")
	})
}
