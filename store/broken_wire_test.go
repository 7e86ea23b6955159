package store_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// breakable stands between a store and Postgres and can cut every connection, as a server that dies does.
type breakable struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// throughBreakable gives the URL of a database of its own whose connections can be cut.
func throughBreakable(t *testing.T) (string, *breakable) {
	t.Helper()
	cfg, err := pgx.ParseConfig(storetest.NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	b := &breakable{Listener: l}
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go b.serve(network, address)
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: l.Addr().String(), Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	return u.String(), b
}

func (b *breakable) serve(network, address string) {
	for {
		in, err := b.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial(network, address)
		if err != nil {
			_ = in.Close()
			continue
		}
		b.mu.Lock()
		b.conns = append(b.conns, in, out)
		b.mu.Unlock()
		for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				_, _ = io.Copy(way[0], way[1])
				_, _ = way[0].Close(), way[1].Close()
			}()
		}
	}
}

// cut resets every connection; new ones can be made.
func (b *breakable) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	b.conns = nil
}

// A connection to Postgres that breaks in the middle of a delivery is no fault of the delivery: the provider is asked to send
// it again, and it does not go to quarantine though Postgres is there again at once (P13).
func TestADeliveryWhoseConnectionBreaksIsNotQuarantined(t *testing.T) {
	t.Parallel()
	address, wire := throughBreakable(t)
	s, err := store.Open(t.Context(), address, store.Options{Now: at(noon)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	f := storetest.NewFixture(t, s, "cut")
	f.Publish(t, "Menu", `{}`) // so that somebody has to choose
	d := delivery(storetest.Text("wamid.1", "5581988880001", "oi", noon))
	cuts := 0
	choose := func(context.Context, contract.StartQuestion) (*contract.StartAnswer, error) {
		if cuts++; cuts == 1 {
			wire.cut()
		}
		return nil, nil
	}
	if _, err := f.Receive(t.Context(), f.Connection, d, choose); !store.IsUnavailable(err) || models.CodeOf(err) != models.CodeUnavailable {
		t.Errorf("the broken delivery: %v", err)
	}
	if n := f.Count(t, `SELECT count(*) FROM quarantine`); n != 0 {
		t.Errorf("%d elements are in quarantine", n)
	}
	wake, err := f.Receive(t.Context(), f.Connection, d, choose)
	if err != nil || wake.Stored != 1 || f.Count(t, `SELECT count(*) FROM messages`) != 1 || cuts != 2 {
		t.Errorf("delivered again: %+v, %v", wake, err)
	}
}
