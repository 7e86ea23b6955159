//go:build stack

package house_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/perene/perene/internal/trace/tracetest"
)

const tracedPhone = "5511987650666" // whose messages are followed

// Issue 4: one message of a person is one trace, over both processes, from the webhook to the statuses that come back, with
// parents as they are and ids of ours.
func TestOneMessageIsOneTrace(t *testing.T) {
	s := theStack(t)
	s.control(t, http.MethodPost, "/people", map[string]any{"id": "traced", "phone": tracedPhone, "name": canaryName})
	s.says(t, number, "traced", canaryText)
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	ask := s.whole(t, db, 1)
	root := ask.one(t, "", "webhook")
	stored := ask.one(t, root.ID, "store delivery")
	ring := ask.one(t, stored.ID, "ring FlowRun")
	step := ask.one(t, stored.ID, "step")
	transaction := ask.one(t, step.ID, "transaction")
	ask.one(t, transaction.ID, "engine")
	send := ask.one(t, step.ID, "send")
	ask.one(t, send.ID, "claim")
	graph := ask.one(t, send.ID, "graph send")
	ask.one(t, send.ID, "record")
	delivered := ask.one(t, send.ID, "status delivered")
	if root.Kind != otlp.Span_SPAN_KIND_SERVER || graph.Kind != otlp.Span_SPAN_KIND_CLIENT {
		t.Errorf("the webhook is a %v, the call a %v", root.Kind, graph.Kind)
	}

	var account, conversation, connection, in, out, run int64
	if err := db.QueryRow(t.Context(), `SELECT c.account_id, c.id, c.connection_id, (SELECT min(id) FROM messages m WHERE m.conversation_id = c.id AND direction = 'in'),
		(SELECT min(id) FROM messages m WHERE m.conversation_id = c.id AND direction = 'out'), (SELECT min(id) FROM flow_runs r WHERE r.conversation_id = c.id)
		FROM conversations c WHERE c.address LIKE '%' || $1`, tracedPhone[5:]).Scan(&account, &conversation, &connection, &in, &out, &run); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string][2]any{
		"the webhook is answered by": {root.Service, "perene-api"}, "the step is taken by": {step.Service, "perene-worker"}, "the status comes by": {delivered.Service, "perene-api"},
		"the webhook's answer": {root.Attributes["http.response.status_code"], int64(200)}, "its route": {root.Attributes["http.route"], "/webhooks/meta/{key}"},
		"its connection": {root.Attributes["perene.connection.id"], connection}, "what is stored": {stored.Attributes["perene.stored"], int64(1)},
		"who is rung": {ring.Attributes["perene.workflow"], fmt.Sprintf("flow-run/%d", run)}, "the ring": {ring.Attributes["perene.outcome"], "answered"},
		"the step's run": {step.Attributes["perene.run.id"], run}, "its conversation": {step.Attributes["perene.conversation.id"], conversation},
		"its message": {step.Attributes["perene.message.id"], in}, "its version": {step.Attributes["perene.flow.version"], int64(1)}, "its node": {step.Attributes["perene.node"], "ask"},
		"the message that is sent": {send.Attributes["perene.message.id"], out}, "its account": {send.Attributes["perene.account.id"], account},
		"its attempt": {send.Attributes["perene.attempt"], int64(1)}, "its outcome": {send.Attributes["perene.outcome"], "accepted"},
		"the provider's answer": {graph.Attributes["http.response.status_code"], int64(200)}, "the status": {delivered.Attributes["perene.status"], "delivered"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s %v, want %v", what, c[0], c[1])
		}
	}
	for _, span := range ask {
		if span.End.Before(span.Start) || (span.ID != root.ID && span.Start.Before(root.Start)) {
			t.Errorf("%s lasts from %v to %v", span.Name, span.Start, span.End)
		}
	}

	// The answer leads to a call to the outside, and its result to the echo: all of it one trace.
	s.says(t, number, "traced", canaryText)
	echo := s.whole(t, db, 2)
	asked := echo.one(t, echo.one(t, echo.one(t, "", "webhook").ID, "store delivery").ID, "step")
	call := echo.one(t, asked.ID, "call")
	answered := echo.one(t, call.ID, "step")
	if sent := echo.one(t, answered.ID, "send"); sent.Trace == send.Trace || call.Attributes["http.response.status_code"] != int64(200) {
		t.Errorf("%+v %+v", sent, call)
	}
	t.Logf("\n%s\n%s", ask.draw("", ""), echo.draw("", ""))
}

// A send that the provider refuses is found by its code.
func TestARefusedSendIsFoundInTraces(t *testing.T) {
	s := theStack(t)
	until(t, "a span tells of the refusal", func() bool {
		return slices.ContainsFunc(s.collector.Spans(), func(span tracetest.Span) bool {
			return span.Name == "graph send" && span.Attributes["perene.code"] == int64(131026) && span.Attributes["http.response.status_code"] == int64(400) && span.Failed == "rejected"
		})
	})
}

// aTrace is the spans of one trace.
type aTrace []tracetest.Span

// whole waits for the n-th trace of the person whose messages are followed: until a status of it came.
func (s *stack) whole(t *testing.T, db *pgx.Conn, n int) aTrace {
	t.Helper()
	var out aTrace
	until(t, fmt.Sprintf("trace %d is whole", n), func() bool {
		rows, err := db.Query(t.Context(), `SELECT encode(substring(trace FROM 1 FOR 16), 'hex') FROM messages m JOIN conversations c ON c.id = m.conversation_id
			WHERE c.address LIKE '%' || $1 AND m.direction = 'in' AND trace IS NOT NULL ORDER BY m.id`, tracedPhone[5:])
		if err != nil {
			t.Fatal(err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) < n {
			return false
		}
		out = nil
		for _, span := range s.collector.Spans() {
			if span.Trace == ids[n-1] {
				out = append(out, span)
			}
		}
		has := func(name string) bool {
			return slices.ContainsFunc(out, func(s tracetest.Span) bool { return s.Name == name })
		}
		return has("status delivered") && has("record") && has("webhook") && has("ring FlowRun")
	})
	return out
}

// one is the span of a name under a parent; there is exactly one.
func (a aTrace) one(t *testing.T, parent, name string) tracetest.Span {
	t.Helper()
	var found []tracetest.Span
	for _, s := range a {
		if s.Name == name && s.Parent == parent {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q under %q in\n%s", len(found), name, parent, a.draw("", ""))
	}
	return found[0]
}

// draw writes a trace as a tree, for people.
func (a aTrace) draw(parent, indent string) string {
	var b strings.Builder
	for _, s := range a {
		if s.Parent == parent {
			fmt.Fprintf(&b, "%-34s %-13s %9.3f ms\n%s", indent+s.Name, s.Service, float64(s.End.Sub(s.Start).Microseconds())/1000, a.draw(s.ID, indent+"  "))
		}
	}
	return b.String()
}

// inSpans looks at every byte that was sent to the collector and counts the spans.
func (s *search) inSpans(t *testing.T, bodies [][]byte) int {
	t.Helper()
	n := 0
	for _, body := range bodies {
		s.in("spans of all processes", body)
		var batch collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &batch); err != nil {
			t.Fatal(err)
		}
		n += len(tracetest.Read(&batch))
	}
	return n
}

// outside are the ids by which providers know people and messages: they hold or stand for numbers, so no span has one.
func (s *stack) outside(t *testing.T) map[string]string {
	t.Helper()
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	rows, err := db.Query(t.Context(), `SELECT DISTINCT what, id FROM (SELECT 'provider''s message id' AS what, provider_message_id AS id FROM messages
		UNION ALL SELECT 'address', address FROM conversations) x WHERE length(id) >= 8`)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	var what, id string
	if _, err := pgx.ForEachRow(rows, []any{&what, &id}, func() error { words[what+" "+id] = id; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(words) < 8 {
		t.Errorf("only %d ids of providers", len(words))
	}
	return words
}

// plantedSpan is a batch with a word of a customer in a span, as a process would send it.
func plantedSpan(t *testing.T, word string) []byte {
	t.Helper()
	body, err := proto.Marshal(&collector.ExportTraceServiceRequest{ResourceSpans: []*otlp.ResourceSpans{{ScopeSpans: []*otlp.ScopeSpans{{Spans: []*otlp.Span{{
		Name: "send", Attributes: []*common.KeyValue{{Key: "url.full", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "https://x/?q=" + word}}}},
	}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
