package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// LibraryFileView is a file of the library with its author's name. Kind is the kind of message that it becomes: a WebP
// picture is a sticker.
type LibraryFileView struct {
	models.LibraryFile
	Kind       models.ContentKind
	AuthorName *string
	File       models.Media
}

// libraryKind is the kind of message that a file f of the library becomes.
const libraryKind = `CASE WHEN f.mime_type = 'image/webp' THEN 'sticker' ELSE f.kind END`

const libraryViewSQL = `
	SELECT lf.id, lf.account_id, lf.media_id, lf.name, lf.folder, lf.author_id, lf.created_at, u.name AS author_name,
		` + libraryKind + ` AS kind, ` + mediaJSON + ` AS file
	FROM library_files lf
	JOIN media f ON f.id = lf.media_id AND f.account_id = lf.account_id
	LEFT JOIN users u ON u.id = lf.author_id AND u.account_id = lf.account_id `

// LibraryFilter narrows a list of the library.
type LibraryFilter struct {
	Query  string  // part of the name, the folder or the file's own name
	Folder *string // exactly this one; empty: those in none
	Kind   models.ContentKind
	Before models.LibraryFileID // 0: from the newest
	Limit  int
}

// LibraryFiles lists the library, newest first.
func (s *Store) LibraryFiles(ctx context.Context, account models.AccountID, f LibraryFilter) ([]LibraryFileView, error) {
	return list[LibraryFileView](ctx, s.pool, "library_file", libraryViewSQL+`
		WHERE lf.account_id = @account AND (@before::bigint = 0 OR lf.id < @before)
			AND (@folder::text IS NULL OR lf.folder = @folder)
			AND (@kind = '' OR `+libraryKind+` = @kind)
			AND (@query = '' OR lf.name ILIKE @like OR lf.folder ILIKE @like OR f.filename ILIKE @like)
		ORDER BY lf.id DESC
		LIMIT @limit`, searchArgs(f.Query, pgx.NamedArgs{"account": account, "before": f.Before, "folder": f.Folder, "kind": string(f.Kind), "limit": f.Limit}))
}

// LibraryFolder is a folder of the library with the number of its files. The library has it as long as it holds one.
type LibraryFolder struct {
	Name  string
	Files int
}

// LibraryFolders lists the library's folders by name. Files in no folder are left out.
func (s *Store) LibraryFolders(ctx context.Context, account models.AccountID) ([]LibraryFolder, error) {
	return list[LibraryFolder](ctx, s.pool, "library_file", `
		SELECT lf.folder AS name, count(*) AS files
		FROM library_files lf
		WHERE lf.account_id = @account AND lf.folder <> ''
		GROUP BY lf.folder
		ORDER BY lower(lf.folder), lf.folder`,
		pgx.NamedArgs{"account": account})
}

// LibraryFile reads one file of the library.
func (s *Store) LibraryFile(ctx context.Context, account models.AccountID, id models.LibraryFileID) (*LibraryFileView, error) {
	return one[LibraryFileView](ctx, s.pool, "library_file", libraryViewSQL+`WHERE lf.account_id = @account AND lf.id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// AddLibraryFile puts a file that the viewer sees into the library: an upload, or a message's. Everybody of the account sees
// it from then on. CodeConflict where the library has it already.
func (s *Store) AddLibraryFile(ctx context.Context, account models.AccountID, w Viewer, in models.LibraryFile) (models.LibraryFileID, error) {
	var id models.LibraryFileID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := mustBeStored(ctx, tx, account, w, in.MediaID, "body.media_id"); err != nil {
			return err
		}
		// Of two who add the same file at once the second waits, and then finds it there.
		if _, err := exec(ctx, tx, "media", `
			SELECT
			FROM media
			WHERE account_id = @account AND id = @media
			FOR NO KEY UPDATE`,
			pgx.NamedArgs{"account": account, "media": in.MediaID}); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "library_file", `
			SELECT
			FROM library_files
			WHERE account_id = @account AND media_id = @media`,
			pgx.NamedArgs{"account": account, "media": in.MediaID})
		if err != nil {
			return err
		}
		if n > 0 {
			return &models.Error{Code: models.CodeConflict, Key: "library_file.exists", Message: "the library has this file already"}
		}
		err = tx.QueryRow(ctx, `
			WITH added AS (
				INSERT INTO library_files (account_id, media_id, name, folder, author_id, created_at)
				SELECT f.account_id, f.id, coalesce(nullif(@name, ''), nullif(f.filename, ''), f.kind), @folder, @author, @now
				FROM media f
				WHERE f.account_id = @account AND f.id = @media
				RETURNING id, account_id, media_id
			), used AS (
				INSERT INTO media_uses (account_id, media_id, library_file_id) SELECT account_id, media_id, id FROM added
			)
			SELECT id FROM added`,
			pgx.NamedArgs{"account": account, "media": in.MediaID, "name": in.Name, "folder": in.Folder, "author": w.User, "now": s.Now()}).Scan(&id)
		if err != nil {
			return asError(err, "library_file")
		}
		return settingsChanged(ctx, tx, account, SettingLibrary, int64(id))
	})
	return id, asError(err, "library_file")
}

// UpdateLibraryFile renames a file of the library, or moves it to another folder. What is nil stays.
func (s *Store) UpdateLibraryFile(ctx context.Context, account models.AccountID, id models.LibraryFileID, name, folder *string) error {
	return s.changeLibrary(ctx, account, id, `
		UPDATE library_files SET name = coalesce(@name, name), folder = coalesce(@folder, folder)
		WHERE account_id = @account AND id = @id`, pgx.NamedArgs{"name": name, "folder": folder})
}

// RemoveLibraryFile takes a file out of the library. Messages and canned responses that use it keep it.
func (s *Store) RemoveLibraryFile(ctx context.Context, account models.AccountID, id models.LibraryFileID) error {
	return s.changeLibrary(ctx, account, id, `DELETE FROM library_files WHERE account_id = @account AND id = @id`, pgx.NamedArgs{})
}

func (s *Store) changeLibrary(ctx context.Context, account models.AccountID, id models.LibraryFileID, sql string, args pgx.NamedArgs) error {
	args["account"], args["id"] = account, id
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "library_file", sql, args)
		if err != nil {
			return err
		}
		if n == 0 {
			return models.NotFound("library_file")
		}
		return settingsChanged(ctx, tx, account, SettingLibrary, int64(id))
	})
	return asError(err, "library_file")
}
