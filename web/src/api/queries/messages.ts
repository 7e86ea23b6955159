import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import { after, PAGE, pageByPage } from './pages';

/** Keys of messages. */
export const messageKeys = {
  all: ['messages'] as const,
  of: (conversation: number) => ['messages', conversation] as const,
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

/** Reads the newest page of a conversation's messages. */
export function readNewestMessages(conversation: number) {
  return ask(api.GET('/v1/conversations/{id}/messages', { params: { path: { id: conversation }, query: { limit: PAGE } } }));
}

/** Reads one message. */
export function readMessage(id: number) {
  return ask(api.GET('/v1/messages/{id}', { params: { path: { id } } }));
}
