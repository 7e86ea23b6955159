package models_test

import (
	"testing"

	"github.com/perene/perene/models"
)

// Design: only live and late messages concern somebody now.
func TestOnlyLiveAndLateArrivalsCount(t *testing.T) {
	t.Parallel()
	var counting []models.Arrival
	for _, a := range models.Arrivals() {
		if a.Counts() {
			counting = append(counting, a)
		}
	}
	if len(counting) != 2 || counting[0] != models.ArrivalLive || counting[1] != models.ArrivalLate {
		t.Errorf("%v count, want live and late alone", counting)
	}
	if models.Arrival("").Counts() {
		t.Error("a message of ours counts as one that came")
	}
}
