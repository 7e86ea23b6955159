package store

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// Colours of new queues and labels; those of the schema.
const (
	QueueColor = "#2563eb"
	LabelColor = "#64748b"
)

// Limits of a list's options.
const (
	maxOptions = 100
	maxOption  = 200 // characters
)

var fieldKeyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// QueuePatch changes a queue. What is nil stays.
type QueuePatch struct {
	Name, Color  *string
	BotOrder     *int // 0 leaves the queue out of the bot's menu
	WriteLock    *bool
	LeaseMinutes *int             // 0 takes it away
	SurveyID     *models.SurveyID // 0 takes it away
	Members      []models.UserID  // all of them
}

// ChangeQueue changes a queue (rule 030), or makes one when id is 0. A new one goes to the end of the bot's menu.
func (s *Store) ChangeQueue(ctx context.Context, account models.AccountID, id models.QueueID, patch QueuePatch, by AuditEntry) (models.QueueID, error) {
	err := s.changeSettings(ctx, account, by, SettingQueues, func(p *Provisioning) (settingDone, error) {
		q, err := settingRow[models.Queue](p, SettingQueues, int64(id))
		if err != nil {
			return settingDone{}, err
		}
		created := id == 0
		if created {
			q.Color = QueueColor
			if q.BotOrder, err = p.nextPlace(ctx, SettingQueues, "bot_order"); err != nil {
				return settingDone{}, err
			}
		}
		var fields []string
		if err := p.patchedName(ctx, SettingQueues, int64(id), &fields, &q.Name, patch.Name); err != nil {
			return settingDone{}, err
		}
		patched(&fields, "color", &q.Color, patch.Color)
		patched(&fields, "bot_order", &q.BotOrder, patch.BotOrder)
		patched(&fields, "write_lock", &q.WriteLock, patch.WriteLock)
		patchedLease(&fields, q, patch.LeaseMinutes)
		if err := p.patchedSurvey(ctx, &fields, q, patch.SurveyID); err != nil {
			return settingDone{}, err
		}
		if created || len(fields) > 0 {
			if err := p.SaveQueue(q); err != nil {
				return settingDone{}, err
			}
		}
		id = q.ID
		moved, err := p.patchedMembers(ctx, id, patch.Members)
		if moved {
			fields = append(fields, "members")
		}
		return saved(created, int64(id), fields), err
	})
	return id, err
}

func patchedLease(fields *[]string, q *models.Queue, want *int) {
	have := 0
	if q.LeaseMinutes != nil {
		have = *q.LeaseMinutes
	}
	if want == nil || *want == have {
		return
	}
	q.LeaseMinutes = nil
	if *want > 0 {
		q.LeaseMinutes = want
	}
	*fields = append(*fields, "lease_minutes")
}

// patchedMembers makes a queue have exactly these members, and tells whether that changed anything. nil changes nothing.
func (p *Provisioning) patchedMembers(ctx context.Context, queue models.QueueID, want []models.UserID) (bool, error) {
	if want == nil {
		return false, nil
	}
	users, err := p.Users()
	if err != nil {
		return false, err
	}
	for i, id := range want {
		if !slices.ContainsFunc(users, func(u models.User) bool { return u.ID == id }) {
			return false, models.Invalid("body.members["+strconv.Itoa(i)+"]", "no such user")
		}
	}
	args := pgx.NamedArgs{"account": p.account, "queue": queue, "users": want}
	gone, err := exec(ctx, p.tx, "queue", `
		DELETE FROM queue_members
		WHERE account_id = @account
			AND queue_id = @queue
			AND user_id <> ALL(@users)`, args)
	if err != nil {
		return false, err
	}
	come, err := exec(ctx, p.tx, "queue", `
		INSERT INTO queue_members (account_id, queue_id, user_id)
		SELECT account_id, @queue, id
		FROM users
		WHERE account_id = @account
			AND id = ANY(@users)
		ON CONFLICT DO NOTHING`, args)
	return gone+come > 0, err
}

// LabelPatch changes a label. What is nil stays.
type LabelPatch struct {
	Name, Color    *string
	AutomationOnly *bool
}

// ChangeLabel changes a label (rule 190), or makes one when id is 0. A new one comes behind the others.
func (s *Store) ChangeLabel(ctx context.Context, account models.AccountID, id models.LabelID, patch LabelPatch, by AuditEntry) (models.LabelID, error) {
	err := s.changeSettings(ctx, account, by, SettingLabels, func(p *Provisioning) (settingDone, error) {
		l, err := settingRow[models.Label](p, SettingLabels, int64(id))
		if err != nil {
			return settingDone{}, err
		}
		created := id == 0
		if created {
			l.Color = LabelColor
			if l.Position, err = p.nextPlace(ctx, SettingLabels, "position"); err != nil {
				return settingDone{}, err
			}
		}
		var fields []string
		if err := p.patchedName(ctx, SettingLabels, int64(id), &fields, &l.Name, patch.Name); err != nil {
			return settingDone{}, err
		}
		patched(&fields, "color", &l.Color, patch.Color)
		patched(&fields, "automation_only", &l.AutomationOnly, patch.AutomationOnly)
		if created || len(fields) > 0 {
			err = p.SaveLabel(l)
		}
		id = l.ID
		return saved(created, int64(id), fields), err
	})
	return id, err
}

// ChangeReason changes the name of a closing reason, or makes one when id is 0. A new one comes behind the others.
func (s *Store) ChangeReason(ctx context.Context, account models.AccountID, id models.ClosingReasonID, name *string, by AuditEntry) (models.ClosingReasonID, error) {
	err := s.changeSettings(ctx, account, by, SettingReasons, func(p *Provisioning) (settingDone, error) {
		r, err := settingRow[models.ClosingReason](p, SettingReasons, int64(id))
		if err != nil {
			return settingDone{}, err
		}
		created := id == 0
		if created {
			if r.Position, err = p.nextPlace(ctx, SettingReasons, "position"); err != nil {
				return settingDone{}, err
			}
		}
		var fields []string
		if err := p.patchedName(ctx, SettingReasons, int64(id), &fields, &r.Name, name); err != nil {
			return settingDone{}, err
		}
		if created || len(fields) > 0 {
			err = p.SaveReason(r)
		}
		id = r.ID
		return saved(created, int64(id), fields), err
	})
	return id, err
}

// FieldPatch changes a custom field. What is nil stays. Only a new field takes Entity, Key and Kind: values that contacts have
// follow them.
type FieldPatch struct {
	Entity, Key, Kind string
	Name              *string
	Options           []string
	Required          *bool
	MaxLength         *int
	OnClosing         *models.OnClosing
}

// ChangeField changes a custom field (rules 157, 201, 202), or makes one when id is 0. A new one comes behind the others.
func (s *Store) ChangeField(ctx context.Context, account models.AccountID, id models.CustomFieldID, patch FieldPatch, by AuditEntry) (models.CustomFieldID, error) {
	err := s.changeSettings(ctx, account, by, SettingFields, func(p *Provisioning) (settingDone, error) {
		f, err := settingRow[models.CustomField](p, SettingFields, int64(id))
		if err != nil {
			return settingDone{}, err
		}
		created := id == 0
		if created {
			if f, err = p.newField(ctx, patch); err != nil {
				return settingDone{}, err
			}
		}
		var fields []string
		if patch.Name != nil || created {
			name := ""
			if patch.Name != nil {
				name = strings.TrimSpace(*patch.Name)
			}
			patched(&fields, "name", &f.Name, &name)
		}
		if patch.Options != nil && !slices.Equal(f.Options, patch.Options) {
			f.Options, fields = patch.Options, append(fields, "options")
		}
		patched(&fields, "required", &f.Required, patch.Required)
		patched(&fields, "max_length", &f.MaxLength, patch.MaxLength)
		patched(&fields, "on_closing", &f.OnClosing, patch.OnClosing)
		if wrong := wrongField(f); len(wrong) > 0 {
			return settingDone{}, &models.Error{Code: models.CodeInvalid, Key: "custom_field.invalid", Message: wrong[0].Message, Fields: wrong}
		}
		if created || len(fields) > 0 {
			err = p.SaveCustomField(f)
		}
		id = f.ID
		return saved(created, int64(id), fields), err
	})
	return id, err
}

// newField is a field with a key that no other field of the account has (rule 201): closing asks for fields of contacts and
// tickets together, by key.
func (p *Provisioning) newField(ctx context.Context, patch FieldPatch) (*models.CustomField, error) {
	f := &models.CustomField{Entity: patch.Entity, Key: patch.Key, Kind: patch.Kind, Options: []string{}, OnClosing: models.OnClosingNo}
	if err := p.free(ctx, SettingFields, 0, "key", f.Key); err != nil {
		return nil, err
	}
	var err error
	f.Position, err = p.nextPlace(ctx, SettingFields, "position")
	return f, err
}

// wrongField lists what is wrong with a field, by place.
func wrongField(f *models.CustomField) []models.Field {
	var wrong []models.Field
	say := func(where, why string) { wrong = append(wrong, models.Field{Path: "body." + where, Message: why}) }
	switch {
	case !fieldKeyPattern.MatchString(f.Key):
		say("key", "small letters, digits and _, beginning with a letter")
	case f.Entity == models.FieldOfContact && slices.Contains(flow.SystemFields, f.Key):
		say("key", "every contact has a field of this key: choose another one")
	}
	if f.Name == "" {
		say("name", "give a name")
	}
	if len(f.Options) > 0 && f.Kind != string(flow.TypeList) {
		say("options", "only a list has options")
	}
	if len(f.Options) > maxOptions {
		say("options", "at most "+strconv.Itoa(maxOptions)+" options")
	}
	for i, option := range f.Options {
		if strings.TrimSpace(option) == "" || len([]rune(option)) > maxOption || slices.Contains(f.Options[:i], option) {
			say("options["+strconv.Itoa(i)+"]", "this option is empty, too long, or stands here twice")
		}
	}
	if f.MaxLength != 0 && f.Kind != string(flow.TypeText) {
		say("max_length", "only a text has a longest length")
	}
	if f.OnClosing != models.OnClosingNo && f.Entity == models.FieldOfConversation {
		say("on_closing", "closing asks for fields of contacts and tickets alone")
	}
	return wrong
}
