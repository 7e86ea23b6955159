-- +goose Up
-- Lists, counts and search read index ranges (ADR 70). A conversation's row is written anew with every message, and then each
-- index that holds the row gets an entry: indexes of a part of the rows are preferred.

-- What a conversation is on the desk: waiting, open, snoozed, or without a ticket and with the robot switched off (rule 069).
-- NULL: it is in no view but the one of all. One column, because Postgres then knows how many rows each view has.
ALTER TABLE conversations ADD COLUMN desk text GENERATED ALWAYS AS (CASE
    WHEN ticket_state IS NOT NULL AND snoozed THEN 'snoozed'
    WHEN ticket_state IS NOT NULL THEN ticket_state
    WHEN chatbot_disabled AND in_charge <> 'flow' THEN 'robot_off'
END) STORED;
CREATE INDEX conversations_desk ON conversations (account_id, (coalesce(last_message_at, created_at)), id) WHERE desk IS NOT NULL;
CREATE INDEX conversations_desk_opened ON conversations (account_id, last_ticket_id) WHERE desk IS NOT NULL;
CREATE INDEX conversations_desk_agent ON conversations (account_id, agent_id) WHERE ticket_state IS NOT NULL AND agent_id IS NOT NULL;
CREATE INDEX conversations_desk_queue ON conversations (account_id, queue_id) WHERE ticket_state IS NOT NULL AND queue_id IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (account_id) WHERE desk = 'snoozed';
CREATE INDEX conversations_unread ON conversations (account_id, (coalesce(last_message_at, created_at)), id)
    WHERE unread_count > 0 OR marked_unread;

-- Every conversation, by its newest message and by the protocol of its latest ticket.
DROP INDEX conversations_recent;
CREATE INDEX conversations_active ON conversations (account_id, (coalesce(last_message_at, created_at)), id);
CREATE INDEX conversations_connection ON conversations (account_id, connection_id, (coalesce(last_message_at, created_at)), id);
CREATE INDEX conversations_opened ON conversations (account_id, last_ticket_id) WHERE last_ticket_id IS NOT NULL;

-- Who sees a conversation: the members of its queue, its agent, the contact's agent, or everybody.
CREATE INDEX conversations_queue ON conversations (account_id, queue_id, (coalesce(last_message_at, created_at)), id) WHERE queue_id IS NOT NULL;
CREATE INDEX conversations_agent ON conversations (account_id, agent_id, (coalesce(last_message_at, created_at)), id) WHERE agent_id IS NOT NULL;
CREATE INDEX conversations_nobody ON conversations (account_id, (coalesce(last_message_at, created_at)), id)
    WHERE queue_id IS NULL AND agent_id IS NULL;
CREATE INDEX contacts_default_agent ON contacts (account_id, default_agent_id) WHERE default_agent_id IS NOT NULL;

-- Filters.
CREATE INDEX contact_labels_label ON contact_labels (account_id, label_id, contact_id);
CREATE INDEX flow_runs_under_way ON flow_runs (account_id, flow_id, conversation_id) WHERE status <> 'ended';

-- +goose Down
DROP INDEX flow_runs_under_way, contact_labels_label, contacts_default_agent, conversations_nobody, conversations_agent, conversations_queue,
    conversations_opened, conversations_connection, conversations_active, conversations_unread, conversations_snoozed, conversations_desk_queue,
    conversations_desk_agent, conversations_desk_opened, conversations_desk;
ALTER TABLE conversations DROP COLUMN desk;
CREATE INDEX conversations_recent ON conversations (account_id, last_message_at DESC);
