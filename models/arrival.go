package models

import "time"

// Arrival is what a message was when it came. It is stored with the message and never changes. A message that we wrote
// ourselves has none.
type Arrival string

// The ways in which a message can come. Only live and late ones wake anybody, count as unread, start the no-reply
// counter and open the session window.
const (
	ArrivalLive    Arrival = "live"    // the contact wrote it now
	ArrivalLate    Arrival = "late"    // the contact wrote it while the provider or we were away
	ArrivalHistory Arrival = "history" // imported: it was written before the connection existed, or while it was unlinked
	ArrivalEcho    Arrival = "echo"    // the business wrote it on its phone (rule 132)
	ArrivalGroup   Arrival = "group"   // somebody wrote it in a group
	ArrivalRefused Arrival = "refused" // the contact is blocked or the connection refuses messages (rule 191, Z11)
	ArrivalStandby Arrival = "standby" // another application answers the contact
)

// Arrivals lists every way, in the order of the table above.
func Arrivals() []Arrival {
	return []Arrival{ArrivalLive, ArrivalLate, ArrivalHistory, ArrivalEcho, ArrivalGroup, ArrivalRefused, ArrivalStandby}
}

// Counts tells whether a message that came this way concerns somebody now.
func (a Arrival) Counts() bool { return a == ArrivalLive || a == ArrivalLate }

// LateAfter is the age from which a message counts as late.
const LateAfter = 10 * time.Minute
