package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// powerCuts is P19: Postgres ends again and again where it is, as when the power goes, and has to come back whole. What the
// kernel had taken and not yet put on the disk survives here; that the disk keeps what it acknowledged is not what this shows.
var powerCuts = plan{what: "Postgres cut off 50 times under load, in turn by its immediate shutdown and by kill -9 of all its processes at once; pg_amcheck on it and on copies",
	messages: 6000, perSecond: 20, people: 300, kills: 50, statuses: true, unknown: "20s", lostOK: true, onlyStatus: []int{200, 503}, settle: 4 * time.Minute,
	during: cutPower, after: clustersWhole}

// copiesOfCluster is how many of the cuts, or somewhat more, leave a copy of the cluster behind, as it lay while nobody served it.
const copiesOfCluster = 5

// cut is one end of Postgres.
type cut struct {
	at   time.Time
	way  string
	kept string        // where the cluster was copied to, or nowhere
	back time.Duration // from asking for its start until it served
}

func cutPower(ctx context.Context, c *campaign) error {
	rnd := rand.New(rand.NewPCG(c.seed, 19))
	until := time.Now().Add(c.length())
	between := c.length() / time.Duration(c.plan.kills+1)
	copied := max(c.plan.kills/copiesOfCluster-1, 0)&^1 + 1 // odd, so that copies come after both ways in turn
	for i := 1; i <= c.plan.kills; i++ {
		left := time.Until(until) / time.Duration(c.plan.kills-i+2)
		pause(ctx, min(max(time.Duration((.5+rnd.Float64())*float64(left)), time.Second), 2*between))
		if over(ctx) {
			return nil
		}
		copyTo := ""
		if i%copied == 0 {
			copyTo = filepath.Join(c.data, "copies", fmt.Sprintf("cut-%02d", i))
		}
		one, err := c.cutOnce(ctx, i, copyTo)
		if err != nil {
			return err
		}
		c.cuts = append(c.cuts, one)
	}
	return nil
}

// cutOnce cuts Postgres off, looks that it was no orderly end, copies the cluster as it lies to copyTo, if anywhere, and
// starts it again.
func (c *campaign) cutOnce(ctx context.Context, i int, copyTo string) (cut, error) {
	one, end := cut{at: time.Now(), way: "immediate shutdown", kept: copyTo}, c.Cut
	if i%2 == 0 {
		one.way, end = "kill -9 of all", c.CutByKill
	}
	err := end(ctx, rig.Postgres)
	c.tell(one.way+" of "+rig.Postgres, err)
	if err != nil {
		return one, err
	}
	c.killsBy[rig.Postgres]++
	state, err := c.controlState(ctx)
	if err != nil {
		return one, err
	}
	if strings.HasPrefix(state, "shut") {
		c.violate(strings.ToUpper(c.name), fmt.Sprintf("cut %d left a cluster that is %q: it was no cut", i, state))
	}
	if copyTo != "" {
		if err := c.copyCluster(ctx, copyTo); err != nil {
			return one, err
		}
	}
	begun := time.Now()
	err = c.Start(context.WithoutCancel(ctx), rig.Postgres)
	one.back = time.Since(begun)
	c.tell("start "+rig.Postgres, err)
	return one, err
}

// clustersWhole lets pg_amcheck look at the cluster and at the copies, and looks that a copy holds every message that was
// acknowledged before it was taken, once.
func clustersWhole(ctx context.Context, c *campaign) error {
	took := make([]time.Duration, 0, len(c.cuts))
	lastLoad := c.sent[len(c.sent)-1].began
	under := 0
	for _, one := range c.cuts {
		took = append(took, one.back)
		if one.at.Before(lastLoad) {
			under++
		}
	}
	slices.Sort(took)
	fmt.Fprintf(c.out, "  P19: %d cuts, %d of them while people wrote; Postgres served again in p50 %s, at most %s\n",
		len(took), under, took[len(took)/2].Round(10*time.Millisecond), took[len(took)-1].Round(10*time.Millisecond))
	broken, err := c.amcheck(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	if broken != "" {
		c.violate("P19", "pg_amcheck of the cluster: "+broken)
	}
	for _, one := range c.cuts {
		if one.kept == "" {
			continue
		}
		if err := c.checkCopy(ctx, one); err != nil {
			return err
		}
	}
	return workflowsMatch(ctx, c)
}

func (c *campaign) checkCopy(ctx context.Context, one cut) error {
	name := filepath.Base(one.kept)
	s, err := c.serveCopy(ctx, one.kept)
	if err != nil {
		return err
	}
	defer func() { _ = s.end() }()
	broken, err := c.amcheck(ctx, s.address)
	if err != nil {
		return err
	}
	if broken != "" {
		c.violate("P19", fmt.Sprintf("pg_amcheck of the copy %s: %s", name, broken))
	}
	conn, err := pgx.Connect(ctx, s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT provider_message_id FROM messages WHERE direction = 'in'`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	acked, missing := c.checkStoredThen(ids, one.at, name)
	fmt.Fprintf(c.out, "  P19: the copy %s (%s) served after %s: pg_amcheck clean: %t, %d messages; of %d that were acknowledged before %d are missing\n",
		name, one.way, s.took.Round(10*time.Millisecond), broken == "", len(ids), acked, missing)
	return nil
}

// checkStoredThen is I1 at an instant: what was acknowledged before it is among these ids, and none is there twice. It tells
// how many were acknowledged and how many of these are missing.
func (c *campaign) checkStoredThen(ids []string, then time.Time, where string) (acked, missing int) {
	times := map[string]int{}
	for _, id := range ids {
		times[id]++
		if times[id] == 2 {
			c.violate("I1", fmt.Sprintf("%s is stored twice in %s", id, where))
		}
	}
	for _, m := range c.sent {
		if m.acked.IsZero() || !m.acked.Before(then) {
			continue
		}
		acked++
		if times[m.ID] == 0 {
			missing++
			c.violateAbout("I1", fmt.Sprintf("%s was acknowledged before and is not stored in %s", m.ID, where), m.Text, "")
		}
	}
	return acked, missing
}
