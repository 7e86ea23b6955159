-- +goose Up
-- A use ends when what used the file drops it: a contact whose field takes another value, a flow whose draft and versions
-- name the file no more. A file without uses is its uploader's alone, and housekeeping removes it.
-- +goose StatementBegin
CREATE FUNCTION flow_files(document jsonb) RETURNS SETOF bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (named #>> '{}')::bigint FROM jsonb_path_query(document, '$.**.media.id ? (@ like_regex "^[0-9]{1,18}$")') named
    UNION
    SELECT (named #>> '{}')::bigint FROM jsonb_path_query(document, '$.**.header_media.id ? (@ like_regex "^[0-9]{1,18}$")') named
$$;
-- The header of a template names a file too.
CREATE OR REPLACE FUNCTION flow_uses_files(account bigint, flow bigint, document jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO media_uses (account_id, media_id, flow_id)
    SELECT f.account_id, f.id, flow
    FROM flow_files(document) named (id) JOIN media f ON f.account_id = account AND f.id = named.id
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION flow_names_file(document jsonb, media bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT media IN (SELECT * FROM flow_files(document))
$$;
CREATE OR REPLACE FUNCTION flow_draft_uses_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM flow_uses_files(NEW.account_id, NEW.id, NEW.draft);
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM media_uses u
        USING (SELECT * FROM flow_files(OLD.draft) EXCEPT SELECT * FROM flow_files(NEW.draft)) dropped (id)
        WHERE u.account_id = NEW.account_id AND u.flow_id = NEW.id AND u.media_id = dropped.id
            AND NOT EXISTS (SELECT 1 FROM flow_versions w WHERE w.account_id = NEW.account_id AND w.flow_id = NEW.id AND flow_names_file(w.graph, dropped.id));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION contact_drops_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM media_uses u
    WHERE u.account_id = NEW.account_id AND u.contact_id = NEW.id
        AND NOT EXISTS (SELECT 1 FROM jsonb_each_text(NEW.custom_values) given WHERE given.value = u.media_id::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contact_drops_files AFTER UPDATE OF custom_values ON contacts FOR EACH ROW
    WHEN (OLD.custom_values IS DISTINCT FROM NEW.custom_values) EXECUTE FUNCTION contact_drops_files();

SELECT flow_uses_files(account_id, id, draft) FROM flows;
SELECT flow_uses_files(account_id, flow_id, graph) FROM flow_versions;

-- The files of a contact that was merged are the one's that it became part of.
INSERT INTO media_uses (account_id, media_id, contact_id)
SELECT u.account_id, u.media_id, k.merged_into_id
FROM media_uses u JOIN contacts k ON k.account_id = u.account_id AND k.id = u.contact_id
WHERE k.merged_into_id IS NOT NULL
ON CONFLICT DO NOTHING;
DELETE FROM media_uses u USING contacts k
WHERE k.account_id = u.account_id AND k.id = u.contact_id
    AND (k.merged_into_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM jsonb_each_text(k.custom_values) given WHERE given.value = u.media_id::text));
DELETE FROM media_uses u USING flows f
WHERE f.account_id = u.account_id AND f.id = u.flow_id AND NOT flow_names_file(f.draft, u.media_id)
    AND NOT EXISTS (SELECT 1 FROM flow_versions w WHERE w.account_id = u.account_id AND w.flow_id = u.flow_id AND flow_names_file(w.graph, u.media_id));

-- +goose Down
DROP TRIGGER contact_drops_files ON contacts;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION flow_draft_uses_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM flow_uses_files(NEW.account_id, NEW.id, NEW.draft);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION flow_uses_files(account bigint, flow bigint, document jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO media_uses (account_id, media_id, flow_id)
    SELECT f.account_id, f.id, flow
    FROM jsonb_path_query(document, '$.**.media.id ? (@ like_regex "^[0-9]{1,18}$")') named JOIN media f ON f.account_id = account AND f.id = (named #>> '{}')::bigint
    ON CONFLICT DO NOTHING
$$;
-- +goose StatementEnd
DROP FUNCTION contact_drops_files, flow_files, flow_names_file;
