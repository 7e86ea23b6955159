import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { operations } from '../schema.gen';
import type { Broadcast, BroadcastPart, BroadcastPreview, BroadcastSample } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** What people set of a broadcast. */
export type BroadcastFields = operations['update-broadcast']['requestBody']['content']['application/json'];

/** Keys of broadcasts. */
export const broadcastKeys = {
  all: ['broadcasts'] as const,
  list: ['broadcasts', 'list'] as const,
  one: (id: number) => ['broadcasts', 'one', id] as const,
  recipients: (id: number, part: BroadcastPart | undefined) => ['broadcasts', 'one', id, 'recipients', part ?? ''] as const,
};

/** All broadcasts, the latest first. */
export const broadcastsQuery = infiniteQueryOptions({
  queryKey: broadcastKeys.list,
  queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/broadcasts', { params: { query: { limit: PAGE, ...after(pageParam) } }, signal })),
  ...pageByPage,
});

const at = (id: number) => ({ params: { path: { id } } });

/** How often a broadcast under way is read again: statuses of its messages tell nobody. */
const UNDER_WAY_MS = 5000;

/** One broadcast with its figures. */
export function broadcastQuery(id: number) {
  return queryOptions({
    queryKey: broadcastKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/broadcasts/{id}', { ...at(id), signal })),
    refetchInterval: ({ state }) => (state.data && ['preparing', 'running'].includes(state.data.state) ? UNDER_WAY_MS : false),
  });
}

/** Its recipients, of one part or all. */
export function recipientsQuery(id: number, part: BroadcastPart | undefined) {
  return infiniteQueryOptions({
    queryKey: broadcastKeys.recipients(id, part),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/broadcasts/{id}/recipients', { params: { path: { id }, query: { limit: PAGE, ...(part && { part }), ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** What can be done with broadcasts. */
export const broadcastCalls = {
  create: (body: BroadcastFields & { client_ref?: string }): Promise<Broadcast> => ask(api.POST('/v1/broadcasts', { body })),
  change: (id: number, body: BroadcastFields): Promise<Broadcast> => ask(api.PATCH('/v1/broadcasts/{id}', { ...at(id), body })),
  remove: (id: number): Promise<unknown> => ask(api.DELETE('/v1/broadcasts/{id}', at(id))),
  preview: (body: BroadcastFields, signal?: AbortSignal): Promise<BroadcastPreview> => ask(api.POST('/v1/broadcasts/preview', { body, ...(signal && { signal }) })),
  test: (id: number, phone: string): Promise<BroadcastSample> => ask(api.POST('/v1/broadcasts/{id}/test', { ...at(id), body: { phone } })),
  send: (id: number): Promise<Broadcast> => ask(api.POST('/v1/broadcasts/{id}/send', at(id))),
  pause: (id: number): Promise<Broadcast> => ask(api.POST('/v1/broadcasts/{id}/pause', at(id))),
  resume: (id: number): Promise<Broadcast> => ask(api.POST('/v1/broadcasts/{id}/resume', at(id))),
  cancel: (id: number): Promise<Broadcast> => ask(api.POST('/v1/broadcasts/{id}/cancel', at(id))),
};
