-- +goose Up
-- What the provider tells of a number is in health, apart from what admins set. Coexistence stood among the settings, where
-- a request or an account file wrote it away.
UPDATE connections SET
    health = health || '{"coexistence": true}',
    settings = settings - 'coexistence'
WHERE settings -> 'coexistence' = 'true';
UPDATE connections SET settings = settings - 'coexistence' WHERE settings ? 'coexistence';

-- +goose Down
UPDATE connections SET settings = settings || '{"coexistence": true}' WHERE health -> 'coexistence' = 'true';
UPDATE connections SET display_phone = health ->> 'display_phone' WHERE health ->> 'display_phone' <> '';
