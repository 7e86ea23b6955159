package meta

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"github.com/perene/perene/channels"
)

// graphError is the error object of a Graph answer.
type graphError struct {
	Message     string `json:"message"`
	Code        int    `json:"code"`
	IsTransient bool   `json:"is_transient"`
	TraceID     string `json:"fbtrace_id"`
	UserMessage string `json:"error_user_msg"`
	Data        struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

// text is the most telling explanation: Meta says to build on details.
func (e *graphError) text() string {
	if e.Data.Details != "" {
		return e.Data.Details
	}
	if e.UserMessage != "" {
		return e.UserMessage
	}
	return e.Message
}

// parseGraphError reads an answer's error object. ok is false if the body is
// something else, which means that not the API but something before it spoke.
func parseGraphError(body []byte) (graphError, bool) {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Error) == 0 {
		return graphError{}, false
	}
	var coded struct {
		Code *int `json:"code"`
	}
	if json.Unmarshal(answer.Error, &coded) != nil || coded.Code == nil {
		return graphError{}, false
	}
	var e graphError
	if json.Unmarshal(answer.Error, &e) != nil {
		// The code counts; error_data is a string in some answers.
		e = graphError{Code: *coded.Code}
	}
	return e, true
}

// notSent is the error of a request that never began. With a code of Meta's the
// policy table treats it as if Meta had said so.
func notSent(op string, code int, details string, cause error) *channels.SendError {
	return &channels.SendError{Outcome: channels.OutcomeNotSent, Op: op, Code: code, Details: details, Cause: cause}
}

// transportError is the error of a request without an answer.
func transportError(op string, err error, wrote bool) *channels.SendError {
	e := &channels.SendError{Outcome: channels.OutcomeNotSent, Op: op, Code: channels.CodeNone, Details: causeText(err), Cause: err}
	if wrote {
		e.Outcome = channels.OutcomeUnknown
	}
	return e
}

// causeText names the kind of a transport error. The error's own text is not
// used: it holds addresses, and media addresses hold tokens.
func causeText(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "the request was cancelled"
	case errors.Is(err, ssrf.ErrProhibitedIP):
		return "the address lies in a network that is not allowed"
	case errors.As(err, &dns):
		return "the host name could not be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "x509:"), strings.Contains(err.Error(), "TLS handshake"):
		return "no secure connection could be made"
	}
	return "the connection broke"
}

// retryAfter reads how long Meta asks to wait: Retry-After in seconds, or the
// largest estimated_time_to_regain_access of the usage header, in minutes.
func retryAfter(h http.Header) time.Duration {
	if s := h.Get("Retry-After"); s != "" {
		if n, err := strconv.Atoi(s); err == nil && n > 0 {
			return min(time.Duration(n)*time.Second, 24*time.Hour)
		}
	}
	usage := h.Get("X-Business-Use-Case-Usage")
	if usage == "" {
		return 0
	}
	var byBusiness map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(usage), &byBusiness) != nil {
		return 0
	}
	longest := 0
	for _, entries := range byBusiness {
		for _, e := range entries {
			longest = max(longest, e.Minutes)
		}
	}
	return min(time.Duration(longest)*time.Minute, 24*time.Hour)
}
