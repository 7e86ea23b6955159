-- +goose Up
-- A scheduled closure leaves facts in its ticket's history: who scheduled it, and who or what took it back.
ALTER TABLE ticket_events DROP CONSTRAINT ticket_events_kind_check;
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_kind_check CHECK (kind IN ('opened', 'queued', 'assigned', 'accepted', 'unassigned',
    'first_reply', 'transferred', 'snoozed', 'woken', 'lapsed', 'priority', 'closing_scheduled', 'closing_cancelled', 'handed_back', 'sent_to_flow',
    'closed', 'reopened'));

-- +goose Down
DELETE FROM ticket_events WHERE kind IN ('closing_scheduled', 'closing_cancelled');
ALTER TABLE ticket_events DROP CONSTRAINT ticket_events_kind_check;
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_kind_check CHECK (kind IN ('opened', 'queued', 'assigned', 'accepted', 'unassigned',
    'first_reply', 'transferred', 'snoozed', 'woken', 'lapsed', 'priority', 'handed_back', 'sent_to_flow', 'closed', 'reopened'));
