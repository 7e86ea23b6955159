package intake

import (
	"strconv"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// template turns news about a template into what the store keeps of it.
func template(e *channels.Element) *models.TemplateChange {
	t := e.Template
	out := &models.TemplateChange{ProviderTemplateID: t.TemplateID, Name: t.Name, Language: t.Language, Reason: t.Reason, Texts: t.Texts}
	switch t.Change {
	case "status":
		out.Status = t.Value
	case "category":
		out.Category = t.Value
	case "quality":
		out.Quality = t.Value
	}
	if t.Level == "" {
		return out
	}
	change := t.Change
	if change == "category_warning" {
		change = "category" // a warning and the change it announced are about one thing
	}
	out.Notice = notice("template", "template/"+t.Name+"/"+t.Language+"/"+change, t.Level, e.At, map[string]string{
		"change": t.Change, "name": t.Name, "language": t.Language, "value": firstOf(t.Value, t.Event), "previous": t.Previous,
		"reason": t.Reason, "details": firstOf(t.Details, t.Title), "until": instant(t.EffectiveAt),
	})
	return out
}

// number turns news about our number or account into facts for its health, words for admins, and what it forbids.
func number(e *channels.Element) *models.NumberChange {
	if n := e.Number; n != nil {
		out := &models.NumberChange{Number: n.Change != "limit", Phone: n.DisplayPhone, Notice: notice("number", "number/"+n.Change, n.Level, e.At, map[string]string{
			"change": n.Change, "event": n.Event, "limit": n.Limit, "previous": n.PreviousLimit, "name": n.Name, "decision": n.Decision, "reason": n.Reason,
		})}
		facts := map[string]any{}
		if n.Limit != "" {
			facts["limit"] = n.Limit
		}
		if n.Change == "name" {
			facts["name_status"] = n.Decision
			if n.Granted && n.Name != "" {
				facts["verified_name"] = n.Name
			}
		}
		if len(facts) > 0 {
			out.Data = marshal(facts)
		}
		return out
	}
	a := e.Account
	subject := "account/" + a.Change
	if a.Change != "review" {
		subject += "/" + a.Event
	}
	out := &models.NumberChange{Phone: a.DisplayPhone, Number: a.DisplayPhone != "", Hold: a.Hold, Notice: notice("account", subject, a.Level, e.At, map[string]string{
		"change": a.Change, "event": a.Event, "state": a.State, "reason": a.Reason, "details": a.Details, "severity": a.Severity, "until": instant(a.Until),
	})}
	if a.ProviderRef != "" {
		out.Number, out.Ref = true, a.ProviderRef
	}
	return out
}

// untold keeps what changes nothing of ours: an error of the account, the progress of an import, a field that this version does
// not read. An admin can see that it came.
func untold(e *channels.Element) *models.NumberChange {
	out := &models.NumberChange{Number: true}
	switch {
	case e.Error != nil:
		code := codeWord(e.Error.Code)
		out.Notice = notice("error", "error/"+code, models.NoticeWarning, e.At, map[string]string{"code": code, "title": e.Error.Title, "details": e.Error.Details})
	case e.History != nil && e.History.Error != nil:
		code := codeWord(e.History.Error.Code)
		out.Notice = notice("history", "history", models.NoticeWarning, e.At, map[string]string{"code": code, "title": e.History.Error.Title, "details": e.History.Error.Details})
	case e.History != nil:
		out.Notice = notice("history", "history", models.NoticeInfo, e.At, map[string]string{"phase": strconv.Itoa(e.History.Phase), "progress": strconv.Itoa(e.History.Progress)})
	default:
		out.Notice = notice("unread", "unread/"+e.Field, models.NoticeInfo, e.At, map[string]string{"field": e.Field})
	}
	return out
}

// wordMax is how many bytes of one of the provider's words are kept.
const wordMax = 500

func notice(kind, subject string, level models.NoticeLevel, at time.Time, words map[string]string) *models.Notice {
	n := &models.Notice{Subject: cut(subject, wordMax), Kind: kind, Level: level, At: at, Words: map[string]string{}}
	if n.Level == "" {
		n.Level = models.NoticeInfo
	}
	for name, word := range words {
		if word != "" {
			n.Words[name] = cut(word, wordMax)
		}
	}
	return n
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

func codeWord(code int) string {
	if code == channels.CodeNone {
		return ""
	}
	return strconv.Itoa(code)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
