package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TestPolicyClasses: what becomes of a message and its surroundings, one case for each class of channels/meta/errorpolicy.json, once
// when the code is the answer and once when it comes as a status.
func TestPolicyClasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		code     int
		origin   models.Origin
		state    models.MessageState
		ready    time.Duration // until the next try from the queue
		retry    time.Duration // until the next try by DeliveryRetry
		hold     string        // the connection's state and scope
		attempts int
		check    func(t *testing.T, w *sendWorld, conv models.ConversationID)
	}{
		{name: "RETRY_FAST 131000", code: 131000, origin: models.OriginAgent, state: models.MessageQueued, ready: 2 * time.Second, hold: "active all", attempts: 1},
		{name: "RETRY_SLOW 131049", code: 131049, origin: models.OriginBroadcast, state: models.MessageRetry, retry: 24 * time.Hour, hold: "active all", attempts: 1,
			check: func(t *testing.T, w *sendWorld, conv models.ConversationID) {
				if n := w.count(`SELECT retrying_count FROM conversations WHERE id = $1`, conv); n != 1 {
					t.Errorf("retrying_count = %d", n)
				}
			}},
		{name: "131049 for a service message is out of reach", code: 131049, origin: models.OriginAgent, state: models.MessageFailed, hold: "active all", attempts: 1},
		{name: "THROTTLE_NUMBER 130429", code: 130429, origin: models.OriginAgent, state: models.MessageQueued, hold: "active all"},
		{name: "THROTTLE_NUMBER 131048 holds templates", code: 131048, origin: models.OriginBroadcast, state: models.MessageQueued, hold: "held templates"},
		{name: "THROTTLE_PAIR 131056", code: 131056, origin: models.OriginAgent, state: models.MessageQueued, ready: 4 * time.Second, hold: "active all"},
		{name: "THROTTLE_APP 4", code: 4, origin: models.OriginAgent, state: models.MessageQueued, hold: "active all"},
		{name: "FIX_AUTH 190", code: 190, origin: models.OriginAgent, state: models.MessageQueued, hold: "held all"},
		{name: "FIX_CONFIG 131042", code: 131042, origin: models.OriginAgent, state: models.MessageQueued, hold: "held all"},
		{name: "FIX_CONFIG of a recipient 131030", code: 131030, origin: models.OriginAgent, state: models.MessageFailed, hold: "active all", attempts: 1},
		{name: "POLICY_BLOCK 131031", code: 131031, origin: models.OriginAgent, state: models.MessageQueued, hold: "held all"},
		{name: "POLICY_BLOCK 368 holds templates", code: 368, origin: models.OriginBroadcast, state: models.MessageQueued, hold: "held templates"},
		{name: "FIX_REQUEST 131008", code: 131008, origin: models.OriginAgent, state: models.MessageFailed, hold: "active all", attempts: 1},
		{name: "RECIPIENT 131026", code: 131026, origin: models.OriginAgent, state: models.MessageFailed, hold: "active all", attempts: 1},
		{name: "NEED_TEMPLATE 131047, agent: rule 100", code: 131047, origin: models.OriginAgent, state: models.MessageHeld, hold: "active all",
			check: func(t *testing.T, w *sendWorld, conv models.ConversationID) {
				if n := w.count(`SELECT held_count FROM conversations WHERE id = $1 AND window_expires_at <= $2`, conv, w.now()); n != 1 {
					t.Errorf("held_count = %d, or the window is still open here", n)
				}
			}},
		{name: "NEED_TEMPLATE 131047, bot", code: 131047, origin: models.OriginBot, state: models.MessageFailed, hold: "active all", attempts: 1},
		{name: "PAUSE_TEMPLATE 132001", code: 132001, origin: models.OriginBroadcast, state: models.MessageFailed, hold: "active all", attempts: 1,
			check: func(t *testing.T, w *sendWorld, _ models.ConversationID) {
				if n := w.count(`SELECT count(*) FROM templates WHERE name = 'oferta' AND status = 'DELETED'`); n != 1 {
					t.Error("the template is still in use")
				}
			}},
		{name: "PAUSE_TEMPLATE 132015 waits as long as a first pause", code: 132015, origin: models.OriginBroadcast, state: models.MessageRetry, retry: 3 * time.Hour, hold: "active all", attempts: 1},
		{name: "OPT_OUT 131050", code: 131050, origin: models.OriginBroadcast, state: models.MessageFailed, hold: "active all", attempts: 1,
			check: func(t *testing.T, w *sendWorld, conv models.ConversationID) {
				if n := w.count(`SELECT count(*) FROM contacts k JOIN conversations v ON v.contact_id = k.id WHERE v.id = $1 AND k.marketing_stopped_at IS NOT NULL`, conv); n != 1 {
					t.Error("the wish was not recorded")
				}
			}},
		{name: "unknown code", code: 999999, origin: models.OriginAgent, state: models.MessageFailed, hold: "active all", attempts: 1},
	} {
		for _, by := range []string{"answer", "status"} {
			t.Run(c.name+", by "+by, func(t *testing.T) {
				t.Parallel()
				w := newSendWorld(t)
				w.template("oferta", "marketing", "APPROVED")
				conv := w.conversation(time.Hour)
				content := text("oi")
				if c.origin == models.OriginBroadcast {
					content = marketing("oferta")
				}
				m := w.enqueue(conv, c.origin, content)
				f := w.open()
				send := w.claim(f, 1)[0]
				attempts := c.attempts
				if by == "answer" {
					w.fail(send, c.code)
				} else {
					w.accept(f, send)
					w.status(models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: send.CallbackData(), Status: "failed", At: w.now(), ErrorCode: c.code})
					attempts = 1
				}
				got := w.message(m.ID)
				if got.State != c.state || got.Attempts != attempts && c.state != models.MessageHeld {
					t.Errorf("state %s after %d tries, want %s after %d", got.State, got.Attempts, c.state, attempts)
				}
				if got.queued != (c.state == models.MessageQueued) {
					t.Errorf("queued %t", got.queued)
				}
				if got.queued {
					var ready time.Time
					w.row(&ready, `SELECT ready_at FROM send_queue WHERE message_id = $1 AND state = 'ready' AND attempt_id IS NULL`, m.ID)
					if ready.Sub(w.now()) != c.ready {
						t.Errorf("ready in %v, want %v", ready.Sub(w.now()), c.ready)
					}
				}
				if c.retry > 0 && (got.RetryAt == nil || got.RetryAt.Sub(w.now()) != c.retry || len(w.bells(contract.WorkflowDeliveryRetry)) != 1) {
					t.Errorf("next try at %v, want in %v, with one doorbell", got.RetryAt, c.retry)
				}
				var hold string
				w.row(&hold, `SELECT state || ' ' || hold_scope FROM connections`)
				if hold != c.hold {
					t.Errorf("connection %s, want %s", hold, c.hold)
				}
				if c.check != nil {
					c.check(t, w, conv)
				}
			})
		}
	}
}

func TestFastRetriesEnd(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	f := w.open()
	tries := 0
	for w.message(m.ID).State == models.MessageQueued {
		got := w.claim(f, 1)
		if len(got) == 0 {
			w.pass(time.Second)
			continue
		}
		if tries++; tries > 20 {
			t.Fatal("tried for ever")
		}
		w.fail(got[0], 131000)
	}
	if got := w.message(m.ID); tries != 6 || got.State != models.MessageFailed || got.Attempts != 6 || *got.ErrorCode != 131000 {
		t.Errorf("%d tries: %+v", tries, got)
	}
	if n := w.count(`SELECT count(*) FROM send_attempts WHERE message_id = $1 AND outcome = 'rejected'`, m.ID); n != 6 {
		t.Errorf("%d attempts on the timeline", n)
	}
}

func TestThrottlesBurnNoTry(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("1"))
	w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("2"))
	f := w.open()
	var waits []time.Duration
	for range 4 {
		c := w.claim(f, 1)
		if len(c) != 1 || c[0].MessageID != m.ID || c[0].Attempts != 1 {
			t.Fatalf("%+v", c)
		}
		v := w.fail(c[0], 131056)
		waits = append(waits, v.Wait)
		if other := w.claim(f, 5); len(waits) == 1 && len(other) != 1 {
			t.Error("another conversation waits for this pair")
		}
		w.pass(v.Wait)
	}
	for i, want := range []time.Duration{4, 16, 64, 256} {
		if waits[i] != want*time.Second {
			t.Errorf("wait %d is %v, want %v: 4^n", i+1, waits[i], want*time.Second)
		}
	}
}

// TestHoldsKeepOrderAndResume: 190 and 131042 stop the connection in order, and it resumes by itself.
func TestHoldsKeepOrderAndResume(t *testing.T) {
	t.Parallel()
	for _, code := range []int{190, 131042} {
		w := newSendWorld(t)
		conv := w.conversation(48 * time.Hour)
		a := w.enqueue(conv, models.OriginAgent, text("1"))
		b := w.enqueue(conv, models.OriginAgent, text("2"))
		f := w.open()
		w.fail(w.claim(f, 1)[0], code)
		if got := w.claim(f, 5); len(got) != 0 {
			t.Fatalf("%d: sent while held", code)
		}
		rest, err := w.s.ConnectionRest(w.ctx, w.account, w.conn.ID)
		if err != nil || !rest.Blocked() || rest.Code != code || rest.ProbeAt.Sub(w.now()) != time.Minute {
			t.Fatalf("%d: %+v, %v", code, rest, err)
		}
		var before time.Duration
		for range 8 {
			w.pass(rest.ProbeAt.Sub(w.now()))
			if rest, err = w.s.ProbeFailed(w.ctx, w.account, w.conn.ID, "", models.NoProviderCode); err != nil {
				t.Fatal(err)
			}
			wait := rest.ProbeAt.Sub(w.now())
			if wait < before || wait > 15*time.Minute || rest.Code != code {
				t.Fatalf("%d: probes wait %v after %v", code, wait, before)
			}
			before = wait
		}
		if before != 15*time.Minute {
			t.Errorf("probes grow up to 15 minutes, got %v", before)
		}
		if rest, err = w.s.ProbeSucceeded(w.ctx, w.account, w.conn.ID); err != nil || rest.Blocked() {
			t.Fatal(rest, err)
		}
		// Half open: a relapse waits longer than the first time.
		w.fail(w.claim(f, 1)[0], code)
		rest, _ = w.s.ConnectionRest(w.ctx, w.account, w.conn.ID)
		if wait := rest.ProbeAt.Sub(w.now()); !rest.Blocked() || wait != 15*time.Minute {
			t.Errorf("%d: a relapse is probed after %v", code, wait)
		}
		if _, err := w.s.ResumeConnection(w.ctx, w.account, w.conn.ID); err != nil {
			t.Fatal(err)
		}
		first := w.claim(f, 5)
		if idsOf(first) != a.ID.String() {
			t.Fatalf("%d: %s went first, want %d", code, idsOf(first), a.ID)
		}
		w.accept(f, first...)
		if err := w.s.ConnectionWorks(w.ctx, w.account, w.conn.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.claim(f, 5); idsOf(got) != b.ID.String() || got[0].Attempts != 1 {
			t.Errorf("%d: then %s", code, idsOf(got))
		}
		if n := w.count(`SELECT count(*) FROM connections WHERE state = 'active' AND hold_code IS NULL AND hold_probes = 0`); n != 1 {
			t.Errorf("%d: the circuit is not closed", code)
		}
	}
}

func TestTemplateHoldLetsRepliesThrough(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
	f := w.open()
	w.fail(w.claim(f, 1)[0], 131048)
	agentTemplate := w.enqueue(w.conversation(time.Hour), models.OriginAgent, marketing("oferta"))
	reply := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	got := w.claim(f, 10)
	if idsOf(got) != reply.ID.String() {
		t.Fatalf("claimed %s, want only the reply %d and not the template %d", idsOf(got), reply.ID, agentTemplate.ID)
	}
	if refs, err := w.s.ConnectionsWithReadyMessages(w.ctx, 0); err != nil || len(refs) != 0 {
		t.Errorf("held templates wake nobody: %v, %v", refs, err)
	}
}

// TestFlowHearsOfFailures: the run that sent a message learns in the same transaction what became of it.
func TestFlowHearsOfFailures(t *testing.T) {
	t.Parallel()
	for code, outcome := range map[int]string{131047: "window_closed", 132001: "template_missing", 132015: "template_paused", 132016: "template_rejected", 131026: "failed"} {
		w := newSendWorld(t)
		w.template("oferta", "marketing", "APPROVED")
		conv := w.conversation(time.Hour)
		run := w.flowRun(conv, "reply")
		id := w.bot(conv, run, marketing("oferta"))
		f := w.open()
		w.fail(w.claim(f, 1)[0], code)
		var heard string
		w.row(&heard, `SELECT data->>'outcome' FROM flow_run_events WHERE flow_run_id = $1 AND kind = 'send_result' AND data->>'key' <> ''`, run)
		if heard != outcome || w.message(id).State != models.MessageFailed {
			t.Errorf("%d: the run heard %q, want %q", code, heard, outcome)
		}
		if bells := w.bells(contract.WorkflowFlowRun); len(bells) != 1 || bells[0] != "flow-run/"+run.String() {
			t.Errorf("%d: doorbells %v", code, bells)
		}
	}
}

func TestRetriesStopOnReply(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	conv := w.conversation(time.Hour)
	m := w.enqueue(conv, models.OriginBroadcast, marketing("oferta"))
	f := w.open()
	w.fail(w.claim(f, 1)[0], 131049)
	w.pass(time.Hour)
	inbound := func(kind string) {
		w.exec(`INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, provider_at)
			SELECT account_id, id, connection_id, contact_id, 'in', 'contact', $2, '{}', 'received', $3 FROM conversations WHERE id = $1`, conv, kind, w.now())
	}
	view := func() contract.RetryView {
		v, err := w.s.RetryState(w.ctx, w.account, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	inbound("reaction")
	if view().Replied {
		t.Error("Z17: a reaction is no reply")
	}
	inbound("text")
	if v := view(); !v.Replied || v.Code != 131049 || v.State != models.MessageRetry {
		t.Errorf("%+v", v)
	}
	if v, _, err := w.s.StopRetry(w.ctx, w.account, m.ID); err != nil || v.State != models.MessageFailed {
		t.Error(v, err)
	}
	if n := w.count(`SELECT retrying_count FROM conversations WHERE id = $1`, conv); n != 0 || w.message(m.ID).RetryAt != nil {
		t.Errorf("still counted as retrying: %d", n)
	}
}

// A failed status that names no code asks for nothing: the message was taken once, and sending it again could double it.
func TestAFailureWithoutAReasonIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, models.Content{Kind: models.ContentKindText, Text: "oi"})
	f := w.open()
	c := w.claim(f, 1)
	w.accept(f, c...)
	w.status(models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: c[0].CallbackData(), Status: "failed", At: w.now(), ErrorCode: models.NoProviderCode})
	if got := w.message(m.ID); got.State != models.MessageFailed || got.ErrorCode != nil {
		t.Errorf("the message is %s with the code %v, want failed without one", got.State, got.ErrorCode)
	}
	if n := w.count(`SELECT count(*) FROM send_queue`); n != 0 {
		t.Errorf("%d in the queue, want none", n)
	}
	if n := w.count(`SELECT count(*) FROM connections WHERE state <> 'active'`); n != 0 {
		t.Error("the connection was held")
	}
}

func TestSlowRetriesEnd(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	w.exec(`UPDATE accounts SET error_policies = '{"131049": {"steps": [3600, 7200], "max_retries": 2}}'`)
	m := w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
	f := w.open()
	var waits []time.Duration
	for range 3 {
		c := w.claim(f, 1)
		w.accept(f, c...)
		w.status(models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: c[0].CallbackData(), Status: "failed", At: w.now(), ErrorCode: 131049})
		got := w.message(m.ID)
		if got.State != models.MessageRetry {
			break
		}
		waits = append(waits, got.RetryAt.Sub(w.now()))
		w.pass(waits[len(waits)-1])
		if _, _, err := w.s.RequeueRetry(w.ctx, w.account, m.ID, got.Retries); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.message(m.ID); got.State != models.MessageFailed || len(waits) != 2 || waits[0] != time.Hour || waits[1] != 2*time.Hour {
		t.Errorf("the account's own steps: waited %v, then %s", waits, got.State)
	}
}

// A file that failed at the provider is uploaded again: neither the next try nor a later message uses its old id.
func TestAFileThatFailedByStatusIsUploadedAgain(t *testing.T) {
	t.Parallel()
	for code, kept := range map[int]int{131053: 0, 131052: 0, 131026: 1} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			w := newSendWorld(t)
			size, key := int64(1), "k"
			file, err := w.s.CreateStoredMedia(t.Context(), w.account, models.Media{Kind: "image", MimeType: "image/png", Size: &size, BlobKey: &key})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.s.KeepUpload(t.Context(), w.account, w.conn.ID, file.ID, "meta-1", w.now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			m := w.enqueue(w.conversation(time.Hour), models.OriginBot, models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: file.ID}})
			f := w.open()
			c := w.claim(f, 1)
			w.accept(f, c...)
			w.status(models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: c[0].CallbackData(), Status: "failed", At: w.now(), ErrorCode: code})
			if n := w.count(`SELECT count(*) FROM media_uploads`); n != kept {
				t.Errorf("%d ids of the provider's are kept, want %d", n, kept)
			}
		})
	}
}
