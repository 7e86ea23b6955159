package channels

import (
	"context"
	"encoding/json"
)

// TemplateLister is an adapter whose provider keeps templates.
type TemplateLister interface {
	// ListTemplates gives one page of the account's templates. An empty cursor
	// starts, and an empty Next ends.
	ListTemplates(ctx context.Context, cred Credentials, cursor string) (TemplatePage, error)
}

// HealthReader is an adapter whose provider tells the state of our number.
type HealthReader interface {
	// NumberHealth asks for the state of our number.
	NumberHealth(ctx context.Context, cred Credentials) (NumberHealth, error)
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
	// ProviderRef is the provider's name for it, as a connection has it.
	ProviderRef  string `json:"provider_ref"`
	DisplayPhone string `json:"display_phone,omitempty"`
	VerifiedName string `json:"verified_name,omitempty"`
	NameStatus   string `json:"name_status,omitempty"`
	Status       string `json:"status,omitempty"`
	Quality      string `json:"quality,omitempty"` // GREEN, YELLOW, RED, UNKNOWN
	// Limit is the messaging limit: "TIER_2K".
	Limit string `json:"limit,omitempty"`
	// Throughput is STANDARD or HIGH; PerSecond what follows from it.
	Throughput string `json:"throughput,omitempty"`
	PerSecond  int    `json:"per_second,omitempty"`
	// Coexistence says that the number also lives in the provider's own app. It is told either way.
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
