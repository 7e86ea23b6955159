package temporal

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
)

// scraped are the names that the server tells Prometheus.
func scraped(t *testing.T, opts Options) map[string]bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+net.JoinHostPort(host, strconv.Itoa(opts.MetricsPort))+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v", response.Status, err)
	}
	names := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(string(body), -1) {
		names[found[1]] = true
	}
	return names
}

// scrapedWith are they once others are there; what is recorded is told every second.
func scrapedWith(t *testing.T, opts Options, others ...string) map[string]bool {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		names := scraped(t, opts)
		missing := slices.DeleteFunc(slices.Clone(others), func(name string) bool { return names[name] })
		if len(missing) == 0 {
			return names
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%q are not told", missing)
		}
	}
}

func TestMetricsThatNobodyReadsAreRecordedWhereAskedForOnly(t *testing.T) {
	often := []string{"lock_latency", "service_latency_nouserlatency", "cache_pinned_usage", "client_latency", "execution_info_size", "pri_poll_latency"}
	always := []string{
		"service_requests", "service_latency", "persistence_requests", "persistence_latency", "task_requests", "task_latency",
		"task_schedule_to_start_latency", "poll_success_sync", "syncmatch_latency", "cache_miss",
		"history_size", "mutable_state_size", "sharditem_created_count", "workflow_tasks_completed",
	}
	for _, all := range []bool{false, true} {
		c, opts := serve(t, func(o *Options) { o.AllMetrics = all })
		turn := begunTurns(t, c)
		turn("one")
		turn("two")
		if all {
			scrapedWith(t, opts, slices.Concat(always, often)...)
			continue
		}
		names := scrapedWith(t, opts, always...)
		for name := range names {
			if slices.Contains(often, name) || !wanted(name) {
				t.Errorf("%s is told", name)
			}
		}
	}
}

func TestWhatFailsIsCountedAlways(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`error|fail|lost|timeout|reject|miss|drop|discard|exhausted|corrupt|panic|closed`)
	for name := range unread {
		if bad.MatchString(name) {
			t.Errorf("%s is not recorded", name)
		}
	}
	for _, name := range []string{
		metrics.PersistenceErrorWithType.Name(), // read by chaos/faults.go
		metrics.PersistenceFailures.Name(), metrics.ServiceErrorWithType.Name(), metrics.ServiceFailures.Name(),
		metrics.TaskFailures.Name(), metrics.ApproximateBacklogCount.Name(), metrics.ShardContextClosedCounter.Name(),
	} {
		if !wanted(name) {
			t.Errorf("%s is not recorded", name)
		}
	}
}

// noting is a handler that notes which tags were asked for, and what was recorded with them.
type noting struct {
	notes *[]string
	tags  string
}

func (n noting) note(kind, name string) { *n.notes = append(*n.notes, kind+" "+name+n.tags) }
func (n noting) WithTags(tags ...metrics.Tag) metrics.Handler {
	for _, each := range tags {
		n.tags += " " + each.Key + "=" + each.Value
	}
	n.note("tags", "")
	return n
}
func (n noting) Counter(name string) metrics.CounterIface {
	return metrics.CounterFunc(func(int64, ...metrics.Tag) { n.note("counter", name) })
}
func (n noting) Gauge(name string) metrics.GaugeIface {
	return metrics.GaugeFunc(func(float64, ...metrics.Tag) { n.note("gauge", name) })
}
func (n noting) Timer(name string) metrics.TimerIface {
	return metrics.TimerFunc(func(time.Duration, ...metrics.Tag) { n.note("timer", name) })
}
func (n noting) Histogram(name string, unit metrics.MetricUnit) metrics.HistogramIface {
	return metrics.HistogramFunc(func(int64, ...metrics.Tag) { n.note("histogram", name+" "+string(unit)) })
}
func (n noting) Stop(log.Logger)                        { n.note("stop", "") }
func (n noting) StartBatch(string) metrics.BatchHandler { return nil }

func TestTagsCostNothingUntilSomethingIsRecordedThatIsRead(t *testing.T) {
	t.Parallel()
	var notes []string
	root := sparingly(noting{notes: &notes})
	tags := []metrics.Tag{{Key: "a", Value: "1"}}
	outer := root.WithTags(tags...)
	tags[0].Value = "changed later"
	inner := outer.WithTags(metrics.Tag{Key: "b", Value: "2"})
	record := func() {
		inner.Counter("lock_requests").Record(1)
		inner.Timer("lock_latency").Record(1)
		inner.Gauge("cache_usage").Record(1)
		inner.Histogram("event_blob_size", metrics.Bytes).Record(1)
		inner.Timer("pri_poll_latency").Record(1)
	}
	if record(); len(notes) != 0 {
		t.Errorf("for nothing: %q", notes)
	}
	for range 2 {
		record()
		inner.Counter("service_requests").Record(1)
		inner.Timer("service_latency").Record(1)
		inner.StartBatch("batch").Gauge("pending_polls").Record(1)
		inner.Histogram("history_size", metrics.Bytes).Record(1)
	}
	root.Counter("restarts").Record(1)
	inner.Stop(log.NewNoopLogger())
	once := []string{"counter service_requests a=1 b=2", "timer service_latency a=1 b=2", "gauge pending_polls a=1 b=2", "histogram history_size By a=1 b=2"}
	want := slices.Concat([]string{"tags  a=1", "tags  a=1 b=2"}, once, once, []string{"counter restarts", "stop  a=1 b=2"})
	if !slices.Equal(notes, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}
