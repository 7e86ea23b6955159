package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// FilterField is what a condition of a saved view looks at.
type FilterField string

// The fields of conditions. The comment names the shape of the values.
const (
	FilterQueue       FilterField = "queue"         // ids; of the open ticket
	FilterAgent       FilterField = "agent"         // ids, or "me"; of the open ticket
	FilterConnection  FilterField = "connection"    // ids
	FilterLabel       FilterField = "label"         // ids; of the contact
	FilterFlow        FilterField = "flow"          // ids; of the run under way
	FilterState       FilterField = "state"         // waiting, open, snoozed, none
	FilterPriority    FilterField = "priority"      // none, low, medium, high, urgent
	FilterWindow      FilterField = "window"        // none, open, expiring, expired
	FilterInCharge    FilterField = "in_charge"     // idle, flow, ticket
	FilterUnread      FilterField = "unread"        // yes or no
	FilterFollowed    FilterField = "followed"      // yes or no; by the viewer
	FilterChatbotOff  FilterField = "chatbot_off"   // yes or no
	FilterOpenedAt    FilterField = "opened_at"     // minutes ago; of the latest ticket
	FilterLastMessage FilterField = "last_message"  // minutes ago
	FilterWaiting     FilterField = "waiting_since" // minutes ago; since when the contact has no answer
	FilterContact     FilterField = "contact_field" // the value of a custom field of the contact, as text
)

// FilterFields are all of them, in the order in which people choose.
var FilterFields = []FilterField{FilterState, FilterQueue, FilterAgent, FilterConnection, FilterLabel, FilterPriority, FilterUnread, FilterWaiting,
	FilterWindow, FilterOpenedAt, FilterLastMessage, FilterInCharge, FilterFlow, FilterFollowed, FilterChatbotOff, FilterContact}

// FilterOp is how a condition compares.
type FilterOp string

// The comparisons.
const (
	FilterIn        FilterOp = "in"         // one of the values
	FilterNotIn     FilterOp = "not_in"     // none of the values
	FilterEmpty     FilterOp = "empty"      // there is none
	FilterPresent   FilterOp = "present"    // there is one
	FilterIs        FilterOp = "is"         // exactly this value
	FilterIsNot     FilterOp = "is_not"     // any other value, or none
	FilterContains  FilterOp = "contains"   // a text that has this in it, in upper or lower case
	FilterOlderThan FilterOp = "older_than" // longer ago than so many minutes
	FilterNewerThan FilterOp = "newer_than" // at most so many minutes ago
)

// FilterOps are all of them.
var FilterOps = []FilterOp{FilterIn, FilterNotIn, FilterEmpty, FilterPresent, FilterIs, FilterIsNot, FilterContains, FilterOlderThan, FilterNewerThan}

// FilterMe stands for the viewer among the ids of agents, so that a view can be shared.
const FilterMe = "me"

// Bounds of a filter.
const (
	FilterMaxBytes  = 8192
	FilterMaxDepth  = 5
	FilterMaxLeaves = 40
	FilterMaxValues = 100
	FilterMaxText   = 200                // characters
	FilterMaxAge    = 10 * 366 * 24 * 60 // minutes
	filterKeyLength = 64
)

// Filter is a tree of conditions. At most one of And, Or, Not and Field is set. A group without parts lets everything through.
type Filter struct {
	And   []Filter        `json:"and,omitempty"`
	Or    []Filter        `json:"or,omitempty"`
	Not   *Filter         `json:"not,omitempty"`
	Field FilterField     `json:"field,omitempty"`
	Op    FilterOp        `json:"op,omitempty"`
	Key   string          `json:"key,omitempty"` // of the custom field
	Value json.RawMessage `json:"value,omitempty"`
}

// filterKind is the shape of a field's values.
type filterKind int

const (
	filterIDs filterKind = iota
	filterAgents
	filterWords
	filterFlag
	filterAge
	filterText
)

// filterField says what conditions on a field may look like.
type filterField struct {
	kind  filterKind
	ops   []FilterOp
	words []string
}

var (
	someOf  = []FilterOp{FilterIn, FilterNotIn, FilterEmpty, FilterPresent}
	agesOf  = []FilterOp{FilterOlderThan, FilterNewerThan, FilterEmpty, FilterPresent}
	choices = []FilterOp{FilterIn, FilterNotIn}
	flags   = []FilterOp{FilterIs}
)

var filterFields = map[FilterField]filterField{
	FilterQueue:       {kind: filterIDs, ops: someOf},
	FilterAgent:       {kind: filterAgents, ops: someOf},
	FilterConnection:  {kind: filterIDs, ops: choices},
	FilterLabel:       {kind: filterIDs, ops: someOf},
	FilterFlow:        {kind: filterIDs, ops: someOf},
	FilterState:       {kind: filterWords, ops: choices, words: []string{"waiting", "open", "snoozed", "none"}},
	FilterPriority:    {kind: filterWords, ops: choices, words: texts(Priorities)},
	FilterWindow:      {kind: filterWords, ops: choices, words: texts([]WindowState{WindowNone, WindowOpen, WindowExpiring, WindowExpired})},
	FilterInCharge:    {kind: filterWords, ops: choices, words: texts([]InCharge{InChargeIdle, InChargeFlow, InChargeTicket})},
	FilterUnread:      {kind: filterFlag, ops: flags},
	FilterFollowed:    {kind: filterFlag, ops: flags},
	FilterChatbotOff:  {kind: filterFlag, ops: flags},
	FilterOpenedAt:    {kind: filterAge, ops: agesOf},
	FilterLastMessage: {kind: filterAge, ops: agesOf},
	FilterWaiting:     {kind: filterAge, ops: agesOf},
	FilterContact:     {kind: filterText, ops: []FilterOp{FilterIs, FilterIsNot, FilterContains, FilterEmpty, FilterPresent}},
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// ParseFilter reads a filter and checks it. CodeInvalid at the path for one that is too large or says what no field can.
func ParseFilter(path string, body []byte) (*Filter, error) {
	if len(body) > FilterMaxBytes {
		return nil, Invalid(path, "a filter has at most %d bytes", FilterMaxBytes)
	}
	var f Filter
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, Invalid(path, "a filter is a tree of and, or, not and conditions with field, op and value")
	}
	if err := f.Check(); err != nil {
		return nil, Invalid(path, "%s", err.Error())
	}
	return &f, nil
}

// Check returns what is wrong with a filter, in words.
func (f *Filter) Check() error {
	leaves := 0
	return f.check(1, &leaves)
}

func (f *Filter) check(depth int, leaves *int) error {
	if depth > FilterMaxDepth {
		return fmt.Errorf("groups lie in each other at most %d deep", FilterMaxDepth)
	}
	set := 0
	for _, is := range []bool{f.And != nil, f.Or != nil, f.Not != nil, f.Field != ""} {
		if is {
			set++
		}
	}
	if set > 1 || f.Field == "" && (f.Op != "" || f.Key != "" || f.Value != nil) {
		return errors.New("each part of a filter is one of and, or, not and a condition with its field")
	}
	if f.Field != "" {
		if *leaves++; *leaves > FilterMaxLeaves {
			return fmt.Errorf("a filter has at most %d conditions", FilterMaxLeaves)
		}
		return f.checkLeaf()
	}
	if f.Not != nil {
		return f.Not.check(depth+1, leaves)
	}
	parts := f.parts()
	if len(parts) > FilterMaxLeaves {
		return fmt.Errorf("a group has at most %d parts", FilterMaxLeaves)
	}
	for i := range parts {
		if err := parts[i].check(depth+1, leaves); err != nil {
			return err
		}
	}
	return nil
}

func (f *Filter) parts() []Filter {
	if f.And != nil {
		return f.And
	}
	return f.Or
}

func (f *Filter) checkLeaf() error {
	known, ok := filterFields[f.Field]
	if !ok {
		return fmt.Errorf("no field is called %q", f.Field)
	}
	if !slices.Contains(known.ops, f.Op) {
		return fmt.Errorf("%s cannot be compared by %q", f.Field, f.Op)
	}
	if (f.Field == FilterContact) != (f.Key != "") || len(f.Key) > filterKeyLength {
		return errors.New("a condition on a custom field names its key, and no other condition has one")
	}
	if f.Op == FilterEmpty || f.Op == FilterPresent {
		return nil
	}
	var wrong bool
	switch known.kind {
	case filterIDs:
		_, wrong = f.ids()
	case filterAgents:
		_, _, wrong = f.agents()
	case filterWords:
		words := f.Words()
		wrong = len(words) == 0 || len(words) > FilterMaxValues || slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(known.words, w) })
	case filterFlag:
		_, wrong = f.flag()
	case filterAge:
		minutes, bad := f.minutes()
		wrong = bad || minutes < 1 || minutes > FilterMaxAge
	case filterText:
		text := f.Text()
		wrong = text == "" || utf8.RuneCountInString(text) > FilterMaxText
	}
	if wrong {
		return fmt.Errorf("the value of %s is not one that it can have", f.Field)
	}
	return nil
}

func (f *Filter) ids() (ids []int64, wrong bool) {
	if json.Unmarshal(f.Value, &ids) != nil || len(ids) == 0 || len(ids) > FilterMaxValues {
		return nil, true
	}
	return ids, slices.ContainsFunc(ids, func(id int64) bool { return id < 1 })
}

// IDs are the ids of a condition on rows.
func (f *Filter) IDs() []int64 {
	ids, _ := f.ids()
	return ids
}

func (f *Filter) agents() (ids []int64, me, wrong bool) {
	var values []json.RawMessage
	if json.Unmarshal(f.Value, &values) != nil || len(values) == 0 || len(values) > FilterMaxValues {
		return nil, false, true
	}
	for _, v := range values {
		if string(v) == strconv.Quote(FilterMe) {
			me = true
			continue
		}
		id, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || id < 1 {
			return nil, false, true
		}
		ids = append(ids, id)
	}
	return ids, me, false
}

// Agents are the ids of a condition on agents, and whether the viewer is among them.
func (f *Filter) Agents() (ids []int64, me bool) {
	ids, me, _ = f.agents()
	return ids, me
}

// Words are the values of a condition on a closed list.
func (f *Filter) Words() []string {
	var words []string
	if json.Unmarshal(f.Value, &words) != nil {
		return nil
	}
	return words
}

func (f *Filter) flag() (on, wrong bool) {
	wrong = json.Unmarshal(f.Value, &on) != nil || len(f.Value) == 0 || string(f.Value) == "null"
	return on, wrong
}

// Flag is the value of a condition that is yes or no.
func (f *Filter) Flag() bool {
	on, _ := f.flag()
	return on
}

func (f *Filter) minutes() (minutes int64, wrong bool) {
	wrong = json.Unmarshal(f.Value, &minutes) != nil || len(f.Value) == 0
	return minutes, wrong
}

// Minutes is how long ago the instant of a condition on time lies.
func (f *Filter) Minutes() int64 {
	minutes, _ := f.minutes()
	return minutes
}

// Text is the value of a condition on text.
func (f *Filter) Text() string {
	var text string
	if json.Unmarshal(f.Value, &text) != nil {
		return ""
	}
	return text
}
