// Package live tells browsers and programs what changes, over a WebSocket. One hub a process reads the outbox once and hands
// every event to those who may see it. A client that comes back with the last sequence it saw gets everything since: no
// event is missed and none comes twice, whatever breaks in between.
package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Source is the outbox.
type Source interface {
	EventsNow(ctx context.Context) (models.Cursor, error)
	Events(ctx context.Context, after models.Cursor, limit int) (events []models.Event, kept bool, err error)
	AccountEvents(ctx context.Context, account models.AccountID, after, upTo models.Cursor, limit int) ([]models.Event, error)
	EventsKept(ctx context.Context, after models.Cursor) (bool, error)
	Scene(ctx context.Context, account models.AccountID, conversations []models.ConversationID, contacts []models.ContactID) (*store.Scene, error)
}

// Client is who listens.
type Client struct {
	Account models.AccountID
	Viewer  store.Viewer
	Locale  string
	// May tells whether events of a kind may be seen at all.
	May func(kind string) bool
}

// Codes with which a WebSocket is closed, besides the standard ones.
const (
	CloseSignedOut websocket.StatusCode = 4401 // the sign-in or token has ended: sign in again
	CloseSlow      websocket.StatusCode = 4408 // the client reads too slowly: connect again with the last seq
)

// Bounds of one listener and of one read of the outbox.
const (
	queueLength  = 1024
	batch        = 1000
	catchUpLimit = 20_000           // a client further behind reads everything anew
	helloWait    = 10 * time.Second // for the place a client goes on from: its first message may cross a slow network
	writeWait    = 10 * time.Second
	pingEvery    = 20 * time.Second
)

// Render is what a client reads of a conversation, as JSON takes it.
type Render func(v *store.ConversationView, locale string) any

// Hub reads the outbox while somebody listens.
type Hub struct {
	src    Source
	render Render
	every  time.Duration
	log    *slog.Logger

	mu      sync.Mutex
	subs    map[*subscription]struct{}
	at      models.Cursor // everything up to here was handed out
	running bool
}

// NewHub makes a hub that reads the outbox every so often.
func NewHub(src Source, render Render, every time.Duration, log *slog.Logger) *Hub {
	return &Hub{src: src, render: render, every: every, log: log, subs: map[*subscription]struct{}{}}
}

// subscription is one listener's queue: everything of its account after the place at which it began.
type subscription struct {
	account models.AccountID
	events  chan *told    // what is queued is shared by all who listen
	slow    chan struct{} // closed when the queue overflowed
	lost    chan struct{} // closed when events are gone that were not handed out
}

// subscribe begins to listen; everything after the returned place will be queued.
func (h *Hub) subscribe(ctx context.Context, account models.AccountID) (*subscription, models.Cursor, error) {
	sub := &subscription{account: account, events: make(chan *told, queueLength), slow: make(chan struct{}), lost: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running {
		now, err := h.src.EventsNow(ctx)
		if err != nil {
			return nil, models.Cursor{}, err
		}
		h.at, h.running = now, true
		go h.run()
	}
	h.subs[sub] = struct{}{}
	return sub, h.at, nil
}

func (h *Hub) unsubscribe(sub *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, sub)
}

// run reads and hands out until nobody listens any more.
func (h *Hub) run() {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	for {
		more := h.round()
		h.mu.Lock()
		if len(h.subs) == 0 {
			h.running = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		if !more {
			<-tick.C
		}
	}
}

// round reads once and tells whether there is more at once.
func (h *Hub) round() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	h.mu.Lock()
	at := h.at
	heard := map[models.AccountID]bool{}
	for sub := range h.subs {
		heard[sub.account] = true
	}
	h.mu.Unlock()
	events, kept, err := h.src.Events(ctx, at, batch)
	if err == nil && !kept {
		err = h.beginAnew(ctx)
	}
	if err != nil {
		h.log.Warn("the outbox cannot be read now", "error", err)
		return false
	}
	if len(events) == 0 || !kept {
		return false
	}
	scenes, err := h.scenes(ctx, events, heard)
	if err != nil {
		h.log.Warn("the changed rows cannot be read now", "error", err)
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		one := &told{e, scenes[e.AccountID]}
		for sub := range h.subs {
			if sub.account != e.AccountID {
				continue
			}
			select {
			case sub.events <- one:
			default:
				close(sub.slow)
				delete(h.subs, sub)
			}
		}
	}
	h.at = events[len(events)-1].Cursor
	return len(events) == batch
}

// scenes reads, for each account to which somebody listens, what is to be known of its events.
func (h *Hub) scenes(ctx context.Context, events []models.Event, heard map[models.AccountID]bool) (map[models.AccountID]*scene, error) {
	of := map[models.AccountID][]models.Event{}
	for _, e := range events {
		if heard[e.AccountID] {
			of[e.AccountID] = append(of[e.AccountID], e)
		}
	}
	scenes := map[models.AccountID]*scene{}
	for account, its := range of {
		var err error
		if scenes[account], err = newScene(ctx, h.src, account, its); err != nil {
			return nil, err
		}
	}
	return scenes, nil
}

// beginAnew goes on from now and sends every listener away: the place it comes back with is gone, so it is told to reset.
func (h *Hub) beginAnew(ctx context.Context) error {
	now, err := h.src.EventsNow(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = now
	for sub := range h.subs {
		close(sub.lost)
		delete(h.subs, sub)
	}
	h.log.Info("the outbox begins anew: listeners read everything again", "seq", now)
	return nil
}

// hello is what a client may say first.
type hello struct {
	After string `json:"after"`
	Rows  bool   `json:"rows"`
}

// frame is what the server says.
type frame struct {
	Type string `json:"type"` // ready, row, event, gone, ping, reset
	// Seq is the place in the outbox: give the last one as after to go on from there.
	Seq models.Cursor `json:"seq"`

	Kind           string                 `json:"kind,omitempty"`
	ConversationID *models.ConversationID `json:"conversation_id,omitempty"`
	EntityID       *int64                 `json:"entity_id,omitempty"`
	Data           json.RawMessage        `json:"data,omitempty"`
	At             *time.Time             `json:"at,omitempty"`
	Row            json.RawMessage        `json:"row,omitempty"`  // of a row: the conversation
	Rows           bool                   `json:"rows,omitempty"` // of a start: changed conversations come as rows
}

// Errors that end a socket on purpose.
var (
	errSlow      = errors.New("slow")
	errLost      = errors.New("lost")
	ErrSignedOut = errors.New("signed out")
)

// Serve talks with one client until it goes, is too slow, or may no longer listen. after is where it stopped, nil when it
// says so in its first message or begins now. check looks every checkEvery whether the client may still listen, and as whom.
func (h *Hub) Serve(ctx context.Context, conn *websocket.Conn, client Client, after *models.Cursor, check func(context.Context) (Client, error), checkEvery time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn.SetReadLimit(4096)
	s := &socket{hub: h, conn: conn, client: client, check: check, checkEvery: checkEvery, hello: make(chan hello, 1)}
	go func() {
		defer cancel()
		s.read(ctx)
	}()
	err := s.serve(ctx, after)
	switch {
	case errors.Is(err, errSlow):
		_ = conn.Close(CloseSlow, "too slow: connect again with the last seq")
	case errors.Is(err, errLost):
		_ = conn.Close(websocket.StatusServiceRestart, "connect again with the last seq")
	case errors.Is(err, ErrSignedOut):
		_ = conn.Close(CloseSignedOut, "signed out")
	case ctx.Err() != nil:
		_ = conn.Close(websocket.StatusGoingAway, "")
	default:
		h.log.Warn("a socket ended", "account_id", client.Account, "error", err)
		_ = conn.Close(websocket.StatusInternalError, "try again")
	}
}

// socket is one client's connection.
type socket struct {
	hub        *Hub
	conn       *websocket.Conn
	client     Client
	check      func(context.Context) (Client, error)
	checkEvery time.Duration
	hello      chan hello
	at         models.Cursor // the last place the client was told
	rows       bool          // the client takes changed conversations instead of reading them
}

// read takes the first message and ignores what else comes, until the client goes.
func (s *socket) read(ctx context.Context) {
	for first := true; ; first = false {
		_, body, err := s.conn.Read(ctx)
		if err != nil {
			return
		}
		if first {
			var m hello
			_ = json.Unmarshal(body, &m) // whatever else it says means "from now on"
			s.hello <- m
		}
	}
}

func (s *socket) serve(ctx context.Context, after *models.Cursor) error {
	sub, from, err := s.hub.subscribe(ctx, s.client.Account)
	if err != nil {
		return err
	}
	defer s.hub.unsubscribe(sub)
	if after == nil {
		if after, err = s.awaitHello(ctx); err != nil {
			return err
		}
	}
	if err := s.begin(ctx, after, from); err != nil {
		return err
	}
	check := time.NewTicker(s.checkEvery)
	defer check.Stop()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sub.slow:
			return errSlow
		case <-sub.lost:
			return errLost
		case e := <-sub.events:
			if err := s.tell(ctx, s.drain(sub, e)...); err != nil {
				return err
			}
		case <-check.C:
			if s.client, err = s.check(ctx); err != nil {
				return err
			}
		case <-ping.C:
			if err := s.ping(ctx); err != nil {
				return err
			}
		}
	}
}

// awaitHello waits a moment for the client's first message.
func (s *socket) awaitHello(ctx context.Context) (*models.Cursor, error) {
	timer := time.NewTimer(helloWait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
	case m := <-s.hello:
		s.rows = m.Rows
		if m.After == "" {
			break
		}
		if c, err := models.ParseCursor(m.After); err == nil {
			return &c, nil
		}
	}
	return nil, nil //nolint:nilnil // no place: from now on
}

// begin tells what happened between after and from, where the live queue begins.
func (s *socket) begin(ctx context.Context, after *models.Cursor, from models.Cursor) error {
	if after == nil || from.Before(*after) {
		// A place ahead of ours was given by another process that read a moment later: what is queued up to it is told again
		// as nothing, because tell leaves out what the client has.
		s.at = from
		if after != nil {
			s.at = *after
		}
		return s.write(ctx, frame{Type: "ready", Seq: s.at, Rows: s.rows})
	}
	s.at = *after
	kept, err := s.hub.src.EventsKept(ctx, *after)
	if err != nil {
		return err
	}
	if !kept {
		s.at = from
		return s.write(ctx, frame{Type: "reset", Seq: from, Rows: s.rows})
	}
	if err := s.write(ctx, frame{Type: "ready", Seq: *after, Rows: s.rows}); err != nil {
		return err
	}
	for told := 0; ; {
		events, err := s.hub.src.AccountEvents(ctx, s.client.Account, s.at, from, batch)
		if err != nil {
			return err
		}
		if told += len(events); told > catchUpLimit {
			s.at = from
			return s.write(ctx, frame{Type: "reset", Seq: from, Rows: s.rows})
		}
		if err := s.tellAll(ctx, events); err != nil {
			return err
		}
		if len(events) < batch {
			return nil
		}
	}
}

func (s *socket) drain(sub *subscription, first *told) []*told {
	events := []*told{first}
	for len(events) < 200 {
		select {
		case e := <-sub.events:
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

// tellAll tells events that the hub did not hand out.
func (s *socket) tellAll(ctx context.Context, events []models.Event) error {
	if len(events) == 0 {
		return nil
	}
	scene, err := newScene(ctx, s.hub.src, s.client.Account, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := s.tell(ctx, &told{e, scene}); err != nil {
			return err
		}
	}
	return nil
}

// tell writes events that the client may see and does not have yet.
func (s *socket) tell(ctx context.Context, events ...*told) error {
	for _, e := range events {
		if !s.at.Before(e.Cursor) {
			continue
		}
		if e.scene == nil { // the client came after the hub had looked who listens
			if err := s.tellAll(ctx, []models.Event{e.Event}); err != nil {
				return err
			}
			continue
		}
		if err := s.tellOne(ctx, e); err != nil {
			return err
		}
		s.at = e.Cursor
	}
	return nil
}

func (s *socket) tellOne(ctx context.Context, e *told) error {
	if e.ConversationID != nil && !s.client.Viewer.Everything && !e.scene.Sees(s.client.Viewer, *e.ConversationID) {
		return s.tellGone(ctx, e)
	}
	if err := s.tellRow(ctx, e); err != nil {
		return err
	}
	contact := e.Kind == models.EventContactUpdated && e.EntityID != nil
	switch {
	case !s.client.May(e.Kind), !s.own(&e.Event), stale(&e.Event, time.Now()):
		return nil
	case contact && !s.client.Viewer.Everything && !e.scene.SeesContact(s.client.Viewer, models.ContactID(*e.EntityID)):
		return nil
	}
	return s.write(ctx, frame{Type: "event", Seq: e.Cursor, Kind: e.Kind, ConversationID: e.ConversationID, EntityID: e.EntityID, Data: e.Data, At: &e.CreatedAt})
}

// tellRow writes a changed conversation ahead of the last event that changed it, so that a client which is cut off between the
// two gets both again.
func (s *socket) tellRow(ctx context.Context, e *told) error {
	if !s.rows || e.ConversationID == nil || e.scene.last[*e.ConversationID] != e.Cursor || !s.client.May(models.EventConversationUpdated) ||
		!e.scene.Sees(s.client.Viewer, *e.ConversationID) {
		return nil
	}
	row, err := e.scene.row(s.hub.render, &s.client, *e.ConversationID)
	if err != nil {
		return err
	}
	return s.write(ctx, frame{Type: "row", Seq: e.Cursor, Row: row})
}

// own tells whether an event is for the client's user: drafts, bulk jobs and notifications are for theirs alone.
func (s *socket) own(e *models.Event) bool {
	ofOne := e.Kind == models.EventDraftUpdated || e.Kind == models.EventBulkJobUpdated || e.Kind == models.EventNotification
	return !ofOne || e.EntityID != nil && *e.EntityID == int64(s.client.Viewer.User)
}

// ping shows that both ends are there, and how far the client has come although nothing was for it.
func (s *socket) ping(ctx context.Context) error {
	if err := s.write(ctx, frame{Type: "ping", Seq: s.at}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	if err := s.conn.Ping(ctx); err != nil {
		return errSlow
	}
	return nil
}

func (s *socket) write(ctx context.Context, f frame) error {
	body, err := json.Marshal(f) //nolint:musttag // models.Cursor writes itself
	if err != nil {
		return err
	}
	timed, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	if err := s.conn.Write(timed, websocket.MessageText, body); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errSlow
	}
	return nil
}
