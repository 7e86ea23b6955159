package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/perene/perene/api"
)

// drain is how long requests that are under way may take after a stop was asked for.
const drain = 20 * time.Second

// serve answers on address until ctx ends, then lets requests finish.
func serve(ctx context.Context, address string, h http.Handler, log *slog.Logger, setting string) error {
	l, err := listen(ctx, address, setting)
	if err != nil {
		return err
	}
	return serveOn(ctx, l, h, log)
}

// listen takes address. A port in use is one sentence.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is in use: stop what uses it, or set %s to another address", address, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s (%s): %w", address, setting, err)
	}
	return l, nil
}

func serveOn(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: api.ReadGrace, ReadTimeout: 2 * api.ReadGrace, WriteTimeout: api.WriteGrace,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	log.Info("listening", "address", l.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		return errors.Join(err, s.Close())
	}
	return nil
}
