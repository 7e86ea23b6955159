// Package workflows holds Perene's processes: what waits, in which order, until when. Every file is one workflow. Package
// contract has the words: task queues, workflow ids, names of signals, updates and queries, inputs and results.
//
// Workflows decide, activities do, the engine thinks. No input, signal, result or summary holds words of customers, names
// or phone numbers: ids, sequence numbers, deadlines and small codes only.
package workflows

import "github.com/perene/perene/contract"

// VersionRereadWhenRung is the behaviour of a Connection that reads its row when it is rung while it rests, and that
// continues as new also for the length of its history: before, an admin's resumption was not noticed until the next probe.
const VersionRereadWhenRung = "reread-when-rung"

// Versions are the behaviours of each workflow, oldest first. A change that would make a running history replay
// differently gets a new name here, is chosen in the code by workflow.GetVersion, and is recorded: replay_test.go fails
// while testdata/histories holds no history of it, named TYPE.VERSION.SCENARIO.json (see CONTRIBUTING.md).
var Versions = map[string][]string{
	contract.WorkflowFlowRun:       {"initial"},
	contract.WorkflowSessionWindow: {"initial"},
	contract.WorkflowConnection:    {"initial", VersionRereadWhenRung},
	contract.WorkflowDeliveryRetry: {"initial"},
	contract.WorkflowMediaFetch:    {"initial"},
	contract.WorkflowHousekeeping:  {"initial"},
}
