package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/internal/blobs"
)

var errRefused = errors.New("refused")

// broken gives some bytes and then an error.
type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errRefused
	}
	n := min(b.left, len(p))
	b.left -= n
	return n, nil
}

// suite is what every store of files does.
func suite(t *testing.T, s blobs.Store) {
	t.Helper()
	ctx := t.Context()
	read := func(key string) []byte {
		t.Helper()
		f, err := s.Open(ctx, key)
		if err != nil {
			t.Fatalf("open %s: %v", key, err)
		}
		defer func() { _ = f.Close() }()
		body, err := io.ReadAll(f)
		if err != nil {
			t.Fatalf("read %s: %v", key, err)
		}
		return body
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), 12<<20/16) // three parts of an S3 upload
	for key, body := range map[string][]byte{"1/in/7": []byte("picture"), "1/2026/11/x_-y": large, "1/empty": {}} {
		if err := s.Put(ctx, key, "image/png", bytes.NewReader(body)); err != nil {
			t.Fatalf("put %s: %v", key, err)
		}
		if got := read(key); !bytes.Equal(got, body) {
			t.Errorf("%s: %d bytes came back, want the same %d", key, len(got), len(body))
		}
	}
	if err := s.Put(ctx, "1/in/7", "", strings.NewReader("another")); err != nil || string(read("1/in/7")) != "another" {
		t.Errorf("a second file of the same key: %v, %q", err, read("1/in/7"))
	}

	f, err := s.Open(ctx, "1/2026/11/x_-y")
	if err != nil {
		t.Fatal(err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size != int64(len(large)) {
		t.Errorf("size %d, %v, want %d", size, err, len(large))
	}
	part := make([]byte, 5)
	if _, err := f.Seek(17, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(f, part); err != nil || string(part) != "12345" {
		t.Errorf("from 17: %q, %v, want 12345", part, err)
	}
	_ = f.Close()

	for _, left := range []int{0, 3, 7 << 20} {
		key := fmt.Sprintf("1/broken-%d", left)
		if err := s.Put(ctx, key, "", &broken{left}); !errors.Is(err, errRefused) {
			t.Errorf("a reader that breaks after %d bytes: %v, want its error", left, err)
		}
		if _, err := s.Open(ctx, key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("half a file was left after %d bytes: %v", left, err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Put(gone, "1/cancelled", "", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("put for a request that has ended: %v", err)
	}
	for range 2 { // a second time too
		if err := s.Delete(ctx, "1/in/7"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Open(ctx, "1/in/7"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open a deleted file: %v", err)
	}
}

func TestFilesInMemory(t *testing.T) {
	t.Parallel()
	suite(t, &blobs.Memory{})
}

func TestFilesInAFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "when missing")
	s, err := blobs.Open("file://" + filepath.ToSlash(strings.ReplaceAll(dir, " ", "%20")) + "?create_dir=true")
	if err != nil {
		t.Fatal(err)
	}
	suite(t, s)
	if err := s.Put(t.Context(), "../outside", "", strings.NewReader("x")); err == nil {
		t.Error("a key led out of the folder")
	}
	_ = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, _ error) error {
		if strings.Contains(name, ".part-") {
			t.Errorf("%s was left behind", name)
		}
		return nil
	})
}

func TestFilesInABucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	server, address := newS3Server(t)
	s, err := blobs.Open("s3://files?region=sa-east-1&prefix=perene/&use_path_style=true&endpoint=" + address)
	if err != nil {
		t.Fatal(err)
	}
	suite(t, s)
	for name := range server.objects {
		if !strings.HasPrefix(name, "/files/perene/1/") {
			t.Errorf("an object is at %s, want it under the bucket and the prefix", name)
		}
	}
	if len(server.parts) != 1 { // of the large file; that of the broken one was given up
		t.Errorf("%d uploads in parts are known, want 1", len(server.parts))
	}
	asked := len(server.asked())
	if err := s.Put(t.Context(), "small", "", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if more := server.asked()[asked:]; !slices.Equal(more, []string{"PUT"}) {
		t.Errorf("a small file took the requests %q, want one PUT", more)
	}
	server.mu.Lock()
	server.secret = "another"
	server.mu.Unlock()
	if err := s.Put(t.Context(), "k", "", strings.NewReader("x")); err == nil {
		t.Error("a wrong secret was accepted")
	}
}

func TestAddressesOfFiles(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                              "want file:///folder or s3://bucket",
		"gs://bucket":                   "want file:///folder or s3://bucket",
		"file://folder":                 "three slashes",
		"file:///x?mode=1":              `no parameter "mode": there are create_dir`,
		"s3://?region=sa-east-1":        "want s3://bucket",
		"s3://bucket?acl=public":        `no parameter "acl": there are region, endpoint`,
		"s3://bucket?region=sa-east-1":  "",
		"s3://b?endpoint=s3.example.de": "",
	} {
		_, err := blobs.Open(address)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if _, err := os.Stat("/x"); err == nil {
		t.Error("a refused address made a folder")
	}
}
