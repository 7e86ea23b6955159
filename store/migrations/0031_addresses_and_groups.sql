-- +goose Up
-- A contact is a person or a group. Of a group's message the row says who wrote it.
ALTER TABLE contacts ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'group'));
ALTER TABLE messages ADD COLUMN sender_id bigint;

-- An identity is unique within a scope: '' is the account, else portfolio/<id> or connection/<id>.
ALTER TABLE contact_identities ADD COLUMN scope text NOT NULL DEFAULT '';
ALTER TABLE contact_identities DROP CONSTRAINT contact_identities_kind_check;
ALTER TABLE contact_identities ADD CONSTRAINT contact_identities_kind_check
    CHECK (kind IN ('phone', 'bsuid', 'lid', 'psid', 'igsid', 'chat', 'visitor', 'email', 'group'));
ALTER TABLE contact_identities DROP CONSTRAINT contact_identities_pkey, ADD PRIMARY KEY (account_id, kind, scope, value);
-- A user id of Meta's belongs to the portfolios of the connections on which the person has a conversation.
INSERT INTO contact_identities (account_id, kind, scope, value, contact_id, address, created_at)
SELECT DISTINCT i.account_id, i.kind, coalesce('portfolio/' || n.waba_id, 'connection/' || n.id), i.value, i.contact_id, i.address, i.created_at
FROM contact_identities i JOIN conversations c ON c.contact_id = i.contact_id JOIN connections n ON n.id = c.connection_id
WHERE i.kind = 'bsuid';
DELETE FROM contact_identities i WHERE kind = 'bsuid' AND scope = ''
    AND EXISTS (SELECT 1 FROM contact_identities s WHERE s.account_id = i.account_id AND s.kind = 'bsuid' AND s.value = i.value AND s.scope <> '');

-- Where the channel reaches the contact. Only the channel's adapter reads it.
ALTER TABLE conversations ADD COLUMN address text;
UPDATE conversations SET address = coalesce(address_phone, address_user_id);
ALTER TABLE conversations DROP COLUMN address_phone, DROP COLUMN address_user_id;

-- +goose Down
ALTER TABLE conversations ADD COLUMN address_phone text, ADD COLUMN address_user_id text;
UPDATE conversations c SET address_phone = CASE WHEN address ~ '^[+]?[0-9]+$' THEN address END,
    address_user_id = (SELECT min(i.address) FROM contact_identities i WHERE i.contact_id = c.contact_id AND i.kind = 'bsuid');
ALTER TABLE conversations DROP COLUMN address;
DELETE FROM contact_identities WHERE kind = 'group';
DELETE FROM contact_identities i USING contact_identities e
    WHERE e.account_id = i.account_id AND e.kind = i.kind AND e.value = i.value AND e.scope < i.scope;
ALTER TABLE contact_identities DROP CONSTRAINT contact_identities_pkey, ADD PRIMARY KEY (account_id, kind, value), DROP COLUMN scope;
ALTER TABLE contact_identities DROP CONSTRAINT contact_identities_kind_check;
ALTER TABLE contact_identities ADD CONSTRAINT contact_identities_kind_check
    CHECK (kind IN ('phone', 'bsuid', 'lid', 'psid', 'igsid', 'chat', 'visitor', 'email'));
ALTER TABLE messages DROP COLUMN sender_id;
ALTER TABLE contacts DROP COLUMN kind;
