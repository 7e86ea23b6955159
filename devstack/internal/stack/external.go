package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/temporal"
)

// external are the servers that the caller named to be used instead of private ones.
type external struct {
	databaseURL string
	temporal    *foreignTemporal
}

// ownWeb says whether Temporal Web is served by us: always for our own
// Temporal, and for another one where nothing else shows it and no API key is
// needed, which Temporal Web cannot send.
func (e external) ownWeb() bool {
	return e.temporal == nil || (e.temporal.webURL == "" && e.temporal.apiKey == "")
}

// foreignTemporal is how a Temporal that is not ours is reached.
type foreignTemporal struct {
	address, namespace, apiKey string
	tls                        bool
	caFile, certFile, keyFile  string
	serverName                 string
	webURL                     string
}

// readExternal reads the variables that Perene itself reads.
func readExternal(getenv func(string) string) (external, error) {
	e := external{databaseURL: getenv("DATABASE_URL")}
	address := getenv("TEMPORAL_ADDRESS")
	if address == "" {
		return e, nil
	}
	useTLS := false
	if value := getenv("TEMPORAL_TLS"); value != "" {
		var err error
		if useTLS, err = strconv.ParseBool(value); err != nil {
			return e, fmt.Errorf("TEMPORAL_TLS is %q: write true or false", value)
		}
	}
	f := &foreignTemporal{
		address: address, namespace: namespace(getenv), apiKey: getenv("TEMPORAL_API_KEY"),
		caFile: getenv("TEMPORAL_TLS_CA_FILE"), certFile: getenv("TEMPORAL_TLS_CERT_FILE"),
		keyFile: getenv("TEMPORAL_TLS_KEY_FILE"), serverName: getenv("TEMPORAL_TLS_SERVER_NAME"),
		webURL: getenv("TEMPORAL_UI_URL"),
	}
	f.tls = useTLS || f.apiKey != "" || f.certFile != "" || f.caFile != ""
	e.temporal = f
	return e, nil
}

func namespace(getenv func(string) string) string {
	if name := getenv("TEMPORAL_NAMESPACE"); name != "" {
		return name
	}
	return "perene"
}

// tlsConfig is nil for plain text.
func (f *foreignTemporal) tlsConfig() (*tls.Config, error) {
	if !f.tls {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.serverName}
	if f.caFile != "" {
		pem, err := os.ReadFile(f.caFile)
		if err != nil {
			return nil, fmt.Errorf("read TEMPORAL_TLS_CA_FILE: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read TEMPORAL_TLS_CA_FILE: %s holds no certificate", f.caFile)
		}
	}
	if (f.certFile == "") != (f.keyFile == "") {
		return nil, errors.New("TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE belong together: set both or neither")
	}
	if f.certFile != "" {
		pair, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
		if err != nil {
			return nil, fmt.Errorf("read TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// check connects to what the caller named; an error says which variable is wrong.
func (e external) check(ctx context.Context, attributes temporal.SearchAttributes) error {
	if e.databaseURL != "" {
		try, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := postgres.Ping(try, e.databaseURL); err != nil {
			return fmt.Errorf("DATABASE_URL does not work: %w; correct it, or unset it to have a private Postgres", err)
		}
	}
	if e.temporal != nil {
		if err := e.temporal.prepare(ctx, attributes); err != nil {
			return fmt.Errorf("TEMPORAL_ADDRESS (%s) does not work: %w; correct it and the TEMPORAL_TLS and "+
				"TEMPORAL_API_KEY variables, or unset it to have a private Temporal", e.temporal.address, err)
		}
	}
	return nil
}

func (f *foreignTemporal) prepare(ctx context.Context, attributes temporal.SearchAttributes) error {
	cfg, err := f.tlsConfig()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	opts := client.Options{
		HostPort: f.address, Namespace: f.namespace, Logger: temporal.Quiet{},
		ConnectionOptions: client.ConnectionOptions{TLS: cfg, GetSystemInfoTimeout: 5 * time.Second},
	}
	if f.apiKey != "" {
		opts.Credentials = client.NewAPIKeyStaticCredentials(f.apiKey)
	}
	c, err := client.DialContext(ctx, opts)
	if err != nil {
		return err
	}
	defer c.Close()
	return temporal.EnsureNamespace(ctx, c, f.namespace, attributes)
}

// temporalDatabases names Temporal's two databases: plain names in a private
// Postgres, names after the caller's own database in the caller's.
func (e external) temporalDatabases() (main, visibility string, err error) {
	if e.databaseURL == "" {
		return "temporal", "temporal_visibility", nil
	}
	name, err := databaseName(e.databaseURL)
	if err != nil {
		return "", "", err
	}
	return name + "_temporal", name + "_temporal_visibility", nil
}

func databaseName(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err == nil && u.Scheme != "" {
		if name := strings.Trim(u.Path, "/"); name != "" {
			return name, nil
		}
	}
	return "", errors.New("DATABASE_URL names no database: write postgres://user:password@host:5432/database")
}
