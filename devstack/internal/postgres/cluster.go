package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/devstack/internal/process"
)

// Superuser is the role that owns everything in a private Postgres.
const Superuser = "perene"

// Config says what private Postgres is wanted.
type Config struct {
	// Settings is the file of the settings that deployments have, too (deploy/postgres.conf); empty for none.
	Settings string
	// Data is the folder that is given to it; the cluster lies in Data/postgres.
	Data string
	// Port on 127.0.0.1.
	Port int
	// Password of Superuser.
	Password string
	// Fast gives up durability for speed: for tests only.
	Fast bool
	// Set are further settings, NAME=VALUE, in place of the usual ones of the same name.
	Set []string
	// Cache is where fetched programs are kept.
	Cache string
	// Say gets a line for a person when something takes long or is unusual.
	Say func(string)
}

// Cluster is a data directory that is ready to be served.
type Cluster struct {
	cfg      Config
	bin      Binaries
	user     *process.User
	dir      string
	settings []string
}

// Open finds the programs and makes the data directory where it is missing.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	drop, err := dropUser()
	if err != nil {
		return nil, err
	}
	dir, err := locate(cfg, drop)
	if err != nil {
		return nil, err
	}
	made, err := madeBy(dir)
	if err != nil {
		return nil, err
	}
	bin, err := FindOrFetch(made, cfg.Cache, cfg.Say)
	if err != nil {
		return nil, err
	}
	c := &Cluster{cfg: cfg, bin: bin, user: drop, dir: dir}
	if c.settings, err = c.readSettings(); err != nil {
		return nil, err
	}
	if drop != nil {
		if ok, err := reachable(bin.Dir, drop); err != nil {
			return nil, err
		} else if !ok {
			return nil, fmt.Errorf("the user %s may not run Postgres in %s: install Postgres for all users, or set DATABASE_URL", drop.Name, bin.Dir)
		}
	}
	if made == 0 {
		if err := c.create(ctx); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// locate says where the data directory lies. As root it must be a place that
// the unprivileged user can reach, which a folder below /root is not.
func locate(cfg Config, drop *process.User) (string, error) {
	here := filepath.Join(cfg.Data, "postgres")
	if drop == nil {
		return here, nil
	}
	ok, err := reachable(cfg.Data, drop)
	if err != nil {
		return "", err
	}
	if ok {
		return here, nil
	}
	sweep(os.TempDir(), standIns)
	away := elsewhere(cfg.Data)
	// The folder must be one that root alone can have made.
	err = os.MkdirAll(away, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(away, "data"), []byte(cfg.Data), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for Postgres that the user %s can reach: %w", drop.Name, err)
	}
	return filepath.Join(away, "postgres"), nil
}

// standIns are the folders that stand in for data folders out of reach.
const standIns = "/var/lib/perene-dev-*"

// sweep deletes what stood in for throw-away data folders, those below temp,
// that are gone. Others may be on a disk that is not mounted, and are kept.
func sweep(temp, pattern string) {
	folders, _ := filepath.Glob(pattern) // the pattern is a constant
	for _, folder := range folders {
		data, err := os.ReadFile(filepath.Join(folder, "data"))
		if err != nil || !strings.HasPrefix(string(data), filepath.Clean(temp)+string(filepath.Separator)) {
			continue
		}
		if _, err := os.Stat(string(data)); errors.Is(err, os.ErrNotExist) {
			_ = os.RemoveAll(folder)
		}
	}
}

// elsewhere is the folder that stands in for data when data is out of reach.
func elsewhere(data string) string {
	sum := sha256.Sum256([]byte(data))
	return strings.Replace(standIns, "*", hex.EncodeToString(sum[:4]), 1)
}

// Remove deletes the data directory of a stack, wherever it lies.
func Remove(data string) error {
	return errors.Join(os.RemoveAll(filepath.Join(data, "postgres")), os.RemoveAll(elsewhere(data)))
}

// madeBy is the major version that made the data directory, 0 where there is none.
func madeBy(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the data in %s: %w", dir, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read the version of the data in %s: %w", dir, err)
	}
	return major, nil
}

// create runs initdb in a folder beside the data directory and renames it when
// it is whole, so that a start that was interrupted leaves nothing half made.
func (c *Cluster) create(ctx context.Context) error {
	parent := filepath.Dir(c.dir)
	fresh := c.dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	secret, err := os.CreateTemp(parent, ".password-")
	if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	defer func() { _ = os.Remove(secret.Name()) }()
	_, err = secret.WriteString(c.cfg.Password + "\n")
	if err := errors.Join(err, secret.Close()); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if c.user != nil {
		for _, path := range []string{fresh, secret.Name()} {
			if err := os.Chown(path, int(c.user.UID), int(c.user.GID)); err != nil {
				return fmt.Errorf("make the data directory: %w", err)
			}
		}
	}
	if err := c.initdb(ctx, fresh, secret.Name()); err != nil {
		return err
	}
	if err := os.Rename(fresh, c.dir); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}

// locales are tried in order; the last needs nothing from the system, but does
// not fold the case of accented letters.
func locales() []string {
	if runtime.GOOS == "darwin" {
		return []string{"en_US.UTF-8", "C"}
	}
	return []string{"C.UTF-8", "en_US.UTF-8", "C"}
}

func (c *Cluster) initdb(ctx context.Context, dir, passwordFile string) error {
	var out []byte
	var err error
	for _, locale := range locales() {
		args := []string{
			"--pgdata", dir, "--username", Superuser, "--pwfile", passwordFile,
			"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale,
		}
		if c.cfg.Fast {
			args = append(args, "--no-sync")
		}
		cmd := exec.CommandContext(ctx, filepath.Join(c.bin.Dir, "initdb"), args...)
		cmd.Env = Environment()
		cmd.Dir = "/"
		if c.user != nil {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.user.UID, Gid: c.user.GID}}
		}
		if out, err = cmd.CombinedOutput(); err == nil {
			return nil
		}
		if !strings.Contains(string(out), "locale") {
			break
		}
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return fmt.Errorf("make the data directory with initdb: %w: %s", err, lines[len(lines)-1])
}

// Environment is what Postgres programs get: nothing of the caller's PG* variables.
func Environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// readSettings are those of deployments, and what differs on a machine that runs everything. Only Fast gives up durability.
func (c *Cluster) readSettings() ([]string, error) {
	var all []string
	if c.cfg.Settings != "" {
		var err error
		if all, err = readSettings(c.cfg.Settings); err != nil {
			return nil, err
		}
	}
	all = append(all,
		"listen_addresses=127.0.0.1",
		"port="+strconv.Itoa(c.cfg.Port),
		"unix_socket_directories="+c.sockets(),
		"shared_buffers=64MB",
	)
	if c.cfg.Fast {
		all = append(all, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10s")
	}
	return append(all, c.cfg.Set...), nil // of two settings of one name the last one counts
}

// readSettings reads the lines NAME = VALUE of a file of Postgres's settings as NAME=VALUE.
func readSettings(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings of Postgres: %w: run this in the repository, or name its folder with --deploy", err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, " = ")
		if !ok {
			return nil, fmt.Errorf("read the settings of Postgres: %q in %s is not NAME = VALUE", line, path)
		}
		if quoted, ok := strings.CutPrefix(value, "'"); ok {
			value = strings.TrimSuffix(quoted, "'")
		}
		all = append(all, name+"="+value)
	}
	return all, nil
}

// Spec is how the supervisor runs the server.
func (c *Cluster) Spec(log string) process.Spec {
	args := []string{"-D", c.dir}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	return process.Spec{
		Name: "postgres", Path: filepath.Join(c.bin.Dir, "postgres"), Args: args,
		Env: Environment(), Dir: "/", Log: log, User: c.user,
		// SIGINT is the fast shutdown: sessions are ended, data is flushed.
		// SIGQUIT is the immediate one: every session ends where it is, and the log is replayed at the next start.
		Stop: syscall.SIGINT, Cut: syscall.SIGQUIT, Death: syscall.SIGINT, Grace: 30 * time.Second,
		Before: c.untilFree,
		Ready:  func(ctx context.Context) error { return Ping(ctx, c.URL("postgres")) },
	}
}

// untilFree waits for a predecessor that is still flushing its data, and asks
// one to end that nobody ended.
func (c *Cluster) untilFree(ctx context.Context) error {
	asked := false
	for {
		pid, alive := c.predecessor()
		if !alive {
			return nil
		}
		if !asked {
			_ = syscall.Kill(pid, syscall.SIGINT)
			asked = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another Postgres (pid %d) still serves %s: end it first", pid, c.dir)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// predecessor is the server that postmaster.pid names, if it still runs as one.
func (c *Cluster) predecessor() (int, bool) {
	text, err := os.ReadFile(filepath.Join(c.dir, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0, false
	}
	out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return pid, err == nil && strings.Contains(string(out), c.dir)
}

// Dir is where the data lies.
func (c *Cluster) Dir() string { return c.dir }

// Binaries is the installation in use.
func (c *Cluster) Binaries() Binaries { return c.bin }

// User is the name of the user that the server runs as, empty for the present one.
func (c *Cluster) User() string {
	if c.user == nil {
		return ""
	}
	return c.user.Name
}

// URL is how a database of this cluster is reached.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Superuser, c.cfg.Password),
		Host: "127.0.0.1:" + strconv.Itoa(c.cfg.Port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// longestSockets is how long the name of a folder for Unix sockets may be: the kernel takes 107 bytes, of which Postgres
// wants some for the socket's own name.
const longestSockets = 80

// sockets is the folder of the Unix socket: the data directory, which only its owner may enter; empty where its name is
// too long or could be read as a list.
func (c *Cluster) sockets() string {
	if len(c.dir) > longestSockets || strings.ContainsAny(c.dir, ",\"' ") {
		return ""
	}
	return c.dir
}

// LocalURL is how programs of this machine reach a database of this cluster: by a Unix socket, which costs both sides less
// than TCP, or as URL tells where there is none.
func (c *Cluster) LocalURL(database string) string {
	if c.sockets() == "" {
		return c.URL(database)
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Superuser, c.cfg.Password), Path: "/" + database,
		RawQuery: url.Values{"host": {c.sockets()}, "port": {strconv.Itoa(c.cfg.Port)}, "sslmode": {"disable"}}.Encode(),
	}
	return u.String()
}

// Ping says whether a session can be had.
func Ping(ctx context.Context, databaseURL string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return Explain(err)
	}
	return conn.Close(ctx)
}

// Await returns when the server at databaseURL answers. It waits while nobody
// listens there or the server is starting, and tells that once.
func Await(ctx context.Context, databaseURL string, say func(string)) error {
	pause := 50 * time.Millisecond
	for told := false; ; {
		conn, err := pgx.Connect(ctx, databaseURL)
		if err == nil {
			return conn.Close(ctx)
		}
		if !away(err) {
			return Explain(err)
		}
		if !told {
			told = true
			say("waiting for Postgres: " + Explain(err).Error())
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
}

// away tells whether err passes by waiting: the server starts, stops, has no free session, or nobody listens.
func away(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "57") || strings.HasPrefix(pg.Code, "53")
	}
	var dial *net.OpError
	return errors.As(err, &dial)
}

// EnsureDatabases makes the named databases where they are missing. admin is a
// URL of any database on the server.
func EnsureDatabases(ctx context.Context, admin string, names ...string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return Explain(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, name := range names {
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
			return fmt.Errorf("look for the database %s: %w", name, err)
		}
		if there {
			continue
		}
		_, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg) && pg.Code == "42P04": // somebody else was faster
		case errors.As(err, &pg) && pg.Code == "42501":
			return fmt.Errorf("the role of DATABASE_URL may not make the database %s: make it, or set TEMPORAL_ADDRESS", name)
		case err != nil:
			return fmt.Errorf("make the database %s: %w", name, err)
		}
	}
	return nil
}

// Explain shortens an error of pgx to what a person can act on, without the password.
func Explain(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return errors.New(pg.Message)
	}
	var dial *net.OpError
	if errors.As(err, &dial) {
		return dial // "dial tcp HOST:PORT: connect: connection refused"
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		// One line for each address that was tried, all of them alike.
		first, _, _ := strings.Cut(strings.TrimSpace(connect.Error()), "\n")
		return errors.New(first)
	}
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("it is not a Postgres URL (postgres://user:password@host:5432/database)")
	}
	return err
}
