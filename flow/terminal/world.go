package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/perene/perene/flow"
)

// World is what surrounds a flow: whatever the engine would read of the account, the contact and the channel. The zero World
// is a WhatsApp conversation with Maria Souza on a Friday morning in São Paulo.
type World struct {
	// Now is when the conversation begins.
	Now string `json:"now,omitempty"`
	// Zone is the account's time zone (IANA).
	Zone string `json:"zone,omitempty"`
	// Channel is "whatsapp" or "text" (a channel that takes plain text only).
	Channel string       `json:"channel,omitempty"`
	Account flow.Account `json:"account,omitzero"`
	// Connection is the one that the contact writes to; by default number 1, named WhatsApp.
	Connection flow.Connection `json:"connection,omitzero"`
	Contact    flow.Contact    `json:"contact,omitzero"`
	// FirstContact is set on a contact who never wrote before; the first message of a world is one by default.
	FirstContact *bool `json:"first_contact,omitempty"`
	// WindowClosed begins with a contact who has not written for a day.
	WindowClosed bool            `json:"window_closed,omitempty"`
	LastAgent    string          `json:"last_agent,omitempty"`
	Protocol     string          `json:"protocol,omitempty"`
	Queues       []flow.Queue    `json:"queues,omitempty"`
	Fields       []flow.Field    `json:"fields,omitempty"`
	Templates    []flow.Template `json:"templates,omitempty"`
	// Hours are opening hours by owner ("account", "queue/Financeiro", "connection/1"): days to spans, holidays by date.
	//
	//	account: {mon-fri: 08:00-12:00 13:00-18:00, sat: 18:00-02:00, holidays: {2026-12-25: Natal, 2026-12-24: 08:00-12:00}}
	Hours map[string]map[string]any `json:"hours,omitempty"`
	// Labels, Agents, Secrets and Connections are the names the account has, for the linter.
	Labels      []string `json:"labels,omitempty"`
	Agents      []string `json:"agents,omitempty"`
	Secrets     []string `json:"secrets,omitempty"`
	Connections []string `json:"connections,omitempty"`
}

// WorldFile is the name of the file beside a flow that says what surrounds it.
const WorldFile = "world.yaml"

// ReadWorld reads the world beside a flow, or the one named; the world is the zero World where there is none.
func ReadWorld(flowFile, name string) (World, error) {
	var w World
	if name == "" {
		name = filepath.Join(filepath.Dir(flowFile), WorldFile)
		if _, err := os.Stat(name); err != nil {
			return w, nil //nolint:nilerr // a world is optional
		}
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return w, err
	}
	if err := decodeYAML(raw, &w); err != nil {
		return w, fmt.Errorf("%s: %w", name, err)
	}
	return w, nil
}

// decodeYAML reads YAML into a struct by its JSON tags; a key nobody knows is an error.
func decodeYAML(raw []byte, into any) error {
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return err
	}
	return decodeTree(tree, into)
}

func decodeTree(tree, into any) error {
	asJSON, err := json.Marshal(jsonable(tree))
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(asJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// jsonable gives maps keys that are texts: YAML takes numbers and dates too.
func jsonable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = jsonable(e)
		}
	case map[any]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			key := fmt.Sprint(k)
			if t, ok := k.(time.Time); ok {
				key = t.Format(time.DateOnly)
			}
			out[key] = jsonable(e)
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = jsonable(e)
		}
	}
	return v
}

// env builds what a step may look up.
func (w *World) env(subs func(id, version string) (*flow.Graph, bool)) (*flow.Env, error) {
	env := &flow.Env{Account: w.Account, Channel: flow.WhatsAppCloud(), Queues: w.Queues, Fields: w.Fields, Flow: subs}
	switch w.Channel {
	case "", "whatsapp":
	case "text":
		env.Channel = flow.Capabilities{}
	default:
		return nil, fmt.Errorf("channel %q: write whatsapp or text", w.Channel)
	}
	zone := w.Zone
	if zone == "" {
		zone = "America/Sao_Paulo"
	}
	var err error
	if env.Account.Zone, err = time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("zone: %w", err)
	}
	if env.Account.Name == "" {
		env.Account.Name = "Padaria do João"
	}
	own := w.Connection
	if own.ID == "" {
		own = flow.Connection{ID: "1", Name: "WhatsApp"}
	}
	env.Connections = append(env.Connections, own)
	for _, name := range w.Connections {
		env.Connections = append(env.Connections, flow.Connection{ID: name, Name: name})
	}
	calendars := map[string]*flow.Calendar{}
	for owner, days := range w.Hours {
		key, err := w.owner(owner)
		if err != nil {
			return nil, err
		}
		c, err := calendar(days)
		if err != nil {
			return nil, fmt.Errorf("hours of %s: %w", owner, err)
		}
		calendars[key] = c
	}
	env.Hours = func(owner flow.HoursOwner, id string) (*flow.Calendar, bool) {
		c, ok := calendars[strings.TrimSuffix(string(owner)+"/"+id, "/")]
		return c, ok
	}
	env.Template = w.template
	return env, nil
}

// owner is the key of whose hours are meant: a queue may be named by its name or its id, as in a flow.
func (w *World) owner(name string) (string, error) {
	kind, ref, _ := strings.Cut(name, "/")
	switch {
	case name == "account", kind == "connection" && ref != "":
		return name, nil
	case kind == "queue" && ref != "":
		for _, q := range w.Queues {
			if q.ID == ref || strings.EqualFold(q.Name, ref) {
				return "queue/" + q.ID, nil
			}
		}
		return name, nil
	}
	for _, q := range w.Queues {
		if q.ID == name || strings.EqualFold(q.Name, name) {
			return "", fmt.Errorf("hours of %q: did you mean \"queue/%s\"?", name, q.Name)
		}
	}
	return "", fmt.Errorf("hours of %q: write account, queue/NAME or connection/NAME", name)
}

func (w *World) template(name, language string) (flow.Template, bool) {
	for _, t := range w.Templates {
		if t.Name == name && t.Language == language {
			return t, true
		}
	}
	return flow.Template{}, false
}

// LintEnv is what the linter may look up: only what the world names is known.
func (w *World) LintEnv() flow.LintEnv {
	set := func(names []string) map[string]bool {
		if names == nil {
			return nil
		}
		out := map[string]bool{}
		for _, n := range names {
			out[n] = true
		}
		return out
	}
	env := flow.LintEnv{Queues: w.Queues, Fields: w.Fields, Labels: set(w.Labels), Agents: set(w.Agents), Secrets: set(w.Secrets), Connections: set(w.Connections)}
	if w.Channel == "text" {
		env.Channels = map[string]flow.Capabilities{"text": {}}
	}
	if w.Templates != nil {
		env.Template = w.template
	}
	return env
}

// defaultNow is a Friday, 10:00 in São Paulo.
const defaultNow = "2026-11-20T10:00:00-03:00"

// parseTime reads an instant; without an offset it is in the zone.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: write it like 2026-12-24T09:00", s)
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// calendar reads opening hours: "mon-fri: 08:00-12:00 13:00-18:00".
func calendar(days map[string]any) (*flow.Calendar, error) {
	c := &flow.Calendar{}
	for key, v := range days {
		if key == "holidays" {
			list, ok := v.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("holidays: write dates with their names")
			}
			for date, name := range list {
				h, err := flow.ParseHoliday(date + " " + fmt.Sprint(name))
				if err != nil {
					return nil, err
				}
				c.Holidays = append(c.Holidays, h)
			}
			continue
		}
		spans, err := flow.ParseSpans(fmt.Sprint(v))
		if err != nil {
			return nil, err
		}
		from, to, isRange := strings.Cut(key, "-")
		if !isRange {
			to = from
		}
		a, b := dayIndex(from), dayIndex(to)
		if a < 0 || b < 0 {
			return nil, fmt.Errorf("day %q: write mon-fri, sat or sun", key)
		}
		for d := a; ; d = (d + 1) % 7 {
			c.Week[d] = spans
			if d == b {
				break
			}
		}
	}
	return c, nil
}

func dayIndex(s string) int {
	for i, n := range dayNames {
		if n == s {
			return i
		}
	}
	return -1
}
