-- +goose Up
-- Whoever has a captured delivery can send it again, and Meta itself delivers again for days: what was taken in once changes
-- nothing any more (S2).

-- The same bytes are quarantined once.
DELETE FROM quarantine q USING quarantine e
WHERE e.connection_id = q.connection_id AND sha256(e.body) = sha256(q.body) AND e.id < q.id;
CREATE UNIQUE INDEX quarantine_once ON quarantine (connection_id, sha256(body));

-- News that are no messages have no id of their own: changed identities, preferences, templates, numbers, accounts. Each is
-- taken once, by its bytes and instant; subject is what it is about, so that older news cannot overtake newer. Kept for
-- longer than the age up to which deliveries are taken in.
CREATE TABLE taken_news (
    account_id    bigint      NOT NULL,
    connection_id bigint      NOT NULL,
    digest        bytea       NOT NULL,
    subject       text        NOT NULL DEFAULT '',
    at            timestamptz NOT NULL,
    taken_at      timestamptz NOT NULL,
    PRIMARY KEY (connection_id, digest)
);
CREATE INDEX taken_news_subject ON taken_news (connection_id, subject, at DESC) WHERE subject <> '';
CREATE INDEX taken_news_age ON taken_news (taken_at);

-- +goose Down
DROP TABLE taken_news;
DROP INDEX quarantine_once;
