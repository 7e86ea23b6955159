package phone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perene/perene/sim/graph"
)

const number = "106540352242922"

// bench is a platform with phones and a business's server that keeps what it got.
type bench struct {
	t        *testing.T
	dir      string
	graph    *graph.Server
	phones   *Server
	page     *httptest.Server
	api      *httptest.Server
	business *httptest.Server
	mu       sync.Mutex
	down     bool
	got      chan map[string]any // messages and statuses
}

func seed(hook string) *graph.Seed {
	settings := graph.DefaultSettings()
	settings.Statuses.SentMS = 0
	settings.Webhooks.RetryBaseMS, settings.Webhooks.Concurrency = 1, 1
	return &graph.Seed{
		Settings: &settings,
		Apps:     []*graph.App{{ID: "1", Secret: "s", WebhookURL: hook, Tokens: []graph.Token{{Token: "t"}}}},
		WABAs: []*graph.WABA{{
			ID: "2", BusinessID: "3", Subscriptions: []graph.Subscription{{AppID: "1"}},
			Numbers: []*graph.Number{{ID: number, Display: "+55 11 4000-0001", Name: "Loja"}},
		}},
		People: []*graph.Person{{ID: "maria", Name: "Maria", Phone: "5511988880001"}, {ID: "bia", Name: "Bia", Username: "bia", Phone: "5521988880003", HidePhone: true}},
	}
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), got: make(chan map[string]any, 256)}
	b.business = httptest.NewServer(http.HandlerFunc(b.receive))
	t.Cleanup(b.business.Close)
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *bench) start() {
	b.t.Helper()
	var err error
	if b.graph, err = graph.New(graph.Config{DataDir: b.dir, Seed: seed(b.business.URL), PublicURL: "http://sim.example"}); err != nil {
		b.t.Fatal(err)
	}
	if b.phones, err = New(Config{Graph: b.graph, DataDir: b.dir}); err != nil {
		b.t.Fatal(err)
	}
	b.graph.Start()
	b.page, b.api = httptest.NewServer(b.phones.Handler()), httptest.NewServer(b.graph)
}

func (b *bench) stop() {
	b.page.CloseClientConnections()
	b.page.Close()
	b.api.Close()
	if err := b.phones.Close(); err != nil {
		b.t.Error(err)
	}
	if err := b.graph.Close(); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) receive(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Entry []struct {
			Changes []struct {
				Value map[string]any `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	raw, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(raw, &body); err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	down := b.down
	b.mu.Unlock()
	if down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	v := body.Entry[0].Changes[0].Value
	for _, kind := range []string{"messages", "statuses", "user_preferences"} {
		list, _ := v[kind].([]any)
		for _, it := range list {
			b.got <- it.(map[string]any)
		}
	}
}

func (b *bench) next() map[string]any {
	b.t.Helper()
	select {
	case m := <-b.got:
		return m
	case <-time.After(time.Minute):
		b.t.Fatal("nothing reached the business")
		return nil
	}
}

func (b *bench) do(method, path string, body any) map[string]any {
	b.t.Helper()
	raw, _ := json.Marshal(body)
	req, _ := http.NewRequest(method, b.page.URL+path, bytes.NewReader(raw))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var m map[string]any
	_ = json.NewDecoder(res.Body).Decode(&m)
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %d %v", method, path, res.StatusCode, m)
	}
	return m
}

// send is a message by the business.
func (b *bench) send(fields map[string]any) string {
	b.t.Helper()
	fields["messaging_product"] = "whatsapp"
	raw, _ := json.Marshal(fields)
	req, _ := http.NewRequest(http.MethodPost, b.api.URL+"/v25.0/"+number+"/messages", bytes.NewReader(raw))
	req.Header.Set("Authorization", "Bearer t")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var m struct {
		Messages []struct{ ID string }
	}
	answer, _ := io.ReadAll(res.Body)
	if json.Unmarshal(answer, &m) != nil || res.StatusCode != 200 {
		b.t.Fatalf("send: %d %s", res.StatusCode, answer)
	}
	if len(m.Messages) == 0 {
		return ""
	}
	return m.Messages[0].ID
}

const mariaChat = "/phone/phones/maria/chats/" + number

func (b *bench) chat(person string) []*Message {
	b.phones.mu.Lock()
	defer b.phones.mu.Unlock()
	var out []*Message
	for _, m := range b.phones.find(person).chat(number).Messages {
		c := *m
		out = append(out, &c)
	}
	return out
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			b.t.Fatal("never: " + what)
		case <-tick.C:
		}
	}
}

func TestConversation(t *testing.T) {
	b := newBench(t)
	id := b.do(http.MethodPost, mariaChat+"/messages", draft{Type: "text", Content: map[string]any{"body": "Oi"}})["id"]
	in := b.next()
	if in["id"] != id || in["from"] != "5511988880001" || in["text"].(map[string]any)["body"] != "Oi" {
		t.Fatalf("the business got %v", in)
	}
	b.until("second tick", func() bool { return b.chat("maria")[0].Status == "delivered" })
	b.send(map[string]any{"status": "read", "message_id": id, "typing_indicator": map[string]any{"type": "text"}})
	if m := b.chat("maria")[0]; m.Status != "read" {
		t.Errorf("my message is %s, want read", m.Status)
	}
	b.phones.mu.Lock()
	typing := b.phones.find("maria").chat(number).TypingUntil.After(time.Now())
	b.phones.mu.Unlock()
	if !typing {
		t.Error("the typing indicator does not show")
	}
	wamid := b.send(map[string]any{"to": "5511988880001", "type": "interactive", "interactive": map[string]any{
		"type": "button", "body": map[string]any{"text": "Sim?"}, "action": map[string]any{"buttons": []any{map[string]any{"type": "reply", "reply": map[string]any{"id": "y", "title": "Sim"}}}}}})
	if sent, delivered := b.next(), b.next(); sent["status"] != "sent" || delivered["status"] != "delivered" || delivered["id"] != wamid {
		t.Errorf("statuses %v %v", sent, delivered)
	}
	b.do(http.MethodPost, mariaChat+"/open", nil)
	if st := b.next(); st["status"] != "read" || st["id"] != wamid {
		t.Errorf("opening the chat sent %v", st)
	}
	b.do(http.MethodPost, mariaChat+"/messages", draft{Type: "interactive", Content: map[string]any{"type": "button_reply", "button_reply": map[string]any{"id": "y", "title": "Sim"}}, Answers: wamid, Chosen: "y"})
	in = b.next()
	if in["type"] != "interactive" || in["context"].(map[string]any)["id"] != wamid || in["context"].(map[string]any)["from"] != "551140000001" {
		t.Errorf("the tap arrived as %v", in)
	}
	if all := b.chat("maria"); all[1].Chosen != "y" || len(all) != 3 {
		t.Errorf("the chat holds %d messages, chosen %q", len(all), all[1].Chosen)
	}
	b.send(map[string]any{"to": "5511988880001", "type": "reaction", "reaction": map[string]any{"message_id": id, "emoji": "👍"}})
	b.until("reaction", func() bool { return b.chat("maria")[0].React.Theirs == "👍" })
}

func TestOfflineHoldsBothDirections(t *testing.T) {
	b := newBench(t)
	b.do(http.MethodPost, mariaChat+"/messages", draft{Type: "text", Content: map[string]any{"body": "Oi"}})
	b.next()
	b.do(http.MethodPatch, "/phone/phones/maria", map[string]any{"online": false})
	var wamids []string
	for i := range 3 {
		wamids = append(wamids, b.send(map[string]any{"to": "5511988880001", "type": "text", "text": map[string]any{"body": fmt.Sprint(i)}}))
		if st := b.next(); st["status"] != "sent" {
			t.Fatalf("status %v, want sent only", st)
		}
	}
	for i := range 3 {
		b.do(http.MethodPost, mariaChat+"/messages", draft{Type: "text", Content: map[string]any{"body": fmt.Sprint(i)}})
	}
	b.do(http.MethodPost, mariaChat+"/open", nil)
	if all := b.chat("maria"); all[4].Status != "queued" || all[1].Read {
		t.Errorf("offline: %+v %+v", all[4], all[1])
	}
	select {
	case m := <-b.got:
		t.Fatalf("offline, but the business got %v", m)
	default:
	}
	b.do(http.MethodPatch, "/phone/phones/maria", map[string]any{"online": true})
	var delivered, written []string
	for range 6 {
		m := b.next()
		if m["status"] == "delivered" {
			delivered = append(delivered, m["id"].(string))
		} else {
			written = append(written, m["text"].(map[string]any)["body"].(string))
		}
	}
	if !slices.Equal(delivered, wamids) || strings.Join(written, "") != "012" {
		t.Errorf("back online: delivered %v of %v, wrote %v", delivered, wamids, written)
	}
}

func TestChatsSurviveARestartAndTheBusinessBeingDown(t *testing.T) {
	b := newBench(t)
	b.mu.Lock()
	b.down = true
	b.mu.Unlock()
	b.do(http.MethodPost, mariaChat+"/messages", draft{Type: "text", Content: map[string]any{"body": "Oi"}})
	if m := b.chat("maria")[0]; m.Status != "sent" {
		t.Errorf("with the business down a message has %s, want one tick", m.Status)
	}
	b.stop()
	b.mu.Lock()
	b.down = false
	b.mu.Unlock()
	b.start()
	if in := b.next(); in["type"] != "text" {
		t.Errorf("redelivered %v", in)
	}
	b.until("second tick", func() bool { all := b.chat("maria"); return len(all) == 1 && all[0].Status == "delivered" })
}

func TestFilesReachTheBusiness(t *testing.T) {
	b := newBench(t)
	res, err := http.Post(b.page.URL+"/phone/phones/bia/files?type=image/png&name=../f.png", "image/png", strings.NewReader("not really"))
	if err != nil {
		t.Fatal(err)
	}
	var f File
	err = json.NewDecoder(res.Body).Decode(&f)
	_ = res.Body.Close()
	if err != nil || f.Name != "f.png" {
		t.Fatalf("file %+v, %v", f, err)
	}
	b.do(http.MethodPost, "/phone/phones/bia/chats/"+number+"/messages", draft{Type: "image", Content: map[string]any{"caption": "olha"}, File: &f})
	in := b.next()
	img := in["image"].(map[string]any)
	if in["from"] != nil || in["from_user_id"] == nil || img["id"] != f.ID || img["caption"] != "olha" || !strings.HasPrefix(img["url"].(string), "http://sim.example/lookaside/") {
		t.Errorf("the business got %v", in)
	}
	shown, err := http.Get(b.page.URL + "/phone/media/" + f.ID)
	if err != nil {
		t.Fatal(err)
	}
	_ = shown.Body.Close()
	if shown.Header.Get("Content-Type") != "image/png" || !strings.Contains(shown.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("shown with %v", shown.Header)
	}
}

func TestPhonesComeAndGo(t *testing.T) {
	b := newBench(t)
	p := b.do(http.MethodPost, "/phone/phones", map[string]any{"name": "Zé", "phone": "+55 81 97777-0009"})
	id := p["id"].(string)
	if !b.phones.Has(id) || p["phone"] != "5581977770009" {
		t.Fatalf("added %v", p)
	}
	b.do(http.MethodPost, "/phone/phones/"+id+"/identity", map[string]string{"phone": "+55 81 97777-0010"})
	b.do(http.MethodPost, "/phone/phones/"+id+"/chats/"+number+"/messages", draft{Type: "text", Content: map[string]any{"body": "Oi"}})
	if in := b.next(); in["from"] != "558177770010" {
		t.Errorf("wrote from %v", in["from"])
	}
	b.do(http.MethodPost, "/phone/phones/"+id+"/identity", map[string]string{"phone": "+55 81 97777-0011"})
	sys := b.next()
	if s := sys["system"].(map[string]any); sys["from"] != "558177770010" || s["type"] != "user_changed_number" || s["wa_id"] != "558177770011" || s["user_id"] == s["previous_user_id"] {
		t.Errorf("change of number arrived as %v", sys)
	}
	b.do(http.MethodPost, "/phone/phones/"+id+"/chats/"+number+"/marketing", map[string]bool{"stop": true})
	if pref := b.next(); pref["value"] != "stop" {
		t.Errorf("preference %v", pref)
	}
	b.do(http.MethodDelete, "/phone/phones/"+id, nil)
	if b.phones.Has(id) {
		t.Error("a removed phone still takes messages")
	}
	b.stop()
	b.start()
	if b.phones.Has(id) {
		t.Error("a removed phone came back with the restart")
	}
}
