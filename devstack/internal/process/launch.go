// Package process runs other programs as children: it starts them, waits until
// they are ready, starts them again when they die, and ends them. On Linux a
// child also ends when this program is killed outright.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// User is an unprivileged user that a child runs as; only root may set one.
type User struct {
	Name string
	UID  uint32
	GID  uint32
}

// starter runs every fork on one thread that never ends: the death signal of a
// Linux child is tied to the thread that forked it, not to the process.
var starter = func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for run := range work {
			run()
		}
	}()
	return work
}()

// launch starts spec once, with its output appended to its log.
func launch(spec Spec) (*exec.Cmd, error) {
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", spec.Name, err)
	}
	// The child holds its own descriptor.
	defer func() { _ = log.Close() }()

	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env = spec.Env
	cmd.Dir = spec.Dir
	cmd.Stdout = log
	cmd.Stderr = log
	// A group of its own: Ctrl-C in the terminal reaches this program alone,
	// which then ends the children in the right order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if spec.User != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: spec.User.UID, Gid: spec.User.GID}
	}
	setDeathSignal(cmd.SysProcAttr, spec.death())

	done := make(chan error, 1)
	starter <- func() { done <- cmd.Start() }
	if err := <-done; err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	return cmd, nil
}
