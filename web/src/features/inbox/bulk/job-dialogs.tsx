import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { bulkKeys, startBulkJob, type BulkStart } from '@/api/queries/bulk-jobs';
import type { ConversationFilters } from '@/api/queries/conversations';
import { reasonsQuery } from '@/api/queries/desk';
import type { BulkJob } from '@/api/types';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextArea } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import '@/i18n/rest';

/** Begins a job about some conversations, or about everything that a list lets through, whatever its order. */
export function useStartJob(list: ConversationFilters | undefined, ids: readonly number[] | undefined, onStarted: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Omit<BulkStart, 'filter' | 'conversation_ids'>) => {
      const filter = { ...list };
      delete filter.order;
      return startBulkJob({ ...body, ...(ids ? { conversation_ids: [...ids] } : { filter }), client_ref: crypto.randomUUID() });
    },
    onSuccess: (job) => {
      client.setQueryData<BulkJob[]>(bulkKeys.list, (jobs) => [job, ...(jobs ?? []).filter(({ id }) => id !== job.id)]);
      void client.invalidateQueries({ queryKey: bulkKeys.all });
      onStarted();
    },
    onError: (error) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('jobs.failed'), tone: 'bad' }),
  });
}

/** Asks before all that match are accepted or marked. It names the effect. */
export function AskJob({ kind, total, pending, onYes, onClose }: { kind: 'accept' | 'unread'; total: string; pending: boolean; onYes: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t(`jobs.askTitle.${kind}`, { total })}
      lead={t(`jobs.askLead.${kind}`)}
      yes={t(`list.acts.${kind}`)}
      pending={pending}
      onYes={onYes}
    />
  );
}

/** Asks how all that match are closed: with which reason, and with a text or without. */
export function CloseJob({ total, pending, onYes, onClose }: { total: string; pending: boolean; onYes: (how: { reason_id?: number; text?: string }) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const reasons = useQuery(reasonsQuery);
  const [reason, setReason] = useState('');
  const [text, setText] = useState('');
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={t('jobs.askTitle.close', { total })}
      lead={t('jobs.askLead.close')}
      names={['reason_id', 'text']}
      pending={pending}
      submit={t('list.acts.close')}
      onSubmit={() => onYes({ ...(reason !== '' && { reason_id: Number(reason) }), ...(text.trim() !== '' && { text: text.trim() }) })}
    >
      <SelectField
        label={t('jobs.reason')}
        name="reason_id"
        optional
        value={reason}
        onValue={setReason}
        options={[{ value: '', words: t('jobs.noReason') }, ...(reasons.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))]}
      />
      <TextArea label={t('jobs.text')} name="text" hint={t('jobs.textHint')} optional maxLength={4096} value={text} onValue={setText} />
    </FormDialog>
  );
}
