package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// A draft is published, an earlier version is published again as a new one, and the draft stays as it is.
func TestAnEarlierVersionIsPublishedAgain(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "release")
	const first = `{"name": "Um", "nodes": [{"id": "a", "kind": "question"}]}`
	id, err := f.CreateFlow(t.Context(), f.Account, "Um", "initial", json.RawMessage(first))
	if err != nil {
		t.Fatal(err)
	}
	publish := func(p store.Publication) *models.FlowVersion {
		t.Helper()
		v, bell, err := f.PublishFlow(t.Context(), f.Account, id, p)
		if err != nil || bell != nil {
			t.Fatal(bell, err)
		}
		return v
	}
	one := publish(store.Publication{Revision: 1, Note: "a primeira"})
	const second = `{"name": "Um", "nodes": []}`
	if _, err := f.SaveDraft(t.Context(), f.Account, id, json.RawMessage(second), 1); err != nil {
		t.Fatal(err)
	}
	two := publish(store.Publication{Revision: 2})
	back := publish(store.Publication{Again: 1, Note: "de volta"})
	if one.Number != 1 || two.Number != 2 || back.Number != 3 || string(back.Graph) != string(one.Graph) || back.Note != "de volta" {
		t.Errorf("%+v after %+v", back, two)
	}
	if again := publish(store.Publication{Again: 1}); again.Number != 3 {
		t.Errorf("what is published already became version %d", again.Number)
	}
	view, err := f.Flow(t.Context(), f.Account, id)
	if err != nil || view.Published.Number != 3 || view.DraftRevision != 2 || !view.Changed {
		t.Errorf("%+v, %v", view, err)
	}
	if _, _, err := f.PublishFlow(t.Context(), f.Account, id, store.Publication{Again: 9}); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("a version that is not: %v", err)
	}
	if _, _, err := f.PublishFlow(t.Context(), f.Account+1, id, store.Publication{Again: 1}); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("of another account: %v", err)
	}
}

// Waiting runs move batch after batch to the version that was published. Runs stay that wait for another system, that have
// ended, or whose node has gone or is of another kind.
func TestWaitingRunsMoveToANewVersion(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "release")
	old := f.Publish(t, "Um", `{"nodes": [{"id": "a", "kind": "question"}, {"id": "gone", "kind": "question"}, {"id": "other", "kind": "question"}]}`)
	f.Exec(t, `UPDATE flows SET draft = '{"nodes": [{"id": "a", "kind": "question", "name": "Novo"}, {"id": "other", "kind": "menu"}]}' WHERE id = $1`, old.FlowID)
	run := func(status, node string) {
		t.Helper()
		f.Exec(t, `WITH k AS (INSERT INTO contacts (account_id, name) VALUES ($1, 'Maria') RETURNING id),
				v AS (INSERT INTO conversations (account_id, number, connection_id, contact_id)
					SELECT $1, (SELECT count(*) + 1 FROM conversations), $2, id FROM k RETURNING id, contact_id)
			INSERT INTO flow_runs (account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, status, node, wait_kind, state, ended_at)
			SELECT $1, $3, $4, id, contact_id, $2, $5, $6, 'reply', json_build_object('frames', json_build_array(json_build_object('node', $6::text))),
				CASE WHEN $5 = 'ended' THEN now() END FROM v`, f.Account, f.Connection.ID, old.FlowID, old.VersionID, status, node)
	}
	const many = 230 // more than one batch
	for range many {
		run("waiting", "a")
	}
	for _, node := range []string{"gone", "other"} {
		run("waiting", node)
	}
	run("calling", "a")
	run("ended", "a")

	v, bell, err := f.PublishFlow(t.Context(), f.Account, old.FlowID, store.Publication{Revision: 1, Move: true})
	if err != nil || bell == nil || bell.WorkflowID != fmt.Sprintf("release/%d", old.FlowID) {
		t.Fatal(bell, err)
	}
	start := contract.FlowReleaseStart{AccountID: f.Account, FlowID: old.FlowID}
	if other, err := f.FlowReleaseTurn(t.Context(), contract.FlowReleaseStart{AccountID: f.Account + 1, FlowID: old.FlowID}); err != nil || !other.Over() {
		t.Errorf("another account: %+v, %v", other, err)
	}
	first, err := f.FlowReleaseTurn(t.Context(), start)
	if err != nil || !first.More || first.Moved != 200 {
		t.Errorf("the first batch: %+v, %v", first, err)
	}
	last, err := f.FlowReleaseTurn(t.Context(), start)
	if err != nil || !last.Over() || last.Moved != many || last.Kept != 2 {
		t.Errorf("the last batch: %+v, %v", last, err)
	}
	if over, err := f.FlowReleaseTurn(t.Context(), start); err != nil || !over.Over() {
		t.Errorf("after the end: %+v, %v", over, err)
	}
	if n := f.Count(t, `SELECT count(*) FROM flow_runs WHERE flow_version_id = $1 AND node = 'a' AND status = 'waiting'`, v.ID); n != many {
		t.Errorf("%d runs are on the new version", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM flow_runs WHERE flow_version_id = $1`, old.VersionID); n != 4 {
		t.Errorf("%d runs stayed", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM audit_log WHERE action = 'flow.runs_moved' AND data @> '{"moved": 230, "kept": 2}'`); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
	versions, err := f.FlowVersions(t.Context(), f.Account, old.FlowID, 0, 10)
	if err != nil || len(versions) != 2 || versions[0].MovedCount == nil || *versions[0].MovedCount != many || versions[1].MoveState != nil {
		t.Errorf("%+v, %v", versions, err)
	}
}
