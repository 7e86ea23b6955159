package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// lockConversation finds or makes the contact and the conversation of a person or a group on a connection and locks the
// conversation's row. Any identity of the person leads to the contact: the first one that is known decides, and where two
// lead to different contacts those are merged.
//
// repeated tells whether the message that names the person is there already; it is asked only before something about the
// person would change, and then the error is errRepeated: a delivery that comes again, perhaps after the person changed
// number, must bring nobody back (S2). nil means that it never is.
func (s *Store) lockConversation(ctx context.Context, tx pgx.Tx, conn *models.Connection, p models.PersonHint, repeated func() (bool, error)) (*conversationRow, error) {
	if len(p.Identities) == 0 {
		return nil, models.Errorf(models.CodeInvalid, "the message names nobody")
	}
	known, conv, err := findPerson(ctx, tx, conn, p)
	if err != nil {
		return nil, err
	}
	contact, err := s.settlePerson(ctx, tx, conn.AccountID, p, known, repeated)
	if err != nil {
		return nil, err
	}
	if conv == nil || conv.ContactID != contact {
		conv, err = selectConversation(ctx, tx, conn.ID, contact)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		conv, err = s.createConversation(ctx, tx, conn, contact, p)
	}
	if err != nil {
		return nil, err
	}
	if !differs(conv, p) {
		return conv, nil
	}
	if err := notRepeated(repeated); err != nil {
		return nil, err
	}
	return conv, s.refreshPerson(ctx, tx, conv, p)
}

// contactOf finds or makes the contact of a person without a conversation: who wrote a group's message.
func (s *Store) contactOf(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint, repeated func() (bool, error)) (models.ContactID, error) {
	known, err := findIdentities(ctx, tx, account, p)
	if err != nil {
		return 0, err
	}
	return s.settlePerson(ctx, tx, account, p, known, repeated)
}

// settlePerson gives the contact to which the identities lead that are on record, and puts the others on record.
func (s *Store) settlePerson(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint, known []identityRow, repeated func() (bool, error)) (models.ContactID, error) {
	if !settled(known, p) {
		if err := notRepeated(repeated); err != nil {
			return 0, err
		}
	}
	if len(known) == 0 {
		// Two first messages at once: the second waits here and then finds the contact.
		if err := lockPerson(ctx, tx, account, p); err != nil {
			return 0, err
		}
		var err error
		if known, err = findIdentities(ctx, tx, account, p); err != nil {
			return 0, err
		}
	}
	contact, complete, err := s.resolveContact(ctx, tx, account, p, known)
	if err == nil && !complete {
		err = addIdentities(ctx, tx, account, contact, p)
	}
	return contact, err
}

// notRepeated asks whether the message is there already; errRepeated when it is.
func notRepeated(repeated func() (bool, error)) error {
	if repeated == nil {
		return nil
	}
	there, err := repeated()
	if err != nil {
		return err
	}
	if there {
		return errRepeated
	}
	return nil
}

// settled tells that every identity of p is on record, and of one contact.
func settled(known []identityRow, p models.PersonHint) bool {
	return len(known) == len(p.Identities) && !slices.ContainsFunc(known, func(k identityRow) bool { return k.ContactID != known[0].ContactID })
}

// differs tells whether p says something else than is known of a conversation's person.
func differs(conv *conversationRow, p models.PersonHint) bool {
	return newAddress(conv, p) || (p.Name != "" && p.Name != conv.ProfileName)
}

// newAddress tells whether p brings an address that the conversation is to have.
func newAddress(conv *conversationRow, p models.PersonHint) bool {
	return p.Address != "" && (conv.Address == nil || (*conv.Address != p.Address && !p.Fallback))
}

// identityRow is an identity that is on record.
type identityRow struct {
	models.Identity
	ContactID models.ContactID
}

// namedIdentities is SQL for the identities of an account that the arrays @kinds, @scopes and @values name, in their order.
const namedIdentities = `unnest(@kinds::text[], @scopes::text[], @values::text[]) WITH ORDINALITY AS n (kind, scope, value, place)
	JOIN contact_identities i ON i.account_id = @account AND i.kind = n.kind AND i.scope = n.scope AND i.value = n.value`

// identityArgs are the arguments of namedIdentities.
func identityArgs(account models.AccountID, p models.PersonHint) pgx.NamedArgs {
	var kinds, scopes, values []string
	for _, i := range p.Identities {
		kinds, scopes, values = append(kinds, string(i.Kind)), append(scopes, i.Scope), append(values, i.Value)
	}
	return pgx.NamedArgs{"account": account, "kinds": kinds, "scopes": scopes, "values": values}
}

// findIdentities gives the identities of p that are on record, in matching order.
func findIdentities(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint) ([]identityRow, error) {
	rows, err := tx.Query(ctx, `SELECT i.kind, i.scope, i.value, i.address, i.contact_id FROM `+namedIdentities+` ORDER BY n.place`, identityArgs(account, p))
	if err != nil {
		return nil, fmt.Errorf("find an identity: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (identityRow, error) {
		var r identityRow
		err := row.Scan(&r.Kind, &r.Scope, &r.Value, &r.Address, &r.ContactID)
		return r, err
	})
}

// findPerson locks the conversation of a person on the connection, where all identities of the person are on record and of one
// contact, which is nearly always so. The conversation is nil where there is none, or something has to be settled first;
// only then are the identities looked up that are on record.
func findPerson(ctx context.Context, tx pgx.Tx, conn *models.Connection, p models.PersonHint) (known []identityRow, conv *conversationRow, err error) {
	args := identityArgs(conn.AccountID, p)
	args["connection"], args["all"] = conn.ID, len(p.Identities)
	batch := &pgx.Batch{}
	batch.Queue(`SELECT `+conversationColumns+` FROM `+conversationTables+`
		WHERE c.connection_id = @connection AND c.superseded_by_id IS NULL AND c.contact_id = (SELECT min(i.contact_id) FROM `+namedIdentities+`
			HAVING count(*) = @all AND min(i.contact_id) = max(i.contact_id))
		FOR UPDATE OF c`, args).QueryRow(func(row pgx.Row) error {
		var c conversationRow
		err := c.scan(row)
		if err == nil {
			conv = &c
		} else if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, fmt.Errorf("find a person: %w", err)
	}
	if conv == nil {
		known, err = findIdentities(ctx, tx, conn.AccountID, p)
		return known, nil, err
	}
	for _, i := range p.Identities {
		known = append(known, identityRow{Identity: i, ContactID: conv.ContactID})
	}
	return known, conv, nil
}

// resolveContact gives the contact that the identities found point to, merging or creating one; complete tells whether all
// identities of p are on record.
func (s *Store) resolveContact(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint, known []identityRow) (models.ContactID, bool, error) {
	var ids []models.ContactID
	for _, k := range known {
		ids = append(ids, k.ContactID)
	}
	complete := len(known) == len(p.Identities)
	ids = uniqueContacts(ids)
	if len(ids) == 0 {
		id, err := createContact(ctx, tx, account, p)
		return id, false, err
	}
	for _, from := range ids[1:] {
		if err := s.mergeContacts(ctx, tx, account, ids[0], from); err != nil {
			return 0, false, err
		}
	}
	return ids[0], complete, nil
}

func createContact(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint) (models.ContactID, error) {
	var id models.ContactID
	err := tx.QueryRow(ctx, `INSERT INTO contacts (account_id, kind, name, profile_name, phone)
		VALUES (@account, coalesce(nullif(@kind, ''), 'person'), @name, @name, nullif(@phone, '')) RETURNING id`,
		pgx.NamedArgs{"account": account, "kind": p.Kind, "name": p.Name, "phone": plus(p.Phone)}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("create a contact: %w", err)
	}
	return id, nil
}

func plus(digits string) string {
	if digits == "" {
		return ""
	}
	return "+" + digits
}

// addIdentities records what a person is called by; an identity that meanwhile belongs to somebody else moves here.
func addIdentities(ctx context.Context, tx pgx.Tx, account models.AccountID, contact models.ContactID, p models.PersonHint) error {
	for _, i := range p.Identities {
		_, err := tx.Exec(ctx, `INSERT INTO contact_identities (account_id, kind, scope, value, contact_id, address)
			VALUES (@account, @kind, @scope, @value, @contact, @address)
			ON CONFLICT (account_id, kind, scope, value) DO UPDATE SET contact_id = excluded.contact_id, address = excluded.address`,
			pgx.NamedArgs{"account": account, "kind": i.Kind, "scope": i.Scope, "value": i.Value, "contact": contact, "address": i.Address})
		if err != nil {
			return fmt.Errorf("record an identity: %w", err)
		}
	}
	if p.Phone != "" {
		if _, err := tx.Exec(ctx, `UPDATE contacts SET phone = @phone WHERE id = @contact AND phone IS NULL`,
			pgx.NamedArgs{"contact": contact, "phone": plus(p.Phone)}); err != nil {
			return fmt.Errorf("record a phone: %w", err)
		}
	}
	return nil
}

// lockPerson makes those who would create the same person wait for each other.
func lockPerson(ctx context.Context, tx pgx.Tx, account models.AccountID, p models.PersonHint) error {
	for _, i := range p.Identities {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%d/%s/%s/%s", account, i.Kind, i.Scope, i.Value)
		lock := int64(h.Sum64()) //nolint:gosec // a hash, wrapped on purpose
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(@lock)`, pgx.NamedArgs{"lock": lock}); err != nil {
			return fmt.Errorf("wait for the same person: %w", err)
		}
	}
	return nil
}

func selectConversation(ctx context.Context, tx pgx.Tx, connection models.ConnectionID, contact models.ContactID) (*conversationRow, error) {
	var c conversationRow
	err := c.scan(tx.QueryRow(ctx, `
		SELECT `+conversationColumns+`
		FROM `+conversationTables+`
		WHERE c.connection_id = @connection AND c.contact_id = @contact AND c.superseded_by_id IS NULL
		FOR UPDATE OF c`,
		pgx.NamedArgs{"connection": connection, "contact": contact}))
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// lockConversationByID locks a conversation of an account; a CodeNotFound error where there is none.
func lockConversationByID(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConversationID) (*conversationRow, error) {
	var c conversationRow
	err := c.scan(tx.QueryRow(ctx, `
		SELECT `+conversationColumns+`
		FROM `+conversationTables+`
		WHERE c.account_id = @account AND c.id = @id
		FOR UPDATE OF c`,
		pgx.NamedArgs{"account": account, "id": id}))
	if err != nil {
		return nil, asError(err, "conversation")
	}
	return &c, nil
}

// createConversation gives the contact a conversation with the account's next number.
func (s *Store) createConversation(ctx context.Context, tx pgx.Tx, conn *models.Connection, contact models.ContactID, p models.PersonHint) (*conversationRow, error) {
	number, err := nextNumber(ctx, tx, conn.AccountID, "conversation")
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO conversations (account_id, number, connection_id, contact_id, address)
		VALUES (@account, @number, @connection, @contact, nullif(@address, ''))
		ON CONFLICT (contact_id, connection_id) WHERE superseded_by_id IS NULL DO NOTHING`,
		pgx.NamedArgs{
			"account": conn.AccountID, "number": number, "connection": conn.ID, "contact": contact,
			"address": p.Address,
		}); err != nil {
		return nil, fmt.Errorf("create a conversation: %w", err)
	}
	return selectConversation(ctx, tx, conn.ID, contact)
}

// nextNumber takes the next value of an account's counter. It locks the counter until the transaction ends.
func nextNumber(ctx context.Context, tx pgx.Tx, account models.AccountID, name string) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `
		INSERT INTO account_counters (account_id, name, value)
		VALUES (@account, @name, 1)
		ON CONFLICT (account_id, name) DO UPDATE
		SET value = account_counters.value + 1
		RETURNING value`,
		pgx.NamedArgs{"account": account, "name": name}).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("take a number: %w", err)
	}
	return n, nil
}

// refreshPerson keeps the address and the profile name as the provider last wrote them. A name that an agent or a flow gave
// stays (rule 183).
func (s *Store) refreshPerson(ctx context.Context, tx pgx.Tx, conv *conversationRow, p models.PersonHint) error {
	if newAddress(conv, p) {
		if _, err := tx.Exec(ctx, `UPDATE conversations SET address = @address WHERE id = @conversation`,
			pgx.NamedArgs{"conversation": conv.ID, "address": p.Address}); err != nil {
			return fmt.Errorf("keep an address: %w", err)
		}
		conv.Address = &p.Address
	}
	if p.Name == "" || p.Name == conv.ProfileName {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		UPDATE contacts
		SET profile_name = @name, name = CASE WHEN name = '' OR name = profile_name THEN @name ELSE name END,
			updated_at = now()
		WHERE id = @contact`,
		pgx.NamedArgs{"contact": conv.ContactID, "name": p.Name}); err != nil {
		return fmt.Errorf("keep a profile name: %w", err)
	}
	return nil
}

// changeIdentity re-keys a person whose phone number or user id is another one now, as a system message of WhatsApp says: the
// contact stays, its conversation goes on under the new address, and agents see a line that says so.
func (s *Store) changeIdentity(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *models.IdentityChange) error {
	if err := lockPerson(ctx, tx, conn.AccountID, ch.Previous); err != nil {
		return err
	}
	known, err := findIdentities(ctx, tx, conn.AccountID, ch.Previous)
	if err != nil || len(known) == 0 {
		return err // a stranger changed a number: nothing of ours
	}
	contact := known[0].ContactID
	current, err := findIdentities(ctx, tx, conn.AccountID, ch.Current)
	if err != nil {
		return err
	}
	for _, k := range current {
		if k.ContactID != contact {
			if err := s.mergeContacts(ctx, tx, conn.AccountID, contact, k.ContactID); err != nil {
				return err
			}
		}
	}
	if err := dropIdentities(ctx, tx, conn.AccountID, contact, ch); err != nil {
		return err
	}
	if err := addIdentities(ctx, tx, conn.AccountID, contact, ch.Current); err != nil {
		return err
	}
	if ch.Current.Phone != "" {
		if _, err := tx.Exec(ctx, `
			UPDATE contacts
			SET phone = @phone, updated_at = now()
			WHERE id = @contact`,
			pgx.NamedArgs{"contact": contact, "phone": plus(ch.Current.Phone)}); err != nil {
			return fmt.Errorf("keep a new phone: %w", err)
		}
	}
	// An address that only stands in replaces the one it stood in for.
	rows, err := tx.Query(ctx, `UPDATE conversations c SET address = CASE WHEN n.channel = @channel AND @address <> ''
			AND (NOT @fallback OR c.address IS NULL OR c.address = ANY(@before)) THEN @address ELSE c.address END
		FROM connections n WHERE n.id = c.connection_id AND c.contact_id = @contact RETURNING c.id`,
		pgx.NamedArgs{"channel": conn.Channel, "contact": contact, "address": ch.Current.Address, "fallback": ch.Current.Fallback, "before": fallbacksOf(ch)})
	if err != nil {
		return fmt.Errorf("keep a new address: %w", err)
	}
	conversations, err := pgx.CollectRows(rows, pgx.RowTo[models.ConversationID])
	if err != nil {
		return fmt.Errorf("keep a new address: %w", err)
	}
	for _, id := range conversations {
		conv, err := lockConversationByID(ctx, tx, conn.AccountID, id)
		if err != nil {
			return err
		}
		if err := insertSystemLine(ctx, tx, &conv.Conversation, &contract.StepLine{Code: models.NoteIdentityChanged}, nil, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// dropIdentities takes from a contact the identities that the change replaces: those of a kind and scope that the new ones have.
func dropIdentities(ctx context.Context, tx pgx.Tx, account models.AccountID, contact models.ContactID, ch *models.IdentityChange) error {
	for _, old := range ch.Previous.Identities {
		if !slices.ContainsFunc(ch.Current.Identities, func(i models.Identity) bool { return i.Kind == old.Kind && i.Scope == old.Scope }) {
			continue
		}
		_, err := tx.Exec(ctx, `DELETE FROM contact_identities
			WHERE account_id = @account AND contact_id = @contact AND kind = @kind AND scope = @scope AND value = @value`,
			pgx.NamedArgs{"account": account, "contact": contact, "kind": old.Kind, "scope": old.Scope, "value": old.Value})
		if err != nil {
			return fmt.Errorf("drop an old identity: %w", err)
		}
	}
	return nil
}

// fallbacksOf are the addresses of the old identities that the new address replaces even if it only stands in.
func fallbacksOf(ch *models.IdentityChange) []string {
	addresses := []string{}
	for _, old := range ch.Previous.Identities {
		if slices.ContainsFunc(ch.Current.Identities, func(i models.Identity) bool { return i.Kind == old.Kind }) {
			addresses = append(addresses, old.Address)
		}
	}
	return addresses
}

// setMarketingPreference records that a contact stopped or resumed marketing messages (131050: never retried until then).
func (s *Store) setMarketingPreference(ctx context.Context, tx pgx.Tx, conn *models.Connection, contact models.ContactID, p *models.MarketingPreference) error {
	if _, err := tx.Exec(ctx, `
		WITH c AS (
			UPDATE contacts
			SET marketing_stopped_at = CASE WHEN @stopped THEN @at::timestamptz END, updated_at = now()
			WHERE account_id = @account AND id = @contact
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @contact_updated, id
		FROM c`,
		pgx.NamedArgs{
			"account": conn.AccountID, "contact": contact, "stopped": p.Stopped, "at": p.At,
			"contact_updated": models.EventContactUpdated,
		}); err != nil {
		return fmt.Errorf("record a marketing preference: %w", err)
	}
	return nil
}
