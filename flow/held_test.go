package flow

import (
	"testing"
	"time"
)

// held ends a time in which people were in charge.
func (p *player) held(d time.Duration) []Effect {
	since := p.now
	p.now = p.now.Add(d)
	p.conv.TicketOpen = false
	return p.step(Event{Kind: EventTicketClosed, Held: &Held{Since: since, Until: p.now}})
}

// Z34: a run from which people took over goes on at the same node, says nothing, and its deadlines have moved.
func TestDeadlinesStandStillWhilePeopleAreInCharge(t *testing.T) {
	p := play(t, `{"expire_after":"30h"}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	deadline := *p.state.Wait.Until
	has(t, p.held(100*time.Hour))
	if w := p.state.Wait; w == nil || w.For != WaitReply || !w.Until.Equal(deadline.Add(100*time.Hour)) || p.state.Node() != "ask" {
		t.Fatalf("it waits for %+v at %s", p.state.Wait, p.state.Node())
	}
	p.now = p.now.Add(23 * time.Hour)
	has(t, p.say("Maria"), "Obrigado: Maria")
}

// Z34: the expiry of a run does not count the time in which people were in charge, and counts all the rest.
func TestExpiryStandsStillWhilePeopleAreInCharge(t *testing.T) {
	p := play(t, `{"expire_after":"2h"}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	p.held(100 * time.Hour)
	p.play(&goldenStep{After: "119m"})
	if p.state.Ended() {
		t.Fatalf("it ended early: %+v", p.state.End)
	}
	p.play(&goldenStep{After: "1m"})
	ended(t, p, OutcomeExpired, ReasonExpired)
}

// A run that is moved while people are in charge says nothing, and goes there when they hand back.
func TestAMoveWaitsUntilPeopleHandBack(t *testing.T) {
	p := play(t, `{}`, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	p.conv.TicketOpen = true
	has(t, p.play(&goldenStep{MoveTo: "late"}))
	if p.state.Node() != "ask" {
		t.Fatalf("it went to %s at once", p.state.Node())
	}
	has(t, p.held(time.Minute), "Demorou.", "De novo?")
}
