package worker

import "github.com/perene/perene/workflows"

// RegisterSenderActivities registers what connections do: sending, probing, synchronising.
func RegisterSenderActivities(r ActivityRegistry, a Activities) {
	register(r, workflows.ActivitySendPending, a.Sender.SendPending)
	register(r, workflows.ActivityProbeConnection, a.Sender.ProbeConnection)
	register(r, workflows.ActivitySyncConnection, a.Sender.SyncConnection)
	register(r, workflows.ActivityPauseConnection, a.Sender.PauseConnection)
	register(r, workflows.ActivityResumeConnection, a.Sender.ResumeConnection)
}

// RegisterRetryActivities registers the short steps of connections and later tries; they run as local activities beside the
// workflows.
func RegisterRetryActivities(r ActivityRegistry, a Activities) {
	register(r, workflows.ActivityReadConnection, a.Sender.ReadConnection)
	register(r, workflows.ActivityReadRetry, a.Sender.ReadRetry)
	register(r, workflows.ActivityRequeueRetry, a.Sender.RequeueRetry)
	register(r, workflows.ActivityStopRetry, a.Sender.StopRetry)
}

// RegisterMediaActivities registers what files need.
func RegisterMediaActivities(r ActivityRegistry, a Activities) {
	register(r, workflows.ActivityFetchMedia, a.Media.FetchMedia)
}
