package workflows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TaskTimeout is how long a worker may take for one workflow task. Shorter than the usual 10 s, so that the tasks of a
// killed worker go to another one sooner.
const TaskTimeout = 5 * time.Second

// Search attributes: few, written at start and at rare changes of state, never per turn. Listed with their types in
// searchattributes.json, which the development server and the compose file register.
var (
	AttributeAccount      = temporal.NewSearchAttributeKeyInt64("PereneAccount")
	AttributeConnection   = temporal.NewSearchAttributeKeyInt64("PereneConnection")
	AttributeConversation = temporal.NewSearchAttributeKeyInt64("PereneConversation")
	// AttributeFlow is a flow and its version as the console writes them: 12/v7.
	AttributeFlow = temporal.NewSearchAttributeKeyKeyword("PereneFlow")
	// AttributeState is one of the states below.
	AttributeState = temporal.NewSearchAttributeKeyKeyword("PereneState")
)

// Values of AttributeState. A FlowRun is running or needs an operator, a Connection stands as its row does (active, held,
// paused), a DeliveryRetry is retrying.
const (
	StateRunning       = "running"
	StateNeedsOperator = "needs_operator"
	StateRetrying      = "retrying"
)

// startIDs is what the inputs of all our workflows share.
type startIDs struct {
	AccountID      models.AccountID      `json:"account_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	FlowID         models.FlowID         `json:"flow_id"`
	RunID          models.FlowRunID      `json:"run_id"`
	Version        int                   `json:"version"`
	MessageID      models.MessageID      `json:"message_id"`
	MediaID        models.MediaID        `json:"media_id"`
}

func idsOf(b contract.Doorbell) startIDs {
	var ids startIDs
	_ = json.Unmarshal(b.Input, &ids) // a doorbell's input is written by models
	return ids
}

// SearchAttributes are what a workflow started by this doorbell is found by.
func SearchAttributes(b contract.Doorbell) temporal.SearchAttributes {
	ids := idsOf(b)
	var updates []temporal.SearchAttributeUpdate
	if ids.AccountID != 0 {
		updates = append(updates, AttributeAccount.ValueSet(int64(ids.AccountID)))
	}
	if ids.ConnectionID != 0 {
		updates = append(updates, AttributeConnection.ValueSet(int64(ids.ConnectionID)))
	}
	if ids.ConversationID != 0 {
		updates = append(updates, AttributeConversation.ValueSet(int64(ids.ConversationID)))
	}
	if ids.FlowID != 0 {
		updates = append(updates, AttributeFlow.ValueSet(fmt.Sprintf("%d/v%d", ids.FlowID, ids.Version)))
	}
	switch b.WorkflowType {
	case contract.WorkflowFlowRun:
		updates = append(updates, AttributeState.ValueSet(StateRunning))
	case contract.WorkflowConnection:
		updates = append(updates, AttributeState.ValueSet(string(models.ConnectionActive)))
	case contract.WorkflowDeliveryRetry:
		updates = append(updates, AttributeState.ValueSet(StateRetrying))
	}
	return temporal.NewSearchAttributes(updates...)
}

// StaticSummary is the line an operator reads in Temporal's lists. Ids only.
func StaticSummary(b contract.Doorbell) string {
	ids := idsOf(b)
	switch b.WorkflowType {
	case contract.WorkflowFlowRun:
		return fmt.Sprintf("flow %d v%d · conversation %d · connection %d · account %d", ids.FlowID, ids.Version, ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case contract.WorkflowSessionWindow:
		return fmt.Sprintf("24-hour window · conversation %d · connection %d · account %d", ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case contract.WorkflowConnection:
		return fmt.Sprintf("connection %d · account %d", ids.ConnectionID, ids.AccountID)
	case contract.WorkflowDeliveryRetry:
		return fmt.Sprintf("later tries of message %d · conversation %d · connection %d · account %d", ids.MessageID, ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case contract.WorkflowMediaFetch:
		return fmt.Sprintf("fetch file %d · connection %d · account %d", ids.MediaID, ids.ConnectionID, ids.AccountID)
	case contract.WorkflowHousekeeping:
		return "removes what nobody needs any more, every hour"
	}
	return b.WorkflowType
}

// StaticDetails say in Temporal Web what a workflow is, with links into the console at that address; ids only. (A history
// that is continued as new loses them, so that current details have the links too.)
func StaticDetails(b contract.Doorbell, console string) string {
	ids, console := idsOf(b), strings.TrimSuffix(console, "/")
	const reads = " *Current Details* say how it stands."
	switch b.WorkflowType {
	case contract.WorkflowFlowRun:
		return "One contact's way through one version of a flow." + reads + links(console, runLink(ids.RunID), conversationLink(ids.ConversationID), flowLink(ids.FlowID))
	case contract.WorkflowSessionWindow:
		return "Lives while a conversation's 24-hour window is open." + reads + links(console, conversationLink(ids.ConversationID))
	case contract.WorkflowConnection:
		return "Sends what a connection has queued, and looks after it." + reads + links(console, connectionsLink)
	case contract.WorkflowDeliveryRetry:
		return "Makes the later tries of one failed message, until it is sent, the person replies or somebody cancels it." + reads + links(console, conversationLink(ids.ConversationID))
	case contract.WorkflowMediaFetch:
		return "Fetches one file of one inbound message." + reads
	}
	return ""
}
