-- +goose Up
-- The session that a template of ours opens, one of each category (rules 090 to 093): a clock of its own, which lets nobody
-- write freely (Z14). A row is the latest session of its category in the conversation, open until ends_at.
CREATE TABLE template_sessions (
    account_id      bigint      NOT NULL,
    conversation_id bigint      NOT NULL,
    category        text        NOT NULL CHECK (category IN ('marketing', 'utility', 'authentication')),
    -- The template that opened it.
    message_id      bigint      NOT NULL,
    opened_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, category),
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, message_id) REFERENCES messages (account_id, id) ON DELETE CASCADE
);

-- Until when the session lasts that a message of the contact opened: none opens next to one of marketing or utility.
ALTER TABLE conversations ADD COLUMN service_until timestamptz;

UPDATE conversations SET service_until = window_expires_at WHERE window_expires_at > now();
INSERT INTO template_sessions (account_id, conversation_id, category, message_id, opened_at, ends_at)
SELECT DISTINCT ON (v.id, category) v.account_id, v.id, m.content->'template'->>'category' AS category, m.id, m.accepted_at, m.accepted_at + interval '24 hours'
FROM conversations v
JOIN messages m ON m.conversation_id = v.id AND m.account_id = v.account_id
WHERE v.last_message_at > now() - interval '24 hours' AND m.created_at > now() - interval '24 hours' AND m.direction = 'out' AND m.kind = 'template'
    AND m.state = 'accepted' AND m.failed_at IS NULL AND m.accepted_at IS NOT NULL
    AND m.content->'template'->>'category' IN ('marketing', 'utility', 'authentication')
ORDER BY v.id, category, m.created_at;

-- +goose Down
ALTER TABLE conversations DROP COLUMN service_until;
DROP TABLE template_sessions;
