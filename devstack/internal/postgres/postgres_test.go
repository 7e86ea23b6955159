package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/process"
)

// install makes a folder that looks like an installation of Postgres.
func install(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindPrefersPathThenTheNewest(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for version, number := range map[string]string{"13": "13.9", "15": "15.18 (Debian 15.18-1)", "17": "17beta1"} {
		install(t, filepath.Join(root, "lib", version, "bin"), number)
	}
	inPath := install(t, filepath.Join(root, "own"), "16.2")
	linked := filepath.Join(root, "links")
	if err := os.Mkdir(linked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(inPath, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}
	patterns := []string{filepath.Join(root, "lib", "*", "bin")}
	for _, c := range []struct {
		name, path string
		want       int
		major      int
		problem    string
	}{
		{"the newest of the usual places", "", 0, 17, ""},
		{"PATH first, through links", "/nowhere" + string(os.PathListSeparator) + linked, 0, 16, ""},
		{"the version that made the data", inPath, 15, 15, ""},
		{"too old a version does not count", "", 13, 0, "install Postgres 13"},
		{"another version than the machine has", "", 14, 0, "the data was made by Postgres 14, but this machine has 17, 15 only"},
	} {
		b, err := find(c.want, c.path, patterns)
		if c.problem != "" {
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%s: got %v", c.name, err)
			}
			continue
		}
		if err != nil || b.Major != c.major {
			t.Errorf("%s: got %+v, %v", c.name, b, err)
		}
	}
	if _, err := find(0, "", nil); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("no Postgres at all gave %v", err)
	}
}

func TestReachableLooksAtEveryFolderOnTheWay(t *testing.T) {
	t.Parallel()
	// Owned by whoever runs the test, who is not this user.
	stranger := &process.User{UID: 4242, GID: 4242}
	root := t.TempDir()
	for at := root; at != filepath.Dir(at); at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && info.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(at, 0o755); err != nil && !errors.Is(err, fs.ErrPermission) {
				t.Fatal(err)
			}
		}
	}
	inner := filepath.Join(root, "closed", "data")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]bool{0o700: false, 0o711: true} {
		if err := os.Chmod(filepath.Dir(inner), mode); err != nil {
			t.Fatal(err)
		}
		if got, err := reachable(inner, stranger); err != nil || got != want {
			t.Errorf("below a folder with mode %o: reachable is %t, %v", mode, got, err)
		}
	}
}

func TestAsRootTheDataGoesWhereTheOtherUserReachesIt(t *testing.T) {
	t.Parallel()
	if got := elsewhere("/root/project/.dev"); got != elsewhere("/root/project/.dev") || got == elsewhere("/root/other/.dev") ||
		!strings.HasPrefix(got, "/var/lib/perene-dev-") {
		t.Errorf("the folder elsewhere is %s", got)
	}
	if dir, err := locate(Config{Data: "/root/.dev"}, nil); err != nil || dir != "/root/.dev/postgres" {
		t.Errorf("without another user: %s, %v", dir, err)
	}
}

func TestWhatStoodInForThrownAwayDataIsSwept(t *testing.T) {
	t.Parallel()
	temp, lib := t.TempDir(), t.TempDir()
	there := filepath.Join(temp, "there")
	if err := os.Mkdir(there, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"gone": filepath.Join(temp, "gone"), "there": there, "disk": "/mnt/unplugged/.dev"} {
		if err := os.MkdirAll(filepath.Join(lib, name, "postgres"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(lib, name, "data"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sweep(temp, filepath.Join(lib, "*"))
	left, err := filepath.Glob(filepath.Join(lib, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "disk" || filepath.Base(left[1]) != "there" {
		t.Errorf("left are %v, %v", left, err)
	}
}

// serve opens a cluster in data and runs it until the test ends.
func serve(t *testing.T, data string, fast bool, set ...string) (*Cluster, *process.Supervisor) {
	t.Helper()
	free, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), Config{
		Data: data, Port: free[0], Password: "correct horse", Fast: fast, Cache: t.TempDir(), Say: func(s string) { t.Log(s) }, Set: set,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := process.New(nil, nil)
	if err := s.Start(t.Context(), c.Spec(filepath.Join(data, "postgres.log"))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(s) })
	return c, s
}

func end(s *process.Supervisor) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s.Shutdown(ctx)
}

// shared is a folder that an unprivileged user can reach.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devstack-test-") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func ask[T any](t *testing.T, url, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var value T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAClusterKeepsItsDataAndItsUser(t *testing.T) {
	t.Parallel()
	data := shared(t)
	c, s := serve(t, data, false)
	pid := s.Status()[0].PID

	out, err := exec.Command("ps", "-o", "uid=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	uid := strings.TrimSpace(string(out))
	if uid == "0" {
		t.Error("Postgres runs as root")
	}
	if os.Geteuid() != 0 && uid != strconv.Itoa(os.Geteuid()) {
		t.Errorf("Postgres runs as %s without need", uid)
	}
	if (os.Geteuid() == 0) != (c.User() != "") {
		t.Errorf("the user it dropped to is %q", c.User())
	}
	if got := ask[string](t, c.URL("postgres"), "SELECT current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes')"); got != "ononon" {
		t.Errorf("durability is %s", got)
	}
	if got := ask[string](t, c.URL("postgres"), "SELECT lower('ÁÇÃO')"); got != "áção" {
		t.Errorf("lower of accented letters is %s", got)
	}
	if err := EnsureDatabases(t.Context(), c.URL("postgres"), "perene", "temporal"); err != nil {
		t.Fatal(err)
	}
	ask[int](t, c.URL("perene"), "WITH made AS (SELECT 1) SELECT count(*)::int FROM made")
	conn, err := pgx.Connect(t.Context(), c.URL("perene"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 42 AS n"); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	end(s)

	again, _ := serve(t, data, false)
	if err := EnsureDatabases(t.Context(), again.URL("postgres"), "perene", "temporal"); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if got := ask[int](t, again.URL("perene"), "SELECT n FROM kept"); got != 42 {
		t.Errorf("after a restart the row holds %d", got)
	}
}

// Postgres that is cut off replays its log: what was committed is there, and unlogged tables are empty.
func TestAClusterThatIsCutOffReplaysItsLog(t *testing.T) {
	t.Parallel()
	c, s := serve(t, shared(t), false, "checkpoint_timeout=7min")
	if got := ask[string](t, c.URL("postgres"), "SELECT current_setting('checkpoint_timeout')"); got != "7min" {
		t.Errorf("a setting of ours is %s", got)
	}
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"CREATE TABLE logged (n int)", "CREATE UNLOGGED TABLE unlogged (n int)", "CHECKPOINT", "INSERT INTO logged VALUES (42)", "INSERT INTO unlogged VALUES (1)",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_ = conn.Close(t.Context())
	if err := s.Cut(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	if got := ask[int](t, c.URL("postgres"), "SELECT n FROM logged"); got != 42 {
		t.Errorf("what was committed is %d", got)
	}
	if got := ask[int](t, c.URL("postgres"), "SELECT count(*)::int FROM unlogged"); got != 0 {
		t.Errorf("%d unlogged rows are left: it was shut down in order", got)
	}
}

func TestAnOrphanedServerIsEndedBeforeANewOneStarts(t *testing.T) {
	t.Parallel()
	data := shared(t)
	c, err := Open(t.Context(), Config{Data: data, Port: mustFree(t), Password: "correct horse", Fast: true, Cache: t.TempDir(), Say: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	// Started without a supervisor, as if that had been killed elsewhere than on Linux.
	spec := c.Spec(filepath.Join(data, "orphan.log"))
	orphan := exec.Command(spec.Path, spec.Args...)
	orphan.Env, orphan.Dir = spec.Env, spec.Dir
	orphan.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if spec.User != nil {
		orphan.SysProcAttr.Credential = &syscall.Credential{Uid: spec.User.UID, Gid: spec.User.GID}
	}
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	for Ping(t.Context(), c.URL("postgres")) != nil {
		select {
		case err := <-ended:
			t.Fatalf("the orphan ended: %v: %s", err, process.LastLine(spec.Log))
		case <-time.After(20 * time.Millisecond):
		}
	}
	again, _ := serve(t, data, true)
	if err := Ping(t.Context(), again.URL("postgres")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the orphan did not end in order: %v", err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("the orphan still runs")
	}
}

func mustFree(t *testing.T) int {
	t.Helper()
	free, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	return free[0]
}

func TestErrorsTellWhatIsWrongWithoutThePassword(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, shared(t), true)
	for url, want := range map[string]string{
		strings.Replace(c.URL("perene"), "correct%20horse", "open-sesame", 1): "password authentication failed",
		c.URL("missing"): `database "missing" does not exist`,
		fmt.Sprintf("postgres://perene:open-sesame@127.0.0.1:%d/perene", mustFree(t)): "connection refused",
		"port=open-sesame": "it is not a Postgres URL",
	} {
		err := Ping(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "open-sesame") {
			t.Errorf("%v gives a secret away", err)
		}
	}
}

func TestAServerIsWaitedForAndAWrongPasswordIsNot(t *testing.T) {
	t.Parallel()
	data := shared(t)
	c, s := serve(t, data, true)
	if err := s.Stop(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	waits := make(chan string, 9)
	answered := make(chan error, 1)
	go func() { answered <- Await(t.Context(), c.URL("postgres"), func(line string) { waits <- line }) }()
	if line := <-waits; !strings.Contains(line, "connection refused") {
		t.Errorf("it waits and says %q", line)
	}
	if err := s.Resume(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if len(waits) > 0 {
		t.Errorf("it was told again: %s", <-waits)
	}
	wrong := strings.Replace(c.URL("postgres"), "correct%20horse", "open-sesame", 1)
	err := Await(t.Context(), wrong, func(line string) { t.Errorf("it waits for a password to become right: %s", line) })
	if err == nil || !strings.Contains(err.Error(), "password authentication failed") {
		t.Errorf("a wrong password gives %v", err)
	}
}
