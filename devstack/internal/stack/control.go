package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/perene/perene/devstack/internal/process"
)

// Request is one line to the control socket.
type Request struct {
	// Op is status, stop, cut, start, restart or kill. A child that was stopped or
	// cut off stays so until it is started; one that was killed is started again
	// by itself.
	Op string `json:"op"`
	// Name is the process; status needs none.
	Name string `json:"name,omitempty"`
}

// Response is one line from the control socket.
type Response struct {
	OK        bool             `json:"ok"`
	Error     string           `json:"error,omitempty"`
	Processes []process.Status `json:"processes"`
}

// socketPath is DATA/NAME, or a name in the temporary folder where that is longer than a Unix socket may be.
func socketPath(data, name string) (string, error) {
	path := filepath.Join(data, name)
	if len(path) < 100 {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "devstack-")
	if err != nil {
		return "", fmt.Errorf("make a folder for a socket: %w", err)
	}
	return filepath.Join(dir, name), nil
}

// serveControl answers the control socket until ctx ends.
func (s *Stack) serveControl(ctx context.Context, path string) error {
	_ = os.Remove(path) // left by a stack that was killed; the lock says there is no other
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("open the control socket: %w", err), l.Close())
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.control(ctx, conn)
		}
	}()
	return nil
}

func (s *Stack) control(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		var request Request
		err := json.Unmarshal(lines.Bytes(), &request)
		if err == nil {
			err = s.obey(ctx, request)
		}
		response := Response{OK: err == nil, Processes: s.sup.Status()}
		if err != nil {
			response.Error = err.Error()
		}
		if err := json.NewEncoder(conn).Encode(response); err != nil {
			return
		}
	}
}

func (s *Stack) obey(ctx context.Context, r Request) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	switch r.Op {
	case "status":
		return nil
	case "stop":
		return s.sup.Stop(ctx, r.Name)
	case "cut":
		return s.sup.Cut(ctx, r.Name)
	case "start":
		return s.sup.Resume(ctx, r.Name)
	case "restart":
		return s.sup.Restart(ctx, r.Name)
	case "kill":
		return s.sup.Kill(ctx, r.Name)
	default:
		return fmt.Errorf("the operation %q is not known: use status, stop, cut, start, restart or kill", r.Op)
	}
}

// Control sends one request to the stack that runs with data and returns its answer.
func Control(ctx context.Context, data string, r Request) (Response, error) {
	var answer Response
	text, err := os.ReadFile(filepath.Join(data, "state.json"))
	if errors.Is(err, os.ErrNotExist) {
		return answer, fmt.Errorf("no stack has run with %s: start one with `make dev`", data)
	}
	if err != nil {
		return answer, fmt.Errorf("read the state of the stack: %w", err)
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		return answer, fmt.Errorf("read the state of the stack: %w", err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", state.Control)
	if err != nil {
		return answer, fmt.Errorf("no stack runs with %s: start one with `make dev`", data)
	}
	defer func() { _ = conn.Close() }()
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return answer, fmt.Errorf("ask the stack: %w", err)
	}
	if err := json.NewDecoder(conn).Decode(&answer); err != nil {
		return answer, fmt.Errorf("hear from the stack: %w", err)
	}
	if !answer.OK {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}
