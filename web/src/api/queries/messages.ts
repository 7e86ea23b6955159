import { infiniteQueryOptions, type QueryClient } from '@tanstack/react-query';
import { api, ask } from '../client';
import { placeMessage } from '../live/merge';
import type { Content, Message } from '../types';
import { after, PAGE, pageByPage, type Pages } from './pages';

/** Keys of messages. */
export const messageKeys = {
  all: ['messages'] as const,
  of: (conversation: number) => ['messages', conversation] as const,
  search: (conversation: number, words: string) => ['messages', conversation, 'search', words] as const,
};

/** A conversation's messages: pages from the newest to the oldest, each newest first. */
export function messagesQuery(conversation: number) {
  return infiniteQueryOptions({
    queryKey: messageKeys.of(conversation),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/conversations/{id}/messages', { params: { path: { id: conversation }, query: { limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** The messages of a conversation that have a piece of text, newest first. What was found before stays while more is typed. */
export function messageSearchQuery(conversation: number, words: string) {
  return infiniteQueryOptions({
    queryKey: messageKeys.search(conversation, words),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/conversations/{id}/messages/search', { params: { path: { id: conversation }, query: { q: words, limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
    enabled: words !== '',
    placeholderData: (before) => before,
  });
}

/** Reads the newest page of a conversation's messages. */
export function readNewestMessages(conversation: number) {
  return ask(api.GET('/v1/conversations/{id}/messages', { params: { path: { id: conversation }, query: { limit: PAGE } } }));
}

/** Reads one message. */
export function readMessage(id: number) {
  return ask(api.GET('/v1/messages/{id}', { params: { path: { id } } }));
}

/** Queues a message that leaves after so many seconds. The same reference gives the same message, however often it is sent. */
export function sendMessage(conversation: number, content: Content, ref: string, delay = 0): Promise<Message> {
  const body = { content, client_ref: ref, ...(delay > 0 && { delay_seconds: delay }) };
  return ask(api.POST('/v1/conversations/{id}/messages', { params: { path: { id: conversation } }, body }));
}

/** Takes back a message that has not left. */
export function cancelMessage(id: number): Promise<Message> {
  return ask(api.POST('/v1/messages/{id}/cancel', { params: { path: { id } } }));
}

/** Puts a message the server answered with into the timeline it belongs to, if that is loaded. */
export function keepMessage(client: QueryClient, message: Message): void {
  client.setQueryData<Pages<Message>>(messageKeys.of(message.conversation_id), (pages) => (pages ? placeMessage(pages, message) : pages));
}

const ACTIONS = {
  cancel: (id: number) => api.POST('/v1/messages/{id}/cancel', { params: { path: { id } } }),
  resend: (id: number) => api.POST('/v1/messages/{id}/resend', { params: { path: { id } } }),
  retry_now: (id: number) => api.POST('/v1/messages/{id}/retry-now', { params: { path: { id } } }),
  cancel_retry: (id: number) => api.POST('/v1/messages/{id}/cancel-retry', { params: { path: { id } } }),
} as const;

/** What may be done with a message that is under way. */
export type MessageAction = keyof typeof ACTIONS;

/** Does it, and keeps what became of the message. */
export async function actOn(client: QueryClient, id: number, action: MessageAction): Promise<void> {
  keepMessage(client, await ask(ACTIONS[action](id)));
}
