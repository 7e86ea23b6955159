package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"syscall"
	"time"
)

// Spec says how one child is run.
type Spec struct {
	Name string
	Path string
	Args []string
	// Becomes is the command that a script at Path replaces itself by, as ps shows it.
	Becomes string
	// Env is the whole environment of the child.
	Env []string
	Dir string
	// Log is the file that its output is appended to.
	Log string
	// User is who the child runs as; nil keeps the present user.
	User *User
	// Stop is the signal that ends the child politely; the default is SIGTERM.
	Stop syscall.Signal
	// Cut is the signal that ends the child where it is, with nothing written that was not; the default is SIGKILL.
	Cut syscall.Signal
	// Death is the signal the child gets when this program is killed; the default is SIGKILL.
	Death syscall.Signal
	// Grace is how long a polite end may take before SIGKILL; the default is 10 s.
	Grace time.Duration
	// Before runs before every start, for instance to wait until a predecessor is gone.
	Before func(ctx context.Context) error
	// Ready says whether the child serves; it is asked again until it returns nil.
	Ready func(ctx context.Context) error
	// Patience is how long a child may take to become ready; the default is 60 s.
	Patience time.Duration
}

func (s Spec) stop() syscall.Signal {
	if s.Stop == 0 {
		return syscall.SIGTERM
	}
	return s.Stop
}

func (s Spec) cut() syscall.Signal {
	if s.Cut == 0 {
		return syscall.SIGKILL
	}
	return s.Cut
}

func (s Spec) death() syscall.Signal {
	if s.Death == 0 {
		return syscall.SIGKILL
	}
	return s.Death
}

func (s Spec) grace() time.Duration {
	if s.Grace == 0 {
		return 10 * time.Second
	}
	return s.Grace
}

func (s Spec) patience() time.Duration {
	if s.Patience == 0 {
		return 60 * time.Second
	}
	return s.Patience
}

// State is what a child is doing.
type State string

// The states of a child.
const (
	Starting State = "starting" // launched, not ready yet
	Ready    State = "ready"
	Waiting  State = "waiting" // died by itself, starts again soon
	Stopped  State = "stopped" // on request
)

// Status is what is known of a child at one moment.
type Status struct {
	Name      string    `json:"name"`
	State     State     `json:"state"`
	PID       int       `json:"pid"`
	Restarts  int       `json:"restarts"`
	StartedAt time.Time `json:"started_at"`
	Log       string    `json:"log"`
	// Command is the program with its arguments, as ps shows it.
	Command string `json:"command"`
}

// Supervisor owns a set of children.
type Supervisor struct {
	// Say gets one line for a person whenever a child dies or returns.
	Say func(line string)
	// Changed is called after every change of a status, never concurrently.
	Changed func()
	// First and Longest bound the wait before a dead child is started again. It
	// doubles only while the child lives for less than AtOnce each time.
	First, Longest, AtOnce time.Duration

	mu       sync.Mutex
	order    []string
	children map[string]*child
	changing sync.Mutex
}

// New returns a supervisor that waits 100 ms before the restart of a child, and
// longer, up to 2 s, before that of one that dies within a second each time.
func New(say func(string), changed func()) *Supervisor {
	return &Supervisor{
		Say: say, Changed: changed,
		First: 100 * time.Millisecond, Longest: 2 * time.Second, AtOnce: time.Second,
		children: map[string]*child{},
	}
}

// ErrUnknown says that no child has the name asked for.
var ErrUnknown = errors.New("no such process")

// Start launches spec and waits until it is ready. A child that dies before it
// was ready the first time is not started again: its last words are the error.
func (s *Supervisor) Start(ctx context.Context, spec Spec) error {
	c := newChild(s, spec)
	s.mu.Lock()
	if _, taken := s.children[spec.Name]; taken {
		s.mu.Unlock()
		return fmt.Errorf("start %s: it is already there", spec.Name)
	}
	s.children[spec.Name] = c
	s.order = append(s.order, spec.Name)
	s.mu.Unlock()
	go c.run()
	return c.ask(ctx, opStart)
}

// Stop ends a child and keeps it ended.
func (s *Supervisor) Stop(ctx context.Context, name string) error { return s.ask(ctx, name, opStop) }

// Cut ends a child as a power cut would, and keeps it ended.
func (s *Supervisor) Cut(ctx context.Context, name string) error { return s.ask(ctx, name, opCut) }

// Resume starts a stopped child again and waits until it is ready.
func (s *Supervisor) Resume(ctx context.Context, name string) error {
	return s.ask(ctx, name, opStart)
}

// Restart ends a child politely, starts it again and waits until it is ready.
func (s *Supervisor) Restart(ctx context.Context, name string) error {
	if err := s.ask(ctx, name, opStop); err != nil {
		return err
	}
	return s.ask(ctx, name, opStart)
}

// Kill ends a child by SIGKILL; the supervisor starts it again as after any death.
func (s *Supervisor) Kill(ctx context.Context, name string) error { return s.ask(ctx, name, opKill) }

func (s *Supervisor) ask(ctx context.Context, name string, op operation) error {
	s.mu.Lock()
	c, ok := s.children[name]
	s.mu.Unlock()
	if !ok {
		return fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	return c.ask(ctx, op)
}

// Shutdown ends every child, group after group, and what is in no group last.
// When ctx ends, what is left is killed.
func (s *Supervisor) Shutdown(ctx context.Context, groups ...[]string) {
	s.mu.Lock()
	left := maps.Clone(s.children)
	s.mu.Unlock()

	end := func(names []string) {
		var done sync.WaitGroup
		for _, name := range names {
			c, ok := left[name]
			if !ok {
				continue
			}
			delete(left, name)
			done.Go(func() { c.quit(ctx) })
		}
		done.Wait()
	}
	for _, group := range groups {
		end(group)
	}
	rest := make([]string, 0, len(left))
	for name := range left {
		rest = append(rest, name)
	}
	end(rest)
}

// Status lists the children in the order they were started.
func (s *Supervisor) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Status, 0, len(s.order))
	for _, name := range s.order {
		all = append(all, s.children[name].snapshot())
	}
	return all
}

func (s *Supervisor) changed() {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.Changed != nil {
		s.Changed()
	}
}

func (s *Supervisor) say(format string, args ...any) {
	if s.Say != nil {
		s.Say(fmt.Sprintf(format, args...))
	}
}
