package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// traceDelivery begins the trace of a delivery that brings messages: everything they set going belongs to it (ADR 46). A
// delivery of statuses begins none; they belong to the traces of their messages. What a sender says of traces of its own is
// not heeded: nobody outside decides what is kept.
func (a *app) traceDelivery(ctx context.Context, conn *models.Connection, d *channels.Delivery, begun time.Time) (context.Context, trace.Span) {
	if a.Traces == nil || !slices.ContainsFunc(d.Elements, func(e channels.Element) bool { return e.Kind == channels.ElementMessage }) {
		return ctx, trace.Span{}
	}
	ctx, span := a.Traces.Root(ctx, "webhook", trace.Server, begun)
	if span.On() {
		span.Code(trace.Method, http.MethodPost)
		span.Code(trace.Route, "/webhooks/meta/{key}")
		span.Int(trace.Account, int64(conn.AccountID))
		span.Int(trace.Connection, int64(conn.ID))
	}
	return ctx, span
}

// traceOperation begins the trace of an operation that changes something, after it was found to be allowed.
func (a *app) traceOperation(ctx huma.Context, o operation, p *principal, next func(huma.Context)) {
	if a.Traces == nil || ctx.Method() == http.MethodGet {
		next(ctx)
		return
	}
	inside, span := a.Traces.Root(ctx.Context(), o.id, trace.Server, time.Time{})
	if !span.On() {
		next(ctx)
		return
	}
	span.Code(trace.Method, ctx.Method())
	span.Code(trace.Route, o.path)
	span.Int(trace.Account, int64(p.account()))
	c := humagin.Unwrap(ctx)
	next(huma.WithContext(ctx, inside))
	endRequest(c, span)
}

// endRequest ends the span of a request that was answered.
func endRequest(c *gin.Context, span trace.Span) {
	if !span.On() {
		return
	}
	span.Int(trace.HTTPStatus, int64(c.Writer.Status()))
	if c.Writer.Status() >= http.StatusInternalServerError {
		span.Fail("answered with an error")
	}
	span.End()
}
