// Command bench measures a stack of its own over HTTP: turns, latency, intake, statuses, sends, what each costs in commits,
// WAL, history events, processor time and memory, and how soon a killed process is back. It prints a table and appends one
// JSON line per run to a file, so that two builds can be compared.
//
//	go run ./bench -quick          three minutes, for daily use
//	go run ./bench                 everything, three repetitions
//	go run ./bench -only turns -profile cpu
//	go run ./bench -only normal,peak,steady   what is promised under load; exit code 1 where it was not kept
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

type options struct {
	root, data, out, only, profile, note string
	quick, keep                          bool
	reps                                 int
	seconds, steadyFor                   time.Duration
	args                                 list
	env                                  list
	deskURL                              string
	deskConversations, deskMessages      int
}

// list is a flag that may stand several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository; bin/devstack and bin/perene lie in it")
	flag.StringVar(&o.data, "data", "", "data folder of the stack; a temporary one by default")
	flag.StringVar(&o.out, "out", "bench.jsonl", "file that gets one JSON line per run")
	flag.StringVar(&o.only, "only", "", "measure only these, separated by commas: idle,first,turns,saturation,intake,statuses,sends,restart; and only by name: normal,peak,steady,desk,sockets")
	flag.StringVar(&o.deskURL, "desk-url", "", "measure the desk in this migrated database and start no stack; it is filled where it is empty")
	flag.IntVar(&o.deskConversations, "desk-conversations", 1_000_000, "conversations of the scenario desk")
	flag.IntVar(&o.deskMessages, "desk-messages", 10_000_000, "messages of the scenario desk")
	flag.StringVar(&o.profile, "profile", "", "cpu: leave processor profiles of every process beside the output")
	flag.StringVar(&o.note, "note", "", "kept in every line: what was tried")
	flag.BoolVar(&o.quick, "quick", false, "one repetition, short runs: at most three minutes")
	flag.BoolVar(&o.keep, "keep", false, "keep the data folder")
	flag.IntVar(&o.reps, "reps", 3, "repetitions")
	flag.DurationVar(&o.steadyFor, "steady", 30*time.Minute, "length of the scenario steady")
	flag.DurationVar(&o.seconds, "seconds", 15*time.Second, "length of a run")
	flag.Var(&o.args, "devstack", "one more flag for `devstack up`; repeatable")
	flag.Var(&o.env, "env", "one more variable for every process, NAME=value; repeatable")
	flag.Parse()
	if o.quick {
		o.reps = 1
		o.seconds = 8 * time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stopped just above
	}
}

// bench is one session of measuring.
type bench struct {
	options
	*rig.Stack
	db      *rig.DB
	account *rig.Account
	hooks   *rig.Hooks
	results []result
	out     *os.File
	missed  []string // promises that were not kept
	groups  int      // of people; each scenario takes fresh ones where first contact or the pair's pace would matter
}

func run(ctx context.Context, o options) (err error) {
	if o.data == "" {
		if o.data, err = os.MkdirTemp("", "perene-bench-"); err != nil {
			return err
		}
		if err := os.Chmod(o.data, 0o755); err != nil { // Postgres runs as another user
			return err
		}
		if !o.keep {
			defer func() { _ = os.RemoveAll(o.data) }()
		}
	}
	machine := rig.ReadMachine()
	if o.deskURL != "" {
		b := &bench{options: o}
		if b.out, err = os.OpenFile(o.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return err
		}
		defer func() { _ = b.out.Close() }()
		return b.report(b.desk(ctx), machine)
	}
	env := append([]string{"PERENE_SIM_LEDGER_MODE=buffered", "PERENE_LOG_LEVEL=warn"}, o.env...)
	if o.profile != "" {
		env = append(env, "PERENE_PPROF_SOCKETS="+o.data)
	}
	fmt.Fprintln(os.Stderr, "· starting a stack in", o.data)
	stack, err := rig.Up(ctx, rig.Options{Root: o.root, Data: o.data, Env: env, Args: o.args, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer func() { _ = stack.Down() }()
	b := &bench{options: o, Stack: stack}
	if b.out, err = os.OpenFile(o.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return err
	}
	defer func() { _ = b.out.Close() }()
	if b.db, err = stack.OpenDB(ctx); err != nil {
		return err
	}
	defer b.db.Close()
	if err := stack.SimSettings(ctx, 0, false); err != nil {
		return err
	}
	if b.account, err = stack.SetUp(ctx, rig.AccountOptions{Connections: 10, RatePerSecond: 1000}); err != nil {
		return err
	}
	b.hooks = stack.NewHooks(20 * time.Second)
	defer b.hooks.Close()
	b.record("start", "", map[string]float64{"stack_ready_s": stack.Seconds})

	for _, part := range []struct {
		name string
		do   func(context.Context) error
		long bool // measured only when it is named
	}{
		{"idle", b.idle, false}, {"first", b.firstContacts, false}, {"turns", b.turns, false}, {"saturation", b.saturation, false}, {"intake", b.intake, false},
		{"statuses", b.statuses, false}, {"sends", b.sends, false}, {"restart", b.restarts, false}, {"normal", b.normal, true}, {"peak", b.peak, true}, {"steady", b.steady, true},
		{"desk", b.desk, true}, {"sockets", b.sockets, true},
	} {
		if (o.only != "" || part.long) && !contains(o.only, part.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "· %s (load of the last minute %s)\n", part.name, rig.LoadAverage())
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return b.report(nil, machine)
}

// report prints the table, and fails where something promised was not kept.
func (b *bench) report(err error, machine rig.Machine) error {
	if err != nil {
		return err
	}
	b.table(os.Stdout, machine)
	if len(b.missed) > 0 {
		return errors.New(strings.Join(b.missed, "; "))
	}
	return nil
}

func contains(list, name string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one == name {
			return true
		}
	}
	return false
}

// result is one run of one scenario.
type result struct {
	At       time.Time          `json:"at"`
	Scenario string             `json:"scenario"`
	With     string             `json:"with,omitempty"`
	Load     string             `json:"load"`
	Note     string             `json:"note,omitempty"`
	Values   map[string]float64 `json:"values"`
}

// record keeps a run's figures and writes them as one line.
func (b *bench) record(scenario, with string, values map[string]float64) {
	r := result{At: time.Now().UTC(), Scenario: scenario, With: with, Load: rig.LoadAverage(), Note: b.note, Values: values}
	b.results = append(b.results, r)
	line, err := json.Marshal(r)
	if err == nil {
		_, err = b.out.Write(append(line, '\n'))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: write the result:", err)
	}
	fmt.Fprintf(os.Stderr, "  %s %s %s\n", scenario, with, short(values))
}

// profilePath is where a profile goes.
func (b *bench) profilePath(name string) string {
	return filepath.Join(filepath.Dir(b.options.out), name)
}
