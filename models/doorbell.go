package models

import (
	"encoding/json"
	"strconv"
	"time"
)

// DoorbellPatience is how long a dispatcher leaves a new doorbell to whoever wrote it (the default of doorbells.ring_after).
const DoorbellPatience = 2 * time.Second

// Doorbell says that a workflow has something to look at. Written in the transaction of the change; it carries no data
// beyond what starts the workflow, so ringing twice is harmless.
type Doorbell struct {
	ID           int64
	AccountID    AccountID
	WorkflowType string
	WorkflowID   string
	Input        json.RawMessage // what to start the workflow with, if it does not run
	UpToSeq      int64
	Attempts     int
	CreatedAt    time.Time
	// Trace is the mark of what rang (ADR 46), in memory only: the row has none.
	Trace []byte
}

// Workflow type names, as registered with Temporal and written in doorbells.
const (
	WorkflowFlowRun       = "FlowRun"
	WorkflowSessionWindow = "SessionWindow"
	WorkflowConnection    = "Connection"
	WorkflowDeliveryRetry = "DeliveryRetry"
	WorkflowMediaFetch    = "MediaFetch"
	WorkflowHousekeeping  = "Housekeeping"
)

// FlowRunStart starts a FlowRun workflow.
type FlowRunStart struct {
	AccountID      AccountID      `json:"account_id"`
	RunID          FlowRunID      `json:"run_id"`
	ConversationID ConversationID `json:"conversation_id"`
	ConnectionID   ConnectionID   `json:"connection_id"`
	FlowID         FlowID         `json:"flow_id"`
	VersionID      FlowVersionID  `json:"version_id"`
	Version        int            `json:"version"` // the number people know: 7 of "v7"
}

// SessionWindowStart starts a SessionWindow workflow: one while a conversation's 24-hour window is open.
type SessionWindowStart struct {
	AccountID      AccountID      `json:"account_id"`
	ConversationID ConversationID `json:"conversation_id"`
	ConnectionID   ConnectionID   `json:"connection_id"`
}

// ConnectionStart starts a Connection workflow, which lives as long as the connection.
type ConnectionStart struct {
	AccountID    AccountID    `json:"account_id"`
	ConnectionID ConnectionID `json:"connection_id"`
}

// DeliveryRetryStart starts a DeliveryRetry workflow: later tries of one failed message (131049: 24, 48, 96 h …, Z15).
type DeliveryRetryStart struct {
	AccountID      AccountID      `json:"account_id"`
	MessageID      MessageID      `json:"message_id"`
	ConversationID ConversationID `json:"conversation_id"`
	ConnectionID   ConnectionID   `json:"connection_id"`
}

// MediaFetchStart starts a MediaFetch workflow: one file of one inbound message.
type MediaFetchStart struct {
	AccountID    AccountID    `json:"account_id"`
	MediaID      MediaID      `json:"media_id"`
	ConnectionID ConnectionID `json:"connection_id"`
}

// HousekeepingStart starts the Housekeeping workflow: one an installation, which belongs to no account.
type HousekeepingStart struct{}

// Doorbell makes the doorbell of the installation's housekeeping.
func (s HousekeepingStart) Doorbell() Doorbell {
	return doorbell(0, WorkflowHousekeeping, "housekeeping", s)
}

// Doorbell makes the doorbell of a flow run.
func (s FlowRunStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowFlowRun, "flow-run/"+s.RunID.String(), s)
}

// Doorbell makes the doorbell of a conversation's window.
func (s SessionWindowStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowSessionWindow, "window/"+s.ConversationID.String(), s)
}

// Doorbell makes the doorbell of a connection.
func (s ConnectionStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowConnection, "connection/"+s.ConnectionID.String(), s)
}

// Doorbell makes the doorbell of a message's later tries.
func (s DeliveryRetryStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowDeliveryRetry, "retry/"+s.MessageID.String(), s)
}

// Doorbell makes the doorbell of a file to fetch.
func (s MediaFetchStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowMediaFetch, "media/"+strconv.FormatInt(int64(s.MediaID), 10), s)
}

func doorbell(account AccountID, kind, id string, start any) Doorbell {
	input, err := json.Marshal(start)
	if err != nil { // structs of integers marshal
		panic(err)
	}
	return Doorbell{AccountID: account, WorkflowType: kind, WorkflowID: id, Input: input}
}
