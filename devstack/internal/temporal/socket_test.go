package temporal

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/server/service/frontend"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// place is a path for a socket; t.TempDir holds the test's name, with which it may be too long for one.
func place(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "socket-") //nolint:usetesting // a short name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "temporal.sock")
}

func port(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func listen(t *testing.T, path string, at net.Listener) net.Listener {
	t.Helper()
	l, err := socket(path).listen(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// takers are the goroutines that take what comes at a place.
func takers(t *testing.T) int {
	t.Helper()
	var stacks strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	return strings.Count(stacks.String(), "(*both).take(")
}

func untilTakers(t *testing.T, want int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for takers(t) != want {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d goroutines still take, want %d", takers(t), want)
		}
	}
}

func TestTheFrontendListensAtItsPortAndASocket(t *testing.T) {
	path, at := place(t), port(t)
	l := listen(t, path, at)
	if l.Addr() != at.Addr() {
		t.Errorf("it calls itself by %s, want its port %s", l.Addr(), at.Addr())
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("the socket can be used by others: %v, %v", info.Mode(), err)
	}
	for range 3 {
		for network, address := range map[string]string{"unix": path, "tcp": at.Addr().String()} {
			caller := dial(t, network, address)
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := caller.Write([]byte(network)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(network))
			if _, err := conn.Read(got); err != nil || string(got) != network {
				t.Errorf("a caller by %s said %q, %v", network, got, err)
			}
			_ = conn.Close()
		}
	}
	if none := listen(t, "", at); none != at {
		t.Error("without a socket the port is not left as it is")
	}
}

func TestTheEndOfTheListenerIsTheEndOfBothPlaces(t *testing.T) {
	path, at := place(t), port(t)
	l := listen(t, path, at)
	waiting := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		waiting <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("who waited got %v", err)
	}
	untilTakers(t, 0)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	if conn, err := net.Dial("tcp", at.Addr().String()); err == nil {
		t.Error("the port still answers")
		_ = conn.Close()
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the second end gave %v", err)
	}
	listen(t, path, port(t))
}

// Somebody who was taken but not accepted by then is let go, and is not accepted after the end.
func TestWhoIsNotAcceptedBeforeTheEndIsLetGo(t *testing.T) {
	path, at := place(t), port(t)
	l := listen(t, path, at)
	callers := []net.Conn{dial(t, "unix", path), dial(t, "tcp", at.Addr().String())}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for range 20 {
		if conn, err := l.Accept(); conn != nil || !errors.Is(err, net.ErrClosed) {
			t.Fatalf("accepted %v after the end, %v", conn, err)
		}
	}
	untilTakers(t, 0)
	for _, caller := range callers {
		if n, err := caller.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Errorf("%s is still open", caller.RemoteAddr().Network())
		}
	}
}

func TestOnePlaceThatIsClosedAloneIsToldOnce(t *testing.T) {
	path, at := place(t), port(t)
	l := listen(t, path, at)
	_ = at.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
	untilTakers(t, 1)
	dial(t, "unix", path)
	conn, err := l.Accept()
	if err != nil {
		t.Fatalf("the other place: %v", err)
	}
	_ = conn.Close()
	_ = l.Close()
	untilTakers(t, 0)
}

// exhausted is a listener that fails as one does which has no descriptors left, and counts how often.
type exhausted struct {
	net.Listener
	tries *atomic.Int32
}

func (e exhausted) Accept() (net.Conn, error) {
	e.tries.Add(1)
	return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
}

func TestAPlaceThatFailsTriesAgainOnlyWhenSomebodyAsks(t *testing.T) {
	path := place(t)
	failing := exhausted{Listener: port(t), tries: new(atomic.Int32)}
	l := listen(t, path, failing)
	for range 5 {
		var passing net.Error
		if _, err := l.Accept(); !errors.As(err, &passing) || !passing.Temporary() { //nolint:staticcheck // gRPC asks it, too
			t.Errorf("got %v, want the error itself, by which gRPC knows to try again", err)
		}
	}
	if tries := failing.tries.Load(); tries > 6 { // one waits for somebody to ask
		t.Errorf("it tried %d times for five who asked", tries)
	}
	dial(t, "unix", path)
	for {
		conn, err := l.Accept()
		if err == nil {
			_ = conn.Close()
			break
		}
	}
	_ = l.Close()
	untilTakers(t, 0)
}

func TestASocketIsTakenOverFromAServerThatWasKilledOnly(t *testing.T) {
	path := place(t)
	killed, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	killed.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := killed.Close(); err != nil {
		t.Fatal(err)
	}
	first := listen(t, path, port(t))

	file := filepath.Join(filepath.Dir(path), "file")
	if err := os.WriteFile(file, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(filepath.Dir(path), "link")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		path: "another server listens at", file: "is no socket", filepath.Dir(path): "is no socket",
		filepath.Join(filepath.Dir(path), "link"):                     "is no socket",
		filepath.Join(filepath.Dir(path), strings.Repeat("long", 30)): "invalid argument",
		filepath.Join(filepath.Dir(path), "no folder", "here"):        "no such file or directory",
		filepath.Join(file, "below"):                                  "not a directory",
	} {
		l, err := socket(path).listen(port(t))
		if err == nil {
			_ = l.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "listen at a socket: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("at %s: %v, want one that says %q", path, err, want)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "words" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if _, err := dial(t, "unix", path).Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for said := 0; said == 0; { // the question whether somebody listens there comes first, and says nothing
		conn, err := first.Accept()
		if err != nil {
			t.Fatalf("the server at whose socket another one was to listen: %v", err)
		}
		said, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	_ = first.Close()
	untilTakers(t, 0)
}

func TestGRPCServesAtBothPlaces(t *testing.T) {
	path, at := place(t), port(t)
	l := listen(t, path, at)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	for _, target := range []string{"unix://" + path, "unix:" + path, at.Addr().String()} {
		conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil || answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("at %s: %v, %v", target, answer, err)
		}
		_ = conn.Close()
	}
	server.GracefulStop()
	if err := <-ended; err != nil {
		t.Errorf("its end: %v", err)
	}
	untilTakers(t, 0)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

// servedBy keeps where the goroutine that serves a call was made.
type servedBy struct {
	healthpb.UnimplementedHealthServer
	maker string
}

func (s *servedBy) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	s.maker = lines[len(lines)-2]
	return &healthpb.HealthCheckResponse{}, nil
}

func TestCallsAreServedByGoroutinesThatServeMore(t *testing.T) {
	at := port(t)
	server, served := grpc.NewServer(keepStacks(frontend.GrpcServerOptions{}).Options...), &servedBy{}
	healthpb.RegisterHealthServer(server, served)
	go func() { _ = server.Serve(at) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(at.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(served.maker, "initServerWorkers") {
		t.Errorf("served by a goroutine that is %s", served.maker)
	}
}
