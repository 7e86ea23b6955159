package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// bulkUndoTime is for how long after its end a bulk job can be undone.
const bulkUndoTime = time.Hour

const bulkJobColumns = `j.id, j.account_id, j.user_id, j.actor_kind, j.action, j.data, j.client_ref, j.state, j.total, j.done_count, j.refused_count,
	j.undone_count, j.kept_count, j.created_at, j.finished_at, j.undo_until`

// BulkSelection says which conversations a bulk job is about: these, or those that a filter lets through now.
type BulkSelection struct {
	IDs    []models.ConversationID
	Filter *ConversationFilter
}

// StartBulkJob stores a bulk job with its rows, and gives the doorbell of its workflow. A client_ref that was used before gives the
// job that it made then. CodeNotFound for a conversation that the viewer does not see, CodeInvalid for no rows or too many,
// CodeConflict while too many jobs run.
func (s *Store) StartBulkJob(ctx context.Context, w Viewer, j models.BulkJob, sel BulkSelection) (*models.BulkJob, contract.Doorbell, error) {
	var made *models.BulkJob
	var bell contract.Doorbell
	at, err := s.sightOf(ctx, j.AccountID, w)
	if err != nil {
		return nil, bell, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"account": j.AccountID, "user": w.User, "actor_kind": j.ActorKind, "action": j.Action, "data": j.Data, "ref": j.ClientRef,
			"now": s.Now()}
		// One at a time begins in an account, so that the limit holds.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('bulk_jobs', @account))`, args); err != nil {
			return fmt.Errorf("wait for another bulk job to begin: %w", err)
		}
		var err error
		made, err = one[models.BulkJob](ctx, tx, "bulk_job", `
			SELECT `+bulkJobColumns+`
			FROM bulk_jobs j
			WHERE j.account_id = @account AND j.user_id = @user AND j.client_ref = @ref::text`, args)
		if err == nil || !isNotFound(err) {
			return err
		}
		var id models.BulkJobID
		err = tx.QueryRow(ctx, `
			INSERT INTO bulk_jobs (account_id, user_id, actor_kind, action, data, client_ref, created_at)
			SELECT @account, @user, @actor_kind, @action, @data, @ref, @now
			WHERE (SELECT count(*) FROM bulk_jobs WHERE account_id = @account AND state IN ('running', 'undoing')) < quota_of(@account, 'bulk_jobs_at_once')
			RETURNING id`, args).Scan(&id)
		if isNotFound(asError(err, "bulk_job")) {
			return &models.Error{Code: models.CodeConflict, Key: "bulk.too_many", Message: "too many bulk jobs run in this account: wait until one has ended"}
		}
		if err != nil {
			return err
		}
		if err := s.chooseBulkRows(ctx, tx, j.AccountID, w, &at, id, sel); err != nil {
			return err
		}
		if made, err = bulkJobIn(ctx, tx, j.AccountID, id); err != nil {
			return err
		}
		bell, err = insertDoorbell(ctx, tx, contract.BulkJobStart{AccountID: j.AccountID, JobID: id}.Doorbell())
		return err
	})
	return made, bell, asError(err, "bulk_job")
}

// chooseBulkRows stores which conversations a job is about.
func (s *Store) chooseBulkRows(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, at *sight, job models.BulkJobID, sel BulkSelection) error {
	f := sel.Filter
	if f == nil {
		f = &ConversationFilter{}
	}
	where, args := conversationConditions(account, w, f, s.Now())
	where = append(where, at.condition(f.View))
	at.arguments(args)
	if strings.TrimSpace(f.Query) != "" {
		where = append(where, queryMatches)
	}
	if sel.Filter == nil {
		where = append(where, `v.id = ANY(@ids::bigint[])`)
		args["ids"] = orEmpty(sel.IDs)
	}
	args["job"] = job
	var most int64
	if err := tx.QueryRow(ctx, `SELECT quota_of(@account, 'rows_of_a_bulk_job')`, args).Scan(&most); err != nil {
		return fmt.Errorf("read how many rows a bulk job may have: %w", err)
	}
	args["most"] = most + 1
	n, err := exec(ctx, tx, "bulk_job", `
		INSERT INTO bulk_job_rows (account_id, job_id, place, conversation_id)
		SELECT @account, @job, row_number() OVER (), c.id
		FROM (
			SELECT v.id
			FROM conversations v
			WHERE `+strings.Join(where, " AND ")+`
			ORDER BY `+activeAt+` DESC, v.id DESC
			LIMIT @most
		) c`, pgx.QueryExecModeCacheDescribe, args)
	switch {
	case err != nil:
		return err
	case sel.Filter == nil && int(n) != len(sel.IDs):
		return models.NotFound("conversation")
	case n == 0:
		return &models.Error{Code: models.CodeInvalid, Key: "bulk.nothing", Message: "no conversation matches any more"}
	case n > most:
		return &models.Error{Code: models.CodeInvalid, Key: "bulk.too_many_rows", Args: map[string]string{"most": fmt.Sprint(most)},
			Message: fmt.Sprintf("a bulk job has at most %d conversations: narrow the selection", most)}
	}
	_, err = exec(ctx, tx, "bulk_job", `UPDATE bulk_jobs SET total = @total WHERE account_id = @account AND id = @job`,
		pgx.NamedArgs{"account": account, "job": job, "total": n})
	return err
}

func bulkJobIn(ctx context.Context, q querier, account models.AccountID, id models.BulkJobID) (*models.BulkJob, error) {
	return one[models.BulkJob](ctx, q, "bulk_job", `
		SELECT `+bulkJobColumns+`
		FROM bulk_jobs j
		WHERE j.account_id = @account AND j.id = @job`, pgx.NamedArgs{"account": account, "job": id})
}

// bulkJobsShown is how many jobs a user's list has.
const bulkJobsShown = 20

// BulkJobs lists a user's own bulk jobs, the latest first.
func (s *Store) BulkJobs(ctx context.Context, account models.AccountID, user models.UserID) ([]models.BulkJob, error) {
	return list[models.BulkJob](ctx, s.pool, "bulk_job", `
		SELECT `+bulkJobColumns+`
		FROM bulk_jobs j
		WHERE j.account_id = @account AND j.user_id = @user
		ORDER BY j.id DESC
		LIMIT @limit`, pgx.NamedArgs{"account": account, "user": user, "limit": bulkJobsShown})
}

// BulkJob reads one of a user's own bulk jobs; CodeNotFound otherwise.
func (s *Store) BulkJob(ctx context.Context, account models.AccountID, user models.UserID, id models.BulkJobID) (*models.BulkJob, error) {
	return one[models.BulkJob](ctx, s.pool, "bulk_job", `
		SELECT `+bulkJobColumns+`
		FROM bulk_jobs j
		WHERE j.account_id = @account AND j.user_id = @user AND j.id = @job`, pgx.NamedArgs{"account": account, "user": user, "job": id})
}

// BulkRefusal is a row that was refused, or that undo left alone. What its reader does not see has no name.
type BulkRefusal struct {
	Place          int
	ConversationID models.ConversationID
	Number         *int64
	ContactName    *string
	State          string
	Code           string
	Args           map[string]string
}

// BulkRefusals lists the rows of a job that were refused or left alone, behind a place.
func (s *Store) BulkRefusals(ctx context.Context, account models.AccountID, w Viewer, job models.BulkJobID, after, limit int) ([]BulkRefusal, error) {
	return list[BulkRefusal](ctx, s.pool, "bulk_job", `
		SELECT r.place, r.conversation_id, v.number, k.name AS contact_name, r.state, coalesce(r.code, '') AS code, r.args
		FROM bulk_job_rows r
		LEFT JOIN conversations v ON v.id = r.conversation_id AND v.account_id = r.account_id AND `+visible+`
		LEFT JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
		WHERE r.account_id = @account AND r.job_id = @job AND r.state IN ('refused', 'kept') AND r.place > @after
		ORDER BY r.place
		LIMIT @limit`, w.args(account, pgx.NamedArgs{"job": job, "after": after, "limit": limit}))
}

// CancelBulkJob ends a job that runs. What was done stays done, and can be undone. CodeConflict for a job that does not run.
func (s *Store) CancelBulkJob(ctx context.Context, account models.AccountID, user models.UserID, id models.BulkJobID) (contract.Doorbell, error) {
	return s.turnBulkJob(ctx, account, user, id, `state = 'cancelled', finished_at = @now, undo_until = @until`, `j.state = 'running'`, "bulk.not_running",
		"this job does not run any more")
}

// UndoBulkJob begins to undo a job. CodeConflict for a job that runs, was undone, or whose time is over.
func (s *Store) UndoBulkJob(ctx context.Context, account models.AccountID, user models.UserID, id models.BulkJobID) (contract.Doorbell, error) {
	return s.turnBulkJob(ctx, account, user, id, `state = 'undoing'`, `j.state IN ('done', 'cancelled') AND j.undo_until > @now`, "bulk.not_undoable",
		"this job cannot be undone any more")
}

func (s *Store) turnBulkJob(ctx context.Context, account models.AccountID, user models.UserID, id models.BulkJobID, set, where, key, why string) (contract.Doorbell, error) {
	var bell contract.Doorbell
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"account": account, "user": user, "job": id, "now": s.Now(), "until": s.Now().Add(bulkUndoTime)}
		n, err := exec(ctx, tx, "bulk_job", `
			UPDATE bulk_jobs j
			SET `+set+`
			WHERE j.account_id = @account AND j.user_id = @user AND j.id = @job AND `+where, args)
		if err != nil {
			return err
		}
		if n == 0 {
			return &models.Error{Code: models.CodeConflict, Key: key, Message: why}
		}
		if err := tellBulkJob(ctx, tx, account, id); err != nil {
			return err
		}
		bell, err = insertDoorbell(ctx, tx, contract.BulkJobStart{AccountID: account, JobID: id}.Doorbell())
		return err
	})
	return bell, asError(err, "bulk_job")
}

// tellBulkJob tells the job's user how far it is.
func tellBulkJob(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.BulkJobID) error {
	_, err := exec(ctx, tx, "event", `
		INSERT INTO events (account_id, kind, entity_id, data)
		SELECT j.account_id, @kind, j.user_id, jsonb_build_object('id', j.id, 'state', j.state, 'total', j.total, 'done', j.done_count,
			'refused', j.refused_count, 'undone', j.undone_count, 'kept', j.kept_count)
		FROM bulk_jobs j
		WHERE j.account_id = @account AND j.id = @job`, pgx.NamedArgs{"account": account, "job": id, "kind": models.EventBulkJobUpdated})
	return err
}

// BulkRowsNext gives the places of the next rows of a job: those that wait, or while it is undone those that were done, the last
// one first. None: nothing is left, or the job does not run.
func (s *Store) BulkRowsNext(ctx context.Context, start contract.BulkJobStart, limit int) ([]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT r.place
		FROM bulk_jobs j
		JOIN bulk_job_rows r ON r.account_id = j.account_id AND r.job_id = j.id
			AND r.state = CASE j.state WHEN 'running' THEN 'waiting' WHEN 'undoing' THEN 'done' END
		WHERE j.account_id = @account AND j.id = @job
		ORDER BY CASE j.state WHEN 'undoing' THEN -r.place ELSE r.place END
		LIMIT @limit`, pgx.NamedArgs{"account": start.AccountID, "job": start.JobID, "limit": limit})
	if err != nil {
		return nil, asError(err, "bulk_job")
	}
	places, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return places, asError(err, "bulk_job")
}

// EndBulkBatch says how far a job is, ends it where no row is left, and tells its user.
func (s *Store) EndBulkBatch(ctx context.Context, start contract.BulkJobStart) (contract.BulkJobView, error) {
	var view contract.BulkJobView
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		_, err := exec(ctx, tx, "bulk_job", `
			UPDATE bulk_jobs j
			SET state = CASE j.state WHEN 'running' THEN 'done' ELSE 'undone' END, finished_at = @now,
				undo_until = CASE j.state WHEN 'running' THEN @until::timestamptz END
			WHERE j.account_id = @account AND j.id = @job AND j.state IN ('running', 'undoing')
				AND NOT EXISTS (
					SELECT FROM bulk_job_rows r
					WHERE r.account_id = j.account_id AND r.job_id = j.id AND r.state = CASE j.state WHEN 'running' THEN 'waiting' ELSE 'done' END)`,
			pgx.NamedArgs{"account": start.AccountID, "job": start.JobID, "now": s.Now(), "until": s.Now().Add(bulkUndoTime)})
		if err != nil {
			return err
		}
		j, err := bulkJobIn(ctx, tx, start.AccountID, start.JobID)
		if err != nil {
			return err
		}
		view = contract.BulkJobView{State: j.State, Total: j.Total, Done: j.DoneCount, Refused: j.RefusedCount, Undone: j.UndoneCount, Kept: j.KeptCount}
		return tellBulkJob(ctx, tx, start.AccountID, start.JobID)
	})
	return view, asError(err, "bulk_job")
}

// PruneBulkJobs removes jobs that ended before an instant, with their rows, at most limit at once, and tells how many.
func (s *Store) PruneBulkJobs(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "bulk_job", `
		DELETE FROM bulk_jobs
		WHERE (id, account_id) IN (
			SELECT id, account_id
			FROM bulk_jobs
			WHERE finished_at < @before AND state NOT IN ('running', 'undoing')
			LIMIT @limit)`, pgx.NamedArgs{"before": before, "limit": limit})
}
