package temporal

import (
	"slices"
	"strings"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
)

// unread are metrics of Temporal that each turn of a conversation records, with which nobody runs a small installation: three
// quarters of the 180 recordings of a turn, which together took a tenth of Temporal's time. What fails is always counted, and how long
// calls, tasks and the database take. A name that is not here is recorded, also one that a later Temporal adds.
var unread = named(
	// Time without that of the other side, and calls between services of one process: service_latency and service_requests say it.
	metrics.ServiceLatencyNoUserLatency, metrics.ServiceLatencyUserLatency, metrics.ServiceAuthorizationLatency,
	metrics.ClientRequests, metrics.ClientLatency, metrics.GetEngineForShardLatency,
	// Locks and caches; their errors and misses are counted.
	metrics.LockRequests, metrics.LockLatency, metrics.SemaphoreRequests, metrics.SemaphoreLatency,
	metrics.HistoryWorkflowExecutionCacheLockHoldDuration, metrics.CacheRequests, metrics.CacheLatency, metrics.CacheUsage, metrics.CachePinnedUsage,
	metrics.CacheEntryAgeOnGet, metrics.CacheEntryAgeOnEviction,
	// What one pays by where Temporal is a service, and sizes of single events.
	metrics.ActionCounter, metrics.OperationCounter, metrics.CommandCounter, metrics.HeaderSize, metrics.EventBlobSize,
	// Each part of a workflow's state; the whole (mutable_state_size, persisted_mutable_state_size) is recorded.
	metrics.ExecutionInfoSize, metrics.ExecutionStateSize, metrics.ActivityInfoSize, metrics.TimerInfoSize, metrics.ChildInfoSize,
	metrics.RequestCancelInfoSize, metrics.SignalInfoSize, metrics.SignalRequestIDSize, metrics.BufferedEventsSize, metrics.ChasmTotalSize,
	metrics.ActivityInfoCount, metrics.TimerInfoCount, metrics.ChildInfoCount, metrics.SignalInfoCount, metrics.RequestCancelInfoCount,
	metrics.SignalRequestIDCount, metrics.BufferedEventsCount, metrics.TaskCount, metrics.TotalActivityCount, metrics.TotalUserTimerCount,
	metrics.TotalChildExecutionCount, metrics.TotalRequestCancelExternalCount, metrics.TotalSignalExternalCount, metrics.TotalSignalCount,
	metrics.StateTransitionCount,
	// Steps on the way of an update; those that go wrong have names of their own.
	metrics.MessageTypeRequestWorkflowExecutionUpdateCounter, metrics.MessageTypeAcceptWorkflowExecutionUpdateCounter,
	metrics.MessageTypeRespondWorkflowExecutionUpdateCounter, metrics.WorkflowExecutionUpdateRegistrySize,
	metrics.WorkflowExecutionUpdateSentToWorker, metrics.WorkflowExecutionUpdateWaitStageCompleted, metrics.SpeculativeWorkflowTaskCommits,
	metrics.CompleteWorkflowTaskWithStickyEnabledCounter, metrics.NewTimerNotifyCounter,
	metrics.HistoryEventNotificationQueueingLatency, metrics.HistoryEventNotificationFanoutLatency, metrics.HistoryEventNotificationInFlightMessageGauge,
)

// again begins the names under which matching records once more what it has just recorded.
const again = "pri_"

func named(all ...interface{ Name() string }) map[string]bool {
	names := make(map[string]bool, len(all))
	for _, each := range all {
		names[each.Name()] = true
	}
	return names
}

// sparing hands what is wanted on to another handler. Many handlers are made for a call and record nothing that is wanted, so that
// each has a handler of its own with its tags only once it does.
type sparing struct {
	parent *sparing
	tags   []metrics.Tag
	own    atomic.Pointer[metrics.Handler]
}

// sparingly records everything but what is unread.
func sparingly(all metrics.Handler) metrics.Handler {
	s := &sparing{}
	s.own.Store(&all)
	return s
}

func (s *sparing) handler() metrics.Handler {
	if own := s.own.Load(); own != nil {
		return *own
	}
	own := s.parent.handler().WithTags(s.tags...)
	s.own.Store(&own)
	return own
}

func wanted(name string) bool { return !unread[name] && !strings.HasPrefix(name, again) }

// WithTags adds tags to all that is recorded.
func (s *sparing) WithTags(tags ...metrics.Tag) metrics.Handler {
	return &sparing{parent: s, tags: slices.Clone(tags)} // a caller may change its own
}

// Counter returns the counter of a name.
func (s *sparing) Counter(name string) metrics.CounterIface {
	if !wanted(name) {
		return metrics.NoopCounterMetricFunc
	}
	return s.handler().Counter(name)
}

// Gauge returns the gauge of a name.
func (s *sparing) Gauge(name string) metrics.GaugeIface {
	if !wanted(name) {
		return metrics.NoopGaugeMetricFunc
	}
	return s.handler().Gauge(name)
}

// Timer returns the timer of a name.
func (s *sparing) Timer(name string) metrics.TimerIface {
	if !wanted(name) {
		return metrics.NoopTimerMetricFunc
	}
	return s.handler().Timer(name)
}

// Histogram returns the histogram of a name.
func (s *sparing) Histogram(name string, unit metrics.MetricUnit) metrics.HistogramIface {
	if !wanted(name) {
		return metrics.NoopHistogramMetricFunc
	}
	return s.handler().Histogram(name, unit)
}

// Stop ends the handler that everything is handed on to.
func (s *sparing) Stop(logger log.Logger) { s.handler().Stop(logger) }

// StartBatch begins nothing, as Temporal's handler for Prometheus does.
func (s *sparing) StartBatch(string) metrics.BatchHandler { return s }

// Close ends nothing.
func (s *sparing) Close() error { return nil }
