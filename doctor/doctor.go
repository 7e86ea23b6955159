// Package doctor checks what Perene needs to run and says how to mend what is missing. It changes nothing, apart from one
// small file in the media store that it takes away again, and one span that it sends where traces are on.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
)

// Status says how a check ended.
type Status string

// The statuses. A failure keeps Perene from running rightly; a warning is worth a look.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Detail string `json:"detail"`         // what was found; never a secret
	Mend   string `json:"mend,omitempty"` // what to do about it
}

// Report is what a run of the doctor found, in order.
type Report struct {
	Checks []Check `json:"checks"`
}

// Failed tells whether any check failed.
func (r *Report) Failed() bool {
	for _, c := range r.Checks {
		if c.Status == Fail {
			return true
		}
	}
	return false
}

// Print writes the report as an aligned table for people.
func (r *Report) Print(w io.Writer) {
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.Name))
	}
	for _, c := range r.Checks {
		_, _ = fmt.Fprintf(w, "%-4s  %-*s  %s\n", c.Status, width, c.Name, c.Detail)
		if c.Mend != "" {
			_, _ = fmt.Fprintf(w, "      %-*s  → %s\n", width, "", c.Mend)
		}
	}
	counts := map[Status]int{}
	for _, c := range r.Checks {
		counts[c.Status]++
	}
	_, _ = fmt.Fprintf(w, "%d ok, %d warnings, %d failures\n", counts[OK], counts[Warn], counts[Fail])
}

// PrintJSON writes the report for programs.
func (r *Report) PrintJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Config is what the doctor looks at. Runtime, Database, Temporal, Secrets, Listen, Media and Traces are what the program reads.
type Config struct {
	Runtime  config.Runtime
	Database config.Database
	Temporal config.Temporal
	Secrets  config.Secrets
	Listen   config.Listen
	Media    config.Media
	Traces   config.Traces

	// Quick looks only at what a health check needs: configuration, Postgres and Temporal.
	Quick bool
	// Connections asks the providers about each connection as well.
	Connections bool

	// OpenFiles opens the media store; required unless Quick.
	OpenFiles func(address string) (blobs.Store, error)
	// Frontend reaches Temporal; see NewFrontend. Required.
	Frontend Frontend
	// Adapters are the adapters by channel; required with Connections.
	Adapters map[string]channels.Adapter

	// What follows has defaults, and is handed in by tests.

	// Graph asks Meta what adapters have no word for.
	Graph *meta.Client
	HTTP  *http.Client
	Now   func() time.Time
	// FreeBytes tells how much room is left where a path lies.
	FreeBytes func(path string) (uint64, error)
	// Zone loads a time zone.
	Zone func(name string) (*time.Location, error)
}

func (c Config) filled() Config {
	if c.HTTP == nil {
		c.HTTP = &http.Client{
			Timeout:       5 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if c.Graph == nil {
		c.Graph = meta.NewClient(meta.Options{AllowPrivate: c.Runtime.AllowPrivate(), Hosts: c.Runtime.ProviderHosts(), Timeout: 5 * time.Second})
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.FreeBytes == nil {
		c.FreeBytes = freeBytes
	}
	if c.Zone == nil {
		c.Zone = time.LoadLocation
	}
	return c
}

func freeBytes(path string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, err
	}
	return st.Bavail * uint64(st.Bsize), nil //nolint:gosec,unconvert // the type differs by system, and a block size is positive
}

// patience bounds one check.
const patience = 10 * time.Second

// examination is one run.
type examination struct {
	Config
	report *Report
	store  *store.Store // nil while Postgres does not answer
}

// Run checks everything in order. A check whose ground is missing is left out: without Postgres nothing is said about
// migrations.
func Run(ctx context.Context, cfg Config) *Report {
	e := &examination{Config: cfg.filled(), report: &Report{}}
	defer func() {
		if e.store != nil {
			e.store.Close()
		}
	}()
	steps := []func(context.Context){e.configuration, e.postgres, e.temporal}
	if !e.Quick {
		steps = append(steps, e.zones, e.publicURL, e.media, e.disk, e.sealed, e.audits, e.traces)
		if e.Connections {
			steps = append(steps, e.connections)
		}
	}
	for _, step := range steps {
		bounded, cancel := context.WithTimeout(ctx, patience)
		step(bounded)
		cancel()
	}
	return e.report
}

func (e *examination) ok(name, format string, args ...any) {
	e.report.Checks = append(e.report.Checks, Check{name, OK, fmt.Sprintf(format, args...), ""})
}

func (e *examination) warn(name, mend, format string, args ...any) {
	e.report.Checks = append(e.report.Checks, Check{name, Warn, fmt.Sprintf(format, args...), mend})
}

func (e *examination) fail(name, mend, format string, args ...any) {
	e.report.Checks = append(e.report.Checks, Check{name, Fail, fmt.Sprintf(format, args...), mend})
}

// configuration is what start-up refuses too: missing values, and default or short secrets (S23).
func (e *examination) configuration(context.Context) {
	const name = "configuration"
	failed := false
	for _, problem := range []error{e.Database.Validate(e.Runtime.Env), e.Listen.Validate(e.Runtime.Env), e.temporalConfig()} {
		if problem != nil {
			failed = true
			what, mend := split(problem.Error())
			e.fail(name, mend, "%s", what)
		}
	}
	if !failed {
		e.ok(name, "%s, %s", e.Runtime.Env, runtime.Version())
	}
	if _, err := e.Secrets.Key(); err != nil {
		what, mend := split(err.Error())
		e.fail("master key", mend+" (keep it apart from the backups of the database: without it no secret opens)", "%s", what)
		return
	}
	e.ok("master key", "set")
}

func (e *examination) temporalConfig() error {
	return e.Temporal.Validate(e.Runtime.Env)
}

// split parts a sentence "what is wrong: what to do" or "what is wrong; what to do".
func split(sentence string) (what, mend string) {
	for _, sep := range []string{"; ", ": "} {
		if a, b, ok := strings.Cut(sentence, sep); ok {
			return a, b
		}
	}
	return sentence, "correct it and run the doctor again"
}

// zones are read by opening hours, dates in flows and schedules.
func (e *examination) zones(context.Context) {
	for _, name := range []string{"America/Sao_Paulo", "America/Manaus", "Europe/Lisbon"} {
		if _, err := e.Zone(name); err != nil {
			e.fail("time zones", "install the time zone data (apt install tzdata, apk add tzdata), or set ZONEINFO", "no data for %s", name)
			return
		}
	}
	e.ok("time zones", "known")
}
