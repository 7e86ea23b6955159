package store_test

import (
	"errors"
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

var sentText = []models.Content{{Kind: models.ContentKindText, Text: "Lembrete"}, {Kind: models.ContentKindText, Text: "Até lá"}}

// later schedules for Ana in an hour what a change makes of two texts.
func (w *deskWorld) later(change ...func(*models.ScheduledSend)) models.ScheduledSendID {
	w.t.Helper()
	id, err := w.schedule(change...)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *deskWorld) schedule(change ...func(*models.ScheduledSend)) (models.ScheduledSendID, error) {
	send := models.ScheduledSend{Kind: models.ScheduledMessage, Contents: sentText, DueAt: w.now().Add(time.Hour), Timezone: "America/Recife",
		ByKind: models.ActorUser, ByID: ana}
	for _, do := range change {
		do(&send)
	}
	ids, wake, err := w.ScheduleSends(w.t.Context(), w.Account, store.Viewer{User: ana}, store.Scheduling{Send: send, In: []models.ConversationID{w.conv}})
	if err != nil {
		return 0, err
	}
	if len(ids) != 1 || len(wake.Doorbells) != 1 || wake.Doorbells[0].WorkflowID != contract.ScheduledSendID(ids[0]) {
		w.t.Errorf("scheduled %v and rings %v", ids, wake.Doorbells)
	}
	return ids[0], nil
}

// comesDue lets the workflow try to send, twice, as one does whose worker is killed.
func (w *deskWorld) comesDue(id models.ScheduledSendID) contract.ScheduledSendView {
	w.t.Helper()
	var view contract.ScheduledSendView
	for range 2 {
		var err error
		if view, _, err = w.SendDue(w.t.Context(), contract.ScheduledSendStart{AccountID: w.Account, SendID: id, ConversationID: w.conv}); err != nil {
			w.t.Fatal(err)
		}
	}
	return view
}

// sent are the texts of the conversation that left, the oldest first.
func (w *deskWorld) sent() string {
	w.t.Helper()
	return strings.Join(texts(w.t, w.Fixture, `SELECT coalesce(content->>'text', kind) FROM messages WHERE direction = 'out' ORDER BY id`), ", ")
}

// scheduledLine is the last line about what is scheduled.
func (w *deskWorld) scheduledLine() string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `
		SELECT concat_ws(' ', content->'system_note'->>'code', content->'system_note'->'params'->>'what', content->'system_note'->'params'->>'name',
			content->'system_note'->'params'->>'by', content->'system_note'->'params'->>'why')
		FROM messages
		WHERE direction = 'system' AND content->'system_note'->>'code' LIKE 'scheduled%'
		ORDER BY id DESC LIMIT 1`)[0]
}

func (w *deskWorld) says(want string) {
	w.t.Helper()
	if got := w.scheduledLine(); got != want {
		w.t.Errorf("the line is %q, want %q", got, want)
	}
}

func holds(c *models.ScheduledSend) { c.HoldOnReply = true }

// Rules 172 and 173: at its instant, and not before, everything leaves once and in order, with lines about both. Without a
// ticket asked for none opens (rule 167).
func TestScheduledSend(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	before := w.stand()
	id := w.later()
	w.says("scheduled_created message Ana")
	if n := w.Count(t, `SELECT scheduled_count FROM conversations WHERE id = $1`, w.conv); n != 1 {
		t.Errorf("the conversation has %d scheduled", n)
	}
	w.pass(59 * time.Minute)
	if view := w.comesDue(id); view.State != models.ScheduledWaiting || w.sent() != "" {
		t.Errorf("before its instant: %+v, sent %q", view, w.sent())
	}
	w.pass(time.Minute)
	if view := w.comesDue(id); view.State != models.ScheduledSent || w.sent() != "Lembrete, Até lá" {
		t.Errorf("%+v, sent %q", view, w.sent())
	}
	w.says("scheduled_sent message Ana")
	w.stands(before)
	got := texts(t, w.Fixture, `SELECT client_ref || ' ' || author_id || ' ' || origin FROM messages WHERE direction = 'out' ORDER BY id`)
	want := []string{fmt.Sprintf("scheduled/%d/0/0 1 agent", id), fmt.Sprintf("scheduled/%d/0/1 1 agent", id)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := w.Count(t, `SELECT scheduled_count FROM conversations WHERE id = $1`, w.conv); n != 0 {
		t.Errorf("the conversation has %d scheduled after it", n)
	}
}

// Rule 167: the ticket opens for the agent, for the queue, or for nobody, and one that is open stays as it is.
func TestScheduledSendOpensATicket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		queue *models.QueueID
		agent *models.UserID
		open  bool
		want  string
	}{
		"for nobody":       {want: "ticket waiting"},
		"for a queue":      {queue: ptr(suporte), want: "ticket waiting queue Suporte"},
		"for an agent":     {agent: ptr(bia), want: "ticket open agent Bia"},
		"one that is open": {queue: ptr(suporte), open: true, want: "ticket open queue Vendas agent Ana"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			id := w.later(func(s *models.ScheduledSend) { s.Opens, s.QueueID, s.AgentID = true, c.queue, c.agent })
			if c.open {
				w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
			}
			w.pass(time.Hour)
			w.comesDue(id)
			w.stands(c.want)
			if w.sent() != "Lembrete, Até lá" {
				t.Errorf("sent %q", w.sent())
			}
		})
	}
	w := newDesk(t)
	id := w.later(func(s *models.ScheduledSend) { s.Opens, s.AgentID = true, ptr(bia) })
	w.Exec(t, `UPDATE users SET disabled_at = now() WHERE id = 2`)
	w.pass(time.Hour)
	w.comesDue(id)
	w.stands("ticket waiting") // an agent who left gets none, and the contact is not lost
}

// Rule 171 and 094: what cannot be sent at its instant is skipped, and its line says why.
func TestScheduledSendThatIsSkipped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(*deskWorld)
		why  string
		send func(*models.ScheduledSend)
	}{
		"blocked": {why: "contact.blocked", do: func(w *deskWorld) { w.Exec(w.t, `UPDATE contacts SET blocked_at = now()`) }},
		"the window is closed": {why: "window.closed", do: func(w *deskWorld) { w.pass(25 * time.Hour) },
			send: func(s *models.ScheduledSend) { s.Opens = true }},
		"a template that is gone": {why: "template.not_found", do: func(*deskWorld) {}, send: func(s *models.ScheduledSend) {
			s.Kind, s.Contents = models.ScheduledTemplate, []models.Content{{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "oi", Language: "pt_BR"}}}
		}},
		"the connection is gone": {why: "connection.removed", do: func(w *deskWorld) { w.Exec(w.t, `UPDATE connections SET state = 'removed', is_default = false`) }},
		"another agent's": {why: models.KeyTicketWriteLocked, do: func(w *deskWorld) {
			w.Exec(w.t, `UPDATE queues SET write_lock = true`)
			w.open(bia, contract.TicketOpening{Mode: "queue", QueueID: ptr(suporte), AgentID: ptr(bia)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			if c.send == nil {
				c.send = func(*models.ScheduledSend) {}
			}
			id := w.later(c.send)
			w.pass(time.Hour)
			c.do(w)
			before := w.stand()
			if view := w.comesDue(id); view.State != models.ScheduledSkipped || w.sent() != "" {
				t.Errorf("%+v, sent %q", view, w.sent())
			}
			w.stands(before)
			if got := texts(t, w.Fixture, `SELECT reason FROM scheduled_sends`)[0]; got != c.why {
				t.Errorf("skipped for %s", got)
			}
			if line := w.scheduledLine(); !strings.HasPrefix(line, "scheduled_skipped") || !strings.HasSuffix(line, c.why) {
				t.Errorf("the line is %q", line)
			}
		})
	}
}

// A message of the contact holds back what was scheduled so, and rings. Then it is sent at once, at another instant, or never. A
// reaction is none.
func TestScheduledSendIsHeldWhenTheContactWrites(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	plain, held := w.later(), w.later(holds)
	wake := w.hear()
	rung := false
	for _, bell := range wake.Doorbells {
		rung = rung || bell.WorkflowID == contract.ScheduledSendID(held)
	}
	if !rung {
		t.Errorf("its workflow is not rung: %v", wake.Doorbells)
	}
	w.says("scheduled_held message Ana")
	w.hear() // again
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'scheduled_held'`); n != 1 {
		t.Errorf("%d lines say that it is held", n)
	}
	w.pass(2 * time.Hour)
	if view := w.comesDue(held); view.State != models.ScheduledHeld || w.sent() != "" {
		t.Errorf("held: %+v, sent %q", view, w.sent())
	}
	if view := w.comesDue(plain); view.State != models.ScheduledSent {
		t.Errorf("one that is not held back: %+v", view)
	}
	before := w.sent()
	by, see := models.Actor{Kind: models.ActorUser, ID: int64(ana)}, store.Viewer{User: ana}
	due := w.now().Add(time.Hour)
	if _, err := w.ChangeScheduledSend(t.Context(), w.Account, see, by, held, store.ScheduledChange{DueAt: &due}); err != nil {
		t.Fatal(err)
	}
	w.pass(59 * time.Minute)
	w.hear() // and it is held again
	if _, err := w.SendScheduledNow(t.Context(), w.Account, see, held); err != nil {
		t.Fatal(err)
	}
	if got := w.sent(); got != before+", Lembrete, Até lá" {
		t.Errorf("sent %q", got)
	}
	_, err := w.SendScheduledNow(t.Context(), w.Account, see, held)
	if models.KeyOf(err) != models.KeyScheduledOver {
		t.Errorf("sending twice: %v", err)
	}
}

// The answer at the due second has one result: it is sent or held, never both.
func TestScheduledSendAtTheDueSecond(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	for range 8 {
		id := w.later(holds)
		w.pass(time.Hour)
		before := len(w.sent())
		var group sync.WaitGroup
		group.Go(func() { w.comesDue(id) })
		group.Go(func() { w.hear() })
		group.Wait()
		state := texts(t, w.Fixture, fmt.Sprintf(`SELECT state FROM scheduled_sends WHERE id = %d`, id))[0]
		if left := len(w.sent()) > before; left != (state == "sent") || state != "sent" && state != "held" {
			t.Errorf("it is %s, and left %t", state, left)
		}
	}
}

// Rules 169, 172, 173 and 256: what is scheduled is changed and cancelled, one by one or all of a kind, and each writes a line.
func TestScheduledSendsAreChangedAndCancelled(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `INSERT INTO flows (id, account_id, name, draft) VALUES (1, $1, 'Boas-vindas', '{}')`, w.Account)
	first, second := w.later(), w.later()
	w.later(func(s *models.ScheduledSend) {
		s.Kind, s.Contents, s.FlowID = models.ScheduledFlow, nil, ptr(models.FlowID(1))
	})
	w.says("scheduled_created flow Boas-vindas Ana")
	byBia, see := models.Actor{Kind: models.ActorUser, ID: int64(bia)}, store.Viewer{User: bia}
	change := store.ScheduledChange{Kind: models.ScheduledMessage, Contents: []models.Content{{Kind: models.ContentKindText, Text: "Outra"}}}
	if _, err := w.ChangeScheduledSend(t.Context(), w.Account, see, byBia, first, change); err != nil {
		t.Fatal(err)
	}
	w.says("scheduled_changed message Bia")
	if by := w.Count(t, `SELECT by_id FROM scheduled_sends WHERE id = $1`, first); by != int64(bia) {
		t.Errorf("other words are still those of user %d", by)
	}
	if _, err := w.CancelScheduledSend(t.Context(), w.Account, see, byBia, second); err != nil {
		t.Fatal(err)
	}
	w.says("scheduled_cancelled message Bia")
	past := w.now()
	for name, err := range map[string]error{
		"twice":    second2(w.CancelScheduledSend(t.Context(), w.Account, see, byBia, second)),
		"the past": second2(w.ChangeScheduledSend(t.Context(), w.Account, see, byBia, first, store.ScheduledChange{DueAt: &past})),
	} {
		if key := models.KeyOf(err); key != models.KeyScheduledOver && key != models.KeyScheduledPast {
			t.Errorf("%s: %v", name, err)
		}
	}
	n, wake, err := w.CancelScheduledSends(t.Context(), w.Account, see, byBia, store.ScheduledFilter{ConversationID: w.conv, Kind: models.ScheduledFlow})
	if err != nil || n != 1 || len(wake.Doorbells) != 1 {
		t.Errorf("cancelled %d flows, %v", n, err)
	}
	if n, _, err = w.CancelScheduledSends(t.Context(), w.Account, see, byBia, store.ScheduledFilter{ConversationID: w.conv}); err != nil || n != 1 {
		t.Errorf("cancelled %d of the rest, %v", n, err)
	}
	w.pass(2 * time.Hour)
	for _, id := range []models.ScheduledSendID{first, second} {
		w.comesDue(id)
	}
	if w.sent() != "" {
		t.Errorf("what was cancelled is sent: %q", w.sent())
	}
}

func second2(_ contract.Wake, err error) error { return err }

// Rule 169: the flow starts at its instant. While people are in charge, or the bot is off, it does not, and the line says so.
func TestScheduledFlow(t *testing.T) {
	t.Parallel()
	flow := func(s *models.ScheduledSend) {
		s.Kind, s.Contents, s.FlowID = models.ScheduledFlow, nil, ptr(models.FlowID(1))
	}
	for name, c := range map[string]struct {
		do    func(*deskWorld)
		stand string
		line  string
	}{
		"starts":         {do: func(*deskWorld) {}, stand: "flow", line: "scheduled_sent flow Boas-vindas Ana"},
		"has no version": {do: func(w *deskWorld) { w.Exec(w.t, `UPDATE flows SET archived_at = now()`) }, stand: "idle", line: "scheduled_skipped flow Boas-vindas Ana ticket.flow_unavailable"},
		"the bot is off": {do: func(w *deskWorld) { w.Exec(w.t, `UPDATE conversations SET chatbot_disabled = true`) }, stand: "idle", line: "scheduled_skipped flow Boas-vindas Ana scheduled.chatbot_off"},
		"people are in charge": {do: func(w *deskWorld) { w.open(ana, contract.TicketOpening{Mode: "agent", AgentID: ptr(ana)}) },
			stand: "ticket open agent Ana", line: "scheduled_skipped flow Boas-vindas Ana conversation.has_ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			w.Exec(t, `INSERT INTO flows (id, account_id, name, draft) VALUES (1, $1, 'Boas-vindas', '{}')`, w.Account)
			w.Exec(t, `INSERT INTO flow_versions (id, account_id, flow_id, number, graph) VALUES (1, $1, 1, 1, '{}')`, w.Account)
			w.Exec(t, `UPDATE flows SET published_version_id = 1`)
			id := w.later(flow)
			c.do(w)
			w.pass(time.Hour)
			w.comesDue(id)
			if got := w.stand(); !strings.HasPrefix(got, c.stand) {
				t.Errorf("it stands %q, want %q", got, c.stand)
			}
			w.says(c.line)
			want := int64(0)
			if name == "starts" {
				want = 1
			}
			if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE trigger->'by'->>'kind' = 'scheduled'`); n != want {
				t.Errorf("%d runs were started by a schedule, want %d", n, want)
			}
		})
	}
}

// Z29: the past is refused, and so is a recurrence without an end. A series keeps its hour. After everything was down one late
// occurrence is sent, and the next one lies ahead.
func TestScheduledSendsThatRecur(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	for name, c := range map[string]struct {
		change func(*models.ScheduledSend)
		key    string
	}{
		"the past":          {func(s *models.ScheduledSend) { s.DueAt = w.now() }, models.KeyScheduledPast},
		"more than a year":  {func(s *models.ScheduledSend) { s.DueAt = w.now().Add(400 * 24 * time.Hour) }, models.KeyScheduledPast},
		"for ever":          {func(s *models.ScheduledSend) { s.Recurrence = "FREQ=DAILY" }, models.KeyScheduledRecurrence},
		"in no such zone":   {func(s *models.ScheduledSend) { s.Recurrence, s.Timezone = "FREQ=DAILY;COUNT=3", "Mars/Olympus" }, ""},
		"a blocked contact": {func(*models.ScheduledSend) { w.Exec(t, `UPDATE contacts SET blocked_at = now()`) }, "contact.blocked"},
	} {
		_, err := w.schedule(c.change)
		w.Exec(t, `UPDATE contacts SET blocked_at = NULL`)
		if err == nil || models.KeyOf(err) != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	id := w.later(func(s *models.ScheduledSend) { s.Recurrence, s.Contents = "FREQ=DAILY;COUNT=6", sentText[:1] })
	due := w.now().Add(time.Hour)
	w.pass(time.Hour)
	view := w.comesDue(id)
	if view.State != models.ScheduledWaiting || !view.DueAt.Equal(due.AddDate(0, 0, 1)) || view.Occurrence != 1 {
		t.Errorf("after the first: %+v", view)
	}
	if _, err := w.SendScheduledNow(t.Context(), w.Account, store.Viewer{User: ana}, id); err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `UPDATE conversations SET window_expires_at = $1`, w.now().AddDate(1, 0, 0))
	w.pass(3*24*time.Hour + time.Minute) // two more were due meanwhile
	if view = w.comesDue(id); view.State != models.ScheduledWaiting || !view.DueAt.Equal(due.AddDate(0, 0, 4)) || view.Occurrence != 3 {
		t.Errorf("after days without a worker: %+v", view)
	}
	w.pass(3 * 24 * time.Hour)
	if view = w.comesDue(id); view.State != models.ScheduledSent || w.sent() != "Lembrete, Lembrete, Lembrete, Lembrete" {
		t.Errorf("at the end: %+v, sent %q", view, w.sent())
	}
}

// Rules 172 and 174: one call schedules for several people, all or none, and a new person gets a conversation. The same ref
// schedules nothing twice. The list has closures too, and only what its reader sees.
func TestSchedulingForPeople(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `INSERT INTO contacts (id, account_id, name, phone) VALUES (50, $1, 'Nova', '+5581988887777'), (51, $1, 'Sem número', NULL)`, w.Account)
	send := models.ScheduledSend{Kind: models.ScheduledMessage, Contents: sentText, DueAt: w.now().Add(time.Hour), Timezone: "UTC", ByKind: models.ActorUser, ByID: ana}
	in := store.Scheduling{Send: send, ClientRef: "r1", In: []models.ConversationID{w.conv}, Connection: w.Connection.ID, To: []store.FirstMessage{{ContactID: 50}, {ContactID: 51}}}
	var invalid *models.Error
	if _, _, err := w.ScheduleSends(t.Context(), w.Account, store.Viewer{User: ana}, in); !errors.As(err, &invalid) || invalid.Code != models.CodeInvalid {
		t.Errorf("a person without a number: %v", err)
	}
	if n := w.Count(t, `SELECT count(*) FROM scheduled_sends`); n != 0 {
		t.Errorf("%d are scheduled of a call that was refused", n)
	}
	in.To = in.To[:1]
	for range 2 {
		ids, _, err := w.ScheduleSends(t.Context(), w.Account, store.Viewer{User: ana}, in)
		if err != nil || len(ids) != 2 {
			t.Fatalf("%v, %v", ids, err)
		}
	}
	if n := w.Count(t, `SELECT count(*) FROM scheduled_sends`); n != 2 {
		t.Errorf("%d are scheduled, want 2", n)
	}
	ticket := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	if got := w.ask(ana, ticket, models.TicketScheduleClosing, models.TicketScheduling{DueAt: w.now().Add(30 * time.Minute), TicketClosing: models.TicketClosing{Text: "Tchau"}}); got != "done" {
		t.Fatal(got)
	}
	list := func(user models.UserID, f store.ScheduledFilter) string {
		t.Helper()
		f.Limit = 10
		rows, err := w.ScheduledItems(t.Context(), w.Account, store.Viewer{User: user}, f)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.Kind, " ", r.ContactName, " ", r.ByName))
		}
		return strings.Join(out, ", ")
	}
	if got, want := list(ana, store.ScheduledFilter{}), "closing Maria Ana, message Maria Ana, message Nova Ana"; got != want {
		t.Errorf("Ana sees %q, want %q", got, want)
	}
	if got := list(bia, store.ScheduledFilter{}); got != "message Nova Ana" {
		t.Errorf("Bia sees %q", got)
	}
	if got := list(ana, store.ScheduledFilter{ContactID: 50, States: []models.ScheduledState{models.ScheduledWaiting}, AuthorID: ana}); got != "message Nova Ana" {
		t.Errorf("of one contact: %q", got)
	}
	if got := list(ana, store.ScheduledFilter{Kind: models.ScheduledClosing, From: ptr(w.now()), To: ptr(w.now().Add(time.Hour))}); got != "closing Maria Ana" {
		t.Errorf("closures: %q", got)
	}
}

// What is scheduled follows a conversation that was merged.
func TestScheduledSendsOfMergedContacts(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	id := w.later(holds)
	hear := func(id string, p models.PersonHint) {
		t.Helper()
		e := storetest.Text(id, "", "oi", w.now())
		e.Message.Person = p
		e.Message.Content = models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍"}}
		if _, err := w.Receive(t.Context(), w.Connection, delivery(e), w.choose); err != nil {
			t.Fatal(err)
		}
	}
	hear("user", storetest.Person("", "BR.9"))
	hear("both", storetest.Person("5581988880001", "BR.9"))
	w.Exec(t, `UPDATE conversations SET window_expires_at = $1`, w.now().AddDate(0, 0, 1))
	got := texts(t, w.Fixture, `SELECT (superseded_by_id IS NULL) || ' ' || scheduled_count || ' ' || sends_on_reply FROM conversations ORDER BY superseded_by_id NULLS FIRST`)
	if diff := cmp.Diff([]string{"true 1 true", "false 0 false"}, got); diff != "" {
		t.Fatal(diff)
	}
	w.pass(time.Hour)
	if view := w.comesDue(id); view.State != models.ScheduledSent {
		t.Errorf("%+v", view)
	}
	if n := w.Count(t, `SELECT count(*) FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE v.superseded_by_id IS NULL AND m.direction = 'out'`); n != 2 {
		t.Errorf("%d messages left in the conversation that goes on", n)
	}
}
