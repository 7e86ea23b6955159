import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { UserRound } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { libraryQuery } from '@/api/queries/library';
import { flatten } from '@/api/queries/pages';
import { templatesQuery } from '@/api/queries/templates';
import type { Content, Template } from '@/api/types';
import { IconButton } from '@/components/button';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { contentOf, shapeOf, type TemplateField } from '@/components/template-parts';
import { ErrorState, LoadingRows } from '@/components/view-state';
import type { Plan } from './plan';

/** The values of a draft's template, by the field's key. */
function valuesOf(template: Template, content: Content): { values: Record<string, string>; files: Record<string, number> } {
  const values: Record<string, string> = {};
  const files: Record<string, number> = {};
  const { header, body, buttons, cards } = content.template ?? {};
  const take = (prefix: string, part: { header?: typeof header; body?: typeof body; buttons?: typeof buttons }) => {
    const fields = shapeOf(template).fields.filter(({ key }) => (prefix === '' ? !key.startsWith('card.') : key.startsWith(prefix)));
    const bodies = fields.filter(({ place }) => place === 'body');
    bodies.forEach(({ key }, index) => (values[key] = part.body?.[index]?.text ?? ''));
    for (const { key, place, kind } of fields) {
      if (place === 'header' && kind === 'text') values[key] = part.header?.text ?? '';
      if (place === 'header' && kind !== 'text' && part.header?.media?.media_id) files[key] = part.header.media.media_id;
      if (place === 'button' || place === 'code') values[key] = part.buttons?.find(({ index }) => String(index) === key.split('.').at(-1))?.text ?? '';
    }
  };
  take('', { ...(header && { header }), ...(body && { body }), ...(buttons && { buttons }) });
  cards?.forEach((card, index) => take(`card.${index}.`, card));
  return { values, files };
}

/** The template of a broadcast, with what stands in its variables. */
export function TemplatePart({ plan, connection, kept, onChange }: { plan: Plan; connection: number | undefined; kept: Content | undefined; onChange: (part: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  const query = useQuery({ ...templatesQuery(connection ?? 0), enabled: connection !== undefined });
  const approved = (query.data ?? []).filter(({ status }) => status === 'APPROVED');
  const template = approved.find(({ id }) => id === plan.template);
  const choose = (chosen: Template | undefined, from: { values: Record<string, string>; files: Record<string, number> }) => {
    if (!chosen) return onChange({ template: undefined, content: undefined, values: {}, files: {} });
    onChange({ template: chosen.id, ...from, content: filled(chosen, from.values, from.files) });
  };
  // A draft brings its template once the list is there.
  const drafted = plan.template === undefined && kept?.template ? approved.find(({ name, language }) => name === kept.template?.name && language === kept.template.language) : undefined;
  useEffect(() => {
    if (drafted && kept) onChange({ template: drafted.id, ...valuesOf(drafted, kept) });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each draft
  }, [drafted?.id]);
  if (connection !== undefined && query.isPending) return <LoadingRows rows={2} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (approved.length === 0) return <p className="text-sm text-muted">{t('broadcasts.edit.templateNone')}</p>;
  const shape = template && shapeOf(template);
  const put = (part: { values?: Record<string, string>; files?: Record<string, number> }) => {
    if (!template) return;
    const values = { ...plan.values, ...part.values };
    const files = { ...plan.files, ...part.files };
    onChange({ values, files, content: filled(template, values, files) });
  };
  return (
    <div className="space-y-4">
      <SelectField
        label={t('broadcasts.edit.template')}
        name="template"
        value={String(plan.template ?? '')}
        onValue={(value) => choose(approved.find(({ id }) => String(id) === value), { values: {}, files: {} })}
        options={[{ value: '', words: '—' }, ...approved.map(({ id, name, language }) => ({ value: String(id), words: `${name} · ${language}` }))]}
      />
      {shape?.unsupported && (
        <p role="alert" className="text-sm text-bad">
          {t('broadcasts.edit.templateUnsupported')}
        </p>
      )}
      {shape?.fields.map((field, index) =>
        field.kind === 'text' ? (
          <Value key={field.key} field={field} hint={index === 0 || shape.fields[index - 1]?.kind !== 'text' ? t('broadcasts.edit.valueHint') : undefined} value={plan.values[field.key] ?? ''} onValue={(value) => put({ values: { [field.key]: value } })} />
        ) : (
          <LibraryFile key={field.key} kind={field.kind} value={plan.files[field.key]} onValue={(id) => put({ files: { [field.key]: id } })} />
        ),
      )}
    </div>
  );
}

/** The message with the values as they are written; nothing while one is missing. */
function filled(template: Template, values: Record<string, string>, files: Record<string, number>): Content | undefined {
  const shape = shapeOf(template);
  const whole = shape.fields.every(({ key, kind }) => (kind === 'text' ? values[key]?.trim() : files[key]));
  if (shape.unsupported || !whole) return undefined;
  return contentOf(template, shape, { words: values, files: Object.fromEntries(Object.entries(files).map(([key, id]) => [key, { media_id: id }])) });
}

function Value({ field, hint, value, onValue }: { field: TemplateField; hint: string | undefined; value: string; onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const name = field.card === undefined ? field.name : `${field.name} (${field.card})`;
  return (
    <div className="flex items-end gap-2">
      <TextField
        className="min-w-0 flex-1"
        label={t(`broadcasts.edit.field.${field.place}`, { name })}
        name={`value.${field.key}`}
        {...(hint !== undefined && { hint })}
        placeholder={field.example}
        value={value}
        onValue={onValue}
        autoComplete="off"
      />
      <IconButton label={t('broadcasts.edit.valueInsert')} onClick={() => onValue(`${value}{{ contact.first_name }}`)}>
        <UserRound aria-hidden="true" className="size-5" />
      </IconButton>
    </div>
  );
}

function LibraryFile({ kind, value, onValue }: { kind: string; value: number | undefined; onValue: (id: number) => void }) {
  const { t } = useTranslation();
  const files = flatten(useInfiniteQuery(libraryQuery({})).data).filter((file) => file.media.kind === kind);
  return (
    <SelectField
      label={t('broadcasts.edit.file')}
      name="file"
      hint={files.length === 0 ? t('broadcasts.edit.fileNone') : undefined}
      value={String(value ?? '')}
      onValue={(id) => onValue(Number(id))}
      options={[{ value: '', words: '—' }, ...files.map(({ media, name }) => ({ value: String(media.id), words: name }))]}
    />
  );
}
