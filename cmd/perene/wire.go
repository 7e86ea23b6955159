package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
)

// openStore connects to Postgres and checks that its schema is this program's.
func openStore(ctx context.Context, db config.Database, env string, opts store.Options) (*store.Store, error) {
	if err := db.Validate(env); err != nil {
		return nil, err
	}
	opts.MaxConns = db.MaxConns
	s, err := store.Open(ctx, db.URL, opts)
	if err != nil {
		return nil, err
	}
	have, need, err := s.SchemaVersions(ctx)
	switch {
	case err != nil:
		s.Close()
		return nil, fmt.Errorf("Postgres does not answer: check that it runs and that DATABASE_URL is right (%w)", err) //nolint:staticcheck // a name
	case have < need:
		s.Close()
		return nil, fmt.Errorf("the database has schema %d and this program needs %d: run `perene migrate`", have, need)
	}
	return s, nil
}

// dialTemporal makes a client. It connects lazily: without Temporal the API still takes messages in.
func dialTemporal(t config.Temporal, logger *slog.Logger, reg prometheus.Registerer) (client.Client, error) {
	tls, err := t.TLSConfig()
	if err != nil {
		return nil, err
	}
	opts := client.Options{
		HostPort: t.Address, Namespace: t.Namespace, Logger: log.NewStructuredLogger(logger.With("from", "temporal")),
		MetricsHandler:    newMetricsHandler(reg),
		ConnectionOptions: client.ConnectionOptions{TLS: tls},
	}
	if tls == nil {
		// In clear text we are in the same network: compressing every call would be a tenth of a worker's time for nothing.
		opts.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	}
	if t.APIKey != "" {
		opts.Credentials = client.NewAPIKeyStaticCredentials(t.APIKey)
	}
	return client.NewLazyClient(opts)
}

// newRegistry makes a registry with what Go and the process tell by themselves.
func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// seed gives the randomness of a step.
func seed() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
