-- +goose Up
-- The keys of 0070 hold for old rows too. Checking reads the tables, and locks out no writer.
-- +goose StatementBegin
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT conrelid::regclass AS child, conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', r.child, r.conname);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- What is valid stays so.
SELECT 1;
