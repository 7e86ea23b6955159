import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { operations } from '../schema.gen';
import { after, PAGE, pageByPage } from './pages';

/** What a list of flow runs is narrowed to. */
export type FlowRunFilters = Omit<NonNullable<operations['list-flow-runs']['parameters']['query']>, 'limit' | 'cursor'>;

/** Keys of flow runs. */
export const flowRunKeys = {
  all: ['flow-runs'] as const,
  lists: ['flow-runs', 'list'] as const,
  list: (filters: FlowRunFilters) => ['flow-runs', 'list', filters] as const,
  one: (id: number) => ['flow-runs', 'one', id] as const,
};

/** Flow runs, newest first. */
export function flowRunsQuery(filters: FlowRunFilters) {
  return infiniteQueryOptions({
    queryKey: flowRunKeys.list(filters),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/flow-runs', { params: { query: { ...filters, limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** One run with its way and its variables. */
export function flowRunQuery(id: number) {
  return queryOptions({
    queryKey: flowRunKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/flow-runs/{id}', { params: { path: { id } }, signal })),
  });
}
