package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// sight is what decides which conversations a viewer sees, read before a list: with its values in the statement Postgres knows
// how many rows each part of the condition brings, and reads the indexes of those parts.
type sight struct {
	everything bool
	Queues     []models.QueueID   // of the viewer
	Contacts   []models.ContactID // whose default agent the viewer is
}

// sightContacts bounds the contacts whose ids are handed in. Of a viewer with more the condition asks the contact.
const sightContacts = 2000

func (s *Store) sightOf(ctx context.Context, account models.AccountID, w Viewer) (sight, error) {
	if w.Everything {
		return sight{everything: true}, nil
	}
	at, err := one[sight](ctx, s.pool, "user", `SELECT
			ARRAY(SELECT qm.queue_id FROM queue_members qm WHERE qm.account_id = @account AND qm.user_id = @viewer) AS queues,
			ARRAY(SELECT k.id FROM contacts k WHERE k.account_id = @account AND k.default_agent_id = @viewer LIMIT @limit) AS contacts`,
		w.args(account, pgx.NamedArgs{"limit": sightContacts + 1}))
	if err != nil {
		return sight{}, err
	}
	return *at, nil
}

// arguments adds what the conditions take.
func (at *sight) arguments(args pgx.NamedArgs) {
	args["queues"], args["default_of"] = orEmpty(at.Queues), orEmpty(at.Contacts)
}

// condition is the condition on conversations v that visible is too, for statements that read many rows of a view. It is
// shorter where the view itself says a part of it.
func (at *sight) condition(view models.View) string {
	if at.everything || view == models.ViewMine {
		return `true`
	}
	nobody := ` OR v.queue_id IS NULL AND v.agent_id IS NULL`
	if view == models.ViewAttended {
		nobody = ``
	}
	return `(v.queue_id = ANY(@queues) OR v.agent_id = @viewer` + nobody + ` OR ` + at.ofContacts() + `)`
}

// ofContacts is the part of the condition for the contacts whose default agent the viewer is.
func (at *sight) ofContacts() string {
	if len(at.Contacts) > sightContacts {
		return `v.contact_id IN (SELECT k.id FROM contacts k WHERE k.account_id = @account AND k.default_agent_id = @viewer)`
	}
	return `v.contact_id = ANY(@default_of)`
}
