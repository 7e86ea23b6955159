package sim

import (
	"encoding/json"
	"go/build"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemoBusinessIsReady(t *testing.T) {
	hooks := make(chan []byte, 16)
	business := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		hooks <- b
	}))
	defer business.Close()
	s, err := New(Config{DataDir: t.TempDir(), WebhookURL: business.URL})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer func() {
		srv.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	get := func(path string) (int, string) {
		req, _ := http.NewRequest(http.MethodGet, srv.URL+path, nil)
		req.Header.Set("Authorization", "Bearer sim-token-loja-exemplo")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	for path, want := range map[string]string{
		"/":             `src="/page/main.js"`,
		"/page/main.js": "PhoneView",
		"/graph/v25.0/106540352242922?fields=display_phone_number":         "+55 11 4000-0001",
		"/graph/v25.0/102290129340398/phone_numbers":                       "106540352242922",
		"/graph/v25.0/102290129340398/message_templates?name=retomar":      "retomar_atendimento",
		"/graph/v25.0/106540352242922/whatsapp_business_profile":           "contato@loja.example",
		"/graph/v25.0/102290129340398/subscribed_apps":                     "640118835571204",
		"/graph/v25.0/106540352242922/block_users":                         "block_users",
		"/graph/v25.0/774411002203?fields=name,status,category,components": "promocao",
		"/control/stats": "accepted",
	} {
		if status, body := get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, no %q in %.300s", path, status, want, body)
		}
	}
	if status, _ := get("/graph/v25.0/1"); status != 400 {
		t.Errorf("an unknown object answers %d", status)
	}
	res, err := http.Post(srv.URL+"/control/inbound", "application/json", strings.NewReader(`{"number":"106540352242922","person":"maria","text":"Oi"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	var body struct {
		Entry []struct{ ID string }
	}
	if err := json.Unmarshal(<-hooks, &body); err != nil || body.Entry[0].ID != "102290129340398" {
		t.Errorf("webhook: %v %v", body, err)
	}
	req, _ := http.NewRequest(http.MethodPost, srv.URL+"/control/reset", nil)
	req.Header.Set("Origin", "https://elsewhere.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if res, err = http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("another web site may steer the simulator: %d", res.StatusCode)
	}
}

// TestKnowsNothingOfTheProgram proves that no type is shared with the program under test.
func TestKnowsNothingOfTheProgram(t *testing.T) {
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		p, err := build.ImportDir(dir, 0)
		if err != nil {
			return nil //nolint:nilerr // a folder without Go files
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "github.com/perene/perene/") && !strings.HasPrefix(imp, "github.com/perene/perene/sim/") {
				t.Errorf("%s imports %s", dir, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
