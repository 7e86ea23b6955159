package whatsapp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/channeltest"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/models"
)

func credentials(base string) channels.Credentials {
	return channels.Credentials{ProviderRef: "741200335509921", PortfolioRef: "330214458896701",
		Config:  map[string]string{models.ConfigGraphBaseURL: base, models.ConfigGraphVersion: "v25.0"},
		Secrets: map[string]channels.Secret{models.SecretAccessToken: channels.NewSecret("token")}}
}

func local(t testing.TB) *whatsapp.Adapter {
	return over(channeltest.LocalOnly(t, nil), time.Minute)
}

func TestMarkReadAndTyping(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{"success":true}`))
	for typing, want := range map[bool]string{
		false: `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A"}`,
		true:  `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A","typing_indicator":{"type":"text"}}`,
	} {
		if err := local(t).MarkRead(context.Background(), credentials(stub.URL), channels.ReadMark{To: "5581988004422", ProviderMessageID: "wamid.A", Typing: typing}); err != nil {
			t.Fatal(err)
		}
		requests := stub.Requests()
		if r := requests[len(requests)-1]; string(r.Body) != want || r.Path != "/v25.0/741200335509921/messages" {
			t.Errorf("typing %v: %s %s, want %s", typing, r.Path, r.Body, want)
		}
	}
}

func TestFilesThatAreOnlyOursAreNotSent(t *testing.T) {
	t.Parallel()
	ours := &models.ContentMedia{MediaID: 7, MimeType: "image/png", Size: 10}
	for name, c := range map[string]*models.Content{
		"file":   {Kind: models.ContentKindImage, Media: ours},
		"header": {Kind: models.ContentKindButtons, Text: "?", Header: &models.ContentHeader{Kind: models.ContentKindImage, Media: ours}, Buttons: []models.ContentButton{{ID: "1", Title: "Sim"}}},
		"template header": {Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "a", Language: "pt_BR",
			Header: &models.TemplateParam{Kind: models.TemplateParamImage, Media: ours}}},
		"reaction to a message without an id": {Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Target: models.MessageRef{MessageID: 4}, Emoji: "👍"}},
	} {
		_, err := local(t).Send(context.Background(), credentials("http://127.0.0.1:1"), &channels.Outbound{To: "5581988004422", Content: c})
		if e := channels.AsSendError(err); e == nil || e.Outcome != channels.OutcomeNotSent || len(e.Problems) != 1 {
			t.Errorf("%s: %v, want not_sent with one problem", name, err)
		}
	}
}

func TestRoutesAndIDsHaveLimits(t *testing.T) {
	t.Parallel()
	text := &models.Content{Kind: models.ContentKindText, Text: "oi"}
	for name, out := range map[string]*channels.Outbound{
		"no content":                {To: "1"},
		"text on the marketing way": {To: "1", Content: text, Route: channels.RouteMarketing},
		"long attempt id":           {To: "1", Content: text, AttemptID: strings.Repeat("a", 65)},
	} {
		_, err := local(t).Send(context.Background(), credentials("http://127.0.0.1:1"), out)
		if e := channels.AsSendError(err); e == nil || len(e.Problems) == 0 {
			t.Errorf("%s: %v, want problems", name, err)
		}
	}
}

// A template that pacing holds back is accepted, and says so.
func TestHeldTemplate(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{"contacts":[{"input":"BR.1","user_id":"BR.1"}],"messages":[{"id":"wamid.H","message_status":"held_for_quality_assessment"}]}`))
	got, err := local(t).Send(context.Background(), credentials(stub.URL), &channels.Outbound{To: "BR.1",
		Content: &models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "a", Language: "pt_BR"}}})
	want := channels.Receipt{ProviderMessageID: "wamid.H", Status: "held_for_quality_assessment"}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestUploadStreamsAForm(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{"id":"1190028834410077"}`))
	id, err := local(t).UploadMedia(context.Background(), credentials(stub.URL), channels.Upload{Kind: models.ContentKindDocument,
		MimeType: "application/pdf", Filename: "nota \"fiscal\"\r\nX: y.pdf", Size: 5, Body: strings.NewReader("%PDF-")})
	if err != nil || id != "1190028834410077" {
		t.Fatalf("%q, %v", id, err)
	}
	r := stub.Requests()[0]
	if r.Path != "/v25.0/741200335509921/media" || r.Header.Get("Content-Length") != fmt.Sprint(len(r.Body)) {
		t.Errorf("%s with length %s, %d bytes came", r.Path, r.Header.Get("Content-Length"), len(r.Body))
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := multipart.NewReader(strings.NewReader(string(r.Body)), params["boundary"]).ReadForm(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	file := form.File["file"][0]
	opened, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(opened)
	if form.Value["messaging_product"][0] != "whatsapp" || form.Value["type"][0] != "application/pdf" || string(data) != "%PDF-" ||
		file.Filename != "nota _fiscal___X: y.pdf" || file.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("form %v, file %q %v: %q", form.Value, file.Filename, file.Header, data)
	}
	_, err = local(t).UploadMedia(context.Background(), credentials(stub.URL), channels.Upload{Kind: models.ContentKindImage, Size: 5<<20 + 1, Body: strings.NewReader("")})
	if !errors.Is(err, channels.ErrMediaTooLarge) {
		t.Errorf("an image over 5 MB: %v, want too large", err)
	}
}

// mediaStub serves a file's description and the file; the first link is stale.
func mediaStub(t *testing.T, size int, stale bool) (*channeltest.Stub, channels.MediaRef) {
	var stub *channeltest.Stub
	stub = channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v25.0/998":
			channeltest.Answer(200, fmt.Sprintf(`{"url":"%s/files/fresh","mime_type":"image/jpeg","sha256":"h","file_size":"%d","id":"998"}`, stub.URL, size))(w, r)
		case "/files/stale":
			if stale {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			fallthrough
		case "/files/fresh":
			if r.Header.Get("Authorization") != "Bearer token" || r.Header.Get("User-Agent") == "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write(make([]byte, size))
		}
	})
	return stub, channels.MediaRef{ProviderMediaID: "998", Path: stub.URL + "/files/stale", MimeType: "image/jpeg"}
}

func TestFetchMediaSavesACallAndSurvivesAStaleLink(t *testing.T) {
	t.Parallel()
	for stale, wantPaths := range map[bool]string{false: "/files/stale", true: "/files/stale /v25.0/998 /files/fresh"} {
		stub, media := mediaStub(t, 1000, stale)
		got, err := local(t).FetchMedia(context.Background(), credentials(stub.URL), media, 1000)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil || len(data) != 1000 || got.Size != 1000 || got.MimeType != "image/jpeg" {
			t.Errorf("stale %v: %d bytes, %v, %+v", stale, len(data), err, got)
		}
		var paths []string
		for _, r := range stub.Requests() {
			paths = append(paths, r.Path)
			if strings.HasPrefix(r.Path, "/v25.0") && r.Query != "phone_number_id=741200335509921" {
				t.Errorf("the description is asked for with %q", r.Query)
			}
		}
		if p := strings.Join(paths, " "); p != wantPaths {
			t.Errorf("stale %v: calls %s, want %s", stale, p, wantPaths)
		}
	}
}

func TestFetchMediaStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	stub, media := mediaStub(t, 1001, false)
	if _, err := local(t).FetchMedia(context.Background(), credentials(stub.URL), media, 1000); !errors.Is(err, channels.ErrMediaTooLarge) {
		t.Errorf("by Content-Length: %v, want too large", err)
	}
	media.Path = ""
	if _, err := local(t).FetchMedia(context.Background(), credentials(stub.URL), media, 1000); !errors.Is(err, channels.ErrMediaTooLarge) {
		t.Errorf("by description: %v, want too large", err)
	}
	// A server that does not say how long the file is.
	endless := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	got, err := local(t).FetchMedia(context.Background(), credentials(endless.URL), channels.MediaRef{Path: endless.URL + "/x"}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(got.Body)
	_ = got.Body.Close()
	if len(data) != 10_000 || !errors.Is(err, channels.ErrMediaTooLarge) || got.Size != -1 {
		t.Errorf("an endless file: %d bytes, %v, size %d", len(data), err, got.Size)
	}
}

// S4: the token goes to Meta's hosts and the connection's own alone.
func TestFetchMediaFollowsNoStrangeLink(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		channeltest.Answer(200, `{"url":"https://evil.example/x?fbsbx.com","mime_type":"image/jpeg"}`)(w, r)
	})
	for _, link := range []string{"http://169.254.169.254/latest", "https://evil.example/", "https://fbsbx.com.evil.example/", "https://evilfbsbx.com/",
		"http://lookaside.fbsbx.com/x", "https://user:pass@lookaside.fbsbx.com/", "https://lookaside.fbsbx.com:8443/", "file:///etc/passwd", "//fbsbx.com/x", "https://127.0.0.1/"} {
		_, err := local(t).FetchMedia(context.Background(), credentials(stub.URL), channels.MediaRef{Path: link, ProviderMediaID: "998"}, 10)
		if e := channels.AsSendError(err); e == nil || !strings.Contains(e.Details, "leads away from Meta") {
			t.Errorf("%s: %v, want a refusal", link, err)
		}
	}
	for _, r := range stub.Requests() {
		if r.Path != "/v25.0/998" {
			t.Errorf("a strange link was followed: %s", r.Path)
		}
	}
}

func TestTemplatesArePaged(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") == "" {
			channeltest.Answer(200, `{"data":[{"id":"774411002299","name":"cobranca_lembrete","language":"pt_BR","status":"PAUSED","category":"UTILITY","parameter_format":"NAMED","components":[{"type":"BODY","text":"Oi"}],"quality_score":{"score":"YELLOW","date":1},"rejected_reason":"NONE"}],"paging":{"cursors":{"before":"A","after":"B"},"next":"https://graph.facebook.com/x?access_token=SECRET&after=B"}}`)(w, r)
			return
		}
		channeltest.Answer(200, `{"data":[{"id":774411002300,"name":"promo"}],"paging":{"cursors":{"before":"B","after":"C"}}}`)(w, r)
	})
	adapter := local(t)
	first, err := adapter.ListTemplates(context.Background(), credentials(stub.URL), "")
	if err != nil {
		t.Fatal(err)
	}
	want := channels.TemplatePage{Next: "B", Templates: []channels.ProviderTemplate{{ID: "774411002299", Name: "cobranca_lembrete", Language: "pt_BR", Status: "PAUSED",
		Category: "UTILITY", ParameterFormat: "named", Components: json.RawMessage(`[{"type":"BODY","text":"Oi"}]`), Quality: "YELLOW", RejectedReason: "NONE"}}}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	second, err := adapter.ListTemplates(context.Background(), credentials(stub.URL), first.Next)
	if err != nil || second.Next != "" || len(second.Templates) != 1 || second.Templates[0].ID != "774411002300" {
		t.Errorf("second page %+v, %v", second, err)
	}
	if r := stub.Requests()[1]; r.Path != "/v25.0/330214458896701/message_templates" || !strings.Contains(r.Query, "after=B") || !strings.Contains(r.Query, "limit=100") {
		t.Errorf("asked for %s?%s", r.Path, r.Query)
	}
}

func TestNumberHealth(t *testing.T) {
	t.Parallel()
	for answer, perSecond := range map[string]int{
		`{"id":"741200335509921","throughput":{"level":"STANDARD"}}`:                                              80,
		`{"id":"741200335509921","throughput":{"level":"HIGH"}}`:                                                  1000,
		`{"id":"741200335509921","throughput":{"level":"HIGH"},"is_on_biz_app":true,"platform_type":"CLOUD_API"}`: 20,
	} {
		stub := channeltest.NewStub(t, channeltest.Answer(200, answer))
		if got, err := local(t).NumberHealth(context.Background(), credentials(stub.URL)); err != nil || got.PerSecond != perSecond {
			t.Errorf("%s: %d a second, %v; want %d", answer, got.PerSecond, err, perSecond)
		}
	}
	stub := channeltest.NewStub(t, channeltest.Answer(200, `{"id":"741200335509921","display_phone_number":"+55 81 3350-7788","verified_name":"Loja","quality_rating":"GREEN","status":"CONNECTED","name_status":"APPROVED",
		"whatsapp_business_manager_messaging_limit":"TIER_2K","health_status":{"can_send_message":"BLOCKED","entities":[{"entity_type":"WABA","id":"330","can_send_message":"BLOCKED","errors":[{"error_code":141006,"error_description":"No payment method","possible_solution":"Add one"}]},{"entity_type":"PHONE_NUMBER","id":7,"can_send_message":"AVAILABLE","additional_info":["ok"]}]}}`))
	got, err := local(t).NumberHealth(context.Background(), credentials(stub.URL))
	want := channels.NumberHealth{ProviderRef: "741200335509921", DisplayPhone: "+55 81 3350-7788", VerifiedName: "Loja", NameStatus: "APPROVED", Status: "CONNECTED",
		Quality: "GREEN", Limit: "TIER_2K", PerSecond: 80, CanSend: "BLOCKED", Entities: []channels.HealthEntity{
			{Type: "WABA", ID: "330", CanSend: "BLOCKED", Errors: []channels.HealthError{{Code: 141006, Details: "No payment method", Solution: "Add one"}}},
			{Type: "PHONE_NUMBER", ID: "7", CanSend: "AVAILABLE", Info: []string{"ok"}}}}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

func payloads(t testing.TB) [][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no payloads")
	}
	var bodies [][]byte
	for _, name := range names {
		if strings.HasSuffix(name, ".want.json") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// P16: 100,000 mutated bodies, and no panic. Parse has no recover around it.
func TestNoBodyBreaksTheParser(t *testing.T) {
	t.Parallel()
	bodies := payloads(t)
	random := rand.New(rand.NewPCG(2026, 11))
	for i := range 100_000 {
		body := channeltest.Mutate(random, bodies[i%len(bodies)])
		for _, e := range whatsapp.Parse(body).Elements {
			if e.Kind != channels.ElementUnparseable && !json.Valid(e.Raw) {
				t.Fatalf("raw of a %s is no JSON, from body %q", e.Kind, body)
			}
			if e.Kind == channels.ElementUnparseable && e.Unparseable.Reason == "" {
				t.Fatalf("no reason, from body %q", body)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range payloads(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, e := range whatsapp.Parse(body).Elements {
			if e.Kind != channels.ElementUnparseable && !json.Valid(e.Raw) {
				t.Fatalf("raw of a %s is no JSON", e.Kind)
			}
		}
	})
}

func TestHugeBodiesStaySmall(t *testing.T) {
	t.Parallel()
	adapter := local(t)
	for name, body := range map[string]string{
		"a million elements": `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[` + strings.Repeat("1,", 1_000_000) + `1]}}]}]}`,
		"a million entries":  `{"object":"whatsapp_business_account","entry":[` + strings.Repeat("1,", 1_000_000) + `1]}`,
		"deep":               `{"object":"whatsapp_business_account","entry":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}`,
		"not JSON":           strings.Repeat("x", 4<<20),
		"empty":              "",
	} {
		got := adapter.Parse([]byte(body))
		if len(got.Elements) != 1 || got.Elements[0].Kind != channels.ElementUnparseable || len(got.Elements[0].Raw) != len(body) {
			t.Errorf("%s: %d elements, want the whole body as one unparseable element", name, len(got.Elements))
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body, err := os.ReadFile("testdata/webhooks/text.json")
	if err != nil {
		b.Fatal(err)
	}
	adapter := whatsapp.New(meta.NewClient(meta.Options{}))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if len(adapter.Parse(body).Elements) != 1 {
			b.Fatal("the body was not read")
		}
	}
}

func BenchmarkEncodeSend(b *testing.B) {
	out := &channels.Outbound{AttemptID: "0199b0d2-7c1a-7def-8000-000000000001", To: "5581988004422",
		Content: &models.Content{Kind: models.ContentKindText, Text: "Seu protocolo é 7741."}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := whatsapp.EncodeSend(out); err != nil {
			b.Fatal(err)
		}
	}
}
