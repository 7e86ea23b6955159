package sender

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ReceiptStore is what read receipts need of Postgres.
type ReceiptStore interface {
	ConnectionForSending(ctx context.Context, account models.AccountID, id models.ConnectionID) (*models.Connection, error)
}

// Receipts tells people that their messages were read and that an answer is being written, as far as their connection does
// that (rule 009). Best effort: nothing waits for it, and what is too much or fails is left out.
type Receipts struct {
	store    ReceiptStore
	adapters map[string]channels.Adapter
	opener   channels.Opener
	log      *slog.Logger
	now      func() time.Time

	work   chan contract.ReadReceipt
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu    sync.Mutex
	conns map[models.ConnectionID]*receiptConnection
	last  map[models.ConversationID]string // what was marked read last, so that a step asked twice says it once
}

// receiptConnection is a connection as it was read lately.
type receiptConnection struct {
	conn    *models.Connection
	adapter channels.Adapter
	cred    channels.Credentials
	read    time.Time
}

const (
	receiptWorkers = 8
	receiptBacklog = 512
	receiptTimeout = 5 * time.Second
	receiptFresh   = 10 * time.Second // how long a connection's settings are believed
	receiptMemory  = 10_000           // conversations whose last receipt is remembered
)

// NewReceipts starts a Receipts.
func NewReceipts(s ReceiptStore, adapters map[string]channels.Adapter, o channels.Opener, log *slog.Logger, now func() time.Time) *Receipts {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Receipts{store: s, adapters: adapters, opener: o, log: log, now: now, work: make(chan contract.ReadReceipt, receiptBacklog), cancel: cancel,
		conns: map[models.ConnectionID]*receiptConnection{}, last: map[models.ConversationID]string{}}
	for range receiptWorkers {
		r.group.Go(func() { r.loop(ctx) })
	}
	return r
}

// Close stops at once; what was not said is left out.
func (r *Receipts) Close() {
	r.cancel()
	r.group.Wait()
}

// Offer takes receipts to be given. It never blocks.
func (r *Receipts) Offer(receipts ...contract.ReadReceipt) {
	for _, one := range receipts {
		select {
		case r.work <- one:
		default:
		}
	}
}

func (r *Receipts) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case one := <-r.work:
			if err := r.give(ctx, one); err != nil && ctx.Err() == nil {
				r.log.Debug("a read receipt was left out", "connection_id", one.ConnectionID, "conversation_id", one.ConversationID, "error", err)
			}
		}
	}
}

func (r *Receipts) give(ctx context.Context, one contract.ReadReceipt) error {
	ctx, cancel := context.WithTimeout(ctx, receiptTimeout)
	defer cancel()
	c, err := r.connection(ctx, one.AccountID, one.ConnectionID)
	if err != nil {
		return err
	}
	caps, set := c.adapter.Capabilities(), c.conn.Settings
	typing := caps.Typing && (one.Typing || (one.Working && set.ShowTyping))
	// Showing that somebody writes marks as read too, at Meta: who asks for the one gets the other.
	read := caps.ReadReceipts && (one.Wanted || set.SendReadReceipts)
	if (!read && !typing) || c.conn.State != models.ConnectionActive || (!typing && r.said(one)) {
		return nil
	}
	return c.adapter.MarkRead(ctx, c.cred, channels.ReadMark{To: one.Address, ProviderMessageID: one.ProviderMessageID, Typing: typing})
}

// said remembers a receipt and tells whether it was given before.
func (r *Receipts) said(one contract.ReadReceipt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last[one.ConversationID] == one.ProviderMessageID {
		return true
	}
	if len(r.last) >= receiptMemory {
		clear(r.last)
	}
	r.last[one.ConversationID] = one.ProviderMessageID
	return false
}

func (r *Receipts) connection(ctx context.Context, account models.AccountID, id models.ConnectionID) (*receiptConnection, error) {
	r.mu.Lock()
	c := r.conns[id]
	r.mu.Unlock()
	if c != nil && r.now().Sub(c.read) < receiptFresh {
		return c, nil
	}
	conn, err := r.store.ConnectionForSending(ctx, account, id)
	if err != nil {
		return nil, err
	}
	a, cred, err := channels.Open(r.adapters, r.opener, conn)
	if err != nil {
		return nil, err
	}
	c = &receiptConnection{conn: conn, adapter: a, cred: cred, read: r.now()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[id] = c
	return c, nil
}
