package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// interactiveKind states the parts an interactive type may have (reference: limits of interactive messages).
type interactiveKind struct {
	headers string // allowed header types, space separated
	body    int    // longest body; 0: no body allowed
	noBody  bool   // the body may be left out
	footer  bool
	action  func(*send, object)
}

var interactiveKinds = map[string]interactiveKind{
	"button":                   {headers: "text image video document", body: 1024, footer: true, action: checkButtons},
	"list":                     {headers: "text", body: 4096, footer: true, action: checkList},
	"cta_url":                  {headers: "text image video document", body: 1024, footer: true, action: checkCTA},
	"location_request_message": {body: 1024, action: namedAction("send_location")},
	"flow":                     {headers: "text image video document", body: 1024, footer: true, action: checkFlow},
	"carousel":                 {body: 1024, action: checkCarousel},
	"product":                  {body: 1024, noBody: true, footer: true, action: checkProduct},
	"product_list":             {headers: "text", body: 1024, footer: true, action: checkProductList},
	"catalog_message":          {body: 1024, footer: true, action: checkCatalog},
	"call_permission_request":  {body: 1024, noBody: true, action: namedAction("call_permission_request")},
	"request_contact_info":     {body: 1024, action: namedAction("request_contact_info")},
	"address_message":          {body: 1024, action: func(*send, object) {}},
}

func checkInteractive(s *send, o object) {
	s.sub = o.need("type", 0)
	kind, ok := interactiveKinds[s.sub]
	if !ok {
		names := make([]string, 0, len(interactiveKinds))
		for _, k := range sortedKeys(interactiveKinds) {
			names = append(names, strings.ToUpper(k))
		}
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: fmt.Sprintf("Param interactive['type'] must be one of {%s} - got %q.", strings.Join(names, ", "), s.sub)})
		return
	}
	o.only("type", "header", "body", "footer", "action")
	checkHeader(s, o, kind.headers)
	if !o.has("body") {
		if !kind.noBody {
			o.missing("body")
		}
	} else {
		o.child("body").only("text").need("text", kind.body)
	}
	if o.has("footer") {
		if !kind.footer {
			o.c.fail(errInvalid("Param " + o.param("footer") + " is not allowed for this type."))
		}
		o.child("footer").only("text").need("text", 60)
	}
	if s.sub == "product_list" && !o.has("header") {
		o.missing("header")
	}
	action := o.needChild("action")
	if o.c.err == nil {
		kind.action(s, action)
	}
}

func checkHeader(s *send, o object, allowed string) {
	if !o.has("header") {
		return
	}
	h := o.child("header")
	kind := h.need("type", 0)
	if !strings.Contains(" "+allowed+" ", " "+kind+" ") {
		o.c.fail(errInvalid("Param " + h.param("type") + " is not supported for this interactive type."))
		return
	}
	h.only("type", kind, "sub_text")
	if kind == "text" {
		h.need("text", 60)
		return
	}
	media := h.needChild(kind)
	if o.c.err == nil {
		s.addMedia(kind, media.only("id", "link", "filename", "caption", "provider"))
	}
}

func checkButtons(_ *send, o object) {
	buttons := o.only("buttons").list("buttons")
	if len(buttons) < 1 || len(buttons) > 3 {
		o.c.fail(errValue("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"))
	}
	titles, ids := map[string]bool{}, map[string]bool{}
	for _, b := range buttons {
		b.only("type", "reply").oneOf("type", "reply")
		r := b.needChild("reply").only("id", "title")
		title, id := r.label("title", "Button title", 20), r.label("id", "Button reply id", 256)
		if titles[title] {
			o.c.fail(errValue("Duplicated button title: titles must be unique within a message"))
		}
		if ids[id] {
			o.c.fail(errValue("Duplicated button reply id: ids must be unique within a message"))
		}
		titles[title], ids[id] = true, true
	}
}

func checkList(_ *send, o object) {
	o.only("button", "sections").label("button", "Button label", 20)
	sections := o.list("sections")
	if len(sections) < 1 || len(sections) > 10 {
		o.c.fail(errValue("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10"))
	}
	rows, ids := 0, map[string]bool{}
	for _, sec := range sections {
		sec.only("title", "rows")
		if len(sections) > 1 || sec.text("title", 0) != "" {
			sec.label("title", "Section title", 24)
		}
		list := sec.list("rows")
		if len(list) == 0 {
			o.c.fail(errValue("Section must have at least 1 row"))
		}
		for _, r := range list {
			rows++
			r.only("id", "title", "description")
			id := r.label("id", "Row id", 200)
			r.label("title", "Row title", 24)
			if utf8.RuneCountInString(r.text("description", 0)) > 72 {
				o.c.fail(errValue("Row description is too long. Max length is 72"))
			}
			if ids[id] {
				o.c.fail(errValue("Duplicated row id: ids must be unique within a message"))
			}
			ids[id] = true
		}
	}
	if rows > 10 {
		o.c.fail(errValue("Total row count exceed max allowed count: 10"))
	}
}

func checkCTA(_ *send, o object) {
	o.only("name", "parameters").oneOf("name", "cta_url")
	p := o.needChild("parameters").only("display_text", "url")
	p.label("display_text", "Display text", 20)
	if u := p.need("url", 2000); u != "" && !webLink(u) {
		o.c.fail(errValue("Param " + p.param("url") + " is not a valid URI."))
	}
}

func namedAction(name string) func(*send, object) {
	return func(_ *send, o object) { o.only("name").oneOf("name", name) }
}

func checkFlow(_ *send, o object) {
	o.only("name", "parameters").oneOf("name", "flow")
	p := o.needChild("parameters").only("flow_message_version", "flow_id", "flow_name", "flow_cta", "flow_token", "flow_action", "flow_action_payload", "mode")
	p.need("flow_message_version", 0)
	if !p.has("flow_id") && !p.has("flow_name") {
		p.missing("flow_id")
	}
	p.label("flow_cta", "Flow CTA", 30)
	if p.has("flow_action") && p.oneOf("flow_action", "navigate", "data_exchange") == "navigate" && p.has("flow_action_payload") {
		p.child("flow_action_payload").need("screen", 0)
	}
}

func checkCarousel(s *send, o object) {
	cards := o.only("cards").list("cards")
	if len(cards) < 2 || len(cards) > 10 {
		o.c.fail(errValue("Invalid cards count. Min allowed cards: 2, Max allowed cards: 10"))
	}
	first := ""
	for i, card := range cards {
		card.only("card_index", "type", "header", "body", "action").oneOf("type", "cta_url")
		if n, ok := card.number("card_index"); !ok || int(n) != i {
			o.c.fail(errValue("Card indexes must start at 0 and be consecutive"))
		}
		if !card.has("header") {
			card.missing("header")
		}
		checkHeader(s, card, "image video")
		kind := card.child("header").text("type", 0)
		if first == "" {
			first = kind
		}
		if kind != first {
			o.c.fail(errValue("All cards must have the same header type"))
		}
		if card.has("body") {
			if t := card.child("body").only("text").need("text", 160); strings.Count(t, "\n") > 2 {
				o.c.fail(errValue("Card body must have at most 2 line breaks"))
			}
		}
		checkCTA(s, card.needChild("action"))
	}
}

func checkProduct(_ *send, o object) {
	o.only("catalog_id", "product_retailer_id").need("catalog_id", 0)
	o.need("product_retailer_id", 0)
}

func checkProductList(_ *send, o object) {
	o.only("catalog_id", "sections").need("catalog_id", 0)
	sections := o.list("sections")
	if len(sections) < 1 || len(sections) > 10 {
		o.c.fail(errValue("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10"))
	}
	n := 0
	for _, sec := range sections {
		sec.only("title", "product_items")
		for _, item := range sec.list("product_items") {
			item.only("product_retailer_id").need("product_retailer_id", 0)
			n++
		}
	}
	if n < 1 || n > 30 {
		o.c.fail(errValue("Invalid products count. Min allowed products: 1, Max allowed products: 30"))
	}
}

func checkCatalog(_ *send, o object) {
	o.only("name", "parameters").oneOf("name", "catalog_message")
	if o.has("parameters") {
		o.child("parameters").only("thumbnail_product_retailer_id")
	}
}
