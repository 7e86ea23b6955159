-- +goose Up
-- What a message was when it came. NULL: it did not come, we wrote it.
ALTER TABLE messages
    ADD COLUMN arrival text CHECK (arrival IN ('live', 'late', 'history', 'echo', 'group', 'refused', 'standby')),
    -- When a message of the history was stored. Its created_at is when it was written, as the timeline shows it.
    ADD COLUMN stored_at timestamptz;

-- Nobody wrote down what the old rows were. History is older than its connection, and no other message is.
UPDATE messages m
SET arrival = CASE
        WHEN m.provider_at < n.created_at OR m.kind = 'media_placeholder' THEN 'history'
        WHEN m.direction = 'out' THEN 'echo'
        WHEN m.created_at - m.provider_at > interval '10 minutes' THEN 'late'
        ELSE 'live' END
FROM connections n
WHERE n.id = m.connection_id AND (m.direction = 'in' OR m.origin = 'phone');
UPDATE messages SET stored_at = created_at, created_at = least(coalesce(provider_at, created_at), created_at) WHERE arrival = 'history';

-- The timeline is read by instant. What is unread or waits for a flow is read in the order in which it came.
DROP INDEX messages_conversation;
CREATE INDEX messages_timeline ON messages (conversation_id, created_at, id);
CREATE INDEX messages_counting ON messages (conversation_id, id) WHERE arrival IN ('live', 'late');

UPDATE conversations v SET last_message_id = n.id, last_message_at = n.created_at
FROM (SELECT DISTINCT conversation_id FROM messages WHERE arrival = 'history') h,
    LATERAL (SELECT id, created_at FROM messages m WHERE m.conversation_id = h.conversation_id ORDER BY created_at DESC, id DESC LIMIT 1) n
WHERE v.id = h.conversation_id;

-- +goose Down
DROP INDEX messages_timeline, messages_counting;
UPDATE messages SET created_at = stored_at WHERE arrival = 'history';
CREATE INDEX messages_conversation ON messages (conversation_id, id);
UPDATE conversations v SET last_message_id = n.id, last_message_at = n.created_at
FROM (SELECT DISTINCT conversation_id FROM messages WHERE arrival = 'history') h,
    LATERAL (SELECT id, created_at FROM messages m WHERE m.conversation_id = h.conversation_id ORDER BY id DESC LIMIT 1) n
WHERE v.id = h.conversation_id;
ALTER TABLE messages DROP COLUMN arrival, DROP COLUMN stored_at;
