package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// SendingConnection is the connection a user sends through: the one that is named, else the user's default, else the
// account's (rules 008, 246); named is 0 when none is. CodeNotFound when the named one does not exist or was removed.
func (s *Store) SendingConnection(ctx context.Context, account models.AccountID, user models.UserID, named models.ConnectionID) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`
		FROM connections c
		LEFT JOIN users u ON @named::bigint = 0 AND u.account_id = c.account_id AND u.id = @user
			AND u.default_connection_id = c.id
		WHERE c.account_id = @account AND c.state <> 'removed'
			AND (c.id = @named OR (@named = 0 AND (c.is_default OR u.id IS NOT NULL)))
		ORDER BY u.id IS NULL
		LIMIT 1`,
		pgx.NamedArgs{"account": account, "user": user, "named": named})
}

// FirstMessage begins a conversation: to a contact of the account, or to somebody who may be new.
type FirstMessage struct {
	ContactID models.ContactID  // 0: Person says who
	Person    models.PersonHint // Name is given to a contact that has none
	Message   Outbound          // ConversationID is found or made
	// Open makes a ticket, in Place or for the author (rules 147, 160).
	Open  bool
	Place TicketPlace
}

// StartConversation sends the first message to a person (rules 099, 160 and 162): it finds the contact by every writing of
// the number or by user id, or makes it, finds or makes the conversation on the connection, and queues the message, in one
// transaction. What EnqueueOutbound refuses it refuses too, and then nothing was made. A conversation that the viewer may
// not see is CodeNotFound (rule 033).
func (s *Store) StartConversation(ctx context.Context, account models.AccountID, w Viewer, connection models.ConnectionID, first FirstMessage) (*models.Message, contract.Wake, error) {
	var m *models.Message
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		conn, err := connectionByID(ctx, tx, account, connection)
		if err != nil {
			return err
		}
		id, err := s.conversationWith(ctx, tx, conn, &first)
		if err != nil {
			return err
		}
		if err := mustBeVisible(ctx, tx, account, w, id); err != nil {
			return err
		}
		place, err := lockPlace(ctx, tx, account, id)
		if err != nil {
			return err
		}
		out := first.Message
		out.ConversationID, out.OpensNone, out.Opening = id, !first.Open, &first.Place
		m, err = s.enqueueOnce(ctx, tx, place, &out, func() error { return s.mayBegin(ctx, tx, place, &out) }, &wake)
		return err
	})
	if err != nil {
		return nil, contract.Wake{}, asError(err, "message")
	}
	return m, wake, nil
}

// mayBegin refuses free-form content to a person whose window is closed and who has no template to answer (rule 099).
func (s *Store) mayBegin(ctx context.Context, tx pgx.Tx, place *sendPlace, out *Outbound) error {
	if out.Content.Kind == models.ContentKindTemplate || place.windowOpenAt(out.Origin, s.Now()) {
		return nil
	}
	var awaits bool
	if err := tx.QueryRow(ctx, `
		SELECT `+templateAwaits+`
		FROM conversations v
		WHERE v.account_id = @account AND v.id = @conversation`,
		pgx.NamedArgs{"account": place.account, "conversation": place.conversation}).Scan(&awaits); err != nil {
		return fmt.Errorf("look for a template without an answer: %w", err)
	}
	if !awaits {
		return &models.Error{Code: models.CodeWindowClosed, Key: "window.closed", Message: "the 24-hour window is closed: send a template, or wait for the contact to write"}
	}
	return nil
}

// conversationWith finds or makes the conversation with a person on a connection.
func (s *Store) conversationWith(ctx context.Context, tx pgx.Tx, conn *models.Connection, first *FirstMessage) (models.ConversationID, error) {
	person := first.Person
	if first.ContactID != 0 {
		found, err := personOf(ctx, tx, conn, first.ContactID)
		if err != nil {
			return 0, err
		}
		person = found
	}
	known, err := findIdentities(ctx, tx, conn.AccountID, person)
	if err != nil {
		return 0, err
	}
	for _, k := range known {
		// A conversation that exists keeps the address as the provider writes it.
		conv, err := selectConversation(ctx, tx, conn.ID, k.ContactID)
		if err == nil {
			return conv.ID, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("find a conversation: %w", err)
		}
	}
	name := person.Name
	person.Name = "" // the profile name is the person's own (rule 183)
	conv, err := s.lockConversation(ctx, tx, conn, person, nil)
	if err != nil {
		return 0, err
	}
	if name != "" {
		if _, err := tx.Exec(ctx, `
			UPDATE contacts
			SET name = @name, updated_at = @now
			WHERE account_id = @account AND id = @contact AND name = ''`,
			pgx.NamedArgs{"account": conn.AccountID, "contact": conv.ContactID, "name": name, "now": s.Now()}); err != nil {
			return 0, fmt.Errorf("name a contact: %w", err)
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @conversation_updated, @conversation, @conversation),
			(@account, @contact_updated, NULL, @contact)`,
		pgx.NamedArgs{
			"account": conn.AccountID, "conversation_updated": models.EventConversationUpdated,
			"conversation": conv.ID, "contact_updated": models.EventContactUpdated, "contact": conv.ContactID,
		})
	if err != nil {
		return 0, fmt.Errorf("tell of a conversation: %w", err)
	}
	return conv.ID, nil
}

// personOf says how a contact is reached on a connection; CodeInvalid when nothing is known by which it could be. A phone that
// people noted on the contact becomes one of its identities, unless it is somebody else's.
func personOf(ctx context.Context, tx pgx.Tx, conn *models.Connection, contact models.ContactID) (models.PersonHint, error) {
	var p models.PersonHint
	var noted string
	err := tx.QueryRow(ctx, `
		SELECT kind, coalesce(ltrim(phone, '+'), '')
		FROM contacts
		WHERE account_id = @account AND id = @contact AND merged_into_id IS NULL`,
		pgx.NamedArgs{"account": conn.AccountID, "contact": contact}).Scan(&p.Kind, &noted)
	if err != nil {
		return p, asError(err, "contact")
	}
	// An identity of another portfolio or page reaches nobody here.
	rows, err := tx.Query(ctx, `
		SELECT kind, scope, value, address
		FROM contact_identities
		WHERE account_id = @account AND contact_id = @contact AND scope = ANY(@scope)
		ORDER BY kind = 'phone', kind, value`,
		pgx.NamedArgs{
			"account": conn.AccountID, "contact": contact,
			"scope": []string{conn.ScopeOf(models.ScopeAccount), conn.ScopeOf(models.ScopePortfolio), conn.ScopeOf(models.ScopeConnection)},
		})
	if err != nil {
		return p, fmt.Errorf("read a contact's identities: %w", err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowToStructByPos[models.Identity])
	if err != nil {
		return p, fmt.Errorf("read a contact's identities: %w", err)
	}
	reached := func(i models.Identity) {
		p.Identities, p.Address, p.Fallback = append(p.Identities, i), i.Address, i.Kind != models.IdentityPhone
	}
	for _, i := range known {
		if i.Kind != models.IdentityPhone || p.Phone == "" { // of two phones the first counts
			reached(i)
		}
		if i.Kind == models.IdentityPhone && p.Phone == "" {
			p.Phone = i.Value
		}
	}
	if p.Phone == "" && noted != "" {
		tag, err := tx.Exec(ctx, `
			INSERT INTO contact_identities (account_id, kind, value, contact_id, address)
			VALUES (@account, 'phone', @noted, @contact, @noted)
			ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{"account": conn.AccountID, "noted": noted, "contact": contact})
		if err != nil {
			return p, fmt.Errorf("record a phone: %w", err)
		}
		if tag.RowsAffected() > 0 {
			p.Phone = noted
			reached(models.Identity{Kind: models.IdentityPhone, Value: noted, Address: noted})
		}
	}
	if len(p.Identities) == 0 {
		return p, models.Invalid("body.contact_id", "nothing is known by which this contact could be reached: give a phone")
	}
	return p, nil
}
