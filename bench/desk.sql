-- Fills an empty, migrated database with one large account. bench.conversations says how many conversations it gets; each has
-- ten messages on average. Words are drawn so that few are common and most are rare.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SELECT setseed(0.42);
INSERT INTO accounts (id, slug, name) VALUES (77, 'desk', 'Desk');
INSERT INTO users (id, account_id, email, name, role)
    SELECT 77000 + g, 77, 'agent' || g || '@desk.example', 'Agente ' || g, CASE WHEN g = 1 THEN 'admin' ELSE 'user' END FROM generate_series(1, 200) g;
INSERT INTO queues (id, account_id, name, bot_order) SELECT 7700 + g, 77, 'Fila ' || g, g FROM generate_series(1, 30) g;
-- Agent 2 has one small queue; the others have three.
INSERT INTO queue_members (account_id, queue_id, user_id) SELECT 77, 7730, 77002
    UNION ALL SELECT DISTINCT 77, 7700 + 1 + (g * 7 + n * 5) % 28, 77000 + g FROM generate_series(3, 200) g, generate_series(0, 2) n;
INSERT INTO connections (id, account_id, key, name, channel, is_default, provider_ref, portfolio_ref)
    SELECT 770 + g, 77, 'desk-' || g, 'Conexão ' || g, 'whatsapp_cloud', g = 1, '10077' || g, '20077' || g FROM generate_series(1, 10) g;
INSERT INTO labels (id, account_id, name) SELECT 7700 + g, 77, 'Etiqueta ' || g FROM generate_series(1, 40) g;
INSERT INTO flows (id, account_id, name, draft) SELECT 7700 + g, 77, 'Fluxo ' || g, '{}' FROM generate_series(1, 20) g;
INSERT INTO flow_versions (id, account_id, flow_id, number, graph) SELECT 7700 + g, 77, 7700 + g, 1, '{}' FROM generate_series(1, 20) g;

CREATE TEMP TABLE words AS SELECT row_number() OVER () AS n, word FROM (
    SELECT DISTINCT a || b || c AS word
    FROM unnest('{ca,ma,pe,to,lu,ri,so,ne,vi,ba,fo,gu,je,li,mo,nu,pa,qui,re,sa}'::text[]) a,
        unnest('{la,do,ra,ti,mi,no,ça,ve,xo,zi,lho,nha,que,gre,bra,pla,tro,cle,fri,dro}'::text[]) b,
        unnest('{"",s,do,ção,mente,r,va,nte,ria,dade}'::text[]) c) w;
CREATE TEMP TABLE names AS SELECT row_number() OVER () AS n, name FROM unnest('{Maria,José,Ana,João,Antônio,Francisco,Carlos,Paulo,Pedro,Lucas,Luiz,Marcos,Luís,Gabriel,Rafael,Francisca,Daniel,Marcelo,Bruno,Eduardo,Antônia,Felipe,Adriana,Juliana,Márcia,Fernanda,Patrícia,Aline,Sandra,Camila}'::text[]) name;
CREATE TEMP TABLE families AS SELECT row_number() OVER () AS n, a || b AS name FROM unnest('{Sil,San,Oli,Sou,Pe,Cos,Fer,Al,Go,Mar,Ri,Bar,Mo,Car,Lo}'::text[]) a, unnest('{va,tos,veira,za,reira,ta,nandes,ves,mes,tins,beiro,bosa,raes,doso,pes,lhães,queira,drade}'::text[]) b;

-- What each conversation is: a hundredth of them are on the desk, two fifths had a ticket, most were the robot's alone.
CREATE TEMP TABLE plan AS SELECT g::bigint AS n, random() AS r, random() AS age, random() AS s, random() AS u,
        1 + floor(10 * random() ^ 2)::int AS connection, 1 + floor(30 * random() ^ 1.5)::int AS queue, 2 + floor(199 * random())::int AS agent
    FROM generate_series(1, current_setting('bench.conversations')::int) g;
INSERT INTO contacts (id, account_id, name, phone, default_agent_id, created_at)
    SELECT 1000000 + p.n, 77, a.name || ' ' || f.name || ' ' || f2.name, '+5581' || 900000000 + p.n, CASE WHEN p.r > 0.99 THEN 77000 + p.agent END, now() - interval '2 years'
    FROM plan p JOIN names a ON a.n = 1 + (p.n * 7919) % 30 JOIN families f ON f.n = 1 + (p.n * 104729) % 270 JOIN families f2 ON f2.n = 1 + (p.n / 30) % 270;
INSERT INTO contact_labels (account_id, contact_id, label_id)
    SELECT DISTINCT 77, 1000000 + n, 7701 + floor(40 * random() ^ 3)::int FROM plan WHERE u < 0.4;
ALTER TABLE conversations DROP CONSTRAINT conversations_last_ticket_id_fkey;
INSERT INTO conversations (id, account_id, number, connection_id, contact_id, in_charge, queue_id, agent_id, ticket_state, snoozed, last_ticket_id, protocol,
        opened_at, unread_count, chatbot_disabled, last_message_at, last_message_id, created_at, window_state)
    SELECT 1000000 + n, 77, n, 770 + connection, 1000000 + n,
        CASE WHEN r < 0.02 THEN 'ticket' WHEN r > 0.98 THEN 'flow' ELSE 'idle' END,
        -- Accepted from a queue, put into one, given to an agent, or to neither.
        CASE WHEN r < 0.4 AND s < 0.7 THEN 7700 + queue END,
        CASE WHEN r < 0.4 AND (r < 0.015 AND s < 0.4 OR r > 0.02 AND s < 0.4 OR r < 0.015 AND s >= 0.7 OR r > 0.02 AND s > 0.75) THEN 77000 + agent END,
        CASE WHEN r < 0.02 THEN CASE WHEN r < 0.015 AND (s < 0.4 OR s >= 0.7) THEN 'open' ELSE 'waiting' END END,
        r < 0.0005,
        CASE WHEN r < 0.4 THEN 1000000 + n END, CASE WHEN r < 0.4 THEN '2026' || 1000000000 + n END,
        CASE WHEN r < 0.4 THEN now() - age ^ 2 * interval '700 days' - interval '1 hour' END,
        CASE WHEN u < 0.03 OR r < 0.005 THEN 1 + (n % 7) ELSE 0 END,
        s > 0.998,
        now() - age ^ 2 * interval '700 days' * CASE WHEN r < 0.02 THEN 0.05 ELSE 1 END, 1000000 + n * 10, now() - interval '2 years',
        CASE WHEN age < 0.04 THEN 'open' ELSE 'expired' END
    FROM plan;
INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, queue_id, agent_id, opened_at, closed_at)
    SELECT last_ticket_id, account_id, id, contact_id, protocol, coalesce(ticket_state, 'closed'), queue_id, agent_id, opened_at, CASE WHEN ticket_state IS NULL THEN last_message_at END
    FROM conversations WHERE last_ticket_id IS NOT NULL;
UPDATE conversations SET ticket_id = last_ticket_id WHERE ticket_state IS NOT NULL;
INSERT INTO flow_runs (id, account_id, flow_id, flow_version_id, conversation_id, contact_id, connection_id, trigger, status, step, state, node, started_at)
    SELECT id, 77, 7701 + id % 20, 7701 + id % 20, id, contact_id, connection_id, '{}', 'waiting', 1, '{}', 'menu', now() FROM conversations WHERE in_charge = 'flow';
UPDATE conversations SET flow_run_id = id WHERE in_charge = 'flow';

-- Messages, some eight words each, in the order of time.
SELECT setseed(0.43);
CREATE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY md5(word)) AS n, word FROM words;
CREATE INDEX ON numbered (n);
CREATE TEMP TABLE phrases AS
    SELECT g AS n, string_agg(w.word, ' ') AS text
    FROM (SELECT g, 1 + floor(4000 * random() ^ CASE k WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 4 END)::bigint AS n FROM generate_series(0, 99999) g, generate_series(0, 3) k) d
    JOIN numbered w ON w.n = d.n GROUP BY g;
ANALYZE phrases;
DO $$ DECLARE k text; BEGIN
    FOR k IN SELECT conname FROM pg_constraint WHERE conrelid = 'messages'::regclass AND contype = 'f' LOOP
        EXECUTE 'ALTER TABLE messages DROP CONSTRAINT ' || quote_ident(k);
    END LOOP;
END $$;
INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, arrival, created_at)
    SELECT 77, v.id, v.connection_id, v.contact_id, CASE WHEN m.k % 2 = 0 THEN 'in' ELSE 'out' END, CASE WHEN m.k % 2 = 0 THEN 'contact' ELSE 'agent' END, 'text',
        jsonb_build_object('kind', 'text', 'text', a.text || ' ' || b.text || ' pedido ' || m.n),
        CASE WHEN m.k % 2 = 0 THEN 'received' ELSE 'accepted' END, CASE WHEN m.k % 2 = 0 THEN 'live' END, v.last_message_at - m.k * interval '1 hour'
    FROM (SELECT g AS n, g / current_setting('bench.conversations')::int AS k, 1000001 + (g * 7919) % current_setting('bench.conversations')::int AS conversation,
            (random() * 99999)::int AS a, (random() * 99999)::int AS b
        FROM generate_series(1, current_setting('bench.messages')::bigint) g) m
    JOIN conversations v ON v.id = m.conversation JOIN phrases a ON a.n = m.a JOIN phrases b ON b.n = m.b;
