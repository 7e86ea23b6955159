package activities

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// What the flows of one account may ask of one host, in each worker process: a burst, then so many calls a second. The
// figures stand in the flow specification, because designers have to know them.
const (
	callsPerHostBurst  = 20
	callsPerHostSecond = 10
)

// paceHorizon is how far ahead places are given. A call that would wait longer asks again then.
const paceHorizon = 10 * time.Second

// paces let the calls of an account to a host go in their order, so many a second. A call that waits has a place of its own,
// and no worker waits with it.
type paces struct {
	mu    sync.Mutex
	now   func() time.Time
	hosts map[paceKey]*pace
	swept time.Time
}

type paceKey struct {
	account models.AccountID
	host    string
}

// pace is one account's way to one host. next is when the next call may begin that has no place yet.
type pace struct {
	next   time.Time
	places map[paceCall]time.Time
}

type paceCall struct {
	run  models.FlowRunID
	call string
}

func newPaces(now func() time.Time) *paces { return &paces{now: now, hosts: map[paceKey]*pace{}} }

// wait is how long a call has to wait for its place. At zero it may begin, and its place is taken.
func (p *paces) wait(account models.AccountID, host string, run models.FlowRunID, call string) time.Duration {
	const each = time.Second / callsPerHostSecond
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.sweep(now)
	key, who := paceKey{account, host}, paceCall{run, call}
	h := p.hosts[key]
	if h == nil {
		h = &pace{places: map[paceCall]time.Time{}}
		p.hosts[key] = h
	}
	if at, ok := h.places[who]; ok {
		if at.After(now) {
			return at.Sub(now)
		}
		delete(h.places, who)
		return 0
	}
	if unused := now.Add(-(callsPerHostBurst - 1) * each); h.next.Before(unused) {
		h.next = unused
	}
	at := h.next
	switch wait := at.Sub(now); {
	case wait <= 0:
		h.next = at.Add(each)
		return 0
	case wait > paceHorizon:
		return paceHorizon
	default:
		h.next = at.Add(each)
		h.places[who] = at
		return wait
	}
}

// sweep forgets hosts that were not asked for a minute, with the places of runs that ended before they came.
func (p *paces) sweep(now time.Time) {
	if now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	for key, h := range p.hosts {
		if now.Sub(h.next) > time.Minute {
			delete(p.hosts, key)
		}
	}
}

// hostOf is the host that a call goes to, in one spelling. Where a secret stands for it, all such calls share one pace.
func hostOf(call *flow.Call) string {
	address, _ := call.URL.Resolve(func(string) (string, bool) { return "", true })
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// errHostBusy makes Temporal try the activity again when the call has its place. It counts as no try of the node.
func errHostBusy(wait time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("the account asks this host as often as it may", "host_busy",
		temporal.ApplicationErrorOptions{NextRetryDelay: wait, Category: temporal.ApplicationErrorCategoryBenign})
}
