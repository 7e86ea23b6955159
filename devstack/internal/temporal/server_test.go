package temporal

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func server(t *testing.T, environ ...string) Server {
	t.Helper()
	return Server{
		Bin: "/bin/of", Deploy: "../../../deploy", Data: t.TempDir(), DatabaseURL: "postgres://u:p@127.0.0.1:6000/perene?sslmode=disable",
		Database: "t", VisibilityDatabase: "v", Port: 1, MetricsPort: 2, Environ: environ,
	}
}

// Every setting is in deploy/temporal, where compose has it from, too: devstack says where things are.
func TestDevstackTellsTemporalWhereThingsAreAndNothingElse(t *testing.T) {
	t.Parallel()
	spec, err := server(t, "PATH=/p", "GOMAXPROCS=3", "TEMPORAL_TLS_CERT_FILE=/c", "SQL_MAX_CONNS=99", "DBNAME=other").Spec()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range spec.Env {
		name, value, _ := strings.Cut(entry, "=")
		names = append(names, name)
		if name == "DBNAME" && value != "t" || name == "GOMAXPROCS" && value != "3" || name == "TEMPORAL_FAULTS" && value != "" {
			t.Errorf("it is told %s", entry)
		}
	}
	slices.Sort(names)
	want := []string{
		"BIND_ON_IP", "DBNAME", "DYNAMIC_CONFIG_FILE_PATH", "FRONTEND_GRPC_PORT", "FRONTEND_MEMBERSHIP_PORT", "GOMAXPROCS",
		"HISTORY_GRPC_PORT", "HISTORY_MEMBERSHIP_PORT", "MATCHING_GRPC_PORT", "MATCHING_MEMBERSHIP_PORT", "PATH",
		"POSTGRES_ADDRESS", "POSTGRES_ATTRIBUTES", "POSTGRES_PWD", "POSTGRES_USER", "PPROF_PORT", "PROMETHEUS_ENDPOINT",
		"TEMPORAL_CONFIG", "TEMPORAL_FAULTS", "TEMPORAL_SERVER", "VISIBILITY_DBNAME", "WORKER_GRPC_PORT", "WORKER_MEMBERSHIP_PORT",
	}
	if !slices.Equal(names, want) {
		t.Errorf("it is told %v, want %v", names, want)
	}
	text, err := os.ReadFile("../../../deploy/temporal/server.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range want {
		read := strings.Contains(string(text), `env "`+name+`"`)
		if other := slices.Contains([]string{"PATH", "GOMAXPROCS", "TEMPORAL_CONFIG", "TEMPORAL_SERVER"}, name); read == other {
			t.Errorf("deploy/temporal/server.yaml reads %s: %t", name, read)
		}
	}
}

func TestASettingOfTheDynamicConfigurationIsReplacedInACopy(t *testing.T) {
	t.Parallel()
	s := server(t)
	own, err := s.dynamic()
	if err != nil || own != filepath.Join(s.Deploy, "temporal", "dynamic.yaml") {
		t.Errorf("without other settings it is %s, %v", own, err)
	}
	s.Dynamic = map[string]any{"frontend.rps": 7.0, "new.key": "x"}
	path, err := s.dynamic()
	if err != nil {
		t.Fatal(err)
	}
	read := func(path string) map[string][]struct{ Value any } {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string][]struct{ Value any }
		if err := yaml.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before, after := read(own), read(path)
	if len(after) != len(before)+1 || after["frontend.rps"][0].Value != 7 || after["new.key"][0].Value != "x" || after["limit.maxIDLength"][0].Value != 255 {
		t.Errorf("the copy is %v", after)
	}
}
