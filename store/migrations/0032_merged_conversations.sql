-- +goose Up
-- Two contacts that turn out to be one may both have a conversation on a connection. One goes on, the other keeps its history
-- and names the one that goes on.
ALTER TABLE conversations ADD COLUMN superseded_by_id bigint REFERENCES conversations (id);
ALTER TABLE conversations DROP CONSTRAINT conversations_contact_id_connection_id_key;
CREATE UNIQUE INDEX conversations_one ON conversations (contact_id, connection_id) WHERE superseded_by_id IS NULL;
CREATE INDEX conversations_contact ON conversations (contact_id);
CREATE INDEX messages_sender ON messages (sender_id) WHERE sender_id IS NOT NULL;

-- What merges before left behind.
CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
    WITH RECURSIVE up (id, into_id) AS (
        SELECT id, merged_into_id FROM contacts WHERE merged_into_id IS NOT NULL
        UNION ALL SELECT up.id, c.merged_into_id FROM up JOIN contacts c ON c.id = up.into_id WHERE c.merged_into_id IS NOT NULL
    )
    SELECT up.id, up.into_id FROM up JOIN contacts c ON c.id = up.into_id WHERE c.merged_into_id IS NULL;
UPDATE contacts c SET merged_into_id = m.into_id FROM merged m WHERE m.id = c.id AND c.merged_into_id <> m.into_id;
-- The contact's own conversation goes on. Where it has none, the newest of the others does.
CREATE TEMPORARY TABLE going_on ON COMMIT DROP AS
    SELECT DISTINCT ON (w.contact_id, w.connection_id) w.contact_id, w.connection_id, w.id
    FROM (
        SELECT coalesce(m.into_id, c.contact_id) AS contact_id, c.connection_id, c.id, m.id IS NULL AS own
        FROM conversations c LEFT JOIN merged m ON m.id = c.contact_id
    ) w
    WHERE w.contact_id IN (SELECT into_id FROM merged)
    ORDER BY w.contact_id, w.connection_id, w.own DESC, w.id DESC;
UPDATE conversations c SET contact_id = m.into_id, superseded_by_id = nullif(g.id, c.id)
FROM merged m JOIN going_on g ON g.contact_id = m.into_id
WHERE c.contact_id = m.id AND g.connection_id = c.connection_id;
UPDATE messages x SET contact_id = c.contact_id FROM conversations c, merged m WHERE m.id = x.contact_id AND c.id = x.conversation_id;
UPDATE flow_runs x SET contact_id = c.contact_id FROM conversations c, merged m WHERE m.id = x.contact_id AND c.id = x.conversation_id;
UPDATE tickets x SET contact_id = c.contact_id FROM conversations c, merged m WHERE m.id = x.contact_id AND c.id = x.conversation_id;

-- +goose Down
-- A conversation that is superseded goes back to one of the contacts that became part of its own.
UPDATE conversations c SET contact_id = b.contact_id
FROM (
    SELECT s.id, k.id AS contact_id FROM (
        SELECT id, contact_id, row_number() OVER (PARTITION BY contact_id, connection_id ORDER BY id) AS nth
        FROM conversations WHERE superseded_by_id IS NOT NULL
    ) s JOIN (
        SELECT id, merged_into_id, row_number() OVER (PARTITION BY merged_into_id ORDER BY id) AS nth FROM contacts WHERE merged_into_id IS NOT NULL
    ) k ON k.merged_into_id = s.contact_id AND k.nth = s.nth
) b
WHERE b.id = c.id;
DROP INDEX messages_sender, conversations_contact, conversations_one;
ALTER TABLE conversations DROP COLUMN superseded_by_id, ADD UNIQUE (contact_id, connection_id);
