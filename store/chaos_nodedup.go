//go:build chaos_nodedup

package store

import "github.com/google/uuid"

// storedID makes every delivery a message of its own: a build that `go run ./chaos -plan sabotage` has to find out.
func storedID(providerID string) string { return providerID + "#" + uuid.NewString() }
