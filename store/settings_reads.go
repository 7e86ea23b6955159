package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// QueueView is a queue with its members.
type QueueView struct {
	models.Queue
	Members []models.UserID
}

// queuesSQL reads queues: those of the bot's menu in its order, then the others by name.
const queuesSQL = `
	SELECT ` + queueColumns + `,
		coalesce((
			SELECT array_agg(m.user_id ORDER BY m.user_id)
			FROM queue_members m
			WHERE m.account_id = q.account_id
				AND m.queue_id = q.id), '{}') AS members
	FROM queues q
	WHERE account_id = @account
		AND (@id::bigint = 0 AND (archived_at IS NOT NULL) = @archived OR id = @id)
	ORDER BY bot_order = 0, bot_order, name, id`

// which chooses things of an account: one by its id, or all that are archived or in use.
func which(account models.AccountID, id int64, archived bool) pgx.NamedArgs {
	return pgx.NamedArgs{"account": account, "id": id, "archived": archived}
}

// Queues lists an account's queues that are in use, or those that are archived: those of the bot's menu in its order (rule 030),
// then the others by name.
func (s *Store) Queues(ctx context.Context, account models.AccountID, archived bool) ([]QueueView, error) {
	return list[QueueView](ctx, s.pool, "queue", queuesSQL, which(account, 0, archived))
}

// Queue reads a queue, archived or not.
func (s *Store) Queue(ctx context.Context, account models.AccountID, id models.QueueID) (*QueueView, error) {
	return one[QueueView](ctx, s.pool, "queue", queuesSQL, which(account, int64(id), false))
}

const allLabelsSQL = `
	SELECT id, account_id, name, color, automation_only, position, archived_at, created_at
	FROM labels
	WHERE account_id = @account
		AND (@id::bigint = 0 AND (archived_at IS NOT NULL) = @archived OR id = @id)
	ORDER BY position, id`

// Labels lists an account's labels that are in use, or those that are archived, in their order.
func (s *Store) Labels(ctx context.Context, account models.AccountID, archived bool) ([]models.Label, error) {
	return list[models.Label](ctx, s.pool, "label", allLabelsSQL, which(account, 0, archived))
}

// Label reads a label, archived or not.
func (s *Store) Label(ctx context.Context, account models.AccountID, id models.LabelID) (*models.Label, error) {
	return one[models.Label](ctx, s.pool, "label", allLabelsSQL, which(account, int64(id), false))
}

const reasonsSQL = `
	SELECT id, account_id, name, position, archived_at, created_at, updated_at
	FROM closing_reasons
	WHERE account_id = @account
		AND (@id::bigint = 0 AND (archived_at IS NOT NULL) = @archived OR id = @id)
	ORDER BY position, id`

// ClosingReasons lists an account's closing reasons that are in use, or those that are archived, in their order.
func (s *Store) ClosingReasons(ctx context.Context, account models.AccountID, archived bool) ([]models.ClosingReason, error) {
	return list[models.ClosingReason](ctx, s.pool, "closing_reason", reasonsSQL, which(account, 0, archived))
}

// ClosingReason reads a closing reason, archived or not.
func (s *Store) ClosingReason(ctx context.Context, account models.AccountID, id models.ClosingReasonID) (*models.ClosingReason, error) {
	return one[models.ClosingReason](ctx, s.pool, "closing_reason", reasonsSQL, which(account, int64(id), false))
}

const allFieldsSQL = `
	SELECT ` + customFieldColumns + `
	FROM custom_fields
	WHERE account_id = @account
		AND (@id::bigint = 0 AND (archived_at IS NOT NULL) = @archived OR id = @id)
	ORDER BY position, id`

// ArchivedFields lists an account's archived custom fields.
func (s *Store) ArchivedFields(ctx context.Context, account models.AccountID) ([]models.CustomField, error) {
	return list[models.CustomField](ctx, s.pool, "custom_field", allFieldsSQL, which(account, 0, true))
}

// CustomField reads a custom field, archived or not.
func (s *Store) CustomField(ctx context.Context, account models.AccountID, id models.CustomFieldID) (*models.CustomField, error) {
	return one[models.CustomField](ctx, s.pool, "custom_field", allFieldsSQL, which(account, int64(id), false))
}
