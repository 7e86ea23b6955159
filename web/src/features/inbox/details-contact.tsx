import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { contactKeys, updateContact, type ContactChange } from '@/api/queries/contacts';
import { fieldsQuery } from '@/api/queries/desk';
import { useMe } from '@/api/queries/sign-in';
import type { ContactDetail, CustomField } from '@/api/types';
import { Fact, Facts } from '@/components/facts';
import { cnpjShown, cpfShown, isCnpj, isCpf, isDay, isEmail } from '@/i18n/documents';
import { phoneNumber, useDates } from '@/i18n/format';
import { Section } from './details-section';
import { EditableFact } from './editable-fact';
import { shownValue, typedValue } from './field-input';

/** Changes a contact: what is given is shown at once, and put back when the server refuses it. */
export function useContactChange(contact: ContactDetail): (change: ContactChange, expected: Partial<ContactDetail>) => Promise<void> {
  const client = useQueryClient();
  return async (change, expected) => {
    const key = contactKeys.one(contact.id);
    client.setQueryData<ContactDetail>(key, (old) => old && { ...old, ...expected });
    try {
      client.setQueryData<ContactDetail>(key, await updateContact(contact.id, change));
    } catch (error) {
      client.setQueryData<ContactDetail>(key, contact);
      throw error;
    }
  };
}

const PERSON = ['birth_date', 'cpf', 'rg', 'client_code'] as const;
type SystemFieldName = keyof ContactDetail['fields'];
const TYPES: Record<CustomField['kind'], 'text' | 'date' | 'time' | 'datetime-local' | 'url'> = {
  text: 'text',
  number: 'text',
  boolean: 'text',
  list: 'text',
  image: 'text',
  date: 'date',
  time: 'time',
  instant: 'datetime-local',
  link: 'url',
};

/** Who the person is: name, phone, e-mail, the system's fields and the account's own, changed where they stand (rules 183 to 185). */
export function ContactFacts({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const mayEdit = useMe().permissions.includes('contacts:write');
  const fields = useQuery(fieldsQuery);
  const save = useContactChange(contact);
  const own = (fields.data ?? []).filter(({ entity, kind }) => entity === 'contact' && kind !== 'image');
  return (
    <Section title={t('contact.contact')}>
      <Facts columns={1}>
        <EditableFact name={t('contact.name')} value={contact.name} maxLength={200} mayEdit={mayEdit} onSave={(name) => save({ name }, { name })} />
        {contact.phone !== undefined && (
          <Fact name={t('contact.phone')} copy={contact.phone}>
            {phoneNumber(contact.phone)}
          </Fact>
        )}
        <EditableFact
          name={t('contact.email')}
          value={contact.email ?? ''}
          type="email"
          copy
          mayEdit={mayEdit}
          check={(typed) => (isEmail(typed) ? undefined : t('contact.wrong.email'))}
          onSave={(email) => save({ email }, { email })}
        />
        {contact.profile_name !== '' && contact.profile_name !== contact.name && <Fact name={t('contact.profileName')}>{contact.profile_name}</Fact>}
        {PERSON.map((field) => (
          <SystemField key={field} contact={contact} field={field} />
        ))}
        {!contact.fields.cnpj && !contact.fields.company_name && <SystemField contact={contact} field="cnpj" />}
        {own.map((field) => (
          <OwnField key={field.id} field={field} value={contact.custom_values[field.key]} mayEdit={mayEdit} onSave={(value) => save({ custom_values: { [field.key]: value ?? null } }, { custom_values: { ...contact.custom_values, [field.key]: value } })} />
        ))}
      </Facts>
    </Section>
  );
}

/** One of the fields that every contact may have, checked as what it is. */
function SystemField({ contact, field }: { contact: ContactDetail; field: SystemFieldName }) {
  const { t } = useTranslation();
  const dates = useDates();
  const mayEdit = useMe().permissions.includes('contacts:write');
  const save = useContactChange(contact);
  const value = contact.fields[field] ?? '';
  const right: Partial<Record<SystemFieldName, (typed: string) => boolean>> = { birth_date: isDay, cpf: isCpf, cnpj: isCnpj };
  const wrong: Partial<Record<SystemFieldName, string>> = { birth_date: t('contact.wrong.date'), cpf: t('contact.wrong.cpf'), cnpj: t('contact.wrong.cnpj') };
  const shown = field === 'cpf' ? cpfShown(value) : field === 'cnpj' ? cnpjShown(value) : field === 'birth_date' && isDay(value) ? dates.date(value) : value;
  return (
    <EditableFact
      name={t(`contact.fields.${field}`)}
      value={value}
      shown={shown}
      type={field === 'birth_date' ? 'date' : 'text'}
      maxLength={field === 'company_name' ? 200 : 40}
      copy={field === 'cnpj'}
      mayEdit={mayEdit}
      check={(typed) => (right[field]?.(typed) === false ? wrong[field] : undefined)}
      onSave={(typed) => save({ fields: { [field]: typed === '' ? null : typed } }, { fields: { ...contact.fields, [field]: typed } })}
    />
  );
}

function OwnField({ field, value, mayEdit, onSave }: { field: CustomField; value: unknown; mayEdit: boolean; onSave: (value: unknown) => Promise<void> }) {
  const { t } = useTranslation();
  const yesNo = [
    { value: 'true', words: t('acts.yes') },
    { value: 'false', words: t('acts.no') },
  ];
  const options = field.kind === 'boolean' ? yesNo : field.options.length > 0 ? field.options.map((option) => ({ value: option, words: option })) : undefined;
  const stored = shownValue(value);
  return (
    <EditableFact
      name={field.name}
      value={stored}
      {...(field.kind === 'boolean' && { shown: yesNo.find((each) => each.value === stored)?.words ?? '' })}
      type={TYPES[field.kind]}
      {...(options && { options })}
      maxLength={field.max_length}
      mayEdit={mayEdit}
      onSave={(typed) => {
        // A list of several keeps being one: names are told apart by commas.
        const many = Array.isArray(value) && !options ? typed.split(',').map((each) => each.trim()) : undefined;
        return onSave(typed === '' ? undefined : (many ?? typedValue(field, typed)));
      }}
    />
  );
}

/** The company a contact belongs to, where it has a CNPJ (rule 186). */
export function CompanyFacts({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  if (!contact.fields.cnpj && !contact.fields.company_name) return null;
  return (
    <Section title={t('contact.company')}>
      <Facts columns={1}>
        <SystemField contact={contact} field="company_name" />
        <SystemField contact={contact} field="cnpj" />
      </Facts>
    </Section>
  );
}
