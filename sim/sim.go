// Package sim runs the simulators of other people's servers for development and tests: Meta's Graph API
// (sim/graph) and a page where a person plays the customer's phone (sim/phone). It knows nothing of the
// program under test.
package sim

import (
	"bytes"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"

	"github.com/perene/perene/sim/graph"
	"github.com/perene/perene/sim/phone"
)

//go:embed demo.json
var demo []byte

// Config is what the simulators are started with.
type Config struct {
	// DataDir keeps state, media, chats and the ledger; empty: nothing survives the process.
	DataDir string
	// SeedFile replaces the built-in demo business by a file of the same form.
	SeedFile string
	// Empty starts without any objects; they come by the control API.
	Empty bool
	// WebhookURL is where the apps of the seed send webhooks, unless the seed names an address.
	WebhookURL string
	// Token, AppSecret and VerifyToken replace those of the built-in demo business; empty keeps them.
	Token, AppSecret, VerifyToken string
	// PublicURL is where this process is reached, for media addresses in webhooks: http://127.0.0.1:8090.
	PublicURL string
	// LedgerFile defaults to DataDir/ledger.jsonl.
	LedgerFile string
	// LedgerMode is "write" (default), "fsync" or "buffered".
	LedgerMode string
	// Bench starts with the settings for load: no limits, statuses at once, batched webhooks.
	Bench bool
	// RandSeed drives every chance.
	RandSeed uint64
	Logger   *slog.Logger
}

// Sim is the running set of simulators.
type Sim struct {
	Graph *graph.Server
	Phone *phone.Server
	mux   *http.ServeMux
}

// New starts the simulators: the phone page at /, Graph at /graph/{version}/…, the control API at /control/….
func New(cfg Config) (*Sim, error) {
	gc := graph.Config{
		DataDir: cfg.DataDir, PublicURL: cfg.PublicURL, LedgerFile: cfg.LedgerFile, LedgerMode: graph.LedgerMode(cfg.LedgerMode),
		RandSeed: cfg.RandSeed, Logger: cfg.Logger,
	}
	switch gc.LedgerMode {
	case "", graph.LedgerWrite, graph.LedgerFsync, graph.LedgerBuffered:
	default:
		return nil, errors.New("the ledger mode must be write, fsync or buffered")
	}
	var err error
	switch {
	case cfg.SeedFile != "":
		gc.Seed, err = graph.ReadSeed(cfg.SeedFile)
	case !cfg.Empty:
		gc.Seed, err = graph.ParseSeed(cfg.demoSeed())
	}
	if err != nil {
		return nil, err
	}
	if gc.Seed != nil {
		for _, a := range gc.Seed.Apps {
			if a.WebhookURL == "" {
				a.WebhookURL = cfg.WebhookURL
			}
		}
	}
	if cfg.Bench {
		settings := graph.BenchSettings()
		gc.Settings = &settings
	}
	s := &Sim{mux: http.NewServeMux()}
	if s.Graph, err = graph.New(gc); err != nil {
		return nil, err
	}
	if s.Phone, err = phone.New(phone.Config{Graph: s.Graph, DataDir: cfg.DataDir, Logger: cfg.Logger}); err != nil {
		return nil, errors.Join(err, s.Graph.Close())
	}
	s.Graph.Start()
	s.mux.Handle("/", s.Phone.Handler())
	s.mux.Handle("/graph/", http.StripPrefix("/graph", s.Graph))
	s.mux.Handle("/lookaside/", s.Graph)
	s.mux.Handle("/control/", s.Graph.Control())
	return s, nil
}

// demoSeed is the built-in demo business with the secrets that the caller chose.
func (cfg *Config) demoSeed() []byte {
	seed := demo
	for was, is := range map[string]string{"sim-token-loja-exemplo": cfg.Token, "sim-app-secret-loja-exemplo-0001": cfg.AppSecret, "sim-verify": cfg.VerifyToken} {
		if is != "" {
			seed = bytes.ReplaceAll(seed, []byte(`"`+was+`"`), []byte(`"`+is+`"`))
		}
	}
	return seed
}

// ServeHTTP serves all simulators.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close saves what is to be kept and ends the simulators.
func (s *Sim) Close() error { return errors.Join(s.Phone.Close(), s.Graph.Close()) }
