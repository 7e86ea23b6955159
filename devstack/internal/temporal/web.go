package temporal

import (
	"context"
	"fmt"
	"time"

	web "github.com/temporalio/ui-server/v2/server"
	webconfig "github.com/temporalio/ui-server/v2/server/config"
	weboptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// WebOptions say which Temporal is shown where.
type WebOptions struct {
	Port int
	// Address is host:port of the frontend.
	Address   string
	Namespace string
	// TLS to the frontend; the zero value is plain text.
	TLS webconfig.TLS
}

// RunWeb serves Temporal Web alone, for a Temporal that is not ours, until ctx ends.
func RunWeb(ctx context.Context, opts WebOptions, ready func()) error {
	stop, err := startWeb(ctx, opts)
	if err != nil {
		return err
	}
	defer stop()
	ready()
	<-ctx.Done()
	return nil
}

func startWeb(ctx context.Context, opts WebOptions) (func(), error) {
	server := web.NewServer(weboptions.WithConfigProvider(&webconfig.Config{
		TemporalGRPCAddress: opts.Address,
		Host:                host,
		Port:                opts.Port,
		EnableUI:            true,
		TLS:                 opts.TLS,
		CORS:                webconfig.CORS{CookieInsecure: true},
		DefaultNamespace:    opts.Namespace,
		// Nothing calls out of the machine.
		DisableNewsFetch: true,
		HideLogs:         true,
	}))
	go func() { _ = server.Start() }()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		err := Healthy(ctx, opts.Port)
		if err == nil {
			return server.Stop, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("start Temporal Web on port %d: %w", opts.Port, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
