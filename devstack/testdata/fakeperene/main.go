// Command fakeperene stands in for perene in the tests of devstack: the same
// commands and the same environment, nothing behind them but one table.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if os.Getenv("FAKEPERENE_FAILS") == args[0] {
		return fmt.Errorf("%s was asked to fail", args[0])
	}
	switch args[0] {
	case "migrate":
		return exec(ctx, "CREATE TABLE IF NOT EXISTS seeds (at timestamptz NOT NULL DEFAULT now())")
	case "apply":
		return exec(ctx, "INSERT INTO seeds DEFAULT VALUES")
	case "login-link":
		return json.NewEncoder(os.Stdout).Encode(map[string]string{"url": os.Getenv("PERENE_PUBLIC_URL") + "/login?code=once"})
	case "api":
		return serve(ctx, os.Getenv("PERENE_LISTEN"))
	case "sim":
		return serve(ctx, os.Getenv("PERENE_SIM_LISTEN"))
	case "worker":
		return serve(ctx, os.Getenv("PERENE_METRICS_LISTEN"))
	}
	return fmt.Errorf("%s is not known", args[0])
}

func exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// serve answers /seeds with the number of seeds, /env with the environment,
// /readyz by Postgres and Temporal, and everything else with 200.
func serve(ctx context.Context, address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(os.Environ()) })
	mux.HandleFunc("/seeds", func(w http.ResponseWriter, r *http.Request) {
		conn, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer func() { _ = conn.Close(r.Context()) }()
		var n int
		if err := conn.QueryRow(r.Context(), "SELECT count(*) FROM seeds").Scan(&n); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprint(w, n)
	})
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		network, address := "tcp", os.Getenv("TEMPORAL_ADDRESS")
		if path, ok := strings.CutPrefix(address, "unix://"); ok {
			network, address = "unix", path
		}
		conn, err := net.DialTimeout(network, address, time.Second)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_ = conn.Close()
	})
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}
