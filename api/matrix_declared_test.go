package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/models"
)

// TestStartRefusesUndeclaredOperations: an operation without a permission does not start, nor does a permission without an
// operation (house rule 5).
func TestStartRefusesUndeclaredOperations(t *testing.T) {
	spec := contractAlone()
	if err := checkOperations(spec, operationPermissions); err != nil {
		t.Fatal(err)
	}
	missing := maps.Clone(operationPermissions)
	delete(missing, "stop-flow-run")
	if err := checkOperations(spec, missing); err == nil || !strings.Contains(err.Error(), "stop-flow-run") {
		t.Errorf("an undeclared operation: %v", err)
	}
	extra := maps.Clone(operationPermissions)
	extra["delete-everything"] = ConnectionsManage
	if err := checkOperations(spec, extra); err == nil || !strings.Contains(err.Error(), "delete-everything") {
		t.Errorf("a permission without an operation: %v", err)
	}
}

// TestEveryRouteIsKnown: what the router serves under /v1 is in the contract, apart from the WebSocket.
func TestEveryRouteIsKnown(t *testing.T) {
	w := newWorld(t)
	known := map[string]bool{"GET /v1/events": true}
	for path, item := range contractAlone().Paths {
		for method := range operationsOf(item) {
			known[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = true
		}
	}
	for _, r := range w.app.engine.Routes() {
		if strings.HasPrefix(r.Path, "/v1/") && !known[r.Method+" "+r.Path] {
			t.Errorf("%s %s is served and not in the contract", r.Method, r.Path)
		}
	}
}

// TestConnectionsAreForAdministrators: rules 005 and 051.
func TestConnectionsAreForAdministrators(t *testing.T) {
	for _, role := range []models.Role{models.RoleUser, models.RoleSupervisor} {
		for _, p := range RolePermissions(role) {
			if strings.HasPrefix(string(p), "connections:") {
				t.Errorf("%s has %s", role, p)
			}
		}
	}
	for id, p := range operationPermissions {
		if p != Public && p != SignedIn && !slices.Contains(RolePermissions(models.RoleAdmin), p) {
			t.Errorf("an administrator may not %s", id)
		}
	}
}
