package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/devstack/internal/stack"
)

// The story of a stack: it starts, its parts die and return, it ends, goes on
// with the same data, survives being killed, and starts over.
func TestAStackFromItsFirstStartToItsReset(t *testing.T) {
	data := folder(t)
	d, s := up(t, data, nil)

	if !s.Ready || s.Seconds > 20 {
		t.Errorf("ready after %.1f s; the budget is 20 s", s.Seconds)
	}
	t.Logf("first start: %.1f s", s.Seconds)
	for _, name := range []string{"postgres", "temporal", "temporal-web", "sim", "worker", "api"} {
		if s.PIDs[name] == 0 || !runs(s.PIDs[name]) {
			t.Errorf("%s does not run: %v", name, s.PIDs)
		}
	}
	for _, url := range []string{s.URLs.Base, s.URLs.Phone, s.URLs.TemporalWeb, s.URLs.TemporalMetrics, s.URLs.WorkerMetrics} {
		if code, _ := get(t, url); code != http.StatusOK {
			t.Errorf("%s answers %d", url, code)
		}
	}
	if want := s.URLs.Base + "/login?code=once"; s.URLs.Console != want {
		t.Errorf("the console is at %s, want %s", s.URLs.Console, want)
	}
	for _, path := range []string{s.EnvFile, s.Data + "/state.json", s.Control} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", path, err)
		}
	}
	checkNamespace(t, s.TemporalAddress, s.TemporalNamespace)
	if got := given(t, s, "TEMPORAL_ADDRESS"); got != s.TemporalAddress {
		t.Errorf("the API asks Temporal at %s, want %s", got, s.TemporalAddress)
	}
	seeds := func(base string) string { _, n := get(t, base+"/seeds"); return n }
	if got := seeds(s.URLs.Base); got != "1" {
		t.Errorf("seeded %s times", got)
	}

	t.Run("a second stack on the same data is refused", func(t *testing.T) {
		other := run(t, nil, "up", "--data", data, "--perene", fakePerene, "--free-ports", "--bin", "../bin", "--deploy", "../deploy")
		<-other.done
		if other.err == nil || !strings.Contains(other.said(), fmt.Sprintf("a stack already runs with %s (pid %d)", data, s.PID)) {
			t.Errorf("%v: %s", other.err, other.said())
		}
	})
	t.Run("each part that is killed comes back, with its data", func(t *testing.T) {
		for _, name := range []string{"api", "worker", "sim", "temporal", "temporal-web", "postgres"} {
			before := stateOf(t, data).PIDs[name]
			if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			until(t, name+" is back", func() bool {
				for _, p := range stateOf(t, data).Processes {
					if p.Name == name {
						return p.State == "ready" && p.PID != before && p.Restarts == 1
					}
				}
				return false
			})
			if !strings.Contains(d.said(), name+" ended") {
				t.Errorf("nobody was told that %s died:\n%s", name, d.said())
			}
		}
		until(t, "the row can be read again", func() bool { return seeds(s.URLs.Base) == "1" })
		until(t, "Temporal serves again", func() bool { code, _ := get(t, s.URLs.Base+"/readyz"); return code == http.StatusOK })
	})
	t.Run("Temporal is stopped and started by the control socket", func(t *testing.T) {
		ctl(t, data, "stop", "temporal")
		if code, _ := get(t, s.URLs.Base+"/readyz"); code != http.StatusServiceUnavailable {
			t.Errorf("without Temporal the API is ready: %d", code)
		}
		ctl(t, data, "start", "temporal")
		if code, body := get(t, s.URLs.Base+"/readyz"); code != http.StatusOK {
			t.Errorf("with Temporal again the API is not ready: %d %s", code, body)
		}
		wrong := run(t, nil, "ctl", "--data", data, "stop", "tempural")
		<-wrong.done
		if wrong.err == nil || !strings.Contains(wrong.said(), `no such process: "tempural"`) {
			t.Errorf("a wrong name: %v, %s", wrong.err, wrong.said())
		}
	})
	t.Run("SIGTERM ends every child", func(t *testing.T) {
		pids := stateOf(t, data).PIDs
		if err := d.end(syscall.SIGTERM); err != nil {
			t.Errorf("it ended with %v:\n%s", err, d.said())
		}
		for name, pid := range pids {
			if runs(pid) {
				t.Errorf("%s (pid %d) still runs", name, pid)
			}
		}
	})
	t.Run("the second start goes on with the same data and SIGKILL leaves no orphan", func(t *testing.T) {
		d, again := up(t, data, nil)
		t.Logf("second start: %.1f s", again.Seconds)
		if got := seeds(again.URLs.Base); got != "1" {
			t.Errorf("%s seeds after the second start", got)
		}
		_ = d.end(syscall.SIGKILL)
		if runtime.GOOS == "linux" {
			until(t, "all children are gone", func() bool {
				for _, pid := range again.PIDs {
					if runs(pid) {
						return false
					}
				}
				return true
			})
		}
	})
	t.Run("a start after SIGKILL works, and a reset starts over", func(t *testing.T) {
		d, third := up(t, data, nil)
		if got := seeds(third.URLs.Base); got != "1" {
			t.Errorf("%s seeds after SIGKILL", got)
		}
		if err := d.end(syscall.SIGINT); err != nil {
			t.Errorf("Ctrl-C: %v", err)
		}
		_, fresh := up(t, data, nil, "--reset")
		if fresh.DatabaseURL[:40] == third.DatabaseURL[:40] {
			t.Error("after the reset the password of Postgres is the old one")
		}
		if got := seeds(fresh.URLs.Base); got != "1" {
			t.Errorf("%s seeds after the reset", got)
		}
	})
}

// given is a variable that the API was given.
func given(t *testing.T, s stack.State, name string) string {
	t.Helper()
	_, text := get(t, s.URLs.Base+"/env")
	var environment []string
	if err := json.Unmarshal([]byte(text), &environment); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, variable := range environment {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

func checkNamespace(t *testing.T, address, namespace string) {
	t.Helper()
	ctx, cancel := background()
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	described, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	if got := described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != 7*24*time.Hour {
		t.Errorf("histories are kept for %s", got)
	}
	attributes, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	got := attributes.GetCustomAttributes()
	if got["TestAccount"] != enumspb.INDEXED_VALUE_TYPE_INT || got["TestWaitsFor"] != enumspb.INDEXED_VALUE_TYPE_KEYWORD {
		t.Errorf("the search attributes are %v", got)
	}
	// Temporal's tables hold no id of more than 255 bytes.
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: strings.Repeat("x", 256), TaskQueue: "q"}, "w")
	if err == nil || !strings.Contains(err.Error(), "256/255") {
		t.Errorf("an id of 256 bytes gave %v", err)
	}
}

func TestServersOfTheCallerAreUsedInsteadOfPrivateOnes(t *testing.T) {
	foreign := run(t, nil, "postgres", "--fast", "--deploy", "../deploy", "--data", folder(t))
	var database struct {
		URL string `json:"url"`
	}
	foreign.answer(&database)
	own := []string{"DATABASE_URL=" + database.URL}

	first, s := up(t, folder(t), own)
	if _, private := s.PIDs["postgres"]; private || s.DatabaseURL != database.URL || s.TemporalDatabase != "perene_temporal" {
		t.Errorf("not the caller's Postgres: %v, %s", s.PIDs, s.TemporalDatabase)
	}
	refused := run(t, own, "up", "--reset", "--free-ports", "--bin", "../bin", "--deploy", "../deploy", "--data", folder(t), "--perene", fakePerene)
	<-refused.done
	if refused.err == nil || !strings.Contains(refused.said(), "a reset deletes the private data only") {
		t.Errorf("a reset with DATABASE_URL: %v, %s", refused.err, refused.said())
	}
	// Its Temporal is another stack's foreign one.
	both := append([]string{"TEMPORAL_ADDRESS=" + s.TemporalAddress}, own...)
	second, s2 := up(t, folder(t), both, "--no-seed")
	if s2.PIDs["temporal"] != 0 || s2.PIDs["temporal-web"] == 0 || s2.TemporalAddress != s.TemporalAddress {
		t.Errorf("not the caller's Temporal: %v, %s", s2.PIDs, s2.TemporalAddress)
	}
	if got := given(t, s2, "TEMPORAL_ADDRESS"); got != s.TemporalAddress {
		t.Errorf("the API asks the caller's Temporal at %s", got)
	}
	if code, _ := get(t, s2.URLs.TemporalWeb); code != http.StatusOK {
		t.Errorf("Temporal Web for the caller's Temporal answers %d", code)
	}
	for _, d := range []*devstack{second, first, foreign} {
		if err := d.end(syscall.SIGTERM); err != nil {
			t.Errorf("the end: %v\n%s", err, d.said())
		}
	}
}

func TestMistakesGiveOneSentenceThatSaysWhatToDo(t *testing.T) {
	_, taken := listener(t)
	nobody := func() int { l, port := listener(t); _ = l.Close(); return port }()
	data := folder(t)
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want []string
	}{
		{"a port in use", nil, []string{fmt.Sprintf("--api-port=%d", taken)},
			[]string{fmt.Sprintf("port %d is in use, and the Perene API needs it", taken), "--api-port"}},
		{"no perene", nil, []string{"--perene=/nowhere/perene"}, []string{"no program at /nowhere/perene", "make build"}},
		{"nobody at DATABASE_URL", []string{fmt.Sprintf("DATABASE_URL=postgres://u:hidden@127.0.0.1:%d/x", nobody)}, []string{"--free-ports"},
			[]string{"DATABASE_URL does not work", "connection refused", "unset it"}},
		{"no URL", []string{"DATABASE_URL=hidden"}, []string{"--free-ports"}, []string{"DATABASE_URL does not work", "not a Postgres URL"}},
		{"nobody at TEMPORAL_ADDRESS", []string{fmt.Sprintf("TEMPORAL_ADDRESS=127.0.0.1:%d", nobody)}, []string{"--free-ports"},
			[]string{fmt.Sprintf("TEMPORAL_ADDRESS (127.0.0.1:%d) does not work", nobody), "unset it"}},
		{"no certificate", []string{"TEMPORAL_ADDRESS=x:1", "TEMPORAL_TLS_CA_FILE=/nowhere/ca.pem"}, []string{"--free-ports"},
			[]string{"TEMPORAL_TLS_CA_FILE", "/nowhere/ca.pem"}},
		{"a migration that fails", []string{"FAKEPERENE_FAILS=migrate"}, []string{"--free-ports"},
			[]string{"perene migrate: exit status 1: migrate was asked to fail"}},
		{"a process that does not start", []string{"FAKEPERENE_FAILS=worker"}, []string{"--free-ports"},
			[]string{"worker ended with exit status 1: worker was asked to fail"}},
		{"a language nobody translated", nil, []string{"--free-ports", "--lang=fr"}, []string{"use pt-BR or en"}},
		{"a setting that is none", nil, []string{"--free-ports", "--dynamic=frontend.rps"}, []string{"NAME=JSON"}},
		{"a setting of Postgres that is none", nil, []string{"--free-ports", "--postgres-set=archive_mode"}, []string{"NAME=VALUE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"up", "--json", "--data", data, "--no-seed", "--perene", fakePerene, "--bin", "../bin", "--deploy", "../deploy",
				"--search-attributes-file", attributesFile(t)}
			d := run(t, c.env, append(args, c.args...)...)
			select {
			case <-d.done:
			case <-time.After(3 * time.Minute):
				t.Fatalf("it still runs:\n%s", d.said())
			}
			said := strings.TrimSpace(d.said())
			if d.cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(said, "devstack: ") || strings.Contains(said, "\n") {
				t.Errorf("exit %d, not one sentence:\n%s", d.cmd.ProcessState.ExitCode(), said)
			}
			for _, part := range c.want {
				if !strings.Contains(said, part) {
					t.Errorf("%q does not say %q", said, part)
				}
			}
			if strings.Contains(said, "hidden") {
				t.Errorf("%q gives a secret away", said)
			}
		})
	}
}

func TestPostgresRunsBesideACommand(t *testing.T) {
	d := run(t, nil, "postgres", "--fast", "--deploy", "../deploy", "--", "sh", "-c", `echo "{\"url\":\"$PERENE_TEST_DATABASE_URL\"}"; exit 7`)
	var answer struct {
		URL string `json:"url"`
	}
	d.answer(&answer)
	<-d.done
	if !strings.HasPrefix(answer.URL, "postgres://perene:") || d.cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("the command got %q, and the exit code is %d:\n%s", answer.URL, d.cmd.ProcessState.ExitCode(), d.said())
	}
}
