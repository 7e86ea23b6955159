package store

import (
	"strings"

	"github.com/perene/perene/models"
)

// onDesk is true of the few conversations v that any view but the one of all may hold. Its index holds them.
const onDesk = `(v.ticket_state IS NOT NULL OR v.chatbot_disabled)`

// served is true of a conversation v with an open ticket that is not put off.
const served = `v.ticket_state IS NOT NULL AND NOT v.snoozed`

// viewerQueues is an array of the queues of the viewer.
const viewerQueues = `ARRAY(SELECT qm.queue_id FROM queue_members qm WHERE qm.account_id = @account AND qm.user_id = @viewer)`

// viewConditions say which conversations v that the viewer sees are in a view. They take @everything and @viewer.
// A list, its count and a row's lists are made of the same words, so that they cannot disagree.
var viewConditions = map[models.View]string{
	models.ViewAll: `true`,
	// Rules 062, 066, 067, 069 and Z1: of nobody, of my queues, or with the robot switched off.
	models.ViewOpen: onDesk + ` AND (
		` + served + ` AND (
			v.agent_id IS NULL AND v.queue_id IS NULL
			OR v.queue_id IS NOT NULL AND (@everything OR v.queue_id = ANY(` + viewerQueues + `)))
		OR v.chatbot_disabled AND v.ticket_state IS NULL AND v.in_charge <> 'flow')`,
	models.ViewMine:     onDesk + ` AND ` + served + ` AND v.agent_id = @viewer`,
	models.ViewAttended: onDesk + ` AND ` + served + ` AND v.agent_id IS NOT NULL`,
	models.ViewSnoozed:  onDesk + ` AND v.ticket_state IS NOT NULL AND v.snoozed`,
}

// listsSQL names the views in which a conversation v is that the viewer sees.
var listsSQL = func() string {
	cases := make([]string, len(models.Views))
	for i, view := range models.Views {
		cases[i] = `CASE WHEN ` + viewConditions[view] + ` THEN '` + string(view) + `' END`
	}
	return `array_remove(ARRAY[` + strings.Join(cases, ", ") + `], NULL)`
}()
