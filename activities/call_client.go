package activities

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/internal/outward"
	"github.com/perene/perene/models"
)

// maxRedirects is how many redirects a call follows whose node asks for it.
const maxRedirects = 3

// newCallTransport makes the connections of flow calls. Idle ones are closed soon, because flows name hosts at will. With
// allowPrivate they may go to this machine and to private networks.
func newCallTransport(allowPrivate bool) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	if !allowPrivate {
		dialer.Control = outward.Guard(false)
	}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 64, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 64, IdleConnTimeout: 10 * time.Second,
	}
}

type followsKey struct{}

// follows lets the requests of a context follow redirects.
func follows(ctx context.Context) context.Context { return context.WithValue(ctx, followsKey{}, true) }

// checkRedirect gives a redirect to the flow as it is. A node may ask to follow it: then within the origin of its own
// address, because another host, and plain text, must learn neither the address nor headers nor body.
func checkRedirect(req *http.Request, via []*http.Request) error {
	asked, _ := req.Context().Value(followsKey{}).(bool)
	from := via[0].URL
	if !asked || len(via) > maxRedirects || req.URL.Scheme != from.Scheme || req.URL.Host != from.Host || req.URL.User != nil {
		return http.ErrUseLastResponse
	}
	req.Header.Del("Referer") // the address may hold a secret
	return nil
}

// callsPerAccount is how many calls of one account a process makes at once; the others give their place to other accounts.
const callsPerAccount = 16

// slots count what each account does at once.
type slots struct {
	most int
	mu   sync.Mutex
	used map[models.AccountID]int
}

func newSlots(most int) *slots { return &slots{most: most, used: map[models.AccountID]int{}} }

// errNoSlot makes Temporal try the activity again soon, while its place is free for others.
func errNoSlot() error {
	return temporal.NewApplicationErrorWithOptions("the account makes as many calls as it may at once", "no_slot",
		temporal.ApplicationErrorOptions{NextRetryDelay: time.Second})
}

// errTryAgain makes Temporal try the activity again after a pause, in which no worker waits.
func errTryAgain(pause time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("the call is tried again after a pause", "try_again",
		temporal.ApplicationErrorOptions{NextRetryDelay: pause, Category: temporal.ApplicationErrorCategoryBenign})
}

func (s *slots) take(account models.AccountID) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[account] >= s.most {
		return nil, false
	}
	s.used[account]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.used[account]--; s.used[account] == 0 {
			delete(s.used, account)
		}
	}, true
}
