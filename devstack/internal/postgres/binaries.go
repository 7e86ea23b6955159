// Package postgres runs a private Postgres: it finds or fetches the programs,
// makes the data directory, and says how the server is started and reached.
package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"

	"github.com/perene/perene/devstack/internal/ports"
)

// Oldest is the oldest major version of Postgres that Perene runs on.
const Oldest = 14

// Binaries is one installation of Postgres.
type Binaries struct {
	// Dir holds postgres and initdb.
	Dir string
	// Major is the major version, for instance 15.
	Major int
}

// ErrMissing says that this machine has no usable Postgres.
var ErrMissing = errors.New("no Postgres was found on this machine: install it " +
	"(Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17) " +
	"or set DATABASE_URL to a server of your own")

// places are where installers leave Postgres, as patterns of filepath.Glob.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// Find returns the newest installation on the machine, or that of the wanted
// major version when want is not 0. PATH goes before the usual places.
func Find(want int) (Binaries, error) {
	return find(want, os.Getenv("PATH"), places)
}

func find(want int, path string, patterns []string) (Binaries, error) {
	var found []Binaries
	look := func(dir string) {
		if b, err := inspect(dir); err == nil && b.Major >= Oldest {
			found = append(found, b)
		}
	}
	for _, dir := range filepath.SplitList(path) {
		look(dir)
	}
	inPath := len(found)
	for _, pattern := range patterns {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return Binaries{}, fmt.Errorf("look for Postgres in %s: %w", pattern, err)
		}
		for _, dir := range dirs {
			look(dir)
		}
	}
	slices.SortStableFunc(found[inPath:], func(a, b Binaries) int { return b.Major - a.Major })
	for _, b := range found {
		if want == 0 || b.Major == want {
			return b, nil
		}
	}
	if want != 0 && len(found) > 0 {
		return Binaries{}, fmt.Errorf("the data was made by Postgres %d, but this machine has %s only: "+
			"install Postgres %d, or start over with make dev RESET=1", want, majors(found), want)
	}
	return Binaries{}, ErrMissing
}

func majors(found []Binaries) string {
	var names []string
	for _, b := range found {
		if name := strconv.Itoa(b.Major); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// inspect follows links, so that initdb is found beside a postgres that is
// linked into PATH, and asks for the version.
func inspect(dir string) (Binaries, error) {
	program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return Binaries{}, err
	}
	home := filepath.Dir(program)
	if _, err := os.Stat(filepath.Join(home, "initdb")); err != nil {
		return Binaries{}, err
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return Binaries{}, err
	}
	major, err := majorOf(string(out))
	if err != nil {
		return Binaries{}, err
	}
	return Binaries{Dir: home, Major: major}, nil
}

// majorOf reads "postgres (PostgreSQL) 15.18 (Debian …)".
func majorOf(version string) (int, error) {
	_, number, ok := strings.Cut(version, "(PostgreSQL) ")
	if !ok {
		return 0, fmt.Errorf("read the version of Postgres from %q", version)
	}
	end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(number)
	}
	return strconv.Atoi(number[:end])
}

// FindOrFetch is Find, and where the machine has no Postgres, fetches one into
// cache. say gets a line before a download begins.
func FindOrFetch(want int, cache string, say func(string)) (Binaries, error) {
	b, err := Find(want)
	if err == nil || (want != 0 && !errors.Is(err, ErrMissing)) {
		return b, err
	}
	kept := filepath.Join(cache, "postgres-"+runtime.GOOS+"-"+runtime.GOARCH)
	if b, err := inspect(filepath.Join(kept, "bin")); err == nil {
		return b, nil
	}
	say("No Postgres on this machine: fetching one into " + kept + ".")
	if err := fetch(kept, cache); err != nil {
		return Binaries{}, fmt.Errorf("%w (fetching one did not work either: %w)", ErrMissing, err)
	}
	return inspect(filepath.Join(kept, "bin"))
}

// fetch unpacks the programs into dir. The library only unpacks on the way to
// starting a server of its own, so a throwaway one is started and stopped; as
// root that start is refused after the programs are already in place.
func fetch(dir, cache string) error {
	free, err := ports.Free(1)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "perene-postgres-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	var log bytes.Buffer
	server := embedded.NewDatabase(embedded.DefaultConfig().
		Version(embedded.V17).
		Port(uint32(free[0])).
		CachePath(filepath.Join(cache, "archives")).
		RuntimePath(filepath.Join(scratch, "run")).
		DataPath(filepath.Join(scratch, "data")).
		BinariesPath(dir).
		Logger(io.Writer(&log)))
	startErr := server.Start()
	if startErr == nil {
		return server.Stop()
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "initdb")); err == nil {
		return nil
	}
	return startErr
}
