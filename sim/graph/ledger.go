package graph

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// Entry is one line of the ledger. It holds no words of a message, only their hash.
type Entry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`   // arrival of the request, or start of the webhook attempt
	Kind string    `json:"kind"` // request, inbound or webhook

	// Of a request by the business.
	Method   string `json:"method,omitempty"`
	Path     string `json:"path,omitempty"`
	Number   string `json:"number,omitempty"`
	To       string `json:"to,omitempty"` // as given: phone or user id
	Person   string `json:"person,omitempty"`
	Type     string `json:"type,omitempty"`
	SubType  string `json:"sub_type,omitempty"` // of interactive messages
	Template string `json:"template,omitempty"`
	BodySHA  string `json:"body_sha256,omitempty"`
	Opaque   string `json:"biz_opaque_callback_data,omitempty"`
	// Outcome: accepted, refused, answer_lost (accepted, but the business never reads the answer),
	// unanswered (neither accepted nor answered), read, ok.
	Outcome    string `json:"outcome,omitempty"`
	HTTP       int    `json:"http,omitempty"`
	Code       int    `json:"code,omitempty"` // Meta's error code
	Fault      string `json:"fault,omitempty"`
	Wamid      string `json:"wamid,omitempty"`
	WindowOpen *bool  `json:"window_open,omitempty"`

	// Of a webhook attempt.
	Delivery string   `json:"delivery,omitempty"`
	Attempt  int      `json:"attempt,omitempty"`
	Updates  []string `json:"updates,omitempty"` // message:<wamid>, status:<status>:<wamid> or the field's name
	Acked    bool     `json:"acked,omitempty"`
	Error    string   `json:"error,omitempty"`
	TookMS   float64  `json:"took_ms,omitempty"`
}

// LedgerMode says how safe a line is before the answer goes out.
type LedgerMode string

// The ledger modes, from careful to fast.
const (
	LedgerFsync    LedgerMode = "fsync"    // on the disk
	LedgerWrite    LedgerMode = "write"    // with the operating system: survives kill -9 of the simulator
	LedgerBuffered LedgerMode = "buffered" // in memory, written every 100 ms: for load
)

const ledgerTail = 8192

// ledger is the append-only record of everything that was asked and sent.
type ledger struct {
	mu      sync.Mutex
	mode    LedgerMode
	file    *os.File
	buf     *bufio.Writer
	seq     uint64
	tail    [ledgerTail]Entry
	observe func(Entry)
	changed chan struct{} // closed and replaced at every line
	stop    chan struct{}
	failed  error
}

func openLedger(path string, mode LedgerMode, observe func(Entry)) (*ledger, error) {
	l := &ledger{mode: mode, observe: observe, changed: make(chan struct{}), stop: make(chan struct{})}
	if path == "" {
		return l, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l.file = f
	if mode == LedgerBuffered {
		l.buf = bufio.NewWriterSize(f, 1<<16)
		go l.flushLoop()
	}
	return l, nil
}

func (l *ledger) flushLoop() {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-t.C:
			l.mu.Lock()
			l.keep(l.buf.Flush())
			l.mu.Unlock()
		}
	}
}

func (l *ledger) keep(err error) {
	if err != nil && l.failed == nil {
		l.failed = err
	}
}

// add writes a line; when it returns, the line is as safe as the mode promises.
func (l *ledger) add(e Entry) {
	l.mu.Lock()
	l.seq++
	e.Seq = l.seq
	l.tail[e.Seq%ledgerTail] = e
	if l.file != nil {
		line, err := json.Marshal(&e)
		l.keep(err)
		line = append(line, '\n')
		if l.buf != nil {
			_, err = l.buf.Write(line)
		} else {
			_, err = l.file.Write(line)
			if err == nil && l.mode == LedgerFsync {
				err = l.file.Sync()
			}
		}
		l.keep(err)
	}
	close(l.changed)
	l.changed = make(chan struct{})
	observe := l.observe
	l.mu.Unlock()
	if observe != nil {
		observe(e)
	}
}

// since returns up to limit of the remembered lines after a sequence number, oldest first, and a
// channel that is closed when there are more.
func (l *ledger) since(after uint64, limit int, want func(*Entry) bool) ([]Entry, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := after + 1
	if l.seq >= ledgerTail && first <= l.seq-ledgerTail {
		first = l.seq - ledgerTail + 1
	}
	var out []Entry
	for i := first; i <= l.seq && len(out) < limit; i++ {
		if e := l.tail[i%ledgerTail]; want == nil || want(&e) {
			out = append(out, e)
		}
	}
	return out, l.changed
}

func (l *ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	close(l.stop)
	if l.buf != nil {
		l.keep(l.buf.Flush())
	}
	l.keep(l.file.Close())
	l.file = nil
	return l.failed
}
