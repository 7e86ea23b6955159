package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// KeyDraftNewer is the key of the error that says that a draft was changed since it was read.
const KeyDraftNewer = "draft.newer"

// draftsShown is how many drafts a user's list has at most, the latest ones.
const draftsShown = 500

const draftColumns = `d.conversation_id, d.mode, d.body, d.revision, d.updated_at`

// Drafts lists a user's drafts in conversations that the user still sees, the latest first.
func (s *Store) Drafts(ctx context.Context, account models.AccountID, w Viewer) ([]models.Draft, error) {
	return list[models.Draft](ctx, s.pool, "draft", `
		SELECT `+draftColumns+`
		FROM drafts d
		JOIN conversations v ON v.id = d.conversation_id AND v.account_id = d.account_id
		WHERE d.account_id = @account AND d.user_id = @viewer AND `+visible+`
		ORDER BY d.updated_at DESC, d.conversation_id, d.mode
		LIMIT @limit`, w.args(account, pgx.NamedArgs{"limit": draftsShown}))
}

// Draft reads a user's draft in a conversation that the user sees; CodeNotFound otherwise.
func (s *Store) Draft(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID, mode models.DraftMode) (*models.Draft, error) {
	return draftIn(ctx, s.pool, account, w, id, mode)
}

func draftIn(ctx context.Context, q querier, account models.AccountID, w Viewer, id models.ConversationID, mode models.DraftMode) (*models.Draft, error) {
	return one[models.Draft](ctx, q, "draft", `
		SELECT `+draftColumns+`
		FROM drafts d
		JOIN conversations v ON v.id = d.conversation_id AND v.account_id = d.account_id
		WHERE d.account_id = @account AND d.user_id = @viewer AND d.conversation_id = @id AND d.mode = @mode AND `+visible,
		w.args(account, pgx.NamedArgs{"id": id, "mode": mode}))
}

// WriteDraft stores what a user is writing. Of the draft the conversation, the mode, the body and the revision count: the
// revision that the user changed, 0 for none. It returns the draft as it is stored now. An error with KeyDraftNewer comes
// with the draft that another device wrote since. CodeNotFound for a conversation out of sight, CodeInvalid for files and
// messages that the user does not see.
func (s *Store) WriteDraft(ctx context.Context, account models.AccountID, w Viewer, d models.Draft) (*models.Draft, error) {
	var now *models.Draft
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		now = nil
		if err := mustBeVisible(ctx, tx, account, w, d.ConversationID); err != nil {
			return err
		}
		if err := checkDraft(ctx, tx, account, w, &d); err != nil {
			return err
		}
		body, err := json.Marshal(d.Body)
		if err != nil {
			return fmt.Errorf("write a draft: %w", err)
		}
		at := s.Now()
		n, err := exec(ctx, tx, "draft", `
			INSERT INTO drafts AS d (account_id, user_id, conversation_id, mode, body, revision, updated_at)
			VALUES (@account, @viewer, @id, @mode, @body, greatest(@first::bigint, @revision::bigint + 1), @now)
			ON CONFLICT (user_id, conversation_id, mode) DO UPDATE
			SET body = excluded.body, revision = d.revision + 1, updated_at = excluded.updated_at
			WHERE d.account_id = @account AND d.revision = @revision`,
			w.args(account, pgx.NamedArgs{"id": d.ConversationID, "mode": d.Mode, "body": body, "first": at.UnixMilli(), "revision": d.Revision, "now": at}))
		if err != nil {
			return err
		}
		if now, err = draftIn(ctx, tx, account, w, d.ConversationID, d.Mode); err != nil {
			return err
		}
		if n == 0 {
			return draftNewer()
		}
		return draftChanged(ctx, tx, account, w, d.ConversationID, d.Mode, now.Revision)
	})
	return now, asError(err, "draft")
}

// ForgetDraft forgets a draft: what was sent, or thrown away. A revision other than 0 removes only that one, or an older one.
// A newer one comes back with an error with KeyDraftNewer. One that is gone is no error.
func (s *Store) ForgetDraft(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID, mode models.DraftMode, revision int64) (*models.Draft, error) {
	var newer *models.Draft
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		newer = nil
		if err := mustBeVisible(ctx, tx, account, w, id); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "draft", `
			DELETE FROM drafts d
			WHERE d.account_id = @account AND d.user_id = @viewer AND d.conversation_id = @id AND d.mode = @mode
				AND (@revision::bigint = 0 OR d.revision <= @revision)`,
			w.args(account, pgx.NamedArgs{"id": id, "mode": mode, "revision": revision}))
		if err != nil {
			return err
		}
		if n > 0 {
			return draftChanged(ctx, tx, account, w, id, mode, 0)
		}
		newer, err = draftIn(ctx, tx, account, w, id, mode)
		switch {
		case isNotFound(err):
			return nil
		case err != nil:
			return err
		}
		return draftNewer()
	})
	return newer, asError(err, "draft")
}

func draftNewer() error {
	return &models.Error{Code: models.CodeConflict, Key: KeyDraftNewer, Message: "this draft was changed on another device: take the newer one, or write over it"}
}

// checkDraft refuses references to what the user does not see.
func checkDraft(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, d *models.Draft) error {
	for i, file := range d.Body.MediaIDs {
		if err := mustBeStored(ctx, tx, account, w, file, fmt.Sprintf("body.body.media_ids[%d]", i)); err != nil {
			return err
		}
	}
	if d.Body.ReplyTo == 0 {
		return nil
	}
	n, err := exec(ctx, tx, "message", `
		SELECT FROM messages m
		WHERE m.account_id = @account AND m.conversation_id = @conversation AND m.id = @id`,
		pgx.NamedArgs{"account": account, "conversation": d.ConversationID, "id": d.Body.ReplyTo})
	if err != nil {
		return err
	}
	if n == 0 {
		return models.Invalid("body.body.reply_to", "no such message in this conversation")
	}
	return nil
}

// draftChanged tells the other devices of the user. The event holds ids alone. Revision 0 says that the draft is gone.
func draftChanged(ctx context.Context, q querier, account models.AccountID, w Viewer, id models.ConversationID, mode models.DraftMode, revision int64) error {
	data, err := json.Marshal(map[string]any{"mode": mode, "revision": revision})
	if err != nil {
		return fmt.Errorf("tell of a draft: %w", err)
	}
	_, err = exec(ctx, q, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
		VALUES (@account, @kind, @id, @viewer, @data)`,
		w.args(account, pgx.NamedArgs{"kind": models.EventDraftUpdated, "id": id, "data": data}))
	return err
}
