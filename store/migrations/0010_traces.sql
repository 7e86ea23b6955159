-- +goose Up
-- Where a trace goes on (ADR 46): 16 bytes of the trace's id and 8 of the span's that wrote the row. NULL unless it is traced
-- and kept, so that a row is no longer than before: all three tables have columns that are NULL already.
ALTER TABLE messages ADD COLUMN trace bytea;
ALTER TABLE flow_calls ADD COLUMN trace bytea;
ALTER TABLE flow_run_events ADD COLUMN trace bytea;

-- +goose Down
ALTER TABLE flow_run_events DROP COLUMN trace;
ALTER TABLE flow_calls DROP COLUMN trace;
ALTER TABLE messages DROP COLUMN trace;
