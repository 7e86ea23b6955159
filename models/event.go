package models

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Event is one entry of the outbox. It names what changed; readers fetch what they may see.
type Event struct {
	Cursor         Cursor          `json:"seq"`
	AccountID      AccountID       `json:"-"`
	Kind           string          `json:"kind"` // message.created, message.updated, conversation.updated, flow_run.updated, connection.updated …
	ConversationID *ConversationID `json:"conversation_id,omitempty"`
	EntityID       *int64          `json:"entity_id,omitempty"`
	Data           json.RawMessage `json:"data,omitempty"`
	CreatedAt      time.Time       `json:"created_at"`
}

// The kinds of event.
const (
	EventMessageCreated      = "message.created"
	EventMessageUpdated      = "message.updated"
	EventConversationUpdated = "conversation.updated"
	EventFlowRunUpdated      = "flow_run.updated"
	EventFlowUpdated         = "flow.updated"
	EventConnectionUpdated   = "connection.updated"
	EventContactUpdated      = "contact.updated"
	EventTicketOpened        = "ticket.opened"
	EventTicketUpdated       = "ticket.updated"
	EventSettingsUpdated     = "settings.updated" // queues, labels, fields, reasons, canned responses, library
	EventDraftUpdated        = "draft.updated"
	EventBulkJobUpdated      = "bulk_job.updated" // of its user alone
	EventScheduledUpdated    = "scheduled.updated"
	EventBroadcastUpdated    = "broadcast.updated"
	EventNotification        = "notification.updated" // of its user alone
	EventPresence            = "presence"             // somebody looks at a conversation, writes in it, or left it
	EventTemplateUpdated     = "template.updated"
	EventQuarantineAdded     = "quarantine.added"
)

// Cursor is a place in the outbox: the writing transaction and the number within the sequence. Written "xid.seq".
type Cursor struct {
	XID uint64
	Seq int64
}

// String writes the cursor as clients keep it.
func (c Cursor) String() string { return fmt.Sprintf("%d.%d", c.XID, c.Seq) }

// MarshalText implements encoding.TextMarshaler.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Cursor) UnmarshalText(b []byte) error {
	parsed, err := ParseCursor(string(b))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Before tells whether c comes before d.
func (c Cursor) Before(d Cursor) bool { return c.XID < d.XID || (c.XID == d.XID && c.Seq < d.Seq) }

// ParseCursor reads what String wrote; it returns a CodeInvalid error otherwise.
func ParseCursor(s string) (Cursor, error) {
	xid, seq, _ := strings.Cut(s, ".")
	x, errX := strconv.ParseUint(xid, 10, 64)
	n, errN := strconv.ParseInt(seq, 10, 64)
	if errX != nil || errN != nil || n < 0 {
		return Cursor{}, Invalid("seq", "a sequence is written like 1234.56")
	}
	return Cursor{XID: x, Seq: n}, nil
}
