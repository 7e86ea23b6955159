import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, Search, SlidersHorizontal, X } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { usePreferences } from '@/app/preferences';
import { useEscape } from '@/app/shortcuts';
import { IconButton } from '@/components/button';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import type { Progress } from './bulk/bulk-bar';
import { ConversationRow } from './conversation-row';
import { FilterChips } from './filter-chips';
import { useHeldRows } from './held-rows';
import { ListEmpty } from './list-empty';
import { useListKeys } from './list-keys';
import { useRowMenu } from './row-menu';
import { isFiltered, type InboxSearch } from './search';
import { useSelection } from './selection';
import { useConversations, useDrafts, usePreload } from './use-conversations';
import { ViewTabs } from './views';

/** How high a row is (DESIGN.md, Density). */
const ROW_PX = { comfortable: 72, compact: 56 } as const;

const SavedButton = lazy(() => import('./saved/saved-button'));
const FilterPanel = lazy(() => import('./filter-panel'));
const SavedEmpty = lazy(() => import('./saved/saved-empty'));
const JobStrip = lazy(() => import('./bulk/job-strip'));
const BulkBar = lazy(() => import('./bulk/bulk-bar'));

const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;

/** The list of conversations: views, search, filters, and rows that are drawn only where they can be seen. */
export function ConversationList({ search, current }: { search: InboxSearch; current: number | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { density, singleKeys } = usePreferences();
  const now = useNow(30_000);
  const { query, rows, view, counts, tabs, list } = useConversations(search);
  const [filtersOpen, setFiltersOpen] = useState(false);
  const listKey = JSON.stringify(list) ?? '';
  const held = useHeldRows(listKey, list?.order ?? 'recent', rows);
  const { shown } = held;
  const ids = useMemo(() => shown.flatMap((row) => (row.conversation ? [row.id] : [])), [shown]);
  const { selected, select, selectAll, drop, clear } = useSelection(listKey, ids);
  const [progress, setProgress] = useState<Progress>();
  // Everything that matches, also what is not here. Whoever takes a row out of it means the others that were here.
  const [everythingOf, setEverythingOf] = useState<string>();
  const whole = ids.length > 0 && selected.size === ids.length;
  const everything = everythingOf === listKey && selected.size > 0;
  const pick = useCallback(
    (id: number, range: boolean) => {
      setEverythingOf(undefined);
      select(id, range);
    },
    [select],
  );
  const selecting = selected.size > 0 || progress !== undefined;
  const chosen = useMemo(() => shown.flatMap(({ id, conversation }) => (conversation && selected.has(id) ? [conversation] : [])), [shown, selected]);
  const drafts = useDrafts();
  const intend = usePreload(rows, current);
  const { menu, openMenu, markUnread } = useRowMenu(rows, pick);
  const acts = useMemo(() => ({ select: pick, intend, menu: openMenu }), [pick, intend, openMenu]);

  const change = useCallback(
    (next: Partial<InboxSearch>) => void navigate({ to: '.', search: (old) => ({ ...old, mensagem: undefined, ...next }), replace: true }),
    [navigate],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX[density],
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 8,
    // A browser without layout (tests) shows the first rows.
    initialRect: { width: 360, height: 800 },
  });
  useEffect(() => virtual.measure(), [density, virtual]);
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (lastVisible >= shown.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [lastVisible, shown.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const leave = useCallback(() => {
    setEverythingOf(undefined);
    clear();
  }, [clear]);
  useEscape(selected.size > 0 && progress === undefined, leave);
  // The bar goes with the selection: whoever was in it goes on in the list.
  const wasSelecting = useRef(false);
  useEffect(() => {
    if (wasSelecting.current && !selecting && document.activeElement === document.body) scroller.current?.querySelector<HTMLElement>('[data-conversation]')?.focus();
    wasSelecting.current = selecting;
  }, [selecting]);

  const searchBox = useRef<HTMLInputElement>(null);
  useListKeys({
    rows: shown,
    current,
    box: useCallback(() => scroller.current, []),
    virtual,
    onWalk: held.walk,
    onSelect: useCallback((id: number) => pick(id, false), [pick]),
    onUnread: markUnread,
    onSearch: useCallback(() => searchBox.current?.focus(), []),
  });

  return (
    <section aria-label={t('inbox.list')} className="flex h-full min-h-0 flex-col">
      <div className="space-y-2 border-b border-line px-3 pt-3">
        <div className="relative">
          <div className={`space-y-2 ${selecting ? 'invisible' : ''}`}>
        <div className="flex items-center gap-1">
          <h1 className="px-1 text-lg font-semibold tracking-tight">{t('inbox.title')}</h1>
          <span className="ml-auto" />
          <Suspense fallback={null}>
            <SavedButton />
          </Suspense>
          <IconButton
            label={t(filtersOpen ? 'list.filtersHide' : 'list.filters')}
            aria-expanded={filtersOpen}
            aria-controls="filters"
            onClick={() => setFiltersOpen(!filtersOpen)}
            className={isFiltered(search) ? 'text-accent' : ''}
          >
            <SlidersHorizontal aria-hidden="true" className="size-4.5" />
          </IconButton>
        </div>
        <SearchBox inputRef={searchBox} value={search.busca ?? ''} onChange={(busca) => change({ busca: busca || undefined })} />
          </div>
          {selecting && (
            <div className="absolute inset-0">
              <Suspense>
                <BulkBar chosen={chosen} progress={progress} onProgress={setProgress} onDone={drop} onAll={selectAll} onClear={leave}
                  list={list} matching={view === undefined ? 0 : (counts?.[view].total ?? 0)} whole={whole} everything={everything} onEverything={() => setEverythingOf(listKey)} />
              </Suspense>
            </div>
          )}
          <p role="status" className="sr-only">
            {progress ? t('list.progress', { act: t(`list.acts.${progress.kind}`), through: progress.through, of: progress.of }) : selecting && t('list.selected', { count: selected.size })}
          </p>
        </div>
        {filtersOpen && (
          <Suspense fallback={<div className="h-30" />}>
            <FilterPanel search={search} onChange={change} />
          </Suspense>
        )}
        <FilterChips search={search} onChange={change} />
        <ViewTabs search={search} view={view} counts={tabs} />
      </div>
      <Suspense>
        <JobStrip />
      </Suspense>
      <div className="relative min-h-0 flex-1">
        {held.waiting > 0 && (
          <button
            type="button"
            onClick={() => {
              held.show();
              virtual.scrollToOffset(0);
            }}
            className="absolute top-2 left-1/2 z-10 inline-flex min-h-8 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-raised px-3.5 text-xs font-semibold text-accent-strong shadow-card hover:bg-sunken"
          >
            <ArrowUp aria-hidden="true" className="size-3.5" />
            {t('list.waiting', { count: held.waiting })}
          </button>
        )}
        <div ref={scroller} {...held.handlers} className="h-full overflow-y-auto">
          {search.salva && rows.length === 0 && !query.isPending && (query.isError ? isGone(query.error) : !isFiltered(search)) ? (
            <Suspense>
              <SavedEmpty missing={query.isError} />
            </Suspense>
          ) : query.isError && rows.length === 0 ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : query.isPending || view === undefined ? (
            <div className="appear-late">
              <LoadingRows rows={8} />
            </div>
          ) : shown.length === 0 ? (
            <ListEmpty search={search} view={view} counts={counts} />
          ) : (
            <ul className="relative" style={{ height: virtual.getTotalSize() }}>
              {visible.map((item) => {
                const row = shown[item.index];
                if (!row) return null;
                return (
                  <li
                    key={item.key}
                    aria-setsize={hasNextPage ? -1 : shown.length}
                    aria-posinset={item.index + 1}
                    className="absolute inset-x-0 top-0 border-b border-line/60"
                    style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                  >
                    {row.conversation ? (
                      <ConversationRow
                        conversation={row.conversation}
                        search={search}
                        now={now}
                        current={row.conversation.number === current}
                        selected={everything || selected.has(row.id)}
                        selecting={selecting}
                        draft={drafts.get(row.id)}
                        compact={density === 'compact'}
                        tabbable={!singleKeys}
                        acts={acts}
                      />
                    ) : (
                      <p className="flex h-full items-center px-4 text-sm text-faint">{t('list.left')}</p>
                    )}
                  </li>
                );
              })}
            </ul>
          )}
          {isFetchingNextPage && <LoadingRows rows={2} />}
        </div>
      </div>
      {menu}
    </section>
  );
}

function SearchBox({ value, onChange, inputRef }: { value: string; onChange: (value: string) => void; inputRef: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => change.current(text), 250);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <div className="relative">
      <Search aria-hidden="true" className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-faint" />
      <input
        ref={inputRef}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        aria-label={t('list.search')}
        placeholder={t('list.search')}
        className="h-9 w-full rounded-lg border border-line bg-raised pr-9 pl-9 text-sm outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30 [&::-webkit-search-cancel-button]:hidden"
      />
      {text !== '' && (
        <IconButton label={t('list.clearSearch')} className="absolute top-0.5 right-0.5 size-8" onClick={() => setText('')}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      )}
    </div>
  );
}
