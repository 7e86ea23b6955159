-- +goose Up
-- What one account may have in quarantine: rows and bytes. A delivery is never refused for it: what is oldest is dropped, what
-- was resolved first, and the count of what was dropped is told.
INSERT INTO quotas (name, most) VALUES ('quarantine', 5000), ('quarantine_bytes', 128000000);
ALTER TABLE quarantine ADD COLUMN bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(body)) STORED;
CREATE INDEX quarantine_size ON quarantine (account_id, id) INCLUDE (bytes);
CREATE TABLE quarantine_dropped (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint      NOT NULL REFERENCES accounts (id),
    dropped    bigint      NOT NULL,
    bytes      bigint      NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quarantine_dropped_account ON quarantine_dropped (account_id);

-- Deliveries run at the same time and hold other rows, so none of them waits for a row here. A twentieth goes at once, so that
-- a full quarantine is not sorted for each row.
-- +goose StatementBegin
CREATE FUNCTION drop_oldest_quarantined() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most_rows  bigint := quota_of(NEW.account_id, 'quarantine');
    most_bytes bigint := quota_of(NEW.account_id, 'quarantine_bytes');
    n     bigint;
    b     bigint;
    tally bigint;
BEGIN
    SELECT count(*), coalesce(sum(q.bytes), 0) INTO n, b FROM quarantine q WHERE q.account_id = NEW.account_id;
    IF n <= most_rows AND b <= most_bytes THEN
        RETURN NULL;
    END IF;
    WITH ranked AS (
        SELECT q.id, row_number() OVER newest AS place, sum(q.bytes) OVER newest AS size
        FROM quarantine q
        WHERE q.account_id = NEW.account_id
        WINDOW newest AS (ORDER BY q.id = NEW.id DESC, q.resolved_at IS NULL DESC, q.id DESC)
    ), excess AS (
        SELECT q.id
        FROM quarantine q
        WHERE q.account_id = NEW.account_id AND q.id IN (SELECT r.id FROM ranked r WHERE r.place > most_rows - most_rows / 20 OR r.size > most_bytes - most_bytes / 20)
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM quarantine q USING excess WHERE q.id = excess.id AND q.account_id = NEW.account_id RETURNING q.bytes
    )
    SELECT count(*), coalesce(sum(gone.bytes), 0) INTO n, b FROM gone;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    SELECT d.id INTO tally FROM quarantine_dropped d WHERE d.account_id = NEW.account_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE quarantine_dropped d SET dropped = d.dropped + n, bytes = d.bytes + b, dropped_at = now() WHERE d.id = tally;
    ELSE
        INSERT INTO quarantine_dropped (account_id, dropped, bytes) VALUES (NEW.account_id, n, b);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drop_oldest_quarantined AFTER INSERT ON quarantine FOR EACH ROW EXECUTE FUNCTION drop_oldest_quarantined();

-- +goose Down
DROP TRIGGER drop_oldest_quarantined ON quarantine;
DROP FUNCTION drop_oldest_quarantined;
DROP TABLE quarantine_dropped;
DROP INDEX quarantine_size;
ALTER TABLE quarantine DROP COLUMN bytes;
DELETE FROM account_quotas WHERE name IN ('quarantine', 'quarantine_bytes');
DELETE FROM quotas WHERE name IN ('quarantine', 'quarantine_bytes');
