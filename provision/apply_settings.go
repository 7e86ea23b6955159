package provision

import (
	"errors"
	"fmt"
	"slices"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

func (a *applier) applyQueues() error {
	have, err := a.p.Queues()
	if err != nil {
		return err
	}
	a.queues, a.archived = map[string]*models.Queue{}, map[models.QueueID]bool{}
	for i := range have {
		if have[i].ArchivedAt == nil {
			a.queues[have[i].Name] = &have[i]
		}
		a.archived[have[i].ID] = have[i].ArchivedAt != nil
	}
	for _, spec := range a.file.Queues {
		q := &models.Queue{Name: spec.Name, Color: store.QueueColor}
		if i := slices.IndexFunc(have, func(q models.Queue) bool { return q.Name == spec.Name }); i >= 0 {
			q = &have[i]
		}
		a.queues[spec.Name] = q
		created, restored := q.ID == 0, q.ArchivedAt != nil
		q.ArchivedAt = nil
		var d diff
		set(&d, "color", &q.Color, orDefault(spec.Color, store.QueueColor))
		set(&d, "bot_order", &q.BotOrder, spec.BotOrder)
		set(&d, "write_lock", &q.WriteLock, spec.WriteLock)
		setLease(&d, q, spec.LeaseMinutes)
		setWhole(&d, "hours", &q.Hours, spec.Hours)
		if created || restored || len(d) > 0 {
			if err := a.p.SaveQueue(q); err != nil {
				return err
			}
		}
		a.archived[q.ID] = false
		a.savedOrRestored(created, restored, "queue", q.Name, d)
	}
	for name, q := range a.queues {
		a.known.add("queue", name, int64(q.ID))
	}
	return nil
}

// setLease is set for the minutes of a lease; 0 takes it away.
func setLease(d *diff, q *models.Queue, want *int) {
	have := 0
	if q.LeaseMinutes != nil {
		have = *q.LeaseMinutes
	}
	if want == nil || *want == have {
		return
	}
	q.LeaseMinutes = want
	if *want == 0 {
		q.LeaseMinutes = nil
	}
	*d = append(*d, "lease_minutes")
}

func (a *applier) applyLabels() error {
	have, err := a.p.Labels()
	if err != nil {
		return err
	}
	last := 0
	for i := range have {
		last = max(last, have[i].Position)
	}
	for _, spec := range a.file.Labels {
		i := slices.IndexFunc(have, func(l models.Label) bool { return l.Name == spec.Name })
		l := models.Label{Name: spec.Name, Color: store.LabelColor}
		if i >= 0 {
			l = have[i]
		} else {
			last++
			l.Position = last
		}
		restored := l.ArchivedAt != nil
		l.ArchivedAt = nil
		var d diff
		set(&d, "color", &l.Color, orDefault(spec.Color, store.LabelColor))
		set(&d, "automation_only", &l.AutomationOnly, spec.AutomationOnly)
		set(&d, "position", &l.Position, spec.Position)
		if i < 0 || restored || len(d) > 0 {
			if err := a.p.SaveLabel(&l); err != nil {
				return err
			}
		}
		a.savedOrRestored(i < 0, restored, "label", l.Name, d)
	}
	return nil
}

func (a *applier) applyFields() error {
	have, err := a.p.CustomFields()
	if err != nil {
		return err
	}
	last := 0
	for i := range have {
		last = max(last, have[i].Position)
	}
	for n := range a.file.CustomFields {
		spec := &a.file.CustomFields[n]
		at := fmt.Sprintf("custom_fields[%d]", n)
		i := slices.IndexFunc(have, func(f models.CustomField) bool { return f.Entity == spec.Entity && f.Key == spec.Key })
		f := models.CustomField{Entity: spec.Entity, Key: spec.Key, Options: []string{}, OnClosing: models.OnClosingNo}
		if i >= 0 {
			f = have[i]
		} else {
			last++
			f.Position = last
			a.checkKey(at, spec, have)
		}
		restored := f.ArchivedAt != nil
		f.ArchivedAt = nil
		d := fillField(&f, spec)
		if f.Name == "" {
			a.d.at(at, "name is missing")
		}
		if f.Kind == "" {
			a.d.at(at, "%s", wantKind())
		}
		a.d.checkLimits(at, &f)
		if f.Name == "" || f.Kind == "" {
			continue
		}
		if i < 0 || restored || len(d) > 0 {
			if err := a.p.SaveCustomField(&f); err != nil {
				return err
			}
		}
		a.savedOrRestored(i < 0, restored, "custom field", f.Entity+"."+f.Key, d)
	}
	return nil
}

// checkKey refuses a new field whose key another field has (rule 201).
func (a *applier) checkKey(at string, spec *FieldSpec, have []models.CustomField) {
	same := slices.ContainsFunc(have, func(f models.CustomField) bool { return f.Key == spec.Key })
	for i := range a.file.CustomFields {
		other := &a.file.CustomFields[i]
		same = same || other != spec && other.Key == spec.Key && other.Entity != spec.Entity
	}
	if same {
		a.d.at(at, "another field has the key %q: choose another one", spec.Key)
	}
}

func fillField(f *models.CustomField, spec *FieldSpec) diff {
	var d diff
	set(&d, "name", &f.Name, spec.Name)
	set(&d, "kind", &f.Kind, spec.Kind)
	if spec.Options != nil && !slices.Equal(f.Options, spec.Options) {
		f.Options = spec.Options
		d = append(d, "options")
	}
	set(&d, "required", &f.Required, spec.Required)
	set(&d, "max_length", &f.MaxLength, spec.MaxLength)
	if spec.OnClosing != nil {
		closing := spec.closing()
		set(&d, "on_closing", &f.OnClosing, &closing)
	}
	set(&d, "position", &f.Position, spec.Position)
	return d
}

func (a *applier) applyReasons() error {
	have, err := a.p.Reasons()
	if err != nil {
		return err
	}
	last := 0
	for i := range have {
		last = max(last, have[i].Position)
	}
	for _, spec := range a.file.Reasons {
		i := slices.IndexFunc(have, func(r models.ClosingReason) bool { return r.Name == spec.Name })
		r := models.ClosingReason{Name: spec.Name}
		if i >= 0 {
			r = have[i]
		} else {
			last++
			r.Position = last
		}
		restored := r.ArchivedAt != nil
		r.ArchivedAt = nil
		var d diff
		set(&d, "position", &r.Position, spec.Position)
		if i < 0 || restored || len(d) > 0 {
			if err := a.p.SaveReason(&r); err != nil {
				return err
			}
		}
		a.savedOrRestored(i < 0, restored, "closing reason", r.Name, d)
	}
	return nil
}

// pruned notes that a thing was archived, because the file does not name it.
func (a *applier) pruned(kind, name string) { a.changed("removed", kind, name, "archived") }

func (a *applier) pruneLabels() error {
	have, err := a.p.Labels()
	if err != nil {
		return err
	}
	now := a.p.Now()
	for i := range have {
		l := &have[i]
		if l.ArchivedAt != nil || slices.ContainsFunc(a.file.Labels, func(s LabelSpec) bool { return s.Name == l.Name }) {
			continue
		}
		l.ArchivedAt = &now
		if err := a.p.SaveLabel(l); err != nil {
			return err
		}
		a.pruned("label", l.Name)
	}
	return nil
}

func (a *applier) pruneFields() error {
	have, err := a.p.CustomFields()
	if err != nil {
		return err
	}
	now := a.p.Now()
	for i := range have {
		f := &have[i]
		if f.ArchivedAt != nil || slices.ContainsFunc(a.file.CustomFields, func(s FieldSpec) bool { return s.Entity == f.Entity && s.Key == f.Key }) {
			continue
		}
		f.ArchivedAt = &now
		if err := a.p.SaveCustomField(f); err != nil {
			return err
		}
		a.pruned("custom field", f.Entity+"."+f.Key)
	}
	return nil
}

func (a *applier) pruneReasons() error {
	have, err := a.p.Reasons()
	if err != nil {
		return err
	}
	now := a.p.Now()
	for i := range have {
		r := &have[i]
		if r.ArchivedAt != nil || slices.ContainsFunc(a.file.Reasons, func(s ReasonSpec) bool { return s.Name == r.Name }) {
			continue
		}
		r.ArchivedAt = &now
		if err := a.p.SaveReason(r); err != nil {
			return err
		}
		a.pruned("closing reason", r.Name)
	}
	return nil
}

func (a *applier) pruneQueues() error {
	now := a.p.Now()
	for _, name := range sortedKeys(a.queues) {
		if slices.ContainsFunc(a.file.Queues, func(s QueueSpec) bool { return s.Name == name }) {
			continue
		}
		q := a.queues[name]
		var used *models.Error
		switch err := a.p.QueueIsFree(a.ctx, q.ID); {
		case errors.As(err, &used) && used.Code == models.CodeConflict:
			a.d.at("prune", "queue %q: %s", name, used.Message)
			continue
		case err != nil:
			return err
		}
		q.ArchivedAt = &now
		if err := a.p.SaveQueue(q); err != nil {
			return err
		}
		a.pruned("queue", name)
	}
	return nil
}
