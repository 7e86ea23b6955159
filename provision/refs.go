package provision

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Flows name queues, users, connections and other flows by id. In a file they are named as people know them: "queue:Suporte",
// "user:ana@loja.example", "connection:Suporte WhatsApp 01", "flow:Boas-vindas".

// names are the things of an account that flows may name, by kind and name, and by kind and id.
type names struct {
	id   map[string]string // "queue:Suporte" → "3"
	name map[string]string // "queue:3" → "Suporte"
}

func newNames() names { return names{id: map[string]string{}, name: map[string]string{}} }

func (n names) add(kind, name string, id int64) {
	n.id[kind+":"+name] = strconv.FormatInt(id, 10)
	n.name[kind+":"+strconv.FormatInt(id, 10)] = name
}

// reference is a place in a flow's document that names something of the account.
type reference struct {
	pointer string
	kind    string
	value   string
	set     func(string)
}

// references finds every place of a document that names something of the account.
func references(doc map[string]any) []reference {
	var out []reference
	add := func(pointer string, in map[string]any, key, kind string) {
		var value string
		switch v := in[key].(type) {
		case string:
			value = v
		case json.Number:
			value = v.String()
		default:
			return
		}
		if value != "" && kind != "" {
			out = append(out, reference{pointer + "/" + key, kind, value, func(s string) { in[key] = s }})
		}
	}
	for i, n := range objects(doc["nodes"]) {
		at := fmt.Sprintf("/nodes/%d/settings", i)
		settings, ok := n["settings"].(map[string]any)
		if !ok {
			continue
		}
		switch n["kind"] {
		case "action":
			for j, a := range objects(settings["actions"]) {
				to := fmt.Sprintf("%s/actions/%d", at, j)
				add(to, a, "queue", "queue")
				add(to, a, "fallback_queue", "queue")
				add(to, a, "agent", "user")
			}
		case "hours", "wait":
			of, _ := settings["of"].(string)
			add(at, settings, "id", map[string]string{"queue": "queue", "connection": "connection"}[of])
		case "jump", "subflow":
			add(at, settings, "flow", "flow")
		}
	}
	for i, t := range objects(doc["triggers"]) {
		settings, ok := t["settings"].(map[string]any)
		if !ok {
			continue
		}
		at := fmt.Sprintf("/triggers/%d/settings", i)
		add(at, settings, "queue", "queue")
		list, _ := settings["connections"].([]any)
		for j := range list {
			box := map[string]any{"0": list[j]}
			add("", box, "0", "connection")
			if n := len(out); n > 0 && out[n-1].pointer == "/0" {
				out[n-1].pointer = fmt.Sprintf("%s/connections/%d", at, j)
				out[n-1].set = func(s string) { list[j] = s }
			}
		}
	}
	return out
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, len(list))
	for i, item := range list {
		out[i], _ = item.(map[string]any)
		if out[i] == nil {
			out[i] = map[string]any{}
		}
	}
	return out
}

// toIDs replaces names by ids in a document and reports the names there are not.
func (n names) toIDs(doc map[string]any) (missing []string) {
	for _, r := range references(doc) {
		if !strings.HasPrefix(r.value, r.kind+":") {
			continue // an id, or a text with variables
		}
		id, ok := n.id[r.value]
		if !ok {
			missing = append(missing, fmt.Sprintf("%s: there is no %s %q in the account or the file", r.pointer, r.kind, strings.TrimPrefix(r.value, r.kind+":")))
			continue
		}
		r.set(id)
	}
	sort.Strings(missing)
	return missing
}

// toNames replaces ids by names; an id of nothing stays.
func (n names) toNames(doc map[string]any) {
	for _, r := range references(doc) {
		if name, ok := n.name[r.kind+":"+r.value]; ok {
			r.set(r.kind + ":" + name)
		}
	}
}

// replaceURLs gives the addresses that nodes call other beginnings, the longest that fits.
func replaceURLs(doc map[string]any, urls map[string]string) {
	if len(urls) == 0 {
		return
	}
	for _, n := range objects(doc["nodes"]) {
		settings, _ := n["settings"].(map[string]any)
		address, ok := settings["url"].(string)
		if !ok || (n["kind"] != "http" && n["kind"] != "webhook") {
			continue
		}
		best := ""
		for from := range urls {
			if len(from) > len(best) && strings.HasPrefix(address, from) {
				best = from
			}
		}
		if best != "" {
			settings["url"] = urls[best] + strings.TrimPrefix(address, best)
		}
	}
}
