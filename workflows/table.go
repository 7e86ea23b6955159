// Package workflows holds Perene's processes: what waits, in which order, until when. Every file is one workflow: its type in
// one value, and the function that runs it. Package contract has the words: task queues, workflow ids, names of signals,
// updates and queries, inputs and results.
//
// Workflows decide, activities do, the engine thinks. No input, signal, result or summary holds words of customers, names
// or phone numbers: ids, sequence numbers, deadlines and small codes only.
package workflows

import (
	"encoding/json"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
)

// table has every type of workflow. A new one is its file and its value here.
var table = []Type{flowRunType, sessionWindowType, connectionType, deliveryRetryType, ticketType, scheduledClosureType, scheduledSendType, surveyType, webhookDeliveryType, bulkJobType, broadcastType, flowReleaseType, mediaFetchType, housekeepingType}

// Table lists every type of workflow. Worker, ringer, replay test and `perene rebuild-doorbells` read it.
func Table() []Type { return slices.Clone(table) }

// Type is what the program knows of one type of workflow.
type Type struct {
	// Name is registered with Temporal and written in doorbells.
	Name string
	// ID is how the ids of its workflows are written: flow-run/{id}.
	ID string
	// Run is the workflow's function.
	Run any
	// Queue is the task queue of the workflow.
	Queue string
	// Versions are its behaviours, oldest first. A change that would make a running history replay differently gets a new
	// name here, is chosen in the code by workflow.GetVersion, and is recorded (see CONTRIBUTING.md): the replay test fails
	// while testdata/histories holds no history of it, named TYPE.VERSION.SCENARIO.json.
	Versions []string
	// ContinueAfter is after how many turns a new history is continued as new, for types whose start says so; 0: it does not.
	ContinueAfter int

	seen func(input json.RawMessage) seen
}

// definition is one type of workflow as its file writes it. S is the type's start.
type definition[S contract.Start] struct {
	run           any
	versions      []string
	continueAfter int
	// summary is the line an operator reads in Temporal's lists. Ids only.
	summary func(S) string
	// details say in Temporal Web what the workflow is; empty: nothing. links lead into the console.
	details string
	links   func(S) []string
	// found is what workflows are found by.
	found func(S) attributes
}

// seen is what operators see of a workflow that a start begins.
type seen struct {
	summary string
	details string
	links   []string
	found   attributes
}

// define makes the table's value of a definition.
func define[S contract.Start](d definition[S]) Type {
	var zero S
	bell := zero.Doorbell()
	see := func(input json.RawMessage) seen {
		var s S
		_ = json.Unmarshal(input, &s) // a doorbell's input is written by package contract
		out := seen{summary: d.summary(s), details: d.details}
		if d.links != nil {
			out.links = d.links(s)
		}
		if d.found != nil {
			out.found = d.found(s)
		}
		return out
	}
	id := bell.WorkflowID
	if kind, numbered := strings.CutSuffix(id, "/0"); numbered {
		id = kind + "/{id}"
	}
	return Type{Name: bell.WorkflowType, ID: id, Run: d.run, Queue: contract.TaskQueue, Versions: d.versions,
		ContinueAfter: d.continueAfter, seen: see}
}

// Named finds a type by its name. A name that another version of the program wrote in a doorbell gives a type that only has
// the name.
func Named(name string) Type {
	for _, t := range table {
		if t.Name == name {
			return t
		}
	}
	return Type{Name: name, Queue: contract.TaskQueue, seen: func(json.RawMessage) seen { return seen{summary: name} }}
}

// Summary is the line an operator reads in Temporal's lists for the workflow of a doorbell. Ids only.
func (t Type) Summary(b contract.Doorbell) string { return t.seen(b.Input).summary }

// Details say in Temporal Web what the workflow of a doorbell is, with links into the console at that address. Ids only. A
// history that is continued as new loses them, so that current details have the links too.
func (t Type) Details(b contract.Doorbell, console string) string {
	s := t.seen(b.Input)
	if s.details == "" {
		return ""
	}
	return s.details + " *Current Details* say how it stands." + links(strings.TrimSuffix(console, "/"), s.links...)
}

// SearchAttributes are what the workflow of a doorbell is found by.
func (t Type) SearchAttributes(b contract.Doorbell) temporal.SearchAttributes {
	return t.seen(b.Input).found.typed()
}
