package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

type woken struct{ all []contract.Wake }

func (w *woken) Wake(k contract.Wake) { w.all = append(w.all, k) }

const oneText = `{"object":"whatsapp_business_account","entry":[{"id":"20own","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
	"metadata":{"display_phone_number":"551140000001","phone_number_id":"10own"},"contacts":[{"profile":{"name":"Maria"},"wa_id":"558188880001","user_id":"BR.1"}],
	"messages":[{"from":"558188880001","from_user_id":"BR.1","id":"wamid.A","timestamp":"1763650800","type":"text","text":{"body":"Olá 👋"}}]}}]}]}`

func setUp(t *testing.T) (*storetest.Fixture, *whatsapp.Adapter, *intake.Intake, *woken) {
	t.Helper()
	now := time.Unix(1763650800, 0).Add(time.Minute)
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: func() time.Time { return now }}), "own")
	a := whatsapp.New(meta.NewClient(meta.Options{}))
	w := &woken{}
	return f, a, intake.New(f.Store, map[string]channels.Adapter{models.ChannelWhatsAppCloud: a}, nil, w, nil), w
}

// The whole way in: a real-shaped body, the adapter, the store.
func TestABodyBecomesAMessage(t *testing.T) {
	f, a, in, w := setUp(t)
	if err := in.Receive(t.Context(), f.Connection, a.Parse([]byte(oneText)), []byte(oneText)); err != nil {
		t.Fatal(err)
	}
	var text, phone, address string
	if err := f.Pool().QueryRow(t.Context(), `SELECT m.content->>'text', ct.phone, c.address FROM messages m
		JOIN conversations c ON c.id = m.conversation_id JOIN contacts ct ON ct.id = m.contact_id`).Scan(&text, &phone, &address); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Olá 👋", "+5581988880001", "558188880001"}, []string{text, phone, address}); diff != "" {
		t.Error(diff)
	}
	if len(w.all) != 1 || w.all[0].Stored != 1 {
		t.Errorf("woken %+v", w.all)
	}
}

// pathAdapter is a channel whose files have no id.
type pathAdapter struct{ channels.Adapter }

func (pathAdapter) Identify(channels.Person) channels.Identification {
	return channels.Identification{Address: "device/1", Identities: []channels.ScopedIdentity{
		{Kind: models.IdentityPhone, Scope: models.ScopeAccount, Value: "5581988880001", Address: "device/1"}}}
}

// A file that has no id at its provider is fetched by its path, and is fetched again after a restore.
func TestAFileWithoutAnIDIsFetchedByItsPath(t *testing.T) {
	f, _, _, _ := setUp(t)
	in := intake.New(f.Store, map[string]channels.Adapter{models.ChannelWhatsAppCloud: pathAdapter{}}, nil, &woken{}, nil)
	d := channels.Delivery{Elements: []channels.Element{{Kind: channels.ElementMessage, Raw: []byte(`{}`), Message: &channels.InboundMessage{
		ProviderID: "3EB0", Person: channels.Person{Phone: "5581988880001"},
		Content: models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{URL: "/v/t62/77#key", MimeType: "image/jpeg"}}}}}}
	if err := in.Receive(t.Context(), f.Connection, d, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	row, said, err := f.MediaToFetch(t.Context(), f.Account, models.MediaID(f.Count(t, `SELECT id FROM media`)))
	if err != nil || row.State != models.MediaPending || said.ProviderMediaID != "" || said.URL != "/v/t62/77#key" {
		t.Errorf("to fetch: %+v, %+v, %v", row, said, err)
	}
	if n := f.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = $1`, contract.WorkflowMediaFetch); n != 1 {
		t.Errorf("%d doorbells, want 1", n)
	}
	if n, err := f.RebuildDoorbells(t.Context(), contract.WorkflowMediaFetch); err != nil || n != 1 {
		t.Errorf("a restore rings %d, %v, want 1", n, err)
	}
}

// S3: a validly signed body that names another account's number is quarantined, all of it.
func TestAnotherConnectionsNumberIsQuarantined(t *testing.T) {
	f, a, in, _ := setUp(t)
	body := strings.ReplaceAll(oneText, "10own", "10other")
	if err := in.Receive(t.Context(), f.Connection, a.Parse([]byte(body)), []byte(body)); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages`) + f.Count(t, `SELECT count(*) FROM contacts`); n != 0 {
		t.Errorf("%d rows of another account's number", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM quarantine`); n != 1 {
		t.Errorf("%d in quarantine, want 1", n)
	}
	var id models.QuarantineID
	var code models.QuarantineCode
	if err := f.Pool().QueryRow(t.Context(), `SELECT id, code FROM quarantine`).Scan(&id, &code); err != nil || code != models.QuarantineOtherNumber {
		t.Fatalf("the code is %q, %v", code, err)
	}
	if err := in.Replay(t.Context(), f.Account, id); models.CodeOf(err) != models.CodeInvalid || models.QuarantineCodeOf(err) != code {
		t.Errorf("replay says %v: it must stay in quarantine", err)
	}
	if err := in.Replay(t.Context(), f.Account+1, id); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another account's replay says %v", err)
	}
}

// What was quarantined for a reason that is gone is taken in by a replay, once.
func TestReplayTakesInWhatWasQuarantined(t *testing.T) {
	f, a, in, _ := setUp(t)
	own := f.Connection.ProviderRef
	other := "10moved"
	f.Connection.ProviderRef = &other // the connection named another number when the body came
	if err := in.Receive(t.Context(), f.Connection, a.Parse([]byte(oneText)), []byte(oneText)); err != nil {
		t.Fatal(err)
	}
	f.Connection.ProviderRef = own
	var id models.QuarantineID
	if err := f.Pool().QueryRow(t.Context(), `SELECT id FROM quarantine`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := in.Replay(t.Context(), f.Account, id); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM messages`); n != 1 {
		t.Errorf("%d messages after two replays, want 1", n)
	}
}
