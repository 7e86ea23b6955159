package flow

// endSettings end the run, or the sub-flow, with an outcome in one word.
type endSettings struct {
	plain
	// Outcome says how it ended; "completed" by default. A calling flow may have an output of this name.
	Outcome string `json:"outcome,omitempty" default:"completed" doc:"How it ended, in one word"`
	// CloseTicket records the service as a closed ticket, as the kind close does without a text and a reason. The end of a
	// sub-flow goes back to the flow that called it, and closes nothing.
	CloseTicket bool `json:"close_ticket,omitempty" doc:"Record the service as a closed ticket; not at the end of a sub-flow"`
}

func endKind() *Kind {
	return &Kind{
		Name: "end", Family: FamilyLogic,
		Label: label("Fim", "End"),
		Doc:   label("Encerra o fluxo com um resultado.", "Ends the flow with an outcome."),
		make:  func() behaviour { return &endSettings{} },
	}
}

func (s *endSettings) check(c *compiler) {
	if s.Outcome != "" && !idPattern.MatchString(s.Outcome) {
		c.problem("option_id", c.at+"/outcome", s.Outcome)
	}
}

func (s *endSettings) outputs() []Output { return nil }

func (s *endSettings) enter(*run) next {
	n := finish(OutcomeCompleted, ReasonEndNode)
	if s.Outcome != "" {
		n.outcome = Outcome(s.Outcome)
	}
	if s.CloseTicket {
		n.closing = &Closing{}
	}
	return n
}
