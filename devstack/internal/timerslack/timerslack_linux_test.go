package timerslack

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be a program that widens its timer slack.
func TestMain(m *testing.M) {
	if os.Getenv("BE_WIDE") != "" {
		beWide()
		return
	}
	os.Exit(m.Run())
}

// seen is what such a program sees of itself when it goes on.
type seen struct {
	PID   int
	Args  []string
	Env   []string
	Slack int // of the first thread
	Later int // of another one
	Death int // the signal of the first thread when its parent dies
}

// beWide says each time that it starts, asks for the slack, and tells what it sees.
func beWide() {
	where := elsewhere
	if os.Getenv("BE_WIDE") == "on the first thread" {
		where = func(do func()) { fail(onFirstThread(func() error { do(); return nil })) }
	}
	where(func() {
		fmt.Println("starts on its first thread:", unix.Gettid() == unix.Getpid())
		fail(Widen())
		fail(Widen())
	})
	s := seen{PID: os.Getpid(), Args: os.Args, Env: os.Environ()}
	fail(onFirstThread(func() (err error) {
		if s.Slack, err = slack(); err != nil {
			return err
		}
		s.Death, err = deathSignal()
		return err
	}))
	elsewhere(func() {
		var err error
		s.Later, err = slack()
		fail(err)
	})
	fail(json.NewEncoder(os.Stdout).Encode(s))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deathSignal() (int, error) {
	var signal int32
	err := unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&signal)), 0, 0, 0)
	return int(signal), err
}

// elsewhere calls do on another thread than the first one, which is free meanwhile.
func elsewhere(do func()) {
	found, left, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var search func(kept bool)
	search = func(kept bool) {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			go search(true)
			<-found // keeps the first thread until then
			runtime.UnlockOSThread()
			close(left)
			return
		}
		if kept {
			close(found)
			<-left
		}
		do()
		runtime.UnlockOSThread()
		close(over)
	}
	go search(false)
	<-over
}

// run starts the program from a thread with a timer slack, and gives its starts and what it saw in the end.
func run(t *testing.T, from int, mode, processors string) (starts []string, got, want seen) {
	t.Helper()
	runtime.LockOSThread() // for good: the thread has another slack now, and its end would be a parent's death
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(from), 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want = seen{
		Args: []string{"another name", "--flag=value", "two words", "", "ção"},
		Env:  []string{"BE_WIDE=" + mode, "EMPTY=", "WORDS=two words", "GOMAXPROCS=" + processors},
	}
	var out, problems strings.Builder
	cmd := &exec.Cmd{
		Path: program, Args: want.Args, Env: want.Env, Stdout: &out, Stderr: &problems,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGUSR1},
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, &problems)
	}
	want.PID, want.Death = cmd.Process.Pid, int(syscall.SIGUSR1)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := len(lines) - 1
	if err := json.Unmarshal([]byte(lines[last]), &got); err != nil {
		t.Fatalf("%v in %s", err, lines[last])
	}
	return lines[:last], got, want
}

func TestAProgramStartsOnceMoreInItsProcessWithAWideSlack(t *testing.T) {
	for _, c := range []struct{ mode, first, processors string }{
		{"on the first thread", "true", "2"}, {"elsewhere", "false", "2"}, {"on the first thread", "true", "1"}, {"elsewhere", "false", "1"},
	} {
		t.Run(c.mode+" of "+c.processors, func(t *testing.T) {
			starts, got, want := run(t, kernels, c.mode, c.processors)
			want.Slack, want.Later = int(Wide), int(Wide)
			check(t, got, want)
			start := "starts on its first thread: " + c.first
			if !slices.Equal(starts, []string{start, start}) {
				t.Errorf("its starts were %q, want two", starts)
			}
		})
	}
}

func TestASlackThatSomebodyChoseStays(t *testing.T) {
	for _, chosen := range []int{1, 40_000, 60_000, int(Wide), 1_000_000_000} {
		t.Run(fmt.Sprint(chosen), func(t *testing.T) {
			starts, got, want := run(t, chosen, "on the first thread", "2")
			want.Slack, want.Later = chosen, chosen
			check(t, got, want)
			if len(starts) != 1 {
				t.Errorf("its starts were %q, want one", starts)
			}
		})
	}
}

func check(t *testing.T, got, want seen) {
	t.Helper()
	if got.PID != want.PID || !slices.Equal(got.Args, want.Args) || !slices.Equal(got.Env, want.Env) {
		t.Errorf("it goes on as %d %q with %q, want %d %q with %q", got.PID, got.Args, got.Env, want.PID, want.Args, want.Env)
	}
	if got.Slack != want.Slack || got.Later != want.Later {
		t.Errorf("the slack is %d ns, and %d on another thread; want %d", got.Slack, got.Later, want.Slack)
	}
	if got.Death != want.Death {
		t.Errorf("signal %d comes when its parent dies, want %d", got.Death, want.Death)
	}
}
