package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/perene/perene/bench/rig"
)

// short is a run's figures in one line.
func short(values map[string]float64) string {
	var b strings.Builder
	for _, k := range sortedKeys(values) {
		fmt.Fprintf(&b, "%s=%s ", k, number(values[k]))
	}
	return b.String()
}

func sortedKeys(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func number(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// table prints minimum, median and maximum of every figure over the repetitions.
func (b *bench) table(w io.Writer, m rig.Machine) {
	fmt.Fprintf(w, "\n%s: %s, %d cores, %.0f GB, Linux %s, load before %s; Postgres with fsync and synchronous_commit on\n"+
		"60,000 reads of 512 kB at random: %.2f ms, %.2f ms after 20 ms of rest; a core with nothing to do stays awake for %g µs\n\n",
		time.Now().UTC().Format(time.RFC3339), m.CPU, m.Cores, m.MemGB, m.Kernel, m.LoadAvg, m.HotMS, m.ColdMS, m.IdlePollUS)
	type key struct{ scenario, with, figure string }
	values := map[key][]float64{}
	var order []key
	for _, r := range b.results {
		for _, f := range sortedKeys(r.Values) {
			k := key{r.Scenario, r.With, f}
			if values[k] == nil {
				order = append(order, k)
			}
			values[k] = append(values[k], r.Values[f])
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "scenario\twith\tfigure\tmin\tmedian\tmax")
	for _, k := range order {
		v := values[k]
		slices.Sort(v)
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", k.scenario, k.with, k.figure, number(v[0]), number(v[len(v)/2]), number(v[len(v)-1]))
	}
	_ = tw.Flush()
}

// percentiles adds a distribution to a run's figures, in milliseconds.
func percentiles(values map[string]float64, name string, all []time.Duration) {
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	at := func(p float64) float64 {
		return float64(all[min(len(all)-1, int(p*float64(len(all))))].Microseconds()) / 1000
	}
	values[name+"_p50_ms"], values[name+"_p95_ms"], values[name+"_p99_ms"] = at(.50), at(.95), at(.99)
	values[name+"_max_ms"] = float64(all[len(all)-1].Microseconds()) / 1000
}
