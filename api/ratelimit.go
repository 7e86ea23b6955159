package api

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/perene/perene/internal/lru"
	"github.com/perene/perene/models"
)

// limits are the token buckets of one process: of networks that are not signed in, of users and tokens, of accounts, and
// of networks that send wrongly signed webhooks.
type limits struct {
	network, principal, account, webhook *buckets
	// elements are of deliveries that are rightly signed, by connection.
	elements *buckets
	// seen are hashes of cookies and tokens that were right: their look-up asks no network's bucket.
	seen *lru.Cache[string, struct{}]
}

func newLimits(l Limits, now func() time.Time) *limits {
	return &limits{network: newBuckets(l.PerIP, now), principal: newBuckets(l.PerPrincipal, now), account: newBuckets(l.PerAccount, now), webhook: newBuckets(l.Webhook, now),
		elements: newBuckets(l.Elements, now),
		seen:     lru.New[string, struct{}](seenMost)}
}

// bucketsMost is how many buckets of a kind are kept, seenMost how many cookies and tokens.
const (
	bucketsMost = 50_000
	seenMost    = 50_000
)

// buckets keeps a bucket for each key that was used last.
type buckets struct {
	rate Rate
	now  func() time.Time

	mu    sync.Mutex
	byKey *lru.Cache[string, *rate.Limiter]
}

func newBuckets(r Rate, now func() time.Time) *buckets {
	return &buckets{rate: r, now: now, byKey: lru.New[string, *rate.Limiter](bucketsMost)}
}

// take takes one token; left is what remains, wait how long until there is one again.
func (b *buckets) take(key string) (left int, wait time.Duration, ok bool) { return b.takeN(key, 1) }

// takeN takes n tokens at once, or all that a bucket holds where n is more.
func (b *buckets) takeN(key string, n int) (left int, wait time.Duration, ok bool) {
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	l, found := b.byKey.Get(key)
	if !found {
		l = rate.NewLimiter(rate.Limit(b.rate.PerSecond), b.rate.Burst)
		b.byKey.Put(key, l, 1)
	}
	ok = l.AllowN(now, min(n, b.rate.Burst))
	tokens := l.TokensAt(now)
	if !ok {
		wait = time.Duration((1 - tokens) / b.rate.PerSecond * float64(time.Second))
	}
	return max(0, int(tokens)), wait, ok
}

// open tells whether take would find a token.
func (b *buckets) open(key string) bool {
	l, found := b.byKey.Get(key)
	return !found || l.TokensAt(b.now()) >= 1
}

// allow takes a token for a request and writes the RateLimit headers (draft-ietf-httpapi-ratelimit-headers); when there is
// none it answers 429.
func (l *limits) allow(c *gin.Context, b *buckets, policy, key string) bool {
	left, wait, ok := b.take(key)
	if policy != "account" || !ok { // the principal's figures are shown unless the account's are the reason
		window := int(math.Ceil(float64(b.rate.Burst) / b.rate.PerSecond))
		reset := int(math.Ceil((float64(b.rate.Burst) - float64(left)) / b.rate.PerSecond))
		c.Header("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", policy, b.rate.Burst, window))
		c.Header("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", policy, left, reset))
		c.Header("X-RateLimit-Limit", strconv.Itoa(b.rate.Burst))
		c.Header("X-RateLimit-Remaining", strconv.Itoa(left))
		c.Header("X-RateLimit-Reset", strconv.Itoa(reset))
	}
	if ok {
		return true
	}
	p := newProblem(models.CodeTooMany, "Too many requests: slow down.")
	p.retryAfter = max(wait, time.Second)
	writeProblem(c, p)
	return false
}

// network is the part of an address that one subscriber holds: /24 of IPv4, /64 of IPv6.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap()
	bits := 64
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ip
	}
	return prefix.String()
}
