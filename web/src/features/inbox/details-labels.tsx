import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createLabel } from '@/api/queries/contact-notes';
import { contactKeys } from '@/api/queries/contacts';
import { labelKeys, labelsQuery } from '@/api/queries/labels';
import { useMe } from '@/api/queries/sign-in';
import type { ContactDetail } from '@/api/types';
import { IconButton } from '@/components/button';
import { Combobox, type Option } from '@/components/combobox';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { labelWithUndo } from './actions/use-acts';
import { Section } from './details-section';

const COLORS = ['#0f766e', '#2563eb', '#7c3aed', '#be185d', '#b45309', '#15803d', '#b91c1c', '#475569'];

type LabelRef = ContactDetail['labels'][number];

/** The labels of a contact: added from the list, made where one is missing, removed after a question (rule 190). */
export function Labels({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { permissions } = useMe();
  const labels = useQuery(labelsQuery);
  const [leaving, setLeaving] = useState<LabelRef>();
  const [making, setMaking] = useState(false);
  const mayEdit = permissions.includes('contacts:write');
  const key = contactKeys.one(contact.id);

  const put = async (label: LabelRef, on: boolean) => {
    const next = on ? [...contact.labels, { id: label.id, name: label.name, color: label.color }] : contact.labels.filter(({ id }) => id !== label.id);
    client.setQueryData<ContactDetail>(key, (old) => old && { ...old, labels: next });
    try {
      await labelWithUndo(client, t, contact.id, label, on);
    } catch {
      client.setQueryData<ContactDetail>(key, contact);
    }
  };
  // What only automation gives is not on the list of people.
  const offered = useMemo(
    () =>
      (labels.data ?? [])
        .filter((label) => !label.automation_only && !label.archived_at && !contact.labels.some(({ id }) => id === label.id))
        .map((label): Option => ({ value: String(label.id), words: label.name, color: label.color })),
    [labels.data, contact.labels],
  );
  return (
    <Section
      title={t('contact.labels')}
      action={
        permissions.includes('labels:manage') && (
          <IconButton label={t('contact.newLabel')} className="size-7" onClick={() => setMaking(true)}>
            <Plus aria-hidden="true" className="size-4" />
          </IconButton>
        )
      }
    >
      {contact.labels.length > 0 && (
        <ul aria-label={t('contact.labels')} className="mb-2 flex flex-wrap gap-1.5">
          {contact.labels.map((label) => (
            <li key={label.id} className="inline-flex min-h-7 items-center gap-1.5 rounded-full bg-sunken pl-2.5 text-xs font-medium last:pr-0">
              <span aria-hidden="true" className="size-2 rounded-full" style={{ background: label.color }} />
              <span className={mayEdit ? '' : 'pr-2.5'}>{label.name}</span>
              {mayEdit && (
                <button
                  type="button"
                  aria-label={t('contact.removeLabel', { name: label.name })}
                  title={t('contact.removeLabel', { name: label.name })}
                  onClick={() => setLeaving(label)}
                  className="inline-flex size-7 items-center justify-center rounded-full text-muted hover:text-ink"
                >
                  <X aria-hidden="true" className="size-3.5" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayEdit && (
        <Combobox
          label={t('acts.addLabel')}
          labelHidden
          placeholder={t('acts.addLabel')}
          options={offered}
          value={null}
          onChange={(option) => {
            const label = labels.data?.find(({ id }) => String(id) === option?.value);
            if (label) void put(label, true);
          }}
        />
      )}
      {leaving && (
        <Confirm
          open
          onOpenChange={() => setLeaving(undefined)}
          title={t('contact.removeLabelAsk')}
          lead={leaving.name}
          yes={t('contact.removeLabelYes')}
          onYes={() => {
            void put(leaving, false);
            setLeaving(undefined);
          }}
        />
      )}
      {making && (
        <NewLabel
          onClose={() => setMaking(false)}
          onMade={(label) => {
            setMaking(false);
            void client.invalidateQueries({ queryKey: labelKeys.all });
            if (mayEdit) void put(label, true);
          }}
        />
      )}
    </Section>
  );
}

function NewLabel({ onClose, onMade }: { onClose: () => void; onMade: (label: LabelRef) => void }) {
  const { t } = useTranslation();
  const [color, setColor] = useState(COLORS[0] ?? '');
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const make = async (name: string) => {
    setPending(true);
    try {
      onMade(await createLabel(name, color));
    } catch (why) {
      setError(why);
      setPending(false);
    }
  };
  return (
    <FormDialog open onOpenChange={onClose} title={t('contact.newLabel')} names={['name', 'color']} error={error} pending={pending} submit={t('contact.createLabel')} onSubmit={(values) => {
      const name = values.get('name');
      void make(typeof name === 'string' ? name.trim() : '');
    }}>
      <TextField label={t('contact.labelName')} name="name" maxLength={60} required />
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">{t('contact.labelColor')}</legend>
        <div className="flex flex-wrap gap-2">
          {COLORS.map((each, place) => (
            <label key={each} className="relative size-8 cursor-pointer rounded-full border-2 border-transparent has-checked:border-ink has-focus-visible:outline-2 has-focus-visible:outline-accent">
              <input type="radio" name="colors" className="sr-only" checked={color === each} onChange={() => setColor(each)} aria-label={t('contact.colorNumber', { number: place + 1 })} />
              <span aria-hidden="true" className="absolute inset-0.5 rounded-full" style={{ background: each }} />
            </label>
          ))}
        </div>
      </fieldset>
    </FormDialog>
  );
}
