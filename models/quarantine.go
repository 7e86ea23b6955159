package models

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// QuarantineCode says in one stable word why a part of a delivery could not be taken in. The console has words for each, with
// what to do about it; the sentence beside it (Quarantined.Reason) holds the particulars.
type QuarantineCode string

// Why a part of a delivery is in quarantine.
const (
	QuarantineNotJSON         QuarantineCode = "not_json"         // the bytes are not JSON
	QuarantineWrongType       QuarantineCode = "wrong_type"       // a field is a number where words are expected, and the like
	QuarantineTooDeep         QuarantineCode = "too_deep"         // nested deeper than anything the provider sends
	QuarantineTooMany         QuarantineCode = "too_many"         // more elements than a delivery may have
	QuarantineWrongObject     QuarantineCode = "wrong_object"     // a webhook of another product of the provider's
	QuarantineNoValue         QuarantineCode = "no_value"         // a change that does not say what changed
	QuarantineNoID            QuarantineCode = "no_id"            // without an id, or with one that is too long to be one
	QuarantineNobody          QuarantineCode = "nobody"           // names nobody it is from, to or about
	QuarantineOtherNumber     QuarantineCode = "other_number"     // of a number that is not this connection's
	QuarantineOtherBusiness   QuarantineCode = "other_business"   // of a business account that is not this connection's
	QuarantineParserBroke     QuarantineCode = "parser_broke"     // a defect of ours met it
	QuarantineDatabaseRefused QuarantineCode = "database_refused" // Postgres did not accept it
	QuarantineNotStored       QuarantineCode = "not_stored"       // it was read and could not be stored
	QuarantineNothing         QuarantineCode = "nothing"          // found when tried again: there is nothing in it
	QuarantineOther           QuarantineCode = "other"            // kept before there were codes
)

// QuarantineCodes are all of them.
var QuarantineCodes = []QuarantineCode{QuarantineNotJSON, QuarantineWrongType, QuarantineTooDeep, QuarantineTooMany, QuarantineWrongObject,
	QuarantineNoValue, QuarantineNoID, QuarantineNobody, QuarantineOtherNumber, QuarantineOtherBusiness, QuarantineParserBroke,
	QuarantineDatabaseRefused, QuarantineNotStored, QuarantineNothing, QuarantineOther}

// quarantineKey begins the Key of an error that says what is still wrong with something in quarantine.
const quarantineKey = "quarantine."

// StillQuarantined is the error of a part that was tried again and still cannot be taken in; reason is an English sentence
// without words of customers.
func StillQuarantined(code QuarantineCode, reason string) *Error {
	return &Error{Code: CodeInvalid, Key: quarantineKey + string(code), Message: reason}
}

// QuarantineCodeOf reads the code of an error that trying again ended with.
func QuarantineCodeOf(err error) QuarantineCode {
	var e *Error
	if errors.As(err, &e) {
		if code := QuarantineCode(strings.TrimPrefix(e.Key, quarantineKey)); slices.Contains(QuarantineCodes, code) {
			return code
		}
	}
	return QuarantineNotStored
}

// Quarantined is an element of a delivery that nobody could take in.
type Quarantined struct {
	ID           QuarantineID   `json:"id"`
	AccountID    AccountID      `json:"account_id"`
	ConnectionID ConnectionID   `json:"connection_id"`
	Code         QuarantineCode `json:"code"`
	Reason       string         `json:"reason"`
	Element      string         `json:"element"`
	Body         []byte         `json:"-"`
	Replays      int            `json:"replays"`
	LastCode     QuarantineCode `json:"last_code,omitempty"` // of the last try; empty when it succeeded or there was none
	LastError    string         `json:"last_error,omitempty"`
	ReceivedAt   time.Time      `json:"received_at"`
	ResolvedAt   *time.Time     `json:"resolved_at,omitempty"`
	Resolution   string         `json:"resolution,omitempty"`
}

// TableName tells GORM the table.
func (Quarantined) TableName() string { return "quarantine" }
