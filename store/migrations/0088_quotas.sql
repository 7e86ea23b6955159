-- +goose Up
-- How much an account may have: one table of limits, checked where rows are made, whatever makes them. An operator may give
-- one account another limit.
CREATE TABLE quotas (
    name text   PRIMARY KEY,
    most bigint NOT NULL CHECK (most >= 0)
);
INSERT INTO quotas (name, most) VALUES
    ('api_tokens', 200), ('canned_responses', 5000), ('closing_reasons', 200), ('connections', 200), ('custom_fields', 300),
    ('flow_versions', 20000), ('flows', 2000), ('labels', 2000), ('library_files', 10000), ('queues', 500), ('saved_views', 5000),
    ('users', 5000),
    -- Bytes of files that one user uploaded and that nothing uses yet.
    ('unused_upload_bytes', 2147483648);
CREATE TABLE account_quotas (
    account_id bigint NOT NULL REFERENCES accounts (id),
    name       text   NOT NULL,
    most       bigint NOT NULL CHECK (most >= 0),
    PRIMARY KEY (account_id, name)
);
CREATE INDEX flow_versions_account ON flow_versions (account_id);
CREATE INDEX media_uploader ON media (uploader_id) WHERE uploader_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION quota_of(account bigint, quota text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT a.most FROM account_quotas a WHERE a.account_id = account AND a.name = quota), (SELECT q.most FROM quotas q WHERE q.name = quota))
$$;
CREATE FUNCTION within_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most bigint := quota_of(NEW.account_id, TG_TABLE_NAME);
    have bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %I WHERE account_id = $1 LIMIT $2 + 1) n', TG_TABLE_NAME) INTO have USING NEW.account_id, most;
    IF have > most THEN
        RAISE EXCEPTION 'the account has % of %', most, TG_TABLE_NAME USING ERRCODE = 'PRQ01', TABLE = TG_TABLE_NAME, DETAIL = most::text;
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT name FROM quotas WHERE name <> 'unused_upload_bytes' LOOP
        EXECUTE format('CREATE TRIGGER within_quota AFTER INSERT ON %I FOR EACH ROW EXECUTE FUNCTION within_quota()', t);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT name FROM quotas WHERE name <> 'unused_upload_bytes' LOOP
        EXECUTE format('DROP TRIGGER within_quota ON %I', t);
    END LOOP;
END $$;
-- +goose StatementEnd
DROP FUNCTION within_quota, quota_of;
DROP INDEX flow_versions_account, media_uploader;
DROP TABLE account_quotas, quotas;
