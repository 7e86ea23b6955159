package house_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/perene/perene/internal/config"
)

const root = "../.."

// required are the variables that have no default, as an .env names them.
var required = []string{"PERENE_PUBLIC_URL", "PERENE_MASTER_KEY", "PERENE_DB_PASSWORD", "TEMPORAL_DB_PASSWORD", "POSTGRES_PASSWORD"}

// load reads docker-compose.yml, and what is laid over it, as docker compose would, with these variables and no others.
func load(ctx context.Context, env []string, over ...string) (*types.Project, error) {
	files := []string{filepath.Join(root, "docker-compose.yml")}
	for _, file := range over {
		files = append(files, filepath.Join(root, file))
	}
	options, err := cli.NewProjectOptions(files,
		cli.WithEnv(env), cli.WithName("perene"), cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(ctx)
}

// project is the file with an .env that deploy/compose/new-env has written.
func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t.Context(), newEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newEnv(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(root, "deploy/compose/new-env"), "https://chat.example.com").Output()
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			env = append(env, line)
		}
	}
	return env
}

func value(t *testing.T, s types.ServiceConfig, name string) string {
	t.Helper()
	v, ok := s.Environment[name]
	if !ok || v == nil {
		t.Fatalf("%s has no %s", s.Name, name)
	}
	return *v
}

func TestComposeHasNoDefaultSecrets(t *testing.T) {
	t.Parallel()
	env := newEnv(t)
	var names, open []string
	again := newEnv(t)
	for i, entry := range env {
		name, secret, _ := strings.Cut(entry, "=")
		switch name {
		case "PERENE_NETWORK", "PERENE_TRUSTED_PROXIES": // who is believed about addresses: the network of compose itself
			open = append(open, secret)
			continue
		case "PERENE_PUBLIC_URL":
		default:
			if again[i] == entry {
				t.Errorf("new-env writes the same %s twice", name)
			}
		}
		names = append(names, name)
		if name != "PERENE_PUBLIC_URL" && len(secret) < 40 {
			t.Errorf("new-env gives %s only %d characters", name, len(secret))
		}
	}
	slices.Sort(names)
	want := slices.Clone(required)
	if slices.Sort(want); !slices.Equal(names, want) {
		t.Errorf("new-env writes %v, needed are %v", names, want)
	}
	if len(open) != 2 || open[0] != open[1] {
		t.Errorf("new-env trusts %v, and not the network of compose alone", open)
	}
	for _, missing := range required {
		rest := slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, missing+"=") })
		_, err := load(t.Context(), rest)
		if err == nil || !strings.Contains(err.Error(), "set "+missing+" in .env") {
			t.Errorf("without %s: %v; it must say what to do", missing, err)
		}
	}
	for _, file := range []string{"docker-compose.yml", "deploy/compose/temporal.yaml"} {
		for at := range strings.Lines(read(t, root+"/"+file)) {
			name, given, ok := strings.Cut(strings.TrimSpace(at), ": ")
			if ok && regexp.MustCompile(`PASSWORD|_PWD|KEY|SECRET|TOKEN`).MatchString(name) && !strings.HasPrefix(given, "${") {
				t.Errorf("%s has a value in %s", name, file)
			}
		}
	}
}

func TestComposeHasEveryServiceWithImageHealthAndOrder(t *testing.T) {
	t.Parallel()
	p := project(t)
	const healthy, done = types.ServiceConditionHealthy, types.ServiceConditionCompletedSuccessfully
	want := map[string]struct {
		image string
		waits map[string]string
		once  bool // ends by itself, so that its exit code is its health
	}{
		"postgres":           {image: "postgres:"},
		"temporal-schema":    {image: "temporalio/admin-tools:" + versions(t)["TEMPORAL_VERSION"], waits: map[string]string{"postgres": healthy}, once: true},
		"temporal":           {image: "temporalio/server:" + versions(t)["TEMPORAL_VERSION"], waits: map[string]string{"postgres": healthy, "temporal-schema": done}},
		"temporal-namespace": {image: "temporalio/admin-tools:" + versions(t)["TEMPORAL_VERSION"], waits: map[string]string{"temporal": healthy}, once: true},
		"temporal-ui":        {image: "temporalio/ui:" + versions(t)["TEMPORAL_UI_VERSION"], waits: map[string]string{"temporal": healthy}},
		"migrate":            {image: "perene:", waits: map[string]string{"postgres": healthy}, once: true},
		// Not on Temporal: a webhook is answered with 200 while Temporal is down (ADR 2).
		"api":    {image: "perene:", waits: map[string]string{"postgres": healthy, "migrate": done}},
		"worker": {image: "perene:", waits: map[string]string{"postgres": healthy, "migrate": done, "temporal-namespace": done}},
	}
	if len(p.Services) != len(want) {
		t.Errorf("the services are %v", p.ServiceNames())
	}
	for name, w := range want {
		s, err := p.GetService(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.HasPrefix(s.Image, w.image) || strings.HasSuffix(s.Image, ":latest") {
			t.Errorf("%s runs %s", name, s.Image)
		}
		if (s.HealthCheck == nil) != w.once {
			t.Errorf("%s: a health check: %t", name, s.HealthCheck != nil)
		}
		if s.HealthCheck != nil && (len(s.HealthCheck.Test) < 2 || s.HealthCheck.Interval == nil || s.HealthCheck.StartPeriod == nil || s.HealthCheck.Test[0] != "CMD") {
			t.Errorf("%s: the health check is %+v", name, s.HealthCheck)
		}
		if w.once && !strings.HasPrefix(s.Restart, "on-failure") || !w.once && s.Restart != "unless-stopped" {
			t.Errorf("%s restarts %q", name, s.Restart)
		}
		waits := map[string]string{}
		for other, d := range s.DependsOn {
			waits[other] = d.Condition
		}
		if len(waits) != len(w.waits) || len(w.waits) > 0 && !reflect.DeepEqual(waits, w.waits) {
			t.Errorf("%s waits for %v, want %v", name, waits, w.waits)
		}
		if name != "postgres" && (!slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true")) {
			t.Errorf("%s keeps rights that it does not need", name)
		}
	}
}

// S22: what keeps the truth and what decides has no way out, and nothing takes the whole machine.
func TestComposeKeepsPostgresAndTemporalInside(t *testing.T) {
	t.Parallel()
	p := project(t)
	if !p.Networks["inside"].Internal || p.Networks["perene"].Internal {
		t.Errorf("the networks are %+v", p.Networks)
	}
	out := map[string]bool{"api": true, "worker": true, "migrate": true, "temporal-ui": true}
	for name, s := range p.Services {
		if _, way := s.Networks["perene"]; way != out[name] {
			t.Errorf("%s has a way out: %v", name, way)
		}
		if _, inside := s.Networks["inside"]; !inside {
			t.Errorf("%s does not reach Postgres and Temporal", name)
		}
		if s.MemLimit <= 0 || s.PidsLimit <= 0 {
			t.Errorf("%s may take all memory or all processes", name)
		}
	}
}

func TestComposePublishesOnlyOnThisMachine(t *testing.T) {
	t.Parallel()
	want := map[string]string{"api": "8080:8080", "temporal-ui": "8233:8080"}
	for name, s := range project(t).Services {
		if s.NetworkMode != "" || s.Privileged {
			t.Errorf("%s leaves its network or is privileged", name)
		}
		var got []string
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
			got = append(got, port.Published+":"+strconv.Itoa(int(port.Target)))
		}
		if strings.Join(got, ",") != want[name] {
			t.Errorf("%s publishes %v, want %q", name, got, want[name])
		}
	}
}

// S22: whatever the pages describe to reach Temporal Web asks for a sign-in, or is a tunnel of somebody who has one.
func TestEveryWayToTemporalWebThatWeDescribeSignsIn(t *testing.T) {
	t.Parallel()
	found := 0
	for _, page := range []string{"docs/operations.md", "README.md", "SECURITY.md"} {
		for i, block := range strings.Split(read(t, filepath.Join(root, page)), "```") {
			if i%2 == 0 || !strings.Contains(block, "8233") {
				continue
			}
			found++
			if !strings.Contains(block, "ssh -L 8233:127.0.0.1:8233") && !strings.Contains(block, "basic_auth") {
				t.Errorf("%s leads to Temporal Web without a sign-in:%s", page, block)
			}
			if strings.Contains(block, "0.0.0.0") || strings.Contains(block, "7233") {
				t.Errorf("%s opens Temporal to the world:%s", page, block)
			}
		}
	}
	if found < 2 {
		t.Errorf("only %d ways are described", found)
	}
}

func TestComposeKeepsDataInVolumesAndMountsFilesThatExist(t *testing.T) {
	t.Parallel()
	p := project(t)
	kept := map[string]string{"postgres": "/var/lib/postgresql/data", "api": "/var/lib/perene/media", "worker": "/var/lib/perene/media"}
	for name, s := range p.Services {
		targets := map[string]string{}
		for _, v := range s.Volumes {
			switch v.Type {
			case types.VolumeTypeVolume:
				targets[v.Target] = v.Source
				if _, ok := p.Volumes[v.Source]; !ok {
					t.Errorf("%s mounts the volume %s, which is not declared", name, v.Source)
				}
			case types.VolumeTypeBind:
				info, err := os.Stat(v.Source)
				if err != nil || info.IsDir() {
					t.Errorf("%s mounts %s, which is no file: %v", name, v.Source, err)
				}
				if !v.ReadOnly {
					t.Errorf("%s may write to %s", name, v.Source)
				}
			}
		}
		if want := kept[name]; want != "" && targets[want] == "" {
			t.Errorf("%s keeps %s in no volume", name, want)
		}
	}
	api, worker := p.Services["api"], p.Services["worker"]
	if value(t, api, "PERENE_MEDIA_URL") != "file://"+kept["api"] || value(t, worker, "PERENE_MEDIA_URL") != "file://"+kept["worker"] {
		t.Error("media is not kept in the volume")
	}
}

// readVariables are the names in `env:"…"` tags of the folders' structs: what the program really reads.
func readVariables(t *testing.T, folders ...string) []string {
	t.Helper()
	var names []string
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if f, ok := n.(*ast.Field); ok && f.Tag != nil {
					if tag, err := strconv.Unquote(f.Tag.Value); err == nil {
						if name := reflect.StructTag(tag).Get("env"); name != "" {
							names = append(names, strings.Split(name, ",")...)
						}
					}
				}
				return true
			})
		}
	}
	if len(names) < 15 {
		t.Fatalf("only these variables were found: %v", names)
	}
	return names
}

func TestComposeSetsOnlyVariablesThatTheProgramReads(t *testing.T) {
	t.Parallel()
	known := readVariables(t, "internal/config", "cmd/perene")
	p := project(t)
	for _, name := range []string{"api", "worker", "migrate"} {
		for variable := range p.Services[name].Environment {
			if !slices.Contains(known, variable) {
				t.Errorf("%s sets %s, which the program does not read", name, variable)
			}
		}
	}
}

// Traces are off as the file is, on with what an .env says, and the file that is laid over it brings a collector.
func TestComposeCanSendTraces(t *testing.T) {
	t.Parallel()
	tracesOf := func(s types.ServiceConfig) config.Traces {
		return config.Traces{Endpoint: value(t, s, "OTEL_EXPORTER_OTLP_ENDPOINT"), Protocol: value(t, s, "OTEL_EXPORTER_OTLP_PROTOCOL"),
			Exporter: value(t, s, "OTEL_TRACES_EXPORTER"), Headers: value(t, s, "OTEL_EXPORTER_OTLP_HEADERS"), Sampler: value(t, s, "OTEL_TRACES_SAMPLER"),
			SamplerArg: value(t, s, "OTEL_TRACES_SAMPLER_ARG"), Disabled: value(t, s, "OTEL_SDK_DISABLED"), Attributes: value(t, s, "OTEL_RESOURCE_ATTRIBUTES")}
	}
	over, err := load(t.Context(), newEnv(t), "deploy/compose/traces.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := load(t.Context(), append(newEnv(t), "OTEL_EXPORTER_OTLP_ENDPOINT=https://traces.example", "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.01"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "worker"} {
		for what, c := range map[string]struct {
			p  *types.Project
			to string
		}{"as it is": {project(t), ""}, "with a collector": {over, "http://jaeger:4318/v1/traces"}, "with an .env": {set, "https://traces.example/v1/traces"}} {
			traces := tracesOf(c.p.Services[name])
			if traces.On() != (c.to != "") || traces.Validate() != nil || (traces.On() && traces.Address() != c.to) {
				t.Errorf("%s, %s: traces go to %q, want %q (%v)", name, what, traces.Address(), c.to, traces.Validate())
			}
		}
	}
	if sampler, ratio, err := tracesOf(set.Services["worker"]).Sampling(); sampler != "parentbased_traceidratio" || ratio != 0.01 || err != nil {
		t.Errorf("%s %v %v", sampler, ratio, err)
	}
	jaeger := over.Services["jaeger"]
	if len(over.Services) != len(project(t).Services)+1 || len(jaeger.Ports) != 1 || jaeger.Ports[0].HostIP != "127.0.0.1" || strings.HasSuffix(jaeger.Image, ":latest") ||
		!slices.Contains(jaeger.CapDrop, "ALL") || jaeger.Restart != "unless-stopped" {
		t.Errorf("the collector is %+v", jaeger)
	}
}

// What the program refuses at start-up in production, it must not find here.
func TestComposeConfiguresTheProgramAsItWantsToBe(t *testing.T) {
	t.Parallel()
	p := project(t)
	for _, name := range []string{"api", "worker", "migrate"} {
		s := p.Services[name]
		if value(t, s, "PERENE_ENV") != config.Production {
			t.Errorf("%s does not run in production", name)
		}
		if err := (config.Database{URL: value(t, s, "DATABASE_URL")}).Validate(config.Production); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := (config.Secrets{MasterKey: value(t, s, "PERENE_MASTER_KEY")}).Key(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := (config.Listen{PublicURL: value(t, s, "PERENE_PUBLIC_URL")}).Validate(config.Production); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := value(t, s, "TEMPORAL_NAMESPACE"); got != value(t, p.Services["temporal-namespace"], "TEMPORAL_NAMESPACE") {
			t.Errorf("%s uses the namespace %s, and another one is made", name, got)
		}
		if got := []string(s.Command); !slices.Equal(got, []string{name}) {
			t.Errorf("%s runs perene %v", name, got)
		}
	}
	for name, variable := range map[string]string{"api": "PERENE_LISTEN", "worker": "PERENE_METRICS_LISTEN"} {
		s := p.Services[name]
		port := strings.TrimPrefix(value(t, s, variable), "0.0.0.0:")
		if check := strings.Join(s.HealthCheck.Test, " "); !strings.Contains(check, "http://127.0.0.1:"+port+"/healthz") {
			t.Errorf("%s listens on %s, and its health is asked by %s", name, port, check)
		}
	}
}

func TestTheImageRunsAsNobodySpecialAndIsBuiltWithWhatWeBuildWith(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(mod)
	for _, want := range []string{
		"FROM golang:" + string(version[1]) + "-", "CGO_ENABLED=0", "-trimpath", "./cmd/perene",
		"npm ci", "USER 10001", "HEALTHCHECK", `ENTRYPOINT ["perene"]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the Dockerfile does not say %q", want)
		}
	}
	for _, folder := range regexp.MustCompile(`(?m)^COPY (?:--chown=\S+ )?([^-\n][^\n]*) \S+$`).FindAllSubmatch(text, -1) {
		for path := range strings.FieldsSeq(string(folder[1])) {
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("the Dockerfile copies %s: %v", path, err)
			}
		}
	}
}
