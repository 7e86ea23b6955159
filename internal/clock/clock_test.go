package clock

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world has a system clock, a monotonic one and Postgres's, each moved by hand.
type world struct {
	wall, there time.Time
	mono, takes time.Duration
	err         error
}

func (w *world) clock() *Clock {
	return &Clock{wall: func() time.Time { return w.wall }, mono: func() time.Duration { return w.mono }}
}

func (w *world) pass(d time.Duration) {
	w.wall, w.there, w.mono = w.wall.Add(d), w.there.Add(d), w.mono+d
}

func (w *world) postgres(context.Context) (time.Time, error) {
	w.pass(w.takes / 2)
	at := w.there
	w.pass(w.takes - w.takes/2)
	return at, w.err
}

// A clock that jumps by hours moves neither windows nor leases: what counts is Postgres's, carried on by the monotonic clock.
func TestAJumpOfTheSystemsClockMovesNothing(t *testing.T) {
	t.Parallel()
	w := &world{wall: noon, there: noon.Add(30 * time.Millisecond), takes: 10 * time.Millisecond}
	c := w.clock()
	if c.Now() != noon {
		t.Errorf("before the first reading it shows %s", c.Now())
	}
	if _, err := c.Read(t.Context(), w.postgres); err != nil {
		t.Fatal(err)
	}
	for _, jump := range []time.Duration{2 * time.Hour, -4 * time.Hour, 27 * time.Hour, -25 * time.Hour} {
		w.wall = w.wall.Add(jump)
		w.pass(time.Second)
		if c.Now() != w.there {
			t.Errorf("after a jump by %s it shows %s, Postgres %s", jump, c.Now(), w.there)
		}
	}
}

// Readings that differ by less than the way takes do not make time stutter; a real difference counts.
func TestASmallDifferenceIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := &world{wall: noon, there: noon}
	c := w.clock()
	for _, step := range []struct {
		drift, want time.Duration // of Postgres against what the clock shows before; what it shows afterwards
	}{{0, 0}, {tolerance / 2, 0}, {-tolerance, 0}, {2 * time.Second, 2*time.Second - tolerance/2}} {
		w.there = w.there.Add(step.drift)
		before := c.Now()
		if _, err := c.Read(t.Context(), w.postgres); err != nil {
			t.Fatal(err)
		}
		if got := c.Now().Sub(before); got != step.want {
			t.Errorf("Postgres drifted by %s: the clock moved by %s, want %s", step.drift, got, step.want)
		}
	}
}

func TestAWrongClockIsToldOfOnce(t *testing.T) {
	t.Parallel()
	w := &world{wall: noon, there: noon}
	c := w.clock()
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	look := func() { c.look(t.Context(), log, w.postgres) }
	look()
	w.wall = w.wall.Add(-2 * time.Hour)
	look()
	look()
	w.err = errors.New("away")
	look()
	w.err = nil
	w.wall = w.wall.Add(2 * time.Hour)
	look()
	if n := strings.Count(said.String(), "differs from the database's"); n != 1 || !strings.Contains(said.String(), "seconds=-7200") {
		t.Errorf("it was told %d times:\n%s", n, said.String())
	}
	if n := strings.Count(said.String(), "right again"); n != 1 {
		t.Errorf("its end was told %d times:\n%s", n, said.String())
	}
}

// A slow answer says less: what it might differ by for that alone is no difference.
func TestASlowAnswerMovesNothing(t *testing.T) {
	t.Parallel()
	w := &world{wall: noon, there: noon}
	c := w.clock()
	if _, err := c.Read(t.Context(), w.postgres); err != nil {
		t.Fatal(err)
	}
	late := func(context.Context) (time.Time, error) { // waited for a connection first
		w.pass(800 * time.Millisecond)
		return w.there, nil
	}
	if _, err := c.Read(t.Context(), late); err != nil || c.Now() != w.there {
		t.Errorf("it shows %s, Postgres %s, %v", c.Now(), w.there, err)
	}
}

// While Postgres is away the clock goes on.
func TestTheClockGoesOnWithoutPostgres(t *testing.T) {
	t.Parallel()
	w := &world{wall: noon.Add(time.Hour), there: noon}
	c := w.clock()
	if _, err := c.Read(t.Context(), w.postgres); err != nil {
		t.Fatal(err)
	}
	w.err = errors.New("away")
	w.pass(time.Minute)
	if _, err := c.Read(t.Context(), w.postgres); err == nil || c.Now() != noon.Add(time.Minute) {
		t.Errorf("it shows %s, %v", c.Now(), err)
	}
}

func TestShifted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "offset")
	now := func() time.Time { return Shifted(path)() }
	near := func(want time.Duration) {
		t.Helper()
		if off := time.Until(now()); (off - want).Abs() > time.Minute {
			t.Errorf("it is off by %s, want %s", off, want)
		}
	}
	near(0)
	for text, want := range map[string]time.Duration{"25h\n": 25 * time.Hour, "-2h": -2 * time.Hour} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		near(want)
	}
}
