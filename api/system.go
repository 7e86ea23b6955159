package api

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/perene/perene/models"
)

// Figures answers /metrics and /healthz, on a listener that the world does not reach: figures tell about customers' business.
func Figures(r *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{Registry: r}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	return mux
}

// systemRoutes are for machines that watch this one, and for browsers that open the console.
func (a *app) systemRoutes() {
	a.engine.GET("/healthz", func(c *gin.Context) {
		if a.proxies.untrusted(c.Request) {
			c.Header(UntrustedProxy, "untrusted")
		}
		c.String(http.StatusOK, "ok\n")
	})
	ready := Remembered(a.Now, a.readiness)
	a.engine.GET("/readyz", func(c *gin.Context) {
		r := ready(c.Request.Context())
		status := http.StatusOK
		if !r.Ready {
			status = http.StatusServiceUnavailable
		}
		c.JSON(status, r)
	})
	a.engine.GET("/version", func(c *gin.Context) { c.JSON(http.StatusOK, a.Version) })
	a.engine.GET("/openapi.json", a.drawn("application/json", func() ([]byte, error) { return marshalSpec(a.huma.OpenAPI()) }))
	a.engine.NoRoute(a.console)
	a.engine.NoMethod(func(c *gin.Context) {
		p := newProblem(models.CodeInvalid, "This address does not take this method.")
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeProblem(c, p)
	})
}

// Readiness tells whether this process can do its work.
type Readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
}

// readyLife is how old an answer of /readyz may be.
const readyLife = time.Second

// Remembered makes ask cheap: whoever asks within a second gets the answer of before, and one alone asks at a time.
func Remembered(now func() time.Time, ask func(context.Context) Readiness) func(context.Context) Readiness {
	var mu sync.Mutex
	var last Readiness
	var until time.Time
	return func(ctx context.Context) Readiness {
		mu.Lock()
		defer mu.Unlock()
		if at := now(); until.IsZero() || !at.Before(until) || at.Before(until.Add(-readyLife)) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second) // others wait for the answer too
			defer cancel()
			last, until = ask(ctx), now().Add(readyLife)
		}
		return last
	}
}

// readiness says ready while the database answers with a schema that this program can work with: its own, or a newer one, which
// keeps the version before working while processes are replaced. Temporal is told of but does not count: webhooks are stored
// without it (ADR 2).
func (a *app) readiness(ctx context.Context) Readiness {
	r := Readiness{Ready: true, Checks: map[string]string{"database": "ok", "migrations": "ok", "temporal": "ok"}}
	if err := a.Store.Ping(ctx); err != nil {
		r.Ready = false
		r.Checks["database"], r.Checks["migrations"] = "does not answer", "unknown"
	} else if have, need, err := a.Store.SchemaVersions(ctx); err != nil || have < need {
		r.Ready = false
		r.Checks["migrations"] = fmt.Sprintf("the database has version %d, this program needs %d: run perene migrate", have, need)
	}
	switch {
	case a.TemporalReady == nil:
		r.Checks["temporal"] = "not asked"
	case a.TemporalReady(ctx) != nil:
		r.Checks["temporal"] = "does not answer"
	}
	return r
}

// fileTypes are those of the console's files that Go does not know on every machine.
var fileTypes = map[string]string{".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".ico": "image/x-icon", ".mp3": "audio/mpeg", ".map": "application/json"}

// console serves the built console; addresses of its own screens get the page that draws them.
func (a *app) console(c *gin.Context) {
	p := c.Request.URL.Path
	if a.Console == nil || strings.HasPrefix(p, "/v1/") || strings.HasPrefix(p, "/webhooks/") || (c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead) {
		writeProblem(c, newProblem(models.CodeNotFound, "No such page."))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+p), "/")
	if name == "" {
		name = "index.html"
	}
	info, err := fs.Stat(a.Console, name)
	if err != nil || info.IsDir() {
		if path.Ext(name) != "" { // a file that is not there, not a screen
			writeProblem(c, newProblem(models.CodeNotFound, "No such file."))
			return
		}
		name = "index.html"
	}
	body, err := fs.ReadFile(a.Console, name)
	if err != nil {
		writeProblem(c, newProblem(models.CodeNotFound, "The console was not built into this program."))
		return
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", a.consolePolicy)
	h.Set("Cache-Control", "no-cache")
	if t := fileTypes[path.Ext(name)]; t != "" {
		h.Set("Content-Type", t)
	}
	if strings.HasPrefix(name, "assets/") { // named by their content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, strings.NewReader(string(body)))
}
