package api

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/perene/perene/models"
)

// requestInfo is what is known of a request from its first line.
type requestInfo struct {
	id, path, query, ip, userAgent string
	principal                      *principal // once it is known
	audited                        bool       // whether the request has a line in the audit log
}

func requestInfoOf(ctx context.Context) *requestInfo {
	if info, ok := ctx.Value(requestKey).(*requestInfo); ok {
		return info
	}
	return &requestInfo{}
}

func requestIDOf(ctx context.Context) string { return requestInfoOf(ctx).id }

// requestIDPattern is what we take over from a proxy or client; anything else gets an id of ours.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// metrics of the HTTP side.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	webhooks *prometheus.CounterVec
	sockets  prometheus.Gauge
}

func newMetrics(r *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "perene_http_requests_total", Help: "Requests answered."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "perene_http_request_seconds", Help: "Time to answer.",
			Buckets: []float64{.001, .0025, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route", "method"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "perene_webhook_deliveries_total", Help: "Webhook requests by what became of them."}, []string{"result"}),
		sockets:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "perene_live_sockets", Help: "Open WebSockets."}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.webhooks, m.sockets} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

// enter names a request, answers panics and writes the access log: routes and ids, no query strings, no words of people.
func (a *app) enter(c *gin.Context) {
	begun := time.Now()
	id := c.GetHeader("X-Request-Id")
	if !requestIDPattern.MatchString(id) {
		id = newRequestID()
	}
	info := &requestInfo{id: id, path: c.Request.URL.Path, query: c.Request.URL.RawQuery, ip: c.ClientIP(), userAgent: cut(c.Request.UserAgent(), 200)}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey, info))
	c.Header("X-Request-Id", id)
	defer a.leave(c, info, begun)
	a.noticeProxy(c)
	c.Next()
}

func (a *app) leave(c *gin.Context, info *requestInfo, begun time.Time) {
	ctx := c.Request.Context()
	if r := recover(); r != nil {
		if r == http.ErrAbortHandler { //nolint:errorlint // recover gives the very value
			panic(r)
		}
		// The value of a panic may carry anything; its kind and the stack find the defect.
		a.Log.ErrorContext(ctx, "request panicked", "request_id", info.id, "route", c.FullPath(), "kind", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			writeProblem(c, newProblem(models.CodeInternal, "Something went wrong here; the request id finds it in the log."))
		} else {
			c.Abort()
		}
	}
	route, took := c.FullPath(), time.Since(begun)
	if route == "" {
		route = "other"
	}
	a.metrics.requests.WithLabelValues(route, method(c.Request.Method), strconv.Itoa(c.Writer.Status())).Inc()
	a.metrics.seconds.WithLabelValues(route, method(c.Request.Method)).Observe(took.Seconds())
	if route == "other" && c.Writer.Status() < http.StatusBadRequest {
		return // the console's files
	}
	attrs := []any{"request_id", info.id, "method", method(c.Request.Method), "route", route, "status", c.Writer.Status(),
		"ms", float64(took.Microseconds()) / 1000, "bytes", c.Writer.Size()}
	if p := info.principal; p != nil {
		attrs = append(attrs, "account_id", p.account(), "user_id", p.User.ID)
		if p.Token != nil {
			attrs = append(attrs, "token_id", p.Token.ID)
		}
	}
	a.Log.InfoContext(ctx, "request", attrs...)
}

// cut bounds a text from outside.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// method keeps made-up methods out of logs and metrics.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

func newRequestID() string {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}

// protect writes the headers of every answer and refuses what a foreign page sends with a browser's cookies.
func (a *app) protect(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
	h.Set("Content-Security-Policy", apiPolicy)
	h.Set("Cache-Control", "no-store")
	if a.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(c.Request.URL.Path, "/webhooks/") {
		c.Next()
		return
	}
	if err := a.crossOrigin.Check(c.Request); err != nil {
		writeProblem(c, newProblem(models.CodeForbidden, "A page of another origin may not do this."))
		return
	}
	c.Next()
}

// Content security policies: of answers that are data, and of the console (S15).
const (
	apiPolicy     = "default-src 'none'; frame-ancestors 'none'; sandbox"
	consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
		"connect-src 'self' %s; font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; " +
		"object-src 'none'; require-trusted-types-for 'script'"
	docsPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// secure tells whether browsers reach us by https.
func (a *app) secure() bool { return a.publicURL.Scheme == "https" }

func (a *app) cookieName() string {
	if a.secure() {
		return secureCookie
	}
	return plainCookie
}
