package house_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
)

// imageFiles name images of others.
var imageFiles = []string{"Dockerfile", "docker-compose.yml", "deploy/compose/temporal.yaml", "deploy/compose/traces.yaml"}

var (
	imageLine   = regexp.MustCompile(`(?m)^(?:\s*image: |FROM )([^\s:]+):(.+?)(?: AS \w+)?$`)
	imageDigest = regexp.MustCompile(`@(sha256:[0-9a-f]{64})`)
	imageTag    = regexp.MustCompile(`^\$\{(\w+):(-|\?)([^}]*)\}$`)
)

// namedImages are the images that the files under a folder name, by name and tag, with their digests or a minus.
func namedImages(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range imageFiles {
		for _, m := range imageLine.FindAllStringSubmatch(read(t, filepath.Join(folder, file)), -1) {
			if m[1] == "perene" {
				continue // ours, built here
			}
			digest := "-"
			if d := imageDigest.FindStringSubmatch(m[2]); d != nil {
				digest = d[1]
			}
			tag := imageDigest.ReplaceAllString(m[2], "")
			if v := imageTag.FindStringSubmatch(tag); v != nil {
				if tag = v[3]; v[2] == "?" {
					tag = versions(t)[v[1]]
				}
			}
			image := m[1] + ":" + tag
			if before, ok := out[image]; ok && before != digest {
				t.Errorf("%s has two digests: %s and %s", image, before, digest)
			}
			out[image] = digest
		}
	}
	return out
}

// listedImages are the lines of deploy/images.txt.
func listedImages(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(folder, "deploy/images.txt"))) {
		if !strings.HasPrefix(line, "#") {
			image, digest, _ := strings.Cut(strings.TrimSpace(line), " ")
			out[image] = digest
		}
	}
	return out
}

// Every image of others stands in deploy/images.txt, with the digest that the files run it by. An image by tag only stands
// there with a minus, which says that no registry could be reached. Another version without its digest fails here.
func TestImagesAreListedWithTheirDigests(t *testing.T) {
	t.Parallel()
	named, listed := namedImages(t, root), listedImages(t, root)
	if len(named) < 8 {
		t.Errorf("only %d images were found: %v", len(named), named)
	}
	if !maps.Equal(named, listed) {
		t.Errorf("the files name %v\ndeploy/images.txt lists %v\nrun make pin-images, or write a minus for an image that was never pinned", named, listed)
	}
	for image := range named {
		if tag := image[strings.LastIndex(image, ":")+1:]; !strings.ContainsAny(tag, "0123456789") {
			t.Errorf("%s names no version", image)
		}
	}
}

// requests are the images that a registry was asked for.
type requests struct {
	mu   sync.Mutex
	list []string
}

func (r *requests) add(image string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, image)
}

// take gives them and forgets them.
func (r *requests) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

// registry answers as an OCI registry does: a token for temporalio, none for the others, and the digest in the head.
func registry(t *testing.T, missing string, asked *requests) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("service") != "registry.example" {
			http.Error(w, "no such service", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"token": "for %s", "expires_in": 300}`, r.URL.Query().Get("scope"))
	})
	mux.HandleFunc("HEAD /v2/", func(w http.ResponseWriter, r *http.Request) {
		name, tag, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
		scope := "repository:" + name + ":pull"
		if strings.HasPrefix(name, "temporalio/") && r.Header.Get("Authorization") != "Bearer for "+scope {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="registry.example",scope="%s"`, r.Host, scope))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asked.add(name + ":" + tag)
		if name == missing || !strings.Contains(r.Header.Get("Accept"), "application/vnd.oci.image.index.v1+json") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Docker-Content-Digest", digestOf(name+":"+tag))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func digestOf(image string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(image)))
}

// pinRoom is a folder with what scripts/pin-images reads.
func pinRoom(t *testing.T) string {
	t.Helper()
	w := &workshop{t: t, root: t.TempDir()}
	for _, name := range append([]string{"deploy/versions.env", "deploy/images.txt"}, imageFiles...) {
		w.write(name, read(t, filepath.Join(root, name)), 0o644)
	}
	w.write("scripts/pin-images", read(t, root+"/scripts/pin-images"), 0o755)
	return w.root
}

func pin(t *testing.T, folder, registry string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "scripts/pin-images"), args...)
	cmd.Env = append(os.Environ(), "PIN_REGISTRY="+registry, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// make pin-images asks a registry for each image and writes the digests where images are named. Twice is once.
func TestImagesArePinnedByTheRegistrysDigests(t *testing.T) {
	t.Parallel()
	folder, requested := pinRoom(t), &requests{}
	address := registry(t, "", requested)
	for range 2 {
		requested.take()
		if out, err := pin(t, folder, address); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		want := map[string]string{}
		for image := range namedImages(t, root) {
			name := image
			if !strings.Contains(name, "/") {
				name = "library/" + name
			}
			want[image] = digestOf(name)
		}
		if got := namedImages(t, folder); !maps.Equal(got, want) {
			t.Errorf("the files name %v, want %v", got, want)
		}
		if got := listedImages(t, folder); !maps.Equal(got, want) {
			t.Errorf("the list has %v, want %v", got, want)
		}
		if asked := requested.take(); len(asked) != len(want) || !slices.Contains(asked, "library/postgres:"+strings.TrimPrefix(postgresOf(t, folder, nil), "postgres:")[:4]) {
			t.Errorf("asked for %v", asked)
		}
	}
	if out, err := pin(t, folder, "http://127.0.0.1:1", "--check"); err != nil {
		t.Errorf("the check of what is pinned: %v, %s", err, out)
	}
	// What docker compose makes of it. An operator's own version has no digest of another one.
	if got := postgresOf(t, folder, nil); !imageDigest.MatchString(got) {
		t.Errorf("compose runs %s", got)
	}
	if got := postgresOf(t, folder, []string{"POSTGRES_VERSION=17.9"}); got != "postgres:17.9" {
		t.Errorf("compose runs %s", got)
	}
}

// postgresOf is the image of Postgres as docker compose reads it.
func postgresOf(t *testing.T, folder string, more []string) string {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(folder, "docker-compose.yml")},
		cli.WithEnv(append(newEnv(t), more...)), cli.WithName("perene"), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.GetService("postgres")
	if err != nil {
		t.Fatal(err)
	}
	return s.Image
}

// An image that the registry does not give leaves everything as it was, and the check says what is by tag only.
func TestNothingIsPinnedWhenOneImageIsMissing(t *testing.T) {
	t.Parallel()
	folder := pinRoom(t)
	out, err := pin(t, folder, registry(t, "temporalio/ui", &requests{}))
	if err == nil || !strings.Contains(out, "gives no digest of temporalio/ui:") || !strings.Contains(out, "nothing was changed") {
		t.Errorf("%v: %s", err, out)
	}
	for _, name := range append([]string{"deploy/images.txt"}, imageFiles...) {
		if read(t, filepath.Join(folder, name)) != read(t, filepath.Join(root, name)) {
			t.Errorf("%s was changed", name)
		}
	}
	w := &workshop{t: t, root: folder}
	w.write("deploy/images.txt", "# list\nalpine:3.23 -\n", 0o644)
	if out, err := pin(t, folder, "http://127.0.0.1:1", "--check"); err == nil || !strings.Contains(out, "alpine:3.23 -") {
		t.Errorf("the check of a tag: %v, %s", err, out)
	}
}
