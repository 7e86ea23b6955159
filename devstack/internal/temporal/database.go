package temporal

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// database is how Temporal's programs reach a Postgres server. They take its parts, not a URL.
type database struct {
	host, port, user, password string
	// attributes are the parameters of the connection, for instance a folder of Unix sockets.
	attributes map[string]string
}

// parseDatabase takes a DATABASE_URL apart. The database that it names is not used.
func parseDatabase(address string) (database, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return database{}, fmt.Errorf("read the address of Temporal's database: %w", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		return database{}, fmt.Errorf("read the address of Temporal's database: %w", err)
	}
	d := database{
		host: cfg.Host, port: strconv.Itoa(int(cfg.Port)), user: url.User(cfg.User).String(), password: cfg.Password,
		attributes: map[string]string{"sslmode": "prefer"}, // as pgx does, where Temporal would take disable
	}
	for name, values := range u.Query() {
		switch name {
		case "host", "port", "user", "password", "database", "dbname":
		default:
			d.attributes[name] = values[0]
		}
	}
	if filepath.IsAbs(cfg.Host) { // a folder of sockets, which has no place before a colon
		d.host, d.attributes["host"] = "localhost", cfg.Host
	}
	return d, nil
}

// server are the variables that deploy/temporal/server.yaml reads.
func (d database) server() map[string]string {
	attributes, _ := json.Marshal(d.attributes) // strings always can be written
	return map[string]string{
		"POSTGRES_ADDRESS": net.JoinHostPort(d.host, d.port), "POSTGRES_USER": d.user, "POSTGRES_PWD": d.password,
		"POSTGRES_ATTRIBUTES": string(attributes),
	}
}

// tool are the variables that Temporal's SQL tool reads.
func (d database) tool() map[string]string {
	attributes := url.Values{}
	for name, value := range d.attributes {
		attributes.Set(name, value)
	}
	return map[string]string{
		"SQL_HOST": d.host, "SQL_PORT": d.port, "SQL_USER": d.user, "SQL_PASSWORD": d.password,
		"SQL_CONNECT_ATTRIBUTES": attributes.Encode(),
	}
}
