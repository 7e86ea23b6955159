package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/perene/perene/bench/rig"
)

// meter measures what something costs: between start and stop, divided by how often it was done.
type meter struct {
	b      *bench
	pids   map[string]int
	before rig.Counters
	cpu    map[string]time.Duration
	cpuDB  map[string]time.Duration
	self   time.Duration
}

func (b *bench) startMeter(ctx context.Context) (*meter, error) {
	m := &meter{b: b}
	var err error
	if m.pids, err = b.PIDsNow(ctx); err != nil {
		return nil, err
	}
	if m.before, err = b.db.Count(ctx); err != nil {
		return nil, err
	}
	m.cpu, m.cpuDB = m.readCPU()
	m.self = rig.CPU(os.Getpid())
	return m, nil
}

func (m *meter) readCPU() (byProcess, byDatabase map[string]time.Duration) {
	byProcess = map[string]time.Duration{}
	for _, name := range rig.Processes {
		byProcess[name] = rig.CPU(m.pids[name])
	}
	return byProcess, rig.CPUByDatabase(m.pids[rig.Postgres])
}

// stop adds the cost of each of n to a run's figures. detail reads the log record by record.
func (m *meter) stop(ctx context.Context, values map[string]float64, n int, detail bool) error {
	cpu, cpuDB := m.readCPU()
	self := rig.CPU(os.Getpid())
	after, err := m.b.db.Count(ctx)
	if err != nil || n == 0 {
		return err
	}
	per := func(v float64) float64 { return v / float64(n) }
	var all int64
	for name, c := range after.Commits {
		d := c - m.before.Commits[name]
		switch name {
		case rig.Perene, rig.Temporal, rig.Visibility:
			all += d
			values["commits_"+name] = per(float64(d))
		}
	}
	values["commits"] = per(float64(all))
	values["wal_kb"] = per(float64(after.WALBytes-m.before.WALBytes)) / 1000
	values["history_events"] = per(float64(after.Events - m.before.Events))
	var ours time.Duration
	for _, name := range rig.Processes {
		d := cpu[name] - m.cpu[name]
		values["cpu_ms_"+name] = per(float64(d.Milliseconds()))
		if name != rig.Sim {
			ours += d
		}
	}
	values["cpu_ms"] = per(float64(ours.Milliseconds())) // without the simulator and this program
	values["cpu_ms_bench"] = per(float64((self - m.self).Milliseconds()))
	for name, t := range cpuDB {
		if name == "perene" || name == m.b.TemporalDatabase {
			values["cpu_ms_postgres_"+name] = per(float64((t - m.cpuDB[name]).Milliseconds()))
		}
	}
	if !detail {
		return nil
	}
	wal, err := m.b.db.WALByDatabase(ctx, m.before.LSN, after.LSN)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: the log was not read by database:", err)
		return nil
	}
	var synced int64
	for name, w := range wal {
		if name == "" {
			name = "other"
		}
		values["wal_kb_"+name] = per(float64(w.Bytes)) / 1000
		values["wal_pages_kb"] += per(float64(w.PageBytes)) / 1000
		synced += w.Commits
		if name == rig.Perene || name == rig.Temporal {
			values["written_commits_"+name] = per(float64(w.Commits))
		}
	}
	values["written_commits"] = per(float64(synced))
	return nil
}

// idle measures what a stack costs that has nothing to do, a second.
func (b *bench) idle(ctx context.Context) error {
	time.Sleep(15 * time.Second) // connections are synchronised after they are made, and senders linger
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	profiled := b.profiles(ctx, "idle", b.seconds)
	time.Sleep(b.seconds)
	v := map[string]float64{}
	if err := m.stop(ctx, v, int(b.seconds.Seconds()), false); err != nil {
		return err
	}
	profiled()
	b.memory(ctx, v)
	b.record("idle", "a second, 11 connections", v)
	return nil
}

// memory is what the processes hold now, in MB, shared memory counted once.
func (b *bench) memory(ctx context.Context, values map[string]float64) {
	pids, err := b.PIDsNow(ctx)
	if err != nil {
		return
	}
	total := 0.0
	for _, name := range rig.Processes {
		mb := float64(rig.PSS(pids[name])) / 1e6
		values["memory_mb_"+name] = mb
		if name != rig.Sim {
			total += mb
		}
	}
	values["memory_mb"] = total
}

// profiles records where the processor's time goes while a scenario runs; wait for the returned function.
func (b *bench) profiles(ctx context.Context, scenario string, length time.Duration) func() {
	if b.profile == "" {
		return func() {}
	}
	var group sync.WaitGroup
	for _, name := range []string{rig.API, rig.Worker, rig.Temporal} {
		group.Go(func() {
			if err := b.profileOf(ctx, name, b.profilePath(scenario+"-"+name+".pprof"), length); err != nil {
				fmt.Fprintln(os.Stderr, "bench: profile of", name, err)
			}
		})
	}
	return group.Wait
}

func (b *bench) profileOf(ctx context.Context, name, path string, length time.Duration) error {
	client, address := http.DefaultClient, b.URLs.TemporalProfiles
	if name != rig.Temporal { // ours answer at sockets
		address = "http://pprof/debug/pprof/"
		client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", filepath.Join(b.data, name+".pprof.sock"))
		}}}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%sprofile?seconds=%d", address, int(length.Seconds())), nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, res.Body)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
