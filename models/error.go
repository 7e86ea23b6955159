package models

import (
	"errors"
	"fmt"
)

// Code says what kind of error happened, in words that are stable and documented. The API maps it to an HTTP status.
type Code string

// The codes an operation can end with.
const (
	CodeInvalid         Code = "invalid"          // the input is wrong; Fields says where
	CodeUnauthenticated Code = "unauthenticated"  // nobody is signed in, or the token is not valid
	CodeForbidden       Code = "forbidden"        // signed in, but without the permission
	CodeNotFound        Code = "not_found"        // no such thing in this account
	CodeConflict        Code = "conflict"         // the thing exists already or changed meanwhile
	CodeGone            Code = "gone"             // it was there and has ended
	CodeTooMany         Code = "too_many"         // a rate limit
	CodeTooLarge        Code = "too_large"        // the body or file is over its limit
	CodeUnavailable     Code = "unavailable"      // Postgres or Temporal cannot be reached; try again
	CodeWindowClosed    Code = "window_closed"    // free-form sending is not allowed now (rule 094)
	CodeContactBlocked  Code = "contact_blocked"  // the contact is blocked (rule 191)
	CodeConnectionState Code = "connection_state" // the connection is removed or paused
	CodeInternal        Code = "internal"         // a defect of ours
)

// Field is one input field that is wrong: its path (body.name, query.limit) and what is wrong with it.
type Field struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Error is an error somebody outside may see. Message is a plain English sentence without personal data; the console
// translates by Code and Key.
type Error struct {
	Code    Code
	Key     string // finer than Code, for translation and for programs: "flow.has_errors"
	Message string
	Fields  []Field
	Args    map[string]string // what fills the console's sentence, such as the agent's name
	Err     error             // the cause, for logs only
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a code and a sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes a CodeInvalid error about one field.
func Invalid(path, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	return &Error{Code: CodeInvalid, Message: msg, Fields: []Field{{Path: path, Message: msg}}}
}

// NotFound makes a CodeNotFound error: the same whether the thing does not exist or belongs to another account.
func NotFound(what string) *Error {
	return &Error{Code: CodeNotFound, Key: what + ".not_found", Message: "no such " + what}
}

// CodeOf gives the code of err, or CodeInternal for an error that carries none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// KeyTicketRefused is the key of an error that says why a ticket cannot be opened.
const KeyTicketRefused = "ticket.refused"

// KeyOf gives the key of err; empty for an error that carries none.
func KeyOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}
