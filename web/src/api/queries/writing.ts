import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { Message } from '../types';

/** Canned responses: an account has tens of them, so they come at once. */
export const cannedQuery = queryOptions({
  queryKey: ['canned-responses'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/canned-responses', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 60_000,
});

/** The people of the account. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/users', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 5 * 60_000,
});

/** The queues of the account. */
export const queueNamesQuery = queryOptions({
  queryKey: ['queues', 'names'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/queues', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 5 * 60_000,
});

/** A text with its variables filled in for a conversation, and the names that have no value. */
export function renderText(conversation: number, text: string, signal?: AbortSignal) {
  return ask(api.POST('/v1/conversations/{id}/render', { params: { path: { id: conversation } }, body: { text }, ...(signal && { signal }) }));
}

/** A text as the contact will read it. */
export function renderedQuery(conversation: number, text: string) {
  return queryOptions({ queryKey: ['rendered', conversation, text], queryFn: ({ signal }) => renderText(conversation, text, signal), staleTime: 60_000 });
}

/** What closing sends where its agent writes nothing, as the contact will read it. */
export function farewellQuery(conversation: number) {
  return queryOptions({ queryKey: ['farewell', conversation], queryFn: ({ signal }) => ask(api.GET('/v1/conversations/{id}/farewell', { params: { path: { id: conversation } }, signal })), staleTime: 0 });
}

/** Who a note calls. */
export interface Mentioned {
  user_ids?: number[];
  queue_ids?: number[];
}

/** Writes a note. The same reference gives the same note, however often it is sent. */
export function writeNote(conversation: number, text: string, mentions: Mentioned | undefined, ref: string): Promise<Message> {
  return ask(api.POST('/v1/conversations/{id}/notes', { params: { path: { id: conversation } }, body: { text, client_ref: ref, ...(mentions && { mentions }) } }));
}
