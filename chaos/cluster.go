package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// owner is who the cluster's files belong to, and so who may serve them; nil is whoever runs this program. It is asked for the
// first time while there is a cluster.
func (c *campaign) owner() (*syscall.Credential, error) {
	if c.runsAs != nil || os.Geteuid() != 0 {
		return c.runsAs, nil
	}
	info, err := os.Stat(c.PostgresData)
	if err != nil {
		return nil, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		c.runsAs = &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
	}
	return c.runsAs, nil
}

// postgresCommand is a program of the cluster's Postgres, run as the user whom its files belong to.
func (c *campaign) postgresCommand(ctx context.Context, data, name string, args ...string) (*exec.Cmd, error) {
	path, err := rig.PostgresProgram(data, name)
	if err != nil {
		return nil, err
	}
	who, err := c.owner()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: who}
	return cmd, nil
}

// reach are the flags and the variable by which a program of Postgres reaches the server at an address.
func reach(cmd *exec.Cmd, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	password, _ := u.User.Password()
	cmd.Args = append(cmd.Args, "--host", u.Hostname(), "--port", u.Port(), "--username", u.User.Username())
	cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	return nil
}

// controlState is what the cluster's control file says about how it ended: "shut down" or something else.
func (c *campaign) controlState(ctx context.Context) (string, error) {
	cmd, err := c.postgresCommand(ctx, c.PostgresData, "pg_controldata", c.PostgresData)
	if err != nil {
		return "", err
	}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("read the control file of Postgres: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if state, ok := strings.CutPrefix(line, "Database cluster state:"); ok {
			return strings.TrimSpace(state), nil
		}
	}
	return "", errors.New("the control file of Postgres tells no state")
}

// copyCluster copies the data directory as it lies.
func (c *campaign) copyCluster(ctx context.Context, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "cp", "--archive", "--reflink=auto", c.PostgresData, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the cluster: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// copied is a copy of the cluster that is served by itself.
type copied struct {
	address string // of the same database as the stack's
	cmd     *exec.Cmd
	took    time.Duration // until it served
}

// serveCopy starts Postgres on a copy, which it recovers first, and returns when it serves.
func (c *campaign) serveCopy(ctx context.Context, dir string) (*copied, error) {
	if err := os.Remove(filepath.Join(dir, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err // it names the server that the copy was taken from
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(free.Addr().String())
	if err := errors.Join(err, free.Close()); err != nil {
		return nil, err
	}
	address, err := url.Parse(c.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	address.Host = net.JoinHostPort("127.0.0.1", port)
	cmd, err := c.postgresCommand(ctx, dir, "postgres", "-D", dir, "-c", "listen_addresses=127.0.0.1", "-c", "port="+port, "-c", "unix_socket_directories=", "-c", "max_wal_size=4GB")
	if err != nil {
		return nil, err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	log, err := os.Create(dir + ".log") //nolint:gosec // a path of this program's own
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the server holds its own descriptor
	cmd.Stdout, cmd.Stderr = log, log
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("serve a copy of the cluster: %w", err)
	}
	s := &copied{address: address.String(), cmd: cmd}
	for limit := begun.Add(2 * time.Minute); ; pause(ctx, 50*time.Millisecond) {
		conn, err := pgx.Connect(ctx, s.address)
		if err == nil {
			s.took = time.Since(begun)
			return s, conn.Close(ctx)
		}
		if time.Now().After(limit) || over(ctx) {
			return nil, errors.Join(fmt.Errorf("the copy does not serve (see %s): %w", log.Name(), err), s.end())
		}
	}
}

// end shuts a copy down in order.
func (s *copied) end() error {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	return s.cmd.Wait()
}

// amcheck looks with pg_amcheck at every table and index of the server at an address, and tells what is broken.
func (c *campaign) amcheck(ctx context.Context, address string) (string, error) {
	cmd, err := c.postgresCommand(ctx, c.PostgresData, "pg_amcheck", "--all", "--install-missing", "--heapallindexed", "--parent-check", "--rootdescend")
	if err != nil {
		return "", err
	}
	if err := reach(cmd, address); err != nil {
		return "", err
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 { // it looked, and found something
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return strconv.Itoa(len(lines)) + " lines, the first: " + lines[0], nil
	}
	if err != nil {
		return "", fmt.Errorf("run pg_amcheck: %w: %s", err, bytes.TrimSpace(out))
	}
	return "", nil
}
