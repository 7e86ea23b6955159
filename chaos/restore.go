package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/perene/perene/bench/rig"
)

// archive is the folder of the log's archive, below the data folder.
const archive = "archive"

// backupAndRestore is P17: the cluster, which holds Temporal's databases too, is backed up while people write, its log is
// archived, and then all of it is lost and restored to an instant before; what was acknowledged after that instant is delivered
// again from the ledger of deliveries. Temporal is so restored to the same instant as Perene.
var backupAndRestore = plan{what: "the cluster (Perene's databases and Temporal's) is backed up under load, lost, restored to 20 s before, and what came after is delivered again",
	messages: 3600, perSecond: 20, people: 300, statuses: true, unknown: "20s", lostOK: true, onlyStatus: []int{0, 200, 503}, settle: 4 * time.Minute,
	folders: []string{archive}, devstack: []string{"--postgres-set", "archive_mode=on", "--postgres-set", "archive_timeout=3",
		"--postgres-set", "archive_command=test ! -f {data}/archive/%f && cp %p {data}/archive/.%f && sync {data}/archive/.%f && mv {data}/archive/.%f {data}/archive/%f"},
	during: loseAndRestore, after: restoredWhole}

// forgottenFor lies between the instant that is restored and the loss. It is longer than a send of unknown outcome waits.
const forgottenFor = 20 * time.Second

// The goals of R23.
const (
	mostLost     = 5 * time.Second  // of time, from the archive alone (RPO)
	restoredSoon = 15 * time.Minute // RTO
)

// restored is a restore to an instant: everything between the instant and the loss is forgotten.
type restored struct {
	to, lost time.Time
}

// forgot tells whether something that happened at a time is forgotten.
func (r *restored) forgot(at time.Time) bool {
	return r != nil && at.After(r.to) && !at.After(r.lost)
}

func loseAndRestore(ctx context.Context, c *campaign) error {
	backup := filepath.Join(c.data, "backup")
	quarter := c.length() / 4
	if pause(ctx, quarter); over(ctx) {
		return nil
	}
	if err := c.backUp(ctx, backup); err != nil {
		return err
	}
	pause(ctx, quarter)
	var to time.Time
	if err := c.db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&to); err != nil {
		return err
	}
	c.tell("the instant to restore", nil)
	if pause(ctx, forgottenFor); over(ctx) {
		return nil
	}
	begun := time.Now()
	for _, name := range []string{rig.Postgres, rig.API, rig.Worker, rig.Temporal} {
		if err := c.Cut(ctx, name); err != nil {
			return err
		}
	}
	lost := time.Now()
	if err := os.RemoveAll(c.PostgresData); err != nil {
		return err
	}
	c.tell("everything is cut off and the cluster is deleted", nil)
	c.restored = &restored{to: to, lost: lost}
	ctx = context.WithoutCancel(ctx)
	last, err := c.lastArchived(ctx)
	if err != nil {
		return err
	}
	rpo := begun.Sub(last)
	fmt.Fprintf(c.out, "  P17: RPO: the archive's last commit is %s older than the loss; restored to %s before it\n", rpo.Round(10*time.Millisecond), begun.Sub(to).Round(10*time.Millisecond))
	if rpo > mostLost {
		c.violate("R23", fmt.Sprintf("the archive lacks the last %s before the loss, not %s", rpo.Round(10*time.Millisecond), mostLost))
	}
	if err := c.putBack(ctx, backup, to); err != nil {
		return err
	}
	served := time.Now()
	for _, name := range []string{rig.Temporal, rig.Worker, rig.API} {
		if err := c.Start(ctx, name); err != nil {
			return err
		}
	}
	started := time.Now()
	c.tell("everything is restored and started", nil)
	acked, replied := c.acknowledgedAgain(ctx, lost), c.repliedAgain(ctx, lost)
	rto := lost.Sub(begun) + max(acked, replied)
	fmt.Fprintf(c.out, "  P17: RTO: Postgres served %s after the loss, the first delivery was acknowledged after %s, the first reply had left after %s\n",
		served.Sub(begun).Round(100*time.Millisecond), (lost.Sub(begun) + acked).Round(100*time.Millisecond), (lost.Sub(begun) + replied).Round(100*time.Millisecond))
	if rto > restoredSoon || lost.Add(max(acked, replied)).Sub(started) > time.Minute {
		c.violate("R23", fmt.Sprintf("restored after %s, not %s, and not a minute after everything was started", rto.Round(time.Second), restoredSoon))
	}
	return c.deliverAgain(ctx)
}

// backUp takes a base backup while people write.
func (c *campaign) backUp(ctx context.Context, to string) error {
	cmd, err := c.postgresCommand(ctx, c.PostgresData, "pg_basebackup", "--pgdata", to, "--checkpoint", "fast", "--wal-method", "stream")
	if err != nil {
		return err
	}
	if err := reach(cmd, c.DatabaseURL); err != nil {
		return err
	}
	if err := c.owned(to, func() error { return os.Mkdir(to, 0o700) }); err != nil {
		return err
	}
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("back the cluster up: %w: %s", err, bytes.TrimSpace(out))
	}
	c.tell("the cluster is backed up", nil)
	fmt.Fprintf(c.out, "  P17: base backup of %d MB in %s while people wrote\n", megabytes(to), time.Since(begun).Round(100*time.Millisecond))
	return nil
}

// owned makes something that shall belong to the user whom the cluster's files belong to.
func (c *campaign) owned(path string, create func() error) error {
	who, err := c.owner()
	if err == nil {
		err = create()
	}
	if err == nil && who != nil {
		err = os.Chown(path, int(who.Uid), int(who.Gid))
	}
	return err
}

func megabytes(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil // what vanished meanwhile has no size
	})
	return n >> 20
}

var (
	segment  = regexp.MustCompile(`^[0-9A-F]{24}$`)
	commitAt = regexp.MustCompile(`desc: COMMIT (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC`)
)

// lastArchived is when the last transaction was committed that the archive holds.
func (c *campaign) lastArchived(ctx context.Context) (time.Time, error) {
	dir := filepath.Join(c.data, archive)
	files, err := os.ReadDir(dir)
	if err != nil {
		return time.Time{}, err
	}
	for _, f := range slices.Backward(files) { // their names are in the log's order
		if !segment.MatchString(f.Name()) {
			continue
		}
		cmd, err := c.postgresCommand(ctx, filepath.Join(c.data, "backup"), "pg_waldump", "--rmgr", "Transaction", filepath.Join(dir, f.Name()))
		if err != nil {
			return time.Time{}, err
		}
		out, _ := cmd.Output() // a file that was closed before it was full ends with an error
		if found := commitAt.FindAllSubmatch(out, -1); len(found) > 0 {
			return time.Parse("2006-01-02 15:04:05.999999", string(found[len(found)-1][1]))
		}
	}
	return time.Time{}, errors.New("the archive holds no commit")
}

// putBack lays the backup where the cluster was and lets Postgres recover it to an instant; it returns when Postgres takes
// statements that write.
func (c *campaign) putBack(ctx context.Context, backup string, to time.Time) error {
	if out, err := exec.CommandContext(ctx, "cp", "--archive", backup, c.PostgresData).CombinedOutput(); err != nil {
		return fmt.Errorf("put the backup back: %w: %s", err, bytes.TrimSpace(out))
	}
	settings, err := os.OpenFile(filepath.Join(c.PostgresData, "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(settings, "restore_command = 'cp %s/%%f \"%%p\"'\nrecovery_target_time = '%s'\nrecovery_target_action = 'promote'\n",
		filepath.Join(c.data, archive), to.UTC().Format("2006-01-02 15:04:05.999999-07"))
	if err := errors.Join(err, settings.Close()); err != nil {
		return err
	}
	signal := filepath.Join(c.PostgresData, "recovery.signal")
	if err := c.owned(signal, func() error { return os.WriteFile(signal, nil, 0o600) }); err != nil {
		return err
	}
	if err := c.Start(ctx, rig.Postgres); err != nil {
		return err
	}
	for limit := time.Now().Add(restoredSoon); ; pause(ctx, 50*time.Millisecond) {
		recovering := true
		err := c.db.QueryRow(ctx, `SELECT pg_is_in_recovery()`).Scan(&recovering)
		if err == nil && !recovering {
			return nil
		}
		if time.Now().After(limit) {
			return errors.Join(errors.New("the database is still recovering"), err)
		}
	}
}

// deliverAgain makes every delivery again that was acknowledged after the instant, and a little before it, to everybody in the
// order in which they were acknowledged.
func (c *campaign) deliverAgain(ctx context.Context) error {
	rows, err := c.db.Query(ctx, `SELECT provider_message_id FROM messages WHERE direction = 'in'`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, id := range ids {
		there[id] = true
	}
	byPerson := map[int][]*sent{}
	again, missing := 0, 0
	c.sentMu.Lock()
	acked := slices.DeleteFunc(slices.Clone(c.sent), func(m *sent) bool {
		return m.acked.IsZero() || m.acked.Before(c.restored.to.Add(-2*time.Second)) || m.acked.After(c.restored.lost)
	})
	slices.SortStableFunc(acked, func(a, b *sent) int { return a.acked.Compare(b.acked) })
	c.sentMu.Unlock()
	for _, m := range acked {
		byPerson[m.person] = append(byPerson[m.person], m)
		again++
		if !there[m.ID] {
			missing++
		}
	}
	begun := time.Now()
	var group sync.WaitGroup
	for _, list := range byPerson {
		group.Go(func() {
			for _, m := range list {
				c.deliver(ctx, m, rig.Body(m.conn.Number, m.Message), replayed, 0)
			}
		})
	}
	group.Wait()
	fmt.Fprintf(c.out, "  P17: %d deliveries made again in %s; of them %d had been acknowledged and were not in what was restored\n", again, time.Since(begun).Round(100*time.Millisecond), missing)
	if missing == 0 {
		c.violate("P17", "nothing was lost by the restore: nothing was proved")
	}
	return nil
}

// replayed marks deliveries that are made again from the ledger.
const replayed = 100

// restoredWhole says how much of what had left is forgotten, and so leaves again, and compares Perene with Temporal.
func restoredWhole(ctx context.Context, c *campaign) error {
	all, err := readLedger(filepath.Join(c.data, "sim-ledger.jsonl"))
	if err != nil {
		return err
	}
	forgotten := 0
	for i := range all {
		if _, ok := messageID(&all[i]); ok && c.restored.forgot(all[i].At) {
			forgotten++
		}
	}
	fmt.Fprintf(c.out, "  P17: %d messages had left between the instant and the loss; Perene does not know of them any more\n", forgotten)
	return workflowsMatch(ctx, c)
}

// workflowsMatch compares every row that stands for a workflow with Temporal: what is open is open in both.
func workflowsMatch(ctx context.Context, c *campaign) error {
	rows, err := workflowIDs(ctx, c.db.Pool, `SELECT 'connection/' || id FROM connections WHERE state <> 'removed'
		UNION ALL SELECT 'flow-run/' || id FROM flow_runs WHERE status <> 'ended'
		UNION ALL SELECT 'window/' || id FROM conversations WHERE window_state IN ('open', 'expiring')
		UNION ALL SELECT 'retry/' || id FROM messages WHERE state = 'retry'
		UNION ALL SELECT 'ticket/' || id FROM tickets WHERE state <> 'closed'
		UNION ALL SELECT 'scheduled/' || id FROM scheduled_sends WHERE state IN ('waiting', 'held')
		UNION ALL SELECT 'closure/' || id FROM scheduled_closures WHERE state = 'waiting'
		UNION ALL SELECT 'survey/' || id FROM survey_answers WHERE ended_at IS NULL
		UNION ALL SELECT 'bulk/' || id FROM bulk_jobs WHERE state IN ('running', 'undoing')
		UNION ALL SELECT 'broadcast/' || id FROM broadcasts WHERE state IN ('scheduled', 'preparing', 'running', 'paused')
		UNION ALL SELECT DISTINCT 'release/' || flow_id FROM flow_moves WHERE state = 'running'
		UNION ALL SELECT 'webhook-delivery/' || id FROM webhook_endpoints
		UNION ALL SELECT 'media/' || id FROM media WHERE state = 'pending' AND provider_media_id IS NOT NULL`)
	if err != nil {
		return err
	}
	open, err := workflowIDs(ctx, c.db.Temporal, `SELECT workflow_id FROM current_executions WHERE state IN (1, 2) AND workflow_id ~ '^(connection|flow-run|window|retry|ticket|closure|survey|scheduled|broadcast|bulk|release|webhook-delivery|media)/[0-9]+$'`)
	if err != nil {
		return err
	}
	for _, what := range unmatched(rows, open) {
		c.violate("I8", what)
	}
	kinds := map[string]int{}
	for id := range rows {
		kind, _, _ := strings.Cut(id, "/")
		kinds[kind]++
	}
	fmt.Fprintf(c.out, "  I8: %d rows of open workflows, %d workflows open in Temporal; by kind of row %v\n", len(rows), len(open), kinds)
	return nil
}

// unmatched tells which open rows have no open workflow, and the other way round.
func unmatched(rows, open map[string]int) (found []string) {
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if open[id] != 1 {
			found = append(found, fmt.Sprintf("the row of %s is open, and Temporal has %d open workflows of that id", id, open[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(open)) {
		if rows[id] == 0 {
			found = append(found, fmt.Sprintf("%s is open in Temporal, and no open row stands for it", id))
		}
	}
	return found
}

func workflowIDs(ctx context.Context, db *pgxpool.Pool, sql string) (map[string]int, error) {
	rows, err := db.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	out := map[string]int{}
	for _, id := range list {
		out[id]++
	}
	return out, err
}
