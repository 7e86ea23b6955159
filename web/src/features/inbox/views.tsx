import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Rows3 } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { View, ViewCounts } from '@/api/types';
import { useCommands } from '@/app/commands';
import { viewOf, VIEWS, type InboxSearch } from './search';

/** How a tab of a view looks, and its count. */
export const TAB =
  'flex min-h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-2 text-sm font-medium text-muted outline-offset-[-2px] hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-accent-strong';
export const TAB_COUNT = 'tabular rounded-full px-1.5 text-xs';

const SavedTabs = lazy(() => import('./saved/saved-tabs'));

/** Above this a count is not counted any further on screen. */
const MOST = 999;

/** A count as a tab shows it: nothing at 0. */
export function countWords(count: number): string {
  return count === 0 ? '' : count > MOST ? `${MOST}+` : String(count);
}

/**
 * The view on screen: the one in the address, else the reader's own tickets when they have any, else the open ones. What was
 * chosen for the reader stays while they look, also when their last ticket is closed.
 */
export function useView(search: InboxSearch, counts: ViewCounts | undefined, failed: boolean): View | undefined {
  const [chosen, setChosen] = useState<View | undefined>();
  const asked = viewOf(search);
  if (asked === undefined && chosen === undefined && (counts || failed)) setChosen(counts && counts.mine.total > 0 ? 'mine' : 'open');
  return asked ?? chosen;
}

/** The views as tabs with their counts. A view is an address, so that it opens elsewhere too. */
export function ViewTabs({ search, view, counts }: { search: InboxSearch; view: View | undefined; counts: Partial<ViewCounts> | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  // Snoozed ones have their tab while there are any, and while somebody looks at it.
  const tabs = useMemo(() => VIEWS.filter((each) => each.view !== 'snoozed' || view === 'snoozed' || (counts?.snoozed?.total ?? 0) > 0), [view, counts?.snoozed?.total]);

  const go = useCallback(
    (to: (typeof VIEWS)[number] | undefined) => {
      if (to) void navigate({ to: '.', search: (old) => ({ ...old, visao: to.visao, salva: undefined, mensagem: undefined }), replace: true });
    },
    [navigate],
  );
  useCommands(
    useMemo(() => {
      const step = (by: 1 | -1) => go(tabs[(tabs.findIndex((each) => each.view === view) + by + tabs.length) % tabs.length]);
      return {
        heading: t('list.views'),
        commands: [
          { id: 'view-previous', words: t('list.viewPrevious'), icon: ChevronLeft, keys: '[', run: () => step(-1) },
          { id: 'view-next', words: t('list.viewNext'), icon: ChevronRight, keys: ']', run: () => step(1) },
          ...tabs.map((tab, place) => ({
            id: `view-${tab.view}`,
            words: t('list.viewShow', { view: t(`list.view.${tab.view}`) }),
            icon: Rows3,
            keys: String(place + 1),
            run: () => go(tab),
          })),
        ],
      };
    }, [tabs, view, go, t]),
  );

  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view, tabs, search.salva]);

  return (
    <nav ref={bar} aria-label={t('list.views')} className="-mx-3 flex overflow-x-auto px-2 [scrollbar-width:none]">
      {tabs.map((tab, place) => {
        const count = counts?.[tab.view];
        const words = t(`list.view.${tab.view}`);
        return (
          <Link
            key={tab.view}
            to="."
            search={{ ...search, visao: tab.visao, salva: undefined, mensagem: undefined }}
            replace
            // The router would call each of them active: they differ in the search alone, and one view needs no word there.
            activeProps={{ 'aria-current': undefined }}
            {...(tab.view === view && !search.salva && { 'aria-current': 'page' as const })}
            aria-keyshortcuts={String(place + 1)}
            title={count ? t('list.viewHolds', { view: words, count: count.total, unread: count.unread }) : words}
            className={TAB}
          >
            {words}
            {count && count.total > 0 && (
              <span className={`${TAB_COUNT} ${count.unread > 0 ? 'bg-accent-soft text-accent-strong' : 'bg-sunken text-muted'}`}>{countWords(count.total)}</span>
            )}
          </Link>
        );
      })}
      <Suspense>
        <SavedTabs search={search} />
      </Suspense>
    </nav>
  );
}
