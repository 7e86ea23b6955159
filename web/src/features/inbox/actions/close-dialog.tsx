import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contactQuery } from '@/api/queries/contacts';
import { fieldsQuery, profileQuery, reasonsQuery } from '@/api/queries/desk';
import type { Closing } from '@/api/queries/tickets';
import { renderedQuery } from '@/api/queries/writing';
import type { ContactDetail, Conversation, CustomField } from '@/api/types';
import { FormDialog } from '@/components/dialog';
import { TextArea } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { LoadingRows } from '@/components/view-state';
import { FieldInput, shownValue, typedValue } from '../field-input';
import { type Acts } from './use-acts';

/** What is given at closing: the text, the reason, and what the account wants to know. */
interface Given {
  text: string;
  reason: string;
  values: Record<string, string>;
  clear: ReadonlySet<string>;
}

/**
 * Closes a ticket (rules 150, 154 to 158): the user's closing text can be changed or deleted, a required field is filled in, and
 * an optional one that stays empty leaves the contact's value alone unless its deletion is ticked. With the window shut
 * the text cannot be sent: it closes without.
 */
export function CloseDialog({ conversation, acts, onClose }: { conversation: Conversation; acts: Acts; onClose: () => void }) {
  const profile = useQuery(profileQuery);
  const own = profile.data?.closing_text ?? '';
  // Its variables are filled in for this contact before anybody reads it.
  const rendered = useQuery({ ...renderedQuery(conversation.id, own), enabled: own.includes('{') });
  const reasons = useQuery(reasonsQuery);
  const fields = useQuery(fieldsQuery);
  const contact = useQuery(contactQuery(conversation.contact.id));
  const { t } = useTranslation();
  const asked = useMemo(() => (fields.data ?? []).filter((field) => field.on_closing === 'optional' || field.on_closing === 'required'), [fields.data]);
  // After a first answer the ticket is still on its way here.
  const [ready, setReady] = useState(conversation.ticket !== undefined);
  if (!ready && conversation.ticket) setReady(true);
  const loading = !ready || rendered.isLoading || profile.isPending || reasons.isPending || fields.isPending || (asked.length > 0 && contact.isPending);
  if (loading) {
    return (
      <FormDialog open onOpenChange={onClose} title={t('acts.closeTitle')} names={[]} submit={t('acts.names.close')} pending onSubmit={() => undefined}>
        <LoadingRows rows={3} className="p-0" />
      </FormDialog>
    );
  }
  return <Filled conversation={conversation} acts={acts} onClose={onClose} text={rendered.data?.text ?? own} reasons={reasons.data ?? []} fields={asked} contact={contact.data} />;
}

function current(field: CustomField, contact: ContactDetail | undefined): string {
  return field.entity === 'contact' ? shownValue(contact?.custom_values[field.key]) : '';
}

function Filled({
  conversation,
  acts,
  onClose,
  text,
  reasons,
  fields,
  contact,
}: {
  conversation: Conversation;
  acts: Acts;
  onClose: () => void;
  text: string;
  reasons: readonly { id: number; name: string }[];
  fields: readonly CustomField[];
  contact: ContactDetail | undefined;
}) {
  const { t } = useTranslation();
  const [given, setGiven] = useState<Given>(() => ({
    text,
    reason: '',
    // Who closes confirms a required value that is known; an optional one is asked anew.
    values: Object.fromEntries(fields.map((field) => [field.key, field.on_closing === 'required' ? current(field, contact) : ''])),
    clear: new Set(),
  }));
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const shut = !conversation.window_open;
  const change = (part: Partial<Given>) => setGiven((old) => ({ ...old, ...part }));

  const submit = async () => {
    const empty = new Set(fields.filter((field) => field.on_closing === 'required' && typedValue(field, given.values[field.key] ?? '') === undefined).map(({ key }) => key));
    setMissing(empty);
    if (empty.size > 0) {
      document.querySelector<HTMLElement>(`[name="values.${[...empty][0]}"]`)?.focus();
      return;
    }
    const values = Object.fromEntries(
      fields.flatMap((field) => {
        const value = typedValue(field, given.values[field.key] ?? '');
        return value === undefined ? [] : [[field.key, value]];
      }),
    );
    const clear = fields.filter(({ key }) => given.clear.has(key) && !(key in values)).map(({ key }) => key);
    const closing: Closing = {
      ...(given.reason !== '' && { reason_id: Number(given.reason) }),
      ...(!shut && given.text.trim() !== '' && { text: given.text.trim() }),
      ...(Object.keys(values).length > 0 && { values }),
      ...(clear.length > 0 && { clear }),
    };
    setPending(true);
    const { became, error: why } = await acts.close(closing);
    setPending(false);
    if (became === 'refused') setError(why);
    else onClose();
  };

  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={t('acts.closeTitle')}
      lead={t('acts.closeLead', { protocol: conversation.ticket?.protocol ?? '' })}
      names={['text', 'reason_id', ...fields.map(({ key }) => `values.${key}`)]}
      error={error}
      pending={pending}
      submit={shut && text !== '' ? t('acts.closeWithout') : t('acts.names.close')}
      onSubmit={() => void submit()}
    >
      {shut ? (
        text !== '' && <p className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{t('acts.closingTextShut')}</p>
      ) : (
        <TextArea label={t('acts.closingText')} name="text" hint={t('acts.closingTextHint')} optional maxLength={4096} value={given.text} onValue={(value) => change({ text: value })} />
      )}
      {reasons.length > 0 && (
        <SelectField
          label={t('acts.reason')}
          name="reason_id"
          optional
          value={given.reason}
          onValue={(reason) => change({ reason })}
          options={[{ value: '', words: t('acts.noReason') }, ...reasons.map((reason) => ({ value: String(reason.id), words: reason.name }))]}
        />
      )}
      {fields.map((field) => {
        const stored = current(field, contact);
        const value = given.values[field.key] ?? '';
        const optional = field.on_closing !== 'required';
        return (
          <div key={field.key}>
            <FieldInput
              field={field}
              name={`values.${field.key}`}
              value={value}
              onValue={(next) => change({ values: { ...given.values, [field.key]: next } })}
              optional={optional}
              hint={optional && stored !== '' ? t('acts.current', { value: stored }) : undefined}
              error={missing.has(field.key) && typedValue(field, value) === undefined ? t('acts.required') : undefined}
            />
            {optional && value.trim() === '' && stored !== '' && !field.required && (
              <label className="mt-1.5 flex min-h-6 items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  className="size-4 accent-(--color-accent)"
                  checked={given.clear.has(field.key)}
                  onChange={(event) => {
                    const next = new Set(given.clear);
                    if (event.target.checked) next.add(field.key);
                    else next.delete(field.key);
                    change({ clear: next });
                  }}
                />
                {t('acts.deleteCurrent')}
              </label>
            )}
          </div>
        );
      })}
    </FormDialog>
  );
}
