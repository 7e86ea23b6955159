package ports_test

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/perene/perene/devstack/internal/ports"
)

func TestATakenPortGivesOneSentenceThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	err = ports.Check(port, "Temporal Web", "--temporal-web-port")
	if err == nil {
		t.Fatal("a taken port is free")
	}
	for _, part := range []string{"port " + text + " is in use", "Temporal Web", "--temporal-web-port"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestFreePortsAreFreeAndDifferent(t *testing.T) {
	t.Parallel()
	free, err := ports.Free(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range free {
		if seen[port] {
			t.Errorf("port %d twice", port)
		}
		seen[port] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d ports instead of 20", len(seen))
	}
}

func TestLowPortsAreDifferentAndFree(t *testing.T) {
	t.Parallel()
	low, err := ports.Low(7)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range low {
		if seen[port] || port < 1024 || port > 32767 {
			t.Errorf("%v: %d is there twice or out of range", low, port)
		}
		seen[port] = true
		if err := ports.Check(port, "this test", "--port"); err != nil {
			t.Error(err)
		}
	}
	if len(low) != 7 {
		t.Errorf("%d ports", len(low))
	}
}
