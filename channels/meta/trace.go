package meta

import (
	"context"
	"errors"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/trace"
)

// begin begins the span of a call, in the trace that ctx holds; end ends it. It holds what was asked and how it ended, but
// no path and no query: they name numbers and files.
func begin(ctx context.Context, cred channels.Credentials, call Call) (traced context.Context, end func(Answer, error)) {
	ctx, span := trace.Start(ctx, "graph "+call.Op, trace.Client)
	span.Code(trace.Method, call.Method)
	if u, err := url.Parse(BaseURL(cred)); err == nil {
		span.Code(trace.Host, u.Hostname())
	}
	var dials atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) { dials.Add(1) }})
	return ctx, func(a Answer, err error) {
		span.Int(trace.Dials, int64(dials.Load()))
		status := a.Status
		var failed *channels.SendError
		if errors.As(err, &failed) {
			status = failed.HTTPStatus
			if failed.Code != channels.CodeNone {
				span.Int(trace.Provider, int64(failed.Code))
			}
			span.Fail(string(failed.Outcome))
		}
		if status != 0 {
			span.Int(trace.HTTPStatus, int64(status))
		}
		span.End()
	}
}
