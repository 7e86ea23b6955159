package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/provision"
	"github.com/perene/perene/store"
)

type applyCommand struct {
	config.Runtime
	config.Database
	config.Secrets
	File   string `short:"f" required:"" help:"The account file (YAML)."`
	DryRun bool   `help:"Say what would change, and change nothing."`
	// Values are prefixes of variables that the file may show.
	Values []string `env:"PERENE_APPLY_VALUES" placeholder:"PREFIX" help:"Variables with these prefixes may stand in names, texts and addresses, as PERENE_VALUE_… always may. Any in development."`
}

// Run makes an account match a file and prints what it changed. The dispatcher rings what the changes concern.
func (c *applyCommand) Run(ctx context.Context) error {
	key, err := c.Secrets.Key()
	if err != nil {
		return err
	}
	s, err := openStore(ctx, c.Database, c.Env, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	adapters, _ := newAdapters(c.Runtime)
	result, err := provision.ApplyFile(ctx, s, key, c.File, provision.Options{DryRun: c.DryRun, Development: c.Env == config.Development, ProviderHosts: c.ProviderHosts(),
		ValuePrefixes: c.Values,
		FlowChannels:  activities.ChannelsToFlow(adapters)})
	if err != nil {
		return err
	}
	result.Print(os.Stdout)
	return nil
}

type exportCommand struct {
	config.Runtime
	config.Database
	Account string `arg:"" help:"The account's slug."`
	Output  string `short:"o" default:"-" help:"Where to write; - is standard output."`
}

// Run writes an account as a file that apply reads; secrets are names of variables.
func (c *exportCommand) Run(ctx context.Context) error {
	s, err := openStore(ctx, c.Database, c.Env, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	text, err := provision.Export(ctx, s, c.Account)
	if err != nil {
		return err
	}
	out, done, err := output(c.Output)
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", c.Output, err)
	}
	return done()
}

type loginLinkCommand struct {
	config.Runtime
	config.Database
	PublicURL string        `env:"PERENE_PUBLIC_URL" required:"" help:"How browsers reach us."`
	Account   string        `help:"The account's slug, where there are several."`
	Email     string        `help:"Whom to sign in; the oldest administrator otherwise."`
	Life      time.Duration `default:"15m" help:"How long the link works. It works once."`
	JSON      bool          `name:"json" help:"Print JSON."`
}

// Run makes a one-time sign-in link. Only its SHA-256 is kept.
func (c *loginLinkCommand) Run(ctx context.Context) error {
	s, err := openStore(ctx, c.Database, c.Env, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	link, err := provision.LoginLink(ctx, s, provision.LinkOptions{Account: c.Account, Email: c.Email, PublicURL: c.PublicURL, Life: c.Life})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(link)
	}
	fmt.Println(link.URL)
	return nil
}
