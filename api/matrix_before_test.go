package api

// What the permission matrix does before a request. $N begins the ids of an account, $USER is who asks.

// withTicket opens ticket 2 in conversation 1, where everybody of queue 1 sees it, with run 1 waiting behind it.
const withTicket = `
	INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, queue_id, opened_at)
	VALUES ($N002, $N, $N001, $N001, '2026112000002', 'waiting', $N001, '$NOW') ON CONFLICT DO NOTHING;
	UPDATE conversations SET in_charge = 'ticket', ticket_id = $N002, queue_id = $N001, ticket_state = 'waiting', last_ticket_id = $N002,
		protocol = '2026112000002', opened_at = '$NOW' WHERE id = $N001;
	INSERT INTO closing_reasons (id, account_id, name) VALUES ($N001, $N, 'Resolvido') ON CONFLICT DO NOTHING;`

// withSurvey makes survey 1.
const withSurvey = `
	INSERT INTO surveys (id, account_id, name, question, scale) VALUES ($N001, $N, 'Atendimento', 'Avalie esta conversa', 'faces')
	ON CONFLICT (id, account_id) DO UPDATE SET archived_at = NULL;`

// withClosing schedules its closure.
const withClosing = `
	INSERT INTO scheduled_closures (account_id, ticket_id, due_at, cancel_on_reply, closing, by_kind, by_id, created_at)
	SELECT $N, $N002, '$NOW'::timestamptz + interval '1 hour', false, '{}', 'user', $N001, '$NOW'
	WHERE NOT EXISTS (SELECT FROM scheduled_closures WHERE ticket_id = $N002 AND state = 'waiting');`

// withScheduled schedules a message in conversation 1, and one in conversation 2, which the user's queues do not show.
const withScheduled = `
	INSERT INTO scheduled_sends (id, account_id, conversation_id, kind, contents, due_at, timezone, first_at, by_kind, by_id, created_at, updated_at)
	SELECT $N000 + n, $N, $N000 + n, 'message', '[{"kind":"text","text":"oi"}]', '$NOW'::timestamptz + interval '1 hour', 'UTC',
		'$NOW'::timestamptz + interval '1 hour', 'user', $N001, '$NOW', '$NOW'
	FROM generate_series(1, 2) n
	ON CONFLICT (id) DO UPDATE SET state = 'waiting', ended_at = NULL, occurrence = 0;
	UPDATE conversations SET scheduled_count = 1, window_expires_at = '$NOW'::timestamptz + interval '1 day' WHERE id = $N001;`

// withGraph gives flow 1 a first version without errors.
const withGraph = `
	UPDATE flow_versions SET graph = '{"spec_version": 1, "name": "Fim", "category": "initial", "start": "fim", "nodes": [{"id": "fim", "kind": "end"}]}'
	WHERE id = $N001;`

// ownViews gives the asking user a private view.
const ownViews = `
	INSERT INTO saved_views (id, account_id, user_id, name, filter, sharing) VALUES ($N009, $N, $USER, 'Minha', '{}', 'private') ON CONFLICT DO NOTHING;`

// served gives it an agent, its contact a label, and its conversation a run.
const served = `
	UPDATE conversations SET agent_id = $N001, ticket_state = 'open' WHERE id = $N001;
	INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($N, $N001, $N001) ON CONFLICT DO NOTHING;`

// waitingSince lets a contact wait for an answer.
const waitingSince = `
	UPDATE conversations SET first_unanswered_at = '$NOW' WHERE id = $N001;`

// ownBell puts an entry into the asking user's bell.
const ownBell = `
	INSERT INTO notifications (id, account_id, user_id, conversation_id, kind, actor_kind, at) VALUES ($N009, $N, $USER, $N001, 'assigned', 'rule', '$NOW')
	ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id;`

// ownJob gives the asking user a bulk job that runs, and doneJob ends it.
const ownJob = `
	INSERT INTO bulk_jobs (id, account_id, user_id, actor_kind, action, created_at) VALUES ($N009, $N, $USER, 'user', 'accept', '$NOW')
	ON CONFLICT (id, account_id) DO UPDATE SET user_id = excluded.user_id;`
const doneJob = `
	UPDATE bulk_jobs SET state = 'done', undo_until = '$NOW'::timestamptz + interval '1 hour' WHERE id = $N009;`

// closeTicket closes it.
const closeTicket = `
	UPDATE tickets SET state = 'closed', closed_at = '$NOW', closed_by_kind = 'user', closed_by_id = $N001 WHERE id = $N002;
	UPDATE conversations SET in_charge = 'idle', ticket_id = NULL, flow_run_id = NULL, ticket_state = NULL WHERE id = $N001;`

// withWebhook gives it a webhook with a delivery that was given up.
const withWebhook = `
	INSERT INTO webhook_endpoints (id, account_id, name, url, kind, events) VALUES ($N001, $N, 'ERP', 'https://erp.example/hook', 'standard', '{message_created}')
	ON CONFLICT DO NOTHING;
	INSERT INTO webhook_events (id, account_id, event, body, created_at) VALUES ($N001, $N, 'webhook_test', '{}', '2026-06-01T00:00:00Z') ON CONFLICT DO NOTHING;
	INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, state) VALUES ($N001, $N, $N001, $N001, 'failed') ON CONFLICT DO NOTHING;`
