package stack

import (
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// settings are the variables that the Perene processes are given, beside the caller's own.
type settings map[string]string

// common are the variables of every Perene process. Where the caller has set
// one that a developer may well want to set, the caller's value stays.
func (s *Stack) common() settings {
	o := s.opts
	values := settings{
		"DATABASE_URL":       s.databaseURL,
		"TEMPORAL_ADDRESS":   s.temporalAddress,
		"TEMPORAL_NAMESPACE": s.namespace,
		"TEMPORAL_UI_URL":    s.webURL,
		"PERENE_ENV":         "development",
		"PERENE_PUBLIC_URL":  s.baseURL,
		"PERENE_MASTER_KEY":  s.secrets.MasterKey,
		"PERENE_MEDIA_URL":   (&url.URL{Scheme: "file", Path: filepath.Join(o.Data, "media")}).String(),
		// What the demo account's connection and the simulated Meta must agree on.
		"PERENE_SIM_URL":         s.simURL,
		"PERENE_DEMO_GRAPH_URL":  s.simURL + "/graph",
		"PERENE_DEMO_TOKEN":      s.secrets.DemoToken,
		"PERENE_DEMO_APP_SECRET": s.secrets.DemoAppSecret,
		"PERENE_DEMO_VERIFY":     s.secrets.DemoVerify,
		"PERENE_SIM_PUBLIC_URL":  s.simURL,
		"PERENE_SIM_DATA":        filepath.Join(o.Data, "sim"),
		"PERENE_SIM_WEBHOOK_URL": s.baseURL + "/webhooks/meta/demo",
	}
	for _, name := range []string{
		"PERENE_PUBLIC_URL", "PERENE_MASTER_KEY", "PERENE_MEDIA_URL", "PERENE_SIM_WEBHOOK_URL",
		"PERENE_DEMO_GRAPH_URL", "PERENE_DEMO_TOKEN", "PERENE_DEMO_APP_SECRET", "PERENE_DEMO_VERIFY",
	} {
		if given := o.Getenv(name); given != "" {
			values[name] = given
		}
	}
	return values
}

// processors is how many of the machine's processors each of the stack's long-running Go processes may use at once. There are four of them
// beside Postgres, and threads of one that look for work while another has it take from it: with one of two processors each a turn takes a
// tenth less time. What the caller has set stays.
func (s *Stack) processors() string {
	if given := s.opts.Getenv("GOMAXPROCS"); given != "" {
		return given
	}
	return strconv.Itoa(max(1, runtime.NumCPU()/2))
}

// with is a copy that has one more variable.
func (v settings) with(name, value string) settings {
	more := settings{name: value}
	for k, val := range v {
		if _, ok := more[k]; !ok {
			more[k] = val
		}
	}
	return more
}

// over lays the settings over an environment.
func (v settings) over(environ []string) []string {
	all := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := v[name]
		// Each process listens where the stack says.
		return replaced || name == "PERENE_LISTEN" || name == "PERENE_API_METRICS_LISTEN" || name == "PERENE_METRICS_LISTEN" || name == "PERENE_SIM_LISTEN"
	})
	for _, name := range v.names() {
		all = append(all, name+"="+v[name])
	}
	return all
}

func (v settings) names() []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// shell writes the settings as a file for `. FILE`.
func (v settings) shell() []byte {
	var b strings.Builder
	b.WriteString("# The variables of this stack, for a shell: . FILE\n")
	for _, name := range v.names() {
		b.WriteString("export " + name + "='" + strings.ReplaceAll(v[name], "'", `'\''`) + "'\n")
	}
	return []byte(b.String())
}

func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
