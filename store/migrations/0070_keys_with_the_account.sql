-- +goose Up
-- A reference between the rows of an account names the account too, so no path can store another account's row (S6). The
-- primary key of a row is (id, account_id): it serves look-ups by id as before, and needs no second index.
-- Left out are references that cost every turn (store/references_test.go says which and why).

-- A status that waits says whose it is.
ALTER TABLE parked_statuses ADD COLUMN account_id bigint;
UPDATE parked_statuses p SET account_id = c.account_id FROM connections c WHERE c.id = p.connection_id;
DELETE FROM parked_statuses WHERE account_id IS NULL;
ALTER TABLE parked_statuses ALTER COLUMN account_id SET NOT NULL;

-- Files are removed, so their messages are found without reading the table.
CREATE INDEX messages_media ON messages (media_id) WHERE media_id IS NOT NULL;

-- The references: child, column, parent, what happens when the parent goes, and whether there was a key without the account.
CREATE TEMPORARY TABLE account_references (child text, reference text, parent text, removed text, old boolean, required boolean) ON COMMIT DROP;
INSERT INTO account_references (child, reference, parent, removed, old) VALUES
    ('api_tokens', 'user_id', 'users', 'CASCADE', true),
    ('audit_log', 'user_id', 'users', '', false),
    ('audit_log', 'token_id', 'api_tokens', '', false),
    ('connections', 'initial_flow_id', 'flows', '', false),
    ('connections', 'initial_queue_id', 'queues', '', true),
    ('contact_identities', 'contact_id', 'contacts', 'CASCADE', true),
    ('contact_labels', 'contact_id', 'contacts', 'CASCADE', true),
    ('contact_labels', 'label_id', 'labels', 'CASCADE', true),
    ('contact_notes', 'contact_id', 'contacts', 'CASCADE', true),
    ('contact_notes', 'author_id', 'users', 'SET NULL', true),
    ('contact_notes', 'agent_id', 'users', 'SET NULL', true),
    ('contact_notes', 'flow_run_id', 'flow_runs', '', false),
    ('contacts', 'default_agent_id', 'users', 'SET NULL', true),
    ('contacts', 'merged_into_id', 'contacts', '', true),
    ('conversations', 'connection_id', 'connections', '', true),
    ('conversations', 'contact_id', 'contacts', '', true),
    ('conversations', 'flow_run_id', 'flow_runs', '', false),
    ('conversations', 'ticket_id', 'tickets', '', false),
    ('conversations', 'superseded_by_id', 'conversations', '', true),
    ('flow_calls', 'flow_run_id', 'flow_runs', 'CASCADE', true),
    ('flow_run_events', 'flow_run_id', 'flow_runs', 'CASCADE', true),
    ('flow_runs', 'flow_id', 'flows', '', true),
    ('flow_runs', 'flow_version_id', 'flow_versions', '', true),
    ('flow_runs', 'conversation_id', 'conversations', '', true),
    ('flow_runs', 'contact_id', 'contacts', '', false),
    ('flow_runs', 'connection_id', 'connections', '', false),
    ('flow_versions', 'flow_id', 'flows', '', true),
    ('flow_versions', 'published_by', 'users', 'SET NULL', true),
    ('flows', 'published_version_id', 'flow_versions', '', false),
    ('login_links', 'user_id', 'users', 'CASCADE', true),
    ('media', 'connection_id', 'connections', '', false),
    ('media', 'message_id', 'messages', '', false),
    ('media_uploads', 'media_id', 'media', 'CASCADE', true),
    ('media_uploads', 'connection_id', 'connections', '', true),
    ('messages', 'conversation_id', 'conversations', '', false),
    ('messages', 'sender_id', 'contacts', '', false),
    ('messages', 'author_id', 'users', '', false),
    ('messages', 'flow_run_id', 'flow_runs', '', false),
    ('messages', 'media_id', 'media', '', false),
    ('parked_statuses', 'connection_id', 'connections', '', false),
    ('quarantine', 'connection_id', 'connections', '', true),
    ('queue_members', 'queue_id', 'queues', 'CASCADE', true),
    ('queue_members', 'user_id', 'users', 'CASCADE', true),
    ('send_attempts', 'connection_id', 'connections', '', false),
    ('send_attempts', 'message_id', 'messages', '', false),
    ('senders', 'connection_id', 'connections', '', true),
    ('sessions', 'user_id', 'users', 'CASCADE', true),
    ('taken_news', 'connection_id', 'connections', '', false),
    ('templates', 'connection_id', 'connections', '', true),
    ('tickets', 'conversation_id', 'conversations', '', true),
    ('tickets', 'contact_id', 'contacts', '', false),
    ('tickets', 'queue_id', 'queues', '', true),
    ('tickets', 'agent_id', 'users', '', true),
    ('tickets', 'flow_run_id', 'flow_runs', '', false),
    ('users', 'default_connection_id', 'connections', '', false);
UPDATE account_references r SET required = a.attnotnull FROM pg_attribute a WHERE a.attrelid = r.child::regclass AND a.attname = r.reference;

-- +goose StatementBegin
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM account_references WHERE old LOOP
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', r.child, r.child || '_' || r.reference || '_fkey');
    END LOOP;
    FOR r IN SELECT DISTINCT parent FROM account_references LOOP
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I, ADD PRIMARY KEY (id, account_id)', r.parent, r.parent || '_pkey');
    END LOOP;
    FOR r IN SELECT * FROM account_references LOOP
        -- What names nothing, or a row of another account, names nothing from now on. A row that needs what it names stops
        -- the migration where its reference had a key. Without a key it could only have been left behind, and goes.
        IF NOT r.required THEN
            EXECUTE format('UPDATE %1$I c SET %2$I = NULL WHERE %2$I IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM %3$I p WHERE p.id = c.%2$I AND p.account_id = c.account_id)', r.child, r.reference, r.parent);
        ELSIF r.child IN ('send_attempts', 'taken_news', 'parked_statuses') THEN
            EXECUTE format('DELETE FROM %1$I c WHERE NOT EXISTS
                (SELECT 1 FROM %3$I p WHERE p.id = c.%2$I AND p.account_id = c.account_id)', r.child, r.reference, r.parent);
        END IF;
    END LOOP;
    FOR r IN SELECT * FROM account_references LOOP
        EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %4$I FOREIGN KEY (account_id, %2$I) REFERENCES %3$I (account_id, id)', r.child, r.reference, r.parent,
            r.child || '_' || r.reference || '_fkey')
            || CASE r.removed WHEN 'CASCADE' THEN ' ON DELETE CASCADE' WHEN 'SET NULL' THEN format(' ON DELETE SET NULL (%I)', r.reference) ELSE '' END
            || ' NOT VALID';
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- Keys lose the account, and those that are new here go.
-- +goose StatementBegin
DO $$
DECLARE
    r record;
    fresh text[] := ARRAY[
        'audit_log_user_id_fkey', 'audit_log_token_id_fkey', 'connections_initial_flow_id_fkey',
        'contact_notes_flow_run_id_fkey', 'conversations_flow_run_id_fkey', 'conversations_ticket_id_fkey',
        'flow_runs_contact_id_fkey', 'flow_runs_connection_id_fkey', 'flows_published_version_id_fkey',
        'media_connection_id_fkey', 'media_message_id_fkey', 'messages_conversation_id_fkey',
        'messages_sender_id_fkey', 'messages_author_id_fkey', 'messages_flow_run_id_fkey', 'messages_media_id_fkey',
        'parked_statuses_connection_id_fkey', 'send_attempts_connection_id_fkey', 'send_attempts_message_id_fkey',
        'taken_news_connection_id_fkey', 'tickets_contact_id_fkey', 'tickets_flow_run_id_fkey',
        'users_default_connection_id_fkey'
    ];
BEGIN
    CREATE TEMPORARY TABLE account_references ON COMMIT DROP AS
        SELECT f.conname AS key, f.conrelid::regclass AS child, f.confrelid::regclass AS parent, a.attname AS reference,
            CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END AS removed
        FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[2]
        WHERE f.contype = 'f' AND cardinality(f.conkey) = 2;
    FOR r IN SELECT * FROM account_references LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.child, r.key);
    END LOOP;
    FOR r IN SELECT DISTINCT parent FROM account_references LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD PRIMARY KEY (id)', r.parent, r.parent || '_pkey');
    END LOOP;
    FOR r IN SELECT * FROM account_references WHERE key <> ALL (fresh) LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (id) ON DELETE %s', r.child, r.key, r.reference, r.parent, r.removed);
    END LOOP;
END $$;
-- +goose StatementEnd
DROP INDEX messages_media;
ALTER TABLE parked_statuses DROP COLUMN account_id;
