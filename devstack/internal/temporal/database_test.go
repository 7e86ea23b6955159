package temporal

import (
	"maps"
	"testing"
)

func TestADatabaseIsTakenApartForTemporalsPrograms(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	for address, want := range map[string]struct {
		host, port, user, password string
		attributes                 map[string]string
	}{
		"postgres://u:p%2Fw@db.example/desk?sslmode=require": {"db.example", "5432", "u", "p/w", map[string]string{"sslmode": "require"}},
		"postgres://a%40b:p@127.0.0.1:6000/desk":             {"127.0.0.1", "6000", "a%40b", "p", map[string]string{"sslmode": "prefer"}},
		"postgres://u:p@/desk?host=/var/run/x&port=6000&sslmode=disable": {"localhost", "6000", "u", "p",
			map[string]string{"sslmode": "disable", "host": "/var/run/x"}},
	} {
		got, err := parseDatabase(address)
		if err != nil || got.host != want.host || got.port != want.port || got.user != want.user || got.password != want.password || !maps.Equal(got.attributes, want.attributes) {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	d, err := parseDatabase("postgres://u:p%2Fw@/desk?host=/var/run/x%26y&port=6000&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	server, tool := d.server(), d.tool()
	if server["POSTGRES_ADDRESS"] != "localhost:6000" || server["POSTGRES_PWD"] != "p/w" ||
		server["POSTGRES_ATTRIBUTES"] != `{"host":"/var/run/x\u0026y","sslmode":"disable"}` {
		t.Errorf("the server is given %v", server)
	}
	if tool["SQL_HOST"] != "localhost" || tool["SQL_PORT"] != "6000" || tool["SQL_CONNECT_ATTRIBUTES"] != "host=%2Fvar%2Frun%2Fx%26y&sslmode=disable" {
		t.Errorf("the SQL tool is given %v", tool)
	}
	if _, err := parseDatabase("hidden"); err == nil {
		t.Error("what is no address gave no error")
	}
}
