package stack

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/perene/perene/devstack/internal/process"
)

// State is what `--json` prints and what DATA/state.json holds while the stack runs.
type State struct {
	// PID of devstack itself.
	PID int `json:"pid"`
	// Data is the folder where everything lies, PostgresData the database's own
	// (empty for a Postgres that is not ours).
	Data         string `json:"data"`
	PostgresData string `json:"postgres_data,omitempty"`
	// Ready is true once everything serves; Seconds is how long that took.
	Ready   bool    `json:"ready"`
	Seconds float64 `json:"seconds"`
	URLs    URLs    `json:"urls"`
	Ports   Ports   `json:"ports"`
	// DatabaseURL is Perene's; the others are the databases of a private Temporal on the same server.
	DatabaseURL        string `json:"database_url"`
	TemporalDatabase   string `json:"temporal_database,omitempty"`
	VisibilityDatabase string `json:"visibility_database,omitempty"`
	TemporalAddress    string `json:"temporal_address"`
	TemporalNamespace  string `json:"temporal_namespace"`
	// Control is the socket of DATA/control.sock, EnvFile the variables of the Perene processes.
	Control string `json:"control"`
	EnvFile string `json:"env_file"`
	Logs    string `json:"logs"`
	// PIDs by name, and more about each process.
	PIDs      map[string]int   `json:"pids"`
	Processes []process.Status `json:"processes"`
	UpdatedAt time.Time        `json:"updated_at"`
}

// URLs are the addresses for people and tests.
type URLs struct {
	// Console is signed in by a one-time link; where none could be had it is Base.
	Console         string `json:"console"`
	Base            string `json:"base"`
	Phone           string `json:"phone"`
	Graph           string `json:"graph"`
	SimControl      string `json:"sim_control"`
	TemporalWeb     string `json:"temporal_web"`
	TemporalMetrics string `json:"temporal_metrics,omitempty"`
	// TemporalProfiles answers /debug/pprof/ where profiles were asked for.
	TemporalProfiles string `json:"temporal_profiles,omitempty"`
	APIDocs          string `json:"api_docs"`
	APIMetrics       string `json:"api_metrics"`
	WorkerMetrics    string `json:"worker_metrics"`
}

func (s *Stack) statePath() string { return filepath.Join(s.opts.Data, "state.json") }

// writeState rewrites state.json; what cannot be written is told once.
func (s *Stack) writeState() {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if err := writeJSON(s.statePath(), s.current()); err != nil && !s.stateFailed {
		s.stateFailed = true
		s.say(err.Error())
	}
}

// current is the state of this moment. The caller holds stateMu.
func (s *Stack) current() State {
	now := s.state
	now.Processes = s.sup.Status()
	now.PIDs = map[string]int{}
	for _, p := range now.Processes {
		if p.PID != 0 {
			now.PIDs[p.Name] = p.PID
		}
	}
	now.UpdatedAt = time.Now().UTC()
	return now
}

// endLeftovers ends what an earlier stack on the same data left running: where
// the kernel does not do it (see package process), a killed stack leaves its
// children behind. A pid counts only while it still runs the same program with
// the same data or environment file, so that a reused pid is never touched.
func endLeftovers(data string) {
	text, err := os.ReadFile(filepath.Join(data, "state.json"))
	if err != nil {
		return
	}
	var old State
	if json.Unmarshal(text, &old) != nil {
		return
	}
	for _, p := range old.Processes {
		if p.PID <= 1 || p.Command == "" || p.Name == "postgres" { // Postgres looks after itself
			continue
		}
		out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(p.PID)).Output()
		if err == nil && strings.TrimSpace(string(out)) == p.Command {
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
}
