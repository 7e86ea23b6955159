import { useQuery } from '@tanstack/react-query';
import { TextCursorInput } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldList, saveField } from '@/api/queries/settings';
import type { CustomField, FieldEntity, FieldKind, OnClosing } from '@/api/types';
import { CheckField } from '@/components/check-field';
import { FormDialog } from '@/components/dialog';
import { Field, TextArea, TextField } from '@/components/field';
import { Select } from '@/components/select';
import { keyOf } from './field-key';
import { ListSection } from './list-section';
import { textOf, useOpened, useSaving } from './use-setting';

const ENTITIES: readonly FieldEntity[] = ['contact', 'ticket', 'conversation'];
const KINDS: readonly FieldKind[] = ['text', 'number', 'boolean', 'date', 'time', 'instant', 'list', 'link', 'image'];
const CLOSING: readonly OnClosing[] = ['no', 'optional', 'required'];

/** The account's own fields (rules 157, 201, 202). */
export function FieldsSection() {
  const { t } = useTranslation();
  const { opened, open } = useOpened('campos');
  const query = useQuery(fieldList(false));
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <>
      <ListSection
        kind="fields"
        icon={TextCursorInput}
        list={fieldList}
        onNew={() => open('novo')}
        onOpen={(field) => open(field.id)}
        row={(field) => (
          <>
            <span className="flex items-baseline gap-2 font-medium">
              <span className="min-w-0 truncate">{field.name}</span>
              <code className="truncate text-xs font-normal text-faint">{field.key}</code>
            </span>
            <span className="mt-0.5 block text-xs text-muted">
              {[
                t(`settings.fields.entities.${field.entity}`),
                t(`settings.fields.kinds.${field.kind}`),
                field.on_closing === 'no' ? '' : t(`settings.fields.closing.${field.on_closing}`),
                field.required ? t('settings.fields.requiredShort') : '',
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </>
        )}
      />
      {(opened === 'novo' || item) && <FieldForm key={opened} field={item} onClose={() => open(undefined)} />}
    </>
  );
}

function FieldForm({ field, onClose }: { field: CustomField | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(field?.name ?? '');
  // The key follows the name until somebody writes it.
  const [ownKey, setOwnKey] = useState<string>();
  const key = field?.key ?? ownKey ?? keyOf(name);
  const [entity, setEntity] = useState<FieldEntity>(field?.entity ?? 'contact');
  const [kind, setKind] = useState<FieldKind>(field?.kind ?? 'text');
  const [closing, setClosing] = useState<OnClosing>(field?.on_closing ?? 'no');
  const [required, setRequired] = useState(field?.required ?? false);
  const first = useRef<HTMLInputElement>(null);
  const save = useSaving(onClose);
  const onClosing = entity === 'conversation' ? 'no' : closing;
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={field ? t('settings.fields.edit', { name: field.name }) : t('settings.fields.new')}
      names={['name', 'key', 'entity', 'kind', 'options', 'max_length', 'on_closing']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => {
        const options = textOf(values, 'options')
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean);
        const body = {
          name,
          required,
          max_length: kind === 'text' ? Number(textOf(values, 'max_length')) : 0,
          on_closing: onClosing,
          ...(kind === 'list' && { options }),
        };
        save.mutate(() => saveField(field?.id, { entity, key, kind }, body));
      }}
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.fields.nameHint')} placeholder={t('settings.fields.namePlaceholder')} value={name} onValue={setName} maxLength={100} required />
      {field ? (
        <p className="rounded-lg bg-sunken px-3 py-2 text-sm text-muted">
          {t('settings.fields.fixed', { entity: t(`settings.fields.entities.${field.entity}`), kind: t(`settings.fields.kinds.${field.kind}`), key: field.key })}
        </p>
      ) : (
        <>
          <TextField
            label={t('settings.fields.key')}
            name="key"
            hint={t('settings.fields.keyHint', { key: key || 'plano' })}
            value={key}
            onValue={setOwnKey}
            maxLength={63}
            spellCheck={false}
            autoCapitalize="none"
            required
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t('settings.fields.entity')} name="entity" hint={t('settings.fields.entityHint')}>
              <Select
                label={t('settings.fields.entity')}
                value={entity}
                onChange={setEntity}
                options={ENTITIES.map((value) => ({ value, words: t(`settings.fields.entities.${value}`) }))}
              />
            </Field>
            <Field label={t('settings.fields.kind')} name="kind" hint={t('settings.fields.kindHint')}>
              <Select label={t('settings.fields.kind')} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, words: t(`settings.fields.kinds.${value}`) }))} />
            </Field>
          </div>
        </>
      )}
      {kind === 'list' && (
        <TextArea
          label={t('settings.fields.options')}
          name="options"
          hint={t('settings.fields.optionsHint')}
          placeholder={t('settings.fields.optionsPlaceholder')}
          start={field?.options.join('\n') ?? ''}
          rows={4}
        />
      )}
      {kind === 'text' && (
        <TextField
          label={t('settings.fields.maxLength')}
          name="max_length"
          hint={t('settings.fields.maxLengthHint')}
          optional
          type="number"
          inputMode="numeric"
          min={0}
          max={4096}
          start={field?.max_length ? String(field.max_length) : ''}
          className="max-w-sm"
        />
      )}
      {entity !== 'conversation' && (
        <Field label={t('settings.fields.onClosing')} name="on_closing" hint={t('settings.fields.onClosingHint')}>
          <Select
            label={t('settings.fields.onClosing')}
            value={closing}
            onChange={setClosing}
            options={CLOSING.map((value) => ({ value, words: t(`settings.fields.closing.${value}`) }))}
            className="max-w-sm"
          />
        </Field>
      )}
      <CheckField label={t('settings.fields.required')} hint={t('settings.fields.requiredHint')} checked={required} onChecked={setRequired} />
    </FormDialog>
  );
}
