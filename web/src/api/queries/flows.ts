import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of flows. */
export const flowKeys = {
  all: ['flows'] as const,
  list: ['flows', 'list'] as const,
  one: (id: number) => ['flows', 'one', id] as const,
  versions: (id: number) => ['flows', 'versions', id] as const,
  version: (id: number, number: number) => ['flows', 'version', id, number] as const,
};

/** Flows: an account has tens of them, so they come at once. */
export const flowsQuery = queryOptions({
  queryKey: flowKeys.list,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/flows', { params: { query: { limit: 100 } }, signal }))).data,
});

/** A flow with its draft. */
export function flowQuery(id: number) {
  return queryOptions({
    queryKey: flowKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/flows/{id}', { params: { path: { id } }, signal })),
  });
}

/** A flow's published versions, newest first. */
export function flowVersionsQuery(id: number) {
  return queryOptions({
    queryKey: flowKeys.versions(id),
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/flows/{id}/versions', { params: { path: { id }, query: { limit: 100 } }, signal }))).data,
  });
}

/** One published version: it never changes. */
export function flowVersionQuery(id: number, number: number) {
  return queryOptions({
    queryKey: flowKeys.version(id, number),
    queryFn: ({ signal }) => ask(api.GET('/v1/flows/{id}/versions/{number}', { params: { path: { id, number } }, signal })),
    staleTime: Infinity,
  });
}
