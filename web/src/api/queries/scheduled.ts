import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { operations } from '../schema.gen';
import type { Scheduled, ScheduledKind } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** What schedules something. */
export type Scheduling = operations['create-scheduled-message']['requestBody']['content']['application/json'];
/** What changes of it. */
export type ScheduledChange = operations['update-scheduled-message']['requestBody']['content']['application/json'];

/** What narrows the list of everything scheduled. */
export interface ScheduledFilters {
  kind?: ScheduledKind | undefined;
  author_id?: number | undefined;
  state?: 'pending' | 'sent' | 'skipped' | 'cancelled' | undefined;
}

/** Keys of what is scheduled. */
export const scheduledKeys = {
  all: ['scheduled'] as const,
  list: (filters: ScheduledFilters) => ['scheduled', 'list', filters] as const,
  of: (whose: { conversation_id: number } | { contact_id: number }) => ['scheduled', 'of', whose] as const,
  next: (due: string, rule: string, zone: string) => ['scheduled', 'next', due, rule, zone] as const,
};

/** Everything that is scheduled, the next one first. */
export function scheduledQuery(filters: ScheduledFilters) {
  return infiniteQueryOptions({
    queryKey: scheduledKeys.list(filters),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/scheduled-messages', { params: { query: { limit: PAGE, ...filters, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** What waits or is held for a conversation or a contact. */
export function scheduledOfQuery(whose: { conversation_id: number } | { contact_id: number }) {
  return queryOptions({
    queryKey: scheduledKeys.of(whose),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/scheduled-messages', { params: { query: { limit: 100, state: 'pending', ...whose } }, signal }))).data,
  });
}

/** When something that recurs would happen. */
export function scheduledNextQuery(due: string, rule: string, zone: string) {
  return queryOptions({
    queryKey: scheduledKeys.next(due, rule, zone),
    queryFn: async ({ signal }) => (await ask(api.POST('/v1/scheduled-messages/preview', { body: { due_at: due, recurrence: rule, timezone: zone }, signal }))).next,
    staleTime: 60_000,
  });
}

const at = (id: number) => ({ params: { path: { id } } });

/** What can be done with what is scheduled. A closing is taken back at its ticket. */
export const scheduledCalls = {
  create: async (body: Scheduling): Promise<Scheduled[]> => (await ask(api.POST('/v1/scheduled-messages', { body }))).data,
  change: (id: number, body: ScheduledChange): Promise<Scheduled> => ask(api.PATCH('/v1/scheduled-messages/{id}', { ...at(id), body })),
  cancel: (id: number): Promise<Scheduled> => ask(api.POST('/v1/scheduled-messages/{id}/cancel', at(id))),
  send: (id: number): Promise<Scheduled> => ask(api.POST('/v1/scheduled-messages/{id}/send', at(id))),
  cancelAll: async (contact: number, kind?: ScheduledKind): Promise<number> =>
    (await ask(api.POST('/v1/scheduled-messages/cancel', { body: { contact_id: contact, ...(kind && { kind }) } }))).cancelled,
};
