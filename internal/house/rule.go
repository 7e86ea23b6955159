package house

import "strings"

//go:generate go run ./table ../../docs/architecture.md

// Room is a row of the import rule: what a room of ours holds, and what it may import.
type Room struct {
	// Name is a package, or with /... a package and all below it.
	Name string
	// What is in the room, for the table in docs/architecture.md.
	What string
	// May lists the packages of ours that the room may import, or with /... all below them too.
	May []string
	// Never lists what the room must not import from elsewhere, with the reason.
	Never map[string]string
}

// Anything lets a room import every package of ours.
const Anything = "..."

// pure is what the engine, the contract and the nouns stay away from.
var pure = map[string]string{
	"net":                "no I/O",
	"net/http":           "no I/O",
	"os":                 "no I/O",
	"os/exec":            "no I/O",
	"database/sql":       "no I/O",
	"log":                "what happened is returned, and callers log",
	"log/slog":           "what happened is returned, and callers log",
	"math/rand":          "chance is handed in",
	"math/rand/v2":       "chance is handed in",
	"crypto/rand":        "chance is handed in",
	"go.temporal.io/...": "the engine and the nouns know no Temporal",
	"gorm.io/...":        "rows are the store's",
}

// adapter is what an adapter of a provider stays away from.
var adapter = map[string]string{
	"go.temporal.io/...": "retries are decided in activities and workflows", "gorm.io/...": "an adapter stores nothing",
}

// Everywhere is what no room imports.
func Everywhere() map[string]string {
	return map[string]string{
		"github.com/pkg/errors": "use errors and fmt.Errorf with %w",
		"io/ioutil":             "use io and os",
		"golang.org/x/exp/...":  "use the standard library",
	}
}

// Rule is the import rule. The first row whose name fits a package counts.
func Rule() []Room {
	return []Room{
		{Name: "models", What: "nouns: entities, typed ids, states, pure predicates and decisions, errors with codes; `doc.go` is the glossary", Never: pure},
		{Name: "contract", What: "what rooms say to each other: task queues, names, ids, inputs, results, doorbells; one file a workflow",
			May: []string{"models"}, Never: pure},
		{Name: "flow/terminal", What: "conversations with a flow, played in a terminal, as a test, or for the simulator", May: []string{"flow", "models"}},
		{Name: "flow", What: "the engine: document, kinds of nodes, one step, linter; no clock, network, database or chance", Never: pure},
		{Name: "flow/...", What: "the schema of flow documents", May: []string{"flow"}, Never: pure},
		{Name: "hours", What: "opening hours: calendars of what an account sets, holidays by year", May: []string{"flow", "models"}, Never: pure},
		{Name: "channels/channeltest", What: "the suite that every adapter passes", May: []string{"channels", "models", "internal/..."}},
		{Name: "channels/meta", What: "Graph client, signatures, the table of error codes", May: []string{"channels", "models", "internal/..."}, Never: adapter},
		{Name: "channels", What: "the port: words in and out, capabilities, send errors, error policies", May: []string{"models", "internal/..."}, Never: adapter},
		{Name: "channels/...", What: "an adapter for each provider; none imports another",
			May: []string{"channels", "channels/meta", "models", "internal/..."}, Never: adapter},
		{Name: "store/...", What: "Postgres: transactions, SQL, migrations; `storetest` gives each test a clone",
			May: []string{"store/...", "contract", "flow", "hours", "models", "internal/..."}, Never: map[string]string{
				"net/http": "no HTTP in the store", "go.temporal.io/...": "no Temporal in the store",
			}},
		{Name: "sender", What: "the one sender of a connection: session, lease, pace, bus, receipts; loops and waits live here",
			May: []string{"channels", "contract", "models", "internal/..."}, Never: map[string]string{
				"gorm.io/...": "stores arrive as interfaces", "database/sql": "stores arrive as interfaces",
				"go.temporal.io/...": "activities run it; it knows no Temporal",
			}},
		{Name: "activities", What: "verbs: step a flow, call out, run a sender, fetch a file; `errors.go` alone decides about retries",
			May: []string{"channels", "contract", "flow", "hours", "sender", "models", "internal/..."}, Never: map[string]string{
				"gorm.io/...": "stores arrive as interfaces", "database/sql": "stores arrive as interfaces",
			}},
		{Name: "workflows", What: "processes: one file and one value of the table (`table.go`) each", May: []string{"contract", "models"}, Never: map[string]string{
			"net": "no I/O", "net/http": "no I/O", "os": "no I/O", "database/sql": "no I/O", "gorm.io/...": "rows are no payloads",
			"math/rand": "not deterministic", "math/rand/v2": "not deterministic", "crypto/rand": "not deterministic",
		}},
		{Name: "worker", What: "registration, task queues, tuning", May: []string{"workflows", "activities", "contract", "models", "internal/..."}},
		{Name: "ring", What: "rings doorbells (ADR 2), dispatches what was left behind, gives commands to workflows",
			May: []string{"workflows", "contract", "models", "internal/..."}},
		{Name: "api/...", What: "HTTP at the edge: contract, permissions, webhooks, `intake` (a delivery to the store), `live` (WebSocket)",
			May: []string{"api/...", "store", "channels", "contract", "flow", "flow/terminal", "hours", "models", "internal/..."}},
		{Name: "provision", What: "account files and sign-in links; at the edge, as the API is",
			May: []string{"store", "channels", "channels/meta", "contract", "flow", "hours", "models", "internal/..."}},
		{Name: "doctor", What: "checks with remedies, of everything that the program needs",
			May: []string{"store", "channels", "channels/meta", "workflows", "contract", "models", "internal/..."}},
		{Name: "cmd/...", What: "the composition root: plain Go, one file a command; api and worker stand on `process.go`", May: []string{Anything}},
		{Name: "examples/...", What: "the demo account; its test walks the demo's flows", May: []string{"flow"}},
		{Name: "sim/...", What: "Meta and the customer's phone, simulated with types of their own", May: []string{"sim/..."}},
		{Name: "bench/...", What: "load against a running stack, from outside", May: []string{Anything}},
		{Name: "chaos/...", What: "faults and kills against a running stack, from outside", May: []string{Anything}},
		{Name: "internal/...", What: "plumbing without domain words: configuration, sealing, tokens, passwords, traces; `house` tests these rules",
			May: []string{"internal/..."}},
		{Name: "web", What: "the console, embedded"},
	}
}

// The marks between which docs/architecture.md has the table.
const (
	TableBegins = "<!-- The table of rooms: `make generate` writes it from internal/house/rule.go. -->\n"
	TableEnds   = "<!-- The end of the table of rooms. -->\n"
)

// Table is the rule as a table in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| Room | What is in it | May import of ours |\n|---|---|---|\n")
	for _, r := range Rule() {
		may := make([]string, len(r.May))
		for i, p := range r.May {
			may[i] = "`" + strings.TrimSuffix(p, "/...") + "`"
		}
		says := strings.Join(may, ", ")
		switch {
		case len(r.May) == 0:
			says = "nothing"
		case r.May[0] == Anything:
			says = "everything"
		}
		b.WriteString("| `" + strings.TrimSuffix(r.Name, "/...") + "` | " + r.What + " | " + says + " |\n")
	}
	return b.String()
}
