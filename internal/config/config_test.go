package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// In production the program refuses what is dangerous, in a sentence that says what to do; development, which is make dev
// alone, takes its own generated secrets on loopback (S23).
func TestStartUpRefusesWhatIsDangerous(t *testing.T) {
	t.Parallel()
	const good = "3pXk9vQw2LmZ"
	for name, c := range map[string]struct {
		url  string
		dev  bool   // the same in development
		says string // empty: taken
	}{
		"none":                         {"", false, "DATABASE_URL is not set"},
		"none in development":          {"", true, "DATABASE_URL is not set"},
		"another database":             {"mysql://u:" + good + "@db/perene", false, "not a Postgres URL"},
		"no host":                      {"postgres:///perene", false, "not a Postgres URL"},
		"default password":             {"postgres://perene:postgres@localhost/perene", false, "default or shorter than 12"},
		"name as password":             {"postgres://perene:Perene@localhost/perene", false, "default or shorter than 12"},
		"short password":               {"postgres://perene:a1B2c3D4e5F@localhost/perene", false, "default or shorter than 12"},
		"default password in dev":      {"postgres://perene:postgres@localhost/perene", true, ""},
		"plain text over the network":  {"postgres://perene:" + good + "@db.example.com/perene?sslmode=disable", false, "without encryption"},
		"perhaps plain over a network": {"postgres://perene:" + good + "@10.0.0.7/perene?sslmode=prefer", false, "without encryption"},
		"unsaid over the network":      {"postgres://perene:" + good + "@db.example.com/perene", false, "without encryption"},
		"encrypted over the network":   {"postgres://perene:" + good + "@db.example.com/perene?sslmode=require", false, ""},
		"verified over the network":    {"postgresql://perene:" + good + "@[2001:db8::1]/perene?sslmode=verify-full", false, ""},
		"on this machine":              {"postgres://perene:" + good + "@127.0.0.1:5432/perene?sslmode=disable", false, ""},
		"a service of one compose":     {"postgres://perene:" + good + "@postgres:5432/perene?sslmode=disable", false, ""},
	} {
		env := Production
		if c.dev {
			env = Development
		}
		check(t, name, (Database{URL: c.url}).Validate(env), c.says)
		if err := (Database{URL: c.url}).Validate(env); err != nil && strings.Contains(err.Error(), good) {
			t.Errorf("%s: the error holds the password", name)
		}
	}
	for name, c := range map[string]struct {
		url  string
		dev  bool
		says string
	}{
		"none":                    {"", false, "PERENE_PUBLIC_URL is not set"},
		"no address":              {"chat.example.com", false, "not a web address"},
		"another scheme":          {"ftp://chat.example.com", false, "not a web address"},
		"with a path":             {"https://example.com/perene", false, "must not have a path"},
		"clear text":              {"http://chat.example.com", false, "must start with https://"},
		"clear text by number":    {"http://192.168.0.7:8080", false, "must start with https://"},
		"encrypted":               {"https://chat.example.com/", false, ""},
		"on this machine":         {"http://localhost:8080", false, ""},
		"on a LAN in development": {"http://192.168.0.7:8080", true, ""},
	} {
		env := Production
		if c.dev {
			env = Development
		}
		check(t, name, (Listen{PublicURL: c.url}).Validate(env), c.says)
	}
}

func check(t *testing.T, name string, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Errorf("%s is refused: %v", name, err)
	case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("%s: %v, want %q", name, err, says)
	case err != nil && strings.Contains(err.Error(), "\n"):
		t.Errorf("%s gives more than one sentence: %v", name, err)
	}
}

// Another Temporal is reached with TLS, with an API key, or with certificates of ours.
// S15, S23: in production nothing goes to Temporal over the network in clear text.
func TestTemporalInClearText(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"127.0.0.1:7233": true, "temporal:7233": true, "unix:///run/temporal.sock": true, "temporal.example.com:7233": false, "10.0.0.7:7233": false,
	} {
		if err := (Temporal{Address: address}).Validate(Production); (err == nil) != ok {
			t.Errorf("%s: %v, want allowed %v", address, err, ok)
		}
		if err := (Temporal{Address: address}).Validate(Development); err != nil {
			t.Errorf("%s in development: %v", address, err)
		}
		if err := (Temporal{Address: address, TLS: true}).Validate(Production); err != nil {
			t.Errorf("%s encrypted: %v", address, err)
		}
	}
}

func TestTemporalTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := write("cert.pem", "CERTIFICATE", certificate), write("key.pem", "PRIVATE KEY", raw)
	empty := write("empty.pem", "NOTHING", nil)

	if c, err := (Temporal{}).TLSConfig(); c != nil || err != nil {
		t.Errorf("in plain text: %v, %v", c, err)
	}
	for name, in := range map[string]Temporal{"asked for": {TLS: true}, "an API key": {APIKey: "k"}, "an authority": {TLSCAFile: cert}, "a certificate": {TLSCertFile: cert, TLSKeyFile: key}} {
		in.TLSServerName = "temporal.example.com"
		c, err := in.TLSConfig()
		if err != nil || c == nil || c.MinVersion < 0x0303 || c.ServerName != "temporal.example.com" || c.InsecureSkipVerify {
			t.Errorf("%s: %+v, %v", name, c, err)
			continue
		}
		if (in.TLSCAFile != "") != (c.RootCAs != nil) || (in.TLSCertFile != "") != (len(c.Certificates) == 1) {
			t.Errorf("%s: authority %v, %d certificates", name, c.RootCAs, len(c.Certificates))
		}
	}
	for says, in := range map[string]Temporal{
		"belong together":                              {TLSCertFile: cert},
		"TEMPORAL_TLS_CA_FILE holds no PEM":            {TLSCAFile: empty},
		"read TEMPORAL_TLS_CA_FILE":                    {TLSCAFile: filepath.Join(dir, "missing.pem")},
		"read TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS": {TLSCertFile: empty, TLSKeyFile: key},
	} {
		_, err := in.TLSConfig()
		check(t, says, err, says)
	}
}

// A clock that is wrong on purpose is for development alone (S23).
func TestOnlyDevelopmentMovesTheClock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "offset")
	if err := os.WriteFile(path, []byte("48h"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Runtime{Env: Production, ClockFile: path}.SystemClock()
	check(t, "production", err, "unset it")
	for _, c := range []struct {
		r    Runtime
		want time.Duration
	}{{Runtime{Env: Development, ClockFile: path}, 48 * time.Hour}, {Runtime{Env: Production}, 0}} {
		now, err := c.r.SystemClock()
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Until(now()); (off - c.want).Abs() > time.Minute {
			t.Errorf("the clock is off by %s, want %s", off, c.want)
		}
	}
}

// TestTrustedProxies: addresses and networks, and never the world: who is believed about addresses decides who is locked out.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{
		"10.0.0.7": true, "172.30.83.0/24": true, "10.0.0.0/8": true, "fc00::/7": true, "::1": true, "fe80::1%eth0": true,
		"0.0.0.0/0": false, "::/0": false, "0.0.0.0/1": false, "128.0.0.0/1": false, "proxy": false, "": false, "10.0.0.7/33": false,
	} {
		l := Listen{PublicURL: "https://chat.example.com", TrustedProxies: []string{"127.0.0.1", value}}
		if err := l.Validate(Production); (err == nil) != ok {
			t.Errorf("%q: %v", value, err)
		}
	}
	if !(Listen{PublicURL: "https://chat.example.com"}).NoProxyTrusted() || (Listen{PublicURL: "http://localhost:8080"}).NoProxyTrusted() {
		t.Error("https without a trusted proxy is what to warn of")
	}
}
