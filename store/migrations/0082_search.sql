-- +goose Up
-- Search (ADR 70): contacts by any part of their names and numbers, messages of all time by the beginnings of their words.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A text without accents and capitals, as it is searched.
CREATE FUNCTION search_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(translate(words,
        'ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñÝýÿ',
        'aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyy'));

-- What is searched of a message: its text, or its file's caption. The longest texts are searched at their beginning.
CREATE FUNCTION message_text(content jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN left(coalesce(content ->> 'text', content -> 'media' ->> 'caption'), 8000);

-- Messages are searched in buckets of 32,768 ids, the newest first: each word begins with the account and the bucket. So a common
-- word is read no further than is shown, and new messages touch one part of the index.
CREATE FUNCTION search_words(account_id bigint, id bigint, content jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
    RETURN to_tsvector('simple', regexp_replace(search_text(message_text(content)), '[^[:alnum:]]*([[:alnum:]]+)[^[:alnum:]]*',
        ' a' || account_id::text || 'b' || (id >> 15)::text || 'x\1 ', 'g'));
CREATE INDEX messages_words ON messages USING gin (search_words(account_id, id, content)) WITH (gin_pending_list_limit = 512)
    WHERE message_text(content) <> '';

ALTER TABLE contacts ADD COLUMN search text GENERATED ALWAYS AS (
    search_text(name || ' ' || profile_name || ' ' || coalesce(phone, '') || ' ' || coalesce(email, ''))) STORED;
CREATE INDEX contacts_search ON contacts USING gin (search gin_trgm_ops);
CREATE INDEX tickets_protocol_open ON tickets (account_id, protocol) WHERE state <> 'closed';

-- +goose Down
DROP INDEX tickets_protocol_open, contacts_search;
ALTER TABLE contacts DROP COLUMN search;
DROP INDEX messages_words;
DROP FUNCTION search_words, message_text, search_text;
