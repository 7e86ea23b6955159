import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { agentsQuery } from '@/api/queries/agents';
import { queuesQuery } from '@/api/queries/queues';
import { Segments } from '@/components/chips';
import { Combobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';
import { TextArea } from '@/components/field';
import type { Sent } from './dialogs';
import { takeInput } from './kept-input';
import type { Outcome, Target } from './use-acts';

/** Moves what the dialog is about. A refusal is shown in the dialog. */
export type Transfer = (to: Target, note: string) => Promise<Outcome>;

/** What is chosen in the dialog. */
interface Given {
  to: 'person' | 'queue';
  person: Option | null;
  queue: Option | null;
  note: string;
}

/**
 * Moves a ticket to a person or to a queue, with a note for whoever gets it. Once somebody is chosen it asks in the words of
 * rules 035 and 135; the button answers.
 */
export function TransferDialog({
  title,
  conversation,
  agent,
  served,
  noted,
  transfer,
  sent,
  target,
  onClose,
}: {
  title: string;
  /** The conversation it is about; none where it is about several. */
  conversation?: number | undefined;
  /** The agent who has it already: nobody moves a ticket to where it is. */
  agent: number | undefined;
  /** Somebody serves already. */
  served: boolean;
  /** There is a ticket, so that a note can go with it. */
  noted: boolean;
  transfer: Transfer;
  /** Closes the dialog at once; without it the dialog stands until it is done. */
  sent?: Sent | undefined;
  target: Target | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const agents = useQuery(agentsQuery);
  const queues = useQuery(queuesQuery);
  const [kept] = useState(() => (conversation === undefined ? undefined : takeInput<Given>(conversation, 'transfer')));
  const [to, setTo] = useState<'person' | 'queue'>(kept?.given.to ?? (target?.queue ? 'queue' : 'person'));
  const [person, setPerson] = useState<Option | null>(kept?.given.person ?? (target?.user ? { value: String(target.user.id), words: target.user.name } : null));
  const [queue, setQueue] = useState<Option | null>(kept?.given.queue ?? (target?.queue ? { value: String(target.queue.id), words: target.queue.name, color: target.queue.color } : null));
  const [note, setNote] = useState(kept?.given.note ?? '');
  const [error, setError] = useState<unknown>(kept?.error);
  const [pending, setPending] = useState(false);
  const [nobody, setNobody] = useState(false);

  const people = useMemo(
    () =>
      (agents.data ?? [])
        .filter(({ id }) => id !== agent)
        .map((each): Option => ({ value: String(each.id), words: each.name, hint: (queues.data ?? []).filter(({ id }) => each.queues.includes(id)).map(({ name }) => name).join(', ') || t('acts.noQueue') })),
    [agents.data, queues.data, agent, t],
  );
  const places = useMemo(() => (queues.data ?? []).map((each): Option => ({ value: String(each.id), words: each.name, color: each.color })), [queues.data]);
  const chosen = to === 'person' ? person : queue;

  const submit = async () => {
    setNobody(chosen === null);
    if (!chosen) return;
    const named = { id: Number(chosen.value), name: chosen.words };
    const doing = transfer(to === 'person' ? { user: named } : { queue: { ...named, color: chosen.color ?? '' } }, note.trim());
    if (sent) {
      const given: Given = { to, person, queue, note };
      sent(doing, given);
      return;
    }
    setPending(true);
    const { became, error: why } = await doing;
    setPending(false);
    if (became === 'refused') setError(why);
    else onClose();
  };

  return (
    <FormDialog open onOpenChange={onClose} title={title} names={['user_id', 'queue_id', 'note']} error={error} pending={pending} submit={t('acts.names.transfer')} onSubmit={() => void submit()}>
      <Segments
        label={t('acts.kindOfTarget')}
        value={to}
        onChange={setTo}
        options={[
          { value: 'person', words: t('acts.toPerson') },
          { value: 'queue', words: t('acts.toQueue') },
        ]}
      />
      {to === 'person' ? (
        <Combobox key="person" label={t('acts.person')} placeholder={t('acts.choosePerson')} options={people} value={person} onChange={setPerson} />
      ) : (
        <Combobox key="queue" label={t('acts.queue')} placeholder={t('acts.chooseQueue')} options={places} value={queue} onChange={setQueue} />
      )}
      {nobody && !chosen && (
        <p role="alert" className="text-sm text-bad">
          {t('acts.chooseTarget')}
        </p>
      )}
      {noted && <TextArea label={t('acts.note')} name="note" hint={t('acts.noteHint')} optional rows={2} maxLength={4000} value={note} onValue={setNote} />}
      <p aria-live="polite" className="text-sm font-medium">
        {chosen && (to === 'queue' ? t('acts.confirm.saveQueue') : served ? t('acts.confirm.changeAgent') : t('acts.confirm.addAgent'))}
      </p>
    </FormDialog>
  );
}
