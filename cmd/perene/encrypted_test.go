package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// authority signs certificates, and file holds its own.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	a.file = a.write("authority.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if parent == nil {
		parent, by = template, key
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	file := filepath.Join(a.t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// issue makes a certificate for a name, and the files that a client is given.
func (a *authority) issue(name string) (pair tls.Certificate, certFile, keyFile string) {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, a.cert, a.key)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}, a.write("cert.pem", "CERTIFICATE", cert.Raw), a.write("key.pem", "PRIVATE KEY", raw)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// encryptedPostgres stands in front of the tests' Postgres and speaks TLS as Postgres does. Without a configuration it says
// that it has no TLS. plain counts clients that went on in clear text, and sealed those that agreed.
type encryptedPostgres struct {
	address       string
	plain, sealed atomic.Int32
}

func newEncryptedPostgres(t *testing.T, cfg *tls.Config) *encryptedPostgres {
	t.Helper()
	behind, err := url.Parse(os.Getenv(storetest.EnvURL))
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	e := &encryptedPostgres{address: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go e.serve(conn, cfg, behind.Host)
		}
	}()
	return e
}

func (e *encryptedPostgres) serve(conn net.Conn, cfg *tls.Config, behind string) {
	defer func() { _ = conn.Close() }()
	first := make([]byte, 8)
	const sslRequest = 80877103
	if _, err := io.ReadFull(conn, first); err != nil {
		return
	}
	if binary.BigEndian.Uint32(first[4:]) != sslRequest {
		e.plain.Add(1)
		return
	}
	if cfg == nil {
		_, _ = conn.Write([]byte("N"))
		if n, _ := conn.Read(first); n > 0 {
			e.plain.Add(1)
		}
		return
	}
	_, _ = conn.Write([]byte("S"))
	secure := tls.Server(conn, cfg)
	if secure.HandshakeContext(context.Background()) != nil {
		return
	}
	e.sealed.Add(1)
	var d net.Dialer
	server, err := d.DialContext(context.Background(), "tcp", behind)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { _, _ = io.Copy(server, secure); _ = server.Close() }()
	_, _ = io.Copy(secure, server)
}

// S15: with verify-full the program speaks with Postgres over TLS, and with no server that cannot show its name. It sends
// nothing in clear text then.
func TestPostgresIsReachedOverTLS(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	named, _, _ := ours.issue("localhost")
	elsewhere, _, _ := ours.issue("postgres.example")
	foreign, _, _ := others.issue("localhost")
	database, err := url.Parse(storetest.NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		server *tls.Config
		works  bool
	}{
		"its name":          {&tls.Config{Certificates: []tls.Certificate{named}, MinVersion: tls.VersionTLS12}, true},
		"another name":      {&tls.Config{Certificates: []tls.Certificate{elsewhere}, MinVersion: tls.VersionTLS12}, false},
		"another authority": {&tls.Config{Certificates: []tls.Certificate{foreign}, MinVersion: tls.VersionTLS12}, false},
		"an old TLS":        {&tls.Config{Certificates: []tls.Certificate{named}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false}, //nolint:gosec // that is refused
		"no TLS at all":     {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEncryptedPostgres(t, c.server)
			_, port, err := net.SplitHostPort(e.address)
			if err != nil {
				t.Fatal(err)
			}
			u := *database
			u.Host = net.JoinHostPort("localhost", port)
			password, known := database.User.Password()
			if !known { // the server trusts everybody
				password = "a long and random password"
			}
			u.User = url.UserPassword(database.User.Username(), password)
			u.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ours.file}}.Encode()
			s, err := openStore(t.Context(), config.Database{URL: u.String(), MaxConns: 2}, config.Production, store.Options{})
			if err == nil {
				defer s.Close()
				err = s.Ping(t.Context())
			}
			if (err == nil) != c.works || (e.sealed.Load() > 0) != c.works || e.plain.Load() != 0 {
				t.Errorf("%v after %d handshakes and %d clients in clear text, want it to work: %v", err, e.sealed.Load(), e.plain.Load(), c.works)
			}
		})
	}
}

// S15: the client of Temporal speaks TLS with a frontend that shows its name, and shows its own certificate where one is set.
func TestTemporalIsReachedOverTLS(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	server, _, _ := ours.issue("temporal.example")
	_, certFile, keyFile := ours.issue("perene")
	_, foreignCert, foreignKey := others.issue("perene")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	frontend := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{server}, ClientCAs: ours.pool(),
		ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12})))
	well := health.NewServer()
	well.SetServingStatus("temporal.api.workflowservice.v1.WorkflowService", healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(frontend, well)
	workflowservice.RegisterWorkflowServiceServer(frontend, workflowservice.UnimplementedWorkflowServiceServer{})
	go func() { _ = frontend.Serve(listener) }()
	t.Cleanup(frontend.Stop)
	right := config.Temporal{Address: listener.Addr().String(), Namespace: "perene", TLSCAFile: ours.file, TLSCertFile: certFile, TLSKeyFile: keyFile, TLSServerName: "temporal.example"}
	for name, c := range map[string]struct {
		change func(*config.Temporal)
		works  bool
	}{
		"both certificates":        {func(*config.Temporal) {}, true},
		"another name":             {func(c *config.Temporal) { c.TLSServerName = "other.example" }, false},
		"another authority":        {func(c *config.Temporal) { c.TLSCAFile = others.file }, false},
		"no certificate of ours":   {func(c *config.Temporal) { c.TLSCertFile, c.TLSKeyFile = "", "" }, false},
		"a stranger's certificate": {func(c *config.Temporal) { c.TLSCertFile, c.TLSKeyFile = foreignCert, foreignKey }, false},
		"clear text":               {func(c *config.Temporal) { *c = config.Temporal{Address: c.Address, Namespace: "perene"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := right
			c.change(&cfg)
			temporal, err := dialTemporal(cfg, slog.New(slog.DiscardHandler), newRegistry())
			if err != nil {
				t.Fatal(err)
			}
			defer temporal.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); (err == nil) != c.works {
				t.Errorf("%v, want it to work: %v", err, c.works)
			}
		})
	}
}
