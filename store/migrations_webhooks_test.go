package store_test

import "testing"

// 0137: what is there causes no event, a change of an old conversation does, and back.
func TestBeforeWebhooks(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 137)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	for range 2 {
		migrate(t, f, 0)
		if n := f.Count(t, `SELECT count(*) FROM webhook_events`); n != 0 {
			t.Errorf("%d events of what was there before", n)
		}
		f.Exec(t, `INSERT INTO webhook_endpoints (account_id, name, url, kind, events) VALUES (1, 'ERP', 'https://erp.example', 'standard', '{conversation_updated}')`)
		f.Exec(t, `UPDATE conversations SET priority = CASE priority WHEN 'none' THEN 'high' ELSE 'none' END`)
		if n := f.Count(t, `SELECT count(*) FROM webhook_deliveries d JOIN doorbells b ON b.workflow_id = 'webhook-delivery/' || d.endpoint_id`); n != 1 {
			t.Errorf("%d deliveries with a doorbell, want 1", n)
		}
		migrate(t, f, 137)
		if n := f.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = 'WebhookDelivery'`); n != 0 {
			t.Error("a doorbell is left that nothing answers")
		}
	}
}
