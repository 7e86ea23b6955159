package main

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestSDKMetricsKeepTheLabelsWeKnow(t *testing.T) {
	reg := prometheus.NewRegistry()
	root := newMetricsHandler(reg)
	flows := root.WithTags(map[string]string{"task_queue": "flows", "namespace": "dropped"})
	flows.WithTags(map[string]string{"operation": "PollWorkflowTaskQueue"}).Counter("temporal_request").Inc(2)
	flows.WithTags(map[string]string{"operation": "Ring", "task_queue": "senders"}).Counter("temporal_request").Inc(1)
	root.Counter("temporal_request").Inc(1) // what was derived from it did not change it
	flows.Timer("temporal_latency").Record(20 * time.Millisecond)

	labels := func(operation, queue string) string {
		return `{activity_type="",failure_reason="",operation="` + operation + `",poller_type="",status_code="",task_queue="` + queue + `",worker_type="",workflow_type=""}`
	}
	want := "# HELP temporal_request_total Temporal SDK: temporal_request\n# TYPE temporal_request_total counter\n" +
		"temporal_request_total" + labels("", "") + " 1\n" +
		"temporal_request_total" + labels("PollWorkflowTaskQueue", "flows") + " 2\n" +
		"temporal_request_total" + labels("Ring", "senders") + " 1\n"
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "temporal_request_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(reg, "temporal_latency_seconds"); n != 1 {
		t.Errorf("%d series of a timer, want 1", n)
	}
}
