-- +goose Up
-- The lines of an account's audit log are a chain (S17, ADR 75): each has its number and the hash of the one before, and lines are never
-- changed. audit_heads says how far each chain has come, so that lines missing at its end are found.
CREATE TABLE audit_heads (
    account_id bigint PRIMARY KEY REFERENCES accounts (id),
    seq        bigint NOT NULL,
    hash       bytea  NOT NULL
) WITH (fillfactor = 50);

ALTER TABLE audit_log ADD COLUMN seq bigint, ADD COLUMN previous bytea, ADD COLUMN hash bytea;

-- +goose StatementBegin
CREATE FUNCTION audit_hash(l audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(l.previous || convert_to(jsonb_build_array(l.seq, l.account_id, l.user_id, l.token_id, l.action, l.object, l.ip, l.request_id,
        l.data, (extract(epoch FROM l.created_at) * 1000000)::bigint)::text, 'UTF8'))
$$;
-- +goose StatementEnd

-- What was written before is chained in its order.
-- +goose StatementBegin
DO $$
DECLARE
    l audit_log;
    account bigint := 0;
    n bigint;
    last bytea;
BEGIN
    FOR l IN SELECT * FROM audit_log ORDER BY account_id, id LOOP
        IF l.account_id <> account THEN
            account := l.account_id;
            n := 0;
            last := '\x';
        END IF;
        n := n + 1;
        l.seq := n;
        l.previous := last;
        last := audit_hash(l);
        UPDATE audit_log SET seq = n, previous = l.previous, hash = last WHERE id = l.id;
        INSERT INTO audit_heads (account_id, seq, hash) VALUES (account, n, last)
        ON CONFLICT (account_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;
    END LOOP;
END $$;
-- +goose StatementEnd

ALTER TABLE audit_log ALTER COLUMN seq SET NOT NULL, ALTER COLUMN previous SET NOT NULL, ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT audit_log_chain UNIQUE (account_id, seq);

-- +goose StatementBegin
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT h.seq + 1, h.hash INTO NEW.seq, NEW.previous FROM audit_heads h WHERE h.account_id = NEW.account_id FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_heads (account_id, seq, hash) VALUES (NEW.account_id, 0, '\x') ON CONFLICT DO NOTHING;
        SELECT h.seq + 1, h.hash INTO NEW.seq, NEW.previous FROM audit_heads h WHERE h.account_id = NEW.account_id FOR UPDATE;
    END IF;
    NEW.hash := audit_hash(NEW);
    UPDATE audit_heads SET seq = NEW.seq, hash = NEW.hash WHERE account_id = NEW.account_id;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER chained BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION chain_audit();

-- +goose StatementBegin
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lines of the audit log are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- A head moves on with its chain alone.
-- +goose StatementBegin
CREATE FUNCTION refuse_head_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.account_id = OLD.account_id AND NEW.seq = OLD.seq + 1 AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the head of an audit log moves on with its lines alone' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION refuse_head_change();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_head_change();

-- +goose Down
DROP TRIGGER chained ON audit_log;
DROP TRIGGER kept ON audit_log;
DROP TRIGGER kept_whole ON audit_log;
ALTER TABLE audit_log DROP CONSTRAINT audit_log_chain;
DROP FUNCTION audit_hash(audit_log);
ALTER TABLE audit_log DROP COLUMN seq, DROP COLUMN previous, DROP COLUMN hash;
DROP TABLE audit_heads;
DROP FUNCTION chain_audit();
DROP FUNCTION refuse_audit_change();
DROP FUNCTION refuse_head_change();
