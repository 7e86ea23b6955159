package activities

import (
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
)

// takeHeld takes what a run may take while people are in charge: it can be stopped, its variables can be set, and it can be moved
// to a node, where it goes when people hand back. All else waits: messages are for people, results of calls for later.
func (d *decision) takeHeld() error {
	for _, mail := range d.snap.Mail {
		switch flow.EventKind(mail.Kind) {
		case flow.EventStop, flow.EventSetVariable, flow.EventMoveTo:
			if len(d.state.Frames) == 0 { // it has not begun
				d.leave([]contract.RunMail{mail})
			} else if err := d.mail(mail); err != nil {
				return err
			}
		default:
			d.leave([]contract.RunMail{mail})
		}
	}
	return nil
}

// takeBack takes first that people are no longer in charge: what else there is came later, or waited for it.
func (d *decision) takeBack() error {
	for _, mail := range d.snap.Mail {
		if flow.EventKind(mail.Kind) != flow.EventTicketClosed || len(d.state.Frames) == 0 {
			continue
		}
		if err := d.mail(mail); err != nil {
			return err
		}
	}
	return nil
}

// giveUp ends a run that another one or an agent has replaced. It says nothing more.
func (d *decision) giveUp() error {
	if d.state.Ended() {
		return nil
	}
	for _, mail := range d.snap.Mail {
		if flow.EventKind(mail.Kind) != flow.EventStop {
			d.out.Refused[mail.ID] = "the run has ended"
		}
	}
	if len(d.state.Frames) == 0 {
		d.state.End = &flow.End{Outcome: flow.OutcomeStopped, Reason: flow.ReasonStopped, At: d.snap.Now}
		return nil
	}
	return d.step(flow.Event{Kind: flow.EventStop, Stop: &flow.Stop{Reason: flow.ReasonStopped}})
}

// leave keeps mail in the mailbox for a later step.
func (d *decision) leave(mail []contract.RunMail) {
	for _, m := range mail {
		if flow.EventKind(m.Kind) != flow.EventTicketClosed || d.snap.Held() {
			d.out.Left[m.ID] = true
		}
	}
}

// opened tells the run what it learns of the ticket that this step has opened: the contact may read its number.
func (d *decision) opened(t contract.OpenedTicket) error {
	if d.state.Ended() {
		return nil
	}
	known := flow.TicketOpened{Protocol: t.Protocol, Queue: t.Queue, Agent: t.Agent, Position: t.Position}
	if err := d.step(flow.Event{Kind: flow.EventTicketOpened, Opened: &known}); err != nil {
		return err
	}
	r := &d.out.Result
	r.Wait, r.Since, r.Until, r.Call, r.Reason = "", time.Time{}, time.Time{}, "", ""
	_, err := d.finish()
	return err
}
