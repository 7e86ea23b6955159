package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	webconfig "github.com/temporalio/ui-server/v2/server/config"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/stack"
	"github.com/perene/perene/devstack/internal/temporal"
)

type upCommand struct {
	Data       string `default:".dev" help:"Folder for everything that must survive."`
	Perene     string `default:"bin/perene" help:"The Perene program."`
	Lang       string `help:"Language of the table: pt-BR or en. The terminal's where not given."`
	JSON       bool   `name:"json" help:"Print one JSON line instead of the table, when all is ready."`
	Verbose    bool   `short:"v" help:"Tell every step and how long it took."`
	FreePorts  bool   `help:"Choose free ports instead of the usual ones."`
	Reset      bool   `help:"Delete the data first."`
	Seed       string `default:"examples/demo/demo.yaml" help:"File of the demo account, applied once."`
	NoSeed     bool   `help:"Apply no demo account."`
	Fast       bool   `help:"Postgres without durability, for tests only."`
	PostgresIn string `placeholder:"FOLDER" help:"Keep Postgres's data in this folder instead of the data folder, for instance on another disk."`

	PostgresSet []string `sep:"none" placeholder:"NAME=VALUE" help:"Setting of the private Postgres, in place of the stack's own; repeatable."`

	APIPort             int `name:"api-port" default:"8080" help:"Port of the API and the console."`
	WorkerPort          int `default:"8081" help:"Port of the worker's metrics."`
	SimPort             int `default:"8090" help:"Port of the simulated phone and Graph API."`
	PostgresPort        int `default:"54329" help:"Port of the private Postgres."`
	TemporalPort        int `default:"7233" help:"Port of the private Temporal."`
	TemporalWebPort     int `default:"8233" help:"Port of Temporal Web."`
	TemporalMetricsPort int `default:"8234" help:"Port of the private Temporal's metrics."`

	temporalFlags
}

// temporalFlags are shared by every command that starts a Temporal server.
type temporalFlags struct {
	Shards               int      `default:"16" help:"History shards; fixed once there is data."`
	Partitions           int      `default:"1" help:"Partitions of every task queue."`
	SearchAttributesFile string   `default:"workflows/searchattributes.json" help:"JSON object of search attributes, NAME: TYPE; no file is none."`
	Dynamic              []string `sep:"none" placeholder:"NAME=JSON" help:"Setting of Temporal's dynamic configuration; repeatable."`
	TemporalFaults       string   `placeholder:"CHANCE|FILE" help:"Let calls of Temporal to its own database fail, for tests: each kind of error with a chance (0.05), or as a JSON file says."`
	TemporalFaultSeed    int64    `default:"1" help:"Draws the faults."`
	TemporalAllMetrics   bool     `help:"Let Temporal record all of its metrics, also those that each turn records and hardly anybody reads."`
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
	if _, err := c.dynamic(); err != nil {
		return err
	}
	if _, err := temporal.ReadFaults(c.TemporalFaults); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
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
		Data: c.Data, Perene: c.Perene, Seed: seed, SearchAttributes: attributes, PostgresIn: c.PostgresIn, PostgresSet: c.PostgresSet,
		Language: c.Lang, JSON: c.JSON, Verbose: c.Verbose, Reset: c.Reset, FreePort: c.FreePorts, Fast: c.Fast,
		Ports: stack.Ports{
			Postgres: c.PostgresPort, Temporal: c.TemporalPort, TemporalWeb: c.TemporalWebPort,
			TemporalMetrics: c.TemporalMetricsPort, API: c.APIPort, Worker: c.WorkerPort, Sim: c.SimPort,
		},
		Shards: c.Shards, Partitions: c.Partitions, Dynamic: c.Dynamic, TemporalFaults: c.TemporalFaults, TemporalFaultSeed: c.TemporalFaultSeed,
		TemporalAllMetrics: c.TemporalAllMetrics, Self: self, Getenv: os.Getenv, Environ: os.Environ(), Out: os.Stdout, Err: os.Stderr,
	})
}

type ctlCommand struct {
	Data string `default:".dev" help:"Data folder of the running stack."`
	Op   string `arg:"" enum:"status,stop,cut,start,restart,kill" help:"status, stop, cut (off, as by a power cut), start, restart or kill."`
	Name string `arg:"" optional:"" help:"postgres, temporal, api, worker or sim."`
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

type temporalCommand struct {
	DatabaseURL        string `name:"database-url" env:"DATABASE_URL" required:"" help:"The Postgres server; which database it names does not matter."`
	Database           string `default:"temporal" help:"Database of the histories; made when missing."`
	VisibilityDatabase string `default:"temporal_visibility" help:"Database of the lists; made when missing."`
	Namespace          string `default:"perene" env:"TEMPORAL_NAMESPACE" help:"Namespace; made when missing."`
	Port               int    `default:"7233" help:"Port of the frontend; 0 takes a free one."`
	WebPort            int    `default:"8233" help:"Port of Temporal Web; 0 takes a free one."`
	MetricsPort        int    `default:"8234" help:"Port of Prometheus metrics; 0 takes a free one."`
	Socket             string `type:"path" help:"A socket in the file system at which the frontend serves beside its port, for callers of this machine (unix:PATH)."`
	LogLevel           string `default:"warn" enum:"debug,info,warn,error" help:"Least level that is logged, on standard error."`
	SearchAttributes   string `placeholder:"JSON" help:"Search attributes beside those of the file."`
	temporalFlags
}

// Run serves until a signal comes and prints one JSON line when all is ready.
func (c *temporalCommand) Run(ctx context.Context) error {
	serveProfiles(ctx, os.Getenv("PERENE_PPROF_SOCKETS"), "temporal")
	if os.Getenv("GOGC") == "" {
		// Measured: with Go's own 100 a fifth of the server's time went into collecting a small heap; above 150 it buys memory
		// and hardly time.
		debug.SetGCPercent(150)
		// Above it collecting often is the better bargain. It must stay well above what lives, some 120 MB with the caches of
		// internal/temporal/server.go: with 12,000 workflows remembered collecting took half of the server's time.
		debug.SetMemoryLimit(320 << 20)
	}
	attributes, err := temporal.ReadSearchAttributes(c.SearchAttributesFile)
	if err != nil {
		return err
	}
	if c.SearchAttributes != "" {
		if attributes == nil {
			attributes = temporal.SearchAttributes{}
		}
		if err := json.Unmarshal([]byte(c.SearchAttributes), &attributes); err != nil {
			return fmt.Errorf(`--search-attributes is not a JSON object such as {"Account":"Int"}: %w`, err)
		}
	}
	dynamic, err := c.dynamic()
	if err != nil {
		return err
	}
	for _, port := range []struct {
		number     *int
		what, flag string
	}{
		{&c.Port, "Temporal", "--port"},
		{&c.WebPort, "Temporal Web", "--web-port"},
		{&c.MetricsPort, "the metrics of Temporal", "--metrics-port"},
	} {
		if err := choose(port.number, port.what, port.flag); err != nil {
			return err
		}
	}
	faults, err := temporal.ReadFaults(c.TemporalFaults)
	if err != nil {
		return err
	}
	if err := postgres.Await(ctx, c.DatabaseURL, func(line string) { fmt.Fprintln(os.Stderr, line) }); err != nil {
		return err
	}
	if err := postgres.EnsureDatabases(ctx, c.DatabaseURL, c.Database, c.VisibilityDatabase); err != nil {
		return err
	}
	return temporal.Run(ctx, temporal.Options{
		DatabaseURL: c.DatabaseURL, Database: c.Database, VisibilityDatabase: c.VisibilityDatabase,
		Namespace: c.Namespace, Port: c.Port, WebPort: c.WebPort, MetricsPort: c.MetricsPort, Socket: c.Socket,
		Shards: c.Shards, Partitions: c.Partitions, SearchAttributes: attributes,
		Dynamic: dynamic, Faults: faults, FaultSeed: c.TemporalFaultSeed, AllMetrics: c.TemporalAllMetrics, LogLevel: c.LogLevel,
	}, func() {
		printJSON(map[string]any{
			"pid": os.Getpid(), "address": local(c.Port), "namespace": c.Namespace,
			"web": "http://localhost:" + strconv.Itoa(c.WebPort), "metrics": "http://" + local(c.MetricsPort) + "/metrics",
		})
	})
}

type temporalWebCommand struct {
	Port       int    `default:"8233" help:"Port of Temporal Web; 0 takes a free one."`
	Address    string `env:"TEMPORAL_ADDRESS" required:"" help:"host:port of the Temporal frontend, or unix:///PATH of its socket."`
	Namespace  string `env:"TEMPORAL_NAMESPACE" default:"perene" help:"Namespace that is shown first."`
	TLS        bool   `name:"tls" env:"TEMPORAL_TLS" help:"Use TLS."`
	CAFile     string `name:"tls-ca-file" env:"TEMPORAL_TLS_CA_FILE" help:"PEM file with the server's authority."`
	CertFile   string `name:"tls-cert-file" env:"TEMPORAL_TLS_CERT_FILE" help:"PEM file with our certificate."`
	KeyFile    string `name:"tls-key-file" env:"TEMPORAL_TLS_KEY_FILE" help:"PEM file with our key."`
	ServerName string `name:"tls-server-name" env:"TEMPORAL_TLS_SERVER_NAME" help:"Name the server's certificate must carry."`
}

// Run serves until a signal comes.
func (c *temporalWebCommand) Run(ctx context.Context) error {
	if err := choose(&c.Port, "Temporal Web", "--port"); err != nil {
		return err
	}
	opts := temporal.WebOptions{Port: c.Port, Address: c.Address, Namespace: c.Namespace}
	if c.TLS || c.CAFile != "" || c.CertFile != "" {
		opts.TLS = webconfig.TLS{
			CaFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
			ServerName: c.ServerName, EnableHostVerification: true,
		}
	}
	return temporal.RunWeb(ctx, opts, func() {
		printJSON(map[string]any{"pid": os.Getpid(), "web": "http://localhost:" + strconv.Itoa(c.Port)})
	})
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

func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func printJSON(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(errors.New("print the answer"), err))
	}
}
