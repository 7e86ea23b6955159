package models

import "time"

// ContactKind says what a contact is.
type ContactKind string

// The kinds of contact.
const (
	ContactPerson ContactKind = "person"
	ContactGroup  ContactKind = "group" // several people in one conversation; it has no phone and opens no window
)

// Contact is a person or a group. Phone may be nil: a WhatsApp user with a username can arrive without one.
type Contact struct {
	ID                 ContactID      `json:"id"`
	AccountID          AccountID      `json:"account_id"`
	Kind               ContactKind    `json:"kind"`
	Name               string         `json:"name"`         // what {nome} gives (rule 183); agents and flows may change it
	ProfileName        string         `json:"profile_name"` // as the person wrote it on the channel
	Phone              *string        `json:"phone,omitempty"`
	Email              *string        `json:"email,omitempty"`
	Language           *string        `json:"language,omitempty"`
	Fields             ContactFields  `json:"fields" gorm:"serializer:json"`
	CustomValues       map[string]any `json:"custom_values" gorm:"serializer:json"` // of the account's own fields, by key
	DefaultAgentID     *UserID        `json:"default_agent_id,omitempty"`           // rule 142
	BroadcastEnabled   bool           `json:"broadcast_enabled"`                    // rule 187
	MarketingStoppedAt *time.Time     `json:"marketing_stopped_at,omitempty"`
	BlockedAt          *time.Time     `json:"blocked_at,omitempty"` // rule 191
	MergedIntoID       *ContactID     `json:"merged_into_id,omitempty"`
	CreatedAt          time.Time      `json:"created_at"`
	UpdatedAt          time.Time      `json:"updated_at"`
}

// ContactFields are the system's fields of a contact that have no column of their own (rule 185).
type ContactFields struct {
	BirthDate  string `json:"birth_date,omitempty"` // YYYY-MM-DD
	CPF        string `json:"cpf,omitempty"`
	RG         string `json:"rg,omitempty"`
	ClientCode string `json:"client_code,omitempty"`
	// CNPJ and CompanyName are of the company that the person stands for (rule 186).
	CNPJ        string `json:"cnpj,omitempty"`
	CompanyName string `json:"company_name,omitempty"`
}
