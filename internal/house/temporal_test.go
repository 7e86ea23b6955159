package house_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// versions are what deploy/versions.env names.
func versions(t *testing.T) map[string]string {
	t.Helper()
	named := map[string]string{}
	for line := range strings.Lines(read(t, root+"/deploy/versions.env")) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			named[name] = version
		}
	}
	return named
}

func TestTemporalsVersionStandsInOnePlace(t *testing.T) {
	t.Parallel()
	named, modules := versions(t), read(t, root+"/tools/temporal/go.mod")
	for module, variable := range map[string]string{
		"go.temporal.io/server": "TEMPORAL_VERSION", "github.com/temporalio/ui-server/v2": "TEMPORAL_UI_VERSION",
	} {
		version := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` v(\S+)`).FindStringSubmatch(modules)
		if version == nil || version[1] != named[variable] {
			t.Errorf("tools/temporal/go.mod has %s %v, and deploy/versions.env says %s=%s", module, version, variable, named[variable])
		}
	}
	for _, file := range []string{"docker-compose.yml", "deploy/compose/temporal.yaml", "Makefile", "scripts/temporal"} {
		for variable, version := range named {
			if strings.Contains(read(t, root+"/"+file), version) {
				t.Errorf("%s names a version by itself, not by %s", file, variable)
			}
		}
	}
}

// mounts are the files of the repository that a service reads, by the place where it does.
func mounts(t *testing.T, s types.ServiceConfig) map[string]string {
	t.Helper()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, v := range s.Volumes {
		if path, err := filepath.Rel(here, v.Source); v.Type == types.VolumeTypeBind && err == nil {
			files[v.Target] = path
		}
	}
	return files
}

// docker-compose.yml starts Temporal with the files that devstack starts it with. It may say where something is, and
// nothing else: devstack's own tests say the same of devstack.
func TestComposeAndDevstackStartTemporalAlike(t *testing.T) {
	t.Parallel()
	p := project(t)
	const in = "/etc/temporal/perene/"
	for name, want := range map[string]struct {
		files     map[string]string
		variables []string
	}{
		"temporal": {
			map[string]string{in + "start.sh": "start.sh", in + "server.yaml": "server.yaml", in + "dynamic.yaml": "dynamic.yaml"},
			[]string{"POSTGRES_ADDRESS", "POSTGRES_USER", "POSTGRES_PWD", "POSTGRES_ATTRIBUTES", "BIND_ON_IP", "PROMETHEUS_ENDPOINT",
				"GOGC", "GOMEMLIMIT", "GOMAXPROCS"},
		},
		"temporal-schema": {map[string]string{in + "schema.sh": "schema.sh"}, []string{"SQL_HOST", "SQL_PORT", "SQL_USER", "SQL_PASSWORD"}},
		"temporal-ui": {map[string]string{"/home/ui-server/config/docker.yaml": "ui.yaml"},
			[]string{"TEMPORAL_ADDRESS", "TEMPORAL_UI_HOST", "TEMPORAL_DEFAULT_NAMESPACE", "TEMPORAL_CORS_ORIGINS"}},
	} {
		s := p.Services[name]
		for at, path := range mounts(t, s) {
			if want.files[at] == "" || path != "deploy/temporal/"+want.files[at] {
				t.Errorf("%s reads %s at %s", name, path, at)
			}
			delete(want.files, at)
		}
		if len(want.files) != 0 {
			t.Errorf("%s does not read %v", name, want.files)
		}
		slices.Sort(want.variables)
		if got := slices.Sorted(maps.Keys(s.Environment)); !slices.Equal(got, want.variables) {
			t.Errorf("%s is given %v, want %v", name, got, want.variables)
		}
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS"} {
		if got := value(t, p.Services["temporal"], name); got != "" {
			t.Errorf("compose sets %s to %s: deploy/temporal/start.sh is the place", name, got)
		}
	}
	for name, script := range map[string]string{"temporal": "start.sh", "temporal-schema": "schema.sh"} {
		if got := p.Services[name].Entrypoint; !slices.Equal(got, []string{"/bin/sh", in + script}) {
			t.Errorf("%s runs %v", name, got)
		}
	}
	if schema, server := value(t, p.Services["temporal-schema"], "SQL_PASSWORD"), value(t, p.Services["temporal"], "POSTGRES_PWD"); schema != server {
		t.Error("the server and the schema have two passwords")
	}
}

func TestComposeAndDevstackStartPostgresAlike(t *testing.T) {
	t.Parallel()
	s := project(t).Services["postgres"]
	want := []string{"postgres", "--config_file=/etc/perene/postgres.conf", "--listen_addresses=*", "--shared_buffers=1GB"}
	if got := []string(s.Command); !slices.Equal(got, want) {
		t.Errorf("Postgres is started by %v", got)
	}
	if path := mounts(t, s)["/etc/perene/postgres.conf"]; path != "deploy/postgres.conf" {
		t.Errorf("its settings are %s", path)
	}
}

// The files say what the design says.
func TestTemporalsSettingsAreThoseOfTheDesign(t *testing.T) {
	t.Parallel()
	static := read(t, root+"/deploy/temporal/server.yaml")
	for _, want := range []string{
		"numHistoryShards: 128\n", // permanent: Temporal cannot change it later
		"pluginName: postgres12_pgx\n", "broadcastAddress: 127.0.0.1\n", "state: disabled\n",
	} {
		if !strings.Contains(static, want) {
			t.Errorf("the static configuration does not say %q", want)
		}
	}
	var limits map[string][]struct{ Value any }
	if err := yaml.Unmarshal([]byte(read(t, root+"/deploy/temporal/dynamic.yaml")), &limits); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"limit.maxIDLength": 255, "frontend.enableCancelWorkerPollsOnShutdown": true,
		"matching.numTaskqueueReadPartitions": 1, "matching.numTaskqueueWritePartitions": 1,
	} {
		if got := limits[name]; len(got) != 1 || got[0].Value != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// The namespace script reads one attribute a line, which JSON does not promise.
	text := read(t, root+"/workflows/searchattributes.json")
	var attributes map[string]string
	if err := json.Unmarshal([]byte(text), &attributes); err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^ *"([A-Za-z]*)" *: *"([A-Za-z]*)"`).FindAllStringSubmatch(text, -1)
	if len(lines) != len(attributes) || len(attributes) == 0 {
		t.Errorf("%d attributes, and the script sees %d", len(attributes), len(lines))
	}
	for _, line := range lines {
		if attributes[line[1]] != line[2] {
			t.Errorf("the script sees %s: %s", line[1], line[2])
		}
	}
}
