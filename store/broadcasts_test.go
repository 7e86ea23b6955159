package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// broadcastWorld is a desk with a template and people who were written to before: no label, no ticket, no flow.
type broadcastWorld struct {
	*deskWorld
	people []models.ContactID
}

func newBroadcasts(t *testing.T, people int) *broadcastWorld {
	t.Helper()
	w := &broadcastWorld{deskWorld: newDesk(t)}
	w.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, components)
		VALUES ($1, $2, 'oferta', 'oferta', 'pt_BR', 'MARKETING', 'APPROVED', '[{"type":"BODY","text":"Oi {{1}}!"}]')`, w.Account, w.Connection.ID)
	w.Exec(t, `INSERT INTO labels (id, account_id, name, color) VALUES (1, $1, 'Clientes', '#0f766e')`, w.Account)
	for i := range people {
		id := w.Count(t, `INSERT INTO contacts (account_id, kind, name, phone) VALUES ($1, 'person', $2, $3) RETURNING id`, w.Account, fmt.Sprintf("Pessoa %d Silva", i+1),
			fmt.Sprintf("+5581977770%03d", i))
		w.Exec(t, `INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($1, $2, 1)`, w.Account, id)
		w.Exec(t, `INSERT INTO contact_identities (account_id, contact_id, kind, scope, value, address) VALUES ($1, $2, 'phone', '', $3, $3)`, w.Account, id,
			fmt.Sprintf("5581977770%03d", i))
		w.people = append(w.people, models.ContactID(id))
	}
	return w
}

// offer is a template with the contact's first name.
var offer = models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "oferta", Language: "pt_BR",
	Body: []models.TemplateParam{{Text: "{{ contact.first_name }}"}}}}

// draft makes a broadcast to everybody with the label, changed as said.
func (w *broadcastWorld) draft(change ...func(*models.Broadcast)) *models.Broadcast {
	w.t.Helper()
	b := models.Broadcast{AccountID: w.Account, ConnectionID: w.Connection.ID, Name: "Oferta de maio", Content: offer, OnReply: models.ReplyRules,
		Audience: models.BroadcastAudience{Labels: []models.LabelID{1}}, PerMinute: 600, Timezone: "America/Recife", OptOutWords: []string{"SAIR"}, ByID: carla}
	for _, do := range change {
		do(&b)
	}
	made, err := w.CreateBroadcast(w.t.Context(), b, "", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *broadcastWorld) send(b *models.Broadcast) {
	w.t.Helper()
	if _, wake, err := w.SendBroadcast(w.t.Context(), w.Account, b.ID); err != nil || len(wake.Doorbells) != 1 {
		w.t.Fatalf("rings %v, %v", wake.Doorbells, err)
	}
}

func (w *broadcastWorld) step(b *models.Broadcast) contract.BroadcastView {
	w.t.Helper()
	view, _, err := w.StepBroadcast(w.t.Context(), contract.BroadcastStart{AccountID: w.Account, BroadcastID: b.ID, ConnectionID: w.Connection.ID}, func() {})
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

// leaves lets the sender take what is in the queue.
func (w *broadcastWorld) leaves() {
	w.Exec(w.t, `UPDATE messages SET state = 'accepted', accepted_at = $1, provider_message_id = 'wamid.' || id WHERE state = 'queued'`, w.now())
	w.Exec(w.t, `DELETE FROM send_queue`)
}

// goes lets the workflow step until nothing is due before an instant an hour away, while the sender takes what comes.
func (w *broadcastWorld) goes(b *models.Broadcast) contract.BroadcastView {
	w.t.Helper()
	for range 200 {
		view := w.step(b)
		w.leaves()
		if view.NextAt.IsZero() || view.NextAt.Sub(w.now()) > time.Hour {
			return view
		}
		if wait := view.NextAt.Sub(w.now()); wait > 0 {
			w.pass(wait)
		}
	}
	w.t.Fatal("it never comes to rest")
	return contract.BroadcastView{}
}

func (w *broadcastWorld) counts(b *models.Broadcast) store.BroadcastCounts {
	w.t.Helper()
	c, err := w.BroadcastCounts(w.t.Context(), w.Account, b.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return *c
}

// why are the reasons of those who were left out, in the order of places.
func (w *broadcastWorld) why(b *models.Broadcast) string {
	w.t.Helper()
	return strings.Join(texts(w.t, w.Fixture, `SELECT coalesce(left_out || CASE WHEN detail <> '' THEN ' ' || detail ELSE '' END, state)
		FROM broadcast_recipients WHERE broadcast_id = `+b.ID.String()+` ORDER BY place`), ", ")
}

// D18: everybody of the audience gets one message with their own values, once, at the speed that was chosen, whatever is repeated.
// It moves no conversation in the inbox.
func TestABroadcastReachesEverybodyOnce(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 25)
	before := w.stand()
	b := w.draft()
	if b.State != models.BroadcastDraft || w.step(b).State != models.BroadcastDraft {
		t.Fatalf("a draft does something: %+v", b)
	}
	w.send(b)
	begun := w.now()
	view := w.goes(b)
	if want := (contract.BroadcastView{State: models.BroadcastDone, Total: 25, Sent: 25}); view != want {
		t.Errorf("%+v, want %+v", view, want)
	}
	if took := w.now().Sub(begun); took < 2*time.Second || took > 4*time.Second {
		t.Errorf("25 messages at ten a second took %s", took)
	}
	if n := w.Count(t, `SELECT count(DISTINCT contact_id) FROM messages WHERE origin = 'broadcast' AND direction = 'out' AND content->'template'->'body'->0->>'text' = 'Pessoa'`); n != 25 {
		t.Errorf("%d people got one message with their name", n)
	}
	w.step(b)
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE origin = 'broadcast'`); n != 25 {
		t.Errorf("%d messages", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE last_message_id IS NOT NULL`); n != 1 {
		t.Errorf("a broadcast moved %d conversations", n-1)
	}
	w.stands(before)
	if got := w.counts(b); got != (store.BroadcastCounts{Sent: 25}) {
		t.Errorf("%+v", got)
	}
}

// Eight workers that step the same broadcast at once make one message for each recipient.
func TestABroadcastIsSafeAgainstTwoWorkers(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 30)
	b := w.draft(func(b *models.Broadcast) { b.PerMinute = 1800 })
	w.send(b)
	w.step(b)
	w.step(b)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, _, err := w.StepBroadcast(t.Context(), contract.BroadcastStart{AccountID: w.Account, BroadcastID: b.ID}, func() {}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE origin = 'broadcast'`); n != 30 {
		t.Errorf("%d messages to 30 people", n)
	}
	if n := w.Count(t, `SELECT count(DISTINCT contact_id) FROM messages WHERE origin = 'broadcast'`); n != 30 {
		t.Errorf("%d people", n)
	}
}

// Rules 187 and 191, and what else leaves people out: each with its reason, and none of them fails anybody else.
func TestWhoIsLeftOutOfABroadcast(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 7)
	w.Exec(t, `UPDATE contacts SET broadcast_enabled = false WHERE id = $1`, w.people[0])
	w.Exec(t, `UPDATE contacts SET blocked_at = now() WHERE id = $1`, w.people[1])
	w.Exec(t, `UPDATE contacts SET phone = NULL WHERE id = $1`, w.people[2])
	w.Exec(t, `DELETE FROM contact_identities WHERE contact_id = $1`, w.people[2])
	w.Exec(t, `UPDATE contacts SET name = '' WHERE id = $1`, w.people[3])
	w.Exec(t, `UPDATE contacts SET marketing_stopped_at = now() WHERE id = $1`, w.people[4])
	served := w.Count(t, `SELECT contact_id FROM conversations`)
	w.Exec(t, `INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($1, $2, 1)`, w.Account, served)
	w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	b := w.draft()
	w.send(b)
	w.goes(b)
	if got, want := w.why(b), "served, opted_out, blocked, unreachable, missing_value contact.first_name, opted_out, sent, sent"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	// Who got it a short time ago gets no other one where the sender says so.
	next := w.draft(func(b *models.Broadcast) { b.Audience.CapHours = 24; b.Audience.Without = nil })
	w.send(next)
	w.goes(next)
	if got := w.why(next); !strings.HasSuffix(got, "capped, capped") {
		t.Error(got)
	}
	if n := w.Count(t, `SELECT count(*) FROM conversations WHERE contact_id = $1`, w.people[0]); n != 0 {
		t.Error("a conversation was made for somebody who is left out")
	}
}

// A list's row is a person who may be new, with values of its own. Two rows of one person make one message.
func TestABroadcastToAList(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 1)
	content := offer
	content.Template = &models.ContentTemplate{Name: "oferta", Language: "pt_BR", Body: []models.TemplateParam{{Text: "{{ contact.fields.cupom }}"}}}
	b := models.Broadcast{AccountID: w.Account, ConnectionID: w.Connection.ID, Name: "Lista", Content: content, OnReply: models.ReplyRules, PerMinute: 600,
		Timezone: "UTC", ByID: carla}
	rows := []store.ListedPerson{
		{Person: storetest.Named("Nova", storetest.Person("5581966660001", "")), Values: models.BroadcastValues{"cupom": "A1"}},
		{Person: storetest.Person("5581977770000", ""), Values: models.BroadcastValues{"cupom": "B2"}},
		{Person: storetest.Person("558166660001", ""), Values: models.BroadcastValues{"cupom": "C3"}}, // the first one without the ninth digit
		{Person: storetest.Person("5581966660009", ""), Values: models.BroadcastValues{}},
	}
	made, err := w.CreateBroadcast(t.Context(), b, "one", rows)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.CreateBroadcast(t.Context(), b, "one", rows)
	if err != nil || again.ID != made.ID {
		t.Fatalf("the same client_ref made %v, %v", again, err)
	}
	w.send(made)
	w.goes(made)
	if got, want := w.why(made), "sent, sent, twice, missing_value contact.fields.cupom"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	got := texts(t, w.Fixture, `SELECT k.name || ' ' || (m.content->'template'->'body'->0->>'text') FROM messages m JOIN contacts k ON k.id = m.contact_id WHERE m.origin = 'broadcast' ORDER BY m.id`)
	if diff := cmp.Diff([]string{"Nova A1", "Pessoa 1 Silva B2"}, got); diff != "" {
		t.Error(diff)
	}
}

// The first answer within a week is the broadcast's. It opens a ticket in the chosen queue, or starts the chosen flow.
func TestAnswersToABroadcast(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 0)
	w.Exec(t, `INSERT INTO contact_labels (account_id, contact_id, label_id) SELECT account_id, contact_id, 1 FROM conversations`)
	b := w.draft(func(b *models.Broadcast) { b.OnReply, b.QueueID = models.ReplyQueue, ptr(suporte) })
	w.send(b)
	w.goes(b)
	w.hear()
	if got := w.stand(); !strings.Contains(got, "ticket") {
		t.Errorf("an answer: %s", got)
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets WHERE queue_id = $1`, suporte); n != 1 {
		t.Errorf("%d tickets in the queue", n)
	}
	if got := w.counts(b); got.Replied != 1 {
		t.Errorf("%+v", got)
	}
	w.Exec(t, `UPDATE tickets SET state = 'closed', closed_at = now()`)
	w.Exec(t, `UPDATE conversations SET in_charge = 'idle', ticket_id = NULL, ticket_state = NULL, queue_id = NULL, agent_id = NULL`)
	flowOf := w.Publish(t, "Oferta", `{}`)
	other := w.draft(func(b *models.Broadcast) { b.OnReply, b.FlowID = models.ReplyFlow, &flowOf.FlowID })
	w.send(other)
	w.goes(other)
	w.pass(8 * 24 * time.Hour)
	w.hear()
	if got := w.counts(other); got.Replied != 0 {
		t.Errorf("an answer after eight days: %+v", got)
	}
}

// Who answers with the word gets no broadcast any more, is told so, and starts nothing.
func TestOptingOutOfBroadcasts(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 0)
	w.Exec(t, `INSERT INTO contact_labels (account_id, contact_id, label_id) SELECT account_id, contact_id, 1 FROM conversations`)
	b := w.draft(func(b *models.Broadcast) {
		b.OnReply, b.QueueID, b.OptOutWords, b.OptOutText = models.ReplyQueue, ptr(suporte), []string{"não quero", "Sair"}, "Pronto, você não recebe mais."
	})
	w.send(b)
	w.goes(b)
	if _, err := w.Receive(t.Context(), w.Connection, delivery(storetest.Text("out.1", "5581988880001", " NAO QUERO! ", w.now())), w.choose); err != nil {
		t.Fatal(err)
	}
	if n := w.Count(t, `SELECT count(*) FROM contacts WHERE NOT broadcast_enabled`); n != 1 {
		t.Error("the contact still gets broadcasts")
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets`); n != 0 {
		t.Error("opting out opened a ticket")
	}
	if got := w.counts(b); got.OptedOut != 1 || got.Replied != 1 {
		t.Errorf("%+v", got)
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'broadcasts_stopped' AND content->'system_note'->'params'->>'name' = $1`, b.Name); n != 1 {
		t.Error("the conversation does not say that broadcasts stopped")
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE origin = 'system' AND direction = 'out' AND content->>'text' = 'Pronto, você não recebe mais.'`); n != 1 {
		t.Errorf("the contact was told %d times", n)
	}
	again := w.draft()
	w.send(again)
	w.goes(again)
	if got := w.why(again); got != "opted_out" {
		t.Error(got)
	}
}

// A few are first. Where too many of them fail the rest gets nothing until a person decides.
func TestACanaryStopsItsBroadcast(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 20)
	b := w.draft(func(b *models.Broadcast) {
		b.Canary = models.Canary{Size: 5, Minutes: 30, MostFailed: 10, MostOptOuts: 5}
	})
	w.send(b)
	for w.counts(b).Sent+w.counts(b).Queued < 5 {
		w.step(b)
		w.leaves()
		w.pass(time.Second)
	}
	view := w.step(b)
	if wait := view.NextAt.Sub(w.now()); wait < 29*time.Minute || view.Sent != 5 {
		t.Fatalf("the canary waits %s: %+v", wait, view)
	}
	w.Exec(t, `UPDATE messages SET state = 'failed', failed_at = now() WHERE id = (SELECT max(id) FROM messages WHERE origin = 'broadcast')`)
	w.pass(30 * time.Minute)
	if view = w.step(b); view.State != models.BroadcastPaused || view.Reason != models.PausedFailures || view.Sent != 5 || !view.NextAt.IsZero() {
		t.Errorf("%+v", view)
	}
	if _, _, err := w.ResumeBroadcast(t.Context(), w.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	if view = w.goes(b); view.State != models.BroadcastDone || view.Sent != 20 {
		t.Errorf("after a person let it go on: %+v", view)
	}
}

// Pausing lets nothing more into the queue, going on continues where it stood, and cancelling leaves out the rest.
func TestABroadcastIsPausedAndCancelled(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 30)
	b := w.draft()
	w.send(b)
	w.step(b)
	w.step(b)
	w.step(b)
	if _, _, err := w.PauseBroadcast(t.Context(), w.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if view := w.step(b); view.State != models.BroadcastPaused || view.Sent != 10 || !view.NextAt.IsZero() {
		t.Errorf("%+v", view)
	}
	if _, _, err := w.PauseBroadcast(t.Context(), w.Account, b.ID); models.KeyOf(err) != models.KeyBroadcastState {
		t.Errorf("paused twice: %v", err)
	}
	if _, _, err := w.ResumeBroadcast(t.Context(), w.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	// The sender has not taken the first ones: no more than two seconds' worth stand in the queue.
	for range 5 {
		w.step(b)
		w.pass(time.Second)
	}
	if view := w.step(b); view.Sent != 20 {
		t.Errorf("%d in the queue of a sender that stands still", view.Sent)
	}
	if _, _, err := w.CancelBroadcast(t.Context(), w.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	if view := w.step(b); view.State != models.BroadcastCancelled || view.Sent != 20 || view.LeftOut != 10 {
		t.Errorf("%+v", view)
	}
	if err := w.DeleteBroadcast(t.Context(), w.Account, b.ID); models.KeyOf(err) != models.KeyBroadcastState {
		t.Errorf("deleted after sending: %v", err)
	}
}

// Two contacts that turn out to be one person get one message of a broadcast that runs.
func TestAMergeLeavesOneRecipient(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 2)
	b := w.draft(func(b *models.Broadcast) { b.PerMinute = 1 })
	w.send(b)
	w.step(b)
	w.step(b)
	both := storetest.Person("5581977770000", "")
	both.Identities = append(both.Identities, storetest.Person("5581977770001", "").Identities...)
	e := storetest.Text("merges.1", "5581977770000", "oi", w.now())
	e.Message.Person = both
	if _, err := w.Receive(t.Context(), w.Connection, delivery(e), w.choose); err != nil {
		t.Fatal(err)
	}
	w.goes(b)
	if got := w.why(b); got != "waiting, twice" && got != "sent, twice" && got != "twice, sent" {
		t.Error(got)
	}
}

// A template that Meta paused pauses its broadcasts: nobody is burnt.
func TestABroadcastWaitsForItsTemplate(t *testing.T) {
	t.Parallel()
	w := newBroadcasts(t, 5)
	b := w.draft(func(b *models.Broadcast) { b.PerMinute = 60 })
	w.send(b)
	w.step(b)
	w.step(b)
	w.step(b)
	w.Exec(t, `UPDATE templates SET status = 'PAUSED'`)
	view := w.goes(b)
	if view.State != models.BroadcastPaused || view.Reason != models.PausedTemplate || view.Sent != 1 || view.LeftOut != 0 {
		t.Errorf("%+v", view)
	}
	other := w.draft()
	if _, _, err := w.SendBroadcast(t.Context(), w.Account, other.ID); models.KeyOf(err) != models.KeyBroadcastTemplate {
		t.Errorf("a template that is paused was sent: %v", err)
	}
}
