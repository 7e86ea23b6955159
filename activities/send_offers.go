package activities

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/models"
)

// offers are the places that a session gives to steps of its process (ADR 53). A place is one message of the number's pace and
// one send under way, with an attempt of its own: what a step queues in it is claimed, and comes to the session without a
// claim. Places are there only while nothing else waits to be claimed. Safe for concurrent use.
type offers struct {
	leased *leaseClock
	now    func() time.Time
	newID  func() uuid.UUID
	taken  chan taken // room for as many as may be taken at once

	mu    sync.Mutex
	offer models.SendOffer
	free  int // places that a step may take
	out   int // places that steps have and the session has not heard of again
}

// taken is what became of a place: a message to send, or one that may be stored and may not.
type taken struct {
	claimed      *models.ClaimedSend
	conversation models.ConversationID
	attempt      uuid.UUID
}

// place is what a step holds of a sender: the zero value is none.
type place struct {
	*models.SendOffer
	of *offers
}

// take gives a place, if there is one.
func (o *offers) take() place {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.free == 0 || !o.leased.fresh(o.now()) {
		return place{}
	}
	o.free--
	o.out++
	offer := o.offer
	offer.AttemptID = o.newID()
	return place{&offer, o}
}

// settle says what became of a place: the message that took it, or nothing. After an error nobody knows whether a message
// was stored in it.
func (p place) settle(conversation models.ConversationID, claimed *models.ClaimedSend, err error) {
	switch {
	case p.of == nil:
	case err == nil && claimed == nil:
		p.of.heard()
	default:
		p.of.taken <- taken{claimed: claimed, conversation: conversation, attempt: p.AttemptID}
	}
}

// heard counts a place back in.
func (o *offers) heard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.out--
}

// put offers n places.
func (o *offers) put(n int, offer models.SendOffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free, o.offer = n, offer
}

// withdraw ends the offer and tells how many places steps still have.
func (o *offers) withdraw() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free = 0
	return o.out
}
