package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Profile reads what a user set for oneself.
func (s *Store) Profile(ctx context.Context, account models.AccountID, user models.UserID) (*models.Profile, error) {
	return one[models.Profile](ctx, s.pool, "user", `
		SELECT u.id AS user_id, u.default_connection_id, u.closing_text, u.preferences
		FROM users u
		WHERE u.account_id = @account AND u.id = @user`,
		pgx.NamedArgs{"account": account, "user": user})
}

// ProfilePatch changes what a user set for oneself. What is nil stays, a blank text and a zero id clear.
type ProfilePatch struct {
	DefaultConnectionID *models.ConnectionID
	ClosingText         *string
	Preferences         models.Preferences // merged key by key
}

// UpdateProfile changes what a user set for oneself. CodeInvalid for a connection that is not there or was removed.
func (s *Store) UpdateProfile(ctx context.Context, account models.AccountID, user models.UserID, p ProfilePatch) error {
	preferences, err := json.Marshal(p.Preferences)
	if err != nil {
		return fmt.Errorf("write preferences: %w", err)
	}
	if p.ClosingText != nil && strings.TrimSpace(*p.ClosingText) == "" {
		p.ClosingText = new(string) // blank removes it (rule 155)
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if id := p.DefaultConnectionID; id != nil && *id != 0 {
			n, err := exec(ctx, tx, "connection", `
				SELECT
				FROM connections c
				WHERE c.account_id = @account AND c.id = @id AND c.state <> 'removed'`,
				pgx.NamedArgs{"account": account, "id": *id})
			if err != nil {
				return err
			}
			if n == 0 {
				return models.Invalid("body.default_connection_id", "no such connection")
			}
		}
		n, err := exec(ctx, tx, "user", `
			UPDATE users SET
				default_connection_id = nullif(coalesce(@connection, default_connection_id), 0),
				closing_text = nullif(coalesce(@closing_text, closing_text), ''),
				preferences = preferences || @preferences::jsonb,
				updated_at = @now
			WHERE account_id = @account AND id = @user`,
			pgx.NamedArgs{"account": account, "user": user, "connection": p.DefaultConnectionID, "closing_text": p.ClosingText,
				"preferences": preferences, "now": s.Now()})
		if err == nil && n == 0 {
			return models.NotFound("user")
		}
		return err
	})
	return asError(err, "user")
}

// Agent is a user who may get a ticket.
type Agent struct {
	ID       models.UserID
	Name     string
	QueueIDs []models.QueueID
}

// Agents lists those who may get a ticket, by name.
func (s *Store) Agents(ctx context.Context, account models.AccountID) ([]Agent, error) {
	return list[Agent](ctx, s.pool, "user", `
		SELECT u.id, u.name,
			coalesce((
				SELECT array_agg(qm.queue_id ORDER BY qm.queue_id)
				FROM queue_members qm
				WHERE qm.user_id = u.id AND qm.account_id = u.account_id), '{}') AS queue_ids
		FROM users u
		WHERE u.account_id = @account AND `+mayGetTickets+`
		ORDER BY lower(u.name), u.id`,
		pgx.NamedArgs{"account": account})
}

// SendingConnection is a connection that a user may send by. Mine says that it is the user's default.
type SendingConnection struct {
	models.Connection
	Mine bool
}

// SendingConnections lists the connections that a user may send by: all that were not removed. The account's default comes
// first.
func (s *Store) SendingConnections(ctx context.Context, account models.AccountID, user models.UserID) ([]SendingConnection, error) {
	return list[SendingConnection](ctx, s.pool, "connection", `
		SELECT c.id, c.name, c.channel, c.state, c.is_default, c.display_phone, u.id IS NOT NULL AS mine
		FROM connections c
		LEFT JOIN users u ON u.account_id = c.account_id AND u.id = @user AND u.default_connection_id = c.id
		WHERE c.account_id = @account AND c.state <> 'removed'
		ORDER BY c.is_default DESC, lower(c.name), c.id`,
		pgx.NamedArgs{"account": account, "user": user})
}

// ConnectionChannel is the channel of a connection of the account, removed ones too.
func (s *Store) ConnectionChannel(ctx context.Context, account models.AccountID, id models.ConnectionID) (string, error) {
	var channel string
	err := s.pool.QueryRow(ctx, `
		SELECT c.channel
		FROM connections c
		WHERE c.account_id = @account AND c.id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&channel)
	return channel, asError(err, "connection")
}
