package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// TextFacts are what the names of a text that an agent writes stand for: the same as in the texts of flows (rules 112, 200).
type TextFacts struct {
	Contact      flow.Contact
	Conversation flow.Conversation
}

// TextFacts reads the facts of a conversation that the viewer may see; CodeNotFound otherwise.
func (s *Store) TextFacts(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID) (*TextFacts, error) {
	return textFacts(ctx, s.pool, visible, w.args(account, pgx.NamedArgs{"id": id}))
}

// textFacts reads the facts of a conversation of which a condition is true.
func textFacts(ctx context.Context, q querier, condition string, args pgx.NamedArgs) (*TextFacts, error) {
	type facts struct {
		models.Contact
		Conversation   models.ConversationID
		Number         int64
		ConnectionID   models.ConnectionID
		ConnectionName string
		Labels         []string
		Protocol       *string
		QueueID        *models.QueueID
		AgentID        *models.UserID
		Priority       models.Priority
		TicketOpen     bool
	}
	f, err := one[facts](ctx, q, "conversation", `
		SELECT `+contactColumns+`, v.id AS conversation, v.number, v.connection_id, c.name AS connection_name, v.priority,
			v.in_charge = 'ticket' AS ticket_open, t.protocol, t.queue_id, t.agent_id,
			coalesce((
				SELECT array_agg(l.name ORDER BY l.name)
				FROM contact_labels cl JOIN labels l ON l.id = cl.label_id AND l.account_id = cl.account_id
				WHERE cl.contact_id = k.id AND cl.account_id = k.account_id), '{}') AS labels
		FROM conversations v
		JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
		JOIN connections c ON c.id = v.connection_id AND c.account_id = v.account_id
		LEFT JOIN LATERAL (
			SELECT tk.protocol, tk.queue_id, tk.agent_id
			FROM tickets tk
			WHERE tk.account_id = v.account_id AND tk.conversation_id = v.id
			ORDER BY tk.id DESC LIMIT 1) t ON true
		WHERE v.account_id = @account AND v.id = @id AND `+condition, args)
	if err != nil {
		return nil, err
	}
	out := &TextFacts{
		Contact: flow.Contact{ID: f.Contact.ID.String(), Name: f.Name, Phone: derefText(f.Phone), Email: derefText(f.Email), Language: derefText(f.Language),
			BirthDate: f.Fields.BirthDate, CPF: f.Fields.CPF, RG: f.Fields.RG, ClientCode: f.Fields.ClientCode, Fields: f.CustomValues, Labels: f.Labels},
		Conversation: flow.Conversation{ID: f.Conversation.String(), Number: strconv.FormatInt(f.Number, 10), ConnectionID: f.ConnectionID.String(),
			ConnectionName: f.ConnectionName, Protocol: derefText(f.Protocol), Priority: string(f.Priority), TicketOpen: f.TicketOpen},
	}
	out.Contact.FirstName, _, _ = strings.Cut(f.Name, " ")
	if f.DefaultAgentID != nil {
		out.Contact.DefaultAgent = f.DefaultAgentID.String()
	}
	if f.QueueID != nil {
		out.Conversation.Queue = f.QueueID.String()
	}
	if f.AgentID != nil {
		out.Conversation.LastAgent = f.AgentID.String()
	}
	return out, nil
}
