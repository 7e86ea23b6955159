package channels

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/perene/perene/models"
)

// Judges decides about failed sends by the channels' policy tables and the accounts' changes to them. It implements
// models.Judge and is safe for use by many goroutines.
type Judges struct {
	tables map[string]*PolicyTable
	chance func() float64

	mu     sync.Mutex
	edited map[string]*PolicyTable // by channel and the account's changes as written
}

var _ models.Judge = (*Judges)(nil)

// NewJudges makes a judge of the tables by channel. chance gives numbers in [0,1) that spread waits; nil means random.
func NewJudges(tables map[string]*PolicyTable, chance func() float64) *Judges {
	if chance == nil {
		chance = rand.Float64
	}
	return &Judges{tables: tables, chance: chance, edited: map[string]*PolicyTable{}}
}

// Judge implements models.Judge. Changes that do not fit the table are ignored: they were checked when they were written.
func (j *Judges) Judge(channel string, overrides json.RawMessage, f models.SendFailure, n models.SendCounts) models.Verdict {
	table := j.table(channel, overrides)
	if table == nil {
		return models.Verdict{Kind: models.VerdictFail, Reason: "no policies for this channel"}
	}
	p := table.Lookup(Failure{Code: f.Code, HTTPStatus: f.HTTPStatus, Transient: f.Transient, Outcome: Outcome(f.Outcome),
		RetryAfter: f.RetryAfter, Category: f.Category})
	return p.verdict(f, n, j.chance())
}

func (j *Judges) table(channel string, overrides json.RawMessage) *PolicyTable {
	base := j.tables[channel]
	if base == nil || len(overrides) <= len("{}") {
		return base
	}
	key := channel + "\x00" + string(overrides)
	j.mu.Lock()
	defer j.mu.Unlock()
	if t := j.edited[key]; t != nil {
		return t
	}
	var changes map[string]PolicyOverride
	if err := json.Unmarshal(overrides, &changes); err != nil {
		return base
	}
	t, err := base.With(changes)
	if err != nil {
		return base
	}
	if len(j.edited) > 1000 {
		clear(j.edited)
	}
	j.edited[key] = t
	return t
}

// verdict says what a policy asks for after a failure.
func (p *Policy) verdict(f models.SendFailure, n models.SendCounts, chance float64) models.Verdict {
	v := models.Verdict{Kind: models.VerdictFail, Reason: p.Name, StopsOnReply: p.StopsOnReply, File: p.File}
	if p.Hold != HoldNone {
		v.Kind, v.Scope, v.Wait = models.VerdictHold, models.HoldAll, max(p.Probe(1, chance), f.RetryAfter)
		if p.Hold == HoldTemplates {
			v.Scope = models.HoldTemplates
		}
		return v
	}
	switch p.Class {
	case ClassRetryFast:
		if p.Key == PolicyNotSent {
			v.Kind, v.Wait = models.VerdictUnreachable, p.Probe(n.Attempts, chance)
			return v
		}
		wait, again := p.Wait(n.Attempts, f.RetryAfter, chance)
		return retryOr(v, models.VerdictAgain, wait, again)
	case ClassRetrySlow:
		wait, again := p.Wait(n.Retries+1, f.RetryAfter, chance)
		return retryOr(v, models.VerdictLater, wait, again)
	case ClassThrottleNumber, ClassThrottleApp:
		switch p.Scope {
		case ScopeNumber, ScopeApp, ScopePortfolio, "endpoint":
			v.Kind, v.Wait = models.VerdictSlowNumber, max(p.Probe(n.Throttles, chance), f.RetryAfter)
			return v
		}
		wait, again := p.Wait(n.Retries+1, f.RetryAfter, chance)
		return retryOr(v, models.VerdictLater, wait, again)
	case ClassFixRequest:
		// 135000 says nothing of the cause and gets one more try.
		wait, again := p.Wait(n.Attempts, f.RetryAfter, chance)
		return retryOr(v, models.VerdictAgain, wait, again)
	case ClassThrottlePair:
		v.Kind, v.Wait = models.VerdictSlowPair, max(p.Probe(n.Throttles, chance), f.RetryAfter)
	case ClassNeedTemplate:
		v.Kind = models.VerdictNeedTemplate
	case ClassPauseTemplate:
		v.Kind = models.VerdictPauseTemplate
		v.Wait, _ = p.Wait(n.Retries+1, f.RetryAfter, chance)
		v.TemplateStatus = templateStatus(f.Code)
	case ClassOptOut:
		v.Kind = models.VerdictOptOut
	case ClassUnknown:
		v.Kind = models.VerdictUnknown
	}
	return v
}

// retryOr makes a verdict of what Policy.Wait gives: the retry, or the end of them.
func retryOr(end models.Verdict, kind models.VerdictKind, wait time.Duration, again bool) models.Verdict {
	if again {
		end.Kind, end.Wait = kind, wait
	}
	return end
}

// templateStatus is what a template's error says about it; the next synchronisation says how it really is.
func templateStatus(code int) string {
	switch code {
	case 132001:
		return "DELETED"
	case 132007:
		return "REJECTED"
	case 132016:
		return "DISABLED"
	}
	return "PAUSED"
}
