package worker

import (
	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
)

// ActivityRegistry is what activities are registered with.
type ActivityRegistry interface {
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// registerFlows registers what workflows ask for on their own task queue: steps and windows, calls to the outside, the short
// steps of connections, later tries and tickets, and housekeeping. Most of them run as local activities.
func registerFlows(r ActivityRegistry, a Activities) {
	register(r, contract.ActivityStepFlow, a.Flows.StepFlow)
	register(r, contract.ActivityRefreshWindow, a.Flows.RefreshWindow)
	register(r, contract.ActivityCallHTTP, a.Calls.CallHTTP)
	register(r, contract.ActivityReadConnection, a.Connections.ReadConnection)
	register(r, contract.ActivityReadRetry, a.Connections.ReadRetry)
	register(r, contract.ActivityRequeueRetry, a.Connections.RequeueRetry)
	register(r, contract.ActivityStopRetry, a.Connections.StopRetry)
	register(r, contract.ActivityTicketTurn, a.Tickets.TicketTurn)
	register(r, contract.ActivityReadClosure, a.Tickets.ReadClosure)
	register(r, contract.ActivityCloseDue, a.Tickets.CloseDue)
	register(r, contract.ActivityReadScheduled, a.Tickets.ReadScheduled)
	register(r, contract.ActivitySendDue, a.Tickets.SendDue)
	register(r, contract.ActivitySurveyTurn, a.Tickets.SurveyTurn)
	register(r, contract.ActivityRunTicketCommand, a.Tickets.RunTicketCommand)
	register(r, contract.ActivityRunBulkBatch, a.Bulk.RunBulkBatch)
	register(r, contract.ActivityStepBroadcast, a.Broadcasts.StepBroadcast)
	register(r, contract.ActivityFlowReleaseTurn, a.Releases.FlowReleaseTurn)
	register(r, contract.ActivityDeliverWebhooks, a.Webhooks.DeliverWebhooks)
	register(r, contract.ActivityPrune, a.House.Prune)
}

// registerSenders registers what connections do: sending, probing, synchronising.
func registerSenders(r ActivityRegistry, a Activities) {
	register(r, contract.ActivitySendPending, a.Connections.SendPending)
	register(r, contract.ActivityProbeConnection, a.Connections.ProbeConnection)
	register(r, contract.ActivitySyncConnection, a.Connections.SyncConnection)
	register(r, contract.ActivityPauseConnection, a.Connections.PauseConnection)
	register(r, contract.ActivityResumeConnection, a.Connections.ResumeConnection)
}

// registerMedia registers what files need.
func registerMedia(r ActivityRegistry, a Activities) {
	register(r, contract.ActivityFetchMedia, a.Media.FetchMedia)
}

func register(r ActivityRegistry, name string, f any) {
	r.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
}
