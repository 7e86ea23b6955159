package activities

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/testsuite"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/models"
)

// fakePrune has a number of old rows of each kind.
type fakePrune struct {
	left   map[string]int64
	before map[string]time.Duration // asked for, back from now
	now    time.Time
	fail   string
}

func (f *fakePrune) prune(what string, before time.Time, limit int) (int64, error) {
	if what == f.fail {
		return 0, models.Errorf(models.CodeUnavailable, "away")
	}
	f.before[what] = f.now.Sub(before)
	n := min(int64(limit), f.left[what])
	f.left[what] -= n
	return n, nil
}

func (f *fakePrune) PruneEvents(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("events", b, n)
}

func (f *fakePrune) PruneParked(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("parked", b, n)
}

func (f *fakePrune) PruneIdempotencyKeys(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("keys", b, n)
}

func (f *fakePrune) PruneLoginFailures(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("failures", b, n)
}

func (f *fakePrune) PruneSignIns(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("sign-ins", b, n)
}

func (f *fakePrune) PruneLoginLinks(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("links", b, n)
}

func (f *fakePrune) PruneUploads(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("uploads", b, n)
}

func (f *fakePrune) PruneMedia(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("media", b, n)
}

func (f *fakePrune) PruneBulkJobs(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("bulk_jobs", b, n)
}

func (f *fakePrune) PruneNotifications(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("notifications", b, n)
}

func (f *fakePrune) PruneWebhookEvents(_ context.Context, b time.Time, n int) (int64, error) {
	return f.prune("webhook_events", b, n)
}

func (f *fakePrune) PruneUnusedMedia(_ context.Context, b time.Time, n int, _ func(context.Context, string) error) (int64, error) {
	return f.prune("unused", b, n)
}

func TestPruneTakesBatchAfterBatchAndCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f := &fakePrune{now: now, before: map[string]time.Duration{}, left: map[string]int64{
		"events": 3*pruneBatch + 7, "parked": pruneBatch, "keys": 1, "failures": 2, "sign-ins": 3, "links": 4, "uploads": 5, "media": 6, "unused": 7, "bulk_jobs": 8, "webhook_events": 9, "notifications": 10}}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	house := NewHouse(f, &blobs.Memory{}, func() time.Time { return now })
	env.RegisterActivity(house.Prune)
	got, err := env.ExecuteActivity(house.Prune, contract.PruneInput{})
	if err != nil {
		t.Fatal(err)
	}
	var out contract.PruneResult
	if err := got.Get(&out); err != nil {
		t.Fatal(err)
	}
	want := contract.PruneResult{Events: 3*pruneBatch + 7, ParkedStatuses: pruneBatch, IdempotencyKeys: 1, LoginFailures: 2, SignIns: 3, LoginLinks: 4, Uploads: 5, Media: 6, UnusedMedia: 7, BulkJobs: 8, WebhookEvents: 9, Notifications: 10}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	const day = 24 * time.Hour
	kept := map[string]time.Duration{"events": 7 * day, "parked": 8 * day, "keys": day, "failures": day, "sign-ins": 30 * day, "links": day, "uploads": day, "media": 8 * day, "unused": 7 * day, "bulk_jobs": 30 * day, "webhook_events": 30 * day, "notifications": 30 * day}
	if diff := cmp.Diff(kept, f.before); diff != "" {
		t.Error(diff)
	}
	f.fail = "sign-ins"
	if _, err := env.ExecuteActivity(house.Prune, contract.PruneInput{}); err == nil {
		t.Error("a database that is away is no error")
	}
}
