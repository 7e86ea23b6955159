package models

// IdentityKind says in which name space an identity lives.
type IdentityKind string

// The kinds of identity.
const (
	IdentityPhone   IdentityKind = "phone"   // E.164 digits with Brazil's ninth digit
	IdentityBSUID   IdentityKind = "bsuid"   // Meta's business-scoped user id
	IdentityLID     IdentityKind = "lid"     // WhatsApp's hidden user
	IdentityPSID    IdentityKind = "psid"    // Messenger's page-scoped id
	IdentityIGSID   IdentityKind = "igsid"   // Instagram's
	IdentityChat    IdentityKind = "chat"    // a chat with a bot
	IdentityVisitor IdentityKind = "visitor" // of a widget
	IdentityEmail   IdentityKind = "email"
	IdentityGroup   IdentityKind = "group"
)

// IdentityKinds are all of them.
var IdentityKinds = []IdentityKind{IdentityPhone, IdentityBSUID, IdentityLID, IdentityPSID, IdentityIGSID, IdentityChat, IdentityVisitor,
	IdentityEmail, IdentityGroup}

// IdentityScope says within what an identity is unique. The same value in two scopes names two people.
type IdentityScope string

// The scopes of identities.
const (
	ScopeAccount    IdentityScope = "account"    // everywhere in the account: phones, e-mail addresses
	ScopePortfolio  IdentityScope = "portfolio"  // the business at the provider to which the connection belongs
	ScopeConnection IdentityScope = "connection" // one page, bot or widget
)

// Identity is how a channel knows a person or a group.
type Identity struct {
	Kind IdentityKind `json:"kind"`
	// Scope is empty for the account, else it names the portfolio or the connection.
	Scope string `json:"scope,omitempty"`
	Value string `json:"value"` // what we match on
	// Address reaches the person by this identity. Only the channel's adapter reads it.
	Address string `json:"address,omitempty"`
}

// ScopeOf names a scope of a connection as identities store it. An unknown portfolio is the connection's own.
func (c *Connection) ScopeOf(s IdentityScope) string {
	switch {
	case s == ScopeAccount:
		return ""
	case s == ScopePortfolio && c.PortfolioRef != nil && *c.PortfolioRef != "":
		return string(ScopePortfolio) + "/" + *c.PortfolioRef
	}
	return string(ScopeConnection) + "/" + c.ID.String()
}

// PersonHint is how a channel names a person or a group.
type PersonHint struct {
	Kind ContactKind `json:"kind,omitempty"` // empty: a person
	// Identities are all that the channel says, in matching order.
	Identities []Identity `json:"identities"`
	// Address is where the channel reaches them. Only the channel's adapter reads it.
	Address string `json:"address,omitempty"`
	// Fallback says that Address replaces no other one that is known.
	Fallback bool   `json:"fallback,omitempty"`
	Phone    string `json:"phone,omitempty"` // E.164 digits with Brazil's ninth digit; empty if not known
	Name     string `json:"name,omitempty"`  // profile name
}
