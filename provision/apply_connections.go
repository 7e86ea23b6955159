package provision

import (
	"encoding/base64"
	"fmt"
	"io"

	"github.com/perene/perene/models"
)

// connectionState is a connection of the account, or one that the file makes.
type connectionState struct {
	models.Connection
	created bool
	at      string
	spec    *ConnectionSpec // nil if the file does not name it
	diff    diff
	kept    []string // secrets whose variables are not set
}

// createConnections makes the connections that are new, so that flows may name them and secrets be sealed for them.
func (a *applier) createConnections() error {
	have, err := a.p.Connections()
	if err != nil {
		return err
	}
	a.connections = map[string]*connectionState{}
	for _, c := range have {
		a.connections[c.Name] = &connectionState{Connection: c}
	}
	for i := range a.file.Connections {
		spec := &a.file.Connections[i]
		st := a.connections[spec.Name]
		if st == nil {
			st = &connectionState{created: true}
			a.connections[spec.Name] = st
		}
		st.spec, st.at = spec, fmt.Sprintf("connections[%d]", i)
		if !st.created {
			continue
		}
		key, err := a.newKey(spec)
		if err != nil {
			return err
		}
		channel := spec.Channel
		if channel == "" {
			channel = models.ChannelWhatsAppCloud
		}
		st.Connection = models.Connection{Key: key, Name: spec.Name, Channel: channel}
		if err := a.p.CreateConnection(&st.Connection); err != nil {
			if err := a.conflict(err, st.at+".key"); err != nil {
				return err
			}
			delete(a.connections, spec.Name)
		}
	}
	for name, st := range a.connections {
		a.known.add("connection", name, int64(st.ID))
	}
	return nil
}

// newKey is the file's key, or 96 random bits.
func (a *applier) newKey(spec *ConnectionSpec) (string, error) {
	if spec.Key != nil {
		return *spec.Key, nil
	}
	raw := make([]byte, 12)
	if _, err := io.ReadFull(a.opts.Random, raw); err != nil {
		return "", fmt.Errorf("make a connection's key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// applyConnections writes the connections; each that changed wakes its workflow.
func (a *applier) applyConnections() error {
	for i := range a.file.Connections {
		st := a.connections[a.file.Connections[i].Name]
		if st == nil {
			continue
		}
		if err := a.fillConnection(st); err != nil {
			return err
		}
	}
	a.oneDefault()
	for _, name := range sortedKeys(a.connections) {
		if err := a.saveConnection(a.connections[name]); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) saveConnection(st *connectionState) error {
	if st.spec == nil && len(st.diff) == 0 {
		return nil
	}
	restored := st.State == models.ConnectionRemoved
	if restored {
		st.State, st.ProvenAt = models.ConnectionActive, nil
	}
	if st.created || restored || len(st.diff) > 0 {
		if err := a.p.SaveConnection(a.ctx, &st.Connection); err != nil {
			return a.conflict(err, st.at)
		}
	}
	for _, line := range st.kept {
		a.changed("kept", "secret of connection", st.Name, line)
	}
	if restored {
		a.changed("restored", "connection", st.Name, st.diff...)
		return nil
	}
	a.saved(st.created, "connection", st.Name, st.diff)
	return nil
}

// oneDefault keeps exactly one default connection (rule 008): without a choice it is the oldest.
func (a *applier) oneDefault() {
	var oldest *connectionState
	for _, st := range a.connections {
		if st.spec == nil && (st.State == models.ConnectionRemoved || a.file.Prune) {
			continue
		}
		if st.IsDefault {
			return
		}
		if oldest == nil || st.ID < oldest.ID {
			oldest = st
		}
	}
	if oldest != nil {
		oldest.IsDefault = true
		oldest.diff = append(oldest.diff, "default")
	}
}

// fillConnection makes the connection what the file says and notes what differs.
func (a *applier) fillConnection(st *connectionState) error {
	c, spec := &st.Connection, st.spec
	var d diff
	if spec.Channel != "" && c.Channel != spec.Channel {
		a.d.at(st.at+".channel", "the channel of a connection cannot be changed: make another connection")
	}
	set(&d, "key", &c.Key, spec.Key)
	values, err := a.fillChannelValues(st)
	if err != nil {
		return err
	}
	d = append(d, values...)
	setPointer(&d, "display_phone", &c.DisplayPhone, spec.DisplayPhone)
	set(&d, "rate_per_second", &c.RatePerSecond, spec.RatePerSecond)
	spec.Settings.into(&d, "settings", &c.Settings)
	if spec.Default != nil && *spec.Default && !c.IsDefault {
		a.takeDefault(st)
		d = append(d, "default")
	} else if spec.Default != nil && !*spec.Default && c.IsDefault {
		c.IsDefault = false
		d = append(d, "default")
	}
	a.fillStart(&d, st)
	st.diff = append(st.diff, d...)
	return nil
}

// takeDefault makes a connection the default in place of the present one.
func (a *applier) takeDefault(st *connectionState) {
	for _, other := range a.connections {
		other.IsDefault = false
	}
	st.IsDefault = true
}

// fillStart sets the initial flow and queue (rules 025–028), by name.
func (a *applier) fillStart(d *diff, st *connectionState) {
	if name := st.spec.InitialFlow; name != nil {
		var want *models.FlowID
		if *name != "" {
			f := a.flows[*name]
			if f == nil {
				a.d.at(st.at+".initial_flow", "there is no flow %q in the account or the file", *name)
				return
			}
			want = &f.ID
		}
		setID(d, "initial_flow", &st.InitialFlowID, want)
	}
	if name := st.spec.InitialQueue; name != nil {
		var want *models.QueueID
		if *name != "" {
			q := a.queues[*name]
			if q == nil {
				a.d.at(st.at+".initial_queue", "there is no queue %q in the account or the file", *name)
				return
			}
			want = &q.ID
		}
		setID(d, "initial_queue", &st.InitialQueueID, want)
	}
}

func setID[T comparable](d *diff, name string, field **T, want *T) {
	if (*field == nil) != (want == nil) || (want != nil && **field != *want) {
		*field = want
		*d = append(*d, name)
	}
}
