package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Who works in a deskWorld: Ana and Bia are agents of the queues that bear their numbers, Carla sees everything.
const (
	ana, bia, carla = models.UserID(1), models.UserID(2), models.UserID(3)
	vendas, suporte = models.QueueID(1), models.QueueID(2)
)

// deskWorld is an account with agents, queues and one contact who wrote, and a clock that the test turns.
type deskWorld struct {
	*storetest.Fixture
	t     *testing.T
	mu    sync.Mutex
	clock time.Time
	conv  models.ConversationID
	said  int
}

func newDesk(t *testing.T) *deskWorld {
	t.Helper()
	w := &deskWorld{t: t, clock: noon}
	w.Fixture = storetest.NewFixture(t, storetest.New(t, store.Options{Now: w.now}), "desk")
	for i, name := range []string{"Ana", "Bia", "Carla"} {
		role := models.RoleUser
		if name == "Carla" {
			role = models.RoleSupervisor
		}
		w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES ($1, $2, $3 || '@example.com', $3, $4)`, i+1, w.Account, name, role)
	}
	w.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (1, $1, 'Vendas'), (2, $1, 'Suporte')`, w.Account)
	w.Exec(t, `INSERT INTO queue_members (account_id, queue_id, user_id) VALUES ($1, 1, 1), ($1, 2, 2)`, w.Account)
	w.hear()
	w.conv = models.ConversationID(w.Count(t, `SELECT id FROM conversations`))
	return w
}

func (w *deskWorld) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *deskWorld) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// hear lets the contact write.
func (w *deskWorld) hear() contract.Wake {
	w.t.Helper()
	w.said++
	wake, err := w.Receive(w.t.Context(), w.Connection, delivery(storetest.Text(fmt.Sprintf("said.%d", w.said), "5581988880001", "oi", w.now())), w.choose)
	if err != nil {
		w.t.Fatal(err)
	}
	return wake
}

// choose starts the first published flow, if there is one.
func (w *deskWorld) choose(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
	if len(q.PublishedFlows) == 0 {
		return nil, nil
	}
	return first(ctx, q)
}

// open opens a ticket as an agent.
func (w *deskWorld) open(by models.UserID, t contract.TicketOpening) models.TicketID {
	w.t.Helper()
	t.Actor = models.Actor{Kind: models.ActorUser, ID: int64(by)}
	id, _, _, err := w.OpenTicket(w.t.Context(), w.Account, w.conv, t)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// ask gives a command to a ticket and answers with how it ended: "done", or why it was refused.
func (w *deskWorld) ask(by models.UserID, id models.TicketID, kind models.TicketCommandKind, data any) string {
	w.t.Helper()
	c, _ := w.command(by, id, kind, data)
	if r := c.Refusal(); r != nil {
		return r.Key
	}
	return string(c.State)
}

func (w *deskWorld) command(by models.UserID, id models.TicketID, kind models.TicketCommandKind, data any) (*models.TicketCommand, contract.Wake) {
	w.t.Helper()
	body, err := json.Marshal(data)
	if err != nil {
		w.t.Fatal(err)
	}
	c, bell, err := w.AddTicketCommand(w.t.Context(), w.Account, models.TicketCommand{TicketID: id, Kind: kind, ActorKind: models.ActorUser, ActorID: by, Data: body})
	if err != nil {
		w.t.Fatal(err)
	}
	var start contract.TicketStart
	if err := json.Unmarshal(bell.Input, &start); err != nil {
		w.t.Fatal(err)
	}
	_, wake, err := w.RunTicketCommand(w.t.Context(), start, c.ID, w.choose)
	if err != nil {
		w.t.Fatal(err)
	}
	if c, err = w.TicketCommand(w.t.Context(), w.Account, c.ID); err != nil {
		w.t.Fatal(err)
	}
	return c, wake
}

// answer sends an agent's message.
func (w *deskWorld) answer(by models.UserID, how ...func(*store.Outbound)) (*models.Message, error) {
	out := store.Outbound{ConversationID: w.conv, Origin: models.OriginAgent, AuthorID: &by, Content: text("bom dia")}
	for _, f := range how {
		f(&out)
	}
	m, _, err := w.EnqueueOutbound(w.t.Context(), w.Account, out)
	return m, err
}

// stand says how ticket and conversation stand. Where their copies differ it says so.
func (w *deskWorld) stand() string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `
		SELECT concat_ws(' ', v.in_charge, t.state, 'queue ' || q.name, 'agent ' || u.name, CASE WHEN t.snoozed_at IS NOT NULL THEN 'snoozed' END,
			CASE WHEN t.lease_until IS NOT NULL THEN 'lease' END,
			CASE WHEN (v.queue_id, v.agent_id) IS DISTINCT FROM (t.queue_id, t.agent_id) THEN 'BUT ITS COPY DIFFERS' END,
			CASE WHEN v.ticket_state IS DISTINCT FROM nullif(t.state, 'closed') OR v.snoozed IS DISTINCT FROM (t.snoozed_at IS NOT NULL)
				OR (v.ticket_id IS NOT NULL) <> (t.state <> 'closed') OR v.protocol <> t.protocol THEN 'BUT ITS STATE DIFFERS' END)
		FROM conversations v LEFT JOIN tickets t ON t.id = v.last_ticket_id LEFT JOIN queues q ON q.id = t.queue_id LEFT JOIN users u ON u.id = t.agent_id`)[0]
}

func (w *deskWorld) stands(want string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.stand()); diff != "" {
		w.t.Errorf("stands (-want +got):\n%s", diff)
	}
}

// facts are what happened to tickets, oldest first.
func (w *deskWorld) facts() string {
	w.t.Helper()
	return strings.Join(texts(w.t, w.Fixture, `SELECT concat_ws(' ', kind, actor_kind, rule) FROM ticket_events ORDER BY id`), ", ")
}

// lines are the codes of the lines for agents, oldest first.
func (w *deskWorld) lines() string {
	w.t.Helper()
	return strings.Join(texts(w.t, w.Fixture, `SELECT content->'system_note'->>'code' FROM messages WHERE direction = 'system' ORDER BY id`), ", ")
}

// Rules 136, 137, 139, 140, 111 and Z35: an answer opens a ticket for the writer, takes one without agent and leaves its queue, and
// changes nothing where it has an agent. Reactions and programs assign nobody, unless the program sends as a person and says so.
func TestAnAnswerAssigns(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Run("rules 136, 074: without a ticket it opens one for the writer", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		_, err := w.answer(ana)
		must(t, err)
		w.stands("ticket open agent Ana")
		if diff := cmp.Diff("opened user answered, accepted user answered, first_reply user answered", w.facts()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff("ticket_opened, ticket_accepted", w.lines()); diff != "" {
			t.Error(diff)
		}
		if n := w.Count(t, `SELECT count(*) FROM tickets WHERE accepted_at IS NOT NULL AND first_reply_at IS NOT NULL AND protocol LIKE '2026112000001' AND origin = 'receptive'`); n != 1 {
			t.Error("the ticket lacks when it was accepted and answered, or its protocol")
		}
		if n := w.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = 'Ticket'`); n != 1 {
			t.Errorf("%d rings of the ticket's workflow, want 1", n)
		}
	})
	t.Run("rules 139, 137, 140: one that waits in a queue becomes the writer's and stays there, then nobody's answer changes it", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
		w.stands("ticket waiting queue Vendas")
		for _, by := range []models.UserID{ana, bia, ana} {
			_, err := w.answer(by)
			must(t, err)
			w.stands("ticket open queue Vendas agent Ana")
		}
		if diff := cmp.Diff("opened user, queued user, accepted user answered, first_reply user answered", w.facts()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("rule 111, Z35: reactions and programs assign nobody", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		_, err := w.answer(ana, func(o *store.Outbound) {
			o.Content = models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍", Target: models.MessageRef{ProviderMessageID: "said.1"}}}
		})
		must(t, err)
		_, err = w.answer(ana, func(o *store.Outbound) { o.Origin = models.OriginAPI })
		must(t, err)
		w.stands("idle")
		_, err = w.answer(ana, func(o *store.Outbound) { o.Origin, o.Assign = models.OriginAPI, true })
		must(t, err)
		w.stands("ticket open agent Ana")
	})
	t.Run("rule 162, Z31: a template to a closed window begins an active ticket, after which no flow starts while its session lasts", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		w.Publish(t, "Boas-vindas", `{}`)
		w.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status)
			VALUES ($1, $2, 'volta', 'volta', 'pt_BR', 'UTILITY', 'APPROVED')`, w.Account, w.Connection.ID)
		w.pass(48 * time.Hour)
		_, err := w.answer(ana, func(o *store.Outbound) { o.Content = marketing("volta") })
		must(t, err)
		id := models.TicketID(w.Count(t, `SELECT id FROM tickets WHERE origin = 'active'`))
		w.pass(time.Hour)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Fatal(got)
		}
		w.hear()
		w.stands("idle closed agent Ana")
		w.pass(23 * time.Hour)
		w.hear()
		if got := w.stand(); !strings.HasPrefix(got, "flow") {
			t.Errorf("%s once the template's session has ended, want a flow", got)
		}
	})
	t.Run("rules 161, 250: what answers a service that was started is among the open ones, and starts no flow", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		w.Publish(t, "Boas-vindas", `{}`)
		w.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status)
			VALUES ($1, $2, 'volta', 'volta', 'pt_BR', 'UTILITY', 'APPROVED')`, w.Account, w.Connection.ID)
		w.pass(48 * time.Hour)
		_, err := w.answer(ana, func(o *store.Outbound) {
			o.Content, o.Opening = marketing("volta"), &store.TicketPlace{QueueID: ptr(vendas)}
		})
		must(t, err)
		w.hear()
		w.stands("ticket waiting queue Vendas")
		v, err := w.Conversation(t.Context(), w.Account, store.Viewer{User: ana}, w.conv)
		must(t, err)
		if diff := cmp.Diff([]models.View{models.ViewAll, models.ViewOpen}, v.Lists); diff != "" {
			t.Errorf("it is listed in (-want +got):\n%s", diff)
		}
		if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 0 {
			t.Errorf("%d flows started", n)
		}
	})
	t.Run("rule 160: a first message that opens nothing", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		_, err := w.answer(ana, func(o *store.Outbound) { o.OpensNone = true })
		must(t, err)
		w.stands("idle")
	})
}

// A queue may keep others from writing where an agent has the ticket, and gives an assignment a term that each act of the agent
// renews. When it is over the ticket waits in the queue again.
func TestQueuesLockAndLease(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `UPDATE queues SET write_lock = true, lease_minutes = 10`)
	id := w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	if _, err := w.answer(ana); err != nil {
		t.Fatal(err)
	}
	_, err := w.answer(bia)
	var refused *models.Error
	if models.KeyOf(err) != models.KeyTicketWriteLocked || !asModelError(err, &refused) || refused.Args["agent"] != "Ana" {
		t.Errorf("Bia writes: %v", err)
	}
	w.stands("ticket open queue Vendas agent Ana lease")
	start := contract.TicketStart{AccountID: w.Account, TicketID: id, ConversationID: w.conv, ConnectionID: w.Connection.ID}
	turn := func() contract.TicketView {
		t.Helper()
		view, _, err := w.TicketTurn(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		return view
	}
	w.pass(6 * time.Minute)
	if _, err := w.answer(ana); err != nil {
		t.Fatal(err)
	}
	w.pass(6 * time.Minute)
	if got := turn(); !got.LeaseUntil.Equal(w.now().Add(4 * time.Minute)) {
		t.Errorf("the term ends at %s, want ten minutes after her last message", got.LeaseUntil)
	}
	for _, by := range []models.UserID{bia, ana} {
		note := store.AgentNote{ConversationID: w.conv, AuthorID: by, Text: "vale a pena ligar"}
		before := turn().LeaseUntil
		if _, err := w.WriteNote(t.Context(), w.Account, store.Viewer{User: by, Everything: true}, note); err != nil {
			t.Fatal(err)
		}
		if got := turn().LeaseUntil; by == bia && !got.Equal(before) || by == ana && !got.Equal(w.now().Add(10*time.Minute)) {
			t.Errorf("after a note of user %d the term ends at %s", by, got)
		}
	}
	w.pass(10 * time.Minute)
	if got := turn(); got.AgentID != 0 || got.State != models.TicketWaiting || !got.LeaseUntil.IsZero() {
		t.Errorf("when the term is over: %+v", got)
	}
	w.stands("ticket waiting queue Vendas")
	if !strings.HasSuffix(w.facts(), "lapsed rule lease") || !strings.HasSuffix(w.lines(), "lease_lapsed") {
		t.Errorf("facts %s, lines %s", w.facts(), w.lines())
	}
}

func asModelError(err error, into **models.Error) bool {
	e, ok := err.(*models.Error) //nolint:errorlint // what the store returns is not wrapped
	*into = e
	return ok
}

// Rules 135, 138, 035, 036, 245, 251: tickets are accepted and given on. The agent takes the queue's place and the queue the agent's.
func TestTicketsAreGivenOn(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	id := w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	for _, s := range []struct {
		by    models.UserID
		kind  models.TicketCommandKind
		data  any
		want  string
		stand string
	}{
		{ana, models.TicketAccept, nil, "done", "ticket open queue Vendas agent Ana"},
		{ana, models.TicketAccept, nil, "done", "ticket open queue Vendas agent Ana"},
		{bia, models.TicketAccept, nil, models.KeyTicketTaken, "ticket open queue Vendas agent Ana"},
		{carla, models.TicketAssign, models.TicketToUser{}, models.KeyTicketTaken, "ticket open queue Vendas agent Ana"},
		{ana, models.TicketAssign, models.TicketToUser{}, "done", "ticket waiting queue Vendas"},
		{ana, models.TicketAssign, models.TicketToUser{}, "done", "ticket waiting queue Vendas"},
		{ana, models.TicketAccept, nil, "done", "ticket open queue Vendas agent Ana"},
		{carla, models.TicketAssign, models.TicketToUser{UserID: bia}, "done", "ticket open agent Bia"},
		{carla, models.TicketAssign, models.TicketToUser{UserID: 99}, models.KeyTicketAgentUnavailable, "ticket open agent Bia"},
		{bia, models.TicketTransferToQueue, models.TicketToQueue{QueueID: suporte, Note: "quer desconto"}, "done", "ticket waiting queue Suporte"},
		{bia, models.TicketTransferToQueue, models.TicketToQueue{QueueID: 99}, models.KeyTicketQueueArchived, "ticket waiting queue Suporte"},
		{ana, models.TicketTransferToUser, models.TicketToUser{UserID: carla}, "done", "ticket open agent Carla"},
		{carla, models.TicketPrioritize, models.TicketPriority{Priority: models.PriorityUrgent}, "done", "ticket open agent Carla"},
		{carla, models.TicketPrioritize, models.TicketPriority{Priority: "normal"}, models.KeyTicketCommandUnusable, "ticket open agent Carla"},
		{carla, models.TicketHandBack, nil, models.KeyTicketNoRun, "ticket open agent Carla"},
		{carla, models.TicketReopen, nil, models.KeyTicketOpenExists, "ticket open agent Carla"},
		{carla, models.TicketClose, models.TicketClosing{}, "done", "idle closed agent Carla"},
		{ana, models.TicketClose, models.TicketClosing{}, models.KeyTicketClosed, "idle closed agent Carla"},
		{ana, models.TicketAccept, nil, models.KeyTicketClosed, "idle closed agent Carla"},
		{ana, models.TicketReopen, nil, "done", "ticket open agent Ana"},
	} {
		if got := w.ask(s.by, id, s.kind, s.data); got != s.want {
			t.Errorf("%s by %d is %s, want %s", s.kind, s.by, got, s.want)
		}
		w.stands(s.stand)
	}
	want := "opened user, queued user, accepted user, unassigned user, accepted user, assigned user, transferred user, transferred user, priority user, closed user, reopened user"
	if diff := cmp.Diff(want, w.facts()); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	want = "ticket_opened, ticket_queued, ticket_accepted, ticket_given_up, ticket_accepted, ticket_assigned, ticket_transferred, ticket_transferred, ticket_closed, ticket_reopened"
	if diff := cmp.Diff(want, w.lines()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"quer desconto"}, texts(t, w.Fixture, `SELECT content->>'text' FROM messages WHERE direction = 'note'`)); diff != "" {
		t.Errorf("the note for who takes over (-want +got):\n%s", diff)
	}
	moved := texts(t, w.Fixture, `SELECT concat_ws(' ', data->>'from_queue_id', data->>'from_agent_id') FROM events WHERE kind = 'ticket.updated' ORDER BY seq LIMIT 3`)
	if diff := cmp.Diff([]string{"1", "1 1", "1"}, moved); diff != "" {
		t.Errorf("where events say it stood before (-want +got):\n%s", diff)
	}
}

// A refusal says who has the ticket since when, and who closed it.
func TestRefusalsSayWhoAndWhen(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	id := w.open(ana, contract.TicketOpening{Mode: "agent", AgentID: ptr(ana)})
	w.pass(3 * time.Second)
	c, _ := w.command(bia, id, models.TicketAccept, nil)
	if diff := cmp.Diff(map[string]string{"agent": "Ana", "agent_id": "1", "at": noon.Format(time.RFC3339)}, c.Args); diff != "" {
		t.Errorf("accepted by another (-want +got):\n%s", diff)
	}
	w.ask(ana, id, models.TicketClose, models.TicketClosing{})
	c, _ = w.command(bia, id, models.TicketClose, models.TicketClosing{})
	if diff := cmp.Diff(map[string]string{"by": "Ana", "at": w.now().Format(time.RFC3339)}, c.Args); diff != "" {
		t.Errorf("closed by another (-want +got):\n%s", diff)
	}
}

// Of many who accept at once one wins, all others hear who. A command that is given or run twice is done once.
func TestOneOfManyWhoAcceptWins(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	for i := models.UserID(10); i < 18; i++ {
		w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES ($1::bigint, $2, $1 || '@example.com', 'Agente ' || $1, 'user')`, i, w.Account)
	}
	id := w.open(carla, contract.TicketOpening{Mode: "unassigned"})
	start := contract.TicketStart{AccountID: w.Account, TicketID: id, ConversationID: w.conv, ConnectionID: w.Connection.ID}
	var group sync.WaitGroup
	for i := models.UserID(10); i < 18; i++ {
		group.Go(func() {
			ref := fmt.Sprintf("accept-%d", i)
			for range 2 {
				c, _, err := w.AddTicketCommand(t.Context(), w.Account, models.TicketCommand{TicketID: id, Kind: models.TicketAccept, ActorKind: models.ActorUser, ActorID: i, ClientRef: &ref})
				if err != nil {
					t.Error(err)
					return
				}
				if _, _, err := w.RunTicketCommand(t.Context(), start, c.ID, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	got := texts(t, w.Fixture, `SELECT state || ' ' || coalesce(code, '') || ' ' || count(*) FROM ticket_commands GROUP BY state, code ORDER BY 1`)
	if diff := cmp.Diff([]string{"done  1", "refused ticket.taken 7"}, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if n := w.Count(t, `SELECT count(*) FROM ticket_events WHERE kind = 'accepted'`); n != 1 {
		t.Errorf("accepted %d times", n)
	}
}

// A snooze ends when its time comes, when the contact writes, or by an agent's message, and its line says why it was.
func TestSnoozes(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	id := w.open(ana, contract.TicketOpening{Mode: "agent", AgentID: ptr(ana)})
	start := contract.TicketStart{AccountID: w.Account, TicketID: id, ConversationID: w.conv, ConnectionID: w.Connection.ID}
	in := func(d time.Duration) *time.Time { return ptr(w.now().Add(d)) }
	for _, past := range []models.TicketSnoozing{{}, {Until: in(0)}, {Until: in(-time.Second)}, {Until: in(400 * 24 * time.Hour)}} {
		if got := w.ask(ana, id, models.TicketSnooze, past); got != models.KeyTicketSnoozePast {
			t.Errorf("snooze %+v is %s", past, got)
		}
	}
	snooze := func(z models.TicketSnoozing) {
		t.Helper()
		if got := w.ask(ana, id, models.TicketSnooze, z); got != "done" {
			t.Fatal(got)
		}
		w.stands("ticket open agent Ana snoozed")
	}
	turn := func() {
		t.Helper()
		if _, _, err := w.TicketTurn(t.Context(), start); err != nil {
			t.Fatal(err)
		}
	}
	snooze(models.TicketSnoozing{Until: in(time.Hour), Reason: "pagamento"})
	w.hear() // asks only for its time
	turn()
	w.stands("ticket open agent Ana snoozed")
	w.pass(time.Hour)
	turn()
	w.stands("ticket open agent Ana")
	for name, wakes := range map[string]func(){
		"the contact writes": func() {
			if wake := w.hear(); len(wake.Doorbells) != 1 || wake.Doorbells[0].WorkflowType != contract.WorkflowTicket {
				t.Errorf("rang %v, want the ticket's workflow", wake.Doorbells)
			}
		},
		"an agent writes": func() {
			if _, err := w.answer(bia); err != nil {
				t.Error(err)
			}
		},
		"somebody wakes it": func() { w.ask(bia, id, models.TicketWake, nil) },
	} {
		for _, z := range []models.TicketSnoozing{{UntilReply: true, Reason: "cliente"}, {Until: in(time.Hour), UntilReply: true, Reason: "cliente"}} {
			snooze(z)
			wakes()
			if got := w.stand(); got != "ticket open agent Ana" {
				t.Errorf("%s, snoozed %+v: %s", name, z, got)
			}
			reason := texts(t, w.Fixture, `SELECT content->'system_note'->'params'->>'reason' FROM messages WHERE content->'system_note'->>'code' = 'snooze_over' ORDER BY id DESC LIMIT 1`)
			if diff := cmp.Diff([]string{"cliente"}, reason); diff != "" {
				t.Errorf("%s: the line (-want +got):\n%s", name, diff)
			}
		}
	}
}

// Rule 028: what comes in and starts no flow waits in the connection's queue. Rules 142 and 144: there the contact's default agent
// takes it, if they belong to the queue. People who forward to a queue decide themselves.
func TestTheInitialQueueAndTheDefaultAgent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		agent models.UserID
		want  string
		facts string
	}{
		"no default agent":                    {0, "ticket waiting queue Vendas", "opened rule initial_queue, queued rule initial_queue"},
		"rule 142: one of the queue":          {ana, "ticket open agent Ana", "opened rule initial_queue, queued rule initial_queue, assigned rule default_agent"},
		"rule 144 b: one who is not of queue": {bia, "ticket waiting queue Vendas", "opened rule initial_queue, queued rule initial_queue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			w.Connection.InitialQueueID = ptr(vendas)
			w.Exec(t, `UPDATE contacts SET default_agent_id = nullif($1::bigint, 0)`, c.agent)
			if wake := w.hear(); len(wake.Doorbells) != 1 || wake.Doorbells[0].WorkflowType != contract.WorkflowTicket {
				t.Errorf("rang %v, want the ticket's workflow", wake.Doorbells)
			}
			w.stands(c.want)
			if diff := cmp.Diff(c.facts, w.facts()); diff != "" {
				t.Error(diff)
			}
			id := models.TicketID(w.Count(t, `SELECT id FROM tickets`))
			if got := w.ask(carla, id, models.TicketTransferToQueue, models.TicketToQueue{QueueID: vendas}); got != "done" {
				t.Fatal(got)
			}
			w.stands("ticket waiting queue Vendas") // rule 144 d
		})
	}
	t.Run("a flow that starts comes first, and an archived queue loses nobody", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		w.Connection.InitialQueueID = ptr(vendas)
		w.Exec(t, `UPDATE queues SET archived_at = now()`)
		w.hear()
		w.stands("ticket waiting")
		w.ask(carla, models.TicketID(w.Count(t, `SELECT id FROM tickets`)), models.TicketClose, models.TicketClosing{})
		w.Publish(t, "Boas-vindas", `{}`)
		w.hear()
		w.stands("flow closed")
	})
}
