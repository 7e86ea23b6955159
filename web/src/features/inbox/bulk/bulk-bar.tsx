import '@/i18n/rest';
import { useQueryClient } from '@tanstack/react-query';
import { AlarmClock, ArrowRightLeft, CircleCheck, EllipsisVertical, Flag, Hand, ListChecks, Mail, MailOpen, Tag, Tags, X, type LucideIcon } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationFilters } from '@/api/queries/conversations';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';
import { useCommands } from '@/app/commands';
import { Button, IconButton } from '@/components/button';
import { Confirm } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { toast } from '@/components/toast';
import { TransferDialog } from '../actions/transfer-dialog';
import { contactLabel } from '../conversation-row';
import { AskJob, CloseJob, useStartJob } from './job-dialogs';
import { LabelDialog } from './label-dialog';
import { JOB_KINDS, MoreJobDialog, type JobKind } from './more-jobs';
import { reasonsOf, runBulk, undoOf, type BulkAct } from './run';

/** How far a bulk act is. */
export interface Progress {
  kind: BulkAct['kind'];
  through: number;
  of: number;
}

const ICONS: Record<BulkAct['kind'] | JobKind, LucideIcon> = {
  accept: Hand,
  transfer: ArrowRightLeft,
  close: CircleCheck,
  label: Tag,
  unread: Mail,
  unlabel: Tags,
  priority: Flag,
  snooze: AlarmClock,
  read: MailOpen,
};

/** What is done with the selected conversations. It stands where the search is, so that no row moves when it comes. */
export default function BulkBar({
  chosen,
  progress,
  onProgress,
  onDone,
  onAll,
  onClear,
  list,
  matching,
  whole,
  everything,
  onEverything,
}: {
  chosen: readonly Conversation[];
  progress: Progress | undefined;
  onProgress: (progress: Progress | undefined) => void;
  /** These are through: they are selected no longer. What was refused stays selected. */
  onDone: (ids: readonly number[]) => void;
  onAll: () => void;
  onClear: () => void;
  /** What the list asks for, and how many conversations match it. */
  list: ConversationFilters | undefined;
  matching: number;
  /** All rows that are here are selected. */
  whole: boolean;
  /** Everything that matches is selected, also what is not here: one job does it. */
  everything: boolean;
  onEverything: () => void;
}) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { permissions } = useMe();
  const [asking, setAsking] = useState<BulkAct['kind']>();
  const total = matching.toLocaleString(i18n.language);
  // A job does what is selected here, or all that match.
  const ids = useMemo(() => (everything ? undefined : chosen.map(({ id }) => id)), [everything, chosen]);
  const job = useStartJob(list, ids, onClear);
  const [asked, setAsked] = useState<JobKind>();
  const { mutate: startJob } = job;
  const open = chosen.filter(({ ticket }) => ticket);

  const run = useCallback(async (act: BulkAct) => {
    setAsking(undefined);
    const { kind } = act;
    const step = (through: number) => onProgress({ kind, through, of: chosen.length });
    step(0);
    const { done, waiting, refused, changed } = await runBulk(client, t, act, chosen, step);
    onProgress(undefined);
    onDone([...done, ...waiting].map(({ id }) => id));
    const parts = [
      ...(done.length > 0 ? [t('bulk.done', { count: done.length })] : []),
      ...(waiting.length > 0 ? [t('bulk.waiting', { count: waiting.length })] : []),
      ...(refused.length > 0 ? [t('bulk.refused', { count: refused.length })] : []),
    ];
    const undo = undoOf(client, act, changed);
    toast({
      words: t('bulk.result', { act: t(`list.acts.${kind}`), parts: parts.join(', ') }),
      ...(refused.length > 0 && { tone: 'bad', more: reasonsOf(t, refused, (each) => contactLabel(each, t('inbox.unknownContact'))) }),
      ...(undo && {
        undo: () =>
          void undo().then((failed) => {
            if (failed > 0) toast({ words: t('bulk.undoFailed', { count: failed }), tone: 'bad' });
          }),
      }),
    });
  }, [client, t, chosen, onProgress, onDone]);
  const start = useCallback(
    (kind: BulkAct['kind']) => (!everything && (kind === 'accept' || kind === 'unread') ? void run({ kind }) : setAsking(kind)),
    [run, everything],
  );

  const kinds = useMemo(() => {
    const all: BulkAct['kind'][] = ['accept', 'transfer', 'close', 'label', 'unread'];
    return all.filter((kind) => permissions.includes(kind === 'label' ? 'contacts:write' : 'tickets:write'));
  }, [permissions]);
  const jobs = useMemo(() => JOB_KINDS.filter((kind) => permissions.includes(kind === 'unlabel' ? 'contacts:write' : 'tickets:write')), [permissions]);
  const busy = progress !== undefined;
  const count = everything ? matching : chosen.length;
  const none = !everything && open.length === 0;
  const offered = (kind: BulkAct['kind']) => !none || (kind !== 'accept' && kind !== 'close');
  // They are far from a row by Tab: the command bar reaches them from anywhere.
  useCommands(
    useMemo(
      () => ({
        heading: t('list.selected', { count }),
        first: true,
        commands: busy
          ? []
          : [
              ...kinds.filter((kind) => !none || (kind !== 'accept' && kind !== 'close')).map((kind) => ({ kind, run: () => start(kind) })),
              ...jobs.map((kind) => ({ kind, run: () => setAsked(kind) })),
            ].map(({ kind, run: act }) => ({ id: `bulk-${kind}`, words: `${t(`list.acts.${kind}`)} · ${t('list.selected', { count })}`, icon: ICONS[kind], run: act })),
      }),
      [t, kinds, jobs, count, none, busy, start, setAsked],
    ),
  );

  const buttons = kinds.filter((kind) => kind === 'accept' || kind === 'transfer' || kind === 'close');
  const others = kinds.filter((kind) => kind === 'label' || kind === 'unread');
  return (
    <div role="toolbar" aria-label={t('bulk.bar')} aria-busy={busy} className="flex h-full flex-col gap-2">
      <div className="flex items-center gap-1">
        <p className="tabular px-1 text-lg font-semibold tracking-tight">
          {progress ? t('list.progress', { act: t(`list.acts.${progress.kind}`), through: progress.through, of: progress.of }) : everything ? t('bulk.everythingSelected', { total }) : t('list.selected', { count })}
        </p>
        {!busy && whole && !everything && matching > chosen.length && (
          <Button look="quiet" title={t('bulk.everythingHint', { total })} onClick={onEverything} className="min-h-8 px-2 text-accent-strong">
            {t('bulk.everything', { total })}
          </Button>
        )}
        {!busy && (
          <>
            <IconButton label={t('bulk.all')} className="ml-auto" onClick={onAll}>
              <ListChecks aria-hidden="true" className="size-4.5" />
            </IconButton>
            <IconButton label={t('bulk.clear')} aria-keyshortcuts="Escape" onClick={onClear}>
              <X aria-hidden="true" className="size-4.5" />
            </IconButton>
          </>
        )}
      </div>
      {progress ? (
        <div className="flex h-9 items-center px-1">
          <div
            role="progressbar"
            aria-label={t(`list.acts.${progress.kind}`)}
            aria-valuemin={0}
            aria-valuemax={progress.of}
            aria-valuenow={progress.through}
            className="h-1.5 w-full overflow-hidden rounded-full bg-sunken"
          >
            <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${(100 * progress.through) / progress.of}%` }} />
          </div>
        </div>
      ) : (
        <div className="flex items-center gap-1.5">
          {buttons.map((kind) => (
            <Button
              key={kind}
              disabled={!offered(kind)}
              title={offered(kind) ? t(`acts.hints.${kind}`) : t('refused.none')}
              onClick={() => start(kind)}
              className="px-2.5"
            >
              {t(`list.acts.${kind}`)}
            </Button>
          ))}
          {others.length + jobs.length > 0 && <Menu
            label={t('bulk.more')}
            trigger={
              <IconButton label={t('bulk.more')} className="ml-auto">
                <EllipsisVertical aria-hidden="true" className="size-4.5" />
              </IconButton>
            }
            items={[
              ...others.map((kind) => ({ words: t(`list.acts.${kind}`), icon: ICONS[kind], onSelect: () => start(kind) })),
              ...jobs.map((kind) => ({ words: t(`list.acts.${kind}`), icon: ICONS[kind], onSelect: () => setAsked(kind) })),
            ]}
          />}
        </div>
      )}
      {asking === 'transfer' && (
        <TransferDialog
          title={t('bulk.transferTitle', { count })}
          agent={undefined}
          served={chosen.some(({ ticket }) => ticket?.agent)}
          noted={everything || open.length === count}
          target={undefined}
          transfer={(to, note) => {
            if (everything) {
              startJob({ action: 'transfer', ...(to.user ? { user_id: to.user.id } : { queue_id: to.queue.id }), ...(note !== '' && { note }) });
              setAsking(undefined);
              return Promise.resolve({ became: 'done' });
            }
            void run({ kind: 'transfer', to, note });
            return Promise.resolve({ became: 'done' });
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {everything && (asking === 'accept' || asking === 'unread') && (
        <AskJob
          kind={asking}
          total={total}
          pending={job.isPending}
          onYes={() => startJob({ action: asking === 'accept' ? 'accept' : 'mark_unread' })}
          onClose={() => setAsking(undefined)}
        />
      )}
      {everything && asking === 'close' && (
        <CloseJob total={total} pending={job.isPending} onYes={(how) => startJob({ action: 'close', ...how })} onClose={() => setAsking(undefined)} />
      )}
      {!everything && asking === 'close' && (
        <Confirm
          open
          onOpenChange={() => setAsking(undefined)}
          title={t('bulk.closeTitle', { count: open.length })}
          lead={t('bulk.closeLead')}
          yes={t('list.acts.close')}
          onYes={() => void run({ kind: 'close' })}
        />
      )}
      {asking === 'label' && (
        <LabelDialog
          title={t('bulk.labelTitle')}
          lead={t('bulk.labelLead')}
          submit={t('bulk.labelTitle')}
          onChoose={(label) => (everything ? startJob({ action: 'label_add', label_id: label.id }) : void run({ kind: 'label', label }))}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asked && <MoreJobDialog kind={asked} total={count.toLocaleString(i18n.language)} pending={job.isPending} onStart={startJob} onClose={() => setAsked(undefined)} />}
    </div>
  );
}
