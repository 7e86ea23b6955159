package sender

import (
	"context"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// sendTimeout bounds one send with its file's upload; the adapter bounds each call.
const sendTimeout = 5 * time.Minute

// attempt sends one message once and reports the outcome to the loop. It runs in a goroutine of its own and outlives the
// activity's context: a send that has begun is never cut off, because a cut is an unknown outcome.
func (ss *session) attempt(ctx context.Context, c *contract.ClaimedSend, a channels.Adapter, cred channels.Credentials, view *contract.SenderView, round int) {
	conn := &view.Connection
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	out := contract.SendOutcome{Send: c, StartedAt: ss.Now()}
	receipt, failure, verdict := ss.try(ctx, c, a, cred, view, round)
	out.FinishedAt = ss.Now()
	took, kind, code := out.FinishedAt.Sub(out.StartedAt), "accepted", 0
	if verdict == nil {
		out.Accepted = &contract.Acceptance{ProviderMessageID: receipt.ProviderMessageID, At: out.FinishedAt.UTC().Truncate(time.Microsecond)}
		if receipt.Address != "" && receipt.Address != c.Address {
			// The provider knows the number in another form (Brazil's ninth digit): statuses and replies will name that one.
			person := channels.Hint(a, conn, receipt.Person)
			if err := ss.Store.LearnAddress(ctx, c.AccountID, c.ConversationID, receipt.Address, person); err != nil {
				ss.Log.Warn("a new form of an address was not kept", "conversation_id", c.ConversationID, "error", err)
			}
		}
	} else {
		out.Failure, out.Verdict = failure, *verdict
		kind, code = string(verdict.Kind), failure.Code
		if failure.Code != models.NoProviderCode || verdict.Kind == models.VerdictUnknown {
			ss.Log.Info("a send failed", "account_id", c.AccountID, "connection_id", conn.ID, "conversation_id", c.ConversationID, "message_id", c.MessageID,
				"outcome", failure.Outcome, "code", failure.Code, "http_status", failure.HTTPStatus, "verdict", verdict.Kind)
		}
	}
	ss.Observe(conn.ID, kind, code, max(out.StartedAt.Sub(c.QueuedAt), 0), took)
	ss.results <- out
}

// try refuses what must not leave, prepares the content and sends it. A nil verdict means that the provider took it.
func (ss *session) try(ctx context.Context, c *contract.ClaimedSend, a channels.Adapter, cred channels.Credentials, view *contract.SenderView, round int) (channels.Receipt, models.SendFailure, *models.Verdict) {
	caps := a.Capabilities()
	template := c.Content.Kind == models.ContentKindTemplate
	switch {
	case c.ContactBlocked: // rule 191: blocked after it was queued
		return refuse(models.VerdictCancel, models.NoProviderCode, "the contact is blocked")
	case template && c.MarketingStopped && c.Content.Category() == "marketing":
		return refuse(models.VerdictOptOut, codeMarketingStopped, "the person stopped marketing messages")
	case !template && !c.ToGroup && !caps.Window().OpenAt(c.WindowExpiresAt, c.Origin, ss.Now()): // I6: it waited longer than the window lasted
		return refuse(models.VerdictNeedTemplate, models.NoProviderCode, "the 24-hour window closed before the message could leave")
	}
	content, replyTo, err := ss.prepare(ctx, c, a, cred, &view.Connection)
	if err != nil {
		// Nothing of the message has left yet: whatever happened to its file, trying again is safe.
		return ss.judge(c, view, notSentFailure(err, c), round)
	}
	out := &channels.Outbound{AttemptID: c.CallbackData(), To: c.Address, Content: content, ReplyTo: replyTo}
	if !ss.leased.fresh(ss.Now()) {
		// We were frozen or cut off: another sender may be at work. The attempt is given back unspent.
		v := models.Verdict{Kind: models.VerdictAgain}
		return channels.Receipt{}, models.SendFailure{Outcome: string(channels.OutcomeNotSent), Code: models.NoProviderCode, Details: "the sender lost its lease before sending"}, &v
	}
	receipt, err := a.Send(ctx, cred, out)
	if err == nil {
		return receipt, models.SendFailure{}, nil
	}
	if content != &c.Content && channels.AsSendError(err).Outcome == channels.OutcomeRejected {
		if err := ss.Media.Forget(ctx, &view.Connection, &c.Content); err != nil { // the next try uploads afresh
			ss.Log.Warn("the provider's id of a refused file is kept", "message_id", c.MessageID, "error", err)
		}
	}
	return ss.judge(c, view, failureOf(err, c), round)
}

// codeMarketingStopped is what our own refusal is recorded as: Meta's code for the same.
const codeMarketingStopped = 131050

func refuse(kind models.VerdictKind, code int, why string) (channels.Receipt, models.SendFailure, *models.Verdict) {
	return channels.Receipt{}, models.SendFailure{Outcome: string(channels.OutcomeRejected), Code: code, Details: why}, &models.Verdict{Kind: kind}
}

func (ss *session) judge(c *contract.ClaimedSend, view *contract.SenderView, f models.SendFailure, round int) (channels.Receipt, models.SendFailure, *models.Verdict) {
	n := models.SendCounts{Attempts: c.Attempts, Retries: c.Retries, Throttles: c.Throttles + 1}
	if f.Outcome == string(channels.OutcomeNotSent) && f.Code == models.NoProviderCode {
		n.Attempts = round // the way to the provider is the connection's trouble, not the message's
	}
	v := ss.Judge.Judge(view.Connection.Channel, view.ErrorPolicies, f, n)
	if v.Kind == models.VerdictUnknown {
		v.Wait = view.UnknownWait
	}
	return channels.Receipt{}, f, &v
}

// failureOf puts an adapter's error into numbers.
func failureOf(err error, c *contract.ClaimedSend) models.SendFailure {
	e := channels.AsSendError(err)
	return models.SendFailure{Outcome: string(e.Outcome), Code: e.Code, HTTPStatus: e.HTTPStatus, Details: e.Details, RetryAfter: e.RetryAfter,
		Transient: e.Transient, Category: c.Content.Category()}
}

// notSentFailure is failureOf for what went wrong before the message itself was sent: even a lost answer leaves it unsent.
func notSentFailure(err error, c *contract.ClaimedSend) models.SendFailure {
	f := failureOf(err, c)
	if f.Outcome == string(channels.OutcomeUnknown) {
		f.Outcome, f.Transient = string(channels.OutcomeRejected), true
	}
	return f
}

// notTried gives an attempt back that was claimed and not begun.
func notTried(c *contract.ClaimedSend, wait time.Duration, now time.Time) contract.SendOutcome {
	return contract.SendOutcome{Send: c, StartedAt: now, FinishedAt: now, Verdict: models.Verdict{Kind: models.VerdictAgain, Wait: wait},
		Failure: models.SendFailure{Outcome: string(channels.OutcomeNotSent), Code: models.NoProviderCode}}
}

// prepare resolves what the content names: files get the provider's ids, quotes and reactions the provider's message ids.
func (ss *session) prepare(ctx context.Context, c *contract.ClaimedSend, a channels.Adapter, cred channels.Credentials, conn *models.Connection) (*models.Content, string, error) {
	content, err := ss.Media.Resolve(ctx, conn, a, cred, &c.Content)
	if err != nil {
		return nil, "", err
	}
	resolve := func(ref models.MessageRef) (string, error) {
		if ref.ProviderMessageID != "" || ref.MessageID == 0 {
			return ref.ProviderMessageID, nil
		}
		return ss.Store.ProviderMessageID(ctx, c.AccountID, ref.MessageID)
	}
	var replyTo string
	if content.ReplyTo != nil {
		if replyTo, err = resolve(*content.ReplyTo); err != nil {
			return nil, "", err
		}
	}
	if content.Reaction != nil {
		id, err := resolve(content.Reaction.Target)
		if err != nil {
			return nil, "", err
		}
		copied, reaction := *content, *content.Reaction
		reaction.Target.ProviderMessageID = id
		copied.Reaction = &reaction
		content = &copied
	}
	return content, replyTo, nil
}
