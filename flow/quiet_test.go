package flow

import (
	"testing"
	"time"
)

// A reminder that falls into the quiet hours is said when they end. Of several the last is said, once.
func TestRemindersWaitForTheEndOfTheNight(t *testing.T) {
	ask := func(timeout string) string {
		return `{"id":"ask","kind":"question","settings":{"text":"?","timeout":"` + timeout + `","reminders":[{"after":"30m","text":"Ainda aí?"},{"after":"2h","text":"Posso ajudar?"},{"after":"8h","text":"Até logo!"}]},"outputs":{"ok":"end","invalid":"end","timeout":"end"}}`
	}
	begin := func(t *testing.T, quiet, timeout string, at string) *player {
		t.Helper()
		p := play(t, `{"quiet_hours":"`+quiet+`"}`, ask(timeout), nodeEnd)
		var err error
		if p.now, err = time.ParseInLocation("2006-01-02 15:04", at, p.env.Account.Zone); err != nil {
			t.Fatal(err)
		}
		until := p.now.Add(24 * time.Hour)
		p.conv.WindowUntil = &until
		p.start()
		return p
	}
	due := func(p *player) string { return p.state.Wait.Until.In(p.env.Account.Zone).Format("02 15:04") }
	for _, quiet := range []string{"22:00-08:00", "22:00-24:00 00:00-08:00", "00:00-08:00 22:00-23:59"} {
		p := begin(t, quiet, "24h", "2026-11-20 23:00")
		if got := due(p); got != "21 08:00" {
			t.Errorf("%s: the first reminder is due %s", quiet, got)
		}
		p.now = *p.state.Wait.Until
		has(t, p.step(Event{Kind: EventTimer}), "Até logo!")
		if got := due(p); got != "21 23:00" || p.state.Wait.Deadline != nil {
			t.Errorf("%s: then the time-out is due %s", quiet, got)
		}
	}
	p := begin(t, "22:00-08:00", "24h", "2026-11-20 20:00")
	for _, want := range []struct{ at, text string }{{"20 20:30", "Ainda aí?"}, {"21 08:00", "Até logo!"}} {
		if got := due(p); got != want.at {
			t.Fatalf("a reminder is due %s, want %s", got, want.at)
		}
		p.now = *p.state.Wait.Until
		has(t, p.step(Event{Kind: EventTimer}), want.text)
	}
	t.Run("the deadline comes first", func(t *testing.T) {
		p := begin(t, "22:00-08:00", "3h", "2026-11-20 22:10")
		if got := due(p); got != "21 01:10" || p.state.Wait.Deadline != nil {
			t.Errorf("it waits until %s", got)
		}
	})
	t.Run("people put it off into the night", func(t *testing.T) {
		p := begin(t, "22:00-08:00", "24h", "2026-11-20 19:00")
		p.held(3 * time.Hour)
		p.now = *p.state.Wait.Until
		has(t, p.step(Event{Kind: EventTimer}))
		if got := due(p); got != "21 08:00" {
			t.Errorf("it is due %s", got)
		}
		p.now = *p.state.Wait.Until
		has(t, p.step(Event{Kind: EventTimer}), "Até logo!")
	})
	t.Run("a day without the hour at which the night ends", func(t *testing.T) {
		p := begin(t, "22:00-00:00", "24h", "2018-11-03 23:00")
		if got := due(p); got != "04 01:00" {
			t.Errorf("it is due %s", got)
		}
	})
}

// A text names a chosen option in the language that the contact reads now; what is stored stays.
func TestAnOptionIsNamedInThePresentLanguage(t *testing.T) {
	doc := []byte(`{"spec_version":1,"name":"Q","category":"manual","start":"ask","nodes":[
		{"id":"ask","kind":"question","settings":{"text":"Curso?","type":"choice","save_to":"curso","options":[{"id":"m","title":"Matemática"},{"id":"h","title":"História"}]},"outputs":{"ok":"many","invalid":"e","timeout":"e"}},
		{"id":"many","kind":"question","settings":{"text":"Quais?","type":"multiple_choice","save_to":"dias","options":[{"id":"s","title":"Segunda"},{"id":"t","title":"Terça"}]},"outputs":{"ok":"en","invalid":"e","timeout":"e"}},
		{"id":"en","kind":"action","settings":{"actions":[{"do":"set_field","field":"language","value":"en"}]},"outputs":{"ok":"if"}},
		{"id":"if","kind":"condition","settings":{"rules":[{"expression":"curso == 'Matemática'"}]},"outputs":{"true":"say","false":"e"}},
		{"id":"say","kind":"content","settings":{"items":[{"kind":"text","text":"{curso} {{ answers.ask | upcase }} {{ answer | join: '/' }} {{ vars.curso }}{% if curso == 'Matemática' %}!{% endif %}"}]},"outputs":{"ok":"e"}},
		{"id":"e","kind":"end"}],
		"locales":{"en":{"ask":{"/options/0/title":"Mathematics"},"many":{"/options/0/title":"Monday","/options/1/title":"Tuesday"}}}}`)
	p := goldenWorld{}.player(t, doc, nil)
	p.start()
	p.say("matemática")
	has(t, p.say("segunda e terça"), "Mathematics MATHEMATICS Monday/Tuesday Mathematics!")
}
