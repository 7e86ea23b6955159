package channels_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

func metaJudge() *channels.Judges {
	return channels.NewJudges(map[string]*channels.PolicyTable{models.ChannelWhatsAppCloud: meta.Policies()}, func() float64 { return 0 })
}

func rejected(code int) models.SendFailure {
	return models.SendFailure{Outcome: "rejected", Code: code, HTTPStatus: 400}
}

// Every class of Meta's errors, with what the sender is told to do.
func TestJudgePerClass(t *testing.T) {
	t.Parallel()
	marketing := rejected(131049)
	marketing.Category = "marketing"
	utility := rejected(131049)
	utility.Category = "utility"
	patient := rejected(130429)
	patient.RetryAfter = time.Minute
	for _, tc := range []struct {
		name  string
		f     models.SendFailure
		n     models.SendCounts
		kind  models.VerdictKind
		wait  time.Duration
		scope models.HoldScope
	}{
		{"server fault, first", rejected(131000), models.SendCounts{Attempts: 1}, models.VerdictAgain, 2 * time.Second, ""},
		{"server fault, fifth", rejected(131000), models.SendCounts{Attempts: 5}, models.VerdictAgain, 10 * time.Minute, ""},
		{"server fault, sixth", rejected(131000), models.SendCounts{Attempts: 6}, models.VerdictFail, 0, ""},
		{"generic user error, first", rejected(135000), models.SendCounts{Attempts: 1}, models.VerdictAgain, 5 * time.Second, ""},
		{"generic user error, second", rejected(135000), models.SendCounts{Attempts: 2}, models.VerdictFail, 0, ""},
		{"never left", models.SendFailure{Outcome: "not_sent", Code: models.NoProviderCode}, models.SendCounts{Attempts: 3}, models.VerdictUnreachable, 4 * time.Second, ""},
		{"lost answer", models.SendFailure{Outcome: "unknown", Code: models.NoProviderCode}, models.SendCounts{Attempts: 1}, models.VerdictUnknown, 0, ""},
		{"marketing cap, first", marketing, models.SendCounts{Attempts: 1}, models.VerdictLater, 24 * time.Hour, ""},
		{"marketing cap, third", marketing, models.SendCounts{Attempts: 1, Retries: 2}, models.VerdictLater, 96 * time.Hour, ""},
		{"marketing cap, given up", marketing, models.SendCounts{Attempts: 1, Retries: 4}, models.VerdictFail, 0, ""},
		{"marketing cap on a utility template", utility, models.SendCounts{Attempts: 1}, models.VerdictFail, 0, ""},
		{"opted out", rejected(131050), models.SendCounts{Attempts: 1}, models.VerdictOptOut, 0, ""},
		{"number's pace", rejected(130429), models.SendCounts{Attempts: 1, Throttles: 1}, models.VerdictSlowNumber, time.Second, ""},
		{"number's pace, told how long", patient, models.SendCounts{Attempts: 1, Throttles: 1}, models.VerdictSlowNumber, time.Minute, ""},
		{"pair's pace, second time", rejected(131056), models.SendCounts{Attempts: 1, Throttles: 2}, models.VerdictSlowPair, 16 * time.Second, ""},
		{"form's pace", rejected(132069), models.SendCounts{Attempts: 1}, models.VerdictLater, time.Hour, ""},
		{"token", rejected(190), models.SendCounts{Attempts: 1}, models.VerdictHold, time.Minute, models.HoldAll},
		{"payment", rejected(131042), models.SendCounts{Attempts: 1}, models.VerdictHold, time.Minute, models.HoldAll},
		{"spam limit", rejected(131048), models.SendCounts{Attempts: 1}, models.VerdictHold, time.Hour, models.HoldTemplates},
		{"window closed", rejected(131047), models.SendCounts{Attempts: 1}, models.VerdictNeedTemplate, 0, ""},
		{"template paused", rejected(132015), models.SendCounts{Attempts: 1}, models.VerdictPauseTemplate, 3 * time.Hour, ""},
		{"defect", rejected(100), models.SendCounts{Attempts: 1}, models.VerdictFail, 0, ""},
		{"not on WhatsApp", rejected(131026), models.SendCounts{Attempts: 1}, models.VerdictFail, 0, ""},
	} {
		v := metaJudge().Judge(models.ChannelWhatsAppCloud, nil, tc.f, tc.n)
		if v.Kind != tc.kind || v.Wait != tc.wait || v.Scope != tc.scope || v.StopsOnReply != (tc.f.Category == "marketing") {
			t.Errorf("%s: %s after %s, scope %q; want %s after %s, %q", tc.name, v.Kind, v.Wait, v.Scope, tc.kind, tc.wait, tc.scope)
		}
	}
}

func TestJudgeHeedsTheAccountsChanges(t *testing.T) {
	t.Parallel()
	judge := metaJudge()
	f := rejected(131049)
	for name, tc := range map[string]struct {
		overrides string
		want      time.Duration
	}{
		"none":           {`{}`, 24 * time.Hour},
		"shorter":        {`{"131049":{"steps":[7200]}}`, 2 * time.Hour},
		"again the same": {`{"131049":{"steps":[7200]}}`, 2 * time.Hour},
		"not JSON":       {`{"131049":`, 24 * time.Hour},
		"unknown row":    {`{"9":{"steps":[7200]}}`, 24 * time.Hour},
	} {
		if v := judge.Judge(models.ChannelWhatsAppCloud, json.RawMessage(tc.overrides), f, models.SendCounts{}); v.Wait != tc.want {
			t.Errorf("%s: waits %s, want %s", name, v.Wait, tc.want)
		}
	}
	if v := judge.Judge("carrier_pigeon", nil, f, models.SendCounts{}); v.Kind != models.VerdictFail {
		t.Errorf("a channel without policies: %s, want fail", v.Kind)
	}
}
