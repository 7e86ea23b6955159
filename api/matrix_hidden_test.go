package api

import (
	"regexp"
	"slices"
	"testing"

	"github.com/perene/perene/models"
)

// seenByQueue begin the paths of things that sight decides about: of other queues a user learns nothing.
var seenByQueue = regexp.MustCompile(`^/v1/(contacts|contact-notes|conversations|messages|tickets|media|scheduled-messages)/\{id\}`)

// TestWhatAUserMayNotSeeIsTried: S6. Every operation on one thing that sight decides about is tried with one of another
// queue, so that reading one thing is never wider than the list of them.
func TestWhatAUserMayNotSeeIsTried(t *testing.T) {
	t.Parallel()
	tried := 0
	for path, item := range contractAlone().Paths {
		for _, op := range operationsOf(item) {
			if !seenByQueue.MatchString(path) || !allowed(op, models.RoleUser) {
				continue
			}
			tried++
			if !slices.ContainsFunc(samples[op.OperationID], func(s sample) bool { return s.hidden != "" }) {
				t.Errorf("%s has no sample with an id that a user must not see: set hidden", op.OperationID)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d operations were found", tried)
	}
}
