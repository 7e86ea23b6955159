package store

import (
	"strings"

	"github.com/perene/perene/models"
)

// viewerQueues is an array of the queues of the viewer.
const viewerQueues = `ARRAY(SELECT qm.queue_id FROM queue_members qm WHERE qm.account_id = @account AND qm.user_id = @viewer)`

// viewConditions say which conversations v that the viewer sees are in a view. They take @everything and @viewer.
// A list, its count and a row's lists are made of the same words, so that they cannot disagree. An open ticket has an agent,
// a waiting one has none.
var viewConditions = map[models.View]string{
	models.ViewAll: `true`,
	// Rules 062, 066, 067, 069 and Z1: of nobody, of my queues, or with the robot switched off.
	models.ViewOpen: `(v.desk = 'robot_off'
		OR v.desk = 'waiting' AND v.queue_id IS NULL
		OR v.desk IN ('waiting', 'open') AND v.queue_id IS NOT NULL AND (@everything OR v.queue_id = ANY(` + viewerQueues + `)))`,
	models.ViewMine:     `v.desk = 'open' AND v.ticket_state IS NOT NULL AND v.agent_id = @viewer`,
	models.ViewAttended: `v.desk = 'open'`,
	models.ViewSnoozed:  `v.desk = 'snoozed'`,
}

// listsSQL names the views in which a conversation v is that the viewer sees.
var listsSQL = func() string {
	cases := make([]string, len(models.Views))
	for i, view := range models.Views {
		cases[i] = `CASE WHEN ` + viewConditions[view] + ` THEN '` + string(view) + `' END`
	}
	return `array_remove(ARRAY[` + strings.Join(cases, ", ") + `], NULL)`
}()
