import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { conversationsQuery, countsQuery } from '@/api/queries/conversations';
import { draftListQuery } from '@/api/queries/drafts';
import { messagesQuery } from '@/api/queries/messages';
import { flatten } from '@/api/queries/pages';
import type { Conversation, ViewCounts } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { filtersOf, listOf, type InboxSearch } from './search';
import { useView } from './views';

/** How long a pointer rests on a row before its conversation is fetched. */
const REST_MS = 80;

const NONE: readonly Conversation[] = [];

/** The list that the address asks for, and how many conversations each view has. */
export function useConversations(search: InboxSearch) {
  const { order } = usePreferences();
  const filters = useMemo(() => filtersOf(search), [search]);
  const counted = useQuery({ ...countsQuery(filters), placeholderData: (old: ViewCounts | undefined) => old });
  const view = useView(search, counted.data, counted.isError);
  const list = useMemo(() => (view === undefined ? undefined : listOf(search, view, order)), [search, view, order]);
  const query = useInfiniteQuery({ ...conversationsQuery(list ?? {}), enabled: list !== undefined });
  const rows = useMemo(() => (query.data ? flatten(query.data) : NONE), [query.data]);
  const whole = query.isSuccess && !query.hasNextPage;

  // The number on the tab is the number of rows: as soon as all of them are here they are what is counted.
  const counts = useMemo(() => {
    if (!counted.data || view === undefined || !whole) return counted.data;
    return { ...counted.data, [view]: { total: rows.length, unread: counted.data[view].unread } };
  }, [counted.data, view, whole, rows.length]);

  // An event can be lost. A whole list that has another length than the server counts is read again.
  const { refetch, isFetching } = query;
  const told = view !== undefined && !counted.isPlaceholderData ? counted.data?.[view].total : undefined;
  const countedAt = counted.dataUpdatedAt;
  const compared = useRef(0);
  // While unread ones are listed, the open conversation stays though it is read.
  const comparable = whole && !isFetching && list?.unread !== true;
  useEffect(() => {
    if (!comparable || told === undefined || compared.current === countedAt) return;
    compared.current = countedAt;
    if (told !== rows.length) void refetch();
  }, [comparable, told, countedAt, rows.length, refetch]);

  // The other views' tabs are not narrowed by a saved one.
  const others = useQuery({ ...countsQuery(filtersOf({ ...search, salva: undefined })), enabled: search.salva !== undefined });
  return { query, rows, view, counts, tabs: search.salva === undefined ? counts : others.data, list };
}

/** The beginning of what the reader has written and not sent, by conversation. */
export function useDrafts(): ReadonlyMap<number, string> {
  const { data } = useQuery(draftListQuery);
  return useMemo(() => new Map((data ?? []).map((draft) => [draft.conversation_id, draft.preview])), [data]);
}

/** Fetches conversations before they are opened: those beside the open one, and the one that a pointer rests on. */
export function usePreload(rows: readonly Conversation[], current: number | undefined) {
  const client = useQueryClient();
  const fetch = useCallback((id: number) => void client.prefetchInfiniteQuery(messagesQuery(id)), [client]);
  const here = rows.findIndex((row) => row.number === current);
  const previous = here > 0 ? rows[here - 1]?.id : undefined;
  const next = rows[here === -1 ? 0 : here + 1]?.id;
  useEffect(() => {
    for (const id of [next, previous]) if (id !== undefined) fetch(id);
  }, [next, previous, fetch]);
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(resting.current), []);
  return useCallback(
    (id: number) => {
      clearTimeout(resting.current);
      resting.current = setTimeout(() => fetch(id), REST_MS);
    },
    [fetch],
  );
}
