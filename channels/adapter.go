package channels

import (
	"context"
	"errors"
	"io"

	"github.com/perene/perene/models"
)

// Capabilities is what a channel can do, as data.
type Capabilities = models.Capabilities

// Problem is one reason why content cannot be sent.
type Problem = models.ContentProblem

// Adapter is what every channel has. It holds no settings of a connection: what
// a call needs comes in Credentials. Every error it returns is a *SendError. It
// is safe for use by many goroutines.
//
// What comes in comes by one of three ways, each an interface of its own:
// WebhookAdapter, SocketAdapter or PollingAdapter. What only some channels have
// is TemplateLister, HealthReader and ElementReader. Callers ask for each by a type assertion.
type Adapter interface {
	// Capabilities says what the channel can do. The value is not to be changed.
	Capabilities() *Capabilities
	// Policies is the provider's table of error policies.
	Policies() *PolicyTable

	// Identify says how the channel knows a person or a group, and where messages to them go.
	Identify(p Person) Identification
	// Parse takes apart what the provider sent: the body of a webhook, or the
	// raw bytes of a socket or a poll. It never fails and never panics: what it
	// cannot read is an unparseable element. It keeps no reference to raw.
	Parse(raw []byte) Delivery

	// Send checks the content against the capabilities and sends it at most
	// once: only what certainly did not leave is tried again.
	Send(ctx context.Context, cred Credentials, out *Outbound) (Receipt, error)
	// MarkRead tells a person that we read a message, and all before it.
	MarkRead(ctx context.Context, cred Credentials, mark ReadMark) error

	// UploadMedia stores a file at the provider and gives its id. Size is the
	// exact number of bytes in Body.
	UploadMedia(ctx context.Context, cred Credentials, up Upload) (providerMediaID string, err error)
	// FetchMedia opens a file a person sent. The caller closes Body. Reading
	// more than maxBytes gives ErrMediaTooLarge.
	FetchMedia(ctx context.Context, cred Credentials, ref MediaRef, maxBytes int64) (*MediaStream, error)
}

// ElementReader is an adapter that reads one message of a delivery alone.
type ElementReader interface {
	// ParseElement takes apart the Raw of a message that came with others, by
	// the connection with that ProviderRef. What Parse promises holds.
	ParseElement(raw []byte, providerRef string) Delivery
}

// ReadMark names the message that we read.
type ReadMark struct {
	// To is the conversation's address, as Identify gave it.
	To                string
	ProviderMessageID string
	// Typing also shows that somebody writes.
	Typing bool
}

// MediaRef says where the provider keeps a file: under an id, under a path, or
// both. At least one is set.
type MediaRef struct {
	ProviderMediaID string
	// Path is a link, or what else finds a file that has no id. Only the adapter
	// reads it. It holds the file's key where the provider keeps files sealed.
	Path string
	Kind models.ContentKind
	// MimeType and SHA256 are as the message had them. Each may be empty.
	MimeType string
	SHA256   string
}

// Upload is a file to be stored at the provider.
type Upload struct {
	Kind     models.ContentKind
	MimeType string
	Filename string
	Size     int64 // bytes
	Body     io.Reader
}

// MediaStream is a file on its way from the provider.
type MediaStream struct {
	Body     io.ReadCloser
	MimeType string
	// Size is what the provider says, in bytes; -1 if it does not say.
	Size int64
	// SHA256 is what the provider says, as it writes it; may be empty.
	SHA256 string
}

// ErrMediaTooLarge is what reading a MediaStream gives past the limit.
var ErrMediaTooLarge = errors.New("the file is larger than allowed")
