// Package stack starts everything a developer needs on one machine: Postgres,
// Temporal with its web interface, and the Perene processes; and keeps it alive.
package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/temporal"
)

// Ports are where the stack listens on 127.0.0.1.
type Ports struct {
	Postgres        int `json:"postgres"`
	Temporal        int `json:"temporal"`
	TemporalWeb     int `json:"temporal_web"`
	TemporalMetrics int `json:"temporal_metrics"`
	API             int `json:"api"`
	APIMetrics      int `json:"api_metrics"`
	Worker          int `json:"worker"`
	Sim             int `json:"sim"`
}

// Options are what `devstack up` was asked for.
type Options struct {
	// Data is where everything lies that must survive.
	Data string
	// PostgresIn is another folder for Postgres's data; empty for Data.
	PostgresIn string
	// PostgresSet are settings of the private Postgres, NAME=VALUE.
	PostgresSet []string
	// Perene is the path of the program, Bin the folder of Temporal's programs.
	Perene, Bin string
	// Deploy is the folder of the files for deployments, which a stack is started with as well.
	Deploy string
	// Seed is the file of the demo account; empty for none.
	Seed string
	// People is the file of who writes once the demo account was applied; empty for nobody.
	People string
	// SearchAttributes is the file that names them.
	SearchAttributes string
	// Language of the table: pt-BR or en.
	Language string
	JSON     bool
	Verbose  bool
	Reset    bool
	FreePort bool
	// Fast gives up the durability of Postgres: for tests only.
	Fast  bool
	Ports Ports
	// Dynamic are settings in place of those of Temporal's dynamic configuration.
	Dynamic map[string]any
	// TemporalFaults are faults of Temporal's database, drawn by TemporalFaultSeed: for tests only.
	TemporalFaults    temporal.Faults
	TemporalFaultSeed int64
	// Getenv reads the caller's environment, Environ lists it.
	Getenv  func(string) string
	Environ []string
	// Out gets the table or the JSON line, Err everything else.
	Out, Err io.Writer
}

// choosePorts replaces the ports by free ones where that was asked for, and
// checks that nobody else has them. Ports of parts that are not started are 0.
func (o *Options) choosePorts(external external) error {
	type wanted struct {
		port       *int
		what, flag string
		unused     bool
	}
	all := []wanted{
		{&o.Ports.API, "the Perene API", "--api-port", false},
		{&o.Ports.APIMetrics, "the metrics of the Perene API", "--api-metrics-port", false},
		{&o.Ports.Worker, "the metrics of the Perene worker", "--worker-port", false},
		{&o.Ports.Sim, "the simulated phone", "--sim-port", false},
		{&o.Ports.Postgres, "the private Postgres", "--postgres-port", external.databaseURL != ""},
		{&o.Ports.Temporal, "the private Temporal", "--temporal-port", external.temporal != nil},
		{&o.Ports.TemporalMetrics, "the metrics of Temporal", "--temporal-metrics-port", external.temporal != nil},
		{&o.Ports.TemporalWeb, "Temporal Web", "--temporal-web-port", !external.ownWeb()},
	}
	free, err := ports.Free(len(all))
	if err != nil {
		return err
	}
	for i, w := range all {
		switch {
		case w.unused:
			*w.port = 0
		case o.FreePort || *w.port == 0:
			*w.port = free[i]
		default:
			if err := ports.Check(*w.port, w.what, w.flag+" (or all of them with --free-ports)"); err != nil {
				return err
			}
		}
	}
	return nil
}

// check finds mistakes that can be told before anything is started.
func (o *Options) check() error {
	var err error
	if o.Data, err = filepath.Abs(o.Data); err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	if o.PostgresIn == "" {
		o.PostgresIn = o.Data
	}
	if o.PostgresIn, err = filepath.Abs(o.PostgresIn); err != nil {
		return fmt.Errorf("find the folder for Postgres: %w", err)
	}
	if o.Bin, err = filepath.Abs(o.Bin); err != nil {
		return fmt.Errorf("find the programs: %w", err)
	}
	if o.Deploy, err = filepath.Abs(o.Deploy); err != nil {
		return fmt.Errorf("find the files for deployments: %w", err)
	}
	if o.Perene, err = filepath.Abs(o.Perene); err != nil {
		return fmt.Errorf("find perene: %w", err)
	}
	if info, err := os.Stat(o.Perene); errors.Is(err, os.ErrNotExist) || (err == nil && info.IsDir()) {
		return fmt.Errorf("there is no program at %s: run `make build` first, or name it with --perene", o.Perene)
	} else if err != nil {
		return fmt.Errorf("look at %s: %w", o.Perene, err)
	}
	if o.Language == "" {
		o.Language = guessLanguage(o.Getenv)
	}
	if o.Language != Portuguese && o.Language != English {
		return fmt.Errorf("the language %q is not known: use pt-BR or en", o.Language)
	}
	return nil
}

// The languages of the table.
const (
	Portuguese = "pt-BR"
	English    = "en"
)

// guessLanguage follows the terminal's locale; English where it says neither.
func guessLanguage(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), "pt") {
				return Portuguese
			}
			return English
		}
	}
	return English
}
