package store

import (
	"context"
	"encoding/json"

	"github.com/perene/perene/models"
)

// Setting names which of an account's settings changed.
type Setting string

// What agents set for each other.
const (
	SettingCannedResponses Setting = "canned_responses"
	SettingLibrary         Setting = "library"
)

// settingsChanged tells everybody of the account that a setting changed, in the caller's transaction.
func settingsChanged(ctx context.Context, q querier, account models.AccountID, of Setting, id int64) error {
	data, err := json.Marshal(map[string]Setting{"of": of})
	if err != nil {
		return asError(err, "event")
	}
	_, err = exec(ctx, q, "event", `INSERT INTO events (account_id, kind, entity_id, data) VALUES ($1, $2, $3, $4)`,
		account, models.EventSettingsUpdated, id, data)
	return err
}
