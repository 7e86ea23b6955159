//go:build !chaos_nodedup

package store

// storedID is the provider's id that a message is stored once under.
func storedID(providerID string) string { return providerID }
