package provision

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/hours"
	"github.com/perene/perene/models"
)

// File is what an account file may say. A pointer, a list or a patch that is nil stays as it is in the account. Null and
// the empty value clear: the field becomes what it is for a new thing, a list becomes empty.
type File struct {
	Account      AccountSpec       `json:"account"`
	Queues       []QueueSpec       `json:"queues,omitempty"`
	Users        []UserSpec        `json:"users,omitempty"`
	Labels       []LabelSpec       `json:"labels,omitempty"`
	CustomFields []FieldSpec       `json:"custom_fields,omitempty"`
	Reasons      []ReasonSpec      `json:"closing_reasons,omitempty"`
	Secrets      map[string]Secret `json:"secrets,omitempty"` // flows name them as {{secret.NAME}}
	// SecretHosts are the hosts that each secret may travel to: api.example.com, or an address at it. A secret without hosts
	// travels nowhere.
	SecretHosts map[string][]string `json:"secret_hosts,omitempty"`
	Flows       []FlowSpec          `json:"flows,omitempty"`
	Connections []ConnectionSpec    `json:"connections,omitempty"`
	Prune       bool                `json:"prune,omitempty"` // take away what the file does not name
}

// AccountSpec is the tenant, known by its slug.
type AccountSpec struct {
	Slug          string                        `json:"slug"`
	Name          *string                       `json:"name,omitempty"`
	Timezone      *string                       `json:"timezone,omitempty"`       // IANA
	Locale        *string                       `json:"locale,omitempty"`         // pt-BR or en
	Settings      Patch[models.AccountSettings] `json:"settings,omitzero"`        // key by key
	ErrorPolicies json.RawMessage               `json:"error_policies,omitempty"` // policy by policy
}

// QueueSpec is a queue (rules 029–032), known by its name.
type QueueSpec struct {
	Name         string             `json:"name"`
	Color        *string            `json:"color,omitempty"`
	BotOrder     *int               `json:"bot_order,omitempty"`     // 0 leaves it out of the bot's menu
	WriteLock    *bool              `json:"write_lock,omitempty"`    // only the agent in charge writes
	LeaseMinutes *int               `json:"lease_minutes,omitempty"` // 0: an assignment never lapses
	Hours        **models.WeekHours `json:"hours,omitempty"`         // as a whole
}

// UserSpec is somebody who signs in (rule 050), known by the e-mail address.
type UserSpec struct {
	Email       string       `json:"email"`
	Name        *string      `json:"name,omitempty"` // a new user needs it
	Role        *models.Role `json:"role,omitempty"` // a new user needs it
	Phone       *string      `json:"phone,omitempty"`
	Locale      *string      `json:"locale,omitempty"`
	Queues      []string     `json:"queues,omitempty"`       // names; all of the user's
	PasswordEnv string       `json:"password_env,omitempty"` // name of the variable that holds the password
	Disabled    *bool        `json:"disabled,omitempty"`
}

// LabelSpec is a label (rule 190), known by its name.
type LabelSpec struct {
	Name           string  `json:"name"`
	Color          *string `json:"color,omitempty"`
	AutomationOnly *bool   `json:"automation_only,omitempty"`
	Position       *int    `json:"position,omitempty"` // place in lists; a new one comes behind the others
}

// FieldSpec is a custom field (rules 201, 202), known by its entity and key.
type FieldSpec struct {
	Entity    string            `json:"entity"`
	Key       string            `json:"key"`                  // a new field's key is no other field's
	Name      *string           `json:"name,omitempty"`       // a new field needs it
	Kind      *string           `json:"kind,omitempty"`       // a new field needs it
	Options   []string          `json:"options,omitempty"`    // what a list takes; empty: any text
	Required  *bool             `json:"required,omitempty"`   // cannot be cleared
	MaxLength *int              `json:"max_length,omitempty"` // of a text, in characters; 0 is the longest there is
	OnClosing *models.OnClosing `json:"on_closing,omitempty"` // no, optional or required: whether closing asks for it
	Position  *int              `json:"position,omitempty"`   // place in lists; a new one comes behind the others
}

// ReasonSpec is a reason for closing a ticket, known by its name.
type ReasonSpec struct {
	Name     string `json:"name"`
	Position *int   `json:"position,omitempty"` // place in lists; a new one comes behind the others
}

// FlowSpec is a flow, known by its name. The document is a file beside this one, or stands here.
type FlowSpec struct {
	Name     string          `json:"name,omitempty"` // the document's by default
	File     string          `json:"file,omitempty"`
	Publish  *bool           `json:"publish,omitempty"` // true by default
	Document json.RawMessage `json:"document,omitempty"`
	// URLs replace the beginnings of the addresses that the flow's nodes call, so that one document serves test and production.
	URLs map[string]string `json:"urls,omitempty"`
}

// ConnectionSpec is a connection (rule 001), known by its name.
type ConnectionSpec struct {
	Name          string                           `json:"name"`
	Channel       string                           `json:"channel,omitempty"`
	Key           *string                          `json:"key,omitempty"` // in the webhook's address; a random one by default
	Default       *bool                            `json:"default,omitempty"`
	DisplayPhone  *string                          `json:"display_phone,omitempty"`
	InitialFlow   *string                          `json:"initial_flow,omitempty"`  // name; "" takes it away
	InitialQueue  *string                          `json:"initial_queue,omitempty"` // name; "" takes it away
	RatePerSecond *int                             `json:"rate_per_second,omitempty"`
	Settings      Patch[models.ConnectionSettings] `json:"settings,omitzero"` // key by key
	channelValues                                  // what the channel's table names
}

// maxLease is the longest lease of an assignment, in minutes: a week.
const maxLease = 10080

var (
	slugPattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)
	colorPattern  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	keyPattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{3,64}$`)
	fieldPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
)

// check looks at everything that can be seen without the database.
func (d *decoder) check(f *File, development bool) {
	d.checkAccount(&f.Account)
	unique(d, "queues", f.Queues, func(q QueueSpec) string { return q.Name })
	for i, q := range f.Queues {
		at := fmt.Sprintf("queues[%d]", i)
		d.needsName(at, q.Name)
		d.color(at, q.Color)
		if n := q.LeaseMinutes; n != nil && (*n < 0 || *n > maxLease) {
			d.at(at+".lease_minutes", "want 0 (never) to %d", maxLease)
		}
		if q.Hours != nil {
			d.hours(at+".hours", *q.Hours)
		}
	}
	unique(d, "users", f.Users, func(u UserSpec) string { return strings.ToLower(u.Email) })
	for i := range f.Users {
		d.checkUser(fmt.Sprintf("users[%d]", i), &f.Users[i])
	}
	unique(d, "labels", f.Labels, func(l LabelSpec) string { return l.Name })
	for i, l := range f.Labels {
		at := fmt.Sprintf("labels[%d]", i)
		d.needsName(at, l.Name)
		d.color(at, l.Color)
	}
	unique(d, "custom_fields", f.CustomFields, func(c FieldSpec) string { return c.Entity + " " + c.Key })
	for i, c := range f.CustomFields {
		d.checkField(fmt.Sprintf("custom_fields[%d]", i), c)
	}
	unique(d, "closing_reasons", f.Reasons, func(r ReasonSpec) string { return r.Name })
	for i, r := range f.Reasons {
		d.needsName(fmt.Sprintf("closing_reasons[%d]", i), r.Name)
	}
	for name, s := range f.Secrets {
		at := "secrets." + name
		if !secretPattern.MatchString(name) {
			d.at(at, "a secret's name has letters, digits and _, and begins with a letter")
		}
		d.refuseLiteral(at, s, development)
	}
	d.checkSecretHosts(f.SecretHosts)
	for i, fl := range f.Flows {
		at := fmt.Sprintf("flows[%d]", i)
		if (fl.File == "") == (len(fl.Document) == 0) {
			d.at(at, "a flow has either file or document")
		}
	}
	unique(d, "connections", f.Connections, func(c ConnectionSpec) string { return c.Name })
	defaults := 0
	for i := range f.Connections {
		at := fmt.Sprintf("connections[%d]", i)
		d.checkConnection(at, &f.Connections[i], development)
		if c := &f.Connections[i]; c.Default != nil && *c.Default {
			if defaults++; defaults > 1 {
				d.at(at+".default", "exactly one connection is the default") // rule 008
			}
		}
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
}

func (d *decoder) needsName(at, name string) {
	if strings.TrimSpace(name) == "" {
		d.at(at, "name is missing")
	}
}

func unique[T any](d *decoder, list string, items []T, name func(T) string) {
	seen := map[string]int{}
	for i, item := range items {
		n := name(item)
		if first, ok := seen[n]; ok && strings.TrimSpace(n) != "" {
			d.at(fmt.Sprintf("%s[%d]", list, i), "%q stands in %s[%d] already", n, list, first)
			continue
		}
		seen[n] = i
	}
}

func (d *decoder) color(at string, c *string) {
	if c != nil && *c != "" && !colorPattern.MatchString(*c) {
		d.at(at+".color", "a colour is written like #2563eb")
	}
}

func (d *decoder) texts(at string, texts models.AutomaticTexts) {
	for kind, text := range texts {
		if why := models.CheckAutoText(kind, text); why != "" {
			d.at(at+"."+string(kind), "%s", why)
		} else if err := flow.CheckPlain(text); err != nil {
			d.at(at+"."+string(kind), "%v", err)
		}
	}
}

func (d *decoder) zone(at, name string) {
	if why := hours.CheckZone(name); why != "" {
		d.at(at, "%s", why)
	}
}

func (d *decoder) hours(at string, h *models.WeekHours) {
	for _, p := range hours.Check(h) {
		d.at(at+"."+p.Path, "%s", p.Why)
	}
}

func (d *decoder) checkAccount(a *AccountSpec) {
	if !slugPattern.MatchString(a.Slug) {
		d.at("account.slug", "the account's slug is missing or wrong: small letters, digits and -, at least two, as in loja-exemplo")
	}
	if a.Name != nil {
		d.needsName("account", *a.Name)
	}
	if a.Timezone != nil && *a.Timezone != "" {
		d.zone("account.timezone", *a.Timezone)
	}
	d.locale("account.locale", a.Locale)
	s := &a.Settings.value
	d.hours("account.settings.hours", s.Hours)
	if s.BotMenu != "" && s.BotMenu != "text" && s.BotMenu != "list" {
		d.at("account.settings.bot_menu", "want text or list") // rule 045
	}
	d.texts("account.settings.texts", s.Texts)
	for _, p := range hours.CheckDays("holidays", s.Holidays) {
		d.at("account.settings."+p.Path, "%s", p.Why)
	}
	if err := checkPolicies(a.ErrorPolicies); err != nil {
		d.at("account.error_policies", "%v", err)
	}
}

const wantRole = "role is missing or wrong: want user, supervisor or admin"

func (d *decoder) locale(at string, l *string) {
	if l != nil && *l != "" && *l != "pt-BR" && *l != "en" {
		d.at(at, "want pt-BR or en")
	}
}

func (d *decoder) checkUser(at string, u *UserSpec) {
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 254 {
		d.at(at, "email is missing or no e-mail address")
	}
	if u.Name != nil {
		d.needsName(at, *u.Name)
	}
	if u.Role != nil && !u.Role.Valid() {
		d.at(at, wantRole)
	}
	d.locale(at+".locale", u.Locale)
	if u.PasswordEnv != "" && !variable.MatchString(u.PasswordEnv) {
		d.at(at+".password_env", "want the name of an environment variable, not a password")
	}
}

func (d *decoder) checkField(at string, c FieldSpec) {
	if c.Entity != models.FieldOfContact && c.Entity != models.FieldOfConversation && c.Entity != models.FieldOfTicket {
		d.at(at, "entity is missing or wrong: want contact, conversation or ticket")
	}
	if !fieldPattern.MatchString(c.Key) {
		d.at(at, "key is missing or wrong: small letters, digits and _, beginning with a letter")
	}
	if c.Entity == models.FieldOfContact && slices.Contains(flow.SystemFields, c.Key) {
		d.at(at, "%q is a field that every contact has: choose another key", c.Key)
	}
	if c.Name != nil {
		d.needsName(at, *c.Name)
	}
	if c.Kind != nil && !slices.Contains(flow.FieldKinds, flow.VariableType(*c.Kind)) {
		d.at(at, "%s", wantKind())
	}
	for i, option := range c.Options {
		if strings.TrimSpace(option) == "" || slices.Contains(c.Options[:i], option) {
			d.at(fmt.Sprintf("%s.options[%d]", at, i), "an option is empty or stands here twice")
		}
	}
	if n := c.MaxLength; n != nil && (*n < 0 || *n > flow.FieldMaxLength) {
		d.at(at+".max_length", "want 0 to %d", flow.FieldMaxLength)
	}
	switch c.closing() {
	case models.OnClosingNo:
	case models.OnClosingOptional, models.OnClosingRequired:
		if c.Entity == models.FieldOfConversation {
			d.at(at+".on_closing", "closing asks for fields of contacts and tickets alone")
		}
	default:
		d.at(at+".on_closing", "want no, optional or required")
	}
}

// closing says whether closing asks for the field; an empty value is no.
func (c *FieldSpec) closing() models.OnClosing {
	if c.OnClosing == nil || *c.OnClosing == "" {
		return models.OnClosingNo
	}
	return *c.OnClosing
}

// checkLimits refuses limits that the kind of a field does not have.
func (d *decoder) checkLimits(at string, f *models.CustomField) {
	if len(f.Options) > 0 && f.Kind != string(flow.TypeList) {
		d.at(at+".options", "a field of kind %s has no options: make it a list", f.Kind)
	}
	if f.MaxLength > 0 && f.Kind != string(flow.TypeText) {
		d.at(at+".max_length", "only a text has a longest length")
	}
}

func wantKind() string { return "kind is missing or wrong: want " + words(flow.FieldKinds) }

// words lists the words there are.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func (d *decoder) refuseLiteral(at string, s Secret, development bool) {
	if s.given && s.literal && !development {
		d.at(at, "a secret may not stand in the file: write ${NAME} and set that environment variable")
	}
}

func (d *decoder) checkConnection(at string, c *ConnectionSpec, development bool) {
	d.needsName(at, c.Name)
	if known := models.ChannelKeys(); c.Channel != "" && !slices.Contains(known, c.Channel) {
		d.at(at+".channel", "there is no channel %q; there is %s", c.Channel, strings.Join(known, ", "))
	}
	if c.Key != nil && !keyPattern.MatchString(*c.Key) {
		d.at(at+".key", "a key has 3 to 64 letters, digits, _ and -")
	}
	if c.RatePerSecond != nil && (*c.RatePerSecond < 0 || *c.RatePerSecond > 1000) {
		d.at(at+".rate_per_second", "want 0 (the channel's own) to 1000")
	}
	s := &c.Settings.value
	d.hours(at+".settings.hours", s.Hours)
	d.texts(at+".settings.texts", s.Texts)
	if s.ChatbotTimeoutMinutes < 0 || s.MediaMaxBytes < 0 {
		d.at(at+".settings", "want no negative numbers")
	}
	d.checkChannelValues(at, c.Channel, &c.channelValues, development)
}
