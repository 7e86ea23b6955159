-- +goose Up
-- The channel's table says what a connection is set up with. Sealed values keep their places, so they move as they are.
ALTER TABLE connections ADD COLUMN provider_ref text, ADD COLUMN portfolio_ref text,
    ADD COLUMN config jsonb NOT NULL DEFAULT '{}', ADD COLUMN credentials jsonb NOT NULL DEFAULT '{}';
UPDATE connections SET provider_ref = phone_number_id, portfolio_ref = waba_id,
    config = jsonb_build_object('graph_base_url', graph_base_url, 'graph_version', graph_version),
    credentials = jsonb_strip_nulls(jsonb_build_object(
        'access_token', translate(encode(access_token, 'base64'), E'\n', ''),
        'app_secret', translate(encode(app_secret, 'base64'), E'\n', ''),
        'app_secret_previous', translate(encode(app_secret_previous, 'base64'), E'\n', ''),
        'verify_token', translate(encode(verify_token, 'base64'), E'\n', '')));
ALTER TABLE connections DROP COLUMN phone_number_id, DROP COLUMN waba_id, DROP COLUMN graph_base_url, DROP COLUMN graph_version,
    DROP COLUMN access_token, DROP COLUMN app_secret, DROP COLUMN app_secret_previous, DROP COLUMN verify_token;
CREATE UNIQUE INDEX connections_provider_ref ON connections (channel, provider_ref) WHERE provider_ref IS NOT NULL AND state <> 'removed';

-- +goose Down
ALTER TABLE connections ADD COLUMN phone_number_id text, ADD COLUMN waba_id text,
    ADD COLUMN graph_base_url text NOT NULL DEFAULT 'https://graph.facebook.com', ADD COLUMN graph_version text NOT NULL DEFAULT 'v25.0',
    ADD COLUMN access_token bytea, ADD COLUMN app_secret bytea, ADD COLUMN app_secret_previous bytea, ADD COLUMN verify_token bytea;
UPDATE connections SET phone_number_id = provider_ref, waba_id = portfolio_ref,
    graph_base_url = coalesce(config ->> 'graph_base_url', graph_base_url), graph_version = coalesce(config ->> 'graph_version', graph_version),
    access_token = decode(credentials ->> 'access_token', 'base64'), app_secret = decode(credentials ->> 'app_secret', 'base64'),
    app_secret_previous = decode(credentials ->> 'app_secret_previous', 'base64'), verify_token = decode(credentials ->> 'verify_token', 'base64');
ALTER TABLE connections DROP COLUMN provider_ref, DROP COLUMN portfolio_ref, DROP COLUMN config, DROP COLUMN credentials;
CREATE UNIQUE INDEX connections_phone_number_id ON connections (phone_number_id) WHERE phone_number_id IS NOT NULL AND state <> 'removed';
