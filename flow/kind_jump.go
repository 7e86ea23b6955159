package flow

import "slices"

// jumpSettings go on at another node of this flow, or hand the contact to another flow, which ends this run.
type jumpSettings struct {
	plain
	// Node is where to go on: in this flow, or in Flow, where it may be empty for its start.
	Node string `json:"node,omitempty" doc:"Where to go on"`
	// Flow is the flow that takes over.
	Flow Ref `json:"flow,omitempty" doc:"The flow that takes over"`
	// Inputs are handed to the other flow.
	Inputs map[string]Text `json:"inputs,omitempty" doc:"Handed to the other flow"`
}

func jumpKind() *Kind {
	return &Kind{
		Name: "jump", Family: FamilyLogic,
		Label: label("Ir para", "Go to"),
		Doc:   label("Vai para outro nó deste fluxo ou entrega o contato a outro fluxo.", "Goes to another node of this flow or hands the contact to another flow."),
		make:  func() behaviour { return &jumpSettings{} },
	}
}

func (s *jumpSettings) check(c *compiler) {
	switch {
	case s.Flow == "" && s.Node == "":
		c.problem("setting_missing", c.at+"/node", "node")
	case s.Flow == "" && c.g.nodes[s.Node] == nil:
		c.problem("node_unknown", c.at+"/node", s.Node)
	}
}

func (s *jumpSettings) outputs() []Output { return nil }

func (s *jumpSettings) enter(r *run) next {
	if s.Flow == "" {
		r.trail("jump")
		return next{do: doGoto, node: s.Node}
	}
	t := &Transfer{Flow: string(s.Flow), Node: s.Node, Files: slices.Clone(r.s.Files)}
	for _, name := range sortedKeys(s.Inputs) {
		if t.Inputs == nil {
			t.Inputs = map[string]any{}
		}
		t.Inputs[name] = r.value(s.Inputs[name])
	}
	r.effect(Effect{Kind: EffectTransfer, Transfer: t})
	return finish(OutcomeTransferred, ReasonTransferred)
}
