package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
)

// noticesMax is how many subjects a connection keeps news of; the oldest goes.
const noticesMax = 60

// unreadEvery is how often the same field that nothing reads is noted again.
const unreadEvery = time.Minute

// applyNumberChange takes in news about our number or account: every connection that it concerns shows it, and holds what it
// forbids. That a provider told something does not count as having checked the number.
func (s *Store) applyNumberChange(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *models.NumberChange, wake *contract.Wake) error {
	ids, err := concerned(ctx, tx, conn, ch)
	if err != nil {
		return err
	}
	if len(ids) == 0 { // of a number that no connection has: a trace stays where it came
		elsewhere := *ch.Notice
		elsewhere.Subject, elsewhere.Kind, elsewhere.Level = "elsewhere/"+elsewhere.Subject, "elsewhere", models.NoticeInfo
		return s.note(ctx, tx, conn.AccountID, conn.ID, nil, &elsewhere)
	}
	for _, id := range ids {
		if err := s.note(ctx, tx, conn.AccountID, id, ch.Data, ch.Notice); err != nil {
			return err
		}
		if ch.Hold == "" {
			continue
		}
		reason := ch.Notice.Words["event"]
		if err := s.holdConnection(ctx, tx, conn.AccountID, id, models.Verdict{Scope: ch.Hold, Reason: reason, Wait: longestProbe}, models.NoProviderCode); err != nil {
			return err
		}
		bell, err := insertDoorbell(ctx, tx, contract.ConnectionStart{AccountID: conn.AccountID, ConnectionID: id}.Doorbell())
		if err != nil {
			return err
		}
		wake.Doorbells = append(wake.Doorbells, bell)
	}
	return nil
}

// concerned lists the connections that news is about: those of the account that speak by the same business account, or the
// one whose number it names. News that names a number that is no connection's concerns none.
func concerned(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *models.NumberChange) ([]models.ConnectionID, error) {
	type row struct {
		id                  models.ConnectionID
		ref, shown, checked string
	}
	rows, err := tx.Query(ctx, `
		SELECT c.id, coalesce(c.provider_ref, ''), coalesce(c.display_phone, ''), coalesce(c.health ->> 'display_phone', '')
		FROM connections c
		WHERE c.account_id = @account AND c.channel = @channel AND c.state <> 'removed' AND (c.id = @id OR c.portfolio_ref = @portfolio)
		ORDER BY c.id`,
		pgx.NamedArgs{"account": conn.AccountID, "channel": conn.Channel, "id": conn.ID, "portfolio": conn.PortfolioRef})
	if err != nil {
		return nil, fmt.Errorf("find whom news concerns: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c row, err error) { return c, r.Scan(&c.id, &c.ref, &c.shown, &c.checked) })
	if err != nil {
		return nil, fmt.Errorf("find whom news concerns: %w", err)
	}
	var ids []models.ConnectionID
	unknown := false // a connection whose number we do not know may be the one
	for _, c := range all {
		switch {
		case !ch.Number:
			ids = append(ids, c.id)
		case ch.Ref != "":
			if c.ref == ch.Ref {
				ids = append(ids, c.id)
			}
		case ch.Phone == "":
			if c.id == conn.ID {
				ids = append(ids, c.id)
			}
		case phone.Same(c.shown, ch.Phone) || phone.Same(c.checked, ch.Phone):
			ids = append(ids, c.id)
		case c.id == conn.ID:
			unknown = c.shown == "" && c.checked == ""
		}
	}
	if len(ids) == 0 && unknown && len(all) == 1 {
		ids = append(ids, conn.ID)
	}
	return ids, nil
}

// newsAgain is for how long the same words without an instant of their own are one piece of news: providers deliver twice.
const newsAgain = time.Hour

// known tells whether news was noted before, or is older than what is noted of its subject, so that a repeated delivery changes
// nothing. It takes no lock.
func (s *Store) known(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConnectionID, facts json.RawMessage, n *models.Notice) (bool, error) {
	var raw []byte
	var contained bool
	err := tx.QueryRow(ctx, `
		SELECT coalesce(health -> 'notices' -> @subject, 'null'), health @> @facts::jsonb
		FROM connections
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id, "subject": n.Subject, "facts": facts}).Scan(&raw, &contained)
	if err != nil {
		return false, fmt.Errorf("look for a connection's news: %w", err)
	}
	var old *models.Notice
	if json.Unmarshal(raw, &old) != nil || old == nil {
		return false, nil //nolint:nilerr // a note of another shape is replaced
	}
	if !n.At.IsZero() && n.At.Before(old.At) {
		return true, nil
	}
	same := old.Kind == n.Kind && old.Level == n.Level && maps.Equal(old.Words, n.Words) && contained
	if n.At.IsZero() {
		return same && s.Now().Sub(old.At) < newsAgain, nil
	}
	return same && n.At.Equal(old.At), nil
}

// note keeps news among a connection's health, where the console shows it, with the facts it brings.
func (s *Store) note(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConnectionID, facts json.RawMessage, n *models.Notice) error {
	if len(facts) == 0 {
		facts = json.RawMessage("{}")
	}
	if known, err := s.known(ctx, tx, account, id, facts, n); err != nil || known {
		return err
	}
	var raw []byte
	err := tx.QueryRow(ctx, `
		SELECT coalesce(health -> 'notices', '{}') FROM connections WHERE account_id = @account AND id = @id FOR NO KEY UPDATE`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&raw)
	if err != nil {
		return fmt.Errorf("read a connection's news: %w", err)
	}
	notices := map[string]models.Notice{}
	if json.Unmarshal(raw, &notices) != nil {
		notices = map[string]models.Notice{}
	}
	one := *n
	if one.At.IsZero() {
		one.At = s.Now()
	}
	one.Count = notices[n.Subject].Count + 1
	notices[n.Subject] = one
	for len(notices) > noticesMax {
		delete(notices, oldestNotice(notices))
	}
	all, err := json.Marshal(notices)
	if err != nil {
		return fmt.Errorf("write a connection's news: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET health = health || @facts::jsonb || jsonb_build_object('notices', @notices::jsonb), updated_at = @now
			WHERE account_id = @account AND id = @id
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id) SELECT @account, @event, id FROM c`,
		pgx.NamedArgs{"account": account, "id": id, "facts": facts, "notices": json.RawMessage(all), "now": s.Now(), "event": models.EventConnectionUpdated})
	if err != nil {
		return fmt.Errorf("keep a connection's news: %w", err)
	}
	return nil
}

func oldestNotice(notices map[string]models.Notice) string {
	subjects := make([]string, 0, len(notices))
	for subject := range notices {
		subjects = append(subjects, subject)
	}
	return slices.MinFunc(subjects, func(a, b string) int { return notices[a].At.Compare(notices[b].At) })
}

// noteUnread notes that something came which this version does not read. It is noted at most once a minute, so that busy
// fields do not make deliveries wait for each other.
func (s *Store) noteUnread(ctx context.Context, tx pgx.Tx, conn *models.Connection, n *models.Notice) error {
	n.At = s.Now()
	var recent bool
	err := tx.QueryRow(ctx, `
		SELECT coalesce((health #>> ARRAY['notices', @subject::text, 'at'])::timestamptz > @since, false)
		FROM connections WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": conn.AccountID, "id": conn.ID, "subject": n.Subject, "since": s.Now().Add(-unreadEvery)}).Scan(&recent)
	if err != nil {
		return fmt.Errorf("look for what is not read: %w", err)
	}
	if recent {
		return nil
	}
	return s.note(ctx, tx, conn.AccountID, conn.ID, nil, n)
}
