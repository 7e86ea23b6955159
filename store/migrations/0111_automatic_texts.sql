-- +goose Up
-- When the contact was last told that nobody answers at this hour (rules 019, 046).
ALTER TABLE conversations ADD COLUMN told_closed_at timestamptz;

-- +goose Down
ALTER TABLE conversations DROP COLUMN told_closed_at;
