package models

import (
	"encoding/json"
	"time"
)

// BulkAction is what a bulk job does with each of its conversations.
type BulkAction string

// What can be done with many conversations. The comment names the fields of BulkJobData that belong to it.
const (
	BulkAccept      BulkAction = "accept"
	BulkAssign      BulkAction = "assign"       // user_id, note
	BulkTransfer    BulkAction = "transfer"     // queue_id or user_id, note
	BulkLabelAdd    BulkAction = "label_add"    // label_id
	BulkLabelRemove BulkAction = "label_remove" // label_id
	BulkClose       BulkAction = "close"        // reason_id, text
	BulkMarkRead    BulkAction = "mark_read"
	BulkMarkUnread  BulkAction = "mark_unread"
	BulkPrioritize  BulkAction = "prioritize" // priority
	BulkSnooze      BulkAction = "snooze"     // until, until_reply, reason
)

// BulkActions are all of them.
var BulkActions = []BulkAction{BulkAccept, BulkAssign, BulkTransfer, BulkLabelAdd, BulkLabelRemove, BulkClose, BulkMarkRead, BulkMarkUnread,
	BulkPrioritize, BulkSnooze}

// BulkJobState says how far a bulk job is.
type BulkJobState string

// The states of a bulk job.
const (
	BulkRunning   BulkJobState = "running"
	BulkDone      BulkJobState = "done"
	BulkCancelled BulkJobState = "cancelled" // what was done until then stays done
	BulkUndoing   BulkJobState = "undoing"
	BulkUndone    BulkJobState = "undone"
)

// BulkJobStates are all of them.
var BulkJobStates = []BulkJobState{BulkRunning, BulkDone, BulkCancelled, BulkUndoing, BulkUndone}

// BulkJobData says more of an action.
type BulkJobData struct {
	UserID     UserID          `json:"user_id,omitempty"`
	QueueID    QueueID         `json:"queue_id,omitempty"`
	Note       string          `json:"note,omitempty"`
	LabelID    LabelID         `json:"label_id,omitempty"`
	ReasonID   ClosingReasonID `json:"reason_id,omitempty"`
	Text       string          `json:"text,omitempty"`
	Priority   Priority        `json:"priority,omitempty"`
	Until      *time.Time      `json:"until,omitempty"`
	UntilReply bool            `json:"until_reply,omitempty"`
	Reason     string          `json:"reason,omitempty"`
}

// BulkJob is one act for many conversations, with its progress.
type BulkJob struct {
	ID           BulkJobID       `json:"id"`
	AccountID    AccountID       `json:"account_id"`
	UserID       UserID          `json:"user_id"`
	ActorKind    ActorKind       `json:"actor_kind"`
	Action       BulkAction      `json:"action"`
	Data         json.RawMessage `json:"data"`
	ClientRef    *string         `json:"client_ref,omitempty"`
	State        BulkJobState    `json:"state"`
	Total        int             `json:"total"`
	DoneCount    int             `json:"done"`
	RefusedCount int             `json:"refused"`
	UndoneCount  int             `json:"undone"`
	KeptCount    int             `json:"kept"` // changed by others since, and left alone by undo
	CreatedAt    time.Time       `json:"created_at"`
	FinishedAt   *time.Time      `json:"finished_at,omitempty"`
	UndoUntil    *time.Time      `json:"undo_until,omitempty"`
}

// Actor is who asks for the job.
func (j *BulkJob) Actor() Actor { return Actor{Kind: j.ActorKind, ID: int64(j.UserID)} }

// The keys of refusals of rows of a bulk job, next to those of tickets.
const (
	KeyBulkHidden    = "bulk.hidden"     // the conversation is out of sight now
	KeyBulkActorGone = "bulk.actor_gone" // the user who asked does not work here any more
	KeyBulkChanged   = "bulk.changed"    // somebody changed it since: undo leaves it alone
	KeyBulkFailed    = "bulk.failed"     // it cannot be done, and nobody knows why
)
