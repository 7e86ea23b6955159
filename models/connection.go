package models

import (
	"encoding/json"
	"time"
)

// ConnectionState says whether a connection sends.
type ConnectionState string

// The states of a connection.
const (
	ConnectionActive  ConnectionState = "active"  // sends and receives
	ConnectionHeld    ConnectionState = "held"    // the circuit breaker is open: messages wait in order, a probe closes it by itself
	ConnectionPaused  ConnectionState = "paused"  // an admin stopped sending; receiving goes on
	ConnectionRemoved ConnectionState = "removed" // kept for its history
)

// HoldScope says which messages of a held connection wait.
type HoldScope string

// The scopes of a hold.
const (
	HoldAll       HoldScope = "all"
	HoldTemplates HoldScope = "templates" // templates and broadcasts; replies in open windows go on
)

// Connection is one account at a provider (rule 001).
type Connection struct {
	ID             ConnectionID      `json:"id"`
	AccountID      AccountID         `json:"account_id"`
	Key            string            `json:"key"` // opaque, in the webhook's URL
	Name           string            `json:"name"`
	Channel        string            `json:"channel"`
	IsDefault      bool              `json:"is_default"`              // rule 008
	ProviderRef    *string           `json:"provider_ref,omitempty"`  // what the provider calls our number, page or bot
	PortfolioRef   *string           `json:"portfolio_ref,omitempty"` // what it calls the business that owns it
	DisplayPhone   *string           `json:"display_phone,omitempty"`
	Config         map[string]string `json:"config" gorm:"serializer:json"` // the channel's own settings, as its Fields say
	Credentials    map[string][]byte `json:"-" gorm:"serializer:json"`      // each sealed for this row and its name
	RatePerSecond  int               `json:"rate_per_second"`               // messages a second; 0 means the channel's default
	State          ConnectionState   `json:"state"`
	HoldScope      HoldScope         `json:"hold_scope"`
	HoldReason     *string           `json:"hold_reason,omitempty"`
	HoldCode       *int              `json:"hold_code,omitempty"` // Meta's error code that opened the circuit
	HeldAt         *time.Time        `json:"held_at,omitempty"`
	HoldProbes     int               `json:"-"`                  // tries to close the circuit since it opened
	ProbeAt        *time.Time        `json:"probe_at,omitempty"` // next try to close the circuit
	InitialFlowID  *FlowID           `json:"initial_flow_id,omitempty"`
	InitialQueueID *QueueID          `json:"initial_queue_id,omitempty"`
	// SurveyID is the survey that closing offers first, where the queue has none.
	SurveyID *SurveyID          `json:"survey_id,omitempty"`
	Settings ConnectionSettings `json:"settings" gorm:"serializer:json"`
	Health   json.RawMessage    `json:"health" gorm:"type:jsonb"` // what the provider tells; no admin writes it
	HealthAt *time.Time         `json:"health_at,omitempty"`
	// ProvenAt is when the provider showed the number with this connection's token; nil: nobody has shown whose it is.
	ProvenAt *time.Time `json:"proven_at,omitempty"`
	// AlwaysOpen tells that no opening hours are set that could count for it, where that was read with it.
	AlwaysOpen bool      `json:"-" gorm:"-"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

// ConnectionFacts are what the provider tells of a connection, as far as our code reads it. They never mix with settings.
type ConnectionFacts struct {
	DisplayPhone string `json:"display_phone"`
	PerSecond    int    `json:"per_second"`  // messages a second; 0: not told
	Coexistence  bool   `json:"coexistence"` // the number also lives in the WhatsApp Business app
}

// Facts reads what the provider has told so far. What cannot be read counts as not told.
func (c *Connection) Facts() ConnectionFacts {
	var f ConnectionFacts
	if json.Unmarshal(c.Health, &f) != nil {
		return ConnectionFacts{}
	}
	return f
}

// ShownPhone is the number that people see: the provider's once it is known, and until then the admin's.
func (c *Connection) ShownPhone() *string {
	if told := c.Facts().DisplayPhone; told != "" {
		return &told
	}
	return c.DisplayPhone
}

// ConnectionSettings are the options of rules 010–027 that the Cloud API channel uses now.
type ConnectionSettings struct {
	ChatbotTimeoutMinutes int        `json:"chatbot_timeout_minutes,omitempty"` // rule 027, Z18: minutes between starts of the initial flow
	SendReadReceipts      bool       `json:"send_read_receipts,omitempty"`      // rule 009
	ShowTyping            bool       `json:"show_typing,omitempty"`
	RefuseMessages        bool       `json:"refuse_messages,omitempty"` // Z11
	Hours                 *WeekHours `json:"hours,omitempty"`
	// Texts are the connection's automatic texts, which go before the account's (rules 016 to 019).
	Texts              AutomaticTexts `json:"texts,omitempty"`
	EchoClosingKeyword string         `json:"echo_closing_keyword,omitempty"`
	MediaMaxBytes      int64          `json:"media_max_bytes,omitempty"` // 0 means the channel's limits
}
