-- +goose Up
-- A secret travels only to the hosts that its account file names (S12). One of before travels nowhere until a file names some.
ALTER TABLE account_secrets ADD COLUMN hosts text[] NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE account_secrets DROP COLUMN hosts;
