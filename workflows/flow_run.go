package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

var flowRunType = define(definition[contract.FlowRunStart]{
	run:           FlowRun,
	versions:      []string{"initial"},
	continueAfter: FlowRunContinueAfter,
	summary: func(s contract.FlowRunStart) string {
		return fmt.Sprintf("flow %d v%d · conversation %d · connection %d · account %d", s.FlowID, s.Version, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "One contact's way through one version of a flow.",
	links: func(s contract.FlowRunStart) []string {
		return []string{runLink(s.RunID), conversationLink(s.ConversationID), flowLink(s.FlowID)}
	},
	found: func(s contract.FlowRunStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID,
			flow: fmt.Sprintf("%d/v%d", s.FlowID, s.Version), state: StateRunning}
	},
})

// FlowRun is one contact's way through one flow version. It waits for what the engine named (a doorbell, an instant, the
// result of a call), steps the engine in one local activity, which is one Postgres transaction, and waits again.
func FlowRun(ctx workflow.Context, in contract.FlowRunInput) (contract.FlowRunResult, error) {
	r := newFlowRun(in)
	if err := r.register(ctx); err != nil {
		return contract.FlowRunResult{}, err
	}
	return r.run(ctx)
}

// flowRun is the state of a FlowRun; what survives continue-as-new is in FlowRunCarried.
type flowRun struct {
	in       contract.FlowRunInput
	at       contract.StepResult // what the last step said
	rung     bool                // somebody rang since the last step
	calling  string              // the call that is waited for
	callDone bool
	calls    int      // calls under way, waited for or not
	steps    int      // since the run of this history began
	lately   []string // what the last steps did, for operators
	alarm    alarm
}

// FlowRunContinueAfter is after how many steps those who start a FlowRun let its history be continued as new: Temporal writes
// the names of all rings so far with every turn, some 22 bytes each, and a new history costs what some hundred of them do.
const FlowRunContinueAfter = 100

// continueAfter is the same for runs whose start says nothing: those begun by earlier programs, which replay with it.
const continueAfter = 400

func newFlowRun(in contract.FlowRunInput) *flowRun {
	r := &flowRun{in: in, rung: true} // whatever started us is the first ring
	if c := in.Carried; c != nil {
		r.at = contract.StepResult{Step: c.Step, Node: c.Node, NodeName: c.NodeName, Wait: c.Wait, Since: c.Since, Until: c.Until, Reason: c.Reason, Call: c.CallID}
		r.rung = c.Rung
	}
	return r
}

func (r *flowRun) register(ctx workflow.Context) error {
	return listen(ctx, func() { r.rung = true }, func() contract.StepResult { return r.at }, func() error {
		for _, name := range []string{contract.UpdateMoveTo, contract.UpdateSetVariable, contract.UpdateStop} {
			if err := workflow.SetUpdateHandler(ctx, name, r.command); err != nil {
				return fmt.Errorf("register %s: %w", name, err)
			}
		}
		return nil
	})
}

// command lets the next step take the mailbox and answers with where the run stands then.
func (r *flowRun) command(ctx workflow.Context, _ contract.CommandInput) (contract.CommandResult, error) {
	before := r.at.Step
	r.rung = true
	if err := workflow.Await(ctx, func() bool { return r.at.Ended || (r.at.Step > before && !r.rung) }); err != nil {
		return contract.CommandResult{}, err
	}
	return contract.CommandResult{Step: r.at.Step, Node: r.at.Node, Wait: r.at.Wait, Ended: r.at.Ended}, nil
}

func (r *flowRun) run(ctx workflow.Context) (contract.FlowRunResult, error) {
	for {
		if r.due(ctx) {
			if err := r.step(ctx); err != nil {
				return contract.FlowRunResult{}, err
			}
			continue
		}
		if r.at.Ended {
			if err := workflow.Await(ctx, func() bool { return r.calls == 0 && workflow.AllHandlersFinished(ctx) }); err != nil {
				return contract.FlowRunResult{}, err
			}
			return contract.FlowRunResult{Outcome: r.at.Outcome, Reason: r.at.Reason, Steps: r.at.Step, NextRun: r.at.NextRunID}, nil
		}
		if r.calls == 0 && (r.steps >= r.limit() || workflow.GetInfo(ctx).GetContinueAsNewSuggested()) {
			return contract.FlowRunResult{}, r.continueAsNew(ctx)
		}
		r.describe(ctx)
		if err := r.wait(ctx); err != nil {
			return contract.FlowRunResult{}, err
		}
	}
}

// due tells whether there is something for the engine: a ring, a due instant, a call's result, or more than one step took.
func (r *flowRun) due(ctx workflow.Context) bool {
	if r.at.Ended {
		return false
	}
	return r.rung || r.callDone || r.at.More || (!r.at.Until.IsZero() && !workflow.Now(ctx).Before(r.at.Until))
}

// cause says in a word why a step is taken.
func (r *flowRun) cause() string {
	switch {
	case r.at.Step == 0:
		return "started"
	case r.callDone:
		return "call ended"
	case r.rung:
		return "rung"
	case r.at.More:
		return "went on"
	}
	return "time came"
}

func (r *flowRun) step(ctx workflow.Context) error {
	cause, summary := r.cause(), fmt.Sprintf("step %d · %s", r.at.Step+1, r.cause())
	if r.at.Node != "" {
		summary += " · at " + r.at.Node
	}
	r.rung, r.callDone = false, false
	ctx = transaction(ctx, soon, summary)
	var out contract.StepResult
	if err := workflow.ExecuteLocalActivity(ctx, contract.ActivityStepFlow, contract.StepFlowInput{Run: r.ids(), Step: r.at.Step + 1}).Get(ctx, &out); err != nil {
		return err
	}
	before := r.at.Wait
	r.at = out
	r.steps++
	r.remember(workflow.Now(ctx), cause)
	if err := r.tell(ctx, before); err != nil {
		return err
	}
	for _, id := range out.Calls {
		r.call(ctx, id, false)
	}
	if out.Wait == "call" && out.Call != "" && r.calling != out.Call {
		r.call(ctx, out.Call, true)
	}
	return nil
}

// tell makes a run that needs an operator findable in Temporal Web, and takes that back when it goes on. An ordinary turn
// writes nothing: which node a run waits at is asked of Postgres.
func (r *flowRun) tell(ctx workflow.Context, before string) error {
	const operator = "operator"
	was, is := before == operator, r.at.Wait == operator && !r.at.Ended
	switch {
	case is && !was:
		return workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(StateNeedsOperator))
	case was && !is:
		return workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(StateRunning))
	}
	return nil
}

// call makes a call to the outside in an activity of its own; the result waits in Postgres for the next step.
func (r *flowRun) call(ctx workflow.Context, id string, awaited bool) {
	if awaited {
		r.calling = id
	}
	r.calls++
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			// The activity keeps the call's own time-outs and tries. The heartbeat finds a lost worker, so this is only a bound
			// that no call reaches: one that ended earlier would make a slow call again.
			StartToCloseTimeout: 24 * time.Hour,
			HeartbeatTimeout:    15 * time.Second,
			RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: time.Minute},
			Summary:             "call " + id,
		})
		// However it ended, the step reads the result from Postgres, or the engine's own deadline fires.
		_ = workflow.ExecuteActivity(ctx, contract.ActivityCallHTTP, contract.CallHTTPInput{Run: r.ids(), CallID: id}).Get(ctx, nil)
		r.calls--
		if r.calling == id {
			r.calling = ""
			r.callDone = true
		}
	})
}

// wait sleeps until something is due. The timer is absolute: a late one fires late and is never skipped.
func (r *flowRun) wait(ctx workflow.Context) error {
	woken := func() bool { return r.due(ctx) || r.at.Ended }
	return r.alarm.await(ctx, r.at.Until, "at "+r.at.Node+" until", woken)
}

func (r *flowRun) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	// Signals that came with this task are drained by the receiving coroutine before we get here again.
	next := r.ids()
	next.ContinueAfter = r.in.ContinueAfter
	next.Carried = &contract.FlowRunCarried{Step: r.at.Step, Node: r.at.Node, NodeName: r.at.NodeName, Wait: r.at.Wait, Since: r.at.Since, Until: r.at.Until,
		Reason: r.at.Reason, CallID: r.at.Call, Rung: r.rung || r.at.More || workflow.GetSignalChannel(ctx, contract.SignalRing).Len() > 0}
	return workflow.NewContinueAsNewError(ctx, FlowRun, next)
}

func (r *flowRun) limit() int {
	if r.in.ContinueAfter > 0 {
		return r.in.ContinueAfter
	}
	return continueAfter
}

func (r *flowRun) ids() contract.FlowRunInput {
	return contract.FlowRunInput{FlowRunStart: r.in.FlowRunStart, ContinueAfter: r.in.ContinueAfter}
}

// describe writes what an operator reads in Temporal Web: where the run stands, what it waits for, since when, until when.
func (r *flowRun) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, r.details()+linksHere(ctx, runLink(r.in.RunID), conversationLink(r.in.ConversationID), flowLink(r.in.FlowID)))
}

// rememberedSteps is how many of the last steps the current details tell of; the console has the whole way.
const rememberedSteps = 5

// remember notes what a step did.
func (r *flowRun) remember(now time.Time, cause string) {
	line := fmt.Sprintf("%s step %d, %s", now.UTC().Format("15:04:05"), r.at.Step, cause)
	if len(r.at.Path) > 0 {
		line += ": " + plain(strings.Join(r.at.Path, ", "))
	}
	if r.at.Sent > 0 {
		line += fmt.Sprintf("; messages sent: %d", r.at.Sent)
	}
	if len(r.lately) == rememberedSteps {
		copy(r.lately, r.lately[1:])
		r.lately = r.lately[:rememberedSteps-1]
	}
	r.lately = append(r.lately, line)
}

func (r *flowRun) details() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** · node `%s`", waitWords(r.at.Wait), r.at.Node)
	if r.at.NodeName != "" {
		fmt.Fprintf(&b, " (%s)", plain(r.at.NodeName))
	}
	fmt.Fprintf(&b, "\n\n- since %s", stamp(r.at.Since))
	switch {
	case r.at.Wait == "operator":
		b.WriteString("\n- until an operator moves it to a node or stops it, in the console")
	case r.at.Until.IsZero():
		b.WriteString("\n- until it happens; no time-out")
	default:
		fmt.Fprintf(&b, "\n- until %s; then it goes on by itself", stamp(r.at.Until))
	}
	if r.at.Reason != "" {
		fmt.Fprintf(&b, "\n- reason: %s", r.at.Reason)
	}
	if len(r.lately) > 0 {
		b.WriteString("\n\nLast steps (UTC):\n")
		for _, line := range r.lately {
			b.WriteString("\n- " + line)
		}
	}
	fmt.Fprintf(&b, "\n\naccount %d · connection %d · conversation %d · flow %d v%d", r.in.AccountID, r.in.ConnectionID, r.in.ConversationID, r.in.FlowID, r.in.Version)
	return b.String()
}

func waitWords(wait string) string {
	switch wait {
	case "reply":
		return "Waiting for the contact's reply"
	case "timer":
		return "Waiting for an instant"
	case "call":
		return "Waiting for a call to the outside"
	case "delivery":
		return "Waiting for what becomes of a message"
	case "ticket":
		return "Waiting for the ticket to close"
	case "operator":
		return "Stopped: needs an operator"
	}
	return "Working"
}
