package main

import (
	"context"
	"errors"
	"os"

	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/doctor"
	"github.com/perene/perene/internal/config"
)

type doctorCommand struct {
	config.Runtime
	config.Database
	config.Temporal
	config.Secrets
	config.Listen
	config.Media
	config.Traces
	Quick       bool `help:"Only what a health check needs: configuration, Postgres and Temporal."`
	Connections bool `help:"Ask the providers about each connection as well."`
	JSON        bool `name:"json" help:"Print JSON."`
}

// errUnwell makes the program end with 1 after the report was printed.
var errUnwell = errors.New("something has to be mended before Perene can run")

// Run checks what is needed to run, and says how to mend what is not there.
func (c *doctorCommand) Run(ctx context.Context) error {
	temporal, err := dialTemporal(c.Temporal, c.Logger("doctor"), newRegistry())
	if err != nil {
		return err
	}
	defer temporal.Close()
	adapters, _ := newAdapters(c.Runtime)
	report := doctor.Run(ctx, doctor.Config{
		Runtime: c.Runtime, Database: c.Database, Temporal: c.Temporal, Secrets: c.Secrets, Listen: c.Listen, Media: c.Media, Traces: c.Traces,
		Quick: c.Quick, Connections: c.Connections, OpenFiles: openFiles, Frontend: doctor.NewFrontend(temporal, c.Namespace), Adapters: adapters,
		Graph: meta.NewClient(meta.Options{AllowPrivate: c.AllowPrivate(), Hosts: c.ProviderHosts()}),
	})
	if c.JSON {
		err = report.PrintJSON(os.Stdout)
	} else {
		report.Print(os.Stdout)
	}
	if err == nil && report.Failed() {
		err = errUnwell
	}
	return err
}
