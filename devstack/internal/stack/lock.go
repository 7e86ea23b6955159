package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lock makes sure that one stack at a time uses a data folder. The lock goes
// with the process, however it ends.
func lock(data string) (*os.File, error) {
	path := filepath.Join(data, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", data, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer func() { _ = f.Close() }()
		return nil, fmt.Errorf("a stack already runs with %s%s: end it with Ctrl-C, or choose another folder with --data", data, holder(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", data, err), f.Close())
	}
	err = errors.Join(f.Truncate(0), func() error { _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); return err }())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", data, err), f.Close())
	}
	return f, nil
}

func holder(path string) string {
	text, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return " (pid " + pid + ")"
	}
	return ""
}

// reset deletes everything in the data folder but the lock. A folder that holds
// something, but nothing of a stack, was named by mistake and is left alone.
func reset(data string) error {
	entries, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("empty %s: %w", data, err)
	}
	ours := len(entries) <= 1
	for _, entry := range entries {
		ours = ours || entry.Name() == "secrets.json" || entry.Name() == "state.json"
	}
	if !ours {
		return fmt.Errorf("%s is not the data folder of a stack, so nothing in it was deleted: choose another with --data", data)
	}
	for _, entry := range entries {
		if entry.Name() == "lock" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(data, entry.Name())); err != nil {
			return fmt.Errorf("empty %s: %w", data, err)
		}
	}
	return nil
}
