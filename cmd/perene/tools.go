package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/sim"
	"github.com/perene/perene/store"
)

type migrateCommand struct {
	config.Runtime
	config.Database
}

// Run brings the schema to the newest version.
func (c *migrateCommand) Run(ctx context.Context) error {
	if err := c.Database.Validate(c.Env); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.Database.URL, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	version, err := s.Migrate(ctx)
	if err != nil {
		if store.IsUnavailable(err) {
			return fmt.Errorf("Postgres does not answer: check that it runs and that DATABASE_URL is right (%w)", err) //nolint:staticcheck // a name
		}
		return err
	}
	fmt.Println("schema", version)
	return nil
}

type simCommand struct {
	config.Runtime
	Listen     string `env:"PERENE_SIM_LISTEN" default:"127.0.0.1:8090" help:"host:port of the simulators; loopback only."`
	DataDir    string `env:"PERENE_SIM_DATA" help:"Where simulated people and their chats are kept; empty keeps nothing."`
	SeedFile   string `env:"PERENE_SIM_SEED" help:"Business accounts and phones to start with, instead of the demo's."`
	Empty      bool   `env:"PERENE_SIM_EMPTY" help:"Start with nothing; it comes by the control API."`
	WebhookURL string `env:"PERENE_SIM_WEBHOOK_URL" help:"Where the simulated Meta sends webhooks; by default to the demo connection of PERENE_PUBLIC_URL."`
	APIURL     string `name:"api-url" env:"PERENE_PUBLIC_URL" default:"http://127.0.0.1:8080" help:"Where Perene answers."`
	Token      string `env:"PERENE_DEMO_TOKEN" help:"Access token of the demo business."`
	AppSecret  string `env:"PERENE_DEMO_APP_SECRET" help:"App secret of the demo business."`
	Verify     string `env:"PERENE_DEMO_VERIFY" help:"Verify token of the demo business."`
	PublicURL  string `env:"PERENE_SIM_PUBLIC_URL" help:"How others reach the simulators; for media addresses."`
	Ledger     string `env:"PERENE_SIM_LEDGER" help:"File that every request is written to before it is answered."`
	LedgerMode string `env:"PERENE_SIM_LEDGER_MODE" default:"write" enum:"write,fsync,buffered" help:"How sure the ledger is."`
	Bench      bool   `env:"PERENE_SIM_BENCH" help:"Settings for load: no limits, statuses at once."`
	Seed       uint64 `env:"PERENE_SIM_RAND" default:"1" help:"Drives every chance."`
}

// Run serves the simulators until it is stopped.
func (c *simCommand) Run(ctx context.Context) error {
	if c.Env != config.Development {
		return errors.New("the simulators run in development only: set PERENE_ENV=development")
	}
	log := c.Logger("sim")
	public := c.PublicURL
	if public == "" {
		public = "http://" + strings.Replace(c.Listen, "0.0.0.0", "127.0.0.1", 1)
	}
	webhook := c.WebhookURL
	if webhook == "" {
		webhook = strings.TrimSuffix(c.APIURL, "/") + "/webhooks/meta/demo"
	}
	s, err := sim.New(sim.Config{DataDir: c.DataDir, SeedFile: c.SeedFile, Empty: c.Empty, WebhookURL: webhook, PublicURL: public,
		Token: c.Token, AppSecret: c.AppSecret, VerifyToken: c.Verify,
		LedgerFile: c.Ledger, LedgerMode: c.LedgerMode, Bench: c.Bench, RandSeed: c.Seed, Logger: log})
	if err != nil {
		return err
	}
	err = serve(ctx, c.Listen, withHealth(s), log, "PERENE_SIM_LISTEN")
	return errors.Join(err, s.Close())
}

// withHealth answers /healthz before anything else.
func withHealth(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			_, _ = w.Write([]byte("ok\n"))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// output opens where a command writes: a file, or standard output for "-".
func output(path string) (*os.File, func() error, error) {
	if path == "" || path == "-" {
		return os.Stdout, func() error { return nil }, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("write %s: %w", path, err)
	}
	return f, f.Close, nil
}
