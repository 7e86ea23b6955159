package sender

import (
	"slices"
	"time"

	"github.com/perene/perene/models"
)

// numberPace spaces the sends of one number so that no second holds more of them than the number may send: a token bucket
// whose burst and refill together stay within the limit. When the provider says that it was too much, the rate is halved,
// sending pauses, and the rate comes back little by little. Not safe for concurrent use; the clock is handed in.
type numberPace struct {
	limit   float64 // a second, as the provider allows
	factor  float64 // share of the limit that is used now
	tokens  float64
	at      time.Time
	paused  time.Time // nothing is sent before
	halved  time.Time
	recover time.Time
}

// How a number's pace comes back after it was halved.
const (
	recoverEvery = time.Second
	recoverBy    = 0.05
	leastFactor  = 0.02
	burstShare   = 0.05 // of the limit, kept as burst; refill takes the rest
)

// newNumberPace starts without credit: nobody knows what was sent in the second before.
func newNumberPace(limit int, now time.Time) *numberPace {
	return &numberPace{limit: float64(max(limit, 1)), factor: 1, at: now}
}

func (p *numberPace) setLimit(limit int) { p.limit = float64(max(limit, 1)) }

func (p *numberPace) burst() float64 { return max(1, p.limit*p.factor*burstShare) }

// rate is how many tokens come a second. With a full burst before it, no second holds more than the limit.
func (p *numberPace) rate() float64 {
	r := p.limit * p.factor
	return max(r-p.burst(), r/2)
}

func (p *numberPace) advance(now time.Time) {
	for p.factor < 1 && !p.recover.IsZero() && now.Sub(p.recover) >= recoverEvery {
		p.factor = min(1, p.factor+recoverBy)
		p.recover = p.recover.Add(recoverEvery)
	}
	if d := now.Sub(p.at); d > 0 {
		p.tokens = min(p.burst(), p.tokens+p.rate()*d.Seconds())
		p.at = now
	}
}

// available is how many may leave now.
func (p *numberPace) available(now time.Time) int {
	p.advance(now)
	if now.Before(p.paused) {
		return 0
	}
	return int(p.tokens)
}

// take spends n tokens; giving some back is taking a negative number.
func (p *numberPace) take(n int) { p.tokens -= float64(n) }

// next is when n tokens will be there, at least one and at most a full burst.
func (p *numberPace) next(n int, now time.Time) time.Time {
	p.advance(now)
	want := min(max(float64(n), 1), p.burst())
	at := now
	if p.tokens < want {
		at = now.Add(time.Duration((want-p.tokens)/p.rate()*float64(time.Second)) + time.Microsecond)
	}
	if at.Before(p.paused) {
		at = p.paused
	}
	return at
}

// pause stops sending for a while.
func (p *numberPace) pause(d time.Duration, now time.Time) {
	if until := now.Add(d); until.After(p.paused) {
		p.paused = until
	}
}

// slow halves the rate and pauses. Answers to sends of the same moment say the same thing and halve once.
func (p *numberPace) slow(d time.Duration, now time.Time) {
	p.advance(now)
	p.pause(d, now)
	if now.Sub(p.halved) < time.Second {
		return
	}
	p.halved = now
	p.factor = max(leastFactor, p.factor/2)
	p.recover = p.paused
	p.tokens = min(p.tokens, 0)
}

// pairPace spaces the messages to one person: one every interval, with a burst to be paid back (D04; Meta allows one in 6 s and a burst of 45).
// For each conversation it keeps the instant at which the burst would be paid back in full. Not safe for concurrent use.
type pairPace struct {
	interval time.Duration
	burst    int
	paid     map[models.ConversationID]time.Time
	since    time.Time // sends before are not known here
	sweep    int
}

func newPairPace(pace models.Pace, now time.Time) *pairPace {
	return &pairPace{interval: time.Duration(pace.PairIntervalMS) * time.Millisecond, burst: pace.PairBurst,
		paid: map[models.ConversationID]time.Time{}, since: now}
}

// span is how far back sends matter.
func (p *pairPace) span() time.Duration { return time.Duration(p.burst) * p.interval }

// knowsAll tells whether nothing that an earlier sender sent matters any more.
func (p *pairPace) knowsAll(now time.Time) bool {
	return p.interval <= 0 || p.burst <= 0 || now.Sub(p.since) >= p.span()
}

// knows tells whether everything that matters of a conversation's past is known here.
func (p *pairPace) knows(id models.ConversationID, now time.Time) bool {
	if p.knowsAll(now) {
		return true
	}
	_, known := p.paid[id]
	return known
}

// learn takes in when messages went out before this sender began, newest first.
func (p *pairPace) learn(id models.ConversationID, sent []time.Time) {
	var paid time.Time
	for _, s := range slices.Backward(sent) {
		if paid.Before(s) {
			paid = s
		}
		paid = paid.Add(p.interval)
	}
	p.paid[id] = paid
}

// take spends one message to a person, or says when the next one may leave.
func (p *pairPace) take(id models.ConversationID, now time.Time) (ok bool, at time.Time) {
	if p.interval <= 0 || p.burst <= 0 {
		return true, now
	}
	paid := p.paid[id]
	if paid.Before(now) {
		paid = now
	}
	borrowed := time.Duration(p.burst-1) * p.interval
	first := paid.Add(-borrowed)
	if first.After(now) {
		return false, first
	}
	if now.Sub(first) < p.interval {
		paid = now.Add(borrowed) // the last of the burst: the next one leaves a whole interval after this one
	}
	p.paid[id] = paid.Add(p.interval)
	p.tidy(now)
	return true, now
}

// giveBack undoes take for a message that did not leave.
func (p *pairPace) giveBack(id models.ConversationID) {
	if paid, known := p.paid[id]; known {
		p.paid[id] = paid.Add(-p.interval)
	}
}

// tidy forgets conversations that have paid everything back. One whose past was learnt stays until the span is over.
func (p *pairPace) tidy(now time.Time) {
	if p.sweep++; p.sweep < 4096 {
		return
	}
	p.sweep = 0
	if now.Sub(p.since) < p.span() {
		return
	}
	for id, paid := range p.paid {
		if paid.Before(now) {
			delete(p.paid, id)
		}
	}
}
