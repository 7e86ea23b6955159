import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snooze } from '@/api/queries/tickets';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { useDates } from '@/i18n/format';
import { localInput, snoozeTimes } from './snooze-times';
import { type Acts } from './use-acts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Lets a ticket sleep: until one of the usual times, one that is chosen, or until the contact answers; with a reason. */
export function SnoozeDialog({ ready, acts, onClose }: { /** The ticket is here: after a first answer it is still on its way. */ ready: boolean; acts: Acts; onClose: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const [opened] = useState(() => Date.now());
  const times = snoozeTimes(new Date(opened));
  const [when, setWhen] = useState<string>('hour');
  const [at, setAt] = useState(() => localInput(new Date(opened + 2 * 3_600_000)));
  const [alsoReply, setAlsoReply] = useState(true);
  const [reason, setReason] = useState('');
  const [past, setPast] = useState(false);
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const choices = [
    ...times.map((time) => ({ value: time.id, words: t(`acts.snoozeTimes.${time.id}`), hint: dates.short(time.at.getTime(), opened) })),
    { value: 'reply', words: t('acts.snoozeReply'), hint: '' },
    { value: 'other', words: t('acts.snoozeOther'), hint: '' },
  ];

  const changeAt = (next: string) => {
    setAt(next);
    setPast(false);
  };

  const submit = async () => {
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
    setPending(true);
    const words = until ? t('acts.snoozedUntil', { when: dates.short(until.getTime(), Date.now()) }) : t('acts.snoozedReply');
    const { became, error: why } = await acts.snooze(snooze, words);
    setPending(false);
    if (became === 'refused') setError(why);
    else onClose();
  };

  return (
    <FormDialog open onOpenChange={onClose} title={t('acts.snoozeTitle')} lead={t('acts.snoozeLead')} names={['until', 'reason']} error={error} pending={pending || !ready} submit={t('acts.names.snooze')} onSubmit={() => void submit()}>
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{t('acts.snoozeWhen')}</legend>
        {choices.map((choice) => (
          <label key={choice.value} className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-sunken has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent">
            <input type="radio" name="when" value={choice.value} checked={when === choice.value} onChange={() => setWhen(choice.value)} className="size-4 accent-(--color-accent)" />
            <span className="flex-1">{choice.words}</span>
            <span className="tabular text-xs text-muted">{choice.hint}</span>
          </label>
        ))}
      </fieldset>
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
