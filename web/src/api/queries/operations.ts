import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import { keys, type RunFilters } from './keys';

/** Flow runs, newest first. */
export function runsQuery(filters: RunFilters) {
  return infiniteQueryOptions({
    queryKey: keys.runList(filters),
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/flow-runs', {
          params: { query: { ...filters, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
  });
}

/** One run with its way and its variables. */
export function runQuery(id: number) {
  return queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/flow-runs/{id}', { params: { path: { id } }, signal })),
  });
}

/** Flows: an account has tens of them, so they come at once. */
export const flowsQuery = queryOptions({
  queryKey: [...keys.flows, 'list'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/flows', { params: { query: { limit: 100 } }, signal }))).data,
});

/** A flow with its draft. */
export function flowQuery(id: number) {
  return queryOptions({
    queryKey: keys.flow(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/flows/{id}', { params: { path: { id } }, signal })),
  });
}

/** A flow's published versions, newest first. */
export function flowVersionsQuery(id: number) {
  return queryOptions({
    queryKey: keys.flowVersions(id),
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/flows/{id}/versions', { params: { path: { id }, query: { limit: 100 } }, signal }))).data,
  });
}

/** One published version: it never changes. */
export function flowVersionQuery(id: number, number: number) {
  return queryOptions({
    queryKey: keys.flowVersion(id, number),
    queryFn: ({ signal }) => ask(api.GET('/v1/flows/{id}/versions/{number}', { params: { path: { id, number } }, signal })),
    staleTime: Infinity,
  });
}

/** The account's connections. */
export const connectionsQuery = queryOptions({
  queryKey: keys.connections,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/connections', { params: { query: { limit: 100 } }, signal }))).data,
});

/** A connection's templates. */
export function templatesQuery(connection: number) {
  return queryOptions({
    queryKey: [...keys.templates, connection],
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/templates', { params: { query: { connection_id: connection, limit: 100 } }, signal }))).data,
  });
}

/** What could not be taken in. */
export function quarantineQuery(resolved: boolean) {
  return infiniteQueryOptions({
    queryKey: keys.quarantineList(resolved),
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/quarantine', {
          params: { query: { resolved, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
  });
}
