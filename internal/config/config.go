// Package config is what the program reads from flags and the environment: one struct per concern, embedded by the commands
// that need it. Kong fills them; `perene COMMAND --help` documents them.
package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/internal/clock"
	"github.com/perene/perene/internal/seal"
)

// Environment says how strict start-up is.
const (
	Development = "development" // only inside `make dev`: loopback, simulators, generated secrets
	Production  = "production"
)

// Runtime is what every long-running process reads.
type Runtime struct {
	Env       string `name:"env" env:"PERENE_ENV" default:"production" enum:"production,development" help:"production refuses weak secrets; development is for make dev."`
	Private   bool   `name:"allow-private-addresses" env:"PERENE_ALLOW_PRIVATE_ADDRESSES" help:"Let flows and connections call addresses of this machine and of private networks. Always so in development."`
	Providers Hosts  `name:"provider-hosts" env:"PERENE_PROVIDER_HOSTS" default:"graph.facebook.com" help:"Hosts that connections may name as their provider's address, separated by commas: tokens travel there. Any host in development."`
	Profiles  string `name:"pprof-sockets" env:"PERENE_PPROF_SOCKETS" help:"Folder for a Unix socket that answers /debug/pprof/; none by default."`
	ClockFile string `name:"clock-file" env:"PERENE_CLOCK_FILE" hidden:"" help:"File with a duration by which the system's clock is wrong; for tests, in development only."`
	LogLevel  string `env:"PERENE_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged."`
}

// AllowPrivate tells whether addresses of this machine and of private networks may be called.
func (r Runtime) AllowPrivate() bool { return r.Private || r.Env == Development }

// ProviderHosts are the hosts to which connections' tokens may travel.
func (r Runtime) ProviderHosts() Hosts {
	if r.Env == Development {
		return nil
	}
	return r.Providers
}

// Hosts is a list of host names, each with a port where it is not the usual one. Nil names every host.
type Hosts []string

// Allow tells whether the list names the host of an address.
func (h Hosts) Allow(u *url.URL) bool {
	return h == nil || slices.ContainsFunc(h, func(host string) bool { return strings.EqualFold(host, u.Host) })
}

// SystemClock is the clock of this machine; in development a file may let it be wrong.
func (r Runtime) SystemClock() (func() time.Time, error) {
	switch {
	case r.ClockFile == "":
		return time.Now, nil
	case r.Env != Development:
		return nil, errors.New("PERENE_CLOCK_FILE lets the clock be wrong, for tests in development only: unset it")
	}
	return clock.Shifted(r.ClockFile), nil
}

// Logger makes the process's logger: JSON lines on standard error.
func (r Runtime) Logger(process string) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(r.LogLevel)) // kong checked the enum
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("process", process)
}

// Database is where the truth is.
type Database struct {
	URL      string `name:"database-url" env:"DATABASE_URL" help:"Postgres: postgres://user:password@host:5432/perene?sslmode=…"`
	MaxConns int32  `name:"database-max-conns" env:"PERENE_DATABASE_MAX_CONNS" help:"Connections this process may open; by default four for each core and at least ten, a worker three and at least six."`
}

// Validate tells what is wrong in a sentence.
func (d Database) Validate(env string) error {
	if d.URL == "" {
		return errors.New("DATABASE_URL is not set: give the Postgres that holds Perene's data, postgres://user:password@host:5432/perene?sslmode=require")
	}
	u, err := url.Parse(d.URL)
	if err == nil && u.Host == "" {
		u.Host = u.Query().Get("host") // the folder of a Unix socket, or several hosts
	}
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" {
		return errors.New("DATABASE_URL is not a Postgres URL: write postgres://user:password@host:5432/database?sslmode=…")
	}
	if env == Production && !IsPrivateHost(u.Hostname()) {
		switch u.Query().Get("sslmode") {
		case "", "disable", "allow", "prefer":
			return errors.New("DATABASE_URL goes over the network without encryption: add sslmode=require or, better, sslmode=verify-full")
		}
	}
	if env == Production {
		if p, ok := u.User.Password(); ok && weak(p) {
			return errors.New("the password in DATABASE_URL is a default or shorter than 12 characters: set a random one")
		}
	}
	return nil
}

// IsPrivateHost tells whether a host name is on this machine or is a single label, as the services of one compose file are.
func IsPrivateHost(host string) bool {
	if host == "localhost" || strings.HasPrefix(host, "/") || !strings.ContainsAny(host, ".:") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func weak(secret string) bool {
	switch strings.ToLower(secret) {
	case "postgres", "password", "perene", "changeme", "change-me", "secret", "admin":
		return true
	}
	return len(secret) < 12
}

// Temporal is where it is decided what happens next.
type Temporal struct {
	Address       string `name:"temporal-address" env:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" help:"host:port of the Temporal frontend, or unix:///PATH of its socket."`
	Namespace     string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"perene" help:"Temporal namespace."`
	APIKey        string `name:"temporal-api-key" env:"TEMPORAL_API_KEY" help:"API key, for a managed Temporal."`
	TLS           bool   `name:"temporal-tls" env:"TEMPORAL_TLS" help:"Use TLS; implied by an API key or a certificate."`
	TLSCAFile     string `name:"temporal-tls-ca-file" env:"TEMPORAL_TLS_CA_FILE" help:"PEM file with the server's authority."`
	TLSCertFile   string `name:"temporal-tls-cert-file" env:"TEMPORAL_TLS_CERT_FILE" help:"PEM file with our certificate (mTLS)."`
	TLSKeyFile    string `name:"temporal-tls-key-file" env:"TEMPORAL_TLS_KEY_FILE" help:"PEM file with our key (mTLS)."`
	TLSServerName string `name:"temporal-tls-server-name" env:"TEMPORAL_TLS_SERVER_NAME" help:"Name the server's certificate must carry."`
	ContinueAfter int    `name:"continue-after" env:"PERENE_CONTINUE_AFTER" hidden:"" help:"Continue workflows as new after so many steps; for tests under load."`
	UIURL         string `name:"temporal-ui-url" env:"TEMPORAL_UI_URL" help:"Temporal Web, for links from the console."`
}

// Validate tells what is wrong in a sentence: in production nothing goes over the network in clear text.
func (t Temporal) Validate(env string) error {
	cfg, err := t.TLSConfig()
	if err != nil || cfg != nil || env != Production || strings.HasPrefix(t.Address, "unix:") {
		return err
	}
	host, _, err := net.SplitHostPort(t.Address)
	if err != nil {
		host = t.Address
	}
	if !IsPrivateHost(host) {
		return errors.New("TEMPORAL_ADDRESS goes over the network without encryption: set TEMPORAL_TLS=true, or a certificate")
	}
	return nil
}

// TLSConfig makes the client's TLS settings; nil means plain text.
func (t Temporal) TLSConfig() (*tls.Config, error) {
	if !t.TLS && t.APIKey == "" && t.TLSCertFile == "" && t.TLSCAFile == "" {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.TLSServerName}
	if t.TLSCAFile != "" {
		pem, err := os.ReadFile(t.TLSCAFile)
		if err != nil {
			return nil, fmt.Errorf("read TEMPORAL_TLS_CA_FILE: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("TEMPORAL_TLS_CA_FILE holds no PEM certificate")
		}
	}
	if (t.TLSCertFile == "") != (t.TLSKeyFile == "") {
		return nil, errors.New("TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE belong together: set both or neither")
	}
	if t.TLSCertFile != "" {
		cert, err := tls.LoadX509KeyPair(t.TLSCertFile, t.TLSKeyFile)
		if err != nil {
			return nil, fmt.Errorf("read TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE: %w", err)
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// Secrets opens what is sealed at rest.
type Secrets struct {
	MasterKey string `name:"master-key" env:"PERENE_MASTER_KEY" help:"base64 of at least 32 random bytes; seals tokens and secrets at rest."`
	// MasterKeyOld is read only: what it sealed opens, and nothing is sealed with it.
	MasterKeyOld string `name:"master-key-old" env:"PERENE_MASTER_KEY_OLD" help:"The master key before, while perene rekey seals everything again with the new one."`
}

// Key reads the master key, and the one before where it is set; the error says how to make one.
func (s Secrets) Key() (seal.Key, error) {
	key, err := seal.ParseKey(s.MasterKey)
	if err != nil || s.MasterKeyOld == "" {
		return key, err
	}
	old, err := seal.ParseKeyOf("PERENE_MASTER_KEY_OLD", s.MasterKeyOld)
	if err != nil {
		return seal.Key{}, err
	}
	return key.With(old), nil
}

// Media is where files are.
type Media struct {
	MediaURL string `name:"media-url" env:"PERENE_MEDIA_URL" default:"file:///var/lib/perene/media?create_dir=true" help:"Where files are kept: file:///folder, or s3://bucket?region=…"`
}

// Listen is where the API answers.
type Listen struct {
	Listen         string   `env:"PERENE_LISTEN" default:":8080" help:"host:port of the API and the console."`
	PublicURL      string   `env:"PERENE_PUBLIC_URL" help:"How browsers and Meta reach us: https://chat.example.com"`
	TrustedProxies []string `env:"PERENE_TRUSTED_PROXIES" help:"Addresses or networks whose X-Forwarded-For is believed."`
}

// Validate tells what is wrong in a sentence.
func (l Listen) Validate(env string) error {
	if l.PublicURL == "" {
		return errors.New("PERENE_PUBLIC_URL is not set: give the https address under which browsers and Meta reach this server")
	}
	u, err := url.Parse(l.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("PERENE_PUBLIC_URL is not a web address: write https://chat.example.com")
	}
	if u.Path != "" && u.Path != "/" {
		return errors.New("PERENE_PUBLIC_URL must not have a path: the console lives at the root")
	}
	if env == Production && u.Scheme != "https" && !IsPrivateHost(u.Hostname()) {
		return errors.New("PERENE_PUBLIC_URL must start with https:// : cookies and webhooks need it")
	}
	_, err = l.Proxies()
	return err
}

// Proxies reads TrustedProxies. Networks as wide as the world are refused: everybody could then say to be anybody.
func (l Listen) Proxies() ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(l.TrustedProxies))
	for _, value := range l.TrustedProxies {
		prefix, err := netip.ParsePrefix(value)
		if addr, notAddr := netip.ParseAddr(value); err != nil && notAddr == nil {
			prefix, err = netip.PrefixFrom(addr.Unmap().WithZone(""), addr.Unmap().BitLen()), nil
		}
		if err != nil {
			return nil, errors.New("PERENE_TRUSTED_PROXIES holds what is no address or network: write 10.0.0.7 or 172.30.83.0/24")
		}
		if prefix.Bits() < 7 { // fc00::/7 is the widest private network
			return nil, errors.New("PERENE_TRUSTED_PROXIES holds a network as wide as the world: name the proxy's address or its own network")
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

// NoProxyTrusted tells that https ends in front of this process, in a proxy that it does not trust: then everybody has the
// proxy's address, and one who guesses passwords locks everybody out.
func (l Listen) NoProxyTrusted() bool {
	return strings.HasPrefix(l.PublicURL, "https:") && len(l.TrustedProxies) == 0
}

// Metrics is where Prometheus reads a process that has no API.
type Metrics struct {
	MetricsListen string `env:"PERENE_METRICS_LISTEN" default:"127.0.0.1:8081" help:"host:port of /metrics and /healthz."`
}

// APIMetrics is where Prometheus reads the API: apart from what the world reaches.
type APIMetrics struct {
	APIMetricsListen string `name:"api-metrics-listen" env:"PERENE_API_METRICS_LISTEN" default:"127.0.0.1:8082" help:"host:port of /metrics and /healthz of the API, for the machine's own network."`
}

// Sending tunes the sender.
type Sending struct {
	Linger time.Duration `name:"sender-linger" env:"PERENE_SENDER_LINGER" default:"5s" help:"How long a sender waits for more before it rests."`
}
