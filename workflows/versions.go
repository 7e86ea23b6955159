package workflows

// VersionRereadWhenRung is the behaviour of a Connection that reads its row when it is rung while it rests, and that
// continues as new also for the length of its history: before, an admin's resumption was not noticed until the next probe.
const VersionRereadWhenRung = "reread-when-rung"

// Versions are the behaviours of each workflow, oldest first. A change that would make a running history replay
// differently gets a new name here, is chosen in the code by workflow.GetVersion, and is recorded: replay_test.go fails
// while testdata/histories holds no history of it, named TYPE.VERSION.SCENARIO.json (see CONTRIBUTING.md).
var Versions = map[string][]string{
	TypeFlowRun:       {"initial"},
	TypeSessionWindow: {"initial"},
	TypeConnection:    {"initial", VersionRereadWhenRung},
	TypeDeliveryRetry: {"initial"},
	TypeMediaFetch:    {"initial"},
	TypeHousekeeping:  {"initial"},
}
