package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/bench/rig"
)

// rolling is P8: another build takes over five times while people write, the worker first and then the API, as
// docs/operations.md says. The first build may be an old one (-perene): then histories of before are carried on.
var rolling = plan{what: "five rolling deployments of another build (migrate, worker, api) at 20 messages a second in 15 minutes",
	messages: 18_000, perSecond: 20, people: 500, statuses: true, unknown: "20s", lostOK: true, rollouts: 5, slowdown: 5 * time.Second,
	settle: 3 * time.Minute, during: rollOut, after: rolledOut}

// builds are what the deployments switch between, as links to programs.
type builds struct {
	link string // what devstack starts
	next []string
	from []span // each deployment
	// failures of workflow tasks by reason, of workers that have ended.
	failures map[string]float64
}

// span is the time of one deployment.
type span struct {
	begun, workerBack, end time.Time
	workerAway, apiAway    time.Duration
}

// makeBuilds makes two programs that differ in nothing but the version they tell, and a link that devstack starts.
func makeBuilds(ctx context.Context, o options, data string) (*builds, error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	first := o.perene
	if first == "" {
		first = filepath.Join(o.root, "bin", "perene")
	}
	first, err := filepath.Abs(first)
	if err != nil {
		return nil, err
	}
	b := &builds{link: filepath.Join(data, "program"), failures: map[string]float64{}}
	if o.next != "" {
		b.next = strings.Split(o.next, ",")
		return b, os.Symlink(first, b.link)
	}
	for _, version := range []string{"chaos-b", "chaos-c"} {
		path := filepath.Join(data, version)
		build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-X main.version="+version, "-o", path, "./cmd/perene")
		build.Dir, build.Stderr = o.root, os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build %s: %w", version, err)
		}
		b.next = append(b.next, path)
	}
	return b, os.Symlink(first, b.link)
}

// point lets devstack start another program from now on.
func (b *builds) point(program string) error {
	fresh := b.link + ".new"
	return errors.Join(os.Symlink(program, fresh), os.Rename(fresh, b.link))
}

func rollOut(ctx context.Context, c *campaign) error {
	gap := c.length() / time.Duration(c.rollouts+1)
	for i := range c.rollouts {
		if pause(ctx, gap); over(ctx) {
			return nil
		}
		if err := c.builds.point(c.builds.next[i%len(c.builds.next)]); err != nil {
			return fmt.Errorf("deploy: %w", err)
		}
		if out, err := c.Perene(ctx, "migrate"); err != nil {
			return fmt.Errorf("deploy: %w: %s", err, out)
		}
		if err := c.countTaskFailures(ctx); err != nil { // of the worker that ends now
			return err
		}
		s := span{begun: time.Now()}
		c.do(ctx, "deploy", rig.Worker, 0)
		s.workerAway, s.workerBack = time.Since(s.begun), time.Now()
		c.do(ctx, "deploy", rig.API, 0)
		s.end = time.Now()
		s.apiAway = s.end.Sub(s.workerBack)
		c.builds.from = append(c.builds.from, s)
		fmt.Fprintf(c.out, "  P8: deployment %d: the worker was replaced in %s, the API in %s\n", i+1, s.workerAway.Round(10*time.Millisecond), s.apiAway.Round(10*time.Millisecond))
	}
	return nil
}

var (
	taskFailures  = regexp.MustCompile(`^temporal_workflow_task_execution_failed(?:_total)?\{(.*)\} ([0-9.e+]+)$`)
	failureReason = regexp.MustCompile(`failure_reason="([^"]*)"`)
)

// countTaskFailures adds up why the present worker's workflow tasks failed.
func (c *campaign) countTaskFailures(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URLs.WorkerMetrics, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("read the worker's metrics: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	lines, there := bufio.NewScanner(res.Body), false
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		there = there || strings.HasPrefix(lines.Text(), "temporal_workflow_task_execution_latency")
		if m := taskFailures.FindStringSubmatch(lines.Text()); m != nil {
			reason := "unknown"
			if r := failureReason.FindStringSubmatch(m[1]); r != nil {
				reason = r[1]
			}
			n, _ := strconv.ParseFloat(m[2], 64)
			c.builds.failures[reason] += n
		}
	}
	if !there {
		c.violate("P8", "the worker's metrics say nothing of workflow tasks: nothing was proved")
	}
	return lines.Err()
}

// rolledOut looks for histories that could not be carried on, and compares how long replies took around deployments with
// how long they took otherwise.
func rolledOut(ctx context.Context, c *campaign) error {
	if n := len(c.builds.from); n != c.rollouts {
		c.violate("P8", fmt.Sprintf("%d of %d deployments were made", n, c.rollouts))
	}
	if err := c.countTaskFailures(ctx); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(c.Logs, "worker.log"))
	if err != nil {
		return err
	}
	told := strings.Count(string(text), "TMPRL1100") + strings.Count(strings.ToLower(string(text)), "nondeterminis")
	fmt.Fprintf(c.out, "  R13: workflow tasks that failed, by reason: %v; lines of the workers' log that tell of nondeterminism: %d\n", c.builds.failures, told)
	if c.builds.failures["NonDeterminismError"] > 0 || told > 0 {
		c.violate("R13", "a history could not be carried on by the new build")
	}
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	arrived := map[string]time.Time{} // by what the reply answers
	for i := range t.sim {
		if id, ok := messageID(&t.sim[i]); ok && t.byID[id] != nil {
			answer, _ := strings.CutPrefix(t.byID[id].text, "Anotado: ")
			answer, _ = strings.CutSuffix(answer, ". O que mais?")
			if arrived[answer].IsZero() {
				arrived[answer] = t.sim[i].At
			}
		}
	}
	var calm, around []time.Duration
	for _, m := range c.sent {
		at := arrived[m.Text]
		if at.IsZero() {
			continue // the first of a conversation, which no reply repeats
		}
		near := slices.ContainsFunc(c.builds.from, func(s span) bool {
			return m.began.After(s.begun.Add(-time.Second)) && m.began.Before(s.end.Add(5*time.Second))
		})
		if near {
			around = append(around, at.Sub(m.began))
		} else {
			calm = append(calm, at.Sub(m.began))
		}
	}
	if len(calm) < 100 || len(around) < 100 {
		c.violate("P8", fmt.Sprintf("too few replies to compare: %d and %d", len(calm), len(around)))
		return nil
	}
	slices.Sort(calm)
	slices.Sort(around)
	at := func(list []time.Duration, percent int) time.Duration {
		return list[min(len(list)-1, len(list)*percent/100)].Round(time.Millisecond)
	}
	fmt.Fprintf(c.out, "  R13: from writing to the reply's arrival: p50 %s, p99 %s (%d); around deployments p50 %s, p99 %s, longest %s (%d)\n",
		at(calm, 50), at(calm, 99), len(calm), at(around, 50), at(around, 99), at(around, 100), len(around))
	if added := at(around, 99) - at(calm, 99); added > c.slowdown {
		c.violate("R13", fmt.Sprintf("deployments added %s to the slowest hundredth of the replies, not %s", added, c.slowdown))
	}
	return nil
}
