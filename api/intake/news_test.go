package intake_test

import (
	"fmt"
	"testing"

	"github.com/perene/perene/models"
)

// second gives the world's account another connection of the same business account, with a number of its own.
func (w *world) second(ref, shown string) models.ConnectionID {
	w.t.Helper()
	return models.ConnectionID(w.Count(w.t, `INSERT INTO connections (account_id, key, name, channel, provider_ref, portfolio_ref, display_phone)
		VALUES ($1, $2, 'Dois', $3, $2, '20own', $4) RETURNING id`, w.Account, ref, models.ChannelWhatsAppCloud, shown))
}

// event is a delivery of one change that is about our side.
func event(field, value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"20own","time":1763650800,"changes":[{"field":%q,"value":{%s}}]}]}`, field, value)
}

// notices are the news that each connection shows: number, kind, level and Meta's word.
const notices = `SELECT c.provider_ref || ' ' || (n.value ->> 'kind') || ' ' || (n.value ->> 'level') || ' ' ||
		coalesce(n.value -> 'words' ->> 'event', n.value -> 'words' ->> 'value', n.value -> 'words' ->> 'decision', n.value -> 'words' ->> 'code', n.value -> 'words' ->> 'field', '-')
	FROM connections c, jsonb_each(c.health -> 'notices') n ORDER BY c.id, n.key`

// News of the business account reaches all its connections, news of a number that one alone, in every writing, and news of
// a number that is nobody's leaves a trace and changes nothing. None of it counts as having checked the number.
func TestNewsReachesWhomItConcerns(t *testing.T) {
	for name, c := range map[string]struct {
		field, value string
		want         []string
	}{
		"a ban": {"account_update", `"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}`,
			[]string{"10own account alert DISABLED_UPDATE", "10two account alert DISABLED_UPDATE"}},
		"a restriction": {"account_update", `"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":1796642870}]`,
			[]string{"10own account alert ACCOUNT_RESTRICTION", "10two account alert ACCOUNT_RESTRICTION"}},
		"a limit of our number": {"phone_number_quality_update", `"display_phone_number":"551140000001","event":"DOWNGRADE","old_limit":"TIER_2K","current_limit":"TIER_250"`,
			[]string{"10own number alert DOWNGRADE"}},
		"a limit of the other number": {"phone_number_quality_update", `"display_phone_number":"+55 (11) 4000-0002","event":"DOWNGRADE","current_limit":"TIER_250"`,
			[]string{"10two number alert DOWNGRADE"}},
		"a limit of a number that is nobody's": {"phone_number_quality_update", `"display_phone_number":"5511999990000","event":"DOWNGRADE","current_limit":"TIER_250"`,
			[]string{"10own elsewhere info DOWNGRADE"}},
		"a name that is refused": {"phone_number_name_update", `"display_phone_number":"551140000002","decision":"REJECTED","requested_verified_name":"Loja","rejection_reason":"X"`,
			[]string{"10two number alert REJECTED"}},
		"an alert about one number": {"account_alerts", `"entity_type":"PHONE_NUMBER","entity_id":"10two","alert_info":{"alert_severity":"CRITICAL","alert_status":"ACTIVE","alert_type":"A"}`,
			[]string{"10two account alert A"}},
		"a partner that is removed from one number": {"account_update", `"event":"PARTNER_REMOVED","phone_number":"551140000002","disconnection_info":{"reason":"ACCOUNT_DISCONNECTED"}`,
			[]string{"10two account alert PARTNER_REMOVED"}},
		"a category that will change": {"template_category_update", `"message_template_id":901,"message_template_name":"aviso","message_template_language":"pt_BR","correct_category":"MARKETING","new_category":"UTILITY","category_update_timestamp":1796124465`,
			[]string{"10own template warning MARKETING", "10two template warning MARKETING"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Exec(t, `UPDATE connections SET display_phone = '+55 11 4000-0001'`)
			w.second("10two", "+55 11 4000-0002")
			w.take(event(c.field, c.value))
			w.want("who shows it", c.want, notices)
			w.want("checked", []string{"0"}, `SELECT count(health_at)::text FROM connections`)
		})
	}
}

// What Meta forbids is held until it allows it again, and only that; a message from Meta that it is right again shows.
func TestNewsHoldsWhatItForbids(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"a ban":                       {`"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}`, "held all"},
		"a ban that is announced":     {`"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"SCHEDULE_FOR_DISABLE"}`, "active all"},
		"a ban that is over":          {`"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}`, "active all"},
		"a deleted account":           {`"event":"ACCOUNT_DELETED"`, "held all"},
		"a partner that is removed":   {`"event":"PARTNER_REMOVED"`, "held all"},
		"a restriction of first ones": {`"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"}]`, "held templates"},
		"a restriction of replies too": {`"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"},
			{"restriction_type":"RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}]`, "held all"},
		"a violation": {`"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"SCAM"}`, "active all"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(event("account_update", c.value))
			w.want("the connection", []string{c.want}, `SELECT state || ' ' || hold_scope FROM connections`)
			bells := int64(0)
			if c.want != "active all" {
				bells = 1
			}
			if n := w.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = 'Connection'`); n != bells {
				t.Errorf("%d rings, want %d", n, bells)
			}
		})
	}
}

// The facts that news brings are shown at once, and newer news of one subject takes the older one's place.
func TestNewsBringsFacts(t *testing.T) {
	w := newWorld(t)
	w.take(event("phone_number_quality_update", `"display_phone_number":"551140000001","event":"DOWNGRADE","old_limit":"TIER_2K","current_limit":"TIER_250"`))
	w.take(event("phone_number_name_update", `"display_phone_number":"551140000001","decision":"REJECTED","requested_verified_name":"Loja Nova"`))
	w.want("facts", []string{"TIER_250 REJECTED 2"}, `SELECT (health ->> 'limit') || ' ' || (health ->> 'name_status') || ' ' ||
		(SELECT count(*) FROM jsonb_object_keys(health -> 'notices')) FROM connections`)
	w.take(event("phone_number_quality_update", `"display_phone_number":"551140000001","event":"UPGRADE","old_limit":"TIER_250","current_limit":"TIER_1K"`))
	w.want("facts", []string{"TIER_1K good"}, `SELECT (health ->> 'limit') || ' ' || (health -> 'notices' -> 'number/quality' ->> 'level') FROM connections`)
}

// Meta's words for events of templates become states only where they name one, on every connection of the business account.
// Words that changed are what agents see at once.
func TestNewsOfATemplateReachesEveryConnection(t *testing.T) {
	for word, want := range map[string]string{
		"APPROVED": "APPROVED", "REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "FLAGGED": "APPROVED", "LOCKED": "APPROVED", "BRAND_NEW": "APPROVED",
		"REJECTED": "REJECTED", "PAUSED": "PAUSED", "DISABLED": "DISABLED", "PENDING_DELETION": "PENDING_DELETION",
	} {
		t.Run(word, func(t *testing.T) {
			w := newWorld(t)
			w.second("10two", "+55 11 4000-0002")
			w.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, parameter_format, components, quality, synced_at)
				SELECT account_id, id, '901', 'aviso', 'pt_BR', 'UTILITY', 'APPROVED', 'positional',
					'[{"type":"HEADER","format":"TEXT","text":"Velho"},{"type":"BODY","text":"Oi {{1}}"},{"type":"BUTTONS","buttons":[]}]', 'GREEN', now() FROM connections`)
			w.take(event("message_template_status_update", fmt.Sprintf(`"event":%q,"message_template_id":901,"message_template_name":"aviso","message_template_language":"pt_BR"`, word)))
			w.want("the states", []string{want, want}, `SELECT status FROM templates ORDER BY id`)
			w.take(event("message_template_components_update", `"message_template_id":901,"message_template_name":"aviso","message_template_language":"pt_BR",
				"message_template_title":"Novo","message_template_element":"Olá {{1}}, saiu.","message_template_footer":"Loja"`))
			w.want("the words", []string{"Novo Olá {{1}}, saiu.", "Novo Olá {{1}}, saiu."}, `SELECT (components -> 0 ->> 'text') || ' ' || (components -> 1 ->> 'text') FROM templates`)
		})
	}
}

// Nothing that arrives leaves no trace: errors of the account, a refused history, its progress, and fields that nothing reads.
func TestWhatChangesNothingLeavesATrace(t *testing.T) {
	w := newWorld(t)
	w.take(change("messages", "551140000001", `"errors":[{"code":130429,"title":"Rate limit hit","error_data":{"details":"too many"}}]`))
	w.want("an error", []string{"10own error warning 130429"}, notices)
	w = newWorld(t)
	w.take(change("history", "551140000001", `"history":[{"metadata":{"phase":1,"chunk_order":1,"progress":40},"threads":[]}]`))
	w.want("an import", []string{"info 40"}, `SELECT (health -> 'notices' -> 'history' ->> 'level') || ' ' || (health -> 'notices' -> 'history' -> 'words' ->> 'progress') FROM connections`)
	w.take(change("history", "551140000001", `"history":[{"errors":[{"code":2593109,"title":"History sync is turned off"}]}]`))
	w.want("a refusal", []string{"10own history warning 2593109"}, notices)
	w = newWorld(t)
	for range 3 {
		w.take(event("payment_configuration_update", `"configuration_name":"x"`))
	}
	w.want("a field that nothing reads", []string{"10own unread info payment_configuration_update"}, notices)
	w.want("what is kept apart", nil, `SELECT code FROM quarantine`)
}

// The phone's address book names people who have no name, and the history that comes after is theirs. A name that is there stays.
func TestTheAddressBookNamesPeople(t *testing.T) {
	w := newWorld(t)
	book := func(action, number, name string) string {
		return change("smb_app_state_sync", "551140000001", fmt.Sprintf(`"state_sync":[{"type":"contact","contact":{"full_name":%q,"first_name":"x","phone_number":%q},
			"action":%q,"metadata":{"timestamp":"1763650800"}}]`, name, number, action))
	}
	w.take(said("wamid.1", `"type":"text","text":{"body":"oi"}`))
	w.take(book("add", "5581988880001", "Maria da Padaria"))
	w.take(book("add", "558177770002", "Pedro da Padaria"))
	w.take(book("remove", "5581977770003", "Quem saiu"))
	w.take(change("history", "551140000001", `"history":[{"metadata":{"phase":0},"threads":[{"id":"5581977770002","messages":[
		{"from":"5581977770002","id":"h","timestamp":"1763000001","type":"text","text":{"body":"x"}}]}]}]`))
	w.want("people", []string{"Maria +5581988880001", "Pedro da Padaria +5581977770002"}, `SELECT name || ' ' || phone FROM contacts ORDER BY id`)
	w.want("conversations", []string{"2"}, `SELECT count(*)::text FROM conversations`)
}

// Who stops marketing before writing to us is remembered; who resumes it and is nobody's contact is not.
func TestAStrangersStopIsRemembered(t *testing.T) {
	w := newWorld(t)
	wish := func(number, value string) string {
		return change("user_preferences", "551140000001", fmt.Sprintf(`"user_preferences":[{"wa_id":%q,"category":"marketing_messages","value":%q,"timestamp":1763650800}]`, number, value))
	}
	w.take(wish("5581988880001", "stop"))
	w.take(wish("5581988880002", "resume"))
	w.take(said("wamid.1", `"type":"text","text":{"body":"oi"}`))
	w.want("people", []string{"+5581988880001 true"}, `SELECT phone || ' ' || (marketing_stopped_at IS NOT NULL)::text FROM contacts`)
}
