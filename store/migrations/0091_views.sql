-- +goose Up
-- Who sees a saved view: its owner, the account, or the members of some queues. A private one has its owner.
ALTER TABLE saved_views ADD COLUMN sharing text NOT NULL DEFAULT 'private';
UPDATE saved_views SET sharing = 'account' WHERE user_id IS NULL;
ALTER TABLE saved_views
    ADD CONSTRAINT saved_views_sharing CHECK (sharing IN ('private', 'account', 'queues') AND (sharing = 'private') = (user_id IS NOT NULL)),
    ADD CONSTRAINT saved_views_key UNIQUE (account_id, id);
CREATE TABLE saved_view_queues (
    account_id bigint NOT NULL,
    view_id    bigint NOT NULL,
    queue_id   bigint NOT NULL,
    PRIMARY KEY (account_id, view_id, queue_id),
    FOREIGN KEY (account_id, view_id) REFERENCES saved_views (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, queue_id) REFERENCES queues (account_id, id) ON DELETE CASCADE
);
CREATE INDEX saved_view_queues_queue ON saved_view_queues (account_id, queue_id);

-- The order in which a user keeps the views that they see.
CREATE TABLE saved_view_places (
    account_id bigint  NOT NULL,
    user_id    bigint  NOT NULL,
    view_id    bigint  NOT NULL,
    place      integer NOT NULL,
    PRIMARY KEY (account_id, user_id, view_id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, view_id) REFERENCES saved_views (account_id, id) ON DELETE CASCADE
);
CREATE INDEX saved_view_places_view ON saved_view_places (account_id, view_id);

-- Who waits for an answer, and since when: the condition that most views have.
CREATE INDEX conversations_waiting_since ON conversations (account_id, first_unanswered_at) WHERE first_unanswered_at IS NOT NULL;

-- +goose Down
DROP INDEX conversations_waiting_since;
DROP TABLE saved_view_places, saved_view_queues;
ALTER TABLE saved_views DROP CONSTRAINT saved_views_key, DROP CONSTRAINT saved_views_sharing, DROP COLUMN sharing;
