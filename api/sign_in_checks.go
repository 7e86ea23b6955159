package api

import (
	"context"
	"sync"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// signInsGather is how long checks wait for each other, so that many open sockets cost one query.
const signInsGather = 100 * time.Millisecond

// signInChecks looks again at the sign-ins behind open sockets.
type signInChecks struct {
	alive func(ctx context.Context, hashes [][]byte) (map[string]*store.Principal, error)

	mu      sync.Mutex
	waiting map[string][]chan checkedSignIn
}

type checkedSignIn struct {
	principal *store.Principal
	err       error
}

// check finds who a sign-in belongs to, as SignInAlive does.
func (c *signInChecks) check(ctx context.Context, hash []byte) (*store.Principal, error) {
	answer := make(chan checkedSignIn, 1)
	c.mu.Lock()
	if c.waiting == nil {
		c.waiting = map[string][]chan checkedSignIn{}
		time.AfterFunc(signInsGather, c.ask)
	}
	c.waiting[string(hash)] = append(c.waiting[string(hash)], answer)
	c.mu.Unlock()
	select {
	case a := <-answer:
		return a.principal, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ask answers everybody who waits.
func (c *signInChecks) ask() {
	c.mu.Lock()
	waiting := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	hashes := make([][]byte, 0, len(waiting))
	for hash := range waiting {
		hashes = append(hashes, []byte(hash))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	alive, err := c.alive(ctx, hashes)
	for hash, answers := range waiting {
		a := checkedSignIn{alive[hash], err}
		if err == nil && a.principal == nil {
			a.err = models.Errorf(models.CodeUnauthenticated, "sign in first")
		}
		for _, answer := range answers {
			answer <- a
		}
	}
}
