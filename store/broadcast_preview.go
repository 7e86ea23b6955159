package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// BroadcastPreview says who would get a broadcast now, and as what. Each person counts once, by the first reason there is.
type BroadcastPreview struct {
	People  int
	LeftOut map[models.LeftOut]int
	// Samples are the messages of the first few who would get one.
	Samples []BroadcastSample
}

// BroadcastSample is the message of a real recipient. Missing lists the names without a value.
type BroadcastSample struct {
	ContactID models.ContactID
	Name      string
	Phone     string
	Content   models.Content
	Missing   []string
}

const broadcastSamples = 3

// reachable tells that a contact k has a number, or an identity that the connection reaches.
const reachable = `(k.phone IS NOT NULL OR EXISTS (
	SELECT FROM contact_identities i
	WHERE i.account_id = k.account_id AND i.contact_id = k.id AND i.scope = ANY(@scope)))`

// PreviewBroadcast counts the audience of a broadcast as it stands now, and makes the messages of the first few. Rows of a list
// are not looked up: each is a person. Nothing is stored.
func (s *Store) PreviewBroadcast(ctx context.Context, b models.Broadcast, rows []ListedPerson) (*BroadcastPreview, error) {
	var out *BroadcastPreview
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.broadcastFits(ctx, tx, &b); err != nil {
			return err
		}
		var err error
		if len(rows) > 0 {
			out, err = s.previewList(ctx, tx, &b, rows)
		} else {
			out, err = s.previewAudience(ctx, tx, &b)
		}
		return err
	})
	return out, asError(err, "broadcast")
}

func (s *Store) previewAudience(ctx context.Context, tx pgx.Tx, b *models.Broadcast) (*BroadcastPreview, error) {
	conn, err := connectionByID(ctx, tx, b.AccountID, b.ConnectionID)
	if err != nil {
		return nil, err
	}
	args := pgx.NamedArgs{"account": b.AccountID, "connection": b.ConnectionID, "marketing": strings.EqualFold(b.Content.Category(), "marketing"),
		"served": b.Audience.Served, "cap": b.Audience.CapHours, "since": s.Now().Add(-time.Duration(b.Audience.CapHours) * time.Hour),
		"scope": []string{conn.ScopeOf(models.ScopeAccount), conn.ScopeOf(models.ScopePortfolio), conn.ScopeOf(models.ScopeConnection)}, "samples": broadcastSamples}
	from := `
		WITH audience AS (
			SELECT k.account_id, k.id, CASE
				WHEN k.blocked_at IS NOT NULL THEN 'blocked'
				WHEN NOT k.broadcast_enabled OR @marketing::boolean AND k.marketing_stopped_at IS NOT NULL THEN 'opted_out'
				WHEN NOT ` + reachable + ` THEN 'unreachable'
				WHEN NOT @served::boolean AND EXISTS (
					SELECT FROM conversations v
					WHERE v.account_id = k.account_id AND v.contact_id = k.id AND v.connection_id = @connection AND v.in_charge <> 'idle') THEN 'served'
				WHEN @cap::bigint > 0 AND EXISTS (
					SELECT FROM broadcast_recipients o
					WHERE o.account_id = k.account_id AND o.contact_id = k.id AND o.sent_at > @since) THEN 'capped'
				END AS why
			FROM contacts k
			WHERE k.account_id = @account AND ` + broadcastAudience(&b.Audience, args) + `
		)`
	out := &BroadcastPreview{LeftOut: map[models.LeftOut]int{}}
	found, err := tx.Query(ctx, from+`
		SELECT coalesce(why, ''), count(*)
		FROM audience
		GROUP BY 1`, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, fmt.Errorf("count an audience: %w", err)
	}
	var why models.LeftOut
	var n int
	if _, err := pgx.ForEachRow(found, []any{&why, &n}, func() error {
		if why == "" {
			out.People = n
		} else {
			out.LeftOut[why] = n
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("count an audience: %w", err)
	}
	first, err := list[models.Contact](ctx, tx, "contact", from+`
		SELECT `+contactColumns+`
		FROM audience a
		JOIN contacts k ON k.id = a.id AND k.account_id = a.account_id
		WHERE a.why IS NULL
		ORDER BY k.id
		LIMIT @samples`, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	for i := range first {
		k := &first[i]
		sample, err := s.sampleOf(ctx, tx, b, k.ID, contactFacts(k), nil)
		if err != nil {
			return nil, err
		}
		out.Samples = append(out.Samples, sample)
	}
	return out, nil
}

// contactFacts are a contact's values for texts, without labels and without a conversation.
func contactFacts(k *models.Contact) flow.Contact {
	c := flow.Contact{ID: k.ID.String(), Name: k.Name, Phone: derefText(k.Phone), Email: derefText(k.Email), Language: derefText(k.Language),
		BirthDate: k.Fields.BirthDate, CPF: k.Fields.CPF, RG: k.Fields.RG, ClientCode: k.Fields.ClientCode, Fields: k.CustomValues}
	c.FirstName, _, _ = strings.Cut(k.Name, " ")
	return c
}

func (s *Store) previewList(ctx context.Context, tx pgx.Tx, b *models.Broadcast, rows []ListedPerson) (*BroadcastPreview, error) {
	out := &BroadcastPreview{LeftOut: map[models.LeftOut]int{}}
	seen := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if seen[r.Person.Phone] {
			out.LeftOut[models.LeftOutTwice]++
			continue
		}
		seen[r.Person.Phone] = true
		out.People++
		if len(out.Samples) == broadcastSamples {
			continue
		}
		contact := flow.Contact{Name: r.Person.Name, Phone: "+" + r.Person.Phone}
		known, err := findIdentities(ctx, tx, b.AccountID, r.Person)
		if err != nil {
			return nil, err
		}
		var id models.ContactID
		if len(known) > 0 {
			k, err := one[models.Contact](ctx, tx, "contact", `SELECT `+contactColumns+` FROM contacts k WHERE k.account_id = @account AND k.id = @id`,
				pgx.NamedArgs{"account": b.AccountID, "id": known[0].ContactID})
			if err != nil {
				return nil, err
			}
			id, contact = k.ID, contactFacts(k)
		}
		contact.FirstName, _, _ = strings.Cut(contact.Name, " ")
		sample, err := s.sampleOf(ctx, tx, b, id, contact, r.Values)
		if err != nil {
			return nil, err
		}
		out.Samples = append(out.Samples, sample)
	}
	return out, nil
}

// sampleOf makes the message of one person as sending would.
func (s *Store) sampleOf(ctx context.Context, tx pgx.Tx, b *models.Broadcast, id models.ContactID, contact flow.Contact, values models.BroadcastValues) (BroadcastSample, error) {
	out := BroadcastSample{ContactID: id, Name: contact.Name, Phone: contact.Phone}
	h := &broadcastHand{s: s, start: b, accountZone: b.Zone()}
	var locale string
	if err := tx.QueryRow(ctx, `SELECT name, locale FROM accounts WHERE id = @account`, pgx.NamedArgs{"account": b.AccountID}).Scan(&h.accountName, &locale); err != nil {
		return out, fmt.Errorf("read the account's name: %w", err)
	}
	var err error
	out.Content, out.Missing, err = b.Fill(h.render(ctx, &sendPlace{locale: locale}, &TextFacts{Contact: contact}, values))
	if err != nil {
		return out, models.Invalid("content", "%s", err.Error())
	}
	_, err = templateOf(ctx, tx, b.ConnectionID, &out.Content) // fills in the words
	return out, err
}

// FilledBroadcast is a broadcast's message as one person would get it, for a test send.
func (s *Store) FilledBroadcast(ctx context.Context, b *models.Broadcast, person models.PersonHint, values models.BroadcastValues) (*BroadcastSample, error) {
	preview, err := s.PreviewBroadcast(ctx, *b, []ListedPerson{{Person: person, Values: values}})
	if err != nil {
		return nil, err
	}
	return &preview.Samples[0], nil
}
