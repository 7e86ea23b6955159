package channeltest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/channeltest"
	"github.com/perene/perene/models"
)

// A device that holds a socket fits the port.
func TestASocketFitsThePort(t *testing.T) {
	t.Parallel()
	channeltest.SocketSuite{New: func(testing.TB) (channels.SocketAdapter, channeltest.Provider) {
		p := newPost()
		return &device{letters: letters{post: p}, owners: map[models.ConnectionID]*holder{}}, p
	}}.Run(t)
}

// A bot that asks for its news fits the port.
func TestAPollFitsThePort(t *testing.T) {
	t.Parallel()
	channeltest.PollingSuite{New: func(testing.TB) (channels.PollingAdapter, channeltest.Provider) {
		p := newPost()
		return &bot{letters{post: p}}, p
	}}.Run(t)
}

// letter is a message at the post.
type letter struct {
	ID   int    `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

// post is a provider in memory.
type post struct {
	mu           sync.Mutex
	kept         []letter // every letter, by id from 1
	done         map[int]bool
	sent         []string
	changed      chan struct{} // closed by the next letter
	acknowledged chan string
}

func newPost() *post {
	return &post{done: map[int]bool{}, changed: make(chan struct{}), acknowledged: make(chan string, 100)}
}

func (p *post) Credentials() channels.Credentials {
	return channels.Credentials{ProviderRef: "box"}
}
func (p *post) Acknowledged() <-chan string { return p.acknowledged }

func (p *post) Bring(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = append(p.kept, letter{ID: len(p.kept) + 1, From: "ana", Text: text})
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *post) Sent() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.sent...)
}

func (p *post) send(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, text)
	return "sent-" + strconv.Itoa(len(p.sent))
}

func (p *post) acknowledge(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done[id] {
		p.done[id] = true
		p.acknowledged <- p.kept[id-1].Text
	}
}

// after gives the letters after an id that are not acknowledged, and what tells of the next one.
func (p *post) after(id int) ([]letter, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []letter
	for _, l := range p.kept[min(id, len(p.kept)):] {
		if !p.done[l.ID] {
			out = append(out, l)
		}
	}
	return out, p.changed
}

// letters is what both adapters have: a batch of letters is a JSON list.
type letters struct {
	channels.Adapter // what is not below is not called
	post             *post
}

func (a *letters) Identify(p channels.Person) channels.Identification {
	return channels.Identification{Address: "box/" + p.UserID,
		Identities: []channels.ScopedIdentity{{Kind: models.IdentityChat, Scope: models.ScopeConnection, Value: p.UserID, Address: "box/" + p.UserID}}}
}

func (a *letters) Parse(raw []byte) channels.Delivery {
	var batch []letter
	if err := json.Unmarshal(raw, &batch); err != nil {
		return channels.Delivery{Elements: []channels.Element{{Kind: channels.ElementUnparseable, Raw: append([]byte(nil), raw...),
			Unparseable: &channels.Unparseable{Code: models.QuarantineParserBroke, Reason: "not a list of letters"}}}}
	}
	var d channels.Delivery
	for _, l := range batch {
		d.Elements = append(d.Elements, channels.Element{Kind: channels.ElementMessage, Raw: encoded(l), Message: &channels.InboundMessage{
			ProviderID: strconv.Itoa(l.ID), Person: channels.Person{UserID: l.From}, Content: models.Content{Kind: models.ContentKindText, Text: l.Text}}})
	}
	return d
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// device holds a socket for each connection.
type device struct {
	letters
	mu     sync.Mutex
	owners map[models.ConnectionID]*holder
}

// holder is who holds a socket now.
type holder struct {
	epoch int64
	end   context.CancelCauseFunc
}

var _ channels.SocketAdapter = (*device)(nil)

func (d *device) TaskQueue() string { return "perene-device" }

func (d *device) Run(ctx context.Context, _ channels.Credentials, owner channels.Owner, sink channels.Sink) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	me := &holder{epoch: owner.Epoch, end: end}
	if !d.take(owner.ConnectionID, me) {
		return channels.ErrNotOwner
	}
	defer d.leave(owner.ConnectionID, me)
	for last := 0; ; {
		fresh, changed := d.post.after(last)
		for _, l := range fresh {
			last = l.ID
			raw := encoded([]letter{l})
			if sink(ctx, d.Parse(raw), raw) == nil {
				d.post.acknowledge(l.ID)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), channels.ErrNotOwner) {
				return channels.ErrNotOwner
			}
			return nil
		}
	}
}

// take makes a holder the one of a connection, unless a newer one is there.
func (d *device) take(id models.ConnectionID, me *holder) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.owners[id]; other != nil {
		if other.epoch >= me.epoch {
			return false
		}
		other.end(channels.ErrNotOwner)
	}
	d.owners[id] = me
	return true
}

func (d *device) leave(id models.ConnectionID, me *holder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owners[id] == me {
		delete(d.owners, id)
	}
}

func (d *device) Send(_ context.Context, _ channels.Credentials, out *channels.Outbound) (channels.Receipt, error) {
	d.mu.Lock()
	held := len(d.owners) > 0
	d.mu.Unlock()
	if !held || out.To != "box/ana" {
		return channels.Receipt{}, &channels.SendError{Op: "send", Outcome: channels.OutcomeNotSent, Code: channels.CodeNone, Details: "there is no socket"}
	}
	return channels.Receipt{ProviderMessageID: d.post.send(out.Content.Text)}, nil
}

// bot asks for its news. Its cursor is the last letter's id.
type bot struct{ letters }

var _ channels.PollingAdapter = (*bot)(nil)

// pollBatch is how many letters a poll brings at most.
const pollBatch = 2

func (b *bot) Poll(ctx context.Context, _ channels.Credentials, cursor string) (channels.Polled, error) {
	if ctx.Err() != nil {
		return channels.Polled{}, &channels.SendError{Op: "poll", Outcome: channels.OutcomeNotSent, Code: channels.CodeNone, Cause: ctx.Err()}
	}
	last, _ := strconv.Atoi(cursor)
	for id := 1; id <= last; id++ {
		b.post.acknowledge(id)
	}
	fresh, _ := b.post.after(last)
	out := channels.Polled{Cursor: cursor, Wait: time.Second}
	if len(fresh) > pollBatch {
		fresh, out.Wait = fresh[:pollBatch], 0
	}
	if len(fresh) > 0 {
		out.Cursor = strconv.Itoa(fresh[len(fresh)-1].ID)
	}
	out.Raw = encoded(fresh)
	out.Delivery = b.Parse(out.Raw)
	return out, nil
}
