package activities

import (
	"encoding/json"
	"fmt"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// What tools outside of a step need to show stored rows to the engine the way a step does.

// InboundToFlow shows a stored message to the engine.
func InboundToFlow(m *models.Message) flow.Inbound { return inboundToFlow(m) }

// ContactToFlow shows a contact to the engine.
func ContactToFlow(c models.Contact, labels []string) flow.Contact {
	ct, _ := snapshots(&models.StepSnapshot{Contact: c, Labels: labels})
	return ct
}

// TemplateToFlow shows a synced template to the engine.
func TemplateToFlow(t *models.Template) flow.Template { return templateToFlow(t) }

// StartOf is how a run started, without its message; fromMessage tells that the first message it took up started it.
func StartOf(run *models.FlowRun) (start flow.Start, fromMessage bool, err error) {
	var t runTrigger
	if err := json.Unmarshal(run.Trigger, &t); err != nil {
		return start, false, fmt.Errorf("read the trigger of run %d: %w", run.ID, err)
	}
	return flow.Start{Run: run.ID.String(), By: t.By, Inputs: t.Inputs, Node: t.Node}, t.FromMessage, nil
}
