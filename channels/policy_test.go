package channels_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/perene/perene/channels"
)

func minimalRows() []channels.Policy {
	rows := []channels.Policy{
		{Key: "131049", Class: channels.ClassRetrySlow, Scope: channels.ScopeRecipientMarketing, Steps: []int64{86400, 172800, 345600}, Factor: 2,
			MaxWait: 691200, MaxRetries: 5, StopsOnReply: true, OnlyFor: []string{"marketing"}},
		{Key: "131050", Class: channels.ClassOptOut, Scope: channels.ScopeRecipientMarketing, Fixed: true},
		{Key: "200-299", Class: channels.ClassFixAuth, Scope: channels.ScopeConnection, Hold: channels.HoldAll, Steps: []int64{60}, MaxRetries: channels.RetryNoLimit, Free: true},
	}
	for _, key := range []string{channels.PolicyNotSent, channels.PolicyTransient, channels.PolicyHTTP5xx} {
		rows = append(rows, channels.Policy{Key: key, Class: channels.ClassRetryFast, Scope: channels.ScopeMessage, Steps: []int64{2, 8}, MaxRetries: 2, Jitter: 0.5})
	}
	return append(rows, channels.Policy{Key: channels.PolicyUnknown, Class: channels.ClassUnknown, Fixed: true},
		channels.Policy{Key: channels.PolicyHTTP401, Class: channels.ClassFixAuth, Hold: channels.HoldAll},
		channels.Policy{Key: channels.PolicyHTTP429, Class: channels.ClassThrottleNumber, Steps: []int64{1}, MaxRetries: channels.RetryNoLimit},
		channels.Policy{Key: channels.PolicyHTTP4xx, Class: channels.ClassFixRequest})
}

func minimalTable(t testing.TB) *channels.PolicyTable {
	t.Helper()
	rows := minimalRows()
	codes := make([][]int, len(rows))
	codes[0], codes[1], codes[2] = []int{131049}, []int{131050}, []int{200, 250, 299}
	table, err := channels.NewPolicyTable(rows, codes)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestLookupWithoutACode(t *testing.T) {
	t.Parallel()
	table := minimalTable(t)
	for name, tc := range map[string]struct {
		f    channels.Failure
		want string
	}{
		"not sent":                          {channels.Failure{Code: channels.CodeNone, Outcome: channels.OutcomeNotSent}, channels.PolicyNotSent},
		"unknown beats everything":          {channels.Failure{Code: 131049, HTTPStatus: 500, Outcome: channels.OutcomeUnknown}, channels.PolicyUnknown},
		"code beats HTTP status":            {channels.Failure{Code: 250, HTTPStatus: 500, Transient: true, Outcome: channels.OutcomeRejected}, "200-299"},
		"refused here with a code":          {channels.Failure{Code: 200, Outcome: channels.OutcomeNotSent}, "200-299"},
		"unlisted code, transient":          {channels.Failure{Code: 7, HTTPStatus: 400, Transient: true, Outcome: channels.OutcomeRejected}, channels.PolicyTransient},
		"unlisted code, 500":                {channels.Failure{Code: 7, HTTPStatus: 500, Outcome: channels.OutcomeRejected}, channels.PolicyHTTP5xx},
		"429":                               {channels.Failure{Code: channels.CodeNone, HTTPStatus: 429, Outcome: channels.OutcomeRejected}, channels.PolicyHTTP429},
		"401":                               {channels.Failure{Code: channels.CodeNone, HTTPStatus: 401, Outcome: channels.OutcomeRejected}, channels.PolicyHTTP401},
		"404":                               {channels.Failure{Code: channels.CodeNone, HTTPStatus: 404, Outcome: channels.OutcomeRejected}, channels.PolicyHTTP4xx},
		"status with an unlisted code":      {channels.ProviderError{Code: 7}.Failure(), channels.PolicyHTTP4xx},
		"status with a listed code":         {channels.ProviderError{Code: 131050}.Failure(), "131050"},
		"code 0 is a code, not its absence": {channels.Failure{Code: 0, HTTPStatus: 503, Outcome: channels.OutcomeRejected}, channels.PolicyHTTP5xx},
	} {
		if got := table.Lookup(tc.f); got.Key != tc.want {
			t.Errorf("%s: policy %q, want %q", name, got.Key, tc.want)
		}
	}
}

// Z15: 24, 48, 96 h, growing, marketing only.
func TestWaitGrowsAndEnds(t *testing.T) {
	t.Parallel()
	p := minimalTable(t).Lookup(channels.Failure{Code: 131049, Outcome: channels.OutcomeRejected, Category: "marketing"})
	for n, want := range map[int]time.Duration{1: 24 * time.Hour, 2: 48 * time.Hour, 3: 96 * time.Hour, 4: 192 * time.Hour, 5: 192 * time.Hour} {
		if got, ok := p.Wait(n, 0, 0); !ok || got != want {
			t.Errorf("retry %d waits %s, %v; want %s", n, got, ok, want)
		}
	}
	for _, n := range []int{0, 6, 7} {
		if got, ok := p.Wait(n, 0, 0); ok {
			t.Errorf("retry %d waits %s, want none", n, got)
		}
	}
	if got, _ := p.Wait(1, 30*time.Hour, 0); got != 30*time.Hour {
		t.Errorf("the provider asks for 30 h and we wait %s", got)
	}
	utility := minimalTable(t).Lookup(channels.Failure{Code: 131049, Outcome: channels.OutcomeRejected, Category: "utility"})
	if utility.Class != channels.ClassRecipient || utility.Retries() {
		t.Errorf("a utility template gets %s with retries %v, want RECIPIENT without", utility.Class, utility.Retries())
	}
}

func TestOptOutNeverRetries(t *testing.T) {
	t.Parallel()
	p := minimalTable(t).Lookup(channels.ProviderError{Code: 131050}.Failure())
	if p.Retries() {
		t.Error("131050 retries")
	}
	p.MaxRetries, p.Steps = 5, []int64{1}
	if _, ok := p.Wait(1, time.Hour, 0); ok || p.Retries() {
		t.Error("131050 retries once somebody gives it steps")
	}
}

func TestOverridesChangeOneAccountOnly(t *testing.T) {
	t.Parallel()
	table := minimalTable(t)
	retries, class := 1, channels.ClassRetrySlow
	changed, err := table.With(map[string]channels.PolicyOverride{"131049": {Steps: []int64{3600}, MaxRetries: &retries}, channels.PolicyHTTP4xx: {Class: &class, Steps: []int64{60}, MaxRetries: &retries}})
	if err != nil {
		t.Fatal(err)
	}
	f := channels.Failure{Code: 131049, Outcome: channels.OutcomeRejected}
	edited, original := changed.Lookup(f), table.Lookup(f)
	if d, _ := edited.Wait(1, 0, 0); d != time.Hour {
		t.Errorf("the account waits %s, want 1h", d)
	}
	if d, _ := original.Wait(1, 0, 0); d != 24*time.Hour {
		t.Errorf("others wait %s, want 24h", d)
	}
	if got := changed.Lookup(channels.ProviderError{Code: 7}.Failure()); got.Class != channels.ClassRetrySlow {
		t.Errorf("an unlisted code gets %s, want the account's RETRY_SLOW", got.Class)
	}
	same, err := table.With(nil)
	if err != nil || same != table {
		t.Error("no changes give another table")
	}
	minus := -2
	odd := channels.Class("SHOUT")
	for name, o := range map[string]map[string]channels.PolicyOverride{
		"fixed row": {"131050": {MaxRetries: &retries}}, "unknown key": {"999": {MaxRetries: &retries}}, "step of no time": {"131049": {Steps: []int64{0}}},
		"negative retries": {"131049": {MaxRetries: &minus}}, "unknown class": {"131049": {Class: &odd}}, "retries without steps": {"131049": {Steps: []int64{}}},
	} {
		if _, err := table.With(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestTableRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	none := func(rows []channels.Policy) [][]int { return make([][]int, len(rows)) }
	twice := append(minimalRows(), channels.Policy{Key: "131050", Class: channels.ClassOptOut})
	if _, err := channels.NewPolicyTable(twice, none(twice)); err == nil {
		t.Error("a key that stands twice is accepted")
	}
	rows := minimalRows()
	codes := none(rows)
	codes[0], codes[1] = []int{5}, []int{5}
	if _, err := channels.NewPolicyTable(rows, codes); err == nil {
		t.Error("a code in two rows is accepted")
	}
	if _, err := channels.NewPolicyTable(rows[:3], none(rows[:3])); err == nil {
		t.Error("a table without the rows for failures without a code is accepted")
	}
}

// A wait never shrinks from one retry to the next without chance, never goes
// over the cap and its jitter, and never overflows.
func TestWaitsNeverShrink(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Int64Range(1, 1_000_000), 1, 5).Draw(t, "steps")
		for i := 1; i < len(steps); i++ {
			steps[i] = max(steps[i], steps[i-1])
		}
		p := channels.Policy{Class: channels.ClassRetrySlow, Steps: steps, Factor: rapid.Float64Range(0, 10).Draw(t, "factor"),
			MaxWait: rapid.Int64Range(0, 2_000_000).Draw(t, "cap"), MaxRetries: channels.RetryNoLimit, Jitter: rapid.Float64Range(0, 1).Draw(t, "jitter")}
		last := time.Duration(0)
		for n := 1; n < 200; n++ {
			d, ok := p.Wait(n, 0, 0)
			if !ok || d < last || d <= 0 {
				t.Fatalf("retry %d waits %s after %s", n, d, last)
			}
			if p.MaxWait > 0 && d > time.Duration(p.MaxWait)*time.Second {
				t.Fatalf("retry %d waits %s over the cap of %d s", n, d, p.MaxWait)
			}
			spread, _ := p.Wait(n, 0, 0.999)
			if spread < d || float64(spread) > float64(d)*(1+p.Jitter)+1 {
				t.Fatalf("retry %d waits %s with chance and %s without", n, spread, d)
			}
			last = d
		}
	})
}
