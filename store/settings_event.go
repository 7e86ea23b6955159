package store

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Setting names which of an account's settings changed.
type Setting string

// What administrators and agents set for each other. The first four are things that people make, order, archive and restore;
// their tables have the same names.
const (
	SettingQueues          Setting = "queues"
	SettingLabels          Setting = "labels"
	SettingFields          Setting = "custom_fields"
	SettingReasons         Setting = "closing_reasons"
	SettingSurveys         Setting = "surveys"
	SettingCannedResponses Setting = "canned_responses"
	SettingLibrary         Setting = "library"
	SettingViews           Setting = "saved_views"
	SettingWebhooks        Setting = "webhooks"
	SettingAccount         Setting = "account"     // options of the account
	SettingConnections     Setting = "connections" // options of a connection
	SettingAll             Setting = "all"         // an account file was applied
)

// noun is one thing of a kind, as keys of errors and the audit log name it.
func (s Setting) noun() string { return strings.TrimSuffix(string(s), "s") }

// settingsChanged tells everybody of the account that a setting changed, in the caller's transaction.
func settingsChanged(ctx context.Context, q querier, account models.AccountID, of Setting, id int64) error {
	data, err := json.Marshal(map[string]Setting{"of": of})
	if err != nil {
		return asError(err, "event")
	}
	_, err = exec(ctx, q, "event", `
		INSERT INTO events (account_id, kind, entity_id, data)
		VALUES (@account, @settings_updated, @entity, @data)`,
		pgx.NamedArgs{
			"account": account, "settings_updated": models.EventSettingsUpdated, "entity": id, "data": data,
		})
	return err
}
