package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/perene/perene/devstack/internal/stack"
)

// fakePerene is built once for all tests.
var fakePerene string

// TestMain lets the test binary be devstack itself, so that the tests need no second build of it.
func TestMain(m *testing.M) {
	if os.Getenv("BE_DEVSTACK") == "1" {
		main()
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "devstack-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		fakePerene = filepath.Join(dir, "perene")
		if out, err := exec.Command("go", "build", "-o", fakePerene, "./testdata/fakeperene").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build the stand-in for perene: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// devstack is a run of this program.
type devstack struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bufio.Reader
	mu     sync.Mutex
	errors bytes.Buffer
	done   chan struct{}
	err    error
}

func (d *devstack) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.errors.Write(p)
}

func (d *devstack) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.errors.String()
}

// run starts devstack with more variables beside the test's own.
func run(t *testing.T, more []string, args ...string) *devstack {
	t.Helper()
	d := &devstack{t: t, cmd: exec.Command(os.Args[0], args...), done: make(chan struct{})}
	d.cmd.Env = append(os.Environ(), "BE_DEVSTACK=1", "DATABASE_URL=", "TEMPORAL_ADDRESS=", "LC_ALL=C")
	d.cmd.Env = append(d.cmd.Env, more...)
	d.cmd.Stderr = d
	// A pipe of our own: cmd.Wait would close cmd.StdoutPipe under the reader.
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.cmd.Stdout, d.out = writer, bufio.NewReader(reader)
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	go func() {
		d.err = d.cmd.Wait()
		close(d.done)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.done:
		case <-time.After(3 * time.Minute):
			_ = d.cmd.Process.Kill()
			<-d.done
		}
		_ = reader.Close()
	})
	return d
}

// answer reads the JSON line that tells that all is ready.
func (d *devstack) answer(into any) {
	d.t.Helper()
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		<-d.done
		d.t.Fatalf("devstack ended (%v) and said:\n%s", d.err, d.said())
	}
	if err := json.Unmarshal(line, into); err != nil {
		d.t.Fatalf("%v in %s", err, line)
	}
}

// end sends a signal and waits for the end.
func (d *devstack) end(sig syscall.Signal) error {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.done:
	case <-time.After(3 * time.Minute):
		d.t.Fatalf("devstack did not end on %s:\n%s", sig, d.said())
	}
	return d.err
}

func up(t *testing.T, data string, more []string, args ...string) (*devstack, stack.State) {
	t.Helper()
	args = append([]string{
		"up", "--json", "--free-ports", "--data", data, "--perene", fakePerene, "--seed", seedFile(t),
		"--search-attributes-file", attributesFile(t), "--bin", "../bin", "--deploy", "../deploy",
	}, args...)
	d := run(t, more, args...)
	var s stack.State
	d.answer(&s)
	return d, s
}

func seedFile(t *testing.T) string { return file(t, "demo.yaml", "account: demo\n") }
func attributesFile(t *testing.T) string {
	return file(t, "attributes.json", `{"TestAccount": "Int", "TestWaitsFor": "Keyword"}`)
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// folder can be reached by the unprivileged user that Postgres runs as.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devstack-data-") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// runs says whether pid is a process that has not ended; a zombie has.
func runs(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(after, "Z")
}

func stateOf(t *testing.T, data string) stack.State {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s stack.State
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func ctl(t *testing.T, data, op, name string) {
	t.Helper()
	d := run(t, nil, "ctl", "--data", data, op, name)
	<-d.done
	if d.err != nil {
		t.Fatalf("ctl %s %s: %v: %s", op, name, d.err, d.said())
	}
}

func listener(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("not a TCP address")
	}
	return l, address.Port
}

func background() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 3*time.Minute)
}
