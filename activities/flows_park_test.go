package activities_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/store/storetest"
)

const heavyFlow = `{"spec_version":1,"name":"Pesado","category":"initial","start":"conta","triggers":[{"id":"any","kind":"inbound"}],
 "variables":[{"name":"l","type":"list","default":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}],
 "nodes":[{"id":"conta","name":"Conta tudo","kind":"content","settings":{"items":[{"kind":"text","text":"{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}Pronto."}]},"outputs":{"ok":"fim"}},
  {"id":"leve","kind":"question","settings":{"text":"E agora?","timeout":"1h"},"outputs":{"ok":"fim","timeout":"fim","invalid":"fim"}},
  {"id":"fim","kind":"end"}]}`

// rung is the run that the last message woke.
func (w *world) rung() contract.FlowRunInput {
	w.t.Helper()
	for _, bell := range w.woken {
		if bell.WorkflowType == contract.WorkflowFlowRun {
			w.woken = nil
			return w.input(bell)
		}
	}
	w.t.Fatal("no run was rung")
	return contract.FlowRunInput{}
}

// command puts an operator's command into a run's mailbox.
func (w *world) command(run contract.FlowRunInput, kind flow.EventKind, data string) {
	w.t.Helper()
	w.Exec(w.t, `INSERT INTO flow_run_events (account_id, flow_run_id, kind, data) VALUES ($1, $2, $3, $4)`, w.Account, run.RunID, string(kind), []byte(data))
}

// A step that takes too long is tried three times, each without a trace, and then the run waits for an operator, who moves it on.
func TestAStepThatTakesTooLongWaitsForAnOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Pesado", heavyFlow)
	w.receive(text("oi"))
	run := w.rung()

	asked, jump := w.now, 2*time.Second
	slow := activities.NewFlows(w.Store, w, whatsAppOnly, slog.New(slog.DiscardHandler), func() time.Time { asked = asked.Add(jump); return asked }, func() string { return "seed" })
	step := func(n int64) (contract.StepResult, error) {
		return slow.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: n})
	}
	for try := range 3 {
		if _, err := step(1); err == nil || !strings.Contains(err.Error(), "took too long") {
			t.Fatalf("try %d: error %v, want that it took too long", try+1, err)
		}
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE step = 0`) + w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out'`); n != 1 {
		t.Errorf("tries that took too long left something behind")
	}
	got, err := step(1)
	if err != nil || got.Wait != "operator" || got.Reason != string(flow.ReasonTooSlow) || got.Node != "conta" || got.NodeName != "Conta tudo" {
		t.Fatalf("after three tries the run is at %+v (%v)", got, err)
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE status <> 'ended' AND wait_kind = 'operator' AND wait_until > wait_since`); n != 1 {
		t.Error("the console does not see that the run waits for an operator")
	}
	if !strings.Contains(strings.Join(w.timeline(), "\n"), `step_too_slow "Conta tudo"`) {
		t.Errorf("agents see no line: %q", w.timeline())
	}

	w.receive(text("alguém?")) // is kept
	w.woken = nil
	if got, err = step(2); err != nil || got.Wait != "operator" {
		t.Fatalf("a message to a parked run: %+v (%v)", got, err)
	}
	w.command(run, flow.EventMoveTo, `{"node":"conta"}`)
	for range 3 {
		if got, err := step(3); err == nil {
			t.Fatalf("it went through: %+v", got)
		}
	}
	if got, err = step(3); err != nil || got.Wait != "operator" || w.Count(t, `SELECT count(*) FROM flow_run_events WHERE taken_step IS NULL`) != 0 {
		t.Fatalf("moved to a step that takes too long: %+v (%v)", got, err)
	}
	jump = 0 // the machine is itself again
	w.command(run, flow.EventMoveTo, `{"node":"conta"}`)
	if got, err = step(4); err != nil || !got.Ended || got.Sent != 1 {
		t.Fatalf("moved on: %+v (%v)", got, err)
	}
}

// A published version that the program no longer reads keeps its people: they wait for an operator, who can stop the run.
func TestAVersionThatCannotBeReadWaitsForAnOperator(t *testing.T) {
	t.Parallel()
	for _, stopped := range []bool{true, false} {
		w := newWorld(t)
		w.Publish(t, "Antigo", menuFlow)
		w.receive(text("oi"))
		run := w.rung()
		w.Exec(t, `UPDATE flow_versions SET graph = replace(graph::text, 'Olá, {nome}!', '{{ (-1..9) | join }}')::jsonb`)
		flows := activities.NewFlows(w.Store, w, whatsAppOnly, slog.New(slog.DiscardHandler), func() time.Time { return w.now }, func() string { return "seed" })
		step := func(n int64) contract.StepResult {
			t.Helper()
			got, err := flows.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: n})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		first, second := step(1), step(2)
		for _, got := range []contract.StepResult{first, second} {
			if got.Wait != "operator" || got.Reason != string(flow.ReasonUnreadable) || got.Until.IsZero() || !got.Until.Equal(first.Until) {
				t.Fatalf("the run is at %+v", got)
			}
		}
		if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'version_unreadable'`); n != 1 {
			t.Errorf("agents see %d lines, want one", n)
		}
		if stopped {
			w.command(run, flow.EventStop, `{}`)
		} else {
			w.now = first.Until
		}
		if got := step(3); !got.Ended || (got.Outcome == "stopped") != stopped || (got.Outcome == "stuck") == stopped {
			t.Errorf("at its end the run is at %+v", got)
		}
	}
}

// The regular expressions of keyword triggers are looked for before the delivery's transaction; who is in charge is decided in it.
func TestPatternsAreLookedForBeforeTheTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Boleto", `{"spec_version":1,"name":"Boleto","category":"initial","start":"a","triggers":[{"id":"k","kind":"keyword","settings":{"match":"regex","words":["^bol+eto$"]}}],
		"nodes":[{"id":"a","kind":"question","settings":{"text":"CPF?","timeout":"1h"},"outputs":{"ok":"b","timeout":"b","invalid":"b"}},{"id":"b","kind":"end"}]}`)
	for i, c := range []struct {
		first, then string
		runs        int64
	}{{"nada", "bolleto", 0}, {"BOLLETO", "nada", 1}, {"bolleto", "bolleto", 1}} {
		e := storetest.Text("wamid.p"+string(rune('0'+i)), "5581988880001", c.first, w.now)
		d := contract.InboundDelivery{Elements: []contract.InboundElement{e}}
		choose := w.flows.ChooseFor(t.Context(), w.Connection, &d)
		d.Elements[0].Message.Content.Text = c.then // what is looked for now would find the other thing
		if _, err := w.Receive(t.Context(), w.Connection, d, choose); err != nil {
			t.Fatal(err)
		}
		if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != c.runs {
			t.Errorf("%q, then %q: %d runs, want %d", c.first, c.then, n, c.runs)
		}
	}
	w.Publish(t, "Pix", `{"spec_version":1,"name":"Pix","category":"initial","start":"b","triggers":[{"id":"k","kind":"keyword","settings":{"match":"regex","words":["pix"]}}],"nodes":[{"id":"b","kind":"end"}]}`)
	e := storetest.Text("wamid.pix", "5581988880002", "pix", w.now)
	d := contract.InboundDelivery{Elements: []contract.InboundElement{e}}
	if _, err := w.Receive(t.Context(), w.Connection, d, w.flows.ChooseFor(t.Context(), w.Connection, &d)); err != nil {
		t.Fatal(err)
	}
	if n := w.Count(t, `SELECT count(*) FROM flow_runs r JOIN flows f ON f.id = r.flow_id WHERE f.name = 'Pix'`); n != 1 {
		t.Error("a flow published a moment ago is not found")
	}
}

// steps is a FlowStore that counts the transactions of steps, and the answers that were given inside.
type steps struct {
	activities.FlowStore
	transactions, answers int
}

func (s *steps) StepFlow(ctx context.Context, start contract.FlowRunStart, step int64, decide func(*contract.StepSnapshot) (*contract.StepDecision, error), choose contract.FlowChooser) (contract.StepResult, contract.Wake, error) {
	s.transactions++
	return s.FlowStore.StepFlow(ctx, start, step, decide, func(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
		answer, err := choose(ctx, q)
		if err == nil {
			s.answers++
		}
		return answer, err
	})
}

// A message that an ended run left is matched against regular expressions outside the conversation's lock: the step is rolled back
// once, and taken again with what they found. Without such triggers one transaction is enough.
func TestPatternsAtAHandOverAreLookedForOutsideTheTransaction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		match        string
		transactions int
	}{{"regex", 2}, {"contains", 1}} {
		t.Run(c.match, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Publish(t, "Oi", `{"spec_version":1,"name":"Oi","category":"initial","start":"a","triggers":[{"id":"k","kind":"keyword","settings":{"match":"equals","words":["oi"]}}],
				"nodes":[{"id":"a","kind":"question","settings":{"text":"CPF?","timeout":"1h"},"outputs":{"ok":"z","timeout":"z","invalid":"z"}},{"id":"z","kind":"end"}]}`)
			w.Publish(t, "Boleto", `{"spec_version":1,"name":"Boleto","category":"initial","start":"b","triggers":[{"id":"k","kind":"keyword","settings":{"match":"`+c.match+`","words":["bolleto"]}}],
				"nodes":[{"id":"b","kind":"end"}]}`)
			w.receive(text("oi"))
			run := w.rung()
			if _, err := w.flows.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: 1}); err != nil {
				t.Fatal(err)
			}
			w.receive(text("12345678909"))
			w.receive(text("quero o bolleto")) // the answer ends the run, which leaves this one
			rows := &steps{FlowStore: w.Store}
			flows := activities.NewFlows(rows, w, whatsAppOnly, slog.New(slog.DiscardHandler), func() time.Time { return w.now }, func() string { return "seed" })
			got, err := flows.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: 2})
			if err != nil || !got.Ended {
				t.Fatalf("the step ended as %+v (%v)", got, err)
			}
			if rows.transactions != c.transactions || rows.answers != 1 {
				t.Errorf("%d transactions and %d answers inside, want %d and 1", rows.transactions, rows.answers, c.transactions)
			}
			if n := w.Count(t, `SELECT coalesce(max(r.id), -1) FROM flow_runs r JOIN flows f ON f.id = r.flow_id WHERE f.name = 'Boleto'`); n != got.NextRunID {
				t.Errorf("run %d of the flow that the message asks for, and the step names %d", n, got.NextRunID)
			}
		})
	}
}
