package stack

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/devstack/internal/temporal"
)

func env(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestLanguageFollowsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ all, lang, want string }{
		{"", "", English},
		{"", "pt_BR.UTF-8", Portuguese},
		{"pt_PT", "en_US.UTF-8", Portuguese},
		{"C.UTF-8", "pt_BR.UTF-8", English},
	} {
		if got := guessLanguage(env("LC_ALL", c.all, "LANG", c.lang)); got != c.want {
			t.Errorf("LC_ALL=%s LANG=%s: %s", c.all, c.lang, got)
		}
	}
}

func TestTheTableIsAlignedInBothLanguages(t *testing.T) {
	t.Parallel()
	s := State{
		Data: "/p/.dev", Logs: "/p/.dev/logs", Seconds: 7.24, PostgresData: "/var/lib/perene-dev-1/postgres",
		URLs: URLs{
			Console: "http://localhost:8080/login?code=x", Base: "http://localhost:8080", Phone: "http://localhost:8090/",
			TemporalWeb: "http://localhost:8233", APIDocs: "http://localhost:8080/docs",
		},
	}
	for language, label := range map[string]string{Portuguese: "Documentação da API", English: "API docs"} {
		var b bytes.Buffer
		printTable(&b, language, s)
		text := b.String()
		column := -1
		for line := range strings.Lines(text) {
			at := strings.Index(line, "http://")
			if at < 0 {
				continue
			}
			at = len([]rune(line[:at]))
			if column >= 0 && at != column {
				t.Errorf("%s: the addresses are not in one column:\n%s", language, text)
			}
			column = at
		}
		for _, part := range []string{label, s.URLs.Console, s.URLs.Phone, s.URLs.TemporalWeb, s.URLs.APIDocs, s.Data, s.PostgresData} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the table does not say %q:\n%s", language, part, text)
			}
		}
	}
}

func TestSettingsReplaceTheCallersAndKeepTheRest(t *testing.T) {
	t.Parallel()
	given := []string{"HOME=/h", "DATABASE_URL=old", "PERENE_LISTEN=:1", "PERENE_METRICS_LISTEN=:2", "EMPTY="}
	got := settings{"DATABASE_URL": "new", "A": "b"}.over(given)
	want := []string{"HOME=/h", "EMPTY=", "A=b", "DATABASE_URL=new"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	base := settings{"A": "1"}
	if base.with("B", "2")["B"] != "2" || len(base) != 1 {
		t.Error("with changes the settings it was called on")
	}
}

func TestTheEnvironmentFileCanBeReadByAShell(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "env")
	if err := writeFile(path, settings{"A": `it's $HOME "x"`}.shell()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-c", ". "+path+`; printf %s "$A"`).Output()
	if err != nil || string(out) != `it's $HOME "x"` {
		t.Errorf("the shell read %q, %v", out, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is readable by others: %v, %v", info.Mode(), err)
	}
}

func TestSecretsAreMadeOnceAndKeptPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := loadSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadSecrets(dir)
	if err != nil || first != second {
		t.Errorf("the second time they differ: %v", err)
	}
	values := []string{first.PostgresPassword, first.MasterKey, first.DemoToken, first.DemoAppSecret, first.DemoVerify}
	slices.Sort(values)
	if len(slices.Compact(values)) != 5 || len(values[0]) < 43 {
		t.Error("the secrets are not five different values of 32 bytes")
	}
	info, err := os.Stat(filepath.Join(dir, "secrets.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
}

func TestOneStackAtATimeUsesAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	held, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(dir); err == nil || !strings.Contains(err.Error(), "a stack already runs with "+dir+" (pid ") {
		t.Errorf("the second one got %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := lock(dir)
	if err != nil {
		t.Errorf("after the end: %v", err)
	}
	_ = again.Close()
}

func TestPostgresMayLieOnAnotherDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ given, want string }{
		"with everything else": {"", dir}, "elsewhere": {filepath.Join(dir, "disk"), filepath.Join(dir, "disk")},
	} {
		o := Options{Data: dir, PostgresIn: c.given, Perene: os.Args[0], Language: English}
		if err := o.check(); err != nil || o.PostgresIn != c.want {
			t.Errorf("%s: it lies in %s, want %s; %v", name, o.PostgresIn, c.want, err)
		}
	}
}

func TestResetDeletesOnlyTheFolderOfAStack(t *testing.T) {
	t.Parallel()
	mine, other := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(mine, "secrets.json"): "{}", filepath.Join(mine, "lock"): "", filepath.Join(mine, "media"): "",
		filepath.Join(other, "thesis.tex"): "words", filepath.Join(other, "lock"): "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := reset(mine); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(mine); len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("left in the folder: %v", left)
	}
	if err := reset(other); err == nil {
		t.Error("a folder that is not a stack's was emptied without an error")
	}
	if _, err := os.Stat(filepath.Join(other, "thesis.tex")); err != nil {
		t.Errorf("the thesis is gone: %v", err)
	}
}

func TestServersOfTheCallerAreReadFromTheVariablesThatPereneReads(t *testing.T) {
	t.Parallel()
	none, err := readExternal(env())
	if err != nil || none.databaseURL != "" || none.temporal != nil || !none.ownWeb() {
		t.Errorf("nothing set: %+v, %v", none, err)
	}
	key, err := readExternal(env("TEMPORAL_ADDRESS", "eu.example:7233", "TEMPORAL_API_KEY", "k"))
	if err != nil || !key.temporal.tls || key.temporal.namespace != "perene" || key.ownWeb() {
		t.Errorf("an API key means TLS, and Temporal Web cannot send one: %+v, %v", key.temporal, err)
	}
	shown, err := readExternal(env("TEMPORAL_ADDRESS", "t:7233", "TEMPORAL_UI_URL", "https://ui"))
	if err != nil || shown.temporal.tls || shown.ownWeb() {
		t.Errorf("a Temporal Web that exists is not started again: %+v, %v", shown.temporal, err)
	}
	if _, err := readExternal(env("TEMPORAL_ADDRESS", "t:7233", "TEMPORAL_TLS", "maybe")); err == nil || !strings.Contains(err.Error(), "write true or false") {
		t.Errorf("TEMPORAL_TLS=maybe gave %v", err)
	}
	half := foreignTemporal{tls: true, certFile: "cert.pem"}
	if _, err := half.tlsConfig(); err == nil || !strings.Contains(err.Error(), "set both or neither") {
		t.Errorf("a certificate without key gave %v", err)
	}
}

func TestTemporalsDatabasesAreNamedAfterTheCallersOwn(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                 "temporal temporal_visibility",
		"postgres://u:p@h:5432/desk?x=y":   "desk_temporal desk_temporal_visibility",
		"postgres:///desk?host=/var/run/x": "desk_temporal desk_temporal_visibility",
	} {
		main, visibility, err := external{databaseURL: url}.temporalDatabases()
		if err != nil || main+" "+visibility != want {
			t.Errorf("%q: %s %s, %v", url, main, visibility, err)
		}
	}
	if _, _, err := (external{databaseURL: "postgres://h:5432"}).temporalDatabases(); err == nil {
		t.Error("a URL without a database gave no error")
	}
}

func TestPortsOfPartsThatAreNotStartedAreNotNeeded(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	taken := l.Addr().(*net.TCPAddr).Port
	o := Options{Ports: Ports{Postgres: taken}}
	if err := o.choosePorts(external{}); err == nil || !strings.Contains(err.Error(), "the private Postgres needs it") || !strings.Contains(err.Error(), "--free-ports") {
		t.Errorf("a taken port gave %v", err)
	}
	o = Options{Ports: Ports{Postgres: taken, Temporal: taken}}
	if err := o.choosePorts(external{databaseURL: "postgres://x", temporal: &foreignTemporal{webURL: "https://ui"}}); err != nil {
		t.Errorf("ports that nobody needs: %v", err)
	}
	if p := o.Ports; p.Postgres != 0 || p.Temporal != 0 || p.TemporalWeb != 0 || p.API == 0 {
		t.Errorf("the ports are %+v", p)
	}
	o = Options{FreePort: true, Ports: Ports{Postgres: taken}}
	if err := o.choosePorts(external{}); err != nil || o.Ports.Postgres == taken {
		t.Errorf("free ports: %+v, %v", o.Ports, err)
	}
}

func TestASocketsNameIsNeverTooLongAndNobodyElses(t *testing.T) {
	t.Parallel()
	long := "/p/" + strings.Repeat("long/", 40)
	var all []string
	for _, data := range []string{"/p/.dev", "/q/.dev", long, long + "1", long} { // the last one is of another user's, say
		for _, name := range []string{"control.sock", "other.sock"} {
			path, err := socketPath(data, name)
			if err != nil || len(path) >= 104 || filepath.Base(path) != name {
				t.Errorf("%d bytes: %s, %v", len(path), path, err)
			}
			if filepath.Dir(path) != data {
				t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(path)) })
				if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("others can put a socket into %s: %v, %v", filepath.Dir(path), info.Mode(), err)
				}
			}
			all = append(all, path)
		}
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 10 {
		t.Errorf("two of them are one: %v", all)
	}
}

func TestProcessesReachOurOwnTemporalOrTheCallers(t *testing.T) {
	t.Parallel()
	data, bin := t.TempDir(), t.TempDir()
	for _, name := range temporal.Programs {
		if err := os.WriteFile(filepath.Join(bin, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &Stack{opts: Options{Data: data, PostgresIn: data, Bin: bin, FreePort: true, Getenv: env(), SearchAttributes: filepath.Join(data, "none")}}
	if err := s.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if dir := filepath.Dir(s.state.Control); dir != data {
			_ = os.RemoveAll(dir)
		}
	})
	want := local(s.opts.Ports.Temporal)
	if got := s.common()["TEMPORAL_ADDRESS"]; got != want || s.state.TemporalAddress != want {
		t.Errorf("they are given %s, the state names %s, and Temporal listens at %s", got, s.state.TemporalAddress, want)
	}
	if s.state.URLs.TemporalProfiles != "" {
		t.Errorf("Temporal answers profiles at %s, and nobody asked for them", s.state.URLs.TemporalProfiles)
	}
	foreign := &Stack{opts: Options{Data: data, Getenv: env()}, temporalAddress: "temporal.example:7233"}
	if got := foreign.common()["TEMPORAL_ADDRESS"]; got != "temporal.example:7233" {
		t.Errorf("the caller's Temporal is asked at %s", got)
	}
}

func TestAStackWithoutTemporalsProgramsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := &Stack{opts: Options{Data: data, PostgresIn: data, Bin: data, FreePort: true, Getenv: env(), SearchAttributes: filepath.Join(data, "none")}}
	err := s.prepare(t.Context())
	if err == nil || !strings.Contains(err.Error(), filepath.Join(data, "temporal-server")) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("it says %v", err)
	}
}
