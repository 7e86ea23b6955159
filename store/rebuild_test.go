package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// After a restore without Temporal's databases, rows say which workflows must run: those that live and no others.
func TestRebuildDoorbellsRingsWhatLives(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.exec(`INSERT INTO connections (account_id, key, name, channel, provider_ref, state) VALUES ($1, 'gone', 'Gone', 'whatsapp_cloud', '742', 'removed')`, w.account)
	open, closed := w.conversation(time.Hour), w.conversation(0)
	run, ended := w.flowRun(open, "reply"), w.flowRun(closed, "reply")
	w.exec(`UPDATE flow_runs SET status = 'ended', ended_at = now() WHERE id = $1`, ended)
	again, sent := w.enqueue(open, models.OriginAgent, text("again")), w.enqueue(open, models.OriginAgent, text("sent"))
	w.exec(`UPDATE messages SET state = 'retry' WHERE id = $1`, again.ID)
	w.exec(`UPDATE messages SET state = 'accepted' WHERE id = $1`, sent.ID)
	var file models.MediaID
	w.row(&file, `INSERT INTO media (account_id, connection_id, kind, state, provider_media_id) VALUES ($1, $2, 'image', 'pending', '777') RETURNING id`, w.account, w.conn.ID)
	w.exec(`INSERT INTO media (account_id, connection_id, kind, state) VALUES ($1, $2, 'image', 'stored')`, w.account, w.conn.ID)
	w.exec(`DELETE FROM doorbells`)

	for range 2 { // a second time does no harm
		for _, kind := range workflows.Table() {
			if n, err := w.s.RebuildDoorbells(w.ctx, kind.Name); err != nil || n != 1 {
				t.Errorf("%s: %d doorbells, %v, want 1", kind.Name, n, err)
			}
		}
	}
	var flow, version int64
	w.row(&flow, `SELECT flow_id FROM flow_runs WHERE id = $1`, run)
	w.row(&version, `SELECT flow_version_id FROM flow_runs WHERE id = $1`, run)
	want := map[string]contract.Doorbell{}
	for _, s := range []contract.Start{
		contract.ConnectionStart{AccountID: w.account, ConnectionID: w.conn.ID},
		contract.FlowRunStart{AccountID: w.account, RunID: run, ConversationID: open, ConnectionID: w.conn.ID, FlowID: models.FlowID(flow),
			VersionID: models.FlowVersionID(version), Version: 1},
		contract.SessionWindowStart{AccountID: w.account, ConversationID: open, ConnectionID: w.conn.ID},
		contract.DeliveryRetryStart{AccountID: w.account, MessageID: again.ID, ConversationID: open, ConnectionID: w.conn.ID},
		contract.MediaFetchStart{AccountID: w.account, MediaID: file, ConnectionID: w.conn.ID},
		contract.HousekeepingStart{},
	} {
		d := s.Doorbell()
		want[d.WorkflowID] = contract.Doorbell{AccountID: d.AccountID, WorkflowType: d.WorkflowType, WorkflowID: d.WorkflowID, Input: compact(t, d.Input)}
	}
	w.exec(`UPDATE doorbells SET ring_after = now() - interval '1 second'`)
	due, err := w.s.DueDoorbells(w.ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]contract.Doorbell{}
	for _, d := range due {
		got[d.WorkflowID] = contract.Doorbell{AccountID: d.AccountID, WorkflowType: d.WorkflowType, WorkflowID: d.WorkflowID, Input: compact(t, d.Input)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("doorbells (-want +got):\n%s", diff)
	}
	if _, err := w.s.RebuildDoorbells(w.ctx, "Broadcast"); err == nil {
		t.Error("a type that nobody knows is rebuilt")
	}
}

// compact writes JSON with its fields in order, so that two objects compare.
func compact(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
