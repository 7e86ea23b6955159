package channels

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Class is what kind of answer an error asks for. The words are those of the
// adapters' tables of policies, so that operators find them.
type Class string

// Classes of errors.
const (
	ClassRetryFast      Class = "RETRY_FAST"      // try again in seconds to minutes
	ClassRetrySlow      Class = "RETRY_SLOW"      // try again in hours to days: a DeliveryRetry
	ClassThrottleApp    Class = "THROTTLE_APP"    // slow the app's calls down
	ClassThrottleNumber Class = "THROTTLE_NUMBER" // slow our number down
	ClassThrottlePair   Class = "THROTTLE_PAIR"   // slow down towards this person
	ClassFixAuth        Class = "FIX_AUTH"        // the token or its permissions: stop, hold, tell the admin
	ClassFixConfig      Class = "FIX_CONFIG"      // something must be set up: stop the scope, tell the admin
	ClassPolicyBlock    Class = "POLICY_BLOCK"    // the provider restricted us: stop the scope, a human looks
	ClassFixRequest     Class = "FIX_REQUEST"     // a defect of the message: fail
	ClassRecipient      Class = "RECIPIENT"       // this person cannot be reached: fail
	ClassNeedTemplate   Class = "NEED_TEMPLATE"   // the window is closed: take the template path
	ClassPauseTemplate  Class = "PAUSE_TEMPLATE"  // stop using this template
	ClassOptOut         Class = "OPT_OUT"         // the person does not want it: never again
	ClassInbound        Class = "INBOUND"         // information only
	ClassUnknown        Class = "UNKNOWN"         // nobody knows whether it was sent: wait for a status
)

// Classes lists every class.
func Classes() []Class {
	return []Class{ClassRetryFast, ClassRetrySlow, ClassThrottleApp, ClassThrottleNumber, ClassThrottlePair, ClassFixAuth,
		ClassFixConfig, ClassPolicyBlock, ClassFixRequest, ClassRecipient, ClassNeedTemplate, ClassPauseTemplate, ClassOptOut,
		ClassInbound, ClassUnknown}
}

// Scope is what an error is about.
type Scope string

// Scopes that the sender acts on. Others (call, registration, block_list …) are
// words for people.
const (
	ScopeMessage            Scope = "message"
	ScopePair               Scope = "pair" // our number and this person
	ScopeRecipient          Scope = "recipient"
	ScopeRecipientMarketing Scope = "recipient_marketing"
	ScopeNumber             Scope = "number"
	ScopeConnection         Scope = "connection"
	ScopePortfolio          Scope = "portfolio" // the business that owns our number
	ScopeApp                Scope = "app"
	ScopeTemplate           Scope = "template"
	ScopeConversation       Scope = "conversation"
)

// Hold says which of a connection's messages wait while an error lasts.
type Hold string

// Holds.
const (
	HoldNone Hold = ""
	// HoldAll stops the connection: everything waits in order.
	HoldAll Hold = "all"
	// HoldTemplates stops templates and broadcasts; replies in open windows go on.
	HoldTemplates Hold = "templates"
)

// RetryNoLimit as MaxRetries means that only the message's own end stops it.
const RetryNoLimit = -1

// Policy is what to do about an error. Times are seconds in JSON.
type Policy struct {
	// Key names the row: a code, a range of codes, or "http_5xx" and the like.
	Key   string `json:"key"`
	Class Class  `json:"class"`
	Scope Scope  `json:"scope"`
	// Name and Meaning are the provider's, Action is ours; for people.
	Name    string `json:"name,omitempty"`
	Meaning string `json:"meaning,omitempty"`
	Action  string `json:"action,omitempty"`
	// HTTP is the status the code comes with, 0 if not known.
	HTTP int  `json:"http,omitempty"`
	Hold Hold `json:"hold,omitempty"`
	// Steps are the waits before the first, second … retry (or probe of a
	// hold), in seconds. After the last one the wait is multiplied by Factor
	// each time (no growth if it is 0 or 1) up to MaxWait seconds (0: no cap).
	Steps   []int64 `json:"steps,omitempty"`
	Factor  float64 `json:"factor,omitempty"`
	MaxWait int64   `json:"max_wait,omitempty"`
	// MaxRetries is how often the message is tried again; RetryNoLimit for ever.
	MaxRetries int `json:"max_retries"`
	// Jitter is the share of the wait that chance may add.
	Jitter float64 `json:"jitter,omitempty"`
	// Free means that the message keeps its place and loses no attempt.
	Free bool `json:"free,omitempty"`
	// StopsOnReply ends the retries when the person writes.
	StopsOnReply bool `json:"stops_on_reply,omitempty"`
	// OnlyFor limits the policy to template categories; for others the person
	// is out of reach (RECIPIENT).
	OnlyFor []string `json:"only_for,omitempty"`
	// File means that the provider could not use the message's file. It is uploaded again before the next try.
	File bool `json:"file,omitempty"`
	// Alert tells the admins.
	Alert bool `json:"alert,omitempty"`
	// Fixed rows cannot be edited: they are the law or the person's own wish.
	Fixed bool `json:"fixed,omitempty"`
}

// Retries reports whether the message is to be sent again by itself.
func (p *Policy) Retries() bool {
	switch p.Class {
	case ClassOptOut, ClassUnknown, ClassInbound, ClassNeedTemplate:
		return false
	}
	return p.MaxRetries != 0
}

// Wait gives how long to wait before retry number n (from 1), and false when
// there is none. hint is what the provider asked for; the longer wins. chance
// is in [0,1) and spreads the waits.
func (p *Policy) Wait(n int, hint time.Duration, chance float64) (time.Duration, bool) {
	if n < 1 || !p.Retries() || (p.MaxRetries != RetryNoLimit && n > p.MaxRetries) {
		return 0, false
	}
	return max(p.step(n, chance), hint), true
}

// Probe gives how long to wait before try number n (from 1) to end a hold.
func (p *Policy) Probe(n int, chance float64) time.Duration {
	return p.step(max(n, 1), chance)
}

func (p *Policy) step(n int, chance float64) time.Duration {
	if len(p.Steps) == 0 {
		return 0
	}
	seconds := float64(p.Steps[min(n, len(p.Steps))-1])
	if beyond := n - len(p.Steps); beyond > 0 && p.Factor > 1 {
		seconds *= math.Pow(p.Factor, float64(min(beyond, 64)))
	}
	if p.MaxWait > 0 {
		seconds = min(seconds, float64(p.MaxWait))
	}
	const year = 365 * 24 * 3600
	seconds = min(seconds, year)
	seconds += seconds * p.Jitter * chance
	return time.Duration(seconds * float64(time.Second))
}

// Failure is an error as the policy table sees it: an HTTP answer, a status'
// error or no answer at all.
type Failure struct {
	Code       int // CodeNone if there is none
	HTTPStatus int // 0 if there was no answer
	Transient  bool
	Outcome    Outcome
	RetryAfter time.Duration
	// Category is the template's category, "service" for free-form content, or
	// empty if it is not known.
	Category string
}

// Keys of the rows for failures without a code.
const (
	PolicyNotSent   = "not_sent"
	PolicyUnknown   = "unknown"
	PolicyTransient = "transient"
	PolicyHTTP401   = "http_401"
	PolicyHTTP429   = "http_429"
	PolicyHTTP4xx   = "http_4xx"
	PolicyHTTP5xx   = "http_5xx"
)

// PolicyTable finds the policy of a failure.
type PolicyTable struct {
	rows   []*Policy
	byKey  map[string]*Policy
	byCode map[int]*Policy
}

// NewPolicyTable builds a table. codes gives the codes of each row, by index;
// a row without codes is found by its key alone.
func NewPolicyTable(rows []Policy, codes [][]int) (*PolicyTable, error) {
	t := &PolicyTable{byKey: map[string]*Policy{}, byCode: map[int]*Policy{}}
	for i := range rows {
		row := rows[i]
		if t.byKey[row.Key] != nil {
			return nil, fmt.Errorf("policy %q stands twice", row.Key)
		}
		if err := row.check(); err != nil {
			return nil, err
		}
		t.rows = append(t.rows, &row)
		t.byKey[row.Key] = &row
		for _, code := range codes[i] {
			if t.byCode[code] != nil {
				return nil, fmt.Errorf("code %d stands in %q and %q", code, t.byCode[code].Key, row.Key)
			}
			t.byCode[code] = &row
		}
	}
	for _, key := range []string{PolicyNotSent, PolicyUnknown, PolicyTransient, PolicyHTTP401, PolicyHTTP429, PolicyHTTP4xx, PolicyHTTP5xx} {
		if t.byKey[key] == nil {
			return nil, fmt.Errorf("policy %q is missing", key)
		}
	}
	return t, nil
}

func (p *Policy) check() error {
	if !slices.Contains(Classes(), p.Class) {
		return fmt.Errorf("policy %q: class %q does not exist", p.Key, p.Class)
	}
	if p.MaxRetries < RetryNoLimit {
		return fmt.Errorf("policy %q: max_retries is %d; give -1 (no limit) or more", p.Key, p.MaxRetries)
	}
	for _, s := range p.Steps {
		if s < 1 {
			return fmt.Errorf("policy %q: a step of %d seconds; give 1 or more", p.Key, s)
		}
	}
	if p.MaxRetries != 0 && len(p.Steps) == 0 {
		return fmt.Errorf("policy %q: retries need steps", p.Key)
	}
	if p.Factor < 0 || p.Jitter < 0 || p.Jitter > 1 || p.MaxWait < 0 {
		return fmt.Errorf("policy %q: factor and max_wait must not be negative, jitter lies between 0 and 1", p.Key)
	}
	return nil
}

// Lookup gives the policy of a failure. It serves answers to a send and errors
// of statuses alike. The result is a copy.
func (t *PolicyTable) Lookup(f Failure) Policy {
	row := t.find(f)
	p := *row
	if len(p.OnlyFor) > 0 && f.Category != "" && !slices.Contains(p.OnlyFor, f.Category) {
		p.Class, p.Scope, p.MaxRetries, p.StopsOnReply = ClassRecipient, ScopeRecipient, 0, false
	}
	return p
}

func (t *PolicyTable) find(f Failure) *Policy {
	if f.Outcome == OutcomeUnknown {
		return t.byKey[PolicyUnknown]
	}
	if f.Code != CodeNone {
		if row := t.byCode[f.Code]; row != nil {
			return row
		}
	} else if f.Outcome == OutcomeNotSent {
		return t.byKey[PolicyNotSent]
	}
	switch {
	case f.Transient:
		return t.byKey[PolicyTransient]
	case f.HTTPStatus >= 500:
		return t.byKey[PolicyHTTP5xx]
	case f.HTTPStatus == 429:
		return t.byKey[PolicyHTTP429]
	case f.HTTPStatus == 401:
		return t.byKey[PolicyHTTP401]
	}
	return t.byKey[PolicyHTTP4xx]
}

// Rows lists the table in its order, for the console's editor and the docs.
func (t *PolicyTable) Rows() []Policy {
	rows := make([]Policy, len(t.rows))
	for i, r := range t.rows {
		rows[i] = *r
	}
	return rows
}

// PolicyOverride is an account's change to a row; nil fields stay as they are.
type PolicyOverride struct {
	Class      *Class   `json:"class,omitempty"`
	Steps      []int64  `json:"steps,omitempty"`
	Factor     *float64 `json:"factor,omitempty"`
	MaxWait    *int64   `json:"max_wait,omitempty"`
	MaxRetries *int     `json:"max_retries,omitempty"`
}

// With gives a table with an account's changes, by the rows' keys. It refuses
// an unknown key, a change to a fixed row and figures that make no sense.
func (t *PolicyTable) With(overrides map[string]PolicyOverride) (*PolicyTable, error) {
	if len(overrides) == 0 {
		return t, nil
	}
	out := &PolicyTable{byKey: map[string]*Policy{}, byCode: map[int]*Policy{}}
	moved := make(map[*Policy]*Policy, len(t.rows))
	for _, old := range t.rows {
		row := *old
		if o, ok := overrides[row.Key]; ok {
			if row.Fixed {
				return nil, fmt.Errorf("policy %q cannot be changed", row.Key)
			}
			row.apply(o)
			if err := row.check(); err != nil {
				return nil, err
			}
		}
		moved[old] = &row
		out.rows = append(out.rows, &row)
		out.byKey[row.Key] = &row
	}
	for key := range overrides {
		if out.byKey[key] == nil {
			return nil, fmt.Errorf("policy %q does not exist; take a key of the table", key)
		}
	}
	for code, row := range t.byCode {
		out.byCode[code] = moved[row]
	}
	return out, nil
}

func (p *Policy) apply(o PolicyOverride) {
	if o.Class != nil {
		p.Class = *o.Class
	}
	if o.Steps != nil {
		p.Steps = slices.Clone(o.Steps)
	}
	if o.Factor != nil {
		p.Factor = *o.Factor
	}
	if o.MaxWait != nil {
		p.MaxWait = *o.MaxWait
	}
	if o.MaxRetries != nil {
		p.MaxRetries = *o.MaxRetries
	}
}

// Codes lists the codes the table knows, in ascending order.
func (t *PolicyTable) Codes() []int {
	return slices.Sorted(maps.Keys(t.byCode))
}
