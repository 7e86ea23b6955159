package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// bulkWorld is viewWorld with tickets: of Ana 1 and 4 (snoozed), of Caio 6, waiting 2, 3 (of a queue that Ana does not see) and 8.
func bulkWorld(t *testing.T) *storetest.Fixture {
	t.Helper()
	f, _ := viewWorld(t)
	f.Exec(t, `INSERT INTO closing_reasons (id, account_id, name) VALUES (1, $1, 'Resolvido')`, f.Account)
	f.Exec(t, `INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, queue_id, agent_id, opened_at, snoozed_at)
		SELECT id, account_id, id, contact_id, 'p' || number, ticket_state, queue_id, agent_id, now(), CASE WHEN snoozed THEN now() END
		FROM conversations WHERE ticket_state IS NOT NULL`)
	f.Exec(t, `UPDATE conversations SET ticket_id = id, last_ticket_id = id, in_charge = 'ticket' WHERE ticket_state IS NOT NULL`)
	return f
}

func startBulk(t *testing.T, f *storetest.Fixture, w store.Viewer, action models.BulkAction, data models.BulkJobData, sel store.BulkSelection) (*models.BulkJob, error) {
	t.Helper()
	body, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	job, _, err := f.StartBulkJob(t.Context(), w, models.BulkJob{AccountID: f.Account, UserID: w.User, ActorKind: models.ActorUser, Action: action, Data: body}, sel)
	return job, err
}

func everyRow() store.BulkSelection { return store.BulkSelection{Filter: &store.ConversationFilter{}} }

// runBulk does every row twice, as a worker that is killed in the middle does, and gives how far the job is.
func runBulk(t *testing.T, f *storetest.Fixture, job models.BulkJobID) contract.BulkJobView {
	t.Helper()
	start := contract.BulkJobStart{AccountID: f.Account, JobID: job}
	for range 20 {
		places, err := f.BulkRowsNext(t.Context(), start, 3)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, place := range places {
				if _, err := f.RunBulkRow(t.Context(), start, place); err != nil {
					t.Fatal(err)
				}
			}
		}
		view, err := f.EndBulkBatch(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		if view.Over() {
			return view
		}
	}
	t.Fatal("the job does not end")
	return contract.BulkJobView{}
}

func refusals(t *testing.T, f *storetest.Fixture, w store.Viewer, job models.BulkJobID) []string {
	t.Helper()
	rows, err := f.BulkRefusals(t.Context(), f.Account, w, job, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, r := range rows {
		number := int64(0)
		if r.Number != nil {
			number = *r.Number
		}
		out = append(out, fmt.Sprint(number, " ", r.State, " ", r.Code))
	}
	return out
}

func undoBulk(t *testing.T, f *storetest.Fixture, w store.Viewer, job models.BulkJobID) contract.BulkJobView {
	t.Helper()
	if _, err := f.UndoBulkJob(t.Context(), f.Account, w.User, job); err != nil {
		t.Fatal(err)
	}
	return runBulk(t, f, job)
}

// TestABulkJobDoesEachRowOnce: a worker that is killed runs rows twice, and each is done or refused once, with its reason. What
// changes after the beginning neither escapes nor enters. Undo takes back what still is as it was left.
func TestABulkJobDoesEachRowOnce(t *testing.T) {
	t.Parallel()
	f := bulkWorld(t)
	ana := store.Viewer{User: 1}
	job, err := startBulk(t, f, ana, models.BulkClose, models.BulkJobData{ReasonID: 1}, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	if job.Total != 6 {
		t.Errorf("%d rows are chosen, want the 6 that Ana sees", job.Total)
	}
	// 8 leaves Ana's sight after the beginning, and 3 enters it.
	f.Exec(t, `UPDATE conversations SET queue_id = 2 WHERE id = 108`)
	f.Exec(t, `UPDATE tickets SET queue_id = 2 WHERE id = 108`)
	f.Exec(t, `UPDATE conversations SET queue_id = 1 WHERE id = 103`)
	if got, want := runBulk(t, f, job.ID), (contract.BulkJobView{State: models.BulkDone, Total: 6, Done: 3, Refused: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if d := cmp.Diff([]string{"5 refused ticket.none", "7 refused ticket.none", "0 refused bulk.hidden"}, refusals(t, f, ana, job.ID)); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
	if n := f.Count(t, `SELECT count(*) FROM ticket_events WHERE kind = 'closed'`); n != 3 {
		t.Errorf("%d tickets were closed, want 3, each once", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM ticket_commands WHERE client_ref LIKE 'bulk/%' AND state = 'done'`); n != 3 {
		t.Errorf("%d commands, want 3", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = 'Ticket'`); n != 3 {
		t.Errorf("%d workflows of tickets are rung, want 3", n)
	}
	// Somebody opens 2 again before it is undone.
	f.Exec(t, `INSERT INTO ticket_events (account_id, ticket_id, conversation_id, kind, actor_kind, at) VALUES ($1, 102, 102, 'reopened', 'user', now())`, f.Account)
	if got, want := undoBulk(t, f, ana, job.ID), (contract.BulkJobView{State: models.BulkUndone, Total: 6, Done: 3, Refused: 3, Undone: 2, Kept: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if d := cmp.Diff([]string{"1 open 1", "4 snoozed 1"}, texts(t, f, `SELECT concat_ws(' ', number, desk, agent_id) FROM conversations WHERE number IN (1, 2, 4)
		AND ticket_state IS NOT NULL ORDER BY number`)); d != "" {
		t.Errorf("after undo (-want +got):\n%s", d)
	}
	if _, err := f.UndoBulkJob(t.Context(), f.Account, 1, job.ID); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a job is undone twice: %v", err)
	}
}

// TestBulkActsAndTheirUndo: each act changes what it says, and its undo gives back what was.
func TestBulkActsAndTheirUndo(t *testing.T) {
	t.Parallel()
	state := `SELECT concat_ws(' ', v.number, v.desk, 'q' || v.queue_id, 'a' || v.agent_id, v.priority, CASE WHEN v.unread_count > 0 OR v.marked_unread THEN 'unread' END,
		(SELECT string_agg(label_id::text, ',' ORDER BY label_id) FROM contact_labels cl WHERE cl.contact_id = v.contact_id)) FROM conversations v WHERE number IN (1, 2, 8) ORDER BY number`
	until := noon.AddDate(1, 0, 0)
	for _, c := range []struct {
		action models.BulkAction
		data   models.BulkJobData
		want   []string
		done   int
	}{
		{models.BulkAccept, models.BulkJobData{}, []string{"1 open a1 urgent 1", "2 open q1 a2 high unread 1,2", "8 open a2 none"}, 2},
		{models.BulkAssign, models.BulkJobData{UserID: 3}, []string{"1 open a3 urgent 1", "2 open a3 high unread 1,2", "8 open a3 none"}, 3},
		{models.BulkTransfer, models.BulkJobData{QueueID: 2}, []string{"1 waiting q2 urgent 1", "2 waiting q2 high unread 1,2", "8 waiting q2 none"}, 3},
		{models.BulkSnooze, models.BulkJobData{UntilReply: true}, []string{"1 snoozed a1 urgent 1", "2 snoozed q1 high unread 1,2", "8 snoozed none"}, 3},
		{models.BulkLabelAdd, models.BulkJobData{LabelID: 2}, []string{"1 open a1 urgent 1,2", "2 waiting q1 high unread 1,2", "8 waiting none 2"}, 3},
		{models.BulkLabelRemove, models.BulkJobData{LabelID: 1}, []string{"1 open a1 urgent", "2 waiting q1 high unread 2", "8 waiting none"}, 3},
		{models.BulkPrioritize, models.BulkJobData{Priority: "low"}, []string{"1 open a1 low 1", "2 waiting q1 low unread 1,2", "8 waiting low"}, 3},
		{models.BulkMarkUnread, models.BulkJobData{}, []string{"1 open a1 urgent unread 1", "2 waiting q1 high unread 1,2", "8 waiting none unread"}, 3},
		{models.BulkMarkRead, models.BulkJobData{}, []string{"1 open a1 urgent 1", "2 waiting q1 high 1,2", "8 waiting none"}, 3},
	} {
		t.Run(string(c.action), func(t *testing.T) {
			t.Parallel()
			f := bulkWorld(t)
			bia := store.Viewer{User: 2, Everything: true}
			before := texts(t, f, state)
			if c.data.UntilReply {
				c.data.Until = &until
			}
			job, err := startBulk(t, f, bia, c.action, c.data, store.BulkSelection{IDs: []models.ConversationID{101, 102, 108}})
			if err != nil {
				t.Fatal(err)
			}
			if view := runBulk(t, f, job.ID); view.Done != c.done {
				t.Errorf("%+v: %v", view, refusals(t, f, bia, job.ID))
			}
			if d := cmp.Diff(c.want, texts(t, f, state)); d != "" {
				t.Errorf("after %s (-want +got):\n%s", c.action, d)
			}
			if view := undoBulk(t, f, bia, job.ID); view.Undone != c.done {
				t.Errorf("undone: %+v: %v", view, refusals(t, f, bia, job.ID))
			}
			if d := cmp.Diff(before, texts(t, f, state)); d != "" {
				t.Errorf("after undoing %s (-want +got):\n%s", c.action, d)
			}
		})
	}
}

// TestBulkJobsAreBounded: rows and jobs at once have a limit, a hidden conversation is no row, a job is begun once, and what is
// cancelled does no more rows.
func TestBulkJobsAreBounded(t *testing.T) {
	t.Parallel()
	f := bulkWorld(t)
	ana, bia := store.Viewer{User: 1}, store.Viewer{User: 2, Everything: true}
	if _, err := startBulk(t, f, ana, models.BulkAccept, models.BulkJobData{}, store.BulkSelection{IDs: []models.ConversationID{101, 103}}); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("a hidden conversation: %v", err)
	}
	none := store.BulkSelection{Filter: &store.ConversationFilter{QueueID: 99}}
	if _, err := startBulk(t, f, ana, models.BulkAccept, models.BulkJobData{}, none); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("no row: %v", err)
	}
	f.Exec(t, `INSERT INTO account_quotas (account_id, name, most) VALUES ($1, 'rows_of_a_bulk_job', 7), ($1, 'bulk_jobs_at_once', 1)`, f.Account)
	if _, err := startBulk(t, f, bia, models.BulkAccept, models.BulkJobData{}, everyRow()); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("eight rows of seven: %v", err)
	}
	ref := "abc"
	ask := models.BulkJob{AccountID: f.Account, UserID: 1, ActorKind: models.ActorUser, Action: models.BulkMarkUnread, Data: json.RawMessage(`{}`), ClientRef: &ref}
	job, _, err := f.StartBulkJob(t.Context(), ana, ask, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := f.StartBulkJob(t.Context(), ana, ask, everyRow())
	if err != nil || again.ID != job.ID {
		t.Errorf("the same client_ref makes %v, %v", again, err)
	}
	if _, err := startBulk(t, f, bia, models.BulkAccept, models.BulkJobData{}, store.BulkSelection{IDs: []models.ConversationID{101}}); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("two jobs at once: %v", err)
	}
	if _, err := f.CancelBulkJob(t.Context(), f.Account, 2, job.ID); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("another user cancels: %v", err)
	}
	start := contract.BulkJobStart{AccountID: f.Account, JobID: job.ID}
	if _, err := f.RunBulkRow(t.Context(), start, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CancelBulkJob(t.Context(), f.Account, 1, job.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.RunBulkRow(t.Context(), start, 2); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM conversations WHERE marked_unread`); n != 1 {
		t.Errorf("%d rows were done, want the one before it was cancelled", n)
	}
	if view := undoBulk(t, f, ana, job.ID); view.Undone != 1 || f.Count(t, `SELECT count(*) FROM conversations WHERE marked_unread`) != 0 {
		t.Errorf("undone: %+v", view)
	}
	if n, err := f.PruneBulkJobs(t.Context(), noon.AddDate(10, 0, 0), 10); err != nil || n != 1 || f.Count(t, `SELECT count(*) FROM bulk_job_rows`) != 0 {
		t.Errorf("pruned %d, %v", n, err)
	}
}
