package store_test

import (
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

// newSurveyed is a desk where Ana closes an open ticket of Vendas with a survey, which may be changed before.
func newSurveyed(t *testing.T, how ...string) (*deskWorld, models.TicketID) {
	t.Helper()
	w := newDesk(t)
	w.Exec(t, `INSERT INTO surveys (id, account_id, name, question, scale, thanks, comment_question, reminder_minutes)
		VALUES (1, $1, 'Atendimento', 'Avalie esta conversa', 'faces', 'Obrigado!', 'O que podemos melhorar?', 60)`, w.Account)
	for _, sql := range how {
		w.Exec(t, sql)
	}
	id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Text: "Até logo", SurveyID: 1}); got != "done" {
		t.Fatalf("closing is %s", got)
	}
	return w, id
}

// writes lets the contact write or tap.
func (w *deskWorld) writes(c models.Content) contract.Wake {
	w.t.Helper()
	w.said++
	e := storetest.Text(fmt.Sprintf("said.%d", w.said), "5581988880001", "", w.now())
	e.Message.Content = c
	wake, err := w.Receive(w.t.Context(), w.Connection, delivery(e), w.choose)
	if err != nil {
		w.t.Fatal(err)
	}
	return wake
}

func (w *deskWorld) taps(grade int) contract.Wake {
	id := models.SurveyAnswerID(w.Count(w.t, `SELECT max(id) FROM survey_answers`))
	return w.writes(models.Content{Kind: models.ContentKindTap, Tap: &models.ContentTap{Source: models.TapListReply, ID: id.TapID(grade), Title: "x"}})
}

// surveys says how the surveys stand, the oldest first.
func (w *deskWorld) surveys() []string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `SELECT concat_ws(' ', state, grade, nullif(comment, '')) FROM survey_answers ORDER BY id`)
}

// asked lists what was sent to the contact.
func (w *deskWorld) asked() []string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `SELECT concat_ws(' ', kind, coalesce(content->>'text', content->'template'->>'name')) FROM messages WHERE direction = 'out' ORDER BY id`)
}

// turn lets the workflow of the latest survey take its turn.
func (w *deskWorld) turn() contract.SurveyView {
	w.t.Helper()
	view, err := w.surveyTurn()
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

func (w *deskWorld) surveyTurn() (contract.SurveyView, error) {
	view, _, err := w.SurveyTurn(w.t.Context(), contract.SurveyStart{AccountID: w.Account, AnswerID: models.SurveyAnswerID(w.Count(w.t, `SELECT max(id) FROM survey_answers`)),
		TicketID: models.TicketID(w.Count(w.t, `SELECT max(ticket_id) FROM survey_answers`)), ConversationID: w.conv})
	return view, err
}

func (w *deskWorld) differ(what string, want, got []string) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Rules 038, 203, 259: the survey leaves after the closing text; a tap is the grade, the next message its words; neither opens a
// ticket, starts a flow or stays unread.
func TestSurveyIsAnswered(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t)
	w.differ("sent", []string{"text Até logo", "list Avalie esta conversa"}, w.asked())
	w.stands("idle closed queue Vendas agent Ana")
	wake := w.taps(5)
	w.differ("surveys", []string{"commenting 5"}, w.surveys())
	if len(wake.Connections) != 1 || len(wake.Doorbells) == 0 {
		t.Errorf("nobody is woken: %+v", wake)
	}
	w.taps(4) // corrected
	w.writes(text("Ana foi muito atenciosa"))
	w.differ("surveys", []string{"answered 4 Ana foi muito atenciosa"}, w.surveys())
	w.differ("sent", []string{"text Até logo", "list Avalie esta conversa", "text O que podemos melhorar?", "text Obrigado!"}, w.asked())
	w.stands("idle closed queue Vendas agent Ana")
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE unread_count = 0 AND NOT survey_waits AND first_unanswered_at IS NULL AND handled_seq = inbound_seq`); n != 1 {
		t.Error("the answer waits for somebody")
	}
	if n := w.Count(t, `SELECT count(*) FROM survey_answers a JOIN tickets t ON t.id = a.ticket_id WHERE a.queue_id = 1 AND a.agent_id = 1 AND t.agent_id = 1 AND a.graded_at = $1`, w.now()); n != 1 {
		t.Error("the answer lacks whom it is about")
	}
	w.taps(1) // too late: it is over
	w.differ("surveys", []string{"answered 4 Ana foi muito atenciosa"}, w.surveys())
}

// What is no grade lets the survey go, and is handled as usual.
func TestSurveyIsLetGo(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t)
	w.Exec(t, `UPDATE connections SET initial_queue_id = 2`)
	w.Connection.InitialQueueID = ptr(models.QueueID(2))
	w.writes(text("preciso de outra coisa"))
	w.differ("surveys", []string{"expired"}, w.surveys())
	w.stands("ticket waiting queue Suporte")
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'survey_expired'`); n != 1 {
		t.Error("no line says so")
	}
}

// Words may be typed; after the grade a greeting begins something new.
func TestSurveyTypedAndGreeted(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t)
	w.writes(text("nota 3, obrigado"))
	w.differ("surveys", []string{"commenting 3"}, w.surveys())
	w.writes(text("boa tarde"))
	w.differ("surveys", []string{"answered 3"}, w.surveys())
	if n := w.Count(t, `SELECT unread_count FROM conversations`); n != 1 {
		t.Errorf("%d unread, want the greeting", n)
	}
}

// A reopened ticket cancels what waits, and so does a new one.
func TestSurveyIsCancelled(t *testing.T) {
	t.Parallel()
	w, id := newSurveyed(t)
	if got := w.ask(ana, id, models.TicketReopen, nil); got != "done" {
		t.Fatal(got)
	}
	w.differ("surveys", []string{"cancelled"}, w.surveys())
	w.ask(ana, id, models.TicketClose, models.TicketClosing{SurveyID: 1})
	if _, err := w.answer(ana); err != nil {
		t.Fatal(err)
	}
	w.differ("surveys", []string{"cancelled", "cancelled"}, w.surveys())
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE survey_waits`); n != 0 {
		t.Error("the conversation still waits")
	}
}

// It reminds once at its instant and ends at its own, and each happens once.
func TestSurveyTurns(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t)
	asked := w.now()
	if v := w.turn(); v.State != models.SurveyWaiting || !v.NextAt.Equal(asked.Add(time.Hour)) {
		t.Errorf("stands %+v", v)
	}
	w.pass(time.Hour)
	for range 2 {
		if v := w.turn(); v.State != models.SurveyWaiting || !v.NextAt.Equal(asked.Add(24*time.Hour)) {
			t.Errorf("after the reminder %+v", v)
		}
	}
	w.differ("sent", []string{"text Até logo", "list Avalie esta conversa", "list Avalie esta conversa"}, w.asked())
	w.pass(23 * time.Hour)
	for range 2 {
		if v := w.turn(); v.State != models.SurveyExpired {
			t.Errorf("at the end %+v", v)
		}
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'survey_expired'`); n != 1 {
		t.Errorf("%d lines say so", n)
	}
}

// The answer at the due second has one result, whichever comes first.
func TestSurveyAtTheDueSecond(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t, `UPDATE surveys SET comment_question = ''`)
	w.pass(24*time.Hour - time.Millisecond)
	var both sync.WaitGroup
	both.Go(func() { w.taps(5) })
	both.Go(func() {
		w.pass(time.Millisecond)
		if _, err := w.surveyTurn(); err != nil {
			t.Error(err)
		}
	})
	both.Wait()
	switch got := fmt.Sprint(w.surveys(), w.Count(t, `SELECT count(*) FROM messages WHERE content->>'text' = 'Obrigado!'`)); got {
	case "[answered 5] 1", "[expired] 0":
	default:
		t.Errorf("surveys and thanks: %s", got)
	}
}

// With the window closed an approved template asks, or nothing does and a line says why. Nothing goes to a blocked contact or a group.
func TestSurveyWhereItCannotBeAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want string // the last line, and what was sent
	}{
		"closed window":       {`SELECT 1`, "survey_unsent window []"},
		"template missing":    {`UPDATE surveys SET template_name = 'nota', template_language = 'pt_BR'`, "survey_unsent template []"},
		"template":            {`UPDATE surveys SET template_name = 'nota', template_language = 'pt_BR'; INSERT INTO templates (connection_id, account_id, provider_template_id, name, language, category, status, components) SELECT id, account_id, '1', 'nota', 'pt_BR', 'UTILITY', 'APPROVED', '[]' FROM connections`, "survey_sent [template nota]"},
		"blocked":             {`UPDATE contacts SET blocked_at = now()`, "survey_unsent blocked []"},
		"group":               {`UPDATE contacts SET kind = 'group'`, "ticket_closed []"},
		"a page of its own":   {`UPDATE surveys SET external_url = 'https://example.com/nota'; UPDATE conversations SET window_expires_at = window_expires_at + interval '2 days'`, "survey_sent [cta_url Avalie esta conversa]"},
		"archived since then": {`UPDATE surveys SET archived_at = now()`, "ticket_accepted []"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			w.Exec(t, `INSERT INTO surveys (id, account_id, name, question, scale) VALUES (1, $1, 'Atendimento', 'Avalie esta conversa', 'nps')`, w.Account)
			id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
			w.pass(25 * time.Hour)
			for sql := range splitSQL(c.sql) {
				w.Exec(t, sql)
			}
			w.ask(ana, id, models.TicketClose, models.TicketClosing{SurveyID: 1})
			line := texts(t, w.Fixture, `SELECT concat_ws(' ', content->'system_note'->>'code', content->'system_note'->'params'->>'reason') FROM messages WHERE direction = 'system' ORDER BY id DESC LIMIT 1`)[0]
			if got := fmt.Sprint(line, " ", w.asked()); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Rule 039: where the account demands a survey, closing without one sends the queue's, or else the connection's, or is refused.
func TestSurveyIsDemanded(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `UPDATE accounts SET settings = settings || '{"survey_on_closing": "mandatory"}' WHERE id = $1`, w.Account)
	id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	closes := func(want string, surveys ...string) {
		t.Helper()
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != want {
			t.Errorf("closing is %s, want %s", got, want)
		}
		w.differ("surveys", append([]string{}, surveys...), texts(t, w.Fixture, `SELECT s.name FROM survey_answers a JOIN surveys s ON s.id = a.survey_id ORDER BY a.id`))
		if want == "done" {
			w.ask(ana, id, models.TicketReopen, nil)
		}
	}
	closes("done") // the account has none to choose from
	w.Exec(t, `INSERT INTO surveys (id, account_id, name, question, scale) VALUES (1, $1, 'Fila', 'Avalie', 'faces'), (2, $1, 'Número', 'Avalie', 'nps')`, w.Account)
	closes(models.KeyTicketSurveyRequired)
	w.Exec(t, `UPDATE connections SET survey_id = 2`)
	closes("done", "Número")
	w.Exec(t, `UPDATE queues SET survey_id = 1 WHERE id = 1`)
	closes("done", "Número", "Fila")
}

// Rule 038: a survey is sent by hand about the latest ticket, after the service, by who sees the conversation.
func TestSurveyByHand(t *testing.T) {
	t.Parallel()
	w, id := newSurveyed(t)
	by := models.Actor{Kind: models.ActorUser, ID: int64(ana)}
	send := func(v store.Viewer, survey models.SurveyID) string {
		t.Helper()
		_, _, err := w.SendSurvey(t.Context(), w.Account, v, by, id, survey)
		return models.KeyOf(err) + string(models.CodeOf(err))
	}
	if got := send(store.Viewer{User: ana}, 1); len(w.surveys()) != 2 {
		t.Errorf("by hand: %s, %v", got, w.surveys())
	}
	w.differ("surveys", []string{"cancelled", "waiting"}, w.surveys())
	if got := send(store.Viewer{User: ana}, 99); got != models.KeyTicketSurvey+"invalid" {
		t.Errorf("of another account: %s", got)
	}
	if got := send(store.Viewer{User: bia}, 1); got != "conversation.not_foundnot_found" {
		t.Errorf("unseen: %s", got)
	}
	w.ask(ana, id, models.TicketReopen, nil)
	if got := send(store.Viewer{User: ana}, 1); got != models.KeyTicketSurveyOpen+"conflict" {
		t.Errorf("in service: %s", got)
	}
}

// A flow that goes on after the closing keeps its words; a tap on a grade is the survey's, and the flow does not read it.
func TestSurveyBesideAFlow(t *testing.T) {
	t.Parallel()
	w, _ := newSurveyed(t)
	w.Exec(t, `INSERT INTO flows (id, account_id, name, draft) VALUES (1, $1, 'Menu', '{}')`, w.Account)
	w.Exec(t, `INSERT INTO flow_versions (id, account_id, flow_id, number, graph) VALUES (1, $1, 1, 1, '{}')`, w.Account)
	w.Exec(t, `INSERT INTO flow_runs (id, account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, trigger, status) SELECT 1, account_id, 1, 1, id, contact_id, connection_id, '{}', 'waiting' FROM conversations`)
	w.Exec(t, `UPDATE conversations SET in_charge = 'flow', flow_run_id = 1`)
	w.writes(text("5"))
	w.differ("words", []string{"waiting"}, w.surveys())
	w.Exec(t, `UPDATE conversations SET handled_seq = inbound_seq, handled_message_id = (SELECT max(id) FROM messages)`)
	w.taps(5)
	w.differ("a tap", []string{"answered 5"}, w.surveys())
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE handled_seq = inbound_seq AND in_charge = 'flow'`); n != 1 {
		t.Error("the flow reads the tap")
	}
}

// splitSQL gives statements one by one.
func splitSQL(sql string) func(func(string) bool) { return strings.SplitSeq(sql, "; ") }
