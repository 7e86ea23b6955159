package flow

import (
	"strings"
	"testing"
)

// A ticket for an agent or a queue that is not there goes by "failed", and agents see why; where people are in charge already,
// their ticket stays and the run says so.
func TestOpeningATicketIsHonest(t *testing.T) {
	const opens = `{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"%MODE"}]},"outputs":{"failed":"sorry"}}`
	const sorry = `{"id":"sorry","kind":"content","settings":{"items":[{"kind":"text","text":"desculpe"}]},"outputs":{"ok":"end"}}`
	for name, c := range map[string]struct {
		mode   string // the rest of the action
		last   string // the latest ticket's agent
		open   bool
		opened bool
		reason Reason
	}{
		"an agent who is there":       {mode: `agent","agent":"7`, opened: true, reason: ReasonTicketOpened},
		"an agent who left":           {mode: `agent","agent":"8`, reason: ReasonEndNode},
		"a queue by its name":         {mode: `queue","queue":"vendas`, opened: true, reason: ReasonTicketOpened},
		"a queue that went":           {mode: `queue","queue":"99`, reason: ReasonEndNode},
		"the last agent, who left":    {mode: `last_agent","fallback_queue":"1`, last: "8", opened: true, reason: ReasonTicketOpened},
		"people are in charge":        {mode: `unassigned`, open: true, reason: ReasonTicketWasOpen},
		"in charge, and for nobody's": {mode: `agent","agent":"8`, open: true, reason: ReasonTicketWasOpen},
	} {
		t.Run(name, func(t *testing.T) {
			w := goldenWorld{Queues: []Queue{{ID: "1", Name: "Vendas", BotOrder: 1}}}
			p := w.player(t, flowOf(`{}`, strings.Replace(opens, "%MODE", c.mode, 1), sorry, nodeEnd), nil)
			p.env.Agent = func(id string) bool { return id == "7" }
			p.conv.LastAgent, p.conv.TicketOpen = c.last, c.open
			var opened, alerted, said bool
			for _, f := range p.start() {
				opened = opened || f.Kind == EffectOpenTicket
				alerted = alerted || (f.Kind == EffectSystemLine && f.Line.Code == LineCode(ReasonTicketRefused) && f.Line.Alert)
				said = said || f.Kind == EffectSend
			}
			refused := c.reason == ReasonEndNode
			if opened != c.opened || alerted != refused || said != refused {
				t.Errorf("opened %v, agents told %v, went by failed %v", opened, alerted, said)
			}
			if p.state.End == nil || p.state.End.Reason != c.reason {
				t.Errorf("ended %+v, want %s", p.state.End, c.reason)
			}
		})
	}
}
