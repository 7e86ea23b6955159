package models

import (
	"encoding/json"
	"time"
)

// Account is a tenant.
type Account struct {
	ID            AccountID       `json:"id"`
	Slug          string          `json:"slug"`
	Name          string          `json:"name"`
	Timezone      string          `json:"timezone"` // IANA; Z29
	Locale        string          `json:"locale"`
	Settings      AccountSettings `json:"settings" gorm:"serializer:json"`
	ErrorPolicies json.RawMessage `json:"error_policies" gorm:"type:jsonb"` // overrides of the table in channels/meta
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
}

// AccountSettings are the account-wide options of rules 037–049 that the present product uses. Every key has a value
// (rule 037); the zero value is the default.
type AccountSettings struct {
	BotMenu               string        `json:"bot_menu,omitempty"`                 // rule 045: "text" or "list"; empty means list
	BotReplyKeepsCounter  bool          `json:"bot_reply_keeps_counter,omitempty"`  // Z5, negated: by default a bot reply clears the no-reply counter
	Hours                 *WeekHours    `json:"hours,omitempty"`                    // account opening hours; nil means always open
	HoursOff              bool          `json:"hours_off,omitempty"`                // rule 041, negated: opening hours count nowhere
	Holidays              []string      `json:"holidays,omitempty"`                 // 2026-12-25, 12-25 or 2026-12-24 08:00-12:00, in the account's zone
	HoldWhileWindowClosed bool          `json:"hold_while_window_closed,omitempty"` // rule 100 for bot texts; agents' texts are always held
	UnknownOutcomeWait    time.Duration `json:"unknown_outcome_wait,omitempty"`     // how long to wait for a status after a lost answer; 0 means 120 s
	DefaultCountry        string        `json:"default_country,omitempty"`          // ISO code for phones without country code; empty means BR (Z19)
	// Texts are the account's automatic texts (rules 016 to 019, 047 to 049).
	Texts                  AutomaticTexts `json:"texts,omitempty"`
	OutOfHoursOpensTickets bool           `json:"out_of_hours_opens_tickets,omitempty"` // Z9
	// SurveyOnClosing says whether closing offers or demands a survey (rules 038, 039); empty means off.
	SurveyOnClosing SurveyOnClosing `json:"survey_on_closing,omitempty"`
}

// WeekHours are opening hours by weekday (0 = Sunday), in a time zone.
type WeekHours struct {
	Timezone string              `json:"timezone,omitempty"` // IANA; empty means the account's
	Days     map[string][]Period `json:"days"`               // "0".."6" → periods of that day
	// Exceptions are days with hours of their own, written like the account's holidays, which they go before.
	Exceptions []string `json:"exceptions,omitempty"`
}

// Period is a span of a day, "HH:MM" to "HH:MM"; To may be "24:00".
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}
