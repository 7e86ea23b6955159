package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Export writes an account as a file that Apply reads and finds unchanged. Secrets are names of variables: where those are
// not set, Apply keeps what the account has. Passwords are left out. CodeNotFound when there is no such account.
func Export(ctx context.Context, s *store.Store, slug string) ([]byte, error) {
	f := &File{}
	_, err := s.Provision(ctx, slug, func(p *store.Provisioning) error {
		a, err := p.Account(ctx, slug)
		if err != nil {
			return err
		}
		if a == nil {
			return models.NotFound("account")
		}
		e := &exporter{ctx: ctx, p: p, f: f, names: newNames()}
		e.account(a)
		return errors.Join(e.people(), e.small(), e.flows(), e.connections())
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("# An account of Perene: `perene apply -f FILE` makes the account match it.\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(node(reflect.ValueOf(f).Elem())); err != nil {
		return nil, fmt.Errorf("write the account file: %w", err)
	}
	return out.Bytes(), enc.Close()
}

type exporter struct {
	ctx   context.Context
	p     *store.Provisioning
	f     *File
	names names
}

func (e *exporter) account(a *models.Account) {
	e.f.Account = AccountSpec{Slug: a.Slug, Name: &a.Name, Timezone: &a.Timezone, Locale: &a.Locale}
	if !sameJSON(a.Settings, models.AccountSettings{}) {
		e.f.Account.Settings = whole(a.Settings)
	}
	if !sameJSON(a.ErrorPolicies, json.RawMessage("{}")) {
		e.f.Account.ErrorPolicies = a.ErrorPolicies
	}
}

func (e *exporter) people() error {
	queues, err := e.p.Queues()
	if err != nil {
		return err
	}
	byID := map[models.QueueID]string{}
	for i := range queues {
		q := &queues[i]
		if q.ArchivedAt != nil {
			continue
		}
		byID[q.ID] = q.Name
		e.names.add("queue", q.Name, int64(q.ID))
		spec := QueueSpec{Name: q.Name, Color: &q.Color, BotOrder: &q.BotOrder}
		if q.WriteLock {
			spec.WriteLock = &q.WriteLock
		}
		spec.LeaseMinutes = q.LeaseMinutes
		if q.Hours != nil {
			spec.Hours = &q.Hours
		}
		e.f.Queues = append(e.f.Queues, spec)
	}
	users, err := e.p.Users()
	if err != nil {
		return err
	}
	members, err := e.p.Members(e.ctx)
	if err != nil {
		return err
	}
	for i := range users {
		u := &users[i]
		e.names.add("user", u.Email, int64(u.ID))
		spec := UserSpec{Email: u.Email, Name: &u.Name, Role: &u.Role, Phone: u.Phone, Locale: &u.Locale}
		for _, q := range members[u.ID] {
			if name, ok := byID[q]; ok {
				spec.Queues = append(spec.Queues, name)
			}
		}
		if u.DisabledAt != nil {
			yes := true
			spec.Disabled = &yes
		}
		e.f.Users = append(e.f.Users, spec)
	}
	return nil
}

func (e *exporter) small() error {
	labels, err := e.p.Labels()
	if err != nil {
		return err
	}
	for i := range labels {
		l := &labels[i]
		if l.ArchivedAt != nil {
			continue
		}
		spec := LabelSpec{Name: l.Name, Color: &l.Color}
		if l.AutomationOnly {
			spec.AutomationOnly = &l.AutomationOnly
		}
		spec.Position = placeOf(&l.Position)
		e.f.Labels = append(e.f.Labels, spec)
	}
	fields, err := e.p.CustomFields()
	if err != nil {
		return err
	}
	for i := range fields {
		f := &fields[i]
		if f.ArchivedAt != nil {
			continue
		}
		spec := FieldSpec{Entity: f.Entity, Key: f.Key, Name: &f.Name, Kind: &f.Kind, Options: f.Options}
		if f.Required {
			spec.Required = &f.Required
		}
		if f.MaxLength != 0 {
			spec.MaxLength = &f.MaxLength
		}
		if f.OnClosing != models.OnClosingNo {
			spec.OnClosing = &f.OnClosing
		}
		spec.Position = placeOf(&f.Position)
		e.f.CustomFields = append(e.f.CustomFields, spec)
	}
	reasons, err := e.p.Reasons()
	if err != nil {
		return err
	}
	for i := range reasons {
		if r := &reasons[i]; r.ArchivedAt == nil {
			e.f.Reasons = append(e.f.Reasons, ReasonSpec{Name: r.Name, Position: placeOf(&r.Position)})
		}
	}
	secrets, err := e.p.Secrets(e.ctx)
	if err != nil {
		return err
	}
	for name, s := range secrets {
		if e.f.Secrets == nil {
			e.f.Secrets, e.f.SecretHosts = map[string]Secret{}, map[string][]string{}
		}
		e.f.Secrets[name] = placeholder("SECRET", name)
		if len(s.Hosts) > 0 {
			e.f.SecretHosts[name] = s.Hosts
		}
	}
	return nil
}

// placeOf is a place in lists, if a thing has one.
func placeOf(position *int) *int {
	if *position == 0 {
		return nil
	}
	return position
}

func (e *exporter) flows() error {
	flows, err := e.p.Flows(e.ctx)
	if err != nil {
		return err
	}
	connections, err := e.p.Connections()
	if err != nil {
		return err
	}
	for _, c := range connections {
		e.names.add("connection", c.Name, int64(c.ID))
	}
	for i := range flows {
		e.names.add("flow", flows[i].Name, int64(flows[i].ID))
	}
	for i := range flows {
		f := &flows[i]
		if f.ArchivedAt != nil {
			continue
		}
		// The draft is what the account has; where it is not published, applying must not publish it.
		published := f.PublishedNumber != nil && sameJSON(f.Draft, f.PublishedGraph)
		var doc map[string]any
		if err := unmarshalDocument(f.Draft, &doc); err != nil {
			return fmt.Errorf("read the draft of flow %d: %w", f.ID, err)
		}
		e.names.toNames(doc)
		spec := FlowSpec{Name: f.Name, Document: encode(doc)}
		if !published {
			no := false
			spec.Publish = &no
		}
		e.f.Flows = append(e.f.Flows, spec)
	}
	return nil
}

func (e *exporter) connections() error {
	all, err := e.p.Connections()
	if err != nil {
		return err
	}
	for i := range all {
		c := &all[i]
		if c.State == models.ConnectionRemoved {
			continue
		}
		spec := ConnectionSpec{Name: c.Name, Channel: c.Channel, Key: &c.Key, DisplayPhone: c.DisplayPhone, channelValues: channelValuesOf(c)}
		if c.IsDefault {
			spec.Default = &c.IsDefault
		}
		if c.RatePerSecond != 0 {
			spec.RatePerSecond = &c.RatePerSecond
		}
		if !sameJSON(c.Settings, models.ConnectionSettings{}) {
			spec.Settings = whole(c.Settings)
		}
		if c.InitialFlowID != nil {
			if name, ok := e.names.name["flow:"+c.InitialFlowID.String()]; ok {
				spec.InitialFlow = &name
			}
		}
		if c.InitialQueueID != nil {
			if name, ok := e.names.name["queue:"+c.InitialQueueID.String()]; ok {
				spec.InitialQueue = &name
			}
		}
		e.f.Connections = append(e.f.Connections, spec)
	}
	return nil
}

var notVariable = regexp.MustCompile(`[^A-Z0-9]+`)

// placeholder names the variable for a secret: PERENE_DEMO_ACCESS_TOKEN.
func placeholder(of, field string) Secret {
	name := strings.Trim(notVariable.ReplaceAllString(strings.ToUpper(of+"_"+field), "_"), "_")
	return Secret{variable: "PERENE_" + name, given: true}
}

// node writes a value as YAML with its fields in the order of the struct, and texts so that they are read as they are.
func node(v reflect.Value) *yaml.Node {
	if v.CanAddr() {
		if p, ok := reflect.TypeAssert[patch](v.Addr()); ok {
			return node(p.settings())
		}
	}
	switch x := v.Interface().(type) {
	case Secret:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: x.String()}
	case time.Duration:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: x.String()}
	case json.RawMessage:
		return rawNode(x)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return node(v.Elem())
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range fieldsOf(v.Type()) {
			if item := v.Field(f.index); !f.omitEmpty || !empty(item) {
				n.Content = append(n.Content, text(f.name), node(item))
			}
		}
		if v.CanAddr() {
			if more, ok := reflect.TypeAssert[others](v.Addr()); ok {
				n.Content = append(n.Content, more.otherNodes()...)
			}
		}
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i)))
		}
		return n
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			n.Content = append(n.Content, text(k.String()), node(v.MapIndex(k)))
		}
		return n
	case reflect.String:
		return text(strings.ReplaceAll(v.String(), "$", "$$"))
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())}
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(v.Int(), 10)}
	}
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// rawNode writes JSON as YAML; objects keep the order of their fields.
func rawNode(raw json.RawMessage) *yaml.Node {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	n, err := jsonNode(dec)
	if err != nil {
		return text(string(raw))
	}
	return n
}

func jsonNode(dec *json.Decoder) (*yaml.Node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		switch x := tok.(type) {
		case string:
			return text(x), nil
		case nil:
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
		default:
			return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(x)}, nil
		}
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	if delim == '{' {
		n.Kind = yaml.MappingNode
	}
	for dec.More() {
		item, err := jsonNode(dec)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err = dec.Token()
	return n, err
}
