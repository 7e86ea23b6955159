package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/internal/trace/tracetest"
	"github.com/perene/perene/models"
	"github.com/perene/perene/sender"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

const askFlow = `{"spec_version":1,"name":"Ask","category":"initial","start":"ask","triggers":[{"id":"any","kind":"inbound"}],"variables":[{"name":"said","type":"text"}],
 "nodes":[{"id":"ask","kind":"question","settings":{"text":"Nome?","type":"text","save_to":"said","timeout":"1h"},"outputs":{"ok":"call","timeout":"end","invalid":"end"}},
  {"id":"call","kind":"http","settings":{"method":"GET","url":"%s/shop","timeout":"5s"},"outputs":{"ok":"say","failed":"say","client_error":"say","server_error":"say","timeout":"say"}},
  {"id":"say","kind":"content","settings":{"items":[{"kind":"text","text":"Obrigado"}]},"outputs":{"ok":"end"}},
  {"id":"end","kind":"end"}]}`

// tracedWorld is everything between a webhook and Meta, with the parts as the processes put them together.
type tracedWorld struct {
	*storetest.Fixture
	t       *testing.T
	tracer  *trace.Tracer
	adapter *whatsapp.Adapter
	intake  *intake.Intake
	flows   *Flows
	calls   *Calls
	sender  *sender.Sender

	mu       sync.Mutex
	woken    []contract.Doorbell
	callback []string // what travelled with each send
	refuse   int      // Graph answers with this error code
	n        int
}

// Wake implements Waker.
func (w *tracedWorld) Wake(k contract.Wake) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = append(w.woken, k.Doorbells...)
}

func newTracedWorld(t *testing.T, tracer *trace.Tracer) *tracedWorld {
	t.Helper()
	w := &tracedWorld{t: t, tracer: tracer}
	graph := httptest.NewServer(http.HandlerFunc(w.graph))
	t.Cleanup(graph.Close)
	w.adapter = whatsapp.New(meta.NewClient(meta.Options{AllowPrivate: true}))
	adapters := map[string]channels.Adapter{models.ChannelWhatsAppCloud: w.adapter}
	judges := channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, nil)
	s := storetest.New(t, store.Options{Judge: judges})
	w.Fixture = storetest.NewFixture(t, s, "trace")
	w.Exec(t, `UPDATE connections SET config = jsonb_build_object('graph_base_url', $1::text), credentials = '{"access_token": "AQ=="}'`, graph.URL)
	w.Publish(t, "Ask", fmt.Sprintf(askFlow, graph.URL))
	log := slog.New(slog.DiscardHandler)
	w.flows = NewFlows(TraceFlows(s, tracer), w, ChannelsToFlow(adapters), log, time.Now, func() string { return "seed" })
	w.intake = intake.New(intake.Traced(s, tracer), adapters, w.flows.ChooseFor, w, nil)
	w.calls = NewCalls(s, openKey{}, log, time.Now, true).Traced(tracer, s)
	bus := sender.NewBus(deafBus{}, nil, log)
	t.Cleanup(bus.Close)
	w.sender = sender.New(sender.Deps{Store: s, Adapters: adapters, Judge: judges, Opener: openKey{}, Media: plainFiles{}, Bus: bus, Waker: w, Log: log, Now: time.Now,
		NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, Tuning: sender.Tuning{Linger: 200 * time.Millisecond}, Traces: tracer})
	return w
}

// graph is Meta, and the shop that the flow calls.
func (w *tracedWorld) graph(rw http.ResponseWriter, r *http.Request) {
	for name := range r.Header {
		if name = strings.ToLower(name); strings.Contains(name, "trace") || name == "baggage" {
			w.t.Errorf("%s is told of our traces: %s", r.URL.Path, name)
		}
	}
	if r.URL.Path == "/shop" {
		return
	}
	var sent struct {
		Callback string `json:"biz_opaque_callback_data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callback = append(w.callback, sent.Callback)
	if w.refuse != 0 {
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(rw, `{"error":{"message":"Rosa","code":%d,"error_data":{"details":"Rosa Lima"}}}`, w.refuse)
		return
	}
	_, _ = fmt.Fprintf(rw, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.OUT%d"}]}`, len(w.callback))
}

// says brings what a person wrote as a delivery does, and lets everything happen that follows from it. Nothing but Postgres
// connects the parts: each begins with a context of its own.
func (w *tracedWorld) says(text string) {
	w.t.Helper()
	w.n++
	ctx, root := w.tracer.Root(w.t.Context(), "webhook", trace.Server, time.Now())
	w.deliver(ctx, fmt.Sprintf(`"contacts":[{"profile":{"name":"Rosa Lima"},"wa_id":"558188004422","user_id":"BR.48217730951266"}],
		"messages":[{"from":"558188004422","from_user_id":"BR.48217730951266","id":"wamid.IN%d","timestamp":"%d","type":"text","text":{"body":%q}}]`, w.n, time.Now().Unix(), text))
	root.End()
	for len(w.woken) > 0 {
		bell := w.woken[0]
		w.woken = w.woken[1:]
		if bell.WorkflowType == contract.WorkflowFlowRun {
			w.run(bell)
		}
	}
	if _, err := w.sender.Run(w.t.Context(), make(chan struct{}), w.Account, w.Connection.ID); err != nil {
		w.t.Fatal(err)
	}
}

func (w *tracedWorld) deliver(ctx context.Context, value string) {
	w.t.Helper()
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"20trace","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":"551140000001","phone_number_id":"10trace"},` + value + `}}]}]}`)
	if err := w.intake.Receive(ctx, w.Connection, w.adapter.Parse(body), body); err != nil {
		w.t.Fatal(err)
	}
}

// run steps a run until it waits for a person, and makes its calls, as the workflow would.
func (w *tracedWorld) run(bell contract.Doorbell) {
	w.t.Helper()
	var in contract.FlowRunInput
	if err := json.Unmarshal(bell.Input, &in); err != nil {
		w.t.Fatal(err)
	}
	for {
		step := w.Count(w.t, `SELECT step FROM flow_runs WHERE id = $1`, in.RunID)
		res, err := w.flows.StepFlow(context.Background(), contract.StepFlowInput{Run: in, Step: step + 1})
		if err != nil {
			w.t.Fatal(err)
		}
		if res.Wait == "call" {
			if _, err := w.calls.CallHTTP(context.Background(), contract.CallHTTPInput{Run: in, CallID: res.Call}); err != nil {
				w.t.Fatal(err)
			}
			continue
		}
		if !res.More || res.Ended {
			return
		}
	}
}

func (w *tracedWorld) marks() int64 {
	w.t.Helper()
	return w.Count(w.t, `SELECT (SELECT count(*) FROM messages WHERE trace IS NOT NULL) + (SELECT count(*) FROM flow_calls WHERE trace IS NOT NULL)
		+ (SELECT count(*) FROM flow_run_events WHERE trace IS NOT NULL)`)
}

// openTraces gives a tracer and what ends it and tells what came to the collector.
func openTraces(t *testing.T, c config.Traces) (*trace.Tracer, func() []tracetest.Span) {
	t.Helper()
	r := tracetest.New(nil)
	t.Cleanup(r.Close)
	c.Endpoint = r.URL
	tracer, end, err := trace.Open(t.Context(), c, trace.Process{Name: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return tracer, func() []tracetest.Span {
		end()
		for _, body := range r.Bodies() {
			for _, word := range []string{"Rosa", "8800", "BR.48217730951266", "wamid", "Obrigado", "10trace", "20trace"} {
				if strings.Contains(string(body), word) {
					t.Errorf("spans hold %q", word)
				}
			}
		}
		return r.Spans()
	}
}

// tree gives the spans of one trace.
func tree(spans []tracetest.Span, id string) []tracetest.Span {
	var out []tracetest.Span
	for _, s := range spans {
		if s.Trace == id {
			out = append(out, s)
		}
	}
	return out
}

// oneUnder gives the one span of a name under a parent.
func oneUnder(t *testing.T, spans []tracetest.Span, parent, name string) tracetest.Span {
	t.Helper()
	var found []tracetest.Span
	for _, s := range spans {
		if s.Name == name && s.Parent == parent {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q under %q in %v", len(found), name, parent, lines(spans))
	}
	return found[0]
}

func lines(spans []tracetest.Span) []string {
	var out []string
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%s>%s %s", s.Parent, s.ID, s.Name))
	}
	return out
}

// Issue 4: one message of a person is one trace, from the webhook to the provider's statuses, through a call to the outside;
// whatever died in between, the rows connect it.
func TestOneMessageIsOneTrace(t *testing.T) {
	t.Parallel()
	tracer, sent := openTraces(t, config.Traces{})
	w := newTracedWorld(t, tracer)
	w.says("oi")
	w.says("Rosa Lima")
	id, attempt, ok := models.ParseCallbackData(w.callback[1])
	if !ok {
		t.Fatalf("%q travelled with the send", w.callback)
	}
	w.deliver(t.Context(), fmt.Sprintf(`"statuses":[{"id":"wamid.OUT2","status":"delivered","timestamp":"%d","recipient_id":"558188004422","biz_opaque_callback_data":%q}]`, time.Now().Unix(), w.callback[1]))
	w.deliver(t.Context(), fmt.Sprintf(`"statuses":[{"id":"wamid.OUT1","status":"failed","timestamp":"%d","recipient_id":"558188004422","errors":[{"code":131026,"title":"Rosa"}]}]`, time.Now().Unix()))
	spans := sent()

	var roots []tracetest.Span
	for _, s := range spans {
		if s.Parent == "" {
			roots = append(roots, s)
		}
	}
	if len(roots) != 2 {
		t.Fatalf("%d traces of two messages: %v", len(roots), lines(spans))
	}
	first, second := tree(spans, roots[0].Trace), tree(spans, roots[1].Trace)
	if len(first)+len(second) != len(spans) {
		t.Errorf("%d spans are in neither trace", len(spans)-len(first)-len(second))
	}
	stored := oneUnder(t, first, roots[0].ID, "store delivery")
	step := oneUnder(t, first, stored.ID, "step")
	send := oneUnder(t, first, step.ID, "send")
	oneUnder(t, first, send.ID, "graph send")
	if failed := oneUnder(t, first, step.ID, "status failed"); failed.Attributes[trace.Provider] != int64(131026) { // the status names no attempt
		t.Errorf("%+v", failed)
	}

	stored = oneUnder(t, second, roots[1].ID, "store delivery")
	step = oneUnder(t, second, stored.ID, "step")
	transaction := oneUnder(t, second, step.ID, "transaction")
	oneUnder(t, second, transaction.ID, "engine")
	call := oneUnder(t, second, step.ID, "call")
	answered := oneUnder(t, second, call.ID, "step")
	send = oneUnder(t, second, answered.ID, "send")
	oneUnder(t, second, send.ID, "claim")
	graph := oneUnder(t, second, send.ID, "graph send")
	oneUnder(t, second, send.ID, "record")
	status := oneUnder(t, second, send.ID, "status delivered")
	if len(second) != 14 {
		t.Errorf("%d spans: %v", len(second), lines(second))
	}
	for what, c := range map[string][2]any{
		"the step's inbound": {step.Attributes[trace.Inbound], int64(1)}, "the step's message": {step.Attributes[trace.Message], w.Count(t, `SELECT max(id) FROM messages WHERE direction = 'in'`)},
		"its version": {step.Attributes[trace.FlowVersion], int64(1)}, "its run": {step.Attributes[trace.Run], w.Count(t, `SELECT id FROM flow_runs`)},
		"where it stands": {step.Attributes[trace.Node], "call"}, "what it waits for": {step.Attributes[trace.Wait], "call"},
		"the call's answer": {call.Attributes[trace.HTTPStatus], int64(200)}, "the next step's sends": {answered.Attributes[trace.Sent], int64(1)},
		"the message": {send.Attributes[trace.Message], int64(id)}, "its attempt": {send.Attributes[trace.Attempt], int64(1)}, "its outcome": {send.Attributes[trace.Outcome], "accepted"},
		"its account": {send.Attributes[trace.Account], int64(w.Account)}, "its connection": {send.Attributes[trace.Connection], int64(w.Connection.ID)},
		"Graph's answer": {graph.Attributes[trace.HTTPStatus], int64(200)}, "the method": {graph.Attributes[trace.Method], "POST"}, "the dials": {graph.Attributes[trace.Dials], int64(1)},
		"the status": {status.Attributes[trace.Status], "delivered"}, "its message": {status.Attributes[trace.Message], int64(id)},
		"the send's id": {send.ID, fmt.Sprintf("%x", attempt[8:])},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %v, want %v", what, c[0], c[1])
		}
	}
}

// What Meta refuses says so in its trace, with the code and without its words.
func TestARefusedSendFailsInItsTrace(t *testing.T) {
	t.Parallel()
	tracer, sent := openTraces(t, config.Traces{})
	w := newTracedWorld(t, tracer)
	w.refuse = 131026
	w.says("oi")
	var send, graph tracetest.Span
	for _, s := range sent() {
		switch s.Name {
		case "send":
			send = s
		case "graph send":
			graph = s
		}
	}
	if send.Failed != "rejected" || send.Attributes[trace.Provider] != int64(131026) || send.Attributes[trace.Outcome] != string(models.VerdictFail) ||
		graph.Parent != send.ID || graph.Failed != "rejected" || graph.Attributes[trace.HTTPStatus] != int64(400) || graph.Attributes[trace.Provider] != int64(131026) {
		t.Errorf("send %+v\ngraph %+v", send, graph)
	}
}

// Off, and not sampled: no span, and no row holds a mark.
func TestWhatIsNotTracedLeavesNothing(t *testing.T) {
	t.Parallel()
	off := newTracedWorld(t, nil)
	off.says("oi")
	off.says("Rosa")
	if n := off.marks(); n != 0 || len(off.callback) != 2 {
		t.Errorf("%d marks with traces off, %d sends", n, len(off.callback))
	}
	tracer, sent := openTraces(t, config.Traces{Sampler: "parentbased_traceidratio", SamplerArg: "0"})
	w := newTracedWorld(t, tracer)
	w.says("oi")
	w.says("Rosa")
	if n, spans := w.marks(), sent(); n != 0 || len(spans) != 0 || len(w.callback) != 2 {
		t.Errorf("%d marks and %d spans of what is not sampled, %d sends", n, len(spans), len(w.callback))
	}
}

// A mark comes through the columns as it is, and what goes on from it is kept whatever the sampler would say of a root.
func TestAMarkIsKeptInTheRows(t *testing.T) {
	t.Parallel()
	tracer, _ := openTraces(t, config.Traces{})
	w := newTracedWorld(t, tracer)
	w.says("oi")
	w.says("Rosa")
	if n := w.marks(); n != 6 { // two messages in, two out, a call and its result
		t.Errorf("%d marks", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE octet_length(trace) <> 24`); n != 0 {
		t.Errorf("%d marks are no marks", n)
	}
	// The out message is in the trace of the in message that led to it.
	if n := w.Count(t, `SELECT count(DISTINCT substring(trace FROM 1 FOR 16)) FROM messages`); n != 2 {
		t.Errorf("%d traces of two messages", n)
	}
}
