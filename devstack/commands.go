package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/stack"
	"github.com/perene/perene/devstack/internal/temporal"
)

type upCommand struct {
	Data       string `default:".dev" help:"Folder for everything that must survive."`
	Perene     string `default:"bin/perene" help:"The Perene program."`
	Bin        string `help:"Folder of Temporal's programs; this program's own by default."`
	Deploy     string `default:"deploy" help:"Folder of the files for deployments: settings of Postgres and Temporal."`
	Lang       string `help:"Language of the table: pt-BR or en. The terminal's where not given."`
	JSON       bool   `name:"json" help:"Print one JSON line instead of the table, when all is ready."`
	Verbose    bool   `short:"v" help:"Tell every step and how long it took."`
	FreePorts  bool   `help:"Choose free ports instead of the usual ones."`
	Reset      bool   `help:"Delete the data first."`
	Seed       string `default:"examples/demo/demo.yaml" help:"File of the demo account, applied once."`
	NoSeed     bool   `help:"Apply no demo account."`
	People     string `placeholder:"FILE" help:"After the demo account was applied: simulated people who write, and what an agent does for them."`
	Fast       bool   `help:"Postgres without durability, for tests only."`
	PostgresIn string `placeholder:"FOLDER" help:"Keep Postgres's data in this folder instead of the data folder, for instance on another disk."`

	PostgresSet []string `sep:"none" placeholder:"NAME=VALUE" help:"Setting of the private Postgres, in place of the stack's own; repeatable."`

	APIPort             int `name:"api-port" default:"8080" help:"Port of the API and the console."`
	APIMetricsPort      int `default:"8082" help:"Port of the API's metrics."`
	WorkerPort          int `default:"8081" help:"Port of the worker's metrics."`
	SimPort             int `default:"8090" help:"Port of the simulated phone and Graph API."`
	PostgresPort        int `default:"54329" help:"Port of the private Postgres."`
	TemporalPort        int `default:"7233" help:"Port of the private Temporal."`
	TemporalWebPort     int `default:"8233" help:"Port of Temporal Web."`
	TemporalMetricsPort int `default:"8234" help:"Port of the private Temporal's metrics."`

	temporalFlags
}

// temporalFlags are those of the private Temporal.
type temporalFlags struct {
	SearchAttributesFile string   `default:"workflows/searchattributes.json" help:"JSON object of search attributes, NAME: TYPE; no file is none."`
	Dynamic              []string `sep:"none" placeholder:"NAME=JSON" help:"Setting of Temporal's dynamic configuration; repeatable."`
	TemporalFaults       string   `placeholder:"CHANCE|FILE" help:"Let calls of Temporal to its own database fail, for tests: each kind of error with a chance (0.05), or as a JSON file says."`
	TemporalFaultSeed    int64    `default:"1" help:"Draws the faults."`
}

func (f temporalFlags) dynamic() (map[string]any, error) {
	values := map[string]any{}
	for _, setting := range f.Dynamic {
		name, text, ok := strings.Cut(setting, "=")
		var value any
		if !ok || json.Unmarshal([]byte(text), &value) != nil {
			return nil, fmt.Errorf("--dynamic %s is not NAME=JSON, for instance frontend.rps=500", setting)
		}
		values[name] = value
	}
	return values, nil
}

// Run starts the stack.
func (c *upCommand) Run(ctx context.Context, hurry patience) error {
	dynamic, err := c.dynamic()
	if err != nil {
		return err
	}
	faults, err := temporal.ReadFaults(c.TemporalFaults)
	if err != nil {
		return err
	}
	bin := c.Bin
	if bin == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		bin = filepath.Dir(self)
	}
	attributes, err := absolute(c.SearchAttributesFile)
	if err != nil {
		return err
	}
	seed := c.Seed
	if c.NoSeed {
		seed = ""
	}
	for _, setting := range c.PostgresSet {
		if name, _, ok := strings.Cut(setting, "="); !ok || name == "" {
			return fmt.Errorf("--postgres-set %s is not NAME=VALUE, for instance archive_mode=on", setting)
		}
	}
	return stack.Up(ctx, hurry, stack.Options{
		Data: c.Data, Perene: c.Perene, Bin: bin, Deploy: c.Deploy, Seed: seed, People: c.People, SearchAttributes: attributes, PostgresIn: c.PostgresIn, PostgresSet: c.PostgresSet,
		Language: c.Lang, JSON: c.JSON, Verbose: c.Verbose, Reset: c.Reset, FreePort: c.FreePorts, Fast: c.Fast,
		Ports: stack.Ports{
			Postgres: c.PostgresPort, Temporal: c.TemporalPort, TemporalWeb: c.TemporalWebPort,
			TemporalMetrics: c.TemporalMetricsPort, API: c.APIPort, APIMetrics: c.APIMetricsPort, Worker: c.WorkerPort, Sim: c.SimPort,
		},
		Dynamic: dynamic, TemporalFaults: faults, TemporalFaultSeed: c.TemporalFaultSeed,
		Getenv: os.Getenv, Environ: os.Environ(), Out: os.Stdout, Err: os.Stderr,
	})
}

type ctlCommand struct {
	Data string `default:".dev" help:"Data folder of the running stack."`
	Op   string `arg:"" enum:"status,stop,cut,start,restart,kill" help:"status, stop, cut (off, as by a power cut), start, restart or kill."`
	Name string `arg:"" optional:"" help:"postgres, temporal, temporal-web, api, worker or sim."`
}

// Run asks the running stack and prints its processes.
func (c *ctlCommand) Run(ctx context.Context) error {
	if c.Op != "status" && c.Name == "" {
		return fmt.Errorf("say which process: devstack ctl %s postgres, temporal, api, worker or sim", c.Op)
	}
	data, err := absolute(c.Data)
	if err != nil {
		return err
	}
	answer, err := stack.Control(ctx, data, stack.Request{Op: c.Op, Name: c.Name})
	for _, p := range answer.Processes {
		fmt.Printf("%-14s %-9s pid %-8d restarts %d\n", p.Name, p.State, p.PID, p.Restarts)
	}
	return err
}

// choose takes a free port for 0 and otherwise checks that the port is free.
func choose(port *int, what, flag string) error {
	if *port != 0 {
		return ports.Check(*port, what, flag)
	}
	free, err := ports.Free(1)
	if err != nil {
		return err
	}
	*port = free[0]
	return nil
}

func absolute(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return full, nil
}

func printJSON(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(errors.New("print the answer"), err))
	}
}
