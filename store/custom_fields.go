package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

const customFieldColumns = `id, account_id, entity, key, name, kind, options, required, max_length, on_closing, position, archived_at, created_at`

// customFieldsSQL reads an account's own fields that are in use, in their order.
const customFieldsSQL = `
	SELECT ` + customFieldColumns + `
	FROM custom_fields
	WHERE account_id = @account
		AND archived_at IS NULL
	ORDER BY position, id`

// CustomFields lists an account's own fields that are in use (rule 201), in their order.
func (s *Store) CustomFields(ctx context.Context, account models.AccountID) ([]models.CustomField, error) {
	return list[models.CustomField](ctx, s.pool, "custom_field", customFieldsSQL, pgx.NamedArgs{"account": account})
}

// contactFields are the definitions for contacts, as flows know them. The answer is never nil.
func contactFields(defined []models.CustomField) []flow.Field {
	out := []flow.Field{}
	for _, f := range defined {
		if f.Entity == models.FieldOfContact {
			out = append(out, flow.Field{Key: f.Key, Label: f.Name, Type: flow.VariableType(f.Kind), Options: f.Options,
				Required: f.Required, MaxLength: f.MaxLength})
		}
	}
	return out
}

// customPatch are changes of a contact's custom values: what is set, and what is cleared.
type customPatch struct {
	set   map[string]any
	clear []string
	files []int64 // that values of set name
}

// checkCustom checks changes of a contact's custom values against the account's definitions. The error names every value
// that is refused. A value that no definition has may only be cleared.
func checkCustom(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, values map[string]any) (customPatch, error) {
	patch := customPatch{set: map[string]any{}, clear: []string{}}
	if len(values) == 0 {
		return patch, nil
	}
	defined, err := list[models.CustomField](ctx, tx, "custom_field", customFieldsSQL, pgx.NamedArgs{"account": account})
	if err != nil {
		return patch, err
	}
	fields := contactFields(defined)
	var refused []models.Field
	files := map[string]int64{}
	for key, value := range values {
		i := slices.IndexFunc(fields, func(f flow.Field) bool { return f.Key == key })
		var why *flow.FieldError
		switch {
		case i >= 0:
			why = fields[i].Check(value)
		case value != nil:
			why = flow.UnknownField(key)
		}
		switch {
		case why != nil:
			refused = append(refused, models.Field{Path: customPath(key), Message: why.Error()})
		case value == nil:
			patch.clear = append(patch.clear, key)
		default:
			patch.set[key] = value
			if id, ok := fields[i].MediaID(value); ok {
				files[key] = id
				patch.files = append(patch.files, id)
			}
		}
	}
	missing, err := missingFiles(ctx, tx, account, w, files)
	if err != nil {
		return patch, err
	}
	if refused = append(refused, missing...); len(refused) == 0 {
		return patch, nil
	}
	slices.SortFunc(refused, func(a, b models.Field) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return patch, &models.Error{Code: models.CodeInvalid, Key: "contact.custom_values", Fields: refused,
		Message: fmt.Sprintf("the account's custom fields refuse %d of the values", len(refused))}
}

func customPath(key string) string { return "body.custom_values." + key }

// missingFiles refuses the images that are no file of the account, or none that the viewer may see.
func missingFiles(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, files map[string]int64) ([]models.Field, error) {
	var refused []models.Field
	for key, id := range files {
		n, err := exec(ctx, tx, "media", `SELECT FROM media f WHERE f.account_id = @account AND f.id = @id AND `+seesFile,
			w.args(account, pgx.NamedArgs{"id": id}))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			refused = append(refused, models.Field{Path: customPath(key), Message: "there is no such file"})
		}
	}
	return refused, nil
}
