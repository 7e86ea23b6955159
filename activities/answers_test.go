package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/store/storetest"
)

// An answer after the time-out does not go back: the run has ended, and the message starts what its trigger says.
func TestAnAnswerThatComesTooLate(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.now = w.now.Add(2*time.Hour + time.Second)
	w.timers()
	if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE status = 'ended'`); n != 1 {
		t.Fatalf("%d runs ended by their time-out, want 1", n)
	}
	w.say(text("Vendas"))
	lines := w.timeline()
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "out buttons: Olá, Maria!") {
		t.Errorf("the last line is %q, want the menu of a new run", last)
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 2 {
		t.Errorf("%d runs, want a second one", n)
	}
}

// An answer that was given before the deadline counts, however late it is handled: flow.Inbound.At decides.
func TestAnAnswerInTimeThatIsHandledLate(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.now = w.now.Add(time.Hour + 59*time.Minute)
	w.receive(text("1")) // stored in time; the workers were away
	w.now = w.now.Add(10 * time.Minute)
	w.settle()
	lines := w.timeline()
	if last := lines[len(lines)-1]; last != "out text: Qual é o seu nome?" {
		t.Errorf("the last line is %q", last)
	}
}

// The same answer delivered twice, and the same button pressed twice, are taken once.
func TestAnAnswerThatComesTwice(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	again := storetest.Text("wamid.twice", "5581988880001", "", w.now)
	again.Message.Content = text("1")
	for range 3 {
		wake, err := w.Receive(t.Context(), w.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{again}}, w.flows.Choose)
		if err != nil {
			t.Fatal(err)
		}
		w.Wake(wake)
		w.settle()
	}
	want := []string{"in text: Oi", "out buttons: Olá, Maria! Como posso ajudar? [Vendas] [Suporte]", "in text: 1", "out text: Qual é o seu nome?"}
	if diff := cmp.Diff(want, w.timeline()); diff != "" {
		t.Error(diff)
	}
	// A ring without anything new leads to a step that changes nothing.
	w.woken = append(w.woken, contract.FlowRunStart{AccountID: w.Account, RunID: 1, ConversationID: 1, ConnectionID: w.Connection.ID}.Doorbell())
	w.settle()
	if diff := cmp.Diff(want, w.timeline()); diff != "" {
		t.Error(diff)
	}
}

// Messages whose provider times are out of order are taken in the order of their arrival, each once: one second is all that
// a provider's clock tells. What was written before a question was asked does not answer it.
func TestAnswersThatComeOutOfOrder(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.receive(text("1"))
	w.now = w.now.Add(-30 * time.Second) // what the person wrote before arrives after
	w.receive(text("Maria Clara"))
	w.now = w.now.Add(time.Minute)
	w.settle()
	want := []string{"in text: Oi", "out buttons: Olá, Maria! Como posso ajudar? [Vendas] [Suporte]", "in text: 1", "in text: Maria Clara",
		"out text: Qual é o seu nome?"}
	if diff := cmp.Diff(want, w.timeline()); diff != "" {
		t.Error(diff)
	}
	w.say(text("Maria Clara"))
	want = append(want, "in text: Maria Clara", "out text: Obrigado, Maria Clara.")
	if diff := cmp.Diff(want, w.timeline()); diff != "" {
		t.Error(diff)
	}
}

// What the person writes while the bot's messages are still in the queue is taken, and what the bot says to it leaves after
// what it said before: the queue keeps the conversation's order.
func TestAnAnswerWhileTheBotIsStillSending(t *testing.T) {
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(text("Oi"))
	w.say(text("1"))
	w.say(text("Maria Clara"))
	rows, err := w.Pool().Query(t.Context(), `SELECT m.content->>'text' FROM send_queue q JOIN messages m ON m.id = q.message_id ORDER BY q.priority, q.message_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var queued []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		queued = append(queued, s)
	}
	if diff := cmp.Diff([]string{"Olá, Maria! Como posso ajudar?", "Qual é o seu nome?", "Obrigado, Maria Clara."}, queued); diff != "" {
		t.Error(diff)
	}
}
