package api

import (
	"time"

	"github.com/perene/perene/models"
)

// Broadcast sends one template to many contacts, once to each.
type Broadcast struct {
	ID         models.BroadcastID     `json:"id"`
	Name       string                 `json:"name"`
	State      models.BroadcastState  `json:"state"`
	Reason     models.BroadcastReason `json:"reason,omitempty" doc:"Why it is paused."`
	Connection ConnectionNamed        `json:"connection"`
	Content    models.Content         `json:"content"`
	Audience   BroadcastAudience      `json:"audience"`
	OnReply    models.BroadcastReply  `json:"on_reply"`
	Queue      *QueueNamed            `json:"queue,omitempty"`
	Flow       *FlowNamed             `json:"flow,omitempty"`
	OptOut     BroadcastOptOut        `json:"opt_out"`
	PerMinute  int                    `json:"per_minute"`
	StartsAt   *time.Time             `json:"starts_at,omitempty"`
	Timezone   string                 `json:"timezone"`
	Quiet      *models.QuietHours     `json:"quiet,omitempty"`
	Canary     models.Canary          `json:"canary"`
	CanaryAt   *time.Time             `json:"canary_at,omitempty" doc:"When the canary's verdict is due, or was given."`
	CanaryOver bool                   `json:"canary_over" doc:"The verdict was given."`
	NextAt     *time.Time             `json:"next_at,omitempty" doc:"When it goes on by itself."`
	Total      int                    `json:"total" doc:"Recipients."`
	Author     PersonRef              `json:"author"`
	CreatedAt  time.Time              `json:"created_at"`
	StartedAt  *time.Time             `json:"started_at,omitempty"`
	EndedAt    *time.Time             `json:"ended_at,omitempty"`
	// Of one alone.
	Counts      *BroadcastCounts `json:"counts,omitempty" doc:"Of one broadcast, not in lists."`
	LeftOut     []BroadcastWhy   `json:"left_out,omitempty" doc:"Of one broadcast: why people are left out, the most frequent first."`
	TemporalURL string           `json:"temporal_url,omitempty" doc:"Its workflow in Temporal Web."`
}

// ConnectionNamed names a connection.
type ConnectionNamed struct {
	ID   models.ConnectionID `json:"id"`
	Name string              `json:"name"`
}

// BroadcastAudience says who gets a broadcast, by one of everybody, labels, the list, and a part of an earlier broadcast.
type BroadcastAudience struct {
	Everybody bool                 `json:"everybody,omitempty" doc:"All contacts of the account."`
	Labels    []models.LabelID     `json:"labels,omitempty" maxItems:"50" doc:"Contacts with at least one of them."`
	Without   []models.LabelID     `json:"without,omitempty" maxItems:"50" doc:"And with none of these."`
	Listed    int                  `json:"listed,omitempty" readOnly:"true" doc:"How many rows its list has."`
	After     models.BroadcastID   `json:"after,omitempty" minimum:"1" doc:"Recipients of this broadcast."`
	Part      models.BroadcastPart `json:"part,omitempty" doc:"With after: only these."`
	Served    bool                 `json:"served,omitempty" doc:"Also people who are served by a ticket or a flow at the moment."`
	CapHours  int                  `json:"cap_hours,omitempty" minimum:"0" maximum:"2160" doc:"Leave out who got another broadcast in so many hours."`
}

// BroadcastOptOut is what stops broadcasts for a contact.
type BroadcastOptOut struct {
	Words []string `json:"words" maxItems:"20" doc:"An answer that is one of them, in words or as a button. Case and accents do not count."`
	Text  string   `json:"text" maxLength:"2000" doc:"What the contact is told then; empty: nothing."`
}

// BroadcastCounts says what became of the recipients. Waiting to failed add up to the total.
type BroadcastCounts struct {
	Waiting   int `json:"waiting"`
	LeftOut   int `json:"left_out"`
	Queued    int `json:"queued" doc:"In the connection's queue, or tried again later."`
	Sent      int `json:"sent" doc:"Meta took it, and it is not delivered yet."`
	Delivered int `json:"delivered" doc:"And not read yet."`
	Read      int `json:"read"`
	Failed    int `json:"failed"`
	Replied   int `json:"replied"`
	OptedOut  int `json:"opted_out"`
	Billable  int `json:"billable" doc:"Messages that Meta says it bills."`
}

// BroadcastWhy counts those who were left out for one reason.
type BroadcastWhy struct {
	Why    models.LeftOut `json:"why"`
	People int            `json:"people"`
}

// BroadcastRow is a row of a list.
type BroadcastRow struct {
	Phone  string            `json:"phone" maxLength:"40"`
	Name   string            `json:"name,omitempty" maxLength:"200" doc:"What a contact without a name is called."`
	Values map[string]string `json:"values,omitempty" doc:"By column. A text of the template names one as {column}; it goes before a field of the contact."`
}

// BroadcastFields are what people set of a broadcast. What is absent stays, or takes its usual value in a new one.
type BroadcastFields struct {
	Name         *string                 `json:"name,omitempty" minLength:"1" maxLength:"100"`
	ConnectionID *models.ConnectionID    `json:"connection_id,omitempty" minimum:"1" doc:"Of a new one the user's default connection if absent, else the account's."`
	Template     *models.ContentTemplate `json:"template,omitempty" doc:"What is sent. Its texts may name values, as {{ contact.first_name }}."`
	Audience     *BroadcastAudience      `json:"audience,omitempty"`
	List         []BroadcastRow          `json:"list,omitempty" maxItems:"20000" doc:"Instead of an audience of contacts. It replaces the list before."`
	OnReply      *models.BroadcastReply  `json:"on_reply,omitempty"`
	QueueID      *models.QueueID         `json:"queue_id,omitempty" minimum:"1" doc:"With on_reply queue."`
	FlowID       *models.FlowID          `json:"flow_id,omitempty" minimum:"1" doc:"With on_reply flow."`
	OptOut       *BroadcastOptOut        `json:"opt_out,omitempty"`
	PerMinute    *int                    `json:"per_minute,omitempty" minimum:"1" maximum:"4800" doc:"The one thing that can be changed after sending."`
	StartsAt     *time.Time              `json:"starts_at,omitempty" doc:"Absent: at once when it is sent."`
	StartsNow    bool                    `json:"starts_now,omitempty" doc:"Take starts_at back."`
	Timezone     *string                 `json:"timezone,omitempty" maxLength:"64" doc:"The account's if absent." example:"America/Sao_Paulo"`
	Quiet        *models.QuietHours      `json:"quiet,omitempty" doc:"When it does not send. Equal times and no days: always."`
	Canary       *models.Canary          `json:"canary,omitempty"`
}

type createBroadcastIn struct {
	Body struct {
		CommandRef
		BroadcastFields
	}
}

type previewBroadcastIn struct {
	Body BroadcastFields
}

type broadcastIDIn struct {
	ID models.BroadcastID `path:"id" minimum:"1"`
}

type updateBroadcastIn struct {
	ID   models.BroadcastID `path:"id" minimum:"1"`
	Body BroadcastFields
}

type testBroadcastIn struct {
	ID   models.BroadcastID `path:"id" minimum:"1"`
	Body struct {
		Phone  string            `json:"phone" maxLength:"40" doc:"Who gets the message, with that contact's values."`
		Values map[string]string `json:"values,omitempty" doc:"Of a list's row."`
	}
}

type listBroadcastsIn struct {
	Paging
}

type listRecipientsIn struct {
	Paging
	ID   models.BroadcastID   `path:"id" minimum:"1"`
	Part models.BroadcastPart `query:"part" doc:"Only these."`
}

// BroadcastPreview says who would get a broadcast now, and as what.
type BroadcastPreview struct {
	People   int               `json:"people" doc:"Who would get it."`
	LeftOut  []BroadcastWhy    `json:"left_out"`
	Samples  []BroadcastSample `json:"samples" doc:"The messages of the first few."`
	Forecast int               `json:"forecast_seconds" doc:"How long it takes at its speed, without quiet hours."`
}

// BroadcastSample is the message of a real recipient.
type BroadcastSample struct {
	ContactID models.ContactID `json:"contact_id,omitempty" doc:"Absent for somebody new."`
	Name      string           `json:"name"`
	Phone     string           `json:"phone"`
	Content   models.Content   `json:"content"`
	Missing   []string         `json:"missing" doc:"Names without a value. With one this person is left out."`
}

// BroadcastRecipient is one recipient with what became of the message.
type BroadcastRecipient struct {
	Place        int                  `json:"place"`
	Part         models.BroadcastPart `json:"part" doc:"One of waiting, left_out, queued, sent, delivered, read and failed."`
	Why          models.LeftOut       `json:"why,omitempty"`
	Detail       string               `json:"detail,omitempty" doc:"The names without a value, or the key of a refusal."`
	ContactID    models.ContactID     `json:"contact_id,omitempty"`
	Name         string               `json:"name,omitempty"`
	Phone        string               `json:"phone,omitempty"`
	Conversation *ConversationNamed   `json:"conversation,omitempty"`
	MessageID    models.MessageID     `json:"message_id,omitempty"`
	MessageState models.MessageState  `json:"message_state,omitempty"`
	ErrorCode    int                  `json:"error_code,omitempty"`
	SentAt       *time.Time           `json:"sent_at,omitempty"`
	DeliveredAt  *time.Time           `json:"delivered_at,omitempty"`
	ReadAt       *time.Time           `json:"read_at,omitempty"`
	FailedAt     *time.Time           `json:"failed_at,omitempty"`
	RepliedAt    *time.Time           `json:"replied_at,omitempty"`
	OptedOutAt   *time.Time           `json:"opted_out_at,omitempty"`
}
