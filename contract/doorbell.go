package contract

import (
	"encoding/json"
	"time"

	"github.com/perene/perene/models"
)

// DoorbellPatience is how long a dispatcher leaves a new doorbell to its writer (the default of doorbells.ring_after).
const DoorbellPatience = 2 * time.Second

// Doorbell says that a workflow has something to look at. Written in the transaction of the change; it carries no data
// beyond what starts the workflow, so ringing twice is harmless.
type Doorbell struct {
	ID           int64
	AccountID    models.AccountID
	WorkflowType string
	WorkflowID   string
	Input        json.RawMessage // what to start the workflow with, if it does not run
	UpToSeq      int64
	Attempts     int
	CreatedAt    time.Time
	// Trace is the mark of what rang (ADR 46), in memory only: the row has none.
	Trace []byte
}

// Start starts a workflow. Its JSON is the workflow's input.
type Start interface {
	// Doorbell makes the doorbell of the workflow, with its type, its id and the start.
	Doorbell() Doorbell
}

// doorbell makes a doorbell with a start.
func doorbell(account models.AccountID, kind, id string, start Start) Doorbell {
	input, err := json.Marshal(start)
	if err != nil { // structs of integers marshal
		panic(err)
	}
	return Doorbell{AccountID: account, WorkflowType: kind, WorkflowID: id, Input: input}
}
