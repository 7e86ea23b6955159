import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bulkJobsQuery, bulkKeys, bulkRefusals, turnBulkJob } from '@/api/queries/bulk-jobs';
import { flatten } from '@/api/queries/pages';
import { ApiError } from '@/api/problem';
import type { BulkJob } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import { refusalSentence } from '@/i18n/refusal';
import '@/i18n/rest';

/** The last job that the reader put away, in this browser. */
const PUT_AWAY = 'perene.bulk-job';
const putAway = () => Number(localStorage.getItem(PUT_AWAY) ?? '0');

/** How a job stands, in words. */
export function jobWords(t: TFunction, job: BulkJob): string {
  const action = t(`jobs.actions.${job.action}`);
  const { total, done, refused, undone, kept, state } = job;
  if (state === 'running') return t('jobs.running', { action, through: done + refused, total });
  if (state === 'undoing') return t('jobs.undoing', { through: undone + kept, total: done });
  const parts =
    state === 'undone'
      ? [t('jobs.partUndone', { count: undone }), ...(kept > 0 ? [t('jobs.partKept', { count: kept })] : [])]
      : [t('jobs.partDone', { count: done }), ...(refused > 0 ? [t('jobs.partRefused', { count: refused })] : [])];
  return t(`jobs.${state}`, { action, parts: parts.join(', ') });
}

/** How far the reader's latest job is, above the list. It is there again after a reload, until it is put away. */
export default function JobStrip() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const now = useNow(30_000);
  const { data } = useQuery({ ...bulkJobsQuery, refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? 5000 : false) });
  const [seen, setSeen] = useState(putAway);
  const [asking, setAsking] = useState(false);
  const turn = useMutation({
    mutationFn: ({ id, to }: { id: number; to: 'cancel' | 'undo' }) => turnBulkJob(id, to),
    onError: (error) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('jobs.failed'), tone: 'bad' }),
    onSettled: () => client.invalidateQueries({ queryKey: bulkKeys.all }),
  });
  const job = data?.[0];
  if (!job) return null;
  const underWay = isUnderWay(job);
  const undoable = (job.state === 'done' || job.state === 'cancelled') && job.done > 0 && job.undo_until !== undefined && Date.parse(job.undo_until) > now;
  const fresh = undoable || Date.parse(job.finished_at ?? '') > now - 10 * 60_000;
  if (!underWay && (seen >= job.id || !fresh)) return null;
  const words = jobWords(t, job);
  const [through, of] = job.state === 'undoing' ? [job.undone + job.kept, job.done] : [job.done + job.refused, job.total];
  const left = job.state === 'undone' ? job.kept : job.refused;
  return (
    <section aria-label={t('jobs.title')} className="border-b border-line bg-accent-soft px-3 py-2 text-sm">
      <div className="flex items-center gap-2">
        <p role="status" className="tabular min-w-0 flex-1 font-medium text-accent-strong">
          {words}
        </p>
        {!underWay && (
          <IconButton
            label={t('jobs.dismiss')}
            className="size-7"
            onClick={() => {
              localStorage.setItem(PUT_AWAY, String(job.id));
              setSeen(job.id);
            }}
          >
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        )}
      </div>
      {underWay && (
        <div role="progressbar" aria-label={words} aria-valuemin={0} aria-valuemax={of} aria-valuenow={through} className="my-1.5 h-1.5 overflow-hidden rounded-full bg-sunken">
          <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${of === 0 ? 0 : (100 * through) / of}%` }} />
        </div>
      )}
      <div className="flex flex-wrap gap-1.5 empty:hidden">
        {job.state === 'running' && (
          <Button className="min-h-8 px-2.5" disabled={turn.isPending} onClick={() => turn.mutate({ id: job.id, to: 'cancel' })}>
            {t('jobs.cancel')}
          </Button>
        )}
        {undoable && (
          <Button className="min-h-8 px-2.5" disabled={turn.isPending} onClick={() => turn.mutate({ id: job.id, to: 'undo' })}>
            {t('jobs.undo')}
          </Button>
        )}
        {left > 0 && (
          <Button look="quiet" className="min-h-8 px-2.5" onClick={() => setAsking(true)}>
            {t('jobs.reasons')}
          </Button>
        )}
      </div>
      {asking && <Refusals job={job} onClose={() => setAsking(false)} />}
    </section>
  );
}

const isUnderWay = ({ state }: BulkJob) => state === 'running' || state === 'undoing';

const WHY = { 'bulk.hidden': 'hidden', 'bulk.actor_gone': 'actor_gone', 'bulk.changed': 'changed', 'bulk.failed': 'failed' } as const;

function Refusals({ job, onClose }: { job: BulkJob; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(bulkRefusals(job.id));
  const rows = flatten(query.data);
  const why = (key: string, args: Record<string, string>) =>
    refusalSentence(t, key, args) ?? (key in WHY ? t(`jobs.why.${WHY[key as keyof typeof WHY]}`) : t('jobs.why.other', { key }));
  return (
    <Dialog open onOpenChange={onClose} title={t('jobs.refusals')} lead={jobWords(t, job)}>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <LoadingRows rows={4} />
      ) : (
        <ul className="divide-y divide-line">
          {rows.map(({ conversation_id: id, number, contact, key, args }) => (
            <li key={id} className="py-2 text-sm">
              {number === undefined ? (
                <span className="font-medium text-muted">{t('jobs.hidden')}</span>
              ) : (
                <Link to="/conversas/$number" params={{ number: String(number) }} onClick={onClose} className="font-medium text-accent hover:underline">
                  {contact ?? t('inbox.unknownContact')} <span className="tabular text-muted">#{number}</span>
                </Link>
              )}
              <p className="text-muted">{why(key, args ?? {})}</p>
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button className="mt-3 w-full" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('app.loadMore')}
        </Button>
      )}
    </Dialog>
  );
}
