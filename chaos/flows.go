package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/perene/perene/bench/rig"
)

// What the plans' flows send.
const (
	utilityTemplate   = "chaos_aviso"
	marketingTemplate = "chaos_novidades"
)

// template is one of the simulator's, approved, with one parameter.
func template(name, category string) map[string]any {
	return map[string]any{"name": name, "language": "pt_BR", "category": category, "status": "APPROVED", "parameter_format": "POSITIONAL",
		"components": []any{map[string]any{"type": "BODY", "text": "Aviso sobre {{1}}, de quem atende você.", "example": map[string]any{"body_text": [][]string{{"isto"}}}}}}
}

func node(id, kind string, settings, outputs map[string]any) map[string]any {
	return map[string]any{"id": id, "kind": kind, "name": id, "settings": settings, "outputs": outputs}
}

// mixedFlow answers each message with a template and with the question again, which repeats the answer: what may be sent
// again after a lost answer and what may not, in turn.
func mixedFlow() map[string]any {
	flow := rig.Flow()
	flow["nodes"] = []any{
		node("ask", "question", map[string]any{"text": "Anotado: {{ last }}. O que mais?", "save_to": "last", "max_length": 4096}, map[string]any{"ok": "tell"}),
		node("tell", "template", map[string]any{"name": utilityTemplate, "params": map[string]any{"1": "{{ last }}"}}, map[string]any{"ok": "ask"}),
	}
	return flow
}

// marketingFlow answers each message with a marketing template, which Meta may refuse by its per-person cap (131049).
func marketingFlow() map[string]any {
	flow := rig.Flow()
	flow["start"] = "tell"
	flow["nodes"] = []any{
		node("tell", "template", map[string]any{"name": marketingTemplate, "params": map[string]any{"1": "{{ trigger.text }}"}}, map[string]any{"ok": "end"}),
		node("end", "end", nil, nil),
	}
	delete(flow, "variables")
	return flow
}

// countedAtMost is how many messages one run of countingFlow takes: each enters three nodes, and a run may enter 20,000.
const countedAtMost = 5000

// countingFlow takes messages up without replying. After countedAtMost of them, or at the word "fim", it tells how many it
// took and a sum that depends on their order; the next message starts it anew.
func countingFlow() map[string]any {
	flow := rig.Flow()
	flow["start"] = "next"
	flow["settings"] = map[string]any{"first_message": "answer"}
	flow["variables"] = []any{
		map[string]any{"name": "last", "type": "text", "default": "-"},
		map[string]any{"name": "count", "type": "number", "default": 0}, map[string]any{"name": "sum", "type": "number", "default": 0}}
	flow["nodes"] = []any{
		node("next", "wait", map[string]any{"mode": "reply", "save_to": "last"}, map[string]any{"ok": "add", "timeout": "end"}),
		node("add", "set_variable", map[string]any{"assignments": []any{
			map[string]any{"name": "count", "op": "increment"},
			map[string]any{"name": "sum", "op": "expression", "expression": "(int(sum) * 31 + int(number(digits(last)))) % 1000003"}}}, map[string]any{"ok": "enough"}),
		node("enough", "condition", map[string]any{"rules": []any{
			map[string]any{"expression": fmt.Sprintf(`count >= %d || last startsWith "fim"`, countedAtMost)}}}, map[string]any{"true": "tell", "false": "next"}),
		node("tell", "content", map[string]any{"items": []any{map[string]any{"kind": "text", "text": "Contei {{ count }}, soma {{ sum }}."}}}, map[string]any{"ok": "end"}),
		node("end", "end", nil, nil),
	}
	return flow
}

// counted is what countingFlow has to reply to these messages, in their order.
func counted(texts []string) (replies []string) {
	count, sum := 0, 0
	for _, t := range texts {
		digits := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, t)
		n, _ := strconv.Atoi(digits) // no digits are 0, as number("") is in a flow
		count++
		sum = (sum*31 + n) % 1000003
		if count >= countedAtMost || strings.HasPrefix(t, "fim") {
			replies = append(replies, fmt.Sprintf("Contei %d, soma %d.", count, sum))
			count, sum = 0, 0
		}
	}
	return replies
}
