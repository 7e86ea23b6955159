package whatsapp

import (
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
)

// groupAddress begins the address of a group. A phone's address is its digits, a person's without a phone the user id,
// which begins with a country's letters.
const groupAddress = "group:"

// Identify implements channels.Adapter. The user id counts before the phone, and messages go to the phone if it is known.
func (a *Adapter) Identify(p channels.Person) channels.Identification {
	if p.GroupID != "" {
		address := groupAddress + p.GroupID
		return channels.Identification{Address: address, Identities: []channels.ScopedIdentity{
			{Kind: models.IdentityGroup, Scope: models.ScopeConnection, Value: p.GroupID, Address: address}}}
	}
	var id channels.Identification
	if p.UserID != "" {
		id.Identities = append(id.Identities, channels.ScopedIdentity{Kind: models.IdentityBSUID, Scope: models.ScopePortfolio, Value: p.UserID, Address: p.UserID})
		id.Address, id.Fallback = p.UserID, true
	}
	if p.Phone != "" {
		id.Phone = phone.Canonical(p.Phone)
		id.Identities = append(id.Identities, channels.ScopedIdentity{Kind: models.IdentityPhone, Scope: models.ScopeAccount, Value: id.Phone, Address: p.Phone})
		for _, other := range phone.Variants(p.Phone) {
			// Argentine numbers were once known by the writing without the 9: it leads to the same person.
			if other != id.Phone && strings.HasPrefix(other, "54") {
				id.Identities = append(id.Identities, channels.ScopedIdentity{Kind: models.IdentityPhone, Scope: models.ScopeAccount, Value: other, Address: p.Phone})
			}
		}
		id.Address, id.Fallback = p.Phone, false
	}
	return id
}

// addressed puts an address where the request names the receiver.
func (b *sendBody) addressed(to string) {
	group, isGroup := strings.CutPrefix(to, groupAddress)
	switch {
	case isGroup:
		b.RecipientType, b.To = "group", group
	case isPhone(to):
		b.To = to
	default:
		b.Recipient = to
	}
}

// isPhone tells whether an address is a phone's.
func isPhone(to string) bool {
	digits := strings.TrimPrefix(to, "+")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
