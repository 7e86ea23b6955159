import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldsQuery } from '@/api/queries/desk';
import { flowsQuery } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import type { FilterField, FilterOp } from '@/api/types';
import { IconButton } from '@/components/button';
import { MultiCombobox, type Option } from '@/components/combobox';
import { Select } from '@/components/select';
import '@/i18n/rest';
import { useFilterOptions } from '../filter-options';
import { FIELDS, isComplete, newCondition, type Condition } from './filter-tree';

const UNITS = { minutes: 1, hours: 60, days: 1440 } as const;
type Unit = keyof typeof UNITS;

/** The largest unit in which a number of minutes is a whole number. */
function unitOf(minutes: number): Unit {
  if (minutes % UNITS.days === 0 && minutes > 0) return 'days';
  return minutes % UNITS.hours === 0 && minutes > 0 ? 'hours' : 'minutes';
}

/** What a field can be set to, where that is a list. */
function useChoices(field: FilterField): readonly Option[] {
  const { t } = useTranslation();
  const options = useFilterOptions();
  const mayReadFlows = useMe().permissions.includes('flows:read');
  const flows = useQuery({ ...flowsQuery, enabled: field === 'flow' && mayReadFlows });
  return useMemo(() => {
    const words = <T extends string>(values: readonly T[], say: (value: T) => string): Option[] => values.map((value) => ({ value, words: say(value) }));
    switch (field) {
      case 'queue':
        return options.fila;
      case 'agent':
        return [{ value: 'me', words: t('saved.me') }, ...options.agente];
      case 'connection':
        return options.conexao;
      case 'label':
        return options.etiqueta;
      case 'flow':
        return (flows.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }));
      case 'state':
        return words(['waiting', 'open', 'snoozed', 'none'] as const, (each) => t(`saved.states.${each}`));
      case 'priority':
        return words(['urgent', 'high', 'medium', 'low', 'none'] as const, (each) => t(`list.priorities.${each}`));
      case 'window':
        return [
          { value: 'open', words: t('list.windows.aberta') },
          { value: 'expiring', words: t('list.windows.expirando') },
          { value: 'expired', words: t('list.windows.expirada') },
          { value: 'none', words: t('list.windows.nunca') },
        ];
      case 'in_charge':
        return words(['flow', 'ticket', 'idle'] as const, (each) => t(`saved.charges.${each}`));
      default:
        return [];
    }
  }, [field, options, flows.data, t]);
}

const FIELD_ORDER = Object.keys(FIELDS) as FilterField[];

/** One condition: a field, how it is compared, and its value. On a phone the parts stand under each other. */
export function ConditionRow({ condition, onChange, onRemove }: { condition: Condition; onChange: (to: Condition) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const { field, op } = condition;
  const { shape, ops } = FIELDS[field];
  const offered = FIELD_ORDER.filter((each) => each !== 'flow' || field === 'flow' || permissions.includes('flows:read'));
  const words = t(`saved.fields.${field}`);
  return (
    <li className="rounded-xl bg-sunken/60 p-2">
      <div className="flex flex-wrap items-start gap-2">
        <Select<FilterField>
          label={t('saved.field')}
          value={field}
          options={offered.map((value) => ({ value, words: t(`saved.fields.${value}`) }))}
          onChange={(to) => onChange({ ...newCondition(to), id: condition.id })}
          className="min-w-0 flex-1 basis-28 sm:flex-none"
        />
        {field === 'contact_field' && <CustomField condition={condition} onChange={onChange} />}
        {ops.length > 1 && (
          <Select<FilterOp>
            label={`${words}: ${t('saved.op')}`}
            value={op}
            options={ops.map((value) => ({ value, words: t(`saved.ops.${value}`) }))}
            onChange={(to) => onChange({ ...condition, op: to })}
            className="min-w-0 flex-1 basis-20 sm:flex-none"
          />
        )}
        <div className="order-last min-w-0 flex-1 basis-full sm:order-none sm:basis-40">{op !== 'empty' && op !== 'present' && <Value condition={condition} words={words} shape={shape} onChange={onChange} />}</div>
        <IconButton label={t('saved.removeCondition', { field: words })} onClick={onRemove} className="ml-auto">
          <Trash2 aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      {!isComplete(condition) && <p className="px-1 pt-1.5 text-xs text-muted">{t('saved.incomplete')}</p>}
    </li>
  );
}

function Value({ condition, words, shape, onChange }: { condition: Condition; words: string; shape: (typeof FIELDS)[FilterField]['shape']; onChange: (to: Condition) => void }) {
  const { t } = useTranslation();
  const choices = useChoices(condition.field);
  const label = `${words}: ${t('saved.value')}`;
  if (shape === 'ids' || shape === 'words') {
    return (
      <MultiCombobox
        label={label}
        labelHidden
        placeholder={t('saved.choose')}
        options={choices}
        value={condition.values.map((value) => choices.find((each) => each.value === value) ?? { value, words: `#${value}` })}
        onChange={(next) => onChange({ ...condition, values: next.map(({ value }) => value) })}
      />
    );
  }
  if (shape === 'flag') {
    return (
      <Select
        label={label}
        value={condition.value}
        options={[
          { value: 'true', words: t('saved.yes') },
          { value: 'false', words: t('saved.no') },
        ]}
        onChange={(value) => onChange({ ...condition, value })}
        className="w-full"
      />
    );
  }
  if (shape === 'age') return <Age condition={condition} label={label} onChange={onChange} />;
  return (
    <input
      aria-label={label}
      value={condition.value}
      maxLength={200}
      onChange={(event) => onChange({ ...condition, value: event.target.value })}
      className="h-9 w-full rounded-lg border border-line bg-raised px-3 text-sm outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30"
    />
  );
}

/** How long ago: a number and its unit. */
function Age({ condition, label, onChange }: { condition: Condition; label: string; onChange: (to: Condition) => void }) {
  const { t } = useTranslation();
  const minutes = Number(condition.value);
  // What is typed stays in the unit in which it is typed: 60 minutes do not become an hour under the fingers.
  const [unit, setUnit] = useState(() => unitOf(minutes));
  const shown = condition.value === '' ? '' : String(minutes / UNITS[unit]);
  return (
    <span className="flex gap-2">
      <input
        type="number"
        inputMode="numeric"
        min={1}
        aria-label={label}
        value={shown}
        onChange={(event) => onChange({ ...condition, value: event.target.value === '' ? '' : String(Math.max(0, Math.round(Number(event.target.value))) * UNITS[unit]) })}
        className="h-9 w-20 rounded-lg border border-line bg-raised px-3 text-sm tabular outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30"
      />
      <Select<Unit>
        label={t('saved.unit')}
        value={unit}
        options={(['minutes', 'hours', 'days'] as const).map((value) => ({ value, words: t(`saved.units.${value}`) }))}
        onChange={(to) => {
          setUnit(to);
          onChange({ ...condition, value: condition.value === '' ? '' : String((minutes / UNITS[unit]) * UNITS[to]) });
        }}
      />
    </span>
  );
}

function CustomField({ condition, onChange }: { condition: Condition; onChange: (to: Condition) => void }) {
  const { t } = useTranslation();
  const fields = useQuery(fieldsQuery);
  const options = (fields.data ?? []).filter((each) => each.entity === 'contact' && !each.archived_at).map(({ key, name }) => ({ value: key, words: name }));
  const known = condition.key === '' || options.some(({ value }) => value === condition.key);
  return (
    <Select
      label={t('saved.customField')}
      value={condition.key}
      options={[{ value: '', words: t('saved.chooseField') }, ...options, ...(known ? [] : [{ value: condition.key, words: condition.key }])]}
      onChange={(key) => onChange({ ...condition, key })}
      className="min-w-0 flex-1 basis-36 sm:flex-none"
    />
  );
}
