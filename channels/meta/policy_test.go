package meta_test

import (
	"slices"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
)

// listed are the codes of Meta's error pages. A code that Meta adds belongs
// here and in errorpolicy.json.
var listed = []int{0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 210, 299, 368, 613, 80007, 130403, 130429, 130472, 130497, 131000, 131005, 131008, 131009,
	131016, 131020, 131021, 131026, 131030, 131031, 131037, 131041, 131042, 131044, 131045, 131047, 131048, 131049, 131050, 131051, 131052,
	131053, 131055, 131056, 131057, 131059, 131061, 131062, 131063, 131064, 131201, 131202, 131203, 131204, 131207, 131208, 131209, 131213,
	131214, 131215, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069, 133000, 133004, 133005, 133006,
	133008, 133009, 133010, 133015, 133016, 134011, 134100, 134101, 134102, 135000, 137000, 138000, 138001, 138002, 138003, 138004, 138005,
	138006, 138007, 138009, 138012, 138013, 138014, 138015, 138017, 138018, 138019, 138023, 139000, 139004, 139100, 139101, 139102, 139103,
	147001, 147005, 2388019, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299, 2388001, 2388012, 2388091, 2388093, 2388103,
	2494100, 2593107, 2593108, 2593109, 2494164, 2494179, 200005, 200006, 200007, 1752041}

func TestTableKnowsEveryListedCode(t *testing.T) {
	t.Parallel()
	codes := meta.Policies().Codes()
	for _, code := range listed {
		if !slices.Contains(codes, code) {
			t.Errorf("code %d has no policy", code)
		}
	}
	for _, row := range meta.Policies().Rows() {
		if row.Name == "" || row.Action == "" || row.Scope == "" {
			t.Errorf("row %q has no name, action or scope for people", row.Key)
		}
	}
}

func status(code int) channels.Failure { return channels.ProviderError{Code: code}.Failure() }

func answer(code, http int) channels.Failure {
	return channels.Failure{Code: code, HTTPStatus: http, Outcome: channels.OutcomeRejected}
}

// One case per class, with what the sender does about it.
func TestPolicyPerClass(t *testing.T) {
	t.Parallel()
	const forever = channels.RetryNoLimit
	for _, tc := range []struct {
		name    string
		f       channels.Failure
		class   channels.Class
		scope   channels.Scope
		hold    channels.Hold
		retries int
		first   time.Duration
		free    bool
	}{
		{"server fault", answer(131000, 500), channels.ClassRetryFast, channels.ScopeMessage, "", 5, 2 * time.Second, false},
		{"per-user marketing cap by answer", answer(131049, 400), channels.ClassRetrySlow, channels.ScopeRecipientMarketing, "", 4, 24 * time.Hour, false},
		{"per-user marketing cap by status", status(131049), channels.ClassRetrySlow, channels.ScopeRecipientMarketing, "", 4, 24 * time.Hour, false},
		{"app quota", answer(4, 400), channels.ClassThrottleApp, channels.ScopeApp, "", forever, time.Minute, true},
		{"number's pace", answer(130429, 400), channels.ClassThrottleNumber, channels.ScopeNumber, "", forever, time.Second, true},
		{"spam limit holds templates", answer(131048, 400), channels.ClassThrottleNumber, channels.ScopeNumber, channels.HoldTemplates, forever, time.Hour, true},
		{"pair's pace", answer(131056, 400), channels.ClassThrottlePair, channels.ScopePair, "", forever, 4 * time.Second, true},
		{"token", answer(190, 401), channels.ClassFixAuth, channels.ScopeConnection, channels.HoldAll, forever, time.Minute, true},
		{"permission range", answer(242, 403), channels.ClassFixAuth, channels.ScopeConnection, channels.HoldAll, forever, time.Minute, true},
		{"payment", answer(131042, 400), channels.ClassFixConfig, channels.ScopePortfolio, channels.HoldAll, forever, time.Minute, true},
		{"number banned", answer(131031, 403), channels.ClassPolicyBlock, channels.ScopePortfolio, channels.HoldAll, forever, 15 * time.Minute, true},
		{"policy restriction", answer(368, 403), channels.ClassPolicyBlock, channels.ScopePortfolio, channels.HoldTemplates, forever, 15 * time.Minute, true},
		{"defect", answer(100, 400), channels.ClassFixRequest, channels.ScopeMessage, "", 0, 0, false},
		{"not on WhatsApp", status(131026), channels.ClassRecipient, channels.ScopeRecipient, "", 0, 0, false},
		{"window closed", status(131047), channels.ClassNeedTemplate, channels.ScopeConversation, "", 0, 0, false},
		{"template paused", answer(132015, 400), channels.ClassPauseTemplate, channels.ScopeTemplate, "", 2, 3 * time.Hour, true},
		{"template disabled", answer(132016, 400), channels.ClassPauseTemplate, channels.ScopeTemplate, "", 0, 0, false},
		{"opted out", status(131050), channels.ClassOptOut, channels.ScopeRecipientMarketing, "", 0, 0, false},
		{"inbound file too large", status(131052), channels.ClassInbound, "inbound", "", 0, 0, false},
		{"lost answer", channels.Failure{Code: channels.CodeNone, Outcome: channels.OutcomeUnknown}, channels.ClassUnknown, channels.ScopeMessage, "", 0, 0, false},
		{"never left", channels.Failure{Code: channels.CodeNone, Outcome: channels.OutcomeNotSent}, channels.ClassRetryFast, channels.ScopeConnection, "", forever, time.Second, true},
		{"unlisted code that is transient", channels.Failure{Code: 5, HTTPStatus: 400, Transient: true, Outcome: channels.OutcomeRejected}, channels.ClassRetryFast, channels.ScopeMessage, "", 5, 2 * time.Second, false},
		{"unlisted code of a status", status(5), channels.ClassFixRequest, channels.ScopeMessage, "", 0, 0, false},
	} {
		p := meta.Policies().Lookup(tc.f)
		if p.Class != tc.class || p.Scope != tc.scope || p.Hold != tc.hold || p.MaxRetries != tc.retries || p.Free != tc.free {
			t.Errorf("%s: %s/%s, hold %q, %d retries, free %v; want %s/%s, %q, %d, %v", tc.name, p.Class, p.Scope, p.Hold, p.MaxRetries, p.Free,
				tc.class, tc.scope, tc.hold, tc.retries, tc.free)
		}
		wait, again := p.Wait(1, 0, 0)
		if again != (tc.retries != 0) || wait != tc.first {
			t.Errorf("%s: first retry %v after %s, want %v after %s", tc.name, again, wait, tc.retries != 0, tc.first)
		}
	}
}

// Z15: 131049 waits 24, 48, 96 h …, stops on a reply and is for marketing only;
// 131050 never; both rules hold whatever an account edits.
func TestMarketingRules(t *testing.T) {
	t.Parallel()
	p := meta.Policies().Lookup(status(131049))
	if !p.StopsOnReply || p.Free {
		t.Error("131049 must stop when the person replies, and count its tries")
	}
	for n, want := range map[int]time.Duration{1: 24 * time.Hour, 2: 48 * time.Hour, 3: 96 * time.Hour, 4: 192 * time.Hour} {
		if got, ok := p.Wait(n, 0, 0); !ok || got != want {
			t.Errorf("131049, retry %d: %s, %v; want %s", n, got, ok, want)
		}
	}
	if _, ok := p.Wait(5, 0, 0); ok {
		t.Error("131049 tries a fifth time")
	}
	utility := status(131049)
	utility.Category = "utility"
	if got := meta.Policies().Lookup(utility); got.Class != channels.ClassRecipient {
		t.Errorf("131049 of a utility template: %s, want RECIPIENT", got.Class)
	}
	ten := 10
	if _, err := meta.Policies().With(map[string]channels.PolicyOverride{"131050": {MaxRetries: &ten, Steps: []int64{1}}}); err == nil {
		t.Error("131050 can be edited")
	}
	faster, err := meta.Policies().With(map[string]channels.PolicyOverride{"131049": {Steps: []int64{60}, MaxRetries: &ten}})
	if err != nil {
		t.Fatal(err)
	}
	edited := faster.Lookup(status(131049))
	if got, _ := edited.Wait(1, 0, 0); got != time.Minute {
		t.Errorf("edited, 131049 waits %s, want 1m", got)
	}
}

// 131056 backs off by 4^n seconds (Meta's own advice) up to an hour.
func TestPairBacksOff(t *testing.T) {
	t.Parallel()
	p := meta.Policies().Lookup(answer(131056, 400))
	for n, want := range map[int]time.Duration{1: 4 * time.Second, 2: 16 * time.Second, 3: 64 * time.Second, 4: 256 * time.Second, 5: 1024 * time.Second, 6: time.Hour, 60: time.Hour} {
		if got, ok := p.Wait(n, 0, 0); !ok || got != want {
			t.Errorf("retry %d: %s, %v; want %s", n, got, ok, want)
		}
	}
}
