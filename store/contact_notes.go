package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// ContactNoteView is a contact's note with the names that a card shows.
type ContactNoteView struct {
	models.ContactNote
	AuthorName *string
	AgentName  *string
}

const contactNoteViewSQL = `
	SELECT n.id, n.account_id, n.contact_id, n.author_id, n.flow_run_id, n.text, n.due_at, n.agent_id, n.created_at, n.updated_at,
		au.name AS author_name, ag.name AS agent_name
	FROM contact_notes n
	JOIN contacts k ON k.id = n.contact_id AND k.account_id = n.account_id
	LEFT JOIN users au ON au.id = n.author_id AND au.account_id = n.account_id
	LEFT JOIN users ag ON ag.id = n.agent_id AND ag.account_id = n.account_id `

// ContactNotes lists the notes of a contact that the viewer sees, newest first, before the given one (0: from the newest).
// CodeNotFound for a contact out of sight.
func (s *Store) ContactNotes(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, before models.NoteID, limit int) ([]ContactNoteView, error) {
	var notes []ContactNoteView
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		err := mustSeeContact(ctx, tx, account, w, contact)
		if err != nil {
			return err
		}
		notes, err = list[ContactNoteView](ctx, tx, "contact_note", contactNoteViewSQL+`
			WHERE n.account_id = @account AND n.contact_id = @contact AND (@before::bigint = 0 OR n.id < @before)
			ORDER BY n.id DESC
			LIMIT @limit`, pgx.NamedArgs{"account": account, "contact": contact, "before": before, "limit": limit})
		return err
	})
	return notes, asError(err, "contact_note")
}

// ContactNote reads a note of a contact that the viewer sees; CodeNotFound otherwise.
func (s *Store) ContactNote(ctx context.Context, account models.AccountID, w Viewer, id models.NoteID) (*ContactNoteView, error) {
	return one[ContactNoteView](ctx, s.pool, "contact_note", contactNoteViewSQL+`WHERE n.account_id = @account AND n.id = @id AND `+seesContact,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// NoteText is what a note of a contact says. A zero agent and a nil instant are none.
type NoteText struct {
	Text    string
	DueAt   *time.Time
	AgentID models.UserID
}

// WriteContactNote adds a note to a contact that the viewer sees. Its author is the viewer. CodeInvalid for an agent who does
// not work here.
func (s *Store) WriteContactNote(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, note NoteText) (models.NoteID, error) {
	var id models.NoteID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := mustSeeContact(ctx, tx, account, w, contact); err != nil {
			return err
		}
		if err := mustWork(ctx, tx, account, note.AgentID, "body.agent_id"); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			INSERT INTO contact_notes (account_id, contact_id, author_id, text, due_at, agent_id, created_at)
			VALUES (@account, @contact, @author, @text, @due, nullif(@agent::bigint, 0), @now)
			RETURNING id`,
			pgx.NamedArgs{"account": account, "contact": contact, "author": w.User, "text": note.Text, "due": note.DueAt, "agent": note.AgentID,
				"now": s.Now()}).Scan(&id)
		if err != nil {
			return asError(err, "contact_note")
		}
		return insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(contact))
	})
	return id, asError(err, "contact_note")
}

// ChangeContactNote replaces what a note says. CodeNotFound for a note of a contact out of sight.
func (s *Store) ChangeContactNote(ctx context.Context, account models.AccountID, w Viewer, id models.NoteID, note NoteText) error {
	return s.changeNote(ctx, account, w, id, func(tx pgx.Tx) error {
		if err := mustWork(ctx, tx, account, note.AgentID, "body.agent_id"); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "contact_note", `
			UPDATE contact_notes
			SET text = @text, due_at = @due, agent_id = nullif(@agent::bigint, 0), updated_at = @now
			WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "text": note.Text, "due": note.DueAt, "agent": note.AgentID, "now": s.Now()})
		return err
	})
}

// DeleteContactNote removes a note. CodeNotFound for a note of a contact out of sight.
func (s *Store) DeleteContactNote(ctx context.Context, account models.AccountID, w Viewer, id models.NoteID) error {
	return s.changeNote(ctx, account, w, id, func(tx pgx.Tx) error {
		_, err := exec(ctx, tx, "contact_note", `DELETE FROM contact_notes WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id})
		return err
	})
}

// changeNote locks a note that the viewer sees, changes it, and tells of it.
func (s *Store) changeNote(ctx context.Context, account models.AccountID, w Viewer, id models.NoteID, change func(tx pgx.Tx) error) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var contact models.ContactID
		err := tx.QueryRow(ctx, `
			SELECT n.contact_id
			FROM contact_notes n
			JOIN contacts k ON k.id = n.contact_id AND k.account_id = n.account_id
			WHERE n.account_id = @account AND n.id = @id AND `+seesContact+`
			FOR UPDATE OF n`, w.args(account, pgx.NamedArgs{"id": id})).Scan(&contact)
		if err != nil {
			return asError(err, "contact_note")
		}
		if err := change(tx); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(contact))
	})
	return asError(err, "contact_note")
}

// mustWork refuses a user of another account, or one who left; 0 is none and passes.
func mustWork(ctx context.Context, q querier, account models.AccountID, id models.UserID, path string) error {
	if id == 0 {
		return nil
	}
	n, err := exec(ctx, q, "user", `
		SELECT
		FROM users u
		WHERE u.account_id = @account AND u.id = @id AND `+mayGetTickets,
		pgx.NamedArgs{"account": account, "id": id})
	if err == nil && n == 0 {
		return models.Invalid(path, "no user of this account who works has this id")
	}
	return err
}
