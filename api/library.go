package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// LibraryFile is a file that everybody of the account may send again.
type LibraryFile struct {
	ID        models.LibraryFileID `json:"id"`
	Name      string               `json:"name"`
	Folder    string               `json:"folder" doc:"Empty: in none."`
	Kind      models.ContentKind   `json:"kind" doc:"What it is sent as: a WebP picture is a sticker." example:"sticker"`
	Media     Media                `json:"media" doc:"Send it by its id."`
	Author    *PersonRef           `json:"author,omitempty"`
	CreatedAt time.Time            `json:"created_at"`
}

// LibraryFolder is a folder that holds files.
type LibraryFolder struct {
	Name  string `json:"name"`
	Files int    `json:"files"`
}

type listLibraryIn struct {
	Paging
	Query  string `query:"q" maxLength:"100" doc:"Part of the name, the folder or the file's own name."`
	Folder string `query:"folder" maxLength:"100" doc:"Exactly this folder; a slash alone: files in no folder."`
	Kind   string `query:"kind" enum:"image,video,audio,voice,document,sticker"`
}

type addLibraryFileIn struct {
	Body struct {
		MediaID models.MediaID `json:"media_id" minimum:"1" doc:"An uploaded file, or the file of a message that one sees."`
		Name    string         `json:"name,omitempty" maxLength:"200" doc:"The file's own name if absent."`
		Folder  string         `json:"folder,omitempty" maxLength:"100"`
	}
}

type updateLibraryFileIn struct {
	ID   models.LibraryFileID `path:"id" minimum:"1"`
	Body struct {
		Name   *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Folder *string `json:"folder,omitempty" maxLength:"100" doc:"Empty takes it out of its folder."`
	}
}

type libraryFileIDIn struct {
	ID models.LibraryFileID `path:"id" minimum:"1"`
}

func (a *app) libraryOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/library" + path, tag: "library", summary: summary}
	}
	handle(a, op("list-library-files", http.MethodGet, "", "List or search the library, newest first"), a.listLibraryFiles)
	handle(a, op("list-library-folders", http.MethodGet, "/folders", "List the library's folders, by name"), a.listLibraryFolders)
	o := op("add-library-file", http.MethodPost, "", "Add a file to the library")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "Everybody of the account sees and sends it from then on, the file of a customer's message too."
	handle(a, o, a.addLibraryFile)
	handle(a, op("update-library-file", http.MethodPatch, "/{id}", "Rename a file of the library, or move it"), a.updateLibraryFile)
	o = op("remove-library-file", http.MethodDelete, "/{id}", "Take a file out of the library")
	o.status = http.StatusNoContent
	o.doc = "Messages and canned responses that use it keep it."
	handle(a, o, a.removeLibraryFile)
}

func libraryFileOf(v *store.LibraryFileView) LibraryFile {
	return LibraryFile{ID: v.ID, Name: v.Name, Folder: v.Folder, Kind: v.Kind, Media: mediaOf(&v.File), Author: personRef(v.AuthorID, v.AuthorName), CreatedAt: v.CreatedAt}
}

func (a *app) listLibraryFiles(ctx context.Context, in *listLibraryIn) (*page[LibraryFile], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	f := store.LibraryFilter{Query: in.Query, Kind: models.ContentKind(in.Kind), Before: models.LibraryFileID(before), Limit: in.Limit + 1}
	if in.Folder != "" {
		f.Folder = ptr(folderOf(in.Folder))
	}
	rows, err := a.Store.LibraryFiles(ctx, who(ctx).account(), f)
	return pageOf(ctx, &in.Paging, rows, err, func(v store.LibraryFileView) LibraryFile { return libraryFileOf(&v) },
		func(v store.LibraryFileView) string { return idCursor(v.ID) })
}

// folderOf is a folder's name as people write it, without spaces and slashes around it.
func folderOf(written string) string { return strings.Trim(strings.TrimSpace(written), "/") }

// listLibraryFolders gives all folders in one page.
func (a *app) listLibraryFolders(ctx context.Context, in *Paging) (*page[LibraryFolder], error) {
	if in.Cursor != "" {
		return nil, errCursor
	}
	rows, err := a.Store.LibraryFolders(ctx, who(ctx).account())
	in.Limit = max(in.Limit, len(rows))
	return pageOf(ctx, in, rows, err, func(f store.LibraryFolder) LibraryFolder { return LibraryFolder{Name: f.Name, Files: f.Files} },
		func(f store.LibraryFolder) string { return f.Name })
}

func (a *app) libraryFileNow(ctx context.Context, id models.LibraryFileID) (*one[LibraryFile], error) {
	v, err := a.Store.LibraryFile(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	return &one[LibraryFile]{Body: libraryFileOf(v)}, nil
}

func (a *app) addLibraryFile(ctx context.Context, in *addLibraryFileIn) (*one[LibraryFile], error) {
	p, b := who(ctx), &in.Body
	id, err := a.Store.AddLibraryFile(ctx, p.account(), p.viewer, models.LibraryFile{MediaID: b.MediaID, Name: strings.TrimSpace(b.Name), Folder: folderOf(b.Folder)})
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "library_file.added", "library_file/"+idCursor(id), nil)
	return a.libraryFileNow(ctx, id)
}

func (a *app) updateLibraryFile(ctx context.Context, in *updateLibraryFileIn) (*one[LibraryFile], error) {
	b := &in.Body
	if b.Name != nil {
		if *b.Name = strings.TrimSpace(*b.Name); *b.Name == "" {
			return nil, models.Invalid("body.name", "give it a name")
		}
	}
	if b.Folder != nil {
		*b.Folder = folderOf(*b.Folder)
	}
	if err := a.Store.UpdateLibraryFile(ctx, who(ctx).account(), in.ID, b.Name, b.Folder); err != nil {
		return nil, err
	}
	return a.libraryFileNow(ctx, in.ID)
}

func (a *app) removeLibraryFile(ctx context.Context, in *libraryFileIDIn) (*nothing, error) {
	p := who(ctx)
	if err := a.Store.RemoveLibraryFile(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "library_file.removed", "library_file/"+idCursor(in.ID), nil)
	return &nothing{}, nil
}
