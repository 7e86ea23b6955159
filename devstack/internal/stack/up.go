package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/process"
	"github.com/perene/perene/devstack/internal/temporal"
)

// Stack is one running set of processes.
type Stack struct {
	opts     Options
	external external
	secrets  secrets
	sup      *process.Supervisor
	began    time.Time

	databaseURL, temporalAddress, namespace string
	tcpURL                                  string // of a private Postgres, for programs that know no Unix sockets
	temporalDatabase, visibilityDatabase    string
	attributes                              temporal.SearchAttributes
	temporalProfiles                        int // a port, or 0
	baseURL, simURL, webURL                 string
	postgresData                            string
	seeded                                  bool // the demo account was applied by this start

	outMu       sync.Mutex
	stateMu     sync.Mutex
	state       State
	stateFailed bool
}

// Up starts the stack, prints how it is reached, keeps it alive until ctx ends,
// and then ends all of it. hurry is closed when the person has no patience left.
func Up(ctx context.Context, hurry <-chan struct{}, opts Options) error {
	s := &Stack{opts: opts, began: time.Now()}
	if err := s.opts.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.opts.Data, 0o755); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	held, err := lock(s.opts.Data)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }()
	endLeftovers(s.opts.Data)
	s.sup = process.New(s.say, s.writeState)

	if err := s.prepare(ctx); err != nil {
		return err
	}
	defer s.shutdown(hurry)
	if err := s.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended while starting, as asked
		}
		return err
	}
	<-ctx.Done()
	s.step("ending")
	return nil
}

// prepare decides everything that is decided before the first process starts.
func (s *Stack) prepare(ctx context.Context) error {
	o := &s.opts
	var err error
	if s.external, err = readExternal(o.Getenv); err != nil {
		return err
	}
	if o.Reset {
		if s.external.databaseURL != "" || s.external.temporal != nil {
			return errors.New("a reset deletes the private data only, and DATABASE_URL or TEMPORAL_ADDRESS names data elsewhere: empty that by hand, or unset the variable")
		}
		if err := reset(o.Data); err != nil {
			return err
		}
		if err := postgres.Remove(o.PostgresIn); err != nil {
			return fmt.Errorf("empty %s: %w", o.PostgresIn, err)
		}
	}
	for _, dir := range []string{"logs", "media", "sim"} {
		if err := os.MkdirAll(filepath.Join(o.Data, dir), 0o700); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
	}
	if s.secrets, err = loadSecrets(o.Data); err != nil {
		return err
	}
	if s.attributes, err = temporal.ReadSearchAttributes(o.SearchAttributes); err != nil {
		return err
	}
	if err := s.external.check(ctx, s.attributes); err != nil {
		return err
	}
	if err := o.choosePorts(s.external); err != nil {
		return err
	}
	if s.temporalDatabase, s.visibilityDatabase, err = s.external.temporalDatabases(); err != nil {
		return err
	}
	s.namespace = namespace(o.Getenv)
	s.temporalAddress = local(o.Ports.Temporal)
	s.webURL = "http://localhost:" + strconv.Itoa(o.Ports.TemporalWeb)
	if f := s.external.temporal; f != nil {
		s.temporalAddress = f.address
		if !s.external.ownWeb() {
			s.webURL = f.webURL
		}
	}
	if s.external.ownWeb() {
		if err := temporal.CheckPrograms(o.Bin); err != nil {
			return err
		}
	}
	s.baseURL = "http://localhost:" + strconv.Itoa(o.Ports.API)
	s.simURL = "http://localhost:" + strconv.Itoa(o.Ports.Sim)
	control, err := socketPath(o.Data, "control.sock")
	if err != nil {
		return err
	}
	s.state = State{
		PID: os.Getpid(), Data: o.Data, Ports: o.Ports,
		TemporalAddress: s.temporalAddress, TemporalNamespace: s.namespace,
		Control: control, EnvFile: filepath.Join(o.Data, "env"), Logs: filepath.Join(o.Data, "logs"),
		URLs: URLs{
			Console: s.baseURL, Base: s.baseURL, Phone: s.simURL + "/", Graph: s.simURL + "/graph",
			SimControl: s.simURL + "/control", TemporalWeb: s.webURL, APIDocs: s.baseURL + "/docs",
			APIMetrics:    "http://" + local(o.Ports.APIMetrics) + "/metrics",
			WorkerMetrics: "http://" + local(o.Ports.Worker) + "/metrics",
		},
	}
	if s.external.temporal == nil {
		s.state.TemporalDatabase, s.state.VisibilityDatabase = s.temporalDatabase, s.visibilityDatabase
		s.state.URLs.TemporalMetrics = "http://" + local(o.Ports.TemporalMetrics) + "/metrics"
		if o.Getenv("PERENE_PPROF_SOCKETS") != "" { // Temporal answers at a port only
			free, err := ports.Free(1)
			if err != nil {
				return err
			}
			s.temporalProfiles = free[0]
			s.state.URLs.TemporalProfiles = "http://" + local(free[0]) + "/debug/pprof/"
		}
	}
	return s.serveControl(ctx, control)
}

// start brings everything up; what does not need each other starts together.
func (s *Stack) start(ctx context.Context) error {
	if err := s.startPostgres(ctx); err != nil {
		return err
	}
	s.stateMu.Lock()
	s.state.DatabaseURL, s.state.PostgresData = s.databaseURL, s.postgresData
	if s.tcpURL != "" {
		s.state.DatabaseURL = s.tcpURL
	}
	s.stateMu.Unlock()
	env := s.common()
	if err := writeFile(s.state.EnvFile, env.shell()); err != nil {
		return err
	}
	if err := all(ctx, s.startTemporal, func(ctx context.Context) error {
		return s.perene(ctx, "migrate", env, "migrate")
	}); err != nil {
		return err
	}
	if err := s.seed(ctx, env); err != nil {
		return err
	}
	if err := all(ctx,
		func(ctx context.Context) error { return s.startPerene(ctx, "sim", env, s.opts.Ports.Sim, "/healthz") },
		func(ctx context.Context) error {
			return s.startPerene(ctx, "worker", env, s.opts.Ports.Worker, "/readyz")
		},
		func(ctx context.Context) error { return s.startPerene(ctx, "api", env, s.opts.Ports.API, "/readyz") },
	); err != nil {
		return err
	}
	if err := s.people(ctx, env); err != nil {
		s.say("The demo account stays without conversations: " + err.Error())
	}
	link := s.loginLink(ctx, env)

	s.stateMu.Lock()
	if link != "" {
		s.state.URLs.Console = link
	}
	s.state.Ready, s.state.Seconds = true, time.Since(s.began).Seconds()
	now := s.current()
	s.stateMu.Unlock()
	s.writeState()

	s.outMu.Lock()
	defer s.outMu.Unlock()
	if s.opts.JSON {
		return json.NewEncoder(s.opts.Out).Encode(now)
	}
	printTable(s.opts.Out, s.opts.Language, now)
	return nil
}

// all runs the functions together and returns the first error, by which the others are cancelled.
func all(ctx context.Context, run ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done sync.WaitGroup
	for _, f := range run {
		done.Go(func() {
			if err := f(ctx); err != nil {
				cancel(err)
			}
		})
	}
	done.Wait()
	return context.Cause(ctx)
}

func (s *Stack) startPostgres(ctx context.Context) error {
	o := s.opts
	if s.external.databaseURL != "" {
		s.databaseURL = s.external.databaseURL
		if s.external.temporal != nil {
			return nil
		}
		return postgres.EnsureDatabases(ctx, s.databaseURL, s.temporalDatabase, s.visibilityDatabase)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = o.Data
	}
	cluster, err := postgres.Open(ctx, postgres.Config{
		Settings: filepath.Join(o.Deploy, "postgres.conf"), Data: o.PostgresIn, Port: o.Ports.Postgres, Password: s.secrets.PostgresPassword, Fast: o.Fast,
		Cache: filepath.Join(cache, "perene"), Say: s.say, Set: o.PostgresSet,
	})
	if err != nil {
		return err
	}
	s.databaseURL, s.tcpURL, s.postgresData = cluster.LocalURL("perene"), cluster.URL("perene"), cluster.Dir()
	if err := s.launch(ctx, cluster.Spec(s.log("postgres"))); err != nil {
		return err
	}
	s.step("postgres ready")
	return postgres.EnsureDatabases(ctx, cluster.URL("postgres"), "perene", s.temporalDatabase, s.visibilityDatabase)
}

// startTemporal starts Temporal and Temporal Web, or only Temporal Web for another Temporal.
func (s *Stack) startTemporal(ctx context.Context) error {
	o := s.opts
	web := temporal.Web{
		Bin: o.Bin, Deploy: o.Deploy, Data: o.Data, Port: o.Ports.TemporalWeb, Address: s.temporalAddress, Namespace: s.namespace,
		Log: s.log("temporal-web"), Environ: o.Environ,
	}
	startWeb := func(ctx context.Context) error { return s.launch(ctx, web.Spec()) }
	if f := s.external.temporal; f != nil {
		if !s.external.ownWeb() {
			return nil
		}
		web.TLS, web.CAFile, web.CertFile, web.KeyFile, web.ServerName = f.tls, f.caFile, f.certFile, f.keyFile, f.serverName
		return startWeb(ctx)
	}
	server := temporal.Server{
		Bin: o.Bin, Deploy: o.Deploy, Data: o.Data, DatabaseURL: s.databaseURL, Database: s.temporalDatabase,
		VisibilityDatabase: s.visibilityDatabase, Namespace: s.namespace, SearchAttributes: s.attributes,
		Port: o.Ports.Temporal, MetricsPort: o.Ports.TemporalMetrics, ProfilesPort: s.temporalProfiles,
		Dynamic: o.Dynamic, Faults: o.TemporalFaults, FaultSeed: o.TemporalFaultSeed, Log: s.log("temporal"), Environ: o.Environ,
	}
	return all(ctx, startWeb, func(ctx context.Context) error {
		if err := server.SetUpSchemas(ctx); err != nil {
			return err
		}
		s.step("schema of temporal ready")
		spec, err := server.Spec()
		if err != nil {
			return err
		}
		if err := s.launch(ctx, spec); err != nil {
			return err
		}
		s.step("temporal ready")
		return nil
	})
}

// startPerene starts one long-running Perene process and waits until path answers.
func (s *Stack) startPerene(ctx context.Context, name string, env settings, port int, path string) error {
	variable := map[string]string{
		"api": "PERENE_LISTEN", "worker": "PERENE_METRICS_LISTEN", "sim": "PERENE_SIM_LISTEN",
	}[name]
	err := s.launch(ctx, process.Spec{
		Name: name, Path: s.opts.Perene, Args: []string{name}, Log: s.log(name),
		Env: env.with(variable, local(port)).with("PERENE_API_METRICS_LISTEN", local(s.opts.Ports.APIMetrics)).with("GOMAXPROCS", s.processors()).over(s.opts.Environ), Grace: 40 * time.Second,
		Ready: func(ctx context.Context) error { return answers(ctx, "http://"+local(port)+path) },
	})
	if err == nil {
		s.step(name + " ready")
	}
	return err
}

func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

// perene runs one short Perene command; what it printed goes to its log, and
// the end of that into the error.
func (s *Stack) perene(ctx context.Context, name string, env settings, args ...string) error {
	log, err := os.OpenFile(s.log(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of perene %s: %w", name, err)
	}
	defer func() { _ = log.Close() }()
	var out bytes.Buffer
	cmd := s.command(ctx, env, args...)
	cmd.Stdout, cmd.Stderr = log, &out
	err = cmd.Run()
	_, writeErr := log.Write(out.Bytes())
	if err != nil {
		return fmt.Errorf("perene %s: %w: %s", strings.Join(args, " "), err, lastLine(out.String()))
	}
	s.step("perene " + name + " done")
	return writeErr
}

func (s *Stack) command(ctx context.Context, env settings, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.opts.Perene, args...)
	cmd.Env = env.over(s.opts.Environ)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// seed applies the demo file once for a database: what a person changes in the
// demo account afterwards stays.
func (s *Stack) seed(ctx context.Context, env settings) error {
	file := s.opts.Seed
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		s.say("There is no " + file + ": the account stays empty.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the demo account: %w", err)
	}
	marks := map[string]string{} // database → file
	path := filepath.Join(s.opts.Data, "seeded.json")
	if old, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(old, &marks); err != nil {
			return fmt.Errorf("read what is seeded in %s: %w", path, err)
		}
	}
	database, mark := digest([]byte("private")), digest(text)
	if s.external.databaseURL != "" {
		database = digest([]byte(s.external.databaseURL))
	}
	switch before, there := marks[database]; {
	case there && before == mark:
		return nil
	case there:
		s.say(file + " has changed since it was applied: RESET=1 starts over with it, or apply it with `perene apply`.")
		return nil
	}
	if err := s.perene(ctx, "apply", env, "apply", "-f", file); err != nil {
		return err
	}
	marks[database] = mark
	s.seeded = true
	return writeJSON(path, marks)
}

// people lets the demo's people write, where the demo account was applied just now.
func (s *Stack) people(ctx context.Context, env settings) error {
	if s.opts.People == "" || !s.seeded {
		return nil
	}
	return s.perene(ctx, "demo", env, "demo", "--file", s.opts.People)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// loginLink asks for the link that signs in once; without one the console still
// has its sign-in page.
func (s *Stack) loginLink(ctx context.Context, env settings) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var out, problem bytes.Buffer
	cmd := s.command(ctx, env, "login-link", "--json")
	cmd.Stdout, cmd.Stderr = &out, &problem
	err := cmd.Run()
	var answer struct {
		URL string `json:"url"`
	}
	if err == nil {
		err = json.Unmarshal(out.Bytes(), &answer)
	}
	if err != nil {
		s.say("No sign-in link: perene login-link: " + err.Error() + ": " + lastLine(problem.String()))
	}
	return answer.URL
}

func (s *Stack) launch(ctx context.Context, spec process.Spec) error {
	if err := process.SetAside(spec.Log); err != nil {
		return fmt.Errorf("set the log of %s aside: %w", spec.Name, err)
	}
	return s.sup.Start(ctx, spec)
}

// shutdown ends what speaks first and what keeps the data last.
func (s *Stack) shutdown(hurry <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() {
		select {
		case <-hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	s.sup.Shutdown(ctx, []string{"api", "worker", "sim"}, []string{"temporal", "temporal-web"}, []string{"postgres"})
	s.stateMu.Lock()
	s.state.Ready = false
	s.stateMu.Unlock()
	s.writeState()
	_ = os.Remove(s.state.Control)
	s.step("all ended")
}

func (s *Stack) log(name string) string {
	return filepath.Join(s.opts.Data, "logs", name+".log")
}

// say writes one line for a person.
func (s *Stack) say(line string) {
	s.outMu.Lock()
	defer s.outMu.Unlock()
	_, _ = fmt.Fprintln(s.opts.Err, line)
}

// step tells with --verbose how far the stack is and how long that took.
func (s *Stack) step(what string) {
	if s.opts.Verbose {
		s.say(fmt.Sprintf("%6.2f s  %s", time.Since(s.began).Seconds(), what))
	}
}
