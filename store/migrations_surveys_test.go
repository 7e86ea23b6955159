package store_test

import "testing"

// 0115: what is there keeps its meaning, nobody waits for an answer, and back.
func TestBeforeSurveys(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 115)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (1, 1, 'Vendas')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	f.Exec(t, `INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, opened_by_kind, closed_at) VALUES (1, 1, 1, 1, 'p1', 'closed', 'user', now())`)
	for range 2 {
		migrate(t, f, 0)
		if n := f.Count(t, `SELECT count(*) FROM conversations v, queues q, connections c WHERE NOT v.survey_waits AND q.survey_id IS NULL AND c.survey_id IS NULL`); n != 1 {
			t.Errorf("%d rows as before, want 1", n)
		}
		f.Exec(t, `INSERT INTO surveys (account_id, name, question, scale) VALUES (1, 'Nota', 'Avalie', 'nps')`)
		f.Exec(t, `INSERT INTO survey_answers (account_id, survey_id, ticket_id, connection_id, scale, state, sent_at, due_at) SELECT 1, id, 1, 1, 'nps', 'waiting', now(), now() FROM surveys`)
		f.Exec(t, `UPDATE accounts SET settings = settings || '{"survey_on_closing": "mandatory"}'`)
		migrate(t, f, 115)
		if n := f.Count(t, `SELECT count(*) FROM accounts WHERE NOT settings ? 'survey_on_closing'`); n != 1 {
			t.Error("the account keeps an option that is not there")
		}
	}
}
