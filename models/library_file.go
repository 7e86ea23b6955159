package models

import "time"

// LibraryFile is a file of the media library (Biblioteca de mídias), which everybody of the account may send again (rule
// 115).
type LibraryFile struct {
	ID        LibraryFileID `json:"id"`
	AccountID AccountID     `json:"account_id"`
	MediaID   MediaID       `json:"media_id"`
	Name      string        `json:"name"`
	Folder    string        `json:"folder"` // empty: in none
	AuthorID  *UserID       `json:"author_id,omitempty"`
	CreatedAt time.Time     `json:"created_at"`
}
