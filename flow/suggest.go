package flow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// nearest is the name that is most like another one; empty where none is.
func nearest(name string, names []string) string {
	best, least := "", max(1, len(name)/3)
	if len(name) < 3 {
		return ""
	}
	for _, n := range names {
		if d := distance(fold(name), fold(n)); d <= least && n != name {
			if d < least || best == "" {
				best, least = n, d
			}
		}
	}
	return best
}

// distance is how many characters are to be changed to make one text of another; two that are swapped count once.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 60 || len(y) > 60 {
		return 100
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// known is what there is, for a problem's text: the nearest name first where one is near, else all of them.
func known(name string, names []string) (pt, en string) {
	if n := nearest(name, names); n != "" {
		return `você quis dizer "` + n + `"?`, `did you mean "` + n + `"?`
	}
	const most = 30
	if len(names) == 0 {
		return "não há nenhum.", "there are none."
	}
	list := strings.Join(names[:min(len(names), most)], ", ")
	return "o que existe: " + list + ".", "what exists: " + list + "."
}

// unknown tells of a name that is not there, with what there is instead.
func (c *compiler) unknown(code Code, at, name string, names []string) {
	c.problem(code, at, name)
	p := &c.problems[len(c.problems)-1]
	pt, en := known(name, names)
	p.Text = map[string]string{"pt-BR": p.Text["pt-BR"] + " " + upperFirst(pt), "en": p.Text["en"] + " " + upperFirst(en)}
}

func upperFirst(s string) string { return capitalize(s) }

// jsonTypes read themselves: what they refuse is told at their place.
var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// shape compares JSON with the struct that it is read into. It tells of each key that nobody knows, and of each value that does
// not fit, at its place. It returns the JSON without the values that do not fit.
func (c *compiler) shape(t reflect.Type, raw json.RawMessage, at string, extra ...string) json.RawMessage {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[json.RawMessage]() || t.Kind() == reflect.Interface || string(raw) == "null" {
		return raw
	}
	if !reflect.PointerTo(t).Implements(unmarshaler) {
		switch t.Kind() { //nolint:exhaustive // the others are leaves
		case reflect.Struct:
			var members map[string]json.RawMessage
			if json.Unmarshal(raw, &members) == nil {
				return c.shapeStruct(t, members, at, extra)
			}
		case reflect.Slice:
			var items []json.RawMessage
			if json.Unmarshal(raw, &items) == nil {
				for i := range items {
					if items[i] = c.shape(t.Elem(), items[i], pointer(at, strconv.Itoa(i))); items[i] == nil {
						items[i] = json.RawMessage("null")
					}
				}
				return marshalled(items)
			}
		case reflect.Map:
			var members map[string]json.RawMessage
			if json.Unmarshal(raw, &members) == nil {
				for _, k := range sortedKeys(members) {
					if members[k] = c.shape(t.Elem(), members[k], pointer(at, k)); members[k] == nil {
						delete(members, k)
					}
				}
				return marshalled(members)
			}
		}
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		_, text := explainJSON(err)
		c.problem("setting_shape", at, text)
		return nil
	}
	return raw
}

func (c *compiler) shapeStruct(t reflect.Type, members map[string]json.RawMessage, at string, extra []string) json.RawMessage {
	fields := map[string]reflect.Type{}
	jsonFields(t, fields)
	names := sortedKeys(fields)
	for _, k := range sortedKeys(members) {
		f, ok := fields[k]
		switch {
		case !ok && slices.Contains(extra, k):
		case !ok:
			c.unknown("setting_unknown", pointer(at, k), k, names)
			delete(members, k)
		default:
			if members[k] = c.shape(f, members[k], pointer(at, k)); members[k] == nil {
				delete(members, k)
			}
		}
	}
	return marshalled(members)
}

// jsonFields are the members of a struct by their JSON names, those of embedded structs among them.
func jsonFields(t reflect.Type, into map[string]reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			jsonFields(f.Type, into)
		case f.IsExported() && name != "" && name != "-":
			into[name] = f.Type
		}
	}
}

func marshalled(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// noFilter tells of a filter that is not there, and of the one that may be meant.
func noFilter(name string) error {
	if n := nearest(name, sortedKeys(liquidFilters)); n != "" {
		return fmt.Errorf("there is no filter %q; did you mean %q?", name, n)
	}
	return fmt.Errorf("there is no filter %q", name)
}
