package channels

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/perene/perene/models"
)

// WebhookAdapter is an adapter whose provider calls us. How a call is signed is
// the adapter's alone.
type WebhookAdapter interface {
	Adapter
	// VerifySignature checks a webhook's signature over the raw body, by the
	// headers of its request, in constant time. Any of the secrets may have made
	// it (rotation).
	VerifySignature(header http.Header, body []byte, secrets ...Secret) bool
	// VerifyChallenge answers the provider's check of a new webhook address.
	VerifyChallenge(query url.Values, token Secret) (challenge string, ok bool)
}

// SocketAdapter is an adapter that holds a socket for each connection. Send and
// MarkRead go by that socket, so they work only in the process that holds it.
type SocketAdapter interface {
	Adapter
	// TaskQueue is the task queue of the processes that hold this channel's
	// sockets. A connection's sender runs there, beside its socket.
	TaskQueue() string
	// Run holds the connection's socket and gives what comes to the sink. It
	// returns nil soon after ctx ends, and ErrNotOwner when a newer owner came.
	// After any other error the caller runs it again, as the policies say.
	Run(ctx context.Context, cred Credentials, owner Owner, sink Sink) error
}

// Owner is a process's right to hold the socket of a connection. It is the right
// of the connection's sender: its row in senders gives the epoch and the lease.
// The caller renews the lease, and ends Run's ctx when it is lost.
type Owner struct {
	AccountID    models.AccountID
	ConnectionID models.ConnectionID
	// Epoch grows with every owner. A newer one ends Run of an older one, and an
	// older one never begins.
	Epoch int64
}

// ErrNotOwner is what Run gives when another owner holds the socket.
var ErrNotOwner = errors.New("another owner holds the connection's socket")

// Sink stores a delivery. raw is the delivery as it came, and Parse reads it
// again if it goes to quarantine. Nil means that everything is stored: only then
// the adapter acknowledges it. After an error the provider has to bring it again.
// A delivery that comes twice is stored once.
type Sink func(ctx context.Context, d Delivery, raw []byte) error

// PollingAdapter is an adapter that asks its provider for news.
type PollingAdapter interface {
	Adapter
	// Poll asks for what came after cursor. An empty one begins. It acknowledges
	// what is before cursor and nothing after it: the same cursor brings the same
	// again. So the caller stores the delivery first, and then the new cursor.
	Poll(ctx context.Context, cred Credentials, cursor string) (Polled, error)
}

// Polled is what one poll brought.
type Polled struct {
	Delivery Delivery
	// Raw is the delivery as it came. Parse reads it again if it goes to quarantine.
	Raw []byte
	// Cursor is where the next poll goes on.
	Cursor string
	// Wait is how long to wait before the next poll. Zero means that more is there.
	Wait time.Duration
}
