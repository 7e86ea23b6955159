package whatsapp

import (
	"regexp"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/internal/phone"
)

// inContact is an entry of contacts[] beside messages and statuses.
type inContact struct {
	Profile struct {
		Name     meta.String `json:"name"`
		Username meta.String `json:"username"`
	} `json:"profile"`
	WaID     meta.String `json:"wa_id"`
	UserID   meta.String `json:"user_id"`
	ParentID meta.String `json:"parent_user_id"`
	KeyHash  meta.String `json:"identity_key_hash"`
}

// userIDShape is a business-scoped user id: country, perhaps ENT, then letters
// and digits. Meta says to treat it as opaque; the shape only tells it from a
// phone number where both can stand.
var userIDShape = regexp.MustCompile(`^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,256}$`)

// phoneMax is more digits than any phone number has.
const phoneMax = 20

// place puts an id into the field it belongs to: digits are a phone number, a
// user id may stand where a phone number is expected.
func place(person *channels.Person, id string) {
	id = strings.TrimPrefix(strings.TrimSpace(id), "+")
	switch {
	case id == "":
	case isDigits(id) && len(id) <= phoneMax:
		if person.Phone == "" {
			person.Phone = id
		}
	case userIDShape.MatchString(id):
		if person.UserID == "" {
			person.UserID = id
		}
	}
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// userIDMax bounds an opaque id by what a column and an index take.
const userIDMax = 256

func opaque(id meta.String) string {
	if len(id) > userIDMax {
		return ""
	}
	return string(id)
}

// person joins what a message or status says of somebody with the entry of
// contacts[] that means the same person. A single entry means the only person
// there is, unless it names somebody else.
func (s *scope) person(id, userID, parentID meta.String) channels.Person {
	p := channels.Person{UserID: opaque(userID), ParentUserID: opaque(parentID)}
	place(&p, string(id))
	for i := range s.contacts {
		c := &s.contacts[i]
		var other channels.Person
		other.UserID = opaque(c.UserID)
		place(&other, string(c.WaID))
		if !same(p, other) && (len(s.contacts) > 1 || contradicts(p, other)) {
			continue
		}
		if p.Phone == "" {
			p.Phone = other.Phone
		}
		if p.UserID == "" {
			p.UserID = other.UserID
		}
		if p.ParentUserID == "" {
			p.ParentUserID = opaque(c.ParentID)
		}
		p.Name, p.Username, p.KeyHash = string(c.Profile.Name), string(c.Profile.Username), string(c.KeyHash)
		break
	}
	return p
}

func same(a, b channels.Person) bool {
	return a.UserID != "" && a.UserID == b.UserID || a.Phone != "" && phone.Same(a.Phone, b.Phone)
}

func contradicts(a, b channels.Person) bool {
	return a.UserID != "" && b.UserID != "" && a.UserID != b.UserID ||
		a.UserID == "" && b.UserID == "" && a.Phone != "" && b.Phone != "" && !phone.Same(a.Phone, b.Phone)
}
