package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/perene/perene/models"
)

// Bounds of every request (ADR 64). A body has ReadGrace to come and an answer WriteGrace to go. Each byte that moved
// gives more time at leastRate, so that a slow line may carry a large file and a silent one holds nothing for long.
const (
	defaultBody = 256 << 10
	ReadGrace   = 10 * time.Second
	WriteGrace  = time.Minute
	leastRate   = 16 << 10 // bytes a second
	paceStep    = 64 << 10 // bytes between two changes of the deadlines
)

// bounds are what a route lets a request cost.
type bounds struct {
	body     int64              // bytes at most
	tooLarge func(*gin.Context) // counts a body that announced more; may be nil
}

// setBounds gives a route its bounds; a route without has a body of defaultBody.
func (a *app) setBounds(method, path string, b bounds) {
	if a.bounds == nil {
		a.bounds = map[string]bounds{}
	}
	a.bounds[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = b
}

// bound is the first guard of every request. Nothing was read, looked up or remembered when it gives the request its size
// limit and its deadlines.
func (a *app) bound(c *gin.Context) {
	r := c.Request
	b, ok := a.bounds[r.Method+" "+c.FullPath()]
	if !ok {
		b.body = defaultBody
	}
	if !plainQuery(r.URL) {
		writeProblem(c, notPlain())
		return
	}
	p := &pace{conn: http.NewResponseController(c.Writer), begun: time.Now()}
	p.begin(r)
	c.Writer = &pacedWriter{c.Writer, p}
	if r.ContentLength > b.body {
		if b.tooLarge != nil {
			b.tooLarge(c)
		}
		writeProblem(c, bodyTooLarge())
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &pacedBody{http.MaxBytesReader(c.Writer, r.Body, b.body), p}
	}
	c.Next()
}

func bodyTooLarge() *Problem { return newProblem(models.CodeTooLarge, "The body is too large.") }

// pace moves the deadlines of a request on while bytes move. Deadlines that a connection does not have are left out.
type pace struct {
	conn        *http.ResponseController
	begun       time.Time
	moved, told int64
	read        bool // the body came in full
}

func (p *pace) begin(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		p.wasRead()
	} else {
		_ = p.conn.SetReadDeadline(p.begun.Add(ReadGrace))
	}
	_ = p.conn.SetWriteDeadline(p.begun.Add(WriteGrace))
}

// wasRead ends the read deadline: the server goes on reading to learn that the client left, and must not take the deadline
// for that.
func (p *pace) wasRead() {
	p.read = true
	_ = p.conn.SetReadDeadline(time.Time{})
}

func (p *pace) move(n int) {
	p.moved += int64(n)
	if p.moved-p.told < paceStep {
		return
	}
	p.told = p.moved
	earned := time.Duration(p.moved) * time.Second / leastRate
	if !p.read {
		_ = p.conn.SetReadDeadline(p.begun.Add(ReadGrace + earned))
	}
	_ = p.conn.SetWriteDeadline(p.begun.Add(WriteGrace + earned))
}

type pacedBody struct {
	io.ReadCloser
	pace *pace
}

// Read implements io.Reader.
func (b *pacedBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	b.pace.move(n)
	if errors.Is(err, io.EOF) && !b.pace.read {
		b.pace.wasRead()
	}
	return n, err
}

type pacedWriter struct {
	gin.ResponseWriter
	pace *pace
}

// Unwrap lets http.ResponseController find the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	w.pace.move(len(p))
	return w.ResponseWriter.Write(p)
}

// WriteString implements io.StringWriter.
func (w *pacedWriter) WriteString(s string) (int, error) {
	w.pace.move(len(s))
	return w.ResponseWriter.WriteString(s)
}

// takeBody reads a body once, within its bounds, and leaves it to be read again.
func takeBody(c *gin.Context) ([]byte, *Problem) {
	body, err := readBody(c.Request)
	var large *http.MaxBytesError
	var late net.Error
	switch {
	case err == nil:
		if !plainJSON(body) {
			return nil, notPlain()
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		return body, nil
	case errors.As(err, &large):
		return nil, bodyTooLarge()
	case errors.As(err, &late) && late.Timeout():
		p := newProblem(models.CodeInvalid, "The body came too slowly.")
		p.Status, p.Title = http.StatusRequestTimeout, http.StatusText(http.StatusRequestTimeout)
		return nil, p
	}
	return nil, newProblem(models.CodeInvalid, "The body ended early.")
}

// readBody reads a body that bound has bounded. What a client announces takes no memory before it comes.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), paceStep)) + bytes.MinRead)
	_, err := body.ReadFrom(r.Body)
	return body.Bytes(), err
}
