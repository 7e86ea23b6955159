package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Fixture is a small account to test in: one connection and, on demand, published flows.
type Fixture struct {
	*store.Store
	Account    models.AccountID
	Connection *models.Connection
}

// NewFixture makes an account with a WhatsApp connection. key tells several accounts of one test apart.
func NewFixture(t testing.TB, s *store.Store, key string) *Fixture {
	t.Helper()
	f := &Fixture{Store: s}
	f.exec(t, `INSERT INTO accounts (slug, name) VALUES ($1, $1)`, key)
	f.get(t, &f.Account, `SELECT id FROM accounts WHERE slug = $1`, key)
	number, business := "10"+key, "20"+key
	var id models.ConnectionID
	f.get(t, &id, `INSERT INTO connections (account_id, key, name, channel, provider_ref, portfolio_ref, is_default)
		VALUES ($1, $2, 'Suporte WhatsApp 01', $3, $4, $5, true) RETURNING id`, f.Account, key, models.ChannelWhatsAppCloud, number, business)
	f.Connection = &models.Connection{ID: id, AccountID: f.Account, Key: key, Name: "Suporte WhatsApp 01", Channel: models.ChannelWhatsAppCloud,
		ProviderRef: &number, PortfolioRef: &business, State: models.ConnectionActive}
	return f
}

// Publish publishes a graph as the next version of a flow.
func (f *Fixture) Publish(t testing.TB, name, graph string) models.PublishedFlow {
	t.Helper()
	p := models.PublishedFlow{Name: name}
	f.get(t, &p.FlowID, `INSERT INTO flows (account_id, name, draft) VALUES ($1, $2, $3)
		ON CONFLICT (account_id, name) DO UPDATE SET draft = excluded.draft RETURNING id`, f.Account, name, json.RawMessage(graph))
	f.get(t, &p.Number, `SELECT coalesce(max(number), 0) + 1 FROM flow_versions WHERE flow_id = $1`, p.FlowID)
	f.get(t, &p.VersionID, `INSERT INTO flow_versions (account_id, flow_id, number, graph) VALUES ($1, $2, $3, $4) RETURNING id`,
		f.Account, p.FlowID, p.Number, json.RawMessage(graph))
	f.exec(t, `UPDATE flows SET published_version_id = $2 WHERE id = $1`, p.FlowID, p.VersionID)
	return p
}

// Person is somebody with a phone as the provider writes it, a user id, or both; one may be empty.
func Person(number, userID string) models.PersonHint {
	p := models.PersonHint{Kind: models.ContactPerson}
	if userID != "" {
		p.Identities = append(p.Identities, models.Identity{Kind: models.IdentityBSUID, Scope: "portfolio/1", Value: userID, Address: userID})
		p.Address, p.Fallback = userID, true
	}
	if number != "" {
		p.Phone = phone.Canonical(number)
		p.Identities = append(p.Identities, models.Identity{Kind: models.IdentityPhone, Value: p.Phone, Address: number})
		p.Address, p.Fallback = number, false
	}
	return p
}

// Group is a group of a connection.
func Group(id string) models.PersonHint {
	return models.PersonHint{Kind: models.ContactGroup, Address: "group:" + id,
		Identities: []models.Identity{{Kind: models.IdentityGroup, Scope: "connection/1", Value: id, Address: "group:" + id}}}
}

// Named is a person with a profile name.
func Named(name string, p models.PersonHint) models.PersonHint {
	p.Name = name
	return p
}

// Text is an inbound text of a person with this phone (digits); an empty one names nobody.
func Text(providerID, number, text string, at time.Time) contract.InboundElement {
	return contract.InboundElement{Kind: "message", Raw: []byte(`{}`), Message: &models.InboundMessage{
		ProviderID: providerID, Person: Named("Maria", Person(number, "")),
		Content: models.Content{Kind: models.ContentKindText, Text: text}, At: at, Arrival: models.ArrivalLive,
	}}
}

// Count gives the number a query counts.
func (f *Fixture) Count(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	f.get(t, &n, query, args...)
	return n
}

// Exec runs a statement that a test needs and the store does not offer.
func (f *Fixture) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	f.exec(t, sql, args...)
}

func (f *Fixture) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := f.Pool().Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (f *Fixture) get(t testing.TB, into any, sql string, args ...any) {
	t.Helper()
	if err := f.Pool().QueryRow(t.Context(), sql, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}
