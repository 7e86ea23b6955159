-- +goose Up
-- A contact's values of the account's own fields get a column of their own. They stood under fields.custom. What requests
-- put beside the system's fields was meant for a custom field as well.
ALTER TABLE contacts ADD COLUMN custom_values jsonb NOT NULL DEFAULT '{}';
UPDATE contacts SET
    custom_values = jsonb_strip_nulls(
        (fields - '{birth_date,cpf,rg,client_code,custom}'::text[])
        || CASE WHEN jsonb_typeof(fields -> 'custom') = 'object' THEN fields -> 'custom' ELSE '{}' END),
    fields = (
        SELECT coalesce(jsonb_object_agg(key, value), '{}')
        FROM jsonb_each_text(fields)
        WHERE key IN ('birth_date', 'cpf', 'rg', 'client_code') AND value <> '')
WHERE fields <> '{}';

-- What a field demands of its values. 0 is the longest text there is for any field.
ALTER TABLE custom_fields
    ADD COLUMN required boolean NOT NULL DEFAULT false,
    ADD COLUMN max_length integer NOT NULL DEFAULT 0 CHECK (max_length BETWEEN 0 AND 4096);

-- +goose Down
ALTER TABLE custom_fields DROP COLUMN max_length, DROP COLUMN required;
UPDATE contacts SET fields = fields || jsonb_build_object('custom', custom_values) WHERE custom_values <> '{}';
ALTER TABLE contacts DROP COLUMN custom_values;
