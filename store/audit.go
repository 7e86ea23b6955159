package store

import (
	"context"
	"time"

	"github.com/perene/perene/models"
)

// AuditEntry is one line of the audit log: who did what to which thing. Data holds names of fields, never secrets or words
// of customers.
type AuditEntry struct {
	UserID    *models.UserID
	TokenID   *models.APITokenID
	Action    string // "connection.updated"
	Object    string // "connection/3"
	IP        string
	RequestID string
	Data      map[string]any
}

// Audit writes a line of the audit log.
func (s *Store) Audit(ctx context.Context, account models.AccountID, e AuditEntry) error {
	return insertAudit(ctx, s.pool, account, e, s.Now())
}

// insertAudit writes a line of the audit log in the caller's transaction.
func insertAudit(ctx context.Context, q querier, account models.AccountID, e AuditEntry, now time.Time) error {
	if e.Data == nil {
		e.Data = map[string]any{}
	}
	_, err := exec(ctx, q, "audit", `INSERT INTO audit_log (account_id, user_id, token_id, action, object, ip, request_id, data, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, account, e.UserID, e.TokenID, e.Action, e.Object, e.IP, e.RequestID, e.Data, now)
	return err
}
