// Package intake takes deliveries of providers in: it turns what an adapter parsed into what the store stores, checks that
// each element belongs to the connection it came by, and wakes what the stored delivery concerns after COMMIT.
package intake

import (
	"context"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Store is where deliveries go.
type Store interface {
	Receive(ctx context.Context, conn *models.Connection, d contract.InboundDelivery, choose contract.FlowChooser) (contract.Wake, error)
	QuarantinedDelivery(ctx context.Context, account models.AccountID, id models.QuarantineID) (*models.Connection, []byte, error)
	ConnectionOf(ctx context.Context, account models.AccountID, channel, number, business string) (*models.Connection, error)
}

// Waker is told after COMMIT what to wake.
type Waker interface {
	Wake(w contract.Wake)
}

// Intake stores deliveries. Safe for concurrent use.
type Intake struct {
	store    Store
	adapters map[string]channels.Adapter
	choose   contract.DeliveryChooser
	waker    Waker
	observe  func(w contract.Wake, took time.Duration)
}

var _ Store = (*store.Store)(nil)

// New makes an Intake. choose may be nil: then no message starts a flow. observe is told what each delivery held and how long
// it took; it may be nil.
func New(s Store, adapters map[string]channels.Adapter, choose contract.DeliveryChooser, w Waker, observe func(contract.Wake, time.Duration)) *Intake {
	if choose == nil {
		choose = func(context.Context, *models.Connection, *contract.InboundDelivery) contract.FlowChooser { return nil }
	}
	if observe == nil {
		observe = func(contract.Wake, time.Duration) {}
	}
	ringEarly(w)
	return &Intake{store: s, adapters: adapters, choose: choose, waker: w, observe: observe}
}

// A delivery is stored in parts of partElements, each in a transaction of its own that may take partTimeout.
const (
	partElements = 200
	partTimeout  = 10 * time.Second
)

// Receive stores one delivery of a connection and wakes what it concerns. raw is the body as it came, or nil where the delivery
// is only a part of one. An error means that
// not all of it was stored: the provider has to send it again, and what is stored stays so, once. A delivery of several parts
// is stored to its end even when the provider no longer waits.
func (i *Intake) Receive(ctx context.Context, conn *models.Connection, d channels.Delivery, raw []byte) error {
	begun := time.Now()
	in := Translate(i.adapters[conn.Channel], conn, d)
	if len(in.Elements) == 1 {
		in.Elements[0].Raw = keepRaw(&in.Elements[0], raw)
	}
	choose := i.choose(ctx, conn, &in)
	if len(in.Elements) > partElements {
		ctx = context.WithoutCancel(ctx)
	}
	var all contract.Wake
	for rest := in.Elements; len(rest) > 0; {
		part := in
		n := min(len(rest), partElements)
		part.Elements, rest = rest[:n:n], rest[n:]
		wake, err := i.storePart(ctx, conn, part, choose)
		if err != nil {
			return err
		}
		i.waker.Wake(wake)
		all.Add(wake)
	}
	i.observe(all, time.Since(begun))
	return nil
}

func (i *Intake) storePart(ctx context.Context, conn *models.Connection, part contract.InboundDelivery, choose contract.FlowChooser) (contract.Wake, error) {
	ctx, cancel := context.WithTimeout(ctx, partTimeout)
	defer cancel()
	return i.store.Receive(ctx, conn, part, choose)
}

// keepRaw says which bytes stand for the only element of a delivery: for an element that may go to quarantine the whole
// body, which can be replayed as it came.
func keepRaw(e *contract.InboundElement, body []byte) []byte {
	if body == nil || e.Message != nil && e.Message.Content.Kind == models.ContentKindUnsupported {
		return e.Raw // shown with the message
	}
	return body
}

// Replay takes in again what is in quarantine. The error says what is still wrong with it.
func (i *Intake) Replay(ctx context.Context, account models.AccountID, id models.QuarantineID) error {
	conn, body, err := i.store.QuarantinedDelivery(ctx, account, id)
	if err != nil {
		return err
	}
	adapter, ok := i.adapters[conn.Channel]
	if !ok {
		return models.Errorf(models.CodeConnectionState, "nothing here speaks the channel %s", conn.Channel)
	}
	delivery := adapter.Parse(body)
	if conn, err = i.owner(ctx, conn, &delivery); err != nil {
		return err
	}
	in := Translate(adapter, conn, delivery)
	if useless(in) {
		// What was kept may be one message of a delivery; of a whole delivery that is refused its own reason counts.
		if one := Translate(adapter, conn, alone(adapter, conn, body)); stillWrong(in) == nil || !useless(one) {
			in = one
		}
	}
	if err := stillWrong(in); err != nil {
		return err
	}
	if len(in.Elements) == 0 {
		return models.StillQuarantined(models.QuarantineNothing, "it holds nothing that can be read")
	}
	in.Replay = true
	wake, err := i.store.Receive(ctx, conn, in, i.choose(ctx, conn, &in))
	if err != nil {
		return err
	}
	i.waker.Wake(wake)
	return nil
}

// owner gives the connection that a delivery names: the one it came by, or another one of the account whose number all of it
// names.
func (i *Intake) owner(ctx context.Context, conn *models.Connection, d *channels.Delivery) (*models.Connection, error) {
	number, business := Named(conn, d)
	if number == "" && business == "" {
		return conn, nil
	}
	other, err := i.store.ConnectionOf(ctx, conn.AccountID, conn.Channel, number, business)
	if err != nil && models.CodeOf(err) == models.CodeNotFound {
		return conn, nil // it stays where it is, with the reason
	}
	return other, err
}

// Named gives the one other number, or the one other business account, that a whole delivery names; both are empty where a
// part of it is the connection's own, or its parts name several.
func Named(conn *models.Connection, d *channels.Delivery) (number, business string) {
	for i := range d.Elements {
		n, b := Foreign(conn, &d.Elements[i])
		if n == "" && b == "" || i > 0 && (n != number || b != business) {
			return "", ""
		}
		number, business = n, b
	}
	return number, business
}

// Foreign gives the number, or else the business account, that an element names and that is not the connection's.
func Foreign(conn *models.Connection, e *channels.Element) (number, business string) {
	switch {
	case foreign(e.ProviderRef, conn.ProviderRef):
		return e.ProviderRef, ""
	case e.ProviderRef == "" && foreign(e.PortfolioRef, conn.PortfolioRef):
		return "", e.PortfolioRef
	}
	return "", ""
}

// stillWrong gives the reason of the first element that cannot be taken in; nil when there is none.
func stillWrong(d contract.InboundDelivery) error {
	for _, e := range d.Elements {
		if e.Reason != "" {
			return models.StillQuarantined(e.Code, e.Reason)
		}
	}
	return nil
}

// useless tells whether nothing of a parsed body can be read.
func useless(d contract.InboundDelivery) bool {
	for _, e := range d.Elements {
		if e.Reason == "" && (e.Message != nil || e.Status != nil || e.Identity != nil || e.Preference != nil || e.Template != nil || e.Number != nil || e.Named != nil) {
			return false
		}
	}
	return true
}

// alone reads what was kept as one message of a delivery, where the channel's adapter can.
func alone(a channels.Adapter, conn *models.Connection, kept []byte) channels.Delivery {
	reader, ok := a.(channels.ElementReader)
	if !ok || conn.ProviderRef == nil {
		return a.Parse(kept)
	}
	return reader.ParseElement(kept, *conn.ProviderRef)
}

// Translate turns an adapter's delivery into the store's. Elements of another number or business account go to quarantine:
// whoever holds one account's app secret must not reach another's contacts (S3).
func Translate(a channels.Adapter, conn *models.Connection, d channels.Delivery) contract.InboundDelivery {
	out := contract.InboundDelivery{Elements: make([]contract.InboundElement, 0, len(d.Elements))}
	for i := range d.Elements {
		e := &d.Elements[i]
		one := contract.InboundElement{Kind: string(e.Kind), Raw: e.Raw, At: e.At}
		switch number, business := Foreign(conn, e); {
		case number != "":
			one.Code, one.Reason = models.QuarantineOtherNumber, "names a phone number that is not this connection's"
		case business != "":
			one.Code, one.Reason = models.QuarantineOtherBusiness, "names a business account that is not this connection's"
		default:
			named{a, conn}.translate(e, &one)
		}
		out.Elements = append(out.Elements, one)
	}
	return out
}

func foreign(named string, own *string) bool {
	return named != "" && own != nil && *own != "" && named != *own
}

// named turns what an adapter names into what the store knows of a connection.
type named struct {
	adapter channels.Adapter
	conn    *models.Connection
}

func (n named) person(p channels.Person) models.PersonHint {
	return channels.Hint(n.adapter, n.conn, p)
}

func (n named) translate(e *channels.Element, out *contract.InboundElement) {
	switch e.Kind {
	case channels.ElementMessage, channels.ElementEcho:
		out.Message = n.message(e)
	case channels.ElementStatus:
		out.Status = status(e)
	case channels.ElementIdentityChange:
		c := e.IdentityChange
		out.Identity = &models.IdentityChange{ProviderID: c.ProviderID, Previous: n.person(c.Previous), Current: n.person(c.Current), At: e.At}
	case channels.ElementPreference:
		p := e.Preference
		if p.Marketing {
			out.Preference = &models.MarketingPreference{Person: n.person(p.Person), Stopped: p.Stopped, At: e.At}
		}
	case channels.ElementTemplate:
		out.Template = template(e)
	case channels.ElementNumber, channels.ElementAccount:
		out.Number = number(e)
	case channels.ElementCall:
		out.Message = n.call(e)
	case channels.ElementUnparseable:
		out.Code, out.Reason = e.Unparseable.Code, e.Unparseable.Reason
	case channels.ElementAppContact:
		c := e.AppContact
		if c.Action == "add" {
			out.Named = &models.NamedPerson{Person: n.person(channels.Person{Phone: c.Phone, UserID: c.UserID}), Name: models.CleanName(firstOf(c.FullName, c.FirstName))}
		}
	case channels.ElementError, channels.ElementHistory, channels.ElementUnknown:
		out.Number = untold(e)
	}
}

func (n named) message(e *channels.Element) *models.InboundMessage {
	m := e.Message
	out := &models.InboundMessage{ProviderID: m.ProviderID, Person: n.person(m.Person), Content: m.Content, At: e.At,
		FromMe: e.Kind == channels.ElementEcho || m.FromMe}
	out.Arrival = arrival(e, out.FromMe, m.GroupID != "")
	if m.GroupID != "" {
		if !out.FromMe && !m.Person.IsZero() {
			sender := out.Person
			out.Sender = &sender
		}
		out.Person = n.person(channels.Person{GroupID: m.GroupID})
	}
	if out.FromMe && e.Imported {
		out.Reached = m.Reached
	}
	if m.Content.ReplyTo != nil {
		out.ReplyTo = m.Content.ReplyTo.ProviderMessageID
	}
	if f := m.Content.Media; f != nil && m.Content.Kind.IsMedia() && (f.ProviderMediaID != "" || f.URL != "") {
		out.Media = &models.InboundMedia{ProviderMediaID: f.ProviderMediaID, Kind: string(m.Content.Kind), MimeType: f.MimeType, Filename: models.CleanFilename(f.Filename), Size: f.Size}
	}
	cleanNames(&out.Content)
	return out
}

// cleanNames cleans the name of a message's file, also of one that an edit brings. The content is copied where it changes.
func cleanNames(c *models.Content) {
	if c.Media != nil && c.Media.Filename != "" {
		media := *c.Media
		media.Filename = models.CleanFilename(media.Filename)
		c.Media = &media
	}
	if c.Edit != nil && c.Edit.Content != nil {
		cleanNames(c.Edit.Content)
	}
}

// arrival says what a message was when it came, as far as the provider tells.
func arrival(e *channels.Element, fromMe, group bool) models.Arrival {
	switch {
	case e.Imported:
		return models.ArrivalHistory
	case fromMe:
		return models.ArrivalEcho
	case group:
		return models.ArrivalGroup
	case e.Standby:
		return models.ArrivalStandby
	}
	return models.ArrivalLive
}

// call keeps a call on the timeline; one the person makes opens the window (Z14).
func (n named) call(e *channels.Element) *models.InboundMessage {
	c := e.Call
	if c.Call.CallID == "" || c.Person.IsZero() {
		return nil
	}
	inbound := c.Call.Direction != "outbound"
	return &models.InboundMessage{ProviderID: c.Call.CallID + "/" + c.Call.Event, Person: n.person(c.Person), Content: models.Content{Kind: models.ContentKindCall, Call: &c.Call},
		At: e.At, FromMe: !inbound, Arrival: arrival(e, !inbound, false)}
}

func status(e *channels.Element) *models.StatusUpdate {
	s := e.Status
	out := &models.StatusUpdate{ProviderID: s.ProviderID, AttemptID: s.AttemptID, Status: string(s.State), At: e.At, ErrorCode: models.NoProviderCode}
	if len(s.Errors) > 0 {
		out.ErrorCode, out.ErrorText = s.Errors[0].Code, s.Errors[0].Details
		if out.ErrorText == "" {
			out.ErrorText = s.Errors[0].Title
		}
	}
	if s.Pricing != nil {
		out.Pricing = marshal(s.Pricing)
	}
	return out
}
