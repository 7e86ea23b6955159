package graph

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"
)

func readLedger(t *testing.T, file string) []Entry {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []Entry
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var e Entry
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func (r *rig) upload(kind string, content []byte, product string) (int, map[string]any) {
	r.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if product != "" {
		_ = w.WriteField("messaging_product", product)
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="f.bin"`)
	h.Set("Content-Type", kind)
	p, _ := w.CreatePart(h)
	_, _ = p.Write(content)
	_ = w.Close()
	req, _ := http.NewRequest(http.MethodPost, r.api.URL+"/graph/v25.0/"+testNumber+"/media", &b)
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var m map[string]any
	_ = json.NewDecoder(res.Body).Decode(&m)
	return res.StatusCode, m
}

func TestMediaLife(t *testing.T) {
	r := newRig(t, nil)
	content := []byte("not really a jpeg")
	status, m := r.upload("image/jpeg", content, "whatsapp")
	if status != 200 {
		t.Fatalf("upload: %d %v", status, m)
	}
	id := m["id"].(string)
	if status, m := r.send(body("image", `{"id":"`+id+`"}`)); status != 200 {
		t.Errorf("send an upload: %v", m)
	}
	_, info := r.call(http.MethodGet, "/graph/v25.0/"+id+"?phone_number_id="+testNumber, nil)
	if info["mime_type"] != "image/jpeg" || info["file_size"] != float64(len(content)) {
		t.Fatalf("info %v", info)
	}
	get := func(token string) (int, string) {
		req, _ := http.NewRequest(http.MethodGet, info["url"].(string), nil)
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	if status, b := get(testToken); status != 200 || b != string(content) {
		t.Errorf("download: %d %q", status, b)
	}
	if status, _ := get(""); status != 401 {
		t.Errorf("download without token: %d", status)
	}
	r.clock.advance(5*time.Minute + time.Second)
	if status, _ := get(testToken); status != 404 {
		t.Errorf("download after five minutes: %d, want 404", status)
	}
	r.clock.advance(30 * 24 * time.Hour)
	if _, m := r.send(body("image", `{"id":"`+id+`"}`)); code(m) != 100 {
		t.Errorf("an upload lives for 30 days: %v", m)
	}
	if status, _ := r.call(http.MethodGet, "/graph/v25.0/"+id, nil); status != 400 {
		t.Errorf("info after 30 days: %d", status)
	}
}

func TestUploadsAreChecked(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		name, kind, product string
		size, code          int
	}{
		{"octet stream", "application/octet-stream", "whatsapp", 10, 100},
		{"html", "text/html", "whatsapp", 10, 100},
		{"no product", "image/png", "", 10, 100},
		{"empty", "image/png", "whatsapp", 0, 131053},
		{"large image", "image/png", "whatsapp", 5<<20 + 1, 131053},
		{"largest image", "image/png", "whatsapp", 5 << 20, 0},
		{"voice", "audio/ogg; codecs=opus", "whatsapp", 10, 0},
		{"large sticker", "image/webp", "whatsapp", 500<<10 + 1, 131053},
	} {
		if status, m := r.upload(c.kind, make([]byte, c.size), c.product); code(m) != c.code {
			t.Errorf("%s: HTTP %d, code %d, want %d", c.name, status, code(m), c.code)
		}
	}
	files, err := os.ReadDir(r.s.media.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, _ := f.Info()
		if info.Size() > 5<<20 {
			t.Errorf("a refused upload stayed on the disk: %s", f.Name())
		}
	}
}

func TestTemplates(t *testing.T) {
	r := newRig(t, nil)
	path := "/graph/v25.0/" + testWABA + "/message_templates"
	create := func(name, components string) map[string]any {
		t.Helper()
		_, m := r.call(http.MethodPost, path, `{"name":"`+name+`","language":"pt_BR","category":"UTILITY","components":`+components+`}`)
		return m
	}
	made := create("novo", `[{"type":"BODY","text":"Seu pedido {{1}} saiu para entrega hoje.","example":{"body_text":[["7741"]]}}]`)
	if made["status"] != "PENDING" {
		t.Fatalf("create: %v", made)
	}
	tpl := body("template", `{"name":"novo","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"7"}]}]}`)
	if _, m := r.send(tpl); code(m) != 132001 {
		t.Errorf("a pending template: %v, want 132001", m)
	}
	r.clock.advance(2 * time.Second)
	if v := r.hook().value(t); v["event"] != "APPROVED" {
		t.Errorf("event %v", v)
	}
	if status, m := r.send(tpl); status != 200 {
		t.Errorf("an approved template: %v", m)
	}
	sub := func(m map[string]any) any { e, _ := m["error"].(map[string]any); return e["error_subcode"] }
	for name, c := range map[string]struct {
		components string
		sub        float64
	}{
		"at_start":  {`[{"type":"BODY","text":"{{1}} chegou na loja agora mesmo."}]`, 2388299},
		"at_end":    {`[{"type":"BODY","text":"O seu pedido tem o número {{1}}"}]`, 2388299},
		"too_many":  {`[{"type":"BODY","text":"Oi {{1}} {{2}} {{3}} ok"}]`, 2388293},
		"no_body":   {`[{"type":"FOOTER","text":"x"}]`, 2388072},
		"long_foot": {`[{"type":"BODY","text":"oi gente"},{"type":"FOOTER","text":"` + strings.Repeat("x", 61) + `"}]`, 2388073},
		"long_head": {`[{"type":"HEADER","format":"TEXT","text":"` + strings.Repeat("x", 61) + `"},{"type":"BODY","text":"oi gente"}]`, 2388047},
		"long_body": {`[{"type":"BODY","text":"` + strings.Repeat("x", 1025) + `"}]`, 2388040},
	} {
		if got := sub(create(name, c.components)); got != c.sub {
			t.Errorf("%s: sub-code %v, want %v", name, got, c.sub)
		}
	}
	if status, _ := r.call(http.MethodDelete, path+"?name=novo", nil); status != 200 {
		t.Error("delete")
	}
	if m := create("novo", `[{"type":"BODY","text":"oi gente"}]`); sub(m) != 2388023.0 {
		t.Errorf("a deleted name is blocked for 30 days: %v", m)
	}
}

func TestTemplatePages(t *testing.T) {
	r := newRig(t, nil)
	for i := range 20 {
		raw := fmt.Sprintf(`{"id":"20%02d","name":"t%02d","language":"pt_BR","category":"UTILITY","components":[{"type":"BODY","text":"oi"}]}`, i, i)
		if status, m := r.call(http.MethodPost, "/control/wabas/"+testWABA+"/templates", raw); status != 200 {
			t.Fatalf("%v", m)
		}
	}
	next := r.api.URL + "/graph/v25.0/" + testWABA + "/message_templates?fields=name,status&limit=10"
	seen, pages := map[string]bool{}, 0
	for next != "" {
		pages++
		_, m := r.call(http.MethodGet, next, nil)
		for _, it := range m["data"].([]any) {
			item := it.(map[string]any)
			seen[item["name"].(string)] = true
			if item["components"] != nil {
				t.Error("a field that nobody asked for")
			}
		}
		next, _ = m["paging"].(map[string]any)["next"].(string)
	}
	if pages != 3 || len(seen) != 24 {
		t.Errorf("%d templates on %d pages, want 24 on 3", len(seen), pages)
	}
	if _, m := r.call(http.MethodGet, "/graph/v25.0/"+testWABA+"/message_templates?after=!!", nil); code(m) != 131059 {
		t.Errorf("bad cursor: %v", m)
	}
}

func TestWebhookAddressIsVerified(t *testing.T) {
	r := newRig(t, nil)
	path := "/graph/v25.0/" + testWABA + "/subscribed_apps"
	if status, m := r.call(http.MethodPost, path, map[string]string{"override_callback_uri": "http://127.0.0.1:1/x", "verify_token": "v"}); status != 400 || code(m) != 2200 {
		t.Errorf("an address where nobody answers: %d %v", status, m)
	}
	if status, m := r.call(http.MethodPost, path, map[string]string{"override_callback_uri": r.s.apps["900"].WebhookURL, "verify_token": "v"}); status != 200 {
		t.Errorf("a good address: %d %v", status, m)
	}
	_, m := r.call(http.MethodGet, path, nil)
	if app := m["data"].([]any)[0].(map[string]any); app["override_callback_uri"] == nil {
		t.Errorf("subscription %v", app)
	}
}
