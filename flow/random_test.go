package flow

import (
	"encoding/json"
	"fmt"
	"time"

	"pgregory.net/rapid"
)

// The generators draw documents that load, with every kind of node, edges that lead anywhere or nowhere, and events that
// may or may not fit what the run waits for.

type obj = map[string]any

func drawDoc(t *rapid.T, id string) obj {
	n := rapid.IntRange(1, 10).Draw(t, "nodes")
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("n%d", i)
	}
	kinds := []string{
		"content", "content", "question", "question", "menu", "menu", "template", "condition", "switch", "hours", "wait", "wait", "set_variable",
		"split", "loop", "jump", "subflow", "end", "action", "http", "webhook",
	}
	if id != "1" { // a sub-flow that calls itself is drawn often enough through "1"
		kinds = kinds[:16]
	}
	var nodes []any
	for _, nid := range ids {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		settings := drawSettings(t, kind, ids)
		node := obj{"id": nid, "kind": kind, "settings": settings}
		outputs := obj{}
		raw, _ := json.Marshal(settings)
		b := kindsByName[kind].make()
		if err := json.Unmarshal(raw, b); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, o := range b.outputs() {
			if rapid.IntRange(0, 9).Draw(t, "wired") > 0 {
				outputs[o.Name] = rapid.SampledFrom(ids).Draw(t, "to")
			}
		}
		if len(outputs) > 0 {
			node["outputs"] = outputs
		}
		nodes = append(nodes, node)
	}
	set := obj{}
	if rapid.Bool().Draw(t, "defaults") {
		set["defaults"] = obj{rapid.SampledFrom([]string{"*", "timeout", "ok", "invalid"}).Draw(t, "default"): rapid.SampledFrom(ids).Draw(t, "to")}
	}
	if rapid.Bool().Draw(t, "interrupts") {
		set["inbound"], set["interrupt_to"] = "interrupt", rapid.SampledFrom(ids).Draw(t, "to")
	}
	if rapid.Bool().Draw(t, "commands") {
		set["commands"] = []any{obj{"words": []any{"sair", "menu"}, "node": rapid.SampledFrom(ids).Draw(t, "to")}}
	}
	if rapid.IntRange(0, 4).Draw(t, "expires") == 0 {
		set["expire_after"] = "3d"
	}
	set["first_message"] = rapid.SampledFrom([]string{"trigger", "answer"}).Draw(t, "first")
	set["mark_read"] = rapid.Bool().Draw(t, "read")
	set["typing"] = rapid.Bool().Draw(t, "typing")
	return obj{
		"spec_version": 1, "id": id, "version": id + "00", "name": "Fluxo " + id, "category": "initial", "start": ids[0], "nodes": nodes, "settings": set,
		"variables": []any{
			obj{"name": "texto", "type": "text", "input": true, "output": true}, obj{"name": "numero", "type": "number", "default": 3},
			obj{"name": "lista", "type": "list", "default": []any{"a", "b", obj{"title": "c"}}},
		},
	}
}

var someTexts = []string{
	"Olá {nome}", "{{ contact.first_name | upcase }}: {{ texto }}", "{{ lista | join: '; ' }} {{ numero | currency }}", "{% for x in lista %}{{ x }}{% endfor %}",
	"{{ answer }} às {{ agora | date: 'time' }}", "Escolha", "{{ answers.n0 | json }} {{ nada.de.nada }}",
	" {{ nada }}",
}

func drawText(t *rapid.T) string { return rapid.SampledFrom(someTexts).Draw(t, "text") }

func drawOptions(t *rapid.T) []any {
	var out []any
	for i := range rapid.IntRange(1, 4).Draw(t, "options") {
		out = append(out, obj{"id": fmt.Sprintf("o%d", i), "title": fmt.Sprintf("Opção %d", i)})
	}
	return out
}

func drawAsking(t *rapid.T, s obj) obj {
	s["attempts"] = rapid.IntRange(1, 3).Draw(t, "attempts")
	s["timeout"] = rapid.SampledFrom([]string{"1m", "1h", "2d"}).Draw(t, "timeout")
	if rapid.IntRange(0, 3).Draw(t, "debounced") == 0 {
		s["debounce"] = "3s"
	}
	if rapid.IntRange(0, 3).Draw(t, "reminded") == 0 {
		s["reminders"] = []any{obj{"after": "30s", "text": "?"}}
	}
	if rapid.Bool().Draw(t, "saved") {
		s["save_to"] = "texto"
	}
	if rapid.IntRange(0, 3).Draw(t, "fielded") == 0 {
		s["field"] = rapid.SampledFrom([]string{"name", "plano"}).Draw(t, "field")
	}
	return s
}

func drawSettings(t *rapid.T, kind string, ids []string) obj {
	to := func() string { return rapid.SampledFrom(ids).Draw(t, "to") }
	switch kind {
	case "content":
		items := []any{}
		for range rapid.IntRange(0, 2).Draw(t, "items") {
			items = append(items, rapid.SampledFrom([]any{
				obj{"kind": "text", "text": drawText(t)}, obj{"kind": "image", "media": obj{"id": "f"}},
				obj{"kind": "contact", "contacts": []any{obj{"name": drawText(t), "phones": []any{"{{ texto }}"}}}},
				obj{"kind": "cta_url", "text": drawText(t), "button": drawText(t), "url": "https://a.example/{{ texto }}"},
				obj{"kind": "save", "text": "?", "save": obj{"type": "number", "save_to": "numero"}},
			}).Draw(t, "item"))
		}
		items = append(items, rapid.SampledFrom([]any{
			obj{"kind": "text", "text": drawText(t)}, obj{"kind": "location_request", "text": drawText(t)},
			obj{"kind": "buttons", "text": drawText(t), "header": drawText(t), "options": drawOptions(t)},
			obj{"kind": "list", "text": drawText(t), "button": drawText(t), "dynamic": obj{"from": "lista"}},
		}).Draw(t, "last"))
		return drawAsking(t, obj{"items": items})
	case "question":
		s := drawAsking(t, obj{"text": drawText(t), "type": rapid.SampledFrom([]string{
			"text", "number", "cpf", "date", "yes_no", "choice", "multiple_choice", "image", "any", "location",
		}).Draw(t, "type")})
		s["options"] = drawOptions(t)
		return s
	case "menu":
		s := drawAsking(t, obj{"text": drawText(t), "options": drawOptions(t)})
		if rapid.IntRange(0, 3).Draw(t, "queues") == 0 {
			s["source"] = "queues"
		}
		return s
	case "template":
		s := drawAsking(t, obj{"name": rapid.SampledFrom([]string{"bom", "pausado", "sumido"}).Draw(t, "template"), "params": obj{"1": drawText(t)}})
		if rapid.Bool().Draw(t, "replies") {
			s["replies"] = []any{obj{"id": "r0", "index": 0}}
		}
		return s
	case "condition":
		return obj{"rules": []any{rapid.SampledFrom([]any{
			obj{"variable": "numero", "op": "greater", "value": "2"}, obj{"expression": "numero > 2 && len(lista) > 1"}, obj{"variable": "texto", "op": "is_set"},
			obj{"variable": "texto", "op": "matches", "value": "^[a-z]+$"},
		}).Draw(t, "rule")}}
	case "switch":
		return obj{"value": "{{ answer }}", "cases": []any{obj{"id": "c0", "values": []any{"1", "sim"}}, obj{"id": "c1", "op": "is_set"}}}
	case "wait":
		s := drawAsking(t, obj{})
		switch mode := rapid.SampledFrom([]string{"duration", "until", "clock", "reply"}).Draw(t, "mode"); mode {
		case "duration":
			s["duration"], s["cancel_on_reply"] = "10m", rapid.Bool().Draw(t, "cancel")
		case "until":
			s["mode"], s["until"] = mode, rapid.SampledFrom([]string{"2026-11-21", "nada", "{{ texto }}"}).Draw(t, "until")
		case "clock":
			s["mode"], s["clock"] = mode, "08:00"
		default:
			s["mode"] = mode
		}
		return s
	case "set_variable":
		return obj{"assignments": []any{rapid.SampledFrom([]any{
			obj{"name": "texto", "value": drawText(t)}, obj{"name": "lista", "op": "append", "value": "{{ answer }}"}, obj{"name": "numero", "op": "increment"},
			obj{"name": "texto", "op": "random_id"}, obj{"name": "lista", "op": "shift"}, obj{"name": "numero", "op": "expression", "expression": "numero * 2"},
			obj{"name": "texto", "op": "now"}, obj{"name": "texto", "op": "clear"},
		}).Draw(t, "assignment")}}
	case "split":
		return obj{"branches": []any{obj{"id": "a", "weight": 1}, obj{"id": "b", "weight": 2}}, "sticky": rapid.Bool().Draw(t, "sticky")}
	case "loop":
		return obj{"list": "lista", "item": "texto", "index": "numero", "max": 3}
	case "jump":
		if rapid.IntRange(0, 4).Draw(t, "over") == 0 {
			return obj{"flow": "2", "inputs": obj{"texto": "{{ answer }}"}}
		}
		return obj{"node": to()}
	case "subflow":
		return obj{"flow": rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "flow"), "inputs": obj{"texto": "{{ answer }}"}, "outputs": obj{"texto": "texto"}}
	case "action":
		actions := []any{obj{"do": "add_label", "label": "vip"}, obj{"do": "set_field", "field": "plano", "value": drawText(t)}}
		if rapid.Bool().Draw(t, "ticket") {
			actions = append(actions, obj{"do": "open_ticket", "mode": "queue", "queue": "3", "suspend": rapid.Bool().Draw(t, "suspend")})
		}
		return obj{"actions": actions}
	case "http":
		return obj{"url": "https://a.example/{{ texto }}", "headers": []any{obj{"name": "X-Key", "value": "{{ secret.KEY }}"}}, "save": []any{obj{"to": "texto", "path": "$.x"}}}
	case "webhook":
		return obj{"event": "e", "data": obj{"texto": "{{ texto }}"}}
	}
	return obj{}
}

// happening is one event of a drawn sequence, before it is fitted to what the run waits for.
type happening struct {
	Kind EventKind
	Wait time.Duration // passes before it
	Text string
	Fits bool // a result or tap that belongs to what is waited for, or one that does not
	In   InboundKind
	Old  bool // a repeat of an old message
}

func drawHappenings(t *rapid.T) []happening {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) happening {
		return happening{
			Kind: rapid.SampledFrom([]EventKind{
				EventInbound, EventInbound, EventInbound, EventInbound, EventInbound, EventTimer, EventTimer, EventTimer, EventCallResult, EventSendResult,
				EventTicketClosed, EventMoveTo, EventSetVariable, EventStop,
			}).Draw(t, "event"),
			Wait: rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Second, 31 * time.Second, time.Hour, 50 * time.Hour}).Draw(t, "after"),
			Text: rapid.SampledFrom([]string{"1", "2", "9", "sim", "Opção 0", "oi", "529.982.247-25", "10,5", "hoje", "menu", "sair", "1, 2", "\x00{{secret.KEY}}"}).Draw(t, "says"),
			Fits: rapid.IntRange(0, 3).Draw(t, "fits") > 0,
			In:   rapid.SampledFrom([]InboundKind{InboundText, InboundText, InboundText, InboundTap, InboundImage, InboundLocation, InboundSticker}).Draw(t, "in"),
			Old:  rapid.IntRange(0, 9).Draw(t, "old") == 0,
		}
	}), 1, 25).Draw(t, "happenings")
}

// event fits a happening to the run.
func (h happening) event(p *player) Event {
	switch h.Kind {
	case EventInbound:
		seq := p.seq + 1
		if h.Old && p.seq > 0 {
			seq = p.seq
		} else {
			p.seq++
		}
		m := Inbound{Seq: seq, ID: fmt.Sprintf("m%d", seq), Kind: h.In, At: p.now, Text: h.Text}
		switch h.In {
		case InboundTap:
			m.Payload = "f~42~1~n0~o0"
			if h.Fits && p.last != "" {
				m.Payload = p.last
			}
		case InboundImage, InboundSticker:
			m.Media, m.Text = &Media{ID: "file", MIME: "image/jpeg", Size: 10}, ""
		case InboundLocation:
			m.Location, m.Text = &Location{Latitude: 1, Longitude: 2}, ""
		}
		return Event{Kind: EventInbound, Inbound: &m}
	case EventCallResult:
		res := CallResult{ID: "42/0/0", Status: 200, Body: `{"x":"y"}`}
		if h.Fits && p.state.Wait != nil {
			res.ID = p.state.Wait.Call
		}
		return Event{Kind: EventCallResult, Call: &res}
	case EventSendResult:
		res := SendResult{Key: "42/0/0", Outcome: SendAccepted}
		if p.state.Wait != nil && h.Fits {
			res.Key = p.state.Wait.Call
		}
		if h.Text == "9" {
			res.Outcome = SendTemplateMissing
		}
		return Event{Kind: EventSendResult, Send: &res}
	case EventMoveTo:
		return Event{Kind: EventMoveTo, MoveTo: &MoveTo{Node: "n0"}}
	case EventSetVariable:
		return Event{Kind: EventSetVariable, Set: &SetVariable{Name: "numero", Value: 7}}
	}
	return Event{Kind: h.Kind}
}
