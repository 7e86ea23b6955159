-- +goose Up
-- docs/performance.md has the figures.

-- The check locked the account's one row for every message that was stored. Its account is its conversation's, whose row is
-- locked anyway, and accounts are never deleted while they have conversations.
ALTER TABLE messages DROP CONSTRAINT messages_account_id_fkey;

-- +goose Down
ALTER TABLE messages ADD CONSTRAINT messages_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id);
