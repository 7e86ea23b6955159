//go:build chaos_blindresend

package store

import "github.com/perene/perene/models"

// unknownVerdict sends again at once after a lost answer: a build that `go run ./chaos -plan sabotage` has to find out.
func unknownVerdict(models.Verdict) models.Verdict {
	return models.Verdict{Kind: models.VerdictAgain}
}
