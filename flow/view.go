package flow

// RunTrigger is how a run started, as it is stored with the run before its first step.
type RunTrigger struct {
	By     Started        `json:"by"`
	Node   string         `json:"node,omitempty"`   // where the run begins; empty: at the flow's start
	Inputs map[string]any `json:"inputs,omitempty"` // variables that are given
	Files  []string       `json:"files,omitempty"`  // that the contact sent to the run before
	// FromMessage tells that the first unhandled message is the one that started the run.
	FromMessage bool `json:"from_message,omitempty"`
}

// View is what people are shown of a run.
type View struct {
	StartedBy *Started // nil before the first step
	Trail     []Visit
	// Variables and Answers are those of the flow that the run is in: the sub-flow it called last.
	Variables map[string]any
	Answers   map[string]any
}

// View shows a state. Its maps are never nil, and belong to the state.
func (s *State) View() View {
	v := View{StartedBy: s.Trigger, Trail: s.Trail, Variables: map[string]any{}, Answers: map[string]any{}}
	if len(s.Frames) == 0 {
		return v
	}
	inner := &s.Frames[len(s.Frames)-1]
	if inner.Vars != nil {
		v.Variables = inner.Vars
	}
	if inner.Answers != nil {
		v.Answers = inner.Answers
	}
	return v
}
