package process_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/perene/perene/devstack/internal/process"
)

// TestMain lets the test binary play the child: ROLE says which one.
func TestMain(m *testing.M) {
	switch os.Getenv("ROLE") {
	case "":
		os.Exit(m.Run())
	case "serve": // ends politely on SIGTERM
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		touch()
		<-asked
	case "stubborn": // ignores SIGTERM
		signal.Ignore(syscall.SIGTERM)
		never := make(chan os.Signal, 1)
		signal.Notify(never, syscall.SIGUSR1)
		touch()
		<-never
	case "fail":
		fmt.Fprintln(os.Stderr, "first words")
		fmt.Fprintln(os.Stderr, "the port is taken")
		os.Exit(3)
	case "parent": // starts a child, tells its pid, and waits to be killed
		dir := os.Getenv("DIR")
		s := process.New(nil, nil)
		if err := s.Start(context.Background(), spec(dir, "grandchild", "serve")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.Status()[0].PID)
		select {}
	}
}

// touch tells that the child is up, by its pid in a file.
func touch() {
	if err := os.WriteFile(os.Getenv("TOUCH"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// spec runs this test binary in a role; it is ready when its pid is in the file.
func spec(dir, name, role string) process.Spec {
	file := filepath.Join(dir, name+".up")
	return process.Spec{
		Name: name, Path: os.Args[0], Log: filepath.Join(dir, name+".log"),
		Env:   []string{"ROLE=" + role, "TOUCH=" + file},
		Grace: patience, Patience: patience,
		Before: func(context.Context) error {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			return nil
		},
		Ready: func(context.Context) error { _, err := os.ReadFile(file); return err },
	}
}

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(line string) { l.mu.Lock(); l.all = append(l.all, line); l.mu.Unlock() }
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

func start(t *testing.T, specs ...process.Spec) (*process.Supervisor, *lines) {
	t.Helper()
	said := &lines{}
	s := process.New(said.add, nil)
	s.First = time.Millisecond
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.Shutdown(ctx)
	})
	for _, sp := range specs {
		if err := s.Start(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
	}
	return s, said
}

// patience is for a machine that is slow and has other things to do: nothing here promises how soon.
const patience = 2 * time.Minute

// until polls a condition.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func status(s *process.Supervisor, name string) process.Status {
	for _, st := range s.Status() {
		if st.Name == name {
			return st
		}
	}
	return process.Status{}
}

func TestAKilledChildIsStartedAgain(t *testing.T) {
	t.Parallel()
	s, said := start(t, spec(t.TempDir(), "api", "serve"))
	before := status(s, "api").PID
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "api is back", func() bool {
		now := status(s, "api")
		return now.State == process.Ready && now.PID != before && now.Restarts == 1
	})
	until(t, "its return is told", func() bool { return strings.Contains(said.String(), "api is back") })
	if !strings.Contains(said.String(), "api ended with signal: killed; starting it again in 1ms") {
		t.Errorf("the death was told as:\n%s", said)
	}
}

func TestOnlyWhatDiesAtOnceIsStartedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		atOnce time.Duration
		want   []string
	}{
		"a child that lived":        {0, []string{"1ms", "1ms", "1ms", "1ms", "1ms"}},
		"a child that dies at once": {time.Hour, []string{"1ms", "2ms", "4ms", "5ms", "5ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, said := start(t)
			s.Longest, s.AtOnce = 5*time.Millisecond, c.atOnce
			if err := s.Start(t.Context(), spec(t.TempDir(), "api", "serve")); err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				if err := s.Kill(t.Context(), "api"); err != nil {
					t.Fatal(err)
				}
				until(t, "api is back", func() bool { now := status(s, "api"); return now.State == process.Ready && now.Restarts == i+1 })
			}
			var waits []string
			for line := range strings.Lines(said.String()) {
				if _, rest, ok := strings.Cut(line, "starting it again in "); ok {
					wait, _, _ := strings.Cut(rest, " ")
					waits = append(waits, wait)
				}
			}
			if !slices.Equal(waits, c.want) {
				t.Errorf("it waited %v, want %v", waits, c.want)
			}
		})
	}
}

func TestAChildThatDiesBeforeItIsReadyTellsItsLastWords(t *testing.T) {
	t.Parallel()
	s := process.New(nil, nil)
	err := s.Start(t.Context(), spec(t.TempDir(), "api", "fail"))
	if err == nil || !strings.Contains(err.Error(), "api ended with exit status 3: the port is taken") {
		t.Fatalf("got %v", err)
	}
	if got := status(s, "api"); got.State != process.Stopped || got.Restarts != 0 {
		t.Errorf("it is %+v, and should be left alone", got)
	}
	s.Shutdown(t.Context())
}

func TestAStoppedChildStaysStoppedUntilItIsStarted(t *testing.T) {
	t.Parallel()
	s, _ := start(t, spec(t.TempDir(), "temporal", "serve"))
	pid := status(s, "temporal").PID
	if err := s.Stop(t.Context(), "temporal"); err != nil {
		t.Fatal(err)
	}
	if alive(pid) || status(s, "temporal").State != process.Stopped {
		t.Fatalf("it still runs: %+v", s.Status())
	}
	if err := s.Kill(t.Context(), "temporal"); err == nil {
		t.Error("killing what does not run gave no error")
	}
	if err := s.Resume(t.Context(), "temporal"); err != nil {
		t.Fatal(err)
	}
	if got := status(s, "temporal"); got.State != process.Ready || got.PID == pid {
		t.Errorf("after the start it is %+v", got)
	}
	before := status(s, "temporal").PID
	if err := s.Restart(t.Context(), "temporal"); err != nil {
		t.Fatal(err)
	}
	if got := status(s, "temporal"); got.State != process.Ready || got.PID == before {
		t.Errorf("after the restart it is %+v", got)
	}
	if err := s.Stop(t.Context(), "nobody"); !errors.Is(err, process.ErrUnknown) {
		t.Errorf("an unknown name gave %v", err)
	}
}

func TestAChildThatWasCutOffIsNotAskedAndStaysEnded(t *testing.T) {
	t.Parallel()
	s, said := start(t, spec(t.TempDir(), "postgres", "stubborn")) // SIGTERM would take the whole patience
	before := status(s, "postgres").PID
	if err := s.Cut(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	if now := status(s, "postgres"); alive(before) || now.State != process.Stopped || now.PID != 0 {
		t.Errorf("after the cut: %+v, its process alive: %t", now, alive(before))
	}
	if err := s.Resume(t.Context(), "postgres"); err != nil {
		t.Fatal(err)
	}
	if now := status(s, "postgres"); now.State != process.Ready || now.PID == before || now.Restarts != 0 {
		t.Errorf("after the start: %+v, told: %s", now, said)
	}
	if err := s.Cut(t.Context(), "postgres"); err != nil { // or the test's end would ask it in vain
		t.Fatal(err)
	}
}

func TestShutdownEndsEveryChildAlsoOneThatWillNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stubborn := spec(dir, "stubborn", "stubborn")
	stubborn.Grace = time.Millisecond
	s, _ := start(t, spec(dir, "api", "serve"), stubborn, spec(dir, "postgres", "serve"))
	var pids []int
	for _, st := range s.Status() {
		pids = append(pids, st.PID)
	}
	s.Shutdown(t.Context(), []string{"api"}, []string{"postgres"})
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("pid %d outlived the shutdown", pid)
		}
	}
	if err := s.Resume(t.Context(), "api"); err == nil {
		t.Error("a child was started after the end")
	}
}

func TestChildrenEndWhenTheSupervisorIsKilled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Log("only Linux ends children with their parent; elsewhere the next start does it")
		return
	}
	parent := exec.Command(os.Args[0])
	parent.Env = []string{"ROLE=parent", "DIR=" + t.TempDir()}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent said %q", line)
	}
	if !alive(child) {
		t.Fatal("the child did not run")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	until(t, "the child is gone", func() bool { return !runs(child) })
}

// runs says whether pid is a process that has not ended: an orphan that nobody
// waits for stays as a zombie in some containers.
func runs(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(after, "Z")
}

func TestLastLinesOfALog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	if got := process.LastLine(path); got != "" {
		t.Errorf("no file gave %q", got)
	}
	if err := os.WriteFile(path, []byte("one\ntwo\n\n three \n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := process.LastLine(path); got != "three" {
		t.Errorf("the last line is %q", got)
	}
	if got := strings.Join(process.LastLines(path, 2), "|"); got != "two|three" {
		t.Errorf("the last two lines are %q", got)
	}
}

func TestALargeLogIsSetAside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	if err := process.SetAside(path); err != nil {
		t.Fatalf("no log: %v", err)
	}
	for size, aside := range map[int64]bool{1 << 20: false, 20 << 20: true} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if err := process.SetAside(path); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) != aside {
			t.Errorf("%d bytes: set aside is not %t", size, aside)
		}
	}
}
