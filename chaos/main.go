// Command chaos breaks a stack of its own while people write, and then looks whether every promise was kept: nothing that
// was acknowledged is lost, nothing is stored, handled or sent twice, order holds, and what is unknown is shown as unknown.
// Everything it does follows from a seed, which every violation prints.
//
//	go run ./chaos                       CI: 2,000 messages, at least 20 kills, at most four minutes
//	go run ./chaos -plan p2 -seed 7      one of the procedures by hand (-plan list names them)
//	go run ./chaos -plan sabotage        builds with one safeguard removed each; every one has to be caught
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

type options struct {
	root, data, perene, plan, out string
	seed                          uint64
	minutes                       float64
	scale                         float64
	keep                          bool
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository; bin/devstack and bin/perene lie in it")
	flag.StringVar(&o.data, "data", "", "data folder of the stack; a temporary one by default")
	flag.StringVar(&o.perene, "perene", "", "another build of the program")
	flag.StringVar(&o.plan, "plan", "ci", "what to do; list names all")
	flag.StringVar(&o.out, "out", "", "file that gets the report as well")
	flag.Uint64Var(&o.seed, "seed", 0, "everything follows from it; the clock's by default")
	flag.Float64Var(&o.minutes, "min", 0, "length in minutes, where the plan has one")
	flag.Float64Var(&o.scale, "scale", 1, "share of the plan's messages and outages: 0.1 is a tenth")
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
	p, ok := plans[o.plan]
	if !ok {
		return false, fmt.Errorf("there is no plan %q: -plan list names all", o.plan)
	}
	found, err := run(ctx, o, p, w)
	return len(found) == 0, err
}

// sabotages are the safeguards that can be built out of the program, with the plan that has to notice.
var sabotages = []struct{ tag, plan string }{
	{"chaos_nodedup", "dedup"}, {"chaos_ringfirst", "rings"}, {"chaos_blindresend", "resends"},
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
		one.perene, one.data = binary, ""
		found, err := run(ctx, one, plans[s.plan], io.Discard)
		if err != nil {
			return false, fmt.Errorf("%s: %w", s.tag, err)
		}
		if len(found) == 0 {
			all = false
			fmt.Fprintf(w, "NOT CAUGHT  %s (seed %d)\n", s.tag, o.seed)
			continue
		}
		kinds := map[string]int{}
		for _, v := range found {
			kinds[v.invariant]++
		}
		fmt.Fprintf(w, "caught      %-18s by %v, for instance: %s\n", s.tag, kinds, found[0].what)
	}
	return all, nil
}

// run carries one plan out on a stack of its own and returns what was violated.
func run(ctx context.Context, o options, p plan, w io.Writer) (found []violation, err error) {
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
	p = p.scaled(o)
	fmt.Fprintf(w, "%s %s: %s (seed %d)\n", time.Now().UTC().Format(time.RFC3339), p.name, p.what, o.seed)
	log := &rig.SyncWriter{W: os.Stderr}
	stack, err := rig.Up(ctx, rig.Options{Root: o.root, Data: data, Perene: o.perene, Log: log, Args: p.devstack,
		Env: []string{"PERENE_SIM_LEDGER=" + filepath.Join(data, "sim-ledger.jsonl"), "PERENE_SIM_LEDGER_MODE=write", fmt.Sprintf("PERENE_SIM_RAND=%d", o.seed)}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = stack.Down() }()
	c := &campaign{Stack: stack, plan: p, seed: o.seed, data: data, out: w, begun: time.Now()}
	if err := c.carryOut(ctx); err != nil {
		return nil, err
	}
	return c.violations, nil
}
