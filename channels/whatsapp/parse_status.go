package whatsapp

import (
	"encoding/json"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// inStatus is an element of statuses[].
type inStatus struct {
	ID                  meta.String `json:"id"`
	Type                meta.String `json:"type"` // "call" for the state of a call
	Status              meta.String `json:"status"`
	Timestamp           meta.Time   `json:"timestamp"`
	RecipientID         meta.String `json:"recipient_id"`
	RecipientUserID     meta.String `json:"recipient_user_id"`
	RecipientParentID   meta.String `json:"recipient_parent_user_id"`
	RecipientType       meta.String `json:"recipient_type"`
	ParticipantID       meta.String `json:"recipient_participant_id"`
	ParticipantUserID   meta.String `json:"recipient_participant_user_id"`
	ParticipantParentID meta.String `json:"recipient_participant_parent_user_id"`
	CallbackData        meta.String `json:"biz_opaque_callback_data"`
	Conversation        *struct {
		ID      meta.String `json:"id"`
		Expires meta.Time   `json:"expiration_timestamp"`
		Origin  struct {
			Type meta.String `json:"type"`
		} `json:"origin"`
	} `json:"conversation"`
	Pricing *struct {
		Billable meta.Bool   `json:"billable"`
		Model    meta.String `json:"pricing_model"`
		Type     meta.String `json:"type"`
		Category meta.String `json:"category"`
	} `json:"pricing"`
	Errors []inError `json:"errors"`
}

func (p *parser) status(s *scope, raw json.RawMessage) {
	var in inStatus
	if !p.decode(s, raw, &in) {
		return
	}
	if in.Type == "call" {
		p.callStatus(s, raw, &in)
		return
	}
	if in.ID == "" || len(in.ID) > idMax {
		p.refuse(s, raw, models.QuarantineNoID, "the status has no usable message id")
		return
	}
	status := &channels.Status{ProviderID: string(in.ID), State: channels.StatusState(in.Status), AttemptID: string(in.CallbackData)}
	switch status.State {
	case channels.StatusSent, channels.StatusDelivered, channels.StatusRead, channels.StatusPlayed, channels.StatusFailed:
	default:
		e := s.element(channels.ElementUnknown, raw)
		e.At = in.Timestamp.Time
		p.add(e)
		return
	}
	if in.RecipientType == "group" {
		status.GroupID = string(in.RecipientID)
		status.Participant = s.person(in.ParticipantID, in.ParticipantUserID, in.ParticipantParentID)
	} else {
		status.Recipient = s.person(in.RecipientID, in.RecipientUserID, in.RecipientParentID)
	}
	if in.Pricing != nil {
		status.Pricing = &channels.Pricing{Billable: bool(in.Pricing.Billable), Model: string(in.Pricing.Model),
			Type: string(in.Pricing.Type), Category: string(in.Pricing.Category)}
	}
	if c := in.Conversation; c != nil {
		status.Window = &channels.PricedWindow{ID: string(c.ID), ExpiresAt: c.Expires.Time, Origin: string(c.Origin.Type)}
	}
	status.Errors = readErrors(in.Errors)
	e := s.element(channels.ElementStatus, raw)
	e.At, e.Status = in.Timestamp.Time, status
	p.add(e)
}

func readErrors(errors []inError) []channels.ProviderError {
	var out []channels.ProviderError
	for i := range errors {
		code := channels.CodeNone // 0 is a code of Meta's
		if errors[i].Code != nil {
			code = int(*errors[i].Code)
		}
		out = append(out, channels.ProviderError{Code: code, Title: meta.Safe(string(errors[i].Title)), Details: errors[i].text()})
	}
	return out
}

// problem reads an error that belongs to no message.
func (p *parser) problem(s *scope, raw json.RawMessage) {
	var in inError
	if !p.decode(s, raw, &in) {
		return
	}
	e := s.element(channels.ElementError, raw)
	e.Error = &readErrors([]inError{in})[0]
	p.add(e)
}

// inCall is an element of calls[].
type inCall struct {
	ID         meta.String `json:"id"`
	From       meta.String `json:"from"`
	FromUserID meta.String `json:"from_user_id"`
	To         meta.String `json:"to"`
	ToUserID   meta.String `json:"to_user_id"`
	Event      meta.String `json:"event"`
	Direction  meta.String `json:"direction"`
	Timestamp  meta.Time   `json:"timestamp"`
	Status     meta.String `json:"status"`
	Start      meta.Time   `json:"start_time"`
	End        meta.Time   `json:"end_time"`
	Duration   meta.Int    `json:"duration"`
}

func (p *parser) call(s *scope, raw json.RawMessage) {
	var in inCall
	if !p.decode(s, raw, &in) {
		return
	}
	if in.ID == "" || len(in.ID) > idMax {
		p.refuse(s, raw, models.QuarantineNoID, "the call has no usable id")
		return
	}
	call := &channels.Call{Call: models.ContentCall{CallID: string(in.ID), Event: string(in.Event), Status: string(in.Status),
		StartedAt: pointer(in.Start.Time), EndedAt: pointer(in.End.Time), DurationSeconds: max(int64(in.Duration), 0)}}
	if in.Direction == "BUSINESS_INITIATED" {
		call.Call.Direction = "outbound"
		call.Person = s.person(in.To, in.ToUserID, "")
	} else {
		call.Call.Direction = "inbound"
		call.Person = s.person(in.From, in.FromUserID, "")
	}
	e := s.element(channels.ElementCall, raw)
	e.At, e.Call = in.Timestamp.Time, call
	p.add(e)
}

// callStatus is the state of a call we started: RINGING, ACCEPTED, REJECTED.
func (p *parser) callStatus(s *scope, raw json.RawMessage, in *inStatus) {
	if in.ID == "" || len(in.ID) > idMax {
		p.refuse(s, raw, models.QuarantineNoID, "the call's status has no usable id")
		return
	}
	e := s.element(channels.ElementCall, raw)
	e.At = in.Timestamp.Time
	e.Call = &channels.Call{Person: s.person(in.RecipientID, in.RecipientUserID, in.RecipientParentID),
		Call: models.ContentCall{CallID: string(in.ID), Event: "status", Direction: "outbound", Status: string(in.Status)}}
	p.add(e)
}
