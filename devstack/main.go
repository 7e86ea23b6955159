// Command devstack runs what Perene needs on one machine without containers: a
// private Postgres, a Temporal server with Temporal Web, and Perene itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what devstack can be asked.
type commands struct {
	Up       upCommand       `cmd:"" help:"Start everything, and end it all with Ctrl-C."`
	Ctl      ctlCommand      `cmd:"" help:"Stop, start, restart or kill one process of a running stack."`
	Postgres postgresCommand `cmd:"" help:"A private Postgres alone."`
}

func main() {
	var cli commands
	app := kong.Must(&cli,
		kong.Name("devstack"),
		kong.Description("Postgres, Temporal and Perene on one machine, for development and tests."),
		kong.UsageOnError(),
	)
	call, err := app.Parse(os.Args[1:])
	app.FatalIfErrorf(err)

	ctx, hurry := untilSignal()
	call.BindTo(ctx, (*context.Context)(nil))
	err = call.Run(patience(hurry))
	var ended commandEnded
	switch {
	case err == nil:
	case errors.As(err, &ended):
		os.Exit(int(ended))
	default:
		fmt.Fprintln(os.Stderr, "devstack: "+err.Error())
		os.Exit(1)
	}
}

// patience is closed when a second signal says that a polite end takes too long.
type patience <-chan struct{}

// untilSignal gives a context that ends at the first Ctrl-C, SIGTERM or hang-up.
func untilSignal() (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	hurry := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		cancel()
		<-signals
		close(hurry)
	}()
	return ctx, hurry
}
