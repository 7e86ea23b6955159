package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a simulator is started with. The zero value works: nothing kept on disk, no objects.
type Config struct {
	DataDir    string       // state, media and ledger survive restarts there; empty: nothing does
	Seed       *Seed        // objects to begin with; what DataDir holds wins
	Settings   *Settings    // start settings; default those of the seed, else DefaultSettings
	PublicURL  string       // where this simulator is reached, for media URLs in webhooks
	LedgerFile string       // default DataDir/ledger.jsonl
	LedgerMode LedgerMode   // default LedgerWrite
	Clock      Clock        // default the wall clock
	RandSeed   uint64       // drives every chance; default 1
	HTTPClient *http.Client // delivers webhooks and fetches links
	Logger     *slog.Logger
	Observe    func(Entry) // called after every ledger line
}

// Server is the simulated platform.
type Server struct {
	cfg      Config
	clock    Clock
	log      *slog.Logger
	settings atomic.Pointer[Settings]
	offset   atomic.Int64 // nanoseconds the platform's clock is ahead
	ids      *messageIDs
	ledger   *ledger
	faults   faultBook
	hooks    *sender
	media    *mediaStore
	handset  Handset

	rngMu sync.Mutex
	rng   *rand.Rand

	mu         sync.Mutex
	apps       map[string]*App
	wabas      map[string]*WABA
	numbers    map[string]*Number
	templates  map[string]*Template
	people     map[string]*Person
	byWaID     map[string]*Person
	byUserID   map[string]*Person // portfolio|id
	tokens     map[string]*grant
	uploads    map[string]*upload
	saving     bool
	lastPerson int
	closed     bool

	counts counters
}

type grant struct {
	app   *App
	token *Token
}

// Handset is a simulated phone: whoever implements it decides when messages are delivered and read.
type Handset interface {
	// Has tells whether a person uses a handset; others get their statuses by the settings.
	Has(person string) bool
	// Message hands over what was sent to a person.
	Message(Outgoing)
	// Typing shows that a business is writing until the given instant.
	Typing(number, person string, until time.Time)
	// BusinessRead tells that the business has read up to a message.
	BusinessRead(number, person, wamid string)
	// Acked tells that the business's server took a message of the person.
	Acked(number, person, wamid string)
}

// New makes a simulator with what its data folder holds.
func New(cfg Config) (*Server, error) {
	s := &Server{
		cfg: cfg, clock: cfg.Clock, log: cfg.Logger, ids: newMessageIDs(),
		apps: map[string]*App{}, wabas: map[string]*WABA{}, numbers: map[string]*Number{}, templates: map[string]*Template{},
		people: map[string]*Person{}, byWaID: map[string]*Person{}, byUserID: map[string]*Person{}, tokens: map[string]*grant{},
		uploads: map[string]*upload{},
	}
	if s.clock == nil {
		s.clock = wallClock{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.cfg.RandSeed == 0 {
		s.cfg.RandSeed = 1
	}
	if s.cfg.LedgerMode == "" {
		s.cfg.LedgerMode = LedgerWrite
	}
	s.rng = rand.New(rand.NewPCG(s.cfg.RandSeed, 0))
	if cfg.DataDir != "" {
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("create the simulator's data folder: %w", err)
		}
		if s.cfg.LedgerFile == "" {
			s.cfg.LedgerFile = filepath.Join(cfg.DataDir, "ledger.jsonl")
		}
	}
	var err error
	if s.ledger, err = openLedger(s.cfg.LedgerFile, s.cfg.LedgerMode, cfg.Observe); err != nil {
		return nil, err
	}
	if s.media, err = openMedia(cfg.DataDir); err != nil {
		return nil, err
	}
	s.hooks = newSender(s)
	seed := cfg.Seed
	if cfg.DataDir != "" {
		kept, err := ReadSeed(filepath.Join(cfg.DataDir, "graph.json"))
		switch {
		case err == nil:
			seed = mergeSeed(kept, cfg.Seed)
		case !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
	}
	if err := s.load(seed); err != nil {
		return nil, err
	}
	if err := s.hooks.restore(); err != nil {
		return nil, err
	}
	return s, nil
}

// mergeSeed adds to the kept state what a newer seed has besides, and lets the seed's addresses win.
func mergeSeed(kept, seed *Seed) *Seed {
	if seed == nil {
		return kept
	}
	apps := map[string]*App{}
	for _, a := range kept.Apps {
		apps[a.ID] = a
	}
	for _, a := range seed.Apps {
		if old := apps[a.ID]; old == nil {
			kept.Apps = append(kept.Apps, a)
		} else if a.WebhookURL != "" {
			old.WebhookURL = a.WebhookURL
		}
	}
	wabas, people := map[string]bool{}, map[string]bool{}
	for _, w := range kept.WABAs {
		wabas[w.ID] = true
	}
	for _, w := range seed.WABAs {
		if !wabas[w.ID] {
			kept.WABAs = append(kept.WABAs, w)
		}
	}
	for _, p := range kept.People {
		people[p.ID] = true
	}
	for _, p := range seed.People {
		if !people[p.ID] {
			kept.People = append(kept.People, p)
		}
	}
	return kept
}

func (s *Server) load(seed *Seed) error {
	settings := DefaultSettings()
	if seed != nil && seed.Settings != nil {
		settings = *seed.Settings
	}
	if s.cfg.Settings != nil {
		settings = *s.cfg.Settings
	}
	s.settings.Store(&settings)
	if seed == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range seed.Apps {
		if err := s.addApp(a); err != nil {
			return err
		}
	}
	for _, w := range seed.WABAs {
		if err := s.addWABA(w); err != nil {
			return err
		}
	}
	for _, p := range seed.People {
		if err := s.addPerson(p); err != nil {
			return err
		}
	}
	s.changed()
	return nil
}

// UseHandset connects the simulated phones; call it before Start and before serving.
func (s *Server) UseHandset(h Handset) { s.handset = h }

// Start goes on with the webhooks that an earlier run left unacknowledged.
func (s *Server) Start() { s.hooks.kick() }

// Close saves state and waiting webhooks and ends the simulator.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.hooks.close()
	return errors.Join(err, s.save(), s.ledger.close(), s.media.close())
}

// Now returns the platform's time: the clock plus the offset set by the control API.
func (s *Server) Now() time.Time { return s.clock.Now().Add(time.Duration(s.offset.Load())) }

// Settings returns the settings in force.
func (s *Server) Settings() Settings { return *s.settings.Load() }

// SetSettings replaces the settings.
func (s *Server) SetSettings(v Settings) {
	s.settings.Store(&v)
	s.mu.Lock()
	s.changed()
	s.mu.Unlock()
	s.hooks.kick()
}

func (s *Server) chance(p float64) bool {
	if p <= 0 {
		return false
	}
	s.rngMu.Lock()
	defer s.rngMu.Unlock()
	return s.rng.Float64() < p
}

func (s *Server) intn(n int) int {
	if n <= 0 {
		return 0
	}
	s.rngMu.Lock()
	defer s.rngMu.Unlock()
	return s.rng.IntN(n)
}

var versionPath = regexp.MustCompile(`^v\d{1,2}\.\d$`)

// ServeHTTP answers Graph calls at /{version}/… and media downloads at /lookaside/….
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if parts[0] == "lookaside" {
		s.download(w, r)
		return
	}
	if !versionPath.MatchString(parts[0]) || len(parts) < 2 {
		s.refuse(w, &apiError{HTTP: 400, Code: 2500, Plain: true, Title: "Unknown path components: " + r.URL.Path})
		return
	}
	id, edge := parts[1], strings.Join(parts[2:], "/")
	if (edge == "messages" || edge == "marketing_messages") && r.Method == http.MethodPost {
		s.postMessage(w, r, id, edge)
		return
	}
	s.management(w, r, id, edge)
}

// authorise finds who is calling; the caller holds s.mu.
func (s *Server) authorise(r *http.Request) (*grant, *apiError) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		if token, ok = strings.CutPrefix(r.Header.Get("Authorization"), "OAuth "); !ok {
			token = r.URL.Query().Get("access_token")
		}
	}
	if token == "" {
		return nil, errNoToken()
	}
	g := s.tokens[token]
	if g == nil {
		return nil, errBadToken()
	}
	if g.token.Revoked {
		return nil, errRevokedToken()
	}
	return g, nil
}

// may tells whether the caller's token covers an account.
func (g *grant) may(w *WABA) bool {
	if len(g.token.WABAs) == 0 {
		return true
	}
	return slices.Contains(g.token.WABAs, w.ID)
}

func (s *Server) refuse(w http.ResponseWriter, e *apiError) {
	s.counts.refused.Add(1)
	writeBytes(w, e.HTTP, e.body())
}

func writeBytes(w http.ResponseWriter, status int, b []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("Facebook-Api-Version", "v25.0")
	h.Set("Cache-Control", "private, no-cache, no-store, must-revalidate")
	w.WriteHeader(status)
	_, _ = w.Write(b) //nolint:gosec // JSON, served as application/json
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "encode answer", http.StatusInternalServerError)
		return
	}
	writeBytes(w, status, b)
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = errors.New("body too large")
	}
	return b, err
}

// counters feed GET /control/stats.
type counters struct {
	requests, accepted, refused, faulted, lost, reads, inbound      atomic.Int64
	updates, deliveries, attempts, acked, failed, dropped, statuses atomic.Int64
}
