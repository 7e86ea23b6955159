-- +goose Up
-- A number belongs to whom the provider has shown it, with the connection's own token. Until then anybody may write it down,
-- and nobody learns that another account has it.
ALTER TABLE connections ADD COLUMN proven_at timestamptz;
UPDATE connections SET proven_at = health_at WHERE provider_ref IS NOT NULL AND state <> 'removed';
DROP INDEX connections_provider_ref;
CREATE UNIQUE INDEX connections_proven ON connections (channel, provider_ref) WHERE proven_at IS NOT NULL AND state <> 'removed';
CREATE UNIQUE INDEX connections_provider_ref ON connections (account_id, channel, provider_ref) WHERE provider_ref IS NOT NULL AND state <> 'removed';

-- +goose Down
DROP INDEX connections_provider_ref, connections_proven;
-- Of several connections with one number the proven one keeps it, else the oldest.
UPDATE connections c SET provider_ref = NULL
WHERE c.provider_ref IS NOT NULL AND c.state <> 'removed' AND c.id <> (
    SELECT o.id FROM connections o
    WHERE o.channel = c.channel AND o.provider_ref = c.provider_ref AND o.state <> 'removed'
    ORDER BY o.proven_at NULLS LAST, o.id LIMIT 1);
CREATE UNIQUE INDEX connections_provider_ref ON connections (channel, provider_ref) WHERE provider_ref IS NOT NULL AND state <> 'removed';
ALTER TABLE connections DROP COLUMN proven_at;
