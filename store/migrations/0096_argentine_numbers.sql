-- +goose Up
-- An Argentine number is written with the 9 after the country code. People known by the writing without it are known by both.
INSERT INTO contact_identities (account_id, kind, scope, value, contact_id, address, created_at)
SELECT i.account_id, i.kind, i.scope, '549' || substr(i.value, 3), i.contact_id, i.address, i.created_at
FROM contact_identities i
WHERE i.kind = 'phone' AND i.value ~ '^54[123][0-9]{9}$'
ON CONFLICT DO NOTHING;
UPDATE contacts SET phone = '+549' || substr(phone, 4) WHERE phone ~ '^\+54[123][0-9]{9}$';

-- +goose Down
DELETE FROM contact_identities i
WHERE i.kind = 'phone' AND i.value ~ '^549[123][0-9]{9}$'
    AND EXISTS (SELECT 1 FROM contact_identities o
        WHERE o.account_id = i.account_id AND o.kind = i.kind AND o.scope = i.scope AND o.contact_id = i.contact_id AND o.value = '54' || substr(i.value, 4));
