package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/models"
)

// upload sends a file as a browser does; what the form claims about its type is the caller's.
func (w *world) upload(name, claimed string, content io.Reader, voice bool) answer {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if voice {
		if err := form.WriteField("voice", "true"); err != nil {
			w.t.Fatal(err)
		}
	}
	part, err := form.CreatePart(map[string][]string{
		"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": name})}, "Content-Type": {claimed},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := io.Copy(part, content); err != nil {
		w.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		w.t.Fatal(err)
	}
	return w.do(request{as: "user", method: "POST", path: "/v1/media", body: body.Bytes(), headers: map[string]string{"Content-Type": form.FormDataContentType()}})
}

// TestUploadsAreInert: S13. The type is what the bytes say; HTML, SVG and everything unknown come back as attachments of no
// type; names keep no path; nothing larger than the limit is kept.
func TestUploadsAreInert(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.MediaBytes = 1 << 20 })
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	ogg := "OggS\x00\x02" + strings.Repeat("\x00", 22) + "OpusHead\x01\x01"
	for _, c := range []struct {
		name, claimed, content string
		voice                  bool
		kind, served, how      string
		filename               string
	}{
		{name: "foto.png", claimed: "image/png", content: png, kind: "image", served: "image/png", how: "inline", filename: "foto.png"},
		{name: "x.png", claimed: "image/png", content: "<html><script>alert(1)</script>", kind: "document", served: "application/octet-stream", how: "attachment", filename: "x.png"},
		{name: "x.svg", claimed: "image/svg+xml", content: `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, kind: "document", served: "application/octet-stream", how: "attachment", filename: "x.svg"},
		{name: "../../etc/passwd", claimed: "text/html", content: "root:x", kind: "document", served: "application/octet-stream", how: "attachment", filename: "passwd"},
		{name: `C:\Users\a\contrato.pdf`, claimed: "", content: "%PDF-1.7\n", kind: "document", served: "application/pdf", how: "inline", filename: "contrato.pdf"},
		{name: "voz.ogg", claimed: "audio/ogg", content: ogg, voice: true, kind: "voice", served: "audio/ogg; codecs=opus", how: "inline", filename: "voz.ogg"},
		{name: "som.ogg", claimed: "audio/ogg", content: ogg, kind: "audio", served: "audio/ogg", how: "inline", filename: "som.ogg"},
		{name: "poly.gif", claimed: "image/gif", content: "GIF89a/*<script>alert(1)</script>*/", kind: "image", served: "image/gif", how: "inline", filename: "poly.gif"},
		{name: "ação\u202egpj.exe", claimed: "image/jpeg", content: "MZ\x90\x00", kind: "document", served: "application/octet-stream", how: "attachment", filename: "açãogpj.exe"},
	} {
		got := w.upload(c.name, c.claimed, strings.NewReader(c.content), c.voice)
		if got.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", c.name, got.status, got.body)
		}
		m := got.json(t)
		if m["kind"] != c.kind || m["filename"] != c.filename || m["size"] != float64(len(c.content)) {
			t.Errorf("%s: %s", c.name, got.body)
		}
		file := w.expect(http.StatusOK, request{as: "user", method: "GET", path: m["url"].(string)})
		how, params, err := mime.ParseMediaType(file.headers.Get("Content-Disposition"))
		if err != nil || how != c.how || params["filename"] != c.filename {
			t.Errorf("%s: disposition %q (%v)", c.name, file.headers.Get("Content-Disposition"), err)
		}
		csp := file.headers.Get("Content-Security-Policy")
		if file.headers.Get("Content-Type") != c.served || file.headers.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(csp, "default-src 'none'") ||
			(!strings.Contains(csp, "sandbox") && c.served != "application/pdf") {
			t.Errorf("%s: served as %q under %q", c.name, file.headers.Get("Content-Type"), csp)
		}
		if string(file.body) != c.content {
			t.Errorf("%s: came back changed", c.name)
		}
		forced := w.expect(http.StatusOK, request{as: "user", method: "GET", path: m["url"].(string) + "?download=true"})
		if !strings.HasPrefix(forced.headers.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: a download is %q", c.name, forced.headers.Get("Content-Disposition"))
		}
	}
	before := w.value(`SELECT count(*) FROM media`)
	if got := w.upload("grande.bin", "", io.LimitReader(zeros{}, 1<<20+1), false); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a byte too many: %d %s", got.status, got.body)
	}
	if got := w.upload("vazio", "", strings.NewReader(""), false); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: %d", got.status)
	}
	for name, body := range map[string]string{"no file": "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n", "cut short": "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc",
		"no form": "hello"} {
		got := w.do(request{as: "user", method: "POST", path: "/v1/media", body: body, headers: map[string]string{"Content-Type": "multipart/form-data; boundary=b"}})
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if after := w.value(`SELECT count(*) FROM media`); after != before {
		t.Errorf("refused files were noted: %v before, %v after", before, after)
	}
}

// sink keeps no file.
type sink struct{ blobs.Store }

func (sink) Put(_ context.Context, _, _ string, r io.Reader) error {
	_, err := io.Copy(io.Discard, struct{ io.Reader }{r})
	return err
}

// S13: a file passes through and is never held. Uploads of 160 MB, eight at once, take less memory in all than one of them is
// large.
func TestUploadsPassThroughMemory(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	w := newWorld(t, func(d *Deps) { d.Limits.MediaBytes, d.Files = 21<<20, sink{} })
	const size, at = 20 << 20, 8
	form := func() io.Reader {
		return io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"),
			io.LimitReader(zeros{}, size), strings.NewReader("\r\n--b--\r\n"))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var all sync.WaitGroup
	for range at {
		all.Go(func() {
			got := w.do(request{as: "user", method: "POST", path: "/v1/media", body: form(), headers: map[string]string{"Content-Type": "multipart/form-data; boundary=b"}})
			if got.status != http.StatusCreated {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > size {
		t.Errorf("%d MB were allocated for %d files of %d MB", taken>>20, at, size>>20)
	}
}

// S13, S16: an account has its places for uploads, and another account has its own.
func TestAnAccountUploadsAFewFilesAtOnce(t *testing.T) {
	t.Parallel()
	var u uploads
	var last func()
	for range uploadsAtOnce {
		done, ok := u.begin(1)
		if !ok {
			t.Fatal("a place is missing")
		}
		last = done
	}
	if _, ok := u.begin(1); ok {
		t.Error("one more begins")
	}
	if _, ok := u.begin(2); !ok {
		t.Error("another account has to wait")
	}
	last()
	if _, ok := u.begin(1); !ok {
		t.Error("a place that was given back is not there")
	}
	w := newWorld(t)
	w.app.uploads.each = map[models.AccountID]int{1: uploadsAtOnce}
	if got := w.upload("a.txt", "", strings.NewReader("oi"), false); got.status != http.StatusTooManyRequests {
		t.Errorf("one more over HTTP: %d %s", got.status, got.body)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestDownloadsByParts: ranges for players, and 304 for what the browser has.
func TestDownloadsByParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func(headers map[string]string) answer {
		return w.do(request{as: "admin", method: "GET", path: "/v1/media/1001/content", headers: headers})
	}
	whole := get(nil)
	part := get(map[string]string{"Range": "bytes=8-9"})
	if part.status != http.StatusPartialContent || string(part.body) != "fi" || part.headers.Get("Content-Range") != fmt.Sprintf("bytes 8-9/%d", len(whole.body)) {
		t.Errorf("%d %q %q", part.status, part.body, part.headers.Get("Content-Range"))
	}
	if got := get(map[string]string{"Range": "bytes=900-"}); got.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("past the end: %d", got.status)
	}
	if got := get(map[string]string{"If-None-Match": whole.headers.Get("ETag")}); got.status != http.StatusNotModified || len(got.body) != 0 {
		t.Errorf("what the browser has: %d", got.status)
	}
	svg := w.expect(http.StatusOK, request{as: "admin", method: "GET", path: "/v1/media/1002/content"})
	if got := svg.headers.Get("Content-Disposition"); got != `attachment; filename="a__o _x_.svg"; filename*=UTF-8''a%C3%A7%C3%A3o%20%22x%22.svg` {
		t.Errorf("a name with quotes and accents: %s", got)
	}
	w.exec(`UPDATE media SET state = 'pending' WHERE id = 1001`)
	w.expect(http.StatusConflict, request{as: "admin", method: "GET", path: "/v1/media/1001/content"})
	w.exec(`UPDATE media SET state = 'failed' WHERE id = 1001`)
	w.expect(http.StatusGone, request{as: "admin", method: "GET", path: "/v1/media/1001/content"})
}

// S6: a file that no message uses is its uploader's alone. Once it is said, those who see the conversation see it. Its id
// cannot be counted.
func TestUnusedFilesAreTheirUploaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	up := w.upload("laudo.png", "image/png", strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), false)
	id := int64(up.json(t)["id"].(float64))
	if up.status != http.StatusCreated || id < 1<<52 || id >= 1<<53 {
		t.Fatalf("status %d, id %d", up.status, id)
	}
	path := fmt.Sprintf("/v1/media/%d/content", id)
	send := func(as string) answer {
		return w.do(request{as: as, method: "POST", path: "/v1/conversations/1001/messages", body: say(obj{"kind": "image", "media": obj{"media_id": id}})})
	}
	for as, want := range map[string]int{"user": http.StatusOK, "supervisor": http.StatusNotFound, "admin": http.StatusNotFound} {
		if got := w.do(request{as: as, method: "GET", path: path}); got.status != want {
			t.Errorf("unused: %s gets %d, want %d", as, got.status, want)
		}
	}
	if got := send("admin"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another's unused file was sent: %d %s", got.status, got.body)
	}
	if got := send("user"); got.status != http.StatusCreated {
		t.Fatalf("sending: %d %s", got.status, got.body)
	}
	for _, as := range []string{"user", "supervisor", "admin"} {
		if got := w.do(request{as: as, method: "GET", path: path}); got.status != http.StatusOK {
			t.Errorf("used: %s gets %d", as, got.status)
		}
	}
	w.exec(`UPDATE messages SET conversation_id = 1002 WHERE id IN (SELECT message_id FROM media_uses WHERE media_id = $1)`, id)
	if got := w.do(request{as: "user", method: "GET", path: path}); got.status != http.StatusNotFound {
		t.Errorf("in a conversation of another queue the uploader gets %d", got.status)
	}
}
