package provision

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// channelValues are a connection's values of its channel's fields. In a file they stand among the connection's own fields.
type channelValues struct {
	texts   map[string]string
	secrets map[string]Secret
}

// others is a struct that takes more fields than its own.
type others interface {
	decodeOther(d *decoder, name string, n *yaml.Node, path string) bool
	otherNames() []string
	otherNodes() []*yaml.Node
}

// fieldNamed gives a channel's field by its name. Without a channel the first one that has the name decides.
func fieldNamed(channel, name string) (models.ChannelField, bool) {
	for _, c := range models.Channels() {
		if f, ok := c.Field(name); ok && (channel == "" || channel == c.Key) {
			return f, true
		}
	}
	return models.ChannelField{}, false
}

// decodeOther reads a field of some channel; whether it is the connection's channel is seen later.
func (v *channelValues) decodeOther(d *decoder, name string, n *yaml.Node, path string) bool {
	f, ok := fieldNamed("", name)
	switch {
	case !ok:
		return false
	case f.Part == models.PartSecret:
		var s Secret
		d.value(n, reflect.ValueOf(&s).Elem(), path)
		v.setSecret(name, s)
	default:
		var text string
		d.value(n, reflect.ValueOf(&text).Elem(), path)
		v.setText(name, text)
	}
	return true
}

func (v *channelValues) setSecret(name string, s Secret) {
	if v.secrets == nil {
		v.secrets = map[string]Secret{}
	}
	v.secrets[name] = s
}

func (v *channelValues) setText(name, text string) {
	if v.texts == nil {
		v.texts = map[string]string{}
	}
	v.texts[name] = text
}

func (v *channelValues) otherNames() []string {
	var names []string
	for _, c := range models.Channels() {
		for _, f := range c.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

// otherNodes writes what is there, in the order of the channels' tables.
func (v *channelValues) otherNodes() []*yaml.Node {
	var nodes []*yaml.Node
	for _, name := range v.otherNames() {
		if value, ok := v.texts[name]; ok {
			nodes = append(nodes, text(name), node(reflect.ValueOf(value)))
		}
		if s, ok := v.secrets[name]; ok {
			nodes = append(nodes, text(name), node(reflect.ValueOf(s)))
		}
	}
	return nodes
}

// checkChannelValues looks at the values of a channel's fields. Without a channel it is seen later whether they fit.
func (d *decoder) checkChannelValues(at, channel string, v *channelValues, development bool) {
	for _, name := range sortedKeys(v.texts) {
		f, ok := fieldNamed(channel, name)
		if !ok {
			d.at(at+"."+name, "channel %s has no such field", channel)
		} else if problem := channels.CheckField(f, v.texts[name], nil); problem != "" {
			d.at(at+"."+name, "%s", problem)
		}
	}
	for _, name := range sortedKeys(v.secrets) {
		if _, ok := fieldNamed(channel, name); !ok {
			d.at(at+"."+name, "channel %s has no such field", channel)
		}
		d.refuseLiteral(at+"."+name, v.secrets[name], development)
	}
}

// channelValuesOf gives what an account file says of a connection. A secret stands as the variable that will hold it.
func channelValuesOf(c *models.Connection) channelValues {
	var v channelValues
	for _, f := range models.ChannelOf(c.Channel).Fields {
		switch {
		case !c.Has(f):
		case f.Part == models.PartSecret:
			v.setSecret(f.Name, placeholder(c.Key, f.Name))
		default:
			v.setText(f.Name, c.Value(f))
		}
	}
	return v
}

// fillChannelValues makes a connection what the file says of its channel's fields, and notes what differs.
func (a *applier) fillChannelValues(st *connectionState) (diff, error) {
	c, spec := &st.Connection, st.spec
	var d diff
	had := c.SecretsSet()
	for _, name := range spec.otherNames() {
		f, known := models.ChannelOf(c.Channel).Field(name)
		value, isText := spec.texts[name]
		secret, isSecret := spec.secrets[name]
		switch {
		case !isText && !isSecret:
		case !known:
			a.d.at(st.at+"."+name, "channel %s has no such field", c.Channel)
		case isText && channels.CheckField(f, value, a.opts.ProviderHosts) != "":
			a.d.at(st.at+"."+name, "%s", channels.CheckField(f, value, a.opts.ProviderHosts))
		case isText && c.SetValue(f, value):
			d = append(d, name)
		case isSecret:
			changed, err := a.fillSecret(st, f, secret)
			if err != nil {
				return nil, err
			}
			if changed {
				d = append(d, name)
			}
		}
	}
	for _, name := range had {
		if len(c.Credentials[name]) == 0 && !slices.Contains(d, name) {
			d = append(d, name) // a new address forgot it
		}
	}
	return d, nil
}

// fillSecret seals one secret and tells whether it changed.
func (a *applier) fillSecret(st *connectionState, f models.ChannelField, s Secret) (bool, error) {
	c := &st.Connection
	switch {
	case !s.given:
		return false, nil
	case s.cleared:
		had := c.Has(f)
		c.SetSecret(f, nil)
		return had, nil
	}
	sealed, verdict, err := a.seal(s, models.ConnectionSecretPlace(c.ID, f.Name), c.Credentials[f.Name])
	if err != nil {
		return false, err
	}
	switch verdict {
	case secretMissing:
		a.d.at(st.at+"."+f.Name, "the environment variable %s is not set", s.variable)
	case secretKept:
		st.kept = append(st.kept, f.Name+": "+s.variable+" is not set")
	case secretChanged:
		c.SetSecret(f, sealed)
		return true, nil
	case secretSame:
	}
	return false, nil
}
