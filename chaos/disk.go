package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// The disks of P13, below the data folder.
const (
	postgresDisk = "postgres-disk"
	mediaDisk    = "media-disk"
)

// fullDisk is P13: the disk of Postgres is filled twice, the second time with Postgres killed meanwhile, and then the one
// that files are kept on.
var fullDisk = plan{what: "Postgres's disk of 600 MB filled twice (the second time Postgres is killed too), then the disk of the files, a minute each",
	messages: 7200, perSecond: 20, people: 300, statuses: true, unknown: "20s", lostOK: true, onlyStatus: []int{200, 503}, settle: 4 * time.Minute,
	outageFor: time.Minute, disks: map[string]int{postgresDisk: 600, mediaDisk: 32},
	devstack: []string{"--postgres-in", "{data}/" + postgresDisk}, env: []string{"PERENE_MEDIA_URL=file://{data}/" + mediaDisk + "/files"},
	during: fillDisks, after: filesCame}

// pictures is how many files people send while there is no room for them.
const pictures = 60

// backWithin is how soon a delivery has to be acknowledged, and a reply has to leave, after Postgres has room again.
const backWithin = 30 * time.Second

// mountDisk makes a small disk in memory. Postgres's fsync means nothing on it, but a full one is as full as any.
func mountDisk(ctx context.Context, dir string, megabytes int) (unmount func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a disk: %w", err)
	}
	options := fmt.Sprintf("size=%dm,mode=755", megabytes)
	if out, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mount a small disk (this plan needs root on Linux): %w: %s", err, bytes.TrimSpace(out))
	}
	return func() {
		for range 50 { // what died holds it for an instant
			if exec.Command("umount", dir).Run() == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "chaos: %s is still mounted: %s\n", dir, out)
		}
	}, nil
}

func fillDisks(ctx context.Context, c *campaign) error {
	calm := max((c.length()-3*c.outageFor)/4, 5*time.Second)
	for _, killed := range []bool{false, true} {
		if pause(ctx, calm); over(ctx) {
			return nil
		}
		if err := c.fillPostgres(ctx, killed); err != nil {
			return err
		}
	}
	if pause(ctx, calm); over(ctx) {
		return nil
	}
	return c.fillFiles(ctx)
}

// fillPostgres leaves Postgres no room for a while, gives the room back and restarts it in order.
func (c *campaign) fillPostgres(ctx context.Context, killed bool) error {
	full := time.Now()
	err := c.full(ctx, postgresDisk, func(ctx context.Context) error {
		if killed {
			pause(ctx, c.outageFor/4)
			c.do(ctx, "kill", rig.Postgres, 0)
			return nil
		}
		// Statements fail for want of room in the tables. Where the log itself has to grow, Postgres ends with a PANIC.
		pause(ctx, c.outageFor/2)
		_, err := c.db.Exec(ctx, `SELECT pg_switch_wal()`)
		c.tell("a new file for Postgres's log is needed", err)
		return nil
	})
	if err != nil {
		return err
	}
	back := time.Now()
	refused := c.answeredSince(full, 503)
	fmt.Fprintf(c.out, "  P13: Postgres had no room for %s (killed meanwhile: %t); answered with 503: %d\n", back.Sub(full).Round(time.Second), killed, refused)
	if refused == 0 {
		c.violate("P13", "no delivery was refused while Postgres had no room: nothing was proved")
	}
	if took := c.acknowledgedAgain(ctx, back); took > backWithin {
		c.violate("R21", fmt.Sprintf("the first acknowledgement came %s after Postgres had room again", took.Round(time.Second)))
	} else {
		fmt.Fprintf(c.out, "  P13: first acknowledgement %s after there was room again\n", took.Round(10*time.Millisecond))
	}
	if took := c.repliedAgain(ctx, back); took > backWithin {
		c.violate("R21", fmt.Sprintf("the first reply left %s after Postgres had room again", took.Round(time.Second)))
	} else {
		fmt.Fprintf(c.out, "  P13: first reply %s after there was room again\n", took.Round(10*time.Millisecond))
	}
	begun := time.Now()
	err = c.Restart(ctx, rig.Postgres)
	c.tell("deploy "+rig.Postgres, err)
	if err == nil {
		fmt.Fprintf(c.out, "  P13: restarted in order in %s\n", time.Since(begun).Round(10*time.Millisecond))
	}
	return err
}

// acknowledgedAgain tells how long after back a delivery was acknowledged that was made after it.
func (c *campaign) acknowledgedAgain(ctx context.Context, back time.Time) time.Duration {
	for ctx.Err() == nil && time.Since(back) < 2*time.Minute {
		c.sentMu.Lock()
		i := slices.IndexFunc(c.acks, func(a ack) bool { return a.at.Add(a.took).After(back) })
		took := time.Duration(-1)
		if i >= 0 {
			took = c.acks[i].at.Add(c.acks[i].took).Sub(back)
		}
		c.sentMu.Unlock()
		if took >= 0 {
			return took
		}
		pause(ctx, 20*time.Millisecond)
	}
	return time.Since(back)
}

// repliedAgain tells how long after back the provider took a reply.
func (c *campaign) repliedAgain(ctx context.Context, back time.Time) time.Duration {
	for ctx.Err() == nil && time.Since(back) < 2*time.Minute {
		var first *time.Time
		if err := c.db.QueryRow(ctx, `
			SELECT min(accepted_at)
			FROM messages
			WHERE direction = 'out' AND accepted_at > @back`,
			pgx.NamedArgs{"back": back}).Scan(&first); err == nil && first != nil {
			return first.Sub(back)
		}
		pause(ctx, 100*time.Millisecond)
	}
	return time.Since(back)
}

// answeredSince counts answers of one kind.
func (c *campaign) answeredSince(from time.Time, status int) (n int) {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	for _, l := range c.ledger.lines {
		if l.Kind == "answer" && l.Status == status && l.At.After(from) {
			n++
		}
	}
	return n
}

// full fills a disk to the last byte for the plan's time, whatever others give back meanwhile, and then empties it.
func (c *campaign) full(ctx context.Context, name string, meanwhile func(context.Context) error) error {
	ballast := filepath.Join(c.data, name, "ballast")
	f, err := os.OpenFile(ballast, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("fill a disk: %w", err)
	}
	release := func() error { return errors.Join(f.Close(), os.Remove(ballast)) }
	until, cancel := context.WithTimeout(ctx, c.outageFor)
	defer cancel()
	if err := fill(f); err != nil {
		return errors.Join(err, release())
	}
	c.tell(name+" is full", nil)
	done := make(chan error, 1)
	go func() { done <- meanwhile(until) }()
	for until.Err() == nil && err == nil {
		pause(until, 50*time.Millisecond)
		err = fill(f)
	}
	err = errors.Join(err, <-done, release())
	c.tell(name+" has room", err)
	return err
}

// fill writes until there is no room left.
func fill(f *os.File) error {
	for _, size := range []int{1 << 20, 4 << 10} {
		for block := make([]byte, size); ; {
			if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
				break
			} else if err != nil {
				return fmt.Errorf("fill a disk: %w", err)
			}
		}
	}
	return nil
}

// picture is the i-th file that people send: some of its kind are larger than the copying buffers, others are not.
func (c *campaign) picture(i int) []byte {
	rnd := rand.New(rand.NewPCG(c.seed, uint64(1000+i)))
	b := make([]byte, 2_000+rnd.IntN(300_000))
	for j := range b {
		b[j] = byte(rnd.Uint32())
	}
	return b
}

// fillFiles lets people send files while there is no room for any, and looks that texts do not notice.
func (c *campaign) fillFiles(ctx context.Context) error {
	begun := time.Now()
	states := map[string]int{}
	err := c.full(ctx, mediaDisk, func(until context.Context) error {
		for i := range pictures {
			if err := c.Picture(ctx, c.account.Quiet, rig.Phone(7, i), c.picture(i)); err != nil {
				return err
			}
			pause(ctx, c.outageFor/(2*pictures))
		}
		pause(until, max(time.Until(begun.Add(c.outageFor-time.Second)), 0))
		var err error
		states, err = c.fileStates(ctx)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "  P13: files while there was no room for them: %v\n", states)
	if states["pending"] != pictures || len(states) != 1 {
		c.violate("P13", fmt.Sprintf("of %d files sent while the disk was full all should be pending, and they are %v", pictures, states))
	}
	before, err := c.textSpeed(ctx, begun.Add(-c.outageFor/2), begun)
	if err != nil {
		return err
	}
	meanwhile, err := c.textSpeed(ctx, begun, time.Now().Add(-2*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "  P13: texts before %s; while there was no room for files %s\n", before, meanwhile)
	switch {
	case min(before.acks, meanwhile.acks, before.replies, meanwhile.replies) < 10:
		c.violate("P13", "too few texts to compare: nothing was proved")
	case meanwhile.ack > 2*before.ack+500*time.Millisecond || meanwhile.reply > 2*before.reply+500*time.Millisecond:
		c.violate("P13", "texts were slower while there was no room for files")
	}
	return nil
}

// speed is how soon texts were acknowledged (p99) and replies taken by the provider after the step that made them (p95).
type speed struct {
	acks, replies int
	ack, reply    time.Duration
}

func (s speed) String() string {
	return fmt.Sprintf("%d acknowledged, p99 %s, %d replies left, p95 %s", s.acks, s.ack.Round(time.Millisecond), s.replies, s.reply.Round(time.Millisecond))
}

func (c *campaign) textSpeed(ctx context.Context, from, to time.Time) (speed, error) {
	var took []time.Duration
	c.sentMu.Lock()
	for _, a := range c.acks {
		if a.at.After(from) && a.at.Before(to) {
			took = append(took, a.took)
		}
	}
	c.sentMu.Unlock()
	s := speed{acks: len(took)}
	if slices.Sort(took); len(took) > 0 {
		s.ack = took[len(took)*99/100]
	}
	var seconds float64
	err := c.db.QueryRow(ctx, `
		SELECT count(*),
			coalesce(percentile_cont(.95) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - created_at)), 0)
		FROM messages
		WHERE direction = 'out' AND created_at BETWEEN @from AND @to`,
		pgx.NamedArgs{"from": from, "to": to}).Scan(&s.replies, &seconds)
	s.reply = time.Duration(seconds * float64(time.Second))
	return s, err
}

func (c *campaign) fileStates(ctx context.Context) (map[string]int, error) {
	rows, err := c.db.Query(ctx, `SELECT state, count(*) FROM media WHERE provider_media_id IS NOT NULL GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		states[state] = n
	}
	return states, rows.Err()
}

// filesCame waits for the files' next tries, compares every file with what was sent, and looks for what was left behind. It
// also looks that Postgres met the full disk in both ways: a statement that failed, and a log that could not be written.
func filesCame(ctx context.Context, c *campaign) error {
	begun := time.Now()
	var states map[string]int
	for {
		var err error
		if states, err = c.fileStates(ctx); err != nil {
			return err
		}
		if states["stored"] == pictures || time.Since(begun) > 2*c.outageFor+time.Minute || ctx.Err() != nil {
			break
		}
		pause(ctx, 500*time.Millisecond)
	}
	if states["stored"] != pictures {
		c.violate("P13", fmt.Sprintf("of %d files %v are there after there was room again", pictures, states))
	}
	sums := map[[32]byte]bool{}
	for i := range pictures {
		sums[sha256.Sum256(c.picture(i))] = true
	}
	left, same := []string{}, 0
	err := filepath.WalkDir(filepath.Join(c.data, mediaDisk), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // a folder of this program's own, where nobody makes links
		if sum := sha256.Sum256(text); sums[sum] {
			delete(sums, sum)
			same++
		} else {
			left = append(left, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "  P13: %d files are as they were sent %s after the load's end, %d others lie beside them\n", same, time.Since(begun).Round(time.Second), len(left))
	if same != pictures || len(left) > 0 {
		c.violate("P13", fmt.Sprintf("%d of %d files are as they were sent; beside them lie %v", same, pictures, left))
	}
	return c.postgresMetIt()
}

func (c *campaign) postgresMetIt() error {
	text, err := os.ReadFile(filepath.Join(c.Logs, "postgres.log"))
	if err != nil {
		return err
	}
	met := map[string]int{"ERROR": 0, "PANIC": 0, "FATAL": 0}
	for line := range strings.Lines(string(text)) {
		for kind := range met {
			if strings.Contains(line, kind+":") && strings.Contains(line, "No space left on device") {
				met[kind]++
			}
		}
	}
	fmt.Fprintf(c.out, "  P13: for want of room %d statements failed, %d times Postgres ended because its log could not grow, and %d times it could not start\n",
		met["ERROR"], met["PANIC"], met["FATAL"])
	for kind, n := range met {
		if n == 0 {
			c.violate("P13", "Postgres met no "+kind+" for want of room: too little was proved")
		}
	}
	return nil
}
