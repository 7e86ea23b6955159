package flow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/flow"
)

// A run is shown as it stands in the flow that it called last.
func TestViewShowsTheInnermostFlow(t *testing.T) {
	t.Parallel()
	by := &flow.Started{Kind: "manual", By: "7"}
	for name, c := range map[string]struct {
		state flow.State
		want  flow.View
	}{
		"before the first step": {flow.State{}, flow.View{Variables: map[string]any{}, Answers: map[string]any{}}},
		"a sub-flow without answers": {
			flow.State{Trigger: by, Trail: []flow.Visit{{N: 1, Node: "a"}}, Frames: []flow.Frame{
				{Flow: "1", Vars: map[string]any{"outer": 1}, Answers: map[string]any{"a": "x"}}, {Flow: "2", Vars: map[string]any{"inner": 2}}}},
			flow.View{StartedBy: by, Trail: []flow.Visit{{N: 1, Node: "a"}}, Variables: map[string]any{"inner": 2}, Answers: map[string]any{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.state.View()); diff != "" {
				t.Errorf("view (-want +got):\n%s", diff)
			}
		})
	}
}
