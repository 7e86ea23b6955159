package store_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

func ptrTo[T any](v T) *T { return &v }

// makeQueue makes a queue by its name.
func makeQueue(t *testing.T, f *storetest.Fixture, name string) models.QueueID {
	t.Helper()
	id, err := f.ChangeQueue(t.Context(), f.Account, 0, store.QueuePatch{Name: &name}, store.AuditEntry{})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// An archived queue is in no menu and no choice of a flow, and the linter names it; a restored one is there again.
func TestArchivedQueuesLeaveFlows(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "archived")
	makeQueue(t, f, "Vendas")
	support := makeQueue(t, f, "Suporte")
	doc := []byte(`{"spec_version":1,"name":"T","category":"manual","start":"a","nodes":[
		{"id":"a","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"Suporte"}]}}]}`)
	for _, archived := range []bool{true, false} {
		if err := f.ArchiveSetting(t.Context(), f.Account, store.SettingQueues, int64(support), archived, store.AuditEntry{}); err != nil {
			t.Fatal(err)
		}
		env, err := f.ReadFlowEnv(t.Context(), f.Account, f.Connection.ID)
		if err != nil {
			t.Fatal(err)
		}
		if known := slices.ContainsFunc(env.Queues, func(q models.Queue) bool { return q.ID == support }); known == archived {
			t.Errorf("archived %v: flows know the queue: %v", archived, known)
		}
		lint, err := f.LintEnv(t.Context(), f.Account, nil)
		if err != nil {
			t.Fatal(err)
		}
		named := slices.ContainsFunc(flow.Lint(doc, lint), func(p flow.Problem) bool { return p.Code == "queue_archived" })
		if named != archived {
			t.Errorf("archived %v: the linter says so: %v", archived, named)
		}
	}
}

// An archived field is none that a contact takes, a flow knows or the account lists; its value may only be cleared.
func TestAnArchivedFieldTakesNoValue(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "fields")
	id, err := f.ChangeField(t.Context(), f.Account, 0, store.FieldPatch{Entity: "contact", Key: "plano", Kind: "text", Name: ptrTo("Plano")}, store.AuditEntry{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.ArchiveSetting(t.Context(), f.Account, store.SettingFields, int64(id), true, store.AuditEntry{}); err != nil {
		t.Fatal(err)
	}
	var contact models.ContactID
	if err := f.Pool().QueryRow(t.Context(), `INSERT INTO contacts (account_id, name, custom_values) VALUES ($1, 'Ana', '{"plano": "Ouro"}') RETURNING id`, f.Account).Scan(&contact); err != nil {
		t.Fatal(err)
	}
	set := func(value any) error {
		return f.UpdateContact(t.Context(), f.Account, contact, store.ContactPatch{CustomValues: map[string]any{"plano": value}, Viewer: store.Viewer{Everything: true}})
	}
	if err := set("Prata"); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("an archived field takes a value: %v", err)
	}
	if err := set(nil); err != nil {
		t.Errorf("the value of an archived field is not cleared: %v", err)
	}
	fields, err := f.CustomFields(t.Context(), f.Account)
	if err != nil || len(fields) != 0 {
		t.Errorf("the account lists %v, %v", fields, err)
	}
}

// Two people who change two fields of one queue at once lose nothing, though the row is saved whole. Each is told to the
// console and stands in the audit log.
func TestChangesOfSettingsAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "at-once")
	queue := makeQueue(t, f, "Vendas")
	patches := []store.QueuePatch{{Color: ptrTo("#0f766e")}, {WriteLock: ptrTo(true)}, {LeaseMinutes: ptrTo(20)}, {BotOrder: ptrTo(7)}, {Name: ptrTo("Comercial")}}
	var all sync.WaitGroup
	for _, patch := range patches {
		all.Go(func() {
			if _, err := f.ChangeQueue(t.Context(), f.Account, queue, patch, store.AuditEntry{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	q, err := f.Queue(t.Context(), f.Account, queue)
	if err != nil {
		t.Fatal(err)
	}
	if q.Color != "#0f766e" || !q.WriteLock || q.LeaseMinutes == nil || *q.LeaseMinutes != 20 || q.BotOrder != 7 || q.Name != "Comercial" {
		t.Errorf("a change is lost: %+v", q.Queue)
	}
	want := int64(len(patches) + 1)
	if n := f.Count(t, `SELECT count(*) FROM audit_log WHERE account_id = $1 AND object = 'queue/'||$2::text`, f.Account, queue); n != want {
		t.Errorf("%d lines of the audit log, want %d", n, want)
	}
	if n := f.Count(t, `SELECT count(*) FROM events WHERE account_id = $1 AND kind = 'settings.updated'`, f.Account); n != want {
		t.Errorf("%d events, want %d", n, want)
	}
}
