package provision_test

import (
	"fmt"
	"strings"
	"testing"
)

// edits are what people changed in the console after the file was applied.
const edits = `
UPDATE accounts SET name = 'Console', timezone = 'America/Bahia', locale = 'en', error_policies = '{"131026": {"max_retries": 1}}',
	settings = settings || '{"bot_menu": "text", "default_country": "PT", "holidays": ["01-01"]}';
UPDATE queues SET color = '#111111', bot_order = 9, write_lock = false, lease_minutes = 5, hours = '{"days": {"5": [{"from": "10:00", "to": "11:00"}]}}' WHERE name = 'Suporte';
UPDATE labels SET color = '#222222', automation_only = true, position = 7 WHERE name = 'cliente';
UPDATE custom_fields SET name = 'Console', options = '["Outro"]', required = true, on_closing = 'required', position = 8 WHERE key = 'plano';
UPDATE closing_reasons SET position = 9 WHERE name = 'Resolvido';
UPDATE users SET name = 'Console', role = 'supervisor', phone = '+5511', locale = 'en', disabled_at = now() WHERE email = 'ana@loja.example';
DELETE FROM queue_members WHERE user_id = (SELECT id FROM users WHERE email = 'ana@loja.example') AND queue_id = (SELECT id FROM queues WHERE name = 'Vendas');
UPDATE connections SET rate_per_second = 7, initial_flow_id = NULL, initial_queue_id = (SELECT id FROM queues WHERE name = 'Vendas'),
	settings = '{"show_typing": true, "refuse_messages": true}', display_phone = 'Console', credentials = credentials || '{"verify_token": "eA=="}', health = '{"coexistence": true}'
	WHERE key = 'suporte-01';
`

// everything is all that a file may say, as the database holds it.
const everything = `
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
	SELECT 'account ' || concat_ws('|', name, timezone, locale, settings, error_policies) AS line FROM accounts
	UNION ALL SELECT 'queue ' || concat_ws('|', name, color, bot_order, write_lock, lease_minutes, hours, archived_at) FROM queues
	UNION ALL SELECT 'label ' || concat_ws('|', name, color, automation_only, position, archived_at) FROM labels
	UNION ALL SELECT 'field ' || concat_ws('|', key, name, kind, options, required, max_length, on_closing, position, archived_at) FROM custom_fields
	UNION ALL SELECT 'reason ' || concat_ws('|', name, position, archived_at) FROM closing_reasons
	UNION ALL SELECT 'secret ' || concat_ws('|', name, encode(sealed, 'hex')) FROM account_secrets
	UNION ALL SELECT 'user ' || concat_ws('|', email, name, role, phone, locale, disabled_at IS NULL, password_hash) FROM users
	UNION ALL SELECT 'member ' || concat_ws('|', user_id, queue_id) FROM queue_members
	UNION ALL SELECT 'connection ' || concat_ws('|', name, key, rate_per_second, initial_flow_id, initial_queue_id, settings, display_phone,
		credentials, health, is_default) FROM connections
	UNION ALL SELECT 'flow ' || concat_ws('|', name, draft, published_version_id) FROM flows
) AS lines`

// What a file does not name stays as people left it, in every entity and down to single settings (ADR 14).
func TestAFileLeavesAloneWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	if _, err := w.s.Pool().Exec(t.Context(), edits); err != nil {
		t.Fatal(err)
	}
	before := w.query(everything)
	r := w.apply(`account: {slug: loja-teste, settings: {}}
queues: [{name: Suporte}]
labels: [{name: cliente}]
custom_fields: [{entity: contact, key: plano}]
closing_reasons: [{name: Resolvido}]
users: [{email: ana@loja.example}]
connections: [{name: Suporte WhatsApp 01, settings: {}}]
`)
	w.says(r)
	if after := w.query(everything); after != before {
		t.Errorf("a file that names no field changed the account:\n%s\nwas\n%s", after, before)
	}
	// One named key of each: the others stay.
	w.says(w.apply(`account: {slug: loja-teste, settings: {default_country: BR}, error_policies: {"131049": {max_retries: 2}}}
connections: [{name: Suporte WhatsApp 01, settings: {show_typing: false}}]
`), "updated account loja-teste: settings, error_policies", "updated connection Suporte WhatsApp 01: settings")
	for sql, want := range map[string]string{
		`SELECT settings->>'bot_menu' || ' ' || (settings->>'default_country') || ' ' || (settings->'holidays')::text FROM accounts`: `text BR ["01-01"]`,
		`SELECT string_agg(key, ' ' ORDER BY key) FROM accounts, jsonb_object_keys(error_policies) AS key`:                           "131026 131049",
		`SELECT settings::text FROM connections WHERE key = 'suporte-01'`:                                                            `{"refuse_messages": true}`,
		`SELECT health::text FROM connections WHERE key = 'suporte-01'`:                                                              `{"coexistence": true}`,
	} {
		if got := w.query(sql); got != want {
			t.Errorf("%s\n got %q, want %q", sql, got, want)
		}
	}
}

// Null and the empty value clear what they stand for: a field becomes what it is for a new thing, a list becomes empty.
func TestNullAndEmptyClear(t *testing.T) {
	t.Parallel()
	for _, nothing := range []struct{ text, list, group string }{{"null", "null", "null"}, {`""`, "[]", "null"}} {
		t.Run(nothing.list, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(w.file())
			if _, err := w.s.Pool().Exec(t.Context(), edits); err != nil {
				t.Fatal(err)
			}
			text, list, group := nothing.text, nothing.list, nothing.group
			w.apply(fmt.Sprintf(`account: {slug: loja-teste, timezone: %[1]s, locale: %[1]s, settings: {bot_menu: %[1]s, holidays: %[2]s, hours: null}, error_policies: %[3]s}
queues: [{name: Suporte, color: %[1]s, bot_order: null, write_lock: null, lease_minutes: null, hours: %[3]s}]
labels: [{name: cliente, color: %[1]s, automation_only: null}]
custom_fields: [{entity: contact, key: plano, options: %[2]s, required: null, on_closing: %[1]s}]
secrets: {ERP_TOKEN: null}
users: [{email: ana@loja.example, phone: %[1]s, locale: %[1]s, queues: %[2]s, disabled: null}]
connections: [{name: Suporte WhatsApp 01, settings: %[3]s, display_phone: %[1]s, rate_per_second: null, initial_queue: %[1]s, verify_token: null}]
`, text, list, group))
			for sql, want := range map[string]string{
				`SELECT concat_ws('|', name, timezone, locale, error_policies) FROM accounts`:                                                                                    "Console|America/Sao_Paulo|pt-BR|{}",
				`SELECT string_agg(key, ' ' ORDER BY key) FROM accounts, jsonb_object_keys(settings) AS key`:                                                                     "default_country unknown_outcome_wait",
				`SELECT concat_ws('|', color, bot_order, write_lock, lease_minutes, coalesce(hours::text, 'none')) FROM queues WHERE name = 'Suporte'`:                           "#2563eb|0|f|none",
				`SELECT concat_ws('|', color, automation_only) FROM labels WHERE name = 'cliente'`:                                                                               "#64748b|f",
				`SELECT concat_ws('|', name, kind, options, required, on_closing) FROM custom_fields WHERE key = 'plano'`:                                                        "Console|list|[]|f|no",
				`SELECT count(*)::text FROM account_secrets`:                                                                                                                     "0",
				`SELECT concat_ws('|', name, role, coalesce(phone, 'none'), locale, disabled_at IS NULL, password_hash IS NOT NULL) FROM users WHERE email = 'ana@loja.example'`: "Console|supervisor|none|pt-BR|t|t",
				`SELECT count(*)::text FROM queue_members m JOIN users u ON u.id = m.user_id WHERE u.email = 'ana@loja.example'`:                                                 "0",
				`SELECT concat_ws('|', settings, coalesce(display_phone, 'none'), rate_per_second, initial_queue_id IS NULL, NOT credentials ? 'verify_token', credentials ? 'access_token')
					FROM connections WHERE key = 'suporte-01'`: "{}|none|0|t|t|t",
				`SELECT health::text FROM connections WHERE key = 'suporte-01'`: `{"coexistence": true}`,
			} {
				if got := w.query(sql); got != want {
					t.Errorf("%s\n got %q, want %q", sql, got, want)
				}
			}
		})
	}
}

// A file that names what the console archived restores it, and an archived queue keeps its members.
func TestWhatTheConsoleArchivedComesBackByItsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	if _, err := w.s.Pool().Exec(t.Context(), `
		UPDATE connections SET initial_queue_id = NULL;
		UPDATE queues SET archived_at = now() WHERE name = 'Suporte';
		UPDATE labels SET archived_at = now() WHERE name = 'cliente';
		UPDATE custom_fields SET archived_at = now() WHERE key = 'plano';
		UPDATE closing_reasons SET archived_at = now() WHERE name = 'Resolvido'`); err != nil {
		t.Fatal(err)
	}
	w.says(w.apply("account: {slug: loja-teste}\nusers: [{email: ana@loja.example, queues: [Vendas]}]\n"))
	w.says(w.apply(`account: {slug: loja-teste}
queues: [{name: Suporte}]
labels: [{name: cliente}]
custom_fields: [{entity: contact, key: plano}]
closing_reasons: [{name: Resolvido}]
`), "restored queue Suporte", "restored label cliente", "restored custom field contact.plano", "restored closing reason Resolvido")
	if got := w.query(`SELECT count(*)::text FROM queue_members m JOIN queues q ON q.id = m.queue_id WHERE q.name = 'Suporte'`); got != "2" {
		t.Errorf("the restored queue has %s members, want 2", got)
	}
}

// Rule 201: a new field's key is no other field's.
func TestAKeyNamesOneField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	_, err := w.try("account: {slug: loja-teste}\ncustom_fields: [{entity: ticket, key: plano, name: Plano, kind: text}]\n", w.options())
	if err == nil || !strings.Contains(err.Error(), `loja.yaml:2: custom_fields[0]: another field has the key "plano"`) {
		t.Errorf("got %v", err)
	}
}

// A row that is saved whole keeps every column that the file did not change: holds, figures of the provider, the survey.
func TestARowSavedWholeKeepsItsOtherColumns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	if _, err := w.s.Pool().Exec(t.Context(), `
		WITH survey AS (
			INSERT INTO surveys (account_id, name, question, scale) SELECT id, 'Nota', 'Gostou?', 'five' FROM accounts RETURNING id
		)
		UPDATE connections
		SET state = 'held', hold_scope = 'templates', hold_reason = 'circuit', hold_code = 131056, held_at = now(), hold_probes = 3,
			probe_at = now() + interval '1 hour', health = '{"coexistence": true}', health_at = now(), proven_at = now(),
			survey_id = (SELECT id FROM survey)
		WHERE key = 'suporte-01'`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Pool().Exec(t.Context(), `
		UPDATE flows
		SET draft = '{}', draft_revision = 41, archived_at = now()
		WHERE name = 'Boas-vindas'`); err != nil {
		t.Fatal(err)
	}
	const (
		connection = `SELECT (to_jsonb(c) - 'settings' - 'updated_at')::text FROM connections c WHERE key = 'suporte-01'`
		flow       = `SELECT (to_jsonb(f) - 'draft' - 'draft_revision' - 'archived_at' - 'updated_at')::text FROM flows f WHERE name = 'Boas-vindas'`
	)
	line, row := w.query(connection), w.query(flow)
	w.says(w.apply(`account: {slug: loja-teste}
connections: [{name: Suporte WhatsApp 01, settings: {show_typing: true}}]
`), "updated connection Suporte WhatsApp 01: settings")
	if got := w.query(connection); got != line {
		t.Errorf("the connection is\n%s\nwas\n%s", got, line)
	}
	w.apply(w.file())
	if got := w.query(flow); got != row {
		t.Errorf("the flow is\n%s\nwas\n%s", got, row)
	}
	if got := w.query(`SELECT concat_ws(' ', draft_revision, archived_at IS NULL, draft->>'name') FROM flows WHERE name = 'Boas-vindas'`); got != "42 t Boas-vindas" {
		t.Errorf("the flow's draft: %s, want revision 42, out of the archive", got)
	}
}
