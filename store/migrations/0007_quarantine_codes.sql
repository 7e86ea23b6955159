-- +goose Up
-- Why something is in quarantine, in one word that the console has words for; reason and last_error stay the English
-- sentences with the particulars. What is there already has no code of its own.
ALTER TABLE quarantine ADD COLUMN code text NOT NULL DEFAULT 'other', ADD COLUMN last_code text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE quarantine DROP COLUMN code, DROP COLUMN last_code;
