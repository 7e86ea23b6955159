package models_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/perene/perene/models"
)

// Windows are none, 24 hours, or 24 hours and more for what people write (rules 088, 094).
func TestWindowsByChannel(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	ended := now.Add(-time.Hour)
	open := now.Add(time.Hour)
	endsNow := now.Add(models.WindowSafety)
	none := models.Window{}
	day := models.Window{Anybody: 24 * time.Hour}
	week := models.Window{Anybody: 24 * time.Hour, People: 7 * 24 * time.Hour}
	longAgo := now.Add(-6 * 24 * time.Hour)
	for name, c := range map[string]struct {
		window  models.Window
		expires *time.Time
		origin  models.Origin
		want    bool
	}{
		"no window":                        {none, nil, models.OriginBot, true},
		"never opened":                     {day, nil, models.OriginAgent, false},
		"open":                             {day, &open, models.OriginBot, true},
		"within the safety":                {day, &endsNow, models.OriginBot, false},
		"ended":                            {day, &ended, models.OriginAgent, false},
		"ended, for people a week":         {week, &ended, models.OriginAgent, true},
		"ended, and a flow speaks":         {week, &ended, models.OriginBot, false},
		"ended, and a program speaks":      {week, &ended, models.OriginAPI, false},
		"the week of people has ended too": {week, &longAgo, models.OriginAgent, false},
	} {
		if got := c.window.OpenAt(c.expires, c.origin, now); got != c.want {
			t.Errorf("%s: open is %v, want %v", name, got, c.want)
		}
	}
}

func TestChannelsComeFromOneTable(t *testing.T) {
	t.Parallel()
	for _, c := range models.Channels() {
		if got := models.ChannelOf(c.Key); !reflect.DeepEqual(got, c) || c.Name == "" {
			t.Errorf("%s is %+v", c.Key, got)
		}
	}
	if c := models.ChannelOf("carrier_pigeon"); c.Name != "carrier_pigeon" || c.Window.Exists() {
		t.Errorf("an unknown channel is %+v", c)
	}
}

// A channel without windows opens none, and everything else happens as ever.
func TestAChannelWithoutWindowsOpensNone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	m := models.InboundMessage{Arrival: models.ArrivalLive, At: now, Content: models.Content{Kind: models.ContentKindText}}
	p := models.PlanInbound(&models.Connection{Channel: "without"}, &models.Conversation{}, false, &m, now)
	if p.WindowExpiresAt != nil || p.StartsWindow || !p.Wakes {
		t.Errorf("plan %+v, want no window and somebody woken", p)
	}
}
