package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// apiError is a refusal as Graph words it.
type apiError struct {
	HTTP      int
	Code      int
	Subcode   int
	Title     string // the words after "(#code) ", or the whole message for errors without that form
	Plain     bool   // Title is the whole message
	Type      string // default OAuthException
	Details   string
	Transient bool
	UserTitle string
	UserMsg   string
}

func (e *apiError) Error() string { return fmt.Sprintf("graph error %d: %s", e.Code, e.Details) }

type errorBody struct {
	Error errorFields `json:"error"`
}

type errorFields struct {
	Message     string     `json:"message"`
	Type        string     `json:"type"`
	Code        int        `json:"code"`
	Subcode     int        `json:"error_subcode,omitempty"`
	Data        *errorData `json:"error_data,omitempty"`
	IsTransient *bool      `json:"is_transient,omitempty"`
	UserTitle   string     `json:"error_user_title,omitempty"`
	UserMsg     string     `json:"error_user_msg,omitempty"`
	Trace       string     `json:"fbtrace_id"`
}

type errorData struct {
	Product string `json:"messaging_product,omitempty"`
	Details string `json:"details"`
}

func (e *apiError) body() []byte {
	f := errorFields{Code: e.Code, Type: e.Type, Subcode: e.Subcode, Trace: traceID(), UserTitle: e.UserTitle, UserMsg: e.UserMsg}
	if f.Type == "" {
		f.Type = "OAuthException"
	}
	f.Message = e.Title
	if !e.Plain {
		f.Message = fmt.Sprintf("(#%d) %s", e.Code, e.Title)
	}
	if e.Details != "" {
		f.Data = &errorData{Product: "whatsapp", Details: e.Details}
	}
	if e.Transient {
		f.IsTransient = &e.Transient
	}
	b, _ := json.Marshal(errorBody{f})
	return b
}

// known lists every code that Meta documents for messaging with its usual HTTP status and words. A
// code whose status Meta does not state answers 400.
var known = map[int]struct {
	http  int
	title string
	about string
}{
	0:       {401, "AuthException", "We were unable to authenticate the app user."},
	1:       {400, "API Unknown", "Invalid request or possible server error."},
	2:       {503, "API Service", "Temporary due to downtime or due to being overloaded."},
	3:       {500, "API Method", "Capability or permissions issue."},
	4:       {400, "API Too Many Calls", "The app has reached its API call rate limit."},
	10:      {403, "Permission Denied", "Permission is either not granted or has been removed."},
	33:      {400, "Parameter value is not valid", "The business phone number has been deleted."},
	100:     {400, "Invalid parameter", "The request included one or more unsupported or misspelled parameters."},
	190:     {401, "Access token has expired", "Your access token has expired."},
	200:     {403, "API Permission", "Permission is either not granted or has been removed."},
	368:     {403, "Temporarily blocked for policies violations", "The WhatsApp Business Account has been restricted from messaging users."},
	613:     {429, "Calls to this api have exceeded the rate limit", "Wait before calling this endpoint again."},
	80007:   {400, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."},
	130403:  {400, "User blocked", "The recipient is on the block list of this business phone number."},
	130429:  {400, "Rate limit hit", "Cloud API message throughput has been reached."},
	130472:  {400, "User's number is part of an experiment", "Message was not sent as part of an experiment."},
	130497:  {403, "Business account is restricted from messaging users in this country", "The account may not message users in this country."},
	131000:  {500, "Something went wrong", "Message failed to send due to an unknown error."},
	131005:  {403, "Access denied", "Permission is either not granted or has been removed."},
	131008:  {400, "Required parameter is missing", "The request is missing a required parameter."},
	131009:  {400, "Parameter value is not valid", "One or more parameter values are invalid."},
	131016:  {500, "Service unavailable", "A service is temporarily unavailable."},
	131020:  {400, "Bad group", "The group has no participant but you."},
	131021:  {400, "Recipient cannot be sender", "Sender and recipient phone number is the same."},
	131026:  {400, "Message undeliverable", "Unable to deliver message."},
	131030:  {400, "Recipient phone number not in allowed list", "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again."},
	131031:  {403, "Account has been locked", "The account has been restricted or disabled for violating a platform policy."},
	131037:  {400, "Display name approval needed", "The phone number used needs display name approval before it can send messages."},
	131041:  {400, "Group unknown", "No such group, or you are not a participant."},
	131042:  {400, "Business eligibility payment issue", "There was an error related to your payment method."},
	131044:  {400, "Payment issue for calls", "No valid payment method."},
	131045:  {500, "Incorrect certificate", "Message failed to send due to a phone number registration error."},
	131047:  {400, "Re-engagement message", "Message failed to send because more than 24 hours have passed since the customer last replied to this number."},
	131048:  {400, "Spam rate limit hit", "Message failed to send because there are restrictions on how many messages can be sent from this phone number."},
	131049:  {400, "This message was not delivered to maintain healthy ecosystem engagement.", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."},
	131050:  {400, "User has stopped marketing messages", "The recipient has chosen to stop receiving marketing messages on WhatsApp from your business."},
	131051:  {400, "Unsupported message type", "Message type is currently not supported."},
	131052:  {400, "Media download error", "Unable to download the media sent by the user."},
	131053:  {400, "Media upload error", "Unable to upload the media used in the message."},
	131055:  {400, "Method not allowed", "This method is not allowed for this message."},
	131056:  {400, "(Business Account, Consumer Account) pair rate limit hit", "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."},
	131057:  {500, "Account in maintenance mode", "Business Account is in maintenance mode."},
	131059:  {400, "Invalid cursor", "The paging cursor has expired."},
	131061:  {400, "Max-price template not supported", "Templates with a bid must be sent through the Marketing Messages API."},
	131062:  {400, "Recipient user id not supported", "This message type needs a phone number."},
	131063:  {400, "Marketing messages disabled", "Marketing templates are disabled for this endpoint."},
	131064:  {400, "Messaging limit due to misclassified templates", "Sending is limited because templates were misclassified."},
	131207:  {403, "Group suspended", "The group violates policy."},
	131208:  {429, "Group operations rate limit", "Too many group operations."},
	132000:  {400, "Number of parameters does not match the expected number of params", "The number of variable parameter values included in the request did not match the number of variable parameters defined in the template."},
	132001:  {404, "Template name does not exist in the translation", "The template does not exist in the specified language or the template has not been approved."},
	132005:  {400, "Translated text too long", "Translated text is too long."},
	132007:  {400, "Template content policy violation", "Template content violates a WhatsApp policy."},
	132008:  {400, "Template parameter value invalid", "A variable value was not accepted."},
	132012:  {400, "Parameter format does not match format in the created template", "Variable parameter values formatted incorrectly."},
	132015:  {400, "Template is paused", "Template is paused due to low quality so it cannot be sent in a template message."},
	132016:  {400, "Template is disabled", "Template has been paused too many times due to low quality and is now permanently disabled."},
	132018:  {400, "Template parameters invalid", "There is a problem with the template parameters."},
	132068:  {400, "Flow is blocked", "Flow is in blocked state."},
	132069:  {400, "Flow is throttled", "Flow is in throttled state and 10 messages using this flow were already sent in the last hour."},
	133000:  {500, "Incomplete deregistration", "A previous deregistration attempt failed."},
	133004:  {503, "Server temporarily unavailable", "Server is temporarily unavailable."},
	133005:  {400, "Two step verification PIN mismatch", "Two-step verification PIN incorrect."},
	133006:  {400, "Phone number re-verification needed", "Phone number needs to be verified before registering."},
	133008:  {400, "Too many two step verification PIN guesses", "Too many two-step verification PIN guesses for this phone number."},
	133009:  {400, "Two step verification PIN guessed too fast", "Two-step verification PIN was entered too quickly."},
	133010:  {400, "Phone number not registered", "Phone number not registered on the WhatsApp Business Platform."},
	133015:  {400, "Please wait a few minutes before attempting to register this phone number", "The phone number was recently deleted."},
	133016:  {400, "Account register deregister rate limit exceeded", "Too many registration attempts for this phone number."},
	134011:  {400, "WhatsApp Payments terms of service has not been accepted", "Accept the terms first."},
	134100:  {400, "Only marketing messages supported", "Only marketing templates are supported on this endpoint."},
	134101:  {400, "Template syncing", "The template is still being synced."},
	134102:  {500, "Template unavailable", "The template is unavailable for use."},
	135000:  {400, "Generic user error", "Message failed to send because of an unknown error with your request parameters."},
	137000:  {400, "Identity key mismatch", "The recipient identity key hash does not match."},
	138000:  {401, "Calling not enabled", "Calling is not enabled for this phone number."},
	138001:  {400, "Receiver uncallable", "The receiver cannot be called."},
	138002:  {429, "Concurrent calls limit", "Too many concurrent calls."},
	138003:  {400, "Duplicate call", "A call is already ongoing."},
	138004:  {500, "Connect error", "The call could not be connected."},
	138005:  {429, "Call rate limit", "Too many call attempts."},
	138006:  {401, "No approved call permission", "The user has not permitted calls."},
	138007:  {500, "Connect timeout", "The call could not be connected in time."},
	138009:  {400, "Call permission request limit hit", "Too many permission requests."},
	138012:  {400, "Daily business calls limit", "Too many connected calls today."},
	138013:  {400, "Calling unavailable", "Business-initiated calling is not available."},
	138014:  {400, "Calling disabled", "Calling is disabled for low quality."},
	138017:  {400, "Permanent permission exists", "The user already granted permanent permission."},
	139000:  {400, "Blocked by Integrity", "The flow is blocked by integrity."},
	139100:  {400, "Failed to block/unblock users", "Some users could not be blocked or unblocked."},
	139101:  {400, "Block list limit reached", "The block list is full."},
	139102:  {400, "Block list concurrent update", "The block list was updated at the same time."},
	139103:  {500, "Block list internal error", "Internal error."},
	147001:  {400, "Username unavailable", "The username is not available."},
	200005:  {400, "Template insights unavailable", "Template insights are not available."},
	1752041: {400, "Duplicate request", "The client was already invited."},
	2388001: {400, "Number migration failed", "The phone number cannot be migrated."},
	2388019: {400, "Message template limit exceeded", "The number of templates of this account has reached its limit."},
	2388039: {400, "Template text too long", "A template field exceeds its maximum length."},
	2388040: {400, "Character limit exceeded", "A template field exceeds its character limit."},
	2388047: {400, "Message header format is incorrect", "The header format is incorrect."},
	2388072: {400, "Message body format is incorrect", "The body format is incorrect."},
	2388073: {400, "Message footer format is incorrect", "The footer format is incorrect."},
	2388293: {400, "Template has too many variables for its length", "This template has too many variables for its length. Reduce the number of variables or increase the message length."},
	2388299: {400, "Template variables cannot be at the beginning or end", "Variables can't be at the start or end of the template."},
	2494100: {400, "Phone number in maintenance", "The phone number is in maintenance mode."},
	2593107: {400, "Synchronization limit exceeded", "Synchronization was already requested once."},
	2593108: {400, "Synchronization time window exceeded", "More than 24 hours have passed since onboarding."},
	2593109: {400, "History sharing refused", "The business declined to share its history."},
}

// lookupCode returns status and words of a code; a code inside a span that Meta documents as one takes the words of the span.
func lookupCode(code int) (status int, title, about string) {
	if k, ok := known[code]; ok {
		return k.http, k.title, k.about
	}
	for _, r := range [...]struct{ lo, hi, like int }{
		{200, 299, 200}, {131201, 131215, 131020}, {138013, 138023, 138013}, {139000, 139004, 139000},
		{147001, 147005, 147001}, {200005, 200007, 200005}, {2388001, 2388103, 2388001}, {2494100, 2494179, 2494100},
	} {
		if code >= r.lo && code <= r.hi {
			k := known[r.like]
			return k.http, k.title, k.about
		}
	}
	return http.StatusBadRequest, "Unknown error", "An unknown error occurred."
}

// newError returns the documented refusal of a code; empty details take Meta's general text.
func newError(code int, details string) *apiError {
	status, title, about := lookupCode(code)
	if details == "" {
		details = about
	}
	return &apiError{HTTP: status, Code: code, Title: title, Details: details}
}

func errInvalid(details string) *apiError { return newError(100, details) }
func errValue(details string) *apiError   { return newError(131009, details) }
func errMissing(details string) *apiError { return newError(131008, details) }

func errRequired(param string) *apiError {
	return &apiError{HTTP: 400, Code: 100, Title: "The parameter " + param + " is required."}
}

func errNoObject(verb, id string) *apiError {
	return &apiError{
		HTTP: 400, Code: 100, Subcode: 33, Plain: true, Type: "GraphMethodException",
		Title: "Unsupported " + verb + " request. Object with ID '" + id + "' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api",
	}
}

func errNoToken() *apiError {
	return &apiError{HTTP: 401, Code: 104, Plain: true, Title: "An access token is required to request this resource."}
}

func errBadToken() *apiError {
	return &apiError{HTTP: 401, Code: 190, Plain: true, Title: "Invalid OAuth access token - Cannot parse access token"}
}

func errRevokedToken() *apiError {
	return &apiError{HTTP: 401, Code: 190, Subcode: 460, Plain: true, Title: "Error validating access token: The session has been invalidated because the user changed their password or the session has been revoked for security reasons."}
}
