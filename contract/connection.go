package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowConnection is the workflow type of a connection.
const WorkflowConnection = "Connection"

// ConnectionID is the workflow id of a connection: connection/3.
func ConnectionID(id models.ConnectionID) string { return "connection/" + id.String() }

// ConnectionStart starts a Connection workflow, which lives as long as the connection.
type ConnectionStart struct {
	AccountID    models.AccountID    `json:"account_id"`
	ConnectionID models.ConnectionID `json:"connection_id"`
}

// Doorbell makes the doorbell of a connection.
func (s ConnectionStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowConnection, ConnectionID(s.ConnectionID), s)
}

// ConnectionInput starts a Connection workflow, which lives as long as the connection.
type ConnectionInput struct {
	ConnectionStart
	// ContinueAfter is after how many turns the history is continued as new; 0 means the usual number. Tests force it.
	ContinueAfter int                `json:"continue_after,omitempty"`
	Carried       *ConnectionCarried `json:"carried,omitempty"`
}

// ConnectionCarried is everything of a Connection that survives continue-as-new. Instants are absolute.
type ConnectionCarried struct {
	Rest       SenderRest `json:"rest"` // how the connection stands, and when its next message is ready
	Since      time.Time  `json:"since,omitzero"`
	NextSyncAt time.Time  `json:"next_sync_at,omitzero"`
	Rung       bool       `json:"rung,omitempty"`
}

// ConnectionState answers the state query.
type ConnectionState struct {
	SenderRest
	Sending    bool      `json:"sending"`
	Since      time.Time `json:"since,omitzero"`
	NextSyncAt time.Time `json:"next_sync_at,omitzero"`
}

// Commands of Connection.
const (
	UpdatePause  = "pause"
	UpdateResume = "resume"
	UpdateSync   = "sync" // templates, number health and quality now
)

// The activities of Connection.
const (
	ActivitySendPending      = "SendPending"
	ActivityProbeConnection  = "ProbeConnection"
	ActivitySyncConnection   = "SyncConnection"
	ActivityPauseConnection  = "PauseConnection"
	ActivityReadConnection   = "ReadConnection"
	ActivityResumeConnection = "ResumeConnection"
)

// SendPendingInput names the connection whose queue is to be drained. The activity answers with a SenderRest.
type SendPendingInput struct {
	Connection ConnectionStart `json:"connection"`
}

// SenderRest says why a sender came to rest and when it wants to be woken.
type SenderRest struct {
	Sent   int       `json:"sent"`
	WakeAt time.Time `json:"wake_at,omitzero"` // earliest delayed message; zero when nothing waits
	More   bool      `json:"more,omitempty"`   // there is more to do at once: the worker is stopping, or the turn was long
	// State is the connection's: a held or paused connection is not to be started before it is active again.
	State   models.ConnectionState `json:"state"`
	Scope   models.HoldScope       `json:"scope,omitempty"`   // of a hold
	ProbeAt time.Time              `json:"probe_at,omitzero"` // of a held connection
	Code    int                    `json:"code,omitempty"`    // the provider's error code of the hold
}

// Blocked tells that nothing at all may be sent until somebody resumes the connection or a probe closes the circuit.
func (r SenderRest) Blocked() bool {
	return r.State == models.ConnectionPaused || r.State == models.ConnectionRemoved ||
		(r.State == models.ConnectionHeld && r.Scope == models.HoldAll)
}

// ConnectionCheckInput names a connection to be probed, synchronised, paused or resumed.
type ConnectionCheckInput struct {
	Connection ConnectionStart `json:"connection"`
}

// SyncConnectionResult says what a synchronisation found, in numbers and Meta's own words for states.
type SyncConnectionResult struct {
	Templates int    `json:"templates"` // listed
	Changed   int    `json:"changed"`
	LeftOut   int    `json:"left_out,omitempty"` // too large to be kept
	Quality   string `json:"quality,omitempty"`
	Limit     string `json:"limit,omitempty"`
	CanSend   string `json:"can_send,omitempty"`
	// Without names what the connection's channel does not have.
	Without []string `json:"without,omitempty"`
}

// What a channel may be without.
const (
	WithoutTemplates = "templates"
	WithoutHealth    = "number health"
)
