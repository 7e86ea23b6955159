import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contactQuery } from '@/api/queries/contacts';
import { fieldsQuery, reasonsQuery } from '@/api/queries/desk';
import { queueList, surveyList, surveyRuleQuery } from '@/api/queries/settings';
import type { Closing } from '@/api/queries/tickets';
import { farewellQuery } from '@/api/queries/writing';
import type { ContactDetail, Conversation, CustomField, Survey } from '@/api/types';
import { FormDialog } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { FieldInput, shownValue, typedValue } from '../field-input';
import type { Sent } from './dialogs';
import { takeInput } from './kept-input';
import type { Acts } from './use-acts';

/** A year, in minutes: no closure is scheduled further ahead. */
const LONGEST = 365 * 24 * 60;

/** What is given at closing: the text, the reason, and what the account wants to know. */
interface Given {
  text: string;
  reason: string;
  survey: string;
  values: Record<string, string>;
  clear: ReadonlySet<string>;
  /** In how many minutes it closes; empty: now. */
  minutes: string;
  /** An answer of the contact keeps it open. */
  cancels: boolean;
}

/**
 * Closes a ticket (rules 150, 154 to 158): the user's closing text can be changed or deleted, a required field is filled in, and
 * an optional one that stays empty leaves the contact's value alone unless its deletion is ticked. With the window shut
 * the text cannot be sent: it closes without. With minutes it closes by itself later (rules 151, 152).
 */
export function CloseDialog({ conversation, acts, sent, onClose }: { conversation: Conversation; acts: Acts; sent: Sent; onClose: () => void }) {
  // What would go out by itself stands in the field, for whoever closes to read, change or delete.
  const farewell = useQuery(farewellQuery(conversation.id));
  const reasons = useQuery(reasonsQuery);
  const fields = useQuery(fieldsQuery);
  const rule = useQuery(surveyRuleQuery);
  const surveys = useQuery({ ...surveyList(false), enabled: rule.data !== undefined && rule.data !== 'off' });
  const queues = useQuery({ ...queueList(false), enabled: rule.data !== undefined && rule.data !== 'off' });
  const contact = useQuery(contactQuery(conversation.contact.id));
  const { t } = useTranslation();
  const asked = useMemo(() => (fields.data ?? []).filter((field) => field.on_closing === 'optional' || field.on_closing === 'required'), [fields.data]);
  // After a first answer the ticket is still on its way here.
  const [ready, setReady] = useState(conversation.ticket !== undefined);
  if (!ready && conversation.ticket) setReady(true);
  const loading = !ready || farewell.isPending || reasons.isPending || fields.isPending || rule.isLoading || surveys.isLoading || queues.isLoading || (asked.length > 0 && contact.isPending);
  if (loading) {
    return (
      <FormDialog open onOpenChange={onClose} title={t('acts.closeTitle')} names={[]} submit={t('acts.names.close')} pending onSubmit={() => undefined}>
        <LoadingRows rows={3} className="p-0" />
      </FormDialog>
    );
  }
  return <Filled conversation={conversation} acts={acts} sent={sent} onClose={onClose} text={farewell.data?.text ?? ''} reasons={reasons.data ?? []} surveys={rule.data === 'off' ? [] : (surveys.data ?? [])} usual={queues.data?.find(({ id }) => id === conversation.ticket?.queue?.id)?.survey_id} demanded={rule.data === 'mandatory'} fields={asked} contact={contact.data} />;
}

function current(field: CustomField, contact: ContactDetail | undefined): string {
  return field.entity === 'contact' ? shownValue(contact?.custom_values[field.key]) : '';
}

function Filled({
  conversation,
  acts,
  sent,
  onClose,
  text,
  reasons,
  surveys,
  usual,
  demanded,
  fields,
  contact,
}: {
  conversation: Conversation;
  acts: Acts;
  sent: Sent;
  onClose: () => void;
  text: string;
  reasons: readonly { id: number; name: string }[];
  surveys: readonly Survey[];
  /** The one that the queue offers first. */
  usual: number | undefined;
  demanded: boolean;
  fields: readonly CustomField[];
  contact: ContactDetail | undefined;
}) {
  const { t } = useTranslation();
  const [kept] = useState(() => takeInput<Given>(conversation.id, 'close'));
  const [given, setGiven] = useState<Given>(() => kept?.given ?? {
    text,
    reason: '',
    survey: surveys.some(({ id }) => id === usual) ? String(usual) : '',
    // Who closes confirms a required value that is known; an optional one is asked anew.
    values: Object.fromEntries(fields.map((field) => [field.key, field.on_closing === 'required' ? current(field, contact) : ''])),
    clear: new Set(),
    minutes: '',
    cancels: false,
  });
  const dates = useDates();
  const now = useNow(15_000);
  const minutes = Number(given.minutes);
  const later = given.minutes.trim() !== '';
  const countable = Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST;
  const waiting = conversation.ticket?.closing;
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const [unchosen, setUnchosen] = useState(false);
  const shut = !conversation.window_open;
  const change = (part: Partial<Given>) => setGiven((old) => ({ ...old, ...part }));

  const submit = () => {
    const empty = new Set(fields.filter((field) => field.on_closing === 'required' && typedValue(field, given.values[field.key] ?? '') === undefined).map(({ key }) => key));
    setMissing(empty);
    if (later && !countable) {
      document.querySelector<HTMLElement>('[name="minutes"]')?.focus();
      return;
    }
    if (empty.size > 0) {
      document.querySelector<HTMLElement>(`[name="values.${[...empty][0]}"]`)?.focus();
      return;
    }
    if (demanded && surveys.length > 0 && given.survey === '') {
      setUnchosen(true);
      document.querySelector<HTMLElement>('[name="survey_id"]')?.focus();
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
      // What is sent later finds another window.
      ...((later || !shut) && given.text.trim() !== '' && { text: given.text.trim() }),
      // A text that was deleted here is not sent by itself either.
      ...(given.text.trim() === '' && text !== '' && { silent: true }),
      ...(given.survey !== '' && { survey_id: Number(given.survey) }),
      ...(Object.keys(values).length > 0 && { values }),
      ...(clear.length > 0 && { clear }),
    };
    const due = new Date(Date.now() + minutes * 60_000).toISOString();
    const scheduled = { due_at: due, cancel_on_reply: given.cancels, replace: waiting !== undefined };
    sent(later ? acts.schedule(closing, scheduled, t('acts.closing.done', { when: dates.short(due, Date.now()) })) : acts.close(closing), given);
  };

  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={t('acts.closeTitle')}
      lead={t('acts.closeLead', { protocol: conversation.ticket?.protocol ?? '' })}
      names={['text', 'minutes', 'due_at', 'reason_id', 'survey_id', ...fields.map(({ key }) => `values.${key}`)]}
      error={kept?.error}
      submit={later ? t('acts.closing.submit') : shut && text !== '' ? t('acts.closeWithout') : t('acts.names.close')}
      onSubmit={submit}
    >
      {shut && !later ? (
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
      {surveys.length > 0 && (
        <SelectField
          label={t('acts.survey')}
          name="survey_id"
          optional={!demanded}
          error={unchosen && given.survey === '' ? t('acts.surveyMissing') : undefined}
          value={given.survey}
          onValue={(survey) => change({ survey })}
          options={[{ value: '', words: t('acts.noSurvey') }, ...surveys.map((survey) => ({ value: String(survey.id), words: survey.name }))]}
        />
      )}
      <TextField
        label={t('acts.closing.minutes')}
        name="minutes"
        inputMode="numeric"
        optional
        hint={later && countable ? t('acts.closing.at', { when: dates.short(new Date(now + minutes * 60_000).toISOString(), now) }) : t('acts.closing.minutesHint')}
        error={later && !countable ? t('acts.closing.minutesWrong') : undefined}
        value={given.minutes}
        onValue={(value) => change({ minutes: value })}
      />
      {later && (
        <SelectField
          label={t('acts.closing.ifReplies')}
          name="cancel_on_reply"
          value={given.cancels ? 'yes' : 'no'}
          onValue={(value) => change({ cancels: value === 'yes' })}
          options={[
            { value: 'no', words: t('acts.closing.keeps') },
            { value: 'yes', words: t('acts.closing.cancels') },
          ]}
        />
      )}
      {later && waiting && <p className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{t('acts.closing.replaces', { when: dates.short(waiting.due_at, now), who: waiting.by.name ?? '' })}</p>}
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
