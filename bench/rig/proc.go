package rig

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is what /proc counts CPU time in; 100 a second on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// CPU is the time that a process and its children, dead or alive, have spent.
func CPU(pid int) time.Duration {
	total, _ := cpuOf(pid, true)
	for _, child := range children(pid) {
		t, _ := cpuOf(child, false)
		total += t
	}
	return total
}

// CPUByDatabase splits the time of Postgres by the database that each session uses; "" is everything else. Sessions that
// have ended are in "".
func CPUByDatabase(postmaster int) map[string]time.Duration {
	out := map[string]time.Duration{}
	own, _ := cpuOf(postmaster, true)
	out[""] = own
	for _, child := range children(postmaster) {
		t, _ := cpuOf(child, false)
		line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(child), "cmdline"))
		database := ""
		if err == nil {
			// "postgres: USER DATABASE HOST(PORT) STATE", "[local]" for a Unix socket; background processes have no host.
			words := strings.Fields(strings.ReplaceAll(string(line), "\x00", " "))
			if len(words) >= 4 && words[0] == "postgres:" && (words[3] == "[local]" || strings.Contains(words[3], "(")) {
				database = words[2]
			}
		}
		out[database] += t
	}
	return out
}

func cpuOf(pid int, withDead bool) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 15 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(f))
	}
	last := 13 // utime and stime are fields 14 and 15 of the man page: 11 and 12 behind the name
	if withDead {
		last = 15 // and those of children that were waited for
	}
	var ticks int64
	for _, v := range f[11:last] {
		n, _ := strconv.ParseInt(v, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

func children(pid int) []int {
	tasks, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
	var out []int
	for _, t := range tasks {
		text, err := os.ReadFile(t)
		if err != nil {
			continue
		}
		for f := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

// killWhole kills a process and its children. It is frozen first, so that it neither starts another child nor notices how
// one died.
func killWhole(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for _, child := range children(pid) {
		_ = syscall.Kill(child, syscall.SIGKILL) // it may have ended by itself
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// PSS is the memory of a process and its children in bytes, memory that is shared counted once (proportionally).
func PSS(pid int) int64 {
	total := pssOf(pid)
	for _, c := range children(pid) {
		total += pssOf(c)
	}
	return total
}

func pssOf(pid int) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}
