package channels

import "github.com/perene/perene/models"

// ScopedIdentity is an identity as an adapter knows it: with the kind of its scope.
type ScopedIdentity struct {
	Kind    models.IdentityKind
	Scope   models.IdentityScope
	Value   string // what we match on
	Address string
}

// Identification is how a channel knows a person or a group.
type Identification struct {
	Identities []ScopedIdentity // in matching order
	Address    string           // where a message to them goes
	// Fallback says that Address replaces no other one that is known.
	Fallback bool
	Phone    string // E.164 digits with Brazil's ninth digit; empty if not known
}

// Hint names a person or a group of a connection for the store, by the identities that the channel's adapter gives.
func Hint(a Adapter, conn *models.Connection, p Person) models.PersonHint {
	id := a.Identify(p)
	h := models.PersonHint{Kind: models.ContactPerson, Address: id.Address, Fallback: id.Fallback, Phone: id.Phone, Name: models.CleanName(p.Name)}
	if p.GroupID != "" {
		h.Kind = models.ContactGroup
	}
	if h.Name == "" {
		h.Name = models.CleanName(p.Username)
	}
	for _, i := range id.Identities {
		h.Identities = append(h.Identities, models.Identity{Kind: i.Kind, Scope: conn.ScopeOf(i.Scope), Value: i.Value, Address: i.Address})
	}
	return h
}
