package models

import "github.com/google/uuid"

// TracedStatus is a status of a message that is traced, for the span that tells of it.
type TracedStatus struct {
	Trace     []byte // the message's mark
	AttemptID uuid.UUID
	MessageID MessageID
	Status    string // sent, delivered, read, played, failed
	Code      int    // the provider's error code of a failed one; 0 when none
}
