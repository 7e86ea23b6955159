package graph

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// value is the content of a change of field "messages".
type value struct {
	Product  string            `json:"messaging_product"`
	Metadata *metadata         `json:"metadata,omitempty"`
	Contacts []contact         `json:"contacts,omitempty"`
	Messages []json.RawMessage `json:"messages,omitempty"`
	Statuses []statusObject    `json:"statuses,omitempty"`
}

type metadata struct {
	Display string `json:"display_phone_number"`
	ID      string `json:"phone_number_id"`
}

type contact struct {
	Profile profile `json:"profile"`
	WaID    string  `json:"wa_id,omitempty"`
	UserID  string  `json:"user_id"`
}

type profile struct {
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
}

// update is one thing that happened, on its way into a delivery.
type update struct {
	waba   string
	number string
	field  string
	value  *value          // of field messages
	raw    json.RawMessage // of any other field
	label  string
	done   chan struct{} // closed when the first attempt has ended
	ack    *ackRef
}

// ackRef is a person's message whose second tick waits for the business's server.
type ackRef struct {
	Number string `json:"number"`
	Person string `json:"person"`
	Wamid  string `json:"wamid"`
}

type envelope struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
}

type entry struct {
	ID      string   `json:"id"`
	Time    int64    `json:"time,omitempty"`
	Changes []change `json:"changes"`
}

type change struct {
	Value any    `json:"value"`
	Field string `json:"field"`
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func (n *Number) metadata() *metadata { return &metadata{Display: n.digits(), ID: n.ID} }

// phoneShown tells whether webhooks of a number may carry a person's phone number: always, unless the
// person hides it and the number has not written to it in the last 30 days.
func (s *Server) phoneShown(n *Number, p *Person) bool {
	if p.WaID == "" {
		return false
	}
	if !p.HidePhone {
		return true
	}
	pr := n.pairs[p.ID]
	return pr != nil && s.Now().Sub(pr.PhoneKnownAt) < 30*24*time.Hour
}

func (s *Server) contact(n *Number, p *Person) contact {
	c := contact{Profile: profile{Name: p.Name, Username: p.Username}, UserID: s.userID(n.waba.BusinessID, p)}
	if s.phoneShown(n, p) {
		c.WaID = p.WaID
	}
	return c
}

// destination is where an app wants an account's webhooks, and the secret they are signed with.
type destination struct {
	App    string
	URL    string
	secret string
}

// destinations lists who gets an event: number before account before app; the first two only for messages.
func (s *Server) destinations(w *WABA, n *Number, field string) []destination {
	var out []destination
	for i, sub := range w.Subscriptions {
		app := s.apps[sub.AppID]
		if app == nil {
			continue
		}
		url := app.WebhookURL
		if field == "messages" && sub.CallbackURL != "" {
			url = sub.CallbackURL
		}
		if field == "messages" && n != nil && n.CallbackURL != "" && i == 0 {
			url = n.CallbackURL
		}
		if url != "" {
			out = append(out, destination{App: app.ID, URL: url, secret: app.Secret})
		}
	}
	return out
}

// assemble makes the body of a delivery. Neighbours of one number and kind share a change, as Meta does.
func assemble(updates []update, at time.Time) []byte {
	env := envelope{Object: "whatsapp_business_account"}
	var last *value
	var lastKey string
	for _, u := range updates {
		key := ""
		if u.value != nil && u.field == "messages" {
			kind := "messages"
			if u.value.Statuses != nil {
				kind = "statuses"
			}
			key = u.waba + "|" + u.number + "|" + kind
		}
		if key != "" && key == lastKey {
			last.Messages = append(last.Messages, u.value.Messages...)
			last.Statuses = append(last.Statuses, u.value.Statuses...)
			last.Contacts = addContacts(last.Contacts, u.value.Contacts)
			continue
		}
		if len(env.Entry) == 0 || env.Entry[len(env.Entry)-1].ID != u.waba {
			env.Entry = append(env.Entry, entry{ID: u.waba})
		}
		e := &env.Entry[len(env.Entry)-1]
		lastKey, last = key, nil
		if u.value != nil {
			v := *u.value
			last = &v
			e.Changes = append(e.Changes, change{Value: last, Field: u.field})
		} else {
			e.Time = at.Unix()
			e.Changes = append(e.Changes, change{Value: u.raw, Field: u.field})
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(env)
	return bytes.TrimRight(buf.Bytes(), "\n")
}

func addContacts(have, more []contact) []contact {
	for _, c := range more {
		known := false
		for _, h := range have {
			known = known || h == c
		}
		if !known {
			have = append(have, c)
		}
	}
	return have
}

// escape writes JSON the way Meta does before signing: non-ASCII as \uXXXX in lower case and the
// slash as \/ . Outside of strings neither occurs, so the whole text can be treated alike.
func escape(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '\\': // an escape that is there already stays as it is
			out = append(out, c, b[i+1])
			i += 2
		case c == '/':
			out = append(out, '\\', '/')
			i++
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			r, size := utf8.DecodeRune(b[i:])
			if r > 0xFFFF {
				r -= 0x10000
				out = appendUnit(out, 0xD800+uint16(r>>10))
				out = appendUnit(out, 0xDC00+uint16(r&0x3FF))
			} else {
				out = appendUnit(out, uint16(r))
			}
			i += size
		}
	}
	return out
}

func appendUnit(b []byte, u uint16) []byte {
	const hexDigits = "0123456789abcdef"
	return append(b, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}
