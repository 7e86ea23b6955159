package workflows_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
	sdk "go.temporal.io/sdk/worker"

	"github.com/perene/perene/worker"
	"github.com/perene/perene/workflows"
)

// House rule 6, R25: every recorded history replays on this code, and every named version has one.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/histories/*.json")
	if err != nil {
		t.Fatal(err)
	}
	recorded := map[string]bool{}
	for _, file := range files {
		parts := strings.SplitN(strings.TrimSuffix(filepath.Base(file), ".json"), ".", 3)
		if len(parts) != 3 {
			t.Errorf("%s is not named TYPE.VERSION.SCENARIO.json", file)
			continue
		}
		recorded[parts[0]+"."+parts[1]] = true
		t.Run(strings.Join(parts, "/"), func(t *testing.T) {
			t.Parallel()
			// A machine that stands still for a second is no workflow that does.
			r, err := sdk.NewWorkflowReplayerWithOptions(sdk.WorkflowReplayerOptions{DisableDeadlockDetection: true})
			if err != nil {
				t.Fatal(err)
			}
			worker.RegisterWorkflows(r)
			if err := r.ReplayWorkflowHistoryFromJSONFile(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), file); err != nil {
				t.Error(err)
			}
		})
	}
	for _, kind := range workflows.Table() {
		for _, v := range kind.Versions {
			if !recorded[kind.Name+"."+v] {
				t.Errorf("no recorded history of %s, version %s: record one with `perene history WORKFLOW_ID > workflows/testdata/histories/%s.%s.SCENARIO.json`", kind.Name, v, kind.Name, v)
			}
		}
	}
}
