package activities

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// The contract lists each code that the engine's lines may have. The console has words for each.
func TestTheContractHasTheEnginesLines(t *testing.T) {
	t.Parallel()
	var want []models.NoteCode
	for _, code := range flow.LineCodes() {
		want = append(want, models.NoteCode(code))
	}
	got := slices.DeleteFunc(slices.Clone(models.NoteCodes), func(c models.NoteCode) bool {
		return slices.Contains(models.OwnNoteCodes, c)
	})
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-the engine's +the contract's):\n%s", diff)
	}
}
