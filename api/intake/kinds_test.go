package intake_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store/storetest"
)

// world is an account that takes deliveries in.
type world struct {
	*storetest.Fixture
	t       *testing.T
	adapter *whatsapp.Adapter
	take    func(body string)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	f, a, in, _ := setUp(t)
	return &world{Fixture: f, t: t, adapter: a, take: func(body string) {
		t.Helper()
		if err := in.Receive(t.Context(), f.Connection, a.Parse([]byte(body)), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}}
}

// change is a delivery of one change of our number, which shows itself as display.
func change(field, display, value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"20own","time":1763650800,"changes":[{"field":%q,"value":{"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":%q,"phone_number_id":"10own"},%s}}]}]}`, field, display, value)
}

// said is a delivery of one message, whose other keys rest holds.
func said(id, rest string) string {
	return change("messages", "551140000001", fmt.Sprintf(`"contacts":[{"profile":{"name":"Maria"},"wa_id":"5581988880001"}],
		"messages":[{"from":"5581988880001","id":%q,"timestamp":"1763650800",%s}]`, id, rest))
}

// thread is a chunk of the history with one thread of Maria's.
func thread(display, messages string) string {
	return change("history", display, `"history":[{"metadata":{"phase":0,"chunk_order":1,"progress":55},"threads":[{"id":"5581988880001","messages":[`+messages+`]}]}]`)
}

// rows gives what a query of one text column finds.
func (w *world) rows(sql string, args ...any) []string {
	w.t.Helper()
	rows, err := w.Pool().Query(w.t.Context(), sql, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func (w *world) want(what string, want []string, sql string, args ...any) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.rows(sql, args...)); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Who wrote an imported message is told in every writing of our number and of the person's, with "to" and without it, and
// how far ours had come is kept.
func TestTheHistoryKnowsWhoWroteAndHowFarItCame(t *testing.T) {
	w := newWorld(t)
	w.take(thread("+55 11 4000-0001", `
		{"from":"551140000001","id":"a","timestamp":"1763000001","type":"text","text":{"body":"x"},"history_context":{"status":"DELIVERED"}},
		{"from":"+55 (11) 4000-0001","id":"b","timestamp":"1763000002","type":"text","text":{"body":"x"},"history_context":{"status":"read"}},
		{"from":"551140000001","to":"558188880001","id":"c","timestamp":"1763000003","type":"text","text":{"body":"x"},"history_context":{"status":"PLAYED"}},
		{"from":"558188880001","id":"d","timestamp":"1763000004","type":"text","text":{"body":"x"},"history_context":{"status":"READ"}},
		{"from":"5581988880001","to":"551140000001","id":"e","timestamp":"1763000005","type":"text","text":{"body":"x"}},
		{"from":"551140000001","id":"f","timestamp":"1763000006","type":"text","text":{"body":"x"},"history_context":{"status":"ERROR"}},
		{"from":"551140000001","id":"g","timestamp":"1763000007","type":"text","text":{"body":"x"},"history_context":{"status":"PENDING"}},
		{"from":"10own","id":"h","timestamp":"1763000008","type":"text","text":{"body":"x"},"history_context":{"status":"SENT"}}`))
	w.want("who wrote, and how far it came", []string{"a out delivered", "b out read", "c out played", "d in -", "e in -", "f out failed", "g out -", "h out sent"}, `
		SELECT provider_message_id || ' ' || direction || ' ' || CASE WHEN direction = 'in' THEN '-' WHEN state = 'failed' AND failed_at = provider_at THEN 'failed'
			WHEN played_at = provider_at THEN 'played' WHEN read_at = provider_at THEN 'read' WHEN delivered_at = provider_at THEN 'delivered'
			WHEN sent_at = provider_at THEN 'sent' ELSE '-' END
		FROM messages ORDER BY provider_message_id`)
	w.want("one contact, one conversation that nobody has to read", []string{"1 0 none"}, `
		SELECT count(*) OVER () || ' ' || unread_count || ' ' || window_state FROM conversations`)
}

// A file that the history announced comes later under the same id, ours without saying to whom. It completes what is there,
// once, and is fetched.
func TestAFileOfTheHistoryCompletesItsPlaceholder(t *testing.T) {
	w := newWorld(t)
	w.take(thread("551140000001", `
		{"from":"551140000001","to":"5581988880001","id":"ours","timestamp":"1763000001","type":"media_placeholder","history_context":{"status":"READ"}},
		{"from":"5581988880001","id":"theirs","timestamp":"1763000002","type":"media_placeholder"}`))
	file := func(from, id string) string {
		return change("history", "551140000001", fmt.Sprintf(`"messages":[{"from":%q,"id":%q,"timestamp":"1763000001","type":"image",
			"image":{"id":"77-%s","mime_type":"image/jpeg","caption":"catálogo"}}]`, from, id, id))
	}
	for range 2 {
		w.take(file("551140000001", "ours"))
		w.take(file("5581988880001", "theirs"))
	}
	w.want("the messages", []string{"ours out image catálogo", "theirs in image catálogo"}, `
		SELECT provider_message_id || ' ' || direction || ' ' || kind || ' ' || (content -> 'media' ->> 'caption') FROM messages ORDER BY id`)
	w.want("their files", []string{"77-ours pending", "77-theirs pending"}, `
		SELECT f.provider_media_id || ' ' || f.state FROM media f JOIN messages m ON m.media_id = f.id AND m.id = f.message_id ORDER BY m.id`)
	w.want("who fetches them", []string{"2"}, `SELECT count(*)::text FROM doorbells WHERE workflow_type = 'MediaFetch'`)
	if n := w.Count(t, `SELECT count(*) FROM contacts`); n != 1 {
		t.Errorf("%d contacts, want Maria alone", n)
	}
	// The announcement comes again, and takes nothing back. A file that nothing announced is kept apart.
	w.take(thread("551140000001", `{"from":"5581988880001","id":"theirs","timestamp":"1763000002","type":"media_placeholder"}`))
	w.take(file("551140000001", "never announced"))
	w.want("what is kept apart", []string{string(models.QuarantineNobody)}, `SELECT code FROM quarantine`)
	w.want("the messages still", []string{"image", "image"}, `SELECT kind FROM messages ORDER BY id`)
}

// What Meta only names says nothing new: edits and deletions in every form are no answers, open no window and count nothing.
func TestEditsAndNotesAreNoAnswers(t *testing.T) {
	for name, rest := range map[string]string{
		"an edit that is not supported":     `"type":"unsupported","unsupported":{"type":"edit"},"errors":[{"code":131051,"title":"Message type unknown"}]`,
		"an edit without its words":         `"type":"edit"`,
		"a deletion that is not supported":  `"type":"unsupported","unsupported":{"type":"revoke"},"context":{"id":"wamid.A"}`,
		"a deletion without the message":    `"type":"revoke","revoke":{}`,
		"an edit":                           `"type":"edit","edit":{"original_message_id":"wamid.A","message":{"type":"text","text":{"body":"novo"}}}`,
		"a deletion":                        `"type":"revoke","revoke":{"original_message_id":"wamid.A"}`,
		"a note that a key changed":         `"type":"system","system":{"body":"x","type":"customer_identity_changed"}`,
		"a note of a kind that nobody knew": `"type":"system","system":{"body":"x","type":"brand_new"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(said("wamid.E", rest))
			w.want("the conversation", []string{"0 none - -"}, `SELECT unread_count || ' ' || window_state || ' ' || coalesce(first_unanswered_at::text, '-') || ' ' ||
				coalesce(last_inbound_at::text, '-') FROM conversations`)
			w.want("the kind", []string{"t"}, `SELECT (kind IN ('edit', 'deleted', 'system_note'))::text::char FROM messages`)
		})
	}
}

// Meta's older word for a new number names it too.
func TestAnOldWordForANewNumberMovesThePerson(t *testing.T) {
	w := newWorld(t)
	w.take(said("wamid.1", `"type":"text","text":{"body":"oi"}`))
	w.take(said("wamid.2", `"type":"system","system":{"body":"x","wa_id":"5581977770002","customer":"5581988880001","type":"customer_changed_number"}`))
	w.want("the person", []string{"+5581977770002 5581977770002"}, `SELECT k.phone || ' ' || c.address FROM contacts k JOIN conversations c ON c.contact_id = k.id`)
}

// Truths and numbers come as strings, an answer of a form as an object, and a proxy may write a mark before the body.
func TestValuesOfAnotherTypeAreRead(t *testing.T) {
	w := newWorld(t)
	w.take(said("wamid.1", `"type":"text","text":{"body":"a"},"context":{"forwarded":"true"}`))
	w.take(said("wamid.2", `"type":"location","location":{"latitude":"-23.5505","longitude":"-46.6333"}`))
	w.take(said("wamid.3", `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":{"nota":5}}}`))
	w.take("\xef\xbb\xbf" + said("wamid.4", `"type":"order","order":{"catalog_id":"1","product_items":[{"product_retailer_id":"x","quantity":"1","item_price":"10,50","currency":"BRL"}]}`))
	w.want("what is stored", []string{"true", "-23.5505", `5`, "10.50"}, `
		SELECT coalesce(content ->> 'forwarded', content -> 'location' ->> 'latitude', content -> 'form_reply' -> 'response' ->> 'nota',
			content -> 'order' -> 'items' -> 0 ->> 'price') FROM messages ORDER BY id`)
	w.want("what is kept apart", nil, `SELECT code FROM quarantine`)
}

// A failed status without a code has none: 0 is Meta's code for a token that it refuses.
func TestNoCodeIsNotCodeZero(t *testing.T) {
	w := newWorld(t)
	for name, errors := range map[string]string{"none": ``, "without": `,"errors":[{"title":"x"}]`, "zero": `,"errors":[{"code":0,"title":"AuthException"}]`} {
		w.take(change("messages", "551140000001", `"statuses":[{"id":"wamid.`+name+`","status":"failed","timestamp":"1763650800","recipient_id":"5581988880001"`+errors+`}]`))
	}
	w.want("the codes", []string{"none -1", "without -1", "zero 0"}, `
		SELECT replace(provider_message_id, 'wamid.', '') || ' ' || (body ->> 'error_code') FROM parked_statuses ORDER BY provider_message_id`)
}

// A name of a file or a person is drawn and downloaded as it looks: without paths, lines and turned writing.
func TestNamesAreCleaned(t *testing.T) {
	w := newWorld(t)
	w.take(change("messages", "551140000001", `"contacts":[{"profile":{"name":"Ana \u202eoãoJ"},"wa_id":"5581988880001"}],"messages":[
		{"from":"5581988880001","id":"wamid.1","timestamp":"1763650800","type":"document","document":{"id":"7","mime_type":"application/pdf","filename":"\u202efdp.exe"}},
		{"from":"5581988880001","id":"wamid.2","timestamp":"1763650800","type":"document","document":{"id":"8","mime_type":"application/pdf","filename":"../../etc/a\r\nb.pdf"}}]`))
	w.want("the files' names", []string{"fdp.exe fdp.exe", "ab.pdf ab.pdf"}, `
		SELECT f.filename || ' ' || (m.content -> 'media' ->> 'filename') FROM media f JOIN messages m ON m.id = f.message_id ORDER BY m.id`)
	w.want("the person's name", []string{"Ana oãoJ"}, `SELECT name FROM contacts`)
}

// One person is one contact in every writing of a number, whichever comes first.
func TestOnePersonIsOneContactInEveryWriting(t *testing.T) {
	for name, numbers := range map[string][]string{
		"Brazil":                   {"558188880001", "5581988880001"},
		"Brazil, the other way":    {"5581988880001", "558188880001"},
		"Argentina":                {"5491155551234", "541155551234"},
		"Argentina, the other way": {"541155551234", "5491155551234"},
		"Mexico":                   {"5215512345678", "525512345678"},
		"Mexico, the other way":    {"525512345678", "5215512345678"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for i, number := range numbers {
				w.take(change("messages", "551140000001", fmt.Sprintf(`"messages":[{"from":%q,"id":"wamid.%d","timestamp":"1763650800","type":"text","text":{"body":"oi"}}]`, number, i)))
			}
			w.want("people and where a message to them goes", []string{"1 " + numbers[1]}, `SELECT (SELECT count(*) FROM contacts) || ' ' || address FROM conversations`)
		})
	}
}

// Two contacts of before, each known by one writing, become one.
func TestTwoWritingsOfBeforeBecomeOne(t *testing.T) {
	w := newWorld(t)
	w.Exec(t, `INSERT INTO contacts (id, account_id, phone) VALUES (901, $1, '+541155550002'), (902, $1, '+5491155550002')`, w.Account)
	w.Exec(t, `INSERT INTO contact_identities (account_id, kind, value, contact_id, address) VALUES
		($1, 'phone', '541155550002', 901, '541155550002'), ($1, 'phone', '5491155550002', 902, '5491155550002')`, w.Account)
	w.take(change("messages", "551140000001", `"messages":[{"from":"5491155550002","id":"wamid.1","timestamp":"1763650800","type":"text","text":{"body":"oi"}}]`))
	w.want("people", []string{"902"}, `SELECT id::text FROM contacts WHERE merged_into_id IS NULL`)
}
