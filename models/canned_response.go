package models

import "time"

// CannedFilesMax is how many files a canned response carries at most (rule 200).
const CannedFilesMax = 15

// CannedResponse (Resposta rápida) is a text, with files, that an agent writes by its short code. It belongs to the whole
// account (rules 198 to 200).
type CannedResponse struct {
	ID        CannedResponseID `json:"id"`
	AccountID AccountID        `json:"account_id"`
	Code      string           `json:"code"`
	Text      string           `json:"text"` // may name variables, as the texts of flows do
	AuthorID  *UserID          `json:"author_id,omitempty"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
}
