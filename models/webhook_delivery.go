package models

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// WebhookKind says which headers an endpoint's deliveries carry.
type WebhookKind string

// The kinds of webhook. A compatible one has the X-Chatwoot-* headers besides (Z28).
const (
	WebhookStandard   WebhookKind = "standard"
	WebhookCompatible WebhookKind = "compatible"
)

// WebhookKinds are all of them.
var WebhookKinds = []WebhookKind{WebhookStandard, WebhookCompatible}

// WebhookEventName is what happened, as programs know it (rule 221).
type WebhookEventName string

// The events that a webhook may choose.
const (
	WebhookConversationCreated       WebhookEventName = "conversation_created"
	WebhookConversationUpdated       WebhookEventName = "conversation_updated"
	WebhookConversationStatusChanged WebhookEventName = "conversation_status_changed"
	WebhookMessageCreated            WebhookEventName = "message_created"
	WebhookMessageUpdated            WebhookEventName = "message_updated"
)

// WebhookTest is the event of the test button.
const WebhookTest = "webhook_test"

// WebhookEventNames are those that a webhook may choose.
var WebhookEventNames = []WebhookEventName{WebhookConversationCreated, WebhookConversationUpdated, WebhookConversationStatusChanged,
	WebhookMessageCreated, WebhookMessageUpdated}

// WebhookState says whether a webhook gets its events.
type WebhookState string

// The states of a webhook. Events of a quarantined one wait in order while it is probed. One that is off gets none.
const (
	WebhookActive      WebhookState = "active"
	WebhookQuarantined WebhookState = "quarantined"
	WebhookOff         WebhookState = "off"
)

// WebhookStates are all of them.
var WebhookStates = []WebhookState{WebhookActive, WebhookQuarantined, WebhookOff}

// Why a webhook is off.
const (
	WebhookOffByPerson = "person"
	WebhookOffByGone   = "gone" // the receiver answered 410
)

// Webhook is an address of a program that hears of events (rule 220).
type Webhook struct {
	ID            WebhookID          `json:"id"`
	AccountID     AccountID          `json:"account_id"`
	Name          string             `json:"name"`
	URL           string             `json:"url"`
	Kind          WebhookKind        `json:"kind"`
	Events        []WebhookEventName `json:"events"`
	Secrets       map[string][]byte  `json:"-"` // sealed, by WebhookSecret and WebhookPreviousSecret
	PreviousUntil *time.Time         `json:"previous_until,omitempty"`
	State         WebhookState       `json:"state"`
	OffReason     string             `json:"off_reason"`
	Failures      int                `json:"failures"` // in a row
	Probes        int                `json:"probes"`
	FailingSince  *time.Time         `json:"failing_since,omitempty"`
	ProbeAt       *time.Time         `json:"probe_at,omitempty"`
	Epoch         int64              `json:"-"` // of the activity that delivers
	CreatedAt     time.Time          `json:"created_at"`
	UpdatedAt     time.Time          `json:"updated_at"`
}

// The names of a webhook's secrets.
const (
	WebhookSecret         = "secret"
	WebhookPreviousSecret = "previous"
)

// WebhookSecretPrefix begins every secret, before its base64.
const WebhookSecretPrefix = "whsec_"

// WebhookOverlap is how long the secret before still signs after an exchange.
const WebhookOverlap = 24 * time.Hour

// WebhookSecretPlace is where a webhook's secrets are sealed for (ADR 8). The previous one keeps the place it had.
func WebhookSecretPlace(id WebhookID) string { return "webhook/" + id.String() + "/secret" }

// DeliveryState says how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed" // given up; it can be sent again by hand
)

// DeliveryStates are all of them.
var DeliveryStates = []DeliveryState{DeliveryWaiting, DeliveryDelivered, DeliveryFailed}

// WebhookDelivery is one event for one webhook.
type WebhookDelivery struct {
	ID             DeliveryID      `json:"id"`
	AccountID      AccountID       `json:"account_id"`
	EndpointID     WebhookID       `json:"endpoint_id"`
	EventID        WebhookEventID  `json:"event_id"`
	ConversationID *ConversationID `json:"conversation_id,omitempty"`
	State          DeliveryState   `json:"state"`
	Attempts       int             `json:"attempts"`
	NextAt         time.Time       `json:"next_at"`
	LastAt         *time.Time      `json:"last_at,omitempty"`
	LastStatus     *int            `json:"last_status,omitempty"`
	LastError      string          `json:"last_error"`
	LastAnswer     string          `json:"last_answer"`
	LastTookMS     *int            `json:"last_took_ms,omitempty"`
	UID            uuid.UUID       `json:"uid"` // of the event: the same in every attempt
	Event          string          `json:"event"`
	Body           string          `json:"body"`
	CreatedAt      time.Time       `json:"created_at"`
}

// deliverySteps are the pauses before each next attempt: days altogether.
var deliverySteps = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// probeSteps are the pauses between probes of a quarantined webhook. The last one repeats.
var probeSteps = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// WebhookQuarantineAfter is how many failures in a row put a webhook into quarantine.
const WebhookQuarantineAfter = 5

// NextAttempt is how long a delivery waits after so many attempts. False: it is given up.
func NextAttempt(attempts int) (time.Duration, bool) {
	if attempts < 1 || attempts > len(deliverySteps) {
		return 0, false
	}
	return deliverySteps[attempts-1], true
}

// NextProbe is how long a quarantined webhook waits after so many probes.
func NextProbe(probes int) time.Duration { return probeSteps[min(max(probes, 0), len(probeSteps)-1)] }

// CheckWebhook refuses what a webhook cannot be. plain allows http and any port: on one's own machine.
func CheckWebhook(w *Webhook, plain bool) error {
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return Invalid("body.url", "write a whole address, such as https://example.com/webhook")
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		return Invalid("body.url", "the address begins with https://")
	case u.User != nil:
		return Invalid("body.url", "the address holds no user and no password")
	case u.Fragment != "":
		return Invalid("body.url", "the address has no part behind #")
	case !plain && (u.Port() != "" && u.Port() != "443" || privateHost(u.Hostname())):
		return Invalid("body.url", "the address is a public one, at port 443")
	case len(w.Events) == 0:
		return Invalid("body.events", "choose at least one event")
	}
	slices.Sort(w.Events)
	w.Events = slices.Compact(w.Events)
	return nil
}

// privateHost tells whether a host is private by its spelling. What a name resolves to is looked at when it is dialled.
func privateHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") || !strings.Contains(host, ".")
	}
	ip = ip.Unmap()
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()
}
