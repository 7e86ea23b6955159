// Package ports finds free ports and says who may not have one.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// Free returns n different ports of 127.0.0.1 that nobody listens on.
func Free(n int) ([]int, error) {
	free := make([]int, 0, n)
	for range n {
		// Held until all are found, so that none is found twice.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = l.Close() }()
		address, ok := l.Addr().(*net.TCPAddr)
		if !ok {
			return nil, errors.New("find a free port: not a TCP address")
		}
		free = append(free, address.Port)
	}
	return free, nil
}

// The range of Low: above the ports that programs usually ask for, below those that Linux and macOS hand out.
const lowest, highest = 20000, 32000

// Low returns n different ports of 127.0.0.1 that nobody listens on and that the kernel hands out to nobody. Temporal
// keeps some of its ports in a column that ends at 32,767.
func Low(n int) ([]int, error) {
	free := make([]int, 0, n)
	for range 100 * n {
		if len(free) == n {
			return free, nil
		}
		port := lowest + rand.IntN(highest-lowest) //nolint:gosec // a port is no secret
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		// Held until all are found, so that none is found twice.
		defer func() { _ = l.Close() }()
		free = append(free, port)
	}
	if len(free) < n {
		return nil, fmt.Errorf("find %d free ports from %d to %d: there are only %d", n, lowest, highest, len(free))
	}
	return free, nil
}

// Check says in one sentence what to do when a port of 127.0.0.1 is taken.
// what is who wants it, flag how another one is chosen.
func Check(port int, what, flag string) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is in use, and %s needs it: end the program that listens there, or choose another port with %s", port, what, flag)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("port %d may not be used by %s: choose one above 1023 with %s", port, what, flag)
	}
	if err != nil {
		return fmt.Errorf("listen on port %d for %s: %w", port, what, err)
	}
	return l.Close()
}
