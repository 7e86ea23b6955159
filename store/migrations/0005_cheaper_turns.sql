-- +goose Up
-- What every message and every step writes is made smaller; docs/performance.md has the figures.

-- The check locked the account's one row for every message that was stored. Its account is its conversation's, whose row is
-- locked anyway, and accounts are never deleted while they have conversations.
ALTER TABLE messages DROP CONSTRAINT messages_account_id_fkey;

-- A run's state is written anew with every step: kept in the row, and compressed there.
ALTER TABLE flow_runs ALTER COLUMN state SET STORAGE MAIN, ALTER COLUMN result SET STORAGE MAIN, ALTER COLUMN trigger SET STORAGE MAIN;
ALTER TABLE flow_runs SET (toast_tuple_target = 256);

-- +goose Down
ALTER TABLE flow_runs RESET (toast_tuple_target);
ALTER TABLE flow_runs ALTER COLUMN state SET STORAGE EXTENDED, ALTER COLUMN result SET STORAGE EXTENDED, ALTER COLUMN trigger SET STORAGE EXTENDED;
ALTER TABLE messages ADD CONSTRAINT messages_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id);
