package flow

// webhookSettings tell another system that something happened and go on at once. The delivery is signed and repeated for
// days by the caller; the run does not wait for it.
type webhookSettings struct {
	plain
	// URL is the receiver; without one the event goes to the account's webhook subscriptions.
	URL RequestText `json:"url,omitzero" doc:"Receiver; empty means the account's webhooks"`
	// Event names what happened.
	Event string `json:"event" required:"true" doc:"Name of the event"`
	// Headers are added to the request.
	Headers []NamedText `json:"headers,omitempty" len:"30" doc:"Added to the request"`
	// Data is what is told, besides the run, the flow, the node and the contact's and conversation's ids.
	Data JSONBody `json:"data,omitzero" doc:"What is told"`
}

func webhookKind() *Kind {
	return &Kind{
		Name: "webhook", Family: FamilyData,
		Label: label("Webhook", "Webhook"),
		Doc:   label("Avisa outro sistema e segue sem esperar.", "Tells another system and goes on without waiting."),
		make:  func() behaviour { return &webhookSettings{} },
	}
}

func (s *webhookSettings) check(c *compiler) {
	s.Data.compile(c, c.at+"/data")
	for _, h := range s.Headers {
		if !headerName(h.Name) {
			c.problem("header_name", c.at+"/headers", h.Name)
		}
	}
}

func (s *webhookSettings) enter(r *run) next {
	f := r.frame()
	w := &secretWriter{}
	w.text(`{"event":` + mustJSON(clean(s.Event)) + `,"occurred_at":` + mustJSON(r.now.Format("2006-01-02T15:04:05Z07:00")) +
		`,"run":` + mustJSON(r.s.Run) + `,"flow":` + mustJSON(f.Flow) + `,"node":` + mustJSON(f.Node) +
		`,"contact":` + mustJSON(r.contact.ID) + `,"conversation":` + mustJSON(r.ev.Conversation.ID) + `,"data":`)
	if data := r.jsonBody(&s.Data); len(data) > 0 {
		w.parts(data)
	} else {
		w.text("null")
	}
	w.text("}")
	w.flush()
	c := &Call{
		Kind: "webhook", Method: "POST", URL: r.request(s.URL, escapeQuery), Body: w.out, Timeout: defaultCallTimeout, FireAndForget: true,
		Headers: []Header{{Name: "Content-Type", Value: PlainText("application/json")}},
		Retry:   Retry{Attempts: 10, First: Duration(5e9), Max: Duration(3600e9), Statuses: []int{408, 429, 500, 502, 503, 504}},
	}
	for _, h := range s.Headers {
		c.Headers = append(c.Headers, Header{Name: h.Name, Value: r.request(h.Value, escapeHeader)})
	}
	return r.call(c, true)
}
