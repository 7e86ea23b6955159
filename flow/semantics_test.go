package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// flowOf makes a document of nodes; the first is the start. settings is the flow's settings, "{}" for none.
func flowOf(settings string, nodes ...string) json.RawMessage {
	var first struct{ ID string }
	if err := json.Unmarshal([]byte(nodes[0]), &first); err != nil {
		panic(err)
	}
	return json.RawMessage(fmt.Sprintf(`{"spec_version":1,"id":"1","version":"10","name":"F","category":"manual","start":%q,"settings":%s,
		"variables":[{"name":"x","type":"text","input":true}],"nodes":[%s]}`, first.ID, settings, strings.Join(nodes, ",")))
}

func play(t *testing.T, settings string, nodes ...string) *player {
	t.Helper()
	return goldenWorld{Contact: Contact{ID: "9", Name: "Maria"}}.player(t, flowOf(settings, nodes...), nil)
}

const (
	nodeEnd  = `{"id":"end","kind":"end"}`
	nodeAsk  = `{"id":"ask","kind":"question","settings":{"text":"?","save_to":"x"},"outputs":{"ok":"thanks","invalid":"end","timeout":"late"}}`
	nodeThx  = `{"id":"thanks","kind":"content","settings":{"items":[{"kind":"text","text":"Obrigado: {x}"}]},"outputs":{"ok":"end"}}`
	nodeLate = `{"id":"late","kind":"content","settings":{"items":[{"kind":"text","text":"Demorou."}]},"outputs":{"ok":"ask2"}}`
	nodeAsk2 = `{"id":"ask2","kind":"question","settings":{"text":"De novo?","save_to":"x"},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`
	nodeHTTP = `{"id":"http","kind":"http","settings":{"url":"https://a.example"},"outputs":{"ok":"ask","client_error":"ask","server_error":"ask","timeout":"ask","failed":"ask"}}`
)

func saidIn(fx []Effect) []string {
	var out []string
	for _, f := range fx {
		if f.Send != nil {
			out = append(out, f.Send.Content.Text)
		}
	}
	return out
}

func has(t *testing.T, fx []Effect, want ...string) {
	t.Helper()
	if got := saidIn(fx); !slices.Equal(got, want) {
		t.Fatalf("said %q, want %q", got, want)
	}
}

func ended(t *testing.T, p *player, o Outcome, r Reason) {
	t.Helper()
	if e := p.state.End; e == nil || e.Outcome != o || e.Reason != r {
		t.Fatalf("ended %+v, want %s for %s", e, o, r)
	}
}

func unhandled(fx []Effect) []int64 {
	for _, f := range fx {
		if f.Ended != nil {
			return f.Ended.Unhandled
		}
	}
	return nil
}

func TestReplyBeatsItsDeadlineHoweverLateItIsHandled(t *testing.T) {
	p := play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	at := p.now.Add(24*time.Hour - time.Second)
	p.now = p.now.Add(30 * time.Hour)
	has(t, p.inbound(Inbound{Kind: InboundText, Text: "a tempo", At: at}), "Obrigado: a tempo")
}

func TestDeadlineGoesBeforeAReplyThatCameAfterIt(t *testing.T) {
	p := play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	p.now = p.now.Add(30 * time.Hour)
	has(t, p.inbound(Inbound{Kind: InboundText, Text: "tarde"}), "Demorou.", "De novo?", "Obrigado: tarde")
}

func TestMessageDuringACallAnswersNoLaterQuestion(t *testing.T) {
	p := play(t, `{}`, nodeHTTP, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	has(t, p.say("antes"))
	if len(p.state.Inbox) != 1 {
		t.Fatal("the message is not kept")
	}
	has(t, p.play(&goldenStep{Call: &CallResult{Status: 200}}), "?")
	if p.state.Frames[0].Attempt != 0 || len(p.state.Inbox) != 0 {
		t.Fatal("the message cost an attempt or is kept still")
	}
	has(t, p.say("depois"), "Obrigado: depois")
}

func TestKeptMessageThatDoesNotFitCostsNothing(t *testing.T) {
	cpf := `{"id":"ask","kind":"question","settings":{"text":"CPF?","type":"cpf","attempts":1,"save_to":"x"},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, nodeHTTP, cpf, nodeThx, nodeEnd)
	p.start()
	p.say("oi")
	p.say("tudo bem?")
	has(t, p.play(&goldenStep{Call: &CallResult{Status: 200}}), "CPF?")
	if p.state.Frames[0].Attempt != 0 || len(p.state.Inbox) != 0 {
		t.Fatalf("attempts %d, inbox %d", p.state.Frames[0].Attempt, len(p.state.Inbox))
	}
	has(t, p.say("52998224725"), "Obrigado: 52998224725")
}

func TestInterruptTakesTheMessageAtOnce(t *testing.T) {
	p := play(t, `{"inbound":"interrupt","interrupt_to":"ask"}`, nodeHTTP, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	fx := p.say("agora")
	has(t, fx, "?", "Obrigado: agora")
	if !slices.ContainsFunc(fx, func(f Effect) bool { return f.CancelCall == "42/1/0" }) {
		t.Fatal("the call is not cancelled")
	}
}

func TestCommandLeadsAwayButNotFromACall(t *testing.T) {
	settings := `{"commands":[{"words":["Atendente","falar com gente"],"node":"late"}]}`
	p := play(t, settings, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	has(t, p.say("ATENDENTE"), "Demorou.", "De novo?")
	p = play(t, settings, nodeHTTP, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	has(t, p.say("falar com gente!"))
	if w := p.state.Wait; w.For != WaitCall {
		t.Fatalf("the call on its way was left for %+v", w)
	}
	has(t, p.play(&goldenStep{Call: &CallResult{Status: 200}}), "?", "Demorou.", "De novo?")
}

func TestRepeatOfAMessageIsIgnored(t *testing.T) {
	p := play(t, `{}`, nodeAsk2, nodeThx, nodeEnd)
	p.start()
	has(t, p.inbound(Inbound{Kind: InboundSticker, Seq: 5}), say("pt-BR", "invalid_text"))
	if fx := p.inbound(Inbound{Kind: InboundText, Text: "de novo", Seq: 5}); len(saidIn(fx)) > 0 || p.state.Frames[0].Attempt != 1 {
		t.Fatalf("a repeat did something: %v", fx)
	}
}

func TestBurstIsReadAsOneAnswer(t *testing.T) {
	ask := `{"id":"ask","kind":"question","settings":{"text":"?","save_to":"x","debounce":"3s"},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, ask, nodeThx, nodeEnd)
	p.start()
	deadline := *p.state.Wait.Until
	for _, s := range []string{"quero", "uma", "pizza"} {
		has(t, p.say(s))
		p.now = p.now.Add(2 * time.Second)
	}
	if !p.state.AwaitsContact() || !p.state.Wait.Quiet || !p.state.Wait.Deadline.Equal(deadline) {
		t.Fatalf("wait is %+v", p.state.Wait)
	}
	has(t, p.play(&goldenStep{After: "1s"}), "Obrigado: quero\numa\npizza")

	p = play(t, `{}`, ask, nodeThx, nodeEnd)
	p.start()
	for range 40 { // someone who never stops writing is read after ten pauses
		p.say("x")
		p.now = p.now.Add(2 * time.Second)
		if p.state.Ended() {
			break
		}
	}
	if !p.state.Ended() {
		t.Fatal("an endless burst is never read")
	}
}

func TestOutputWithoutEdgeStopsAndKeepsTheContact(t *testing.T) {
	lonely := `{"id":"a","kind":"content","name":"Início","settings":{"items":[{"kind":"text","text":"oi"}]}}`
	p := play(t, `{}`, lonely, nodeEnd)
	fx := p.start()
	line := fx[len(fx)-1].Line
	if w := p.state.Wait; w.For != WaitOperator || w.Reason != ReasonNoEdge || line == nil || !line.Alert || line.Code != "no_edge" || line.Values["node"] != "Início" {
		t.Fatalf("wait %+v, line %+v", w, line)
	}
	has(t, p.say("olá?"))
	fx = p.play(&goldenStep{After: "24h"})
	ended(t, p, OutcomeStuck, ReasonNoEdge)
	if got := unhandled(fx); !slices.Equal(got, []int64{1}) {
		t.Fatalf("hands back %v", got)
	}

	p = play(t, `{"defaults":{"ok":"end"}}`, lonely, nodeEnd)
	p.start()
	ended(t, p, OutcomeCompleted, ReasonEndNode)
	p = play(t, `{"defaults":{"*":"end"},"stuck_for":"1h"}`, lonely, nodeEnd)
	p.start()
	ended(t, p, OutcomeCompleted, ReasonEndNode)
}

func TestLimitsEndTheRunWithAReason(t *testing.T) {
	circle := `{"id":"a","kind":"set_variable","settings":{"assignments":[{"name":"x","op":"append","value":"0123456789"}]},"outputs":{"ok":"a"}}`
	chatter := `{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"oi"}]},"outputs":{"ok":"a"}}`
	big := `{"id":"a","kind":"set_variable","settings":{"assignments":[{"name":"x","value":"{{ x }}{{ x }}aaaaaaaaaaaaaaaaaaaa"}]},"outputs":{"ok":"a"}}`
	self := `{"id":"a","kind":"subflow","settings":{"flow":"1"},"outputs":{"ok":"end","failed":"end"}}`
	heavy := `{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"{% for i in x %}{% for j in x %}{% endfor %}{% endfor %}"}]},"outputs":{"ok":"a"}}`
	for _, tc := range []struct {
		name, node string
		limits     Limits
		want       Reason
	}{
		{"a circle without a wait", circle, Limits{}, ReasonStepLimit},
		{"a circle that chatters", chatter, Limits{}, ReasonSendLimit},
		{"a variable that doubles", big, Limits{Value: 1000}, ReasonStateLimit},
		{"variables in all", circle, Limits{Vars: 500, Value: 1 << 20}, ReasonStepLimit},
		{"a flow that calls itself", self, Limits{}, ReasonStackLimit},
		{"texts that work for nothing", heavy, Limits{StepWork: 100}, ReasonStepLimit},
		{"visits in all", circle, Limits{Visits: 5}, ReasonVisitLimit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := flowOf(`{}`, tc.node, nodeEnd)
			p := goldenWorld{Limits: tc.limits}.player(t, doc, []json.RawMessage{doc})
			fx := p.start()
			ended(t, p, OutcomeFailed, tc.want)
			if !slices.ContainsFunc(fx, func(f Effect) bool { return f.Line != nil && f.Line.Alert }) {
				t.Error("agents see no line")
			}
		})
	}
	t.Run("messages kept", func(t *testing.T) {
		p := goldenWorld{Limits: Limits{Inbox: 3}}.player(t, flowOf(`{}`, nodeHTTP, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd), nil)
		p.start()
		var fx []Effect
		for range 4 {
			fx = p.say("oi")
		}
		ended(t, p, OutcomeFailed, ReasonInboxLimit)
		if got := unhandled(fx); !slices.Equal(got, []int64{1, 2, 3, 4}) {
			t.Errorf("hands back %v", got)
		}
	})
}

func TestExpiry(t *testing.T) {
	p := play(t, `{"expire_after":"1h"}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	if got := p.state.Wait.Until.Sub(p.now); got != time.Hour {
		t.Fatalf("waits %s", got)
	}
	p.play(&goldenStep{After: "1h"})
	ended(t, p, OutcomeExpired, ReasonExpired)
}

func TestFirstMessageAsAnswer(t *testing.T) {
	p := play(t, `{"first_message":"answer"}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	in := Inbound{Seq: 3, Kind: InboundText, Text: "já disse", At: p.now}
	has(t, p.step(Event{Kind: EventStart, Start: &Start{Run: "42", Inbound: &in}}), "?", "Obrigado: já disse")
	p = play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	has(t, p.step(Event{Kind: EventStart, Start: &Start{Run: "42", Inbound: &in}}), "?")
	if p.state.Seq != 3 || p.state.Trigger.Text != "já disse" {
		t.Fatalf("seq %d, trigger %+v", p.state.Seq, p.state.Trigger)
	}
}

// TestMediaAnswerIsStoredBeforeTheEdge is semantics 4 of nodes 5.8: the node after the question sees the file.
func TestMediaAnswerIsStoredBeforeTheEdge(t *testing.T) {
	p := play(t, `{}`, `{"id":"ask","kind":"question","settings":{"text":"Foto?","type":"image","save_to":"foto","field":"documento"},"outputs":{"ok":"back","invalid":"end","timeout":"end"}}`,
		`{"id":"back","kind":"content","settings":{"items":[{"kind":"image","media":{"variable":"foto"}},{"kind":"image","media":{"variable":"documento"}}]},"outputs":{"ok":"end"}}`, nodeEnd)
	p.start()
	var ids []string
	for _, f := range p.inbound(Inbound{Kind: InboundImage, Media: &Media{ID: "f7", MIME: "image/png", Size: 9}}) {
		if f.Send != nil {
			ids = append(ids, f.Send.Content.Media.ID)
		}
	}
	if !slices.Equal(ids, []string{"f7", "f7"}) {
		t.Fatalf("sent %v", ids)
	}
}

func TestLocales(t *testing.T) {
	doc := json.RawMessage(`{"spec_version":1,"id":"1","name":"F","category":"manual","start":"ask","nodes":[
		{"id":"ask","kind":"menu","settings":{"text":"Olá {nome}","options":[{"id":"a","title":"Vendas"},{"id":"b","title":"Suporte"}]},"outputs":{"a":"end","b":"end","invalid":"end","timeout":"end"}},
		{"id":"end","kind":"end"}],"locales":{"en":{"ask":{"/text":"Hello {nome}","/options/0/title":"Sales"}}}}`)
	for lang, want := range map[string]string{"en-US": "Hello Maria/Sales/Suporte", "pt-BR": "Olá Maria/Vendas/Suporte", "": "Olá Maria/Vendas/Suporte", "es": "Olá Maria/Vendas/Suporte"} {
		p := goldenWorld{Contact: Contact{ID: "9", Name: "Maria", Language: lang}}.player(t, doc, nil)
		c := p.start()[0].Send.Content
		if got := strings.Join([]string{c.Text, c.Buttons[0].Title, c.Buttons[1].Title}, "/"); got != want {
			t.Errorf("%q: %s, want %s", lang, got, want)
		}
	}
}

func TestNewVersionWithoutTheNode(t *testing.T) {
	p := play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	newer, err := Load(flowOf(`{}`, nodeAsk2, nodeThx, nodeEnd))
	if err != nil {
		t.Fatal(err)
	}
	if newer.Has("ask") || !newer.Has("ask2") {
		t.Fatal("Has does not know the nodes")
	}
	p.g = newer
	p.say("oi")
	if w := p.state.Wait; w.For != WaitOperator || w.Reason != ReasonNodeGone {
		t.Fatalf("wait %+v", w)
	}
	has(t, p.play(&goldenStep{MoveTo: "ask2"}), "De novo?")
}

func TestSubflowThatIsGone(t *testing.T) {
	sub := json.RawMessage(strings.Replace(string(flowOf(`{}`, nodeAsk2, nodeThx, nodeEnd)), `"id":"1"`, `"id":"2"`, 1))
	p := goldenWorld{}.player(t, flowOf(`{}`, `{"id":"a","kind":"subflow","settings":{"flow":2},"outputs":{"ok":"end","failed":"end"}}`, nodeEnd), []json.RawMessage{sub})
	has(t, p.start(), "De novo?")
	p.env.Flow = func(string, string) (*Graph, bool) { return nil, false }
	fx := p.say("oi")
	ended(t, p, OutcomeFailed, ReasonFlowGone)
	if id, _ := p.state.Flow(); id != "1" {
		t.Errorf("the state is in flow %q", id)
	}
	if got := unhandled(fx); !slices.Equal(got, []int64{1}) {
		t.Errorf("hands back %v", got)
	}
}

func TestMistakesOfTheCaller(t *testing.T) {
	p := play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	now := p.now
	for name, tc := range map[string]struct {
		event Event
		want  error
	}{
		"not started":      {Event{Kind: EventTimer, Now: now}, ErrNotStarted},
		"no part":          {Event{Kind: EventInbound, Now: now}, ErrEvent},
		"no run":           {Event{Kind: EventStart, Now: now, Start: &Start{}}, ErrEvent},
		"no time":          {Event{Kind: EventStart, Start: &Start{Run: "1"}}, ErrEvent},
		"no kind it knows": {Event{Kind: "x", Now: now}, ErrEvent},
	} {
		if _, fx, err := Step(p.g, State{}, tc.event, nil); !errors.Is(err, tc.want) || fx != nil {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	p.start()
	if _, _, err := Step(p.g, p.state, Event{Kind: EventStart, Now: now, Start: &Start{Run: "42"}}, p.env); !errors.Is(err, ErrStarted) {
		t.Errorf("a second start: %v", err)
	}
}

// TestQueueMenu is rules 030 and 181: the queues stand in the bot's order, and a queue without one is left out.
func TestQueueMenu(t *testing.T) {
	w := goldenWorld{Queues: []Queue{{ID: "1", Name: "Vendas", BotOrder: 2}, {ID: "2", Name: "Suporte Técnico", BotOrder: 1}, {ID: "3", Name: "Interna"}}, Account: Account{MenuStyle: MenuText}}
	p := w.player(t, flowOf(`{}`, `{"id":"m","kind":"menu","settings":{"text":"Setor?","source":"queues","save_to":"fila"},"outputs":{"ok":"t","invalid":"end","timeout":"end"}}`,
		`{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"{{ fila.id }}"}]}}`, nodeEnd), nil)
	has(t, p.start(), "Setor?\n\n1 - Suporte Técnico\n2 - Vendas")
	for _, f := range p.say("2") {
		if f.OpenTicket != nil && f.OpenTicket.Queue != "1" {
			t.Fatalf("opened for queue %q", f.OpenTicket.Queue)
		}
	}
	ended(t, p, OutcomeTicket, ReasonTicketOpened)
}

// TestSecondTapIsNoAnswer: two quick taps on one button do not answer two questions, and a button further up costs nothing.
func TestSecondTapIsNoAnswer(t *testing.T) {
	menu := `{"id":"m","kind":"menu","settings":{"text":"?","options":[{"id":"a","title":"Vendas"},{"id":"b","title":"Suporte"}]},"outputs":{"a":"ask","b":"end","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, menu, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	has(t, p.play(&goldenStep{Tap: "a"}), "?")
	has(t, p.play(&goldenStep{Tap: "a"}))
	p.now = p.now.Add(time.Minute)
	has(t, p.play(&goldenStep{Tap: "a"}), "?") // no double tap any more: the question that is open is said again
	if p.state.Frames[0].Attempt != 0 || len(p.state.Inbox) != 0 {
		t.Fatal("a stale tap cost an attempt or was kept")
	}
	has(t, p.inbound(Inbound{Kind: InboundTap, Text: "Vendas", Payload: "f~41~1~m~a"}), say("pt-BR", "invalid_text"))
	has(t, p.say("Ana"), "Obrigado: Ana")

	p = play(t, `{}`, menu, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	has(t, p.inbound(Inbound{Kind: InboundTap, Text: "Vendas", Payload: "f~41~9~m~a"}), "?") // the same menu in an earlier run
}

func TestRequiredInputs(t *testing.T) {
	g, err := Load([]byte(`{"spec_version":1,"id":"1","name":"F","category":"manual","start":"a","nodes":[{"id":"a","kind":"wait","settings":{"mode":"reply"},"outputs":{"ok":"a"}}],
		"variables":[{"name":"pedido","type":"number","input":true,"required":true},{"name":"interno","type":"text"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	start := func(inputs map[string]any) (State, error) {
		s, _, err := Step(g, State{}, Event{Kind: EventStart, Now: time.Unix(0, 0), Start: &Start{Run: "1", Inputs: inputs}}, nil)
		return s, err
	}
	if _, err := start(map[string]any{"interno": "x"}); !errors.Is(err, ErrInput) {
		t.Fatalf("started without its input: %v", err)
	}
	s, err := start(map[string]any{"pedido": "1.234", "interno": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Frames[0].Vars; v["pedido"] != 1234.0 || v["interno"] != nil {
		t.Fatalf("variables are %v", v)
	}
}

// TestBurstKeepsTheDeadline: collecting a burst while a reminder is ahead loses neither the reminder nor the time-out.
func TestBurstKeepsTheDeadline(t *testing.T) {
	ask := `{"id":"ask","kind":"question","settings":{"text":"?","type":"cpf","debounce":"3s","timeout":"1h","reminders":[{"after":"10m","text":"Oi?"}]},"outputs":{"ok":"thanks","invalid":"end","timeout":"late"}}`
	p := play(t, `{}`, ask, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	deadline := *p.state.Wait.Deadline
	p.say("não sei")
	if w := p.state.Wait; !w.Quiet || !w.Deadline.Equal(deadline) {
		t.Fatalf("wait %+v", w)
	}
	has(t, p.play(&goldenStep{After: "3s"}), say("pt-BR", "invalid_cpf"))
	has(t, p.play(&goldenStep{After: "10m"}), "Oi?")
	has(t, p.play(&goldenStep{After: "50m"}), "Demorou.", "De novo?")
}

// TestGraphServesManyRunsAtOnce is for the race detector: one graph, many runs, and other graphs being loaded meanwhile.
func TestGraphServesManyRunsAtOnce(t *testing.T) {
	raw, err := os.ReadFile("testdata/kinds/set_variable.json")
	if err != nil {
		t.Fatal(err)
	}
	var file golden
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	g, err := Load(file.Doc)
	if err != nil {
		t.Fatal(err)
	}
	env := &Env{Channel: WhatsAppCloud()}
	now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	until := now.Add(time.Hour)
	event := Event{Kind: EventStart, Now: now, Contact: Contact{Name: "Maria", Fields: map[string]any{"a": 1.0}}, Conversation: Conversation{WindowUntil: &until}, Start: &Start{Run: "42"}}
	want, _, err := Step(g, State{}, event, env)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if _, err := Load(file.Doc); err != nil {
					t.Error(err)
				}
				got, _, err := Step(g, State{}, event, env)
				if err != nil || got.Frames[0].Vars["codigo"] != want.Frames[0].Vars["codigo"] {
					t.Errorf("another outcome: %v %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAnswerThatIsTooLargeFails(t *testing.T) {
	call := `{"id":"http","kind":"http","settings":{"url":"https://a.example","save_body":"x"},"outputs":{"ok":"end","client_error":"end","server_error":"end","timeout":"end","failed":"late"}}`
	p := play(t, `{}`, call, nodeLate, nodeAsk2, nodeThx, nodeEnd)
	p.start()
	has(t, p.play(&goldenStep{Call: &CallResult{Status: 200, Body: strings.Repeat("x", 70<<10)}}), "Demorou.", "De novo?")
}

// TestBodyThatVariablesLeaveEmpty: WhatsApp refuses buttons, rows, links and requests without a body,
// so the header stands in, or the engine's own words.
func TestBodyThatVariablesLeaveEmpty(t *testing.T) {
	options := `"options":[{"id":"a","title":"{{ nada }}"},{"id":"b","title":"Suporte"}]`
	for name, tc := range map[string]struct{ node, want string }{
		"menu":     {`"kind":"menu","settings":{"text":"{{ nada }}",` + options + `}`, "Escolha uma opção:"},
		"header":   {`"kind":"menu","settings":{"text":" {{ nada }}","header":"Setores",` + options + `}`, "Setores"},
		"buttons":  {`"kind":"content","settings":{"items":[{"kind":"buttons","text":"{{ nada }}",` + options + `}]}`, "Escolha uma opção:"},
		"question": {`"kind":"question","settings":{"text":"{{ nada }}","type":"location"}`, "Envie sua localização, por favor."},
		"link":     {`"kind":"content","settings":{"items":[{"kind":"cta_url","text":"{{ nada }}","button":"{{ nada }}","url":"https://a.example"}]}`, "Toque para abrir:"},
	} {
		t.Run(name, func(t *testing.T) {
			fx := play(t, `{}`, `{"id":"m",`+tc.node+`}`).start()
			has(t, fx, tc.want)
			for _, f := range fx {
				if f.Send != nil && f.Send.Content.CTA != nil && f.Send.Content.CTA.Title != "Abrir" {
					t.Errorf("the link is titled %q", f.Send.Content.CTA.Title)
				}
			}
		})
	}
	has(t, play(t, `{}`, `{"id":"m","kind":"content","settings":{"items":[{"kind":"contact","contacts":[{"name":"{{ nada }}"}]}]}}`).start())
}

// A state that an earlier program stored is read as it was.
func TestVisitsAreReadInBothForms(t *testing.T) {
	want := []Visit{{N: 1, Node: "menu", Output: "sales"}, {N: 2, Node: "end"}, {N: 3, Node: "ask", Flow: "7"}}
	raw, err := json.Marshal(want)
	if err != nil || string(raw) != `[[1,"menu","sales"],[2,"end"],[3,"ask","","7"]]` {
		t.Fatalf("%s, %v", raw, err)
	}
	for _, stored := range []string{string(raw), `[{"n":1,"node":"menu","out":"sales"},{"n":2,"node":"end"},{"n":3,"node":"ask","flow":"7"}]`} {
		var got []Visit
		if err := json.Unmarshal([]byte(stored), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is read as %+v, %v", stored, got, err)
		}
	}
	for _, bad := range []string{`[]`, `[1]`, `[1,"a","b","c","d"]`, `["a","b"]`, `{"n":"x"}`} {
		var v Visit
		if json.Unmarshal([]byte(bad), &v) == nil {
			t.Errorf("%s is read as %+v", bad, v)
		}
	}
}
