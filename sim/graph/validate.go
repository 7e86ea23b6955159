package graph

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// send is a message request that passed the checks which need no state.
type send struct {
	to        string // as given
	recipient string // business-scoped user id, if that was given
	group     bool
	kind      string // text, image, interactive, template …
	sub       string // interactive: its type; reaction and others: ""
	body      map[string]any
	context   string // wamid of the quoted message
	opaque    string // biz_opaque_callback_data
	template  string
	language  string
	media     []mediaRef
}

// mediaRef is a media object inside a message: an uploaded id or a link.
type mediaRef struct {
	kind string
	obj  map[string]any
	id   string
	link string
}

// sendTypes are the types the messages endpoint takes; others that Meta knows are answered by 131051.
var sendTypes = map[string]func(*send, object){
	"text": checkText, "image": checkMedia, "audio": checkMedia, "video": checkMedia, "document": checkMedia,
	"sticker": checkMedia, "location": checkLocation, "contacts": nil, "reaction": checkReaction,
	"interactive": checkInteractive, "template": checkTemplate,
}

var unsupportedTypes = map[string]bool{
	"button": true, "order": true, "system": true, "unsupported": true, "group_invite": true, "list": true, "hsm": true, "poll": true, "edit": true, "revoke": true,
}

// readSend checks a message body against everything Meta states about it.
func readSend(m map[string]any) (*send, *apiError) {
	c := &check{}
	o := object{c: c, m: m}
	s := &send{}
	if product, ok := m["messaging_product"]; !ok {
		c.fail(errRequired("messaging_product"))
	} else if product != "whatsapp" {
		c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param messaging_product must be one of {WHATSAPP} - got \"" + fmt.Sprint(product) + "\"."})
	}
	s.to, s.recipient = o.text("to", 0), o.text("recipient", 256)
	if s.to == "" && s.recipient == "" {
		c.fail(errRequired("to"))
	}
	switch o.text("recipient_type", 0) {
	case "", "individual":
	case "group":
		s.group = true
	default:
		c.fail(errInvalid("Param recipient_type must be one of {INDIVIDUAL, GROUP}."))
	}
	s.kind = o.text("type", 0)
	if s.kind == "" {
		s.kind = "text"
	}
	s.opaque = o.text("biz_opaque_callback_data", 512)
	if o.has("context") {
		s.context = o.child("context").only("message_id").need("message_id", 0)
	}
	validate, ok := sendTypes[s.kind]
	switch {
	case unsupportedTypes[s.kind]:
		c.fail(newError(131051, ""))
	case !ok:
		c.fail(&apiError{HTTP: 400, Code: 100, Title: fmt.Sprintf("Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, TEMPLATE, TEXT, VIDEO} - got %q.", s.kind)})
	}
	o.only("messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
		"recipient_identity_key_hash", "product_policy", "message_activity_sharing", s.kind)
	if c.err != nil {
		return nil, c.err
	}
	if s.kind == "contacts" {
		checkContacts(o)
	} else {
		body := o.needChild(s.kind)
		s.body = body.m
		if c.err == nil {
			validate(s, body)
		}
	}
	if s.group && (s.kind == "interactive" || s.kind == "contacts") {
		c.fail(newError(131051, "Message type is not supported for groups."))
	}
	if s.kind == "reaction" && s.context != "" {
		c.fail(errInvalid("Param context is not allowed for type reaction."))
	}
	if c.err != nil {
		return nil, c.err
	}
	return s, nil
}

func checkText(_ *send, o object) {
	o.only("body", "preview_url").need("body", 4096)
	o.boolean("preview_url")
}

func checkMedia(s *send, o object) {
	keys := map[string][]string{
		"image": {"id", "link", "caption"}, "video": {"id", "link", "caption"}, "audio": {"id", "link", "voice"},
		"document": {"id", "link", "caption", "filename"}, "sticker": {"id", "link"},
	}
	o.only(keys[s.kind]...)
	s.addMedia(s.kind, o)
	o.text("caption", 1024)
	o.text("filename", 240)
	o.boolean("voice")
}

// addMedia checks an {id|link} object and remembers it.
func (s *send) addMedia(kind string, o object) {
	id, link := o.text("id", 0), o.text("link", 2000)
	switch {
	case id == "" && link == "":
		o.c.fail(errMissing("Parameter '" + o.path + "' must have 'id' or 'link'."))
	case id != "" && link != "":
		o.c.fail(errInvalid("Param " + o.path + " must have only one of id and link."))
	case link != "" && !webLink(link):
		o.c.fail(errInvalid("Param " + o.param("link") + " is not a valid URI."))
	}
	s.media = append(s.media, mediaRef{kind: kind, obj: o.m, id: id, link: link})
}

func webLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func checkLocation(_ *send, o object) {
	o.only("latitude", "longitude", "name", "address")
	for _, axis := range [...]struct {
		key   string
		limit float64
	}{{"latitude", 90}, {"longitude", 180}} {
		v, ok := o.number(axis.key)
		if !ok {
			o.missing(axis.key)
		}
		if v < -axis.limit || v > axis.limit {
			o.c.fail(errValue("Param " + o.param(axis.key) + " is out of range."))
		}
	}
	o.text("name", 1000)
	o.text("address", 1000)
}

func checkContacts(o object) {
	list := o.list("contacts")
	if len(list) == 0 {
		o.missing("contacts")
	}
	if len(list) > 257 {
		o.c.fail(errValue("Number of contacts exceeds the maximum of 257."))
	}
	for _, c := range list {
		c.only("name", "phones", "emails", "addresses", "org", "urls", "birthday")
		name := c.needChild("name").only("formatted_name", "first_name", "last_name", "middle_name", "suffix", "prefix")
		name.need("formatted_name", 0)
		if o.c.err == nil && len(name.m) < 2 {
			o.c.fail(errMissing("Parameter '" + name.path + "' needs at least one more name field besides formatted_name."))
		}
		for _, p := range c.list("phones") {
			p.only("phone", "type", "wa_id").text("phone", 0)
		}
		for _, e := range c.list("emails") {
			e.only("email", "type").text("email", 0)
		}
		for _, u := range c.list("urls") {
			u.only("url", "type").text("url", 0)
		}
		if day := c.text("birthday", 0); day != "" {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				o.c.fail(errValue("Param " + c.param("birthday") + " must be YYYY-MM-DD."))
			}
		}
	}
}

func checkReaction(_ *send, o object) {
	o.only("message_id", "emoji").need("message_id", 0)
	if !o.has("emoji") {
		o.missing("emoji")
	}
	emoji := o.text("emoji", 0)
	if emoji != "" && (utf8.RuneCountInString(emoji) > 12 || strings.ContainsFunc(emoji, func(r rune) bool { return unicode.IsLetter(r) || r == ' ' })) {
		o.c.fail(errValue("Param " + o.param("emoji") + " must be one emoji."))
	}
}
