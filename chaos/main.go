// Command chaos breaks a stack of its own while people write, and then looks whether every promise was kept: nothing that
// was acknowledged is lost, nothing is stored, handled or sent twice, order holds, and what is unknown is shown as unknown.
// Everything it does follows from a seed, which every violation prints.
//
//	go run ./chaos                       CI: 2,000 messages, at least 20 kills, at most four minutes
//	go run ./chaos -plan p2 -seed 7      one of the procedures by hand (-plan list names them), in full
//	go run ./chaos -plan p2 -scale 0.1   a tenth of it; -messages and -min set its size too
//	go run ./chaos -plan sabotage        builds with one safeguard removed each; every one has to be caught within a minute
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

type options struct {
	root, data, perene, plan, out string
	next                          string
	seed                          uint64
	minutes, scale                float64
	messages                      int
	first, keep                   bool
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository; bin/devstack and bin/perene lie in it")
	flag.StringVar(&o.data, "data", "", "data folder of the stack; a temporary one by default")
	flag.StringVar(&o.perene, "perene", "", "another build of the program")
	flag.StringVar(&o.next, "next", "", "programs that deployments switch between, separated by commas; built from the repository by default")
	flag.StringVar(&o.plan, "plan", "ci", "what to do; list names all")
	flag.StringVar(&o.out, "out", "", "file that gets the report as well")
	flag.Uint64Var(&o.seed, "seed", 0, "everything follows from it; the clock's by default")
	flag.Float64Var(&o.minutes, "min", 0, "length in minutes, where the plan has one")
	flag.Float64Var(&o.scale, "scale", 1, "share of the messages, kills and outages: 0.1 is a tenth")
	flag.IntVar(&o.messages, "messages", 0, "how many messages in place of the plan's; kills and outages shrink and grow with them")
	flag.BoolVar(&o.first, "first", false, "end at the first violation, and say how long it took")
	flag.BoolVar(&o.keep, "keep", false, "keep the data folder")
	flag.Parse()
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var report io.Writer = os.Stdout
	if o.out != "" {
		f, err := os.OpenFile(o.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			os.Exit(2) //nolint:gocritic // nothing has been started yet
		}
		defer func() { _ = f.Close() }()
		report = io.MultiWriter(os.Stdout, f)
	}
	ok, err := start(ctx, o, report)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func start(ctx context.Context, o options, w io.Writer) (bool, error) {
	switch o.plan {
	case "list":
		names := make([]string, 0, len(plans))
		for name := range plans {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(w, "%-6s %s\n", name, plans[name].what)
		}
		fmt.Fprintf(w, "%-6s %s\n", "sabotage", "builds without dedup, with rings before COMMIT, with blind resends: each has to be caught")
		return true, nil
	case "sabotage":
		return sabotage(ctx, o, w)
	}
	p, ok := plans[strings.ToLower(o.plan)]
	if !ok {
		return false, fmt.Errorf("there is no plan %q: -plan list names all", o.plan)
	}
	c, err := run(ctx, o, p, w)
	return c != nil && len(c.violations) == 0, err
}

// sabotages are the safeguards that can be built out of the program, with the plan that has to notice.
var sabotages = []struct{ tag, plan string }{
	{"chaos_nodedup", "dedup"}, {"chaos_ringfirst", "rings"}, {"chaos_blindresend", "resends"}, {"chaos_wallclock", "clocks"},
}

// sabotage proves that this program can fail: builds without one safeguard have to be found out.
func sabotage(ctx context.Context, o options, w io.Writer) (bool, error) {
	dir, err := os.MkdirTemp("", "perene-sabotage-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	all := true
	for _, s := range sabotages {
		binary := filepath.Join(dir, s.tag)
		build := exec.CommandContext(ctx, "go", "build", "-tags", s.tag, "-o", binary, "./cmd/perene")
		build.Dir, build.Stderr = o.root, os.Stderr
		if err := build.Run(); err != nil {
			return false, fmt.Errorf("build with %s: %w", s.tag, err)
		}
		one := o
		one.perene, one.data, one.plan, one.first = binary, "", s.plan, true
		c, err := run(ctx, one, plans[s.plan], io.Discard)
		switch {
		case err != nil:
			return false, fmt.Errorf("%s: %w", s.tag, err)
		case len(c.violations) == 0:
			all = false
			fmt.Fprintf(w, "NOT CAUGHT  %s (seed %d)\n", s.tag, o.seed)
		case c.caughtAfter > caughtWithin:
			all = false
			fmt.Fprintf(w, "TOO LATE    %-18s by %s, %.1f s after load began: %s\n", s.tag, c.violations[0].invariant, c.caughtAfter.Seconds(), c.violations[0].what)
		default:
			fmt.Fprintf(w, "caught      %-18s by %s, %.1f s after load began: %s\n", s.tag, c.violations[0].invariant, c.caughtAfter.Seconds(), c.violations[0].what)
		}
	}
	return all, nil
}

// caughtWithin is how soon after load began a missing safeguard has to be found.
const caughtWithin = time.Minute

// within puts the data folder into flags and variables.
func within(data string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ReplaceAll(w, "{data}", data)
	}
	return out
}

// run carries one plan out on a stack of its own; the campaign knows what was violated.
func run(ctx context.Context, o options, p plan, w io.Writer) (_ *campaign, err error) {
	data := o.data
	if data == "" {
		if data, err = os.MkdirTemp("", "perene-chaos-"); err != nil {
			return nil, err
		}
		if err := os.Chmod(data, 0o755); err != nil {
			return nil, err
		}
		if !o.keep {
			defer func() { _ = os.RemoveAll(data) }()
		}
	}
	p.name = strings.ToLower(o.plan)
	whole := p.messages
	p = p.scaled(o)
	fmt.Fprintf(w, "%s %s: %s (seed %d", time.Now().UTC().Format(time.RFC3339), p.name, p.what, o.seed)
	if p.messages != whole {
		fmt.Fprintf(w, ", made smaller or larger: %d messages of %d", p.messages, whole)
	}
	fmt.Fprintln(w, ")")
	for name, megabytes := range p.disks {
		unmount, err := mountDisk(ctx, filepath.Join(data, name), megabytes)
		if err != nil {
			return nil, err
		}
		defer unmount()
	}
	for _, name := range p.folders {
		dir := filepath.Join(data, name)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o777)); err != nil { //nolint:gosec // the umask would take it back
			return nil, err
		}
	}
	var made *builds
	if p.rollouts > 0 {
		if made, err = makeBuilds(ctx, o, data); err != nil {
			return nil, err
		}
		o.perene = made.link
	}
	p.devstack, p.env = within(data, p.devstack), within(data, p.env)
	log := &rig.SyncWriter{W: os.Stderr}
	stack, err := rig.Up(ctx, rig.Options{Root: o.root, Data: data, Perene: o.perene, Log: log, Args: p.devstack,
		Env: append([]string{"PERENE_SIM_LEDGER=" + filepath.Join(data, "sim-ledger.jsonl"), "PERENE_SIM_LEDGER_MODE=write", fmt.Sprintf("PERENE_SIM_RAND=%d", o.seed)}, p.env...)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = stack.Down() }()
	c := &campaign{Stack: stack, plan: p, first: o.first, seed: o.seed, data: data, out: w, begun: time.Now(), builds: made}
	return c, c.carryOut(ctx)
}
