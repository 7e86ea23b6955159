package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// viewWorld has two queues, of which user 1 is in the first, an administrator (user 2), and eight conversations.
func viewWorld(t *testing.T) (*storetest.Fixture, time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: func() time.Time { return now }}), "visoes")
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, $1, 'a@a', 'Ana', 'user'), (2, $1, 'b@b', 'Bia', 'admin'), (3, $1, 'c@c', 'Caio', 'user')`, f.Account)
	f.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (1, $1, 'Vendas'), (2, $1, 'Financeiro')`, f.Account)
	f.Exec(t, `INSERT INTO queue_members (account_id, queue_id, user_id) VALUES ($1, 1, 1)`, f.Account)
	f.Exec(t, `INSERT INTO labels (id, account_id, name) VALUES (1, $1, 'VIP'), (2, $1, 'Atacado')`, f.Account)
	f.Exec(t, `INSERT INTO contacts (id, account_id, name, custom_values) SELECT 100 + g, $1, 'Pessoa ' || g,
		CASE g WHEN 1 THEN '{"plano": "Ouro", "pontos": 5}' WHEN 2 THEN '{"plano": ["Prata", "Ouro"]}' WHEN 3 THEN '{"plano": "50% off_"}' ELSE '{}' END::jsonb
		FROM generate_series(1, 8) g`, f.Account)
	f.Exec(t, `INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($1, 101, 1), ($1, 102, 1), ($1, 102, 2), ($1, 105, 2)`, f.Account)
	// 1 mine · 2 waiting in my queue · 3 waiting in the other queue · 4 snoozed, mine · 5 closed · 6 Caio's, of no queue · 7 nothing · 8 waiting of nobody
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, queue_id, agent_id, ticket_state, snoozed, unread_count, priority,
			window_state, chatbot_disabled, opened_at, first_unanswered_at, last_message_at)
		SELECT 100 + g, $1, g, $2, 100 + g, CASE WHEN g IN (2, 5) THEN 1 WHEN g = 3 THEN 2 END, CASE WHEN g IN (1, 4) THEN 1 WHEN g = 6 THEN 3 END,
			CASE WHEN g IN (1, 4, 6) THEN 'open' WHEN g IN (2, 3, 8) THEN 'waiting' END, g = 4, CASE WHEN g IN (2, 3) THEN 2 ELSE 0 END,
			CASE WHEN g = 1 THEN 'urgent' WHEN g = 2 THEN 'high' ELSE 'none' END, CASE WHEN g = 1 THEN 'expiring' ELSE 'none' END, g = 7,
			CASE WHEN g <= 6 THEN $3::timestamptz - g * interval '1 hour' END, CASE WHEN g IN (2, 3, 8) THEN $3::timestamptz - g * interval '10 minutes' END,
			$3::timestamptz - g * interval '1 minute'
		FROM generate_series(1, 8) g`, f.Account, f.Connection.ID, now)
	f.Exec(t, `INSERT INTO conversation_followers (account_id, conversation_id, user_id) VALUES ($1, 102, 1), ($1, 103, 2)`, f.Account)
	return f, now
}

func tree(t *testing.T, body string) *models.Filter {
	t.Helper()
	f, err := models.ParseFilter("filter", []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return f
}

// listedBy are the numbers of the conversations that a viewer finds with a filter. The count must be the same.
func listedBy(t *testing.T, f *storetest.Fixture, w store.Viewer, trees ...*models.Filter) string {
	t.Helper()
	filter := store.ConversationFilter{Tree: trees}
	rows, err := f.Conversations(t.Context(), f.Account, w, filter, store.ConversationPage{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := f.ConversationCounts(t.Context(), f.Account, w, filter)
	if err != nil {
		t.Fatal(err)
	}
	if n := counts[models.ViewAll].Total; n != int64(len(rows)) {
		t.Errorf("%d are counted and %d listed", n, len(rows))
	}
	numbers := make([]string, len(rows))
	for i, r := range rows {
		numbers[i] = fmt.Sprint(r.Number)
	}
	return strings.Join(numbers, " ")
}

// TestFiltersOfSavedViews: each condition lets through what its words say, groups lie in each other, and nobody finds what is
// out of sight.
func TestFiltersOfSavedViews(t *testing.T) {
	t.Parallel()
	f, _ := viewWorld(t)
	everything, ana := store.Viewer{User: 2, Everything: true}, store.Viewer{User: 1}
	for _, c := range []struct{ filter, all, ana string }{
		{`{}`, "1 2 3 4 5 6 7 8", "1 2 4 5 7 8"},
		{`{"and": []}`, "1 2 3 4 5 6 7 8", "1 2 4 5 7 8"},
		{`{"field": "queue", "op": "in", "value": [1]}`, "2", "2"},
		{`{"field": "queue", "op": "in", "value": [1, 2]}`, "2 3", "2"},
		{`{"field": "queue", "op": "not_in", "value": [1]}`, "1 3 4 5 6 7 8", "1 4 5 7 8"},
		{`{"field": "queue", "op": "present"}`, "2 3", "2"},
		{`{"field": "agent", "op": "in", "value": ["me"]}`, "", "1 4"},
		{`{"field": "agent", "op": "in", "value": ["me", 3]}`, "6", "1 4"},
		{`{"field": "agent", "op": "empty"}`, "2 3 5 7 8", "2 5 7 8"},
		{`{"field": "label", "op": "in", "value": [1]}`, "1 2", "1 2"},
		{`{"field": "label", "op": "not_in", "value": [1]}`, "3 4 5 6 7 8", "4 5 7 8"},
		{`{"field": "label", "op": "empty"}`, "3 4 6 7 8", "4 7 8"},
		{`{"field": "state", "op": "in", "value": ["snoozed", "none"]}`, "4 5 7", "4 5 7"},
		{`{"field": "state", "op": "not_in", "value": ["none"]}`, "1 2 3 4 6 8", "1 2 4 8"},
		{`{"field": "priority", "op": "in", "value": ["urgent", "high"]}`, "1 2", "1 2"},
		{`{"field": "window", "op": "in", "value": ["expiring"]}`, "1", "1"},
		{`{"field": "in_charge", "op": "in", "value": ["flow"]}`, "", ""},
		{`{"field": "flow", "op": "present"}`, "", ""},
		{`{"field": "unread", "op": "is", "value": true}`, "2 3", "2"},
		{`{"field": "unread", "op": "is", "value": false}`, "1 4 5 6 7 8", "1 4 5 7 8"},
		{`{"field": "followed", "op": "is", "value": true}`, "3", "2"},
		{`{"field": "chatbot_off", "op": "is", "value": true}`, "7", "7"},
		{`{"field": "opened_at", "op": "older_than", "value": 150}`, "3 4 5 6", "4 5"},
		{`{"field": "opened_at", "op": "newer_than", "value": 150}`, "1 2", "1 2"},
		{`{"field": "opened_at", "op": "empty"}`, "7 8", "7 8"},
		{`{"field": "waiting_since", "op": "older_than", "value": 25}`, "3 8", "8"},
		{`{"field": "waiting_since", "op": "present"}`, "2 3 8", "2 8"},
		{`{"field": "last_message", "op": "newer_than", "value": 2}`, "1 2", "1 2"},
		{`{"field": "contact_field", "key": "plano", "op": "is", "value": "Ouro"}`, "1 2", "1 2"},
		{`{"field": "contact_field", "key": "plano", "op": "is_not", "value": "Ouro"}`, "3 4 5 6 7 8", "4 5 7 8"},
		{`{"field": "contact_field", "key": "pontos", "op": "is", "value": "5"}`, "1", "1"},
		{`{"field": "contact_field", "key": "plano", "op": "contains", "value": "OURO"}`, "1 2", "1 2"},
		{`{"field": "contact_field", "key": "plano", "op": "contains", "value": "0% off_"}`, "3", ""},
		{`{"field": "contact_field", "key": "plano", "op": "contains", "value": "0_"}`, "", ""},
		{`{"field": "contact_field", "key": "plano", "op": "empty"}`, "4 5 6 7 8", "4 5 7 8"},
		{`{"field": "contact_field", "key": "x' OR true --", "op": "is", "value": "'; DROP TABLE conversations; --"}`, "", ""},
		{`{"or": [{"field": "agent", "op": "in", "value": ["me"]}, {"and": [{"field": "queue", "op": "in", "value": [1, 2]},
			{"or": [{"field": "priority", "op": "in", "value": ["high"]}, {"field": "label", "op": "in", "value": [2]}]}]}]}`, "2", "1 2 4"},
		{`{"not": {"or": [{"field": "state", "op": "in", "value": ["none"]}, {"field": "unread", "op": "is", "value": true}]}}`, "1 4 6 8", "1 4 8"},
		{`{"and": [{"field": "label", "op": "in", "value": [1]}, {"field": "unread", "op": "is", "value": true}]}`, "2", "2"},
	} {
		if got := listedBy(t, f, everything, tree(t, c.filter)); got != c.all {
			t.Errorf("%s: Bia finds %q, want %q", c.filter, got, c.all)
		}
		if got := listedBy(t, f, ana, tree(t, c.filter)); got != c.ana {
			t.Errorf("%s: Ana finds %q, want %q", c.filter, got, c.ana)
		}
	}
	two := []*models.Filter{tree(t, `{"field": "queue", "op": "in", "value": [1, 2]}`), tree(t, `{"field": "queue", "op": "not_in", "value": [1]}`)}
	if got := listedBy(t, f, everything, two...); got != "3" {
		t.Errorf("a view and a filter find %q, want 3", got)
	}
}

// TestSavedViewsAreSeenByWhomTheyAreSharedWith: own views, those of the account and those of one's queues. Only people who change
// settings share and change shared ones. Everybody has an order of their own.
func TestSavedViewsAreSeenByWhomTheyAreSharedWith(t *testing.T) {
	t.Parallel()
	f, _ := viewWorld(t)
	ana, bia, caio := store.Viewer{User: 1}, store.Viewer{User: 2, Everything: true}, store.Viewer{User: 3}
	save := func(w store.Viewer, id models.SavedViewID, name string, sharing models.Sharing, shares bool, queues ...models.QueueID) (models.SavedViewID, error) {
		return f.SaveView(t.Context(), f.Account, w, id, store.SavedViewPatch{Name: &name, Filter: json.RawMessage(`{"field": "unread", "op": "is", "value": true}`),
			Sharing: &sharing, Queues: queues, Shares: shares})
	}
	must := func(id models.SavedViewID, err error) models.SavedViewID {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	names := func(w store.Viewer) string {
		rows, err := f.SavedViews(t.Context(), f.Account, w)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]string, len(rows))
		for i, r := range rows {
			out[i] = r.Name
		}
		return strings.Join(out, ", ")
	}
	own := must(save(ana, 0, " De Ana ", models.SharedWithNobody, false))
	all := must(save(bia, 0, "De todos", models.SharedWithAccount, true))
	sales := must(save(bia, 0, "De Vendas", models.SharedWithQueues, true, 1))
	if d := cmp.Diff([]string{"De Ana, De todos, De Vendas", "De todos, De Vendas", "De todos"}, []string{names(ana), names(bia), names(caio)}); d != "" {
		t.Error(d)
	}
	if _, err := f.SavedView(t.Context(), f.Account, caio, sales); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("Caio reads a view of another queue: %v", err)
	}
	if _, err := f.SavedView(t.Context(), f.Account+1, bia, all); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another account reads a view: %v", err)
	}
	for name, err := range map[string]error{
		"share":           func() error { _, err := save(ana, own, "x", models.SharedWithAccount, false); return err }(),
		"change shared":   func() error { _, err := save(ana, all, "x", models.SharedWithAccount, false); return err }(),
		"take for myself": func() error { _, err := save(ana, all, "x", models.SharedWithNobody, false); return err }(),
		"remove shared":   f.RemoveView(t.Context(), f.Account, ana, all, false),
	} {
		if models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	if _, err := save(bia, 0, "sem filas", models.SharedWithQueues, true); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a view is shared with no queue: %v", err)
	}
	if _, err := save(bia, 0, "fila de outra conta", models.SharedWithQueues, true, 77); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a view is shared with a queue that is not there: %v", err)
	}
	if err := f.OrderViews(t.Context(), f.Account, ana, []models.SavedViewID{sales, own}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"De Vendas, De Ana, De todos", "De todos, De Vendas"}, []string{names(ana), names(bia)}); d != "" {
		t.Error(d)
	}
	if err := f.OrderViews(t.Context(), f.Account, caio, []models.SavedViewID{sales}); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("Caio orders what is not seen: %v", err)
	}
	rows, err := f.SavedViews(t.Context(), f.Account, ana)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := f.CountSavedViews(t.Context(), f.Account, ana, rows)
	if err != nil || counts[sales] != (store.ViewCount{Total: 1, Unread: 1}) {
		t.Errorf("counted %v, %v", counts[sales], err)
	}
	if err := f.RemoveView(t.Context(), f.Account, ana, own, false); err != nil {
		t.Fatal(err)
	}
	if _, err := save(bia, sales, "Só de Bia", models.SharedWithNobody, true); err != nil || names(ana) != "De todos" {
		t.Errorf("after taking a view back Ana sees %q, %v", names(ana), err)
	}
}

// TestFiltersAreBounded: what is too deep, too large, or not what a field can have is refused with a sentence.
func TestFiltersAreBounded(t *testing.T) {
	t.Parallel()
	leaf := `{"field": "unread", "op": "is", "value": true}`
	deep := func(n int) string { return strings.Repeat(`{"and": [`, n) + leaf + strings.Repeat(`]}`, n) }
	wide := func(n int) string { return `{"or": [` + strings.TrimSuffix(strings.Repeat(leaf+",", n), ",") + `]}` }
	for _, good := range []string{leaf, deep(models.FilterMaxDepth - 1), wide(models.FilterMaxLeaves), `{"not": {"not": ` + leaf + `}}`} {
		if _, err := models.ParseFilter("f", []byte(good)); err != nil {
			t.Errorf("%.60s is refused: %v", good, err)
		}
	}
	for _, bad := range []string{
		`[]`, `7`, ``, deep(models.FilterMaxDepth), wide(models.FilterMaxLeaves + 1), `{"or": [` + wide(30) + `,` + wide(30) + `]}`,
		`{"and": [], "or": []}`, `{"op": "in"}`, `{"field": "password", "op": "is", "value": "x"}`, `{"field": "unread", "op": "contains", "value": true}`,
		`{"field": "unread", "op": "is", "value": "yes"}`, `{"field": "unread", "op": "is"}`, `{"field": "queue", "op": "in", "value": []}`,
		`{"field": "queue", "op": "in", "value": [0]}`, `{"field": "queue", "op": "in", "value": ["me"]}`, `{"field": "agent", "op": "in", "value": ["you"]}`,
		`{"field": "state", "op": "in", "value": ["closed"]}`, `{"field": "opened_at", "op": "older_than", "value": 0}`,
		`{"field": "opened_at", "op": "older_than", "value": 1.5}`, `{"field": "opened_at", "op": "older_than", "value": 99999999}`,
		`{"field": "contact_field", "op": "is", "value": "x"}`, `{"field": "unread", "op": "is", "value": true, "key": "x"}`,
		`{"field": "contact_field", "key": "x", "op": "is", "value": "` + strings.Repeat("é", models.FilterMaxText+1) + `"}`,
		`{"field": "contact_field", "key": "x", "op": "is", "value": ""}`, `{"field": "agent", "op": "in", "value": [` + strings.Repeat("1,", models.FilterMaxValues) + `1]}`,
	} {
		if _, err := models.ParseFilter("f", []byte(bad)); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("%.80s: %v, want it refused", bad, err)
		}
	}
}

// 0091: views of before keep who sees them; and back.
func TestOldViewsKeepWhoSeesThem(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 91)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, 1, 'a@a', 'Ana', 'user')`)
	f.Exec(t, `INSERT INTO saved_views (id, account_id, user_id, name, filter) VALUES (1, 1, 1, 'minha', '{}'), (2, 1, NULL, 'de todos', '{}')`)
	for range 2 {
		migrate(t, f, 0)
		if d := cmp.Diff([]string{"1 private", "2 account"}, texts(t, f, `SELECT id || ' ' || sharing FROM saved_views ORDER BY id`)); d != "" {
			t.Errorf("views (-want +got):\n%s", d)
		}
		migrate(t, f, 91)
	}
}
