import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { MessagesSquare, Search, SlidersHorizontal, X } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { conversationsQuery } from '@/api/queries/conversations';
import { flatten } from '@/api/queries/pages';
import { usePreferences } from '@/app/preferences';
import { useKeys } from '@/app/shortcuts';
import { Button, IconButton } from '@/components/button';
import { Chips } from '@/components/chips';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import { ConversationRow } from './conversation-row';
import { FilterPanel } from './filter-panel';
import { filtersOf, isFiltered, type InboxSearch } from './search';

const TABS = [
  { value: undefined, words: 'all' },
  { value: 'nao-lidas', words: 'unread' },
  { value: 'fluxo', words: 'flow' },
  { value: 'atendimento', words: 'ticket' },
] as const;

/** The list of conversations: search, filters, and rows that are drawn only where they can be seen. */
export function ConversationList({ search, current }: { search: InboxSearch; current: number | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { density } = usePreferences();
  const now = useNow(30_000);
  const query = useInfiniteQuery(conversationsQuery(filtersOf(search)));
  const rows = useMemo(() => flatten(query.data), [query.data]);
  const [filtersOpen, setFiltersOpen] = useState(search.janela !== undefined || search.conexao !== undefined);

  const change = (next: Partial<InboxSearch>) => {
    void navigate({ to: '.', search: (old) => ({ ...old, ...next }), replace: true });
  };

  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (density === 'compact' ? 56 : 72),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    // A browser without layout (tests) shows the first rows.
    initialRect: { width: 360, height: 800 },
  });
  useEffect(() => virtual.measure(), [density, virtual]);
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (lastVisible >= rows.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [lastVisible, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const searchBox = useRef<HTMLInputElement>(null);
  // The row that is to have the focus and is not drawn yet.
  const wanted = useRef<number | undefined>(undefined);
  const focusDrawn = useCallback((number: number) => {
    const drawn = scroller.current?.querySelector<HTMLElement>(`[data-conversation="${number}"]`);
    drawn?.focus();
    return Boolean(drawn);
  }, []);
  // A row has the focus before the next key arrives, however fast somebody types or slow the machine is: "j" and Enter at
  // once opens the next conversation.
  const focusRow = useCallback(
    (step: 1 | -1) => {
      const focused = document.activeElement?.closest('[data-conversation]')?.getAttribute('data-conversation');
      const here = wanted.current ?? Number(focused ?? current);
      const from = rows.findIndex((row) => row.number === here);
      const to = from === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step));
      const row = rows[to];
      if (!row) return;
      virtual.scrollToIndex(to, { align: 'auto' });
      wanted.current = focusDrawn(row.number) ? undefined : row.number;
    },
    [rows, current, virtual, focusDrawn],
  );
  useLayoutEffect(() => {
    const number = wanted.current;
    if (number === undefined) return;
    if (focusDrawn(number) || !rows.some((row) => row.number === number)) wanted.current = undefined;
  });
  useKeys(
    useMemo(
      () => ({
        j: () => focusRow(1),
        k: () => focusRow(-1),
        o: () => document.activeElement?.closest<HTMLElement>('[data-conversation]')?.click(),
        '/': () => searchBox.current?.focus(),
      }),
      [focusRow],
    ),
  );
  // Arrows move between rows only inside the list: elsewhere they scroll.
  useEffect(() => {
    const box = scroller.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      focusRow(event.key === 'ArrowDown' ? 1 : -1);
    };
    box?.addEventListener('keydown', onKey);
    return () => box?.removeEventListener('keydown', onKey);
  }, [focusRow]);

  const filtered = isFiltered(search);
  return (
    <section aria-label={t('inbox.list')} className="flex h-full min-h-0 flex-col">
      <div className="space-y-2.5 border-b border-line px-3 pt-3 pb-2.5">
        <div className="flex items-center gap-1">
          <h1 className="px-1 text-lg font-semibold tracking-tight">{t('inbox.title')}</h1>
          <IconButton
            label={t('inbox.more')}
            aria-expanded={filtersOpen}
            onClick={() => setFiltersOpen(!filtersOpen)}
            className={`ml-auto ${search.janela !== undefined || search.conexao !== undefined ? 'text-accent' : ''}`}
          >
            <SlidersHorizontal aria-hidden="true" className="size-4.5" />
          </IconButton>
        </div>
        <SearchBox inputRef={searchBox} value={search.busca ?? ''} onChange={(busca) => change({ busca: busca || undefined })} />
        <Chips
          label={t('app.filter')}
          size="small"
          value={search.filtro}
          chips={TABS.map((tab) => ({ value: tab.value, words: t(`inbox.filters.${tab.words}`) }))}
          onChange={(filtro) => change({ filtro })}
        />
        {filtersOpen && <FilterPanel search={search} onChange={change} />}
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        {query.isPending ? (
          <LoadingRows rows={8} />
        ) : query.isError && rows.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : rows.length === 0 ? (
          filtered ? (
            <EmptyState icon={Search} title={t('inbox.emptyFiltered')} hint={t('inbox.emptyFilteredHint')}>
              <Button onClick={() => void navigate({ to: '.', search: {}, replace: true })}>{t('app.clear')}</Button>
            </EmptyState>
          ) : (
            <EmptyState icon={MessagesSquare} title={t('inbox.empty')} hint={t('inbox.emptyHint')} />
          )
        ) : (
          <ul className="relative" style={{ height: virtual.getTotalSize() }}>
            {visible.map((item) => {
              const conversation = rows[item.index];
              if (!conversation) return null;
              return (
                <li
                  key={item.key}
                  aria-setsize={hasNextPage ? -1 : rows.length}
                  aria-posinset={item.index + 1}
                  className="absolute inset-x-0 top-0 border-b border-line/60"
                  style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                >
                  <ConversationRow conversation={conversation} search={search} now={now} current={conversation.number === current} />
                </li>
              );
            })}
          </ul>
        )}
        {isFetchingNextPage && <LoadingRows rows={2} />}
      </div>
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
        aria-label={t('inbox.search')}
        placeholder={t('inbox.search')}
        className="h-9 w-full rounded-lg border border-line bg-raised pr-9 pl-9 text-sm outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30 [&::-webkit-search-cancel-button]:hidden"
      />
      {text !== '' && (
        <IconButton label={t('app.clear')} className="absolute top-0.5 right-0.5 size-8" onClick={() => setText('')}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      )}
    </div>
  );
}
