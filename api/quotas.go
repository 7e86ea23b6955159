package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Quotas are the account's limits with what is used of each.
type Quotas struct {
	Data []store.Quota `json:"data"`
}

func (a *app) quotaOperations() {
	handle(a, operation{
		id: "list-quotas", method: http.MethodGet, path: "/v1/account/quotas", tag: "account", summary: "List the account's limits",
		doc: "How many of each thing the account may have, and has. What goes over is refused with the key quota.reached.",
	}, a.listQuotas)
}

func (a *app) listQuotas(ctx context.Context, _ *struct{}) (*one[Quotas], error) {
	quotas, err := a.Store.Quotas(ctx, who(ctx).account())
	if err != nil {
		return nil, err
	}
	return &one[Quotas]{Body: Quotas{Data: quotas}}, nil
}

// Sockets that one process holds open at once.
const (
	socketsOfOne     = 5 // of one sign-in or token
	socketsOfAccount = 2000
)

// sockets counts open WebSockets, so that nobody takes the places of all.
type sockets struct {
	mu   sync.Mutex
	open map[string]int
}

// take takes a place for each of the keys, or none. The place is given back by the function.
func (s *sockets) take(limits map[string]int) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, most := range limits {
		if s.open[key] >= most {
			return nil, false
		}
	}
	if s.open == nil {
		s.open = map[string]int{}
	}
	for key := range limits {
		s.open[key]++
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for key := range limits {
			if s.open[key]--; s.open[key] <= 0 {
				delete(s.open, key)
			}
		}
	}, true
}

// takeSocket takes a place for one more WebSocket of who listens, or answers that there is none.
func (a *app) takeSocket(c *gin.Context, p *principal) (release func(), ok bool) {
	one := p.limitKey()
	if p.SignIn != nil {
		one = "sign-in/" + hex.EncodeToString(p.SignIn.TokenHash)
	}
	release, ok = a.sockets.take(map[string]int{one: socketsOfOne, "account/" + p.account().String(): socketsOfAccount})
	if !ok {
		writeProblem(c, problemOf(&models.Error{Code: models.CodeTooMany, Key: "events.too_many",
			Message: "too many pages are open: close some, then this one connects by itself"}))
	}
	return release, ok
}
