// Package contract holds the words that the rooms say to each other: task queues, names of workflows and activities, workflow
// ids, inputs, results and doorbells. Each workflow has a file here. Starters, workers, the store and the sender know each
// other only through it, and a history that is read next year still finds its words. It imports nothing but models.
//
// No input, signal or result of a workflow or activity holds words of customers, names or phone numbers: ids, sequence
// numbers, deadlines and small codes only. Shapes that stay in one process, such as StepDecision, may hold them.
package contract

// TaskQueue is where all workflows and their activities run. Senders' activities have their own queue, so that a slow
// provider never takes the slots of flows.
const (
	TaskQueue       = "perene"
	SenderTaskQueue = "perene-sender"
	MediaTaskQueue  = "perene-media"
)

// UpdateRing and SignalRing are the doorbell: a fact without data. The update rides on a speculative workflow task and
// costs nothing until the turn completes. The signal waits durably in Temporal while no worker answers.
const (
	UpdateRing = "ring"
	SignalRing = "rang"
)

// QueryState reads what a workflow waits for. Every workflow answers it.
const QueryState = "state"
