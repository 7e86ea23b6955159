package flow

import "strings"

// noteSettings write an internal note into the conversation: agents read it there, the contact never does. It may name an
// agent or a queue, who are told.
type noteSettings struct {
	plain
	// Text is the note.
	Text Text `json:"text" required:"true" len:"4096" doc:"What agents read"`
	// Agent is the agent whom the note names, Queue the queue.
	Agent Text `json:"agent,omitzero" doc:"Agent whom the note names"`
	Queue Text `json:"queue,omitzero" doc:"Queue that the note names"`
}

func noteKind() *Kind {
	return &Kind{
		Name: "note", Family: FamilyService,
		Label: label("Nota interna", "Internal note"),
		Doc: label("Escreve na conversa uma nota que só a equipe lê, e avisa quem for citado.",
			"Writes a note into the conversation that only the team reads, and tells those it names."),
		make: func() behaviour { return &noteSettings{} },
	}
}

func (s *noteSettings) check(*compiler) {}

func (s *noteSettings) lint(l *linter) {
	if v, ok := s.Queue.literal(); ok && v != "" {
		l.queue(v, l.at+"/queue")
	}
	if v, ok := s.Agent.literal(); ok && v != "" {
		l.agent(&s.Agent, l.at+"/agent")
	}
}

func (s *noteSettings) enter(r *run) next {
	text := r.text(s.Text)
	if strings.TrimSpace(text) == "" {
		r.note("item_empty")
		return leave(OutOK)
	}
	r.effect(Effect{Kind: EffectInternalNote, Internal: &InternalNote{Text: text, Agent: r.text(s.Agent), Queue: r.text(s.Queue)}})
	return leave(OutOK)
}
