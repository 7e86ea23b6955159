package rig

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The processes of a stack, as devstack names them.
const (
	API         = "api"
	Worker      = "worker"
	Temporal    = "temporal"
	TemporalWeb = "temporal-web"
	Postgres    = "postgres"
	Sim         = "sim"
)

// Processes are all of them, in the order of reports.
var Processes = []string{API, Worker, Temporal, TemporalWeb, Postgres, Sim}

// Options say what stack is wanted.
type Options struct {
	// Root is the repository: bin/devstack and bin/perene lie in it.
	Root string
	// Data is the stack's folder; it is made.
	Data string
	// Perene is another build of the program; "" is Root/bin/perene.
	Perene string
	// Args are more flags of `devstack up`; Env more variables of every process (NAME=value).
	Args, Env []string
	// Log gets what devstack says.
	Log io.Writer
}

// state is what `devstack up --json` prints.
type state struct {
	PID                int            `json:"pid"`
	PostgresData       string         `json:"postgres_data"`
	Seconds            float64        `json:"seconds"`
	DatabaseURL        string         `json:"database_url"`
	TemporalDatabase   string         `json:"temporal_database"`
	VisibilityDatabase string         `json:"visibility_database"`
	TemporalAddress    string         `json:"temporal_address"`
	TemporalNamespace  string         `json:"temporal_namespace"`
	Control            string         `json:"control"`
	EnvFile            string         `json:"env_file"`
	Logs               string         `json:"logs"`
	PIDs               map[string]int `json:"pids"`
	URLs               struct {
		Base            string `json:"base"`
		Graph           string `json:"graph"`
		SimControl      string `json:"sim_control"`
		WorkerMetrics   string `json:"worker_metrics"`
		TemporalWeb     string `json:"temporal_web"`
		TemporalMetrics string `json:"temporal_metrics"`
		// TemporalProfiles answers /debug/pprof/ where PERENE_PPROF_SOCKETS is among the variables.
		TemporalProfiles string `json:"temporal_profiles"`
	} `json:"urls"`
}

// Stack is a running stack of its own.
type Stack struct {
	state
	opts Options
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Up starts a stack and returns when all of it serves.
func Up(ctx context.Context, o Options) (*Stack, error) {
	var err error
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	if o.Data, err = filepath.Abs(o.Data); err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if o.Perene == "" {
		o.Perene = filepath.Join(o.Root, "bin", "perene")
	}
	args := append([]string{"up", "--json", "--free-ports", "--no-seed", "--data", o.Data, "--perene", o.Perene}, o.Args...)
	s := &Stack{opts: o, done: make(chan struct{}), cmd: exec.Command(filepath.Join(o.Root, "bin", "devstack"), args...)}
	s.cmd.Dir = o.Root
	s.cmd.Env = append(os.Environ(), append([]string{"DATABASE_URL=", "TEMPORAL_ADDRESS=",
		"PERENE_DEMO_TOKEN=" + token, "PERENE_DEMO_APP_SECRET=" + appSecret, "PERENE_DEMO_VERIFY=sim-verify"}, o.Env...)...)
	s.cmd.Stderr = o.Log
	// A group of its own: Ctrl-C ends this program, which then ends the stack in order.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start devstack: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start devstack (is it built? `make build`): %w", err)
	}
	lines := make(chan []byte, 1)
	go func() {
		defer close(s.done)
		r := bufio.NewReader(out)
		line, _ := r.ReadBytes('\n') // an empty line says that devstack ended
		lines <- line
		_, _ = io.Copy(io.Discard, r)
		s.err = s.cmd.Wait()
	}()
	select {
	case line := <-lines:
		if err := json.Unmarshal(line, &s.state); err != nil {
			<-s.done
			return nil, fmt.Errorf("devstack did not start (%w): see its words above and the logs in %s", errors.Join(s.err, err), filepath.Join(o.Data, "logs"))
		}
		return s, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), s.Down())
	}
}

// Down ends the stack.
func (s *Stack) Down() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
		return nil
	case <-time.After(90 * time.Second):
		return errors.Join(errors.New("the stack did not end in 90 s"), s.cmd.Process.Kill())
	}
}

// control asks devstack for one thing and gives the pids by name.
func (s *Stack) control(ctx context.Context, op, name string) (map[string]int, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", s.Control)
	if err != nil {
		return nil, fmt.Errorf("ask devstack: %w", err)
	}
	defer func() { _ = c.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	if err := json.NewEncoder(c).Encode(map[string]string{"op": op, "name": name}); err != nil {
		return nil, fmt.Errorf("ask devstack: %w", err)
	}
	var answer struct {
		OK        bool   `json:"ok"`
		Error     string `json:"error"`
		Processes []struct {
			Name string `json:"name"`
			PID  int    `json:"pid"`
		} `json:"processes"`
	}
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		return nil, fmt.Errorf("hear from devstack: %w", err)
	}
	if !answer.OK {
		return nil, fmt.Errorf("devstack %s %s: %s", op, name, answer.Error)
	}
	pids := map[string]int{}
	for _, p := range answer.Processes {
		if p.PID != 0 {
			pids[p.Name] = p.PID
		}
	}
	return pids, nil
}

// PIDsNow are the processes that run at this moment.
func (s *Stack) PIDsNow(ctx context.Context) (map[string]int, error) {
	return s.control(ctx, "status", "")
}

// Stop ends one process until Start; it returns when it is gone.
func (s *Stack) Stop(ctx context.Context, name string) error {
	_, err := s.control(ctx, "stop", name)
	return err
}

// Cut ends one process where it is, as a power cut would, until Start; Postgres by its immediate shutdown.
func (s *Stack) Cut(ctx context.Context, name string) error {
	_, err := s.control(ctx, "cut", name)
	return err
}

// CutByKill kills one process with all that it started in one moment, so that none of them does anything more, and keeps it
// ended until Start.
func (s *Stack) CutByKill(ctx context.Context, name string) error {
	pids, err := s.PIDsNow(ctx)
	if err != nil {
		return err
	}
	if pids[name] <= 1 {
		return fmt.Errorf("%s does not run now", name)
	}
	if err := killWhole(pids[name]); err != nil {
		return fmt.Errorf("kill all of %s: %w", name, err)
	}
	return s.Cut(ctx, name) // devstack would start it again
}

// Start starts one process that was stopped or cut off and returns when it serves.
func (s *Stack) Start(ctx context.Context, name string) error {
	_, err := s.control(ctx, "start", name)
	return err
}

// Restart ends one process in order and starts it again, as a deployment does.
func (s *Stack) Restart(ctx context.Context, name string) error {
	_, err := s.control(ctx, "restart", name)
	return err
}

// Signal sends a signal to one process. What dies of it is started again by devstack.
func (s *Stack) Signal(ctx context.Context, name string, sig syscall.Signal) error {
	pids, err := s.PIDsNow(ctx)
	if err != nil {
		return err
	}
	pid := pids[name]
	if pid <= 1 {
		return fmt.Errorf("%s does not run now", name)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		return fmt.Errorf("signal %s: %w", name, err)
	}
	return nil
}

// Perene runs one command of the program with the stack's variables.
func (s *Stack) Perene(ctx context.Context, args ...string) ([]byte, error) {
	sh := append([]string{"-c", `. "$0"; shift 0; exec "$@"`, s.EnvFile, s.opts.Perene}, args...)
	cmd := exec.CommandContext(ctx, "sh", sh...)
	cmd.Dir = s.opts.Root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("perene %v: %w: %s", args, err, out)
	}
	return out, nil
}

// SyncWriter lets several goroutines write whole lines.
type SyncWriter struct {
	mu sync.Mutex
	W  io.Writer
}

// Write implements io.Writer.
func (w *SyncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.W.Write(p)
}
