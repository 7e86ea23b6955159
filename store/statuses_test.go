package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TestStatusesInAnyOrder is case P7 and invariant I7: all orders of sent, delivered, read and failed, each once or twice,
// before, around and after the send's answer, with and without our callback data, give the same message.
func TestStatusesInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, code := range []int{131026, 131049} { // gives up; tries later
		for _, echoed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d, echoed %t", code, echoed), func(t *testing.T) {
				t.Parallel()
				w := newSendWorld(t)
				w.template("oferta", "marketing", "APPROVED")
				f := w.open()
				var want string
				for _, order := range permutations([]string{"sent", "delivered", "read", "failed"}) {
					for answer := 0; answer <= len(order); answer++ {
						for _, twice := range []bool{false, true} {
							got := w.playStatuses(f, order, answer, twice, echoed, code)
							if want == "" {
								want = got
							}
							if got != want {
								t.Fatalf("order %v, answer before status %d, twice %t:\n%s", order, answer, twice, cmp.Diff(want, got))
							}
						}
					}
				}
				if n := w.count(`SELECT count(*) FROM parked_statuses`); n != 0 {
					t.Errorf("%d statuses were left parked", n)
				}
				if n := w.count(`SELECT coalesce(sum(retrying_count), 0) FROM conversations`); n != 0 {
					t.Errorf("%d messages are still counted as retrying", n)
				}
			})
		}
	}
}

// playStatuses sends one message and plays its statuses; the answer is recorded before status number answer. It returns
// what is known of the message at the end.
func (w *sendWorld) playStatuses(f contract.SenderFence, order []string, answer int, twice, echoed bool, code int) string {
	w.t.Helper()
	m := w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
	c := w.claim(f, 1)
	if len(c) != 1 || c[0].MessageID != m.ID {
		w.t.Fatalf("claimed %s, want %d", idsOf(c), m.ID)
	}
	base := w.now().Truncate(time.Second)
	at := map[string]time.Time{"sent": base.Add(time.Second), "delivered": base.Add(2 * time.Second), "read": base.Add(3 * time.Second), "failed": base.Add(4 * time.Second)}
	for i := 0; i <= len(order); i++ {
		if i == answer {
			w.accept(f, c...)
		}
		if i == len(order) {
			break
		}
		st := models.StatusUpdate{ProviderID: wamid(m.ID), Status: order[i], At: at[order[i]], Pricing: json.RawMessage(`{"billable":true}`)}
		if echoed {
			st.AttemptID = c[0].CallbackData()
		}
		if order[i] == "failed" {
			st.ErrorCode = code
		}
		w.status(st)
		if twice {
			w.status(st)
		}
	}
	end := w.message(m.ID)
	if end.queued {
		w.t.Fatal("still queued")
	}
	since := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.Sub(base).String()
	}
	return fmt.Sprintf("%s %s sent %s delivered %s read %s failed %s code %v retry %v", end.Status(), end.State, since(end.SentAt), since(end.DeliveredAt),
		since(end.ReadAt), since(end.FailedAt), *end.ErrorCode, end.RetryAt)
}

func permutations(in []string) [][]string {
	if len(in) <= 1 {
		return [][]string{append([]string(nil), in...)}
	}
	var out [][]string
	for i := range in {
		rest := append(append([]string(nil), in[:i]...), in[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]string{in[i]}, p...))
		}
	}
	return out
}

func TestStatusOfAnotherProgramIsParked(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	c := w.claim(w.open(), 1)
	for _, callback := range []string{"", "hello", m.ID.String() + ".", m.ID.String() + ".00000000-0000-7000-8000-000000000000", "999999.00000000-0000-7000-8000-000000000000"} {
		w.status(models.StatusUpdate{ProviderID: "wamid.foreign" + callback, AttemptID: callback, Status: "delivered", At: w.now()})
	}
	if got := w.message(m.ID); got.DeliveredAt != nil || got.ProviderMessageID != nil {
		t.Errorf("somebody else's status reached our message: %+v", got)
	}
	if n := w.count(`SELECT count(*) FROM parked_statuses`); n != 5 {
		t.Errorf("%d parked", n)
	}
	other := w.conn
	w.row(&other.ID, `INSERT INTO connections (account_id, key, name, channel, provider_ref) VALUES ($1, 'k2', 'B', 'whatsapp_cloud', '742') RETURNING id`, w.account)
	mine := w.conn
	w.conn = other
	w.status(models.StatusUpdate{ProviderID: "wamid.cross", AttemptID: c[0].CallbackData(), Status: "delivered", At: w.now()})
	w.conn = mine
	if got := w.message(m.ID); got.DeliveredAt != nil {
		t.Error("a status that came by another connection reached our message")
	}
	w.pass(8 * 24 * time.Hour)
	w.exec(`UPDATE parked_statuses SET created_at = $1`, w.now().Add(-8*24*time.Hour-time.Second))
	if n, err := w.s.PruneParked(w.ctx, w.now().Add(-8*24*time.Hour), 100); n != 6 || err != nil {
		t.Error(n, err)
	}
}

func TestStatusWritesNothingWhenNothingIsNew(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	m := w.enqueue(w.conversation(time.Hour), models.OriginAgent, text("oi"))
	f := w.open()
	c := w.claim(f, 1)
	w.accept(f, c...)
	st := models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: c[0].CallbackData(), Status: "delivered", At: w.now()}
	w.status(st)
	before := w.count(`SELECT count(*) FROM events`)
	w.status(st)
	st.At = st.At.Add(time.Minute) // the earliest report counts
	w.status(st)
	if after := w.count(`SELECT count(*) FROM events`); after != before {
		t.Errorf("%d events for repeats", after-before)
	}
}

// TestFailedStatusOfAnEarlierTry: once a message is tried again, the first try's failure, redelivered for days, is history.
func TestFailedStatusOfAnEarlierTry(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.template("oferta", "marketing", "APPROVED")
	m := w.enqueue(w.conversation(time.Hour), models.OriginBroadcast, marketing("oferta"))
	f := w.open()
	first := w.claim(f, 1)
	w.accept(f, first...)
	failed := models.StatusUpdate{ProviderID: wamid(m.ID), AttemptID: first[0].CallbackData(), Status: "failed", At: w.now(), ErrorCode: 131049}
	w.status(failed)
	if got := w.message(m.ID); got.State != models.MessageRetry || got.RetryAt.Sub(w.now()) != 24*time.Hour {
		t.Fatalf("131049 waits 24 h: %+v", got)
	}
	w.pass(24 * time.Hour)
	if _, wake, err := w.s.RequeueRetry(w.ctx, w.account, m.ID, 0); err != nil || len(wake.Connections) != 1 {
		t.Fatal(wake, err)
	}
	second := w.claim(f, 1)
	w.accept(f, second...)
	w.status(failed)
	if got := w.message(m.ID); got.State != models.MessageAccepted || got.Retries != 1 || got.Status() != models.StatusAccepted {
		t.Errorf("the first try's failure came again: %+v", got)
	}
	failed.AttemptID, failed.At = second[0].CallbackData(), w.now()
	w.status(failed)
	if got := w.message(m.ID); got.State != models.MessageRetry || got.RetryAt.Sub(w.now()) != 48*time.Hour {
		t.Errorf("the second wait is 48 h: %+v", got)
	}
	if bells := w.bells(contract.WorkflowDeliveryRetry); len(bells) != 2 || bells[0] != "retry/"+m.ID.String() {
		t.Errorf("doorbells %v", bells)
	}
}
