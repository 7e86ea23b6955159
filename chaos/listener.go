package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/perene/perene/bench/rig"
)

// listener is a console that stays open while things break: it signs in, reads every message, and then lives on what the
// stream of changes tells, by the stream's own rules (its place, ready, reset). It never looks at something twice because it
// might have missed it.
type listener struct {
	who  *agent
	stop context.CancelFunc
	done sync.WaitGroup

	mu       sync.Mutex
	place    string           // the last one that the server named
	known    map[int64]string // status by message, as it was read last
	changed  map[int64]bool   // told of and not read yet
	told     map[int64]bool   // every message that an event named
	stale    bool             // everything has to be read anew
	readings int              // of everything
	resets   int              // times the server said so
	closed   map[int]int      // ends of the stream by close code; 0: without one
}

// frame is what the server says on /v1/events.
type frame struct {
	Type     string `json:"type"`
	Seq      string `json:"seq"`
	Kind     string `json:"kind"`
	EntityID int64  `json:"entity_id"`
}

// closeRestart is the close code with which the server sends a listener away whose place is gone (ADR 47).
const closeRestart = 1012

// readEvery keeps the listener below what one client may ask for in a second (50).
const readEvery = 25 * time.Millisecond

// listen opens a console and returns when it has read everything once.
func (c *campaign) listen(ctx context.Context) (*listener, error) {
	who, _, err := c.signIn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // it hears what comes after the load too
	l := &listener{who: who, stop: stop, known: map[int64]string{}, changed: map[int64]bool{}, told: map[int64]bool{}, closed: map[int]int{}}
	l.done.Go(func() { l.hear(ctx) })
	l.done.Go(func() { l.read(ctx) })
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit) && !over(ctx); pause(ctx, 20*time.Millisecond) {
		if l.count().readings > 0 {
			return l, nil
		}
	}
	l.end()
	return nil, errors.New("the console could not read anything within a minute")
}

func (l *listener) end() {
	l.stop()
	l.done.Wait()
}

// counts is what a listener has been through.
type counts struct {
	readings, resets, told, left int
	closed                       map[int]int
}

func (l *listener) count() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := len(l.changed)
	if l.stale {
		left++
	}
	return counts{l.readings, l.resets, len(l.told), left, maps.Clone(l.closed)}
}

// hear keeps the stream open.
func (l *listener) hear(ctx context.Context) {
	address := "ws" + strings.TrimPrefix(l.who.base, "http") + "/v1/events"
	for ; !over(ctx); pause(ctx, 250*time.Millisecond) {
		conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: l.who.client, HTTPHeader: http.Header{"Origin": {l.who.base}}}) //nolint:bodyclose // the library closes it
		if err != nil {
			continue // whoever answers for it is away
		}
		err = l.stay(ctx, conn)
		_ = conn.CloseNow()
		if over(ctx) {
			return
		}
		l.mu.Lock()
		l.closed[max(int(websocket.CloseStatus(err)), 0)]++
		l.mu.Unlock()
	}
}

// stay says where the listener stopped and takes in what the server says, until the stream ends.
func (l *listener) stay(ctx context.Context, conn *websocket.Conn) error {
	l.mu.Lock()
	hello, err := json.Marshal(map[string]string{"after": l.place})
	l.mu.Unlock()
	if err == nil {
		err = conn.Write(ctx, websocket.MessageText, hello)
	}
	for err == nil {
		var body []byte
		var f frame
		if _, body, err = conn.Read(ctx); err == nil {
			err = json.Unmarshal(body, &f)
		}
		if err == nil {
			l.take(f)
		}
	}
	return err
}

// take follows the stream's rules for one frame.
func (l *listener) take(f frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch f.Type {
	case "ready":
		if after(f.Seq, l.place) { // it begins now, or did not hear where this one stopped: what was before has to be read
			l.anew()
		}
	case "reset":
		l.resets++
		l.anew()
	case "event":
		if f.Kind == "message.created" || f.Kind == "message.updated" {
			l.changed[f.EntityID], l.told[f.EntityID] = true, true
		}
	}
	if f.Type == "reset" || after(f.Seq, l.place) {
		l.place = f.Seq
	}
}

// after tells whether a place in the stream, written "xid.seq", lies behind another one.
func after(a, b string) bool {
	number := func(place string) (out [2]int64) {
		_, _ = fmt.Sscanf(place, "%d.%d", &out[0], &out[1]) // no place is before all others
		return out
	}
	x, y := number(a), number(b)
	return slices.Compare(x[:], y[:]) > 0
}

// anew forgets everything. The caller holds the lock.
func (l *listener) anew() {
	l.stale = true
	clear(l.known)
	clear(l.changed)
}

// read reads what has to be read, one thing at a time, until ctx ends; what cannot be read is tried again.
func (l *listener) read(ctx context.Context) {
	for ; !over(ctx); pause(ctx, readEvery) {
		l.mu.Lock()
		stale := l.stale
		l.stale = false
		var id int64
		for id = range l.changed {
			break
		}
		delete(l.changed, id)
		l.mu.Unlock()
		switch {
		case stale:
			all, err := l.who.messages(ctx)
			l.mu.Lock()
			if l.stale = l.stale || err != nil; !l.stale {
				l.known = all
				l.readings++
			}
			if id != 0 {
				l.changed[id] = true
			}
			l.mu.Unlock()
		case id != 0:
			var m shownMessage
			err := l.who.get(ctx, fmt.Sprintf("/v1/messages/%d", id), &m)
			l.mu.Lock()
			if err != nil {
				l.changed[id] = true
			} else if !l.stale {
				l.known[id] = m.Status
			}
			l.mu.Unlock()
		}
	}
}

// shownMessage is what the API shows of a message, as far as it is compared.
type shownMessage struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
}

// messages reads the status of every message of every conversation. There are fewer conversations than fit into one page:
// while messages come they change places.
func (a *agent) messages(ctx context.Context) (map[int64]string, error) {
	var conversations struct {
		Data []struct {
			ID int64 `json:"id"`
		} `json:"data"`
		More bool `json:"has_more"`
	}
	if err := a.get(ctx, "/v1/conversations?limit=100", &conversations); err != nil {
		return nil, err
	}
	if conversations.More {
		return nil, errors.New("there are more conversations than one page holds")
	}
	out := map[int64]string{}
	for _, v := range conversations.Data {
		for cursor := ""; ; {
			pause(ctx, readEvery)
			var page struct {
				Data []shownMessage `json:"data"`
				Next *string        `json:"next_cursor"`
			}
			if err := a.get(ctx, fmt.Sprintf("/v1/conversations/%d/messages?limit=100%s", v.ID, cursor), &page); err != nil {
				return nil, err
			}
			for _, m := range page.Data {
				out[m.ID] = m.Status
			}
			if page.Next == nil {
				break
			}
			cursor = "&cursor=" + *page.Next
		}
	}
	return out, nil
}

// get reads one thing.
func (a *agent) get(ctx context.Context, path string, out any) error {
	status, body, err := a.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s was answered with %d", path, status)
	}
	return json.Unmarshal(body, out)
}

// outboxLost is ADR 47 by real kills: the outbox is not in Postgres's log, so a console that listens while Postgres dies has to
// be sent away and told to read everything anew; then it has to know exactly what is stored. An orderly restart in between
// loses nothing and throws nobody back.
var outboxLost = plan{what: "a console listens while Postgres is killed six times: it is told to begin anew each time and ends with exactly what is stored (ADR 47)",
	messages: 720, perSecond: 6, people: 40, kills: 6, statuses: true, unknown: "20s", lostOK: true, onlyStatus: []int{200, 503},
	during: listenWhileKilled, after: listenerKnowsAll}

// toldWithin is how soon after a kill the console has to be told to begin anew.
const toldWithin = 30 * time.Second

func listenWhileKilled(ctx context.Context, c *campaign) error {
	l, err := c.listen(ctx)
	if err != nil {
		return err
	}
	c.console = l
	between := c.length() / time.Duration(c.plan.kills+2)
	for i := 1; i <= c.plan.kills; i++ {
		if pause(ctx, between); over(ctx) {
			return nil
		}
		if i == c.plan.kills/2 {
			before := l.count().resets
			c.do(ctx, "deploy", rig.Postgres, 0)
			pause(ctx, between)
			if n := l.count().resets - before; n > 0 {
				c.violate("ADR 47", fmt.Sprintf("an orderly restart of Postgres threw the console back %d times", n))
			}
		}
		before, begun := l.count().resets, time.Now()
		if err := c.killPostgres(ctx, i); err != nil {
			return err
		}
		for l.count().resets == before && time.Since(begun) < toldWithin && !over(ctx) {
			pause(ctx, 20*time.Millisecond)
		}
		if over(ctx) {
			return nil
		}
		if took := time.Since(begun); l.count().resets == before {
			c.violate("ADR 47", fmt.Sprintf("the console was not told to begin anew within %s of kill %d", toldWithin, i))
		} else {
			c.resetAfter = append(c.resetAfter, took.Round(10*time.Millisecond))
		}
	}
	return nil
}

// killPostgres kills the server, or in every other round all its processes at once.
func (c *campaign) killPostgres(ctx context.Context, i int) error {
	if i%2 == 1 {
		before := c.kills()
		if c.do(ctx, "kill", rig.Postgres, 0); c.kills() == before && !over(ctx) {
			return errors.New("the database could not be killed")
		}
		return nil
	}
	_, err := c.cutOnce(ctx, i, "")
	return err
}

// listenerKnowsAll compares what the console knows with what is stored.
func listenerKnowsAll(ctx context.Context, c *campaign) error {
	l := c.console
	for limit := time.Now().Add(time.Minute); l.count().left > 0 && time.Now().Before(limit) && !over(ctx); {
		pause(ctx, 50*time.Millisecond)
	}
	l.end()
	if left := l.count().left; left > 0 {
		c.violate("ADR 47", fmt.Sprintf("the console still has %d things to read a minute after everything was at rest", left))
	}
	shown, err := l.who.messages(ctx)
	if err != nil {
		return err
	}
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	stored := make([]int64, 0, len(t.byID))
	untold := 0
	for id := range t.byID {
		stored = append(stored, id)
		if !l.told[id] {
			untold++
		}
	}
	for _, what := range notKnown(l.known, shown, stored) {
		c.violate("ADR 47", what)
	}
	n := l.count()
	fmt.Fprintf(c.out, "  ADR 47: the console knows %d of %d messages stored, every status as shown; %d were named by no event it got and are known from reading anew alone\n",
		len(l.known), len(stored), untold)
	fmt.Fprintf(c.out, "  ADR 47: %d kills, %d times told to begin anew, after %v; ends of the stream by close code %v\n", c.kills(), n.resets, c.resetAfter, n.closed)
	if n.closed[closeRestart] == 0 {
		c.violate("ADR 47", "the console was never sent away with 1012")
	}
	return nil
}

// notKnown tells how what a console knows differs from what the API shows and what is stored.
func notKnown(known, shown map[int64]string, stored []int64) (found []string) {
	for _, id := range slices.Sorted(slices.Values(stored)) {
		status, ok := known[id]
		switch {
		case !ok:
			found = append(found, fmt.Sprintf("the console does not know message %d, which is stored", id))
		case status != shown[id]:
			found = append(found, fmt.Sprintf("the console takes message %d for %s, and it is %q", id, status, shown[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if !slices.Contains(stored, id) {
			found = append(found, fmt.Sprintf("the console knows message %d, which is not stored", id))
		}
	}
	return found
}
