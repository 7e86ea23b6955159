package models

import "strconv"

// Typed ids keep one entity's id from being passed for another's. All are Postgres bigints.
//
//nolint:revive // one comment says it for all
type (
	AccountID      int64
	UserID         int64
	QueueID        int64
	ConnectionID   int64
	ContactID      int64
	ConversationID int64
	MessageID      int64
	MediaID        int64
	TemplateID     int64
	FlowID         int64
	FlowVersionID  int64
	FlowRunID      int64
	TicketID       int64
	LabelID        int64
	APITokenID     int64
	QuarantineID   int64

	ClosingReasonID  int64
	CannedResponseID int64
	LibraryFileID    int64
	SavedViewID      int64
	TicketCommandID  int64
	ClosureID        int64
	ScheduledSendID  int64
	NoteID           int64
	CustomFieldID    int64
	BulkJobID        int64
	BroadcastID      int64
	NotificationID   int64
	SurveyID         int64
	SurveyAnswerID   int64
	WebhookID        int64
	WebhookEventID   int64
	DeliveryID       int64
)

func (id AccountID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id UserID) String() string          { return strconv.FormatInt(int64(id), 10) }
func (id QueueID) String() string         { return strconv.FormatInt(int64(id), 10) }
func (id ConnectionID) String() string    { return strconv.FormatInt(int64(id), 10) }
func (id ContactID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id ConversationID) String() string  { return strconv.FormatInt(int64(id), 10) }
func (id MessageID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id MediaID) String() string         { return strconv.FormatInt(int64(id), 10) }
func (id FlowID) String() string          { return strconv.FormatInt(int64(id), 10) }
func (id FlowVersionID) String() string   { return strconv.FormatInt(int64(id), 10) }
func (id FlowRunID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id TicketID) String() string        { return strconv.FormatInt(int64(id), 10) }
func (id ClosureID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id ScheduledSendID) String() string { return strconv.FormatInt(int64(id), 10) }
func (id TicketCommandID) String() string { return strconv.FormatInt(int64(id), 10) }
func (id SavedViewID) String() string     { return strconv.FormatInt(int64(id), 10) }
func (id BulkJobID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id BroadcastID) String() string     { return strconv.FormatInt(int64(id), 10) }
func (id NotificationID) String() string  { return strconv.FormatInt(int64(id), 10) }
func (id SurveyAnswerID) String() string  { return strconv.FormatInt(int64(id), 10) }
func (id WebhookID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id DeliveryID) String() string      { return strconv.FormatInt(int64(id), 10) }
