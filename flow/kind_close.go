package flow

import "strings"

// closeSettings end the service: the contact reads a text, the service is recorded as a closed ticket with its number and its
// reason, and the run ends, also inside a sub-flow. The closing flow starts only where it is wanted.
type closeSettings struct {
	plain
	// Text is what the contact reads last. With the window closed it is left out.
	Text Text `json:"text,omitzero" len:"4096" doc:"What the contact reads last"`
	// Reason is one of the account's closing reasons, by id or name.
	Reason Ref `json:"reason,omitempty" doc:"Closing reason of the account"`
	// ClosingFlow starts the closing flow after it (rule 156).
	ClosingFlow bool `json:"closing_flow,omitempty" doc:"Start the closing flow afterwards"`
}

func closeKind() *Kind {
	return &Kind{
		Name: "close", Family: FamilyService,
		Label: label("Encerrar", "Close"),
		Doc: label("Encerra o atendimento com texto e motivo, registra o protocolo e termina o fluxo.",
			"Closes the service with a text and a reason, records its number, and ends the flow."),
		Needs: []Need{{"window", label("Com a janela fechada encerra sem o texto.", "With the window closed it closes without the text.")}},
		make:  func() behaviour { return &closeSettings{} },
	}
}

func (s *closeSettings) check(*compiler) {}

func (s *closeSettings) outputs() []Output { return nil }

func (s *closeSettings) lint(l *linter) {
	if s.Reason != "" && l.env.Reasons != nil && !knows(l.env.Reasons, string(s.Reason)) {
		l.problem("reason_unknown", l.at+"/reason", string(s.Reason))
	}
}

func (s *closeSettings) enter(r *run) next {
	if text := r.text(s.Text); strings.TrimSpace(text) != "" && !r.say(text) {
		r.note("window_closed")
	}
	if r.over != "" {
		return next{}
	}
	n := finish(OutcomeClosed, ReasonServiceClosed)
	n.closing = &Closing{Reason: string(s.Reason), Flow: s.ClosingFlow}
	return n
}
