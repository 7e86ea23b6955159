import '@/i18n/rest';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BulkStart } from '@/api/queries/bulk-jobs';
import type { Priority } from '@/api/types';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { useDates } from '@/i18n/format';
import { snoozeTimes } from '../actions/snooze-times';
import { LabelDialog } from './label-dialog';

/** What one job does with the selected conversations, few or all that match. */
export type JobKind = 'unlabel' | 'priority' | 'snooze' | 'read';

/** All of them, as the menu lists them. */
export const JOB_KINDS: readonly JobKind[] = ['unlabel', 'priority', 'snooze', 'read'];

const PRIORITIES: readonly Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];

type Start = Omit<BulkStart, 'filter' | 'conversation_ids'>;

/** Asks what a job needs to know, and names its effect. */
export function MoreJobDialog({ kind, total, pending, onStart, onClose }: { kind: JobKind; total: string; pending: boolean; onStart: (what: Start) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const words = { title: t(`jobs.askTitle.${kind}`, { total }), lead: t(`jobs.askLead.${kind}`) };
  switch (kind) {
    case 'unlabel':
      return <LabelDialog {...words} submit={t('list.acts.unlabel')} onChoose={(label) => onStart({ action: 'label_remove', label_id: label.id })} onClose={onClose} />;
    case 'priority':
      return <PriorityDialog {...words} pending={pending} onStart={onStart} onClose={onClose} />;
    case 'snooze':
      return <SnoozeJob {...words} pending={pending} onStart={onStart} onClose={onClose} />;
    case 'read':
      return <Confirm open onOpenChange={onClose} {...words} yes={t('list.acts.read')} pending={pending} onYes={() => onStart({ action: 'mark_read' })} />;
  }
}

interface Asked {
  title: string;
  lead: string;
  pending: boolean;
  onStart: (what: Start) => void;
  onClose: () => void;
}

function PriorityDialog({ title, lead, pending, onStart, onClose }: Asked) {
  const { t } = useTranslation();
  const [priority, setPriority] = useState<Priority>('high');
  return (
    <FormDialog open onOpenChange={onClose} title={title} lead={lead} names={['priority']} pending={pending} submit={t('list.acts.priority')} onSubmit={() => onStart({ action: 'prioritize', priority })}>
      <SelectField
        label={t('acts.names.priority')}
        name="priority"
        value={priority}
        onValue={(value) => setPriority(PRIORITIES.find((each) => each === value) ?? 'none')}
        options={PRIORITIES.map((value) => ({ value, words: t(`acts.priorities.${value}`) }))}
      />
    </FormDialog>
  );
}

function SnoozeJob({ title, lead, pending, onStart, onClose }: Asked) {
  const { t } = useTranslation();
  const dates = useDates();
  const [opened] = useState(() => Date.now());
  const [when, setWhen] = useState('reply');
  const [reason, setReason] = useState('');
  const times = snoozeTimes(new Date(opened));
  const submit = () => {
    const until = times.find(({ id }) => id === when)?.at;
    onStart({ action: 'snooze', until_reply: true, ...(until && { until: until.toISOString() }), ...(reason.trim() !== '' && { reason: reason.trim() }) });
  };
  return (
    <FormDialog open onOpenChange={onClose} title={title} lead={lead} names={['until', 'reason']} pending={pending} submit={t('list.acts.snooze')} onSubmit={submit}>
      <SelectField
        label={t('acts.snoozeWhen')}
        name="until"
        value={when}
        onValue={setWhen}
        options={[
          { value: 'reply', words: t('acts.snoozeReply') },
          ...times.map(({ id, at }) => ({ value: id, words: `${t(`acts.snoozeTimes.${id}`)} (${dates.short(at.getTime(), opened)})` })),
        ]}
      />
      <TextField label={t('acts.snoozeReason')} name="reason" optional maxLength={200} value={reason} onValue={setReason} />
    </FormDialog>
  );
}
