import { useQuery } from '@tanstack/react-query';
import { Clock, Lock, UsersRound } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queueList, saveQueue, surveyList, usersQuery } from '@/api/queries/settings';
import type { Queue } from '@/api/types';
import { CheckField } from '@/components/check-field';
import { ColorField } from '@/components/color-field';
import { MultiCombobox, type Option } from '@/components/combobox';
import { isColor, PALETTE } from '@/components/contrast';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { ColorDot } from './color-dot';
import { SelectField } from '@/components/select-field';
import { ListSection } from './list-section';
import { textOf, useOpened, useSaving } from './use-setting';

/** The queues (rules 029 to 031): their order is the bot's menu. */
export function QueuesSection() {
  const { t } = useTranslation();
  const { opened, open } = useOpened('filas');
  const query = useQuery(queueList(false));
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <>
      <ListSection
        kind="queues"
        icon={UsersRound}
        list={queueList}
        placed={(queue) => queue.bot_order > 0}
        onNew={() => open('novo')}
        onOpen={(queue) => open(queue.id)}
        row={(queue) => (
          <>
            <span className="flex items-center gap-2.5 font-medium">
              <ColorDot color={queue.color} />
              <span className="min-w-0 truncate">{queue.name}</span>
            </span>
            <span className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 pl-5.5 text-xs text-muted">
              <span>{queue.members.length === 0 ? t('settings.queues.nobody') : t('settings.queues.members', { count: queue.members.length })}</span>
              {queue.write_lock && (
                <span className="inline-flex items-center gap-1">
                  <Lock aria-hidden="true" className="size-3" />
                  {t('settings.queues.locked')}
                </span>
              )}
              {queue.lease_minutes !== undefined && (
                <span className="inline-flex items-center gap-1">
                  <Clock aria-hidden="true" className="size-3" />
                  {t('settings.queues.lapses', { count: queue.lease_minutes })}
                </span>
              )}
            </span>
          </>
        )}
      />
      {(opened === 'novo' || item) && <QueueForm key={opened} queue={item} taken={query.data ?? []} onClose={() => open(undefined)} />}
    </>
  );
}

/** A colour that no queue has yet. */
function freshColor(taken: readonly { color: string }[]): string {
  return PALETTE.find((color) => !taken.some((each) => each.color === color)) ?? PALETTE[0];
}

function QueueForm({ queue, taken, onClose }: { queue: Queue | undefined; taken: readonly Queue[]; onClose: () => void }) {
  const { t } = useTranslation();
  const [color, setColor] = useState(() => queue?.color ?? freshColor(taken));
  const [inMenu, setInMenu] = useState(queue ? queue.bot_order > 0 : true);
  const [locked, setLocked] = useState(queue?.write_lock ?? false);
  const [survey, setSurvey] = useState(String(queue?.survey_id ?? ''));
  const surveys = useQuery(surveyList(false));
  const users = useQuery(usersQuery);
  const options: Option[] = (users.data ?? [])
    .filter((user) => user.disabled_at === undefined || queue?.members.includes(user.id))
    .map((user) => ({ value: String(user.id), words: user.name, hint: user.email }));
  const [chosen, setChosen] = useState<Option[]>();
  const members = chosen ?? options.filter(({ value }) => queue?.members.includes(Number(value)));
  const first = useRef<HTMLInputElement>(null);
  const save = useSaving(onClose);
  const last = Math.max(0, ...taken.map((each) => each.bot_order));
  const order = !inMenu ? 0 : queue && queue.bot_order > 0 ? queue.bot_order : last + 1;
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={queue ? t('settings.queues.edit', { name: queue.name }) : t('settings.queues.new')}
      names={['name', 'color', 'lease_minutes', 'members']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => {
        if (!isColor(color)) return;
        const body = {
          name: textOf(values, 'name'),
          color,
          bot_order: order,
          write_lock: locked,
          lease_minutes: Number(textOf(values, 'lease_minutes')),
          ...(surveys.data && { survey_id: Number(survey) }),
          // Until the users are known, the members stay as they are.
          ...(users.data && { members: members.map(({ value }) => Number(value)) }),
        };
        save.mutate(() => saveQueue(queue?.id, body));
      }}
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.queues.nameHint')} placeholder={t('settings.queues.namePlaceholder')} start={queue?.name ?? ''} maxLength={100} required />
      <ColorField label={t('settings.color')} hint={t('settings.queues.colorHint')} value={color} onValue={setColor} />
      <div className="space-y-1.5">
        <MultiCombobox label={t('settings.queues.membersLabel')} placeholder={t('settings.queues.membersPlaceholder')} options={options} value={members} onChange={setChosen} />
        <p className="text-xs text-pretty text-muted">{t('settings.queues.membersHint')}</p>
      </div>
      <CheckField label={t('settings.queues.inMenu')} hint={t('settings.queues.inMenuHint')} checked={inMenu} onChecked={setInMenu} />
      <CheckField label={t('settings.queues.lock')} hint={t('settings.queues.lockHint')} checked={locked} onChecked={setLocked} />
      <TextField
        label={t('settings.queues.lease')}
        name="lease_minutes"
        hint={t('settings.queues.leaseHint')}
        optional
        type="number"
        inputMode="numeric"
        min={0}
        max={10_080}
        start={queue?.lease_minutes === undefined ? '' : String(queue.lease_minutes)}
        className="max-w-sm"
      />
      {(surveys.data ?? []).length > 0 && (
        <SelectField
          label={t('settings.surveys.first')}
          name="survey_id"
          hint={t('settings.surveys.firstHint')}
          value={survey}
          onValue={setSurvey}
          options={[{ value: '', words: t('settings.surveys.none') }, ...(surveys.data ?? []).map((each) => ({ value: String(each.id), words: each.name }))]}
        />
      )}
    </FormDialog>
  );
}
