package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/perene/perene/flow/schema"
	"github.com/perene/perene/flow/terminal"
)

// flowCommands are the tools of those who write flows. Only repro needs a database; none needs Temporal.
type flowCommands struct {
	Run    flowRunCommand    `cmd:"" help:"Chat with a flow in this terminal."`
	Lint   flowLintCommand   `cmd:"" help:"Check flows; exit code 1 when one has errors."`
	Test   flowTestCommand   `cmd:"" help:"Play saved conversations; exit code 1 when one differs."`
	Repro  flowReproCommand  `cmd:"" help:"Make a saved conversation of a real run; needs DATABASE_URL."`
	Docs   flowDocsCommand   `cmd:"" help:"Print the flow specification (docs/flow-spec.md)."`
	Schema flowSchemaCommand `cmd:"" help:"Print the JSON Schema of flows (flow/schema/flow.schema.json)."`
}

// flowLanguage is the language in which the tools speak.
type flowLanguage struct {
	Lang string `default:"" placeholder:"pt-BR|en" help:"Language of the output; the terminal's by default."`
}

// language is what was asked for, else English or Portuguese as the locale says; Portuguese is the first language.
func (l flowLanguage) language() string {
	if l.Lang != "" {
		return l.Lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "en") {
				return "en"
			}
			break
		}
	}
	return "pt-BR"
}

// onTerminal reports whether colours make sense on a file (https://no-color.org).
func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}

type flowLintCommand struct {
	flowLanguage
	Files  []string `arg:"" name:"file" help:"Flow documents; they may name each other." type:"existingfile"`
	JSON   bool     `name:"json" help:"Write what POST /v1/flows/lint answers, one object a file."`
	Strict bool     `help:"Warnings fail the check too."`
	World  string   `placeholder:"FILE" type:"existingfile" help:"What the account has; world.yaml beside each flow by default."`
}

// Run checks the files.
func (c *flowLintCommand) Run() error {
	results, err := terminal.LintFiles(c.Files, c.World)
	if err != nil {
		return err
	}
	if c.JSON {
		err = terminal.WriteLintJSON(os.Stdout, results)
	} else {
		err = terminal.WriteLint(os.Stdout, results, c.language(), onTerminal(os.Stdout))
	}
	if err != nil {
		return err
	}
	if n := terminal.Worst(results, c.Strict); n > 0 {
		return fmt.Errorf("problems to mend first: %d", n)
	}
	return nil
}

type flowDocsCommand struct{}

// Run prints the page.
func (flowDocsCommand) Run() error {
	page, err := schema.Page()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(page)
	return err
}

type flowSchemaCommand struct {
	Typescript bool `name:"typescript" help:"Print TypeScript types instead (web/src/api/flow.gen.ts)."`
}

// Run prints the schema or the types.
func (c flowSchemaCommand) Run() error {
	out := schema.TypeScript()
	if !c.Typescript {
		var err error
		if out, err = schema.JSON(); err != nil {
			return err
		}
	}
	_, err := os.Stdout.Write(out)
	return err
}

type flowRunCommand struct {
	flowLanguage
	File  string   `arg:"" name:"file" help:"The flow." type:"existingfile"`
	With  []string `placeholder:"FILE" type:"existingfile" help:"Other flows that it names, or that keywords start."`
	World string   `placeholder:"FILE" type:"existingfile" help:"What surrounds the flow; world.yaml beside it by default."`
	At    string   `placeholder:"TIME" help:"When the chat begins, like 2026-12-24T09:00."`
}

// Run chats until the input ends.
func (c *flowRunCommand) Run() error {
	flows, err := terminal.LoadFlows(append([]string{c.File}, c.With...))
	if err != nil {
		return err
	}
	world, err := terminal.ReadWorld(c.File, c.World)
	if err != nil {
		return err
	}
	if c.At != "" {
		world.Now = c.At
	}
	chat, err := terminal.NewChat(func() (*terminal.Player, error) { return terminal.NewPlayer(flows, world) }, os.Stdin, os.Stdout, c.language(), onTerminal(os.Stdout))
	if err != nil {
		return err
	}
	return chat.Run()
}

type flowTestCommand struct {
	flowLanguage
	Dir    string `arg:"" default:"." help:"A folder with folders called tests inside, or one conversation." type:"path"`
	Update bool   `help:"Write what is expected anew from what happens, to be read and committed."`
}

// Run plays the conversations.
func (c *flowTestCommand) Run() error {
	results, err := terminal.RunTests(c.Dir, c.Update)
	if err != nil {
		return err
	}
	if n := terminal.WriteResults(os.Stdout, results, c.language(), onTerminal(os.Stdout)); n > 0 {
		return fmt.Errorf("conversations that differ: %d of %d", n, len(results))
	}
	return nil
}
