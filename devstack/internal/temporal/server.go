// Package temporal starts Temporal's own programs: the server, its SQL tool and Temporal Web. They are the programs of
// the images that docker-compose.yml names, with the files of deploy/temporal.
package temporal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/sdk/client"
	"go.yaml.in/yaml/v3"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/process"
)

const host = "127.0.0.1"

// Server says what Temporal server is wanted. All of it listens on 127.0.0.1.
type Server struct {
	// Bin is the folder of the programs, Deploy that of the files for deployments.
	Bin, Deploy string
	// Data is a folder for files that the server reads.
	Data string
	// DatabaseURL names the Postgres server. The database in it is not used.
	DatabaseURL        string
	Database           string
	VisibilityDatabase string
	Namespace          string
	SearchAttributes   SearchAttributes
	// Port is the frontend's, MetricsPort that of Prometheus, ProfilesPort that of pprof or 0.
	Port, MetricsPort, ProfilesPort int
	// Dynamic are settings in place of those in deploy/temporal/dynamic.yaml.
	Dynamic map[string]any
	// Faults of its own database, drawn by FaultSeed, are for tests only.
	Faults    Faults
	FaultSeed int64
	// Log is the file for its output, Environ the environment of its programs.
	Log     string
	Environ []string
}

// Programs are what tools/temporal builds.
var Programs = []string{"temporal-server", "temporal-sql-tool", "temporal-ui"}

// CheckPrograms finds out before a start whether all programs are there.
func CheckPrograms(bin string) error {
	for _, name := range Programs {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return fmt.Errorf("there is no program at %s: run `make build` first, or name its folder with --bin", filepath.Join(bin, name))
		}
	}
	return nil
}

func (s Server) file(name string) string { return filepath.Join(s.Deploy, "temporal", name) }

func (s Server) address() string { return net.JoinHostPort(host, strconv.Itoa(s.Port)) }

// SetUpSchemas brings both databases to the schema of this version.
func (s Server) SetUpSchemas(ctx context.Context) error {
	d, err := parseDatabase(s.DatabaseURL)
	if err != nil {
		return err
	}
	env := d.tool()
	env["TEMPORAL_SQL_TOOL"] = filepath.Join(s.Bin, "temporal-sql-tool")
	env["DBNAME"], env["VISIBILITY_DBNAME"] = s.Database, s.VisibilityDatabase
	log, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of Temporal: %w", err)
	}
	defer func() { _ = log.Close() }()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, s.file("schema.sh"))
	cmd.Env, cmd.Stdout, cmd.Stderr = s.environment(env), &out, &out
	err = cmd.Run()
	if _, writeErr := log.Write(out.Bytes()); err == nil {
		err = writeErr
	}
	if err != nil {
		return fmt.Errorf("set up the schema of Temporal: %w: %s (log: %s)", err, lastLine(out.String()), s.Log)
	}
	return nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Spec is how the supervisor runs the server.
func (s Server) Spec() (process.Spec, error) {
	d, err := parseDatabase(s.DatabaseURL)
	if err != nil {
		return process.Spec{}, err
	}
	dynamic, err := s.dynamic()
	if err != nil {
		return process.Spec{}, err
	}
	env := d.server()
	maps.Copy(env, map[string]string{
		"TEMPORAL_SERVER": filepath.Join(s.Bin, "temporal-server"), "TEMPORAL_CONFIG": s.file("server.yaml"),
		"DYNAMIC_CONFIG_FILE_PATH": dynamic, "DBNAME": s.Database, "VISIBILITY_DBNAME": s.VisibilityDatabase,
		"PROMETHEUS_ENDPOINT": net.JoinHostPort(host, strconv.Itoa(s.MetricsPort)), "FRONTEND_GRPC_PORT": strconv.Itoa(s.Port),
		"BIND_ON_IP": host, "PPROF_PORT": strconv.Itoa(s.ProfilesPort), "TEMPORAL_FAULTS": s.Faults.setting(s.FaultSeed),
	})
	inner := []string{
		"HISTORY_GRPC_PORT", "MATCHING_GRPC_PORT", "WORKER_GRPC_PORT",
		"FRONTEND_MEMBERSHIP_PORT", "HISTORY_MEMBERSHIP_PORT", "MATCHING_MEMBERSHIP_PORT", "WORKER_MEMBERSHIP_PORT",
	}
	free, err := ports.Low(len(inner))
	if err != nil {
		return process.Spec{}, err
	}
	for i, name := range inner {
		env[name] = strconv.Itoa(free[i])
	}
	return process.Spec{
		Name: "temporal", Path: s.file("start.sh"), Env: s.environment(env), Dir: s.Data, Log: s.Log,
		Becomes:  strings.Join([]string{env["TEMPORAL_SERVER"], "--config-file", env["TEMPORAL_CONFIG"], "start"}, " "),
		Patience: 90 * time.Second, Before: s.forgetMembers, Ready: s.serves,
	}, nil
}

// environment lays variables over the caller's, of which those for another Temporal do not count.
func (s Server) environment(own map[string]string) []string { return over(s.Environ, own) }

func over(environ []string, own map[string]string) []string {
	all := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := own[name]
		return replaced || strings.HasPrefix(name, "TEMPORAL_") || strings.HasPrefix(name, "SQL_")
	})
	for _, name := range slices.Sorted(maps.Keys(own)) {
		all = append(all, name+"="+own[name])
	}
	return all
}

// dynamic is the file of the dynamic configuration: the deployments' own, or a copy with other settings.
func (s Server) dynamic() (string, error) {
	path := s.file("dynamic.yaml")
	if len(s.Dynamic) == 0 {
		return path, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read Temporal's dynamic configuration: %w", err)
	}
	settings := map[string]any{}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return "", fmt.Errorf("read Temporal's dynamic configuration: %w", err)
	}
	for name, value := range s.Dynamic {
		settings[name] = []map[string]any{{"value": value}}
	}
	if text, err = yaml.Marshal(settings); err != nil {
		return "", fmt.Errorf("write Temporal's dynamic configuration: %w", err)
	}
	path = filepath.Join(s.Data, "temporal-dynamic.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write Temporal's dynamic configuration: %w", err)
	}
	return path, nil
}

// forgetMembers deletes who was a member of this Temporal. Only one process ever is, and it is gone. A new one would
// look for it at its old ports for 20 seconds and more. Where Postgres is away, it says so at once.
func (s Server) forgetMembers(ctx context.Context) error {
	cfg, err := pgx.ParseConfig(s.DatabaseURL)
	if err != nil {
		return fmt.Errorf("read the address of Temporal's database: %w", err)
	}
	cfg.Database = s.Database
	// Nothing else is heard meanwhile, so a Postgres that hangs is asked again later.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("temporal waits for Postgres: %w", postgres.Explain(err))
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var missing *pgconn.PgError
	if _, err := conn.Exec(ctx, "DELETE FROM cluster_membership"); err != nil && (!errors.As(err, &missing) || missing.Code != "42P01") {
		return fmt.Errorf("forget the members of an earlier Temporal: %w", err)
	}
	return nil
}

// serves says whether the namespace and its search attributes can be used, and makes them where they are missing.
func (s Server) serves(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.address()) // gRPC would wait a second before it tries again
	if err != nil {
		return err
	}
	_ = conn.Close()
	c, err := client.NewLazyClient(client.Options{HostPort: s.address(), Namespace: s.Namespace, Logger: Quiet{}})
	if err != nil {
		return fmt.Errorf("make a Temporal client: %w", err)
	}
	defer c.Close()
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("ask Temporal's frontend: %w", err)
	}
	return EnsureNamespace(ctx, c, s.Namespace, s.SearchAttributes)
}

// Quiet drops what a Temporal client logs: its errors are returned as well.
type Quiet struct{}

// Debug drops a line.
func (Quiet) Debug(string, ...any) {}

// Info drops a line.
func (Quiet) Info(string, ...any) {}

// Warn drops a line.
func (Quiet) Warn(string, ...any) {}

// Error drops a line.
func (Quiet) Error(string, ...any) {}
