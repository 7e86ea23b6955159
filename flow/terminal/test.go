package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/perene/perene/flow"
)

// Test is a saved conversation: what the contact and the surroundings do, and what is expected of the flow.
type Test struct {
	Name string `json:"name,omitempty"`
	// Flow is the flow's file, by default the *.json beside the folder of the tests; Flows are others that it names.
	Flow  string   `json:"flow,omitempty"`
	Flows []string `json:"flows,omitempty"`
	// World replaces parts of the world.yaml beside the flow.
	World map[string]any `json:"world,omitempty"`
	Steps []Step         `json:"steps"`
	// Pins answer other systems by the node that asks, where a step does not.
	Pins map[string]Answer `json:"pins,omitempty"`

	unreadable error
}

// Step is one thing that happens: exactly one of the happenings, answers of other systems in the order they are asked, and
// what is expected.
type Step struct {
	Start *StartStep `json:"start,omitempty"`
	// Say is a text of the contact, Tap a tap on an option by id or title, Send any other message.
	Say  string        `json:"say,omitempty"`
	Tap  string        `json:"tap,omitempty"`
	Send *flow.Inbound `json:"send,omitempty"`
	// Wait lets time pass, Until too; timers fire on the way.
	Wait  string `json:"wait,omitempty"`
	Until string `json:"until,omitempty"`
	// TicketClosed closes the ticket, Set sets variables, MoveTo moves the run, Stop ends it.
	TicketClosed bool           `json:"ticket_closed,omitempty"`
	Set          map[string]any `json:"set,omitempty"`
	MoveTo       string         `json:"move_to,omitempty"`
	Stop         bool           `json:"stop,omitempty"`

	// HTTP answers the calls of this step, one after the other.
	HTTP []Answer `json:"http,omitempty"`
	// Delivery is what becomes of templates that are sent in this step; accepted by default.
	Delivery flow.SendOutcome `json:"delivery,omitempty"`

	Expect *Expectation `json:"expect,omitempty"`
}

// StartStep starts a run by hand.
type StartStep struct {
	By     string         `json:"by,omitempty"`
	Inputs map[string]any `json:"inputs,omitempty"`
	Node   string         `json:"node,omitempty"`
}

// Answer is what another system answers: a status with a body, or an error ("timeout", "refused", "failed").
type Answer struct {
	Status  int               `json:"status,omitempty"`
	JSON    any               `json:"json,omitempty"`
	Body    string            `json:"body,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Error   string            `json:"error,omitempty"`
}

func (a *Answer) result() (flow.CallResult, error) {
	res := flow.CallResult{Status: a.Status, Headers: a.Headers, Body: a.Body, Error: a.Error, Attempts: 1}
	if a.JSON != nil {
		raw, err := json.Marshal(a.JSON)
		if err != nil {
			return res, err
		}
		res.Body = string(raw)
	}
	if res.Status == 0 && res.Error == "" {
		res.Status = 200
	}
	return res, nil
}

// Result is what became of one test.
type Result struct {
	File string
	Name string
	// Diff is empty when everything was as expected.
	Diff string
	// Err is set when the test cannot run at all.
	Err     error
	Updated bool
}

// OK reports whether the test passed.
func (r *Result) OK() bool { return r.Err == nil && r.Diff == "" }

// errNoTests is said when a folder holds none.
var errNoTests = errors.New("no tests: write conversations as *.yaml in a folder called tests beside the flow")

// RunTests plays every saved conversation under a folder, or of the one file named, in the order of their names. A document may
// keep tests itself. With update, what files of tests expect is written anew from what happens.
func RunTests(root string, update bool) ([]Result, error) {
	files, err := testFiles(root)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w", root, errNoTests)
	}
	out := make([]Result, 0, len(files))
	for _, f := range files {
		if filepath.Ext(f) == ".json" {
			out = append(out, runSaved(f)...)
			continue
		}
		out = append(out, RunTest(f, update))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %w", root, errNoTests)
	}
	return out, nil
}

// WriteResults prints what became of the tests and returns how many failed.
func WriteResults(w io.Writer, results []Result, language string, color bool) int {
	paint := painter(color)
	word := func(pt, en string) string {
		if english(language) {
			return en
		}
		return pt
	}
	failed := 0
	for i := range results {
		r := &results[i]
		switch {
		case r.Err != nil:
			failed++
			fmt.Fprintf(w, "%s %s: %v\n", paint(red, "✗"), r.File, r.Err)
		case r.Diff != "":
			failed++
			fmt.Fprintf(w, "%s %s: %s\n%s", paint(red, "✗"), r.File, r.Name, paintDiff(r.Diff, paint))
		case r.Updated:
			fmt.Fprintf(w, "%s %s: %s\n", paint(yellow, "✎"), r.File, r.Name)
		default:
			fmt.Fprintf(w, "%s %s: %s\n", paint(green, "✓"), r.File, r.Name)
		}
	}
	fmt.Fprintf(w, word("%d passaram, %d falharam; - esperado, + aconteceu\n", "%d passed, %d failed; - expected, + happened\n"), len(results)-failed, failed)
	return failed
}

// keepsTests reports whether a file is a document with tests of its own.
func keepsTests(file string) bool {
	info, err := os.Stat(file)
	if err != nil || info.Size() > flow.MaxDocumentBytes {
		return false
	}
	raw, err := os.ReadFile(file)
	return err == nil && len(TestsOf(raw).Tests) > 0
}

// testFiles are the *.yaml in folders called "tests", and documents that keep tests.
func testFiles(root string) ([]string, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{root}, nil
	}
	var out []string
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		dir, ext := filepath.Base(filepath.Dir(path)), filepath.Ext(path)
		switch {
		case d.IsDir():
		case dir == "tests" && (ext == ".yaml" || ext == ".yml"), ext == ".json" && keepsTests(path):
			out = append(out, path)
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}

// RunTest plays one saved conversation.
func RunTest(file string, update bool) Result {
	res := Result{File: file, Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))}
	raw, err := os.ReadFile(file)
	if err != nil {
		res.Err = err
		return res
	}
	t, err := ParseTest(raw)
	if err != nil {
		res.Err = err
		return res
	}
	if t.Name != "" {
		res.Name = t.Name
	}
	p, err := t.player(file)
	if err != nil {
		res.Err = err
		return res
	}
	seen, err := t.play(p)
	if err != nil {
		res.Err = err
		return res
	}
	if update {
		out, err := rewrite(raw, seen)
		if err != nil {
			res.Err = err
			return res
		}
		if string(out) != string(raw) {
			res.Updated = true
			res.Err = os.WriteFile(file, out, 0o644) //nolint:gosec // a test of a flow is no secret
		}
		return res
	}
	res.Diff = compare(t.Steps, seen)
	return res
}

// ParseTest reads a saved conversation.
func ParseTest(raw []byte) (*Test, error) {
	var t Test
	if err := decodeYAML(raw, &t); err != nil {
		return nil, err
	}
	if len(t.Steps) == 0 {
		return nil, errors.New("the conversation has no steps")
	}
	for i := range t.Steps {
		if err := t.Steps[i].Check(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return &t, nil
}

// Check demands that exactly one thing happens.
func (s *Step) Check() error {
	if s.happenings() != 1 {
		return errors.New("write exactly one of start, say, tap, send, wait, until, ticket_closed, set, move_to, stop, or http alone")
	}
	return nil
}

func (s *Step) happenings() int {
	n := 0
	for _, set := range []bool{
		s.Start != nil, s.Say != "", s.Tap != "", s.Send != nil, s.Wait != "", s.Until != "", s.TicketClosed, s.Set != nil, s.MoveTo != "", s.Stop,
	} {
		if set {
			n++
		}
	}
	if n == 0 && len(s.HTTP) > 0 {
		return 1
	}
	return n
}

// player makes the conversation that a test describes.
func (t *Test) player(file string) (*Player, error) {
	dir := filepath.Dir(file)
	main := t.Flow
	if main == "" {
		found, err := filepath.Glob(filepath.Join(dir, "..", "*.json"))
		if err != nil || len(found) != 1 {
			return nil, fmt.Errorf(`say which flow with "flow:": there are %d *.json in %s`, len(found), filepath.Clean(filepath.Join(dir, "..")))
		}
		main = found[0]
	} else {
		main = filepath.Join(dir, filepath.FromSlash(main))
	}
	files := []string{main}
	for _, f := range t.Flows {
		files = append(files, filepath.Join(dir, filepath.FromSlash(f)))
	}
	graphs, err := LoadFlows(files)
	if err != nil {
		return nil, err
	}
	world, err := ReadWorld(main, "")
	if err != nil {
		return nil, err
	}
	if t.World != nil {
		if err := decodeTree(t.World, &world); err != nil {
			return nil, fmt.Errorf("world: %w", err)
		}
	}
	p, err := NewPlayer(graphs, world)
	if err == nil {
		p.pins = t.Pins
	}
	return p, err
}

// LoadFlows reads documents; an error tells the first problem of each.
func LoadFlows(files []string) ([]*flow.Graph, error) {
	var out []*flow.Graph
	var bad []error
	for i, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		g, err := flow.Load(raw)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if g.ID() == "" { // a draft has no id; one is needed where flows meet
			g = g.WithIdentity(fmt.Sprint(i+1), "1")
		}
		out = append(out, g)
	}
	return out, errors.Join(bad...)
}

// play plays every step and gives what came of each.
func (t *Test) play(p *Player) ([]Expectation, error) {
	out := make([]Expectation, 0, len(t.Steps))
	for i := range t.Steps {
		h, err := p.perform(&t.Steps[i])
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		out = append(out, p.expectation(&h))
	}
	return out, nil
}

func (p *Player) perform(s *Step) (Happening, error) {
	p.deliver, p.fated = flow.SendAccepted, ""
	if s.Delivery != "" {
		p.deliver = s.Delivery
	}
	h, err := p.act(s)
	if err != nil {
		return h, err
	}
	for i := range s.HTTP {
		res, err := s.HTTP[i].result()
		if err != nil {
			return h, err
		}
		var call string
		if p.waitsForCall() {
			call = p.state.Wait.Call
		}
		later, err := p.Answer(res)
		if err != nil {
			return h, fmt.Errorf("http %d: %w", i+1, err)
		}
		h.answered(call, s.HTTP[i], false)
		h.merge(later)
	}
	return h, nil
}

func (p *Player) act(s *Step) (Happening, error) {
	switch {
	case s.Start != nil:
		return p.Start(s.Start.By, s.Start.Inputs, s.Start.Node)
	case s.Say != "":
		return p.Receive(flow.Inbound{Kind: flow.InboundText, Text: s.Say})
	case s.Tap != "":
		return p.Tap(s.Tap)
	case s.Send != nil:
		return p.Receive(*s.Send)
	case s.Wait != "":
		d, err := flow.ParseDuration(s.Wait)
		if err != nil {
			return Happening{}, err
		}
		return p.Skip(d.Std())
	case s.Until != "":
		at, err := parseTime(s.Until, p.env.Account.Zone)
		if err != nil {
			return Happening{}, err
		}
		return p.Until(at)
	case s.TicketClosed:
		return p.CloseTicket()
	case s.Set != nil:
		var all Happening
		for _, name := range sorted(s.Set) {
			h, err := p.SetVariable(name, s.Set[name])
			if err != nil {
				return all, err
			}
			all.merge(h)
		}
		return all, nil
	case s.MoveTo != "":
		return p.MoveTo(s.MoveTo)
	case s.Stop:
		return p.Stop()
	}
	return Happening{}, nil // answers of other systems alone
}

// Now is the conversation's clock.
func (p *Player) Now() time.Time { return p.now.In(p.env.Account.Zone) }

func sorted(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// rewrite puts what happened into the file as what is expected; comments and order stay.
func rewrite(raw []byte, seen []Expectation) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return raw, nil
	}
	steps := member(doc.Content[0], "steps")
	if steps == nil || len(steps.Content) != len(seen) {
		return nil, errors.New("the steps cannot be written anew")
	}
	for i, step := range steps.Content {
		value, err := seen[i].node()
		if err != nil {
			return nil, err
		}
		if old := member(step, "expect"); old != nil {
			*old = *value
			continue
		}
		step.Style = 0
		step.Content = append(step.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "expect"}, value)
	}
	return encodeYAML(&doc)
}

// yamlOf writes a value by its JSON tags, members in the order in which the struct has them, below comments.
func yamlOf(v any, comments []string) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil { // JSON is YAML, and a node keeps the order
		return nil, err
	}
	blocks(&doc)
	readable(&doc)
	out, err := encodeYAML(&doc)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, c := range comments {
		b.WriteString("# " + c + "\n")
	}
	b.Write(out)
	return []byte(b.String()), nil
}

// blocks writes what JSON has in braces, brackets and quotes the way people write YAML.
func blocks(n *yaml.Node) {
	n.Style &^= yaml.FlowStyle
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Style = 0 // the encoder quotes what would read as something else
	}
	for _, c := range n.Content {
		blocks(c)
	}
}

func member(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func encodeYAML(v any) ([]byte, error) {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	// The encoder writes characters beyond the first 65,536, emoji among them, as numbers; people read them better as they are.
	out := escapedRune.ReplaceAllStringFunc(b.String(), func(s string) string {
		m := escapedRune.FindStringSubmatch(s)
		n, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			return s
		}
		return m[1] + string(rune(n))
	})
	return []byte(out), nil
}

// escapedRune is \U0001F44B after an even number of backslashes.
var escapedRune = regexp.MustCompile(`((?:^|[^\\])(?:\\\\)*)\\U([0-9A-F]{8})`)
