// Command perene is the composition root: the API, the workers, and the tools around them, in one binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/perene/perene/internal/timerslack"
	"github.com/perene/perene/models"
)

// commands are the subcommands; `perene COMMAND --help` says what each reads.
type commands struct {
	API       apiCommand              `cmd:"" name:"api" help:"Serve the API, the webhooks and the console."`
	Worker    workerCommand           `cmd:"" help:"Run workflows and send messages."`
	Migrate   migrateCommand          `cmd:"" help:"Bring the database to this version's schema."`
	Apply     applyCommand            `cmd:"" help:"Make an account match a file."`
	Export    exportCommand           `cmd:"" help:"Write an account as a file that apply reads."`
	Doctor    doctorCommand           `cmd:"" help:"Check what is needed to run, and say how to mend it."`
	Audit     auditCommand            `cmd:"" help:"Follow the chain of each account's audit log, and print its last hash."`
	Rekey     rekeyCommand            `cmd:"" help:"After a change of PERENE_MASTER_KEY: seal everything again that PERENE_MASTER_KEY_OLD has sealed."`
	LoginLink loginLinkCommand        `cmd:"" name:"login-link" help:"Make a one-time sign-in link for a user."`
	Flow      flowCommands            `cmd:"" help:"Run, check and test flows in a terminal."`
	Demo      demoCommand             `cmd:"" help:"Let simulated people write, and an agent serve them (development only)."`
	Sim       simCommand              `cmd:"" help:"Run the simulators (development and tests only)."`
	History   historyCommand          `cmd:"" help:"Write a workflow history as JSON, for replay tests."`
	Rebuild   rebuildDoorbellsCommand `cmd:"" name:"rebuild-doorbells" help:"After a restore that lost Temporal's databases: ring every workflow that Postgres knows to be alive."`
	OpenAPI   openapiCommand          `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Version   versionCommand          `cmd:"" help:"Print the version."`
}

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(150) // the heaps are small: collecting less often than by Go's own 100 costs some 15 MB and saves a twentieth of the time
	}
	var cli commands
	parser, err := kong.New(&cli, kong.Name("perene"), kong.Description("Customer service on chat, WhatsApp first, durable."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "perene:", err)
		os.Exit(2)
	}
	call, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(sentence(err))
	if command := call.Command(); command == "api" || command == "worker" || command == "sim" {
		if err := timerslack.Widen(); err != nil {
			fmt.Fprintln(os.Stderr, "perene: runs with more wake-ups than need be:", err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	call.BindTo(ctx, (*context.Context)(nil))
	parser.FatalIfErrorf(sentence(call.Run()))
}

// sentence shows an error that was written for people without what caused it.
func sentence(err error) error {
	var coded *models.Error
	if errors.As(err, &coded) && coded.Message != "" {
		return errors.New(coded.Message)
	}
	return err
}

type versionCommand struct{}

// version is set by the build (-ldflags "-X main.version=…").
var version = "development"

func buildVersion() string {
	if version != "development" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "development-" + s.Value[:12]
			}
		}
	}
	return version
}

func (versionCommand) Run() error {
	_, err := fmt.Println("perene", buildVersion())
	return err
}
