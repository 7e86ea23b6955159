package channeltest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// wantFile is the suffix of the file that holds what a payload must become.
const wantFile = ".want.json"

func (s Suite) payloads(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Dir, "webhooks", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no payloads in %s/webhooks", s.Dir)
	}
	payloads := map[string][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, wantFile) {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		payloads[strings.TrimSuffix(filepath.Base(name), ".json")] = body
	}
	return payloads
}

// webhooks compares what each payload becomes with the file beside it.
func (s Suite) webhooks(t *testing.T) {
	adapter := s.New(LocalOnly(t, nil), time.Second)
	for name, body := range s.payloads(t) {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(body)
			delivery := adapter.Parse(body)
			clear(body)
			got := encode(t, delivery)
			checkDelivery(t, delivery)
			path := filepath.Join(s.Dir, "webhooks", name+wantFile)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("read what the payload must become: %v", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the payload became something else (-want +got):\n%s", diff)
			}
			if again := encode(t, adapter.Parse(before)); !bytes.Equal(again, got) {
				t.Error("parsing twice gives different deliveries, or the first kept a reference to the body")
			}
		})
	}
}

func encode(t testing.TB, d channels.Delivery) []byte {
	t.Helper()
	out, err := json.MarshalIndent(struct {
		NewestAt time.Time          `json:"newest_at,omitzero"`
		Elements []channels.Element `json:"elements"`
	}{d.NewestAt, d.Elements}, "", "  ")
	if err != nil {
		t.Fatalf("encode the delivery: %v", err)
	}
	return append(out, '\n')
}

// checkDelivery demands what holds for every delivery of every adapter.
func checkDelivery(t testing.TB, d channels.Delivery) {
	t.Helper()
	for i := range d.Elements {
		e := &d.Elements[i]
		if e.Kind != channels.ElementUnparseable && (!json.Valid(e.Raw) || !utf8.Valid(e.Raw) || bytes.Contains(e.Raw, []byte{0})) {
			t.Errorf("element %d (%s): raw is not JSON that Postgres stores", i, e.Kind)
		}
		if u := e.Unparseable; u != nil && (u.Reason == "" || !slices.Contains(models.QuarantineCodes, u.Code)) {
			t.Errorf("element %d is unparseable without a reason or a known code: %+v", i, u)
		}
		if part := parts(e); part != 1 && (part != 0 || e.Kind != channels.ElementUnknown) {
			t.Errorf("element %d (%s) has %d parts", i, e.Kind, part)
		}
		if m := e.Message; m != nil {
			checkMessage(t, i, m, e.Imported)
		}
	}
}

func checkMessage(t testing.TB, i int, m *channels.InboundMessage, imported bool) {
	t.Helper()
	nobody := m.Person.IsZero() && m.GroupID == "" && (!imported || !m.FromMe)
	if m.ProviderID == "" || nobody || m.Content.Kind == "" {
		t.Errorf("element %d: a message needs an id, a person and a kind", i)
	}
	stored, err := json.Marshal(&m.Content)
	if err != nil {
		t.Errorf("element %d: content cannot be stored: %v", i, err)
		return
	}
	if bytes.Contains(bytes.ReplaceAll(stored, []byte(`\\`), nil), []byte(`\u0000`)) {
		t.Errorf("element %d: content holds NUL, which Postgres refuses", i)
	}
	var back models.Content
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Errorf("element %d: content cannot be read back: %v", i, err)
	}
	if m.Content.Preview("pt-BR") == "" && m.Content.SystemNote == nil && m.Content.Kind != models.ContentKindText && m.Content.Kind != models.ContentKindTap {
		t.Errorf("element %d: a message of kind %s has no preview", i, m.Content.Kind)
	}
}

// parts counts the parts of an element that are set.
func parts(e *channels.Element) int {
	n := 0
	for _, set := range []bool{e.Message != nil, e.Status != nil, e.IdentityChange != nil, e.Preference != nil, e.Template != nil,
		e.Number != nil, e.Account != nil, e.Error != nil, e.AppContact != nil, e.History != nil, e.Call != nil, e.Unparseable != nil} {
		if set {
			n++
		}
	}
	return n
}

// mutationsPerPayload is how many broken copies of each payload are parsed.
const mutationsPerPayload = 200

// mutations parses broken copies of every payload: whatever comes, the adapter
// neither panics nor gives an element nobody can store.
func (s Suite) mutations(t *testing.T) {
	adapter := s.New(LocalOnly(t, nil), time.Second)
	random := rand.New(rand.NewPCG(7, 11))
	for name, body := range s.payloads(t) {
		for range mutationsPerPayload {
			broken := Mutate(random, body)
			delivery := adapter.Parse(broken)
			if checkDelivery(t, delivery); t.Failed() {
				t.Fatalf("payload %s, mutated to:\n%q", name, broken)
			}
		}
	}
}

// nasty are pieces that parsers fall over.
var nasty = []string{`\u0000`, `\ud800`, "\x00", "\xff\xfe", `1e999999`, `-0`, `99999999999999999999999999999999999999999999999999`,
	`{}`, `[]`, `null`, `true`, `""`, `"`, `\`, `,`, `:`, strings.Repeat("[", 200), strings.Repeat(`{"a":`, 200), `1.5`, `"1795217000000000"`}

// Mutate gives a broken copy of a body: bytes flipped, cut, doubled, or
// replaced by pieces that parsers fall over.
func Mutate(random *rand.Rand, body []byte) []byte {
	out := bytes.Clone(body)
	if random.IntN(2) == 0 {
		// Half of the bodies stay mostly JSON: these reach deepest.
		return replaceValue(random, out)
	}
	for range 1 + random.IntN(4) {
		if len(out) == 0 {
			return out
		}
		i := random.IntN(len(out))
		j := min(len(out), i+random.IntN(40))
		switch random.IntN(6) {
		case 0:
			out[i] ^= 1 << random.IntN(8)
		case 1:
			out = append(out[:i], out[j:]...)
		case 2:
			out = append(out[:j], append(bytes.Clone(out[i:j]), out[j:]...)...)
		case 3:
			out = append(out[:i], append([]byte(nasty[random.IntN(len(nasty))]), out[i:]...)...)
		case 4:
			out = append(out[:i], append([]byte(nasty[random.IntN(len(nasty))]), out[j:]...)...)
		case 5:
			out = replaceValue(random, out)
		}
	}
	return out
}

// replaceValue puts a nasty piece in place of a whole JSON value, so that the
// text often stays JSON and the types are wrong.
func replaceValue(random *rand.Rand, body []byte) []byte {
	colons := bytes.Count(body, []byte(`": `))
	if colons == 0 {
		return body
	}
	at := 0
	for range 1 + random.IntN(colons) {
		at += bytes.Index(body[at:], []byte(`": `)) + 3
	}
	end := at
	for end < len(body) && body[end] != ',' && body[end] != '\n' {
		end++
	}
	return append(bytes.Clone(body[:at]), append([]byte(nasty[random.IntN(len(nasty))]), body[end:]...)...)
}
