-- One account of the API's tests; see fill in fixture_test.go. $N is its number.
-- The one time in the answers that would be Postgres's own.
ALTER TABLE flow_run_events ALTER created_at SET DEFAULT '$NOW';
INSERT INTO accounts (id, slug, name, created_at, updated_at) VALUES ($N, 'loja-$N', 'Loja $N', '$NOW', '$NOW');
INSERT INTO account_counters (account_id, name, value) VALUES ($N, 'conversation', 3), ($N, 'protocol/20261120', 1);
INSERT INTO users (id, account_id, email, name, password_hash, role, created_at, updated_at) VALUES
    ($N001, $N, 'user@loja$N.example', 'Ana', '$PASSWORD', 'user', '$NOW', '$NOW'),
    ($N002, $N, 'supervisor@loja$N.example', 'Bia', '$PASSWORD', 'supervisor', '$NOW', '$NOW'),
    ($N003, $N, 'admin@loja$N.example', 'Caio', '$PASSWORD', 'admin', '$NOW', '$NOW');
INSERT INTO queues (id, account_id, name, bot_order) VALUES ($N001, $N, 'Vendas', 1), ($N002, $N, 'Financeiro', 2);
INSERT INTO queue_members (account_id, queue_id, user_id) VALUES ($N, $N001, $N001);
INSERT INTO labels (id, account_id, name) VALUES ($N001, $N, 'VIP');
INSERT INTO custom_fields (id, account_id, entity, key, name, kind, created_at) VALUES ($N101, $N, 'ticket', 'nota', 'Nota', 'number', '$NOW');
INSERT INTO closing_reasons (id, account_id, name, position) VALUES ($N001, $N, 'Resolvido', 1);
INSERT INTO connections (id, account_id, key, name, channel, is_default, provider_ref, portfolio_ref, display_phone, created_at, updated_at) VALUES
    ($N001, $N, 'hook-key-$N', 'WhatsApp $N', 'whatsapp_cloud', true, '10000$N', '20000$N', '+55 11 90000-000$N', '$NOW', '$NOW');
INSERT INTO contacts (id, account_id, name, profile_name, phone, email, created_at, updated_at) VALUES
    ($N001, $N, 'Davi', 'davi', '+551199999000$N', 'davi@example.com', '$NOW', '$NOW'),
    ($N002, $N, 'Eva', 'eva', '+551188888000$N', NULL, '$NOW', '$NOW'),
    ($N003, $N, 'Flora 50%', '', NULL, NULL, '$NOW', '$NOW');
INSERT INTO contact_identities (account_id, kind, scope, value, contact_id, address) VALUES
    ($N, 'phone', '', '551199999000$N', $N001, '55119999000$N'), ($N, 'bsuid', 'portfolio/20000$N', 'BR.flora$N', $N003, 'BR.flora$N');
INSERT INTO contact_labels (account_id, contact_id, label_id) VALUES ($N, $N001, $N001);
INSERT INTO flows (id, account_id, name, category, draft, draft_revision, created_at, updated_at) VALUES
    ($N001, $N, 'Boas-vindas', 'initial',
     '{"spec_version": 1, "name": "Boas-vindas", "category": "initial", "start": "fim", "nodes": [{"id": "fim", "kind": "end", "name": "Fim novo"}]}', 2, '$NOW', '$NOW'),
    ($N002, $N, 'Quebrado', 'manual', '{"spec_version": 1, "name": "Quebrado", "category": "manual", "start": "nada", "nodes": [{"id": "fim", "kind": "end"}]}', 1, '$NOW', '$NOW');
INSERT INTO flow_versions (id, account_id, flow_id, number, graph, note, published_by, created_at) VALUES
    ($N001, $N, $N001, 1, '{"spec_version": 1, "name": "Boas-vindas", "category": "initial", "start": "menu", "nodes": [{"id": "menu", "kind": "question", "name": "Menu"}, {"id": "fim", "kind": "end", "name": "Fim"}]}',
     'primeira', $N003, '$NOW');
UPDATE flows SET published_version_id = $N001 WHERE id = $N001;
INSERT INTO conversations (id, account_id, number, connection_id, contact_id, address, in_charge, flow_run_id, inbound_seq, handled_seq, window_expires_at, window_state,
        unread_count, last_inbound_at, last_message_id, last_message_at, created_at, updated_at) VALUES
    ($N001, $N, 1, $N001, $N001, '55119999000$N', 'flow', NULL, 2, 1, timestamptz '$NOW' + interval '20 hours', 'open', 2, timestamptz '$NOW' - interval '4 hours', $N005,
     timestamptz '$NOW' - interval '4 hours', '$NOW', '$NOW'),
    ($N002, $N, 2, $N001, $N002, '55118888000$N', 'idle', NULL, 1, 0, timestamptz '$NOW' + interval '20 hours', 'open', 1, timestamptz '$NOW' - interval '4 hours', $N006,
     timestamptz '$NOW' - interval '3 hours', '$NOW', '$NOW'),
    ($N003, $N, 3, $N001, $N003, NULL, 'idle', NULL, 0, 0, NULL, 'none', 0, NULL, NULL, NULL, '$NOW', '$NOW');
INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, queue_id, opened_at) VALUES ($N001, $N, $N002, $N002, '2026112000001', 'waiting', $N002, '$NOW');
UPDATE conversations SET in_charge = 'ticket', ticket_id = $N001, queue_id = $N002, ticket_state = 'waiting', last_ticket_id = $N001,
    protocol = '2026112000001', opened_at = '$NOW' WHERE id = $N002;
INSERT INTO flow_runs (id, account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, trigger, status, step, state, node, wait_kind, wait_since, started_at) VALUES
    ($N001, $N, $N001, $N001, $N001, $N001, $N001, '{"kind": "inbound"}', 'waiting', 3,
     '{"run": "$N001", "step": 3, "visits": 1, "frames": [{"flow": "$N001", "version": "$N001", "node": "menu", "visit": 1, "vars": {"cidade": "Recife"}}],
       "trail": [{"n": 1, "node": "menu"}], "trigger": {"kind": "inbound"}}', 'menu', 'reply', '$NOW', '$NOW');
UPDATE conversations SET flow_run_id = $N001 WHERE id = $N001;
INSERT INTO media (id, account_id, connection_id, message_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at, stored_at) VALUES
    ($N001, $N, $N001, NULL, 'stored', 'image', 'image/png', 'foto.png', 13, '\x01', '$N/file-1', '$NOW', '$NOW'),
    ($N002, $N, $N001, NULL, 'stored', 'document', 'image/svg+xml', 'ação "x".svg', 21, '\x02', '$N/file-2', '$NOW', '$NOW'),
    ($N003, $N, NULL, NULL, 'stored', 'image', 'image/png', 'nova.png', 14, '\x03', '$N/file-3', '$NOW', '$NOW'),
    ($N004, $N, NULL, NULL, 'stored', 'document', 'application/pdf', 'laudo.pdf', 14, '\x03', '$N/file-3', '$NOW', '$NOW'),
    ($N005, $N, NULL, NULL, 'stored', 'image', 'image/png', 'topo.png', 14, '\x03', '$N/file-3', '$NOW', '$NOW'),
    ($N006, $N, NULL, NULL, 'stored', 'image', 'image/png', 'cartao.png', 14, '\x03', '$N/file-3', '$NOW', '$NOW');
INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, arrival, origin, kind, content, seq, state, provider_message_id, provider_at, media_id,
        accepted_at, failed_at, error_code, error_detail, retry_at, created_at) VALUES
    ($N001, $N, $N001, $N001, $N001, 'in', 'live', 'contact', 'text', '{"kind": "text", "text": "Oi"}', 1, 'received', 'wamid.1', '$NOW', NULL, NULL, NULL, NULL, NULL, NULL, '$NOW'),
    ($N002, $N, $N001, $N001, $N001, 'out', NULL, 'agent', 'text', '{"kind": "text", "text": "Na fila"}', NULL, 'queued', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '$NOW'),
    ($N003, $N, $N001, $N001, $N001, 'out', NULL, 'agent', 'text', '{"kind": "text", "text": "Saiu?"}', NULL, 'unknown', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '$NOW'),
    ($N004, $N, $N001, $N001, $N001, 'out', NULL, 'agent', 'text', '{"kind": "text", "text": "De novo"}', NULL, 'retry', 'wamid.4', NULL, NULL, '$NOW', '$NOW', 131049, 'not delivered to keep the ecosystem healthy', timestamptz '$NOW' + interval '1 day', '$NOW'),
    ($N005, $N, $N001, $N001, $N001, 'in', 'live', 'contact', 'image', '{"kind": "image", "media": {"media_id": $N001, "provider_media_id": "555", "url": "https://lookaside.example/x", "mime_type": "image/png"}}', 2, 'received', 'wamid.5', '$NOW', $N001, NULL, NULL, NULL, NULL, NULL, '$NOW'),
    ($N006, $N, $N002, $N001, $N002, 'in', 'live', 'contact', 'document', '{"kind": "document", "media": {"media_id": $N002, "mime_type": "image/svg+xml"}}', 1, 'received', 'wamid.6', '$NOW', $N002, NULL, NULL, NULL, NULL, NULL, '$NOW');
INSERT INTO media_uses (account_id, media_id, message_id) VALUES
    ($N, $N001, $N005), ($N, $N002, $N006), ($N, $N004, $N006), ($N, $N005, $N006), ($N, $N006, $N006);
INSERT INTO media_uses (account_id, media_id, contact_id) VALUES ($N, $N003, $N001);
INSERT INTO media (id, account_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at, stored_at) VALUES
    ($N009, $N, 'stored', 'image', 'image/png', 'rg.png', 14, '\x03', '$N/file-3', '$NOW', '$NOW');
INSERT INTO media_uses (account_id, media_id, contact_id) VALUES ($N, $N009, $N002);
UPDATE media SET message_id = m.id FROM messages m WHERE m.media_id = media.id AND m.account_id = $N AND media.account_id = $N;
INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority) VALUES ($N002, $N, $N001, $N001, 0);
INSERT INTO templates (id, account_id, connection_id, provider_template_id, name, language, category, status, components, synced_at) VALUES
    ($N001, $N, $N001, '77$N', 'retorno', 'pt_BR', 'UTILITY', 'APPROVED', '[{"type": "BODY", "text": "Olá {{1}}"}]', '$NOW');
INSERT INTO quarantine (id, account_id, connection_id, reason, element, body, received_at) VALUES ($N001, $N, $N001, 'not an object', 'message', '[1]', '$NOW');
INSERT INTO media (id, account_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at, stored_at, uploader_id) VALUES
    ($N007, $N, 'stored', 'document', 'application/pdf', 'tabela.pdf', 14, '\x03', '$N/file-3', '$NOW', '$NOW', $N002);
INSERT INTO canned_responses (id, account_id, code, text, author_id, created_at, updated_at) VALUES
    ($N001, $N, 'ola', 'Olá {nome}, tudo bem?', $N002, '$NOW', '$NOW');
INSERT INTO canned_response_files (account_id, response_id, position, media_id) VALUES ($N, $N001, 1, $N007);
INSERT INTO media_uses (account_id, media_id, canned_response_id) VALUES ($N, $N007, $N001);
INSERT INTO saved_views (id, account_id, user_id, name, filter, sharing, created_at, updated_at) VALUES
    ($N001, $N, NULL, 'Sem resposta', '{"field": "waiting_since", "op": "present"}', 'account', '$NOW', '$NOW'),
    ($N002, $N, NULL, 'Do financeiro', '{"field": "unread", "op": "is", "value": true}', 'queues', '$NOW', '$NOW');
INSERT INTO saved_view_queues (account_id, view_id, queue_id) VALUES ($N, $N002, $N002);
INSERT INTO closing_reasons (id, account_id, name, position) VALUES ($N009, $N, 'Sem retorno', 2);
INSERT INTO drafts (account_id, user_id, conversation_id, mode, body, revision, updated_at)
    SELECT $N, u, $N001, 'reply', '{"text": "Já vejo"}', 7, '$NOW' FROM unnest(ARRAY[$N001, $N002, $N003]) AS u;
INSERT INTO media (id, account_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at, stored_at, uploader_id) VALUES
    ($N008, $N, 'stored', 'image', 'image/webp', 'joia.webp', 14, '\x03', '$N/file-3', '$NOW', '$NOW', $N003);
INSERT INTO library_files (id, account_id, media_id, name, folder, author_id, created_at) VALUES ($N001, $N, $N008, 'Joia', 'Figurinhas', $N003, '$NOW');
INSERT INTO media_uses (account_id, media_id, library_file_id) VALUES ($N, $N008, $N001);
INSERT INTO contact_notes (id, account_id, contact_id, author_id, text, created_at) VALUES
    ($N001, $N, $N001, $N001, 'Prefere à tarde', '$NOW'), ($N002, $N, $N002, $N003, 'Devedora', '$NOW');
