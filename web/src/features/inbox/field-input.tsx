import { useTranslation } from 'react-i18next';
import type { CustomField } from '@/api/types';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';

const TYPES: Record<string, 'date' | 'time' | 'datetime-local' | 'url'> = { date: 'date', time: 'time', instant: 'datetime-local', link: 'url' };

/** What was typed into a field, as the server takes it. An empty field has no value. */
export function typedValue(field: Pick<CustomField, 'kind'>, text: string): unknown {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (field.kind === 'number') {
    const number = Number(typed.replace(/\.(?=\d{3}(\D|$))/g, '').replace(',', '.'));
    return Number.isFinite(number) ? number : typed;
  }
  if (field.kind === 'boolean') return typed === 'true';
  if (field.kind === 'instant') return new Date(typed).toISOString();
  return typed;
}

/** A stored value as its field shows it. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** One of the account's own fields, as its kind is filled in. */
export function FieldInput({
  field,
  name,
  value,
  onValue,
  hint,
  error,
  optional = false,
}: {
  field: CustomField;
  name: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
}) {
  const { t } = useTranslation();
  const shared = { label: field.name, name, value, onValue, hint, error, optional };
  const none = { value: '', words: t('acts.choose') };
  if (field.kind === 'boolean') {
    return <SelectField {...shared} options={[none, { value: 'true', words: t('acts.yes') }, { value: 'false', words: t('acts.no') }]} />;
  }
  if (field.options.length > 0) return <SelectField {...shared} options={[none, ...field.options.map((option) => ({ value: option, words: option }))]} />;
  return (
    <TextField
      {...shared}
      type={TYPES[field.kind] ?? 'text'}
      {...(field.kind === 'number' && { inputMode: 'decimal' as const })}
      {...(field.max_length && { maxLength: field.max_length })}
    />
  );
}
