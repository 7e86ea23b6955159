package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// ChooseFor looks for the regular expressions of keyword triggers in the messages of a delivery, before its transaction, and
// gives the chooser that knows them. Who is in charge is still decided in one place, under the conversation's lock. It is a
// contract.DeliveryChooser.
func (f *Flows) ChooseFor(ctx context.Context, conn *models.Connection, d *contract.InboundDelivery) contract.FlowChooser {
	hits := map[*models.InboundMessage]*flow.Hits{}
	for i := range d.Elements {
		m := d.Elements[i].Message
		if m == nil || !m.Arrival.Counts() {
			continue
		}
		c, err := f.cached(ctx, conn.AccountID, conn.ID)
		if err != nil {
			return f.Choose // which meets the same error, and decides what becomes of the message
		}
		hits[m] = f.find(ctx, c, conn.AccountID, conn.ID, asInbound(m))
	}
	return func(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
		return f.choose(ctx, q, hits[q.Message])
	}
}

// find looks for the regular expressions of an account's keyword triggers in a message. nil says that there are none.
func (f *Flows) find(ctx context.Context, c *cachedEnv, account models.AccountID, connection models.ConnectionID, in flow.Inbound) *flow.Hits {
	h := flow.FindPatterns(f.patterned(ctx, account, c), in, c.flow)
	if h != nil && h.Over {
		f.log.Warn("the keyword triggers of an account cost more than a message may; some were not looked for", "account_id", account, "connection_id", connection)
	}
	return h
}

// lookTries is how often a step stops to look for regular expressions outside its transaction.
const lookTries = 2

// lookFirst ends a step's transaction when a message that the run left is matched against regular expressions: they are looked for
// first, without the conversation's lock.
type lookFirst struct{ in flow.Inbound }

func (*lookFirst) Error() string { return "regular expressions are looked for outside the transaction" }

// stepOutsideIn takes a step. When its end leaves a message to the keyword triggers, the step is rolled back once, their regular
// expressions are looked for, and the step is taken again with what they found.
func (f *Flows) stepOutsideIn(ctx context.Context, run contract.FlowRunStart, step int64, decide func(*contract.StepSnapshot) (*contract.StepDecision, error)) (contract.StepResult, contract.Wake, error) {
	var hits *flow.Hits
	var text string
	for try := 0; ; try++ {
		choose := func(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
			in := asInbound(q.Message)
			if hits != nil && text == in.Text {
				return f.choose(ctx, q, hits)
			}
			c, err := f.cached(ctx, q.AccountID, q.Connection.ID)
			if err == nil && try < lookTries && len(f.patterned(ctx, q.AccountID, c)) > 0 {
				return nil, &lookFirst{in}
			}
			return f.choose(ctx, q, nil)
		}
		out, wake, err := f.store.StepFlow(ctx, run, step, decide, choose)
		var first *lookFirst
		if !errors.As(err, &first) {
			return out, wake, err
		}
		c, err := f.cached(ctx, run.AccountID, run.ConnectionID)
		if err != nil {
			return contract.StepResult{}, contract.Wake{}, err
		}
		hits, text = f.find(ctx, c, run.AccountID, run.ConnectionID, first.in), first.in.Text
	}
}

// patterned are the published flows that look for regular expressions.
func (f *Flows) patterned(ctx context.Context, account models.AccountID, c *cachedEnv) []flow.Candidate {
	c.once.Do(func() {
		for _, p := range c.env.Published {
			g, err := f.graph(ctx, account, p.VersionID)
			if err == nil && g.HasPatterns() { // choose tells of one that cannot be read
				c.patterned = append(c.patterned, flow.Candidate{Graph: g})
			}
		}
	})
	return c.patterned
}

// asInbound is a message as triggers read it.
func asInbound(m *models.InboundMessage) flow.Inbound {
	in := flow.Inbound{Seq: 1, At: m.At}
	fillInbound(&in, &m.Content)
	return in
}

// Choose says which published flow an inbound message starts (rules 027, 159, 179, 182): the best matching trigger of all
// published flows, else the connection's initial flow. It is a contract.FlowChooser.
func (f *Flows) Choose(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
	return f.choose(ctx, q, nil)
}

// choose is Choose with the regular expressions that were looked for before; those of a flow published since are looked for
// now.
func (f *Flows) choose(ctx context.Context, q contract.StartQuestion, hits *flow.Hits) (*contract.StartAnswer, error) {
	c, err := f.cached(ctx, q.AccountID, q.Connection.ID)
	if err != nil {
		return nil, err
	}
	in := asInbound(q.Message)

	guard := time.Duration(q.Connection.Settings.ChatbotTimeoutMinutes) * time.Minute
	facts := flow.Facts{Now: q.Now, FirstContact: q.FirstContact, ConnectionID: q.Connection.ID.String(), RepeatGuard: flow.Duration(guard), Hits: hits}
	if q.LastInboundAt != nil {
		facts.LastInbound = *q.LastInboundAt
	}
	var lastFlow time.Time
	if q.LastFlowAt != nil {
		lastFlow = *q.LastFlowAt
	}
	var candidates []flow.Candidate
	graphs := map[*flow.Graph]models.PublishedFlow{}
	for _, p := range q.PublishedFlows {
		g, err := f.graph(ctx, q.AccountID, p.VersionID)
		if err != nil {
			f.log.Error("a published flow cannot be read and starts nothing", "account_id", q.AccountID, "flow_version_id", p.VersionID, "error", err)
			continue
		}
		graphs[g] = p
		candidates = append(candidates, flow.Candidate{Graph: g, LastStarted: lastFlow})
	}
	if m, ok := flow.FindTrigger(candidates, in, facts, c.flow); ok {
		trigger, err := json.Marshal(flow.RunTrigger{By: m.By, Node: m.Node, FromMessage: true})
		if err != nil {
			return nil, fmt.Errorf("write a trigger: %w", err)
		}
		return &contract.StartAnswer{Flow: graphs[m.Graph], Trigger: trigger}, nil
	}
	if q.Connection.InitialFlowID == nil || (guard > 0 && !lastFlow.IsZero() && q.Now.Sub(lastFlow) < guard) {
		return nil, nil
	}
	for _, p := range q.PublishedFlows {
		if p.FlowID != *q.Connection.InitialFlowID {
			continue
		}
		trigger, err := json.Marshal(flow.RunTrigger{By: flow.Started{Kind: flow.StartInbound, Text: in.Text, Referral: in.Referral}, FromMessage: true})
		if err != nil {
			return nil, fmt.Errorf("write a trigger: %w", err)
		}
		return &contract.StartAnswer{Flow: p, Trigger: trigger}, nil
	}
	return nil, nil
}
