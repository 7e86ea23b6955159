import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { Filter, SavedView, Sharing } from '../types';
import { conversationKeys } from './conversations';

/** Keys of saved views. */
export const savedViewKeys = {
  all: ['saved-views'] as const,
  /** Under the counts of the other views: what changes those changes these. */
  counts: [...conversationKeys.counts, 'saved'] as const,
};

/** One's views and those that are shared with one, in one's own order. */
export const savedViewsQuery = queryOptions({
  queryKey: savedViewKeys.all,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/views', { signal }))).data,
  staleTime: 5 * 60_000,
});

/** How many conversations one finds in each of one's views. */
export const savedCountsQuery = queryOptions({
  queryKey: savedViewKeys.counts,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/views/counts', { signal }))).data,
  // Time alone brings conversations in: who waits longer than so many minutes.
  refetchInterval: 60_000,
});

/** The conversations that a filter would let through: how many, and the first of them. */
export function previewQuery(filter: Filter) {
  const query = { filter: JSON.stringify(filter), limit: 3 };
  return queryOptions({
    queryKey: [...conversationKeys.counts, 'preview', query.filter],
    queryFn: async ({ signal }) => {
      const [counts, first] = await Promise.all([
        ask(api.GET('/v1/conversations/counts', { params: { query: { filter: query.filter } }, signal })),
        ask(api.GET('/v1/conversations', { params: { query }, signal })),
      ]);
      return { total: counts.all.total, first: first.data };
    },
  });
}

/** What is stored of a view. */
export interface ViewBody {
  name: string;
  filter: Filter;
  sharing: Sharing;
  queue_ids?: number[];
}

/** Changes a view, or makes one without an id. */
export function saveView(id: number | undefined, body: ViewBody): Promise<SavedView> {
  return id === undefined ? ask(api.POST('/v1/views', { body })) : ask(api.PATCH('/v1/views/{id}', { params: { path: { id } }, body }));
}

/** Deletes a view. */
export function deleteView(id: number): Promise<unknown> {
  return ask(api.DELETE('/v1/views/{id}', { params: { path: { id } } }));
}

/** Keeps the order of the views for oneself. */
export function orderViews(ids: number[]): Promise<unknown> {
  return ask(api.PUT('/v1/views/order', { body: { ids } }));
}
