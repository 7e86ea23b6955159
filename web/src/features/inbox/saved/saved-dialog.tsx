import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Bookmark, Copy, EllipsisVertical, Link2, Pencil, Plus, Trash2, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteView, orderViews, savedCountsQuery, savedViewKeys, savedViewsQuery } from '@/api/queries/views';
import type { Filter, SavedView } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { Confirm, Dialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { Sortable } from '@/components/sortable';
import { toast } from '@/components/toast';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import '@/i18n/rest';
import { countWords } from '../views';
import { Builder, type Draft } from './builder';

const EXAMPLES: { name: 'waiting' | 'window' | 'urgent'; filter: Filter }[] = [
  {
    name: 'waiting',
    filter: { and: [{ field: 'state', op: 'not_in', value: ['snoozed'] }, { field: 'waiting_since', op: 'older_than', value: 30 }] },
  },
  {
    name: 'window',
    filter: {
      and: [
        { field: 'window', op: 'in', value: ['expiring'] },
        { or: [{ field: 'agent', op: 'in', value: ['me'] }, { field: 'agent', op: 'empty' }] },
      ],
    },
  },
  {
    name: 'urgent',
    filter: { and: [{ field: 'priority', op: 'in', value: ['urgent', 'high'] }, { field: 'state', op: 'in', value: ['waiting', 'open'] }] },
  },
];

/** The views that one keeps: opened, made, ordered, changed, shared by a link and deleted. */
export default function SavedDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const views = useQuery(savedViewsQuery);
  const counts = useQuery(savedCountsQuery);
  const [draft, setDraft] = useState<Draft>();
  const [going, setGoing] = useState<SavedView>();
  const failed = () => toast({ words: t('saved.failed'), tone: 'bad' });
  const order = useMutation({
    mutationFn: (items: SavedView[]) => {
      client.setQueryData(savedViewKeys.all, items);
      return orderViews(items.map(({ id }) => id));
    },
    onError: failed,
    onSettled: () => client.invalidateQueries({ queryKey: savedViewKeys.all }),
  });
  const remove = useMutation({
    mutationFn: ({ id }: SavedView) => deleteView(id),
    onSuccess: (_, view) => {
      toast({ words: t('saved.removed') });
      void navigate({ to: '.', search: (old) => (old.salva === view.id ? { ...old, salva: undefined } : old), replace: true });
    },
    onError: failed,
    onSettled: () => client.invalidateQueries({ queryKey: savedViewKeys.all }),
  });
  const copyLink = async ({ id }: SavedView) => {
    await navigator.clipboard.writeText(`${location.origin}/conversas?salva=${id}`);
    toast({ words: t('saved.linkCopied') });
  };
  const start = (name = '', filter: Filter = { and: [{ field: 'state', op: 'in', value: [] }] }) => setDraft({ name, filter });
  if (draft) {
    return (
      <Builder
        draft={draft}
        onClose={() => setDraft(undefined)}
        onSaved={({ id }) => {
          void navigate({ to: '/conversas', search: { salva: id } });
          onClose();
        }}
      />
    );
  }
  const all = views.data ?? [];
  return (
    <Dialog open onOpenChange={onClose} title={t('saved.title')} lead={t('saved.lead')}>
      {views.isError ? (
        <ErrorState error={views.error} onRetry={() => void views.refetch()} />
      ) : views.isPending ? (
        <LoadingRows rows={3} />
      ) : all.length === 0 ? (
        <EmptyState icon={Bookmark} title={t('saved.none')} hint={t('saved.noneHint')}>
          <ul className="flex flex-col gap-2">
            {EXAMPLES.map(({ name, filter }) => (
              <li key={name}>
                <Button onClick={() => start(t(`saved.examples.${name}`), filter)} className="h-auto w-full py-1.5 whitespace-normal">
                  {t(`saved.examples.${name}`)}
                </Button>
              </li>
            ))}
          </ul>
        </EmptyState>
      ) : (
        <Sortable label={t('saved.list')} items={all} onOrder={(items) => order.mutate(items)}>
          {(view) => {
            const count = counts.data?.find(({ id }) => id === view.id);
            const shared = view.sharing === 'queues' ? t('saved.sharedWith.queues', { queues: view.queues.map(({ name }) => name).join(', ') }) : t(`saved.sharedWith.${view.sharing}`);
            return (
              <div className="flex min-h-12 items-center gap-2">
                <Link to="/conversas" search={{ salva: view.id }} onClick={onClose} className="min-w-0 flex-1 py-2 hover:text-accent-strong" activeProps={{ 'aria-current': undefined }}>
                  <span className="block truncate text-sm font-medium">{view.name}</span>
                  <span className="flex items-center gap-1 text-xs text-muted">
                    {view.sharing !== 'private' && <UsersRound aria-hidden="true" className="size-3 shrink-0" />}
                    <span className="truncate">{shared}</span>
                  </span>
                </Link>
                <span className="tabular text-xs text-muted">{countWords(count?.total ?? 0)}</span>
                <Menu
                  label={t('saved.more', { name: view.name })}
                  trigger={
                    <IconButton label={t('saved.more', { name: view.name })}>
                      <EllipsisVertical aria-hidden="true" className="size-4.5" />
                    </IconButton>
                  }
                  items={[
                    ...(view.editable ? [{ words: t('saved.edit'), icon: Pencil, onSelect: () => setDraft({ view, name: view.name, filter: view.filter }) }] : []),
                    { words: t('saved.copyOf'), icon: Copy, onSelect: () => start(t('saved.copied', { name: view.name }), view.filter) },
                    { words: t('saved.link'), icon: Link2, onSelect: () => void copyLink(view) },
                    ...(view.editable ? [{ words: t('saved.remove'), icon: Trash2, tone: 'bad' as const, onSelect: () => setGoing(view) }] : []),
                  ]}
                />
              </div>
            );
          }}
        </Sortable>
      )}
      <div className="flex justify-end pt-4">
        <Button look="primary" onClick={() => start()}>
          <Plus aria-hidden="true" className="size-4" />
          {t('saved.new')}
        </Button>
      </div>
      {going && (
        <Confirm
          open
          onOpenChange={() => setGoing(undefined)}
          title={t('saved.removeTitle', { name: going.name })}
          lead={t(`saved.removeLead.${going.sharing === 'private' ? 'private' : 'shared'}`)}
          yes={t('saved.remove')}
          tone="danger"
          onYes={() => {
            remove.mutate(going);
            setGoing(undefined);
          }}
        />
      )}
    </Dialog>
  );
}
