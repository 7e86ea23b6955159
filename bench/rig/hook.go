package rig

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Hooks signs deliveries as Meta does and posts them.
type Hooks struct {
	base   string
	client *http.Client
}

// NewHooks makes a sender of deliveries to the stack's API.
func (s *Stack) NewHooks(timeout time.Duration) *Hooks {
	return &Hooks{base: s.URLs.Base + "/webhooks/meta/", client: &http.Client{Timeout: timeout, Transport: &http.Transport{
		MaxIdleConns: 512, MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute, DisableCompression: true}}}
}

// Close closes idle connections.
func (h *Hooks) Close() { h.client.CloseIdleConnections() }

// Message is one text of one person.
type Message struct {
	ID, Phone, Name, Text string
	At                    time.Time
}

// Body is the delivery of some messages to a number, in Meta's words.
func Body(number string, messages ...Message) []byte {
	contacts, list := make([]any, 0, len(messages)), make([]any, 0, len(messages))
	for _, m := range messages {
		contacts = append(contacts, map[string]any{"profile": map[string]any{"name": m.Name}, "wa_id": m.Phone})
		list = append(list, map[string]any{"from": m.Phone, "id": m.ID, "timestamp": strconv.FormatInt(m.At.Unix(), 10), "type": "text",
			"text": map[string]any{"body": m.Text}})
	}
	return envelope(number, map[string]any{"contacts": contacts, "messages": list})
}

// Status is one status of one sent message.
type Status struct {
	ProviderID, State, Recipient, Opaque string
	At                                   time.Time
	// NoReason leaves out why a message failed, which Meta never does.
	NoReason bool
}

// StatusBody is the delivery of some statuses.
func StatusBody(number string, statuses ...Status) []byte {
	list := make([]any, 0, len(statuses))
	for _, st := range statuses {
		one := map[string]any{"id": st.ProviderID, "status": st.State, "timestamp": strconv.FormatInt(st.At.Unix(), 10), "recipient_id": st.Recipient,
			"pricing": map[string]any{"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"}}
		if st.State == "failed" { // with a reason; this one is final
			if !st.NoReason {
				one["errors"] = []any{map[string]any{"code": 131026, "title": "Message undeliverable", "message": "Message undeliverable"}}
			}
			delete(one, "pricing")
		}
		if st.Opaque != "" {
			one["biz_opaque_callback_data"] = st.Opaque
		}
		list = append(list, one)
	}
	return envelope(number, map[string]any{"statuses": list})
}

func envelope(number string, value map[string]any) []byte {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = map[string]any{"display_phone_number": "5511" + number[len(number)-8:], "phone_number_id": number}
	b, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{"id": waba,
		"changes": []any{map[string]any{"field": "messages", "value": value}}}}})
	if err != nil { // maps of strings marshal
		panic(err)
	}
	return b
}

// Sign makes the value of X-Hub-Signature-256.
func Sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	_, _ = mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Post delivers a body to a connection and gives the HTTP status.
func (h *Hooks) Post(ctx context.Context, key string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+key, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", Sign(body))
	res, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	_ = res.Body.Close()
	return res.StatusCode, err
}

// Phone is the number of the i-th person of a group: a mobile of São Paulo, which keeps its ninth digit at WhatsApp.
func Phone(group, i int) string { return fmt.Sprintf("55119%03d%05d", group, i) }
