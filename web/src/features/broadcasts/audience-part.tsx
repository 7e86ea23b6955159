import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { broadcastsQuery } from '@/api/queries/broadcasts';
import { labelsQuery } from '@/api/queries/labels';
import { flatten } from '@/api/queries/pages';
import type { BroadcastPart } from '@/api/types';
import { Button } from '@/components/button';
import { CheckField } from '@/components/check-field';
import { MultiCombobox, type Option } from '@/components/combobox';
import { TextArea, TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { listRows, MOST_ROWS } from './list-rows';
import type { Plan, Source } from './plan';

const SOURCES = ['labels', 'list', 'everybody', 'after'] as const satisfies readonly Source[];
const AFTER_PARTS = ['silent', 'read', 'delivered', 'sent', 'replied', 'failed'] as const satisfies readonly BroadcastPart[];

/** Who gets a broadcast. */
export function AudiencePart({ plan, onChange }: { plan: Plan; onChange: (part: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  const labels = useQuery(labelsQuery);
  const options = useMemo<Option[]>(() => (labels.data ?? []).map(({ id, name, color }) => ({ value: String(id), words: name, color })), [labels.data]);
  const chosen = (ids: readonly number[]) => options.filter(({ value }) => ids.includes(Number(value)));
  const ids = (picked: readonly Option[]) => picked.map(({ value }) => Number(value));
  const without = <MultiCombobox label={t('broadcasts.edit.without')} options={options} value={chosen(plan.without)} onChange={(picked) => onChange({ without: ids(picked) })} />;
  return (
    <>
      <SelectField
        label={t('broadcasts.edit.source')}
        name="audience"
        value={plan.source}
        onValue={(value) => onChange({ source: value as Source })}
        options={SOURCES.map((value) => ({ value, words: t(`broadcasts.edit.sources.${value}`) }))}
      />
      {plan.source === 'labels' && (
        <>
          <MultiCombobox label={t('broadcasts.edit.labels')} options={options} value={chosen(plan.labels)} onChange={(picked) => onChange({ labels: ids(picked) })} />
          {without}
        </>
      )}
      {plan.source === 'everybody' && without}
      {plan.source === 'list' && <ListField plan={plan} onChange={onChange} />}
      {plan.source === 'after' && <AfterField plan={plan} onChange={onChange} />}
      <CheckField label={t('broadcasts.edit.served')} hint={t('broadcasts.edit.servedHint')} checked={plan.served} onChecked={(served) => onChange({ served })} />
      <TextField label={t('broadcasts.edit.cap')} name="cap" type="number" min={0} max={2160} hint={t('broadcasts.edit.capHint')} value={plan.cap} onValue={(cap) => onChange({ cap })} />
    </>
  );
}

function ListField({ plan, onChange }: { plan: Plan; onChange: (part: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const read = (text: string) => {
    if (text.trim() === '') return onChange({ rows: undefined, columns: [] });
    onChange(listRows(text));
  };
  const { rows } = plan;
  return (
    <div className="space-y-2">
      <TextArea
        label={t('broadcasts.edit.list')}
        name="list"
        hint={t('broadcasts.edit.listHint')}
        placeholder={t('broadcasts.edit.listPlaceholder')}
        rows={5}
        onValue={read}
        {...(rows && rows.length > MOST_ROWS && { error: t('broadcasts.edit.listTooLong', { count: MOST_ROWS }) })}
      />
      <div className="flex flex-wrap items-center gap-3">
        <input
          ref={file}
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          className="sr-only"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const [first] = event.target.files ?? [];
            event.target.value = '';
            if (first) void first.text().then(read);
          }}
        />
        <Button onClick={() => file.current?.click()}>{t('broadcasts.edit.listFile')}</Button>
        <p role="status" className="text-sm text-muted">
          {rows
            ? [t('broadcasts.edit.listRead', { count: rows.length }), plan.columns.length > 0 && t('broadcasts.edit.listColumns', { names: plan.columns.map((name) => `{${name}}`).join(' ') })].filter(Boolean).join(' · ')
            : plan.listed > 0
              ? t('broadcasts.edit.listKept', { count: plan.listed })
              : ''}
        </p>
      </div>
    </div>
  );
}

function AfterField({ plan, onChange }: { plan: Plan; onChange: (part: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  const sent = flatten(useInfiniteQuery(broadcastsQuery).data).filter(({ state }) => state !== 'draft');
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={t('broadcasts.edit.after')}
        name="after"
        value={String(plan.after ?? '')}
        onValue={(value) => onChange({ after: Number(value) || undefined })}
        options={[{ value: '', words: '—' }, ...sent.map(({ id, name }) => ({ value: String(id), words: name }))]}
      />
      <SelectField
        label={t('broadcasts.edit.part')}
        name="part"
        value={plan.part}
        onValue={(value) => onChange({ part: value as BroadcastPart | '' })}
        options={[{ value: '', words: t('broadcasts.edit.partAll') }, ...AFTER_PARTS.map((value) => ({ value, words: t(`broadcasts.parts.${value}`) }))]}
      />
    </div>
  );
}
