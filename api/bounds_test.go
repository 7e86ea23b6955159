package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/models"
)

// countedBody is a body that never ends and counts what is read of it.
type countedBody struct {
	head string
	read int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n := copy(p, b.head[min(b.read, int64(len(b.head))):])
	for i := n; i < len(p); i++ {
		p[i] = ' '
	}
	b.read += int64(len(p))
	return len(p), nil
}

// TestEveryOperationHasASizeLimit sends every operation a body of one byte too much, announced and not, with and without
// each header it may take: all are refused, and not a byte beyond the limit is read. What is announced is not read at all.
func TestEveryOperationHasASizeLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.MediaBytes = 1 << 20 })
	operations := 0
	for path, item := range contractAlone().Paths {
		for method, op := range operationsOf(item) {
			operations++
			limit := w.app.bounds[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)].body
			if limit <= 0 {
				t.Fatalf("%s has no size limit", op.OperationID)
			}
			for _, headers := range optionalHeaders(op) {
				for _, announced := range []bool{true, false} {
					body := &countedBody{head: bodyHead(op)}
					r := httptest.NewRequest(method, samples[op.OperationID][0].path, body)
					r.ContentLength = -1
					if announced {
						r.ContentLength = limit + 1
					}
					r.AddCookie(&http.Cookie{Name: plainCookie, Value: cookieOf("admin", 1)})
					r.Header = headers.clone(r.Header)
					rec := httptest.NewRecorder()
					w.app.engine.ServeHTTP(rec, r)
					if rec.Code != http.StatusRequestEntityTooLarge || rec.Header().Get("Connection") != "close" {
						t.Errorf("%s %v announced %v: %d %s", op.OperationID, headers, announced, rec.Code, rec.Body)
					}
					if want := limit + 1; body.read > want || announced && body.read > 0 {
						t.Errorf("%s %v announced %v: %d bytes were read, the limit is %d", op.OperationID, headers, announced, body.read, limit)
					}
				}
			}
		}
	}
	if operations < 50 {
		t.Errorf("only %d operations were tried", operations)
	}
	if n := w.value(`SELECT count(*) FROM idempotency_keys`); n != int64(0) {
		t.Errorf("%d refused requests were remembered", n)
	}
}

type headerSet map[string]string

func (h headerSet) clone(into http.Header) http.Header {
	for name, value := range h {
		into.Set(name, value)
	}
	return into
}

// optionalHeaders gives the headers of an operation: none, each alone, and all together.
func optionalHeaders(op *huma.Operation) []headerSet {
	contentType := "application/json"
	if op.RequestBody != nil && op.RequestBody.Content["multipart/form-data"] != nil {
		contentType = "multipart/form-data; boundary=b"
	}
	all := headerSet{"Content-Type": contentType}
	out := []headerSet{{"Content-Type": contentType}}
	for _, p := range op.Parameters {
		if p.In == "header" {
			all[p.Name] = "0123456789"
			out = append(out, headerSet{"Content-Type": contentType, p.Name: "0123456789"})
		}
	}
	return append(out, all)
}

func bodyHead(op *huma.Operation) string {
	if op.RequestBody != nil && op.RequestBody.Content["multipart/form-data"] != nil {
		return strings.SplitAfter(form, "\r\n\r\n")[0]
	}
	return "{"
}

// TestEveryRouteHasASizeLimit: the same for what is not in the contract, also where nothing reads the body.
func TestEveryRouteHasASizeLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paths := map[string]string{"/v1/none": http.MethodPost, "/": http.MethodPost}
	for _, r := range w.app.engine.Routes() {
		paths[r.Path] = r.Method
	}
	for path, method := range paths {
		body := &countedBody{}
		r := httptest.NewRequest(method, strings.NewReplacer(":key", "hook-key-1", ":id", "1001", ":number", "1").Replace(path), body)
		r.ContentLength = 1 << 40
		rec := httptest.NewRecorder()
		w.app.engine.ServeHTTP(rec, r)
		if rec.Code != http.StatusRequestEntityTooLarge || body.read > 0 {
			t.Errorf("%s %s: status %d after %d bytes", method, path, rec.Code, body.read)
		}
	}
}

// deadlines is a connection that notes its deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

// SetReadDeadline is called by http.ResponseController.
func (d *deadlines) SetReadDeadline(at time.Time) error { d.read = append(d.read, at); return nil }

// SetWriteDeadline is called by http.ResponseController.
func (d *deadlines) SetWriteDeadline(at time.Time) error { d.write = append(d.write, at); return nil }

// TestEveryRequestHasDeadlines: a request has ReadGrace for its body and WriteGrace for its answer, set before anything
// else; bytes that move earn more time at the least rate; a body that came in full ends the first.
func TestEveryRequestHasDeadlines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	serve := func(method, path string, body io.Reader, contentType string) *deadlines {
		r := httptest.NewRequest(method, path, body)
		r.AddCookie(&http.Cookie{Name: plainCookie, Value: cookieOf("admin", 1)})
		r.Header.Set("Content-Type", contentType)
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		w.app.engine.ServeHTTP(d, r)
		return d
	}
	for _, r := range w.app.engine.Routes() {
		d := serve(r.Method, strings.NewReplacer(":key", "hook-key-1", ":id", "7", ":number", "7").Replace(r.Path), &countedBody{}, "text/plain")
		if len(d.read) == 0 || d.read[0].IsZero() || time.Until(d.read[0]) > ReadGrace || len(d.write) == 0 || time.Until(d.write[0]) > WriteGrace {
			t.Errorf("%s %s: read deadlines %v, write deadlines %v", r.Method, r.Path, d.read, d.write)
		}
	}
	d := serve(http.MethodGet, "/v1/account", http.NoBody, "")
	if len(d.read) == 0 || !d.read[len(d.read)-1].IsZero() {
		t.Errorf("without a body: read deadlines %v, want none in the end", d.read)
	}
	d = serve(http.MethodPatch, "/v1/contacts/1001", strings.NewReader(`{"name":"Outro"}`), "application/json")
	if d.Code != http.StatusOK || !d.read[len(d.read)-1].IsZero() {
		t.Errorf("a body that came: %d, read deadlines %v, want none in the end", d.Code, d.read)
	}
	const size = 10 * paceStep
	d = serve(http.MethodPost, "/v1/media", strings.NewReader(strings.Replace(form, "\r\n--b--", strings.Repeat("x", size)+"\r\n--b--", 1)), "multipart/form-data; boundary=b")
	if d.Code != http.StatusCreated {
		t.Fatalf("upload: %d %s", d.Code, d.Body)
	}
	earned := time.Duration(size) * time.Second / leastRate
	most := d.read[0]
	for _, at := range d.read {
		if at.After(most) {
			most = at
		}
	}
	if got := most.Sub(d.read[0]); got < earned-5*time.Second || got > earned+5*time.Second {
		t.Errorf("%d bytes earned %v of reading, want %v", size, got, earned)
	}
	id := w.value(`SELECT max(id) FROM media WHERE account_id = 1`).(int64)
	d = serve(http.MethodGet, "/v1/media/"+models.MediaID(id).String()+"/content", http.NoBody, "")
	if got := d.write[len(d.write)-1].Sub(d.write[0]); d.Code != http.StatusOK || got < earned-5*time.Second || got > earned+5*time.Second {
		t.Errorf("%d: %d bytes earned %v of writing, want %v", d.Code, d.Body.Len(), got, earned)
	}
}

// deliverFrom posts size bytes of body.
func (w *world) deliverFrom(path string, body *countedBody, size int64, announced bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, io.LimitReader(body, size))
	r.ContentLength = -1
	if announced {
		r.ContentLength = size
	}
	rec := httptest.NewRecorder()
	w.app.engine.ServeHTTP(rec, r)
	return rec
}
