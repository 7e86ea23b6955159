package workflows

import (
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/models"
)

// TaskTimeout is how long a worker may take for one workflow task. Shorter than the usual 10 s, so that the tasks of a
// killed worker go to another one sooner.
const TaskTimeout = 5 * time.Second

// Search attributes: few, written at start, all numbers. Listed with their types in searchattributes.json, which the
// development server and the compose file register.
var (
	AttributeAccount      = temporal.NewSearchAttributeKeyInt64("PereneAccount")
	AttributeConnection   = temporal.NewSearchAttributeKeyInt64("PereneConnection")
	AttributeConversation = temporal.NewSearchAttributeKeyInt64("PereneConversation")
	// AttributeFlow and AttributeNode are written as keywords, so that saved queries read like the console: flow 7, node menu.
	AttributeFlow  = temporal.NewSearchAttributeKeyKeyword("PereneFlow")
	AttributeNode  = temporal.NewSearchAttributeKeyKeyword("PereneNode")
	AttributeState = temporal.NewSearchAttributeKeyKeyword("PereneState")
)

// startIDs is what the inputs of all our workflows share.
type startIDs struct {
	AccountID      models.AccountID      `json:"account_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	FlowID         models.FlowID         `json:"flow_id"`
	Version        int                   `json:"version"`
	MessageID      models.MessageID      `json:"message_id"`
	MediaID        models.MediaID        `json:"media_id"`
}

func idsOf(b models.Doorbell) startIDs {
	var ids startIDs
	_ = json.Unmarshal(b.Input, &ids) // a doorbell's input is written by models
	return ids
}

// SearchAttributes are what a workflow started by this doorbell is found by.
func SearchAttributes(b models.Doorbell) temporal.SearchAttributes {
	ids := idsOf(b)
	updates := []temporal.SearchAttributeUpdate{AttributeAccount.ValueSet(int64(ids.AccountID))}
	if ids.ConnectionID != 0 {
		updates = append(updates, AttributeConnection.ValueSet(int64(ids.ConnectionID)))
	}
	if ids.ConversationID != 0 {
		updates = append(updates, AttributeConversation.ValueSet(int64(ids.ConversationID)))
	}
	if ids.FlowID != 0 {
		updates = append(updates, AttributeFlow.ValueSet(fmt.Sprintf("%d/v%d", ids.FlowID, ids.Version)))
	}
	return temporal.NewSearchAttributes(updates...)
}

// StaticSummary is the line an operator reads in Temporal's lists. Ids only.
func StaticSummary(b models.Doorbell) string {
	ids := idsOf(b)
	switch b.WorkflowType {
	case TypeFlowRun:
		return fmt.Sprintf("flow %d v%d · conversation %d · connection %d · account %d", ids.FlowID, ids.Version, ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case TypeSessionWindow:
		return fmt.Sprintf("24-hour window · conversation %d · connection %d · account %d", ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case TypeConnection:
		return fmt.Sprintf("connection %d · account %d", ids.ConnectionID, ids.AccountID)
	case TypeDeliveryRetry:
		return fmt.Sprintf("later tries of message %d · conversation %d · connection %d · account %d", ids.MessageID, ids.ConversationID, ids.ConnectionID, ids.AccountID)
	case TypeMediaFetch:
		return fmt.Sprintf("fetch file %d · connection %d · account %d", ids.MediaID, ids.ConnectionID, ids.AccountID)
	}
	return b.WorkflowType
}
