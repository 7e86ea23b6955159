package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const contactColumns = `k.id, k.account_id, k.name, k.profile_name, k.phone, k.email, k.language, k.fields, k.custom_values, k.default_agent_id, k.broadcast_enabled,
	k.marketing_stopped_at, k.blocked_at, k.merged_into_id, k.created_at, k.updated_at`

// ContactView is a contact with its labels.
type ContactView struct {
	models.Contact
	Labels []models.Label
}

// labelsOfContact is a subselect of the labels of contact k, as JSON.
const labelsOfContact = `coalesce((SELECT jsonb_agg(jsonb_build_object('id', l.id, 'name', l.name, 'color', l.color) ORDER BY l.name)
	FROM contact_labels cl JOIN labels l ON l.id = cl.label_id AND l.account_id = cl.account_id WHERE cl.contact_id = k.id), '[]') AS labels`

// ContactFilter narrows a list of contacts.
type ContactFilter struct {
	Query   string // part of the name, the phone or the e-mail
	Blocked *bool
	Before  models.ContactID // 0: from the newest
	Limit   int
}

// Contacts lists the contacts that a viewer may see, newest first.
func (s *Store) Contacts(ctx context.Context, account models.AccountID, w Viewer, f ContactFilter) ([]ContactView, error) {
	return list[ContactView](ctx, s.pool, "contact", `SELECT `+contactColumns+`, `+labelsOfContact+` FROM contacts k
		WHERE k.account_id = @account AND k.merged_into_id IS NULL AND (@before::bigint = 0 OR k.id < @before) AND `+seesContact+`
			AND (@blocked::boolean IS NULL OR (k.blocked_at IS NOT NULL) = @blocked)
			AND (@query = '' OR `+contactMatches+`)
		ORDER BY k.id DESC LIMIT @limit`,
		searchArgs(f.Query, w.args(account, pgx.NamedArgs{"before": f.Before, "blocked": f.Blocked, "limit": f.Limit})))
}

// contactMatches is the condition on contact k of a search; searchArgs fills it.
const contactMatches = `(k.search LIKE search_text(@piece) OR k.search LIKE search_text(@start) OR @digits <> '' AND k.search LIKE '%' || @digits || '%')`

// searchArgs prepares a search: the words with LIKE's signs taken literally, and, if they look like a phone, its digits.
func searchArgs(query string, args pgx.NamedArgs) pgx.NamedArgs {
	query = strings.TrimSpace(query)
	args["query"] = query
	literal := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query)
	args["like"] = "%" + literal + "%"
	args["piece"], args["start"] = args["like"], args["like"]
	if len([]rune(query)) < 3 { // the index of contacts knows pieces of three letters, or the beginnings of words
		args["piece"], args["start"] = "% "+literal+"%", literal+"%"
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, query)
	if len(digits) < 4 || strings.Trim(query, "+-() .0123456789") != "" {
		digits = ""
	}
	args["digits"] = digits
	return args
}

// Contact reads one contact that the viewer may see; CodeNotFound otherwise.
func (s *Store) Contact(ctx context.Context, account models.AccountID, w Viewer, id models.ContactID) (*ContactView, error) {
	return one[ContactView](ctx, s.pool, "contact", `SELECT `+contactColumns+`, `+labelsOfContact+` FROM contacts k
		WHERE k.account_id = @account AND k.id = @id AND `+seesContact, w.args(account, pgx.NamedArgs{"id": id}))
}

// ContactIdentities lists how providers know a contact.
func (s *Store) ContactIdentities(ctx context.Context, account models.AccountID, id models.ContactID) ([]models.Identity, error) {
	return list[models.Identity](ctx, s.pool, "contact", `
		SELECT kind, scope, value, address
		FROM contact_identities
		WHERE account_id = @account AND contact_id = @contact
		ORDER BY kind DESC, value`,
		pgx.NamedArgs{"account": account, "contact": id})
}

// ContactPatch changes a contact. What is nil stays, an empty text and a zero id clear.
type ContactPatch struct {
	Name, Email, Language *string
	Fields                map[string]*string // of models.ContactFields, merged key by key; nil and an empty text clear
	CustomValues          map[string]any     // merged key by key; nil clears
	Viewer                Viewer             // who changes it: the viewer sees the contact, and the file that an image names
	DefaultAgentID        *models.UserID
	BroadcastEnabled      *bool
}

// UpdateContact changes a contact. A CodeInvalid error names each custom value that the account's custom fields refuse.
func (s *Store) UpdateContact(ctx context.Context, account models.AccountID, id models.ContactID, p ContactPatch) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := mustSeeContact(ctx, tx, account, p.Viewer, id); err != nil {
			return err
		}
		return s.patchContact(ctx, tx, account, id, &p)
	})
	return asError(err, "contact")
}

// patchContact is UpdateContact in the caller's transaction, of a contact that the viewer sees.
func (s *Store) patchContact(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ContactID, p *ContactPatch) error {
	if err := checkSystemFields(p, s.Now()); err != nil {
		return err
	}
	if p.DefaultAgentID != nil {
		if err := changesDefaultAgent(ctx, tx, account, id, *p.DefaultAgentID); err != nil {
			return err
		}
	}
	custom, err := checkCustom(ctx, tx, account, p.Viewer, p.CustomValues)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, "contact", updateContactSQL, pgx.NamedArgs{
		"account": account, "id": id, "now": s.Now(), "name": p.Name, "email": p.Email, "language": p.Language,
		"fields":     p.Fields,
		"custom_set": custom.set, "custom_cleared": custom.clear,
		"agent": p.DefaultAgentID, "broadcast": p.BroadcastEnabled,
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return models.NotFound("contact")
	}
	if len(custom.files) > 0 {
		if _, err := exec(ctx, tx, "contact", `
			INSERT INTO media_uses (account_id, media_id, contact_id)
			SELECT @account, unnest(@files::bigint[]), @contact
			ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{"account": account, "contact": id, "files": custom.files}); err != nil {
			return err
		}
	}
	return insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(id))
}

// changesDefaultAgent checks the new default agent, and tells of the contact's conversations who had them in sight before as the
// default agent (rule 143).
func changesDefaultAgent(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ContactID, agent models.UserID) error {
	if err := mustWork(ctx, tx, account, agent, "body.default_agent_id"); err != nil {
		return err
	}
	_, err := exec(ctx, tx, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
		SELECT v.account_id, @kind, v.id, v.id AS entity_id, jsonb_build_object('from_agent_id', k.default_agent_id)
		FROM contacts k
		JOIN conversations v ON v.account_id = k.account_id AND v.contact_id = k.id
		WHERE k.account_id = @account AND k.id = @id AND k.default_agent_id IS DISTINCT FROM nullif(@agent, 0)
		ORDER BY v.id`,
		pgx.NamedArgs{"kind": models.EventConversationUpdated, "account": account, "id": id, "agent": agent})
	return err
}

// updateContactSQL leaves alone what is NULL. An empty text and a zero id clear.
const updateContactSQL = `
	UPDATE contacts SET
		name = coalesce(@name, name),
		email = nullif(coalesce(@email, email), ''),
		language = nullif(coalesce(@language, language), ''),
		fields = (
			SELECT coalesce(jsonb_object_agg(key, value), '{}')
			FROM jsonb_each_text(fields || coalesce(@fields::jsonb, '{}'))
			WHERE value <> ''),
		custom_values = (custom_values || @custom_set::jsonb) - @custom_cleared::text[],
		default_agent_id = nullif(coalesce(@agent, default_agent_id), 0),
		broadcast_enabled = coalesce(@broadcast, broadcast_enabled),
		updated_at = @now
	WHERE account_id = @account AND id = @id AND merged_into_id IS NULL`

// BlockContact blocks a contact or lets it in again (rules 191, 192). It tells whether that changed anything.
func (s *Store) BlockContact(ctx context.Context, account models.AccountID, w Viewer, id models.ContactID, blocked bool) (bool, error) {
	var changed bool
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := mustSeeContact(ctx, tx, account, w, id); err != nil {
			return err
		}
		var was bool
		if err := tx.QueryRow(ctx, `
			SELECT blocked_at IS NOT NULL
			FROM contacts
			WHERE account_id = @account AND id = @id AND merged_into_id IS NULL
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id}).Scan(&was); err != nil {
			return asError(err, "contact")
		}
		if changed = was != blocked; !changed {
			return nil
		}
		if _, err := tx.Exec(ctx, `
			UPDATE contacts
			SET blocked_at = CASE WHEN @blocked THEN @now::timestamptz END, updated_at = @now
			WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "blocked": blocked, "now": s.Now()}); err != nil {
			return err
		}
		if err := insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(id)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT account_id, @conversation_updated, id, id
			FROM conversations
			WHERE account_id = @account AND contact_id = @contact
			ORDER BY id`,
			pgx.NamedArgs{
				"account": account, "contact": id, "conversation_updated": models.EventConversationUpdated,
			})
		return err
	})
	return changed, asError(err, "contact")
}
