-- +goose Up
-- What a turn writes into the log; docs/performance.md has the figures.

-- A run's state and result are written whole with every step and never searched: as text they take half the room.
ALTER TABLE flow_runs
    ALTER COLUMN state DROP DEFAULT, ALTER COLUMN result DROP DEFAULT,
    ALTER COLUMN state TYPE json USING state::json, ALTER COLUMN result TYPE json USING result::json,
    ALTER COLUMN state SET DEFAULT '{}', ALTER COLUMN result SET DEFAULT '{}';
ALTER TABLE doorbells ALTER COLUMN input DROP DEFAULT, ALTER COLUMN input TYPE json USING input::json, ALTER COLUMN input SET DEFAULT '{}';

-- One index finds a contact's conversations and keeps them one a connection.
ALTER TABLE conversations DROP CONSTRAINT conversations_connection_id_contact_id_key, ADD UNIQUE (contact_id, connection_id);
DROP INDEX conversations_contact;

-- The outbox tells those who look at a screen what changed. It is not in the log: when Postgres was not shut down in order it is
-- empty, and so is events_since, by which readers see that they have to read everything anew (ADR 47).
ALTER TABLE events SET UNLOGGED;
-- The place behind which every event is still in the outbox.
CREATE UNLOGGED TABLE events_since (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8    NOT NULL,
    seq bigint  NOT NULL
);
INSERT INTO events_since (xid, seq) SELECT pg_snapshot_xmin(pg_current_snapshot()), 0;

-- +goose Down
DROP TABLE events_since;
ALTER TABLE events SET LOGGED;
CREATE INDEX conversations_contact ON conversations (contact_id);
ALTER TABLE conversations DROP CONSTRAINT conversations_contact_id_connection_id_key, ADD UNIQUE (connection_id, contact_id);
ALTER TABLE doorbells ALTER COLUMN input DROP DEFAULT, ALTER COLUMN input TYPE jsonb USING input::jsonb, ALTER COLUMN input SET DEFAULT '{}';
ALTER TABLE flow_runs
    ALTER COLUMN state DROP DEFAULT, ALTER COLUMN result DROP DEFAULT,
    ALTER COLUMN state TYPE jsonb USING state::jsonb, ALTER COLUMN result TYPE jsonb USING result::jsonb,
    ALTER COLUMN state SET DEFAULT '{}', ALTER COLUMN result SET DEFAULT '{}';
