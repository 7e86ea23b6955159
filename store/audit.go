package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
	_, err := exec(ctx, q, "audit", `
		INSERT INTO audit_log (account_id, user_id, token_id, action, object, ip, request_id, data, created_at)
		VALUES (@account, @user, @token, @action, @object, @ip, @request, @data, @now)`,
		pgx.NamedArgs{
			"account": account, "user": e.UserID, "token": e.TokenID, "action": e.Action, "object": e.Object,
			"ip": e.IP, "request": e.RequestID, "data": e.Data, "now": now,
		})
	return err
}

// AuditChain is what a check of an account's audit log found.
type AuditChain struct {
	Account models.AccountID
	Lines   int64  // that were looked at
	Head    []byte // the hash of the last line: whoever keeps it elsewhere can tell that no line before it was changed
	// Broken says what is wrong at the first place where the chain does not hold. It is empty where the chain holds.
	Broken string
}

// CheckAudit follows the chain of an account's audit log (ADR 75) over its last lines, or over all of them where last is 0. The
// hashes are calculated here, so that a changed function in Postgres hides nothing. A lost line, a changed one and an end
// that was cut off are found.
func (s *Store) CheckAudit(ctx context.Context, account models.AccountID, last int64) (*AuditChain, error) {
	chain := &AuditChain{Account: account}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// One instant for the head and the lines: a line that is written at the moment is in both or in neither.
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`); err != nil {
			return err
		}
		var end int64
		err := tx.QueryRow(ctx, `
			SELECT h.seq, h.hash
			FROM audit_heads h
			WHERE h.account_id = @account`, pgx.NamedArgs{"account": account}).Scan(&end, &chain.Head)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		next := int64(1)
		if last > 0 {
			next = max(1, end-last+1)
		}
		rows, err := tx.Query(ctx, `
			SELECT l.seq, l.previous, l.hash,
				jsonb_build_array(l.seq, l.account_id, l.user_id, l.token_id, l.action, l.object, l.ip, l.request_id, l.data,
					(extract(epoch FROM l.created_at) * 1000000)::bigint)::text
			FROM audit_log l
			WHERE l.account_id = @account AND l.seq >= @next
			ORDER BY l.seq`, pgx.NamedArgs{"account": account, "next": next})
		if err != nil {
			return err
		}
		defer rows.Close()
		chain.follow(rows, next, end)
		return rows.Err()
	})
	return chain, asError(err, "audit")
}

// follow walks the lines from number next to the end, and notes the first break.
func (c *AuditChain) follow(rows pgx.Rows, next, end int64) {
	var before []byte // of the line before; nil is unknown
	if next == 1 {
		before = []byte{}
	}
	for c.Broken == "" && rows.Next() {
		var seq int64
		var previous, hash []byte
		var line string
		if err := rows.Scan(&seq, &previous, &hash, &line); err != nil {
			c.Broken = fmt.Sprintf("line %d cannot be read", next)
			return
		}
		sum := sha256.Sum256(append(bytes.Clone(previous), line...))
		switch {
		case seq != next:
			c.Broken = fmt.Sprintf("line %d is missing", next)
		case before != nil && !bytes.Equal(previous, before):
			c.Broken = fmt.Sprintf("line %d does not follow from line %d: one of them was changed", seq, seq-1)
		case !bytes.Equal(hash, sum[:]):
			c.Broken = fmt.Sprintf("line %d was changed", seq)
		}
		before, next = hash, next+1
		c.Lines++
	}
	switch {
	case c.Broken != "" || next > end && bytes.Equal(before, c.Head):
	case next <= end:
		c.Broken = fmt.Sprintf("line %d is missing", next)
	case end == 0 && c.Lines == 0:
	default:
		c.Broken = "the last line is not the one that the head names"
	}
}
