package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/perene/perene/flow"
)

// MostSaved bounds the saved tests of one document.
const MostSaved = 100

// SavedTests are conversations that a document keeps in its "ui", which the engine ignores: they are published, exported and
// undone with it.
type SavedTests struct {
	Tests []Test
	// Block says that a version is not published while one of them fails.
	Block bool
}

// TestsOf reads the saved tests of a document. What cannot be read is a test that fails.
func TestsOf(doc json.RawMessage) SavedTests {
	var d struct {
		UI struct {
			Tests []json.RawMessage `json:"tests"`
			Block bool              `json:"tests_block"`
		} `json:"ui"`
	}
	out := SavedTests{}
	if json.Unmarshal(doc, &d) != nil {
		return out
	}
	out.Block = d.UI.Block
	for i, raw := range d.UI.Tests {
		if i == MostSaved {
			break
		}
		var t Test
		if err := json.Unmarshal(raw, &t); err != nil {
			t = Test{unreadable: errors.New("the test cannot be read")}
		}
		out.Tests = append(out.Tests, t)
	}
	return out
}

// Over lays what a test says of its surroundings over a world.
func (t *Test) Over(w World) (World, error) {
	if t.World == nil {
		return w, nil
	}
	// What the test says of the contact is all that is known of the person.
	if _, has := t.World["contact"]; has {
		w.Contact = flow.Contact{}
	}
	if err := decodeTree(t.World, &w); err != nil {
		return w, fmt.Errorf("world: %w", err)
	}
	return w, nil
}

// Failure is the first place where a conversation went another way than its test says.
type Failure struct {
	// Step counts from 1; 0 is the whole test.
	Step int
	// Does says what happens in the step: say "oi".
	Does string
	// Diff has the lines that differ: - was expected, + happened. Why says why the step, or the test, could not be played.
	Diff string
	Why  string
}

// Play plays a saved test about a graph and gives its first difference, nil where there is none. s has the account's
// surroundings. An error wraps [flow.ErrHalted].
func (t *Test) Play(s Simulation, g *flow.Graph) (*Failure, error) {
	if t.unreadable != nil {
		return &Failure{Why: t.unreadable.Error()}, nil //nolint:nilerr // it is what the test says
	}
	if len(t.Steps) == 0 {
		return &Failure{Why: "the conversation has no steps"}, nil
	}
	for i := range t.Steps {
		if err := t.Steps[i].Check(); err != nil {
			return &Failure{Step: i + 1, Why: err.Error()}, nil //nolint:nilerr // it is what the test says
		}
	}
	world, err := t.Over(s.World)
	if err != nil {
		return &Failure{Why: err.Error()}, nil //nolint:nilerr // the same
	}
	s.World, s.Steps, s.Pins = world, t.Steps, t.Pins
	out, err := s.Simulate(g)
	switch {
	case errors.Is(err, flow.ErrHalted):
		return nil, err
	case err != nil:
		return &Failure{Why: err.Error()}, nil //nolint:nilerr // the same
	}
	for i := range t.Steps {
		if out.Expect[i] == nil {
			return &Failure{Step: i + 1, Does: t.Steps[i].title(), Why: out.Steps[i].Why}, nil
		}
		want := t.Steps[i].Expect
		if want == nil {
			continue
		}
		if d := want.differences(out.Expect[i]); d != "" {
			return &Failure{Step: i + 1, Does: t.Steps[i].title(), Diff: d}, nil
		}
	}
	return nil, nil
}

// Keep plays a conversation and makes a test of it that expects what came. world is what the test says of its surroundings.
// An error says which step cannot happen, or what is wrong with the world.
func (s *Simulation) Keep(name string, world map[string]any, g *flow.Graph) (*Test, error) {
	t := &Test{Name: name, World: world, Steps: s.Steps, Pins: maps.Clone(s.Pins)}
	w, err := t.Over(s.World)
	if err != nil {
		return nil, err
	}
	played := *s
	played.World = w
	out, err := played.Simulate(g)
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for i := range t.Steps {
		if out.Expect[i] == nil {
			return nil, fmt.Errorf("step %d cannot happen: %s", i+1, out.Steps[i].Why)
		}
		t.Steps[i].Expect = out.Expect[i]
		for _, call := range out.Steps[i].Asked {
			asked[call.Node] = asked[call.Node] || call.Pinned
		}
	}
	maps.DeleteFunc(t.Pins, func(node string, _ Answer) bool { return !asked[node] })
	return t, nil
}

// runSaved plays the tests that a document keeps itself, in the world of its folder.
func runSaved(file string) []Result {
	raw, err := os.ReadFile(file)
	if err != nil {
		return []Result{{File: file, Name: file, Err: err}}
	}
	saved := TestsOf(raw)
	if len(saved.Tests) == 0 {
		return nil
	}
	graphs, err := LoadFlows([]string{file})
	if err != nil {
		return []Result{{File: file, Name: file, Err: err}}
	}
	world, err := ReadWorld(file, "")
	if err != nil {
		return []Result{{File: file, Name: file, Err: err}}
	}
	out := make([]Result, 0, len(saved.Tests))
	for i := range saved.Tests {
		t := &saved.Tests[i]
		res := Result{File: file, Name: t.Name}
		failure, err := t.Play(Simulation{World: world}, graphs[0])
		switch {
		case err != nil:
			res.Err = err
		case failure != nil && failure.Diff != "":
			res.Diff = fmt.Sprintf("step %d, %s:\n%s", failure.Step, failure.Does, failure.Diff)
		case failure != nil:
			res.Err = fmt.Errorf("step %d: %s", failure.Step, failure.Why)
		}
		out = append(out, res)
	}
	return out
}
