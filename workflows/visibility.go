package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"

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
// paused), a DeliveryRetry is retrying, a Ticket stands as its row does (waiting, open) or is snoozed.
const (
	StateRunning       = "running"
	StateNeedsOperator = "needs_operator"
	StateRetrying      = "retrying"
	StateSnoozed       = "snoozed"
)

// attributes are the values of the search attributes of one workflow. Zero values are not written.
type attributes struct {
	account      models.AccountID
	connection   models.ConnectionID
	conversation models.ConversationID
	flow         string
	state        string
}

func (a attributes) typed() temporal.SearchAttributes {
	var updates []temporal.SearchAttributeUpdate
	number := func(key temporal.SearchAttributeKeyInt64, id int64) {
		if id != 0 {
			updates = append(updates, key.ValueSet(id))
		}
	}
	word := func(key temporal.SearchAttributeKeyKeyword, value string) {
		if value != "" {
			updates = append(updates, key.ValueSet(value))
		}
	}
	number(AttributeAccount, int64(a.account))
	number(AttributeConnection, int64(a.connection))
	number(AttributeConversation, int64(a.conversation))
	word(AttributeFlow, a.flow)
	word(AttributeState, a.state)
	return temporal.NewSearchAttributes(updates...)
}
