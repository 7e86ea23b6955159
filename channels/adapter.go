package channels

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"

	"github.com/perene/perene/models"
)

// Capabilities is what a channel can do, as data.
type Capabilities = models.Capabilities

// Problem is one reason why content cannot be sent.
type Problem = models.ContentProblem

// Adapter is a provider. It holds no state of a connection: what a call needs
// comes in Credentials. Every error it returns is a *SendError. It is safe for
// use by many goroutines.
type Adapter interface {
	// Capabilities says what the channel can do. The value is not to be changed.
	Capabilities() *Capabilities
	// Policies is the provider's table of error policies.
	Policies() *PolicyTable

	// Identify says how the channel knows a person or a group, and where messages to them go.
	Identify(p Person) Identification

	// VerifySignature checks a webhook's signature over the raw body in
	// constant time; any of the secrets may have made it (rotation).
	VerifySignature(header string, body []byte, secrets ...Secret) bool
	// VerifyChallenge answers the provider's check of a new webhook address.
	VerifyChallenge(query url.Values, token Secret) (challenge string, ok bool)
	// ParseWebhook takes a body apart. It never fails and never panics: what it
	// cannot read is an unparseable element. It keeps no reference to body.
	ParseWebhook(body []byte) Delivery

	// Send checks the content against the capabilities and sends it at most
	// once: only what certainly did not leave is tried again.
	Send(ctx context.Context, cred Credentials, out *Outbound) (Receipt, error)
	// MarkRead tells the person that we read the message, and all before it;
	// with typing it also shows that somebody is writing.
	MarkRead(ctx context.Context, cred Credentials, providerMessageID string, typing bool) error

	// UploadMedia stores a file at the provider and gives its id. Size is the
	// exact number of bytes in Body.
	UploadMedia(ctx context.Context, cred Credentials, up Upload) (providerMediaID string, err error)
	// FetchMedia opens a file a person sent. The caller closes Body. Reading
	// more than maxBytes gives ErrMediaTooLarge.
	FetchMedia(ctx context.Context, cred Credentials, media models.ContentMedia, maxBytes int64) (*MediaStream, error)

	// ListTemplates gives one page of the account's templates; an empty cursor
	// starts, and an empty Next ends.
	ListTemplates(ctx context.Context, cred Credentials, cursor string) (TemplatePage, error)
	// NumberHealth asks for the state of our number.
	NumberHealth(ctx context.Context, cred Credentials) (NumberHealth, error)
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

// TemplatePage is a page of templates.
type TemplatePage struct {
	Templates []ProviderTemplate
	Next      string // cursor; empty at the end
}

// ProviderTemplate is a template as the provider describes it.
type ProviderTemplate struct {
	ID              string          `json:"id"`
	Name            string          `json:"name"`
	Language        string          `json:"language"`
	Status          string          `json:"status"`
	Category        string          `json:"category"`
	ParameterFormat string          `json:"parameter_format,omitempty"` // positional or named
	Components      json.RawMessage `json:"components,omitempty"`
	Quality         string          `json:"quality,omitempty"`
	RejectedReason  string          `json:"rejected_reason,omitempty"`
}

// NumberHealth is the state of our number.
type NumberHealth struct {
	PhoneNumberID string `json:"phone_number_id"`
	DisplayPhone  string `json:"display_phone,omitempty"`
	VerifiedName  string `json:"verified_name,omitempty"`
	NameStatus    string `json:"name_status,omitempty"`
	Status        string `json:"status,omitempty"`
	Quality       string `json:"quality,omitempty"` // GREEN, YELLOW, RED, UNKNOWN
	// Limit is the messaging limit: "TIER_2K".
	Limit string `json:"limit,omitempty"`
	// Throughput is STANDARD or HIGH; PerSecond what follows from it.
	Throughput string `json:"throughput,omitempty"`
	PerSecond  int    `json:"per_second,omitempty"`
	// Coexistence says that the number also lives in the WhatsApp Business app. It is told either way.
	Coexistence bool `json:"coexistence"`
	// CanSend is AVAILABLE, LIMITED or BLOCKED; Entities say which part is ill.
	CanSend  string         `json:"can_send,omitempty"`
	Entities []HealthEntity `json:"entities,omitempty"`
}

// HealthEntity is the health of one part a send goes through.
type HealthEntity struct {
	Type    string        `json:"type"`
	ID      string        `json:"id"`
	CanSend string        `json:"can_send"`
	Errors  []HealthError `json:"errors,omitempty"`
	Info    []string      `json:"info,omitempty"`
}

// HealthError is why a part cannot send, and the provider's advice.
type HealthError struct {
	Code     int    `json:"code"`
	Details  string `json:"details,omitempty"`
	Solution string `json:"solution,omitempty"`
}

// ErrMediaTooLarge is what reading a MediaStream gives past the limit.
var ErrMediaTooLarge = errors.New("the file is larger than allowed")
