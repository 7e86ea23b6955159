package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

const menuFlow = `{"spec_version":1,"name":"Boas-vindas","category":"initial","start":"menu",
 "triggers":[{"id":"any","kind":"inbound"},{"id":"promo","kind":"button","settings":{"payloads":["promo-*"]},"node":"nome"}],
 "nodes":[
  {"id":"menu","kind":"menu","settings":{"text":"Olá, {nome}! Como posso ajudar?","options":[{"id":"vendas","title":"Vendas"},{"id":"suporte","title":"Suporte"}],"attempts":2,"timeout":"2h"},
   "outputs":{"vendas":"nome","suporte":"ticket","invalid":"ticket","timeout":"fim"}},
  {"id":"nome","kind":"question","settings":{"text":"Qual é o seu nome?","field":"name","timeout":"1h"},"outputs":{"ok":"obrigado","timeout":"fim","invalid":"ticket"}},
  {"id":"obrigado","kind":"content","settings":{"items":[{"kind":"text","text":"Obrigado, {nome}."}]},"outputs":{"ok":"fim"}},
  {"id":"ticket","kind":"action","settings":{"actions":[{"do":"add_label","label":"triagem"},{"do":"open_ticket","mode":"queue","queue":"Suporte Técnico"}]}},
  {"id":"fim","kind":"end"}]}`

// world is one account with the real engine on a real Postgres.
type world struct {
	*storetest.Fixture
	t     *testing.T
	flows *activities.Flows
	now   time.Time
	woken []contract.Doorbell
	told  []contract.ReadReceipt
	mu    sync.Mutex
	sent  int
}

func (w *world) Wake(k contract.Wake) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = append(w.woken, k.Doorbells...)
	w.told = append(w.told, k.Receipts...)
}

// whatsAppOnly is what flows can do where WhatsApp is the only channel.
var whatsAppOnly = map[string]flow.Capabilities{models.ChannelWhatsAppCloud: flow.WhatsAppCloud()}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.Fixture = storetest.NewFixture(t, storetest.New(t, store.Options{Now: clock}), "flows")
	w.flows = activities.NewFlows(w.Store, w, whatsAppOnly, slog.New(slog.DiscardHandler), clock, func() string { return "seed" })
	w.Exec(t, `INSERT INTO queues (account_id, name, bot_order) VALUES ($1, 'Suporte Técnico', 1)`, w.Account)
	return w
}

// say stores an inbound message and steps whatever it woke, as the workflow would.
func (w *world) say(c models.Content) {
	w.t.Helper()
	w.receive(c)
	w.settle()
}

func (w *world) receive(c models.Content) {
	w.t.Helper()
	w.sent++
	e := storetest.Text(fmt.Sprintf("wamid.%d", w.sent), "5581988880001", "", w.now)
	e.Message.Content = c
	wake, err := w.Receive(w.t.Context(), w.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, w.flows.Choose)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Wake(wake)
}

// settle steps every run that was rung until nothing is left.
func (w *world) settle() []contract.StepResult {
	w.t.Helper()
	var out []contract.StepResult
	for len(w.woken) > 0 {
		bell := w.woken[0]
		w.woken = w.woken[1:]
		if bell.WorkflowType != contract.WorkflowFlowRun {
			continue
		}
		out = append(out, w.step(bell))
	}
	return out
}

func (w *world) step(bell contract.Doorbell) contract.StepResult {
	w.t.Helper()
	in := w.input(bell)
	for {
		step := w.Count(w.t, `SELECT step FROM flow_runs WHERE id = $1`, in.RunID)
		res, err := w.flows.StepFlow(w.t.Context(), contract.StepFlowInput{Run: in, Step: step + 1})
		if err != nil {
			w.t.Fatal(err)
		}
		if !res.More || res.Ended {
			return res
		}
	}
}

// timeline is the conversation as people read it.
func (w *world) timeline() []string {
	w.t.Helper()
	rows, err := w.Pool().Query(w.t.Context(), `SELECT direction, kind, content FROM messages ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var direction, kind string
		var body []byte
		var c models.Content
		if err := rows.Scan(&direction, &kind, &body); err != nil {
			w.t.Fatal(err)
		}
		if err := json.Unmarshal(body, &c); err != nil {
			w.t.Fatal(err)
		}
		line := direction + " " + kind + ": " + c.Text
		if n := c.SystemNote; n != nil {
			line += fmt.Sprintf("%s %q", n.Code, n.Params["node"])
		}
		if c.Tap != nil {
			line += c.Tap.Title
		}
		for _, b := range c.Buttons {
			line += " [" + b.Title + "]"
		}
		out = append(out, line)
	}
	return out
}

func text(s string) models.Content { return models.Content{Kind: models.ContentKindText, Text: s} }

func TestAConversationWithTheBot(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	var buttons []byte
	if err := w.Pool().QueryRow(t.Context(), `SELECT content->'buttons' FROM messages WHERE kind = 'buttons'`).Scan(&buttons); err != nil {
		t.Fatal(err)
	}
	var shown []models.ContentButton
	if err := json.Unmarshal(buttons, &shown); err != nil || len(shown) != 2 {
		t.Fatalf("buttons %s, %v", buttons, err)
	}
	w.say(models.Content{Kind: models.ContentKindTap, Tap: &models.ContentTap{Source: models.TapButtonReply, ID: shown[0].ID, Title: "Vendas"}})
	w.say(text("Maria Clara"))
	want := []string{
		"in text: Oi", "out buttons: Olá, Maria! Como posso ajudar? [Vendas] [Suporte]", "in tap: Vendas", "out text: Qual é o seu nome?",
		"in text: Maria Clara", "out text: Obrigado, Maria Clara.",
	}
	if diff := cmp.Diff(want, w.timeline()); diff != "" {
		t.Error(diff)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE in_charge = 'idle' AND flow_run_id IS NULL`); n != 1 {
		t.Error("the conversation is not free again after the end")
	}
	if n := w.Count(t, `SELECT count(*) FROM send_queue`); n != 3 {
		t.Errorf("%d messages queued, want 3", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM contacts WHERE name = 'Maria Clara' AND profile_name = 'Maria'`); n != 1 {
		t.Error("the name was not saved (rules 176, 183)")
	}
}

// A reply at once leaves the conversation where its message put it in the inbox, a later one puts it at the top.
func TestALateReplyMovesTheConversation(t *testing.T) {
	for late, want := range map[time.Duration]time.Duration{500 * time.Millisecond: 0, 2 * time.Second: 2 * time.Second} {
		w := newWorld(t)
		w.Publish(t, "Boas-vindas", menuFlow)
		begun := w.now
		w.receive(text("Oi"))
		w.now = begun.Add(late)
		w.settle()
		var at time.Time
		if err := w.Pool().QueryRow(t.Context(), `SELECT last_message_at FROM conversations`).Scan(&at); err != nil || !at.Equal(begun.Add(want)) {
			t.Errorf("a reply %s late leaves the conversation at %s, want %s: %v", late, at, begun.Add(want), err)
		}
	}
}

// The task that asked first was lost after COMMIT: the same step asked again changes nothing and answers the same.
func TestAStepAskedTwiceIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.receive(text("Oi"))
	var bell contract.Doorbell
	for _, b := range w.woken {
		if b.WorkflowType == contract.WorkflowFlowRun {
			bell = b
		}
	}
	var in contract.FlowRunInput
	if err := json.Unmarshal(bell.Input, &in); err != nil {
		t.Fatal(err)
	}
	ask := func() contract.StepResult {
		res, err := w.flows.StepFlow(context.Background(), contract.StepFlowInput{Run: in, Step: 1})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := ask()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			again := ask()
			if diff := cmp.Diff(first, again); diff != "" {
				t.Error(diff)
			}
		})
	}
	group.Wait()
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out'`); n != 1 {
		t.Errorf("%d messages out, want 1", n)
	}
}

// A message that came while the bot was ending is not lost: it starts the next flow under the same lock.
func TestAMessageThatComesWhileTheRunEndsStartsTheNext(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.say(text("1"))
	w.receive(text("Maria Clara")) // ends the run
	w.receive(text("Oi de novo"))  // came before the run was stepped
	w.settle()
	lines := w.timeline()
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "out buttons: Olá, Maria Clara!") {
		t.Errorf("the last line is %q", last)
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
}

// A button pressed three weeks later starts what its payload says, though another flow was used since.
// TestARunThatEndsWithItsBatchHandsTheRestOver: a step takes 50 messages; what waits behind them starts the next run also
// where the run ended with the fiftieth.
func TestARunThatEndsWithItsBatchHandsTheRestOver(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Contagem", `{"spec_version":1,"name":"Contagem","category":"initial","start":"espera","settings":{"first_message":"answer"},
	 "triggers":[{"id":"any","kind":"inbound"}],"variables":[{"name":"quantas","type":"number","default":0}],
	 "nodes":[
	  {"id":"espera","kind":"wait","settings":{"mode":"reply"},"outputs":{"ok":"soma","timeout":"fim"}},
	  {"id":"soma","kind":"set_variable","settings":{"assignments":[{"name":"quantas","op":"increment"}]},"outputs":{"ok":"basta"}},
	  {"id":"basta","kind":"condition","settings":{"rules":[{"expression":"quantas >= 50"}]},"outputs":{"true":"conta","false":"espera"}},
	  {"id":"conta","kind":"content","settings":{"items":[{"kind":"text","text":"{{ quantas }}"}]},"outputs":{"ok":"fim"}},
	  {"id":"fim","kind":"end"}]}`)
	for range 150 {
		w.receive(text("oi"))
	}
	w.settle()
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' = '50'`); n != 3 {
		t.Errorf("150 messages were counted %d times by 50, want 3", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE handled_seq < inbound_seq`); n != 0 {
		t.Error("messages were left that nobody takes up")
	}
}

func TestAButtonPressedWeeksLater(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.now = w.now.Add(3 * time.Hour)
	w.timers()
	w.now = w.now.Add(21 * 24 * time.Hour)
	w.say(models.Content{Kind: models.ContentKindTap, Tap: &models.ContentTap{Source: models.TapTemplateQuickReply, ID: "promo-natal", Title: "Quero!"}})
	lines := w.timeline()
	if last := lines[len(lines)-1]; last != "out text: Qual é o seu nome?" {
		t.Errorf("the last line is %q", last)
	}
}

// timers steps the runs whose instant has come.
func (w *world) timers() {
	w.t.Helper()
	rows, err := w.Pool().Query(w.t.Context(), `SELECT id, conversation_id FROM flow_runs WHERE status <> 'ended' AND wait_until <= $1`, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	var starts []contract.FlowRunStart
	for rows.Next() {
		s := contract.FlowRunStart{AccountID: w.Account, ConnectionID: w.Connection.ID}
		if err := rows.Scan(&s.RunID, &s.ConversationID); err != nil {
			w.t.Fatal(err)
		}
		starts = append(starts, s)
	}
	rows.Close()
	for _, s := range starts {
		w.step(s.Doorbell())
	}
}

// Rules 074, 159, 175: the flow opens a ticket as a row; people are in charge and the bot stays silent.
func TestAFlowOpensATicket(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.say(text("suporte"))
	w.say(text("alguém?"))
	var protocol, state string
	var queue *int64
	if err := w.Pool().QueryRow(t.Context(), `SELECT protocol, state, queue_id FROM tickets`).Scan(&protocol, &state, &queue); err != nil {
		t.Fatal(err)
	}
	if protocol != "2026112000001" || state != "waiting" || queue == nil {
		t.Errorf("ticket %s %s, queue %v", protocol, state, queue)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE in_charge = 'ticket' AND ticket_id IS NOT NULL`); n != 1 {
		t.Error("people are not in charge")
	}
	if n := w.Count(t, `SELECT count(*) FROM contact_labels`); n != 1 {
		t.Error("the label is missing")
	}
	if lines := w.timeline(); lines[len(lines)-1] != "in text: alguém?" {
		t.Errorf("the bot spoke while people are in charge: %v", lines)
	}
}

// Rule 109: a flow that runs without sending leaves the no-reply counter alone.
func TestAFlowThatSendsNothingLeavesTheCounter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Triagem", `{"spec_version":1,"name":"Triagem","category":"initial","start":"a","triggers":[{"id":"any","kind":"inbound"}],
		"nodes":[{"id":"a","kind":"action","settings":{"actions":[{"do":"add_label","label":"triagem"}]},"outputs":{"ok":"fim"}},{"id":"fim","kind":"end"}]}`)
	written := w.now
	w.say(text("Oi"))
	w.now = w.now.Add(time.Minute)
	w.say(text("alguém?"))
	if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE status = 'ended'`); n != 2 {
		t.Errorf("%d runs have ended, want 2", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE first_unanswered_at = $1`, written); n != 1 {
		t.Error("the counter does not count from the first message")
	}
}

// A burst while the bot was busy is taken in order, each message once (P9 in small).
func TestABurstIsTakenInOrder(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	for i := range 120 {
		w.receive(text(fmt.Sprint("xyz ", i)))
	}
	w.settle()
	if n := w.Count(t, `SELECT inbound_seq - handled_seq FROM conversations`); n > 118 {
		t.Errorf("%d messages not taken", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets`); n != 1 {
		t.Errorf("%d tickets, want 1 after two wrong answers", n)
	}
}

// Rule 027: the initial flow starts again only after the connection's interval.
func TestInitialFlowRepeatGuard(t *testing.T) {
	w := newWorld(t)
	p := w.Publish(t, "Aviso", `{"spec_version":1,"name":"Aviso","category":"initial","start":"a",
		"nodes":[{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"Aviso."}]},"outputs":{"ok":"fim"}},{"id":"fim","kind":"end"}]}`)
	w.Connection.InitialFlowID = &p.FlowID
	w.Connection.Settings.ChatbotTimeoutMinutes = 60
	w.Exec(t, `UPDATE connections SET initial_flow_id = $1, settings = '{"chatbot_timeout_minutes":60}'`, p.FlowID)
	for _, after := range []time.Duration{0, 10 * time.Minute, 49 * time.Minute, 2 * time.Minute} {
		w.now = w.now.Add(after)
		w.say(text("Oi"))
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 2 {
		t.Errorf("%d starts in 61 minutes with a guard of 60, want 2", n)
	}
}

// A run's doorbell does not carry what starts the workflow, the run's row does: who comes upon it after a crash rings with the
// same as who wrote it.
func TestADoorbellLeftBehindStartsTheSameRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	for _, said := range []string{"oi", "Vendas"} { // the first message begins a run, the second wakes it
		w.woken = nil
		w.receive(models.Content{Kind: models.ContentKindText, Text: said})
		want := map[string]contract.FlowRunInput{}
		for _, bell := range w.woken {
			if bell.WorkflowType == contract.WorkflowFlowRun {
				want[bell.WorkflowID] = w.input(bell)
			}
		}
		w.Exec(t, `UPDATE doorbells SET ring_after = now()`)
		due, err := w.Store.DueDoorbells(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]contract.FlowRunInput{}
		for _, bell := range due {
			if bell.WorkflowType == contract.WorkflowFlowRun {
				got[bell.WorkflowID] = w.input(bell)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != 1 {
			t.Errorf("after %q (-in process +left behind): %s", said, diff)
		}
		w.settle()
		w.Exec(t, `DELETE FROM doorbells`)
	}
}

// input is what a doorbell starts a run with.
func (w *world) input(bell contract.Doorbell) contract.FlowRunInput {
	w.t.Helper()
	var in contract.FlowRunInput
	if err := json.Unmarshal(bell.Input, &in); err != nil {
		w.t.Fatal(err)
	}
	return in
}

// Rule 009: the receipt of a step names the conversation's address beside the message, for channels that need both.
func TestAStepsReceiptNamesAddressAndMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("oi"))
	if len(w.told) != 1 || w.told[0].ProviderMessageID != "wamid.1" || w.told[0].Address != "5581988880001" {
		t.Errorf("told %+v", w.told)
	}
}
