package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowWebhookDelivery is the workflow type of a webhook's deliveries.
const WorkflowWebhookDelivery = "WebhookDelivery"

// WebhookDeliveryID is the workflow id of a webhook's deliveries: webhook-delivery/7. The function webhook_write in Postgres
// writes the same.
func WebhookDeliveryID(id models.WebhookID) string { return "webhook-delivery/" + id.String() }

// WebhookDeliveryStart starts a WebhookDelivery workflow, which lives as long as its webhook.
type WebhookDeliveryStart struct {
	AccountID  models.AccountID `json:"account_id"`
	EndpointID models.WebhookID `json:"endpoint_id"`
}

// Doorbell makes the doorbell of a webhook's deliveries.
func (s WebhookDeliveryStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowWebhookDelivery, WebhookDeliveryID(s.EndpointID), s)
}

// WebhookDeliveryInput starts a WebhookDelivery.
type WebhookDeliveryInput struct {
	WebhookDeliveryStart
	// ContinueAfter is after how many turns the history is continued as new. Zero means the usual number. Tests force it.
	ContinueAfter int                     `json:"continue_after,omitempty"`
	Carried       *WebhookDeliveryCarried `json:"carried,omitempty"`
}

// WebhookDeliveryCarried is everything of a WebhookDelivery that survives continue-as-new.
type WebhookDeliveryCarried struct {
	View WebhookDeliveryView `json:"view"`
	Rung bool                `json:"rung,omitempty"`
}

// ActivityDeliverWebhooks sends what is due to one webhook, in the order of each conversation, until nothing is due. It may be
// repeated at any point: a receiver then gets an event again, with the id it had.
const ActivityDeliverWebhooks = "DeliverWebhooks"

// WebhookDeliveryView says how a webhook stands. The state query and the activity answer with it.
type WebhookDeliveryView struct {
	State models.WebhookState `json:"state"`
	// NextAt is when something is due: a later attempt, or the next probe. Zero: nothing waits.
	NextAt   time.Time `json:"next_at,omitzero"`
	Failures int       `json:"failures,omitempty"` // in a row
	Sent     int       `json:"sent,omitempty"`
	More     bool      `json:"more,omitempty"` // the worker stops, or the turn was long
	Removed  bool      `json:"removed,omitempty"`
}

// WebhookOutcome is what became of one attempt. Error is a word of ours, Answer the beginning of what the receiver wrote.
type WebhookOutcome struct {
	Delivery models.DeliveryID
	At       time.Time
	Took     time.Duration
	Status   int    // 0: no answer
	Error    string // empty: delivered
	Answer   string
}
