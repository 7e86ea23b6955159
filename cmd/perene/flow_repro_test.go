package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

const reproFlow = `{"spec_version":1,"name":"Cadastro","category":"initial","start":"menu","triggers":[{"id":"any","kind":"inbound"}],"nodes":[
  {"id":"menu","kind":"menu","settings":{"text":"Olá, {primeiro_nome}! Como posso ajudar?","options":[{"id":"vendas","title":"Vendas"},{"id":"suporte","title":"Suporte"}]},
   "outputs":{"vendas":"nome","suporte":"fim","invalid":"fim","timeout":"fim"}},
  {"id":"nome","kind":"question","settings":{"text":"Qual é o seu nome?","field":"name","save_to":"nome_completo"},"outputs":{"ok":"cpf","timeout":"fim","invalid":"fim"}},
  {"id":"cpf","kind":"question","settings":{"text":"Qual é o seu CPF?","type":"cpf","save_to":"cpf_informado"},"outputs":{"ok":"busca","timeout":"fim","invalid":"fim"}},
  {"id":"busca","kind":"http","settings":{"url":"https://erp.example/clientes/{{ cpf_informado }}","save":[{"to":"plano","path":"$.plano"},{"to":"situacao","path":"$.situacao"}]},
   "outputs":{"ok":"olha","client_error":"fim","server_error":"fim","timeout":"fim","failed":"fim"}},
  {"id":"olha","kind":"condition","settings":{"rules":[{"variable":"situacao","op":"equal","value":"ativo"}]},"outputs":{"true":"obrigado","false":"fim"}},
  {"id":"obrigado","kind":"content","settings":{"items":[{"kind":"text","text":"Obrigado, {nome}. Seu plano é {{ plano }}."}]},"outputs":{"ok":"fim"}},
  {"id":"fim","kind":"end"}]}`

// reproWorld lets a person talk with a flow on a real Postgres.
type reproWorld struct {
	*storetest.Fixture
	t     *testing.T
	flows *activities.Flows
	bells []contract.Doorbell
	n     int
}

func (w *reproWorld) Wake(k contract.Wake) { w.bells = append(w.bells, k.Doorbells...) }

func (w *reproWorld) receive(c models.Content) {
	w.t.Helper()
	w.n++
	e := storetest.Text(fmt.Sprintf("wamid.%d", w.n), "5581988880001", "", time.Now())
	e.Message.Content = c
	wake, err := w.Receive(w.t.Context(), w.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, w.flows.Choose)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Wake(wake)
	w.settle()
}

func (w *reproWorld) say(text string) {
	w.receive(models.Content{Kind: models.ContentKindText, Text: text})
}

// settle steps the runs that were rung, as their workflows would.
func (w *reproWorld) settle() {
	w.t.Helper()
	for len(w.bells) > 0 {
		bell := w.bells[0]
		w.bells = w.bells[1:]
		if bell.WorkflowType != contract.WorkflowFlowRun {
			continue
		}
		var in contract.FlowRunInput
		if err := json.Unmarshal(bell.Input, &in); err != nil {
			w.t.Fatal(err)
		}
		w.step(in)
	}
}

func (w *reproWorld) step(in contract.FlowRunInput) {
	w.t.Helper()
	step := w.Count(w.t, `SELECT step FROM flow_runs WHERE id = $1`, in.RunID)
	if _, err := w.flows.StepFlow(w.t.Context(), contract.StepFlowInput{Run: in, Step: step + 1}); err != nil {
		w.t.Fatal(err)
	}
}

func newReproWorld(t *testing.T) *reproWorld {
	t.Helper()
	w := &reproWorld{t: t}
	w.Fixture = storetest.NewFixture(t, storetest.New(t, store.Options{}), "repro")
	w.flows = activities.NewFlows(w.Store, w, map[string]flow.Capabilities{models.ChannelWhatsAppCloud: flow.WhatsAppCloud()}, slog.New(slog.DiscardHandler), time.Now, func() string { return "seed" })
	w.Publish(t, "Cadastro", reproFlow)
	return w
}

// answer stores what another system answered to the call the run waits for, and steps the run.
func (w *reproWorld) answer(run models.FlowRunID, body string) {
	w.t.Helper()
	var call string
	if err := w.Pool().QueryRow(w.t.Context(), `SELECT call_id FROM flow_calls WHERE flow_run_id = $1`, run).Scan(&call); err != nil {
		w.t.Fatal(err)
	}
	result, err := json.Marshal(map[string]any{"id": call, "status": 200, "body": body})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.FlowCallDone(w.t.Context(), w.Account, run, call, 1, result); err != nil {
		w.t.Fatal(err)
	}
	var in contract.FlowRunInput
	in.AccountID, in.RunID, in.ConnectionID = w.Account, run, w.Connection.ID
	if err := w.Pool().QueryRow(w.t.Context(), `SELECT conversation_id FROM flow_runs WHERE id = $1`, run).Scan(&in.ConversationID); err != nil {
		w.t.Fatal(err)
	}
	w.step(in)
}

// TestRepro makes a test of a real run, plays it, and finds no word of the person in it.
func TestRepro(t *testing.T) {
	w := newReproWorld(t)
	w.say("Bom dia, aqui é a Juliana")
	w.say("1")
	w.say("Juliana Prado Siqueira")
	w.say("111.111.111-11")
	w.say("390.533.447-05")
	var run models.FlowRunID
	if err := w.Pool().QueryRow(t.Context(), `SELECT id FROM flow_runs`).Scan(&run); err != nil {
		t.Fatal(err)
	}
	w.answer(run, `{"plano":"Ouro Total","situacao":"ativo","titular":"Juliana Prado Siqueira","documento":39053344705,"email":"ju@prado.com"}`)
	if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE status = 'ended'`); n != 1 {
		t.Fatal("the run has not ended")
	}
	rec, err := readRecord(t.Context(), w.Store, w.Account, run)
	if err != nil {
		t.Fatal(err)
	}
	for _, masked := range []bool{true, false} {
		repro, err := terminal.MakeRepro(*rec, masked)
		if err != nil {
			t.Fatal(err)
		}
		if len(repro.Notes) > 0 {
			t.Errorf("masked %v: %q\n%q\n%s", masked, repro.Notes, rec.Sent, repro.Test)
		}
		file, err := writeRepro(t.TempDir(), run, repro)
		if err != nil {
			t.Fatal(err)
		}
		if r := terminal.RunTest(file, false); !r.OK() {
			t.Errorf("masked %v: the test does not pass: %v\n%s", masked, r.Err, r.Diff)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := string(raw) + string(repro.World)
		for _, word := range []string{"Juliana", "Prado", "Siqueira", "390.533.447-05", "39053344705", "81988880001", "ju@prado.com", "Ouro Total", "Bom dia, aqui"} {
			if found := strings.Contains(all, word); found && masked {
				t.Errorf("the masked test holds %q:\n%s", word, all)
			}
		}
		want := []string{"say: \"1\"", "Qual é o seu nome?", "Esse CPF não é válido", "situacao: ativo", "end: completed"}
		if !masked {
			want = append(want, "Obrigado, Juliana Prado Siqueira. Seu plano é Ouro Total.")
		}
		for _, s := range want {
			if !strings.Contains(all, s) {
				t.Errorf("masked %v: the test lacks %q:\n%s", masked, s, all)
			}
		}
	}
}
