package house_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// workshop is a folder with scripts/temporal and what it reads, and a go that compiles anything at once.
type workshop struct {
	t        *testing.T
	root     string
	releases string // the address of the releases
}

func newWorkshop(t *testing.T, checksums string, releases http.Handler) *workshop {
	t.Helper()
	w := &workshop{t: t, root: t.TempDir(), releases: "http://127.0.0.1:1"} // nobody listens there
	for _, name := range []string{"scripts/temporal", "scripts/compile"} {
		w.write(name, read(t, root+"/"+name), 0o755)
	}
	w.write("deploy/versions.env", "TEMPORAL_VERSION=1.2.3\nTEMPORAL_UI_VERSION=4.5.6\n", 0o644)
	w.write("deploy/temporal/checksums.txt", "# what this file is\n"+checksums, 0o644)
	w.write("tools/temporal/go.mod", "", 0o644)
	w.write("path/go", `#!/bin/sh
case $1 in
env) [ "$2" = GOOS ] && echo linux || echo amd64 ;;
list) echo package ;;
build)
	while [ "$1" != -o ]; do shift; done
	out=$2
	shift 2
	for package in "$@"; do
		echo "$package" >&2
		echo "compiled $package" >"$out/$(basename "$package")"
	done ;;
esac
`, 0o755)
	if releases != nil {
		s := httptest.NewServer(releases)
		t.Cleanup(s.Close)
		w.releases = s.URL
	}
	return w
}

func (w *workshop) write(name, text string, mode os.FileMode) {
	w.t.Helper()
	path := filepath.Join(w.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil { //nolint:gosec // a path of this test's own
		w.t.Fatal(err)
	}
}

// run runs the script and returns what it said.
func (w *workshop) run(args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), filepath.Join(w.root, "scripts/temporal"), args...)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(w.root, "path")+":"+os.Getenv("PATH"), "TEMPORAL_RELEASES="+w.releases, "NO_PROXY=127.0.0.1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v:\n%s", err, out)
	}
	return string(out)
}

// made is where each program came from.
func (w *workshop) made() string {
	w.t.Helper()
	var all []string
	for _, name := range []string{"temporal-server", "temporal-sql-tool", "temporal-ui"} {
		text, err := os.ReadFile(filepath.Join(w.root, "bin", name))
		if err != nil {
			w.t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(string(text), "compiled "):
			all = append(all, "compiled")
		case strings.HasPrefix(string(text), "#!"):
			all = append(all, "downloaded")
		}
	}
	return strings.Join(all, " ")
}

// archive is a release with programs that do nothing.
func archive(t *testing.T, programs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	files := tar.NewWriter(z)
	for _, name := range append(programs, "LICENSE") {
		text := []byte("#!/bin/sh\n")
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

const (
	serverArchive = "temporal_1.2.3_linux_amd64.tar.gz"
	uiArchive     = "ui-server_4.5.6_linux_amd64.tar.gz"
	serverRelease = "/temporal/releases/download/v1.2.3/"
	uiRelease     = "/ui-server/releases/download/v4.5.6/"
)

// releases serves both archives and their checksums; asked counts the requests.
func releases(server, ui []byte, asked *[]string) http.Handler {
	files := map[string][]byte{
		serverRelease + serverArchive: server, uiRelease + uiArchive: ui,
		serverRelease + "checksums.txt":             []byte(sum(server) + "  " + serverArchive + "\n" + sum(ui) + "  something_else.tar.gz\n"),
		uiRelease + "ui-server_4.5.6_checksums.txt": []byte(sum(ui) + "  " + uiArchive + "\n"),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	})
}

func TestTemporalsProgramsComeFromTheirReleasesOrAreCompiled(t *testing.T) {
	t.Parallel()
	server, ui := archive(t, "temporal-server", "temporal-sql-tool"), archive(t, "ui-server")
	pinned := sum(server) + "  " + serverArchive + "\n" + sum(ui) + "  " + uiArchive + "\n"
	for name, c := range map[string]struct {
		checksums  string
		server, ui []byte
		away       bool
		want, says string
		asked      int
	}{
		"both archives":     {checksums: pinned, server: server, ui: ui, want: "downloaded downloaded downloaded", says: "download " + serverArchive, asked: 2},
		"nothing is pinned": {server: server, ui: ui, want: "compiled compiled compiled", says: "has no checksum of " + serverArchive, asked: 0},
		"one is pinned": {checksums: sum(ui) + "  " + uiArchive + "\n", server: server, ui: ui,
			want: "compiled compiled downloaded", says: "build Temporal's server 1.2.3", asked: 1},
		"another archive": {checksums: pinned, server: archive(t, "temporal-server", "temporal-sql-tool", "more"), ui: ui,
			want: "compiled compiled downloaded", says: "ITS SHA-256 IS NOT THE ONE", asked: 2},
		"a program is missing": {checksums: strings.Replace(pinned, sum(server), sum(ui), 1), server: ui, ui: ui,
			want: "compiled compiled downloaded", says: "its temporal-server does not run here", asked: 2},
		"no network": {checksums: pinned, away: true, want: "compiled compiled compiled", says: "it cannot be had", asked: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			var served http.Handler
			if !c.away {
				served = releases(c.server, c.ui, &asked)
			}
			w := newWorkshop(t, c.checksums, served)
			began := time.Now()
			said := w.run()
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if got := w.made(); got != c.want || !strings.Contains(said, c.says) || len(asked) != c.asked {
				t.Errorf("%s, asked for %v, want %s:\n%s", got, asked, c.want, said)
			}
			if left, _ := filepath.Glob(filepath.Join(w.root, "bin", ".*")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestChecksumsArePinnedFromTheReleases(t *testing.T) {
	t.Parallel()
	server, ui := archive(t, "temporal-server", "temporal-sql-tool"), archive(t, "ui-server")
	var asked []string
	w := newWorkshop(t, "0123  temporal_1.2.2_linux_amd64.tar.gz\n", releases(server, ui, &asked))
	w.run("pin")
	want := "# what this file is\n" + sum(server) + "  " + serverArchive + "\n" + sum(ui) + "  " + uiArchive + "\n"
	if got := read(t, filepath.Join(w.root, "deploy/temporal/checksums.txt")); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	if w.run(); w.made() != "downloaded downloaded downloaded" {
		t.Errorf("what is pinned is not used: %s", w.made())
	}
}
