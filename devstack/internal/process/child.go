package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

type operation int

const (
	opStart operation = iota
	opStop
	opCut
	opKill
)

type request struct {
	op   operation
	done chan error
}

// child is one supervised program. Its run loop alone starts and ends the
// program; everybody else asks by the requests channel.
type child struct {
	sup      *Supervisor
	spec     Spec
	requests chan request
	quitting chan struct{}
	quitOnce sync.Once
	killNow  chan struct{}
	killOnce sync.Once
	ended    chan struct{}

	mu     sync.Mutex
	status Status
}

func newChild(s *Supervisor, spec Spec) *child {
	return &child{
		sup: s, spec: spec,
		requests: make(chan request),
		quitting: make(chan struct{}),
		killNow:  make(chan struct{}),
		ended:    make(chan struct{}),
		status: Status{
			Name: spec.Name, State: Stopped, Log: spec.Log,
			Command: cmp.Or(spec.Becomes, strings.Join(append([]string{spec.Path}, spec.Args...), " ")),
		},
	}
}

// ask hands the run loop one request and waits for its answer.
func (c *child) ask(ctx context.Context, op operation) error {
	r := request{op: op, done: make(chan error, 1)}
	select {
	case c.requests <- r:
	case <-c.ended:
		return fmt.Errorf("%s: the stack is ending", c.spec.Name)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-c.ended:
		return fmt.Errorf("%s: the stack is ending", c.spec.Name)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quit ends the child and its run loop; when ctx ends it is killed.
func (c *child) quit(ctx context.Context) {
	c.quitOnce.Do(func() { close(c.quitting) })
	select {
	case <-c.ended:
	case <-ctx.Done():
		c.killOnce.Do(func() { close(c.killNow) })
		<-c.ended
	}
}

func (c *child) snapshot() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

func (c *child) set(change func(*Status)) {
	c.mu.Lock()
	change(&c.status)
	c.mu.Unlock()
	c.sup.changed()
}

// exit is how a program ended; err is nil for 0.
type exit struct{ err error }

// life is one run of the program.
type life struct {
	cmd    *exec.Cmd
	exited chan exit
	// ready gets nil when the program serves, an error when it took too long.
	ready  chan error
	cancel context.CancelFunc
	born   time.Time
}

// run is the loop that owns the program from the first start to the end.
func (c *child) run() {
	defer close(c.ended)
	var (
		now      *life
		starting []request        // who waits for readiness
		backoff  <-chan time.Time // set while waiting to start again
		wait     = c.sup.First
		once     bool // it has been ready at least once
	)
	answer := func(err error) {
		for _, r := range starting {
			r.done <- err
		}
		starting = nil
	}
	begin := func() error {
		l, err := c.begin()
		if err != nil {
			return err
		}
		now, backoff = l, nil
		return nil
	}
	again := func() {
		c.set(func(s *Status) { s.State, s.PID = Waiting, 0 })
		backoff = time.After(wait)
		wait = min(2*wait, c.sup.Longest)
	}

	for {
		var exited chan exit
		var ready chan error
		if now != nil {
			exited, ready = now.exited, now.ready
		}
		select {
		case <-c.quitting:
			if now != nil {
				c.end(now, c.spec.stop())
			}
			c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
			answer(errors.New("the stack is ending"))
			return

		case r := <-c.requests:
			switch {
			case r.op == opStart && now != nil:
				if c.snapshot().State == Ready {
					r.done <- nil
				} else {
					starting = append(starting, r)
				}
			case r.op == opStart:
				wait = c.sup.First
				starting = append(starting, r)
				if err := begin(); err != nil {
					answer(err)
				}
			case r.op == opStop || r.op == opCut:
				if now != nil && r.op == opCut {
					c.end(now, c.spec.cut())
				} else if now != nil {
					c.end(now, c.spec.stop())
				}
				now, backoff = nil, nil
				c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
				answer(fmt.Errorf("%s was stopped before it was ready", c.spec.Name))
				r.done <- nil
			case r.op == opKill && now == nil:
				r.done <- fmt.Errorf("%s is not running", c.spec.Name)
			case r.op == opKill:
				r.done <- syscall.Kill(now.cmd.Process.Pid, syscall.SIGKILL)
			}

		case err := <-ready:
			now.ready = nil
			if err != nil {
				answer(err)
				if !once {
					c.end(now, c.spec.stop())
					now = nil
					c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
					continue
				}
				// It may still come: whoever waited has been told, and the watch goes on.
				c.sup.say("%s; still waiting.", err)
				c.watch(now)
				continue
			}
			if c.snapshot().Restarts > 0 && len(starting) == 0 {
				c.sup.say("%s is back (pid %d).", c.spec.Name, now.cmd.Process.Pid)
			}
			once = true
			c.set(func(s *Status) { s.State = Ready })
			answer(nil)

		case end := <-exited:
			c.sweep(now)
			if !once {
				now = nil
				c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
				answer(c.deathOf(end.err))
				continue
			}
			if time.Since(now.born) >= c.sup.AtOnce {
				wait = c.sup.First
			}
			now = nil
			c.sup.say("%s; starting it again in %s (log: %s).", c.deathOf(end.err), wait, c.spec.Log)
			again()

		case <-backoff:
			c.set(func(s *Status) { s.Restarts++ })
			if err := begin(); err != nil {
				c.sup.say("%s; trying again in %s.", err, wait)
				again()
			}
		}
	}
}

// begin launches the program and watches over its readiness.
func (c *child) begin() (*life, error) {
	if c.spec.Before != nil {
		ctx, cancel := context.WithTimeout(context.Background(), c.spec.patience())
		defer cancel()
		go func() {
			select {
			case <-c.quitting:
				cancel()
			case <-ctx.Done():
			}
		}()
		if err := c.spec.Before(ctx); err != nil {
			return nil, err
		}
	}
	cmd, err := launch(c.spec)
	if err != nil {
		return nil, err
	}
	l := &life{cmd: cmd, born: time.Now(), exited: make(chan exit, 1)}
	c.set(func(s *Status) { s.State, s.PID, s.StartedAt = Starting, cmd.Process.Pid, l.born.UTC() })
	go func() { l.exited <- exit{cmd.Wait()} }()
	c.watch(l)
	return l, nil
}

// watch asks in the background whether the program serves, until end or sweep cancels it.
func (c *child) watch(l *life) {
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan error, 1)
	l.cancel, l.ready = cancel, ready
	go func() { ready <- c.untilReady(ctx) }()
}

// untilReady asks the child until it serves; it gives up after the spec's patience.
func (c *child) untilReady(ctx context.Context) error {
	if c.spec.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.spec.patience())
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		try, cancelTry := context.WithTimeout(ctx, 2*time.Second)
		err := c.spec.Ready(try)
		cancelTry()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready after %s: %w (log: %s)", c.spec.Name, c.spec.patience(), err, c.spec.Log)
		case <-tick.C:
		}
	}
}

// end stops the program by a signal, and by SIGKILL where that takes too long.
func (c *child) end(l *life, sig syscall.Signal) {
	l.cancel()
	_ = syscall.Kill(l.cmd.Process.Pid, sig)
	grace := time.NewTimer(c.spec.grace())
	defer grace.Stop()
	select {
	case <-l.exited:
	case <-grace.C:
		_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
		<-l.exited
	case <-c.killNow:
		_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
		<-l.exited
	}
	c.sweep(l)
}

// sweep ends what a dead program left in its process group.
func (c *child) sweep(l *life) {
	l.cancel()
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
}

// deathOf puts the end of a program in one sentence, with its last words.
func (c *child) deathOf(err error) error {
	how := "ended"
	var code *exec.ExitError
	if errors.As(err, &code) {
		how = "ended with " + code.String()
		if status, ok := code.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return fmt.Errorf("%s %s", c.spec.Name, how) // it had no time for last words
		}
	}
	if words := LastLine(c.spec.Log); words != "" {
		return fmt.Errorf("%s %s: %s", c.spec.Name, how, words)
	}
	return fmt.Errorf("%s %s", c.spec.Name, how)
}
