package models

import "fmt"

// Secrets of connections, as they are named in places.
const (
	SecretAccessToken = "access_token"
	SecretAppSecret   = "app_secret"
	SecretVerifyToken = "verify_token"
)

// ConnectionSecretPlace is where a connection's secret is sealed for (ADR 8). A secret keeps its place when it becomes
// the previous one, because it is moved without being opened.
func ConnectionSecretPlace(id ConnectionID, field string) string {
	return "connection/" + id.String() + "/" + secretPlaceName(field)
}

// AccountSecretPlace is where a secret that an account's flows name is sealed for (ADR 8).
func AccountSecretPlace(account AccountID, name string) string {
	return fmt.Sprintf("account/%d/secret/%s", account, name)
}

// AccountSecret is a sealed secret that flows may name, and the hosts it may travel to, each with a port where it is not the
// usual one. Without hosts it travels nowhere (S12).
type AccountSecret struct {
	Name   string
	Sealed []byte
	Hosts  []string
}
