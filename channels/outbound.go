package channels

import "github.com/perene/perene/models"

// Outbound is one message to be sent once.
type Outbound struct {
	// AttemptID is the id of the recorded attempt. It travels with the message
	// and comes back in every status, so it holds nothing personal. At most 64
	// bytes.
	AttemptID string
	// To is an address that Identify gave.
	To string
	// KeyHash makes the provider refuse if the person's device changed.
	KeyHash string
	// Content has its references resolved: files carry a provider's id or a
	// public URL, quotes and reactions the provider's message id.
	Content *models.Content
	// ReplyTo is the provider's id of the message to quote.
	ReplyTo string
	// Route picks another endpoint than the ordinary one.
	Route Route
}

// Route is the endpoint of a send.
type Route string

// Routes.
const (
	RouteMessages Route = ""
	// RouteMarketing sends marketing templates by the provider's optimised
	// endpoint, falling back to the ordinary one by itself.
	RouteMarketing Route = "marketing"
	// RouteMarketingStrict does not fall back.
	RouteMarketingStrict Route = "marketing_strict"
)

// Receipt is the provider's answer to an accepted send. Accepted is not sent:
// statuses say the rest.
type Receipt struct {
	ProviderMessageID string `json:"provider_message_id"`
	// Address is the person's as the provider knows it. It may differ from the
	// one we sent to (ninth digit). Empty if the provider does not say.
	Address string `json:"address,omitempty"`
	// Person is how the provider knows the receiver, where it says so.
	Person Person `json:"person,omitzero"`
	// Status is the provider's remark on a template: "accepted",
	// "held_for_quality_assessment", "paused".
	Status string `json:"status,omitempty"`
}

// Credentials say by which account at the provider to speak. The channel's fields (models.Channel) name what they hold.
type Credentials struct {
	ProviderRef  string // the provider's name for our number, page or bot
	PortfolioRef string // its name for the business that owns it
	Config       map[string]string
	Secrets      map[string]Secret // those that sending needs
}
