package api

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

// The channels' tables name fields that stand among a connection's own. The contract and the codec follow the tables.

// channelFields calls f for each field of each channel.
func channelFields(f func(models.ChannelField)) {
	for _, c := range models.Channels() {
		for _, field := range c.Fields {
			f(field)
		}
	}
}

func forgetPrevious(f models.ChannelField) string { return "forget_previous_" + f.Name }

// shownFields gives the fields of a connection that are no secrets.
func shownFields(c *models.Connection) map[string]string {
	out := map[string]string{}
	for _, f := range models.ChannelOf(c.Channel).Fields {
		if f.Part != models.PartSecret && c.Has(f) {
			out[f.Name] = c.Value(f)
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler: the channel's fields stand among the connection's own.
func (c Connection) MarshalJSON() ([]byte, error) {
	type own Connection
	out, err := json.Marshal(own(c))
	if err != nil || len(c.fields) == 0 {
		return out, err
	}
	more, err := json.Marshal(c.fields)
	if err != nil {
		return nil, err
	}
	return append(append(out[:len(out)-1], ','), more[1:]...), nil
}

// TransformSchema implements huma.SchemaTransformer.
func (Connection) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	everywhere := len(models.Channels()) == 1
	channelFields(func(f models.ChannelField) {
		if f.Part == models.PartSecret {
			return
		}
		s.Properties[f.Name] = &huma.Schema{Type: huma.TypeString}
		if f.Default != "" && everywhere {
			s.Required = append(s.Required, f.Name)
		}
	})
	return s
}

// ConnectionSecrets tells which secrets are set. They are never shown.
type ConnectionSecrets struct {
	set map[string]bool
}

func secretsOf(c *models.Connection) ConnectionSecrets {
	out := ConnectionSecrets{set: map[string]bool{}}
	for _, f := range models.ChannelOf(c.Channel).Fields {
		for _, name := range f.SecretNames() {
			out.set[name] = len(c.Credentials[name]) > 0
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (s ConnectionSecrets) MarshalJSON() ([]byte, error) { return json.Marshal(s.set) }

// TransformSchema implements huma.SchemaTransformer.
func (ConnectionSecrets) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	everywhere := len(models.Channels()) == 1
	s.Properties = map[string]*huma.Schema{}
	add := func(name, doc string) {
		s.Properties[name] = &huma.Schema{Type: huma.TypeBoolean, Description: doc}
		if everywhere {
			s.Required = append(s.Required, name)
		}
	}
	channelFields(func(f models.ChannelField) {
		if f.Part != models.PartSecret {
			return
		}
		add(f.Name, "")
		if f.Rotates {
			add(models.PreviousSecret(f.Name), "Still accepted on webhooks, during a rotation.")
		}
	})
	return s
}

// UnmarshalJSON implements json.Unmarshaler: the channels' fields stand among the connection's own.
func (b *updateConnectionInBody) UnmarshalJSON(raw []byte) error {
	type own updateConnectionInBody
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, (*own)(b)); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	b.fields = map[string]string{}
	var err error
	channelFields(func(f models.ChannelField) {
		if given, ok := all[f.Name]; ok && err == nil {
			var value string
			err = json.Unmarshal(given, &value)
			b.fields[f.Name] = value
		}
		if given, ok := all[forgetPrevious(f)]; ok && f.Rotates && err == nil {
			var forget bool
			err = json.Unmarshal(given, &forget)
			b.forget = b.forget || forget
		}
	})
	return err
}

// TransformSchema implements huma.SchemaTransformer.
func (*updateConnectionInBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	patterns := map[models.FieldKind]string{models.FieldDigits: "^[0-9]*$", models.FieldVersion: `^v[0-9]+\.[0-9]+$`}
	channelFields(func(f models.ChannelField) {
		p := &huma.Schema{Type: huma.TypeString, MaxLength: &f.MaxLength, Pattern: patterns[f.Kind],
			WriteOnly: f.Part == models.PartSecret}
		if f.Kind == models.FieldAddress {
			p.Format = "uri"
		}
		switch {
		case f.Rotates:
			p.Description = "The one before it stays accepted until " + forgetPrevious(f) + "."
			s.Properties[forgetPrevious(f)] = &huma.Schema{Type: huma.TypeBoolean, Description: "Ends a rotation."}
			s.Properties[forgetPrevious(f)].PrecomputeMessages()
		case f.Part == models.PartProvider || f.Part == models.PartPortfolio:
			p.Description = "Empty clears it."
		}
		p.PrecomputeMessages()
		s.Properties[f.Name] = p
	})
	return s
}

// checkChannelFields holds what a request gives against the table of a connection's channel.
func checkChannelFields(channel string, fields map[string]string, hosts config.Hosts) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f, ok := models.ChannelOf(channel).Field(name)
		if !ok {
			return models.Invalid("body."+name, "channel %s has no such field", channel)
		}
		if problem := channels.CheckField(f, fields[name], hosts); problem != "" {
			return models.Invalid("body."+name, "%s", problem)
		}
		if fields[name] == "" && f.Default != "" {
			return models.Invalid("body."+name, "%s", f.Hint)
		}
	}
	return nil
}
