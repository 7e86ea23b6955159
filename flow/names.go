package flow

import (
	"strconv"
	"time"
)

// aliases are names that may stand for a path; the Portuguese ones are what the people who write texts know (rules 112,
// 183, 185, 202).
var aliases = map[string][]string{
	"nome": {"contact", "name"}, "name": {"contact", "name"},
	"primeiro_nome": {"contact", "first_name"}, "first_name": {"contact", "first_name"},
	"telefone": {"contact", "phone"}, "phone": {"contact", "phone"},
	"email": {"contact", "email"}, "cpf": {"contact", "cpf"}, "rg": {"contact", "rg"},
	"data_nascimento": {"contact", "birth_date"}, "birth_date": {"contact", "birth_date"},
	"codigo_cliente": {"contact", "client_code"}, "client_code": {"contact", "client_code"},
	"idioma": {"contact", "language"}, "protocolo": {"conversation", "protocol"}, "protocol": {"conversation", "protocol"},
	"conversa": {"conversation", "number"}, "conexao": {"conversation", "connection"}, "empresa": {"account", "name"},
	"hoje": {"today"}, "agora": {"now"}, "saudacao": {"greeting"}, "resposta": {"answer"},
}

// reserved are the first names a flow's own variables may not have.
var reserved = map[string]bool{
	"contact": true, "conversation": true, "trigger": true, "account": true, "flow": true, "run": true, "now": true, "today": true,
	"greeting": true, "answer": true, "answers": true, "vars": true, "secret": true,
}

// ReservedName reports whether a variable may not have this name because the engine uses it.
func ReservedName(name string) bool { return reserved[name] }

// lookup finds the value a path names. A bare name is a variable of the flow, then an alias, then a system field, then a
// custom field of the contact. What is not there is nil.
func (r *run) lookup(path []string) any {
	f := r.frame()
	if v, ok := f.Vars[path[0]]; ok {
		return dig(v, path[1:])
	}
	if alias, ok := aliases[path[0]]; ok {
		if len(path) > 1 {
			return nil
		}
		path = alias
	}
	rest := path[1:]
	switch path[0] {
	case "contact":
		return r.lookupContact(rest)
	case "conversation":
		return r.lookupConversation(rest)
	case "trigger":
		return r.lookupTrigger(rest)
	case "account":
		if len(rest) == 1 && rest[0] == "name" {
			return r.env.Account.Name
		}
		if len(rest) == 0 {
			return map[string]any{"name": r.env.Account.Name}
		}
		return nil
	case "flow":
		m := map[string]any{"id": f.Flow, "name": r.g.doc.Name, "version": f.Version}
		return dig(m, rest)
	case "run":
		return dig(map[string]any{"id": r.s.Run, "visits": float64(r.s.Visits)}, rest)
	case "ticket":
		return r.lookupTicket(rest)
	case "visits":
		if len(rest) == 1 {
			return float64(f.Visits[rest[0]])
		}
		return nil
	case "now":
		if len(rest) == 0 {
			return instant(r.now.In(orUTC(r.zone)).Format(time.RFC3339))
		}
		return nil
	case "today":
		if len(rest) == 0 {
			return r.now.In(orUTC(r.zone)).Format(time.DateOnly)
		}
		return nil
	case "greeting":
		return momentOfDay(r.now.In(orUTC(r.zone)), r.s.Language)
	case "typed", "reason", "attempts_left":
		if r.typed != nil && len(rest) == 0 {
			return map[string]any{"typed": r.typed.text, "reason": r.typed.reason, "attempts_left": float64(r.typed.left)}[path[0]]
		}
	case "answer":
		if r.typed != nil && len(rest) == 0 { // the latest, although it is none
			return r.typed.text
		}
		if f.Last == "" {
			return nil
		}
		return dig(f.Answers[f.Last], rest)
	case "answers":
		if len(rest) == 0 {
			return f.Answers
		}
		return dig(f.Answers[rest[0]], rest[1:])
	case "vars":
		if len(rest) == 0 {
			return f.Vars
		}
		return dig(f.Vars[rest[0]], rest[1:])
	}
	if v, ok := r.contact.Fields[path[0]]; ok {
		return dig(normalize(v), rest)
	}
	return nil
}

// dig follows a path into objects and lists.
func dig(v any, path []string) any {
	for _, step := range path {
		switch c := v.(type) {
		case map[string]any:
			v = c[step]
		case []any:
			i, err := strconv.Atoi(step)
			switch {
			case step == "size":
				v = float64(len(c))
			case err != nil || i < 0 || i >= len(c):
				return nil
			default:
				v = c[i]
			}
		default:
			return nil
		}
	}
	return v
}

func (r *run) lookupContact(path []string) any {
	c := &r.contact
	if len(path) == 0 {
		m := map[string]any{"fields": normalize(c.Fields), "labels": normalize(c.Labels)}
		for _, k := range contactKeys {
			m[k] = r.lookupContact([]string{k})
		}
		return m
	}
	switch path[0] {
	case "id":
		return c.ID
	case "name":
		return c.Name
	case "first_name":
		return c.firstName()
	case "phone":
		return c.Phone
	case "email":
		return c.Email
	case "birth_date":
		return c.BirthDate
	case "cpf":
		return c.CPF
	case "rg":
		return c.RG
	case "client_code":
		return c.ClientCode
	case "language":
		return c.Language
	case "default_agent":
		return c.DefaultAgent
	case "labels":
		return dig(normalize(c.Labels), path[1:])
	case "fields":
		if len(path) == 1 {
			return normalize(c.Fields)
		}
		return dig(normalize(c.Fields[path[1]]), path[2:])
	}
	return dig(normalize(c.Fields[path[0]]), path[1:])
}

var contactKeys = []string{
	"id", "name", "first_name", "phone", "email", "birth_date", "cpf", "rg", "client_code", "language", "default_agent",
}

func (r *run) lookupConversation(path []string) any {
	c := &r.ev.Conversation
	if len(path) == 0 {
		m := map[string]any{}
		for _, k := range conversationKeys {
			m[k] = r.lookupConversation([]string{k})
		}
		m["window_open"] = r.windowOpen()
		return m
	}
	switch path[0] {
	case "id":
		return c.ID
	case "number":
		return c.Number
	case "connection":
		return c.ConnectionName
	case "connection_id":
		return c.ConnectionID
	case "provider":
		return c.Provider
	case "protocol":
		if t := r.s.Ticket; t != nil && r.ev.Kind == EventTicketOpened { // the snapshot was read before it
			return t.Protocol
		}
		return c.Protocol
	case "queue":
		return c.Queue
	case "last_agent":
		return c.LastAgent
	case "priority":
		return c.Priority
	case "window_open":
		return r.windowOpen()
	}
	return nil
}

var conversationKeys = []string{
	"id", "number", "connection", "connection_id", "provider", "protocol", "queue", "last_agent", "priority",
}

func (r *run) lookupTrigger(path []string) any {
	t := r.s.Trigger
	if t == nil {
		return nil
	}
	m := map[string]any{"kind": t.Kind, "keyword": t.Keyword, "payload": t.Payload, "text": t.Text}
	if f := t.Referral; f != nil {
		m["referral"] = map[string]any{
			"source_type": f.SourceType, "source_id": f.SourceID, "source_url": f.SourceURL, "headline": f.Headline, "body": f.Body,
			"click_id": f.ClickID,
		}
	}
	if t.Form != nil {
		m["form"] = t.Form
	}
	if p := t.Product; p != nil {
		m["product"] = map[string]any{"id": p.ID, "catalog_id": p.CatalogID}
	}
	return dig(m, path)
}
