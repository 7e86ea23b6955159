package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// FlowRun is one contact's way through one flow version.
type FlowRun struct {
	ID                 models.FlowRunID      `json:"id"`
	FlowID             models.FlowID         `json:"flow_id"`
	FlowName           string                `json:"flow_name"`
	FlowVersionID      models.FlowVersionID  `json:"flow_version_id"`
	Version            int                   `json:"version" doc:"The number people know: 7 of v7."`
	ConversationID     models.ConversationID `json:"conversation_id"`
	ConversationNumber int64                 `json:"conversation_number"`
	Contact            ContactRef            `json:"contact"`
	ConnectionID       models.ConnectionID   `json:"connection_id"`
	Status             models.FlowRunStatus  `json:"status" enum:"waiting,calling,ended"`
	Step               int64                 `json:"step"`
	Node               string                `json:"node" doc:"Where it is: the node's id."`
	NodeName           string                `json:"node_name" doc:"As the designer named it."`
	WaitKind           flow.WaitKind         `json:"wait_kind,omitempty" doc:"What it waits for; absent when it has ended." example:"reply"`
	WaitSince          *time.Time            `json:"wait_since,omitempty"`
	WaitUntil          *time.Time            `json:"wait_until,omitempty" doc:"When the wait ends by itself."`
	Outcome            flow.Outcome          `json:"outcome,omitempty" doc:"How it ended; absent while it runs."`
	OutcomeName        string                `json:"outcome_name,omitempty" doc:"The word its end node has for completed."`
	EndReason          flow.Reason           `json:"end_reason,omitempty" doc:"Why it ended or needs an operator."`
	StartedAt          time.Time             `json:"started_at"`
	EndedAt            *time.Time            `json:"ended_at,omitempty"`
	TemporalURL        string                `json:"temporal_url,omitempty" doc:"The run in Temporal Web."`
	WorkflowID         string                `json:"workflow_id" example:"flow-run/42"`
}

// FlowRunDetail is a run with its way and its variables.
type FlowRunDetail struct {
	FlowRun
	StartedBy flow.Started   `json:"started_by"`
	Trail     []FlowRunVisit `json:"trail" doc:"The end of its way, oldest first."`
	Variables map[string]any `json:"variables" doc:"Of the innermost flow."`
	Answers   map[string]any `json:"answers" doc:"By the node that asked."`
	// ValuesHidden: values are words of the contact, and who may not read conversations gets names alone.
	ValuesHidden bool             `json:"values_hidden" doc:"The values of variables and answers are null, because reading them needs the permission conversations:read."`
	Commands     []FlowRunCommand `json:"commands" doc:"What operators asked for, newest first."`
}

// FlowRunVisit is one node a run went through.
type FlowRunVisit struct {
	Number   int64  `json:"number"`
	Node     string `json:"node"`
	NodeName string `json:"node_name"`
	Output   string `json:"output,omitempty" doc:"By which output it was left."`
	Flow     string `json:"flow,omitempty" doc:"Set when the node belongs to a sub-flow."`
}

// FlowRunCommand is what an operator asked of a run.
type FlowRunCommand struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"kind" enum:"move_to,set_variable,stop"`
	State     string    `json:"state" enum:"waiting,done,refused"`
	Refused   string    `json:"refused,omitempty" doc:"Why it was refused."`
	CreatedAt time.Time `json:"created_at"`
}

// ContactRef names a contact.
type ContactRef struct {
	ID      models.ContactID `json:"id"`
	Name    string           `json:"name"`
	Phone   *string          `json:"phone,omitempty" doc:"E.164; absent for people known by another identity."`
	Blocked bool             `json:"blocked"`
}

type listFlowRunsIn struct {
	Paging
	Status         string                `query:"status" enum:"active,waiting,calling,ended" doc:"active means waiting or calling."`
	WaitKind       flow.WaitKind         `query:"wait_kind"`
	FlowID         models.FlowID         `query:"flow_id" minimum:"1"`
	ConversationID models.ConversationID `query:"conversation_id" minimum:"1"`
	Node           string                `query:"node" maxLength:"64" doc:"The node's id."`
	WaitingMinutes int                   `query:"waiting_minutes" minimum:"1" maximum:"1000000" doc:"Only runs that have waited at their node for at least so many minutes."`
}

type flowRunIDIn struct {
	ID models.FlowRunID `path:"id" minimum:"1"`
}

type startFlowRunIn struct {
	Body struct {
		FlowID         models.FlowID         `json:"flow_id" minimum:"1"`
		ConversationID models.ConversationID `json:"conversation_id" minimum:"1"`
		Inputs         map[string]any        `json:"inputs,omitempty" doc:"Values of the flow's input variables."`
	}
}

type stopFlowRunIn struct {
	ID models.FlowRunID `path:"id" minimum:"1"`
}

type moveFlowRunIn struct {
	ID   models.FlowRunID `path:"id" minimum:"1"`
	Body struct {
		Node string `json:"node" minLength:"1" maxLength:"64" doc:"A node of the run's own version."`
	}
}

type setVariableIn struct {
	ID   models.FlowRunID `path:"id" minimum:"1"`
	Body struct {
		Name  string `json:"name" pattern:"^[A-Za-z_][A-Za-z0-9_]{0,63}$"`
		Value any    `json:"value"`
	}
}

func (a *app) flowRunOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/flow-runs" + path, tag: "flow-runs", summary: summary}
	}
	handle(a, op("list-flow-runs", http.MethodGet, "", "List flow runs, newest first"), a.listFlowRuns)
	o := op("start-flow-run", http.MethodPost, "", "Start a flow in a conversation")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "It takes over from a flow that runs there. Refused with 409 while a ticket is open."
	handle(a, o, a.startFlowRun)
	handle(a, op("read-flow-run", http.MethodGet, "/{id}", "Read a run with its way"), a.readFlowRun)
	command := "Answers when the run has taken the command; 202 when it will be taken later, because nobody works just now. 409 when it is refused."
	o = op("stop-flow-run", http.MethodPost, "/{id}/stop", "Stop a run")
	o.doc = command
	handle(a, o, a.stopFlowRun)
	o = op("move-flow-run", http.MethodPost, "/{id}/move", "Move a run to another node")
	o.doc = command
	handle(a, o, a.moveFlowRun)
	o = op("set-flow-run-variable", http.MethodPost, "/{id}/set-variable", "Set a variable of a run")
	o.doc = command
	handle(a, o, a.setFlowRunVariable)
}

type commandOut struct {
	Status int
	Body   FlowRunDetail
}

func (a *app) flowRunOf(v *store.FlowRunView) FlowRun {
	outcome, name := outcomeOf(v.Outcome)
	return FlowRun{
		ID: v.ID, FlowID: v.FlowID, FlowName: v.FlowName, FlowVersionID: v.FlowVersionID, Version: v.Version, ConversationID: v.ConversationID,
		ConversationNumber: v.ConversationNumber, Contact: ContactRef{ID: v.ContactID, Name: v.ContactName, Phone: v.ContactPhone, Blocked: v.ContactBlocked},
		ConnectionID: v.ConnectionID, Status: v.Status, Step: v.Step, Node: v.Node, NodeName: v.NodeName, WaitKind: flow.WaitKind(v.WaitKind), WaitSince: v.WaitSince,
		WaitUntil: v.WaitUntil, Outcome: outcome, OutcomeName: name, EndReason: flow.Reason(v.EndReason), StartedAt: v.StartedAt, EndedAt: v.EndedAt,
		WorkflowID: contract.FlowRunID(v.ID), TemporalURL: a.workflowURL(contract.FlowRunID(v.ID)),
	}
}

// outcomeOf splits how a run ended into one of the engine's outcomes and the word of an end node that has its own.
func outcomeOf(stored string) (outcome flow.Outcome, name string) {
	if o := flow.Outcome(stored); stored == "" || slices.Contains(flow.Outcomes, o) {
		return o, ""
	}
	return flow.OutcomeCompleted, stored
}

func (a *app) listFlowRuns(ctx context.Context, in *listFlowRunsIn) (*page[FlowRun], error) {
	p := who(ctx)
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.FlowRuns(ctx, p.account(), p.viewer, store.FlowRunFilter{Status: in.Status, WaitKind: string(in.WaitKind), FlowID: in.FlowID,
		ConversationID: in.ConversationID, Node: in.Node, WaitedFor: time.Duration(in.WaitingMinutes) * time.Minute, Before: models.FlowRunID(before), Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, func(r store.FlowRunView) FlowRun { return a.flowRunOf(&r) }, func(r store.FlowRunView) string { return idCursor(r.ID) })
}

func (a *app) readFlowRun(ctx context.Context, in *flowRunIDIn) (*one[FlowRunDetail], error) {
	d, err := a.flowRunDetail(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &one[FlowRunDetail]{Body: *d}, nil
}

func (a *app) flowRunDetail(ctx context.Context, id models.FlowRunID) (*FlowRunDetail, error) {
	p := who(ctx)
	v, err := a.Store.FlowRun(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	commands, err := a.Store.FlowRunCommands(ctx, p.account(), id)
	if err != nil {
		return nil, err
	}
	d := &FlowRunDetail{FlowRun: a.flowRunOf(v), Trail: []FlowRunVisit{}, Commands: []FlowRunCommand{}}
	var state flow.State
	if err := json.Unmarshal(v.State, &state); err != nil {
		return nil, err
	}
	view := state.View()
	d.Variables, d.Answers = view.Variables, view.Answers
	if d.StartedBy, err = startedBy(view, v.Trigger); err != nil {
		return nil, err
	}
	names := nodeNames(v.Graph)
	for _, t := range view.Trail {
		visit := FlowRunVisit{Number: t.N, Node: t.Node, Output: t.Output, Flow: t.Flow}
		if t.Flow == "" {
			visit.NodeName = names[t.Node]
		}
		d.Trail = append(d.Trail, visit)
	}
	if !p.may(ConversationsRead) {
		d.ValuesHidden, d.Variables, d.Answers = true, namesOf(d.Variables), namesOf(d.Answers)
	}
	for _, c := range commands {
		out := FlowRunCommand{ID: c.ID, Kind: c.Kind, State: "waiting", CreatedAt: c.CreatedAt}
		if c.TakenStep != nil {
			out.State = "done"
		}
		if c.Refused != nil && *c.Refused != "" {
			out.State, out.Refused = "refused", *c.Refused
		}
		d.Commands = append(d.Commands, out)
	}
	return d, nil
}

// namesOf keeps the names of values and forgets the values.
func namesOf(values map[string]any) map[string]any {
	names := make(map[string]any, len(values))
	for name := range values {
		names[name] = nil
	}
	return names
}

// nodeNames are the names designers gave the nodes of a graph.
func nodeNames(graph json.RawMessage) map[string]string {
	var doc flow.Document
	names := map[string]string{}
	if json.Unmarshal(graph, &doc) != nil {
		return names
	}
	for _, n := range doc.Nodes {
		names[n.ID] = n.Name
	}
	return names
}

func (a *app) startFlowRun(ctx context.Context, in *startFlowRunIn) (*one[FlowRun], error) {
	p := who(ctx)
	if err := a.mustSee(ctx, p, in.Body.ConversationID); err != nil {
		return nil, err
	}
	if err := a.mustStart(ctx, p, in.Body.FlowID); err != nil {
		return nil, err
	}
	by := flow.Started{Kind: flow.StartManual, By: p.User.ID.String()}
	if p.Token != nil {
		by.Kind = flow.StartAPI
	}
	trigger, err := json.Marshal(flow.RunTrigger{By: by, Inputs: in.Body.Inputs})
	if err != nil {
		return nil, err
	}
	start, bell, err := a.Store.StartFlowRun(ctx, p.account(), in.Body.ConversationID, in.Body.FlowID, trigger)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{bell}})
	a.audit(ctx, p, "flow_run.started", "flow_run/"+start.RunID.String(), map[string]any{"flow_id": in.Body.FlowID})
	v, err := a.Store.FlowRun(ctx, p.account(), p.viewer, start.RunID)
	if err != nil {
		return nil, err
	}
	return &one[FlowRun]{Body: a.flowRunOf(v)}, nil
}

// startedBy says what started a run: what its state says, or before the first step what is stored with the run.
func startedBy(v flow.View, stored json.RawMessage) (flow.Started, error) {
	if v.StartedBy != nil {
		return *v.StartedBy, nil
	}
	var trigger flow.RunTrigger
	if err := json.Unmarshal(stored, &trigger); err != nil {
		return flow.Started{}, fmt.Errorf("read what started a run: %w", err)
	}
	return trigger.By, nil
}

// mustStart refuses a flow that cannot start, and says why.
func (a *app) mustStart(ctx context.Context, p *principal, id models.FlowID) error {
	f, err := a.Store.Flow(ctx, p.account(), id)
	switch {
	case err != nil && models.CodeOf(err) == models.CodeNotFound:
		return models.Invalid("body.flow_id", "no such flow")
	case err != nil:
		return err
	case f.ArchivedAt != nil:
		return &models.Error{Code: models.CodeConflict, Key: "flow.archived", Message: "the flow is archived: restore it first"}
	case f.Published == nil:
		return &models.Error{Code: models.CodeConflict, Key: "flow.not_published", Message: "the flow has no version: publish it first"}
	}
	return nil
}

func (a *app) stopFlowRun(ctx context.Context, in *stopFlowRunIn) (*commandOut, error) {
	return a.commandRun(ctx, in.ID, contract.UpdateStop, flow.Stop{Reason: flow.ReasonStopped})
}

func (a *app) moveFlowRun(ctx context.Context, in *moveFlowRunIn) (*commandOut, error) {
	return a.commandRun(ctx, in.ID, contract.UpdateMoveTo, flow.MoveTo{Node: in.Body.Node})
}

func (a *app) setFlowRunVariable(ctx context.Context, in *setVariableIn) (*commandOut, error) {
	return a.commandRun(ctx, in.ID, contract.UpdateSetVariable, flow.SetVariable{Name: in.Body.Name, Value: in.Body.Value})
}

// commandWait is how long an operator waits for a run to take a command.
const commandWait = 5 * time.Second

// commandRun puts a command in the run's mailbox, where it is safe, and asks the run to take it now. Where nobody works just
// now, the command stays and the answer is 202.
func (a *app) commandRun(ctx context.Context, id models.FlowRunID, name string, data any) (*commandOut, error) {
	p := who(ctx)
	if _, err := a.Store.FlowRun(ctx, p.account(), p.viewer, id); err != nil {
		return nil, err
	}
	event, start, err := a.Store.MailFlowRun(ctx, p.account(), id, name, data)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "flow_run."+name, "flow_run/"+id.String(), map[string]any{"event_id": event})
	out := &commandOut{Status: http.StatusOK}
	turn, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	if err := a.Workflows.CommandRun(turn, id, name, event); err != nil {
		out.Status = http.StatusAccepted
		a.Log.WarnContext(ctx, "a run's command waits", "flow_run_id", id, "command", name, "request_id", requestIDOf(ctx), "error", err)
		if bell, err := a.Store.RingDoorbell(ctx, p.account(), contract.WorkflowFlowRun, contract.FlowRunID(id), start); err == nil {
			a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{bell}})
		} else {
			return nil, err
		}
	}
	refused, err := a.Store.FlowRunMailRefusal(ctx, p.account(), event)
	if err != nil {
		return nil, err
	}
	if refused != "" {
		return nil, &models.Error{Code: models.CodeConflict, Key: "flow_run.refused", Message: "the run refuses: " + refused}
	}
	d, err := a.flowRunDetail(ctx, id)
	if err != nil {
		return nil, err
	}
	out.Body = *d
	return out, nil
}

// workflowURL is a workflow's page in Temporal Web; empty where there is none.
func (a *app) workflowURL(id string) string {
	if a.Links.TemporalUI == "" {
		return ""
	}
	return strings.TrimSuffix(a.Links.TemporalUI, "/") + "/namespaces/" + url.PathEscape(a.Links.TemporalNamespace) + "/workflows/" + url.PathEscape(id)
}
