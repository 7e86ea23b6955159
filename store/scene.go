package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Scene is what everybody who listens is to learn of some conversations and contacts of an account. It is read once for all
// of them. For each viewer it says what the viewer's own read would say.
type Scene struct {
	rows     map[models.ConversationID]*sceneRow
	contacts map[models.ContactID]*sceneContact
	members  map[models.QueueID][]models.UserID
}

type sceneRow struct {
	ConversationView
	Desk      *string
	Locked    bool // others than the ticket's agent may not write
	Followers []models.UserID
}

type sceneContact struct {
	defaultAgent *models.UserID
	places       []scenePlace // of its conversations
}

type scenePlace struct {
	queue *models.QueueID
	agent *models.UserID
}

// Scene reads conversations and contacts for those who listen. What the account does not have is left out.
func (s *Store) Scene(ctx context.Context, account models.AccountID, conversations []models.ConversationID, contacts []models.ContactID) (*Scene, error) {
	scene := &Scene{rows: map[models.ConversationID]*sceneRow{}, contacts: map[models.ContactID]*sceneContact{}, members: map[models.QueueID][]models.UserID{}}
	if len(conversations) > 0 {
		if err := s.sceneRows(ctx, account, scene, conversations); err != nil {
			return nil, err
		}
	}
	if len(contacts) > 0 {
		if err := s.sceneContacts(ctx, account, scene, contacts); err != nil {
			return nil, err
		}
	}
	type member struct {
		QueueID models.QueueID
		UserID  models.UserID
	}
	members, err := list[member](ctx, s.pool, "queue", `SELECT queue_id, user_id FROM queue_members WHERE account_id = @account`, pgx.NamedArgs{"account": account})
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		scene.members[m.QueueID] = append(scene.members[m.QueueID], m.UserID)
	}
	return scene, nil
}

func (s *Store) sceneRows(ctx context.Context, account models.AccountID, scene *Scene, ids []models.ConversationID) error {
	rows, err := list[sceneRow](ctx, s.pool, "conversation", sceneSQL, pgx.NamedArgs{
		"account": account, "ids": ids, "everything": true, "viewer": 0, "now": s.Now(),
	})
	if err != nil {
		return err
	}
	for i := range rows {
		scene.rows[rows[i].ID] = &rows[i]
	}
	return nil
}

// Rows as somebody sees them who is nobody's member, agent or follower.
//
//nolint:unqueryvet // the columns are those of the view
var sceneSQL = `
	SELECT seen.*, d.desk, coalesce((seen.ticket->>'write_locked')::boolean, false) AS locked,
		ARRAY(SELECT cf.user_id FROM conversation_followers cf WHERE cf.conversation_id = seen.id) AS followers
	FROM (` + conversationViewSQL + `
		WHERE v.account_id = @account AND v.id = ANY(@ids)) seen
	JOIN conversations d ON d.id = seen.id AND d.account_id = seen.account_id`

func (s *Store) sceneContacts(ctx context.Context, account models.AccountID, scene *Scene, ids []models.ContactID) error {
	type row struct {
		ContactID      models.ContactID
		DefaultAgentID *models.UserID
		ConversationID *models.ConversationID
		QueueID        *models.QueueID
		AgentID        *models.UserID
	}
	rows, err := list[row](ctx, s.pool, "contact", `
		SELECT k.id AS contact_id, k.default_agent_id, v.id AS conversation_id, v.queue_id, v.agent_id
		FROM contacts k
		LEFT JOIN conversations v ON v.account_id = k.account_id AND v.contact_id = k.id
		WHERE k.account_id = @account AND k.id = ANY(@ids)`, pgx.NamedArgs{"account": account, "ids": ids})
	if err != nil {
		return err
	}
	for _, r := range rows {
		k := scene.contacts[r.ContactID]
		if k == nil {
			k = &sceneContact{defaultAgent: r.DefaultAgentID}
			scene.contacts[r.ContactID] = k
		}
		if r.ConversationID != nil {
			k.places = append(k.places, scenePlace{r.QueueID, r.AgentID})
		}
	}
	return nil
}

// Sees tells whether the viewer may see a conversation of the scene: the words of visible, in Go.
func (c *Scene) Sees(w Viewer, id models.ConversationID) bool {
	row := c.rows[id]
	return row != nil && c.seesPlace(w, row.DefaultAgentID, scenePlace{row.QueueID, row.AgentID})
}

// SeesContact tells whether the viewer may see a contact of the scene: the words of seesContact, in Go.
func (c *Scene) SeesContact(w Viewer, id models.ContactID) bool {
	k := c.contacts[id]
	if k == nil {
		return false
	}
	sees := func(p scenePlace) bool { return c.seesPlace(w, k.defaultAgent, p) }
	return w.Everything || len(k.places) == 0 || is(k.defaultAgent, w.User) || slices.ContainsFunc(k.places, sees)
}

func (c *Scene) seesPlace(w Viewer, defaultAgent *models.UserID, p scenePlace) bool {
	return w.Everything || p.queue == nil && p.agent == nil || is(p.agent, w.User) || is(defaultAgent, w.User) ||
		p.queue != nil && c.Member(*p.queue, w.User)
}

// Member tells whether a user is in a queue.
func (c *Scene) Member(queue models.QueueID, user models.UserID) bool {
	return slices.Contains(c.members[queue], user)
}

// Last is the newest message of a conversation of the scene, 0 where there is none.
func (c *Scene) Last(id models.ConversationID) models.MessageID {
	if row := c.rows[id]; row != nil && row.ConversationView.Last != nil {
		return row.ConversationView.Last.ID
	}
	return 0
}

// Own is what of a row differs from viewer to viewer.
type Own struct {
	ID       models.ConversationID
	Open     bool // in the view of open conversations; the other views follow from the row and from Mine
	Mine     bool
	Followed bool
	Locked   bool
}

// Own says what of a conversation of the scene is the viewer's own.
func (c *Scene) Own(w Viewer, id models.ConversationID) Own {
	row := c.rows[id]
	own := Own{ID: id, Followed: slices.Contains(row.Followers, w.User), Locked: row.Locked && !is(row.AgentID, w.User)}
	desk := derefText(row.Desk)
	served := desk == "waiting" || desk == "open"
	own.Open = desk == "robot_off" || desk == "waiting" && row.QueueID == nil ||
		served && row.QueueID != nil && (w.Everything || c.Member(*row.QueueID, w.User))
	own.Mine = desk == "open" && row.TicketState != nil && is(row.AgentID, w.User)
	return own
}

// View is a conversation of the scene as a viewer sees it of whom that is the viewer's own.
func (c *Scene) View(own Own) *ConversationView {
	row := c.rows[own.ID]
	view := row.ConversationView
	desk := derefText(row.Desk)
	in := map[models.View]bool{models.ViewAll: true, models.ViewOpen: own.Open, models.ViewMine: own.Mine,
		models.ViewAttended: desk == "open", models.ViewSnoozed: desk == "snoozed"}
	view.Lists = []models.View{}
	for _, v := range models.Views {
		if in[v] {
			view.Lists = append(view.Lists, v)
		}
	}
	view.Followed = own.Followed
	if view.Ticket != nil {
		t := *view.Ticket
		t.WriteLocked = own.Locked
		view.Ticket = &t
	}
	return &view
}

func is(id *models.UserID, user models.UserID) bool {
	return id != nil && *id == user
}
