import { TimeChoices } from '@/components/time-choices';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { agentsQuery } from '@/api/queries/agents';
import { flowsQuery } from '@/api/queries/flows';
import { queuesQuery } from '@/api/queries/queues';
import { scheduledCalls, scheduledKeys, scheduledNextQuery, type Scheduling } from '@/api/queries/scheduled';
import { freshRef } from '@/api/queries/tickets';
import type { Content, Scheduled } from '@/api/types';
import { CheckField } from '@/components/check-field';
import { Combobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import { useDates, useNow } from '@/i18n/format';
import { saidBy } from './said';
import { localSeconds, MOST_TIMES, REPEATS, repeatOf, ruleOf, sendTimes, zoneHere, type Repeat } from './times';

const YEAR_MS = 366 * 24 * 3_600_000;

/** For whom something is scheduled. */
export type Whose = Pick<Scheduling, 'conversation_id' | 'contact_ids' | 'connection_id' | 'phone' | 'name'>;

/**
 * Schedules messages, a template or a flow, or changes one that waits (rules 167, 169, 172, Z29): when, in the zone of this machine,
 * again or once, whether a message of the contact holds it, and whether a ticket opens then.
 */
export default function ScheduleDialog({
  whose,
  contents,
  editing,
  windowUntil,
  open: opensFirst = false,
  onClose,
  onDone,
}: {
  whose?: Whose | undefined;
  /** What is sent; without it and without editing a flow is chosen. */
  contents?: readonly Content[] | undefined;
  editing?: Scheduled | undefined;
  /** When the window closes, as things stand; undefined for one that is closed. */
  windowUntil?: string | undefined;
  /** Whether a ticket opens, to begin with. */
  open?: boolean;
  onClose: () => void;
  onDone?: (made: readonly Scheduled[]) => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const dates = useDates();
  const now = useNow(30_000);
  const [opened] = useState(() => Date.now());
  const [ref] = useState(freshRef);
  const zone = zoneHere();
  const times = useMemo(() => sendTimes(new Date(opened)), [opened]);
  const said = editing?.contents ?? contents ?? [];
  const flows = editing ? editing.kind === 'flow' : contents === undefined;
  const free = said.length > 0 && said.every(({ kind }) => kind !== 'template');
  const kept = editing && Date.parse(editing.due_at) > opened;

  const [when, setWhen] = useState<string>(kept ? 'kept' : 'hour');
  const [at, setAt] = useState(() => localSeconds(kept ? new Date(editing.due_at) : new Date(Math.ceil((opened + 7_200_000) / 60_000) * 60_000)));
  const rule = repeatOf(editing?.recurrence);
  const [repeat, setRepeat] = useState<Repeat | 'own'>(rule?.repeat ?? 'own');
  const [count, setCount] = useState(String(rule?.times ?? 5));
  const [holds, setHolds] = useState(editing?.hold_on_reply ?? true);
  const [opens, setOpens] = useState(editing?.open ?? opensFirst);
  const [queue, setQueue] = useState(String(editing?.queue?.id ?? ''));
  const [agent, setAgent] = useState(String(editing?.agent?.id ?? ''));
  const [texts, setTexts] = useState<readonly (string | undefined)[]>(() => said.map(({ kind, text }) => (kind === 'text' ? text : undefined)));
  const [flow, setFlow] = useState<Option | null>(editing?.flow ? { value: String(editing.flow.id), words: editing.flow.name } : null);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);

  const due = when === 'kept' && editing ? new Date(editing.due_at) : when === 'other' ? new Date(at) : (times.find(({ id }) => id === when)?.at ?? new Date(NaN));
  const ahead = due.getTime() - now;
  // By a clock that is half a minute old at most; the server knows better.
  const past = !(ahead > 0 && ahead <= YEAR_MS);
  const number = Number(count);
  const countable = Number.isInteger(number) && number >= 2 && number <= MOST_TIMES;
  const recurrence = repeat === 'own' ? (editing?.recurrence ?? '') : repeat !== 'never' && !countable ? '' : ruleOf(repeat, number);
  const shut = free && !past && !(windowUntil !== undefined && Date.parse(windowUntil) > due.getTime());

  const queues = useQuery({ ...queuesQuery, enabled: !flows });
  const agents = useQuery({ ...agentsQuery, enabled: !flows });
  const drawn = useQuery({ ...flowsQuery, enabled: flows });
  const options = useMemo(() => (drawn.data ?? []).filter((each) => each.published).map((each): Option => ({ value: String(each.id), words: each.name })), [drawn.data]);
  const iso = past ? '' : due.toISOString();
  const next = useQuery({ ...scheduledNextQuery(iso, recurrence, zone), enabled: recurrence !== '' && iso !== '' });

  const submit = async () => {
    setTried(true);
    const wrong = past ? 'due_at' : repeat !== 'never' && repeat !== 'own' && !countable ? 'count' : undefined;
    if (wrong) {
      document.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
      return;
    }
    if (flows && !flow) return;
    setPending(true);
    setError(undefined);
    const place = opens && !flows ? { ...(queue !== '' && { queue_id: Number(queue) }), ...(agent !== '' && { agent_id: Number(agent) }) } : {};
    const words = said.map((content, index) => (texts[index] === undefined ? content : { ...content, text: texts[index] }));
    const changed = words.some((content, index) => content.text !== said[index]?.text);
    try {
      let made: readonly Scheduled[];
      if (editing) {
        made = [
          await scheduledCalls.change(editing.id, {
            ...((when !== 'kept' || editing.state === 'held') && { due_at: due.toISOString(), timezone: zone }),
            ...(repeat !== 'own' && recurrence !== (editing.recurrence ?? '') && { recurrence }),
            hold_on_reply: holds,
            ...(!flows && { open: opens, ...place }),
            ...(changed && { contents: words }),
            ...(flows && flow && Number(flow.value) !== editing.flow?.id && { flow_id: Number(flow.value) }),
          }),
        ];
      } else {
        made = await scheduledCalls.create({
          ...whose,
          due_at: due.toISOString(),
          timezone: zone,
          ...(recurrence !== '' && { recurrence }),
          hold_on_reply: holds,
          ...(flows ? { flow_id: Number(flow?.value) } : { contents: words, open: opens, ...place }),
          client_ref: ref,
        });
      }
      void client.invalidateQueries({ queryKey: scheduledKeys.all });
      toast({ words: editing ? t('scheduled.changed') : t('scheduled.done', { when: dates.short(due.getTime(), now) }) });
      onDone?.(made);
      onClose();
    } catch (why) {
      setError(why);
      setPending(false);
    }
  };

  const choices = [
    ...(kept ? [{ value: 'kept', words: t('scheduled.times.kept'), hint: dates.short(editing.due_at, now) }] : []),
    ...times.map((time) => ({ value: time.id, words: t(`scheduled.times.${time.id}`), hint: dates.short(time.at.getTime(), opened) })),
    { value: 'other', words: t('scheduled.times.other'), hint: '' },
  ];
  const title = editing ? t('scheduled.titleEdit') : flows ? t('scheduled.titleFlow') : free ? t('scheduled.title') : t('scheduled.titleTemplate');
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={title}
      names={['due_at', 'recurrence', 'count', 'flow_id', 'queue_id', 'agent_id', 'contents']}
      error={error}
      pending={pending}
      submit={editing ? t('scheduled.save') : t('scheduled.submit')}
      onSubmit={() => void submit()}
    >
      {flows && (
        <div>
          <Combobox label={t('scheduled.flow')} placeholder={t('scheduled.chooseFlow')} options={options} value={flow} onChange={setFlow} />
          {tried && !flow && (
            <p role="alert" className="mt-1 text-xs text-bad">
              {t('scheduled.flowMissing')}
            </p>
          )}
        </div>
      )}
      {said.map((content, index) =>
        texts[index] !== undefined && editing ? (
          <TextArea
            key={index}
            label={t('scheduled.text')}
            name={`contents.${index}`}
            maxLength={4096}
            value={texts[index]}
            onValue={(value) => setTexts((old) => old.map((each, place) => (place === index ? value : each)))}
          />
        ) : (
          <Said key={index} content={content} />
        ),
      )}
      <TimeChoices legend={t('scheduled.when')} choices={choices} value={when} onChoose={setWhen} />
      {when === 'other' ? (
        <TextField
          label={t('scheduled.at')}
          name="due_at"
          type="datetime-local"
          step={1}
          value={at}
          onValue={setAt}
          hint={t('scheduled.zone', { zone })}
          error={tried && past ? t('scheduled.past') : undefined}
        />
      ) : (
        <p className="text-xs text-muted">{t('scheduled.zone', { zone })}</p>
      )}
      {shut && <p className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{t('scheduled.windowShut')}</p>}
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('scheduled.repeat')}
          name="repeat"
          value={repeat}
          onValue={(value) => setRepeat(value as Repeat | 'own')}
          options={[...(rule ? [] : (['own'] as const)), ...REPEATS].map((each) => ({ value: each, words: t(`scheduled.repeats.${each}`) }))}
        />
        {repeat !== 'never' && repeat !== 'own' && (
          <TextField label={t('scheduled.count')} name="count" inputMode="numeric" value={count} onValue={setCount} error={countable ? undefined : t('scheduled.countWrong')} />
        )}
      </div>
      {next.data && <p className="text-xs text-muted">{t('scheduled.next', { next: next.data.slice(0, 4).map((each) => dates.short(each, now)).join(' · ') })}</p>}
      <CheckField label={t('scheduled.hold')} hint={t('scheduled.holdHint')} checked={holds} onChecked={setHolds} />
      {!flows && (
        <SelectField
          label={t('scheduled.open')}
          name="open"
          value={opens ? 'yes' : 'no'}
          onValue={(value) => setOpens(value === 'yes')}
          options={[
            { value: 'no', words: t('scheduled.openNot') },
            { value: 'yes', words: t('scheduled.openYes') },
          ]}
        />
      )}
      {!flows && opens && (
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={t('scheduled.queue')}
            name="queue_id"
            optional
            value={queue}
            onValue={setQueue}
            options={[{ value: '', words: t('scheduled.noQueue') }, ...(queues.data ?? []).map((each) => ({ value: String(each.id), words: each.name }))]}
          />
          <SelectField
            label={t('scheduled.agent')}
            name="agent_id"
            optional
            value={agent}
            onValue={setAgent}
            options={[{ value: '', words: t('scheduled.noAgent') }, ...(agents.data ?? []).map((each) => ({ value: String(each.id), words: each.name }))]}
          />
        </div>
      )}
    </FormDialog>
  );
}

/** What is scheduled, in a few words. */
function Said({ content }: { content: Content }) {
  const { t } = useTranslation();
  return (
    <p className="line-clamp-3 rounded-lg bg-sunken px-3 py-2 text-sm whitespace-pre-wrap">
      {content.kind === 'template' ? `${t('scheduled.kinds.template')}: ${content.template?.name ?? ''}` : saidBy(content) || t('scheduled.files', { count: 1 })}
    </p>
  );
}
