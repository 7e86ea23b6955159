package models

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// FieldPart says where a connection keeps a field of its channel.
type FieldPart string

// The parts of a connection.
const (
	PartProvider  FieldPart = "provider"  // the provider's name for our number, page or bot: ProviderRef
	PartPortfolio FieldPart = "portfolio" // the provider's name for the business that owns it: PortfolioRef
	PartConfig    FieldPart = "config"    // a setting of the channel's own: Config
	PartSecret    FieldPart = "secret"    // sealed, and never shown: Credentials
)

// FieldKind says how the text of a field is written.
type FieldKind string

// The kinds of fields.
const (
	FieldText    FieldKind = "text"
	FieldDigits  FieldKind = "digits"  // 106540352242922
	FieldAddress FieldKind = "address" // https://graph.facebook.com, which secrets travel to
	FieldVersion FieldKind = "version" // v25.0
)

// FieldNeed says what a connection cannot do without a field.
type FieldNeed string

// The needs of a connection.
const (
	NeedNothing   FieldNeed = ""
	NeedSending   FieldNeed = "sending"
	NeedHearing   FieldNeed = "hearing"   // webhooks are refused without it
	NeedChallenge FieldNeed = "challenge" // the provider's check of the webhook's address fails without it
)

// ChannelField is one thing that connections of a channel are set up with. The API and account files call it by
// its name.
type ChannelField struct {
	Name      string
	Part      FieldPart
	Kind      FieldKind
	Need      FieldNeed
	Default   string // what counts while nothing is set
	MaxLength int    // in bytes
	Rotates   bool   // a secret whose value before stays accepted until it is forgotten
	Travels   bool   // a secret that is sent to the connection's address: a new address forgets it (S12)
	Hint      string // how a right value looks or where it is found, for people
}

// Names of fields that adapters read.
const (
	ConfigGraphBaseURL = "graph_base_url"
	ConfigGraphVersion = "graph_version"
)

// whatsAppCloudFields are what Meta gives with a number. An address stands before the secrets that travel to it, so that both
// can be given at once.
var whatsAppCloudFields = []ChannelField{
	{Name: ConfigGraphBaseURL, Part: PartConfig, Kind: FieldAddress, MaxLength: 200,
		Default: "https://graph.facebook.com", Hint: "want a web address such as https://graph.facebook.com"},
	{Name: ConfigGraphVersion, Part: PartConfig, Kind: FieldVersion, MaxLength: 20,
		Default: "v25.0", Hint: "a version is written like v25.0"},
	{Name: "phone_number_id", Part: PartProvider, Kind: FieldDigits, Need: NeedSending, MaxLength: 40,
		Hint: "want the digits Meta shows"},
	{Name: "waba_id", Part: PartPortfolio, Kind: FieldDigits, MaxLength: 40, Hint: "want the digits Meta shows"},
	{Name: SecretAccessToken, Part: PartSecret, Kind: FieldText, Need: NeedSending, MaxLength: 1000, Travels: true},
	{Name: SecretAppSecret, Part: PartSecret, Kind: FieldText, Need: NeedHearing, MaxLength: 200, Rotates: true},
	{Name: SecretVerifyToken, Part: PartSecret, Kind: FieldText, Need: NeedChallenge, MaxLength: 200},
}

// Field gives a field of the channel by its name.
func (c Channel) Field(name string) (ChannelField, bool) {
	for _, f := range c.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return ChannelField{}, false
}

// FieldIn gives the first field that a part keeps. The parts of the provider and the portfolio have one at most.
func (c Channel) FieldIn(part FieldPart) (ChannelField, bool) {
	for _, f := range c.Fields {
		if f.Part == part {
			return f, true
		}
	}
	return ChannelField{}, false
}

// PreviousSecret names the value before of a secret that rotates.
func PreviousSecret(name string) string { return name + previousSuffix }

// SecretNames are the names of the values that a secret has: the present one, and the one before where it rotates.
func (f ChannelField) SecretNames() []string {
	switch {
	case f.Part != PartSecret:
		return nil
	case f.Rotates:
		return []string{f.Name, PreviousSecret(f.Name)}
	}
	return []string{f.Name}
}

const previousSuffix = "_previous"

// Value gives what a connection has in a field that is no secret, or else the field's default.
func (c *Connection) Value(f ChannelField) string {
	value := ""
	switch {
	case f.Part == PartConfig:
		value = c.Config[f.Name]
	case f.Part == PartProvider && c.ProviderRef != nil:
		value = *c.ProviderRef
	case f.Part == PartPortfolio && c.PortfolioRef != nil:
		value = *c.PortfolioRef
	}
	if value == "" {
		return f.Default
	}
	return value
}

// SetValue writes a field that is no secret and tells whether it changed. An empty value clears it. An address of another
// origin forgets the secrets that would travel there: whoever may change the address may not read them (S12).
func (c *Connection) SetValue(f ChannelField, value string) bool {
	if value == "" {
		value = f.Default
	}
	if value == c.Value(f) {
		return false
	}
	if f.Kind == FieldAddress && origin(value) != origin(c.Value(f)) {
		c.forgetTravelling()
	}
	ref := &value
	if value == "" {
		ref = nil
	}
	switch f.Part {
	case PartProvider:
		c.ProviderRef, c.ProvenAt = ref, nil
	case PartPortfolio:
		c.PortfolioRef = ref
	case PartConfig:
		c.Config = with(c.Config, f.Name, value, ref != nil)
	case PartSecret:
		return false // sealed values go by SetSecret
	}
	return true
}

// origin is the scheme and the host of an address, where secrets travel to.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// forgetTravelling takes away the secrets that are sent to the connection's address, and what was proven there.
func (c *Connection) forgetTravelling() {
	c.ProvenAt = nil
	for _, f := range ChannelOf(c.Channel).Fields {
		if f.Travels {
			for _, name := range f.SecretNames() {
				c.Credentials = with(c.Credentials, name, nil, false)
			}
		}
	}
}

// SecretsSet names the secrets that are set, sorted.
func (c *Connection) SecretsSet() []string {
	var names []string
	for name, sealed := range c.Credentials {
		if len(sealed) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// SetSecret writes a sealed value. Nothing clears it. Of a secret that rotates the value before stays accepted.
func (c *Connection) SetSecret(f ChannelField, sealed []byte) {
	if before := c.Credentials[f.Name]; f.Rotates && len(sealed) > 0 && len(before) > 0 {
		c.Credentials = with(c.Credentials, PreviousSecret(f.Name), before, true)
	}
	c.Credentials = with(c.Credentials, f.Name, sealed, len(sealed) > 0)
}

// ForgetPrevious ends a rotation and tells whether there was one.
func (c *Connection) ForgetPrevious(f ChannelField) bool {
	name := PreviousSecret(f.Name)
	had := len(c.Credentials[name]) > 0
	c.Credentials = with(c.Credentials, name, nil, false)
	return had
}

// with gives a copy of a map with one value set or taken away: the map may be another row's as well.
func with[V any](m map[string]V, name string, value V, keep bool) map[string]V {
	out := make(map[string]V, len(m)+1)
	maps.Copy(out, m)
	delete(out, name)
	if keep {
		out[name] = value
	}
	return out
}

// Has tells whether a field of the connection is set or has a default.
func (c *Connection) Has(f ChannelField) bool {
	if f.Part == PartSecret {
		return len(c.Credentials[f.Name]) > 0
	}
	return c.Value(f) != ""
}

// Lacks names the fields that the connection needs for something and has not.
func (c *Connection) Lacks(need FieldNeed) []string {
	var names []string
	for _, f := range ChannelOf(c.Channel).Fields {
		if f.Need == need && !c.Has(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

// HasSecrets tells whether all secrets are set that the connection needs for something.
func (c *Connection) HasSecrets(need FieldNeed) bool {
	for _, f := range ChannelOf(c.Channel).Fields {
		if f.Part == PartSecret && f.Need == need && !c.Has(f) {
			return false
		}
	}
	return true
}

// secretPlaceName is the name a secret is sealed for. The value before is moved without being opened, so it keeps
// its place.
func secretPlaceName(name string) string { return strings.TrimSuffix(name, previousSuffix) }
