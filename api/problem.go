package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Problem is the one shape of every error (RFC 9457). It never repeats what was sent.
type Problem struct {
	Type      string            `json:"type" doc:"A reference to the documentation of this kind of problem." example:"about:blank"`
	Title     string            `json:"title" doc:"The HTTP status in words." example:"Conflict"`
	Status    int               `json:"status" doc:"The HTTP status." example:"409"`
	Code      string            `json:"code" doc:"What happened, in a stable word for programs." enum:"invalid,unauthenticated,forbidden,not_found,conflict,gone,too_many,too_large,unavailable,window_closed,contact_blocked,connection_state,precondition,unsupported_media,internal"`
	Key       string            `json:"key,omitempty" doc:"Finer than code; stable." example:"flow.has_errors"`
	Detail    string            `json:"detail" doc:"One sentence that says what to do."`
	Args      map[string]string `json:"args,omitempty" doc:"What the detail is about: names and instants, by the key's words." example:"{}"`
	Instance  string            `json:"instance,omitempty" doc:"The path of the request."`
	RequestID string            `json:"request_id,omitempty" doc:"Give it to an operator: it finds the log line."`
	Errors    []ProblemField    `json:"errors,omitempty" doc:"What is wrong, by place."`
	Revision  int64             `json:"revision,omitempty" doc:"With 412: the revision that is stored now."`
	Draft     *Draft            `json:"draft,omitempty" doc:"With the key draft.newer: the draft that is stored now."`

	retryAfter time.Duration
}

// ProblemField is one place that is wrong.
type ProblemField struct {
	Location string `json:"location" doc:"Path to the value: body.name, query.limit, or a JSON pointer into a flow." example:"body.name"`
	Message  string `json:"message" doc:"What is wrong with it."`
}

// Codes of problems that models has no word for, because only HTTP knows them.
const (
	codePrecondition     models.Code = "precondition"
	codeUnsupportedMedia models.Code = "unsupported_media"
)

var statusByCode = map[models.Code]int{
	models.CodeInvalid: http.StatusUnprocessableEntity, models.CodeUnauthenticated: http.StatusUnauthorized,
	models.CodeForbidden: http.StatusForbidden, models.CodeNotFound: http.StatusNotFound, models.CodeConflict: http.StatusConflict,
	models.CodeGone: http.StatusGone, models.CodeTooMany: http.StatusTooManyRequests, models.CodeTooLarge: http.StatusRequestEntityTooLarge,
	models.CodeUnavailable: http.StatusServiceUnavailable, models.CodeWindowClosed: http.StatusConflict,
	models.CodeContactBlocked: http.StatusConflict, models.CodeConnectionState: http.StatusConflict,
	models.CodeInternal: http.StatusInternalServerError, codePrecondition: http.StatusPreconditionFailed,
	codeUnsupportedMedia: http.StatusUnsupportedMediaType,
}

// codeByKey gives conflicts that a program reacts to a code of their own.
var codeByKey = map[string]models.Code{
	"window.closed": models.CodeWindowClosed, "contact.blocked": models.CodeContactBlocked,
	"connection.removed": models.CodeConnectionState,
}

var codeByStatus = map[int]models.Code{
	http.StatusBadRequest: models.CodeInvalid, http.StatusUnprocessableEntity: models.CodeInvalid,
	http.StatusUnauthorized: models.CodeUnauthenticated, http.StatusForbidden: models.CodeForbidden,
	http.StatusNotFound: models.CodeNotFound, http.StatusMethodNotAllowed: models.CodeInvalid, http.StatusNotAcceptable: models.CodeInvalid,
	http.StatusConflict: models.CodeConflict, http.StatusGone: models.CodeGone, http.StatusPreconditionFailed: codePrecondition,
	http.StatusRequestEntityTooLarge: models.CodeTooLarge, http.StatusUnsupportedMediaType: codeUnsupportedMedia,
	http.StatusTooManyRequests: models.CodeTooMany, http.StatusServiceUnavailable: models.CodeUnavailable,
	http.StatusRequestTimeout: models.CodeInvalid,
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusRequestEntityTooLarge || p.Status == http.StatusRequestTimeout {
		h.Set("Connection", "close") // the rest of the body is not read
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// newProblem makes a problem with a code.
func newProblem(code models.Code, detail string) *Problem {
	status := statusByCode[code]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: string(code), Detail: detail}
}

// problemOf turns any error into the problem that may be shown: coded errors as they are, everything else as an internal
// error without its text.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		c := *p
		return &c
	}
	var e *models.Error
	switch {
	case errors.As(err, &e):
		code := e.Code
		if c, ok := codeByKey[e.Key]; ok {
			code = c
		}
		p = newProblem(code, sentence(e.Message))
		p.Key, p.Args = e.Key, e.Args
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, ProblemField{Location: f.Path, Message: f.Message})
		}
	case store.IsUnavailable(err):
		p = newProblem(models.CodeUnavailable, "The database does not answer now: try again.")
	case errors.Is(err, context.Canceled):
		p = newProblem(models.CodeUnavailable, "The request was given up.")
	default:
		p = newProblem(models.CodeInternal, "Something went wrong here; the request id finds it in the log.")
	}
	if p.Status == http.StatusServiceUnavailable && p.retryAfter == 0 {
		p.retryAfter = 2 * time.Second
	}
	return p
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}

// at names the request in a problem.
func (p *Problem) at(ctx context.Context, path string) *Problem {
	p.RequestID, p.Instance = requestIDOf(ctx), path
	return p
}

// writeProblem answers a request with a problem, outside the contract's machinery.
func writeProblem(c *gin.Context, p *Problem) {
	_ = p.at(c.Request.Context(), c.Request.URL.Path)
	maps.Copy(c.Writer.Header(), p.GetHeaders())
	body, err := json.Marshal(p)
	if err != nil { // strings and integers marshal
		panic(err)
	}
	c.Abort()
	c.Data(p.Status, "application/problem+json", body)
}

var problemsOnce sync.Once

// useProblems lets Huma write our problems for what it finds wrong by itself, without the values that were sent.
func useProblems() {
	problemsOnce.Do(func() {
		huma.DefaultArrayNullable = false
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			code, ok := codeByStatus[status]
			if !ok {
				code = models.CodeInternal
			}
			p := newProblem(code, sentence(msg))
			p.Status, p.Title = status, http.StatusText(status)
			for _, err := range errs {
				var d huma.ErrorDetailer
				if errors.As(err, &d) {
					detail := d.ErrorDetail()
					p.Errors = append(p.Errors, ProblemField{Location: detail.Location, Message: detail.Message})
				}
			}
			if status >= http.StatusInternalServerError {
				p.Detail = "Something went wrong here; the request id finds it in the log."
			}
			return p
		}
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			p := huma.NewError(status, msg, errs...).(*Problem) //nolint:forcetypeassert // set just above
			if ctx == nil {
				return p
			}
			u := ctx.URL()
			return p.at(ctx.Context(), u.Path)
		}
	})
}
