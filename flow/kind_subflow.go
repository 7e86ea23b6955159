package flow

import "strings"

// subflowSettings run another flow and come back. The other flow has variables of its own; what goes in and what comes
// out is named here.
type subflowSettings struct {
	plain
	// Flow is the flow that is run, in the version published when the node is entered.
	Flow Ref `json:"flow" required:"true" doc:"The flow that is run"`
	// Inputs fill the other flow's inputs by name.
	Inputs map[string]Text `json:"inputs,omitempty" doc:"Fill the other flow's inputs"`
	// Outputs bring the other flow's outputs back: its variable → ours.
	Outputs map[string]string `json:"outputs,omitempty" doc:"Its variable → our variable"`
	// Outcomes are outcomes of its end nodes that have an output here; any other outcome leaves by "ok".
	Outcomes []string `json:"outcomes,omitempty" len:"20" doc:"Outcomes with an output of their own"`
}

func subflowKind() *Kind {
	return &Kind{
		Name: "subflow", Family: FamilyLogic,
		Label: label("Subfluxo", "Sub-flow"),
		Doc:   label("Executa outro fluxo com entradas e saídas e volta.", "Runs another flow with inputs and outputs, and comes back."),
		make:  func() behaviour { return &subflowSettings{} },
	}
}

func (s *subflowSettings) check(c *compiler) {
	for _, o := range s.Outcomes {
		if !idPattern.MatchString(o) {
			c.problem("option_id", c.at+"/outcomes", o)
		}
		if o == OutOK || o == OutFailed {
			c.problem("option_reserved", c.at+"/outcomes", o)
		}
	}
}

func (s *subflowSettings) outputs() []Output {
	out := []Output{{Name: OutOK}}
	for _, o := range s.Outcomes {
		out = append(out, Output{Name: o})
	}
	return append(out, Output{Name: OutFailed})
}

func (s *subflowSettings) stores() []VariableSpec {
	var out []VariableSpec
	for _, k := range sortedKeys(s.Outputs) {
		out = append(out, VariableSpec{Name: s.Outputs[k], Type: TypeAny})
	}
	return out
}

func (s *subflowSettings) enter(r *run) next {
	if r.env.Flow == nil {
		return leave(OutFailed)
	}
	g, ok := r.env.Flow(string(s.Flow), "")
	if !ok || g == nil {
		r.note("flow_gone")
		return leave(OutFailed)
	}
	inputs := make(map[string]any, len(s.Inputs))
	for _, name := range sortedKeys(s.Inputs) {
		inputs[name] = r.value(s.Inputs[name])
	}
	if missing := g.missing(inputs); missing != "" {
		r.note("input_missing")
		return leave(OutFailed)
	}
	f := Frame{Flow: g.doc.ID, Version: g.doc.Version, Vars: g.initial(inputs)}
	if f.Flow == "" {
		f.Flow = strings.TrimSpace(string(s.Flow))
	}
	return next{do: doPush, frame: f, graph: g, node: g.doc.Start}
}

// returned goes on after the sub-flow has ended.
func (s *subflowSettings) returned(r *run, outcome Outcome, outputs map[string]any) next {
	for _, k := range sortedKeys(s.Outputs) {
		r.set(s.Outputs[k], outputs[k])
	}
	for _, o := range s.Outcomes {
		if o == string(outcome) {
			return leaveOr(o, OutOK)
		}
	}
	return leave(OutOK)
}
