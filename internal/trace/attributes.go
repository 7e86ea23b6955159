package trace

// The names of what spans hold, in one place: ids of ours, codes and numbers. Names of HTTP are those of OpenTelemetry's
// semantic conventions.
const (
	Account      = "perene.account.id"
	Connection   = "perene.connection.id"
	Conversation = "perene.conversation.id"
	Message      = "perene.message.id"
	Run          = "perene.run.id"
	Flow         = "perene.flow.id"
	FlowVersion  = "perene.flow.version"
	Step         = "perene.step"
	Node         = "perene.node"       // where a run stands after a step
	Wait         = "perene.wait"       // what it waits for there
	Inbound      = "perene.inbound"    // messages that a step took up
	Sent         = "perene.sent"       // messages that a step queued
	Call         = "perene.call"       // of a run to the outside
	Workflow     = "perene.workflow"   // workflow id: flow-run/42
	Outcome      = "perene.outcome"    // what became of it
	Provider     = "perene.code"       // the provider's error code
	Attempt      = "perene.attempt"    // tries of a message, this one included
	Waited       = "perene.waited_ms"  // before it began, in milliseconds
	Dials        = "perene.dials"      // connections that were tried in one call
	Status       = "perene.status"     // what a provider reports of a message
	Stored       = "perene.stored"     // messages of a delivery that are new
	Repeated     = "perene.repeated"   // that were there already
	Quarantined  = "perene.quarantine" // that could not be taken in
	Operation    = "perene.operation"  // of the API's contract

	Method     = "http.request.method"
	Route      = "http.route"
	HTTPStatus = "http.response.status_code"
	Host       = "server.address"
)
