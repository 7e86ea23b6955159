package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/perene/perene/models"
)

// once answers a request that carries an Idempotency-Key: the first is done and its answer kept for 24 hours, a repeat gets
// that answer while its user may see what it tells of, one with another body 422, one that comes while the first is under way
// 409. A key is its user's, or its token's: to another it is a new one. Answers that promise nothing
// (5xx, 429) are not kept, so that the request can be repeated.
func (a *app) once(ctx huma.Context, c *gin.Context, o operation, key string, body []byte, next func(huma.Context)) {
	p := who(ctx.Context())
	if len(key) > 200 || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		writeProblem(c, newProblem(models.CodeInvalid, "An Idempotency-Key has at most 200 characters, all of them in printable ASCII."))
		return
	}
	key = p.limitKey() + "/" + key
	hash := sha256.New()
	hash.Write([]byte(c.Request.Method + " " + c.Request.URL.Path + "\n"))
	hash.Write(body)

	answer, err := a.Store.BeginIdempotent(ctx.Context(), p.account(), key, o.id, hash.Sum(nil))
	if err != nil {
		problem := problemOf(err)
		if problem.Status >= http.StatusInternalServerError {
			a.logFailure(ctx.Context(), o.id, err)
		}
		writeProblem(c, problem)
		return
	}
	if answer != nil {
		if err := a.mayReplay(ctx.Context(), p, answer.Response); err != nil {
			writeProblem(c, problemOf(err))
			return
		}
		c.Header("Idempotent-Replayed", "true")
		contentType := "application/json"
		if answer.Status >= http.StatusBadRequest {
			contentType = "application/problem+json"
		}
		c.Data(answer.Status, contentType, answer.Response)
		return
	}
	record := &recorder{ResponseWriter: c.Writer}
	c.Writer = record
	keep := context.WithoutCancel(ctx.Context())
	defer func() {
		if record.Status() < http.StatusInternalServerError && record.Status() != http.StatusTooManyRequests && record.done {
			err = a.Store.EndIdempotent(keep, p.account(), key, record.Status(), record.body.Bytes())
		} else {
			err = a.Store.DropIdempotent(keep, p.account(), key)
		}
		if err != nil {
			a.Log.ErrorContext(keep, "idempotency key not settled", "operation", o.id, "account_id", p.account(), "error", err)
		}
	}()
	next(ctx)
	record.done = true
}

// mayReplay looks whether a user may still see what an answer of before tells of.
func (a *app) mayReplay(ctx context.Context, p *principal, response []byte) error {
	type told struct {
		ConversationID models.ConversationID `json:"conversation_id"`
	}
	var answer struct {
		told
		Message told `json:"message"`
	}
	_ = json.Unmarshal(response, &answer) // what is no such object tells of no conversation
	id := max(answer.ConversationID, answer.Message.ConversationID)
	if id == 0 {
		return nil
	}
	seen, err := a.Store.VisibleConversation(ctx, p.account(), p.viewer, id)
	if err == nil && !seen {
		err = models.NotFound("conversation")
	}
	return err
}

// recorder keeps a copy of what is answered.
type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
	done bool // the handler returned
}

// Write implements io.Writer.
func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// WriteString implements io.StringWriter.
func (r *recorder) WriteString(s string) (int, error) {
	r.body.WriteString(s)
	return r.ResponseWriter.WriteString(s)
}
