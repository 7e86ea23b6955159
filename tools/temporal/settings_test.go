package temporal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"gopkg.in/yaml.v3"
)

const (
	static  = "../../deploy/temporal/server.yaml"
	dynamic = "../../deploy/temporal/dynamic.yaml"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// load reads the static configuration as the server does, with these variables.
func load(t *testing.T, variables map[string]string) *config.Config {
	t.Helper()
	for name, value := range variables {
		t.Setenv(name, value)
	}
	cfg, err := config.Load(config.WithConfigFile(static))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestTheServerReadsTheStaticConfiguration(t *testing.T) {
	cfg := load(t, map[string]string{
		"POSTGRES_ADDRESS": "db.example:6000", "POSTGRES_USER": "temporal", "POSTGRES_PWD": `a"b: <&%`,
		"POSTGRES_ATTRIBUTES": `{"host":"/var/run/x\u0026y","sslmode":"disable"}`, "VISIBILITY_DBNAME": "desk_visibility",
		"BIND_ON_IP": "0.0.0.0", "FRONTEND_GRPC_PORT": "17233", "PROMETHEUS_ENDPOINT": "127.0.0.1:8123",
	})
	p := cfg.Persistence
	main, visibility := p.DataStores[p.DefaultStore], p.DataStores[p.VisibilityStore]
	if p.NumHistoryShards != 128 || main.FaultInjection != nil || main.SQL.MaxConns != 10 || visibility.SQL.MaxConns != 3 {
		t.Errorf("the stores are %+v", p)
	}
	for name, sql := range map[string]*config.SQL{"temporal": main.SQL, "desk_visibility": visibility.SQL} {
		if sql.DatabaseName != name || sql.ConnectAddr != "db.example:6000" || sql.Password != `a"b: <&%` || sql.ConnectAttributes["host"] != "/var/run/x&y" {
			t.Errorf("%s is reached by %+v", name, sql)
		}
	}
	for name, address := range map[string]string{"frontend": "0.0.0.0", "history": "127.0.0.1", "matching": "127.0.0.1", "worker": "127.0.0.1"} {
		if rpc := cfg.Services[name].RPC; rpc.BindOnIP != address || rpc.GRPCPort == 0 || rpc.MembershipPort == 0 {
			t.Errorf("%s listens on %+v", name, rpc)
		}
	}
	if cfg.PublicClient.HostPort != "127.0.0.1:17233" || cfg.Global.Metrics.Prometheus.ListenAddress != "127.0.0.1:8123" {
		t.Errorf("the frontend is at %s, metrics at %+v", cfg.PublicClient.HostPort, cfg.Global.Metrics.Prometheus)
	}
}

// The server leaves alone what it does not know. Here that is a mistake.
func TestTheServerKnowsEachWordOfTheStaticConfiguration(t *testing.T) {
	t.Parallel()
	made, err := template.New("").Funcs(sprig.FuncMap()).Parse(string(read(t, static)))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := made.Execute(&text, nil); err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(&text)
	d.KnownFields(true)
	if err := d.Decode(&config.Config{}); err != nil {
		t.Error(err)
	}
}

func TestTheServerKnowsTheDynamicConfiguration(t *testing.T) {
	t.Parallel()
	read := dynamicconfig.LoadYamlFile(read(t, dynamic))
	for _, wrong := range append(read.Errors, read.Warnings...) {
		t.Error(wrong)
	}
	if len(read.Map) < 20 {
		t.Errorf("it has %d settings", len(read.Map))
	}
}

// devstack writes the setting, and its own test keeps the file.
func TestTheServerKnowsTheFaultsOfItsDatabase(t *testing.T) {
	setting := strings.TrimSpace(string(read(t, "../../devstack/internal/temporal/testdata/faults.json")))
	cfg := load(t, map[string]string{"TEMPORAL_FAULTS": setting, "POSTGRES_ADDRESS": "x:1"})
	injected := cfg.Persistence.DataStores[cfg.Persistence.DefaultStore].FaultInjection
	if injected == nil {
		t.Fatal("the server was told of no faults")
	}
	known := config.DefaultFaultInjection().Targets.DataStores[config.ExecutionStoreName].Methods
	ours := injected.Targets.DataStores[config.ExecutionStoreName].Methods
	if len(ours) != len(known) {
		t.Errorf("%d methods, the server's own list has %d", len(ours), len(known))
	}
	for method, m := range ours {
		if len(known[method].Errors) == 0 || m.Errors["Timeout"] != .05 || m.Seed == 0 {
			t.Errorf("%s fails by %+v", method, m)
		}
		for kind := range m.Errors {
			if _, ok := known[method].Errors[kind]; !ok {
				t.Errorf("the server's own list has no %s of %s", kind, method)
			}
		}
	}
	var plan map[config.DataStoreName]map[string]map[string]float64
	if err := json.Unmarshal(read(t, "../../chaos/temporal-faults.json"), &plan); err != nil {
		t.Fatal(err)
	}
	for method := range plan[config.ExecutionStoreName] {
		if _, ok := known[method]; !ok {
			t.Errorf("chaos lets %s fail, which the server's own list does not have", method)
		}
	}
}
