import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowRightLeft, CircleCheck, EllipsisVertical, Hand, ListChecks, Mail, Tag, X, type LucideIcon } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelsQuery } from '@/api/queries/labels';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';
import { useCommands } from '@/app/commands';
import { Button, IconButton } from '@/components/button';
import { Combobox, type Option } from '@/components/combobox';
import { Confirm, FormDialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { toast } from '@/components/toast';
import { TransferDialog } from '../actions/transfer-dialog';
import { contactLabel } from '../conversation-row';
import { reasonsOf, runBulk, undoOf, type BulkAct } from './run';

/** How far a bulk act is. */
export interface Progress {
  kind: BulkAct['kind'];
  through: number;
  of: number;
}

const ICONS: Record<BulkAct['kind'], LucideIcon> = { accept: Hand, transfer: ArrowRightLeft, close: CircleCheck, label: Tag, unread: Mail };

/** What is done with the selected conversations. It stands where the search is, so that no row moves when it comes. */
export default function BulkBar({
  chosen,
  progress,
  onProgress,
  onDone,
  onAll,
  onClear,
}: {
  chosen: readonly Conversation[];
  progress: Progress | undefined;
  onProgress: (progress: Progress | undefined) => void;
  /** These are through: they are selected no longer. What was refused stays selected. */
  onDone: (ids: readonly number[]) => void;
  onAll: () => void;
  onClear: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { permissions } = useMe();
  const [asking, setAsking] = useState<'transfer' | 'close' | 'label'>();
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
      words: t('bulk.result', { act: t(`bulk.names.${kind}`), parts: parts.join(', ') }),
      ...(refused.length > 0 && { tone: 'bad', more: reasonsOf(t, refused, (each) => contactLabel(each, t('inbox.unknownContact'))) }),
      ...(undo && {
        undo: () =>
          void undo().then((failed) => {
            if (failed > 0) toast({ words: t('bulk.undoFailed', { count: failed }), tone: 'bad' });
          }),
      }),
    });
  }, [client, t, chosen, onProgress, onDone]);
  const start = useCallback((kind: BulkAct['kind']) => (kind === 'accept' || kind === 'unread' ? void run({ kind }) : setAsking(kind)), [run]);

  const kinds = useMemo(() => {
    const all: BulkAct['kind'][] = ['accept', 'transfer', 'close', 'label', 'unread'];
    return all.filter((kind) => permissions.includes(kind === 'label' ? 'contacts:write' : 'tickets:write'));
  }, [permissions]);
  const busy = progress !== undefined;
  const count = chosen.length;
  const none = open.length === 0;
  const offered = (kind: BulkAct['kind']) => !none || (kind !== 'accept' && kind !== 'close');
  // They are far from a row by Tab: the command bar reaches them from anywhere.
  useCommands(
    useMemo(
      () => ({
        heading: t('bulk.selected', { count }),
        first: true,
        commands: busy
          ? []
          : kinds
              .filter((kind) => !none || (kind !== 'accept' && kind !== 'close'))
              .map((kind) => ({ id: `bulk-${kind}`, words: `${t(`bulk.names.${kind}`)} · ${t('bulk.selected', { count })}`, icon: ICONS[kind], run: () => start(kind) })),
      }),
      [t, kinds, count, none, busy, start],
    ),
  );

  const buttons = kinds.filter((kind) => kind === 'accept' || kind === 'transfer' || kind === 'close');
  const others = kinds.filter((kind) => kind === 'label' || kind === 'unread');
  return (
    <div role="toolbar" aria-label={t('bulk.bar')} aria-busy={busy} className="flex h-full flex-col gap-2">
      <div className="flex items-center gap-1">
        <p className="tabular px-1 text-lg font-semibold tracking-tight">
          {progress ? t('bulk.progress', { act: t(`bulk.names.${progress.kind}`), through: progress.through, of: progress.of }) : t('bulk.selected', { count })}
        </p>
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
            aria-label={t(`bulk.names.${progress.kind}`)}
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
              {t(`bulk.names.${kind}`)}
            </Button>
          ))}
          {others.length > 0 && <Menu
            label={t('bulk.more')}
            trigger={
              <IconButton label={t('bulk.more')} className="ml-auto">
                <EllipsisVertical aria-hidden="true" className="size-4.5" />
              </IconButton>
            }
            items={others.map((kind) => ({ words: t(`bulk.names.${kind}`), icon: ICONS[kind], onSelect: () => start(kind) }))}
          />}
        </div>
      )}
      {asking === 'transfer' && (
        <TransferDialog
          title={t('bulk.transferTitle', { count })}
          agent={undefined}
          served={chosen.some(({ ticket }) => ticket?.agent)}
          noted={open.length === count}
          target={undefined}
          transfer={(to, note) => {
            void run({ kind: 'transfer', to, note });
            return Promise.resolve({ became: 'done' });
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'close' && (
        <Confirm
          open
          onOpenChange={() => setAsking(undefined)}
          title={t('bulk.closeTitle', { count: open.length })}
          lead={t('bulk.closeLead')}
          yes={t('bulk.names.close')}
          onYes={() => void run({ kind: 'close' })}
        />
      )}
      {asking === 'label' && <LabelDialog onChoose={(label) => void run({ kind: 'label', label })} onClose={() => setAsking(undefined)} />}
    </div>
  );
}

function LabelDialog({ onChoose, onClose }: { onChoose: (label: Conversation['labels'][number]) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useQuery(labelsQuery);
  const [chosen, setChosen] = useState<Option | null>(null);
  const [nothing, setNothing] = useState(false);
  // What only automation gives is not on the list of people.
  const options = useMemo(
    () => (labels.data ?? []).filter((label) => !label.automation_only && !label.archived_at).map((label): Option => ({ value: String(label.id), words: label.name, color: label.color })),
    [labels.data],
  );
  const submit = () => {
    const label = labels.data?.find(({ id }) => String(id) === chosen?.value);
    setNothing(label === undefined);
    if (label) onChoose({ id: label.id, name: label.name, color: label.color });
  };
  return (
    <FormDialog open onOpenChange={onClose} title={t('bulk.labelTitle')} lead={t('bulk.labelLead')} names={['label_id']} submit={t('bulk.labelTitle')} onSubmit={submit}>
      <Combobox label={t('bulk.names.label')} placeholder={t('bulk.chooseLabel')} options={options} value={chosen} onChange={setChosen} />
      {nothing && !chosen && (
        <p role="alert" className="text-sm text-bad">
          {t('bulk.noLabel')}
        </p>
      )}
    </FormDialog>
  );
}
