import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** The key of one's bell. */
export const notificationKey = ['notifications'] as const;

/** One's bell, the latest entry first. */
export const notificationsQuery = queryOptions({
  queryKey: notificationKey,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/notifications', { signal }))).data,
});

/** Says that entries were seen. */
export async function seeNotifications(ids: number[]): Promise<void> {
  await ask(api.POST('/v1/notifications/seen', { body: { ids } }));
}

/** Takes entries out of the bell, or all of a conversation. */
export async function clearNotifications(what: { ids: number[] } | { conversation_id: number }): Promise<void> {
  await ask(api.POST('/v1/notifications/clear', { body: what }));
}
