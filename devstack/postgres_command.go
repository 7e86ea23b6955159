package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/process"
)

type postgresCommand struct {
	Data   string   `help:"Folder for the data; without one the data is thrown away at the end."`
	Deploy string   `default:"deploy" help:"Folder of the files for deployments: postgres.conf is read."`
	Port   int      `default:"0" help:"Port on 127.0.0.1; 0 takes a free one."`
	Fast   bool     `help:"Give up durability for speed: for tests only."`
	Env    string   `default:"PERENE_TEST_DATABASE_URL" help:"Variable that COMMAND gets the URL in."`
	Shell  bool     `help:"Print a line for a shell (export NAME=URL) instead of JSON."`
	Cmd    []string `arg:"" optional:"" name:"command" help:"Command to run beside the server; without one the server runs until a signal comes."`
}

// Run serves Postgres, prints how it is reached, and ends it with the command or a signal.
func (c *postgresCommand) Run(ctx context.Context, hurry patience) error {
	if err := choose(&c.Port, "the private Postgres", "--port"); err != nil {
		return err
	}
	data, thrown, err := c.folder()
	if err != nil {
		return err
	}
	if thrown {
		defer func() { _ = os.RemoveAll(data) }()
	}
	say := func(line string) { fmt.Fprintln(os.Stderr, line) }
	password, err := keptPassword(data)
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = data
	}
	cluster, err := postgres.Open(ctx, postgres.Config{
		Settings: filepath.Join(c.Deploy, "postgres.conf"), Data: data, Port: c.Port, Password: password, Fast: c.Fast, Cache: filepath.Join(cache, "perene"), Say: say,
	})
	if err != nil {
		return err
	}
	sup := process.New(say, nil)
	defer func() {
		end, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		go func() {
			select {
			case <-hurry:
				cancel()
			case <-end.Done():
			}
		}()
		sup.Shutdown(end)
	}()
	if err := sup.Start(ctx, cluster.Spec(filepath.Join(data, "postgres.log"))); err != nil {
		return err
	}
	if err := postgres.EnsureDatabases(ctx, cluster.URL("postgres"), "perene"); err != nil {
		return err
	}
	url := cluster.URL("perene")
	if len(c.Cmd) > 0 {
		return c.beside(ctx, url)
	}
	if c.Shell {
		fmt.Printf("export %s='%s'\n", c.Env, url)
	} else {
		printJSON(map[string]any{
			"url": url, "pid": sup.Status()[0].PID, "port": c.Port, "data": cluster.Dir(), "user": cluster.User(),
		})
	}
	<-ctx.Done()
	return nil
}

// beside runs the command with the URL in its environment.
func (c *postgresCommand) beside(ctx context.Context, url string) error {
	cmd := exec.CommandContext(ctx, c.Cmd[0], c.Cmd[1:]...)
	cmd.Env = append(os.Environ(), c.Env+"="+url)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return commandEnded(max(exit.ExitCode(), 1)) // -1 when a signal ended it
	}
	return err
}

// commandEnded is the exit code of a command that told by itself what was wrong.
type commandEnded int

func (c commandEnded) Error() string { return fmt.Sprintf("the command ended with %d", int(c)) }

// folder is where the data goes, and whether it is thrown away.
func (c *postgresCommand) folder() (string, bool, error) {
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "perene-postgres-")
		if err != nil {
			return "", false, fmt.Errorf("make a folder for Postgres: %w", err)
		}
		// The user that Postgres runs as must be able to walk through.
		return dir, true, os.Chmod(dir, 0o755)
	}
	data, err := absolute(c.Data)
	if err != nil {
		return "", false, err
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return "", false, fmt.Errorf("make a folder for Postgres: %w", err)
	}
	return data, false, nil
}

// keptPassword is made once for a data folder.
func keptPassword(data string) (string, error) {
	path := filepath.Join(data, "password")
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the password of Postgres: %w", err)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password of Postgres: %w", err)
	}
	return password, nil
}
