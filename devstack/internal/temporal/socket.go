package temporal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/service/frontend"
	"go.temporal.io/server/temporal"
	"go.uber.org/fx"
	"google.golang.org/grpc"
)

// socket is a path in the file system at which the frontend serves beside its port: what comes from the same machine need not
// take the way through the network (ADR 51). Empty: only the port.
type socket string

// frontendService is temporal.FrontendServiceProvider with two places to listen at.
func (s socket) frontendService(params temporal.ServiceProviderParamsCommon) (temporal.ServicesGroupOut, error) {
	app := fx.New(
		params.GetCommonServiceOptions(primitives.FrontendService),
		fx.Supply(params.CustomFrontendInterceptors),
		fx.Decorate(func() authorization.ClaimMapper { return params.ClaimMapper }),
		fx.Decorate(func() log.SnTaggedLogger { return log.With(params.Logger, tag.Service(primitives.FrontendService)) }),
		fx.Decorate(s.listen),
		fx.Decorate(keepStacks),
		frontend.Module,
	)
	return temporal.NewService(app, primitives.FrontendService, params.Logger), app.Err()
}

// streams is how many goroutines serve the frontend's calls again and again. Half of them wait with pollers; a call that finds
// all at work is served by a goroutine of its own.
const streams = 128

// keepStacks lets calls be served by goroutines that served others before: a call goes through some seventy functions on 20 to 27 kB
// of stack, and a new goroutine's stack is copied four times until it has them.
func keepStacks(o frontend.GrpcServerOptions) frontend.GrpcServerOptions {
	o.Options = append(o.Options, grpc.NumStreamWorkers(streams))
	return o
}

// listen adds the socket to the port.
func (s socket) listen(port net.Listener) (net.Listener, error) {
	if s == "" {
		return port, nil
	}
	if err := s.clear(); err != nil {
		return nil, fmt.Errorf("listen at a socket: %w", err)
	}
	local, err := net.Listen("unix", string(s))
	if err != nil {
		return nil, fmt.Errorf("listen at a socket: %w", err)
	}
	if err := os.Chmod(string(s), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listen at a socket: %w", err), local.Close())
	}
	b := &both{Listener: port, local: local, accepted: make(chan accepted), closed: make(chan struct{})}
	go b.take(port)
	go b.take(local)
	return b, nil
}

// clear removes what a server that was killed has left, which would keep this one from listening, and nothing else: neither a
// file that is no socket, nor the socket of a server that serves.
func (s socket) clear() error {
	info, err := os.Lstat(string(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is there and is no socket: name another path", string(s))
	}
	dialer := net.Dialer{Timeout: time.Second} // one that hangs is there, too
	conn, err := dialer.DialContext(context.Background(), "unix", string(s))
	if err == nil {
		return errors.Join(fmt.Errorf("another server listens at %s: end it, or name another path", string(s)), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(string(s))
}

// both accepts at two places; it calls itself by the first.
type both struct {
	net.Listener
	local    net.Listener
	accepted chan accepted
	once     sync.Once
	closed   chan struct{}
}

type accepted struct {
	conn net.Conn
	err  error
}

// take hands on what comes at one place, and an error each time that somebody asks, until that place or both are closed.
func (b *both) take(from net.Listener) {
	for {
		conn, err := from.Accept()
		select {
		case b.accepted <- accepted{conn, err}:
			if errors.Is(err, net.ErrClosed) {
				return
			}
		case <-b.closed:
			if err == nil {
				_ = conn.Close()
			}
			return
		}
	}
}

// Accept returns what comes first at either place.
func (b *both) Accept() (net.Conn, error) {
	select {
	case <-b.closed: // also where somebody waits to be accepted
		return nil, net.ErrClosed
	default:
	}
	select {
	case a := <-b.accepted:
		return a.conn, a.err
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

// Close ends both.
func (b *both) Close() error {
	b.once.Do(func() { close(b.closed) })
	return errors.Join(b.Listener.Close(), b.local.Close())
}
