package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// body makes a message of a type from the JSON of its object; %s becomes the quoted recipient.
func body(kind, object string) string {
	return fmt.Sprintf(`{"messaging_product":"whatsapp","recipient_type":"individual","to":%q,"type":%q,%q:%s}`, alice, kind, kind, object)
}

func interactive(parts string) string { return body("interactive", "{"+parts+"}") }

func repeat(n int, f func(i int) string) string {
	var all []string
	for i := range n {
		all = append(all, f(i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func button(i int) string {
	return fmt.Sprintf(`{"type":"reply","reply":{"id":"b%d","title":"Botão %d"}}`, i, i)
}

func row(i int) string { return fmt.Sprintf(`{"id":"r%d","title":"Linha %d"}`, i, i) }

func product(i int) string { return fmt.Sprintf(`{"product_retailer_id":"sku-%d"}`, i) }

func card(i int) string {
	return fmt.Sprintf(`{"card_index":%d,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.loja.example/%d.jpg"}},"body":{"text":"Item"},"action":{"name":"cta_url","parameters":{"display_text":"Ver","url":"https://loja.example/%d"}}}`, i, i, i)
}

const bodyText = `"body":{"text":"Escolha"}`

func long(n int) string { return strings.Repeat("é", n) }

// TestSendBodies walks the limits of every message type: the largest allowed form passes, the next one
// is refused by Meta's code.
func TestSendBodies(t *testing.T) {
	r := newRig(t, func(_ *Config, s *Settings) {
		s.FetchLinks, s.Throttle = false, Throttle{}
	})
	r.open(alice)
	old := r.s.ids.next(inbound, alice, r.clock.Now().Add(-31*24*time.Hour))
	fresh := r.open(alice)
	buttons := func(n int) string {
		return interactive(`"type":"button",` + bodyText + `,"action":{"buttons":` + repeat(n, button) + `}`)
	}
	list := func(sections, rows int) string {
		return interactive(`"type":"list",` + bodyText + `,"action":{"button":"Abrir","sections":` + repeat(sections, func(i int) string {
			return fmt.Sprintf(`{"title":"S%d","rows":%s}`, i, repeat(rows, func(j int) string { return row(i*100 + j) }))
		}) + `}`)
	}
	cards := func(n int) string {
		return interactive(`"type":"carousel",` + bodyText + `,"action":{"cards":` + repeat(n, card) + `}`)
	}
	cases := []struct {
		name string
		body string
		code int // 0: accepted
	}{
		{"text", body("text", `{"body":"oi","preview_url":true}`), 0},
		{"text of 4096", body("text", `{"body":"`+long(4096)+`"}`), 0},
		{"text of 4097", body("text", `{"body":"`+long(4097)+`"}`), 100},
		{"empty text", body("text", `{"body":""}`), 131008},
		{"text with a strange key", body("text", `{"body":"oi","bold":true}`), 100},
		{"text that is a number", body("text", `{"body":7}`), 100},
		{"no object", fmt.Sprintf(`{"messaging_product":"whatsapp","to":%q,"type":"text"}`, alice), 131008},
		{"no product", fmt.Sprintf(`{"to":%q,"type":"text","text":{"body":"oi"}}`, alice), 100},
		{"other product", fmt.Sprintf(`{"messaging_product":"sms","to":%q,"type":"text","text":{"body":"oi"}}`, alice), 100},
		{"nobody", `{"messaging_product":"whatsapp","type":"text","text":{"body":"oi"}}`, 100},
		{"no phone number", `{"messaging_product":"whatsapp","to":"abc","type":"text","text":{"body":"oi"}}`, 131009},
		{"unknown user id", `{"messaging_product":"whatsapp","recipient":"BR.1","type":"text","text":{"body":"oi"}}`, 100},
		{"to itself", `{"messaging_product":"whatsapp","to":"551140000001","type":"text","text":{"body":"oi"}}`, 131021},
		{"not JSON", `{"messaging_product":`, 100},
		{"unknown type", body("polonaise", `{}`), 100},
		{"unsupported type", body("order", `{}`), 131051},
		{"quote", strings.Replace(body("text", `{"body":"oi"}`), `"type"`, `"context":{"message_id":"`+fresh+`"},"type"`, 1), 0},
		{"opaque of 512", strings.Replace(body("text", `{"body":"oi"}`), `"type"`, `"biz_opaque_callback_data":"`+strings.Repeat("x", 512)+`","type"`, 1), 0},
		{"opaque of 513", strings.Replace(body("text", `{"body":"oi"}`), `"type"`, `"biz_opaque_callback_data":"`+strings.Repeat("x", 513)+`","type"`, 1), 100},
		{"image by link", body("image", `{"link":"https://cdn.loja.example/f.jpg","caption":"foto"}`), 0},
		{"image by unknown id", body("image", `{"id":"123"}`), 100},
		{"image by nothing", body("image", `{"caption":"foto"}`), 131008},
		{"image by both", body("image", `{"id":"1","link":"https://x.example/f.jpg"}`), 100},
		{"image by bad link", body("image", `{"link":"ftp://x/f"}`), 100},
		{"caption of 1025", body("image", `{"link":"https://x.example/f.jpg","caption":"`+long(1025)+`"}`), 100},
		{"voice", body("audio", `{"link":"https://x.example/f.ogg","voice":true}`), 0},
		{"caption on audio", body("audio", `{"link":"https://x.example/f.ogg","caption":"x"}`), 100},
		{"video", body("video", `{"link":"https://x.example/f.mp4"}`), 0},
		{"document", body("document", `{"link":"https://x.example/f.pdf","filename":"f.pdf"}`), 0},
		{"sticker", body("sticker", `{"link":"https://x.example/f.webp"}`), 0},
		{"location", body("location", `{"latitude":-8.06,"longitude":-34.87,"name":"Loja","address":"Rua"}`), 0},
		{"location without longitude", body("location", `{"latitude":-8.06}`), 131008},
		{"location off the earth", body("location", `{"latitude":-98.06,"longitude":0}`), 131009},
		{"contacts", body("contacts", `[{"name":{"formatted_name":"Ana","first_name":"Ana"},"phones":[{"phone":"+5511988887777","type":"CELL"}]}]`), 0},
		{"contact with one name", body("contacts", `[{"name":{"formatted_name":"Ana"}}]`), 131008},
		{"no contacts", body("contacts", `[]`), 131008},
		{"reaction", body("reaction", `{"message_id":"`+fresh+`","emoji":"👍"}`), 0},
		{"reaction removed", body("reaction", `{"message_id":"`+fresh+`","emoji":""}`), 0},
		{"reaction to an old message", body("reaction", `{"message_id":"`+old+`","emoji":"👍"}`), 131009},
		{"reaction to a stranger", body("reaction", `{"message_id":"wamid.abc","emoji":"👍"}`), 131009},
		{"reaction of words", body("reaction", `{"message_id":"`+fresh+`","emoji":"ok"}`), 131009},
		{"3 buttons", buttons(3), 0},
		{"4 buttons", buttons(4), 131009},
		{"no buttons", buttons(0), 131009},
		{"long button", interactive(`"type":"button",` + bodyText + `,"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"` + long(21) + `"}}]}`), 131009},
		{"same titles", interactive(`"type":"button",` + bodyText + `,"action":{"buttons":[` + `{"type":"reply","reply":{"id":"a","title":"A"}},{"type":"reply","reply":{"id":"b","title":"A"}}]}`), 131009},
		{"button body of 1025", interactive(`"type":"button","body":{"text":"` + long(1025) + `"},"action":{"buttons":` + repeat(1, button) + `}`), 100},
		{"footer of 61", interactive(`"type":"button",` + bodyText + `,"footer":{"text":"` + long(61) + `"},"action":{"buttons":` + repeat(1, button) + `}`), 100},
		{"header of 61", interactive(`"type":"button","header":{"type":"text","text":"` + long(61) + `"},` + bodyText + `,"action":{"buttons":` + repeat(1, button) + `}`), 100},
		{"image header", interactive(`"type":"button","header":{"type":"image","image":{"link":"https://x.example/f.jpg"}},` + bodyText + `,"action":{"buttons":` + repeat(1, button) + `}`), 0},
		{"image header on a list", interactive(`"type":"list","header":{"type":"image","image":{"link":"https://x.example/f.jpg"}},` + bodyText + `,"action":{"button":"A","sections":[{"rows":` + repeat(1, row) + `}]}`), 100},
		{"list of 10 rows", list(1, 10), 0},
		{"list of 11 rows", list(1, 11), 131009},
		{"list of 10 sections", list(10, 1), 0},
		{"list of 12 rows in 2 sections", list(2, 6), 131009},
		{"two sections without titles", interactive(`"type":"list",` + bodyText + `,"action":{"button":"A","sections":[{"rows":` + repeat(1, row) + `},{"rows":[{"id":"z","title":"z"}]}]}`), 131009},
		{"row title of 25", interactive(`"type":"list",` + bodyText + `,"action":{"button":"A","sections":[{"rows":[{"id":"z","title":"` + long(25) + `"}]}]}`), 131009},
		{"row description of 73", interactive(`"type":"list",` + bodyText + `,"action":{"button":"A","sections":[{"rows":[{"id":"z","title":"z","description":"` + long(73) + `"}]}]}`), 131009},
		{"list body of 4096", interactive(`"type":"list","body":{"text":"` + long(4096) + `"},"action":{"button":"A","sections":[{"rows":` + repeat(1, row) + `}]}`), 0},
		{"cta", interactive(`"type":"cta_url",` + bodyText + `,"action":{"name":"cta_url","parameters":{"display_text":"Ver","url":"https://loja.example"}}`), 0},
		{"cta with a long text", interactive(`"type":"cta_url",` + bodyText + `,"action":{"name":"cta_url","parameters":{"display_text":"` + long(21) + `","url":"https://loja.example"}}`), 131009},
		{"cta without url", interactive(`"type":"cta_url",` + bodyText + `,"action":{"name":"cta_url","parameters":{"display_text":"Ver"}}`), 131008},
		{"location request", interactive(`"type":"location_request_message",` + bodyText + `,"action":{"name":"send_location"}`), 0},
		{"contact request", interactive(`"type":"request_contact_info",` + bodyText + `,"action":{"name":"request_contact_info"}`), 0},
		{"call permission", interactive(`"type":"call_permission_request",` + bodyText + `,"action":{"name":"call_permission_request"}`), 0},
		{"flow", interactive(`"type":"flow",` + bodyText + `,"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_id":"1","flow_cta":"Abrir","flow_token":"t","flow_action":"navigate","flow_action_payload":{"screen":"A"}}}`), 0},
		{"flow without id", interactive(`"type":"flow",` + bodyText + `,"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_cta":"Abrir"}}`), 131008},
		{"carousel of 2", cards(2), 0},
		{"carousel of 1", cards(1), 131009},
		{"carousel of 11", cards(11), 131009},
		{"product", interactive(`"type":"product","action":{"catalog_id":"1","product_retailer_id":"s"}`), 0},
		{"30 products", interactive(`"type":"product_list","header":{"type":"text","text":"H"},` + bodyText + `,"action":{"catalog_id":"1","sections":[{"title":"A","product_items":` + repeat(30, product) + `}]}`), 0},
		{"31 products", interactive(`"type":"product_list","header":{"type":"text","text":"H"},` + bodyText + `,"action":{"catalog_id":"1","sections":[{"title":"A","product_items":` + repeat(31, product) + `}]}`), 131009},
		{"catalog", interactive(`"type":"catalog_message",` + bodyText + `,"action":{"name":"catalog_message"}`), 0},
		{"unknown interactive", interactive(`"type":"poll",` + bodyText + `,"action":{}`), 100},
		{"group", `{"messaging_product":"whatsapp","recipient_type":"group","to":"R3J1","type":"text","text":{"body":"oi"}}`, 131041},
		{"template", body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}`), 0},
		{"template in another language", body("template", `{"name":"ola","language":{"code":"en_US"}}`), 132001},
		{"template without its value", body("template", `{"name":"ola","language":{"code":"pt_BR"}}`), 132000},
		{"template with a value too many", body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}`), 132000},
		{"template with an image for a text", body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"image","image":{"link":"https://x.example/f.jpg"}}]}]}`), 132012},
		{"template value with a line break", body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"a\nb"}]}]}`), 132018},
		{"template too long when filled", body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"`+long(1020)+`"}]}]}`), 132005},
		{"named template", body("template", `{"name":"nomeado","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","parameter_name":"nome","text":"Ana"}]},{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"7"}]}]}`), 0},
		{"named template with a wrong name", body("template", `{"name":"nomeado","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","parameter_name":"outro","text":"Ana"}]},{"type":"button","sub_type":"url","index":1,"parameters":[{"type":"text","text":"7"}]}]}`), 132000},
		{"named template without names", body("template", `{"name":"nomeado","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}`), 131008},
		{"named template without its button", body("template", `{"name":"nomeado","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","parameter_name":"nome","text":"Ana"}]}]}`), 131008},
		{"image template", body("template", `{"name":"promo","language":{"code":"pt_BR"},"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://x.example/f.jpg"}}]}]}`), 0},
		{"image template with a video", body("template", `{"name":"promo","language":{"code":"pt_BR"},"components":[{"type":"header","parameters":[{"type":"video","video":{"link":"https://x.example/f.mp4"}}]}]}`), 132012},
		{"image template without image", body("template", `{"name":"promo","language":{"code":"pt_BR"}}`), 132012},
		{"authentication to a user id", `{"messaging_product":"whatsapp","recipient":"BR.200","type":"template","template":{"name":"codigo","language":{"code":"pt_BR"}}}`, 131062},
		{"authentication", body("template", `{"name":"codigo","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"904112"}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"904112"}]}]}`), 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, m := r.send(c.body)
			if got := code(m); got != c.code {
				t.Fatalf("HTTP %d, code %d (%s), want code %d", status, got, details(m), c.code)
			}
			if c.code != 0 {
				return
			}
			if !strings.HasPrefix(messageID(m), "wamid.") {
				t.Errorf("answer %v", m)
			}
		})
	}
}

func TestAnswerNamesTheNumberWhatsAppKnows(t *testing.T) {
	r := newRig(t, nil)
	for _, form := range []string{"5581988880002", "558188880002", "+55 81 98888-0002"} {
		_, m := r.send(textTo(form))
		c := m["contacts"].([]any)[0].(map[string]any)
		if c["input"] != form || c["wa_id"] != "558188880002" || c["user_id"] != "BR.200" {
			t.Errorf("contact for %q: %v", form, c)
		}
	}
}

func TestOutsideTheWindowOnlyTemplatesPass(t *testing.T) {
	for _, mode := range []string{"status", "http"} {
		t.Run(mode, func(t *testing.T) {
			r := newRig(t, func(_ *Config, s *Settings) { s.WindowErrors = mode })
			refused := func() {
				t.Helper()
				status, m := r.send(textTo(alice))
				if mode == "http" {
					if code(m) != 131047 || status != 400 {
						t.Fatalf("HTTP %d %v, want 131047", status, m)
					}
					return
				}
				st := r.hook().statuses(t)[0]
				errs, _ := st["errors"].([]any)
				if st["status"] != "failed" || len(errs) != 1 || errs[0].(map[string]any)["code"] != 131047.0 {
					t.Fatalf("status %v, want failed with 131047", st)
				}
			}
			refused()
			r.open(alice)
			r.send(textTo(alice))
			r.nextStatuses(2)
			r.clock.advance(24*time.Hour - time.Second)
			r.send(textTo(alice))
			r.nextStatuses(2)
			r.clock.advance(time.Second)
			refused()
			status, m := r.send(body("template", `{"name":"ola","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}`))
			if status != 200 || m["messages"].([]any)[0].(map[string]any)["message_status"] != "accepted" {
				t.Fatalf("template outside the window: %d %v", status, m)
			}
			last := r.ledger()
			for _, l := range slices.Backward(last) {
				if l.Kind == "request" && l.Type == "template" {
					if l.WindowOpen == nil || *l.WindowOpen {
						t.Error("the ledger says the window was open")
					}
					break
				}
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	for i := range 45 {
		if status, m := r.send(textTo(alice)); status != 200 {
			t.Fatalf("message %d of a burst: %v", i, m)
		}
	}
	if _, m := r.send(textTo(alice)); code(m) != 131056 {
		t.Fatalf("message 46 of a burst: %v, want 131056", m)
	}
	if status, _ := r.send(textTo("5511977776666")); status != 200 {
		t.Error("another person suffers from the pair limit")
	}
	r.clock.advance(6 * time.Second)
	if status, _ := r.send(textTo(alice)); status != 200 {
		t.Error("after six seconds one more must pass")
	}
	if _, m := r.send(textTo(alice)); code(m) != 131056 {
		t.Errorf("two in six seconds: %v, want 131056", m)
	}
	r.clock.advance(time.Second)
	for i := range 80 {
		if status, m := r.send(textTo(fmt.Sprintf("55119%08d", i))); status != 200 {
			t.Fatalf("message %d of a second: %v", i, m)
		}
	}
	if _, m := r.send(textTo("5511966665555")); code(m) != 130429 {
		t.Errorf("message 81 of a second: %v, want 130429", m)
	}
}

func TestTokensAndObjects(t *testing.T) {
	r := newRig(t, nil)
	if _, m := r.call(http.MethodPost, "/graph/v25.0/999/messages", textTo(alice)); code(m) != 100 || m["error"].(map[string]any)["error_subcode"] != 33.0 {
		t.Errorf("unknown number: %v", m)
	}
	if status, _ := r.call(http.MethodPost, "/control/tokens/revoke", map[string]string{"token": testToken}); status != 200 {
		t.Fatal("revoke")
	}
	if status, m := r.send(textTo(alice)); status != 401 || code(m) != 190 {
		t.Errorf("revoked token: %d %v", status, m)
	}
	r.call(http.MethodPost, "/control/tokens/restore", map[string]string{"token": testToken})
	if status, _ := r.send(textTo(alice)); status != 200 {
		t.Error("a restored token must work")
	}
	req, _ := http.NewRequest(http.MethodPost, r.api.URL+messagesPath, strings.NewReader("{}"))
	req.Header.Set("Authorization", "Bearer nobody")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var m map[string]any
	if json.NewDecoder(res.Body).Decode(&m) != nil || res.StatusCode != 401 || code(m) != 190 {
		t.Errorf("unknown token: %d %v", res.StatusCode, m)
	}
}

func TestAccountTrouble(t *testing.T) {
	r := newRig(t, nil)
	r.open(alice)
	account := func(v map[string]any) {
		t.Helper()
		if status, m := r.call(http.MethodPost, "/control/wabas/"+testWABA+"/account", v); status != 200 {
			t.Fatalf("%v", m)
		}
	}
	account(map[string]any{"payment_problem": "http"})
	if _, m := r.send(textTo(alice)); code(m) != 131042 {
		t.Errorf("payment problem: %v", m)
	}
	account(map[string]any{"payment_problem": "status"})
	r.send(textTo(alice))
	if st := r.hook().statuses(t)[0]; st["status"] != "failed" {
		t.Errorf("payment problem by status: %v", st)
	}
	account(map[string]any{"payment_problem": "", "locked": 131031})
	if status, m := r.send(textTo(alice)); status != 403 || code(m) != 131031 {
		t.Errorf("locked: %d %v", status, m)
	}
	_, m := r.call(http.MethodGet, "/graph/v25.0/"+testNumber+"?fields=health_status,quality_rating", nil)
	if m["health_status"].(map[string]any)["can_send_message"] != "BLOCKED" || m["quality_rating"] != "GREEN" || m["verified_name"] != nil {
		t.Errorf("number fields: %v", m)
	}
	account(map[string]any{"locked": 0})
	if status, _ := r.call(http.MethodPost, "/graph/v25.0/"+testNumber+"/block_users", map[string]any{"messaging_product": "whatsapp", "block_users": []any{map[string]string{"user": alice}}}); status != 200 {
		t.Error("block")
	}
	if _, m := r.send(textTo(alice)); code(m) != 130403 {
		t.Errorf("blocked person: %v", m)
	}
}

func TestReadReceiptAndTyping(t *testing.T) {
	r := newRig(t, nil)
	id := r.open(alice)
	read := map[string]any{"messaging_product": "whatsapp", "status": "read", "message_id": id, "typing_indicator": map[string]string{"type": "text"}}
	if status, m := r.send(read); status != 200 || m["success"] != true {
		t.Errorf("read: %d %v", status, m)
	}
	read["message_id"] = "wamid.unknown"
	if _, m := r.send(read); code(m) != 131009 {
		t.Errorf("read of an unknown message: %v", m)
	}
}
