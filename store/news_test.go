package store_test

import (
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store/storetest"
)

// News is taken once, and older news about a thing does not overtake newer: Meta delivers again for days, in any order.
func TestNewsIsTakenOnceAndInOrder(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("volta", "UTILITY", "APPROVED")
	conv, _ := w.hears("1", models.ContentKindText)
	person := storetest.Person("5581999991234", "")
	at := func(minutes int) time.Time { return w.now().Add(time.Duration(minutes) * time.Minute) }
	stop := contract.InboundElement{Kind: "preference", Raw: []byte(`{"value":"stop"}`), At: at(1), Preference: &models.MarketingPreference{Person: person, Stopped: true, At: at(1)}}
	resume := contract.InboundElement{Kind: "preference", Raw: []byte(`{"value":"resume"}`), At: at(2), Preference: &models.MarketingPreference{Person: person, At: at(2)}}
	template := func(status string, minutes int) contract.InboundElement {
		return contract.InboundElement{Kind: "template", Raw: []byte(status), At: at(minutes), Template: &models.TemplateChange{Name: "volta", Language: "pt_BR", Status: status}}
	}
	number := func(value string, minutes int) contract.InboundElement {
		return contract.InboundElement{Kind: "number", Raw: []byte(value), At: at(minutes), Number: &models.NumberChange{
			Data: []byte(`{"last_quality": "` + value + `"}`), Notice: &models.Notice{Subject: "number/quality", Kind: "number"}}}
	}
	move := contract.InboundElement{Kind: "identity_change", Raw: []byte(`{"id":"wamid.move"}`), At: at(3), Identity: &models.IdentityChange{ProviderID: "wamid.move", Previous: person,
		Current: storetest.Person("5511966660003", "BR.2"), At: at(3)}}
	take := func(elements ...contract.InboundElement) contract.Wake {
		t.Helper()
		wake, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: elements}, nil)
		if err != nil || wake.Quarantined != 0 {
			t.Fatal(wake, err)
		}
		return wake
	}
	state := func() (out struct{ marketing, status, quality, contacts, lines, events string }) {
		t.Helper()
		w.row(&out.marketing, `SELECT (marketing_stopped_at IS NULL)::text FROM contacts k JOIN conversations v ON v.contact_id = k.id WHERE v.id = $1`, conv)
		w.row(&out.status, `SELECT status FROM templates`)
		w.row(&out.quality, `SELECT coalesce(health->>'last_quality', '') FROM connections`)
		w.row(&out.contacts, `SELECT count(*)::text FROM contacts`)
		w.row(&out.lines, `SELECT count(*)::text FROM messages WHERE direction = 'system'`)
		w.row(&out.events, `SELECT count(*)::text FROM events`)
		return out
	}
	// Newer first, older after: the older ones say what was, not what is.
	take(resume, template("APPROVED", 2), number("GREEN", 2), stop, template("PAUSED", 1), number("RED", 1))
	got := state()
	if got.marketing != "true" || got.status != "APPROVED" || got.quality != "GREEN" {
		t.Errorf("older news overtook newer: %+v", got)
	}
	take(move)
	before := state()
	if before.lines != "1" {
		t.Fatalf("%s lines of a new number", before.lines)
	}
	// All of it again, and the message by the number that was: nothing.
	for range 2 {
		if wake := take(move, stop, resume, template("PAUSED", 1), template("APPROVED", 2), number("RED", 1), number("GREEN", 2)); wake.Repeated != 6 {
			t.Errorf("repeated %d of 6", wake.Repeated)
		}
		old := contract.InboundElement{Kind: "message", Raw: []byte(`{}`), Message: &models.InboundMessage{ProviderID: "1", Person: person, Content: text("oi"), At: at(0), Arrival: models.ArrivalLive}}
		if wake := take(old); wake.Repeated != 1 || wake.Stored != 0 {
			t.Errorf("an old message again: %+v", wake)
		}
	}
	if after := state(); after != before {
		t.Errorf("again changed something: %+v, before %+v", after, before)
	}
}
