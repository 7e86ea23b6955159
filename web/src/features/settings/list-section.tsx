import { useQuery, type UseQueryOptions } from '@tanstack/react-query';
import { Archive, ChevronRight, Plus, RotateCcw, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingKind } from '@/api/queries/settings';
import { Button, IconButton } from '@/components/button';
import { Sortable } from '@/components/sortable';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useSettingActs } from './use-setting';

/** What every thing of the settings has. */
export interface Thing {
  id: number;
  name: string;
  archived_at?: string | undefined;
}

/** The options of a query that lists things, as queryOptions makes them. */
type List<T> = Pick<UseQueryOptions<T[], Error, T[], readonly ['settings', SettingKind, boolean]>, 'queryKey' | 'queryFn'>;

/** The heading of a section, a sentence about it, and what begins a new thing. */
export function SectionHead({ title, lead, action }: { title: string; lead: string; action?: ReactNode }) {
  return (
    <header className="mb-4 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="max-w-prose text-sm text-pretty text-muted">{lead}</p>
      </div>
      {action}
    </header>
  );
}

/** A section that lists things which people make, order, archive and restore. */
export function ListSection<T extends Thing>({
  kind,
  icon,
  list,
  placed = () => true,
  row,
  onNew,
  onOpen,
}: {
  kind: SettingKind;
  icon: LucideIcon;
  list: (archived: boolean) => List<T>;
  /** Whether a thing has a place in the order; the others come behind, under a heading. */
  placed?: (item: T) => boolean;
  /** What a row shows of a thing, its name first. */
  row: (item: T) => ReactNode;
  onNew: () => void;
  onOpen: (item: T) => void;
}) {
  const { t } = useTranslation();
  const query = useQuery(list(false));
  const { order, archive } = useSettingActs<T>(kind);
  const items = query.data ?? [];
  const inOrder = items.filter(placed);
  const apart = items.filter((item) => !placed(item));
  const each = (item: T) => (
    <div className="flex items-center gap-1">
      <button type="button" onClick={() => onOpen(item)} className="min-h-14 min-w-0 flex-1 rounded-lg px-2 py-2 text-left outline-offset-[-2px] hover:bg-sunken">
        {row(item)}
      </button>
      <IconButton label={t('settings.archive', { name: item.name })} onClick={() => archive(item)}>
        <Archive aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
  return (
    <section>
      <SectionHead
        title={t(`settings.${kind}.title`)}
        lead={t(`settings.${kind}.lead`)}
        action={
          <Button look="primary" onClick={onNew}>
            <Plus aria-hidden="true" className="size-4" />
            {t(`settings.${kind}.new`)}
          </Button>
        }
      />
      {query.isPending ? (
        <LoadingRows rows={3} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState icon={icon} title={t(`settings.${kind}.empty`)} hint={t(`settings.${kind}.emptyHint`)} />
      ) : (
        <div className="space-y-5">
          {inOrder.length > 0 && (
            <Sortable label={t(`settings.${kind}.title`)} items={inOrder} onOrder={order}>
              {each}
            </Sortable>
          )}
          {apart.length > 0 && (
            <div>
              <h3 className="mb-2 text-sm font-medium text-muted">{t('settings.apart')}</h3>
              <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
                {apart.map((item) => (
                  <li key={item.id} className="px-2">
                    {each(item)}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
      <Archived kind={kind} list={list} />
    </section>
  );
}

/** What was archived, read when it is asked for. */
function Archived<T extends Thing>({ kind, list }: { kind: SettingKind; list: (archived: boolean) => List<T> }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...list(true), enabled: open });
  const { restore } = useSettingActs<T>(kind);
  return (
    <details className="group mt-6" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-9 items-center gap-1.5 rounded-lg px-2 text-sm font-medium text-muted hover:text-ink">
        <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
        {t('settings.archivedOnes')}
      </summary>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.length === 0 ? (
        <p className="px-2 py-3 text-sm text-muted">{t('settings.noneArchived')}</p>
      ) : (
        <ul aria-label={t('settings.archivedOnes')} className="mt-1 divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {query.data?.map((item) => (
            <li key={item.id} className="flex items-center justify-between gap-2 px-4 py-2">
              <span className="min-w-0 truncate text-sm text-muted">{item.name}</span>
              <Button look="quiet" onClick={() => restore(item)} aria-label={t('settings.restoreOne', { name: item.name })}>
                <RotateCcw aria-hidden="true" className="size-4" />
                {t('settings.restore')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
