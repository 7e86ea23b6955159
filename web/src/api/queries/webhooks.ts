import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { NewWebhook, Webhook, WebhookDelivery } from '../types';
import { after, PAGE, pageByPage } from './pages';
import { settingsKeys } from './settings';

const at = (id: number) => ({ params: { path: { id } } });

/** How often the log is read while it is open, in milliseconds. */
const LOG_EVERY = 3000;

/** The account's webhooks, oldest first. */
export const webhooksQuery = queryOptions({
  queryKey: [...settingsKeys.all, 'webhooks'] as const,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/webhooks', { params: { query: { limit: 100 } }, signal }))).data,
});

/** The deliveries of a webhook, newest first. */
export function deliveriesQuery(id: number, state: WebhookDelivery['state'] | undefined) {
  return infiniteQueryOptions({
    queryKey: [...settingsKeys.all, 'webhooks', id, state ?? 'all'] as const,
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: PAGE, ...(state && { state }), ...after(pageParam) } }, signal })),
    ...pageByPage,
    refetchInterval: LOG_EVERY,
  });
}

/** What a webhook is made of. */
export type WebhookFields = Pick<Webhook, 'name' | 'url' | 'kind' | 'events'>;

/** Makes a webhook. Its secret is shown once. */
export function createWebhook(body: WebhookFields): Promise<NewWebhook> {
  return ask(api.POST('/v1/webhooks', { body }));
}

/** Changes a webhook, or switches it off and on. */
export function changeWebhook(id: number, body: Partial<WebhookFields> & { off?: boolean }): Promise<Webhook> {
  return ask(api.PATCH('/v1/webhooks/{id}', { ...at(id), body }));
}

/** Removes a webhook with what waits for it. */
export function removeWebhook(id: number): Promise<unknown> {
  return ask(api.DELETE('/v1/webhooks/{id}', at(id)));
}

/** Sends an event to this webhook alone. */
export function testWebhook(id: number): Promise<Webhook> {
  return ask(api.POST('/v1/webhooks/{id}/test', at(id)));
}

/** Gives a webhook another secret. The one before signs as well for a day. */
export function rotateSecret(id: number): Promise<NewWebhook> {
  return ask(api.POST('/v1/webhooks/{id}/secret', at(id)));
}

/** Sends again what happened since an instant. */
export function replayWebhook(id: number, body: { from: string; to: string; failed: boolean }): Promise<{ count: number }> {
  return ask(api.POST('/v1/webhooks/{id}/replay', { ...at(id), body }));
}

/** Sends one event again. */
export function resendDelivery(id: number): Promise<WebhookDelivery> {
  return ask(api.POST('/v1/webhook-deliveries/{id}/resend', at(id)));
}
