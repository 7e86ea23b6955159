package timerslack

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Widen starts the program once more in the same process, with a timer slack of Wide, and then does not return. It returns nil
// where that has happened already, or where whoever started the program chose a slack of their own (systemd's
// TimerSlackNSec), and an error where the kernel refuses: the program then runs as well, with more wake-ups.
//
// It belongs at the very beginning of a program: what has been opened, started or caught until then is gone.
func Widen() error { return onFirstThread(widen) }

func widen() error {
	if present, err := slack(); err != nil || present != kernels {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(Wide), 0, 0, 0); err != nil {
		return fmt.Errorf("set the timer slack: %w", err)
	}
	// Where it does not stay, the program would start itself again for ever.
	if set, err := slack(); err != nil || set != int(Wide) {
		return errors.Join(errors.New("set the timer slack: it stays as it was"), err)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if err := syscall.Exec(program, os.Args, os.Environ()); err != nil {
		return fmt.Errorf("start this program again: %w", err)
	}
	return nil
}

// slack is the timer slack of the present thread, in nanoseconds.
func slack() (int, error) {
	present, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("ask for the timer slack: %w", err)
	}
	return present, nil
}

// onFirstThread calls do on the thread that the process began with. The signal at the death of a parent (PR_SET_PDEATHSIG), by
// which processes of a development stack end with it, is that thread's, and stays through an exec only where the thread does.
func onFirstThread(do func() error) error {
	attempt := func() (bool, error) {
		if unix.Gettid() != unix.Getpid() {
			return false, nil
		}
		return true, do()
	}
	runtime.LockOSThread()
	there, err := attempt()
	runtime.UnlockOSThread()
	if there {
		return err
	}
	over := make(chan struct{})
	defer close(over)
	for range 100 { // a program that begins has a handful of threads
		runtime.Gosched() // who is to run on the first thread does so, and leaves it
		tried := make(chan bool)
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var found bool
			found, err = attempt()
			tried <- found
			<-over // keeps the thread, so that the next attempt is on another
		}()
		if <-tried {
			return err
		}
	}
	return errors.New("start this program again: its first thread is busy")
}
