import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snooze } from '@/api/queries/tickets';
import type { Conversation } from '@/api/types';
import { FormDialog } from '@/components/dialog';
import { TimeChoices } from '@/components/time-choices';
import { TextField } from '@/components/field';
import { useDates } from '@/i18n/format';
import { localInput, snoozeTimes } from './snooze-times';
import type { Sent } from './dialogs';
import { takeInput } from './kept-input';
import type { Acts } from './use-acts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** What is chosen in the dialog. */
interface Given {
  when: string;
  at: string;
  alsoReply: boolean;
  reason: string;
}

/** Lets a ticket sleep: until one of the usual times, one that is chosen, or until the contact answers; with a reason. */
export function SnoozeDialog({ conversation, acts, sent, onClose }: { conversation: Conversation; acts: Acts; sent: Sent; onClose: () => void }) {
  // After a first answer the ticket is still on its way here.
  const ready = conversation.ticket !== undefined;
  const { t } = useTranslation();
  const dates = useDates();
  const [kept] = useState(() => takeInput<Given>(conversation.id, 'snooze'));
  const [opened] = useState(() => Date.now());
  const times = snoozeTimes(new Date(opened));
  const [when, setWhen] = useState<string>(kept?.given.when ?? 'hour');
  const [at, setAt] = useState(() => kept?.given.at ?? localInput(new Date(opened + 2 * 3_600_000)));
  const [alsoReply, setAlsoReply] = useState(kept?.given.alsoReply ?? true);
  const [reason, setReason] = useState(kept?.given.reason ?? '');
  const [past, setPast] = useState(false);
  const choices = [
    ...times.map((time) => ({ value: time.id, words: t(`acts.snoozeTimes.${time.id}`), hint: dates.short(time.at.getTime(), opened) })),
    { value: 'reply', words: t('acts.snoozeReply'), hint: '' },
    { value: 'other', words: t('acts.snoozeOther'), hint: '' },
  ];

  const changeAt = (next: string) => {
    setAt(next);
    setPast(false);
  };

  const submit = () => {
    const until = when === 'reply' ? undefined : when === 'other' ? new Date(at) : times.find(({ id }) => id === when)?.at;
    const ahead = until && until.getTime() - Date.now();
    const wrong = ahead !== undefined && !(ahead > 0 && ahead <= YEAR_MS);
    setPast(wrong);
    if (wrong) return;
    const snooze: Snooze = {
      ...(until && { until: until.toISOString() }),
      until_reply: until ? alsoReply : true,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    };
    const words = until ? t('acts.snoozedUntil', { when: dates.short(until.getTime(), Date.now()) }) : t('acts.snoozedReply');
    const given: Given = { when, at, alsoReply, reason };
    sent(acts.snooze(snooze, words), given);
  };

  return (
    <FormDialog open onOpenChange={onClose} title={t('acts.snoozeTitle')} lead={t('acts.snoozeLead')} names={['until', 'reason']} error={kept?.error} pending={!ready} submit={t('acts.names.snooze')} onSubmit={submit}>
      <TimeChoices legend={t('acts.snoozeWhen')} choices={choices} value={when} onChoose={setWhen} />
      {when === 'other' && (
        <TextField label={t('acts.snoozeAt')} name="until" type="datetime-local" value={at} onValue={changeAt} error={past ? t('acts.snoozePast') : undefined} />
      )}
      {when !== 'reply' && (
        <label className="flex min-h-6 items-center gap-2 text-sm">
          <input type="checkbox" checked={alsoReply} onChange={(event) => setAlsoReply(event.target.checked)} className="size-4 accent-(--color-accent)" />
          {t('acts.snoozeAlsoReply')}
        </label>
      )}
      <TextField label={t('acts.snoozeReason')} name="reason" optional maxLength={200} value={reason} onValue={setReason} />
    </FormDialog>
  );
}
