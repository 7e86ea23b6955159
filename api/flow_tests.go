package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/models"
)

// FlowTest is a saved conversation, as a document keeps it in its ui.tests.
type FlowTest struct {
	Test  map[string]any `json:"test" doc:"A member of the document's ui.tests: name, world, steps with what is expected, and pinned answers."`
	Notes []string       `json:"notes" doc:"Where the replay of a real conversation and what really happened differ."`
}

// FlowTestResult is what became of one saved test.
type FlowTestResult struct {
	Index int    `json:"index" doc:"Its place in the document's ui.tests, from 0."`
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Step  int    `json:"step,omitempty" doc:"The first step that went another way, from 1."`
	Does  string `json:"does,omitempty" doc:"What happens in that step." example:"say \"oi\""`
	Diff  string `json:"diff,omitempty" doc:"The lines that differ: - was expected, + happened."`
	Why   string `json:"why,omitempty" doc:"Why it could not be played."`
}

// FlowTests is what became of a document's saved tests.
type FlowTests struct {
	OK      bool             `json:"ok"`
	Block   bool             `json:"block" doc:"A version is not published while one of them fails."`
	Results []FlowTestResult `json:"results"`
}

type runFlowTestsIn struct {
	ID   models.FlowID `path:"id" minimum:"1"`
	Body struct {
		Document json.RawMessage `json:"document" doc:"The draft as it is drawn now. Its ui.tests are played."`
	}
}

type keepFlowTestIn struct {
	ID   models.FlowID `path:"id" minimum:"1"`
	Body struct {
		Name     string           `json:"name" minLength:"1" maxLength:"200"`
		Document json.RawMessage  `json:"document"`
		World    SimulationWorld  `json:"world,omitzero" required:"false"`
		Steps    []SimulationStep `json:"steps" minItems:"1" maxItems:"200"`
	}
}

func (a *app) flowTestOperations(op func(id, method, path, summary string) operation) {
	o := op("run-flow-tests", http.MethodPost, "/{id}/tests/run", "Play a draft's saved tests")
	o.maxBody = flow.MaxDocumentBytes
	o.doc = "Nothing is stored, and nothing reaches a person or another system. Each test says its first difference."
	handle(a, o, a.runFlowTests)
	o = op("keep-flow-test", http.MethodPost, "/{id}/tests/keep", "Make a saved test of a simulated conversation")
	o.maxBody = flow.MaxDocumentBytes
	o.doc = "The test expects what comes of the conversation now. It is stored with the draft that has it in its ui.tests. A contact of the " +
		"account is left out of it: the test plays with a made-up one."
	handle(a, o, a.keepFlowTest)
	o = operation{id: "keep-flow-run-test", method: http.MethodPost, path: "/v1/flow-runs/{id}/tests/keep", tag: "flow-runs",
		summary: "Make a saved test of a real conversation"}
	o.doc = "Plays the run again by what it took up. Names, numbers and words of the person are replaced by others of the same shape."
	handle(a, o, a.keepFlowRunTest)
}

// testsOf plays the saved tests of a document in the account's surroundings.
func (a *app) testsOf(ctx context.Context, id models.FlowID, doc json.RawMessage) (*FlowTests, error) {
	saved := terminal.TestsOf(doc)
	out := &FlowTests{OK: true, Block: saved.Block, Results: []FlowTestResult{}}
	if len(saved.Tests) == 0 {
		return out, nil
	}
	g, err := loadDraft(id, doc)
	if err != nil {
		return nil, err
	}
	s, err := a.simulation(ctx, SimulationWorld{}, nil)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, testsTime)
	defer cancel()
	s.Stop = func() bool { return limited.Err() != nil }
	for i := range saved.Tests {
		t := &saved.Tests[i]
		failure, err := t.Play(*s, g)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			failure = &terminal.Failure{Why: "it takes too long"}
		}
		r := FlowTestResult{Index: i, Name: t.Name, OK: failure == nil}
		if failure != nil {
			out.OK = false
			r.Step, r.Does, r.Diff, r.Why = failure.Step, failure.Does, failure.Diff, failure.Why
		}
		out.Results = append(out.Results, r)
	}
	return out, nil
}

// testsTime is the most that all tests of a document may take.
const testsTime = 2 * simulationTime

// mustPass refuses a document whose tests fail, where its designers want that.
func (a *app) mustPass(ctx context.Context, id models.FlowID, doc json.RawMessage) error {
	if !terminal.TestsOf(doc).Block {
		return nil
	}
	tests, err := a.testsOf(ctx, id, doc)
	if err != nil || tests.OK {
		return err
	}
	p := newProblem(models.CodeInvalid, "Saved tests fail: see what differs, or let the flow be published all the same.")
	p.Key = "flow.tests_failed"
	for _, r := range tests.Results {
		if !r.OK {
			p.Errors = append(p.Errors, ProblemField{Location: fmt.Sprintf("/ui/tests/%d", r.Index), Message: fmt.Sprintf("%s: step %d", r.Name, r.Step)})
		}
	}
	return p
}

func (a *app) runFlowTests(ctx context.Context, in *runFlowTestsIn) (*one[FlowTests], error) {
	if _, err := a.Store.Flow(ctx, who(ctx).account(), in.ID); err != nil {
		return nil, err
	}
	out, err := a.testsOf(ctx, in.ID, in.Body.Document)
	if err != nil {
		return nil, err
	}
	return &one[FlowTests]{Body: *out}, nil
}

func (a *app) keepFlowTest(ctx context.Context, in *keepFlowTestIn) (*one[FlowTest], error) {
	if _, err := a.Store.Flow(ctx, who(ctx).account(), in.ID); err != nil {
		return nil, err
	}
	g, err := loadDraft(in.ID, in.Body.Document)
	if err != nil {
		return nil, err
	}
	w := in.Body.World
	if w.ContactID != 0 { // a test holds nothing of a person
		if _, err := a.simulatedContact(ctx, who(ctx), w.ContactID); err != nil {
			return nil, err
		}
		w.ContactID = 0
	}
	s, err := a.simulation(ctx, w, in.Body.Steps)
	if err != nil {
		return nil, err
	}
	world := map[string]any{"now": s.World.Now}
	if w.Display != "" {
		world["channel"] = w.Display
	}
	if w.FirstContact != nil {
		world["first_contact"] = *w.FirstContact
	}
	if w.WindowClosed {
		world["window_closed"] = true
	}
	if w.Contact != nil {
		world["contact"] = s.World.Contact
	}
	s.Pins = terminal.PinsOf(in.Body.Document)
	limited, cancel := context.WithTimeout(ctx, simulationTime)
	defer cancel()
	s.Stop = func() bool { return limited.Err() != nil }
	t, err := s.Keep(in.Body.Name, world, g)
	if err != nil {
		return nil, models.Invalid("body.steps", "%s", err.Error())
	}
	return savedTest(t, nil)
}

func savedTest(t *terminal.Test, notes []string) (*one[FlowTest], error) {
	out := &one[FlowTest]{Body: FlowTest{Notes: notes}}
	if notes == nil {
		out.Body.Notes = []string{}
	}
	return out, recast(t, &out.Body.Test)
}

// keepFlowRunTest makes a test of a run that the viewer sees, with the person's words replaced.
func (a *app) keepFlowRunTest(ctx context.Context, in *flowRunIDIn) (*one[FlowTest], error) {
	p := who(ctx)
	if !p.may(ConversationsRead) {
		return nil, models.NotFound("flow_run")
	}
	v, err := a.Store.FlowRun(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	if a.RunRecord == nil {
		return nil, &models.Error{Code: models.CodeUnavailable, Message: "this program does not make tests of conversations"}
	}
	rec, err := a.RunRecord(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	rec.Name = fmt.Sprintf("%s v%d, %s", v.FlowName, v.Version, v.StartedAt.UTC().Format("2006-01-02"))
	repro, err := terminal.MakeRepro(*rec, true)
	if err != nil {
		return nil, &models.Error{Code: models.CodeInvalid, Key: "flow_run.not_replayable", Message: "this conversation cannot be played again: " + err.Error()}
	}
	return savedTest(&repro.Saved, repro.Notes)
}
