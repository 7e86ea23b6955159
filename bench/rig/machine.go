package rig

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Machine describes what was measured on.
type Machine struct {
	CPU     string  `json:"cpu"`
	Cores   int     `json:"cores"`
	MemGB   float64 `json:"memory_gb"`
	Kernel  string  `json:"kernel"`
	LoadAvg string  `json:"load_before"` // of everybody, in the minute before
	// HotMS and ColdMS are what the same 60,000 reads of half a megabyte in a random order take, in milliseconds: one walk right
	// after the other, and each after 20 ms of rest. On a machine whose caches are shared with
	// strangers the second is several times the first, and so is whatever comes thirty times a second.
	HotMS  float64 `json:"walk_hot_ms"`
	ColdMS float64 `json:"walk_cold_ms"`
	// IdlePollUS is how long a core of a KVM guest that has nothing to do stays awake before it is given back to the host, in
	// microseconds (Linux, guest halt polling); 0 where it is given back at once, or where the kernel does not say.
	IdlePollUS float64 `json:"idle_poll_us"`
}

// ReadMachine looks at this machine; it takes about a second.
func ReadMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), LoadAvg: LoadAverage()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		f := strings.Fields(string(text))
		if len(f) > 1 {
			kb, _ := strconv.ParseFloat(f[1], 64)
			m.MemGB = kb / (1 << 20)
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/sys/module/haltpoll/parameters/guest_halt_poll_ns"); err == nil {
		ns, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		m.IdlePollUS = ns / 1000
	}
	m.HotMS, m.ColdMS = walks(0), walks(20*time.Millisecond)
	return m
}

// walks measures one walk in milliseconds, the median of many, with a pause before each.
func walks(pause time.Duration) float64 {
	const places, steps, often = 512 << 10 / 4, 60_000, 40
	next := make([]uint32, places)
	for i := range next {
		next[i] = uint32(i)
	}
	for i := places - 1; i > 0; i-- { // one circle through all places (Sattolo)
		j := rand.IntN(i)
		next[i], next[j] = next[j], next[i]
	}
	at := uint32(0)
	took := make([]time.Duration, often)
	for i := range took {
		time.Sleep(pause)
		begun := time.Now()
		for range steps {
			at = next[at]
		}
		took[i] = time.Since(begun)
	}
	runtime.KeepAlive(at)
	slices.Sort(took)
	return took[often/2].Seconds() * 1000
}

// LoadAverage is the load of the last minute.
func LoadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Fields(string(text))[0]
}
