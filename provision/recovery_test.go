package provision_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// The statement that docs/operations.md gives for a lost Temporal rings what is alive, with the inputs the program writes.
func TestTheRecoveryStatementRingsWhatIsAlive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	docs, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	statement := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(docs)
	if statement == nil {
		t.Fatal("docs/operations.md has no statement")
	}
	var account models.AccountID
	var connection models.ConnectionID
	var flow models.FlowID
	var version models.FlowVersionID
	if err := w.s.Pool().QueryRow(t.Context(), `SELECT f.account_id, c.id, f.id, f.published_version_id FROM flows f, connections c
		WHERE f.name = 'Boas-vindas' AND c.key = 'suporte-01'`).Scan(&account, &connection, &flow, &version); err != nil {
		t.Fatal(err)
	}
	const conversation, run, message, media = 12, 13, 14, 15 // of contact 11
	for _, sql := range []string{
		`DELETE FROM doorbells`,
		`UPDATE connections SET state = 'removed' WHERE key = 'comercial'`,
		`INSERT INTO contacts (id, account_id) SELECT 11, id FROM accounts`,
		`INSERT INTO conversations (id, account_id, number, connection_id, contact_id, window_state) SELECT 12, account_id, 1, id, 11, 'expiring' FROM connections WHERE key = 'suporte-01'`,
		`INSERT INTO conversations (id, account_id, number, connection_id, contact_id, window_state) SELECT 99, account_id, 2, id, 11, 'expired' FROM connections WHERE key = 'comercial'`,
		`INSERT INTO flow_runs (id, account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, status)
			SELECT x.id, f.account_id, f.id, f.published_version_id, 12, 11, c.id, x.status FROM flows f, connections c, (VALUES (13, 'waiting'), (98, 'ended')) x (id, status)
			WHERE f.name = 'Boas-vindas' AND c.key = 'suporte-01'`,
		`INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state)
			SELECT x.id, account_id, 12, c.id, 11, 'out', 'bot', 'text', '{}', x.state FROM connections c, (VALUES (14, 'retry'), (97, 'accepted')) x (id, state) WHERE key = 'suporte-01'`,
		`INSERT INTO media (id, account_id, connection_id, provider_media_id, kind, state) SELECT x.id, account_id, c.id, 'm', 'image', x.state
			FROM connections c, (VALUES (15, 'pending'), (96, 'stored')) x (id, state) WHERE key = 'suporte-01'`,
		string(statement[1]),
	} {
		if _, err := w.s.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	got := map[string]string{}
	bells, err := w.s.Pool().Query(t.Context(), `SELECT workflow_type || ' ' || workflow_id, input::text FROM doorbells`)
	if err != nil {
		t.Fatal(err)
	}
	for bells.Next() {
		var who, input string
		if err := bells.Scan(&who, &input); err != nil {
			t.Fatal(err)
		}
		got[who] = string(canonical(t, []byte(input)))
	}
	want := map[string]string{}
	for _, d := range []contract.Doorbell{
		contract.ConnectionStart{AccountID: account, ConnectionID: connection}.Doorbell(),
		contract.FlowRunStart{AccountID: account, RunID: run, ConversationID: conversation, ConnectionID: connection, FlowID: flow, VersionID: version, Version: 1}.Doorbell(),
		contract.SessionWindowStart{AccountID: account, ConversationID: conversation, ConnectionID: connection}.Doorbell(),
		contract.DeliveryRetryStart{AccountID: account, MessageID: message, ConversationID: conversation, ConnectionID: connection}.Doorbell(),
		contract.MediaFetchStart{AccountID: account, MediaID: media, ConnectionID: connection}.Doorbell(),
	} {
		want[d.WorkflowType+" "+d.WorkflowID] = string(canonical(t, d.Input))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("doorbells (-want +got):\n%s", d)
	}
}

func canonical(t *testing.T, raw []byte) []byte {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
