package whatsapp

import (
	"encoding/json"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// event reads the fields that are about templates, numbers and accounts. It
// reports whether the field is one of them.
func (p *parser) event(s *scope, raw json.RawMessage) bool {
	var read func(*scope, json.RawMessage)
	switch s.field {
	case "message_template_status_update", "message_template_quality_update", "template_category_update",
		"message_template_category_update", "message_template_components_update":
		read = p.template
	case "phone_number_quality_update", "phone_number_name_update", "business_capability_update", "security",
		"business_username_update", "business_username_updates":
		read = p.number
	case "account_update", "account_review_update", "account_alerts":
		read = p.account
	default:
		return false
	}
	if len(raw) == 0 {
		p.refuse(s, raw, models.QuarantineNoValue, "the change has no value")
		return true
	}
	read(s, raw)
	return true
}

type inTemplateEvent struct {
	ID              meta.String `json:"message_template_id"`
	Name            meta.String `json:"message_template_name"`
	Language        meta.String `json:"message_template_language"`
	Category        meta.String `json:"message_template_category"`
	Event           meta.String `json:"event"`
	Reason          meta.String `json:"reason"`
	PreviousQuality meta.String `json:"previous_quality_score"`
	NewQuality      meta.String `json:"new_quality_score"`
	PreviousCat     meta.String `json:"previous_category"`
	NewCategory     meta.String `json:"new_category"`
	HeaderText      meta.String `json:"message_template_title"`
	BodyText        meta.String `json:"message_template_element"`
	FooterText      meta.String `json:"message_template_footer"`
	CorrectCategory meta.String `json:"correct_category"`
	CategoryAt      meta.Time   `json:"category_update_timestamp"`
	Disable         struct {
		At meta.Time `json:"disable_date"`
	} `json:"disable_info"`
	Other struct {
		Title       meta.String `json:"title"`
		Description meta.String `json:"description"`
	} `json:"other_info"`
	Rejection struct {
		Reason         meta.String `json:"reason"`
		Recommendation meta.String `json:"recommendation"`
	} `json:"rejection_info"`
}

// template tells the kinds of news apart by their keys: Meta's sample of a
// change of quality carries the field name of a change of status.
func (p *parser) template(s *scope, raw json.RawMessage) {
	var in inTemplateEvent
	if !p.decode(s, raw, &in) {
		return
	}
	t := &channels.TemplateEvent{TemplateID: string(in.ID), Name: string(in.Name), Language: string(in.Language),
		Category: string(in.Category), Reason: string(in.Reason), Title: string(in.Other.Title), Details: string(in.Other.Description)}
	switch {
	case in.NewQuality != "":
		t.Change, t.Value, t.Previous = "quality", string(in.NewQuality), string(in.PreviousQuality)
		if t.Value == "RED" {
			t.Level = models.NoticeWarning
		}
	case in.CorrectCategory != "":
		t.Change, t.Value, t.Previous, t.EffectiveAt = "category_warning", string(in.CorrectCategory), string(in.NewCategory), in.CategoryAt.Time
		t.Level = models.NoticeWarning
	case in.NewCategory != "":
		t.Change, t.Value, t.Previous, t.Level = "category", string(in.NewCategory), string(in.PreviousCat), models.NoticeInfo
	case in.Event != "":
		t.Event, t.EffectiveAt = string(in.Event), in.Disable.At.Time
		t.Change, t.Value, t.Level = templateNews(t.Event)
		if in.Rejection.Reason != "" {
			t.Details = string(in.Rejection.Reason)
			if in.Rejection.Recommendation != "" {
				t.Details += ": " + string(in.Rejection.Recommendation)
			}
		}
	case s.field == "message_template_components_update":
		t.Change, t.Level = "components", models.NoticeInfo
		t.Texts = map[string]string{}
		for kind, text := range map[string]meta.String{"HEADER": in.HeaderText, "BODY": in.BodyText, "FOOTER": in.FooterText} {
			if text != "" {
				t.Texts[kind] = string(text)
			}
		}
	default:
		p.unknown(s, raw)
		return
	}
	e := s.element(channels.ElementTemplate, raw)
	e.Template = t
	p.add(e)
}

// templateNews tells what Meta's word for an event of a template makes of its state. Many of its words name no state: a
// template that is flagged or locked is as it was, one that is reinstated is approved again.
func templateNews(event string) (change, state string, level models.NoticeLevel) {
	switch event {
	case "APPROVED", "REINSTATED", "UNPAUSED", "UNARCHIVED":
		return "status", models.TemplateApproved, models.NoticeGood
	case "PENDING", "IN_APPEAL", "ARCHIVED", "DELETED":
		return "status", event, models.NoticeInfo
	case "REJECTED", "PAUSED", "DISABLED", "PENDING_DELETION", "LIMIT_EXCEEDED":
		return "status", event, models.NoticeWarning
	}
	return "notice", "", models.NoticeWarning
}

type inNumberEvent struct {
	DisplayPhone  meta.String `json:"display_phone_number"`
	Event         meta.String `json:"event"`
	CurrentLimit  meta.String `json:"current_limit"`
	OldLimit      meta.String `json:"old_limit"`
	BusinessLimit meta.String `json:"max_daily_conversations_per_business"`
	PerWABA       meta.Int    `json:"max_phone_numbers_per_waba"`
	PerBusiness   meta.Int    `json:"max_phone_numbers_per_business"`
	Decision      meta.String `json:"decision"`
	RequestedName meta.String `json:"requested_verified_name"`
	Rejection     meta.String `json:"rejection_reason"`
	Username      meta.String `json:"username"`
	Status        meta.String `json:"status"`
}

func (p *parser) number(s *scope, raw json.RawMessage) {
	var in inNumberEvent
	if !p.decode(s, raw, &in) {
		return
	}
	n := &channels.NumberEvent{DisplayPhone: string(in.DisplayPhone), Event: string(in.Event), Limit: string(in.CurrentLimit),
		PreviousLimit: string(in.OldLimit), Decision: string(in.Decision), Reason: string(in.Rejection)}
	if in.BusinessLimit != "" {
		n.Limit = string(in.BusinessLimit)
	}
	switch s.field {
	case "phone_number_quality_update":
		n.Change, n.Level = "quality", models.NoticeInfo
		switch {
		case n.Event == "DOWNGRADE":
			n.Level = models.NoticeAlert
		case n.Event == "FLAGGED":
			n.Level = models.NoticeWarning
		case n.Event == "UPGRADE", n.Event == "UNFLAGGED", n.Event == "THROUGHPUT_UPGRADE":
			n.Level = models.NoticeGood
		}
	case "business_capability_update":
		n.Change, n.Level, n.MaxNumbers = "limit", models.NoticeInfo, int(max(in.PerWABA, in.PerBusiness))
	case "phone_number_name_update":
		n.Change, n.Level, n.Name = "name", decisionLevel(n.Decision), string(in.RequestedName)
		n.Granted = n.Decision == decisionApproved
	case "security":
		n.Change, n.Level = "security", models.NoticeWarning
	default:
		n.Change, n.Level, n.Name, n.Decision = "username", models.NoticeInfo, string(in.Username), string(in.Status)
	}
	e := s.element(channels.ElementNumber, raw)
	e.Number = n
	p.add(e)
}

// decisionLevel tells what a decision of Meta's asks of an admin.
func decisionLevel(decision string) models.NoticeLevel {
	switch decision {
	case "REJECTED", "DECLINED":
		return models.NoticeAlert
	case decisionApproved:
		return models.NoticeGood
	}
	return models.NoticeInfo
}

// decisionApproved is Meta's word for a yes.
const decisionApproved = "APPROVED"

type inAccountEvent struct {
	Event      meta.String `json:"event"`
	Phone      meta.String `json:"phone_number"`
	Restricted []struct {
		Type    meta.String `json:"restriction_type"`
		Expires meta.Time   `json:"expiration"`
	} `json:"restriction_info"`
	Decision   meta.String  `json:"decision"`
	EntityType meta.String  `json:"entity_type"`
	EntityID   meta.String  `json:"entity_id"`
	Alert      inAlert      `json:"alert_info"`
	Ban        *inBan       `json:"ban_info"`
	Violation  *inViolation `json:"violation_info"`
	Disconnect *struct {
		Reason meta.String `json:"reason"`
	} `json:"disconnection_info"`
}

type inAlert struct {
	Severity    meta.String `json:"alert_severity"`
	Status      meta.String `json:"alert_status"`
	Type        meta.String `json:"alert_type"`
	Description meta.String `json:"alert_description"`
}

type inBan struct {
	State meta.String `json:"waba_ban_state"`
	Date  meta.String `json:"waba_ban_date"`
}

type inViolation struct {
	Type meta.String `json:"violation_type"`
}

func (p *parser) account(s *scope, raw json.RawMessage) {
	var in inAccountEvent
	if !p.decode(s, raw, &in) {
		return
	}
	a := &channels.AccountEvent{Event: string(in.Event), DisplayPhone: string(in.Phone)}
	if in.EntityType == "PHONE_NUMBER" {
		a.ProviderRef = string(in.EntityID)
	}
	switch s.field {
	case "account_update":
		a.Change = "update"
		if in.Ban != nil {
			a.State, a.Details = string(in.Ban.State), string(in.Ban.Date)
		}
		if in.Violation != nil {
			a.Reason = string(in.Violation.Type)
		}
		if in.Disconnect != nil {
			a.Reason = string(in.Disconnect.Reason)
		}
		in.judge(a)
	case "account_review_update":
		a.Change, a.Level, a.State = "review", decisionLevel(string(in.Decision)), string(in.Decision)
	default:
		a.Change = "alert"
		if in.Alert == (inAlert{}) {
			// Some alerts carry their keys at the top.
			_ = json.Unmarshal(raw, &in.Alert)
		}
		a.Event, a.Severity, a.State, a.Details = string(in.Alert.Type), string(in.Alert.Severity), string(in.Alert.Status), string(in.Alert.Description)
		a.Level = alertLevel(a)
	}
	e := s.element(channels.ElementAccount, raw)
	e.Account = a
	p.add(e)
}

// judge says what news of an account asks of an admin, and what it forbids to send.
func (in *inAccountEvent) judge(a *channels.AccountEvent) {
	a.Level = models.NoticeInfo
	switch a.Event {
	case "DISABLED_UPDATE":
		switch a.State {
		case "REINSTATE":
			a.Level = models.NoticeGood
		case "SCHEDULE_FOR_DISABLE":
			a.Level = models.NoticeAlert
		default:
			a.Level, a.Hold = models.NoticeAlert, models.HoldAll
		}
	case "ACCOUNT_DELETED", "PARTNER_REMOVED", "ACCOUNT_OFFBOARDED":
		a.Level, a.Hold = models.NoticeAlert, models.HoldAll
	case "ACCOUNT_VIOLATION", "PARTNER_APP_UNINSTALLED":
		a.Level = models.NoticeAlert
	case "ACCOUNT_RESTRICTION":
		a.Level = models.NoticeAlert
		for _, r := range in.Restricted {
			if a.Reason == "" {
				a.Reason = string(r.Type)
			}
			if r.Expires.After(a.Until) {
				a.Until = r.Expires.Time
			}
			switch r.Type {
			case "RESTRICTED_CUSTOMER_INITIATED_MESSAGING":
				a.Hold = models.HoldAll
			case "RESTRICTED_BIZ_INITIATED_MESSAGING":
				if a.Hold == "" {
					a.Hold = models.HoldTemplates
				}
			}
		}
	}
}

// alertLevel says what an alert asks of an admin.
func alertLevel(a *channels.AccountEvent) models.NoticeLevel {
	switch {
	case a.State == "RESOLVED" || a.State == "NONE":
		return models.NoticeGood
	case a.Severity == "CRITICAL":
		return models.NoticeAlert
	case a.Severity == "WARNING":
		return models.NoticeWarning
	}
	return models.NoticeInfo
}
